/* SPDX-License-Identifier: ISC */
/*
 * git_repo.c: which repository a git command would use, found as git finds
 * it: --git-dir and GIT_DIR, .git folders and files upwards, worktrees, bare
 * repositories. Only looks; next: git_refs.c.
 */
#include <string.h>

#include "tools/git.h"

static void
unsure(struct git *g, struct str why)
{
	g->repo.found = GIT_UNSURE;
	g->repo.why = why;
}

/* Where refs, objects and config of gitdir are, as its own file says. */
static struct str
own_common_dir(struct git *g, struct str gitdir)
{
	struct str text;

	if (git_read(g, git_under(g, gitdir, "commondir"), &text) != 0)
		return gitdir;
	return path_clean(g->a, path_join(g->a, gitdir, str_trim(text)));
}

static struct str
common_dir(struct git *g, struct str gitdir)
{
	struct str text;

	if (git_env(g, "GIT_COMMON_DIR", &text) == 0 && text.n > 0)
		return path_clean(g->a, path_join(g->a, g->dir, text));
	return own_common_dir(g, gitdir);
}

static bool
head_like(struct git *g, struct str gitdir)
{
	struct str path = git_under(g, gitdir, "HEAD"), text;
	struct world_stat s;
	int at = overlay_stat(g->rd, path, false, &s), err;

	if (at == BRIDLE_ENOENT)
		return false;
	err = git_read(g, path, &text);
	if (err == BRIDLE_ENOENT) /* an old symbolic link to a branch not yet born */
		return at == 0 && s.kind == WORLD_LINK;
	if (err != 0)
		return true; /* there, but not known */
	text = str_trim(text);
	return git_hex(text) || str_starts(text, STR("ref:"));
}

bool
git_is_repo(struct git *g, struct str dir)
{
	struct str common;

	if (!head_like(g, dir))
		return false;
	common = common_dir(g, dir);
	return git_is_dir(g, git_under(g, common, "objects")) && git_is_dir(g, git_under(g, common, "refs"));
}

static void
found(struct git *g, struct str gitdir, struct str top)
{
	g->repo.found = GIT_FOUND;
	g->repo.gitdir = gitdir;
	g->repo.common = common_dir(g, gitdir);
	g->repo.top = top;
}

bool
git_whole(struct git *g)
{
	return g->repo.found == GIT_FOUND && git_is_dir(g, git_under(g, g->repo.common, "objects/pack"));
}

/* A .git file names the real folder: 0, ENOENT where path is no file,
 * ESYNTAX where it leads nowhere. */
