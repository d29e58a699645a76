/* SPDX-License-Identifier: ISC */
/*
 * test_toml.c: the flat list of a TOML file, and that nothing in a file makes
 * more than an error.
 */
#include "bridle/limits.h"
#include "toml/toml.h"

#include "check.h"

#include <string.h>

static struct arena *a;

/* The list as lines "path = kind text". */
static struct str
flat(struct str source)
{
	static const char *const kinds[] = { "table", "array", "string", "integer", "float", "bool",
		"date" };
	struct toml_doc doc;
	struct toml_error err;
	struct buf b;
	int r = toml_parse(a, source, &doc, &err);

	buf_init(&b, a);
	if (r != 0) {
		buf_printf(&b, "error %d line %u", r, err.line);
		assert_true(strlen(err.message) > 0);
		return buf_str(&b);
	}
	for (size_t i = 0; i < doc.n; i++) {
		const struct toml_value *v = &doc.v[i];

		buf_add(&b, toml_path(a, v));
		buf_printf(&b, " %s" STR_FMT STR_FMT "\n", kinds[v->kind],
		    STR_ARG(v->text.n > 0 ? STR(" ") : STR("")), STR_ARG(v->text));
		assert_int_equal(v->text.p[v->text.n], 0);
		if (v->kind == TOML_KIND_INTEGER)
			assert_str(v->text, str_printf(a, "%lld", (long long)v->integer).p);
		if (v->kind == TOML_KIND_BOOL)
			assert_str(v->text, v->boolean ? "true" : "false");
	}
	return buf_str(&b);
}

static void
test_fly_toml(void **state)
{
	const struct str source = STR("app = 'app-api'\nprimary_region = \"ams\"\n"
	                             "[build]\n[deploy]\n  strategy = 'rolling'\n"
	                             "[[vm]]\n  size = 'shared-cpu-1x'\n  cpus = 1\n"
	                             "[[vm]]\n  memory = '1gb'\n  auto = true\n");
	struct toml_doc doc;

	(void)state;
	assert_str(flat(source), "app string app-api\n"
	                              "build table\n"
	                              "deploy table\n"
	                              "deploy.strategy string rolling\n"
	                              "primary_region string ams\n"
	                              "vm array\n"
	                              "vm.0 table\n"
	                              "vm.0.cpus integer 1\n"
	                              "vm.0.size string shared-cpu-1x\n"
	                              "vm.1 table\n"
	                              "vm.1.auto bool true\n"
	                              "vm.1.memory string 1gb\n");
	assert_int_equal(toml_parse(a, source, &doc, NULL), 0);
	assert_str(toml_get(&doc, "app")->text, "app-api");
	assert_int_equal(toml_get(&doc, "app")->line, 1);
	assert_int_equal(toml_get(&doc, "primary_region")->line, 2);
	assert_int_equal(toml_get(&doc, "primary_region")->column, 18);
	assert_str(toml_get(&doc, "vm.1.memory")->text, "1gb");
	assert_true(toml_get(&doc, "vm.1.memory")->path[1].is_index);
	assert_int_equal(toml_get(&doc, "vm.1.memory")->path[1].index, 1);
	assert_null(toml_get(&doc, "vm.2"));
	assert_null(toml_get(&doc, "ap"));
	assert_null(toml_get(&doc, "app.x"));
	assert_null(toml_get(&doc, ""));
	assert_non_null(toml_get(&doc, "build"));
}

static void
test_values(void **state)
{
	(void)state;
	assert_str(flat(STR("")), "");
	assert_str(flat(STR("# only a comment")), "");
	assert_str(flat(STR("a = 0xff\nb = -7\nc = 1_000\n")),
	    "a integer 255\nb integer -7\nc integer 1000\n");
	assert_str(flat(STR("a = 1.5\nb = 1e3\n")), "a float 1.5\nb float 1000\n");
	assert_str(flat(STR("a = 1979-05-27\nb = 07:32:00.5\nc = 1979-05-27T07:32:00Z\n"
	                    "d = 1979-05-27T00:32:00-07:30\ne = 1979-05-27 07:32:00\n")),
	    "a date 1979-05-27\nb date 07:32:00.500000000\nc date 1979-05-27T07:32:00Z\n"
	    "d date 1979-05-27T00:32:00-07:30\ne date 1979-05-27T07:32:00\n");
	assert_str(flat(STR("a = '''\nx\ny'''\r\n")), "a string x\ny\n");
	assert_str(flat(STR("\xef\xbb\xbf" "a = 'ä' # ü.....\nb = \"\"\"\né\\\"\"\"\"\n'ö' = '''  # '''")),
	    "a string ä\nb string é\"\n\"ö\" string   # \n");
	assert_str(flat(STR("a = [1, [2, 'x'], {b = 3}]\n")),
	    "a array\na.0 integer 1\na.1 array\na.1.0 integer 2\na.1.1 string x\n"
	    "a.2 table\na.2.b integer 3\n");
}

