/* SPDX-License-Identifier: ISC */
/*
 * code.c: code for interpreters other than shells: `python -c`, `node -e`,
 * `perl -e`, awk, a here-document, a script file. It is not parsed: its
 * string literals are taken out, and where the code has a way to run
 * programs, those that are a guarded tool's command are judged as such. A
 * guarded name beside a way to run it that is no such literal is unknown.
 * Literals that look like paths count as files that may be read or written.
 * Which text is code, and of which program, is interpreter.c.
 */
#include "tools/code.h"

#include "bridle/limits.h"

#include <string.h>

/* ---- literals ------------------------------------------------------------------- */

/* 'f' + 'ly', "f"."ly", 'f' 'ly': does what stands between two literals join them? */
static bool
joins(struct str between)
{
	between = str_trim(between);
	return between.n == 0 || str_is(between, "+") || str_is(between, ".") || str_is(between, "..") ||
	    str_is(between, "<>") || str_is(between, "\\\n");
}

/* ---- ways to run, ways to write ------------------------------------------------------ */

/* A word that begins where no name goes on ("exec" is not in "regexec"). */
static bool
has_word(struct str code, struct str word)
{
	size_t from = 0, at;

	while ((at = str_find(str_sub(code, from, code.n), word)) != STR_NPOS) {
		size_t end = from + at + word.n;

		at += from;
		if (!code_word_byte(word.p[0]) || at == 0 || !code_word_byte(code.p[at - 1]) || code.p[at - 1] == '-')
			if (!str_is(word, "exec") || end >= code.n || code.p[end] != 'u') /* execute() */
				return true;
		from = at + 1;
	}
	return false;
}

bool
code_holds(struct str code, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (has_word(code, str_of(words[i])))
			return true;
	return false;
}

bool
code_can_run(struct str code, const struct code *c)
{
	static const char *const words[] = { "system", "exec", "popen", "Popen", "spawn", "subprocess",
		"child_process", "check_output", "check_call", "qx", "%x", "Open3", "passthru", "shell_exec",
		"proc_open", "execa", "zx", "shell script", "shell ", "pty", "sh.", "getline", "| \"", "|\"", "|&",
		".shell", "Command::new", "runCommand", "runProcess", "runShell", "run(", "run (", "run \"", "run '", "run `", "run-",
		"run_", ".run", "import run", "ProcessBuilder", "posix_spawn", "Deno.Command",
		"$`", "\"|", "'|", "backtick", "\\!", "System.cmd", "os.execute", "shell-command", "call-process", "start-process",
		"do script", "os:cmd", "sh import", "import sh", "plumbum", "open3", "callCommand", "callProcess",
		"readProcess", "shell(", "sh \"", "sh '", "syscmd", "esyscmd", "\".execute(", "'.execute(", "sys.process", "shell/sh", "getRuntime", "\\o |", "\\g |", ".output |",
		".once |", "program '" };

	return code_holds(code, words, sizeof words / sizeof *words) ||
	    (c->bang && str_chr(code, '!') != STR_NPOS) ||
	    (c->backquote && str_chr(code, '`') != STR_NPOS);
}

/* Words of a request that changes something. */
static bool
can_send(struct str code)
{
	static const char *const words[] = { ".delete", "DELETE", "Delete", "'delete", "\"delete", ".post",
		"POST", "Post", "'post", "\"post", ".put", "PUT", "Put", ".patch", "PATCH", "Patch",
		"mutation", "method", "data=", "delete(", "post(", "put(", "patch(" };

	return code_holds(code, words, sizeof words / sizeof *words);
}

/* A guarded tool's name as a word of its own: "git", not ".git" or "legit". */
static bool
next_name(struct reading *rd, struct str code, size_t *at, size_t *end)
{
	for (size_t i = *at; i < code.n;) {
		size_t from = i;

		while (i < code.n && code_word_byte(code.p[i]))
			i++;
		if (i > from && (from == 0 || !code_in(code.p[from - 1], ".@")) &&
		    models_guarded(rd->models, str_sub(code, from, i - from))) {
			*at = from;
			*end = i;
			return true;
		}
		if (i == from)
			i++;
	}
	return false;
}

/* ---- commands in literals ------------------------------------------------------------- */

static bool
names_tool(struct reading *rd, struct str text)
{
	return text.n > 0 && str_chr(text, ' ') == STR_NPOS && models_guarded(rd->models, path_base(text));
}

