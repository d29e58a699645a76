/* SPDX-License-Identifier: ISC */
/*
 * number.c: numbers as they are written in arithmetic.
 */
#include "shell/eval.h"

#include <limits.h>

bool
eval__word_char(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static int
digit(char c, int base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return base <= 36 ? c - 'A' + 10 : c - 'A' + 36;
	return -1;
}

static const char *
over_digits(const char *s, const char *end, bool *other, bool *digits)
{
	for (; s < end && ((*s >= '0' && *s <= '9') || *s == '_'); s++) {
		*other |= *s == '_';
		*digits |= *s != '_';
	}
	return s;
}

/* zsh's numbers with a point or an exponent, 1_000 and 0b11, which are not followed: behind
 * one, or NULL. */
static const char *
floating(const char *from, const char *end, struct number_read *out)
{
	bool other = end - from > 1 && from[0] == '0' && (from[1] == 'b' || from[1] == 'B'), digits = false;
	const char *s = over_digits(other ? from + 2 : from, end, &other, &digits), *e;

	if (s < end && *s == '.') {
		other = true;
		s = over_digits(s + 1, end, &other, &digits);
	}
	if (s < end && (*s == 'e' || *s == 'E')) {
		e = s + 1 < end && (s[1] == '-' || s[1] == '+') ? s + 2 : s + 1;
		if (e < end && *e >= '0' && *e <= '9') {
			other = true;
			s = over_digits(e, end, &other, &digits);
		}
	}
	out->failed = other && (!digits || (s < end && eval__word_char(*s)));
	return other ? s : NULL;
}

const char *
eval__scan_number(const char *s, const char *end, enum shell_kind shell, struct number_read *out)
{
	unsigned long long v = 0;
	const char *behind;
	int base = 10;

	*out = (struct number_read){ 0 };
	if (end - s > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		out->based = true;
		base = 16;
		s += 2;
	} else if (shell != SHELL_ZSH)
		base = s[0] == '0' ? 8 : 10;
	else if ((behind = floating(s, end, out)) != NULL)
		return behind;
	out->known = true;
	for (; s < end && (eval__word_char(*s) || *s == '#'); s++) {
		int d = digit(*s, base);

		if (*s == '#' && base == 10 && v >= 2 && v <= 64) {
			base = (int)v;
			v = 0;
			out->based = true;
			out->failed |= s + 1 == end || digit(s[1], base) < 0; /* 10#-8 */
			continue;
		}
		if (d < 0 || d >= base) {
			out->failed = true;
			return s;
		}
		out->known &= v <= LLONG_MAX / 64;
		v = v * (unsigned)base + (unsigned)d;
	}
	out->v = (long long)v;
	return s;
}
