/* SPDX-License-Identifier: ISC */
/*
 * brace.c: {a,b} and {1..5} in a word: the words without braces that it
 * stands for, as new chains of parts. More than LIMIT_EXPANSION of them are a
 * limit, and the word stands for any words.
 */
#include "shell/eval.h"

#include <limits.h>
#include <string.h>

struct chain {
	const struct part **v;
	size_t n;
};
struct chains {
	VEC(struct chain) list;
	bool full; /* the limit was crossed */
};

static bool
has_brace(const struct part *p)
{
	for (; p != NULL; p = p->next)
		if (p->kind == PART_BRACE)
			return true;
	return false;
}

static struct chain
chain_add(struct arena *a, struct chain c, struct chain more)
{
	struct chain r = { NEW_ARRAY(a, const struct part *, c.n + more.n + 1), c.n + more.n };

	if (c.n > 0)
		memcpy(r.v, c.v, c.n * sizeof *r.v);
	if (more.n > 0)
		memcpy(r.v + c.n, more.v, more.n * sizeof *r.v);
	return r;
}

static void
add_text(struct xp *xp, struct chains *out, const struct part *like, struct str text)
{
	struct part *p = NEW(xp->sh->a, struct part);
	const struct part **v = NEW_ARRAY(xp->sh->a, const struct part *, 1);

	*p = (struct part){ .kind = PART_TEXT, .at = like->at, .text = text };
	*v = p;
	if (out->list.n >= LIMIT_EXPANSION)
		out->full = true;
	else
		*vec_push(xp->sh->a, &out->list) = (struct chain){ v, 1 };
}

/* The bounds of 1..5..2 or a..e: false if it is no sequence. */
static bool
sequence_bounds(struct str text, long long b[3], bool *letters, size_t *width)
{
	struct str item[3] = { { 0 }, { 0 }, { 0 } };
	size_t n = 0, dots;

	while (n < 3 && (dots = str_find(text, STR(".."))) != STR_NPOS) {
		item[n++] = str_sub(text, 0, dots);
		text = str_sub(text, dots + 2, text.n);
	}
	if (n == 0 || n == 3)
		return false;
	item[n++] = text;
	*letters = item[0].n == 1 && item[1].n == 1 && !eval__integer(item[0], &b[0]);
	*width = 0;
	b[2] = 1;
	if (n == 3 && !eval__integer(item[2], &b[2]))
		return false;
	for (int i = 0; i < 2; i++) {
		struct str digits = item[i];

		if (*letters)
			b[i] = (unsigned char)item[i].p[0];
		else if (!eval__integer(item[i], &b[i]))
			return false;
		if (digits.n > 0 && digits.p[0] == '-')
			digits = str_sub(digits, 1, digits.n);
		if (!*letters && digits.n > 1 && digits.p[0] == '0' && item[i].n > *width)
			*width = item[i].n;
	}
	if (!*letters && *width > 0)
		for (int i = 0; i < 2; i++)
			if (item[i].n > *width)
				*width = item[i].n;
	return true;
}

static void
sequence(struct xp *xp, struct chains *out, const struct part *p)
{
	size_t width, dots = str_find(p->text, STR(".."));
	bool letters, steps = dots != STR_NPOS && str_rchr(p->text, '.') > dots + 1;
	long long b[3], step;

	if (!sequence_bounds(p->text, b, &letters, &width)) {
		add_text(xp, out, p, str_cat(xp->sh->a, str_cat(xp->sh->a, STR("{"), p->text), STR("}")));
		return;
	}
	/* Z..a: with the signs between them; what zsh makes of a step is its own */
	if ((letters && (b[0] <= 'Z') != (b[1] <= 'Z')) ||
	    (xp->st->kind == SHELL_ZSH && steps && (letters || b[2] <= 0 || p->text.p[str_rchr(p->text, '.') + 1] == '0'))) {
		out->full = true;
		return;
	}
	if (b[2] < 0)
		b[2] = b[2] == LLONG_MIN ? 1 : -b[2];
	step = b[2] == 0 ? 1 : b[2];
	for (long long i = b[0]; b[0] <= b[1] ? i <= b[1] : i >= b[1];) {
		if (letters) {
			char c = (char)i;

			add_text(xp, out, p, str_printf(xp->sh->a, "%c", c));
		} else
			add_text(xp, out, p, str_printf(xp->sh->a, "%0*lld", (int)width, i));
		if (out->full || __builtin_add_overflow(i, b[0] <= b[1] ? step : -step, &i))
			return;
	}
}

