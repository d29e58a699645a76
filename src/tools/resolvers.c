/* SPDX-License-Identifier: ISC */
/*
 * resolvers.c: the list of all resolvers, by the name that models use.
 */
#include "tools/resolvers.h"

const struct resolver *
resolver_find(struct str name)
{
	static const struct resolver *const all[] = {
		&resolver_fly,
		&resolver_http,
		&resolver_gh,
		&resolver_git,
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (str_is(name, all[i]->name))
			return all[i];
	return NULL;
}
