/* SPDX-License-Identifier: ISC */
/*
 * test_session.c: what was done is known in its session, forgotten in time,
 * bounded, and, where it is to be kept, still there after a restart.
 */
#include "bridle/limits.h"
#include "bridle/local.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64], path[96];

static int
setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/bridle-session-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/done", dir);
	return 0;
}

static int
teardown(void **state)
{
	char tmp[128];
	(void)state;
	snprintf(tmp, sizeof(tmp), "%s.new", path);
	unlink(tmp);
	unlink(path);
	return rmdir(dir);
}

static struct str
number(char *b, size_t cap, size_t n)
{
	snprintf(b, cap, "key %zu", n);
	return str_of(b);
}

static void
test_sessions(void **state)
{
	struct sessions *s = sessions_new(NULL);
	(void)state;
	assert_false(sessions_done(s, STR("a"), STR("k")));
	assert_int_equal(sessions_did(s, STR("a"), STR("k"), false, 1), 0);
	assert_true(sessions_done(s, STR("a"), STR("k")));
	assert_false(sessions_done(s, STR("b"), STR("k")));
	assert_false(sessions_done(s, STR("a"), STR("k2")));
	assert_int_equal(sessions_did(s, STR("b"), STR("p"), true, 1), 0);
	assert_true(sessions_done(s, STR("a"), STR("p")));
	sessions_end(s, STR("a"));
	sessions_end(s, STR("never"));
	assert_false(sessions_done(s, STR("a"), STR("k")));
	sessions_end(s, STR("b"));
	assert_true(sessions_done(s, STR("b"), STR("p")));
	assert_int_equal(sessions_count(s), 0);
	assert_null(sessions_settings(s, STR("a")));
	assert_false(sessions_seen(s, STR("a"), 5));
	assert_true(sessions_seen(s, STR("a"), 5));
	*sessions_settings(s, STR("a")) = 3;
	assert_int_equal(*sessions_settings(s, STR("a")), 3);
	sessions_free(s);
	sessions_free(NULL);
}

static void
test_age(void **state)
{
	struct sessions *s = sessions_new(NULL);
	const int64_t age = (int64_t)LIMIT_SESSION_AGE_S * 1000;
	(void)state;
	sessions_did(s, STR("old"), STR("k"), false, 1000);
	sessions_did(s, STR("new"), STR("k"), false, 2000);
	sessions_age(s, 1000 + age);
	assert_true(sessions_done(s, STR("old"), STR("k")));
	sessions_age(s, 1001 + age);
	assert_false(sessions_done(s, STR("old"), STR("k")));
	assert_true(sessions_done(s, STR("new"), STR("k")));
	sessions_free(s);
}

static void
test_bounds(void **state)
{
	struct sessions *s = sessions_new(NULL);
	char b[32];
	(void)state;
	for (size_t i = 0; i <= LIMIT_SESSION_DEEDS; i++)
		sessions_did(s, STR("a"), number(b, sizeof(b), i), false, 1);
	assert_false(sessions_done(s, STR("a"), number(b, sizeof(b), 0)));
	assert_true(sessions_done(s, STR("a"), number(b, sizeof(b), 1)));
	assert_true(sessions_done(s, STR("a"), number(b, sizeof(b), LIMIT_SESSION_DEEDS)));
	for (size_t i = 0; i < LIMIT_SESSIONS; i++)
		sessions_seen(s, number(b, sizeof(b), i), 2 + (int64_t)i);
	assert_int_equal(sessions_count(s), LIMIT_SESSIONS);
	assert_false(sessions_done(s, STR("a"), number(b, sizeof(b), 1)));
	for (size_t i = 0; i <= LIMIT_KEPT_DEEDS; i++)
		sessions_did(s, STR("k"), number(b, sizeof(b), i), true, 1000);
	assert_false(sessions_done(s, STR("x"), number(b, sizeof(b), 0)));
	assert_true(sessions_done(s, STR("x"), number(b, sizeof(b), 1)));
	sessions_free(s);
}

static void
test_restart(void **state)
{
	char b[32];
	struct stat st;
	(void)state;
	struct sessions *s = sessions_new(path);
	for (size_t i = 0; i < (size_t)3 * LIMIT_KEPT_DEEDS; i++) {
		assert_int_equal(sessions_did(s, STR("a"), number(b, sizeof(b), i), true, 1), 0);
		assert_int_equal(sessions_did(s, STR("a"), number(b, sizeof(b), i), true, 1), 0);
	}
	sessions_did(s, STR("a"), STR("not kept"), false, 1);
	sessions_free(s);
	/* One line a deed, rewritten once it held twice what is kept. */
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(st.st_size <= (off_t)2 * LIMIT_KEPT_DEEDS * 65);
	s = sessions_new(path);
	assert_true(sessions_done(s, STR("b"), number(b, sizeof(b), 3 * LIMIT_KEPT_DEEDS - 1)));
	assert_true(sessions_done(s, STR("b"), number(b, sizeof(b), 2 * LIMIT_KEPT_DEEDS)));
	assert_false(sessions_done(s, STR("b"), number(b, sizeof(b), LIMIT_KEPT_DEEDS)));
	assert_false(sessions_done(s, STR("a"), STR("not kept")));
	sessions_free(s);
}

static void
test_damaged_file(void **state)
{
	(void)state;
	struct sessions *s = sessions_new(path);
	sessions_did(s, STR("a"), STR("one"), true, 1);
	sessions_did(s, STR("a"), STR("two"), true, 1);
	sessions_free(s);
	FILE *f = fopen(path, "a");
	assert_non_null(f);
	fputs("garbage\n\n0123\nzz", f);
	fclose(f);
	assert_int_equal(truncate(path, 65 + 64), 0); /* "two" lost its newline */
	s = sessions_new(path);
	assert_true(sessions_done(s, STR("b"), STR("one")));
	assert_false(sessions_done(s, STR("b"), STR("two")));
	sessions_free(s);
}

static void
test_unwritable(void **state)
{
	(void)state;
	struct sessions *s = sessions_new("/nowhere/at/all/done");
	assert_int_equal(sessions_did(s, STR("a"), STR("k"), true, 1), BRIDLE_EIO);
	assert_true(sessions_done(s, STR("b"), STR("k")));
	sessions_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test_setup_teardown(test_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_file, setup, teardown),
		cmocka_unit_test(test_unwritable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
