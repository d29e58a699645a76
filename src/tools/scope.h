/* SPDX-License-Identifier: ISC */
/*
 * scope.h: where a field's value comes from: an option, else the environment,
 * else a configuration file (struct model_scope). For resolvers.
 */
#ifndef TOOLS_SCOPE_H
#define TOOLS_SCOPE_H

#include "tools/tools.h"

struct scope_place { /* where the default files are looked for */
	struct words dirs;   /* absolute, or with unknown pieces; n ≥ 1: any of them */
	struct str relative; /* for people, "api"; empty: where the request starts */
};

/* Sets the field: PRESENT (one value a way that things may be), ABSENT, or
 * UNKNOWN with why. The option counts only if the command has it. */
void scope_resolve(struct reading *rd, struct shell_state *st, const struct parsed *p,
    struct action *act, const struct model_scope *s,
    const struct scope_place *place);
/* The scope of that field; NULL: the tool has none. */
const struct model_scope *scope_find(const struct tool *t, const char *field);
/* The last value of an option; NULL: not given, or given empty. */
const struct word *option_last(const struct parsed *p, const char *name);
/* The configuration files that the command reads or would read: absolute paths. */
struct words scope_files(struct reading *rd, const struct parsed *p, const struct model_scope *s,
    const struct scope_place *place);
/* Is this the name of a file that says which app is meant (fly.toml)? */
bool scope_file(const struct tool *fly, struct str name); /* fly: the model of that name, may be NULL */
/* Those below dir may be others from now on, or say something else. */
void scope_files_change(struct reading *rd, struct str dir);
/* What the line itself has written below dir may be anything else from now on. */
void scope_written_change(struct reading *rd, struct str dir);

#endif
