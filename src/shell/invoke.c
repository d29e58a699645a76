/* SPDX-License-Identifier: ISC */
/*
 * invoke.c: what the first word of a simple command means: a function, a
 * builtin (builtin.c), or a program, which only the host knows.
 */
#include "shell/eval.h"

#include <string.h>

/* ---- output ---- */

static size_t
text_size(struct word w)
{
	size_t n = 0;

	for (size_t i = 0; i < w.n; i++)
		n += w.v[i].kind == PIECE_TEXT ? w.v[i].text.n : 0;
	return n;
}

static void
print(struct shell *sh, struct call *call, const struct word *text)
{
	const struct ctx *cx = call->cx;
	const struct redirs *r = call->redirs;

	if (cx->out == NULL || cx->out->unknown)
		return;
	if (r != NULL && (r->out_mixed || (r->out_moved && cx->piped && cx->multios)))
		text = NULL; /* zsh writes to the file and to the pipe */
	else if (r != NULL && r->out_moved)
		return;
	if (text == NULL || cx->branch != cx->out->branch || cx->out->text.n > LIMIT_PIECES ||
	    text_size(cx->out->text) + text_size(*text) > LIMIT_VALUE) {
		cx->out->unknown = true;
		return;
	}
	cx->out->text = word_cat(sh->a, cx->out->text, *text);
}

void
eval__print(struct shell *sh, struct call *call, const struct word *text)
{
	const struct redirs *r = call->redirs;

	print(sh, call, r != NULL && r->n > 0 && eval__may_not_open(sh, r) ? NULL : text);
}

void
eval__complain(struct shell *sh, struct call *call)
{
	if (call->redirs != NULL && call->redirs->out_mixed)
		eval__print(sh, call, NULL);
}

/* ---- programs ---- */

void
eval__ask_output(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct word text;

	if (call->cx->out == NULL || call->cx->out->unknown)
		return;
	if (call->redirs != NULL && call->redirs->out_moved && !call->redirs->out_mixed &&
	    !call->cx->multios)
		return;
	if (sh->quiet == 0 && sh->err == 0 && sh->host->output != NULL &&
	    sh->host->output(sh->host->ctx, sh, st, &call->c, &text) == 0 &&
	    !word_has_words(text) && text.n > 0) { /* nothing, or an empty line: that is not told */
		text = word_cat(sh->a, text, word_text(sh->a, STR("\n")));
		print(sh, call, &text);
	} else
		print(sh, call, NULL);
}

static bool
changed(const struct shell_state *x, const struct shell_state *y)
{
	return x->vars != y->vars || x->cwd.v != y->cwd.v || x->world != y->world ||
	    x->taints != y->taints || x->taint_all != y->taint_all;
}

static void
not_found(struct shell *sh, struct shell_state *st, struct call *call)
{
	const struct function *f = pmap_get(st->functions,
	    st->kind == SHELL_ZSH ? STR("command_not_found_handler")
	                          : STR("command_not_found_handle"));
	struct ctx cx = eval__maybe(call->cx);
	struct call in = { .cx = &cx };
	struct shell_state *child;
	struct word *argv;

	if (f == NULL || st->kind == SHELL_SH || sh->searching)
		return;
	argv = NEW_ARRAY(sh->a, struct word, call->c.argv.n + 1);
	argv[0] = word_text(sh->a, STR("command_not_found_handle"));
	memcpy(argv + 1, call->c.argv.v, call->c.argv.n * sizeof *argv);
	in.c.argv = (struct words){ argv, call->c.argv.n + 1 };
	in.c.typed = call->c.typed;
	in.c.offset = STR_NPOS;
	child = eval__copy(sh, st);
	sh->searching = true;
	eval__call(sh, child, &in, f);
	sh->searching = false;
}

