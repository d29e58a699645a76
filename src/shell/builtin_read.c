/* SPDX-License-Identifier: ISC */
/*
 * builtin_read.c: builtins that assign what they read or compute: read,
 * mapfile, getopts, let, and wait -p. What they read is known only from a
 * here-string or a pipe of known text.
 */
#include "shell/builtin.h"

#include <string.h>

/* The rest of the input is not followed. */
static void
input_used(struct shell_state *st, const struct call *call)
{
	if (call->redirs != NULL && call->redirs->in_set)
		return; /* its own */
	eval__input_used(st);
}

/* ---- read from known text ---- */

static bool
is_ifs(struct str ifs, char c, bool blank)
{
	bool white = c == ' ' || c == '\t' || c == '\n';

	return str_chr(ifs, c) != STR_NPOS && white == blank;
}

/* The next field of *line; the last one takes all that is left. */
static struct str
take_field(struct str *line, struct str ifs, bool last)
{
	size_t i = 0, end;
	struct str field;

	while (i < line->n && is_ifs(ifs, line->p[i], true))
		i++;
	*line = str_sub(*line, i, line->n);
	if (last) {
		field = *line;
		while (field.n > 0 && is_ifs(ifs, field.p[field.n - 1], true))
			field.n--;
		return field;
	}
	for (end = 0; end < line->n && str_chr(ifs, line->p[end]) == STR_NPOS; end++)
		;
	field = str_sub(*line, 0, end);
	i = end;
	while (i < line->n && is_ifs(ifs, line->p[i], true))
		i++;
	if (i < line->n && is_ifs(ifs, line->p[i], false))
		i++;
	*line = str_sub(*line, i, line->n);
	return field;
}

/* Assigns the first line of the known input; false: it is not known. */
static bool
read_known(
    struct shell *sh, struct shell_state *st, struct call *call, struct words names, bool raw)
{
	struct str text, ifs, name;
	struct choices ch;
	struct xp xp;
	size_t end;

	eval__call_xp(&xp, sh, st, call, &ch);
	if (call->c.stdin_kind != SHELL_STDIN_TEXT ||
	    !word_known(sh->a, call->c.stdin_text, &text) || !eval__ifs(&xp, &ifs) || names.n == 0)
		return false;
	if (!raw && str_chr(text, '\\') != STR_NPOS)
		return false;
	for (size_t i = 0; i < names.n; i++)
		if (!word_known(sh->a, names.v[i], &name) || !eval__is_name(name))
			return false;
	for (size_t i = 0; i < ifs.n; i++) /* `a:b:` with a last field is subtle */
		if (!is_ifs(ifs, ifs.p[i], true) && text.n > 1 && text.p[text.n - 2] == ifs.p[i])
			return false;
	end = str_chr(text, '\n');
	text = str_sub(text, 0, end);
	for (size_t i = 0; i < names.n; i++) {
		struct str field = take_field(&text, ifs, i + 1 == names.n);

		word_known(sh->a, names.v[i], &name);
		eval__assign_checked(
		    &xp, name, eval__value_word(word_text(sh->a, field)), call->c.typed);
	}
	return true;
}

/* The variable may hold anything afterwards. */
static void
name_any(struct shell *sh, struct shell_state *st, struct call *call, struct str name, bool list)
{
	struct choices ch;
	struct xp xp;

	if ((eval__var(sh, st, name)->attrs & VAR_INTEGER) != 0)
		eval__opaque(sh, st, call, word_text(sh->a, name), "what is read is evaluated as arithmetic");
	eval__call_xp(&xp, sh, st, call, &ch);
	if (eval__runs_name(st, name))
		eval__assign_checked(&xp, name, eval__value_any(), call->c.typed);
	else if (list)
		eval__assign_anything(sh, st, name);
	else
		eval__assign_any(sh, st, name);
}

/* The same of each that these words name. */
static void
names_any(struct shell *sh, struct shell_state *st, struct call *call, struct words names, bool lists)
{
	struct str name;

	for (size_t i = 0; i < names.n; i++)
		if (eval__arg_name(sh, st, call, names.v[i], &name))
			name_any(sh, st, call, name, lists);
}

