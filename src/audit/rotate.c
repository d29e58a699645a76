/* SPDX-License-Identifier: ISC */
/*
 * rotate.c: a new segment by size and age, packing of old ones by a child (so
 * that no decision waits for it, and its memory is gone when it is), and expiry.
 * A packed file takes its name only when it is whole, and from the parent.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>

#include "audit.h"

#define PACK_STEP (64u << 10) /* bytes read at once */
#define UPKEEP_MS 10000      /* between two looks for something to pack or expire */

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
	l->upkeep_ms = 0; /* there is something to pack */
	return audit__open_segment(l, l->seq + 1, now_ms);
}

/* ---- packing: a child's work ------------------------------------------------------------ */

/* A window of some dozen records finds nearly all that a large one would. */
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

static bool
pack_write(ZSTD_CStream *z, int out, ZSTD_inBuffer *in, ZSTD_EndDirective end)
{
	static char buffer[PACK_STEP];
	size_t left;

	do {
		ZSTD_outBuffer o = { buffer, sizeof buffer, 0 };

		left = ZSTD_compressStream2(z, &o, in, end);
		if (ZSTD_isError(left) || write(out, buffer, o.pos) != (ssize_t)o.pos)
			return false;
	} while (end == ZSTD_e_end ? left != 0 : in->pos < in->size);
	return true;
}

static bool
pack_all(int in, int out)
{
	static char buffer[PACK_STEP];
	ZSTD_CStream *z = ZSTD_createCStream();
	bool ok = z != NULL && pack_settings(z);
	ssize_t n = 1;

	while (ok && n > 0) {
		ok = (n = read(in, buffer, sizeof buffer)) >= 0;
		ZSTD_inBuffer i = { buffer, ok ? (size_t)n : 0, 0 };
		ok = ok && pack_write(z, out, &i, n == 0 ? ZSTD_e_end : ZSTD_e_continue);
	}
	return ok && fsync(out) == 0;
}

/* From 0 and to 1; nothing else of the parent's is held (locks, connections). */
static void
only_these(int in, int out)
{
	long most = sysconf(_SC_OPEN_MAX);

	if (dup2(in, 0) < 0 || dup2(out, 1) < 0) /* in is the lower one */
		_exit(1);
#ifdef SYS_close_range
	if (syscall(SYS_close_range, 2u, ~0u, 0u) == 0)
		most = 0;
#endif
	for (int fd = 2; fd < most; fd++)
		close(fd);
}

static _Noreturn void
pack_child(pid_t parent, int in, int out)
{
	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL);
#ifdef __linux__
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
	if (getppid() != parent) /* it has died before that was set */
		_exit(1);
	only_these(in, out);
	(void)setpriority(PRIO_PROCESS, 0, 10);
	_exit(pack_all(0, 1) ? 0 : 1);
}

/* ---- packing: the parent's --------------------------------------------------------------- */

void
audit__pack_abort(struct audit *l)
{
	if (l->packer <= 0)
		return;
	(void)kill(l->packer, SIGKILL);
	while (waitpid(l->packer, NULL, 0) < 0 && errno == EINTR)
		;
	l->packer = 0;
	(void)unlinkat(l->dirfd, "packing", 0);
}

/* A new file each time: who still writes the one before, its parent gone, spoils nothing. */
static int
pack_start(struct audit *l, const struct audit__segment *s)
{
	pid_t self = getpid();
	int in = openat(l->dirfd, s->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), out = -1;

	(void)unlinkat(l->dirfd, "packing", 0);
	if (in >= 0)
		out = openat(l->dirfd, "packing", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (out >= 0 && (l->packer = fork()) == 0)
		pack_child(self, in, out);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	l->packing = s->first;
	return l->packer > 0 ? 0 : BRIDLE_EIO;
}

/* All is packed: the new file takes its place, then the old one goes. */
static int
pack_finish(struct audit *l)
{
	char plain[40], packed[40];

	audit__segment_name(plain, l->packing, false);
	audit__segment_name(packed, l->packing, true);
	if (renameat(l->dirfd, "packing", l->dirfd, packed) != 0)
		return BRIDLE_EIO;
	(void)unlinkat(l->dirfd, plain, 0);
	return 0;
}

static void
pack_look(struct audit *l)
{
	int status;
	pid_t pid = waitpid(l->packer, &status, WNOHANG);

	if (pid == 0 || (pid < 0 && errno == EINTR))
		return;
	l->packer = 0;
	if (pid < 0 || status != 0 || pack_finish(l) != 0)
		audit__trouble(l, "an old segment of the log cannot be packed");
	else
		l->upkeep_ms = 0; /* perhaps the next one */
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

	if (l->packer > 0) {
		pack_look(l);
		return;
	}
	if (now_ms - l->upkeep_ms < UPKEEP_MS && now_ms >= l->upkeep_ms)
		return;
	l->upkeep_ms = now_ms;
	if ((a = arena_new(0)) == NULL)
		return;
	if (audit__list(l->dir, a, &s, &n) == 0) {
		expire(l, s, n, now_ms);
		for (size_t i = 0; i + 1 < n && l->packer <= 0; i++)
			if (!s[i].packed && s[i].first != l->first && pack_start(l, &s[i]) != 0)
				break;
	}
	arena_free(a);
}
