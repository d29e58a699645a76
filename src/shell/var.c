/* SPDX-License-Identifier: ISC */
/*
 * var.c: variables one by one: what a name holds before the line touched it,
 * assigning, exporting, and what some names do to the shell besides holding a
 * value. Joining of alternatives is in state.c, expansions in expand_param.c.
 */
#include "shell/eval.h"

#include <string.h>

bool
eval__is_name(struct str s)
{
	if (s.n == 0 || (s.p[0] >= '0' && s.p[0] <= '9'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		        (c >= '0' && c <= '9')))
			return false;
	}
	return true;
}

/* ---- names with a meaning ---- */

enum meaning {
	MEAN_DIGITS = 1, /* reads as digits whatever was assigned */
	MEAN_TEXT,       /* reads as some text that the shell makes */
	MEAN_PATH,       /* says which program a name is */
	MEAN_CODE,       /* holds code or names of functions that the shell will run */
	MEAN_GLOB,       /* changes what globs give */
	MEAN_ARGS,       /* zsh: the positional parameters */
	MEAN_IFS
};
static const struct {
	const char *name;
	enum meaning meaning;
	bool zsh_only;
} meanings[] = { /* sorted by their first byte */
	{ "BASHPID", MEAN_DIGITS, false },
	{ "BASH_ALIASES", MEAN_CODE, false },
	{ "BASH_ARGV", MEAN_TEXT, false },
	{ "BASH_ARGV0", MEAN_TEXT, false },
	{ "BASH_CMDS", MEAN_CODE, false },
	{ "BASH_COMMAND", MEAN_TEXT, false },
	{ "BASH_LINENO", MEAN_TEXT, false },
	{ "BASH_REMATCH", MEAN_TEXT, false },
	{ "BASH_SOURCE", MEAN_TEXT, false },
	{ "BASH_SUBSHELL", MEAN_DIGITS, false },
	{ "DIRSTACK", MEAN_TEXT, false },
	{ "EPOCHREALTIME", MEAN_TEXT, false },
	{ "EPOCHSECONDS", MEAN_DIGITS, false },
	{ "EUID", MEAN_DIGITS, false },
	{ "EXECIGNORE", MEAN_PATH, false },
	{ "FPATH", MEAN_CODE, true },
	{ "FUNCNAME", MEAN_TEXT, false },
	{ "GLOBIGNORE", MEAN_GLOB, false },
	{ "GLOBSORT", MEAN_GLOB, false },
	{ "GROUPS", MEAN_TEXT, false },
	{ "HISTCHARS", MEAN_CODE, true },
	{ "HISTCMD", MEAN_DIGITS, false },
	{ "IFS", MEAN_IFS, false },
	{ "LINENO", MEAN_DIGITS, false },
	{ "MATCH", MEAN_TEXT, true },
	{ "MBEGIN", MEAN_TEXT, true },
	{ "MEND", MEAN_TEXT, true },
	{ "MODULE_PATH", MEAN_CODE, true },
	{ "NULLCMD", MEAN_CODE, true },
	{ "OPTIND", MEAN_DIGITS, false },
	{ "PATH", MEAN_PATH, false },
	{ "PIPESTATUS", MEAN_TEXT, false },
	{ "POSIXLY_CORRECT", MEAN_GLOB, false },
	{ "PPID", MEAN_DIGITS, false },
	{ "PROMPT4", MEAN_CODE, true }, /* PS4 by another name */
	{ "RANDOM", MEAN_DIGITS, false },
	{ "READNULLCMD", MEAN_CODE, true },
	{ "SECONDS", MEAN_DIGITS, false },
	{ "SHLVL", MEAN_DIGITS, false },
	{ "SRANDOM", MEAN_DIGITS, false },
	{ "STTY", MEAN_CODE, true },
	{ "UID", MEAN_DIGITS, false },
	{ "_", MEAN_TEXT, false },
	{ "aliases", MEAN_CODE, true },
	{ "argv", MEAN_ARGS, true },
	{ "chpwd_functions", MEAN_CODE, true },
	{ "commands", MEAN_CODE, true },
	{ "dis_aliases", MEAN_CODE, true },
	{ "dis_builtins", MEAN_CODE, true },
	{ "dis_functions", MEAN_CODE, true },
	{ "dis_galiases", MEAN_CODE, true },
	{ "dis_saliases", MEAN_CODE, true },
	{ "fpath", MEAN_CODE, true },
	{ "functions", MEAN_CODE, true },
	{ "galiases", MEAN_CODE, true },
	{ "histchars", MEAN_CODE, true },
	{ "mapfile", MEAN_CODE, true }, /* writes a file */
	{ "match", MEAN_TEXT, true },
	{ "mbegin", MEAN_TEXT, true },
	{ "mend", MEAN_TEXT, true },
	{ "module_path", MEAN_CODE, true },
	{ "options", MEAN_CODE, true },
	{ "path", MEAN_PATH, true },
	{ "periodic_functions", MEAN_CODE, true },
	{ "precmd_functions", MEAN_CODE, true },
	{ "preexec_functions", MEAN_CODE, true },
	{ "saliases", MEAN_CODE, true },
	{ "status", MEAN_DIGITS, true },
	{ "zsh_directory_name_functions", MEAN_CODE, true },
	{ "zshexit_functions", MEAN_CODE, true },
};

