/* SPDX-License-Identifier: ISC */
/*
 * test_json.c: what counts as JSON here, row by row, and that running out of
 * memory at any point is survived.
 */
#include "bridle/limits.h"
#include "bridle/proto.h"

#include "check.h"

#include <cjson/cJSON.h>
#include <string.h>

#define S(lit) { lit, sizeof(lit) - 1 }

static const struct row {
	struct str text;
	const char *why; /* NULL: good; else a part of the phrase */
} rows[] = {
	{ S("{}"), NULL },
	{ S(" \t\r\n{\"a\":[1,-2.5e+3,0,0.1,true,false,null,\"\"]} \n"), NULL },
	{ S("{\"a\":{\"b\":1},\"c\":{\"b\":1}}"), NULL },
	{ S("\"\\ud83d\\ude80\\u0001\\\\u0000\""), NULL },
	{ S("3"), NULL },
	{ S(""), "empty" },
	{ S("   "), "no JSON" },
	{ S("{"), "not all of it" },
	{ S("{\"a\":1"), "not all of it" },
	{ S("{\"a\":\"b"), "middle of a string" },
	{ S("{\"a\":\"b\\"), "middle of a string" },
	{ S("{}{}"), "follows" },
	{ S("{} 1"), "follows" },
	{ S("{}\n{}\n"), "follows" },
	{ S("{}x"), "no JSON" },
	{ S("{}\0"), "no JSON" },
	{ S("{\"a\":\"b\0c\"}"), "control character" },
	{ S("{\"a\":\"b\nc\"}"), "control character" },
	{ S("{\"a\":\"b\\u0000c\"}"), "NUL" },
	{ S("{\"a\\u0000\":1}"), "NUL" },
	{ S("{\x01}"), "no JSON" },
	{ S("\xef\xbb\xbf{}"), "no JSON" },
	{ S("{\"a\":\"\xff\"}"), "UTF-8" },
	{ S("{\"a\":\"\xed\xa0\x80\"}"), "UTF-8" },
	{ S("{\"a\":\"\\ud800\"}"), "no JSON" },
	{ S("{\"a\":\"\\udc00\"}"), "no JSON" },
	{ S("{\"a\":\"\\x\"}"), "no JSON" },
	{ S("{\"a\":\"\\u00e\"}"), "no JSON" }, /* cJSON takes it for a NUL */
	{ S("{\"a\":\"x\\u00gg; y\"}"), "no JSON" },
	{ S("{\"a\":\"\\ud83d\\ud83d\"}"), "no JSON" },
	{ S("{\"a\":1,\"a\":2}"), "twice" },
	{ S("{\"a\":1,\"\\u0061\":2}"), "twice" },
	{ S("[{\"x\":[{\"a\":1,\"b\":2,\"a\":3}]}]"), "twice" },
	{ S("{\"a\":1,\"A\":2}"), NULL },
	{ S("{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1,\"10\":1}"), NULL },
	{ S("{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1,\"3\":1}"), "twice" },
	{ S("{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1,\"9\":1}"), "twice" },
	{ S("[1e308,-1e308,1e-999]"), NULL },
	{ S("1e999"), "too large" },
	{ S("{\"a\":[-5e333]}"), "too large" },
	{ S("01"), "number" },
	{ S("-"), "number" },
	{ S("1."), "number" },
	{ S("1e"), "number" },
	{ S("+1"), "no JSON" },
	{ S("NaN"), "no JSON" },
	{ S("nul"), "no JSON" },
	{ S("{\"a\" 1}"), "no JSON" },
	{ S("{\"a\":1,}"), "no JSON" },
	{ S("[1,]"), "no JSON" },
	{ S("{a:1}"), "no JSON" },
	{ S("{'a':1}"), "no JSON" },
	{ S("/**/{}"), "no JSON" },
};

