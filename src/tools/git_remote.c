/* SPDX-License-Identifier: ISC */
/*
 * git_remote.c: remotes: which one a push goes to, its URLs after insteadOf,
 * its push refspecs, and which other names lead to the same place.
 */
#include <string.h>

#include "tools/git.h"

/* A name that may have a file in .git/remotes: no slash, no . or .. */
static bool
nick(struct str name)
{
	return name.n > 0 && !str_is(name, ".") && !str_is(name, "..") && str_chr(name, '/') == STR_NPOS;
}

/* Is key remote.NAME.*? Then what stands behind. */
static bool
remote_key(struct str key, struct str *name, struct str *last)
{
	struct str sec;

	if (!str_starts(key, STR("remote.")))
		return false;
	git_config_split(key, &sec, name, last);
	return sec.n + last->n + 1 < key.n && (name->n == 0 || name->p[0] != '/');
}

/* The only remote that git knows of, the one on the command line (may be empty)
 * among them; empty where there are none or several. */
static struct str
only_remote(const struct git_config *c, struct str named)
{
	struct str one = named, name, last;

	for (size_t i = 0; i < c->list.n; i++) {
		if (!remote_key(c->list.v[i].key, &name, &last))
			continue;
		if (one.n > 0 && !str_eq(one, name))
			return STR("");
		one = name;
	}
	return one;
}

struct str
git_remote_for_branch(struct git *g, struct str branch, struct str named, bool push, bool *given)
{
	struct str v, shortname = str_sub(branch, STR("refs/heads/").n, branch.n);

	*given = true;
	if (push && branch.n > 0 &&
	    git_config_of(g->a, &g->config, "branch", shortname, "pushremote", &v) == 0)
		return v;
	if (push && git_config_last(&g->config, STR("remote.pushdefault"), &v) == 0)
		return v;
	if (branch.n > 0 && git_config_of(g->a, &g->config, "branch", shortname, "remote", &v) == 0)
		return v;
	*given = false;
	v = only_remote(&g->config, named);
	return v.n > 0 ? v : STR("origin");
}

/* The longest url.BASE.NAME that is a prefix of url, replaced by BASE. */
static bool
rewrite(struct git *g, struct str url, const char *kind, struct str *out)
{
	struct str best = { 0 }, base = { 0 };

	for (size_t i = 0; i < g->config.list.n; i++) {
		const struct git_setting *s = &g->config.list.v[i];
		struct str sec, sub, name;

		if (!str_starts(s->key, STR("url.")) || s->bare)
			continue;
		git_config_split(s->key, &sec, &sub, &name);
		if (str_is(name, kind) && str_starts(url, s->value) && (best.p == NULL || s->value.n > best.n)) {
			best = s->value;
			base = sub;
		}
	}
	if (best.p == NULL)
		return false;
	*out = str_cat(g->a, base, str_sub(url, best.n, url.n));
	return true;
}

struct urls {
	VEC(struct str) list;
};

static void
add_url(struct git *g, struct urls *fetch, struct urls *push, struct str url)
{
	struct str to;

	if (push != NULL && rewrite(g, url, "pushinsteadof", &to))
		*vec_push(g->a, &push->list) = to;
	*vec_push(g->a, &fetch->list) = rewrite(g, url, "insteadof", &to) ? to : url;
}

static void
add_push(struct git *g, struct git_remote *r, struct str text)
{
	struct git_refspec spec;

	if (git_refspec_parse(text, &spec) != 0) {
		r->why = str_printf(g->a, "remote." STR_FMT ".push is no refspec: " STR_FMT,
		    STR_ARG(r->name), STR_ARG(text));
		return;
	}
	*vec_push(g->a, &r->push) = spec;
}

/* .git/remotes/NAME: lines "URL: x", "Push: spec". */
static bool
old_remote_file(struct git *g, struct git_remote *r, struct urls *fetch, struct urls *push)
{
	struct str text, url = STR("URL:"), spec = STR("Push:");
	bool any = false;
	int err = git_read(g, str_cat(g->a, str_cat(g->a, g->repo.common, STR("/remotes/")), r->name), &text);

	if (err != 0)
		return false;
	while (text.n > 0) {
		struct str line = str_trim(str_line(&text));

		if (str_starts(line, url)) {
			add_url(g, fetch, push, str_trim(str_sub(line, url.n, line.n)));
			any = true;
		} else if (str_starts(line, spec)) {
			add_push(g, r, str_trim(str_sub(line, spec.n, line.n)));
		}
	}
	return any;
}

/* .git/branches/NAME: "URL#branch"; a push goes from HEAD to that branch. */
static bool
old_branch_file(struct git *g, struct git_remote *r, struct urls *fetch, struct urls *push)
{
	struct str text, branch;
	size_t hash;

	if (git_read(g, str_cat(g->a, str_cat(g->a, g->repo.common, STR("/branches/")), r->name), &text) != 0)
		return false;
	text = str_trim(str_sub(text, 0, str_chr(text, '\n')));
	if (text.n == 0)
		return false;
	hash = str_chr(text, '#');
	if (hash != STR_NPOS)
		branch = str_sub(text, hash + 1, text.n);
	else if (git_config_last(&g->config, STR("init.defaultbranch"), &branch) != 0)
		branch = STR("master");
	add_url(g, fetch, push, str_sub(text, 0, hash));
	add_push(g, r, str_cat(g->a, STR("HEAD:refs/heads/"), branch));
	return true;
}

