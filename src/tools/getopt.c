/* SPDX-License-Identifier: ISC */
/*
 * getopt.c: the command lines of most programs. GETOPT is GNU getopt_long
 * (options anywhere, long names may be cut short, bundles, --), POSIX stops at
 * the first operand, SUBCOMMANDS takes words as subcommands on its way, WORDS
 * is find's way: each word that starts with '-' is one option.
 *
 * What the model does not know is kept as an unknown option; whether it takes
 * the next word cannot be told then, so that a known option in its shadow is
 * `maybe`.
 */
#include "tools/options.h"

/* The command's options, then those of the whole tool; NULL at the end. */
static const struct model_option *
nth_option(const struct line *l, const struct model_command *c, size_t i)
{
	size_t n = c == NULL ? 0 : c->noptions;

	if (i < n)
		return command_option(c, i);
	return i - n < l->tool->nglobals ? l->tool->globals[i - n] : NULL;
}

/* A long name cut short: the only option it begins, or NULL. *many: several. */
static const struct model_option *
cut_short(const struct line *l, const struct model_command *c, struct str name, bool *many)
{
	const struct model_option *found = NULL, *o;

	*many = false;
	for (size_t i = 0; (o = nth_option(l, c, i)) != NULL; i++) {
		bool starts = o->name.n > 1 && str_starts(o->name, name);

		if (!option_begins(o, name))
			continue;
		for (size_t k = 0; k < sizeof o->longs / sizeof o->longs[0] && o->longs[k].n > 0; k++)
			starts = starts || str_starts(o->longs[k], name);
		if (!starts)
			continue;
		if (found != NULL && found != o)
			*many = true;
		found = o;
	}
	return found;
}

static struct given *
give_unknown(struct line *l, const struct line_word *w, struct str name)
{
	struct given *g = line__give(l, NULL, w->head);

	g->name = name;
	if (l->out->unknown_word.n == 0) {
		l->out->unknown_word = w->head;
		l->out->unknown_at = w->at;
	}
	if (l->tool->unknown_refused)
		line__refuse(l, str_printf(l->a, "unknown option: " STR_FMT, STR_ARG(w->head)));
	return g;
}

/* The option takes the next word. */
static void
give_next(struct line *l, struct given *g, size_t *i)
{
	if (*i + 1 == l->words.n) {
		line__refuse(l, str_printf(l->a, "option requires an argument: " STR_FMT,
		    STR_ARG(g->spelled)));
		return;
	}
	(*i)++;
	g->value = l->words.v[*i].any;
	if (l->words.v[*i].many && !l->pattern)
		line__unsure(l, &l->words.v[*i]);
}

static void
give_default(struct line *l, const struct model_option *o, struct given *g)
{
	struct word *v = NEW(l->a, struct word);

	*v = word_text(l->a, o->optional_value);
	g->value = (struct words){ v, 1 };
}

static const struct model_option *
find_long(struct line *l, const struct model_command *c, struct str name, bool *no, bool *guess)
{
	const struct model_option *o = line__long(l, c, name);
	bool many = false;

	*no = *guess = false;
	if (o == NULL && str_starts(name, STR("no-"))) {
		o = line__long(l, c, str_sub(name, 3, STR_NPOS));
		if (o != NULL && o->negatable)
			*no = true;
		else
			o = NULL;
	}
	if (o == NULL && (l->tool->parser == PARSER_GETOPT || l->tool->parser == PARSER_POSIX) &&
	    name.n > 0) {
		o = cut_short(l, c, name, &many);
		*guess = many || (o != NULL && l->tool->doors_only);
	}
	return o;
}

static void
long_option(struct line *l, const struct model_command *c, size_t *i)
{
	const struct line_word *w = &l->words.v[*i];
	struct str name = str_sub(w->head, 2, STR_NPOS);
	size_t equals = str_chr(name, '=');
	bool no, guess;
	const struct model_option *o;
	struct given *g;

	if (!w->known && equals == STR_NPOS) {
		line__unsure(l, w);
		return;
	}
	name = str_sub(name, 0, equals);
	o = find_long(l, c, name, &no, &guess);
	if (o == NULL)
		g = give_unknown(l, w, name);
	else {
		g = line__give(l, o, str_sub(w->head, 0, name.n + 2));
		g->on = no ? TRI_NO : TRI_YES;
		g->maybe = g->maybe || guess;
	}
	if (equals != STR_NPOS)
		g->value = line__tail(l, w, equals + 3);
	else if (o != NULL && o->arg == ARG_REQUIRED) {
		give_next(l, g, i);
		if (str_is(o->type, "pair")) /* jq --rawfile NAME FILE */
			give_next(l, g, i);
	} else if (o != NULL && o->arg == ARG_OPTIONAL)
		give_default(l, o, g);
	if (w->many && !l->pattern)
		line__unsure(l, w);
}

