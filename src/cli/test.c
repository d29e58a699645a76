/* SPDX-License-Identifier: ISC */
/*
 * test.c: `bridle test`, `bridle lint`, `bridle fmt`: what a person runs after
 * changing a policy. The tests themselves: src/decide/selftest.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridle/limits.h"
#include "cli.h"

static int run_test(int argc, char **argv);
static int run_lint(int argc, char **argv);
static int run_fmt(int argc, char **argv);

const struct command cmd_test = { "test", "test [FILE]…",
	"run the tests that stand in the policies",
	"Without FILE: the policies that hold here. Exit status 0: all as written.\n", run_test };
const struct command cmd_lint = { "lint", "lint [FILE]…",
	"warn of rules that say less or more than they seem to",
	"Without FILE: the policies that hold here. Exit status 1 where it warns.\n", run_lint };
const struct command cmd_fmt = { "fmt", "fmt [--write] [FILE]…",
	"a policy in its canonical form",
	"  --write   change the files themselves; else print\nWithout FILE: standard input.\n", run_fmt };

static struct local_policy *
load(int n, char **argv, bool tests, int *status)
{
	struct local_policy_options o;
	struct local_places places;
	struct local_policy *lp;
	struct arena *a = arena_new(0);
	char cwd[4096];

	*status = EXIT_USAGE;
	if (a == NULL || local_places(a, &places) != 0 || getcwd(cwd, sizeof cwd) == NULL) {
		fputs("bridle: no home directory or working directory\n", stderr);
		arena_free(a);
		return NULL;
	}
	memset(&o, 0, sizeof o);
	o.files = (const char *const *)argv;
	o.nfiles = (size_t)n;
	o.project = local_project(a, str_of(cwd), (const char *const *)environment());
	o.state = places.state;
	o.no_tests = !tests;
	lp = local_policy_load(&places, &o);
	arena_free(a);
	return lp;
}

static int
run_test(int argc, char **argv)
{
	struct local_policy *lp;
	int n = options(&cmd_test, argc, argv, NULL, 0, false), status;

	if (n < 0)
		return n == -2 ? 0 : EXIT_USAGE;
	if ((lp = load(n, argv + 1, true, &status)) == NULL)
		return status;
	print_diags(&lp->diags);
	if (lp->policy == NULL && lp->tests.run == 0) {
		status = EXIT_USAGE;
	} else {
		printf("%zu tests, %zu failed\n", lp->tests.run, lp->tests.failed);
		status = lp->tests.failed > 0 || lp->policy == NULL ? 1 : 0;
	}
	local_policy_free(lp);
	return status;
}

static int
run_lint(int argc, char **argv)
{
	struct local_policy *lp;
	int n = options(&cmd_lint, argc, argv, NULL, 0, false), status;

	if (n < 0)
		return n == -2 ? 0 : EXIT_USAGE;
	if ((lp = load(n, argv + 1, true, &status)) == NULL)
		return status;
	if (lp->policy != NULL)
		policy_lint(lp->policy, &lp->diags);
	print_diags(&lp->diags);
	status = lp->policy == NULL ? EXIT_USAGE : lp->diags.warnings > 0 ? 1 : 0;
	local_policy_free(lp);
	return status;
}

/* Written beside and renamed: a crash leaves the old file whole. */
static int
replace(const char *path, struct str text)
{
	char tmp[4096];
	FILE *f;
	int fd;

	if (snprintf(tmp, sizeof tmp, "%s.XXXXXX", path) >= (int)sizeof tmp || (fd = mkstemp(tmp)) < 0)
		return -1;
	f = fdopen(fd, "wb");
	if (f == NULL || fwrite(text.p, 1, text.n, f) != text.n || fflush(f) != 0 || fsync(fd) != 0 ||
	    rename(tmp, path) != 0) {
		if (f != NULL)
			fclose(f);
		unlink(tmp);
		return -1;
	}
	return fclose(f);
}

static int
fmt_one(const char *path, bool write_back)
{
	struct arena *a = arena_new(0);
	struct str text, out;
	struct diags d;
	int status = 0;

	if (a == NULL)
		return EXIT_USAGE;
	diags_init(&d, a);
	if (local_read_file(a, path, LIMIT_POLICY_FILE, &text) != 0) {
		fprintf(stderr, "bridle fmt: %s: %s\n", path, strerror(errno));
		status = EXIT_USAGE;
	} else if (policy_format(a, text, str_of(path), &out, &d) != 0) {
		print_diags(&d);
		status = EXIT_USAGE;
	} else if (!write_back) {
		write_out(out);
	} else if (!str_eq(text, out) && replace(path, out) != 0) {
		fprintf(stderr, "bridle fmt: %s: cannot be written: %s\n", path, strerror(errno));
		status = 1;
	}
	arena_free(a);
	return status;
}

static int
fmt_stdin(void)
{
	struct arena *a = arena_new(0);
	struct str out;
	struct diags d;
	struct buf b;
	char block[8192];
	size_t n;
	int status = 0;

	if (a == NULL)
		return EXIT_USAGE;
	diags_init(&d, a);
	buf_init(&b, a);
	while ((n = fread(block, 1, sizeof block, stdin)) > 0 && b.n <= LIMIT_POLICY_FILE)
		buf_add(&b, (struct str){ block, n });
	if (policy_format(a, buf_str(&b), STR("standard input"), &out, &d) != 0) {
		print_diags(&d);
		status = EXIT_USAGE;
	} else {
		write_out(out);
	}
	arena_free(a);
	return status;
}

static int
run_fmt(int argc, char **argv)
{
	bool write_back = false;
	const struct opt table[] = { { "write", 'w', OPT_FLAG, &write_back } };
	int n = OPTIONS(&cmd_fmt, argc, argv, table, false), status = 0;

	if (n < 0)
		return n == -2 ? 0 : EXIT_USAGE;
	if (n == 0)
		return fmt_stdin();
	for (int i = 1; i <= n; i++) {
		int s = fmt_one(argv[i], write_back);

		status = s > status ? s : status;
	}
	return status;
}
