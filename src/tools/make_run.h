/* SPDX-License-Identifier: ISC */
/*
 * make_run.h: between make_run.c and make_words.c.
 */
#ifndef TOOLS_MAKE_RUN_H
#define TOOLS_MAKE_RUN_H

#include "tools/make.h"

#include "tools/runner.h"

/* What a line says to make, or to just. */
struct make_words {
	VEC(struct word) files, dirs, targets, assigns;
	strs_vec evals, include_dirs;
	bool dry, env_wins, no_rules;
	bool none;      /* --version, just --list and their kin: no recipe runs */
	size_t command; /* just --command: where on the line it begins; 0: none */
};
/* A word as make's reader takes it. */
struct str make__text_of(struct reading *rd, struct word w);
void make__read_words(struct reading *rd, struct words argv, bool just, struct make_words *w);
/* The variable of that name: MAKEFLAGS, GNUMAKEFLAGS. */
void make__flags(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str name,
    struct make_words *w);

#endif