/* What reads as digits in bash may be a name like others in another shell. */
static int
in_this_shell(enum shell_kind kind, const char *name, enum meaning meaning)
{
	static const char *const bash[] = { "BASHPID", "BASH_SUBSHELL", "EPOCHSECONDS", "SRANDOM" };

	if (meaning != MEAN_DIGITS || kind == SHELL_BASH)
		return (int)meaning;
	if (kind == SHELL_SH)
		return strcmp(name, "PPID") == 0 ? MEAN_DIGITS : MEAN_TEXT;
	for (size_t i = 0; i < sizeof bash / sizeof bash[0]; i++)
		if (strcmp(name, bash[i]) == 0)
			return MEAN_TEXT;
	return MEAN_DIGITS;
}

static int
meaning_of(const struct shell_state *st, struct str name)
{
	static struct names by_name = NAMES(meanings);
	size_t i = names_find(&by_name, name);

	if (i == STR_NPOS || (meanings[i].zsh_only && st->kind != SHELL_ZSH))
		return 0;
	return in_this_shell(st->kind, meanings[i].name, meanings[i].meaning);
}

bool
eval__reads_name(struct str name)
{
	static const char *const names[] = { "PS4", "IFS", "CDPATH", "ENV", "BASH_ENV",
		"PROMPT_COMMAND", "PS0", "PS1", "ZDOTDIR", "BASH_XTRACEFD" };
	static struct names by_name = NAMES(names);

	return names_find(&by_name, name) != STR_NPOS;
}

/* ---- what a name holds before the line touched it ---- */

static const struct value any_value = { .kind = VALUE_ANY };
static const struct value unset_value = { .kind = VALUE_UNSET };
static const struct var unknown_var = { 0, TRI_MAYBE, &any_value, 1 };
static const struct var outside_var = { 0, TRI_NO, &any_value, 1 };
static const struct var unset_var = { 0, TRI_NO, &unset_value, 1 };

const struct var *
eval__hidden_var(void)
{
	return &outside_var;
}

static const struct var *
var_of(struct shell *sh, struct word w, enum tri exported)
{
	struct var *v = NEW(sh->a, struct var);
	struct value *val = NEW(sh->a, struct value);

	*val = eval__value_word(w);
	*v = (struct var){ 0, exported, val, 1 };
	return v;
}

