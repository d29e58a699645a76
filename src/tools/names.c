/* SPDX-License-Identifier: ISC */
/*
 * names.c: whether a text names a program that rules speak of, wherever it
 * stands there. What is done about it is mention.c's and others'.
 */
#include "tools/host.h"

#include <ctype.h>
#include <string.h>

struct str
reading_guarded_name(struct reading *rd, struct str text)
{
	size_t i = 0;

	while (i < text.n) {
		size_t from = i;

		while (i < text.n && text.p[i] != '\0' &&
		    (strchr("-_.", text.p[i]) != NULL || isalnum((unsigned char)text.p[i])))
			i++;
		if (i > from && models_spoken_of(rd->models, str_sub(text, from, i - from)))
			return str_sub(text, from, i - from);
		/* \nfly, \x20fly, \040fly, where a program makes another sign of these */
		for (size_t k = 1; k <= 3 && from + k < i && from > 0 && text.p[from - 1] == '\\'; k++)
			if (models_spoken_of(rd->models, str_sub(text, from + k, i - from - k)))
				return str_sub(text, from + k, i - from - k);
		if (i == from)
			i++;
	}
	return (struct str){ 0 };
}

bool
reading_names_guarded(struct reading *rd, struct str text)
{
	return reading_guarded_name(rd, text).n > 0;
}

bool
reading_names_risky(struct reading *rd, struct str text)
{
	static const char *const verbs[] = { "add", "blame", "branch", "checkout", "clone", "commit", "describe", "diff", "fetch",
		"grep", "init", "log", "ls-files", "merge-base", "mv", "pull", "restore", "rev-list", "rev-parse", "rm", "shortlog",
		"show", "stash", "status", "switch", "tag", "worktree" };
	static struct names by_verb = NAMES(verbs);
	struct str name;

	while ((name = reading_guarded_name(rd, text)).n > 0) {
		struct str rest = str_sub(text, (size_t)(name.p - text.p) + name.n, STR_NPOS), verb;
		size_t end = 0;

		verb = str_starts(rest, STR(" ")) ? str_sub(rest, 1, STR_NPOS) : STR("");
		while (end < verb.n && (verb.p[end] == '-' || (verb.p[end] >= 'a' && verb.p[end] <= 'z')))
			end++;
		if (!str_is(name, "git") || names_find(&by_verb, str_sub(verb, 0, end)) == STR_NPOS)
			return true;
		text = rest;
	}
	return false;
}

bool
reading_names_hidden(struct reading *rd, struct str text)
{
	char *bare = arena_alloc(rd->a, text.n);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == '\n')
			i++;
		else if (strchr("\\'\"`+^", text.p[i]) == NULL)
			bare[n++] = text.p[i];
	return reading_names_guarded(rd, text) || (n < text.n && reading_names_guarded(rd, (struct str){ bare, n }));
}
