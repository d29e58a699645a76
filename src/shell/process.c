/* SPDX-License-Identifier: ISC */
/*
 * process.c: commands in a process of their own: subshells, pipelines,
 * background, substitutions. They work on a copy of the state; what they do
 * to the host's world stays, what they do to the shell does not. And traps,
 * which run at the end of such a process or between its commands.
 */
#include "shell/eval.h"

#include <string.h>

/* ---- traps ---- */

static bool
is_exit(const struct trap *t)
{
	return str_is(t->signal, "EXIT") || str_is(t->signal, "0") || str_is(t->signal, "SIGEXIT");
}

/* While that of EXIT runs, those that stand between commands do too. */
static void
run_trap(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct trap *t)
{
	struct ctx in = eval__maybe(cx);
	struct frame shell = { .kind = FRAME_SHELL };
	struct outcome out = { 0 };
	struct shell_state *copy = eval__copy(sh, st);
	bool was = sh->trapping;
	struct str text;

	in.after = NULL;
	in.frame = &shell;
	in.loose = st->kind == SHELL_ZSH && is_exit(t);
	if (!word_known(sh->a, t->body, &text)) {
		eval__unknown(
		    sh, st, &in, SHELL_DYNAMIC, t->body.typed, "what the trap runs is not known");
		eval__forget_all(sh, st, STR("a trap that was not known has run"));
		return;
	}
	sh->trapping = !is_exit(t);
	eval__text(sh, copy, &in, text, t->body.typed, &out);
	sh->trapping = was;
	eval__settle(sh, copy, &out);
	eval__join(sh, st, copy);
}

void
eval__trace(struct shell *sh, struct shell_state *st, const struct ctx *cx, bool assigned)
{
	const struct var *v = eval__var(sh, st, STR("PS4"));
	struct ctx in = eval__maybe(cx);
	struct choices ch = { .fold = true };
	struct xp xp;

	if ((v->attrs & VAR_LINE) == 0 || sh->tracing)
		return;
	sh->tracing = true;
	eval__xp_init(&xp, sh, eval__copy(sh, st), &in, &ch);
	for (size_t i = 0; i < v->n; i++) {
		struct str text;

		if (v->v[i].kind == VALUE_SCALAR && word_known(sh->a, v->v[i].scalar, &text) &&
		    !(assigned && (str_find(text, STR("$(")) != STR_NPOS || str_chr(text, '`') != STR_NPOS)))
			eval__prompt(&xp, text);
		else if (v->v[i].kind != VALUE_UNSET)
			eval__unknown(
			    sh, st, &in, SHELL_DYNAMIC, STR("PS4"), "what PS4 runs is not known");
	}
	sh->tracing = false;
}

void
eval__exit_traps(struct shell *sh, struct shell_state *st, const struct ctx *cx)
{
	for (const struct trap *t = st->traps; t != NULL && sh->err == 0; t = t->next)
		run_trap(sh, st, cx, t);
}

/* zsh runs those of EXIT that a function has set when it has returned, unless it is
 * told to be posix here: so they stay. before: those that were there. */
void
eval__function_traps(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct trap *before)
{
	if (st->kind != SHELL_ZSH)
		return;
	for (const struct trap *t = st->traps; t != NULL && t != before && sh->err == 0; t = t->next)
		if (is_exit(t))
			run_trap(sh, st, cx, t);
}

void
eval__traps(struct shell *sh, struct shell_state *st, const struct ctx *cx)
{
	if (sh->trapping)
		return;
	for (const struct trap *t = st->traps; t != NULL && sh->err == 0; t = t->next)
		if (!is_exit(t))
			run_trap(sh, st, cx, t);
}

/* ---- a child ---- */

