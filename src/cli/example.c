/* SPDX-License-Identifier: ISC */
/*
 * example.c: where a permission rule of Claude Code and the rule of ours that
 * replaces it differ, shown by command lines: other spellings of the line that
 * the old rule names, and its neighbours, judged by both.
 */
#include <string.h>

#include "bridle/limits.h"
#include "import.h"
#include "tools/tools.h"

enum verdict
import__judge(const struct policy *p, const struct example *e)
{
	struct arena *a = arena_new(LIMIT_REQUEST_ARENA);
	struct table_world t;
	struct decision d;
	struct request r;
	struct world w;
	struct str what;
	enum verdict v;

	if (a == NULL)
		return VERDICT_NONE;
	decide_test_world(&t, &r, a, &w);
	for (size_t i = 0; i < 2; i++) {
		size_t eq = str_chr(e->given[i], '=');

		if (eq != STR_NPOS)
			(void)decide_given(p, &t, &w, &r, str_sub(e->given[i], 0, eq), str_sub(e->given[i], eq + 1, STR_NPOS), &what);
	}
	r.kind = REQUEST_SHELL;
	r.text = e->command;
	decide(p, &w, &r, a, &d);
	v = d.verdict;
	arena_free(a);
	return v;
}

/* ---- the line taken apart ---- */
struct line {
	struct arena *a;
	const struct old_rule *old;
	struct example base;
	struct old_words words;
	const struct tool *tool;             /* NULL: no model */
	const struct model_command *command; /* the deepest that the words name */
	const struct model_command *group;   /* the first of them */
	size_t path_end;                     /* words of program and subcommands */
	struct examples *out;
};

/* The command below `above` that this word names, by name or alias. */
static const struct model_command *
command_below(const struct tool *t, const struct model_command *above, struct str word)
{
	size_t depth = above == NULL ? 0 : above->npath;

	for (size_t i = 0; i < t->ncommands; i++) {
		const struct model_command *c = &t->commands[i];
		bool here = c->npath == depth + 1;

		for (size_t k = 0; here && k < depth; k++)
			here = str_eq(c->path[k], above->path[k]);
		for (size_t k = 0; here && k < c->naliases; k++)
			if (str_eq(c->aliases[k], word))
				return c;
		if (here && str_eq(c->path[depth], word))
			return c;
	}
	return NULL;
}

static void
find_command(struct line *l)
{
	l->path_end = 1;
	for (size_t n = 1; l->tool != NULL && n < l->words.list.n; n++) {
		const struct model_command *c = command_below(l->tool, l->command, l->words.list.v[n]);

		if (c == NULL)
			break;
		if (l->command == NULL)
			l->group = c;
		l->command = c;
		l->path_end = n + 1;
	}
}

/* The options that the tool has here: the command's, then those of all. */
static const struct model_option *
option_at(const struct line *l, size_t i)
{
	size_t own = l->command == NULL ? 0 : l->command->noptions;

	if (i < own)
		return command_option(l->command, i);
	return l->tool != NULL && i - own < l->tool->nglobals ? l->tool->globals[i - own] : NULL;
}

static const struct model_option *
option_here(const struct line *l, struct str name)
{
	const struct model_option *o;

	for (size_t i = 0; (o = option_at(l, i)) != NULL; i++)
		if (str_eq(o->name, name))
			return o;
	return NULL;
}

/* One that runs a program, writes a file or changes identity, and makes sense
 * at the end of the line: git's global ones do not, nor does an -exec alone. */
static const struct model_option *
door_here(const struct line *l)
{
	const struct model_option *o;

	for (size_t i = 0; (o = option_at(l, i)) != NULL; i++)
		if (o->cls == OPTION_DOOR && o->name.n > 1 && !o->hidden && o->alias_of.n == 0 &&
		    !str_starts(o->name, STR("exec")) && !str_starts(o->name, STR("ok")) &&
		    (l->tool->parser != PARSER_GIT || (l->command != NULL && i < l->command->noptions)))
			return o;
	return NULL;
}

