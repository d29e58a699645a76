/* SPDX-License-Identifier: ISC */
/*
 * selftest.c: runs the tests that stand in a policy, checks that what a rule
 * says to run `instead` is not denied by the policy itself, and finds the
 * rules that no test would miss.
 */
#include <string.h>

#include "bridle/limits.h"
#include "decide.h"

struct trial {
	struct table_world table;
	struct world world;
	struct request request;
	struct decision decision;
};

/* The world of one test. 0 or EINVAL with *what. */
static int
prepare(const struct policy *p, const struct policy_test *t, struct arena *a, struct trial *tr, struct str *what)
{
	int err;

	decide_test_world(&tr->table, &tr->request, a, &tr->world);
	for (size_t i = 0; i < t->ngivens; i++) {
		err = decide_given(p, &tr->table, &tr->world, &tr->request, t->givens[i].key, t->givens[i].value, what);
		if (err != 0)
			return err;
	}
	if (t->edit)
		return decide_edit_request(&tr->table, &tr->request, t->command, what);
	tr->request.kind = REQUEST_SHELL;
	tr->request.text = t->command;
	return 0;
}

/* Did this rule give verdict v for certain, or (any) at all? */
static bool
rule_gave(const struct decision *d, const struct rule *rule, bool any)
{
	for (size_t i = 0; i < d->njudged; i++)
		for (size_t k = 0; k < d->judged[i].nhits; k++)
			if (d->judged[i].hits[k].rule == rule && (any || d->judged[i].hits[k].match == TRI_YES))
				return true;
	if (d->decisive != NULL)
		for (size_t k = 0; k < d->decisive->nhits; k++)
			if (d->decisive->hits[k].rule == rule && (any || d->decisive->hits[k].match == TRI_YES))
				return true;
	return false;
}

/* NULL: as written. */
static const char *
verdict_wrong(const struct policy_test *t, const struct decision *d)
{
	enum verdict got = d->monitored ? d->would : d->verdict;

	if (got != t->expect)
		return "";
	if (t->rule == NULL)
		return NULL;
	if (t->expect == rule_ref(t->rule)->verdict)
		return rule_gave(d, t->rule, true) ? NULL : ", but not by this rule";
	return rule_gave(d, t->rule, false) ? ", but this rule matches for certain" : NULL;
}

static void
run_one(const struct policy *p, const struct policy_test *t, struct arena *a, struct diags *d)
{
	struct str what = STR("");
	struct trial tr;
	const char *wrong;
	struct diag *dg;

	memset(&tr, 0, sizeof tr);
	if (prepare(p, t, a, &tr, &what) != 0) {
		dg = diag_add(d, DIAG_ERROR, str_dup(d->a, t->file), t->line, 0, STR(""),
		    "this test cannot be run: " STR_FMT, STR_ARG(str_dup(d->a, what)));
		(void)dg;
		return;
	}
	decide(p, &tr.world, &tr.request, a, &tr.decision);
	if ((wrong = verdict_wrong(t, &tr.decision)) == NULL)
		return;
	dg = diag_add(d, DIAG_ERROR, str_dup(d->a, t->file), t->line, 0, STR(""), "test: expected %s, decided %s%s: " STR_FMT,
	    verdict_name(t->expect), verdict_name(tr.decision.monitored ? tr.decision.would : tr.decision.verdict),
	    wrong, STR_ARG(str_dup(d->a, t->command)));
	dg->hint = str_dup(d->a, tr.decision.reason);
}

/* `instead` must be a way out, not another wall. */
static void
check_instead(const struct policy *p, const struct rule_ref *ref, struct arena *a, struct diags *d)
{
	struct policy_test t;
	struct str what;
	struct trial tr;
	struct diag *dg;

	memset(&tr, 0, sizeof tr);
	memset(&t, 0, sizeof t);
	t.command = ref->instead;
	if (prepare(p, &t, a, &tr, &what) != 0)
		return;
	decide(p, &tr.world, &tr.request, a, &tr.decision);
	if (tr.decision.verdict != VERDICT_DENY)
		return;
	dg = diag_add(d, DIAG_ERROR, str_dup(d->a, ref->file), ref->line, 0, STR(""),
	    "what this rule says to run instead is denied by this policy: " STR_FMT, STR_ARG(ref->instead));
	dg->hint = str_dup(d->a, tr.decision.reason);
}

void
decide_selftest(const struct policy *p, struct arena *a, struct diags *d, struct selftest *out)
{
	const struct policy_test *tests;
	const struct rule *const *rules;
	struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
	size_t n, errors;

	(void)a;
	out->run = out->failed = 0;
	if (scratch == NULL) {
		diag_add(d, DIAG_ERROR, STR(""), 0, 0, STR(""), "no memory to run the policy's tests");
		out->failed = 1;
		return;
	}
	n = policy_tests(p, &tests);
	for (size_t i = 0; i < n; i++) {
		errors = d->errors;
		run_one(p, &tests[i], scratch, d);
		out->run++;
		out->failed += d->errors > errors;
		arena_reset(scratch);
	}
	n = policy_rules(p, &rules);
	for (size_t i = 0; i < n; i++) {
		if (rule_ref(rules[i])->instead.n == 0)
			continue;
		errors = d->errors;
		check_instead(p, rule_ref(rules[i]), scratch, d);
		out->failed += d->errors > errors;
		arena_reset(scratch);
	}
	arena_free(scratch);
}

/* ---- pins: which rules would be missed ---- */
/* What a test shows of the policy: the verdict, and whether its rule spoke. */
static unsigned
outcome(const struct policy *p, const struct policy_test *t, struct arena *a, struct trial *tr)
{
	struct str what;
	bool spoke, certain;

	memset(tr, 0, sizeof *tr);
	if (prepare(p, t, a, tr, &what) != 0)
		return 0;
	decide(p, &tr->world, &tr->request, a, &tr->decision);
	spoke = t->rule != NULL && rule_gave(&tr->decision, t->rule, true);
	certain = t->rule != NULL && rule_gave(&tr->decision, t->rule, false);
	return 1 + (unsigned)(tr->decision.monitored ? tr->decision.would : tr->decision.verdict) * 4 + spoke * 2U + certain;
}

/* Only a rule that spoke in a test can be missed by it. */
static bool
spoke_in(const struct decision *d, const struct rule *rule)
{
	return rule_ref(rule)->kind == RULE_RAW || rule_gave(d, rule, true);
}

void
decide_pins(struct policy *p, struct arena *a, bool *pinned)
{
	const struct policy_test *tests;
	const struct rule *const *rules;
	size_t ntests = policy_tests(p, &tests), n = policy_rules(p, &rules);
	struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
	bool *spoke = NEW_ARRAY(a, bool, n + 1);
	struct trial tr;

	memset(pinned, 0, n * sizeof *pinned);
	for (size_t t = 0; scratch != NULL && t < ntests; t++) {
		unsigned before = outcome(p, &tests[t], scratch, &tr);

		for (size_t i = 0; i < n; i++)
			spoke[i] = !pinned[i] && before != 0 && rule_ref(rules[i])->layer != LAYER_BUILTIN &&
			    spoke_in(&tr.decision, rules[i]);
		for (size_t i = 0; i < n; i++) {
			if (!spoke[i])
				continue;
			arena_reset(scratch);
			policy_rule_off(p, rules[i], true);
			pinned[i] = outcome(p, &tests[t], scratch, &tr) != before;
			policy_rule_off(p, rules[i], false);
		}
		arena_reset(scratch);
	}
	arena_free(scratch);
}
