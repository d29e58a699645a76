/* SPDX-License-Identifier: ISC */
/*
 * cli.h: the person's command. One file a subcommand, each with one const
 * table entry; main.c finds it. Only main.c exits.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdio.h>

#include "bridle/local.h"

/* Exit statuses of check; other commands use 0, 1 (it failed) and USAGE. */
enum { EXIT_ALLOWED = 0, EXIT_DENIED = 1, EXIT_USAGE = 2, EXIT_ASKED = 3, EXIT_PASSED = 4 };

struct command {
	const char *name;
	const char *usage;   /* after "bridle ": "check [--policy FILE]… [--] COMMAND" */
	const char *summary; /* one line */
	const char *help;    /* what --help adds; may be NULL */
	int (*run)(int argc, char **argv); /* argv[0] is the subcommand; returns the exit status */
};
extern const struct command cmd_check, cmd_explain, cmd_test, cmd_lint, cmd_fmt, cmd_log, cmd_status, cmd_doctor, cmd_reload, cmd_init, cmd_import, cmd_uninstall, cmd_trust, cmd_pending, cmd_grants, cmd_approve, cmd_deny, cmd_revoke, cmd_grant, cmd_brief, cmd_wrap, cmd_replay;

/* ---- options, one table a command ---- */
enum opt_kind { OPT_FLAG, OPT_VALUE, OPT_LIST };
struct opt {
	const char *name; /* without dashes */
	char letter;      /* 0: none */
	enum opt_kind kind;
	void *to;         /* FLAG: bool *; VALUE: const char **; LIST: struct strings * */
};
struct strings {
	const char *v[256];
	size_t n;
};
/* Parses argv by the table (n entries) and moves operands to the front of
 * argv + 1. Returns their number, or -1 after it has printed what is wrong
 * (with the nearest option), or -2 after --help was printed. `--` ends
 * options; stop: the first operand ends them too. */
int options(const struct command *c, int argc, char **argv, const struct opt *table, size_t n, bool stop);
#define OPTIONS(c, argc, argv, table, stop) \
	options((c), (argc), (argv), (table), sizeof(table) / sizeof((table)[0]), (stop))
/* Prints "bridle NAME: …" and returns EXIT_USAGE. */
int usage_error(const struct command *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Says that local_places knows no home, and returns EXIT_USAGE. */
int no_home(const struct command *c);
void print_help(const struct command *c, FILE *to);

/* ---- output ---- */
bool use_colour(FILE *to);     /* a terminal, and NO_COLOR is not set */
unsigned terminal_width(void); /* columns; 80 where not known */
void write_out(struct str s);  /* all of it to stdout; exits where that fails */
void print_diags(const struct diags *d); /* to stderr */

/* ---- the policy that holds here ---- */
struct where { /* common options of check, explain, test … */
	struct strings policies, env;
	const char *cwd, *shell, *agent;
};
/* Loads as the daemon would. NULL after it has said why on stderr. */
struct local_policy *load_policy(const struct where *w, const char *dir, bool tests);
/* exit status of a verdict */
int verdict_status(enum verdict v);
char **environment(void);

#endif
