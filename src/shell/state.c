/* SPDX-License-Identifier: ISC */
/*
 * state.c: the shell's state as a value: made, copied, and joined where two
 * ways meet. What differs becomes alternatives, and unknown when they get too
 * many. Variables one by one are in var.c; the doors for hosts in door.c.
 */
#include "shell/eval.h"
#include "shell/reference.h"

#include <string.h>

enum tri
eval__opt(const struct shell_state *st, enum opt o)
{
	if (st->maybe >> o & 1)
		return TRI_MAYBE;
	return st->on >> o & 1 ? TRI_YES : TRI_NO;
}

void
eval__set_opt(struct shell_state *st, enum opt o, enum tri value)
{
	uint32_t bit = (uint32_t)1 << o;

	st->on &= ~bit;
	st->maybe &= ~bit;
	if (value == TRI_YES)
		st->on |= bit;
	else if (value == TRI_MAYBE)
		st->maybe |= bit;
}

struct words
eval__words1(struct shell *sh, struct word w)
{
	struct word *v = NEW(sh->a, struct word);

	*v = w;
	return (struct words){ v, 1 };
}

struct shell_state *
eval__copy(struct shell *sh, const struct shell_state *st)
{
	struct shell_state *copy = NEW(sh->a, struct shell_state);

	*copy = *st;
	return copy;
}

/* ---- words ---- */

bool
eval__word_eq(struct word x, struct word y)
{
	if (x.n != y.n)
		return false;
	if (x.v == y.v)
		return true;
	for (size_t i = 0; i < x.n; i++) {
		const struct piece *p = &x.v[i], *q = &y.v[i];

		if (p->kind != q->kind)
			return false;
		if (p->kind == PIECE_TEXT && !str_eq(p->text, q->text))
			return false;
		if (p->kind == PIECE_CHARS &&
		    (p->set != q->set || p->min != q->min || p->max != q->max))
			return false;
	}
	return true;
}

struct word
eval__chars(struct shell *sh, const struct byteset *set, size_t min, size_t max, struct str source)
{
	struct piece *p = NEW(sh->a, struct piece);

	*p = (struct piece){ PIECE_CHARS, source, set, min, max };
	return (struct word){ p, 1, source };
}

/* Only digits and signs: adding it to something cannot run code. */
static bool
is_number(const struct shell *sh, struct word w)
{
	for (size_t i = 0; i < w.n; i++) {
		const struct piece *p = &w.v[i];

		if (p->kind == PIECE_WORDS)
			return false;
		if (p->kind == PIECE_CHARS && p->set != &sh->digits && p->set != &sh->number)
			return false;
		for (size_t k = 0; p->kind == PIECE_TEXT && k < p->text.n; k++)
			if (!byteset_has(&sh->number, (unsigned char)p->text.p[k]))
				return false;
	}
	return w.n > 0;
}

/* One word that both are fillings of: what they begin and end with alike. */
struct word
eval__word_join(struct shell *sh, struct word x, struct word y)
{
	struct word w = { 0 };
	struct str px = word_prefix(x), py = word_prefix(y), sx, sy;
	size_t n, k;

	if (eval__word_eq(x, y))
		return x;
	if (word_has_words(x) || word_has_words(y))
		return word_words(sh->a, STR(""));
	if (is_number(sh, x) && is_number(sh, y))
		return eval__chars(sh, &sh->number, 1, PIECE_NOMAX, STR(""));
	for (n = 0; n < px.n && n < py.n && px.p[n] == py.p[n]; n++)
		;
	sx = word_suffix(sh->a, x);
	sy = word_suffix(sh->a, y);
	/* Where a word is all text the two ends must not overlap. */
	sx = str_sub(sx, x.n == 1 ? n : 0, sx.n);
	sy = str_sub(sy, y.n == 1 ? n : 0, sy.n);
	for (k = 0; k < sx.n && k < sy.n && sx.p[sx.n - 1 - k] == sy.p[sy.n - 1 - k]; k++)
		;
	if (n > 0)
		w = word_text(sh->a, str_sub(px, 0, n));
	w = word_cat(sh->a, w, word_any(sh->a, STR("")));
	if (k > 0)
		w = word_cat(sh->a, w, word_text(sh->a, str_sub(sx, sx.n - k, k)));
	return w;
}

