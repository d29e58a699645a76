/* SPDX-License-Identifier: ISC */
/*
 * git_dst.c: one refspec without wildcard: what its source is, and which ref
 * of the remote it updates. Where only a part of it is known, its shape.
 */
#include <string.h>

#include "tools/git_push.h"

void
push_refuse(struct push *p, struct str why)
{
	if (p->out->error.n == 0)
		p->out->error = why;
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

struct git_update *
push_update(struct push *p, struct word ref, bool force, enum tri deletes, const char *from)
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

struct git_update *
push_update_ref(struct push *p, struct str ref, bool force, bool deletes, const char *from)
{
	return push_update(p, word_text(p->a, ref), force, deletes ? TRI_YES : TRI_NO, from);
}

void
push_update_any(struct push *p, struct str why, enum tri deletes, const char *from)
{
	struct git_update *u = push_update(p, word_any(p->a, STR("")), false, deletes, from);

	u->ref_why = why;
}

/* The update of this URL that goes to ref; NULL. */
struct git_update *
push_update_of(struct push *p, struct str ref)
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
local_ref(struct push *p, struct str prefix, struct str name)
{
	struct str value;

	return git_ref_valid(name, false) &&
	    git_resolve(p->g, str_cat(p->a, prefix, name), NULL, &value) == 0;
}

static bool
tracked(struct push *p, struct str name)
{
	return p->remote_known && git_ref_valid(p->remote.name, false) &&
	    local_ref(p, str_cat(p->a, str_cat(p->a, STR("refs/remotes/"), p->remote.name), STR("/")), name);
}

/* A short destination at a remote whose refs are not known: as branch, and
 * as tag where it may well be one. */
static void
short_dst(struct push *p, struct str dst, struct str src, bool force, bool deletes, const char *from)
{
	static const char *const kinds[] = { "heads/", "tags/", "remotes/" };
	bool tag = local_ref(p, STR("refs/tags/"), dst), branch = tracked(p, dst);

	for (size_t i = 0; i < 3; i++)
		if (str_starts(dst, str_of(kinds[i]))) {
			push_update_ref(p, str_cat(p->a, STR("refs/"), dst), force, deletes, from);
			if (!deletes && !tracked(p, str_sub(dst, strlen(kinds[i]), dst.n)))
				push_update_ref(p, str_cat(p->a, STR("refs/heads/"), dst), force, deletes, from);
			return;
		}
	if (str_starts(src, STR("refs/tags/")))
		tag = true;
	if (tag)
		push_update_ref(p, str_cat(p->a, STR("refs/tags/"), dst), force, deletes, from);
	if (!tag || branch || !deletes)
		push_update_ref(p, str_cat(p->a, STR("refs/heads/"), dst), force, deletes, from);
}

/* Does an earlier refspec of the line make a ref that the short name means too? */
static bool
made_by_another(struct push *p, struct str dst)
{
	static const char *const kinds[] = { "refs/heads/", "refs/tags/" };

	for (size_t i = 0; i < 2 && !str_starts(dst, STR("refs/")); i++) {
		struct str full = str_cat(p->a, str_of(kinds[i]), dst);

		if (push_update_of(p, full) != NULL && git_ref_find(p->refs, p->nrefs, full) == NULL)
			return true;
	}
	return false;
}

/* src: full name or revision; empty deletes. */
static void
find_dst(struct push *p, struct str dst, struct str src, bool force, const char *from)
{
	const struct git_ref *hit;
	struct str full = dst;
	bool deletes = src.n == 0;
	size_t n;

	if (!p->refs_known) {
		if (str_starts(dst, STR("refs/")))
			push_update_ref(p, dst, force, deletes, from);
		else
			short_dst(p, dst, src, force, deletes, from);
		return;
	}
	n = git_ref_match(p->refs, p->nrefs, dst, &hit);
	n += p->nrefs > 0 && n <= 1 && made_by_another(p, dst);
	if (n > 1) {
		push_refuse(p, str_printf(p->a, "dst refspec " STR_FMT " matches more than one", STR_ARG(dst)));
	} else if (n == 1 && hit != NULL) {
		full = hit->name;
	} else if (!str_starts(dst, STR("refs/"))) {
		if (deletes)
			push_refuse(p, str_printf(p->a, "unable to delete '" STR_FMT "': remote ref does not exist",
			    STR_ARG(dst)));
		else if (!str_starts(src, STR("refs/heads/")) && !str_starts(src, STR("refs/tags/")))
			push_refuse(p, STR("the destination you provided is not a full refname"));
		full = str_printf(p->a, "refs/%s/" STR_FMT,
		    str_starts(src, STR("refs/tags/")) ? "tags" : "heads", STR_ARG(dst));
	}
	if (p->nrefs > 0 && push_update_of(p, full) != NULL) /* git does not see it in an empty remote */
		push_refuse(p, str_printf(p->a, "dst ref " STR_FMT " receives from more than one src", STR_ARG(full)));
	push_update_ref(p, full, force, deletes, from);
}

static void
explicit_dst(struct push *p, struct str dst, struct str src, bool force, const char *from)
{
	size_t i = p->out->updates.n;

	find_dst(p, dst, src, force, from);
	for (; i < p->out->updates.n && str_starts(src, STR("refs/")); i++)
		p->out->updates.v[i].src = src;
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
		push_refuse(p, str_printf(p->a, "src refspec " STR_FMT " matches more than one", STR_ARG(src)));
		return false;
	}
	*full = src;
	if (str_is(src, "HEAD")) {
		if (git_whole(p->g) && git_resolve(p->g, src, NULL, &value) == BRIDLE_ENOENT)
			push_refuse(p, STR("src refspec HEAD does not match any"));
		return true;
	}
	if (git_revision(p->g, src) == TRI_NO)
		push_refuse(p, str_printf(p->a, "src refspec " STR_FMT " does not match any", STR_ARG(src)));
	/* What it would update if the branch were there. */
	if (git_ref_valid(src, false) && !git_hex(src) && !str_starts(src, STR("refs/")))
		*full = str_cat(p->a, STR("refs/heads/"), src);
	return true;
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
		push_refuse(p, STR("HEAD cannot be resolved to branch"));
	u = push_update(p, word_any(p->a, STR("HEAD")), s->r.force, TRI_NO, s->from);
	u->ref_why = p->head_why;
}

