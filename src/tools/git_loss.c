/* SPDX-License-Identifier: ISC */
/*
 * git_loss.c: what a git command would throw away: the effect `destroy` where
 * no option tells it, and `dirty`: is there work to lose? Looks at stat data
 * only; what that cannot tell is unknown. Files that git overwrites because
 * they are named count as edits.
 */
#include <string.h>

#include "tools/git_files.h"
#include "tools/host.h"

struct loss {
	struct git *g;
	const struct parsed *p;
	struct action *act;
	struct shell_state *st;
	const struct shell_command *c;
};

static bool
given(const struct loss *l, const char *name)
{
	return parsed_option(l->p, name) != NULL;
}

static void
effect(const struct loss *l, const char *what)
{
	field_set_text(l->g->rd, l->act, "effect", what);
}

/* Any that options and operands can give it. A command whose path stands on the
 * line deals with credentials only where the model says so. */
static void
effect_open(const struct loss *l, struct str why)
{
	static const char *const any[] = { "read", "write", "destroy", "exec", "local" };
	const struct model_command *cmd = l->p->command;
	bool stands = cmd->npath > 0 && cmd->npath < l->act->argv.n && !str_is(cmd->effect, "auth");

	for (size_t i = 0; i < cmd->npath && stands; i++)
		stands = word_says(l->act->argv.v[i + 1], cmd->path[i]);
	if (stands)
		field_one_of(l->g->rd, l->act, "effect", any, sizeof any / sizeof any[0], why);
	else
		field_unknown(l->g->rd, l->act, "effect", why);
}

static bool
destroys(const struct loss *l)
{
	const struct field *f = action_field(l->act, "effect");

	return f != NULL && f->values.n == 1 && word_is(f->values.v[0], "destroy");
}

/* ---- dirty ---- */
static void
set_dirty(const struct loss *l, const struct git_files *lost, bool unsure)
{
	if (lost->list.n > 0 && !unsure)
		field_set_text(l->g->rd, l->act, "dirty", "yes");
	else if (lost->more || unsure)
		field_unknown(l->g->rd, l->act, "dirty", STR("whether there is work to lose cannot be told from the files' times and sizes"));
	else
		field_set_text(l->g->rd, l->act, "dirty", "no");
}

/* Tracked files that surely, and that perhaps, differ. */
static void
tracked_loss(const struct loss *l, const struct git_spec *spec, bool staged_too, struct git_files *out, bool *unsure)
{
	struct git_index x;
	size_t looks = 0;
	bool maybe = false;
	int err = git_index_read(l->g, &x);

	if (err != 0) {
		out->more = out->more || err != BRIDLE_ENOENT || !git_whole(l->g);
		return;
	}
	for (size_t i = 0; i < x.list.n && out->list.n == 0; i++) {
		enum tri t;

		if (!git_spec_has(spec, x.list.v[i].path))
			continue;
		if (++looks > LIMIT_LOOKUPS / 4 || l->g->rd->lookups > LIMIT_LOOKUPS / 2) {
			out->more = true;
			break;
		}
		t = git_entry_changed(l->g, &x, &x.list.v[i]);
		maybe = maybe || t == TRI_MAYBE;
		if (t == TRI_YES)
			*vec_push(l->g->a, &out->list) = x.list.v[i].path;
	}
	if (staged_too && x.staged != TRI_NO)
		maybe = true;
	*unsure = *unsure || (out->list.n == 0 && maybe);
}

/* Is what is written over the tree another commit's? The index does not tell. */
static bool
of_another(const struct loss *l, size_t trees)
{
	const struct option_value *source = parsed_option(l->p, "source");
	struct str name;

	if (source != NULL && source->values.n > 0)
		return !word_is(source->values.v[0], "HEAD");
	if (trees == 0 || l->p->operands.n == 0)
		return false;
	return !word_known(l->g->a, l->p->operands.v[0].v[0], &name) || (!str_is(name, "HEAD") && !str_is(name, "@"));
}

/* Operands before specs_from are no files. What another commit brings may lie
 * over files that are not tracked, ignored ones too. */
static void
dirty_tree(const struct loss *l, size_t specs_from, bool staged_too)
{
	struct git_files lost = { 0 }, untracked = { 0 };
	struct git_spec spec;
	bool unsure = false;

	git_spec_read(l->g, l->p, specs_from, &spec);
	tracked_loss(l, &spec, staged_too, &lost, &unsure);
	if (lost.list.n == 0 && !lost.more && !unsure && of_another(l, specs_from)) {
		git_files_untracked(l->g, &spec, GIT_IGNORED_TOO, &untracked);
		unsure = untracked.list.n > 0 || untracked.more;
	}
	set_dirty(l, &lost, unsure || (lost.list.n > 0 && spec.unsure));
}

