/* SPDX-License-Identifier: ISC */
/*
 * audit.h: the log of what was decided, JSON Lines, chained by BLAKE2b,
 * rotated and compressed. Gets finished, already redacted records; owns only
 * its own files. Format: docs/bridle-audit.5.
 */
#ifndef BRIDLE_AUDIT_H
#define BRIDLE_AUDIT_H

#include "bridle/base.h"

struct audit; /* an open log, one writer a folder (held by a lock) */

enum audit_sync { AUDIT_SYNC_INTERVAL, AUDIT_SYNC_ALWAYS, AUDIT_SYNC_NEVER };
struct audit_options {
	enum audit_sync sync;
	unsigned interval_ms;      /* INTERVAL; 0: 1000 */
	uint64_t segment_bytes;    /* rotate at this size; 0: 64 MiB */
	uint64_t segment_age_s;    /* and at this age; 0: 86400 */
	uint64_t keep_s;           /* retention of old segments; 0: for ever */
	uint64_t keep_bytes;       /* 0: no bound */
};

/* Opens (creates) the log in dir, 0700; head is the file in the state folder
 * that keeps the last hash and sequence number. Sets a torn tail aside.
 * EIO, EINVAL (another writer, copied folder): message in *err (static or in a). */
int audit_open(const char *dir, const char *head, const struct audit_options *o,
    struct arena *a, struct audit **out, struct str *err);
/* Other options from now on; 0 means the same as in audit_open. */
void audit_configure(struct audit *l, const struct audit_options *o);
/* body: the record's members without braces and without v, seq, time, prev:
 * "\"event\":\"decision\",\"decision\":\"deny\",…". now_ms: wall clock.
 * On return the line is in the page cache. EIO: not written (disk full …).
 * ENOENT: the segment was removed: close the log, open it anew. */
int audit_write(struct audit *l, int64_t now_ms, struct str body);
/* Several at once: queue then flush; answers may leave after flush only. What
 * flush could not write is forgotten. A system call each, and so not once a
 * record but now and then: check says ENOENT where what was written since the
 * last check may be lost, because the segment was removed; settle writes the head. */
int audit_queue(struct audit *l, int64_t now_ms, struct str body);
int audit_flush(struct audit *l);
int audit_check(struct audit *l);
void audit_settle(struct audit *l);
void audit_prepare(struct audit *l); /* for the next record, when there is time: hashes the last one */
/* Sync, rotation by age, and packing of old segments by a child process, which audit_close
 * ends; call about once a second. */
int audit_tick(struct audit *l, int64_t now_ms);
/* Is there work left for audit_tick, even if nothing more is written? */
bool audit_busy(const struct audit *l);
/* For a program that must not wait for the disk: a descriptor to call
 * fdatasync on, in a thread, and to close; then audit_synced with its errno
 * or 0. -1: nothing is to be synced yet (audit_tick does what remains). */
int audit_sync_begin(struct audit *l, int64_t now_ms);
void audit_synced(struct audit *l, int error);
void audit_close(struct audit *l);
bool audit_healthy(const struct audit *l, struct str *why);
/* Keyed hash of a secret for redaction, 16 hex digits and NUL; key in the state folder. */
void audit_secret_hash(void *audit, struct str secret, char out[17]);

/* ---- reading ---- */
struct audit_filter {
	int64_t since_ms, until_ms;  /* 0: no bound */
	uint64_t after;              /* only records with a higher number */
	const struct str *decisions; /* any of; n 0: all */
	size_t ndecisions;
	struct str session, tool, rule; /* empty: any; rule "FILE:LINE" or "FILE" */
	struct str grep;                /* PCRE2 on the command text; empty: any */
};
/* A member of a record by name, raw: strings without quotes, still escaped. */
bool audit_field(struct str line, const char *name, struct str *value);
typedef int audit_record_fn(void *ctx, struct str line); /* nonzero stops */
/* Goes through all segments in order, skipping early what the filter excludes.
 * progress (may be NULL) is told bytes of the files. err is good until the next call. */
typedef void audit_progress(void *ctx, uint64_t done, uint64_t total);
int audit_read(const char *dir, const struct audit_filter *f, audit_record_fn *fn, void *ctx,
    audit_progress *progress, struct str *err);
/* Something that changes when the log does, for who waits; 0: there is none. */
uint64_t audit_stamp(const char *dir);
struct audit_verify {
	uint64_t records, bytes;
	bool good;
	struct str file;   /* first bad record: where */
	uint64_t line, seq;
	struct str what;   /* a sentence */
};
int audit_verify(const char *dir, const char *head, struct arena *a, struct audit_verify *out,
    audit_progress *progress, void *ctx);

#endif
