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

#define S(c) (UINT32_C(1) << ((c) & 31))
/* Their second bytes: bits, of each the low five bits. */
static const uint32_t second[32] = { ['a' & 31] = S('l'), ['d' & 31] = S('e'), ['e' & 31] = S('v') | S('x'),
	['l' & 31] = S('e') | S('o'), ['r' & 31] = S('e'), ['t' & 31] = S('y') };
#undef S

SHELL_INLINE bool
declares(const struct parser *p, struct str name)
{
	const size_t first = name.p[0] & 31;

	if (name.n > 1 && (second[first] >> (name.p[1] & 31) & 1) != 0)
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

/* Reads the assignment at the cursor to the end of a list; false: none. */
SHELL_INLINE bool
assignment(struct parser *p, struct asg ***tail)
{
	struct asg *as = shell__is(shell__peek(p), p->zsh ? C_NAME | C_DIGIT : C_NAME) ? shell__assign(p) : NULL;

	if (as == NULL)
		return false;
	**tail = as;
	*tail = &as->next;
	return true;
}

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
	    !assignment(p, &s->decls))
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
	    (p->zsh && shell__alias(p, true)))) {
		if (p->shell == SHELL_BASH && s->n->assigns != NULL && s->n->redirs != NULL)
			shell__fail(p, "an alias behind an assignment and a redirection");
		return true;
	}
	if (shell__redir(p, &s->redirs)) {
		if (p->zsh && c == '{' && first && s->n->assigns != NULL)
			shell__fail(p, "a {name} behind an assignment");
		s->both = s->both || c == '&';
		return true;
	}
	/* To dash, a &>f b is three commands. */
	if (s->both && p->shell == SHELL_SH && c != '&' && c != '|' && c != ')')
		shell__fail(p, "words after `&>`, which shells called sh read in two ways");
	if (first)
		return assignment(p, &s->assigns);
	return s->declares && declaration(p, s);
}

static bool
is_quoted(const struct astword *w)
{
	for (const struct part *p = w->first; p != NULL; p = p->next)
		if (p->quoted || p->kind == PART_DQUOTE)
			return true;
	return w->first == NULL;
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
	if (p->zsh && first && s->n->redirs != NULL && s->n->assigns == NULL && shell__keyword(p) != KW_NONE) {
		shell__fail(p, "a reserved word behind a redirection");
		return false;
	}
	if (other_item(p, s, c, first))
		return true;
	w = shell__word(p);
	if (w == NULL)
		return false;
	/* bash: a word with quotes changes nothing about the next */
	p->alias_next &= p->shell == SHELL_BASH && is_quoted(w);
	shell__push(p, w);
	if (first && w->first->next == NULL && w->first->kind == PART_TEXT && !w->first->quoted)
		s->declares = declares(p, w->first->text);
	return true;
}

/* Over blanks and comments from s on, before end. */
SHELL_INLINE const char *
over_blanks(struct parser *p, const char *s, const char *end)
{
	if (s >= end)
		return s;
	if (*s == ' ' && s + 1 < end && (shell__class[(unsigned char)s[1]] & C_SKIP) == 0)
		return s + 1;
	if ((shell__class[(unsigned char)*s] & C_SKIP) == 0)
		return s;
	p->in.s = s;
	shell__blank_more(p);
	return p->in.s;
}

/* Pushes the word that ends at to, if it is a plain text; false: it goes on there. */
SHELL_INLINE bool
plain_word(struct parser *p, const char *from, const char *to, const char *end)
{
	if (to < end && *to != ' ' && (shell__class[(unsigned char)*to] & C_STOP) == 0)
		return false;
	shell__push(p, shell__text_at(p, from, to, shell__range_in(p, from, to, true)));
	return true;
}

