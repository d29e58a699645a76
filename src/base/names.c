/* SPDX-License-Identifier: ISC */
/*
 * names.c: the entry of a name in a table that is part of the program. Where
 * each name stands is worked out once, from the table itself. Names that come
 * and go are map.c's.
 */
#include "bridle/base.h"

#include <string.h>

static const char *
name_of(const struct names *t, size_t i)
{
	const char *name;

	memcpy(&name, (const char *)t->table + i * t->size, sizeof name);
	return name;
}

static void
fill(struct names *t)
{
	for (size_t i = 0; i < t->n; i++) {
		unsigned at = names__place(str_of(name_of(t, i)));

		while (t->by[at] != 0)
			at = (at + 1) & 255;
		t->by[at] = (unsigned char)(i + 1);
	}
	t->filled = true;
}

size_t
names__find(struct names *t, struct str name)
{
	if (!t->filled)
		fill(t);
	for (unsigned at = names__place(name); t->by[at] != 0; at = (at + 1) & 255) {
		size_t i = t->by[at] - 1u;

		if (str_is(name, name_of(t, i)))
			return i;
	}
	return STR_NPOS;
}
