/* SPDX-License-Identifier: ISC */
/*
 * fly.h: what the files of the fly resolver share. fly.c: fields and targets;
 * fly_app.c: which app; fly_inner.c: what it runs over there; fly_mcp.c: its MCP
 * server's tools.
 */
#ifndef TOOLS_FLY_H
#define TOOLS_FLY_H

#include "tools/scope.h"

struct fly {
	struct reading *rd;
	struct shell_state *st;
	const struct shell_command *c;
	const struct parsed *p;
	const struct model_command *cmd; /* never NULL */
	const struct tool *tool;
	struct action *act;
	struct scope_place place; /* where fly looks for fly.toml */
	bool open;                /* the subcommand is not known: any below cmd */
};

/* Sets the field app of f->act; operand: the one of its operands that this
 * action is about, NULL if none. */
void fly__app(struct fly *f, const struct word *operand);
/* Touches the app of -a and the one that its operand names. */
bool fly__two_apps(const struct model_command *c);
bool fly__is(const struct fly *f, const char *path); /* "apps destroy": exactly this command */
bool fly__below(const struct fly *f, const char *path);
/* ---- fly_inner.c ---- */
/* Runs what the command runs on a machine of the app; sets the fields command
 * and inner. */
int fly__inner(struct fly *f);
/* The text to run in a rule's pattern becomes needs of these fields. */
void fly__inner_pattern(struct arena *a, const struct parsed *p, struct pattern *out, needs_vec *needs);

/* ---- fly_mcp.c ---- */
/* The argument vector that a call of fly's MCP server runs; false: another
 * tool. input: the call's input as JSON. */
bool fly_mcp_argv(struct arena *a, const struct models *m, struct str tool, struct str input,
    struct words *argv);

#endif
