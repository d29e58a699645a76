/* SPDX-License-Identifier: ISC */
/*
 * test_read_limits.c: what deciding does with too much. Every limit that a
 * line can cross is crossed, ends in an ask, and the reason names it; what
 * nests or repeats costs in proportion to its text; and no line allocates more
 * than limits.h says. The parser alone is in test_parse_limits.c, the walk
 * alone in test_eval.c.
 */
#include "bridle/decide.h"
#include "bridle/limits.h"

#include "check.h"

#include <string.h>

/* Nothing but a limit asks here. */
static struct policy *
load(struct arena *a)
{
	struct policy_source src = { .layer = LAYER_USER, .name = STR("test"),
		.text = STR("version 1\ndefault command pass\ndynamic pass\nopaque pass\n") };
	struct policy *p = NULL;
	struct diags d;
	struct buf out;

	diags_init(&d, a);
	if (policy_load(a, &src, 1, NULL, &p, &d) != 0) {
		buf_init(&out, a);
		diags_print(&d, &out, false);
		print_error("%s\n", out.p);
		fail();
	}
	return p;
}

struct outcome {
	struct decision d;
	size_t memory;
};

/* files: NAME=TEXT pairs below /project, or NULL. */
static struct outcome
decided(const struct policy *p, struct arena *own, struct arena *a, struct str text,
    const char *file, struct str content)
{
	struct table_world *t = NEW(own, struct table_world);
	struct world *w = NEW(own, struct world);
	struct request r = { 0 };
	struct outcome o;

	decide_test_world(t, &r, own, w);
	if (file != NULL)
		table_world_file(t, str_of(file), content);
	r.kind = REQUEST_SHELL;
	r.text = text;
	arena_reset(a);
	decide(p, w, &r, a, &o.d);
	o.memory = arena_used(a);
	return o;
}

/* ---- each limit ---- */

static const struct {
	const char *before, *piece;
	size_t n;
	const char *middle, *after;
	const char *why; /* what the reason says */
} crossed[] = {
	{ "", "( ", 300, "a", ")", "nested deeper than 200 levels" },
	{ "", "$(", 300, "a", ")", "nested deeper than 200 levels" },
	{ "", "\"$(", 300, "a", ")\"", "nested deeper than 200 levels" },
	{ "", "${x:-", 300, "a", "}", "nested deeper than 200 levels" },
	{ "", "if a; then ", 300, "b", "; fi", "nested deeper than 200 levels" },
	{ "for i in {1..60}; do for j in {1..60}; do a; b; done; done", "", 0, "", "",
	    "more commands would run than the limit" },
	{ "f() { f; }; f", "", 0, "", "", "functions call each other deeper than the limit" },
	{ "x='eval \"$x\"'; eval \"$x\"", "", 0, "", "",
	    "commands inside commands go deeper than the limit" },
	{ "export x='bash -c \"$x\"'; bash -c \"$x\"", "", 0, "", "",
	    "commands inside commands go deeper than the limit" },
	{ "", "env ", 30, "a", "", "commands inside commands go deeper than the limit" },
	{ "fly status; f() { f; }; f", "", 0, "", "", "what this line would do" },
	{ "x='${x@P}'; : \"${x@P}\"", "", 0, "", "",
	    "text inside evaluated text goes deeper than the limit" },
	{ "a {1..40}{1..40}", "", 0, "", "", "a brace expansion gives more words than the limit" },
	{ "a ", "{1..1000} ", 21, "", "", "a command has more words than the limit" },
	{ "rm ", "{1..1000} ", 9, "", "", "needed more memory than a request may use" },
	{ "cat ", "{1..1000} ", 9, "", "", "the line does more than 8192 things" },
};

static void
test_limits(void **state)
{
	struct arena *own = arena_new(0), *a = arena_new(LIMIT_REQUEST_ARENA);
	struct policy *p = load(own);

	(void)state;
	for (size_t i = 0; i < sizeof crossed / sizeof crossed[0]; i++) {
		struct str text = text_nested(own, crossed[i].before, crossed[i].piece, crossed[i].n,
		    crossed[i].middle, crossed[i].after);
		struct outcome o = decided(p, own, a, text, NULL, (struct str){ 0 });

		if (o.d.verdict != VERDICT_ASK ||
		    str_find(o.d.reason, str_of(crossed[i].why)) == STR_NPOS)
			fail_msg("%s%s: %s, " STR_FMT, crossed[i].before, crossed[i].piece,
			    verdict_name(o.d.verdict), STR_ARG(o.d.reason));
	}
	arena_free(a);
	arena_free(own);
}

