/* SPDX-License-Identifier: ISC */
/*
 * interpreter.c: programs that take code of another language than the
 * shell's: which of their words are code, which is a script, and what they
 * read on standard input. The code itself is code.c.
 */
#include "tools/code.h"

#include "bridle/limits.h"

#include <string.h>

enum operand { OPERAND_FILE, OPERAND_CODE, OPERAND_SOURCE, OPERAND_OTHER };
enum {
	LANG_PYTHON, LANG_IPYTHON, LANG_NODE, LANG_BUN, LANG_TSX, LANG_PERL, LANG_RUBY, LANG_PHP,
	LANG_LUA, LANG_RSCRIPT, LANG_JULIA, LANG_OSASCRIPT, LANG_TCLSH, LANG_GROOVY, LANG_AWK,
	LANG_SED, LANG_VIM, LANG_EMACS, LANG_LESS, LANG_ED, LANG_GDB, LANG_PSQL, LANG_LLDB, LANG_ERL,
	LANG_MIX, LANG_YQ, LANG_DC, LANG_SWIPL, LANG_FTP, LANG_CLOJURE
};
static const struct language {
	const char *code;   /* letters of options whose value is code */
	const char *longs;  /* long ones, blank-separated */
	const char *values; /* letters of other options with a value */
	enum operand operand;
	bool bang, backquote;
	const char *module; /* letter that names what to run instead of a script; may be NULL */
	const char *files, *file_longs; /* options whose value is a file of code; may be NULL */
} languages[] = {
	[LANG_PYTHON] = { "c", "", "WX", OPERAND_FILE, false, false, "m", NULL, NULL },
	[LANG_IPYTHON] = { "c", "", "", OPERAND_FILE, true, false, "m", NULL, NULL },
	[LANG_NODE] = { "ep", "eval print import", "rC", OPERAND_FILE, false, false, NULL, NULL, NULL },
	[LANG_BUN] = { "ep", "eval print", "r", OPERAND_SOURCE, false, false, NULL, NULL, NULL },
	[LANG_TSX] = { "ep", "eval print", "rTPO", OPERAND_FILE, false, false, NULL, NULL, NULL },
	[LANG_PERL] = { "eE", "", "IMm", OPERAND_FILE, false, true, NULL, NULL, NULL },
	[LANG_RUBY] = { "e", "", "rICEF", OPERAND_FILE, false, true, NULL, NULL, NULL },
	[LANG_PHP] = { "rBRE", "run", "dctzS", OPERAND_FILE, false, true, NULL, NULL, NULL },
	[LANG_LUA] = { "e", "", "l", OPERAND_FILE, false, false, NULL, NULL, NULL },
	[LANG_RSCRIPT] = { "e", "", "", OPERAND_FILE, false, false, NULL, NULL, NULL },
	[LANG_JULIA] = { "eE", "eval print", "Lpt", OPERAND_FILE, false, true, NULL, NULL, NULL },
	[LANG_OSASCRIPT] = { "e", "", "ls", OPERAND_FILE, false, false, NULL, NULL, NULL },
	[LANG_TCLSH] = { "c", "", "", OPERAND_FILE, false, false, NULL, NULL, NULL },
	[LANG_GROOVY] = { "e", "", "", OPERAND_FILE, false, false, NULL, NULL, NULL },
	[LANG_AWK] = { "e", "source", "vF", OPERAND_CODE, false, false, NULL, "fE", "file exec" },
	[LANG_SED] = { "e", "expression", "l", OPERAND_CODE, false, false, NULL, "f", "file" },
	[LANG_VIM] = { "c", "cmd", "WwTtqi", OPERAND_OTHER, true, false, NULL, "SsuUl", NULL },
	[LANG_EMACS] = { "ef", "eval execute", "uLtd", OPERAND_OTHER, false, false, NULL, "l", "load script" },
	[LANG_LESS] = { "", "", "oOkTtpbhjPxyzD", OPERAND_OTHER, true, false, NULL, NULL, NULL },
	[LANG_ED] = { "", "", "p", OPERAND_OTHER, true, false, NULL, NULL, NULL },
	[LANG_GDB] = { "", "ex iex eval-command init-eval-command", "pcsd", OPERAND_OTHER, true,
	    false, NULL, "x", "ix command init-command" },
	[LANG_ERL] = { "", "eval", "", OPERAND_OTHER, false, false, NULL, NULL, NULL },
	[LANG_MIX] = { "e", "eval", "", OPERAND_OTHER, false, false, NULL, NULL, NULL },
	[LANG_LLDB] = { "oO", "one-line one-line-before-file", "fcnpPakw", OPERAND_OTHER, true, false, NULL, "sS",
	    "source source-before-file" },
	[LANG_YQ] = { "", "expression", "poIsm", OPERAND_CODE, false, false, NULL, NULL, NULL },
	[LANG_DC] = { "e", "expression", "I", OPERAND_FILE, true, false, NULL, "f", "file" },
	[LANG_SWIPL] = { "gt", "", "fslxp", OPERAND_FILE, false, false, NULL, NULL, NULL },
	[LANG_FTP] = { "ce", "", "bBfFoPsSpu", OPERAND_OTHER, true, false, NULL, NULL, NULL },
	[LANG_CLOJURE] = { "e", "eval", "", OPERAND_FILE, false, false, NULL, NULL, NULL },
	[LANG_PSQL] = { "ce", "command execute", "dhpUvFRTLoPDSuC", OPERAND_OTHER, false, false, NULL, "f",
	    "file init" },
};
static const struct {
	const char *name;
	unsigned char language;
} programs[] = {
	{ "R", LANG_RSCRIPT }, { "Rscript", LANG_RSCRIPT }, { "awk", LANG_AWK }, { "bun", LANG_BUN },
	{ "clj", LANG_CLOJURE }, { "clojure", LANG_CLOJURE }, { "cscope", LANG_FTP },
	{ "dc", LANG_DC }, { "deno", LANG_BUN }, { "drush", LANG_BUN }, { "ed", LANG_ED }, { "elixir", LANG_JULIA }, { "emacs", LANG_EMACS },
	{ "emacsclient", LANG_EMACS }, { "erl", LANG_ERL }, { "ex", LANG_VIM }, { "expect", LANG_TCLSH },
	{ "ftp", LANG_FTP },
	{ "gawk", LANG_AWK }, { "gdb", LANG_GDB }, { "ghc", LANG_GROOVY }, { "gnuplot", LANG_GROOVY }, { "groovy", LANG_GROOVY }, { "gsed", LANG_SED }, { "guile", LANG_TCLSH },
	{ "gvim", LANG_VIM }, { "iex", LANG_JULIA }, { "ipython", LANG_IPYTHON },
	{ "ipython3", LANG_IPYTHON }, { "irb", LANG_RUBY }, { "jshell", LANG_GROOVY }, { "julia", LANG_JULIA },
	{ "kotlin", LANG_GROOVY }, { "less", LANG_LESS }, { "lftp", LANG_FTP }, { "lldb", LANG_LLDB }, { "lua", LANG_LUA },
	{ "luajit", LANG_LUA }, { "m4", LANG_GROOVY }, { "mawk", LANG_AWK },
	{ "mix", LANG_MIX }, { "more", LANG_LESS }, { "most", LANG_LESS },
	{ "mysql", LANG_PSQL }, { "nawk", LANG_AWK }, { "node", LANG_NODE }, { "nodejs", LANG_NODE },
	{ "nvim", LANG_VIM }, { "osascript", LANG_OSASCRIPT }, { "perl", LANG_PERL },
	{ "php", LANG_PHP }, { "psql", LANG_PSQL }, { "pypy", LANG_PYTHON }, { "pypy3", LANG_PYTHON },
	{ "python", LANG_PYTHON }, { "python2", LANG_PYTHON }, { "python3", LANG_PYTHON },
	{ "racket", LANG_GROOVY }, { "rails", LANG_MIX }, { "rake", LANG_MIX }, { "red", LANG_ED }, { "ruby", LANG_RUBY }, { "sbcl", LANG_ERL }, { "scala", LANG_GROOVY }, { "sed", LANG_SED },
	{ "sqlite3", LANG_PSQL }, { "swipl", LANG_SWIPL }, { "tclsh", LANG_TCLSH }, { "ts-node", LANG_TSX },
	{ "tsx", LANG_TSX }, { "vi", LANG_VIM }, { "view", LANG_VIM }, { "vim", LANG_VIM },
	{ "wp", LANG_BUN }, { "yq", LANG_YQ }
};

