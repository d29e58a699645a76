/* SPDX-License-Identifier: ISC */
/*
 * str.c: slices of bytes: comparing, searching, making. Nothing here knows a
 * locale; letters are ASCII letters. Numbers, UTF-8, hashing and the nearest
 * word are in text.c.
 */
#include "bridle/base.h"

#include <stdio.h>
#include <string.h>

bool
str_ieq(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (byte_lower(a.p[i]) != byte_lower(b.p[i]))
			return false;
	return true;
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (r != 0)
		return r;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool
str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_sub(s, s.n - suffix.n, suffix.n), suffix);
}

size_t
str_chr(struct str s, char c)
{
	const char *at = s.n == 0 ? NULL : memchr(s.p, c, s.n);

	return at == NULL ? STR_NPOS : (size_t)(at - s.p);
}

size_t
str_rchr(struct str s, char c)
{
	for (size_t i = s.n; i > 0; i--)
		if (s.p[i - 1] == c)
			return i - 1;
	return STR_NPOS;
}

/* Two-way would be linear in the worst case too, but memmem is in libc. Most texts
 * do not hold even the first byte. */
size_t
str_find(struct str s, struct str needle)
{
	const char *at;

	if (needle.n == 0)
		return 0;
	if (needle.n > s.n)
		return STR_NPOS;
	at = memchr(s.p, needle.p[0], s.n - needle.n + 1);
	if (at != NULL)
		at = memmem(at, s.n - (size_t)(at - s.p), needle.p, needle.n);
	return at == NULL ? STR_NPOS : (size_t)(at - s.p);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str
str_trim(struct str s)
{
	size_t from = 0, to = s.n;

	while (from < to && is_blank(s.p[from]))
		from++;
	while (to > from && is_blank(s.p[to - 1]))
		to--;
	return str_sub(s, from, to - from);
}

struct str
str_line(struct str *rest)
{
	size_t end = str_chr(*rest, '\n');
	struct str line = str_sub(*rest, 0, end);

	*rest = end == STR_NPOS ? STR("") : str_sub(*rest, end + 1, STR_NPOS);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

struct str
str_dup(struct arena *a, struct str s)
{
	char *p = arena_raw(a, s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

const char *
str_c(struct arena *a, struct str s)
{
	return str_dup(a, s).p;
}

struct str
str_cat(struct arena *a, struct str x, struct str y)
{
	char *p = arena_raw(a, x.n + y.n + 1);

	if (x.n > 0)
		memcpy(p, x.p, x.n);
	if (y.n > 0)
		memcpy(p + x.n, y.p, y.n);
	p[x.n + y.n] = '\0';
	return (struct str){ p, x.n + y.n };
}

struct str
str_printf(struct arena *a, const char *fmt, ...)
{
	char small[256], *p;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	if (n < 0) /* a width beyond INT_MAX: nothing sensible was asked for */
		return str_dup(a, STR(""));
	if ((size_t)n < sizeof small)
		return str_dup(a, (struct str){ small, (size_t)n });
	p = arena_raw(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (struct str){ p, (size_t)n };
}
