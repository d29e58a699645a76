/* SPDX-License-Identifier: ISC */
/*
 * shell.h: shell text -> the simple commands that would run, in order of
 * execution, with three-valued words. Knows bash, zsh and sh: their grammar,
 * expansions, builtins, functions, directory and variables. Knows no program:
 * what `timeout`, `bash -c` or git mean is said by the host (src/tools), which
 * may call shell_run again on text that a program would run.
 */
#ifndef BRIDLE_SHELL_H
#define BRIDLE_SHELL_H

#include "bridle/action.h"

struct shell_state; /* variables, functions, aliases, options, directory, positional parameters */
struct shell;       /* one judging: arena, world, budget, command counter */

enum shell_redir_kind {
	SHELL_READ,   /* < file */
	SHELL_WRITE,  /* > >| &> file: its old content is gone */
	SHELL_APPEND, /* >> &>> */
	SHELL_RDWR,   /* <> */
	SHELL_DUP,    /* 2>&1, <&3, >&-: target empty */
	SHELL_TEXT    /* here-document or <<<: target is the text */
};
struct shell_redir {
	enum shell_redir_kind kind;
	int fd; /* as written or the operator's own; -2: {name} */
	struct word target;
	struct str typed;
};

enum shell_stdin {
	SHELL_STDIN_INHERIT, /* the shell's own */
	SHELL_STDIN_TEXT,    /* text: known or part-known (here-document, `echo x |`) */
	SHELL_STDIN_PIPE,    /* what another program prints: unknown */
	SHELL_STDIN_FILE     /* < file: text is its name */
};

/* How surely a command runs and its effects hold (semantics 2). */
enum shell_flag {
	SHELL_MAYBE = 1 << 0,      /* in a branch, loop, right of && or ||, function that may not be called … */
	SHELL_UNSURE = 1 << 1,     /* its effect may not have happened for what follows (a failed `checkout;`) */
	SHELL_SCOPED = 1 << 2,     /* in a subshell, pipeline, background or substitution: its state ends with it */
	SHELL_BUILTIN = 1 << 3,    /* handled by the shell itself */
	SHELL_HARMLESS = 1 << 4,   /* builtin of the closed list of semantics 1 with no unknown in an evaluating place */
	SHELL_FUNCTION = 1 << 5,   /* a call of a function defined on the line (its body is reported on its own) */
	SHELL_TAINTED = 1 << 6,    /* the bare name may not be what PATH finds */
	SHELL_BACKGROUND = 1 << 7,
	SHELL_IN_SUBST = 1 << 8,   /* inside $( ) or <( ) */
	SHELL_LOOKED = 1 << 9      /* in text that was looked into (script); set by shell_run's flag */
};

struct shell_command {
	unsigned id; /* from 1, unique in the struct shell */
	unsigned flags;
	struct words argv;   /* n 0: assignments or redirections only */
	const struct assign *assigns; /* prefix assignments of this command, and only these */
	size_t nassigns;
	const struct shell_redir *redirs; /* of the command and of enclosing compounds that apply to it first */
	size_t nredirs;
	enum shell_stdin stdin_kind;
	struct word stdin_text;
	bool stdout_piped;   /* another command reads its output */
	struct str typed;    /* source text of the simple command */
	size_t offset;       /* of typed in the text given to shell_run, or STR_NPOS */
	const unsigned *after; /* ids that have certainly succeeded before it (left of &&) */
	size_t nafter;
	bool decisive;       /* its failure would fail the whole text */
};

/* What cannot be known before it runs. */
enum shell_unknown {
	SHELL_DYNAMIC, /* code or a command name that is not known */
	SHELL_OPAQUE,  /* a value in a place that may evaluate code; a sourced file not read */
	SHELL_UNREAD,  /* no shell runs it: from a quote on that is not ended, or a line with a token that cannot be there */
	SHELL_LIMIT    /* a limit: why names it */
};

