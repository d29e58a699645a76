/* SPDX-License-Identifier: ISC */
/*
 * log.c: messages of a program to whoever runs it (stderr, journal). This is
 * not the audit log. Where a line goes is the program's choice: it sets the
 * sink; without one, lines are dropped, so the core stays silent in tests.
 */
#include "bridle/base.h"

#include <stdio.h>
#include <string.h>

static log_sink *sink;
static void *sink_ctx;

void
log_to(log_sink *to, void *ctx)
{
	sink = to;
	sink_ctx = ctx;
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	static const char cut[] = "…";
	char line[2048];
	va_list ap;
	int n;

	if (sink == NULL)
		return;
	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof line)
		memcpy(line + sizeof line - sizeof cut, cut, sizeof cut);
	/* One call is one line, and no control character reaches a terminal. */
	for (char *p = line; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = *p == '\t' || *p == '\n' ? ' ' : '?';
	sink(sink_ctx, level, line);
}