bool
names_hold(const char *names, struct str name)
{
	for (const char *at = names; name.n > 0 && *at != '\0';) {
		size_t n = 0;

		while (n < name.n && at[n] == name.p[n] && at[n] != ' ' && at[n] != '\0')
			n++;
		if (n == name.n && (at[n] == ' ' || at[n] == '\0'))
			return true;
		while (at[n] != ' ' && at[n] != '\0')
			n++;
		at += at[n] == ' ' ? n + 1 : n;
	}
	return false;
}

/* --expr is --expression where a program takes abbreviations. */
static bool
names_begin(const char *names, struct str name)
{
	for (const char *at = names; name.n > 1 && *at != '\0';) {
		size_t n = strcspn(at, " ");

		if (n >= name.n && memcmp(at, name.p, name.n) == 0)
			return true;
		at += n + (at[n] == ' ');
	}
	return false;
}

static const struct language *
language_named(struct str name)
{
	static struct names by_name = NAMES(programs);
	size_t i = names_find(&by_name, name);

	return i == STR_NPOS ? NULL : &languages[programs[i].language];
}

/* "python3.12" is python3. */
static const struct language *
language_of(struct str name)
{
	const struct language *l = language_named(name);
	size_t dot;

	if (l != NULL)
		return l;
	dot = str_chr(name, '.');
	return dot != STR_NPOS && dot > 0 ? language_named(str_sub(name, 0, dot)) : NULL;
}

