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