struct shell_host {
	void *ctx;
	/*
	 * A simple command is about to run in st. Called in order of
	 * execution, once for each way the state can be (at most
	 * LIMIT_ALTERNATIVES directories are folded into st, not into calls).
	 * The host records actions, and changes st by what the command does
	 * to the shell's world. Builtins are reported too (SHELL_BUILTIN),
	 * after the shell has tracked them itself. Returns 0, or an error
	 * that ends the run.
	 */
	int (*command)(void *ctx, struct shell *sh, struct shell_state *st,
	    const struct shell_command *c);
	/* What this command would print, without its last newlines, as one
	 * word: BRIDLE_EUNKNOWN if not known. Asked for $(…) of one command. */
	int (*output)(void *ctx, struct shell *sh, struct shell_state *st,
	    const struct shell_command *c, struct word *out);
	/* Content of a script that `source FILE` names (FILE as a word with
	 * directory from st): BRIDLE_EUNKNOWN if it cannot be looked into, 1
	 * if the line itself wrote it, which makes it the line's own text. */
	int (*script)(void *ctx, struct shell *sh, struct shell_state *st,
	    struct word file, struct str *text, struct str *shown);
	/* Content of a file as the line has left it so far (overlay). For
	 * `read x < f`, $(<f), globs: may be NULL. */
	int (*file)(void *ctx, struct shell *sh, struct str path, struct str *text);
	/* Something is not known. typed is the source text it is about. */
	int (*unknown)(void *ctx, struct shell *sh, struct shell_state *st,
	    enum shell_unknown kind, unsigned flags, struct str typed,
	    struct str why);
	/*
	 * The host's own part of a state (files written, HEAD moved …), which
	 * outlives subshells; see shell_world. Two ways meet (a branch that
	 * may not have been taken, a command that may have failed): what holds
	 * after both. a and b differ; NULL is what the state began with. May
	 * be NULL itself: then the two are equal or the newer one is kept.
	 */
	const void *(*join)(void *ctx, struct shell *sh, const void *a, const void *b);
	/* Whether files in this directory (absolute) may have come or gone on
	 * this line other than by the shell's own redirections: a glob there
	 * is not known. May be NULL: none. */
	bool (*touched)(void *ctx, struct shell *sh, const struct shell_state *st, struct str dir);
};

struct shell_setup {
	enum shell_kind kind;
	struct str cwd;      /* absolute; empty: unknown */
	struct str home;     /* empty: unknown */
	bool aliases;        /* expand aliases, as Claude Code's `eval` after its snapshot does */
};

/* One judging. The world answers env and globs; budget is the caller's.
 * host and world must outlive it. Never NULL (arena). */
struct shell *shell_new(struct arena *a, const struct world *w,
    const struct shell_host *host);
struct arena *shell_arena(struct shell *sh);
struct shell_state *shell_state_new(struct shell *sh, const struct shell_setup *setup);
/* A copy that shares nothing: subshells, bash -c, scripts. exported_only:
 * only exported variables and functions, no aliases (a new process). */
struct shell_state *shell_state_copy(struct shell *sh, const struct shell_state *st, bool exported_only);

/* Runs text in st. flags: SHELL_LOOKED, SHELL_MAYBE, … are added to every
 * command. argv0 and args are $0 and the positional parameters (may be
 * empty). depth is counted inside; crossing LIMIT_RUN_DEPTH reports unknown
 * SHELL_LIMIT. A syntax error runs what stands before it, then reports
 * SHELL_DYNAMIC. Returns 0 or what a host function returned. The text is a
 * process of its own: afterwards only shell_world(st) counts. */
int shell_run(struct shell *sh, struct shell_state *st, struct str text,
    unsigned flags);
int shell_run_args(struct shell *sh, struct shell_state *st, struct str text,
    unsigned flags, struct word argv0, struct words args);
/* Runs one argument vector as a simple command (wrappers: `timeout 5 X`).
 * like holds redirections, stdin, flags, order of the wrapper's command.
 * functions: whether functions, aliases and builtins count (command, exec,
 * env and other programs: false). */
int shell_run_argv(struct shell *sh, struct shell_state *st,
    struct words argv, const struct shell_command *like, unsigned flags,
    bool functions);

