/* SPDX-License-Identifier: ISC */
/*
 * runner.c: programs that run what a file of the project says: scripts named
 * by a path, and (make_run.c) Makefile and justfile recipes, (package.c)
 * package.json's scripts. The text is run as looked-into code; where the file lies outside
 * the project, or cannot be read, the runner's own action says so.
 */
#include "tools/code.h"
#include "tools/runner.h"
#include "tools/startup.h"

#include "bridle/limits.h"

#include <string.h>

struct place
runner_place(struct reading *rd, struct shell_state *st, const struct word *dir)
{
	struct place p = { 0 };

	p.dir = dir != NULL ? reading_path(rd, st, *dir, 0) : shell_cwd(st).v[0];
	p.known = shell_cwd(st).n == 1 && word_known(rd->a, p.dir, &p.path) && p.path.n > 0 &&
	    p.path.p[0] == '/';
	return p;
}

void
runner_opaque(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str why)
{
	reading_unknown_at(rd, st, c, UNKNOWN_OPAQUE, c->typed, why);
}

/* Marks the runner's action where what it reads is not the project's. */
void
runner_mark(struct reading *rd, struct action *act, struct str file)
{
	if (act != NULL && !str_eq(file, rd->request->project) &&
	    !path_under(overlay_real(rd, file), overlay_real(rd, rd->request->project)))
		act->flags |= ACTION_OUTSIDE;
}

static struct shell_state *
state_in(struct reading *rd, struct shell_state *st, struct str dir)
{
	struct shell_state *inside = reading_inside(rd, st);

	shell_set_cwd(rd->shell, inside, word_text(rd->a, dir));
	shell_set_var(rd->shell, inside, STR("__value"), word_words(rd->a, STR("$(…)")), false);
	return inside;
}

/* Text of a file of that folder, run by sh there. */
int
runner_run_in(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str dir,
    struct word text, struct str chain)
{
	struct shell_state *inside = state_in(rd, st, dir);
	int err = reading_run_shell(rd, inside, text, c, ACTION_LOOKED, chain,
	    word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });

	reading_back(rd, st, inside);
	return err;
}

/* ---- ./x.sh --------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	bool shell;
} shebangs[] = {
	{ "sh", true }, { "bash", true }, { "dash", true }, { "zsh", true }, { "ksh", true }, { "ash", true },
	{ "perl", false }, { "ruby", false }, { "php", false }, { "node", false }, { "python", false },
	{ "python3", false }, { "bun", false }, { "deno", false }, { "tsx", false },
	{ "tclsh", false }, { "expect", false }, { "awk", false }, { "gawk", false }, { "mawk", false }, { "lua", false },
};

/* The program of a #! line; empty: none. */
static struct str
shebang(struct reading *rd, struct str text)
{
	struct words w;
	struct str line, name;
	size_t i = 0;

	if (!str_starts(text, STR("#!")))
		return (struct str){ 0 };
	line = str_sub(text, 2, str_chr(text, '\n') == STR_NPOS ? text.n : str_chr(text, '\n') - 2);
	w = words_split(rd->a, line);
	if (w.n == 0)
		return (struct str){ 0 };
	name = path_base(word_prefix(w.v[0]));
	if (str_is(name, "env"))
		for (i = 1; i < w.n; i++) {
			name = path_base(word_prefix(w.v[i]));
			if (!str_starts(name, STR("-")) && str_chr(name, '=') == STR_NPOS)
				break;
		}
	return name;
}

/* #!/usr/bin/env -S fly deploy, #!/usr/bin/make -f: a command of its own, which
 * is given the file. */
static int
shebang_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str path,
    struct str text, bool known)
{
	size_t at;
	struct str line = str_trim(str_sub(text, 2, str_chr(text, '\n') == STR_NPOS ? text.n : str_chr(text, '\n') - 2));

	if (!str_starts(text, STR("#!")) ||
	    (known && str_find(line, STR(" -S")) == STR_NPOS && str_find(line, STR(" -c")) == STR_NPOS))
		return 0;
	at = str_find(line, STR(" -S")); /* quotes mean to env what they mean to a shell */
	if (at != STR_NPOS)
		line = str_trim(str_sub(line, at + 3, line.n));
	line = str_printf(rd->a, STR_FMT " " STR_FMT " \"$@\"", STR_ARG(line), STR_ARG(shell_quote(rd->a, path)));
	return reading_run_shell(rd, st, word_text(rd->a, line), c, ACTION_LOOKED, path_base(path),
	    word_text(rd->a, STR("sh")), words_from(c->argv, 1));
}

/* What the script's shell reads first: BASH_ENV, ~/.zshenv. */
static int
startup(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	struct program prog = { .base = rd->shell_name };
	struct startup first = { 0 };
	struct str name = rd->shell_name;
	struct word source = rd->shell_source;
	int err;

	buf_init(&first.text, rd->a);
	err = startup_read(rd, st, c, &prog, &first);
	rd->shell_name = name;
	rd->shell_source = source;
	rd->prelude = buf_str(&first.text);
	return err;
}

