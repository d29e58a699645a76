/* SPDX-License-Identifier: ISC */
/*
 * builtin_dir.c: cd, pushd, popd, pwd. A directory that the world says is
 * there is entered for certain; any other may be or not, which leaves both.
 */
#include "shell/builtin.h"

#include <string.h>

/* ---- where a word leads ---- */

/* Whether an unknown piece may hold a slash, and so `..` too. */
static bool
may_climb(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind != PIECE_TEXT && byteset_has(w.v[i].set, '/'))
			return true;
	return false;
}

static struct word
joined(struct shell *sh, struct word dir, struct word rel)
{
	struct str d, r;
	struct word w;

	if (word_known(sh->a, rel, &r)) {
		if (word_known(sh->a, dir, &d))
			return word_text(sh->a, path_clean(sh->a, path_join(sh->a, d, r)));
		if (r.n > 0 && r.p[0] == '/')
			return word_text(sh->a, path_clean(sh->a, r));
		if (r.n == 0 || str_is(r, "."))
			return dir;
		r = path_clean(sh->a, r);
		if (str_starts(r, STR("..")))
			return word_any(sh->a, rel.typed);
		rel = word_text(sh->a, r);
	} else if (may_climb(rel) || word_prefix(rel).n == 0)
		return word_any(sh->a, rel.typed);
	if (word_prefix(rel).n > 0 && word_prefix(rel).p[0] == '/')
		return rel;
	w = word_cat(sh->a, dir, word_text(sh->a, STR("/")));
	return word_cat(sh->a, w, rel);
}

static struct words
each_joined(struct shell *sh, struct words dirs, struct word rel)
{
	VEC(struct word) list = { 0 };

	for (size_t i = 0; i < dirs.n; i++)
		*vec_push(sh->a, &list) = joined(sh, dirs.v[i], rel);
	return (struct words){ list.v, list.n };
}

/* Where the values of a variable lead; anywhere if one of them is not known. */
static struct words
var_words(struct shell *sh, const struct shell_state *st, struct str name)
{
	const struct var *v = eval__var(sh, st, name);
	VEC(struct word) list = { 0 };

	for (size_t i = 0; i < v->n; i++) {
		struct word to = v->v[i].scalar;
		struct str text;

		if (v->v[i].kind != VALUE_SCALAR)
			return eval__words1(
			    sh, word_any(sh->a, str_printf(sh->a, "$" STR_FMT, STR_ARG(name))));
		if (!word_known(sh->a, to, &text) &&
		    (word_prefix(to).n == 0 || word_prefix(to).p[0] == '/')) {
			*vec_push(sh->a, &list) = to;
			continue;
		}
		for (size_t k = 0; k < st->cwd.n; k++)
			*vec_push(sh->a, &list) = joined(sh, st->cwd.v[k], to);
	}
	return (struct words){ list.v, list.n };
}

/* CDPATH: what a plain relative word may also mean. False: not known. */
static bool
add_cdpath(struct shell *sh, const struct shell_state *st, struct str rel, struct words *dirs)
{
	const struct var *v = eval__var(sh, st, STR("CDPATH"));
	VEC(struct word) list = { 0 };
	struct str text;

	if (rel.n == 0 || rel.p[0] == '/' || str_is(rel, ".") || str_is(rel, "..") ||
	    str_starts(rel, STR("./")) || str_starts(rel, STR("../")))
		return true;
	/* Not set outside, and the start-up files of such shells do not set it. */
	if (v->n == 1 &&
	    ((v->v[0].kind == VALUE_ANY && v->exported == TRI_NO && !st->vars_unknown) ||
	        v->v[0].kind == VALUE_UNSET))
		return true;
	if (v->n != 1 || v->v[0].kind != VALUE_SCALAR || !word_known(sh->a, v->v[0].scalar, &text))
		return false;
	for (size_t i = 0; i < dirs->n; i++)
		*vec_push(sh->a, &list) = dirs->v[i];
	while (text.n > 0) {
		size_t colon = str_chr(text, ':');
		struct str dir = str_sub(text, 0, colon);
		struct words more = each_joined(sh, st->cwd, word_text(sh->a, dir));

		more = each_joined(sh, more, word_text(sh->a, rel));
		for (size_t i = 0; i < more.n && list.n < LIMIT_ALTERNATIVES; i++)
			*vec_push(sh->a, &list) = more.v[i];
		text = colon == STR_NPOS ? (struct str){ 0 } : str_sub(text, colon + 1, text.n);
	}
	*dirs = (struct words){ list.v, list.n };
	return true;
}

