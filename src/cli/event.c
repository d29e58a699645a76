/* SPDX-License-Identifier: ISC */
/* event.c: a hook event as bridle check judges it: through the same reader as the daemon. */
#include "bridle/agents.h"
#include "check.h"

int
check__event(const struct check *k, struct str text, const char *const *env, struct arena *a, struct request *r)
{
	const struct agent *g = agent_find(str_of(k->where.agent != NULL ? k->where.agent : "claude"));
	struct local_world *lw = NEW(a, struct local_world);
	struct world *w = NEW(a, struct world);
	struct event e;

	if (g == NULL)
		g = agent_find(STR("claude"));
	local_world_init(lw, a, env, w);
	agent_read(g, w, a, text, STR(""), STR(""), &e);
	*r = e.request;
	return e.kind == EVENT_BEFORE || e.bad.n > 0 ? 0 : BRIDLE_ENOENT; /* a hook says which event it is */
}
