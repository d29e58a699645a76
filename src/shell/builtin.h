/* SPDX-License-Identifier: ISC */
/*
 * builtin.h: what the files of builtins share: reading their arguments, which
 * may be unknown. The table is in builtin.c.
 */
#ifndef SHELL_BUILTIN_H
#define SHELL_BUILTIN_H

#include "shell/eval.h"

/* Going through the options of a command, as getopt does: one letter a time. */
struct opts {
	struct shell *sh;
	struct words argv;
	size_t i;          /* the argument being read; after the end: the first operand */
	size_t at;         /* in it */
	struct str text;   /* of it */
	bool dash;         /* zsh: - alone ends them, too */
	bool plus;         /* the letter came after '+' */
	bool unknown;      /* an argument that is not known stands where options may */
	struct word value; /* of the last option that has one */
};
void eval__opts_init(struct opts *o, struct shell *sh, const struct shell_state *st, const struct call *call);
/* The next option letter, or 0 at the end. with_value: letters that take one;
 * plus: +x counts too. */
char eval__opts_next(struct opts *o, const char *with_value, bool plus);

/* An expansion of arguments' texts in the call's place: arithmetic, subscripts. */
void eval__call_xp(struct xp *xp, struct shell *sh, struct shell_state *st, const struct call *call,
    struct choices *ch);
/* Reports and remembers that an unknown value stands where it is evaluated. */
void eval__opaque(
    struct shell *sh, struct shell_state *st, struct call *call, struct word w, const char *why);
/* A name given as an argument: false if it is not known or not a name; then
 * the builtin's effect on variables is unknown and has been accounted for. */
bool eval__arg_name(
    struct shell *sh, struct shell_state *st, struct call *call, struct word w, struct str *name);

typedef void builtin_fn(struct shell *sh, struct shell_state *st, struct call *call);
/* builtin_dir.c */
builtin_fn eval__do_cd, eval__do_pushd, eval__do_popd, eval__do_pwd;
/* builtin_var.c */
builtin_fn eval__do_declare, eval__do_export, eval__do_readonly, eval__do_local;
/* Can it be assigned to or unset, without fail? zsh has types besides. */
bool eval__assignable(struct shell *sh, const struct shell_state *st, struct str name);
/* builtin_unset.c */
builtin_fn eval__do_unset;
/* builtin_set.c */
builtin_fn eval__do_set, eval__do_shift, eval__do_shopt, eval__do_setopt, eval__do_unsetopt,
    eval__do_emulate;
/* builtin_read.c */
builtin_fn eval__do_read, eval__do_mapfile, eval__do_getopts, eval__do_let, eval__do_wait;
/* builtin_print.c */
builtin_fn eval__do_echo, eval__do_printf, eval__do_print;
/* builtin_zsh.c */
builtin_fn eval__do_zmodload, eval__do_zparseopts;
/* builtin_code.c */
builtin_fn eval__do_eval, eval__do_dot, eval__do_trap, eval__do_command, eval__do_builtin, eval__do_jobs,
    eval__do_exec, eval__do_modifier, eval__do_compgen, eval__do_runs_later, eval__do_zstyle;
/* builtin_name.c */
builtin_fn eval__do_alias, eval__do_unalias, eval__do_hash, eval__do_enable, eval__do_autoload,
    eval__do_unfunction;
/* builtin_flow.c */
builtin_fn eval__do_break, eval__do_continue, eval__do_return, eval__do_exit, eval__do_true,
    eval__do_false, eval__do_test;

#endif
