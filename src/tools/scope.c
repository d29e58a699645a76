/* SPDX-License-Identifier: ISC */
/*
 * scope.c: see scope.h. Where things may be in several ways (two directories,
 * a variable that may be set) each way gives a value; one that cannot be known
 * gives an unknown word, or makes the field unknown if there is no other.
 */
#include "tools/scope.h"

#include "tools/config.h"

#include "bridle/limits.h"

struct finding {
	struct reading *rd;
	const struct model_scope *s;
	VEC(struct word) values;
	struct str from; /* of the first value */
	struct str why;  /* what is not known */
	bool unknown;
};

static void
found(struct finding *f, struct word w, struct str from)
{
	for (size_t i = 0; i < f->values.n; i++)
		if (word_covers(f->values.v[i], w))
			return;
	if (f->values.n == 0)
		f->from = from;
	*vec_push(f->rd->a, &f->values) = w;
}

static void
not_known(struct finding *f, struct str why)
{
	if (!f->unknown)
		f->why = why;
	f->unknown = true;
}

static bool
may_be_empty(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind == PIECE_TEXT || (w.v[i].kind == PIECE_CHARS && w.v[i].min > 0))
			return false;
	return true;
}

/* A value that may be empty may also leave the choice to what comes next: any. */
static struct word
value_or_any(struct finding *f, struct word w)
{
	struct str source = word_show(f->rd->a, w);
	struct str text;

	if (word_known(f->rd->a, w, &text))
		return w;
	if (f->why.n == 0)
		f->why = source;
	return may_be_empty(w) ? word_any(f->rd->a, source) : w;
}

static const struct word *
last_of(const struct parsed *p, struct str name)
{
	const struct option_value *o = name.n == 0 ? NULL : parsed__option(p, name);

	if (o == NULL || o->values.n == 0 || o->values.v[o->values.n - 1].n == 0)
		return NULL;
	return &o->values.v[o->values.n - 1];
}

const struct word *
option_last(const struct parsed *p, const char *name)
{
	return last_of(p, str_of(name));
}

/* ---- the environment ---- */

/* What the program gets: what stands in front of the command, too, unless `env` in between gives another.
 * True: it settles the matter. */
static bool
from_env(struct finding *f, struct shell_state *st, struct str name)
{
	struct words values = { 0 };
	bool settled = true;
	int err = shell_env(f->rd->shell, st, name, &values);

	if (err == BRIDLE_ENOENT)
		return false;
	if (err != 0 || values.n == 0) {
		not_known(f, str_printf(f->rd->a, "what " STR_FMT " holds is not known", STR_ARG(name)));
		return true;
	}
	for (size_t i = 0; i < values.n; i++) {
		if (values.v[i].n == 0)
			settled = false; /* set but empty counts as not set */
		else
			found(f, value_or_any(f, values.v[i]), name);
	}
	return settled;
}

/* ---- configuration files ---- */

static struct str
file_for_people(struct finding *f, struct str name, struct str relative)
{
	if (relative.n == 0 || str_starts(name, STR("/")))
		return name;
	return str_cat(f->rd->a, str_cat(f->rd->a, name, STR(" in ")), str_cat(f->rd->a, relative, STR("/")));
}

/* Why nobody knows what it holds. */
static struct str
unread(struct finding *f, struct str path, struct str shown)
{
	struct world_stat at = { .kind = WORLD_FILE };
	const char *why = NULL;
	int err = overlay_stat(f->rd, path, true, &at);

	if (err == BRIDLE_EUNKNOWN && overlay_stat(f->rd, path, false, &at) == 0 && at.kind == WORLD_LINK)
		why = "is a link whose target cannot be read";
	else if (err != 0)
		why = NULL;
	else if (at.kind == WORLD_DIR)
		why = "is a directory";
	else if (at.kind != WORLD_FILE)
		why = "is no regular file";
	else if (at.size > LIMIT_FILE)
		why = "is too large to be read";
	if (why == NULL)
		return str_printf(f->rd->a, "what " STR_FMT " holds is not known", STR_ARG(shown));
	return str_printf(f->rd->a, STR_FMT " %s", STR_ARG(shown), why);
}

