/* SPDX-License-Identifier: ISC */
/*
 * make_var.c: make's variables, where each counts, and how a text is expanded
 * (manual, 6). Functions are make_call.c and make_function.c. What is not in the makefile comes from the environment; what cannot be known is
 * MAKE_UNKNOWN in the text.
 */
#include "tools/make.h"

#include <string.h>

const bool make__yes = true, make__no = false;

/* What make defines itself, of what recipes are made of. */
static const struct {
	const char *name, *value;
} defaults[] = {
	{ "MAKE", "$(MAKE_COMMAND)" }, { "MAKE_COMMAND", "make" }, { "SHELL", "/bin/sh" }, { ".SHELLFLAGS", "-c" },
	{ "RM", "rm -f" }, { "CC", "cc" }, { "CXX", "g++" }, { "CPP", "$(CC) -E" }, { "AR", "ar" }, { "AS", "as" },
	{ "LD", "ld" }, { "LEX", "lex" }, { "YACC", "yacc" }, { "FC", "f77" }, { "INSTALL", "install" },
};

/* ---- scopes ---- */

struct make_scope
make__scope(struct make *m, const struct make_scope *outer)
{
	return (struct make_scope){ map_new(m->a), outer, false };
}

void
make__put(struct make *m, const struct make_scope *scope, struct str name, struct str value)
{
	struct make_var *v = NEW(m->a, struct make_var);

	*v = (struct make_var){ .value = value, .origin = MAKE_AUTOMATIC, .simple = true };
	map_put(scope->vars, str_dup(m->a, name), v);
}

struct make_var *
make__find(struct str name, const struct make_scope *scope)
{
	bool further = false;

	for (; scope != NULL; scope = scope->outer) {
		struct make_var *v = scope->vars != NULL ? map_get(scope->vars, name) : NULL;

		if (v != NULL && !(v->is_private && further))
			return v;
		further |= scope->is_target;
	}
	return NULL;
}

/* Variables that make sets as it is, or by what it did. */
static bool
of_make(struct str name)
{
	static const char *const names[] = { "MAKE_VERSION", "MAKE_HOST", "MAKE_TERMOUT", "MAKE_TERMERR", "MAKE_RESTARTS",
		"MAKEFLAGS", ".FEATURES", ".INCLUDE_DIRS", ".VARIABLES", ".LIBPATTERNS", ".SHELLSTATUS", ".LOADED" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_is(name, names[i]))
			return true;
	return false;
}

static int
outermost(struct make *m, struct str name, struct str *value)
{
	/* The environment's SHELL is the person's own, and make does not use it. */
	int err = str_is(name, "SHELL") ? BRIDLE_ENOENT : m->host->env(m->host->ctx, name, value);

	if (err != BRIDLE_ENOENT)
		return err;
	if (str_is(name, ".DEFAULT_GOAL")) {
		*value = m->goal;
		return 0;
	}
	if (of_make(name))
		return BRIDLE_EUNKNOWN;
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
		if (str_is(name, defaults[i].name)) {
			*value = str_of(defaults[i].value);
			return 0;
		}
	return BRIDLE_ENOENT;
}

int
make__raw(struct make *m, struct str name, const struct make_scope *scope, struct str *value)
{
	struct make_var *v = make__find(name, scope);
	struct str before;

	if (v == NULL)
		return outermost(m, name, value);
	*value = v->value;
	if (!v->more)
		return 0;
	while (scope->vars == NULL || map_get(scope->vars, name) != v)
		scope = scope->outer;
	if (make__raw(m, name, scope->outer, &before) == 0)
		*value = str_printf(m->a, STR_FMT " " STR_FMT, STR_ARG(before), STR_ARG(v->value));
	return 0;
}

/* ---- assignments ---- */

