/* SPDX-License-Identifier: ISC */
/*
 * code_root.c: what code of another language runs where no literal says it
 * whole: " ".join(["fly", x]), a function's parameter, a list that is pushed
 * to, text behind base64. The text of what is run is put together (flow.c); a
 * guarded command in it may run, and one that is made in a way that is not
 * followed is not known. Commands that stand in one literal are code.c's.
 */
#include "tools/flow.h"

#include <string.h>

#define ROOTS_MAX 1024
#define TEXTS_DEEP 4

struct root {
	struct flow *f;
	struct reading *rd;
	struct shell_state *st;
	const struct shell_command *c;
	const struct code *how;
	struct map *seen; /* commands that were run */
	bool can, can_by_name; /* it has a way to run things; of python's and node's */
	unsigned n;
	bool text;   /* what is run is code of the same language */
	bool more;   /* other words may be put to it */
	bool hidden; /* one is not known */
	int err;
};

/* ---- what is known of it ---------------------------------------------------------------- */

static bool
runs_given(struct str name)
{
	return names_hold("sh bash dash zsh ksh ash fish eval exec env xargs sudo doas nohup nice time timeout setsid stdbuf command "
			  "watch parallel flock strace ssh su busybox", name);
}

/* Does the expression begin with the whole name of a program, and is it one that runs nothing else? *list:
 * it is the first word of a list. */
static bool
begins_known(const struct root *r, size_t from, size_t to, bool *tool)
{
	const struct flow *f = r->f;
	const struct literal *l;
	struct str first;
	size_t end;

	for (; from < to && code_in(f->code.p[from], " \t\n[("); from++) {
		size_t close = f->code.p[from] == '[' ? flow_close(f, from) + 1 : f->code.n;

		if (close < f->code.n && (f->code.p[close] == '[' || str_starts(str_sub(f->code, close, 8), STR(".reverse"))))
			return false;
	}
	if ((l = flow_literal(f, from)) == NULL || l->to > to)
		return false;
	end = str_chr(l->text, ' ');
	first = path_base(str_sub(l->text, 0, end));
	if (end == STR_NPOS) {
		size_t after = l->to < f->code.n ? flow_blank(f, l->to) : f->code.n;

		if (l->filled || after >= f->code.n || !code_in(f->code.p[after], ",])"))
			return false;
	} else if (l->to < f->code.n && (f->code.p[l->to] == '[' || (f->code.p[l->to] == '.' && !r->how->backquote))) {
		return false; /* "…".replace() */
	}
	*tool = models_guarded(r->rd->models, first);
	return first.n > 0 && str_chr(first, '$') == STR_NPOS && !runs_given(first);
}

/* The same of a name that is given once. */
static bool
known(const struct root *r, size_t from, size_t to, bool *tool)
{
	const struct given *only = NULL;
	struct str name;

	for (unsigned depth = 0; depth < 4; depth++) {
		if (begins_known(r, from, to, tool))
			return true;
		while (from < to && code_in(r->f->code.p[from], " \t$@(["))
			from++;
		name = flow_word(r->f, from);
		only = NULL;
		for (size_t i = 0; i < r->f->given.n; i++) {
			const struct given *g = &r->f->given.v[i];

			if (!str_eq(g->name, name) || (g->more && !g->changed))
				continue;
			if (only != NULL || g->changed || g->one || g->result)
				return false;
			only = g;
		}
		if (only == NULL)
			return false;
		from = only->from;
		to = only->to;
	}
	return false;
}

/* ---- what may run ----------------------------------------------------------------------- */

static bool
is_literal(const struct flow *f, struct str text)
{
	for (size_t i = 0; i < f->ls->v.n; i++)
		if (str_eq(f->ls->v.v[i].text, text))
			return true;
	return false;
}

