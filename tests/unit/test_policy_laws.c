/* SPDX-License-Identifier: ISC */
/*
 * test_policy_laws.c: laws that hold for all rules and commands, tried on many
 * made by chance (always the same ones).
 *
 *   the index leaves out no rule that matches
 *   what an allow covers, a deny of the same pattern denies
 *   a further word, except or when never makes a rule match more; `...` never
 *   makes an allow cover less
 *   what is allowed with an unknown word is allowed however it is filled (if
 *   the tool runs it at all), and what a filling would have denied is never
 *   let through in silence
 */
#include "bridle/decide.h"

#include "check.h"

#include <string.h>

#define COUNT(v) (sizeof(v) / sizeof(v)[0])

/* ---- chance ---- */

static uint64_t seed = 1;

static size_t
chance(size_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)(seed % n);
}

#define ONE_OF(v) ((v)[chance(COUNT(v))])

/* ---- rules and commands ---- */

static const char *const heads[] = { "fly", "fly deploy", "fly volumes", "fly volumes destroy", "fly status",
	"fly secrets set", "fly scale count", "fly machine run img", "fly apps destroy", "git push", "git push origin",
	"git push origin main", "git push origin feat/*", "git status", "git", "mytool", "mytool a", "mytool a b",
	"mytool -rf", "rm -rf", "cat", "sort" };
static const char *const more[] = { "--app prod", "--app {prod,stage}", "--app p*", "--now", "--region lhr",
	"--build-only", "v1", "x", "--force", "-f", "main", "a", "b", "-u", "--json", "2", "*" };
static const char *const words[] = { "-a prod", "-a stage", "--app=prod", "-a other", "--now", "--now=false",
	"--build-only", "--region lhr", "-r iad", "v1", "x", "main", "feat/x", "HEAD:main", "+main", "-f", "--force",
	"-u", "--json", "-r", "-rf", "a", "b", "2", "-t tok", "--", "--unknown", "-o out" };
static const char *const bodies[] = { "fly", "fly deploy", "flyctl deploy", "fly volumes destroy", "fly vol list",
	"fly status", "fly secrets set K=V", "fly scale count", "fly m run img", "fly apps destroy", "git push",
	"git push origin", "git status", "git -C x status", "mytool", "mytool a", "mytool a b", "rm", "cat", "sort",
	"timeout 5 fly status", "sudo fly deploy", "FLY_APP=prod fly deploy", "bash -c 'fly deploy -a prod'" };

static struct str
make_pattern(struct arena *a)
{
	struct str p = str_of(ONE_OF(heads));

	for (size_t i = chance(3); i > 0; i--)
		p = str_printf(a, STR_FMT " %s", STR_ARG(p), ONE_OF(more));
	return p;
}

/* gap: what may also stand where a word could, or NULL. */
static struct str
make_command(struct arena *a, const char *gap)
{
	size_t n = chance(4), at = chance(n + 1);
	struct str c = str_of(ONE_OF(bodies));

	for (size_t i = 0; i <= n; i++) {
		if (gap != NULL && i == at)
			c = str_printf(a, STR_FMT " %s", STR_ARG(c), gap);
		if (i < n)
			c = str_printf(a, STR_FMT " %s", STR_ARG(c), ONE_OF(words));
	}
	return c;
}

/* NULL: the pattern is no good (an option that the command does not have). */
static struct policy *
load(struct arena *a, struct str rules)
{
	struct policy_source s = { .layer = LAYER_USER, .trusted = true, .name = STR("t") };
	struct policy *p;
	struct diags d;

	diags_init(&d, a);
	s.text = str_cat(a, STR("version 1\n"), rules);
	return policy_load(a, &s, 1, NULL, &p, &d) == 0 ? p : NULL;
}

static struct policy *
rule(struct arena *a, const char *verdict, struct str pattern, struct str clause)
{
	return load(a, str_printf(a, "%s " STR_FMT "\n    because x\n" STR_FMT, verdict, STR_ARG(pattern), STR_ARG(clause)));
}

static bool refused; /* the tool itself would not run the line judged last */

static enum verdict
verdict(const struct policy *p, struct arena *a, struct str command)
{
	struct table_world table;
	struct decision d;
	struct request r;
	struct world w;

	decide_test_world(&table, &r, a, &w);
	table_world_file(&table, STR("/project/fly.toml"), STR("app = \"prod\"\n"));
	r.kind = REQUEST_SHELL;
	r.text = command;
	decide(p, &w, &r, a, &d);
	refused = false;
	for (size_t i = 0; i < d.njudged; i++)
		refused |= d.judged[i].action->kind == ACTION_COMMAND && !d.judged[i].action->runs;
	return d.verdict;
}

