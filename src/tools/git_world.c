/* SPDX-License-Identifier: ISC */
/*
 * git_world.c: what a git command reads: files and variables as the line has
 * left them, and all of the configuration with its includes. Where it starts:
 * git_open.c.
 */
#include <string.h>

#include "tools/git.h"

#define INCLUDE_DEPTH 10 /* git's own */

size_t
git_pick(struct git *g, struct str what, size_t n)
{
	size_t *had = map_get(g->picked, what);

	if (had != NULL)
		return *had;
	had = NEW(g->a, size_t);
	if (n > 1 && g->ways * n > LIMIT_ALTERNATIVES) {
		g->too_many = true;
	} else if (n > 1) {
		*had = g->variant / g->ways % n;
		g->ways *= n;
	}
	map_put(g->picked, str_dup(g->a, what), had);
	return *had;
}

struct kept {
	struct str text;
	int err;
};

static int
read_now(struct git *g, struct str path, struct str *text)
{
	struct overlay_state s = { 0 };
	size_t n, i;
	int err;

	if (str_is(path, "/dev/null")) {
		*text = STR("");
		return 0;
	}
	if ((err = overlay_read(g->rd, path, &s)) != 0)
		return err;
	n = s.texts.n + s.absent + s.unknown;
	if (n == 0)
		return BRIDLE_EUNKNOWN;
	i = n == 1 ? 0 : git_pick(g, path, n);
	if (g->too_many || i > s.texts.n)
		return BRIDLE_EUNKNOWN;
	if (i == s.texts.n)
		return s.absent ? BRIDLE_ENOENT : BRIDLE_EUNKNOWN;
	*text = s.texts.v[i];
	return 0;
}

int
git_read(struct git *g, struct str path, struct str *text)
{
	struct kept *k = map_get(g->files, path);

	if (k == NULL && g->had != NULL)
		k = map_get(g->had, path);
	if (k == NULL) {
		k = NEW(g->a, struct kept);
		k->err = read_now(g, path, &k->text);
		map_put(g->files, str_dup(g->a, path), k);
	}
	*text = k->text;
	return k->err;
}

int
git_env(struct git *g, const char *name, struct str *value)
{
	struct words ws = { 0 };
	int err = BRIDLE_ENOENT;

	if (g->no_env && name[0] == 'G' && strncmp(name, "GIT_", 4) == 0)
		return err;
	if (g->asked && (strcmp(name, "HOME") == 0 || strcmp(name, "XDG_CONFIG_HOME") == 0)) {
		const struct git_var *v = *name == 'H' ? &g->home : &g->xdg;

		*value = v->value;
		return v->err;
	}
	err = shell_env(g->rd->shell, g->st, str_of(name), &ws);
	if (err != 0)
		return err;
	if (ws.n == 0)
		return BRIDLE_EUNKNOWN;
	if (ws.n > 1)
		ws.v += git_pick(g, str_printf(g->a, "$%s", name), ws.n);
	return word_known(g->a, ws.v[0], value) ? 0 : BRIDLE_EUNKNOWN;
}

bool
git_is_dir(struct git *g, struct str path)
{
	struct world_stat s;

	return overlay_stat(g->rd, path, true, &s) == 0 && s.kind == WORLD_DIR;
}

bool
git_is_file(struct git *g, struct str path)
{
	struct world_stat s;

	return overlay_stat(g->rd, path, true, &s) == 0 && s.kind == WORLD_FILE;
}

struct str
git_under(struct git *g, struct str dir, const char *name)
{
	struct str path = path_join(g->a, dir, str_of(name));

	return path_is_clean(dir) ? path : path_clean(g->a, path);
}

/* ---- includes ---- */
struct include {
	struct git *g;
	struct git_config *out;
	enum git_scope scope;
	size_t files;      /* included so far, all in all */
	bool urls;         /* hasconfig was asked: a second reading knows the URLs */
	const struct git_config *known; /* of the first reading */
};

static void
lost(struct include *in, struct str why)
{
	if (in->out->why.n == 0)
		in->out->why = why;
}

