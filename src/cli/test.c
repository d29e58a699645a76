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

const struct command cmd_test = { "test", "test [--pins] [--json] [FILE]…",
	"run the tests that stand in the policies",
	"Without FILE: the policies that hold here. Exit status 0: all as written.\n"
	"  --pins   also name the rules that no test would miss: each is left out and the\n"
	"           tests are run; status 1 where there are any\n"
	"  --json   for scripts\n",
	run_test };
const struct command cmd_lint = { "lint", "lint [--json] [FILE]…",
	"warn of rules that say less or more than they seem to",
	"Without FILE: the policies that hold here. Exit status 1 where it warns.\n"
	"  --json   for scripts\n",
	run_lint };
const struct command cmd_fmt = { "fmt", "fmt [--write] [FILE]…",
	"a policy in its canonical form",
	"  --write   change the files themselves; else print\nWithout FILE: standard input.\n", run_fmt };

static struct local_policy *
load(const struct command *c, int n, char **argv, bool tests, int *status)
{
	struct local_policy_options o;
	struct local_places places;
	struct local_policy *lp;
	struct arena *a = arena_new(0);
	char cwd[4096];

	*status = EXIT_USAGE;
	if (a == NULL || getcwd(cwd, sizeof cwd) == NULL) {
		fputs("bridle: the working directory is gone\n", stderr);
		arena_free(a);
		return NULL;
	}
	if (local_places(a, &places) != 0) {
		*status = no_home(c);
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

/* ---- for scripts ---- */
static void
json_diags(struct buf *b, const struct diags *d)
{
	buf_puts(b, "\"diagnostics\":[");
	for (size_t i = 0; i < d->list.n; i++) {
		const struct diag *g = &d->list.v[i];

		buf_printf(b, "%s{\"level\":\"%s\",\"file\":", i > 0 ? "," : "", g->level == DIAG_ERROR ? "error" : "warning");
		buf_json(b, g->file);
		buf_printf(b, ",\"line\":%u,\"message\":", g->line);
		buf_json(b, g->message);
		if (g->hint.n > 0) {
			buf_puts(b, ",\"hint\":");
			buf_json(b, g->hint);
		}
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}

/* ---- pins ---- */
struct pins {
	size_t rules, unpinned;
	size_t shipped; /* beside them: what comes with bridle and was included */
};

/* The rules that no test would miss, each as a warning at its place. */
static struct pins
find_unpinned(struct local_policy *lp)
{
	const struct rule *const *rules;
	size_t nrules = policy_rules(lp->policy, &rules);
	struct pins n = { 0 };
	bool *pinned = NEW_ARRAY(lp->a, bool, nrules + 1);

	decide_pins(lp->policy, lp->a, pinned);
	for (size_t i = 0; i < nrules; i++) {
		const struct rule_ref *ref = rule_ref(rules[i]);

		if (ref->layer == LAYER_BUILTIN)
			continue;
		if (ref->shipped) { /* not what this file's tests are for */
			n.shipped++;
			continue;
		}
		n.rules++;
		if (pinned[i])
			continue;
		n.unpinned++;
		diag_add(&lp->diags, DIAG_WARNING, ref->file, ref->line, 0, STR(""), "no test would miss this rule: " STR_FMT,
		    STR_ARG(ref->text))->hint = STR("add a `test` below it with a line that only this rule decides");
	}
	return n;
}

static void
print_pins(const struct pins *n)
{
	printf("%zu rule%s, %zu that no test would miss", n->rules, n->rules == 1 ? "" : "s", n->unpinned);
	if (n->shipped > 0)
		printf("; %zu more, of policies that come with bridle, are not looked at", n->shipped);
	putchar('\n');
}

static int
print_tests(struct local_policy *lp, bool json, bool pins)
{
	struct pins found = { 0 };
	bool failed = lp->tests.failed > 0 || lp->policy == NULL;
	struct buf b;

	if (pins && !failed)
		found = find_unpinned(lp);
	if (json) {
		buf_init(&b, lp->a);
		buf_printf(&b, "{\"tests\":%zu,\"failed\":%zu,", lp->tests.run, lp->tests.failed);
		if (pins)
			buf_printf(&b, "\"rules\":%zu,\"unpinned\":%zu,\"shipped\":%zu,", found.rules, found.unpinned, found.shipped);
		json_diags(&b, &lp->diags);
		buf_puts(&b, "}\n");
		write_out(buf_str(&b));
	} else {
		print_diags(&lp->diags);
		if (lp->policy != NULL || lp->tests.run > 0)
			printf("%zu test%s, %zu failed\n", lp->tests.run, lp->tests.run == 1 ? "" : "s", lp->tests.failed);
		if (pins && !failed)
			print_pins(&found);
	}
	if (lp->policy == NULL && lp->tests.run == 0)
		return EXIT_USAGE;
	return failed || found.unpinned > 0 ? 1 : 0;
}

static int
run_test(int argc, char **argv)
{
	bool json = false, pins = false;
	const struct opt table[] = {
		{ "pins", 0, OPT_FLAG, &pins },
		{ "json", 0, OPT_FLAG, &json },
	};
	struct local_policy *lp;
	int n = OPTIONS(&cmd_test, argc, argv, table, false), status;

	if (n < 0)
		return n == -2 ? 0 : EXIT_USAGE;
	if ((lp = load(&cmd_test, n, argv + 1, true, &status)) == NULL)
		return status;
	status = print_tests(lp, json, pins);
	local_policy_free(lp);
	return status;
}

static int
run_lint(int argc, char **argv)
{
	bool json = false;
	const struct opt table[] = { { "json", 0, OPT_FLAG, &json } };
	struct local_policy *lp;
	int n = OPTIONS(&cmd_lint, argc, argv, table, false), status;
	struct buf b;

	if (n < 0)
		return n == -2 ? 0 : EXIT_USAGE;
	if ((lp = load(&cmd_lint, n, argv + 1, true, &status)) == NULL)
		return status;
	if (lp->policy != NULL)
		policy_lint(lp->policy, &lp->diags);
	if (json) {
		buf_init(&b, lp->a);
		buf_putc(&b, '{');
		json_diags(&b, &lp->diags);
		buf_puts(&b, "}\n");
		write_out(buf_str(&b));
	} else {
		print_diags(&lp->diags);
	}
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