/* ---- values ---- */

struct value
eval__value_any(void)
{
	return (struct value){ .kind = VALUE_ANY };
}

struct value
eval__value_word(struct word w)
{
	return (struct value){ .kind = VALUE_SCALAR, .scalar = w };
}

static bool
value_eq(const struct value *x, const struct value *y)
{
	if (x->kind != y->kind || x->assoc != y->assoc)
		return false;
	if (x->kind == VALUE_SCALAR)
		return eval__word_eq(x->scalar, y->scalar);
	if (x->kind != VALUE_LIST)
		return true;
	if (x->elems.n != y->elems.n || (x->keys == NULL) != (y->keys == NULL))
		return false;
	for (size_t i = 0; i < x->elems.n; i++) {
		if (!eval__word_eq(x->elems.v[i], y->elems.v[i]))
			return false;
		if (x->keys != NULL && !eval__word_eq(x->keys[i], y->keys[i]))
			return false;
	}
	return true;
}

static bool
is_open(struct word w)
{
	return w.n == 1 && w.v[0].kind == PIECE_CHARS && w.v[0].set == NULL && w.v[0].min == 0 &&
	    w.v[0].max == PIECE_NOMAX;
}

static bool
is_text(struct word w)
{
	return w.n == 0 || (w.n == 1 && w.v[0].kind == PIECE_TEXT);
}

/* Whether every filling of y is one of x. */
static bool
scalar_covers(struct word x, struct word y)
{
	if (is_text(x))
		return eval__word_eq(x, y);
	return !word_has_words(x) && !word_has_words(y) && word_covers(x, y);
}

/* Whether every filling of y is one of x. */
static bool
value_covers(const struct value *x, const struct value *y)
{
	if (x->kind == VALUE_ANY)
		return true;
	if (x->kind == VALUE_SCALAR && y->kind == VALUE_SCALAR)
		return scalar_covers(x->scalar, y->scalar);
	return value_eq(x, y);
}

/* All alternatives as one value. */
static struct value
value_fold(struct shell *sh, const struct var *v)
{
	struct value all = v->v[0];

	for (size_t i = 0; i < v->n; i++) {
		if (v->v[i].kind != VALUE_SCALAR)
			return eval__value_any();
		all.scalar = eval__word_join(sh, all.scalar, v->v[i].scalar);
	}
	return all;
}

/* Adds a value to alternatives, without those that it covers. */
static size_t
add_value(struct value *v, size_t n, const struct value *add)
{
	size_t kept = 0;

	for (size_t k = 0; k < n; k++)
		if (value_covers(&v[k], add))
			return n;
	for (size_t k = 0; k < n; k++)
		if (!value_covers(add, &v[k]))
			v[kept++] = v[k];
	v[kept++] = *add;
	return kept;
}

const struct var *
eval__var_join(struct shell *sh, const struct var *x, const struct var *y)
{
	struct value *v = NEW_ARRAY(sh->a, struct value, x->n + y->n);
	struct var *j = NEW(sh->a, struct var);
	bool same = true;
	size_t n = x->n;

	memcpy(v, x->v, x->n * sizeof *v);
	for (size_t i = 0; i < y->n; i++)
		n = add_value(v, n, &y->v[i]);
	*j = (struct var){ x->attrs | y->attrs, x->exported, v, n };
	j->attrs |= ((x->attrs ^ y->attrs) & (VAR_LOWER | VAR_UPPER | VAR_UNIQUE)) != 0 ? VAR_UNSURE : 0;
	j->attrs |= ((x->attrs ^ y->attrs) & VAR_INTEGER) != 0 ? VAR_NUMBER : 0;
	if (y->exported != x->exported)
		j->exported = TRI_MAYBE;
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == VALUE_ANY && n > 1) {
			v[0] = v[i];
			j->n = n = 1;
		}
	if (n > LIMIT_ALTERNATIVES) {
		v[0] = value_fold(sh, j);
		j->n = n = 1;
	}
	for (size_t i = 0; same && i < n && n == x->n; i++)
		same = value_eq(&v[i], &x->v[i]);
	if (same && n == x->n && j->attrs == x->attrs && j->exported == x->exported)
		return x;
	return j;
}

