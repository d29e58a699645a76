/* SPDX-License-Identifier: ISC */
/*
 * git_doors.c: which settings make git run a program, and which commands use
 * them. A command in a repository that is not the project's and holds such a
 * setting is covered by no allow. Settings on the line itself: git_inside.c.
 */
#include <string.h>

#include "tools/git.h"
#include "tools/host.h"

enum use { /* what a command does that a setting can hook into */
	USE_INDEX = 1 << 0, /* reads the work tree: fsmonitor, filters */
	USE_DIFF = 1 << 1,
	USE_NET = 1 << 2,
	USE_HOOK = 1 << 3,
	USE_EDIT = 1 << 4,
	USE_PAGE = 1 << 5,
	USE_SIGN = 1 << 6,
	USE_MERGE = 1 << 7,
	USE_OWN = 1 << 8 /* a tool that only exists to run another one */
};
#define USE_WRITE (USE_INDEX | USE_DIFF | USE_HOOK | USE_EDIT | USE_SIGN | USE_MERGE)
#define USE_ALL 0xffffu

/* What the value of an executing key is. */
enum value { VALUE_SHELL, VALUE_OTHER };

static const struct {
	const char *section, *name; /* name NULL: any */
	unsigned uses;
	enum value value;
} keys[] = {
	{ "alias", NULL, USE_ALL, VALUE_OTHER },
	{ "browser", NULL, USE_OWN, VALUE_SHELL },
	{ "core", "alternaterefscommand", USE_NET, VALUE_SHELL },
	{ "core", "askpass", USE_NET, VALUE_SHELL },
	{ "core", "attributesfile", USE_INDEX | USE_DIFF, VALUE_OTHER },
	{ "core", "editor", USE_EDIT, VALUE_SHELL },
	{ "core", "fsmonitor", USE_INDEX, VALUE_SHELL },
	{ "core", "gitproxy", USE_NET, VALUE_SHELL },
	{ "core", "hookspath", USE_HOOK, VALUE_OTHER },
	{ "core", "pager", USE_PAGE, VALUE_SHELL },
	{ "core", "sshcommand", USE_NET, VALUE_SHELL },
	{ "core", "worktree", USE_ALL, VALUE_OTHER },
	{ "credential", "helper", USE_NET, VALUE_OTHER },
	{ "diff", "command", USE_DIFF, VALUE_SHELL },
	{ "diff", "external", USE_DIFF, VALUE_SHELL },
	{ "diff", "textconv", USE_DIFF, VALUE_SHELL },
	{ "diff", "tool", USE_OWN, VALUE_OTHER },
	{ "difftool", NULL, USE_OWN, VALUE_SHELL },
	{ "filter", "clean", USE_INDEX, VALUE_SHELL },
	{ "filter", "process", USE_INDEX, VALUE_SHELL },
	{ "filter", "smudge", USE_INDEX, VALUE_SHELL },
	{ "gc", "recentobjectshook", USE_HOOK, VALUE_SHELL },
	{ "gpg", "defaultkeycommand", USE_SIGN, VALUE_SHELL },
	{ "gpg", "program", USE_SIGN, VALUE_SHELL },
	{ "guitool", NULL, USE_OWN, VALUE_SHELL },
	{ "hook", NULL, USE_HOOK, VALUE_SHELL },
	{ "help", "browser", USE_OWN, VALUE_OTHER },
	{ "http", "cookiefile", USE_NET, VALUE_OTHER },
	{ "http", "extraheader", USE_NET, VALUE_OTHER },
	{ "http", "proxy", USE_NET, VALUE_OTHER },
	{ "http", "proxyauthmethod", USE_NET, VALUE_OTHER },
	{ "http", "sslcainfo", USE_NET, VALUE_OTHER },
	{ "http", "sslcapath", USE_NET, VALUE_OTHER },
	{ "http", "sslverify", USE_NET, VALUE_OTHER },
	{ "http", "sslversion", USE_NET, VALUE_OTHER },
	{ "imap", "tunnel", USE_OWN, VALUE_SHELL },
	{ "include", NULL, USE_ALL, VALUE_OTHER },
	{ "includeif", NULL, USE_ALL, VALUE_OTHER },
	{ "init", "templatedir", USE_OWN, VALUE_OTHER },
	{ "instaweb", NULL, USE_OWN, VALUE_SHELL },
	{ "interactive", "difffilter", USE_DIFF, VALUE_SHELL },
	{ "lfs", "args", USE_NET, VALUE_OTHER },
	{ "lfs", "clean", USE_INDEX, VALUE_SHELL },
	{ "lfs", "path", USE_NET, VALUE_SHELL },
	{ "lfs", "smudge", USE_INDEX, VALUE_SHELL },
	{ "lfs", "standalonetransferagent", USE_NET, VALUE_OTHER },
	{ "maintenance", NULL, USE_OWN, VALUE_OTHER },
	{ "man", NULL, USE_OWN, VALUE_SHELL },
	{ "merge", "driver", USE_MERGE, VALUE_SHELL },
	{ "merge", "tool", USE_OWN, VALUE_OTHER },
	{ "mergetool", NULL, USE_OWN, VALUE_SHELL },
	{ "pager", NULL, USE_PAGE, VALUE_SHELL },
	{ "protocol", "allow", USE_NET, VALUE_OTHER },
	{ "receive", NULL, USE_OWN, VALUE_OTHER },
	{ "remote", "proxy", USE_NET, VALUE_OTHER },
	{ "remote", "receivepack", USE_NET, VALUE_SHELL },
	{ "remote", "uploadpack", USE_NET, VALUE_SHELL },
	{ "remote", "pushurl", USE_NET, VALUE_OTHER },
	{ "remote", "url", USE_NET, VALUE_OTHER },
	{ "remote", "vcs", USE_NET, VALUE_OTHER },
	{ "safe", NULL, USE_ALL, VALUE_OTHER },
	{ "sendemail", NULL, USE_OWN, VALUE_OTHER },
	{ "sequence", "editor", USE_EDIT, VALUE_SHELL },
	{ "ssh", "variant", USE_NET, VALUE_OTHER },
	{ "submodule", "update", USE_OWN, VALUE_OTHER },
	{ "tar", "command", USE_OWN, VALUE_SHELL },
	{ "trace2", NULL, USE_ALL, VALUE_OTHER },
	{ "trailer", "cmd", USE_EDIT, VALUE_SHELL },
	{ "trailer", "command", USE_EDIT, VALUE_SHELL },
	{ "uploadarchive", NULL, USE_NET, VALUE_OTHER },
	{ "uploadpack", "packobjectshook", USE_NET, VALUE_SHELL },
	{ "url", NULL, USE_NET, VALUE_OTHER },
	{ "web", "browser", USE_OWN, VALUE_OTHER },
};
#define NKEYS (sizeof keys / sizeof keys[0])

