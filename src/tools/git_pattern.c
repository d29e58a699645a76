/* SPDX-License-Identifier: ISC */
/*
 * git_pattern.c: a rule's `git push REMOTE REF…` as needs over the fields that
 * git_push.c finds: remote or url, ref, force, delete. Other commands are
 * compared as they stand.
 */
#include <string.h>

#include "tools/git.h"

bool
git__is(const struct parsed *p, struct str path)
{
	size_t at = 0;

	for (size_t i = 0; i < p->command->npath; i++) {
		struct str word = p->command->path[i];

		if (i > 0 && (at >= path.n || path.p[at++] != ' '))
			return false;
		if (path.n - at < word.n || memcmp(path.p + at, word.p, word.n) != 0)
			return false;
		at += word.n;
	}
	return at == path.n;
}

typedef VEC(struct word) words_vec;

static struct words
words_of(const words_vec *v)
{
	return (struct words){ v->v, v->n };
}

static void
need(struct arena *a, needs_vec *needs, const char *name, struct words any, enum need_when when)
{
	*vec_push(a, needs) = (struct need){ str_of(name), any, when };
}

static struct words
texts(struct arena *a, const char *one, const char *two)
{
	struct word *v = NEW_ARRAY(a, struct word, 2);

	v[0] = word_text(a, str_of(one));
	if (two != NULL)
		v[1] = word_text(a, str_of(two));
	return (struct words){ v, two != NULL ? 2 : 1 };
}

/* ---- remote ---- */
/* A URL or path rather than the name of a remote. */
static bool
url_like(struct arena *a, struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind == PIECE_TEXT &&
		    (str_chr(w.v[i].text, '/') != STR_NPOS || str_chr(w.v[i].text, ':') != STR_NPOS))
			return true;
	return word_is(w, ".") || (w.n == 0 && a == NULL);
}

static int
take_remote(struct arena *a, struct words slot, needs_vec *needs, struct str *error)
{
	bool url = slot.n > 0 && url_like(a, slot.v[0]);

	for (size_t i = 1; i < slot.n; i++)
		if (url_like(a, slot.v[i]) != url) {
			*error = STR("names of remotes and URLs cannot be alternatives of each other");
			return BRIDLE_ESYNTAX;
		}
	need(a, needs, url ? "url" : "remote", slot, NEED_ALWAYS);
	return 0;
}

/* ---- refs ---- */
struct refs {
	struct arena *a;
	words_vec exact, loose; /* what an allow covers; what a deny speaks of too */
	bool force, deletes;
};

/* w from byte `at` of its piece i on. */
static struct word
tail(struct arena *a, struct word w, size_t i, size_t at)
{
	struct word rest = { w.v + i + 1, w.n - i - 1, STR("") };

	return word_cat(a, word_text(a, str_sub(w.v[i].text, at, w.v[i].text.n)), rest);
}

static void
take_dst(struct refs *r, struct word dst)
{
	struct str head = dst.n > 0 && dst.v[0].kind == PIECE_TEXT ? dst.v[0].text : STR("");
	struct word heads;

	if (str_starts(head, STR("refs/"))) {
		*vec_push(r->a, &r->exact) = dst;
		*vec_push(r->a, &r->loose) = dst;
		return;
	}
	if (str_starts(head, STR("heads/")) || str_starts(head, STR("tags/"))) {
		heads = word_cat(r->a, word_text(r->a, STR("refs/")), dst);
		*vec_push(r->a, &r->exact) = heads;
		*vec_push(r->a, &r->loose) = heads;
		return;
	}
	heads = word_cat(r->a, word_text(r->a, STR("refs/heads/")), dst);
	*vec_push(r->a, &r->exact) = heads;
	*vec_push(r->a, &r->loose) = heads;
	*vec_push(r->a, &r->loose) = word_cat(r->a, word_text(r->a, STR("refs/tags/")), dst);
}

