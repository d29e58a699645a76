/* SPDX-License-Identifier: ISC */
/*
 * make_call.c: make's functions that look around, run something, or decide
 * which of their arguments are expanded (manual, 8.4 on). Those that only
 * change text are make_function.c.
 */
#include "tools/make.h"

#include <string.h>

/* ---- functions that look around, or decide what is expanded ---- */

struct call {
	struct make *m;
	const struct make_scope *scope;
	const struct str *args; /* not expanded */
	size_t n;
	struct buf *out;
};

static struct str
arg(const struct call *c, size_t i)
{
	return i < c->n ? make__expand(c->m, c->args[i], c->scope) : STR("");
}

/* Is the text empty? One that may be is, or is not. */
static bool
is_true(struct make *m, struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != MAKE_UNKNOWN && text.p[i] != MAKE_PLAIN)
			return true;
	return text.n > 0 && make__choose(m, text);
}

static void
f_if(const struct call *c)
{
	struct str test = str_trim(make__expand(c->m, str_trim(c->args[0]), c->scope));

	buf_add(c->out, arg(c, is_true(c->m, test) ? 1 : 2));
}

static void
or_and(const struct call *c, bool stop)
{
	struct str value = STR("");

	for (size_t i = 0; i < c->n; i++) {
		value = str_trim(make__expand(c->m, str_trim(c->args[i]), c->scope));
		if (is_true(c->m, value) == stop) {
			buf_add(c->out, stop ? value : STR(""));
			return;
		}
	}
	buf_add(c->out, value);
}

static void
f_or(const struct call *c)
{
	or_and(c, true);
}

static void
f_and(const struct call *c)
{
	or_and(c, false);
}

static void
f_foreach(const struct call *c)
{
	struct make_scope inner = make__scope(c->m, c->scope);
	struct str name = str_trim(arg(c, 0)), list = arg(c, 1), word;

	for (bool more = false; (word = make__word(&list)).n > 0 && c->out->n < MAKE_TEXT_MAX; more = true) {
		if (more)
			buf_putc(c->out, ' ');
		make__put(c->m, &inner, name, word);
		if (c->n > 2)
			buf_add(c->out, make__expand(c->m, c->args[2], &inner));
	}
}

static void
f_let(const struct call *c)
{
	struct make_scope inner = make__scope(c->m, c->scope);
	struct str names = arg(c, 0), list = arg(c, 1), name;

	while ((name = make__word(&names)).n > 0) {
		struct str left = names, word = make__word(&list);

		make__put(c->m, &inner, name, make__word(&left).n > 0 ? word
		    : str_trim(str_printf(c->m->a, STR_FMT " " STR_FMT, STR_ARG(word), STR_ARG(str_trim(list)))));
	}
	if (c->n > 2)
		buf_add(c->out, make__expand(c->m, c->args[2], &inner));
}

static bool is_function(struct str name);

static void
f_call(const struct call *c)
{
	struct make_scope inner = make__scope(c->m, c->scope);
	struct str name = str_trim(arg(c, 0));
	struct buf again; /* $(call subst,…): the function, of $(1), $(2) … */

	buf_init(&again, c->m->a);
	buf_printf(&again, "$(" STR_FMT " ", STR_ARG(name));
	make__put(c->m, &inner, STR("0"), name);
	for (size_t i = 1; i < c->n || i < 10; i++) {
		struct str number = str_printf(c->m->a, "%zu", i);

		make__put(c->m, &inner, number, arg(c, i));
		if (i < c->n)
			buf_printf(&again, "%s$(" STR_FMT ")", i > 1 ? "," : "", STR_ARG(number));
	}
	buf_putc(&again, ')');
	make__expand_into(c->m, c->out, is_function(name) ? buf_str(&again) : str_printf(c->m->a, "$(" STR_FMT ")",
	    STR_ARG(name)), &inner);
}

static void
f_eval(const struct call *c)
{
	make__read_text(c->m, arg(c, 0));
}

static void
f_shell(const struct call *c)
{
	struct make_var v = { 0 };

	make__shell(c->m, &v, c->args[0], c->scope);
	buf_add(c->out, v.value);
}

static void
f_value(const struct call *c)
{
	struct str value;
	int err = make__raw(c->m, str_trim(arg(c, 0)), c->scope, &value);

	if (err == 0)
		buf_add(c->out, value);
	else if (err != BRIDLE_ENOENT)
		buf_putc(c->out, MAKE_UNKNOWN);
}

static void
f_origin(const struct call *c)
{
	static const char *const names[] = { [MAKE_FILE] = "file", [MAKE_COMMAND] = "command line",
		[MAKE_OVERRIDE] = "override", [MAKE_AUTOMATIC] = "automatic" };
	struct str name = str_trim(arg(c, 0)), value;
	const struct make_var *v = make__find(name, c->scope);
	int err = c->m->host->env(c->m->host->ctx, name, &value);

	if (v != NULL)
		buf_puts(c->out, names[v->origin]);
	else if (err == 0)
		buf_puts(c->out, "environment");
	else if (err != BRIDLE_ENOENT)
		buf_putc(c->out, MAKE_UNKNOWN);
	else
		buf_puts(c->out, make__raw(c->m, name, c->scope, &value) == 0 ? "default" : "undefined");
}

static void
f_flavor(const struct call *c)
{
	struct str name = str_trim(arg(c, 0)), value;
	const struct make_var *v = make__find(name, c->scope);

	if (v != NULL)
		buf_puts(c->out, v->simple ? "simple" : "recursive");
	else
		buf_puts(c->out, make__raw(c->m, name, c->scope, &value) == BRIDLE_ENOENT ? "undefined" : "recursive");
}

