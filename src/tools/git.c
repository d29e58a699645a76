/* SPDX-License-Identifier: ISC */
/*
 * git.c: the git resolver. What a git command is about, as fields of its
 * actions; one action for each update of a push. Runs nothing. Read on in
 * git_push.c; a rule's side is git_pattern.c.
 */
#include <string.h>

#include "tools/git.h"
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
	act->fields = NEW_ARRAY(rd->a, struct field, proto->nfields + 1);
	for (size_t i = 0; i < proto->nfields; i++)
		act->fields[i] = proto->fields[i];
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
		field_set_text(g->rd, act, "url", str_c(g->a, u->url));
	else
		field_unknown(g->rd, act, "url", STR("where the remote leads is not known"));
}

static void
set_ref(struct git *g, struct action *act, const struct git_update *u)
{
	struct str heads = STR("refs/heads/"), prefix = word_prefix(u->ref), known;
	struct field *f;

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
	} else {
		field_absent(g->rd, act, "ref");
		field_absent(g->rd, act, "branch");
	}
	if (push->remote.n > 0)
		field_set_text(g->rd, act, "remote", str_c(g->a, push->remote));
	else
		field_unknown(g->rd, act, "remote", why);
	field_set_text(g->rd, act, "force", "no");
	field_set_text(g->rd, act, "delete", "no");
}

struct pushed {
	VEC(struct git_update) seen;
	bool used; /* proto has been filled */
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
	}
	if (push.updates.n == 0 && !all->used) {
		set_no_update(g, proto, &push);
		all->used = true;
	}
	return 0;
}

static int
push_command(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct parsed *p, struct action *proto)
{
	struct pushed all = { 0 };
	size_t ways = 1;
	int err = 0;

	for (size_t v = 0; err == 0 && v < ways; v++) {
		struct git g;

		git_open(&g, rd, st, p, v);
		err = push_once(&g, c, proto, &all);
		ways = g.ways > ways ? g.ways : ways;
	}
	return err;
}

static int
git_command(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct parsed *p, struct action *proto)
{
	if (git_is(p, "push") && !p->help)
		return push_command(rd, st, c, p, proto);
	return 0;
}

const struct resolver resolver_git = {
	.name = "git",
	.before = git_before,
	.command = git_command,
	.pattern = git_pattern,
};
