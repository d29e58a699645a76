/* SPDX-License-Identifier: ISC */
/*
 * git_refs.c: HEAD, branches and tags as files say: loose refs, packed-refs,
 * symbolic refs. A single ref costs a few look-ups, however many there are;
 * all are listed only where a push needs them all.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/git.h"

#define SYMREF_DEPTH 5 /* git's own */

static bool
per_worktree(struct str name)
{
	return !str_starts(name, STR("refs/")) || str_starts(name, STR("refs/bisect/")) ||
	    str_starts(name, STR("refs/worktree/")) || str_starts(name, STR("refs/rewritten/"));
}

static struct str
loose_path(struct git *g, struct str name)
{
	return path_join(g->a, per_worktree(name) ? g->repo.gitdir : g->repo.common, name);
}

/* Refs that are kept in another way than files. */
static bool
other_storage(struct git *g)
{
	struct str v;

	return git_config_last(&g->config, STR("extensions.refstorage"), &v) == 0 && !str_is(v, "files");
}

static void
read_packed(struct git *g)
{
	if (g->packed_read)
		return;
	g->packed_read = true;
	if (git_read(g, path_join(g->a, g->repo.common, STR("packed-refs")), &g->packed) == BRIDLE_EUNKNOWN)
		g->refs_unsure = true;
}

/* The line that starts at byte `at`; *end is behind its newline. */
static struct str
line_at(struct str text, size_t at, size_t *end)
{
	struct str rest = str_sub(text, at, text.n);
	size_t n = str_chr(rest, '\n');

	*end = n == STR_NPOS ? text.n : at + n + 1;
	return str_sub(rest, 0, n);
}

/* "HEX refs/…" of packed-refs. */
static bool
packed_line(struct str line, struct git_ref *out)
{
	size_t blank = str_chr(line, ' ');

	if (line.n == 0 || line.p[0] == '#' || line.p[0] == '^' || blank == STR_NPOS)
		return false;
	out->value = str_sub(line, 0, blank);
	out->name = str_sub(line, blank + 1, line.n);
	return git_hex(out->value);
}

static bool
packed_sorted(struct str text)
{
	size_t end;
	struct str first = line_at(text, 0, &end);

	return str_starts(first, STR("# pack-refs with:")) && str_find(first, STR(" sorted")) != STR_NPOS;
}

/* By halves: no line before `low` and none at or after `high` can be it. */
static bool
packed_search(struct str text, struct str name, struct git_ref *out)
{
	size_t low = 0, high = text.n, end, at;

	while (low < high) {
		struct str line;
		int cmp;

		at = low + (high - low) / 2;
		while (at > low && text.p[at - 1] != '\n')
			at--;
		line = line_at(text, at, &end);
		while (at > low && line.n > 0 && line.p[0] == '^') { /* of the line before */
			at--;
			while (at > low && text.p[at - 1] != '\n')
				at--;
			line = line_at(text, at, &end);
		}
		if (!packed_line(line, out)) {
			low = end; /* the header, or what is no ref */
			continue;
		}
		cmp = str_cmp(name, out->name);
		if (cmp == 0)
			return true;
		if (cmp < 0)
			high = at;
		else
			low = end;
	}
	return false;
}

/* ---- packed-refs that is large: only the parts that a search needs ---- */

#define PACKED_LARGE (32u << 10) /* less is read whole */
#define PROBE 1024u              /* holds a whole line wherever it begins, as a rule */
#define BLOCK (16u << 10)        /* read at once, and searched in memory */

/* Is packed-refs large and sorted? */
static bool
packed_parts(struct git *g, struct str path)
{
	struct world_stat st;

	if (g->packed_read)
		return false;
	if (g->packed_size == 0) {
		g->packed_size = 1; /* asked */
		if (overlay_stat(g->rd, path, true, &st) == 0 && st.kind == WORLD_FILE &&
		    st.size >= PACKED_LARGE &&
		    overlay_part(g->rd, path, 0, PROBE, &g->packed_head) == 0 && packed_sorted(g->packed_head))
			g->packed_size = st.size;
	}
	return g->packed_size > 1;
}

/* The first ref that begins behind `from`, and where. */
static bool
probe_file(struct git *g, struct str path, uint64_t from, uint64_t *at, struct git_ref *out)
{
	struct str block;
	size_t start, end;

	if (overlay_part(g->rd, path, from, PROBE, &block) != 0)
		return false;
	start = str_chr(block, '\n');
	for (start = start == STR_NPOS ? block.n : start + 1; start < block.n; start = end) {
		struct str line = line_at(block, start, &end);

		if (end == block.n && block.p[end - 1] != '\n')
			return false; /* cut off */
		*at = from + start;
		if (packed_line(line, out))
			return true;
	}
	return false;
}

