/* SPDX-License-Identifier: ISC */
/*
 * real.c: runs text in a real shell. Its PATH holds stubs and nothing else,
 * its directory is a scratch folder, its environment has four names, and time,
 * memory and file sizes are limited. Each shell is started once, with shim.c
 * in it, and forks for each text; an answer comes when all processes of the
 * text have ended.
 */
#include "oracle.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const programs[] = {
	[SHELL_BASH] = "/bin/bash", [SHELL_ZSH] = "/usr/bin/zsh", [SHELL_SH] = "/bin/dash"
};

bool
oracle_has(enum shell_kind shell)
{
	return access(programs[shell], X_OK) == 0;
}

/* ---- the ground ---- */

/* Removes what the last case left; what belongs there stays. */
static void
sweep(int dir, bool top)
{
	static const char *const keep[] = { ".", "..", "a.ts", "b.ts", "c d.ts", ".h.ts", "d1",
		"d2" };
	DIR *d = fdopendir(dup(dir));
	struct dirent *e;

	if (d == NULL)
		return;
	rewinddir(d);
	while ((e = readdir(d)) != NULL) {
		bool kept = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;

		for (size_t i = 0; top && i < sizeof keep / sizeof keep[0]; i++)
			kept |= strcmp(e->d_name, keep[i]) == 0;
		if (!kept && unlinkat(dir, e->d_name, 0) != 0)
			unlinkat(dir, e->d_name, AT_REMOVEDIR);
	}
	closedir(d);
}

void
oracle_prepare(const struct ground *g)
{
	char path[4200];
	int fd, sub;

	snprintf(path, sizeof path, "%s/log", g->root);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd >= 0)
		close(fd);
	snprintf(path, sizeof path, "%s/work", g->root);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	if (fd < 0) {
		perror(path);
		exit(2);
	}
	sweep(fd, true);
	for (int i = 0; i < 2; i++)
		if ((sub = openat(fd, i == 0 ? "d1" : "d2", O_RDONLY | O_DIRECTORY)) >= 0) {
			sweep(sub, false);
			close(sub);
		}
	close(fd);
}

/* ---- running ---- */

#define SOCKET 201 /* as shim.c has it */

static void
limit(int what, rlim_t n)
{
	struct rlimit r = { n, n };

	setrlimit(what, &r);
}

/* Becomes the shell, which waits for texts at fd. */
static _Noreturn void
child(const struct ground *g, enum shell_kind shell, bool fast, int fd)
{
	char path[4200], home[4200], work[4200], preload[4200], root[4200], file[4200];
	char *const env[] = { path, home, (char *)(uintptr_t) "X1=one",
		(char *)(uintptr_t) "LC_ALL=C", preload, root, fast ? file : NULL, NULL };
	const char *argv[6] = { programs[shell] };
	int n = 1, null = open("/dev/null", O_RDWR);

	snprintf(path, sizeof path, "PATH=%s/bin", g->root);
	snprintf(home, sizeof home, "HOME=%s/work/d1", g->root);
	snprintf(work, sizeof work, "%s/work", g->root);
	snprintf(preload, sizeof preload, "LD_PRELOAD=%s/shim.so", g->root);
	snprintf(root, sizeof root, "ORACLE_GROUND=%s", g->root);
	snprintf(file, sizeof file, "BASH_ENV=%s/fast", g->root);
	if (chdir(work) != 0 || null < 0 || dup2(fd, SOCKET) < 0)
		_exit(124);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	for (int i = 3; i < SOCKET; i++)
		close(i);
	limit(RLIMIT_FSIZE, 1 << 20);
	limit(RLIMIT_AS, 1u << 30);
	limit(RLIMIT_CORE, 0);
	if (shell == SHELL_ZSH)
		argv[n++] = "-f";
	argv[n++] = "-c";
	argv[n++] = "";
	argv[n] = NULL;
	execve(argv[0], (char *const *)(uintptr_t)argv, env);
	_exit(124);
}

static int sockets[2][3];

/* The socket of this shell, which was started when it was first needed. */
static int
server(const struct ground *g, enum shell_kind shell, bool fast)
{
	int ends[2], hello;
	pid_t pid;

	if (sockets[fast][shell] > 0)
		return sockets[fast][shell];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || (pid = fork()) < 0) {
		perror("oracle");
		exit(2);
	}
	if (pid == 0)
		child(g, shell, fast, ends[1]);
	close(ends[1]);
	if (read(ends[0], &hello, sizeof hello) != sizeof hello) {
		fprintf(stderr, "oracle: shim.so cannot be loaded into %s\n", programs[shell]);
		exit(2);
	}
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	return sockets[fast][shell] = ends[0];
}

void
oracle_end(void)
{
	for (int i = 0; i < 6; i++)
		if (sockets[i / 3][i % 3] > 0)
			close(sockets[i / 3][i % 3]);
	while (wait(NULL) > 0)
		;
}

/* ---- records ---- */

static struct str
take(struct str *s)
{
	size_t n = str_chr(*s, '\0');
	struct str one = str_sub(*s, 0, n);

	*s = str_sub(*s, n + 1, s->n);
	return one;
}

static struct record
read_record(struct arena *a, struct str s)
{
	struct record r = { 0 };
	struct word *v;
	uint64_t n = 0;

	r.status = atoi(take(&s).p);
	r.exe = take(&s);
	r.cwd = take(&s);
	for (int i = 0; i < 2; i++) {
		r.vars[i] = take(&s);
		if (str_is(r.vars[i], "\x01"))
			r.vars[i] = (struct str){ 0 };
	}
	str_u64(take(&s), &n);
	v = NEW_ARRAY(a, struct word, n + 1);
	for (size_t i = 0; i < n; i++)
		v[i] = word_text(a, take(&s));
	r.argv = (struct words){ v, n };
	return r;
}

static void
read_log(struct arena *a, const struct ground *g, struct outcome_seen *out)
{
	VEC(struct record) list = { 0 };
	char path[4200];
	struct buf b;
	struct str s;
	FILE *f;
	int c;

	snprintf(path, sizeof path, "%s/log", g->root);
	f = fopen(path, "r");
	if (f == NULL)
		return;
	buf_init(&b, a);
	while ((c = getc(f)) != EOF)
		buf_putc(&b, (char)c);
	fclose(f);
	s = buf_str(&b);
	while (s.n > 8) {
		size_t n = (size_t)atoi(s.p);

		if (n + 9 > s.n || s.p[n + 8] != '\n')
			break; /* cut off where the file had its most */
		*vec_push(a, &list) = read_record(a, str_sub(s, 8, n));
		s = str_sub(s, n + 9, s.n);
	}
	out->v = list.v;
	out->n = list.n;
}

void
oracle_run(struct arena *a, const struct ground *g, enum shell_kind shell, bool fast,
    struct str text, struct outcome_seen *out)
{
	int fd = server(g, shell, fast && shell == SHELL_BASH);
	unsigned n = (unsigned)text.n;

	memset(out, 0, sizeof *out);
	if (write(fd, &n, sizeof n) != sizeof n || write(fd, text.p, n) != (ssize_t)n ||
	    read(fd, &out->status, sizeof out->status) != sizeof out->status) {
		fprintf(stderr, "oracle: %s is gone\n", programs[shell]);
		exit(2);
	}
	read_log(a, g, out);
}
