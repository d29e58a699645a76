/* SPDX-License-Identifier: ISC */
/* log.h: what log.c, logtable.c and logstats.c share. */
#ifndef CLI_LOG_H
#define CLI_LOG_H

#include "bridle/audit.h"
#include "cli.h"

/* A member's text with JSON's escapes undone; "" where it is missing. */
struct str log__text(struct arena *a, struct str line, const char *name);
/* "2h" "30d" "15m" "90s", a date or a time: milliseconds since 1970, or -1. */
int64_t log__since(const char *s, int64_t now_ms);

/* audit_progress: how far it is, on a terminal, once it has taken a second;
 * total 0: so many are done, of nobody knows how many. log__progress_end
 * clears the line before anything else is shown. */
void log__progress(void *ctx, uint64_t done, uint64_t total);
void log__progress_end(void);

/* How many columns s takes, one a character; s cut to at most width of them. */
size_t log__columns(struct str s);
struct str log__fit(struct arena *a, struct str s, size_t width);

/* One row of the table, fitted to width columns. */
void log__row(struct arena *a, struct str line, unsigned width, bool colour, struct buf *out);
void log__csv(struct arena *a, struct str line, struct buf *out);
extern const char log__csv_header[];

int log__stats(const char *dir, const struct audit_filter *f, bool json);

#endif
