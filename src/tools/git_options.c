/* SPDX-License-Identifier: ISC */
/*
 * git_options.c: a git command line as git reads it (PARSER_GIT). Options of
 * git itself are spelled in full and end at the subcommand; those of the
 * subcommand go through parse-options: cut short, bundled, negated, anywhere
 * before `--`. Aliases have been taken away before (git_alias.c).
 */
#include "tools/options.h"

#include "bridle/limits.h"

#include <string.h>

struct scan {
	struct line l;
	const struct model_command *c;
	size_t i;       /* next word */
	bool ended;     /* behind -- */
	bool shadow;    /* an unknown option stood before: it may have taken this word */
};

static const struct line_word *
now(const struct scan *s)
{
	return &s->l.words.v[s->i];
}

static struct words
one_word(struct arena *a, struct str text)
{
	struct word *v = NEW(a, struct word);

	*v = word_text(a, text);
	return (struct words){ v, 1 };
}

static struct given *
give(struct scan *s, const struct model_option *o, struct str spelled)
{
	struct given *g = line__give(&s->l, o, spelled);

	g->maybe = g->maybe || s->shadow;
	return g;
}

static void
give_unknown(struct scan *s, struct str name, struct str spelled)
{
	give(s, NULL, spelled)->name = name;
	if (s->l.out->unknown_word.n == 0) {
		s->l.out->unknown_word = spelled;
		s->l.out->unknown_at = now(s)->at;
	}
	line__refuse(&s->l, str_printf(s->l.a, "unknown option: " STR_FMT, STR_ARG(spelled)));
	s->shadow = true;
}

/* The option takes the next word; a few have a value of their own where they
 * come last. */
static void
give_next(struct scan *s, struct given *g)
{
	const struct model_option *o = g->option;

	if (s->i + 1 == s->l.words.n && o != NULL && o->optional_value.n > 0) {
		g->value = one_word(s->l.a, o->optional_value); /* branch --merged: HEAD */
		return;
	}
	if (s->i + 1 == s->l.words.n) {
		line__refuse(&s->l, str_printf(s->l.a, STR_FMT " requires a value", STR_ARG(g->spelled)));
		return;
	}
	s->i++;
	g->value = now(s)->any;
	if (now(s)->many && !s->l.pattern)
		line__unsure(&s->l, now(s));
}

static void
give_value(struct scan *s, struct given *g, bool attached, size_t skip)
{
	const struct model_option *o = g->option;

	if (attached)
		g->value = line__tail(&s->l, now(s), skip);
	else if (o->arg == ARG_REQUIRED)
		give_next(s, g);
	else if (o->arg == ARG_OPTIONAL && o->optional_value.n > 0)
		g->value = one_word(s->l.a, o->optional_value);
}

/* --no-x: what was given before counts no more. */
static void
take_back(struct scan *s, const struct model_option *o)
{
	struct line *l = &s->l;
	size_t n = 0;

	for (size_t i = 0; i < l->given.n && !l->out->maybe; i++)
		if (l->given.v[i].option != o)
			l->given.v[n++] = l->given.v[i];
	if (!l->out->maybe)
		l->given.n = n;
	*vec_push(l->a, &l->out->negated) = o->name;
}

/* ---- options of git itself ---- */
static const struct model_option *
global_long(const struct tool *t, struct str name)
{
	for (size_t i = 0; i < t->nglobals; i++) {
		const struct model_option *o = t->globals[i];

		if (name.n > 1 && (str_eq(o->name, name) || str_eq(o->longs[0], name)))
			return o;
	}
	return NULL;
}

static const struct model_option *
global_letter(const struct tool *t, struct str name)
{
	for (size_t i = 0; i < t->nglobals && name.n == 1; i++)
		if (t->globals[i]->letter == name.p[0])
			return t->globals[i];
	return NULL;
}

