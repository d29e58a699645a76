/* SPDX-License-Identifier: ISC */
/*
 * git_doors.c: which settings and variables make git run a program, and which
 * commands use them. From it follow two things: a command in a repository that
 * is not the project's and holds such a setting is covered by no allow; and
 * shell text in a setting or variable of the line is judged like any other.
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
	{ "http", "proxy", USE_NET, VALUE_OTHER },
	{ "http", "sslverify", USE_NET, VALUE_OTHER },
	{ "imap", "tunnel", USE_OWN, VALUE_SHELL },
	{ "include", NULL, USE_ALL, VALUE_OTHER },
	{ "includeif", NULL, USE_ALL, VALUE_OTHER },
	{ "init", "templatedir", USE_OWN, VALUE_OTHER },
	{ "instaweb", NULL, USE_OWN, VALUE_SHELL },
	{ "interactive", "difffilter", USE_DIFF, VALUE_SHELL },
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
	{ "remote", "vcs", USE_NET, VALUE_OTHER },
	{ "safe", NULL, USE_ALL, VALUE_OTHER },
	{ "sendemail", NULL, USE_OWN, VALUE_OTHER },
	{ "sequence", "editor", USE_EDIT, VALUE_SHELL },
	{ "ssh", "variant", USE_NET, VALUE_OTHER },
	{ "submodule", "update", USE_OWN, VALUE_OTHER },
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

/* ---- settings that change nothing that matters ---- */
static bool
safe_key(struct str key, struct str value)
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
	static const char *const never[] = { "commit.template", "format.signaturefile" }; /* read a file */

	for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
		if (str_is(key, never[i]))
			return false;
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

/* ---- shell text on the line ---- */
static int
judge_value(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word text,
    struct str where)
{
	struct words none = { NULL, 0 };
	struct str known;

	if (word_known(rd->a, text, &known) && str_starts(known, STR("!")))
		text = word_text(rd->a, str_sub(known, 1, known.n));
	return reading_run_shell(rd, st, text, c, ACTION_INNER, where, word_text(rd->a, STR("sh")), none);
}

/* key=value of -c, or key and value of git config. */
int
git_judge_setting(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str key,
    struct str value)
{
	size_t k;

	if (git_config_key(rd->a, key, &key) != 0 || !git_door_key(key, value))
		return 0;
	k = find_key(key);
	if (keys[k].value == VALUE_SHELL || str_starts(value, STR("!")))
		return judge_value(rd, st, c, word_text(rd->a, value), key);
	return 0;
}

/* It runs a program of the line's choice: no longer a command that only looks. */
static void
executes(struct reading *rd, struct action *act)
{
	const struct field *f = action_field(act, "effect");

	if (f == NULL || f->values.n != 1 || !word_is(f->values.v[0], "destroy"))
		field_set_text(rd, act, "effect", "exec");
}

static int
judge_c(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct parsed *p,
    struct action *act, bool *safe)
{
	const struct option_value *o = parsed_option(p, "c");
	int err = 0;

	for (size_t i = 0; o != NULL && i < o->values.n && err == 0; i++) {
		struct str text, key, value;
		size_t eq;

		if (!word_known(rd->a, o->values.v[i], &text)) {
			struct str prefix = word_prefix(o->values.v[i]);

			/* user.name=$X is harmless whatever X holds. */
			eq = str_chr(prefix, '=');
			*safe = *safe && eq != STR_NPOS && git_config_key(rd->a, str_sub(prefix, 0, eq), &key) == 0 &&
			    find_key(key) == NKEYS && safe_key(key, STR(""));
			continue;
		}
		eq = str_chr(text, '=');
		value = eq == STR_NPOS ? STR("true") : str_sub(text, eq + 1, text.n);
		if (git_config_key(rd->a, str_sub(text, 0, eq), &key) != 0 || !safe_key(key, value))
			*safe = false;
		if (!*safe && git_config_key(rd->a, str_sub(text, 0, eq), &key) == 0 && git_door_key(key, value))
			executes(rd, act);
		err = git_judge_setting(rd, st, c, str_sub(text, 0, eq), value);
	}
	return err;
}