/* A name of which `hash` said what it runs may run that. */
static void
hashed(struct shell *sh, struct shell_state *st, struct call *call)
{
	const struct taint *t = call->c.argv.v[0].n != 1
	    ? NULL
	    : pmap_get(st->taints, word_prefix(call->c.argv.v[0]));
	struct ctx cx = eval__maybe(call->cx);
	struct call in = *call;
	struct shell_state *other;
	struct word *argv;

	if (t == NULL || t->file.n == 0)
		return;
	argv = NEW_ARRAY(sh->a, struct word, call->c.argv.n);
	memcpy(argv, call->c.argv.v, call->c.argv.n * sizeof *argv);
	argv[0] = t->file;
	in.cx = &cx;
	in.c.argv.v = argv;
	in.how = CALL_NO_FUNCTION | CALL_NO_BUILTIN;
	other = eval__copy(sh, st);
	other->taints = NULL;
	eval__invoke(sh, other, &in);
	other->taints = st->taints;
	eval__join(sh, st, other);
}

static void
program(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct shell_state before;

	if (st->taints != NULL)
		hashed(sh, st, call);
	before = *st;

	eval__report(sh, st, call);
	eval__ask_output(sh, st, call);
	if (st->in_set && st->in_kind == SHELL_STDIN_TEXT && (call->redirs == NULL || !call->redirs->in_set))
		eval__input_used(st); /* some of it, or all */
	if (changed(&before, st)) {
		struct shell_state *both = eval__copy(sh, &before);

		eval__join(sh, both, st);
		call->fail = both;
	}
	if (st->functions != NULL)
		not_found(sh, st, call);
}

/* ---- names that are not known ---- */

/* "$dir/bin/tool": a program, and its name is known. */
static bool
is_path(struct word w)
{
	const struct piece *last = w.n > 0 ? &w.v[w.n - 1] : NULL;

	if (last == NULL || last->kind != PIECE_TEXT || str_chr(last->text, '/') == STR_NPOS ||
	    last->text.p[last->text.n - 1] == '/')
		return false;
	return !word_has_words(w);
}

static void
unknown_name(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct word name = call->c.argv.v[0];
	struct str why = str_printf(sh->a, "what " STR_FMT " holds is not known before it runs",
	    STR_ARG(word_show(sh->a, name)));
	struct shell_state *before = eval__copy(sh, st);

	eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, str_c(sh->a, why));
	eval__report(sh, st, call);
	eval__print(sh, call, NULL);
	/* It may be no word at all: then the next one is the command. */
	if (name.n == 1 && name.v[0].kind == PIECE_WORDS && call->c.argv.n > 1) {
		struct ctx cx = eval__maybe(call->cx);
		struct call rest = { .cx = &cx, .redirs = call->redirs };
		struct shell_state *other = eval__copy(sh, before);

		rest.c.argv = (struct words){ call->c.argv.v + 1, call->c.argv.n - 1 };
		rest.c.redirs = call->c.redirs;
		rest.c.nredirs = call->c.nredirs;
		rest.c.assigns = call->c.assigns;
		rest.c.nassigns = call->c.nassigns;
		rest.c.stdin_kind = call->c.stdin_kind;
		rest.c.stdin_text = call->c.stdin_text;
		rest.c.typed = call->c.typed;
		rest.c.offset = call->c.offset;
		eval__invoke(sh, other, &rest);
	}
	eval__forget_all(sh, st, STR("a command that was not known has run"));
	call->fail = NULL;
	call->ids = NULL;
}

/* ---- functions and builtins ---- */

/* A definition that may not hold: each way is tried from the same state. */
static void
functions(struct shell *sh, struct shell_state *st, struct call *call, const struct function *f)
{
	struct shell_state *before, *fail;
	const struct ctx *was = call->cx;
	struct ctx cx = eval__maybe(call->cx);
	unsigned flags = call->c.flags;

	if (f->also == NULL && f->body != NULL) {
		eval__call(sh, st, call, f);
		return;
	}
	before = eval__copy(sh, st);
	fail = NULL;
	call->cx = &cx;
	for (; f != NULL; f = f->also) {
		struct shell_state *s = eval__copy(sh, before);

		call->fail = NULL;
		call->ids = NULL;
		call->c.flags = flags;
		if (f->unknown) {
			eval__unknown(sh, s, &cx, SHELL_DYNAMIC, call->c.typed,
			    "what this function holds is not known");
			eval__report(sh, s, call);
			eval__forget_all(sh, s, STR("a function that was not known has run"));
		} else if (f->body == NULL) {
			unsigned how = call->how;

			call->how |= CALL_NO_FUNCTION;
			eval__invoke(sh, s, call);
			call->how = how;
		} else
			eval__call(sh, s, call, f);
		if (fail == NULL) {
			fail = eval__copy(sh, call->fail != NULL ? call->fail : s);
			*st = *s;
		} else {
			eval__join(sh, fail, call->fail != NULL ? call->fail : s);
			eval__join(sh, st, s);
		}
	}
	call->cx = was;
	call->fail = fail;
	call->ids = NULL;
}

