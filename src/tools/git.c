/* SPDX-License-Identifier: ISC */
/*
 * git.c: the git resolver. What a git command is about, as fields of its
 * actions; one action for each update of a push. Runs nothing. Read on in
 * git_push.c; a rule's side is git_pattern.c.
 */
#include <string.h>

#include "tools/git.h"
#include "tools/host.h"
#include "tools/resolvers.h"

static struct words
one(struct arena *a, struct word w)
{
	struct word *v = NEW(a, struct word);

	*v = w;
	return (struct words){ v, 1 };
}

/* A further action with all that proto says of the command. */
static struct action *
copy_action(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct action *proto)
{
	struct action *act = reading_add(rd, ACTION_COMMAND, st, c), own;

	if (act == NULL)
		return NULL;
	own = *act;
	*act = *proto;
	act->id = own.id;
	act->after_ids = own.after_ids;
	act->nafter = own.nafter;
	act->fields = reading_fields(rd, proto->fields, proto->nfields);
	return act;
}

/* ---- push: one action an update ---- */
static bool
same_word(struct arena *a, struct word x, struct word y)
{
	struct str sx, sy;

	return word_known(a, x, &sx) && word_known(a, y, &sy) && str_eq(sx, sy);
}

static bool
same_update(struct arena *a, const struct git_update *x, const struct git_update *y)
{
	return same_word(a, x->ref, y->ref) && same_word(a, x->remote, y->remote) &&
	    str_eq(x->url, y->url) && x->force == y->force && x->deletes == y->deletes;
}

static const char *
tri_text(enum tri t)
{
	return t == TRI_YES ? "yes" : "no";
}

static bool
effect_is(const struct action *act, const char *what)
{
	const struct field *f = action_field(act, "effect");

	return f != NULL && f->values.n == 1 && word_is(f->values.v[0], what);
}

static void
set_remote(struct git *g, struct action *act, const struct git_update *u)
{
	struct words same = { 0 };
	struct word *v;
	struct str name;

	if (u->remote_why.n > 0 && (u->remote.n == 0 || !word_known(g->a, u->remote, &name))) {
		field_unknown(g->rd, act, "remote", u->remote_why);
		if (word_prefix(u->remote).n > 0)
			field_set(g->rd, act, "remote", one(g->a, u->remote), STR("operand"));
		field_unknown(g->rd, act, "url", u->remote_why);
		return;
	}
	word_known(g->a, u->remote, &name);
	if (u->url.n > 0)
		git_remote_same(g, u->url, name, &same);
	v = NEW_ARRAY(g->a, struct word, same.n + 1);
	v[0] = u->remote;
	for (size_t i = 0; i < same.n; i++)
		v[i + 1] = same.v[i];
	field_set(g->rd, act, "remote", (struct words){ v, same.n + 1 }, STR(""));
	if (u->url.n > 0)
		field_set_str(g->rd, act, "url", u->url);
	else
		field_unknown(g->rd, act, "url", STR("where the remote leads is not known"));
}

/* Many at once: a rule speaks of one, an allow must cover them all. */
static void
set_refs(struct git *g, struct action *act, const struct git_update *u)
{
	VEC(struct word) branches = { 0 };
	struct str heads = STR("refs/heads/"), known;

	for (size_t i = 0; i < u->refs.n; i++)
		if (word_known(g->a, u->refs.v[i], &known) && str_starts(known, heads))
			*vec_push(g->a, &branches) = word_text(g->a, str_sub(known, heads.n, known.n));
	field_set(g->rd, act, "ref", u->refs, u->from);
	field_set(g->rd, act, "branch", (struct words){ branches.v, branches.n }, u->from);
}

static void
set_ref(struct git *g, struct action *act, const struct git_update *u)
{
	struct str heads = STR("refs/heads/"), prefix = word_prefix(u->ref), known;
	struct field *f;

	if (u->refs.n > 0) {
		set_refs(g, act, u);
		return;
	}
	if (prefix.n == 0) {
		field_unknown(g->rd, act, "ref", u->ref_why);
		field_unknown(g->rd, act, "branch", u->ref_why);
		return;
	}
	field_set(g->rd, act, "ref", one(g->a, u->ref), u->from);
	f = action_field(act, "ref");
	f->why = u->ref_why;
	if (word_known(g->a, u->ref, &known)) {
		if (str_starts(known, heads))
			field_set(g->rd, act, "branch", one(g->a, word_text(g->a, str_sub(known, heads.n, known.n))),
			    u->from);
		else
			field_absent(g->rd, act, "branch");
	} else if (str_starts(prefix, heads)) {
		struct word rest = { u->ref.v + 1, u->ref.n - 1, STR("") };

		field_set(g->rd, act, "branch",
		    one(g->a, word_cat(g->a, word_text(g->a, str_sub(prefix, heads.n, prefix.n)), rest)), u->from);
	} else if (str_starts(heads, prefix)) {
		field_unknown(g->rd, act, "branch", u->ref_why);
	} else {
		field_absent(g->rd, act, "branch");
	}
}

