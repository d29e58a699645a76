/* SPDX-License-Identifier: ISC */
/*
 * eval.h: what the files of the walk share. The walk runs a tree (ast.h) over
 * a state as a shell would, but with values that may be unknown and ways that
 * may not be taken. Start at flatten.c (the walk), then simple.c (one simple
 * command), expand.c (words), state.c (what is carried along).
 *
 * A node is run from one state and leaves two: the state itself is what holds
 * if it succeeded, outcome.fail what holds if it failed. A dead state is one
 * that no run reaches (after `exit`, the success of `false`).
 */
#ifndef SHELL_EVAL_H
#define SHELL_EVAL_H

#include "bridle/limits.h"
#include "bridle/shell.h"
#include "shell/ast.h"
#include "shell/pmap.h"
#include "shell/state.h"

/* ---- the walk --------------------------------------------------------------- */

/* What a command prints, where something wants to know it. */
struct capture {
	struct word text;
	bool unknown;
	unsigned branch; /* of the context it was made in: deeper ones may not run */
};

/* A place that `break`, `return` or `exit` leaves to. */
struct frame {
	enum { FRAME_LOOP, FRAME_CALL, FRAME_SHELL } kind;
	struct frame *up; /* NULL: the outermost shell */
	struct shell_state *left,
	    *again;   /* joined states. LOOP: break, continue; CALL: return, return 1 */
	bool script;  /* CALL: a sourced script, no function */
	bool in_loop; /* SHELL: a loop lies around the process */
	bool in_call; /* SHELL: a function does */
	struct locals *locals;
	const struct call *call; /* CALL: may be NULL */
	unsigned branch;
};

struct ctx {
	unsigned flags;  /* SHELL_MAYBE … for every command */
	unsigned branch; /* how many "may not happen" lie around it */
	bool decisive;
	bool tested;         /* a condition: errexit does not act */
	bool loose;          /* zsh's trap of EXIT: after some errors it goes on behind && */
	bool piped;          /* standard output goes to another command */
	struct capture *out; /* may be NULL */
	const struct source *src;
	const struct pmap *aliases; /* with which it was read */
	struct frame *frame;
	const struct ids *after;
	struct pending *pending; /* redirections of enclosing compounds, may be NULL */
	bool unwaited;           /* others may write files before its globs look for them */
	bool multios;            /* zsh: in a pipeline, where a redirection adds to the pipe */
	bool beside;             /* in a pipeline or the background: eval__touch_ahead was done */
	bool process;            /* <( ) */
	bool fed;                /* >( ), coproc: reads what others write */
	const struct node *body; /* of the substitution that is run: $(< file) prints the file */
	struct str typed;        /* not empty: shown instead of the source (eval, traps) */
};
struct pending {
	const struct shell_redir *v;
	size_t n;
	bool taken;
	struct pending *up;
};

struct call;
struct outcome {
	struct shell_state *fail; /* NULL: the same state */
	const struct ids *ids;    /* have succeeded if this did */
};

struct process { /* <(…): its text by the source it came from */
	const char *source;
	struct word text;
};
struct touch { /* a file that was written: where, once it was asked for */
	struct word file;
	struct words cwd;
	struct str dir; /* p NULL: not worked out yet */
};
enum limit_bit {
	LIMIT_BIT_DEPTH = 1 << 0,
	LIMIT_BIT_RUN = 1 << 1,
	LIMIT_BIT_COMMANDS = 1 << 2,
	LIMIT_BIT_WORDS = 1 << 3,
	LIMIT_BIT_EXPANSION = 1 << 4
};

struct shell {
	struct arena *a;
	const struct world *w;
	const struct shell_host *host;
	unsigned commands; /* ids given */
	unsigned steps;
	unsigned depth, runs; /* texts inside texts, functions inside functions; shells in shells */
	unsigned nesting;  /* nodes inside nodes, over all of them */
	unsigned bodies;   /* of functions, evals and sourced files, walked so far */
	bool trapping;     /* a trap that stands between commands is being run */
	bool tracing;      /* PS4 is expanded */
	bool searching;    /* command_not_found_handle is being run */
	unsigned errors;   /* expansions so far that may be errors: their command may not run */
	unsigned bad;      /* those that surely are */
	struct shell_state *discard; /* an error ends the line: the states in which; may be NULL */
	unsigned quiet;    /* > 0: looking how a loop changes the state; nothing is reported */
	int err;           /* of a host function: ends the run */
	unsigned limits;   /* limits already reported, bits */
	const struct pmap *outer; /* variables from the world */
	struct byteset digits, number, anynumber, nonslash; /* anynumber: as zsh writes them, too: 1.5 16#FF */
	VEC(struct process) processes;
	VEC(struct touch) touched;
	bool touched_all;
	struct besides *besides; /* process.c: background commands of the line; may be NULL */
};

