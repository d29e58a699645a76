/* SPDX-License-Identifier: ISC */
/* health.h: what health.c and doctor.c share. */
#ifndef CLI_HEALTH_H
#define CLI_HEALTH_H

#include "control.h"

void checkup__say(struct checkup *k, enum health h, const char *name, struct str text, struct str fix);
void checkup__client(struct checkup *k);       /* the client's release */
void checkup__wrapper(struct checkup *k);      /* first in PATH, if it is there */
void checkup__client_rules(struct checkup *k); /* its deny rules that still hit */
void checkup__thorough(struct checkup *k);     /* the real pipe, fly */
void checkup__fly(struct checkup *k);          /* the installed fly beside its model */
/* Runs a program; stdin_text goes to its standard input, at most 64 KiB of its
 * output into *out. The exit status, or -1. */
int checkup__program(struct arena *a, const char *const argv[], struct str stdin_text, struct str *out);
/* The first program of this name in PATH that is not our wrapper; false: none. */
bool checkup__real_program(struct arena *a, const char *name, struct str *out);

#endif
