/* SPDX-License-Identifier: ISC */
/*
 * prompt.c: text that the shell expands as a prompt (${x@P}, PS4, print -P):
 * its backslashes are read first, then it is expanded as in double quotes, so
 * that a `\$(` is data and a `$(` runs.
 */
#include "shell/eval.h"

#include <string.h>

void
eval__prompt(struct xp *xp, struct str text)
{
	const unsigned bad = xp->sh->bad;

	/* An escape such as \044 may give a `$` too: then it is not known. */
	for (size_t i = 0; i + 1 < text.n; i++)
		if (text.p[i] == '\\' && text.p[i + 1] >= '0' && text.p[i + 1] <= '7') {
			eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, text,
			    "a prompt with octal escapes is expanded");
			break;
		}
	eval__expand_text(xp, text);
	if (xp->sh->bad != bad) { /* there it is complained of, and no more */
		xp->sh->bad = bad;
		eval__may_be_error(xp);
	}
}