/* --config-env KEY=NAME */
static int
judge_config_env(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct parsed *p, struct action *act)
{
	const struct option_value *o = parsed_option(p, "config-env");
	int err = 0;

	for (size_t i = 0; o != NULL && i < o->values.n && err == 0; i++) {
		struct str text, key;
		struct words values;
		size_t eq;

		if (!word_known(rd->a, o->values.v[i], &text) || (eq = str_rchr(text, '=')) == STR_NPOS ||
		    git_config_key(rd->a, str_sub(text, 0, eq), &key) != 0 || !git_door_key(key, STR("?")))
			continue;
		executes(rd, act);
		if (shell_env(rd->shell, st, str_sub(text, eq + 1, text.n), &values) == 0)
			for (size_t k = 0; k < values.n && err == 0; k++)
				if (word_known(rd->a, values.v[k], &text))
					err = git_judge_setting(rd, st, c, key, text);
	}
	return err;
}

/* ---- variables ---- */
static bool
harmless_env(struct reading *rd, const struct assign *as)
{
	static const char *const names[] = { "GIT_TERMINAL_PROMPT", "GIT_OPTIONAL_LOCKS", "GIT_MERGE_AUTOEDIT",
		"GIT_ADVICE", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE", "GIT_COMMITTER_NAME",
		"GIT_COMMITTER_EMAIL", "GIT_COMMITTER_DATE", "GIT_LITERAL_PATHSPECS", "GIT_HTTP_LOW_SPEED_LIMIT",
		"GIT_LFS_SKIP_SMUDGE", "GIT_REFLOG_ACTION" };
	static const char *const runners[] = { "GIT_PAGER", "PAGER", "GIT_EDITOR", "GIT_SEQUENCE_EDITOR", "EDITOR",
		"VISUAL", "GIT_ASKPASS", "SSH_ASKPASS" };
	static const char *const values[] = { "", "cat", "true", ":", "/bin/true", "/usr/bin/true", "/bin/cat",
		"less", "echo" };
	struct str v;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_is(as->name, names[i]))
			return true;
	if (!word_known(rd->a, as->value, &v))
		return false;
	for (size_t i = 0; i < sizeof runners / sizeof runners[0]; i++)
		for (size_t k = 0; str_is(as->name, runners[i]) && k < sizeof values / sizeof values[0]; k++)
			if (str_is(v, values[k]))
				return true;
	/* A number is no file name. */
	return str_starts(as->name, STR("GIT_TRACE")) && v.n == 1 && v.p[0] >= '0' && v.p[0] <= '2';
}

static bool
runs_value(struct str name)
{
	static const char *const names[] = { "EDITOR", "GIT_ASKPASS", "GIT_EDITOR", "GIT_EXTERNAL_DIFF", "GIT_PAGER",
		"GIT_PROXY_COMMAND", "GIT_SEQUENCE_EDITOR", "GIT_SSH", "GIT_SSH_COMMAND", "PAGER", "SSH_ASKPASS",
		"VISUAL" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_is(name, names[i]))
			return true;
	return false;
}

static int
judge_env(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct action *act)
{
	struct assign *v = NEW_ARRAY(rd->a, struct assign, act->nassigns + 1);
	int err = 0;

	for (size_t i = 0; i < act->nassigns && err == 0; i++) {
		v[i] = act->assigns[i];
		if (harmless_env(rd, &v[i]))
			v[i].safe = true;
		else if (runs_value(v[i].name)) {
			executes(rd, act);
			err = judge_value(rd, st, c, v[i].value, v[i].name);
		}
	}
	act->assigns = v;
	return err;
}

/* ---- operands that are commands, URLs that are ---- */
static int
judge_url(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct parsed *p,
    struct action *act)
{
	int err = 0;