/* Does the remote get no commit by it: a deletion, or what its remote-tracking
 * ref, kept up to date by the usual fetch refspec, has already? Told where both
 * refs are files of their own, as they are after any work on them. */
static bool
nothing_new(struct git *g, const struct git_update *u)
{
	struct str remote, ref, here, there, heads = STR("refs/heads/"), usual;
	bool tracked = false;

	if (u->deletes == TRI_YES)
		return true;
	if (u->src.n == 0 || u->remote_why.n > 0 || !word_known(g->a, u->remote, &remote) ||
	    !word_known(g->a, u->ref, &ref) || !str_starts(ref, heads))
		return false;
	if (g->config.list.n == 0)
		return false;
	usual = str_printf(g->a, "+refs/heads/*:refs/remotes/" STR_FMT "/*", STR_ARG(remote));
	for (size_t i = 0; i < g->config.list.n; i++)
		tracked |= str_eq(g->config.list.v[i].value, usual) &&
		    str_eq(g->config.list.v[i].key, str_printf(g->a, "remote." STR_FMT ".fetch", STR_ARG(remote)));
	if (!tracked)
		return false;
	ref = str_printf(g->a, "refs/remotes/" STR_FMT "/" STR_FMT, STR_ARG(remote),
	    STR_ARG(str_sub(ref, heads.n, ref.n)));
	return git_resolve_loose(g, u->src, &here) == 0 && git_resolve_loose(g, ref, &there) == 0 &&
	    str_eq(here, there);
}

static void
set_update(struct git *g, struct action *act, const struct git_push *push, const struct git_update *u)
{

	static const char *const forces[] = { [GIT_FORCE_NO] = "no", [GIT_FORCE_LEASE] = "lease",
		[GIT_FORCE_YES] = "yes", [GIT_FORCE_UNKNOWN] = "" };

	set_remote(g, act, u);
	set_ref(g, act, u);
	if (u->force == GIT_FORCE_UNKNOWN)
		field_unknown(g->rd, act, "force", u->ref_why);
	else
		field_set_text(g->rd, act, "force", forces[u->force]);
	if (u->deletes == TRI_MAYBE)
		field_unknown(g->rd, act, "delete", u->ref_why);
	else
		field_set_text(g->rd, act, "delete", tri_text(u->deletes));
	field_set_text(g->rd, act, "upstream", push->upstream ? "yes" : "no");
	if (!effect_is(act, "exec"))
		field_set_text(g->rd, act, "effect",
		    u->force != GIT_FORCE_NO || u->deletes != TRI_NO ? "destroy" : "write");
	if (str_find(u->url, STR("::")) != STR_NPOS && str_find(u->url, STR("::")) < str_chr(u->url, '/'))
		act->flags |= ACTION_FOREIGN; /* git-remote-NAME from PATH */
	if (push->error.n > 0) {
		act->runs = false;
		act->error = push->error;
	}
}

static void
set_no_update(struct git *g, struct action *act, const struct git_push *push)
{
	struct str why = push->error.n > 0 ? push->error : STR("nothing is pushed");

	if (push->error.n > 0) {
		act->runs = false;
		act->error = why;
		field_unknown(g->rd, act, "ref", why);
		field_unknown(g->rd, act, "branch", why);
		field_unknown(g->rd, act, "path", why);
	} else {
		field_absent(g->rd, act, "path");
		field_absent(g->rd, act, "ref");
		field_absent(g->rd, act, "branch");
	}
	if (push->remote.n > 0)
		field_set_str(g->rd, act, "remote", push->remote);
	else
		field_unknown(g->rd, act, "remote", why);
	field_set_text(g->rd, act, "force", "no");
	field_set_text(g->rd, act, "delete", "no");
}

struct pushed {
	VEC(struct git_update) seen;
	bool used;    /* proto has been filled */
	bool several; /* ways that the world can be */
};

static int
push_once(struct git *g, const struct shell_command *c, struct action *proto, struct pushed *all)
{
	struct git_push push;

	git_push_updates(g, &push);
	for (size_t i = 0; i < push.updates.n; i++) {
		const struct git_update *u = &push.updates.v[i];
		struct action *act = proto;
		bool had = false;

		for (size_t k = 0; k < all->seen.n; k++)
			had = had || same_update(g->a, &all->seen.v[k], u);
		if (had)
			continue;
		*vec_push(g->a, &all->seen) = *u;
		if (all->used && (act = copy_action(g->rd, g->st, c, proto)) == NULL)
			return 0;
		all->used = true;
		set_update(g, act, &push, u);
		if (!all->several && nothing_new(g, u))
			field_absent(g->rd, act, "path");
		else
			field_unknown(g->rd, act, "path", STR("which files the pushed commits change is not looked at"));
	}
	if (push.updates.n == 0 && !all->used) {
		set_no_update(g, proto, &push);
		all->used = true;
	}
	return 0;
}

