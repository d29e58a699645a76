/* SPDX-License-Identifier: ISC */
/*
 * builtin_code.c: builtins that run code or other commands: eval . source
 * trap command builtin exec, zsh's modifiers. What is known is run, what is
 * not is dynamic and leaves nothing known.
 */
#include "shell/builtin.h"

#include <string.h>

static void
report_now(struct shell *sh, struct shell_state *st, struct call *call)
{
	if (!call->reported)
		eval__report(sh, st, call);
	call->reported = true;
}

/* Text as it may be spread over arguments; false: not known. */
static bool
text_of(struct shell *sh, struct words argv, struct str *out)
{
	struct buf b;

	buf_init(&b, sh->a);
	for (size_t i = 0; i < argv.n; i++) {
		struct str text;

		if (!word_known(sh->a, argv.v[i], &text))
			return false;
		if (i > 0)
			buf_putc(&b, ' ');
		buf_add(&b, text);
	}
	*out = buf_str(&b);
	return true;
}

void
eval__do_eval(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = { call->c.argv.v + 1, call->c.argv.n - 1 };
	struct outcome out = { 0 };
	struct ctx cx = *call->cx;
	struct str text;

	report_now(sh, st, call);
	if (argv.n > 0 && word_is(argv.v[0], "--") && st->kind != SHELL_SH)
		argv = (struct words){ argv.v + 1, argv.n - 1 };
	/* eval x=('$(ls)'): one text, without its quotes */
	if (!text_of(sh, argv, &text) || (call->node != NULL && call->node->decl_assigns != NULL)) {
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
		    "what eval runs is not known before it runs");
		eval__print(sh, call, NULL);
		eval__forget_all(sh, st, STR("eval has run what was not known"));
		return;
	}
	eval__with_call(st, &cx, call);
	eval__text(sh, st, &cx, text, call->c.typed, &out);
	eval__undo_call(st, &out, call);
	call->fail = out.fail;
	call->ids = eval__ids_add(sh, call->ids, out.ids);
}

/* ---- source ---- */

static void
not_read(struct shell *sh, struct shell_state *st, struct call *call, struct word file)
{
	enum shell_unknown kind = path_in_proc(word_prefix(file)) ? SHELL_DYNAMIC : SHELL_OPAQUE;

	eval__unknown(sh, st, call->cx, kind, call->c.typed,
	    str_c(sh->a,
	        str_printf(sh->a, "the sourced file " STR_FMT " is not read",
	            STR_ARG(word_show(sh->a, file)))));
	eval__print(sh, call, NULL);
	eval__forget_all(sh, st, STR("a sourced file was not read"));
}

static void
run_script(struct shell *sh, struct shell_state *st, struct call *call, struct str text,
    unsigned flags, struct words args)
{
	struct frame frame = { .kind = FRAME_CALL, .up = call->cx->frame, .script = true };
	struct ctx cx = *call->cx;
	struct words was = st->args;
	struct outcome out = { 0 };

	cx.flags |= flags;
	cx.frame = &frame;
	frame.branch = cx.branch;
	if (args.n > 0)
		st->args = args;
	eval__with_call(st, &cx, call);
	eval__text(sh, st, &cx, text, (struct str){ 0 }, &out);
	eval__undo_call(st, &out, call);
	out.fail = eval__failed(sh, st, &out);
	if (frame.left != NULL) {
		eval__join(sh, st, frame.left);
		eval__join(sh, out.fail, frame.left);
		out.ids = NULL;
	}
	if (frame.again != NULL)
		eval__join(sh, out.fail, frame.again);
	if (args.n > 0)
		st->args = out.fail->args = was;
	call->fail = out.fail;
	call->ids = out.ids;
}

/* What a sourced word holds, if the shell itself gives it: <(…) or a
 * descriptor of the command. A file that a descriptor reads is left in *file.
 * False: it is a file. */
static bool
given_text(struct shell *sh, struct call *call, struct word *file, struct word *content)
{
	enum shell_stdin kind;

	if (shell_process_text(sh, *file, content))
		return true;
	if (!shell_fd_named(&call->c, *file, &kind, content))
		return false;
	if (kind == SHELL_STDIN_FILE)
		*file = *content;
	else if (kind != SHELL_STDIN_TEXT)
		*content = word_any(sh->a, file->typed);
	return kind != SHELL_STDIN_FILE;
}

