/* SPDX-License-Identifier: ISC */
/*
 * test_arena.c: arenas, vectors and maps, and what they do when memory is used
 * up: every allocation is made to fail once.
 */
#include "bridle/base.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static void
test_alloc(void **state)
{
	struct arena *a = arena_new(0);
	char *p[500];

	(void)state;
	for (size_t i = 0; i < 500; i++) {
		size_t n = i * 7;

		p[i] = arena_alloc(a, n);
		assert_int_equal((uintptr_t)p[i] % _Alignof(max_align_t), 0);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(p[i][k], 0);
		if (n > 0)
			memset(p[i], (int)i, n);
	}
	for (size_t i = 1; i < 500; i++)
		assert_true((unsigned char)p[i][i * 7 - 1] == (i & 0xff));
	assert_true(arena_used(a) >= 500 * 499 / 2 * 7);
	arena_reset(a);
	assert_int_equal(arena_used(a), 0);
	p[0] = arena_alloc(a, 64);
	for (size_t k = 0; k < 64; k++)
		assert_int_equal(p[0][k], 0); /* zeroed again */
	arena_free(a);
	arena_free(NULL);
}

static char given_back[8];

static void
give_back(void *what)
{
	strcat(given_back, what);
}

/* What was deferred is given back once, the newest first, with its memory. */
static void
test_deferred(void **state)
{
	struct arena *a = arena_new(0);
	char one[] = "1", two[] = "2", three[] = "3";
	struct arena_mark m;

	(void)state;
	arena_defer(a, give_back, one);
	m = arena_mark(a);
	arena_defer(a, give_back, two);
	arena_alloc(a, 100000);
	arena_defer(a, give_back, three);
	assert_string_equal(given_back, "");
	arena_release(a, m);
	assert_string_equal(given_back, "32");
	arena_reset(a);
	assert_string_equal(given_back, "321");
	arena_defer(a, give_back, two);
	arena_free(a);
	assert_string_equal(given_back, "3212");
}

static void
test_marks(void **state)
{
	struct arena *a = arena_new(0);
	struct arena_mark m;
	size_t used;
	char *p;

	(void)state;
	arena_alloc(a, 100);
	m = arena_mark(a);
	used = arena_used(a);
	p = arena_alloc(a, 10);
	for (int i = 0; i < 100; i++)
		arena_alloc(a, 10000);
	arena_release(a, m);
	assert_int_equal(arena_used(a), used);
	assert_ptr_equal(arena_alloc(a, 10), p);
	arena_free(a);
}

/* The largest block is kept and used again: the system is not asked anew. */
static void
test_kept(void **state)
{
	struct arena *a = arena_new(0);
	char *p = memset(arena_alloc(a, 10000), 'x', 10000), *other;

	(void)state;
	arena_reset(a);
	other = malloc(10016); /* would take what was given back */
	assert_ptr_equal(arena_alloc(a, 10000), p);
	for (size_t i = 0; i < 10000; i++)
		assert_int_equal(p[i], 0);
	arena_alloc(a, 100000); /* more than the block that was kept */
	arena_reset(a);
	free(other);
	arena_free(a);
}

/* Allocates until the guard is jumped to; what was used then. */
static size_t
fill(struct arena *a, size_t n, size_t size)
{
	jmp_buf jb;

	if (ARENA_GUARD(a, jb) == 0) {
		for (;;)
			arena_array(a, n, size);
	}
	arena_unguard(a);
	return arena_used(a);
}

static void
test_limit(void **state)
{
	struct arena *a = arena_new(100000);

	(void)state;
	assert_in_range(fill(a, 10, 10), 100000 - 112, 100000);
	assert_null(arena_try(a, 200));
	arena_reset(a);
	assert_int_equal(fill(a, 1, 100001), 0);
	assert_int_equal(fill(a, SIZE_MAX / 8, 16), 0); /* n * size overflows */
	assert_int_equal(fill(a, SIZE_MAX / 2, 1), 0);
	assert_non_null(arena_try(a, 100000));
	assert_null(arena_try(a, 1));
	arena_reset(a);
	arena_spare(a, 1000); /* for what is left to do of this request alone */
	assert_null(arena_try(a, 2000));
	arena_reset(a);
	assert_non_null(arena_try(a, 100000));
	arena_free(a);
}

