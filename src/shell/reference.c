/* SPDX-License-Identifier: ISC */
/*
 * reference.c: variables that name others (declare -n): what makes them name
 * another one, and what ends that. Following them is var.c.
 */
#include "shell/reference.h"

bool
eval__refer(struct shell *sh, struct shell_state *st, struct str name, const struct value *to)
{
	const struct var *was = pmap_get(st->vars, name);
	struct value *copy;
	struct var *v;

	if (was == NULL || (was->attrs & VAR_NAMEREF) == 0)
		return false;
	copy = NEW(sh->a, struct value);
	*copy = *to;
	v = NEW(sh->a, struct var);
	*v = (struct var){ was->attrs, was->exported, copy, 1 };
	eval__put_var(sh, st, name, v);
	return true;
}

void
eval__unrefer(struct shell *sh, struct shell_state *st, struct str name, bool unset)
{
	static const struct value none = { .kind = VALUE_UNSET }, any = { .kind = VALUE_ANY };
	const struct var *was = pmap_get(st->vars, name);
	struct var *v;

	if (was == NULL || (was->attrs & VAR_NAMEREF) == 0)
		return;
	v = NEW(sh->a, struct var);
	*v = *was;
	v->attrs &= ~(unsigned)VAR_NAMEREF;
	if (unset && was->n == 1 && was->exported == TRI_NO && was->v[0].kind != VALUE_ANY)
		*v = (struct var){ VAR_LINE, TRI_NO, &none, 1 };
	else if (unset) /* perhaps it was none */
		*v = (struct var){ VAR_LINE, TRI_MAYBE, &any, 1 };
	eval__put_var(sh, st, name, v);
}

bool
eval__referred(struct shell *sh, const struct shell_state *st, struct str name, struct str *to)
{
	const struct var *v = pmap_get(st->vars, name);

	return v != NULL && (v->attrs & VAR_NAMEREF) != 0 && v->n == 1 && v->v[0].kind == VALUE_SCALAR &&
	    word_known(sh->a, v->v[0].scalar, to);
}
