/* SPDX-License-Identifier: ISC */
/*
 * plain.c: whether the system comes to a path without following a link. Each
 * folder is looked at once in a request, and nothing below one that is not
 * there. Where a link stands on the way, overlay.c goes over the path step by step.
 */
#include "tools/tools.h"

bool
overlay_plain(struct reading *rd, struct str path)
{
	struct str at = str_sub(path, 0, path_under(path, rd->beneath) ? rd->beneath.n : 0);
	struct world_stat st;
	int err;

	if (rd->nothing.n > 0 && path_under(path, rd->nothing))
		return true;
	while (at.n < path.n && path.n > 1 && !rd->away) {
		size_t from = at.n + 1, slash = str_chr(str_sub(path, from, path.n), '/');

		at.n = slash == STR_NPOS ? path.n : from + slash;
		if (!path_under(rd->request->cwd, at) && map_get(rd->plain, at) == NULL) {
			if ((err = rd->world->stat(rd->world->ctx, at, false, &st)) != 0) {
				if (err == BRIDLE_ENOENT)
					rd->nothing = at;
				break; /* the system comes no further, either */
			}
			if (st.kind == WORLD_LINK)
				return false;
			map_put(rd->plain, str_dup(rd->a, at), rd);
		}
		if (str_is(str_sub(path, from, at.n - from), ".git"))
			break;
	}
	return true;
}