/* Runs n in child. The world it leaves becomes st's. */
static void
run_child(struct shell *sh, struct shell_state *st, struct shell_state *child, struct ctx *cx,
    const struct node *n, struct outcome *out)
{
	struct frame shell = { .kind = FRAME_SHELL };
	struct shell_state *end;
	bool outside = false, shares;
	const struct frame *f;
	struct word text = st->in_text;
	unsigned errors = sh->errors, bad = sh->bad; /* end the child only */
	struct shell_state *discard = sh->discard;

	cx->decisive &= st->traps == NULL; /* that of EXIT may tell how the shell ends */
	for (f = cx->frame; f != NULL && f->kind != FRAME_SHELL; f = f->up) {
		outside |= f->kind == FRAME_LOOP;
		shell.in_call |= f->kind == FRAME_CALL && !f->script;
	}
	shell.in_loop = outside;
	shell.in_call |= f != NULL && f->in_call;
	cx->frame = &shell;
	if (cx->fed) {
		child->in_set = true;
		child->in_kind = SHELL_STDIN_PIPE;
		child->in_text = (struct word){ 0 };
		cx->fed = false;
	}
	shares = child->in_set && child->in_kind == SHELL_STDIN_TEXT && st->in_kind == SHELL_STDIN_TEXT &&
	    child->in_text.v == text.v;
	cx->flags |= SHELL_SCOPED;
	child->traps = NULL;
	if (st->kind == SHELL_ZSH) /* it keeps all but that of EXIT, which only a function keeps */
		for (const struct trap *t = st->traps; t != NULL; t = t->next)
			if (!is_exit(t) || str_starts(word_prefix(t->body), STR("TRAP")))
				eval__set_trap(sh, child, NULL, t->signal, t->body);
	sh->discard = NULL;
	eval__node(sh, child, cx, n, out);
	end = eval__copy(sh, child);
	eval__settle(sh, end, out);
	if (sh->discard != NULL) /* an error ends it */
		eval__join(sh, end, sh->discard);
	if (shell.left != NULL) {
		eval__join(sh, end, shell.left);
		out->ids = NULL;
	}
	if (end->traps != NULL)
		eval__exit_traps(sh, end, cx);
	st->world = end->world;
	if (shares && end->in_text.v != text.v)
		eval__input_used(st); /* what it has read is gone */
	sh->errors = errors;
	sh->bad = bad;
	sh->discard = discard;
}

void
eval__subshell(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	struct shell_state *child = eval__copy(sh, st);
	struct ctx in = *cx;
	struct outcome o = { 0 };
	const void *before = st->world;

	run_child(sh, st, child, &in, n, &o);
	out->ids = o.ids;
	if (st->world == before)
		return;
	/* After success the world of success, else that of any end. */
	out->fail = eval__copy(sh, st);
	if (!child->dead && o.ids != NULL)
		st->world = child->world;
}

static void
world_may_be(struct shell *sh, struct shell_state *st, const void *other)
{
	struct shell_state was;

	if (st->world == other)
		return;
	was = *st;
	was.world = other;
	eval__join(sh, st, &was);
}

#define BESIDE_MAX 64

struct beside { /* a command to be judged again */
	const struct node *node;
	struct ctx cx;
	const struct shell_state *st; /* as it started */
	const void *world;            /* as it left it */
};
struct besides {
	VEC(struct beside) list;
	struct shell_state seen; /* its world: all that there were since the first of them */
	const void *last;
};

/* What stands behind `&` runs while the commands behind it do: it may meet what
 * they leave, `sleep 5; git push & git checkout main`. Text that is run in other
 * ways is not kept: its host's place is gone by then. */
static void
keep(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    const struct shell_state *start)
{
	struct besides *all = sh->besides;
	struct beside *b;

	if (sh->quiet > 0 || sh->runs != 1)
		return;
	if (all == NULL) {
		all = sh->besides = NEW(sh->a, struct besides);
		all->seen = *st;
		all->last = st->world;
	}
	for (size_t i = 0; i < all->list.n; i++)
		if (all->list.v[i].node == n)
			return; /* a loop */
	if (all->list.n >= BESIDE_MAX) {
		eval__limit(sh, st, cx, LIMIT_BIT_COMMANDS,
		    "there are more commands beside each other than the limit");
		return;
	}
	b = vec_push(sh->a, &all->list);
	*b = (struct beside){ n, *cx, start, st->world };
	b->cx.frame = NULL;
	b->cx.pending = NULL;
}

void
eval__seen(struct shell *sh, const struct shell_state *st)
{
	if (sh->besides == NULL || st->dead || st->world == sh->besides->last)
		return;
	sh->besides->last = st->world;
	eval__world_join(sh, &sh->besides->seen, st);
}

/* Once more, in that world. */
static void
run_again(struct shell *sh, struct shell_state *st, const struct beside *b, const void *world)
{
	struct shell_state *child = eval__copy(sh, b->st);
	struct ctx in = eval__maybe(&b->cx);
	struct outcome o = { 0 };
	const void *before = st->world;

	if (b->world == world)
		return;
	child->world = world;
	run_child(sh, st, child, &in, b->node, &o);
	world_may_be(sh, st, before);
}

void
eval__beside(struct shell *sh, struct shell_state *st)
{
	struct besides *all = sh->besides;

	sh->besides = NULL;
	for (size_t i = 0; all != NULL && i < all->list.n && sh->err == 0; i++)
		run_again(sh, st, &all->list.v[i], all->seen.world);
}

