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

#include "bridle/limits.h"

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

/* ---- limits ---- */

static struct str
repeat(struct arena *a, const char *s, unsigned n, const char *end)
{
	struct buf b;

	buf_init(&b, a);
	for (unsigned i = 0; i < n; i++)
		buf_puts(&b, s);
	buf_puts(&b, end);
	return buf_str(&b);
}

/* The text ends in a limit that says this. */
static void
check_limit(struct arena *a, struct str text, const char *what)
{
	struct shell_lines l;
	struct str got;

	shell_lines_init(&l, a);
	got = shell_lines_run(&l, text);
	if (str_find(got, str_of(what)) == STR_NPOS)
		fail_msg("no limit \"%s\" in " STR_FMT, what, STR_ARG(str_sub(got, 0, 400)));
}

static void
test_limits(void **state)
{
	struct arena *a = arena_new(LIMIT_REQUEST_ARENA);
	struct buf b;

	(void)state;
	check_limit(a, STR("for i in {1..60}; do for j in {1..60}; do a; b; done; done"),
	    "? limit: more commands would run than the limit");
	check_limit(a,
	    STR("for i in {1..60}; do for j in {1..60}; do for k in {1..60}; do (( 1 )); done; done; done"),
	    "? limit: more commands would run than the limit");
	check_limit(
	    a, STR("f() { f; }; f"), "? limit: functions call each other deeper than the limit");
	check_limit(a, STR("f() { f | f; }; f"),
	    "? limit: functions call each other deeper than the limit");
	check_limit(a, STR("x='eval \"$x\"'; eval \"$x\""),
	    "? limit: commands inside commands go deeper than the limit");
	check_limit(a, STR("x='${x@P}'; : \"${x@P}\""),
	    "? limit: text inside evaluated text goes deeper than the limit");
	check_limit(a, STR("fly {1..40}{1..40}"),
	    "? limit: a brace expansion gives more words than the limit");
	check_limit(
	    a, repeat(a, "{1..1000} ", 21, ""), "? limit: a command has more words than the limit");
	check_limit(a, repeat(a, "( ", 210, "a"), "? limit: ");
	/* Functions in functions, each some commands deep. */
	buf_init(&b, a);
	for (unsigned i = 0; i < 23; i++) {
		buf_printf(&b, "f%u() ", i);
		buf_add(&b, repeat(a, "{ ", 90, ""));
		buf_printf(&b, "f%u;", i + 1);
		buf_add(&b, repeat(a, " }; ", 90, "\n"));
	}
	buf_puts(&b, "f0");
	check_limit(a, buf_str(&b), "? limit: commands lie deeper in each other than the limit");
	arena_free(a);
}

/* A variable with too many values, a loop with too many turns: a shape. */
static void
test_shapes(void **state)
{
	struct arena *a = arena_new(0);
	struct shell_lines l;
	struct buf b;

	(void)state;
	buf_init(&b, a);
	for (unsigned i = 0; i <= LIMIT_ALTERNATIVES; i++)
		buf_printf(&b, "if c; then x=pre%u-post; fi\n", i);
	shell_lines_init(&l, a);
	assert_true(str_ends(
	    shell_lines_run(
	        &l, str_cat(a, STR("x=pre-post\n"), str_cat(a, buf_str(&b), STR("fly \"$x\"")))),
	    STR("- fly pre<$x>-post; decisive\n")));
	shell_lines_init(&l, a);
	assert_str(shell_lines_run(&l, STR("for f in a{1..65}.ts; do fly $f; done")),
	    "- fly a<$f..>.ts; maybe\n");
	arena_free(a);
}

/* Twice the text is no more than twice the memory, with something to spare. */
static void
test_linear(void **state)
{
	static const char *const units[] = { "fly a $x \"$y\" $(z) {a,b} *.ts > f; ",
		"cd a && b || c\n", "x=$x$y; ", "if a; then b; fi; ", "f() { a; }; f; ",
		"export A=b; ", "a | b | c; ", "case $x in a) b;; esac; ", "cat <<E\n$x\nE\n",
		"[[ $x == y ]] && z; ", "while a; do x=$x.; done; ", "pushd a; ",
		"set -- \"$@\" a; ", "eval 'a b'; ", "trap a EXIT; ",
		"for i in a b; do c $i; done; " };

	(void)state;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		size_t used[2];

		for (unsigned k = 0; k < 2; k++) {
			struct arena *a = arena_new(0);
			struct shell_lines l;

			shell_lines_init(&l, a);
			shell_lines_run(&l, repeat(a, units[i], 100u << k, ""));
			used[k] = arena_used(a);
			arena_free(a);
		}
		if (used[1] > 3 * used[0])
			fail_msg("%s: %zu bytes for 100, %zu for 200", units[i], used[0], used[1]);
	}
}

