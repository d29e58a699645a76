/* SPDX-License-Identifier: ISC */
/*
 * git_files.c: which files of the work tree a command is about: pathspecs,
 * tracked files that have changed, files that are not tracked. Folders that
 * are left out are not looked into; beyond the budget `more` is set.
 */
#include <string.h>

#include "tools/git_files.h"
#include "tools/host.h"

/* Shares of LIMIT_LOOKUPS: a line holds more than one command. */
#define MAX_STATS 4000
#define MAX_DIRS 2000
#define MAX_FILES 4096
#define DEPTH 64

/* ---- pathspecs ---- */
static bool
has_magic(struct str s)
{
	return s.n > 0 && s.p[0] == ':';
}

/* From the top of the tree; false: outside of it. */
static bool
from_top(struct git *g, struct str path, struct str *out)
{
	struct str full = path_clean(g->a, path_join(g->a, g->dir, path)), top = g->repo.top;

	if (!path_under(full, top)) {
		full = overlay_real(g->rd, full);
		top = overlay_real(g->rd, top);
	}
	if (!path_under(full, top))
		return false;
	*out = str_is(top, "/") ? str_sub(full, 1, full.n) : str_sub(full, top.n + 1, full.n);
	return true;
}

void
git_spec_read(struct git *g, const struct parsed *p, size_t n, struct git_spec *out)
{
	memset(out, 0, sizeof *out);
	if (parsed_option(p, "pathspec-from-file") != NULL || p->rest || g->dir.n == 0 || g->repo.top.n == 0)
		out->unsure = true;
	out->all = n >= p->operands.n && !out->unsure;
	for (size_t i = n; i < p->operands.n; i++) {
		struct str text, path;

		if (!word_known(g->a, p->operands.v[i].v[0], &text) || (has_magic(text) && !str_is(text, ":/")))
			out->unsure = true;
		else if (str_is(text, ":/"))
			*vec_push(g->a, &out->list) = STR("");
		else if (from_top(g, text, &path))
			*vec_push(g->a, &out->list) = path;
	}
}

bool
git_spec_has(const struct git_spec *s, struct str path)
{
	if (s->all || s->unsure)
		return true;
	for (size_t i = 0; i < s->list.n; i++) {
		struct str one = s->list.v[i];

		if (one.n == 0 || path_under(path, one) || glob_match(one, path))
			return true;
	}
	return false;
}

/* Can a file below dir be meant? */
static bool
spec_below(const struct git_spec *s, struct str dir)
{
	if (s->all || s->unsure || git_spec_has(s, dir))
		return true;
	for (size_t i = 0; i < s->list.n; i++) {
		struct str one = s->list.v[i];
		size_t glob = 0;

		while (glob < one.n && strchr("*?[\\", one.p[glob]) == NULL)
			glob++;
		if (path_under(one, dir) || (glob < one.n && (glob <= dir.n ? str_starts(dir, str_sub(one, 0, glob)) :
									     str_starts(one, dir))))
			return true;
	}
	return false;
}

static void
add(struct git *g, struct git_files *out, struct str path)
{
	if (out->list.n >= MAX_FILES)
		out->more = true;
	else
		*vec_push(g->a, &out->list) = path_join(g->a, g->repo.top, path);
}

/* ---- tracked ---- */
/* Beyond the budget tracked files are left out: they are in history anyway. */
void
git_files_changed(struct git *g, const struct git_spec *s, struct git_files *out)
{
	struct git_index x;
	size_t looks = 0;
	int err = git_index_read(g, &x);

	if (err != 0) {
		out->more = out->more || err != BRIDLE_ENOENT;
		return;
	}
	for (size_t i = 0; i < x.list.n; i++) {
		if (!git_spec_has(s, x.list.v[i].path))
			continue;
		if (++looks > MAX_STATS || g->rd->lookups > LIMIT_LOOKUPS / 2)
			return;
		if (git_entry_changed(g, &x, &x.list.v[i]) != TRI_NO)
			add(g, out, x.list.v[i].path);
	}
}

/* ---- not tracked ---- */
struct walk {
	struct git *g;
	const struct git_spec *spec;
	const struct git_index *index;
	struct git_ignore ignore;
	enum git_which which;
	struct git_files *out;
	size_t dirs;
};

static void walk_dir(struct walk *w, struct str dir, bool ignored, unsigned depth);

static void
walk_entry(struct walk *w, struct str path, enum world_kind kind, bool ignored, unsigned depth)
{
	ignored = ignored || git_ignored(&w->ignore, path, kind == WORLD_DIR);
	if (kind == WORLD_DIR) {
		if (ignored && w->which == GIT_NOT_IGNORED && !git_index_below(w->index, path))
			return;
		if (!spec_below(w->spec, path))
			return;
		if (git_is_dir(w->g, path_join(w->g->a, path_join(w->g->a, w->g->repo.top, path), STR(".git"))))
			return; /* a repository of its own */
		walk_dir(w, path, ignored, depth + 1);
		return;
	}
	if (git_index_find(w->index, path) != NULL || !git_spec_has(w->spec, path))
		return;
	if (ignored ? w->which == GIT_NOT_IGNORED : w->which == GIT_IGNORED_ONLY)
		return;
	w->out->ignored = w->out->ignored || ignored;
	add(w->g, w->out, path);
}

static void
walk_dir(struct walk *w, struct str dir, bool ignored, unsigned depth)
{
	struct str full = path_join(w->g->a, w->g->repo.top, dir);
	struct world_entry *es;
	size_t n, had;
	int err;

	if (++w->dirs > MAX_DIRS || depth > DEPTH || w->out->more || w->g->rd->lookups > LIMIT_LOOKUPS / 2) {
		w->out->more = true;
		return;
	}
	err = overlay_list(w->g->rd, full, &es, &n);
	if (err != 0) {
		w->out->more = w->out->more || err != BRIDLE_ENOENT;
		return;
	}
	had = dir.n == 0 ? w->ignore.list.n : git_ignore_enter(w->g, &w->ignore, dir);
	for (size_t i = 0; i < n; i++) {
		struct str path = dir.n == 0 ? es[i].name : path_join(w->g->a, dir, es[i].name);
		enum world_kind kind = es[i].kind;
		struct world_stat s;

		if (str_is(es[i].name, ".git"))
			continue;
		if (kind == WORLD_OTHER && overlay_stat(w->g->rd, path_join(w->g->a, full, es[i].name), false, &s) == 0)
			kind = s.kind;
		walk_entry(w, path, kind, ignored, depth);
	}
	git_ignore_leave(&w->ignore, had);
}

void
git_files_untracked(struct git *g, const struct git_spec *s, enum git_which which, struct git_files *out)
{
	struct git_index x;
	struct walk w = { .g = g, .spec = s, .index = &x, .which = which, .out = out };
	int err = git_index_read(g, &x);

	if (g->repo.top.n == 0 || (err != 0 && err != BRIDLE_ENOENT)) {
		out->more = true;
		return;
	}
	git_ignore_open(g, &w.ignore);
	walk_dir(&w, STR(""), false, 0);
	out->more = out->more || w.ignore.unsure;
}