static int
file_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str path)
{
	struct overlay_state s = { 0 };
	unsigned flags = script_flags(rd, path);
	int err = 0;

	overlay_read(rd, path, &s);
	if (s.unknown && script_suspect(rd, s.by))
		script_written(rd, st, c, path_base(path), "it");
	else if (s.unknown && s.texts.n == 0) {
		runner_opaque(rd, st, c, str_printf(rd->a, STR_FMT " could not be read", STR_ARG(path)));
		return 0;
	}
	for (size_t i = 0; i < s.texts.n && err >= 0; i++) {
		struct str name = shebang(rd, s.texts.v[i]);
		bool text = name.n == 0 && str_chr(str_sub(s.texts.v[i], 0, 80), '\0') == STR_NPOS;
		size_t k = 0;

		while (k < sizeof shebangs / sizeof *shebangs && !str_is(name, shebangs[k].name))
			k++;
		err = shebang_run(rd, st, c, path, s.texts.v[i], k < sizeof shebangs / sizeof *shebangs);
		if (err < 0)
			return err;
		if (k < sizeof shebangs / sizeof *shebangs && !shebangs[k].shell) {
			err = interpreter_text(rd, st, c, name, path, s.texts.v[i]);
		} else if (text || k < sizeof shebangs / sizeof *shebangs) {
			rd->shell_name = name.n > 0 ? name : STR("sh");
			rd->shell_source = c->argv.v[0];
			if ((err = startup(rd, st, c)) < 0)
				return err;
			err = reading_run_shell(rd, st, word_text(rd->a, s.texts.v[i]), c, flags,
			    path_base(path), c->argv.v[0], words_from(c->argv, 1));
		}
	}
	return err;
}

static int
path_run(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	struct str path;

	if (shell_cwd(st).n == 1 && word_known(rd->a, reading_path(rd, st, c->argv.v[0], 0), &path) &&
	    path.n > 0 && path.p[0] == '/')
		return file_run(rd, st, c, path);
	runner_opaque(rd, st, c, str_printf(rd->a, "which file " STR_FMT " is, is not known",
	    STR_ARG(word_show(rd->a, c->argv.v[0]))));
	return 0;
}

/* What another package has brought into node_modules. */
static bool
installed(struct str path)
{
	size_t at = str_find(path, STR("/node_modules/"));

	return at != STR_NPOS && !str_starts(str_sub(path, at + 14, path.n), STR(".bin/"));
}

/* A bare name that PATH finds in the project: a script of its own. */
static int
found_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str name)
{
	struct str dirs, dir, path, project = rd->request->project;
	size_t from = 0;
	bool ours = false;

	if (!samefile_dirs(rd, st, &dirs))
		return 0;
	while (samefile_next_dir(dirs, &from, &dir))
		ours |= dir.n == 0 || dir.p[0] != '/' || path_under(dir, project);
	path = ours ? samefile_path(rd, st, name) : STR("");
	if (path.n == 0 || !path_under(path, project))
		return 0;
	return overlay_wrote(rd, path) || !installed(overlay_real(rd, path)) ? file_run(rd, st, c, path) : 0;
}

/* What the line has written and PATH now finds: a script s, or git-s of `git s`. */
static int
written_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct program *prog)
{
	struct str name = prog->base, sub, path;

	if (prog->by_path || (rd->flags & ACTION_GUESS) != 0 || !overlay_wrote(rd, STR("")))
		return 0;
	if (str_is(name, "git") && c->argv.n > 1 && word_known(rd->a, c->argv.v[1], &sub))
		name = str_printf(rd->a, "git-" STR_FMT, STR_ARG(sub));
	path = samefile_written_in_path(rd, st, name);
	return path.n > 0 ? file_run(rd, st, c, path) : 0;
}

static int
run_here(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, struct action *act)
{
	int done = written_run(rd, st, c, prog);

	if (done < 0)
		return done;
	done = package_run(rd, st, c, prog, act);
	if (done != 0)
		return done < 0 ? done : 0;
	if (str_is(prog->base, "make") || str_is(prog->base, "gmake"))
		return make_run(rd, st, c, false, act);
	if (str_is(prog->base, "just"))
		return make_run(rd, st, c, true, act);
	if ((act != NULL && act->model != NULL) || (rd->flags & ACTION_GUESS) != 0)
		return 0;
	return prog->by_path ? path_run(rd, st, c) : found_run(rd, st, c, prog->base);
}

int
runner_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, struct action *act)
{
	struct words dirs = shell_cwd(st);
	int err = 0;

	if (dirs.n < 2)
		return run_here(rd, st, c, prog, act);
	/* `cd x; make`: it may be in either folder. */
	for (size_t i = 0; i < dirs.n && err >= 0; i++) {
		struct shell_state *here = shell_state_copy(rd->shell, st, false);

		shell_set_cwd(rd->shell, here, dirs.v[i]);
		overlay_enter(rd, here);
		err = run_here(rd, here, c, prog, act);
		reading_back(rd, st, here);
	}
	return err;
}