static void
global(struct scan *s)
{
	const struct line_word *w = now(s);
	bool two = w->head.n > 1 && w->head.p[1] == '-';
	struct str name = str_sub(w->head, two ? 2 : 1, w->head.n), bare;
	size_t eq = two ? str_chr(name, '=') : STR_NPOS;
	const struct model_option *o;

	if (!w->known && eq == STR_NPOS) {
		line__unsure(&s->l, w);
		return;
	}
	bare = str_sub(name, 0, eq);
	o = two ? global_long(s->l.tool, bare) : global_letter(s->l.tool, name);
	if (o == NULL) {
		give_unknown(s, bare, w->head);
		line__unsure(&s->l, w); /* a newer git may know it, with a value even */
		return;
	}
	give_value(s, give(s, o, str_sub(w->head, 0, eq == STR_NPOS ? w->head.n : eq + 2)),
	    eq != STR_NPOS, eq + 3);
}

/* ---- options of the subcommand ---- */
static bool
has_long(const struct model_option *o, struct str name)
{
	if (o->name.n > 1 && str_eq(o->name, name))
		return true;
	for (size_t k = 0; k < sizeof o->longs / sizeof o->longs[0] && o->longs[k].n > 0; k++)
		if (str_eq(o->longs[k], name))
			return true;
	return false;
}

static bool
begins_long(const struct model_option *o, struct str name)
{
	if (o->name.n > 1 && str_starts(o->name, name))
		return true;
	for (size_t k = 0; k < sizeof o->longs / sizeof o->longs[0] && o->longs[k].n > 0; k++)
		if (str_starts(o->longs[k], name))
			return true;
	return false;
}

/* How a long name fits an option. */
enum fit { FIT_NONE, FIT_CUT, FIT_CUT_NO, FIT_FULL_NO, FIT_FULL }; /* later ones win */

/* The bits of model_option.unlike that an option which fits has not all of: the
 * first bytes tell most apart, and git log has some hundreds of them. 0: none. */
static uint32_t
telling(struct str name, bool no)
{
	uint32_t first = name.n == 0 ? 0 : (uint32_t)1 << (name.p[0] & 31);

	if (!no)
		return first;
	return name.n == 3 ? 0 : first | (uint32_t)1 << (name.p[3] & 31);
}

static enum fit
fit(const struct model_option *o, struct str name, bool no)
{
	struct str rest = no ? str_sub(name, 3, name.n) : name;

	if (o->name.n <= 1 && o->longs[0].n == 0)
		return FIT_NONE;
	if (has_long(o, name))
		return FIT_FULL;
	if (no && o->negatable && has_long(o, rest))
		return FIT_FULL_NO;
	if (str_starts(o->name, STR("no-")) && str_eq(str_sub(o->name, 3, o->name.n), name))
		return FIT_FULL_NO;
	if (begins_long(o, name))
		return FIT_CUT;
	if (no && o->negatable && begins_long(o, rest))
		return FIT_CUT_NO;
	return FIT_NONE;
}

static void
give_long(struct scan *s, const struct model_option *o, enum fit how, size_t eq, bool guess)
{
	const struct line_word *w = now(s);
	struct given *g;

	if (how == FIT_CUT_NO || how == FIT_FULL_NO) {
		take_back(s, o);
		return;
	}
	g = give(s, o, str_sub(w->head, 0, eq == STR_NPOS ? w->head.n : eq));
	g->maybe = g->maybe || guess;
	if (eq != STR_NPOS && o->arg == ARG_NONE)
		line__refuse(&s->l, str_printf(s->l.a, STR_FMT " takes no value", STR_ARG(g->spelled)));
	else if (!guess || eq != STR_NPOS)
		give_value(s, g, eq != STR_NPOS, eq + 1);
}

struct fitting {
	const struct model_option *option;
	enum fit how;
};
typedef VEC(struct fitting) fittings;