/* Is it one literal, and behind it what is not known: "fly deploy -a " + x? */
static bool
begins_literal(const struct root *r, const struct made *m)
{
	size_t n = m->text.n > strlen(CODE_VALUE) && str_ends(m->text, STR(CODE_VALUE)) ? m->text.n - strlen(CODE_VALUE) : 0;

	return n > 0 && !m->hidden && !m->open && m->starts.n <= 2 && (is_literal(r->f, m->text) || is_literal(r->f, str_sub(m->text, 0, n)));
}

/* Runs the command that begins at a piece of the text, if it is a guarded tool's. */
static bool
candidate(struct root *r, const struct made *m, size_t start)
{
	struct str text = str_sub(m->text, start, STR_NPOS), word;
	bool open = m->open || m->hidden;

	text = str_trim(str_sub(text, 0, str_chr(text, '\n')));
	while (text.n > 0 && code_in(text.p[0], "|! -"))
		text = str_sub(text, 1, text.n);
	if (text.n > 0 && text.p[text.n - 1] == '|')
		text = str_trim(str_sub(text, 0, text.n - 1));
	word = str_sub(text, 0, str_chr(text, ' '));
	if (!models_guarded(r->rd->models, path_base(word)))
		return false;
	if (r->can && !r->how->plain && word.n < text.n && (begins_literal(r, m) || (!open && is_literal(r->f, text))))
		return true; /* code.c has run it */
	if (m->hidden)
		text = word;
	if (open)
		text = str_cat(r->rd->a, text, STR(" " CODE_VALUE));
	if (map_get(r->seen, text) != NULL)
		return true;
	map_put(r->seen, text, r);
	r->err = reading_run_shell(r->rd, code_state(r->rd, r->st), word_text(r->rd->a, text), r->c, r->how->flags | ACTION_GUESS,
	    r->how->chain, word_text(r->rd->a, STR("sh")), (struct words){ NULL, 0 });
	return true;
}

/* Is the whole command a list of literals and values, which code.c reads? */
static bool
listed(const struct flow *f, size_t from, size_t to)
{
	static const char *const ways[] = { "split", "join", "concat", "format", "%", "('", "(\"" };
	const struct literal *l;
	struct str text = str_sub(f->code, from, to - from);

	while (from < f->code.n && code_in(f->code.p[from], " \t\n[("))
		from++;
	l = flow_literal(f, from);
	if (l == NULL || str_chr(l->text, ' ') != STR_NPOS || code_holds(text, ways, sizeof ways / sizeof *ways))
		return false;
	from = l->to < f->code.n ? flow_blank(f, l->to) : f->code.n;
	return from >= f->code.n || f->code.p[from] == ',' || (f->code.p[from] == ']' && from + 1 < f->code.n && f->code.p[from + 1] != '.');
}

/* eval("…"): the text is code again. */
static void
run_text(struct root *r, const struct made *m)
{
	struct code how = *r->how;

	how.depth++;
	if (m->text.n > 0 && how.depth < TEXTS_DEEP)
		r->err = code_read(r->rd, r->st, r->c, &how, m->text);
	r->hidden |= m->hidden;
}

/* perl's "$x": a value is put in. */
static bool
places(const struct root *r, const struct literal *l)
{
	return r->how->backquote && r->f->code.p[l->from] != '\'' &&
	    (str_chr(l->text, '$') != STR_NPOS || str_chr(l->text, '@') != STR_NPOS);
}

/* Does it begin with a program that runs what it is given? */
static bool
runs_others(struct str text)
{
	return runs_given(path_base(str_sub(text, 0, str_chr(text, ' '))));
}

/* Does the name of the program hold what is not known: "fl" + x? */
static bool
begins_open(struct str text)
{
	size_t at = str_find(text, STR(CODE_VALUE));
	struct str line = str_sub(text, 0, str_chr(text, '\n')), word = str_sub(line, 0, str_chr(line, ' '));

	return at != STR_NPOS && at > 0 && at < word.n && str_chr(word, '/') == STR_NPOS;
}

