/* SPDX-License-Identifier: ISC */
/*
 * git_push.c: what a `git push` updates: remote, refs, force and deletion,
 * from its operands, the configuration and the refs, in the order in which
 * git itself works it out. What cannot be known is a shape, or any ref, with
 * the reason. Next: git_dst.c, git_wild.c; fields and rules: git.c.
 */
#include <string.h>

#include "tools/git_push.h"

/* ---- the refspecs ---- */
static void
add_spec(struct push *p, struct str text, const char *from)
{
	struct spec s = { .from = from };

	if (git_refspec_parse(text, &s.r) != 0) {
		push_refuse(p, str_printf(p->a, "invalid refspec '" STR_FMT "'", STR_ARG(text)));
		s.unknown = true;
		s.word = word_any(p->a, text);
	}
	*vec_push(p->a, &p->specs) = s;
}

/* How many branch.NAME.merge there are: with two, git takes none. */
static size_t
merges(const struct push *p, struct str branch)
{
	struct str key = str_printf(p->a, "branch." STR_FMT ".merge", STR_ARG(branch));
	size_t n = 0;

	for (size_t i = 0; i < p->g->config.list.n; i++)
		n += str_eq(p->g->config.list.v[i].key, key);
	return n;
}

/* A name without ":" goes where remote.NAME.push or push.default sends it. */
static void
mapped_spec(struct push *p, struct str text)
{
	struct str full, merge, name, to;
	size_t n = 0;

	if (git_ref_count(p->g, text, &n, &full) != 0 || n != 1) {
		if (git_whole(p->g) || !git_ref_valid(text, false) || str_is(text, "HEAD") || str_is(text, "@")) {
			add_spec(p, text, "operand");
			return;
		}
		full = str_starts(text, STR("refs/")) ? text : str_cat(p->a, STR("refs/heads/"), text);
	}
	for (size_t i = 0; i < p->remote.push.n; i++) {
		const struct git_refspec *r = &p->remote.push.v[i];

		if (!r->has_dst || r->negative)
			continue;
		if (r->pattern ? !git_refspec_map(p->a, r->src, full, r->dst, &to) : !str_eq(r->src, full))
			continue;
		add_spec(p, str_printf(p->a, "%s" STR_FMT ":" STR_FMT, r->force ? "+" : "", STR_ARG(full),
		    STR_ARG(r->pattern ? to : r->dst)), "remote.push");
		return;
	}
	name = str_sub(full, STR("refs/heads/").n, full.n);
	if (p->dflt == UPSTREAM && str_starts(full, STR("refs/heads/")) && merges(p, name) == 1 &&
	    git_config_of(p->a, &p->g->config, "branch", name, "merge", &merge) == 0 &&
	    git_config_of(p->a, &p->g->config, "branch", name, "remote", &to) == 0)
		add_spec(p, str_printf(p->a, STR_FMT ":" STR_FMT, STR_ARG(text), STR_ARG(merge)), "push.default");
	else
		add_spec(p, text, "operand");
}

/* May a name without ":" be sent elsewhere by configuration that is not known? */
static struct str
mapping_why(const struct push *p)
{
	if (p->g->config.why.n > 0)
		return p->g->config.why;
	if (p->dflt == NOT_KNOWN)
		return STR("push.default is not known");
	if (p->remote_known)
		return p->remote.why;
	for (size_t i = 0; i < p->g->config.list.n; i++)
		if (str_starts(p->g->config.list.v[i].key, STR("remote.")) &&
		    str_ends(p->g->config.list.v[i].key, STR(".push")))
			return STR("the remote is not known, and one of them has push refspecs");
	return STR("");
}

static void
unknown_operand(struct push *p, struct word w)
{
	struct spec s = { .word = w, .unknown = true, .from = "operand" };

	*vec_push(p->a, &p->specs) = s;
}

static void
operand(struct push *p, struct word w, bool tag)
{
	struct str text, why = mapping_why(p);

	if (!word_known(p->a, w, &text)) {
		unknown_operand(p, w);
	} else if (tag) {
		add_spec(p, str_printf(p->a, "%srefs/tags/" STR_FMT, p->deletes ? ":" : "", STR_ARG(text)), "operand");
	} else if (p->deletes) {
		if (str_chr(text, ':') != STR_NPOS || text.n == 0)
			push_refuse(p, STR("--delete only accepts plain target ref names"));
		add_spec(p, str_cat(p->a, STR(":"), text), "operand");
	} else if (str_chr(text, ':') != STR_NPOS) {
		add_spec(p, text, "operand");
	} else if (why.n > 0) {
		push_update_any(p, why, TRI_NO, "operand");
		if (text.n == 0 || text.p[0] != '+')
			return;
		p->out->updates.v[p->out->updates.n - 1].force = GIT_FORCE_YES;
	} else {
		mapped_spec(p, text);
	}
}

