/* SPDX-License-Identifier: ISC */
/*
 * inner.c: commands inside commands. What a wrapper, an option or a script
 * runs, as words (reading_run_argv) or as a text for a shell
 * (reading_run_shell), is given back to the shell, a level deeper. Which words
 * those are, wrap.c, interp.c and command.c say.
 */
#include "tools/host.h"

#include "bridle/limits.h"

#include <string.h>

static bool
too_deep(struct reading *rd, struct shell_state *st, const struct shell_command *like)
{
	if (rd->depth < LIMIT_RUN_DEPTH)
		return false;
	reading_unknown_at(rd, st, like, UNKNOWN_LIMIT, like->typed,
	    STR("commands stand inside commands deeper than the limit"));
	return true;
}

int
reading_run_argv(struct reading *rd, struct shell_state *st, struct words argv,
    const struct shell_command *like, unsigned action_flags, struct str chain)
{
	struct inner saved;
	int err;

	if (argv.n == 0)
		return 0;
	if (too_deep(rd, st, like))
		return 0;
	saved = reading_enter(rd, action_flags, chain);
	rd->redirs = like->redirs;
	err = shell_run_argv(rd->shell, st, argv, like, 0, false);
	reading_leave(rd, saved);
	overlay_enter(rd, st);
	return err;
}

bool
reading_plain(const struct piece *p)
{
	struct byteset other = byteset_not(PLAIN_BYTES);

	for (size_t k = 0; p->set != NULL && k < sizeof other.bits / sizeof *other.bits; k++)
		if ((p->set->bits[k] & other.bits[k]) != 0)
			return false;
	return p->kind == PIECE_CHARS && p->set != NULL;
}

/* A value of bytes that mean nothing to a shell (a date, a commit's name) is
 * the same in a text as a variable that holds it, outside single quotes. */
static bool
harmless_values(struct reading *rd, struct shell_state *st, struct word text, struct str *out)
{
	struct buf b;

	buf_init(&b, rd->a);
	for (size_t i = 0; i < text.n; i++) {
		struct piece *p = NEW(rd->a, struct piece);
		struct str name = str_printf(rd->a, "__value%zu", i);

		*p = text.v[i];
		if (p->kind == PIECE_TEXT) {
			if (str_chr(p->text, '\'') != STR_NPOS ||
			    str_chr(p->text, '\\') != STR_NPOS ||
			    str_find(p->text, STR("<<")) != STR_NPOS)
				return false;
			buf_add(&b, p->text);
			continue;
		}
		if (p->min == 0 || !reading_plain(p))
			return false;
		shell_set_var(rd->shell, st, name, (struct word){ p, 1, { 0 } }, true);
		buf_printf(&b, "${" STR_FMT "}", STR_ARG(name));
	}
	*out = buf_str(&b);
	return true;
}

/* Which shell reads a text. What is called sh may be bash or dash: it is read
 * as the shell around it (never zsh), and *dash tells that dash may run it. */
static enum shell_kind
kind_inside(
    struct reading *rd, const struct shell_state *st, const struct shell_command *like, bool *dash)
{
	struct str name = rd->shell_name;

	*dash = false;
	rd->shell_name = (struct str){ 0 };
	if (name.n == 0 && like->argv.n > 0)
		name = path_base(word_suffix(rd->a, like->argv.v[0]));
	if (str_is(name, "zsh"))
		return SHELL_ZSH;
	if (str_is(name, "bash") || str_is(name, "rbash"))
		return SHELL_BASH;
	*dash = shell_kind_of(st) != SHELL_SH;
	return shell_kind_of(st) == SHELL_ZSH ? SHELL_BASH : shell_kind_of(st);
}

/* Text in which dash may run other commands than bash, or leave variables as they
 * were: `echo a\\nb`, `&>` is `&` and `>`, `[[` is a program, {a,b} is no list, an
 * error of a special builtin ends it. What dash does not read at all it does not run,
 * but for traps. */
static bool
dash_differs(struct str text)
{
	static const char *const marks[] = { "\\", "&>", "[[", "((", "=(", "{", "==", "[^",
		"~+", "~-", "$@", "$*", "$[", "$'", "$\"", "$(<", "$( <", "`<", ". ", " :", "IFS", "UID",
		"SECONDS", "BASH", "RANDOM", "HISTCMD", "HOSTNAME", "OSTYPE", "alias", "builtin", "cd -",
		"command -", "declare", "dirs", "echo -", "enable", "eval", "exec", "export", "function",
		"let ", "local", "popd", "printf -", "printf '%q", "printf \"%q", "printf %q", "pushd",
		"readonly", "set", "shift", "shopt", "source", "times", "trap", "typeset" };

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (str_find(text, str_of(marks[i])) != STR_NPOS)
			return true;
	return false;
}

/* bash -p takes no functions from the environment. */
static bool
privileged(struct words options)
{
	for (size_t i = 0; i < options.n; i++) {
		struct str head = word_prefix(options.v[i]);

		if (head.n > 1 && head.p[0] == '-' && (str_chr(head, 'p') != STR_NPOS))
			return true;
	}
	return false;
}

