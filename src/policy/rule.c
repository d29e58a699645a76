/* SPDX-License-Identifier: ISC */
/*
 * rule.c: a rule's pattern and its clauses compiled and checked. Which clause
 * may stand where is the table at the end of this file.
 */
#include "parse.h"

#include <string.h>

#define KIND(k) (1u << (k))
#define COMMANDS (KIND(RULE_COMMAND) | KIND(RULE_GLOB) | KIND(RULE_REGEX))
#define ALL_KINDS (COMMANDS | KIND(RULE_RAW) | KIND(RULE_EDIT) | KIND(RULE_READ) | KIND(RULE_TOOL))
#define VERDICT(v) (1u << (v))
#define TIGHT (VERDICT(VERDICT_ASK) | VERDICT(VERDICT_DENY))
#define ALL_VERDICTS (TIGHT | VERDICT(VERDICT_ALLOW))

struct compiling { /* one rule, one clause of it */
	struct parser *ps;
	struct raw_rule *raw;
	const struct raw_clause *clause;
	given_list givens;
	bool tested;
};

typedef bool clause_fn(struct compiling *c);

static struct place
place_at(const struct compiling *c, size_t at)
{
	return policy__place(&c->clause->line, at, c->raw->file);
}

static bool
missing(struct compiling *c, const char *usage)
{
	policy__error(c->raw->d, place_at(c, c->clause->at), "something is missing here")->hint =
	    str_printf(c->ps->p->a, "write: %s", usage);
	return false;
}

/* ---- because, instead, final, name ---- */

static bool
take_text(struct compiling *c, struct str *field, const char *usage)
{
	size_t at = c->clause->at;
	struct str text = policy__rest(&c->clause->line, &at);

	if (text.n == 0)
		return missing(c, usage);
	if (field->n > 0) {
		policy__error(c->raw->d, place_at(c, c->clause->keyword_at), "a rule has one `" STR_FMT "`",
		    STR_ARG(c->clause->keyword));
		return false;
	}
	*field = text;
	return true;
}

static bool
cl_because(struct compiling *c)
{
	return take_text(c, &c->raw->rule->ref.because, "because TEXT");
}

static bool
cl_instead(struct compiling *c)
{
	return take_text(c, &c->raw->rule->ref.instead, "instead COMMAND");
}

static bool
cl_final(struct compiling *c)
{
	struct tokens t = { 0 };

	if (policy__tokens(c->ps->p->a, &c->clause->line, c->clause->at, c->raw->file, c->raw->d, &t) != 0)
		return false;
	if (t.list.n > 0) {
		policy__error(c->raw->d, place_at(c, t.list.v[0].at), "`final` stands alone");
		return false;
	}
	c->raw->rule->ref.final = true;
	return true;
}

static bool
cl_name(struct compiling *c)
{
	if (c->raw->rule->ref.layer != LAYER_BUILTIN) {
		policy__error(c->raw->d, place_at(c, c->clause->keyword_at), "only built-in rules have names");
		return false;
	}
	return take_text(c, &c->raw->rule->ref.name, "name NAME");
}

/* ---- except, when, unless ---- */

/* Kinds of pattern that an except of a rule of each kind may have. */
static unsigned
except_kinds(enum rule_kind kind)
{
	return (COMMANDS & KIND(kind)) != 0 ? COMMANDS : KIND(kind);
}

static bool
cl_except(struct compiling *c)
{
	struct rule *r = c->raw->rule;
	struct selector s;

	if (!policy__selector(c->ps, c->raw, &c->clause->line, c->clause->at, r->ref.verdict != VERDICT_ALLOW, &s))
		return false;
	if ((except_kinds(r->ref.kind) & KIND(s.kind)) == 0) {
		policy__error(c->raw->d, place_at(c, c->clause->at),
		    "this except can never apply: the rule is about another kind of thing");
		return false;
	}
	*vec_push(c->ps->p->a, &r->excepts) = s;
	return true;
}

static bool
cl_when(struct compiling *c)
{
	return policy__conditions(c->ps, c->raw, &c->clause->line, c->clause->at, c->raw->rule);
}

/* `since PATH…` cut off the end of a `done` line: its tokens, and a line that
 * ends before it. */
static bool
cut_since(struct compiling *c, size_t at, struct line *pattern, struct unless *out)
{
	struct tokens t = { 0 };
	size_t i, n;

	*pattern = c->clause->line;
	if (policy__tokens(c->ps->p->a, pattern, at, c->raw->file, c->raw->d, &t) != 0)
		return false;
	n = t.list.n;
	for (i = 0; i < n && !str_is(t.list.v[i].raw, "since"); i++)
		;
	if (i == n)
		return true;
	if (i + 1 == n) {
		policy__error(c->raw->d, place_at(c, t.list.v[i].at), "since which file?")->hint =
		    STR("write: unless done PATTERN since PATH…");
		return false;
	}
	pattern->text = str_sub(pattern->text, 0, t.list.v[i].at);
	while (++i < n)
		*vec_push(c->ps->p->a, &out->paths) = policy__plain(c->ps->p->a, t.list.v[i].raw);
	return true;
}

