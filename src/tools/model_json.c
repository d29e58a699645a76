/* SPDX-License-Identifier: ISC */
/*
 * model_json.c: a model as a person writes it (policies/tools/README.md) ->
 * the plain structs of tools.h. Used twice: by src/gen/models.c while building,
 * for the models that are compiled in, and by models_add for those of a policy.
 * Tables say which key fills which member; what is not in them is an error.
 */
#include "tools/tools.h"

#include "bridle/limits.h"

#include <cjson/cJSON.h>
#include <string.h>

enum slot_kind {
	SLOT_STR,
	SLOT_BOOL,
	SLOT_WORDS,  /* member: const struct str *; count: size_t */
	SLOT_LETTER,
	SLOT_INT,
	SLOT_ARGS,   /* member: min, count: max */
	SLOT_CHOICE, /* an enum, by the names in choices */
	SLOT_OTHER   /* read by its own function */
};
struct slot {
	const char *key;
	enum slot_kind kind;
	size_t member, count;
	const char *choices; /* blank-separated, in the order of the enum */
};
struct load {
	struct arena *a;
	struct diags *d;
	struct str file;
	struct str where; /* the model or option that is being read, for messages */
	struct map *options; /* key -> struct model_option * */
};

#define O(m) offsetof(struct model_option, m)
static const struct slot option_slots[] = {
	{ "name", SLOT_STR, O(name), 0, NULL },
	{ "letter", SLOT_LETTER, O(letter), 0, NULL },
	{ "longs", SLOT_OTHER, 0, 0, NULL },
	{ "arg", SLOT_CHOICE, O(arg), 0, "none value optional" },
	{ "class", SLOT_CHOICE, O(cls), 0, "plain output neutral scope door" },
	{ "list", SLOT_BOOL, O(list), 0, NULL },
	{ "secret", SLOT_BOOL, O(secret), 0, NULL },
	{ "hidden", SLOT_BOOL, O(hidden), 0, NULL },
	{ "negatable", SLOT_BOOL, O(negatable), 0, NULL },
	{ "number", SLOT_BOOL, O(number), 0, NULL },
	{ "comma", SLOT_BOOL, O(comma), 0, NULL },
	{ "alias_of", SLOT_STR, O(alias_of), 0, NULL },
	{ "type", SLOT_STR, O(type), 0, NULL },
	{ "default", SLOT_STR, O(optional_value), 0, NULL },
	{ "field", SLOT_STR, O(field), 0, NULL },
	{ "runs", SLOT_STR, O(runs), 0, NULL },
	{ "effect", SLOT_STR, O(effect), 0, NULL },
};
#define C(m) offsetof(struct model_command, m)
static const struct slot command_slots[] = {
	{ "path", SLOT_WORDS, C(path), C(npath), NULL },
	{ "aliases", SLOT_WORDS, C(aliases), C(naliases), NULL },
	{ "runnable", SLOT_BOOL, C(runnable), 0, NULL },
	{ "hidden", SLOT_BOOL, C(hidden), 0, NULL },
	{ "dead", SLOT_BOOL, C(dead), 0, NULL },
	{ "tail", SLOT_BOOL, C(tail), 0, NULL },
	{ "effect", SLOT_STR, C(effect), 0, NULL },
	{ "resolver", SLOT_STR, C(resolver), 0, NULL },
	{ "today", SLOT_STR, C(today), 0, NULL },
	{ "args", SLOT_ARGS, C(min_args), C(max_args), NULL },
	{ "operands", SLOT_STR, C(operands), 0, NULL },
	{ "app", SLOT_STR, C(app_scope), 0, NULL },
	{ "options", SLOT_OTHER, 0, 0, NULL },
	{ "required", SLOT_WORDS, C(required), C(nrequired), NULL },
};
#define S(m) offsetof(struct model_scope, m)
static const struct slot scope_slots[] = {
	{ "field", SLOT_STR, S(field), 0, NULL },
	{ "option", SLOT_STR, S(option), 0, NULL },
	{ "env", SLOT_WORDS, S(env), S(nenv), NULL },
	{ "config_option", SLOT_STR, S(config_option), 0, NULL },
	{ "files", SLOT_WORDS, S(files), S(nfiles), NULL },
	{ "key", SLOT_STR, S(key), 0, NULL },
};
#define T(m) offsetof(struct tool, m)
static const struct slot tool_slots[] = {
	{ "name", SLOT_STR, T(name), 0, NULL },
	{ "names", SLOT_WORDS, T(names), T(nnames), NULL },
	{ "parser", SLOT_CHOICE, T(parser), 0, "getopt posix pflag git subcommands words" },
	{ "guarded", SLOT_BOOL, T(guarded), 0, NULL },
	{ "doors_only", SLOT_BOOL, T(doors_only), 0, NULL },
	{ "unknown_options", SLOT_CHOICE, T(unknown_refused), 0, "maybe refused" },
	{ "describes", SLOT_STR, T(describes), 0, NULL },
	{ "resolver", SLOT_STR, T(resolver), 0, NULL },
	{ "runner", SLOT_STR, T(runner), 0, NULL },
	{ "env", SLOT_WORDS, T(env), T(nenv), NULL },
	{ "door_env", SLOT_WORDS, T(door_env), T(ndoor_env), NULL },
	{ "alike", SLOT_OTHER, 0, 0, NULL },
	{ "options", SLOT_OTHER, 0, 0, NULL },
	{ "globals", SLOT_OTHER, 0, 0, NULL },
	{ "commands", SLOT_OTHER, 0, 0, NULL },
	{ "scopes", SLOT_OTHER, 0, 0, NULL },
	{ "former", SLOT_OTHER, 0, 0, NULL },
	{ "effect", SLOT_OTHER, 0, 0, NULL },
	{ "args", SLOT_OTHER, 0, 0, NULL },
	{ "operands", SLOT_OTHER, 0, 0, NULL },
};
#define W(m) offsetof(struct wrapper, m)
static const struct slot wrapper_slots[] = {
	{ "wrapper", SLOT_STR, W(name), 0, NULL },
	{ "transparent", SLOT_BOOL, W(transparent), 0, NULL },
	{ "start", SLOT_STR, W(start), 0, NULL },
	{ "skip", SLOT_INT, W(skip), 0, NULL },
	{ "kind", SLOT_STR, W(kind), 0, NULL },
	{ "adds", SLOT_STR, W(adds), 0, NULL },
	{ "subcommand", SLOT_STR, W(subcommand), 0, NULL },
	{ "options", SLOT_OTHER, 0, 0, NULL },
};
#undef O
#undef C
#undef S
#undef T
#undef W
#define SLOTS(t) t, sizeof(t) / sizeof((t)[0])

