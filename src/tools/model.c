/* SPDX-License-Identifier: ISC */
/*
 * model.c: which models there are: those compiled in (model_packed.c) and what
 * a policy adds, which comes first. Look-ups only; reading JSON is
 * model_json.c.
 */
#include "tools/tools.h"

#include <string.h>

struct added_wrappers {
	VEC(struct wrapper) list;
};
struct models {
	struct arena *a;
	struct map *tools;    /* program -> struct tool *; NULL: none added */
	struct map *wrappers; /* name -> struct added_wrappers *; NULL: none added */
	struct map *spoken;   /* programs that rules name -> the models; NULL: none */
};

struct models *
models_new(struct arena *a)
{
	struct models *m = NEW(a, struct models);

	m->a = a;
	return m;
}

static void
add_wrapper(struct models *m, const struct wrapper *w)
{
	struct added_wrappers *of_name;

	if (m->wrappers == NULL)
		m->wrappers = map_new(m->a);
	of_name = map_get(m->wrappers, w->name);
	if (of_name == NULL) {
		of_name = NEW(m->a, struct added_wrappers);
		map_put(m->wrappers, w->name, of_name);
	}
	*vec_push(m->a, &of_name->list) = *w;
}

int
models_add(struct models *m, struct str json, struct str file, struct diags *d)
{
	struct model_set set;
	int err = model__load(m->a, json, file, &set, d);

	if (err != 0)
		return err;
	if (m->tools == NULL)
		m->tools = map_new(m->a);
	for (size_t i = 0; i < set.tools.n; i++)
		for (size_t k = 0; k < set.tools.v[i].nnames; k++)
			map_put(m->tools, set.tools.v[i].names[k], &set.tools.v[i]);
	for (size_t i = 0; i < set.wrappers.n; i++)
		add_wrapper(m, &set.wrappers.v[i]);
	return 0;
}

/* "mise exec --": the program, below which word, and what ends its own options. */
int
models_add_wrapper(struct models *m, struct str name, const struct str *value_options, size_t n)
{
	struct wrapper w = { .start = STR("operands"), .kind = STR("argv") };
	const struct model_option **options = NEW_ARRAY(m->a, const struct model_option *, n + 1);
	size_t blank = str_chr(name, ' ');
	struct str rest = str_trim(str_sub(name, blank == STR_NPOS ? name.n : blank, STR_NPOS));

	w.name = str_dup(m->a, str_sub(name, 0, blank));
	if (str_is(rest, "--") || str_ends(rest, STR(" --"))) {
		w.start = STR("after:--");
		rest = str_trim(str_sub(rest, 0, rest.n - 2));
	}
	if (w.name.n == 0 || str_chr(rest, ' ') != STR_NPOS)
		return BRIDLE_EINVAL;
	w.subcommand = str_dup(m->a, rest);
	for (size_t i = 0; i < n; i++) {
		struct model_option *o = NEW(m->a, struct model_option);
		struct str spelled = value_options[i];

		while (str_starts(spelled, STR("-")))
			spelled = str_sub(spelled, 1, STR_NPOS);
		o->name = str_dup(m->a, spelled);
		o->letter = spelled.n == 1 ? spelled.p[0] : '\0';
		o->arg = ARG_REQUIRED;
		options[i] = o;
	}
	w.options = options;
	w.noptions = n;
	add_wrapper(m, &w);
	return 0;
}

const struct tool *
models_find(const struct models *m, struct str program)
{
	const struct tool *t = m->tools == NULL ? NULL : map_get(m->tools, program);

	return t != NULL ? t : models__packed_tool(program);
}

bool
models__any_added(const struct models *m, bool (*is)(const struct tool *t, struct str what), struct str what)
{
	size_t i = 0;
	struct str program;
	void *t;

	while (m->tools != NULL && map_next(m->tools, &i, &program, &t))
		if (is(t, what))
			return true;
	return false;
}

const struct wrapper *
models__wrapper(const struct models *m, struct str program, size_t *n)
{
	const struct added_wrappers *added = m->wrappers == NULL ? NULL : map_get(m->wrappers, program);

	if (added == NULL)
		return models__packed_wrappers(program, n);
	*n = added->list.n;
	return added->list.v;
}

bool
models_guarded(const struct models *m, struct str program)
{
	const struct tool *t = models_find(m, program);

	return t != NULL && t->guarded;
}

void
models_speak_of(struct models *m, struct str program)
{
	if (m->spoken == NULL)
		m->spoken = map_new(m->a);
	map_put(m->spoken, str_dup(m->a, program), m);
}

bool
models_spoken_of(const struct models *m, struct str program)
{
	return models_guarded(m, program) || (m->spoken != NULL && map_get(m->spoken, program) != NULL);
}

struct str
tool_name(const struct tool *t)
{
	return t->name;
}

struct str
tool_describes(const struct tool *t)
{
	return t->describes;
}

static bool
is_door(const struct model_option *o)
{
	return o->cls == OPTION_DOOR || o->effect.n > 0 || (o->runs.n > 0 && !str_is(o->runs, "file-read"));
}

bool
tools_without_doors(const struct action *act)
{
	static const char *const roles[] = { "write", "shell", "command" };
	const struct tool *t = act->model;

	if (t == NULL || t->ncommands != 1 || t->resolver.n > 0 || t->runner.n > 0 ||
	    !str_is(t->commands[0].effect, "read"))
		return false;
	for (size_t i = 0; i < t->nglobals; i++)
		if (is_door(t->globals[i]))
			return false;
	for (size_t i = 0; i < t->commands[0].noptions; i++)
		if (is_door(command_option(&t->commands[0], i)))
			return false;
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		if (str_find(t->commands[0].operands, str_of(roles[i])) != STR_NPOS)
			return false;
	return true;
}

bool
tool_doors_only(const struct tool *t)
{
	return t->doors_only;
}
