/* SPDX-License-Identifier: ISC */
/*
 * test_config.c: the app of a configuration file as fly finds it; any doubt is
 * an unknown, never a wrong name and never an absence.
 */
#include "check.h"
#include "tools/config.h"

static void
test_texts(void **state)
{
	static const struct {
		const char *file, *text, *want; /* want NULL: not there; "?": not known */
	} rows[] = {
		{ "fly.toml", "app = \"a\"\n", "a" },
		{ "fly.toml", "\"\\u0061pp\" = \"a\"\n", "a" },
		{ "fly.toml", "app = 'a'\nApp = 'b'\n", "a" },
		{ "fly.toml", "APP = 'b'\n", "b" },
		{ "fly.toml", "aPP = 'b'\nApp = 'a'\n", "b" },
		{ "fly.toml", "[env]\napp = 'a'\n", NULL },
		{ "fly.toml", "app = ''\n", NULL },
		{ "fly.toml", "", NULL },
		{ "fly.toml", "app = 3\n", "?" },
		{ "fly.toml", "app = 'a'\napp = 'b'\n", "?" },
		{ "fly.toml", "app = \n", "?" },
		{ "fly.toml", "\xff", "?" },
		{ "any", "app = 'a'\n", "a" },
		{ "fly.json", "{\"app\":\"a\"}", "a" },
		{ "fly.json", "{\"App\":\"b\",\"app\":\"a\"}", "a" },
		{ "fly.json", "{\"app\":\"a\",\"app\":\"b\"}", "b" },
		{ "fly.json", "{\"env\":{\"app\":\"a\"}}", NULL },
		{ "fly.json", "{\"app\":\"\"}", NULL },
		{ "fly.json", "{\"app\":null}", "?" },
		{ "fly.json", "{\"app\":\"a\\u0000b\"}", "?" },
		{ "fly.json", "[\"app\"]", "?" },
		{ "fly.json", "app = 'a'", "?" },
		{ "fly.json", "{\"app\":\"a\"} x", "?" },
		{ "fly.yaml", "app: a\n", "a" },
		{ "fly.yaml", "# c\n\nenv:\n  app: x\nApp: 'a' \n", "a" },
		{ "fly.yaml", "App: a\napp: b\n", "?" },
		{ "fly.yaml", " app: a\n", "?" },
		{ "fly.yaml", "x: \"\napp: a\ny: \"\napp: b\n", "?" },
		{ "fly.yaml", "x: {\napp: a\n, y: 1}\napp: b\n", "?" },
		/* TOML to flyctl */
		{ "fly.yml", "app: a\n", "?" },
		{ "fly.yml", "x = \"\"\":\napp: a\nz: \"\"\"\napp = 'b' #:\n", "b" },
		{ "fly.yaml", "app: \"a\" # c\n", "?" },
		{ "fly.yaml", "app: a # c\n", "a" },
		{ "fly.yaml", "env:\n  app: a\n", NULL },
		{ "fly.yaml", "app: 12\n", "?" },
		{ "fly.yaml", "app: true\n", "?" },
		{ "fly.yaml", "app: &x a\n", "?" },
		{ "fly.yaml", "app: |\n  a\n", "?" },
		{ "fly.yaml", "<<: *x\n", "?" },
		{ "fly.yaml", "{app: a}\n", "?" },
		{ "fly.yaml", "---\napp: a\n---\napp: b\n", "?" },
		{ "fly.yaml", "\"app\": a\n", "?" },
		{ "fly.yaml", "app\n", "?" },
	};
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct str out, why;
		int err = config_text(a, str_of(rows[i].file), str_of(rows[i].text), STR("app"), &out, &why);

		if (rows[i].want == NULL)
			assert_int_equal(err, BRIDLE_ENOENT);
		else if (rows[i].want[0] == '?') {
			if (err != BRIDLE_EUNKNOWN)
				print_error("%s: %s\n", rows[i].file, rows[i].text);
			assert_int_equal(err, BRIDLE_EUNKNOWN);
			assert_true(why.n > 0);
		} else {
			assert_int_equal(err, 0);
			assert_str(out, rows[i].want);
		}
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_texts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