static void
read_settings(struct git *g, struct git_remote *r, struct urls *fetch, struct urls *push)
{
	bool rewritten = true;

	for (size_t i = 0; i < g->config.list.n; i++) { /* pushurl first: it decides on pushInsteadOf */
		const struct git_setting *s = &g->config.list.v[i];
		struct str name, last, to;

		if (!remote_key(s->key, &name, &last) || !str_eq(name, r->name))
			continue;
		r->configured = true;
		if (str_is(last, "pushurl")) {
			rewritten = false;
			*vec_push(g->a, &push->list) = rewrite(g, s->value, "insteadof", &to) ? to : s->value;
		} else if (str_is(last, "push")) {
			add_push(g, r, s->value);
		} else if (str_is(last, "mirror")) {
			enum tri t = git_config_bool(&g->config,
			    str_c(g->a, s->key), false);

			r->mirror = t == TRI_YES;
			if (t == TRI_MAYBE)
				r->why = STR("whether the remote is a mirror is not known");
		} else if (str_is(last, "vcs")) {
			r->vcs = true;
		}
		if ((str_is(last, "url") || str_is(last, "pushurl")) && s->value.n == 0)
			r->why = STR("an empty URL means different things to different versions of git");
	}
	for (size_t i = 0; i < g->config.list.n; i++) {
		const struct git_setting *s = &g->config.list.v[i];
		struct str name, last;

		if (remote_key(s->key, &name, &last) && str_eq(name, r->name) && str_is(last, "url"))
			add_url(g, fetch, rewritten ? push : NULL, s->value);
	}
}

/* Fills r for a name or URL. ENOENT: git would refuse it. */
int
git_remote_get(struct git *g, struct str name, struct str branch, struct git_remote *r)
{
	struct urls fetch = { 0 }, push = { 0 };
	bool given = true;

	memset(r, 0, sizeof *r);
	r->why = g->config.why;
	r->name = name.p != NULL ? name : git_remote_for_branch(g, branch, STR(""), true, &given);
	read_settings(g, r, &fetch, &push);
	if (fetch.list.n == 0 && !r->vcs && nick(r->name) && g->repo.found == GIT_FOUND &&
	    !old_remote_file(g, r, &fetch, &push))
		old_branch_file(g, r, &fetch, &push);
	if (fetch.list.n == 0 && !r->vcs && given)
		add_url(g, &fetch, &push, r->name);
	if (push.list.n == 0)
		push = fetch;
	for (size_t i = 0; i < push.list.n; i++)
		*vec_push(g->a, &r->urls) = push.list.v[i];
	return fetch.list.n == 0 && !r->vcs && r->why.n == 0 ? BRIDLE_ENOENT : 0;
}

/* ---- the same place by another name ---- */
struct str
git_url_place(struct arena *a, struct str url)
{
	size_t scheme = str_find(url, STR("://")), colon = str_chr(url, ':'), slash = str_chr(url, '/'), at;
	struct str host = { 0 }, path = url;

	if (str_starts(url, STR("file://"))) {
		path = str_sub(url, 7, url.n);
	} else if (scheme != STR_NPOS) {
		url = str_sub(url, scheme + 3, url.n);
		slash = str_chr(url, '/');
		host = str_sub(url, 0, slash);
		path = slash == STR_NPOS ? STR("") : str_sub(url, slash + 1, url.n);
	} else if (colon != STR_NPOS && colon < slash) {
		host = str_sub(url, 0, colon);
		path = str_sub(url, colon + 1, url.n);
	}
	at = str_rchr(host, '@');
	if (at != STR_NPOS)
		host = str_sub(host, at + 1, host.n);
	if (host.n > 0) {
		host = str_sub(host, 0, str_chr(host, ':'));
		while (path.n > 0 && path.p[0] == '/')
			path = str_sub(path, 1, path.n);
	}
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	if (str_ends(path, STR(".git")))
		path.n -= 4;
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return str_cat(a, str_cat(a, host, STR(":")), path);
}

void
git_remote_same(struct git *g, struct str url, struct str but, struct words *out)
{
	struct str place = git_url_place(g->a, url), name, last;
	VEC(struct word) same = { 0 };

	for (size_t i = 0; i < g->config.list.n; i++) {
		struct git_remote r;
		bool had = false;

		if (!remote_key(g->config.list.v[i].key, &name, &last) || str_eq(name, but) ||
		    (!str_is(last, "url") && !str_is(last, "pushurl")))
			continue;
		for (size_t k = 0; k < same.n; k++)
			had = had || word_is(same.v[k], str_c(g->a, name));
		if (had || same.n > LIMIT_ALTERNATIVES || git_remote_get(g, name, STR(""), &r) != 0)
			continue;
		for (size_t k = 0; k < r.urls.n; k++)
			if (str_ieq(git_url_place(g->a, r.urls.v[k]), place)) {
				*vec_push(g->a, &same) = word_text(g->a, name);
				break;
			}
	}
	out->v = same.v;
	out->n = same.n;
}
