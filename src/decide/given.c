/* SPDX-License-Identifier: ISC */
/*
 * given.c: the world of a test, made of `given K=V`: a fly.toml, a git
 * repository, files, environment, deeds done. See decide.h for the keys.
 */
#include <string.h>

#include "decide.h"

#define SHA "1111111111111111111111111111111111111111"

void
decide_test_world(struct table_world *t, struct request *r, struct arena *a, struct world *w)
{
	table_world_init(t, a, w);
	memset(r, 0, sizeof *r);
	r->cwd = STR("/project");
	r->project = STR("/project");
	r->home = STR("/home/dev");
	r->user = STR("dev");
	r->agent = STR("claude");
	r->mode = STR("default");
	r->session = STR("test");
	r->tool = STR("Bash");
	table_world_env(t, STR("HOME"), r->home);
	table_world_env(t, STR("PATH"), STR("/usr/local/bin:/usr/bin:/bin"));
	table_world_env(t, STR("USER"), r->user);
}

static struct str
file_of(const struct table_world *t, const char *path)
{
	const struct str *s = map_get(t->files, str_of(path));

	return s == NULL ? STR("") : *s;
}

static void
file_add(struct table_world *t, const char *path, struct str more)
{
	table_world_file(t, str_of(path), str_cat(t->a, file_of(t, path), more));
}

/* A repository with one remote, unless a given has made it already. */
static void
need_repository(struct table_world *t)
{
	if (map_get(t->files, STR("/project/.git/HEAD")) != NULL)
		return;
	table_world_file(t, STR("/project/.git/HEAD"), STR("ref: refs/heads/main\n"));
	table_world_file(t, STR("/project/.git/config"),
	    STR("[core]\n\trepositoryformatversion = 0\n\tbare = false\n"
		"[remote \"origin\"]\n\turl = git@github.com:acme/app.git\n"
		"\tfetch = +refs/heads/*:refs/remotes/origin/*\n"));
	table_world_file(t, STR("/project/.git/refs/heads/main"), STR(SHA "\n"));
	table_world_file(t, STR("/project/.git/refs/remotes/origin/main"), STR(SHA "\n"));
	table_world_file(t, STR("/project/.git/objects/info/packs"), STR(""));
}

static void
given_branch(struct table_world *t, struct str name)
{
	need_repository(t);
	table_world_file(t, STR("/project/.git/HEAD"),
	    str_printf(t->a, "ref: refs/heads/" STR_FMT "\n", STR_ARG(name)));
	table_world_file(t, str_printf(t->a, "/project/.git/refs/heads/" STR_FMT, STR_ARG(name)), STR(SHA "\n"));
}

/* upstream=origin/main of the current branch. */
static int
given_upstream(struct table_world *t, struct str value)
{
	struct str head = STR("ref: refs/heads/"), branch;
	size_t slash = str_chr(value, '/');

	need_repository(t);
	branch = str_trim(file_of(t, "/project/.git/HEAD"));
	if (slash == STR_NPOS || !str_starts(branch, head))
		return BRIDLE_EINVAL;
	branch = str_sub(branch, head.n, branch.n);
	file_add(t, "/project/.git/config",
	    str_printf(t->a, "[branch \"" STR_FMT "\"]\n\tremote = " STR_FMT "\n\tmerge = refs/heads/" STR_FMT "\n",
		STR_ARG(branch), STR_ARG(str_sub(value, 0, slash)), STR_ARG(str_sub(value, slash + 1, value.n))));
	return 0;
}

/* KEY = section.name or section.sub.section.name, as git config writes it. */
static int
given_gitconfig(struct table_world *t, struct str key, struct str value)
{
	size_t first = str_chr(key, '.'), last = str_rchr(key, '.');

	if (first == STR_NPOS)
		return BRIDLE_EINVAL;
	need_repository(t);
	if (first == last)
		file_add(t, "/project/.git/config", str_printf(t->a, "[" STR_FMT "]\n", STR_ARG(str_sub(key, 0, first))));
	else
		file_add(t, "/project/.git/config", str_printf(t->a, "[" STR_FMT " \"" STR_FMT "\"]\n",
		    STR_ARG(str_sub(key, 0, first)), STR_ARG(str_sub(key, first + 1, last - first - 1))));
	file_add(t, "/project/.git/config", str_printf(t->a, "\t" STR_FMT " = " STR_FMT "\n",
	    STR_ARG(str_sub(key, last + 1, key.n)), STR_ARG(value)));
	return 0;
}

