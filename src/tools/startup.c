/* SPDX-License-Identifier: ISC */
/*
 * startup.c: what a shell does before it reads its text: variables that it obeys
 * (BASH_ENV, PROMPT_COMMAND, functions in the environment) and its startup files,
 * ~/.bashrc and its like, where the line has written them. Their text is put in
 * front of the shell's own: what they export and alias holds there. See interp.c.
 */
#include "tools/startup.h"

#include <string.h>

/* What the line has written of the file, to be read first; what was there before is
 * the person's. False: it has not written it. */
static bool
written(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str path,
    struct startup *s)
{
	struct overlay *now = rd->overlay;
	struct overlay_state is;
	struct str was = { 0 };

	if (!overlay_wrote(rd, path) || overlay_read(rd, path, &is) < 0)
		return false;
	rd->overlay = rd->first;
	if (overlay_text(rd, path, &was) != 0)
		was = STR("");
	rd->overlay = now;
	if (is.unknown && script_suspect(rd, is.by))
		script_written(rd, st, c, path_base(path), "it");
	for (size_t i = 0; i < is.texts.n; i++) {
		struct str text = is.texts.v[i];

		buf_add(&s->text, str_starts(text, was) ? str_sub(text, was.n, text.n) : text);
		buf_putc(&s->text, '\n');
	}
	return true;
}

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

int
startup_file(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word file,
    struct startup *s)
{
	struct word text;
	struct str known;

	if (shell_process_text(rd->shell, file, &text) && word_known(rd->a, text, &known)) {
		buf_add(&s->text, known);
		buf_putc(&s->text, '\n');
		return 0;
	}
	if (interp_process(file))
		reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
		    str_printf(rd->a, "what " STR_FMT " prints is not known before it runs", STR_ARG(word_show(rd->a, file))));
	if (shell_cwd(st).n == 1 && word_known(rd->a, reading_path(rd, st, file, 0), &known) &&
	    written(rd, st, c, known, s))
		return 0;
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
    const struct program *prog, const struct assign *v, struct startup *s)
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
		return startup_file(rd, st, c, v->value, s);
	return 0;
}

/* ---- files that it finds by itself ---- */

static const struct {
	const char *shells;
	char when;           /* l: a login shell, i: an interactive one; else always */
	const char *files[4];
} usual[] = {
	{ "bash rbash", 'l', { ".bash_profile", ".bash_login", ".profile", ".bashrc" } }, /* the last one as most profiles do */
	{ "bash rbash", 'i', { ".bashrc" } },
	{ "sh dash ash ksh mksh", 'l', { ".profile" } },
	{ "ksh mksh", 'i', { ".kshrc", ".mkshrc" } },
	{ "zsh", 'a', { ".zshenv" } },
	{ "zsh", 'l', { ".zprofile" } },
	{ "zsh", 'i', { ".zshrc" } },
	{ "zsh", 'l', { ".zlogin" } },
	{ "fish", 'a', { ".config/fish/config.fish" } },
};

/* The folder that holds them; empty: not known. */
static struct str
folder(struct reading *rd, struct shell_state *st, struct str shell, bool *own)
{
	struct words values;
	struct str dir = { 0 }, path;
	struct word at;

	*own = false;
	if (str_is(shell, "zsh") && shell_env(rd->shell, st, STR("ZDOTDIR"), &values) == 0 && values.n == 1 &&
	    word_known(rd->a, values.v[0], &dir) && dir.n > 0)
		*own = true;
	else if (shell_env(rd->shell, st, STR("HOME"), &values) != 0 || values.n != 1 ||
	    !word_known(rd->a, values.v[0], &dir) || dir.n == 0)
		return rd->request->home;
	at = reading_path(rd, st, word_text(rd->a, dir), 0);
	return word_known(rd->a, at, &path) ? path : STR("");
}

/* A person's own files are as they like them: only what the line wrote is read, and
 * of a folder that ZDOTDIR names what lies in the project. */
static int
usual_files(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str shell,
    struct startup *s)
{
	bool own;
	struct str dir = folder(rd, st, shell, &own);
	int err = 0;

	for (size_t i = 0; i < sizeof usual / sizeof *usual && dir.n > 0; i++) {
		if (!names_hold(usual[i].shells, shell) || (usual[i].when == 'l' && (!s->login || s->no_profile)) ||
		    (usual[i].when == 'i' && (!s->interactive || (s->login && str_is(shell, "bash")))))
			continue;
		for (size_t k = 0; k < 4 && usual[i].files[k] != NULL && err >= 0; k++) {
			struct str path = path_join(rd->a, dir, str_of(usual[i].files[k]));

			if (!written(rd, st, c, path, s) && own && path_under(path, rd->request->project))
				err = script_file(rd, st, c, word_text(rd->a, path), (struct words){ NULL, 0 });
		}
	}
	return err;
}

int
startup_read(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct program *prog,
    struct startup *s)
{
	const struct assign *line;
	size_t n = shell_line_assigns(rd->shell, st, &line);
	int err = 0;

	for (size_t i = 0; i < n && err >= 0; i++)
		err = startup_variable(rd, st, c, prog, &line[i], s);
	for (size_t i = 0; i < c->nassigns && err >= 0; i++)
		err = startup_variable(rd, st, c, prog, &c->assigns[i], s);
	if (err >= 0 && !s->none && !(s->letter_f && str_is(prog->base, "zsh")))
		err = usual_files(rd, st, c, prog->base, s);
	return err;
}
