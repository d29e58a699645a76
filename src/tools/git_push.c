/* SPDX-License-Identifier: ISC */
/*
 * git_push.c: what a `git push` updates: remote, refs, force and deletion,
 * from its operands, the configuration and the refs, in the order in which
 * git itself works it out. What cannot be known is a shape, or any ref, with
 * the reason. Fields and rules: git.c.
 */
#include <string.h>

#include "tools/git.h"

#define MANY 256 /* refs of one wildcard that are told apart */

enum push_default { SIMPLE, CURRENT, UPSTREAM, MATCHING, NOTHING, NOT_KNOWN };

struct spec {
	struct git_refspec r; /* known */
	struct word word;     /* not known: as typed */
	bool unknown;
	const char *from;
};
struct push {
	struct git *g;
	struct arena *a;
	struct git_push *out;
	struct git_remote remote;
	struct word remote_word;
	bool remote_known, remote_given;
	struct str branch;   /* current, full name; empty: none */
	struct str head_why; /* why there is none */
	bool head_unknown;
	enum push_default dflt;
	bool all, mirror, prune, tags, deletes, rest;
	enum tri follow_tags;
	enum git_force force;
	const struct option_value *lease;
	VEC(struct spec) specs;
	/* the place that is pushed to */
	struct str url;
	bool refs_known;     /* its refs are */
	struct git_ref *refs;
	size_t nrefs;
	size_t first;        /* out->updates of this URL start here */
};

static void
refuse(struct push *p, struct str why)
{
	if (p->out->error.n == 0)
		p->out->error = why;
}

static struct word
shape(struct arena *a, struct str before, struct str after)
{
	struct word w = word_cat(a, word_text(a, before), word_any(a, STR("*")));

	return word_cat(a, w, word_text(a, after));
}

/* ---- one update ---- */
static enum git_force
lease_force(struct push *p, struct str ref)
{
	enum git_force f = GIT_FORCE_NO;

	if (p->lease == NULL)
		return GIT_FORCE_NO;
	for (size_t i = 0; i < p->lease->values.n; i++) {
		struct git_ref one = { .name = ref };
		const struct git_ref *hit;
		struct str v;

		if (!word_known(p->a, p->lease->values.v[i], &v) || ref.n == 0)
			return GIT_FORCE_LEASE;
		v = str_sub(v, 0, str_chr(v, ':'));
		if (v.n == 0 || git_ref_match(&one, 1, v, &hit) > 0)
			f = GIT_FORCE_LEASE;
	}
	return p->lease->values.n == 0 ? GIT_FORCE_LEASE : f;
}

static struct git_update *
update(struct push *p, struct word ref, bool force, enum tri deletes, const char *from)
{
	struct git_update *u = vec_push(p->a, &p->out->updates);
	struct str known = { 0 };

	memset(u, 0, sizeof *u);
	word_known(p->a, ref, &known);
	u->remote = p->remote_word;
	if (!p->remote_known)
		u->remote_why = STR("which remote it pushes to is not known");
	u->url = p->url;
	u->ref = ref;
	u->deletes = deletes;
	u->from = str_of(from);
	u->force = p->force == GIT_FORCE_YES || force ? GIT_FORCE_YES : p->force;
	if (u->force == GIT_FORCE_NO)
		u->force = lease_force(p, known);
	return u;
}

static struct git_update *
update_ref(struct push *p, struct str ref, bool force, bool deletes, const char *from)
{
	return update(p, word_text(p->a, ref), force, deletes ? TRI_YES : TRI_NO, from);
}

static void
update_any(struct push *p, struct str why, enum tri deletes, const char *from)
{
	struct git_update *u = update(p, word_any(p->a, STR("")), false, deletes, from);

	u->ref_why = why;
}

/* The update of this URL that goes to ref; NULL. */
static struct git_update *
update_of(struct push *p, struct str ref)
{
	for (size_t i = p->first; i < p->out->updates.n; i++) {
		struct str known;

		if (word_known(p->a, p->out->updates.v[i].ref, &known) && str_eq(known, ref))
			return &p->out->updates.v[i];
	}
	return NULL;
}

/* ---- destination of an explicit refspec ---- */
static bool
local_ref(struct push *p, const char *prefix, struct str name)
{
	struct str value;

	return git_ref_valid(name, false) &&
	    git_resolve(p->g, str_printf(p->a, "%s" STR_FMT, prefix, STR_ARG(name)), NULL, &value) == 0;
}

