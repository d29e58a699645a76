/* SPDX-License-Identifier: ISC */
/*
 * git_effect.c: what a git command leaves behind for the rest of the line:
 * HEAD, branches and configuration, written into the overlay. An effect that
 * may not have happened leaves the old state possible. Work tree files and
 * commits are not followed.
 */
#include <string.h>

#include "tools/git_effect.h"
#include "tools/scope.h"

bool
effect_given(const struct effect *e, const char *name)
{
	return parsed_option(e->p, name) != NULL;
}

bool
effect_value(const struct effect *e, const char *name, struct str *out)
{
	const struct option_value *o = parsed_option(e->p, name);

	return o != NULL && o->values.n > 0 && word_known(e->a, o->values.v[o->values.n - 1], out);
}

bool
effect_operand(const struct effect *e, size_t i, struct str *out)
{
	return i < e->p->operands.n && word_known(e->a, e->p->operands.v[i].v[0], out);
}

struct str
effect_in_git(const struct effect *e, struct str name)
{
	return path_join(e->a, e->g->repo.gitdir, name);
}

struct str
effect_in_common(const struct effect *e, struct str name)
{
	return path_join(e->a, e->g->repo.common, name);
}

struct str
effect_branch_ref(const struct effect *e, struct str name)
{
	return str_cat(e->a, STR("refs/heads/"), name);
}

bool
effect_exists(const struct effect *e, struct str ref)
{
	struct str value;

	return git_ref_valid(ref, false) && git_resolve(e->g, ref, NULL, &value) == 0;
}

static void
head_unknown(struct effect *e)
{
	overlay_unknown(e->g->rd, effect_in_git(e, STR("HEAD")), 0);
}

/* HEAD moves; its log keeps from where, for `git checkout -`. */
static void
set_head(struct effect *e, struct str text, struct str to)
{
	struct str from = { 0 };

	if (git_head(e->g, &from) == 0)
		from = str_sub(from, STR("refs/heads/").n, from.n);
	else if (git_resolve(e->g, STR("HEAD"), NULL, &from) != 0)
		from = STR(SOME_COMMIT);
	overlay_append(e->g->rd, effect_in_git(e, STR("logs/HEAD")),
	    str_printf(e->a, "\tcheckout: moving from " STR_FMT " to " STR_FMT "\n", STR_ARG(from), STR_ARG(to)),
	    e->sure);
	overlay_write(e->g->rd, effect_in_git(e, STR("HEAD")), text, e->sure);
}

static void
head_to_branch(struct effect *e, struct str name)
{
	set_head(e, str_printf(e->a, "ref: refs/heads/" STR_FMT "\n", STR_ARG(name)), name);
}

static void
make_branch(struct effect *e, struct str name)
{
	if (git_ref_valid(name, false))
		overlay_write(e->g->rd, effect_in_common(e, effect_branch_ref(e, name)), STR(SOME_COMMIT "\n"), e->sure);
}

/* ---- git checkout, git switch ---- */
/* The branch from which HEAD came here last. */
static bool
previous(struct effect *e, struct str *name)
{
	struct str log, mark = STR("checkout: moving from "), last = { 0 }, to = STR(" to ");
	size_t at;

	if (git_read(e->g, effect_in_git(e, STR("logs/HEAD")), &log) != 0)
		return false;
	while ((at = str_find(log, mark)) != STR_NPOS) {
		log = str_sub(log, at + mark.n, log.n);
		last = str_sub(log, 0, str_chr(log, '\n'));
	}
	at = str_find(last, to);
	if (last.n == 0 || at == STR_NPOS)
		return false;
	*name = str_sub(last, 0, at);
	return !git_hex(*name);
}

static bool
path_there(struct effect *e, struct str name)
{
	struct world_stat s;

	return e->g->dir.n > 0 &&
	    overlay_stat(e->g->rd, path_clean(e->a, path_join(e->a, e->g->dir, name)), false, &s) != BRIDLE_ENOENT;
}

/* A branch of that name at exactly one remote: checkout makes a local one. */
static bool
guessed(struct effect *e, struct str name, struct str *remote)
{
	const struct git_config *c = &e->g->config;
	size_t n = 0;

	for (size_t i = 0; i < c->list.n; i++) {
		struct str sec, sub, last;

		git_config_split(c->list.v[i].key, &sec, &sub, &last);
		if (!str_is(sec, "remote") || !str_is(last, "url") || sub.n == 0)
			continue;
		if (effect_exists(e, str_printf(e->a, "refs/remotes/" STR_FMT "/" STR_FMT, STR_ARG(sub), STR_ARG(name)))) {
			*remote = sub;
			n++;
		}
	}
	return n == 1;
}

