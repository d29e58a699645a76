/* SPDX-License-Identifier: ISC */
/*
 * run_cond.c: [[ … ]] and test: whether they hold, as far as that is known, and
 * what they evaluate on the way: numbers of -eq and its like, names of -v.
 */
#include "shell/eval.h"

#include <string.h>

struct cond {
	struct xp *xp;
	struct astword *const *words;
	size_t n, i;
	struct word *argv; /* for showing, by index */
	bool opaque;
	unsigned depth;
};

static const char *const arith_ops[] = { "-eq", "-ne", "-lt", "-le", "-gt", "-ge" };
static const char *const string_ops[] = { "=", "==", "!=", "=~", "<", ">", "-ef", "-nt", "-ot" };

static int
find(struct str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(s, list[i]))
			return (int)i;
	return -1;
}
#define FIND(s, list) find((s), (list), sizeof(list) / sizeof((list)[0]))

/* The i-th word if it stands unquoted as it is, else empty. */
static struct str
operator_at(const struct cond *c, size_t i)
{
	const struct part *p;

	if (i >= c->n)
		return (struct str){ 0 };
	p = c->words[i]->first;
	if (p == NULL || p->next != NULL || p->kind != PART_TEXT || p->quoted)
		return (struct str){ 0 };
	return p->text;
}

static struct word
operand(struct cond *c, size_t i)
{
	struct word w = eval__expand_one(c->xp, c->words[i]);

	c->argv[i] = w;
	return w;
}

static enum tri
of_bool(bool holds)
{
	return holds ? TRI_YES : TRI_NO;
}

/* Whether the word is empty. */
static enum tri
is_empty(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind == PIECE_TEXT || (w.v[i].kind == PIECE_CHARS && w.v[i].min > 0))
			return TRI_NO;
	return w.n == 0 ? TRI_YES : TRI_MAYBE;
}

/* ---- evaluating places ---- */

static enum tri
compare_numbers(struct xp *xp, int op, struct word x, struct word y, bool *opaque)
{
	long long a, b;
	enum arith p = eval__arith(xp, x, &a), q = eval__arith(xp, y, &b);

	if (p == ARITH_OPAQUE || q == ARITH_OPAQUE)
		*opaque = true;
	if (p != ARITH_KNOWN || q != ARITH_KNOWN)
		return TRI_MAYBE;
	switch (op) {
	case 0:
		return of_bool(a == b);
	case 1:
		return of_bool(a != b);
	case 2:
		return of_bool(a < b);
	case 3:
		return of_bool(a <= b);
	case 4:
		return of_bool(a > b);
	default:
		return of_bool(a >= b);
	}
}

static void
test_name(struct xp *xp, struct word w, bool *opaque)
{
	struct str text;

	if (word_known(xp->sh->a, w, &text))
		eval__evaluate_name(xp, text);
	else
		*opaque = true;
}

static enum tri
unary(struct xp *xp, struct str op, struct word w, bool *opaque)
{
	struct str text;
	long long n;

	if (str_is(op, "-n"))
		return tri_not(is_empty(w));
	if (str_is(op, "-z"))
		return is_empty(w);
	if (str_is(op, "-v") || str_is(op, "-R"))
		test_name(xp, w, opaque);
	if (str_is(op, "-t") && xp->st->kind == SHELL_ZSH && word_known(xp->sh->a, w, &text) && !eval__integer(text, &n))
		*opaque = true;
	return TRI_MAYBE;
}

/* ---- [[ ]] ---- */

static enum tri either(struct cond *c);

static enum tri
binary(struct cond *c, size_t at, struct str op)
{
	struct xp *xp = c->xp;
	struct word x = operand(c, at), p;
	int number = FIND(op, arith_ops);
	enum tri m;

	if (number >= 0)
		return compare_numbers(xp, number, x, operand(c, at + 2), &c->opaque);
	if (!str_is(op, "=") && !str_is(op, "==") && !str_is(op, "!=")) {
		operand(c, at + 2);
		return TRI_MAYBE;
	}
	p = eval__expand_pattern(xp, c->words[at + 2]);
	c->argv[at + 2] = p;
	if (eval__opt(xp->st, OPT_NOCASEMATCH) != TRI_NO || xp->st->kind == SHELL_ZSH)
		return TRI_MAYBE;
	m = eval__match_word(xp->sh->a, p, x, true, false);
	return str_is(op, "!=") ? tri_not(m) : m;
}