static bool
tracked(struct push *p, struct str name)
{
	return p->remote_known && git_ref_valid(p->remote.name, false) &&
	    local_ref(p, str_printf(p->a, "refs/remotes/" STR_FMT "/", STR_ARG(p->remote.name)).p, name);
}

/* A short destination at a remote whose refs are not known: as branch, and
 * as tag where it may well be one. */
static void
short_dst(struct push *p, struct str dst, struct str src, bool force, bool deletes, const char *from)
{
	static const char *const kinds[] = { "heads/", "tags/", "remotes/" };
	bool tag = local_ref(p, "refs/tags/", dst), branch = tracked(p, dst);

	for (size_t i = 0; i < 3; i++)
		if (str_starts(dst, str_of(kinds[i]))) {
			update_ref(p, str_cat(p->a, STR("refs/"), dst), force, deletes, from);
			if (!deletes && !tracked(p, str_sub(dst, strlen(kinds[i]), dst.n)))
				update_ref(p, str_cat(p->a, STR("refs/heads/"), dst), force, deletes, from);
			return;
		}
	if (str_starts(src, STR("refs/tags/")))
		tag = true;
	else if (!deletes && !local_ref(p, "refs/tags/", dst))
		branch = true;
	if (tag)
		update_ref(p, str_cat(p->a, STR("refs/tags/"), dst), force, deletes, from);
	if (!tag || (branch && deletes) || (!deletes && branch) || !deletes)
		update_ref(p, str_cat(p->a, STR("refs/heads/"), dst), force, deletes, from);
}

/* src: full name or revision; empty deletes. */
static void
explicit_dst(struct push *p, struct str dst, struct str src, bool force, const char *from)
{
	const struct git_ref *hit;
	struct str full = dst;
	bool deletes = src.n == 0;
	size_t n;

	if (!p->refs_known) {
		if (str_starts(dst, STR("refs/")))
			update_ref(p, dst, force, deletes, from);
		else
			short_dst(p, dst, src, force, deletes, from);
		return;
	}
	n = git_ref_match(p->refs, p->nrefs, dst, &hit);
	if (n > 1) {
		refuse(p, str_printf(p->a, "dst refspec " STR_FMT " matches more than one", STR_ARG(dst)));
	} else if (n == 1) {
		full = hit->name;
	} else if (!str_starts(dst, STR("refs/"))) {
		if (deletes)
			refuse(p, str_printf(p->a, "unable to delete '" STR_FMT "': remote ref does not exist",
			    STR_ARG(dst)));
		else if (!str_starts(src, STR("refs/heads/")) && !str_starts(src, STR("refs/tags/")))
			refuse(p, STR("the destination you provided is not a full refname"));
		full = str_printf(p->a, "refs/%s/" STR_FMT,
		    str_starts(src, STR("refs/tags/")) ? "tags" : "heads", STR_ARG(dst));
	}
	if (update_of(p, full) != NULL)
		refuse(p, str_printf(p->a, "dst ref " STR_FMT " receives from more than one src", STR_ARG(full)));
	update_ref(p, full, force, deletes, from);
}

/* ---- source of an explicit refspec ---- */
/* The local ref or revision that src names. False: refused. */
static bool
source(struct push *p, struct str src, struct str *full)
{
	struct str value;
	size_t n = 0;
	int err = git_ref_count(p->g, src, &n, full);

	if (err == 0 && n == 1)
		return true;
	if (n > 1) {
		refuse(p, str_printf(p->a, "src refspec " STR_FMT " matches more than one", STR_ARG(src)));
		return false;
	}
	*full = src;
	if (str_is(src, "HEAD")) {
		if (p->g->repo.whole && git_resolve(p->g, src, NULL, &value) == BRIDLE_ENOENT)
			refuse(p, STR("src refspec HEAD does not match any"));
		return true;
	}
	if (git_revision(p->g, src) == TRI_NO)
		refuse(p, str_printf(p->a, "src refspec " STR_FMT " does not match any", STR_ARG(src)));
	/* What it would update if the branch were there. */
	if (git_ref_valid(src, false) && !git_hex(src) && !str_starts(src, STR("refs/")))
		*full = str_cat(p->a, STR("refs/heads/"), src);
	return true;
}

