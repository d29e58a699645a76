/* SPDX-License-Identifier: ISC */
/*
 * builtin_name.c: what a bare name means from now on: alias, unalias, hash,
 * enable, and zsh's autoload, disable, unfunction.
 */
#include "shell/builtin.h"

#include <string.h>

static void
taint(struct shell *sh, struct shell_state *st, struct str name, const char *why)
{
	shell_taint(sh, st, name, str_of(why));
}

static void
any_alias(struct shell *sh, struct shell_state *st, struct call *call, struct word w)
{
	eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, w.typed, "which alias is made is not known");
	st->funcs_unknown = true;
	taint(sh, st, (struct str){ 0 }, "an alias that is not known");
}

static void
define_alias(
    struct shell *sh, struct shell_state *st, struct call *call, struct word w, bool global)
{
	struct str head = word_prefix(w), text = { 0 };
	size_t eq = str_chr(head, '=');
	struct alias *al;

	if (eq == STR_NPOS) {
		if (!word_known(sh->a, w, &text))
			any_alias(sh, st, call, w);
		return; /* only prints */
	}
	al = NEW(sh->a, struct alias);
	al->global = global;
	if (word_known(sh->a, w, &text))
		al->value = str_sub(text, eq + 1, text.n);
	/* One of several lines is not read as the shell does. */
	al->maybe = text.p == NULL || str_chr(al->value, '\n') != STR_NPOS;
	st->aliases = pmap_set(sh->a, st->aliases, str_sub(head, 0, eq), al);
	st->alias_age++;
	if (word_has_words(w) || (global && al->maybe))
		any_alias(sh, st, call, w);
}

static bool
known_options(enum shell_kind kind, struct str text)
{
	if (kind == SHELL_SH) /* names, to dash */
		return true;
	for (size_t i = 1; i < text.n; i++)
		if (kind == SHELL_BASH || (text.p[i] != 'g' && text.p[i] != 'r'))
			return false;
	return true;
}

void
eval__do_alias(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = call->c.argv;
	bool global = false, prints = argv.n == 1;
	size_t i = 1;
	struct str text;

	for (; i < argv.n && word_known(sh->a, argv.v[i], &text) && text.n > 1 &&
	     (text.p[0] == '-' || text.p[0] == '+') && (st->kind != SHELL_SH || str_chr(text, '=') == STR_NPOS);
	     i++) {
		global |= str_chr(text, 'g') != STR_NPOS;
		if (str_is(text, "--")) {
			i++;
			break;
		}
		/* by a file's suffix; or an option with which nothing is defined, or that is none */
		if (!known_options(st->kind, text))
			any_alias(sh, st, call, argv.v[i]);
	}
	for (; i < argv.n; i++) {
		prints |= str_chr(word_prefix(argv.v[i]), '=') == STR_NPOS;
		define_alias(sh, st, call, argv.v[i], global);
	}
	if (!prints)
		eval__print(sh, call, &(struct word){ 0 });
}

void
eval__do_unalias(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = call->c.argv;

	for (size_t i = 1; i < argv.n; i++) {
		struct str text;

		if (!word_known(sh->a, argv.v[i], &text)) {
			any_alias(sh, st, call, argv.v[i]);
			return;
		}
		if (str_is(text, "-a") || (st->kind == SHELL_ZSH && str_is(text, "-m"))) {
			if (text.p[1] == 'm')
				any_alias(sh, st, call, argv.v[i]);
			else
				st->aliases = NULL;
		} else if (text.n > 1 && text.p[0] == '-' && !str_is(text, "--")) {
			any_alias(sh, st, call, argv.v[i]); /* no option: nothing is taken away */
		} else
			st->aliases = pmap_del(sh->a, st->aliases, text);
		st->alias_age++;
	}
}

void
eval__hashed(struct shell *sh, struct shell_state *st, struct str name, struct word file)
{
	struct taint *t = NEW(sh->a, struct taint);

	t->why = STR("hash says which program it is");
	t->file = file.n > 0 ? file : word_any(sh->a, name);
	st->taints = pmap_set(sh->a, st->taints, name, t);
}

/* The value of -p, in its word or the next one, which is taken. */
static struct word
hash_file(struct shell *sh, struct words argv, size_t *i, struct str option)
{
	size_t at = str_chr(option, 'p') + 1;

	if (at < option.n)
		return word_text(sh->a, str_sub(option, at, STR_NPOS));
	if (*i + 1 < argv.n && argv.v[*i + 1].n > 0)
		return argv.v[++*i];
	++*i;
	return word_any(sh->a, option);
}

