/* SPDX-License-Identifier: ISC */
/*
 * tools.h (inside the component): how models, option parsers, resolvers and
 * the reading of one request fit together. Public door: bridle/tools.h.
 *
 *   read.c      tools_read: request -> reading -> shell -> actions
 *   command.c   one simple command: which program, wrapper, interpreter, tool
 *   model.c     models as data (static tables made by mkmodels from JSON, or
 *               loaded at run time), look-ups
 *   options.c   argv -> path, options, operands by the model's parser
 *   pattern.c   rule patterns through the same parsers
 *   overlay.c   files as the line has left them so far
 *   wrap.c interp.c script.c   commands inside commands
 *   fly.c git_….c gh.c …        resolvers
 */
#ifndef TOOLS_TOOLS_H
#define TOOLS_TOOLS_H

#include "bridle/shell.h"
#include "bridle/tools.h"

/* ---- models: plain data, so that the built-in ones are static const ---- */
enum tool_parser {
	PARSER_GETOPT,  /* GNU: options anywhere, long abbreviations, bundles, -- */
	PARSER_POSIX,   /* options end at the first operand */
	PARSER_PFLAG,   /* cobra + pflag, exactly (facts: fly-semantics 2, 3) */
	PARSER_GIT,     /* git globals, then parse-options */
	PARSER_SUBCOMMANDS, /* words are subcommands, options anywhere (docker, kubectl, pnpm …) */
	PARSER_WORDS    /* find-like: single-dash long words, order matters */
};
enum option_arg { ARG_NONE, ARG_REQUIRED, ARG_OPTIONAL };
struct model_option {
	struct str name;      /* canonical, without dashes; one letter if it has no long form */
	struct str longs[3];  /* further long spellings */
	char letter;          /* 0: none */
	enum option_arg arg;
	enum option_class cls;
	bool list, secret, hidden, negatable, comma;
	bool number;          /* -20 gives it, too (tail, grep) */
	struct str alias_of;  /* canonical name of the option it stands for (--auto-confirm -> yes) */
	struct str type;      /* "int", "float", "duration": other values are refused by the tool; may be empty */
	struct str optional_value; /* value when given without one */
	struct str field;     /* its value feeds this field: app org region image config …; may be empty */
	struct str runs;      /* its value is: "shell" text, "argv" words, "program", "file-write", "file-fetch" (what comes from elsewhere), "file-read"; may be empty */
	struct str effect;    /* giving it makes the command's effect this; may be empty */
	uint32_t unlike;      /* bit c % 32: no spelling begins with c, nor with "no-" and c; 0: not looked at */
};
struct model_command {
	const struct str *path;
	size_t npath;
	const struct str *aliases; /* of the last word */
	size_t naliases;
	bool runnable, hidden, dead; /* dead: deprecated stub, prints help */
	bool tail;                 /* what follows the first -- is taken off before anything is looked at */
	struct str effect;         /* read write destroy exec local auth; empty: a group */
	struct str resolver;       /* name of a C resolver, may be empty */
	struct str today;          /* former spelling: what to type today; may be empty */
	int min_args, max_args;    /* -1: no bound */
	struct str operands;       /* roles in order, blank-separated: "target", "target*" (one action each), "secret*", "dir", "command", "host", "file-read", "file-write", "any" … */
	struct str app_scope;      /* fly: as in facts/fly-commands.json */
	const struct model_option *const *opts; /* shared between commands; only command_option reads them */
	size_t noptions;
	unsigned list;             /* what model_packed.c knows them by; 0: they are there */
	const struct str *required; /* options without which the tool refuses */
	size_t nrequired;
	unsigned end;              /* commands[own index + 1 .. end) are below this one */
};
struct model_scope { /* where a field's value comes from, in this order */
	struct str field;
	struct str option;         /* canonical option; may be empty */
	const struct str *env;
	size_t nenv;
	struct str config_option;  /* option that names the file */
	const struct str *files;   /* default files in the directory */
	size_t nfiles;
	struct str key;            /* key in it; ASCII case does not matter */
};
struct tool {
	struct str name;
	const struct str *names; /* all program names, name among them */
	size_t nnames;
	enum tool_parser parser;
	bool guarded;            /* fly, git: default.policy and guesses speak of it */
	bool doors_only;         /* short entry: options not listed are plain */
	bool unknown_refused;    /* unknown options are errors of the tool itself (fly); else maybe */
	struct str describes;
	struct str resolver;     /* for all its commands; may be empty */
	struct str runner;       /* "package-json", "makefile", "script", … looked into by script.c; may be empty */
	const struct model_option *const *globals;
	size_t nglobals;
	const struct model_command *commands; /* sorted by path; [0] may be the root (npath 0) */
	size_t ncommands;
	const struct model_scope *scopes;
	size_t nscopes;
	const struct str *env;   /* variables it reads (scope or door) that the world must be asked for */
	size_t nenv;
	const struct str *door_env; /* variables that make an allow impossible when assigned on the line */
	size_t ndoor_env;
};
/* Wrappers: programs that run the command that follows (policies/tools/wrappers.json). */
struct wrapper {
	struct str name;
	bool transparent;       /* semantics 1: no action of its own */
	struct str start;       /* where the inner command starts: "operands" (after options and `skip` operands), "option:NAME", "after:--", "assignments" (env), "find", "xargs" … */
	int skip;               /* operands before it (timeout 1, docker exec 1, ssh 1) */
	struct str kind;        /* "argv", "shell" (joined with blanks, read by sh), "argv-or-shell" */
	struct str adds;        /* "words": stdin words follow (xargs); "braces": {} replaced (find); may be empty */
	struct str subcommand;  /* only below this one: "exec", "run" (docker); may be empty */
	const struct model_option *const *options;
	size_t noptions;
	size_t more;            /* so many entries of that name follow; of those compiled in */
};
/* What one JSON file holds: an object is one tool; an array holds tools
 * ("name") and wrappers ("wrapper"). Errors go to d; then ESYNTAX. */