static struct str
lowered(struct arena *a, struct str s)
{
	char *p = NEW_ARRAY(a, char, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		p[i] = byte_lower(s.p[i]);
	return (struct str){ p, s.n };
}

/* ~ in front; EUNKNOWN where the home is not known. */
static int
expand_home(struct include *in, struct str path, struct str *out)
{
	struct str home;

	*out = path;
	if (path.n == 0 || path.p[0] != '~')
		return 0;
	if ((path.n > 1 && path.p[1] != '/') || git_env(in->g, "HOME", &home) != 0)
		return BRIDLE_EUNKNOWN;
	*out = str_cat(in->g->a, home, str_sub(path, 1, path.n));
	return 0;
}

static enum tri
gitdir_is(struct include *in, struct str pattern, struct str file, bool fold)
{
	struct arena *a = in->g->a;
	struct str dir = in->g->repo.gitdir;

	if (in->g->repo.found == GIT_UNSURE)
		return TRI_MAYBE;
	if (dir.n == 0)
		return TRI_NO;
	if (expand_home(in, pattern, &pattern) != 0)
		return TRI_MAYBE;
	if (str_starts(pattern, STR("./")))
		pattern = path_join(a, path_dir(file), str_sub(pattern, 2, pattern.n));
	else if (pattern.n > 0 && pattern.p[0] != '/')
		pattern = str_cat(a, STR("**/"), pattern);
	if (str_ends(pattern, STR("/")))
		pattern = str_cat(a, pattern, STR("**"));
	if (fold) {
		pattern = lowered(a, pattern);
		dir = lowered(a, dir);
	}
	return glob_path_match(pattern, dir) ? TRI_YES : TRI_NO;
}

static enum tri
branch_is(struct include *in, struct str pattern)
{
	struct str branch;
	int err = in->g->repo.found == GIT_NONE ? BRIDLE_ENOENT : git_head(in->g, &branch);

	if (err != 0)
		return err == BRIDLE_EUNKNOWN ? TRI_MAYBE : TRI_NO;
	if (str_ends(pattern, STR("/")))
		pattern = str_cat(in->g->a, pattern, STR("**"));
	return glob_path_match(pattern, str_sub(branch, STR("refs/heads/").n, branch.n)) ?
	    TRI_YES : TRI_NO;
}

static enum tri
has_url(struct include *in, struct str pattern)
{
	in->urls = true;
	if (in->known == NULL)
		return TRI_NO;
	for (size_t i = 0; i < in->known->list.n; i++) {
		const struct git_setting *s = &in->known->list.v[i];

		if (str_starts(s->key, STR("remote.")) && str_ends(s->key, STR(".url")) &&
		    glob_path_match(pattern, s->value))
			return TRI_YES;
	}
	return TRI_NO;
}

static enum tri
condition(struct include *in, struct str cond, struct str file)
{
	static const struct {
		const char *prefix;
		bool fold;
	} dirs[] = { { "gitdir:", false }, { "gitdir/i:", true } };

	for (size_t i = 0; i < 2; i++) {
		struct str pre = str_of(dirs[i].prefix);

		if (str_starts(cond, pre))
			return gitdir_is(in, str_sub(cond, pre.n, cond.n), file, dirs[i].fold);
	}
	if (str_starts(cond, STR("onbranch:")))
		return branch_is(in, str_sub(cond, 9, cond.n));
	if (str_starts(cond, STR("hasconfig:remote.*.url:")))
		return has_url(in, str_sub(cond, 23, cond.n));
	return TRI_NO;
}

static void read_file(struct include *in, struct str path, unsigned depth);

/* An include.path or includeIf.COND.path that stands in file (empty: on the
 * command line). */
static void
follow(struct include *in, const struct git_setting *s, struct str file, unsigned depth)
{
	struct str sec, cond, name, path;
	enum tri holds = TRI_YES;

	git_config_split(s->key, &sec, &cond, &name);
	if (!str_is(name, "path") || s->bare || s->value.n == 0)
		return;
	if (str_is(sec, "includeif"))
		holds = condition(in, cond, file);
	else if (!str_is(s->key, "include.path"))
		return;
	if (holds == TRI_NO)
		return;
	if (expand_home(in, s->value, &path) != 0 ||
	    (path.n > 0 && path.p[0] == '%') || (path.p[0] != '/' && file.n == 0)) {
		lost(in, str_printf(in->g->a, "git configuration includes " STR_FMT ", which cannot be found",
		    STR_ARG(s->value)));
		return;
	}
	path = path_clean(in->g->a, path_join(in->g->a, path_dir(file), path));
	if (holds == TRI_MAYBE)
		lost(in, str_printf(in->g->a, "git may include " STR_FMT, STR_ARG(path)));
	else if (++in->files > LIMIT_INCLUDES || depth >= INCLUDE_DEPTH)
		lost(in, STR("git configuration includes too many files"));
	else
		read_file(in, path, depth + 1);
}

static void
take(struct include *in, const struct git_config *raw, struct str file, unsigned depth)
{
	for (size_t i = 0; i < raw->list.n; i++) {
		const struct git_setting *s = &raw->list.v[i];

		*vec_push(in->g->a, &in->out->list) = *s;
		if (str_starts(s->key, STR("include")))
			follow(in, s, file, depth);
	}
}

static void
read_file(struct include *in, struct str path, unsigned depth)
{
	struct git_config raw = { 0 };
	struct str text;
	/* What is not the repository's is read by nobody again. */
	int err = in->scope == GIT_SYSTEM || in->scope == GIT_GLOBAL ? read_now(in->g, path, &text)
								     : git_read(in->g, path, &text);

	if (err == BRIDLE_ENOENT)
		return;
	if (err != 0) {
		lost(in, str_printf(in->g->a, STR_FMT " cannot be read", STR_ARG(path)));
		return;
	}
	if (git_config_parse(in->g->a, text, in->scope, &raw) != 0)
		lost(in, str_printf(in->g->a, STR_FMT " is broken", STR_ARG(path)));
	take(in, &raw, path, depth);
}

/* ---- the files, in git's order ---- */
static void
read_system(struct include *in)
{
	/* Where packages put it; at most one of them exists as a rule. */
	static const char *const places[] = { "/etc/gitconfig", "/usr/local/etc/gitconfig",
		"/opt/homebrew/etc/gitconfig" };
	struct str v;
	int err = git_env(in->g, "GIT_CONFIG_NOSYSTEM", &v);

	in->scope = GIT_SYSTEM;
	if (err == BRIDLE_EUNKNOWN)
		lost(in, STR("GIT_CONFIG_NOSYSTEM is not known"));
	if (err == 0 && v.n > 0 && !str_is(v, "0") && !str_ieq(v, STR("false")) &&
	    !str_ieq(v, STR("no")) && !str_ieq(v, STR("off")))
		return;
	err = git_env(in->g, "GIT_CONFIG_SYSTEM", &v);
	if (err == BRIDLE_EUNKNOWN)
		lost(in, STR("GIT_CONFIG_SYSTEM is not known"));
	if (err == 0) {
		if (v.n > 0)
			read_file(in, path_join(in->g->a, in->g->dir, v), 0);
		return;
	}
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		read_file(in, str_of(places[i]), 0);
}

static void
read_global(struct include *in)
{
	struct str v, home = { 0 };
	int err = git_env(in->g, "GIT_CONFIG_GLOBAL", &v);

	in->scope = GIT_GLOBAL;
	if (err == 0) {
		if (v.n > 0)
			read_file(in, path_join(in->g->a, in->g->dir, v), 0);
		return;
	}
	if (err == BRIDLE_EUNKNOWN || git_env(in->g, "HOME", &home) == BRIDLE_EUNKNOWN) {
		lost(in, STR("where the user's git configuration is, is not known"));
		return;
	}
	err = git_env(in->g, "XDG_CONFIG_HOME", &v);
	if (err == BRIDLE_EUNKNOWN)
		lost(in, STR("XDG_CONFIG_HOME is not known"));
	else if (err == 0 && v.n > 0)
		read_file(in, git_under(in->g, v, "git/config"), 0);
	else if (home.n > 0)
		read_file(in, git_under(in->g, home, ".config/git/config"), 0);
	if (home.n > 0)
		read_file(in, git_under(in->g, home, ".gitconfig"), 0);
}

static void
read_repository(struct include *in)
{
	struct git *g = in->g;

	in->scope = GIT_LOCAL;
	if (g->repo.found != GIT_FOUND) {
		if (g->repo.found == GIT_UNSURE)
			lost(in, g->repo.why);
		return;
	}
	read_file(in, git_under(g, g->repo.common, "config"), 0);
	if (git_config_bool(in->out, "extensions.worktreeconfig", false) != TRI_NO) {
		in->scope = GIT_WORKTREE;
		read_file(in, git_under(g, g->repo.gitdir, "config.worktree"), 0);
	}
}

/* ---- the command line and the environment ---- */
static void
take_pair(struct include *in, struct str key, struct str value, bool bare)
{
	struct git_config raw = { 0 };
	struct git_setting s = { .value = value, .bare = bare, .scope = GIT_COMMAND };

	if (git_config_key(in->g->a, key, &s.key) != 0) {
		lost(in, str_printf(in->g->a, STR_FMT " is no name in a git configuration", STR_ARG(key)));
		return;
	}
	*vec_push(in->g->a, &raw.list) = s;
	take(in, &raw, STR(""), 0);
}

static void
take_assignment(struct include *in, struct str text)
{
	size_t eq = str_chr(text, '=');

	take_pair(in, str_sub(text, 0, eq), eq == STR_NPOS ? STR("") : str_sub(text, eq + 1, text.n),
	    eq == STR_NPOS);
}

static void
read_counted(struct include *in)
{
	struct arena *a = in->g->a;
	struct str v, key, value;
	uint64_t n;
	int err = git_env(in->g, "GIT_CONFIG_COUNT", &v);

	if (err == BRIDLE_ENOENT || (err == 0 && v.n == 0))
		return;
	if (err != 0 || str_u64(v, &n) != 0 || n > LIMIT_FILE / 64) {
		lost(in, STR("GIT_CONFIG_COUNT is not known"));
		return;
	}
	for (uint64_t i = 0; i < n; i++) {
		if (git_env(in->g, str_printf(a, "GIT_CONFIG_KEY_%u", (unsigned)i).p, &key) != 0 ||
		    git_env(in->g, str_printf(a, "GIT_CONFIG_VALUE_%u", (unsigned)i).p, &value) != 0) {
			lost(in, str_printf(a, "GIT_CONFIG_KEY_%u is not known", (unsigned)i));
			return;
		}
		take_pair(in, key, value, false);
	}
}

/* A word in single quotes as git writes it ('it'\''s'), at *at. */
static int
dequote(struct arena *a, struct str s, size_t *at, struct str *out)
{
	struct buf b;
	size_t i = *at;

	buf_init(&b, a);
	if (i >= s.n || s.p[i] != '\'')
		return BRIDLE_ESYNTAX;
	for (i++;; i++) {
		if (i >= s.n)
			return BRIDLE_ESYNTAX;
		if (s.p[i] != '\'') {
			buf_putc(&b, s.p[i]);
			continue;
		}
		if (i + 3 < s.n && s.p[i + 1] == '\\' && s.p[i + 3] == '\'') {
			buf_putc(&b, s.p[i + 2]);
			i += 3;
			continue;
		}
		*at = i + 1;
		*out = b.n == 0 ? STR("") : buf_str(&b);
		return 0;
	}
}

static void
read_parameters(struct include *in)
{
	struct str v, key, value;
	size_t at = 0;
	int err = git_env(in->g, "GIT_CONFIG_PARAMETERS", &v);

	if (err == BRIDLE_ENOENT)
		return;
	while (err == 0) {
		while (at < v.n && v.p[at] == ' ')
			at++;
		if (at == v.n)
			return;
		if ((err = dequote(in->g->a, v, &at, &key)) != 0)
			break;
		if (at >= v.n || v.p[at] == ' ') {
			take_assignment(in, key); /* the older form: 'key=value' */
			continue;
		}
		if (v.p[at++] != '=')
			break;
		if (at >= v.n || v.p[at] == ' ')
			take_pair(in, key, STR(""), true);
		else if ((err = dequote(in->g->a, v, &at, &value)) == 0)
			take_pair(in, key, value, false);
	}
	lost(in, STR("GIT_CONFIG_PARAMETERS is not known"));
}

static void
read_options(struct include *in)
{
	const struct option_value *c = in->g->p == NULL ? NULL : parsed_option(in->g->p, "c");
	const struct option_value *e = in->g->p == NULL ? NULL : parsed_option(in->g->p, "config-env");
	struct str text, value;

	for (size_t i = 0; c != NULL && i < c->values.n; i++) {
		if (word_known(in->g->a, c->values.v[i], &text))
			take_assignment(in, text);
		else
			lost(in, str_printf(in->g->a, "what -c " STR_FMT " sets is not known",
			    STR_ARG(word_show(in->g->a, c->values.v[i]))));
	}
	for (size_t i = 0; e != NULL && i < e->values.n; i++) {
		size_t eq;

		if (word_known(in->g->a, e->values.v[i], &text) && (eq = str_rchr(text, '=')) != STR_NPOS &&
		    git_env(in->g, str_c(in->g->a, str_sub(text, eq + 1, text.n)), &value) == 0)
			take_pair(in, str_sub(text, 0, eq), value, false);
		else
			lost(in, STR("what --config-env sets is not known"));
	}
}

static void
read_all(struct include *in)
{
	read_system(in);
	read_global(in);
	read_repository(in);
	in->scope = GIT_COMMAND;
	read_counted(in);
	read_parameters(in);
	read_options(in);
}

void
git_read_config(struct git *g)
{
	struct git_config first = { 0 }, again = { 0 };
	struct include in = { .g = g, .out = &first };

	read_all(&in);
	if (in.urls) { /* includeIf "hasconfig:…" looks at all the rest */
		struct include second = { .g = g, .out = &again, .known = &first };

		read_all(&second);
		first = again;
	}
	g->config = first;
	if (g->too_many && g->config.why.n == 0)
		g->config.why = STR("the repository may be in too many states here");
}

void
git_read_local(struct git *g, struct git_config *out)
{
	struct include in = { .g = g, .out = out };

	read_repository(&in);
}
