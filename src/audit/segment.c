/* SPDX-License-Identifier: ISC */
/*
 * segment.c: names and order of the files of a log, the fixed places of a
 * record, and going through a segment's lines, packed or not.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "audit.h"

#define READ_STEP (256u << 10) /* bytes of a plain segment at once: they stay in the cache */

void
audit__segment_name(char out[40], uint64_t first, bool packed)
{
	snprintf(out, 40, "%016" PRIu64 ".jsonl%s", first, packed ? ".zst" : "");
}

static bool
segment_of(const char *name, struct audit__segment *s)
{
	struct str n = str_of(name), rest;

	if (n.n < 22 || str_u64(str_sub(n, 0, 16), &s->first) != 0)
		return false;
	rest = str_sub(n, 16, n.n);
	s->packed = str_is(rest, ".jsonl.zst");
	if (!s->packed && !str_is(rest, ".jsonl"))
		return false;
	audit__segment_name(s->name, s->first, s->packed);
	return true;
}

/* A plain and a packed one of the same number: packing was cut short, the
 * plain one comes first and counts. */
static int
by_first(const void *x, const void *y)
{
	const struct audit__segment *a = x, *b = y;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return (int)a->packed - (int)b->packed;
}

int
audit__list(const char *dir, struct arena *a, struct audit__segment **out, size_t *n)
{
	VEC(struct audit__segment) v = { 0 };
	struct dirent *e;
	DIR *d = opendir(dir);
	size_t kept = 0;

	if (d == NULL)
		return errno == ENOENT ? BRIDLE_ENOENT : BRIDLE_EIO;
	while ((e = readdir(d)) != NULL) {
		struct audit__segment s;
		struct stat st;

		if (!segment_of(e->d_name, &s))
			continue;
		s.size = fstatat(dirfd(d), e->d_name, &st, 0) == 0 ? (uint64_t)st.st_size : 0;
		*vec_push(a, &v) = s;
	}
	closedir(d);
	if (v.n > 0)
		qsort(v.v, v.n, sizeof v.v[0], by_first);
	for (size_t i = 0; i < v.n; i++)
		if (kept == 0 || v.v[kept - 1].first != v.v[i].first)
			v.v[kept++] = v.v[i];
	*out = v.v;
	*n = kept;
	return 0;
}

/* {"v":1,"seq":N,"time":…,"prev":"HEX"}: seq leads, prev ends. */
bool
audit__parse(struct str line, uint64_t *seq, struct str *prev)
{
	const struct str lead = STR("{\"v\":1,\"seq\":"), tail = STR(",\"prev\":\"");
	size_t digits = 0, at;

	if (!str_starts(line, lead) || line.n < lead.n + 1 + tail.n + AUDIT_HEX + 2)
		return false;
	while (line.p[lead.n + digits] >= '0' && line.p[lead.n + digits] <= '9')
		digits++;
	at = line.n - AUDIT_HEX - 2 - tail.n;
	if (str_u64(str_sub(line, lead.n, digits), seq) != 0 || !str_eq(str_sub(line, at, tail.n), tail) ||
	    !str_is(str_sub(line, line.n - 2, 2), "\"}"))
		return false;
	*prev = str_sub(line, at + tail.n, AUDIT_HEX);
	return true;
}

