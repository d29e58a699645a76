/* SPDX-License-Identifier: ISC */
/*
 * git_alias.c: what a git command really is before its options are read:
 * git-push written with a dash, aliases from every configuration, `!` aliases
 * that are shell text, and the command that git would guess.
 */
#include <string.h>

#include "tools/git.h"
#include "tools/host.h"

#define ALIAS_DEPTH 10

/* Commands that are programs of their own in some version of git, or have
 * come lately: there an alias of that name goes first. */
static bool
may_be_aliased(struct str name)
{
	static const char *const names[] = { "archimport", "backfill", "bisect", "branchless", "citool",
		"clear", "clear-soft", "cvsexportcommit", "cvsimport", "cvsserver", "daemon",
		"delete-branch", "delete-merged-branches", "delete-squashed-branches", "delete-tag",
		"difftool", "filter-branch", "filter-repo", "flow", "gui", "history", "http-backend",
		"http-fetch", "http-push", "imap-send", "instaweb", "last-modified", "lfs", "machete",
		"mergetool", "obliterate", "p4", "quiltimport", "refs", "replay", "repo", "request-pull",
		"send-email", "shell", "spr", "submodule", "subtree", "svn", "town", "web--browse" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (name.n > 0 && name.p[0] == names[i][0] && str_is(name, names[i]))
			return true;
	return false;
}

/* ---- words ---- */
static const struct parsed *
parsed_argv(struct reading *rd, struct words argv)
{
	static const struct parsed nothing;
	const struct parsed *p;

	return reading_parse(rd, models_find(rd->models, STR("git")), argv, &p) == 0 ? p : &nothing;
}

/* argv with the word at `at` replaced by others. */
static struct words
replaced(struct arena *a, struct words argv, size_t at, const struct word *by, size_t n)
{
	struct word *v = NEW_ARRAY(a, struct word, argv.n + n + 1);
	struct words out = { v, 0 };

	for (size_t i = 0; i < argv.n; i++) {
		if (i != at) {
			v[out.n++] = argv.v[i];
			continue;
		}
		for (size_t k = 0; k < n; k++)
			v[out.n++] = by[k];
	}
	return out;
}

/* A command line in an alias, split as git does. ESYNTAX: git refuses it. */
static int
split(struct arena *a, struct str text, struct words *out)
{
	VEC(struct word) list = { 0 };
	struct buf b;
	char quote = '\0';
	bool inside = false;

	buf_init(&b, a);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (quote == '\0' && strchr(" \t\r\n", c) != NULL && c != '\0') {
			if (inside)
				*vec_push(a, &list) = word_text(a, b.n == 0 ? STR("") : str_dup(a, buf_str(&b)));
			buf_init(&b, a);
			inside = false;
			continue;
		}
		inside = true;
		if (quote == '\0' && (c == '\'' || c == '"')) {
			quote = c;
		} else if (c == quote) {
			quote = '\0';
		} else {
			if (c == '\\' && quote != '\'') {
				if (++i == text.n)
					return BRIDLE_ESYNTAX;
				c = text.p[i];
			}
			buf_putc(&b, c);
		}
	}
	if (quote != '\0')
		return BRIDLE_ESYNTAX;
	if (inside)
		*vec_push(a, &list) = word_text(a, b.n == 0 ? STR("") : buf_str(&b));
	*out = (struct words){ list.v, list.n };
	return 0;
}

/* ---- git-push, /usr/lib/git-core/git-push ---- */
static void
undash(struct arena *a, struct words *argv)
{
	struct str text, base, pre = STR("git-");
	struct word two[2];

	if (argv->n == 0)
		return;
	text = word_suffix(a, argv->v[0]);
	base = path_base(text);
	if (str_is(base, "hub")) { /* git with more commands */
		two[0] = word_text(a, STR("git"));
		*argv = replaced(a, *argv, 0, two, 1);
		return;
	}
	if (!str_starts(base, pre) || base.n == pre.n)
		return;
	two[0] = word_text(a, STR("git"));
	two[1] = word_text(a, str_sub(base, pre.n, base.n));
	*argv = replaced(a, *argv, 0, two, 2);
}

/* ---- aliases ---- */
struct meant { /* what a name means in one way the world can be */
	int err;   /* 0, ENOENT, EUNKNOWN */
	struct str value, why, top;
};

static struct meant
look_up(struct git *g, struct str name)
{
	struct meant m = { .top = g->repo.top, .why = g->config.why };
	struct str key;

	if (git_config_key(g->a, str_cat(g->a, STR("alias."), name), &key) != 0) {
		m.err = BRIDLE_ENOENT;
		return m;
	}
	m.err = git_config_last(&g->config, key, &m.value);
	if (m.err == BRIDLE_ENOENT) /* since git 2.54 */
		m.err = git_config_of(g->a, &g->config, "alias", name, "command", &m.value);
	return m;
}

static int
run_shell_alias(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct parsed *p, const struct meant *m, struct words args, struct str chain)
{
	struct shell_state *inside = git_child(rd, st, p);
	struct str text = str_sub(m->value, 1, m->value.n);

	if (args.n > 0)
		text = str_cat(rd->a, text, STR(" \"$@\""));
	if (m->top.n > 0)
		shell_set_cwd(rd->shell, inside, word_text(rd->a, m->top));
	int err = reading_run_shell(rd, inside, word_text(rd->a, text), c, 0, chain,
	    word_text(rd->a, str_sub(m->value, 1, m->value.n)), args);
	reading_back(rd, st, inside);
	return err;
}

