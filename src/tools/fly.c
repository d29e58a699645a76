/* SPDX-License-Identifier: ISC */
/*
 * fly.c: what fly's table (policies/tools/fly.json) cannot say: the fields of
 * an action, one action per target, what a command leaves on this machine.
 * Facts: docs/fly.md. Which app it is: fly_app.c.
 */
#include "tools/fly.h"

#include "tools/host.h"
#include "tools/resolvers.h"

#include <string.h>

static void
set_word(struct fly *f, const char *field, struct word w, const char *from)
{
	struct word *v = NEW(f->rd->a, struct word);
	struct str text;

	*v = w;
	field_set(f->rd, f->act, field, (struct words){ v, 1 }, str_of(from));
	if (!word_known(f->rd->a, w, &text))
		action_field(f->act, field)->why = word_show(f->rd->a, w);
}

/* ---- effect ---- */

static int
strictness(struct str effect)
{
	static const char *const order[] = { "local", "read", "write", "auth", "exec", "destroy" };

	for (int i = 0; i < (int)(sizeof order / sizeof order[0]); i++)
		if (str_is(effect, order[i]))
			return i;
	return -1;
}

static const struct model_option *
option_model(const struct fly *f, struct str name)
{
	for (size_t i = 0; i < f->cmd->noptions; i++) {
		const struct model_option *o = command_option(f->cmd, i);

		if (option_begins(o, name) && str_eq(o->name, name))
			return o;
	}
	return NULL;
}

/* What the options make of it: the strictest that any says; MAYBE where one
 * may be given or not. */
static enum tri
effect_by_options(const struct fly *f, struct str *effect)
{
	struct str best = STR("");

	for (size_t i = 0; i < f->p->options.n; i++) {
		const struct option_value *v = &f->p->options.v[i];
		const struct model_option *o = v->model;

		if (o == NULL || o->effect.n > 0)
			o = option_model(f, v->name);
		if (o == NULL || o->effect.n == 0)
			continue;
		if (v->maybe)
			return TRI_MAYBE;
		if (strictness(o->effect) > strictness(best))
			best = o->effect;
	}
	if (best.n > 0)
		*effect = best;
	if (!f->p->maybe)
		return TRI_YES;
	for (size_t i = 0; i < f->cmd->noptions; i++)
		if (command_option(f->cmd, i)->effect.n > 0)
			return TRI_MAYBE;
	return TRI_YES;
}

/* 0, web=0: all machines (of the group) go away. */
static enum tri
is_zero(struct arena *a, struct word w)
{
	struct str text;
	size_t equals;

	if (!word_known(a, w, &text))
		return TRI_MAYBE;
	equals = str_chr(text, '=');
	if (equals != STR_NPOS)
		text = str_sub(text, equals + 1, STR_NPOS);
	if (text.n > 1 && strchr("+-", text.p[0]) != NULL)
		text = str_sub(text, 1, STR_NPOS);
	while (text.n > 1 && text.p[0] == '0')
		text = str_sub(text, 1, STR_NPOS);
	return str_is(text, "0") ? TRI_YES : TRI_NO;
}

static enum tri
scales_to_zero(const struct fly *f)
{
	enum tri zero = f->p->maybe || f->p->rest ? TRI_MAYBE : TRI_NO;

	for (size_t i = 0; i < f->p->operands.n; i++)
		zero = tri_or(zero, is_zero(f->rd->a, f->p->operands.v[i].v[0]));
	return zero;
}

static bool
runs_words(const struct fly *f)
{
	return fly__is(f, "machine run") &&
	    (f->p->operands.n > 1 || parsed_option(f->p, "command") != NULL);
}

/* --help, or a group alone: not where a word is unknown, which another version
 * of fly may know. */
static bool
asks_for_help(const struct fly *f)
{
	return f->p->help && !f->cmd->dead &&
	    (parsed_option(f->p, "help") != NULL || parsed_option(f->p, "version") != NULL ||
	        f->p->operands.n == 0);
}

static void
mark_help(struct fly *f)
{
	const struct action *act = f->act;

	if (act->flags & (ACTION_TAINTED | ACTION_OUTSIDE))
		return;
	for (size_t i = 0; i < act->nassigns; i++)
		if (!act->assigns[i].safe)
			return;
	f->act->flags |= ACTION_HELP;
}