static void
add(struct line *l, struct str command, struct str given)
{
	struct example *e = vec_push(l->a, &l->out->list);

	*e = l->base;
	e->command = command;
	if (given.n > 0) {
		e->given[0] = given;
		e->given[1] = str_starts(given, STR("branch=main")) ? STR("upstream=origin/main") : STR("");
	}
}

/* The line with words [at, at + out) replaced by one, or by none if it is empty. */
static struct str
with(struct line *l, size_t at, size_t out, struct str by)
{
	struct old_words w = { 0 };

	for (size_t i = 0; i < l->words.list.n; i++) {
		if (i == at && by.n > 0)
			*vec_push(l->a, &w.list) = by;
		if (i < at || i >= at + out)
			*vec_push(l->a, &w.list) = l->words.list.v[i];
	}
	if (at == l->words.list.n && by.n > 0)
		*vec_push(l->a, &w.list) = by;
	return import__join(l->a, w.list.v, w.list.n);
}

/* ---- spellings ---- */
static void
add_scope(struct line *l, const struct model_option *o, struct str value, size_t at)
{
	for (size_t i = 0; i < l->tool->nscopes; i++) {
		const struct model_scope *s = &l->tool->scopes[i];

		if (!str_eq(s->option, o->name) || value.n == 0)
			continue;
		if (s->nenv > 0)
			add(l, str_printf(l->a, STR_FMT "=" STR_FMT " " STR_FMT, STR_ARG(s->env[0]), STR_ARG(value),
			    STR_ARG(with(l, at, 2, STR("")))), STR(""));
		if (str_is(s->field, "app") && s->nfiles > 0)
			add(l, with(l, at, 2, STR("")), str_cat(l->a, STR("app="), value));
	}
}

static void
option_spellings(struct line *l)
{
	for (size_t i = l->path_end; i < l->words.list.n; i++) {
		struct str w = l->words.list.v[i], value = STR("");
		const struct model_option *o;

		if (!str_starts(w, STR("--")) || (o = option_here(l, str_sub(w, 2, w.n))) == NULL)
			continue;
		if (o->arg == ARG_REQUIRED && i + 1 < l->words.list.n)
			value = l->words.list.v[i + 1];
		if (o->letter != '\0')
			add(l, with(l, i, 1, str_printf(l->a, "-%c", o->letter)), STR(""));
		add_scope(l, o, value, i);
		if (value.n > 0)
			add(l, with(l, i, 2, str_printf(l->a, STR_FMT "=" STR_FMT, STR_ARG(w), STR_ARG(value))), STR(""));
		if (l->tool->parser == PARSER_PFLAG && value.n > 0)
			add(l, str_printf(l->a, STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT, STR_ARG(l->words.list.v[0]), STR_ARG(w), STR_ARG(value),
			    STR_ARG(str_sub(with(l, i, 2, STR("")), l->words.list.v[0].n + 1, STR_NPOS))), STR(""));
	}
}

/* The shortest alias of a command, else the word itself. */
static struct str
another_name(const struct model_command *c, struct str word)
{
	struct str best = word;

	for (size_t i = 0; i < c->naliases; i++)
		if (!str_eq(c->aliases[i], word) && c->aliases[i].n > 1 && (str_eq(best, word) || c->aliases[i].n < best.n))
			best = c->aliases[i];
	return best;
}

static void
name_spellings(struct line *l)
{
	struct str program = l->words.list.v[0];

	if (l->path_end == 3) {
		struct str words[2] = { another_name(l->group, l->words.list.v[1]), another_name(l->command, l->words.list.v[2]) };
		struct str spelled = import__join(l->a, words, 2);

		if (!str_eq(spelled, import__join(l->a, l->words.list.v + 1, 2)))
			add(l, with(l, 1, 2, spelled), STR(""));
	}
	for (size_t i = 0; l->tool != NULL && i < l->tool->nnames; i++)
		if (!str_eq(l->tool->names[i], program)) {
			add(l, with(l, 0, 1, l->tool->names[i]), STR(""));
			return;
		}
}

static bool
is_push(const struct line *l)
{
	return l->words.list.n > 1 && str_is(l->words.list.v[0], "git") && str_is(l->words.list.v[1], "push");
}

