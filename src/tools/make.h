/* SPDX-License-Identifier: ISC */
/*
 * make.h: what the files that read Makefiles share: make.c (all of it), makefile.c
 * (lines, conditionals), make_rule.c, make_var.c (variables), make_call.c and
 * make_function.c (functions), make_recipe.c (which recipes run, in what order).
 * They know GNU make (its manual, 4.3 and 4.4) and nothing of actions: whatever
 * lies outside the text is asked of struct make_host. Who runs the recipes is
 * make_run.c.
 */
#ifndef TOOLS_MAKE_H
#define TOOLS_MAKE_H

#include "bridle/base.h"

/* One byte in a text that stands for what cannot be known; of PLAIN it is known
 * that nothing in it means anything to a shell. */
#define MAKE_UNKNOWN '\001'
#define MAKE_PLAIN '\002'
#define MAKE_ANY STR("\001")

#define MAKE_RULES_MAX 2000
#define MAKE_TEXT_MAX 65536 /* bytes of one expansion */
#define MAKE_STEPS_MAX 50000 /* references expanded in one reading */
#define MAKE_DEPTH_MAX 100
#define MAKE_READS_MAX 1000 /* files, and texts of $(eval …) */
#define MAKE_BYTES_MAX (4u << 20) /* read and expanded, in all readings together */
#define MAKE_NEEDS_DEPTH 200
#define MAKE_CHOICES_MAX 8 /* conditions that are not known: each is read both ways */

typedef VEC(struct str) strs_vec;

/* Text of a recipe: what make gives to a shell. */
struct make_recipe {
	struct str text;   /* may hold MAKE_UNKNOWN */
	struct str target; /* whose it is; $(shell) for what runs while make reads */
	struct str shell, flags; /* SHELL, .SHELLFLAGS */
	const struct make_export *exports; /* what make changes in its environment */
	size_t nexports;
};
struct make_export {
	struct str name, value; /* value may hold MAKE_UNKNOWN */
	bool unset;
};

struct make_host {
	void *ctx;
	/* A variable of make's environment: 0, ENOENT, EUNKNOWN. */
	int (*env)(void *ctx, struct str name, struct str *value);
	/* A file, its name relative to make's directory: 0, ENOENT, EUNKNOWN. text
	 * may be NULL: only whether it is there. */
	int (*file)(void *ctx, struct str name, struct str *text);
	/* Names that a pattern with * ? [ matches: 0, EUNKNOWN. */
	int (*glob)(void *ctx, struct arena *a, struct str pattern, strs_vec *out);
	/* Writes a file, or to its end. */
	void (*write)(void *ctx, struct str name, struct str text, bool append);
	/* A token that is another where files may hold something else than before. */
	const void *(*files_are)(void *ctx);
	/* Runs a recipe; output, if not NULL, is what it prints, without its last newline. */
	int (*run)(void *ctx, const struct make_recipe *r, struct str *output);
};
struct make_call {
	strs_vec files;   /* names and texts, in pairs */
	strs_vec goals;   /* none: the default goal */
	strs_vec assigns; /* NAME=VALUE on the line, or NAME:=VALUE … */
	struct str dir;   /* make's directory */
	bool dry;         /* -n -q -t: only what runs all the same */
	bool env_wins;    /* -e */
	bool no_rules;    /* -r: none but the makefile's */
	strs_vec include_dirs; /* -I */
	uint64_t level;   /* MAKELEVEL */
};
struct make_lost { /* what was not read */
	struct str text; /* not followed: where a command may be; empty: nothing */
	bool limit;      /* or more than is read */
};
/* Runs what make would. *lost begins as zeroes. 0, or an error of run's. */
int make_read(struct arena *a, const struct make_call *call, const struct make_host *host, struct make_lost *lost);
/* The same of a justfile: goals are a recipe's name and its arguments. */
int just_read(struct arena *a, const struct make_call *call, const struct make_host *host, struct make_lost *lost);

/* ---- inside ---- */
enum make_origin { MAKE_FILE, MAKE_COMMAND, MAKE_OVERRIDE, MAKE_AUTOMATIC };
struct make_var {
	struct str value;
	enum make_origin origin;
	bool simple;    /* := */
	bool more;      /* += of a target: behind what is further out */
	bool is_private;
	int exported;   /* 1: export, -1: unexport, 0: not said */
};
/* Variables that count where a text is expanded: innermost first, the
 * makefile's own at the end. */