bool
interpreter_known(struct str program)
{
	const struct language *l = language_of(program);

	return l != NULL && l != &languages[LANG_MIX] && l->operand != OPERAND_SOURCE;
}

struct taken {
	VEC(struct word) code, files;
	size_t operand; /* argv index of the first; argv.n: none */
	bool module;    /* -m: no script */
	bool ex;        /* vim -e: then -s takes no file */
};

static bool
begins_option(struct word w)
{
	struct str head = word_prefix(w);

	return head.n > 1 && head.p[0] == '-';
}

static void
take_letters(struct reading *rd, const struct language *l, const struct shell_command *c, size_t *i,
    struct taken *out)
{
	struct word w = c->argv.v[*i];
	struct str head = word_prefix(w);

	for (size_t j = 1; j < head.n; j++) {
		char letter = head.p[j];
		bool code = strchr(l->code, letter) != NULL, last = j + 1 == head.n && w.n == 1;
		bool module = l->module != NULL && letter == *l->module;
		bool file = l->files != NULL && strchr(l->files, letter) != NULL;

		out->ex |= l == &languages[LANG_VIM] && (letter == 'e' || letter == 'E');
		if (out->ex && letter == 's')
			continue;
		if (code && letter == 'p' && (last ? *i + 1 < c->argv.n && begins_option(c->argv.v[*i + 1])
						   : head.p[j + 1] == 'e'))
			continue; /* node -pe CODE, -p -e CODE */
		if (!code && !module && !file && strchr(l->values, letter) == NULL) {
			if (letter == 'i' || letter == '0')
				return; /* perl -i.bak, -0777 */
			continue;
		}
		out->module |= module;
		if ((code || file) && !(last && *i + 1 >= c->argv.n)) {
			struct word value = last ? c->argv.v[*i + 1]
						 : word_cat(rd->a, word_text(rd->a, str_sub(head, j + 1, head.n)),
						       (struct word){ w.v + 1, w.n - 1, { 0 } });

			if (code)
				*vec_push(rd->a, &out->code) = value;
			else
				*vec_push(rd->a, &out->files) = value;
		}
		if (last)
			++*i;
		return;
	}
}

