/* SPDX-License-Identifier: ISC */
/*
 * decide.c: the heart. Actions meet rules, the strictest verdict wins.
 * What a command is: src/tools. What a rule matches: src/policy/match.c.
 * The sentence that explains it: reason.c.
 */
#include <string.h>

#include "bridle/limits.h"
#include "decide.h"

#define REASON_MEMORY "bridle needed more memory than a request may use to judge this; nothing is known of it. Split the command."

/* deny: yes denies, maybe asks. ask: either asks. allow: only ever a yes. */
static enum verdict
hit_verdict(const struct hit *h)
{
	enum verdict v = rule_ref(h->rule)->verdict;

	if (v == VERDICT_ALLOW)
		return h->match == TRI_YES ? VERDICT_ALLOW : VERDICT_NONE;
	return h->match == TRI_YES ? v : VERDICT_ASK;
}

static enum verdict
default_if_set(const struct policy *p, enum policy_default which)
{
	return policy_default_set(p, which) ? policy_default(p, which) : VERDICT_NONE;
}

/* What a file action says where no rule speaks. */
static enum verdict
file_default(const struct policy *p, const struct action *act, struct str *why)
{
	bool edit = act->kind == ACTION_EDIT;
	enum policy_default which = edit ? DEFAULT_EDIT : DEFAULT_READ;
	enum verdict v = default_if_set(p, which);

	*why = edit ? STR("no rule speaks of this file; the default for edits") :
	    STR("no rule speaks of this file; the default for reads");
	if (act->flags & (ACTION_DEVICE | ACTION_LOOKED | ACTION_INNER))
		return VERDICT_NONE;
	if (act->flags & ACTION_NETFILE)
		return policy_default(p, DEFAULT_COMMAND);
	if ((act->flags & ACTION_REDIRECT) && edit) {
		v = verdict_stricter(v, policy_default(p, DEFAULT_COMMAND));
		if (act->file.n == 1 && word_prefix(act->file.v[0]).n == 0 && act->file.v[0].n > 0)
			v = verdict_stricter(v, policy_default(p, DEFAULT_UNKNOWN_PATH));
		return v;
	}
	if (act->flags & ACTION_SELF)
		return policy_default(p, which);
	/* Named by an operand or `<`: the command's own verdict stands. */
	return v == VERDICT_ALLOW || v == VERDICT_PASS ? VERDICT_NONE : v;
}

/* Where no rule speaks: semantics 1, the table of kinds. */
static enum verdict
kind_default(const struct policy *p, const struct action *act, struct str *why)
{
	switch (act->kind) {
	case ACTION_COMMAND:
		if (act->flags & ACTION_BUILTIN) {
			*why = STR("shell builtin without outside effect");
			return VERDICT_ALLOW;
		}
		*why = STR("no rule speaks of it; the default for commands");
		if (act->flags & (ACTION_INNER | ACTION_LOOKED | ACTION_GUESS))
			return VERDICT_NONE;
		if (act->flags & ACTION_HELP) {
			*why = STR("it only prints help");
			return VERDICT_ALLOW;
		}
		return policy_default(p, DEFAULT_COMMAND);
	case ACTION_EDIT:
	case ACTION_READ:
		return file_default(p, act, why);
	case ACTION_TOOL:
		*why = STR("no rule speaks of this tool; the default for tools");
		return policy_default(p, DEFAULT_TOOL);
	case ACTION_UNKNOWN:
		*why = act->why;
		if (act->unknown == UNKNOWN_LIMIT)
			return VERDICT_ASK;
		return verdict_stricter(policy_default(p, DEFAULT_COMMAND),
		    policy_default(p, act->unknown == UNKNOWN_DYNAMIC ? DEFAULT_DYNAMIC : DEFAULT_OPAQUE));
	}
	return VERDICT_ASK;
}

static void
judge(const struct policy *p, const struct match_world *mw, const struct action *act,
    struct arena *a, struct judged *out)
{
	struct hits hits;

