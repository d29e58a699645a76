/* SPDX-License-Identifier: ISC */
/*
 * script.c: shell scripts that a line runs or sources are looked into: read
 * as the line has left them, and what they would run is judged as looked-into
 * code. A file that cannot be read is opaque. Runners that find their text in
 * another format are runner.c and makefile.c.
 */
#include "tools/host.h"

#include "bridle/limits.h"

/* The texts that a file may hold, in one known place. */
static int
texts_of(struct reading *rd, struct shell_state *st, struct word file, struct overlay_state *out,
    struct str *path)
{
	*out = (struct overlay_state){ 0 };
	if (shell_cwd(st).n != 1 || !word_known(rd->a, reading_path(rd, st, file, 0), path) ||
	    path->n == 0 || path->p[0] != '/')
		return BRIDLE_EUNKNOWN;
	return overlay_read(rd, *path, out);
}

int
script_texts(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word file,
    struct overlay_state *out, struct str *path)
{
	enum shell_stdin kind = SHELL_STDIN_INHERIT;
	struct word text = file;
	struct str known;

	*path = (struct str){ 0 };
	*out = (struct overlay_state){ 0 };
	if (shell_fd_named(c, file, &kind, &text) && kind == SHELL_STDIN_INHERIT)
		kind = reading_stdin(rd, c, &text);
	if (kind == SHELL_STDIN_PIPE)
		return BRIDLE_EUNKNOWN;
	if (kind != SHELL_STDIN_TEXT && !shell_process_text(rd->shell, text, &text))
		return texts_of(rd, st, text, out, path);
	if (!word_known(rd->a, text, &known))
		return BRIDLE_EUNKNOWN;
	*vec_push(rd->a, &out->texts) = known;
	return 0;
}

static bool
outside(struct reading *rd, struct str path)
{
	return !path_under(overlay_real(rd, path), overlay_real(rd, rd->request->project));
}

/* The action that a command became last: that of the runner itself. */
static void
mark_outside(struct reading *rd)
{
	if (rd->out->list.n > 0)
		rd->out->list.v[rd->out->list.n - 1]->flags |= ACTION_OUTSIDE;
}

void
script_written(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str name,
    const char *run)
{
	reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
	    str_printf(rd->a, STR_FMT " is written on this line and what it then holds is not known: run %s in a "
			      "call of its own", STR_ARG(name), run));
}

/* by: how the line has written it (WROTE_…). What it wrote whole and a shell
 * then runs is as little known as what is piped into one. */
static void
not_read(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word file,
    unsigned by)
{
	struct str name = str_cat(rd->a, STR("the script "), word_show(rd->a, file));

	if ((by & WROTE_WHOLE) != 0 || script_suspect(rd, by))
		script_written(rd, st, c, name, "it");
	else
		reading_unknown_at(rd, st, c, UNKNOWN_OPAQUE, c->typed,
		    str_cat(rd->a, name, STR(" could not be read")));
}

bool
script_suspect(struct reading *rd, unsigned by)
{
	return by != 0 && reading_names_guarded(rd, rd->request->text);
}

int
script_file(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word file, struct words args)
{
	struct overlay_state s;
	struct str path;
	int err = texts_of(rd, st, file, &s, &path);

	if (err < 0) {
		mark_outside(rd);
		not_read(rd, st, c, file, 0);
		return 0;
	}
	if (outside(rd, path))
		mark_outside(rd);
	if (s.unknown)
		not_read(rd, st, c, file, s.by);
	for (size_t i = 0; i < s.texts.n; i++) {
		err = reading_run_shell(rd, st, word_text(rd->a, s.texts.v[i]), c, ACTION_LOOKED,
		    path_base(path), file, args);
		if (err < 0)
			return err;
	}
	return 0;
}

/* Nothing but the shell itself has run on this line: no file can have come.
 * The last command is the `source` that asks. */
static bool
nothing_ran(const struct reading *rd)
{
	bool last = true;

	for (size_t i = rd->out->list.n; i > 0; i--) {
		const struct action *act = rd->out->list.v[i - 1];

		if (act->kind == ACTION_READ || (act->flags & (ACTION_BUILTIN | ACTION_HARMLESS)) != 0)
			continue;
		if (!last || act->kind != ACTION_COMMAND)
			return false;
		last = false;
	}
	return true;
}

int
script_sourced(struct reading *rd, struct shell_state *st, struct word file, struct str *text,
    struct str *shown)
{
	struct overlay_state s;
	struct str path;
	int err = texts_of(rd, st, file, &s, &path);

	if (err >= 0 && s.unknown && s.by != 0) {
		struct shell_command c = { .typed = file.typed };

		not_read(rd, st, &c, file, s.by);
	}
	if (err < 0 || s.unknown)
		return BRIDLE_EUNKNOWN;
	if (s.texts.n == 0)
		return nothing_ran(rd) ? BRIDLE_ENOENT : BRIDLE_EUNKNOWN;
	/* Of several possible texts the shell runs one; the others are judged here. */
	for (size_t i = 1; i < s.texts.n; i++) {
		struct inner saved = reading_enter(rd, ACTION_LOOKED, path_base(path));

		err = shell_run(rd->shell, shell_state_copy(rd->shell, st, false), s.texts.v[i],
		    SHELL_LOOKED | SHELL_MAYBE);
		reading_leave(rd, saved);
		if (err < 0)
			return err;
	}
	*text = s.texts.v[0];
	*shown = path_base(path);
	return 0;
}
