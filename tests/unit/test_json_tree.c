/* SPDX-License-Identifier: ISC */
/*
 * test_json_tree.c: a tree that is open when a request breaks off is given back.
 */
#include "tools/json_tree.h"

#include "check.h"

#include <stdlib.h>

static size_t held; /* by cJSON */

static void *
take(size_t n)
{
	held++;
	return malloc(n);
}

static void
drop(void *p)
{
	if (p != NULL)
		held--;
	free(p);
}

static void
test_read_and_print(void **state)
{
	struct arena *a = arena_new(0);
	struct json_tree *t = json_tree_open(a, STR("{\"a\": [1, \"b\"]} "), true);
	struct str text;
	jmp_buf jb;

	(void)state;
	assert_int_equal(ARENA_GUARD(a, jb), 0);
	assert_non_null(t->root);
	assert_true(json_tree_print(a, t, &text));
	assert_true(str_is(text, "{\n\t\"a\":\t[1, \"b\"]\n}"));
	json_tree_close(t);
	json_tree_close(t);
	assert_null(t->root);
	assert_null(json_tree_open(a, STR("{} x"), true)->root);
	assert_non_null(json_tree_open(a, STR("{} x"), false)->root);
	arena_free(a); /* two are still open */
	assert_int_equal(held, 0);
}

/* Each allocation fails once. */
static void
test_no_memory(void **state)
{
	volatile size_t failures = 0;

	(void)state;
	for (volatile size_t nth = 1;; nth++) {
		struct arena *a = arena_new(0);
		jmp_buf jb;

		arena_fail_at(a, nth);
		if (ARENA_GUARD(a, jb) == 0) {
			struct json_tree *t = json_tree_open(a, STR("[1, 2, {\"x\": \"y\"}]"), true);
			struct str text;

			assert_true(json_tree_print(a, t, &text));
			assert_true(held > 0);
			arena_unguard(a);
			arena_reset(a);
			assert_int_equal(held, 0);
			arena_free(a);
			break;
		}
		failures++;
		arena_free(a);
		assert_int_equal(held, 0);
	}
	assert_true(failures > 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_and_print),
		cmocka_unit_test(test_no_memory),
	};
	cJSON_Hooks hooks = { take, drop };

	cJSON_InitHooks(&hooks);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
