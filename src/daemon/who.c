/* SPDX-License-Identifier: ISC */
/*
 * who.c: which process is an agent, and whose a session is. Who runs a hook is
 * an agent, and a session belongs to the agent that first spoke of it, as long
 * as that lives. A process below an agent that speaks as a hook is heard, but
 * nothing that a person lifted is for it. What this cannot see stands in
 * docs/threat-model.md.
 */
#include "daemon.h"

#include <string.h>

static bool
alive(const struct agent_seen *a)
{
	struct local_process p;
	return local_process_place(a->pid, &p) == 0 && p.start == a->start;
}

static bool
is(const struct agent_seen *a, const struct local_process *p)
{
	return a->pid == p->pid && a->start == p->start;
}

static size_t
seen(const struct daemon *d)
{
	return d->nagents < AGENTS_SEEN ? d->nagents : AGENTS_SEEN;
}

bool
who_known_agent(void *ctx, const struct local_process *p)
{
	const struct daemon *d = ctx;
	for (size_t i = 0; i < seen(d); i++)
		if (is(&d->agents[i], p))
			return true;
	return false;
}

/* The nearest agent that hooks showed, among this process and those above: its
 * process, or 0. */
static long
known_above(struct daemon *d, long pid)
{
	struct local_process p;
	if (d->nagents == 0)
		return 0;
	for (int i = 0; i < ANCESTORS_SEEN && pid > 1 && local_process_place(pid, &p) == 0;
	     i++, pid = p.parent)
		if (who_known_agent(d, &p))
			return pid;
	return 0;
}

static void
add(struct daemon *d, const struct local_process *p, struct str session)
{
	struct agent_seen *a = &d->agents[d->nagents++ % AGENTS_SEEN];
	*a = (struct agent_seen){ .pid = p->pid, .start = p->start };
	if (session.n < sizeof(a->session))
		memcpy(a->session, session.p, session.n);
}

bool
who_speaks(struct daemon *d, pid_t shim, struct str session)
{
	struct local_process p, parent;
	if (shim <= 0)
		return true; /* of another machine's or namespace's process nothing is known */
	if (local_process_place(shim, &p) != 0 || local_process_place(p.parent, &parent) != 0 ||
	    str_is(session, WHO_PERSON))
		return false;
	for (size_t i = 0; i < seen(d); i++)
		if (str_is(session, d->agents[i].session) &&
		    (is(&d->agents[i], &parent) || alive(&d->agents[i])))
			return is(&d->agents[i], &parent);
	if (known_above(d, parent.parent) != 0)
		return false;
	add(d, &parent, session);
	return true;
}

void
who_heard(struct daemon *d, pid_t shim, struct str session)
{
	struct local_process p;
	if (shim <= 0 || local_process_place(shim, &p) != 0)
		return;
	for (size_t i = 0; i < seen(d); i++)
		if (d->agents[i].pid == p.parent && str_is(session, d->agents[i].session))
			return;
	(void)who_speaks(d, shim, session);
}

struct str
who_session(struct daemon *d, pid_t peer, struct str said)
{
	const struct agent_seen *last = NULL;
	long agent = known_above(d, (long)peer);
	for (size_t i = 0; i < seen(d); i++) {
		const struct agent_seen *a = &d->agents[i];
		bool same = str_is(said, a->session);
		if (agent == 0 && same && alive(a))
			return STR(""); /* another's, and not above this process */
		if (a->pid != agent || a->session[0] == '\0')
			continue;
		if (same)
			return said;
		last = a;
	}
	if (last != NULL)
		return str_of(last->session);
	return str_is(said, WHO_PERSON) ? STR("") : said;
}

long
who_runs(struct daemon *d, pid_t peer, bool hook)
{
	struct local_process p;
	const char *name;
	long agent = 0;
	if (hook)
		return local_process_place((long)peer, &p) == 0 ? p.parent : 0;
	if ((agent = known_above(d, (long)peer)) != 0)
		return agent;
	return local_agent_above((long)peer, NULL, NULL, &name, &agent) == 0 ? agent : 0;
}