static const char *
any_from(const struct push *p)
{
	return p->remote_given ? "operand" : "push.default";
}

/* The name of the current branch goes where HEAD stands without ":". */
static void
head_dst(struct push *p, const struct spec *s)
{
	struct git_update *u;

	if (p->branch.n > 0) {
		explicit_dst(p, p->branch, p->branch, s->r.force, s->from);
		return;
	}
	if (!p->head_unknown)
		refuse(p, STR("HEAD cannot be resolved to branch"));
	u = update(p, word_any(p->a, STR("HEAD")), s->r.force, TRI_NO, s->from);
	u->ref_why = p->head_why;
}

static void
explicit_spec(struct push *p, const struct spec *s)
{
	struct str src = STR(""), target, value;

	if (str_eq(s->r.src, p->branch) && s->r.has_dst) { /* push.default: no other ref need be looked at */
		src = p->branch;
		if (p->g->repo.whole && !git_born(p->g, src))
			refuse(p, STR("src refspec HEAD does not match any"));
	} else if (s->r.src.n > 0 && !source(p, s->r.src, &src)) {
		return;
	}
	if (s->r.has_dst) {
		if (str_is(src, "HEAD") && p->branch.n > 0)
			src = p->branch;
		explicit_dst(p, s->r.dst, src, s->r.force, s->from);
		return;
	}
	if (str_is(src, "HEAD")) {
		head_dst(p, s);
		return;
	}
	switch (git_resolve(p->g, src, &target, &value)) {
	case 0:
		if (!str_eq(target, src) && !str_starts(target, STR("refs/heads/")))
			refuse(p, str_printf(p->a, STR_FMT " cannot be resolved to branch", STR_ARG(src)));
		src = target;
		break;
	case BRIDLE_ENOENT:
		if (p->g->repo.whole && !git_ref_valid(src, false))
			refuse(p, str_printf(p->a, STR_FMT " cannot be resolved to branch", STR_ARG(src)));
		break;
	default:
		update_any(p, str_printf(p->a, "where " STR_FMT " points is not known", STR_ARG(src)),
		    TRI_NO, s->from);
		return;
	}
	if (!str_starts(src, STR("refs/")))
		update_any(p, str_printf(p->a, STR_FMT " names no ref that is known", STR_ARG(src)), TRI_NO, s->from);
	else
		explicit_dst(p, src, src, s->r.force, s->from);
}

/* ---- a refspec that is only partly known ---- */
static bool
may_hold(struct piece piece, char c)
{
	return piece.kind == PIECE_WORDS || (piece.kind == PIECE_CHARS && byteset_has(piece.set, (unsigned char)c));
}

/* The known text that comes before any unknown piece. */
static struct str
head_text(struct word w)
{
	return w.n > 0 && w.v[0].kind == PIECE_TEXT ? w.v[0].text : STR("");
}

static struct word
without(struct arena *a, struct word w, size_t piece, size_t bytes)
{
	struct piece *v = NEW_ARRAY(a, struct piece, w.n + 1);
	struct word out = { .v = v };

	for (size_t i = piece; i < w.n; i++) {
		v[out.n] = w.v[i];
		if (i == piece && bytes > 0) {
			v[out.n].text = str_sub(w.v[i].text, bytes, w.v[i].text.n);
			if (v[out.n].text.n == 0)
				continue;
		}
		out.n++;
	}
	return out;
}

