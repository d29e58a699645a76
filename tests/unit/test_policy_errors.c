/* SPDX-License-Identifier: ISC */
/*
 * test_policy_errors.c: what is said about policies that are wrong, word by
 * word: tests/policy/errors/NAME.policy is loaded, and NAME.out must come out.
 * untrusted.policy is read as that of a project which nobody trusted.
 */
#include "bridle/policy.h"

#include "check.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#define DIR "tests/policy/errors/"

static int
slurp(struct arena *a, const char *path, struct str *out)
{
	FILE *f = fopen(path, "rb");
	char *p = arena_alloc(a, 1 << 16);
	size_t n;

	if (f == NULL)
		return BRIDLE_ENOENT;
	n = fread(p, 1, 1 << 16, f);
	fclose(f);
	*out = (struct str){ p, n };
	return 0;
}

static int
include(void *ctx, struct arena *a, struct str from, struct str name, bool shipped,
    struct str *text, struct str *path)
{
	(void)ctx, (void)from;
	*path = str_dup(a, name);
	return shipped ? BRIDLE_ENOENT : slurp(a, str_c(a, str_cat(a, STR(DIR), name)), text);
}

static void
check_one(const char *path)
{
	struct arena *a = arena_new(0);
	struct str base = path_base(str_of(path)), want;
	bool trusted = !str_is(base, "untrusted.policy");
	struct policy_source s = { .layer = trusted ? LAYER_USER : LAYER_PROJECT, .trusted = trusted,
		.name = base, .path = base };
	struct policy_loader loader = { NULL, include };
	struct policy *p;
	struct diags d;
	struct buf out;
	int err;

	assert_int_equal(slurp(a, path, &s.text), 0);
	diags_init(&d, a);
	err = policy_load(a, &s, 1, &loader, &p, &d);
	assert_int_equal(err, trusted ? BRIDLE_ESYNTAX : 0);
	assert_true((p == NULL) == trusted);
	buf_init(&out, a);
	diags_print(&d, &out, false);
	assert_int_equal(slurp(a, str_c(a, str_printf(a, DIR STR_FMT ".out", STR_ARG(str_sub(base, 0, base.n - 7)))), &want), 0);
	if (!str_eq(buf_str(&out), want))
		print_error("%s:\n", path);
	assert_str(buf_str(&out), str_c(a, want));
	arena_free(a);
}

static void
test_texts(void **state)
{
	glob_t g;

	(void)state;
	assert_int_equal(glob(DIR "*.policy", 0, NULL, &g), 0);
	assert_true(g.gl_pathc > 25);
	for (size_t i = 0; i < g.gl_pathc; i++)
		check_one(g.gl_pathv[i]);
	globfree(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_texts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
