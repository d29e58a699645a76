/* SPDX-License-Identifier: ISC */
/*
 * git_wild.c: the updates that stand in no refspec one by one: wildcards and
 * matching branches, --prune, --mirror and --follow-tags. The refs of a remote
 * are known only where it is a repository on this machine; else a shape.
 */
#include "tools/git_push.h"

#define MANY 256 /* refs of one wildcard that are told apart */

/* ---- wildcards and matching ---- */
static struct word
shape(struct arena *a, struct str before, struct str after)
{
	struct word w = word_cat(a, word_text(a, before), word_any(a, STR("*")));

	return word_cat(a, w, word_text(a, after));
}

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
	push_update(p, w, s->r.force, TRI_NO, s->from)->ref_why = why;
}

void
push_patterns(struct push *p)
{
	VEC(struct word) more = { 0 };
	bool any = false, force = false;
	size_t before = p->out->updates.n;
	int err;

	for (size_t i = 0; i < p->specs.n; i++)
		any = any || p->specs.v[i].r.pattern || p->specs.v[i].r.matching;
	if (!any)
		return;
	err = p->g->repo.found == GIT_FOUND ? git_list_refs(p->g) : BRIDLE_EUNKNOWN;
	for (size_t i = 0; err == 0 && i < p->g->refs.n; i++) {
		struct str name = p->g->refs.v[i].name, dst;
		const struct spec *by;

		if (excluded(p, name) || !pattern_dst(p, name, false, &dst, &by) || push_update_of(p, dst) != NULL)
			continue;
		if (by->r.matching && !p->all && !p->mirror && p->refs_known && !on_remote(p, dst))
			continue;
		if (p->out->updates.n - before >= MANY) {
			*vec_push(p->a, &more) = word_text(p->a, dst);
			force = force || by->r.force;
			continue;
		}
		push_update_ref(p, dst, by->r.force, false, by->from);
	}
	for (size_t i = 0; err != 0 && i < p->specs.n; i++)
		if (p->specs.v[i].r.pattern || p->specs.v[i].r.matching)
			shape_of(p, &p->specs.v[i], STR("which refs the repository has is not known"));
	if (more.n > 0)
		push_update(p, shape(p->a, STR("refs/"), STR("")), force, TRI_NO, "refspec")->refs =
		    (struct words){ more.v, more.n };
}

/* --prune and --mirror take away what is not here. */
void
push_deletions(struct push *p)
{
	bool listed;

	if (!p->prune && !p->mirror)
		return;
	listed = p->refs_known && git_whole(p->g) && git_list_refs(p->g) == 0;
	for (size_t i = 0; listed && i < p->nrefs; i++) {
		struct str name = p->refs[i].name, src;
		const struct spec *by;

		if (push_update_of(p, name) != NULL)
			continue;
		if (p->mirror) { /* what nothing is sent to goes */
			push_update_ref(p, name, false, true, "--mirror");
			continue;
		}
		if (pattern_dst(p, name, true, &src, &by) &&
		    git_ref_find(p->g->refs.v, p->g->refs.n, src) == NULL)
			push_update_ref(p, name, by->r.force, true, "--prune");
	}
	for (size_t i = 0; !listed && i < p->specs.n; i++) {
		const struct spec *s = &p->specs.v[i];

		if (!p->mirror && !s->r.pattern && !s->r.matching)
			continue;
		shape_of(p, s, STR("which refs the remote has is not known"));
		p->out->updates.v[p->out->updates.n - 1].deletes = TRI_YES;
	}
}

/* Annotated tags that the remote's commits will reach go along, also where a
 * ref is only deleted, or none is sent. */
void
push_tags(struct push *p)
{
	bool listed;
	size_t n = 0;

	if (p->follow_tags == TRI_NO || p->out->error.n > 0 ||
	    (p->follow_tags == TRI_MAYBE && p->out->updates.n == p->first))
		return;
	listed = p->g->repo.found == GIT_FOUND && git_list_refs(p->g) == 0;
	for (size_t i = 0; listed && i < p->g->refs.n; i++) { /* each of them may */
		struct str name = p->g->refs.v[i].name;

		if (!str_starts(name, STR("refs/tags/")) || (p->refs_known && on_remote(p, name)) ||
		    push_update_of(p, name) != NULL)
			continue;
		if (++n > MANY)
			listed = false;
		else
			push_update_ref(p, name, false, false, "push.followTags");
	}
	if (!listed)
		push_update(p, shape(p->a, STR("refs/tags/"), STR("")), false, TRI_NO, "push.followTags")->ref_why =
		    STR("which tags go along is not known");
}
