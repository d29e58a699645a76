/* SPDX-License-Identifier: ISC */
/*
 * file.c: edit and read rules against the path of a file action, and what an
 * edit changes or adds. How path patterns are compiled, and what they mean:
 * pathpat.c.
 */
#include "policy.h"

#include <string.h>

/* ---- one pattern against one path ---- */

static struct piece
text_piece(struct str text)
{
	return (struct piece){ .kind = PIECE_TEXT, .text = text };
}

static struct piece
any_piece(size_t min)
{
	return (struct piece){ .kind = PIECE_CHARS, .min = min, .max = PIECE_NOMAX };
}

struct rooted { /* pattern words with the root before and `below` behind them */
	struct arena *a;
	VEC(struct word) list;
};

/* before: what stands before the pattern's own words, ending in a slash. */
static void
add_rooted(struct rooted *r, const struct piece *before, size_t nbefore, struct word w, bool below)
{
	struct piece *v = NEW_ARRAY(r->a, struct piece, nbefore + w.n + 2);
	size_t n = 0;

	while (n < nbefore) {
		v[n] = before[n];
		n++;
	}
	for (size_t i = 0; i < w.n; i++)
		v[n++] = w.v[i];
	if (below) {
		v[n++] = text_piece(STR("/"));
		v[n++] = any_piece(1);
	}
	*vec_push(r->a, &r->list) = (struct word){ v, n, STR("") };
}

static void
add_all(struct rooted *r, const struct pathpat *p, const struct piece *before, size_t n, bool below)
{
	for (size_t i = 0; i < p->words.n; i++) {
		if (!p->dir_only)
			add_rooted(r, before, n, p->words.v[i], false);
		if (p->dir_only || below)
			add_rooted(r, before, n, p->words.v[i], true);
	}
}

/*
 * The pattern as words for whole absolute paths: where it tightens a bare name
 * is looked for everywhere, else in the project. all_below: a name that is matched
 * may be a folder, and what lies in it is meant too.
 */
static struct words
rooted(struct matching *m, const struct pathpat *p, bool loosen, bool all_below)
{
	const struct request *rq = m->w->request;
	struct str root = p->root == PATH_HOME ? rq->home : p->root == PATH_ABSOLUTE ? STR("") : rq->project;
	struct piece anywhere[] = { any_piece(0), text_piece(STR("/")) };
	struct piece below[] = { text_piece(root), any_piece(1), text_piece(STR("/")) };
	struct rooted r = { .a = m->a };

	if (p->root == PATH_HOME && root.n == 0)
		return (struct words){ NULL, 0 };
	if (p->root == PATH_FLOATING && !loosen) {
		add_all(&r, p, anywhere, 2, all_below);
		return (struct words){ r.list.v, r.list.n };
	}
	if (root.n == 0 || root.p[root.n - 1] != '/')
		below[0].text = str_cat(m->a, root, STR("/"));
	add_all(&r, p, below, 1, all_below);
	if (p->root == PATH_FLOATING)
		add_all(&r, p, below, 3, all_below);
	return (struct words){ r.list.v, r.list.n };
}

/* ---- the path ---- */

static bool
may_hold_slash(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind == PIECE_WORDS || (w.v[i].kind == PIECE_CHARS && byteset_has(w.v[i].set, '/')))
			return true;
	return false;
}

/* May it lead out of the folder in front of it? What find prints does not. */
static bool
may_lead_up(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind != PIECE_TEXT && w.v[i].set != &byteset_below)
			return may_hold_slash(w);
	return false;
}

/* Nothing of it is known but the directory in which it is looked for. */
static bool
wholly_unknown(struct matching *m, struct word path)
{
	struct str prefix = word_prefix(path), dir;

	for (size_t i = prefix.n > 0 ? 1 : 0; i < path.n; i++)
		if (path.v[i].kind == PIECE_TEXT)
			return false;
	if (prefix.n == 0)
		return true;
	if (!word_known(m->a, m->act->cwd, &dir))
		return false;
	if (dir.n + 1 == prefix.n && str_starts(prefix, dir) && prefix.p[dir.n] == '/')
		return may_hold_slash(path);
	return false;
}

/*
 * What the path may be: where its last component is not wholly known and an
 * unknown piece may hold slashes, only what stands behind that piece binds.
 */
static struct word
may_be(struct matching *m, struct word path)
{
	struct str suffix;
	struct piece *v;

	if (!may_lead_up(path))
		return path;
	suffix = word_suffix(m->a, path);
	if (str_chr(suffix, '/') != STR_NPOS)
		return path;
	v = NEW_ARRAY(m->a, struct piece, 3);
	v[0] = text_piece(STR("/"));
	v[1] = any_piece(0);
	v[2] = text_piece(suffix);
	return (struct word){ v, suffix.n > 0 ? 3 : 2, path.typed };
}

