/* SPDX-License-Identifier: ISC */
/*
 * lines.h: for tests of the option parsers: a line as slots of words, and
 * what was read as one line of text. In a line, words are separated by blanks;
 * '' is the empty word, $X an unquoted unknown (any words), "$X" one unknown
 * word, and either may stand inside a word (--app=$X).
 */
#ifndef LINES_H
#define LINES_H

#include "tools/tools.h"

/* Slots of the words, count in *n. */
struct words *line_slots(struct arena *a, const char *line, size_t *n);
/* "apps destroy | prod | --yes --app=x | refused: …" with `maybe`, `rest`,
 * `help` where they hold; options that may not be there have a '?'. */
struct str line_parsed(struct arena *a, const struct parsed *p);

#endif