static void
test_rows(void **state)
{
	struct arena *a = arena_new(0);
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cJSON *out = NULL;
		const char *why = NULL;
		int rc = json_read(a, rows[i].text, &out, &why);
		bool fits = rows[i].why == NULL ? rc == 0 && out != NULL
		                                : rc == BRIDLE_ESYNTAX && strstr(why, rows[i].why) != NULL;
		if (!fits)
			print_error("row %zu: " STR_FMT ": %s\n", i, STR_ARG(rows[i].text),
			    why == NULL ? "read" : why);
		assert_true(fits);
	}
	arena_free(a);
}

static int
nested(struct arena *a, size_t depth, const char **why)
{
	struct buf b;
	cJSON *out;
	buf_init(&b, a);
	for (size_t i = 0; i < depth; i++)
		buf_putc(&b, '[');
	for (size_t i = 0; i < depth; i++)
		buf_putc(&b, ']');
	return json_read(a, buf_str(&b), &out, why);
}

static int
many(struct arena *a, size_t values, const char **why)
{
	struct buf b;
	cJSON *out;
	buf_init(&b, a);
	buf_puts(&b, "[1");
	for (size_t i = 2; i < values; i++)
		buf_puts(&b, ",1");
	buf_putc(&b, ']');
	return json_read(a, buf_str(&b), &out, why);
}

static void
test_limits(void **state)
{
	struct arena *a = arena_new(0);
	const char *why;
	(void)state;
	assert_int_equal(nested(a, LIMIT_JSON_DEPTH, &why), 0);
	assert_int_equal(nested(a, LIMIT_JSON_DEPTH + 1, &why), BRIDLE_ESYNTAX);
	assert_non_null(strstr(why, "nested"));
	assert_int_equal(nested(a, 1000000, &why), BRIDLE_ESYNTAX);
	assert_int_equal(many(a, LIMIT_JSON_VALUES, &why), 0);
	assert_int_equal(many(a, LIMIT_JSON_VALUES + 1, &why), BRIDLE_ESYNTAX);
	assert_non_null(strstr(why, "too many"));
	arena_free(a);
}

static void
test_values(void **state)
{
	struct arena *a = arena_new(0);
	const struct str text = STR("{\"s\":\"x\",\"b\":true,\"n\":[1,2.5,-3],\"z\":null,\"\":{}}");
	cJSON *v;
	const char *why;
	struct str s;
	bool b;
	struct buf out;
	(void)state;
	assert_int_equal(json_read(a, text, &v, &why), 0);
	assert_int_equal(json_get_str(v, "s", &s), 0);
	assert_str(s, "x");
	assert_int_equal(json_get_str(v, "S", &s), BRIDLE_ENOENT);
	assert_int_equal(json_get_str(v, "b", &s), BRIDLE_EINVAL);
	assert_int_equal(json_get_str(v, "z", &s), BRIDLE_EINVAL);
	assert_int_equal(json_get_str(NULL, "s", &s), BRIDLE_ENOENT);
	assert_int_equal(json_get_bool(v, "b", &b), 0);
	assert_true(b);
	assert_int_equal(json_get_bool(v, "s", &b), BRIDLE_EINVAL);
	buf_init(&out, a);
	json_write(&out, v);
	assert_true(str_eq(buf_str(&out), text));
	arena_free(a);
}

/* Every allocation of one reading fails once; cJSON is usable after each. */
static void
test_no_memory(void **state)
{
	struct str text = STR("{\"a\":[1,{\"b\":\"c\",\"d\":\"e\"},\"f\"]}");
	volatile size_t failures = 0;
	(void)state;
	for (volatile size_t nth = 1;; nth++) {
		struct arena *a = arena_new(0);
		jmp_buf jb;
		cJSON *out;
		const char *why;
		arena_fail_at(a, nth);
		if (ARENA_GUARD(a, jb) != 0) {
			arena_free(a);
			failures++;
			cJSON *other = cJSON_Parse("{\"still\":\"works\"}");
			assert_non_null(other);
			cJSON_Delete(other);
			continue;
		}
		assert_int_equal(json_read(a, text, &out, &why), 0);
		arena_unguard(a);
		arena_free(a);
		break;
	}
	assert_true(failures > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
