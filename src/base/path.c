/* SPDX-License-Identifier: ISC */
/*
 * path.c: paths as text. Nothing here looks at a disk, so a ".." is taken to
 * lead back to where the text came from; who must know better resolves links
 * through struct world first.
 */
#include "bridle/base.h"

#include <string.h>

static bool
is_absolute(struct str path)
{
	return path.n > 0 && path.p[0] == '/';
}

struct str
path_join(struct arena *a, struct str dir, struct str rel)
{
	char *out;

	if (is_absolute(rel) || dir.n == 0)
		return str_dup(a, rel);
	if (rel.n == 0)
		return str_dup(a, dir);
	if (dir.p[dir.n - 1] == '/')
		return str_cat(a, dir, rel);
	out = arena_raw(a, dir.n + rel.n + 2);
	memcpy(out, dir.p, dir.n);
	out[dir.n] = '/';
	memcpy(out + dir.n + 1, rel.p, rel.n);
	out[dir.n + 1 + rel.n] = '\0';
	return (struct str){ out, dir.n + 1 + rel.n };
}

/* Takes the last component off the n bytes at p; floor bytes stay. */
static size_t
drop_last(const char *p, size_t n, size_t floor)
{
	while (n > floor && p[n - 1] != '/')
		n--;
	return n > floor ? n - 1 : n;
}

/* Is nothing to be done? Most paths are made of clean ones. A name in front of
 * which a dot stands is looked at no further than to its second byte. */
bool
path_is_clean(struct str path)
{
	const char *p = path.p, *last;

	if (path.n < 2 || p[0] != '/')
		return false;
	last = p + path.n - 1;
	if (*last == '/' || *last == '.')
		return false;
	do { /* p is a slash, and no dot is the last: p[2] is there */
		if (p[1] == '/' || (p[1] == '.' && (p[2] == '/' || p[2] == '.')))
			return false;
		p = memchr(p + 1, '/', (size_t)(last - p));
	} while (p != NULL);
	return true;
}

struct str
path_clean(struct arena *a, struct str path)
{
	char *out;
	size_t n = 0, floor; /* no component before floor can be taken back */
	size_t i = 0;

	if (path_is_clean(path))
		return str_dup(a, path);
	out = arena_raw(a, path.n + 2);
	if (is_absolute(path))
		out[n++] = '/';
	floor = n;
	while (i < path.n) {
		size_t from = i;
		struct str part;

		while (i < path.n && path.p[i] != '/')
			i++;
		part = str_sub(path, from, i - from);
		i++;
		if (part.n == 0 || str_is(part, "."))
			continue;
		if (str_is(part, "..") && n > floor) {
			n = drop_last(out, n, floor);
			continue;
		}
		if (str_is(part, "..") && is_absolute(path))
			continue;
		if (n > 0 && out[n - 1] != '/')
			out[n++] = '/';
		memcpy(out + n, part.p, part.n);
		n += part.n;
		if (str_is(part, ".."))
			floor = n;
	}
	if (n == 0)
		out[n++] = '.';
	out[n] = '\0';
	return (struct str){ out, n };
}

static struct str
without_slashes(struct str path)
{
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

struct str
path_base(struct str path)
{
	size_t slash;

	path = without_slashes(path);
	slash = str_rchr(path, '/');
	return slash == STR_NPOS ? path : str_sub(path, slash + 1, path.n);
}

struct str
path_dir(struct str path)
{
	struct str stripped = without_slashes(path);
	size_t slash = str_rchr(stripped, '/');

	if (slash == STR_NPOS)
		return is_absolute(path) && stripped.n == 0 ? STR("/") : STR(".");
	stripped = without_slashes(str_sub(stripped, 0, slash));
	return stripped.n == 0 ? STR("/") : stripped;
}

