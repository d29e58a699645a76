/* SPDX-License-Identifier: ISC */
/*
 * git_take.c: which files git add, commit, stash and update-index bring into history, as
 * the field `path`, and whether a file that .gitignore leaves out is among
 * them because it was forced.
 */
#include <string.h>

#include "tools/git_files.h"

struct take {
	struct git *g;
	const struct parsed *p;
	struct action *act;
};

static bool
given(const struct take *l, const char *name)
{
	return parsed_option(l->p, name) != NULL;
}

static void
set_paths(const struct take *l, const struct git_files *files, bool unsure)
{
	struct arena *a = l->g->a;
	struct word *v = NEW_ARRAY(a, struct word, files->list.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < files->list.n; i++)
		v[n++] = word_text(a, files->list.v[i]);
	if (files->more || unsure)
		v[n++] = word_any(a, STR("further files"));
	field_set(l->g->rd, l->act, "path", (struct words){ v, n }, STR(""));
	if (files->more || unsure)
		action_field(l->act, "path")->why = STR("which further files it brings in is not known");
}

/* A file that is named counts whether it is there yet or not. */
static void
named_files(const struct take *l, const struct git_spec *spec, bool forced, struct git_files *out, bool *ignored)
{
	for (size_t i = 0; i < spec->list.n; i++) {
		struct str one = spec->list.v[i], full = path_join(l->g->a, l->g->repo.top, one);
		bool glob = str_chr(one, '*') != STR_NPOS || str_chr(one, '?') != STR_NPOS || str_chr(one, '[') != STR_NPOS;
		bool left_out, had = false;

		if (one.n == 0 || glob || git_is_dir(l->g, full))
			continue;
		left_out = git_ignored_path(l->g, one);
		*ignored = *ignored || left_out;
		for (size_t k = 0; k < out->list.n; k++)
			had = had || str_eq(out->list.v[k], full);
		if (!had && (!left_out || forced))
			*vec_push(l->g->a, &out->list) = full;
	}
}

/* Does the spec name more than single files? Only then the tree is walked. */
static bool
wide(const struct take *l, const struct git_spec *spec)
{
	if (spec->all || spec->unsure)
		return true;
	for (size_t i = 0; i < spec->list.n; i++) {
		struct str one = spec->list.v[i];

		if (one.n == 0 || str_chr(one, '*') != STR_NPOS || str_chr(one, '?') != STR_NPOS ||
		    str_chr(one, '[') != STR_NPOS || git_is_dir(l->g, path_join(l->g->a, l->g->repo.top, one)))
			return true;
	}
	return false;
}

static void
forced(const struct take *l, enum tri t)
{
	if (t == TRI_MAYBE)
		field_unknown(l->g->rd, l->act, "forced-ignored", STR("which files it brings in is not known"));
	else
		field_set_text(l->g->rd, l->act, "forced-ignored", t == TRI_YES ? "yes" : "no");
}

static void
add_paths(const struct take *l)
{
	struct git_files files = { 0 };
	struct git_spec spec;
	bool force = given(l, "force"), ignored = false;

	git_spec_read(l->g, l->p, 0, &spec);
	if (spec.all && !given(l, "all") && !given(l, "update"))
		spec.all = false; /* nothing is named: nothing is added */
	if (spec.list.n == 0 && !spec.all && !spec.unsure) {
		field_absent(l->g->rd, l->act, "path");
		forced(l, TRI_NO);
		return;
	}
	if (l->g->repo.top.n == 0) {
		files.more = true;
	} else {
		if (wide(l, &spec)) {
			if (!given(l, "update"))
				git_files_untracked(l->g, &spec, force ? GIT_IGNORED_TOO : GIT_NOT_IGNORED, &files);
			git_files_changed(l->g, &spec, &files);
		}
		named_files(l, &spec, force, &files, &ignored);
		ignored = ignored || files.ignored;
	}
	set_paths(l, &files, spec.unsure);
	forced(l, !force ? TRI_NO : ignored ? TRI_YES : files.more || spec.unsure ? TRI_MAYBE : TRI_NO);
}

static void
commit_paths(const struct take *l)
{
	struct git_files files = { 0 };
	struct git_spec spec;
	bool ignored = false;

	git_spec_read(l->g, l->p, 0, &spec);
	if (!given(l, "all") && spec.list.n == 0 && !spec.unsure)
		return; /* what is staged: that was judged when it was added */
	if (l->g->repo.top.n == 0) {
		files.more = true;
	} else {
		if (given(l, "all") || wide(l, &spec))
			git_files_changed(l->g, &spec, &files);
		named_files(l, &spec, true, &files, &ignored);
	}
	set_paths(l, &files, spec.unsure);
}

/* --cacheinfo MODE,NAME,PATH */
static void
cache_info(const struct take *l, struct git_files *out)
{
	const struct option_value *o = parsed_option(l->p, "cacheinfo");

	for (size_t i = 0; o != NULL && i < o->values.n; i++) {
		struct str text;

		if (word_known(l->g->a, o->values.v[i], &text) && str_chr(text, ',') != str_rchr(text, ','))
			*vec_push(l->g->a, &out->list) = path_join(l->g->a, l->g->repo.top,
			    str_sub(text, str_rchr(text, ',') + 1, STR_NPOS));
		else
			out->more = true; /* its three parts as words of their own */
	}
}

static void
index_paths(const struct take *l)
{
	struct git_files files = { 0 };
	struct git_spec spec;
	bool ignored = false;

	if (!given(l, "add") && !given(l, "cacheinfo") && !given(l, "index-info"))
		return; /* of what is not tracked it takes none */
	git_spec_read(l->g, l->p, 0, &spec);
	named_files(l, &spec, true, &files, &ignored);
	cache_info(l, &files);
	if (given(l, "stdin") || given(l, "index-info") || spec.unsure) {
		git_files_untracked(l->g, &spec, GIT_IGNORED_TOO, &files);
		files.more = true;
	}
	if (files.list.n > 0 || files.more || spec.unsure)
		set_paths(l, &files, spec.unsure);
}

static void
stash_paths(const struct take *l)
{
	struct git_files files = { 0 };
	struct git_spec spec;

	git_spec_read(l->g, l->p, 0, &spec);
	if (git_is(l->p, "stash save")) {
		memset(&spec, 0, sizeof spec); /* its operands are the message */
		spec.all = true;
	}
	if (l->g->repo.top.n == 0) {
		files.more = true;
	} else {
		git_files_changed(l->g, &spec, &files);
		if (given(l, "include-untracked") || given(l, "all"))
			git_files_untracked(l->g, &spec, given(l, "all") ? GIT_IGNORED_TOO : GIT_NOT_IGNORED, &files);
	}
	set_paths(l, &files, spec.unsure);
}

/* Fields of the files that the command brings in, if it is one that does. */
void
git_take(struct git *g, struct action *act)
{
	static const struct {
		const char *path;
		void (*takes)(const struct take *l);
	} table[] = {
		{ "add", add_paths },
		{ "commit", commit_paths },
		{ "stash", stash_paths },
		{ "stash push", stash_paths },
		{ "stash save", stash_paths },
		{ "update-index", index_paths },
	};
	struct git meant = *g;
	struct take l = { .g = &meant, .p = g->p, .act = act };

	if (g->repo.found == GIT_NONE && path_under(g->dir, g->rd->request->project))
		meant.repo.top = g->rd->request->project; /* as if it were one: git itself refuses */
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (git_is(g->p, table[i].path))
			table[i].takes(&l);
}
