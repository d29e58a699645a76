/* SPDX-License-Identifier: ISC */
/*
 * agree.c: bash finds the end of ${…}, $((…)), $[…] and of patterns in
 * parentheses by counting, before it looks at what they hold; the parser here
 * reads what they hold and finds the end on the way. Where these ends differ,
 * one of them takes for data what the other runs: such text is an error. Only
 * what the two read alike, strings and substitutions inside, is stepped over
 * by what the parser found.
 */
#include "shell/parse.h"

#include <string.h>

static size_t
slot(const struct parser *p, const char *s)
{
	return (size_t)(((uintptr_t)s * 0x9e3779b97f4a7c15u) >> 32) %
	    (sizeof p->spans / sizeof p->spans[0]);
}

void
shell__span_add(struct parser *p, const char *from, const char *to)
{
	struct span *span = &p->spans[slot(p, from)];

	if (!p->spanned)
		memset(p->spans, 0, sizeof p->spans);
	p->spanned = true;
	span->from = from;
	span->to = to;
}

static const char *
span_end(const struct parser *p, const char *s)
{
	const struct span *span = &p->spans[slot(p, s)];

	return p->spanned && span->from == s ? span->to : NULL;
}

/* Over '…' or $'…', whose ' is at s. NULL: not ended. */
static const char *
over_single(const struct parser *p, const char *s, const char *from, const char *to)
{
	if (s > from && s[-1] == '$')
		return span_end(p, s - 1);
	s = memchr(s + 1, '\'', (size_t)(to - s) - 1);
	return s == NULL ? NULL : s + 1;
}

static const char *
over_backquote(const char *s, const char *to)
{
	for (s++; s < to && *s != '`'; s++)
		if (*s == '\\')
			s++;
	return s < to ? s + 1 : NULL;
}

/* Whether something starts at s that bash reads by its own rules inside ${ }. */
static bool
nested(const char *s, const char *to)
{
	if (to - s < 2)
		return false;
	if (*s == '$')
		return s[1] == '(' || s[1] == '{' || s[1] == '[' || s[1] == '\'' || s[1] == '\\';
	return (*s == '<' || *s == '>') && s[1] == '(';
}

/*
 * Whether bash, counting from `from`, which stands behind the opening, finds
 * the closing byte at `to` and not before. '{': the first } closes, and what
 * nests is read as such; else pairs are counted.
 */
bool
shell__agrees(struct parser *p, const char *from, const char *to, char open, char close)
{
	size_t depth = 0;
	const char *s = from;

	shell__work(p, (size_t)(to - from));
	while (s != NULL && s < to) {
		char c = *s;

		if (c == '\\') {
			s += 2;
		} else if (c == '\'') {
			s = over_single(p, s, from, to);
		} else if (c == '`') {
			s = over_backquote(s, to);
		} else if (c == '"' || (open == '{' && nested(s, to))) {
			s = span_end(p, s);
		} else if (c == close) {
			if (depth-- == 0)
				return false;
			s++;
		} else {
			depth += c == open && open != '{';
			s++;
		}
	}
	return s == to && depth == 0;
}

/* The same, which fails where it is not so. at: of what is read. Other shells
 * read ${ } as they go, zsh all of these. */
void
shell__agree(struct parser *p, const char *from, const char *to, const char *pair, uint32_t at)
{
	p->counted--;
	if (!p->zsh && !p->failed && (p->shell == SHELL_BASH || pair[0] != '{') && !shell__agrees(p, from, to, pair[0], pair[1]))
		shell__fail_at(p, at, str_printf(p->a, "`%c` that bash ends elsewhere", pair[0]));
}