static void
new_branch(struct effect *e, struct str name, size_t start_at)
{
	struct str start, remote, merge;

	make_branch(e, name);
	if (effect_operand(e, start_at, &start) && !parsed_negated(e->p, "track") && effect_tracking(e, start, &remote, &merge))
		effect_upstream(e, name, remote, merge);
	else if (start_at < e->p->operands.n && effect_given(e, "track"))
		overlay_unknown(e->g->rd, effect_config(e), 0);
}

static void
go_to(struct effect *e, struct str name, bool detach)
{
	struct str remote, value;

	if ((str_is(name, "-") || str_is(name, "@{-1}")) && !previous(e, &name)) {
		head_unknown(e);
		return;
	}
	if (!detach && effect_exists(e, effect_branch_ref(e, name))) {
		head_to_branch(e, name);
		return;
	}
	if (!detach && !parsed_negated(e->p, "guess") && guessed(e, name, &remote)) {
		make_branch(e, name);
		effect_upstream(e, name, remote, effect_branch_ref(e, name));
		head_to_branch(e, name);
		return;
	}
	if (detach || git_revision(e->g, name) == TRI_YES) {
		if (git_resolve(e->g, name, NULL, &value) != 0)
			value = STR(SOME_COMMIT);
		set_head(e, str_cat(e->a, value, STR("\n")), name);
		return;
	}
	if (!git_ref_valid(name, false) || path_there(e, name))
		return;
	/* A branch that is not here yet; where it never is, the command fails. */
	make_branch(e, name);
	head_to_branch(e, name);
}

static void
checkout(struct effect *e)
{
	static const char *const news[] = { "b", "B", "create", "force-create", "orphan" };
	bool detach = effect_given(e, "detach");
	struct str name;

	for (size_t i = 0; i < sizeof news / sizeof news[0]; i++) {
		if (!effect_given(e, news[i]))
			continue;
		if (!effect_value(e, news[i], &name)) {
			head_unknown(e);
			return;
		}
		if (!str_is(str_of(news[i]), "orphan"))
			new_branch(e, name, 0);
		head_to_branch(e, name);
		return;
	}
	if (effect_given(e, "track")) { /* --track origin/x makes x */
		struct str remote, merge, start;

		if (effect_operand(e, 0, &start) && effect_tracking(e, start, &remote, &merge)) {
			name = str_sub(merge, STR("refs/heads/").n, merge.n);
			make_branch(e, name);
			effect_upstream(e, name, remote, merge);
			head_to_branch(e, name);
		} else {
			head_unknown(e);
		}
		return;
	}
	if (e->p->operands.n == 0 || e->p->dashdash == 1 || e->p->operands.n > 1 || effect_given(e, "patch") ||
	    effect_given(e, "ours") || effect_given(e, "theirs"))
		return; /* files only */
	if (!effect_operand(e, 0, &name))
		head_unknown(e);
	else
		go_to(e, name, detach);
}

/* ---- git branch and others ---- */
static void
branch_move(struct effect *e, bool copy)
{
	struct str from, to, head;
	struct git_config c;
	bool current;

	if (!effect_operand(e, e->p->operands.n > 1 ? 1 : 0, &to) || git_head(e->g, &head) != 0) {
		head_unknown(e);
		return;
	}
	head = str_sub(head, STR("refs/heads/").n, head.n);
	if (e->p->operands.n < 2)
		from = head;
	else if (!effect_operand(e, 0, &from)) {
		head_unknown(e);
		return;
	}
	current = str_eq(from, head);
	make_branch(e, to);
	if (!copy) {
		overlay_remove(e->g->rd, effect_in_common(e, effect_branch_ref(e, from)), e->sure);
		if (current)
			head_to_branch(e, to);
		if (effect_edit(e, effect_config(e), &c)) {
			effect_move(e, &c, "branch", from, to);
			effect_write(e, effect_config(e), &c);
		}
	}
}

