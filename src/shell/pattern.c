/* SPDX-License-Identifier: ISC */
/*
 * pattern.c: a shell pattern against a known text, with the extended groups
 * ?(a|b) *( +( @( !( when they are on. Quoted characters come escaped by '\'.
 * Plain patterns are glob_match's; groups cost at most a fixed number of
 * steps, after which the answer is "maybe".
 */
#include "shell/eval.h"

#include <string.h>

#define MATCH_STEPS 20000

struct matching {
	unsigned steps, depth;
};

static bool
has_group(struct str p)
{
	for (size_t i = 0; i + 1 < p.n; i++) {
		if (p.p[i] == '\\')
			i++;
		else if (p.p[i + 1] == '(' && strchr("?*+@!", p.p[i]) != NULL)
			return true;
	}
	return false;
}

/* Whether zsh finds nothing in it that only its EXTENDED_GLOB makes special. */
bool
eval__literal_pattern(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		for (size_t k = 0; w.v[i].kind == PIECE_TEXT && k < w.v[i].text.n; k++) {
			if (w.v[i].text.p[k] == '\\')
				k++;
			else if (strchr("~^#", w.v[i].text.p[k]) != NULL)
				return false;
		}
	return true;
}

/* Whether bash without extglob takes it for another pattern. */
bool
eval__extended_pattern(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		for (size_t k = 0; w.v[i].kind == PIECE_TEXT && k + 1 < w.v[i].text.n; k++) {
			if (w.v[i].text.p[k] == '\\')
				k++;
			else if (w.v[i].text.p[k + 1] == '(' && strchr("?*+@!", w.v[i].text.p[k]) != NULL)
				return true;
		}
	return false;
}

/* The end of the group whose '(' is at `at`: the index of its ')'. */
static size_t
group_end(struct str p, size_t at)
{
	size_t depth = 0;

	for (size_t i = at; i < p.n; i++) {
		if (p.p[i] == '\\')
			i++;
		else if (p.p[i] == '(')
			depth++;
		else if (p.p[i] == ')' && --depth == 0)
			return i;
	}
	return STR_NPOS;
}

/* The end of the alternative that starts at `at`, before close. */
static size_t
alternative_end(struct str p, size_t at, size_t close)
{
	size_t depth = 0;

	for (size_t i = at; i < close; i++) {
		if (p.p[i] == '\\')
			i++;
		else if (p.p[i] == '(')
			depth++;
		else if (p.p[i] == ')')
			depth--;
		else if (p.p[i] == '|' && depth == 0)
			return i;
	}
	return close;
}

/* The length of the simple pattern item at the start of p: c \c [..] ? *. */
static size_t
item_length(struct str p)
{
	size_t i = 1;

	if (p.p[0] == '\\')
		return p.n > 1 ? 2 : 1;
	if (p.p[0] != '[')
		return 1;
	if (i < p.n && (p.p[i] == '!' || p.p[i] == '^'))
		i++;
	if (i < p.n && p.p[i] == ']')
		i++;
	for (; i < p.n && p.p[i] != ']'; i++) {
		if (p.p[i] == '\\')
			i++;
		else if (p.p[i] == '[' && i + 1 < p.n && p.p[i + 1] == ':') {
			size_t end = str_find(str_sub(p, i, p.n), STR(":]"));

			if (end != STR_NPOS)
				i += end + 1;
		}
	}
	return i < p.n ? i + 1 : 1;
}

static enum tri match_at(struct matching *m, struct str p, struct str t);

/* x then rest against t, x taking the first k bytes for some k. */
static enum tri
match_split(struct matching *m, struct str x, struct str rest, struct str t)
{
	enum tri best = TRI_NO;

	for (size_t k = 0; k <= t.n && best != TRI_YES; k++) {
		enum tri one = match_at(m, x, str_sub(t, 0, k));

		if (one != TRI_NO)
			best = tri_or(best, tri_and(one, match_at(m, rest, str_sub(t, k, t.n))));
	}
	return best;
}

static enum tri
match_group(struct matching *m, struct str p, size_t close, struct str t)
{
	char op = p.p[0];
	struct str rest = str_sub(p, close + 1, p.n);
	enum tri best = TRI_NO;

	if ((op == '?' || op == '*') && (best = match_at(m, rest, t)) == TRI_YES)
		return best;
	for (size_t i = 2; i <= close && best != TRI_YES;) {
		size_t end = alternative_end(p, i, close);
		struct str x = str_sub(p, i, end - i);

		if (op == '*' || op == '+') {
			/* one, then the group again (as *) or the rest */
			for (size_t k = 0; k <= t.n && best != TRI_YES; k++) {
				enum tri one = match_at(m, x, str_sub(t, 0, k));
				struct str left = str_sub(t, k, t.n);

				if (one == TRI_NO)
					continue;
				best = tri_or(best, tri_and(one, match_at(m, rest, left)));
				if (k > 0 && best != TRI_YES)
					best = tri_or(
					    best, tri_and(one, match_group(m, p, close, left)));
			}
		} else
			best = tri_or(best, match_split(m, x, rest, t));
		i = end + 1;
	}
	return best;
}