size_t
make__reference_end(struct str text, size_t dollar)
{
	char open, close;
	size_t level = 1, i = dollar + 2;

	if (i > text.n)
		return text.n;
	open = text.p[dollar + 1];
	if (open != '(' && open != '{')
		return i;
	close = open == '(' ? ')' : '}';
	for (; i < text.n && level > 0; i++)
		level += text.p[i] == open ? 1 : text.p[i] == close ? (size_t)-1 : 0;
	return i;
}

size_t
make__outside(struct str text, const char *bytes)
{
	size_t i = 0;

	while (i < text.n && (text.p[i] == '\0' || strchr(bytes, text.p[i]) == NULL))
		i = text.p[i] == '$' ? make__reference_end(text, i) : i + 1;
	return i;
}

struct str
make__without_blanks(struct str s) /* in front */
{
	size_t i = 0;

	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	return str_sub(s, i, s.n);
}

bool
make__assignment(struct str line, struct make_assign *out)
{
	size_t n = 0;
	struct str rest;

	line = make__without_blanks(line);
	for (;; n++) {
		n += make__outside(str_sub(line, n, line.n), " \t=:+?!");
		rest = str_sub(line, n, line.n);
		if (rest.n == 0)
			return false;
		if (strchr(" \t=:", rest.p[0]) != NULL || (rest.n > 1 && rest.p[1] == '='))
			break;
	}
	out->name = str_sub(line, 0, n);
	rest = make__without_blanks(rest);
	if (rest.n == 0 || out->name.n == 0)
		return false;
	out->op = rest.p[0];
	for (n = 0; n < rest.n && n < 3 && rest.p[n] == ':';)
		n++;
	if (n == 0 && strchr("+?!", out->op) != NULL)
		n = 1;
	out->value = make__without_blanks(str_sub(rest, n + 1, rest.n));
	return n < rest.n && rest.p[n] == '=';
}

void
make__shell(struct make *m, struct make_var *v, struct str text, const struct make_scope *scope)
{
	struct make_recipe r = { .text = make__expand(m, text, scope), .target = STR("$(shell)"),
		.shell = make__expand(m, STR("$(SHELL)"), scope),
		.flags = make__expand(m, STR("$(.SHELLFLAGS)"), scope) };

	v->value = make__run(m, &r, true);
}

static void
append(struct make *m, struct make_var *v, const struct make_var *old, struct str name, struct str value,
    const struct make_scope *scope)
{
	struct str before;

	v->simple = old != NULL && old->simple;
	if (v->simple)
		value = make__expand(m, value, scope);
	if (make__raw(m, name, scope, &before) == 0 && before.n > 0)
		value = str_printf(m->a, STR_FMT " " STR_FMT, STR_ARG(before), STR_ARG(value));
	v->value = value;
}

/* Names that mean something to make itself. */
static void
special(struct make *m, struct str name, struct str value)
{
	struct make_assign as;
	struct str word;

	if (str_is(name, ".RECIPEPREFIX"))
		m->prefix = value.n > 0 ? value.p[0] : '\t';
	while (str_is(name, "MAKEFLAGS") && (word = make__word(&value)).n > 0) /* words as of make's line */
		if (str_find(word, STR("--eval")) != STR_NPOS || make__unknown(word))
			make__lose(m, value);
		else if (make__assignment(word, &as))
			(void)make__set(m, &m->globals, &as, MAKE_COMMAND);
}

