/* SPDX-License-Identifier: ISC */
/*
 * pathname.c: a field with a pattern becomes the files that match it, asked
 * of the world component by component. Where that is not known (a part that
 * is unknown, too many files, files made on this line) it becomes its shape:
 * the text around the pattern with anything in between.
 */
#include "shell/eval.h"

#include <stdlib.h>
#include <string.h>

struct walk {
	struct xp *xp;
	VEC(struct str) paths; /* as they will be words; "" or ending in '/' inside */
	struct str base;       /* directory that relative ones start from */
	bool unknown;
	size_t work;
};

static bool
component_is_glob(struct str c)
{
	for (size_t i = 0; i < c.n; i++) {
		if (c.p[i] == '\\')
			i++;
		else if (strchr("*?[(", c.p[i]) != NULL)
			return true;
	}
	return false;
}

static struct str
unescape(struct arena *a, struct str s)
{
	struct buf b;

	if (str_chr(s, '\\') == STR_NPOS)
		return s;
	buf_init(&b, a);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		buf_putc(&b, s.p[i]);
	}
	return buf_str(&b);
}

static int
by_name(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static struct str
absolute(struct walk *k, struct str path)
{
	return path_clean(k->xp->sh->a, path_join(k->xp->sh->a, k->base, path));
}

static bool
is_dir(struct walk *k, struct str path, enum world_kind kind)
{
	struct shell *sh = k->xp->sh;
	struct world_stat s;
	int err;

	if (kind == WORLD_DIR || kind == WORLD_FILE)
		return kind == WORLD_DIR;
	err = sh->w->stat(sh->w->ctx, absolute(k, path), true, &s);
	if (err == BRIDLE_EUNKNOWN)
		k->unknown = true;
	return err == 0 && s.kind == WORLD_DIR;
}

/* . and .. are among the names of .* in dash, and in bash before 5.2 or as it is told. */
static bool
gives_dots(struct arena *a, struct str comp)
{
	if (!str_starts(comp, STR(".")) && !str_starts(comp, STR("\\.")))
		return false;
	return eval__match(a, comp, STR("."), true, false) != TRI_NO ||
	    eval__match(a, comp, STR(".."), true, false) != TRI_NO;
}

/* One component against what lies in the directory that prefix names. */
static void
match_in(struct walk *k, struct str prefix, struct str comp, bool last)
{
	struct shell *sh = k->xp->sh;
	enum tri dots = eval__opt(k->xp->st, OPT_DOTGLOB);
	struct world_entry *list;
	struct str dir = absolute(k, prefix);
	size_t n;
	int err;

	if (k->xp->written || eval__touched(sh, k->xp->st, dir) || sh->w->list == NULL) {
		k->unknown = true;
		return;
	}
	err = sh->w->list(sh->w->ctx, sh->a, dir, &list, &n);
	if (err == BRIDLE_ENOENT)
		return;
	if (err != 0 || dots == TRI_MAYBE) {
		k->unknown = true;
		return;
	}
	k->unknown |= k->xp->st->kind != SHELL_ZSH && gives_dots(sh->a, comp);
	for (size_t i = 0; i < n && !k->unknown; i++) {
		struct str name = list[i].name, path;
		enum tri m;

		if (name.n > 0 && name.p[0] == '.' && dots == TRI_NO && comp.p[0] != '.' &&
		    !(comp.p[0] == '\\' && comp.n > 1 && comp.p[1] == '.'))
			continue;
		m = eval__match(sh->a, comp, name, true, false);
		if (m == TRI_MAYBE)
			k->unknown = true;
		if (m != TRI_YES)
			continue;
		path = str_cat(sh->a, prefix, name);
		if (!last && !is_dir(k, path, list[i].kind))
			continue;
		if (k->paths.n >= LIMIT_EXPANSION)
			k->unknown = true;
		else
			*vec_push(sh->a, &k->paths) = last ? path : str_cat(sh->a, path, STR("/"));
	}
}

static void
literal_in(struct walk *k, struct str prefix, struct str comp, bool last, bool after_glob)
{
	struct shell *sh = k->xp->sh;
	struct str path = str_cat(sh->a, prefix, unescape(sh->a, comp));
	struct world_stat s;
	int err;

	if (last && after_glob) {
		if (comp.n == 0) { /* a final slash: directories only, as they are */
			*vec_push(sh->a, &k->paths) = path;
			return;
		}
		if (eval__touched(sh, k->xp->st, absolute(k, prefix)))
			k->unknown = true;
		err = sh->w->stat(sh->w->ctx, absolute(k, path), false, &s);
		if (err == BRIDLE_EUNKNOWN)
			k->unknown = true;
		if (err != 0)
			return;
	}
	*vec_push(sh->a, &k->paths) = last ? path : str_cat(sh->a, path, STR("/"));
}

static void
walk_pattern(struct walk *k, struct str pattern)
{
	bool after_glob = false;

	*vec_push(k->xp->sh->a, &k->paths) = STR("");
	for (;;) {
		size_t slash = str_chr(pattern, '/');
		bool last = slash == STR_NPOS;
		struct str comp = str_sub(pattern, 0, last ? pattern.n : slash);
		struct str *from = k->paths.v;
		size_t n = k->paths.n;
		bool globbed = component_is_glob(comp);

		k->paths.v = NULL;
		k->paths.n = k->paths.cap = 0;
		if (str_find(comp, STR("**")) != STR_NPOS &&
		    (k->xp->st->kind == SHELL_ZSH || eval__opt(k->xp->st, OPT_GLOBSTAR) != TRI_NO))
			k->unknown = true;
		for (size_t i = 0; i < n && !k->unknown; i++) {
			if (globbed)
				match_in(k, from[i], comp, last);
			else
				literal_in(k, from[i], comp, last, after_glob);
		}
		after_glob |= globbed;
		if (last || k->unknown)
			return;
		pattern = str_sub(pattern, slash + 1, pattern.n);
	}
}

/* The field as pattern text; false: a part of it is not known. */
static bool
pattern_text(struct xp *xp, struct str *pattern, struct str *plain)
{
	struct buf b, raw;

	buf_init(&b, xp->sh->a);
	buf_init(&raw, xp->sh->a);
	for (size_t i = 0; i < xp->cur.n; i++) {
		const struct xpiece *x = &xp->cur.v[i];

		if (x->p.kind != PIECE_TEXT)
			return false;
		buf_add(&raw, x->how == XP_GLOB ? unescape(xp->sh->a, x->p.text) : x->p.text);
		for (size_t k = 0; k < x->p.text.n; k++) {
			char c = x->p.text.p[k];

			/* A ] that is not quoted may end what a [ began before quotes. */
			if ((x->how == XP_QUOTED && strchr("*?[]\\()|!+@^-:", c) != NULL) ||
			    (x->how == XP_LITERAL && strchr("*?[\\()|", c) != NULL))
				buf_putc(&b, '\\');
			buf_putc(&b, c);
		}
	}
	*pattern = buf_str(&b);
	*plain = buf_str(&raw);
	return true;
}

/* Literal text that may itself be part of a pattern. */
static bool
solid(const struct xpiece *x)
{
	if (x->how == XP_GLOB)
		return false;
	if (x->p.kind != PIECE_TEXT)
		return x->how == XP_QUOTED;
	if (x->how == XP_QUOTED)
		return true;
	for (size_t i = 0; i < x->p.text.n; i++)
		if (strchr("*?[]\\()|", x->p.text.p[i]) != NULL)
			return false;
	return strchr("+@!", x->p.text.p[x->p.text.n - 1]) == NULL;
}

static void
shape(struct xp *xp)
{
	struct piece hole = { PIECE_WORDS, xp->typed, NULL, 0, 0 };
	size_t head = 0, tail = xp->cur.n, n;
	bool slash = true;

	xp->many |= xp->each;
	xp->no_match |= xp->st->kind == SHELL_ZSH || eval__opt(xp->st, OPT_FAILGLOB) != TRI_NO;
	if (eval__opt(xp->st, OPT_NULLGLOB) == TRI_NO && eval__opt(xp->st, OPT_OTHERGLOB) == TRI_NO &&
	    eval__opt(xp->st, OPT_NOCASEGLOB) == TRI_NO) {
		while (head < tail && solid(&xp->cur.v[head]))
			head++;
		while (tail > head && solid(&xp->cur.v[tail - 1]))
			tail--;
		/* a [ that a quoted ] may end: [3\] */
		for (size_t i = head; i < tail; i++)
			if (xp->cur.v[i].how == XP_GLOB && str_is(xp->cur.v[i].p.text, "["))
				tail = xp->cur.n;
	}
	for (size_t i = head; i < tail; i++) {
		const struct xpiece *x = &xp->cur.v[i];

		slash &= x->p.kind == PIECE_TEXT && str_chr(x->p.text, '/') == STR_NPOS &&
		    str_find(x->p.text, STR("**")) == STR_NPOS;
	}
	n = head; /* at least one piece is no solid one and makes room */
	if (xp->each)
		hole = (struct piece){ PIECE_CHARS, xp->typed, slash ? &xp->sh->nonslash : NULL, 0,
			PIECE_NOMAX };
	xp->cur.v[n++] = (struct xpiece){ hole, XP_QUOTED };
	for (size_t i = tail; i < xp->cur.n; i++)
		xp->cur.v[n++] = xp->cur.v[i];
	xp->cur.n = n;
	*vec_push(xp->sh->a, &xp->out) = eval__field_word(xp);
}

/* Whether any unquoted part is not known: then splitting may cut it anywhere. */
static bool
splits(const struct xp *xp)
{
	for (size_t i = 0; i < xp->cur.n; i++)
		if (xp->cur.v[i].p.kind != PIECE_TEXT && xp->cur.v[i].how != XP_QUOTED)
			return true;
	return false;
}

static bool
options_known(const struct xp *xp)
{
	return eval__opt(xp->st, OPT_NOGLOB) == TRI_NO &&
	    eval__opt(xp->st, OPT_NOCASEGLOB) == TRI_NO &&
	    eval__opt(xp->st, OPT_NULLGLOB) != TRI_MAYBE &&
	    eval__opt(xp->st, OPT_OTHERGLOB) == TRI_NO;
}

/* zsh: [a/b]* is a set. */
static bool
slash_in_set(struct str pattern)
{
	bool in = false;

	for (size_t i = 0; i < pattern.n; i++) {
		if (in && pattern.p[i] == '/')
			return true;
		in = pattern.p[i] == '[' || (in && pattern.p[i] != ']');
	}
	return false;
}

void
eval__pathnames(struct xp *xp)
{
	struct walk k = { .xp = xp };
	struct str pattern, plain;

	if (xp->each && splits(xp)) {
		xp->many = true;
		struct word w = word_any(xp->sh->a, xp->typed);

		*vec_push(xp->sh->a, &xp->out) = w;
		return;
	}
	if (!options_known(xp) || !pattern_text(xp, &pattern, &plain) || pattern.n == 0) {
		shape(xp);
		return;
	}
	/* bash: [ [/] and [$x] it takes for patterns or not, as they are written */
	if (xp->st->kind == SHELL_BASH && eval__opt(xp->st, OPT_NULLGLOB) == TRI_YES && str_chr(plain, '[') != STR_NPOS) {
		shape(xp);
		return;
	}
	if (!component_is_glob(pattern)) { /* a value's \* : no pattern, and it stays as it is */
		xp->no_match |= xp->st->kind == SHELL_ZSH; /* a[ is an error there */
		struct word w = word_text(xp->sh->a, plain);

		w.typed = xp->typed;
		*vec_push(xp->sh->a, &xp->out) = w;
		return;
	}
	if (str_find(pattern, STR("([")) != STR_NPOS || (xp->st->kind == SHELL_ZSH && slash_in_set(pattern))) {
		shape(xp);
		return;
	}
	if (xp->st->cwd.n != 1 || !word_known(xp->sh->a, xp->st->cwd.v[0], &k.base)) {
		if (pattern.p[0] != '/') {
			shape(xp);
			return;
		}
		k.base = STR("/");
	}
	walk_pattern(&k, pattern);
	if (k.unknown) {
		shape(xp);
		return;
	}
	if (k.paths.n == 0 && eval__opt(xp->st, OPT_NULLGLOB) == TRI_YES)
		return;
	if (k.paths.n == 0) {
		xp->no_match |= xp->st->kind == SHELL_ZSH ||
		    eval__opt(xp->st, OPT_FAILGLOB) != TRI_NO;
		*vec_push(xp->sh->a, &k.paths) = plain;
	}
	qsort(k.paths.v, k.paths.n, sizeof *k.paths.v, by_name);
	for (size_t i = 0; i < k.paths.n; i++) {
		struct word w = word_text(xp->sh->a, k.paths.v[i]);

		w.typed = xp->typed;
		*vec_push(xp->sh->a, &xp->out) = w;
	}
}

/* ---- files written on this line ---- */

/* The directory of a written file; false: not known. */
static bool
touched_dir(struct shell *sh, const struct touch *t, struct str *out)
{
	struct str path, dir = STR("/");

	if (!word_known(sh->a, t->file, &path))
		return false;
	if (!str_starts(path, STR("/")) && (t->cwd.n != 1 || !word_known(sh->a, t->cwd.v[0], &dir)))
		return false;
	*out = path_dir(path_clean(sh->a, path_join(sh->a, dir, path)));
	return true;
}

bool
eval__touched(struct shell *sh, const struct shell_state *st, struct str dir)
{
	for (size_t i = 0; i < sh->touched.n && !sh->touched_all; i++) {
		struct touch *t = &sh->touched.v[i];

		if (t->dir.p == NULL && !touched_dir(sh, t, &t->dir))
			sh->touched_all = true;
		else if (str_eq(t->dir, dir))
			return true;
	}
	return sh->touched_all ||
	    (sh->host->touched != NULL && sh->host->touched(sh->host->ctx, sh, st, dir));
}

void
eval__touch(struct shell *sh, const struct shell_state *st, struct word file)
{
	if (!str_starts(word_prefix(file), STR("/dev/")))
		*vec_push(sh->a, &sh->touched) = (struct touch){ file, st->cwd, { 0 } };
}

static void
touch_redirs(struct shell *sh, const struct shell_state *st, const struct redir *r)
{
	for (; r != NULL; r = r->next) {
		const struct part *p = r->word == NULL ? NULL : r->word->first;

		if (r->op == REDIR_IN || r->op == REDIR_HERE || r->op == REDIR_HERESTR ||
		    r->op == REDIR_DUP_IN)
			continue;
		if (p != NULL && p->next == NULL && p->kind == PART_TEXT && r->op == REDIR_DUP_OUT &&
		    p->text.n == 1)
			continue; /* 2>&1 */
		if (p != NULL && p->next == NULL && p->kind == PART_TEXT)
			eval__touch(sh, st, word_text(sh->a, p->text));
		else
			sh->touched_all = true;
	}
}

/* What substitutions in words write. */
static void
touch_parts(struct shell *sh, const struct shell_state *st, const struct part *p)
{
	for (; p != NULL; p = p->next)
		if (p->kind == PART_COMMAND || p->kind == PART_PROCESS)
			eval__touch_ahead(sh, st, p->subst->body);
		else if (p->kind == PART_DQUOTE)
			touch_parts(sh, st, p->parts);
}

void
eval__touch_ahead(struct shell *sh, const struct shell_state *st, const struct node *n)
{
	if (n == NULL)
		return;
	if (n->redirs != NULL)
		touch_redirs(sh, st, n->redirs);
	for (size_t i = 0; i < n->nwords; i++)
		touch_parts(sh, st, n->words[i]->first);
	for (const struct asg *a = n->kind == NODE_SIMPLE ? n->assigns : NULL; a != NULL; a = a->next)
		if (a->value != NULL)
			touch_parts(sh, st, a->value->first);
	for (size_t i = 0; i < n->nkids; i++)
		eval__touch_ahead(sh, st, n->kids[i]);
	for (size_t i = 0; n->kind == NODE_CASE && i < n->nitems; i++)
		eval__touch_ahead(sh, st, n->items[i].body);
}
