/* SPDX-License-Identifier: ISC */
/*
 * map.c: string-keyed maps. Entries lie in the order of insertion; a table of
 * their numbers, open addressed and at most half full, finds them. A deleted
 * entry keeps its place without a value until the map grows.
 */
#include "bridle/base.h"

struct entry {
	struct str key;
	uint64_t hash;
	void *value; /* NULL: deleted */
};

struct map {
	struct arena *a;
	VEC(struct entry) list;
	size_t *slots; /* entry number + 1; 0: free */
	size_t nslots; /* a power of two, or 0 */
	size_t count;
};

struct map *
map_new(struct arena *a)
{
	struct map *m = NEW(a, struct map);

	m->a = a;
	return m;
}

/* The entry of the key, deleted or not, or NULL. */
static struct entry *
map_find(const struct map *m, struct str key, uint64_t hash)
{
	if (m->nslots == 0)
		return NULL;
	for (size_t i = hash & (m->nslots - 1); m->slots[i] != 0; i = (i + 1) & (m->nslots - 1)) {
		struct entry *e = &m->list.v[m->slots[i] - 1];

		if (e->hash == hash && str_eq(e->key, key))
			return e;
	}
	return NULL;
}

static void
map_place(struct map *m, size_t number)
{
	size_t i = m->list.v[number].hash & (m->nslots - 1);

	while (m->slots[i] != 0)
		i = (i + 1) & (m->nslots - 1);
	m->slots[i] = number + 1;
}

/* A larger table of slots, without the deleted entries. */
static void
map_grow(struct map *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->list.n; i++)
		if (m->list.v[i].value != NULL)
			m->list.v[kept++] = m->list.v[i];
	m->list.n = kept;
	if (m->nslots == 0 || kept * 4 >= m->nslots) {
		m->nslots = m->nslots == 0 ? 16 : m->nslots * 2;
		m->slots = NEW_ARRAY(m->a, size_t, m->nslots);
	} else {
		for (size_t i = 0; i < m->nslots; i++)
			m->slots[i] = 0;
	}
	for (size_t i = 0; i < kept; i++)
		map_place(m, i);
}

void *
map_get(const struct map *m, struct str key)
{
	struct entry *e = m->count == 0 ? NULL : map_find(m, key, str_hash(key));

	return e == NULL ? NULL : e->value;
}

void
map_put(struct map *m, struct str key, void *value)
{
	uint64_t hash = str_hash(key);
	struct entry *e = map_find(m, key, hash);

	if (e != NULL && e->value != NULL) {
		e->value = value;
		return;
	}
	if (e != NULL)
		e->hash = ~hash; /* deleted and now of no use: the new one goes last */
	if (m->list.n * 2 >= m->nslots)
		map_grow(m);
	*vec_push(m->a, &m->list) = (struct entry){ key, hash, value };
	map_place(m, m->list.n - 1);
	m->count++;
}

void *
map_del(struct map *m, struct str key)
{
	struct entry *e = m->count == 0 ? NULL : map_find(m, key, str_hash(key));
	void *value;

	if (e == NULL || e->value == NULL)
		return NULL;
	value = e->value;
	e->value = NULL;
	m->count--;
	return value;
}

size_t
map_count(const struct map *m)
{
	return m->count;
}

bool
map_next(const struct map *m, size_t *i, struct str *key, void **value)
{
	for (; *i < m->list.n; ++*i) {
		const struct entry *e = &m->list.v[*i];

		if (e->value == NULL)
			continue;
		if (key != NULL)
			*key = e->key;
		if (value != NULL)
			*value = e->value;
		++*i;
		return true;
	}
	return false;
}
