/* SPDX-License-Identifier: ISC */
/*
 * control.c: the command's side of the control socket (bridle-protocol(7)).
 * Believes only a daemon of this user or of root.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridle/local.h"
#include "bridle/proto.h"
#include "control.h"

#define REPLY_MAX (16u << 20)
#define WAIT_MS 5000
#define QUICK_MS 300 /* after so long a person is told what is waited for */

static int
wait_so_long(int fd, short events, int ms)
{
	struct pollfd p = { fd, events, 0 };
	int n;

	do
		n = poll(&p, 1, ms);
	while (n < 0 && errno == EINTR);
	return n == 1 ? 0 : BRIDLE_EIO;
}

static int
wait_for(int fd, short events)
{
	return wait_so_long(fd, events, WAIT_MS);
}

/* Does it stand still, by SIGSTOP or a debugger? Where /proc does not tell: no. */
static bool
stands_still(pid_t pid)
{
	char path[64], text[512];
	struct str s;
	ssize_t n;
	size_t at;
	int fd;

	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return false;
	n = read(fd, text, sizeof text);
	close(fd);
	s = (struct str){ text, n > 0 ? (size_t)n : 0 };
	at = str_rchr(s, ')'); /* the name before it may hold anything */
	return at != STR_NPOS && at + 2 < s.n && (s.p[at + 2] == 'T' || s.p[at + 2] == 't');
}

/* For the first byte of an answer: nobody waits without knowing for what, nor
 * for a daemon that cannot answer. */
static int
wait_for_answer(int fd, struct arena *a, pid_t pid, struct str *why)
{
	*why = STR("the daemon does not answer");
	if (wait_so_long(fd, POLLIN, QUICK_MS) == 0)
		return 0;
	if (stands_still(pid)) {
		*why = str_printf(a,
		    "the daemon (process %ld) was stopped and cannot answer; it goes on after: kill -CONT %ld",
		    (long)pid, (long)pid);
		return BRIDLE_EIO;
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr,
		    "bridle: waiting for the daemon (process %ld), %d seconds at most\n", (long)pid,
		    WAIT_MS / 1000);
	return wait_for(fd, POLLIN);
}

static int
send_all(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t n;

		if (wait_for(fd, POLLOUT) != 0)
			return BRIDLE_EIO;
		n = send(fd, s.p, s.n, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return BRIDLE_EIO;
		if (n > 0)
			s = str_sub(s, (size_t)n, s.n);
	}
	return 0;
}

static int
read_line(int fd, struct buf *b)
{
	char block[16384];

	while (b->n == 0 || b->p[b->n - 1] != '\n') {
		ssize_t n;

		if (b->n > REPLY_MAX || wait_for(fd, POLLIN) != 0)
			return BRIDLE_EIO;
		n = read(fd, block, sizeof block);
		if (n == 0)
			return BRIDLE_EIO;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return BRIDLE_EIO;
		if (n > 0)
			buf_add(b, (struct str){ block, (size_t)n });
	}
	return 0;
}

static int
talk(int fd, const struct address *at, struct arena *a, struct str request, cJSON **reply,
    struct str *why)
{
	const char *bad = "";
	struct buf b;
	uid_t uid;
	pid_t pid;

	if (wait_for(fd, POLLOUT) != 0)
		return BRIDLE_ENOENT;
	if (address_peer(fd, &uid, &pid) != 0)
		return BRIDLE_ENOENT;
	if (!address_trusted(at, uid)) {
		*why = STR("what listens there belongs to somebody else");
		return BRIDLE_EIO;
	}
	buf_init(&b, a);
	*why = STR("the daemon does not answer");
	if (send_all(fd, str_cat(a, request, STR("\n"))) != 0 ||
	    wait_for_answer(fd, a, pid, why) != 0 || read_line(fd, &b) != 0)
		return BRIDLE_EIO;
	if (json_read(a, str_trim(buf_str(&b)), reply, &bad) != 0) {
		*why = str_printf(a, "the daemon answered something that is no JSON: %s", bad);
		return BRIDLE_ESYNTAX;
	}
	return 0;
}

static int
reply_error(cJSON *reply, struct str *why)
{
	bool ok = false;

	if (json_get_bool(reply, "ok", &ok) == 0 && ok)
		return 0;
	if (json_get_str(reply, "error", why) != 0)
		*why = STR("the daemon refused and gave no reason");
	return BRIDLE_EINVAL;
}

uint64_t
control_pid(struct arena *a, struct str path)
{
	struct str text;
	uint64_t pid;

	if (local_read_file(a, str_c(a, str_cat(a, path, STR(".lock"))), 64, &text) != 0 ||
	    str_u64(str_trim(text), &pid) != 0)
		return 0;
	return pid;
}

struct str
control_kill(struct arena *a, struct str path)
{
	uint64_t pid = control_pid(a, path);

	return pid == 0 ? STR("pkill -x bridled")
	                : str_printf(a, "kill %llu", (unsigned long long)pid);
}

int
control_call(struct arena *a, const char *socket, struct str request, cJSON **reply,
    struct str *path, struct str *why)
{
	struct address at;
	int fd, err;

	*why = STR("the socket's path is too long");
	if (socket != NULL) {
		memset(&at, 0, sizeof at);
		at.kind = ADDRESS_GIVEN;
		if (strlen(socket) >= sizeof at.path)
			return BRIDLE_EINVAL;
		strcpy(at.path, socket);
	} else if (address_find((const char *const *)environment(), &at) != 0) {
		return BRIDLE_EINVAL;
	}
	if (path != NULL)
		*path = str_dup(a, str_of(at.path));
	*why = str_printf(a, "no daemon listens at %s", at.path);
	if ((fd = address_connect(&at)) < 0)
		return BRIDLE_ENOENT;
	err = talk(fd, &at, a, request, reply, why);
	close(fd);
	return err != 0 ? err : reply_error(*reply, why);
}
