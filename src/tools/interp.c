/* SPDX-License-Identifier: ISC */
/*
 * interp.c: shells as programs: `bash -lc TEXT`, `sh script`, `… | sh`,
 * `bash <(…)`, a here-document. The text is read as the shell would; a script
 * is looked into (script.c). Code for other interpreters is code.c.
 */
#include "tools/host.h"

#include <string.h>

static bool
is_shell(struct str name)
{
	static const char *const names[] = { "bash", "sh", "zsh", "dash", "ksh", "mksh", "ash",
		"rbash", "fish" };

	static struct names by_name = NAMES(names);

	return names_find(&by_name, name) != STR_NPOS;
}

struct call { /* how a shell is called */
	bool text, stdin_text, unsure;
	bool noexec;         /* -n: it only reads */
	size_t at;           /* first operand */
	struct word file[2]; /* --rcfile, --init-file */
	size_t nfiles;
};

/* Long options that take a value. */
static bool
long_value(struct word w)
{
	return word_is(w, "--rcfile") || word_is(w, "--init-file") || word_is(w, "--emulate");
}

static bool
has_unknown(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind != PIECE_TEXT)
			return true;
	return false;
}

static void
read_call(const struct shell_command *c, struct call *call)
{
	size_t i = 1;

	*call = (struct call){ 0 };
	for (; i < c->argv.n; i++) {
		struct str head = word_prefix(c->argv.v[i]);

		bool sign = head.n == 0 || head.p[0] == '-' || head.p[0] == '+';

		if (sign && has_unknown(c->argv.v[i])) {
			call->unsure = !call->text || word_many(c->argv.v[i]);
			break;
		}
		if (word_is(c->argv.v[i], "--") || word_is(c->argv.v[i], "-")) {
			i++;
			break;
		}
		if (head.n < 2 || (head.p[0] != '-' && head.p[0] != '+'))
			break;
		if (head.p[1] == '-') {
			if (word_is(c->argv.v[i], "--command"))
				call->text = true;
			if (long_value(c->argv.v[i]) && i + 1 < c->argv.n && call->nfiles < 2)
				call->file[call->nfiles++] = c->argv.v[++i];
			continue;
		}
		for (size_t j = 1; j < head.n; j++) {
			if (head.p[j] == 'c' && head.p[0] == '-')
				call->text = true;
			else if (head.p[j] == 's')
				call->stdin_text = true;
			else if (head.p[j] == 'n')
				call->noexec = head.p[0] == '-';
			else if ((head.p[j] == 'o' || head.p[j] == 'O') && j + 1 == head.n && ++i < c->argv.n &&
			    (word_is(c->argv.v[i], "noexec") || has_unknown(c->argv.v[i])))
				call->noexec = head.p[0] == '-' && word_is(c->argv.v[i], "noexec");
		}
	}
	call->at = i;
}

static struct word
operand(const struct shell_command *c, size_t at)
{
	return at < c->argv.n ? c->argv.v[at] : c->argv.v[0];
}

/* <(…) as a script. */
static bool
is_process(struct word w)
{
	return w.typed.n > 1 && (w.typed.p[0] == '<' || w.typed.p[0] == '=') && w.typed.p[1] == '(';
}

/* Runs what the shell reads from an open file. */
static int
run_input(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, enum shell_stdin kind, struct word text, struct words args)
{
	struct action *act;
	struct word printed;

	switch (kind) {
	case SHELL_STDIN_TEXT:
		command_show(rd, st, c, prog->base);
		return reading_run_shell(rd, st, text, c, 0, (struct str){ 0 }, c->argv.v[0], args);
	case SHELL_STDIN_FILE:
		if (is_process(text) && shell_process_text(rd->shell, text, &printed)) {
			command_show(rd, st, c, prog->base);
			return reading_run_shell(rd, st, printed, c, 0, (struct str){ 0 }, c->argv.v[0], args);
		}
		command_act(rd, st, c, prog, 0, &act);
		return script_file(rd, st, c, text, args);
	case SHELL_STDIN_PIPE:
		command_show(rd, st, c, prog->base);
		reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
		    str_printf(rd->a, "what is piped into " STR_FMT " is not known before it runs",
		        STR_ARG(prog->base)));
		return 0;
	case SHELL_STDIN_INHERIT:
		break;
	}
	return command_act(rd, st, c, prog, 0, &act);
}

static int
run_stdin(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, struct words args)
{
	struct word text;
	enum shell_stdin kind = reading_stdin(rd, c, &text);

	return run_input(rd, st, c, prog, kind, text, args);
}

/* ---- what a shell does before it reads its text ---- */

/* BASH_FUNC_x%%='() { …; }' is a function of the new shell. */
static int
given_function(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct str name, struct word value)
{
	size_t end = str_find(name, STR("%%"));
	struct str text;

	shell_taint(rd->shell, st,
	    str_sub(name, strlen("BASH_FUNC_"), end == STR_NPOS ? name.n : end),
	    STR("the environment makes a function of it"));
	if (!word_known(rd->a, value, &text)) {
		reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
		    STR("what a function in the environment runs is not known"));
		return 0;
	}
	if (!str_starts(text, STR("() ")))
		return 0;
	return reading_run_shell(rd, st, word_text(rd->a, str_sub(text, 3, STR_NPOS)), c, 0, name,
	    value, (struct words){ NULL, 0 });
}

static int
startup_file(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct str name, struct word file)
{
	struct word text;

	if (shell_process_text(rd->shell, file, &text))
		return reading_run_shell(rd, st, text, c, 0, name, file, (struct words){ NULL, 0 });
	return script_file(rd, st, c, file, (struct words){ NULL, 0 });
}