/* flatten.c: n may be NULL */
void eval__node(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct node *n, struct outcome *out);
/* One command of a list, foreground. in: the context inside the list, which
 * grows with it. */
void eval__item(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct ctx *in,
    const struct node *n, bool last, struct outcome *out);
/* Both ways are one from here on. */
void eval__settle(struct shell *sh, struct shell_state *st, struct outcome *out);
/* A context in which commands may not run. */
struct ctx eval__maybe(const struct ctx *cx);
void eval__leave_shell(struct shell *sh, const struct ctx *cx, struct shell_state *st);
/* The state in which it failed, as one to go on from. */
struct shell_state *eval__failed(struct shell *sh, struct shell_state *st, const struct outcome *out);
/* text.c: text in the same shell: eval, source, traps. typed: what it is shown
 * as, empty: itself. */
void eval__text(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct str text,
    struct str typed, struct outcome *out);
const struct ids *eval__ids_add(struct shell *sh, const struct ids *list, const struct ids *more);

/* process.c: what runs in a process of its own */
void eval__subshell(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct node *n, struct outcome *out);
void eval__pipe(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct node *n, struct outcome *out);
void eval__background(
    struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n);
void eval__seen(struct shell *sh, const struct shell_state *st);
void eval__beside(struct shell *sh, struct shell_state *st);
/* The body of $( ), as what it prints; false: not known. */
bool eval__substitute(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct node *body, struct word *out);
bool eval__funsub(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct node *body, struct word *out);
/* It runs from now on; that of EXIT at the end. */
void eval__set_trap(
    struct shell *sh, struct shell_state *st, const struct ctx *cx, struct str signal, struct word body);
void eval__function_traps(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct trap *before);
/* At the end of a process: what `trap … EXIT` left. */
void eval__exit_traps(struct shell *sh, struct shell_state *st, const struct ctx *cx);
/* `set -x`: what PS4 runs, if the line has set it. */
/* assigned: the command has assignments in front, which what PS4 runs gets, too. */
void eval__trace(struct shell *sh, struct shell_state *st, const struct ctx *cx, bool assigned);
/* Before each command: the other traps. */
void eval__traps(struct shell *sh, struct shell_state *st, const struct ctx *cx);

/* function.c */
void eval__child_functions(struct shell *sh, const struct shell_state *st, struct shell_state *child);
void eval__define(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct node *n, struct outcome *out);
void eval__call(
    struct shell *sh, struct shell_state *st, struct call *call, const struct function *f);
/* An alias of that name that may be there: what it runs is not known. */
void eval__maybe_alias(
    struct shell *sh, struct shell_state *st, struct call *call, struct str name);
/* The call's redirections act on what it runs in the shell (functions, eval,
 * source): cx and st get them, eval__undo_call takes the input back. */
void eval__with_call(struct shell_state *st, struct ctx *cx, struct call *call);
void eval__undo_call(struct shell_state *st, const struct outcome *out, const struct call *call);
/* Within a function, perhaps in a script that it sources. */
bool eval__in_call(const struct ctx *cx);
bool eval__local(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct str name);

/* loop.c */
void eval__loop(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct node *n, struct outcome *out);
void eval__case(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct node *n, struct outcome *out);

/* report.c */
void eval__unknown(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    enum shell_unknown kind, struct str typed, const char *why);
void eval__limit(
    struct shell *sh, struct shell_state *st, const struct ctx *cx, unsigned bit, const char *why);
struct str eval__source(const struct ctx *cx, struct range at);
size_t eval__offset(const struct ctx *cx, struct range at);
/* Counts work; false: enough, and the limit has been reported. */
bool eval__step(struct shell *sh, struct shell_state *st, const struct ctx *cx);

