/* SPDX-License-Identifier: ISC */
/*
 * test_world.c: the real world: regular files and nothing else, budgets that
 * end in unknown, an environment that may be cut, and no descriptor left
 * behind when memory ends.
 */
#include "bridle/limits.h"
#include "bridle/local.h"

#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];
static struct arena *a;
static struct local_world lw;
static struct world w;
static const char *const env[] = { "A=1", "B=", "A=2", "X", NULL };

static struct str
in(const char *name)
{
	return str_printf(a, "%s/%s", dir, name);
}

static void
put(const char *name, const char *text)
{
	FILE *f = fopen(in(name).p, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int
setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/bridle-world-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	a = arena_new(0);
	local_world_init(&lw, a, env, &w);
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = { "f", "empty", "fifo", "link", "big", "d/x", "d/y" };
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in(names[i]).p);
	rmdir(in("d").p);
	local_world_close(&lw);
	arena_free(a);
	return rmdir(dir);
}

static void
test_files(void **state)
{
	struct str s;
	struct world_stat st;
	(void)state;
	put("f", "hello\n");
	put("empty", "");
	assert_int_equal(mkfifo(in("fifo").p, 0600), 0);
	assert_int_equal(symlink("f", in("link").p), 0);
	assert_int_equal(w.read(w.ctx, a, in("f"), 100, &s), 0);
	assert_str(s, "hello\n");
	assert_int_equal(w.read(w.ctx, a, in("link"), 6, &s), 0);
	assert_int_equal(w.read(w.ctx, a, in("f"), 5, &s), BRIDLE_EUNKNOWN);
	assert_int_equal(w.read(w.ctx, a, in("empty"), 5, &s), 0);
	assert_int_equal(s.n, 0);
	assert_int_equal(w.read(w.ctx, a, in("none"), 5, &s), BRIDLE_ENOENT);
	assert_int_equal(w.read(w.ctx, a, in("f/x"), 5, &s), BRIDLE_ENOENT);
	assert_int_equal(w.read(w.ctx, a, in("fifo"), 5, &s), BRIDLE_EUNKNOWN);
	assert_int_equal(w.read(w.ctx, a, str_of(dir), 5, &s), BRIDLE_EUNKNOWN);
	assert_int_equal(w.read(w.ctx, a, STR("/dev/zero"), 5, &s), BRIDLE_EUNKNOWN);
	struct str nul = in("f");
	nul = (struct str){ str_cat(a, nul, (struct str){ "\0x", 2 }).p, nul.n + 2 };
	assert_int_equal(w.read(w.ctx, a, nul, 100, &s), BRIDLE_EUNKNOWN);
	assert_int_equal(w.stat(w.ctx, nul, true, &st), BRIDLE_EUNKNOWN);
	assert_int_equal(w.stat(w.ctx, in("link"), false, &st), 0);
	assert_int_equal(st.kind, WORLD_LINK);
	assert_int_equal(w.stat(w.ctx, in("link"), true, &st), 0);
	assert_int_equal(st.kind, WORLD_FILE);
	assert_int_equal(st.size, 6);
	assert_int_equal(w.stat(w.ctx, in("fifo"), true, &st), 0);
	assert_int_equal(st.kind, WORLD_OTHER);
	assert_int_equal(w.link(w.ctx, a, in("link"), &s), 0);
	assert_str(s, "f");
	/* A size of 0 that is not true is not "known to be empty". */
	if (access("/proc/self/status", R_OK) == 0)
		assert_int_equal(w.read(w.ctx, a, STR("/proc/self/status"), 100000, &s), BRIDLE_EUNKNOWN);
}

/* What is not there holds nothing: the system is asked once. Its name may be the
 * beginning of another's. */
static void
test_absent(void **state)
{
	struct world_entry *v;
	struct world_stat st;
	struct str s;
	size_t n;
	(void)state;
	put("big", "x");
	assert_int_equal(w.stat(w.ctx, in("bi"), true, &st), BRIDLE_ENOENT);
	assert_int_equal(w.stat(w.ctx, in("bi/g"), false, &st), BRIDLE_ENOENT);
	assert_int_equal(w.read(w.ctx, a, in("bi/g/x"), 10, &s), BRIDLE_ENOENT);
	assert_int_equal(w.list(w.ctx, a, in("bi/g"), &v, &n), BRIDLE_ENOENT);
	assert_int_equal(w.stat(w.ctx, in("big"), true, &st), 0);
	assert_int_equal(w.read(w.ctx, a, in("big"), 10, &s), 0);
	assert_str(s, "x");
	/* A request is judged at one moment. */
	assert_int_equal(mkdir(in("d").p, 0700), 0);
	assert_int_equal(w.stat(w.ctx, in("d/x"), true, &st), BRIDLE_ENOENT);
	put("d/x", "y");
	assert_int_equal(w.stat(w.ctx, in("d/x"), true, &st), BRIDLE_ENOENT);
	assert_int_equal(w.stat(w.ctx, in("d"), true, &st), 0);
}