struct make_scope {
	struct map *vars; /* name -> struct make_var *; may be NULL */
	const struct make_scope *outer;
	bool is_target;   /* a private one does not count further in */
};
struct make_rule {
	struct str target;      /* or the pattern, with its % */
	struct str needs, first; /* as text, and once more expanded with .SECONDEXPANSION */
	struct str stem;        /* static pattern rules */
	size_t from, to;        /* its lines */
	bool pattern, twice;    /* twice: a :: rule */
	bool own;               /* make has it built in */
	struct make_rule *next; /* of the same target, in order */
};
struct make_scoped { /* variables of a target, or of all that a pattern matches */
	struct str target;
	struct map *vars;
};
struct make_vpath { /* names like that are looked for in these folders, too */
	struct str pattern, dirs;
};
struct make {
	struct arena *a;
	const struct make_call *call;
	const struct make_host *host;
	struct make_scope globals;
	struct map *targets;  /* name -> first struct make_rule */
	strs_vec missing;     /* files to include that are not there */
	struct map *done;     /* targets that were visited */
	struct map *phony;
	struct map *exports;  /* names that a line exports, or not -> &make__yes, &make__no */
	VEC(struct make_rule *) patterns;
	VEC(struct make_scoped) scoped;
	strs_vec lines;       /* of recipes */
	struct str goal;      /* the first target */
	struct buf files;     /* MAKEFILE_LIST */
	char prefix;          /* .RECIPEPREFIX, in front of recipe lines */
	bool oneshell, second, export_all, posix, built_in; /* built_in: rules of make's own are read */
	bool dry;             /* no recipe runs but those that always do */
	VEC(struct make_vpath) vpath;
	bool again;           /* a file to include was made: all is read once more */
	unsigned rules, depth, depth_read, reads;
	size_t steps, bytes;
	struct buf lost;
	bool limit;
	/* Conditions that are not known: the n-th is taken as bit n says (0: true). */
	unsigned choices, nchoices;
	struct map *chosen;   /* what was asked -> &make__yes, &make__no */
	struct map *ran;      /* what ran in this or an earlier reading -> its output */
	int err;
};

/* How a line assigns: NAME OP VALUE. */
struct make_assign {
	struct str name, value;
	char op; /* '=' ':' '?' '+' '!' */
};
/* make_rule.c */
struct make_open { /* the rules whose recipe follows */
	VEC(struct make_rule *) rules;
	bool none;       /* a rule without a target: its recipe is nobody's */
};
void make__rule_line(struct make *m, struct make_open *open, struct str line);
void make__recipe_line(struct make *m, struct make_open *open, struct str line);

/* make_built_in.c: rules and variables that make has without a makefile */
extern const char make__built_in[];

/* makefile.c */
struct make_modifiers {
	bool export, unexport, override, is_private, define, undefine;
};
struct str make__modifiers(struct str line, struct make_modifiers *out); /* what follows them */
void make__assign(struct make *m, const struct make_scope *scope, const struct make_assign *as,
    const struct make_modifiers *mod);
struct str make__without_comment(struct make *m, struct str line);
void make__read_text(struct make *m, struct str text);
void make__add_makefile(struct make *m, struct str name); /* to MAKEFILE_LIST */
bool make__choose(struct make *m, struct str what); /* a condition that is not known */
struct str make__plain(struct str name); /* without ./ in front */
struct str make__located(struct make *m, struct str name); /* where VPATH finds it, or itself */
void make__found(struct make *m, struct str name, strs_vec *out); /* the files that a name with * ? [ is, or itself */
void make__lose(struct make *m, struct str text); /* it is not followed */
void make__limit(struct make *m); /* a limit is crossed */
/* Once for each text: gives what it prints. */
struct str make__run(struct make *m, const struct make_recipe *r, bool output);

/* make_var.c */
extern const bool make__yes, make__no;
struct make_var *make__find(struct str name, const struct make_scope *scope); /* NULL: none */
struct make_scope make__scope(struct make *m, const struct make_scope *outer); /* a new one within outer */
void make__put(struct make *m, const struct make_scope *scope, struct str name, struct str value);
struct str make__without_blanks(struct str s); /* in front */
void make__expand_into(struct make *m, struct buf *out, struct str text, const struct make_scope *scope);
/* What a command prints becomes v's value. */
void make__shell(struct make *m, struct make_var *v, struct str text, const struct make_scope *scope);
struct str make__expand(struct make *m, struct str text, const struct make_scope *scope);
bool make__assignment(struct str line, struct make_assign *out);
struct make_var *make__set(struct make *m, const struct make_scope *scope, const struct make_assign *as,
    enum make_origin origin);
/* The variable's value as it stands, unexpanded: 0, ENOENT, EUNKNOWN. */
int make__raw(struct make *m, struct str name, const struct make_scope *scope, struct str *value);
/* Index of the first of these bytes outside of $(…); n if there is none. */
size_t make__outside(struct str text, const char *bytes);
size_t make__reference_end(struct str text, size_t dollar);
const struct make_export *make__exports(struct make *m, const struct make_scope *scope, size_t *n);

/* make_call.c */
/* NAME ARGUMENTS of $(…), which `open` opened: false if it is no function. */
bool make__function(struct make *m, struct buf *out, struct str inside, char open, const struct make_scope *scope);

/* make_function.c */
size_t make__function_args(struct str name); /* how many it takes; 0: it is none of these */
struct str make__text_function(struct make *m, struct str name, const struct str *args, size_t n);
struct str make__patsubst(struct make *m, struct str from, struct str to, struct str text);
bool make__stem(struct str pattern, struct str text, struct str *stem); /* text matches the pattern with one % */
struct str make__joined(struct arena *a, const strs_vec *words);
struct str make__word(struct str *rest); /* the next word; empty: none */
static inline bool
make__unknown(struct str s)
{
	return str_chr(s, MAKE_UNKNOWN) != STR_NPOS || str_chr(s, MAKE_PLAIN) != STR_NPOS;
}

/* make_recipe.c */
void make__goals(struct make *m);

#endif