/* run_redir.c */
struct redirs {
	const struct shell_redir *v;
	size_t n;
	bool in_set, no_dup; /* no_dup: what >&3 or <&x names is perhaps not open */
	unsigned inputs;     /* redirections of standard input */
	enum shell_stdin in_kind;
	struct word in_text;
	bool out_moved;               /* standard output goes elsewhere */
	bool out_mixed;               /* and something else comes along: 2>&1 */
	bool out_kept;                /* another descriptor leads where it led before: 2>&1 >f */
	VEC(struct shell_redir) more; /* zsh: one operator, several files */
};
struct xp;
void eval__redirs(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct redir *list, struct xp *xp, struct redirs *out);
/* A file in it may not be there: then nothing of the command runs. */
bool eval__may_not_open(struct shell *sh, const struct redirs *r);
/* Redirections of a compound command around run. */
void eval__with_redirs(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct node *n, struct outcome *out);
/* A node without regard to its redirections (flatten.c). */
void eval__bare_node(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct node *n, struct outcome *out);
/* The command's own redirections, after those of compounds around it. */
void eval__add_pending(struct shell *sh, const struct ctx *cx, struct redirs *r);

/* simple.c, invoke.c */
struct call {
	const struct ctx *cx;
	struct shell_command c;
	const struct redirs *redirs; /* may be NULL */
	struct shell_state *fail;    /* NULL: as the state */
	const struct ids *ids;
	bool opaque;             /* an unknown value stood in an evaluating place */
	bool reported;           /* the builtin has reported itself */
	unsigned how;            /* CALL_… */
	const struct node *node; /* may be NULL: not from the source */
	bool was_set;            /* standard input before eval__with_call */
	enum shell_stdin was_kind;
	struct word was_text;
};
enum call_how { CALL_NO_FUNCTION = 1 << 0, CALL_NO_BUILTIN = 1 << 1, CALL_BUILTIN_ONLY = 1 << 2 };
void eval__simple(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct node *n, struct outcome *out);
void eval__invoke(struct shell *sh, struct shell_state *st, struct call *call);
/* Words as a program gets them. */
struct words eval__for_program(struct shell *sh, const struct shell_state *st, struct words list);
void eval__report(struct shell *sh, struct shell_state *st, struct call *call);
/* argv as a command of its own: what `command`, `exec`, `builtin` run. */
void eval__inner(
    struct shell *sh, struct shell_state *st, struct call *call, struct words argv, unsigned how);
void eval__print(struct shell *sh, struct call *call, const struct word *text); /* NULL: not known */
void eval__complain(struct shell *sh, struct call *call); /* what the shell says: with 2>&1 that is printed */
/* What the host knows of it is printed. */
void eval__ask_output(struct shell *sh, struct shell_state *st, struct call *call);
void eval__surely(struct shell *sh, struct call *call); /* without redirections it cannot fail */

/* builtin.c: NULL: no builtin of this shell */
struct builtin {
	const char *name;
	void (*run)(struct shell *sh, struct shell_state *st, struct call *call);
	unsigned flags;
};
enum builtin_flag {
	BUILTIN_HARMLESS = 1 << 0, /* the closed list of semantics 1 */
	BUILTIN_BASH = 1 << 1,
	BUILTIN_ZSH = 1 << 2,
	BUILTIN_SH = 1 << 3,
	BUILTIN_DECL = 1 << 4,   /* its arguments are assignments */
	BUILTIN_SILENT = 1 << 5, /* prints nothing, or says itself what */
	BUILTIN_SPECIAL = 1 << 6
};
const struct builtin *eval__builtin(enum shell_kind kind, struct str name);

/* ---- expansion ------------------------------------------------------------ */

/* Which alternative each variable has in this run over a command. */
struct choice {
	struct str name;
	const void *key;
	size_t i, n;
};
struct memo { /* a substitution runs once, however many alternatives there are … */
	const void *part;
	const struct pmap *vars; /* … that have not assigned anything before it */
	bool known;
	struct word out;
};
struct choices {
	VEC(struct choice) list;
	VEC(struct memo) memo;
	bool fold;     /* too many: a variable with alternatives is unknown */
	bool overflow; /* there were too many in the run so far */
};
/* The next combination; false when all were had. */
bool eval__choices_next(struct choices *ch);
size_t eval__choices_count(const struct choices *ch);
/* Which of n alternatives this run takes; n: all at once (unknown). */
size_t eval__choose(struct xp *xp, struct str name, const void *key, size_t n);