/* --eval CODE, --eval=CODE, --file=FILE; `node --print --eval CODE`. */
static bool
take_long(struct reading *rd, const struct language *l, const struct shell_command *c, size_t *i,
    struct str name, struct taken *out)
{
	struct word w = c->argv.v[*i], value;
	struct str head = word_prefix(w);
	size_t eq = str_chr(head, '=');
	bool twice = head.p[1] == '-';
	bool code = names_hold(l->longs, name) || (twice && names_begin(l->longs, name));
	bool file = !code && l->file_longs != NULL &&
	    (names_hold(l->file_longs, name) || (twice && names_begin(l->file_longs, name)));

	if (!code && !file)
		return false;
	if (eq != STR_NPOS)
		value = word_cat(rd->a, word_text(rd->a, str_sub(head, eq + 1, head.n)),
		    (struct word){ w.v + 1, w.n - 1, { 0 } });
	else if (*i + 1 >= c->argv.n || (str_is(name, "print") && begins_option(c->argv.v[*i + 1])))
		return true;
	else
		value = c->argv.v[++*i];
	if (code)
		*vec_push(rd->a, &out->code) = value;
	else
		*vec_push(rd->a, &out->files) = value;
	return true;
}

/* manage.py shell -c CODE, artisan tinker --execute=CODE: the script's own way
 * to run code of its language. */
static void
take_shell(struct reading *rd, const struct shell_command *c, size_t script, struct taken *out)
{
	static const char *const verbs[] = { "shell", "shell_plus", "tinker" };
	bool shell = false;

	for (size_t i = script + 1; i < c->argv.n; i++) {
		struct str head = word_prefix(c->argv.v[i]);
		size_t equals = str_chr(head, '=');

		for (size_t k = 0; k < sizeof verbs / sizeof verbs[0]; k++)
			shell |= word_is(c->argv.v[i], verbs[k]);
		if (!shell || head.n < 2 || head.p[0] != '-')
			continue;
		if (str_starts(head, STR("--execute=")) || str_starts(head, STR("--command=")))
			*vec_push(rd->a, &out->code) = word_text(rd->a, str_sub(head, equals + 1, STR_NPOS));
		else if (i + 1 < c->argv.n && names_hold("-c --command --execute", head))
			*vec_push(rd->a, &out->code) = c->argv.v[++i];
	}
}

/* python -m timeit STATEMENT, -m pdb -c COMMAND: code again. */
static void
take_module(struct reading *rd, const struct shell_command *c, size_t from, struct taken *out)
{
	bool pdb;

	if (from == 0 || from > c->argv.n)
		return;
	pdb = word_is(c->argv.v[from - 1], "pdb") || word_is(c->argv.v[from - 1], "IPython");
	if (!pdb && !word_is(c->argv.v[from - 1], "timeit"))
		return;
	for (size_t i = from; i < c->argv.n; i++)
		if (pdb ? word_is(c->argv.v[i - 1], "-c") : !str_starts(word_prefix(c->argv.v[i]), STR("-")))
			*vec_push(rd->a, &out->code) = c->argv.v[i];
}

