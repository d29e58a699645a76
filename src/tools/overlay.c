/* SPDX-License-Identifier: ISC */
/*
 * overlay.c: files as the line has left them so far. An entry holds what one
 * path may contain now: some known texts, nothing, anything, or still what
 * the world holds. An effect that may not have happened adds to an entry, one
 * that surely happened replaces it. Every look at the world goes through here
 * and is counted (limits.h). Who writes is file.c and the git resolver.
 */
#include "tools/overlay.h"

#include "bridle/limits.h"

#define ENTRIES_MAX 512 /* more, and anything may have changed anywhere */

struct overlay *
overlay_new(struct arena *a)
{
	struct overlay *o = NEW(a, struct overlay);

	o->entries = map_new(a);
	o->real = map_new(a);
	return o;
}

void
overlay_enter(struct reading *rd, struct shell_state *st)
{
	const struct overlay *o = st == NULL ? NULL : shell_world(st);
	union {
		const struct overlay *in;
		struct overlay *out;
	} as = { o != NULL ? o : rd->first };

	rd->state = st;
	rd->overlay = as.out;
}

/* Once only: ways that meet bring the same along again and again. */
void
overlay__add_under(struct arena *a, struct overlay *to, const struct under *u)
{
	for (size_t i = 0; i < to->under.n; i++)
		if (to->under.v[i].names == u->names && str_eq(to->under.v[i].dir, u->dir))
			return;
	*vec_push(a, &to->under) = *u;
}

static void
copy_entries(struct arena *a, struct overlay *to, const struct overlay *from)
{
	struct str key;
	size_t i = 0;
	void *value;

	while (map_next(from->entries, &i, &key, &value))
		map_put(to->entries, key, value);
	for (i = 0; i < from->under.n; i++)
		overlay__add_under(a, to, &from->under.v[i]);
}

/* A new overlay for the state that is judged now, to write in. */
static void
renew(struct reading *rd)
{
	struct overlay *o = overlay_new(rd->a);

	o->real = rd->overlay->real;
	copy_entries(rd->a, o, rd->overlay);
	if (map_count(o->entries) >= ENTRIES_MAX) {
		o->entries = map_new(rd->a);
		*vec_push(rd->a, &o->under) = (struct under){ STR("/"), NULL, 0 };
	}
	rd->overlay = o;
	if (rd->state != NULL)
		shell_set_world(rd->state, o);
}

/* ---- the world, counted --------------------------------------------------- */

static bool
may_look(struct reading *rd)
{
	if (rd->away)
		return false; /* another machine */
	if (rd->lookups < LIMIT_LOOKUPS && rd->bytes_read < LIMIT_FILES_BYTES) {
		rd->lookups++;
		return true;
	}
	if (!rd->limit_told) {
		rd->limit_told = true;
		reading_unknown(rd, UNKNOWN_LIMIT, (struct str){ 0 },
		    rd->lookups >= LIMIT_LOOKUPS
			? STR("judging this line needs more looks at files than the limit allows")
			: STR("judging this line needs more bytes of files than the limit allows"));
	}
	return false;
}

static bool
is_under(struct str path, const struct under *u)
{
	struct str base = path_base(path);

	if (!path_under(path, u->dir))
		return false;
	for (size_t i = 0; i < u->n; i++)
		if (str_eq(base, u->names[i]))
			return true;
	return u->names == NULL;
}

bool
overlay__below_unknown(const struct overlay *o, struct str path)
{
	for (size_t i = 0; i < o->under.n; i++)
		if (is_under(path, &o->under.v[i]))
			return true;
	return false;
}

static int
world_read(struct reading *rd, struct str path, struct str *out)
{
	int err;

	if (overlay__below_unknown(rd->overlay, path) || !may_look(rd))
		return BRIDLE_EUNKNOWN;
	err = rd->world->read(rd->world->ctx, rd->a, path, LIMIT_FILE, out);
	if (err == 0)
		rd->bytes_read += out->n;
	return err == BRIDLE_ENOENT ? err : err < 0 ? BRIDLE_EUNKNOWN : 0;
}

/* ---- links ------------------------------------------------------------------ */

#define LINKS_MAX 16

