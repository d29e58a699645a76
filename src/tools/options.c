/* SPDX-License-Identifier: ISC */
/*
 * options.c: argument vectors -> path, options, operands, by the model's
 * parser (pflag.c, getopt.c, git_options.c). Here: what they share. An unknown
 * word never silently becomes an operand: where it could be an option, the
 * line is `maybe` from there on.
 */
#include "tools/options.h"

#include "bridle/limits.h"

#include <string.h>

/* ---- words ---- */

/* May the word's text start with '-'? An empty word does not. */
static bool
may_start_with_dash(struct word w)
{
	for (size_t i = 0; i < w.n; i++) {
		const struct piece *p = &w.v[i];

		if (p->kind == PIECE_TEXT)
			return p->text.p[0] == '-';
		if (p->kind == PIECE_WORDS || (p->max > 0 && byteset_has(p->set, '-')))
			return true;
		if (p->min > 0)
			return false;
	}
	return false;
}

void
line__word(struct line *l, struct words slot, size_t at)
{
	struct line_word *lw = vec_push(l->a, &l->words);
	struct word w = slot.n > 0 ? slot.v[0] : word_words(l->a, STR(""));

	*lw = (struct line_word){ .any = slot, .at = at };
	if (slot.n == 0) {
		struct word *v = NEW(l->a, struct word);

		*v = w;
		lw->any = (struct words){ v, 1 };
	}
	lw->many = word_has_words(w);
	lw->known = word_known(l->a, w, &lw->head);
	if (!lw->known)
		lw->head = word_prefix(w);
	if (lw->known)
		lw->maybe_dash = lw->head.n > 1 && lw->head.p[0] == '-';
	else if (l->pattern)
		lw->maybe_dash = lw->head.n > 1 && lw->head.p[0] == '-';
	else
		lw->maybe_dash = may_start_with_dash(w);
}

/* w without its first n bytes, which are known text. */
static struct word
word_drop(struct arena *a, struct word w, size_t n)
{
	struct word rest = { .typed = STR("") };
	size_t i = 0;

	while (i < w.n && w.v[i].kind == PIECE_TEXT && w.v[i].text.n <= n)
		n -= w.v[i++].text.n;
	if (n > 0 && i < w.n && w.v[i].kind == PIECE_TEXT) {
		rest = word_text(a, str_sub(w.v[i].text, n, STR_NPOS));
		i++;
	}
	return word_cat(a, rest, (struct word){ w.v + i, w.n - i, STR("") });
}

struct words
line__tail(struct line *l, const struct line_word *w, size_t n)
{
	struct word *v = NEW_ARRAY(l->a, struct word, w->any.n);
	struct str start = str_sub(w->head, 0, n);

	for (size_t i = 0; i < w->any.n; i++) {
		struct str text;

		if (!word_known(l->a, w->any.v[i], &text))
			text = word_prefix(w->any.v[i]);
		if (!str_starts(text, start))
			return (struct words){ NULL, 0 };
		v[i] = word_drop(l->a, w->any.v[i], n);
	}
	return (struct words){ v, w->any.n };
}

/* ---- what is found ---- */

void
line__unsure(struct line *l, const struct line_word *w)
{
	if (!l->out->maybe)
		l->out->unsure = word_show(l->a, w->any.v[0]);
	l->out->maybe = true;
	if (w->many)
		l->out->rest = true;
}

void
line__refuse(struct line *l, struct str error)
{
	if (l->out->refused)
		return;
	l->out->refused = true;
	l->out->error = error;
}

void
line__operand(struct line *l, const struct line_word *w)
{
	*vec_push(l->a, &l->out->operands) = w->any;
	*vec_push(l->a, &l->out->operand_at) = w->at;
	if (w->many)
		l->out->rest = true;
}

struct str
line__dashed(struct line *l, char letter)
{
	const char text[] = { '-', letter };

	return str_dup(l->a, (struct str){ text, sizeof text });
}

struct given *
line__give(struct line *l, const struct model_option *o, struct str spelled)
{
	struct given *g = vec_push(l->a, &l->given);

	*g = (struct given){ .option = o, .on = TRI_YES, .spelled = spelled, .maybe = l->out->maybe };
	return g;
}

/* ---- the model ---- */

static bool
spelled_so(const struct model_option *o, struct str name)
{
	if (str_eq(o->name, name) && (name.n > 1 || o->letter == '\0'))
		return true;
	for (size_t i = 0; i < sizeof o->longs / sizeof o->longs[0] && o->longs[i].n > 0; i++)
		if (str_eq(o->longs[i], name))
			return true;
	return false;
}

