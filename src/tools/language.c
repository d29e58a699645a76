/* SPDX-License-Identifier: ISC */
/*
 * language.c: programs that take code of another language than the shell's:
 * which of their words are code, which a script, which a module. What the code
 * says is code.c, what a module's name means modules.c.
 */
#include "tools/language.h"

#include <string.h>

const struct language languages[] = {
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
	{ "gvim", LANG_VIM }, { "gvimdiff", LANG_VIM }, { "iex", LANG_JULIA }, { "ipython", LANG_IPYTHON },
	{ "ipython3", LANG_IPYTHON }, { "irb", LANG_RUBY }, { "jshell", LANG_GROOVY }, { "julia", LANG_JULIA },
	{ "kotlin", LANG_GROOVY }, { "less", LANG_LESS }, { "lftp", LANG_FTP }, { "lldb", LANG_LLDB }, { "lua", LANG_LUA },
	{ "luajit", LANG_LUA }, { "m4", LANG_GROOVY }, { "mawk", LANG_AWK },
	{ "mix", LANG_MIX }, { "more", LANG_LESS }, { "most", LANG_LESS },
	{ "mysql", LANG_PSQL }, { "nawk", LANG_AWK }, { "node", LANG_NODE }, { "nodejs", LANG_NODE },
	{ "nvim", LANG_VIM }, { "osascript", LANG_OSASCRIPT }, { "perl", LANG_PERL },
	{ "php", LANG_PHP }, { "psql", LANG_PSQL }, { "py", LANG_PYTHON }, { "pypy", LANG_PYTHON }, { "pypy3", LANG_PYTHON },
	{ "python", LANG_PYTHON }, { "python2", LANG_PYTHON }, { "python3", LANG_PYTHON },
	{ "racket", LANG_GROOVY }, { "rails", LANG_MIX }, { "rake", LANG_MIX }, { "red", LANG_ED }, { "ruby", LANG_RUBY }, { "sbcl", LANG_ERL }, { "scala", LANG_GROOVY }, { "sed", LANG_SED },
	{ "sqlite3", LANG_PSQL }, { "swipl", LANG_SWIPL }, { "tclsh", LANG_TCLSH }, { "ts-node", LANG_TSX },
	{ "tsx", LANG_TSX }, { "vi", LANG_VIM }, { "view", LANG_VIM }, { "vim", LANG_VIM }, { "vimdiff", LANG_VIM },
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
const struct language *
language_of(struct str name)
{
	const struct language *l = language_named(name);
	size_t dot;

	if (l != NULL)
		return l;
	dot = str_chr(name, '.');
	return dot != STR_NPOS && dot > 0 ? language_named(str_sub(name, 0, dot)) : NULL;
}

static bool
begins_option(struct word w)
{
	struct str head = word_prefix(w);

	return head.n > 1 && head.p[0] == '-';
}

/* What the value of an option is. */
enum given { GIVEN_NOTHING, GIVEN_CODE, GIVEN_FILE, GIVEN_MODULE, GIVEN_FOLDER, GIVEN_OTHER };

static enum given
letter_gives(const struct language *l, char letter)
{
	const struct naming *n = language_naming(l);

	if (strchr(l->code, letter) != NULL)
		return GIVEN_CODE;
	if (l->files != NULL && strchr(l->files, letter) != NULL)
		return GIVEN_FILE;
	if (n != NULL && strchr(n->letters, letter) != NULL)
		return GIVEN_MODULE;
	if (n != NULL && strchr(n->folders, letter) != NULL)
		return GIVEN_FOLDER;
	return strchr(l->values, letter) != NULL ? GIVEN_OTHER : GIVEN_NOTHING;
}

static void
give(struct reading *rd, const struct language *l, enum given kind, struct word value, struct taken *out)
{
	if (kind == GIVEN_CODE)
		*vec_push(rd->a, &out->code) = value;
	else if (kind == GIVEN_FILE)
		*vec_push(rd->a, &out->files) = value;
	else if (kind == GIVEN_MODULE)
		*vec_push(rd->a, &out->loads) =
		    word_cat(rd->a, word_text(rd->a, str_of(language_naming(l)->as)), value);
	else if (kind == GIVEN_FOLDER)
		*vec_push(rd->a, &out->folders) = value;
}

static void
take_letters(struct reading *rd, const struct language *l, const struct shell_command *c, size_t *i,
    struct taken *out)
{
	struct word w = c->argv.v[*i];
	struct str head = word_prefix(w);

	for (size_t j = 1; j < head.n; j++) {
		char letter = head.p[j];
		bool last = j + 1 == head.n && w.n == 1;
		enum given kind = letter_gives(l, letter);

		out->ex |= l == &languages[LANG_VIM] && (letter == 'e' || letter == 'E');
		if (out->ex && letter == 's')
			continue;
		if (kind == GIVEN_CODE && letter == 'p' && (last ? *i + 1 < c->argv.n && begins_option(c->argv.v[*i + 1])
								 : head.p[j + 1] == 'e'))
			continue; /* node -pe CODE, -p -e CODE */
		if (kind == GIVEN_NOTHING) {
			if (letter == 'i' || letter == '0')
				return; /* perl -i.bak, -0777 */
			continue;
		}
		out->module |= l->module != NULL && letter == *l->module;
		if (!last || *i + 1 < c->argv.n)
			give(rd, l, kind, last ? c->argv.v[*i + 1]
			    : word_cat(rd->a, word_text(rd->a, str_sub(head, j + 1, head.n)),
				  (struct word){ w.v + 1, w.n - 1, { 0 } }), out);
		if (last)
			++*i;
		return;
	}
}

static enum given
long_gives(const struct language *l, struct str name, bool twice)
{
	const struct naming *n = language_naming(l);

	if (names_hold(l->longs, name) || (twice && names_begin(l->longs, name)))
		return GIVEN_CODE;
	if (l->file_longs != NULL && (names_hold(l->file_longs, name) || (twice && names_begin(l->file_longs, name))))
		return GIVEN_FILE;
	return n != NULL && names_hold(n->longs, name) ? GIVEN_MODULE : GIVEN_NOTHING;
}

/* --eval CODE, --eval=CODE, --file=FILE; `node --print --eval CODE`. */
static bool
take_long(struct reading *rd, const struct language *l, const struct shell_command *c, size_t *i,
    struct str name, struct taken *out)
{
	struct word w = c->argv.v[*i], value;
	struct str head = word_prefix(w);
	size_t eq = str_chr(head, '=');
	enum given kind = long_gives(l, name, head.p[1] == '-');
	const struct naming *n = language_naming(l);

	if (kind == GIVEN_NOTHING)
		return false;
	if (eq != STR_NPOS)
		value = word_cat(rd->a, word_text(rd->a, str_sub(head, eq + 1, head.n)),
		    (struct word){ w.v + 1, w.n - 1, { 0 } });
	else if (*i + 1 >= c->argv.n || (str_is(name, "print") && begins_option(c->argv.v[*i + 1])))
		return true;
	else
		value = c->argv.v[++*i];
	give(rd, l, kind, value, out);
	if (kind == GIVEN_CODE && n != NULL && names_hold(n->longs, name)) /* node --import: or its place */
		give(rd, l, GIVEN_MODULE, value, out);
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

void
language_take(struct reading *rd, const struct language *l, const struct shell_command *c, struct taken *out)
{
	size_t i = 1;

	*out = (struct taken){ .operand = c->argv.n };
	out->ex = word_is(c->argv.v[0], "ex") || str_ends(word_prefix(c->argv.v[0]), STR("/ex"));
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
			if (head.n > 1 && (strchr("+.", head.p[0]) != NULL || (head.p[0] == '!' && l == &languages[LANG_ED])))
				/* less +!cmd, vim +:!cmd, sqlite3 .shell, ed !cmd */
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

