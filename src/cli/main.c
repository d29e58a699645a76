/* SPDX-License-Identifier: ISC */
/*
 * main.c: finds the subcommand and runs it. Data before code: the table.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "complete.h"

static int help(int argc, char **argv);
static const struct command cmd_help = { "help", "help [COMMAND]", "what a command does", NULL, help };

static const struct command *const commands[] = {
	&cmd_check,
	&cmd_explain,
	&cmd_test,
	&cmd_lint,
	&cmd_fmt,
	&cmd_log,
	&cmd_status,
	&cmd_doctor,
	&cmd_reload,
	&cmd_init,
	&cmd_import,
	&cmd_uninstall,
	&cmd_trust,
	&cmd_pending,
	&cmd_approve,
	&cmd_deny,
	&cmd_grant,
	&cmd_grants,
	&cmd_revoke,
	&cmd_brief,
	&cmd_wrap,
	&cmd_replay,
	&cmd_help,
};
#define NCOMMANDS (sizeof commands / sizeof commands[0])

static const struct command *
find(const char *name)
{
	for (size_t i = 0; i < NCOMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static void
overview(FILE *to)
{
	fputs("bridle: what a coding agent may run, and why\n\nusage: bridle COMMAND [OPTION]…\n\n", to);
	for (size_t i = 0; i < NCOMMANDS; i++)
		fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n`bridle help COMMAND` tells more; bridle(1) tells all.\n", to);
}

static int
unknown(const char *name)
{
	struct str names[NCOMMANDS];
	size_t near;

	for (size_t i = 0; i < NCOMMANDS; i++)
		names[i] = str_of(commands[i]->name);
	near = str_nearest(str_of(name), names, NCOMMANDS);
	fprintf(stderr, "bridle: there is no command `%s`", name);
	if (near != STR_NPOS)
		fprintf(stderr, "; did you mean `%s`?", commands[near]->name);
	fputs("\nbridle: `bridle help` lists them\n", stderr);
	return EXIT_USAGE;
}

static int
help(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2) {
		overview(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--complete") == 0) {
		if (argc < 3)
			complete_commands(commands, NCOMMANDS);
		else if ((c = find(argv[2])) != NULL)
			complete_command(c, commands, NCOMMANDS);
		return 0;
	}
	if (argv[1][0] == '-') {
		print_help(&cmd_help, stdout);
		return 0;
	}
	if ((c = find(argv[1])) == NULL)
		return unknown(argv[1]);
	print_help(c, stdout);
	return 0;
}

int
main(int argc, char **argv)
{
	const struct command *c;

	if (sodium_init() < 0) {
		fputs("bridle: libsodium does not start\n", stderr);
		return EXIT_USAGE;
	}
	if (argc < 2) {
		overview(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		overview(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("bridle " BRIDLE_VERSION);
		return 0;
	}
	if ((c = find(argv[1])) == NULL)
		return unknown(argv[1]);
	return c->run(argc - 1, argv + 1);
}
