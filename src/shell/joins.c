/* SPDX-License-Identifier: ISC */
/*
 * joins.c: quotes within "${x:-…}". bash takes them away and only then looks for
 * what is to be expanded: "$"(ls) runs ls, "$y"z is $yz, and $'\x24(ls)' runs it
 * too. A text with a quote that joins what is around it is not read, nor one where
 * a backslash goes with the quotes. dash and zsh do not do so, but sh may be bash.
 */
#include "shell/parse.h"

#include <string.h>

static bool
named(char c)
{
	return shell__is((unsigned char)c, C_NAME | C_DIGIT);
}

/* at: a quote. Does a $, or a name behind one, end in front of it and go on behind
 * it? A line that is continued there is not looked through. */
static bool
joins(const struct parser *p, const char *at)
{
	const char *s = at, *next = at, *const end = p->in.end;

	while (named(s[-1])) /* "${" lies before */
		s--;
	while (next < end && (*next == '"' || (end - next > 1 && memcmp(next, "$'", 2) == 0)))
		next += *next == '"' ? 1 : 2;
	if (s[-1] == '\n')
		return s[-2] == '\\';
	return s[-1] == '$' && (s == at || (next < end && (named(*next) || *next == '\\')));
}

static bool
fail(struct parser *p)
{
	shell__fail(p, "a quote in \"${ }\" changes what is around it");
	return true;
}

/* At $'…': does it stand for what is in it and for nothing more? */
static bool
plain_ansi(const struct parser *p)
{
	for (const char *s = p->in.s + 2; s < p->in.end && *s != '\''; s++)
		if (!named(*s) && strchr(" ./:,", *s) == NULL &&
		    (*s != '\\' || ++s == p->in.end || strchr("ntr", *s) == NULL))
			return false;
	return !joins(p, p->in.s);
}

/* In the string a backslash goes where it would stay in double quotes: "${x:-"\a"}". */
static bool
has_escape(const char *s, const char *end)
{
	for (; end - s > 1; s++)
		if (*s == '\\' && strchr("$`\"\\\n", *++s) == NULL)
			return true;
	return false;
}

bool
shell__joins_dollar(struct parser *p)
{
	if (p->zsh || (shell__next(p) != '"' && (shell__next(p) != '\'' || plain_ansi(p))))
		return false;
	return fail(p);
}

void
shell__joins_string(struct parser *p, const char *open)
{
	if (!p->zsh && !p->failed && (joins(p, open) || joins(p, p->in.s - 1) || has_escape(open, p->in.s)))
		fail(p);
}
