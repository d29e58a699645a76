/* SPDX-License-Identifier: ISC */
/*
 * git_made.c: repositories and worktrees that the line makes: git clone, git
 * init, git worktree add. What is certain of them is written into the overlay;
 * what only the other side knows stays unknown. Finding them is git_repo.c.
 */
#include "tools/git_effect.h"

#define SAME_FILES 32 /* of one folder that are looked at */

/* ---- git worktree add ---- */

/* The other tree has such files too, as this one or otherwise: what make, npm and their like run there. */
static void
same_file(struct effect *e, struct str from, struct str dir, struct str name)
{
	struct str text;

	if (overlay_text(e->g->rd, path_join(e->a, from, name), &text) == 0)
		overlay_assume(e->g->rd, path_join(e->a, dir, name), text);
}

static void
same_files(struct effect *e, struct str from, struct str dir)
{
	static const char *const names[] = { "GNUmakefile", "Makefile", "justfile", "makefile", "package.json" };
	static const char *const folders[] = { "bin", "script", "scripts" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		same_file(e, from, dir, str_of(names[i]));
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		struct world_entry *list;
		size_t n = 0;

		if (overlay_list(e->g->rd, path_join(e->a, from, str_of(folders[i])), &list, &n) != 0)
			continue;
		for (size_t k = 0; k < n && k < SAME_FILES; k++)
			same_file(e, from, dir, path_join(e->a, str_of(folders[i]), list[k].name));
	}
}

/* Its .git is a file that leads into this repository. Which commit is checked
 * out counts only where it is a branch that is told by name. */
void
effect_worktree(struct effect *e)
{
	struct reading *rd = e->g->rd;
	struct str dir, branch, own;
	struct world_stat st;

	if (e->g->repo.found != GIT_FOUND || e->p->operands.n == 0 || !effect_operand(e, 0, &dir))
		return;
	dir = path_clean(e->a, path_join(e->a, e->g->dir, dir));
	same_files(e, e->g->repo.top, dir);
	if (effect_given(e, "b") ? !effect_value(e, "b", &branch)
		: effect_given(e, "B") ? !effect_value(e, "B", &branch)
				       : e->p->operands.n != 2 || !effect_operand(e, 1, &branch))
		return;
	own = path_join(e->a, path_join(e->a, e->g->repo.common, STR("worktrees")), path_base(dir));
	if (effect_given(e, "detach") || dir.n == 0 || dir.p[0] != '/' || overlay_stat(rd, dir, true, &st) != BRIDLE_ENOENT ||
	    overlay_stat(rd, own, true, &st) != BRIDLE_ENOENT)
		return;
	overlay_write(rd, path_join(e->a, own, STR("HEAD")),
	    str_printf(e->a, "ref: refs/heads/" STR_FMT "\n", STR_ARG(branch)), e->sure);
	overlay_write(rd, path_join(e->a, own, STR("commondir")), STR("../..\n"), e->sure);
	overlay_write(rd, path_join(e->a, dir, STR(".git")), str_printf(e->a, "gitdir: " STR_FMT "\n", STR_ARG(own)), e->sure);
}

/* ---- git clone, git init ---- */

/* Where: as told, or for a clone the name of what is cloned. */
static bool
new_dir(const struct effect *e, struct str *out)
{
	bool clone = git_is(e->p, "clone");
	struct str dir = STR(".");

	if (e->p->operands.n > clone && !effect_operand(e, clone, &dir))
		return false;
	if (clone && e->p->operands.n < 2) {
		if (!effect_operand(e, 0, &dir))
			return false;
		while (str_ends(dir, STR("/")))
			dir.n--;
		if (str_ends(dir, STR(".git")))
			dir.n -= STR(".git").n;
		if (str_rchr(dir, ':') != STR_NPOS)
			dir = str_sub(dir, str_rchr(dir, ':') + 1, dir.n);
		dir = path_base(dir);
	}
	*out = path_clean(e->a, path_join(e->a, e->g->dir, dir));
	return out->n > 0 && out->p[0] == '/';
}

/* What a clone without options of its own has as configuration; which branch it
 * is on, and what else there is, only the other side knows. */
static void
clone_config(struct effect *e, struct str dot)
{
	static const char *const plain[] = { "depth", "branch", "single-branch", "no-tags", "quiet", "verbose",
		"progress", "recurse-submodules", "shallow-submodules", "filter", "jobs" };
	struct reading *rd = e->g->rd;
	struct str url, set;

	for (size_t i = 0; i < e->p->options.n; i++) {
		bool known = false;

		for (size_t k = 0; k < sizeof plain / sizeof plain[0]; k++)
			known |= str_is(e->p->options.v[i].name, plain[k]);
		if (!known)
			return;
	}
	if (!e->sure || git_env(e->g, "GIT_TEMPLATE_DIR", &set) != BRIDLE_ENOENT ||
	    git_env(e->g, "GIT_WORK_TREE", &set) != BRIDLE_ENOENT || !effect_operand(e, 0, &url) || str_chr(url, '"') != STR_NPOS ||
	    str_chr(url, '\\') != STR_NPOS || str_chr(url, '\n') != STR_NPOS ||
	    git_config_last(&e->g->config, STR("init.templatedir"), &set) != BRIDLE_ENOENT ||
	    git_config_last(&e->g->config, STR("clone.defaultremotename"), &set) != BRIDLE_ENOENT)
		return;
	overlay_unknown(rd, path_join(e->a, dot, STR("HEAD")), 0);
	overlay_unknown(rd, path_join(e->a, dot, STR("packed-refs")), 0);
	overlay_write(rd, path_join(e->a, dot, STR("config")),
	    str_printf(e->a, "[remote \"origin\"]\n\turl = \"" STR_FMT "\"\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n",
		STR_ARG(url)), true);
}

/* A repository of its own, not the one around it. */
void
effect_new_repo(struct effect *e)
{
	struct str dir, dot, from;
	struct world_stat st;

	if (effect_given(e, "bare") || !new_dir(e, &dir))
		return;
	if (git_is(e->p, "clone") && effect_operand(e, 0, &from)) /* of a folder here */
		same_files(e, path_clean(e->a, path_join(e->a, e->g->dir, from)), dir);
	dot = path_join(e->a, dir, STR(".git"));
	if (overlay_stat(e->g->rd, dot, true, &st) == BRIDLE_ENOENT)
		overlay_unknown(e->g->rd, dot, 0);
	else
		return;
	if (git_is(e->p, "clone"))
		clone_config(e, dot);
}
