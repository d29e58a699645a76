/* SPDX-License-Identifier: ISC */
/*
 * open.c: starts writing: takes the lock, sets a torn tail aside, finds the
 * end of the chain and compares it with the head that the state folder keeps.
 * A tail that was cut leaves a gap in the numbers: verify names it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit.h"

static int
make_dirs(const char *path)
{
	char b[4096];
	size_t n = strlen(path);

	if (n >= sizeof b)
		return BRIDLE_EINVAL;
	memcpy(b, path, n + 1);
	for (char *p = b + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(b, 0700) != 0 && errno != EEXIST)
			return BRIDLE_EIO;
		*p = '/';
	}
	return mkdir(b, 0700) != 0 && errno != EEXIST ? BRIDLE_EIO : 0;
}

/* n hex digits that are made once, with the folder. */
static int
once(int dirfd, const char *name, char *content, size_t n)
{
	int fd = openat(dirfd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	unsigned char raw[32];
	ssize_t got;

	if (fd < 0)
		return BRIDLE_EIO;
	got = pread(fd, content, n, 0);
	if (got == 0) {
		randombytes_buf(raw, n / 2);
		sodium_bin2hex(content, n + 1, raw, n / 2);
		got = pwrite(fd, content, n, 0);
	}
	close(fd);
	content[n] = '\0';
	return got == (ssize_t)n ? 0 : BRIDLE_EIO;
}

/* A folder without a name is the one that the head knows, emptied: the chain
 * goes on, and what is missing before shows. */
static int
adopt(struct audit *l)
{
	struct audit__head h;
	int fd, rc;

	if (faccessat(l->dirfd, "id", F_OK, 0) == 0 || audit__head_read(l->head_path, &h) != 0)
		return 0;
	if ((fd = openat(l->dirfd, "id", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
		return BRIDLE_EIO;
	rc = write(fd, h.id, 32) == 32 ? 0 : BRIDLE_EIO;
	close(fd);
	return rc;
}

struct tail {
	uint64_t seq, bytes;
	char hash[AUDIT_HEX + 1];
	bool torn;
};

static int
see_line(void *ctx, struct str line, bool whole)
{
	struct tail *t = ctx;
	uint64_t seq;
	struct str prev;

	if (!whole) {
		t->torn = true;
		return 0;
	}
	t->bytes += line.n + 1;
	if (audit__parse(line, &seq, &prev)) {
		t->seq = seq;
		audit__hash_line(line, t->hash);
	}
	return 0;
}

/* The last whole line of a file's last n bytes at block; whole: they are all of
 * it. Behind it, if anything, stands a torn one. */
static bool
line_before_end(const char *block, size_t n, bool whole, struct tail *t)
{
	struct str text = { block, n }, prev;
	size_t end = str_rchr(text, '\n'), from;

	if (end == STR_NPOS)
		return false;
	from = str_rchr(str_sub(text, 0, end), '\n');
	if (from == STR_NPOS && !whole)
		return false;
	text = str_sub(text, from == STR_NPOS ? 0 : from + 1, STR_NPOS);
	text.n -= n - end;
	if (!audit__parse(text, &t->seq, &prev))
		return false;
	audit__hash_line(text, t->hash);
	t->bytes = end + 1; /* of the block */
	t->torn = end + 1 < n;
	return true;
}

/* From the end of the file: a daemon must not read a whole segment before it
 * can answer. false: look through all of it. */
static bool
last_line(const struct audit *l, const struct audit__segment *s, struct tail *t)
{
	static const size_t steps[] = { 64 << 10, AUDIT_MAX_LINE + 1 };
	int fd = s->packed ? -1 : openat(l->dirfd, s->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	bool known = false;

	for (size_t i = 0; !known && fd >= 0 && i < 2 && fstat(fd, &st) == 0 && st.st_size > 0; i++) {
		size_t size = (size_t)st.st_size, n = size < steps[i] ? size : steps[i];
		char *block = malloc(n);

		known = block != NULL && pread(fd, block, n, (off_t)(size - n)) == (ssize_t)n &&
		    line_before_end(block, n, n == size, t);
		t->bytes += known ? size - n : 0;
		free(block);
	}
	if (fd >= 0)
		close(fd);
	return known;
}

static int
set_aside(struct audit *l, const struct audit__segment *s, const struct tail *t)
{
	char name[48], block[65536];
	int from = openat(l->dirfd, s->name, O_RDWR | O_CLOEXEC | O_NOFOLLOW), to, err = 0;
	off_t at = (off_t)t->bytes;
	ssize_t n;

	if (from < 0)
		return BRIDLE_EIO;
	snprintf(name, sizeof name, "torn-%016llu", (unsigned long long)(t->seq + 1));
	to = openat(l->dirfd, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	while (to >= 0 && err == 0 && (n = pread(from, block, sizeof block, at)) > 0) {
		if (write(to, block, (size_t)n) != n)
			err = BRIDLE_EIO;
		at += n;
	}
	if (to < 0 || err != 0 || fsync(to) != 0 || ftruncate(from, (off_t)t->bytes) != 0)
		err = BRIDLE_EIO;
	if (to >= 0)
		close(to);
	close(from);
	return err;
}

/* The end of the chain as the segments hold it; goes back over empty ones. */
static int
find_tail(struct audit *l, struct arena *a, struct tail *t, bool *any)
{
	struct audit__segment *s;
	size_t n;
	int err = audit__list(l->dir, a, &s, &n);

	*any = false;
	if (err != 0)
		return err;
	for (size_t i = n; i-- > 0 && t->seq == 0;) {
		memset(t, 0, sizeof *t);
		if (!last_line(l, &s[i], t)) {
			memset(t, 0, sizeof *t);
			if ((err = audit__lines(l->dirfd, &s[i], STR(""), see_line, t)) != 0)
				return err;
		}
		if (t->torn && !s[i].packed && (err = set_aside(l, &s[i], t)) != 0)
			return err;
		if (i + 1 == n && !s[i].packed) {
			*any = true;
			l->first = s[i].first;
		}
	}
	return 0;
}

/* Where does the chain go on? The head counts where it is ahead: what is
 * missing between stays missing, and visible. */
static int
join_head(struct audit *l, const struct tail *t, struct str *err)
{
	struct audit__head h;

	l->seq = t->seq;
	memcpy(l->prev, t->hash, sizeof l->prev);
	if (t->seq == 0)
		memset(l->prev, '0', AUDIT_HEX);
	if (audit__head_read(l->head_path, &h) != 0)
		return 0;
	if (strcmp(h.id, l->id) != 0) {
		*err = STR("this log folder is not the one that the state folder knows: it was copied or "
			   "replaced; move it away, and a new one is begun");
		return BRIDLE_EINVAL;
	}
	if (h.seq > t->seq) {
		l->seq = h.seq;
		memcpy(l->prev, h.hash, sizeof l->prev);
	}
	return 0;
}

static int
start(struct audit *l, struct arena *a, struct str *err)
{
	char key[65];
	struct tail t;
	bool any;
	int rc;

	if ((l->dirfd = open(l->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
	    (l->lockfd = openat(l->dirfd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0) {
		*err = str_printf(a, "the log folder %s cannot be used: %s", l->dir, strerror(errno));
		return BRIDLE_EIO;
	}
	if (flock(l->lockfd, LOCK_EX | LOCK_NB) != 0) {
		*err = str_printf(a, "another daemon writes the log in %s", l->dir);
		return BRIDLE_EINVAL;
	}
	memset(&t, 0, sizeof t);
	*err = str_printf(a, "the log folder %s cannot be read or written", l->dir);
	if (adopt(l) != 0 || once(l->dirfd, "id", l->id, 32) != 0 || once(l->dirfd, "key", key, 64) != 0 ||
	    sodium_hex2bin(l->key, sizeof l->key, key, 64, NULL, NULL, NULL) != 0)
		return BRIDLE_EIO;
	if ((rc = find_tail(l, a, &t, &any)) != 0 || (rc = join_head(l, &t, err)) != 0)
		return rc;
	if ((l->headfd = open(l->head_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
		return BRIDLE_EIO;
	l->queue_seq = l->seq;
	memcpy(l->queue_prev, l->prev, sizeof l->prev);
	audit__write_head(l); /* a crash may have left it behind the log */
	return audit__open_segment(l, any ? l->first : l->seq + 1, 0);
}

static int
make_places(struct audit *l)
{
	char *slash = strrchr(l->head_path, '/');
	int rc = make_dirs(l->dir);

	if (rc == 0 && slash != NULL && slash != l->head_path) {
		*slash = '\0';
		rc = make_dirs(l->head_path);
		*slash = '/';
	}
	return rc;
}

void
audit_configure(struct audit *l, const struct audit_options *o)
{
	l->o = *o;
	l->o.interval_ms = o->interval_ms != 0 ? o->interval_ms : 1000;
	l->o.segment_bytes = o->segment_bytes != 0 ? o->segment_bytes : 64u << 20;
	l->o.segment_age_s = o->segment_age_s != 0 ? o->segment_age_s : 86400;
}

int
audit_open(const char *dir, const char *head, const struct audit_options *o, struct arena *a,
    struct audit **out, struct str *err)
{
	struct audit *l = calloc(1, sizeof *l);
	int rc = BRIDLE_ENOMEM;

	*err = STR("no memory for the log");
	if (l == NULL || sodium_init() < 0) {
		free(l);
		return rc;
	}
	l->dirfd = l->lockfd = l->headfd = l->fd = -1;
	audit_configure(l, o);
	if ((l->dir = strdup(dir)) != NULL && (l->head_path = strdup(head)) != NULL &&
	    (rc = make_places(l)) != 0)
		*err = str_printf(a, "the log folder %s cannot be made: %s", dir, strerror(errno));
	if (rc == 0)
		rc = start(l, a, err);
	if (rc != 0) {
		audit_close(l);
		return rc;
	}
	*out = l;
	return 0;
}

void
audit_close(struct audit *l)
{
	if (l == NULL)
		return;
	if (l->fd >= 0 && l->queued > 0)
		(void)audit_flush(l);
	audit_settle(l);
	audit__pack_abort(l);
	if (l->fd >= 0) {
		if (l->o.sync != AUDIT_SYNC_NEVER)
			(void)fsync(l->fd);
		close(l->fd);
	}
	if (l->headfd >= 0)
		close(l->headfd);
	if (l->lockfd >= 0)
		close(l->lockfd);
	if (l->dirfd >= 0)
		close(l->dirfd);
	sodium_memzero(l->key, sizeof l->key);
	free(l->queue);
	free(l->dir);
	free(l->head_path);
	free(l);
}
