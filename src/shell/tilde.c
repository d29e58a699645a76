/* SPDX-License-Identifier: ISC */
/*
 * tilde.c: whether a ~ stands where it is expanded, and to what. Where the
 * parser lets one stand is shell__tilde (group.c); the other parts of a word
 * are in expand.c.
 */
#include "shell/eval.h"

#include <string.h>

/* What stands before a ~ in its word, as far as it matters. */
static char
before_tilde(const struct xp *xp)
{
	const struct xpiece *x = xp->cur.n > 0 ? &xp->cur.v[xp->cur.n - 1] : NULL;

	if (x == NULL)
		return xp->have && xp->st->kind != SHELL_ZSH ? '"' : '\0';
	if (x->p.kind != PIECE_TEXT)
		return xp->st->kind == SHELL_ZSH ? '?' : '"';
	if (xp->st->kind == SHELL_ZSH && xp->head > 0) {
		if (xp->head == SIZE_MAX)
			return '?';
		if (xp->cur.n == 1 && x->p.text.n == xp->head)
			return '\0';
	}
	return x->how == XP_LITERAL ? x->p.text.p[x->p.text.n - 1] : '"';
}

/* ~name ends at a slash, in bash and in an assignment at a colon too; beside anything else it
 * is text. Behind `=` or `:` in an argument only bash expands it, and not in
 * posix mode. zsh looks for it after all other expansions. */
static enum tri
tilde_acts(const struct xp *xp, const struct part *p)
{
	char c = before_tilde(xp);
	bool ends = p->next == NULL ||
	    (p->next->kind == PART_TEXT && !p->next->quoted && p->next->text.n > 0 &&
	        (p->next->text.p[0] == '/' ||
	            (p->next->text.p[0] == ':' && (xp->nosplit || xp->st->kind == SHELL_BASH))));

	if (p->op == ':')
		return xp->lead != NULL && !xp->nosplit ? TRI_NO : TRI_MAYBE;
	if (xp->lead != NULL && xp->st->kind == SHELL_ZSH)
		return TRI_MAYBE;
	if (p == xp->lead)
		c = '\0';
	/* ~:1$x: bash may leave all of it as it is, or only what follows the ~. */
	if (ends && c == '\0' && !xp->nosplit && xp->st->kind == SHELL_BASH && p->next != NULL &&
	    p->next->next != NULL && p->next->text.p[0] == ':')
		return TRI_MAYBE;
	/* a=~$x: bash takes the source up to a slash for the name, `$x` and all. */
	if (!ends && c == '=' && !xp->nosplit && xp->st->kind == SHELL_BASH &&
	    p->next->kind != PART_TEXT)
		return TRI_MAYBE;
	if (!ends)
		return xp->st->kind == SHELL_ZSH && p->next->kind != PART_TEXT ? TRI_MAYBE : TRI_NO;
	if (c == '?')
		return TRI_MAYBE;
	/* x=a=~: not in dash, nor in bash in ${x-a=~} */
	if (c != '\0' && c != ':' && xp->nosplit &&
	    (xp->st->kind == SHELL_SH || (xp->st->kind == SHELL_BASH && xp->lead != NULL)))
		return TRI_MAYBE;
	if (c == '\0' || (xp->nosplit && (c == ':' || xp->st->kind != SHELL_ZSH)))
		return TRI_YES;
	if (xp->st->kind != SHELL_BASH || (c != '=' && c != ':') || xp->element)
		return TRI_NO;
	return tri_not(eval__opt(xp->st, OPT_POSIX));
}

void
eval__tilde(struct xp *xp, const struct part *p)
{
	struct str name = STR("HOME");
	enum tri acts = tilde_acts(xp, p);
	const struct var *v;
	size_t i;

	if (acts == TRI_NO) {
		eval__put_text(xp, (struct str){ p->text.p - 1, p->text.n + 1 }, XP_LITERAL);
		return;
	}
	if (acts == TRI_MAYBE) {
		/* It may even be a user that the rest names. */
		xp->open = true;
		goto unknown;
	}
	if (p->text.n > 0 && xp->st->kind == SHELL_SH) /* dash has no ~+ */
		goto unknown;
	if (str_is(p->text, "+"))
		name = STR("PWD");
	else if (str_is(p->text, "-"))
		name = STR("OLDPWD");
	else if (p->text.n > 0)
		goto unknown;
	v = eval__var(xp->sh, xp->st, name);
	i = v->n > 1 ? eval__choose(xp, name, NULL, v->n) : 0;
	if (i < v->n && v->v[i].kind == VALUE_SCALAR) {
		xp->have = true;
		for (size_t k = 0; k < v->v[i].scalar.n; k++)
			eval__put(xp, v->v[i].scalar.v[k], XP_QUOTED);
		return;
	}
unknown:
	if (xp->st->kind == SHELL_ZSH) /* it knows nobody called so: the command does not run */
		eval__may_be_error(xp);
	eval__put(xp, (struct piece){ PIECE_CHARS, eval__part_source(xp, p), NULL, 1, PIECE_NOMAX },
	    XP_QUOTED);
}
