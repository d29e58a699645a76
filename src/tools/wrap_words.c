/* SPDX-License-Identifier: ISC */
/*
 * wrap_words.c: the words of one wrapper's line: its own options, as getopt
 * reads them by the entry's table, and where the inner command starts.
 */
#include "tools/wrap.h"

#include <string.h>

static const struct model_option *
by_letter(const struct wrapper *w, char letter)
{
	for (size_t i = 0; i < w->noptions; i++) {
		const struct model_option *o = w->options[i];

		if (o->letter == letter || (o->name.n == 1 && o->name.p[0] == letter))
			return o;
	}
	return NULL;
}

/* By a long name, or the only one that it begins. */
static const struct model_option *
by_name(const struct wrapper *w, struct str name)
{
	const struct model_option *found = NULL;
	size_t n = 0;

	for (size_t i = 0; i < w->noptions; i++) {
		const struct model_option *o = w->options[i];

		if (str_eq(o->name, name))
			return o;
		for (size_t j = 0; j < sizeof o->longs / sizeof *o->longs; j++)
			if (o->longs[j].n > 0 && str_eq(o->longs[j], name))
				return o;
		if (name.n > 0 && str_starts(o->name, name)) {
			found = o;
			n++;
		}
	}
	return n == 1 ? found : NULL;
}

static void
take(struct reading *rd, struct split *s, struct words argv, size_t *i,
    const struct model_option *o, struct str rest, bool has_rest)
{
	struct wrap_option g = { o, { 0 }, false };

	if (has_rest) {
		g.value = word_text(rd->a, rest);
		g.has_value = true;
	} else if (o->arg == ARG_REQUIRED && *i + 1 < argv.n) {
		g.value = argv.v[++*i];
		if (str_is(o->type, "pair") && *i + 1 < argv.n) /* NAME VALUE */
			g.value = word_cat(rd->a, word_cat(rd->a, g.value, word_text(rd->a, STR("="))),
			    argv.v[++*i]);
		g.has_value = true;
		s->many |= word_many(g.value);
	}
	*vec_push(rd->a, &s->given) = g;
}

static void
long_option(struct reading *rd, const struct wrapper *w, struct split *s, struct words argv,
    size_t *i)
{
	struct str head = word_prefix(argv.v[*i]), name;
	size_t eq = str_chr(head, '=');
	const struct model_option *o;

	name = str_sub(head, 2, (eq == STR_NPOS ? head.n : eq) - 2);
	o = by_name(w, name);
	if (o == NULL || (eq == STR_NPOS && argv.v[*i].n > 1)) {
		s->unsure = true;
		return;
	}
	if (eq == STR_NPOS) {
		take(rd, s, argv, i, o, name, false);
		return;
	}
	take(rd, s, argv, i, o, str_sub(head, eq + 1, head.n), true);
	/* What follows the known part of the value belongs to it. */
	s->given.v[s->given.n - 1].value = word_cat(rd->a, s->given.v[s->given.n - 1].value,
	    (struct word){ argv.v[*i].v + 1, argv.v[*i].n - 1, { 0 } });
}

static void
short_options(struct reading *rd, const struct wrapper *w, struct split *s, struct words argv,
    size_t *i)
{
	struct word word = argv.v[*i];
	struct str head = word_prefix(word);

	for (size_t j = 1; j < head.n; j++) {
		const struct model_option *o = by_letter(w, head.p[j]);
		bool last = j + 1 == head.n;

		if (o == NULL && head.p[j] >= '0' && head.p[j] <= '9')
			continue; /* nice -10 */
		if (o == NULL) {
			s->unsure = true;
			return;
		}
		if (o->arg == ARG_NONE || (o->arg == ARG_OPTIONAL && last)) {
			take(rd, s, argv, i, o, head, false);
			continue;
		}
		if (last && word.n == 1) {
			take(rd, s, argv, i, o, head, false);
			return;
		}
		take(rd, s, argv, i, o, str_sub(head, j + 1, head.n), true);
		s->given.v[s->given.n - 1].value =
		    word_cat(rd->a, s->given.v[s->given.n - 1].value,
			(struct word){ word.v + 1, word.n - 1, { 0 } });
		return;
	}
}