/* The expression is run. */
static void
run(struct root *r, size_t from, size_t to)
{
	struct made m = { 0 };
	const struct literal *l = flow_literal(r->f, from);
	bool tool = false, first, any = false;
	size_t place;

	if (r->err < 0 || from >= to || to > r->f->code.n)
		return;
	if (l != NULL && l->to >= to && !l->filled && !places(r, l) && !r->more && !r->how->plain && !r->text && r->can)
		return; /* code.c's */
	first = !r->how->plain && known(r, from, to, &tool);
	if (!r->text && first && (!tool || (listed(r->f, from, to) && r->can)))
		return;
	if (r->n++ >= ROOTS_MAX) {
		r->hidden = true;
		return;
	}
	m.whole = str_trim(str_sub(r->f->code, from, to - from)).n == flow_word(r->f, flow_blank(r->f, from)).n;
	flow_text(r->f, from, to, &m);
	m.open |= r->more;
	while ((place = str_chr(m.text, FLOW_PLACE)) != STR_NPOS) {
		m.text = str_printf(r->rd->a, STR_FMT CODE_VALUE STR_FMT, STR_ARG(str_sub(m.text, 0, place)),
		    STR_ARG(str_sub(m.text, place + 1, STR_NPOS)));
		m.open = true;
	}
	if (r->text) {
		run_text(r, &m);
		return;
	}
	for (size_t i = 0; i < m.starts.n && r->err >= 0; i++)
		any |= candidate(r, &m, m.starts.v[i]);
	r->hidden |= !any && !first && (m.first || (m.hidden && runs_others(str_trim(m.text))) || begins_open(str_trim(m.text)));
}

/* ---- where something is run ------------------------------------------------------------- */

/* The arguments of a call, without those that are no command: shell=True, {…}. */
static void
arguments(struct root *r, size_t open)
{
	const struct flow *f = r->f;
	size_t close = flow_close(f, open), from = open + 1, end, to = open + 1;

	for (; from < close; from = end + 1) {
		size_t at = from, after;
		struct str word;

		end = flow_end(f, from, true);
		while (end < close && f->code.p[end] == '\n')
			end = flow_end(f, end + 1, true);
		while (at < end && code_in(f->code.p[at], " \t\n"))
			at++;
		word = flow_word(f, at);
		after = word.n > 0 ? flow_blank(f, at + word.n) : at;
		if (names_hold("args input cmd command", word) && after + 1 < end && f->code.p[after] == '=') {
			run(r, after + 1, end);
			continue;
		}
		if ((word.n > 0 && after + 1 < end && f->code.p[after] == '=' && f->code.p[after + 1] != '=') ||
		    (at < end && f->code.p[at] == '{'))
			continue;
		if (to == open + 1 || end > to)
			to = end < close ? end : close;
	}
	for (from = open + 1; from < to && code_in(f->code.p[from], " \t\n");)
		from++;
	run(r, from, to);
}

/* Can the code run anything by these words? node's /x/.exec() does not. */
static bool
may_run(const struct root *r, struct str word, bool dotted)
{
	if (names_hold("eval compile Function execSync execFileSync spawnSync getoutput getstatusoutput check_output check_call "
		       "shell_exec passthru __import__", word))
		return !dotted || !names_hold("eval compile", word);
	if (str_is(word, "exec") && !dotted)
		return true;
	return names_hold("system popen run call Popen exec execFile spawn execvp execv execlp execl execvpe execve execle spawnlp spawnvp "
			  "spawnl spawnv posix_spawn posix_spawnp create_subprocess_shell create_subprocess_exec execa sh proc_open "
			  "popen2 popen3 capture2 capture3 execute", word) &&
	    (r->how->backquote || r->how->awk || r->can_by_name);
}

/* The text of the literal that is next. */
static struct str
mode_at(const struct flow *f, size_t at)
{
	const struct literal *l = at < f->code.n ? flow_literal(f, flow_blank(f, at)) : NULL;

	return l != NULL ? l->text : STR("");
}