/* Work of all kinds, its result as text. */
static struct str
work(struct arena *a)
{
	static char words[3][4] = { "one", "two", "six" };
	struct map *m = map_new(a);
	VEC(size_t) numbers = { 0 };
	struct buf b;
	struct str key;
	void *value;
	size_t i = 0;

	buf_init(&b, a);
	for (size_t k = 0; k < 100; k++) {
		*vec_push(a, &numbers) = k;
		map_put(m, str_printf(a, "key %zu", k % 30), &words[k % 3]);
	}
	while (map_next(m, &i, &key, &value))
		buf_printf(&b, STR_FMT "=%s,", STR_ARG(key), (const char *)value);
	buf_json(&b, str_cat(a, STR("x"), path_clean(a, path_join(a, STR("/a/b"), STR("../c")))));
	return buf_str(&b);
}

static void
test_each_allocation_fails(void **state)
{
	struct arena *a = arena_new(0), *keep = arena_new(0);
	struct str want = str_dup(keep, work(a)), got = STR("");
	volatile size_t n;
	jmp_buf jb;

	(void)state;
	for (n = 1; got.n == 0; n++) {
		arena_reset(a);
		if (ARENA_GUARD(a, jb) != 0)
			continue;
		arena_fail_at(a, n);
		got = work(a);
	}
	assert_true(n > 100);
	assert_str(got, want.p);
	arena_free(a);
	arena_free(keep);
}

static void
test_map(void **state)
{
	struct arena *a = arena_new(0);
	struct map *m = map_new(a);
	static int values[1000];
	struct str key;
	void *value;
	size_t i = 0, n = 0;

	(void)state;
	assert_null(map_get(m, STR("x")));
	assert_null(map_del(m, STR("x")));
	assert_false(map_next(m, &i, &key, &value));
	for (size_t k = 0; k < 1000; k++)
		map_put(m, str_printf(a, "%zu", k), &values[k]);
	assert_int_equal(map_count(m), 1000);
	for (size_t k = 0; k < 1000; k += 2)
		assert_ptr_equal(map_del(m, str_printf(a, "%zu", k)), &values[k]);
	assert_int_equal(map_count(m), 500);
	map_put(m, STR("1"), &values[0]); /* replaced, keeps its place */
	map_put(m, STR("0"), &values[2]); /* new again, goes last */
	assert_ptr_equal(map_get(m, STR("1")), &values[0]);
	assert_null(map_get(m, STR("2")));
	i = 0;
	while (map_next(m, &i, &key, &value)) {
		assert_str(key, n == 500 ? "0" : str_printf(a, "%zu", 2 * n + 1).p);
		n++;
	}
	assert_int_equal(n, 501);
	assert_int_equal(map_count(m), 501);
	arena_free(a);
}

/* Keys that come and go do not fill the table. */
static void
test_map_churn(void **state)
{
	struct arena *a = arena_new(64 << 10);
	struct map *m = map_new(a);
	int value;

	(void)state;
	for (unsigned k = 0; k < 100000; k++) {
		map_put(m, str_of(k % 7 < 3 ? "abc" : "def"), &value);
		map_del(m, str_of(k % 7 < 3 ? "abc" : "def"));
	}
	assert_int_equal(map_count(m), 0);
	assert_true(arena_used(a) < 4096);
	arena_free(a);
}

/* Bytes that were used before: what is promised to be zeroed is, texts end. */
static void
used_bytes(void **state)
{
	struct arena *a = arena_new(0);
	struct str s;
	struct buf b;

	(void)state;
	for (int round = 0; round < 6; round++) {
		memset(arena_raw(a, 2000), 'x', 2000);
		arena_reset(a);
		s = round == 0 ? str_dup(a, STR("abc")) :
		    round == 1 ? str_cat(a, STR("a"), STR("bc")) :
		    round == 2 ? path_join(a, STR("/a"), STR("b")) :
		    round == 3 ? path_clean(a, STR("/a/./b/")) :
		    round == 4 ? str_dup(a, STR("")) : str_printf(a, "%300s", "x");
		assert_int_equal(strlen(s.p), s.n);
		buf_init(&b, a);
		buf_putc(&b, 'y');
		assert_int_equal(strlen(b.p), 1);
		const char *zeros = arena_alloc(a, 500);
		for (int i = 0; i < 500; i++)
			assert_int_equal(zeros[i], 0);
		arena_reset(a);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(used_bytes),
		cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_deferred),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_each_allocation_fails),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_map_churn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
