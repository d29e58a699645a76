/* SPDX-License-Identifier: ISC */
/*
 * simplecmd.c: simple commands: assignments, words and redirections in any
 * order, up to an operator. One that turns out to be `name ()` starts a
 * function (define.c).
 */
#include "shell/plain.h"

#include <string.h>

/* Commands whose arguments may be array assignments, by the low five bits of their first byte. */
static const struct {
	char name[9];
	unsigned char n;
} declaring[][2] = { ['a' & 31] = { { "alias", 5 } }, ['d' & 31] = { { "declare", 7 } },
	['e' & 31] = { { "eval", 4 }, { "export", 6 } }, ['l' & 31] = { { "let", 3 }, { "local", 5 } },
	['r' & 31] = { { "readonly", 8 } }, ['t' & 31] = { { "typeset", 7 } } };

SHELL_INLINE bool
declares(const struct parser *p, struct str name)
{
	const size_t first = name.p[0] & 31;

	if (first <= ('t' & 31))
		for (size_t i = 0; i < 2; i++)
			if (declaring[first][i].n == name.n && memcmp(declaring[first][i].name, name.p, name.n) == 0)
				return true;
	return p->zsh && (str_is(name, "float") || str_is(name, "integer"));
}

/* A simple command that is being read. */
struct simple {
	struct node *n;
	struct asg **assigns, **decls;
	struct redir **redirs;
	size_t mark; /* its words stand from here on their stack */
	bool declares;
	bool both; /* &> was among the redirections */
	bool simple; /* bash without aliases: a plain word is a word */
	VEC(size_t) decl_at;
};

/* At name=( among the arguments: an assignment that stands as a word too. */
static bool
declaration(struct parser *p, struct simple *s)
{
	const char *from = p->in.s, *q = from;
	uint32_t at = shell__here(p);
	struct chain chain = { 0 };

	while (q < p->in.end && shell__is((unsigned char)*q, C_NAME | C_DIGIT))
		q++;
	if (q < p->in.end && *q == '+')
		q++;
	if (q == from || p->in.end - q < 2 || q[0] != '=' || q[1] != '(' ||
	    !shell__assign(p, &s->decls))
		return false;
	shell__text(p, &chain, from, p->in.s, true);
	*vec_push(p->a, &s->decl_at) = p->st.words.n - s->mark;
	shell__push(p, shell__wrap(p, &chain, at));
	return true;
}

/* At c: words of one plain text each, to where there are no more; returns the byte there. */
SHELL_INLINE int
plain_words(struct parser *p, int c)
{
	while (c >= 0 && !shell__is(c, C_WORD)) {
		struct astword *w = shell__plain_here(p, C_WORD);

		if (w == NULL)
			break;
		shell__push(p, w);
		c = shell__blank(p);
	}
	return c;
}

/* At c, which starts no plain word: what may stand there that is no word. */
static bool
other_item(struct parser *p, struct simple *s, int c, bool first)
{
	if (p->aliases != NULL && (((first || p->alias_next) && shell__alias(p, false)) ||
	    (p->zsh && shell__alias(p, true))))
		return true;
	if (shell__redir(p, &s->redirs)) {
		s->both = s->both || c == '&';
		return true;
	}
	/* To dash, a &>f b is three commands. */
	if (s->both && p->shell == SHELL_SH && c != '&' && c != '|' && c != ')')
		shell__fail(p, "words after `&>`, which shells called sh read in two ways");
	if (first)
		return shell__assign(p, &s->assigns);
	return s->declares && declaration(p, s);
}

/* Reads some of a simple command. Returns false at its end. */
static bool
simple_item(struct parser *p, struct simple *s)
{
	int c = shell__blank(p);
	bool first = p->st.words.n == s->mark;
	struct astword *w;

	if (s->simple) {
		if (first && (w = shell__plain(p, C_WORD | C_SIGN)) != NULL) {
			shell__push(p, w);
			s->declares = declares(p, w->first->text);
			first = false;
			c = shell__blank(p);
		}
		if (!first)
			c = plain_words(p, c);
		if (c < 0 || (c != '&' && (shell__class[c] & C_STOP) != 0))
			return false;
	} else if (c < 0 || c == '\n' || c == ';' || (c == '}' && p->zsh && shell__keyword(p) == KW_RBRACE)) {
		return false;
	}
	if ((c != '"' || !s->simple) && other_item(p, s, c, first))
		return true;
	w = s->simple ? shell__word_parts(p) : shell__word(p);
	if (w == NULL)
		return false;
	p->alias_next = false;
	shell__push(p, w);
	if (first && w->first->next == NULL && w->first->kind == PART_TEXT && !w->first->quoted)
		s->declares = declares(p, w->first->text);
	return true;
}

/* At ( behind words: name () starts a function. zsh takes several names. */
static struct node *
function_head(struct parser *p, const struct simple *s)
{
	struct buf names;
	size_t n = p->st.words.n - s->mark;

	if (n == 0 || (n > 1 && !p->zsh) || s->n->assigns != NULL || s->n->redirs != NULL ||
	    shell__next(p) < 0) {
		shell__unexpected(p);
		return NULL;
	}
	buf_init(&names, p->a);
	for (size_t i = s->mark; i < p->st.words.n; i++) {
		struct str name = shell__literal(p, p->st.words.v[i]);

		if (i > s->mark)
			buf_putc(&names, ' ');
		buf_add(&names, name);
		if (name.n == 0)
			shell__unexpected(p);
	}
	p->st.words.n = s->mark;
	shell__take(p, 1);
	if (shell__blank(p) != ')') {
		shell__unexpected(p);
		return NULL;
	}
	shell__take(p, 1);
	return shell__function(p, buf_str(&names), s->n->at.from);
}

/* At the first byte of a simple command, or of name (). */
struct node *
shell__simple(struct parser *p)
{
	struct simple s = { .mark = p->st.words.n,
		.simple = p->shell == SHELL_BASH && p->aliases == NULL };

	s.n = shell__node(p, NODE_SIMPLE, shell__here(p));
	s.assigns = &s.n->assigns;
	s.decls = &s.n->decl_assigns;
	s.redirs = &s.n->redirs;
	while (simple_item(p, &s))
		continue;
	if (p->failed)
		return s.n;
	if (shell__peek(p) == '(')
		return function_head(p, &s);
	s.n->words = shell__words_since(p, s.mark, &s.n->nwords);
	s.n->decl_at = s.decl_at.v;
	if (s.n->nwords == 0 && s.n->assigns == NULL && s.n->redirs == NULL)
		shell__unexpected(p);
	s.n->at.to = p->tok_end;
	return s.n;
}