/* -20, where the tool reads that as the value of one option. */
static bool
number_option(struct line *l, const struct model_command *c, const struct line_word *w)
{
	const struct model_option *o;
	uint64_t n;

	if (!w->known || str_u64(str_sub(w->head, 1, STR_NPOS), &n) != 0)
		return false;
	for (size_t i = 0; (o = nth_option(l, c, i)) != NULL; i++)
		if (o->number) {
			line__give(l, o, w->head)->value = line__tail(l, w, 1);
			return true;
		}
	return false;
}

static void
short_options(struct line *l, const struct model_command *c, size_t *i)
{
	const struct line_word *w = &l->words.v[*i];
	struct str text = w->head;
	bool shadow = false; /* an unknown letter before it may have it as its value */

	for (size_t k = 1; k < text.n; k++) {
		const struct model_option *o = line__letter(l, c, text.p[k]);
		struct given *g;

		if (o == NULL) {
			g = give_unknown(l, w, str_sub(text, k, 1));
			g->maybe = g->maybe || shadow;
			g->spelled = line__dashed(l, text.p[k]);
			shadow = true;
			continue;
		}
		g = line__give(l, o, line__dashed(l, text.p[k]));
		g->maybe = g->maybe || shadow;
		if (o->arg == ARG_NONE)
			continue;
		if (k + 1 < text.n || !w->known)
			g->value = line__tail(l, w, k + 1);
		else if (o->arg == ARG_REQUIRED)
			give_next(l, g, i);
		else
			give_default(l, o, g);
		if (k + 1 < text.n || w->known)
			return; /* -oVALUE with an unknown rest: its value, at least one byte of it known */
		break;
	}
	if (!w->known)
		line__unsure(l, w);
}

/* A word-like option: -name, -exec. Its value is the next word, or --name=VALUE. */
static void
word_option(struct line *l, const struct model_command *c, size_t *i)
{
	const struct line_word *w = &l->words.v[*i];
	struct str name = str_sub(w->head, 1, STR_NPOS);
	const struct model_option *o;
	struct given *g;
	size_t equals = STR_NPOS;

	if (!w->known) {
		line__unsure(l, w);
		return;
	}
	if (str_starts(name, STR("-"))) {
		name = str_sub(name, 1, STR_NPOS);
		equals = str_chr(name, '=');
		name = str_sub(name, 0, equals);
	}
	o = line__long(l, c, name);
	if (o == NULL && name.n == 1)
		o = line__letter(l, c, name.p[0]);
	if (o == NULL) {
		(void)give_unknown(l, w, name);
		return;
	}
	g = line__give(l, o, w->head);
	if (o->arg == ARG_REQUIRED && equals != STR_NPOS)
		g->value = line__tail(l, w, equals + 3);
	else if (o->arg == ARG_REQUIRED)
		give_next(l, g, i);
}

/* A word that is no option: a subcommand of c or an operand. */
static const struct model_command *
plain_word(struct line *l, const struct model_command *c, const struct line_word *w)
{
	const struct model_command *kid = NULL;
	bool group = line__has_children(l, c);

	if (l->tool->parser == PARSER_SUBCOMMANDS && group && l->out->operands.n == 0) {
		if (w->known)
			kid = line__child(l, c, w->head);
		else if (!l->pattern && (w->many || line__maybe_child(l, c, w->any.v[0]))) {
			line__unsure(l, w);
			l->out->open = true;
		}
		if (kid != NULL)
			return kid;
		if (w->known && l->out->unknown_word.n == 0) {
			l->out->unknown_word = w->head;
			l->out->unknown_at = w->at;
		}
	}
	line__operand(l, w);
	return c;
}

int
options__getopt(struct line *l)
{
	const struct model_command *c = &l->tool->commands[0];
	enum tool_parser parser = l->tool->parser;
	bool ended = false;

	for (size_t i = 0; i < l->words.n; i++) {
		const struct line_word *w = &l->words.v[i];

		if (ended || !w->maybe_dash) {
			if (!ended && w->many && !l->pattern)
				line__unsure(l, w);
			c = plain_word(l, c, w);
			ended = ended || (parser == PARSER_POSIX && l->out->operands.n > 0);
		} else if (w->known && str_is(w->head, "--") && parser != PARSER_WORDS)
			ended = true;
		else if (w->head.n < 2) {
			line__unsure(l, w);
			line__operand(l, w);
		} else if (parser == PARSER_WORDS)
			word_option(l, c, &i);
		else if (w->head.p[1] == '-')
			long_option(l, c, &i);
		else if (!number_option(l, c, w))
			short_options(l, c, &i);
	}
	l->out->command = c;
	return 0;
}