static bool
unless_done(struct compiling *c, size_t at, struct unless *out)
{
	struct line pattern;

	if (!cut_since(c, at, &pattern, out) ||
	    !policy__selector(c->ps, c->raw, &pattern, at, true, &out->done))
		return false;
	if (out->done.kind != RULE_COMMAND) {
		policy__error(c->raw->d, place_at(c, at), "`done` names a command");
		return false;
	}
	return true;
}

/* Is the rule about `fly secrets set` or its likes? Then what it sets counts. */
static bool
sets_secrets(const struct pattern *p)
{
	return p->model != NULL && p->npath == 2 && str_is(p->path[0], "secrets") &&
	    (str_is(p->path[1], "set") || str_is(p->path[1], "import"));
}

static bool
unless_listed(struct compiling *c, size_t at, struct unless *out)
{
	struct tokens t = { 0 };

	if (policy__tokens(c->ps->p->a, &c->clause->line, at, c->raw->file, c->raw->d, &t) != 0)
		return false;
	if (t.list.n != 2 || !str_is(t.list.v[0].raw, "in"))
		return missing(c, "unless listed in PATH");
	if (!sets_secrets(&c->raw->rule->sel.command)) {
		policy__error(c->raw->d, place_at(c, c->clause->keyword_at),
		    "`unless listed in` stands only on fly secrets set and import");
		return false;
	}
	out->listed = true;
	*vec_push(c->ps->p->a, &out->paths) = policy__plain(c->ps->p->a, t.list.v[1].raw);
	return true;
}

static bool
cl_unless(struct compiling *c)
{
	static const struct str words[] = { STR("done"), STR("listed") };
	size_t at = c->clause->at;
	struct token word = policy__word(&c->clause->line, &at);
	struct unless u;
	bool good;

	memset(&u, 0, sizeof u);
	if (word.raw.n == 0)
		return missing(c, "unless done PATTERN [since PATH…] or unless listed in PATH");
	if (!str_eq(word.raw, words[0]) && !str_eq(word.raw, words[1])) {
		policy__error(c->raw->d, place_at(c, word.at), "`unless " STR_FMT "` is not known", STR_ARG(word.raw))->hint =
		    policy__hint(c->ps->p->a, word.raw, words, 2);
		return false;
	}
	good = str_eq(word.raw, words[0]) ? unless_done(c, at, &u) : unless_listed(c, at, &u);
	if (good)
		*vec_push(c->ps->p->a, &c->raw->rule->unlesses) = u;
	return good;
}

/* ---- changing, adding ---- */

static bool
cl_changing(struct compiling *c)
{
	struct arena *a = c->ps->p->a;
	struct rule *r = c->raw->rule;
	VEC(struct word) all = { 0 };
	struct tokens t = { 0 };

	if (policy__tokens(a, &c->clause->line, c->clause->at, c->raw->file, c->raw->d, &t) != 0)
		return false;
	if (t.list.n == 0)
		return missing(c, "changing KEY…");
	for (size_t i = 0; i < r->changing.n; i++)
		*vec_push(a, &all) = r->changing.v[i];
	for (size_t i = 0; i < t.list.n; i++) {
		struct words some;

		if (policy__slot(a, &c->raw->lets, t.list.v[i], place_at(c, t.list.v[i].at), c->raw->d, &some) != 0)
			return false;
		for (size_t k = 0; k < some.n; k++)
			*vec_push(a, &all) = some.v[k];
	}
	r->changing = (struct words){ all.v, all.n };
	return true;
}

static bool
adding_regex(struct compiling *c, size_t at)
{
	struct str text = policy__rest(&c->clause->line, &at);
	struct regex *re;

	if (text.n == 0)
		return missing(c, "adding regex RE");
	re = policy__regex(c->ps->p->a, text, false, place_at(c, at), c->raw->d);
	if (re != NULL)
		*vec_push(c->ps->p->a, &c->raw->rule->adding_regex) = re;
	return re != NULL;
}

static bool
cl_adding(struct compiling *c)
{
	size_t at = c->clause->at, n;
	struct tokens t = { 0 };
	const struct str *checks;

	if (str_is(policy__word(&c->clause->line, &at).raw, "regex"))
		return adding_regex(c, at);
	if (policy__tokens(c->ps->p->a, &c->clause->line, c->clause->at, c->raw->file, c->raw->d, &t) != 0)
		return false;
	if (t.list.n == 0)
		return missing(c, "adding CHECK… or adding regex RE");
	for (size_t i = 0; i < t.list.n; i++) {
		if (!file_check_known(t.list.v[i].raw)) {
			checks = file_checks(&n);
			policy__error(c->raw->d, place_at(c, t.list.v[i].at), "no check is called `" STR_FMT "`",
			    STR_ARG(t.list.v[i].raw))->hint = policy__hint(c->ps->p->a, t.list.v[i].raw, checks, n);
			return false;
		}
		*vec_push(c->ps->p->a, &c->raw->rule->adding) = t.list.v[i].raw;
	}
	return true;
}

/* ---- test, given ---- */