void
push_explicit(struct push *p, const struct spec *s)
{
	struct str src = STR(""), target, value;

	if (p->branch.n > 0 && str_eq(s->r.src, p->branch) && s->r.has_dst) { /* push.default: no other ref need be looked at */
		src = p->branch;
		if (git_whole(p->g) && !git_born(p->g, src))
			push_refuse(p, STR("src refspec HEAD does not match any"));
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
			push_refuse(p, str_printf(p->a, STR_FMT " cannot be resolved to branch", STR_ARG(src)));
		src = target;
		break;
	case BRIDLE_ENOENT:
		if (git_whole(p->g) && !git_ref_valid(src, false))
			push_refuse(p, str_printf(p->a, STR_FMT " cannot be resolved to branch", STR_ARG(src)));
		break;
	default:
		if (str_starts(src, STR("refs/")) &&
		    git_read(p->g, path_join(p->a, p->g->repo.common, src), &value) == BRIDLE_ENOENT)
			break; /* at most in packed-refs, where no symbolic ref is */
		push_update_any(p, str_printf(p->a, "where " STR_FMT " points is not known", STR_ARG(src)),
		    TRI_NO, s->from);
		return;
	}
	if (!str_starts(src, STR("refs/")))
		push_update_any(p, str_printf(p->a, STR_FMT " names no ref that is known", STR_ARG(src)), TRI_NO, s->from);
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

void
push_unknown(struct push *p, const struct spec *s)
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
	u = push_update(p, dst, force, TRI_NO, s->from);
	u->ref_why = why;
	head = head_text(s->word);
	if (head.n == 0 || str_starts(head, STR(":")) || str_starts(head, STR("+:")))
		u->deletes = head.n == 0 && !p->deletes ? TRI_MAYBE : TRI_YES;
	if (p->deletes)
		u->deletes = TRI_YES;
	if (head.n == 0 && u->force != GIT_FORCE_YES)
		u->force = GIT_FORCE_UNKNOWN;
}
