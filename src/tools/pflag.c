/* SPDX-License-Identifier: ISC */
/*
 * pflag.c: command lines as cobra and pflag read them (fly, kubectl …). First
 * the command is looked for, level by level, by a scan that knows only the
 * options of that level: an option it does not know eats the next word. Then
 * the options of the command found are read, wherever they stand. Both follow
 * cobra 1.10.2 (Find, stripFlags) and pflag 1.0.10 (parseArgs) word for word,
 * and stop being certain at a word that is not known.
 */
#include "tools/options.h"

#include <stdlib.h>
#include <string.h>

/* ---- the command ---- */

enum skip { SKIP_NOT, SKIP_ONE, SKIP_TWO, SKIP_UNKNOWN };

/* Does `-x` or `--name` go without a value, as far as this level knows? */
static bool
goes_alone(const struct line *l, const struct model_command *c, struct str text)
{
	const struct model_option *o = text.p[1] == '-'
	    ? line__long(l, c, str_sub(text, 2, STR_NPOS))
	    : line__letter(l, c, text.p[1]);

	return o != NULL && o->arg != ARG_REQUIRED;
}

/* How the scan passes a word: as an option, with the next word or not. */
static enum skip
how_to_skip(const struct line *l, const struct model_command *c, const struct line_word *w)
{
	struct str text = w->head;
	bool dashed = text.n > 0 && text.p[0] == '-', equals = str_chr(text, '=') != STR_NPOS;

	if (w->known || l->pattern) {
		if (!dashed)
			return SKIP_NOT;
		if (equals || text.n == 1 || (text.p[1] != '-' && text.n > 2))
			return SKIP_ONE;
		return goes_alone(l, c, text) ? SKIP_ONE : SKIP_TWO;
	}
	if (w->many || !dashed)
		return w->maybe_dash || w->many ? SKIP_UNKNOWN : SKIP_NOT;
	if (equals || (text.n > 2 && text.p[1] != '-'))
		return SKIP_ONE;
	return SKIP_UNKNOWN;
}

static void
take_away(struct line *l, size_t i)
{
	memmove(&l->words.v[i], &l->words.v[i + 1], (l->words.n - i - 1) * sizeof l->words.v[0]);
	l->words.n--;
}

/* The command below c that the words name; NULL: none, or *unsure. */
static const struct model_command *
step(struct line *l, const struct model_command *c, bool *unsure)
{
	for (size_t i = 0; i < l->words.n; i++) {
		struct line_word *w = &l->words.v[i];
		const struct model_command *kid;

		if (w->known && str_is(w->head, "--"))
			return NULL;
		switch (how_to_skip(l, c, w)) {
		case SKIP_UNKNOWN:
			line__unsure(l, w);
			*unsure = true;
			return NULL;
		case SKIP_TWO:
			i++;
			if (i < l->words.n && l->words.v[i].many && !l->pattern) {
				line__unsure(l, &l->words.v[i]);
				*unsure = true;
				return NULL;
			}
			continue;
		case SKIP_ONE:
			continue;
		case SKIP_NOT:
			break;
		}
		if (w->known && w->head.n == 0)
			continue;
		if (!w->known && !l->pattern && line__maybe_child(l, c, w->any.v[0])) {
			line__unsure(l, w);
			*unsure = true;
			return NULL;
		}
		kid = w->known ? line__child(l, c, w->head) : NULL;
		if (kid != NULL)
			take_away(l, i);
		else {
			l->out->unknown_word = word_show(l->a, w->any.v[0]);
			l->out->unknown_at = w->at;
		}
		return kid;
	}
	return NULL;
}

/* fly launch … -- X, fly mcp wrap … -- X: cut before cobra sees the line, only
 * where the command stands first, by its own name. */
static void
cut_tail(struct line *l)
{
	size_t dashes = 0;

	while (dashes < l->words.n && !(l->words.v[dashes].known && str_is(l->words.v[dashes].head, "--")))
		dashes++;
	if (dashes == l->words.n)
		return;
	for (size_t i = 0; i < l->tool->ncommands; i++) {
		const struct model_command *c = &l->tool->commands[i];
		size_t k = 0;

		if (!c->tail || c->npath > l->words.n)
			continue;
		while (k < c->npath && l->words.v[k].known && str_eq(l->words.v[k].head, c->path[k]))
			k++;
		if (k < c->npath)
			continue;
		while (k < l->words.n && !(l->words.v[k].known && str_is(l->words.v[k].head, "--")))
			k++;
		for (size_t j = k + 1; j < l->words.n; j++)
			*vec_push(l->a, &l->out->tail) = l->words.v[j].any;
		l->words.n = k;
		return;
	}
}