void
eval__background(
    struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n)
{
	struct shell_state *child = eval__copy(sh, st), *start = eval__copy(sh, st);
	struct ctx in = *cx, again;
	struct outcome o = { 0 };
	const void *before = st->world;

	if (st->traps != NULL)
		eval__traps(sh, st, cx);
	if (!cx->beside)
		eval__touch_ahead(sh, st, n);
	in.beside = true;
	in.flags |= SHELL_BACKGROUND;
	in.decisive = false;
	if (in.out != NULL)
		in.out->unknown = true;
	in.out = NULL;
	again = in;
	run_child(sh, st, child, &in, n, &o);
	world_may_be(sh, st, before);
	keep(sh, st, &again, n, start);
}

/* ---- pipelines ---- */

/* The last element of zsh's and of lastpipe's pipelines runs in the shell. */
static enum tri
last_here(const struct shell_state *st)
{
	if (st->kind == SHELL_ZSH)
		return TRI_YES;
	return tri_and(eval__opt(st, OPT_LASTPIPE), tri_not(eval__opt(st, OPT_MONITOR)));
}

static void
input_of(struct shell_state *st, const struct capture *cap)
{
	st->in_set = true;
	st->in_kind = cap->unknown ? SHELL_STDIN_PIPE : SHELL_STDIN_TEXT;
	st->in_text = cap->unknown ? (struct word){ 0 } : cap->text;
}

static void
last_element(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    const struct capture *cap, struct outcome *out)
{
	struct shell_state was = *st, *child = eval__copy(sh, st);
	enum tri here = last_here(st);
	struct ctx in = *cx;

	input_of(child, cap);
	if (here != TRI_YES) {
		run_child(sh, st, child, &in, n, out);
		*out = (struct outcome){ .ids = out->ids };
		if (here == TRI_NO)
			return;
	} else
		eval__node(sh, child, &in, n, out);
	/* As in the shell itself; its input is what it was. */
	for (int i = 0; i < 2; i++) {
		struct shell_state *s = i == 0 ? child : out->fail;

		if (s == NULL)
			continue;
		s->in_set = was.in_set;
		s->in_kind = was.in_kind;
		s->in_text = was.in_text;
	}
	if (here == TRI_YES)
		*st = *child;
	else
		eval__join(sh, st, child);
}

/* What one of them writes is not seen before it runs: so the others look for files. */
static bool
runs_what_it_reads(const struct shell_state *st, const struct node *n)
{
	static const char *const names[] = { ".", "eval", "source" };

	for (size_t i = 0; i < n->nkids; i++) {
		const struct node *k = n->kids[i];
		const struct part *p = k != NULL && k->kind == NODE_SIMPLE && k->nwords > 0 ? k->words[0]->first : NULL;

		if (p == NULL)
			continue;
		if (p->kind != PART_TEXT || p->next != NULL || pmap_get(st->functions, p->text) != NULL)
			return true;
		for (size_t w = 0; w < sizeof names / sizeof names[0]; w++)
			if (str_is(p->text, names[w]))
				return true;
	}
	return false;
}

void
eval__pipe(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	struct capture cap = { 0 };
	const void *before = st->world;
	bool all = eval__opt(st, OPT_PIPEFAIL) == TRI_YES;
	VEC(struct beside) early = { 0 };
	struct ctx in = *cx;

	if (n->negated) {
		in.tested = true;
		in.decisive = false;
	}
	if (!cx->beside)
		eval__touch_ahead(sh, st, n);
	in.beside = true;
	in.unwaited = n->nkids > 1 && runs_what_it_reads(st, n);
	in.multios = st->kind == SHELL_ZSH && n->nkids > 1;
	for (size_t i = 0; i < n->nkids && sh->err == 0; i++) {
		bool last = i + 1 == n->nkids;
		struct ctx el = in;
		struct shell_state *child;
		struct outcome o = { 0 };
		struct capture next = { .branch = cx->branch };

		if (n->kids[i] == NULL)
			continue;
		if (st->traps != NULL && n->nkids > 1) /* of DEBUG: in this process, for each */
			eval__traps(sh, st, cx);
		if (last && i == 0) {
			eval__node(sh, st, &in, n->kids[i], out);
			return;
		}
		if (last) {
			last_element(sh, st, &in, n->kids[i], &cap, out);
			if (eval__opt(st, OPT_PIPEFAIL) != TRI_NO && st->kind == SHELL_ZSH) /* whatever it says */
				out->fail = eval__copy(sh, st);
			break;
		}
		child = eval__copy(sh, st);
		if (i > 0)
			input_of(child, &cap);
		el.decisive = in.decisive && all;
		el.tested = true;
		el.piped = true;
		el.out = &next;
		next.unknown = n->both != NULL && n->both[i];
		if (n->kids[i]->kind != NODE_SIMPLE && sh->quiet == 0) {
			*vec_push(sh->a, &early) = (struct beside){ n->kids[i], el, eval__copy(sh, child), NULL };
			early.v[early.n - 1].cx.out = NULL;
		}
		run_child(sh, st, child, &el, n->kids[i], &o);
		world_may_be(sh, st, before);
		cap = next;
	}
	world_may_be(sh, st, before);
	/* A group may wait for what those behind it do. */
	for (size_t i = 0; i < early.n && st->world != before && sh->err == 0; i++)
		run_again(sh, st, &early.v[i], st->world);
	if (n->negated)
		out->ids = NULL;
}