/* Every search begins in the same places: they are read once. */
static bool
probe(struct git *g, struct str path, uint64_t from, uint64_t *at, struct git_ref *out)
{
	struct git_probe *p;

	for (size_t i = 0; i < g->probes.n; i++)
		if (g->probes.v[i].from == from) {
			*at = g->probes.v[i].at;
			*out = g->probes.v[i].ref;
			return true;
		}
	if (!probe_file(g, path, from, at, out))
		return false;
	p = vec_push(g->a, &g->probes);
	*p = (struct git_probe){ from, *at, *out };
	return true;
}

/* The lines from low up to high, read once as well. */
static bool
packed_block(struct git *g, struct str path, uint64_t low, uint64_t high, struct str *out)
{
	struct git_block *b;
	struct str text;

	for (size_t i = 0; i < g->blocks.n; i++)
		if (g->blocks.v[i].low == low && g->blocks.v[i].text.n == high - low) {
			*out = g->blocks.v[i].text;
			return true;
		}
	if (overlay_part(g->rd, path, low, (size_t)(high - low), &text) != 0 || text.n < high - low)
		return false;
	b = vec_push(g->a, &g->blocks);
	*b = (struct git_block){ low, text };
	*out = text;
	return true;
}

/* 1 found, 0 not there, -1: this way it cannot be told. The ends first: names
 * in capitals come before all others, tags behind them. */
static int
packed_search_parts(struct git *g, struct str path, struct str name, struct git_ref *out)
{
	uint64_t low = 0, high = g->packed_size, at = 0;
	struct str block;

	for (unsigned i = 0; high - low > BLOCK; i++) {
		uint64_t middle = i == 0 ? PROBE / 2 : i == 1 ? high - PROBE : low + (high - low) / 2 - PROBE / 2;

		if (!probe(g, path, middle, &at, out) || at >= high)
			return -1;
		if (str_cmp(name, out->name) < 0)
			high = at;
		else
			low = at;
	}
	if (!packed_block(g, path, low, high, &block))
		return -1;
	return packed_search(block, name, out) ? 1 : 0;
}

static bool
packed_find(struct git *g, struct str name, struct git_ref *out)
{
	struct str path = path_join(g->a, g->repo.common, STR("packed-refs"));
	size_t end;
	int found = packed_parts(g, path) ? packed_search_parts(g, path, name, out) : -1;

	if (found >= 0)
		return found > 0;
	read_packed(g);
	if (packed_sorted(g->packed))
		return packed_search(g->packed, name, out);
	for (size_t at = 0; at < g->packed.n; at = end)
		if (packed_line(line_at(g->packed, at, &end), out) && str_eq(out->name, name))
			return true;
	return false;
}

/* A HEAD that is a symbolic link to a branch, as very old git made it. */
static bool
linked(struct git *g, struct str path, struct str *target)
{
	struct world_stat s;

	return overlay_stat(g->rd, path, false, &s) == 0 && s.kind == WORLD_LINK &&
	    g->rd->world->link(g->rd->world->ctx, g->a, path, target) == 0 &&
	    str_starts(*target, STR("refs/"));
}

/* One step: the target of a symbolic ref, or the value. Packed refs are never
 * symbolic: where only that counts they are left alone. */
static int
step(struct git *g, struct str name, bool packed_too, struct str *target, struct str *value)
{
	struct str path = loose_path(g, name), text;
	struct git_ref packed;
	int err;

	*target = *value = STR("");
	if (str_is(name, "HEAD") && linked(g, path, target))
		return 0;
	err = git_read(g, path, &text);
	if (err == BRIDLE_EUNKNOWN && git_is_dir(g, path))
		err = BRIDLE_ENOENT;
	if (err == BRIDLE_ENOENT && packed_too && packed_find(g, name, &packed)) {
		*value = packed.value;
		return 0;
	}
	if (err == BRIDLE_ENOENT && g->refs_unsure)
		return BRIDLE_EUNKNOWN;
	if (err != 0)
		return err;
	if (str_starts(text, STR("ref:"))) {
		*target = str_trim(str_sub(text, 4, text.n));
		return git_ref_valid(*target, false) ? 0 : BRIDLE_EUNKNOWN;
	}
	*value = str_trim(text);
	if (value->n > 0 && str_chr(*value, ' ') != STR_NPOS)
		*value = str_sub(*value, 0, str_chr(*value, ' '));
	return git_hex(*value) ? 0 : BRIDLE_EUNKNOWN;
}