static void
take(struct reading *rd, const struct language *l, const struct shell_command *c, struct taken *out)
{
	size_t i = 1;

	*out = (struct taken){ .operand = c->argv.n };
	for (; i < c->argv.n && !out->module; i++) {
		struct str head = word_prefix(c->argv.v[i]), name;
		size_t eq = str_chr(head, '=');

		if (word_is(c->argv.v[i], "--")) {
			i++;
			break;
		}
		if (head.n < 2 || head.p[0] != '-') {
			if (l->operand != OPERAND_OTHER && l->operand != OPERAND_SOURCE)
				break;
			if (head.n > 1 && strchr("+.", head.p[0]) != NULL) /* less +!cmd, vim +:!cmd, sqlite3 .shell */
				*vec_push(rd->a, &out->code) = c->argv.v[i];
			if (l->operand == OPERAND_SOURCE && names_hold("eval ev php:eval php-eval", head) &&
			    i + 1 < c->argv.n)
				*vec_push(rd->a, &out->code) = c->argv.v[++i]; /* deno eval CODE */
			continue;
		}
		name = str_sub(head, head.p[1] == '-' ? 2 : 1,
		    (eq == STR_NPOS ? head.n : eq) - (head.p[1] == '-' ? 2 : 1));
		if (!take_long(rd, l, c, &i, name, out) && head.p[1] != '-')
			take_letters(rd, l, c, &i, out);
	}
	if (l == &languages[LANG_YQ] && i < c->argv.n && names_hold("eval e eval-all ea", word_prefix(c->argv.v[i])))
		i++;
	out->operand = i;
	if (out->module)
		take_module(rd, c, i, out);
	take_shell(rd, c, i, out);
	if (l->operand == OPERAND_CODE && out->code.n + out->files.n == 0 && i < c->argv.n)
		*vec_push(rd->a, &out->code) = c->argv.v[i];
}

/* Known text; unknown pieces as a mark that code.c knows. */
static struct str
code_text(struct reading *rd, struct word w, bool *some_unknown)
{
	struct buf out;

	*some_unknown = false;
	buf_init(&out, rd->a);
	for (size_t i = 0; i < w.n; i++) {
		if (w.v[i].kind == PIECE_TEXT) {
			buf_add(&out, w.v[i].text);
			continue;
		}
		buf_puts(&out, "{?}");
		*some_unknown = true;
	}
	return buf_str(&out);
}

/* system(), pipes and output files of awk: an allow covers none of them. */
static bool
awk_door(struct str code)
{
	return str_find(code, STR("system(")) != STR_NPOS ||
	    str_find(code, STR("system (")) != STR_NPOS ||
	    str_find(code, STR("getline")) != STR_NPOS || str_find(code, STR("| \"")) != STR_NPOS ||
	    str_find(code, STR("|\"")) != STR_NPOS || str_find(code, STR("> \"")) != STR_NPOS ||
	    str_find(code, STR(">\"")) != STR_NPOS || str_find(code, STR("|&")) != STR_NPOS ||
	    str_find(code, STR("print >")) != STR_NPOS ||
	    str_find(code, STR("@load")) != STR_NPOS || str_find(code, STR("| cmd")) != STR_NPOS;
}

/* yq's load() reads further files, system() runs a program. */
static bool
yq_door(struct str code)
{
	return str_find(code, STR("load")) != STR_NPOS || str_find(code, STR("system")) != STR_NPOS;
}

static int
code_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct language *l, struct action *act, struct word w)
{
	struct code how = { .bang = l->bang, .backquote = l->backquote, .flags = ACTION_GUESS | ACTION_INNER };
	bool some_unknown, sed = l == &languages[LANG_SED], awk = l == &languages[LANG_AWK], yq = l == &languages[LANG_YQ];
	struct str code = code_text(rd, w, &some_unknown);
	bool door = some_unknown;

	if (sed)
		door |= sed_read(rd, st, c, code);
	else if (awk)
		door |= awk_door(code);
	else if (yq)
		door |= yq_door(code);
	if (act != NULL && door && (sed || awk || yq))
		act->flags |= ACTION_TAINTED;
	if (some_unknown && !sed && !awk && !yq)
		reading_unknown_at(rd, st, c, UNKNOWN_OPAQUE, c->typed,
		    STR("a part of the code is not known before it runs"));
	return sed || (yq && !door) ? 0 : code_read(rd, st, c, &how, code);
}

