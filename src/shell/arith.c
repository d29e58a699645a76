/* SPDX-License-Identifier: ISC */
/*
 * arith.c: arithmetic as the shell evaluates it, where the text of a variable
 * is an expression of its own and a subscript may run a command. Known values
 * give a number; what is surely only a number gives "some number"; anything
 * else that would be evaluated is opaque.
 */
#include "shell/eval.h"

#include <limits.h>
#include <string.h>

#define SOME '\x01' /* stands in the text for a number that is not known */

struct reader {
	struct xp *xp;
	const char *p, *end;
	unsigned depth;   /* expressions inside expressions: values of variables */
	unsigned nesting; /* parentheses and unary operators */
	bool opaque, failed, unclosed; /* a[ without its ] */
	bool wrong;   /* an error: what was assigned was perhaps not */
	bool divided; /* by what is not known */
	bool unset;   /* set -u, and a name that is perhaps not set: the shell ends */
	bool refused; /* perhaps: an assignment to a variable that has one value */
	bool unsure; /* right of && || ?: where the left is not known */
	bool based;  /* zsh: 16#ff was read, and what is assigned may be written so */
};
struct operand {
	bool known;
	long long v;
	struct str name; /* not empty: can be assigned to */
	bool element;    /* name[…] */
};

static struct operand expression(struct reader *r, int least);
static struct operand unary(struct reader *r);

static struct operand
number(long long v)
{
	return (struct operand){ .known = true, .v = v };
}

static char
peek(struct reader *r)
{
	while (r->p < r->end && strchr(" \t\n\r", *r->p) != NULL && *r->p != '\0')
		r->p++;
	return r->p < r->end ? *r->p : '\0';
}

bool
eval__integer(struct str s, long long *out)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	unsigned long long v = 0;
	size_t i = minus || (s.n > 0 && s.p[0] == '+');

	if (i == s.n || s.n > 19)
		return false;
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (unsigned)(s.p[i] - '0');
	}
	if (v > LLONG_MAX)
		return false;
	*out = minus ? -(long long)v : (long long)v;
	return true;
}

static struct operand
constant(struct reader *r)
{
	struct number_read n;

	r->p = eval__scan_number(r->p, r->end, r->xp->st->kind, &n);
	r->based |= n.based;
	r->failed |= n.failed;
	return n.known ? number(n.v) : (struct operand){ 0 };
}

/* ---- variables ---- */

static void evaluate(struct reader *r, struct str text, struct operand *out);

static bool
is_number(const struct shell *sh, const struct byteset *set)
{
	return set == &sh->digits || set == &sh->number || set == &sh->anynumber;
}

/* The text of a value, as an expression. */
static struct operand
value_of(struct reader *r, struct word w)
{
	struct operand o = { 0 };
	struct str text;
	long long v;
	struct shell *sh = r->xp->sh;

	if (word_known(sh->a, w, &text)) {
		if (text.n == 0)
			return number(0);
		if (eval__integer(text, &v) && text.p[0] != '0')
			return number(v);
		evaluate(r, text, &o);
		return o;
	}
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind == PIECE_WORDS ||
		    (w.v[i].kind == PIECE_CHARS && !is_number(sh, w.v[i].set)))
			r->opaque = true;
	return o;
}

static struct operand
variable(struct reader *r, struct str name, struct word *key)
{
	struct xp *xp = r->xp;
	const struct var *v = eval__var(xp->sh, xp->st, name);
	size_t i = v->n > 1 ? eval__choose(xp, name, NULL, v->n) : 0;
	struct operand o = { 0 };
	const struct value *val;
	struct str text;
	long long at;

	if (eval__opt(xp->st, OPT_NOUNSET) != TRI_NO && (v == eval__hidden_var() || i >= v->n || v->v[i].kind == VALUE_UNSET))
		r->unset = true;
	if (i >= v->n || v->v[i].kind == VALUE_ANY) {
		r->opaque = true;
		return o;
	}
	val = &v->v[i];
	if (val->kind == VALUE_UNSET)
		return number(0);
	if (val->kind == VALUE_SCALAR && key == NULL)
		return value_of(r, val->scalar);
	if (val->kind == VALUE_LIST && val->keys == NULL && xp->st->kind != SHELL_ZSH &&
	    (key == NULL || (word_known(xp->sh->a, *key, &text) && eval__integer(text, &at)))) {
		size_t known = 0; /* what follows may have any index */

		while (known < val->elems.n && !word_has_words(val->elems.v[known]))
			known++;
		if (key == NULL)
			at = 0;
		if (at >= 0 && (size_t)at < known)
			return value_of(r, val->elems.v[at]);
		if (at >= 0 && known == val->elems.n)
			return number(0);
	}
	r->opaque = true;
	return o;
}

