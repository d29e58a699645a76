/* SPDX-License-Identifier: ISC */
/*
 * builtin_unset.c: unset, of variables, functions and references.
 */
#include "shell/builtin.h"
#include "shell/reference.h"

static void
unset_function(struct shell *sh, struct shell_state *st, struct str name, bool surely)
{
	static const struct function none = { 0 };
	const struct function *f = pmap_get(st->functions, name);
	struct function *both;

	if (f == NULL)
		return;
	if (surely) {
		st->functions = pmap_del(sh->a, st->functions, name);
		return;
	}
	both = NEW(sh->a, struct function);
	*both = none;
	both->also = f;
	st->functions = pmap_set(sh->a, st->functions, name, both);
}

/* False: it may be one that cannot be unset, or no name. */
static bool
unset_variable(struct shell *sh, struct shell_state *st, struct call *call, struct word w, bool both)
{
	struct str typed, name;
	const struct var *v;
	bool sure;

	if (!eval__arg_name(sh, st, call, w, &name))
		return false;
	v = eval__var(sh, st, name);
	sure = word_known(sh->a, w, &typed) && str_eq(typed, name) && eval__assignable(sh, st, name) &&
	    !(both && st->functions_fixed);
	if (both && st->kind != SHELL_ZSH &&
	    !(v->n == 1 && (v->v[0].kind == VALUE_SCALAR || v->v[0].kind == VALUE_LIST)))
		unset_function(sh, st, name, v->n == 1 && v->v[0].kind == VALUE_UNSET && !st->functions_fixed);
	if (st->kind == SHELL_BASH && (v->attrs & VAR_PREFIX) != 0)
		eval__assign_anything(sh, st, name); /* x=2 eval 'unset x': there is the one before it */
	else if (st->kind == SHELL_ZSH || !eval__unset_outer(sh, st, call->cx, name))
		eval__unset(sh, st, name);
	return sure;
}

void
eval__do_unset(struct shell *sh, struct shell_state *st, struct call *call)
{
	bool functions = false, variables = false, reference = false, sure = true, wrong = false, patterns = false;
	struct opts o;
	struct str name;
	char c;

	eval__opts_init(&o, sh, st, call);
	while ((c = eval__opts_next(&o, "", false)) != '\0') {
		functions |= c == 'f';
		variables |= c == 'v' || c == 'n';
		reference |= c == 'n' && st->kind == SHELL_BASH;
		patterns |= c == 'm' && st->kind == SHELL_ZSH;
		wrong |= c != 'v' && c != 'f' && !(c == 'n' && st->kind == SHELL_BASH) && !patterns;
	}
	if (patterns) {
		eval__opaque(sh, st, call, call->c.argv.v[0], "the names of variables are not known");
		eval__forget_all(sh, st, STR("a name that is not known is unset"));
		return;
	}
	if (wrong || (functions && variables)) /* an error, and nothing is unset */
		return;
	for (size_t i = o.i; i < o.argv.n; i++) {
		struct word w = o.argv.v[i];

		if (!word_known(sh->a, w, &name)) {
			eval__opaque(sh, st, call, w, "the name of a variable is not known");
			eval__forget_all(sh, st, STR("a name that is not known is unset"));
			return;
		}
		if (functions)
			unset_function(sh, st, name, !st->functions_fixed);
		else if (reference)
			eval__unrefer(sh, st, name, true);
		else
			sure &= unset_variable(sh, st, call, w, !variables);
	}
	if (o.i < o.argv.n && sure && !functions)
		eval__surely(sh, call);
}
