/* SPDX-License-Identifier: ISC */
/*
 * text.c: text that a shell reads and runs, from the outside (shell_run) or
 * from inside (eval, source, traps). Where an alias has changed, what stands
 * on later lines is read again with it, as a shell does.
 */
#include "shell/eval.h"

#include <string.h>

struct finding {
	const struct shell_state *st;
	bool unsure; /* a word that zsh may replace wherever it stands */
};

static bool
find_alias(void *ctx, struct str name, bool global, struct str *value)
{
	struct finding *f = ctx;
	const struct alias *al = pmap_get(f->st->aliases, name);

	if (al != NULL && al->global && (al->maybe || str_ends(al->value, STR("\\"))))
		f->unsure = true;
	if (al == NULL || al->maybe || (global && !al->global))
		return false;
	*value = al->value;
	return true;
}

/* Whether the shell replaces alias names that it reads. Where that is not known
 * they are read as they stand: see eval__maybe_alias. */
static bool
uses_aliases(const struct shell_state *st)
{
	return st->kind != SHELL_BASH || eval__opt(st, OPT_ALIASES) == TRI_YES;
}

/* Whether nothing but blanks and comments is left. */
static bool
nothing_left(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '#')
			while (i < s.n && s.p[i] != '\n')
				i++;
		else if (strchr(" \t\r\n;", s.p[i]) == NULL)
			return false;
	}
	return true;
}

void
eval__discard(struct shell *sh, const struct ctx *cx, const struct shell_state *st)
{
	struct shell_state *copy = eval__copy(sh, st);

	if (cx->out != NULL) /* what is captured may end here */
		cx->out->unknown = true;
	if (st->kind != SHELL_ZSH) /* dash ends, bash does at ${x?} and by set -u */
		eval__leave_shell(sh, cx, copy);
	if (sh->discard != NULL)
		eval__join(sh, copy, sh->discard);
	sh->discard = copy;
}

/* What stands before a quote that is not ended is judged as if it might run. */
static bool
before_quote(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct str text)
{
	struct source *src = NEW(sh->a, struct source);
	struct ctx in = eval__maybe(cx);
	struct outcome out = { 0 };
	struct ast_error err = { 0 };
	struct node *n = NULL;

	*src = (struct source){ text, false };
	in.src = src;
	if (ast_parse(sh->a, text, st->kind, NULL, &n, &err) != 0 || err.what.n > 0)
		return false;
	if (n != NULL)
		eval__node(sh, eval__copy(sh, st), &in, n, &out);
	return true;
}

/* Nothing in it is read in more than one way: no ${ } with quotes, no
 * substitution, here-document or case. */
static bool
is_simple(struct str text)
{
	static const char *const marks[] = { "${", "$(", "$'", "$\"", "<<", "case", "=(", "((" };
	size_t tick = str_chr(text, '`');

	if (tick != STR_NPOS && str_chr(str_sub(text, tick + 1, text.n), '`') != STR_NPOS)
		return false;
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (str_find(text, str_of(marks[i])) != STR_NPOS)
			return false;
	return true;
}

/* What the shell refuses to read it does not run: a quote without an end, a
 * token that cannot stand there. Where other text does not parse it may be that
 * only the walk cannot read it. */
static void
not_read(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct str text, size_t at,
    const struct ast_error *err)
{
	enum shell_unknown kind = err->limit ? SHELL_LIMIT : SHELL_DYNAMIC;
	bool quote = !err->limit && str_ends(err->what, STR("quote not ended"));

	/* Of other errors sh may be a dash that has none, and zsh reads otherwise. */
	if (is_simple(text) && !(st->kind == SHELL_ZSH && str_chr(text, '[') != STR_NPOS) &&
	    (quote || (!err->limit && st->kind == SHELL_BASH && str_starts(err->what, STR("unexpected")))))
		kind = SHELL_UNREAD;
	if (kind == SHELL_UNREAD && !(quote && before_quote(sh, st, cx, str_sub(text, 0, at))))
		at = 0;
	eval__unknown(sh, st, cx, kind, str_sub(text, at, text.n),
	    str_c(sh->a, str_cat(sh->a, STR("the shell text does not parse: "), err->what)));
}

