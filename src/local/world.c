/* SPDX-License-Identifier: ISC */
/*
 * world.c: the real world behind `struct world`: regular files, directories,
 * links and the environment that came with the request, each look-up counted
 * against a budget. What the budget or the system refuses is unknown, never
 * absent. Nothing here decides.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bridle/limits.h"
#include "bridle/local.h"

static int
absent_or_unknown(int err)
{
	return err == ENOENT || err == ENOTDIR ? BRIDLE_ENOENT : BRIDLE_EUNKNOWN;
}

/* Reads a file into p, which has room for size bytes and one more: one that has
 * grown since is read again by the caller. A read that brings the size and no
 * more has met the end. */
static int
read_into(int fd, char *p, size_t size, size_t *n)
{
	for (*n = 0; *n <= size;) {
		size_t asked = size + 1 - *n;
		ssize_t got = read(fd, p + *n, asked);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return BRIDLE_EIO;
		*n += (size_t)got;
		if (got == 0 || ((size_t)got < asked && *n == size))
			return 0;
	}
	return BRIDLE_ELIMIT;
}

/* A regular file that had `size` bytes a moment ago; ELIMIT: it has more now. The
 * memory comes before the descriptor: an arena that is used up jumps. */
static int
read_sized(struct arena *a, const char *path, size_t size, struct str *out)
{
	size_t n = 0;
	char *p = arena_alloc(a, size + 2);
	/* O_NONBLOCK: a FIFO put there in between must not hold us; a device is
	 * read to that size at most. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), rc;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? BRIDLE_ENOENT : BRIDLE_EIO;
	rc = read_into(fd, p, size, &n);
	close(fd);
	p[rc == 0 ? n : 0] = '\0';
	*out = (struct str){ p, rc == 0 ? n : 0 };
	return rc;
}

int
local_read_file(struct arena *a, const char *path, size_t max, struct str *out)
{
	struct stat st;

	for (int tries = 0; tries < 4; tries++) {
		int rc;

		if (stat(path, &st) != 0)
			return errno == ENOENT || errno == ENOTDIR ? BRIDLE_ENOENT : BRIDLE_EIO;
		if (!S_ISREG(st.st_mode) || st.st_size < 0) {
			errno = EINVAL;
			return BRIDLE_EIO;
		}
		if ((uint64_t)st.st_size > max)
			return BRIDLE_ELIMIT;
		rc = read_sized(a, path, (size_t)st.st_size, out);
		if (rc != BRIDLE_ELIMIT)
			return rc;
	}
	errno = EAGAIN;
	return BRIDLE_EIO;
}

/* Places that are another's for whoever looks: what /proc/self/cwd is for the
 * command, no look of ours tells. */
static bool
of_a_process(struct str path)
{
	static const char *const names[] = { "/proc/self", "/proc/thread-self", "/dev/fd/" };

	if (path.n < 2 || (path.p[1] != 'p' && path.p[1] != 'd'))
		return false; /* most are neither below /proc nor /dev */
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_starts(path, str_of(names[i])))
			return true;
	return path.n > 6 && path.p[6] >= '0' && path.p[6] <= '9' && str_starts(path, STR("/proc/"));
}

/* Counts one look-up; false when the budget is used up, or when the path is
 * none that the system could be asked for: a NUL in it, or a process's own. */
static bool
spend(struct local_world *lw, struct str path)
{
	return lw->lookups++ < LIMIT_LOOKUPS && str_chr(path, '\0') == STR_NPOS && !of_a_process(path);
}

/* ---- what was seen in this request ------------------------------------------------------------- */

/* A request is judged at one moment: what lstat said of a path holds for the
 * whole of it, and nothing is kept for the next. */
struct seen {
	int err; /* 0, ENOENT, EUNKNOWN */
	struct world_stat st;
};

static enum world_kind
kind_of(mode_t mode)
{
	return S_ISREG(mode) ? WORLD_FILE : S_ISDIR(mode) ? WORLD_DIR : S_ISLNK(mode) ? WORLD_LINK : WORLD_OTHER;
}

