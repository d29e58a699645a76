/* SPDX-License-Identifier: ISC */
/*
 * link.c: the shim's side of the socket: connect, start a daemon when there is
 * none, send one frame, read one back, all before a deadline. It never judges
 * and never prints.
 */
#include "hook.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* SIGPIPE is ignored anyway */
#endif

#define PATH_ROOM 4096
#define NAP_MS 2
#define STARTS_MAX 3 /* one that starts may be gone before it is asked */

/* Common, so that it comes last in the program: what lay behind so many bytes
 * would need a page table of its own. */
union link__memory link__memory __attribute__((common));

const char *const link__sentence[LINK_CAUSES] = {
	[LINK_OK] = "",
	[LINK_ABSENT] = "bridle could not judge this: no daemon answers and none could be started. "
	                "Run `bridled --detach` in a terminal; `bridle doctor` says more.",
	[LINK_SYSTEM] = "bridle could not judge this: the system daemon at /run/bridle/socket does not "
	                "answer. An administrator has to start it again.",
	[LINK_SLOW] = "bridle could not judge this: the daemon did not answer in time. "
	              "`bridle doctor` says more.",
	[LINK_FOREIGN] = "bridle could not judge this: the socket where its daemon should be belongs "
	                 "to another user. `bridle doctor` says more.",
	[LINK_VERSION] = "bridle could not judge this: the running daemon is of another version than "
	                 "this hook. Restart it: `bridle doctor` says how.",
	[LINK_BROKEN] = "bridle could not judge this: what answered at the daemon's socket does not "
	                "speak its protocol. `bridle doctor` says more.",
	[LINK_ADDRESS] = "bridle could not judge this: the path of its socket is too long. Set "
	                 "BRIDLE_SOCKET or XDG_RUNTIME_DIR to a shorter one.",
	[LINK_REFUSED] = "bridle could not judge this: the daemon refused the request. "
	                 "`bridle status` says more.",
};

int64_t
link__now(void)
{
	struct timespec ts;
#if defined(__linux__) && defined(__LP64__)
	/* The vDSO would be quicker, but finding it costs three page faults. */
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts);
#else
	clock_gettime(CLOCK_MONOTONIC, &ts);
#endif
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int
link__left(const struct link *l)
{
	int64_t left = l->deadline - link__now();
	return left <= 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}

void
hook__puts(int fd, const char *text)
{
	ssize_t ignored = write(fd, text, strlen(text));
	(void)ignored;
}

void
link__common(struct frame_out *o, const char *const *envp, unsigned flags)
{
	size_t room, n = 0;
	unsigned char *at = frame_open(o, TAG_CWD, &room);
	if (at != NULL && getcwd((char *)at, room) != NULL)
		frame_close(o, strlen((char *)at));
	frame_add(o, TAG_RELEASE, BRIDLE_VERSION, sizeof(BRIDLE_VERSION) - 1);
	at = frame_open(o, TAG_ENV, &room);
	if (at == NULL)
		return;
	if (room > LIMIT_ENV)
		room = LIMIT_ENV;
	for (; envp != NULL && *envp != NULL; envp++) {
		size_t len = strlen(*envp) + 1;
		if (len > room - n) {
			flags |= FRAME_ENV_CUT;
			continue;
		}
		memcpy(at + n, *envp, len);
		n += len;
	}
	frame_close(o, n);
	frame_add_byte(o, TAG_FLAGS, flags | FRAME_LAST);
}

/* ---- starting a daemon ---------------------------------------------------- */

/* The daemon outlives this agent: it gets what says where its files are, and
 * none of the agent's keys. */
static bool
env_for_daemon(const char *entry)
{
	static const char *const names[] = { "HOME=", "PATH=", "USER=", "LOGNAME=", "LANG=",
		"TMPDIR=", "TZ=", "XDG_", "LC_", "BRIDLE_" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(entry, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* dir[0..n) + "/bridled", then exec. Returns only when it cannot. */
static void
exec_in(const char *dir, size_t n, char *const *envp)
{
	static const char name[] = "/bridled";
	char path[PATH_ROOM];
	char arg0[] = "bridled", arg1[] = "--detach";
	char *argv[] = { arg0, arg1, NULL };
	if (n == 0 || dir[0] != '/' || n + sizeof(name) > sizeof(path))
		return;
	memcpy(path, dir, n);
	memcpy(path + n, name, sizeof(name));
	execve(path, argv, envp);
}

static void
exec_daemon(const struct link *l)
{
	char *env[64];
	char self[PATH_ROOM];
	const char *path = "", *end;
	size_t n = 0;
	for (const char *const *e = l->envp; e != NULL && *e != NULL; e++) {
		if (strncmp(*e, "PATH=", 5) == 0)
			path = *e + 5;
		if (env_for_daemon(*e) && n + 1 < sizeof(env) / sizeof(env[0])) {
			union {
				const char *in;
				char *out; /* execve does not write, its type only says so */
			} entry = { *e };
			env[n++] = entry.out;
		}
	}
	env[n] = NULL;
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self));
	if (len < 0 || (size_t)len == sizeof(self)) {
		len = (ssize_t)strlen(l->argv0);
		if ((size_t)len > sizeof(self))
			return;
		memcpy(self, l->argv0, (size_t)len);
	}
	while (len > 0 && self[len - 1] != '/')
		len--;
	if (len > 1)
		exec_in(self, (size_t)len - 1, env);
	for (; *path != '\0'; path = *end == ':' ? end + 1 : end) {
		for (end = path; *end != '\0' && *end != ':'; end++)
			;
		exec_in(path, (size_t)(end - path), env);
	}
}

static void
child(const struct link *l)
{
	signal(SIGPIPE, SIG_DFL); /* the only one that is ignored; handlers end with exec */
	int null = open("/dev/null", O_RDWR);
	if (null < 0)
		_exit(127);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(null, fd) < 0)
			_exit(127);
	if (null > STDERR_FILENO)
		close(null);
	exec_daemon(l);
	_exit(127);
}