/* ---- joining states ---- */

struct joining {
	struct shell *sh;
	const struct shell_state *x, *y;
};

static const void *
meet_var(void *ctx, struct str key, const void *x, const void *y)
{
	struct joining *g = ctx;
	const struct var *vx = x, *vy = y;

	if (vx == NULL)
		vx = eval__var(g->sh, g->x, key);
	if (vy == NULL)
		vy = eval__var(g->sh, g->y, key);
	return eval__var_join(g->sh, vx, vy);
}

static bool
function_in(const struct function *list, const struct function *f)
{
	for (; list != NULL; list = list->also)
		if (list->body == f->body && list->unknown == f->unknown)
			return true;
	return false;
}

/* At most LIMIT_ALTERNATIVES bodies; what goes beyond is "some function". */
static const void *
meet_function(void *ctx, struct str key, const void *x, const void *y)
{
	static const struct function none = { 0 };
	struct joining *g = ctx;
	const struct function *list = x != NULL ? x : &none, *fx = x != NULL ? x : y, *fy = y != NULL ? y : x;
	size_t n = 0;

	(void)key;
	for (const struct function *f = list; f != NULL; f = f->also)
		n++;
	for (const struct function *f = y != NULL ? y : &none; f != NULL; f = f->also) {
		struct function *more;

		if (function_in(list, f))
			continue;
		more = NEW(g->sh->a, struct function);
		*more = *f;
		more->also = list;
		if (++n > LIMIT_ALTERNATIVES)
			*more = (struct function){ .unknown = true, .also = list };
		if (n > LIMIT_ALTERNATIVES + 1)
			break;
		list = more;
	}
	return eval__exported_as(g->sh, list, fx->exported == fy->exported ? fx->exported : TRI_MAYBE);
}

static const void *
meet_alias(void *ctx, struct str key, const void *x, const void *y)
{
	struct joining *g = ctx;
	const struct alias *one = x != NULL ? x : y;
	struct alias *al;

	(void)key;
	if (one->maybe && one == x)
		return one;
	al = NEW(g->sh->a, struct alias);
	*al = *one;
	al->maybe = true;
	return al;
}

static const void *
meet_either(void *ctx, struct str key, const void *x, const void *y)
{
	(void)ctx;
	(void)key;
	return x != NULL ? x : y;
}

static const void *
meet_taint(void *ctx, struct str key, const void *x, const void *y)
{
	const struct joining *g = ctx;
	const struct taint *a = x, *b = y;
	struct taint *both;

	if (a == NULL || b == NULL || b->file.n == 0 || eval__word_eq(a->file, b->file))
		return a != NULL ? a : b;
	if (a->file.n == 0)
		return b;
	both = NEW(g->sh->a, struct taint);
	*both = *a;
	both->file = word_any(g->sh->a, key);
	return both;
}

/* Alternatives of directories; too many, or one unknown: unknown. */
static struct words
join_dirs(struct shell *sh, struct words x, struct words y)
{
	VEC(struct word) all = { 0 };

	for (size_t i = 0; i < x.n; i++)
		if (is_open(x.v[i]))
			return x;
	for (size_t i = 0; i < x.n; i++)
		*vec_push(sh->a, &all) = x.v[i];
	for (size_t i = 0; i < y.n; i++) {
		size_t k = 0;

		if (is_open(y.v[i]))
			return y;
		while (k < all.n && !scalar_covers(all.v[k], y.v[i]))
			k++;
		if (k == all.n)
			*vec_push(sh->a, &all) = y.v[i];
	}
	if (all.n == x.n)
		return x;
	if (all.n > LIMIT_ALTERNATIVES)
		return eval__words1(sh, word_any(sh->a, STR("")));
	return (struct words){ all.v, all.n };
}