void
eval__do_read(struct shell *sh, struct shell_state *st, struct call *call)
{
	const char *values = st->kind == SHELL_ZSH ? "kudt" : "adinNptu";
	bool array = false, list = false, raw = false, simple = true;
	struct word array_name = { 0 };
	struct words names;
	struct opts o;
	char c;

	eval__opts_init(&o, sh, st, call);
	while ((c = eval__opts_next(&o, values, false)) != '\0') {
		if (c == 'a' && st->kind == SHELL_BASH) {
			array = true;
			array_name = o.value;
		} else if (c == 'r')
			raw = true;
		else if (c != 's' && (c != 'p' || st->kind == SHELL_ZSH)) /* zsh: from the coprocess */
			simple = false;
		list |= c == 'A' && st->kind == SHELL_ZSH;
	}
	names = (struct words){ o.argv.v + o.i, o.argv.n - o.i };
	if (array) {
		struct str name;

		if (eval__arg_name(sh, st, call, array_name, &name)) {
			eval__attrs(sh, st, name, VAR_ARRAY, 0);
			name_any(sh, st, call, name, true);
		}
	} else if (o.unknown) {
		eval__opaque(sh, st, call, names.v[0], "the name of a variable is not known");
		eval__assign_unknown(sh, st, STR("read with an argument that is not known"));
	} else if (names.n == 0) {
		name_any(sh, st, call, STR("REPLY"), false);
		if (st->kind == SHELL_ZSH)
			eval__assign_anything(sh, st, STR("reply"));
	} else if (list || !simple || !read_known(sh, st, call, names, raw))
		names_any(sh, st, call, names, list);
	input_used(st, call);
}

void
eval__do_mapfile(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct str name = STR("MAPFILE"), text;
	struct opts o;
	char c;

	eval__opts_init(&o, sh, st, call);
	while ((c = eval__opts_next(&o, "dnOsuCc", false)) != '\0') {
		struct outcome out = { 0 };
		struct ctx cx = eval__maybe(call->cx);

		if (c != 'C')
			continue;
		/* The callback is evaluated with an index and a line behind it. */
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
		    "mapfile -C runs code on what it reads");
		if (word_known(sh->a, o.value, &text)) {
			eval__text(sh, st, &cx, text, call->c.typed, &out);
			eval__settle(sh, st, &out);
		}
	}
	if (o.unknown) {
		eval__opaque(sh, st, call, o.argv.v[o.i], "the name of a variable is not known");
		eval__assign_unknown(sh, st, STR("mapfile with an argument that is not known"));
	} else if (o.i >= o.argv.n || eval__arg_name(sh, st, call, o.argv.v[o.i], &name)) {
		eval__attrs(sh, st, name, VAR_ARRAY, 0);
		name_any(sh, st, call, name, true);
	}
	input_used(st, call);
}

void
eval__do_getopts(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = call->c.argv;

	if (argv.n > 2)
		names_any(sh, st, call, (struct words){ argv.v + 2, 1 }, false);
	name_any(sh, st, call, STR("OPTARG"), false);
	eval__assign_word(
	    sh, st, STR("OPTIND"), eval__chars(sh, &sh->digits, 1, 10, STR("$OPTIND")));
}

void
eval__do_let(struct shell *sh, struct shell_state *st, struct call *call)
{
	unsigned errors = sh->errors;
	struct choices ch;
	struct xp xp;
	long long v;

	eval__call_xp(&xp, sh, st, call, &ch);
	if (call->node != NULL && call->node->decl_assigns != NULL)
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, "`let` with a list in parentheses");
	for (size_t i = 1; i < call->c.argv.n; i++) {
		struct shell_state *before = sh->errors != errors ? eval__copy(sh, st) : NULL;

		if (eval__arith(&xp, call->c.argv.v[i], &v) == ARITH_OPAQUE)
			eval__opaque(sh, st, call, call->c.argv.v[i],
			    "its value is evaluated as arithmetic");
		if (xp.failed) /* set -u */
			eval__discard(sh, call->cx, st);
		if (before != NULL) /* one that is an error is the last */
			eval__join(sh, st, before);
	}
}

void
eval__do_wait(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct opts o;
	char c;

	if (st->kind != SHELL_BASH)
		return;
	eval__opts_init(&o, sh, st, call);
	while ((c = eval__opts_next(&o, "p", false)) != '\0')
		if (c == 'p')
			names_any(sh, st, call, (struct words){ &o.value, 1 }, false);
}
