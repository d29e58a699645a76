/* SPDX-License-Identifier: ISC */
/*
 * models.c: policies/tools/NAME.json ... -> C on stdout: the models as bytes
 * that hold no pointer, so that a program starts without parsing or relocating
 * them, and room for what is unpacked of them. What is put here in which order
 * src/tools/model_packed.c takes. Runs while building (Makefile: GEN_models).
 */
#include "tools/model_packed.h"

#include "bridle/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef VEC(size_t) numbers;

static struct arena *a;
static struct buf bytes;
static struct map *written; /* packed option or list -> its number + 1 */
static struct map *fields;  /* names that feed fields */
static numbers options, lists, tools, wrappers, names, name_tools,
    field_names;                                  /* where each stands in bytes */
static numbers name_by, wrapper_by;               /* see model_packed.h */
static size_t nwords, nitems, ncommands, nscopes; /* room that unpacking needs */

/* ---- what everything is made of ---- */

static void
put_number(struct buf *b, size_t n)
{
	for (; n >= 0x80; n >>= 7)
		buf_putc(b, (char)(n | 0x80));
	buf_putc(b, (char)n);
}

static void
put_bits(struct buf *b, const bool *bit, size_t n)
{
	size_t all = 0;

	for (size_t i = 0; i < n; i++)
		all |= (size_t)bit[i] << i;
	put_number(b, all);
}

static void
put_text(struct buf *b, struct str s)
{
	put_number(b, s.n);
	buf_add(b, s);
	if (s.n > 0)
		buf_putc(b, '\0');
}

static void
put_words(struct buf *b, const struct str *v, size_t n)
{
	put_number(b, n);
	if (n > 0)
		put_number(b, nwords);
	for (size_t i = 0; i < n; i++)
		put_text(b, v[i]);
	nwords += n;
}

static void
field(struct str name)
{
	if (name.n == 0 || map_get(fields, name) != NULL)
		return;
	map_put(fields, name, fields);
	*vec_push(a, &field_names) = bytes.n;
	put_text(&bytes, name);
}

/* ---- options and lists of them: the same stand there once ---- */

static size_t
option_number(const struct model_option *o)
{
	const struct str texts[] = { o->name, o->longs[0], o->longs[1], o->longs[2], o->alias_of,
		o->type, o->optional_value, o->field, o->runs, o->effect };
	const bool bits[] = { o->list, o->secret, o->hidden, o->negatable, o->comma, o->number };
	const size_t *known;
	size_t *number = NEW(a, size_t);
	struct buf b;

	buf_init(&b, a);
	buf_putc(&b, 'o');
	put_bits(&b, bits, sizeof bits / sizeof bits[0]);
	put_number(&b, (unsigned char)o->letter);
	put_number(&b, (size_t)o->arg);
	put_number(&b, (size_t)o->cls);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		put_text(&b, texts[i]);
	if ((known = map_get(written, buf_str(&b))) != NULL)
		return *known;
	field(o->field);
	*number = options.n;
	map_put(written, buf_str(&b), number);
	*vec_push(a, &options) = bytes.n;
	buf_add(&bytes, str_sub(buf_str(&b), 1, STR_NPOS));
	return *number;
}

/* The number of the list and one, 0: none. */
static size_t
list_number(const struct model_option *const *v, size_t n)
{
	const size_t *known;
	size_t *number = NEW(a, size_t);
	struct buf b;

	if (n == 0)
		return 0;
	buf_init(&b, a);
	buf_putc(&b, 'l');
	put_number(&b, n);
	for (size_t i = 0; i < n; i++)
		put_number(&b, option_number(v[i]));
	if ((known = map_get(written, buf_str(&b))) != NULL)
		return *known;
	*vec_push(a, &lists) = bytes.n;
	*number = lists.n;
	map_put(written, buf_str(&b), number);
	put_number(&bytes, nitems);
	buf_add(&bytes, str_sub(buf_str(&b), 1, STR_NPOS));
	nitems += n;
	return *number;
}

/* ---- tools and wrappers ---- */

static void
put_command(struct buf *b, const struct model_command *c)
{
	const bool bits[] = { c->runnable, c->hidden, c->dead, c->tail };

	put_words(b, c->path, c->npath);
	put_words(b, c->aliases, c->naliases);
	put_bits(b, bits, sizeof bits / sizeof bits[0]);
	put_text(b, c->effect);
	put_text(b, c->resolver);
	put_text(b, c->today);
	put_number(b, (size_t)(c->min_args + 1));
	put_number(b, (size_t)(c->max_args + 1));
	put_text(b, c->operands);
	put_text(b, c->app_scope);
	put_number(b, list_number(c->opts, c->noptions));
	put_words(b, c->required, c->nrequired);
	put_number(b, c->end);
}