/* `bridled --detach` returns when it, or one that was faster, can answer.
 * True when it has returned, with whatever status. */
static bool
start_daemon(const struct link *l)
{
	pid_t pid = fork();
	if (pid == 0)
		child(l);
	if (pid < 0)
		return false;
	while (link__left(l) > 0) {
		pid_t done = waitpid(pid, NULL, WNOHANG);
		if (done == pid || (done < 0 && errno != EINTR))
			return true;
		poll(NULL, 0, NAP_MS);
	}
	return false;
}

/* ---- one exchange ----------------------------------------------------------- */

void
link__close(struct link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

static enum link_cause
connect_daemon(struct link *l)
{
	struct address at;
	uid_t uid;
	pid_t pid;
	int starts = 0;
	if (address_find(l->envp, &at) != 0)
		return LINK_ADDRESS;
	while ((l->fd = address_connect(&at)) < 0) {
		l->fd = -1;
		if (link__left(l) == 0)
			return starts > 0 ? LINK_ABSENT : LINK_SLOW;
		if (errno == EAGAIN || errno == EINTR) { /* its queue is full */
			poll(NULL, 0, NAP_MS);
			continue;
		}
		if (at.kind == ADDRESS_SYSTEM)
			return LINK_SYSTEM;
		if (errno == EACCES || errno == EPERM)
			return LINK_FOREIGN;
		if (starts++ == STARTS_MAX || !start_daemon(l))
			return LINK_ABSENT;
	}
	if (address_peer(l->fd, &uid, &pid) != 0 || !address_trusted(&at, uid)) {
		link__close(l);
		return LINK_FOREIGN;
	}
	return LINK_OK;
}

/* Waits until the socket can be read or written; false when time is up. */
static bool
ready(const struct link *l, short events)
{
	struct pollfd p = { .fd = l->fd, .events = events };
	int left, n;
	do
		left = link__left(l);
	while ((n = poll(&p, 1, left)) < 0 && errno == EINTR && left > 0);
	return n > 0;
}

/* LINK_BROKEN stands for "the connection ended" here. */
static enum link_cause
send_all(const struct link *l, const struct frame_out *o)
{
	size_t sent = 0;
	while (sent < o->n) {
		ssize_t n = send(l->fd, o->p + sent, o->n - sent, MSG_NOSIGNAL);
		if (n >= 0)
			sent += (size_t)n;
		else if (errno != EAGAIN && errno != EINTR)
			return LINK_BROKEN;
		else if (!ready(l, POLLOUT))
			return LINK_SLOW;
	}
	return LINK_OK;
}

/* Reads until the frame is whole. *ended: the connection ended before. */
static enum link_cause
receive(const struct link *l, unsigned char *in, struct frame *reply, bool *ended)
{
	size_t have = 0, body = 0, cap = LIMIT_REPLY;
	for (;;) {
		int rc = frame_head(in, have, cap - FRAME_HEADER, reply, &body);
		if (rc == BRIDLE_EVERSION)
			return LINK_VERSION;
		if (rc != 0 && rc != BRIDLE_EUNKNOWN)
			return LINK_BROKEN;
		if (rc == 0 && have >= FRAME_HEADER + body)
			break;
		if (!ready(l, POLLIN))
			return LINK_SLOW;
		ssize_t n = recv(l->fd, in + have, cap - have, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0) {
			*ended = true;
			return LINK_BROKEN;
		}
		have += (size_t)n;
	}
	if (have != FRAME_HEADER + body || frame_body(in + FRAME_HEADER, body, reply) != 0)
		return LINK_BROKEN;
	if (reply->kind == FRAME_ERROR)
		return LINK_REFUSED;
	return reply->kind == FRAME_REPLY ? LINK_OK : LINK_BROKEN;
}

enum link_cause
link__ask(struct link *l, const struct frame_out *request, struct frame *reply)
{
	enum link_cause cause = LINK_OK;
	for (;;) {
		bool ended = false;
		if (l->fd < 0)
			cause = connect_daemon(l);
		if (cause != LINK_OK)
			return cause;
		/* A daemon that refuses a frame may answer before it has read
		 * all of it: its reply counts even if sending failed. */
		cause = send_all(l, request);
		if (cause != LINK_SLOW)
			cause = receive(l, link__memory.bytes + request->n, reply, &ended);
		if (cause == LINK_OK)
			return LINK_OK;
		link__close(l);
		if (!ended || link__left(l) == 0)
			return ended ? LINK_SLOW : cause;
		poll(NULL, 0, NAP_MS); /* it died in between: ask the next one */
		cause = LINK_OK;
	}
}
