/* SPDX-License-Identifier: ISC */
/*
 * redir.c: redirections, assignments and arrays: what may stand in a simple
 * command beside its words. The bodies of here-documents are in heredoc.c.
 */
#include "shell/plain.h"

#include <limits.h>
#include <string.h>

/* Operators, the longest first where one starts another. zsh: it alone has it. */
static const struct {
	char text[6];
	unsigned char n, op;
	bool append, zsh;
} operators[] = {
	{ "<<<", 3, REDIR_HERESTR, false, false },
	{ "<<-", 3, REDIR_HERE, false, false },
	{ "<<", 2, REDIR_HERE, false, false },
	{ "<&", 2, REDIR_DUP_IN, false, false },
	{ "<>", 2, REDIR_RW, false, false },
	{ "<", 1, REDIR_IN, false, false },
	{ ">>&|", 4, REDIR_BOTH, true, true },
	{ ">>&!", 4, REDIR_BOTH, true, true },
	{ ">>&", 3, REDIR_BOTH, true, true },
	{ ">>|", 3, REDIR_APPEND, false, true },
	{ ">>!", 3, REDIR_APPEND, false, true },
	{ ">>", 2, REDIR_APPEND, false, false },
	{ ">&|", 3, REDIR_BOTH, false, true },
	{ ">&!", 3, REDIR_BOTH, false, true },
	{ ">&", 2, REDIR_DUP_OUT, false, false },
	{ ">|", 2, REDIR_CLOBBER, false, false },
	{ ">!", 2, REDIR_CLOBBER, false, true },
	{ ">", 1, REDIR_OUT, false, false },
	{ "&>>|", 4, REDIR_BOTH, true, true },
	{ "&>>!", 4, REDIR_BOTH, true, true },
	{ "&>>", 3, REDIR_BOTH, true, false },
	{ "&>|", 3, REDIR_BOTH, false, true },
	{ "&>!", 3, REDIR_BOTH, false, true },
	{ "&>", 2, REDIR_BOTH, false, false },
};
/* Where those of one first byte begin; the last of them is that byte alone. */
enum { FIRST_IN = 0, FIRST_OUT = 6, FIRST_ONE_OUT = 12, FIRST_BOTH = 18 };

/* The index of the operator at the cursor, which is taken; or -1. */
static int
take_operator(struct parser *p)
{
	int first = shell__peek(p), second = shell__next(p);
	char next[4] = { (char)first };
	size_t i = first == '<' ? FIRST_IN : first == '&' ? FIRST_BOTH :
	    second == '>' ? FIRST_OUT : FIRST_ONE_OUT;

	/* > or < alone, mostly */
	if (second != '<' && second != '>' && second != '&' && second != '|' && second != '!') {
		i = first == '<' ? FIRST_OUT - 1 : FIRST_BOTH - 1;
		shell__take(p, 1);
		return (int)i;
	}
	next[1] = (char)second;
	for (size_t k = 2; k < sizeof next; k++) {
		int c = shell__after(p, k);

		if (c != '<' && c != '>' && c != '&' && c != '|' && c != '!' && c != '-')
			break;
		next[k] = (char)c;
	}
	for (; i < sizeof operators / sizeof operators[0]; i++) {
		size_t k = 0;

		while (k < operators[i].n && operators[i].text[k] == next[k])
			k++;
		if (k == operators[i].n && (!operators[i].zsh || p->zsh)) {
			shell__take(p, k);
			return (int)i;
		}
	}
	return -1;
}

