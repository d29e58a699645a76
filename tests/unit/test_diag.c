/* SPDX-License-Identifier: ISC */
/*
 * test_diag.c: how an error is shown, and the log.
 */
#include "bridle/base.h"
#include "bridle/limits.h"

#include "check.h"

#include <string.h>

static struct arena *a;

static struct str
printed(const struct diags *d, bool colour)
{
	struct buf b;

	buf_init(&b, a);
	diags_print(d, &b, colour);
	return buf_str(&b);
}

static void
test_plain(void **state)
{
	struct diags d;

	(void)state;
	diags_init(&d, a);
	assert_str(printed(&d, false), "");
	diag_add(&d, DIAG_ERROR, STR("fly.policy"), 3, 7, STR("deny  fyl deploy"),
	    "there is no tool `%s`", "fyl")
	    ->hint = STR("fly");
	diag_add(&d, DIAG_WARNING, STR("fly.policy"), 0, 0, STR(""), "no test");
	diag_add(&d, DIAG_ERROR, STR(""), 0, 0, STR(""), "no policy");
	assert_int_equal(d.errors, 2);
	assert_int_equal(d.warnings, 1);
	assert_str(printed(&d, false), "fly.policy:3:7: error: there is no tool `fyl`\n"
	                               "    deny  fyl deploy\n"
	                               "          ^\n"
	                               "    hint: fly\n"
	                               "fly.policy: warning: no test\n"
	                               "error: no policy\n");
}

static void
test_caret(void **state)
{
	struct diags d;

	(void)state;
	diags_init(&d, a);
	/* Tabs stay tabs, a character of several bytes is one column. */
	diag_add(&d, DIAG_ERROR, STR("p"), 1, 5, STR("\tä\tx"), "m");
	/* A column beyond the line points behind it. */
	diag_add(&d, DIAG_ERROR, STR("p"), 1, 99, STR("ab"), "m");
	diag_add(&d, DIAG_ERROR, STR("p"), 1, 0, STR("ab"), "m");
	assert_str(printed(&d, false), "p:1:5: error: m\n    \tä\tx\n    \t \t^\n"
	                               "p:1:99: error: m\n    ab\n      ^\n"
	                               "p:1: error: m\n    ab\n");
	assert_true(str_starts(printed(&d, true), STR("p:1:5: \033[1;31merror:\033[0m m\n")));
}

static void
test_hostile(void **state)
{
	struct diags d;
	struct str shown;
	struct buf line;

	(void)state;
	diags_init(&d, a);
	diag_add(&d, DIAG_ERROR, STR("a\033b"), 1, 1, STR("\033[2J\x9b\xff\xc2\x9b" "0m"), "x\ny");
	assert_str(printed(&d, false), "a?b:1:1: error: x?y\n    ?[2J???0m\n    ^\n");
	diags_init(&d, a);
	buf_init(&line, a);
	for (int i = 0; i < 1000; i++)
		buf_puts(&line, "ä");
	diag_add(&d, DIAG_ERROR, STR("p"), 1, 1001, buf_str(&line), "m");
	shown = printed(&d, false);
	assert_true(str_utf8(shown));
	assert_true(shown.n < 400);
	assert_true(str_find(shown, STR("…ä")) != STR_NPOS);
	assert_true(str_find(shown, STR("ä…\n")) != STR_NPOS);
}

static void
test_many(void **state)
{
	struct diags d;
	char name[2000];

	(void)state;
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	diags_init(&d, a);
	for (int i = 0; i < 3 * LIMIT_DIAGS; i++)
		diag_add(&d, DIAG_ERROR, STR("p"), 1, 1, STR(""), "%d", i)->hint = STR("");
	diag_add(&d, DIAG_WARNING, STR("p"), 1, 1, STR(""), "%s", name);
	assert_int_equal(d.errors, 3 * LIMIT_DIAGS);
	assert_int_equal(d.list.n, LIMIT_DIAGS + 1);
	assert_true(d.list.v[LIMIT_DIAGS].message.n < 600);
	assert_true(str_ends(printed(&d, false), STR("xxx…\n… and 40 more\n")));
}

/* ---- the log ---- */

static char logged[4096];
static int nlogged;

static void
keep(void *ctx, enum log_level level, const char *line)
{
	assert_ptr_equal(ctx, &nlogged);
	snprintf(logged, sizeof logged, "%d %s", (int)level, line);
	nlogged++;
}

static void
test_log(void **state)
{
	char text[5000];

	(void)state;
	log_line(LOG_ERR, "dropped %d", 1);
	log_to(keep, &nlogged);
	log_line(LOG_WARN, "policy %s", "x");
	assert_string_equal(logged, "1 policy x");
	log_line(LOG_NOTE, "two\nlines\033[2J");
	assert_string_equal(logged, "2 two lines?[2J");
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	log_line(LOG_VERBOSE, "%s", text);
	assert_in_range(strlen(logged), 2000, 2100);
	assert_true(str_ends(str_of(logged), STR("x…")));
	assert_int_equal(nlogged, 3);
	log_to(NULL, NULL);
	log_line(LOG_ERR, "dropped");
	assert_int_equal(nlogged, 3);
}

static int
setup(void **state)
{
	(void)state;
	a = arena_new(0);
	return a == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_caret),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_log),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
