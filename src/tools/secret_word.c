/* SPDX-License-Identifier: ISC */
/*
 * secret_word.c: a known value in a text that a shell would read, whatever
 * quotes stand around or inside it: s3cret, 's3cret', s3"cr"et, s\3cret,
 * $'s3c\x72et'. The text may be anything else too (a reason), so that the
 * search starts anew at each byte, in each state of quoting.
 */
#include "tools/secrets.h"

#include "bridle/limits.h"

#include <string.h>

enum quoting { PLAIN, SINGLE, DOUBLE, ANSI };
struct reader {
	struct str text;
	size_t at;
	enum quoting in;
};

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Up to max digits of a base, from at; how many there were in *n. */
static unsigned
number(struct str text, size_t at, size_t max, int base, size_t *n)
{
	unsigned value = 0;

	for (*n = 0; *n < max && at + *n < text.n; (*n)++) {
		int d = hex_digit(text.p[at + *n]);

		if (d < 0 || d >= base)
			break;
		value = value * (unsigned)base + (unsigned)d;
	}
	return value;
}

/* A backslash in $'…': one byte (or the first of a character). */
static int
ansi_escape(struct reader *r)
{
	static const char names[] = "abefnrtvE", values[] = "\a\b\033\f\n\r\t\v\033";
	char c = r->at < r->text.n ? r->text.p[r->at] : '\0';
	const char *known = c == '\0' ? NULL : strchr(names, c);
	size_t n;
	unsigned value;

	if (c == 'x' || c == 'u' || c == 'U') {
		value = number(r->text, r->at + 1, c == 'x' ? 2 : c == 'u' ? 4 : 8, 16, &n);
		r->at += 1 + n;
		return (int)(value & 0xff);
	}
	if (c >= '0' && c <= '7') {
		value = number(r->text, r->at, 3, 8, &n);
		r->at += n;
		return (int)(value & 0xff);
	}
	r->at++;
	return known != NULL ? values[known - names] & 0xff : c & 0xff;
}

/* The next byte as the shell takes it; -1: the end. A blank ends a plain word. */
static int
next_byte(struct reader *r)
{
	while (r->at < r->text.n) {
		char c = r->text.p[r->at++];
		char after = r->at < r->text.n ? r->text.p[r->at] : '\0';

		switch (r->in) {
		case SINGLE:
			if (c != '\'')
				return c & 0xff;
			r->in = PLAIN;
			continue;
		case ANSI:
			if (c == '\\')
				return ansi_escape(r);
			if (c != '\'')
				return c & 0xff;
			r->in = PLAIN;
			continue;
		case DOUBLE:
			if (c == '"') {
				r->in = PLAIN;
				continue;
			}
			if (c == '\\' && after != '\0' && strchr("\"\\$`\n", after) != NULL) {
				r->at++;
				if (after == '\n')
					continue;
				return after & 0xff;
			}
			return c & 0xff;
		case PLAIN:
			break;
		}
		if (c == '\'')
			r->in = SINGLE;
		else if (c == '"')
			r->in = DOUBLE;
		else if (c == '$' && (after == '\'' || after == '"')) {
			r->in = after == '"' ? DOUBLE : ANSI;
			r->at++;
		} else if (c == '\\' && after != '\0') {
			r->at++;
			if (after != '\n')
				return after & 0xff;
		} else
			return c & 0xff;
	}
	return -1;
}

/* Reads `want` from r; r is left behind it. */
static bool
reads(struct reader *r, struct str want)
{
	for (size_t i = 0; i < want.n; i++)
		if (next_byte(r) != (want.p[i] & 0xff))
			return false;
	return true;
}

/* Past what is open: quotes, backslashes, $( … ), to a blank or operator. */
static size_t
end_from(struct str text, size_t at, enum quoting in)
{
	int depth = 0;

	for (; at < text.n; at++) {
		char c = text.p[at], before = at > 0 ? text.p[at - 1] : '\0';

		if (c == '\\' && in != SINGLE)
			at++;
		else if (in == SINGLE || in == ANSI)
			in = c == '\'' ? PLAIN : in;
		else if (in == DOUBLE)
			in = c == '"' ? PLAIN : in;
		else if (c == '\'')
			in = before == '$' ? ANSI : SINGLE;
		else if (c == '"')
			in = DOUBLE;
		else if (c == '`')
			at += str_chr(str_sub(text, at + 1, STR_NPOS), '`') + 1; /* none: past the end */
		else if ((c == '(' || c == '{') && (before == '$' || depth > 0))
			depth++;
		else if ((c == ')' || c == '}') && depth > 0)
			depth--;
		else if (depth == 0 && strchr(" \t\n;&|<>()", c) != NULL)
			return at;
	}
	return text.n;
}

