/* SPDX-License-Identifier: ISC */
/*
 * oracle.h: the parts of the oracle. gen.c writes shell text from a seed,
 * real.c runs it in a real shell where only stubs can be run, reader.c asks
 * the walk and compares. oracle.c is the program.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include "bridle/shell.h"

/* ---- gen_zsh.c: texts with holes, and what goes into some of them ---- */
extern const char *const oracle_zsh_forms[], *const oracle_zsh_subscripts[], *const oracle_zsh_modifiers[],
    *const oracle_zsh_flags[];
extern const unsigned oracle_nzsh_forms, oracle_nzsh_subscripts, oracle_nzsh_modifiers, oracle_nzsh_flags;

/* ---- gen.c ---- */
/* Text for this shell; the same for the same seed. */
struct str oracle_generate(struct arena *a, enum shell_kind shell, uint64_t seed);

/* ---- real.c ---- */
struct record {
	int status;
	struct str exe, cwd;
	struct str vars[2]; /* X1, X2; p NULL: not set */
	struct words argv;
};
struct outcome_seen {
	struct record *v;
	size_t n;
	int status; /* of the shell; -1: it did not end in time */
};
struct ground { /* a scratch folder: bin (stubs), alt (stubs), work, log */
	const char *root;
};
void oracle_prepare(const struct ground *g); /* as it was before any case */
/* fast: as shim.c does it for bash. */
void oracle_run(struct arena *a, const struct ground *g, enum shell_kind shell, bool fast,
    struct str text, struct outcome_seen *out);
void oracle_end(void); /* ends the shells */
/* Whether this shell is on this machine. */
bool oracle_has(enum shell_kind shell);

/* ---- reader.c ---- */
struct telling; /* what the walk said */
struct verdict_seen {
	bool unknown;     /* dynamic, opaque or a limit was told */
	size_t exact;     /* records covered by known words alone */
	struct str wrong; /* not empty: what is wrong */
};
struct telling *oracle_read(
    struct arena *a, const struct ground *g, enum shell_kind shell, struct str text);
/* Something was told to be unknown: there is nothing to compare. */
bool oracle_gave_up(const struct telling *t);
void oracle_compare(struct arena *a, const struct telling *t, const struct outcome_seen *seen,
    struct verdict_seen *out);
/* What was said, a line each, to stdout. */
void oracle_show(struct arena *a, const struct telling *t);

#endif