static struct str
why_no_command(const struct fly *f)
{
	struct arena *a = f->rd->a;
	struct str near = f->p->unknown_word.n == 0 ? STR("") : model_nearest(a, f->act->model, f->cmd, f->p->unknown_word);

	if (f->p->error.n > 0)
		return str_printf(a, "fly would say: " STR_FMT, STR_ARG(f->p->error));
	if (f->open || near.n == 0)
		return STR("the subcommand is not known");
	return str_printf(a, "there is no subcommand \"" STR_FMT "\" (did you mean \"" STR_FMT "\"?)", STR_ARG(f->p->unknown_word),
	    STR_ARG(near));
}

static void
set_effect(struct fly *f)
{
	struct str effect = f->cmd->effect;
	enum tri zero = TRI_NO, sure;

	if (f->open || (f->cmd->npath == 0 && f->p->refused) || (effect.n == 0 && !asks_for_help(f))) {
		field_unknown(f->rd, f->act, "effect", why_no_command(f));
		return;
	}
	if (asks_for_help(f)) {
		field_set_text(f->rd, f->act, "effect", "read");
		mark_help(f);
		return;
	}
	sure = effect_by_options(f, &effect);
	if (runs_words(f))
		effect = STR("exec");
	if (fly__is(f, "scale count"))
		zero = scales_to_zero(f);
	if (zero == TRI_YES)
		effect = STR("destroy");
	if (sure == TRI_MAYBE || zero == TRI_MAYBE)
		set_word(f, "effect", word_any(f->rd->a, STR("")), "");
	else
		field_set_str(f->rd, f->act, "effect", effect);
	if (zero == TRI_MAYBE)
		action_field(f->act, "effect")->why = STR("a count of 0 destroys every machine");
}

/* ---- the other fields ---- */

/* iad,lhr is two regions. */
static void
split_regions(struct fly *f)
{
	struct field *field = action_field(f->act, "region");
	VEC(struct word) list = { 0 };
	struct str text;

	if (field == NULL || field->state != FIELD_PRESENT || field->values.n != 1 ||
	    !word_known(f->rd->a, field->values.v[0], &text) || str_chr(text, ',') == STR_NPOS)
		return;
	while (text.n > 0) {
		size_t comma = str_chr(text, ',');
		struct str one = str_trim(str_sub(text, 0, comma));

		if (one.n > 0)
			*vec_push(f->rd->a, &list) = word_text(f->rd->a, one);
		text = comma == STR_NPOS ? STR("") : str_sub(text, comma + 1, STR_NPOS);
	}
	if (list.n > 0)
		field->values = (struct words){ list.v, list.n };
}

static void
set_option_field(struct fly *f, const char *field, const char *option)
{
	const struct option_value *o = parsed_option(f->p, option);
	const struct word *w = option_last(f->p, option);

	if (f->open || (f->p->maybe && option_model(f, str_of(option)) != NULL))
		field_unknown(f->rd, f->act, field,
		    str_printf(f->rd->a, STR_FMT " may hold --%s", STR_ARG(f->p->unsure), option));
	else if (w != NULL)
		set_word(f, field, *w, str_c(f->rd->a, o->spelled));
	else
		field_absent(f->rd, f->act, field);
}

static void
set_scoped(struct fly *f, const char *field, const char *option)
{
	struct model_scope s;
	const struct model_scope *of_tool = scope_find(f->tool, field);

	if (f->open || of_tool == NULL) {
		set_option_field(f, field, option);
		return;
	}
	s = *of_tool;
	s.option = str_of(option);
	scope_resolve(f->rd, f->st, f->p, f->act, &s, &f->place);
}

static void
set_org(struct fly *f)
{
	bool by_position = str_starts(f->cmd->operands, STR("org"));

	if (by_position && f->p->operands.n > 0 && !f->open)
		set_word(f, "org", f->p->operands.v[0].v[0], "the operand");
	else
		set_scoped(f, "org", "org");
}

static void
set_image(struct fly *f)
{
	bool by_position = str_starts(f->cmd->operands, STR("image"));

	if (by_position && f->p->operands.n > 0 && !f->open)
		set_word(f, "image", f->p->operands.v[0].v[0], "the operand");
	else
		set_option_field(f, "image", "image");
}