/* !(a|b): some first part that none of them matches. */
static enum tri
match_not(struct matching *m, struct str p, size_t close, struct str t)
{
	struct str rest = str_sub(p, close + 1, p.n);
	enum tri best = TRI_NO;

	for (size_t k = 0; k <= t.n && best != TRI_YES; k++) {
		enum tri any = TRI_NO;

		for (size_t i = 2; i <= close;) {
			size_t end = alternative_end(p, i, close);

			any = tri_or(any, match_at(m, str_sub(p, i, end - i), str_sub(t, 0, k)));
			i = end + 1;
		}
		if (any != TRI_YES)
			best = tri_or(
			    best, tri_and(tri_not(any), match_at(m, rest, str_sub(t, k, t.n))));
	}
	return best;
}

static enum tri
match_item(struct matching *m, struct str p, struct str t)
{
	size_t n = item_length(p);

	if (t.n == 0 || !glob_match(str_sub(p, 0, n), str_sub(t, 0, 1)))
		return TRI_NO;
	return match_at(m, str_sub(p, n, p.n), str_sub(t, 1, t.n));
}

static enum tri
match_at(struct matching *m, struct str p, struct str t)
{
	enum tri r = TRI_MAYBE;
	size_t close;

	if (++m->steps > MATCH_STEPS || ++m->depth > 4 * LIMIT_SHELL_DEPTH)
		return TRI_MAYBE;
	if (!has_group(p))
		r = glob_match(p, t) ? TRI_YES : TRI_NO;
	else if (p.n > 1 && p.p[1] == '(' && strchr("?*+@!", p.p[0]) != NULL &&
	    (close = group_end(p, 1)) != STR_NPOS)
		r = p.p[0] == '!' ? match_not(m, p, close, t) : match_group(m, p, close, t);
	else if (p.p[0] == '*')
		r = match_split(m, STR("*"), str_sub(p, 1, p.n), t);
	else
		r = match_item(m, p, t);
	m->depth--;
	return r;
}

/* Wildcards over bytes of several-byte characters: the shell counts
 * characters, and what it counts depends on the locale. */
static bool
bytes_differ(struct str p, struct str t)
{
	return !str_ascii(t) && (str_chr(p, '?') != STR_NPOS || str_chr(p, '[') != STR_NPOS);
}

static struct str
lower(struct arena *a, struct str s)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < s.n; i++)
		buf_putc(&b, byte_lower(s.p[i]));
	return buf_str(&b);
}

/* Classes and characters by name, sets that bash reads in two ways, a \ at the end. */
static bool
is_odd(struct str p)
{
	static const char *const odd[] = { "[[=", "[[.", "-[=", "-[.", "[!]", "[^]" };

	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
		if (str_find(p, str_of(odd[i])) != STR_NPOS)
			return true;
	return p.n > 1 && p.p[p.n - 1] == '\\' && p.p[p.n - 2] != '\\';
}

enum tri
eval__match(struct arena *a, struct str pattern, struct str text, bool ext, bool nocase)
{
	struct matching m = { 0 };

	if (bytes_differ(pattern, text) || is_odd(pattern))
		return TRI_MAYBE;
	if (nocase) {
		if (str_chr(pattern, '[') != STR_NPOS)
			return TRI_MAYBE;
		pattern = lower(a, pattern);
		text = lower(a, text);
	}
	if (!ext || !has_group(pattern))
		return glob_match(pattern, text) ? TRI_YES : TRI_NO;
	return match_at(&m, pattern, text);
}

enum tri
eval__match_word(struct arena *a, struct word pattern, struct word text, bool ext, bool nocase)
{
	struct words alternatives;
	struct str p, t;

	if (!word_known(a, pattern, &p))
		return TRI_MAYBE;
	if (word_known(a, text, &t))
		return eval__match(a, p, t, ext, nocase);
	if (str_is(p, "*"))
		return TRI_YES;
	/* A text that is known in part: only plain patterns can rule it out. */
	if (nocase || (ext && has_group(p)) || str_chr(p, '{') != STR_NPOS ||
	    str_chr(p, '[') != STR_NPOS || str_chr(p, '?') != STR_NPOS ||
	    word_glob(a, p, &alternatives) != 0)
		return TRI_MAYBE;
	return words_meet(alternatives, text) ? TRI_MAYBE : TRI_NO;
}
