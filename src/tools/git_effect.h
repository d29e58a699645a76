/* SPDX-License-Identifier: ISC */
/*
 * git_effect.h: what a git command leaves behind, while it is worked out:
 * git_effect.c moves HEAD and branches, git_setting.c writes configuration.
 */
#ifndef TOOLS_GIT_EFFECT_H
#define TOOLS_GIT_EFFECT_H

#include "tools/git.h"

/* Stands for a commit that the line makes. */
#define SOME_COMMIT "1111111111111111111111111111111111111111"

struct effect {
	struct git *g;
	struct arena *a;
	const struct parsed *p;
	bool sure;
};

/* ---- the command and its repository ---- */
bool effect_given(const struct effect *e, const char *option);
/* The option's last value; false where it is not given or not known. */
bool effect_value(const struct effect *e, const char *option, struct str *out);
bool effect_operand(const struct effect *e, size_t i, struct str *out);
struct str effect_in_git(const struct effect *e, struct str name);
struct str effect_in_common(const struct effect *e, struct str name);
struct str effect_branch_ref(const struct effect *e, struct str name);
bool effect_exists(const struct effect *e, struct str ref);

/* ---- its configuration file, git_setting.c ---- */
struct str effect_config(const struct effect *e);
/* What the file holds; false: it is unknown from now on. */
bool effect_edit(struct effect *e, struct str path, struct git_config *c);
void effect_write(struct effect *e, struct str path, const struct git_config *c);
/* Renames, or removes where `to` is empty, every setting of a subsection. */
void effect_move(struct effect *e, struct git_config *c, const char *section, struct str from, struct str to);
/* branch.NAME.remote and .merge; remote empty: taken away. */
void effect_upstream(struct effect *e, struct str branch, struct str remote, struct str merge);
/* origin/x is a remote-tracking branch: of which remote, and its name there. */
bool effect_tracking(struct effect *e, struct str start, struct str *remote, struct str *merge);
void effect_git_config(struct effect *e);
void effect_git_remote(struct effect *e);

/* git_made.c: git clone and init, git worktree add. */
void effect_new_repo(struct effect *e);
void effect_worktree(struct effect *e);

#endif