/* The text of a delimiter after the removal of quotes; expansions are text. */
static struct str
unquoted(struct parser *p, const char *s, const char *end, bool *quoted)
{
	struct buf b;
	char in = '\0';

	*quoted = false;
	for (const char *q = s; q < end && !*quoted; q++)
		*quoted = *q == '\'' || *q == '"' || *q == '\\';
	if (!*quoted)
		return (struct str){ s, (size_t)(end - s) };
	*quoted = false;
	buf_init(&b, p->a);
	for (; s < end; s++) {
		if (in != '\0' && *s == in) {
			in = '\0';
		} else if (in == '\0' && (*s == '\'' || *s == '"')) {
			if (b.n > 0 && b.p[b.n - 1] == '$' && s[-1] == '$')
				b.n--;
			*quoted = true;
			in = *s;
		} else if (*s == '\\' && in != '\'' && end - s > 1) {
			s++;
			*quoted = *quoted || *s != '\n';
			if (*s != '\n')
				buf_putc(&b, *s);
		} else {
			buf_putc(&b, *s);
		}
	}
	buf_putc(&b, '\0');
	return (struct str){ b.p, b.n - 1 };
}

/* A here-document: its delimiter, and the promise of a body. */
static void
here(struct parser *p, struct redir *r)
{
	struct heredoc *h = SHELL_NEW(p, struct heredoc);
	const char *s = p->in.s;

	if (p->zsh && shell__peek(p) == '(') {
		shell__fail(p, "`<<(`: < and <( ) to zsh");
		return;
	}
	r->word = shell__word(p);
	if (r->word == NULL) {
		shell__unexpected(p);
		return;
	}
	if (str_find((struct str){ s, (size_t)(p->in.s - s) }, STR("$(")) != STR_NPOS)
		shell__not_in_dash(p);
	h->redir = r;
	h->delim = unquoted(p, s, p->in.s, &r->here_quoted);
	if (p->shell == SHELL_SH && str_find(h->delim, STR("${")) != STR_NPOS)
		shell__fail(p, "a delimiter that shells called sh read in two ways");
	h->next = p->pending;
	p->pending = h;
}

/* zsh takes {name} for a descriptor also with blanks before the operator. */
static const char *
over_blanks(const struct parser *p, const char *s)
{
	const char *t = s;

	while (p->in.end - t > 1 && (*t == ' ' || *t == '\t' || (t[0] == '\\' && t[1] == '\n')))
		t += *t == '\\' ? 2 : 1;
	if (p->in.end - t > 1 && t[0] == '&' && t[1] == '>')
		return t;
	if (t == s || p->in.end - t < 2 || (*t != '<' && *t != '>') || t[1] == '(' ||
	    (*t == '<' && (t[1] == '-' || shell__is((unsigned char)t[1], C_DIGIT))))
		return s;
	return t;
}

struct descriptor {
	bool joined; /* the name has a \newline in it */
	struct str name; /* of {name} */
	struct str element; /* of {name[subscript]}: name[subscript] */
	int fd; /* -1: none */
};
/* bash's {name[subscript]}: behind its ], or s where there is none. */
static const char *
over_subscript(const struct parser *p, const char *s)
{
	const char *t = s;
	unsigned open = 0, inside = 0; /* [ and (, and ( alone */
	char quote = '\0';

	if (t >= p->in.end || *t != '[')
		return s;
	for (; t < p->in.end && *t != '\n'; t++) {
		if (*t == '\\' && quote != '\'' && p->in.end - t > 1)
			t++;
		else if (quote != '\0')
			quote = *t == quote ? '\0' : quote;
		else if (*t == '\'' || *t == '"')
			quote = *t;
		else if (inside == 0 && (strchr(" \t;&|<>`", *t) != NULL || (*t == '(' && t[-1] != '$')))
			break; /* the word ends */
		else if (*t == '[' || *t == '(') {
			open++;
			inside += *t == '(';
		} else if (*t == ']' || *t == ')') {
			inside -= *t == ')' && inside > 0;
			if (--open == 0)
				return t + 1;
		}
	}
	return s;
}

/* \newline, which is not there */
static bool
joined(const struct parser *p, const char *s)
{
	return p->in.end - s > 1 && s[0] == '\\' && s[1] == '\n';
}