/* ---- options ---- */

static bool
is_one_of(struct str text, const char *const *list)
{
	while (*list != NULL)
		if (str_is(text, *list++))
			return true;
	return false;
}

/* A boolean's value as Go's strconv.ParseBool reads it. */
static enum tri
parse_bool(struct str text, bool *valid)
{
	static const char *const yes[] = { "1", "t", "T", "TRUE", "true", "True", NULL };
	static const char *const no[] = { "0", "f", "F", "FALSE", "false", "False", NULL };

	*valid = true;
	if (is_one_of(text, yes))
		return TRI_YES;
	if (!is_one_of(text, no))
		*valid = false;
	return TRI_NO;
}

static bool
is_int(struct str text)
{
	char buf[80], *end;

	if (text.n == 0 || text.n >= sizeof buf || strchr(" \t\n\v\f\r", text.p[0]) != NULL)
		return false;
	memcpy(buf, text.p, text.n);
	buf[text.n] = '\0';
	(void)strtoll(buf, &end, 0);
	return *end == '\0' && end == buf + text.n;
}

static bool
is_float(struct str text)
{
	char buf[80], *end;

	if (text.n == 0 || text.n >= sizeof buf || strchr(" \t\n\v\f\r", text.p[0]) != NULL)
		return false;
	memcpy(buf, text.p, text.n);
	buf[text.n] = '\0';
	(void)strtod(buf, &end);
	return end == buf + text.n;
}

/* 1h30m, 1.5s, -2ms, 0: Go's time.ParseDuration. */
static bool
is_duration(struct str text)
{
	static const char *const units[] = { "ns", "us", "ms", "s", "m", "h" };

	if (text.n > 0 && (text.p[0] == '-' || text.p[0] == '+'))
		text = str_sub(text, 1, STR_NPOS);
	if (str_is(text, "0"))
		return true;
	if (text.n == 0)
		return false;
	while (text.n > 0) {
		size_t digits = 0, i = 0;

		while (digits < text.n && strchr("0123456789.", text.p[digits]) != NULL)
			digits++;
		text = str_sub(text, digits, STR_NPOS);
		while (i < sizeof units / sizeof units[0] && !str_starts(text, str_of(units[i])))
			i++;
		if (digits == 0 || i == sizeof units / sizeof units[0])
			return false;
		text = str_sub(text, strlen(units[i]), STR_NPOS);
	}
	return true;
}

static void
refuse_value(struct line *l, const struct model_option *o, struct str value)
{
	line__refuse(l, o->letter != '\0'
	        ? str_printf(l->a, "invalid argument \"" STR_FMT "\" for \"-%c, --" STR_FMT "\" flag",
	              STR_ARG(value), o->letter, STR_ARG(o->name))
	        : str_printf(l->a, "invalid argument \"" STR_FMT "\" for \"--" STR_FMT "\" flag",
	              STR_ARG(value), STR_ARG(o->name)));
}

/* Sets an option to a value: w without its first n bytes. */
static void
set_value(struct line *l, const struct model_option *o, struct str spelled,
    const struct line_word *w, size_t n)
{
	struct given *g = line__give(l, o, spelled);
	struct str text = str_sub(w->head, n, STR_NPOS);
	bool valid = true;

	if (o->arg == ARG_NONE) {
		if (w->known)
			g->on = parse_bool(text, &valid);
		else
			g->on = TRI_MAYBE;
	} else {
		g->value = line__tail(l, w, n);
		if (g->value.n == 0) /* alternatives of several options: the first counts */
			g->value = (struct words){ w->any.v, 0 };
		if (w->known && !l->pattern)
			valid = str_is(o->type, "int")    ? is_int(text)
			    : str_is(o->type, "float")    ? is_float(text)
			    : str_is(o->type, "duration") ? is_duration(text)
			                                  : true;
	}
	if (!valid)
		refuse_value(l, o, text);
	if (w->many && !l->pattern)
		line__unsure(l, w);
}

/* An option without a value of its own: the next word is it, if it needs one. False: there is none. */
static bool
set_from_next(struct line *l, const struct model_option *o, struct str spelled, size_t *i)
{
	if (o->arg == ARG_NONE)
		line__give(l, o, spelled);
	else if (o->arg == ARG_OPTIONAL) {
		struct words value = { NULL, 1 };
		struct word *v = NEW(l->a, struct word);

		*v = word_text(l->a, o->optional_value);
		value.v = v;
		line__give(l, o, spelled)->value = value;
	} else if (*i + 1 < l->words.n) {
		(*i)++;
		set_value(l, o, spelled, &l->words.v[*i], 0);
	} else
		return false;
	return true;
}