struct xpiece {
	struct piece p;
	unsigned char how; /* XP_… */
};
enum {
	XP_QUOTED,  /* stands for itself */
	XP_LITERAL, /* unquoted in the source: stands for itself, may join a pattern */
	XP_VALUE,   /* from an unquoted expansion: its glob characters act */
	XP_GLOB     /* a pattern in the source */
};
struct xp {
	struct shell *sh;
	struct shell_state *st;
	const struct ctx *cx;
	struct choices *ch;
	VEC(struct word) out;
	VEC(struct xpiece) cur;
	struct str typed; /* the whole word's source */
	bool have;        /* the field is there even if nothing is in it */
	bool nosplit;     /* assignment, case, [[: no fields, no globs */
	bool each;        /* a for loop: an open glob gives one word of its shape … */
	bool many;        /* … and says here that it stands for any number */
	bool noglob;
	bool written;      /* what runs in the words may write files before globs look for them */
	bool element;      /* of name=( … ): no ~ behind = or : */
	size_t head;       /* bytes of the name= or [key]= that it starts with; SIZE_MAX: not counted */
	bool follows;      /* more of the word stands behind what is expanded */
	const struct part *lead; /* the first part of the word of ${x:-word} that is expanded */
	bool pattern;      /* keep quoting as backslashes: case, [[ ==, ${x#} */
	bool quoted;       /* inside double quotes */
	bool no_match;     /* zsh, failglob: a pattern without a file; the command does not run */
	bool none;         /* zsh: *(N) without a file: the field goes */
	bool open;         /* the field may be any words whatever its pieces are */
	bool failed;       /* arithmetic: what was expanded in it may be an error, which takes the line */
	bool part_unknown; /* something in it is not known */
	unsigned depth;
};
/* An empty list comes next: zsh takes the word away if nothing else is in it. */
void eval__may_be_no_word(struct xp *xp);
bool eval__bad_pattern(struct str text);
/* Appends what the words expand to: globs are looked for when all else has run. */
void eval__expand_words(struct xp *xp, struct astword *const *words, size_t n);
/* So many of the words come before what may write files, or are it. */
size_t eval__written(const struct xp *xp, struct astword *const *words, size_t n);
/* An expansion may be an error (set -u, ${x:?}, arithmetic): its command may
 * not run, and what is captured may lack its output. */
void eval__may_be_error(struct xp *xp);
/* ${#@} ${*#p}: dash takes all as one text; where nothing is split, bash joins
 * "${@%p}" by an IFS of the line's own: what comes of it is not known. (held.c) */
bool eval__of_all(const struct xp *xp, const struct param *q);
/* expand_zsh.c: a PARAM_OTHER of zsh; false: its value is not known. */
bool eval__zsh_param(struct xp *xp, const struct part *p, bool quoted);
void eval__extglob(struct xp *xp, const struct part *p);
/* An error ends the command where a name, a modifier or a flag is none. */
void eval__zsh_misread(struct xp *xp, const struct part *p);
void eval__discard(struct shell *sh, const struct ctx *cx, const struct shell_state *st);
bool eval__literal_pattern(struct word w); /* pattern.c */
bool eval__extended_pattern(struct word w);
bool eval__zsh_start(const struct xp *xp);
bool eval__zsh_own(const struct xp *xp, const struct part *p);
void eval__xp_init(struct xp *xp, struct shell *sh, struct shell_state *st, const struct ctx *cx,
    struct choices *ch);
/* Words to fields, appended to xp->out. */
void eval__expand_word(struct xp *xp, const struct astword *w);
/* One word, no splitting, no globbing. */
struct word eval__expand_one(struct xp *xp, const struct astword *w);
/* The same as a pattern: quoted characters are escaped with \. */
struct word eval__expand_pattern(struct xp *xp, const struct astword *w);
void eval__part(struct xp *xp, const struct part *p, bool quoted);
void eval__tilde(struct xp *xp, const struct part *p); /* tilde.c */
void eval__parts(struct xp *xp, const struct part *p, bool quoted);
struct word eval__expand_parts(struct xp *xp, const struct part *p);
/* Text as inside double quotes: prompts, here-documents from values. */
struct word eval__expand_text(struct xp *xp, struct str text);
struct str eval__part_source(const struct xp *xp, const struct part *p);

/* assign.c: name=value as the shell does it; shown: the value as one word. */
void eval__assignment(struct xp *xp, const struct asg *a, struct word *shown);
/* With attributes that evaluate (declare -i) and names that run things. */
void eval__assign_checked(struct xp *xp, struct str name, struct value v, struct str source);
void eval__assign_element(
    struct xp *xp, struct str name, bool append, struct word key, struct value v);
