/* SPDX-License-Identifier: ISC */
/*
 * stub.c: the only program that a shell under test can run. It is linked
 * under many names into one folder, which is all of PATH. Each run appends a
 * record to ../log: name, directory, variables, arguments, exit status. What
 * it prints and how it ends depends on its name and arguments only.
 *
 *   record: exit status, path of the program, directory, X1, X2, argc,
 *   arguments; each ends in a NUL, the record in a newline after its length.
 */
#include "stub.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_RUNS 200 /* records of one case; then everything fails, so loops end */
#define HEAD 8        /* bytes of the length in front of a record */

static char record[1 << 16];
static size_t used;

static void
put(const char *s)
{
	size_t n = strlen(s) + 1;

	if (used + n > sizeof record - 1)
		_exit(125);
	memcpy(record + used, s, n);
	used += n;
}

static void
put_number(long n)
{
	char text[32];

	snprintf(text, sizeof text, "%ld", n);
	put(text);
}

static const char *
variable(char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; *env != NULL; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return "\x01";
}

/* ok succeeds, no fails, the others by what they were told. */
static int
status_of(const char *name, char *const *argv)
{
	unsigned hash = 5381;

	if (strcmp(name, "ok") == 0 || strcmp(name, "say") == 0)
		return 0;
	if (strcmp(name, "no") == 0)
		return 1;
	for (int i = 1; argv[0] != NULL && argv[i] != NULL; i++)
		for (const char *c = argv[i]; *c != '\0'; c++)
			hash = hash * 33 + (unsigned char)*c;
	return (int)(hash >> 4 & 1);
}

/* What say prints, at most as much as a record holds. */
static int
say(char *const *argv)
{
	used = 0;
	for (int i = 1; argv[0] != NULL && argv[i] != NULL; i++) {
		put(argv[i]);
		record[used - 1] = ' ';
	}
	used = used > 0 ? used - 1 : 0;
	record[used++] = '\n';
	return write(1, record, used) < 0;
}

int
stub_run(const char *exe, char *const *argv, char *const *env)
{
	char log[4200], cwd[4096], head[32];
	const char *name = strrchr(exe, '/') + 1;
	int fd, argc = 0, status;
	struct stat s;

	if (getcwd(cwd, sizeof cwd) == NULL)
		return 125;
	snprintf(log, sizeof log, "%.*s/../log", (int)(name - exe - 1), exe);
	fd = open(log, O_WRONLY | O_APPEND);
	if (fd < 0 || fstat(fd, &s) != 0)
		return 125;
	while (argv[argc] != NULL)
		argc++;
	status = s.st_size > MOST_RUNS * 64 ? 1 : status_of(name, argv);
	used = HEAD;
	put_number(status);
	put(exe);
	put(cwd);
	put(variable(env, "X1"));
	put(variable(env, "X2"));
	put_number(argc);
	for (int i = 0; i < argc; i++)
		put(argv[i]);
	snprintf(head, sizeof head, "%07zu", used - HEAD);
	memcpy(record, head, HEAD);
	record[used] = '\n';
	if (write(fd, record, used + 1) != (ssize_t)(used + 1))
		status = 125;
	close(fd);
	return strcmp(name, "say") == 0 ? say(argv) : status;
}

#ifndef STUB_INSIDE
extern char **environ;

int
main(int argc, char **argv)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

	(void)argc;
	if (n <= 0)
		_exit(125);
	exe[n] = '\0';
	return stub_run(exe, argv, environ);
}
#endif
