/* SPDX-License-Identifier: ISC */
/*
 * models.c: policies/tools/NAME.json ... -> C on stdout, the models as static
 * const data, so that a program starts without parsing and all processes share
 * one copy. Runs while building (Makefile: GEN_models).
 */
#include "tools/tools.h"

#include "bridle/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned serial; /* names of the arrays written so far */

static void
put_text(struct str s)
{
	fputs("{ \"", stdout);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '?')
			printf("\\%03o", c);
		else
			putchar(c);
	}
	printf("\", %zu }", s.n);
}

/* `.name = { "text", 4 }, `; nothing for an empty text. */
static void
put_str(const char *member, struct str s)
{
	if (s.n == 0)
		return;
	printf(".%s = ", member);
	put_text(s);
	fputs(", ", stdout);
}

static void
put_bool(const char *member, bool value)
{
	if (value)
		printf(".%s = true, ", member);
}

/* Writes an array of texts before its user; returns its number, 0: none. */
static unsigned
put_words(const struct str *v, size_t n)
{
	if (n == 0)
		return 0;
	printf("static const struct str w%u[] = { ", ++serial);
	for (size_t i = 0; i < n; i++) {
		put_text(v[i]);
		fputs(", ", stdout);
	}
	puts("};");
	return serial;
}

static void
put_words_use(const char *member, const char *count, unsigned array, size_t n)
{
	if (n > 0)
		printf(".%s = w%u, .%s = %zu, ", member, array, count, n);
}

static void
put_option(const struct model_option *o)
{
	static const char *const args[] = { "ARG_NONE", "ARG_REQUIRED", "ARG_OPTIONAL" };
	static const char *const classes[] = { "OPTION_PLAIN", "OPTION_OUTPUT", "OPTION_NEUTRAL",
		"OPTION_SCOPE", "OPTION_DOOR" };

	printf("static const struct model_option o%u = { ", ++serial);
	put_str("name", o->name);
	if (o->longs[0].n > 0) {
		fputs(".longs = { ", stdout);
		for (size_t i = 0; i < sizeof o->longs / sizeof o->longs[0] && o->longs[i].n > 0; i++) {
			put_text(o->longs[i]);
			fputs(", ", stdout);
		}
		fputs("}, ", stdout);
	}
	if (o->letter != '\0')
		printf(".letter = %d, ", o->letter);
	printf(".arg = %s, .cls = %s, ", args[o->arg], classes[o->cls]);
	put_bool("list", o->list);
	put_bool("secret", o->secret);
	put_bool("hidden", o->hidden);
	put_bool("negatable", o->negatable);
	put_bool("number", o->number);
	put_bool("comma", o->comma);
	put_str("alias_of", o->alias_of);
	put_str("type", o->type);
	put_str("optional_value", o->optional_value);
	put_str("field", o->field);
	put_str("runs", o->runs);
	put_str("effect", o->effect);
	puts("};");
}

/* What was written, by what it says: options and lists of options that are the
 * same stand there once. */
static struct map *written;

static unsigned
known_as(struct str key)
{
	const unsigned *number = map_get(written, key);

	return number == NULL ? 0 : *number;
}

static unsigned
remember(struct arena *a, struct str key)
{
	unsigned *number = NEW(a, unsigned);

	*number = serial;
	map_put(written, key, number);
	return serial;
}

static struct str
option_key(struct arena *a, const struct model_option *o)
{
	const struct str texts[] = { o->name, o->longs[0], o->longs[1], o->longs[2], o->alias_of, o->type,
		o->optional_value, o->field, o->runs, o->effect };
	struct buf b;

	buf_init(&b, a);
	buf_printf(&b, "option %d %d %d %d%d%d%d%d%d", o->letter, (int)o->arg, (int)o->cls, o->list, o->secret,
	    o->hidden, o->negatable, o->number, o->comma);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		buf_printf(&b, " %zu:" STR_FMT, texts[i].n, STR_ARG(texts[i]));
	return buf_str(&b);
}

static unsigned
option_number(struct arena *a, const struct model_option *o)
{
	struct str key = option_key(a, o);
	unsigned number = known_as(key);

	if (number != 0)
		return number;
	put_option(o);
	return remember(a, key);
}

