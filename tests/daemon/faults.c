/* SPDX-License-Identifier: ISC */
/*
 * faults.c: put before libc (LD_PRELOAD) by test_faults.py: fails the n-th
 * allocation of the daemon, shifts its wall clock, and tries what a daemon that
 * was taken over would try. The test shares numbers with it in the file FAULTS:
 *   0: allocations until the one that fails (0: none)  1: all after it fail, too
 *   2: how many failed                                 3: seconds added to the clock
 *   4: 1: try it; 2: it was tried, and 5 to 8 are the errors of running a program,
 *      of an Internet socket, of a new file OUTSIDE its folders and one INSIDE
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

static volatile int64_t *shared;
static int (*real_clock)(clockid_t, struct timespec *);

static void __attribute__((constructor))
begin(void)
{
	const char *path = getenv("FAULTS");
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *p = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	union {
		void *found;
		int (*clock)(clockid_t, struct timespec *);
	} as = { dlsym(RTLD_NEXT, "clock_gettime") };
	real_clock = as.clock;
	if (p != MAP_FAILED)
		shared = p;
	if (fd >= 0)
		close(fd);
}

static int
fails(void)
{
	int64_t n = shared == NULL ? 0 : shared[0];

	/* The test sets it back to 0 at any moment: that must hold. */
	do {
		if (n <= 0)
			return 0;
	} while (!__atomic_compare_exchange_n(&shared[0], &n, n > 1 ? n - 1 : shared[1] != 0, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	if (n > 1)
		return 0;
	shared[2]++;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}

static int64_t
failure(int rc)
{
	return rc < 0 ? errno : 0;
}

static void
try_what_is_given_up(void)
{
	char *const argv[] = { (char *)"true", NULL };

	shared[4] = 0;
	shared[5] = failure(execve("/bin/true", argv, NULL));
	shared[6] = failure(socket(AF_INET, SOCK_STREAM, 0));
	shared[7] = failure(open(getenv("OUTSIDE"), O_WRONLY | O_CREAT, 0600));
	shared[8] = failure(open(getenv("INSIDE"), O_WRONLY | O_CREAT, 0600));
	shared[4] = 2;
}

int
clock_gettime(clockid_t which, struct timespec *ts)
{
	int rc = real_clock(which, ts);

	if (rc == 0 && which == CLOCK_REALTIME && shared != NULL)
		ts->tv_sec += shared[3];
	if (shared != NULL && shared[4] == 1)
		try_what_is_given_up();
	return rc;
}
