/* SPDX-License-Identifier: ISC */
/*
 * found.c: what a project says of itself: the apps of its fly.toml files, in a
 * monorepo one a folder, and the branches that take no direct push. Only reads,
 * and only a bounded part of it; what is asked about it is in init.c.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bridle/limits.h"
#include "bridle/local.h"
#include "found.h"
#include "toml/toml.h"

#define MOST_DEPTH 3
#define MOST_ENTRIES 5000 /* looked at, of all folders */
#define MOST_APPS 16

bool
found_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./*", s.p[i]) == NULL)
			return false;
	return s.n > 0;
}

struct str
found_next(struct str *names)
{
	struct str all = str_trim(*names), one = str_sub(all, 0, str_chr(all, ' '));

	*names = str_sub(all, one.n, all.n);
	return one;
}

/* ---- apps ---- */

struct walk {
	struct arena *a;
	VEC(struct str) files; /* fly.toml and fly.NAME.toml */
	size_t entries;
};

static bool
skipped(const char *name)
{
	static const char *const names[] = { "node_modules", "vendor", "target", "dist", "build", "deps", "_build" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return name[0] == '.';
}

static void
walk(struct walk *w, struct str dir, unsigned depth)
{
	DIR *d = opendir(str_c(w->a, dir));
	struct dirent *e;

	while (d != NULL && w->entries++ < MOST_ENTRIES && (e = readdir(d)) != NULL) {
		struct str name = str_of(e->d_name), path;
		struct stat st;

		if (skipped(e->d_name))
			continue;
		path = path_join(w->a, dir, str_dup(w->a, name));
		if (lstat(str_c(w->a, path), &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < MOST_DEPTH)
			walk(w, path, depth + 1);
		else if (S_ISREG(st.st_mode) && (str_is(name, "fly.toml") || glob_match(STR("fly.*.toml"), name)))
			*vec_push(w->a, &w->files) = path;
	}
	if (d != NULL)
		closedir(d);
}

static size_t
depth_of(struct str path)
{
	size_t n = 0;

	for (size_t i = 0; i < path.n; i++)
		n += path.p[i] == '/';
	return n;
}

/* The top's before those below, fly.toml before fly.NAME.toml. */
static int
by_place(const void *x, const void *y)
{
	const struct str *a = x, *b = y;
	bool plain_a = str_is(path_base(*a), "fly.toml"), plain_b = str_is(path_base(*b), "fly.toml");

	if (depth_of(*a) != depth_of(*b))
		return depth_of(*a) < depth_of(*b) ? -1 : 1;
	return plain_a != plain_b ? (plain_a ? -1 : 1) : str_cmp(*a, *b);
}

static struct str
app_in(struct arena *a, struct str path)
{
	struct toml_error err;
	struct toml_doc doc;
	struct str text;

	if (local_read_file(a, str_c(a, path), LIMIT_FILE, &text) != 0 || toml_parse(a, text, &doc, &err) != 0)
		return STR("");
	for (size_t i = 0; i < doc.n; i++)
		if (doc.v[i].npath == 1 && str_ieq(doc.v[i].path[0].name, STR("app")) &&
		    doc.v[i].kind == TOML_KIND_STRING && found_plain(doc.v[i].text))
			return doc.v[i].text;
	return STR("");
}

/* Does one of its parts say that it is not production? */
static bool
not_production(struct str name)
{
	static const char *const parts[] = { "staging", "stage", "stg", "preview", "review", "dev", "development",
		"test", "testing", "qa", "sandbox", "demo", "local" };

	while (name.n > 0) {
		size_t end = 0;

		while (end < name.n && strchr("-_.", name.p[end]) == NULL)
			end++;
		for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
			if (str_ieq(str_sub(name, 0, end), str_of(parts[i])))
				return true;
		name = str_sub(name, end + 1, name.n);
	}
	return false;
}

struct str
found_apps(struct arena *a, struct str project)
{
	struct walk w = { .a = a };
	struct str top = app_in(a, path_join(a, project, STR("fly.toml")));
	struct buf b;
	size_t n = 0;

	walk(&w, project, 0);
	if (w.files.n > 1)
		qsort(w.files.v, w.files.n, sizeof w.files.v[0], by_place);
	buf_init(&b, a);
	buf_puts(&b, " ");
	for (size_t i = 0; i < w.files.n && n < MOST_APPS; i++) {
		struct str app = app_in(a, w.files.v[i]);

		if (app.n == 0 || not_production(app) || not_production(path_base(w.files.v[i])) ||
		    str_find(buf_str(&b), str_printf(a, " " STR_FMT " ", STR_ARG(app))) != STR_NPOS)
			continue;
		buf_printf(&b, STR_FMT " ", STR_ARG(app));
		n++;
	}
	return n > 0 ? str_trim(buf_str(&b)) : top;
}

/* ---- branches ---- */

static bool
is_there(struct arena *a, struct str dir, const char *name)
{
	struct stat st;

	return stat(str_c(a, path_join(a, dir, str_of(name))), &st) == 0;
}

/* Is there a branch of this name, or, with a slash at its end, one below it? */
static bool
has_branch(struct arena *a, struct str git, struct str packed, const char *name)
{
	static const char *const where[] = { "refs/heads/", "refs/remotes/origin/" };

	for (size_t i = 0; i < sizeof where / sizeof where[0]; i++) {
		struct str ref = str_cat(a, str_of(where[i]), str_of(name));
		struct str line = str_printf(a, " " STR_FMT "%s", STR_ARG(ref), str_ends(ref, STR("/")) ? "" : "\n");

		if (is_there(a, git, ref.p) || str_find(packed, line) != STR_NPOS)
			return true;
	}
	return false;
}

/* The first line of a file behind what it begins with, as a folder; or, of another, the one given. */
static struct str
folder_in(struct arena *a, struct str dir, const char *file, const char *begins, struct str other)
{
	struct str text;

	if (local_read_file(a, str_c(a, path_join(a, dir, str_of(file))), 4096, &text) != 0 ||
	    !str_starts(text, str_of(begins)))
		return other;
	text = str_trim(str_sub(text, strlen(begins), text.n));
	return text.n > 0 ? path_clean(a, path_join(a, dir, text)) : other;
}

/* Where the branches are: a worktree's and a submodule's .git is a file that leads there. */
static struct str
branches_in(struct arena *a, struct str project)
{
	struct str git = folder_in(a, project, ".git", "gitdir:", path_join(a, project, STR(".git")));

	return folder_in(a, git, "commondir", "", git);
}

struct str
found_trunk(struct arena *a, struct str project)
{
	struct str git = branches_in(a, project), text, ref = STR("ref: refs/remotes/origin/"), packed, main_one;
	static const struct {
		const char *branch, *pattern;
	} more[] = { { "production", " production" }, { "prod", " prod" }, { "release/", " release/*" } };
	struct buf b;

	if (local_read_file(a, str_c(a, path_join(a, git, STR("packed-refs"))), LIMIT_FILE, &packed) != 0)
		packed = STR("");
	main_one = has_branch(a, git, packed, "master") && !has_branch(a, git, packed, "main") ? STR("master") : STR("main");
	if (local_read_file(a, str_c(a, path_join(a, git, STR("refs/remotes/origin/HEAD"))), 4096, &text) == 0 &&
	    str_starts(text, ref) && found_plain(str_trim(str_sub(text, ref.n, text.n))))
		main_one = str_trim(str_sub(text, ref.n, text.n));
	buf_init(&b, a);
	buf_add(&b, main_one);
	for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
		if (has_branch(a, git, packed, more[i].branch) && !str_is(main_one, more[i].branch))
			buf_puts(&b, more[i].pattern);
	return buf_str(&b);
}
