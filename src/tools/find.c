/* SPDX-License-Identifier: ISC */
/*
 * find.c: find's expression: the commands of -exec and its kin with {} as any
 * path below the starting points, and the files that -delete, -fprint and
 * their kin write. A find without -exec is a command like any other. fd's
 * --exec is the same beside its own command.
 */
#include "tools/host.h"

#include <ctype.h>
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

/* link/, or with -L and -H a link: find goes where it leads. */
static struct word
followed(struct reading *rd, const struct shell_state *st, struct word start, bool option)
{
	struct world_stat ws;
	struct str path;

	if ((option || str_ends(word_suffix(rd->a, start), STR("/"))) &&
	    word_known(rd->a, reading_path(rd, st, start, 0), &path) && path.n > 1 && path.p[0] == '/' &&
	    overlay_stat(rd, path, false, &ws) == 0 && ws.kind == WORLD_LINK)
		return word_text(rd->a, overlay_real(rd, path));
	return start;
}

/* What {} may be: a path below where find starts, where that is one place; and,
 * without its name, the folder that it is in. */
static struct word
found(struct reading *rd, const struct shell_state *st, const struct shell_command *c, bool dir, bool many,
    bool named)
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
		start = followed(rd, st, c->argv.v[from], from > 1);
	for (size_t i = 1; i < c->argv.n; i++)
		if (word_is(c->argv.v[i], "-files0-from")) /* each may be a place of its own */
			return word_any(rd->a, STR("{}"));
	rest = anything_below(rd, many);
	if (named && name_says(rd, c, &name)) /* of many, of each */
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
	by = found(rd, st, c, dir, many, true);
	*end = to;
	if (to == at + 1)
		return 0;
	v = NEW_ARRAY(rd->a, struct word, to - at);
	for (size_t i = at + 1; i < to; i++)
		v[i - at - 1] = braces(rd, c->argv.v[i], by);
	if (dir)
		shell_set_cwd(rd->shell, inside, reading_path(rd, st, found(rd, st, c, false, false, false), 0));
	err = reading_run_argv(rd, inside, (struct words){ v, to - at - 1 }, c, 0, (struct str){ 0 });
	reading_back(rd, st, inside);
	return err;
}

/* -empty, -type d: what it deletes holds nothing. */
static bool
only_empty(const struct shell_command *c)
{
	bool empty = false;

	for (size_t i = 1; i < c->argv.n; i++) {
		if (word_is(c->argv.v[i], "-o") || word_is(c->argv.v[i], "-or") || word_is(c->argv.v[i], "!") ||
		    word_is(c->argv.v[i], "-not") || word_is(c->argv.v[i], ","))
			return false;
		empty |= word_is(c->argv.v[i], "-empty") ||
		    (i + 1 < c->argv.n && word_is(c->argv.v[i], "-type") && word_is(c->argv.v[i + 1], "d"));
	}
	return empty;
}

static int
expression(struct reading *rd, struct shell_state *st, const struct shell_command *c, bool *execs)
{
	static const struct file_after unknown = { .kind = AFTER_UNKNOWN };
	static const struct file_after gone = { .kind = AFTER_ABSENT };
	int err;

	for (size_t i = 1; i < c->argv.n; i++) {
		if (is_exec(c->argv.v[i])) {
			*execs = true;
			if ((err = exec_run(rd, st, c, i, &i)) < 0)
				return err;
		} else if (writes(c->argv.v[i]) && i + 1 < c->argv.n) {
			file_edit(rd, st, c, c->argv.v[++i], ACTION_OPERAND, unknown);
		} else if (word_is(c->argv.v[i], "-delete") && !only_empty(c)) {
			file_edit(rd, st, c, found(rd, st, c, false, false, true), ACTION_OPERAND, gone);
		} else if (word_many(c->argv.v[i]) && i > 1) {
			reading_unknown_at(rd, st, c, UNKNOWN_OPAQUE, c->typed,
			    STR("an unknown word of find may begin -exec"));
		}
	}
	return 0;
}

/* ---- fd ---------------------------------------------------------------------------- */

