/* SPDX-License-Identifier: ISC */
/*
 * flatten.c: the walk over the tree in the order of execution. Each node is
 * run from one state and leaves two, one for success and one for failure
 * (eval.h); here is how && || ; if and groups put them together. What runs in
 * a process of its own is in process.c, loops and case in loop.c.
 */
#include "shell/eval.h"

#include <string.h>

struct ctx
eval__maybe(const struct ctx *cx)
{
	struct ctx in = *cx;

	in.flags |= SHELL_MAYBE;
	in.branch++;
	in.decisive = false;
	return in;
}

struct shell_state *
eval__failed(struct shell *sh, struct shell_state *st, const struct outcome *out)
{
	return out->fail != NULL ? out->fail : eval__copy(sh, st);
}

void
eval__settle(struct shell *sh, struct shell_state *st, struct outcome *out)
{
	if (out->fail != NULL)
		eval__join(sh, st, out->fail);
	out->fail = NULL;
}

const struct ids *
eval__ids_add(struct shell *sh, const struct ids *list, const struct ids *more)
{
	if (list == NULL)
		return more;
	for (; more != NULL; more = more->before) {
		struct ids *i = NEW(sh->a, struct ids);

		*i = (struct ids){ more->id, list, list->n + 1 };
		list = i;
	}
	return list;
}

/* ---- lists ---- */

/* Under `set -e` its failure ends the shell. */
static bool
ends_on_failure(const struct shell_state *st, const struct ctx *cx, const struct node *n)
{
	if (cx->tested || eval__opt(st, OPT_ERREXIT) != TRI_YES || st->traps != NULL)
		return false;
	return n->kind == NODE_SIMPLE || n->kind == NODE_SUBSHELL || n->kind == NODE_COND ||
	    n->kind == NODE_ARITH || (n->kind == NODE_PIPE && !n->negated);
}

void
eval__leave_shell(struct shell *sh, const struct ctx *cx, struct shell_state *st)
{
	struct frame *f = cx->frame;

	while (f->kind != FRAME_SHELL)
		f = f->up;
	if (f->left == NULL)
		f->left = eval__copy(sh, st);
	else
		eval__join(sh, f->left, st);
}

/* One command of a list; in is the context of the list's commands so far. */
void
eval__item(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct ctx *in,
    const struct node *n, bool last, struct outcome *out)
{
	const unsigned bodies = sh->bodies;
	bool unsure;

	*out = (struct outcome){ 0 };
	in->decisive = cx->decisive && (last || (st->kind != SHELL_ZSH && ends_on_failure(st, cx, n)));
	eval__node(sh, st, in, n, out);
	if (last)
		return;
	/* zsh goes on where a body ends with what was tested: f() { { no && x; } } */
	unsure = st->kind == SHELL_ZSH && sh->bodies != bodies;
	/* A set -e that fails itself has set nothing. */
	if (!unsure && ends_on_failure(st, cx, n) && (out->fail == NULL || out->fail->dead ||
	        eval__opt(out->fail, OPT_ERREXIT) == TRI_YES)) {
		eval__leave_shell(sh, cx, eval__failed(sh, st, out));
		out->fail = NULL;
		in->after = eval__ids_add(sh, in->after, out->ids);
		return;
	}
	if ((unsure || st->traps != NULL) && eval__opt(st, OPT_ERREXIT) != TRI_NO) /* that of EXIT may see this */
		eval__leave_shell(sh, cx, eval__failed(sh, st, out));
	eval__settle(sh, st, out);
}

/* zsh runs only the last part of `a && b &` in the background. */
static const struct node *
last_behind(struct shell *sh, const struct node *n)
{
	struct node *all = NEW(sh->a, struct node), *last = NEW(sh->a, struct node);

	*all = *n;
	all->kids = NEW_ARRAY(sh->a, struct node *, n->nkids);
	memcpy(all->kids, n->kids, n->nkids * sizeof *n->kids);
	*last = (struct node){ .kind = NODE_LIST, .kids = &n->kids[n->nkids - 1], .nkids = 1, .at = n->at };
	last->background = NEW(sh->a, bool);
	*last->background = true;
	all->kids[n->nkids - 1] = last;
	return all;
}

static void
list(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	struct ctx in = *cx;

	for (size_t i = 0; i < n->nkids && !st->dead && sh->err == 0; i++) {
		if (n->kids[i] == NULL)
			continue;
		if (n->background != NULL && n->background[i] && st->kind == SHELL_ZSH &&
		    (n->kids[i]->kind == NODE_AND || n->kids[i]->kind == NODE_OR))
			eval__item(sh, st, cx, &in, last_behind(sh, n->kids[i]), i + 1 == n->nkids, out);
		else if (n->background != NULL && n->background[i]) {
			*out = (struct outcome){ 0 };
			eval__background(sh, st, &in, n->kids[i]);
		} else
			eval__item(sh, st, cx, &in, n->kids[i], i + 1 == n->nkids, out);
	}
}