static void
unknown_spec(struct push *p, const struct spec *s)
{
	struct str head = head_text(s->word), why = str_printf(p->a, "what " STR_FMT " holds is not known",
	    STR_ARG(word_show(p->a, s->word)));
	struct word dst = s->word;
	struct git_update *u;
	bool colon = false, force = head.n > 0 && head.p[0] == '+';

	for (size_t i = 0; i < s->word.n; i++)
		colon = colon || may_hold(s->word.v[i], ':');
	if (force)
		dst = without(p->a, dst, 0, 1);
	for (size_t i = 0; i < dst.n; i++) { /* what stands behind the last colon */
		size_t at = dst.v[i].kind == PIECE_TEXT ? str_rchr(dst.v[i].text, ':') : STR_NPOS;

		if (at != STR_NPOS) {
			dst = without(p->a, dst, i, at + 1);
			i = STR_NPOS;
		}
	}
	head = head_text(dst);
	if (p->deletes && !colon && head.n > 0)
		dst = word_cat(p->a, word_text(p->a, STR("refs/heads/")), dst);
	else if (!colon && str_starts(head, STR("refs/")))
		;
	else if (!colon && head.n > 0 && !str_starts(STR("refs/"), head) && str_chr(head, '/') != STR_NPOS &&
	    !str_starts(head, STR("heads/")) && !str_starts(head, STR("tags/")) && !str_starts(head, STR("remotes/")))
		dst = word_cat(p->a, word_text(p->a, STR("refs/heads/")), dst);
	else
		dst = word_any(p->a, word_show(p->a, s->word));
	u = update(p, dst, force, TRI_NO, s->from);
	u->ref_why = why;
	head = head_text(s->word);
	if (head.n == 0 || str_starts(head, STR(":")) || str_starts(head, STR("+:")))
		u->deletes = head.n == 0 && !p->deletes ? TRI_MAYBE : TRI_YES;
	if (p->deletes)
		u->deletes = TRI_YES;
	if (head.n == 0 && u->force != GIT_FORCE_YES)
		u->force = GIT_FORCE_UNKNOWN;
}

/* ---- wildcards and matching ---- */
static bool
excluded(struct push *p, struct str name)
{
	for (size_t i = 0; i < p->specs.n; i++) {
		const struct git_refspec *r = &p->specs.v[i].r;
		struct str to;

		if (p->specs.v[i].unknown || !r->negative)
			continue;
		if (r->pattern ? git_refspec_map(p->a, r->src, name, r->src, &to) : str_eq(r->src, name))
			return true;
	}
	return false;
}

/* Where the first pattern that takes this local ref sends it. */
static bool
pattern_dst(struct push *p, struct str name, bool back, struct str *dst, const struct spec **by)
{
	const struct spec *match = NULL;

	for (size_t i = 0; i < p->specs.n; i++) {
		const struct spec *s = &p->specs.v[i];
		struct str to = s->r.has_dst ? s->r.dst : s->r.src;

		if (s->unknown || s->r.negative)
			continue;
		if (s->r.matching && (match == NULL || s->r.force)) {
			match = s;
			continue;
		}
		if (s->r.pattern && git_refspec_map(p->a, back ? to : s->r.src, name, back ? s->r.src : to, dst)) {
			*by = s;
			return true;
		}
	}
	if (match == NULL || (!p->mirror && !str_starts(name, STR("refs/heads/"))))
		return false;
	*by = match;
	*dst = name;
	return true;
}

static bool
on_remote(struct push *p, struct str name)
{
	return git_ref_find(p->refs, p->nrefs, name) != NULL;
}

static void
shape_of(struct push *p, const struct spec *s, struct str why)
{
	struct str to = s->r.has_dst ? s->r.dst : s->r.src;
	size_t star = str_chr(to, '*');
	struct word w = shape(p->a, STR("refs/heads/"), STR(""));

	if (s->r.pattern)
		w = shape(p->a, str_sub(to, 0, star), str_sub(to, star + 1, to.n));
	else if (p->mirror)
		w = shape(p->a, STR("refs/"), STR(""));
	update(p, w, s->r.force, TRI_NO, s->from)->ref_why = why;
}

static void
patterns(struct push *p)
{
	bool any = false;
	size_t before = p->out->updates.n;
	int err;

	for (size_t i = 0; i < p->specs.n; i++)
		any = any || p->specs.v[i].r.pattern || p->specs.v[i].r.matching;
	if (!any)
		return;
	err = p->g->repo.whole ? git_list_refs(p->g) : BRIDLE_EUNKNOWN;
	for (size_t i = 0; err == 0 && i < p->g->refs.n; i++) {
		struct str name = p->g->refs.v[i].name, dst;
		const struct spec *by;

		if (excluded(p, name) || !pattern_dst(p, name, false, &dst, &by) || update_of(p, dst) != NULL)
			continue;
		if (by->r.matching && !p->all && !p->mirror && p->refs_known && !on_remote(p, dst))
			continue;
		if (p->out->updates.n - before >= MANY) {
			err = BRIDLE_ELIMIT;
			break;
		}
		update_ref(p, dst, by->r.force, false, by->from);
	}
	for (size_t i = 0; err != 0 && i < p->specs.n; i++)
		if (p->specs.v[i].r.pattern || p->specs.v[i].r.matching)
			shape_of(p, &p->specs.v[i], err == BRIDLE_ELIMIT ? STR("the refs are too many to list") :
			    STR("which refs the repository has is not known"));
}

