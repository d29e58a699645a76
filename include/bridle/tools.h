/* SPDX-License-Identifier: ISC */
/*
 * tools.h: what programs do. Tool models (data, policies/tools/NAME.json, compiled
 * into the binary) and resolvers (small C where no table can say it) turn the
 * shell's simple commands into actions, and rule patterns into needs over the
 * same names. Knows no rule and no verdict.
 */
#ifndef BRIDLE_TOOLS_H
#define BRIDLE_TOOLS_H

#include "bridle/action.h"

struct models; /* the built-in ones plus what a policy adds */
struct tool;   /* one model; const, shared */

/* Never NULL. Costs no parsing: built-in models are static data. */
struct models *models_new(struct arena *a);
/* The memory that the built-in ones are unpacked into when they are met, part by
 * part from i = 0: for a program that wants to be given it at once. false: no more. */
bool models_room(size_t i, void **p, size_t *n);
/* Adds or replaces a model. json lives as long as a. Errors go to d. */
int models_add(struct models *m, struct str json, struct str file, struct diags *d);
/* `wrapper NAME [-o …]`: NAME runs the command that follows it. */
int models_add_wrapper(struct models *m, struct str name, const struct str *value_options, size_t n);
const struct tool *models_find(const struct models *m, struct str program); /* any of its names; NULL */
/* The tool whose names rules of this policy may speak of most: every model marked "guarded" (fly, git). For default answers and guesses. */
bool models_guarded(const struct models *m, struct str program);
/* A rule of ask or deny names this program, which may have no model: as later
 * words of an unknown program it is guessed at (semantics 3). */
void models_speak_of(struct models *m, struct str program);
bool models_spoken_of(const struct models *m, struct str program); /* or guarded */
struct str tool_name(const struct tool *t);
struct str tool_describes(const struct tool *t); /* version that the model describes */
bool tool_doors_only(const struct tool *t); /* known only by its doors */
/* A program that only reads, of which words that are not known (`xargs grep x`)
 * can be nothing but plain options and operands: its model has no door. */
bool tools_without_doors(const struct action *act);

/* ---- patterns: a rule's command, compiled in an empty world ---- */
enum need_when { NEED_ALWAYS, NEED_TIGHTEN, NEED_LOOSEN }; /* in which places it counts: NEED_LOOSEN only where the pattern loosens (allow, except of deny…) */
struct need { /* the action's field must be one of these */
	struct str name;
	struct words any;
	enum need_when when;
};
struct option_need {
	struct str name; /* canonical long name */
	enum option_class cls;
	bool boolean, list;
	struct words any; /* one slot: alternatives for the value; n 0: present is enough */
};
struct pattern {
	struct str program;      /* canonical tool name, or the word as written */
	const struct words *slots; /* as written, one alternatives list a word; slots[0] is the program */
	size_t nslots;           /* without the final ... */
	bool rest;               /* ended in ... */
	const struct tool *model; /* NULL: compared word by word (semantics 4, "No model") */
	const struct str *path;
	size_t npath;
	bool path_open;          /* names a group only (`fly`, `fly volumes`): any subcommand below */
	const struct need *needs;
	size_t nneeds;
	const struct option_need *options;
	size_t noptions;
	const struct words *operands; /* slots not turned into needs, in order */
	size_t noperands;
	size_t fielded;          /* of the action's leading operands so many are compared by needs */
	struct words targets;    /* model's target operands as alternatives; n 0: none named */
	const struct need *assigns; /* NODE_ENV=test in front */
	size_t nassigns;
};
/* Compiles slots (after let-expansion) to a pattern. Unknown subcommands and
 * options of a modelled tool are errors with the nearest word in d (line and
 * column are the caller's, given by column_of slot). loosen: the pattern
 * stands in an allow (naming a transparent wrapper is an error, ... needs a
 * model or a doors entry). */
int tools_pattern(const struct models *m, struct arena *a, const struct words *slots,
    size_t n, bool loosen, struct pattern *out, struct diags *d, struct str file,
    unsigned line, const unsigned *columns, struct str text);
/* Does the field exist for this tool (`when region is …`)? for checks. */
bool tools_field_known(const struct models *m, struct str field);

/* ---- requests -> actions ---- */
struct actions {
	VEC(struct action *) list; /* in order of execution, ids from 1 */
	VEC(struct str) unknown;   /* source texts of what stayed unknown: "$REGION" */
};
/*
 * Reads a request. Returns 0 also for nonsense: what cannot be known becomes
 * ACTION_UNKNOWN. Everything is allocated in a.
 */
int tools_read(const struct models *m, const struct world *w, const struct request *r,
    struct arena *a, struct actions *out);
/* Canonical text of a command action (semantics 1), and of it as typed. */
struct str action_text(struct arena *a, const struct action *act);
/* One file action's change, for `changing` and `adding` (see files below). */

/* ---- files: what an edit changes (policy asks) ---- */
struct key_change {
	struct str key;          /* "deploy.release_command", "vm.0.size" */
	struct str before, after; /* values for people; empty if absent */
};
/* Does the edit change a key matching one of `keys` (dots, * for one part)?
 * MAYBE if before or after is not known. first is filled on YES. */
enum tri file_changes(struct arena *a, const struct action *edit, struct words keys, struct key_change *first);
/* The names of all keys that the edit changes in a TOML or JSON file, never
 * their values; more: there are further ones. ENOENT where the file has no
 * keys by its name, EUNKNOWN where before or after is not known or does not
 * parse. */
int file_keys(struct arena *a, const struct action *edit, const struct str **keys, size_t *n, bool *more);
/* Does the edit bring in what CHECK looks for ("dockerfile-secret", …)? why
 * is filled on YES and MAYBE. EINVAL for an unknown check. */
int file_adds(struct arena *a, const struct action *edit, struct str check, enum tri *found, struct str *why);
bool file_check_known(struct str check);
/* The names of all checks, for errors. */
const struct str *file_checks(size_t *n);

/* ---- secrets: what the log must not hold ---- */
/* The secrets of a request: by the models, by the names before them, by shape;
 * text is the request's own. acts may be NULL. Lives in the arena. */
struct secrets;
struct secrets *secrets_collect(struct arena *a, struct str text, const struct actions *acts);
/* Replaces them, and what looks like one, in a text (a command line, a reason)
 * by "[redacted:KEYEDHASH]". hash may be NULL (then "[redacted]"); s may be
 * NULL: only by shape. */
typedef void secret_hash(void *ctx, struct str secret, char out[17]);
struct str secrets_redact(struct arena *a, const struct secrets *s, struct str text, secret_hash *hash, void *ctx);
/* Is it certain at one look that nothing would be taken out of this text? */
bool secrets_none(const struct secrets *s, struct str text);

#endif
