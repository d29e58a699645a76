/* SPDX-License-Identifier: ISC */
/*
 * model_tree.c: the commands of a model in the order that look-ups want: by
 * path, each group before what is below it, with the end of each subtree.
 */
#include "tools/tools.h"

#include <stdlib.h>

static int
path_cmp(const struct str *x, size_t nx, const struct str *y, size_t ny)
{
	for (size_t i = 0; i < nx && i < ny; i++) {
		int c = str_cmp(x[i], y[i]);

		if (c != 0)
			return c;
	}
	return nx < ny ? -1 : nx > ny;
}

static int
command_cmp(const void *x, const void *y)
{
	const struct model_command *cx = x, *cy = y;

	return path_cmp(cx->path, cx->npath, cy->path, cy->npath);
}

static bool
has_path(const commands_vec *list, const struct str *path, size_t npath)
{
	for (size_t i = 0; i < list->n; i++)
		if (path_cmp(list->v[i].path, list->v[i].npath, path, npath) == 0)
			return true;
	return false;
}

/* Groups that only the paths below them name. */
static void
add_groups(struct arena *a, commands_vec *list)
{
	size_t n = list->n;

	for (size_t i = 0; i < n; i++)
		for (size_t depth = 0; depth < list->v[i].npath; depth++) {
			const struct str *path = list->v[i].path;

			if (!has_path(list, path, depth))
				*vec_push(a, list) = (struct model_command){ .path = path,
					.npath = depth, .max_args = -1 };
		}
}

const struct model_command *
model__tree(struct arena *a, commands_vec *list)
{
	const struct model_command *twice = NULL;

	add_groups(a, list);
	qsort(list->v, list->n, sizeof list->v[0], command_cmp);
	for (size_t i = 0; i < list->n; i++) {
		size_t end = i + 1;

		while (end < list->n && list->v[end].npath > list->v[i].npath &&
		    path_cmp(list->v[end].path, list->v[i].npath, list->v[i].path, list->v[i].npath) == 0)
			end++;
		list->v[i].end = (unsigned)end;
		if (i > 0 && command_cmp(&list->v[i - 1], &list->v[i]) == 0)
			twice = &list->v[i];
	}
	return twice;
}

struct str
model_nearest(struct arena *a, const struct tool *t, const struct model_command *group, struct str word)
{
	VEC(struct str) names = { 0 };
	size_t near;

	for (size_t i = (size_t)(group - t->commands) + 1; i < group->end; i = t->commands[i].end) {
		*vec_push(a, &names) = t->commands[i].path[t->commands[i].npath - 1];
		for (size_t k = 0; k < t->commands[i].naliases; k++)
			*vec_push(a, &names) = t->commands[i].aliases[k];
	}
	near = str_nearest(word, names.v, names.n);
	return near == STR_NPOS || str_eq(names.v[near], word) ? STR("") : names.v[near]; /* itself: it is a former one */
}
