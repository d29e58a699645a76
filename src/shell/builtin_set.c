/* SPDX-License-Identifier: ISC */
/*
 * builtin_set.c: options of the shell and positional parameters: set, shift,
 * shopt, setopt, unsetopt, emulate. Options that change nothing that the walk
 * looks at have no entry.
 */
#include "shell/builtin.h"

#include <string.h>

static const struct {
	const char *name; /* as set -o, shopt or zsh have it, without '_' and in small letters */
	enum opt opt;
	bool inverse;
} names[] = {
	{ "aliases", OPT_ALIASES, false },
	{ "allexport", OPT_ALLEXPORT, false },
	{ "braceexpand", OPT_NOBRACE, true },
	{ "caseglob", OPT_NOCASEGLOB, true },
	{ "cdablevars", OPT_CDABLE, false },
	{ "cdspell", OPT_CDABLE, false },
	{ "chaselinks", OPT_PHYSICAL, false },
	{ "cshnullglob", OPT_OTHERGLOB, false },
	{ "dotglob", OPT_DOTGLOB, false },
	{ "errexit", OPT_ERREXIT, false },
	{ "execfail", OPT_EXECFAIL, false },
	{ "expandaliases", OPT_ALIASES, false },
	{ "extendedglob", OPT_OTHERGLOB, false },
	{ "extglob", OPT_EXTGLOB, false },
	{ "failglob", OPT_FAILGLOB, false },
	{ "glob", OPT_NOGLOB, true },
	{ "globdots", OPT_DOTGLOB, false },
	{ "globstar", OPT_GLOBSTAR, false },
	{ "globstarshort", OPT_OTHERGLOB, false },
	{ "globsubst", OPT_GLOBSUBST, false },
	{ "ignorebraces", OPT_NOBRACE, false },
	{ "kshglob", OPT_OTHERGLOB, false },
	{ "ksharrays", OPT_KSHARRAYS, false },
	{ "keyword", OPT_KEYWORD, false },
	{ "lastpipe", OPT_LASTPIPE, false },
	{ "markdirs", OPT_OTHERGLOB, false },
	{ "nocaseglob", OPT_NOCASEGLOB, false },
	{ "nocasematch", OPT_NOCASEMATCH, false },
	{ "noglob", OPT_NOGLOB, false },
	{ "nounset", OPT_NOUNSET, false },
	{ "nullglob", OPT_NULLGLOB, false },
	{ "numericglobsort", OPT_OTHERGLOB, false },
	{ "physical", OPT_PHYSICAL, false },
	{ "pipefail", OPT_PIPEFAIL, false },
	{ "posix", OPT_POSIX, false },
	{ "rcexpandparam", OPT_OTHERGLOB, false },
	{ "shglob", OPT_OTHERGLOB, false },
	{ "shwordsplit", OPT_WORDSPLIT, false },
	{ "xtrace", OPT_XTRACE, false },
};

static const struct {
	char letter;
	enum opt opt;
	bool inverse;
	char shell; /* 'z': zsh, 'b': bash and sh, '*': all */
} letters[] = {
	{ 'a', OPT_ALLEXPORT, false, '*' },
	{ 'B', OPT_NOBRACE, true, 'b' },
	{ 'e', OPT_ERREXIT, false, '*' },
	{ 'f', OPT_NOGLOB, false, 'b' },
	{ 'k', OPT_KEYWORD, false, 'b' },
	{ 'P', OPT_PHYSICAL, false, 'b' },
	{ 'u', OPT_NOUNSET, false, '*' },
	{ 'x', OPT_XTRACE, false, '*' },
	{ '4', OPT_DOTGLOB, false, 'z' },
	{ 'F', OPT_NOGLOB, false, 'z' },
	{ 'G', OPT_NULLGLOB, false, 'z' },
	{ 'I', OPT_NOBRACE, false, 'z' },
	{ 'P', OPT_OTHERGLOB, false, 'z' },
	{ 'T', OPT_CDABLE, false, 'z' },
	{ 'w', OPT_PHYSICAL, false, 'z' },
	{ 'y', OPT_WORDSPLIT, false, 'z' },
};

/* Any option may have changed. */
static void
lose_options(struct shell_state *st)
{
	st->maybe = ((uint32_t)1 << OPT_COUNT) - 1;
	st->on = 0;
}