/* What a shell runs for its prompts: a command, or those in a prompt's $(…). */
static int
prompt(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct program *prog,
    const struct assign *v)
{
	struct word text = v->value;
	struct str known;

	if (!word_known(rd->a, text, &known) || known.n == 0)
		return 0;
	if (!str_is(v->name, "PROMPT_COMMAND"))
		text = word_text(rd->a, str_printf(rd->a, ": \"" STR_FMT "\"", STR_ARG(known)));
	if (str_find(known, STR("$(")) == STR_NPOS && str_chr(known, '`') == STR_NPOS &&
	    !str_is(v->name, "PROMPT_COMMAND"))
		return 0;
	command_show(rd, st, c, prog->base);
	return reading_run_shell(rd, st, text, c, ACTION_INNER, v->name, c->argv.v[0], (struct words){ NULL, 0 });
}

/* A variable that was set on the line and that a shell obeys. */
static int
startup_variable(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, const struct assign *v)
{
	static const char *const names[] = { "BASH_ENV", "ENV", "ZDOTDIR", "SHELLOPTS",
		"BASHOPTS" };
	bool obeyed = str_starts(v->name, STR("LD_")) || str_starts(v->name, STR("DYLD_"));

	if (str_starts(v->name, STR("BASH_FUNC_")))
		return given_function(rd, st, c, v->name, v->value);
	if (str_is(v->name, "PROMPT_COMMAND") || str_is(v->name, "PS0") || str_is(v->name, "PS1") ||
	    str_is(v->name, "PS2") || str_is(v->name, "PS4"))
		return prompt(rd, st, c, prog, v);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		obeyed |= str_is(v->name, names[i]);
	if (!obeyed)
		return 0;
	command_show(rd, st, c, prog->base);
	reading_unknown_at(rd, st, c, UNKNOWN_OPAQUE, c->typed,
	    str_printf(rd->a, STR_FMT " makes " STR_FMT " run something else first",
	        STR_ARG(v->name), STR_ARG(prog->base)));
	if (str_is(v->name, "BASH_ENV") || str_is(v->name, "ENV"))
		return startup_file(rd, st, c, v->name, v->value);
	return 0;
}

static int
startup(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog)
{
	const struct assign *line;
	size_t n = shell_line_assigns(rd->shell, st, &line);
	int err = 0;

	for (size_t i = 0; i < n && err >= 0; i++)
		err = startup_variable(rd, st, c, prog, &line[i]);
	for (size_t i = 0; i < c->nassigns && err >= 0; i++)
		err = startup_variable(rd, st, c, prog, &c->assigns[i]);
	return err;
}

static int
run_file(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, size_t at)
{
	struct word file = c->argv.v[at];
	enum shell_stdin kind;
	struct action *act;
	struct word text;
	int err;

	if (shell_fd_named(c, file, &kind, &text)) {
		if (kind == SHELL_STDIN_INHERIT)
			kind = reading_stdin(rd, c, &text);
		return run_input(rd, st, c, prog, kind, text, words_from(c->argv, at + 1));
	}
	if (is_process(file)) {
		if (shell_process_text(rd->shell, file, &text)) {
			command_show(rd, st, c, prog->base);
			return reading_run_shell(rd, st, text, c, 0, (struct str){ 0 }, file,
			    words_from(c->argv, at + 1));
		}
		command_show(rd, st, c, prog->base);
		reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
		    str_printf(rd->a, "what " STR_FMT " prints is not known before it runs",
		        STR_ARG(file.typed)));
		return 0;
	}
	if ((err = command_act(rd, st, c, prog, 0, &act)) < 0)
		return err;
	return script_file(rd, st, c, file, words_from(c->argv, at + 1));
}

int
interp_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog)
{
	struct call call;
	int err;

	if (!is_shell(prog->base))
		return 0;
	if ((err = startup(rd, st, c, prog)) < 0)
		return err;
	read_call(c, &call);
	if (call.at > c->argv.n) /* an option without its value is the last word */
		call.at = c->argv.n;
	rd->shell_options = (struct words){ c->argv.v + 1, call.at > 1 ? call.at - 1 : 0 };
	for (size_t i = 0; i < call.nfiles; i++)
		if ((err = startup_file(rd, st, c, STR("the startup file"), call.file[i])) < 0)
			return err;
	if (call.unsure) {
		command_show(rd, st, c, prog->base);
		reading_unknown_at(rd, st, c,
		    word_many(operand(c, call.at)) && !call.noexec ? UNKNOWN_DYNAMIC
		                                                   : UNKNOWN_OPAQUE,
		    c->typed,
		    str_printf(rd->a, "what " STR_FMT " is told to run is not known",
		        STR_ARG(prog->base)));
	} else if (call.noexec) {
		struct action *act;

		err = command_act(rd, st, c, prog, 0, &act);
	} else if (call.text && call.at < c->argv.n) {
		command_show(rd, st, c, prog->base);
		err = reading_run_shell(rd, st, c->argv.v[call.at], c, 0, (struct str){ 0 },
		    operand(c, call.at + 1), words_from(c->argv, call.at + 2));
	} else if (call.stdin_text || call.at >= c->argv.n) {
		err = run_stdin(rd, st, c, prog, words_from(c->argv, call.at));
	} else {
		err = run_file(rd, st, c, prog, call.at);
	}
	rd->shell_options = (struct words){ NULL, 0 };
	return err < 0 ? err : 1;
}