static void
operands(struct push *p, const struct parsed *q)
{
	struct str text;

	if (p->tags)
		add_spec(p, STR("refs/tags/*"), "--tags");
	for (size_t i = 1; i < q->operands.n; i++) {
		struct word w = q->operands.v[i].v[0];
		bool tag = word_known(p->a, w, &text) && str_is(text, "tag");

		if (tag && i + 1 == q->operands.n) {
			push_refuse(p, STR("tag shorthand without <tag>"));
			return;
		}
		operand(p, q->operands.v[tag ? ++i : i].v[0], tag);
	}
}

static void
default_spec(struct push *p)
{
	struct str name = str_sub(p->branch, STR("refs/heads/").n, p->branch.n), dst = p->branch, merge, v;
	bool given, same, set = git_config_bool(&p->g->config, "push.autosetupremote", false) == TRI_YES;
	size_t merges = 0;

	if (p->dflt == NOTHING) {
		push_refuse(p, STR("push.default is \"nothing\" and no refspec is given"));
		return;
	}
	if (p->dflt == MATCHING) {
		add_spec(p, STR(":"), "push.default");
		return;
	}
	if (p->branch.n == 0) {
		if (!p->head_unknown)
			push_refuse(p, STR("not on a branch"));
		push_update_any(p, p->head_why, TRI_NO, "push.default");
		return;
	}
	same = p->remote_known && str_eq(p->remote.name, git_remote_for_branch(p->g, p->branch,
	    p->remote.name, false, &given));
	for (size_t i = 0; i < p->g->config.list.n; i++)
		merges += str_eq(p->g->config.list.v[i].key,
		    str_printf(p->a, "branch." STR_FMT ".merge", STR_ARG(name)));
	if (p->dflt == UPSTREAM || (p->dflt == SIMPLE && same)) {
		if (p->dflt == UPSTREAM && !same)
			push_refuse(p, STR("the remote is not the upstream of the current branch"));
		if (merges == 0 && set)
			p->out->upstream = true;
		else if (merges != 1 ||
		    git_config_of(p->a, &p->g->config, "branch", name, "remote", &v) != 0)
			push_refuse(p, STR("the current branch has no single upstream branch"));
		else if (git_config_of(p->a, &p->g->config, "branch", name, "merge", &merge) == 0 &&
		    p->dflt == UPSTREAM)
			dst = merge;
		else if (!str_eq(merge, p->branch))
			push_refuse(p, STR("the upstream branch has another name than the current one"));
	} else if (merges == 0 && set) {
		p->out->upstream = true;
	}
	add_spec(p, str_printf(p->a, STR_FMT ":" STR_FMT, STR_ARG(p->branch), STR_ARG(dst)), "push.default");
}

static const char *
any_from(const struct push *p)
{
	return p->remote_given ? "operand" : "push.default";
}

/* No refspec on the command line. */
static void
no_operands(struct push *p)
{
	if (p->g->config.why.n > 0 || p->remote.why.n > 0) {
		push_update_any(p, p->g->config.why.n > 0 ? p->g->config.why : p->remote.why, TRI_MAYBE, any_from(p));
		p->out->updates.v[p->out->updates.n - 1].force = GIT_FORCE_UNKNOWN;
	} else if (p->all) {
		add_spec(p, STR("refs/heads/*"), "--all");
		p->specs.v[p->specs.n - 1].r.matching = true;
		p->specs.v[p->specs.n - 1].r.pattern = false;
	} else if (p->remote.push.n > 0) {
		for (size_t i = 0; i < p->remote.push.n; i++) {
			struct spec s = { .r = p->remote.push.v[i], .from = "remote.push" };

			*vec_push(p->a, &p->specs) = s;
		}
	} else if (p->mirror) {
		add_spec(p, STR(":"), "--mirror");
	} else if (!p->remote_known) {
		push_update_any(p, p->g->repo.found == GIT_NONE ? p->head_why : STR("the remote is not known"),
		    TRI_MAYBE, any_from(p));
		p->out->updates.v[p->out->updates.n - 1].force = GIT_FORCE_UNKNOWN;
	} else if (p->dflt == NOT_KNOWN) {
		push_update_any(p, STR("push.default is not known"), TRI_NO, "push.default");
	} else {
		default_spec(p);
	}
}