/* An integer's value is evaluated, and a[$(…)] for a reference. */
/* builtin_zsh.c: says so where a builtin does what is not followed. */
void eval__zsh_builtin(struct shell *sh, struct shell_state *st, struct call *call);
void eval__special_value(struct xp *xp, struct str name, const struct value *v, struct str source);
void eval__evaluate_value(struct xp *xp, struct str name, const struct value *v, struct str src);

/* field.c: building fields */
void eval__put(struct xp *xp, struct piece p, unsigned char how);
void eval__put_text(struct xp *xp, struct str text, unsigned char how);
/* A value from an expansion: split unless quoted. */
void eval__put_value(struct xp *xp, struct word w, bool quoted, bool command);
void eval__put_operand(struct xp *xp, const struct astword *w, bool quoted);
void eval__put_list(struct xp *xp, struct words list, bool quoted, bool star, struct str source);
void eval__put_any(struct xp *xp, struct str source, bool quoted);
void eval__field_end(struct xp *xp); /* what is there becomes a word */
struct word eval__field_word(struct xp *xp);
/* IFS: false if not known. */
bool eval__ifs(struct xp *xp, struct str *out);

/* expand_param.c */
void eval__param(struct xp *xp, const struct part *p, bool quoted);
/* trim.c: operators on one known value; what they need, expanded once. */
struct trim {
	enum param_op op;
	bool doubled;
	char anchor; /* '/' none, '#', '%'; CASE: '^' or ',' */
	struct str mod;
	bool known; /* pattern, and with or the numbers below */
	struct str pattern, with;
	long long off, len;
	bool has_len, has_pattern;
};
void eval__trim_prepare(struct xp *xp, const struct part *p, struct trim *t);
struct word eval__trim(struct xp *xp, const struct trim *t, struct word w, struct str source);
/* ${a[@]:off:len}; false: not known. */
bool eval__slice_list(
    struct xp *xp, const struct trim *t, const struct part *p, struct words *list);
/* pathname.c */
void eval__pathnames(struct xp *xp);
/* Files in this directory may have come or gone on this line. */
bool eval__touched(struct shell *sh, const struct shell_state *st, struct str dir);
/* A pipeline or a background command runs beside others: files that any of it
 * may write count before it starts. */
void eval__touch_ahead(struct shell *sh, const struct shell_state *st, const struct node *n);
void eval__touch(struct shell *sh, const struct shell_state *st, struct word file);
/* brace.c: NULL: no brace in it; else words without braces */
bool eval__braces(struct xp *xp, const struct astword *w, struct astword ***out, size_t *n);
/* The words of one with braces; false: it has none. */
bool eval__brace_words(struct xp *xp, const struct astword *w);
/* pattern.c */
enum tri eval__match(struct arena *a, struct str pattern, struct str text, bool ext, bool nocase);
enum tri eval__match_word(
    struct arena *a, struct word pattern, struct word text, bool ext, bool nocase);

/* arith.c */
enum arith { ARITH_KNOWN, ARITH_NUMBER /* some number */, ARITH_OPAQUE };
/* number.c */
struct number_read {
	bool known;  /* v holds */
	bool based;  /* zsh: 16#ff was read, and what is assigned may be written so */
	bool failed; /* an error */
	long long v;
};
bool eval__word_char(char c); /* a letter, a digit or _ */
/* The number that begins at s, a digit or zsh's point; returns behind it. */
const char *eval__scan_number(
    const char *s, const char *end, enum shell_kind shell, struct number_read *out);
/* assign.c: what arithmetic assigns. */
void eval__assign_number(
    struct xp *xp, struct shell_state *st, struct str name, enum arith how, long long value);
enum arith eval__arith(struct xp *xp, struct word text, long long *out);
/* source: all of the expression as it is typed. */
enum arith eval__arith_parts(struct xp *xp, const struct part *p, struct str source, long long *out);
bool eval__integer(struct str s, long long *out); /* decimal, with a sign */
/* The subscript of an array: its number, or for an associative one its key. */
struct word eval__expand_subscript(struct xp *xp, const struct astword *w, bool assoc, bool unsure);
/* `a[$(…)]` as text, where the shell evaluates it: [[ -v, ${!x}, unset. */
void eval__evaluate_name(struct xp *xp, struct str text);
/* Text that is expanded as a prompt: @P, PS4. */
void eval__prompt(struct xp *xp, struct str text);
struct word eval__number_word(const struct xp *xp, enum arith how, long long value, struct str source);

