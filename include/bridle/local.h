/* SPDX-License-Identifier: ISC */
/*
 * local.h: the machine as bridle's programs see it, shared by daemon and
 * command: the real `struct world`, where policies lie, what was trusted,
 * who asks. Layer 7: does I/O, decides nothing.
 */
#ifndef BRIDLE_LOCAL_H
#define BRIDLE_LOCAL_H

#include "bridle/decide.h"

#include <dirent.h>

/* ---- the real world: files and an environment, within the limits ---- */
struct local_world {
	struct arena *a;
	const char *const *env;  /* "K=V", NULL-terminated; NULL: nothing is known of it */
	bool env_cut;            /* there were more: a name not in env is not known */
	unsigned env_asked;      /* how often it was asked for a variable */
	struct map *env_map;     /* made when it is asked often */
	struct map *seen;        /* path -> what lstat said; of this request alone */
	struct str nothing;      /* the last of them that is not there; empty: none yet */
	int part_fd;             /* of the file that parts were read of last; -1: none */
	struct str part_path;
	DIR *dir;                /* being listed */
	size_t bytes, lookups;   /* used of LIMIT_FILES_BYTES, LIMIT_LOOKUPS */
	void *done_ctx;
	bool (*done)(void *ctx, struct str key); /* NULL: nothing was done */
};
/* env must outlive lw. a: the request's arena. */
void local_world_init(struct local_world *lw, struct arena *a, const char *const *env, struct world *out);
/* After the request: closes what a jump out of memory left open. */
void local_world_close(struct local_world *lw);
/* BLAKE2b-256. Also what world.hash calls. */
void local_hash(void *ctx, struct str bytes, unsigned char out[32]);
/* A whole regular file of at most max bytes; ENOENT, EIO (errno), ELIMIT. */
int local_read_file(struct arena *a, const char *path, size_t max, struct str *out);

/* ---- places ---- */
struct local_places {
	struct str config; /* $XDG_CONFIG_HOME/bridle */
	struct str state;  /* $XDG_STATE_HOME/bridle */
	struct str system; /* /etc/bridle */
	struct str home;
};
int local_places(struct arena *a, struct local_places *out);
/* HOME of this environment, where that is absolute; else what the system has for
 * this process's user: the one answer for all. Empty: none is known. */
struct str local_home(struct arena *a, const char *const *env);
/* mkdir -p, 0700 for what is new: 0, EIO (errno), EINVAL (too long). */
int local_make_dirs(const char *path);
/* Below the state folder: the log's segments, the head of its chain, deeds. */
#define LOCAL_AUDIT "audit"
#define LOCAL_AUDIT_HEAD "state/audit-head"
#define LOCAL_DONE "state/done"
#define LOCAL_GRANTS "state/grants"
/* The nearest folder upwards that holds .git, else dir itself; where
 * CLAUDE_PROJECT_DIR is set and absolute, that. */
struct str local_project(struct arena *a, struct str dir, const char *const *env);

/* ---- policies ---- */
/* A file as it was just before it was read: any later change shows. */
struct local_stamp {
	struct str path;
	bool absent, racy; /* racy: written so shortly before that a further change might not show */
	uint64_t dev, ino, size, mode;
	int64_t mtime_ns, ctime_ns;
};
struct local_policy {
	struct arena *a;       /* all of it lives here */
	struct policy *policy; /* NULL: did not load */
	struct diags diags;    /* errors and warnings, also when it loaded */
	struct selftest tests;
	unsigned char hash[32]; /* of every byte it was made of */
	struct str sources;     /* for people: "user ~/.config/bridle/policy, project .bridle/policy (not trusted)" */
	VEC(struct local_stamp) files; /* all that was looked at, read or not */
	bool project_left_out;  /* the project's file has errors: the others hold, diags tells */
	bool builtin_default;   /* no policy of a person's own: default.policy */
};
struct local_policy_options {
	const char *const *files; /* --policy FILE: these instead of the user's and system's */
	size_t nfiles;
	struct str project;       /* root; empty: none */
	struct str state;         /* folder with the trust store; empty: trust nothing */
	bool no_tests;            /* do not run the policy's tests */
};
/* Never NULL but without memory. Loads, compiles and tests; ->policy is NULL
 * when it has errors or failed tests, ->diags tells. */
struct local_policy *local_policy_load(const struct local_places *pl, const struct local_policy_options *o);
void local_policy_free(struct local_policy *lp);
/* Is any of the files that it was made of, or that could have been part of
 * it, another one now? */
bool local_policy_changed(const struct local_policy *lp);
/* A policy shipped with bridle ("fly"), without its extension: ENOENT. */
int local_shipped(struct str name, struct str *text);
size_t local_shipped_names(const struct str **names);

