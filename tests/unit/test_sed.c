/* SPDX-License-Identifier: ISC */
/*
 * test_sed.c: what a plain script makes of a text, as sed does; the others are
 * not known.
 */
#include "tools/code.h"

#include "check.h"

static const struct {
	const char *script, *text, *after; /* NULL: not known */
	bool extended;
} rows[] = {
	{ "s/a/b/", "aa\naa\n", "ba\nba\n", false },
	{ "s/a/b/g", "aa\naa\n", "bb\nbb\n", false },
	{ "s#/x/#\\/y\\.z#", "a /x/ b", "a /y.z b", false },
	{ "s/a.c/x/; s/x/y/", "abc a\nc\n", "y a\nc\n", false },
	{ "s/a\\.c/x/", "abc a.c\n", "abc x\n", false },
	{ "s/a+/x/", "aa a+\n", "aa x\n", false },
	{ "s/\xc3\xa9/e/", "\xc3\xa9\n", "e\n", false },
	{ "s/a+/x/", "aa a+\n", NULL, true },
	{ "s/g.!/api/", "g\xc3\xa9!\n", NULL, false }, /* one character or two bytes */
	{ "s/a\\.c/x/", "\xc3\xa9 a.c\n", "\xc3\xa9 x\n", false },
	{ "s/a*/x/", "aa\n", NULL, false },
	{ "s/a/&b/", "aa\n", NULL, false },
	{ "s/a/b/2", "aa\n", NULL, false },
	{ "s/a/b/w f", "aa\n", NULL, false },
	{ "s//b/", "aa\n", NULL, false },
	{ "s/a/b", "aa\n", NULL, false },
	{ "1d", "aa\n", NULL, false },
};

static void
test_plain(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct str out = { 0 };
		bool known = sed_plain(a, str_of(rows[i].script), rows[i].extended, str_of(rows[i].text), &out);

		if (known != (rows[i].after != NULL) || (known && !str_is(out, rows[i].after)))
			print_error("%s\n", rows[i].script);
		assert_int_equal(known, rows[i].after != NULL);
		if (known)
			assert_true(str_is(out, rows[i].after));
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
