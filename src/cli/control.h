/* SPDX-License-Identifier: ISC */
/* control.h: talking to the daemon: one JSON line there, one back. */
#ifndef CLI_CONTROL_H
#define CLI_CONTROL_H

#include <cjson/cJSON.h>

#include "cli.h"

/* Sends a request (an object without newline) and parses the reply, which
 * lies in a. 0; ENOENT: no daemon answers there; EIO, EVERSION, ESYNTAX: *why
 * says more. socket NULL: the usual place. path, if not NULL, is where. */
int control_call(struct arena *a, const char *socket, struct str request, cJSON **reply,
    struct str *path, struct str *why);
/* The process of the daemon at this socket, by its lock; 0: not known. */
uint64_t control_pid(struct arena *a, struct str path);
/* What a person types to end it. */
struct str control_kill(struct arena *a, struct str path);

/* ---- is everything in place? ---- */
enum health { HEALTH_GOOD, HEALTH_NOTE, HEALTH_BAD };
struct check_result {
	enum health health;
	const char *name; /* "hook", "daemon", "policy" … */
	struct str text;  /* a sentence */
	struct str fix;   /* what to type; may be empty */
};
struct checkup {
	struct arena *a;
	const char *cwd;
	const char *socket; /* NULL: the usual place */
	bool thorough;      /* doctor: runs programs */
	cJSON *status;      /* the daemon's, NULL if none answers */
	VEC(struct check_result) results;
};
void checkup_run(struct checkup *k);
/* What is wrong with the policies by a status or reload reply; empty: nothing. */
struct str policy_trouble(struct arena *a, const cJSON *reply);
/* The worst of all results. */
enum health checkup_worst(const struct checkup *k);

#endif