static void
clean(const struct loss *l)
{
	struct git_files lost = { 0 };
	struct git_spec spec;
	bool x = given(l, "x"), only = given(l, "X");

	if (given(l, "dry-run"))
		return;
	if (!given(l, "force") && !given(l, "interactive") &&
	    git_config_bool(&l->g->config, "clean.requireforce", true) == TRI_YES) {
		l->act->runs = false;
		l->act->error = STR("clean.requireForce is set and -f is not given");
	}
	git_spec_read(l->g, l->p, 0, &spec);
	git_files_untracked(l->g, &spec, only ? GIT_IGNORED_ONLY : x ? GIT_IGNORED_TOO : GIT_NOT_IGNORED, &lost);
	if (!given(l, "d") && spec.all && lost.list.n > 0) { /* folders without tracked files stay */
		struct str top = l->g->repo.top;
		size_t n = 0;

		for (size_t i = 0; i < lost.list.n; i++)
			n += str_chr(str_sub(lost.list.v[i], top.n + 1, lost.list.v[i].n), '/') == STR_NPOS;
		lost.more = lost.more || n == 0;
		lost.list.n = n;
	}
	set_dirty(l, &lost, spec.unsure || given(l, "exclude"));
}

/* ---- effects that hang on more than an option ---- */
/* Files are named: git edits these, and they count as edits. */
static void
edits(const struct loss *l, size_t from)
{
	static const struct file_after unknown = { .kind = AFTER_UNKNOWN };

	for (size_t i = from; i < l->p->operands.n; i++) {
		struct word w = l->p->operands.v[i].v[0];
		struct str text, path;
		unsigned flags = ACTION_OPERAND;

		if (word_known(l->g->a, w, &text)) {
			if (l->g->dir.n == 0 || str_starts(text, STR(":")))
				continue;
			path = path_clean(l->g->a, path_join(l->g->a, l->g->dir, text));
			if (git_is_dir(l->g, path))
				flags |= ACTION_RECURSIVE | ACTION_WORKTREE;
			w = word_text(l->g->a, path);
		}
		file_edit(l->g->rd, l->st, l->c, w, flags, unknown);
	}
}

/* Does `git checkout WORD…` without -- name files? Then from which operand on. */
static bool
names_files(const struct loss *l, size_t *from)
{
	struct str name, path;
	struct world_stat s;

	*from = 0;
	if (l->p->dashdash > 0) {
		*from = l->p->dashdash - 1;
		return l->p->operands.n > *from;
	}
	if (given(l, "pathspec-from-file") || given(l, "patch"))
		return true;
	if (l->p->operands.n == 0 || given(l, "b") || given(l, "B") || given(l, "orphan") || given(l, "detach"))
		return false;
	*from = 1;
	if (l->p->operands.n > 1)
		return !given(l, "track");
	*from = 0;
	if (!word_known(l->g->a, l->p->operands.v[0].v[0], &name))
		return false;
	if (str_is(name, ".") || str_is(name, "..") || str_is(name, "*"))
		return true;
	if (git_ref_valid(name, false) && (!git_whole(l->g) || git_revision(l->g, name) != TRI_NO))
		return git_whole(l->g) ? false : name.n > 0 && name.p[name.n - 1] == '/';
	path = path_clean(l->g->a, path_join(l->g->a, l->g->dir, name));
	return !git_ref_valid(name, false) || overlay_stat(l->g->rd, path, false, &s) == 0;
}

/* One word that may be a branch as well as a file. */
static bool
unknown_target(const struct loss *l)
{
	struct str name;

	return l->p->operands.n == 1 && l->p->dashdash == 0 && !given(l, "b") && !given(l, "B") &&
	    !given(l, "orphan") && !given(l, "detach") && !given(l, "track") &&
	    !word_known(l->g->a, l->p->operands.v[0].v[0], &name);
}

/* What is overwritten is in the repository as it stands: nothing goes. */
static void
harmless_if_clean(const struct loss *l)
{
	const struct field *f = action_field(l->act, "dirty");

	if (f != NULL && f->values.n == 1 && word_is(f->values.v[0], "no"))
		effect(l, "write");
}

