/* SPDX-License-Identifier: ISC */
/*
 * overlay.h: what overlay.c and overlay_join.c share: the files that a line
 * has changed, as one state of its shell has them.
 */
#ifndef TOOLS_OVERLAY_H
#define TOOLS_OVERLAY_H

#include "tools/host.h"

struct entry {
	VEC(struct str) texts;
	bool absent, unknown;
	bool base;       /* what the world holds is possible too */
	unsigned by;     /* WROTE_…, of what is unknown */
	bool assumed;    /* no write: what another tree of the repository may hold (overlay_assume) */
	struct str link; /* not empty: made a link to this path on the line */
};

struct under { /* a folder below which files may have changed */
	struct str dir;
	const struct str *names; /* those that are called so; NULL: all */
	size_t n;
};

/* Never changed once a state holds it: who writes makes a new one, and sets
 * it in the shell's state, which carries it along and joins it with others
 * where ways meet (shell_world). */
struct overlay {
	struct map *entries; /* path -> struct entry * */
	struct map *real;    /* folder -> struct str *, its path without links; a cache */
	VEC(struct under) under;
};

/* One more possible text; too many are unknown. */
void overlay__add_text(struct reading *rd, struct entry *e, struct str text);
/* Once only: ways that meet bring the same along again and again. */
void overlay__add_under(struct arena *a, struct overlay *to, const struct under *u);
bool overlay__below_unknown(const struct overlay *o, struct str path);

#endif