static void
branch(struct effect *e)
{
	struct str name, remote, merge, start;

	if (effect_given(e, "move") || effect_given(e, "M") || effect_given(e, "copy") || effect_given(e, "force-copy")) {
		branch_move(e, effect_given(e, "copy") || effect_given(e, "force-copy"));
	} else if (effect_given(e, "delete") || effect_given(e, "D")) {
		for (size_t i = 0; i < e->p->operands.n; i++)
			if (effect_operand(e, i, &name) && git_ref_valid(name, false) && !effect_given(e, "remotes"))
				overlay_remove(e->g->rd, effect_in_common(e, effect_branch_ref(e, name)), e->sure);
	} else if (effect_given(e, "set-upstream-to") || effect_given(e, "unset-upstream")) {
		if (e->p->operands.n == 0 && git_head(e->g, &name) == 0)
			name = str_sub(name, STR("refs/heads/").n, name.n);
		else if (!effect_operand(e, 0, &name))
			name = STR("");
		if (name.n > 0 && effect_given(e, "unset-upstream"))
			effect_upstream(e, name, STR(""), STR(""));
		else if (name.n > 0 && effect_value(e, "set-upstream-to", &start) && effect_tracking(e, start, &remote, &merge))
			effect_upstream(e, name, remote, merge);
		else
			overlay_unknown(e->g->rd, effect_config(e), 0);
	} else if (effect_operand(e, 0, &name) && !effect_given(e, "list") && !effect_given(e, "edit-description")) {
		new_branch(e, name, 1);
	}
}

static void
symbolic_ref(struct effect *e)
{
	struct str name, to;

	if (e->p->operands.n < 2 && !effect_given(e, "delete"))
		return;
	if (!effect_operand(e, 0, &name) || !effect_operand(e, 1, &to) ||
	    (!git_ref_valid(name, false) && !str_is(name, "HEAD"))) {
		head_unknown(e);
		return;
	}
	overlay_write(e->g->rd, str_is(name, "HEAD") ? effect_in_git(e, name) : effect_in_common(e, name),
	    str_printf(e->a, "ref: " STR_FMT "\n", STR_ARG(to)), e->sure);
}

static void
update_ref(struct effect *e)
{
	struct str name;

	if (effect_given(e, "stdin") || !effect_operand(e, 0, &name) || !git_ref_valid(name, false)) {
		head_unknown(e);
		overlay_unknown_under(e->g->rd, effect_in_common(e, STR("refs")));
	} else if (effect_given(e, "d")) {
		overlay_remove(e->g->rd, effect_in_common(e, name), e->sure);
	} else if (str_starts(name, STR("refs/"))) {
		overlay_write(e->g->rd, effect_in_common(e, name), STR(SOME_COMMIT "\n"), e->sure);
	}
}

/* A first commit: the branch is born. */
static void
commit(struct effect *e)
{
	struct str head;

	if (git_head(e->g, &head) == 0 && !git_born(e->g, head))
		overlay_write(e->g->rd, effect_in_common(e, head), STR(SOME_COMMIT "\n"), e->sure);
}

/* git rebase BASE BRANCH checks BRANCH out first. */
static void
rebase(struct effect *e)
{
	struct str name;
	size_t at = effect_given(e, "root") ? 0 : 1;

	if (e->p->operands.n <= at)
		return;
	if (effect_operand(e, at, &name))
		go_to(e, name, false);
	else
		head_unknown(e);
}

static void
push(struct effect *e)
{
	struct git_push push;

	if (!effect_given(e, "set-upstream") && git_config_bool(&e->g->config, "push.autosetupremote", false) == TRI_NO)
		return;
	git_push_updates(e->g, &push);
	for (size_t i = 0; push.upstream && i < push.updates.n; i++) {
		const struct git_update *u = &push.updates.v[i];
		struct str ref, remote, head;

		if (u->deletes == TRI_YES)
			continue;
		if (!word_known(e->a, u->ref, &ref) || !word_known(e->a, u->remote, &remote)) {
			e->sure = false;
			overlay_unknown(e->g->rd, effect_config(e), 0);
			return;
		}
		if (str_starts(ref, STR("refs/heads/")) && git_head(e->g, &head) == 0)
			effect_upstream(e, str_sub(head, STR("refs/heads/").n, head.n), remote, ref);
	}
}

static void
tag(struct effect *e)
{
	struct str name;

	for (size_t i = 0; i < e->p->operands.n && effect_operand(e, i, &name) && git_ref_valid(name, false); i++) {
		struct str path = effect_in_common(e, str_cat(e->a, STR("refs/tags/"), name));

		if (effect_given(e, "delete")) {
			overlay_remove(e->g->rd, path, e->sure);
		} else if (!effect_given(e, "list") && !effect_given(e, "verify")) {
			overlay_write(e->g->rd, path, STR(SOME_COMMIT "\n"), e->sure);
			return;
		}
	}
}