/* --prune and --mirror take away what is not here. */
static void
deletions(struct push *p)
{
	bool listed;

	if (!p->prune && !p->mirror)
		return;
	listed = p->refs_known && p->g->repo.whole && git_list_refs(p->g) == 0;
	for (size_t i = 0; listed && i < p->nrefs; i++) {
		struct str name = p->refs[i].name, src;
		const struct spec *by;

		if (update_of(p, name) != NULL)
			continue;
		if (p->mirror) { /* what nothing is sent to goes */
			update_ref(p, name, false, true, "--mirror");
			continue;
		}
		if (pattern_dst(p, name, true, &src, &by) &&
		    git_ref_find(p->g->refs.v, p->g->refs.n, src) == NULL)
			update_ref(p, name, by->r.force, true, "--prune");
	}
	for (size_t i = 0; !listed && i < p->specs.n; i++) {
		const struct spec *s = &p->specs.v[i];

		if (!p->mirror && !s->r.pattern && !s->r.matching)
			continue;
		shape_of(p, s, STR("which refs the remote has is not known"));
		p->out->updates.v[p->out->updates.n - 1].deletes = TRI_YES;
	}
}

/* Annotated tags that the pushed commits reach go along. */
static void
followed_tags(struct push *p)
{
	bool any, sends = false;

	if (p->follow_tags == TRI_NO)
		return;
	any = !p->g->repo.whole || git_list_refs(p->g) != 0;
	for (size_t i = p->first; i < p->out->updates.n; i++)
		sends = sends || p->out->updates.v[i].deletes != TRI_YES;
	for (size_t i = 0; !any && i < p->g->refs.n; i++)
		any = str_starts(p->g->refs.v[i].name, STR("refs/tags/")) &&
		    !(p->refs_known && on_remote(p, p->g->refs.v[i].name)) &&
		    update_of(p, p->g->refs.v[i].name) == NULL;
	if (!any || !sends)
		return;
	update(p, shape(p->a, STR("refs/tags/"), STR("")), false, TRI_NO, "push.followTags")->ref_why =
	    STR("which tags go along is not known");
}

/* ---- the refspecs ---- */
static void
add_spec(struct push *p, struct str text, const char *from)
{
	struct spec s = { .from = from };

	if (git_refspec_parse(text, &s.r) != 0) {
		refuse(p, str_printf(p->a, "invalid refspec '" STR_FMT "'", STR_ARG(text)));
		s.unknown = true;
		s.word = word_any(p->a, text);
	}
	*vec_push(p->a, &p->specs) = s;
}

