/* SPDX-License-Identifier: ISC */
/*
 * server.c: the socket: its folder, the lock that says whose it is, taking
 * over a stale one, the clients' clock, and stopping without losing an answer.
 */
#include "bridle/limits.h"
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 4096
#define TICK_MS 1000
#define STOP_MS 2000
/* Descriptors for other things than clients: log, policies, files judged. */
#define OTHER_FDS 64

static int
complain(const struct daemon *d, const char *what)
{
	log_line(LOG_ERR, "%s: %s", d->address.path, what);
	return BRIDLE_EIO;
}

/* ---- the place ----------------------------------------------------------------------------- */

static bool
folder_of(const struct daemon *d, char *out, size_t cap)
{
	const char *slash = strrchr(d->address.path, '/');
	size_t n = slash == NULL ? 1 : slash == d->address.path ? 1 : (size_t)(slash - d->address.path);
	if (n >= cap)
		return false;
	memcpy(out, slash == NULL ? "." : d->address.path, n);
	out[n] = '\0';
	return true;
}

/* The usual folders must be ours alone; one that was named on purpose is only
 * made if it is not there (the socket itself is 0600 in any case). */
static int
make_folder(struct daemon *d)
{
	char folder[sizeof(d->address.path)];
	struct stat st;
	if (!folder_of(d, folder, sizeof(folder)))
		return complain(d, "the path is too long");
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return complain(d, strerror(errno));
	if (lstat(folder, &st) != 0)
		return complain(d, strerror(errno));
	if (d->address.kind == ADDRESS_GIVEN)
		return 0;
	if (!S_ISDIR(st.st_mode) || st.st_uid != getuid())
		return complain(d, "the folder belongs to another user; nothing is started in it");
	if ((st.st_mode & 077) != 0 && d->address.kind != ADDRESS_SYSTEM && chmod(folder, 0700) != 0)
		return complain(d, "the folder is open to others and cannot be closed");
	return 0;
}

/* The lock file stays when the daemon goes; it says whose process holds it. */
static int
take_lock(struct daemon *d)
{
	char path[sizeof(d->address.path) + 8], holder[32] = "";
	snprintf(path, sizeof(path), "%s.lock", d->address.path);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return complain(d, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		ssize_t n = pread(fd, holder, sizeof(holder) - 1, 0);
		holder[n > 0 ? strcspn(holder, "\n") : 0] = '\0';
		close(fd);
		log_line(LOG_ERR, "%s: another bridled answers there already (process %s)", d->address.path,
		    holder[0] == '\0' ? "not known" : holder);
		return BRIDLE_EIO;
	}
	int n = snprintf(holder, sizeof(holder), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, holder, (size_t)n, 0) != n)
		log_line(LOG_WARN, "%s: %s", path, strerror(errno));
	d->lock = fd;
	return 0;
}

/* Under the lock: what is left there may go, if it is a socket of ours that
 * nobody answers on. */
static int
clear_stale(struct daemon *d)
{
	struct stat st;
	if (lstat(d->address.path, &st) != 0)
		return errno == ENOENT ? 0 : complain(d, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return complain(d, "this is no socket; it is left alone");
	if (st.st_uid != getuid())
		return complain(d, "this socket belongs to another user");
	int fd = address_connect(&d->address);
	if (fd >= 0) {
		close(fd);
		return complain(d, "another daemon answers there already");
	}
	return unlink(d->address.path) == 0 ? 0 : complain(d, strerror(errno));
}

static int
bind_socket(struct daemon *d)
{
	struct sockaddr_un sun;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0)
		return complain(d, strerror(errno));
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	memcpy(sun.sun_path, d->address.path, strlen(d->address.path) + 1);
	mode_t old = umask(d->options.system ? 0111 : 0177);
	int rc = bind(fd, (const struct sockaddr *)&sun, sizeof(sun));
	umask(old);
	/* At once: who comes while the policy is read waits, and is not refused. */
	if (rc == 0)
		rc = listen(fd, BACKLOG);
	if (rc != 0) {
		rc = complain(d, strerror(errno));
		close(fd);
		return rc;
	}
	return fd;
}