static void
checkout(const struct loss *l)
{
	size_t from;

	if (unknown_target(l)) {
		effect_open(l, STR("whether it names a branch or a file is not known"));
		dirty_tree(l, l->p->operands.n, false);
		return;
	}
	if (names_files(l, &from)) {
		effect(l, "destroy");
		/* A tree's files replace what is staged, too. */
		dirty_tree(l, from, from > 0); /* before the edits: from then on the files are unknown */
		harmless_if_clean(l);
		edits(l, from);
	} else if (given(l, "force")) {
		dirty_tree(l, l->p->operands.n, true);
	}
}

static void
restore(const struct loss *l)
{
	if (given(l, "staged") && !given(l, "worktree")) {
		effect(l, "write");
		return;
	}
	dirty_tree(l, 0, given(l, "staged"));
	harmless_if_clean(l);
	edits(l, 0);
}

static void
reset(const struct loss *l)
{
	if (given(l, "hard") || given(l, "merge"))
		dirty_tree(l, l->p->operands.n, true);
}

static void
switch_branch(const struct loss *l)
{
	if (destroys(l))
		dirty_tree(l, l->p->operands.n, true);
}

/* Has the branch at hand been pushed as it stands? */
static enum tri
pushed(const struct loss *l, bool any_of_it)
{
	struct git *g = l->g;
	struct str head, name, value, remote, theirs;

	if (git_head(g, &head) != 0)
		return TRI_MAYBE;
	name = str_sub(head, STR("refs/heads/").n, head.n);
	if (git_resolve(g, head, NULL, &value) != 0)
		return TRI_NO;
	if (git_config_of(g->a, &g->config, "branch", name, "remote", &remote) != 0)
		remote = STR("origin");
	if (git_resolve(g, str_printf(g->a, "refs/remotes/" STR_FMT "/" STR_FMT, STR_ARG(remote), STR_ARG(name)),
	    NULL, &theirs) != 0)
		return TRI_NO;
	return any_of_it || str_eq(value, theirs) ? TRI_YES : TRI_NO;
}

static void
commit(const struct loss *l)
{
	if (given(l, "amend") && pushed(l, false) == TRI_YES)
		effect(l, "destroy");
}

static void
rebase(const struct loss *l)
{
	static const char *const goes_on[] = { "continue", "quit", "edit-todo", "show-current-patch" };

	for (size_t i = 0; i < sizeof goes_on / sizeof goes_on[0]; i++)
		if (given(l, goes_on[i]))
			return;
	if (given(l, "abort") || given(l, "skip"))
		dirty_tree(l, l->p->operands.n, true);
	else if (l->p->operands.n > 0 && pushed(l, true) == TRI_YES)
		effect(l, "destroy");
}

static void
abort_only(const struct loss *l)
{
	if (given(l, "abort"))
		dirty_tree(l, l->p->operands.n, true);
}

static void
remove_files(const struct loss *l)
{
	if (given(l, "dry-run"))
		return;
	if (given(l, "force") && given(l, "cached"))
		effect(l, "write");
	if (destroys(l))
		dirty_tree(l, 0, true);
	if (!given(l, "cached"))
		edits(l, 0);
}

static void
move_files(const struct loss *l)
{
	edits(l, 0);
}

static void
worktree_remove(const struct loss *l)
{
	if (destroys(l))
		field_unknown(l->g->rd, l->act, "dirty", STR("the other work tree is not looked at"));
}

static void
apply(const struct loss *l)
{
	if (given(l, "reverse") && !given(l, "check") && !given(l, "cached"))
		effect(l, "destroy");
}

/* A refspec that forces a local branch moves it off its commits. */
static void
fetch(const struct loss *l)
{
	for (size_t i = 1; i < l->p->operands.n; i++) {
		struct git_refspec r;
		struct str text;

		if (word_known(l->g->a, l->p->operands.v[i].v[0], &text) && git_refspec_parse(text, &r) == 0 &&
		    r.has_dst && !str_starts(r.dst, STR("refs/remotes/")) && (r.force || given(l, "force")))
			effect(l, "destroy");
	}
}

static void
gc(const struct loss *l)
{
	const struct option_value *o = parsed_option(l->p, "prune");

	if (o != NULL && o->values.n > 0 && (word_is(o->values.v[0], "never") || word_is(o->values.v[0], "2.weeks.ago")))
		effect(l, "write");
}

static void
submodule_deinit(const struct loss *l)
{
	if (!given(l, "force"))
		effect(l, "write");
}

