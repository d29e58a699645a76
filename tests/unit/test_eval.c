/* SPDX-License-Identifier: ISC */
/*
 * test_eval.c: the walk against tests/shell/eval.cases, a table of shell
 * text, facts of its world, and what the host is told (shell_host.h). Limits
 * and the doors for hosts have tests of their own below.
 *
 *   test_eval FACT… TEXT   shows what the host would be told
 *   EVAL_CASES=new test_eval   writes the table with the answers as they are
 */
#include "shell_host.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

#define CASES "tests/shell/eval.cases"

static struct str
read_all(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "r");
	struct buf b;
	int c;

	if (f == NULL)
		fail_msg("%s: cannot be opened; run from the top of the tree", path);
	buf_init(&b, a);
	while ((c = getc(f)) != EOF)
		buf_putc(&b, (char)c);
	fclose(f);
	return buf_str(&b);
}

static struct str
unescaped(struct arena *a, struct str s)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n && strchr("nt\\", s.p[i + 1]) != NULL)
			buf_putc(&b,
			    s.p[i + 1] == 'n'       ? '\n'
			        : s.p[i + 1] == 't' ? '\t'
			                            : '\\'),
			    i++;
		else
			buf_putc(&b, s.p[i]);
	}
	return buf_str(&b);
}

static struct str
next_line(struct str *text)
{
	size_t n = str_chr(*text, '\n');
	struct str line = str_sub(*text, 0, n);

	*text = n == STR_NPOS ? (struct str){ 0 } : str_sub(*text, n + 1, text->n);
	return line;
}

/* One block: its facts, its text and the answer wanted. */
struct block {
	struct shell_lines lines;
	struct str text, want;
	bool has_text;
	unsigned number;
};

/* The answer of a block; NULL arena: nothing to run. */
static struct str
answer(struct block *b)
{
	return shell_lines_run(&b->lines, unescaped(b->lines.a, b->text));
}

static bool
check_block(struct block *b, FILE *out)
{
	struct str got = answer(b);

	if (out != NULL) {
		fprintf(out, STR_FMT, STR_ARG(got));
		return true;
	}
	if (str_eq(got, b->want))
		return true;
	print_error("%s:%u: " STR_FMT "\ngot\n" STR_FMT "want\n" STR_FMT, CASES, b->number,
	    STR_ARG(b->text), STR_ARG(got), STR_ARG(b->want));
	return false;
}

/* Goes through the table; out: written anew with the answers as they are. */
static unsigned
run_table(struct str text, FILE *out, unsigned *count)
{
	struct arena *a = NULL;
	struct block b = { 0 };
	unsigned bad = 0, number = 0;
	bool more = true;

	while (more) {
		struct str line;

		more = text.n > 0;
		line = next_line(&text);
		number++;
		if (a == NULL) {
			a = arena_new(0);
			memset(&b, 0, sizeof b);
			shell_lines_init(&b.lines, a);
		}
		if (line.n == 0) {
			if (b.has_text) {
				*count += 1;
				bad += !check_block(&b, out);
				arena_free(a);
				a = NULL;
			}
			if (out != NULL && more)
				fputc('\n', out);
			continue;
		}
		if (line.p[0] == '-' || line.p[0] == '?') {
			b.want = b.want.n == 0
			    ? (struct str){ line.p, line.n + 1 }
			    : (struct str){ b.want.p, (size_t)(line.p - b.want.p) + line.n + 1 };
			continue;
		}
		if (out != NULL)
			fprintf(out, STR_FMT "\n", STR_ARG(line));
		if (line.p[0] == '@' &&
		    !shell_lines_fact(&b.lines, str_trim(str_sub(line, 1, line.n))))
			fail_msg("%s:%u: no such fact", CASES, number);
		if (line.p[0] == '$') {
			b.has_text = true;
			b.number = number;
			b.text = str_sub(line, 2, line.n);
		}
	}
	arena_free(a);
	return bad;
}

static void
test_table(void **state)
{
	struct arena *a = arena_new(0);
	unsigned count = 0, bad = run_table(read_all(a, CASES), NULL, &count);

	(void)state;
	arena_free(a);
	assert_true(count > 100);
	assert_int_equal(bad, 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
	};
	struct arena *a = arena_new(0);

	if (argc > 1) {
		struct shell_lines l;
		struct str got;

		shell_lines_init(&l, a);
		for (int i = 1; i + 1 < argc; i++)
			if (!shell_lines_fact(&l, str_of(argv[i])))
				fprintf(stderr, "no such fact: %s\n", argv[i]);
		got = shell_lines_run(&l, str_of(argv[argc - 1]));
		printf(STR_FMT, STR_ARG(got));
		arena_free(a);
		return 0;
	}
	if (getenv("EVAL_CASES") != NULL) {
		struct str text = read_all(a, CASES);
		unsigned count = 0;
		FILE *out = fopen(CASES, "w");

		if (out == NULL)
			return 1;
		run_table(text, out, &count);
		fclose(out);
		arena_free(a);
		return 0;
	}
	arena_free(a);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
