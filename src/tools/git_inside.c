/* SPDX-License-Identifier: ISC */
/*
 * git_inside.c: what a git command line makes git run: settings given with -c,
 * variables, settings that are written, operands and URLs that are commands.
 * Their shell text is judged like any other; ask and deny rules speak of it.
 */
#include <string.h>

#include "tools/git.h"
#include "tools/host.h"

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
	if (git_config_key(rd->a, key, &key) != 0 || !git_door_key(key, value))
		return 0;
	if (git_door_shell(key, value))
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
judge_settings(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct option_value *o, struct action *act, bool *safe)
{
	int err = 0;


	for (size_t i = 0; o != NULL && i < o->values.n && err == 0; i++) {
		struct str text, key, value;
		size_t eq;

		if (!word_known(rd->a, o->values.v[i], &text)) {
			struct str prefix = word_prefix(o->values.v[i]);

			/* user.name=$X is harmless whatever X holds. */
			eq = str_chr(prefix, '=');
			*safe = *safe && eq != STR_NPOS && git_config_key(rd->a, str_sub(prefix, 0, eq), &key) == 0 &&
			    !git_door_key(key, STR("?")) && git_safe_key(key, STR(""));
			continue;
		}
		eq = str_chr(text, '=');
		value = eq == STR_NPOS ? STR("true") : str_sub(text, eq + 1, text.n);
		if (git_config_key(rd->a, str_sub(text, 0, eq), &key) != 0 || !git_safe_key(key, value))
			*safe = false;
		if (!*safe && git_config_key(rd->a, str_sub(text, 0, eq), &key) == 0 && git_door_key(key, value))
			executes(rd, act);
		err = git_judge_setting(rd, st, c, str_sub(text, 0, eq), value);
	}
	return err;
}

/* -c for this command; clone has a -c of its own, for the new repository too. */
static int
judge_c(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct parsed *p,
    struct action *act, bool *safe)
{
	bool new_safe = true;
	int err = judge_settings(rd, st, c, parsed_option(p, "c"), act, safe);

	if (err == 0 && git_is(p, "clone"))
		err = judge_settings(rd, st, c, parsed_option(p, "config"), act, &new_safe);
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

/* 'key'='value' 'key=value' */
static bool
parameters_door(struct reading *rd, struct str text)
{
	while (text.n > 0) {
		size_t open = str_chr(text, '\''), close;
		struct str one, key;

		if (open == STR_NPOS)
			return false;
		text = str_sub(text, open + 1, text.n);
		close = str_chr(text, '\'');
		one = str_sub(text, 0, close);
		text = close == STR_NPOS ? STR("") : str_sub(text, close + 1, text.n);
		if (git_config_key(rd->a, str_sub(one, 0, str_chr(one, '=')), &key) == 0 && git_door_key(key, STR("?")))
			return true;
	}
	return false;
}

/* Variables that have git read its settings or programs from elsewhere. */
static bool
leads_elsewhere(struct reading *rd, const struct assign *as)
{
	static const char *const names[] = { "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_EXEC_PATH",
		"GIT_TEMPLATE_DIR" };
	struct str key, v;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_is(as->name, names[i]))
			return !word_is(as->value, "/dev/null") && !word_is(as->value, "");
	if (str_starts(as->name, STR("GIT_CONFIG_KEY_")))
		return !word_known(rd->a, as->value, &v) || git_config_key(rd->a, v, &key) != 0 ||
		    git_door_key(key, STR("?"));
	if (str_is(as->name, "GIT_CONFIG_PARAMETERS"))
		return !word_known(rd->a, as->value, &v) || parameters_door(rd, v);
	return false;
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
		else if (leads_elsewhere(rd, &v[i]))
			executes(rd, act);
		else if (runs_value(v[i].name)) {
			executes(rd, act);
			err = judge_value(rd, st, c, v[i].value, v[i].name);
		}
	}
	act->assigns = v;
	return err;
}

/* ---- what git's own children inherit ---- */
static void
hand_on(struct reading *rd, struct shell_state *inside, const struct parsed *p, const char *option,
    const char *name)
{
	const struct option_value *o = parsed_option(p, option);

	if (o != NULL && o->values.n > 0)
		shell_set_var(rd->shell, inside, str_of(name), o->values.v[o->values.n - 1], true);
}

