/* SPDX-License-Identifier: ISC */
/*
 * lint.c: what is no error but seldom meant: an allow that a deny covers, a
 * star glued to a name, an allow of any push, a text rule that is not bound to
 * a place. Which rules no test would miss is found by running the tests
 * (bridle test --pins).
 */
#include "policy.h"

#include <string.h>

/* ---- an allow that never counts ---- */

static bool
alternatives_cover(struct words wide, struct words narrow)
{
	for (size_t i = 0; i < narrow.n; i++)
		if (!words_cover(wide, narrow.v[i]))
			return false;
	return narrow.n > 0;
}

static bool
needs_cover(const struct pattern *wide, const struct pattern *narrow)
{
	for (size_t i = 0; i < wide->nneeds; i++) {
		bool found = false;

		if (wide->needs[i].when == NEED_LOOSEN)
			continue;
		for (size_t k = 0; k < narrow->nneeds && !found; k++)
			found = str_eq(wide->needs[i].name, narrow->needs[k].name) &&
			    alternatives_cover(wide->needs[i].any, narrow->needs[k].any);
		if (!found)
			return false;
	}
	return true;
}

static bool
options_cover(const struct pattern *wide, const struct pattern *narrow)
{
	for (size_t i = 0; i < wide->noptions; i++) {
		bool found = false;

		for (size_t k = 0; k < narrow->noptions && !found; k++)
			found = str_eq(wide->options[i].name, narrow->options[k].name) &&
			    (wide->options[i].any.n == 0 || alternatives_cover(wide->options[i].any, narrow->options[k].any));
		if (!found)
			return false;
	}
	return true;
}

/* Slots from one on: is each of wide there, and wider? */
static bool
slots_cover(const struct words *wide, size_t nwide, const struct words *narrow, size_t nnarrow)
{
	if (nwide > nnarrow)
		return false;
	for (size_t i = 0; i < nwide; i++)
		if (!alternatives_cover(wide[i], narrow[i]))
			return false;
	return true;
}

static bool
pattern_covers(const struct pattern *wide, const struct pattern *narrow)
{
	if (!str_eq(wide->program, narrow->program) || wide->nassigns > 0)
		return false;
	if (wide->model == NULL)
		return narrow->model == NULL && slots_cover(wide->slots, wide->nslots, narrow->slots, narrow->nslots);
	if (wide->npath > narrow->npath || (wide->npath < narrow->npath && !wide->path_open))
		return false;
	for (size_t i = 0; i < wide->npath; i++)
		if (!str_eq(wide->path[i], narrow->path[i]))
			return false;
	return needs_cover(wide, narrow) && options_cover(wide, narrow) &&
	    slots_cover(wide->operands, wide->noperands, narrow->operands, narrow->noperands) &&
	    (wide->targets.n == 0 || alternatives_cover(wide->targets, narrow->targets));
}

static void
lint_covered(const struct policy *p, const struct rule *allow, struct diags *d)
{
	for (size_t i = 0; i < p->rules.n; i++) {
		const struct rule *r = p->rules.v[i];

		if (r->ref.verdict != VERDICT_DENY || r->ref.kind != RULE_COMMAND ||
		    r->excepts.n + r->whens.n + r->unlesses.n > 0 ||
		    !pattern_covers(&r->sel.command, &allow->sel.command))
			continue;
		policy__warn(d, allow->place, "this allow never counts: " STR_FMT ":%u denies all of it",
		    STR_ARG(r->ref.file), r->ref.line)->hint = r->ref.text;
		return;
	}
}

/* ---- stars ---- */

/* A name and a star behind it, with no separator between: app-api*. */
static bool
glued(struct word w)
{
	struct str before = w.n == 2 && w.v[0].kind == PIECE_TEXT ? w.v[0].text : STR("");
	char last = before.n > 0 ? before.p[before.n - 1] : '-';

	return w.n == 2 && w.v[1].kind == PIECE_CHARS && w.v[1].max == PIECE_NOMAX && w.v[1].set == NULL &&
	    ((last >= 'a' && last <= 'z') || (last >= 'A' && last <= 'Z') || (last >= '0' && last <= '9'));
}

static void
lint_words(const struct rule *r, struct words ws, struct diags *d)
{
	for (size_t i = 0; i < ws.n; i++) {
		struct str typed = ws.v[i].typed;
		struct place at = r->place;
		size_t found;

		if (!glued(ws.v[i]))
			continue;
		if ((found = str_find(at.text, typed)) != STR_NPOS)
			at.column = (unsigned)found + 1;
		policy__warn(d, at, "the star in `" STR_FMT "` also takes longer names", STR_ARG(typed))->hint =
		    STR("app-api* is app-api-staging too: name the ones that are meant");
	}
}

