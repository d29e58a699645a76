/* SPDX-License-Identifier: ISC */
/*
 * test_getopt.c: the command lines of most programs, on a small model of each
 * kind.
 */
#include "check.h"
#include "lines.h"

struct row {
	const char *line, *want;
};

static void
check_rows(const char *json, const struct row *rows, size_t n)
{
	struct arena *a = arena_new(0);
	struct models *m = models_new(a);
	struct diags d;

	diags_init(&d, a);
	assert_int_equal(models_add(m, str_of(json), STR("t.json"), &d), 0);
	for (size_t i = 0; i < n; i++) {
		struct parsed p;
		size_t nslots;
		struct words *slots = line_slots(a, rows[i].line, &nslots);
		struct str got;

		assert_int_equal(options_parse(models_find(m, STR("t")), a, slots, nslots, false, &p), 0);
		got = line_parsed(a, &p);
		if (!str_is(got, rows[i].want))
			print_error("%s\n", rows[i].line);
		assert_str(got, rows[i].want);
	}
	arena_free(a);
}
#define ROWS(json, r) check_rows(json, r, sizeof(r) / sizeof(r)[0])

#define OPTIONS                                                                                  \
	"\"options\":{\"output\":{\"letter\":\"o\",\"arg\":\"value\"},\"all\":{\"letter\":\"a\"},"   \
	"\"also\":{},\"color\":{\"letter\":\"c\",\"arg\":\"optional\",\"default\":\"auto\"},"       \
	"\"edit\":{\"letter\":\"e\",\"negatable\":true},\"n\":{\"arg\":\"value\"}}"

static void
test_gnu(void **state)
{
	static const struct row rows[] = {
		{ "t", "| | |" },
		{ "t x y", "| x y | |" },
		{ "t x -a y", "| x y | all |" },
		{ "t -ao f x", "| x | all output=f |" },
		{ "t -of x", "| x | output=f |" },
		{ "t -oa x", "| x | output=a |" },
		{ "t --output=f", "| | output=f |" },
		{ "t --output f", "| | output=f |" },
		{ "t --out f", "| | output=f |" },
		{ "t --al", "| | also? |" }, /* two begin so */
		{ "t --all", "| | all |" },
		{ "t -c x", "| x | color=auto |" },
		{ "t -cred x", "| x | color=red |" },
		{ "t --color x", "| x | color=auto |" },
		{ "t --color=red", "| | color=red |" },
		{ "t --no-edit", "| | |" },
		{ "t -e --no-edit", "| | |" },
		{ "t --no-edit -e", "| | edit |" },
		{ "t -n 5 -n 6", "| | n=6 |" },
		{ "t -- -a", "| -a | |" },
		{ "t - -a", "| - | all |" },
		{ "t -o", "| | output | refused: option requires an argument: -o" },
		{ "t --zz x", "| x | zz |" },
		{ "t -z5", "| | z 5? |" },
		{ "t -zo f", "| | z output?=f |" },
		{ "t -o \"$F\"", "| | output=\"$F\" |" },
		{ "t -o $F", "| | output?=$F | maybe $F rest" },
		{ "t -o\"$F\" x", "| x | output?=\"$F\" | maybe -o\"$F\"" },
		{ "t --output=\"$F\"", "| | output=\"$F\" |" },
		{ "t \"$F\"", "| \"$F\" | | maybe \"$F\"" },
		{ "t x\"$F\"", "| x\"$F\" | |" },
		{ "t -- $F", "| $F | | rest" },
	};

	(void)state;
	ROWS("{\"name\":\"t\"," OPTIONS "}", rows);
}

static void
test_refused(void **state)
{
	static const struct row rows[] = {
		{ "t --zz x", "| x | zz | refused: unknown option: --zz" },
		{ "t -z", "| | z | refused: unknown option: -z" },
	};

	(void)state;
	ROWS("{\"name\":\"t\",\"unknown_options\":\"refused\"," OPTIONS "}", rows);
}

static void
test_posix(void **state)
{
	static const struct row rows[] = {
		{ "t -a x -a", "| x -a | all |" },
		{ "t -o f cmd -x --y", "| cmd -x --y | output=f |" },
		{ "t -- -a", "| -a | |" },
	};

	(void)state;
	ROWS("{\"name\":\"t\",\"parser\":\"posix\"," OPTIONS "}", rows);
}

static void
test_subcommands(void **state)
{
	static const struct row rows[] = {
		{ "t run img sh -a", "run | img sh | all |" },
		{ "t -o f compose up", "compose up | | output=f |" },
		{ "t compose -a up web", "compose up | web | all |" },
		{ "t compose x", "compose | x | |" },
		{ "t x run", "| x run | |" },
		{ "t $C x", "| $C x | | maybe $C rest" },
		{ "t r\"$C\" x", "| r\"$C\" x | | maybe r\"$C\"" },
		{ "t z\"$C\" x", "| z\"$C\" x | |" },
	};

	(void)state;
	ROWS("{\"name\":\"t\",\"parser\":\"subcommands\",\"globals\":\"output all\"," OPTIONS ","
	     "\"commands\":[{\"path\":\"run\",\"effect\":\"exec\"},{\"path\":\"compose up\",\"effect\":\"write\"}]}",
	    rows);
}

static void
test_words(void **state)
{
	static const struct row rows[] = {
		{ "t . -name x -print", "| . | name=x print |" },
		{ "t . -not -name x", "| . | not name=x |" },
		{ "t -P . -delete", "| . | P delete |" },
	};

	(void)state;
	ROWS("{\"name\":\"t\",\"parser\":\"words\",\"options\":{\"name\":{\"arg\":\"value\"},\"print\":{},"
	     "\"delete\":{\"class\":\"door\"}}}",
	    rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gnu),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_posix),
		cmocka_unit_test(test_subcommands),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
