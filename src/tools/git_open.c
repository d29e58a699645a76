/* SPDX-License-Identifier: ISC */
/*
 * git_open.c: where a git command starts, the directory after -C, and with it
 * all that is known before its own words are looked at: repository and
 * configuration. A line has several commands, and each is looked at more than
 * once: what was found is taken again while nothing that it came from can be
 * different.
 */
#include <string.h>

#include "tools/git.h"

static void
start_dir(struct git *g)
{
	struct words dirs = shell_cwd(g->st);
	const struct option_value *c = g->p == NULL ? NULL : parsed_option(g->p, "C");
	struct str dir;

	if (dirs.n == 0 ||
	    !word_known(g->a, dirs.v[dirs.n == 1 ? 0 : git_pick(g, STR("directory"), dirs.n)], &g->dir))
		g->dir = STR("");
	for (size_t i = 0; c != NULL && i < c->values.n; i++) {
		if (!word_known(g->a, c->values.v[i], &dir) || (g->dir.n == 0 && (dir.n == 0 || dir.p[0] != '/')))
			g->dir = STR("");
		else
			g->dir = path_clean(g->a, path_join(g->a, g->dir, dir));
	}
}

/* ---- the same again ---- */

/* What was opened with no variable GIT_… and no option that matters came from
 * these alone, and from what the world holds. */
struct git_opened {
	const struct overlay *files; /* never changed once a state holds it */
	struct str dir;
	struct git_var home, xdg;
	struct git_repo repo;
	struct git_config config;
	const struct map *had;
};

static bool
same_var(const struct git_var *x, const struct git_var *y)
{
	return x->err == y->err && (x->err != 0 || str_eq(x->value, y->value));
}

static bool
same_opened(const struct git_opened *x, const struct git_opened *y)
{
	return x->files == y->files && str_eq(x->dir, y->dir) &&
	    same_var(&x->home, &y->home) && same_var(&x->xdg, &y->xdg);
}

/* Does it come from these alone? */
static bool
plainly(struct git *g, struct git_opened *from)
{
	static const char *const options[] = { "git-dir", "work-tree", "bare", "c", "config-env" };

	if (!g->no_env || g->rd->away || g->variant != 0)
		return false;
	for (size_t i = 0; g->p != NULL && i < sizeof options / sizeof options[0]; i++)
		if (parsed_option(g->p, options[i]) != NULL)
			return false;
	g->home.err = git_env(g, "HOME", &g->home.value);
	g->xdg.err = git_env(g, "XDG_CONFIG_HOME", &g->xdg.value);
	g->asked = g->ways == 1 && !g->too_many;
	*from = (struct git_opened){ .files = g->rd->overlay, .dir = g->dir, .home = g->home, .xdg = g->xdg };
	return g->asked;
}

static void
look(struct git *g)
{
	git_find_repo(g);
	git_read_config(g);
	git_find_top(g);
	git_check_owner(g);
	if (g->repo.found == GIT_UNSURE && g->config.why.n == 0)
		g->config.why = g->repo.why;
}

/* For the next: what was read so far is read by nobody again. */
static void
keep(struct git *g, const struct git_opened *from)
{
	struct git_opened *o = NEW(g->a, struct git_opened);

	*o = *from;
	o->repo = g->repo;
	o->config = g->config;
	o->config.list.cap = o->config.list.n;
	o->had = g->had = g->files;
	g->files = map_new(g->a);
	g->rd->git = o;
}

/* A push from a folder that is not there yet: what makes it may make a repository
 * (gh repo clone, tar, cp -r), and the one around it is not asked. */
static void
check_there(struct git *g)
{
	struct world_stat st;

	if (g->p == NULL || !git_is(g->p, "push") || g->repo.found == GIT_UNSURE || g->repo.explicit_dir ||
	    str_eq(g->dir, g->rd->request->cwd) || (g->repo.found == GIT_FOUND && str_eq(g->repo.top, g->dir)) || overlay_stat(g->rd, g->dir, true, &st) != BRIDLE_ENOENT)
		return;
	g->repo.found = GIT_UNSURE;
	g->repo.why = str_printf(g->a, "whether " STR_FMT ", which is not there yet, is a repository is not known",
	    STR_ARG(g->dir));
	g->config.why = g->repo.why;
}

void
git_open(struct git *g, struct reading *rd, struct shell_state *st, const struct parsed *p,
    size_t variant)
{
	struct git_opened from;
	bool plain;

	memset(g, 0, sizeof *g);
	g->rd = rd;
	g->st = st;
	g->a = rd->a;
	g->p = p;
	g->variant = variant;
	g->ways = 1;
	g->picked = map_new(rd->a);
	g->files = map_new(rd->a);
	g->no_env = shell_env_none(rd->shell, st, STR("GIT_"));
	start_dir(g);
	plain = plainly(g, &from);
	if (plain && rd->git != NULL && same_opened(rd->git, &from)) {
		g->repo = rd->git->repo;
		g->config = rd->git->config;
		g->had = rd->git->had;
	} else {
		look(g);
		if (plain && g->ways == 1 && !g->too_many)
			keep(g, &from);
	}
	check_there(g);
}
