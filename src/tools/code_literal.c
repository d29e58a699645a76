/* SPDX-License-Identifier: ISC */
/*
 * code_literal.c: the string literals of code of another language, in whatever
 * quotes; what escapes in them stand for. What the code does is code.c.
 */
#include "tools/code.h"

#include <string.h>

#define LITERALS_MAX 4096

/* Places where the program puts a value in become CODE_VALUE. */
static bool
placeholder(struct str s, size_t at, char quote, size_t *end)
{
	size_t close;

	if (s.p[at] == '%' && at + 1 < s.n && code_in(s.p[at + 1], "sdr")) {
		*end = at + 2;
		return true;
	}
	if (s.p[at] == '{' && at + 1 < s.n && s.p[at + 1] == '?') {
		*end = at + 3; /* put there by the caller */
		return at + 2 < s.n && s.p[at + 2] == '}';
	}
	if ((code_in(s.p[at], "$#") && at + 1 < s.n && s.p[at + 1] == '{') || (s.p[at] == '{' && quote != '\0')) {
		close = str_chr(str_sub(s, at, s.n), '}');
		if (close == STR_NPOS || close > 80)
			return false;
		*end = at + close + 1;
		return s.p[at] != '{' || *end > at + 2 || quote != '\0';
	}
	return false;
}

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* \n, \x66, \u0066, \146: what stands for a byte. */
size_t
code_escape(struct str code, size_t at, struct buf *out)
{
	char c = code.p[at + 1];
	size_t first = at + (code_in(c, "xu") ? 2 : 1), most = c == 'x' ? 2 : c == 'u' ? 4 : 3, n = 0;
	int base = code_in(c, "xu") ? 16 : 8, value = 0;

	while (n < most && first + n < code.n && digit(code.p[first + n]) < base)
		value = value * base + digit(code.p[first + n++]);
	if (n > (base == 8) && value >= ' ' && value < 127) {
		buf_putc(out, (char)value);
		return first + n;
	}
	buf_putc(out, code_in(c, "nr") ? '\n' : c == 't' ? '\t' : c);
	return at + 2;
}

/* One literal that opens at code.p[at]; returns the index behind it. */
static size_t
read_literal(struct arena *a, struct str code, size_t at, struct literal *out)
{
	char quote = code.p[at];
	size_t i = at + 1;
	struct buf text;
	bool triple = at + 2 < code.n && code.p[at + 1] == quote && code.p[at + 2] == quote;

	if (triple)
		i = at + 3;
	buf_init(&text, a);
	*out = (struct literal){ .from = at };
	while (i < code.n) {
		size_t end;

		if (code.p[i] == quote && (!triple || (i + 2 < code.n && code.p[i + 1] == quote &&
						      code.p[i + 2] == quote)))
			break;
		if (code.p[i] == '\n' && !triple && quote != '`')
			break; /* a quote in prose */
		if (code.p[i] == '\\' && i + 1 < code.n) {
			i = code_escape(code, i, &text);
		} else if (placeholder(code, i, quote, &end)) {
			out->filled = true;
			buf_puts(&text, CODE_VALUE);
			i = end;
		} else {
			buf_putc(&text, code.p[i++]);
		}
	}
	out->text = buf_str(&text);
	out->to = i + (triple ? 3 : 1);
	return out->to;
}

void
code_literals(struct arena *a, struct str code, struct literals *out)
{
	size_t i = 0;

	*out = (struct literals){ 0 };
	while (i < code.n && out->v.n < LITERALS_MAX) {
		if (!code_in(code.p[i], "'\"`")) {
			i++;
			continue;
		}
		i = read_literal(a, code, i, vec_push(a, &out->v));
	}
}
