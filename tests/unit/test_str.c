/* SPDX-License-Identifier: ISC */
/*
 * test_str.c: slices, numbers, UTF-8, hash, nearest word, buffers.
 */
#include "bridle/base.h"

#include "check.h"

#include <string.h>

static void
test_compare(void **state)
{
	(void)state;
	assert_true(str_eq((struct str){ NULL, 0 }, STR("")));
	assert_false(str_eq(STR("a"), STR("ab")));
	assert_true(str_is(STR("ab"), "ab"));
	assert_true(str_is((struct str){ NULL, 0 }, NULL));
	assert_true(str_ieq(STR("Fly_APP"), STR("fLY_app")));
	assert_false(str_ieq(STR("@"), STR("`")));
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_cmp(STR("b"), STR("ab")) > 0);
	assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
	assert_int_equal(str_cmp((struct str){ NULL, 0 }, STR("")), 0);
	assert_true(str_starts(STR("abc"), STR("ab")));
	assert_true(str_starts(STR("abc"), STR("")));
	assert_false(str_starts(STR("ab"), STR("abc")));
	assert_true(str_ends(STR("abc"), STR("bc")));
	assert_false(str_ends(STR("bc"), STR("abc")));
}

static void
test_find(void **state)
{
	struct str rest = STR("a\r\n\nb\r");

	(void)state;
	assert_str(str_sub(STR("abc"), 1, 1), "b");
	assert_str(str_sub(STR("abc"), 1, STR_NPOS), "bc");
	assert_str(str_sub(STR("abc"), 7, 1), "");
	assert_int_equal(str_sub((struct str){ NULL, 0 }, 1, 1).n, 0);
	assert_int_equal(str_chr(STR("abcb"), 'b'), 1);
	assert_int_equal(str_rchr(STR("abcb"), 'b'), 3);
	assert_true(str_chr(STR(""), 'b') == STR_NPOS);
	assert_true(str_rchr(STR("a"), 'b') == STR_NPOS);
	assert_int_equal(str_find(STR("abcbc"), STR("cb")), 2);
	assert_int_equal(str_find(STR("abc"), STR("")), 0);
	assert_true(str_find(STR("ab"), STR("abc")) == STR_NPOS);
	assert_str(str_trim(STR(" \t a b\r\n")), "a b");
	assert_str(str_trim(STR(" \n ")), "");
	assert_str(str_line(&rest), "a");
	assert_str(str_line(&rest), "");
	assert_str(str_line(&rest), "b");
	assert_int_equal(rest.n, 0);
}

static void
test_numbers(void **state)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "0x1", "1e3",
		"18446744073709551616", "99999999999999999999" };
	uint64_t v = 7;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(str_u64(str_of(bad[i]), &v), BRIDLE_EINVAL);
	assert_int_equal(v, 7);
	assert_int_equal(str_u64(STR("18446744073709551615"), &v), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(str_u64(STR("007"), &v), 0);
	assert_int_equal(v, 7);
}

static void
test_utf8(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} rows[] = {
		{ "", true }, { "plain", true }, { "\xc3\xa9", true }, { "\xe2\x82\xac", true },
		{ "\xf0\x9f\x98\x80", true }, { "\xf4\x8f\xbf\xbf", true },
		{ "\xed\x9f\xbf", true }, { "\x80", false }, { "\xc3", false },
		{ "\xc0\xaf", false },         /* overlong */
		{ "\xe0\x80\x80", false },     /* overlong */
		{ "\xf0\x80\x80\x80", false }, /* overlong */
		{ "\xed\xa0\x80", false },     /* surrogate */
		{ "\xf4\x90\x80\x80", false }, /* beyond U+10FFFF */
		{ "\xfe", false }, { "\xe2\x82", false }, { "a\xe2\x28\xa1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(str_utf8(str_of(rows[i].text)), rows[i].valid);
	assert_int_equal(str_utf8_at(STR("a\xe2\x82\xac"), 1), 3);
	assert_true(str_utf8((struct str){ "\0", 1 }));
}

static void
test_hash(void **state)
{
	/* The reference vector key 00..0f of SipHash, here with 1 and 3 rounds,
	 * is in no standard; what counts is that every byte and the seed do. */
	char text[24] = "the quick brown fox jum";
	uint64_t before = str_hash(str_of(text));

	(void)state;
	for (size_t i = 0; i < 23; i++) {
		text[i] ^= 1;
		assert_true(str_hash(str_of(text)) != before);
		text[i] ^= 1;
	}
	assert_true(str_hash(STR("")) != str_hash((struct str){ "\0", 1 }));
	str_hash_seed(1, 2);
	assert_true(str_hash(str_of(text)) != before);
	str_hash_seed(0, 0);
	assert_true(str_hash(str_of(text)) == before);
}

static void
test_nearest(void **state)
{
	static const struct str words[] = { STR("deploy"), STR("destroy"), STR("status"),
		STR("allow"), STR("deny") };

	(void)state;
#define NEAR(w) str_nearest(STR(w), words, 5)
	assert_int_equal(NEAR("depoly"), 0); /* a swap counts one */
	assert_int_equal(NEAR("destory"), 1);
	assert_int_equal(NEAR("sttaus"), 2);
	assert_int_equal(NEAR("alow"), 3);
	assert_int_equal(NEAR("dny"), 4);
	assert_int_equal(NEAR("deny"), 4);
	assert_true(NEAR("dn") == STR_NPOS);
	assert_true(NEAR("machine") == STR_NPOS);
	assert_true(NEAR("") == STR_NPOS);
	assert_true(NEAR("deployyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy") ==
	    STR_NPOS);
#undef NEAR
}

static void
test_making(void **state)
{
	struct arena *a = arena_new(0);
	struct str s;

	(void)state;
	s = str_dup(a, str_sub(STR("abcdef"), 1, 3));
	assert_str(s, "bcd");
	assert_int_equal(s.p[s.n], 0);
	assert_string_equal(str_c(a, (struct str){ NULL, 0 }), "");
	assert_str(str_cat(a, STR("x"), STR("yz")), "xyz");
	assert_str(str_cat(a, (struct str){ NULL, 0 }, STR("")), "");
	assert_str(str_printf(a, "%s=%d " STR_FMT, "a", 3, STR_ARG(STR("q"))), "a=3 q");
	arena_free(a);
}

static void
test_buf(void **state)
{
	struct arena *a = arena_new(0);
	struct buf b;

	(void)state;
	buf_init(&b, a);
	assert_str(buf_str(&b), "");
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i % 10);
	assert_int_equal(b.n, 2000);
	assert_int_equal(strlen(b.p), 2000);
	buf_putc(&b, 'x');
	buf_add(&b, (struct str){ NULL, 0 });
	buf_puts(&b, "yz");
	assert_true(str_ends(buf_str(&b), STR("8,9,xyz")));
	arena_free(a);
}