static struct words
anywhere(struct shell *sh, struct str source)
{
	return eval__words1(sh, word_any(sh->a, source));
}

/* Where cd goes with this operand. */
static struct words
destination(struct shell *sh, const struct shell_state *st, struct word to, bool physical)
{
	struct words dirs;
	struct str text;

	if (word_has_words(to))
		return anywhere(sh, to.typed);
	if (word_is(to, "-"))
		return st->kind == SHELL_ZSH && (eval__var(sh, st, STR("OLDPWD"))->attrs & VAR_LINE) != 0
		    ? anywhere(sh, STR("-")) /* it remembers what no assignment changes */
		    : var_words(sh, st, STR("OLDPWD"));
	dirs = each_joined(sh, st->cwd, to);
	if (eval__opt(st, OPT_CDABLE) != TRI_NO)
		return anywhere(sh, to.typed);
	if (!word_known(sh->a, to, &text))
		return dirs;
	if (physical && str_find(text, STR("..")) != STR_NPOS)
		return anywhere(sh, to.typed);
	if (str_starts(text, STR("//")) && !str_starts(text, STR("///")) && st->kind != SHELL_ZSH)
		return anywhere(sh, to.typed); /* $PWD keeps both */
	if (st->kind == SHELL_ZSH && text.n > 1 && (text.p[0] == '-' || text.p[0] == '+'))
		return anywhere(sh, to.typed); /* zsh: an entry of the stack */
	return add_cdpath(sh, st, text, &dirs) ? dirs : anywhere(sh, to.typed);
}

/* ---- going there ---- */

static bool
surely_there(struct shell *sh, const struct shell_state *st, struct words dirs)
{
	for (size_t i = 0; i < dirs.n; i++) {
		struct world_stat s;
		struct str path;

		if (!word_known(sh->a, dirs.v[i], &path) || path.n == 0 || path.p[0] != '/' ||
		    sh->w->stat == NULL || sh->w->stat(sh->w->ctx, path, true, &s) != 0 ||
		    s.kind != WORLD_DIR || eval__touched(sh, st, path_dir(path)))
			return false;
	}
	return dirs.n > 0;
}

static void
go(struct shell *sh, struct shell_state *st, struct call *call, struct words dirs)
{
	struct value *v = NEW_ARRAY(sh->a, struct value, st->cwd.n);
	struct var *old = NEW(sh->a, struct var);
	/* It goes there, and then it fails. */
	bool fixed = eval__fixed(sh, st, STR("PWD")) || eval__fixed(sh, st, STR("OLDPWD"));
	bool sure = surely_there(sh, st, dirs);

	call->fail = eval__copy(sh, st);
	for (size_t i = 0; i < st->cwd.n; i++)
		v[i] = eval__value_word(st->cwd.v[i]);
	*old = (struct var){ 0, eval__var(sh, st, STR("OLDPWD"))->exported, v, st->cwd.n };
	eval__put_var(sh, st, STR("OLDPWD"), old);
	st->vars = pmap_del(sh->a, st->vars, STR("PWD"));
	if (dirs.n > LIMIT_ALTERNATIVES)
		dirs = anywhere(sh, STR(""));
	st->cwd = dirs;
	if (st->kind == SHELL_ZSH)
		st->dirs_unknown = true; /* auto_pushd */
	if (fixed) {
		eval__join(sh, st, call->fail);
		call->fail = NULL;
	} else if (sure)
		eval__surely(sh, call);
}

