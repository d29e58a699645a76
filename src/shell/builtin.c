/* SPDX-License-Identifier: ISC */
/*
 * builtin.c: the builtins of the three shells in one table, and what reading
 * their arguments has in common. One that changes nothing that is tracked has
 * no handler of its own and is only reported.
 */
#include "shell/builtin.h"

#include <string.h>

static void
plain(struct shell *sh, struct shell_state *st, struct call *call)
{
	(void)sh;
	(void)st;
	(void)call;
}

enum {
	B = BUILTIN_BASH,
	Z = BUILTIN_ZSH,
	S = BUILTIN_SH,
	ALL = B | Z | S,
	H = BUILTIN_HARMLESS,
	Q = BUILTIN_SILENT,
	D = BUILTIN_DECL
};

/* In the order of their names, for who reads it. */
static const struct builtin table[] = {
	{ "-", eval__do_modifier, Z | Q },
	{ ".", eval__do_dot, ALL | Q },
	{ ":", eval__do_true, ALL | H | Q },
	{ "[", eval__do_test, ALL | H | Q },
	{ "alias", eval__do_alias, ALL },
	{ "autoload", eval__do_autoload, Z },
	{ "bg", plain, ALL },
	{ "bind", plain, B },
	{ "bindkey", plain, Z },
	{ "break", eval__do_break, ALL | Q },
	{ "builtin", eval__do_builtin, B | Z | Q },
	{ "bye", eval__do_exit, Z | Q },
	{ "caller", plain, B },
	{ "cd", eval__do_cd, ALL | H | Q },
	{ "chdir", eval__do_cd, Z | S | Q },
	{ "command", eval__do_command, ALL | Q },
	{ "compctl", plain, Z },
	{ "compgen", eval__do_compgen, B },
	{ "complete", plain, B | Q },
	{ "compopt", plain, B | Q },
	{ "continue", eval__do_continue, ALL | Q },
	{ "declare", eval__do_declare, B | Z | D },
	{ "dirs", plain, B | Z },
	{ "disable", eval__do_enable, Z },
	{ "disown", plain, B | Z | Q },
	{ "echo", eval__do_echo, ALL | H | Q },
	{ "echotc", plain, Z },
	{ "echoti", plain, Z },
	{ "emulate", eval__do_emulate, Z },
	{ "enable", eval__do_enable, B | Z },
	{ "eval", eval__do_eval, ALL | Q },
	{ "exec", eval__do_exec, ALL | Q },
	{ "exit", eval__do_exit, ALL | H | Q },
	{ "export", eval__do_export, ALL | D | H },
	{ "false", eval__do_false, ALL | H | Q },
	{ "fc", eval__do_runs_later, B | Z },
	{ "fg", plain, ALL },
	{ "float", eval__do_declare, Z | D },
	{ "functions", eval__do_autoload, Z },
	{ "getln", eval__do_read, Z | Q },
	{ "getopts", eval__do_getopts, ALL | Q },
	{ "hash", eval__do_hash, ALL },
	{ "help", plain, B },
	{ "history", plain, B | Z },
	{ "integer", eval__do_declare, Z | D },
	{ "jobs", eval__do_jobs, ALL },
	{ "kill", plain, ALL },
	{ "let", eval__do_let, B | Z | Q },
	{ "limit", plain, Z },
	{ "local", eval__do_local, ALL | D | H },
	{ "log", plain, Z },
	{ "logout", eval__do_exit, B | Z | Q },
	{ "mapfile", eval__do_mapfile, B | Q },
	{ "nocorrect", eval__do_modifier, Z | Q },
	{ "noglob", eval__do_modifier, Z | Q },
	{ "popd", eval__do_popd, B | Z | H },
	{ "print", eval__do_print, Z | Q },
	{ "printf", eval__do_printf, ALL | H | Q },
	{ "private", eval__do_declare, Z | D },
	{ "pushd", eval__do_pushd, B | Z | H },
	{ "pushln", plain, Z },
	{ "pwd", eval__do_pwd, ALL | H | Q },
	{ "r", eval__do_runs_later, Z },
	{ "read", eval__do_read, ALL | H | Q },
	{ "readarray", eval__do_mapfile, B | Q },
	{ "readonly", eval__do_readonly, ALL | D },
	{ "rehash", plain, Z | Q },
	{ "return", eval__do_return, ALL | H | Q },
	{ "sched", eval__do_runs_later, Z },
	{ "set", eval__do_set, ALL | H },
	{ "setopt", eval__do_setopt, Z },
	{ "shift", eval__do_shift, ALL | H | Q },
	{ "shopt", eval__do_shopt, B },
	{ "source", eval__do_dot, B | Z | Q },
	{ "strftime", plain, Z },
	{ "suspend", plain, B | Z | Q },
	{ "test", eval__do_test, ALL | H | Q },
	{ "times", plain, ALL },
	{ "trap", eval__do_trap, ALL },
	{ "true", eval__do_true, ALL | H | Q },
	{ "ttyctl", plain, Z },
	{ "type", plain, ALL | H },
	{ "typeset", eval__do_declare, B | Z | D },
	{ "ulimit", plain, ALL },
	{ "umask", plain, ALL },
	{ "unalias", eval__do_unalias, ALL | Q },
	{ "unfunction", eval__do_unfunction, Z | Q },
	{ "unhash", eval__do_hash, Z | Q },
	{ "unlimit", plain, Z },
	{ "unset", eval__do_unset, ALL | Q },
	{ "unsetopt", eval__do_unsetopt, Z },
	{ "vared", eval__do_read, Z | Q },
	{ "wait", eval__do_wait, ALL | H | Q },
	{ "whence", plain, Z },
	{ "where", plain, Z },
	{ "which", plain, Z },
	{ "zcompile", plain, Z },
	{ "zformat", eval__do_read, Z | Q },
	{ "zle", plain, Z },
	{ "zmodload", eval__do_zmodload, Z },
	{ "zparseopts", eval__do_zparseopts, Z | Q },
	{ "zpty", eval__do_runs_later, Z },
	{ "zregexparse", plain, Z },
	{ "zstat", plain, Z },
	{ "zstyle", eval__do_zstyle, Z },
};