/* What they are for the command is not what they are for who looks. */
static void
test_own_places(void **state)
{
	static const char *const paths[] = { "/proc/self/cwd", "/proc/self/cwd/x", "/proc/thread-self/root",
		"/proc/1/cwd", "/dev/fd/0", "/proc/self" };
	struct world_entry *v;
	struct world_stat st;
	struct str s;
	size_t n;
	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		struct str path = str_of(paths[i]);
		assert_int_equal(w.stat(w.ctx, path, true, &st), BRIDLE_EUNKNOWN);
		assert_int_equal(w.link(w.ctx, a, path, &s), BRIDLE_EUNKNOWN);
		assert_int_equal(w.list(w.ctx, a, path, &v, &n), BRIDLE_EUNKNOWN);
	}
	assert_int_not_equal(w.stat(w.ctx, STR("/proc"), true, &st), BRIDLE_EUNKNOWN);
	assert_int_not_equal(w.stat(w.ctx, STR("/proc/selfish"), true, &st), 0);
}

static void
test_list(void **state)
{
	struct world_entry *v;
	size_t n;
	(void)state;
	assert_int_equal(mkdir(in("d").p, 0700), 0);
	put("d/x", "");
	put("d/y", "");
	assert_int_equal(w.list(w.ctx, a, in("d"), &v, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(w.list(w.ctx, a, in("none"), &v, &n), BRIDLE_ENOENT);
	assert_int_equal(w.list(w.ctx, a, in("d/x"), &v, &n), BRIDLE_ENOENT);
}

static void
test_env(void **state)
{
	struct str v, *names;
	size_t n;
	(void)state;
	assert_int_equal(w.env(w.ctx, STR("A"), &v), 0);
	assert_str(v, "1");
	assert_int_equal(w.env(w.ctx, STR("B"), &v), 0);
	assert_int_equal(v.n, 0);
	assert_int_equal(w.env(w.ctx, STR("C"), &v), BRIDLE_ENOENT);
	assert_int_equal(w.env_names(w.ctx, a, &names, &n), 0);
	assert_int_equal(n, 2);
	for (int i = 0; i < 40; i++) { /* as well when it is asked often */
		struct world each;
		struct local_world often;
		local_world_init(&often, a, env, &each);
		for (int k = 0; k <= i; k++) {
			assert_int_equal(each.env(each.ctx, STR("A"), &v), 0);
			assert_str(v, "1");
			assert_int_equal(each.env(each.ctx, STR("X"), &v), BRIDLE_ENOENT);
			assert_int_equal(each.env(each.ctx, STR("A=1"), &v), BRIDLE_ENOENT);
			assert_int_equal(each.env(each.ctx, STR("A\0B"), &v), BRIDLE_ENOENT);
		}
	}
	assert_true(w.env_none(w.ctx, STR("C")));
	assert_true(w.env_none(w.ctx, STR("AB")));
	assert_false(w.env_none(w.ctx, STR("A")));
	assert_false(w.env_none(w.ctx, STR("")));
	lw.env_cut = true;
	assert_false(w.env_none(w.ctx, STR("C")));
	assert_int_equal(w.env(w.ctx, STR("A"), &v), 0);
	assert_int_equal(w.env(w.ctx, STR("C"), &v), BRIDLE_EUNKNOWN);
	assert_int_equal(w.env_names(w.ctx, a, &names, &n), BRIDLE_EUNKNOWN);
	struct local_world none;
	struct world x;
	local_world_init(&none, a, NULL, &x);
	assert_int_equal(x.env(x.ctx, STR("A"), &v), BRIDLE_EUNKNOWN);
	assert_false(x.env_none(x.ctx, STR("A")));
}

static void
test_budget(void **state)
{
	struct str s;
	struct world_stat st;
	(void)state;
	put("f", "hello\n");
	lw.bytes = LIMIT_FILES_BYTES - 6;
	assert_int_equal(w.read(w.ctx, a, in("f"), 100, &s), 0);
	assert_int_equal(w.read(w.ctx, a, in("f"), 100, &s), BRIDLE_EUNKNOWN);
	assert_int_equal(w.stat(w.ctx, in("f"), true, &st), 0);
	lw.lookups = LIMIT_LOOKUPS - 1;
	assert_int_equal(w.stat(w.ctx, in("none"), true, &st), BRIDLE_ENOENT);
	assert_int_equal(w.stat(w.ctx, in("none"), true, &st), BRIDLE_EUNKNOWN);
	assert_int_equal(w.stat(w.ctx, in("f"), true, &st), BRIDLE_EUNKNOWN);
}

/* Each allocation fails once; afterwards the next descriptor is the same. */
static void
test_no_memory(void **state)
{
	volatile size_t failures = 0;
	(void)state;
	assert_int_equal(mkdir(in("d").p, 0700), 0);
	put("d/x", "");
	put("f", "hello\n");
	int before = open("/dev/null", O_RDONLY);
	close(before);
	for (volatile size_t nth = 1;; nth++) {
		struct arena *b = arena_new(0);
		struct local_world l;
		struct world x;
		struct world_entry *v;
		struct str s;
		size_t n;
		jmp_buf jb;
		local_world_init(&l, b, env, &x);
		arena_fail_at(b, nth);
		if (ARENA_GUARD(b, jb) != 0) {
			local_world_close(&l);
			arena_free(b);
			failures++;
			continue;
		}
		assert_int_equal(x.read(x.ctx, b, in("f"), 100, &s), 0);
		assert_int_equal(x.list(x.ctx, b, in("d"), &v, &n), 0);
		arena_unguard(b);
		arena_free(b);
		break;
	}
	int after = open("/dev/null", O_RDONLY);
	close(after);
	assert_int_equal(before, after);
	assert_true(failures > 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_own_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_env, setup, teardown),
		cmocka_unit_test_setup_teardown(test_budget, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
