/* SPDX-License-Identifier: ISC */
/*
 * lex.c: the bytes of a policy file as logical lines, and these as tokens.
 * Continued lines are joined, and every byte of a line knows where it stands
 * in the file. What a token means (quotes, $name, globs): words.c.
 */
#include "policy.h"

#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* ---- bytes ---- */

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* Control characters and what is no UTF-8. True if the line is clean. */
static bool
check_bytes(struct str s, struct str file, unsigned number, struct diags *d)
{
	for (size_t i = 0, len; i < s.n; i += len) {
		unsigned char c = (unsigned char)s.p[i];
		struct place at;

		len = 1;
		if ((c >= 0x20 && c < 0x7f) || c == '\t')
			continue; /* nearly all */
		at = (struct place){ file, number, (unsigned)i + 1, s };
		len = str_utf8_at(s, i);
		if (len == 0) {
			policy__error(d, at, "this byte (0x%02x) is no UTF-8", c);
			return false;
		}
		if (c < 0x80) {
			if (c == 0)
				policy__error(d, at, "a NUL byte has no place in a policy");
			else
				policy__error(d, at, "the control character 0x%02x has no place in a policy", c);
			return false;
		}
		if (str_starts(str_sub(s, i, s.n), STR(BYTE_ORDER_MARK))) {
			policy__error(d, at, "a byte order mark stands here, and not at the start of the file");
			return false;
		}
	}
	return true;
}

bool
policy__continues(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[s.n - 1 - n] == '\\')
		n++;
	return n % 2 == 1;
}

static bool
is_comment(struct str s)
{
	s = str_trim(s);
	return s.n > 0 && s.p[0] == '#';
}

/* ---- logical lines ---- */

struct scan {
	struct arena *a;
	struct str text, file;
	struct diags *d;
	size_t at;
	unsigned number; /* of the physical line read last */
	bool clean;      /* it has no bad bytes */
	int err;
};

/* The next physical line without its end; false at the end of the text. */
static bool
next_physical(struct scan *s, struct str *out)
{
	size_t from = s->at, end;
	struct str rest = str_sub(s->text, from, s->text.n);

	if (rest.n == 0)
		return false;
	end = str_chr(rest, '\n');
	s->at = end == STR_NPOS ? s->text.n : from + end + 1;
	*out = str_sub(rest, 0, end == STR_NPOS ? rest.n : end);
	if (out->n > 0 && out->p[out->n - 1] == '\r')
		out->n--;
	s->number++;
	s->clean = check_bytes(*out, s->file, s->number, s->d);
	if (!s->clean)
		s->err = BRIDLE_ESYNTAX;
	return true;
}

/* Adds the lines that continue `l`. */
static void
join(struct scan *s, struct line *l)
{
	VEC(struct stretch) parts = { 0 };
	struct str next = l->text;
	struct buf b;

	buf_init(&b, s->a);
	*vec_push(s->a, &parts) = l->stretches[0];
	for (;;) {
		size_t blanks = 0;
		bool more = policy__continues(next);

		buf_add(&b, str_sub(next, 0, next.n - (more ? 1 : 0)));
		if (!more || !next_physical(s, &next))
			break;
		while (blanks < next.n && is_blank(next.p[blanks]))
			blanks++;
		if (blanks > 0 && b.n > 0 && !is_blank(b.p[b.n - 1]))
			buf_putc(&b, ' ');
		*vec_push(s->a, &parts) =
		    (struct stretch){ b.n, s->number, (unsigned)blanks + 1, next };
		next = str_sub(next, blanks, next.n);
	}
	l->text = buf_str(&b);
	l->stretches = parts.v;
	l->nstretches = parts.n;
}

#define LINES_USUAL 4096

/* About how many lines say something: room is made once for all. */
static size_t
count_lines(struct str text)
{
	size_t n = 1;

	for (size_t i = 0; i + 1 < text.n && n < LINES_USUAL; i++)
		n += text.p[i] == '\n' && text.p[i + 1] != '#' && text.p[i + 1] != '\n';
	return n;
}

