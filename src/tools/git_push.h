/* SPDX-License-Identifier: ISC */
/*
 * git_push.h: one push while it is worked out. git_push.c reads the command
 * and finds its refspecs and where they go, git_dst.c follows a single refspec
 * to the ref that it updates, git_wild.c those with wildcards, and what
 * --prune, --mirror and --follow-tags add.
 */
#ifndef TOOLS_GIT_PUSH_H
#define TOOLS_GIT_PUSH_H

#include "tools/git.h"

enum push_default { SIMPLE, CURRENT, UPSTREAM, MATCHING, NOTHING, NOT_KNOWN };

struct spec {
	struct git_refspec r; /* known */
	struct word word;     /* not known: as typed */
	bool unknown;
	const char *from;
};
struct push {
	struct git *g;
	struct arena *a;
	struct git_push *out;
	struct git_remote remote;
	struct word remote_word;
	bool remote_known, remote_given;
	struct str branch;   /* current, full name; empty: none */
	struct str head_why; /* why there is none */
	bool head_unknown;
	enum push_default dflt;
	bool all, mirror, prune, tags, deletes, rest;
	enum tri follow_tags;
	enum git_force force;
	const struct option_value *lease;
	VEC(struct spec) specs;
	/* the place that is pushed to */
	struct str url;
	bool refs_known;     /* its refs are */
	struct git_ref *refs;
	size_t nrefs;
	size_t first;        /* out->updates of this URL start here */
};

/* git itself refuses: the first reason counts. */
void push_refuse(struct push *p, struct str why);
struct git_update *push_update(struct push *p, struct word ref, bool force, enum tri deletes, const char *from);
struct git_update *push_update_ref(struct push *p, struct str ref, bool force, bool deletes, const char *from);
void push_update_any(struct push *p, struct str why, enum tri deletes, const char *from);
/* The update of the place at hand that goes to ref; NULL. */
struct git_update *push_update_of(struct push *p, struct str ref);
void push_explicit(struct push *p, const struct spec *s); /* known, no wildcard */
void push_unknown(struct push *p, const struct spec *s);
void push_patterns(struct push *p);
void push_deletions(struct push *p); /* --prune, --mirror */
void push_tags(struct push *p);      /* --follow-tags */

#endif