static void
unknown_option(struct line *l, const struct line_word *w, struct str name, struct str error)
{
	struct given *g = line__give(l, NULL, w->head);

	g->name = name;
	if (l->out->unknown_word.n == 0) {
		l->out->unknown_word = w->head;
		l->out->unknown_at = w->at;
	}
	line__refuse(l, error);
}

static const struct model_option help_option = { .name = { "help", 4 }, .letter = 'h',
	.cls = OPTION_OUTPUT };
static const struct model_option version_option = { .name = { "version", 7 }, .letter = 'v',
	.cls = OPTION_OUTPUT };

/* Those that cobra adds itself, and only for the leaf. */
static const struct model_option *
added_option(const struct model_command *c, struct str name, char letter)
{
	if (str_eq(name, help_option.name) || letter == 'h')
		return &help_option;
	if (c->npath == 0 && (str_eq(name, version_option.name) || letter == 'v'))
		return &version_option;
	return NULL;
}

static void
long_option(struct line *l, const struct model_command *c, size_t *i)
{
	const struct line_word *w = &l->words.v[*i];
	struct str name = str_sub(w->head, 2, STR_NPOS), spelled;
	size_t equals = str_chr(name, '=');
	const struct model_option *o;

	if (name.n == 0 || name.p[0] == '-' || name.p[0] == '=') {
		if (!w->known && name.n == 0)
			line__unsure(l, w);
		else
			line__refuse(l, str_printf(l->a, "bad flag syntax: " STR_FMT, STR_ARG(w->head)));
		return;
	}
	if (!w->known && equals == STR_NPOS) {
		line__unsure(l, w);
		return;
	}
	name = str_sub(name, 0, equals);
	spelled = str_sub(w->head, 0, name.n + 2);
	o = line__long(l, c, name);
	if (o == NULL)
		o = added_option(c, name, '\0');
	if (o == NULL)
		unknown_option(l, w, name,
		    str_printf(l->a, "unknown flag: --" STR_FMT, STR_ARG(name)));
	else if (equals != STR_NPOS)
		set_value(l, o, spelled, w, equals + 3);
	else if (!set_from_next(l, o, spelled, i))
		line__refuse(l, str_printf(l->a, "flag needs an argument: --" STR_FMT, STR_ARG(name)));
}

/* -x"$Y": set in some way, or what follows is its value, or the next word is. */
static void
give_maybe(struct line *l, const struct model_option *o, struct str spelled,
    const struct line_word *w)
{
	struct given *g = line__give(l, o, spelled);
	struct word *v = NEW(l->a, struct word);

	g->maybe = true;
	*v = word_any(l->a, word_show(l->a, w->any.v[0]));
	if (o->arg != ARG_NONE)
		g->value = (struct words){ v, 1 };
	line__unsure(l, w);
}

static void
short_options(struct line *l, const struct model_command *c, size_t *i)
{
	const struct line_word *w = &l->words.v[*i];
	struct str text = w->head;

	if (str_starts(text, STR("-test.")))
		return; /* pflag passes over these */
	for (size_t k = 1; k < text.n; k++) {
		const struct model_option *o = line__letter(l, c, text.p[k]);
		struct str spelled = line__dashed(l, text.p[k]);

		if (o == NULL)
			o = added_option(c, STR(""), text.p[k]);
		if (o == NULL) {
			unknown_option(l, w, str_sub(text, k, 1),
			    str_printf(l->a, "unknown shorthand flag: '%c' in -" STR_FMT, text.p[k],
			        STR_ARG(str_sub(text, k, STR_NPOS))));
			return;
		}
		if (k + 2 < text.n && text.p[k + 1] == '=') {
			set_value(l, o, spelled, w, k + 2);
			return;
		}
		if (o->arg == ARG_REQUIRED && k + 1 < text.n) {
			set_value(l, o, spelled, w, k + 1);
			return;
		}
		if (k + 1 == text.n && !w->known) { /* more letters or a value may follow */
			give_maybe(l, o, spelled, w);
			return;
		}
		if (!set_from_next(l, o, spelled, i))
			line__refuse(l, str_printf(l->a, "flag needs an argument: '%c' in -" STR_FMT, text.p[k],
			    STR_ARG(str_sub(text, k, STR_NPOS))));
	}
	if (!w->known)
		line__unsure(l, w);
}

