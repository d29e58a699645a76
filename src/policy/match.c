/* SPDX-License-Identifier: ISC */
/*
 * match.c: does a rule speak of an action? pattern and when and not except and
 * not unless, in Kleene's logic:
 *
 *   places that tighten (the pattern of ask and deny, the except of an allow)
 *   are loose: what may match is a maybe;
 *   places that loosen (the pattern of an allow; except and unless of ask and
 *   deny) are exact: a maybe there has become a no.
 *
 * How a pattern is compared: command.c, text.c, pathpat.c, when.c, order.c.
 */
#include "policy.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
policy__why(struct matching *m, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	if (m->why.n > 0)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	m->why = str_dup(m->a, str_of(text));
}

/* ---- the pattern ---- */

static bool
one_text(const struct word *w)
{
	return w->n == 1 && w->v[0].kind == PIECE_TEXT;
}

enum tri
policy__among(struct words any, struct word w)
{
	enum tri result = TRI_NO;

	for (size_t i = 0; i < any.n; i++) {
		const struct word *p = &any.v[i];

		if (one_text(&w) && one_text(p)) { /* as nearly always */
			if (str_eq(p->v[0].text, w.v[0].text))
				return TRI_YES;
		} else if (word_covers(*p, w)) {
			return TRI_YES;
		} else if (result == TRI_NO && word_meets(*p, w)) {
			result = TRI_MAYBE;
		}
	}
	return result;
}

static enum tri
tool_matches(struct matching *m, const struct selector *s)
{
	struct str name = m->act->tool;

	if (m->act->kind != ACTION_TOOL) {
		if ((m->act->flags & ACTION_SELF) == 0)
			return TRI_NO;
		name = m->w->request->tool; /* Edit, Write, Read: by their own names */
	}
	return name.n > 0 && words_cover(s->tools, word_text(m->a, name)) ? TRI_YES : TRI_NO;
}

static bool
was_found(struct word path)
{
	for (size_t i = 0; i < path.n; i++)
		if (path.v[i].kind != PIECE_TEXT && path.v[i].set == &byteset_below)
			return true;
	return false;
}

/* /proc/self/root/…: a place that is another's for whoever looks. */
static bool
through_a_process(struct matching *m, struct word file)
{
	static const struct {
		struct str begins;
		bool numbered; /* and only what lies below the number */
	} ways[] = { { STR("/root/"), false }, { STR("/cwd/"), false }, { STR("/task/"), false }, { STR("/fd/"), true } };
	struct str rest = word_prefix(file), first;

	if (!path_in_proc(rest))
		return false;
	rest = str_sub(rest, 6, rest.n);
	first = str_sub(rest, 0, str_chr(rest, '/') == STR_NPOS ? rest.n : str_chr(rest, '/'));
	if (!str_is(first, "self") && !str_is(first, "thread-self") && strspn(first.p, "0123456789") < first.n)
		return false;
	rest = str_sub(rest, first.n, rest.n);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		if (str_starts(rest, ways[i].begins) && (!ways[i].numbered ||
		        str_chr(str_sub(rest, ways[i].begins.n, rest.n), '/') != STR_NPOS)) {
			policy__why(m, "which file " STR_FMT " is for the command cannot be seen", STR_ARG(word_show(m->a, file)));
			m->there = true;
			return true;
		}
	return false;
}

static enum tri
file_matches(struct matching *m, const struct selector *s, bool loosen)
{
	const struct action *act = m->act;

	if (act->file.n == 0 || (act->flags & ACTION_DEVICE) != 0)
		return TRI_NO;
	if (loosen && (act->flags & (ACTION_OPERAND | ACTION_NETFILE | ACTION_RECURSIVE)) != 0)
		return TRI_NO;
	if (loosen && act->kind == ACTION_READ && (act->flags & ACTION_REDIRECT) != 0)
		return TRI_NO; /* the command's own verdict stands */
	if (!loosen && act->kind == ACTION_EDIT && through_a_process(m, act->file.v[0]))
		return TRI_MAYBE;
	if ((act->flags & ACTION_RECURSIVE) != 0)
		return policy__below(m, &s->paths, act->file.v[0]);
	if (!loosen && act->kind == ACTION_EDIT && was_found(act->file.v[0]))
		return policy__found(m, &s->paths, act->file.v[0]);
	return policy__paths(m, &s->paths, act->file.v[0], loosen);
}

enum tri
policy__selects(struct matching *m, const struct selector *s, bool loosen)
{
	enum action_kind kind = m->act->kind;

	switch (s->kind) {
	case RULE_COMMAND:
		return kind == ACTION_COMMAND ? policy__command(m, &s->command, loosen) : TRI_NO;
	case RULE_GLOB:
	case RULE_REGEX:
		if (kind == ACTION_COMMAND || (kind == ACTION_UNKNOWN && !loosen))
			return policy__text(m, s, loosen);
		return TRI_NO;
	case RULE_EDIT:
		return kind == ACTION_EDIT ? file_matches(m, s, loosen) : TRI_NO;
	case RULE_READ:
		return kind == ACTION_READ ? file_matches(m, s, loosen) : TRI_NO;
	case RULE_TOOL:
		return tool_matches(m, s);
	case RULE_RAW:
		break;
	}
	return TRI_NO;
}

/* ---- the clauses ---- */

