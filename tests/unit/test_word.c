/* SPDX-License-Identifier: ISC */
/*
 * test_word.c: words made, joined, shown, quoted, read from globs; fields and
 * verdicts. Whether they match is in test_match.c.
 */
#include "bridle/action.h"
#include "bridle/limits.h"

#include "check.h"

#include <string.h>

static struct arena *a;

static struct word
text(const char *s)
{
	return word_text(a, str_of(s));
}

static void
test_byteset(void **state)
{
	struct byteset of = byteset_of("a\xff"), but = byteset_not("a");

	(void)state;
	assert_true(byteset_has(&of, 'a'));
	assert_true(byteset_has(&of, 0xff));
	assert_false(byteset_has(&of, 'b'));
	assert_false(byteset_has(&but, 'a'));
	assert_false(byteset_has(&but, 0));
	assert_true(byteset_has(&but, 'b'));
	assert_false(byteset_has(NULL, 0));
	assert_true(byteset_has(NULL, 1));
}

static void
test_known(void **state)
{
	struct word joined = word_cat(a, text("feat/"), text("x"));
	struct word part = word_cat(a, joined, word_any(a, STR("$Y")));
	struct str out = STR("untouched");

	(void)state;
	assert_int_equal(joined.n, 1);
	assert_true(word_known(a, joined, &out));
	assert_str(out, "feat/x");
	assert_int_equal(out.p[out.n], 0);
	assert_true(word_known(a, text(""), &out));
	assert_str(out, "");
	out = STR("untouched");
	assert_false(word_known(a, part, &out));
	assert_str(out, "untouched");
	assert_true(word_is(joined, "feat/x"));
	assert_true(word_is(text(""), ""));
	assert_false(word_is(text(""), "f"));
	assert_false(word_is(text("f"), ""));
	assert_true(word_says(joined, STR("feat/x")));
	assert_false(word_says(part, STR("feat/x")));
	assert_false(word_is(joined, "feat/"));
	assert_false(word_is(joined, "feat/xy"));
	assert_false(word_is(part, "feat/x"));
	assert_false(word_has_words(part));
	assert_true(word_has_words(word_cat(a, part, word_words(a, STR("$@")))));
}

static void
test_ends(void **state)
{
	struct word w = word_cat(a, word_cat(a, text("a/"), word_any(a, STR("$X"))), text(".ts"));

	(void)state;
	assert_int_equal(w.n, 3);
	assert_str(word_prefix(w), "a/");
	assert_str(word_suffix(a, w), ".ts");
	assert_str(word_prefix(word_any(a, STR("$X"))), "");
	assert_str(word_suffix(a, word_any(a, STR("$X"))), "");
	assert_str(word_suffix(a, text("all")), "all");
	assert_str(word_prefix(text("")), "");
	assert_int_equal(word_cat(a, text(""), w).n, 3);
	assert_int_equal(word_cat(a, w, text("")).n, 3);
}

static void
test_show(void **state)
{
	struct word w = word_cat(a, text("it's "), word_any(a, STR("$X")));

	(void)state;
	assert_str(word_show(a, w), "it's $X");
	assert_str(word_show(a, word_any(a, STR(""))), "…");
	assert_str(word_show(a, text("")), "");
	assert_str(word_quote(a, w), "'it'\\''s '$X");
}