static int
take_ref(struct refs *r, struct word w, struct str *error)
{
	struct str head = w.n > 0 && w.v[0].kind == PIECE_TEXT ? w.v[0].text : STR("");

	if (word_is(w, "HEAD") || word_is(w, "@")) {
		*error = STR("HEAD is whichever branch is current: name the branches of the remote");
		return BRIDLE_ESYNTAX;
	}
	if (str_starts(head, STR("+"))) {
		r->force = true;
		w = tail(r->a, w, 0, 1);
		head = str_sub(head, 1, head.n);
	}
	if (str_starts(head, STR(":")) && !word_is(w, ":"))
		r->deletes = true;
	for (size_t i = w.n; i-- > 0;) {
		size_t colon = w.v[i].kind == PIECE_TEXT ? str_rchr(w.v[i].text, ':') : STR_NPOS;

		if (colon == STR_NPOS)
			continue;
		w = tail(r->a, w, i, colon + 1);
		break;
	}
	if (w.n == 0) {
		*error = STR("a refspec without a name matches every branch: leave the refs out instead");
		return BRIDLE_ESYNTAX;
	}
	take_dst(r, w);
	return 0;
}

static void
take_force(struct arena *a, const struct parsed *p, const struct refs *r, needs_vec *needs)
{
	bool force = r->force || parsed_option(p, "force") != NULL || parsed_option(p, "mirror") != NULL;

	if (force)
		need(a, needs, "force", texts(a, "yes", "lease"), NEED_ALWAYS);
	else if (parsed_option(p, "force-with-lease") != NULL)
		need(a, needs, "force", texts(a, "lease", NULL), NEED_ALWAYS);
	else
		need(a, needs, "force", texts(a, "no", NULL), NEED_LOOSEN);
	if (r->deletes || parsed_option(p, "delete") != NULL)
		need(a, needs, "delete", texts(a, "yes", NULL), NEED_ALWAYS);
	else if (parsed_option(p, "mirror") == NULL && parsed_option(p, "prune") == NULL)
		need(a, needs, "delete", texts(a, "no", NULL), NEED_LOOSEN);
}

/* Options that have become needs. */
static void
drop_options(struct arena *a, struct pattern *out)
{
	static const char *const gone[] = { "force", "force-with-lease", "delete", "repo" };
	struct option_need *v = NEW_ARRAY(a, struct option_need, out->noptions + 1);
	size_t n = 0;

	for (size_t i = 0; i < out->noptions; i++) {
		bool keep = true;

		for (size_t k = 0; k < sizeof gone / sizeof gone[0]; k++)
			keep = keep && !str_is(out->options[i].name, gone[k]);
		if (keep)
			v[n++] = out->options[i];
	}
	out->options = v;
	out->noptions = n;
}

static int
push(struct arena *a, const struct parsed *p, struct pattern *out, needs_vec *needs, struct str *error)
{
	const struct option_value *repo = parsed_option(p, "repo");
	struct refs r = { .a = a };
	int err = 0;

	if (p->operands.n > 0)
		err = take_remote(a, p->operands.v[0], needs, error);
	else if (repo != NULL)
		err = take_remote(a, repo->values, needs, error);
	for (size_t i = 1; err == 0 && i < p->operands.n; i++) {
		if (p->operands.v[i].n == 1 && word_is(p->operands.v[i].v[0], "tag") && i + 1 < p->operands.n) {
			for (size_t k = 0; k < p->operands.v[i + 1].n; k++)
				take_dst(&r, word_cat(a, word_text(a, STR("refs/tags/")), p->operands.v[i + 1].v[k]));
			i++;
			continue;
		}
		for (size_t k = 0; err == 0 && k < p->operands.v[i].n; k++)
			err = take_ref(&r, p->operands.v[i].v[k], error);
	}
	if (err != 0)
		return err;
	if (r.exact.n > 0) {
		need(a, needs, "ref", words_of(&r.exact), NEED_LOOSEN);
		need(a, needs, "ref", words_of(&r.loose), NEED_TIGHTEN);
	}
	take_force(a, p, &r, needs);
	drop_options(a, out);
	out->operands = NULL;
	out->noperands = 0;
	out->targets = (struct words){ NULL, 0 };
	out->fielded = r.exact.n > 0 ? LIMIT_WORDS : p->operands.n;
	return 0;
}

int
git_pattern(struct arena *a, const struct parsed *p, struct pattern *out, needs_vec *needs,
    struct str *error)
{
	if (git_is(p, "push"))
		return push(a, p, out, needs, error);
	return 0;
}