void
audit__hash_line(struct str line, char hex[AUDIT_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char h[AUDIT_HASH];

	crypto_generichash(h, sizeof h, (const unsigned char *)line.p, line.n, NULL, 0);
	for (size_t i = 0; i < sizeof h; i++) { /* no secret: libsodium's takes its time to hide one */
		hex[2 * i] = digits[h[i] >> 4];
		hex[2 * i + 1] = digits[h[i] & 15];
	}
	hex[AUDIT_HEX] = '\0';
}

/* Feeds the whole lines of p; *left is what stands after the last newline.
 * With a needle only the lines that hold it, found by one search over all. */
static int
feed(const char *p, size_t n, size_t *left, struct str needle, audit__line_fn *fn, void *ctx)
{
	const char *last = memrchr(p, '\n', n), *end = last == NULL ? p : last + 1;
	int err;

	*left = (size_t)(p + n - end);
	while (p < end) {
		const char *nl, *hit = p;

		if (needle.n > 0 && (hit = memmem(p, (size_t)(end - p), needle.p, needle.n)) == NULL)
			return 0;
		if (hit > p && (nl = memrchr(p, '\n', (size_t)(hit - p))) != NULL)
			p = nl + 1;
		nl = memchr(hit, '\n', (size_t)(end - hit));
		if ((err = fn(ctx, (struct str){ p, (size_t)(nl - p) }, true)) != 0)
			return err;
		p = nl + 1;
	}
	return 0;
}

/* Blocks of bytes, of which the end of one is held until its line is whole. */
struct block {
	char *p;
	size_t n, cap; /* read, and what there is room for */
};

static int
feed_block(struct block *b, struct str needle, audit__line_fn *fn, void *ctx)
{
	size_t left;
	int err = feed(b->p, b->n, &left, needle, fn, ctx);

	if (err != 0)
		return err;
	memmove(b->p, b->p + b->n - left, left);
	b->n = left;
	return left == b->cap ? BRIDLE_ELIMIT : 0; /* no line of ours is so long */
}

/* Read, not mapped: a file that is cut meanwhile must not end the program. */
static int
plain_lines(int fd, struct block *b, struct str needle, audit__line_fn *fn, void *ctx)
{
	size_t room;
	ssize_t n;
	int err = 0;

	for (;;) {
		room = b->cap - b->n < READ_STEP ? b->cap - b->n : READ_STEP;
		n = read(fd, b->p + b->n, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? BRIDLE_EIO : 0;
		b->n += (size_t)n;
		if ((err = feed_block(b, needle, fn, ctx)) != 0)
			return err;
	}
}

static int
unpack_block(ZSTD_DStream *z, struct block *b, ZSTD_inBuffer *in, size_t *hint, struct str needle,
    audit__line_fn *fn, void *ctx)
{
	bool more = true; /* zstd holds back what had no room */

	while (in->pos < in->size || more) {
		ZSTD_outBuffer o = { b->p, b->cap, b->n };
		int err;

		*hint = ZSTD_decompressStream(z, &o, in);
		if (ZSTD_isError(*hint))
			return BRIDLE_EINVAL;
		more = o.pos == o.size;
		b->n = o.pos;
		if ((err = feed_block(b, needle, fn, ctx)) != 0)
			return err;
	}
	return 0;
}

static int
packed_lines(int fd, struct block *b, struct str needle, audit__line_fn *fn, void *ctx)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	size_t cap = ZSTD_DStreamInSize(), hint = 1; /* 0: the end of a frame */
	char *p = malloc(cap);
	ssize_t n = 0;
	int err = z == NULL || p == NULL ? BRIDLE_ENOMEM : 0;

	while (err == 0 && (n = read(fd, p, cap)) != 0) {
		ZSTD_inBuffer in = { p, n > 0 ? (size_t)n : 0, 0 };

		err = n < 0 ? BRIDLE_EIO : unpack_block(z, b, &in, &hint, needle, fn, ctx);
	}
	if (err == 0 && hint != 0)
		err = BRIDLE_EINVAL; /* cut */
	ZSTD_freeDStream(z);
	free(p);
	return err;
}

/* It may have been packed since it was listed. */
static int
open_either(int dirfd, const struct audit__segment *s, bool *packed)
{
	int fd = openat(dirfd, s->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char name[40];

	*packed = s->packed;
	if (fd >= 0 || errno != ENOENT || s->packed)
		return fd;
	*packed = true;
	audit__segment_name(name, s->first, true);
	return openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

int
audit__lines(int dirfd, const struct audit__segment *s, struct str needle, audit__line_fn *fn, void *ctx)
{
	bool packed;
	int fd = open_either(dirfd, s, &packed), err;
	struct block b = { malloc(2 * (size_t)AUDIT_MAX_LINE), 0, 2 * (size_t)AUDIT_MAX_LINE };

	if (fd < 0 || b.p == NULL)
		err = fd >= 0 ? BRIDLE_ENOMEM : errno == ENOENT ? BRIDLE_ENOENT : BRIDLE_EIO;
	else
		err = packed ? packed_lines(fd, &b, needle, fn, ctx) : plain_lines(fd, &b, needle, fn, ctx);
	if (err == 0 && b.n > 0 && needle.n == 0)
		err = fn(ctx, (struct str){ b.p, b.n }, false);
	free(b.p);
	if (fd >= 0)
		close(fd);
	return err;
}

static int
head_once(const char *path, struct audit__head *out)
{
	FILE *f = fopen(path, "re");
	char line[160];
	int got;

	if (f == NULL)
		return errno == ENOENT ? BRIDLE_ENOENT : BRIDLE_EIO;
	memset(out, 0, sizeof *out);
	got = fgets(line, sizeof line, f) == NULL ? 0 :
	    sscanf(line, "%" SCNu64 " %64s %32s", &out->seq, out->hash, out->id);
	fclose(f);
	return got == 3 && strlen(out->hash) == AUDIT_HEX && strlen(out->id) == 32 ? 0 : BRIDLE_EINVAL;
}

/* Until it is the same twice: it may be written meanwhile. */
int
audit__head_read(const char *path, struct audit__head *out)
{
	struct audit__head before;
	int rc = head_once(path, out);

	for (int i = 0; rc != BRIDLE_ENOENT && rc != BRIDLE_EIO && i < 100; i++) {
		before = *out;
		rc = head_once(path, out);
		if (rc == 0 && before.seq == out->seq && strcmp(before.hash, out->hash) == 0 && strcmp(before.id, out->id) == 0)
			break;
	}
	return rc;
}