/* Is the literal the first argument of a call whose name holds one of these? */
bool
code_called(struct str code, size_t from, const char *const *words, size_t n)
{
	size_t back = from > 48 ? from - 48 : 0;
	struct str before = str_sub(code, back, from - back);
	size_t open = str_rchr(before, '(');

	if (open == STR_NPOS)
		return false;
	for (size_t i = open + 1; i < before.n; i++)
		if (!code_in(before.p[i], " \t\r\n[bfru$@*"))
			return false;
	before = str_trim(str_sub(before, 0, open));
	while (str_ends(before, STR("(")))
		before = str_trim(str_sub(before, 0, before.n - 1));
	for (back = before.n; back > 0 && (code_word_byte(before.p[back - 1]) || code_in(before.p[back - 1], "$.:!"));)
		back--;
	before = str_sub(before, back, before.n - back);
	for (size_t i = 0; i < n; i++)
		if (str_find(before, str_of(words[i])) != STR_NPOS)
			return true;
	return false;
}

static const char *const runs[] = { "run", "call", "exec", "spawn", "system", "popen", "Popen", "check_output",
	"check_call", "qx", "sh", "execa", "$", "Command", "cmd", "shell_exec", "passthru" };

/* perl's and ruby's `system "x"`, awk's `print x | "sh"` aside; print P "x", where P is a shell. */
static bool
called_bare(const struct code *how, struct str code, size_t from)
{
	static const char *const shells[] = { "\"|-\", \"sh\"", "\"|-\",\"sh\"", "'|-','sh'", "'|-', 'sh'", "\"|-\",\"bash\"", "\"|-\", \"bash\"",
		"\"|sh\"", "\"| sh\"", "'|sh'", "'| sh'", "\"|bash\"", "\"| bash\"", "'|bash'", "'| bash'" };
	struct str before = str_trim(str_sub(code, 0, from));
	size_t at = before.n, last, line = str_rchr(before, '\n');

	if (!how->backquote || str_starts(str_trim(str_sub(before, line == STR_NPOS ? 0 : line, STR_NPOS)), STR("#")) || from == 0 || !code_in(code.p[from - 1], " \t"))
		return false;
	while (at > 0 && (code_word_byte(before.p[at - 1]) || code_in(before.p[at - 1], "${}")))
		at--;
	if (names_hold("system exec spawn popen sh", str_sub(before, at, STR_NPOS)))
		return at == 0 || !code_in(before.p[at - 1], ".>");
	before = str_trim(str_sub(before, 0, at));
	last = before.n > 5 ? before.n - 5 : 0;
	return (str_is(str_sub(before, last, STR_NPOS), "print") || str_ends(before, STR("printf"))) &&
	    code_holds(code, shells, sizeof shells / sizeof *shells);
}

/* Is the value that the literal, or the list that it begins, is given to called by its name? */
static bool
called_by_name(struct str code, size_t from)
{
	size_t open = from, at, next = 0;
	struct str name;

	while (open > 0 && code_in(code.p[open - 1], " \t\r\n[(bfru"))
		open--;
	while (open < from && code_in(code.p[open], " \t\r\n"))
		open++;
	name = code_name(code, code_in(code.p[open], "[(") ? open : from);
	while (name.n > 0 && (at = str_find(str_sub(code, next, code.n), name)) != STR_NPOS) {
		size_t end = next + at + name.n;

		at += next;
		next = end;
		if ((at == 0 || !code_word_byte(code.p[at - 1])) && (end >= code.n || !code_word_byte(code.p[end])) &&
		    code_called(code, at, runs, sizeof runs / sizeof *runs))
			return true;
	}
	return false;
}

/* communicate("x"), input="x" of a shell's. */
static bool
fed_to_shell(struct str code, size_t from)
{
	static const char *const shells[] = { "\"sh\"", "'sh'", "\"bash\"", "'bash'", "/bin/sh", "/bin/bash" };
	static const char *const ways[] = { "communicate" };
	struct str before = str_sub(code, 0, from > 0 && code_in(code.p[from - 1], "bfru") ? from - 1 : from);

	return (str_ends(before, STR("input=")) || str_ends(str_trim(before), STR("input:")) || code_called(code, from, ways, 1)) &&
	    code_holds(code, shells, sizeof shells / sizeof *shells);
}

/* Is it an argument of something that runs it? */
static bool
called(const struct code *how, struct str code, size_t from)
{
	return (code.p[from] == '`' && how->backquote) || (from > 0 && code.p[from - 1] == '$') ||
	    code_called(code, from, runs, sizeof runs / sizeof *runs) || called_bare(how, code, from) ||
	    called_by_name(code, from) || fed_to_shell(code, from);
}

