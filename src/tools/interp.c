/* SPDX-License-Identifier: ISC */
/*
 * interp.c: shells as programs: `bash -lc TEXT`, `sh script`, `… | sh`,
 * `bash <(…)`, a here-document. The text is read as the shell would; a script
 * is looked into (script.c). Code for other interpreters is code.c.
 */
#include "tools/startup.h"

#include <string.h>

bool
interp_is_shell(struct str name)
{
	static const char *const names[] = { "bash", "sh", "zsh", "dash", "ksh", "mksh", "ash",
		"rbash", "fish" };

	static struct names by_name = NAMES(names);

	return names_find(&by_name, name) != STR_NPOS;
}

struct call { /* how a shell is called */
	bool text, stdin_text, unsure;
	struct startup startup;
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
			call->unsure |= str_starts(head, STR("--init-command"));
			call->startup.login |= word_is(c->argv.v[i], "--login");
			call->startup.none |= word_is(c->argv.v[i], "--norc") || word_is(c->argv.v[i], "--no-rcs");
			call->startup.no_profile |= word_is(c->argv.v[i], "--noprofile");
			if (long_value(c->argv.v[i]) && i + 1 < c->argv.n && call->nfiles < 2)
				call->file[call->nfiles++] = c->argv.v[++i];
			continue;
		}
		call->unsure |= head.p[1] == 'C' && word_is(c->argv.v[0], "fish");
		for (size_t j = 1; j < head.n; j++) {
			if (head.p[j] == 'c' && head.p[0] == '-')
				call->text = true;
			else if (head.p[j] == 's')
				call->stdin_text = true;
			else if (head.p[j] == 'f')
				call->startup.letter_f = true;
			else if (head.p[j] == 'i' || head.p[j] == 'l')
				*(head.p[j] == 'i' ? &call->startup.interactive : &call->startup.login) = true;
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
bool
interp_process(struct word w)
{
	struct str s = w.n == 1 && w.v[0].kind != PIECE_TEXT ? w.v[0].text : w.typed;

	return s.n > 1 && (s.p[0] == '<' || s.p[0] == '=') && s.p[1] == '(';
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
		if (interp_process(text) && shell_process_text(rd->shell, text, &printed)) {
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
	if (interp_process(file)) {
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
	struct call call = { 0 };
	int err;

	if (!interp_is_shell(prog->base))
		return 0;
	buf_init(&call.startup.text, rd->a);
	read_call(c, &call);
	if ((err = startup_read(rd, st, c, prog, &call.startup)) < 0)
		return err;
	if (call.at > c->argv.n) /* an option without its value is the last word */
		call.at = c->argv.n;
	for (size_t i = 0; i < call.nfiles; i++)
		if ((err = startup_file(rd, st, c, call.file[i], &call.startup)) < 0)
			return err;
	rd->shell_options = (struct words){ c->argv.v + 1, call.at > 1 ? call.at - 1 : 0 };
	rd->prelude = buf_str(&call.startup.text);
	if (rd->prelude.n > 0 && call.startup.interactive && str_is(prog->base, "bash"))
		rd->prelude = str_cat(rd->a, STR("shopt -s expand_aliases\n"), rd->prelude);
	rd->prelude_read = call.noexec || rd->prelude.n == 0;
	if (call.unsure) {
		command_show(rd, st, c, prog->base);
		reading_unknown_at(rd, st, c,
		    !call.noexec && (word_many(operand(c, call.at)) || /* the file that the line wrote may be it */
			(overlay_wrote(rd, STR("")) && script_suspect(rd, WROTE_PART))) ? UNKNOWN_DYNAMIC
											: UNKNOWN_OPAQUE,
		    c->typed,
		    str_printf(rd->a, "what " STR_FMT " is told to run is not known",
		        STR_ARG(prog->base)));
		err = call.noexec ? 0 : mention_line(rd, st, c);
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
	if (err >= 0 && !rd->prelude_read) /* nothing that it reads is known */
		err = reading_run_shell(rd, st, word_text(rd->a, STR("")), c, 0, (struct str){ 0 }, c->argv.v[0],
		    (struct words){ NULL, 0 });
	rd->shell_options = (struct words){ NULL, 0 };
	rd->prelude = (struct str){ 0 };
	return err < 0 ? err : 1;
}
