/* SPDX-License-Identifier: ISC */
/*
 * held.c: what a parameter holds: a variable, an element of one, or $1, $?, $@
 * and their like. What the operators make of it is in expand_param.c.
 */
#include "shell/eval.h"
#include "shell/held.h"

#include <string.h>

struct held
eval__held_word(struct held h, struct word w)
{
	h.kind = VALUE_SCALAR;
	h.one = w;
	return h;
}

size_t
eval__known_words(struct words args)
{
	size_t n = 0;

	while (n < args.n && !word_has_words(args.v[n]))
		n++;
	return n;
}

/* zsh: $0 is the function, or the file that is sourced. */
static bool
names_function(const struct xp *xp)
{
	const struct frame *f = xp->cx->frame;

	while (f->kind == FRAME_LOOP)
		f = f->up;
	return xp->st->kind == SHELL_ZSH && f->kind == FRAME_CALL;
}

/* $1 …, $@, $#, $? and the like; false: no special parameter. */
static bool
special(struct xp *xp, struct str name, struct held *h)
{
	struct shell *sh = xp->sh;
	struct words args = xp->st->args;
	uint64_t n;

	if (name.n == 1 && (name.p[0] == '@' || name.p[0] == '*')) {
		h->kind = VALUE_LIST;
		h->list = args;
		h->at = name.p[0] == '@';
		h->star = !h->at;
	} else if (name.n == 1 && name.p[0] == '#') {
		if (eval__known_words(args) == args.n)
			*h = eval__held_word(*h, word_text(sh->a, str_printf(sh->a, "%zu", args.n)));
		else
			*h = eval__held_word(*h, eval__chars(sh, &sh->digits, 1, 10, h->source));
	} else if (name.n == 1 && strchr("?$", name.p[0]) != NULL) {
		*h = eval__held_word(*h, eval__chars(sh, &sh->digits, 1, 10, h->source));
	} else if (name.n == 1 && name.p[0] == '!') {
		*h = eval__held_word(*h, eval__chars(sh, &sh->digits, 0, 10, h->source));
	} else if (name.n == 1 && name.p[0] == '-') {
		*h = eval__held_word(*h, word_any(sh->a, h->source));
	} else if (str_is(name, "0")) {
		*h = eval__held_word(*h, names_function(xp) ? word_any(sh->a, h->source) : xp->st->argv0);
	} else if (str_u64(name, &n) == 0) {
		size_t known = eval__known_words(args);

		if (n >= 1 && n <= known)
			*h = eval__held_word(*h, args.v[n - 1]);
		else
			h->kind = known == args.n ? VALUE_UNSET : VALUE_ANY;
	} else
		return false;
	return true;
}

/* zsh's $x[2], $x[-1] and $x[2,3], written so, of n of them, from 1 on. */
static bool
range_of(struct str s, size_t n, size_t *from, size_t *to)
{
	size_t comma = str_chr(s, ',');
	long long a, b;

	if (!eval__integer(str_sub(s, 0, comma == STR_NPOS ? s.n : comma), &a))
		return false;
	b = a;
	if (comma != STR_NPOS && !eval__integer(str_sub(s, comma + 1, s.n), &b))
		return false;
	a += a < 0 ? (long long)n + 1 : 0;
	b += b < 0 ? (long long)n + 1 : 0;
	if (b > (long long)n && comma != STR_NPOS)
		b = (long long)n;
	if (a < 1 || b < a || b > (long long)n)
		return false;
	*from = (size_t)a - 1;
	*to = (size_t)b;
	return true;
}

/* Characters of a text, or some of a list; false: see element. */
static bool
zsh_range(struct xp *xp, const struct value *val, const struct part *p, struct held *h)
{
	struct str sub = eval__source(xp->cx, p->param->subscript->at), text;
	size_t from, to;

	if (eval__opt(xp->st, OPT_KSHARRAYS) != TRI_NO)
		return false;
	if (val->kind == VALUE_SCALAR) {
		if (!word_known(xp->sh->a, val->scalar, &text) || !str_ascii(text) ||
		    !range_of(sub, text.n, &from, &to))
			return false;
		*h = eval__held_word(*h, word_text(xp->sh->a, str_sub(text, from, to - from)));
		return true;
	}
	if (val->kind != VALUE_LIST || str_chr(sub, ',') == STR_NPOS ||
	    eval__known_words(val->elems) != val->elems.n ||
	    !range_of(sub, val->elems.n, &from, &to))
		return false;
	h->kind = VALUE_LIST;
	h->list = (struct words){ val->elems.v + from, to - from };
	h->star = xp->quoted && !str_is(p->param->name, "@");
	h->at = !h->star;
	return true;
}