/* RANDOM and its kin: digits, and what is assigned is evaluated as arithmetic. */
static const struct var *
var_digits(struct shell *sh)
{
	struct var *v = NEW(sh->a, struct var);

	*v = *var_of(sh, eval__chars(sh, &sh->digits, 1, 20, (struct str){ 0 }), TRI_NO);
	v->attrs = VAR_INTEGER;
	return v;
}

static const struct var *
var_dirs(struct shell *sh, struct words dirs)
{
	struct var *v = NEW(sh->a, struct var);
	struct value *val = NEW_ARRAY(sh->a, struct value, dirs.n);

	for (size_t i = 0; i < dirs.n; i++)
		val[i] = eval__value_word(dirs.v[i]);
	*v = (struct var){ 0, TRI_YES, val, dirs.n };
	return v;
}

static const struct var *
outer_var(struct shell *sh, struct str name)
{
	const struct var *v = pmap_get(sh->outer, name);
	struct str text;
	int err;

	if (v != NULL)
		return v;
	err = sh->w->env == NULL ? BRIDLE_EUNKNOWN : sh->w->env(sh->w->ctx, name, &text);
	if (err != 0)
		return err == BRIDLE_ENOENT ? &outside_var : &unknown_var;
	v = var_of(sh, word_text(sh->a, text), TRI_YES);
	sh->outer = pmap_set(sh->a, sh->outer, name, v);
	return v;
}

static const struct var *
base_var(struct shell *sh, const struct shell_state *st, struct str name)
{
	int meaning = meaning_of(st, name);

	if (meaning == MEAN_DIGITS)
		return var_digits(sh);
	if (meaning == MEAN_TEXT && str_is(name, "BASH_SOURCE") && st->source.n > 0)
		return var_dirs(sh, (struct words){ &st->source, 1 });
	if (meaning == MEAN_TEXT)
		return &outside_var;
	if (str_is(name, "PWD"))
		return var_dirs(sh, st->cwd);
	if (st->vars_unknown)
		return &unknown_var;
	if (meaning == MEAN_IFS)
		return var_of(sh, word_text(sh->a, STR(" \t\n")), TRI_NO);
	if (str_is(name, "HOME") && st->home.n > 0) /* what the shell has set itself it does not hand on */
		return var_of(sh, word_text(sh->a, st->home), outer_var(sh, name) == &outside_var ? TRI_NO : TRI_YES);
	if (meaning == MEAN_PATH && str_is(name, "path"))
		return eval__path_var(sh, st);
	if (st->env_cleared)
		return &unset_var;
	return outer_var(sh, name);
}

const struct var *
eval__var(struct shell *sh, const struct shell_state *st, struct str name)
{
	const struct var *v = pmap_get(st->vars, name);

	if (v == NULL || (v->attrs & VAR_NAMEREF) == 0)
		return v != NULL ? v : base_var(sh, st, name);
	/* A reference: what it names, one step. */
	if (v->n == 1 && v->v[0].kind == VALUE_SCALAR) {
		struct str to;

		if (word_known(sh->a, v->v[0].scalar, &to) && eval__is_name(to) &&
		    !str_eq(to, name)) {
			v = pmap_get(st->vars, to);
			if (v == NULL)
				return base_var(sh, st, to);
			if ((v->attrs & VAR_NAMEREF) == 0)
				return v;
		}
	}
	return &unknown_var;
}

void
eval__put_var(struct shell *sh, struct shell_state *st, struct str name, const struct var *v)
{
	st->vars = pmap_set(sh->a, st->vars, name, v);
}

/* ---- assigning ---- */