static enum fit
all_fitting(const struct scan *s, struct str name, fittings *out)
{
	bool no = str_starts(name, STR("no-"));
	uint32_t bits = telling(name, no);
	enum fit best = FIT_NONE;

	for (size_t i = 0; i < s->c->noptions; i++) {
		const struct model_option *o = command_option(s->c, i);
		enum fit f;

		if (bits != 0 && (o->unlike & bits) == bits)
			continue;
		f = fit(o, name, no);
		if (f != FIT_NONE)
			*vec_push(s->l.a, out) = (struct fitting){ o, f };
		best = f > best ? f : best;
	}
	return best;
}

static void
long_option(struct scan *s)
{
	const struct line_word *w = now(s);
	size_t eq = str_chr(w->head, '=');
	struct str name = str_sub(w->head, 2, (eq == STR_NPOS ? w->head.n : eq) - 2);
	fittings all = { 0 };
	enum fit best;
	bool several;

	if (!w->known && eq == STR_NPOS) {
		line__unsure(&s->l, w);
		return;
	}
	if (str_is(name, "help") || str_is(name, "help-all"))
		s->l.out->help = true;
	best = all_fitting(s, name, &all);
	if (best == FIT_NONE) {
		give_unknown(s, name, str_sub(w->head, 0, eq));
		return;
	}
	several = all.n > 1 && best < FIT_FULL_NO;
	if (several)
		line__refuse(&s->l, str_printf(s->l.a, "ambiguous option: " STR_FMT, STR_ARG(w->head)));
	for (size_t i = 0; i < all.n; i++) {
		if (!several && all.v[i].how != best)
			continue;
		give_long(s, all.v[i].option, all.v[i].how, eq, several);
		if (!several)
			return;
	}
}

static const struct model_option *
letter(const struct scan *s, char c)
{
	for (size_t i = 0; i < s->c->noptions; i++)
		if (command_option(s->c, i)->letter == c)
			return command_option(s->c, i);
	return NULL;
}

/* -5 of log, grep, diff … */
static bool
number(struct scan *s)
{
	static const char *const names[] = { "max-count", "context", "unified" };
	const struct line_word *w = now(s);

	for (size_t i = 1; i < w->head.n; i++)
		if (w->head.p[i] < '0' || w->head.p[i] > '9')
			return false;
	for (size_t k = 0; w->known && k < sizeof names / sizeof names[0]; k++)
		for (size_t i = 0; i < s->c->noptions; i++)
			if (str_is(command_option(s->c, i)->name, names[k])) {
				give(s, command_option(s->c, i), STR("-"))->value = line__tail(&s->l, w, 1);
				return true;
			}
	return false;
}

static void
short_options(struct scan *s)
{
	const struct line_word *w = now(s);
	struct str text = w->head;

	if (number(s))
		return;
	for (size_t k = 1; k < text.n; k++) {
		const struct model_option *o = letter(s, text.p[k]);
		struct str spelled = line__dashed(&s->l, text.p[k]);

		if (o == NULL && text.p[k] == 'h')
			s->l.out->help = true;
		if (o == NULL) {
			give_unknown(s, str_sub(text, k, 1), spelled);
			continue;
		}
		if (o->arg == ARG_NONE) {
			give(s, o, spelled);
			continue;
		}
		give_value(s, give(s, o, spelled), k + 1 < text.n || !w->known, k + 1);
		return;
	}
	if (!w->known)
		line__unsure(&s->l, w);
}

/* ---- words ---- */
/* What the command runs begins here: nothing behind it is an option of git. */
static bool
command_follows(const struct model_command *c)
{
	return str_starts(c->operands, STR("command")) || str_starts(c->operands, STR("shell"));
}

static bool
has_kids(const struct scan *s)
{
	return s->c->end > (size_t)(s->c - s->l.tool->commands) + 1;
}