void
eval__surely(struct shell *sh, struct call *call)
{
	if (call->redirs != NULL && call->redirs->n > 0)
		return;
	call->fail = NEW(sh->a, struct shell_state);
	call->fail->dead = true;
}

/* zsh forgets the assignments of `export x=1 {fd}>f`; and `enable -n` may have
 * made a program of a builtin: then what it did may not have happened. */
static bool
may_do_nothing(const struct shell_state *st, const struct call *call, const struct builtin *b)
{
	const struct redir *r = call->node == NULL ? NULL : call->node->redirs;

	if (pmap_get(st->disabled, str_of(b->name)) != NULL)
		return true;
	if (st->kind == SHELL_ZSH && (b->flags & BUILTIN_DECL) != 0)
		for (; r != NULL; r = r->next)
			if (r->fdname.n > 0)
				return true;
	return false;
}

static void
builtin(struct shell *sh, struct shell_state *st, struct call *call, const struct builtin *b)
{
	bool unsure = may_do_nothing(st, call, b);
	struct shell_state *before = unsure ? eval__copy(sh, st) : NULL;

	call->c.flags |= SHELL_BUILTIN;
	if ((b->flags & BUILTIN_HARMLESS) != 0)
		call->c.flags |= SHELL_HARMLESS;
	if (st->kind == SHELL_SH && st->traps != NULL) /* where some are in error dash ends */
		eval__leave_shell(sh, call->cx, st);
	if (st->kind == SHELL_ZSH)
		eval__zsh_builtin(sh, st, call);
	b->run(sh, st, call);
	eval__complain(sh, call);
	if ((b->flags & BUILTIN_SILENT) == 0)
		eval__print(sh, call, NULL);
	if (unsure) {
		if (call->cx->out != NULL)
			call->cx->out->unknown = true;
		call->c.flags &= ~(unsigned)(SHELL_BUILTIN | SHELL_HARMLESS);
		call->c.flags |= SHELL_TAINTED;
		eval__join(sh, st, before);
		call->fail = NULL;
	}
	if (!call->reported)
		eval__report(sh, st, call);
}

void
eval__invoke(struct shell *sh, struct shell_state *st, struct call *call)
{
	const struct function *f;
	const struct builtin *b;
	struct str name;

	if (!eval__step(sh, st, call->cx))
		return;
	if (call->c.argv.n == 0) {
		eval__report(sh, st, call);
		return;
	}
	if (!word_known(sh->a, call->c.argv.v[0], &name)) {
		if (is_path(call->c.argv.v[0]))
			program(sh, st, call);
		else
			unknown_name(sh, st, call);
		return;
	}
	if (st->aliases != NULL && (call->how & CALL_NO_FUNCTION) == 0)
		eval__maybe_alias(sh, st, call, name);
	if (st->functions != NULL && (call->how & CALL_NO_FUNCTION) == 0 &&
	    (f = pmap_get(st->functions, name)) != NULL) {
		functions(sh, st, call, f);
		return;
	}
	if ((call->how & CALL_NO_BUILTIN) == 0 && (b = eval__builtin(st->kind, name)) != NULL)
		builtin(sh, st, call, b);
	else if ((call->how & CALL_BUILTIN_ONLY) == 0)
		program(sh, st, call);
	else
		eval__report(sh, st, call);
}

void
eval__inner(
    struct shell *sh, struct shell_state *st, struct call *call, struct words argv, unsigned how)
{
	struct call in = *call;

	in.c.argv = argv;
	in.c.flags &= SHELL_TAINTED;
	in.fail = NULL;
	in.ids = call->ids;
	in.opaque = in.reported = false;
	in.how = how;
	eval__invoke(sh, st, &in);
	call->fail = in.fail;
	call->ids = in.ids;
}