static void
lint_stars(const struct rule *r, struct diags *d)
{
	const struct pattern *p = &r->sel.command;

	for (size_t i = 1; i < p->nslots; i++)
		lint_words(r, p->slots[i], d);
}

/* ---- pushes, texts ---- */

static void
lint_push(const struct rule *r, struct diags *d)
{
	const struct pattern *p = &r->sel.command;
	bool names_ref = false;

	if (p->npath != 1 || !str_is(p->program, "git") || !str_is(p->path[0], "push"))
		return;
	for (size_t i = 0; i < p->nneeds; i++)
		names_ref |= str_is(p->needs[i].name, "branch") || str_is(p->needs[i].name, "ref");
	if (!names_ref)
		policy__warn(d, r->place, "this allows a push to any branch")->hint =
		    STR("name the branches that are meant: allow git push origin feat/*");
}

static bool
is_anchored(struct str re)
{
	return str_find(re, STR("\\b")) != STR_NPOS || str_chr(re, '^') != STR_NPOS ||
	    str_find(re, STR("\\A")) != STR_NPOS || str_find(re, STR("(?<")) != STR_NPOS ||
	    str_find(re, STR("\\s")) != STR_NPOS;
}

/* `deny raw regex "x"` would never hit: the text of the rule is taken as it is. */
static void
lint_quoted(const struct rule *r, struct diags *d)
{
	static const char *const keywords[] = { "raw", "regex", "glob" };
	struct str s = r->sel.source;

	for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
		if (str_starts(s, str_of(keywords[i])))
			s = str_trim(str_sub(s, strlen(keywords[i]), s.n));
	if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0])
		policy__warn(d, r->place, "the quotes are part of the pattern")->hint =
		    STR("what stands behind glob and regex is taken to the end of the line: leave them out");
}

static void
lint_regex(const struct rule *r, struct diags *d)
{
	struct str re = r->sel.source;

	if (r->ref.verdict == VERDICT_ALLOW || str_chr(re, '/') == STR_NPOS || is_anchored(re))
		return;
	policy__warn(d, r->place, "this regular expression names a path and is not anchored")->hint =
	    STR("it also finds the path inside longer ones: begin it with ^, \\b or a blank");
}

void
policy_lint(const struct policy *p, struct diags *d)
{
	for (size_t i = 0; i < p->rules.n; i++) {
		const struct rule *r = p->rules.v[i];

		if (r->ref.layer == LAYER_BUILTIN)
			continue;
		if (r->ref.kind == RULE_COMMAND) {
			if (r->ref.verdict == VERDICT_ALLOW) {
				lint_covered(p, r, d);
				lint_push(r, d);
			}
			lint_stars(r, d);
		} else if (r->ref.kind == RULE_REGEX || r->ref.kind == RULE_RAW) {
			lint_quoted(r, d);
			lint_regex(r, d);
		} else if (r->ref.kind == RULE_GLOB) {
			lint_quoted(r, d);
		}
	}
}

/* ---- which of the agent's tools rules can speak of ---- */

/* Names that agents give to what shells, edits and reads are. */
static const char *const always[] = { "Bash", "PowerShell", "Monitor", "Edit", "MultiEdit", "Write",
	"NotebookEdit", "Read", "Grep", "Glob", "Agent", "Task", "mcp__.*" };

/* A glob as the regular expression that a hook's matcher is. */
static struct str
as_regex(struct arena *a, struct word w)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < w.n; i++) {
		if (w.v[i].kind != PIECE_TEXT) {
			buf_puts(&b, w.v[i].max == PIECE_NOMAX ? ".*" : ".");
			continue;
		}
		for (size_t k = 0; k < w.v[i].text.n; k++) {
			if (strchr("\\^$.[]|()?*+{}", w.v[i].text.p[k]) != NULL)
				buf_putc(&b, '\\');
			buf_putc(&b, w.v[i].text.p[k]);
		}
	}
	return buf_str(&b);
}

int
policy_tool_names(const struct policy *p, struct arena *a, struct str **names, size_t *n)
{
	VEC(struct str) list = { 0 };

	for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
		*vec_push(a, &list) = str_of(always[i]);
	for (size_t i = 0; i < p->rules.n; i++) {
		const struct words tools = p->rules.v[i]->sel.tools;

		for (size_t k = 0; k < tools.n; k++) {
			struct str name = as_regex(a, tools.v[k]);
			size_t at = 0;

			while (at < list.n && !str_eq(list.v[at], name))
				at++;
			if (at == list.n && !str_starts(name, STR("mcp__")))
				*vec_push(a, &list) = name;
		}
	}
	*names = list.v;
	*n = list.n;
	return 0;
}
