/* SPDX-License-Identifier: ISC */
/*
 * runner.h: programs that run what a file of the project says, between
 * runner.c (./x.sh), make_run.c, package.c (npm and its kin) and
 * package_call.c (what their command line asks for).
 */
#ifndef TOOLS_RUNNER_H
#define TOOLS_RUNNER_H

#include "tools/host.h"

struct place { /* where a runner looks */
	struct word dir;
	bool known;
	struct str path; /* known: absolute, clean */
};
/* dir NULL: where the command runs. */
struct place runner_place(struct reading *rd, struct shell_state *st, const struct word *dir);
/* It runs something that is not known. */
void runner_opaque(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str why);
/* Marks the runner's action where what it reads is not the project's. act may be NULL. */
void runner_mark(struct reading *rd, struct action *act, struct str file);
/* Text of a file of that folder, run by sh there. */
int runner_run_in(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str dir,
    struct word text, struct str chain);

/* ---- make_run.c ---- */
int make_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, bool just, struct action *act);

/* ---- package_call.c ---- */
#define PACKAGE_SCRIPTS 12
struct package_call { /* which scripts of which package.json a line runs */
	struct str scripts[PACKAGE_SCRIPTS]; /* names, or globs (build:*) */
	size_t nscripts;
	bool around;         /* pre- and post-scripts run as well */
	struct words args;   /* the script's own words */
	struct word dir;     /* where to look */
	bool has_dir;
	VEC(struct str) packages; /* of the workspace: names, folders, patterns */
	bool every;          /* of all packages of the workspace */
	bool unknown;        /* which script or package is not known */
};
/* False: the line runs no script, or the program is none that does. */
bool package_call(struct reading *rd, struct str program, const struct shell_command *c,
    struct package_call *out);

/* ---- package.c ---- */
/* 1: the program is one of these; 0: not; negative: an error. */
int package_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, struct action *act);
/* The nearest package.json from dir upwards: 0, ENOENT, EUNKNOWN. */
int package_file(struct reading *rd, struct str dir, struct str *file, struct str *text);

/* ---- package_env.c ---- */
struct cJSON;
/* A copy of st with the environment of a script of that package; root: its package.json. */
struct shell_state *package_env(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, const struct cJSON *root, struct str dir);
/* The command that npx runs, and in st what it looks through. */
struct words package_argv(struct reading *rd, struct shell_state *st, struct words argv);

/* ---- package_set.c ---- */
/* What npm pkg set, if it is that, makes of package.json. */
void package_set(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct str program);

#endif