/* ---- the doors for hosts ---- */

static void
check_var(struct shell *sh, struct shell_state *st, const char *name, bool env, const char *want)
{
	struct words values = { 0 };
	bool exported = false;
	int err = env ? shell_env(sh, st, str_of(name), &values)
	              : shell_var(sh, st, str_of(name), &values, &exported);
	struct str text = STR("");

	if (err == BRIDLE_ENOENT)
		text = STR("unset");
	else if (err == BRIDLE_EUNKNOWN)
		text = STR("unknown");
	else
		for (size_t i = 0; i < values.n; i++)
			text = str_cat(shell_arena(sh),
			    str_cat(shell_arena(sh), text, i > 0 ? STR("|") : STR("")),
			    word_show(shell_arena(sh), values.v[i]));
	assert_str(text, want);
}

static void
test_doors(void **state)
{
	struct arena *a = arena_new(0);
	const struct assign *line;
	struct shell_state *st, *copy;
	struct shell_lines l;
	struct shell *sh;

	(void)state;
	shell_lines_init(&l, a);
	table_world_env(&l.table, STR("FLY_APP"), STR("outer"));
	sh = shell_new(a, &l.w, &l.host);
	st = shell_state_new(sh, &l.setup);
	check_var(sh, st, "FLY_APP", true, "outer");
	check_var(sh, st, "NOPE", true, "unset");    /* the environment does not hold it … */
	check_var(sh, st, "NOPE", false, "unknown"); /* … but a start-up file may set it */
	shell_set_var(sh, st, STR("FLY_APP"), word_text(a, STR("line")), true);
	shell_set_var(sh, st, STR("HID"), word_text(a, STR("x")), false);
	check_var(sh, st, "FLY_APP", true, "line");
	check_var(sh, st, "HID", true, "unset");
	check_var(sh, st, "HID", false, "x");
	assert_int_equal(shell_line_assigns(sh, st, &line), 1);
	assert_str(line[0].name, "FLY_APP");
	copy = shell_state_copy(sh, st, true);
	check_var(sh, copy, "FLY_APP", false, "line");
	check_var(sh, copy, "HID", false, "unknown");
	shell_unset_var(sh, copy, STR("FLY_APP"));
	check_var(sh, copy, "FLY_APP", true, "unset");
	check_var(sh, st, "FLY_APP", true, "line");
	shell_forget_var(sh, copy, STR("FLY_APP"));
	check_var(sh, copy, "FLY_APP", true, "unknown");
	shell_clear_env(sh, copy);
	check_var(sh, copy, "FLY_APP", true, "unset");
	check_var(sh, copy, "HOME", false, "/home/u");
	shell_set_cwd(sh, st, word_text(a, STR("/x")));
	check_var(sh, st, "PWD", false, "/x");
	assert_false(shell_tainted(st, STR("fly")));
	shell_taint(sh, st, STR("fly"), STR("why"));
	assert_true(shell_tainted(st, STR("fly")));
	assert_false(shell_tainted(st, STR("git")));
	shell_taint(sh, st, STR(""), STR("why"));
	assert_true(shell_tainted(st, STR("git")));
	assert_true(shell_safe_env_name(STR("LC_ALL")) && !shell_safe_env_name(STR("PATH")));
	assert_str(shell_quote(a, STR("a b'c")), "'a b'\\''c'");
	arena_free(a);
}

/* A vector that a wrapper runs: no functions, the wrapper's place in the line. */
static void
test_argv(void **state)
{
	struct arena *a = arena_new(0);
	struct shell_command like = {
		.flags = SHELL_MAYBE, .typed = STR("timeout 5 cd /x"), .offset = STR_NPOS
	};
	struct word argv[2] = { word_text(a, STR("cd")), word_text(a, STR("/x")) };
	struct shell_state *st;
	struct shell_lines l;
	struct shell *sh;

	(void)state;
	shell_lines_init(&l, a);
	buf_init(&l.out, a);
	sh = shell_new(a, &l.w, &l.host);
	st = shell_state_new(sh, &l.setup);
	assert_int_equal(shell_run_argv(sh, st, (struct words){ argv, 2 }, &like, 0, false), 0);
	assert_int_equal(shell_run_argv(sh, st, (struct words){ argv, 2 }, &like, 0, true), 0);
	assert_str(buf_str(&l.out), "- cd /x; maybe\n- cd /x; maybe builtin harmless; in /x\n");
	assert_int_equal(shell_commands_seen(sh), 2);
	arena_free(a);
}