/* Has a program run before, which may make folders? */
static bool
others_ran(const struct reading *rd)
{
	for (size_t i = 0; i < rd->out->list.n; i++) {
		const struct action *act = rd->out->list.v[i];

		if (act->kind == ACTION_COMMAND && (act->flags & (ACTION_BUILTIN | ACTION_HARMLESS | ACTION_INNER)) == 0 &&
		    !str_is(act->tool, "fly"))
			return true;
	}
	return false;
}

static bool
is_there(struct reading *rd, struct str dir)
{
	struct world_stat at;

	return overlay_stat(rd, dir, true, &at) != BRIDLE_ENOENT;
}

/* One file: 1 if it settles the matter, 0 to look further. */
static bool
from_file(struct finding *f, struct str path, struct str shown)
{
	struct overlay_state state;
	struct arena *a = f->rd->a;

	if (overlay_read(f->rd, path, &state) != 0)
		state.unknown = true;
	if (state.unknown)
		not_known(f, unread(f, path, shown));
	for (size_t i = 0; i < state.texts.n; i++) {
		struct str value, why;
		int err = config_text(a, path, state.texts.v[i], f->s->key, &value, &why);

		if (err == 0)
			found(f, word_text(a, value), shown);
		else if (err != BRIDLE_ENOENT)
			not_known(f, str_printf(a, STR_FMT " " STR_FMT, STR_ARG(shown), STR_ARG(why)));
	}
	if (state.absent && state.texts.n == 0 && others_ran(f->rd) && !is_there(f->rd, path_dir(path)))
		not_known(f, str_printf(a, "the folder of " STR_FMT " is not there yet", STR_ARG(shown)));
	return !state.absent;
}

/* -c P: P, or P/fly.toml where there is no P. */
static void
from_named_file(struct finding *f, struct word named, struct str dir, const struct scope_place *place)
{
	struct arena *a = f->rd->a;
	struct str name, path;

	if (!word_known(a, named, &name)) {
		not_known(f, str_printf(a, "which file " STR_FMT " names is not known",
		    STR_ARG(word_show(a, named))));
		return;
	}
	path = path_clean(a, path_join(a, dir, name));
	if (!from_file(f, path, file_for_people(f, name, place->relative)) && f->s->nfiles > 0)
		(void)from_file(f, path_join(a, path, f->s->files[0]),
		    file_for_people(f, path_join(a, name, f->s->files[0]), place->relative));
}

static void
from_files(struct finding *f, const struct parsed *p, const struct scope_place *place)
{
	struct arena *a = f->rd->a;
	const struct word *named = last_of(p, f->s->config_option);

	for (size_t i = 0; i < place->dirs.n; i++) {
		struct str dir;

		if (!word_known(a, place->dirs.v[i], &dir)) {
			not_known(f, STR("the directory it runs in is not known"));
			continue;
		}
		if (named != NULL) {
			from_named_file(f, *named, dir, place);
			continue;
		}
		for (size_t k = 0; k < f->s->nfiles; k++)
			if (from_file(f, path_join(a, dir, f->s->files[k]),
			        file_for_people(f, f->s->files[k], place->relative)))
				break;
	}
}