/* -x, -Hx, --exec, --exec-batch: its command follows; --exec=NAME begins it. */
static bool
fd_exec(struct word w, bool *many)
{
	struct str head = word_prefix(w);
	size_t flags = head.n > 2 && head.p[0] == '-' && head.p[1] != '-' ? strspn(head.p + 1, "HIuglFapLsi01q") : 0;

	*many = word_is(w, "-X") || str_starts(head, STR("--exec-b")) || (head.n > 2 && head.p[head.n - 1] == 'X');
	return word_is(w, "-x") || word_is(w, "-X") || str_starts(head, STR("--exec")) ||
	    (flags > 0 && flags + 2 == head.n && strchr("xX", head.p[head.n - 1]) != NULL);
}

/* A pattern of plain letters is part of the name; any other says nothing here. */
static struct word
contains(struct reading *rd, struct word pattern)
{
	struct str text;

	if (!word_known(rd->a, pattern, &text))
		return word_text(rd->a, STR(""));
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '_' && text.p[i] != '-' && !isalnum((unsigned char)text.p[i]))
			return word_text(rd->a, STR(""));
	return word_cat(rd->a, word_text(rd->a, text), anything_below(rd, false));
}

/* A path below the folder that fd is told to look in. */
static struct word
fd_found(struct reading *rd, const struct shell_command *c, size_t to, bool many)
{
	static const char values[] = "-e -t -d -E -S -o -c -j --extension --type --max-depth --exclude --size";
	struct word start = word_text(rd->a, STR("./")), end = word_text(rd->a, STR("")), path;
	struct word name = word_text(rd->a, STR(""));
	size_t operands = 0, endings = 0;

	for (size_t i = 1; i < to; i++) {
		struct str head = word_prefix(c->argv.v[i]);

		if ((word_is(c->argv.v[i], "-e") || word_is(c->argv.v[i], "--extension")) && i + 1 < to && endings++ == 0)
			end = word_cat(rd->a, word_text(rd->a, STR(".")), c->argv.v[i + 1]);
		if (names_hold(values, head))
			i++;
		else if ((head.n > 0 && head.p[0] == '-') || (operands == 0 && word_many(c->argv.v[i])))
			continue;
		else if (operands++ == 0)
			name = contains(rd, c->argv.v[i]);
		else if (operands == 2 && !word_many(c->argv.v[i]))
			start = word_cat(rd->a, c->argv.v[i], word_text(rd->a, STR("/")));
	}
	path = word_cat(rd->a, word_cat(rd->a, start, anything_below(rd, many)), name);
	return endings == 1 && !many ? word_cat(rd->a, path, end) : path;
}

/* {} as the path, {/} and {.} as something of it; without a mark the path comes last. */
static struct words
fd_command(struct reading *rd, struct words command, struct word by)
{
	static const char *const parts[] = { "{/}", "{//}", "{.}", "{/.}" };
	struct word *v = NEW_ARRAY(rd->a, struct word, command.n + 1);
	bool marked = false;

	for (size_t i = 0; i < command.n; i++) {
		v[i] = braces(rd, command.v[i], by);
		marked |= v[i].n != command.v[i].n;
		for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
			if (word_prefix(v[i]).n > 0 && str_find(word_prefix(v[i]), str_of(parts[k])) != STR_NPOS) {
				v[i] = word_any(rd->a, STR("{}"));
				marked = true;
			}
	}
	v[command.n] = by;
	return (struct words){ v, command.n + !marked };
}

static int
fd_run(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	for (size_t i = 1; i < c->argv.n; i++) {
		struct shell_state *inside;
		struct words command = words_from(c->argv, i + 1);
		struct str head = word_prefix(c->argv.v[i]);
		size_t eq = str_chr(head, '=');
		bool many;
		int err;

		if (!fd_exec(c->argv.v[i], &many))
			continue;
		for (size_t k = 0; k < command.n; k++)
			if (word_is(command.v[k], ";"))
				command.n = k;
		if (eq != STR_NPOS && head.p[1] == '-') {
			struct word *v = NEW_ARRAY(rd->a, struct word, command.n + 1);

			v[0] = word_text(rd->a, str_sub(head, eq + 1, STR_NPOS));
			for (size_t k = 0; k < command.n; k++)
				v[k + 1] = command.v[k];
			command = (struct words){ v, command.n + 1 };
		}
		if (command.n == 0)
			return 0;
		inside = reading_inside(rd, st);
		err = reading_run_argv(rd, inside, fd_command(rd, command, fd_found(rd, c, i, many)), c, ACTION_INNER,
		    (struct str){ 0 });
		reading_back(rd, st, inside);
		return err;
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

	if (str_is(prog->base, "fd") || str_is(prog->base, "fdfind"))
		return fd_run(rd, st, c);
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