static struct diag *
wrong(struct load *l, const char *what, struct str word)
{
	return diag_add(l->d, DIAG_ERROR, l->file, 0, 0, STR(""), "" STR_FMT ": %s \"" STR_FMT "\"",
	    STR_ARG(l->where), what, STR_ARG(word));
}

static struct str
json_str(struct load *l, const cJSON *item)
{
	if (!cJSON_IsString(item)) {
		wrong(l, "a text is expected for", str_of(item->string));
		return STR("");
	}
	return str_dup(l->a, str_of(item->valuestring));
}

static size_t
split(struct arena *a, struct str text, const struct str **out)
{
	VEC(struct str) list = { 0 };

	while ((text = str_trim(text)).n > 0) {
		size_t end = str_chr(text, ' ');
		struct str word = str_sub(text, 0, end == STR_NPOS ? text.n : end);

		*vec_push(a, &list) = str_dup(a, word);
		text = str_sub(text, word.n, STR_NPOS);
	}
	*out = list.v;
	return list.n;
}

/* "a b c" or ["a", "b c"]. */
static size_t
json_words(struct load *l, const cJSON *item, const struct str **out)
{
	VEC(struct str) list = { 0 };
	const cJSON *kid;

	*out = NULL;
	if (!cJSON_IsArray(item))
		return split(l->a, json_str(l, item), out);
	cJSON_ArrayForEach(kid, item) {
		if (!cJSON_IsString(kid)) {
			wrong(l, "only texts may stand in", str_of(item->string));
			return 0;
		}
		*vec_push(l->a, &list) = str_dup(l->a, str_of(kid->valuestring));
	}
	*out = list.v;
	return list.n;
}

static int
json_int(struct load *l, const cJSON *item, const char *key)
{
	if (!cJSON_IsNumber(item) || item->valuedouble != (double)item->valueint ||
	    item->valueint < -1 || item->valueint > 1000) {
		wrong(l, "a whole number is expected for", str_of(key));
		return 0;
	}
	return item->valueint;
}

static void
json_args(struct load *l, const cJSON *item, int *min, int *max)
{
	if (cJSON_IsArray(item) && cJSON_GetArraySize(item) == 2) {
		*min = json_int(l, cJSON_GetArrayItem(item, 0), item->string);
		*max = json_int(l, cJSON_GetArrayItem(item, 1), item->string);
	} else
		*min = *max = json_int(l, item, item->string);
}