/* system EXPR; exec {EXPR} LIST; open(F, "-|", LIST) of perl. */
static void
bare(struct root *r, struct str word, size_t at)
{
	const struct flow *f = r->f;
	size_t end;

	if (!r->how->backquote || at >= f->code.n || code_in(f->code.p[at], "=;),.>"))
		return;
	end = f->code.p[at] == '(' ? flow_close(f, at) : flow_end(f, at, false);
	if (str_is(word, "exec") && f->code.p[at] == '{') {
		r->more = true;
		run(r, at + 1, flow_close(f, at));
		r->more = false;
		at = flow_close(f, at) + 1;
	}
	if (names_hold("system exec spawn eval", word)) {
		if (at < end && (f->code.p[at] != '(' || r->text) && !(f->code.p[at] == '{' && str_is(word, "eval")))
			run(r, at + (f->code.p[at] == '('), end);
		return;
	}
	if (str_is(word, "open") && str_chr(str_sub(f->code, at, end - at), '|') != STR_NPOS) {
		size_t comma = flow_end(f, f->code.p[at] == '(' ? at + 1 : at, true);

		if (comma < end && names_hold("-| |-", mode_at(f, comma + 1)))
			comma = flow_end(f, comma + 1, true);
		run(r, comma + 1, end);
	}
}

/* map(os.system, x); [x].forEach(execSync) */
static void
handed(struct root *r, size_t begin, size_t after)
{
	const struct flow *f = r->f;
	size_t line = begin;

	if (after >= f->code.n || !code_in(f->code.p[after], ",)"))
		return;
	if (f->code.p[after] == ',')
		run(r, after + 1, flow_end(f, after + 1, false));
	while (line > 0 && !code_in(f->code.p[line - 1], "\n;"))
		line--;
	if (f->code.p[after] == ')')
		run(r, line, begin);
}

/* What print gives to the shell behind the | at `at`. */
static void
printed(struct root *r, size_t at)
{
	const struct flow *f = r->f;
	struct str line;
	size_t from = at, print;

	while (from > 0 && (f->literal[from - 1] != 0 || !code_in(f->code.p[from - 1], "\n;{")))
		from--;
	line = str_sub(f->code, from, at - from);
	if ((print = str_find(line, STR("print"))) != STR_NPOS)
		run(r, flow_blank(f, from + print + flow_word(f, from + print).n), at);
}

/* awk: print | x, x | getline */
static void
piped(struct root *r, size_t at)
{
	const struct flow *f = r->f;
	size_t from = at, behind = at + 1;

	if (at + 1 >= f->code.n || f->code.p[at + 1] == '|' || (at > 0 && f->code.p[at - 1] == '|'))
		return;
	behind = flow_blank(f, behind + (f->code.p[behind] == '&'));
	if (str_is(flow_word(f, behind), "getline")) {
		int depth = 0;

		for (; from > 0; from--) {
			char c = f->literal[from - 1] != 0 ? ' ' : f->code.p[from - 1];

			depth += code_in(c, ")]") ? 1 : code_in(c, "([") ? -1 : 0;
			if (depth < 0 || code_in(c, "\n;{"))
				break;
		}
		while (from < at && code_in(f->code.p[from], " \t"))
			from++;
		if (str_is(flow_word(f, from), "while"))
			from += 5;
		run(r, from, at);
	} else if (behind < f->code.n) {
		if (names_hold("sh bash /bin/sh", mode_at(f, behind)))
			printed(r, at);
		run(r, behind, flow_end(f, behind, false));
	}
}

