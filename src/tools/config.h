/* SPDX-License-Identifier: ISC */
/*
 * config.h: one top-level text of a configuration file, as flyctl finds it.
 */
#ifndef TOOLS_CONFIG_H
#define TOOLS_CONFIG_H

#include "bridle/base.h"

/*
 * The value of a top-level key, whose ASCII case does not matter (of several
 * spellings the bytewise greatest counts, as after Go's JSON decoding). The
 * format is told by the name: .json, .yaml and .yml, else TOML. Returns 0,
 * ENOENT (certainly not there, or empty), or EUNKNOWN with why as a phrase
 * ("is not TOML").
 */
int config_text(struct arena *a, struct str file, struct str text, struct str key, struct str *out,
    struct str *why);

#endif
