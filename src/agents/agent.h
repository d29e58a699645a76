/* SPDX-License-Identifier: ISC */
/* agent.h: what every agent's file gives to agent.c. */
#ifndef AGENT_H
#define AGENT_H

#include "bridle/agents.h"

struct agent {
	const char *name;
	/* Event names that come before a call runs, NULL at the end. */
	const char *const *guards;
	void (*read)(const struct world *w, struct arena *a, struct str payload, struct event *e);
	void (*answer)(struct arena *a, const struct event *e, enum verdict v, struct str reason,
	    struct answer *out);
	/* Text that the agent reads before it does anything. */
	void (*context)(struct arena *a, const struct event *e, struct str text, struct answer *out);
};

/* The event could not be read: says why. */
void agent__bad(struct event *e, struct str why);

extern const struct agent agent__claude;

#endif
