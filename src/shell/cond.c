/* SPDX-License-Identifier: ISC */
/*
 * cond.c: [[ … ]]. Its grammar is checked, but the tree keeps its words and
 * operators as they come: what they compute is not known before they run,
 * only what their expansions may run counts.
 */
#include "shell/parse.h"

#include <string.h>

static void expression(struct parser *p);

/* At an operator of n bytes: it stands among the words. */
static void
take_operator(struct parser *p, size_t n)
{
	const char *s = p->in.s;

	shell__take(p, n);
	shell__push(p, shell__text_word(p, s, p->in.s));
}

/* Blanks, and newlines too where they may stand. Returns the next byte. */
static int
next(struct parser *p, bool newlines)
{
	return newlines ? shell__newlines(p) : shell__blank(p);
}

/* The unquoted bytes up to the end of the word at the cursor. */
static struct str
plain(const struct parser *p)
{
	const char *s = p->in.s;

	while (s < p->in.end && !shell__is((unsigned char)*s, C_WORD))
		s++;
	if (s < p->in.end && !shell__is((unsigned char)*s, C_END) && *s != '~')
		return STR("");
	if (s < p->in.end && *s == '~')
		s++;
	return (struct str){ p->in.s, (size_t)(s - p->in.s) };
}

static bool
at_end(const struct parser *p)
{
	return str_is(plain(p), "") ? shell__peek(p) < 0 : str_is(plain(p), "]]");
}

bool
ast_unary(struct str op)
{
	return op.n == 2 && op.p[0] == '-' && strchr("abcdefghknoprstuvwxzGLNORS", op.p[1]) != NULL;
}

/* The binary operator at the cursor, 0: none. */
static size_t
binary(const struct parser *p)
{
	static const char *const names[] = { "=", "==", "!=", "=~", "-eq", "-ne", "-lt", "-le", "-gt",
		"-ge", "-nt", "-ot", "-ef" };
	struct str op = plain(p);
	int c = shell__peek(p);

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_is(op, names[i]))
			return op.n;
	return (c == '<' || c == '>') && shell__next(p) != '(' ? 1 : 0;
}

/* One word, which must be there. */
static bool
operand(struct parser *p, bool regex)
{
	struct astword *w;

	shell__blank(p);
	w = regex ? shell__regex(p) : shell__subject(p);
	if (w == NULL) {
		shell__unexpected(p);
		return false;
	}
	shell__push(p, w);
	return true;
}

/* zsh takes conditions that modules define: words up to an operator. */
static void
zsh_condition(struct parser *p)
{
	while (!at_end(p) && !shell__is(shell__blank(p), C_END) && operand(p, false))
		continue;
}

/* A test of words: -f x, a = b, or a word alone. */
static void
test(struct parser *p)
{
	struct str first = plain(p);
	bool regex;
	size_t n;

	if (str_is(first, "]]")) {
		shell__unexpected(p);
		return;
	}
	if (!operand(p, false))
		return;
	shell__blank(p);
	n = !p->zsh && ast_unary(first) ? 0 : binary(p); /* bash: [[ -n = ]] tests = */
	if (n == 0 && ast_unary(first) && !(p->zsh && at_end(p))) {
		if (at_end(p))
			shell__unexpected(p);
		else
			operand(p, false);
	} else if (n == 0 && shell__peek(p) == '\n' && !p->zsh) {
		shell__unexpected(p);
	} else if (n == 0 && p->zsh) {
		zsh_condition(p);
	}
	if (n == 0)
		return;
	regex = str_is(plain(p), "=~");
	take_operator(p, n);
	shell__blank(p);
	if (at_end(p))
		shell__unexpected(p);
	else
		operand(p, regex);
}

/* ! test, ( expression ) or a test. */
static void
term(struct parser *p)
{
	unsigned height;
	int c = next(p, true);

	if (!shell__enter(p, &height))
		return;
	if (c == '(') {
		take_operator(p, 1);
		expression(p);
		if (next(p, true) == ')')
			take_operator(p, 1);
		else
			shell__unexpected(p);
	} else if (c == '!' && str_is(plain(p), "!")) {
		take_operator(p, 1);
		term(p);
	} else if (c < 0) {
		shell__unexpected(p);
	} else {
		test(p);
	}
	shell__leave(p, height);
}

static void
expression(struct parser *p)
{
	for (;;) {
		int c;

		term(p);
		c = next(p, true);
		if ((c != '&' && c != '|') || shell__next(p) != c)
			return;
		take_operator(p, 2);
	}
}

/* At [[. */
struct node *
shell__cond(struct parser *p)
{
	size_t mark = p->st.words.n;
	uint32_t from = shell__here(p);
	struct node *n;

	shell__take_keyword(p, KW_COND);
	p->conditional = true;
	expression(p);
	p->conditional = false;
	if (p->failed)
		return NULL;
	if (!str_is(plain(p), "]]")) {
		shell__unexpected(p);
		return NULL;
	}
	shell__take(p, 2);
	n = shell__node(p, NODE_COND, from);
	n->words = shell__words_since(p, mark, &n->nwords);
	return n;
}