int
reading_run_shell(struct reading *rd, struct shell_state *st, struct word text,
    const struct shell_command *like, unsigned action_flags, struct str chain, struct word argv0,
    struct words args)
{
	struct shell_state *inside = NULL;
	struct inner saved;
	unsigned flags = like->flags &
	    (SHELL_MAYBE | SHELL_UNSURE | SHELL_BACKGROUND | SHELL_LOOKED);
	bool dash;
	enum shell_kind kind = kind_inside(rd, st, like, &dash);
	struct words options = rd->shell_options;
	struct word source = rd->shell_source;
	struct str prelude = rd->prelude, known;
	int err = 0;

	rd->shell_options = (struct words){ NULL, 0 };
	rd->shell_source = (struct word){ 0 };
	rd->prelude = (struct str){ 0 };
	if (!word_known(rd->a, text, &known) &&
	    !(inside = reading_inside(rd, st), harmless_values(rd, inside, text, &known))) {
		reading_note(rd, (struct words){ &text, 1 });
		reading_unknown_at(rd, st, like, UNKNOWN_DYNAMIC, like->typed,
		    str_printf(rd->a, "the text that is run is not known: " STR_FMT,
		        STR_ARG(word_show(rd->a, text))));
		return 0;
	}
	if (too_deep(rd, st, like))
		return 0;
	if (prelude.n > 0) /* eval: what was made an alias there is one in the text */
		known = str_printf(rd->a, STR_FMT "eval " STR_FMT "\n", STR_ARG(prelude),
		    STR_ARG(shell_quote(rd->a, known)));
	saved = reading_enter(rd, action_flags, chain);
	if (action_flags & ACTION_LOOKED)
		flags |= SHELL_LOOKED;
	rd->same_as = 0;
	rd->guessing = false;
	rd->redirs = NULL;
	rd->decisive = rd->decisive && like->decisive && action_flags == 0;
	if (like->stdin_kind != SHELL_STDIN_INHERIT)
		rd->outer = like;
	if (inside == NULL)
		inside = reading_inside(rd, st);
	if (dash && dash_differs(known)) {
		struct shell_state *other = shell_state_copy(rd->shell, inside, false);

		shell_set_kind(other, SHELL_SH);
		shell_start_options(rd->shell, other, options);
		err = shell_run_args(rd->shell, other, known, flags | SHELL_MAYBE, argv0, args);
		overlay_enter(rd, st);
	}
	shell_set_kind(inside, kind);
	if (kind == SHELL_BASH)
		shell_set_source(inside, source);
	if (dash || privileged(options))
		shell_maybe_functions(rd->shell, inside);
	shell_start_options(rd->shell, inside, options);
	if (err >= 0)
		err = shell_run_args(rd->shell, inside, known, flags, argv0, args);
	reading_leave(rd, saved);
	reading_back(rd, st, inside);
	rd->shell_options = options;
	rd->prelude = prelude;
	rd->prelude_read = true;
	return err;
}

int
reading_run_output(struct reading *rd, struct shell_state *st, struct word text,
    const struct shell_command *like, unsigned action_flags, struct str chain, struct word *out)
{
	struct str known;
	struct words values;
	struct shell_state *inside = reading_inside(rd, st);
	struct inner saved;
	bool exported;
	int err;

	if (!word_known(rd->a, text, &known) || rd->depth >= LIMIT_RUN_DEPTH) {
		err = reading_run_shell(rd, st, text, like, action_flags, chain, word_text(rd->a, STR("sh")),
		    (struct words){ NULL, 0 });
		return err < 0 ? err : BRIDLE_EUNKNOWN;
	}
	saved = reading_enter(rd, action_flags, chain);
	rd->same_as = 0;
	rd->guessing = rd->decisive = false;
	rd->redirs = NULL;
	shell_set_kind(inside, SHELL_BASH);
	/* What may end the $( ) before its end stands in an eval. */
	if (strpbrk(str_c(rd->a, known), "()#\n`\\'\"<") != NULL)
		known = str_cat(rd->a, STR("eval "), shell_quote(rd->a, known));
	err = shell_run(rd->shell, inside, str_printf(rd->a, "__value=$(" STR_FMT ")", STR_ARG(known)),
	    (like->flags & (SHELL_MAYBE | SHELL_UNSURE | SHELL_BACKGROUND | SHELL_LOOKED)) |
	        (action_flags & ACTION_LOOKED ? SHELL_LOOKED : 0));
	reading_leave(rd, saved);
	if (err >= 0) {
		err = shell_var(rd->shell, inside, STR("__value"), &values, &exported);
		if (err == 0 && values.n != 1)
			err = BRIDLE_EUNKNOWN;
		if (err == 0)
			*out = values.v[0];
	}
	reading_back(rd, st, inside);
	return err == BRIDLE_ENOENT ? BRIDLE_EUNKNOWN : err;
}

bool
reading_runs(struct reading *rd, struct shell_state *st, struct str what)
{
	const struct assign *v;
	size_t n = shell_line_assigns(rd->shell, st, &v);
	struct buf key;

	buf_init(&key, rd->a);
	buf_printf(&key, "\n\n" STR_FMT "\n%p", STR_ARG(what), shell_world(st));
	for (size_t i = 0; i < n; i++)
		if (!str_is(v[i].name, "MAKELEVEL"))
			buf_printf(&key, " " STR_FMT "=" STR_FMT, STR_ARG(v[i].name), STR_ARG(word_show(rd->a, v[i].value)));
	buf_putc(&key, '\n');
	if (str_find(rd->running, buf_str(&key)) != STR_NPOS)
		return false;
	rd->running = str_cat(rd->a, rd->running, buf_str(&key));
	return true;
}
