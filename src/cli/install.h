/* SPDX-License-Identifier: ISC */
/* install.h: what init.c, uninstall.c, import.c and trust.c share. */
#ifndef CLI_INSTALL_H
#define CLI_INSTALL_H

#include "settings.h"

/* For the hook: the agent's tools that rules can speak of, and those that the
 * policies that hold in cwd name. */
struct str install__matcher(struct arena *a, struct str cwd);
/* Absolute path of bridle-hook: as given, else beside this program; empty: not there. */
struct str install__hook_path(struct arena *a, const char *given);
/* The settings file that WHICH ("user", "project", "local", NULL: user) means
 * from cwd, and its text. 0, or the exit status after a message. */
int install__settings(struct arena *a, const struct command *c, const char *which, struct str cwd, struct str *path,
    struct str *before, bool *absent);
/* For scripts that a person wrote: no terminal needed, but no agent above. */
bool no_agent_above(const struct command *c);

/* ---- a service that keeps the daemon running: service.c ---- */
bool service_known(const char *name); /* "systemd", "launchd", "none" */
/* Writes its files, or shows them; says how to start it. Exit status. */
int service_install(struct arena *a, const char *name, bool dry);
/* Takes away the files that are as service_install writes them. */
void service_remove(struct arena *a, bool dry);
/* ---- the wrapper in its usual folder: wrap.c. Exit status. ---- */
struct str wrapper_dir(struct arena *a); /* empty: not known */
int wrapper_install(struct arena *a, bool dry);
void wrapper_remove(struct arena *a, bool dry); /* links of ours only */

#endif