/* The entry of a canonical key, or NKEYS. */
static size_t
find_key(struct str key)
{
	struct str sec, sub, name;

	git_config_split(key, &sec, &sub, &name);
	for (size_t i = 0; i < NKEYS; i++)
		if (str_is(sec, keys[i].section) && (keys[i].name == NULL || str_is(name, keys[i].name)))
			return i;
	return NKEYS;
}

/* fsmonitor = true is git's own daemon. A pager of cat, or none, runs nothing. */
static bool
harmless_value(struct str key, struct str value)
{
	static const char *const nothing[] = { "", "true", "false", "cat", "0", "1", ":", "yes", "no", "on", "off" };
	bool own = str_is(key, "core.fsmonitor") || str_is(key, "core.pager") || str_starts(key, STR("pager.")) ||
	    str_is(key, "core.editor") || str_is(key, "sequence.editor") || str_is(key, "http.sslverify");

	if (str_starts(key, STR("remote.")) && (str_ends(key, STR(".url")) || str_ends(key, STR(".pushurl"))))
		return str_find(value, STR("::")) == STR_NPOS; /* ext::, and helpers by their names */
	if (str_starts(key, STR("alias."))) /* a git command, judged where it is used */
		return !str_starts(value, STR("!"));
	for (size_t i = 0; own && i < sizeof nothing / sizeof nothing[0]; i++)
		if (str_ieq(value, str_of(nothing[i])))
			return !str_is(key, "http.sslverify") || str_is(value, "true") || str_is(value, "1");
	return false;
}

