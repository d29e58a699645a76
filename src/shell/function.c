/* SPDX-License-Identifier: ISC */
/*
 * function.c: functions: defining, calling, what is local to a call; and
 * aliases that may or may not be there.
 */
#include "shell/eval.h"
#include "shell/reference.h"

#include <string.h>

/* Functions that the shell calls by itself. */
static bool
called_by_shell(const struct shell_state *st, struct str name)
{
	static const char *const names[] = { "chpwd", "precmd", "preexec", "zshexit", "periodic",
		"zshaddhistory", "zsh_directory_name" };

	if (st->kind != SHELL_ZSH)
		return false;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_is(name, names[i]))
			return true;
	return false;
}

static void
call_once(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct function *f,
    struct str typed)
{
	struct ctx in = eval__maybe(cx);
	struct call call = { .cx = &in }, later = { .cx = &in };
	struct shell_state *copy = eval__copy(sh, st);

	call.c.typed = later.c.typed = typed;
	call.c.offset = later.c.offset = STR_NPOS;
	sh->quiet++;
	eval__call(sh, copy, &call, f);
	sh->quiet--;
	eval__join(sh, st, copy);
	/* What it runs, it runs later: who knows where, and with what values. */
	copy = eval__copy(sh, st);
	eval__assign_unknown(sh, copy, STR("a function is called by the shell"));
	copy->cwd = eval__words1(sh, word_any(sh->a, STR("")));
	eval__call(sh, copy, &later, f);
}

const struct function *
eval__exported_as(struct shell *sh, const struct function *f, enum tri on)
{
	struct function *own;

	if (f->exported == on)
		return f;
	own = NEW(sh->a, struct function);
	*own = *f;
	own->exported = on;
	return own;
}

/* One that is exported stays so. */
static void
set_function(struct shell *sh, struct shell_state *st, struct str name, struct function *f)
{
	const struct function *was = pmap_get(st->functions, name);
	enum tri on = eval__opt(st, OPT_ALLEXPORT);

	if (was != NULL && was->exported > on)
		on = was->exported;
	st->functions_exported |= on != TRI_NO;
	st->functions = pmap_set(sh->a, st->functions, name, eval__exported_as(sh, f, on));
}

struct all_functions {
	struct shell *sh;
	struct shell_state *to;
	bool child; /* as a new shell has them; else all may be exported now */
};

static void
each_function(void *ctx, struct str key, const void *value)
{
	struct all_functions *all = ctx;
	const struct function *was = value;
	struct function *f = NEW(all->sh->a, struct function);

	if (all->child && was->exported == TRI_NO)
		return;
	if (all->child && was->exported == TRI_MAYBE)
		*f = (struct function){ .exported = TRI_MAYBE, .also = was }; /* or none */
	else
		*f = *was;
	if (!all->child && f->exported == TRI_NO)
		f->exported = TRI_MAYBE;
	all->to->functions = pmap_set(all->sh->a, all->to->functions, key, f);
}

void
eval__child_functions(struct shell *sh, const struct shell_state *st, struct shell_state *child)
{
	struct all_functions all = { sh, child, true };

	child->functions = NULL;
	if (st->functions_exported)
		pmap_each(st->functions, each_function, &all);
}

void
eval__export_function(struct shell *sh, struct shell_state *st, const struct str *name, enum tri on)
{
	struct all_functions all = { sh, st, false };
	const struct function *was = name != NULL ? pmap_get(st->functions, *name) : NULL;

	st->functions_exported |= on != TRI_NO;
	if (name == NULL) {
		pmap_each(st->functions, each_function, &all);
		return;
	}
	if (was == NULL)
		return;
	st->functions = pmap_set(sh->a, st->functions, *name, eval__exported_as(sh, was, on));
}

