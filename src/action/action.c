/* SPDX-License-Identifier: ISC */
/*
 * action.c: what is asked of an action as such: its fields, and the verdicts'
 * names and order. Who makes actions: src/tools. Who judges them: src/policy.
 */
#include "bridle/action.h"

struct field *
action_field(const struct action *act, const char *name)
{
	for (size_t i = 0; i < act->nfields; i++)
		if (str_is(act->fields[i].name, name))
			return &act->fields[i];
	return NULL;
}

const char *
verdict_name(enum verdict v)
{
	static const char *const names[] = { "none", "allow", "pass", "ask", "deny" };

	return names[v];
}

enum verdict
verdict_stricter(enum verdict x, enum verdict y)
{
	return x > y ? x : y;
}
