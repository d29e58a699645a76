/* SPDX-License-Identifier: ISC */
/*
 * tickets.c: what the hook let through or asked about, so that the wrapper
 * below the same agent does not ask again: a person says yes once. A ticket
 * is for one meaning, one session or agent, one use, at most ten minutes.
 */
#include <string.h>

#include "grants.h"

static void
forget(struct ticket *t)
{
	arena_free(t->a);
	memset(t, 0, sizeof *t);
}

void
tickets_add(struct grants *g, struct str session, struct str tool_use, long agent, const struct str *meanings,
    size_t n, int64_t now_ms)
{
	for (size_t i = 0; i < n; i++) {
		struct ticket *t = &g->tickets[g->next_ticket++ % LIMIT_TICKETS];

		forget(t);
		if ((t->a = arena_new(0)) == NULL)
			return;
		t->session = str_dup(t->a, session);
		t->tool_use = str_dup(t->a, tool_use);
		t->meaning = str_dup(t->a, meanings[i]);
		t->agent = agent;
		t->until_ms = now_ms + LIMIT_TICKET_MS;
	}
}

static struct ticket *
find(struct grants *g, struct str session, long agent, struct str meaning, int64_t now_ms)
{
	for (size_t i = 0; i < LIMIT_TICKETS; i++) {
		struct ticket *t = &g->tickets[i];

		if (t->a != NULL && now_ms < t->until_ms && now_ms > t->until_ms - 2 * LIMIT_TICKET_MS &&
		    str_eq(t->meaning, meaning) &&
		    ((session.n > 0 && str_eq(t->session, session)) || (agent > 0 && t->agent == agent)))
			return t;
	}
	return NULL;
}

bool
tickets_use(struct grants *g, struct str session, long agent, const struct str *meanings, size_t n, int64_t now_ms)
{
	if (n == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (find(g, session, agent, meanings[i], now_ms) == NULL)
			return false;
	for (size_t i = 0; i < n; i++) {
		struct ticket *t = find(g, session, agent, meanings[i], now_ms);

		if (t != NULL)
			forget(t);
	}
	return true;
}

void
tickets_drop(struct grants *g, struct str session, struct str tool_use)
{
	for (size_t i = 0; i < LIMIT_TICKETS; i++) {
		struct ticket *t = &g->tickets[i];

		if (t->a != NULL && str_eq(t->session, session) && (tool_use.n == 0 || str_eq(t->tool_use, tool_use)))
			forget(t);
	}
}
