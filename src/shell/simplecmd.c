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

#define DECLARING (UINT32_C(1) << ('a' & 31) | UINT32_C(1) << ('d' & 31) | UINT32_C(1) << ('e' & 31) | \
	UINT32_C(1) << ('l' & 31) | UINT32_C(1) << ('r' & 31) | UINT32_C(1) << ('t' & 31))

static bool
declares(const struct parser *p, struct str name)
{
	const size_t first = name.p[0] & 31;

	if ((DECLARING >> first & 1) != 0)
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

	if (c < 0 || c == '\n' || c == ';' || (c == '}' && p->zsh && shell__keyword(p) == KW_RBRACE))
		return false;
	if (other_item(p, s, c, first))
		return true;
	w = shell__word(p);
	if (w == NULL)
		return false;
	p->alias_next = false;
	shell__push(p, w);
	if (first && w->first->next == NULL && w->first->kind == PART_TEXT && !w->first->quoted)
		s->declares = declares(p, w->first->text);
	return true;
}

/* Over blanks and comments from s on. */
SHELL_INLINE const char *
over_blanks(struct parser *p, const char *s)
{
	const char *end = p->in.end;

	if (end - s > 1 && *s == ' ' && (shell__class[(unsigned char)s[1]] & C_SKIP) == 0)
		return s + 1;
	if (s == end || (shell__class[(unsigned char)*s] & C_SKIP) == 0)
		return s;
	p->in.s = s;
	shell__blank_more(p);
	return p->in.s;
}

/* Pushes the word that ends at to, if it is a plain text; false: it goes on there. */
SHELL_INLINE bool
plain_word(struct parser *p, const char *from, const char *to)
{
	if (to < p->in.end && (shell__class[(unsigned char)*to] & C_STOP) == 0)
		return false;
	shell__push(p, shell__plain_text(p, from, to));
	return true;
}

/* Words from s on that are plain texts or start with a quote or a $; the cursor goes behind them. */
SHELL_INLINE void
plain_words(struct parser *p, const char *s)
{
	const char *const end = p->in.end;

	for (; s < end; s = over_blanks(p, s)) {
		if ((shell__class[(unsigned char)*s] & C_WORD) == 0) {
			const char *to = shell__run(s + 1, end, C_WORD);

			if (!plain_word(p, s, to))
				break;
			s = to;
		} else if (*s == '"' || *s == '$' || *s == '\'') {
			struct astword *w;

			p->in.s = s;
			w = *s == '"' ? shell__string_word(p, &shell__in_command) : shell__word_parts(p);
			if (w == NULL)
				return;
			shell__push(p, w);
			s = p->in.s;
		} else {
			break;
		}
	}
	p->in.s = s;
}

/* Whether what stands at the cursor ends a command. */
SHELL_INLINE bool
ends(const struct parser *p)
{
	int c = shell__peek(p);

	return c < 0 || ((shell__class[c] & C_STOP) != 0 && (c != '&' || shell__next(p) != '>'));
}

/* What is no plain word, and the words behind it. */
static void
plain_items(struct parser *p, struct simple *cmd)
{
	while (!ends(p)) {
		int c = shell__peek(p);
		struct astword *w;

		if (p->st.words.n == cmd->mark) {
			if ((!shell__is(c, C_NAME) || !shell__assign(p, &cmd->assigns)) && !simple_item(p, cmd))
				return;
		} else if ((!shell__is(c, C_REDIR) || !shell__redir_here(p, &cmd->redirs)) &&
		    (!cmd->declares || !declaration(p, cmd))) {
			w = shell__word_parts(p);
			if (w == NULL)
				return;
			shell__push(p, w);
		}
		shell__blank(p);
		if (p->st.words.n > cmd->mark)
			plain_words(p, p->in.s);
	}
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

/* One of which the words since mark were read. */
static struct node *
simple(struct parser *p, size_t mark, uint32_t from, bool declares)
{
	struct simple s = { .mark = mark, .declares = declares };

	s.n = shell__node(p, NODE_SIMPLE, from);
	s.assigns = &s.n->assigns;
	s.decls = &s.n->decl_assigns;
	s.redirs = &s.n->redirs;
	if (p->in.plain)
		plain_items(p, &s);
	else
		while (simple_item(p, &s))
			continue;
	if (p->failed)
		return s.n;
	if (shell__peek(p) == '(')
		return function_head(p, &s);
	s.n->words = shell__words_off(p, s.mark, &s.n->nwords);
	s.n->decl_at = s.decl_at.v;
	if (s.n->nwords == 0 && s.n->assigns == NULL && s.n->redirs == NULL)
		shell__unexpected(p);
	s.n->at.to = p->tok_end;
	return s.n;
}

/* At the first byte of a simple command, or of name (). Most hold words alone. */
struct node *
shell__simple(struct parser *p)
{
	const size_t mark = p->st.words.n;
	const char *from = p->in.s, *to;
	uint32_t at = shell__here(p);
	bool decls = false;
	struct node *n;

	if (!p->in.plain)
		return simple(p, mark, at, false);
	to = shell__run(from, p->in.end, C_WORD | C_SIGN);
	if (to == from && p->in.end - from > 1 && *from == '[')
		to++; /* a test's: [ and a blank start no set */
	if (to > from && plain_word(p, from, to)) {
		decls = (DECLARING >> (*from & 31) & 1) != 0 && declares(p, (struct str){ from, (size_t)(to - from) });
		plain_words(p, over_blanks(p, to));
		if (ends(p) && !p->failed) {
			n = arena_raw(p->a, sizeof *n);
			*n = (struct node){ .kind = NODE_SIMPLE, .at = { at, p->tok_end } };
			n->words = shell__words_off(p, mark, &n->nwords);
			return n;
		}
	}
	return simple(p, mark, at, decls);
}
