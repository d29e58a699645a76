/* SPDX-License-Identifier: ISC */
/*
 * bench_read.c: what reading shell text costs. Without arguments: parsing a
 * script of 1 MiB against `bash -n` of the same, in pairs and by the time of the
 * processor, so that what else the machine does counts for neither; the script is
 * parsed as often as fills the time of bash, whose caches are cold for as small a
 * part of it, and the first of these, right behind bash, is shown too. With -n or
 * -s, TIMES LINE: reads the line so often and does nothing else, from text to
 * actions or to simple commands, for bench_read_instructions to count.
 */
#include "bench.h"
#include "bridle/shell.h"
#include "bridle/tools.h"
#include "shell/ast.h"

#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRIPT (1u << 20)
#define ROUNDS 31
#define TIMES 10 /* in a row: as long as bash takes for the script once */
#define AIM 10

/* Scripts as people write them: the project's own, again and again. */
static const char *const scripts[] = { "contrib/deps", "contrib/install", "contrib/try",
	"contrib/package/deb", "contrib/package/reproducible", "contrib/package/tarball",
	"tests/bench/bench_programs", "tests/bench/bench_log_rate", "tests/fuzz/run", "tests/layers",
	"tests/oracle/shell", "tests/run", "tests/sharpness", "tests/size" };

static struct str
script(struct arena *a)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; b.n < SCRIPT; i++) {
		FILE *f = fopen(scripts[i % (sizeof scripts / sizeof *scripts)], "r");
		int c;

		if (f == NULL) {
			perror(scripts[i % (sizeof scripts / sizeof *scripts)]);
			exit(1);
		}
		while ((c = getc(f)) != EOF)
			buf_putc(&b, (char)c);
		fclose(f);
		buf_putc(&b, '\n');
	}
	return buf_str(&b);
}

static double
spent_us(const struct rusage *r)
{
	return (double)(r->ru_utime.tv_sec + r->ru_stime.tv_sec) * 1e6 +
	    (double)(r->ru_utime.tv_usec + r->ru_stime.tv_usec);
}

static double
own_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* Command by command, as bash reads it too. */
static double
parse_us(struct arena *a, struct str text)
{
	struct ast_error err = { 0 };
	double start = own_us();
	struct node *line;

	for (size_t at = 0; at < text.n;) {
		if (ast_parse_line(a, text, &at, SHELL_BASH, NULL, &line, &err) != 0 || err.what.n > 0) {
			fprintf(stderr, "bench_read: " STR_FMT "\n", STR_ARG(err.what));
			exit(1);
		}
		arena_reset(a);
	}
	return own_us() - start;
}

/* bash with this file; -1: it cannot be run. Not forked: that would leave each page of
 * ours to be faulted in again, at the cost of what is measured next. */
static double
bash_us(const char *file)
{
	char *argv[] = { (char[]){ "bash" }, (char[]){ "-n" }, (char *)(uintptr_t)file, NULL };
	struct rusage r;
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, "bash", NULL, NULL, argv, environ) != 0 ||
	    wait4(pid, &status, 0, &r) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return -1;
	return spent_us(&r);
}