static const struct {
	const char *path;
	void (*run)(struct effect *e);
} effects[] = {
	{ "branch", branch },
	{ "checkout", checkout },
	{ "commit", commit },
	{ "config", effect_git_config },
	{ "config set", effect_git_config },
	{ "config unset", effect_git_config },
	{ "config rename-section", effect_git_config },
	{ "config remove-section", effect_git_config },
	{ "config edit", effect_git_config },
	{ "push", push },
	{ "rebase", rebase },
	{ "remote", effect_git_remote },
	{ "remote add", effect_git_remote },
	{ "remote remove", effect_git_remote },
	{ "remote rename", effect_git_remote },
	{ "remote set-url", effect_git_remote },
	{ "switch", checkout },
	{ "symbolic-ref", symbolic_ref },
	{ "tag", tag },
	{ "update-ref", update_ref },
	{ "stash branch", head_unknown },
	{ "bisect start", head_unknown },
	{ "bisect reset", head_unknown },
	{ "bisect run", head_unknown },
};

/* ---- the work tree ---- */

/* Does HEAD become another commit, with its files? */
static bool
leaves_head(struct effect *e)
{
	struct str name, head;

	if (effect_given(e, "b") || effect_given(e, "B") || effect_given(e, "create") || effect_given(e, "force-create"))
		return e->p->operands.n > 0;
	if (e->p->operands.n != 1 || e->p->dashdash == 1 || effect_given(e, "patch"))
		return false;
	if (!effect_operand(e, 0, &name))
		return true;
	if (git_head(e->g, &head) == 0 && str_eq(head, effect_branch_ref(e, name)))
		return false;
	return str_is(name, "-") || git_revision(e->g, name) != TRI_NO || !git_is_file(e->g, path_join(e->a, e->g->dir, name));
}

static bool
moves_tree(struct effect *e)
{
	static const char *const always[] = { "am", "apply", "cherry-pick", "merge", "pull", "rebase", "revert",
		"stash", "stash apply", "stash branch", "stash pop", "stash push", "stash save", "bisect start",
		"bisect reset", "bisect run" };

	if (git_is(e->p, "checkout") || git_is(e->p, "switch"))
		return leaves_head(e);
	if (git_is(e->p, "reset"))
		return effect_given(e, "hard") || effect_given(e, "merge") || effect_given(e, "keep");
	for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
		if (git_is(e->p, always[i]))
			return true;
	return false;
}

/* Some of the files here. */
static bool
moves_files(const struct parsed *p)
{
	static const char *const some[] = { "checkout", "checkout-index", "mv", "read-tree", "restore", "rm" };

	for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
		if (git_is(p, some[i]))
			return true;
	return false;
}

/* Other files than those that were read: which app they name is not known. */
static void
move_tree(struct effect *e)
{
	struct str top = e->g->repo.top.n > 0 ? e->g->repo.top : e->g->dir;

	if (moves_tree(e))
		scope_files_change(e->g->rd, top);
	else if (moves_files(e->p))
		scope_written_change(e->g->rd, top);
}

static void
unknown_project(struct git *g)
{
	struct str dot = path_join(g->a, g->rd->request->project, STR(".git"));

	overlay_unknown(g->rd, path_join(g->a, dot, STR("HEAD")), 0);
	overlay_unknown(g->rd, path_join(g->a, dot, STR("config")), 0);
}

void
git_effect(struct git *g, bool sure)
{
	struct effect e = { .g = g, .a = g->a, .p = g->p, .sure = sure };

	if (git_is(g->p, "clone") || git_is(g->p, "init")) {
		effect_new_repo(&e);
		return;
	}
	if (git_is(g->p, "worktree add")) {
		effect_worktree(&e);
		return;
	}
	move_tree(&e);
	if (g->repo.found == GIT_UNSURE && !git_is(g->p, "push")) {
		unknown_project(g); /* it may be the one that counts */
		return;
	}
	if (g->repo.found == GIT_NONE && !git_is(g->p, "config") && !git_is(g->p, "config set"))
		return;
	for (size_t i = 0; i < sizeof effects / sizeof effects[0]; i++)
		if (git_is(g->p, effects[i].path)) {
			effects[i].run(&e);
			return;
		}
}

bool
git_moves_tree(struct git *g)
{
	struct effect e = { .g = g, .a = g->a, .p = g->p };

	return g->repo.found == GIT_FOUND && g->repo.top.n > 0 && moves_tree(&e);
}

/* Has it any for the line? */
bool
git_has_effect(const struct parsed *p)
{
	struct effect e = { .p = p };

	if (moves_files(p) || (!git_is(p, "switch") && moves_tree(&e)))
		return true;
	for (size_t i = 0; i < sizeof effects / sizeof effects[0]; i++)
		if (git_is(p, effects[i].path))
			return true;
	return git_is(p, "clone") || git_is(p, "init") || git_is(p, "worktree add");
}