struct shell_state *
git_child(struct reading *rd, struct shell_state *st, const struct parsed *p)
{
	const struct option_value *o = parsed_option(p, "c");
	struct shell_state *inside = reading_inside(rd, st);
	struct str name = STR("GIT_CONFIG_PARAMETERS"), text;
	struct words had;
	struct buf b;

	hand_on(rd, inside, p, "git-dir", "GIT_DIR");
	hand_on(rd, inside, p, "work-tree", "GIT_WORK_TREE");
	if (parsed_option(p, "config-env") != NULL) {
		shell_forget_var(rd->shell, inside, name);
		return inside;
	}
	if (o == NULL)
		return inside;
	buf_init(&b, rd->a);
	if (shell_env(rd->shell, st, name, &had) == 0) {
		if (had.n != 1 || !word_known(rd->a, had.v[0], &text)) {
			shell_forget_var(rd->shell, inside, name);
			return inside;
		}
		buf_add(&b, text);
	}
	for (size_t i = 0; i < o->values.n; i++) {
		if (!word_known(rd->a, o->values.v[i], &text)) {
			shell_forget_var(rd->shell, inside, name);
			return inside;
		}
		buf_puts(&b, b.n > 0 ? " '" : "'");
		for (size_t k = 0; k < text.n; k++)
			if (text.p[k] == '\'')
				buf_puts(&b, "'\\''");
			else
				buf_putc(&b, text.p[k]);
		buf_putc(&b, '\'');
	}
	shell_set_var(rd->shell, inside, name, word_text(rd->a, buf_str(&b)), true);
	return inside;
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

	st = git_child(rd, st, p);
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
	struct shell_state *inside = git_child(rd, st, p);

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
	field_set_str(rd, act, "key", canonical);
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

/* Commands whose operands may be a URL. */
static bool
takes_url(const struct parsed *p)
{
	static const char *const names[] = { "push", "fetch", "pull", "clone", "ls-remote", "remote add",
		"remote set-url", "remote show", "remote prune", "remote update", "submodule add", "send-pack",
		"fetch-pack", "request-pull", "subtree" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (git_is(p, names[i]))
			return true;
	return false;
}

/* ---- a fetch that is a push ---------------------------------------------------------- */

static bool
has_target(const struct parsed *p)
{
	for (size_t i = 1; i < p->operands.n; i++)
		if (str_chr(word_prefix(p->operands.v[i].v[0]), ':') != STR_NPOS)
			return true;
	return false;
}

/* The folder that a fetch takes from, if it is one of this machine. */
static bool
local_source(struct git *g, const struct parsed *p, struct str *dir)
{
	struct str name, url;

	if (!word_known(g->a, p->operands.v[0].v[0], &name) || g->dir.n == 0)
		return false;
	if (git_config_of(g->a, &g->config, "remote", name, "url", &url) == 0)
		name = url;
	if (str_starts(name, STR("file://")))
		name = str_sub(name, 7, STR_NPOS);
	*dir = path_clean(g->a, path_join(g->a, g->dir, name));
	return str_chr(name, ':') == STR_NPOS;
}

/* `git -C ../origin.git fetch ../project HEAD:main`: what another repository
 * takes from the project's into its branches is pushed there. */
static int
taken_from_here(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct parsed *p)
{
	struct git *g = NEW(rd->a, struct git);
	VEC(struct word) argv = { 0 };
	struct git_repo from;
	struct str dir;

	git_open(g, rd, st, p, 0);
	if (g->repo.found != GIT_FOUND || !local_source(g, p, &dir) ||
	    (git_repo_at(g, git_under(g, dir, ".git"), &from) != 0 && git_repo_at(g, dir, &from) != 0) ||
	    str_eq(from.common, g->repo.common) || !path_under(dir, rd->request->project))
		return 0;
	*vec_push(rd->a, &argv) = word_text(rd->a, STR("git"));
	*vec_push(rd->a, &argv) = word_text(rd->a, STR("-C"));
	*vec_push(rd->a, &argv) = word_text(rd->a, dir);
	*vec_push(rd->a, &argv) = word_text(rd->a, STR("push"));
	if (parsed_option(p, "force") != NULL)
		*vec_push(rd->a, &argv) = word_text(rd->a, STR("--force"));
	*vec_push(rd->a, &argv) = word_text(rd->a, g->repo.top.n > 0 ? g->repo.top : g->repo.common);
	for (size_t i = 1; i < p->operands.n; i++)
		*vec_push(rd->a, &argv) = p->operands.v[i].v[0];
	return reading_run_argv(rd, st, (struct words){ argv.v, argv.n }, c, ACTION_INNER,
	    STR("a fetch from here into another repository"));
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
	if (takes_url(p) && (err = judge_url(rd, st, c, p, act)) < 0)
		return err;
	if ((git_is(p, "fetch") || git_is(p, "pull")) && p->operands.n > 1 && has_target(p))
		return taken_from_here(rd, st, c, p);
	return 0;
}