void
eval__define(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	struct function *f = NEW(sh->a, struct function);
	struct choices ch = { .fold = true };
	struct str name = n->name;
	struct shell_state *before;
	struct xp xp;

	if (n->misnamed)
		return;
	*f = (struct function){ .body = n->kids[0], .redirs = n->redirs, .src = cx->src };
	if (name.n == 0) { /* zsh: () { … } args, called at once */
		struct call call = { .cx = cx };

		eval__xp_init(&xp, sh, st, cx, &ch);
		*vec_push(sh->a, &xp.out) = word_text(sh->a, STR("(anon)"));
		eval__expand_words(&xp, n->words, n->nwords);
		if (xp.no_match)
			eval__discard(sh, cx, st);
		call.c.argv = (struct words){ xp.out.v, xp.out.n };
		call.c.typed = eval__source(cx, n->at);
		call.c.offset = eval__offset(cx, n->at);
		eval__call(sh, st, &call, f);
		out->fail = call.fail;
		return;
	}
	/* zsh: `a b() …` defines both */
	while (name.n > 0) {
		size_t blank = str_chr(name, ' ');
		struct str one = str_sub(name, 0, blank == STR_NPOS ? name.n : blank);

		before = st->functions_fixed ? eval__copy(sh, st) : NULL;
		set_function(sh, st, one, f);
		if (before != NULL)
			eval__join(sh, st, before);
		if (st->kind == SHELL_ZSH && str_starts(one, STR("TRAP")) && one.n > 4)
			/* its argument is the signal's number */
			eval__set_trap(sh, st, cx, str_sub(one, 4, one.n), word_text(sh->a, str_cat(sh->a, one, STR(" $?"))));
		if (called_by_shell(st, one))
			eval__unknown(sh, st, cx, SHELL_DYNAMIC, eval__source(cx, n->at), "a function that zsh calls by itself");
		if (called_by_shell(st, one))
			call_once(sh, st, cx, f, eval__source(cx, n->at));
		name = blank == STR_NPOS ? (struct str){ 0 } : str_sub(name, blank + 1, name.n);
	}
}

/* ---- calling ---- */

static void
restore(struct shell *sh, struct shell_state *st, const struct frame *f)
{
	for (const struct locals *l = f->locals; l != NULL; l = l->next) {
		if (!l->surely) {
			/* Perhaps it was not local, and what was assigned stays. */
			const struct var *now = pmap_get(st->vars, l->name);

			if (now != l->was)
				eval__assign_anything(sh, st, l->name);
		} else if (l->was != NULL)
			eval__put_var(sh, st, l->name, l->was);
		else
			st->vars = pmap_del(sh->a, st->vars, l->name);
	}
}

bool
eval__local(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct str name)
{
	struct frame *f = cx->frame;
	struct locals *l;

	while (f->kind == FRAME_LOOP || f->script)
		f = f->up;
	if (f->kind != FRAME_CALL && !f->in_call)
		return false;
	for (const struct locals *k = f->locals; k != NULL; k = k->next)
		if (str_eq(k->name, name))
			return false;
	l = NEW(sh->a, struct locals);
	*l = (struct locals){ name, pmap_get(st->vars, name), cx->branch == f->branch, f->locals };
	f->locals = l;
	return true;
}

bool
eval__in_call(const struct ctx *cx)
{
	const struct frame *f = cx->frame;

	while (f->kind == FRAME_LOOP || f->script)
		f = f->up;
	return f->kind == FRAME_CALL || f->in_call;
}

/* Within ( … ) in a function: what is local there is not known. */
static bool
in_process_of_call(const struct ctx *cx)
{
	const struct frame *f = cx->frame;

	while (f->kind == FRAME_LOOP || f->script)
		f = f->up;
	return f->in_call;
}

/* Programs get the exported one that a local one hides, even where that is unset. */
static bool
unset_own(struct shell *sh, struct shell_state *st, const struct locals *l)
{
	struct shell_state around = *st;
	const struct var *v = l->was;

	if (v == NULL) {
		around.vars = pmap_del(sh->a, st->vars, l->name);
		v = eval__var(sh, &around, l->name);
	}
	if (v->exported == TRI_NO)
		return false;
	eval__unset(sh, st, l->name);
	eval__put_var(sh, st, l->name, eval__var_or(sh, v, &(struct value){ .kind = VALUE_UNSET }));
	eval__export(sh, st, l->name, TRI_MAYBE); /* what is assigned next is not */
	return true;
}

/* bash takes away the caller's, and what it hid is seen again; what is assigned
 * then stays when that caller has returned. */
bool
eval__unset_outer(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct str name)
{
	bool own = true;

	if (in_process_of_call(cx) && eval__var(sh, st, name)->exported != TRI_NO) {
		eval__assign_anything(sh, st, name);
		return true;
	}
	for (struct frame *f = cx->frame; f != NULL; f = f->up) {
		if (f->kind != FRAME_CALL || f->script)
			continue;
		for (struct locals *l = f->locals; l != NULL; l = l->next)
			if (str_eq(l->name, name)) {
				if (own)
					return unset_own(sh, st, l);
				l->surely = false;
				eval__assign_anything(sh, st, name);
				return true;
			}
		for (size_t i = 0; f->call != NULL && i < f->call->c.nassigns; i++)
			if (str_eq(f->call->c.assigns[i].name, name)) { /* X=1 f: what it hid is seen again */
				eval__assign_anything(sh, st, name);
				return true;
			}
		own = false;
	}
	return false;
}