static struct str
unescape(struct arena *a, struct str s)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\' || i + 1 == s.n) {
			buf_putc(&b, s.p[i]);
			continue;
		}
		i++;
		buf_putc(&b, (char)(s.p[i] == 'n' ? '\n' : s.p[i] == 't' ? '\t' : s.p[i]));
	}
	return b.n == 0 ? STR("") : buf_str(&b);
}

/* A deed done: the keys of what the command, having succeeded, completes. */
static int
given_done(const struct policy *p, struct table_world *t, const struct world *w,
    const struct request *r, struct str command)
{
	struct arena *scratch = arena_new(0);
	struct request rq = *r;
	struct deeds deeds;
	int err;

	if (scratch == NULL)
		return BRIDLE_ENOMEM;
	rq.kind = REQUEST_SHELL;
	rq.text = command;
	if ((err = decide_deeds(p, w, &rq, scratch, &deeds)) == 0)
		for (size_t i = 0; i < deeds.list.n; i++)
			map_put(t->done, str_dup(t->a, deeds.list.v[i].key), t);
	arena_free(scratch);
	return err;
}

static bool
after_prefix(struct str key, const char *prefix, struct str *rest)
{
	struct str pre = str_of(prefix);

	if (!str_starts(key, pre) || key.n == pre.n)
		return false;
	*rest = str_sub(key, pre.n, key.n);
	return true;
}

static bool
given_request(struct table_world *t, struct request *r, struct str key, struct str value)
{
	if (str_is(key, "cwd")) {
		r->cwd = path_clean(t->a, path_join(t->a, r->project, value));
	} else if (str_is(key, "mode")) {
		r->mode = value;
	} else if (str_is(key, "agent")) {
		r->agent = value;
		r->person = str_is(value, "");
	} else if (str_is(key, "user")) {
		r->user = value;
	} else if (str_is(key, "shell")) {
		r->shell = str_is(value, "zsh") ? SHELL_ZSH : str_is(value, "sh") ? SHELL_SH : SHELL_BASH;
	} else {
		return false;
	}
	return true;
}

int
decide_given(const struct policy *p, struct table_world *t, const struct world *w,
    struct request *r, struct str key, struct str value, struct str *what)
{
	struct str rest;

	*what = STR("unknown key; known: app branch upstream cwd mode agent user shell env.NAME remote.NAME "
		    "gitconfig:KEY ref:NAME file:PATH done:COMMAND");
	if (given_request(t, r, key, value))
		return 0;
	if (str_is(key, "app")) {
		table_world_file(t, STR("/project/fly.toml"), str_printf(t->a, "app = \"" STR_FMT "\"\n", STR_ARG(value)));
	} else if (str_is(key, "branch")) {
		given_branch(t, value);
	} else if (str_is(key, "upstream")) {
		*what = STR("expected upstream=REMOTE/BRANCH after branch=");
		return given_upstream(t, value);
	} else if (after_prefix(key, "env.", &rest)) {
		table_world_env(t, rest, value);
	} else if (after_prefix(key, "remote.", &rest)) {
		return given_gitconfig(t, str_printf(t->a, "remote." STR_FMT ".url", STR_ARG(rest)), value);
	} else if (after_prefix(key, "gitconfig:", &rest)) {
		*what = STR("expected gitconfig:SECTION.NAME=VALUE");
		return given_gitconfig(t, rest, value);
	} else if (after_prefix(key, "ref:", &rest)) {
		need_repository(t);
		table_world_file(t, str_printf(t->a, "/project/.git/" STR_FMT, STR_ARG(rest)),
		    str_cat(t->a, value, STR("\n")));
	} else if (after_prefix(key, "file:", &rest)) {
		table_world_file(t, path_join(t->a, r->project, rest), unescape(t->a, value));
	} else if (str_is(key, "done") || after_prefix(key, "done:", &rest)) {
		*what = STR("the command could not be read");
		return given_done(p, t, w, r, str_is(key, "done") ? value : rest);
	} else {
		return BRIDLE_EINVAL;
	}
	return 0;
}