	memset(out, 0, sizeof *out);
	out->action = act;
	out->certain = true;
	if (act->flags & ACTION_HARMLESS)
		return;
	policy_match(p, mw, act, a, &hits);
	out->hits = hits.list.v;
	out->nhits = hits.list.n;
	for (size_t i = 0; i < hits.list.n; i++) {
		const struct hit *h = &hits.list.v[i];
		enum verdict v = hit_verdict(h);

		/* The first of the strictest, but a certain one before a maybe. */
		if (v > out->verdict || (v == out->verdict && !out->certain && h->match == TRI_YES)) {
			out->verdict = v;
			out->rule = h->rule;
			out->why = h->why;
			out->certain = h->match == TRI_YES;
		}
	}
	if (out->verdict == VERDICT_NONE) {
		out->verdict = kind_default(p, act, &out->why);
		out->certain = act->kind != ACTION_UNKNOWN;
	}
}

/* Raw rules judge the string as sent; they can only tighten. A grant is bound to
 * what an action means, so it lifts none of them. */
static void
judge_raw(const struct policy *p, const struct match_world *mw, struct str text,
    struct arena *a, struct decision *out)
{
	struct hits hits;
	struct judged *j;

	if (text.n == 0)
		return;
	policy_match_raw(p, mw, text, a, &hits);
	for (size_t i = 0; i < hits.list.n; i++) {
		enum verdict v = hit_verdict(&hits.list.v[i]);

		out->final = true;
		if (v <= out->verdict)
			continue;
		j = NEW(a, struct judged);
		j->verdict = v;
		j->rule = hits.list.v[i].rule;
		j->why = hits.list.v[i].why;
		j->certain = hits.list.v[i].match == TRI_YES;
		j->hits = hits.list.v;
		j->nhits = hits.list.n;
		out->verdict = v;
		out->decisive = j;
	}
}

static bool
final_hit(const struct judged *j)
{
	for (size_t i = 0; i < j->nhits; i++)
		if (j->hits[i].match == TRI_YES && rule_ref(j->hits[i].rule)->final)
			return true;
	return false;
}

static void
judge_all(const struct policy *p, const struct match_world *mw, struct arena *a, struct decision *out)
{
	size_t n = out->actions.list.n;
	struct judged *js = NEW_ARRAY(a, struct judged, n);

	for (size_t i = 0; i < n; i++) {
		struct action *act = out->actions.list.v[i];

		if (act->kind == ACTION_COMMAND && (act->flags & ACTION_HARMLESS) == 0)
			act->text = action_text(a, act); /* for rules, the reason and the record */
		judge(p, mw, act, a, &js[i]);
		out->final = out->final || final_hit(&js[i]);
		if (js[i].verdict > out->verdict ||
		    (js[i].verdict == out->verdict && out->decisive != NULL &&
			!out->decisive->certain && js[i].certain)) {
			out->verdict = js[i].verdict;
			out->decisive = &js[i];
		}
	}
	out->judged = js;
	out->njudged = n;
}

/* No policy could be loaded: guarded tools ask, the rest passes. */
static void
judge_unarmed(struct arena *a, struct decision *out)
{
	size_t n = out->actions.list.n;
	struct judged *js = NEW_ARRAY(a, struct judged, n);
	struct models *m = models_new(a);

	for (size_t i = 0; i < n; i++) {
		const struct action *act = out->actions.list.v[i];
		bool guarded = act->kind == ACTION_UNKNOWN ||
		    (act->kind == ACTION_COMMAND && models_guarded(m, act->tool));

		js[i].action = act;
		js[i].certain = true;
		js[i].verdict = guarded ? VERDICT_ASK : VERDICT_PASS;
		js[i].why = STR("no policy could be loaded");
		if (js[i].verdict > out->verdict) {
			out->verdict = js[i].verdict;
			out->decisive = &js[i];
		}
	}
	out->judged = js;
	out->njudged = n;
}

