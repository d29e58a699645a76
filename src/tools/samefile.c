/* SPDX-License-Identifier: ISC */
/*
 * samefile.c: a guarded program by another name. `ln -s "$(which fly)" f` makes
 * f one more name of fly, on this line or long ago; what f is called with is
 * judged as fly's. Copies count while the line that makes them is read. Which
 * program a word names is command.c.
 */
#include "tools/host.h"

static bool
whole(struct reading *rd, struct shell_state *st, struct str name, struct str *text)
{
	struct words values;

	return shell_env(rd->shell, st, name, &values) == 0 && values.n == 1 && word_known(rd->a, values.v[0], text);
}

bool
samefile_dirs(struct reading *rd, struct shell_state *st, struct str *dirs)
{
	struct str first;
	bool known = whole(rd, st, STR("PATH"), dirs);

	if (!whole(rd, st, SAMEFILE_FIRST, &first))
		return known;
	*dirs = known ? str_printf(rd->a, STR_FMT ":" STR_FMT, STR_ARG(first), STR_ARG(*dirs)) : first;
	return true;
}

/* Of a PATH that is known in part, what it surely lists. */
static bool
some_dirs(struct reading *rd, struct shell_state *st, struct str *dirs)
{
	struct words values;
	struct buf b;

	if (samefile_dirs(rd, st, dirs))
		return true;
	if (shell_env(rd->shell, st, STR("PATH"), &values) != 0 || values.n != 1)
		return false;
	buf_init(&b, rd->a);
	for (size_t i = 0; i < values.v[0].n; i++) {
		const struct piece *p = &values.v[0].v[i];
		struct str text = p->text;

		if (p->kind != PIECE_TEXT)
			continue;
		if (i > 0)
			text = str_sub(text, str_chr(text, ':') == STR_NPOS ? text.n : str_chr(text, ':') + 1, text.n);
		if (i + 1 < values.v[0].n)
			text = str_sub(text, 0, str_rchr(text, ':') == STR_NPOS ? 0 : str_rchr(text, ':'));
		if (text.n > 0 && b.n > 0)
			buf_putc(&b, ':');
		buf_add(&b, text);
	}
	*dirs = buf_str(&b);
	return dirs->n > 0;
}

struct str
samefile_written_in_path(struct reading *rd, struct shell_state *st, struct str name)
{
	struct str dirs, dir, file;
	size_t from = 0;

	if (!overlay_wrote(rd, STR("")) || name.n == 0 || str_chr(name, '/') != STR_NPOS)
		return (struct str){ 0 };
	if (!some_dirs(rd, st, &dirs)) /* the folder it is in may well be one */
		dirs = STR(".");
	while (samefile_next_dir(dirs, &from, &dir))
		if (word_known(rd->a, reading_path(rd, st, word_text(rd->a, path_join(rd->a, dir, name)), 0), &file) &&
		    overlay_wrote(rd, file))
			return file;
	return (struct str){ 0 };
}

bool
samefile_next_dir(struct str dirs, size_t *from, struct str *dir)
{
	struct str rest = str_sub(dirs, *from, dirs.n);
	size_t colon = str_chr(rest, ':');

	if (*from > dirs.n)
		return false;
	*dir = str_sub(rest, 0, colon);
	*from += dir->n + 1;
	return true;
}

/* The file that a bare name runs; guarded: before it in PATH, a guarded program
 * that perhaps is there is taken for it. */
static struct str
find(struct reading *rd, struct shell_state *st, struct str name, bool guarded)
{
	struct world_stat ws;
	struct str dirs, dir;
	size_t from = 0;

	if (!samefile_dirs(rd, st, &dirs))
		return (struct str){ 0 };
	while (samefile_next_dir(dirs, &from, &dir)) {
		struct str file;
		int err;

		if (!word_known(rd->a,
		        reading_path(rd, st, word_text(rd->a, path_join(rd->a, dir, name)), 0),
		        &file) ||
		    file.n == 0 || file.p[0] != '/')
			continue;
		err = overlay_stat(rd, file, false, &ws);
		if (err == 0 ||
		    (guarded && err == BRIDLE_EUNKNOWN &&
		        models_spoken_of(rd->models, path_base(overlay_real(rd, file)))))
			return file;
	}
	return (struct str){ 0 };
}

struct str
samefile_path(struct reading *rd, struct shell_state *st, struct str name)
{
	struct str file = find(rd, st, name, false);

	return file.n == 0 ? file : path_clean(rd->a, file);
}