static void gather(struct xp *xp, struct chains *out, const struct part *p);

/* Each chain so far with each alternative behind it. */
static void
multiply(struct xp *xp, struct chains *out, const struct chains *more)
{
	struct chains all = { .full = out->full || more->full };

	for (size_t i = 0; i < out->list.n && !all.full; i++)
		for (size_t k = 0; k < more->list.n && !all.full; k++) {
			if (all.list.n >= LIMIT_EXPANSION) {
				all.full = true;
				break;
			}
			*vec_push(xp->sh->a, &all.list) = chain_add(
			    xp->sh->a, out->list.v[i], more->list.v[k]);
		}
	*out = all;
}

static void
alternatives(struct xp *xp, struct chains *out, const struct part *p)
{
	if (p->brace->nwords == 0) {
		sequence(xp, out, p);
		return;
	}
	for (size_t i = 0; i < p->brace->nwords && !out->full; i++) {
		struct chains one = { 0 };

		gather(xp, &one, p->brace->words[i]->first);
		out->full |= one.full;
		for (size_t k = 0; k < one.list.n && !out->full; k++) {
			if (out->list.n >= LIMIT_EXPANSION)
				out->full = true;
			else
				*vec_push(xp->sh->a, &out->list) = one.list.v[k];
		}
	}
}

static void
gather(struct xp *xp, struct chains *out, const struct part *p)
{
	*vec_push(xp->sh->a, &out->list) = (struct chain){ 0 };
	while (p != NULL && !out->full) {
		struct chains more = { 0 };

		if (p->kind == PART_BRACE) {
			alternatives(xp, &more, p);
			p = p->next;
		} else {
			struct chain run = { 0 };

			for (const struct part *q = p; q != NULL && q->kind != PART_BRACE;
			     q = q->next)
				run.n++;
			run.v = NEW_ARRAY(xp->sh->a, const struct part *, run.n);
			for (size_t i = 0; i < run.n; i++, p = p->next)
				run.v[i] = p;
			*vec_push(xp->sh->a, &more.list) = run;
		}
		multiply(xp, out, &more);
	}
}

