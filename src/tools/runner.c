/* SPDX-License-Identifier: ISC */
/*
 * runner.c: programs that run what a file of the project says: Makefile and
 * justfile recipes, scripts named by a path, and (package.c) package.json's
 * scripts. The text is run as looked-into code; where the file lies outside
 * the project, or cannot be read, the runner's own action says so.
 */
#include "tools/code.h"
#include "tools/runner.h"

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

/* ---- Makefile and justfile --------------------------------------------------------------- */

struct make_files {
	struct word file, dir;
	bool has_file, has_dir, dry;
	struct str eval; /* lines given on the command line, read before the file */
	size_t command;  /* just --command: where on the line it begins; 0: none */
};

static void
add_eval(struct reading *rd, struct make_files *f, struct word w)
{
	struct str text;

	if (word_known(rd->a, w, &text))
		f->eval = str_printf(rd->a, STR_FMT STR_FMT "\n", STR_ARG(f->eval), STR_ARG(text));
}

/* --file=F, --directory D, --eval=TEXT: true if the next word is its value. */
static bool
make_long(struct reading *rd, struct word w, struct word next, struct make_files *f)
{
	static const struct {
		const char *name;
		char what;
	} names[] = { { "--file", 'f' }, { "--makefile", 'f' }, { "--justfile", 'f' }, { "--directory", 'd' },
		{ "--working-directory", 'd' }, { "--eval", 'e' } };
	struct str head = word_prefix(w);
	size_t eq = str_chr(head, '='), n = eq == STR_NPOS ? head.n : eq;
	struct word value = eq == STR_NPOS ? next
	    : word_cat(rd->a, word_text(rd->a, str_sub(head, eq + 1, head.n)),
		  (struct word){ w.v + 1, w.n - 1, { 0 } });

	f->dry |= word_is(w, "--dry-run") || word_is(w, "--just-print") || word_is(w, "--recon");
	for (size_t i = 0; i < sizeof names / sizeof *names && n > 3; i++) {
		if (!str_starts(str_of(names[i].name), str_sub(head, 0, n)))
			continue;
		if (names[i].what == 'e')
			add_eval(rd, f, value);
		else if (names[i].what == 'd')
			f->dir = value, f->has_dir = true;
		else
			f->file = value, f->has_file = true;
		return eq == STR_NPOS;
	}
	return false;
}

static void
make_words(struct reading *rd, struct words argv, bool just, struct make_files *f, struct make_call *call)
{
	const char *values = just ? "fdE" : "fCIoWjlE";
	VEC(struct word) targets = { 0 }, assigns = { 0 };

	for (size_t i = 0; i < call->assigns.n; i++)
		*vec_push(rd->a, &assigns) = call->assigns.v[i];

	for (size_t i = 0; i < argv.n; i++) {
		struct word w = argv.v[i];
		struct str head = word_prefix(w);

		if (just && targets.n == 0 && (word_is(w, "-c") || word_is(w, "--command"))) {
			f->command = i + 2; /* of the line, with its program */
			break;
		}
		if (head.n > 1 && head.p[0] == '-' && head.p[1] != '-') {
			const char *v = strchr(values, head.p[1]);
			bool own = head.n == 2 && w.n == 1, j = head.p[1] == 'j' || head.p[1] == 'l';
			struct word value = own && i + 1 < argv.n ? argv.v[i + 1]
			    : word_text(rd->a, str_sub(head, 2, head.n));

			if (head.p[1] == 'f') {
				f->file = value;
				f->has_file = true;
			} else if (head.p[1] == (just ? 'd' : 'C')) {
				f->dir = value;
				f->has_dir = true;
			} else if (head.p[1] == 'E' && !just)
				add_eval(rd, f, value);
			f->dry |= str_chr(head, 'n') != STR_NPOS && v == NULL;
			if (v != NULL && own && !(j && (i + 1 >= argv.n || word_prefix(value).n == 0 ||
							   word_prefix(value).p[0] < '0' ||
							   word_prefix(value).p[0] > '9')))
				i++;
		} else if (head.n > 1 && head.p[0] == '-') {
			struct word next = i + 1 < argv.n ? argv.v[i + 1] : word_text(rd->a, STR(""));

			if (make_long(rd, w, next, f))
				i++;
		} else if (str_chr(head, '=') != STR_NPOS) {
			*vec_push(rd->a, &assigns) = w;
		} else {
			*vec_push(rd->a, &targets) = w;
		}
	}
	call->targets = (struct words){ targets.v, targets.n };
	call->assigns = (struct words){ assigns.v, assigns.n };
}