struct shell_state *
code_state(struct reading *rd, struct shell_state *st)
{
	struct shell_state *inside = reading_inside(rd, st);

	shell_set_var(rd->shell, inside, STR("__value"), word_words(rd->a, STR("{}")), true);
	return inside;
}

bool
code_covered(const struct literals *ls, const bool *used, size_t at)
{
	for (size_t i = 0; i < ls->v.n; i++)
		if ((used == NULL || used[i]) && ls->v.v[i].from <= at && at < ls->v.v[i].to)
			return true;
	return false;
}

/* Does it stand behind a # that no literal holds, or on a line that begins with //
 * (perl's operator)? */
static bool
in_comment(const struct code *how, struct str code, const struct literals *ls, size_t at)
{
	size_t line = at;

	while (line > 0 && code.p[line - 1] != '\n')
		line--;
	if (!how->backquote && str_starts(str_trim(str_sub(code, line, at - line)), STR("//")))
		return true;
	for (size_t i = line; i < at; i++)
		if (code.p[i] == '#' && (i == line || code_in(code.p[i - 1], " \t")) && !code_covered(ls, NULL, i))
			return true;
	return false;
}

/* The text of a literal, and what the program joins to it: 'fly ' + x. */
static struct str
joined(struct reading *rd, const struct code *how, struct str code, const struct literal *l)
{
	size_t before = l->from, after = l->to;
	struct str text = l->text, pipe = str_trim(text);

	if (pipe.n > 0 && (pipe.p[0] == '|' || (how->bang && pipe.p[0] == '!'))) /* perl's open, vim's execute */
		text = str_sub(pipe, 1, pipe.n);
	else if (pipe.n > 0 && pipe.p[pipe.n - 1] == '|')
		text = str_sub(pipe, 0, pipe.n - 1);
	while (after < code.n && code_in(code.p[after], " \t\n"))
		after++;
	while (before > 0 && code_in(code.p[before - 1], " \t\n"))
		before--;
	if (after < code.n && (code_in(code.p[after], "+%.") || (code.p[after] == ',' && code_in(code.p[l->from], "'\"") &&
		before > 0 && code_in(code.p[before - 1], "(,") && l->text.n > 0 && l->text.p[l->text.n - 1] == ' ')))
		text = str_cat(rd->a, text, STR(CODE_VALUE));
	else if (after < code.n && (code_word_byte(code.p[after]) || code.p[after] == '$') && text.n > 0 &&
	    code_in(text.p[text.n - 1], " =")) /* awk: "fly deploy -a " $1 */
		text = str_cat(rd->a, text, STR(CODE_VALUE));
	else if (code_grows(code, code_name(code, l->from)))
		text = str_cat(rd->a, text, STR(" " CODE_VALUE));
	if (before > 0 && code_in(code.p[before - 1], "+."))
		text = str_cat(rd->a, STR(CODE_VALUE), text);
	return text;
}

/* Does the code itself write what the programs that it runs read? */
static bool
feeds(struct str code)
{
	static const char *const words[] = { "input=", "input:", "communicate(", ".stdin", "stdin=" };

	return code_holds(code, words, sizeof words / sizeof *words);
}

/* cwd="x" of the call that the literal is an argument of; empty: none that is known. */
static struct str
call_folder(struct str code, const struct literals *ls, const struct literal *l)
{
	int open = 0;

	for (size_t i = 0; i < ls->v.n; i++) {
		const struct literal *v = &ls->v.v[i];
		struct str before = str_sub(code, l->to, v->from > l->to ? v->from - l->to : 0), name;
		size_t end = before.n;

		if (v->from <= l->to || before.n > 400)
			continue;
		for (size_t k = i > 0 && ls->v.v[i - 1].to > l->to ? ls->v.v[i - 1].to - l->to : 0; k < before.n && open >= 0; k++)
			open += code_in(before.p[k], "([{") ? 1 : code_in(before.p[k], ")]}") && !code_in(before.p[k], "]") ? -1 : 0;
		if (open < 0)
			break;
		while (end > 0 && code_in(before.p[end - 1], " \t=:>'\""))
			end--;
		name = str_sub(before, end > 3 ? end - 3 : 0, end > 3 ? 3 : end);
		if (str_is(name, "cwd") && end < before.n && !v->filled)
			return v->text;
	}
	return (struct str){ 0 };
}