/* One meaning of the word at `at`: shell text is run here (1), other words
 * go into *argv (0). */
static int
apply(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct parsed *p,
    const struct meant *m, size_t at, struct words *argv)
{
	struct words words = { 0 };
	struct str name;
	struct str chain;

	word_known(rd->a, argv->v[at], &name);
	chain = str_printf(rd->a, "git alias " STR_FMT, STR_ARG(name));
	if (str_starts(m->value, STR("!"))) {
		int err = run_shell_alias(rd, st, c, p, m, words_from(*argv, at + 1), chain);

		return err < 0 ? err : 1;
	}
	if (split(rd->a, m->value, &words) != 0 || words.n == 0) {
		reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
		    str_printf(rd->a, "the alias " STR_FMT " of git cannot be read", STR_ARG(name)));
		return 1;
	}
	*argv = replaced(rd->a, *argv, at, words.v, words.n);
	return 0;
}

/* ---- guesses: help.autocorrect ---- */
static bool
corrects(struct git *g)
{
	static const char *const no[] = { "0", "false", "no", "off", "never", "show", "prompt", "" };
	struct str v;

	if (git_config_last(&g->config, STR("help.autocorrect"), &v) != 0)
		return false;
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		if (str_ieq(v, str_of(no[i])))
			return false;
	return true;
}

static int
run_guess(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct words argv,
    size_t at, struct str name)
{
	const struct tool *t = models_find(rd->models, STR("git"));
	struct str *names = NEW_ARRAY(rd->a, struct str, t->ncommands + 1);
	struct word by;
	size_t n = 0, i;

	for (i = 0; i < t->ncommands; i++)
		if (t->commands[i].npath == 1)
			names[n++] = t->commands[i].path[0];
	i = str_nearest(name, names, n);
	if (i == STR_NPOS)
		return 0;
	by = word_text(rd->a, names[i]);
	return reading_run_argv(rd, st, replaced(rd->a, argv, at, &by, 1), c, ACTION_GUESS,
	    str_printf(rd->a, "help.autocorrect of " STR_FMT, STR_ARG(name)));
}

/* ---- all together ---- */
/* The name that may be an alias, and where it stands; false: none. */
static bool
candidate(struct reading *rd, struct words argv, const struct parsed *p, size_t *at, struct str *name)
{
	if (p->command == NULL)
		return false;
	if (p->command->npath == 0) {
		*at = p->unknown_at;
		return *at > 0 && *at < argv.n && word_known(rd->a, argv.v[*at], name) && name->n > 0 &&
		    name->p[0] != '-';
	}
	if (!may_be_aliased(p->command->path[0]))
		return false;
	for (*at = 1; *at < argv.n; ++*at)
		if (word_is(argv.v[*at], p->command->path[0].p))
			return word_known(rd->a, argv.v[*at], name);
	return false;
}

static bool
had(const struct meant *seen, size_t n, const struct meant *m)
{
	for (size_t i = 0; i < n; i++)
		if (seen[i].err == m->err && str_eq(seen[i].value, m->value) && str_eq(seen[i].top, m->top))
			return true;
	return false;
}

/* All that the name may mean: the first goes into *argv, others are run here. */
static int
expand(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct parsed *p,
    struct words *argv, bool *again)
{
	struct meant seen[LIMIT_ALTERNATIVES + 1];
	struct str name;
	size_t at, n = 0, ways = 1;
	struct words first = *argv;
	bool command = p->command != NULL && p->command->npath > 0;
	int ret = 1, err;

	*again = false;
	if (!candidate(rd, *argv, p, &at, &name))
		return 0;
	for (size_t v = 0; v < ways && v < LIMIT_ALTERNATIVES; v++) {
		struct words now = *argv;
		struct meant m;
		struct git g;

		git_open(&g, rd, st, p, v);
		m = look_up(&g, name);
		ways = g.ways > ways ? g.ways : ways;
		if (had(seen, n, &m))
			continue;
		seen[n++] = m;
		if (m.err == BRIDLE_EUNKNOWN && !command)
			reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
			    str_printf(rd->a, "what git " STR_FMT " means is not known: " STR_FMT, STR_ARG(name),
				STR_ARG(m.why)));
		if (m.err == BRIDLE_ENOENT && !command && corrects(&g) &&
		    (err = run_guess(rd, st, c, *argv, at, name)) < 0)
			return err;
		if (m.err != 0) {
			ret = ret == 1 ? 0 : ret;
			continue;
		}
		if ((err = apply(rd, st, c, p, &m, at, &now)) < 0)
			return err;
		if (err == 1)
			continue;
		if (!*again && !command) {
			first = now;
			*again = true;
		} else if ((err = reading_run_argv(rd, st, now, c, 0, STR("git alias"))) < 0) {
			return err;
		}
	}
	*argv = first;
	return *again || command ? 0 : ret;
}

/* Returns 1 where all of the command has been dealt with. */
int
git_before(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct words *argv)
{
	bool again = true;
	int ret = 0;

	undash(rd->a, argv);
	for (unsigned i = 0; again && ret == 0; i++) {
		if (i == ALIAS_DEPTH) {
			reading_unknown_at(rd, st, c, UNKNOWN_LIMIT, c->typed,
			    STR("aliases of git stand inside each other deeper than the limit"));
			return 1;
		}
		ret = expand(rd, st, c, parsed_argv(rd, *argv), argv, &again);
	}
	return ret;
}