/* declare -g of a name that is local: another one is meant, seen when all have returned. */
bool
eval__assign_hidden(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct str name)
{
	bool hidden = false;

	for (struct frame *f = cx->frame; f != NULL; f = f->up)
		for (struct locals *l = f->locals; l != NULL; l = l->next)
			if (str_eq(l->name, name)) {
				l->surely = false;
				hidden = true;
			}
	if (hidden)
		eval__assign_anything(sh, st, name);
	return hidden;
}

/* Without the name of the function the rest are its parameters. */
static struct words
parameters(struct words argv)
{
	return argv.n == 0 ? argv : (struct words){ argv.v + 1, argv.n - 1 };
}

static void
run_body(struct shell *sh, struct shell_state *st, struct ctx *cx, const struct function *f,
    struct call *call)
{
	struct frame frame = { .kind = FRAME_CALL, .up = call->cx->frame, .branch = cx->branch, .call = call };
	struct outcome out = { 0 };
	struct shell_state was = *st;
	struct shell_state *fail, *discard = sh->discard;
	struct node with = { 0 };

	sh->discard = NULL;
	sh->bodies++;
	cx->frame = &frame;
	cx->beside = false; /* its own pipelines were not looked through */
	cx->src = f->src;
	st->args = parameters(call->c.argv);
	if (f->redirs != NULL) { /* of the definition: they act at each call */
		with = *f->body;
		with.redirs = f->redirs;
		eval__node(sh, st, cx, &with, &out);
	} else
		eval__node(sh, st, cx, f->body, &out);
	fail = eval__failed(sh, st, &out);
	if (frame.left != NULL) {
		eval__join(sh, st, frame.left);
		eval__join(sh, fail, frame.left);
		out.ids = NULL;
	}
	if (frame.again != NULL) /* `return 1` */
		eval__join(sh, fail, frame.again);
	for (int i = 0; i < 2; i++) {
		struct shell_state *s = i == 0 ? st : fail;

		if (s->args.v != was.args.v)
			s->args = was.args;
		restore(sh, s, &frame);
		eval__options_back(s, &was);
		eval__function_traps(sh, s, call->cx, was.traps);
	}
	if (sh->discard != NULL) { /* an error that takes the line leaves the call, too */
		sh->discard->args = was.args;
		restore(sh, sh->discard, &frame);
	}
	if (sh->discard != NULL && discard != NULL)
		eval__join(sh, sh->discard, discard);
	else if (discard != NULL)
		sh->discard = discard;
	call->fail = fail;
	call->ids = eval__ids_add(sh, call->ids, out.ids);
}

void
eval__with_call(struct shell_state *st, struct ctx *cx, struct call *call)
{
	const struct redirs *r = call->redirs;

	call->was_set = st->in_set;
	call->was_kind = st->in_kind;
	call->was_text = st->in_text;
	if (r == NULL)
		return;
	if (r->out_mixed && cx->out != NULL)
		cx->out->unknown = true;
	if (r->out_moved) {
		cx->out = NULL;
		cx->piped = false;
	}
	if (r->in_set) {
		st->in_set = true;
		st->in_kind = r->in_kind;
		st->in_text = r->in_text;
	}
}

void
eval__undo_call(struct shell_state *st, const struct outcome *out, const struct call *call)
{
	if (call->redirs == NULL || !call->redirs->in_set)
		return;
	for (int i = 0; i < 2; i++) {
		struct shell_state *s = i == 0 ? st : out->fail;

		if (s == NULL)
			continue;
		s->in_set = call->was_set;
		s->in_kind = call->was_kind;
		s->in_text = call->was_text;
	}
}

void
eval__call(struct shell *sh, struct shell_state *st, struct call *call, const struct function *f)
{
	struct ctx cx = *call->cx;

	call->c.flags |= SHELL_FUNCTION;
	call->reported = true;
	eval__report(sh, st, call);
	if (++sh->depth > LIMIT_RUN_DEPTH) {
		eval__limit(
		    sh, st, &cx, LIMIT_BIT_RUN, "functions call each other deeper than the limit");
		sh->depth--;
		return;
	}
	eval__with_call(st, &cx, call);
	run_body(sh, st, &cx, f, call);
	eval__undo_call(st, &(struct outcome){ .fail = call->fail }, call);
	sh->depth--;
}

void
eval__maybe_alias(struct shell *sh, struct shell_state *st, struct call *call, struct str name)
{
	const struct alias *al = pmap_get(st->aliases, name);
	enum tri on = st->kind == SHELL_BASH ? eval__opt(st, OPT_ALIASES) : TRI_YES;

	if (al == NULL || on == TRI_NO || (on == TRI_YES && !al->maybe))
		return;
	call->c.flags |= SHELL_TAINTED;
	eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
	    "whether this name is an alias is not known");
}