static bool
is_name_char(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* $x{1,2} is $x1 $x2: the text behind a bare name goes to the name. True if
 * nothing of it is left. */
static bool
lengthen_name(struct xp *xp, struct part *p, struct part *text)
{
	struct param *longer;
	size_t n = 0;

	if (p->kind != PART_PARAM || p->param->braced || p->param->subscript != NULL ||
	    !eval__is_name(p->param->name) || text->kind != PART_TEXT || text->quoted ||
	    xp->st->kind == SHELL_ZSH)
		return false;
	while (n < text->text.n && is_name_char(text->text.p[n]))
		n++;
	longer = NEW(xp->sh->a, struct param);
	*longer = *p->param;
	longer->name = str_cat(xp->sh->a, longer->name, str_sub(text->text, 0, n));
	p->param = longer;
	text->text = str_sub(text->text, n, text->text.n);
	return text->text.n == 0;
}

/* A `$` at the end of an alternative may get a name from what follows. */
static bool
open_dollar(const struct part *p)
{
	return p->kind == PART_TEXT && !p->quoted && p->text.n > 0 &&
	    p->text.p[p->text.n - 1] == '$';
}

/* bash expands braces first, so that a ~ may come to stand at the start of its
 * word, or be followed by more of a name. False: it is not followed. */
static bool
retilde(struct xp *xp, struct astword *w)
{
	struct part *p = w->first, *rest;
	size_t n = 1;

	while (p != NULL && p->kind == PART_TEXT && !p->quoted && p->text.n == 0)
		p = p->next;
	if (p == NULL || p->quoted || xp->st->kind == SHELL_ZSH)
		return true;
	if (p->kind == PART_PARAM && p->param->op == PARAM_OTHER && p->next != NULL &&
	    str_starts(eval__part_source(xp, p), STR("~"))) /* ~{a,b} */
		return false;
	if (p->kind == PART_TILDE && p->next != NULL && p->next->kind == PART_TEXT &&
	    !p->next->quoted)
		return p->next->text.n > 0 &&
		    (p->next->text.p[0] == '/' || p->next->text.p[0] == ':');
	if (p->kind != PART_TEXT || p->text.p[0] != '~')
		return true;
	while (n < p->text.n && p->text.p[n] != '/' && p->text.p[n] != ':')
		n++;
	if (n == p->text.n && p->next != NULL)
		return p->next->kind != PART_TEXT || p->next->quoted;
	rest = NEW(xp->sh->a, struct part);
	*rest = *p;
	rest->text = str_sub(p->text, n, STR_NPOS);
	p->kind = PART_TILDE;
	p->text = str_sub(p->text, 1, n - 1);
	p->next = rest->text.n > 0 ? rest : rest->next;
	return true;
}

/* NULL: what comes together is not followed. */
static struct astword *
link_chain(struct xp *xp, const struct chain *c, const struct astword *like)
{
	struct astword *w = NEW(xp->sh->a, struct astword);
	struct part **next = &w->first, *last = NULL;

	w->at = like->at;
	for (size_t i = 0; i < c->n; i++) {
		struct part *copy = NEW(xp->sh->a, struct part);

		*copy = *c->v[i];
		copy->next = NULL;
		/* Behind name= too it is text: no assignment to bash any more. */
		if (copy->kind == PART_TILDE && last != NULL) {
			copy->kind = PART_TEXT;
			copy->text.p--;
			copy->text.n++;
		}
		if (last != NULL && open_dollar(last))
			return NULL;
		if (last != NULL && lengthen_name(xp, last, copy))
			continue;
		*next = copy;
		next = &copy->next;
		last = copy;
	}
	return retilde(xp, w) ? w : NULL;
}

static bool
braced_with(const struct xp *xp, const struct part *p, char c)
{
	return p->kind == PART_PARAM && p->param->braced &&
	    str_chr(str_sub(eval__part_source(xp, p), 2, STR_NPOS), c) != STR_NPOS;
}

/* bash looks for braces before it knows where ${x:-{a} ends, or that the quotes
 * in "${x:-"a"'}" are no ends: what comes out then is not followed. */
static bool
confused(const struct xp *xp, const struct part *p)
{
	for (; p != NULL; p = p->next) {
		if (braced_with(xp, p, '{'))
			return true;
		for (const struct part *k = p->kind == PART_DQUOTE ? p->parts : NULL; k != NULL;
		     k = k->next)
			if (braced_with(xp, k, '"'))
				return true;
		for (size_t i = 0; p->kind == PART_BRACE && i < p->brace->nwords; i++)
			if (confused(xp, p->brace->words[i]->first))
				return true;
	}
	return false;
}

/* The same with "${x:-"{a,b}"}": for braces, the inner quotes end the outer. */
static bool
hidden(const struct xp *xp, const struct part *p)
{
	struct str s;
	size_t i;

	for (; p != NULL; p = p->next) {
		if (p->kind == PART_DQUOTE && hidden(xp, p->parts))
			return true;
		if (p->kind != PART_PARAM || !p->quoted || !p->param->braced ||
		    p->param->arg == NULL)
			continue;
		s = eval__part_source(xp, p);
		i = str_chr(s, '"');
		for (i = i == STR_NPOS ? s.n : i + 1; i < s.n; i++)
			if (s.p[i] == '{' && s.p[i - 1] != '$')
				return true;
	}
	return false;
}

/* What the word runs it runs, whatever its words are. */
static void
run_parts(struct xp *xp, const struct part *p)
{
	for (; p != NULL; p = p->next)
		if (p->kind == PART_BRACE)
			for (size_t i = 0; i < p->brace->nwords; i++)
				run_parts(xp, p->brace->words[i]->first);
		else if (p->kind != PART_TEXT && p->kind != PART_TILDE)
			eval__part(xp, p, true);
}

static bool
any_words(struct xp *xp, const struct astword *w, size_t *n)
{
	struct ctx cx = eval__maybe(xp->cx);
	struct shell_state *copy = eval__copy(xp->sh, xp->st);
	struct xp in;

	eval__xp_init(&in, xp->sh, copy, &cx, xp->ch);
	in.depth = xp->depth;
	in.nosplit = true;
	run_parts(&in, w->first);
	if (copy->vars != xp->st->vars)
		eval__assign_unknown(xp->sh, copy, STR("what braces make of it is assigned"));
	eval__join(xp->sh, xp->st, copy);
	eval__put(xp, (struct piece){ PIECE_WORDS, xp->typed, NULL, 0, 0 }, XP_VALUE);
	eval__field_end(xp);
	*n = 0;
	return true;
}

bool
eval__braces(struct xp *xp, const struct astword *w, struct astword ***out, size_t *n)
{
	struct chains all = { 0 };

	if (xp->st->kind == SHELL_BASH && hidden(xp, w->first))
		return any_words(xp, w, n);
	if (!has_brace(w->first))
		return false;
	if (!confused(xp, w->first))
		gather(xp, &all, w->first);
	*n = 0;
	*out = NULL;
	if (confused(xp, w->first))
		return any_words(xp, w, n);
	if (all.full) {
		eval__limit(xp->sh, xp->st, xp->cx, LIMIT_BIT_EXPANSION,
		    "a brace expansion gives more words than the limit");
		return any_words(xp, w, n);
	}
	*n = all.list.n;
	*out = NEW_ARRAY(xp->sh->a, struct astword *, *n);
	for (size_t i = 0; i < *n; i++) {
		(*out)[i] = link_chain(xp, &all.list.v[i], w);
		if ((*out)[i] == NULL)
			return any_words(xp, w, n);
	}
	return true;
}

/* Expanding it twice is not expanding it once. */
static bool
has_effect(const struct part *p)
{
	for (; p != NULL; p = p->next)
		if (p->kind == PART_ARITH || p->kind == PART_COMMAND ||
		    (p->kind == PART_PARAM &&
		        (p->param->op == PARAM_ASSIGN || p->param->subscript != NULL)) ||
		    (p->kind == PART_DQUOTE && has_effect(p->parts)))
			return true;
	return false;
}

static bool
has_value(const struct part *p)
{
	for (; p != NULL; p = p->next) {
		if (p->kind == PART_PARAM || p->kind == PART_COMMAND || (p->kind == PART_DQUOTE && has_value(p->parts)))
			return true;
		for (size_t i = 0; p->kind == PART_BRACE && i < p->brace->nwords; i++)
			if (has_value(p->brace->words[i]->first))
				return true;
	}
	return false;
}

bool
eval__brace_words(struct xp *xp, const struct astword *w)
{
	size_t from = xp->out.n, at = from, n;
	struct astword **list;
	bool lists = false;

	if (!eval__braces(xp, w, &list, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		xp->have |= xp->st->kind == SHELL_ZSH; /* an empty one is a word there */
		eval__parts(xp, list[i]->first, false);
		eval__field_end(xp);
		lists |= xp->out.n != at + 1 || word_has_words(xp->out.v[at]);
		at = xp->out.n;
	}
	/* zsh expands all else first, and once: a list is in pieces then. */
	if (xp->st->kind == SHELL_ZSH && (has_effect(w->first) || (lists && has_value(w->first)))) {
		xp->out.n = from;
		*vec_push(xp->sh->a, &xp->out) = word_words(xp->sh->a, xp->typed);
	}
	return true;
}