	for (size_t i = 0; i < p->operands.n && err == 0; i++) {
		struct str head = word_prefix(p->operands.v[i].v[0]), ext = STR("ext::"), whole;
		size_t at = str_find(head, STR("::"));

		if (at == STR_NPOS || at == 0 || str_chr(str_sub(head, 0, at), '/') != STR_NPOS ||
		    str_chr(str_sub(head, 0, at), ' ') != STR_NPOS)
			continue;
		act->flags |= ACTION_FOREIGN; /* git-remote-NAME from PATH */
		if (str_starts(head, ext) && word_known(rd->a, p->operands.v[i].v[0], &whole))
			err = reading_run_argv(rd, st, words_split(rd->a, str_sub(whole, ext.n, whole.n)), c,
			    ACTION_INNER, STR("ext::"));
	}
	return err;
}

static int
foreach(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct parsed *p)
{
	struct words none = { NULL, 0 };

	if (p->operands.n == 1)
		return reading_run_shell(rd, st, p->operands.v[0].v[0], c, ACTION_INNER,
		    STR("git submodule foreach"), word_text(rd->a, STR("sh")), none);
	return reading_run_argv(rd, st, words_from(c->argv, p->operand_at.v[0]), c, ACTION_INNER,
	    STR("git submodule foreach"));
}

/* git for-each-repo: a git command in folders that only configuration names. */
static int
each_repo(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct parsed *p)
{
	struct words rest = words_from(c->argv, p->operand_at.v[0]);
	struct word *v = NEW_ARRAY(rd->a, struct word, rest.n + 1);
	struct shell_state *inside = reading_inside(rd, st);

	v[0] = word_text(rd->a, STR("git"));
	for (size_t i = 0; i < rest.n; i++)
		v[i + 1] = rest.v[i];
	shell_set_cwd(rd->shell, inside, word_any(rd->a, STR("<repository>")));
	return reading_run_argv(rd, inside, (struct words){ v, rest.n + 1 }, c, ACTION_INNER,
	    STR("git for-each-repo"));
}

/* git config KEY VALUE: what a program will be run by later. */
static int
judge_config(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct parsed *p,
    struct action *act)
{
	struct str key, canonical, value;
	struct word w;

	if (p->operands.n < 2 || parsed_option(p, "unset") != NULL || parsed_option(p, "get") != NULL ||
	    parsed_option(p, "get-all") != NULL || parsed_option(p, "get-regexp") != NULL)
		return 0;
	w = p->operands.v[1].v[0];
	if (!word_known(rd->a, p->operands.v[0].v[0], &key) || git_config_key(rd->a, key, &canonical) != 0) {
		act->flags |= ACTION_FOREIGN;
		field_unknown(rd, act, "effect", STR("which setting it writes is not known"));
		return 0;
	}
	field_set_text(rd, act, "key", str_c(rd->a, canonical));
	if (!word_known(rd->a, w, &value)) {
		if (git_door_key(canonical, STR("?"))) {
			act->flags |= ACTION_FOREIGN;
			executes(rd, act);
		}
		return 0;
	}
	if (!git_door_key(canonical, value))
		return 0;
	act->flags |= ACTION_FOREIGN;
	executes(rd, act);
	return git_judge_setting(rd, st, c, canonical, value);
}

int
git_judge_inside(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct parsed *p, struct action *act, bool *safe_c)
{
	int err;

	*safe_c = true;
	if ((err = judge_c(rd, st, c, p, act, safe_c)) < 0 ||
	    (err = judge_config_env(rd, st, c, p, act)) < 0 || (err = judge_env(rd, st, c, act)) < 0)
		return err;
	if (git_is(p, "config") || git_is(p, "config set"))
		return judge_config(rd, st, c, p, act);
	if (p->operands.n > 0 && git_is(p, "submodule foreach"))
		return foreach(rd, st, c, p);
	if (p->operands.n > 0 && git_is(p, "for-each-repo"))
		return each_repo(rd, st, c, p);
	if (git_is(p, "push") || git_is(p, "fetch") || git_is(p, "pull") || git_is(p, "clone") ||
	    git_is(p, "ls-remote") || git_is(p, "remote add") || git_is(p, "remote set-url") ||
	    git_is(p, "submodule add") || git_is(p, "send-pack"))
		return judge_url(rd, st, c, p, act);
	return 0;
}
