/* SPDX-License-Identifier: ISC */
/*
 * ssh.c: what ssh and its kin run on this machine: the programs that -o and the
 * lines of a configuration file name. What they run elsewhere is wrap.c's.
 */
#include "tools/wrap.h"

#include <string.h>

/* Match exec "COMMAND": what stands behind `exec`. */
static struct word
match_command(struct reading *rd, struct word value)
{
	struct str head = word_prefix(value);
	size_t at = str_find(head, STR("exec"));

	if (at == STR_NPOS)
		return word_text(rd->a, STR(""));
	at += 4;
	while (at < head.n && strchr(" \t=", head.p[at]) != NULL)
		at++;
	if (at < head.n && head.p[at] == '"') {
		struct str rest = str_sub(head, at + 1, head.n);
		size_t end = str_chr(rest, '"');

		if (end != STR_NPOS || value.n == 1)
			return word_text(rd->a, str_sub(rest, 0, end));
		at++;
	}
	return word_from(rd->a, value, at);
}

int
wrap_ssh_option(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word value)
{
	static const char *const names[] = { "proxycommand", "localcommand", "knownhostscommand" };
	struct str head = word_prefix(value), name;
	size_t end = 0;

	while (end < head.n && strchr("= \t", head.p[end]) == NULL)
		end++;
	name = str_sub(head, 0, end);
	if (end == head.n)
		return 0;
	if (str_ieq(name, STR("match")))
		return wrap_text(rd, st, c, match_command(rd, value), ACTION_INNER);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_ieq(name, str_of(names[i])))
			return wrap_text(rd, st, c, word_cat(rd->a,
			    word_text(rd->a, str_trim(str_sub(head, end + 1, head.n))),
			    (struct word){ value.v + 1, value.n - 1, { 0 } }), ACTION_INNER);
	return 0;
}

/* Each line is what -o takes. */
int
wrap_ssh_file(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word file)
{
	struct overlay_state s;
	struct str path;
	struct inner saved;
	int err = 0;

	if (script_texts(rd, st, c, file, &s, &path) < 0)
		return 0;
	saved = reading_enter(rd, script_flags(rd, path), path_base(path));
	if (s.unknown && script_suspect(rd, s.by))
		script_written(rd, st, c, path_base(path), "it");
	for (size_t i = 0; i < s.texts.n; i++) {
		struct str text = s.texts.v[i];

		while (text.n > 0 && err >= 0) {
			struct str line = str_trim(str_line(&text));

			err = wrap_ssh_option(rd, st, c, word_text(rd->a, line));
		}
	}
	reading_leave(rd, saved);
	return err;
}
