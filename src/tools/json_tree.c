/* SPDX-License-Identifier: ISC */
/*
 * json_tree.c: JSON that a line or a file holds, as cJSON's tree. The tree lies
 * outside the arena, so the arena gives it back where a request ends in the
 * middle of it. What an agent sends is read by src/proto/json.c.
 */
#include <string.h>

#include "tools/json_tree.h"

static void
give_back(void *what)
{
	json_tree_close(what);
}

struct json_tree *
json_tree_open(struct arena *a, struct str text, bool whole)
{
	struct json_tree *t = NEW(a, struct json_tree);
	const char *p = str_c(a, text);

	*t = (struct json_tree){ NULL, NULL };
	arena_defer(a, give_back, t);
	t->root = cJSON_ParseWithLengthOpts(p, text.n + 1, NULL, whole);
	return t;
}

bool
json_tree_print(struct arena *a, struct json_tree *t, struct str *out)
{
	cJSON_free(t->printed);
	if ((t->printed = cJSON_Print(t->root)) == NULL)
		return false;
	*out = str_dup(a, str_of(t->printed));
	return true;
}

void
json_tree_close(struct json_tree *t)
{
	cJSON_Delete(t->root);
	cJSON_free(t->printed);
	*t = (struct json_tree){ NULL, NULL };
}

const cJSON *
json_last(const cJSON *object, const char *name)
{
	const cJSON *one, *last = NULL;

	cJSON_ArrayForEach(one, object)
		if (one->string != NULL && strcmp(one->string, name) == 0)
			last = one;
	return last;
}
