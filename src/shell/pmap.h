/* SPDX-License-Identifier: ISC */
/*
 * pmap.h: string-keyed maps that never change. Setting gives a new map that
 * shares all but a few nodes with the old one, so that copying a shell's
 * state for a subshell or a branch costs nothing. A treap whose order and
 * priorities come from the key's hash: the same keys give the same shape
 * however they came in, so that two maps with a common past share subtrees.
 */
#ifndef SHELL_PMAP_H
#define SHELL_PMAP_H

#include "bridle/base.h"

struct pmap { /* a node; NULL is the empty map */
	struct str key;
	uint64_t hash;
	const void *value;
	const struct pmap *left, *right;
};

/* NULL: not there. */
const void *pmap_get(const struct pmap *m, struct str key);
/* value not NULL; the key is not copied. */
const struct pmap *pmap_set(
    struct arena *a, const struct pmap *m, struct str key, const void *value);
const struct pmap *pmap_del(struct arena *a, const struct pmap *m, struct str key);
/* Calls see for each entry, in an order of its own. */
void pmap_each(
    const struct pmap *m, void (*see)(void *ctx, struct str key, const void *value), void *ctx);
/*
 * Both maps as one: for each key whose values differ, meet says which value
 * the result has; NULL stands for "not there", and as an answer drops it.
 * Gives x itself where nothing differs from it.
 */
const struct pmap *pmap_join(struct arena *a, const struct pmap *x, const struct pmap *y,
    const void *(*meet)(void *ctx, struct str key, const void *x, const void *y), void *ctx);

#endif
