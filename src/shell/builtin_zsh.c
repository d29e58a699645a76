/* SPDX-License-Identifier: ISC */
/*
 * builtin_zsh.c: what only zsh has and what changes more than a variable that it
 * names: zmodload, zparseopts. The others are in builtin.c's table.
 */
#include "shell/builtin.h"

#include <string.h>

/* Modules whose builtins and parameters are known here, or change nothing that
 * the walk looks at. The others may bring builtins in place of programs (zsh/files:
 * rm), write files or talk to the network. */
static const char *const known[] = { "zsh/complete", "zsh/complist", "zsh/computil", "zsh/datetime",
	"zsh/langinfo", "zsh/main", "zsh/mathfunc", "zsh/nearcolor", "zsh/parameter", "zsh/pcre",
	"zsh/regex", "zsh/rlimits", "zsh/stat", "zsh/termcap", "zsh/terminfo", "zsh/watch", "zsh/zle",
	"zsh/zleparameter", "zsh/zutil" };

static bool
is_known(struct str name)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (str_is(name, known[i]))
			return true;
	return false;
}

void
eval__do_zmodload(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = call->c.argv;

	for (size_t i = 1; i < argv.n; i++) {
		struct str text;

		if (word_known(sh->a, argv.v[i], &text) &&
		    (is_known(text) || str_is(text, "-i") || str_is(text, "-e") || str_is(text, "-s")))
			continue;
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
		    "what this module brings into the shell is not followed");
		shell_taint(sh, st, (struct str){ 0 }, STR("zmodload"));
		return;
	}
}

static bool
any_of(const char *const *list, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(name, list[i]))
			return true;
	return false;
}
#define IS_ANY(list, name) any_of(list, sizeof(list) / sizeof *(list), name)

/* exit 'x[$(ls)]', and exit x where x holds that: a number is evaluated. */
static bool
is_evaluated(struct shell *sh, struct words argv, size_t i)
{
	struct str text;
	long long n;

	return i < argv.n && word_known(sh->a, argv.v[i], &text) && text.n > 0 && !eval__integer(text, &n);
}

/* An argument that names what the shell runs by, or a value that runs something. */
static bool
is_risky(struct shell *sh, const struct shell_state *st, struct word w)
{
	struct str text, name;
	size_t end = 0;

	if (!word_known(sh->a, w, &text))
		return false;
	while (end < text.n && text.p[end] != '[' && text.p[end] != '=')
		end++;
	name = str_sub(text, 0, end);
	return eval__runs_name(st, name) ||
	    (end < text.n && text.p[end] == '=' && (str_find(text, STR("$(")) != STR_NPOS || str_chr(text, '`') != STR_NPOS)) ||
	    (end < text.n && text.p[end] == '=' && eval__counts_name(st, name) && str_chr(text, '[') != STR_NPOS);
}

/* An argument that arithmetic would look into: x[$(ls)], or a variable of the line. */
static bool
holds_name(struct shell *sh, const struct shell_state *st, struct words argv)
{
	struct str text;

	for (size_t i = 1; i < argv.n; i++)
		if (word_known(sh->a, argv.v[i], &text) &&
		    (str_find(text, STR("[$")) != STR_NPOS || str_find(text, STR("[`")) != STR_NPOS ||
		        (eval__is_name(text) && pmap_get(st->vars, text) != NULL)))
			return true;
	return false;
}

static bool
has_option(struct shell *sh, struct words argv, const char *letters)
{
	struct str text;

	for (size_t i = 1; i < argv.n; i++)
		if (word_known(sh->a, argv.v[i], &text) && text.n > 1 && text.p[0] == '-' &&
		    strpbrk(str_c(sh->a, text) + 1, letters) != NULL)
			return true;
	return false;
}

void
eval__zsh_builtin(struct shell *sh, struct shell_state *st, struct call *call)
{
	static const char *const never[] = { "disable", "float", "functions", "getln", "sched", "strftime", "unhash", "vared", "zcompile",
		"zformat", "zparseopts", "zregexparse", "zstat" };
	static const char *const numbers[] = { "break", "bye", "continue", "exit", "logout", "return" };
	static const char *const names[] = { "declare", "export", "getopts", "integer", "local", "print", "printf", "private",
		"read", "readonly", "set", "typeset", "unset", "unfunction" };
	struct words argv = call->c.argv;
	struct str name;
	bool odd;

	if (argv.n < 2 || !word_known(sh->a, argv.v[0], &name))
		return;
	odd = IS_ANY(never, name) || (IS_ANY(numbers, name) && is_evaluated(sh, argv, 1));
	for (size_t i = 1; IS_ANY(names, name) && i < argv.n && !odd; i++)
		odd = is_risky(sh, st, argv.v[i]);
	if (str_is(name, "hash") || str_is(name, "autoload"))
		for (size_t i = 1; i < argv.n; i++)
			odd |= str_chr(word_prefix(argv.v[i]), '=') != STR_NPOS || str_chr(word_prefix(argv.v[i]), '/') != STR_NPOS;
	odd |= (str_is(name, "unfunction") || str_is(name, "unset")) && has_option(sh, argv, "m");
	odd |= (str_is(name, "read") || str_is(name, "print")) && has_option(sh, argv, "z");
	odd |= (str_is(name, "typeset") || str_is(name, "declare") || str_is(name, "local")) && has_option(sh, argv, "FE");
	if (str_is(name, "shift") || str_is(name, "[") || str_is(name, "test") ||
	    (str_is(name, "read") && has_option(sh, argv, "tkun")) ||
	    (str_is(name, "printf") && strpbrk(str_c(sh->a, word_prefix(argv.v[1])), "diouxXfeEgG") != NULL))
		odd |= holds_name(sh, st, argv) && (!str_is(name, "[") || has_option(sh, argv, "t")) &&
		    (!str_is(name, "test") || has_option(sh, argv, "t"));
	if (str_is(name, "print") || str_is(name, "printf"))
		odd |= has_option(sh, argv, "v") && holds_name(sh, st, argv);
	odd |= str_is(name, "zstyle") && word_prefix(argv.v[1]).n > 0 && word_prefix(argv.v[1]).p[0] == '-';
	odd |= str_is(name, "emulate") && has_option(sh, argv, "x");
	if (odd)
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, "what zsh does here is not followed");
}

/* zparseopts [-D] [-a NAME] [-A NAME] [-v NAME] [--] SPEC[=NAME] … */
void
eval__do_zparseopts(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = call->c.argv;

	for (size_t i = 1; i < argv.n; i++) {
		struct str text;
		size_t sign;

		if (!word_known(sh->a, argv.v[i], &text)) {
			eval__opaque(sh, st, call, argv.v[i], "the name of a variable is not known");
			eval__assign_unknown(
			    sh, st, STR("zparseopts with an argument that is not known"));
			continue;
		}
		while ((sign = str_chr(text, '=')) != STR_NPOS)
			text = str_sub(text, sign + 1, text.n);
		if (text.n > 2 && text.p[0] == '-') /* -aNAME */
			text = str_sub(text, 2, text.n);
		if (eval__is_name(text))
			eval__assign_anything(sh, st, text);
	}
	st->args = eval__words1(sh, word_words(sh->a, STR("$@")));
}