/* MAKEFLAGS: options and NAME=VALUE words as on the line, a blank in one behind
 * a backslash. False: not known. */
static bool
make_flags(struct reading *rd, struct shell_state *st, struct words *out)
{
	VEC(struct word) v = { 0 };
	struct words values;
	struct str text;
	struct buf b;

	*out = (struct words){ NULL, 0 };
	if (shell_env(rd->shell, st, STR("MAKEFLAGS"), &values) != 0 || values.n == 0)
		return true;
	if (values.n != 1 || !word_known(rd->a, values.v[0], &text))
		return false;
	buf_init(&b, rd->a);
	for (size_t i = 0; i <= text.n; i++) {
		if (i < text.n && text.p[i] == '\\' && i + 1 < text.n) {
			buf_putc(&b, text.p[++i]);
		} else if (i < text.n && text.p[i] != ' ') {
			buf_putc(&b, text.p[i]);
		} else if (b.n > 0) {
			*vec_push(rd->a, &v) = word_text(rd->a, buf_str(&b));
			buf_init(&b, rd->a);
		}
	}
	*out = (struct words){ v.v, v.n };
	return true;
}

/* The first of the usual names that is there. */
static int
make_text(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct make_files *f,
    bool just, struct str *file, struct str *text)
{
	static const char *const names[2][3] = { { "GNUmakefile", "makefile", "Makefile" },
		{ "justfile", "Justfile", ".justfile" } };
	struct place p = runner_place(rd, st, f->has_dir ? &f->dir : NULL);
	struct overlay_state s;
	struct str path;

	if (!p.known)
		return BRIDLE_EUNKNOWN;
	if (f->has_file) {
		struct str name;

		if (script_texts(rd, st, c, f->file, &s, &path) == 0 && path.n == 0 && s.texts.n == 1) {
			*file = path_join(rd->a, p.path, STR("standard input"));
			*text = s.texts.v[0]; /* <(…) */
			return 0;
		}
		if (!word_known(rd->a, f->file, &name))
			return BRIDLE_EUNKNOWN;
		*file = path_clean(rd->a, path_join(rd->a, p.path, name));
		return overlay_text(rd, *file, text);
	}
	for (size_t i = 0; i < 3; i++) {
		int err;

		*file = path_join(rd->a, p.path, str_of(names[just][i]));
		err = overlay_text(rd, *file, text);
		if (err != BRIDLE_ENOENT)
			return err;
	}
	return BRIDLE_ENOENT;
}

static int
run_recipes(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct make_call *call, struct str file, struct str text)
{
	recipes_vec recipes = { 0 };
	int err;

	if (!makefile_recipes(rd->a, text, call, &recipes))
		runner_opaque(rd, st, c, str_printf(rd->a, "what " STR_FMT " runs is not all known",
		    STR_ARG(word_show(rd->a, c->argv.v[0]))));
	for (size_t i = 0; i < recipes.n; i++) {
		struct str chain = str_printf(rd->a, STR_FMT " target " STR_FMT,
		    STR_ARG(path_base(file)), STR_ARG(recipes.v[i].target));

		if (str_find(rd->chain, chain) != STR_NPOS)
			continue;
		err = runner_run_in(rd, st, c, path_dir(file), word_text(rd->a, recipes.v[i].line), chain);
		if (err < 0)
			return err;
	}
	return 0;
}