static void
by_key(struct xp *xp, const struct value *val, struct str key, struct held *h)
{
	h->kind = VALUE_UNSET;
	for (size_t k = 0; k < val->elems.n; k++) {
		struct str at;

		if (!word_known(xp->sh->a, val->keys[k], &at)) {
			h->kind = VALUE_ANY;
			return;
		}
		if (str_eq(at, key))
			*h = eval__held_word(*h, val->elems.v[k]);
	}
}

/* The element of an array at a subscript. */
static void
element(struct xp *xp, const struct var *v, const struct value *val, const struct part *p,
    struct held *h)
{
	const struct pmap *vars = xp->st->vars;
	struct word key = eval__expand_subscript(xp, p->param->subscript,
	    (v->attrs & VAR_ASSOC) != 0 || val->assoc, val->kind == VALUE_ANY);
	struct str text;
	long long i;

	h->kind = VALUE_ANY;
	if (xp->st->kind == SHELL_ZSH && val->kind != VALUE_SCALAR &&
	    (!xp->quoted || str_is(p->param->name, "@")))
		h->at = str_chr(eval__source(xp->cx, p->param->subscript->at), ',') != STR_NPOS;
	if (xp->st->kind == SHELL_ZSH && val->keys == NULL && !val->assoc && zsh_range(xp, val, p, h))
		return;
	/* ${x[x=1]} */
	if (val->kind == VALUE_ANY || xp->st->vars != vars || !word_known(xp->sh->a, key, &text))
		return;
	if (xp->st->kind == SHELL_ZSH &&
	    str_starts(eval__source(xp->cx, p->param->subscript->at), STR("("))) {
		h->at = !xp->quoted; /* (r)pattern: one of them, or none, or more */
		return;
	}
	if (val->kind == VALUE_UNSET) {
		h->kind = VALUE_UNSET;
		return;
	}
	if (val->kind == VALUE_SCALAR) {
		h->kind = xp->st->kind == SHELL_ZSH ? VALUE_ANY : VALUE_UNSET;
		if (xp->st->kind != SHELL_ZSH && str_is(text, "0"))
			*h = eval__held_word(*h, val->scalar);
		return;
	}
	if (!eval__integer(text, &i) && val->keys == NULL)
		return;
	if (val->keys == NULL) {
		if (xp->st->kind == SHELL_ZSH && eval__opt(xp->st, OPT_KSHARRAYS) != TRI_NO)
			return;
		size_t known = eval__known_words(val->elems); /* what follows may have any index */

		if (xp->st->kind == SHELL_ZSH && i > 0)
			i--;
		else if (i < 0 && known < val->elems.n)
			return;
		else if (i < 0)
			i += (long long)val->elems.n;
		else if (xp->st->kind == SHELL_ZSH)
			return;
		if (i >= 0 && (size_t)i < known)
			*h = eval__held_word(*h, val->elems.v[i]);
		else if (known == val->elems.n)
			h->kind = VALUE_UNSET;
		return;
	}
	if (text.n > 0 && text.p[0] == '-' && !val->assoc) /* from the highest index */
		return;
	by_key(xp, val, text, h);
}

