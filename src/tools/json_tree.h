/* SPDX-License-Identifier: ISC */
/*
 * json_tree.h: JSON in a line or a file as a tree of cJSON's.
 */
#ifndef TOOLS_JSON_TREE_H
#define TOOLS_JSON_TREE_H

#include <cjson/cJSON.h>

#include "bridle/base.h"

struct json_tree {
	cJSON *root; /* NULL: the text is no JSON, or there is no memory for it */
	char *printed;
};

/* whole: nothing may follow. The arena closes what is still open when it is reset. */
struct json_tree *json_tree_open(struct arena *a, struct str text, bool whole);
/* As text, in the arena. False: no memory. */
bool json_tree_print(struct arena *a, struct json_tree *t, struct str *out);
void json_tree_close(struct json_tree *t);
/* The member of that name; of several the last, as JavaScript and Go read it. NULL: none. */
const cJSON *json_last(const cJSON *object, const char *name);

#endif
