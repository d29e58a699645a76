/* SPDX-License-Identifier: ISC */
/*
 * envfile.c: wrappers that take an environment from a file (.env, .envrc,
 * mise.toml, --env-file F) or from a vault before they run the command that
 * follows. A variable of a tool's that such a file names is not known in there;
 * what a file without its name says is nobody's concern. Who runs the command
 * is wrap.c.
 */
#include "tools/wrap.h"

/* Forgets those variables of the guarded tools that the text names; NULL: that
 * which names fly's app. */
static void
forget(struct reading *rd, struct shell_state *inside, const struct str *text)
{
	static const char *const tools[] = { "fly", "git" };

	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
		const struct tool *t = models_find(rd->models, str_of(tools[i]));

		for (size_t j = 0; t != NULL && j < t->nenv; j++)
			if (text != NULL ? str_find(*text, t->env[j]) != STR_NPOS : str_is(t->env[j], "FLY_APP"))
				shell_forget_var(rd->shell, inside, t->env[j]);
	}
}

static void
from_file(struct reading *rd, struct shell_state *inside, struct str path)
{
	struct overlay_state s;

	overlay_read(rd, path, &s);
	if (s.unknown)
		forget(rd, inside, NULL);
	for (size_t i = 0; i < s.texts.n; i++)
		forget(rd, inside, &s.texts.v[i]);
}

void
envfile_usual(struct reading *rd, struct shell_state *inside)
{
	static const char *const names[] = { ".env", ".env.local", ".envrc", "mise.toml", ".mise.toml",
		"mise.local.toml", ".env-cmdrc" };
	struct str dir, project = rd->request->project;

	if (shell_cwd(inside).n != 1 || !word_known(rd->a, shell_cwd(inside).v[0], &dir)) {
		forget(rd, inside, NULL);
		return;
	}
	for (;; dir = path_dir(dir)) {
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			from_file(rd, inside, path_join(rd->a, dir, str_of(names[i])));
		if (str_eq(dir, project) || !path_under(dir, project))
			break;
	}
}

/* A word in front of the command: FILE, --env-file=FILE, -eFILE, NAME=VALUE, or
 * the folder of an .envrc. */
static void
from_word(struct reading *rd, struct shell_state *inside, struct word w)
{
	struct str text, path;
	size_t equals;

	if (!word_known(rd->a, w, &text)) {
		forget(rd, inside, NULL);
		return;
	}
	forget(rd, inside, &text);
	equals = str_chr(text, '=');
	if (equals != STR_NPOS)
		text = str_sub(text, equals + 1, STR_NPOS);
	else if (text.n > 2 && text.p[0] == '-' && text.p[1] != '-')
		text = str_sub(text, 2, STR_NPOS);
	if (text.n == 0 || text.p[0] == '-')
		return;
	if (!word_known(rd->a, reading_path(rd, inside, word_text(rd->a, text), 0), &path) || path.p[0] != '/') {
		forget(rd, inside, NULL);
		return;
	}
	from_file(rd, inside, path);
	from_file(rd, inside, path_join(rd->a, path, STR(".envrc")));
}

void
envfile_given(struct reading *rd, struct shell_state *inside, const struct shell_command *c,
    const struct wrapper *w, const struct split *s)
{
	if (str_find(w->adds, STR("vault")) != STR_NPOS)
		forget(rd, inside, NULL);
	if (str_find(w->adds, STR("dotenv")) == STR_NPOS)
		return;
	envfile_usual(rd, inside);
	for (size_t i = 1; i < s->at && i < c->argv.n; i++)
		from_word(rd, inside, c->argv.v[i]);
}