struct make_var *
make__set(struct make *m, const struct make_scope *scope, const struct make_assign *as, enum make_origin origin)
{
	struct str name = str_trim(make__expand(m, as->name, scope)), ignored;
	const struct make_var *old = make__find(name, scope), *here = map_get(scope->vars, name);
	struct make_var *v;

	if (make__unknown(name) || name.n == 0) {
		make__lose(m, as->value);
		return NULL;
	}
	v = NEW(m->a, struct make_var);
	*v = (struct make_var){ .value = as->value, .origin = origin };
	if (old != NULL && old->origin > origin && old->origin != MAKE_AUTOMATIC)
		return v; /* it does not count */
	if (origin == MAKE_FILE && m->call->env_wins && m->host->env(m->host->ctx, name, &ignored) != BRIDLE_ENOENT)
		return v;
	if (as->op == '?' && (old != NULL || m->host->env(m->host->ctx, name, &ignored) == 0))
		return v;
	if (as->op == '+' && scope->is_target && here == NULL)
		v->more = true;
	else if (as->op == '+')
		append(m, v, old, name, as->value, scope);
	else if (as->op == '!')
		make__shell(m, v, as->value, scope);
	v->simple |= as->op == ':';
	if (as->op == ':')
		v->value = make__expand(m, as->value, scope);
	v->exported = here != NULL ? here->exported : 0;
	map_put(scope->vars, str_dup(m->a, name), v);
	special(m, name, v->value);
	return v;
}

/* ---- references ---- */

/* $(@D), $(<F): a part of each name in an automatic variable. */
static bool
automatic_part(struct make *m, struct buf *out, struct str name, const struct make_scope *scope)
{
	struct str value;

	if (name.n != 2 || strchr("@<^+?*%|", name.p[0]) == NULL || (name.p[1] != 'D' && name.p[1] != 'F'))
		return false;
	if (make__raw(m, str_sub(name, 0, 1), scope, &value) != 0)
		value = STR("");
	value = make__text_function(m, name.p[1] == 'D' ? STR("dir") : STR("notdir"), &value, 1);
	if (name.p[1] == 'D') /* without the slash at its end */
		value = make__patsubst(m, STR("%/"), STR("%"), value);
	buf_add(out, value);
	return true;
}

static void
variable(struct make *m, struct buf *out, struct str name, const struct make_scope *scope)
{
	const struct make_var *v;
	struct str value;
	int err;

	if (make__unknown(name)) {
		make__lose(m, name);
		buf_putc(out, MAKE_UNKNOWN);
		return;
	}
	if (automatic_part(m, out, name, scope))
		return;
	v = make__find(name, scope);
	err = make__raw(m, name, scope, &value);
	if (v != NULL && v->simple && !v->more)
		buf_add(out, value);
	else if (err == 0)
		make__expand_into(m, out, value, scope);
	else if (err != BRIDLE_ENOENT)
		buf_putc(out, MAKE_UNKNOWN);
}

/* $(NAME:FROM=TO) */
static void
substituted(struct make *m, struct buf *out, struct str name, const struct make_scope *scope)
{
	size_t colon = str_chr(name, ':'), eq;
	struct str from, to;
	struct buf b;

	eq = colon == STR_NPOS ? STR_NPOS : str_chr(str_sub(name, colon, name.n), '=');
	if (eq == STR_NPOS || colon == 0) {
		variable(m, out, name, scope);
		return;
	}
	from = str_sub(name, colon + 1, eq - 1);
	to = str_sub(name, colon + eq + 1, name.n);
	if (str_chr(from, '%') == STR_NPOS) {
		from = str_cat(m->a, STR("%"), from);
		to = str_cat(m->a, STR("%"), to);
	}
	buf_init(&b, m->a);
	variable(m, &b, str_sub(name, 0, colon), scope);
	buf_add(out, make__text_function(m, STR("patsubst"), (struct str[]){ from, to, buf_str(&b) }, 3));
}