/* ---- substitutions ---- */

/* It may be nothing but newlines. */
static bool
may_vanish(const struct piece *p)
{
	if (p->kind == PIECE_TEXT) {
		for (size_t i = 0; i < p->text.n; i++)
			if (p->text.p[i] != '\n')
				return false;
		return true;
	}
	return p->kind == PIECE_CHARS && (p->min == 0 || byteset_has(p->set, '\n'));
}

/* Without the newlines at its end. */
static struct word
without_newlines(struct shell *sh, struct word w)
{
	struct piece *v = NEW_ARRAY(sh->a, struct piece, w.n + 1);
	bool unknown = false, lines = false;
	size_t n = w.n;

	if (w.n > 0)
		memcpy(v, w.v, w.n * sizeof *v);
	for (; n > 0 && may_vanish(&v[n - 1]); n--) {
		unknown |= v[n - 1].kind != PIECE_TEXT;
		lines |= v[n - 1].kind == PIECE_TEXT && n < w.n;
	}
	lines |= n > 0 && v[n - 1].kind == PIECE_TEXT && str_ends(v[n - 1].text, STR("\n"));
	if (n > 0 && v[n - 1].kind == PIECE_TEXT)
		while (str_ends(v[n - 1].text, STR("\n")))
			v[n - 1].text.n--;
	if (unknown && !lines) { /* what is not known may end in them, and be empty then */
		for (size_t i = n; i < w.n; i++)
			v[i].min = 0;
		while (w.n > n && v[w.n - 1].kind == PIECE_TEXT)
			w.n--;
		n = w.n;
	} else if (unknown) /* the lines before it go, too, or do not */
		v[n++] = (struct piece){ PIECE_CHARS, w.v[w.n - 1].text, NULL, 0, PIECE_NOMAX };
	w.v = v;
	w.n = n;
	return w;
}

/* ${ …;} runs in the shell itself. */
bool
eval__funsub(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct node *body, struct word *out)
{
	struct capture cap = { .branch = cx->branch };
	struct frame frame = { .kind = FRAME_CALL, .up = cx->frame, .script = true };
	struct ctx in = *cx;
	struct outcome o = { 0 };

	in.decisive = in.tested = in.piped = false;
	in.pending = NULL;
	in.out = &cap;
	in.frame = &frame;
	eval__node(sh, st, &in, body, &o);
	eval__settle(sh, st, &o);
	if (frame.left != NULL)
		eval__join(sh, st, frame.left);
	if (frame.again != NULL)
		eval__join(sh, st, frame.again);
	*out = without_newlines(sh, cap.text);
	return !cap.unknown && frame.left == NULL && frame.again == NULL;
}

bool
eval__substitute(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct node *body, struct word *out)
{
	struct shell_state *child = eval__copy(sh, st), *start = cx->process ? eval__copy(sh, st) : NULL;
	struct capture cap = { .branch = cx->branch };
	const void *before = st->world;
	struct ctx in = *cx, again;
	struct outcome o = { 0 };

	in.flags |= SHELL_IN_SUBST;
	in.decisive = in.piped = false; /* where it is tested, set -e does not act in it either */
	in.after = NULL;
	in.pending = NULL;
	in.out = &cap;
	in.body = body;
	in.process = false;
	if (cx->process)
		in.piped = true;
	if (st->kind == SHELL_BASH)
		eval__set_opt(child, OPT_ERREXIT, TRI_NO);
	else if (eval__opt(child, OPT_ERREXIT) != TRI_NO && body != NULL && body->kind != NODE_SIMPLE)
		cap.unknown = true; /* it may end anywhere */
	again = in;
	run_child(sh, st, child, &in, body, &o);
	if (st->kind == SHELL_BASH && (child->aliases != st->aliases || (body != NULL && /* it is read line by line */
	        str_find(eval__source(cx, body->at), STR("unalias")) != STR_NPOS)))
		eval__unknown(sh, st, cx, SHELL_DYNAMIC, STR("alias"), "an alias may hold in the substitution that defines it");
	if (cx->process) {
		world_may_be(sh, st, before);
		again.out = NULL;
		keep(sh, st, &again, body, start);
	}
	*out = cx->process ? cap.text : without_newlines(sh, cap.text);
	return !cap.unknown && !child->out_moved;
}
