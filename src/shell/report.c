/* SPDX-License-Identifier: ISC */
/*
 * report.c: what the walk tells the host: simple commands, what is not known,
 * limits. While a loop is only looked through nothing is told.
 */
#include "shell/eval.h"

#include <string.h>

struct str
eval__source(const struct ctx *cx, struct range at)
{
	if (at.to < at.from || at.to > cx->src->text.n)
		return (struct str){ 0 };
	return (struct str){ cx->src->text.p + at.from, at.to - at.from };
}

size_t
eval__offset(const struct ctx *cx, struct range at)
{
	return cx->src->main ? at.from : STR_NPOS;
}

void
eval__unknown(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    enum shell_unknown kind, struct str typed, const char *why)
{
	int err;

	if (sh->quiet > 0 || sh->err != 0 || st->dead)
		return;
	err = sh->host->unknown(sh->host->ctx, sh, st, kind, cx->flags, typed, str_of(why));
	if (err != 0)
		sh->err = err;
}

void
eval__limit(
    struct shell *sh, struct shell_state *st, const struct ctx *cx, unsigned bit, const char *why)
{
	if ((sh->limits & bit) != 0)
		return;
	if (sh->quiet == 0)
		sh->limits |= bit;
	eval__unknown(sh, st, cx, SHELL_LIMIT, cx->typed, why);
}

/* Counts work; false: enough, and the limit has been reported. */
bool
eval__step(struct shell *sh, struct shell_state *st, const struct ctx *cx)
{
	if (sh->err != 0)
		return false;
	if (sh->commands < LIMIT_COMMANDS && sh->steps < LIMIT_STEPS) {
		sh->steps++;
		return true;
	}
	eval__limit(sh, st, cx, LIMIT_BIT_COMMANDS, "more commands would run than the limit");
	return false;
}

/* Does a redirection open a socket, or might it? Files are actions of their
 * own, which the host reports. */
static bool
redirs_harmless(struct shell *sh, const struct shell_command *c)
{
	for (size_t i = 0; i < c->nredirs; i++) {
		const struct shell_redir *r = &c->redirs[i];
		struct str path;

		if (r->kind == SHELL_DUP || r->kind == SHELL_TEXT)
			continue;
		if (r->kind == SHELL_RDWR)
			return false;
		path = word_prefix(r->target);
		if (word_known(sh->a, r->target, &path)
		        ? str_starts(path, STR("/dev/tcp/")) || str_starts(path, STR("/dev/udp/"))
		        : path.n < 5 || str_starts(path, STR("/dev/")))
			return false;
	}
	return true;
}

static bool
is_tainted(const struct shell_state *st, struct word name)
{
	if (st->taint_all)
		return true;
	return st->taints != NULL && name.n == 1 && name.v[0].kind == PIECE_TEXT &&
	    pmap_get(st->taints, name.v[0].text) != NULL;
}

/* Whose value is not that of a program's environment, where no NUL can be. */
static bool
set_here(struct shell *sh, const struct shell_state *st, struct str source)
{
	size_t from = str_starts(source, STR("${")) ? 2 : 1, to = from;

	while (to < source.n && eval__is_name(str_sub(source, from, to + 1 - from)))
		to++;
	return str_starts(source, STR("$")) && to > from &&
	    (st->vars_unknown || (eval__var(sh, st, str_sub(source, from, to - from))->attrs & VAR_LINE) != 0);
}

/* zsh keeps a NUL that a command prints, that $IFS has and that ${(#)x} makes, and for
 * a program its word ends there: of what stands behind such a value that is not known
 * nothing is sure, but that a pattern there can make more words. */
static struct word
cut_at_output(struct shell *sh, const struct shell_state *st, struct word w)
{
	static const char *const signs[] = { "$(", "`", "${(", "print", "IFS" };

	for (size_t i = 0; i + 1 < w.n; i++) {
		const struct piece *p = &w.v[i];
		bool nul = p->kind != PIECE_TEXT && p->set == NULL && (p->text.n == 0 || set_here(sh, st, p->text));

		for (size_t k = 0; k < sizeof signs / sizeof signs[0] && p->kind != PIECE_TEXT && p->set == NULL; k++)
			nul |= str_find(p->text, str_of(signs[k])) != STR_NPOS;
		if (nul)
			return word_has_words(w) ? word_words(sh->a, w.typed) : (struct word){ w.v, i + 1, w.typed };
	}
	return w;
}

struct words
eval__for_program(struct shell *sh, const struct shell_state *st, struct words list)
{
	struct word *v;

	if (st->kind != SHELL_ZSH)
		return list;
	v = NEW_ARRAY(sh->a, struct word, list.n + 1);
	for (size_t i = 0; i < list.n; i++)
		v[i] = cut_at_output(sh, st, list.v[i]);
	return (struct words){ v, list.n };
}

static void
for_program(struct shell *sh, const struct shell_state *st, struct shell_command *c)
{
	struct assign *v;

	c->argv = eval__for_program(sh, st, c->argv);
	if (st->kind != SHELL_ZSH || c->nassigns == 0)
		return;
	v = NEW_ARRAY(sh->a, struct assign, c->nassigns);
	for (size_t i = 0; i < c->nassigns; i++) {
		v[i] = c->assigns[i];
		v[i].value = cut_at_output(sh, st, v[i].value);
	}
	c->assigns = v;
}

void
eval__report(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct shell_command *c = &call->c;
	struct ids *ids;
	int err;

	if (sh->err != 0 || sh->quiet > 0)
		return;
	/* What was being read when the limit was met reports nothing more. */
	if (sh->commands > LIMIT_COMMANDS) {
		eval__limit(sh, st, call->cx, LIMIT_BIT_COMMANDS, "more commands would run than the limit");
		return;
	}
	c->id = ++sh->commands;
	c->flags |= call->cx->flags;
	if (c->argv.n > 0 && is_tainted(st, c->argv.v[0]))
		c->flags |= SHELL_TAINTED;
	if ((c->flags & SHELL_HARMLESS) != 0 && (call->opaque || !redirs_harmless(sh, c)))
		c->flags &= ~(unsigned)SHELL_HARMLESS;
	if (!call->cx->decisive)
		c->flags |= SHELL_UNSURE;
	c->decisive = call->cx->decisive && st->traps == NULL;
	c->stdout_piped = call->cx->piped;
	if ((c->flags & (SHELL_BUILTIN | SHELL_FUNCTION)) == 0)
		for_program(sh, st, c);
	if (call->cx->after != NULL && st->traps == NULL) { /* that of DEBUG may return before they succeed */
		unsigned *after = NEW_ARRAY(sh->a, unsigned, call->cx->after->n);
		size_t n = 0;

		for (const struct ids *i = call->cx->after; i != NULL; i = i->before)
			after[n++] = i->id;
		c->after = after;
		c->nafter = n;
	}
	err = sh->host->command(sh->host->ctx, sh, st, c);
	if (err != 0)
		sh->err = err;
	ids = NEW(sh->a, struct ids);
	*ids = (struct ids){ c->id, call->ids, call->ids == NULL ? 1 : call->ids->n + 1 };
	call->ids = ids;
}
