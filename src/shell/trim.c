/* SPDX-License-Identifier: ISC */
/*
 * trim.c: the operators of ${x…} on a value that is known: # % / : ^ , . What
 * cannot be told exactly (characters of several bytes, patterns that are not
 * known) gives a word of any text.
 */
#include "shell/eval.h"

#include <string.h>

#define TRIM_MAX 4096 /* longer values are not cut: the work is quadratic */

static bool
slice_numbers(struct xp *xp, const struct part *p, struct trim *t)
{
	struct str source = eval__part_source(xp, p);
	const struct astword *off = p->param->arg;
	enum arith how = off == NULL ? eval__arith_parts(xp, NULL, STR(""), &t->off)
	                             : eval__arith_parts(xp, off->first, eval__source(xp->cx, off->at), &t->off);
	enum arith how2 = ARITH_KNOWN;

	t->has_len = p->param->arg2 != NULL;
	if (t->has_len)
		how2 = eval__arith_parts(
		    xp, p->param->arg2->first, eval__source(xp->cx, p->param->arg2->at), &t->len);
	if (how == ARITH_OPAQUE || how2 == ARITH_OPAQUE)
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_OPAQUE, source,
		    "its value is evaluated as arithmetic");
	return how == ARITH_KNOWN && how2 == ARITH_KNOWN;
}

void
eval__trim_prepare(struct xp *xp, const struct part *p, struct trim *t)
{
	struct xp in;

	t->op = p->param->op;
	t->doubled = p->param->doubled;
	t->anchor = p->op;
	t->mod = p->param->mod;
	if (t->op == PARAM_SLICE) {
		t->known = slice_numbers(xp, p, t);
		return;
	}
	eval__xp_init(&in, xp->sh, xp->st, xp->cx, xp->ch);
	in.depth = xp->depth;
	t->known = true;
	t->has_pattern = p->param->arg != NULL && p->param->arg->first != NULL;
	if (p->param->arg != NULL)
		t->known &= word_known(xp->sh->a, eval__expand_pattern(&in, p->param->arg), &t->pattern);
	if (xp->st->kind == SHELL_ZSH) /* (a|): the first that matches, not the longest */
		t->known &= str_chr(t->pattern, '(') == STR_NPOS &&
		    (eval__opt(xp->st, OPT_OTHERGLOB) == TRI_NO || eval__literal_pattern(word_text(xp->sh->a, t->pattern)));
	/* bash: the # of a value is an anchor, too; zsh: that of ${x//#a}, too. */
	if (t->op == PARAM_REPLACE && t->anchor != '#' && t->anchor != '%' && t->pattern.n > 0 &&
	    (t->pattern.p[0] == '#' || t->pattern.p[0] == '%'))
		t->known &= t->doubled && xp->st->kind == SHELL_BASH;
	if (xp->st->kind == SHELL_BASH && eval__opt(xp->st, OPT_EXTGLOB) != TRI_YES)
		t->known &= !eval__extended_pattern(word_text(xp->sh->a, t->pattern));
	if (p->param->arg2 != NULL)
		t->known &= word_known(xp->sh->a, eval__expand_one(&in, p->param->arg2), &t->with);
	/* zsh: "${x/a/'b'}" keeps the quotes. */
	if (p->param->arg2 != NULL && p->quoted && xp->st->kind == SHELL_ZSH) {
		struct str with = eval__source(xp->cx, p->param->arg2->at);

		t->known &= str_chr(with, '\'') == STR_NPOS && str_chr(with, '\\') == STR_NPOS;
	}
}

static enum tri
match(struct xp *xp, const struct trim *t, struct str s)
{
	return eval__match(
	    xp->sh->a, t->pattern, s, eval__opt(xp->st, OPT_EXTGLOB) != TRI_NO, false);
}

/* ${x#p} and ${x%p}; false: not known. */
static bool
cut(struct xp *xp, const struct trim *t, struct str s, struct str *out)
{
	bool prefix = t->op == PARAM_PREFIX;

	for (size_t i = 0; i <= s.n; i++) {
		size_t n = t->doubled ? s.n - i : i;
		enum tri m = match(xp, t, prefix ? str_sub(s, 0, n) : str_sub(s, s.n - n, n));

		if (m == TRI_MAYBE)
			return false;
		if (m == TRI_YES) {
			*out = prefix ? str_sub(s, n, s.n) : str_sub(s, 0, s.n - n);
			return true;
		}
	}
	*out = s;
	return true;
}