size_t
secret__word_end(struct str text, size_t at)
{
	return end_from(text, at, PLAIN);
}

struct str
secret__unquote(struct arena *a, struct str word)
{
	struct reader r = { word, 0, PLAIN };
	struct buf b;
	int c;

	if (word.n == 0 || strpbrk(str_c(a, word), "'\"\\") == NULL)
		return word;
	buf_init(&b, a);
	while ((c = next_byte(&r)) >= 0)
		buf_putc(&b, (char)c);
	return b.n == 0 ? STR("") : buf_str(&b);
}

/* How much of what stands inside ${…} is text of its own: a default. */
static size_t
default_length(struct str inside)
{
	size_t n = 0;

	while (n < inside.n && (inside.p[n] == '_' || is_letter(inside.p[n])))
		n++;
	if (n < inside.n && inside.p[n] == ':')
		n++;
	if (n + 1 >= inside.n || str_chr(STR("-=+"), inside.p[n]) == STR_NPOS || inside.p[n + 1] == '$')
		return 0;
	return inside.n - n - 1;
}

/* Past $X, ${…}, $(…) or `…` at `at`. */
static size_t
reference_end(struct str text, size_t at, size_t *literal)
{
	char c = at + 1 < text.n ? text.p[at + 1] : '\0';
	size_t end = at + 1;
	int depth = 0;

	if (text.p[at] == '`') {
		end = str_chr(str_sub(text, at + 1, STR_NPOS), '`');
		return end == STR_NPOS ? text.n : at + 1 + end + 1;
	}
	if (c != '(' && c != '{') {
		while (end < text.n && (text.p[end] == '_' || is_letter(text.p[end])))
			end++;
		return end;
	}
	for (; end < text.n; end++) {
		if (text.p[end] == '(' || text.p[end] == '{')
			depth++;
		else if ((text.p[end] == ')' || text.p[end] == '}') && --depth == 0)
			break;
	}
	if (c == '{' && end > at + 2)
		*literal += default_length(str_sub(text, at + 2, end - at - 2));
	return end < text.n ? end + 1 : text.n;
}

bool
secret__refers(struct str text)
{
	size_t literal = 0, references = 0, at = 0;

	if (str_starts(text, STR("[redacted")))
		return true;
	while (at < text.n) {
		char c = text.p[at], after = at + 1 < text.n ? text.p[at + 1] : '\0';

		if (c == '`' || (c == '$' && (after == '(' || after == '{' || after == '_' || is_letter(after)))) {
			references++;
			at = reference_end(text, at, &literal);
			continue;
		}
		literal += c != '"' && c != '\'' && c != '\\';
		at++;
	}
	return literal == 0 || (references > 0 && literal < SECRET_LONG);
}

static bool
try_at(struct secret_marks *m, struct reader r, struct str context, struct str value, bool always)
{
	enum quoting in;
	size_t from, to;

	if (!reads(&r, context))
		return false;
	from = to = r.at;
	in = r.in;
	if (value.n > 0) {
		if (!reads(&r, value))
			return false;
		secret__mark_value(m, from, r.at, value);
		return true;
	}
	to = end_from(m->text, from, in);
	if (in != PLAIN && to > from && m->text.p[to - 1] == (in == DOUBLE ? '"' : '\''))
		to--; /* the quote that was open before stays */
	else if (in == PLAIN && to > from + 1 && str_chr(str_sub(m->text, from, to - from), '`') == to - 1 - from)
		to--; /* so does the one that a reason has around a command */
	if (to > from && (always || !secret__refers(str_sub(m->text, from, to - from))))
		secret__mark(m, from, to);
	return true;
}

void
secret__find(struct secret_marks *m, struct str context, struct str value, bool always)
{
	struct str first = context.n > 0 ? context : value;

	m->work += m->text.n;
	if (first.n == 0 || m->work > LIMIT_REDACT)
		return;
	for (size_t i = 0; i < m->text.n; i++) {
		char c = m->text.p[i];

		char before = i > 0 ? m->text.p[i - 1] : '\0';

		if (c != first.p[0] && c != '\'' && c != '"' && c != '\\' && c != '$')
			continue;
		if (value.n == 0 && (before == '\'' || before == '"'))
			continue; /* found from that quote on */
		for (int in = PLAIN; in <= ANSI; in++)
			if (try_at(m, (struct reader){ m->text, i, (enum quoting)in }, context, value, always))
				break;
	}
}
