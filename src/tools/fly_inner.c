/* SPDX-License-Identifier: ISC */
/*
 * fly_inner.c: what `ssh console -C`, `console -C`, `machine exec` and `machine
 * run` run over there. The text is taken apart as a shell would, so that rules
 * of ask and deny speak of each command in it, and becomes two fields: `command`
 * (the text, and every command in it), which tightens where one of them matches,
 * and `inner` (the commands alone), of which an allow must cover each.
 */
#include "tools/fly.h"

#include "tools/host.h"

#include <string.h>

typedef VEC(struct word) word_vec;

static void
add(struct arena *a, word_vec *list, struct word w)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(word_quote(a, list->v[i]), word_quote(a, w)))
			return;
	*vec_push(a, list) = w;
}

/* The words of a command as one text, quoted where a shell would want it. */
static struct word
joined(struct arena *a, struct words argv)
{
	struct word out = { .typed = STR("") };

	for (size_t i = 0; i < argv.n; i++) {
		struct word w = argv.v[i];
		struct str text;

		if (i > 0)
			out = word_cat(a, out, word_text(a, STR(" ")));
		if (word_known(a, w, &text))
			w = word_text(a, word_quote(a, w));
		out = word_cat(a, out, w);
	}
	return out;
}

/* ---- what is run ---- */

struct inner_text {
	struct word text;  /* for a shell, or only to be shown */
	struct words argv; /* n > 0: no shell reads it */
	struct str from;
	bool there;
};

static bool
takes_command(const struct fly *f)
{
	return fly__is(f, "ssh console") || fly__is(f, "console") || fly__is(f, "machine run");
}

static struct inner_text
find_text(const struct fly *f)
{
	struct arena *a = f->rd->a;
	const struct parsed *p = f->p;
	const struct word *option = option_last(p, "command");
	struct inner_text t = { .there = true };

	if (fly__is(f, "machine exec") && p->operands.n > 0) {
		t.text = p->operands.v[p->operands.n - 1].v[0];
	} else if ((fly__is(f, "machine run") || fly__is(f, "machine create")) && p->operands.n > 1) {
		struct word *v = NEW_ARRAY(a, struct word, p->operands.n);

		for (size_t i = 1; i < p->operands.n; i++)
			v[i - 1] = p->operands.v[i].v[0];
		t.argv = (struct words){ v, p->operands.n - 1 };
		t.text = joined(a, t.argv);
	} else if (option != NULL && takes_command(f)) {
		t.text = *option;
		t.from = parsed_option(p, "command")->spelled;
	} else {
		t.there = false;
	}
	return t;
}

/* ---- the commands in it ---- */

/* What an action of the text adds to `inner`: nothing, its words, or more than
 * words can say. */
static void
add_action(struct arena *a, const struct action *act, size_t assigns, word_vec *every, word_vec *inner,
    word_vec *builtins)
{
	struct word any = word_any(a, STR("…"));

	if ((act->flags & (ACTION_GUESS | ACTION_DEVICE | ACTION_OPERAND)) != 0)
		return;
	if (act->kind != ACTION_COMMAND) {
		add(a, inner, any);
		return;
	}
	add(a, every, joined(a, act->argv));
	if (act->nassigns > assigns || (act->flags & ACTION_TAINTED) != 0)
		add(a, inner, any);
	if ((act->flags & ACTION_BUILTIN) != 0)
		add(a, builtins, joined(a, act->argv));
	else if ((act->flags & ACTION_HARMLESS) == 0)
		add(a, inner, joined(a, act->argv));
}

static void
set_list(struct fly *f, const char *field, const word_vec *list, struct str from)
{
	if (list->n > 0)
		field_set(f->rd, f->act, field, (struct words){ list->v, list->n }, from);
	else
		field_absent(f->rd, f->act, field);
}