const struct builtin *
eval__builtin(enum shell_kind kind, struct str name)
{
	static struct names by_name = NAMES(table);
	unsigned bit = kind == SHELL_BASH ? B : kind == SHELL_ZSH ? Z : S;
	size_t i = names_find(&by_name, name);

	return i != STR_NPOS && (table[i].flags & bit) != 0 ? &table[i] : NULL;
}

/* ---- options ---- */

void
eval__opts_init(struct opts *o, struct shell *sh, const struct shell_state *st, const struct call *call)
{
	memset(o, 0, sizeof *o);
	o->sh = sh;
	o->dash = st->kind == SHELL_ZSH;
	o->argv = call->c.argv;
	o->i = 1;
}

/* The first letter of the next argument's bundle, or 0: no more options. */
static bool
next_bundle(struct opts *o, bool plus)
{
	if (o->i >= o->argv.n)
		return false;
	if (!word_known(o->sh->a, o->argv.v[o->i], &o->text)) {
		struct str head = word_prefix(o->argv.v[o->i]);

		/* `name=$x` is no option, `$x` may be one. */
		if (head.n == 0 || head.p[0] == '-' || (plus && head.p[0] == '+'))
			o->unknown = true;
		return false;
	}
	if (o->dash && (str_is(o->text, "-") || (plus && str_is(o->text, "+")))) {
		o->i++;
		return false;
	}
	if (o->text.n < 2 || (o->text.p[0] != '-' && !(plus && o->text.p[0] == '+')))
		return false;
	if (str_is(o->text, "--")) {
		o->i++;
		return false;
	}
	o->plus = o->text.p[0] == '+';
	o->at = 1;
	return true;
}

char
eval__opts_next(struct opts *o, const char *with_value, bool plus)
{
	char c;

	if (o->at == 0 && !next_bundle(o, plus))
		return '\0';
	c = o->text.p[o->at++];
	if (strchr(with_value, c) != NULL) {
		if (o->at < o->text.n)
			o->value = word_text(o->sh->a, str_sub(o->text, o->at, o->text.n));
		else if (++o->i < o->argv.n)
			o->value = o->argv.v[o->i];
		else
			o->value = (struct word){ 0 };
		o->at = 0;
		if (o->i < o->argv.n)
			o->i++;
	} else if (o->at == o->text.n) {
		o->at = 0;
		o->i++;
	}
	return c;
}

/* ---- arguments ---- */

void
eval__call_xp(struct xp *xp, struct shell *sh, struct shell_state *st, const struct call *call,
    struct choices *ch)
{
	memset(ch, 0, sizeof *ch);
	ch->fold = true;
	eval__xp_init(xp, sh, st, call->cx, ch);
	xp->typed = call->c.typed;
}

void
eval__opaque(
    struct shell *sh, struct shell_state *st, struct call *call, struct word w, const char *why)
{
	call->opaque = true;
	eval__unknown(sh, st, call->cx, SHELL_OPAQUE, w.typed.n > 0 ? w.typed : call->c.typed, why);
}

bool
eval__arg_name(
    struct shell *sh, struct shell_state *st, struct call *call, struct word w, struct str *name)
{
	struct choices ch;
	struct xp xp;
	struct str text;
	size_t open;

	if (!word_known(sh->a, w, &text)) {
		eval__opaque(sh, st, call, w, "the name of a variable is not known");
		eval__assign_unknown(sh, st, STR("a variable whose name is not known is assigned"));
		return false;
	}
	open = str_chr(text, '[');
	if (eval__runs_name(st, str_sub(text, 0, open)) || eval__counts_name(st, str_sub(text, 0, open)))
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, "zsh evaluates what it is given, or runs by it");
	if (open != STR_NPOS) {
		struct str base = str_sub(text, 0, open);

		eval__call_xp(&xp, sh, st, call, &ch);
		eval__evaluate_name(&xp, text);
		if (eval__is_name(base))
			eval__assign_anything(sh, st, base);
		return false;
	}
	*name = text;
	return eval__is_name(text);
}
