/* SPDX-License-Identifier: ISC */
/*
 * code_files.c: literals in code of another language that are files: what the
 * code may read, or write where it has a way to. A guess: only rules of ask and
 * deny speak of them. The code itself is code.c.
 */
#include "tools/code.h"

#include <string.h>

#define PATHS_MAX 32

/* awk's print x > f: a > of the statement itself. */
static bool
prints_to(struct str code)
{
	size_t from = 0, at;

	while ((at = str_find(str_sub(code, from, code.n), STR("print"))) != STR_NPOS) {
		int open = 0;

		for (from += at + 5; from < code.n && !code_in(code.p[from], ";}\n") && open >= 0; from++) {
			open += code.p[from] == '(' ? 1 : code.p[from] == ')' ? -1 : 0;
			if (code.p[from] == '>' && open == 0 && !code_in(code.p[from - 1], "=-") &&
			    (from + 1 >= code.n || code.p[from + 1] != '='))
				return true;
		}
	}
	return false;
}

static bool
can_write(struct str code)
{
	static const char *const words[] = { "write", "'w", "\"w", "'a'", "\"a\"", "'r+", "unlink", "remove",
		"rename", "rmtree", "copy", "move", "truncate", "dump(", "rmSync", "rm(", "> \"",
		">\"", "\">", "'>", "symlink", "chmod", "save", "putFile", "put_contents" };

	return code_holds(code, words, sizeof words / sizeof *words) || prints_to(code);
}

/* A code that only names or prints a file does not read it. */
static bool
can_read(struct str code)
{
	static const char *const words[] = { "open", "read", "Read", "load", "Load", "source", "require", "import",
		"Path", "slurp", "cat", "<", "onfig", "file", "File", "nclude", "IO", "get", "exec", "system", "spawn", "run",
		"popen", "do ", "stream", "Stream", "parse", "input", "glob", "$(" };

	return code_holds(code, words, sizeof words / sizeof *words);
}

static bool
like_path(struct str s)
{
	bool dot = false;

	if (s.n < 2 || s.n > 256 || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!code_word_byte(s.p[i]) && !code_in(s.p[i], "./~@+"))
			return false;
		dot |= code_in(s.p[i], "./") || (s.p[i] >= 'A' && s.p[i] <= 'Z');
	}
	return dot;
}

/* print > f, open(f, "w"): does a file have the name that the variable holds? */
static bool
opened(struct reading *rd, struct str code, struct str name)
{
	static const char *const before[] = { ">", "> ", "(" };
	bool any = false;

	for (size_t i = 0; i < sizeof before / sizeof *before && name.n > 0; i++)
		any |= str_find(code, str_cat(rd->a, str_of(before[i]), name)) != STR_NPOS;
	return any;
}

/* What the code writes by a name that is no path to look at, as open("s", "w") and
 * awk's print > "s" do, the line may run next. */
static void
written_name(struct reading *rd, struct shell_state *st, struct str code, const struct literal *l, struct str name)
{
	static const char *const opens[] = { "open", "write", "Write", "Path", "File", "put_contents", "dump", "save" };
	size_t before = l->from;
	struct str path;

	while (before > 0 && code.p[before - 1] == ' ')
		before--;
	if (l->filled || name.n == 0 || shell_cwd(st).n != 1 ||
	    !((before > 0 && code.p[before - 1] == '>') || name.n < l->text.n || opened(rd, code, code_name(code, l->from)) ||
		code_called(code, l->from, opens, sizeof opens / sizeof *opens)))
		return;
	for (size_t i = 0; i < name.n; i++)
		if (!code_word_byte(name.p[i]))
			return;
	if (word_known(rd->a, reading_path(rd, st, word_text(rd->a, name), 0), &path))
		overlay_unknown(rd, path, WROTE_PART);
}

void
code_files(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct str code, const struct literals *ls)
{
	static const struct file_after unknown = { .kind = AFTER_UNKNOWN };
	struct inner saved = reading_enter(rd, ACTION_GUESS | ACTION_INNER, (struct str){ 0 });
	bool writes = can_write(code), reads = can_read(code);
	size_t n = 0;

	for (size_t i = 0; i < ls->v.n && n < PATHS_MAX; i++) {
		struct str path = ls->v.v[i].text;

		while (str_starts(path, STR(">")) || str_starts(path, STR(" "))) /* perl: open F, ">file" */
			path = str_sub(path, 1, path.n);
		if (ls->v.v[i].filled || !like_path(path)) {
			if (writes)
				written_name(rd, st, code, &ls->v.v[i], path);
			continue;
		}
		if (str_starts(path, STR("~/")) && rd->request->home.n > 0)
			path = path_join(rd->a, rd->request->home, str_sub(path, 2, path.n));
		n++;
		if (writes)
			file_edit(rd, st, c, word_text(rd->a, path), ACTION_OPERAND, unknown);
		else if (reads)
			file_look(rd, st, c, word_text(rd->a, path), ACTION_OPERAND);
	}
	reading_leave(rd, saved);
}