/* a && b && …: each in the state in which those before it succeeded. */
static void
and_list(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	struct ctx in = *cx;
	struct shell_state *fail = NULL;
	const struct ids *ids = NULL;

	for (size_t i = 0; i < n->nkids && !st->dead && sh->err == 0; i++) {
		bool last = i + 1 == n->nkids;
		struct outcome o = { 0 };

		in.tested = cx->tested || !last;
		eval__node(sh, st, &in, n->kids[i], &o);
		ids = eval__ids_add(sh, ids, o.ids);
		if (!cx->loose)
			in.after = eval__ids_add(sh, in.after, o.ids);
		o.fail = eval__failed(sh, st, &o);
		if (!last && !o.fail->dead) {
			in = eval__maybe(&in);
			in.decisive = cx->decisive;
		}
		if (fail == NULL)
			fail = o.fail;
		else
			eval__join(sh, fail, o.fail);
	}
	out->fail = fail;
	out->ids = ids;
}

/* a || b || …: each in the state in which those before it failed. */
static void
or_list(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	struct ctx in = *cx;
	struct shell_state *done = NULL;
	struct outcome o = { 0 };

	for (size_t i = 0; i < n->nkids && sh->err == 0; i++) {
		bool last = i + 1 == n->nkids;

		if (i > 0 && !st->dead)
			in = done->dead ? in : eval__maybe(&in);
		in.tested = cx->tested || !last;
		in.decisive = cx->decisive && last;
		o = (struct outcome){ 0 };
		if (!st->dead)
			eval__node(sh, st, &in, n->kids[i], &o);
		if (done == NULL)
			done = eval__copy(sh, st);
		else
			eval__join(sh, done, st);
		if (o.fail != NULL)
			*st = *o.fail;
	}
	out->fail = eval__copy(sh, st);
	*st = *done;
	out->ids = NULL;
}

static void
swap(struct shell *sh, struct shell_state *st, struct outcome *out)
{
	struct shell_state *fail = eval__failed(sh, st, out);
	struct shell_state was = *st;

	*st = *fail;
	*fail = was;
	out->fail = fail;
	out->ids = NULL;
}

static void
negated(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	struct ctx in = *cx;

	in.tested = true;
	in.decisive = false;
	eval__node(sh, st, &in, n->kids[0], out);
	swap(sh, st, out);
	/* bash: a redirection of { } that fails stays a failure. */
	if (st->kind == SHELL_BASH && n->kids[0] != NULL && n->kids[0]->kind != NODE_SIMPLE && n->kids[0]->redirs != NULL) {
		struct shell_state *both = eval__copy(sh, st);

		eval__join(sh, both, out->fail);
		*st = *eval__copy(sh, both);
		out->fail = both;
	}
}

/* ---- if ---- */

/* What an if leaves: joined over its branches. */
static void
branch_end(struct shell *sh, struct shell_state *all, struct shell_state *fail,
    struct shell_state *st, struct outcome *out)
{
	eval__join(sh, fail, eval__failed(sh, st, out));
	eval__join(sh, all, st);
}

static void
if_node(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	struct shell_state *all = eval__copy(sh, st), *fail = eval__copy(sh, st);
	struct ctx cond = *cx, body = *cx;
	size_t pairs = n->nkids / 2, i;

	all->dead = fail->dead = true;
	for (i = 0; i < pairs && !st->dead && sh->err == 0; i++) {
		struct outcome o = { 0 };
		struct shell_state *no;

		cond.tested = true;
		cond.decisive = false;
		eval__node(sh, st, &cond, n->kids[2 * i], &o);
		no = eval__failed(sh, st, &o);
		body = no->dead ? body : eval__maybe(&body);
		body.decisive = cx->decisive;
		body.after = eval__ids_add(sh, cx->after, o.ids);
		o = (struct outcome){ 0 };
		if (!st->dead) {
			eval__node(sh, st, &body, n->kids[2 * i + 1], &o);
			branch_end(sh, all, fail, st, &o);
		} else
			body = *cx; /* the condition never holds: what follows does */
		body.after = cx->after;
		cond.flags = body.flags;
		cond.branch = body.branch;
		*st = *no;
	}
	if (!st->dead && n->has_else) {
		struct outcome o = { 0 };

		body.decisive = cx->decisive;
		eval__node(sh, st, &body, n->kids[2 * pairs], &o);
		branch_end(sh, all, fail, st, &o);
	} else if (!st->dead)
		eval__join(sh, all, st); /* none taken: success */
	*st = *all;
	out->fail = fail;
	out->ids = NULL;
}