/* Is what follows no token at all? */
static bool
junk(struct reader *r)
{
	char c = peek(r);

	return c != '\0' && !eval__word_char(c) && strchr(" \t\n+-*/%&|^=<>?!~:,()[].", c) == NULL;
}

static void
assign(struct reader *r, const struct operand *to, struct operand v)
{
	enum arith how = v.known && !r->based ? ARITH_KNOWN : ARITH_NUMBER;
	struct xp *xp = r->xp;

	if (to->name.n == 0) {
		r->failed = true;
		return;
	}
	r->refused |= eval__fixed(xp->sh, xp->st, to->name);
	if (to->element) {
		eval__assign_anything(xp->sh, xp->st, to->name);
		return;
	}
	if (r->unsure || r->failed || junk(r)) { /* x=+ and x=1" are errors that assign nothing */
		struct shell_state *other = eval__copy(xp->sh, xp->st);

		eval__assign_number(xp, other, to->name, how, v.v);
		eval__join(xp->sh, xp->st, other);
	} else
		eval__assign_number(xp, xp->st, to->name, how, v.v);
}

static struct operand
name(struct reader *r)
{
	const char *from = r->p;
	struct str n;
	struct operand o;
	struct word key, *at = NULL;

	while (r->p < r->end && eval__word_char(*r->p))
		r->p++;
	n = (struct str){ from, (size_t)(r->p - from) };
	if (r->p < r->end && *r->p == '[') {
		struct operand index;

		r->p++;
		index = expression(r, 0);
		if (peek(r) == ']')
			r->p++;
		else
			r->unclosed |= !r->opaque, r->opaque = true; /* a key, or text that is no expression */
		key = eval__number_word(
		    r->xp, index.known ? ARITH_KNOWN : ARITH_NUMBER, index.v, STR(""));
		at = &key;
	} else if (peek(r) == '(')
		r->opaque = true; /* zsh: a function */
	/* `x = …` does not read x. */
	if (peek(r) == '=' && !(r->p + 1 < r->end && r->p[1] == '='))
		o = (struct operand){ 0 };
	else
		o = variable(r, n, at);
	o.name = n;
	o.element = at != NULL;
	return o;
}

/* ---- operators ---- */

static const struct op {
	const char *text;
	signed char level, zsh; /* higher binds tighter */
	char code;
	bool right;
} ops[] = {
	/* longest first */
	{ "<<=", 1, 1, '=', true },
	{ ">>=", 1, 1, '=', true },
	{ "**=", -1, 1, '=', true }, /* these are zsh's own */
	{ "&&=", -1, 1, '=', true },
	{ "||=", -1, 1, '=', true },
	{ "^^=", -1, 1, '=', true },
	{ "^^", -1, 3, 'X', false },
	{ "**", 13, 9, '^', true },
	{ "||", 3, 3, 'o', false },
	{ "&&", 4, 4, 'a', false },
	{ "==", 8, 5, 'e', false },
	{ "!=", 8, 5, 'n', false },
	{ "<=", 9, 6, 'l', false },
	{ ">=", 9, 6, 'g', false },
	{ "<<", 10, 13, 'L', false },
	{ ">>", 10, 13, 'R', false },
	{ "+=", 1, 1, '=', true },
	{ "-=", 1, 1, '=', true },
	{ "*=", 1, 1, '=', true },
	{ "/=", 1, 1, '=', true },
	{ "%=", 1, 1, '=', true },
	{ "&=", 1, 1, '=', true },
	{ "|=", 1, 1, '=', true },
	{ "^=", 1, 1, '=', true },
	{ "=", 1, 1, '=', true },
	{ "?", 2, 2, '?', true },
	{ ",", 0, 0, ',', false },
	{ "|", 5, 10, '|', false },
	{ "^", 6, 11, 'x', false },
	{ "&", 7, 12, '&', false },
	{ "<", 9, 6, '<', false },
	{ ">", 9, 6, '>', false },
	{ "+", 11, 7, '+', false },
	{ "-", 11, 7, '-', false },
	{ "*", 12, 8, '*', false },
	{ "/", 12, 8, '/', false },
	{ "%", 12, 8, '%', false },
};

static int
level_of(const struct reader *r, const struct op *op)
{
	return r->xp->st->kind == SHELL_ZSH ? op->zsh : op->level;
}

