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
	{ "bareglobqual", OPT_OTHERGLOB, true, 'z' },
	{ "braceexpand", OPT_NOBRACE, true, 'o' },
	{ "caseglob", OPT_NOCASEGLOB, true, 'z' },
	{ "cdable_vars", OPT_CDABLE, false, 's' },
	{ "cdspell", OPT_CDABLE, false, 's' },
	{ "casepaths", OPT_OTHERGLOB, false, 'z' },
	{ "chasedots", OPT_PHYSICAL, false, 'z' },
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
	{ "kshglob", OPT_OTHERGLOB, false, 'z' },
	{ "ksharrays", OPT_KSHARRAYS, false, 'z' },
	{ "keyword", OPT_KEYWORD, false, 'o' },
	{ "lastpipe", OPT_LASTPIPE, false, 's' },
	{ "localvar_inherit", OPT_INHERIT, false, 's' },
	{ "localoptions", OPT_LOCALOPTIONS, false, 'z' },
	{ "magicequalsubst", OPT_ODDTEXT, false, 'z' },
	{ "markdirs", OPT_OTHERGLOB, false, 'z' },
	{ "monitor", OPT_MONITOR, false, 'o' },
	{ "nocaseglob", OPT_NOCASEGLOB, false, 's' },
	{ "nocasematch", OPT_NOCASEMATCH, false, 's' },
	{ "noglob", OPT_NOGLOB, false, 'o' },
	{ "nounset", OPT_NOUNSET, false, 'o' },
	{ "nullglob", OPT_NULLGLOB, false, 's' },
	{ "numericglobsort", OPT_OTHERGLOB, false, 'z' },
	{ "physical", OPT_PHYSICAL, false, 'o' },
	{ "pipefail", OPT_PIPEFAIL, false, 'o' },
	{ "posix", OPT_POSIX, false, 'o' },
	{ "pushdignoredups", OPT_DIRSTACK, false, 'z' },
	{ "pushdtohome", OPT_DIRSTACK, false, 'z' },
	{ "rcexpandparam", OPT_RCEXPAND, false, 'z' },
	{ "rcquotes", OPT_ODDTEXT, false, 'z' },
	{ "shwordsplit", OPT_WORDSPLIT, false, 'z' },
	{ "unset", OPT_NOUNSET, true, 'z' },
	{ "xtrace", OPT_XTRACE, false, 'o' },
};
/* Of set -o, too, in bash, and nothing that is looked at. */
static const char *const idle_names[] = { "emacs", "errtrace", "functrace", "hashall", "histexpand",
	"history", "ignoreeof", "interactive-comments", "noclobber", "noexec", "nolog",
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
	{ 'm', OPT_MONITOR, false, 'b' },
	{ 'P', OPT_PHYSICAL, false, 'b' },
	{ 'u', OPT_NOUNSET, false, '*' },
	{ 'x', OPT_XTRACE, false, '*' },
	{ '4', OPT_DOTGLOB, false, 'z' },
	{ 'F', OPT_NOGLOB, false, 'z' },
	{ 'G', OPT_NULLGLOB, false, 'z' },
	{ '8', OPT_OTHERGLOB, false, 'z' },
	{ 'D', OPT_DIRSTACK, false, 'z' },
	{ 'I', OPT_STRANGE, false, 'z' },
	{ 'P', OPT_RCEXPAND, false, 'z' },
	{ 'Q', OPT_STRANGE, false, 'z' },
	{ 'n', OPT_STRANGE, false, 'z' },
	{ 'p', OPT_STRANGE, false, 'z' },
	{ 'r', OPT_STRANGE, false, 'z' },
	{ 't', OPT_STRANGE, false, 'z' },
	{ 'T', OPT_CDABLE, false, 'z' },
	{ 'w', OPT_PHYSICAL, false, 'z' },
	{ 'y', OPT_WORDSPLIT, false, 'z' },
};

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

/*
 * What else zsh has and what does not change what we say about a text: what is for
 * the keyboard, the history and messages, and what is taken for granted (that *.x
 * without a file is an error or not, for one). Any other changes how text is read
 * or what a value is: see OPT_STRANGE. Sorted.
 */