/* call: the builtin that sets it; NULL: the shell starts so. */
static void
changed(struct shell *sh, struct shell_state *st, struct call *call, enum opt o, bool on)
{
	eval__set_opt(st, o, on ? TRI_YES : TRI_NO);
	if (o == OPT_ALIASES)
		st->alias_age++;
	if (o == OPT_KEYWORD && on) {
		if (call != NULL)
			eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
			    "set -k makes assignments of later arguments");
		shell_taint(sh, st, (struct str){ 0 }, STR("set -k"));
	}
	if (o == OPT_XTRACE && on && call != NULL)
		eval__trace(sh, st, call->cx, false);
}

static void
by_name(struct shell *sh, struct shell_state *st, struct call *call, struct word w, bool on)
{
	char plain[32];
	struct str text;
	size_t n = 0;

	if (!word_known(sh->a, w, &text)) {
		lose_options(st);
		return;
	}
	for (size_t i = 0; i < text.n && n < sizeof plain - 1; i++)
		if (text.p[i] != '_' && (text.p[i] != '-' || call != NULL))
			plain[n++] = (char)(text.p[i] >= 'A' && text.p[i] <= 'Z'
			        ? text.p[i] - 'A' + 'a'
			        : text.p[i]);
	plain[n] = '\0';
	for (int no = 0; no < 2; no++) {
		const char *name = no ? plain + 2 : plain;

		if (no && (n < 2 || st->kind != SHELL_ZSH || memcmp(plain, "no", 2) != 0))
			break;
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			if (strcmp(names[i].name, name) == 0) {
				changed(sh, st, call, names[i].opt, (on != names[i].inverse) != no);
				return;
			}
	}
}

static void
by_letter(struct shell *sh, struct shell_state *st, struct call *call, char c, bool on)
{
	for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
		if (letters[i].letter == c &&
		    (letters[i].shell == '*' ||
		        (letters[i].shell == 'z') == (st->kind == SHELL_ZSH)))
			changed(sh, st, call, letters[i].opt, on != letters[i].inverse);
}

/* ---- starting ---- */

void
shell_start_options(struct shell *sh, struct shell_state *st, struct words options)
{
	for (size_t i = 0; i < options.n; i++) {
		struct str text;
		bool on;

		if (!word_known(sh->a, options.v[i], &text)) {
			lose_options(st);
			return;
		}
		if (str_starts(text, STR("--"))) {
			if (str_is(text, "--emulate"))
				lose_options(st);
			by_name(sh, st, NULL, word_text(sh->a, str_sub(text, 2, STR_NPOS)), true);
			continue;
		}
		on = text.n > 0 && text.p[0] == '-';
		for (size_t k = 1; k < text.n; k++)
			if (text.p[k] != 'o' && (text.p[k] != 'O' || st->kind == SHELL_ZSH))
				by_letter(sh, st, NULL, text.p[k], on);
			else if (i + 1 < options.n)
				by_name(sh, st, NULL, options.v[++i], on);
	}
}

/* ---- set ---- */

static void
set_args(struct shell *sh, struct shell_state *st, struct words argv, size_t from)
{
	struct word *v;

	/* `set -- "$@" a` over and over must not keep them all. */
	if (argv.n - from > LIMIT_PIECES) {
		st->args = eval__words1(sh, word_words(sh->a, STR("$@")));
		return;
	}
	v = NEW_ARRAY(sh->a, struct word, argv.n - from + 1);
	if (argv.n > from)
		memcpy(v, argv.v + from, (argv.n - from) * sizeof *v);
	st->args = (struct words){ v, argv.n - from };
}

/* The first argument is not known: it may be an option or a parameter. */
static void
set_unknown(struct shell *sh, struct shell_state *st)
{
	lose_options(st);
	st->args = eval__words1(sh, word_words(sh->a, STR("$@")));
}

/* zsh: set -A name words. */
static void
set_array(struct shell *sh, struct shell_state *st, struct call *call, struct words argv, size_t i)
{
	struct str name;

	if (i < argv.n && eval__arg_name(sh, st, call, argv.v[i], &name))
		eval__assign_anything(sh, st, name);
}

static bool
is_option_word(struct word w)
{
	struct str head = word_prefix(w);

	return head.n > 0 && (head.p[0] == '-' || head.p[0] == '+');
}