static const struct op *
operator(struct reader *r)
{
	if (peek(r) == '\0')
		return NULL;
	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
		size_t n = strlen(ops[i].text);

		if ((size_t)(r->end - r->p) >= n && memcmp(r->p, ops[i].text, n) == 0)
			return &ops[i];
	}
	return NULL;
}

static long long
wrap(unsigned long long v)
{
	return (long long)v;
}

static struct operand
compute(struct reader *r, char code, struct operand x, struct operand y)
{
	unsigned long long a = (unsigned long long)x.v, b = (unsigned long long)y.v;

	r->divided |= (code == '/' || code == '%') && !y.known;
	if (!x.known || !y.known)
		return (struct operand){ 0 };
	switch (code) {
	case '+':
		return number(wrap(a + b));
	case '-':
		return number(wrap(a - b));
	case '*':
		return number(wrap(a * b));
	case '/':
	case '%':
		if (y.v == 0 || (y.v == -1 && x.v == LLONG_MIN)) {
			r->failed = true;
			return (struct operand){ 0 };
		}
		return number(code == '/' ? x.v / y.v : x.v % y.v);
	case '|':
		return number(wrap(a | b));
	case '&':
		return number(wrap(a & b));
	case 'x':
		return number(wrap(a ^ b));
	case 'X':
		return number((a != 0) != (b != 0));
	case 'L':
		return y.v >= 0 && y.v < 63 ? number(wrap(a << b)) : (struct operand){ 0 };
	case 'R':
		return y.v >= 0 && y.v < 63 && x.v >= 0 ? number(x.v >> y.v)
		                                        : (struct operand){ 0 };
	case 'e':
		return number(x.v == y.v);
	case 'n':
		return number(x.v != y.v);
	case 'l':
		return number(x.v <= y.v);
	case 'g':
		return number(x.v >= y.v);
	case '<':
		return number(x.v < y.v);
	case '>':
		return number(x.v > y.v);
	case ',':
		return y;
	default:
		return (struct operand){ 0 };
	}
}

/* && and ||: the right side may not be evaluated. */
static struct operand
logical(struct reader *r, char code, struct operand x, int level)
{
	bool was = r->unsure;
	struct operand y;

	if (!x.known || (code == 'a') != (x.v != 0))
		r->unsure = true;
	y = expression(r, level + 1);
	r->unsure = was;
	if (x.known && (code == 'a') != (x.v != 0))
		return number(code == 'o');
	if (!x.known || !y.known)
		return (struct operand){ 0 };
	return number(y.v != 0);
}

static struct operand
ternary(struct reader *r, struct operand x)
{
	bool was = r->unsure;
	struct operand y, z;

	r->unsure = true;
	y = expression(r, r->xp->st->kind == SHELL_ZSH ? 2 : 1);
	if (peek(r) == ':')
		r->p++;
	else
		r->failed = true;
	z = expression(r, 2); /* `1 ? 0 : n = 2` assigns to no variable */
	r->unsure = was;
	return !x.known ? (struct operand){ 0 } : x.v != 0 ? y : z;
}

/* [#16], [##2] */
static bool
is_base(const char *s, const char *end)
{
	int base = 0;

	for (s++; s < end && *s == '#'; s++)
		continue;
	for (; s < end && *s >= '0' && *s <= '9' && base < 100; s++)
		base = base * 10 + (*s - '0');
	return base >= 2 && base <= 36 && s < end && *s == ']';
}

/* zsh, at [#16] before what is to be written so, or at #x and ##c, which are the
 * numbers of characters: no value that is followed. */
static void
output_form(struct reader *r, char c)
{
	if (c == '[') {
		r->failed |= !is_base(r->p, r->end);
		while (r->p < r->end && *r->p != ']')
			r->p++;
		r->p += r->p < r->end;
		expression(r, 0);
	} else if (r->end - r->p > 1 && r->p[1] == '#') {
		r->p += 2;
		r->p += r->p < r->end && *r->p == '\\';
		r->p += r->p < r->end;
	} else {
		struct operand of;

		r->p++;
		of = unary(r);
		if (of.name.n > 0) /* #n++ counts from the character */
			eval__assign_anything(r->xp->sh, r->xp->st, of.name);
	}
}

