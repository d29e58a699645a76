/* SPDX-License-Identifier: ISC */
/* grants.h: the tables that grants.c and tickets.c share. */
#ifndef LOCAL_GRANTS_H
#define LOCAL_GRANTS_H

#include "bridle/limits.h"
#include "bridle/local.h"

#define LIMIT_GRANT_BYTES (64u << 10) /* of one grant's texts */

struct slot {
	struct arena *a; /* NULL: empty */
	struct grant g;
};
struct ticket {
	struct arena *a; /* NULL: empty */
	struct str session, tool_use, meaning;
	long agent; /* process id of the agent; 0: not known */
	int64_t until_ms;
};
struct grants {
	char *path;
	struct slot waiting[LIMIT_GRANTS], given[LIMIT_GRANTS];
	struct slot lapsed; /* the last one that grants_lapsed returned */
	struct ticket tickets[LIMIT_TICKETS];
	size_t next_ticket;
};
struct slot *grants__room(struct slot *table);
bool grants__same(const struct str *x, size_t nx, const struct str *y, size_t ny);
void grants__save(struct grants *g);

#endif