/* ---- state, for hosts ---- */
/* Directories it may be in: n ≥ 1 words, each absolute or with unknown
 * pieces. More than one: both are possible (an effect that may not have
 * happened). */
struct words shell_cwd(const struct shell_state *st);
void shell_set_cwd(struct shell *sh, struct shell_state *st, struct word dir);
/* The shell that reads text in this state, with the options it starts with:
 * for a state that shell_state_copy made for a new process. */
enum shell_kind shell_kind_of(const struct shell_state *st);
void shell_set_kind(struct shell_state *st, enum shell_kind kind);
/* The file that holds the script which st reads: $BASH_SOURCE in bash. */
void shell_set_source(struct shell_state *st, struct word file);
/* The same for its options, as the words before -c or the script have them:
 * -eu, +B, -o NAME, -O NAME, --posix. */
void shell_start_options(struct shell *sh, struct shell_state *st, struct words options);
/* What its commands read on standard input is not known. */
void shell_forget_stdin(struct shell_state *st);
/*
 * What the host keeps about the world as it is in this state, immutable: the
 * host makes a new one from the old one in command() and sets it. The shell
 * carries it along: right of `&&` the new one holds alone, after `;`, right
 * of `||` and where branches meet it is joined with the old one. With it a
 * host needs no SHELL_UNSURE. Starts as NULL.
 */
const void *shell_world(const struct shell_state *st);
void shell_set_world(struct shell_state *st, const void *world);
/* The text that <(…) gives where w is such a word and its commands are known
 * (`source <(echo x)`, `bash <(cat <<E …)`). */
bool shell_process_text(struct shell *sh, struct word w, struct word *text);
/* Whether a file's name is that of an open descriptor of the command
 * (/dev/stdin, /dev/fd/3 …), and what it reads there. Text is an empty word
 * but for SHELL_STDIN_TEXT and _FILE; INHERIT: the shell's own input. */
bool shell_fd_named(const struct shell_command *c, struct word file, enum shell_stdin *kind,
    struct word *text);
/* A variable as the shell sees it: 0 and alternatives (n ≥ 1), ENOENT surely
 * unset, EUNKNOWN. exported tells whether a program started now gets it. */
int shell_var(struct shell *sh, const struct shell_state *st, struct str name,
    struct words *values, bool *exported);
/* Value as a started program sees it: environment of the state. */
int shell_env(struct shell *sh, const struct shell_state *st, struct str name,
    struct words *values);
/* Does such a program surely get no variable whose name begins so? */
bool shell_env_none(struct shell *sh, const struct shell_state *st, struct str prefix);
void shell_set_var(struct shell *sh, struct shell_state *st, struct str name,
    struct word value, bool exported);
void shell_unset_var(struct shell *sh, struct shell_state *st, struct str name);
void shell_forget_var(struct shell *sh, struct shell_state *st, struct str name); /* unknown from now on */
void shell_clear_env(struct shell *sh, struct shell_state *st);        /* env -i */
/* Perhaps the functions of st are not there: a shell that takes none from the environment. */
void shell_maybe_functions(struct shell *sh, struct shell_state *st);
/* Assignments that reach a program started now although the environment
 * outside did not hold them: made on this line. For allow's safe list. */
size_t shell_line_assigns(struct shell *sh, const struct shell_state *st,
    const struct assign **out);
/* From now on no bare name is surely the program that PATH finds (name empty),
 * or this one is not (hash -p, alias not followed). why is a phrase. */
void shell_taint(struct shell *sh, struct shell_state *st, struct str name, struct str why);
bool shell_tainted(const struct shell_state *st, struct str name);
/* Loads aliases and functions (text of a snapshot file as Claude Code writes
 * it) into st without running anything else in it. */
int shell_load_snapshot(struct shell *sh, struct shell_state *st, struct str text);
unsigned shell_commands_seen(const struct shell *sh);

/* ---- small shell facts that others need ---- */
bool shell_safe_env_name(struct str name); /* LANG LC_* TZ TERM NO_COLOR FORCE_COLOR COLUMNS LINES CI … */
struct str shell_quote(struct arena *a, struct str s); /* as a word bash reads back; bare where possible */

#endif
