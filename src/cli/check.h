/* SPDX-License-Identifier: ISC */
/* check.h: what check.c, batch.c and the hook side of check share. */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "cli.h"

struct check {
	struct where where;
	bool json, argv, hook, batch, person;
	enum shell_kind shell;
	struct local_policy *policy;
};
const char *const *check__env(struct arena *a, const struct strings *extra, char **base);
int check__shell(const char *name, enum shell_kind *out);
const char *check__cwd(const struct command *c, const char *given);
/* A request in cwd with nothing asked yet. cwd and env must outlive it. */
void check__request(struct arena *a, const char *cwd, const char *const *env, const char *agent, struct request *r);
/* JSON Lines from stdin; exit status. */
int check__batch(const struct check *k, const char *cwd, const char *const *env);
int check__hook(struct check *k, const char *const *env, struct arena *a, bool explain);
/* A hook event as a request; ENOENT: it asks for no decision. */
int check__event(const struct check *k, struct str event, const char *const *env, struct arena *a, struct request *r);

#endif
