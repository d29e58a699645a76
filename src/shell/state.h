/* SPDX-License-Identifier: ISC */
/*
 * state.h: what the walk carries along from command to command: variables and what
 * they hold, options, functions, traps, directories. How it changes is in state.c
 * and var.c; the walk itself is in eval.h.
 */
#ifndef SHELL_STATE_H
#define SHELL_STATE_H

#include "bridle/shell.h"
#include "shell/ast.h"
#include "shell/pmap.h"

/* ---- values -------------------------------------------------------------- */

enum value_kind {
	VALUE_UNSET,
	VALUE_SCALAR, /* scalar */
	VALUE_LIST,   /* an array: elems, and keys where it is sparse or associative */
	VALUE_ANY     /* nothing is known, not even whether it is set or an array */
};
struct value {
	enum value_kind kind;
	bool assoc;
	struct word scalar;
	const struct word *keys; /* LIST: known texts; NULL: 0 … n-1 */
	struct words elems;
};

enum var_attr {
	VAR_LINE = 1 << 0, /* assigned on this line */
	VAR_INTEGER = 1 << 1,
	VAR_LOWER = 1 << 2,
	VAR_UPPER = 1 << 3,
	VAR_ASSOC = 1 << 4,
	VAR_NAMEREF = 1 << 5,
	VAR_READONLY = 1 << 6, /* perhaps: an assignment may have failed */
	VAR_UNIQUE = 1 << 7,   /* zsh -U */
	VAR_UNSURE = 1 << 8,   /* perhaps it has attributes that change what is assigned */
	VAR_NUMBER = 1 << 10,  /* perhaps -i, or in a base: what is assigned may be evaluated */
	VAR_PREFIX = 1 << 11,  /* assigned before the command that runs now: another may be behind it */
	VAR_PLAIN = VAR_LINE | VAR_PREFIX, /* what changes nothing that is assigned */
	VAR_ARRAY = 1 << 9     /* perhaps an array: no program is given it */
};
struct var {
	unsigned attrs;
	enum tri exported;
	const struct value *v; /* alternatives */
	size_t n;              /* 1 … LIMIT_ALTERNATIVES */
};

/* ---- options -------------------------------------------------------------- */

enum opt {
	OPT_ERREXIT,
	OPT_ALLEXPORT,
	OPT_PIPEFAIL,
	OPT_XTRACE,
	OPT_NOGLOB,
	OPT_KEYWORD,
	OPT_NOUNSET,
	OPT_PHYSICAL,
	OPT_EXTGLOB,
	OPT_NULLGLOB,
	OPT_FAILGLOB,
	OPT_DOTGLOB,
	OPT_GLOBSTAR,
	OPT_NOCASEGLOB,
	OPT_NOCASEMATCH,
	OPT_ALIASES,
	OPT_LASTPIPE,
	OPT_EXECFAIL,
	OPT_CDABLE,
	OPT_POSIX,
	OPT_NOBRACE,
	OPT_WORDSPLIT,
	OPT_GLOBSUBST,
	OPT_KSHARRAYS,
	OPT_OTHERGLOB,
	OPT_INHERIT, /* localvar_inherit */
	OPT_STRANGE,      /* zsh: text is read, or values are made, in a way that is not followed */
	OPT_ODDTEXT,      /* zsh: '' in '…' is a quote, or x=~ in any word is a home */
	OPT_RCEXPAND,     /* zsh: a$list is a list */
	OPT_LOCALOPTIONS, /* zsh: at the end of a function its options go */
	OPT_MONITOR,      /* set -m: lastpipe does nothing */
	OPT_DIRSTACK,     /* zsh: pushd does not do what it does elsewhere */
	OPT_COUNT
};

/* ---- state ----------------------------------------------------------------- */

/* Where a function came from: what its ranges point into. */
struct source {
	struct str text;
	bool main; /* what was given to shell_run: offsets count */
};
struct function { /* alternatives: a later definition that may not have run comes with its elder */
	const struct node *body; /* NULL: no function, or one that is not known (unknown) */
	struct redir *redirs;    /* of the definition, may be NULL */
	const struct source *src;
	bool unknown;                /* autoload and the like */
	enum tri exported;           /* of the first: bash's children have them all */
	const struct function *also; /* may be NULL */
};
struct ids {
	unsigned id;
	const struct ids *before; /* may be NULL */
	size_t n;
};
struct trap {
	struct str signal; /* EXIT, DEBUG … */
	struct word body;
	const struct source *src;
	const struct trap *next; /* may be NULL */
};

/* A bare name that is not surely the program that PATH finds. */
struct taint {
	struct str why;
	struct word file; /* what `hash` says that it runs; n 0: nothing said */
};

struct shell_state {
	enum shell_kind kind;
	bool dead;
	bool vars_unknown; /* a name that is not in vars may hold anything */
	bool env_cleared;  /* the outer environment is not seen */
	bool taint_all;
	bool funcs_unknown;      /* any name may be a function or an alias */
	bool functions_exported; /* some may be: export -f, set -a */
	bool functions_fixed;    /* readonly -f: any of them may be */
	bool out_moved;          /* `exec >f`: standard output is no longer what it was */
	bool dirs_unknown;
	bool in_set;                  /* in_kind and in_text hold */
	const struct pmap *vars;      /* struct var */
	const struct pmap *functions; /* struct function */
	const struct pmap *aliases;   /* struct alias */
	const struct pmap *taints;    /* struct taint */
	const struct pmap *disabled;  /* builtins that `enable -n` may have taken away */
	const struct trap *traps;
	struct words cwd;   /* alternatives */
	struct words dirs;  /* pushd's stack below the directory, top first */
	struct str home;    /* empty: unknown */
	uint32_t on, maybe; /* options */
	struct word argv0;
	struct word source; /* the script that runs, until another is read; empty: not known */
	struct words args;
	enum shell_stdin in_kind;
	struct word in_text;
	const void *world; /* the host's */
	struct str taint_why;
	unsigned alias_age; /* changes when an alias does */
};

struct alias {
	struct str value;
	bool global;
	bool maybe; /* may not be there, or be another */
};

#endif