static struct operand
unary(struct reader *r)
{
	char c = peek(r);
	struct operand o = { 0 };

	if (++r->nesting > LIMIT_SHELL_DEPTH) {
		r->opaque = true;
		r->p = r->end;
	} else if (c == '(') {
		r->p++;
		o = expression(r, 0);
		if (peek(r) == ')')
			r->p++;
		else
			r->failed = true;
		o.name = (struct str){ 0 };
	} else if ((c == '+' || c == '-') && r->p + 1 < r->end && r->p[1] == c) {
		struct operand v;

		r->p += 2;
		o = unary(r);
		v = compute(r, c, o, number(1));
		assign(r, &o, v);
		o = v;
	} else if (c != '\0' && strchr("+-!~", c) != NULL) {
		r->p++;
		o = unary(r);
		o.v = c == '-' ? wrap(0 - (unsigned long long)o.v)
		    : c == '!' ? !o.v
		    : c == '~' ? ~o.v
		               : o.v;
		o.name = (struct str){ 0 };
	} else if ((c >= '0' && c <= '9') || (c == '.' && r->xp->st->kind == SHELL_ZSH))
		o = constant(r);
	else if (c != '\0' && strchr("[#", c) != NULL && r->xp->st->kind == SHELL_ZSH)
		output_form(r, c);
	else if (eval__word_char(c))
		o = name(r);
	else if (c == SOME)
		r->p++;
	else { /* or at the end: an operand is missing */
		r->failed = true;
		r->p = r->end;
	}
	/* Digits beside a number that is not known make another such. */
	while (r->p < r->end && (*r->p == SOME || (c == SOME && eval__word_char(*r->p)))) {
		o = (struct operand){ 0 };
		r->p++;
	}
	r->nesting--;
	return o;
}

static struct operand
postfix(struct reader *r)
{
	struct operand o = unary(r);

	while (o.name.n > 0 && r->end - r->p >= 2 && peek(r) != '\0' &&
	    (*r->p == '+' || *r->p == '-') && r->p + 1 < r->end && r->p[1] == *r->p) {
		assign(r, &o, compute(r, *r->p, o, number(1)));
		o.name = (struct str){ 0 };
		r->p += 2;
	}
	return o;
}

/* x= and its like: what is assigned. */
static struct operand
assigned(struct reader *r, const struct op *op, struct operand x, struct operand y)
{
	char code = op->text[0];

	if (code == '=')
		return y;
	if (strlen(op->text) == 3 && code != '<' && code != '>')
		return (struct operand){ 0 };
	if (strlen(op->text) == 3)
		code = code == '<' ? 'L' : 'R';
	else if (code == '^')
		code = 'x';
	return compute(r, code, x, y);
}

static struct operand
expression(struct reader *r, int least)
{
	struct operand x = postfix(r), y;
	bool unsure = r->unsure;
	const struct op *op;

	while (!r->failed && !r->opaque && (op = operator(r)) != NULL && level_of(r, op) >= least) {
		int level = level_of(r, op);

		r->p += strlen(op->text);
		if (op->code == '?') {
			x = ternary(r, x);
		} else if (op->code == 'a' || op->code == 'o') {
			x = logical(r, op->code, x, level);
		} else {
			r->unsure |= op->code == '=' && (op->text[1] == '&' || op->text[1] == '|');
			y = expression(r, op->right ? level : level + 1);
			r->unsure = unsure;
			if (op->code == '=') {
				y = assigned(r, op, x, y);
				assign(r, &x, y);
				x = y;
			} else
				x = compute(r, op->code, x, y);
		}
		x.name = (struct str){ 0 };
	}
	return x;
}

static void
evaluate(struct reader *r, struct str text, struct operand *out)
{
	struct reader in = { .xp = r->xp, .depth = r->depth + 1, .unsure = r->unsure };

	if (in.depth > 16) {
		r->opaque = r->wrong = true;
		return;
	}
	if (str_chr(text, '$') != STR_NPOS || str_chr(text, '`') != STR_NPOS) {
		struct word w = eval__expand_text(r->xp, text);
		struct str known;
		if (!word_known(r->xp->sh->a, w, &known) || str_chr(known, '$') != STR_NPOS ||
		    str_chr(known, '`') != STR_NPOS) {
			r->opaque = true;
			return;
		}
		text = known;
	}
	in.p = text.p;
	in.end = text.p + text.n;
	*out = peek(&in) == '\0' ? number(0) : expression(&in, 0);
	r->opaque |= in.opaque;
	r->refused |= in.refused;
	r->based |= in.based;
	r->wrong |= in.wrong;
	r->divided |= in.divided;
	r->unset |= in.unset;
	r->unclosed |= in.unclosed;
	/* What is not known ends the reading in front of an operator. */
	if (in.failed || (peek(&in) != '\0' && !(in.opaque && operator(&in) != NULL))) {
		*out = (struct operand){ 0 };
		r->wrong = true;
	}
	out->name = (struct str){ 0 };
}