static int
against_bash(void)
{
	char file[] = "/tmp/bridle-bench.XXXXXX";
	struct series cold = { .name = "parse 1 MiB, behind bash" };
	struct series ours = { .name = "parse 1 MiB, each of ten" }, theirs = { .name = "bash -n" };
	struct series empty = { .name = "bash -n of nothing" }, times = { .name = "times" };
	struct arena *a = arena_new(0), *own = arena_new(0);
	struct str text = script(own);
	int fd = mkstemp(file);

	if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n)
		return 1;
	close(fd);
	if (bash_us(file) < 0)
		printf("bash cannot be run here, or says that the script is wrong\n");
	for (int i = 0; i < ROUNDS; i++) {
		/* One right behind the other, so that a slow moment is one for all. */
		double first = parse_us(a, text), us = first;

		for (int k = 1; k < TIMES; k++)
			us += parse_us(a, text);
		us /= TIMES;

		double bash = bash_us(file), start = bash_us("/dev/null");

		series_add(&cold, first);
		series_add(&ours, us);
		series_add(&theirs, bash);
		series_add(&empty, start);
		series_add(&times, (bash - start) / us);
	}
	unlink(file);
	printf("%zu bytes of shell, microseconds (median, 99 %%, least):\n", text.n);
	series_print(&cold);
	series_print(&ours);
	series_print(&theirs);
	series_print(&empty);
	goal("times the speed of bash -n, without its start", series_at(&times, 0.5), ">=", AIM);
	arena_free(a);
	arena_free(own);
	return 0;
}

/* ---- one line, again and again ---- */

static int
nothing_there(void *ctx, struct str path, bool follow, struct world_stat *out)
{
	(void)ctx, (void)path, (void)follow, (void)out;
	return BRIDLE_ENOENT;
}

static int
no_names(void *ctx, struct arena *a, struct str dir, struct world_entry **out, size_t *n)
{
	(void)ctx, (void)a, (void)dir, (void)out;
	*n = 0;
	return BRIDLE_ENOENT;
}

static int
no_env(void *ctx, struct str name, struct str *value)
{
	(void)ctx, (void)name, (void)value;
	return BRIDLE_ENOENT;
}

static bool
no_name(void *ctx, struct str prefix)
{
	(void)ctx, (void)prefix;
	return true;
}

static int
no_text(void *ctx, struct arena *a, struct str path, size_t most, struct str *text)
{
	(void)ctx, (void)a, (void)path, (void)most, (void)text;
	return BRIDLE_ENOENT;
}

static int
no_link(void *ctx, struct arena *a, struct str path, struct str *target)
{
	(void)ctx, (void)a, (void)path, (void)target;
	return BRIDLE_ENOENT;
}

static int
take(void *ctx, struct shell *sh, struct shell_state *st, const struct shell_command *c)
{
	(void)ctx, (void)sh, (void)st, (void)c;
	return 0;
}

static int
take_unknown(void *ctx, struct shell *sh, struct shell_state *st, enum shell_unknown kind,
    unsigned flags, struct str typed, struct str why)
{
	(void)ctx, (void)sh, (void)st, (void)kind, (void)flags, (void)typed, (void)why;
	return 0;
}

/* actions: from text to actions, else to simple commands. */
static int
read_times(int times, const char *line, bool actions)
{
	struct shell_host host = { .command = take, .unknown = take_unknown };
	struct shell_setup setup = { .kind = SHELL_BASH, .cwd = STR("/w"), .home = STR("/h") };
	struct world w = { .stat = nothing_there, .list = no_names, .env = no_env, .env_none = no_name,
		.read = no_text, .link = no_link };
	struct request q = { .kind = REQUEST_SHELL, .text = str_of(line), .cwd = STR("/w"),
		.project = STR("/w"), .home = STR("/h"), .agent = STR("claude"),
		.mode = STR("default"), .tool = STR("Bash") };
	struct arena *a = arena_new(0), *own = arena_new(0);
	struct models *m = models_new(own);

	for (int i = 0; i < times; i++) {
		struct actions acts = { 0 };
		struct shell *sh = actions ? NULL : shell_new(a, &w, &host);

		if (actions ? tools_read(m, &w, &q, a, &acts) != 0
			    : shell_run(sh, shell_state_new(sh, &setup), q.text, 0) != 0)
			return 1;
		arena_reset(a);
	}
	arena_free(a);
	arena_free(own);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 4 && (strcmp(argv[1], "-n") == 0 || strcmp(argv[1], "-s") == 0))
		return read_times(atoi(argv[2]), argv[3], argv[1][1] == 'n');
	return against_bash();
}