void
eval__do_dot(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = call->c.argv;
	struct word content, file;
	struct str text, shown;
	size_t i = 1;
	int err;

	report_now(sh, st, call);
	if (i < argv.n && word_is(argv.v[i], "--"))
		i++;
	if (i >= argv.n)
		return;
	file = argv.v[i];
	if (given_text(sh, call, &file, &content)) {
		if (word_known(sh->a, content, &text) && str_chr(text, '\0') == STR_NPOS) /* bash leaves those out */
			run_script(sh, st, call, text, 0,
			    (struct words){ argv.v + i + 1, argv.n - i - 1 });
		else {
			eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
			    "what is sourced is not known before it runs");
			eval__forget_all(sh, st, STR("something not known was sourced"));
		}
		return;
	}
	if (word_has_words(file)) /* $f may be several, of which the first is the file */
		file = word_any(sh->a, file.typed);
	if (sh->quiet > 0 || sh->host->script == NULL)
		err = BRIDLE_EUNKNOWN;
	else
		err = sh->host->script(sh->host->ctx, sh, st, file, &text, &shown);
	/* A path that is surely not there: an error, and nothing was read. */
	if (err == BRIDLE_ENOENT && st->kind != SHELL_SH &&
	    str_chr(word_prefix(file), '/') != STR_NPOS)
		return;
	if (err < 0) {
		not_read(sh, st, call, file);
		return;
	}
	st->source = (struct word){ 0 };
	run_script(sh, st, call, text, err == 1 ? 0 : SHELL_LOOKED,
	    (struct words){ argv.v + i + 1, argv.n - i - 1 });
}

/* ---- trap ---- */

static void
remove_trap(struct shell *sh, struct shell_state *st, struct str signal)
{
	const struct trap *list = st->traps;

	st->traps = NULL;
	for (; list != NULL; list = list->next) {
		struct trap *copy;

		if (str_eq(list->signal, signal))
			continue;
		copy = NEW(sh->a, struct trap);
		*copy = *list;
		copy->next = st->traps;
		st->traps = copy;
	}
}

void
eval__set_trap(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct str signal, struct word body)
{
	struct trap *t = NEW(sh->a, struct trap);

	*t = (struct trap){ .signal = signal, .body = body, .next = st->traps };
	st->traps = t;
	if (cx != NULL && !str_is(signal, "EXIT") && !str_is(signal, "0"))
		eval__traps(sh, st, cx);
}

void
eval__do_trap(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = call->c.argv;
	struct str text;
	uint64_t n;
	size_t i = 1;
	bool odd;

	report_now(sh, st, call);
	if (i < argv.n && word_is(argv.v[i], "--"))
		i++;
	if (i >= argv.n ||
	    (word_known(sh->a, argv.v[i], &text) && (str_is(text, "-l") || str_is(text, "-p")))) {
		eval__print(sh, call, NULL);
		return;
	}
	odd = i == 1 && word_prefix(argv.v[1]).n > 1 && word_prefix(argv.v[1]).p[0] == '-';
	if (odd && st->kind == SHELL_BASH) /* no option of it: nothing is done */
		return;
	for (size_t k = i + 1; k < argv.n || k == i + 1; k++) {
		struct trap *t = NEW(sh->a, struct trap);
		bool known = k < argv.n && word_known(sh->a, argv.v[k], &t->signal), exits;

		exits = known && (str_is(t->signal, "EXIT") || str_is(t->signal, "0"));
		if (!known)
			t->signal = STR("?");
		else if (!odd && !(exits && st->kind == SHELL_ZSH && eval__in_call(call->cx))) /* there it has one of its own */
			remove_trap(sh, st, t->signal);
		/* `trap - X`, `trap '' X`, `trap X`: the default, or ignored */
		if (word_known(sh->a, argv.v[i], &text) &&
		    (text.n == 0 || str_is(text, "-") || str_u64(text, &n) == 0 || argv.n == i + 1))
			continue;
		t->body = argv.v[i];
		t->next = st->traps;
		st->traps = t;
		if (exits)
			continue;
		if (word_known(sh->a, argv.v[i], &text) && str_find(text, STR("return")) != STR_NPOS)
			eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, "the trap ends the function that it interrupts");
		eval__traps(sh, st, call->cx);
	}
}

/* ---- command, builtin, exec ---- */

/* The options of such a command; the rest is the command it runs. */
static struct words
inner_words(struct shell *sh, const struct shell_state *st, struct call *call, const char *with_value, char *seen, size_t room)
{
	struct opts o;
	size_t n = 0;
	char c;

	eval__opts_init(&o, sh, st, call);
	while ((c = eval__opts_next(&o, with_value, false)) != '\0')
		if (n + 1 < room)
			seen[n++] = c;
	seen[n] = '\0';
	return (struct words){ o.argv.v + o.i, o.argv.n - o.i };
}

void
eval__do_command(struct shell *sh, struct shell_state *st, struct call *call)
{
	char seen[16];
	struct words rest = inner_words(sh, st, call, "", seen, sizeof seen);
	struct str name;

	if (strchr(seen, 'v') != NULL || strchr(seen, 'V') != NULL) {
		call->c.flags |= SHELL_HARMLESS; /* it only tells where the program is */
		if (rest.n == 1 && word_known(sh->a, rest.v[0], &name) &&
		    eval__builtin(st->kind, name) == NULL &&
		    pmap_get(st->functions, name) == NULL && pmap_get(st->aliases, name) == NULL)
			eval__ask_output(sh, st, call); /* a program's path */
		else
			eval__print(sh, call, NULL);
		return;
	}
	report_now(sh, st, call);
	if (st->kind == SHELL_SH && rest.n > 1 && (word_is(rest.v[0], "eval") || word_is(rest.v[0], ".")))
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, "an error in it ends it, and not the shell");
	if (strspn(seen, "p") != strlen(seen)) /* an option that it does not have */
		call->fail = eval__copy(sh, st);
	else if (rest.n > 0)
		eval__inner(sh, st, call, rest,
		    CALL_NO_FUNCTION | (st->kind == SHELL_ZSH ? CALL_NO_BUILTIN : 0));
}