/* A script that is too long to be read. */
static void
test_long_file(void **state)
{
	struct arena *own = arena_new(0), *a = arena_new(LIMIT_REQUEST_ARENA);
	struct policy *p = load(own);
	struct str line = text_nested(own, "", "echo a\n", LIMIT_FILE / 7 + 10, "", "");
	struct outcome o = decided(p, own, a, STR("bash x.sh"), "/project/x.sh", line);

	(void)state;
	assert_true(o.d.verdict != VERDICT_ALLOW);
	assert_true(o.d.actions.list.n > 1);
	assert_int_equal(o.d.actions.list.v[1]->kind, ACTION_UNKNOWN);
	arena_free(a);
	arena_free(own);
}

/* ---- twice the text ---- */

/* Not here: loops in loops, each of which is walked once more for each around
 * it, and braces in braces, whose words are as many as they are long. Both
 * are bounded by the depth that a line may have. */
static const struct {
	const char *before, *piece, *middle, *after;
	size_t n; /* half of the larger one */
} nasty[] = {
	{ "", "( ", "a", " )", 90 },
	{ "", "{ ", "a", "; }", 90 },
	{ "a ", "$(b ", "c", ")", 90 },
	{ "a ", "\"$(b ", "c", ")\"", 90 },
	{ "a ", "${x:-", "c", "}", 90 },
	{ "a ", "${HOME+", "c", "}", 90 },
	{ "a ", "\"${x:-", "c", "}\"", 90 },
	{ "a ", "<(b ", "c", ")", 90 },
	{ "", "if a; then ", "b", "; fi", 90 },
	{ "", "case $x in a) ", "b", ";; esac", 60 },
	{ "", "f() { ", "a", "; }", 60 },
	{ "", "! ", "a", "", 90 },
	{ "a $((", "(1+", "1", ")", 90 },
	{ "a $((", "1?", "1", ":2", 60 },
	{ "cat <<E\n", "$(", "a", ")", 60 },
	{ "", "cat <<E\nx $y\nE\n", "", "", 200 },
	{ "", "eval ", "a", "", 10 },
	{ "a ", "{b,c} ", "", "", 500 },
	{ "x=(", "a ", "); b ${x[@]}", "", 1000 },
	{ "", "x+=(a);", "b", "", 100 },
	{ "", "x[1]=a;", "b", "", 200 },
	{ "", "a \"b $c ${d}\" 'e' | ", "f", "", 200 },
	{ "", "a > b 2>&1; ", "", "", 200 },
	{ "a ", "\\\"", "", "", 2000 },
	{ "a ", "'b'\"c\"", "", "", 2000 },
	{ "[[ ", "a == b && ", "c", " ]]", 1 },
	{ "", "((x++)); ", "", "", 200 },
	{ "", "trap a EXIT; ", "", "", 50 },
	{ "", "alias x=y\n", "", "", 200 },
	{ "", "git add x && ", "a", "", 100 },
	{ "", "while a; do b; done; ", "", "", 200 },
	{ "", "for i in a b; do c $i; done; ", "", "", 100 },
	{ "case x in ", "a) b;; ", "", "", 200 },
	{ "a <<E\n", "$x `b` \\$c\n", "E\n", "", 100 },
	{ "", "bash -c 'a'; ", "", "", 100 },
	{ "a ", "*.c ", "", "", 500 },
};

static void
test_linear(void **state)
{
	struct arena *own = arena_new(0), *a = arena_new(LIMIT_REQUEST_ARENA);
	struct policy *p = load(own);

	(void)state;
	for (size_t i = 0; i < sizeof nasty / sizeof nasty[0]; i++) {
		size_t used[2];

		for (size_t k = 0; k < 2; k++) {
			struct str text = text_nested(own, nasty[i].before, nasty[i].piece,
			    nasty[i].n << k, nasty[i].middle, nasty[i].after);

			if (str_starts(text, STR("a $((")))
				text = str_cat(own, text, STR("))"));
			if (str_starts(text, STR("case x in")))
				text = str_cat(own, text, STR("esac"));
			if (str_starts(text, STR("cat <<E\n$")))
				text = str_cat(own, text, STR("\nE\n"));
			used[k] = decided(p, own, a, text, NULL, (struct str){ 0 }).memory;
			if (used[k] > LIMIT_READ_BASE + LIMIT_READ_EACH * text.n)
				fail_msg("%s%s: %zu bytes for %zu", nasty[i].before, nasty[i].piece,
				    used[k], text.n);
		}
		if (used[1] > used[0] / 2 * 5 + 100000)
			fail_msg("%s%s ×%zu: %zu bytes, twice: %zu", nasty[i].before, nasty[i].piece,
			    nasty[i].n, used[0], used[1]);
	}
	arena_free(a);
	arena_free(own);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_long_file),
		cmocka_unit_test(test_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
