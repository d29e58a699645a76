/* SPDX-License-Identifier: ISC */
/*
 * action.c: the verdicts' names and order. Who makes actions: src/tools. Who
 * judges them: src/policy.
 */
#include "bridle/action.h"

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
