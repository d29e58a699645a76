/* SPDX-License-Identifier: ISC */
/*
 * git_ignore.c: .gitignore files, .git/info/exclude and core.excludesFile:
 * is a path left out? The last pattern that matches decides, a file deeper in
 * the tree before one above it.
 */
#include <string.h>

#include "tools/git_files.h"

/* No glob in it: compared as it stands. */
static bool
plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\\' || s.p[i] == '*' || s.p[i] == '?' || s.p[i] == '[')
			return false;
	return true;
}

/* Blanks at the end go, unless a backslash stands before the last one. */
static struct str
trimmed(struct str line)
{
	while (line.n > 0 && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\r' || line.p[line.n - 1] == '\t')) {
		if (line.n > 1 && line.p[line.n - 2] == '\\')
			break;
		line.n--;
	}
	return line;
}

static void
add_line(struct git *g, struct git_ignore *ig, struct str base, struct str line)
{
	struct git_pattern_line p = { .base = base };
	size_t slash;

	line = trimmed(line);
	if (line.n == 0 || line.p[0] == '#')
		return;
	if (line.p[0] == '!') {
		p.keep = true;
		line = str_sub(line, 1, line.n);
	}
	if (line.n > 0 && line.p[line.n - 1] == '/') {
		p.dirs = true;
		line.n--;
	}
	slash = str_chr(line, '/');
	p.anchored = slash != STR_NPOS;
	if (slash == 0)
		line = str_sub(line, 1, line.n);
	if (line.n == 0)
		return;
	p.text = line;
	p.plain = plain(line);
	*vec_push(g->a, &ig->list) = p;
}

static void
add_file(struct git *g, struct git_ignore *ig, struct str path, struct str base)
{
	struct str text;
	int err = git_read(g, path, &text);

	if (err == BRIDLE_EUNKNOWN)
		ig->unsure = true;
	while (err == 0 && text.n > 0)
		add_line(g, ig, base, str_line(&text));
}

/* The files that hold for the whole tree, then that at its top. */
void
git_ignore_open(struct git *g, struct git_ignore *ig)
{
	struct str v, home;

	memset(ig, 0, sizeof *ig);
	if (git_config_last(&g->config, STR("core.excludesfile"), &v) == 0) {
		if (str_starts(v, STR("~/")) && git_env(g, "HOME", &home) == 0)
			v = path_join(g->a, home, str_sub(v, 2, v.n));
		if (v.n > 0)
			add_file(g, ig, path_join(g->a, g->repo.top, v), STR(""));
	} else if (git_env(g, "XDG_CONFIG_HOME", &v) == 0 && v.n > 0) {
		add_file(g, ig, path_join(g->a, v, STR("git/ignore")), STR(""));
	} else if (git_env(g, "HOME", &v) == 0) {
		add_file(g, ig, path_join(g->a, v, STR(".config/git/ignore")), STR(""));
	}
	add_file(g, ig, path_join(g->a, g->repo.common, STR("info/exclude")), STR(""));
	git_ignore_enter(g, ig, STR(""));
}

/* dir is relative to the top; git_ignore_leave takes its patterns away again. */
size_t
git_ignore_enter(struct git *g, struct git_ignore *ig, struct str dir)
{
	size_t had = ig->list.n;

	add_file(g, ig, path_join(g->a, path_join(g->a, g->repo.top, dir), STR(".gitignore")), dir);
	return had;
}

void
git_ignore_leave(struct git_ignore *ig, size_t had)
{
	ig->list.n = had;
}

static bool
line_matches(const struct git_pattern_line *p, struct str path, bool dir)
{
	struct str rest = path;

	if (p->dirs && !dir)
		return false;
	if (p->base.n > 0) {
		if (!path_under(path, p->base))
			return false;
		rest = str_sub(path, p->base.n + 1, path.n);
	}
	if (!p->anchored)
		rest = path_base(rest);
	return p->plain ? str_eq(p->text, rest) : glob_path_match(p->text, rest);
}

/* Of this very path; whether a folder above it is left out, the caller knows. */
bool
git_ignored(const struct git_ignore *ig, struct str path, bool dir)
{
	for (size_t i = ig->list.n; i-- > 0;)
		if (line_matches(&ig->list.v[i], path, dir))
			return !ig->list.v[i].keep;
	return false;
}

/* A path from the top, with the .gitignore of every folder on the way. */
bool
git_ignored_path(struct git *g, struct str path)
{
	struct git_ignore ig;
	size_t at = 0;

	git_ignore_open(g, &ig);
	for (;;) {
		size_t slash = str_chr(str_sub(path, at, path.n), '/');
		struct str part = slash == STR_NPOS ? path : str_sub(path, 0, at + slash);

		if (git_ignored(&ig, part, slash != STR_NPOS))
			return true;
		if (slash == STR_NPOS)
			return false;
		git_ignore_enter(g, &ig, part);
		at += slash + 1;
	}
}