static enum tri
primary(struct cond *c)
{
	struct str op = operator_at(c, c->i), next = operator_at(c, c->i + 1);
	size_t at = c->i;
	enum tri r;

	if (++c->depth > LIMIT_SHELL_DEPTH) {
		c->opaque = true;
		c->i = c->n;
		return TRI_MAYBE;
	}
	if (at >= c->n)
		r = TRI_MAYBE;
	else if (str_is(op, "!") && at + 1 < c->n) {
		c->i++;
		r = tri_not(primary(c));
	} else if (str_is(op, "(")) {
		c->i++;
		r = either(c);
		c->i++;
	} else if (at + 2 < c->n && (c->xp->st->kind == SHELL_ZSH || !ast_unary(op)) &&
	    (FIND(next, arith_ops) >= 0 || FIND(next, string_ops) >= 0)) {
		c->i += 3;
		r = binary(c, at, next);
	} else if (op.n == 2 && op.p[0] == '-' && at + 1 < c->n && !str_is(next, "&&") &&
	    !str_is(next, "||") && !str_is(next, ")")) {
		c->i += 2;
		r = unary(c->xp, op, operand(c, at + 1), &c->opaque);
	} else {
		c->i++;
		r = tri_not(is_empty(operand(c, at)));
	}
	c->depth--;
	return r;
}

/* && and ||; the right side is evaluated even where it may not be, which can
 * only add to what is reported. */
static enum tri
both(struct cond *c)
{
	enum tri r = primary(c);

	while (c->i < c->n && str_is(operator_at(c, c->i), "&&")) {
		c->i++;
		r = tri_and(r, primary(c));
	}
	return r;
}

static enum tri
either(struct cond *c)
{
	enum tri r = both(c);

	while (c->i < c->n && str_is(operator_at(c, c->i), "||")) {
		c->i++;
		r = tri_or(r, both(c));
	}
	return r;
}

enum tri
eval__cond(struct xp *xp, struct astword *const *words, size_t n, struct word *argv, bool *opaque)
{
	struct cond c = { .xp = xp, .words = words, .n = n, .argv = argv };
	enum tri r;

	for (size_t i = 0; i < n; i++)
		argv[i] = word_text(xp->sh->a, eval__source(xp->cx, words[i]->at));
	if (n > 0 && str_is(operator_at(&c, 0), "[["))
		c.i++;
	if (n > 0 && str_is(operator_at(&c, n - 1), "]]"))
		c.n--;
	r = either(&c);
	/* Words left over: an operator that is not known here. */
	for (; c.i < c.n; c.i++) {
		operand(&c, c.i);
		r = TRI_MAYBE;
	}
	*opaque |= c.opaque;
	return r;
}

/* ---- test ---- */

enum tri
eval__test(struct xp *xp, struct words argv, bool *opaque)
{
	bool zsh = xp->st->kind == SHELL_ZSH;
	struct str op, x, y;

	if (xp->st->kind != SHELL_SH)
		for (size_t i = 0; i < argv.n; i++) {
			/* Any words may be `-v a[$(…)]`. */
			if (word_has_words(argv.v[i]))
				*opaque = true;
			if (word_is(argv.v[i], "-v") && i + 1 < argv.n && argv.n != 3)
				test_name(xp, argv.v[i + 1], opaque);
			if (zsh && i + 2 < argv.n && word_known(xp->sh->a, argv.v[i + 1], &op) &&
			    FIND(op, arith_ops) >= 0)
				compare_numbers(xp, 0, argv.v[i], argv.v[i + 2], opaque);
		}
	for (size_t i = 0; i < argv.n; i++)
		if (word_has_words(argv.v[i]))
			return TRI_MAYBE;
	if (argv.n == 0)
		return TRI_NO;
	if (argv.n == 1)
		return tri_not(is_empty(argv.v[0]));
	if (argv.n == 2 && word_known(xp->sh->a, argv.v[0], &op))
		return str_is(op, "-n") ? tri_not(is_empty(argv.v[1]))
		    : str_is(op, "-z")  ? is_empty(argv.v[1])
		                        : TRI_MAYBE;
	if (argv.n == 3 && word_known(xp->sh->a, argv.v[1], &op) &&
	    word_known(xp->sh->a, argv.v[0], &x) && word_known(xp->sh->a, argv.v[2], &y)) {
		if (str_is(op, "=") || (str_is(op, "==") && !zsh && xp->st->kind != SHELL_SH))
			return of_bool(str_eq(x, y));
		if (str_is(op, "!="))
			return of_bool(!str_eq(x, y));
	}
	return TRI_MAYBE;
}