/* run_cond.c */
/* argv: room for n words, filled for showing. */
enum tri eval__cond(
    struct xp *xp, struct astword *const *words, size_t n, struct word *argv, bool *opaque);
enum tri eval__test(struct xp *xp, struct words argv, bool *opaque);

/* ---- state.c, var.c ------------------------------------------------------- */
struct shell_state *eval__copy(struct shell *sh, const struct shell_state *st);
void eval__join(struct shell *sh, struct shell_state *st, const struct shell_state *other);
/* The same for the n-th time around a loop: from the second on what differs
 * becomes its common shape, later anything. True if st changed. */
bool eval__widen(
    struct shell *sh, struct shell_state *st, const struct shell_state *other, unsigned times);
void eval__world_join(struct shell *sh, struct shell_state *st, const struct shell_state *o);
void eval__lose_options(struct shell_state *st); /* any may have changed */
void eval__options_back(struct shell_state *st, const struct shell_state *was);
/* builtin_set.c: an option that the user has set may change what zsh makes of text. */
bool eval__reads_strangely(const struct shell_state *st, struct str text);
/* The rest of the input is not followed. */
void eval__input_used(struct shell_state *st);
void eval__forget_all(struct shell *sh, struct shell_state *st, struct str why);
enum tri eval__opt(const struct shell_state *st, enum opt o);
void eval__set_opt(struct shell_state *st, enum opt o, enum tri value);
struct words eval__words1(struct shell *sh, struct word w);
bool eval__word_eq(struct word x, struct word y);
struct word eval__word_join(struct shell *sh, struct word x, struct word y);
struct word eval__chars(
    struct shell *sh, const struct byteset *set, size_t min, size_t max, struct str source);

const struct var *eval__var(struct shell *sh, const struct shell_state *st, struct str name);
/* What a new process sees of a name that is set here but not exported. */
const struct var *eval__hidden_var(void);
void eval__put_var(struct shell *sh, struct shell_state *st, struct str name, const struct var *v);
/* Assigns as `name=value` does: attributes, export and what hangs on the name. */
void eval__assign(struct shell *sh, struct shell_state *st, struct str name, const struct value *v);
void eval__assign_anything(
    struct shell *sh, struct shell_state *st, struct str name); /* even unset, or an array */
void eval__assign_word(struct shell *sh, struct shell_state *st, struct str name, struct word w);
void eval__assign_any(struct shell *sh, struct shell_state *st, struct str name);
void eval__export(struct shell *sh, struct shell_state *st, struct str name, enum tri on);
/* What was holds, or value. */
const struct var *eval__var_or(struct shell *sh, const struct var *was, struct value *value);
/* What either holds. */
const struct var *eval__var_join(struct shell *sh, const struct var *x, const struct var *y);
/* Perhaps readonly: an assignment is an error. */
bool eval__fixed(struct shell *sh, const struct shell_state *st, struct str name);
void eval__unset(struct shell *sh, struct shell_state *st, struct str name);
/* Changes what the shell does with names, directories, code. */
/* path_zsh.c: zsh's path, where it is not assigned; and PATH or it was: the other is the same. */
const struct var *eval__path_var(struct shell *sh, const struct shell_state *st);
void eval__tie_path(struct shell *sh, struct shell_state *st, struct str name);
void eval__named(struct shell *sh, struct shell_state *st, struct str name);
/* Assigning to it makes the shell run something (BASH_ALIASES, zsh functions). */
/* The shell looks programs up with it: PATH and its like. */
bool eval__counts_name(const struct shell_state *st, struct str name);
bool eval__finds_name(const struct shell_state *st, struct str name);
/* From now on this name may run that file (hash -p). */
void eval__hashed(struct shell *sh, struct shell_state *st, struct str name, struct word file);
bool eval__runs_name(const struct shell_state *st, struct str name);
/* Any variable may hold anything; what kind it is stays. */
void eval__forget_vars(struct shell *sh, struct shell_state *st);
void eval__assign_unknown(struct shell *sh, struct shell_state *st, struct str why);
void eval__attrs(
    struct shell *sh, struct shell_state *st, struct str name, unsigned set, unsigned clear);
bool eval__is_name(struct str s);
bool eval__reads_name(struct str name); /* PS4 IFS … */
struct value eval__value_any(void);
struct value eval__value_word(struct word w);

#endif
