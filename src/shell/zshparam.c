/* SPDX-License-Identifier: ISC */
/*
 * zshparam.c: the parameter syntax that only zsh has: ${(flags)x}, ${^x},
 * ${${x}…}, $x[1], $x:h, $#x. Whatever has no counterpart in bash becomes
 * PARAM_OTHER, whose value is not known; the flags stay in mod, because some
 * of them ((e), (P), (%)) evaluate what the value holds.
 */
#include "shell/parse.h"

#include <string.h>

/* At (: the flags, with their delimited arguments: (s.:.) (j:):). */
static struct str
flags(struct parser *p)
{
	const char *from = ++p->in.s;
	struct str text;

	while (p->in.s < p->in.end && *p->in.s != ')') {
		char c = *p->in.s++;

		if (strchr("jsglrIZ_mpX", c) != NULL && p->in.s < p->in.end &&
		    !shell__is((unsigned char)*p->in.s, C_NAME | C_DIGIT) && *p->in.s != ')' &&
		    *p->in.s != '@' && *p->in.s != '#' && *p->in.s != '%') {
			char close = *p->in.s++;

			close = close == '{' ? '}' : close == '[' ? ']' : close == '<' ? '>' :
			    close == '(' ? ')' : close;
			while (p->in.s < p->in.end && *p->in.s != close)
				p->in.s++;
			if (p->in.s < p->in.end)
				p->in.s++;
		}
	}
	text = (struct str){ from, (size_t)(p->in.s - from) };
	shell__work(p, text.n);
	if (p->in.s < p->in.end)
		p->in.s++;
	return text;
}

/* Behind ${: reads the inside if it is zsh's own syntax. */
bool
shell__zsh_braced(struct parser *p, struct part *part, bool dquoted)
{
	int c = shell__after(p, 0);
	struct chain chain = { 0 };
	uint32_t from;
	bool dollar = c == '#' ? shell__next(p) == '$' : c == '$';

	if (c == '#' && strchr(":+^=~(\"", shell__next(p)) != NULL && shell__after(p, 2) != '}')
		c = ':'; /* of what has no name */

	if (dollar)
		dollar = strchr("{(", shell__after(p, c == '#' ? 2 : 1)) != NULL;
	if (!dollar && (c <= 0 || strchr("(^=~+\":`", c) == NULL))
		return false;
	shell__continued(p);
	if (c == '(')
		part->param->mod = flags(p);
	part->param->op = PARAM_OTHER;
	from = shell__here(p);
	if (dquoted) {
		shell__dquoted(p, &chain, "}");
		part->param->arg = shell__wrap(p, &chain, from);
	} else {
		part->param->arg = shell__pattern(p, '}', '\0', false);
	}
	return true;
}

/* Behind $x:s or $x:g: what they take, up to the end of :s/a/b/. */
static bool
substitution(struct parser *p)
{
	char mark;

	if (p->in.s[-1] == 'g' && shell__peek(p) == 's')
		p->in.s++;
	mark = p->in.s < p->in.end ? *p->in.s : '\0';
	if (p->in.s[-1] != 's' || mark == '\0' || strchr(" \t\n;&|<>()'\"$`\\", mark) != NULL) {
		shell__fail(p, "a modifier that is not followed");
		return false;
	}
	for (int i = 0; i < 2; i++) {
		do
			p->in.s++;
		while (p->in.s < p->in.end && *p->in.s != mark && strchr(" \t\n;&|<>()'\"$`\\", *p->in.s) == NULL);
		if (p->in.s == p->in.end || *p->in.s != mark) {
			if (i == 1 && (p->in.s == p->in.end || strchr(" \t\n;", *p->in.s) != NULL))
				return true; /* the last one may be left out */
			shell__fail(p, "a modifier that is not followed");
			return false;
		}
	}
	p->in.s++;
	return true;
}

/* At the [ of $x[…]: to zsh a =(…) in it is one, to us text. */
static void
bare_subscript(struct parser *p, struct part *part)
{
	const char *s = p->in.s;

	if (shell__next(p) == ']') {
		shell__fail(p, "an index that is empty");
		return;
	}
	part->param->subscript = shell__subscript(p, false);
	if (!p->failed && str_find((struct str){ s, (size_t)(p->in.s - s) }, STR("=(")) != STR_NPOS)
		shell__fail(p, "`=(` in a subscript");
}

/* Behind $x: a subscript, modifiers; behind $ a prefix such as + or #. */
void
shell__zsh_bare(struct parser *p, struct part *part)
{
	if (part->param->name.n == 0 && shell__peek(p) > 0) {
		/* $+x $^x $=x $~x */
		part->param->mod = (struct str){ p->in.s, 1 };
		p->in.s++;
		part->param->op = PARAM_OTHER;
	} else if (str_is(part->param->name, "#") && shell__is(shell__peek(p), C_NAME)) {
		part->param->op = PARAM_LENGTH;
	}
	if (part->param->op != PARAM_PLAIN) {
		const char *s = p->in.s;
		const int classes = shell__is(shell__peek(p), C_DIGIT) ? C_DIGIT : C_NAME | C_DIGIT;

		while (shell__is(shell__peek(p), classes))
			p->in.s++;
		part->param->name = (struct str){ s, (size_t)(p->in.s - s) };
	}
	/* $1 takes none */
	if (shell__peek(p) == '[' && !(part->param->name.n > 0 && part->param->op == PARAM_PLAIN &&
	                                 shell__is((unsigned char)part->param->name.p[0], C_DIGIT) &&
	                                 !str_is(part->param->name, "0")))
		bare_subscript(p, part);
	while (shell__peek(p) == ':' && shell__next(p) > 0 &&
	    strchr("aAcehlpPqQrstuxgwWfF&", shell__next(p)) != NULL) {
		part->param->op = PARAM_OTHER;
		part->param->mod = (struct str){ p->in.s + 1, 1 };
		p->in.s += 2;
		if (strchr("gsFWfw", part->param->mod.p[0]) != NULL && !substitution(p))
			return;
	}
}