static int
follow(struct git *g, struct str name, bool packed_too, struct str *target, struct str *value)
{
	if (g->repo.found != GIT_FOUND)
		return g->repo.found == GIT_NONE ? BRIDLE_ENOENT : BRIDLE_EUNKNOWN;
	if (other_storage(g))
		return BRIDLE_EUNKNOWN;
	for (unsigned i = 0; i < SYMREF_DEPTH; i++) {
		struct str to;
		int err = step(g, name, packed_too, &to, value);

		if (target != NULL)
			*target = name;
		if (err != 0 || to.n == 0)
			return err;
		name = to;
	}
	return BRIDLE_EUNKNOWN;
}

int
git_resolve(struct git *g, struct str name, struct str *target, struct str *value)
{
	return follow(g, name, true, target, value);
}

int
git_resolve_loose(struct git *g, struct str name, struct str *value)
{
	return follow(g, name, false, NULL, value);
}

bool
git_born(struct git *g, struct str branch)
{
	struct str value;

	/* Its log tells as well and is never in packed-refs. */
	return git_is_file(g, loose_path(g, branch)) ||
	    git_is_file(g, path_join(g->a, g->repo.common, str_cat(g->a, STR("logs/"), branch))) ||
	    git_resolve(g, branch, NULL, &value) != BRIDLE_ENOENT;
}

int
git_head(struct git *g, struct str *branch)
{
	struct str value, target = { 0 };
	int err = follow(g, STR("HEAD"), false, &target, &value);

	if (err == BRIDLE_EUNKNOWN || target.n == 0)
		return err != 0 ? err : BRIDLE_EUNKNOWN;
	if (!str_starts(target, STR("refs/heads/")))
		return BRIDLE_ENOENT; /* detached, or no HEAD at all */
	*branch = target; /* it need not be born */
	return 0;
}

/* ---- all of them ---- */
static int
by_name(const void *x, const void *y)
{
	return str_cmp(((const struct git_ref *)x)->name, ((const struct git_ref *)y)->name);
}

const struct git_ref *
git_ref_find(const struct git_ref *refs, size_t n, struct str name)
{
	struct git_ref key = { .name = name };

	return n == 0 ? NULL : bsearch(&key, refs, n, sizeof *refs, by_name);
}

static void
list_packed(struct git *g)
{
	struct git_ref r;
	size_t end;

	read_packed(g);
	for (size_t at = 0; at < g->packed.n; at = end)
		if (packed_line(line_at(g->packed, at, &end), &r) && git_ref_valid(r.name, false))
			*vec_push(g->a, &g->refs) = r;
}

static void
list_loose(struct git *g, struct str dir, unsigned depth)
{
	struct str path = path_join(g->a, g->repo.common, dir);
	struct world_entry *es;
	size_t n;
	int err = overlay_list(g->rd, path, &es, &n);

	if (err == BRIDLE_ENOENT)
		return;
	if (err != 0 || depth > 32) {
		g->refs_unsure = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct git_ref r = { .name = str_cat(g->a, dir, str_cat(g->a, STR("/"), es[i].name)) };
		struct str target;

		if (es[i].kind == WORLD_DIR) {
			list_loose(g, r.name, depth + 1);
			continue;
		}
		if (!git_ref_valid(r.name, false))
			continue;
		err = git_resolve(g, r.name, &target, &r.value);
		if (err == 0)
			*vec_push(g->a, &g->refs) = r;
		else if (err != BRIDLE_ENOENT) /* a dangling symbolic ref is none */
			g->refs_unsure = true;
	}
}

int
git_list_refs(struct git *g)
{
	size_t n = 0, loose;

	if (g->repo.found != GIT_FOUND || other_storage(g))
		return g->repo.found == GIT_NONE ? 0 : BRIDLE_EUNKNOWN;
	if (g->refs_listed)
		return g->refs_unsure ? BRIDLE_EUNKNOWN : 0;
	g->refs_listed = true;
	list_loose(g, STR("refs"), 0);
	loose = g->refs.n;
	list_packed(g);
	if (g->refs.n > 1 && (loose > 0 || !packed_sorted(g->packed)))
		qsort(g->refs.v, g->refs.n, sizeof *g->refs.v, by_name);
	for (size_t i = 0; i < g->refs.n; i++) /* loose and packed: once */
		if (i == 0 || !str_eq(g->refs.v[i].name, g->refs.v[i - 1].name))
			g->refs.v[n++] = g->refs.v[i];
	g->refs.n = n;
	return g->refs_unsure ? BRIDLE_EUNKNOWN : 0;
}

int
git_refs_at(struct git *g, struct str dir, struct git_ref **refs, size_t *n)
{
	struct git other = *g;
	struct git_config none = { 0 };
	int err = git_repo_at(g, dir, &other.repo);

	if (err != 0)
		return err;
	other.config = none;
	other.packed = STR("");
	other.packed_head = STR("");
	other.packed_size = 0;
	memset(&other.probes, 0, sizeof other.probes);
	memset(&other.blocks, 0, sizeof other.blocks);
	other.packed_read = other.refs_unsure = other.refs_listed = false;
	memset(&other.refs, 0, sizeof other.refs);
	err = git_list_refs(&other);
	g->ways = other.ways;
	*refs = other.refs.v;
	*n = other.refs.n;
	return err;
}