static void
push_spellings(struct line *l)
{
	size_t n = l->words.list.n;
	struct str last = l->words.list.v[n - 1];

	if (n == 4 && !str_starts(last, STR("-"))) {
		bool plain = str_chr(last, ':') == STR_NPOS;

		if (plain && l->old->list != OLD_ALLOW) {
			add(l, with(l, 3, 1, str_cat(l->a, STR("HEAD:"), last)), STR(""));
			if (str_is(last, "main"))
				add(l, STR("git push"), STR("branch=main"));
			add(l, with(l, 3, 1, str_cat(l->a, STR("+"), last)), STR(""));
			add(l, with(l, 2, 0, STR("-u")), STR(""));
		} else if (plain) {
			add(l, with(l, n, 0, STR("--force")), STR(""));
			add(l, with(l, 3, 1, str_cat(l->a, last, STR(":main"))), STR(""));
			add(l, with(l, 2, 0, STR("-u")), STR(""));
		}
	}
	if (n == 3 && (str_is(last, "--force") || str_is(last, "-f"))) {
		add(l, STR("git push origin feat/x --force"), STR(""));
		add(l, STR("git push -fu origin feat/x"), STR(""));
		add(l, STR("git push origin +feat/x"), STR(""));
	}
}

/* ---- neighbours: what a glued star or an open end takes along ---- */
static void
neighbours(struct line *l)
{
	size_t n = l->words.list.n;
	struct str stem, last = l->words.list.v[n - 1], program = l->words.list.v[0];
	enum old_tail tail = import__tail(l->old->spec, &stem);
	const struct model_option *door = door_here(l);

	if (tail == TAIL_GLUED && n > l->path_end && !str_starts(last, STR("-")))
		add(l, with(l, n - 1, 1, str_cat(l->a, last, str_is(program, "fly") || str_is(program, "flyctl") ? STR("-staging") :
		    str_is(program, "git") ? STR("-docs") : STR("-all"))), STR(""));
	if (l->old->list != OLD_ALLOW || tail == TAIL_NONE)
		return;
	if (door != NULL)
		add(l, with(l, n, 0, str_printf(l->a, "%s" STR_FMT "%s", l->tool->parser == PARSER_WORDS ? "-" : "--",
		    STR_ARG(door->name), door->arg == ARG_NONE ? "" : l->tool->parser == PARSER_WORDS ? " x" : "=x")), STR(""));
}

void
import_spellings(struct arena *a, const struct old_rule *old, struct example base, struct examples *out)
{
	struct line l = { .a = a, .old = old, .base = base, .out = out };

	memset(out, 0, sizeof *out);
	import__split(a, base.command, &l.words);
	if (l.words.list.n == 0)
		return;
	l.tool = models_find(models_new(a), l.words.list.v[0]);
	find_command(&l);
	if (is_push(&l))
		push_spellings(&l);
	neighbours(&l);
	option_spellings(&l);
	name_spellings(&l);
	if (old->list != OLD_ALLOW && str_chr(base.command, '"') == STR_NPOS)
		add(&l, str_printf(a, "bash -c \"" STR_FMT "\"", STR_ARG(base.command)), STR(""));
}

void
import_compare(struct arena *a, struct new_rule *r, size_t most)
{
	struct policy *p = r->text.n == 0 || r->base.command.n == 0 ? NULL : import__load(a, r->text);
	struct examples all;

	if (p == NULL)
		return;
	import_spellings(a, &r->old, r->base, &all);
	for (size_t i = 0; i < all.list.n; i++) {
		const struct example *e = &all.list.v[i];
		enum verdict v = import__judge(p, e);
		bool ours = r->old.list == OLD_ALLOW ? v == VERDICT_ALLOW : v >= VERDICT_ASK;
		bool theirs = old_rule_hits(&r->old, e->command);

		if (theirs && !ours && r->also.list.n < most)
			*vec_push(a, &r->also.list) = *e;
		else if (ours && !theirs && r->missed.list.n < most)
			*vec_push(a, &r->missed.list) = *e;
	}
}