/* A variable without a subscript, or as a whole list. */
static void
whole(struct xp *xp, const struct value *val, struct held *h)
{
	h->kind = val->kind;
	if (val->kind == VALUE_SCALAR) {
		h->one = val->scalar;
		if (h->at || h->star) {
			h->kind = VALUE_LIST;
			h->list = eval__words1(xp->sh, val->scalar);
		}
		return;
	}
	if (val->kind != VALUE_LIST)
		return;
	h->list = val->elems;
	h->array = val;
	if (val->assoc && val->elems.n > 1 && (h->at || h->star || xp->st->kind == SHELL_ZSH)) {
		h->at |= xp->st->kind == SHELL_ZSH && !xp->quoted;
		h->kind = VALUE_ANY; /* in an order of its own */
		return;
	}
	if (h->at || h->star)
		return;
	if (xp->st->kind == SHELL_ZSH && eval__opt(xp->st, OPT_KSHARRAYS) != TRI_NO) {
		h->kind = VALUE_ANY; /* or its first element alone */
		h->at = !xp->quoted;
		return;
	}
	if (xp->st->kind == SHELL_ZSH) { /* $a is all of it; "$a" joined by blanks */
		h->at = !xp->quoted;
		h->star = xp->quoted;
		return;
	}
	if (val->assoc || val->keys != NULL) {
		h->kind = VALUE_ANY;
		for (size_t i = 0; i < val->elems.n; i++)
			if (word_is(val->keys[i], "0"))
				*h = eval__held_word(*h, val->elems.v[i]);
		return;
	}
	if (val->elems.n == 0)
		h->kind = VALUE_UNSET;
	else if (word_has_words(val->elems.v[0]))
		h->kind = VALUE_ANY;
	else
		*h = eval__held_word(*h, val->elems.v[0]);
}

/* zsh's $1[2] and $?[0]. */
static void
special_element(struct xp *xp, const struct part *p, struct held *h)
{
	const struct var none = { 0 };
	const struct value all = { .kind = h->kind, .scalar = h->one, .elems = h->list };

	h->at = h->star = false;
	if (h->kind == VALUE_UNSET && xp->st->kind == SHELL_ZSH && !p->param->braced) {
		h->kind = VALUE_ANY; /* $3[1] is a pattern where there is no $3 */
		h->at = !xp->quoted;
		return;
	}
	element(xp, &none, &all, p, h);
}

struct held
eval__lookup(struct xp *xp, const struct part *p, struct str name)
{
	struct held h = { .source = eval__part_source(xp, p), .part = p }, all;
	const struct var *v;
	size_t i;
	bool one;

	if (p->param->subscript != NULL && p->param->subscript->first != NULL &&
	    p->param->subscript->first->next == NULL) {
		h.at = str_is(p->param->subscript->first->text, "@");
		h.star = str_is(p->param->subscript->first->text, "*");
	}
	one = p->param->subscript != NULL && !h.at && !h.star;
	all = h;
	if (!eval__is_name(name) && special(xp, name, &h)) {
		if (one)
			special_element(xp, p, &h);
		else if (all.at) { /* "$*[@]" is "$@" */
			h.at = true;
			h.star = false;
		}
		return h;
	}
	v = eval__var(xp->sh, xp->st, name);
	i = v->n > 1 ? eval__choose(xp, name, NULL, v->n) : 0;
	if (i >= v->n) {
		h.kind = VALUE_ANY;
		return h;
	}
	if (xp->st->kind == SHELL_ZSH && (v->attrs & VAR_LINE) == 0 && str_is(name, "IFS"))
		h.kind = VALUE_ANY; /* a NUL is in it: see eval__for_program */
	else if (one)
		element(xp, v, &v->v[i], p, &h);
	else
		whole(xp, &v->v[i], &h);
	return h;
}

bool
eval__of_all(const struct xp *xp, const struct param *q)
{
	struct str text = q->name;
	bool joins = xp->nosplit && pmap_get(xp->st->vars, STR("IFS")) != NULL;

	if (q->subscript != NULL && q->subscript->first != NULL && q->subscript->first->next == NULL)
		text = q->subscript->first->text;
	if (!str_is(text, "@") && !str_is(text, "*"))
		return false;
	if (xp->st->kind == SHELL_SH)
		return q->op == PARAM_LENGTH || q->op == PARAM_PREFIX || q->op == PARAM_SUFFIX;
	return xp->st->kind == SHELL_BASH && joins &&
	    (q->op == PARAM_PREFIX || q->op == PARAM_SUFFIX || q->op == PARAM_REPLACE || q->op == PARAM_CASE ||
	        q->op == PARAM_TRANSFORM || q->op == PARAM_SLICE);
}