static void
put_scope(struct buf *b, const struct model_scope *s)
{
	field(s->field);
	put_text(b, s->field);
	put_text(b, s->option);
	put_words(b, s->env, s->nenv);
	put_text(b, s->config_option);
	put_words(b, s->files, s->nfiles);
	put_text(b, s->key);
}

/* Packed apart first: the lists that it names go before it. */
static size_t
put_tool(const struct tool *t)
{
	const bool bits[] = { t->guarded, t->doors_only, t->unknown_refused };
	struct buf b;

	buf_init(&b, a);
	put_text(&b, t->name);
	put_words(&b, t->names, t->nnames);
	put_number(&b, (size_t)t->parser);
	put_bits(&b, bits, sizeof bits / sizeof bits[0]);
	put_text(&b, t->describes);
	put_text(&b, t->resolver);
	put_text(&b, t->runner);
	put_number(&b, list_number(t->globals, t->nglobals));
	put_words(&b, t->env, t->nenv);
	put_words(&b, t->door_env, t->ndoor_env);
	put_number(&b, t->nscopes);
	put_number(&b, nscopes);
	for (size_t i = 0; i < t->nscopes; i++)
		put_scope(&b, &t->scopes[i]);
	nscopes += t->nscopes;
	put_number(&b, t->ncommands);
	put_number(&b, ncommands);
	for (size_t i = 0; i < t->ncommands; i++)
		put_command(&b, &t->commands[i]);
	ncommands += t->ncommands;
	*vec_push(a, &tools) = bytes.n;
	buf_add(&bytes, buf_str(&b));
	return tools.n - 1;
}

static void
put_wrapper(const struct wrapper *w, size_t more)
{
	size_t list = list_number(w->options, w->noptions);

	*vec_push(a, &wrappers) = bytes.n;
	put_text(&bytes, w->name);
	put_bits(&bytes, &w->transparent, 1);
	put_text(&bytes, w->start);
	put_number(&bytes, (size_t)w->skip);
	put_text(&bytes, w->kind);
	put_text(&bytes, w->adds);
	put_text(&bytes, w->subcommand);
	put_number(&bytes, list);
	put_number(&bytes, more);
}

struct name {
	struct str program, file;
	size_t tool;
};
typedef VEC(struct name) names_vec;
typedef VEC(struct wrapper) wrappers_vec;

static int
name_cmp(const void *x, const void *y)
{
	return str_cmp(((const struct name *)x)->program, ((const struct name *)y)->program);
}

/* As many places as n names need, all free. */
static void
make_room(numbers *by, size_t n)
{
	size_t size = 1;

	while (size < 2 * n + 1)
		size *= 2;
	while (by->n < size)
		*vec_push(a, by) = 0;
}

static void
put_by(numbers *by, struct str name, size_t which)
{
	size_t i = models__place(name);

	while (by->v[i & (by->n - 1)] != 0)
		i++;
	by->v[i & (by->n - 1)] = which + 1;
}

/* By name; entries of one name stay in the order of the file. */
static void
put_wrappers(wrappers_vec *list)
{
	for (size_t i = 1; i < list->n; i++)
		for (size_t k = i; k > 0 && str_cmp(list->v[k - 1].name, list->v[k].name) > 0;
		     k--) {
			struct wrapper w = list->v[k];

			list->v[k] = list->v[k - 1];
			list->v[k - 1] = w;
		}
	make_room(&wrapper_by, list->n);
	for (size_t i = 0, more; i < list->n; i++) {
		for (more = 0; i + more + 1 < list->n && str_eq(list->v[i + more + 1].name, list->v[i].name);)
			more++;
		if (i == 0 || !str_eq(list->v[i - 1].name, list->v[i].name))
			put_by(&wrapper_by, list->v[i].name, i);
		put_wrapper(&list->v[i], more);
	}
}

static int
put_names(names_vec *list)
{
	int status = 0;

	if (list->n > 0)
		qsort(list->v, list->n, sizeof list->v[0], name_cmp);
	make_room(&name_by, list->n);
	for (size_t i = 0; i < list->n; i++) {
		*vec_push(a, &names) = bytes.n;
		put_text(&bytes, list->v[i].program);
		*vec_push(a, &name_tools) = list->v[i].tool;
		put_by(&name_by, list->v[i].program, i);
		if (i > 0 && name_cmp(&list->v[i - 1], &list->v[i]) == 0) {
			fprintf(stderr, STR_FMT ": \"" STR_FMT "\" is also in " STR_FMT "\n",
			    STR_ARG(list->v[i].file), STR_ARG(list->v[i].program),
			    STR_ARG(list->v[i - 1].file));
			status = 1;
		}
	}
	return status;
}

/* ---- files ---- */

