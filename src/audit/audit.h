/* SPDX-License-Identifier: ISC */
/*
 * audit.h (inside the component). A log folder holds
 *
 *   lock             held (flock) by the one writer
 *   id, key          random, made with the folder: which log it is, and the
 *                    key of the hashes that stand for secrets
 *   SEQ.jsonl        the segment being written; SEQ is the number of its
 *                    first record, 16 digits
 *   SEQ.jsonl.zst    older ones
 *   torn-SEQ         what a crash left of a line, set aside at start
 *
 * and the head file in the state folder the last record's number and hash, so
 * that a cut tail shows. segment.c names and lists, open.c starts, write.c
 * chains and writes, rotate.c turns over, packs and expires; read.c and
 * verify.c go through everything.
 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include <stdio.h>
#include <time.h>

#include "bridle/audit.h"

#define AUDIT_HASH 32
#define AUDIT_HEX (2 * AUDIT_HASH)
#define AUDIT_MAX_LINE (4u << 20) /* bytes; longer records are refused */

struct audit__segment {
	uint64_t first; /* number of its first record */
	uint64_t size;  /* bytes on disk */
	bool packed;
	char name[40];
};
/* All segments in order of their first record. */
int audit__list(const char *dir, struct arena *a, struct audit__segment **out, size_t *n);
void audit__segment_name(char out[40], uint64_t first, bool packed);
/* What stands in a record's fixed places; false: it is no record. */
bool audit__parse(struct str line, uint64_t *seq, struct str *prev);
void audit__hash_line(struct str line, char hex[AUDIT_HEX + 1]);
/* Goes through the lines of one segment, packed or not; with a needle only
 * those that hold it. whole is false for a last line without its newline.
 * ENOENT: it expired meanwhile. */
typedef int audit__line_fn(void *ctx, struct str line, bool whole);
int audit__lines(int dirfd, const struct audit__segment *s, struct str needle, audit__line_fn *fn, void *ctx);

struct audit__head {
	uint64_t seq; /* of the last record; 0: none yet */
	char hash[AUDIT_HEX + 1];
	char id[33];
};
int audit__head_read(const char *path, struct audit__head *out); /* 0, ENOENT, EINVAL, EIO */

struct audit {
	char *dir, *head_path;
	struct audit_options o;
	int dirfd, lockfd, headfd, fd; /* fd: the segment being written */
	uint64_t seq;                  /* of the last record written */
	char prev[AUDIT_HEX + 1];      /* its hash */
	char id[33];
	unsigned char key[32];
	uint64_t first, bytes; /* of the segment being written */
	int64_t opened_ms, upkeep_ms, synced_ms;
	time_t second; /* of the last record, and as text */
	char second_text[30];
	bool dirty;    /* written since the last sync */
	bool head_due; /* written since the head was */
	char *queue;
	size_t queued, queue_cap;
	uint64_t queue_seq; /* number and hash of the last record queued */
	char queue_prev[AUDIT_HEX + 1];
	size_t unhashed_at, unhashed; /* where that is in queue, and its length, while the hash is not known */
	char trouble[200];         /* why it is not healthy; empty: it is */
	pid_t packer;              /* the child that packs a segment; 0: there is none */
	uint64_t packing;          /* the segment's first record */
};
int audit__open_segment(struct audit *l, uint64_t first, int64_t now_ms);
void audit__write_head(struct audit *l); /* that l->seq is the last record */
int audit__rotate(struct audit *l, int64_t now_ms);
void audit__upkeep(struct audit *l, int64_t now_ms); /* packs one, expires */
void audit__pack_abort(struct audit *l);
void audit__trouble(struct audit *l, const char *what); /* with errno's text */

#endif
