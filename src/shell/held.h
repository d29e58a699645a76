/* SPDX-License-Identifier: ISC */
/*
 * held.h: what a parameter holds in this run, between held.c, which finds it, and
 * expand_param.c, which works on it.
 */
#ifndef SHELL_HELD_H
#define SHELL_HELD_H

#include "shell/eval.h"

struct held {
	enum value_kind kind;
	struct word one;           /* SCALAR */
	struct words list;         /* LIST */
	const struct value *array; /* LIST with keys, may be NULL */
	bool star, at;             /* [*] or $*, [@] or $@ */
	struct str source;
	const struct part *part;
};

/* The same parameter, holding w. */
struct held eval__held_word(struct held h, struct word w);
/* How many stand before one that may be none or many. */
size_t eval__known_words(struct words w);
/* What ${name} holds; a subscript of p is looked at, and run. */
struct held eval__lookup(struct xp *xp, const struct part *p, struct str name);

#endif