/* ---- short names ---- */
static const char *const rules[] = { "", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/",
	"refs/remotes/" };
#define NRULES (sizeof rules / sizeof rules[0])

static bool
weak(struct str pattern, struct str full)
{
	return full.n != pattern.n && full.n != pattern.n + 5 && !str_starts(full, STR("refs/heads/")) &&
	    !str_starts(full, STR("refs/tags/"));
}

static bool
completes(struct str pattern, struct str full)
{
	for (size_t i = 0; i < NRULES; i++) {
		struct str pre = str_of(rules[i]), rest = full;

		if (!str_starts(full, pre))
			continue;
		rest = str_sub(full, pre.n, full.n);
		if (i + 1 == NRULES) {
			if (!str_ends(rest, STR("/HEAD")))
				continue;
			rest.n -= 5;
		}
		if (str_eq(rest, pattern))
			return true;
	}
	return false;
}

size_t
git_ref_match(const struct git_ref *refs, size_t n, struct str name, const struct git_ref **out)
{
	const struct git_ref *strong = NULL, *faint = NULL;
	size_t nstrong = 0, nfaint = 0;

	for (size_t i = 0; i < n; i++) {
		if (!completes(name, refs[i].name))
			continue;
		if (weak(name, refs[i].name)) {
			faint = &refs[i];
			nfaint++;
		} else {
			strong = &refs[i];
			nstrong++;
		}
	}
	*out = strong != NULL ? strong : faint;
	return strong != NULL ? nstrong : nfaint;
}

int
git_ref_count(struct git *g, struct str name, size_t *n, struct str *full)
{
	struct git_ref have[NRULES];
	const struct git_ref *one;
	size_t nhave = 0;

	*n = 0;
	if (!git_ref_valid(name, false))
		return 0;
	for (size_t i = 0; i < NRULES; i++) {
		struct str cand, value;
		int err;

		if (i == 0 && !str_starts(name, STR("refs/")))
			continue;
		cand = str_cat(g->a, str_of(rules[i]), name);
		if (i + 1 == NRULES)
			cand = str_cat(g->a, cand, STR("/HEAD"));
		err = git_resolve(g, cand, NULL, &value);
		if (err == BRIDLE_EUNKNOWN)
			return err;
		if (err == 0)
			have[nhave++] = (struct git_ref){ cand, value };
		if (err == 0 && i == 0)
			break; /* written in full */
	}
	*n = git_ref_match(have, nhave, name, &one);
	if (*n > 0)
		*full = one->name;
	return 0;
}

/* The ref in front of ^ ~ @{ : in a revision. */
static struct str
rev_base(struct str rev)
{
	for (size_t i = 0; i < rev.n; i++)
		if (strchr("^~:", rev.p[i]) != NULL ||
		    (rev.p[i] == '@' && i + 1 < rev.n && rev.p[i + 1] == '{'))
			return str_sub(rev, 0, i);
	return rev;
}

static bool
hexish(struct str s)
{
	size_t g = str_find(s, STR("-g")); /* v1.0-3-gabcdef, as describe prints it */

	if (g != STR_NPOS && hexish(str_sub(s, g + 2, s.n)))
		return true;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || strchr("0123456789abcdefABCDEF", s.p[i]) == NULL)
			return false;
	return s.n >= 4;
}

enum tri
git_revision(struct git *g, struct str rev)
{
	struct str base = rev_base(rev), value, full;
	size_t n;

	if (!git_whole(g))
		return TRI_MAYBE;
	if (base.n < rev.n) {
		if (base.n == 0)
			return TRI_MAYBE; /* :/text, @{-1} */
		return git_revision(g, base) == TRI_NO ? TRI_NO : TRI_MAYBE;
	}
	if (git_hex(rev))
		return TRI_YES;
	if (str_is(rev, "@"))
		rev = STR("HEAD");
	if (git_ref_count(g, rev, &n, &full) != 0)
		return TRI_MAYBE;
	if (n > 0)
		return TRI_YES;
	if (git_ref_valid(rev, false)) {
		int err = git_resolve(g, rev, NULL, &value); /* HEAD, FETCH_HEAD, ORIG_HEAD … */

		if (err != BRIDLE_ENOENT)
			return err == 0 ? TRI_YES : TRI_MAYBE;
	}
	return hexish(rev) ? TRI_MAYBE : TRI_NO;
}