/* os.chdir("x"), chdir "x": where programs run from then on. */
static bool
changes_folder(struct reading *rd, struct shell_state *st, const struct code *how, struct str code,
    const struct literals *ls)
{
	static const char *const words[] = { "chdir", "set_cwd" };

	for (size_t i = 0; i < ls->v.n; i++) {
		const struct literal *l = &ls->v.v[i];

		if (l->filled || l->text.n == 0 || !(code_called(code, l->from, words, 2) ||
			(how->backquote && str_ends(str_trim(str_sub(code, 0, l->from)), STR("chdir")))))
			continue;
		shell_set_cwd(rd->shell, st, reading_path(rd, st, word_text(rd->a, l->text), 0));
		return true;
	}
	return false;
}

/* execvp("fly", ["fly", …]) names the program twice. */
static struct words
once(struct reading *rd, struct str code, const struct literal *l, struct words argv)
{
	static const char *const words[] = { "execv", "execl", "spawnv", "spawnl", "posix_spawn" };
	struct word *v;

	if (argv.n < 2 || !code_called(code, l->from, words, sizeof words / sizeof *words))
		return argv;
	v = NEW_ARRAY(rd->a, struct word, argv.n);
	v[0] = argv.v[0];
	for (size_t i = 2; i < argv.n; i++)
		v[i - 1] = argv.v[i];
	return (struct words){ v, argv.n - 1 };
}

/* The state in which the program of a literal runs; piped: what it reads is not known. */
static struct shell_state *
state_of(struct reading *rd, struct shell_state *st, struct str code, const struct literals *ls,
    const struct literal *l, bool piped, struct shell_command *like)
{
	struct shell_state *inside = code_state(rd, st);
	struct str folder = call_folder(code, ls, l);
	size_t before = l->from;

	if (folder.n > 0)
		shell_set_cwd(rd->shell, inside, reading_path(rd, st, word_text(rd->a, folder), 0));

	while (before > 0 && code_in(code.p[before - 1], " \t&"))
		before--;
	if (piped || (before > 0 && code.p[before - 1] == '|')) { /* awk: print | "cmd" */
		like->stdin_kind = SHELL_STDIN_PIPE;
		like->stdin_text = (struct word){ 0 };
		shell_forget_stdin(inside);
	}
	return inside;
}

/* Does what is called there name a file that the line has written? */
static bool
names_written(struct reading *rd, const struct code *how, struct str code, const struct literal *l)
{
	struct str text = str_sub(code, l->from, 256), *written;
	size_t n = called(how, code, l->from) ? overlay_written(rd, STR("/"), &written) : 0;

	text = str_sub(text, 0, str_chr(text, '\n'));
	for (size_t i = 0; i < n; i++) {
		struct str name = path_base(written[i]);
		size_t at = str_find(text, name), end = at + name.n;

		if (at != STR_NPOS && at > 0 && !code_word_byte(text.p[at - 1]) &&
		    (end >= text.n || !code_word_byte(text.p[end])))
			return true;
	}
	return false;
}

static int
run_literals(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct code *how, struct str code, const struct literals *ls, bool *used)
{
	struct words none = { NULL, 0 };
	size_t at = 0, end;
	bool piped = feeds(code), wrote = overlay_wrote(rd, STR(""));
	int err = 0;

	for (size_t i = 0; i < ls->v.n && err >= 0; i++, at = 0) {
		const struct literal *l = &ls->v.v[i];
		bool named = next_name(rd, l->text, &at, &end) || names_tool(rd, l->text);
		bool call = (named || wrote) && (how->file || how->own) && called(how, code, l->from);
		bool script = wrote && names_written(rd, how, code, l);
		unsigned flags = (how->own && call) || script ? how->flags & ~(unsigned)ACTION_GUESS : how->flags;
		struct shell_command like = *c;
		size_t last;

		at = 0;
		if ((how->file && !call) || (!named && !script))
			continue;
		if (names_tool(rd, l->text) || (script && str_chr(l->text, ' ') == STR_NPOS)) {
			struct words argv = code_list(rd->a, how, code, ls, code_list_start(rd, code, ls, i), &last);

			used[i] = true;
			argv = once(rd, code, l, argv);
			err = reading_run_argv(rd, state_of(rd, st, code, ls, l, piped, &like), argv, &like, flags, how->chain);
			i = last;
		} else if (script || next_name(rd, l->text, &at, &end)) {
			struct shell_state *inside = state_of(rd, st, code, ls, l, piped, &like);

			used[i] = true;
			err = reading_run_shell(rd, inside, word_text(rd->a, joined(rd, how, code, l)), &like, flags,
			    how->chain, word_text(rd->a, STR("sh")), none);
		}
	}
	return err;
}

