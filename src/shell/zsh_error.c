/* SPDX-License-Identifier: ISC */
/*
 * zsh_error.c: parameters of zsh that are errors, or may be: a name, a modifier or a
 * flag that is none, a pattern that does not end.
 */
#include "shell/eval.h"

#include <string.h>

/* Of as many that open as close; quotes do not count. */
static bool
is_paired(struct str s, char open, char close)
{
	size_t n = 0, m = 0;

	for (size_t i = 0; i < s.n; i++) {
		n += s.p[i] == open;
		m += s.p[i] == close;
	}
	return n == m;
}

/* zsh: ${x:s} and its like, which are more than :h:t; x[(z)1] of a flag that is none. */
static bool
is_misread(const struct xp *xp, const struct param *param, struct str source)
{
	const struct astword *how = param->arg;
	struct str s = how == NULL || param->name.n == 0 || (param->op != PARAM_SLICE && param->op != PARAM_OTHER) ? STR("") : eval__source(xp->cx, how->at);

	if (param->arg != NULL && param->op != PARAM_DEFAULT && param->op != PARAM_ALTERNATE && param->op != PARAM_ASSIGN) {
		struct str arg = eval__source(xp->cx, param->arg->at);

		if (!is_paired(arg, '(', ')') || !is_paired(arg, '[', ']'))
			return true; /* ${x#(} */
	}
	if (s.n > 0 && eval__is_name(str_sub(s, 0, 1)))
		for (size_t i = 0; i < s.n; i++)
			if (i % 2 == 0 ? strchr("htreluaAcPqQ", s.p[i]) == NULL : s.p[i] != ':' || i + 1 == s.n)
				return true;
	if (param->op == PARAM_OTHER && str_starts(source, STR("${#")) && source.n > 3 && strchr("^=~:+(\"", source.p[3]) != NULL)
		return true; /* ${#^x} */
	s = param->subscript == NULL ? STR("") : eval__source(xp->cx, param->subscript->at);
	if (param->subscript != NULL && str_trim(s).n == 0)
		return true;
	if (str_starts(s, STR("(")))
		for (size_t i = 1; i < s.n && s.p[i] != ')'; i++)
			if (strchr("wfrRiIkKe", s.p[i]) == NULL)
				return true;
	return false;
}

/* Over the flags in parentheses; true: one is none, or has not what it needs. */
static bool
bad_flags(struct str *s)
{
	size_t i = 1;

	for (; i < s->n && s->p[i] != ')'; i++) {
		if (strchr("gIjlrsZ_", s->p[i]) != NULL)
			break; /* what follows is its own */
		if (strchr("#%@AabcCDefFiknoOPqQtuUvVwWXz0pL~mBEMNRS", s->p[i]) == NULL)
			return true;
	}
	if (i + 1 < s->n && s->p[i] != ')' && s->p[i + 1] == ')')
		return true;
	for (; i < s->n && s->p[i] != ')'; i++)
		continue;
	*s = str_sub(*s, i + 1, s->n);
	return false;
}

/* ${<}, ${x y}, ${+}: no name or sign of a parameter. */
static bool
no_name(struct str s)
{
	const struct str all = s;
	size_t n = 0;

	while (n < s.n && (eval__is_name(str_sub(s, 0, n + 1)) || (s.p[0] <= '9' && s.p[n] >= '0' && s.p[n] <= '9')))
		n++;
	if (n == 0 && s.n > 1 && strchr("@*?$!-", s.p[0]) != NULL)
		n = 1;
	if (n > 0 && n < s.n && s.p[n] == '[' && (n = str_chr(s, ']') + 1) == 0)
		return true;
	if (n > 0 && n + 1 < s.n && s.p[n] == ':' && eval__is_name(str_sub(s, n + 1, 1)))
		return strchr("aAcehlpPqQrstuxgwWfF", s.p[n + 1]) == NULL; /* ${=x:y} */
	if (n > 0)
		return n < s.n && strchr(":[^-=?+#%/", s.p[n]) == NULL;
	if (s.n > 1 && strchr("+^=~#", s.p[0]) != NULL)
		return no_name(str_sub(s, 1, s.n));
	if (s.n > 0 && s.p[0] == '(' && (bad_flags(&s) || s.n == 0))
		return true;
	if (s.n > 1 && s.p[0] == ':' && eval__is_name(str_sub(s, 1, 1))) /* ${:h} */
		return true;
	if (n == 0 && s.p != all.p)
		return strchr(":-", s.p[0]) == NULL && no_name(s);
	return s.n == 1 || (s.n > 0 && strchr("^=~+:`#@*?$!-{", s.p[0]) == NULL);
}

void
eval__zsh_misread(struct xp *xp, const struct part *p)
{
	if (xp->st->kind == SHELL_ZSH && (is_misread(xp, p->param, eval__part_source(xp, p)) ||
	        (p->param->op == PARAM_OTHER && p->param->braced && no_name(p->text))))
		eval__may_be_error(xp);
}
