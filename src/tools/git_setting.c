/* SPDX-License-Identifier: ISC */
/*
 * git_setting.c: what `git config`, `git remote` and others change in a
 * configuration file, as the new text of that file in the overlay.
 */
#include <string.h>

#include "tools/git_effect.h"

/* ---- configuration ---- */
bool
effect_edit(struct effect *e, struct str path, struct git_config *c)
{
	struct str text;
	int err = git_read(e->g, path, &text);

	memset(c, 0, sizeof *c);
	if (err == BRIDLE_ENOENT || (err == 0 && git_config_parse(e->a, text, GIT_LOCAL, c) == 0))
		return true;
	overlay_unknown(e->g->rd, path, 0);
	return false;
}

static void
drop_setting(struct git_config *c, struct str key)
{
	size_t n = 0;

	for (size_t i = 0; i < c->list.n; i++)
		if (!str_eq(c->list.v[i].key, key))
			c->list.v[n++] = c->list.v[i];
	c->list.n = n;
}

static void
add_setting(struct effect *e, struct git_config *c, struct str key, struct str value)
{
	struct git_setting s = { .key = key, .value = value };

	*vec_push(e->a, &c->list) = s;
}

void
effect_write(struct effect *e, struct str path, const struct git_config *c)
{
	overlay_write(e->g->rd, path, git_config_print(e->a, c), e->sure);
}

struct str
effect_config(const struct effect *e)
{
	return effect_in_common(e, STR("config"));
}

static struct str
key_of(struct effect *e, const char *section, struct str sub, const char *name)
{
	return str_printf(e->a, "%s." STR_FMT ".%s", section, STR_ARG(sub), name);
}

void
effect_upstream(struct effect *e, struct str branch, struct str remote, struct str merge)
{
	struct git_config c;

	if (!effect_edit(e, effect_config(e), &c))
		return;
	drop_setting(&c, key_of(e, "branch", branch, "remote"));
	drop_setting(&c, key_of(e, "branch", branch, "merge"));
	if (remote.n > 0) {
		add_setting(e, &c, key_of(e, "branch", branch, "remote"), remote);
		add_setting(e, &c, key_of(e, "branch", branch, "merge"), merge);
	}
	effect_write(e, effect_config(e), &c);
}

bool
effect_tracking(struct effect *e, struct str start, struct str *remote, struct str *merge)
{
	for (size_t i = 0; i < e->g->config.list.n; i++) {
		struct str sec, sub, name;

		if (!str_starts(e->g->config.list.v[i].key, STR("remote.")))
			continue;
		git_config_split(e->g->config.list.v[i].key, &sec, &sub, &name);
		if (sub.n == 0 || start.n <= sub.n + 1 || !str_starts(start, sub) || start.p[sub.n] != '/')
			continue;
		*remote = sub;
		*merge = effect_branch_ref(e, str_sub(start, sub.n + 1, start.n));
		return effect_exists(e, str_cat(e->a, STR("refs/remotes/"), start));
	}
	return false;
}

void
effect_move(struct effect *e, struct git_config *c, const char *section, struct str from, struct str to)
{
	struct str pre = str_printf(e->a, "%s." STR_FMT ".", section, STR_ARG(from));
	size_t n = 0;

	for (size_t i = 0; i < c->list.n; i++) {
		struct git_setting s = c->list.v[i];
		struct str rest = str_sub(s.key, pre.n, s.key.n);

		if (str_starts(s.key, pre) && str_chr(rest, '.') == STR_NPOS) {
			if (to.n == 0)
				continue;
			s.key = str_printf(e->a, "%s." STR_FMT "." STR_FMT, section, STR_ARG(to), STR_ARG(rest));
		}
		c->list.v[n++] = s;
	}
	c->list.n = n;
}

/* ---- git config ---- */
/* The file that the command writes; false where that is not known. */
static bool
config_file(struct effect *e, struct str *path)
{
	struct str v;

	if (effect_given(e, "file")) {
		if (!effect_value(e, "file", &v) || e->g->dir.n == 0)
			return false;
		*path = path_clean(e->a, path_join(e->a, e->g->dir, v));
		return true;
	}
	if (effect_given(e, "system")) {
		*path = git_env(e->g, "GIT_CONFIG_SYSTEM", &v) == 0 ? v : STR("/etc/gitconfig");
		return true;
	}
	if (effect_given(e, "global")) {
		if (git_env(e->g, "GIT_CONFIG_GLOBAL", path) == 0)
			return true;
		if (git_env(e->g, "HOME", &v) != 0)
			return false;
		*path = path_join(e->a, v, STR(".gitconfig"));
		return true;
	}
	if (e->g->repo.found != GIT_FOUND)
		return false;
	*path = effect_config(e);
	if (effect_given(e, "worktree")) /* without that extension: as --local */
		switch (git_config_bool(&e->g->config, "extensions.worktreeconfig", false)) {
		case TRI_YES:
			*path = effect_in_git(e, STR("config.worktree"));
			break;
		case TRI_MAYBE:
			return false;
		case TRI_NO:
			break;
		}
	return true;
}

enum change { CHANGE_NONE, CHANGE_SET, CHANGE_ADD, CHANGE_UNSET, CHANGE_RENAME, CHANGE_REMOVE, CHANGE_UNKNOWN };

