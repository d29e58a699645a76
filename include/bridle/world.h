/* SPDX-License-Identifier: ISC */
/*
 * world.h: all that judging may know of the outside. The core (layers 0-5)
 * calls nothing else: no open, getenv, time. The daemon and `bridle check`
 * pass the real world (src/local), tests pass one made of tables.
 *
 * Every function may answer BRIDLE_EUNKNOWN: then neither presence nor absence
 * may be concluded. BRIDLE_ENOENT is a certain absence.
 */
#ifndef BRIDLE_WORLD_H
#define BRIDLE_WORLD_H

#include "bridle/base.h"

enum world_kind { WORLD_FILE, WORLD_DIR, WORLD_LINK, WORLD_OTHER };

struct world_stat {
	enum world_kind kind; /* OTHER: FIFO, device, socket: never read */
	uint64_t size, dev, ino;
	int64_t mtime_ns, ctime_ns;
	uint32_t mode, uid, gid;
};

struct world_entry {
	struct str name;
	enum world_kind kind; /* as readdir says; may be WORLD_OTHER if it does not */
};

struct world {
	void *ctx;
	/* Whole content of a regular file of at most max bytes, links followed.
	 * path is absolute. ENOENT, EUNKNOWN (not readable, not regular, too
	 * large, budget used up). */
	int (*read)(void *ctx, struct arena *a, struct str path, size_t max,
	    struct str *out);
	/* At most n bytes of a regular file from offset on, links followed: fewer
	 * only at its end. For large sorted files. ENOENT, EUNKNOWN. May be NULL. */
	int (*part)(void *ctx, struct arena *a, struct str path, uint64_t offset, size_t n,
	    struct str *out);
	int (*stat)(void *ctx, struct str path, bool follow, struct world_stat *out);
	int (*link)(void *ctx, struct arena *a, struct str path, struct str *target);
	/* Entries of a directory without . and .., any order. */
	int (*list)(void *ctx, struct arena *a, struct str dir,
	    struct world_entry **out, size_t *n);
	/* The environment that the judged program would inherit. ENOENT: surely
	 * not set. The value lives as long as the request. */
	int (*env)(void *ctx, struct str name, struct str *value);
	/* All names set there, for `env`-like questions; may be NULL. */
	int (*env_names)(void *ctx, struct arena *a, struct str **out, size_t *n);
	/* Is surely no variable set whose name begins so? Where it is NULL: not known. */
	bool (*env_none)(void *ctx, struct str prefix);
	int64_t (*now)(void *ctx); /* milliseconds since 1970 */
	/* Session memory: was the deed with this key done (semantics 7)?
	 * Keys are made and compared by decide only. true only if certain. */
	bool (*done)(void *ctx, struct str key);
	/* 32-byte hash of bytes (BLAKE2b), for done keys and grants. */
	void (*hash)(void *ctx, struct str bytes, unsigned char out[32]);
	struct str home; /* the user's own, where the environment names none; empty: not known */
};

/* Which shell the text is for. */
enum shell_kind { SHELL_BASH, SHELL_ZSH, SHELL_SH };

/* What is asked: a command line, an argument vector, or a tool call. */
enum request_kind {
	REQUEST_SHELL, /* text: a shell string */
	REQUEST_ARGV,  /* argv */
	REQUEST_EDIT,  /* a file as it would be afterwards */
	REQUEST_READ,  /* a file that is looked at */
	REQUEST_TOOL,  /* any other tool of the agent */
	REQUEST_BAD    /* bad input: text is the reason; answered ask */
};

/* How the new content of a file follows from the old one. */
struct request_edit {
	struct str old_text, new_text; /* Edit: replace old by new */
	bool replace_all;
};

struct request {
	enum request_kind kind;
	enum shell_kind shell;
	struct str text; /* SHELL: the string as the agent sent it */
	const struct str *argv;
	size_t argc;
	struct str path; /* EDIT, READ: absolute or relative to cwd */
	bool whole;      /* EDIT: content is the whole new file (Write) */
	struct str content;
	const struct request_edit *edits; /* EDIT: in order (Edit, MultiEdit) */
	size_t nedits;
	bool content_unknown; /* EDIT: what it becomes cannot be told */
	bool recursive;       /* READ: a folder and all below (Grep, Glob) */
	struct str tool;      /* the agent's tool name, as it came: "Bash" */
	struct str tool_text; /* TOOL: its input as compact JSON, for raw rules */
	struct str cwd;       /* absolute; where the request starts */
	struct str project;   /* absolute project root, never empty */
	struct str home;      /* may be empty: unknown */
	struct str agent;     /* "claude", "wrapper", ""; never NULL bytes */
	struct str mode;      /* permission mode, may be empty */
	struct str session;   /* session id, may be empty */
	struct str user;      /* login name, may be empty */
	struct str tool_use;  /* tool_use_id, may be empty */
	struct str snapshot;  /* path of the client's shell snapshot; may be empty */
	bool person;          /* at a person's own terminal, no agent above */
};

#endif