static unsigned
json_choice(struct load *l, const cJSON *item, const char *choices)
{
	const struct str *names;
	size_t n = split(l->a, str_of(choices), &names), near;
	struct str word = json_str(l, item);

	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], word))
			return (unsigned)i;
	near = str_nearest(word, names, n);
	wrong(l, "not one of those known:", word)->hint = near == STR_NPOS
	    ? str_printf(l->a, "one of: %s", choices)
	    : str_printf(l->a, "did you mean \"" STR_FMT "\"?", STR_ARG(names[near]));
	return 0;
}

static void
fill(struct load *l, const struct slot *s, const cJSON *item, char *base)
{
	void *member = base + s->member;

	switch (s->kind) {
	case SLOT_STR:
		*(struct str *)member = json_str(l, item);
		break;
	case SLOT_BOOL:
		if (!cJSON_IsBool(item))
			wrong(l, "true or false is expected for", str_of(s->key));
		*(bool *)member = cJSON_IsTrue(item);
		break;
	case SLOT_WORDS:
		*(size_t *)(void *)(base + s->count) =
		    json_words(l, item, (const struct str **)member);
		break;
	case SLOT_LETTER: {
		struct str letter = json_str(l, item);

		if (letter.n != 1)
			wrong(l, "one letter is expected, not", letter);
		else
			*(char *)member = letter.p[0];
		break;
	}
	case SLOT_INT:
		*(int *)member = json_int(l, item, s->key);
		break;
	case SLOT_ARGS:
		json_args(l, item, member, (int *)(void *)(base + s->count));
		break;
	case SLOT_CHOICE:
		if (str_is(str_of(s->key), "unknown_options"))
			*(bool *)member = json_choice(l, item, s->choices) == 1;
		else
			*(unsigned *)member = json_choice(l, item, s->choices);
		break;
	case SLOT_OTHER:
		break;
	}
}

/* Every member of an object into base by its slot. */
static void
read_object(struct load *l, const cJSON *object, const struct slot *slots, size_t nslots, void *base)
{
	const cJSON *item;
	uint64_t seen = 0;

	if (!cJSON_IsObject(object)) {
		wrong(l, "an object is expected for", str_of(object->string));
		return;
	}
	cJSON_ArrayForEach(item, object) {
		size_t i = 0;

		while (i < nslots && strcmp(slots[i].key, item->string) != 0)
			i++;
		if (i == nslots) {
			struct str keys[32];
			size_t near;

			for (i = 0; i < nslots; i++)
				keys[i] = str_of(slots[i].key);
			near = str_nearest(str_of(item->string), keys, nslots);
			wrong(l, "unknown key", str_of(item->string))->hint =
			    near == STR_NPOS ? STR("")
			                     : str_printf(l->a, "did you mean \"%s\"?", slots[near].key);
			continue;
		}
		if (seen & (uint64_t)1 << i)
			wrong(l, "this key stands twice:", str_of(item->string));
		seen |= (uint64_t)1 << i;
		fill(l, &slots[i], item, base);
	}
}

static void
read_option(struct load *l, const cJSON *item)
{
	struct model_option *o = NEW(l->a, struct model_option);
	struct str key = str_dup(l->a, str_of(item->string)), outer = l->where;
	const cJSON *longs = cJSON_GetObjectItemCaseSensitive(item, "longs");

	l->where = str_printf(l->a, "" STR_FMT ": option " STR_FMT, STR_ARG(outer), STR_ARG(key));
	read_object(l, item, SLOTS(option_slots), o);
	if (o->name.n == 0)
		o->name = key;
	if (o->letter == 0 && key.n == 1)
		o->letter = key.p[0];
	if (longs != NULL) {
		const struct str *v;
		size_t n = json_words(l, longs, &v);

		if (n > sizeof o->longs / sizeof o->longs[0])
			wrong(l, "too many spellings of", key);
		else
			for (size_t i = 0; i < n; i++)
				o->longs[i] = v[i];
	}
	if (map_get(l->options, key) != NULL)
		wrong(l, "this key stands twice:", key);
	map_put(l->options, key, o);
	l->where = outer;
}

static void
read_options(struct load *l, const cJSON *object)
{
	const cJSON *item;

	l->options = map_new(l->a);
	if (object == NULL)
		return;
	if (!cJSON_IsObject(object))
		wrong(l, "an object is expected for", STR("options"));
	else
		cJSON_ArrayForEach(item, object)
			read_option(l, item);
}

