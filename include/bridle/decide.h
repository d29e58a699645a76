/* SPDX-License-Identifier: ISC */
/*
 * decide.h: the heart. A request, a policy and a world in; a verdict and why
 * out. Pure: bridle check, the daemon, the tests and the fuzzers call the
 * same function. Never fails: whatever goes wrong is an ask with the reason.
 */
#ifndef BRIDLE_DECIDE_H
#define BRIDLE_DECIDE_H

#include "bridle/policy.h"

struct judged { /* one action and what was said of it */
	const struct action *action;
	enum verdict verdict;
	bool certain;             /* false: a rule matched maybe, or it is unknown */
	const struct rule *rule;  /* the rule that decided; NULL: a default */
	struct str why;           /* a phrase: detail of the rule, or which default and why */
	const struct hit *hits;   /* all rules that spoke, strictest first */
	size_t nhits;
};
struct decision {
	enum verdict verdict;  /* ALLOW PASS ASK DENY */
	bool certain;
	struct str reason;     /* never empty for allow, ask, deny; for agent and person; ≤ LIMIT_REASON, not redacted */
	const struct judged *judged; /* in order of actions */
	size_t njudged;
	const struct judged *decisive; /* the one that set the verdict; NULL: none */
	const struct rule *rule;       /* = decisive->rule or a raw rule's; may be NULL */
	struct actions actions;
	bool monitored;        /* mode monitor: verdict is PASS, `would` holds the real one */
	enum verdict would;
	const struct secrets *secrets; /* of the request (tools.h); may be NULL */
	bool final;            /* a final deny or a raw rule is among them: no grant lifts it */
};

/* a: the request's arena (its guard is set inside; on exhaustion the answer
 * is a constant ask). out is always filled. policy may be NULL: none could be
 * loaded; then commands that name a guarded tool ask, the rest pass. */
void decide(const struct policy *p, const struct world *w, const struct request *r,
    struct arena *a, struct decision *out);

/* interfaces.md, bridle check --json: one line, no newline. id may be empty. */
void decision_json(const struct decision *d, struct str id, struct buf *out);
/* The same for people: the line taken apart as a tree, secrets taken out. */
void decision_explain(const struct decision *d, const struct request *r, struct buf *out, bool colour, unsigned width);
/* The body of an audit record (audit.h): members without braces, every text
 * in it redacted first. Fields and order: bridle-audit(5). No content of a
 * file is in it. */
struct record_facts {
	const char *event; /* "decision"; the wrapper's: "wrapper" */
	long pid, uid;     /* of the peer */
	uint64_t took_us;
	struct str policy; /* hex of the policy's hash, shortened */
	struct str grant;  /* the grant that let it through; may be empty */
	struct str code;   /* approval code that was given out; may be empty */
};
typedef struct str record_redact(void *ctx, struct arena *a, struct str text);
void decision_record(const struct decision *d, const struct request *r, const struct record_facts *f,
    record_redact *redact, void *ctx, struct buf *out);

/* Deeds that a succeeded request completes (PostToolUse). */
int decide_deeds(const struct policy *p, const struct world *w, const struct request *r,
    struct arena *a, struct deeds *out);

/* What a grant is bound to: the meaning of every denied or asked action that
 * is not final, as stable text (tool, path, fields, options, operands), hashed
 * with w->hash into hex. n 0: nothing to grant. */
int decide_meanings(const struct decision *d, const struct world *w, struct arena *a, struct str **out, size_t *n);

/* Runs the policy's own tests in worlds made of their `given`s.
 * Each failure becomes a diag error at the test's line that says what was
 * decided instead and why. Returns the number of tests run. */
struct selftest {
	size_t run, failed;
};
void decide_selftest(const struct policy *p, struct arena *a, struct diags *d, struct selftest *out);

/* Which rules would a test miss? pinned[i] is of the i-th of policy_rules:
 * with that rule off, some test of the policy comes out differently. Rules are
 * switched off and on again; built-in ones are never pinned. */
void decide_pins(struct policy *p, struct arena *a, bool *pinned);

/* A world of tables, for selftest, unit tests and tests/cases. */
struct table_world {
	struct map *files; /* absolute path -> struct str * ; directories are implied */
	struct map *env;   /* name -> struct str * */
	struct map *done;  /* key -> anything; or texts of commands done, see decide_selftest */
	int64_t now;
	struct arena *a;
};
void table_world_init(struct table_world *t, struct arena *a, struct world *w);
void table_world_file(struct table_world *t, struct str path, struct str content);
void table_world_env(struct table_world *t, struct str name, struct str value);

/*
 * Where tests happen: /project is project root and directory, /home/dev is
 * home, user dev, no environment, no repository, no fly.toml. decide_given
 * changes that: app= branch= upstream= env.NAME= cwd= mode= agent= user=
 * remote.NAME=URL gitconfig:KEY=VALUE ref:refs/…=SHA file:PATH=TEXT (\n, \t
 * and \\ are read; PATH relative to /project) done:COMMAND. EINVAL: an
 * unknown key, *what is a phrase.
 */
void decide_test_world(struct table_world *t, struct request *r, struct arena *a, struct world *w);
int decide_given(const struct policy *p, struct table_world *t, const struct world *w,
    struct request *r, struct str key, struct str value, struct str *what);
/* `test VERDICT edit PATH KEY=VALUE…` as a request. */
int decide_edit_request(struct table_world *t, struct request *r, struct str words, struct str *what);

#endif
