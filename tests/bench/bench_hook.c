/* SPDX-License-Identifier: ISC */
/*
 * bench_hook.c: what one hook costs as a whole process, from spawn to the end
 * of wait, beside other programs, all taken in turn so that the machine's
 * moods meet each alike, in another order each time: what a program leaves behind
 * (memory to be freed, caches of others) falls on whichever comes next. Then many
 * shims at once.
 *
 * usage: bench_hook EVENT ROUNDS SHIM NOOP [NAME 'PROGRAM [WORD]']...
 */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAMS_MAX 12
#define AT_ONCE 64

static char event[64 << 10];
static size_t event_size;

struct program {
	struct series times;
	char *argv[4];
};

/* Starts it with the event on a pipe; stdout goes nowhere. */
static pid_t
start(char *const *argv)
{
	posix_spawn_file_actions_t fa;
	int in[2];
	pid_t pid;
	if (pipe2(in, O_CLOEXEC) != 0 || write(in[1], event, event_size) != (ssize_t)event_size)
		exit(1);
	close(in[1]);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in[0], 0);
	posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, argv[0], &fa, NULL, argv, environ) != 0) {
		fprintf(stderr, "bench_hook: cannot run %s\n", argv[0]);
		exit(1);
	}
	posix_spawn_file_actions_destroy(&fa);
	close(in[0]);
	return pid;
}

static void
check_status(int status, const char *name)
{
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "bench_hook: %s failed\n", name);
		exit(1);
	}
}

static void
one(struct program *p)
{
	int status;
	double from = now_us();
	pid_t pid = start(p->argv);
	if (waitpid(pid, &status, 0) != pid)
		exit(1);
	series_add(&p->times, now_us() - from);
	check_status(status, p->times.name);
}

/* Each once, in an order of chance that is the same in every run. */
static void
all_once(struct program *ps, size_t n)
{
	static uint32_t seed = 1;
	size_t order[PROGRAMS_MAX];
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525u + 1013904223u;
		size_t k = (seed >> 16) % (i + 1);
		order[i] = order[k];
		order[k] = i;
	}
	for (size_t i = 0; i < n; i++)
		one(&ps[order[i]]);
}

/* Keeps AT_ONCE of them running until n have ended. */
static void
many(struct program *p, size_t n, struct series *out)
{
	struct {
		pid_t pid;
		double from;
	} running[AT_ONCE] = { { 0, 0 } };
	size_t started = 0, ended = 0;
	while (ended < n) {
		for (size_t i = 0; i < AT_ONCE && started < n; i++)
			if (running[i].pid == 0) {
				running[i].from = now_us();
				running[i].pid = start(p->argv);
				started++;
			}
		int status;
		pid_t pid = waitpid(-1, &status, 0);
		for (size_t i = 0; i < AT_ONCE; i++)
			if (running[i].pid == pid) {
				series_add(out, now_us() - running[i].from);
				running[i].pid = 0;
				ended++;
			}
		check_status(status, p->times.name);
	}
}

/* The median (0.5), or the least (0), of one over that of another, in milliseconds; 0: not both are there. */
static double
over(struct program *ps, size_t n, const char *what, const char *base, double at)
{
	double a = 0, b = 0;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(ps[i].times.name, what) == 0)
			a = series_at(&ps[i].times, at);
		if (strcmp(ps[i].times.name, base) == 0)
			b = series_at(&ps[i].times, at);
	}
	return a > 0 && b > 0 ? (a - b) / 1000 : 0;
}

static double
ratio(struct program *ps, size_t n, size_t of, const char *to)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(ps[i].times.name, to) == 0)
			return series_at(&ps[of].times, 0.5) / series_at(&ps[i].times, 0.5);
	return 0;
}

int
main(int argc, char **argv)
{
	static struct program ps[PROGRAMS_MAX];
	struct series crowd = { .name = "64 shims at once" };
	size_t n = 0;
	if (argc == 1)
		return 0; /* bench_programs runs it with arguments */
	if (argc < 5)
		return 2;
	int fd = open(argv[1], O_RDONLY);
	ssize_t got = fd < 0 ? -1 : read(fd, event, sizeof(event));
	long rounds = strtol(argv[2], NULL, 10);
	if (got <= 0 || rounds <= 0)
		return 1;
	event_size = (size_t)got;
	ps[n++] = (struct program){ { .name = "bridle-hook" }, { argv[3], NULL } };
	ps[n++] = (struct program){ { .name = "static no-op" }, { argv[4], NULL } };
	static char true_path[] = "/bin/true", sh[] = "sh", c[] = "-c", colon[] = ":";
	ps[n++] = (struct program){ { .name = "/bin/true" }, { true_path, NULL } };
	ps[n++] = (struct program){ { .name = "sh -c :" }, { sh, c, colon, NULL } };
	for (int i = 5; i + 1 < argc && n < PROGRAMS_MAX; i += 2) {
		char *word = strchr(argv[i + 1], ' ');
		if (word != NULL)
			*word++ = '\0';
		ps[n++] = (struct program){ { .name = argv[i] }, { argv[i + 1], word, NULL } };
	}
	for (size_t i = 0; i < n; i++) /* warm */
		one(&ps[i]);
	for (size_t i = 0; i < n; i++)
		ps[i].times.n = 0;
	for (long r = 0; r < rounds; r++)
		all_once(ps, n);
	printf("whole process, microseconds      median       p99       min\n");
	for (size_t i = 0; i < n; i++)
		series_print(&ps[i].times);
	many(&ps[0], (size_t)rounds, &crowd);
	series_print(&crowd);
	goal("bridle-hook / true (dynamic)", ratio(ps, n, 0, "/bin/true"), "<", 0.6);
	goal("bridle-hook / static no-op", ratio(ps, n, 0, "static no-op"), "<", 1.8);
	if (ratio(ps, n, 0, "bash + jq") > 0)
		goal("bash + jq / bridle-hook", 1 / ratio(ps, n, 0, "bash + jq"), ">", 30);
	if (ratio(ps, n, 0, "node") > 0)
		goal("node / bridle-hook", 1 / ratio(ps, n, 0, "node"), ">", 100);
	/* What no hook can pass where a process costs this much before it does anything. */
	if (ratio(ps, n, 1, "bash + jq") > 0 && ratio(ps, n, 1, "node") > 0)
		printf("        the same of the static no-op: %.0f and %.0f\n", 1 / ratio(ps, n, 1, "bash + jq"),
		    1 / ratio(ps, n, 1, "node"));
	double cost = over(ps, n, "wrapper, fly status", "fly status", 0.5);
	double becoming = over(ps, n, "exec, fly status", "fly status", 0.5);
	double looking = over(ps, n, "wrapper, git status", "git status", 0.5);
	if (cost > 0)
		goal("wrapper over the program itself, ms", cost, "<", 1);
	/* A wrapper becomes the program: what that costs here, if it does nothing else. */
	if (becoming > 0)
		printf("        the same of a program that only becomes it: %.2f; of the wrapper, least over least: %.2f\n", becoming,
		    over(ps, n, "wrapper, fly status", "fly status", 0));
	if (looking > 0)
		goal("wrapper of git that only looks, ms", looking, "<", 1);
	goal("64 shims at once: p99 / median", series_at(&crowd, 0.99) / series_at(&crowd, 0.5), "<", 5);
	return 0;
}
