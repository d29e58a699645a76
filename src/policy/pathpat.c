/* SPDX-License-Identifier: ISC */
/*
 * pathpat.c: path patterns as in gitignore. `/x` from the project root, `//x`
 * absolute, `~/x` from home, `x` at any depth, `a/b` from the root; `**` any
 * components, `*` and `?` never a slash. A pattern names what it matches and,
 * in a tightening place, all below it; to loosen that must be said: `x/` or
 * `x/` with two stars behind it.
 *
 * A path that is not wholly known: an unknown piece may hold slashes and dots,
 * so what stands before it binds only where the last component is known.
 */
#include "policy.h"

#include <string.h>

/* ---- compiling ---- */

static const struct byteset *
no_slash(struct arena *a)
{
	struct byteset *set = NEW(a, struct byteset);

	*set = byteset_not("/");
	return set;
}

/* The ways in which the pattern can be met, each a list of pieces. */
typedef VEC(struct piece) pieces;
struct ways {
	struct arena *a;
	VEC(pieces) list;
};

static void
add_piece(struct ways *w, struct piece p)
{
	for (size_t i = 0; i < w->list.n; i++)
		*vec_push(w->a, &w->list.v[i]) = p;
}

static void
add_text(struct ways *w, struct str text)
{
	if (text.n > 0)
		add_piece(w, (struct piece){ .kind = PIECE_TEXT, .text = text });
}

/* "x/" or nothing, for a `**` between slashes. */
static void
add_components(struct ways *w)
{
	size_t n = w->list.n;

	for (size_t i = 0; i < n; i++) {
		pieces copy = { 0 };

		for (size_t k = 0; k < w->list.v[i].n; k++)
			*vec_push(w->a, &copy) = w->list.v[i].v[k];
		*vec_push(w->a, &copy) = (struct piece){ .kind = PIECE_CHARS, .min = 1, .max = PIECE_NOMAX };
		*vec_push(w->a, &copy) = (struct piece){ .kind = PIECE_TEXT, .text = STR("/") };
		*vec_push(w->a, &w->list) = copy;
	}
}

/* One component of glob text, that is no `**`. */
static void
add_component(struct ways *w, struct str glob)
{
	struct words one;
	struct word x;

	if (word_glob(w->a, glob, &one) != 0 || one.n != 1) {
		add_text(w, glob);
		return;
	}
	x = one.v[0];
	for (size_t i = 0; i < x.n; i++) {
		struct piece p = x.v[i];

		if (p.kind == PIECE_CHARS && p.set == NULL)
			p.set = no_slash(w->a);
		add_piece(w, p);
	}
}

/* The glob text below the root, without slashes at its ends. */
static void
compile_below(struct ways *w, struct str glob)
{
	*vec_push(w->a, &w->list) = (pieces){ 0 };
	while (glob.n > 0) {
		size_t slash = str_chr(glob, '/');
		bool last = slash == STR_NPOS;
		struct str part = str_sub(glob, 0, last ? glob.n : slash);

		glob = str_sub(glob, last ? glob.n : slash + 1, glob.n);
		if (str_is(part, "**") && last) {
			add_piece(w, (struct piece){ .kind = PIECE_CHARS, .min = 1, .max = PIECE_NOMAX });
		} else if (str_is(part, "**") && w->list.n <= 16) {
			add_components(w);
		} else {
			add_component(w, part);
			if (!last)
				add_text(w, STR("/"));
		}
	}
}

static struct words
words_of(struct ways *w)
{
	struct word *v = NEW_ARRAY(w->a, struct word, w->list.n);

	for (size_t i = 0; i < w->list.n; i++)
		v[i] = (struct word){ w->list.v[i].v, w->list.v[i].n, STR("") };
	return (struct words){ v, w->list.n };
}

static bool
has_dotdot(struct str glob)
{
	while (glob.n > 0) {
		size_t slash = str_chr(glob, '/');

		if (str_is(str_sub(glob, 0, slash == STR_NPOS ? glob.n : slash), ".."))
			return true;
		glob = str_sub(glob, slash == STR_NPOS ? glob.n : slash + 1, glob.n);
	}
	return false;
}

static void
set_root(struct pathpat *p, struct str *glob)
{
	if (str_starts(*glob, STR("//"))) {
		p->root = PATH_ABSOLUTE;
		*glob = str_sub(*glob, 2, glob->n);
	} else if (str_starts(*glob, STR("~/"))) {
		p->root = PATH_HOME;
		*glob = str_sub(*glob, 2, glob->n);
	} else if (str_starts(*glob, STR("/"))) {
		*glob = str_sub(*glob, 1, glob->n);
	} else if (str_starts(*glob, STR("./"))) {
		*glob = str_sub(*glob, 2, glob->n);
	} else if (str_starts(*glob, STR("**/"))) {
		p->root = PATH_FLOATING;
		*glob = str_sub(*glob, 3, glob->n);
	} else if (str_chr(*glob, '/') == STR_NPOS || str_chr(*glob, '/') == glob->n - 1) {
		p->root = PATH_FLOATING;
	}
}

static bool
compile_one(struct arena *a, struct str glob, struct pathpat *p)
{
	struct ways w = { .a = a };
	struct str last;

	set_root(p, &glob);
	if (glob.n > 0 && glob.p[glob.n - 1] == '/') {
		p->dir_only = true;
		glob.n--;
	}
	p->deep = str_is(glob, "**") || str_ends(glob, STR("/**"));
	if (glob.n == 0 || has_dotdot(glob))
		return false;
	compile_below(&w, glob);
	p->words = words_of(&w);
	last = path_base(p->deep ? path_dir(glob) : glob);
	if (!word_has_glob(last) && str_chr(last, '\\') == STR_NPOS && !str_is(last, "."))
		p->last = last;
	return true;
}

bool
policy__pathpat(struct arena *a, const struct lets *lets, struct token t, struct place at,
    struct diags *d, struct pathpats *out)
{
	bool negated = t.raw.n > 1 && t.raw.p[0] == '!';
	struct str *globs;
	size_t n;

	if (negated) {
		t.raw = str_sub(t.raw, 1, t.raw.n);
		at.column++;
	}
	if (policy__globs(a, lets, t, at, d, &globs, &n) != 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct words expanded; /* of {a,b}; each knows its glob text */

		if (word_glob(a, globs[i], &expanded) != 0)
			expanded.n = 0;
		for (size_t k = 0; k < expanded.n; k++) {
			struct pathpat *p = vec_push(a, &out->list);

			*p = (struct pathpat){ .negated = negated, .source = t.raw };
			if (compile_one(a, expanded.v[k].typed, p))
				continue;
			policy__error(d, at, "this is no path pattern")->hint =
			    STR("write /x from the project root, //x absolute, ~/x from home, x at any depth, without ..");
			return false;
		}
	}
	return true;
}
