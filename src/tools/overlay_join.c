/* SPDX-License-Identifier: ISC */
/*
 * overlay_join.c: what files hold after two ways have met: a branch that may
 * not have been taken, a command that may have failed. What one way is, see
 * overlay.c.
 */
#include "tools/overlay.h"

static struct entry *
join_entries(struct arena *a, const struct overlay *o, const struct entry *x, struct str path)
{
	struct entry *e = NEW(a, struct entry);

	if (x != NULL) {
		*e = *x;
		e->texts.v = NULL;
		e->texts.n = e->texts.cap = 0;
		for (size_t i = 0; i < x->texts.n; i++)
			*vec_push(a, &e->texts) = x->texts.v[i];
	} else if (overlay__below_unknown(o, path)) {
		e->unknown = true;
	} else {
		e->base = true;
	}
	return e;
}

static void
join_path(struct reading *rd, struct overlay *to, const struct overlay *x, const struct overlay *y,
    struct str path)
{
	const struct entry *in_y = map_get(y->entries, path);
	struct entry *e = join_entries(rd->a, x, map_get(x->entries, path), path);
	struct entry *o = join_entries(rd->a, y, in_y, path);

	if (map_get(to->entries, path) != NULL)
		return;
	for (size_t i = 0; i < o->texts.n; i++)
		overlay__add_text(rd, e, o->texts.v[i]);
	e->absent |= o->absent;
	e->base |= o->base;
	e->by |= o->by;
	e->assumed = e->assumed && o->assumed;
	e->unknown |= o->unknown || !str_eq(e->link, o->link);
	map_put(to->entries, path, e);
}

const void *
overlay_join(void *ctx, struct shell *sh, const void *a, const void *b)
{
	struct reading *rd = ctx;
	const struct overlay *x = a != NULL ? a : rd->first, *y = b != NULL ? b : rd->first;
	struct overlay *o = overlay_new(rd->a);
	struct str key;
	size_t i = 0;
	void *value;

	(void)sh;
	if (x->real == y->real)
		o->real = x->real;
	for (const struct overlay *from = x; from != NULL; from = from == x && x != y ? y : NULL) {
		for (i = 0; map_next(from->entries, &i, &key, &value);)
			join_path(rd, o, x, y, key);
		for (i = 0; i < from->under.n; i++)
			overlay__add_under(rd->a, o, &from->under.v[i]);
	}
	return o;
}