static char
to_case(char c, unsigned attrs)
{
	if ((attrs & VAR_LOWER) != 0 && c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	if ((attrs & VAR_UPPER) != 0 && c >= 'a' && c <= 'z')
		return (char)(c - 'a' + 'A');
	return c;
}

/* declare -l, -u: of the text as far as it is known. */
static struct word
cased(struct shell *sh, struct word w, unsigned attrs)
{
	struct str text;
	struct buf b;

	if (!word_known(sh->a, w, &text))
		return word_any(sh->a, w.typed);
	buf_init(&b, sh->a);
	for (size_t i = 0; i < text.n; i++)
		buf_putc(&b, to_case(text.p[i], attrs));
	return word_text(sh->a, buf_str(&b));
}

void
eval__named(struct shell *sh, struct shell_state *st, struct str name)
{
	switch (meaning_of(st, name)) {
	case MEAN_PATH:
		shell_taint(sh, st, (struct str){ 0 },
		    str_printf(sh->a, STR_FMT " is changed on the line", STR_ARG(name)));
		if (st->kind == SHELL_ZSH && !str_is(name, "EXECIGNORE"))
			eval__tie_path(sh, st, name);
		break;
	case MEAN_CODE:
		st->funcs_unknown = true;
		shell_taint(sh, st, (struct str){ 0 },
		    str_printf(sh->a, STR_FMT " is changed on the line", STR_ARG(name)));
		break;
	case MEAN_GLOB:
		if (str_is(name, "POSIXLY_CORRECT"))
			eval__set_opt(st, OPT_POSIX, TRI_MAYBE);
		if (str_is(name, "POSIXLY_CORRECT") && st->kind == SHELL_BASH && eval__opt(st, OPT_ALIASES) == TRI_NO)
			eval__set_opt(st, OPT_ALIASES, TRI_MAYBE);
		eval__set_opt(st, OPT_OTHERGLOB, TRI_YES);
		break;
	case MEAN_ARGS:
		st->args = eval__words1(sh, word_words(sh->a, STR("$@")));
		break;
	default:
		if (str_is(name, "HOME"))
			st->home = (struct str){ 0 };
		if (st->kind == SHELL_ZSH && str_is(name, "dirstack"))
			st->dirs_unknown = true;
		if (st->kind == SHELL_ZSH && str_is(name, "cdpath"))
			eval__assign_anything(sh, st, STR("CDPATH"));
		break;
	}
}

bool
eval__runs_name(const struct shell_state *st, struct str name)
{
	return meaning_of(st, name) == MEAN_CODE;
}

/* zsh: numbers of its own, whose values are evaluated; positional parameters. */
bool
eval__counts_name(const struct shell_state *st, struct str name)
{
	static const char *const names[] = { "COLUMNS", "EGID", "ERRNO", "EUID", "FUNCNEST", "GID", "HISTSIZE", "KEYTIMEOUT",
		"LINES", "LISTMAX", "LOGCHECK", "MAILCHECK", "OPTIND", "RANDOM", "SAVEHIST", "SECONDS", "SHLVL",
		"TRY_BLOCK_ERROR", "TRY_BLOCK_INTERRUPT", "UID" };
	static struct names by_name = NAMES(names);

	return st->kind == SHELL_ZSH &&
	    (names_find(&by_name, name) != STR_NPOS || (name.n > 0 && name.p[0] >= '0' && name.p[0] <= '9'));
}

bool
eval__finds_name(const struct shell_state *st, struct str name)
{
	return meaning_of(st, name) == MEAN_PATH;
}

/* The name that a reference stands for; false: not known. */
static bool
target(struct shell *sh, const struct shell_state *st, struct str *name)
{
	for (unsigned i = 0; i < LIMIT_ALTERNATIVES; i++) {
		const struct var *v = pmap_get(st->vars, *name);

		if (v == NULL || (v->attrs & VAR_NAMEREF) == 0)
			return true;
		if (v->n != 1 || v->v[0].kind != VALUE_SCALAR ||
		    !word_known(sh->a, v->v[0].scalar, name) || !eval__is_name(*name))
			return false;
	}
	return false;
}

/* A value that grows with each assignment must not be kept for ever. */
static bool
too_long(const struct value *v)
{
	size_t bytes = 0;

	if (v->kind == VALUE_LIST)
		return v->elems.n > LIMIT_EXPANSION;
	if (v->kind != VALUE_SCALAR || v->scalar.n > LIMIT_PIECES)
		return v->kind == VALUE_SCALAR;
	for (size_t i = 0; i < v->scalar.n; i++)
		bytes += v->scalar.v[i].kind == PIECE_TEXT ? v->scalar.v[i].text.n : 0;
	return bytes > LIMIT_VALUE;
}

struct keeping {
	struct shell *sh;
	const struct pmap *vars;
};

/* An integer evaluates what it is given whatever has been assigned. */
static void
keep_kind(void *ctx, struct str key, const void *value)
{
	enum { KINDS = VAR_INTEGER | VAR_LOWER | VAR_UPPER | VAR_ASSOC | VAR_NAMEREF | VAR_READONLY | VAR_UNIQUE |
		VAR_UNSURE | VAR_NUMBER };
	struct keeping *k = ctx;
	const struct var *was = value;
	struct var *v;

	if ((was->attrs & KINDS) == 0)
		return;
	v = NEW(k->sh->a, struct var);
	*v = (struct var){ was->attrs | VAR_UNSURE, TRI_MAYBE, &any_value, 1 };
	k->vars = pmap_set(k->sh->a, k->vars, key, v);
}

void
eval__forget_vars(struct shell *sh, struct shell_state *st)
{
	struct keeping k = { sh, NULL };

	pmap_each(st->vars, keep_kind, &k);
	st->vars = k.vars;
	st->vars_unknown = true;
}

/* Any name at all may have been assigned. */
void
eval__assign_unknown(struct shell *sh, struct shell_state *st, struct str why)
{
	eval__forget_vars(sh, st);
	st->home = (struct str){ 0 };
	shell_taint(sh, st, (struct str){ 0 }, why);
	eval__set_opt(st, OPT_OTHERGLOB, TRI_MAYBE);
}

/* What an integer can hold, as it stands; all else would be evaluated. */
static bool
is_number(const struct shell *sh, const struct value *v)
{
	const struct piece *p = v->scalar.v;
	long long n;

	if (v->kind != VALUE_SCALAR || v->scalar.n != 1)
		return false;
	if (p->kind == PIECE_TEXT)
		return eval__integer(p->text, &n) && (p->text.n == 1 || strchr("+0", p->text.p[0]) == NULL);
	return p->kind == PIECE_CHARS && (p->set == NULL || p->set == &sh->digits || p->set == &sh->number ||
	    p->set == &sh->anynumber);
}

void
eval__assign(struct shell *sh, struct shell_state *st, struct str name, const struct value *value)
{
	const struct var *was;
	struct var *v;
	struct value *copy;
	int meaning;

	if (!target(sh, st, &name)) {
		eval__assign_unknown(sh, st, STR("a reference to a variable that is not known"));
		return;
	}
	if (too_long(value)) {
		eval__assign_anything(sh, st, name);
		return;
	}
	meaning = meaning_of(st, name);
	if (meaning == MEAN_DIGITS || meaning == MEAN_TEXT)
		return;
	was = eval__var(sh, st, name);
	copy = NEW_ARRAY(sh->a, struct value, was->n + 1);
	*copy = *value;
	/* of an array it is the first element, but in zsh */
	if ((was->attrs & (VAR_UNSURE | VAR_NUMBER)) != 0 ||
	    (copy->kind == VALUE_SCALAR && (was->attrs & (VAR_ARRAY | VAR_ASSOC)) != 0 &&
	        (st->kind != SHELL_ZSH || eval__opt(st, OPT_KSHARRAYS) != TRI_NO)))
		*copy = eval__value_any();
	else if ((was->attrs & VAR_INTEGER) != 0 && !is_number(sh, value))
		*copy = eval__value_any();
	if ((was->attrs & (VAR_LOWER | VAR_UPPER)) != 0 && copy->kind == VALUE_SCALAR)
		copy->scalar = cased(sh, copy->scalar, was->attrs);
	v = NEW(sh->a, struct var);
	*v = (struct var){ was->attrs | VAR_LINE | (copy->kind == VALUE_LIST ? VAR_ARRAY : 0), was->exported, copy, 1 };
	if (eval__opt(st, OPT_ALLEXPORT) > v->exported)
		v->exported = eval__opt(st, OPT_ALLEXPORT);
	if ((was->attrs & VAR_READONLY) != 0 && was->n < LIMIT_ALTERNATIVES) {
		memcpy(copy + 1, was->v, was->n * sizeof *copy);
		v->n += was->n;
	}
	eval__put_var(sh, st, name, v);
	eval__named(sh, st, name);
}

void
eval__assign_word(struct shell *sh, struct shell_state *st, struct str name, struct word w)
{
	struct value v = eval__value_word(w);

	eval__assign(sh, st, name, &v);
}

void
eval__assign_anything(struct shell *sh, struct shell_state *st, struct str name)
{
	eval__assign(sh, st, name, &any_value);
}

void
eval__assign_any(struct shell *sh, struct shell_state *st, struct str name)
{
	eval__assign_word(
	    sh, st, name, word_any(sh->a, str_printf(sh->a, "$" STR_FMT, STR_ARG(name))));
}

void
eval__export(struct shell *sh, struct shell_state *st, struct str name, enum tri on)
{
	const struct var *was;
	struct var *v;

	if (!target(sh, st, &name))
		return;
	was = eval__var(sh, st, name);
	if (was->exported == on)
		return;
	v = NEW(sh->a, struct var);
	*v = *was;
	v->exported = on;
	v->attrs |= VAR_LINE;
	eval__put_var(sh, st, name, v);
}

void
eval__attrs(struct shell *sh, struct shell_state *st, struct str name, unsigned set, unsigned clear)
{
	const struct var *was = pmap_get(st->vars, name);
	struct var *v = NEW(sh->a, struct var);

	*v = *(was != NULL ? was : eval__var(sh, st, name));
	v->attrs = (v->attrs | set) & ~clear;
	eval__put_var(sh, st, name, v);
}

bool
eval__fixed(struct shell *sh, const struct shell_state *st, struct str name)
{
	static const char *const always[] = { "BASHOPTS", "BASH_VERSINFO", "EUID", "PPID", "SHELLOPTS", "UID" };

	static struct names by_name = NAMES(always);

	/* What the line has not touched is not readonly, as far as that is known. */
	return names_find(&by_name, name) != STR_NPOS ||
	    (pmap_get(st->vars, name) != NULL && (eval__var(sh, st, name)->attrs & VAR_READONLY) != 0);
}

const struct var *
eval__var_or(struct shell *sh, const struct var *was, struct value *value)
{
	struct var other = { was->attrs | VAR_LINE, was->exported, value, 1 };

	return eval__var_join(sh, was, &other);
}

void
eval__unset(struct shell *sh, struct shell_state *st, struct str name)
{
	const struct var *was;
	struct var *v;

	if (!target(sh, st, &name)) {
		eval__assign_unknown(sh, st, STR("a reference to a variable that is not known"));
		return;
	}
	was = eval__var(sh, st, name);
	v = NEW(sh->a, struct var);
	if ((was->attrs & VAR_READONLY) != 0) {
		eval__put_var(sh, st, name, eval__var_or(sh, was, &(struct value){ .kind = VALUE_UNSET }));
		return;
	}
	*v = (struct var){ VAR_LINE, TRI_NO, &unset_value, 1 };
	/* Without its magic a special name may hold anything later. */
	if (meaning_of(st, name) == MEAN_DIGITS || meaning_of(st, name) == MEAN_TEXT)
		v->v = &any_value;
	eval__put_var(sh, st, name, v);
	eval__named(sh, st, name);
}
