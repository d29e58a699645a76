/* SPDX-License-Identifier: ISC */
/*
 * limits.h: every limit of bridle in one place, a sentence each. Each one is
 * crossed by a test, and crossing one while judging a command ends in `ask`
 * with a reason that names the limit; never in a crash, a hang or an allow.
 * Sizes are bytes unless said otherwise.
 */
#ifndef BRIDLE_LIMITS_H
#define BRIDLE_LIMITS_H

/* The number of a limit as text, for messages (of those written as one). */
#define LIMIT_TEXT(limit) LIMIT_TEXT_(limit)
#define LIMIT_TEXT_(limit) #limit

/* One hook event or one command string as it arrives; larger is denied. */
#define LIMIT_EVENT (16u << 20)
/* The environment that the shim sends along; what is beyond is not known. */
#define LIMIT_ENV (1u << 20)
/* One frame: an event, an environment and the small fields. */
#define LIMIT_FRAME (LIMIT_EVENT + LIMIT_ENV + (64u << 10))
/* One reply of the daemon to the shim. */
#define LIMIT_REPLY (1u << 20)
/* Nesting of a JSON text. */
#define LIMIT_JSON_DEPTH 64
/* Values of one JSON text, objects and arrays counted. */
#define LIMIT_JSON_VALUES 262144
/* Arena of one request: what judging one event may allocate at most. */
#define LIMIT_REQUEST_ARENA (256u << 20)
/* What it does allocate at most: so much for each byte of a line, and so much to
 * start with, where nothing on it is done more than once. A loop, a function or
 * {1..1000} counts as often as it is taken, up to the limits below. */
#define LIMIT_READ_EACH 2048
#define LIMIT_READ_BASE (256u << 10)
/* What showing a decision may allocate: a list of 8192 long commands, as JSON or explained. */
#define LIMIT_SHOW_ARENA (4 * LIMIT_REQUEST_ARENA)
/* What such an arena may grow by once that is used up, to answer and to log. */
#define LIMIT_SPARE (16u << 20)
/* Nesting of shell syntax: groups, substitutions, quotes inside each other. */
#define LIMIT_SHELL_DEPTH 200
/* Text of aliases that may take the place of their names in one shell text. */
#define LIMIT_ALIAS_BYTES 262144
/* Bytes of a path whose links are followed: the system takes none that is longer. */
#define LIMIT_PATH 4096
/* Commands inside commands: bash -c in bash -c, eval, scripts, aliases. */
#define LIMIT_RUN_DEPTH 24
/* Simple commands judged for one request, loops and functions unrolled. */
#define LIMIT_COMMANDS 5000
/* Nodes of the tree walked for one request, each time anew. */
#define LIMIT_STEPS 100000
/* Nodes inside nodes while walking, over functions and evaluated text. */
#define LIMIT_NESTING 1200
/* Turns of a loop taken one by one; beyond them its variable is a shape. */
#define LIMIT_UNROLL 64
/* Known text of one variable, or of what a command prints; longer is unknown. */
#define LIMIT_VALUE 16384
/* Known and unknown parts of such a text; more is unknown. */
#define LIMIT_PIECES 64
/* Words of one simple command after expansion. */
#define LIMIT_WORDS 20000
/* Words that one brace expansion or glob may produce before it becomes a shape. */
#define LIMIT_EXPANSION 1024
/* Alternatives that a variable, the directory or a git HEAD may have at once. */
#define LIMIT_ALTERNATIVES 8
/* Actions of one request. */
#define LIMIT_ACTIONS 8192
/* One file that judging reads (fly.toml, script, git config, Dockerfile). */
#define LIMIT_FILE (2u << 20)
/* All files that judging one request reads. */
#define LIMIT_FILES_BYTES (16u << 20)
/* Number of world look-ups (stat, read, list) for one request. */
#define LIMIT_LOOKUPS 16384
/* Entries read of one directory. */
#define LIMIT_DIRENTRIES 4096
/* Includes of one git configuration, and of one policy. */
#define LIMIT_INCLUDES 64
/* Matching words (src/action/match.c). What crosses one is not covered, but met:
 * positions of a pattern behind the start that it shares with the words; sets of
 * positions side by side; counted repetitions before they count as any number;
 * steps, 64 positions each, about 20 ms. */
#define LIMIT_MATCH_POSITIONS 16384
#define LIMIT_MATCH_SETS 64
#define LIMIT_MATCH_REPEAT 4096
#define LIMIT_MATCH_WORK (1u << 24)
/* One policy file; rules of one policy; words of one pattern. */
#define LIMIT_POLICY_FILE (4u << 20)
#define LIMIT_RULES 100000
#define LIMIT_PATTERN_WORDS 256
/* Errors shown for one policy before the rest is only counted. */
#define LIMIT_DIAGS 20
/* PCRE2 steps and heap (KiB) of one match; a limit hit is a maybe. */
#define LIMIT_REGEX_MATCH 100000
#define LIMIT_REGEX_DEPTH 2000
#define LIMIT_REGEX_HEAP_KIB 4096
/* A reason text: the client cuts at 10,000 characters, we stay below. */
#define LIMIT_REASON 8000
#define LIMIT_OUTLINE_LINES 60 /* of the policy, as an agent gets it when a session starts */
#define LIMIT_OUTLINE 9000     /* bytes; Claude Code cuts at 10,000 characters */
/* Nesting of tables and arrays of a TOML file; values of one. */
#define LIMIT_TOML_DEPTH 64
#define LIMIT_TOML_VALUES 100000
/* Names of changed keys that are shown of one edit; bytes of a file, before and
 * after together, that are compared for showing them only. */
#define LIMIT_KEYS 64
#define LIMIT_KEYS_FILE (256u << 10)
/* Bytes that looking for the secrets of one request in one text may read;
 * beyond it the text is not logged. */
#define LIMIT_REDACT (256u << 20)
/* One tool model file. */
#define LIMIT_MODEL (8u << 20)

/* Projects with a policy of their own that are kept loaded; the one not asked
 * about for longest goes first. */
#define LIMIT_PROJECTS 16
/* Connections to the daemon, if the system gives it so many descriptors. */
#define LIMIT_CLIENTS 12000
/* Milliseconds: for a whole message once it has begun, for a first byte, for
 * taking a reply, and between the messages of one connection. */
#define LIMIT_CLIENT_SLOW_MS 10000
#define LIMIT_CLIENT_IDLE_MS 600000
/* Bytes that the daemon holds for messages which are not whole yet. */
#define LIMIT_BUFFERED (256u << 20)
/* One line of a control request. */
#define LIMIT_CONTROL (1u << 20)
/* Agent sessions whose deeds are remembered; the one unseen for longest goes first. */
#define LIMIT_SESSIONS 256
/* Deeds of one session; the oldest goes first. */
#define LIMIT_SESSION_DEEDS 64
/* Deeds that outlive sessions (`unless done … since`). */
#define LIMIT_KEPT_DEEDS 1024
/* Seconds after which a session of which nothing was heard is forgotten. */
#define LIMIT_SESSION_AGE_S 86400

/* What waits for a person, grants, and tickets; the oldest of its kind goes first. */
#define LIMIT_GRANTS 64
#define LIMIT_TICKETS 128
/* How long a question waits for its answer, and a ticket for its wrapper (milliseconds). */
#define LIMIT_WAIT_MS 3600000
#define LIMIT_TICKET_MS 600000

#endif