static void
set_confirmed(struct fly *f)
{
	const char *option = fly__is(f, "secrets keys delete") ? "force" : "yes";
	const struct option_value *o = parsed_option(f->p, option);

	if (f->open || (o != NULL && o->maybe) || (o == NULL && f->p->maybe))
		field_unknown(f->rd, f->act, "confirmed",
		    str_printf(f->rd->a, STR_FMT " may hold --%s", STR_ARG(f->p->unsure), option));
	else if (o != NULL)
		field_set_text(f->rd, f->act, "confirmed", "yes");
	else
		field_absent(f->rd, f->act, "confirmed");
}

/* config: as -c names it, else the file that is there; config-file: its path. */
static void
set_config(struct fly *f)
{
	const struct model_scope *s = scope_find(f->tool, "app");
	struct words files;
	struct word *names;

	if (s == NULL || s->nfiles == 0)
		return;
	files = scope_files(f->rd, f->p, s, &f->place);
	field_set(f->rd, f->act, "config-file", files, STR(""));
	if (f->open || f->p->maybe || option_last(f->p, "config") != NULL) {
		set_option_field(f, "config", "config");
		return;
	}
	names = NEW_ARRAY(f->rd->a, struct word, files.n);
	for (size_t i = 0; i < files.n; i++) {
		struct str path;

		names[i] = files.v[i];
		if (word_known(f->rd->a, files.v[i], &path))
			names[i] = word_text(f->rd->a, path_base(path));
	}
	field_set(f->rd, f->act, "config", (struct words){ names, files.n }, STR(""));
}

/* fly autoscale set: what today's fly does not know, but rules may name. */
static void
set_former(struct fly *f)
{
	const struct tool *t = f->tool;
	const struct model_command *found = NULL;
	struct buf b;

	for (size_t i = (size_t)(f->cmd - t->commands) + 1; f->p->operands.n > 0 && i < f->cmd->end; i++) {
		const struct model_command *k = &t->commands[i];
		size_t same = f->cmd->npath, depth = k->npath - same;
		bool fits = k->today.n > 0 && !k->dead && k->npath > same &&
		    depth <= f->p->operands.n;

		for (size_t j = 0; fits && j < depth; j++)
			fits = word_is(f->p->operands.v[j].v[0], str_c(f->rd->a, k->path[same + j]));
		if (fits)
			found = k; /* paths are sorted: the longest comes last */
	}
	if (found == NULL || f->open)
		return;
	buf_init(&b, f->rd->a);
	for (size_t i = 0; i < found->npath; i++)
		buf_printf(&b, "%s" STR_FMT, i > 0 ? " " : "", STR_ARG(found->path[i]));
	set_word(f, "former", word_text(f->rd->a, buf_str(&b)), "");
	f->act->runs = false;
	f->act->error = str_printf(f->rd->a, "fly has no such command any more: today it is `" STR_FMT "`",
	    STR_ARG(found->today));
}

static void
set_fields(struct fly *f)
{
	set_effect(f);
	set_org(f);
	set_scoped(f, "region", fly__is(f, "deploy") ? "primary-region" : "region");
	split_regions(f);
	set_image(f);
	set_option_field(f, "command", "command");
	set_confirmed(f);
	set_config(f);
	set_former(f);
	if (f->p->maybe && f->act->why.n == 0)
		f->act->why = str_printf(f->rd->a, "what " STR_FMT " holds is not known",
		    STR_ARG(f->p->unsure));
}

/* ---- targets ---- */

static struct action *
another(struct fly *f)
{
	struct action *act = reading_add(f->rd, ACTION_COMMAND, f->st, f->c), *from = f->act;
	unsigned id;

	if (act == NULL)
		return NULL;
	id = act->id;
	*act = *from;
	act->id = id;
	act->fields = reading_fields(f->rd, from->fields, from->nfields);
	return act;
}

static void
aim_at(struct fly *f, size_t operand)
{
	struct word *w = NEW(f->rd->a, struct word);

	*w = f->p->operands.v[operand].v[0];
	f->act->operands = (struct words){ w, 1 };
	fly__app(f, w);
}

/* machine destroy A B is two actions. */
static void
one_for_each(struct fly *f)
{
	size_t n = f->p->operands.n;

	aim_at(f, 0);
	for (size_t i = 1; i < n; i++) {
		struct action *act = another(f);

		if (act == NULL)
			return;
		f->act = act;
		aim_at(f, i);
	}
}