/* Keys of options -> the options; keys NULL: all of them. */
static size_t
use_options(struct load *l, const cJSON *keys, const struct model_option *const **out)
{
	VEC(const struct model_option *) list = { 0 };
	const struct str *names = NULL;
	size_t n, i = 0;
	struct str key;
	void *value;

	if (keys == NULL) {
		while (map_next(l->options, &i, &key, &value))
			*vec_push(l->a, &list) = value;
	} else {
		n = json_words(l, keys, &names);
		for (i = 0; i < n; i++) {
			value = map_get(l->options, names[i]);
			if (value == NULL)
				wrong(l, "no such option among \"options\":", names[i]);
			else
				*vec_push(l->a, &list) = value;
		}
	}
	*out = list.v;
	return list.n;
}

/* ---- commands ---- */

static struct model_command *
add_command(struct load *l, commands_vec *list)
{
	struct model_command *c = vec_push(l->a, list);

	*c = (struct model_command){ .max_args = -1 };
	return c;
}

static void
read_command(struct load *l, const cJSON *item, commands_vec *list)
{
	struct model_command *c = add_command(l, list);
	struct str outer = l->where;
	const cJSON *path = cJSON_GetObjectItemCaseSensitive(item, "path");
	const cJSON *options = cJSON_GetObjectItemCaseSensitive(item, "options");

	if (path != NULL && cJSON_IsString(path))
		l->where = str_printf(l->a, "" STR_FMT " %s", STR_ARG(outer), path->valuestring);
	else
		wrong(l, "a command has no", STR("path"));
	read_object(l, item, SLOTS(command_slots), c);
	if (c->effect.n > 0 && cJSON_GetObjectItemCaseSensitive(item, "runnable") == NULL)
		c->runnable = true;
	if (options != NULL)
		c->noptions = use_options(l, options, &c->opts);
	l->where = outer;
}

/* "former": {"autoscale": "fly scale count"}: known to rules, not to lines. */
static void
read_former(struct load *l, const cJSON *object, commands_vec *list)
{
	const cJSON *item;

	if (object == NULL)
		return;
	cJSON_ArrayForEach(item, object) {
		struct model_command *c = add_command(l, list);

		c->npath = split(l->a, str_of(item->string), &c->path);
		c->today = json_str(l, item);
		if (c->today.n == 0)
			wrong(l, "what is typed today is missing for", str_of(item->string));
	}
}

static void
read_commands(struct load *l, const cJSON *object, struct tool *t)
{
	const cJSON *item, *array = cJSON_GetObjectItemCaseSensitive(object, "commands");
	commands_vec list = { 0 };
	const struct model_command *twice;

	if (array == NULL) {
		struct model_command *c = add_command(l, &list);

		c->runnable = true;
		if ((item = cJSON_GetObjectItemCaseSensitive(object, "effect")) != NULL)
			c->effect = json_str(l, item);
		if ((item = cJSON_GetObjectItemCaseSensitive(object, "operands")) != NULL)
			c->operands = json_str(l, item);
		if ((item = cJSON_GetObjectItemCaseSensitive(object, "args")) != NULL)
			json_args(l, item, &c->min_args, &c->max_args);
	} else if (!cJSON_IsArray(array))
		wrong(l, "an array is expected for", STR("commands"));
	else
		cJSON_ArrayForEach(item, array)
			read_command(l, item, &list);
	read_former(l, cJSON_GetObjectItemCaseSensitive(object, "former"), &list);
	if (list.n == 0)
		add_command(l, &list);
	twice = model__tree(l->a, &list);
	if (twice != NULL)
		wrong(l, "this command stands twice:",
		    twice->npath == 0 ? STR("") : twice->path[twice->npath - 1]);
	t->commands = list.v;
	t->ncommands = list.n;
}

static void
read_scopes(struct load *l, const cJSON *array, struct tool *t)
{
	VEC(struct model_scope) list = { 0 };
	const cJSON *item;

	if (array == NULL)
		return;
	cJSON_ArrayForEach(item, array) {
		struct model_scope *s = vec_push(l->a, &list);

		*s = (struct model_scope){ 0 };
		read_object(l, item, SLOTS(scope_slots), s);
	}
	t->scopes = list.v;
	t->nscopes = list.n;
}

/* Other programs of which the same is to be said: tools of their own. */
static void
add_alike(struct load *l, const cJSON *item, struct tool t, struct model_set *out)
{
	const struct str *names;
	size_t n = item == NULL ? 0 : json_words(l, item, &names);

	for (size_t i = 0; i < n; i++) {
		t.name = names[i];
		t.names = &names[i];
		t.nnames = 1;
		*vec_push(l->a, &out->tools) = t;
	}
}