/* A path right below an already resolved folder. */
static struct str
step(struct reading *rd, struct str dir, struct str path, int *links)
{
	struct entry *e = map_get(rd->overlay->entries, path);
	struct world_stat st;
	struct str target;

	if (e != NULL && e->link.n > 0)
		target = e->link;
	else if (e != NULL || !may_look(rd) || rd->world->stat(rd->world->ctx, path, false, &st) != 0 ||
	    st.kind != WORLD_LINK || rd->world->link(rd->world->ctx, rd->a, path, &target) != 0)
		return path;
	if (++*links > LINKS_MAX)
		return path;
	return path_clean(rd->a, path_join(rd->a, dir, target));
}

static struct str
real_path(struct reading *rd, struct str path, int *links)
{
	struct str *known = map_get(rd->overlay->real, path);
	struct str parent, dir, at, below;
	int followed;

	if (known != NULL)
		return *known;
	if (path.n <= 1 || path.n > LIMIT_PATH || *links > LINKS_MAX)
		return path;
	parent = path_dir(path);
	dir = real_path(rd, parent, links);
	below = str_eq(dir, parent) ? path : path_join(rd->a, dir, path_base(path));
	followed = *links;
	at = step(rd, dir, below, links);
	if (*links != followed && !str_eq(at, below))
		at = real_path(rd, at, links);
	known = NEW(rd->a, struct str);
	*known = at;
	map_put(rd->overlay->real, str_dup(rd->a, path), known);
	return at;
}

static struct str
cleaned(struct reading *rd, struct str path)
{
	return path_is_clean(path) ? path : path_clean(rd->a, path);
}

struct str
overlay_real(struct reading *rd, struct str path)
{
	int links = 0;

	return real_path(rd, cleaned(rd, path), &links);
}

/* Where a look at a clean path must go. While the line has changed nothing there
 * is nothing to be compared, and where no link is met the path is what it says. */
static struct str
looked_at(struct reading *rd, struct str clean)
{
	bool unchanged = map_count(rd->overlay->entries) == 0 && rd->overlay->under.n == 0;

	return unchanged && overlay_plain(rd, clean) ? clean : overlay_real(rd, clean);
}

/* ---- entries ---------------------------------------------------------------- */

void
overlay__add_text(struct reading *rd, struct entry *e, struct str text)
{
	for (size_t i = 0; i < e->texts.n; i++)
		if (str_eq(e->texts.v[i], text))
			return;
	if (e->texts.n >= LIMIT_ALTERNATIVES) {
		e->unknown = true;
		return;
	}
	*vec_push(rd->a, &e->texts) = text;
}

/* The entry of a resolved path in a new overlay, to be changed. Where there
 * is none it stands for what the world holds. */
static struct entry *
entry_of(struct reading *rd, struct str path)
{
	struct entry *e = NEW(rd->a, struct entry);
	const struct entry *old = map_get(rd->overlay->entries, path);

	if (old != NULL) {
		*e = *old;
		e->assumed = false;
		e->texts.v = NULL;
		e->texts.n = e->texts.cap = 0;
		for (size_t i = 0; i < old->texts.n; i++)
			*vec_push(rd->a, &e->texts) = old->texts.v[i];
	} else {
		e->base = !overlay__below_unknown(rd->overlay, path);
		e->unknown = !e->base;
	}
	renew(rd);
	map_put(rd->overlay->entries, str_dup(rd->a, path), e);
	return e;
}

static void
clear(struct entry *e)
{
	*e = (struct entry){ 0 };
}

/* Turns "what the world holds" into alternatives of the entry. */
static void
settle(struct reading *rd, struct str path, struct entry *e)
{
	struct str text;
	int err;

	if (!e->base)
		return;
	e->base = false;
	err = world_read(rd, path, &text);
	if (err == 0)
		overlay__add_text(rd, e, text);
	else if (err == BRIDLE_ENOENT)
		e->absent = true;
	else
		e->unknown = true;
}

int
overlay_read(struct reading *rd, struct str path, struct overlay_state *out)
{
	struct str real = looked_at(rd, cleaned(rd, path));
	struct entry *e = map_get(rd->overlay->entries, real);
	struct entry now;
	struct str text;
	int err;

	if (e == NULL) { /* what the world holds */
		err = world_read(rd, real, &text);
		*out = (struct overlay_state){ .absent = err == BRIDLE_ENOENT, .unknown = err == BRIDLE_EUNKNOWN };
		if (err == 0)
			*vec_push(rd->a, &out->texts) = text;
		return 0;
	}
	now = *e;
	settle(rd, real, &now);
	*out = (struct overlay_state){ .absent = now.absent, .unknown = now.unknown, .by = now.by };
	for (size_t i = 0; i < now.texts.n; i++)
		*vec_push(rd->a, &out->texts) = now.texts.v[i];
	return 0;
}

