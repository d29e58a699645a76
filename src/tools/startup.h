/* SPDX-License-Identifier: ISC */
/*
 * startup.h: what a shell reads before its text (startup.c), for interp.c.
 */
#ifndef TOOLS_STARTUP_H
#define TOOLS_STARTUP_H

#include "tools/host.h"

struct startup {
	bool login, interactive;
	bool none, no_profile; /* --norc, --noprofile */
	bool letter_f;         /* -f, to zsh what --no-rcs is */
	struct buf text;       /* what it reads first */
};
/* Of a shell that starts now: runs what is no text of its own, adds what is. */
int startup_read(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, struct startup *s);
/* --rcfile FILE. */
int startup_file(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word file,
    struct startup *s);
/* <(…) as a file's name. (interp.c) */
bool interp_process(struct word w);
bool interp_is_shell(struct str program); /* one whose text is read */

#endif