static const char *const no_matter[] = {
	"alwayslastprompt", "alwaystoend", "appendcreate", "appendhistory", "autocd", "autocontinue",
	"autolist", "automenu", "autonamedirs", "autoparamkeys", "autoparamslash", "autopushd",
	"autoremoveslash", "autoresume", "badpattern", "banghist", "bashautolist", "bashrematch",
	"beep", "bgnice", "casematch", "cbases", "cdsilent", "checkjobs", "checkrunningjobs",
	"clobber", "clobberempty", "combiningchars", "completealiases", "completeinword", "correct",
	"correctall", "cshjunkiehistory", "debugbeforecmd", "emacs", "errreturn", "evallineno",
	"extendedhistory", "flowcontrol", "globalrcs", "globcomplete", "hashall", "hashcmds",
	"hashdirs", "hashexecutablesonly", "hashlistall", "histallowclobber", "histappend",
	"histbeep", "histexpand", "histexpiredupsfirst", "histfcntllock", "histfindnodups",
	"histignorealldups", "histignoredups", "histignorespace", "histlexwords", "histnofunctions",
	"histnostore", "histreduceblanks", "histsavebycopy", "histsavenodups", "histverify", "hup",
	"ignoreeof", "incappendhistory", "incappendhistorytime", "interactivecomments",
	"kshoptionprint", "kshtypeset", "listambiguous", "listbeep", "listpacked",
	"listrowsfirst", "listtypes", "localpatterns", "localtraps", "log", "longlistjobs", "mailwarn",
	"mailwarning", "menucomplete", "multibyte", "multifuncdef", "multios", "nomatch",
	"notify", "overstrike", "pathscript", "posixjobs", "printeightbit", "printexitvalue",
	"promptbang", "promptcr", "promptpercent", "promptsp", "promptsubst", "promptvars",
	"pushdminus", "pushdsilent", "rcs", "recexact", "rematchpcre", "rmstarsilent", "rmstarwait",
	"sharehistory", "shortloops", "shortrepeat", "singlelinezle", "sourcetrace", "stdin",
	"sunkeyboardhack", "trackall", "transientrprompt", "trapsasync", "typesetsilent",
	"typesettounset", "verbose", "vi", "warncreateglobal", "warnnestedvar", "zle"
};

static bool
is_no_matter(struct str name)
{
	for (size_t i = 0; i < sizeof no_matter / sizeof no_matter[0]; i++)
		if (named(name, no_matter[i], true))
			return true;
	return false;
}

static bool
is_strange(enum opt o)
{
	return o == OPT_STRANGE || o == OPT_ODDTEXT || o == OPT_RCEXPAND;
}

static void
strange(struct shell *sh, struct shell_state *st, struct call *call)
{
	if (call != NULL && st->kind == SHELL_ZSH)
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
		    "it changes how zsh reads what follows");
}

/* Any option may have changed. */
static void
lose_options(struct shell *sh, struct shell_state *st, struct call *call)
{
	eval__lose_options(st);
	strange(sh, st, call);
}

bool
eval__reads_strangely(const struct shell_state *st, struct str text)
{
	static const struct {
		enum opt opt;
		const char *where; /* the option matters to a text with this in it */
	} places[] = { { OPT_STRANGE, "" }, { OPT_ODDTEXT, "''" }, { OPT_RCEXPAND, "$" },
		{ OPT_ODDTEXT, "=~" }, { OPT_ODDTEXT, "==" }, { OPT_ODDTEXT, ":~" } };

	for (size_t i = 0; st->kind == SHELL_ZSH && i < sizeof places / sizeof places[0]; i++)
		if (eval__opt(st, places[i].opt) != TRI_NO &&
		    str_find(text, str_of(places[i].where)) != STR_NPOS)
			return true;
	return false;
}

/* call: the builtin that sets it; NULL: the shell starts so. */
static void
changed(struct shell *sh, struct shell_state *st, struct call *call, enum opt o, bool on)
{
	eval__set_opt(st, o, on ? TRI_YES : TRI_NO);
	if (o == OPT_POSIX && st->kind == SHELL_BASH)
		eval__set_opt(st, OPT_ALIASES, on ? TRI_YES : TRI_MAYBE);
	if (o == OPT_ALIASES || o == OPT_POSIX)
		st->alias_age++;
	if (o == OPT_KEYWORD && on) {
		if (call != NULL)
			eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
			    "set -k makes assignments of later arguments");
		shell_taint(sh, st, (struct str){ 0 }, STR("set -k"));
	}
	if (is_strange(o))
		strange(sh, st, call);
	if (o == OPT_NOBRACE && on && call != NULL)
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, "braces are text from here on");
	if (o == OPT_GLOBSUBST && on && call != NULL)
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, "values are read as patterns, which may run code");
	if (o == OPT_XTRACE && on && call != NULL)
		eval__trace(sh, st, call->cx, false);
}

/* Options of bash that change what the commands behind them mean, in ways that are not
 * followed: an older bash, echo -e, $'…' in replacements, which of two locals … */
static void
rare_option(struct shell *sh, struct shell_state *st, struct call *call, struct str name, bool on)
{
	static const char *const set[] = { "array_expand_once", "assoc_expand_once", "extdebug", "localvar_unset",
		"shift_verbose", "varredir_close", "xpg_echo" };
	static const char *const unset[] = { "bash_source_fullpath", "globasciiranges", "globskipdots",
		"patsub_replacement", "sourcepath" };
	static struct names when_set = NAMES(set), when_unset = NAMES(unset);
	const struct ctx start = { 0 };

	if (names_find(on ? &when_set : &when_unset, name) == STR_NPOS && !(on && str_starts(name, STR("compat"))))
		return;
	eval__unknown(sh, st, call != NULL ? call->cx : &start, SHELL_DYNAMIC, call != NULL ? call->c.typed : name,
	    "this option changes what later commands do, and that is not followed");
}