static void
test_quote(void **state)
{
	static const struct {
		const char *text, *quoted;
	} rows[] = {
		{ "", "''" },
		{ "fly", "fly" },
		{ "--app=x_1", "--app=x_1" },
		{ "origin/main~1^", "origin/main~1^" },
		{ "stash@{0}", "stash@{0}" },
		{ "{a,b}", "'{a,b}'" },
		{ "{1..3}", "'{1..3}'" },
		{ "{", "'{'" },
		{ "a b", "'a b'" },
		{ "*.ts", "'*.ts'" },
		{ "~", "'~'" },
		{ "#1", "'#1'" },
		{ "a#1", "a#1" },
		{ "=ls", "'=ls'" },
		{ "!x", "'!x'" },
		{ "$HOME", "'$HOME'" },
		{ "a\nb", "'a\nb'" },
		{ "\xc3\xa9", "\xc3\xa9" },
		{ "'", "''\\'''" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_str(word_quote(a, text(rows[i].text)), rows[i].quoted);
}

/* The alternatives of a pattern, shown with a bar between. */
static struct str
shown(const char *pattern)
{
	struct words ws;
	struct buf b;

	assert_int_equal(word_glob(a, str_of(pattern), &ws), 0);
	buf_init(&b, a);
	for (size_t i = 0; i < ws.n; i++) {
		if (i > 0)
			buf_putc(&b, '|');
		for (size_t k = 0; k < ws.v[i].n; k++) {
			const struct piece *p = &ws.v[i].v[k];

			if (p->kind == PIECE_TEXT)
				buf_add(&b, p->text);
			else
				buf_printf(&b, "<" STR_FMT " %zu %zd>", STR_ARG(p->text), p->min,
				    (ssize_t)p->max);
		}
	}
	return buf_str(&b);
}

static void
test_glob(void **state)
{
	(void)state;
	assert_str(shown("feat/*"), "feat/<* 0 -1>");
	assert_str(shown("a?[bc]*"), "a<? 1 1><[bc] 1 1><* 0 -1>");
	assert_str(shown("**?"), "<**? 1 -1>");
	assert_str(shown("a\\*\\b\\"), "a*b\\");
	assert_str(shown("a[b"), "a[b");
	assert_str(shown(""), "");
	assert_str(shown("{a,b}"), "a|b");
	assert_str(shown("x{a,,b*}y"), "xay|xy|xb<* 0 -1>y");
	assert_str(shown("{a,b}{1,2}"), "a1|a2|b1|b2");
	assert_str(shown("{a,{b,c}d}e"), "ae|bde|cde");
	assert_str(shown("{a{b,c}}"), "{ab}|{ac}");
	assert_str(shown("stash@{0}"), "stash@{0}");
	assert_str(shown("{a,b"), "{a,b");
	assert_str(shown("a,b}"), "a,b}");
	assert_str(shown("\\{a,b}"), "{a,b}");
	assert_str(shown("{a\\,b,c}"), "a,b|c");
	assert_str(shown("{[,],b}"), "<[,] 1 1>|b");
}

static void
test_has_glob(void **state)
{
	static const char *const yes[] = { "*", "a?", "[ab]", "{a,b}", "x{a,b}y", "\\**" };
	static const char *const no[] = { "", "a", "\\*", "[a", "{a}", "a,b", "stash@{0}", "\\{a,b}" };

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		assert_true(word_has_glob(str_of(yes[i])));
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		assert_false(word_has_glob(str_of(no[i])));
}

/* A pattern and its pieces say the same as glob_match of base. */
static void
test_glob_agrees(void **state)
{
	static const char *const patterns[] = { "*", "a*b", "?", "[a-c]x", "[!a]*", "a\\*", "[]]",
		"[", "a[b", "[[:digit:]]*", "**a", "?*?", "[b-a]", "\\", "[a\\]]" };
	static const char *const texts[] = { "", "a", "ab", "b", "ax", "x", "a*", "]", "[", "a[b",
		"7x", "aXb", "\\", "xx", "-" };

	(void)state;
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
		for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
			struct words ws;

			assert_int_equal(word_glob(a, str_of(patterns[i]), &ws), 0);
			assert_int_equal(ws.n, 1);
			if (word_covers(ws.v[0], text(texts[k])) !=
			    glob_match(str_of(patterns[i]), str_of(texts[k])))
				fail_msg("pattern %s, text %s", patterns[i], texts[k]);
		}
}

static void
test_glob_limit(void **state)
{
	struct words ws;
	struct buf b;

	(void)state;
	assert_int_equal(
	    word_glob(a, STR("{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}"), &ws), 0);
	assert_int_equal(ws.n, LIMIT_EXPANSION);
	assert_int_equal(
	    word_glob(a, STR("{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}{0,1}"), &ws),
	    BRIDLE_ELIMIT);
	buf_init(&b, a);
	for (int i = 0; i < 100000; i++)
		buf_putc(&b, i % 2 == 0 ? '{' : '[');
	assert_int_equal(word_glob(a, buf_str(&b), &ws), 0);
	assert_int_equal(ws.n, 1);
}

static void
test_fields(void **state)
{
	struct field fields[] = { { .name = STR("app") }, { .name = STR("region") } };
	struct action act = { .fields = fields, .nfields = 2 };

	(void)state;
	assert_ptr_equal(action_field(&act, "region"), &fields[1]);
	assert_null(action_field(&act, "reg"));
}

static void
test_verdicts(void **state)
{
	static const char *const names[] = { "none", "allow", "pass", "ask", "deny" };

	(void)state;
	for (int x = VERDICT_NONE; x <= VERDICT_DENY; x++) {
		assert_string_equal(verdict_name((enum verdict)x), names[x]);
		for (int y = VERDICT_NONE; y <= VERDICT_DENY; y++)
			assert_int_equal(verdict_stricter((enum verdict)x, (enum verdict)y),
			    x > y ? x : y);
	}
	assert_int_equal(tri_and(TRI_MAYBE, TRI_YES), TRI_MAYBE);
	assert_int_equal(tri_or(TRI_MAYBE, TRI_NO), TRI_MAYBE);
	assert_int_equal(tri_not(TRI_MAYBE), TRI_MAYBE);
	assert_int_equal(tri_not(TRI_NO), TRI_YES);
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
		cmocka_unit_test(test_byteset),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_quote),
		cmocka_unit_test(test_glob),
		cmocka_unit_test(test_has_glob),
		cmocka_unit_test(test_glob_agrees),
		cmocka_unit_test(test_glob_limit),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_verdicts),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