/* What dash calls an error. */
static bool
not_dash(struct str text)
{
	static const char *const signs[] = { ",", "**", "++", "--", "[", "#" };

	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
		if (str_find(text, str_of(signs[i])) != STR_NPOS)
			return true;
	return false;
}

static bool
blank(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(" \t\n", s.p[i]) == NULL)
			return false;
	return true;
}

/* What an expression that is not followed may assign. */
static void
forget_names(struct xp *xp, struct str s)
{
	for (size_t i = 0, n; i < s.n; i += n > 0 ? n : 1) {
		for (n = 0; i + n < s.n && eval__word_char(s.p[i + n]); n++)
			continue;
		if (eval__is_name(str_sub(s, i, n)))
			eval__assign_anything(xp->sh, xp->st, str_sub(s, i, n));
	}
}

static enum arith
arith_of(struct xp *xp, struct word w, bool unsure, long long *out)
{
	struct reader r = { .xp = xp };
	struct operand o = { 0 };
	struct shell_state *before;
	const struct pmap *vars;
	struct buf b;

	buf_init(&b, xp->sh->a);
	for (size_t i = 0; i < w.n; i++) {
		const struct piece *p = &w.v[i];

		if (p->kind == PIECE_TEXT)
			buf_add(&b, p->text);
		else if (p->kind == PIECE_CHARS &&
		    is_number(xp->sh, p->set))
			buf_putc(&b, SOME);
		else {
			if (str_chr(buf_str(&b), '/') != STR_NPOS || str_chr(buf_str(&b), '%') != STR_NPOS)
				eval__may_be_error(xp);
			return ARITH_OPAQUE;
		}
	}
	r.unsure = unsure || (xp->st->kind == SHELL_SH && not_dash(buf_str(&b))); /* ++n is n there */
	vars = xp->st->vars;
	before = str_chr(buf_str(&b), '=') != STR_NPOS || str_find(buf_str(&b), STR("++")) != STR_NPOS ||
	    str_find(buf_str(&b), STR("--")) != STR_NPOS ? eval__copy(xp->sh, xp->st) : NULL;
	evaluate(&r, buf_str(&b), &o);
	if ((r.opaque || r.wrong) && before != NULL)
		forget_names(xp, buf_str(&b));
	if (r.wrong && before != NULL && xp->st->vars != vars)
		eval__join(xp->sh, xp->st, before);
	o.known &= !r.refused && !r.unsure;
	*out = o.v;
	xp->failed |= r.unset;
	if ((!o.known && (!r.opaque || r.unclosed || r.wrong || r.divided)) || r.unset || (xp->st->kind == SHELL_SH && blank(buf_str(&b)))) /* dash: $(()) */
		eval__may_be_error(xp);
	return r.opaque ? ARITH_OPAQUE : o.known ? ARITH_KNOWN : ARITH_NUMBER;
}

enum arith
eval__arith(struct xp *xp, struct word w, long long *out)
{
	return arith_of(xp, w, false, out);
}

/* A backslash but for that of \newline is an error, to zsh a quote in 1""1, too. */
static bool
is_odd(enum shell_kind kind, struct str s)
{
	if (kind == SHELL_ZSH && (str_chr(s, '"') != STR_NPOS || str_chr(s, '\'') != STR_NPOS))
		return true;
	for (size_t i = 0; i + 1 < s.n; i++)
		if (s.p[i] == '\\' && s.p[i + 1] != '\n')
			return true;
	return false;
}

enum arith
eval__arith_parts(struct xp *xp, const struct part *p, struct str source, long long *out)
{
	unsigned errors = xp->sh->errors, bad = xp->sh->bad;
	enum arith how;
	struct xp in;
	struct word w;

	/* Most expressions are text; its names are looked up in evaluate. */
	eval__xp_init(&in, xp->sh, xp->st, xp->cx, xp->ch);
	in.typed = xp->typed;
	in.depth = xp->depth;
	in.quoted = true;
	w = eval__expand_parts(&in, p);
	in.failed = xp->sh->errors != errors || xp->sh->bad != bad;
	how = arith_of(&in, w, is_odd(xp->st->kind, source) || xp->sh->errors != errors || xp->sh->bad != bad, out);
	xp->failed |= in.failed;
	/* '…' is an error to newer shells. */
	for (; p != NULL && how == ARITH_KNOWN; p = p->next)
		if (p->kind == PART_DQUOTE && eval__part_source(xp, p).p[0] == '\'') {
			eval__may_be_error(xp);
			how = ARITH_NUMBER;
		}
	return how;
}