static enum tri
pattern_matches(struct matching *m, const struct pathpat *p, struct word path, bool loosen)
{
	struct str known;

	if (words_cover(rooted(m, p, loosen, !loosen), path))
		return TRI_YES;
	if (loosen || word_known(m->a, path, &known))
		return TRI_NO;
	/* That the pattern's name is a folder here, and the unknown piece its
	 * name, is too far-fetched where the pattern does not say so. */
	return words_meet(rooted(m, p, false, false), path) ? TRI_MAYBE : TRI_NO;
}

static enum tri
matches_list(struct matching *m, const struct pathpats *ps, struct word path, bool loosen)
{
	enum tri result = TRI_NO;

	for (size_t i = 0; i < ps->list.n && result != TRI_YES; i++)
		if (!ps->list.v[i].negated)
			result = tri_or(result, pattern_matches(m, &ps->list.v[i], path, loosen));
	for (size_t i = 0; i < ps->list.n && result != TRI_NO; i++) {
		enum tri out;

		if (!ps->list.v[i].negated)
			continue;
		/* Taking out loosens an ask or deny, and tightens an allow. */
		out = pattern_matches(m, &ps->list.v[i], path, false);
		if (out == TRI_YES || (loosen && out == TRI_MAYBE))
			return TRI_NO;
	}
	return result;
}

enum tri
policy__paths(struct matching *m, const struct pathpats *ps, struct word path, bool loosen)
{
	struct str known;
	enum tri result;

	if (word_known(m->a, path, &known)) {
		path = word_text(m->a, path_clean(m->a, known));
		return matches_list(m, ps, path, loosen);
	}
	if (wholly_unknown(m, path) || (loosen && may_hold_slash(path)))
		return TRI_NO;
	result = matches_list(m, ps, loosen ? path : may_be(m, path), loosen);
	if (result == TRI_MAYBE)
		policy__why(m, "the file is not wholly known: " STR_FMT, STR_ARG(word_show(m->a, path)));
	return result;
}

/* ---- folders and all below them ---- */

#define BELOW_FILES 4096
#define BELOW_DEPTH 16

struct walk {
	struct matching *m;
	VEC(struct str) files;
	bool cut;
};

/* Folders that others fill: what lies in them is nobody's work. */
static bool
is_filled_by_others(struct str name)
{
	static const char *const names[] = { "node_modules", ".git", ".venv", "venv", "__pycache__",
		"target", "vendor", ".next", ".turbo", ".cache" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_is(name, names[i]))
			return true;
	return false;
}

/* git writes no file of a .git over what it restores. */
static bool
is_left_alone(const struct matching *m, struct str name)
{
	return (m->act->flags & ACTION_WORKTREE) != 0 && str_is(name, ".git");
}

static void
walk_dir(struct walk *w, struct str dir, unsigned depth)
{
	const struct world *world = w->m->w->world;
	struct world_entry *entries;
	size_t n;
	int err;

	if (depth > BELOW_DEPTH || w->files.n >= BELOW_FILES) {
		w->cut = true;
		return;
	}
	err = world->list == NULL ? BRIDLE_EUNKNOWN : world->list(world->ctx, w->m->a, dir, &entries, &n);
	if (err != 0) {
		w->cut |= err != BRIDLE_ENOENT;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct str path = path_join(w->m->a, dir, entries[i].name);

		if (is_left_alone(w->m, entries[i].name))
			continue;
		*vec_push(w->m->a, &w->files) = path;
		if (entries[i].kind == WORLD_DIR && !is_filled_by_others(entries[i].name))
			walk_dir(w, path, depth + 1);
	}
}

static void
find_below(struct matching *m, struct str dir)
{
	const struct world *world = m->w->world;
	struct walk w = { .m = m };
	struct world_stat st;
	int err;

	if (m->have_below)
		return;
	m->have_below = true;
	err = world->stat == NULL ? BRIDLE_EUNKNOWN : world->stat(world->ctx, dir, false, &st);
	if (err == 0 || err == BRIDLE_ENOENT) /* cp -r makes it */
		*vec_push(m->a, &w.files) = dir;
	if (err == BRIDLE_EUNKNOWN)
		w.cut = true;
	else if (err == 0 && st.kind == WORLD_DIR && !is_filled_by_others(path_base(dir)))
		walk_dir(&w, dir, 0);
	m->below = w.files.v;
	m->nbelow = w.files.n;
	m->below_cut = w.cut;
}

/* A file or folder that a pattern names at one place (~/.config/bridle/) and
 * that is there below the folder: however much else there is. */