/* ---- all commands ---- */
struct ways { /* every way the world can be */
	struct git *v[LIMIT_ALTERNATIVES];
	size_t n;
};

static void
open_ways(struct reading *rd, struct shell_state *st, const struct parsed *p, struct ways *w)
{
	size_t ways = 1;

	for (w->n = 0; w->n < ways && w->n < LIMIT_ALTERNATIVES; w->n++) {
		struct git *g = NEW(rd->a, struct git);
		struct str head;

		git_open(g, rd, st, p, w->n);
		git_head(g, &head);
		ways = g->ways > ways ? g->ways : ways;
		w->v[w->n] = g;
	}
}

/* The branch that the command works on; a push has that of its update. */
static void
set_branch(struct reading *rd, struct action *act, const struct ways *w)
{
	VEC(struct word) names = { 0 };
	struct str head;

	for (size_t i = 0; i < w->n; i++) {
		struct git *g = w->v[i];
		int err = git_head(g, &head);

		if (err == BRIDLE_EUNKNOWN || g->repo.found != GIT_FOUND) {
			field_unknown(rd, act, "branch", g->repo.why.n > 0 ? g->repo.why :
			    STR("the current branch is not known"));
			return;
		}
		if (err == 0)
			*vec_push(rd->a, &names) = word_text(rd->a, str_sub(head, STR("refs/heads/").n, head.n));
	}
	field_set(rd, act, "branch", (struct words){ names.v, names.n }, STR("HEAD"));
}

/* -c user.name=x is as harmless as what it sets, -C as the repository there. */
static void
reclass(struct reading *rd, struct action *act, bool safe_c, bool here)
{
	struct option_value *v = NEW_ARRAY(rd->a, struct option_value, act->noptions + 1);

	for (size_t i = 0; i < act->noptions; i++) {
		v[i] = act->options[i];
		if (safe_c && str_is(v[i].name, "c"))
			v[i].cls = OPTION_NEUTRAL;
		if (here && (str_is(v[i].name, "C") || str_is(v[i].name, "git-dir")))
			v[i].cls = OPTION_SCOPE;
	}
	act->options = v;
}

/* push.pushOption in the configuration is -o on the line: on some servers it
 * merges what is pushed. */
static void
push_options(struct reading *rd, struct action *act, const struct parsed *p, struct git *g)
{
	struct option_value *v = NEW_ARRAY(rd->a, struct option_value, act->noptions + 1);
	VEC(struct word) values = { 0 };

	if (parsed_option(p, "push-option") != NULL)
		return;
	for (size_t i = 0; i < g->config.list.n; i++) {
		const struct git_setting *s = &g->config.list.v[i];

		if (!str_is(s->key, "push.pushoption"))
			continue;
		if (s->value.n == 0)
			values.n = 0; /* clears the list */
		else
			*vec_push(rd->a, &values) = word_text(rd->a, s->value);
	}
	if (values.n == 0)
		return;
	for (size_t i = 0; i < act->noptions; i++)
		v[i] = act->options[i];
	v[act->noptions] = (struct option_value){ .name = STR("push-option"), .cls = OPTION_PLAIN, .list = true,
		.values = { values.v, values.n }, .spelled = STR("push.pushOption") };
	act->options = v;
	act->noptions++;
}

/* Files that are lost or brought in; where the world can be in several ways
 * only that there may be some. */
static void
set_files(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct action *act,
    const struct ways *w)
{
	static const char *const names[] = { "dirty", "path", "forced-ignored" };

	git_loss(w->v[0], st, c, act);
	git_take(w->v[0], act);
	for (size_t i = 0; w->n > 1 && i < sizeof names / sizeof names[0]; i++)
		if (action_field(act, names[i]) != NULL)
			field_unknown(rd, act, names[i], STR("the repository may be in more than one state here"));
}

static bool
one_place(const struct ways *w)
{
	for (size_t i = 1; i < w->n; i++)
		if (!str_eq(w->v[i]->repo.gitdir, w->v[0]->repo.gitdir))
			return false;
	return true;
}

/* Where the world can be in several ways the effect is a further one, but for
 * commands that end in the same place from each. */