/* A number or {name} right before < or >: where it ends, or NULL. That of 1<(…) is text. */
static const char *
descriptor(const struct parser *p, struct descriptor *d)
{
	const char *s = p->in.s, *from = s;
	long long fd = 0;

	if (s < p->in.end && *s == '{') {
		while (++s < p->in.end && (shell__is((unsigned char)*s, C_NAME | C_DIGIT) || joined(p, s))) {
			d->joined |= *s == '\\';
			s += *s == '\\';
		}
		d->name = (struct str){ from + 1, (size_t)(s - from) - 1 };
		if (p->shell == SHELL_BASH && over_subscript(p, s) > s) {
			s = over_subscript(p, s);
			d->element = (struct str){ from + 1, (size_t)(s - from) - 1 };
		}
		if (s - from < 2 || p->in.end - s < 2 || *s != '}' || p->shell == SHELL_SH ||
		    (!p->zsh && shell__is((unsigned char)from[1], C_DIGIT)))
			return NULL;
		s++;
		if (p->zsh)
			s = over_blanks(p, s);
	} else {
		for (; s < p->in.end && (shell__is((unsigned char)*s, C_DIGIT) || (!p->zsh && s > from && joined(p, s))); s++) {
			if (*s == '\\') {
				s++;
				continue;
			}
			fd = fd * 10 + (*s - '0');
			if (fd > INT_MAX)
				return NULL;
		}
		if (p->zsh && s - from > 1)
			return NULL; /* 12> is a word and > */
		d->joined |= p->shell == SHELL_SH && s - from > 1; /* to dash, too */
		if (s > from)
			d->fd = (int)fd;
	}
	while (!p->zsh && s > from && joined(p, s))
		s += 2;
	if (p->zsh && (d->name.n > 0 || s - from == 1) && p->in.end - s > 1 && s[0] == '&' && s[1] == '>')
		return s;
	return s < p->in.end && (*s == '<' || *s == '>') && (p->in.end - s < 2 || s[1] != '(') ? s : NULL;
}

/* What stands at the cursor looks like a redirection. */
static bool
starts_redir(const struct parser *p, int c)
{
	if (c == '&')
		return shell__next(p) == '>';
	if (shell__next(p) == '(')
		return false;
	return !p->zsh || c == '>' || shell__zsh_range_end(p) == NULL;
}

/* The - of >&-. What stands right behind it is a word of its own to bash, an error to dash. */
static struct astword *
closing(struct parser *p)
{
	const char *s = p->in.s;

	if (p->shell == SHELL_SH && !shell__is(shell__next(p), C_END) && shell__next(p) >= 0)
		shell__fail(p, "text behind `>&-`");
	else
		shell__take(p, 1);
	return shell__text_word(p, s, s + 1);
}