/* The longest match at s[at]: its length, STR_NPOS none, STR_NPOS-1 unknown. */
static size_t
longest(struct xp *xp, const struct trim *t, struct str s, size_t at)
{
	for (size_t n = s.n - at + 1; n-- > 0;) {
		enum tri m;

		if (t->anchor == '%' && at + n != s.n)
			return STR_NPOS;
		m = match(xp, t, str_sub(s, at, n));
		if (m == TRI_MAYBE)
			return STR_NPOS - 1;
		if (m == TRI_YES)
			return n;
	}
	return STR_NPOS;
}

/* ${x/p/r}; a replacement with & or \ means something of its own. */
static bool
replace(struct xp *xp, const struct trim *t, struct str s, struct str *out)
{
	struct buf b;
	size_t from = 0;

	if (str_chr(t->with, '&') != STR_NPOS || str_chr(t->with, '\\') != STR_NPOS ||
	    t->pattern.n == 0)
		return false;
	buf_init(&b, xp->sh->a);
	for (size_t i = 0; i <= s.n;) {
		size_t n = longest(xp, t, s, i);

		if (n == STR_NPOS - 1 || n == 0)
			return false;
		if (n == STR_NPOS) {
			if (t->anchor == '#')
				break;
			i++;
			continue;
		}
		buf_add(&b, str_sub(s, from, i - from));
		buf_add(&b, t->with);
		i += n;
		from = i;
		if (!t->doubled)
			break;
	}
	buf_add(&b, str_sub(s, from, s.n));
	*out = buf_str(&b);
	return true;
}

/* The bounds that off and len mean for n things; false: an error. */
static bool
bounds(long long off, long long len, bool has_len, size_t n, size_t *from, size_t *count)
{
	long long total = (long long)n, end = total;

	if (off < 0)
		off += total;
	if (off < 0 || off > total) {
		*from = *count = 0;
		return true;
	}
	if (has_len && len < 0)
		end = total + len;
	else if (has_len && len < total - off)
		end = off + len;
	if (end < off)
		return false;
	*from = (size_t)off;
	*count = (size_t)(end - off);
	return true;
}

static bool
slice(const struct trim *t, struct str s, struct str *out)
{
	size_t from, count;

	if (!bounds(t->off, t->len, t->has_len, s.n, &from, &count))
		return false;
	*out = str_sub(s, from, count);
	return true;
}

static bool
change_case(struct xp *xp, const struct trim *t, struct str s, struct str *out)
{
	struct buf b;

	if (t->has_pattern || (t->anchor != '^' && t->anchor != ','))
		return false;
	buf_init(&b, xp->sh->a);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (i == 0 || t->doubled) {
			if (t->anchor == '^' && c >= 'a' && c <= 'z')
				c = (char)(c - 'a' + 'A');
			else if (t->anchor == ',' && c >= 'A' && c <= 'Z')
				c = (char)(c - 'A' + 'a');
		}
		buf_putc(&b, c);
	}
	*out = buf_str(&b);
	return true;
}

struct word
eval__trim(struct xp *xp, const struct trim *t, struct word w, struct str source)
{
	struct str s, out;
	bool done = false;

	if (t->known && eval__opt(xp->st, OPT_NOCASEMATCH) == TRI_NO && word_known(xp->sh->a, w, &s) &&
	    s.n <= TRIM_MAX && str_ascii(s)) {
		switch (t->op) {
		case PARAM_PREFIX:
		case PARAM_SUFFIX:
			done = cut(xp, t, s, &out);
			break;
		case PARAM_REPLACE:
			done = replace(xp, t, s, &out);
			break;
		case PARAM_SLICE:
			done = slice(t, s, &out);
			break;
		case PARAM_CASE:
			done = change_case(xp, t, s, &out);
			break;
		default:
			break;
		}
	}
	return done ? word_text(xp->sh->a, out) : word_any(xp->sh->a, source);
}

bool
eval__slice_list(struct xp *xp, const struct trim *t, const struct part *p, struct words *list)
{
	VEC(struct word) all = { 0 };
	size_t from, count;

	if (!t->known)
		return false;
	for (size_t i = 0; i < list->n; i++)
		if (word_has_words(list->v[i]))
			return false;
	/* ${@:0} begins with $0, ${@:1} with $1; an array begins with 0. */
	if (p->param->subscript == NULL && !eval__is_name(p->param->name))
		*vec_push(xp->sh->a, &all) = xp->st->argv0;
	for (size_t i = 0; i < list->n; i++)
		*vec_push(xp->sh->a, &all) = list->v[i];
	if (t->has_len && t->len < 0)
		return false;
	if (!bounds(t->off, t->len, t->has_len, all.n, &from, &count))
		return false;
	*list = (struct words){ all.v == NULL ? NULL : all.v + from, count };
	return true;
}
