/* SPDX-License-Identifier: ISC */
/*
 * find.c: find's expression: the commands of -exec and its kin with {} as any
 * path below the starting points, and the files that -delete, -fprint and
 * their kin write. A find without -exec is a command like any other.
 */
#include "tools/host.h"

#include <string.h>

static bool
one_of(struct word w, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (word_is(w, names[i]))
			return true;
	return false;
}

static bool
is_exec(struct word w)
{
	static const char *const names[] = { "-exec", "-execdir", "-ok", "-okdir" };

	return one_of(w, names, sizeof names / sizeof *names);
}

static bool
writes(struct word w)
{
	static const char *const names[] = { "-fprint", "-fprintf", "-fprint0", "-fls" };

	return one_of(w, names, sizeof names / sizeof *names);
}

/* Does the word begin the expression? */
static bool
begins(struct word w)
{
	struct str head = word_prefix(w);

	return head.n > 0 && (head.p[0] == '-' || head.p[0] == '(' || head.p[0] == '!' || head.p[0] == ',');
}

/* What the one -name of an expression without alternatives says of the last
 * part of {}. */
static bool
name_says(struct reading *rd, const struct shell_command *c, struct word *out)
{
	struct words globs;
	struct piece *v;
	struct str text;
	size_t at = 0;

	for (size_t i = 1; i + 1 < c->argv.n; i++) {
		if (word_is(c->argv.v[i], "-o") || word_is(c->argv.v[i], "-or") ||
		    word_is(c->argv.v[i], "!") || word_is(c->argv.v[i], "-not") ||
		    word_is(c->argv.v[i], ","))
			return false;
		if (word_is(c->argv.v[i], "-name"))
			at = i + 1;
	}
	if (at == 0 || !word_known(rd->a, c->argv.v[at], &text) || word_glob(rd->a, text, &globs) != 0 ||
	    globs.n != 1)
		return false;
	/* The glob's own pieces are names too. */
	v = NEW_ARRAY(rd->a, struct piece, globs.v[0].n + 1);
	for (size_t i = 0; i < globs.v[0].n; i++) {
		v[i] = globs.v[0].v[i];
		if (v[i].kind == PIECE_CHARS && v[i].set == NULL)
			v[i].set = &byteset_below;
	}
	*out = (struct word){ v, globs.v[0].n, { 0 } };
	return true;
}

static struct word
anything_below(struct reading *rd, bool many)
{
	struct word any = many ? word_words(rd->a, STR("{}")) : word_any(rd->a, STR("{}"));
	struct piece *v = NEW(rd->a, struct piece);

	*v = any.v[0];
	v->set = &byteset_below;
	return (struct word){ v, 1, any.typed };
}

/* What {} may be: a path below where find starts, where that is one place. */
static struct word
found(struct reading *rd, const struct shell_command *c, bool dir, bool many)
{
	size_t at = 1, from;
	struct word start = word_text(rd->a, STR("")), rest, name;

	while (at < c->argv.n && (word_is(c->argv.v[at], "-H") || word_is(c->argv.v[at], "-L") ||
				     word_is(c->argv.v[at], "-P")))
		at++;
	from = at;
	while (at < c->argv.n && !begins(c->argv.v[at]))
		at++;
	if (dir || at == from || (at == from + 1 && word_is(c->argv.v[from], ".")))
		start = word_text(rd->a, STR("./"));
	else if (at == from + 1 && !word_many(c->argv.v[from]))
		start = c->argv.v[from];
	rest = anything_below(rd, many);
	if (!many && name_says(rd, c, &name))
		rest = word_cat(rd->a, rest, name);
	return word_cat(rd->a, start, rest);
}

/* Replaces {} wherever it stands in the word. */
static struct word
braces(struct reading *rd, struct word w, struct word by)
{
	struct word out = word_text(rd->a, STR(""));

	for (size_t i = 0; i < w.n; i++) {
		struct str text = w.v[i].text;
		size_t at;

		while (w.v[i].kind == PIECE_TEXT && (at = str_find(text, STR("{}"))) != STR_NPOS) {
			out = word_cat(rd->a, out, word_text(rd->a, str_sub(text, 0, at)));
			out = word_cat(rd->a, out, by);
			text = str_sub(text, at + 2, text.n);
		}
		out = word_cat(rd->a, out, w.v[i].kind == PIECE_TEXT
			? word_text(rd->a, text) : (struct word){ &w.v[i], 1, { 0 } });
	}
	return out;
}

/* The command behind -exec at argv[at]; *end is behind its ; or +. */
static int
exec_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, size_t at,
    size_t *end)
{
	struct shell_state *inside = reading_inside(rd, st);
	bool dir = word_is(c->argv.v[at], "-execdir") || word_is(c->argv.v[at], "-okdir");
	size_t to = at + 1;
	struct word *v, by;
	bool many;
	int err;

	while (to < c->argv.n && !word_is(c->argv.v[to], ";") &&
	    !(word_is(c->argv.v[to], "+") && word_is(c->argv.v[to - 1], "{}")))
		to++;
	many = to < c->argv.n && word_is(c->argv.v[to], "+");
	by = found(rd, c, dir, many);
	*end = to;
	if (to == at + 1)
		return 0;
	v = NEW_ARRAY(rd->a, struct word, to - at);
	for (size_t i = at + 1; i < to; i++)
		v[i - at - 1] = braces(rd, c->argv.v[i], by);
	if (dir)
		shell_set_cwd(rd->shell, inside, found(rd, c, false, false));
	err = reading_run_argv(rd, inside, (struct words){ v, to - at - 1 }, c, 0, (struct str){ 0 });
	reading_back(rd, st, inside);
	return err;
}

static int
expression(struct reading *rd, struct shell_state *st, const struct shell_command *c, bool *execs)
{
	static const struct file_after unknown = { AFTER_UNKNOWN, { 0 } };
	static const struct file_after gone = { AFTER_ABSENT, { 0 } };
	int err;

	for (size_t i = 1; i < c->argv.n; i++) {
		if (is_exec(c->argv.v[i])) {
			*execs = true;
			if ((err = exec_run(rd, st, c, i, &i)) < 0)
				return err;
		} else if (writes(c->argv.v[i]) && i + 1 < c->argv.n) {
			file_edit(rd, st, c, c->argv.v[++i], ACTION_OPERAND, unknown);
		} else if (word_is(c->argv.v[i], "-delete")) {
			file_edit(rd, st, c, found(rd, c, false, false), ACTION_OPERAND | ACTION_RECURSIVE, gone);
		} else if (word_many(c->argv.v[i]) && i > 1) {
			reading_unknown_at(rd, st, c, UNKNOWN_OPAQUE, c->typed,
			    STR("an unknown word of find may begin -exec"));
		}
	}
	return 0;
}

int
find_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog)
{
	struct action *act;
	bool execs = false;
	int err;

	if (!str_is(prog->base, "find") && !str_is(prog->base, "gfind"))
		return 0;
	for (size_t i = 1; i < c->argv.n; i++)
		execs |= is_exec(c->argv.v[i]);
	if (execs)
		command_show(rd, st, c, prog->base);
	else if ((err = command_act(rd, st, c, prog, 0, &act)) < 0)
		return err;
	err = expression(rd, st, c, &execs);
	return err < 0 ? err : 1;
}