struct model_set {
	VEC(struct tool) tools;
	VEC(struct wrapper) wrappers;
};
int model__load(struct arena *a, struct str json, struct str file, struct model_set *out,
    struct diags *d);
typedef VEC(struct model_command) commands_vec;
/* Sorts commands, adds groups that only longer paths name, finds subtrees.
 * Returns one that stands twice, or NULL. */
const struct model_command *model__tree(struct arena *a, commands_vec *list);
/* The subcommand of the group whose name is nearest to a word that is none; empty: none is near. */
struct str model_nearest(struct arena *a, const struct tool *t, const struct model_command *group, struct str word);
/* ---- model_packed.c: the models that are compiled in ---- */
const struct tool *models__packed_tool(struct str program); /* NULL: none of that name */
bool models__packed_field(struct str field); /* does any of them feed this field? */
const struct wrapper *models__packed_wrappers(struct str program, size_t *n); /* as models__wrapper */
void models__packed_list(unsigned list); /* unpacks a command's options */
/* Does `is` hold for any model that a policy added? */
bool models__any_added(const struct models *m, bool (*is)(const struct tool *t, struct str what), struct str what);
const struct wrapper *models__wrapper(const struct models *m, struct str program, size_t *n); /* all entries of that name */

/* The i-th of noptions. */
static inline const struct model_option *
command_option(const struct model_command *c, size_t i)
{
	if (c->opts[i] == NULL)
		models__packed_list(c->list);
	return c->opts[i];
}

/* May a spelling of the option begin as name does? */
static inline bool
option_begins(const struct model_option *o, struct str name)
{
	return name.n == 0 || (o->unlike >> (name.p[0] & 31) & 1) == 0;
}

/* ---- parsed command line ---- */
struct parsed {
	const struct model_command *command; /* NULL: none found */
	VEC(struct option_value) options;
	VEC(struct words) operands; /* slots; a command has one alternative each */
	VEC(size_t) operand_at;     /* index in argv */
	VEC(struct words) tail;     /* model_command.tail: the words after -- */
	struct str unsure;          /* maybe: source of the word that could be options */
	VEC(struct str) negated;    /* git: names given as --no-NAME, whatever stood before is taken back */
	size_t dashdash;            /* git: operands in front of a `--`, plus one; 0: none stands there */
	bool maybe;    /* unknown words: path, options or operands may differ */
	bool open;     /* maybe: not even the subcommand is known; any below command */
	bool rest;     /* further unknown words may follow */
	bool help;     /* certainly only prints help */
	bool refused;  /* the tool itself would refuse; error says why */
	struct str error;
	struct str unknown_word; /* the subcommand or option that is unknown */
	size_t unknown_at;
};
/* slots: one alternatives list per word; [0] is the program. pattern: words
 * come from a rule (globs in them are text of values, `...` already cut). */
