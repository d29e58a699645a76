/* SPDX-License-Identifier: ISC */
/*
 * when.c: conditions on the fields of an action: `when app is x`, `when region
 * is * and region is not lhr`. Absent: `is` no, `is not` yes. Unknown: maybe.
 * Of several values one is enough where that tightens, all where it loosens.
 */
#include "parse.h"

#include <string.h>

/* ---- reading ---- */

static const struct str fields[] = { STR("effect"), STR("app"), STR("org"), STR("region"),
	STR("remote"), STR("branch"), STR("force"), STR("delete"), STR("path"), STR("cwd"),
	STR("agent"), STR("mode"), STR("user"), STR("text") };
#define NFIELDS (sizeof fields / sizeof fields[0])

/* Those that do not come from the action's own. */
static const struct {
	struct str name;
	enum field_source source;
} sources[] = {
	{ STR("path"), FROM_PATH },
	{ STR("cwd"), FROM_CWD },
	{ STR("agent"), FROM_AGENT },
	{ STR("mode"), FROM_MODE },
	{ STR("user"), FROM_USER },
	{ STR("text"), FROM_TEXT },
};

static bool
is_path_field(const struct condition *c)
{
	return c->source == FROM_PATH || c->source == FROM_CWD;
}

static void
set_source(struct condition *c)
{
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
		if (str_eq(sources[i].name, c->field))
			c->source = sources[i].source;
}

struct conditions { /* one `when` line being read */
	struct parser *ps;
	const struct raw_rule *raw;
	const struct line *line;
	size_t at;
};

static bool
wrong(const struct conditions *c, size_t at, const char *what)
{
	policy__error(c->raw->d, policy__place(c->line, at, c->raw->file), "%s", what)->hint =
	    STR("write: when FIELD is [not] WORD… [and …] or when FIELD matches RE");
	return false;
}

/* 1: a token, 0: the end, -1: said. */
static int
next(struct conditions *c, struct token *t)
{
	int got = policy__token(c->line, &c->at, c->raw->file, c->raw->d, t);

	return got < 0 ? -1 : got;
}

static bool
take_field(struct conditions *c, struct token t, struct condition *out)
{
	for (size_t i = 0; i < NFIELDS; i++) {
		if (str_eq(t.raw, fields[i])) {
			out->field = fields[i];
			set_source(out);
			return true;
		}
	}
	if (tools_field_known(c->ps->p->models, t.raw)) {
		out->field = str_dup(c->ps->p->a, t.raw);
		return true;
	}
	policy__error(c->raw->d, policy__place(c->line, t.at, c->raw->file), "no field is called `" STR_FMT "`",
	    STR_ARG(t.raw))->hint = policy__hint(c->ps->p->a, t.raw, fields, NFIELDS);
	return false;
}

/* An effect is one of a few: another word would never match. Patterns and variables are left alone. */
static bool
is_effect(const struct conditions *c, const struct condition *out, const struct token *t)
{
	static const struct str effects[] = { STR("auth"), STR("destroy"), STR("exec"), STR("local"), STR("read"),
		STR("write") };
	const size_t n = sizeof effects / sizeof effects[0];

	if (!str_is(out->field, "effect"))
		return true;
	for (size_t i = 0; i < t->raw.n; i++)
		if (t->raw.p[i] < 'a' || t->raw.p[i] > 'z')
			return true;
	for (size_t i = 0; i < n; i++)
		if (str_eq(t->raw, effects[i]))
			return true;
	policy__error(c->raw->d, policy__place(c->line, t->at, c->raw->file), "no effect is called `" STR_FMT "`",
	    STR_ARG(t->raw))->hint = policy__hint(c->ps->p->a, t->raw, effects, n);
	return false;
}

/* The words up to `and`. 1: there is more, 0: the end, -1: said. */
static int
take_words(struct conditions *c, struct condition *out)
{
	struct arena *a = c->ps->p->a;
	VEC(struct word) all = { 0 };
	struct words some;
	struct token t;
	int got;

	while ((got = next(c, &t)) == 1 && !str_is(t.raw, "and")) {
		struct place at = policy__place(c->line, t.at, c->raw->file);

		if (all.n == 0 && !out->negated && str_is(t.raw, "not")) {
			out->negated = true;
			continue;
		}
		if (!is_effect(c, out, &t) || policy__slot(a, &c->raw->lets, t, at, c->raw->d, &some) != 0)
			return -1;
		for (size_t k = 0; k < some.n; k++)
			*vec_push(a, &all) = some.v[k];
		if (is_path_field(out) && !policy__pathpat(a, &c->raw->lets, t, at, c->raw->d, &out->paths))
			return -1;
	}
	if (got >= 0 && all.n == 0)
		return wrong(c, c->at, "a word is missing here") - 1;
	out->any = (struct words){ all.v, all.n };
	return got;
}

