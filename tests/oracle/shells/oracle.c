/* SPDX-License-Identifier: ISC */
/*
 * oracle.c: the walk against the shells themselves.
 *
 *   oracle GROUND CASES SEED [SHELL]   generated texts, SEED on
 *   oracle GROUND -f FILE              texts of a file: `SHELL TEXT` a line
 *   oracle GROUND -1 SHELL SEED        one, with all that was said and seen
 *   oracle GROUND -t SHELL TEXT
 *
 * GROUND is a scratch folder that tests/oracle/run has made. Exit status 1 if
 * something ran that the walk did not say, or said wrongly.
 */
#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct count {
	unsigned cases, unknown, runs, exact, wrong, slow;
};

static const char *const shells[] = { "bash", "zsh", "sh" };

static int
shell_of(const char *name)
{
	for (int i = 0; i < 3; i++)
		if (strcmp(name, shells[i]) == 0)
			return i;
	fprintf(stderr, "oracle: no such shell: %s\n", name);
	exit(2);
}

static struct str
word_line(struct arena *a, const struct record *r)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < r->argv.n; i++) {
		if (i > 0)
			buf_putc(&b, ' ');
		buf_add(&b, word_quote(a, r->argv.v[i]));
	}
	return buf_str(&b);
}

/* given_up: the walk is to say that it does not know. */
static bool
one(const struct ground *g, enum shell_kind shell, struct str text, const char *label, bool show,
    bool given_up, struct count *n)
{
	struct arena *a = arena_new(0);
	struct outcome_seen seen = { 0 };
	struct verdict_seen v;
	struct telling *t;
	bool fine;

	oracle_prepare(g);
	t = oracle_read(a, g, shell, text);
	if (show || !oracle_gave_up(t))
		oracle_run(a, g, shell, !show, text, &seen);
	oracle_compare(a, t, &seen, &v);
	if (v.wrong.n > 0 && !show) { /* is it, without the short cut? */
		oracle_prepare(g);
		oracle_run(a, g, shell, false, text, &seen);
		oracle_compare(a, t, &seen, &v);
	}
	if (given_up && !v.unknown)
		v.wrong = STR("it reads as known");
	n->cases++;
	n->unknown += v.unknown;
	n->runs += (unsigned)seen.n;
	n->exact += v.unknown ? 0 : (unsigned)v.exact;
	n->slow += seen.status < 0;
	fine = v.wrong.n == 0;
	n->wrong += !fine;
	if (!fine || show) {
		printf("--- %s %s\n" STR_FMT "\n", label, shells[shell], STR_ARG(text));
		if (!fine)
			printf("=> " STR_FMT "\n", STR_ARG(v.wrong));
		fflush(stdout);
	}
	if (show) {
		oracle_show(a, t);
		for (size_t i = 0; i < seen.n; i++)
			printf("  ran " STR_FMT "  [" STR_FMT "] -> %d\n",
			    STR_ARG(word_line(a, &seen.v[i])), STR_ARG(seen.v[i].cwd),
			    seen.v[i].status);
		printf("  shell -> %d\n", seen.status);
	}
	arena_free(a);
	return fine;
}

static void
generated(
    const struct ground *g, unsigned long cases, unsigned long seed, int only, struct count *n)
{
	for (unsigned long i = 0; i < cases; i++) {
		int shell = only >= 0 ? only
		    : i % 4 == 3      ? SHELL_ZSH
		    : i % 8 == 6      ? SHELL_SH
		                      : SHELL_BASH;
		struct arena *a = arena_new(0);
		char label[64];

		snprintf(label, sizeof label, "seed %lu", seed + i);
		if (oracle_has((enum shell_kind)shell))
			one(g, (enum shell_kind)shell,
			    oracle_generate(a, (enum shell_kind)shell, seed + i), label, false,
			    false, n);
		arena_free(a);
	}
}

/* A file of texts: `SHELL TEXT` with \n for a newline; ?SHELL: see given_up;
 * # comments. */
static void
from_file(const struct ground *g, const char *path, struct count *n)
{
	char line[1 << 16];
	unsigned number = 0;
	FILE *f = fopen(path, "r");

	if (f == NULL) {
		perror(path);
		exit(2);
	}
	while (fgets(line, sizeof line, f) != NULL) {
		struct arena *a = arena_new(0);
		char *blank = strchr(line, ' '), *name = line + (line[0] == '?'), label[300];
		struct buf b;

		number++;
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '#' && blank != NULL) {
			*blank = '\0';
			buf_init(&b, a);
			for (const char *c = blank + 1; *c != '\0'; c++) {
				if (c[0] == '\\' && c[1] == 'n' && c[2] != '\'')
					buf_putc(&b, '\n'), c++;
				else
					buf_putc(&b, *c);
			}
			snprintf(label, sizeof label, "%s:%u", path, number);
			if (oracle_has((enum shell_kind)shell_of(name)))
				one(g, (enum shell_kind)shell_of(name), buf_str(&b), label, false,
				    name > line, n);
		}
		arena_free(a);
	}
	fclose(f);
}

int
main(int argc, char **argv)
{
	struct count n = { 0 };
	struct ground g;

	if (argc < 4) {
		fprintf(stderr,
		    "usage: oracle GROUND CASES SEED [SHELL] | -f FILE | -1 SHELL SEED | -t SHELL TEXT\n");
		return 2;
	}
	g.root = argv[1];
	if (strcmp(argv[2], "-f") == 0)
		from_file(&g, argv[3], &n);
	else if (strcmp(argv[2], "-1") == 0 && argc > 4) {
		struct arena *a = arena_new(0);
		enum shell_kind shell = (enum shell_kind)shell_of(argv[3]);

		one(&g, shell, oracle_generate(a, shell, strtoul(argv[4], NULL, 10)), argv[4], true,
		    false, &n);
		arena_free(a);
	} else if (strcmp(argv[2], "-t") == 0 && argc > 4)
		one(&g, (enum shell_kind)shell_of(argv[3]), str_of(argv[4]), "text", true, false,
		    &n);
	else
		generated(&g, strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10),
		    argc > 4 ? shell_of(argv[4]) : -1, &n);
	oracle_end();
	printf(
	    "%u cases, %u unknown, %u programs run, %u of them told exactly, %u without an end, %u wrong\n",
	    n.cases, n.unknown, n.runs, n.exact, n.slow, n.wrong);
	return n.wrong > 0;
}