/* ---- reading the command ---- */
static bool
given(const struct parsed *q, const char *name)
{
	return parsed_option(q, name) != NULL;
}

static enum push_default
push_default(struct push *p)
{
	static const struct {
		const char *name;
		enum push_default is;
	} names[] = { { "simple", SIMPLE }, { "current", CURRENT }, { "upstream", UPSTREAM },
		{ "tracking", UPSTREAM }, { "matching", MATCHING }, { "nothing", NOTHING } };
	struct str v;
	int err = git_config_last(&p->g->config, STR("push.default"), &v);

	if (err == BRIDLE_ENOENT)
		return SIMPLE;
	for (size_t i = 0; err == 0 && i < sizeof names / sizeof names[0]; i++)
		if (str_is(v, names[i].name))
			return names[i].is;
	return NOT_KNOWN;
}

static void
read_options(struct push *p, const struct parsed *q)
{
	const struct option_value *f = parsed_option(q, "force");

	p->all = given(q, "all");
	p->mirror = given(q, "mirror");
	p->prune = given(q, "prune");
	p->tags = given(q, "tags");
	p->deletes = given(q, "delete");
	p->lease = parsed_option(q, "force-with-lease");
	p->force = f != NULL || p->mirror ? GIT_FORCE_YES : GIT_FORCE_NO;
	if (f != NULL && f->maybe)
		p->force = GIT_FORCE_UNKNOWN;
	p->follow_tags = given(q, "follow-tags") ? TRI_YES :
	    parsed_negated(q, "follow-tags") ? TRI_NO : git_config_bool(&p->g->config, "push.followtags", false);
	p->dflt = push_default(p);
	p->out->upstream = given(q, "set-upstream");
	p->rest = q->rest;
	for (size_t i = 0; i < q->operands.n; i++)
		p->rest = p->rest || word_has_words(q->operands.v[i].v[0]);
}

static void
read_head(struct push *p)
{
	switch (git_head(p->g, &p->branch)) {
	case 0:
		return;
	case BRIDLE_ENOENT:
		p->head_unknown = !git_whole(p->g);
		p->head_why = p->g->repo.found == GIT_NONE ?
		    str_printf(p->a, "there is no git repository in " STR_FMT, STR_ARG(p->g->dir)) :
		    STR("HEAD is on no branch");
		break;
	default:
		p->head_unknown = true;
		p->head_why = p->g->repo.why.n > 0 ? p->g->repo.why : STR("the current branch is not known");
	}
	p->branch = STR("");
}

static void
read_remote(struct push *p, const struct parsed *q)
{
	const struct option_value *repo = parsed_option(q, "repo");
	struct word w = { 0 };
	struct str name = { 0 };

	p->remote_given = q->operands.n > 0 || (repo != NULL && repo->values.n > 0);
	if (q->operands.n > 0)
		w = q->operands.v[0].v[0];
	else if (p->remote_given)
		w = repo->values.v[repo->values.n - 1];
	p->remote_word = w;
	p->remote_known = !p->remote_given ? p->g->config.why.n == 0 : word_known(p->a, w, &name);
	if (!p->remote_given && p->g->repo.found == GIT_NONE)
		p->remote_known = false; /* whatever repository it is meant for */
	if (!p->remote_known) {
		if (!p->remote_given)
			p->remote_word = word_any(p->a, STR(""));
		return;
	}
	if (p->remote_given && name.n == 0)
		push_refuse(p, STR("bad repository ''"));
	if (git_remote_get(p->g, p->remote_given ? name : (struct str){ 0 }, p->branch, &p->remote) != 0)
		push_refuse(p, STR("no configured push destination"));
	p->remote_word = word_text(p->a, p->remote.name);
	p->out->remote = p->remote.name;
	if (p->remote.mirror) {
		p->mirror = true;
		p->force = GIT_FORCE_YES;
	}
}

