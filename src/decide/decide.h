/* SPDX-License-Identifier: ISC */
/*
 * decide.h (inside the component): what decide.c, reason.c, json.c, explain.c,
 * world.c and selftest.c share. Public door: bridle/decide.h.
 */
#ifndef DECIDE_DECIDE_H
#define DECIDE_DECIDE_H

#include "bridle/decide.h"

/* The sentence for agent and person; never empty. */
struct str decide__reason(struct arena *a, const struct decision *d, const struct request *r);
/* "fly.policy:14", or the name of a built-in rule. */
struct str decide__where(struct arena *a, const struct rule_ref *ref);
/* The action as one line of text: canonical command, "edit fly.toml", …  */
struct str decide__action_text(struct arena *a, const struct action *act);
/* Applies one KEY=VALUE of `test VERDICT edit PATH KEY=VALUE` to a text. */
struct str decide__edited(struct arena *a, struct str path, struct str text, struct str key, struct str value);

#endif