const struct model_option *
line__long(const struct line *l, const struct model_command *c, struct str name)
{
	for (size_t i = 0; c != NULL && i < c->noptions; i++)
		if (option_begins(command_option(c, i), name) && spelled_so(command_option(c, i), name))
			return command_option(c, i);
	for (size_t i = 0; i < l->tool->nglobals; i++)
		if (option_begins(l->tool->globals[i], name) && spelled_so(l->tool->globals[i], name))
			return l->tool->globals[i];
	return NULL;
}

const struct model_option *
line__letter(const struct line *l, const struct model_command *c, char letter)
{
	if (c != NULL && c->noptions > 0)
		(void)command_option(c, 0); /* now they are all there */
	for (size_t i = 0; c != NULL && i < c->noptions; i++)
		if (c->opts[i]->letter == letter)
			return c->opts[i];
	for (size_t i = 0; i < l->tool->nglobals; i++)
		if (l->tool->globals[i]->letter == letter)
			return l->tool->globals[i];
	return NULL;
}

/* The next command below `from` after `at` (0: the first), or NULL. */
static const struct model_command *
next_child(const struct line *l, const struct model_command *from, size_t *at)
{
	size_t self = (size_t)(from - l->tool->commands);

	*at = *at == 0 ? self + 1 : l->tool->commands[*at].end;
	return *at < from->end ? &l->tool->commands[*at] : NULL;
}

static bool
is_former(const struct model_command *c)
{
	return c->today.n > 0 && !c->dead;
}

bool
line__has_children(const struct line *l, const struct model_command *c)
{
	const struct model_command *kid;

	for (size_t at = 0; (kid = next_child(l, c, &at)) != NULL;)
		if (!is_former(kid) || l->pattern)
			return true;
	return false;
}

