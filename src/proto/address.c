/* SPDX-License-Identifier: ISC */
/*
 * address.c: where the daemon listens, and who sits at the other end of a
 * socket. Only libc: the shim links this file. Daemon, shim and `bridle` all
 * choose the address here, so they cannot disagree.
 */
#include "bridle/proto.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *
env_get(const char *const *envp, const char *name)
{
	size_t n = strlen(name);
	for (; envp != NULL && *envp != NULL; envp++)
		if (strncmp(*envp, name, n) == 0 && (*envp)[n] == '=')
			return (*envp)[n + 1] == '\0' ? NULL : *envp + n + 1;
	return NULL;
}

/* Appends to the path; false when it does not fit. */
static bool
add(struct address *at, const char *text)
{
	size_t have = strlen(at->path), n = strlen(text);
	bool fits = n < sizeof(at->path) - have;
	if (!fits)
		n = sizeof(at->path) - have - 1;
	memcpy(at->path + have, text, n);
	at->path[have + n] = '\0';
	return fits;
}

static bool
add_number(struct address *at, unsigned long n)
{
	char digits[24];
	size_t i = sizeof(digits);
	digits[--i] = '\0';
	do
		digits[--i] = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	return add(at, digits + i);
}

static bool
private_dir(const char *path, uid_t owner)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == owner;
}

/* Only root can make a folder in /run; whom it gave that folder to is the
 * daemon's user. */
static bool
system_socket(void)
{
	struct stat st;
	if (lstat(ADDRESS_SYSTEM_DIR "/socket", &st) != 0 || !S_ISSOCK(st.st_mode))
		return false;
	return lstat(ADDRESS_SYSTEM_DIR, &st) == 0 && S_ISDIR(st.st_mode) &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

int
address_find(const char *const *envp, struct address *out)
{
	const char *given = env_get(envp, "BRIDLE_SOCKET");
	const char *runtime = env_get(envp, "XDG_RUNTIME_DIR");
	bool fits;
	out->path[0] = '\0';
	if (system_socket()) {
		out->kind = ADDRESS_SYSTEM;
		fits = add(out, ADDRESS_SYSTEM_DIR "/socket");
	} else if (given != NULL) {
		out->kind = ADDRESS_GIVEN;
		fits = add(out, given);
	} else if (runtime != NULL && runtime[0] == '/' && private_dir(runtime, getuid())) {
		out->kind = ADDRESS_RUNTIME;
		fits = add(out, runtime) && add(out, "/bridle/socket");
	} else {
		out->kind = ADDRESS_TMP;
		fits = add(out, "/tmp/bridle-") && add_number(out, getuid()) && add(out, "/socket");
	}
	return fits ? 0 : BRIDLE_ELIMIT;
}

/* A program started with 0, 1 or 2 closed must not get the socket there: an
 * answer written to "stdout" would go to the daemon and look delivered. */
static int
above_stdio(int fd)
{
	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	int high = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int saved = errno;
	close(fd);
	errno = saved;
	return high;
}

static int
stream_socket(void)
{
#if defined(SOCK_CLOEXEC) && defined(SOCK_NONBLOCK)
	return above_stdio(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
#else
	int fd = above_stdio(socket(AF_UNIX, SOCK_STREAM, 0));
	if (fd >= 0 && (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0)) {
		close(fd);
		return -1;
	}
#ifdef SO_NOSIGPIPE
	int on = 1;
	setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
#endif
	return fd;
#endif
}

int
address_connect(const struct address *at)
{
	struct sockaddr_un sun;
	int fd = stream_socket();
	if (fd < 0)
		return BRIDLE_EIO;
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	memcpy(sun.sun_path, at->path, strlen(at->path) + 1);
	if (connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) != 0) {
		int saved = errno;
		close(fd);
		errno = saved;
		return BRIDLE_EIO;
	}
	return fd;
}

int
address_peer(int fd, uid_t *uid, pid_t *pid)
{
#if defined(__linux__)
	struct ucred cred;
	socklen_t size = sizeof(cred);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) != 0)
		return BRIDLE_EIO;
	*uid = cred.uid;
	*pid = cred.pid;
	return 0;
#else
	gid_t gid;
	if (getpeereid(fd, uid, &gid) != 0)
		return BRIDLE_EIO;
	*pid = 0;
#ifdef LOCAL_PEERPID
	socklen_t size = sizeof(*pid);
	if (getsockopt(fd, SOL_LOCAL, LOCAL_PEERPID, pid, &size) != 0)
		*pid = 0;
#endif
	return 0;
#endif
}

bool
address_trusted(const struct address *at, uid_t peer)
{
	struct stat st;
	if (peer == 0 || peer == getuid())
		return true;
	return at->kind == ADDRESS_SYSTEM && lstat(ADDRESS_SYSTEM_DIR, &st) == 0 &&
	    st.st_uid == peer;
}