/* How far the rule of the policy goes: pass 0, a maybe 1, a yes 2. */
static int
reach(const struct policy *p, struct arena *a, struct str command, enum verdict yes)
{
	enum verdict v = verdict(p, a, command);

	return v == yes ? 2 : v == VERDICT_ASK ? 1 : 0;
}

static void
fail_law(const char *law, struct str x, struct str y, struct str command)
{
	print_error("%s\n  " STR_FMT "\n  " STR_FMT "\n  " STR_FMT "\n", law, STR_ARG(x), STR_ARG(y), STR_ARG(command));
	fail();
}

/* ---- the laws ---- */

/* A word that can only narrow: targets are alternatives, and so are the values
 * of an option that is given twice. */
static const char *
narrowing(struct str p)
{
	bool modelled = !str_starts(p, STR("mytool")) && !str_starts(p, STR("rm"));

	for (;;) {
		const char *w = ONE_OF(more);

		if (!modelled || (w[0] == '-' && str_find(p, str_sub(str_of(w), 0, strcspn(w, " "))) == STR_NPOS))
			return w;
	}
}

static void
law_narrower(struct arena *a)
{
	struct str p = make_pattern(a), q = str_printf(a, STR_FMT " %s", STR_ARG(p), narrowing(p));
	struct policy *wide = rule(a, "deny", p, STR("")), *narrow = rule(a, "deny", q, STR(""));

	for (int i = 0; i < 8 && wide != NULL && narrow != NULL; i++) {
		struct str c = make_command(a, chance(3) == 0 ? "$X" : NULL);

		if (reach(narrow, a, c, VERDICT_DENY) > reach(wide, a, c, VERDICT_DENY))
			fail_law("a further word makes a deny match more", p, q, c);
	}
}

static void
law_same_pattern(struct arena *a)
{
	struct str p = make_pattern(a), q = str_cat(a, p, STR(" ..."));
	struct policy *allow = rule(a, "allow", p, STR("")), *rest = rule(a, "allow", q, STR(""));
	struct policy *deny = rule(a, "deny", p, STR(""));

	for (int i = 0; i < 8 && allow != NULL && deny != NULL; i++) {
		struct str c = make_command(a, chance(3) == 0 ? "\"$X\"" : NULL);
		bool allowed = verdict(allow, a, c) == VERDICT_ALLOW;

		if (allowed && verdict(deny, a, c) != VERDICT_DENY)
			fail_law("an allow covers what the same deny does not deny", p, p, c);
		if (allowed && rest != NULL && verdict(rest, a, c) != VERDICT_ALLOW)
			fail_law("an allow with ... covers less", p, q, c);
	}
}

static void
law_clauses(struct arena *a)
{
	static const char *const clauses[] = { "    when region is lhr\n", "    when region is not lhr\n",
		"    when effect is destroy\n", "    when app matches ^p\n" };
	static const char *const verdicts[] = { "allow", "deny" };
	static const enum verdict yes[] = { VERDICT_ALLOW, VERDICT_DENY };
	size_t which = chance(2);
	struct str p = make_pattern(a), clause = str_of(ONE_OF(clauses));
	struct policy *plain, *less;

	if (chance(2) == 0)
		clause = str_printf(a, "    except " STR_FMT "\n", STR_ARG(make_pattern(a)));
	plain = rule(a, verdicts[which], p, STR(""));
	less = rule(a, verdicts[which], p, clause);
	for (int i = 0; i < 8 && plain != NULL && less != NULL; i++) {
		struct str c = make_command(a, chance(3) == 0 ? "$X" : NULL);

		if (reach(less, a, c, yes[which]) > reach(plain, a, c, yes[which]))
			fail_law("a clause makes a rule match more", p, clause, c);
	}
}

