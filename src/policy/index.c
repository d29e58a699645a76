/* SPDX-License-Identifier: ISC */
/*
 * index.c: which rules may speak of an action, without looking at all of them.
 */
#include "policy.h"

struct index {
	const struct policy *p;
};

struct index *
policy__index(struct policy *p)
{
	struct index *ix = NEW(p->a, struct index);

	ix->p = p;
	return ix;
}

void
policy__candidates(const struct index *ix, struct matching *m, struct candidates *out)
{
	for (size_t i = 0; i < ix->p->rules.n; i++)
		*vec_push(m->a, &out->list) = ix->p->rules.v[i];
}