/* As many as the system gives. */
static void
raise_descriptors(void)
{
	struct rlimit r;
	const rlim_t want = LIMIT_CLIENTS + OTHER_FDS;
	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= want)
		return;
	r.rlim_cur = r.rlim_max == RLIM_INFINITY || r.rlim_max > want ? want : r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

static size_t
most_clients(void)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= LIMIT_CLIENTS + OTHER_FDS)
		return LIMIT_CLIENTS;
	return r.rlim_cur > 2 * OTHER_FDS ? (size_t)r.rlim_cur - OTHER_FDS : (size_t)r.rlim_cur / 2;
}

int
server_open(struct daemon *d)
{
	int fd = service_socket();
	d->lock = -1;
	raise_descriptors();
	d->most_clients = most_clients();
	d->activated = fd >= 0;
	if (!d->activated) {
		int rc;
		if ((rc = make_folder(d)) != 0 || (rc = take_lock(d)) != 0 || (rc = clear_stale(d)) != 0)
			return rc;
		if ((fd = bind_socket(d)) < 0)
			return fd;
	}
	uv_pipe_init(&d->loop, &d->listener, 0);
	d->listener.data = d;
	if (uv_pipe_open(&d->listener, fd) != 0)
		return complain(d, "the socket cannot be used");
	return 0;
}

/* ---- clients --------------------------------------------------------------------------------- */

static void
on_connection(uv_stream_t *s, int status)
{
	struct daemon *d = s->data;
	if (status != 0) {
		log_line(LOG_WARN, "cannot take a connection: %s", uv_strerror(status));
		return;
	}
	client_accept(d);
	server_tick(d);
}

int
server_listen(struct daemon *d)
{
	int rc = uv_listen((uv_stream_t *)&d->listener, BACKLOG, on_connection);
	return rc == 0 ? 0 : complain(d, uv_strerror(rc));
}

static void
on_tick(uv_timer_t *t)
{
	struct daemon *d = t->data;
	uint64_t now = uv_now(&d->loop);
	for (struct client *c = d->clients; c != NULL; c = client_next(c))
		client_check(c, now);
	sessions_age(d->sessions, (int64_t)now);
	approve_tick(d);
	record_tick(d);
	if (d->clients == NULL && !d->audit_dirty)
		uv_timer_stop(t);
}

void
server_tick(struct daemon *d)
{
	if (!uv_is_active((const uv_handle_t *)&d->tick))
		uv_timer_start(&d->tick, on_tick, TICK_MS, TICK_MS);
}

/* ---- stopping ---------------------------------------------------------------------------------- */

void
server_close(struct daemon *d)
{
	struct stat st;
	/* A socket that was handed over belongs to the service manager. */
	if (!d->activated && d->lock >= 0 && lstat(d->address.path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(d->address.path);
	if (!uv_is_closing((uv_handle_t *)&d->listener))
		uv_close((uv_handle_t *)&d->listener, NULL);
}

static void
on_overdue(uv_timer_t *t)
{
	struct daemon *d = t->data;
	uv_stop(&d->loop);
}

void
server_stop(struct daemon *d)
{
	if (d->stopping)
		return;
	d->stopping = true;
	log_line(LOG_NOTE, "stopping");
	service_notify("STOPPING=1");
	server_close(d);
	for (struct client *c = d->clients, *next; c != NULL; c = next) {
		next = client_next(c);
		if (!client_busy(c))
			client_close(c);
	}
	for (size_t i = 0; i < sizeof(d->signals) / sizeof(d->signals[0]); i++)
		uv_close((uv_handle_t *)&d->signals[i], NULL);
	/* Replies on their way keep the loop going, but not for ever. */
	uv_timer_start(&d->tick, on_overdue, STOP_MS, 0);
	uv_unref((uv_handle_t *)&d->tick);
}