static unsigned
put_options(struct arena *a, const struct model_option *const *v, size_t n)
{
	unsigned *numbers = NEW_ARRAY(a, unsigned, n + 1);
	struct buf key;

	if (n == 0)
		return 0;
	buf_init(&key, a);
	buf_puts(&key, "list");
	for (size_t i = 0; i < n; i++) {
		numbers[i] = option_number(a, v[i]);
		buf_printf(&key, " %u", numbers[i]);
	}
	if (known_as(buf_str(&key)) != 0)
		return known_as(buf_str(&key));
	printf("static const struct model_option *const l%u[] = { ", ++serial);
	for (size_t i = 0; i < n; i++)
		printf("&o%u, ", numbers[i]);
	puts("};");
	return remember(a, buf_str(&key));
}

static void
put_options_use(const char *member, const char *count, unsigned array, size_t n)
{
	if (n > 0)
		printf(".%s = l%u, .%s = %zu, ", member, array, count, n);
}

static unsigned
put_commands(struct arena *a, const struct tool *t)
{
	unsigned(*arrays)[4] = arena_array(a, t->ncommands, sizeof *arrays);

	for (size_t i = 0; i < t->ncommands; i++) {
		const struct model_command *c = &t->commands[i];

		arrays[i][0] = put_words(c->path, c->npath);
		arrays[i][1] = put_words(c->aliases, c->naliases);
		arrays[i][2] = put_options(a, c->options, c->noptions);
		arrays[i][3] = put_words(c->required, c->nrequired);
	}
	printf("static const struct model_command c%u[] = {\n", ++serial);
	for (size_t i = 0; i < t->ncommands; i++) {
		const struct model_command *c = &t->commands[i];

		fputs("\t{ ", stdout);
		put_words_use("path", "npath", arrays[i][0], c->npath);
		put_words_use("aliases", "naliases", arrays[i][1], c->naliases);
		put_bool("runnable", c->runnable);
		put_bool("hidden", c->hidden);
		put_bool("dead", c->dead);
		put_bool("tail", c->tail);
		put_str("effect", c->effect);
		put_str("resolver", c->resolver);
		put_str("today", c->today);
		printf(".min_args = %d, .max_args = %d, .end = %u, ", c->min_args, c->max_args, c->end);
		put_str("operands", c->operands);
		put_str("app_scope", c->app_scope);
		put_options_use("options", "noptions", arrays[i][2], c->noptions);
		put_words_use("required", "nrequired", arrays[i][3], c->nrequired);
		puts("},");
	}
	puts("};");
	return serial;
}

static unsigned
put_scopes(struct arena *a, const struct tool *t)
{
	unsigned(*arrays)[2] = arena_array(a, t->nscopes, sizeof *arrays);

	if (t->nscopes == 0)
		return 0;
	for (size_t i = 0; i < t->nscopes; i++) {
		arrays[i][0] = put_words(t->scopes[i].env, t->scopes[i].nenv);
		arrays[i][1] = put_words(t->scopes[i].files, t->scopes[i].nfiles);
	}
	printf("static const struct model_scope s%u[] = {\n", ++serial);
	for (size_t i = 0; i < t->nscopes; i++) {
		const struct model_scope *s = &t->scopes[i];

		fputs("\t{ ", stdout);
		put_str("field", s->field);
		put_str("option", s->option);
		put_words_use("env", "nenv", arrays[i][0], s->nenv);
		put_str("config_option", s->config_option);
		put_words_use("files", "nfiles", arrays[i][1], s->nfiles);
		put_str("key", s->key);
		puts("},");
	}
	puts("};");
	return serial;
}

static unsigned
put_tool(struct arena *a, const struct tool *t)
{
	static const char *const parsers[] = { "PARSER_GETOPT", "PARSER_POSIX", "PARSER_PFLAG",
		"PARSER_GIT", "PARSER_SUBCOMMANDS", "PARSER_WORDS" };
	unsigned names = put_words(t->names, t->nnames), env = put_words(t->env, t->nenv);
	unsigned door_env = put_words(t->door_env, t->ndoor_env);
	unsigned globals = put_options(a, t->globals, t->nglobals);
	unsigned commands = put_commands(a, t), scopes = put_scopes(a, t);

	printf("static const struct tool t%u = { ", ++serial);
	put_str("name", t->name);
	put_words_use("names", "nnames", names, t->nnames);
	printf(".parser = %s, ", parsers[t->parser]);
	put_bool("guarded", t->guarded);
	put_bool("doors_only", t->doors_only);
	put_bool("unknown_refused", t->unknown_refused);
	put_str("describes", t->describes);
	put_str("resolver", t->resolver);
	put_str("runner", t->runner);
	put_options_use("globals", "nglobals", globals, t->nglobals);
	printf(".commands = c%u, .ncommands = %zu, ", commands, t->ncommands);
	if (scopes > 0)
		printf(".scopes = s%u, .nscopes = %zu, ", scopes, t->nscopes);
	put_words_use("env", "nenv", env, t->nenv);
	put_words_use("door_env", "ndoor_env", door_env, t->ndoor_env);
	puts("};");
	return serial;
}