/* Where: of set -o 'o' or of shopt 's'. False: there is no such option; zsh has more
 * than stand here. */
static bool
by_name(struct shell *sh, struct shell_state *st, struct call *call, struct word w, char where, bool on)
{
	bool zsh = st->kind == SHELL_ZSH;
	struct str text;

	if (!word_known(sh->a, w, &text)) {
		lose_options(sh, st, call);
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
		if (zsh && named(name, "autocd", true) && on) /* where a script comes from standard input */
			strange(sh, st, call);
		if (!zsh && where == 's')
			rare_option(sh, st, call, name, on);
		if (zsh && named(name, "errreturn", true) && on && call != NULL)
			eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, "where functions end is changed");
		if (zsh && is_no_matter(name))
			return true;
	}
	for (size_t i = 0; i < sizeof idle_names / sizeof idle_names[0] && where == 'o'; i++)
		if (named(text, idle_names[i], zsh))
			return true;
	if (zsh)
		changed(sh, st, call, OPT_STRANGE, true);
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
			lose_options(sh, st, NULL);
			return;
		}
		if (str_starts(text, STR("--"))) {
			if (str_is(text, "--emulate"))
				lose_options(sh, st, NULL);
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
set_unknown(struct shell *sh, struct shell_state *st, struct call *call)
{
	lose_options(sh, st, call);
	if (call != NULL && eval__opt(st, OPT_XTRACE) != TRI_NO)
		eval__trace(sh, st, call->cx, false);
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
	bool sorted = false, sure = true, bash = st->kind == SHELL_BASH;
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
			if (head.n > 0 || str_starts(argv.v[i].typed, STR("-")) || str_starts(argv.v[i].typed, STR("+")))
				eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, argv.v[i].typed, "options of the shell that are not known");
			set_unknown(sh, st, call);
			return;
		}
		if (str_is(text, "+") && st->kind != SHELL_ZSH)
			continue;
		if (str_is(text, "--") || str_is(text, "-") || str_is(text, "+")) {
			i++;
			if (i < argv.n || str_is(text, "--") || st->kind == SHELL_ZSH)
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
			sorted |= st->kind == SHELL_ZSH && text.p[k] == 's';
			sure &= text.p[k] == 'o' || by_letter(sh, st, call, text.p[k], on);
		}
	}
	if (i < argv.n)
		set_args(sh, st, argv, i);
done:
	if (sorted)
		st->args = eval__words1(sh, word_words(sh->a, STR("$@")));
	if (!sure)
		set_unknown(sh, st, NULL); /* an error: nothing of it, or a part, is done */
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

	eval__opts_init(&o, sh, st, call);
	while ((c = eval__opts_next(&o, "", false)) != '\0') {
		set |= c == 's';
		unset |= c == 'u';
		where = c == 'o' ? 'o' : where;
		wrong |= strchr("supqo", c) == NULL;
	}
	if (wrong || (set && unset)) /* it fails */
		return;
	if (o.unknown)
		lose_options(sh, st, call);
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
				lose_options(sh, st, call);
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

/* The options of zsh itself: some that were set stay, which ones is not followed. */
static void
as_zsh(struct shell_state *st)
{
	const uint32_t stays = (uint32_t)1 << OPT_ALIASES;

	st->maybe |= st->on & ~stays;
	st->on &= stays;
}

/* emulate [-LR] SHELL [options] [-c TEXT] */
void
eval__do_emulate(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = call->c.argv;
	struct shell_state was = *st;
	bool zsh = false;

	for (size_t i = 1; i < argv.n; i++) {
		struct outcome out = { 0 };
		struct str text;

		if (!word_known(sh->a, argv.v[i], &text)) {
			eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
			    "what it runs is not known");
			eval__forget_all(sh, st, STR("emulate with an argument that is not known"));
			return;
		}
		if (str_is(text, "-c") && i + 1 < argv.n) {
			if (!zsh)
				lose_options(sh, st, call);
			if (word_known(sh->a, argv.v[i + 1], &text))
				eval__text(sh, st, call->cx, text, call->c.typed, &out);
			else
				eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
				    "what it runs is not known");
			eval__settle(sh, st, &out);
			st->on = was.on;
			st->maybe = was.maybe;
			return;
		}
		if (str_is(text, "zsh")) {
			zsh = true;
			as_zsh(st);
		} else if (str_is(text, "-L") || str_is(text, "-LR") || str_is(text, "-RL"))
			eval__set_opt(&was, OPT_LOCALOPTIONS, TRI_YES);
		else if (!str_is(text, "-R") && i + 1 < argv.n)
			lose_options(sh, st, call); /* -o NAME and more */
	}
	if (argv.n > 1 && !zsh)
		lose_options(sh, st, call);
	if (argv.n > 1 && eval__opt(&was, OPT_LOCALOPTIONS) == TRI_YES)
		eval__set_opt(st, OPT_LOCALOPTIONS, TRI_YES);
}
