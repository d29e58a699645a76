/* SPDX-License-Identifier: ISC */
/*
 * rotate.c: a new segment by size and age, packing of old ones a bit at a
 * time (so that no decision waits for it), and expiry. A packed file takes
 * its name only when it is whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "audit.h"

#define PACK_TICK (1u << 20) /* bytes packed a tick: some milliseconds */
#define PACK_STEP (16u << 10) /* bytes read at once */
#define UPKEEP_MS 10000      /* between two looks for something to pack or expire */

struct audit__pack {
	uint64_t first;
	int in, out;
	ZSTD_CStream *z;
	char *ibuf, *obuf;
	size_t osize;
};

int
audit__open_segment(struct audit *l, uint64_t first, int64_t now_ms)
{
	char name[40];
	struct stat st;
	int fd;

	audit__segment_name(name, first, false);
	fd = openat(l->dirfd, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fstat(fd, &st) != 0) {
		audit__trouble(l, "no new segment of the log can be made");
		if (fd >= 0)
			close(fd);
		return BRIDLE_EIO;
	}
	if (l->fd >= 0)
		close(l->fd);
	l->fd = fd;
	l->first = first;
	l->bytes = (uint64_t)st.st_size;
	l->opened_ms = now_ms;
	return 0;
}

int
audit__rotate(struct audit *l, int64_t now_ms)
{
	if (l->bytes == 0)
		return 0;
	if (l->o.sync != AUDIT_SYNC_NEVER && l->fd >= 0)
		(void)fdatasync(l->fd);
	return audit__open_segment(l, l->seq + 1, now_ms);
}

void
audit__pack_abort(struct audit *l)
{
	struct audit__pack *p = l->pack;

	if (p == NULL)
		return;
	if (p->in >= 0)
		close(p->in);
	if (p->out >= 0)
		close(p->out);
	ZSTD_freeCStream(p->z);
	free(p->ibuf);
	free(p->obuf);
	free(p);
	l->pack = NULL;
}

/* A window of some dozen records finds nearly all that a large one would, and takes
 * a quarter of a megabyte where zstd's own choice takes four. */
static bool
pack_settings(ZSTD_CStream *z)
{
	static const struct {
		ZSTD_cParameter name;
		int value;
	} all[] = { { ZSTD_c_compressionLevel, 6 }, { ZSTD_c_windowLog, 14 }, { ZSTD_c_hashLog, 13 },
		{ ZSTD_c_chainLog, 13 } };

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (ZSTD_isError(ZSTD_CCtx_setParameter(z, all[i].name, all[i].value)))
			return false;
	return true;
}

static int
pack_start(struct audit *l, const struct audit__segment *s)
{
	struct audit__pack *p = calloc(1, sizeof *p);

	if (p == NULL)
		return BRIDLE_ENOMEM;
	l->pack = p;
	p->first = s->first;
	p->out = -1;
	p->osize = PACK_STEP;
	p->z = ZSTD_createCStream();
	p->ibuf = malloc(PACK_STEP);
	p->obuf = malloc(p->osize);
	p->in = openat(l->dirfd, s->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (p->in >= 0)
		p->out = openat(l->dirfd, "packing", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (p->z == NULL || p->ibuf == NULL || p->obuf == NULL || p->out < 0)
		return BRIDLE_EIO;
	return pack_settings(p->z) ? 0 : BRIDLE_EIO;
}

static int
pack_write(struct audit__pack *p, ZSTD_inBuffer *in, ZSTD_EndDirective end)
{
	size_t left;

	do {
		ZSTD_outBuffer o = { p->obuf, p->osize, 0 };

		left = ZSTD_compressStream2(p->z, &o, in, end);
		if (ZSTD_isError(left) || write(p->out, p->obuf, o.pos) != (ssize_t)o.pos)
			return BRIDLE_EIO;
	} while (end == ZSTD_e_end ? left != 0 : in->pos < in->size);
	return 0;
}

/* All is packed: the new file takes its place, then the old one goes. */
static int
pack_finish(struct audit *l)
{
	struct audit__pack *p = l->pack;
	char plain[40], packed[40];

	audit__segment_name(plain, p->first, false);
	audit__segment_name(packed, p->first, true);
	if (fsync(p->out) != 0 || renameat(l->dirfd, "packing", l->dirfd, packed) != 0)
		return BRIDLE_EIO;
	(void)unlinkat(l->dirfd, plain, 0);
	audit__pack_abort(l);
	return 0;
}

static int
pack_step(struct audit *l)
{
	struct audit__pack *p = l->pack;
	ssize_t n = 1;
	int err = 0;

	for (size_t done = 0; err == 0 && n > 0 && done < PACK_TICK; done += (size_t)n) {
		n = read(p->in, p->ibuf, PACK_STEP);
		if (n < 0)
			return BRIDLE_EIO;
		ZSTD_inBuffer in = { p->ibuf, (size_t)n, 0 };
		err = pack_write(p, &in, n == 0 ? ZSTD_e_end : ZSTD_e_continue);
	}
	return err != 0 ? err : n == 0 ? pack_finish(l) : 0;
}

/* Oldest first, never the one being written. Each removal is a record. */
static void
expire(struct audit *l, const struct audit__segment *s, size_t n, int64_t now_ms)
{
	uint64_t total = 0;
	char body[96];

	for (size_t i = 0; i < n; i++)
		total += s[i].size;
	for (size_t i = 0; i + 1 < n; i++) {
		struct stat st;
		bool old = l->o.keep_s != 0 && fstatat(l->dirfd, s[i].name, &st, 0) == 0 &&
		    ((int64_t)st.st_mtime + (int64_t)l->o.keep_s) * 1000 < now_ms;
		bool large = l->o.keep_bytes != 0 && total > l->o.keep_bytes;

		if ((!old && !large) || s[i].first == l->first)
			return;
		snprintf(body, sizeof body, "\"event\":\"expire\",\"first\":%" PRIu64, s[i + 1].first);
		if (audit_write(l, now_ms, str_of(body)) != 0 || unlinkat(l->dirfd, s[i].name, 0) != 0)
			return;
		total -= s[i].size;
	}
}

void
audit__upkeep(struct audit *l, int64_t now_ms)
{
	struct audit__segment *s;
	struct arena *a;
	size_t n;

	if (l->pack != NULL) {
		if (pack_step(l) != 0) {
			audit__trouble(l, "an old segment of the log cannot be packed");
			audit__pack_abort(l);
		}
		return;
	}
	if (now_ms - l->upkeep_ms < UPKEEP_MS && now_ms >= l->upkeep_ms)
		return;
	l->upkeep_ms = now_ms;
	if ((a = arena_new(0)) == NULL)
		return;
	if (audit__list(l->dir, a, &s, &n) == 0) {
		expire(l, s, n, now_ms);
		for (size_t i = 0; i + 1 < n && l->pack == NULL; i++)
			if (!s[i].packed && s[i].first != l->first && pack_start(l, &s[i]) != 0)
				audit__pack_abort(l);
	}
	arena_free(a);
}
