/* SPDX-License-Identifier: ISC */
/*
 * shim.c: makes it cheap to run many texts in a real shell. It is loaded into
 * the shell with LD_PRELOAD and does three things:
 *
 * - Before the shell's main it takes texts from a socket (real.c sends them)
 *   and forks for each: the child goes on as `shell -c TEXT`, the parent waits
 *   for all processes that come of it and answers with the status. So the
 *   shell is loaded and linked once.
 * - A process that is about to become a stub does what the stub does and ends.
 *   All that leads there, fork, redirections, environment, is the shell's own;
 *   any other program is run as always.
 * - For bash the stubs are also builtins, which BASH_ENV loads: most
 *   of them then need no process. What differs then is asked again without.
 *
 * At the start it answers once, then: length (unsigned), text -> status (int),
 * -1 if it did not end in time.
 */
#include "stub.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKET 201
#define RUN_MS 3000
#define TICK_MS 200
#define GRACE_TICKS 10 /* after the first kill */

typedef int execve_like(const char *path, char *const argv[], char *const envp[]);

static char ground[PATH_MAX];
static volatile sig_atomic_t ticks;

static bool
is_stub(const char *exe)
{
	size_t n = strlen(ground);

	return n > 0 && strncmp(exe, ground, n) == 0 &&
	    (strncmp(exe + n, "/bin/", 5) == 0 || strncmp(exe + n, "/alt/", 5) == 0);
}

int
execve(const char *path, char *const argv[], char *const envp[])
{
	static execve_like *next;
	char exe[PATH_MAX];

	if (realpath(path, exe) != NULL && is_stub(exe))
		_exit(stub_run(exe, argv, envp));
	if (next == NULL)
		next = (execve_like *)dlsym(RTLD_NEXT, "execve");
	return next(path, argv, envp);
}

/* ---- builtins, as bash's builtins.h and command.h have them ---- */

struct word_desc {
	char *word;
	int flags;
};
struct word_list {
	struct word_list *next;
	struct word_desc *word;
};
struct builtin {
	const char *name;
	int (*function)(struct word_list *);
	int flags; /* 1: enabled */
	char *const *long_doc;
	const char *short_doc;
	char *handle;
};
extern char *this_command_name __attribute__((weak));
extern char **export_env __attribute__((weak));
extern void maybe_make_export_env(void) __attribute__((weak));

#define MOST_WORDS 4096

static int
as_builtin(struct word_list *list)
{
	char exe[PATH_MAX + 32];
	char *argv[MOST_WORDS + 2];
	int argc = 0;

	argv[argc++] = this_command_name;
	for (; list != NULL && argc <= MOST_WORDS; list = list->next)
		argv[argc++] = list->word->word;
	argv[argc] = NULL;
	snprintf(exe, sizeof exe, "%s/bin/%s", ground, this_command_name);
	maybe_make_export_env();
	return stub_run(exe, argv, export_env);
}

#define BUILTIN(name) \
	extern struct builtin name##_struct; \
	struct builtin name##_struct = { #name, as_builtin, 1, NULL, #name, NULL }
BUILTIN(mark);
BUILTIN(go);
BUILTIN(ok);
BUILTIN(no);
BUILTIN(say);

/* ---- waiting for texts ---- */

/* Takes a variable out of the environment that the shell will see. */
static const char *
take(char **env, const char *name)
{
	size_t n = strlen(name), to = 0;
	const char *value = NULL;

	for (size_t i = 0; env[i] != NULL; i++)
		if (strncmp(env[i], name, n) == 0 && env[i][n] == '=')
			value = env[i] + n + 1;
		else
			env[to++] = env[i];
	env[to] = NULL;
	return value;
}

static void
limit(int what, rlim_t n)
{
	struct rlimit r = { n, n };

	setrlimit(what, &r);
}

static void
on_tick(int signal)
{
	(void)signal;
	ticks++;
}

static void
clock_every(int ms)
{
	struct itimerval t = { { 0, ms * 1000 }, { 0, ms * 1000 } };

	setitimer(ITIMER_REAL, &t, NULL);
}

/* Until nobody is left that came of this child. */
static int
wait_all(pid_t child)
{
	int status = 0, of_child = 0;

	ticks = 0;
	clock_every(TICK_MS);
	for (;;) {
		pid_t pid = wait(&status);

		if (pid == child)
			of_child = status;
		if (pid < 0 && errno == ECHILD)
			break;
		if (ticks * TICK_MS >= RUN_MS)
			kill(-child, SIGKILL);
		if (ticks * TICK_MS >= RUN_MS + GRACE_TICKS * TICK_MS)
			break;
	}
	clock_every(0);
	return ticks * TICK_MS >= RUN_MS ? -1 : WIFEXITED(of_child) ? WEXITSTATUS(of_child) : 128;
}

static bool
read_all(void *to, size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t got = read(SOCKET, (char *)to + at, n - at);

		if (got <= 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

/* The text of the next case, or the end. */
static char *
next_text(void)
{
	unsigned n;
	char *text;

	if (!read_all(&n, sizeof n) || (text = malloc(n + 1)) == NULL || !read_all(text, n))
		_exit(0);
	text[n] = '\0';
	return text;
}

/* Returns in a child, once for each text. */
__attribute__((constructor)) static void
serve(int argc, char **argv, char **env)
{
	const char *root = take(env, "ORACLE_GROUND");
	struct sigaction tick = { .sa_handler = on_tick };
	int status = 0;

	take(env, "LD_PRELOAD");
	if (root == NULL)
		return;
	snprintf(ground, sizeof ground, "%s", root);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigaction(SIGALRM, &tick, NULL);
	while (write(SOCKET, &status, sizeof status) == sizeof status) {
		char *text = next_text();
		pid_t pid = fork();

		if (pid == 0) {
			setpgid(0, 0);
			close(SOCKET);
			signal(SIGALRM, SIG_DFL);
			limit(RLIMIT_CPU, 1);
			argv[argc - 1] = text;
			return;
		}
		free(text);
		status = pid < 0 ? -1 : wait_all(pid);
	}
	_exit(0);
}