int
overlay_text(struct reading *rd, struct str path, struct str *out)
{
	struct str real = looked_at(rd, cleaned(rd, path));
	struct overlay_state s;

	if (map_get(rd->overlay->entries, real) == NULL)
		return world_read(rd, real, out);
	overlay_read(rd, path, &s);
	if (s.unknown || s.texts.n + (s.absent ? 1 : 0) != 1)
		return BRIDLE_EUNKNOWN;
	if (s.absent)
		return BRIDLE_ENOENT;
	*out = s.texts.v[0];
	return 0;
}

int
overlay_part(struct reading *rd, struct str path, uint64_t offset, size_t n, struct str *out)
{
	struct str real = looked_at(rd, cleaned(rd, path));
	int err;

	if (rd->world->part == NULL || map_get(rd->overlay->entries, real) != NULL ||
	    overlay__below_unknown(rd->overlay, real) || !may_look(rd))
		return BRIDLE_EUNKNOWN;
	err = rd->world->part(rd->world->ctx, rd->a, real, offset, n, out);
	if (err == 0)
		rd->bytes_read += out->n;
	return err;
}

void
overlay_write(struct reading *rd, struct str path, struct str text, bool sure)
{
	struct entry *e = entry_of(rd, overlay_real(rd, path));

	if (sure)
		clear(e);
	overlay__add_text(rd, e, str_dup(rd->a, text));
}

void
overlay_assume(struct reading *rd, struct str path, struct str text)
{
	struct str real = overlay_real(rd, path);
	struct entry *e;

	if (map_get(rd->overlay->entries, real) != NULL)
		return;
	e = entry_of(rd, real);
	overlay__add_text(rd, e, str_dup(rd->a, text));
	e->assumed = true;
}

void
overlay_append(struct reading *rd, struct str path, struct str text, bool sure)
{
	struct str real = overlay_real(rd, path);
	struct entry *e = entry_of(rd, real);
	struct entry old;

	settle(rd, real, e);
	old = *e;
	if (sure)
		clear(e);
	e->unknown = old.unknown;
	e->by = old.by;
	for (size_t i = 0; i < old.texts.n; i++)
		overlay__add_text(rd, e, str_cat(rd->a, old.texts.v[i], text));
	if (old.absent)
		overlay__add_text(rd, e, str_dup(rd->a, text));
}

void
overlay_remove(struct reading *rd, struct str path, bool sure)
{
	/* The name goes, not what a link in its last place leads to. */
	struct str clean = path_clean(rd->a, path);
	struct entry *e = entry_of(rd,
	    path_join(rd->a, overlay_real(rd, path_dir(clean)), path_base(clean)));

	if (sure)
		clear(e);
	e->absent = true;
}

void
overlay_unknown(struct reading *rd, struct str path, unsigned by)
{
	struct entry *e = entry_of(rd, overlay_real(rd, path));

	clear(e);
	e->unknown = true;
	e->by = by;
}

void
overlay_unknown_named(struct reading *rd, struct str dir, const struct str *names, size_t n)
{
	struct under u = { overlay_real(rd, dir), names, n };
	struct map *kept = map_new(rd->a);
	struct str key;
	size_t i = 0;
	void *value;

	renew(rd);
	while (map_next(rd->overlay->entries, &i, &key, &value))
		if (!is_under(key, &u))
			map_put(kept, key, value);
	rd->overlay->entries = kept;
	overlay__add_under(rd->a, rd->overlay, &u);
}

void
overlay_unknown_under(struct reading *rd, struct str dir)
{
	overlay_unknown_named(rd, dir, NULL, 0);
}

void
overlay_link(struct reading *rd, struct str path, struct str target)
{
	struct str clean = path_clean(rd->a, path);
	struct entry *e = entry_of(rd,
	    path_join(rd->a, overlay_real(rd, path_dir(clean)), path_base(clean)));

	/* Resolved folders may lead through the new link. */
	rd->overlay->real = map_new(rd->a);
	clear(e);
	e->link = str_dup(rd->a, target);
}

