/* SPDX-License-Identifier: ISC */
/*
 * resolvers.h: one line per resolver; each lives in a file of its own.
 */
#ifndef TOOLS_RESOLVERS_H
#define TOOLS_RESOLVERS_H

#include "tools/tools.h"

extern const struct resolver resolver_fly;
extern const struct resolver resolver_http; /* curl, wget … at Fly's interface */
extern const struct resolver resolver_gh;
extern const struct resolver resolver_git;

#endif