static bool
may_destroy(const struct model_command *cmd)
{
	for (size_t k = 0; k < cmd->noptions; k++)
		if (str_is(command_option(cmd, k)->effect, "destroy"))
			return true;
	return false;
}

/* The gravest of what its options do counts, unless it only pretends. */
static void
options_effect(const struct loss *l)
{
	static const char *const ranks[] = { "read", "write", "destroy", "exec" };
	const struct model_command *cmd = l->p->command;
	size_t worst = 0;
	bool any = false;

	if (l->p->maybe && may_destroy(cmd)) {
		effect_open(l, STR("its options are not known"));
		return;
	}
	for (size_t i = 0; i < l->p->options.n; i++) {
		const struct model_option *own = l->p->options.v[i].model;

		for (size_t k = 0; k < cmd->noptions && (own == NULL || own->effect.n > 0); k++) {
			const struct model_option *m = command_option(cmd, k);

			if (m->effect.n == 0 || !str_eq(m->name, l->p->options.v[i].name))
				continue;
			any = true;
			for (size_t r = 0; r < sizeof ranks / sizeof ranks[0]; r++)
				if (str_is(m->effect, ranks[r]) && r > worst)
					worst = r;
		}
	}
	if (any && !given(l, "dry-run"))
		effect(l, ranks[worst]);
	else if (any)
		effect(l, "read");
}

static void
branch(const struct loss *l)
{
	if (given(l, "delete") && given(l, "force"))
		effect(l, "destroy");
	/* Only looking: no name is given, or an option that lists. */
	else if (l->p->operands.n == 0 && !given(l, "delete") && !given(l, "D") && !given(l, "move") &&
	    !given(l, "M") && !given(l, "copy") && !given(l, "force-copy") && !given(l, "set-upstream-to") &&
	    !given(l, "unset-upstream") && !given(l, "edit-description") && !l->p->rest)
		effect(l, "read");
	else if (destroys(l))
		return;
	else if (given(l, "delete") || given(l, "move") || given(l, "copy") || given(l, "set-upstream-to") ||
	    given(l, "unset-upstream") || given(l, "edit-description"))
		effect(l, "write");
	else if (!given(l, "list") && !given(l, "contains") && !given(l, "no-contains") && !given(l, "merged") &&
	    !given(l, "no-merged") && !given(l, "points-at") && !given(l, "show-current"))
		effect(l, "write");
}

static void
tag(const struct loss *l)
{
	if (l->p->operands.n == 0 && !l->p->rest)
		effect(l, "read");
	else if (given(l, "delete") || given(l, "force"))
		effect(l, "destroy");
}

static void
config(const struct loss *l)
{
	if (l->p->operands.n == 1 && !given(l, "unset") && !given(l, "unset-all") && !given(l, "edit") &&
	    !given(l, "remove-section") && !l->p->rest)
		effect(l, "read");
}

static void
symbolic_ref(const struct loss *l)
{
	if (l->p->operands.n == 1 && !given(l, "delete") && !l->p->rest)
		effect(l, "read");
}

static const struct {
	const char *path;
	void (*loses)(const struct loss *l);
} table[] = {
	{ "am", abort_only },
	{ "apply", apply },
	{ "branch", branch },
	{ "checkout", checkout },
	{ "cherry-pick", abort_only },
	{ "clean", clean },
	{ "commit", commit },
	{ "config", config },
	{ "fetch", fetch },
	{ "gc", gc },
	{ "merge", abort_only },
	{ "mv", move_files },
	{ "pull", fetch },
	{ "rebase", rebase },
	{ "reset", reset },
	{ "restore", restore },
	{ "revert", abort_only },
	{ "rm", remove_files },
	{ "submodule deinit", submodule_deinit },
	{ "switch", switch_branch },
	{ "symbolic-ref", symbolic_ref },
	{ "tag", tag },
	{ "worktree remove", worktree_remove },
};

void
git_loss(struct git *g, struct shell_state *st, const struct shell_command *c, struct action *act)
{
	struct loss l = { .g = g, .p = g->p, .act = act, .st = st, .c = c };
	const struct field *f = action_field(act, "effect");

	if (f == NULL || f->values.n != 1 || !word_is(f->values.v[0], "exec"))
		options_effect(&l);
	if (g->p->maybe && may_destroy(g->p->command))
		return; /* what it is about hangs on words that are not known */
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (git_is(g->p, table[i].path))
			table[i].loses(&l);
	}
}
