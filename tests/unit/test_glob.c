/* SPDX-License-Identifier: ISC */
/*
 * test_glob.c: globs over text and over paths, and lexical paths.
 */
#include "bridle/base.h"

#include "check.h"

static const struct {
	const char *pattern, *text;
	bool match;
} globs[] = {
	{ "", "", true }, { "", "a", false }, { "*", "", true }, { "*", "a/b", true },
	{ "a*", "ba", false }, { "a*b*c", "a1b2c", true }, { "a*b*c", "a1b2", false },
	{ "*.ts", ".ts", true }, { "*.ts", "x.tsx", false }, { "?", "", false },
	{ "?", "/", true }, { "a?c", "abc", true }, { "*a", "aaab", false },
	{ "*ab", "aab", true }, { "**", "x", true }, { "a**b", "ab", true },
	{ "[abc]", "b", true }, { "[abc]", "d", false }, { "[!abc]", "d", true },
	{ "[^abc]", "a", false }, { "[a-c]x", "bx", true }, { "[]a]", "]", true },
	{ "[!]a]", "]", false }, { "[a-]", "-", true }, { "[-a]", "-", true },
	{ "[c-a]", "b", false }, { "[a\\]]", "]", true }, { "[\\a]", "\\", false },
	{ "[abc", "[abc", true }, { "[abc", "a", false }, { "[]", "[]", true },
	{ "[[:digit:]]", "7", true }, { "[[:digit:]]", "x", false },
	{ "[![:space:]x]", "y", true }, { "[[:nope:]]", "n]", true }, { "[[:alpha:]-]", "-", true },
	{ "[a-z]", "\xe9", false }, { "[!a]", "\xe9", true },
	{ "\\*", "*", true }, { "\\*", "a", false }, { "\\a", "a", true }, { "a\\", "a\\", true },
	{ "\\\\", "\\", true }, { "\\[a]", "[a]", true },
	{ "build*", "build", true }, { "pnpm build*", "pnpm build --x", true },
};

static void
test_globs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof globs / sizeof globs[0]; i++)
		if (glob_match(str_of(globs[i].pattern), str_of(globs[i].text)) != globs[i].match)
			fail_msg("%s, %s", globs[i].pattern, globs[i].text);
}

static const struct {
	const char *pattern, *path;
	bool match;
} paths[] = {
	{ "*", "a", true }, { "*", "a/b", false }, { "a/*", "a/b", true }, { "a/*", "a", false },
	{ "a/*/c", "a/b/c", true }, { "a/*/c", "a/b/b/c", false }, { "?", "/", false },
	{ "a[/]b", "a/b", false }, { "a[!x]b", "a/b", false },
	{ "**", "a", true }, { "**", "a/b/c", true }, { "**/x", "x", true }, { "**/x", "a/b/x", true },
	{ "**/x", "a/xx", false }, { "a/**", "a/b", true }, { "a/**", "a/b/c", true },
	{ "a/**", "a", false }, { "a/**/b", "a/b", true }, { "a/**/b", "a/x/y/b", true },
	{ "a/**/b", "a/x/y/c", false }, { "**/a/**/b", "x/a/y/a/z/b", true },
	{ "a/**/**/b", "a/b", true }, { "a**", "a/b", false }, { "a**", "abc", true },
	{ "/a/*", "/a/b", true }, { "/a", "a", false }, { "/**/b", "/a/b", true },
	{ "a\\/b", "a/b", true }, { "a\\\\/b", "a\\/b", true }, { "a\\*", "a*", true },
	{ "", "", true }, { "", "a", false }, { "a", "", false }, { "**/*.ts", "src/x.ts", true },
	{ "src/**/*.ts", "src/a.tsx", false }, { ".env*", ".env.local", true },
};

static void
test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		if (glob_path_match(str_of(paths[i].pattern), str_of(paths[i].path)) != paths[i].match)
			fail_msg("%s, %s", paths[i].pattern, paths[i].path);
}