void
eval__do_builtin(struct shell *sh, struct shell_state *st, struct call *call)
{
	char seen[16];
	struct words rest = inner_words(sh, st, call, "", seen, sizeof seen);

	report_now(sh, st, call);
	if (seen[0] != '\0')
		call->fail = eval__copy(sh, st);
	else if (rest.n > 0)
		eval__inner(sh, st, call, rest, CALL_NO_FUNCTION | CALL_BUILTIN_ONLY);
}

/* jobs -x COMMAND runs it, with the numbers of processes put in. */
void
eval__do_jobs(struct shell *sh, struct shell_state *st, struct call *call)
{
	char seen[16];
	struct words rest = inner_words(sh, st, call, "", seen, sizeof seen);

	if (st->kind == SHELL_ZSH || strchr(seen, 'x') == NULL)
		return;
	report_now(sh, st, call);
	if (rest.n > 0)
		eval__inner(sh, st, call, rest, 0);
}

/* `exec >f`: the shell's own input and output from now on. */
static void
exec_redirs(struct shell *sh, struct shell_state *st, struct call *call)
{
	const struct redirs *r = call->redirs;

	if (r == NULL || r->n == 0)
		return;
	call->fail = eval__copy(sh, st);
	if (r->in_set) {
		st->in_set = true;
		st->in_kind = r->in_kind;
		st->in_text = r->in_text;
	}
	st->out_moved = true;
	if (call->cx->out != NULL)
		call->cx->out->unknown = true;
}

void
eval__do_exec(struct shell *sh, struct shell_state *st, struct call *call)
{
	char seen[16];
	struct words rest = inner_words(sh, st, call, "a", seen, sizeof seen);
	struct str text;

	report_now(sh, st, call);
	if (rest.n == 0) {
		exec_redirs(sh, st, call);
		return;
	}
	if (strchr(seen, 'c') != NULL)
		shell_clear_env(sh, st);
	eval__inner(
	    sh, st, call, rest, st->kind == SHELL_ZSH ? 0 : CALL_NO_FUNCTION | CALL_NO_BUILTIN);
	/* The shell is gone, unless the word vanished, or an option or a redirection was an error. */
	if (word_known(sh->a, rest.v[0], &text) && call->c.nredirs == 0 && seen[strspn(seen, "acl")] == '\0' &&
	    eval__opt(st, OPT_EXECFAIL) == TRI_NO && st->kind != SHELL_ZSH) {
		eval__leave_shell(sh, call->cx, st);
		st->dead = true;
		call->fail = NULL;
	}
}

void
eval__do_modifier(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words rest = { call->c.argv.v + 1, call->c.argv.n - 1 };

	report_now(sh, st, call);
	if (rest.n > 0)
		eval__inner(sh, st, call, rest, 0);
}

/* ---- others ---- */

/* compgen -W expands its words, -C runs a command, -F a function. */
void
eval__do_compgen(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct choices ch;
	struct xp xp;
	struct opts o;
	struct str text;
	char c;

	eval__opts_init(&o, sh, st, call);
	while ((c = eval__opts_next(&o, "oAGWFCXPSV", false)) != '\0') {
		if (strchr("WCFX", c) == NULL)
			continue;
		if (!word_known(sh->a, o.value, &text)) {
			eval__opaque(sh, st, call, o.value, "compgen expands it");
		} else if (c == 'W') {
			eval__call_xp(&xp, sh, st, call, &ch);
			eval__expand_text(&xp, text);
		} else if (c == 'C' || c == 'F') {
			struct ctx cx = eval__maybe(call->cx);
			struct shell_state *copy = eval__copy(sh, st);
			struct outcome out = { 0 };

			eval__text(sh, copy, &cx, text, call->c.typed, &out);
			eval__settle(sh, copy, &out);
			eval__join(sh, st, copy);
		}
	}
	if (o.unknown)
		eval__opaque(sh, st, call, o.argv.v[o.i], "compgen may expand it");
}

/* fc, sched, zpty: what they run comes from elsewhere or is run later. */
void
eval__do_runs_later(struct shell *sh, struct shell_state *st, struct call *call)
{
	if (call->c.argv.n > 1)
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
		    "what it runs is not known before it runs");
}

/* zstyle -e: its words run when the style is looked up. */
void
eval__do_zstyle(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = call->c.argv;
	struct str head = argv.n > 1 ? word_prefix(argv.v[1]) : STR("");

	if (argv.n > 1 && (argv.v[1].n == 0 || head.n == 0 || str_is(head, "-e")))
		eval__do_runs_later(sh, st, call);
}
