/* SPDX-License-Identifier: ISC */
/*
 * glob.c: * ? [set] [!set] \c over bytes. Never recursive: after a mismatch
 * only the last star can help, since what an earlier one takes more the last
 * one can take as well; the same holds for '**' among path components. So the
 * time is at most pattern times text. Patterns that become pieces, and {a,b},
 * are in src/action/glob.c; both read sets with glob_set.
 */
#include "bridle/base.h"

#include <string.h>

/* Longer sets are text: looking for the ']' of many '[' stays cheap. */
#define GLOB_SET_MOST 256

static const struct {
	const char *name;
	const char *ranges; /* pairs: from, to */
} classes[] = {
	{ "alnum", "09AZaz" },
	{ "alpha", "AZaz" },
	{ "blank", "\t\t  " },
	{ "cntrl", "\x01\x1f\x7f\x7f" },
	{ "digit", "09" },
	{ "graph", "!~" },
	{ "lower", "az" },
	{ "print", " ~" },
	{ "punct", "!/:@[`{~" },
	{ "space", "\t\r  " },
	{ "upper", "AZ" },
	{ "word", "09AZaz__" },
	{ "xdigit", "09AFaf" },
};

static void
bits_range(uint64_t bits[4], unsigned char from, unsigned char to)
{
	for (unsigned c = from; c <= to; c++)
		bits[c / 64] |= (uint64_t)1 << c % 64;
}

/* [:name:] at the start of s: its length, or 0 if it is none. */
static size_t
set_class(struct str s, uint64_t bits[4])
{
	struct str name;
	size_t end;

	if (!str_starts(s, STR("[:")))
		return 0;
	end = str_find(s, STR(":]"));
	if (end == STR_NPOS || end < 2)
		return 0;
	name = str_sub(s, 2, end - 2);
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		if (!str_is(name, classes[i].name))
			continue;
		for (const char *r = classes[i].ranges; *r != '\0'; r += 2)
			bits_range(bits, (unsigned char)r[0], (unsigned char)r[1]);
		return end + 2;
	}
	return 0;
}

/* One member of a set, perhaps escaped; *i goes behind it. */
static unsigned char
set_member(struct str p, size_t *i)
{
	if (p.p[*i] == '\\' && *i + 1 < p.n)
		++*i;
	return (unsigned char)p.p[(*i)++];
}

size_t
glob_set(struct str p, size_t at, uint64_t bits[4])
{
	size_t i = at + 1;
	bool negated = i < p.n && (p.p[i] == '!' || p.p[i] == '^');
	size_t first = negated ? ++i : i;

	memset(bits, 0, 4 * sizeof bits[0]);
	p = str_sub(p, 0, at + GLOB_SET_MOST);
	while (i < p.n && (p.p[i] != ']' || i == first)) {
		size_t len = set_class(str_sub(p, i, p.n), bits);
		unsigned char from, to;

		if (len > 0) {
			i += len;
			continue;
		}
		from = to = set_member(p, &i);
		if (i + 1 < p.n && p.p[i] == '-' && p.p[i + 1] != ']') {
			i++;
			to = set_member(p, &i);
		}
		bits_range(bits, from, to); /* nothing if from > to, as in the shell */
	}
	if (i >= p.n)
		return 0;
	for (size_t k = 0; negated && k < 4; k++)
		bits[k] = ~bits[k];
	bits[0] &= ~(uint64_t)1; /* no text of ours holds NUL */
	return i + 1;
}

/*
 * Does the pattern's element at *i match the byte c? Then *i goes behind it.
 * The element is no star.
 */
static bool
glob_one(struct str p, size_t *i, char c)
{
	uint64_t bits[4];
	size_t next;

	if (p.p[*i] == '?') {
		++*i;
		return true;
	}
	if (p.p[*i] == '[' && (next = glob_set(p, *i, bits)) != 0) {
		unsigned char u = (unsigned char)c;

		*i = next;
		return (bits[u / 64] >> u % 64 & 1) != 0;
	}
	if (p.p[*i] == '\\' && *i + 1 < p.n)
		++*i;
	return p.p[(*i)++] == c;
}

bool
glob_match(struct str pattern, struct str text)
{
	size_t i = 0, j = 0;
	size_t star = STR_NPOS, taken = 0; /* behind the last star; where its text ends */

	while (j < text.n) {
		if (i < pattern.n && pattern.p[i] == '*') {
			star = ++i;
			taken = j;
		} else if (i < pattern.n && glob_one(pattern, &i, text.p[j])) {
			j++;
		} else if (star != STR_NPOS) {
			i = star;
			j = ++taken;
		} else {
			return false;
		}
	}
	while (i < pattern.n && pattern.p[i] == '*')
		i++;
	return i == pattern.n;
}

/* The component at *at, which goes behind the slash that ends it, or to n + 1
 * where none does. */
static struct str
component(struct str s, size_t *at, bool escapes)
{
	size_t from = *at, i = from;
	bool escaped = false;

	for (; i < s.n && s.p[i] != '/'; i++)
		escaped = escapes && !escaped && s.p[i] == '\\';
	*at = i + 1;
	/* An escaped slash is a slash. */
	return str_sub(s, from, escaped && i < s.n ? i - from - 1 : i - from);
}

bool
glob_path_match(struct str pattern, struct str path)
{
	size_t i = 0, j = 0;
	size_t star = STR_NPOS, taken = 0;

	while (j <= path.n) {
		size_t i1 = i, j1 = j;
		struct str text = component(path, &j1, false);
		struct str part = i <= pattern.n ? component(pattern, &i1, true) : STR("");

		if (i <= pattern.n && str_is(part, "**")) {
			star = i = i1;
			taken = j;
			if (i > pattern.n) /* last: all below, but not the folder itself */
				return path.n > 0;
		} else if (i <= pattern.n && glob_match(part, text)) {
			i = i1;
			j = j1;
		} else if (star != STR_NPOS) {
			i = star;
			component(path, &taken, false);
			j = taken;
		} else {
			return false;
		}
	}
	return i > pattern.n;
}