static int
read_file(const char *path, struct str *out)
{
	FILE *f = fopen(path, "rb");
	char *text;
	size_t n;

	if (f == NULL)
		return BRIDLE_EIO;
	text = arena_alloc(a, LIMIT_MODEL + 1u);
	n = fread(text, 1, LIMIT_MODEL + 1u, f);
	if (ferror(f)) {
		fclose(f);
		return BRIDLE_EIO;
	}
	fclose(f);
	*out = (struct str){ text, n };
	return 0;
}

static int
put_file(const char *path, names_vec *found, wrappers_vec *wraps)
{
	struct diags d;
	struct model_set set;
	struct str json;

	diags_init(&d, a);
	if (read_file(path, &json) != 0) {
		perror(path);
		return 1;
	}
	if (model__load(a, json, str_of(path), &set, &d) != 0) {
		struct buf b;

		buf_init(&b, a);
		diags_print(&d, &b, false);
		fputs(str_c(a, buf_str(&b)), stderr);
		return 1;
	}
	for (size_t i = 0; i < set.tools.n; i++) {
		size_t number = put_tool(&set.tools.v[i]);

		for (size_t k = 0; k < set.tools.v[i].nnames; k++)
			*vec_push(a, found) = (struct name){ set.tools.v[i].names[k], str_of(path),
				number };
	}
	for (size_t i = 0; i < set.wrappers.n; i++)
		*vec_push(a, wraps) = set.wrappers.v[i];
	return 0;
}

static void
print_numbers(const char *name, const numbers *v)
{
	printf("const uint32_t models__%s[] = {", name);
	for (size_t i = 0; i < v->n; i++)
		printf("%s%zu,", i % 16 == 0 ? "\n\t" : " ", v->v[i]);
	printf("\n\t0 /* an array is never empty */\n};\n");
}

static void
print_all(void)
{
	puts(
	    "/* Made by src/gen/models.c from policies/tools. */\n#include \"tools/model_packed.h\"\n");
	printf("const unsigned char models__bytes[] = {");
	for (size_t i = 0; i < bytes.n; i++)
		printf("%s%u,", i % 24 == 0 ? "\n\t" : "", (unsigned)(unsigned char)bytes.p[i]);
	printf("\n\t0\n};\n");
	print_numbers("option_at", &options);
	print_numbers("list_at", &lists);
	print_numbers("tool_at", &tools);
	print_numbers("wrapper_at", &wrappers);
	print_numbers("name_at", &names);
	print_numbers("name_tool", &name_tools);
	print_numbers("field_at", &field_names);
	print_numbers("name_by", &name_by);
	print_numbers("wrapper_by", &wrapper_by);
	printf("const size_t models__name_mask = %zu, models__wrapper_mask = %zu;\n", name_by.n - 1, wrapper_by.n - 1);
	printf("const size_t models__ntools = %zu, models__nwrappers = %zu, models__nfields = %zu;\n", tools.n,
	    wrappers.n, field_names.n);
	printf("unsigned short models__slots[%zu];\n", options.n + 1);
	printf("struct model_option models__options[%zu];\n", options.n + 1);
	printf("const struct model_option *models__items[%zu];\n", nitems + 1);
	printf("struct model_command models__commands[%zu];\n", ncommands + 1);
	printf("struct model_scope models__scopes[%zu];\n", nscopes + 1);
	printf("struct str models__words[%zu];\n", nwords + 1);
	printf("struct tool models__tools[%zu];\n", tools.n + 1);
	printf("struct wrapper models__wrappers[%zu];\n", wrappers.n + 1);
	/* Of the options those of a tool or two are met. */
	puts("const struct models__room models__rooms[] = { { models__commands, sizeof models__commands },\n"
	     "\t{ models__items, sizeof models__items }, { models__words, sizeof models__words },\n"
	     "\t{ models__tools, sizeof models__tools }, { models__options, sizeof models__options / 4 } };\n"
	     "const size_t models__nrooms = sizeof models__rooms / sizeof models__rooms[0];");
}

static int
too_many(void)
{
	if (options.n < 65535 && bytes.n <= UINT32_MAX)
		return 0;
	fputs("models: more options or bytes than the numbers that name them can count\n", stderr);
	return 1;
}

int
main(int argc, char **argv)
{
	names_vec found = { 0 };
	wrappers_vec wraps = { 0 };
	int status = 0;

	a = arena_new(0);
	if (a == NULL)
		return 1;
	written = map_new(a);
	fields = map_new(a);
	buf_init(&bytes, a);
	for (int i = 1; i < argc; i++)
		status |= put_file(argv[i], &found, &wraps);
	put_wrappers(&wraps);
	status |= put_names(&found) | too_many();
	print_all();
	arena_free(a);
	return status != 0 || fflush(stdout) != 0;
}
