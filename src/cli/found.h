/* SPDX-License-Identifier: ISC */
/* found.h: what `bridle init` finds in a project before it asks (found.c). */
#ifndef CLI_FOUND_H
#define CLI_FOUND_H

#include "cli.h"

/* The apps that fly.toml and fly.NAME.toml name, at the top and up to three
 * folders below it, parted by blanks, the top's first. Those that say that
 * they are for staging, previews or development are left out, unless the top's
 * fly.toml is all there is. Empty: none. */
struct str found_apps(struct arena *a, struct str project);
/* The remote's default branch, as its clone left it, else main or master; and
 * production, prod and release branches where there are any, as patterns. */
struct str found_trunk(struct arena *a, struct str project);
/* A name that may stand bare in a policy: letters, digits, - _ . / and *. */
bool found_plain(struct str name);
/* The first of names parted by blanks; *names: what is behind it. Empty: no more. */
struct str found_next(struct str *names);

#endif