/* env -S 'fly deploy' -a app: the text stands for the option, and has the program in it. */
static bool
splices(struct reading *rd, const struct split *s)
{
	const struct wrap_option *g = wrap_given(s, "split-string");
	struct words w;
	struct str text;

	if (g == NULL || !g->has_value || !word_known(rd->a, g->value, &text))
		return false;
	w = words_split(rd->a, text);
	for (size_t i = 0; i < w.n; i++)
		if (!str_starts(word_prefix(w.v[i]), STR("-")) && !wrap_assignment(w.v[i]))
			return true;
	return false;
}

/* Reads options from argv[*i] on; permute: past operands too. */
static void
read_options(struct reading *rd, const struct wrapper *w, struct split *s, struct words argv,
    size_t *i, bool permute)
{
	for (; *i < argv.n; ++*i) {
		struct word word = argv.v[*i];
		struct str head = word_prefix(word);

		if (word_is(word, "--")) {
			s->dashes = true;
			++*i;
			return;
		}
		if (word.n > 0 && head.n == 0) {
			s->unsure = true; /* may be an option */
			s->many |= word_many(word);
		}
		if (head.n > 2 && str_starts(head, STR("--")))
			long_option(rd, w, s, argv, i);
		else if (head.n > 1 && head.p[0] == '-')
			short_options(rd, w, s, argv, i);
		else if (!permute)
			return;
		if (s->given.n > 0 && splices(rd, s)) {
			s->spliced = true;
			++*i;
			return;
		}
	}
}

const struct wrap_option *
wrap_given(const struct split *s, const char *name)
{
	for (size_t i = s->given.n; i-- > 0;)
		if (str_is(s->given.v[i].option->name, name))
			return &s->given.v[i];
	return NULL;
}

/* Steps over the subcommand's words: false if it is another one. */
static bool
subcommand(struct reading *rd, const struct wrapper *w, struct split *s, struct words argv,
    size_t *i)
{
	struct str path = w->subcommand;

	while (path.n > 0) {
		size_t blank = str_chr(path, ' ');

		read_options(rd, w, s, argv, i, false);
		if (*i >= argv.n || !word_says(argv.v[*i], str_sub(path, 0, blank)))
			return false;
		++*i;
		path = blank == STR_NPOS ? STR("") : str_trim(str_sub(path, blank, path.n));
	}
	return true;
}

bool
wrap_assignment(struct word w)
{
	struct str head = word_prefix(w);
	size_t eq = str_chr(head, '=');

	return eq != STR_NPOS && eq > 0 && head.p[0] != '-';
}

bool
wrap_split(struct reading *rd, const struct wrapper *w, struct words argv, struct split *s)
{
	size_t i = 1;

	*s = (struct split){ .at = argv.n };
	if (w->subcommand.n > 0 && !subcommand(rd, w, s, argv, &i))
		return false;
	if (str_starts(w->start, STR("option:"))) {
		bool front = str_find(w->adds, STR("front")) != STR_NPOS;

		read_options(rd, w, s, argv, &i, !front);
		for (int k = 0; front && k < w->skip && ++i < argv.n; k++)
			read_options(rd, w, s, argv, &i, false);
		return wrap_given(s, str_c(rd->a, str_sub(w->start, 7, w->start.n))) != NULL;
	}
	if (str_starts(w->start, STR("after:"))) {
		const char *mark = str_c(rd->a, str_sub(w->start, 6, w->start.n));

		while (i < argv.n && !word_is(argv.v[i], mark))
			i++;
		s->at = i < argv.n ? i + 1 : argv.n;
		return s->at < argv.n;
	}
	read_options(rd, w, s, argv, &i, false);
	if (s->spliced) {
		s->at = i;
		return true;
	}
	if (str_is(w->start, "assignments") && i < argv.n && word_is(argv.v[i], "-")) {
		s->emptied = true; /* env - is env -i */
		i++;
	}
	if (str_is(w->start, "assignments"))
		while (i < argv.n && wrap_assignment(argv.v[i]))
			i++;
	for (int k = 0; k < w->skip && i < argv.n; k++) {
		s->many |= word_many(argv.v[i]);
		i++;
	}
	s->at = i;
	return true;
}
