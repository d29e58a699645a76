/* SPDX-License-Identifier: ISC */
/*
 * policy.h: the text that a person writes -> rules -> which of them match an
 * action. Knows no shell text and takes no decision (decide does).
 */
#ifndef BRIDLE_POLICY_H
#define BRIDLE_POLICY_H

#include "bridle/action.h"
#include "bridle/tools.h"

struct policy;

enum policy_layer { LAYER_BUILTIN, LAYER_SYSTEM, LAYER_USER, LAYER_PROJECT };
struct policy_source {
	enum policy_layer layer;
	bool trusted;     /* PROJECT: a person trusted these exact bytes */
	struct str name;  /* shown: "fly.policy" */
	struct str path;  /* for relative includes; may be empty */
	struct str text;
};
struct policy_loader {
	void *ctx;
	/* include PATH / include <name> / model PATH. from is the including file's path. */
	int (*include)(void *ctx, struct arena *a, struct str from, struct str name,
	    bool shipped, struct str *text, struct str *path);
};
/*
 * Parses, checks and compiles; tests are not run (decide_selftest does). The
 * built-in rules are always among them; further sources of LAYER_BUILTIN may
 * add what depends on this machine (our pid, an XDG folder). Errors in a
 * project's file that is not trusted are warnings, and what is wrong is left
 * out: it must not keep the others from loading.
 * On errors returns ESYNTAX, *out is NULL and d says all. Lives in a, with all
 * that pcre2 holds for it.
 */
int policy_load(struct arena *a, const struct policy_source *sources, size_t n,
    const struct policy_loader *loader, struct policy **out, struct diags *d);
const struct models *policy_models(const struct policy *p);

enum rule_kind { RULE_COMMAND, RULE_GLOB, RULE_REGEX, RULE_RAW, RULE_EDIT, RULE_READ, RULE_TOOL };
struct rule_ref { /* what others may know of a rule */
	enum verdict verdict; /* ALLOW, ASK, DENY */
	enum rule_kind kind;
	struct str file;   /* as shown; built-in rules: "built-in" */
	unsigned line;
	struct str text;   /* first line as written: "deny fly deploy --app $app" */
	struct str name;   /* built-in rules have names: "bridle:settings" */
	struct str because; /* may be empty (never on deny) */
	struct str instead; /* may be empty */
	bool final;
	enum policy_layer layer;
	bool shipped;      /* stands in a policy that comes with bridle and was included */
};
struct rule;
const struct rule_ref *rule_ref(const struct rule *r);
/* ref.instead, and where the rule waits for just that: with the configuration
 * file that the command names, "fly config validate -c fly.staging.toml". */
struct str rule_instead(const struct rule *r, const struct action *act, struct arena *a);
/* Its pattern and conditions in one line, lets expanded: "fly deploy --app app-api". */
struct str rule_brief(struct arena *a, const struct rule *r);
/* The policy as a section for an agent, at most `lines` lines and `bytes`
 * bytes, in the order of the policy; where there are more rules, those of
 * shipped files are left out first. The same policy gives the same bytes. */
struct str policy_outline(struct arena *a, const struct policy *p, size_t lines, size_t bytes);

struct hit {
	const struct rule *rule;
	enum tri match;  /* YES or MAYBE; an allow is only ever YES */
	struct str why;  /* MAYBE: what is not known, a phrase ("the app is not known: $APP"); YES: may add detail ("app_api changes from x to y") */
};
struct hits {
	VEC(struct hit) list;
};
struct match_world {
	const struct world *world;      /* done, hash, read for `listed in` */
	const struct request *request;
	const struct actions *all;      /* for `done` left of && */
};
/* Every rule that speaks of this action, strictest first; within, file order, those with `unless` last. */
void policy_match(const struct policy *p, const struct match_world *w,
    const struct action *act, struct arena *a, struct hits *out);
/* raw regex rules on the whole string as sent. */
void policy_match_raw(const struct policy *p, const struct match_world *w, struct str text,
    struct arena *a, struct hits *out);

/* default / dynamic / opaque / unknown-path: strictest over the layers. */
enum policy_default { DEFAULT_COMMAND, DEFAULT_EDIT, DEFAULT_READ, DEFAULT_TOOL, DEFAULT_DYNAMIC, DEFAULT_OPAQUE, DEFAULT_UNKNOWN_PATH, DEFAULT__N };
enum verdict policy_default(const struct policy *p, enum policy_default which);
bool policy_default_set(const struct policy *p, enum policy_default which); /* a file says it */
bool policy_monitor(const struct policy *p);
bool policy_people_ask(const struct policy *p);
/* How many statements of a project's untrusted file have errors and might forbid
 * something: what they speak of is asked about. *first (or NULL): the first error. */
size_t policy_broken(const struct policy *p, const struct diag **first);
/* settings: NULL if not set. */
const char *policy_setting(const struct policy *p, const char *key);

/* Order (semantics 7). Keys of the deeds that this action, having succeeded,
 * completes for some rule's `unless done`; made of pattern, configuration
 * file, app/region and the since-files' hash. persist: has `since`. */
struct deed {
	struct str key;
	bool persist;
	struct str text; /* for people: "fly config validate" */
};
struct due { /* what a rule with `since` wants done again after an edit */
	const struct rule_ref *rule;
	struct str path, what; /* the file; "fly config validate" */
};
struct deeds {
	VEC(struct deed) list;
	VEC(struct due) due;
};
int policy_deeds(const struct policy *p, const struct match_world *w, const struct action *act,
    struct arena *a, struct deeds *out);

/* Adds to out->due what this edit makes necessary. */
void policy_due(const struct policy *p, const struct match_world *w, const struct action *edit, struct arena *a,
    struct deeds *out);

/* ---- tests in policies ---- */
struct policy_given { struct str key, value; }; /* "branch" "main"; "env.X" "v"; "file:fly.toml" "…" */
struct policy_test {
	struct str file;
	unsigned line;
	enum verdict expect; /* ALLOW PASS ASK DENY */
	struct str command;  /* raw shell text, or for edit: path and K=V… */
	bool edit;
	const struct policy_given *givens;
	size_t ngivens;
	const struct rule *rule; /* clause of this rule; NULL: statement */
	bool untrusted;      /* of a project's file that no person trusted: a failure must not keep the policy from loading */
};
size_t policy_tests(const struct policy *p, const struct policy_test **out);
size_t policy_rules(const struct policy *p, const struct rule *const **out); /* in order */

/* lint: warnings of policy-language.md ("bridle lint"), into d. */
void policy_lint(const struct policy *p, struct diags *d);
/* fmt: canonical formatting, comments kept, idempotent. ESYNTAX: d says. */
int policy_format(struct arena *a, struct str text, struct str file, struct str *out, struct diags *d);
/* Switches one rule off or on: which tests miss it (bridle test --pins)? */
void policy_rule_off(struct policy *p, const struct rule *r, bool off);
/* Names for the hook's matcher: which agent tools rules can speak of. */
int policy_tool_names(const struct policy *p, struct arena *a, struct str **names, size_t *n);

#endif