static void
read_options(struct line *l, const struct model_command *c)
{
	bool ended = false;

	for (size_t i = 0; i < l->words.n; i++) {
		const struct line_word *w = &l->words.v[i];

		if (ended || !w->maybe_dash) {
			if (!ended && w->many && !l->pattern)
				line__unsure(l, w);
			line__operand(l, w);
		} else if (w->known && str_is(w->head, "--"))
			ended = true;
		else if (w->head.n < 2) {
			line__unsure(l, w);
			line__operand(l, w);
		} else if (w->head.p[1] == '-')
			long_option(l, c, &i);
		else
			short_options(l, c, &i);
	}
}

/* ---- what cobra checks before it runs ---- */

static struct str
command_path(struct line *l, const struct model_command *c)
{
	struct buf b;

	buf_init(&b, l->a);
	buf_add(&b, l->tool->name);
	for (size_t i = 0; i < c->npath; i++) {
		buf_putc(&b, ' ');
		buf_add(&b, c->path[i]);
	}
	return buf_str(&b);
}

static void
check_count(struct line *l, const struct model_command *c)
{
	int n = (int)l->out->operands.n, min = c->min_args, max = c->max_args;

	if (n >= min && (max < 0 || n <= max))
		return;
	if (max == 0)
		line__refuse(l, str_printf(l->a, "unknown command \"" STR_FMT "\" for \"" STR_FMT "\"",
		    STR_ARG(word_show(l->a, l->out->operands.v[0].v[0])),
		    STR_ARG(command_path(l, c))));
	else if (min == max)
		line__refuse(l, str_printf(l->a, "accepts %d arg(s), received %d", min, n));
	else if (min == 0)
		line__refuse(l, str_printf(l->a, "accepts at most %d arg(s), received %d", max, n));
	else if (max < 0)
		line__refuse(l, str_printf(l->a, "requires at least %d arg(s), only received %d", min, n));
	else
		line__refuse(l, str_printf(l->a, "accepts between %d and %d arg(s), received %d", min,
		    max, n));
}

static bool
was_given(const struct line *l, struct str name)
{
	for (size_t i = 0; i < l->given.n; i++)
		if (l->given.v[i].option != NULL && str_eq(l->given.v[i].option->name, name))
			return true;
	return false;
}

/* --help, --version: the last one of each decides; maybe decides nothing. */
static bool
asks_for(const struct line *l, const struct model_option *o)
{
	enum tri on = TRI_NO;

	for (size_t i = 0; i < l->given.n; i++)
		if (l->given.v[i].option == o)
			on = l->given.v[i].maybe ? TRI_MAYBE : l->given.v[i].on;
	return on == TRI_YES;
}

static void
check(struct line *l, const struct model_command *c)
{
	struct parsed *p = l->out;

	if (p->refused || p->maybe)
		return;
	if (asks_for(l, &help_option) || asks_for(l, &version_option) || !c->runnable || c->dead) {
		p->help = true;
		return;
	}
	if (!p->rest)
		check_count(l, c);
	for (size_t i = 0; i < c->nrequired; i++)
		if (!was_given(l, c->required[i]))
			line__refuse(l, str_printf(l->a, "required flag(s) \"" STR_FMT "\" not set",
			    STR_ARG(c->required[i])));
}

static void
unknown_command(struct line *l, const struct model_command *root)
{
	struct str word = l->out->unknown_word, near = model_nearest(l->a, l->tool, root, word);

	line__refuse(l, str_printf(l->a, "unknown command \"" STR_FMT "\" for \"" STR_FMT "\"%s" STR_FMT "%s", STR_ARG(word),
	    STR_ARG(l->tool->name), near.n > 0 ? " (did you mean \"" : "", STR_ARG(near), near.n > 0 ? "\"?)" : ""));
}

int
options__pflag(struct line *l)
{
	const struct model_command *c = &l->tool->commands[0], *kid;
	bool unsure = false;

	cut_tail(l);
	while (line__has_children(l, c) && (kid = step(l, c, &unsure)) != NULL)
		c = kid;
	l->out->command = c;
	l->out->open = unsure;
	if (unsure) /* any command below this one, with any options */
		return 0;
	if (c->npath == 0 && l->out->unknown_word.n > 0 && !l->pattern)
		unknown_command(l, c);
	read_options(l, c);
	if (!l->pattern)
		check(l, c);
	return 0;
}