static void
fill_stat(const struct stat *st, struct world_stat *out)
{
	memset(out, 0, sizeof *out);
	out->kind = kind_of(st->st_mode);
	out->size = (uint64_t)st->st_size;
	out->dev = (uint64_t)st->st_dev;
	out->ino = (uint64_t)st->st_ino;
#ifdef __APPLE__
	out->mtime_ns = (int64_t)st->st_mtimespec.tv_sec * 1000000000 + st->st_mtimespec.tv_nsec;
	out->ctime_ns = (int64_t)st->st_ctimespec.tv_sec * 1000000000 + st->st_ctimespec.tv_nsec;
#else
	out->mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
	out->ctime_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
#endif
	out->mode = (uint32_t)st->st_mode;
	out->uid = (uint32_t)st->st_uid;
	out->gid = (uint32_t)st->st_gid;
}

/* Is the folder that the path lies in known to be none? */
static bool
below_nothing(const struct local_world *lw, struct str path)
{
	size_t slash = str_rchr(path, '/');
	const struct seen *dir = NULL;

	if (lw->nothing.n > 0 && path_under(path, lw->nothing))
		return true;
	if (slash != STR_NPOS && slash > 0)
		dir = map_get(lw->seen, str_sub(path, 0, slash));
	return dir != NULL && dir->err == BRIDLE_ENOENT;
}

static const struct seen *
look(struct local_world *lw, struct str path)
{
	static const struct seen absent = { .err = BRIDLE_ENOENT };
	struct seen *s;
	struct stat st;

	if (lw->seen == NULL)
		lw->seen = map_new(lw->a);
	if ((s = map_get(lw->seen, path)) != NULL)
		return s;
	if (below_nothing(lw, path))
		return &absent;
	s = NEW(lw->a, struct seen);
	path = str_dup(lw->a, path);
	if (lstat(path.p, &st) != 0)
		s->err = absent_or_unknown(errno);
	else
		fill_stat(&st, &s->st);
	if (s->err == BRIDLE_ENOENT)
		lw->nothing = path;
	map_put(lw->seen, path, s);
	return s;
}

/* Is the path known to be absent, from an earlier look in this request? */
static bool
seen_absent(const struct local_world *lw, struct str path)
{
	const struct seen *s = lw->seen == NULL ? NULL : map_get(lw->seen, path);

	return s != NULL ? s->err == BRIDLE_ENOENT : lw->seen != NULL && below_nothing(lw, path);
}

static int
world_read(void *ctx, struct arena *a, struct str path, size_t max, struct str *out)
{
	struct local_world *lw = ctx;
	const struct seen *s;
	int err = BRIDLE_ELIMIT;

	if (!spend(lw, path) || lw->bytes >= LIMIT_FILES_BYTES)
		return BRIDLE_EUNKNOWN;
	s = look(lw, path);
	if (s->err != 0)
		return s->err;
	if (max > LIMIT_FILES_BYTES - lw->bytes)
		max = LIMIT_FILES_BYTES - lw->bytes;
	if (s->st.kind == WORLD_FILE && s->st.size <= max)
		err = read_sized(a, str_c(a, path), (size_t)s->st.size, out);
	if (err == BRIDLE_ELIMIT) /* behind a link, or grown since */
		err = local_read_file(a, str_c(a, path), max, out);
	if (err == 0)
		lw->bytes += out->n;
	return err == 0 || err == BRIDLE_ENOENT ? err : BRIDLE_EUNKNOWN;
}

