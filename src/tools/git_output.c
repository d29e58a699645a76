/* SPDX-License-Identifier: ISC */
/*
 * git_output.c: what git's looks at its own state print, for $(…): the current
 * branch, the top of the tree, settings. One answer where every way the world
 * can be gives the same, else its shape.
 */
#include <string.h>

#include "tools/git.h"

#define REF_NEVER " ~^:?*[\\\n\t"
#define HEX "0123456789abcdef"

struct asked {
	struct git *g;
	const struct parsed *p;
	struct arena *a;
};

static bool
given(const struct asked *q, const char *name)
{
	return parsed_option(q->p, name) != NULL;
}

static bool
operand_is(const struct asked *q, size_t i, const char *text)
{
	return i < q->p->operands.n && word_is(q->p->operands.v[i].v[0], text);
}

static struct word
chars(struct arena *a, struct byteset set, size_t min, size_t max, const char *shown)
{
	struct byteset *s = NEW(a, struct byteset);
	struct piece *p = NEW(a, struct piece);

	*s = set;
	*p = (struct piece){ PIECE_CHARS, str_of(shown), s, min, max };
	return (struct word){ p, 1, STR("") };
}

/* The shape of a branch's name: it begins with no dash and holds no colon. */
static struct word
some_branch(struct arena *a)
{
	struct word first = chars(a, byteset_not(REF_NEVER "-/."), 1, 1, "");

	return word_cat(a, first, chars(a, byteset_not(REF_NEVER), 0, PIECE_NOMAX, "<branch>"));
}

static int
line(const struct asked *q, struct str text, struct word *out)
{
	*out = word_text(q->a, str_cat(q->a, text, STR("\n")));
	return 0;
}

static int
hex(const struct asked *q, struct word *out)
{
	const struct option_value *s = parsed_option(q->p, "short");
	struct word w = s != NULL ? chars(q->a, byteset_of(HEX), 4, 64, "<commit>") :
				    chars(q->a, byteset_of(HEX), 40, 64, "<commit>");
	struct str value;

	if (s == NULL && git_resolve(q->g, STR("HEAD"), NULL, &value) == 0)
		return line(q, value, out);
	*out = word_cat(q->a, w, word_text(q->a, STR("\n")));
	return 0;
}

/* The current branch; detached: as the command says it. */
static int
current(const struct asked *q, const char *detached, bool full, struct word *out)
{
	struct str head;

	switch (git_head(q->g, &head)) {
	case 0:
		return line(q, full ? head : str_sub(head, STR("refs/heads/").n, head.n), out);
	case BRIDLE_ENOENT:
		if (detached == NULL || !git_whole(q->g))
			return BRIDLE_EUNKNOWN;
		*out = word_text(q->a, str_of(detached));
		return 0;
	default:
		return BRIDLE_EUNKNOWN; /* HEAD may be on no branch: then nothing is printed */
	}
}

/* origin/main of the current branch. */
static int
upstream(const struct asked *q, struct word *out)
{
	struct str head, name, remote, merge;

	if (git_head(q->g, &head) != 0)
		return BRIDLE_EUNKNOWN;
	name = str_sub(head, STR("refs/heads/").n, head.n);
	if (git_config_of(q->a, &q->g->config, "branch", name, "remote", &remote) != 0 ||
	    git_config_of(q->a, &q->g->config, "branch", name, "merge", &merge) != 0 ||
	    !str_starts(merge, STR("refs/heads/")) || str_is(remote, "."))
		return BRIDLE_EUNKNOWN;
	return line(q, str_printf(q->a, STR_FMT "/" STR_FMT, STR_ARG(remote),
	    STR_ARG(str_sub(merge, STR("refs/heads/").n, merge.n))), out);
}

static int
rev_parse(const struct asked *q, struct word *out)
{
	const struct git_repo *r = &q->g->repo;
	bool one = q->p->operands.n == 1;

	if (r->found == GIT_UNSURE)
		return BRIDLE_EUNKNOWN;
	if (given(q, "show-toplevel"))
		return r->found == GIT_FOUND && r->top.n > 0 && q->p->operands.n == 0 ? line(q, r->top, out) :
										       BRIDLE_EUNKNOWN;
	if (given(q, "is-inside-work-tree"))
		return r->found == GIT_FOUND && r->top.n > 0 ? line(q, STR("true"), out) : BRIDLE_EUNKNOWN;
	if (given(q, "absolute-git-dir"))
		return r->found == GIT_FOUND ? line(q, r->gitdir, out) : BRIDLE_EUNKNOWN;
	if (given(q, "abbrev-ref") && one && (operand_is(q, 0, "HEAD") || operand_is(q, 0, "@")))
		return current(q, "HEAD\n", false, out);
	if (given(q, "abbrev-ref") && one && (operand_is(q, 0, "@{u}") || operand_is(q, 0, "@{upstream}") ||
	    operand_is(q, 0, "HEAD@{u}") || operand_is(q, 0, "HEAD@{upstream}")))
		return upstream(q, out);
	if (given(q, "symbolic-full-name") && one && operand_is(q, 0, "HEAD"))
		return current(q, "HEAD\n", true, out);
	if (!given(q, "abbrev-ref") && !given(q, "symbolic-full-name") && one && operand_is(q, 0, "HEAD"))
		return hex(q, out);
	return BRIDLE_EUNKNOWN;
}