static enum tri
whens_hold(struct matching *m, const struct rule *r, bool loosen)
{
	enum tri result = TRI_YES;

	for (size_t i = 0; i < r->whens.n && result != TRI_NO; i++)
		result = tri_and(result, policy__when(m, &r->whens.v[i], loosen));
	return result;
}

/* An except or unless of ask and deny that certainly holds. The reason of the
 * pattern's maybe stays the reason. */
static bool
lifted(struct matching *m, const struct rule *r)
{
	struct str why = m->why;
	bool off = false;

	for (size_t i = 0; i < r->excepts.n && !off; i++)
		off = policy__selects(m, &r->excepts.v[i], true) == TRI_YES;
	for (size_t i = 0; i < r->unlesses.n && !off; i++)
		off = policy__unless(m, &r->unlesses.v[i]) == TRI_YES;
	m->why = why;
	return off;
}

static bool
taken_away(struct matching *m, const struct rule *r)
{
	for (size_t i = 0; i < r->excepts.n; i++)
		if (policy__selects(m, &r->excepts.v[i], false) != TRI_NO)
			return true;
	return false;
}

static enum tri
allows(struct matching *m, const struct rule *r)
{
	if ((m->act->flags & (ACTION_INNER | ACTION_LOOKED | ACTION_GUESS | ACTION_HARMLESS)) != 0)
		return TRI_NO;
	if (policy__selects(m, &r->sel, true) != TRI_YES || whens_hold(m, r, true) != TRI_YES)
		return TRI_NO;
	return taken_away(m, r) ? TRI_NO : TRI_YES;
}

/* A path that is not wholly known could be any file, ours too: self-protection
 * asks only where what is known of it points at us. Else every `> "$OUT"` would. */
static bool
near_us(const struct matching *m)
{
	struct str known = m->act->file.n > 0 ? word_prefix(m->act->file.v[0]) : STR("");

	return m->there || str_find(known, STR("bridle")) != STR_NPOS || str_find(known, STR("/.claude")) != STR_NPOS;
}

static enum tri
tightens(struct matching *m, const struct rule *r)
{
	enum tri result;

	m->there = false;
	result = policy__selects(m, &r->sel, false);
	if ((m->act->flags & ACTION_HELP) != 0)
		return TRI_NO;
	if (result != TRI_NO)
		result = tri_and(result, whens_hold(m, r, false));
	if (result != TRI_NO && r->ref.kind == RULE_EDIT)
		result = tri_and(result, policy__edits(m, r));
	if (result == TRI_NO || lifted(m, r))
		return TRI_NO;
	if ((m->act->flags & ACTION_GUESS) != 0 && result == TRI_YES) {
		policy__why(m, "this may be a command that another program runs");
		return TRI_MAYBE;
	}
	if (result == TRI_MAYBE && r->ref.layer == LAYER_BUILTIN && r->ref.kind == RULE_EDIT && !near_us(m))
		return TRI_NO;
	return (m->act->flags & ACTION_LOOKED) != 0 && result != TRI_YES ? TRI_NO : result;
}

/* ---- all rules ---- */

/* Of two that are as strict, the one that no deed lifts: what it says to do
 * instead helps, and to do first what the other one wants would not. */
static int
by_strictness(const void *x, const void *y)
{
	const struct rule *a = ((const struct hit *)x)->rule, *b = ((const struct hit *)y)->rule;

	if (a->ref.verdict != b->ref.verdict)
		return a->ref.verdict > b->ref.verdict ? -1 : 1;
	if ((a->unlesses.n > 0) != (b->unlesses.n > 0))
		return a->unlesses.n > 0 ? 1 : -1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static void
try_rule(struct matching *m, const struct rule *r, struct hits *out)
{
	enum tri t;

	if (r->off)
		return;
	m->why = STR("");
	t = r->ref.verdict == VERDICT_ALLOW ? allows(m, r) : tightens(m, r);
	if (t != TRI_NO)
		*vec_push(m->a, &out->list) = (struct hit){ r, t, m->why };
}

void
policy_match(const struct policy *p, const struct match_world *w, const struct action *act,
    struct arena *a, struct hits *out)
{
	struct matching m = { .p = p, .w = w, .act = act, .a = a };
	struct candidates c = { 0 };

	memset(out, 0, sizeof *out);
	policy__candidates(p->index, &m, &c);
	for (size_t i = 0; i < c.list.n; i++)
		try_rule(&m, c.list.v[i], out);
	if (out->list.n > 1)
		qsort(out->list.v, out->list.n, sizeof out->list.v[0], by_strictness);
}

void
policy_match_raw(const struct policy *p, const struct match_world *w, struct str text,
    struct arena *a, struct hits *out)
{
	struct action none = { .kind = ACTION_UNKNOWN };
	struct matching m = { .p = p, .w = w, .act = &none, .a = a };

	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < p->raws.n; i++) {
		const struct rule *r = p->raws.v[i];
		enum tri t;
		bool off = r->off;

		m.why = STR("");
		t = policy__raw(&m, &r->sel, text);
		if (t != TRI_NO)
			t = tri_and(t, whens_hold(&m, r, false));
		for (size_t k = 0; k < r->excepts.n && t != TRI_NO && !off; k++)
			off = policy__raw(&m, &r->excepts.v[k], text) == TRI_YES;
		if (t != TRI_NO && !off)
			*vec_push(a, &out->list) = (struct hit){ r, t, m.why };
	}
	if (out->list.n > 1)
		qsort(out->list.v, out->list.n, sizeof out->list.v[0], by_strictness);
}