/* $(file >NAME,TEXT), $(file >>NAME,TEXT), $(file <NAME) */
static void
f_file(const struct call *c)
{
	struct str name = str_trim(arg(c, 0)), text = arg(c, 1), op = STR("<");

	for (size_t n = 2; n > 0; n--)
		if (str_starts(name, n == 2 ? STR(">>") : STR(">"))) {
			op = str_sub(name, 0, n);
			break;
		}
	name = str_trim(str_sub(name, op.n, name.n));
	if (op.p[0] == '<') {
		if (c->m->host->file(c->m->host->ctx, name, &text) != 0)
			text = MAKE_ANY;
		buf_add(c->out, str_ends(text, STR("\n")) ? str_sub(text, 0, text.n - 1) : text);
	} else
		c->m->host->write(c->m->host->ctx, name, c->n < 2 || str_ends(text, STR("\n")) ? text
		    : str_cat(c->m->a, text, STR("\n")), op.n == 2);
}

static void
f_wildcard(const struct call *c)
{
	struct str words = arg(c, 0), word;
	bool first = true;

	while ((word = make__word(&words)).n > 0) {
		strs_vec found = { 0 };
		int err = 0;

		if (strpbrk(str_c(c->m->a, word), "*?[\001\002") != NULL)
			err = make__unknown(word) ? BRIDLE_EUNKNOWN
			    : c->m->host->glob(c->m->host->ctx, c->m->a, word, &found);
		else if ((err = c->m->host->file(c->m->host->ctx, word, NULL)) == 0)
			*vec_push(c->m->a, &found) = word;
		if (err != 0 && err != BRIDLE_ENOENT)
			*vec_push(c->m->a, &found) = MAKE_ANY;
		for (size_t i = 0; i < found.n; i++, first = false) {
			if (!first)
				buf_putc(c->out, ' ');
			buf_add(c->out, found.v[i]);
		}
	}
}

/* Names without a file are left out. A link is followed to what is not known. */
static void
f_realpath(const struct call *c)
{
	struct str words = arg(c, 0), word;

	while ((word = make__word(&words)).n > 0) {
		int err = make__unknown(word) ? BRIDLE_EUNKNOWN : c->m->host->file(c->m->host->ctx, word, NULL);

		if (err == BRIDLE_ENOENT)
			continue;
		if (c->out->n > 0)
			buf_putc(c->out, ' ');
		buf_add(c->out, err != 0 ? MAKE_ANY : make__text_function(c->m, STR("abspath"), &word, 1));
	}
}

/* $(info …), $(warning …), $(error …) give nothing, but for what runs in them. */
static void
f_say(const struct call *c)
{
	(void)arg(c, 0);
}

/* Code of another language, or a comparison that nobody writes. */
static void
f_other(const struct call *c)
{
	for (size_t i = 0; i < c->n; i++)
		make__lose(c->m, arg(c, i));
	buf_putc(c->out, MAKE_UNKNOWN);
}

static const struct {
	const char *name;
	size_t nargs;
	void (*call)(const struct call *c);
} functions[] = {
	{ "if", 3, f_if }, { "or", 99, f_or }, { "and", 99, f_and }, { "foreach", 3, f_foreach }, { "let", 3, f_let },
	{ "call", 99, f_call }, { "eval", 1, f_eval }, { "shell", 1, f_shell }, { "value", 1, f_value },
	{ "origin", 1, f_origin }, { "flavor", 1, f_flavor }, { "file", 2, f_file }, { "wildcard", 1, f_wildcard },
	{ "realpath", 1, f_realpath },
	{ "info", 1, f_say }, { "warning", 1, f_say }, { "error", 1, f_say }, { "guile", 1, f_other },
	{ "intcmp", 5, f_other },
};

static size_t
function_of(struct str name)
{
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
		if (str_is(name, functions[i].name))
			return i;
	return STR_NPOS;
}

static bool
is_function(struct str name)
{
	return function_of(name) != STR_NPOS || make__function_args(name) > 0;
}

/* Splits at commas outside of brackets of that kind; the last takes the rest. */
static strs_vec
split_args(struct make *m, struct str text, char open, size_t most)
{
	char close = open == '(' ? ')' : '}';
	size_t level = 0, from = 0;
	strs_vec args = { 0 };

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == open)
			level++;
		else if (text.p[i] == close && level > 0)
			level--;
		else if (text.p[i] == ',' && level == 0 && args.n + 1 < most) {
			*vec_push(m->a, &args) = str_sub(text, from, i - from);
			from = i + 1;
		}
	}
	*vec_push(m->a, &args) = str_sub(text, from, text.n);
	return args;
}

/* NAME ARGUMENTS: false if it is no function. */
bool
make__function(struct make *m, struct buf *out, struct str inside, char open, const struct make_scope *scope)
{
	size_t n = 0, f, plain;
	struct str name;
	strs_vec args;

	while (n < inside.n && strchr(" \t\n", inside.p[n]) == NULL)
		n++;
	name = str_sub(inside, 0, n);
	if (n == inside.n || !is_function(name))
		return false;
	f = function_of(name);
	plain = make__function_args(name);
	args = split_args(m, make__without_blanks(str_sub(inside, n, inside.n)), open, plain > 0 ? plain : functions[f].nargs);
	for (size_t i = 0; i < args.n && plain > 0; i++)
		args.v[i] = make__expand(m, args.v[i], scope);
	if (plain > 0)
		buf_add(out, make__text_function(m, name, args.v, args.n));
	else
		functions[f].call(&(struct call){ m, scope, args.v, args.n, out });
	return true;
}