/* Commands stand in the order of their paths, each in front of what is below it. */
static const struct model_command *
named_child(const struct line *l, const struct model_command *c, struct str name)
{
	size_t low = (size_t)(c - l->tool->commands) + 1, high = c->end;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct model_command *m = &l->tool->commands[mid];
		struct str own = m->path[c->npath];
		int order = name.n == 0 ? 1 : (unsigned char)own.p[0] - (unsigned char)name.p[0];

		if (order == 0) /* as far as the first byte tells */
			order = str_cmp(own, name);
		if (order == 0 && m->npath == c->npath + 1)
			return m;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const struct model_command *
line__child(const struct line *l, const struct model_command *c, struct str name)
{
	const struct model_command *kid = named_child(l, c, name);

	if (kid != NULL && (!is_former(kid) || l->pattern))
		return kid;
	for (size_t at = 0; (kid = next_child(l, c, &at)) != NULL;) {
		if (is_former(kid) && !l->pattern)
			continue;
		for (size_t i = 0; i < kid->naliases; i++)
			if (str_eq(kid->aliases[i], name))
				return kid;
	}
	return NULL;
}

bool
line__maybe_child(const struct line *l, const struct model_command *c, struct word w)
{
	const struct model_command *kid;

	for (size_t at = 0; (kid = next_child(l, c, &at)) != NULL;) {
		if (is_former(kid))
			continue;
		if (word_meets(word_text(l->a, kid->path[kid->npath - 1]), w))
			return true;
		for (size_t i = 0; i < kid->naliases; i++)
			if (word_meets(word_text(l->a, kid->aliases[i]), w))
				return true;
	}
	return false;
}

/* ---- effective values ---- */

static struct str
canonical(const struct given *g)
{
	if (g->option == NULL)
		return g->name;
	return g->option->alias_of.n > 0 ? g->option->alias_of : g->option->name;
}

/* An alias counts only where the option itself was not given. */
static bool
shadowed(const struct line *l, const struct given *g)
{
	if (g->option == NULL || g->option->alias_of.n == 0)
		return false;
	for (size_t i = 0; i < l->given.n; i++)
		if (l->given.v[i].option != NULL &&
		    str_eq(l->given.v[i].option->name, g->option->alias_of))
			return true;
	return false;
}

/* "iad,lhr" is two values; with an unknown part it may be any. */
static void
add_values(struct line *l, struct option_value *v, const struct given *g)
{
	VEC(struct word) list = { 0 };

	for (size_t i = 0; i < v->values.n; i++)
		*vec_push(l->a, &list) = v->values.v[i];
	for (size_t i = 0; i < g->value.n; i++) {
		struct str text;

		if (g->option == NULL || !g->option->comma || l->pattern) {
			*vec_push(l->a, &list) = g->value.v[i];
			continue;
		}
		if (!word_known(l->a, g->value.v[i], &text)) {
			*vec_push(l->a, &list) = word_any(l->a, word_show(l->a, g->value.v[i]));
			continue;
		}
		for (size_t end; (end = str_chr(text, ',')) != STR_NPOS;
		     text = str_sub(text, end + 1, STR_NPOS))
			*vec_push(l->a, &list) = word_text(l->a, str_sub(text, 0, end));
		*vec_push(l->a, &list) = word_text(l->a, text);
	}
	v->values = (struct words){ list.v, list.n };
}

static struct option_value *
find_value(struct parsed *p, struct str name)
{
	for (size_t i = 0; i < p->options.n; i++)
		if (str_eq(p->options.v[i].name, name))
			return &p->options.v[i];
	return NULL;
}

static void
drop_value(struct parsed *p, struct option_value *v)
{
	size_t i = (size_t)(v - p->options.v);

	memmove(v, v + 1, (p->options.n - i - 1) * sizeof *v);
	p->options.n--;
}

static void
finish_one(struct line *l, const struct given *g)
{
	struct parsed *p = l->out;
	const struct model_option *o = g->option;
	struct option_value *v = find_value(p, canonical(g)), made = { .name = canonical(g) };
	bool list = o != NULL && o->list, boolean = o != NULL && o->arg == ARG_NONE;
	bool was_there = v != NULL;

	if (v != NULL && list && !l->pattern) {
		add_values(l, v, g);
		return;
	}
	if (v != NULL && !(list && l->pattern))
		drop_value(p, v); /* the last one wins, and stands where it was given */
	if (boolean && g->on == TRI_NO) {
		if (!g->maybe || !was_there)
			return;
	}
	made.cls = o == NULL ? OPTION_PLAIN : o->cls;
	made.boolean = boolean;
	made.list = list;
	made.secret = o != NULL && o->secret;
	made.unknown_option = o == NULL && !l->tool->doors_only; /* there it is plain */
	made.maybe = g->maybe || g->on == TRI_MAYBE || p->maybe;
	made.spelled = g->spelled;
	made.model = o != NULL && o->alias_of.n == 0 ? o : NULL;
	add_values(l, &made, g);
	*vec_push(l->a, &p->options) = made;
}

void
line__finish(struct line *l)
{
	for (size_t i = 0; i < l->given.n; i++)
		if (!shadowed(l, &l->given.v[i]))
			finish_one(l, &l->given.v[i]);
	if (l->out->maybe)
		for (size_t i = 0; i < l->out->options.n; i++)
			l->out->options.v[i].maybe = true;
}

const struct option_value *
parsed__option(const struct parsed *p, struct str name)
{
	for (size_t i = 0; i < p->options.n; i++)
		if (str_eq(p->options.v[i].name, name))
			return &p->options.v[i];
	return NULL;
}

int
options_parse(const struct tool *t, struct arena *a, const struct words *slots, size_t n,
    bool pattern, struct parsed *out)
{
	struct line l = { .tool = t, .a = a, .pattern = pattern, .out = out };
	int err;

	*out = (struct parsed){ 0 };
	if (t->parser == PARSER_GIT)
		return options__git(t, a, slots, n, pattern, out);
	if (n > LIMIT_WORDS)
		return BRIDLE_ELIMIT;
	for (size_t i = 1; i < n; i++)
		line__word(&l, slots[i], i);
	err = t->parser == PARSER_PFLAG ? options__pflag(&l) : options__getopt(&l);
	if (err == 0)
		line__finish(&l);
	return err;
}

/* ---- of a request ---- */

/* Words that are made of the same pieces say the same. */
static bool
same_line(struct words x, struct words y)
{
	if (x.n != y.n)
		return false;
	for (size_t i = 0; i < x.n; i++)
		if (x.v[i].v != y.v[i].v || x.v[i].n != y.v[i].n)
			return false;
	return true;
}

int
reading_parse(struct reading *rd, const struct tool *t, struct words argv, const struct parsed **out)
{
	struct parsed *p;
	struct words *slots;
	struct word *v;
	int err;

	if (rd->line.tool == t && same_line(rd->line.argv, argv)) {
		*out = rd->line.p;
		return 0;
	}
	p = NEW(rd->a, struct parsed);
	v = NEW_ARRAY(rd->a, struct word, argv.n);
	slots = NEW_ARRAY(rd->a, struct words, argv.n);
	for (size_t i = 0; i < argv.n; i++) {
		v[i] = argv.v[i];
		slots[i] = (struct words){ &v[i], 1 };
	}
	if ((err = options_parse(t, rd->a, slots, argv.n, false, p)) < 0)
		return err;
	rd->line.tool = t;
	rd->line.argv = (struct words){ v, argv.n };
	rd->line.p = p;
	*out = p;
	return 0;
}