static int
symbolic_ref(const struct asked *q, struct word *out)
{
	if (q->p->operands.n != 1 || !operand_is(q, 0, "HEAD") || given(q, "delete"))
		return BRIDLE_EUNKNOWN;
	return current(q, NULL, !given(q, "short"), out);
}

static int
config_get(const struct asked *q, struct word *out)
{
	static const char *const plain[] = { "get", "C", "c", "git-dir", "no-pager" };
	struct str key, value;

	for (size_t i = 0; i < q->p->options.n; i++) {
		bool known = false;

		for (size_t k = 0; k < sizeof plain / sizeof plain[0]; k++)
			known = known || str_is(q->p->options.v[i].name, plain[k]);
		if (!known)
			return BRIDLE_EUNKNOWN;
	}
	if (q->p->operands.n != 1 || given(q, "null") || !word_known(q->a, q->p->operands.v[0].v[0], &key) ||
	    git_config_key(q->a, key, &key) != 0)
		return BRIDLE_EUNKNOWN;
	if (git_config_last(&q->g->config, key, &value) != 0)
		return BRIDLE_EUNKNOWN;
	return line(q, value, out);
}

static int
remote_url(const struct asked *q, struct word *out)
{
	struct git_remote r;
	struct str name;

	if (q->p->operands.n != 1 || given(q, "all") || !word_known(q->a, q->p->operands.v[0].v[0], &name) ||
	    git_remote_get(q->g, name, STR(""), &r) != 0 || !r.configured || r.why.n > 0 || r.urls.n != 1)
		return BRIDLE_EUNKNOWN;
	if (!given(q, "push")) { /* the fetch URL: only where pushing has no other */
		struct str v;

		if (git_config_of(q->a, &q->g->config, "remote", name, "pushurl", &v) != BRIDLE_ENOENT)
			return BRIDLE_EUNKNOWN;
		for (size_t i = 0; i < q->g->config.list.n; i++)
			if (str_ends(q->g->config.list.v[i].key, STR(".pushinsteadof")))
				return BRIDLE_EUNKNOWN;
	}
	return line(q, r.urls.v[0], out);
}

/* What answer() has something to say of. */
static bool
can_answer(const struct parsed *p)
{
	static const char *const paths[] = { "branch", "rev-parse", "symbolic-ref", "config", "config get", "remote get-url" };

	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		if (git_is(p, paths[i]))
			return true;
	return false;
}

static int
answer(const struct asked *q, struct word *out)
{
	if (git_is(q->p, "branch") && given(q, "show-current") && q->p->operands.n == 0)
		return current(q, "", false, out);
	if (git_is(q->p, "rev-parse"))
		return rev_parse(q, out);
	if (git_is(q->p, "symbolic-ref"))
		return symbolic_ref(q, out);
	if (git_is(q->p, "config") || git_is(q->p, "config get"))
		return config_get(q, out);
	if (git_is(q->p, "remote get-url"))
		return remote_url(q, out);
	return BRIDLE_EUNKNOWN;
}

int
git_output(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct parsed *p,
    struct word *out)
{
	struct word first = { 0 };
	struct str known, other;
	size_t ways = 1;

	(void)c;
	if (p->maybe || p->rest || p->help || p->refused || !can_answer(p))
		return BRIDLE_EUNKNOWN;
	for (size_t v = 0; v < ways && v < LIMIT_ALTERNATIVES; v++) {
		struct asked q = { .p = p, .a = rd->a };
		struct git g;
		int err;

		git_open(&g, rd, st, p, v);
		q.g = &g;
		if ((err = answer(&q, out)) != 0)
			return err;
		ways = g.ways > ways ? g.ways : ways;
		if (v == 0) {
			first = *out;
			continue;
		}
		if (!word_known(rd->a, first, &known) || !word_known(rd->a, *out, &other))
			return BRIDLE_EUNKNOWN;
		if (known.n < 2 || other.n < 2)
			return BRIDLE_EUNKNOWN; /* one of them prints nothing */
		if (!str_eq(known, other)) {
			*out = some_branch(rd->a);
			return git_is(p, "branch") ||
			    (git_is(p, "rev-parse") && parsed_option(p, "abbrev-ref") != NULL) ? 0 : BRIDLE_EUNKNOWN;
		}
	}
	*out = first;
	return 0;
}