static bool
take_regex(struct conditions *c, struct condition *out)
{
	struct str text = policy__rest(c->line, &c->at);

	if (text.n == 0)
		return wrong(c, c->at, "a regular expression is missing here");
	out->regex = policy__regex(c->ps->p->a, text, false,
	    policy__place(c->line, c->at, c->raw->file), c->raw->d);
	return out->regex != NULL;
}

bool
policy__conditions(struct parser *ps, const struct raw_rule *raw, const struct line *l, size_t at,
    struct rule *r)
{
	struct conditions c = { ps, raw, l, at };
	int more = 1;

	while (more == 1) {
		struct condition one;
		struct token t;

		memset(&one, 0, sizeof one);
		if ((more = next(&c, &t)) < 0)
			return false;
		if (more == 0)
			return wrong(&c, c.at, "a field is missing here");
		if (!take_field(&c, t, &one))
			return false;
		if (next(&c, &t) != 1)
			return wrong(&c, c.at, "`is` or `matches` is missing here");
		if (str_is(t.raw, "is"))
			more = take_words(&c, &one);
		else if (str_is(t.raw, "matches"))
			more = take_regex(&c, &one) ? 0 : -1;
		else
			return wrong(&c, t.at, "expected `is` or `matches` here");
		if (more < 0)
			return false;
		*vec_push(ps->p->a, &r->whens) = one;
	}
	return true;
}

/* ---- matching ---- */

/* A field with one value, that no action has. */
static struct field
known_field(struct matching *m, struct str value)
{
	struct word *w = NEW(m->a, struct word);

	*w = word_text(m->a, value);
	return (struct field){ .state = value.n == 0 ? FIELD_ABSENT : FIELD_PRESENT, .values = { w, 1 } };
}

static struct field
field_of(struct matching *m, const struct condition *c)
{
	const struct request *rq = m->w->request;
	const struct field *found;

	switch (c->source) {
	case FROM_AGENT:
		return known_field(m, rq->agent);
	case FROM_MODE:
		return known_field(m, rq->mode);
	case FROM_USER:
		return known_field(m, rq->user);
	case FROM_TEXT:
		return known_field(m, policy__canonical(m));
	case FROM_CWD:
		return (struct field){ .state = FIELD_PRESENT, .values = { &m->act->cwd, 1 } };
	case FROM_PATH:
	case FROM_ACTION:
		break;
	}
	if ((found = action_field_of(m->act, c->field)) != NULL)
		return *found;
	if (c->source == FROM_PATH && m->act->file.n > 0)
		return (struct field){ .state = FIELD_PRESENT, .values = m->act->file };
	return (struct field){ .state = FIELD_ABSENT };
}

/* A path as it is meant where the command runs. */
static struct word
absolute(struct matching *m, struct word w)
{
	struct str known, dir;

	if (!word_known(m->a, w, &known) || !word_known(m->a, m->act->cwd, &dir))
		return w;
	return word_text(m->a, path_clean(m->a, path_join(m->a, dir, known)));
}

static enum tri
value_in(struct matching *m, const struct condition *c, struct word value, bool loosen)
{
	struct str text;

	if (c->regex != NULL)
		return word_known(m->a, value, &text) ? policy__regex_match(c->regex, text) : TRI_MAYBE;
	if (is_path_field(c))
		return policy__paths(m, &c->paths, absolute(m, value), loosen);
	return policy__among(c->any, value);
}

/* The value is not known, but it is certainly none that the condition names. */
static bool
none_in(struct matching *m, const struct condition *c, struct words values)
{
	for (size_t i = 0; i < values.n; i++)
		if (value_in(m, c, values.v[i], false) != TRI_NO)
			return false;
	return true;
}

enum tri
policy__when(struct matching *m, const struct condition *c, bool loosen)
{
	struct field f = field_of(m, c);
	enum tri result = loosen ? TRI_YES : TRI_NO;

	if (f.state == FIELD_ABSENT)
		return c->negated ? TRI_YES : TRI_NO;
	if (f.state == FIELD_UNKNOWN && f.values.n > 0 && none_in(m, c, f.values))
		return c->negated ? TRI_YES : TRI_NO;
	if (f.state == FIELD_UNKNOWN) {
		policy__why(m, "the " STR_FMT " is not known%s" STR_FMT, STR_ARG(c->field), f.why.n > 0 ? ": " : "", STR_ARG(f.why));
		return TRI_MAYBE;
	}
	for (size_t i = 0; i < f.values.n; i++) {
		enum tri one = value_in(m, c, f.values.v[i], loosen);

		if (c->negated)
			one = tri_not(one);
		if (one == TRI_MAYBE)
			policy__why(m, "the " STR_FMT " is not wholly known: " STR_FMT, STR_ARG(c->field),
			    STR_ARG(f.why.n > 0 ? f.why : word_show(m->a, f.values.v[i])));
		result = loosen ? tri_and(result, one) : tri_or(result, one);
	}
	return result;
}