/* exec …, spawn …, eval …, open "|…" of tcl. */
static void
tcl(struct root *r, struct str word, size_t at)
{
	static const char *const shells[] = { "spawn sh", "spawn bash", "spawn zsh", "spawn dash", "spawn /bin/sh", "spawn /bin/bash",
		"spawn $env(SHELL)", "spawn -noecho bash", "spawn -noecho sh" };
	const struct flow *f = r->f;

	if (names_hold("exec spawn eval system uplevel", word))
		run(r, at, flow_end(f, at, false));
	else if ((str_is(word, "open") && str_starts(str_trim(str_sub(f->code, at, STR_NPOS)), STR("\"|"))) ||
	    (str_is(word, "send") && code_holds(f->code, shells, sizeof shells / sizeof *shells)))
		run(r, at, flow_end(f, at, false));
}

/* r = getattr(os, "system"), partial(subprocess.run, shell=True): a name for what runs. */
static bool
named_runner(const struct root *r, struct str name)
{
	static const char *const words[] = { "getattr", "partial", "system", "popen", "subprocess", "execSync", "spawnSync", "__dict__", "bind" };

	for (size_t i = 0; i < r->f->given.n; i++) {
		const struct given *g = &r->f->given.v[i];

		if (str_eq(g->name, name) && !g->result && !g->more &&
		    code_holds(str_sub(r->f->code, g->from, g->to - g->from), words, sizeof words / sizeof *words))
			return true;
	}
	return false;
}

static void
at_word(struct root *r, size_t i, struct str word)
{
	const struct flow *f = r->f;
	size_t after = i + word.n, open = after < f->code.n ? flow_blank(f, after) : f->code.n;
	bool dotted = i > 0 && code_in(f->code.p[i - 1], ".>"), call = open < f->code.n && f->code.p[open] == '(';

	if (r->how->plain) {
		tcl(r, word, after);
		return;
	}
	r->text = names_hold("eval exec compile Function", word) && !r->how->backquote && !r->how->awk && (!dotted || str_is(word, "Function"));
	if (call && may_run(r, word, dotted))
		arguments(r, open);
	else if (call && !dotted && !r->how->backquote && named_runner(r, word))
		arguments(r, open);
	else if (dotted && !call && may_run(r, word, true))
		handed(r, i, open);
	r->text = r->how->backquote && str_is(word, "eval");
	bare(r, word, open);
	r->text = false;
}

/* Does it run something by another way than a literal's? */
static void
find_roots(struct root *r)
{
	const struct flow *f = r->f;

	for (size_t i = 0; i < f->code.n && r->err >= 0;) {
		const struct literal *l = f->literal[i] != 0 && !r->how->plain ? &f->ls->v.v[f->literal[i] - 1] : NULL;
		struct str word;

		if (l != NULL) {
			if (r->how->backquote && f->code.p[i] == '`' && l->from == i)
				run(r, i, l->to);
			i = l->to > i ? l->to : i + 1;
			continue;
		}
		word = flow_word(f, i);
		if (word.n > 0) {
			at_word(r, i, word);
			i += word.n;
			continue;
		}
		if (r->how->awk && f->code.p[i] == '|')
			piped(r, i);
		/* getattr(os, "system")(x), m["exec"](x) */
		if (f->code.p[i] == '(' && i > 0 && code_in(f->code.p[i - 1], ")]") && r->can && !r->how->plain)
			arguments(r, i);
		i++;
	}
}

int
code_roots(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct code *how, struct str code)
{
	static const char *const modules[] = { "subprocess", "os", "pty", "popen", "child_process", "execa", "Bun", "Deno", "zx", "child_",
		"commands", "asyncio", "pexpect", "spawn" };
	struct literals ls;
	struct flow f;
	struct root r = { .f = &f, .rd = rd, .st = st, .c = c, .how = how };

	if (how->plain)
		ls = (struct literals){ 0 };
	else
		code_literals(rd->a, code, &ls);
	if (!flow_open(&f, rd, how, code, &ls))
		return 0;
	r.seen = map_new(rd->a);
	r.can = code_can_run(code, how);
	r.can_by_name = code_holds(code, modules, sizeof modules / sizeof *modules);
	find_roots(&r);
	if (r.hidden)
		reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
		    STR("the code puts together what it runs in a way that is not followed"));
	return r.err;
}