/* Exponential for a matcher that backtracks to every star. */
static void
test_nasty(void **state)
{
	struct arena *a = arena_new(0);
	struct buf stars, as, deep, dirs, open;

	(void)state;
	buf_init(&stars, a);
	buf_init(&as, a);
	buf_init(&deep, a);
	buf_init(&dirs, a);
	buf_init(&open, a);
	for (int i = 0; i < 2000; i++) {
		buf_puts(&stars, i < 200 ? "*a" : "");
		buf_puts(&deep, i < 200 ? "**/a/" : "");
		buf_puts(&dirs, "a/");
		buf_puts(&as, "a");
		buf_puts(&open, "[");
	}
	buf_puts(&stars, "b");
	buf_puts(&deep, "b");
	buf_puts(&dirs, "c");
	assert_false(glob_match(buf_str(&stars), buf_str(&as)));
	assert_false(glob_path_match(buf_str(&deep), buf_str(&dirs)));
	assert_true(glob_match(buf_str(&open), buf_str(&open)));
	arena_free(a);
}

static void
test_clean(void **state)
{
	static const char *const rows[][2] = { { "", "." }, { ".", "." }, { "./", "." },
		{ "/", "/" }, { "//", "/" }, { "/..", "/" }, { "/../a", "/a" }, { "a/..", "." },
		{ "a/../b", "b" }, { "..", ".." }, { "../..", "../.." }, { "../a/../b", "../b" },
		{ "a/../../b", "../b" }, { "/a//b/./c/", "/a/b/c" }, { "/a/b/../../c", "/c" },
		{ "a/b/..", "a" }, { "/a/..", "/" }, { "...", "..." }, { "/..a", "/..a" } };
	struct arena *a = arena_new(0);

	static const char *const clean[] = { "/a", "/a/b", "/.git/x", "/a/.b", "/a.b/c..d" };
	static const char *const others[] = { "", "/", "a", "a/b", "/a/", "//a", "/a//b", "/./a", "/a/.", "/a/..",
		"/../a", "/a/../b" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_str(path_clean(a, str_of(rows[i][0])), rows[i][1]);
		if (path_is_clean(str_of(rows[i][0])))
			assert_string_equal(rows[i][0], rows[i][1]);
	}
	for (size_t i = 0; i < sizeof clean / sizeof clean[0]; i++) {
		assert_true(path_is_clean(str_of(clean[i])));
		assert_str(path_clean(a, str_of(clean[i])), clean[i]);
	}
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_false(path_is_clean(str_of(others[i])));
	arena_free(a);
}

static void
test_parts(void **state)
{
	static const char *const rows[][3] = { { "/a/b", "b", "/a" }, { "/a", "a", "/" },
		{ "a", "a", "." }, { "a/b/", "b", "a" }, { "/", "", "/" }, { "", "", "." },
		{ "//a", "a", "/" }, { "a//b", "b", "a" }, { ".", ".", "." }, { "///", "", "/" } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_str(path_base(str_of(rows[i][0])), rows[i][1]);
		assert_str(path_dir(str_of(rows[i][0])), rows[i][2]);
	}
}

static void
test_join(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	assert_str(path_join(a, STR("/a"), STR("b")), "/a/b");
	assert_str(path_join(a, STR("/a/"), STR("b")), "/a/b");
	assert_str(path_join(a, STR("/"), STR("b")), "/b");
	assert_str(path_join(a, STR("/a"), STR("/b")), "/b");
	assert_str(path_join(a, STR(""), STR("b")), "b");
	assert_str(path_join(a, STR("/a"), STR("")), "/a");
	assert_true(path_under(STR("/a/b"), STR("/a")));
	assert_true(path_under(STR("/a"), STR("/a")));
	assert_true(path_under(STR("/a"), STR("/")));
	assert_true(path_under(STR("/"), STR("/")));
	assert_false(path_under(STR("/ab"), STR("/a")));
	assert_false(path_under(STR("/"), STR("/a")));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_globs),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_nasty),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_join),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
