/* SPDX-License-Identifier: ISC */
/*
 * dockerfile.h: a Dockerfile as instructions and stages, for the checks of
 * edits. Small and strict: what cannot be told is said to be unknown. It looks
 * at no image and no other file.
 */
#ifndef TOOLS_DOCKERFILE_H
#define TOOLS_DOCKERFILE_H

#include "bridle/base.h"

struct docker_instruction {
	struct str name;  /* upper case: "FROM", "COPY"; of ONBUILD X: "X" */
	struct str flags; /* "--chown=a:b --from=x", blank-separated; may be empty */
	struct str args;  /* what follows, continuation lines joined */
	struct str here;  /* text of its here-documents; may be empty */
	bool onbuild;
	unsigned line;    /* from 1 */
};
struct docker_stage {
	struct str image;  /* as written behind FROM, ARGs put in */
	struct str name;   /* AS name; may be empty */
	bool image_unknown; /* an ARG without a value stands in it */
	size_t from, to;   /* its instructions, FROM first */
};
struct dockerfile {
	VEC(struct docker_instruction) list;
	VEC(struct docker_stage) stages;
};

/* ESYNTAX: no instruction where one must be, or none FROM. */
int dockerfile_read(struct arena *a, struct str text, struct dockerfile *out, struct str *error);
/* The stage that an image name or a number stands for; NULL: a real image. */
const struct docker_stage *dockerfile_stage(const struct dockerfile *d, struct str image,
    const struct docker_stage *before);
/* One flag's value ("chown"); false: not given. */
bool dockerfile_flag(const struct docker_instruction *in, const char *name, struct str *value);
/* The name of the next NAME=VALUE of an ENV or ARG; *at starts at 0. False at
 * the end. `ENV NAME VALUE` is read too. has_value: `=` stands there. */
bool dockerfile_pair(struct arena *a, const struct docker_instruction *in, size_t *at,
    struct str *name, struct str *value, bool *has_value);

#endif