static void
plain(struct scan *s)
{
	const struct line_word *w = now(s);
	const struct model_command *kid;

	if (has_kids(s) && s->l.out->operands.n == 0 && !s->ended) {
		kid = w->known ? line__child(&s->l, s->c, w->head) : NULL;
		if (kid != NULL) {
			s->c = kid;
			return;
		}
		if (!w->known && !s->l.pattern && line__maybe_child(&s->l, s->c, w->any.v[0]))
			line__unsure(&s->l, w);
		if (w->known && s->c->max_args == 0) {
			s->l.out->unknown_word = w->head;
			s->l.out->unknown_at = w->at;
			line__unsure(&s->l, w); /* a newer git may have it */
		}
	}
	line__operand(&s->l, w);
	if (command_follows(s->c))
		s->ended = true;
}

static void
subcommand_words(struct scan *s)
{
	for (; s->i < s->l.words.n; s->i++) {
		const struct line_word *w = now(s);

		if (s->ended) {
			line__operand(&s->l, w);
		} else if (!w->maybe_dash) {
			if (w->many && !s->l.pattern)
				line__unsure(&s->l, w);
			plain(s);
		} else if (w->known && str_is(w->head, "--")) {
			s->ended = true;
			s->l.out->dashdash = s->l.out->operands.n + 1;
		} else if (w->head.n < 2) {
			line__unsure(&s->l, w);
			plain(s);
		} else if (w->head.p[1] == '-') {
			long_option(s);
		} else {
			short_options(s);
		}
	}
}

/* The subcommand that a word names. */
static void
find_command(struct scan *s)
{
	const struct line_word *w = now(s);
	const struct model_command *kid = w->known ? line__child(&s->l, s->c, w->head) : NULL;

	if (kid == NULL) {
		if (s->l.out->unknown_word.n == 0) {
			s->l.out->unknown_word = w->known ? w->head : word_show(s->l.a, w->any.v[0]);
			s->l.out->unknown_at = w->at;
		}
		if (!w->known && !s->l.pattern)
			line__unsure(&s->l, w);
		for (; s->i < s->l.words.n; s->i++)
			line__operand(&s->l, now(s));
		return;
	}
	s->c = kid;
	s->i++;
	subcommand_words(s);
}

/* --force-with-lease=x --force-with-lease: the one without a value is an empty
 * one among the values. */
static void
bare_ones(struct line *l)
{
	for (size_t i = 0; i < l->given.n; i++) {
		const struct model_option *o = l->given.v[i].option;
		bool others = false;

		if (o == NULL || !o->list || o->arg != ARG_OPTIONAL || l->given.v[i].value.n > 0)
			continue;
		for (size_t k = 0; k < l->given.n; k++)
			others = others || (l->given.v[k].option == o && l->given.v[k].value.n > 0);
		if (others)
			l->given.v[i].value = one_word(l->a, STR(""));
	}
}

int
options__git(const struct tool *t, struct arena *a, const struct words *slots, size_t n, bool pattern,
    struct parsed *out)
{
	struct scan s = { .l = { .tool = t, .a = a, .pattern = pattern, .out = out },
		.c = &t->commands[0] };

	*out = (struct parsed){ 0 };
	if (n > LIMIT_WORDS)
		return BRIDLE_ELIMIT;
	for (size_t i = 1; i < n; i++)
		line__word(&s.l, slots[i], i);
	for (; s.i < s.l.words.n && now(&s)->maybe_dash && !(now(&s)->known && now(&s)->head.n < 2); s.i++) {
		if (now(&s)->head.n < 2)
			line__unsure(&s.l, now(&s));
		else
			global(&s);
	}
	s.shadow = false;
	if (s.i < s.l.words.n)
		find_command(&s);
	out->command = s.c;
	bare_ones(&s.l);
	line__finish(&s.l);
	return 0;
}

bool
parsed_negated(const struct parsed *p, const char *name)
{
	for (size_t i = 0; i < p->negated.n; i++)
		if (str_is(p->negated.v[i], name))
			return true;
	return false;
}