static void
test_buf_json(void **state)
{
	static const struct {
		struct str text;
		const char *json;
	} rows[] = {
		{ STR(""), "\"\"" },
		{ STR("a\"b\\c/"), "\"a\\\"b\\\\c/\"" },
		{ STR("\b\f\n\r\t\x01\x1f\x7f"), "\"\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\"" },
		{ STR("a\0b"), "\"a\\u0000b\"" },
		{ STR("\xc3\xa9 \xf0\x9f\x98\x80"), "\"\xc3\xa9 \xf0\x9f\x98\x80\"" },
		{ STR("\xff\xed\xa0\x80."), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd.\"" },
		{ STR("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	};
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf b;

		buf_init(&b, a);
		buf_json(&b, rows[i].text);
		assert_str(buf_str(&b), rows[i].json);
	}
	arena_free(a);
}

/* A byte is spelled the same alone and wherever it stands among others. */
static void
test_buf_json_anywhere(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		struct arena *a = arena_new(0);
		char text[20];
		struct buf one, all;
		struct str inner;

		buf_init(&one, a);
		buf_json(&one, (struct str){ (char[]){ (char)byte }, 1 });
		inner = str_sub(buf_str(&one), 1, one.n - 2);
		for (size_t n = 1; n <= sizeof text; n++)
			for (size_t at = 0; at < n; at++) {
				struct str want = str_printf(a, "\"%.*s" STR_FMT "%.*s\"", (int)at, "aaaaaaaaaaaaaaaaaaaa",
				    STR_ARG(inner), (int)(n - at - 1), "aaaaaaaaaaaaaaaaaaaa");

				memset(text, 'a', n);
				text[at] = (char)byte;
				buf_init(&all, a);
				buf_json(&all, (struct str){ text, n });
				assert_true(str_eq(buf_str(&all), want));
			}
		arena_free(a);
	}
}

static void
test_strerror(void **state)
{
	(void)state;
	for (int err = 1; err >= BRIDLE_EVERSION - 1; err--)
		for (int other = err - 1; other >= BRIDLE_EVERSION; other--)
			assert_string_not_equal(bridle_strerror(err), bridle_strerror(other));
}

/* Each entry is found at its own place, and nothing else is. */
static void
names_of_a_table(void **state)
{
	static const struct {
		const char *name;
		int value;
	} table[] = { { "a", 1 }, { "b", 2 }, { "ab", 3 }, { "ba", 4 }, { "aab", 5 }, { "aba", 6 }, { "abb", 7 },
		{ "abcdef", 8 }, { "fedcba", 9 }, { "abdcef", 10 }, { "b", 11 } };
	static struct names by_name = NAMES(table);

	(void)state;
	for (size_t i = 0; i + 1 < sizeof table / sizeof *table; i++)
		assert_int_equal(names_find(&by_name, str_of(table[i].name)), i);
	assert_int_equal(names_find(&by_name, STR("b")), 1); /* of two, the first */
	assert_true(names_find(&by_name, STR("")) == STR_NPOS);
	assert_true(names_find(&by_name, STR("abc")) == STR_NPOS);
	assert_true(names_find(&by_name, STR("abcdeg")) == STR_NPOS);
	assert_true(names_find(&by_name, STR("a\0")) == STR_NPOS);
	for (int c = 1; c < 256; c++) {
		char one = (char)c;

		assert_int_equal(names_find(&by_name, (struct str){ &one, 1 }) != STR_NPOS, one == 'a' || one == 'b');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_making),
		cmocka_unit_test(test_buf),
		cmocka_unit_test(test_buf_json),
		cmocka_unit_test(test_buf_json_anywhere),
		cmocka_unit_test(test_strerror),
		cmocka_unit_test(names_of_a_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