static bool
stands_below(struct matching *m, const struct pathpats *ps, struct str dir)
{
	const struct world *world = m->w->world;

	for (size_t i = 0; i < ps->list.n; i++) {
		const struct pathpat *p = &ps->list.v[i];
		struct world_stat st;
		struct words ways;
		struct str place;

		if (p->negated || p->root == PATH_FLOATING || p->words.n != 1)
			continue;
		ways = rooted(m, p, false, false);
		if (ways.n != 1 || ways.v[0].n != (p->dir_only ? 2 : 1))
			continue;
		place = path_clean(m->a, word_prefix(ways.v[0]));
		if (place.n == 0 || !path_under(place, dir) || is_left_alone(m, path_base(place)) || world->stat == NULL ||
		    world->stat(world->ctx, place, false, &st) != 0)
			continue;
		policy__why(m, "below it is " STR_FMT, STR_ARG(place));
		m->there = true;
		return true;
	}
	return false;
}

/* The path of a pattern that names one file at one place; else empty. */
static struct str
one_place(struct matching *m, const struct pathpat *p)
{
	struct words ways = rooted(m, p, false, false);
	struct str path;

	if (ways.n != 1 || !word_known(m->a, ways.v[0], &path))
		return STR("");
	return path;
}

/* Of reads the folders are not walked: grep -r is too common. A file that the
 * pattern names at one place (~/.netrc) is read with the folder above it; where
 * that is the project, everybody knows it. */
static enum tri
read_below(struct matching *m, const struct pathpats *ps, struct word dir)
{
	const struct world *world = m->w->world;
	struct str known, top = word_prefix(dir);
	bool whole = word_known(m->a, dir, &known);
	struct world_stat st;

	if (whole) {
		top = path_clean(m->a, known);
		if (policy__paths(m, ps, dir, false) == TRI_YES)
			return TRI_YES;
	}
	for (size_t i = 0; i < ps->list.n && top.n > 0; i++) {
		struct str path = ps->list.v[i].negated ? STR("") : one_place(m, &ps->list.v[i]);

		if (path.n == 0 || !path_under(path, path_clean(m->a, top)) ||
		    (!whole && !word_meets(word_text(m->a, path), dir)) ||
		    (world->stat != NULL && world->stat(world->ctx, path, true, &st) == BRIDLE_ENOENT))
			continue;
		policy__why(m, "below it is " STR_FMT, STR_ARG(path));
		return TRI_MAYBE;
	}
	return TRI_NO;
}

enum tri
policy__below(struct matching *m, const struct pathpats *ps, struct word dir)
{
	struct str known;

	if (m->act->kind == ACTION_READ)
		return read_below(m, ps, dir);
	if (!word_known(m->a, dir, &known))
		return m->act->kind == ACTION_EDIT ? policy__found(m, ps, dir) : TRI_NO;
	known = path_clean(m->a, known);
	if (stands_below(m, ps, known))
		return TRI_YES;
	find_below(m, known);
	for (size_t i = 0; i < m->nbelow; i++) {
		struct arena_mark mark = arena_mark(m->a);
		struct str why = m->why;
		enum tri one = matches_list(m, ps, word_text(m->a, m->below[i]), false);

		/* Thousands of files, each matched in memory of its own. */
		arena_release(m->a, mark);
		m->why = why;
		if (one != TRI_YES)
			continue;
		if (!str_eq(m->below[i], known))
			policy__why(m, "below it is " STR_FMT, STR_ARG(m->below[i]));
		return TRI_YES;
	}
	if (!m->below_cut)
		return TRI_NO;
	policy__why(m, "there is more below " STR_FMT " than could be looked at", STR_ARG(known));
	return TRI_MAYBE;
}

/* ---- what find has found ---- */

/* Is it this file, or (rm -r) a folder above it? */
static bool
meets(struct matching *m, struct str file, struct word path)
{
	bool all = (m->act->flags & ACTION_RECURSIVE) != 0;
	struct str top = word_prefix(path);

	while (!word_meets(word_text(m->a, file), path)) {
		if (!all || file.n <= top.n)
			return false;
		file = path_dir(file);
	}
	return true;
}

/* Does one of these files fit both? */
static bool
any_fits(struct matching *m, const struct pathpats *ps, struct word path, const struct str *files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena_mark mark = arena_mark(m->a);
		struct str why = m->why;
		bool fits = matches_list(m, ps, word_text(m->a, files[i]), false) != TRI_NO &&
		    meets(m, files[i], path);

		arena_release(m->a, mark);
		m->why = why;
		if (!fits)
			continue;
		policy__why(m, "it may be " STR_FMT, STR_ARG(files[i]));
		m->there = true;
		return true;
	}
	return false;
}