/* ---- the small ones ---- */

static void
cond(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	struct choices ch = { .fold = true };
	struct call call = { .cx = cx, .node = n };
	struct word *argv = NEW_ARRAY(sh->a, struct word, n->nwords + 2);
	struct shell_state start = *st;
	unsigned errors = sh->errors;
	enum tri holds;
	struct xp xp;

	eval__xp_init(&xp, sh, st, cx, &ch);
	holds = eval__cond(&xp, n->words, n->nwords, argv + 1, &call.opaque);
	if (sh->errors != errors) {
		eval__discard(sh, cx, &start);
		holds = TRI_MAYBE;
	}
	argv[0] = word_text(sh->a, STR("[["));
	argv[n->nwords + 1] = word_text(sh->a, STR("]]"));
	call.c.argv = (struct words){ argv, n->nwords + 2 };
	call.c.typed = eval__source(cx, n->at);
	call.c.offset = eval__offset(cx, n->at);
	call.c.flags = SHELL_BUILTIN | SHELL_HARMLESS;
	if (call.opaque)
		eval__unknown(sh, st, cx, SHELL_OPAQUE, call.c.typed, "a value in it is evaluated");
	eval__report(sh, st, &call);
	out->fail = eval__copy(sh, st);
	out->fail->dead = holds == TRI_YES;
	st->dead = holds == TRI_NO;
	out->ids = call.ids;
}

static void
arith(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	struct choices ch = { .fold = true };
	struct xp xp;
	struct shell_state start = *st;
	long long v = 0;
	enum arith how;

	eval__xp_init(&xp, sh, st, cx, &ch);
	how = eval__arith_parts(&xp, n->arith[0] != NULL ? n->arith[0]->parts : NULL,
	    n->arith[0] != NULL ? n->arith[0]->text : STR(""), &v);
	if (how == ARITH_OPAQUE)
		eval__unknown(sh, st, cx, SHELL_OPAQUE, eval__source(cx, n->at),
		    "a value in it is evaluated as arithmetic");
	if (xp.failed)
		eval__discard(sh, cx, &start);
	if (n->arith[0] != NULL && str_chr(n->arith[0]->text, '\'') != STR_NPOS) { /* bash: an error */
		eval__join(sh, st, &start);
		how = ARITH_NUMBER;
	}
	out->fail = eval__copy(sh, st);
	out->fail->dead = how == ARITH_KNOWN && v != 0;
	st->dead = how == ARITH_KNOWN && v == 0;
}

static void
coproc(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n)
{
	struct ctx in = *cx;
	struct str name = n->name.n > 0 ? n->name : STR("COPROC");

	in.piped = true;
	in.out = NULL;
	in.fed = true;
	eval__background(sh, st, &in, n->kids[0]);
	if (st->kind == SHELL_BASH && eval__is_name(name)) {
		eval__unset(sh, st, name); /* what it was is lost */
		eval__assign_anything(sh, st, name);
		eval__assign_anything(sh, st, str_cat(sh->a, name, STR("_PID")));
	}
}

static bool
jumps(const struct node *n)
{
	static const char *const words[] = { "return", "break", "continue", "exit", "logout", "bye" };
	const struct part *p = n->kind == NODE_SIMPLE && n->nwords > 0 ? n->words[0]->first : NULL;

	for (size_t i = 0; p != NULL && p->kind == PART_TEXT && i < sizeof words / sizeof *words; i++)
		if (str_is(p->text, words[i]))
			return true;
	for (size_t i = 0; i < n->nkids; i++)
		if (n->kids[i] != NULL && jumps(n->kids[i]))
			return true;
	return false;
}

/* zsh { try } always { after }: the second part runs whatever happened. */
static void
try_always(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	struct shell_state *before = eval__copy(sh, st);
	struct outcome o = { 0 };
	struct ctx after = *cx;

	after.decisive = false; /* whether it succeeds is up to the first part */
	if (n->kids[0] != NULL && jumps(n->kids[0]))
		eval__unknown(sh, st, cx, SHELL_DYNAMIC, eval__source(cx, n->at),
		    "what a jump out of { } leaves to always is not followed");
	eval__node(sh, st, cx, n->kids[0], &o);
	eval__settle(sh, st, &o);
	eval__join(sh, st, before); /* it may have ended anywhere */
	eval__node(sh, st, &after, n->kids[1], out);
	eval__settle(sh, st, out);
	out->ids = NULL;
}