/* Words from s on that are plain texts or start with a quote or a $; the cursor goes behind them. */
SHELL_INLINE void
plain_words(struct parser *p, const char *s)
{
	const char *const end = p->in.end;

	for (; s < end; s = over_blanks(p, s, end)) {
		if ((shell__class[(unsigned char)*s] & C_WORD) == 0) {
			const char *to = shell__run_word(s, end, C_WORD);

			if (!plain_word(p, s, to, end))
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
			if (!assignment(p, &cmd->assigns) && !simple_item(p, cmd))
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
	struct node *function;
	struct buf names;
	size_t n = p->st.words.n - s->mark;
	bool misnamed = false;

	if (n == 0 || (n > 1 && !p->zsh) || s->n->assigns != NULL || s->n->redirs != NULL ||
	    shell__next(p) < 0) {
		shell__unexpected(p);
		return NULL;
	}
	buf_init(&names, p->a);
	for (size_t i = s->mark; i < p->st.words.n; i++) {
		if (i > s->mark)
			buf_putc(&names, ' ');
		buf_add(&names, shell__function_name(p, p->st.words.v[i], &misnamed));
	}
	p->st.words.n = s->mark;
	shell__take(p, 1);
	if (shell__blank(p) != ')') {
		shell__unexpected(p);
		return NULL;
	}
	shell__take(p, 1);
	function = shell__function(p, buf_str(&names), s->n->at.from);
	if (function != NULL)
		function->misnamed = misnamed;
	return function;
}

/* zsh: nocorrect x=y assigns. */
static bool
assigns_behind(const struct astword *first, const struct astword *next)
{
	const struct part *a = first->first, *b = next->first;

	return a != NULL && a->kind == PART_TEXT && str_is(a->text, "nocorrect") && b != NULL &&
	    b->kind == PART_TEXT && str_chr(b->text, '=') != STR_NPOS;
}

/* The rest of n, of which the words since mark were read, and assignments. */
static struct node *
simple(struct parser *p, struct node *n, size_t mark, bool declares)
{
	struct simple s = { .n = n, .mark = mark, .declares = declares };

	s.assigns = &n->assigns;
	while (*s.assigns != NULL)
		s.assigns = &(*s.assigns)->next;
	s.decls = &n->decl_assigns;
	s.redirs = &n->redirs;
	if (p->in.plain)
		plain_items(p, &s);
	else
		while (simple_item(p, &s))
			continue;
	if (p->failed)
		return s.n;
	if (p->zsh && n->redirs != NULL && p->st.words.n > mark) {
		const struct part *first = p->st.words.v[mark]->first;

		if (first != NULL && first->kind == PART_TEXT && !first->quoted && first->text.p[0] == '{') {
			shell__fail(p, "a { behind a redirection, which may begin a group");
			return s.n;
		}
	}
	if (p->zsh && p->st.words.n > mark + 1 && assigns_behind(p->st.words.v[mark], p->st.words.v[mark + 1])) {
		shell__fail(p, "an assignment behind `nocorrect`");
		return s.n;
	}
	if (shell__peek(p) == '(')
		return function_head(p, &s);
	s.n->words = shell__words_off(p, s.mark, &s.n->nwords);
	s.n->decl_at = s.decl_at.v;
	if (s.n->nwords == 0 && s.n->assigns == NULL && s.n->redirs == NULL)
		shell__unexpected(p);
	s.n->at.to = p->tok_end;
	return s.n;
}

/* At name= in a plain input: a command that is one assignment, or starts with it. */
static struct node *
assigning(struct parser *p)
{
	struct node *n = shell__node(p, NODE_SIMPLE, shell__here(p));

	n->assigns = shell__assign(p);
	if (n->assigns != NULL)
		shell__blank(p);
	if (n->assigns == NULL || !ends(p) || p->failed)
		return simple(p, n, p->st.words.n, false);
	n->at.to = p->tok_end;
	return n;
}

/* A command that is the words since mark, which leave their stack, and nothing else. */
SHELL_INLINE struct node *
words_node(struct parser *p, size_t mark, uint32_t from)
{
	const size_t count = p->st.words.n - mark;
	struct astword *const *words = p->st.words.v + mark;
	struct node *n = shell__node_with(p, NODE_SIMPLE, from, count * sizeof *words);

	n->words = (struct astword **)(n + 1);
	n->nwords = count;
	p->st.words.n = mark;
	for (size_t i = 0; i < count; i++)
		n->words[i] = words[i];
	return n;
}

/* At the first byte of a simple command, or of name (). Most hold words alone. */
struct node *
shell__simple(struct parser *p)
{
	const size_t mark = p->st.words.n;
	const char *from = p->in.s, *to, *const end = p->in.end;
	bool decls = false;
	struct node *n;

	if (!p->in.plain)
		return simple(p, shell__node(p, NODE_SIMPLE, shell__here(p)), mark, false);
	to = shell__run_word(from, end, C_WORD | C_SIGN);
	if (to > from && to < end && *to == '=')
		return assigning(p);
	if (to == from && end - from > 1 && *from == '[')
		to++; /* a test's: [ and a blank start no set */
	if (to > from && plain_word(p, from, to, end)) {
		decls = declares(p, (struct str){ from, (size_t)(to - from) });
		plain_words(p, over_blanks(p, to, end));
		if (ends(p) && !p->failed)
			return words_node(p, mark, (uint32_t)(from - p->in.base));
	}
	n = shell__node(p, NODE_SIMPLE, (uint32_t)(from - p->in.base));
	return simple(p, n, mark, decls);
}