/* Trust of project policies: the exact bytes. */
int local_trust_add(const struct local_places *pl, struct str path, struct str text);
bool local_trusted(const struct local_places *pl, struct str path, struct str text);

/* ---- what was done (semantics 7), see session.c ---- */
struct sessions;
/* path: the file that keeps deeds over a restart; NULL: none. NULL: no memory.
 * Times are milliseconds of any clock that does not jump. */
struct sessions *sessions_new(const char *path);
void sessions_free(struct sessions *s); /* NULL is fine */
/* Notes that the session lives; was it known before? */
bool sessions_seen(struct sessions *s, struct str id, int64_t now_ms);
void sessions_end(struct sessions *s, struct str id);
void sessions_age(struct sessions *s, int64_t now_ms); /* forgets those unseen for LIMIT_SESSION_AGE_S */
size_t sessions_count(const struct sessions *s);
/* Bits of the caller's about a known session's settings files; NULL: not known. */
unsigned *sessions_settings(struct sessions *s, struct str id);
/* persist: over sessions and restarts. EIO: done, but the file could not be written. */
int sessions_did(struct sessions *s, struct str id, struct str key, bool persist, int64_t now_ms);
bool sessions_done(const struct sessions *s, struct str id, struct str key);

/* ---- what a person lifted: grants, and what waits for one ---- */
struct grants;
enum grant_kind { GRANT_PENDING, GRANT_GIVEN };
struct grant {
	enum grant_kind kind;
	char code[9];         /* hex digits, at least four */
	struct str text;      /* the command, redacted, for people */
	struct str reason;    /* PENDING: why it was denied or asked */
	struct str session;   /* empty: any */
	const struct str *meanings; /* decide_meanings, all of them */
	size_t nmeanings;
	int64_t made_ms, until_ms; /* wall clock */
	unsigned uses;        /* GIVEN: left */
};
/* path: the file that keeps them over a restart, never over a reboot; NULL: none. */
struct grants *grants_new(const char *path);
void grants_free(struct grants *g); /* NULL is fine */
/* Something waits for a person: its code (the same for the same again). NULL: no memory. */
const char *grants_wait(struct grants *g, const struct grant *what, int64_t now_ms);
/* A waiting one by its code becomes a grant. 0, ENOENT. */
int grants_approve(struct grants *g, struct str code, unsigned uses, int64_t until_ms, const struct grant **out);
/* A new grant; its code, or NULL. */
const char *grants_give(struct grants *g, const struct grant *what, unsigned uses, int64_t until_ms);
/* Takes a waiting one or a grant away: 0, ENOENT. "all" takes every one of that kind. */
int grants_drop(struct grants *g, struct str code, enum grant_kind kind);
/* Do grants of this session cover every meaning? Then one use of each is
 * charged and the code of the first returned; else NULL and nothing charged. */
const char *grants_use(struct grants *g, const struct str *meanings, size_t n, struct str session, int64_t now_ms);
/* Goes through them, newest first: *i from 0; NULL at the end. */
const struct grant *grants_next(const struct grants *g, size_t *i, enum grant_kind kind, int64_t now_ms);
/* The grants that lapsed since the last call, one at a time; NULL: none. */
const struct grant *grants_lapsed(struct grants *g, int64_t now_ms);

/* Tickets: what the hook let through or asked about, for the wrapper below
 * the same agent, once each. In memory only. */
void tickets_add(struct grants *g, struct str session, struct str tool_use, long agent, const struct str *meanings,
    size_t n, int64_t now_ms);
bool tickets_use(struct grants *g, struct str session, long agent, const struct str *meanings, size_t n, int64_t now_ms);
/* The call ended (tool_use), or the person wrote something (tool_use empty). */
void tickets_drop(struct grants *g, struct str session, struct str tool_use);

/* ---- who asks ---- */
struct local_process {
	long pid, parent;
	uint64_t start;  /* with the pid, names a process for good */
	bool terminal;   /* has a controlling terminal */
	bool marked;     /* carries an agent's mark in its environment (CLAUDECODE=1) */
	const char *agent; /* its name is that of an agent: static text; else NULL */
};
/* 0, ENOENT (no such process), EUNKNOWN (the system does not tell). */
int local_process(long pid, struct local_process *out);
/* pid, parent, start and terminal alone: a third of the work. */
int local_process_place(long pid, struct local_process *out);
/* A process that the caller knows to be an agent. */
typedef bool local_known_agent(void *ctx, const struct local_process *p);
/* A person at a terminal with no agent among the ancestors of pid: 0, or
 * EINVAL with a sentence in *why. known may be NULL. */
int local_person(long pid, local_known_agent *known, void *ctx, struct arena *a, struct str *why);
/* The agent among pid and its ancestors ("claude", pid in *agent), or ENOENT. */
int local_agent_above(long pid, local_known_agent *known, void *ctx, const char **name, long *agent);

#endif