/* Reads the redirection at the cursor to the end of a list. */
bool
shell__redir_here(struct parser *p, struct redir ***tail)
{
	struct descriptor d = { .fd = -1 };
	struct redir *r;
	uint32_t from = shell__here(p);
	const char *s = p->in.s;
	int c = shell__peek(p), op;
	bool digit;

	if (c != '<' && c != '>' && c != '&') {
		s = descriptor(p, &d);
		if (s == NULL)
			return false;
		if (d.joined) {
			shell__fail(p, "a descriptor that shells read differently");
			return false;
		}
		p->in.s = s;
	} else if (!starts_redir(p, c)) {
		return false;
	}
	op = take_operator(p);
	if (op < 0)
		return false;
	if (p->zsh && shell__peek(p) == '(') {
		shell__fail(p, "`>>(`: > and >( ) to zsh");
		return false;
	}
	r = arena_raw(p->a, sizeof *r);
	*r = (struct redir){ .op = (enum redir_op)operators[op].op,
		.append = operators[op].append,
		.fd = d.fd,
		.fdname = d.name,
		.element = d.element };
	if (r->op == REDIR_HERESTR)
		shell__not_in_dash(p);
	r->here_strip = r->op == REDIR_HERE && operators[op].n == 3;
	digit = shell__is(shell__blank(p), C_DIGIT);
	/* > 2>f is no file 2; >& 2>f is the descriptor. */
	if (digit && r->op != REDIR_DUP_IN && r->op != REDIR_DUP_OUT && descriptor(p, &d) != NULL)
		shell__unexpected(p);
	if (r->op == REDIR_HERE) {
		here(p, r);
	} else if ((r->op == REDIR_DUP_IN || r->op == REDIR_DUP_OUT) && !p->zsh && shell__peek(p) == '-') {
		r->word = closing(p);
	} else {
		/* bash: <<< a=~ keeps the ~, as a value does */
		r->word = r->op == REDIR_HERESTR && !p->zsh ? shell__value(p) : shell__word(p);
		if (r->word == NULL)
			shell__unexpected(p);
	}
	if (p->shell == SHELL_SH && p->alias_next)
		shell__fail(p, "an alias before a redirection, which shells called sh read in two ways");
	if (p->shell == SHELL_BASH) /* the word behind it is no alias any more */
		p->alias_next = false;
	r->at = (struct range){ from, shell__upto(p) };
	**tail = r;
	*tail = &r->next;
	return true;
}

/* ---- assignments ---- */

/* At [ in a compound array: [sub]= or [sub]+= as parts; false: a word. */
static bool
element_subscript(struct parser *p, struct chain *chain)
{
	const struct wordctx x = { .stop = ']', .inner = true, .noglob = true };
	struct attempt try;

	if (!shell__try(p, SEEN_ELEMENT, chain, &try))
		return false;
	shell__text(p, chain, p->in.s, p->in.s + 1, false);
	p->in.s++;
	shell__parts(p, chain, &x);
	if (shell__peek(p) == ']' &&
	    (shell__next(p) == '=' || (shell__next(p) == '+' && shell__after(p, 2) == '='))) {
		const char *s = p->in.s;

		shell__take(p, shell__next(p) == '=' ? 2 : 3);
		shell__text(p, chain, s, p->in.s, false);
		shell__right(p);
		return true;
	}
	shell__wrong(p, chain, &try);
	return false;
}

static struct astword *
element(struct parser *p)
{
	static const struct wordctx value = { .tilde = true, .assign = true };
	struct chain chain = { 0 };
	uint32_t from = shell__here(p);

	if (shell__peek(p) != '[' || !element_subscript(p, &chain))
		return shell__word(p);
	shell__parts(p, &chain, &value);
	p->tok_end = shell__upto(p);
	return shell__wrap(p, &chain, from);
}

/* bash parses a substitution twice, the second time without the backslashes of an
 * array in it: $(r=(\<)) is an error. */
static bool
has_escaped_sign(const struct astword *w)
{
	for (const struct part *p = w->first; p != NULL; p = p->next)
		if (p->kind == PART_TEXT && p->quoted && p->text.n == 1 && p->text.p[-1] == '\\' &&
		    strchr("<>;|&(", p->text.p[0]) != NULL)
			return true;
	return false;
}

/* At the ( of name=( … ). */
void
shell__elements(struct parser *p, struct asg *as)
{
	size_t mark = p->st.words.n;
	uint32_t from = shell__here(p);
	unsigned height;

	as->array = true;
	shell__not_in_dash(p);
	if (!shell__enter(p, &height))
		return;
	p->in.s++;
	while (shell__newlines(p) != ')') {
		struct astword *w = element(p);

		if (w == NULL) {
			if (shell__peek(p) < 0)
				shell__unended(p, from, "array");
			else
				shell__unexpected(p);
			break;
		}
		if (p->shell == SHELL_BASH && p->substitutions > 0 && has_escaped_sign(w))
			shell__fail(p, "an escaped sign in an array in a substitution");
		shell__push(p, w);
	}
	if (!p->failed)
		p->in.s++;
	/* bash: all of it is one text, for zsh a word begins here. */
	if (!p->failed && !p->zsh && p->in.s < p->in.end && !shell__is((unsigned char)*p->in.s, C_END))
		shell__fail(p, "text behind the ( ) of an array");
	as->elements = shell__words_since(p, mark, &as->nelements);
	p->tok_end = shell__upto(p);
	shell__leave(p, height);
}

