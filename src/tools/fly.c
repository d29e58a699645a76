/* SPDX-License-Identifier: ISC */
/*
 * fly.c: what fly's table cannot say.
 */
#include "tools/resolvers.h"

const struct resolver resolver_fly = { .name = "fly" };