static int
stdin_code(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct language *l, const struct program *prog, struct action *act, enum shell_stdin kind,
    struct word text)
{
	if (kind == SHELL_STDIN_INHERIT)
		kind = reading_stdin(rd, c, &text);
	switch (kind) {
	case SHELL_STDIN_TEXT:
		return code_run(rd, st, c, l, act, text);
	case SHELL_STDIN_PIPE:
		reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
		    str_printf(rd->a, "what is piped into " STR_FMT " is not known before it runs",
		        STR_ARG(prog->base)));
		return 0;
	case SHELL_STDIN_FILE:
		return interpreter_file(rd, st, c, l->backquote, text);
	case SHELL_STDIN_INHERIT:
		break;
	}
	return 0;
}

int
interpreter_file(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    bool backquote, struct word file)
{
	struct code how = { .backquote = backquote };
	struct overlay_state s;
	struct str path;
	int err;

	if (script_texts(rd, st, c, file, &s, &path) < 0)
		return 0;
	how.flags = script_flags(rd, path);
	how.file = how.flags == ACTION_LOOKED;
	how.own = !how.file;
	if (how.own)
		how.flags |= ACTION_GUESS;
	how.chain = path_base(path);
	if (s.unknown && script_suspect(rd, s.by))
		script_written(rd, st, c, how.chain, "it");
	for (size_t i = 0; i < s.texts.n; i++)
		if ((err = code_read(rd, st, c, &how, s.texts.v[i])) < 0)
			return err;
	return 0;
}

/* `awk -f FILE`, `sed -f <(…)`: what the line itself says there is code. */
static int
file_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct language *l,
    struct action *act, struct word file)
{
	enum shell_stdin kind;
	struct word text;

	if (shell_process_text(rd->shell, file, &text) ||
	    (shell_fd_named(c, file, &kind, &text) && kind == SHELL_STDIN_TEXT))
		return code_run(rd, st, c, l, act, text);
	return interpreter_file(rd, st, c, l->backquote, file);
}

/* `deno run -A x.ts`, `bun x.js`: the first operand that is named like a source;
 * `deno run npm:NAME@1` is that package's program. */
static int
source_operand(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	static const char *const ends[] = { ".js", ".mjs", ".cjs", ".ts", ".mts", ".jsx", ".tsx" };

	for (size_t i = 1; i < c->argv.n; i++) {
		struct str text;

		if (!word_known(rd->a, c->argv.v[i], &text) || text.n == 0 || text.p[0] == '-')
			continue;
		if (str_starts(text, STR("npm:"))) {
			struct words call = words_from(c->argv, i);
			size_t at = str_rchr(text, '@');
			struct word *v = NEW_ARRAY(rd->a, struct word, call.n);

			for (size_t k = 1; k < call.n; k++)
				v[k] = call.v[k];
			v[0] = word_text(rd->a, path_base(str_sub(text, 4, at == STR_NPOS || at <= 4 ? STR_NPOS : at - 4)));
			return reading_run_argv(rd, st, (struct words){ v, call.n }, c, ACTION_INNER, (struct str){ 0 });
		}
		for (size_t k = 0; k < sizeof ends / sizeof *ends; k++)
			if (str_ends(text, str_of(ends[k])))
				return interpreter_file(rd, st, c, false, c->argv.v[i]);
	}
	return 0;
}

/* ---- what the code is given ------------------------------------------------------------- */