/* A name without ":" goes where remote.NAME.push or push.default sends it. */
static void
mapped_spec(struct push *p, struct str text)
{
	struct str full, merge, name, to;
	size_t n = 0;

	if (git_ref_count(p->g, text, &n, &full) != 0 || n != 1) {
		if (p->g->repo.whole || !git_ref_valid(text, false) || str_is(text, "HEAD") || str_is(text, "@")) {
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
	if (p->dflt == UPSTREAM && str_starts(full, STR("refs/heads/")) &&
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
			refuse(p, STR("--delete only accepts plain target ref names"));
		add_spec(p, str_cat(p->a, STR(":"), text), "operand");
	} else if (str_chr(text, ':') != STR_NPOS) {
		add_spec(p, text, "operand");
	} else if (why.n > 0) {
		update_any(p, why, TRI_NO, "operand");
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
			refuse(p, STR("tag shorthand without <tag>"));
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
		refuse(p, STR("push.default is \"nothing\" and no refspec is given"));
		return;
	}
	if (p->dflt == MATCHING) {
		add_spec(p, STR(":"), "push.default");
		return;
	}
	if (p->branch.n == 0) {
		if (!p->head_unknown)
			refuse(p, STR("not on a branch"));
		update_any(p, p->head_why, TRI_NO, "push.default");
		return;
	}
	same = p->remote_known && str_eq(p->remote.name, git_remote_for_branch(p->g, p->branch,
	    p->remote.name, false, &given));
	for (size_t i = 0; i < p->g->config.list.n; i++)
		merges += str_eq(p->g->config.list.v[i].key,
		    str_printf(p->a, "branch." STR_FMT ".merge", STR_ARG(name)));
	if (p->dflt == UPSTREAM || (p->dflt == SIMPLE && same)) {
		if (p->dflt == UPSTREAM && !same)
			refuse(p, STR("the remote is not the upstream of the current branch"));
		if (merges == 0 && set)
			p->out->upstream = true;
		else if (merges != 1 ||
		    git_config_of(p->a, &p->g->config, "branch", name, "remote", &v) != 0)
			refuse(p, STR("the current branch has no single upstream branch"));
		else if (git_config_of(p->a, &p->g->config, "branch", name, "merge", &merge) == 0 &&
		    p->dflt == UPSTREAM)
			dst = merge;
		else if (!str_eq(merge, p->branch))
			refuse(p, STR("the upstream branch has another name than the current one"));
	} else if (merges == 0 && set) {
		p->out->upstream = true;
	}
	add_spec(p, str_printf(p->a, STR_FMT ":" STR_FMT, STR_ARG(p->branch), STR_ARG(dst)), "push.default");
}

/* No refspec on the command line. */
static void
no_operands(struct push *p)
{
	if (p->g->config.why.n > 0 || p->remote.why.n > 0) {
		update_any(p, p->g->config.why.n > 0 ? p->g->config.why : p->remote.why, TRI_MAYBE, any_from(p));
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
		update_any(p, STR("the remote is not known"), TRI_MAYBE, any_from(p));
		p->out->updates.v[p->out->updates.n - 1].force = GIT_FORCE_UNKNOWN;
	} else if (p->dflt == NOT_KNOWN) {
		update_any(p, STR("push.default is not known"), TRI_NO, "push.default");
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
		p->head_unknown = !p->g->repo.whole;
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
		refuse(p, STR("bad repository ''"));
	if (git_remote_get(p->g, p->remote_given ? name : (struct str){ 0 }, p->branch, &p->remote) != 0)
		refuse(p, STR("no configured push destination"));
	p->remote_word = word_text(p->a, p->remote.name);
	p->out->remote = p->remote.name;
	if (p->remote.mirror) {
		p->mirror = true;
		p->force = GIT_FORCE_YES;
	}
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
	if (path.n == 0 || path.p[0] != '/' || !p->g->repo.whole)
		return;
	for (size_t i = 0; i < 4; i++) {
		struct str dir = path_clean(p->a, str_printf(p->a, STR_FMT "%s", STR_ARG(path), tails[i]));

		if (!git_is_dir(p->g, dir) || !git_is_repo(p->g, dir))
			continue;
		p->refs_known = git_refs_at(p->g, dir, &p->refs, &p->nrefs) == 0;
		return;
	}
	if (overlay_stat(p->g->rd, path, true, &there) == BRIDLE_ENOENT)
		refuse(p, str_printf(p->a, "'" STR_FMT "' does not appear to be a git repository", STR_ARG(url)));
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
			unknown_spec(p, s);
		else if (!s->r.pattern && !s->r.matching && !s->r.negative)
			explicit_spec(p, s);
	}
	patterns(p);
	followed_tags(p);
	deletions(p);
}

static void
conflicts(struct push *p, const struct parsed *q)
{
	bool refs = q->operands.n > 1 || p->tags;

	if (p->deletes && (p->all || p->mirror || p->tags))
		refuse(p, STR("--delete is incompatible with --all, --mirror and --tags"));
	if (p->deletes && q->operands.n < 2 && !p->rest)
		refuse(p, STR("--delete doesn't make sense without any refs"));
	if (p->all && (p->mirror || refs))
		refuse(p, STR("--all can't be combined with --mirror, --tags or refspecs"));
	if (p->mirror && q->operands.n > 1)
		refuse(p, STR("--mirror can't be combined with refspecs"));
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
		update_any(&p, STR("further words may follow that are not known"), TRI_MAYBE, "operand");
		out->updates.v[out->updates.n - 1].force = GIT_FORCE_UNKNOWN;
	}
	if (p.remote.urls.n == 0)
		push_to(&p, STR(""));
	for (size_t i = 0; i < p.remote.urls.n; i++)
		push_to(&p, p.remote.urls.v[i]);
}
