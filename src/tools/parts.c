/* SPDX-License-Identifier: ISC */
/*
 * parts.c: run-parts, which runs each program of a folder, given the values of
 * --arg. How its words are taken apart is wrap_words.c.
 */
#include "tools/wrap.h"

#include <ctype.h>

#define PARTS_MAX 64

/* The names that it takes where no --regex says others. */
static bool
usual_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!isalnum((unsigned char)name.p[i]) && name.p[i] != '_' && name.p[i] != '-')
			return false;
	return true;
}

/* Which of the line's files it makes executable is not followed. */
static bool
executable(struct reading *rd, struct str path)
{
	struct world_stat ws;

	return overlay_wrote(rd, path) ||
	    (overlay_stat(rd, path, true, &ws) == 0 && ws.kind == WORLD_FILE && (ws.mode & 0111) != 0);
}

int
parts_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct split *s,
    struct word folder, unsigned flags)
{
	bool any_name = wrap_given(s, "regex") != NULL || wrap_given(s, "lsbsysinit") != NULL;
	struct world_entry *v;
	struct str dir;
	size_t n;
	int err = 0;

	if (wrap_given(s, "test") != NULL || wrap_given(s, "list") != NULL)
		return 0;
	if (shell_cwd(st).n != 1 || !word_known(rd->a, reading_path(rd, st, folder, 0), &dir) ||
	    (err = overlay_list(rd, dir, &v, &n)) == BRIDLE_EUNKNOWN || (err == 0 && n > PARTS_MAX)) {
		reading_unknown_at(rd, st, c, UNKNOWN_OPAQUE, c->typed,
		    str_printf(rd->a, "what lies in " STR_FMT " is not all known", STR_ARG(word_show(rd->a, folder))));
		return 0;
	}
	for (size_t i = 0; err == 0 && i < n; i++) {
		VEC(struct word) argv = { 0 };
		struct str path = path_join(rd->a, dir, v[i].name);

		if ((!any_name && !usual_name(v[i].name)) || !executable(rd, path))
			continue;
		*vec_push(rd->a, &argv) = word_text(rd->a, path);
		for (size_t k = 0; k < s->given.n; k++)
			if (str_is(s->given.v[k].option->name, "arg") && s->given.v[k].has_value)
				*vec_push(rd->a, &argv) = s->given.v[k].value;
		err = reading_run_argv(rd, st, (struct words){ argv.v, argv.n }, c, flags, (struct str){ 0 });
	}
	return err == BRIDLE_ENOENT ? 0 : err;
}
