/* SPDX-License-Identifier: ISC */
/* health.h: what health.c and doctor.c share. */
#ifndef CLI_HEALTH_H
#define CLI_HEALTH_H

#include "control.h"

void checkup__say(struct checkup *k, enum health h, const char *name, struct str text, struct str fix);
void checkup__client(struct checkup *k);       /* the client's release */
void checkup__wrapper(struct checkup *k);      /* first in PATH, if it is there */
void checkup__client_rules(struct checkup *k); /* its deny rules that still hit */
void checkup__thorough(struct checkup *k);     /* the real pipe, fly's release */

#endif