static void
leave_behind(const struct ways *w, const struct parsed *p, bool sure)
{
	bool alike = (git_is(p, "checkout") || git_is(p, "switch") || git_is(p, "symbolic-ref")) && one_place(w);

	if (!git_has_effect(p))
		return;
	if (w->n == 1 || alike) {
		git_effect(w->v[0], sure && !p->maybe);
		return;
	}
	for (size_t i = 0; i < w->n; i++)
		git_effect(w->v[i], false);
}

/* A name that is no command of git and no alias: git runs git-NAME. */
static void
unknown_command(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct parsed *p, struct action *act)
{
	if (p->unknown_word.n == 0) { /* git --version, --help, or nothing: it only prints */
		if (!p->maybe)
			field_set_text(rd, act, "effect", "read");
		return;
	}
	act->flags |= ACTION_FOREIGN;
	if (p->maybe)
		reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
		    str_printf(rd->a, "which git command " STR_FMT " is, is not known before it runs",
			STR_ARG(p->unknown_word)));
	else
		reading_unknown_at(rd, st, c, UNKNOWN_OPAQUE, c->typed,
		    str_printf(rd->a, "git " STR_FMT " is a program of its own", STR_ARG(p->unknown_word)));
}

/* -h prints the usage; --help shows a page by a program that configuration may
 * name. */
static void
mark_help(struct reading *rd, struct shell_state *st, const struct parsed *p, struct action *act)
{
	static const char *const sections[] = { "man.", "browser.", "help.", "web." };
	struct git *g = NEW(rd->a, struct git);
	bool harmless = (act->flags & (ACTION_TAINTED | ACTION_OUTSIDE)) == 0;

	for (size_t i = 0; i < act->nassigns; i++)
		harmless = harmless && act->assigns[i].safe;
	for (size_t i = 0; i < act->noptions; i++)
		harmless = harmless && act->options[i].cls != OPTION_DOOR;
	if (!harmless)
		return;
	git_open(g, rd, st, p, 0);
	for (size_t i = 0; i < g->config.list.n && harmless; i++)
		for (size_t k = 0; k < sizeof sections / sizeof sections[0]; k++)
			harmless = harmless && !str_starts(g->config.list.v[i].key, str_of(sections[k]));
	if (!harmless || g->config.why.n > 0 || g->ways > 1)
		return;
	field_set_text(rd, act, "effect", "read");
	act->flags |= ACTION_HELP;
}

/* git diff and grep outside of a repository read the files that they are given. */
static void
look_at_files(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct parsed *p)
{
	bool all = parsed_option(p, "no-index") != NULL, grep = git_is(p, "grep");

	if (!grep && !git_is(p, "diff"))
		return;
	for (size_t i = 0; i < p->operands.n; i++) {
		struct word w = p->operands.v[i].n > 0 ? p->operands.v[i].v[0] : word_text(rd->a, STR(""));

		if (all || str_starts(word_prefix(w), STR("/")))
			file_look(rd, st, c, w, ACTION_OPERAND | (grep ? ACTION_RECURSIVE : 0));
	}
}

static int
git_command(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct parsed *p, struct action *proto)
{
	bool foreign = false, known = true, safe_c = true;
	struct pushed all = { 0 };
	struct ways w;
	int err;

	if (p->help && !p->maybe) {
		mark_help(rd, st, p, proto);
		return 0;
	}
	if ((err = git_judge_inside(rd, st, c, p, proto, &safe_c)) < 0)
		return err;
	if (p->command == NULL || p->command->npath == 0) {
		unknown_command(rd, st, c, p, proto);
		return 0;
	}
	look_at_files(rd, st, c, p);
	open_ways(rd, st, p, &w);
	for (size_t i = 0; i < w.n; i++) {
		foreign = foreign || git_foreign(w.v[i], effect_is(proto, "read"));
		known = known && w.v[i]->repo.found != GIT_UNSURE;
	}
	if (foreign)
		proto->flags |= ACTION_FOREIGN;
	reclass(rd, proto, safe_c, known && !foreign);
	if (!git_is(p, "push")) {
		set_branch(rd, proto, &w);
		set_files(rd, st, c, proto, &w);
	} else {
		all.several = w.n > 1;
		push_options(rd, proto, p, w.v[w.n - 1]);
	}
	for (size_t i = 0; err == 0 && i < w.n && git_is(p, "push"); i++)
		err = push_once(w.v[i], c, proto, &all);
	for (size_t i = 0; i < w.n; i++)
		if (git_moves_tree(w.v[i]))
			proto->flags |= ACTION_TREE;
	if (err == 0)
		leave_behind(&w, p, reading_sure(rd, c));
	return err;
}

const struct resolver resolver_git = {
	.name = "git",
	.before = git_before,
	.command = git_command,
	.pattern = git_pattern,
	.output = git_output,
};