/* Texts that are put together of several literals: which of them name a
 * guarded tool that no literal names alone. */
static int
run_joined(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct code *how, struct str code, const struct literals *ls)
{
	struct words none = { NULL, 0 };
	int err = 0;

	for (size_t i = 0; i + 1 < ls->v.n && err >= 0; i++) {
		struct str text = ls->v.v[i].text;
		size_t last = i, at = 0, end;

		while (last + 1 < ls->v.n && ls->v.v[last].to <= ls->v.v[last + 1].from && joins(str_sub(code,
			   ls->v.v[last].to, ls->v.v[last + 1].from - ls->v.v[last].to)))
			text = str_cat(rd->a, text, ls->v.v[++last].text);
		if (last == i || (how->file && !called(how, code, ls->v.v[i].from)) || !next_name(rd, text, &at, &end))
			continue;
		if (names_tool(rd, text)) /* the first of several words */
			text = str_cat(rd->a, text, STR(" " CODE_VALUE));
		err = reading_run_shell(rd, code_state(rd, st), word_text(rd->a, text), c, how->flags, how->chain,
		    word_text(rd->a, STR("sh")), none);
		i = last;
	}
	return err;
}

/* ---- the whole ------------------------------------------------------------------------------ */

/* Does the code name a guarded tool, in its own letters or in those that its literals mean? */
static bool
names_any(struct reading *rd, struct str code, const struct literals *ls)
{
	size_t at = 0, end;

	if (next_name(rd, code, &at, &end))
		return true;
	for (size_t i = 0; i < ls->v.n; i++, at = 0)
		if (next_name(rd, ls->v.v[i].text, &at, &end))
			return true;
	return false;
}

/* Does it load what the line wrote and can run programs? */
static bool
loads_runner(struct reading *rd, const struct code *how, struct str code)
{
	struct str *written;
	size_t n = how->file ? 0 : overlay_written(rd, STR("/"), &written);

	for (size_t i = 0; i < n; i++) {
		struct str name = path_base(written[i]);
		size_t dot = str_rchr(name, '.');
		struct overlay_state s;

		name = str_sub(name, 0, dot);
		if (name.n == 0 || !has_word(code, name) || overlay_read(rd, written[i], &s) < 0)
			continue;
		for (size_t k = 0; k < s.texts.n; k++)
			if (!str_eq(s.texts.v[k], code) && code_can_run(s.texts.v[k], how))
				return true;
	}
	return false;
}

int
code_read(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct code *how, struct str code)
{
	struct shell_state *set; /* before or after what it sets: it may run things in both */
	struct literals ls;
	size_t at = 0, end;
	bool *used, sets, can;
	struct str valued;
	int err;

	code = code_given(rd, how, code);
	code_literals(rd->a, code, &ls);
	if (!how->file)
		code_files(rd, st, c, code, &ls);
	if (fly_http_named(code) && can_send(code) &&
	    (err = fly_http_guess(rd, st, c, how->flags, STR("code at Fly's interface"))) < 0)
		return err;
	can = code_can_run(code, how);
	valued = can || !how->file ? code_valued(rd, how, code) : code;
	if (!how->file && (err = code_roots(rd, st, c, how, how->plain ? code : valued)) < 0)
		return err;
	if (!can && !code_can_run(valued, how) && !loads_runner(rd, how, code))
		return 0;
	code = valued;
	code_literals(rd->a, code, &ls);
	if ((err = run_joined(rd, st, c, how, code, &ls)) < 0 ||
	    (!names_any(rd, code, &ls) && !overlay_wrote(rd, STR(""))))
		return err;
	used = NEW_ARRAY(rd->a, bool, ls.v.n + 1);
	if ((err = run_literals(rd, st, c, how, code, &ls, used)) < 0)
		return err;
	set = reading_inside(rd, st);
	sets = code_sets(rd, set, code, &ls);
	if ((changes_folder(rd, set, how, code, &ls) || sets) && (err = run_literals(rd, set, c, how, code, &ls, used)) < 0)
		return err;
	if (how->file)
		return 0;
	for (at = 0; next_name(rd, code, &at, &end); at = end)
		if (!code_covered(&ls, used, at) && !in_comment(how, code, &ls, at)) {
			reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
			    str_printf(rd->a, "code that can run programs names " STR_FMT,
				STR_ARG(str_sub(code, at, end - at))));
			break;
		}
	return 0;
}
