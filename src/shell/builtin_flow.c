/* SPDX-License-Identifier: ISC */
/*
 * builtin_flow.c: what leaves a loop, a function or the shell, and what only
 * succeeds or fails. Only in the plainest form is it certain that what
 * follows does not run; with anything unusual the way on stays open.
 */
#include "shell/builtin.h"

#include <string.h>

static void
keep(struct shell *sh, struct shell_state **into, const struct shell_state *st)
{
	if (*into == NULL)
		*into = eval__copy(sh, st);
	else
		eval__join(sh, *into, st);
}

/* The number that the command was given: 1 none, 0 not known. */
static long long
count(struct shell *sh, const struct call *call)
{
	struct str text;
	long long n;

	if (call->c.argv.n == 1)
		return 1;
	if (call->c.argv.n > 2 || !word_known(sh->a, call->c.argv.v[1], &text) ||
	    !eval__integer(text, &n) || n < 1)
		return 0;
	return n;
}

/* Perhaps the process ends here, and what it would print does not come. */
static void
leave_process(struct shell *sh, const struct shell_state *st, struct call *call, struct frame *f)
{
	keep(sh, &f->left, st);
	if (call->cx->out != NULL)
		call->cx->out->unknown = true;
}

static void
leave_loop(struct shell *sh, struct shell_state *st, struct call *call, bool again)
{
	long long n = count(sh, call);
	struct frame *f = call->cx->frame;
	bool plain = n > 0 && call->c.nredirs == 0;
	long long depth = 0;

	for (; f != NULL && f->kind == FRAME_LOOP; f = f->up) {
		depth++;
		if (!plain) {
			keep(sh, &f->left, st);
			keep(sh, &f->again, st);
		} else if (depth == n || f->up == NULL || f->up->kind != FRAME_LOOP) {
			keep(sh, again ? &f->again : &f->left, st);
			break;
		}
	}
	for (f = call->cx->frame; f != NULL && f->kind == FRAME_LOOP; f = f->up)
		continue;
	if (n != depth && (n == 0 || n > depth) && f != NULL && f->in_loop) /* in a process of the loop: it ends that */
		leave_process(sh, st, call, f);
	/* Outside of a loop it does nothing but complain. */
	if (plain && depth > 0)
		st->dead = true;
	if (depth == 0 && st->kind == SHELL_ZSH) /* it ends the text of an eval */
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, "it stands outside of a loop");
	if (n == 0 && (depth > 0 || st->kind == SHELL_SH)) { /* bash: what is no number ends the line, or the process */
		eval__discard(sh, call->cx, st);
		eval__leave_shell(sh, call->cx, st);
	}
}

void
eval__do_break(struct shell *sh, struct shell_state *st, struct call *call)
{
	eval__report(sh, st, call);
	call->reported = true;
	leave_loop(sh, st, call, false);
}

void
eval__do_continue(struct shell *sh, struct shell_state *st, struct call *call)
{
	eval__report(sh, st, call);
	call->reported = true;
	leave_loop(sh, st, call, true);
}

/* Whether the status it is given is surely not 0. */
static enum tri
fails(struct shell *sh, const struct call *call)
{
	struct str text;
	long long n;

	if (call->c.argv.n != 2 || !word_known(sh->a, call->c.argv.v[1], &text) ||
	    !eval__integer(text, &n) || n < 0 || n > 255)
		return TRI_MAYBE;
	return n != 0 ? TRI_YES : TRI_NO;
}

void
eval__do_return(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct frame *f = call->cx->frame;

	eval__report(sh, st, call);
	call->reported = true;
	while (f->kind == FRAME_LOOP)
		f = f->up;
	if (f->kind != FRAME_CALL) { /* bash goes on; zsh leaves the shell */
		leave_process(sh, st, call, f);
		return;
	}
	keep(sh, fails(sh, call) == TRI_YES ? &f->again : &f->left, st);
	if (call->c.nredirs == 0 && (call->c.argv.n == 1 || fails(sh, call) != TRI_MAYBE))
		st->dead = true;
}

void
eval__do_exit(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct frame *f = call->cx->frame;

	eval__report(sh, st, call);
	call->reported = true;
	while (f->kind != FRAME_SHELL)
		f = f->up;
	keep(sh, &f->left, st);
	/* logout is an error but in a login shell. */
	if (call->c.nredirs == 0 && (call->c.argv.n == 1 || fails(sh, call) != TRI_MAYBE) &&
	    !word_is(call->c.argv.v[0], "logout")) {
		st->dead = true;
		call->fail = NULL;
	}
}

void
eval__do_true(struct shell *sh, struct shell_state *st, struct call *call)
{
	(void)st;
	eval__surely(sh, call);
}

void
eval__do_false(struct shell *sh, struct shell_state *st, struct call *call)
{
	eval__report(sh, st, call);
	call->reported = true;
	call->fail = eval__copy(sh, st);
	st->dead = true;
}

void
eval__do_test(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = { call->c.argv.v + 1, call->c.argv.n - 1 };
	struct choices ch;
	struct xp xp;
	bool opaque = false;
	enum tri holds, closed = TRI_YES;
	struct str end;

	if (word_is(call->c.argv.v[0], "[")) { /* without a ] at its end it fails */
		closed = TRI_NO;
		if (argv.n > 0 && word_known(sh->a, argv.v[--argv.n], &end))
			closed = str_is(end, "]") ? TRI_YES :
			    st->kind == SHELL_SH && str_starts(end, STR("]")) ? TRI_MAYBE : TRI_NO; /* dash looks no further */
		else if (argv.n + 1 < call->c.argv.n)
			closed = TRI_MAYBE;
	}
	eval__call_xp(&xp, sh, st, call, &ch);
	holds = eval__test(&xp, argv, &opaque);
	if (closed != TRI_YES)
		holds = closed;
	if (opaque)
		eval__opaque(sh, st, call, (struct word){ 0 }, "a value in it is evaluated");
	eval__report(sh, st, call);
	call->reported = true;
	if (holds == TRI_MAYBE)
		return;
	call->fail = eval__copy(sh, st);
	call->fail->dead = holds == TRI_YES;
	st->dead = holds == TRI_NO;
}