/* The files of .git, and its hooks: find_below leaves that folder out. */
static bool
fits_in_git(struct matching *m, const struct pathpats *ps, struct word path, struct str dir)
{
	const struct world *world = m->w->world;
	VEC(struct str) files = { 0 };

	for (int hooks = 0; hooks < 2 && world->list != NULL; hooks++) {
		struct world_entry *entries;
		size_t n;

		if (hooks)
			dir = path_join(m->a, dir, STR("hooks"));
		if (world->list(world->ctx, m->a, dir, &entries, &n) != 0)
			continue;
		for (size_t i = 0; i < n; i++)
			*vec_push(m->a, &files) = path_join(m->a, dir, entries[i].name);
	}
	return any_fits(m, ps, path, files.v, files.n);
}

/* find's {}: a file that is there below where it starts. */
enum tri
policy__found(struct matching *m, const struct pathpats *ps, struct word path)
{
	const struct world *world = m->w->world;
	struct str top = word_prefix(path);
	struct world_stat st;

	/* The start itself, or in front of its last part's rest. */
	if (!str_ends(top, STR("/")) && (world->stat == NULL || world->stat(world->ctx, path_clean(m->a, top), true, &st) != 0))
		top = path_dir(top);
	top = path_clean(m->a, top);
	if (top.n == 0 || top.p[0] != '/')
		return policy__paths(m, ps, path, false);
	find_below(m, top);
	if (any_fits(m, ps, path, m->below, m->nbelow) ||
	    fits_in_git(m, ps, path, str_is(path_base(top), ".git") ? top : path_join(m->a, top, STR(".git"))))
		return TRI_MAYBE;
	if (!m->below_cut || policy__paths(m, ps, path, false) == TRI_NO)
		return TRI_NO;
	stands_below(m, ps, top);
	return TRI_MAYBE;
}

/* ---- what an edit does ---- */

static enum tri
edit_changes(struct matching *m, const struct rule *r)
{
	struct key_change first;
	enum tri result;

	memset(&first, 0, sizeof first);
	result = file_changes(m->a, m->act, r->changing, &first);
	if (result == TRI_YES)
		policy__why(m, STR_FMT " changes from %s" STR_FMT "%s to %s" STR_FMT "%s", STR_ARG(first.key),
		    first.before.n > 0 ? "`" : "not set", STR_ARG(first.before), first.before.n > 0 ? "`" : "",
		    first.after.n > 0 ? "`" : "not set", STR_ARG(first.after), first.after.n > 0 ? "`" : "");
	else if (result == TRI_MAYBE && first.after.n > 0) /* why it cannot be told */
		policy__why(m, STR_FMT, STR_ARG(first.after));
	else if (result == TRI_MAYBE)
		policy__why(m, "what the edit leaves in the file is not known");
	return result;
}

/* Is there such a line before? */
static bool
has_line(struct str text, struct str line)
{
	while (text.n > 0)
		if (str_eq(str_line(&text), line))
			return true;
	return false;
}

/* Does a line that is new match? */
static enum tri
edit_adds_regex(struct matching *m, const struct regex *re)
{
	struct str text = m->act->after;
	enum tri result = TRI_NO;

	if (!m->act->after_known) {
		policy__why(m, "what the edit leaves in the file is not known");
		return TRI_MAYBE;
	}
	while (text.n > 0 && result != TRI_YES) {
		struct str line = str_line(&text);
		enum tri one = policy__regex_match(re, line);

		if (one == TRI_NO || (m->act->before_known && has_line(m->act->before, line)))
			continue;
		result = tri_or(result, m->act->before_known ? one : TRI_MAYBE);
	}
	if (result == TRI_MAYBE)
		policy__why(m, "whether the edit adds such a line is not known");
	return result;
}

static enum tri
edit_adds(struct matching *m, const struct rule *r)
{
	struct str place = (m->act->flags & ACTION_RECURSIVE) != 0 ? m->why : STR(""); /* which file it is about */
	enum tri result = TRI_NO;

	for (size_t i = 0; i < r->adding_regex.n && result != TRI_YES; i++)
		result = tri_or(result, edit_adds_regex(m, r->adding_regex.v[i]));
	for (size_t i = 0; i < r->adding.n && result != TRI_YES; i++) {
		struct str why = STR("");
		enum tri one = TRI_MAYBE;

		if (file_adds(m->a, m->act, r->adding.v[i], &one, &why) != 0)
			one = TRI_MAYBE;
		if (one == TRI_YES || (one == TRI_MAYBE && result == TRI_NO))
			m->why = place.n > 0 ? str_printf(m->a, STR_FMT ": " STR_FMT, STR_ARG(place), STR_ARG(why)) : why;
		result = tri_or(result, one);
	}
	return result;
}

enum tri
policy__edits(struct matching *m, const struct rule *r)
{
	enum tri result = TRI_YES;

	if (r->changing.n > 0)
		result = edit_changes(m, r);
	if (result != TRI_NO && r->adding.n + r->adding_regex.n > 0)
		result = tri_and(result, edit_adds(m, r));
	return result;
}