struct name {
	struct str program, file;
	unsigned tool;
};
typedef VEC(struct name) names_vec;
typedef VEC(struct wrapper) wrappers_vec;

static int
name_cmp(const void *x, const void *y)
{
	return str_cmp(((const struct name *)x)->program, ((const struct name *)y)->program);
}

/* By name; entries of one name stay in the order of the file. */
static void
sort_wrappers(wrappers_vec *list)
{
	for (size_t i = 1; i < list->n; i++)
		for (size_t k = i; k > 0 && str_cmp(list->v[k - 1].name, list->v[k].name) > 0; k--) {
			struct wrapper w = list->v[k];

			list->v[k] = list->v[k - 1];
			list->v[k - 1] = w;
		}
}

static void
put_wrappers(struct arena *a, wrappers_vec *list)
{
	unsigned *options = NEW_ARRAY(a, unsigned, list->n + 1);

	sort_wrappers(list);
	for (size_t i = 0; i < list->n; i++)
		options[i] = put_options(a, list->v[i].options, list->v[i].noptions);
	puts("const struct wrapper models__wrappers[] = {");
	for (size_t i = 0; i < list->n; i++) {
		const struct wrapper *w = &list->v[i];

		fputs("\t{ ", stdout);
		put_str("name", w->name);
		put_bool("transparent", w->transparent);
		put_str("start", w->start);
		printf(".skip = %d, ", w->skip);
		put_str("kind", w->kind);
		put_str("adds", w->adds);
		put_str("subcommand", w->subcommand);
		put_options_use("options", "noptions", options[i], w->noptions);
		puts("},");
	}
	printf("\t{ .skip = 0 }, /* an array is never empty */\n};\n"
	       "const size_t models__nwrappers = %zu;\n", list->n);
}

static int
put_names(names_vec *list)
{
	int status = 0;

	if (list->n > 0)
		qsort(list->v, list->n, sizeof list->v[0], name_cmp);
	puts("const struct model_name models__names[] = {");
	for (size_t i = 0; i < list->n; i++) {
		fputs("\t{ ", stdout);
		put_text(list->v[i].program);
		printf(", &t%u },\n", list->v[i].tool);
		if (i > 0 && name_cmp(&list->v[i - 1], &list->v[i]) == 0) {
			fprintf(stderr, STR_FMT ": \"" STR_FMT "\" is also in " STR_FMT "\n",
			    STR_ARG(list->v[i].file), STR_ARG(list->v[i].program),
			    STR_ARG(list->v[i - 1].file));
			status = 1;
		}
	}
	printf("\t{ { \"\", 0 }, NULL }, /* an array is never empty */\n};\n"
	       "const size_t models__nnames = %zu;\n", list->n);
	return status;
}

static int
read_file(struct arena *a, const char *path, struct str *out)
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
put_file(struct arena *a, const char *path, names_vec *names, wrappers_vec *wrappers)
{
	struct diags d;
	struct model_set set;
	struct str json;

	diags_init(&d, a);
	if (read_file(a, path, &json) != 0) {
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
		unsigned number = put_tool(a, &set.tools.v[i]);

		for (size_t k = 0; k < set.tools.v[i].nnames; k++)
			*vec_push(a, names) = (struct name){ set.tools.v[i].names[k], str_of(path),
				number };
	}
	for (size_t i = 0; i < set.wrappers.n; i++)
		*vec_push(a, wrappers) = set.wrappers.v[i];
	return 0;
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new(0);
	names_vec names = { 0 };
	wrappers_vec wrappers = { 0 };
	int status = 0;

	if (a == NULL)
		return 1;
	written = map_new(a);
	puts("/* Made by src/gen/models.c from policies/tools. */\n#include \"tools/tools.h\"\n");
	for (int i = 1; i < argc; i++)
		status |= put_file(a, argv[i], &names, &wrappers);
	put_wrappers(a, &wrappers);
	status |= put_names(&names);
	arena_free(a);
	return status != 0 || fflush(stdout) != 0;
}
