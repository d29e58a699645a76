/* SPDX-License-Identifier: ISC */
/*
 * gh.c: GitHub's command line where it writes to branches: `gh api` by method
 * and endpoint, `gh pr merge`. Sets effect, branch, force and delete, so that
 * rules can speak of them as they do of pushes; what an alias, a codespace
 * or a workflow is told to run. All else is in gh.json.
 */
#include <string.h>

#include "tools/git.h"
#include "tools/host.h"
#include "tools/resolvers.h"

struct call {
	struct reading *rd;
	const struct parsed *p;
	struct action *act;
	struct str method;   /* upper case; empty: not known */
	struct str endpoint; /* without a leading slash; empty: not known */
};

static struct str
upper(struct arena *a, struct str s)
{
	char *v = NEW_ARRAY(a, char, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		v[i] = (char)(s.p[i] >= 'a' && s.p[i] <= 'z' ? s.p[i] - ('a' - 'A') : s.p[i]);
	return (struct str){ v, s.n };
}

/* A field of the request: -f name=value. 0, ENOENT, EUNKNOWN. */
static int
field(const struct call *c, const char *name, struct str *out)
{
	static const char *const options[] = { "field", "raw-field" };
	int err = BRIDLE_ENOENT;

	if (parsed_option(c->p, "input") != NULL || c->p->maybe)
		err = BRIDLE_EUNKNOWN;
	for (size_t k = 0; k < 2; k++) {
		const struct option_value *o = parsed_option(c->p, options[k]);

		for (size_t i = 0; o != NULL && i < o->values.n; i++) {
			struct str text, want = str_cat(c->rd->a, str_of(name), STR("="));

			if (!word_known(c->rd->a, o->values.v[i], &text)) {
				if (word_meets(word_cat(c->rd->a, word_text(c->rd->a, want),
				    word_any(c->rd->a, STR(""))), o->values.v[i]))
					err = BRIDLE_EUNKNOWN;
				continue;
			}
			if (!str_starts(text, want))
				continue;
			*out = str_sub(text, want.n, text.n);
			return k == 0 && str_starts(*out, STR("@")) ? BRIDLE_EUNKNOWN : 0;
		}
	}
	return err;
}

static void
read_call(struct call *c)
{
	const struct option_value *m = parsed_option(c->p, "method");
	struct str text;
	bool sends = parsed_option(c->p, "field") != NULL || parsed_option(c->p, "raw-field") != NULL ||
	    parsed_option(c->p, "input") != NULL;

	if (m == NULL)
		c->method = sends ? STR("POST") : STR("GET");
	else if (m->values.n > 0 && word_known(c->rd->a, m->values.v[m->values.n - 1], &text))
		c->method = upper(c->rd->a, text);
	if (c->p->operands.n > 0 && word_known(c->rd->a, c->p->operands.v[0].v[0], &text)) {
		size_t host = str_find(text, STR("://"));

		if (host != STR_NPOS) {
			text = str_sub(text, host + 3, text.n);
			text = str_sub(text, str_chr(text, '/'), text.n);
		}
		while (text.n > 0 && text.p[0] == '/')
			text = str_sub(text, 1, text.n);
		c->endpoint = str_sub(text, 0, str_chr(text, '?'));
	}
}

/* NULL: not known. */
static const char *
effect_of(const struct call *c)
{
	struct str query;

	if (c->p->maybe || c->method.n == 0)
		return NULL;
	if (str_is(c->endpoint, "graphql"))
		return field(c, "query", &query) == 0 && str_find(query, STR("mutation")) == STR_NPOS ? "read" : "write";
	if (str_is(c->method, "GET") || str_is(c->method, "HEAD"))
		return "read";
	return str_is(c->method, "DELETE") ? "destroy" : "write";
}

/* What follows repos/OWNER/NAME/. */
static struct str
in_repo(struct str endpoint)
{
	struct str rest = endpoint;

	if (!str_starts(rest, STR("repos/")))
		return STR("");
	for (unsigned i = 0; i < 3; i++) {
		size_t slash = str_chr(rest, '/');

		if (slash == STR_NPOS)
			return STR("");
		rest = str_sub(rest, slash + 1, rest.n);
	}
	return rest;
}

static bool
after(struct str s, const char *prefix, struct str *rest)
{
	struct str pre = str_of(prefix);

	if (!str_starts(s, pre))
		return false;
	*rest = str_sub(s, pre.n, s.n);
	return rest->n > 0;
}

static void
set_branch(const struct call *c, int err, struct str name)
{
	struct str rest;

	if (err == 0) {
		if (after(name, "refs/heads/", &rest))
			name = rest;
		else if (str_starts(name, STR("refs/")))
			err = BRIDLE_ENOENT;
	}
	if (err == 0)
		field_set_str(c->rd, c->act, "branch", name);
	else if (err == BRIDLE_ENOENT)
		field_absent(c->rd, c->act, "branch");
	else
		field_unknown(c->rd, c->act, "branch", STR("which branch this call writes is not known"));
}

static void
branch_of(const struct call *c)
{
	struct str path = in_repo(c->endpoint), name = { 0 };
	int err = BRIDLE_ENOENT;

	if (c->endpoint.n == 0 || str_is(c->endpoint, "graphql"))
		err = BRIDLE_EUNKNOWN;
	else if (after(path, "git/refs/", &name))
		err = 0, name = str_cat(c->rd->a, STR("refs/"), name);
	else if (str_is(path, "git/refs"))
		err = field(c, "ref", &name);
	else if (str_is(path, "merges") || str_is(path, "merge-upstream"))
		err = field(c, str_is(path, "merges") ? "base" : "branch", &name);
	else if (after(path, "contents/", &name))
		err = field(c, "branch", &name) == 0 ? 0 : BRIDLE_EUNKNOWN; /* else the default branch */
	else if (after(path, "branches/", &name))
		err = 0, name = str_sub(name, 0, str_find(name, STR("/protection")));
	else if (str_starts(path, STR("pulls/")) && str_ends(path, STR("/merge")))
		err = BRIDLE_EUNKNOWN;
	set_branch(c, err, name);
}

/* gh alias set NAME EXPANSION: with ! or --shell a text for a shell, else the
 * words of a gh command. */
static int
alias_set(const struct call *c, struct shell_state *st, const struct shell_command *sc)
{
	struct arena *a = c->rd->a;
	struct word w;
	struct str head, chain = STR("gh alias set");
	bool shell = parsed_option(c->p, "shell") != NULL || c->p->maybe;

	if (c->p->operands.n < 2)
		return 0;
	w = c->p->operands.v[1].v[0];
	head = word_prefix(w);
	if (head.n > 0 && head.p[0] == '!') {
		shell = true;
		w = word_cat(a, word_text(a, str_sub(head, 1, head.n)), (struct word){ w.v + 1, w.n - 1, { 0 } });
	}
	if (!shell)
		w = word_cat(a, word_text(a, STR("gh ")), w);
	return reading_run_shell(c->rd, st, w, sc, ACTION_INNER, chain, word_text(a, STR("sh")),
	    (struct words){ NULL, 0 });
}

/* gh codespace ssh -- WORDS: run there. */
static int
codespace_ssh(const struct call *c, struct shell_state *st, const struct shell_command *sc)
{
	struct reading *rd = c->rd;
	struct shell_state *inside = reading_inside(rd, st);
	struct word text = word_text(rd->a, STR(""));
	bool away = rd->away;
	int err;

	if (c->p->operands.n == 0)
		return 0;
	for (size_t i = 0; i < c->p->operands.n; i++)
		text = word_cat(rd->a, word_cat(rd->a, text, word_text(rd->a, STR(" "))),
		    c->p->operands.v[i].v[0]);
	wrap_place(rd, inside, true);
	err = reading_run_shell(rd, inside, text, sc, ACTION_INNER, STR("gh codespace ssh"),
	    word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
	rd->away = away;
	reading_back(rd, st, inside);
	return err;
}

/* A line of a workflow's YAML as a command: what follows `run:`, or a line of
 * a block below it; `args:` of Fly's own action. */
static struct str
workflow_command(struct arena *a, struct str line, bool action)
{
	struct str text = str_trim(line), rest;
	bool args;

	if (after(text, "- ", &rest))
		text = str_trim(rest);
	args = action && after(text, "args:", &rest);
	if (!args && !after(text, "run:", &rest))
		return str_chr(str_sub(text, 0, str_chr(text, ' ')), ':') == STR_NPOS ? text : STR("");
	text = str_trim(rest);
	if (text.n > 1 && strchr("\"'", text.p[0]) != NULL && text.p[text.n - 1] == text.p[0])
		text = str_sub(text, 1, text.n - 2);
	return args ? str_cat(a, STR("fly "), text) : text;
}

/* gh workflow run FILE: its lines that name what rules speak of may run there. */
static int
workflow_run(const struct call *c, struct shell_state *st, const struct shell_command *sc)
{
	struct reading *rd = c->rd;
	struct str name, path, text, chain;
	bool action;
	int err = 0;

	if (c->p->operands.n == 0 || !word_known(rd->a, c->p->operands.v[0].v[0], &name) ||
	    (!str_ends(name, STR(".yml")) && !str_ends(name, STR(".yaml"))))
		return 0;
	path = path_join(rd->a, path_join(rd->a, rd->request->project, STR(".github/workflows")), path_base(name));
	if (overlay_text(rd, path, &text) != 0)
		return 0;
	action = str_find(text, STR("flyctl-actions")) != STR_NPOS;
	chain = str_printf(rd->a, "workflow " STR_FMT, STR_ARG(path_base(name)));
	while (text.n > 0 && err >= 0) {
		struct str line = str_sub(text, 0, str_chr(text, '\n')), command;

		text = str_sub(text, line.n + 1, STR_NPOS);
		command = workflow_command(rd->a, line, action);
		if (command.n == 0 || command.p[0] == '#' || !reading_names_guarded(rd, command) ||
		    str_find(rd->chain, chain) != STR_NPOS)
			continue;
		err = reading_run_shell(rd, st, word_text(rd->a, command), sc, ACTION_GUESS | ACTION_INNER, chain,
		    word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
	}
	return err;
}

/* gh pr checkout: to a branch that is not looked up. */
static int
checkout(struct reading *rd, struct shell_state *st, const struct shell_command *sc)
{
	struct word *argv = NEW_ARRAY(rd->a, struct word, 4);

	argv[0] = word_text(rd->a, STR("git"));
	argv[1] = word_text(rd->a, STR("switch"));
	argv[2] = word_text(rd->a, STR("-c"));
	argv[3] = word_any(rd->a, STR("BRANCH"));
	return reading_run_argv(rd, st, (struct words){ argv, 4 }, sc, ACTION_INNER, STR("gh pr checkout"));
}

static int
gh_command(struct reading *rd, struct shell_state *st, const struct shell_command *sc, const struct parsed *p,
    struct action *act)
{
	struct call c = { .rd = rd, .p = p, .act = act };
	const char *effect;
	struct str v;

	if (p->help)
		return 0;
	if (git_is(p, "alias set"))
		return alias_set(&c, st, sc);
	if (git_is(p, "codespace ssh"))
		return codespace_ssh(&c, st, sc);
	if (git_is(p, "pr checkout"))
		return checkout(rd, st, sc);
	if (git_is(p, "workflow run"))
		return workflow_run(&c, st, sc);
	if (git_is(p, "pr merge")) {
		field_unknown(rd, act, "branch", STR("the base branch of a pull request is not looked up"));
		return 0;
	}
	if (!git_is(p, "api"))
		return 0;
	read_call(&c);
	effect = effect_of(&c);
	if (effect == NULL)
		field_unknown(rd, act, "effect", STR("what the call does is not known"));
	else
		field_set_text(rd, act, "effect", effect);
	if (effect != NULL && strcmp(effect, "read") == 0)
		return 0;
	branch_of(&c);
	field_set_text(rd, act, "delete", str_is(c.method, "DELETE") ? "yes" : "no");
	switch (field(&c, "force", &v)) {
	case 0:
		field_set_text(rd, act, "force", str_is(v, "true") ? "yes" : "no");
		break;
	case BRIDLE_ENOENT:
		field_set_text(rd, act, "force", "no");
		break;
	default:
		field_unknown(rd, act, "force", STR("what the call sends is not known"));
	}
	return 0;
}

const struct resolver resolver_gh = {
	.name = "gh",
	.command = gh_command,
};