/* Does the code look at its words, its input, its environment? */
static bool
takes_input(struct str code)
{
	static const char *const names[] = { "argv", "ARGV", "@_", "args", "stdin", "STDIN", "gets", "input(",
		"$_", "$0", "$1", "$2", "-v", "environ", "ENV", "getenv", "process.env", "arg[", "commandArgs" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_find(code, str_of(names[i])) != STR_NPOS)
			return true;
	return false;
}

/* `python -c 'subprocess.run(sys.argv[1:])' fly deploy`: a guarded command among
 * the words, in -v x='…', on standard input may be what the code runs. */
static int
fed_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct language *l, const struct taken *t)
{
	struct code how = { .bang = l->bang, .backquote = l->backquote, .flags = ACTION_GUESS | ACTION_INNER };
	bool runs = false, unknown, awk = l == &languages[LANG_AWK];
	struct word in;
	int err;

	for (size_t i = 0; i < t->code.n && !runs; i++) {
		struct str code = code_text(rd, t->code.v[i], &unknown);

		runs = code_can_run(code, &how) && (awk || takes_input(code)) && (!awk || awk_door(code));
	}
	if (!runs || l == &languages[LANG_SED])
		return 0;
	if ((err = guess_run(rd, st, c, t->operand < 2 ? 2 : t->operand)) < 0 ||
	    (err = guess_texts(rd, st, c, t->operand + awk)) < 0 || (err = guess_values(rd, st, c, true)) < 0)
		return err;
	if (reading_stdin(rd, c, &in) != SHELL_STDIN_TEXT)
		return 0;
	return reading_run_shell(rd, st, in, c, ACTION_GUESS | ACTION_INNER, (struct str){ 0 },
	    word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
}

/* perl -n opens "fly deploy |" as a command. */
static int
piped_operands(struct reading *rd, struct shell_state *st, const struct shell_command *c, size_t from)
{
	int err = 0;

	for (size_t i = from; i < c->argv.n && err >= 0; i++) {
		struct str text;

		if (word_known(rd->a, c->argv.v[i], &text) && text.n > 1 && text.p[text.n - 1] == '|')
			err = reading_run_shell(rd, st, word_text(rd->a, str_sub(text, 0, text.n - 1)), c, ACTION_INNER,
			    (struct str){ 0 }, word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
	}
	return err;
}

int
interpreter_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, struct action *act)
{
	const struct language *l = language_of(prog->base);
	enum shell_stdin kind = c->stdin_kind;
	struct word text = c->stdin_text;
	struct taken t;
	int err;

	if (l == NULL)
		return 0;
	take(rd, l, c, &t);
	for (size_t i = 0; i < t.code.n; i++)
		if ((err = code_run(rd, st, c, l, act, t.code.v[i])) < 0)
			return err;
	for (size_t i = 0; i < t.files.n; i++)
		if ((err = file_run(rd, st, c, l, act, t.files.v[i])) < 0)
			return err;
	if (t.code.n > 0 && (err = fed_run(rd, st, c, l, &t)) < 0)
		return err;
	if (l == &languages[LANG_PERL] && (err = piped_operands(rd, st, c, t.operand)) < 0)
		return err;
	if (t.code.n == 0 && l->operand == OPERAND_SOURCE)
		return source_operand(rd, st, c);
	if (t.code.n == 0 && l->operand == OPERAND_OTHER && kind == SHELL_STDIN_TEXT)
		return code_run(rd, st, c, l, act, text);
	if (t.code.n > 0 || t.module || l->operand != OPERAND_FILE)
		return 0;
	if (t.operand >= c->argv.n || word_is(c->argv.v[t.operand], "-") ||
	    shell_fd_named(c, c->argv.v[t.operand], &kind, &text))
		return stdin_code(rd, st, c, l, prog, act, kind, text);
	if ((err = interpreter_file(rd, st, c, l->backquote, c->argv.v[t.operand])) < 0)
		return err;
	return guess_run(rd, st, c, t.operand + 1); /* a program that nobody knows */
}
