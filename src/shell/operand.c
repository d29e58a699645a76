/* SPDX-License-Identifier: ISC */
/*
 * operand.c: the word of ${x:-word}, which is split like a value where it is not quoted.
 */
#include "shell/eval.h"

#include <string.h>

/* zsh does not split text, unless it splits values, and looks for files. */
static void
put_zsh_text(struct xp *xp, const struct part *p)
{
	if (eval__opt(xp->st, OPT_WORDSPLIT) == TRI_NO)
		eval__put_text(xp, p->text, XP_LITERAL);
	else
		eval__put_any(xp, p->text, false);
}

/* Does "$@" stand among others? */
static bool
has_all(const struct astword *w)
{
	for (const struct part *p = w->first; p != NULL; p = p->next)
		for (const struct part *in = p->kind == PART_DQUOTE ? p->parts : NULL; in != NULL; in = in->next)
			if (in->kind == PART_PARAM && (str_is(in->param->name, "@") || in->param->subscript != NULL))
				return true;
	return false;
}

/* The word of ${x:-word}: its unquoted text is split like a value. */
void
eval__put_operand(struct xp *xp, const struct astword *w, bool quoted)
{
	const struct part *was = xp->lead;
	bool follows = xp->follows;

	if (w == NULL || w->first == NULL) {
		xp->have |= quoted;
		return;
	}
	xp->lead = w->first;
	if (!quoted && !xp->nosplit && xp->st->kind != SHELL_ZSH && w->first->next != NULL && has_all(w))
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, eval__source(xp->cx, w->at),
		    "where its words end beside \"$@\" is not followed");
	for (const struct part *p = w->first; p != NULL; p = p->next) {
		xp->follows = follows || p->next != NULL;
		if (!quoted && ((xp->st->kind == SHELL_ZSH &&
		                    (p->kind == PART_BRACE || (p->kind == PART_GLOB && str_starts(p->text, STR("[!"))))) ||
		                   (xp->st->kind == SHELL_SH && p->kind == PART_GLOB && str_starts(p->text, STR("[^")))))
			eval__put_any(xp, eval__part_source(xp, p), quoted);
		else if (p->kind == PART_TEXT && !p->quoted && !quoted) {
			struct word text = word_text(xp->sh->a, p->text);

			if (xp->st->kind == SHELL_ZSH && !xp->nosplit)
				put_zsh_text(xp, p);
			else
				eval__put_value(xp, text, xp->nosplit && !xp->pattern, true);
		} else if (p->quoted && !quoted && xp->st->kind == SHELL_BASH &&
		    (xp->cx->flags & SHELL_IN_SUBST) != 0 && str_starts(eval__part_source(xp, p), STR("$'"))) {
			eval__put_any(xp, eval__part_source(xp, p), false); /* bash splits it in "$( )" */
		} else if (p->kind == PART_GLOB && p->text.n > 1 && !quoted && !xp->nosplit &&
		    xp->st->kind != SHELL_ZSH) { /* ${z:-[a b]} is split */
			eval__put_value(xp, word_text(xp->sh->a, p->text), false, true);
		} else {
			eval__part(xp, p, quoted);
			xp->open |= p->kind == PART_EXTGLOB && !quoted && !xp->nosplit;
		}
	}
	if (xp->st->kind == SHELL_ZSH && !quoted &&
	    (str_find(eval__source(xp->cx, w->at), STR("[!")) != STR_NPOS ||
	        str_find(eval__source(xp->cx, w->at), STR("[^")) != STR_NPOS))
		xp->open = true; /* there ! is of the set */
	xp->lead = was;
	xp->follows = follows;
}