static void
law_fillings(struct arena *a)
{
	static const char *const gaps[] = { "$X", "\"$X\"", "-a $X", "--app \"$X\"", "pre-$X" };
	static const char *const fills[] = { "prod", "stage", "main", "-f", "--now", "--build-only", "v1", "''", "destroy",
		"--app prod", "-a stage --now", "HEAD:main", "x y" };
	struct str p = make_pattern(a);
	const char *gap = ONE_OF(gaps);
	struct policy *allow = rule(a, "allow", chance(4) > 0 ? str_cat(a, p, STR(" ...")) : p, STR(""));
	struct policy *deny = rule(a, "deny", p, STR(""));

	for (int i = 0; i < 3 && allow != NULL && deny != NULL; i++) {
		struct str c = make_command(a, gap);
		bool allowed = verdict(allow, a, c) == VERDICT_ALLOW, silent = verdict(deny, a, c) < VERDICT_ASK;
		size_t at = str_find(c, str_of(gap));

		for (int k = 0; k < 4 && (allowed || silent); k++) {
			const char *v = ONE_OF(fills);
			bool quoted = strchr(gap, '"') != NULL;
			size_t skip = strlen(gap), var = (size_t)(strchr(gap, 'X') - gap) - (quoted ? 2 : 1);
			struct str filled;

			if (quoted && strcmp(v, "''") == 0)
				continue;
			filled = str_printf(a, STR_FMT STR_FMT "%s%s%s" STR_FMT, STR_ARG(str_sub(c, 0, at)),
			    STR_ARG(str_sub(str_of(gap), 0, var)), quoted ? "'" : "", v, quoted ? "'" : "",
			    STR_ARG(str_sub(c, at + skip, c.n)));
			if (allowed && verdict(allow, a, filled) != VERDICT_ALLOW && !refused)
				fail_law("allowed with an unknown word, but not with this one", p, c, filled);
			if (silent && verdict(deny, a, filled) == VERDICT_DENY)
				fail_law("denied with this word, silent while it is unknown", p, c, filled);
		}
	}
}

/* Many rules together say of a command what each says alone. */
static void
law_index(struct arena *a)
{
	static const char *const verdicts[] = { "allow", "ask", "deny" };
	static const char *const kinds[] = { "", "", "", "glob *", "regex ", "edit " };
	struct policy *alone[60], *all;
	struct str text = STR("");
	size_t n = 0;

	while (n < COUNT(alone)) {
		struct str one = str_printf(a, "%s %s" STR_FMT "\n    because x\n", ONE_OF(verdicts), ONE_OF(kinds),
		    STR_ARG(chance(3) == 0 ? str_printf(a, "mytool a t%zu", chance(40)) : make_pattern(a)));

		if ((alone[n] = load(a, one)) == NULL)
			continue;
		text = str_cat(a, text, one);
		n++;
	}
	all = load(a, text);
	assert_non_null(all);
	for (int i = 0; i < 12; i++) {
		struct str c = make_command(a, chance(3) == 0 ? "$X" : NULL);
		enum verdict want = VERDICT_PASS, got;
		bool allowed = false;

		if (chance(4) == 0)
			c = str_printf(a, "mytool a t%zu x", chance(40));
		if (chance(8) == 0)
			c = str_printf(a, "%s > fly", c.p);
		for (size_t k = 0; k < n; k++) {
			enum verdict v = verdict(alone[k], a, c);

			allowed |= v == VERDICT_ALLOW;
			want = v > want ? v : want;
		}
		got = verdict(all, a, c);
		/* An allow needs all actions covered, which several rules can do together. */
		if (got != want && !(want == VERDICT_PASS && got == VERDICT_ALLOW))
			fail_law("together the rules say otherwise", text, STR(""), c);
		if (want == VERDICT_PASS && allowed && got != VERDICT_ALLOW)
			fail_law("an allow is not found", text, STR(""), c);
	}
}

static void
try_law(void (*law)(struct arena *a), int times)
{
	seed = 88172645463325252u;
	for (int i = 0; i < times; i++) {
		struct arena *a = arena_new(0);

		law(a);
		arena_free(a);
	}
}

static void
test_narrower(void **state)
{
	(void)state;
	try_law(law_narrower, 500);
}

static void
test_same_pattern(void **state)
{
	(void)state;
	try_law(law_same_pattern, 500);
}

static void
test_clauses(void **state)
{
	(void)state;
	try_law(law_clauses, 500);
}

static void
test_fillings(void **state)
{
	(void)state;
	try_law(law_fillings, 1000);
}

static void
test_index(void **state)
{
	(void)state;
	try_law(law_index, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_narrower),
		cmocka_unit_test(test_same_pattern),
		cmocka_unit_test(test_clauses),
		cmocka_unit_test(test_fillings),
		cmocka_unit_test(test_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