bool
git_door_key(struct str key, struct str value)
{
	return find_key(key) < NKEYS && !harmless_value(key, value);
}

/* Is such a value shell text? */
bool
git_door_shell(struct str key, struct str value)
{
	size_t k = find_key(key);

	return k < NKEYS && (keys[k].value == VALUE_SHELL || str_starts(value, STR("!")));
}

/* ---- settings that change nothing that matters ---- */
bool
git_safe_key(struct str key, struct str value)
{
	static const char *const sections[] = { "advice.", "blame.", "branch.", "color.", "column.", "commit.",
		"fetch.", "format.", "i18n.", "log.", "pull.", "push.", "rebase.", "rerere.", "status.", "tag.",
		"user.", "versionsort." };
	static const char *const names[] = { "core.abbrev", "core.autocrlf", "core.longpaths",
		"core.precomposeunicode", "core.quotepath", "core.safecrlf", "core.whitespace", "diff.algorithm",
		"diff.colormoved", "diff.context", "diff.renames", "gc.auto", "http.lowspeedlimit",
		"http.lowspeedtime", "http.postbuffer", "http.version", "init.defaultbranch",
		"merge.conflictstyle", "merge.ff", "merge.renames", "merge.stat", "protocol.version",
		"remote.pushdefault" };
	/* They read a file, name another place, or a merge strategy, which is a program. */
	static const char *const never[] = { "commit.template", "fetch.bundleuri", "format.signaturefile",
		"pull.octopus", "pull.twohead" };

	for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
		if (str_is(key, never[i]))
			return false;
	if ((str_starts(key, STR("branch.")) && str_ends(key, STR(".mergeoptions"))) ||
	    (str_starts(key, STR("remote.")) && !str_is(key, "remote.pushdefault")))
		return false; /* a remote of that name would be another place */
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_is(key, names[i]))
			return true;
	for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
		if (str_starts(key, str_of(sections[i])))
			return true;
	return find_key(key) < NKEYS && harmless_value(key, value);
}

/* ---- what a command uses ---- */
static const struct {
	const char *path;
	unsigned uses;
} reads[] = {
	{ "annotate", USE_DIFF | USE_PAGE },
	{ "archive", USE_INDEX | USE_NET },
	{ "blame", USE_DIFF | USE_PAGE },
	{ "branch", USE_PAGE },
	{ "cat-file", 0 },
	{ "check-ignore", 0 },
	{ "config", USE_PAGE },
	{ "count-objects", 0 },
	{ "describe", USE_INDEX },
	{ "diff", USE_INDEX | USE_DIFF | USE_PAGE },
	{ "diff-files", USE_INDEX | USE_DIFF },
	{ "diff-index", USE_INDEX | USE_DIFF },
	{ "diff-tree", USE_DIFF | USE_PAGE },
	{ "for-each-ref", 0 },
	{ "grep", USE_INDEX | USE_DIFF | USE_PAGE },
	{ "log", USE_DIFF | USE_PAGE | USE_SIGN },
	{ "ls-files", USE_INDEX },
	{ "ls-remote", USE_NET },
	{ "ls-tree", 0 },
	{ "merge-base", 0 },
	{ "name-rev", 0 },
	{ "reflog", USE_DIFF | USE_PAGE },
	{ "remote", 0 },
	{ "remote get-url", 0 },
	{ "remote show", USE_NET },
	{ "rev-list", 0 },
	{ "rev-parse", 0 },
	{ "shortlog", USE_PAGE },
	{ "show", USE_DIFF | USE_PAGE | USE_SIGN },
	{ "show-branch", USE_PAGE },
	{ "show-ref", 0 },
	{ "stash list", USE_DIFF | USE_PAGE },
	{ "stash show", USE_DIFF | USE_PAGE },
	{ "status", USE_INDEX | USE_HOOK | USE_PAGE | USE_DIFF },
	{ "symbolic-ref", 0 },
	{ "tag", USE_PAGE },
	{ "verify-commit", USE_SIGN },
	{ "verify-tag", USE_SIGN },
	{ "version", 0 },
	{ "worktree list", 0 },
};