/* Opens the file unless it is the one that was read last. */
static int
part_open(struct local_world *lw, struct str path)
{
	const struct seen *s = look(lw, path);
	struct str name = str_dup(lw->a, path); /* before the descriptor: it may jump */
	struct stat st;

	if (lw->part_fd >= 0 && str_eq(lw->part_path, path))
		return 0;
	if (lw->part_fd >= 0)
		close(lw->part_fd);
	lw->part_fd = -1;
	lw->part_path = name;
	if (s->err != 0)
		return s->err;
	if (s->st.kind == WORLD_LINK ? stat(name.p, &st) != 0 || !S_ISREG(st.st_mode) : s->st.kind != WORLD_FILE)
		return BRIDLE_EUNKNOWN; /* opening a device may do something */
	lw->part_fd = open(name.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return lw->part_fd < 0 ? absent_or_unknown(errno) : 0;
}

static int
world_part(void *ctx, struct arena *a, struct str path, uint64_t offset, size_t n, struct str *out)
{
	struct local_world *lw = ctx;
	char *p;
	size_t got = 0;
	int err;

	if (!spend(lw, path) || lw->bytes + n > LIMIT_FILES_BYTES)
		return BRIDLE_EUNKNOWN;
	p = arena_alloc(a, n + 1);
	if ((err = part_open(lw, path)) != 0)
		return err;
	while (got < n) {
		ssize_t more = pread(lw->part_fd, p + got, n - got, (off_t)(offset + got));

		if (more < 0 && errno == EINTR)
			continue;
		if (more < 0)
			return BRIDLE_EUNKNOWN;
		if (more == 0)
			break;
		got += (size_t)more;
	}
	lw->bytes += got;
	*out = (struct str){ p, got };
	return 0;
}

static int
world_stat(void *ctx, struct str path, bool follow, struct world_stat *out)
{
	struct local_world *lw = ctx;
	const struct seen *s;
	struct stat st;

	if (!spend(lw, path))
		return BRIDLE_EUNKNOWN;
	s = look(lw, path);
	if (s->err != 0)
		return s->err;
	*out = s->st;
	if (!follow || s->st.kind != WORLD_LINK)
		return 0;
	if (stat(str_c(lw->a, path), &st) != 0)
		return absent_or_unknown(errno);
	fill_stat(&st, out);
	return 0;
}

static int
world_link(void *ctx, struct arena *a, struct str path, struct str *target)
{
	struct local_world *lw = ctx;
	char b[4096];
	ssize_t n;

	if (!spend(lw, path))
		return BRIDLE_EUNKNOWN;
	n = readlink(str_c(a, path), b, sizeof b);
	if (n < 0)
		return absent_or_unknown(errno);
	if ((size_t)n == sizeof b)
		return BRIDLE_EUNKNOWN;
	*target = str_dup(a, (struct str){ b, (size_t)n });
	return 0;
}

static enum world_kind
entry_kind(const struct dirent *e)
{
	switch (e->d_type) {
	case DT_REG:
		return WORLD_FILE;
	case DT_DIR:
		return WORLD_DIR;
	case DT_LNK:
		return WORLD_LINK;
	default:
		return WORLD_OTHER;
	}
}

void
local_world_close(struct local_world *lw)
{
	if (lw->dir != NULL)
		closedir(lw->dir);
	lw->dir = NULL;
	if (lw->part_fd >= 0)
		close(lw->part_fd);
	lw->part_fd = -1;
}

/* An arena that is used up jumps out of here: the folder stays in lw->dir
 * until the request is over. */
static int
read_entries(struct local_world *lw, struct arena *a, struct world_entry **out, size_t *n)
{
	VEC(struct world_entry) es = { 0 };
	struct dirent *e;

	while (errno = 0, (e = readdir(lw->dir)) != NULL) {
		struct world_entry *we;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (es.n >= LIMIT_DIRENTRIES)
			return BRIDLE_EUNKNOWN;
		we = vec_push(a, &es);
		we->name = str_dup(a, str_of(e->d_name));
		we->kind = entry_kind(e);
	}
	if (errno != 0)
		return BRIDLE_EUNKNOWN;
	*out = es.v;
	*n = es.n;
	return 0;
}

static int
world_list(void *ctx, struct arena *a, struct str dir, struct world_entry **out, size_t *n)
{
	struct local_world *lw = ctx;
	const char *path = str_c(a, dir);
	int err;

	if (!spend(lw, dir))
		return BRIDLE_EUNKNOWN;
	if (seen_absent(lw, dir))
		return BRIDLE_ENOENT;
	local_world_close(lw);
	if ((lw->dir = opendir(path)) == NULL)
		return absent_or_unknown(errno);
	err = read_entries(lw, a, out, n);
	local_world_close(lw);
	return err;
}

static void
make_env_map(struct local_world *lw)
{
	lw->env_map = map_new(lw->a);
	for (const char *const *p = lw->env; *p != NULL; p++) {
		struct str s = str_of(*p);
		size_t eq = str_chr(s, '=');
		struct str *v;

		if (eq == STR_NPOS || map_get(lw->env_map, str_sub(s, 0, eq)) != NULL)
			continue; /* getenv takes the first of two */
		v = NEW(lw->a, struct str);
		*v = str_sub(s, eq + 1, s.n);
		map_put(lw->env_map, str_sub(s, 0, eq), v);
	}
}

/* A few questions are answered by looking through it. */
#define FEW_ASKED 16

static int
env_look(const struct local_world *lw, struct str name, struct str *value)
{
	const char *const *p = lw->env;

	while (*p != NULL && name.n > 0 && **p != name.p[0])
		p++;
	if (*p == NULL || str_chr(name, '=') != STR_NPOS || str_chr(name, '\0') != STR_NPOS)
		return BRIDLE_ENOENT; /* none begins so; or no variable can be called so */
	for (; *p != NULL; p++)
		if ((name.n == 0 || **p == name.p[0]) && strncmp(*p, name.p, name.n) == 0 && (*p)[name.n] == '=') {
			*value = str_of(*p + name.n + 1);
			return 0;
		}
	return BRIDLE_ENOENT;
}

static int
world_env(void *ctx, struct str name, struct str *value)
{
	struct local_world *lw = ctx;
	const struct str *v;
	int err;

	if (lw->env == NULL)
		return BRIDLE_EUNKNOWN;
	if (lw->env_map == NULL && lw->env_asked++ < FEW_ASKED) {
		err = env_look(lw, name, value);
	} else {
		if (lw->env_map == NULL)
			make_env_map(lw);
		v = map_get(lw->env_map, name);
		err = v == NULL ? BRIDLE_ENOENT : 0;
		if (v != NULL)
			*value = *v;
	}
	return err == BRIDLE_ENOENT && lw->env_cut ? BRIDLE_EUNKNOWN : err;
}

static int
world_env_names(void *ctx, struct arena *a, struct str **out, size_t *n)
{
	struct local_world *lw = ctx;
	VEC(struct str) names = { 0 };
	struct str key;
	void *value;
	size_t i = 0;

	if (lw->env == NULL || lw->env_cut)
		return BRIDLE_EUNKNOWN;
	if (lw->env_map == NULL)
		make_env_map(lw);
	while (map_next(lw->env_map, &i, &key, &value))
		*vec_push(a, &names) = key;
	*out = names.v;
	*n = names.n;
	return 0;
}

static bool
world_env_none(void *ctx, struct str prefix)
{
	const struct local_world *lw = ctx;

	if (lw->env == NULL || lw->env_cut)
		return false;
	for (const char *const *p = lw->env; *p != NULL; p++)
		if (prefix.n == 0 || (**p == prefix.p[0] && strncmp(*p, prefix.p, prefix.n) == 0))
			return false;
	return true;
}

static int64_t
world_now(void *ctx)
{
	struct timespec ts;

	(void)ctx;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool
world_done(void *ctx, struct str key)
{
	struct local_world *lw = ctx;

	return lw->done != NULL && lw->done(lw->done_ctx, key);
}

void
local_hash(void *ctx, struct str bytes, unsigned char out[32])
{
	(void)ctx;
	crypto_generichash(out, 32, (const unsigned char *)bytes.p, bytes.n, NULL, 0);
}

void
local_world_init(struct local_world *lw, struct arena *a, const char *const *env, struct world *out)
{
	memset(lw, 0, sizeof *lw);
	lw->a = a;
	lw->env = env;
	lw->part_fd = -1;
	out->ctx = lw;
	out->home = env == NULL ? STR("") : local_home(a, env);
	out->read = world_read;
	out->part = world_part;
	out->stat = world_stat;
	out->link = world_link;
	out->list = world_list;
	out->env = world_env;
	out->env_names = world_env_names;
	out->env_none = world_env_none;
	out->now = world_now;
	out->done = world_done;
	out->hash = local_hash;
}
