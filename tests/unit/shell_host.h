/* SPDX-License-Identifier: ISC */
/*
 * shell_host.h: for tests of the walk: a host that writes down what it is
 * told, one line each, over a world made of tables.
 *
 *   - cd api; builtin harmless decisive; in /w/api
 *   - fly deploy <$x>; maybe; in /w/api; after 1; stdin text "y\n"
 *   ? dynamic: $CMD x
 *
 * A word is quoted as a shell reads it back; <SOURCE> in it is an unknown run
 * of bytes, <SOURCE#> one of digits or another set, <SOURCE..> any words.
 */
#ifndef SHELL_HOST_H
#define SHELL_HOST_H

#include "bridle/decide.h"
#include "bridle/shell.h"

struct shell_lines {
	struct arena *a;
	struct buf out;
	struct world w;
	struct table_world table;
	struct shell_host host;
	struct shell_setup setup;
	struct str snapshot; /* loaded first; may be empty */
	unsigned flags;      /* for shell_run */
	struct map *prints;  /* command text -> struct str: what it prints */
	bool commands_only;  /* no unknowns */
	/* Called instead of writing a line; may be NULL. */
	void (*see)(
	    void *ctx, struct shell *sh, struct shell_state *st, const struct shell_command *c);
	void (*doubt)(void *ctx, enum shell_unknown kind, struct str typed, struct str why);
	void *ctx;
};

/* Directory /w, home /home/u, bash with aliases off; no files, no variables
 * but HOME and PATH. */
void shell_lines_init(struct shell_lines *l, struct arena *a);
/* One fact: "file PATH=TEXT", "env K=V", "prints COMMAND=TEXT", "shell zsh",
 * "aliases", "cwd DIR", "snapshot TEXT", "looked". False: no such fact. \n in
 * a text is a newline. */
bool shell_lines_fact(struct shell_lines *l, struct str fact);
/* Runs text and gives what was written. */
struct str shell_lines_run(struct shell_lines *l, struct str text);

#endif