static void
monitor(const struct policy *p, struct decision *out)
{
	const struct rule_ref *ref = out->rule == NULL ? NULL : rule_ref(out->rule);

	if (p == NULL || !policy_monitor(p) || (ref != NULL && ref->layer == LAYER_BUILTIN))
		return;
	out->monitored = true;
	out->would = out->verdict;
	out->verdict = VERDICT_PASS;
}

static void
decide_guarded(const struct policy *p, const struct world *w, const struct request *r,
    struct arena *a, struct decision *out)
{
	struct match_world mw = { w, r, &out->actions };
	const struct models *m = p != NULL ? policy_models(p) : models_new(a);

	if (r->kind == REQUEST_BAD) {
		out->reason = r->text.n > 0 ? r->text : STR("the request could not be read");
		return;
	}
	if (tools_read(m, w, r, a, &out->actions) != 0) {
		out->reason = STR("bridle could not read this command within its limits. Split it into simpler commands.");
		return;
	}
	out->verdict = VERDICT_NONE;
	if (p == NULL) {
		judge_unarmed(a, out);
	} else {
		judge_all(p, &mw, a, out);
		judge_raw(p, &mw, r->kind == REQUEST_TOOL ? r->tool_text : r->text, a, out);
	}
	if (out->verdict == VERDICT_NONE)
		out->verdict = VERDICT_PASS;
	if (out->decisive != NULL) {
		out->rule = out->decisive->rule;
		out->certain = out->decisive->certain;
	} else {
		out->certain = true;
	}
	out->secrets = secrets_collect(a, r->kind == REQUEST_TOOL ? r->tool_text : r->text, &out->actions);
	out->reason = secrets_redact(a, out->secrets, decide__reason(a, out, r), NULL, NULL);
	monitor(p, out);
}

void
decide(const struct policy *p, const struct world *w, const struct request *r,
    struct arena *a, struct decision *out)
{
	jmp_buf jb;

	memset(out, 0, sizeof *out);
	out->verdict = VERDICT_ASK;
	if (ARENA_GUARD(a, jb) != 0) {
		/* What comes after, the record and the answer, needs some too. */
		arena_unguard(a);
		arena_spare(a, LIMIT_SPARE);
		memset(out, 0, sizeof *out);
		out->verdict = VERDICT_ASK;
		out->reason = STR(REASON_MEMORY);
		return;
	}
	decide_guarded(p, w, r, a, out);
	arena_unguard(a);
}

static int
deeds_guarded(const struct policy *p, const struct world *w, const struct request *r,
    struct arena *a, struct deeds *out)
{
	struct actions acts;
	struct match_world mw = { w, r, &acts };
	int err;

	memset(&acts, 0, sizeof acts);
	if ((err = tools_read(policy_models(p), w, r, a, &acts)) != 0)
		return err;
	for (size_t i = 0; i < acts.list.n; i++) {
		const struct action *act = acts.list.v[i];

		policy_due(p, &mw, act, a, out);
		if (act->kind != ACTION_COMMAND || !act->decisive ||
		    (act->flags & (ACTION_INNER | ACTION_LOOKED | ACTION_GUESS | ACTION_TAINTED)))
			continue;
		if ((err = policy_deeds(p, &mw, act, a, out)) != 0)
			return err;
	}
	return 0;
}

int
decide_deeds(const struct policy *p, const struct world *w, const struct request *r,
    struct arena *a, struct deeds *out)
{
	jmp_buf jb;
	int err;

	memset(out, 0, sizeof *out);
	if (p == NULL || r->kind == REQUEST_BAD)
		return 0;
	if (ARENA_GUARD(a, jb) != 0) {
		arena_unguard(a);
		arena_spare(a, LIMIT_SPARE);
		memset(out, 0, sizeof *out);
		return BRIDLE_ENOMEM;
	}
	err = deeds_guarded(p, w, r, a, out);
	arena_unguard(a);
	return err;
}
