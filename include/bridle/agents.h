/* SPDX-License-Identifier: ISC */
/*
 * agents.h: what a coding agent says to its hooks, and what it wants to hear.
 * One file per agent turns its events into requests and verdicts into bytes.
 * Pure: reads only the event and struct world, and judges nothing.
 */
#ifndef BRIDLE_AGENTS_H
#define BRIDLE_AGENTS_H

#include "bridle/action.h"
#include "bridle/world.h"

enum event_kind {
	EVENT_OTHER,  /* nothing to do: exit 0 with no output */
	EVENT_BEFORE, /* a call is about to run: the request wants a verdict */
	EVENT_DONE,   /* it ran and succeeded */
	EVENT_FAILED, /* it ran and failed */
	EVENT_PROMPT, /* the person wrote something */
	EVENT_START,  /* a session begins, goes on, or was compacted */
	EVENT_END,    /* a session is over */
	EVENT_CONFIG  /* the agent's settings changed */
};
struct event {
	enum event_kind kind;
	struct str name;        /* as the agent calls it: "PreToolUse"; may be empty */
	struct request request; /* agent, session, cwd, home, project and mode are
	                         * always set; the rest for BEFORE, DONE, FAILED.
	                         * BEFORE of something unreadable: REQUEST_BAD */
	struct str bad;         /* why the event could not be read; empty: it could */
	struct str source;      /* START, END, CONFIG: which kind; may be empty */
	struct str file;        /* CONFIG: the settings file; may be empty */
	struct str subagent;    /* id of the agent inside the session; may be empty */
	bool background;        /* the command does not end before its event */
};
struct answer {
	int status; /* exit status of the hook */
	struct str out, err;
};

struct agent;
/* NULL: no such agent. */
const struct agent *agent_find(struct str name);
struct str agent_name(const struct agent *g);
/* Reads one event. said: the event's name as the hook was called with; cwd:
 * the hook's directory; each may be empty. Never fails: what cannot be read is
 * a REQUEST_BAD if it may be a call about to run, and an EVENT_OTHER if not. */
void agent_read(const struct agent *g, const struct world *w, struct arena *a, struct str payload,
    struct str said, struct str cwd, struct event *out);
/* What the hook prints for a verdict; reason must not be empty but for PASS. */
void agent_answer(const struct agent *g, struct arena *a, const struct event *e, enum verdict v,
    struct str reason, struct answer *out);
/* The answer that stops an event other than BEFORE (a change of settings). */
void agent_block(const struct agent *g, struct arena *a, const struct event *e, struct str reason,
    struct answer *out);
/* What the agent should know when its session starts. Text must not be empty. */
void agent_context(const struct agent *g, struct arena *a, const struct event *e, struct str text,
    struct answer *out);
/* Fills home, project and shell of a request whose cwd is set, as the
 * agents do: for requests that no agent sent. */
void agent_place(const struct world *w, struct arena *a, struct request *r);

/* ---- Claude Code's settings ------------------------------------------------ */
/* What one settings file says of our hook. */
struct settings_view {
	bool hooked;       /* a PreToolUse handler runs bridle-hook */
	bool blocks;       /* … with "onFailure": "block" */
	bool disabled;     /* "disableAllHooks": true */
	struct str command; /* hooked: the handler's command */
	struct str matcher; /* hooked: of its group; empty: everything */
};
/* 0, or ESYNTAX with *why a phrase. An empty text is a file that says nothing. */
int settings_read(struct arena *a, struct str text, struct settings_view *out, const char **why);
/* The files that count for a project, in order of precedence; absolute. */
enum settings_place { SETTINGS_MANAGED, SETTINGS_LOCAL, SETTINGS_PROJECT, SETTINGS_USER, SETTINGS_N };
struct str settings_path(const struct world *w, struct arena *a, enum settings_place place,
    const struct request *r);

#endif