void
eval__do_set(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = call->c.argv;
	size_t i = 1;

	if (argv.n > 1)
		eval__print(sh, call, &(struct word){ 0 });
	for (; i < argv.n; i++) {
		struct str text;
		bool on;

		if (!word_known(sh->a, argv.v[i], &text)) {
			struct str head = word_prefix(argv.v[i]);

			if (head.n > 0 && head.p[0] != '-' && head.p[0] != '+')
				break;
			set_unknown(sh, st);
			return;
		}
		if (str_is(text, "--") || str_is(text, "-")) {
			i++;
			if (i < argv.n || str_is(text, "--"))
				set_args(sh, st, argv, i);
			goto done;
		}
		if (text.n < 2 || (text.p[0] != '-' && text.p[0] != '+'))
			break;
		on = text.p[0] == '-';
		for (size_t k = 1; k < text.n; k++) {
			/* `set -o -a` prints the options, then sets -a */
			if (text.p[k] == 'o' && i + 1 < argv.n && !is_option_word(argv.v[i + 1])) {
				by_name(sh, st, call, argv.v[++i], on);
				break;
			}
			if (text.p[k] == 'A' && st->kind == SHELL_ZSH) {
				set_array(sh, st, call, argv, i + 1);
				return;
			}
			by_letter(sh, st, call, text.p[k], on);
		}
	}
	if (i < argv.n)
		set_args(sh, st, argv, i);
done:
	if (argv.n > 1)
		eval__surely(sh, call);
}

void
eval__do_shift(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct str text = STR("1");
	long long n;
	size_t known = 0;

	if (call->c.argv.n > 2 ||
	    (call->c.argv.n == 2 && !word_known(sh->a, call->c.argv.v[1], &text)) ||
	    !eval__integer(text, &n) || n < 0) {
		struct str name;

		/* zsh: shift names of arrays; a number that is not known is evaluated there */
		if (st->kind == SHELL_ZSH && call->c.argv.n > 1)
			for (size_t i = 1; i < call->c.argv.n; i++)
				if (eval__arg_name(sh, st, call, call->c.argv.v[i], &name))
					eval__assign_anything(sh, st, name);
		st->args = eval__words1(sh, word_words(sh->a, STR("$@")));
		return;
	}
	while (known < st->args.n && !word_has_words(st->args.v[known]))
		known++;
	if (n == 0)
		return;
	if ((size_t)n <= known) {
		st->args.v += n;
		st->args.n -= (size_t)n;
	} else if (known < st->args.n)
		st->args = eval__words1(sh, word_words(sh->a, STR("$@")));
	else if (st->kind == SHELL_SH) {
		call->fail = eval__copy(sh, st); /* dash ends the shell */
		st->dead = true;
	}
}

/* ---- shopt, setopt ---- */

void
eval__do_shopt(struct shell *sh, struct shell_state *st, struct call *call)
{
	bool set = false, unset = false;
	struct opts o;
	char c;

	eval__opts_init(&o, sh, call);
	while ((c = eval__opts_next(&o, "", false)) != '\0') {
		set |= c == 's';
		unset |= c == 'u';
	}
	if (o.unknown)
		lose_options(st);
	for (size_t i = o.i; i < o.argv.n && (set || unset); i++)
		by_name(sh, st, call, o.argv.v[i], set);
}

static void
zsh_options(struct shell *sh, struct shell_state *st, struct call *call, bool on)
{
	struct words argv = call->c.argv;

	for (size_t i = 1; i < argv.n; i++) {
		struct str text;

		if (word_known(sh->a, argv.v[i], &text) && text.n > 1 &&
		    (text.p[0] == '-' || text.p[0] == '+')) {
			if (str_is(text, "-o") && i + 1 < argv.n)
				continue;
			if (str_is(text, "-m"))
				lose_options(st);
			for (size_t k = 1; k < text.n; k++)
				by_letter(sh, st, call, text.p[k], on == (text.p[0] == '-'));
		} else
			by_name(sh, st, call, argv.v[i], on);
	}
}

void
eval__do_setopt(struct shell *sh, struct shell_state *st, struct call *call)
{
	zsh_options(sh, st, call, true);
}

void
eval__do_unsetopt(struct shell *sh, struct shell_state *st, struct call *call)
{
	zsh_options(sh, st, call, false);
}

void
eval__do_emulate(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = call->c.argv;

	for (size_t i = 1; i < argv.n; i++) {
		struct str text;

		if (!word_known(sh->a, argv.v[i], &text)) {
			eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
			    "what it runs is not known");
			eval__forget_all(sh, st, STR("emulate with an argument that is not known"));
			return;
		}
		if (str_is(text, "-c") && i + 1 < argv.n) {
			struct outcome out = { 0 };

			lose_options(st);
			if (word_known(sh->a, argv.v[i + 1], &text))
				eval__text(sh, st, call->cx, text, call->c.typed, &out);
			else
				eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
				    "what it runs is not known");
			eval__settle(sh, st, &out);
			return;
		}
	}
	if (argv.n > 1 && !word_is(argv.v[argv.n - 1], "zsh"))
		lose_options(st);
}