static bool
words_eq(struct words x, struct words y)
{
	if (x.n != y.n)
		return false;
	for (size_t i = 0; x.v != y.v && i < x.n; i++)
		if (!eval__word_eq(x.v[i], y.v[i]))
			return false;
	return true;
}

static void
join_traps(struct shell *sh, struct shell_state *st, const struct trap *other)
{
	for (const struct trap *t = other; t != NULL && t != st->traps; t = t->next) {
		const struct trap *k = st->traps;
		struct trap *copy;

		while (
		    k != NULL && !(str_eq(k->signal, t->signal) && eval__word_eq(k->body, t->body)))
			k = k->next;
		if (k != NULL)
			continue;
		copy = NEW(sh->a, struct trap);
		*copy = *t;
		copy->next = st->traps;
		st->traps = copy;
	}
}

void
eval__world_join(struct shell *sh, struct shell_state *st, const struct shell_state *o)
{
	if (st->world == o->world || o->dead)
		return;
	if (st->dead || sh->host->join == NULL)
		st->world = o->world;
	else
		st->world = sh->host->join(sh->host->ctx, sh, st->world, o->world);
}

/* The parts that are plain values. */
static void
join_rest(struct shell *sh, struct shell_state *st, const struct shell_state *o)
{
	st->maybe |= o->maybe | (st->on ^ o->on);
	st->on &= ~st->maybe;
	st->vars_unknown |= o->vars_unknown;
	st->taint_all |= o->taint_all;
	if (st->taint_why.n == 0)
		st->taint_why = o->taint_why;
	st->funcs_unknown |= o->funcs_unknown;
	st->functions_exported |= o->functions_exported;
	st->functions_fixed |= o->functions_fixed;
	st->out_moved |= o->out_moved;
	st->dirs_unknown |= o->dirs_unknown || !words_eq(st->dirs, o->dirs);
	st->cwd = join_dirs(sh, st->cwd, o->cwd);
	if (!words_eq(st->args, o->args))
		st->args = eval__words1(sh, word_words(sh->a, STR("$@")));
	if (!eval__word_eq(st->argv0, o->argv0))
		st->argv0 = word_any(sh->a, STR("$0"));
	st->source = eval__word_eq(st->source, o->source) ? st->source : (struct word){ 0 };
	if (!str_eq(st->home, o->home))
		st->home = (struct str){ 0 };
	if (st->in_set != o->in_set || st->in_kind != o->in_kind ||
	    !eval__word_eq(st->in_text, o->in_text))
		eval__input_used(st);
	eval__world_join(sh, st, o);
	st->alias_age = o->alias_age > st->alias_age ? o->alias_age : st->alias_age;
}

void
eval__join(struct shell *sh, struct shell_state *st, const struct shell_state *other)
{
	struct shell_state was;
	struct joining g = { sh, &was, other };

	if (other == st || other->dead)
		return;
	if (st->dead) {
		*st = *other;
		return;
	}
	was = *st;
	if (st->env_cleared != other->env_cleared)
		st->vars_unknown = true;
	st->vars = pmap_join(sh->a, st->vars, other->vars, meet_var, &g);
	st->functions = pmap_join(sh->a, st->functions, other->functions, meet_function, &g);
	st->aliases = pmap_join(sh->a, st->aliases, other->aliases, meet_alias, &g);
	st->taints = pmap_join(sh->a, st->taints, other->taints, meet_taint, &g);
	st->disabled = pmap_join(sh->a, st->disabled, other->disabled, meet_either, &g);
	join_traps(sh, st, other->traps);
	join_rest(sh, st, other);
}

struct widening {
	struct shell *sh;
	const struct shell_state *was;
	struct shell_state *now;
	bool open; /* not a shape but anything */
};