static struct trials
trials_of(struct compiling *c)
{
	return (struct trials){ c->ps->p, c->raw->d, c->raw->file, &c->givens, &c->tested, c->raw->rule,
		c->raw->d == &c->ps->untrusted };
}

static bool
cl_test(struct compiling *c)
{
	struct trials t = trials_of(c);

	policy__test(&t, &c->clause->line, c->clause->at);
	return true;
}

static bool
cl_given(struct compiling *c)
{
	struct trials t = trials_of(c);

	policy__given(&t, &c->clause->line, c->clause->at);
	return true;
}

/* ---- the table ---- */

static const struct {
	const char *word;
	unsigned kinds, verdicts;
	clause_fn *fn;
	const char *where; /* it stands only there */
} clauses[] = {
	{ "because", ALL_KINDS, ALL_VERDICTS, cl_because, "" },
	{ "instead", ALL_KINDS, TIGHT, cl_instead, "ask and deny" },
	{ "except", ALL_KINDS, ALL_VERDICTS, cl_except, "" },
	{ "when", ALL_KINDS, ALL_VERDICTS, cl_when, "" },
	{ "unless", COMMANDS, TIGHT, cl_unless, "ask and deny of a command" },
	{ "changing", KIND(RULE_EDIT), TIGHT, cl_changing, "ask edit and deny edit" },
	{ "adding", KIND(RULE_EDIT), TIGHT, cl_adding, "ask edit and deny edit" },
	{ "final", ALL_KINDS, VERDICT(VERDICT_DENY), cl_final, "deny" },
	{ "test", ALL_KINDS, ALL_VERDICTS, cl_test, "" },
	{ "given", ALL_KINDS, ALL_VERDICTS, cl_given, "" },
	{ "name", ALL_KINDS, ALL_VERDICTS, cl_name, "" },
};
#define NCLAUSES (sizeof clauses / sizeof clauses[0])

static bool
unknown_clause(struct compiling *c)
{
	struct str known[NCLAUSES - 1]; /* name is ours */

	for (size_t i = 0; i < NCLAUSES - 1; i++)
		known[i] = str_of(clauses[i].word);
	policy__error(c->raw->d, place_at(c, c->clause->keyword_at), "`" STR_FMT "` is no clause of a rule",
	    STR_ARG(c->clause->keyword))->hint = policy__hint(c->ps->p->a, c->clause->keyword, known, NCLAUSES - 1);
	return false;
}

static bool
compile_clause(struct compiling *c)
{
	const struct rule *r = c->raw->rule;

	for (size_t i = 0; i < NCLAUSES; i++) {
		if (!str_is(c->clause->keyword, clauses[i].word))
			continue;
		if ((clauses[i].kinds & KIND(r->ref.kind)) == 0 || (clauses[i].verdicts & VERDICT(r->ref.verdict)) == 0) {
			policy__error(c->raw->d, place_at(c, c->clause->keyword_at), "`%s` stands only on %s",
			    clauses[i].word, clauses[i].where);
			return false;
		}
		return clauses[i].fn(c);
	}
	return unknown_clause(c);
}

/* The first line as written, without a comment behind its tokens. */
static struct str
rule_text(struct compiling *c)
{
	struct raw_rule *raw = c->raw;
	struct tokens t = { 0 };
	struct diags none;
	size_t end = raw->line.text.n;

	diags_init(&none, c->ps->p->a);
	if (raw->rule->ref.kind != RULE_GLOB && raw->rule->ref.kind != RULE_REGEX && raw->rule->ref.kind != RULE_RAW &&
	    policy__tokens(c->ps->p->a, &raw->line, 0, raw->file, &none, &t) == 0 && t.list.n > 0)
		end = t.list.v[t.list.n - 1].at + t.list.v[t.list.n - 1].raw.n;
	return str_trim(str_sub(raw->line.text, 0, end));
}

bool
policy__compile(struct parser *ps, struct raw_rule *raw)
{
	struct compiling c = { .ps = ps, .raw = raw };
	struct rule *r = raw->rule;
	bool good = policy__selector(ps, raw, &raw->line, raw->at, r->ref.verdict == VERDICT_ALLOW, &r->sel);

	r->ref.kind = r->sel.kind;
	r->ref.text = rule_text(&c);
	if (good && r->ref.kind == RULE_RAW && r->ref.verdict == VERDICT_ALLOW) {
		policy__error(raw->d, policy__place(&raw->line, raw->at, raw->file), "an allow cannot be raw")->hint =
		    STR("raw text is judged before it is understood, so it can only ask or deny");
		good = false;
	}
	for (size_t i = 0; i < raw->clauses.n; i++) {
		c.clause = &raw->clauses.v[i];
		good &= compile_clause(&c);
	}
	if (good && r->ref.verdict == VERDICT_DENY && r->ref.because.n == 0) {
		policy__error(raw->d, r->place, "a deny says why")->hint =
		    STR("add an indented line below it: because TEXT");
		good = false;
	}
	return good;
}

const struct rule_ref *
rule_ref(const struct rule *r)
{
	return &r->ref;
}
