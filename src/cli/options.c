/* SPDX-License-Identifier: ISC */
/*
 * options.c: one option parser for all subcommands: --name VALUE, --name=VALUE,
 * -n VALUE, flags, lists, --help, --. Says what is wrong and what is near.
 */
#include <stdarg.h>
#include <string.h>

#include "complete.h"

int
usage_error(const struct command *c, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "bridle %s: ", c->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nusage: bridle %s\n`bridle %s --help` says what each is for\n", c->usage, c->name);
	return EXIT_USAGE;
}

int
no_home(const struct command *c)
{
	fprintf(stderr, "bridle %s: no home directory is known: HOME is not set to one, and your user has none: set HOME\n", c->name);
	return EXIT_USAGE;
}

void
print_help(const struct command *c, FILE *to)
{
	fprintf(to, "bridle %s: %s\n\nusage: bridle %s\n", c->name, c->summary, c->usage);
	if (c->help != NULL)
		fprintf(to, "\n%s", c->help);
}

static const struct opt *
find_long(const struct opt *t, size_t n, const char *name, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(t[i].name) == len && memcmp(t[i].name, name, len) == 0)
			return &t[i];
	return NULL;
}

static const struct opt *
find_letter(const struct opt *t, size_t n, char letter)
{
	for (size_t i = 0; i < n; i++)
		if (t[i].letter == letter)
			return &t[i];
	return NULL;
}

static int
unknown_option(const struct command *c, const struct opt *t, size_t n, const char *word)
{
	struct str names[65], name = str_of(word + (word[1] == '-' ? 2 : 1));
	size_t near, known = n < 64 ? n : 64;

	for (size_t i = 0; i < known; i++)
		names[i] = str_of(t[i].name);
	names[known] = STR("help");
	near = str_nearest(str_sub(name, 0, str_chr(name, '=')), names, known + 1);
	if (near != STR_NPOS)
		usage_error(c, "unknown option %s; did you mean --" STR_FMT "?", word, STR_ARG(names[near]));
	else
		usage_error(c, "unknown option %s", word);
	return -1;
}

static int
take(const struct command *c, const struct opt *o, const char *value)
{
	struct strings *list;

	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)o->to = true;
		break;
	case OPT_VALUE:
		*(const char **)o->to = value;
		break;
	case OPT_LIST:
		list = o->to;
		if (list->n == sizeof list->v / sizeof list->v[0]) {
			usage_error(c, "too many --%s", o->name);
			return -1;
		}
		list->v[list->n++] = value;
		break;
	}
	return 0;
}

/* One option word at argv[*i]. */
static int
option(const struct command *c, int argc, char **argv, int *i, const struct opt *t, size_t n)
{
	const char *word = argv[*i];
	const char *value = NULL;
	const struct opt *o;

	if (word[1] == '-') {
		const char *eq = strchr(word, '=');

		o = find_long(t, n, word + 2, eq == NULL ? strlen(word + 2) : (size_t)(eq - word - 2));
		value = eq == NULL ? NULL : eq + 1;
	} else {
		o = find_letter(t, n, word[1]);
		value = word[2] == '\0' ? NULL : word + 2;
	}
	if (o == NULL)
		return unknown_option(c, t, n, word);
	if (o->kind == OPT_FLAG && value != NULL) {
		usage_error(c, "--%s takes no value", o->name);
		return -1;
	}
	if (o->kind != OPT_FLAG && value == NULL) {
		if (*i + 1 >= argc) {
			usage_error(c, "--%s needs a value", o->name);
			return -1;
		}
		value = argv[++*i];
	}
	return take(c, o, value);
}

int
options(const struct command *c, int argc, char **argv, const struct opt *table, size_t n, bool stop)
{
	int operands = 0;
	bool ended = false;

	if (complete_listing) {
		complete_options(c, table, n);
		return -2;
	}
	for (int i = 1; i < argc; i++) {
		if (ended || argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[1 + operands++] = argv[i];
			ended = ended || stop;
		} else if (strcmp(argv[i], "--") == 0) {
			ended = true;
		} else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			print_help(c, stdout);
			return -2;
		} else if (option(c, argc, argv, &i, table, n) != 0) {
			return -1;
		}
	}
	return operands;
}
