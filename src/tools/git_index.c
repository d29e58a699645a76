/* SPDX-License-Identifier: ISC */
/*
 * git_index.c: the index file: which files are tracked, and which of them
 * differ from what was last added: by their stat data, and where that cannot
 * tell, by their content. What filters do to a content is not known.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/git_files.h"

#define HEADER 12
#define FIXED 40        /* stat data of an entry */
#define FLAG_EXTENDED 0x4000u
#define FLAG_ASSUME 0x8000u
#define EXT_SKIP 0x4000u
#define EXT_INTENT 0x2000u

struct cursor {
	const unsigned char *p;
	size_t n, at;
	bool bad;
};

static uint32_t
be32(struct cursor *c)
{
	const unsigned char *p = c->p + c->at;

	if (c->n - c->at < 4) {
		c->bad = true;
		return 0;
	}
	c->at += 4;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static unsigned
be16(struct cursor *c)
{
	if (c->n - c->at < 2) {
		c->bad = true;
		return 0;
	}
	c->at += 2;
	return (unsigned)c->p[c->at - 2] << 8 | c->p[c->at - 1];
}

/* How many bytes of the name before go: git's offset encoding. */
static size_t
strip_length(struct cursor *c)
{
	size_t v;

	if (c->at >= c->n) {
		c->bad = true;
		return 0;
	}
	v = c->p[c->at] & 127;
	while (c->p[c->at++] & 128) {
		if (c->at >= c->n || v > LIMIT_FILE) {
			c->bad = true;
			return 0;
		}
		v = (v + 1) << 7 | (c->p[c->at] & 127);
	}
	return v;
}

static struct str
name_at(struct arena *a, struct cursor *c, unsigned version, struct str before, size_t start)
{
	size_t strip = version == 4 ? strip_length(c) : 0, n;
	const unsigned char *end;
	struct str name;

	if (c->bad || strip > before.n || (end = memchr(c->p + c->at, '\0', c->n - c->at)) == NULL) {
		c->bad = true;
		return STR("");
	}
	n = (size_t)(end - (c->p + c->at));
	name = (struct str){ (const char *)c->p + c->at, n };
	c->at += n + 1;
	if (version == 4)
		return str_cat(a, str_sub(before, 0, before.n - strip), name);
	while ((c->at - start) % 8 != 0)
		c->at++;
	if (c->at > c->n)
		c->bad = true;
	return name;
}

static void
entry(struct git_index *x, struct arena *a, struct cursor *c, unsigned version, struct str *before)
{
	struct git_entry e = { 0 };
	size_t start = c->at;
	unsigned flags, more = 0;

	c->at += 8; /* ctime */
	if (c->at + FIXED > c->n) {
		c->bad = true;
		return;
	}
	e.mtime_ns = (int64_t)be32(c) * 1000000000;
	e.mtime_ns += be32(c);
	c->at += 8; /* dev, ino */
	e.mode = be32(c);
	c->at += 8; /* uid, gid */
	e.size = be32(c);
	e.oid = c->p + c->at;
	c->at += x->oid_bytes;
	if (c->at > c->n) {
		c->bad = true;
		return;
	}
	flags = be16(c);
	if (version > 2 && (flags & FLAG_EXTENDED))
		more = be16(c);
	e.stage = flags >> 12 & 3;
	e.skip = (flags & FLAG_ASSUME) != 0 || (more & EXT_SKIP) != 0;
	e.intent = (more & EXT_INTENT) != 0;
	e.path = name_at(a, c, version, *before, start);
	*before = e.path;
	if (!c->bad)
		*vec_push(a, &x->list) = e;
}

/* Extensions: a valid tree at the root says that all that is staged has been
 * written as a tree, as a commit or checkout does. */
static void
extensions(struct git_index *x, struct cursor *c)
{
	x->staged = TRI_MAYBE;
	while (c->n - c->at >= 8 + x->oid_bytes) {
		const unsigned char *sig = c->p + c->at;
		size_t size;

		c->at += 4;
		size = be32(c);
		if (size > c->n - c->at)
			return;
		if (memcmp(sig, "link", 4) == 0 || memcmp(sig, "sdir", 4) == 0)
			x->partial = true;
		/* "\0COUNT SUBTREES\n": -1 is not valid. */
		if (memcmp(sig, "TREE", 4) == 0 && size > 2 && c->p[c->at] == '\0' && c->p[c->at + 1] != '-')
			x->staged = TRI_NO;
		c->at += size;
	}
}

int
git_index_read(struct git *g, struct git_index *out)
{
	struct str path, text, format;
	struct cursor c = { 0 };
	struct world_stat s;
	struct str before = STR("");
	uint32_t n;
	unsigned version;
	int err;

	memset(out, 0, sizeof *out);
	if (g->repo.found != GIT_FOUND)
		return g->repo.found == GIT_NONE ? BRIDLE_ENOENT : BRIDLE_EUNKNOWN;
	if (git_env(g, "GIT_INDEX_FILE", &path) != 0)
		path = path_join(g->a, g->repo.gitdir, STR("index"));
	else
		path = path_clean(g->a, path_join(g->a, g->repo.top, path));
	if ((err = git_read(g, path, &text)) != 0)
		return err;
	if (overlay_stat(g->rd, path, true, &s) != 0)
		return BRIDLE_EUNKNOWN;
	out->mtime_ns = s.mtime_ns;
	out->oid_bytes = git_config_last(&g->config, STR("extensions.objectformat"), &format) == 0 &&
	    str_ieq(format, STR("sha256")) ? 32 : 20;
	c.p = (const unsigned char *)text.p;
	c.n = text.n;
	if (text.n < HEADER || !str_starts(text, STR("DIRC")))
		return BRIDLE_EUNKNOWN;
	c.at = 4;
	version = be32(&c);
	n = be32(&c);
	if (version < 2 || version > 4)
		return BRIDLE_EUNKNOWN;
	for (uint32_t i = 0; i < n && !c.bad; i++)
		entry(out, g->a, &c, version, &before);
	if (c.bad)
		return BRIDLE_EUNKNOWN;
	extensions(out, &c);
	return out->partial ? BRIDLE_EUNKNOWN : 0;
}

static int
by_path(const void *x, const void *y)
{
	return str_cmp(((const struct git_entry *)x)->path, ((const struct git_entry *)y)->path);
}

const struct git_entry *
git_index_find(const struct git_index *x, struct str path)
{
	struct git_entry key = { .path = path };

	return x->list.n == 0 ? NULL : bsearch(&key, x->list.v, x->list.n, sizeof *x->list.v, by_path);
}

/* Is a file below this folder tracked? */
bool
git_index_below(const struct git_index *x, struct str dir)
{
	size_t low = 0, high = x->list.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (str_cmp(x->list.v[mid].path, dir) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < x->list.n && str_starts(x->list.v[low].path, dir); low++)
		if (x->list.v[low].path.n > dir.n && x->list.v[low].path.p[dir.n] == '/')
			return true;
	return false;
}

#define MODE_TYPE 0170000u
#define MODE_LINK 0120000u
#define MODE_SUBMODULE 0160000u
#define MAX_CONTENT ((uint64_t)1 << 18)

/* The content itself. Line ends and filters may make another blob of it. */
static enum tri
content_changed(struct git *g, const struct git_index *x, const struct git_entry *e, const struct world_stat *s)
{
	struct str text, v, path = path_join(g->a, g->repo.top, e->path);
	unsigned char name[20];

	if (x->oid_bytes != sizeof name || (e->mode & MODE_TYPE) == MODE_LINK || s->size > MAX_CONTENT ||
	    g->rd->bytes_read > LIMIT_FILES_BYTES / 2 || git_read(g, path, &text) != 0)
		return TRI_MAYBE;
	git_blob_name(text, name);
	if (memcmp(name, e->oid, sizeof name) == 0)
		return TRI_NO;
	if (git_is_file(g, path_join(g->a, g->repo.top, STR(".gitattributes"))) ||
	    git_config_last(&g->config, STR("core.autocrlf"), &v) != BRIDLE_ENOENT)
		return TRI_MAYBE;
	return TRI_YES;
}

enum tri
git_entry_changed(struct git *g, const struct git_index *x, const struct git_entry *e)
{
	struct world_stat s;
	int err;

	if (e->skip || (e->mode & MODE_TYPE) == MODE_SUBMODULE)
		return TRI_NO;
	if (e->stage != 0)
		return TRI_YES;
	err = overlay_stat(g->rd, path_join(g->a, g->repo.top, e->path), false, &s);
	if (err == BRIDLE_ENOENT)
		return TRI_YES; /* gone */
	if (err != 0)
		return TRI_MAYBE;
	if (s.kind != ((e->mode & MODE_TYPE) == MODE_LINK ? WORLD_LINK : WORLD_FILE))
		return TRI_YES;
	if ((uint32_t)s.size != e->size)
		return e->size == 0 ? content_changed(g, x, e, &s) : TRI_YES; /* 0: git was not sure */
	if (s.mtime_ns != e->mtime_ns && (e->mtime_ns % 1000000000 != 0 || s.mtime_ns / 1000000000 * 1000000000 != e->mtime_ns))
		return content_changed(g, x, e, &s); /* touched, perhaps no more than that */
	if ((e->mode & MODE_TYPE) != MODE_LINK && ((e->mode & 0100) != 0) != ((s.mode & 0100) != 0) &&
	    git_config_bool(&g->config, "core.filemode", true) != TRI_NO)
		return TRI_YES;
	return s.mtime_ns < x->mtime_ns ? TRI_NO : content_changed(g, x, e, &s); /* written after the index */
}
