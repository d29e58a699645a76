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
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "audit.h"

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
	unsigned char h[AUDIT_HASH];

	crypto_generichash(h, sizeof h, (const unsigned char *)line.p, line.n, NULL, 0);
	sodium_bin2hex(hex, AUDIT_HEX + 1, h, sizeof h);
}

/* Feeds the whole lines of p; *left is what stands after the last newline. */
static int
feed(const char *p, size_t n, size_t *left, audit__line_fn *fn, void *ctx)
{
	const char *nl;
	int err;

	*left = n;
	while ((nl = memchr(p, '\n', *left)) != NULL) {
		size_t len = (size_t)(nl - p);

		if ((err = fn(ctx, (struct str){ p, len }, true)) != 0)
			return err;
		*left -= len + 1;
		p = nl + 1;
	}
	return 0;
}

static int
plain_lines(int fd, size_t size, audit__line_fn *fn, void *ctx)
{
	char *p;
	size_t left;
	int err;

	if (size == 0)
		return 0;
	if ((p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED)
		return BRIDLE_EIO;
	(void)madvise(p, size, MADV_SEQUENTIAL);
	err = feed(p, size, &left, fn, ctx);
	if (err == 0 && left > 0)
		err = fn(ctx, (struct str){ p + size - left, left }, false);
	munmap(p, size);
	return err;
}

struct unpacking {
	ZSTD_DStream *z;
	char *in, *out;
	size_t in_cap, held, out_cap;
};

static int
unpack_block(struct unpacking *u, ZSTD_inBuffer *in, audit__line_fn *fn, void *ctx)
{
	while (in->pos < in->size) {
		ZSTD_outBuffer o = { u->out, u->out_cap, u->held };
		size_t r = ZSTD_decompressStream(u->z, &o, in), left;
		int err;

		if (ZSTD_isError(r))
			return BRIDLE_EINVAL;
		if ((err = feed(u->out, o.pos, &left, fn, ctx)) != 0)
			return err;
		memmove(u->out, u->out + o.pos - left, left);
		u->held = left;
		if (left == u->out_cap)
			return BRIDLE_ELIMIT;
	}
	return 0;
}

static int
packed_lines(int fd, audit__line_fn *fn, void *ctx)
{
	struct unpacking u;
	ssize_t n;
	int err = 0;

	memset(&u, 0, sizeof u);
	u.z = ZSTD_createDStream();
	u.in_cap = ZSTD_DStreamInSize();
	u.out_cap = 2 * (size_t)AUDIT_MAX_LINE;
	u.in = malloc(u.in_cap);
	u.out = malloc(u.out_cap);
	if (u.z == NULL || u.in == NULL || u.out == NULL)
		err = BRIDLE_ENOMEM;
	while (err == 0 && (n = read(fd, u.in, u.in_cap)) != 0) {
		ZSTD_inBuffer in = { u.in, n > 0 ? (size_t)n : 0, 0 };

		err = n < 0 ? BRIDLE_EIO : unpack_block(&u, &in, fn, ctx);
	}
	if (err == 0 && u.held > 0)
		err = fn(ctx, (struct str){ u.out, u.held }, false);
	ZSTD_freeDStream(u.z);
	free(u.in);
	free(u.out);
	return err;
}

int
audit__lines(int dirfd, const struct audit__segment *s, audit__line_fn *fn, void *ctx)
{
	int fd = openat(dirfd, s->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	int err;

	if (fd < 0)
		return BRIDLE_EIO;
	if (fstat(fd, &st) != 0)
		err = BRIDLE_EIO;
	else
		err = s->packed ? packed_lines(fd, fn, ctx) : plain_lines(fd, (size_t)st.st_size, fn, ctx);
	close(fd);
	return err;
}

int
audit__head_read(const char *path, struct audit__head *out)
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
