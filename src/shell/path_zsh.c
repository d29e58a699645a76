/* SPDX-License-Identifier: ISC */
/*
 * path_zsh.c: zsh's path and PATH are one thing, an array and a text with colons.
 */
#include "shell/eval.h"

static const struct var *
var_of(struct shell *sh, struct value value, unsigned attrs, enum tri exported)
{
	struct value *copy = NEW(sh->a, struct value);
	struct var *v = NEW(sh->a, struct var);

	*copy = value;
	*v = (struct var){ attrs, exported, copy, 1 };
	return v;
}

const struct var *
eval__path_var(struct shell *sh, const struct shell_state *st)
{
	const struct var *whole = eval__var(sh, st, STR("PATH"));
	VEC(struct word) dirs = { 0 };
	struct str text;

	if (whole->n != 1 || whole->v[0].kind != VALUE_SCALAR || !word_known(sh->a, whole->v[0].scalar, &text))
		return eval__hidden_var();
	for (size_t from = 0, n; from <= text.n; from += n + 1) {
		n = str_chr(str_sub(text, from, text.n), ':');
		n = n == STR_NPOS ? text.n - from : n;
		*vec_push(sh->a, &dirs) = word_text(sh->a, str_sub(text, from, n));
	}
	return var_of(sh, (struct value){ .kind = VALUE_LIST, .elems = { dirs.v, dirs.n } }, VAR_ARRAY, TRI_NO);
}

void
eval__tie_path(struct shell *sh, struct shell_state *st, struct str name)
{
	const struct var *v = pmap_get(st->vars, STR("path"));
	struct word joined = word_text(sh->a, STR(""));

	if (str_is(name, "PATH")) {
		if (v != NULL)
			eval__put_var(sh, st, STR("path"), eval__hidden_var());
		return;
	}
	if (v == NULL || v->n != 1 || v->v[0].kind != VALUE_LIST) {
		eval__put_var(sh, st, STR("PATH"), var_of(sh, eval__value_any(), 0, TRI_YES));
		return;
	}
	for (size_t i = 0; i < v->v[0].elems.n; i++) {
		if (i > 0)
			joined = word_cat(sh->a, joined, word_text(sh->a, STR(":")));
		joined = word_cat(sh->a, joined, v->v[0].elems.v[i]);
	}
	eval__put_var(sh, st, STR("PATH"), var_of(sh, eval__value_word(joined), 0, TRI_YES));
}
