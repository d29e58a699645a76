/* SPDX-License-Identifier: ISC */
/*
 * reference.h: bash's references (declare -n), what unset does to a caller's
 * local variable, and which functions are exported.
 */
#ifndef SHELL_REFERENCE_H
#define SHELL_REFERENCE_H

#include "shell/eval.h"

/* Variables that are local to a call of a function (struct frame). */
struct locals {
	struct str name;
	const struct var *was; /* NULL: not in vars */
	bool surely;
	struct locals *next;
};

/* reference.c. A reference that is to name another variable; false: it is none. */
bool eval__refer(struct shell *sh, struct shell_state *st, struct str name, const struct value *to);
/* The name that a reference holds: ${!r}. */
bool eval__referred(struct shell *sh, const struct shell_state *st, struct str name, struct str *to);
/* declare +n, unset -n: it is none any more. */
void eval__unrefer(struct shell *sh, struct shell_state *st, struct str name, bool unset);

/* function.c */
/* f, or a copy of it that is exported so. */
const struct function *eval__exported_as(struct shell *sh, const struct function *f, enum tri on);
/* declare -g: of a name that a local one hides; false: none does. */
bool eval__assign_hidden(
    struct shell *sh, struct shell_state *st, const struct ctx *cx, struct str name);
/* unset: of a variable that is local to a caller of the function that runs. */
bool eval__unset_outer(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct str name);
/* export -f NAME; name NULL: any of them. */
void eval__export_function(struct shell *sh, struct shell_state *st, const struct str *name, enum tri on);

#endif
