/* SPDX-License-Identifier: ISC */
/*
 * builtin_set.c: options of the shell and positional parameters: set, shift,
 * shopt, setopt, unsetopt, emulate. Options that change nothing that the walk
 * looks at have no entry.
 */
#include "shell/builtin.h"

#include <string.h>

static const struct {
	const char *name; /* zsh reads it without regard to '_' and to what is large or small */
	enum opt opt;
	bool inverse;
	char where; /* 'o': of set -o, 's': bash's shopt, 'z': zsh alone */
} names[] = {
	{ "aliases", OPT_ALIASES, false, 'z' },
	{ "allexport", OPT_ALLEXPORT, false, 'o' },
	{ "braceexpand", OPT_NOBRACE, true, 'o' },
	{ "caseglob", OPT_NOCASEGLOB, true, 'z' },
	{ "cdable_vars", OPT_CDABLE, false, 's' },
	{ "cdspell", OPT_CDABLE, false, 's' },
	{ "chaselinks", OPT_PHYSICAL, false, 'z' },
	{ "cshnullglob", OPT_OTHERGLOB, false, 'z' },
	{ "dotglob", OPT_DOTGLOB, false, 's' },
	{ "errexit", OPT_ERREXIT, false, 'o' },
	{ "execfail", OPT_EXECFAIL, false, 's' },
	{ "expand_aliases", OPT_ALIASES, false, 's' },
	{ "extendedglob", OPT_OTHERGLOB, false, 'z' },
	{ "extglob", OPT_EXTGLOB, false, 's' },
	{ "failglob", OPT_FAILGLOB, false, 's' },
	{ "glob", OPT_NOGLOB, true, 'z' },
	{ "globdots", OPT_DOTGLOB, false, 'z' },
	{ "globstar", OPT_GLOBSTAR, false, 's' },
	{ "globstarshort", OPT_OTHERGLOB, false, 'z' },
	{ "globsubst", OPT_GLOBSUBST, false, 'z' },
	{ "ignorebraces", OPT_NOBRACE, false, 'z' },
	{ "kshglob", OPT_OTHERGLOB, false, 'z' },
	{ "ksharrays", OPT_KSHARRAYS, false, 'z' },
	{ "keyword", OPT_KEYWORD, false, 'o' },
	{ "lastpipe", OPT_LASTPIPE, false, 's' },
	{ "localvar_inherit", OPT_INHERIT, false, 's' },
	{ "markdirs", OPT_OTHERGLOB, false, 'z' },
	{ "nocaseglob", OPT_NOCASEGLOB, false, 's' },
	{ "nocasematch", OPT_NOCASEMATCH, false, 's' },
	{ "noglob", OPT_NOGLOB, false, 'o' },
	{ "nounset", OPT_NOUNSET, false, 'o' },
	{ "nullglob", OPT_NULLGLOB, false, 's' },
	{ "numericglobsort", OPT_OTHERGLOB, false, 'z' },
	{ "physical", OPT_PHYSICAL, false, 'o' },
	{ "pipefail", OPT_PIPEFAIL, false, 'o' },
	{ "posix", OPT_POSIX, false, 'o' },
	{ "rcexpandparam", OPT_OTHERGLOB, false, 'z' },
	{ "shglob", OPT_OTHERGLOB, false, 'z' },
	{ "shwordsplit", OPT_WORDSPLIT, false, 'z' },
	{ "xtrace", OPT_XTRACE, false, 'o' },
};
/* Of set -o, too, in bash, and nothing that is looked at. */
static const char *const idle_names[] = { "emacs", "errtrace", "functrace", "hashall", "histexpand",
	"history", "ignoreeof", "interactive-comments", "monitor", "noclobber", "noexec", "nolog",
	"notify", "onecmd", "privileged", "verbose", "vi" };

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

/* Is this option meant, written so? zsh reads names without regard to '_' and case. */
static bool
named(struct str text, const char *name, bool zsh)
{
	size_t i = 0;

	if (!zsh)
		return str_is(text, name);
	for (; *name != '\0'; name++) {
		if (*name == '_')
			continue;
		while (i < text.n && text.p[i] == '_')
			i++;
		if (i == text.n || (text.p[i] | ('A' ^ 'a')) != *name)
			return false;
		i++;
	}
	while (i < text.n && text.p[i] == '_')
		i++;
	return i == text.n;
}

