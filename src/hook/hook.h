/* SPDX-License-Identifier: ISC */
/*
 * hook.h: shared inside the shim. The shim is one process per tool call, so it
 * does without stdio, malloc and locale; link.c talks to the daemon, hook.c
 * speaks for the agent, wrap.c stands in for a program.
 */
#ifndef BRIDLE_HOOK_H
#define BRIDLE_HOOK_H

#include "bridle/limits.h"
#include "bridle/proto.h"

/* Why there is no answer from the daemon; indexes a table of sentences. */
enum link_cause {
	LINK_OK,
	LINK_ABSENT,  /* nobody listens and no bridled could be started */
	LINK_SYSTEM,  /* the system daemon's socket is there, but nobody listens */
	LINK_SLOW,    /* the deadline passed */
	LINK_FOREIGN, /* another user's process holds the socket */
	LINK_VERSION, /* shim and daemon speak different versions */
	LINK_BROKEN,  /* the answer is not what the protocol says */
	LINK_ADDRESS, /* the socket's path is too long */
	LINK_REFUSED, /* the daemon answered that it cannot judge this */
	LINK_CAUSES
};
/* One sentence each, no character that JSON would need to escape. */
extern const char *const link__sentence[LINK_CAUSES];

/* The one memory that the shim has: the request, and behind it the reply; then
 * the environment of the program that the wrapper becomes, and behind it its
 * path. Few pages are touched that way, and each costs more than ten system calls. */
extern union link__memory {
	unsigned char bytes[LIMIT_FRAME + LIMIT_REPLY];
	char *env[LIMIT_ENV / 2];
} link__memory;

struct link {
	const char *const *envp;
	const char *argv0;
	int64_t deadline; /* on link__now's clock */
	int fd;           /* -1: not connected */
};
int64_t link__now(void);               /* milliseconds, monotonic */
int link__left(const struct link *l);  /* milliseconds, 0 when over */

/* Sends a whole frame and waits for a whole reply, starting a daemon if none
 * answers and trying again while time is left. LINK_OK: *reply is filled, its
 * strings in link__memory behind the request; the connection stays open for a second message. */
enum link_cause link__ask(struct link *l, const struct frame_out *request, struct frame *reply);
void link__close(struct link *l);

/* Adds cwd, environment and release, as every request has them. */
void link__common(struct frame_out *o, const char *const *envp, unsigned flags);

void hook__puts(int fd, const char *text); /* best effort */

/* The wrapper's main: becomes the program, or exits 126 or 127. */
int wrap_main(int argc, char **argv, char **env);

#endif
