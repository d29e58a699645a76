/* SPDX-License-Identifier: ISC */
/*
 * settings.h: changing Claude Code's settings files as text, so that a
 * person's formatting, order and unknown keys stay. Nothing is written that
 * does not parse, or where the file changed meanwhile.
 */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "cli.h"

/* The text with our handlers in it: those there are ours already are taken
 * out first, so that twice is once. hook: absolute path of bridle-hook;
 * matcher: of PreToolUse. ESYNTAX: *why says what does not parse. */
int settings_add(struct arena *a, struct str text, struct str hook, struct str matcher,
    struct str *out, struct str *why);
/* The text without our handlers, and without what only they needed. */
int settings_remove(struct arena *a, struct str text, struct str *out, struct str *why);
/* Takes strings out of permissions.deny, .ask and .allow. */
int settings_drop_rules(struct arena *a, struct str text, const struct str *rules, size_t n, struct str *out, struct str *why);

#define BACKUP ".bridle-backup"
#define BEFORE_IMPORT ".before-import" /* what import took rules out of, as it was */
/* ---- writing, for init, uninstall and import ---- */
/* Replaces path by text through a new file beside it, if it still holds
 * `before` (absent: before_absent). backup: a suffix (BACKUP); the old one is
 * kept under PATH and it, unless there is one. NULL: none is kept. 0, EIO (errno), EINVAL: it changed meanwhile. */
int write_changed(const char *path, struct str before, bool before_absent, struct str text, const char *backup);
/* A unified-looking diff of two texts, for --dry-run. */
void print_diff(const char *path, struct str before, struct str after);
/* A person at a terminal with no agent above; else prints why and returns false. */
bool only_a_person(const struct command *c);

#endif