bool
overlay_touched(void *ctx, struct shell *sh, const struct shell_state *st, struct str dir)
{
	struct reading *rd = ctx;
	const struct overlay *o = shell_world(st) != NULL ? shell_world(st) : rd->first;
	struct str key;
	size_t i = 0;
	void *value;

	(void)sh;
	if (overlay__below_unknown(o, dir))
		return true;
	while (map_next(o->entries, &i, &key, &value))
		if (str_eq(path_dir(key), dir))
			return true;
	return false;
}

/* ---- what is there ------------------------------------------------------------ */

int
overlay_stat(struct reading *rd, struct str path, bool follow, struct world_stat *out)
{
	struct str clean = cleaned(rd, path), dir = follow ? clean : path_dir(clean);
	struct str there = looked_at(rd, dir);
	struct str real = follow ? there : there.p == dir.p && there.n == dir.n ? clean
	    : path_join(rd->a, there, path_base(clean));
	struct entry *e = map_get(rd->overlay->entries, real);
	int err;

	if (e == NULL || (e->base && e->texts.n == 0 && !e->absent && !e->unknown && e->link.n == 0)) {
		if (overlay__below_unknown(rd->overlay, real) || !may_look(rd))
			return BRIDLE_EUNKNOWN;
		err = rd->world->stat(rd->world->ctx, real, follow, out);
		return err == BRIDLE_ENOENT ? err : err < 0 ? BRIDLE_EUNKNOWN : 0;
	}
	if (e->unknown || e->base || (e->absent && e->texts.n > 0))
		return BRIDLE_EUNKNOWN;
	if (e->link.n == 0 && e->texts.n == 0)
		return BRIDLE_ENOENT;
	*out = (struct world_stat){
		.kind = e->link.n > 0 ? WORLD_LINK : WORLD_FILE,
		.size = e->texts.n > 0 ? e->texts.v[0].n : 0,
		.mode = 0644,
	};
	return 0;
}

/* Names that the line made or took away in dir. */
static void
list_entries(struct reading *rd, struct str dir, struct world_entry *v, size_t *n)
{
	struct str key;
	size_t i = 0;
	void *value;

	while (map_next(rd->overlay->entries, &i, &key, &value)) {
		const struct entry *e = value;
		struct str name = path_base(key);
		size_t at = 0;
		bool gone = e->absent && e->texts.n == 0 && !e->unknown && !e->base;

		if (!str_eq(path_dir(key), dir))
			continue;
		while (at < *n && !str_eq(v[at].name, name))
			at++;
		if (gone && at < *n)
			v[at] = v[--*n];
		else if (!gone && at == *n && (e->texts.n > 0 || e->link.n > 0 || e->unknown))
			v[(*n)++] = (struct world_entry){ name, e->link.n > 0 ? WORLD_LINK : WORLD_FILE };
	}
}

int
overlay_list(struct reading *rd, struct str dir, struct world_entry **out, size_t *n)
{
	struct str real = looked_at(rd, cleaned(rd, dir));
	struct world_entry *world = NULL, *v;
	size_t nworld = 0;
	int err;

	if (overlay__below_unknown(rd->overlay, real) || !may_look(rd))
		return BRIDLE_EUNKNOWN;
	err = rd->world->list(rd->world->ctx, rd->a, real, &world, &nworld);
	if (err < 0 && err != BRIDLE_ENOENT)
		return BRIDLE_EUNKNOWN;
	if (err < 0)
		nworld = 0;
	v = NEW_ARRAY(rd->a, struct world_entry, nworld + map_count(rd->overlay->entries) + 1);
	for (size_t i = 0; i < nworld; i++)
		v[i] = world[i];
	list_entries(rd, real, v, &nworld);
	if (err == BRIDLE_ENOENT && nworld == 0)
		return BRIDLE_ENOENT;
	*out = v;
	*n = nworld;
	return 0;
}

bool
overlay_wrote(struct reading *rd, struct str path)
{
	const struct entry *e;

	if (path.n == 0)
		return map_count(rd->overlay->entries) > 0;
	e = map_get(rd->overlay->entries, overlay_real(rd, path));
	return e != NULL && !e->assumed;
}

size_t
overlay_written(struct reading *rd, struct str dir, struct str **out)
{
	struct str real = overlay_real(rd, dir), key;
	VEC(struct str) v = { 0 };
	size_t i = 0;
	void *e;

	while (map_next(rd->overlay->entries, &i, &key, &e))
		if (path_under(key, real) && !((const struct entry *)e)->assumed)
			*vec_push(rd->a, &v) = key;
	*out = v.v;
	return v.n;
}