/* Perhaps the text ends here, and its eval fails. */
static void
fails_with(struct shell *sh, const struct shell_state *st, struct shell_state **refused)
{
	struct shell_state *copy = eval__copy(sh, st);

	if (*refused != NULL)
		eval__join(sh, copy, *refused);
	*refused = copy;
}

/* The shell perhaps has an error where it reads what comes next: bash then is
 * done with this text, and with the line where that is all there is. */
static void
refuse(struct shell *sh, const struct shell_state *st, const struct ctx *cx, struct shell_state **refused)
{
	if (st->kind == SHELL_SH || sh->depth <= 1)
		eval__discard(sh, cx, st);
	else
		fails_with(sh, st, refused);
}

/* Line by line, as bash and sh read it: each sees the aliases of those before.
 * zsh reads a text whole. */
static void
run_text(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct str text, bool main,
    struct outcome *out)
{
	struct finding finding = { st, false };
	struct ast_aliases aliases = { &finding, find_alias };
	struct source *src = NEW(sh->a, struct source);
	struct shell_state *refused = NULL;
	struct ctx base = *cx, in;
	size_t at = 0;

	*src = (struct source){ text, main };
	base.src = src; /* functions keep it */
	in = base;
	while (at < text.n && !st->dead && sh->err == 0) {
		const struct ast_aliases *use = st->aliases != NULL && uses_aliases(st) ? &aliases
		                                                                        : NULL;
		struct ast_error err = { 0 };
		struct node *n = NULL;
		size_t before = at;
		int bad;

		if (st->kind == SHELL_ZSH) {
			at = text.n;
			bad = ast_parse(sh->a, text, st->kind, use, &n, &err);
		} else
			bad = ast_parse_line(sh->a, text, &at, st->kind, use, &n, &err);
		if ((bad != 0 || at == before) && err.what.n == 0)
			err.what = STR("it cannot be read");
		if (finding.unsure)
			eval__unknown(sh, st, &in, SHELL_DYNAMIC, str_sub(text, before, at), "a global alias may hold in it");
		finding.unsure = false;
		in.aliases = base.aliases = st->aliases;
		if (err.refused && st->kind != SHELL_ZSH && eval__opt(st, OPT_EXTGLOB) != TRI_YES)
			refuse(sh, st, &base, &refused); /* an error then, and none of it runs */
		if (n != NULL)
			eval__item(sh, st, &base, &in, n,
			    err.what.n == 0 && nothing_left(str_sub(text, at, text.n)), out);
		if (sh->discard != NULL) {
			eval__join(sh, st, sh->discard);
			if (sh->depth <= 1)
				sh->discard = NULL;
			else
				fails_with(sh, sh->discard, &refused);
		}
		if (err.what.n > 0 && !st->dead && st->kind == SHELL_SH)
			eval__leave_shell(sh, &in, st); /* dash ends */
		if (err.what.n > 0 && !st->dead) {
			not_read(sh, st, &in, str_sub(text, before, text.n), err.at - before, &err);
			break;
		}
	}
	if (refused != NULL) {
		out->fail = eval__failed(sh, st, out);
		eval__join(sh, out->fail, refused);
	}
}

void
eval__text(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct str text,
    struct str typed, struct outcome *out)
{
	struct ctx in = *cx;

	sh->bodies++;
	in.beside = false; /* this text was not looked through yet */
	if (typed.n > 0 && in.typed.n == 0)
		in.typed = typed;
	if (++sh->depth > LIMIT_RUN_DEPTH)
		eval__limit(
		    sh, st, cx, LIMIT_BIT_RUN, "commands inside commands go deeper than the limit");
	else
		run_text(sh, st, &in, text, false, out);
	sh->depth--;
}