int options_parse(const struct tool *t, struct arena *a, const struct words *slots, size_t n,
    bool pattern, struct parsed *out);
const struct option_value *parsed__option(const struct parsed *p, struct str name);
static inline const struct option_value *
parsed_option(const struct parsed *p, const char *name) /* NULL: not there */
{
	return p->options.n == 0 ? NULL : parsed__option(p, str_of(name));
}
bool parsed_negated(const struct parsed *p, const char *name); /* given as --no-NAME */

/* ---- one request ---- */
struct overlay;
struct git_opened;
struct reading {
	const struct models *models;
	const struct world *world;
	const struct request *request;
	struct arena *a;
	struct shell *shell;
	struct overlay *overlay; /* of the state that is judged now */
	struct actions *out;
	unsigned depth;       /* commands inside commands */
	unsigned flags;       /* ACTION_INNER, ACTION_LOOKED, ACTION_GUESS … for what is found now */
	unsigned parent;      /* id of the action that it is found under; 0 */
	struct str chain;
	size_t bytes_read, lookups;
	struct world view;    /* world as the line has left it: looks go through the overlay */
	const struct shell_command *outer; /* whose standard input commands without one inherit; may be NULL */
	const struct shell_redir *redirs; /* of the wrapper whose inner command is run: dealt with; may be NULL */
	bool away;            /* on another machine: its files are not the ones here */
	bool wrote_away;      /* a redirection wrote a file there */
	bool decisive;        /* a failure of the text that is run now fails the whole call */
	unsigned same_as;     /* shell id of the wrapper that succeeds exactly when its inner command does; 0 */
	struct overlay *first; /* before anything ran: no file is changed */
	struct shell_state *state; /* of the command that is read now; NULL: none */
	bool limit_told;      /* that judging may not look at more files */
	bool guessing;        /* the words that are read now are a guess (guess.c) */
	const struct word *copier; /* argv of the command of which samefile.c has said what it copies */
	struct word copied;
	bool copies;
	struct words shell_options; /* of the new shell that reads the text that is run next: see shell_start_options */
	struct str prelude;   /* of that shell: what it reads before the text */
	bool prelude_read;
	struct word shell_source; /* the file of the text that is run next; empty: none */
	struct str shell_name; /* of the shell that reads the text that is run next; empty: see the command's own name */
	struct { /* the command line that was parsed last: most are asked about more than once */
		const struct tool *tool;
		struct words argv;
		struct parsed *p;
	} line;
	struct git_opened *git; /* what was opened last (git_open.c); may be NULL */
	struct str running;   /* the files that are run now: see reading_runs (read.c) */
	struct order *order;  /* which actions a shell command became (read.c) */
	struct map *plain;    /* paths that no link stands on (plain.c) */
	struct str nothing;   /* where no link stands on the way, and nothing at its end: the last of these */
	struct str beneath;   /* the request's folder: no link down to it counts; empty where it is / or in a .git */
	struct map *written;  /* redirections seen, by their text (redirect.c) */
};
/* Appends an action (flags and parent from rd, order and state from c/st
 * already applied); NULL when LIMIT_ACTIONS is crossed (reported once). */
struct action *reading_add(struct reading *rd, enum action_kind kind, struct shell_state *st,
    const struct shell_command *c);
/* argv as t reads it; not to be changed. */
int reading_parse(struct reading *rd, const struct tool *t, struct words argv, const struct parsed **out);
void reading_unknown(struct reading *rd, enum unknown_kind kind, struct str typed, struct str why);
/* A copy of n fields that an action may be given, with the room that field_set counts on. */
struct field *reading_fields(struct reading *rd, const struct field *from, size_t n);
void field_set(struct reading *rd, struct action *act, const char *name, struct words values, struct str from);
void field_set_str(struct reading *rd, struct action *act, const char *name, struct str value);
void field_set_text(struct reading *rd, struct action *act, const char *name, const char *value);
void field_absent(struct reading *rd, struct action *act, const char *name);
void field_unknown(struct reading *rd, struct action *act, const char *name, struct str why);
/* Not known, but none of others than these n, if any. */
void field_one_of(struct reading *rd, struct action *act, const char *name, const char *const *values, size_t n,
    struct str why);
/* An absolute path for a word in st's directory (first alternative `i`);
 * unknown pieces stay. */