int
policy__lines(struct arena *a, struct str text, struct str file, struct diags *d, struct lines *out)
{
	struct scan s = { .a = a, .text = text, .file = file, .d = d };
	struct str physical;

	out->list.cap = count_lines(text);
	out->list.v = NEW_ARRAY(a, struct line, out->list.cap);
	if (str_starts(text, STR(BYTE_ORDER_MARK)))
		s.at = 3;
	while (next_physical(&s, &physical)) {
		struct stretch *st;
		struct line l;

		if (!s.clean || str_trim(physical).n == 0 || is_comment(physical))
			continue;
		st = NEW(a, struct stretch);
		*st = (struct stretch){ 0, s.number, 1, physical };
		l = (struct line){ physical, is_blank(physical.p[0]), s.number, st, 1 };
		if (policy__continues(physical))
			join(&s, &l);
		*vec_push(a, &out->list) = l;
	}
	return s.err;
}

struct place
policy__place(const struct line *l, size_t at, struct str file)
{
	const struct stretch *st = &l->stretches[0];

	for (size_t i = 1; i < l->nstretches && l->stretches[i].at <= at; i++)
		st = &l->stretches[i];
	return (struct place){ file, st->line, st->column + (unsigned)(at - st->at), st->text };
}

/* ---- tokens ---- */

/* Where the quote that opens at i ends (behind it); STR_NPOS: it does not. */
static size_t
quote_end(struct str s, size_t i)
{
	char quote = s.p[i++];

	while (i < s.n && s.p[i] != quote) {
		if (quote == '"' && s.p[i] == '\\' && i + 1 < s.n)
			i++;
		i++;
	}
	return i < s.n ? i + 1 : STR_NPOS;
}

/* Index behind the token that begins at i; STR_NPOS: a quote does not end,
 * *quote is where it opens. */
static size_t
token_end(struct str s, size_t i, size_t *quote)
{
	while (i < s.n && !is_blank(s.p[i])) {
		if (s.p[i] == '\\' && i + 1 < s.n) {
			i += 2;
		} else if (s.p[i] == '\'' || s.p[i] == '"') {
			*quote = i;
			i = quote_end(s, i);
			if (i == STR_NPOS)
				return STR_NPOS;
		} else {
			i++;
		}
	}
	return i;
}

int
policy__token(const struct line *l, size_t *at, struct str file, struct diags *d,
    struct token *out)
{
	struct str s = l->text;
	size_t i = *at, end, quote = 0;

	while (i < s.n && is_blank(s.p[i]))
		i++;
	*at = i;
	if (i >= s.n || s.p[i] == '#')
		return 0;
	end = token_end(s, i, &quote);
	if (end == STR_NPOS) {
		policy__error(d, policy__place(l, quote, file), "this quote is not closed");
		return BRIDLE_ESYNTAX;
	}
	*out = (struct token){ str_sub(s, i, end - i), i };
	*at = end;
	return 1;
}

int
policy__tokens(struct arena *a, const struct line *l, size_t at, struct str file, struct diags *d,
    struct tokens *out)
{
	struct token t;
	int got;

	while ((got = policy__token(l, &at, file, d, &t)) == 1)
		*vec_push(a, &out->list) = t;
	return got;
}

struct token
policy__word(const struct line *l, size_t *at)
{
	struct str s = l->text;
	size_t from, i = *at;

	while (i < s.n && is_blank(s.p[i]))
		i++;
	from = i;
	while (i < s.n && !is_blank(s.p[i]))
		i++;
	*at = i;
	while (*at < s.n && is_blank(s.p[*at]))
		++*at;
	return (struct token){ str_sub(s, from, i - from), from };
}

struct str
policy__rest(const struct line *l, size_t *at)
{
	while (*at < l->text.n && is_blank(l->text.p[*at]))
		++*at;
	return str_trim(str_sub(l->text, *at, l->text.n));
}
