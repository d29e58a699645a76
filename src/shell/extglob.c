/* SPDX-License-Identifier: ISC */
/*
 * extglob.c: @(a|b) and its like, and zsh's (a|b), as a piece of a pattern.
 */
#include "shell/eval.h"

#include <string.h>

/* A value with blanks in @($x) splits the word. */
static bool
splits(const struct xp *xp, const struct part *p)
{
	bool value = false;

	for (; p != NULL; p = p->next)
		value |= !p->quoted && (p->kind == PART_PARAM || p->kind == PART_COMMAND);
	for (size_t i = 0; value && i < xp->cur.n; i++)
		for (size_t k = 0; k < xp->cur.v[i].p.text.n && xp->cur.v[i].how != XP_QUOTED; k++)
			if (strchr(" \t\n", xp->cur.v[i].p.text.p[k]) != NULL)
				return true;
	return false;
}

/* bash expands !(a{b,c}) to two patterns first. */
static bool
has_brace(struct str s)
{
	size_t at = str_chr(s, '{');

	s = at == STR_NPOS ? STR("") : str_sub(s, at, STR_NPOS);
	return str_chr(s, ',') != STR_NPOS || str_find(s, STR("..")) != STR_NPOS;
}

void
eval__extglob(struct xp *xp, const struct part *p)
{
	struct xp in;
	struct buf b;

	if (xp->nosplit && !xp->pattern) { /* x=@(a): text */
		char head[2] = { p->op, '(' };

		eval__put_text(xp, str_dup(xp->sh->a, (struct str){ head + (p->op == '('), 2 - (p->op == '(') }), XP_LITERAL);
		eval__parts(xp, p->parts, false);
		eval__put_text(xp, STR(")"), XP_LITERAL);
		return;
	}
	eval__xp_init(&in, xp->sh, xp->st, xp->cx, xp->ch);
	in.typed = xp->typed;
	in.nosplit = in.pattern = true;
	in.depth = xp->depth;
	buf_init(&b, xp->sh->a);
	buf_putc(&b, p->op == '(' ? '@' : p->op); /* zsh's (a|b) */
	buf_putc(&b, '(');
	eval__parts(&in, p->parts, false);
	/* In ${x:-*(a b)} it is split like other text; zsh's (a|b) may stay as it is. */
	if (in.part_unknown || (p->op == '(' && !xp->pattern) ||
	    (!xp->nosplit && xp->st->kind == SHELL_BASH && has_brace(eval__part_source(xp, p))) ||
	    (!xp->nosplit && xp->st->kind != SHELL_ZSH && (xp->lead != NULL || splits(&in, p->parts)))) {
		eval__put(xp, (struct piece){ PIECE_WORDS, eval__part_source(xp, p), NULL, 0, 0 },
		    XP_GLOB);
		return;
	}
	for (size_t i = 0; i < in.cur.n; i++)
		for (size_t k = 0; k < in.cur.v[i].p.text.n; k++) {
			if (in.cur.v[i].how == XP_QUOTED)
				buf_putc(&b, '\\');
			buf_putc(&b, in.cur.v[i].p.text.p[k]);
		}
	buf_putc(&b, ')');
	eval__put(xp, (struct piece){ PIECE_TEXT, buf_str(&b), NULL, 0, 0 }, XP_GLOB);
}
