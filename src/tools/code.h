/* SPDX-License-Identifier: ISC */
/*
 * code.h: code of other languages, as text that may run commands (code.c),
 * and which programs take such text from where (interpreter.c).
 */
#ifndef TOOLS_CODE_H
#define TOOLS_CODE_H

#include "tools/host.h"

#include <string.h>

struct code { /* how a text of code was reached */
	bool file;      /* a script that was looked into: only calls in it count */
	bool own;       /* a script that the line itself wrote: calls in it are no guess */
	bool bang;      /* `!` runs a program: editors, database clients */
	bool backquote; /* `…` runs a program: perl, ruby, php */
	bool awk;       /* print | x runs a program, words side by side are put together */
	bool plain;     /* words without quotes are commands: tcl's exec, expect's spawn */
	unsigned flags; /* of the actions found */
	struct str chain;
	struct words args; /* what the program is given: argv from `first` on */
	unsigned depth;    /* of code that runs code */
	unsigned first;    /* as the language counts them, beside its usual way: node -e */
};
/* Adds actions for the commands and files that the code names. */
int code_read(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct code *how, struct str code);

/* What a program puts into a literal: a shell variable of which nothing is known. */
#define CODE_VALUE "$__value"

struct literal {
	struct str text; /* without quotes, plain escapes undone */
	size_t from, to; /* in the code, quotes included */
	bool filled;     /* holds ${x}, {x}, %s: not the whole text */
};
struct literals {
	VEC(struct literal) v;
};
void code_literals(struct arena *a, struct str code, struct literals *out);
/* What the escape at `at` stands for; returns the index behind it. */
size_t code_escape(struct str code, size_t at, struct buf *out);
/* The one that begins there; NULL: none. (code_list.c) */
const struct literal *code_literal_at(const struct literals *ls, size_t at);
/* Does it hold one of these words? */
bool code_holds(struct str code, const char *const *words, size_t n);
/* Is what begins there the first argument of a call whose name holds one of these? */
bool code_called(struct str code, size_t from, const char *const *words, size_t n);

static inline bool
code_in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static inline bool
code_word_byte(char c) /* of a command's name */
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || code_in(c, "_-");
}

/* ---- code_list.c ---- */
/* The words from literal `at` on; *last: the last literal of them. perl's values are lists. */
struct words code_list(struct arena *a, const struct code *how, struct str code, const struct literals *ls, size_t at,
    size_t *last);
/* Where the list of literal `at` begins, if that is a wrapper: ["xargs", "fly"]. */
size_t code_list_start(struct reading *rd, struct str code, const struct literals *ls, size_t at);
/* The name that x = "fly" gives what begins there; empty: none. */
struct str code_name(struct str code, size_t from);
/* Is more put behind what the name holds: x " -a app", x += …, "$x -a app", f"{x} …"? */
bool code_grows(struct str code, struct str name);

/* Does a literal stand there? used NULL: any of them. */
bool code_covered(const struct literals *ls, const bool *used, size_t at);

/* ---- code_files.c ---- */
/* The files that its literals name. */
void code_files(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str code,
    const struct literals *ls);

/* ---- code_given.c: what code is given, and what it gives on ---- */
/* The code with the words that it takes from its own command line: sys.argv[1]. */
struct str code_given(struct reading *rd, const struct code *how, struct str code);
/* ---- code_value.c ---- */
/* The code with what its names surely mean in their place. */
struct str code_valued(struct reading *rd, const struct code *how, struct str code);

/* perl's qw(a b), q(a), qx(a) as literals of the usual kind. */
struct str code_quoted(struct reading *rd, const struct code *how, struct str code);

/* ---- code_root.c ---- */
/* What the code runs that no literal of it says whole. */
int code_roots(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct code *how, struct str code);
/* The state of what it runs: values that are not known. (code.c) */
struct shell_state *code_state(struct reading *rd, struct shell_state *st);

/* ---- code_given.c again ---- */
/* Sets in st what the code puts into the environment of what it runs; false: nothing. */
bool code_sets(struct reading *rd, struct shell_state *st, struct str code, const struct literals *ls);

/* Has it a way to run programs? */
bool code_can_run(struct str code, const struct code *how);

/* A program that takes code: its texts and its script. act is its command's
 * action, may be NULL; marked where the code holds a door. */
int interpreter_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, struct action *act);

/* What the variable of that program's options loads (NODE_OPTIONS), for others that it runs. */
int interpreter_options(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str program);

bool interpreter_known(struct str program);
/* A script of such a program, looked into. */
int interpreter_file(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word file);
/* A text of the file at path, which that program runs. */
int interpreter_text(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str program,
    struct str path, struct str text);

/* sed's script: files that it writes, commands that it runs. True: it has
 * such a door. */
bool sed_read(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct str script);
/* The text that a script of plain substitutions (s/a/b/g) makes of another;
 * extended: -E. False: not known. */
bool sed_plain(struct arena *a, struct str script, bool extended, struct str text, struct str *out);

#endif
