/* SPDX-License-Identifier: ISC */
/*
 * import.h: what the files of `bridle import` share: a permission rule of
 * Claude Code, what it matches (oldrule.c), the rule of ours that says what it
 * meant (translate.c), and examples of where the two differ (example.c).
 */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include "cli.h"

enum old_list { OLD_DENY, OLD_ASK, OLD_ALLOW, OLD_NLISTS };
extern const char *const old_list_names[OLD_NLISTS]; /* "deny", "ask", "allow" */

struct old_rule {
	enum old_list list;
	struct str text;       /* as it stands: "Bash(fly deploy --app app-api*)" */
	struct str tool, spec; /* "Bash", "fly deploy --app app-api*"; spec empty: the whole tool */
};
struct old_rules {
	VEC(struct old_rule) list;
};
/* The rules of a settings file in the order in which they are asked. ESYNTAX
 * with *why: it does not parse. */
int old_rules_read(struct arena *a, struct str settings, struct old_rules *out, struct str *why);
/* Does the client's matching of a Bash rule hit this command line? */
bool old_rule_hits(const struct old_rule *r, struct str command);

struct example {
	struct str command;
	struct str given[2]; /* the world that it stands in, as in a policy's `given`; may be empty */
};
struct examples {
	VEC(struct example) list;
};
struct new_rule {
	struct old_rule old;
	struct str text;       /* statements with clauses, but no tests; empty: not translated */
	struct str why;        /* not translated: why, and what to do */
	struct str keep;       /* why the old rule should stay where it is; empty: it may go */
	struct example base;   /* Bash: the line that the rule names; its command is empty for others */
	struct examples also;  /* the old rule hits these, ours does not */
	struct examples missed; /* ours hits these, the old one does not */
};
/* settings_user: paths that begin with / hang below ~/.claude. */
void import_translate(struct arena *a, const struct old_rule *old, bool settings_user, struct new_rule *out);
/* Spellings and neighbours of the line that a Bash rule names, most telling first. */
void import_spellings(struct arena *a, const struct old_rule *old, struct example base, struct examples *out);
/* Fills also and missed, at most `most` of each. */
void import_compare(struct arena *a, struct new_rule *r, size_t most);

/* A policy of text alone; NULL: it has errors. */
struct policy *import__load(struct arena *a, struct str text);
enum verdict import__judge(const struct policy *p, const struct example *e);
/* The words of a rule's text, split at blanks outside quotes. */
struct old_words {
	VEC(struct str) list;
};
void import__split(struct arena *a, struct str text, struct old_words *out);
struct str import__join(struct arena *a, const struct str *v, size_t n);
/* What the star at the end leaves open: nothing (there is none); further
 * words (behind a blank or ":"); further words, and longer last words (glued to
 * a name: "app-api*"); the rest of a name (behind a slash or the like). */
enum old_tail { TAIL_NONE, TAIL_WORDS, TAIL_GLUED, TAIL_IN_WORD };
/* The tail of a spec, and the spec without it (TAIL_IN_WORD: with it). */
enum old_tail import__tail(struct str spec, struct str *stem);

#endif
