/* SPDX-License-Identifier: ISC */
/*
 * test_parse.c: the shell parser's trees, errors and limits.
 */
#include "shell/parse.h"

#include "check.h"

/* The dump of text, or "error …" where it does not parse. */
static void
check_dump(const char *text, const char *want)
{
	struct arena *a = arena_new(0);
	struct ast_error err;
	struct node *root;
	struct buf b;

	assert_int_equal(ast_parse(a, str_of(text), SHELL_BASH, NULL, &root, &err), 0);
	buf_init(&b, a);
	ast_dump(root, &b);
	if (err.what.n > 0)
		buf_printf(&b, "error %zu " STR_FMT, err.at, STR_ARG(err.what));
	assert_str(buf_str(&b), want);
	arena_free(a);
}

static void
test_first(void **state)
{
	(void)state;
	check_dump("git push -f 2>&1 | tail -1",
	    "(pipe (cmd git push -f (2>& 1)) (cmd tail -1))");
	check_dump("a\nb )", "(cmd a)error 4 unexpected `)`");
	check_dump("cat <<E\n$x\nE\nb", "(list (cmd cat (<< E \"${x}\\n\")) (cmd b))");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