void
eval__do_cd(struct shell *sh, struct shell_state *st, struct call *call)
{
	bool physical = eval__opt(st, OPT_PHYSICAL) != TRI_NO;
	struct opts o;
	struct words rest;
	char c;

	eval__opts_init(&o, sh, st, call);
	o.dash = false; /* it is $OLDPWD */
	while ((c = eval__opts_next(&o, "", false)) != '\0') {
		if (c == 'P')
			physical = true;
		else if (strchr(st->kind == SHELL_ZSH ? "Lqs" : st->kind == SHELL_SH ? "L" : "Le", c) == NULL) {
			o.unknown = true;
			break;
		}
	}
	rest = (struct words){ call->c.argv.v + o.i, call->c.argv.n - o.i };
	if (o.unknown || rest.n > 1 || (rest.n == 1 && path_in_proc(word_prefix(rest.v[0]))))
		go(sh, st, call, anywhere(sh, rest.n > 0 ? rest.v[0].typed : STR("")));
	else if (rest.n == 0)
		go(sh, st, call, var_words(sh, st, STR("HOME")));
	else {
		struct words to = destination(sh, st, rest.v[0], physical);

		if (word_is(rest.v[0], "-") || to.n > st->cwd.n)
			eval__print(sh, call, NULL);
		go(sh, st, call, to);
	}
	if (physical) /* without the links of the path */
		eval__assign_anything(sh, st, STR("PWD"));
}

/* ---- the stack ---- */

static void
set_stack(struct shell *sh, struct shell_state *st, struct word top, struct words rest, size_t skip)
{
	struct word *v = NEW_ARRAY(sh->a, struct word, rest.n + 1);
	size_t n = 0;

	if (top.n > 0)
		v[n++] = top;
	for (size_t i = skip; i < rest.n; i++)
		v[n++] = rest.v[i];
	st->dirs = (struct words){ v, n };
}

static void
lose_stack(struct shell *sh, struct shell_state *st, struct call *call)
{
	st->dirs_unknown = true;
	go(sh, st, call, anywhere(sh, STR("")));
	st->dirs_unknown = true;
}

void
eval__do_pushd(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = call->c.argv, old = st->dirs;
	struct word here = st->cwd.v[0];
	bool unknown = st->dirs_unknown || st->cwd.n > 1 || eval__opt(st, OPT_DIRSTACK) != TRI_NO;
	struct str text;

	if (argv.n > 1 && word_known(sh->a, argv.v[1], &text) && str_is(text, "--"))
		argv = (struct words){ argv.v + 1, argv.n - 1 };
	if (argv.n == 1) { /* the two on top change places */
		if (unknown || old.n == 0)
			lose_stack(sh, st, call);
		else {
			go(sh, st, call, eval__words1(sh, old.v[0]));
			set_stack(sh, st, here, old, 1);
		}
		return;
	}
	if (argv.n > 2 || !word_known(sh->a, argv.v[1], &text) || text.n == 0 || text.p[0] == '-' ||
	    text.p[0] == '+') {
		if (argv.n == 2 && !word_has_words(argv.v[1]) && word_prefix(argv.v[1]).n > 0 &&
		    strchr("-+", word_prefix(argv.v[1]).p[0]) == NULL) {
			go(sh, st, call, destination(sh, st, argv.v[1], false));
			set_stack(sh, st, here, old, 0);
			st->dirs_unknown = unknown;
		} else
			lose_stack(sh, st, call);
		return;
	}
	go(sh, st, call, destination(sh, st, argv.v[1], false));
	set_stack(sh, st, here, old, 0);
	st->dirs_unknown = unknown;
}

void
eval__do_popd(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words old = st->dirs;

	if (call->c.argv.n > 1 || st->dirs_unknown || old.n == 0) {
		lose_stack(sh, st, call);
		return;
	}
	go(sh, st, call, eval__words1(sh, old.v[0]));
	set_stack(sh, st, (struct word){ 0 }, old, 1);
	st->dirs_unknown = false;
}

void
eval__do_pwd(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct word w;

	if (call->c.argv.n > 1 || st->cwd.n != 1) {
		eval__print(sh, call, NULL);
		return;
	}
	w = word_cat(sh->a, st->cwd.v[0], word_text(sh->a, STR("\n")));
	eval__print(sh, call, &w);
}
