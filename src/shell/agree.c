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

/* The first that stands in what is read since from. A text that came up later
 * than this one came up in there. */
static size_t
first_since(const struct parser *p, uint32_t from)
{
	size_t i = p->st.spans.n;

	for (; i > 0; i--) {
		const struct span *span = &p->st.spans.v[i - 1];

		if (span->text < p->in.text || (span->text == p->in.text && span->from < from))
			break;
	}
	return i;
}

/* Remembers one, in the order of the text: before those that stand in it. */
void
shell__span_add(struct parser *p, const char *from, const char *to)
{
	struct span span = { p->in.text, (uint32_t)(from - p->in.base),
		(uint32_t)(to - p->in.base) };
	size_t i = first_since(p, span.from), more = p->st.spans.n - i;

	*vec_push(p->a, &p->st.spans) = span;
	memmove(&p->st.spans.v[i + 1], &p->st.spans.v[i], more * sizeof span);
	p->st.spans.v[i] = span;
}

/* Where the one that starts at s ends, or NULL: from *i on, which goes on with s. */
static const char *
span_end(const struct parser *p, size_t *i, const char *s)
{
	uint32_t from = (uint32_t)(s - p->in.base);

	for (; *i < p->st.spans.n; ++*i) {
		const struct span *span = &p->st.spans.v[*i];

		if (span->text == p->in.text && span->from >= from)
			return span->from == from ? p->in.base + span->to : NULL;
	}
	return NULL;
}

/* Over '…' or $'…', whose ' is at s. NULL: not ended. */
static const char *
over_single(const struct parser *p, size_t *i, const char *s, const char *from, const char *to)
{
	if (s > from && s[-1] == '$')
		return span_end(p, i, s - 1);
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
	size_t depth = 0, i = first_since(p, (uint32_t)(from - p->in.base));
	const char *s = from;

	shell__work(p, (size_t)(to - from));
	while (s != NULL && (s = shell__run(s, to, C_COUNT)) < to) {
		char c = *s;

		if (c == '\\') {
			s += 2;
		} else if (c == '\'') {
			s = over_single(p, &i, s, from, to);
		} else if (c == '`') {
			s = over_backquote(s, to);
		} else if (c == '"' || (open == '{' && nested(s, to))) {
			s = span_end(p, &i, s);
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
	if (!p->zsh && !p->failed && (p->shell == SHELL_BASH || pair[0] != '{') &&
	    !shell__agrees(p, from, to, pair[0], pair[1]))
		shell__fail_at(p, at, str_printf(p->a, "`%c` that bash ends elsewhere", pair[0]));
	if (p->counted == 0)
		p->st.spans.n = 0;
}
