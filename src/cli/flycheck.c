/* SPDX-License-Identifier: ISC */
/*
 * flycheck.c: doctor's comparison of the installed fly with the model that
 * bridle judges by: `fly version`, and the command tree as `fly help` prints
 * it. Nothing else is run. What the model does not know is never allowed.
 */
#include <stdlib.h>
#include <string.h>

#include "health.h"
#include "log.h"
#include "tools/tools.h"

#define MOST_NAMED 12  /* unknown commands that are named */
#define MOST_HELPS 120 /* groups that are asked for their help */

struct tree {
	struct checkup *k;
	const struct tool *tool;
	const char *program;
	struct buf unknown;
	size_t nunknown, seen, helps;
};

/* The command at path + word, by name or alias; n words. */
static const struct model_command *
find(const struct tool *t, const struct str *path, size_t n, struct str word)
{
	for (size_t i = 0; i < t->ncommands; i++) {
		const struct model_command *c = &t->commands[i];
		bool here = c->npath == n + 1;

		for (size_t k = 0; here && k < n; k++)
			here = str_eq(c->path[k], path[k]);
		if (!here)
			continue;
		if (str_eq(c->path[n], word))
			return c;
		for (size_t k = 0; k < c->naliases; k++)
			if (str_eq(c->aliases[k], word))
				return c;
	}
	return NULL;
}

/* "  volumes      Manage Fly Volumes." -> volumes; empty: no such line. A root
 * help may say "  fly launch   …": then launch. */
static struct str
listed_command(struct str line)
{
	size_t blanks = 0, end;

	while (blanks < line.n && line.p[blanks] == ' ')
		blanks++;
	if (blanks == 0 || blanks > 8)
		return STR("");
	line = str_sub(line, blanks, STR_NPOS);
	if (str_starts(line, STR("fly ")) || str_starts(line, STR("flyctl ")))
		line = str_sub(line, str_chr(line, ' ') + 1, STR_NPOS);
	for (end = 0; end < line.n && ((line.p[end] >= 'a' && line.p[end] <= 'z') || line.p[end] == '-' ||
	    (end > 0 && line.p[end] >= '0' && line.p[end] <= '9')); end++)
		;
	if (end < 2 || line.p[0] == '-' || end + 2 >= line.n || line.p[end] != ' ' || line.p[end + 1] != ' ')
		return STR("");
	return str_sub(line, 0, end);
}

static void
note_unknown(struct tree *t, const struct str *path, size_t n, struct str word)
{
	if (t->nunknown++ >= MOST_NAMED)
		return;
	buf_puts(&t->unknown, t->unknown.n > 0 ? ", " : "");
	for (size_t i = 0; i < n; i++)
		buf_printf(&t->unknown, STR_FMT " ", STR_ARG(path[i]));
	buf_add(&t->unknown, word);
}

/* Asks for the help of one group and goes down into those below it. */
static void
compare(struct tree *t, const struct str *path, size_t n)
{
	const char *argv[8] = { t->program, "help" };
	struct str out, line;

	if (n > 3 || t->helps++ >= MOST_HELPS)
		return;
	for (size_t i = 0; i < n; i++)
		argv[2 + i] = str_c(t->k->a, path[i]);
	log__progress(NULL, t->helps, 0);
	if (checkup__program(t->k->a, argv, STR(""), &out) != 0)
		return;
	while (out.n > 0) {
		const struct model_command *c;

		line = listed_command(str_line(&out));
		if (line.n == 0 || str_is(line, "help") || str_is(line, "completion"))
			continue;
		t->seen++;
		c = find(t->tool, path, n, line);
		if (c == NULL)
			note_unknown(t, path, n, line);
		else if (&t->tool->commands[c->end - 1] > c) /* a group */
			compare(t, c->path, c->npath);
	}
}

void
checkup__fly(struct checkup *k)
{
	static const char *const names[] = { "fly", "flyctl" };
	const char *argv[] = { NULL, "version", NULL };
	struct tree t = { .k = k, .tool = models_find(models_new(k->a), STR("fly")) };
	struct str path, version = STR("");

	for (size_t i = 0; i < 2 && argv[0] == NULL; i++)
		if (checkup__real_program(k->a, names[i], &path))
			argv[0] = str_c(k->a, path);
	if (argv[0] == NULL || t.tool == NULL)
		return;
	t.program = argv[0];
	buf_init(&t.unknown, k->a);
	buf_puts(&t.unknown, "");
	if (checkup__program(k->a, argv, STR(""), &version) != 0 || version.n == 0) {
		checkup__say(k, HEALTH_NOTE, "fly", str_printf(k->a, STR_FMT " version says nothing", STR_ARG(path)), STR(""));
		return;
	}
	compare(&t, NULL, 0);
	log__progress_end();
	if (t.seen == 0) {
		checkup__say(k, HEALTH_NOTE, "fly", str_printf(k->a, STR_FMT " lists no commands: is it flyctl?", STR_ARG(path)), STR(""));
		return;
	}
	version = str_trim(str_sub(version, 0, str_chr(version, '\n')));
	checkup__say(k, t.nunknown > 0 ? HEALTH_NOTE : HEALTH_GOOD, "fly", t.nunknown > 0 ?
	    str_printf(k->a, STR_FMT " has %zu commands that the model (" STR_FMT ") does not know: " STR_FMT "%s",
		STR_ARG(str_sub(version, 0, 80)), t.nunknown, STR_ARG(tool_describes(t.tool)), STR_ARG(buf_str(&t.unknown)),
		t.nunknown > MOST_NAMED ? " …" : "") :
	    str_printf(k->a, STR_FMT ": %zu commands, all known to the model (" STR_FMT ")", STR_ARG(str_sub(version, 0, 80)),
		t.seen, STR_ARG(tool_describes(t.tool))),
	    t.nunknown > 0 ? STR("they are never allowed; a rule that names one wants a newer model (`model PATH` in a policy)") : STR(""));
}
