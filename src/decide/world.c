/* SPDX-License-Identifier: ISC */
/*
 * world.c: a world made of tables, for the tests that stand in policies, for
 * tests/cases and for unit tests. What is not in a table is certainly absent.
 * The hash only has to tell texts of a test apart.
 */
#include <string.h>

#include "bridle/limits.h"
#include "decide.h"

static int
table_read(void *ctx, struct arena *a, struct str path, size_t max, struct str *out)
{
	const struct table_world *t = ctx;
	const struct str *s = map_get(t->files, path_clean(a, path));

	if (s == NULL)
		return BRIDLE_ENOENT;
	if (s->n > max)
		return BRIDLE_EUNKNOWN;
	*out = *s;
	return 0;
}

static int
table_part(void *ctx, struct arena *a, struct str path, uint64_t offset, size_t n, struct str *out)
{
	int err = table_read(ctx, a, path, SIZE_MAX, out);

	if (err == 0)
		*out = offset < out->n ? str_sub(*out, (size_t)offset, n) : STR("");
	return err;
}

/* Is there a file below this directory? */
static bool
implied_dir(const struct table_world *t, struct str dir)
{
	struct str key;
	void *value;
	size_t i = 0;

	if (str_is(dir, "/"))
		return true;
	while (map_next(t->files, &i, &key, &value))
		if (path_under(key, dir) && !str_eq(key, dir))
			return true;
	return false;
}

static int
table_stat(void *ctx, struct str path, bool follow, struct world_stat *out)
{
	const struct table_world *t = ctx;
	struct str clean = path_clean(t->a, path);
	const struct str *s = map_get(t->files, clean);

	(void)follow;
	memset(out, 0, sizeof *out);
	if (s != NULL) {
		out->kind = WORLD_FILE;
		out->size = s->n;
		out->mode = 0100755;
	} else if (implied_dir(t, clean)) {
		out->kind = WORLD_DIR;
		out->mode = 0040755;
	} else {
		return BRIDLE_ENOENT;
	}
	out->ino = str_hash(clean);
	return 0;
}

static int
table_link(void *ctx, struct arena *a, struct str path, struct str *target)
{
	(void)ctx;
	(void)a;
	(void)path;
	(void)target;
	return BRIDLE_ENOENT;
}

static int
table_list(void *ctx, struct arena *a, struct str dir, struct world_entry **out, size_t *n)
{
	const struct table_world *t = ctx;
	struct str key, clean = path_clean(a, dir);
	struct map *seen = map_new(a);
	VEC(struct world_entry) es = { 0 };
	void *value;
	size_t i = 0;

	while (map_next(t->files, &i, &key, &value)) {
		size_t skip = clean.n == 1 ? 1 : clean.n + 1;
		struct world_entry e;
		size_t slash;

		if (!path_under(key, clean) || key.n <= skip)
			continue;
		e.name = str_sub(key, skip, key.n);
		slash = str_chr(e.name, '/');
		e.kind = slash == STR_NPOS ? WORLD_FILE : WORLD_DIR;
		e.name = str_sub(e.name, 0, slash);
		if (map_get(seen, e.name) != NULL)
			continue;
		map_put(seen, e.name, seen);
		*vec_push(a, &es) = e;
	}
	if (es.n == 0)
		return BRIDLE_ENOENT;
	*out = es.v;
	*n = es.n;
	return 0;
}

static int
table_env(void *ctx, struct str name, struct str *value)
{
	const struct table_world *t = ctx;
	const struct str *s = map_get(t->env, name);

	if (s == NULL)
		return BRIDLE_ENOENT;
	*value = *s;
	return 0;
}

static int
table_env_names(void *ctx, struct arena *a, struct str **out, size_t *n)
{
	const struct table_world *t = ctx;
	VEC(struct str) names = { 0 };
	struct str key;
	void *value;
	size_t i = 0;

	while (map_next(t->env, &i, &key, &value))
		*vec_push(a, &names) = key;
	*out = names.v;
	*n = names.n;
	return 0;
}

static bool
table_env_none(void *ctx, struct str prefix)
{
	const struct table_world *t = ctx;
	struct str key;
	size_t i = 0;

	while (map_next(t->env, &i, &key, NULL))
		if (str_starts(key, prefix))
			return false;
	return true;
}

static int64_t
table_now(void *ctx)
{
	return ((const struct table_world *)ctx)->now;
}

static bool
table_done(void *ctx, struct str key)
{
	return map_get(((const struct table_world *)ctx)->done, key) != NULL;
}

static void
table_hash(void *ctx, struct str bytes, unsigned char out[32])
{
	uint64_t h = 14695981039346656037u;

	(void)ctx;
	for (unsigned lane = 0; lane < 4; lane++) {
		h ^= lane + 1;
		for (size_t i = 0; i < bytes.n; i++)
			h = (h ^ (unsigned char)bytes.p[i]) * 1099511628211u;
		memcpy(out + 8 * (size_t)lane, &h, sizeof h);
	}
}

void
table_world_init(struct table_world *t, struct arena *a, struct world *w)
{
	t->a = a;
	t->files = map_new(a);
	t->env = map_new(a);
	t->done = map_new(a);
	t->now = 1700000000000;
	w->ctx = t;
	w->read = table_read;
	w->part = table_part;
	w->stat = table_stat;
	w->link = table_link;
	w->list = table_list;
	w->env = table_env;
	w->env_names = table_env_names;
	w->env_none = table_env_none;
	w->now = table_now;
	w->done = table_done;
	w->hash = table_hash;
}

void
table_world_file(struct table_world *t, struct str path, struct str content)
{
	struct str *s = NEW(t->a, struct str);

	*s = str_dup(t->a, content);
	map_put(t->files, path_clean(t->a, path), s);
}

void
table_world_env(struct table_world *t, struct str name, struct str value)
{
	struct str *s = NEW(t->a, struct str);

	*s = str_dup(t->a, value);
	map_put(t->env, str_dup(t->a, name), s);
}