/* The reference that text begins with; returns its length. */
static size_t
reference(struct make *m, struct buf *out, struct str text, const struct make_scope *scope)
{
	size_t end = make__reference_end(text, 0);
	struct str inside;
	char open = text.n > 1 ? text.p[1] : '\0';

	if (open == '$')
		buf_putc(out, '$');
	if (text.n < 2 || open == '$')
		return text.n < 2 ? 1 : 2;
	if (++m->steps > MAKE_STEPS_MAX || m->bytes > MAKE_BYTES_MAX) {
		make__limit(m);
		buf_putc(out, MAKE_UNKNOWN);
		return end;
	}
	if (open != '(' && open != '{') {
		variable(m, out, str_sub(text, 1, 1), scope);
		return end;
	}
	inside = str_sub(text, 2, end - 2);
	if (str_ends(inside, open == '(' ? STR(")") : STR("}")))
		inside.n--;
	if (!make__function(m, out, inside, open, scope))
		substituted(m, out, make__expand(m, inside, scope), scope);
	return end;
}

void
make__expand_into(struct make *m, struct buf *out, struct str text, const struct make_scope *scope)
{
	if (m->depth >= MAKE_DEPTH_MAX) {
		make__limit(m);
		buf_putc(out, MAKE_UNKNOWN);
		return;
	}
	m->depth++;
	while (text.n > 0 && out->n < MAKE_TEXT_MAX) {
		size_t at = str_chr(text, '$');

		buf_add(out, str_sub(text, 0, at == STR_NPOS ? text.n : at));
		if (at == STR_NPOS)
			at = text.n;
		text = str_sub(text, at, text.n);
		if (text.n > 0)
			text = str_sub(text, reference(m, out, text, scope), text.n);
	}
	if (out->n >= MAKE_TEXT_MAX && text.n > 0) {
		make__limit(m);
		buf_putc(out, MAKE_UNKNOWN);
	}
	m->depth--;
}

struct str
make__expand(struct make *m, struct str text, const struct make_scope *scope)
{
	struct buf out;

	if (str_chr(text, '$') == STR_NPOS)
		return text;
	buf_init(&out, m->a);
	make__expand_into(m, &out, text, scope);
	m->bytes += out.n;
	return buf_str(&out);
}

/* ---- the environment of recipes ---- */

/* What lines say of its export: 1, -1, or 0: nothing. */
static int
said(const struct make *m, struct str name, const struct make_var *v)
{
	const bool *on = map_get(m->exports, name);

	return v != NULL && v->exported != 0 ? v->exported : on == NULL ? 0 : *on ? 1 : -1;
}

static bool
exported(const struct make *m, struct str name, const struct make_var *v)
{
	struct str ignored;

	for (size_t i = 0; i < name.n; i++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789", name.p[i]) == NULL ||
		    name.p[i] == '\0')
			return false;
	if (v->origin == MAKE_AUTOMATIC || str_is(name, "SHELL") || str_is(name, "MAKEFLAGS"))
		return false;
	return m->export_all || v->origin == MAKE_COMMAND || m->host->env(m->host->ctx, name, &ignored) == 0;
}

const struct make_export *
make__exports(struct make *m, const struct make_scope *scope, size_t *n)
{
	struct map *seen = map_new(m->a);
	VEC(struct make_export) out = { 0 };
	size_t k = 0;
	struct str left;
	void *on;

	for (const struct make_scope *s = scope; s != NULL; s = s->outer) {
		size_t i = 0;
		struct str name;
		void *at;

		while (s->vars != NULL && map_next(s->vars, &i, &name, &at)) {
			const struct make_var *v = at;
			int say = said(m, name, v);

			if (map_get(seen, name) != NULL)
				continue;
			map_put(seen, name, m);
			if (say != 0 || exported(m, name, v))
				*vec_push(m->a, &out) = (struct make_export){ name,
					v->simple && !v->more ? v->value
					    : make__expand(m, str_printf(m->a, "$(" STR_FMT ")", STR_ARG(name)), scope),
					say < 0 };
		}
	}
	while (map_next(m->exports, &k, &left, &on)) /* of the environment alone */
		if (on == &make__no && map_get(seen, left) == NULL)
			*vec_push(m->a, &out) = (struct make_export){ left, STR(""), true };
	*n = out.n;
	m->bytes += out.n * sizeof *out.v;
	return out.v;
}