struct word reading_path(struct reading *rd, const struct shell_state *st, struct word w, size_t i);
/* Judge argv as a command run from here / shell text run by a new shell. */
int reading_run_argv(struct reading *rd, struct shell_state *st, struct words argv,
    const struct shell_command *like, unsigned action_flags, struct str chain);
int reading_run_shell(struct reading *rd, struct shell_state *st, struct word text,
    const struct shell_command *like, unsigned action_flags, struct str chain,
    struct word argv0, struct words args);
/* The same, and what the text prints, without its last newlines: EUNKNOWN if
 * that is not known. */
int reading_run_output(struct reading *rd, struct shell_state *st, struct word text,
    const struct shell_command *like, unsigned action_flags, struct str chain, struct word *out);

/* ---- files as the line has left them ----
 * Writes change the state of the command that is read (rd->state); the shell
 * joins states where ways meet, so `sure` is false only where this very
 * command may not do it. */
struct overlay_state { /* alternatives: any of these may be the content now */
	VEC(struct str) texts;
	bool absent;  /* may not exist */
	bool unknown; /* may also be anything … */
	unsigned by;  /* … since the line wrote it: WROTE_…; 0: it has not */
};
enum wrote {
	WROTE_WHOLE = 1 << 0, /* all of it: > f, dd */
	WROTE_PART = 1 << 1   /* it was changed: sed -i; or comes from elsewhere: curl -o, tee */
};
/* Whether the line has written this file; path empty: any at all. */
bool overlay_wrote(struct reading *rd, struct str path);
/* The files at or below dir that it has written. */
size_t overlay_written(struct reading *rd, struct str dir, struct str **out);
/* Does the world come to a clean path without a link? One that leads to
 * /proc/self is another's for whoever follows it. What lies in .git, git made. */
bool overlay_plain(struct reading *rd, struct str path);
/* Content of an absolute path: the overlay's, else the world's (bounded). */
int overlay_read(struct reading *rd, struct str path, struct overlay_state *out);
/* The single known content: 0, ENOENT, EUNKNOWN (several or unknown). */
int overlay_text(struct reading *rd, struct str path, struct str *out);
/* Bytes of the world's file that the line has not changed; EUNKNOWN: read it whole. */
int overlay_part(struct reading *rd, struct str path, uint64_t offset, size_t n, struct str *out);
/* sure: it certainly happens, old content is gone; else both are possible. */
void overlay_write(struct reading *rd, struct str path, struct str text, bool sure);
/* The file of another tree, which may hold this too; nobody has written it. */
void overlay_assume(struct reading *rd, struct str path, struct str text);
void overlay_append(struct reading *rd, struct str path, struct str text, bool sure);
void overlay_remove(struct reading *rd, struct str path, bool sure);
void overlay_unknown(struct reading *rd, struct str path, unsigned by); /* may be anything from now on */
void overlay_unknown_under(struct reading *rd, struct str dir);  /* all below too */
/* The files below dir that have one of these names. */
void overlay_unknown_named(struct reading *rd, struct str dir, const struct str *names, size_t n);
int overlay_stat(struct reading *rd, struct str path, bool follow, struct world_stat *out);
int overlay_list(struct reading *rd, struct str dir, struct world_entry **out, size_t *n);

typedef VEC(struct need) needs_vec;

/* ---- resolvers: what no table can say ---- */
struct resolver {
	const char *name;
	/* Completes proto (path, options, operands, effect set by command.c)
	 * and adds one action per target: change and keep proto itself as the
	 * first, reading_add further copies. May be NULL. */
	int (*command)(struct reading *rd, struct shell_state *st, const struct shell_command *c,
	    const struct parsed *p, struct action *proto);
	/* Turns operands and options of a rule's pattern into needs. May be NULL. */
	int (*pattern)(struct arena *a, const struct parsed *p, struct pattern *out,
	    needs_vec *needs, struct str *error);
	/* What the command prints (for $(…)); may be NULL. */
	int (*output)(struct reading *rd, struct shell_state *st, const struct shell_command *c,
	    const struct parsed *p, struct word *out);
	/* Before parsing: rewrite argv (git aliases, dashed git-push). Returns
	 * 1 when it handled the command wholly itself, 0 to go on. May be NULL. */
	int (*before)(struct reading *rd, struct shell_state *st, const struct shell_command *c,
	    struct words *argv);
};
const struct resolver *resolver_find(struct str name); /* table in resolvers.c */


#endif