/* Where: of set -o 'o' or of shopt 's'. False: there is no such option; zsh has more
 * than stand here. */
static bool
by_name(struct shell *sh, struct shell_state *st, struct call *call, struct word w, char where, bool on)
{
	bool zsh = st->kind == SHELL_ZSH;
	struct str text;

	if (!word_known(sh->a, w, &text)) {
		lose_options(st);
		return false;
	}
	for (int no = 0; no < 2; no++) {
		struct str name = no ? str_sub(text, 2, STR_NPOS) : text;

		if (no && (text.n < 2 || !zsh || !named(str_sub(text, 0, 2), "no", true)))
			break;
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			if ((zsh || names[i].where == where) && named(name, names[i].name, zsh)) {
				changed(sh, st, call, names[i].opt, (on != names[i].inverse) != no);
				return true;
			}
	}
	for (size_t i = 0; i < sizeof idle_names / sizeof idle_names[0] && where == 'o'; i++)
		if (named(text, idle_names[i], zsh))
			return true;
	return false;
}

/* False: no shell of this kind is sure to know it. */
static bool
by_letter(struct shell *sh, struct shell_state *st, struct call *call, char c, bool on)
{
	static const char *const known[] = {
		[SHELL_BASH] = "abefhkmnptuvxBCEHPT",
		[SHELL_SH] = "abefmnuvxC",
		[SHELL_ZSH] = "aefhknpruvwxyCEFGHIPT4",
	};

	for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
		if (letters[i].letter == c &&
		    (letters[i].shell == '*' ||
		        (letters[i].shell == 'z') == (st->kind == SHELL_ZSH)))
			changed(sh, st, call, letters[i].opt, on != letters[i].inverse);
	return c != '\0' && strchr(known[st->kind], c) != NULL;
}

/* ---- starting ---- */

/* zsh: --sh-word-split is --sh_word_split. */
static struct str
underlined(struct arena *a, struct str name)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < name.n; i++)
		buf_putc(&b, name.p[i] == '-' ? '_' : name.p[i]);
	return buf_str(&b);
}

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
			by_name(sh, st, NULL, word_text(sh->a, underlined(sh->a, str_sub(text, 2, STR_NPOS))), 'o', true);
			continue;
		}
		on = text.n > 0 && text.p[0] == '-';
		for (size_t k = 1; k < text.n; k++)
			if (text.p[k] != 'o' && (text.p[k] != 'O' || st->kind == SHELL_ZSH))
				by_letter(sh, st, NULL, text.p[k], on);
			else if (i + 1 < options.n)
				by_name(sh, st, NULL, options.v[++i], text.p[k] == 'o' ? 'o' : 's', on);
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
	bool sure = true, bash = st->kind == SHELL_BASH;
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
				sure &= by_name(sh, st, call, argv.v[++i], 'o', on) && (bash || k + 1 == text.n);
				continue;
			}
			if (text.p[k] == 'A' && st->kind == SHELL_ZSH) {
				set_array(sh, st, call, argv, i + 1);
				return;
			}
			sure &= text.p[k] == 'o' || by_letter(sh, st, call, text.p[k], on);
		}
	}
	if (i < argv.n)
		set_args(sh, st, argv, i);
done:
	if (!sure)
		set_unknown(sh, st); /* an error: nothing of it, or a part, is done */
	else if (argv.n > 1)
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
	bool set = false, unset = false, wrong = false;
	char where = 's';
	struct opts o;
	char c;

	eval__opts_init(&o, sh, call);
	while ((c = eval__opts_next(&o, "", false)) != '\0') {
		set |= c == 's';
		unset |= c == 'u';
		where = c == 'o' ? 'o' : where;
		wrong |= strchr("supqo", c) == NULL;
	}
	if (wrong || (set && unset)) /* it fails */
		return;
	if (o.unknown)
		lose_options(st);
	for (size_t i = o.i; i < o.argv.n && (set || unset); i++)
		by_name(sh, st, call, o.argv.v[i], where, set);
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
			by_name(sh, st, call, argv.v[i], 'o', on);
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