/* The host's world: joined where a way may not have been taken, kept by subshells. */
static int
world_command(void *ctx, struct shell *sh, struct shell_state *st, const struct shell_command *c)
{
	struct buf *out = ctx;
	const char *world = shell_world(st);

	(void)sh;
	buf_printf(out, "%s%s ",
	    c->argv.n > 0 ? str_c(out->a, word_show(out->a, c->argv.v[0])) : "-", world);
	if (c->argv.n > 0 && word_is(c->argv.v[0], "new"))
		shell_set_world(st, "+");
	return 0;
}

static const void *
world_join(void *ctx, struct shell *sh, const void *x, const void *y)
{
	(void)ctx, (void)sh, (void)x, (void)y;
	return "?";
}

static int
world_unknown(void *ctx, struct shell *sh, struct shell_state *st, enum shell_unknown kind,
    unsigned flags, struct str typed, struct str why)
{
	(void)ctx, (void)sh, (void)st, (void)kind, (void)flags, (void)typed, (void)why;
	return 0;
}

static void
check_world(const char *text, const char *want)
{
	struct arena *a = arena_new(0);
	struct buf out;
	struct shell_host host = {
		.ctx = &out, .command = world_command, .unknown = world_unknown, .join = world_join
	};
	struct shell_state *st;
	struct shell_lines l;
	struct shell *sh;

	buf_init(&out, a);
	shell_lines_init(&l, a);
	sh = shell_new(a, &l.w, &host);
	st = shell_state_new(sh, &l.setup);
	shell_set_world(st, "");
	assert_int_equal(shell_run(sh, st, str_of(text), 0), 0);
	assert_str(buf_str(&out), want);
	arena_free(a);
}

static void
test_world(void **state)
{
	(void)state;
	check_world("a; new && b && c", "a new b+ c+ ");
	check_world("new; a", "new a? ");
	check_world("new || a; b", "new a? b? ");
	check_world("(new && a); b", "new a+ b? ");
	check_world("(new) && a", "new a+ ");
	check_world("set -e; new; a", "set new a+ ");
	check_world("if x; then new; fi; a", "x new a? ");
	check_world("new | a", "new a? ");
	check_world("new & a", "new a? ");
	check_world("a \"$(new)\"", "new a? ");
	check_world("f() { new; }; f && a", "f new a+ ");
	check_world("for i in 1 2; do a; new; done", "a new a? new? ");
	check_world("new || exit; a", "new exit? a+ ");
}

/* An error of the host ends the run. */
static int
stop(void *ctx, struct shell *sh, struct shell_state *st, const struct shell_command *c)
{
	unsigned *left = ctx;

	(void)sh, (void)st, (void)c;
	return --*left == 0 ? BRIDLE_ELIMIT : 0;
}

static void
test_error(void **state)
{
	struct arena *a = arena_new(0);
	unsigned left = 2;
	struct shell_host host = { .ctx = &left, .command = stop, .unknown = world_unknown };
	struct shell_lines l;
	struct shell *sh;

	(void)state;
	shell_lines_init(&l, a);
	sh = shell_new(a, &l.w, &host);
	assert_int_equal(
	    shell_run(sh, shell_state_new(sh, &l.setup), STR("a; b; c; d"), 0), BRIDLE_ELIMIT);
	assert_int_equal(left, 0);
	assert_int_equal(shell_commands_seen(sh), 2);
	arena_free(a);
}

/* The n-th allocation fails, for every n: the guard is reached, nothing else. */
static void
test_memory(void **state)
{
	static const char text[] =
	    "x=(a b); for i in \"${x[@]}\"; do cd $i && fly $(a | b) {1..3} *.ts > f; done\n"
	    "f() { local y=1; g \"$@\"; }; f a <<E\n$y\nE\ncase $x in a*) b;; esac";
	volatile unsigned n = 1;

	(void)state;
	for (;; n++) {
		struct arena *a = arena_new(0);
		struct shell_lines l;
		jmp_buf jb;
		volatile bool failed = true;

		shell_lines_init(&l, a);
		if (ARENA_GUARD(a, jb) == 0) {
			arena_fail_at(a, n);
			shell_lines_run(&l, str_of(text));
			failed = false;
		}
		arena_unguard(a);
		arena_free(a);
		if (!failed)
			break;
	}
	assert_true(n > 100);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_linear),
		cmocka_unit_test(test_doors),
		cmocka_unit_test(test_argv),
		cmocka_unit_test(test_world),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_memory),
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