void
eval__do_hash(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = call->c.argv;
	bool named = false;
	struct word file = { 0 };
	struct str text;

	for (size_t i = 1; i < argv.n; i++) {
		size_t eq;

		if (!word_known(sh->a, argv.v[i], &text)) {
			text = word_prefix(argv.v[i]);
			eq = str_chr(text, '=');
			if (st->kind == SHELL_ZSH && eq != STR_NPOS && !named) {
				eval__hashed(
				    sh, st, str_sub(text, 0, eq), word_any(sh->a, argv.v[i].typed));
				continue;
			}
			taint(sh, st, (struct str){ 0 }, "hash with an argument that is not known");
			return;
		}
		if (text.n > 1 && text.p[0] == '-') {
			named |= st->kind == SHELL_ZSH && str_chr(text, 'd') != STR_NPOS;
			if (st->kind == SHELL_BASH && str_chr(text, 'p') != STR_NPOS)
				file = hash_file(sh, argv, &i, text);
			continue;
		}
		eq = str_chr(text, '=');
		if (file.n > 0)
			eval__hashed(sh, st, text, file);
		else if (eq != STR_NPOS && st->kind == SHELL_ZSH && !named)
			eval__hashed(sh, st, str_sub(text, 0, eq),
			    word_text(sh->a, str_sub(text, eq + 1, STR_NPOS)));
	}
	if (argv.n > 1)
		eval__print(sh, call, &(struct word){ 0 });
}

/* enable and disable: builtins taken away or loaded from a file. */
void
eval__do_enable(struct shell *sh, struct shell_state *st, struct call *call)
{
	bool off = word_is(call->c.argv.v[0], "disable");
	struct opts o;
	struct str name;
	char c;

	eval__opts_init(&o, sh, st, call);
	while ((c = eval__opts_next(&o, "f", false)) != '\0') {
		off |= c == 'n';
		if (st->kind == SHELL_ZSH && strchr("pr", c) != NULL)
			eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
			    "what is a word of the language is changed");
		if (st->kind == SHELL_ZSH && strchr("afmrs", c) != NULL)
			taint(sh, st, (struct str){ 0 },
			    "which functions and aliases count is changed");
		if (c == 'f' && st->kind == SHELL_BASH) {
			eval__unknown(sh, st, call->cx, SHELL_OPAQUE, call->c.typed,
			    "it loads code into the shell");
			taint(sh, st, (struct str){ 0 }, "enable -f loads builtins");
		}
	}
	if (o.unknown)
		taint(sh, st, (struct str){ 0 }, "enable with an argument that is not known");
	for (size_t i = o.i; i < o.argv.n; i++) {
		if (!word_known(sh->a, o.argv.v[i], &name))
			taint(
			    sh, st, (struct str){ 0 }, "enable with an argument that is not known");
		else if (off) {
			static const char there[] = "";

			st->disabled = pmap_set(sh->a, st->disabled, name, there);
			taint(sh, st, name, "the builtin is disabled");
		}
	}
}

/* A function whose text is in a file that is not read. */
static void
unknown_function(struct shell *sh, struct shell_state *st, struct str name)
{
	struct function *f = NEW(sh->a, struct function);

	f->unknown = true;
	st->functions = pmap_set(sh->a, st->functions, name, f);
}

void
eval__do_autoload(struct shell *sh, struct shell_state *st, struct call *call)
{
	bool prints = word_is(call->c.argv.v[0], "functions");
	struct opts o;
	struct str name;
	char c;

	eval__opts_init(&o, sh, st, call);
	while ((c = eval__opts_next(&o, "", true)) != '\0') {
		if (prints && c == 'M')
			eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
			    "arithmetic calls this function");
		if (prints && strchr("cMu", c) != NULL)
			prints = false;
	}
	if (prints)
		return;
	if (o.unknown)
		taint(sh, st, (struct str){ 0 }, "autoload with an argument that is not known");
	for (size_t i = o.i; i < o.argv.n; i++)
		if (word_known(sh->a, o.argv.v[i], &name))
			unknown_function(sh, st, name);
		else
			taint(sh, st, (struct str){ 0 },
			    "autoload with an argument that is not known");
}

void
eval__do_unfunction(struct shell *sh, struct shell_state *st, struct call *call)
{
	for (size_t i = 1; i < call->c.argv.n; i++) {
		struct str name;

		if (!word_known(sh->a, call->c.argv.v[i], &name) ||
		    (name.n > 0 && name.p[0] == '-')) {
			eval__forget_all(sh, st, STR("a function that is not known is taken away"));
			return;
		}
		st->functions = pmap_del(sh->a, st->functions, name);
	}
}