int
samefile_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog)
{
	const struct tool *own = prog->tool, *other;
	struct str path, base;
	struct word *argv;

	if (rd->guessing || (!prog->by_path && own != NULL))
		return 0;
	if (!prog->by_path)
		path = find(rd, st, prog->base, true);
	else if (!word_known(rd->a, reading_path(rd, st, c->argv.v[0], 0), &path))
		return 0;
	if (path.n == 0 || path.p[0] != '/')
		return 0;
	base = path_base(overlay_real(rd, path));
	other = models_find(rd->models, base);
	if (str_eq(base, prog->base) || (other != NULL && other == own) ||
	    !models_spoken_of(rd->models, base))
		return 0;
	argv = NEW_ARRAY(rd->a, struct word, c->argv.n);
	for (size_t i = 1; i < c->argv.n; i++)
		argv[i] = c->argv.v[i];
	argv[0] = word_text(rd->a, base);
	return reading_run_argv(rd, st, (struct words){ argv, c->argv.n }, c, ACTION_INNER,
	    str_printf(rd->a, STR_FMT ", which is " STR_FMT, STR_ARG(prog->base), STR_ARG(base)));
}

/* What looks for a program, where it finds nothing here: `$(which fly)`. */
static struct str
looked_for(struct reading *rd, struct word file)
{
	static const char *const looks[] = { "which ", "command -v ", "type -", "whence ",
		"where " };
	struct str text;

	if (file.n == 0 || file.v[file.n - 1].kind == PIECE_TEXT)
		return (struct str){ 0 };
	text = file.v[file.n - 1].text;
	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
		if (str_find(text, str_of(looks[i])) != STR_NPOS)
			return reading_guarded_name(rd, text);
	return (struct str){ 0 };
}

/* The guarded program that a file is, by its own name or that of the file that
 * it is a link to or a copy of; empty: none. */
static struct str
guarded_file(struct reading *rd, struct shell_state *st, struct word file, struct str *path)
{
	struct str name = path_base(word_suffix(rd->a, file));

	*path = (struct str){ 0 };
	if (word_known(rd->a, reading_path(rd, st, file, 0), path) && path->n > 0 &&
	    path->p[0] == '/') {
		*path = overlay_real(rd, *path);
		name = path_base(*path);
	} else if (!models_spoken_of(rd->models, name)) {
		name = looked_for(rd, file);
	}
	return models_spoken_of(rd->models, name) ? name : (struct str){ 0 };
}

void
samefile_made(struct reading *rd, struct shell_state *st, struct word source, struct word to)
{
	struct str path, from, name = guarded_file(rd, st, source, &from);

	if (name.n == 0 || !word_known(rd->a, reading_path(rd, st, to, 0), &path) || path.n == 0 ||
	    path.p[0] != '/')
		return;
	if (from.n == 0 || from.p[0] != '/')
		from = path_join(rd->a, STR("/nowhere"), name);
	if (!str_eq(overlay_real(rd, path), from))
		overlay_link(rd, path, from);
}

/* Whether the word is a file: by a slash in it, or made on the line. */
static bool
names_file(struct reading *rd, struct shell_state *st, struct word w)
{
	struct str path;

	if (str_chr(word_prefix(w), '/') != STR_NPOS || looked_for(rd, w).n > 0)
		return true;
	return word_known(rd->a, reading_path(rd, st, w, 0), &path) && path.n > 0 &&
	    path.p[0] == '/' && !str_eq(path_base(overlay_real(rd, path)), path_base(path));
}

/* The guarded program's file that c reads; false: none. */
static bool
guarded_source(
    struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word *source)
{
	struct str path;

	for (size_t i = 0; i < c->nredirs; i++) {
		*source = c->redirs[i].target;
		if (c->redirs[i].kind == SHELL_READ && guarded_file(rd, st, *source, &path).n > 0)
			return true;
	}
	for (size_t i = 1; (c->flags & SHELL_BUILTIN) == 0 && i < c->argv.n; i++) {
		size_t eq = str_chr(word_prefix(c->argv.v[i]), '=');

		*source = c->argv.v[i];
		if (eq != STR_NPOS && eq < str_chr(word_prefix(*source), '/')) /* dd if=FILE */
			*source = word_from(rd->a, *source, eq + 1);
		if (names_file(rd, st, *source) && guarded_file(rd, st, *source, &path).n > 0)
			return true;
	}
	return false;
}

void
samefile_written(
    struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word to)
{
	/* Asked for each file that it writes, and looked for once. */
	if (rd->copier != c->argv.v) {
		rd->copier = c->argv.v;
		rd->copies = guarded_source(rd, st, c, &rd->copied);
	}
	if (rd->copies)
		samefile_made(rd, st, rd->copied, to);
}