/* A whole shell process: at its end the EXIT traps run. */
static void
run_process(struct shell *sh, struct shell_state *st, struct str text, unsigned flags)
{
	struct frame shell = { .kind = FRAME_SHELL };
	struct ctx cx = { .flags = flags, .decisive = (flags & SHELL_MAYBE) == 0, .frame = &shell };
	struct source src = { text, sh->depth == 1 };
	struct outcome out = { 0 };

	cx.src = &src;
	if (eval__reads_strangely(st, text))
		eval__unknown(sh, st, &cx, SHELL_DYNAMIC, text,
		    "an option of the shell changes how it reads this");
	run_text(sh, st, &cx, text, src.main, &out);
	if (sh->runs == 1)
		eval__beside(sh, st);
	if (st->traps != NULL || shell.left != NULL ||
	    (out.fail != NULL && out.fail->traps != NULL)) {
		eval__settle(sh, st, &out);
		if (shell.left != NULL)
			eval__join(sh, st, shell.left);
		cx.src = &src;
		eval__exit_traps(sh, st, &cx);
	} else if (out.fail != NULL) /* the process is over: only its traces count */
		eval__world_join(sh, st, out.fail);
}

int
shell_run(struct shell *sh, struct shell_state *st, struct str text, unsigned flags)
{
	struct ctx cx = { .flags = flags };
	const struct trap *traps = st->traps;

	if (sh->err != 0)
		return sh->err;
	st->traps = NULL;
	sh->runs++;
	if (++sh->depth > LIMIT_RUN_DEPTH)
		eval__limit(sh, st, &cx, LIMIT_BIT_RUN,
		    "commands inside commands go deeper than the limit");
	else
		run_process(sh, st, text, flags);
	sh->depth--;
	sh->runs--;
	st->traps = traps;
	return sh->err;
}

int
shell_run_args(struct shell *sh, struct shell_state *st, struct str text, unsigned flags,
    struct word argv0, struct words args)
{
	if (argv0.n > 0)
		st->argv0 = argv0;
	st->args = args;
	return shell_run(sh, st, text, flags);
}

int
shell_run_argv(struct shell *sh, struct shell_state *st, struct words argv,
    const struct shell_command *like, unsigned flags, bool functions)
{
	struct frame shell = { .kind = FRAME_SHELL };
	struct source src = { 0 };
	struct ids *after = NULL;
	struct ctx cx = { .flags = flags |
		    (like->flags &
		        ~(unsigned)(SHELL_BUILTIN | SHELL_HARMLESS | SHELL_FUNCTION |
		            SHELL_TAINTED)),
		.frame = &shell,
		.src = &src,
		.decisive = like->decisive,
		.piped = like->stdout_piped };
	struct call call = { .cx = &cx };

	if (sh->err != 0)
		return sh->err;
	for (size_t i = 0; i < like->nafter; i++) {
		struct ids *one = NEW(sh->a, struct ids);

		*one = (struct ids){ like->after[i], after, i + 1 };
		after = one;
	}
	cx.after = after;
	call.c.argv = argv;
	call.c.redirs = like->redirs;
	call.c.nredirs = like->nredirs;
	call.c.assigns = like->assigns;
	call.c.nassigns = like->nassigns;
	call.c.stdin_kind = like->stdin_kind;
	call.c.stdin_text = like->stdin_text;
	call.c.typed = like->typed;
	call.c.offset = like->offset;
	call.how = functions ? 0 : CALL_NO_FUNCTION | CALL_NO_BUILTIN;
	if (++sh->depth > LIMIT_RUN_DEPTH)
		eval__limit(sh, st, &cx, LIMIT_BIT_RUN,
		    "commands inside commands go deeper than the limit");
	else
		eval__invoke(sh, st, &call);
	sh->depth--;
	if (call.fail != NULL)
		eval__join(sh, st, call.fail);
	return sh->err;
}
