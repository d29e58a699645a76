/* SPDX-License-Identifier: ISC */
/*
 * pmap.c: the treap of pmap.h. Nodes are ordered by hash, then by key, and
 * the node with the greatest priority is on top; both come from the hash, so
 * depth is logarithmic unless an attacker knows the process's hash seed.
 */
#include "shell/pmap.h"

#include <string.h>

static uint64_t
priority(const struct pmap *m)
{
	uint64_t h = m->hash * UINT64_C(0x9e3779b97f4a7c15);

	return h ^ h >> 29;
}

static int
order(uint64_t hash, struct str key, const struct pmap *m)
{
	if (hash != m->hash)
		return hash < m->hash ? -1 : 1;
	return str_cmp(key, m->key);
}

const void *
pmap_get(const struct pmap *m, struct str key)
{
	uint64_t hash;

	if (m == NULL)
		return NULL;
	hash = str_hash(key);
	while (m != NULL) {
		int c = order(hash, key, m);

		if (c == 0)
			return m->value;
		m = c < 0 ? m->left : m->right;
	}
	return NULL;
}

static const struct pmap *
node(struct arena *a, const struct pmap *like, const struct pmap *left, const struct pmap *right)
{
	struct pmap *n = NEW(a, struct pmap);

	*n = *like;
	n->left = left;
	n->right = right;
	return n;
}

/* Puts what is before *at in *left and what is behind it in *right; a node
 * of the same key is left out. */
static void
split(struct arena *a, const struct pmap *m, const struct pmap *at, const struct pmap **left,
    const struct pmap **right)
{
	const struct pmap *half;
	int c;

	if (m == NULL) {
		*left = *right = NULL;
		return;
	}
	c = order(at->hash, at->key, m);
	if (c == 0) {
		*left = m->left;
		*right = m->right;
	} else if (c < 0) {
		split(a, m->left, at, left, &half);
		*right = node(a, m, half, m->right);
	} else {
		split(a, m->right, at, &half, right);
		*left = node(a, m, m->left, half);
	}
}

static const struct pmap *
insert(struct arena *a, const struct pmap *m, const struct pmap *item)
{
	const struct pmap *left, *right;
	int c;

	if (m == NULL)
		return item;
	c = order(item->hash, item->key, m);
	if (c == 0)
		return node(a, item, m->left, m->right);
	if (priority(item) > priority(m)) {
		split(a, m, item, &left, &right);
		return node(a, item, left, right);
	}
	if (c < 0)
		return node(a, m, insert(a, m->left, item), m->right);
	return node(a, m, m->left, insert(a, m->right, item));
}

const struct pmap *
pmap_set(struct arena *a, const struct pmap *m, struct str key, const void *value)
{
	struct pmap *item;

	if (pmap_get(m, key) == value)
		return m;
	item = NEW(a, struct pmap);
	item->key = key;
	item->hash = str_hash(key);
	item->value = value;
	return insert(a, m, item);
}

/* All of x is before all of y. */
static const struct pmap *
concat(struct arena *a, const struct pmap *x, const struct pmap *y)
{
	if (x == NULL)
		return y;
	if (y == NULL)
		return x;
	if (priority(x) > priority(y))
		return node(a, x, x->left, concat(a, x->right, y));
	return node(a, y, concat(a, x, y->left), y->right);
}

static const struct pmap *
drop(struct arena *a, const struct pmap *m, const struct pmap *item)
{
	int c = order(item->hash, item->key, m);

	if (c == 0)
		return concat(a, m->left, m->right);
	if (c < 0)
		return node(a, m, drop(a, m->left, item), m->right);
	return node(a, m, m->left, drop(a, m->right, item));
}

const struct pmap *
pmap_del(struct arena *a, const struct pmap *m, struct str key)
{
	struct pmap item = { .key = key, .hash = str_hash(key) };

	return pmap_get(m, key) == NULL ? m : drop(a, m, &item);
}

void
pmap_each(
    const struct pmap *m, void (*see)(void *ctx, struct str key, const void *value), void *ctx)
{
	if (m == NULL)
		return;
	pmap_each(m->left, see, ctx);
	see(ctx, m->key, m->value);
	pmap_each(m->right, see, ctx);
}

struct meeting {
	struct arena *a;
	const void *(*meet)(void *ctx, struct str key, const void *x, const void *y);
	void *ctx;
	const struct pmap *result;
	const struct pmap *other;
	bool swapped; /* what is walked is y */
};

static void
meet_one(struct meeting *g, const struct pmap *m)
{
	const void *there = pmap_get(g->other, m->key);
	const void *v;

	if (there == m->value || (g->swapped && there != NULL))
		return;
	v = g->swapped ? g->meet(g->ctx, m->key, NULL, m->value)
	               : g->meet(g->ctx, m->key, m->value, there);
	if (v != NULL)
		g->result = pmap_set(g->a, g->result, m->key, v);
	else
		g->result = pmap_del(g->a, g->result, m->key);
}

/* Same shape at the same place: most subtrees are shared and passed over. */
static void
walk(struct meeting *g, const struct pmap *m, const struct pmap *twin)
{
	bool same;

	if (m == NULL || m == twin)
		return;
	same = twin != NULL && twin->hash == m->hash && str_eq(twin->key, m->key);
	walk(g, m->left, same ? twin->left : NULL);
	walk(g, m->right, same ? twin->right : NULL);
	meet_one(g, m);
}

const struct pmap *
pmap_join(struct arena *a, const struct pmap *x, const struct pmap *y,
    const void *(*meet)(void *ctx, struct str key, const void *x, const void *y), void *ctx)
{
	struct meeting g = { a, meet, ctx, x, y, false };

	if (x == y)
		return x;
	walk(&g, x, y);
	g.other = x;
	g.swapped = true;
	walk(&g, y, x);
	return g.result;
}