struct words
scope_files(struct reading *rd, const struct parsed *p, const struct model_scope *s,
    const struct scope_place *place)
{
	struct arena *a = rd->a;
	const struct word *named = last_of(p, s->config_option);
	VEC(struct word) list = { 0 };

	for (size_t i = 0; i < place->dirs.n; i++) {
		struct str dir, name = s->files[0], path;
		struct world_stat at;

		if (!word_known(a, place->dirs.v[i], &dir) ||
		    (named != NULL && !word_known(a, *named, &name))) {
			*vec_push(a, &list) = word_any(a, STR("the configuration file"));
			continue;
		}
		path = path_join(a, dir, name);
		for (size_t k = 0; named == NULL && k < s->nfiles; k++) {
			struct str other = k == 0 ? path : path_join(a, dir, s->files[k]);

			if (overlay_stat(rd, other, true, &at) != BRIDLE_ENOENT) {
				path = other;
				break;
			}
		}
		*vec_push(a, &list) = word_text(a, path_is_clean(path) ? path : path_clean(a, path));
	}
	return (struct words){ list.v, list.n };
}

bool
scope_file(const struct tool *fly, struct str name)
{
	for (size_t i = 0; fly != NULL && i < fly->nscopes; i++)
		for (size_t k = 0; k < fly->scopes[i].nfiles; k++)
			if (str_eq(fly->scopes[i].files[k], name))
				return true;
	return false;
}

void
scope_written_change(struct reading *rd, struct str dir)
{
	struct str *paths;
	size_t n = overlay_written(rd, dir, &paths);

	for (size_t i = 0; i < n; i++)
		if (str_find(paths[i], STR("/.git/")) == STR_NPOS && !str_ends(paths[i], STR("/.git")))
			overlay_unknown(rd, paths[i], WROTE_PART);
}

void
scope_files_change(struct reading *rd, struct str dir)
{
	const struct tool *fly = models_find(rd->models, STR("fly"));

	scope_written_change(rd, dir);
	for (size_t i = 0; fly != NULL && i < fly->nscopes; i++)
		if (fly->scopes[i].nfiles > 0)
			overlay_unknown_named(rd, dir, fly->scopes[i].files, fly->scopes[i].nfiles);
}

/* ---- all together ---- */

static bool
command_has(const struct parsed *p, struct str option)
{
	for (size_t i = 0; p->command != NULL && i < p->command->noptions; i++)
		if (str_eq(command_option(p->command, i)->name, option))
			return true;
	return false;
}

static bool
from_option(struct finding *f, const struct parsed *p)
{
	struct arena *a = f->rd->a;
	const struct word *w;

	if (p->maybe && command_has(p, f->s->option)) {
		not_known(f, str_printf(a, STR_FMT " may hold --" STR_FMT, STR_ARG(p->unsure),
		    STR_ARG(f->s->option)));
		return true;
	}
	w = last_of(p, f->s->option);
	if (w == NULL)
		return false;
	found(f, value_or_any(f, *w), parsed__option(p, f->s->option)->spelled);
	return true;
}

static void
set_field(struct finding *f, struct action *act, const char *name)
{
	struct field *field;

	if (f->values.n == 0 && f->unknown) {
		field_unknown(f->rd, act, name, f->why);
		return;
	}
	if (f->values.n == 0) {
		field_absent(f->rd, act, name);
		return;
	}
	if (f->unknown)
		*vec_push(f->rd->a, &f->values) = word_any(f->rd->a, STR(""));
	field_set(f->rd, act, name, (struct words){ f->values.v, f->values.n }, f->from);
	field = action_field(act, name);
	field->why = f->why;
}

void
scope_resolve(struct reading *rd, struct shell_state *st, const struct parsed *p,
    struct action *act, const struct model_scope *s,
    const struct scope_place *place)
{
	struct finding f = { .rd = rd, .s = s };
	bool settled = s->option.n > 0 && from_option(&f, p);

	for (size_t i = 0; !settled && i < s->nenv; i++)
		settled = from_env(&f, st, s->env[i]);
	if (!settled && s->nfiles > 0)
		from_files(&f, p, place);
	set_field(&f, act, str_c(rd->a, s->field));
}

const struct model_scope *
scope_find(const struct tool *t, const char *field)
{
	for (size_t i = 0; i < t->nscopes; i++)
		if (str_is(t->scopes[i].field, field))
			return &t->scopes[i];
	return NULL;
}
