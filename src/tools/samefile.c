/* SPDX-License-Identifier: ISC */
/*
 * samefile.c: a guarded program by another name. `ln -s "$(which fly)" f` makes
 * f one more name of fly, on this line or long ago; what f is called with is
 * judged as fly's. Copies count while the line that makes them is read. Which
 * program a word names is command.c.
 */
#include "tools/host.h"

bool
samefile_dirs(struct reading *rd, struct shell_state *st, struct str *dirs)
{
	struct words values;

	return shell_env(rd->shell, st, STR("PATH"), &values) == 0 && values.n == 1 &&
	    word_known(rd->a, values.v[0], dirs);
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

struct str
samefile_path(struct reading *rd, struct shell_state *st, struct str name)
{
	struct world_stat ws;
	struct str dirs, dir;
	size_t from = 0;

	if (!samefile_dirs(rd, st, &dirs))
		return (struct str){ 0 };
	while (samefile_next_dir(dirs, &from, &dir)) {
		struct str file = path_clean(rd->a, path_join(rd->a, dir, name));

		if (dir.n > 0 && dir.p[0] == '/' && overlay_stat(rd, file, false, &ws) == 0)
			return file;
	}
	return (struct str){ 0 };
}

int
samefile_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog)
{
	const struct tool *own = models_find(rd->models, prog->base), *other;
	struct str path, base;
	struct word *argv;

	if (rd->guessing || (!prog->by_path && own != NULL))
		return 0;
	if (!prog->by_path)
		path = samefile_path(rd, st, prog->base);
	else if (!word_known(rd->a, reading_path(rd, st, c->argv.v[0], 0), &path))
		return 0;
	if (path.n == 0 || path.p[0] != '/')
		return 0;
	base = path_base(overlay_real(rd, path));
	other = models_find(rd->models, base);
	if (str_eq(base, prog->base) || (other != NULL && other == own) || !models_spoken_of(rd->models, base))
		return 0;
	argv = NEW_ARRAY(rd->a, struct word, c->argv.n);
	for (size_t i = 1; i < c->argv.n; i++)
		argv[i] = c->argv.v[i];
	argv[0] = word_text(rd->a, base);
	return reading_run_argv(rd, st, (struct words){ argv, c->argv.n }, c, ACTION_INNER,
	    str_printf(rd->a, STR_FMT ", which is " STR_FMT, STR_ARG(prog->base), STR_ARG(base)));
}

void
samefile_made(struct reading *rd, struct shell_state *st, struct word source, struct word to)
{
	struct str path, from;

	if (!models_spoken_of(rd->models, path_base(word_suffix(rd->a, source))) ||
	    !word_known(rd->a, reading_path(rd, st, to, 0), &path) || path.n == 0 || path.p[0] != '/')
		return;
	if (!word_known(rd->a, reading_path(rd, st, source, 0), &from) || from.p[0] != '/')
		from = path_join(rd->a, STR("/nowhere"), path_base(word_suffix(rd->a, source)));
	overlay_link(rd, path, from);
}