static enum change
config_change(const struct effect *e)
{
	static const char *const reads[] = { "get", "get-all", "get-regexp", "get-urlmatch", "list", "get-color",
		"get-colorbool" };

	if (git_is(e->p, "config set"))
		return effect_given(e, "append") ? CHANGE_ADD : CHANGE_SET;
	if (git_is(e->p, "config unset"))
		return CHANGE_UNSET;
	if (git_is(e->p, "config rename-section") || effect_given(e, "rename-section"))
		return CHANGE_RENAME;
	if (git_is(e->p, "config remove-section") || effect_given(e, "remove-section"))
		return CHANGE_REMOVE;
	if (git_is(e->p, "config edit") || effect_given(e, "edit"))
		return CHANGE_UNKNOWN;
	if (!git_is(e->p, "config"))
		return CHANGE_NONE;
	for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++)
		if (effect_given(e, reads[i]))
			return CHANGE_NONE;
	if (effect_given(e, "unset") || effect_given(e, "unset-all"))
		return CHANGE_UNSET;
	if (effect_given(e, "add"))
		return CHANGE_ADD;
	return e->p->operands.n > 1 ? CHANGE_SET : CHANGE_NONE;
}

void
effect_git_config(struct effect *e)
{
	enum change change = config_change(e);
	struct git_config c;
	struct str path, key, value = STR("");

	if (change == CHANGE_NONE)
		return;
	if (!config_file(e, &path)) {
		if (e->g->repo.found == GIT_FOUND)
			overlay_unknown(e->g->rd, effect_config(e), 0);
		return;
	}
	if (change == CHANGE_UNKNOWN || !effect_operand(e, 0, &key) || e->p->maybe ||
	    ((change == CHANGE_SET || change == CHANGE_ADD || change == CHANGE_RENAME) && !effect_operand(e, 1, &value))) {
		overlay_unknown(e->g->rd, path, 0);
		return;
	}
	if (!effect_edit(e, path, &c))
		return;
	if (change == CHANGE_RENAME || change == CHANGE_REMOVE) {
		struct str sec, sub, to_sec, to_sub;
		size_t dot = str_chr(key, '.'), to_dot = str_chr(value, '.');

		sec = str_sub(key, 0, dot);
		sub = dot == STR_NPOS ? STR("") : str_sub(key, dot + 1, key.n);
		to_sec = str_sub(value, 0, to_dot);
		to_sub = to_dot == STR_NPOS ? STR("") : str_sub(value, to_dot + 1, value.n);
		if (sub.n == 0 || (change == CHANGE_RENAME && (!str_ieq(sec, to_sec) || to_sub.n == 0))) {
			overlay_unknown(e->g->rd, path, 0);
			return;
		}
		effect_move(e, &c, str_c(e->a, sec), sub, change == CHANGE_REMOVE ? STR("") : to_sub);
	} else {
		if (git_config_key(e->a, key, &key) != 0)
			return;
		if (change != CHANGE_ADD)
			drop_setting(&c, key);
		if (change != CHANGE_UNSET)
			add_setting(e, &c, key, value);
	}
	effect_write(e, path, &c);
}

/* ---- git remote ---- */
static void
remote_set_url(struct effect *e, struct git_config *c, struct str name, struct str url)
{
	struct str key = key_of(e, "remote", name, effect_given(e, "push") ? "pushurl" : "url"), old;

	if (effect_given(e, "delete") || effect_operand(e, 2, &old)) {
		e->sure = false; /* which one goes is a pattern */
		drop_setting(c, key);
	} else if (!effect_given(e, "add")) {
		drop_setting(c, key);
	}
	if (!effect_given(e, "delete"))
		add_setting(e, c, key, url);
}

void
effect_git_remote(struct effect *e)
{
	struct git_config c;
	struct str name, to, m;

	if (git_is(e->p, "remote") || git_is(e->p, "remote show") || git_is(e->p, "remote get-url") ||
	    git_is(e->p, "remote update") || git_is(e->p, "remote prune") || git_is(e->p, "remote set-head"))
		return;
	if (!effect_operand(e, 0, &name) || (!effect_operand(e, 1, &to) && !git_is(e->p, "remote remove")) || e->p->maybe) {
		overlay_unknown(e->g->rd, effect_config(e), 0);
		return;
	}
	if (!effect_edit(e, effect_config(e), &c))
		return;
	if (git_is(e->p, "remote add")) {
		add_setting(e, &c, key_of(e, "remote", name, "url"), to);
		if (effect_given(e, "mirror") && !(effect_value(e, "mirror", &m) && str_is(m, "fetch")))
			add_setting(e, &c, key_of(e, "remote", name, "mirror"), STR("true"));
	} else if (git_is(e->p, "remote remove")) {
		effect_move(e, &c, "remote", name, STR(""));
	} else if (git_is(e->p, "remote rename")) {
		effect_move(e, &c, "remote", name, to);
		for (size_t i = 0; i < c.list.n; i++)
			if (str_starts(c.list.v[i].key, STR("branch.")) && str_eq(c.list.v[i].value, name))
				c.list.v[i].value = to;
	} else if (git_is(e->p, "remote set-url")) {
		remote_set_url(e, &c, name, to);
	} else {
		return;
	}
	effect_write(e, effect_config(e), &c);
}