/* Options that are none, or with which nothing is assigned. */
static bool
odd_options(const struct node *n)
{
	for (size_t i = 1; i < n->nwords; i++) {
		const struct part *p = n->words[i]->first;

		if (p == NULL || p->kind != PART_TEXT || p->text.n == 0 || strchr("-+", p->text.p[0]) == NULL)
			continue;
		if (p->next != NULL)
			return true;
		for (size_t k = 1; k < p->text.n; k++)
			if (strchr("aAgIilrtuxUT-", p->text.p[k]) == NULL)
				return true;
	}
	return false;
}

/* Is the name assigned to by a plain argument, too? */
static bool
stands_twice(const struct ctx *cx, const struct node *n, struct str name)
{
	for (size_t i = 1; i < n->nwords; i++) {
		struct str source = eval__source(cx, n->words[i]->at);

		if (str_starts(source, name) && source.n > name.n && source.p[name.n] == '=' &&
		    (source.n == name.n + 1 || source.p[name.n + 1] != '('))
			return true;
	}
	return false;
}

static void
assign_arrays(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n)
{
	struct shell_state *before, start = *st;
	struct choices ch = { .fold = true };
	unsigned errors = sh->errors, bad = sh->bad;
	struct word shown;
	struct xp xp;

	before = odd_options(n) ? eval__copy(sh, st) : NULL;
	eval__xp_init(&xp, sh, st, cx, &ch);
	for (const struct asg *a = n->decl_assigns; a != NULL; a = a->next) {
		eval__assignment(&xp, a, &shown);
		if ((a->append && eval__in_call(cx)) || /* a local one begins with nothing */
		    stands_twice(cx, n, a->name)) /* x=(a) x=b: lists come first */
			shell_forget_var(sh, st, a->name);
	}
	if (sh->errors != errors || sh->bad != bad)
		eval__discard(sh, cx, &start);
	if (before != NULL)
		eval__join(sh, st, before);
}

/* zsh runs some of what it times in a process of its own. */
static void
group(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	bool apart = n->kind == NODE_TIME && st->kind == SHELL_ZSH;
	struct shell_state *before = apart ? eval__copy(sh, st) : NULL;

	if (n->nkids > 0 && n->kids[0] != NULL)
		eval__node(sh, st, cx, n->kids[0], out);
	if (before != NULL)
		eval__join(sh, st, before);
}

void
eval__bare_node(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct node *n, struct outcome *out)
{
	switch (n->kind) {
	case NODE_SIMPLE:
		eval__simple(sh, st, cx, n, out);
		if (n->decl_assigns != NULL)
			assign_arrays(sh, st, cx, n);
		break;
	case NODE_PIPE:
		eval__pipe(sh, st, cx, n, out);
		if (n->negated)
			swap(sh, st, out);
		break;
	case NODE_AND:
		and_list(sh, st, cx, n, out);
		break;
	case NODE_OR:
		or_list(sh, st, cx, n, out);
		break;
	case NODE_LIST:
		list(sh, st, cx, n, out);
		break;
	case NODE_SUBSHELL:
		eval__subshell(sh, st, cx, n->kids[0], out);
		break;
	case NODE_GROUP:
	case NODE_TIME:
		group(sh, st, cx, n, out);
		break;
	case NODE_IF:
		if_node(sh, st, cx, n, out);
		break;
	case NODE_WHILE:
	case NODE_FOR:
	case NODE_CFOR:
	case NODE_SELECT:
	case NODE_REPEAT:
		eval__loop(sh, st, cx, n, out);
		break;
	case NODE_CASE:
		eval__case(sh, st, cx, n, out);
		break;
	case NODE_FUNCTION:
		eval__define(sh, st, cx, n, out);
		break;
	case NODE_COND:
		cond(sh, st, cx, n, out);
		break;
	case NODE_ARITH:
		arith(sh, st, cx, n, out);
		break;
	case NODE_COPROC:
		coproc(sh, st, cx, n);
		break;
	case NODE_NOT:
		negated(sh, st, cx, n, out);
		break;
	case NODE_TRYALWAYS:
		try_always(sh, st, cx, n, out);
		break;
	}
}

void
eval__node(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	if (n == NULL || st->dead || !eval__step(sh, st, cx))
		return;
	if (st->traps != NULL && n->kind != NODE_SIMPLE)
		eval__traps(sh, st, cx);
	if (++sh->nesting > LIMIT_NESTING)
		eval__limit(sh, st, cx, LIMIT_BIT_DEPTH,
		    "commands lie deeper in each other than the limit");
	else if (n->redirs != NULL && n->kind != NODE_SIMPLE && n->kind != NODE_FUNCTION)
		eval__with_redirs(sh, st, cx, n, out);
	else
		eval__bare_node(sh, st, cx, n, out);
	eval__seen(sh, st);
	sh->nesting--;
}