static int
git_file(struct git *g, struct str path, struct str *gitdir)
{
	struct str text, pre = STR("gitdir: ");

	if (!git_is_file(g, path))
		return BRIDLE_ENOENT;
	if (git_read(g, path, &text) != 0 || !str_starts(text, pre))
		return BRIDLE_ESYNTAX;
	while (text.n > 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
		text.n--;
	text = str_sub(text, pre.n, text.n);
	*gitdir = path_clean(g->a, path_join(g->a, path_dir(path), text));
	return text.n > 0 && git_is_repo(g, *gitdir) ? 0 : BRIDLE_ESYNTAX;
}

int
git_repo_at(struct git *g, struct str dir, struct git_repo *out)
{
	struct git_repo r = { .found = GIT_FOUND };
	int err = git_file(g, dir, &r.gitdir);

	if (err == BRIDLE_ESYNTAX)
		return BRIDLE_EUNKNOWN;
	if (err == BRIDLE_ENOENT) {
		if (!git_is_dir(g, dir) || !git_is_repo(g, dir))
			return BRIDLE_ENOENT;
		r.gitdir = dir;
	}
	r.common = own_common_dir(g, r.gitdir);
	*out = r;
	return 0;
}

static void
explicit_repo(struct git *g, struct str dir)
{
	struct str path = path_clean(g->a, path_join(g->a, g->dir, dir)), real;

	g->repo.explicit_dir = true;
	if (path.n == 0 || path.p[0] != '/') {
		unsure(g, STR("the directory in which git runs is not known"));
		return;
	}
	switch (git_file(g, path, &real)) {
	case 0:
		path = real;
		break;
	case BRIDLE_ENOENT:
		break;
	default:
		unsure(g, str_printf(g->a, STR_FMT " leads to no repository", STR_ARG(path)));
		return;
	}
	if (!head_like(g, path)) {
		unsure(g, str_printf(g->a, STR_FMT " is no repository", STR_ARG(path)));
		return;
	}
	found(g, path, g->dir);
}

/* A clone that the line has made: its configuration is known, its HEAD is not. */
static bool
cloned(struct git *g, struct str dot)
{
	struct str text;

	return overlay_text(g->rd, git_under(g, dot, "config"), &text) == 0 &&
	    overlay_text(g->rd, git_under(g, dot, "HEAD"), &text) == BRIDLE_EUNKNOWN;
}

/* One folder on the way up. True: the search ends here. */
static bool
look_in(struct git *g, struct str dir, struct str *half)
{
	struct str dot = git_under(g, dir, ".git"), real;
	struct world_stat st;
	int err = overlay_stat(g->rd, dot, false, &st);

	if (err == BRIDLE_EUNKNOWN && cloned(g, dot)) {
		found(g, dot, dir);
		return true;
	}
	if (err == BRIDLE_EUNKNOWN) {
		unsure(g, str_printf(g->a, "whether " STR_FMT " is a repository is not known", STR_ARG(dir)));
		return true;
	}
	if (err == 0 && st.kind == WORLD_LINK)
		err = overlay_stat(g->rd, dot, true, &st);
	if (err == 0 && st.kind == WORLD_FILE) {
		if (git_file(g, dot, &real) == 0)
			found(g, real, dir);
		else
			unsure(g, str_printf(g->a, STR_FMT " leads to no repository", STR_ARG(dot)));
		return true;
	}
	if (err == 0 && st.kind == WORLD_DIR) {
		if (git_is_repo(g, dot)) {
			found(g, dot, dir);
			return true;
		}
		if (half->n == 0 && head_like(g, dot))
			*half = dir;
	} else if (git_is_repo(g, dir)) {
		found(g, dir, STR(""));
		g->repo.embedded = true;
		return true;
	}
	return false;
}

/* Folders upwards. A .git without objects is passed by, as git does; where
 * nothing else is found it stands for the repository all the same. */
static void
search(struct git *g)
{
	struct str dir = g->dir, half = { 0 };

	for (;;) {
		if (look_in(g, dir, &half))
			return;
		if (str_is(dir, "/"))
			break;
		dir = path_dir(dir);
	}
	g->repo.found = GIT_NONE;
	if (half.n > 0)
		found(g, git_under(g, half, ".git"), half);
}

/* --git-dir and friends: the option, else the variable. */
static int
told(struct git *g, const char *option, const char *env, struct str *out)
{
	const struct option_value *o = g->p == NULL ? NULL : parsed_option(g->p, option);

	if (o != NULL && o->values.n > 0)
		return word_known(g->a, o->values.v[o->values.n - 1], out) ? 0 : BRIDLE_EUNKNOWN;
	return git_env(g, env, out);
}

void
git_find_repo(struct git *g)
{
	struct str dir;
	int err = told(g, "git-dir", "GIT_DIR", &dir);

	if (err == BRIDLE_EUNKNOWN)
		unsure(g, STR("which repository GIT_DIR names is not known"));
	else if (err == 0 && dir.n > 0)
		explicit_repo(g, dir);
	else if (g->p != NULL && parsed_option(g->p, "bare") != NULL && !git_is(g->p, "clone") && !git_is(g->p, "init"))
		explicit_repo(g, STR("."));
	else if (g->dir.n == 0)
		unsure(g, STR("the directory in which git runs is not known"));
	else
		search(g);
}

/* What the repository's own configuration says of its work tree. */
void
git_find_top(struct git *g)
{
	struct str v;
	int err = told(g, "work-tree", "GIT_WORK_TREE", &v);

	if (g->repo.found != GIT_FOUND)
		return;
	if (err == 0 && v.n > 0) {
		g->repo.top = path_clean(g->a, path_join(g->a, g->dir, v));
		return;
	}
	if (git_config_last(&g->config, STR("core.worktree"), &v) == 0 && v.n > 0)
		g->repo.top = path_clean(g->a, path_join(g->a, g->repo.gitdir, v));
	else if (git_config_bool(&g->config, "core.bare", false) == TRI_YES &&
	    str_eq(g->repo.gitdir, g->repo.common))
		g->repo.top = STR("");
}

static bool
listed_safe(struct git *g, struct str dir)
{
	bool safe = false;

	for (size_t i = 0; i < g->config.list.n; i++) {
		const struct git_setting *s = &g->config.list.v[i];
		struct str v = s->value;

		if (!str_is(s->key, "safe.directory") || s->scope == GIT_LOCAL || s->scope == GIT_WORKTREE)
			continue;
		if (s->bare || v.n == 0)
			safe = false; /* an empty one clears the list */
		else if (str_is(v, "*") || str_eq(v, dir) ||
		    (str_ends(v, STR("/*")) && path_under(dir, str_sub(v, 0, v.n - 2))))
			safe = true;
	}
	return safe;
}

/* Git works in no repository that belongs to someone else, unless it is told
 * to. Who we are is taken from the owner of the home directory. */
void
git_check_owner(struct git *g)
{
	struct str dir = g->repo.top.n > 0 ? g->repo.top : g->repo.gitdir;
	struct str own = g->repo.gitdir;
	struct world_stat home, s;

	if (g->repo.found == GIT_FOUND && overlay_stat(g->rd, own, true, &s) == BRIDLE_ENOENT)
		own = g->repo.common; /* made on this line */
	if (g->repo.found == GIT_FOUND && cloned(g, own))
		return;
	if (g->repo.found != GIT_FOUND || g->repo.explicit_dir || g->rd->request->home.n == 0 ||
	    overlay_stat(g->rd, g->rd->request->home, true, &home) != 0)
		return;
	if (overlay_stat(g->rd, own, true, &s) == 0 && s.uid == home.uid &&
	    (overlay_stat(g->rd, dir, true, &s) != 0 || s.uid == home.uid))
		return;
	if (listed_safe(g, dir))
		return;
	unsure(g, str_printf(g->a, "the repository in " STR_FMT " belongs to another user", STR_ARG(dir)));
}
