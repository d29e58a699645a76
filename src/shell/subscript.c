/* SPDX-License-Identifier: ISC */
/*
 * subscript.c: what an arithmetic expression gives as a word, and subscripts,
 * which are such expressions but for the keys of lists by name. The expressions
 * themselves are read in arith.c.
 */
#include "shell/eval.h"

struct word
eval__number_word(const struct xp *xp, enum arith how, long long value, struct str source)
{
	struct shell *sh = xp->sh;

	if (how == ARITH_KNOWN)
		return word_text(sh->a, str_printf(sh->a, "%lld", value));
	if (xp->st->kind == SHELL_ZSH)
		return eval__chars(sh, &sh->anynumber, 1, 80, source);
	return eval__chars(sh, &sh->number, 1, 32, source);
}

/* ---- subscripts ---- */

struct word
eval__expand_subscript(struct xp *xp, const struct astword *w, bool assoc, bool unsure)
{
	struct xp in;
	struct word key;
	struct str text;
	long long v = 0;
	enum arith how;

	eval__xp_init(&in, xp->sh, xp->st, xp->cx, xp->ch);
	in.depth = xp->depth;
	in.quoted = true;
	key = eval__expand_one(&in, w);
	if (assoc && xp->st->kind == SHELL_ZSH && strpbrk(str_c(xp->sh->a, eval__source(xp->cx, w->at)), "'\"\\") != NULL)
		return word_any(xp->sh->a, eval__source(xp->cx, w->at)); /* where its quotes are of the key */
	if (assoc)
		return key;
	if (xp->st->kind == SHELL_ZSH && str_starts(eval__source(xp->cx, w->at), STR("(")) &&
	    str_chr(eval__source(xp->cx, w->at), ':') == STR_NPOS)
		return word_any(xp->sh->a, eval__source(xp->cx, w->at)); /* (r)pattern */
	how = eval__arith(&in, key, &v);
	if (xp->st->kind == SHELL_ZSH && word_known(xp->sh->a, key, &text) && str_chr(text, ',') != STR_NPOS)
		how = how == ARITH_KNOWN ? ARITH_NUMBER : how; /* from one to another, no operator */
	if (how == ARITH_OPAQUE &&
	    !(unsure && w->first != NULL && w->first->next == NULL && w->first->kind == PART_TEXT))
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_OPAQUE, eval__source(xp->cx, w->at),
		    "its value is evaluated as a subscript");
	return eval__number_word(xp, how, v, eval__source(xp->cx, w->at));
}

void
eval__evaluate_name(struct xp *xp, struct str text)
{
	size_t open = str_chr(text, '[');
	struct word sub;
	long long v;

	if (open == STR_NPOS)
		return;
	sub = word_text(xp->sh->a, str_sub(text, open + 1, text.n));
	if (sub.n > 0 && eval__arith(xp, sub, &v) == ARITH_OPAQUE)
		eval__unknown(
		    xp->sh, xp->st, xp->cx, SHELL_OPAQUE, text, "its subscript is evaluated");
}
