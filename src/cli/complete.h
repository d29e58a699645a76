/* SPDX-License-Identifier: ISC */
/* complete.h: for shells' completions; complete.c has the format. */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli.h"

/* Set: options() shows a command's table instead of reading by it. */
extern bool complete_listing;
void complete_options(const struct command *c, const struct opt *table, size_t n);
void complete_commands(const struct command *const *c, size_t n);
/* Its words and options; all are the commands there are, for `help`. */
void complete_command(const struct command *c, const struct command *const *all, size_t n);

#endif