static int
make_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, bool just,
    struct action *act)
{
	struct make_call call = { .just = just };
	struct make_files f = { 0 };
	struct overlay_state s = { 0 };
	struct str file = { 0 }, text;
	struct words flags = { NULL, 0 };
	struct word in;
	int err;

	if (!just && !make_flags(rd, st, &flags))
		runner_opaque(rd, st, c, STR("MAKEFLAGS are not known"));
	make_words(rd, flags, just, &f, &call);
	make_words(rd, words_from(c->argv, 1), just, &f, &call);
	if (f.command > 0 && f.command < c->argv.n)
		return reading_run_argv(rd, reading_inside(rd, st), words_from(c->argv, f.command), c, ACTION_INNER,
		    (struct str){ 0 });
	if (f.has_file && word_is(f.file, "-")) {
		if (reading_stdin(rd, c, &in) != SHELL_STDIN_TEXT || !word_known(rd->a, in, &text)) {
			reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
			    STR("the makefile on standard input is not known"));
			return 0;
		}
		file = path_join(rd->a, rd->request->cwd, STR("standard input"));
		err = 0;
	} else {
		err = make_text(rd, st, c, &f, just, &file, &text);
	}
	if (file.n > 0)
		runner_mark(rd, act, file);
	else if (act != NULL)
		act->flags |= ACTION_OUTSIDE;
	if (err == BRIDLE_ENOENT && f.eval.n > 0) {
		file = path_join(rd->a, rd->request->cwd, STR("--eval"));
		text = STR("");
		err = 0;
	}
	if (err == BRIDLE_ENOENT)
		return 0;
	if (err == 0)
		*vec_push(rd->a, &s.texts) = text;
	else if (file.n > 0) /* what the line may have made of it */
		overlay_read(rd, file, &s);
	if (err != 0 && s.unknown && ((s.by & WROTE_WHOLE) != 0 || script_suspect(rd, s.by)))
		script_written(rd, st, c, path_base(file), "it");
	else if (err != 0 && (s.unknown || s.texts.n == 0))
		runner_opaque(rd, st, c, str_printf(rd->a, "what " STR_FMT " runs is not all known",
		    STR_ARG(word_show(rd->a, c->argv.v[0]))));
	err = 0;
	for (size_t i = 0; i < s.texts.n && !f.dry && err == 0; i++)
		err = run_recipes(rd, st, c, &call, file, str_cat(rd->a, f.eval, s.texts.v[i]));
	return err;
}

/* ---- ./x.sh --------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	bool shell, backquote;
} shebangs[] = {
	{ "sh", true, false }, { "bash", true, false }, { "dash", true, false }, { "zsh", true, false },
	{ "ksh", true, false }, { "ash", true, false }, { "perl", false, true }, { "ruby", false, true },
	{ "php", false, true }, { "node", false, false }, { "python", false, false },
	{ "python3", false, false }, { "bun", false, false }, { "deno", false, false }, { "tsx", false, false },
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
	line = str_printf(rd->a, STR_FMT " " STR_FMT, STR_ARG(line), STR_ARG(shell_quote(rd->a, path)));
	return reading_run_shell(rd, st, word_text(rd->a, line), c, ACTION_LOOKED, path_base(path),
	    word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
}

static int
file_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str path)
{
	struct overlay_state s = { 0 };
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
			struct code how = { .file = true, .backquote = shebangs[k].backquote, .flags = ACTION_LOOKED,
				.chain = path_base(path) };

			err = code_read(rd, st, c, &how, s.texts.v[i]);
		} else if (text || k < sizeof shebangs / sizeof *shebangs) {
			rd->shell_name = name.n > 0 ? name : STR("sh");
			err = reading_run_shell(rd, st, word_text(rd->a, s.texts.v[i]), c, ACTION_LOOKED,
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
	return path.n > 0 && path_under(path, project) ? file_run(rd, st, c, path) : 0;
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

int
runner_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
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