static unsigned
uses_of(const struct parsed *p, bool read_only)
{
	static const char *const net[] = { "archive", "clone", "fetch", "fetch-pack", "ls-remote", "pull", "push",
		"remote", "send-pack", "submodule", "subtree", "lfs" };
	unsigned uses = USE_WRITE;

	if (p->command == NULL || p->command->npath == 0)
		return USE_ALL;
	for (size_t i = 0; read_only && i < sizeof reads / sizeof reads[0]; i++)
		if (git_is(p, reads[i].path))
			return reads[i].uses;
	for (size_t i = 0; i < sizeof net / sizeof net[0]; i++)
		if (str_is(p->command->path[0], net[i]))
			uses |= USE_NET;
	return read_only ? USE_ALL & ~(unsigned)USE_OWN : uses | USE_OWN;
}

/* ---- the repository's own doors ---- */
static bool
has_hooks(struct git *g)
{
	struct world_entry *es;
	size_t n;
	int err = overlay_list(g->rd, path_join(g->a, g->repo.common, STR("hooks")), &es, &n);

	if (err == BRIDLE_ENOENT)
		return false;
	for (size_t i = 0; err == 0 && i < n; i++)
		if (!str_ends(es[i].name, STR(".sample")))
			return true;
	return err != 0;
}

static bool
holds_door(struct git *g, unsigned uses)
{
	struct git_config local = { 0 };

	git_read_local(g, &local);
	if (local.why.n > 0)
		return true;
	for (size_t i = 0; i < local.list.n; i++) {
		const struct git_setting *s = &local.list.v[i];
		size_t k = find_key(s->key);

		if (k < NKEYS && (keys[k].uses & uses) != 0 && !harmless_value(s->key, s->value))
			return true;
	}
	return (uses & USE_HOOK) != 0 && has_hooks(g);
}

/* Is this the repository of the session's project, or a part of it? */
static bool
of_project(struct git *g)
{
	struct git mine;
	struct str common;

	if (!g->repo.explicit_dir && str_eq(g->dir, g->rd->request->project))
		return true; /* found from the same folder */
	memset(&mine, 0, sizeof mine);
	mine.rd = g->rd;
	mine.st = g->st;
	mine.a = g->a;
	mine.ways = 1;
	mine.picked = g->picked;
	mine.files = g->files;
	mine.dir = g->rd->request->project;
	git_find_repo(&mine);
	if (mine.repo.found != GIT_FOUND || g->repo.found != GIT_FOUND)
		return mine.repo.found == GIT_NONE && g->repo.found == GIT_NONE;
	if (str_eq(g->repo.common, mine.repo.common))
		return true;
	common = overlay_real(g->rd, mine.repo.common);
	return str_eq(overlay_real(g->rd, g->repo.common), common) ||
	    path_under(overlay_real(g->rd, g->repo.common), path_join(g->a, common, STR("modules")));
}

bool
git_foreign(struct git *g, bool read_only)
{
	if (g->repo.found == GIT_NONE)
		return false;
	if (g->repo.found == GIT_UNSURE)
		return true;
	return !of_project(g) && holds_door(g, uses_of(g->p, read_only));
}