/* ---- submodules ---- */
/* Are submodules pushed too, and not only looked at? */
static bool
recurses(const struct push *p, const struct parsed *q)
{
	const struct option_value *o = parsed_option(q, "recurse-submodules");
	struct str v = STR("no");
	int err = 0;

	if (o != NULL && o->values.n > 0)
		err = word_known(p->a, o->values.v[o->values.n - 1], &v) ? 0 : BRIDLE_EUNKNOWN;
	else if (parsed_negated(q, "recurse-submodules"))
		return false;
	else if ((err = git_config_last(&p->g->config, STR("push.recursesubmodules"), &v)) == BRIDLE_ENOENT)
		return git_config_bool(&p->g->config, "submodule.recurse", false) != TRI_NO;
	return err != 0 || str_is(v, "on-demand") || str_is(v, "only");
}

/* Each is pushed as its own configuration says, where the line names no ref;
 * what the line names is the same there. */
static void
submodules(struct push *p, const struct parsed *q)
{
	if (q->operands.n > 1 || p->g->repo.top.n == 0 || !recurses(p, q) ||
	    !git_is_file(p->g, path_join(p->a, p->g->repo.top, STR(".gitmodules"))))
		return;
	p->url = STR("");
	push_update_any(p, STR("submodules are pushed too, each as its own configuration says"), TRI_NO,
	    "recurse-submodules");
}

/* ---- the place ---- */
/* A repository on this machine whose refs can be read. */
static void
open_place(struct push *p)
{
	static const char *const tails[] = { "/.git", "", ".git/.git", ".git" };
	struct str url = p->url, path;
	struct world_stat there;

	p->refs_known = false;
	p->nrefs = 0;
	if (str_starts(url, STR("file://")))
		url = str_sub(url, 7, url.n);
	else if (url.n == 0 || (str_chr(url, ':') != STR_NPOS && str_chr(url, ':') < str_chr(url, '/')))
		return;
	path = path_join(p->a, p->g->repo.top.n > 0 ? p->g->repo.top : p->g->dir, url);
	if (path.n == 0 || path.p[0] != '/' || !git_whole(p->g))
		return;
	for (size_t i = 0; i < 4; i++) {
		struct str dir = path_clean(p->a, str_cat(p->a, path, str_of(tails[i])));
		int err = git_refs_at(p->g, dir, &p->refs, &p->nrefs);

		if (err == BRIDLE_ENOENT)
			continue;
		p->refs_known = err == 0;
		return;
	}
	if (overlay_stat(p->g->rd, path, true, &there) == BRIDLE_ENOENT)
		push_refuse(p, str_printf(p->a, "'" STR_FMT "' does not appear to be a git repository", STR_ARG(url)));
}

static void
push_to(struct push *p, struct str url)
{
	p->url = url;
	p->first = p->out->updates.n;
	open_place(p);
	for (size_t i = 0; i < p->specs.n; i++) {
		const struct spec *s = &p->specs.v[i];

		if (s->unknown)
			push_unknown(p, s);
		else if (!s->r.pattern && !s->r.matching && !s->r.negative)
			push_explicit(p, s);
	}
	push_patterns(p);
	push_tags(p);
	push_deletions(p);
}

static void
conflicts(struct push *p, const struct parsed *q)
{
	bool refs = q->operands.n > 1 || p->tags;

	if (p->deletes && (p->all || p->mirror || p->tags))
		push_refuse(p, STR("--delete is incompatible with --all, --mirror and --tags"));
	if (p->deletes && q->operands.n < 2 && !p->rest)
		push_refuse(p, STR("--delete doesn't make sense without any refs"));
	if (p->all && (p->mirror || refs))
		push_refuse(p, STR("--all can't be combined with --mirror, --tags or refspecs"));
	if (p->mirror && refs)
		push_refuse(p, STR("--mirror can't be combined with --tags or refspecs"));
}

void
git_push_updates(struct git *g, struct git_push *out)
{
	struct push p = { .g = g, .a = g->a, .out = out };
	const struct parsed *q = g->p;

	memset(out, 0, sizeof *out);
	read_options(&p, q);
	read_head(&p);
	read_remote(&p, q);
	conflicts(&p, q);
	operands(&p, q);
	if (p.specs.n == 0 && out->updates.n == 0 && !p.rest)
		no_operands(&p);
	if (p.rest) {
		push_update_any(&p, STR("further words may follow that are not known"), TRI_MAYBE, "operand");
		out->updates.v[out->updates.n - 1].force = GIT_FORCE_UNKNOWN;
	}
	if (p.remote.urls.n == 0)
		push_to(&p, STR(""));
	for (size_t i = 0; i < p.remote.urls.n; i++)
		push_to(&p, p.remote.urls.v[i]);
	submodules(&p, q);
}