static int
take_apart(struct fly *f, const struct inner_text *t)
{
	struct reading *rd = f->rd;
	struct shell_state *inside = reading_inside(rd, f->st);
	size_t from = rd->out->list.n, assigns;
	word_vec every = { 0 }, inner = { 0 }, builtins = { 0 };
	bool away = rd->away, wrote = rd->wrote_away;
	const struct assign *before;
	int err;

	add(rd->a, &every, t->text);
	rd->wrote_away = false;
	wrap_place(rd, inside, true);
	assigns = shell_line_assigns(rd->shell, inside, &before);
	err = t->argv.n > 0
	    ? reading_run_argv(rd, inside, t->argv, f->c, ACTION_INNER, STR(""))
	    : reading_run_shell(rd, inside, t->text, f->c, ACTION_INNER, STR(""),
		  word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
	for (size_t i = from; i < rd->out->list.n; i++)
		add_action(rd->a, rd->out->list.v[i], assigns, &every, &inner, &builtins);
	if (inner.n == 0)
		inner = builtins;
	if (rd->wrote_away || inner.n == 0 || rd->out->list.n == from)
		add(rd->a, &inner, word_any(rd->a, STR("…")));
	rd->away = away;
	rd->wrote_away = wrote;
	reading_back(rd, f->st, inside);
	set_list(f, "command", &every, t->from);
	set_list(f, "inner", &inner, STR(""));
	return err;
}

int
fly__inner(struct fly *f)
{
	struct inner_text t = find_text(f);

	if (!t.there || f->open || f->p->help || f->p->refused)
		return 0;
	return take_apart(f, &t);
}

/* ---- rules ---- */

/* The text of -C in a rule is a pattern, quoted or not; "ls *" means ls alone
 * as well. */
static struct words
alternatives(struct arena *a, struct words any)
{
	word_vec list = { 0 };

	for (size_t i = 0; i < any.n; i++) {
		struct words globs = { &any.v[i], 1 }, bare;
		struct str text;

		if (word_known(a, any.v[i], &text)) {
			if (word_glob(a, text, &globs) < 0)
				continue;
			if (str_ends(text, STR(" *")) &&
			    word_glob(a, str_sub(text, 0, text.n - 2), &bare) == 0)
				for (size_t k = 0; k < bare.n; k++)
					add(a, &list, bare.v[k]);
		}
		for (size_t k = 0; k < globs.n; k++)
			add(a, &list, globs.v[k]);
	}
	return (struct words){ list.v, list.n };
}

static void
need_command(struct arena *a, struct words any, needs_vec *needs)
{
	struct words all = alternatives(a, any);

	*vec_push(a, needs) = (struct need){ STR("command"), all, NEED_TIGHTEN };
	*vec_push(a, needs) = (struct need){ STR("inner"), all, NEED_LOOSEN };
}

void
fly__inner_pattern(struct arena *a, const struct parsed *p, struct pattern *out, needs_vec *needs)
{
	struct str path = STR("");
	struct option_need *options = NEW_ARRAY(a, struct option_need, out->noptions + 1);
	struct words *operands = NEW_ARRAY(a, struct words, out->noperands + 1);
	struct word *any = NEW(a, struct word);

	for (size_t i = 0; i < p->command->npath; i++)
		path = str_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(path), i > 0 ? " " : "",
		    STR_ARG(p->command->path[i]));
	if (str_is(path, "machine exec") && out->noperands > 0) {
		memcpy(operands, out->operands, out->noperands * sizeof *operands);
		need_command(a, operands[out->noperands - 1], needs);
		*any = word_any(a, STR("*"));
		operands[out->noperands - 1] = (struct words){ any, 1 };
		out->operands = operands;
	}
	if (!str_is(path, "ssh console") && !str_is(path, "console") && !str_is(path, "machine run"))
		return;
	for (size_t i = 0; i < out->noptions; i++) {
		options[i] = out->options[i];
		if (!str_is(options[i].name, "command") || options[i].any.n == 0)
			continue;
		need_command(a, options[i].any, needs);
		options[i].any.n = 0; /* that it is given is enough */
	}
	if (out->noptions > 0)
		out->options = options;
}