static void
widen_var(void *ctx, struct str key, const void *value)
{
	struct widening *g = ctx;
	struct var *w;
	struct value *v;

	if (pmap_get(g->was->vars, key) == value)
		return;
	w = NEW(g->sh->a, struct var);
	v = NEW(g->sh->a, struct value);
	*w = *(const struct var *)value;
	*v = value_fold(g->sh, w);
	if (g->open && v->kind == VALUE_SCALAR && !is_number(g->sh, v->scalar))
		v->scalar = word_any(g->sh->a, STR(""));
	w->v = v;
	w->n = 1;
	g->now->vars = pmap_set(g->sh->a, g->now->vars, key, w);
}

static bool
same(const struct shell_state *x, const struct shell_state *y)
{
	return x->vars == y->vars && x->functions == y->functions && x->aliases == y->aliases &&
	    x->taints == y->taints && x->disabled == y->disabled && x->traps == y->traps &&
	    x->cwd.v == y->cwd.v && x->dirs.v == y->dirs.v && x->dirs.n == y->dirs.n &&
	    x->args.v == y->args.v && x->args.n == y->args.n && x->on == y->on &&
	    x->maybe == y->maybe && x->vars_unknown == y->vars_unknown &&
	    x->env_cleared == y->env_cleared && x->taint_all == y->taint_all &&
	    x->functions_exported == y->functions_exported && x->functions_fixed == y->functions_fixed &&
	    x->funcs_unknown == y->funcs_unknown && x->out_moved == y->out_moved &&
	    x->dirs_unknown == y->dirs_unknown && x->in_set == y->in_set &&
	    x->in_kind == y->in_kind && x->in_text.v == y->in_text.v && x->world == y->world &&
	    x->dead == y->dead && x->argv0.v == y->argv0.v && x->source.v == y->source.v;
}

/* All directories as one word. */
static struct words
fold_dirs(struct shell *sh, struct words dirs, bool open)
{
	struct word all = dirs.v[0];

	for (size_t i = 1; i < dirs.n; i++)
		all = eval__word_join(sh, all, dirs.v[i]);
	return eval__words1(sh, open ? word_any(sh->a, STR("")) : all);
}

bool
eval__widen(
    struct shell *sh, struct shell_state *st, const struct shell_state *other, unsigned times)
{
	struct shell_state was = *st;
	struct widening g = { sh, &was, st, times > 2 };

	eval__join(sh, st, other);
	if (same(&was, st))
		return false;
	if (times > 0 && st->vars != was.vars)
		pmap_each(st->vars, widen_var, &g);
	if (times > 0 && st->cwd.v != was.cwd.v)
		st->cwd = fold_dirs(sh, st->cwd, g.open);
	return true;
}

void
eval__lose_options(struct shell_state *st)
{
	st->maybe = (uint32_t)(((uint64_t)1 << OPT_COUNT) - 1);
	st->on = 0;
}

/* At the end of a zsh function: with local options, those of before. */
void
eval__options_back(struct shell_state *st, const struct shell_state *was)
{
	enum tri local = st->kind == SHELL_ZSH ? eval__opt(st, OPT_LOCALOPTIONS) : TRI_NO;

	if (local == TRI_NO)
		return;
	if (local == TRI_MAYBE) {
		st->maybe |= was->maybe | (st->on ^ was->on);
		st->on &= ~st->maybe;
		return;
	}
	st->on = was->on;
	st->maybe = was->maybe;
}

void
eval__input_used(struct shell_state *st)
{
	st->in_set = true;
	st->in_kind = SHELL_STDIN_PIPE;
	st->in_text = (struct word){ 0 };
}

/* After code that was not read: nothing that a shell can change is known. */
void
eval__forget_all(struct shell *sh, struct shell_state *st, struct str why)
{
	eval__forget_vars(sh, st);
	st->taint_all = true;
	st->taint_why = why;
	st->funcs_unknown = true;
	st->dirs_unknown = true;
	st->cwd = eval__words1(sh, word_any(sh->a, STR("")));
	st->args = eval__words1(sh, word_words(sh->a, STR("$@")));
	st->home = (struct str){ 0 };
	eval__lose_options(st);
	eval__input_used(st);
}