static void
read_tool(struct load *l, const cJSON *object, struct model_set *out)
{
	struct tool *t = vec_push(l->a, &out->tools);
	const cJSON *globals = cJSON_GetObjectItemCaseSensitive(object, "globals");
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(object, "name");

	*t = (struct tool){ 0 };
	l->where = cJSON_IsString(name) ? str_dup(l->a, str_of(name->valuestring)) : STR("model");
	read_object(l, object, SLOTS(tool_slots), t);
	if (t->name.n == 0) {
		wrong(l, "a model needs a", STR("name"));
		return;
	}
	if (t->nnames == 0) {
		struct str *names = NEW_ARRAY(l->a, struct str, 1);

		names[0] = t->name;
		t->names = names;
		t->nnames = 1;
	}
	read_options(l, cJSON_GetObjectItemCaseSensitive(object, "options"));
	if (globals != NULL || cJSON_GetObjectItemCaseSensitive(object, "commands") == NULL)
		t->nglobals = use_options(l, globals, &t->globals);
	read_commands(l, object, t);
	read_scopes(l, cJSON_GetObjectItemCaseSensitive(object, "scopes"), t);
	add_alike(l, cJSON_GetObjectItemCaseSensitive(object, "alike"), *t, out);
}

/* "docker podman" is one entry for each of these names. */
static void
read_wrapper(struct load *l, const cJSON *object, struct model_set *out)
{
	struct wrapper w = { 0 };
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(object, "wrapper");
	struct str rest;

	l->where = cJSON_IsString(name) ? str_dup(l->a, str_of(name->valuestring)) : STR("wrapper");
	read_object(l, object, SLOTS(wrapper_slots), &w);
	read_options(l, cJSON_GetObjectItemCaseSensitive(object, "options"));
	w.noptions = use_options(l, NULL, &w.options);
	for (rest = str_trim(w.name); rest.n > 0;) {
		size_t end = str_chr(rest, ' ');

		w.name = str_sub(rest, 0, end);
		*vec_push(l->a, &out->wrappers) = w;
		rest = str_trim(str_sub(rest, w.name.n, STR_NPOS));
	}
}

/* ---- the text ---- */

/* cJSON cuts a text at \u0000: two different keys could look alike. */
static bool
holds_nul(struct str json)
{
	for (size_t i = 0; i < json.n; i++) {
		if (json.p[i] == '\0')
			return true;
		if (json.p[i] != '\\')
			continue;
		if (str_starts(str_sub(json, i + 1, 5), STR("u0000")))
			return true;
		i++;
	}
	return false;
}

static void
syntax_error(struct load *l, struct str json, const char *end)
{
	size_t at = end != NULL && end >= json.p && end <= json.p + json.n ? (size_t)(end - json.p) : 0;
	unsigned line = 1, column = 1;

	for (size_t i = 0; i < at; i++) {
		column = json.p[i] == '\n' ? 1 : column + 1;
		line += json.p[i] == '\n';
	}
	diag_add(l->d, DIAG_ERROR, l->file, line, column, STR(""), "this is not JSON");
}

int
model__load(struct arena *a, struct str json, struct str file, struct model_set *out,
    struct diags *d)
{
	struct load l = { .a = a, .d = d, .file = file, .where = STR("model") };
	size_t before = d->errors;
	const char *end = NULL;
	cJSON *root;

	*out = (struct model_set){ 0 };
	if (json.n > LIMIT_MODEL || holds_nul(json)) {
		diag_add(d, DIAG_ERROR, file, 0, 0, STR(""),
		    json.n > LIMIT_MODEL ? "a model may hold %u bytes" : "a model may not hold \\u0000",
		    LIMIT_MODEL);
		return BRIDLE_ESYNTAX;
	}
	json.p = str_c(a, json);
	root = cJSON_ParseWithLengthOpts(json.p, json.n + 1, &end, true);
	if (root == NULL)
		syntax_error(&l, json, end);
	else if (cJSON_IsObject(root))
		read_tool(&l, root, out);
	else if (cJSON_IsArray(root)) {
		const cJSON *item;

		cJSON_ArrayForEach(item, root) {
			if (cJSON_GetObjectItemCaseSensitive(item, "wrapper") != NULL)
				read_wrapper(&l, item, out);
			else
				read_tool(&l, item, out);
		}
	} else
		diag_add(d, DIAG_ERROR, file, 1, 1, STR(""), "a model is an object or an array of them");
	cJSON_Delete(root);
	return d->errors > before ? BRIDLE_ESYNTAX : 0;
}
