/* SPDX-License-Identifier: ISC */
/*
 * git_refspec.c: names of refs and refspecs as text: what is valid, and where
 * a pattern leads. Looks at no repository.
 */
#include <string.h>

#include "tools/git.h"

/* One component of a ref name: its length, or STR_NPOS where git refuses it. */
static size_t
component(struct str s, bool *star, bool pattern)
{
	size_t i;

	for (i = 0; i < s.n && s.p[i] != '/'; i++) {
		unsigned char c = (unsigned char)s.p[i], prev = i > 0 ? (unsigned char)s.p[i - 1] : 0;

		if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
			continue; /* most are */
		if (c < 0x20 || c == 0x7f || strchr(" ~^:?[\\", c) != NULL)
			return STR_NPOS;
		if ((c == '.' && (i == 0 || prev == '.')) || (c == '{' && prev == '@'))
			return STR_NPOS;
		if (c == '*') {
			if (!pattern || *star)
				return STR_NPOS;
			*star = true;
		}
	}
	if (i == 0 || str_ends(str_sub(s, 0, i), STR(".lock")))
		return STR_NPOS;
	return i;
}

bool
git_ref_valid(struct str name, bool pattern)
{
	bool star = false;
	size_t at = 0;

	if (str_is(name, "@") || name.n == 0)
		return false;
	for (;;) {
		size_t n = component(str_sub(name, at, name.n), &star, pattern);

		if (n == STR_NPOS)
			return false;
		at += n;
		if (at == name.n)
			return name.p[at - 1] != '.';
		at++; /* the slash */
	}
}

bool
git_hex(struct str s)
{
	if (s.n != 40 && s.n != 64)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = byte_lower(s.p[i]);

		if ((c < '0' || c > '9') && (c < 'a' || c > 'f'))
			return false;
	}
	return true;
}

static int
check_sides(const struct git_refspec *r)
{
	if (r->negative)
		return r->src.n == 0 || git_hex(r->src) || !git_ref_valid(r->src, r->pattern) ?
		    BRIDLE_EINVAL : 0;
	if (r->pattern && r->src.n > 0 && !git_ref_valid(r->src, true))
		return BRIDLE_EINVAL;
	if (!r->has_dst)
		return git_ref_valid(r->src, r->pattern) ? 0 : BRIDLE_EINVAL;
	return git_ref_valid(r->dst, r->pattern) ? 0 : BRIDLE_EINVAL;
}

int
git_refspec_parse(struct str text, struct git_refspec *out)
{
	struct git_refspec r = { 0 };
	struct str lhs = text;
	size_t colon;
	bool left, right = false;

	if (lhs.n > 0 && lhs.p[0] == '+')
		r.force = true;
	else if (lhs.n > 0 && lhs.p[0] == '^')
		r.negative = true;
	if (r.force || r.negative)
		lhs = str_sub(lhs, 1, lhs.n);
	colon = str_rchr(lhs, ':');
	if (r.negative && colon != STR_NPOS)
		return BRIDLE_EINVAL;
	if (str_is(lhs, ":")) {
		r.matching = true;
		*out = r;
		return 0;
	}
	if (colon != STR_NPOS) {
		r.has_dst = true;
		r.dst = str_sub(lhs, colon + 1, lhs.n);
		right = str_chr(r.dst, '*') != STR_NPOS;
		lhs = str_sub(lhs, 0, colon);
	}
	left = str_chr(lhs, '*') != STR_NPOS;
	if ((left && r.has_dst && !right) || (right && !left))
		return BRIDLE_EINVAL;
	r.pattern = left;
	r.src = str_is(lhs, "@") ? STR("HEAD") : lhs;
	if (check_sides(&r) != 0)
		return BRIDLE_EINVAL;
	*out = r;
	return 0;
}

bool
git_refspec_map(struct arena *a, struct str src, struct str name, struct str dst, struct str *out)
{
	size_t star = str_chr(src, '*'), to = str_chr(dst, '*');
	struct str head = str_sub(src, 0, star), tail = str_sub(src, star + 1, src.n), mid;

	if (star == STR_NPOS || to == STR_NPOS || name.n < head.n + tail.n ||
	    !str_starts(name, head) || !str_ends(name, tail))
		return false;
	mid = str_sub(name, head.n, name.n - head.n - tail.n);
	*out = str_cat(a, str_cat(a, str_sub(dst, 0, to), mid), str_sub(dst, to + 1, dst.n));
	return true;
}