/* postgres attach DB -a WEB touches both; so does a restore into a new app. */
static void
both_apps(struct fly *f)
{
	struct action *second;
	const struct field *app;

	fly__app(f, NULL);
	app = action_field(f->act, "app");
	if (app == NULL)
		return;
	field_set(f->rd, f->act, "consumer", app->values, app->from);
	if (app->state == FIELD_UNKNOWN)
		field_unknown(f->rd, f->act, "consumer", app->why);
	second = another(f);
	if (second == NULL)
		return;
	f->act = second;
	set_word(f, "app", f->p->operands.v[0].v[0], "the operand");
}

bool
fly__two_apps(const struct model_command *c)
{
	return str_is(c->operands, "database") || str_is(c->operands, "new-app");
}

static void
set_targets(struct fly *f)
{
	struct str roles = f->cmd->operands;
	size_t n = f->p->operands.n;
	bool each = str_is(roles, "target*") || str_is(roles, "secret*") || str_is(roles, "app*");

	if (fly__two_apps(f->cmd) && n > 0 && !f->open)
		both_apps(f);
	else if (each && n > 0 && !f->open)
		one_for_each(f);
	else
		fly__app(f, n > 0 ? &f->p->operands.v[0].v[0] : NULL);
}

/* ---- what it does here ---- */

/* Where fly.toml is looked for: deploy DIR goes there first. */
static void
find_place(struct fly *f)
{
	struct arena *a = f->rd->a;
	struct words dirs = shell_cwd(f->st);
	struct word *v, dir;

	f->place = (struct scope_place){ dirs, f->act->relative };
	if (!str_is(f->cmd->operands, "dir") || f->p->operands.n == 0 || f->open)
		return;
	dir = f->p->operands.v[0].v[0];
	v = NEW_ARRAY(a, struct word, dirs.n);
	for (size_t i = 0; i < dirs.n; i++)
		v[i] = reading_path(f->rd, f->st, dir, i);
	f->place.dirs = (struct words){ v, dirs.n };
	if (!word_is(dir, "."))
		f->place.relative = path_clean(a, path_join(a, f->act->relative, word_show(a, dir)));
}

static int
effects_here(struct fly *f)
{
	static const struct file_after unknown = { .kind = AFTER_UNKNOWN };
	const struct word *named = option_last(f->p, "config");
	const struct parsed *p = f->p;
	VEC(struct word) argv = { 0 };

	if (f->open || p->help || p->refused)
		return 0;
	if (fly__is(f, "config save") || fly__is(f, "launch") || fly__is(f, "launch plan generate"))
		file_edit(f->rd, f->st, f->c, named != NULL ? *named : word_text(f->rd->a, STR("fly.toml")),
		    ACTION_OPERAND, unknown);
	if (!fly__is(f, "mcp wrap"))
		return 0;
	if (option_last(p, "mcp") != NULL) /* else the words behind -- name it */
		*vec_push(f->rd->a, &argv) = *option_last(p, "mcp");
	for (size_t i = 0; i < p->tail.n; i++)
		*vec_push(f->rd->a, &argv) = p->tail.v[i].v[0];
	return reading_run_argv(f->rd, f->st, (struct words){ argv.v, argv.n }, f->c, ACTION_INNER,
	    STR("fly mcp wrap"));
}

static int
fly_command(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct parsed *p, struct action *proto)
{
	struct fly f = { .rd = rd, .st = st, .c = c, .p = p, .act = proto, .tool = proto->model };
	int err;

	f.cmd = p->command != NULL ? p->command : &f.tool->commands[0];
	f.open = p->open;
	find_place(&f);
	set_fields(&f);
	if ((err = fly__inner(&f)) < 0)
		return err;
	set_targets(&f);
	return effects_here(&f);
}

/* What runs over there; of two apps a loosening rule must mean the right one
 * by --app. */
static int
fly_pattern(struct arena *a, const struct parsed *p, struct pattern *out, needs_vec *needs,
    struct str *error)
{
	(void)error;
	fly__inner_pattern(a, p, out, needs);
	if (!fly__two_apps(p->command))
		return 0;
	for (size_t i = 0, n = needs->n; i < n; i++)
		if (str_is(needs->v[i].name, "app")) {
			struct need loosening = { STR("consumer"), needs->v[i].any, NEED_LOOSEN };

			needs->v[i].when = NEED_TIGHTEN;
			*vec_push(a, needs) = loosening;
		}
	return 0;
}

const struct resolver resolver_fly = { .name = "fly", .command = fly_command,
	.pattern = fly_pattern };