static void
test_keys(void **state)
{
	struct toml_doc doc;

	(void)state;
	assert_str(flat(STR("\"a.b\" = 1\n\"\" = 2\na.b = 3\n'ä' = 4\n1 = 5\n")),
	    "\"\" integer 2\n1 integer 5\na table\na.b integer 3\n\"a.b\" integer 1\n\"ä\" integer 4\n");
	assert_int_equal(toml_parse(a, STR("x = \"a\\u0000b\"\n"), &doc, NULL), 0);
	assert_int_equal(doc.v[0].text.n, 3);
	assert_memory_equal(doc.v[0].text.p, "a\0b", 3);
}

static void
test_errors(void **state)
{
	static const struct {
		struct str source;
		const char *says;
	} rows[] = {
		{ STR("a = \n"), "error -3 line 1" },
		{ STR("a = 1\na = 2\n"), "error -3 line 2" },
		{ STR("[t]\n[t]\n"), "error -3 line 2" },
		{ STR("a = 1\n[a.b]\n"), "error -3 line 2" },
		{ STR("a = 'x\n"), "error -3 line 1" },
		{ STR("a = 99999999999999999999\n"), "error -3 line 1" },
		{ STR("a = 2023-13-40\n"), "error -3 line 1" },
		{ STR("a = \"\xff\"\n"), "error -3 line 1" },
		{ STR("a = \"\\ud800\"\n"), "error -3 line 1" },
		{ STR("a = 1\n\0\n"), "error -3 line 2" },
		{ STR("\t[\r\0"), "error -3 line 1" }, /* an assertion of the parser */
		{ STR("[&"), "error -3 line 0" }, /* another one */
		{ STR("[\r]\n"), "error -3 line 1" },
		{ STR("<html>\n"), "error -3 line 1" },
		{ STR("l\xef\xbb\xbd"), "error -3 line 1" }, /* undefined in the parser */
		{ STR("a = \"\"\"x\"\"\"\" \xef\xbb\xbd\n"), "error -3 line 1" },
		{ STR("a = 1 \xc3\xa9\n"), "error -3 line 1" },
		{ STR("\xc3\xa9 = 1\n"), "error -3 line 1" },
		{ STR("{\"a\": 1}"), "error -3 line 1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_str(flat(rows[i].source), rows[i].says);
}

static struct str
times(const char *before, const char *text, size_t n, const char *after)
{
	struct buf b;

	buf_init(&b, a);
	buf_puts(&b, before);
	while (n-- > 0)
		buf_puts(&b, text);
	buf_puts(&b, after);
	return buf_str(&b);
}

static void
test_limits(void **state)
{
	struct str deep = times("[a", ".a", LIMIT_TOML_DEPTH - 1, "]\n");

	(void)state;
	assert_true(str_ends(flat(deep), STR(".a table\n")));
#define LIMITED "error -2 line 0"
	assert_str(flat(times("[a", ".a", LIMIT_TOML_DEPTH, "]\n")), LIMITED);
	assert_str(flat(times("[a", " . 'a'", 500000, "]\n")), LIMITED);
	assert_str(flat(times("a = {b", ".a", 500000, " = 1}\n")), LIMITED);
	assert_str(flat(times("a = [", "1,", LIMIT_TOML_VALUES, "]\n")), LIMITED);
	assert_str(flat(times("a = '", "1234567", LIMIT_FILE / 7, "'\n")), LIMITED);
	assert_str(flat(times("", "a", 10 << 20, "")), LIMITED);
	/* Deep in another way: a table in each array in each table. */
	assert_str(flat(times("a = ", "[{a = ", 33, "1")), "error -3 line 1");
	assert_str(flat(str_cat(a, times("a = ", "[{a = ", 33, "1"), times("", "}]", 33, "\n"))),
	    LIMITED);
	assert_str(flat(times("a = ", "[", 50000, "")), "error -3 line 1");
	/* Within them, large: */
	assert_true(str_ends(flat(times("a = [", "1,", LIMIT_TOML_VALUES - 2, "]\n")),
	    STR("a.99997 integer 1\n")));
#undef LIMITED
}

static void
test_no_memory(void **state)
{
	struct str source = times("", "# 0123456789\n", 100, "a = [1, 2, 3]\n");
	struct arena *small = arena_new(256);
	struct toml_doc doc;
	struct toml_error err;

	(void)state;
	assert_int_equal(toml_parse(small, source, &doc, &err), BRIDLE_ENOMEM);
	assert_string_equal(err.message, "out of memory");
	arena_fail_at(small, 1);
	assert_int_equal(toml_parse(small, STR("a = 1"), &doc, NULL), BRIDLE_ENOMEM);
	assert_int_equal(toml_parse(small, STR("a = 1"), &doc, NULL), 0);
	arena_free(small);
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
		cmocka_unit_test(test_fly_toml),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