/* zsh and a plain sh read a[ as a word unless ]= follows in the same word. */
static bool
may_be_subscript(struct parser *p, const char *s)
{
	const char *from = s;
	size_t depth = 0;

	if (p->shell == SHELL_BASH)
		return true;
	for (; s < p->in.end && (depth > 0 || !shell__is((unsigned char)*s, C_END) || *s == '(');
	     s++) {
		if (*s == ']' && p->in.end - s > 1 && (s[1] == '=' || s[1] == '+'))
			return true;
		depth += *s == '(';
		depth -= *s == ')' && depth > 0;
		if (*s == '"' || *s == '\'') {
			s = memchr(s + 1, *s, (size_t)(p->in.end - s) - 1);
			if (s == NULL)
				break;
		}
	}
	shell__work(p, (size_t)((s == NULL ? p->in.end : s) - from));
	return false;
}

/* At [ behind the name of what may be an assignment: its subscript, if = or += follows that.
 * NULL: it is a word. */
static __attribute__((noinline)) struct astword *
assign_subscript(struct parser *p, const char *open)
{
	struct astword *subscript;
	struct attempt try;
	const char *s;

	if (!may_be_subscript(p, open) || !shell__try(p, SEEN_ASSIGN, NULL, &try))
		return NULL;
	p->in.s = open;
	subscript = shell__subscript(p, false);
	s = p->in.s;
	if (s < p->in.end && *s == '+')
		s++;
	if (s >= p->in.end || *s != '=') {
		/* To bash all of it is one word. */
		if (p->in.text == try.in.text && shell__run(open, p->in.s, C_END) < p->in.s)
			shell__fail(p, "a name with blanks in [ ]");
		shell__wrong(p, NULL, &try);
		return NULL;
	}
	shell__right(p);
	return subscript;
}

/* Reads the assignment at the cursor. */
struct asg *
shell__assign(struct parser *p)
{
	const char *const from = p->in.s, *s = from, *end = p->in.end;
	struct astword *subscript = NULL;
	struct str name;
	struct asg *as;
	bool append;

	if (p->zsh && s < end && shell__is((unsigned char)*s, C_DIGIT)) {
		while (s < end && shell__is((unsigned char)*s, C_DIGIT))
			s++;
		if (s < end && (*s == '=' || (*s == '+' && end - s > 1 && s[1] == '=')))
			shell__fail(p, "an assignment to a positional parameter");
		return NULL;
	}
	if (s == end || !shell__is((unsigned char)*s, C_NAME))
		return NULL;
	s = shell__name_run(s + 1, end);
	if (s == end || (*s != '=' && *s != '+' && *s != '['))
		return NULL;
	name = (struct str){ from, (size_t)(s - from) };
	if (*s == '[') {
		subscript = assign_subscript(p, s);
		if (subscript == NULL)
			return NULL;
		s = p->in.s;
	}
	append = *s == '+';
	s += append;
	if (s == end || *s != '=')
		return NULL;
	as = arena_raw(p->a, sizeof *as);
	*as = (struct asg){ .name = name, .subscript = subscript, .append = append };
	p->in.s = s + 1;
	p->tok_end = shell__upto(p);
	shell__continued(p);
	if (shell__peek(p) == '(')
		shell__elements(p, as);
	else
		as->value = shell__value(p);
	as->at = (struct range){ shell__offset(p, from), p->tok_end };
	return as;
}
