/* SPDX-License-Identifier: ISC */
/*
 * makefile.c: the recipe lines of the named targets of a Makefile or a
 * justfile, dependencies first. Plain variables are put in; what only make
 * itself can tell becomes $__value, of which the shell knows nothing; what
 * $(shell …) runs on the way is a line too. Both branches of a conditional
 * count. Includes, defines and pattern rules are not followed: then the answer
 * says that not all was read.
 */
#include "tools/host.h"

#include "bridle/limits.h"

#include <string.h>

#define TARGETS_MAX 2000
#define EXPAND_DEPTH 8
#define EXPAND_MAX 65536

struct rule {
	struct str target;
	struct words needs;
	size_t from, to; /* its lines */
};
struct makefile {
	struct arena *a;
	const struct make_call *call;
	VEC(struct rule) rules;
	VEC(struct str) lines;
	struct map *vars; /* name -> struct str * */
	struct map *done; /* target -> itself: visited */
	bool all_read;
	recipes_vec *out;
};

/* One line with those that a backslash adds to it. */
static struct str
logical_line(struct arena *a, struct str *rest)
{
	struct buf out;
	bool more = true;

	buf_init(&out, a);
	while (more && rest->n > 0) {
		size_t end = str_chr(*rest, '\n');
		struct str line = str_sub(*rest, 0, end == STR_NPOS ? rest->n : end);

		*rest = str_sub(*rest, line.n + (end == STR_NPOS ? 0 : 1), rest->n);
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		more = line.n > 0 && line.p[line.n - 1] == '\\';
		buf_add(&out, more ? str_sub(line, 0, line.n - 1) : line);
		if (more)
			buf_putc(&out, ' ');
	}
	return str_dup(a, buf_str(&out));
}

/* ---- commands that make runs while it reads ---- */

/* Once for each text: reading a file may come by it more than once. */
static void
runs_itself(struct makefile *m, struct str command)
{
	struct str key = str_cat(m->a, STR("$(shell) "), command);

	if (str_trim(command).n == 0 || map_get(m->done, key) != NULL)
		return;
	map_put(m->done, key, m);
	*vec_push(m->a, m->out) = (struct recipe){ command, STR("$(shell)") };
}

/* just: what stands in backquotes. */
static void
backquoted(struct makefile *m, struct str line)
{
	size_t from, to;

	while ((from = str_chr(line, '`')) != STR_NPOS) {
		line = str_sub(line, from + 1, line.n);
		if ((to = str_chr(line, '`')) == STR_NPOS)
			return;
		runs_itself(m, str_sub(line, 0, to));
		line = str_sub(line, to + 1, line.n);
	}
}

/* ---- variables ------------------------------------------------------------------- */

static void
set_var(struct makefile *m, struct str name, struct str value, bool add)
{
	struct str *v = map_get(m->vars, name);

	if (add && v != NULL)
		value = str_printf(m->a, STR_FMT " " STR_FMT, STR_ARG(*v), STR_ARG(value));
	v = NEW(m->a, struct str);
	*v = value;
	map_put(m->vars, str_dup(m->a, name), v);
}

/* NAME = value, :=, ?=, +=. False if the line is none. */
static bool
assignment(struct makefile *m, struct str line)
{
	size_t eq = str_chr(line, '='), colon = str_chr(line, ':');
	struct str name;
	bool add = false, only = false;

	if (eq == STR_NPOS || eq == 0 || (colon != STR_NPOS && colon + 1 < eq &&
	    !(colon + 2 == eq && line.p[colon + 1] == ':')))
		return false;
	name = str_sub(line, 0, eq);
	while (name.n > 0 && strchr(":?+! \t", name.p[name.n - 1]) != NULL) {
		add |= name.p[name.n - 1] == '+';
		only |= name.p[name.n - 1] == '?';
		if (name.p[name.n - 1] == '!') { /* VAR != command: unknown */
			runs_itself(m, str_sub(line, eq + 1, line.n));
			return true;
		}
		name.n--;
	}
	name = str_trim(name);
	if (str_starts(name, STR("export ")))
		name = str_trim(str_sub(name, 7, name.n));
	if (name.n == 0 || str_chr(name, ' ') != STR_NPOS)
		return false;
	if (!only || map_get(m->vars, name) == NULL)
		set_var(m, name, str_trim(str_sub(line, eq + 1, line.n)), add);
	return true;
}

static void expand_into(struct makefile *m, struct buf *out, struct str text, struct str target,
    unsigned depth);

/* $(shell …) runs, and so does one inside another function's words. */
static void
call_function(struct makefile *m, struct str name, struct str target, unsigned depth)
{
	struct buf inner;

	if (str_chr(name, '$') == STR_NPOS && !str_starts(name, STR("shell")))
		return;
	buf_init(&inner, m->a);
	if (depth < EXPAND_DEPTH)
		expand_into(m, &inner, name, target, depth + 1);
	else
		m->all_read = false;
	if (inner.n > 5 && str_starts(buf_str(&inner), STR("shell")) && strchr(" \t", inner.p[5]) != NULL)
		runs_itself(m, str_sub(buf_str(&inner), 6, inner.n));
}

/* One $x, $(x) or ${x} at text.p[at]; returns the index behind it. */
static size_t
expand_one(struct makefile *m, struct buf *out, struct str text, size_t at, struct str target,
    unsigned depth)
{
	char open = at + 1 < text.n ? text.p[at + 1] : '\0', close = open == '(' ? ')' : '}';
	struct str name, *value;
	size_t end, level = 1;

	if (open == '\0')
		return at + 1;
	if (open == '$') {
		buf_putc(out, '$');
		return at + 2;
	}
	if (open != '(' && open != '{') {
		name = str_sub(text, at + 1, 1);
		end = at + 2;
	} else {
		for (end = at + 2; end < text.n && level > 0; end++)
			level += text.p[end] == open ? 1 : text.p[end] == close ? (size_t)-1 : 0;
		name = str_sub(text, at + 2, end - at - 3);
	}
	value = map_get(m->vars, name);
	if (str_is(name, "@"))
		buf_add(out, target);
	else if (str_is(name, "MAKE"))
		buf_puts(out, "make");
	else if (value != NULL && depth < EXPAND_DEPTH)
		expand_into(m, out, *value, target, depth + 1);
	else {
		call_function(m, name, target, depth);
		buf_puts(out, "$__value");
	}
	return end;
}

static void
expand_into(struct makefile *m, struct buf *out, struct str text, struct str target, unsigned depth)
{
	size_t i = 0;

	while (i < text.n && out->n < EXPAND_MAX) {
		if (text.p[i] == '$') {
			i = expand_one(m, out, text, i, target, depth);
			continue;
		}
		buf_putc(out, text.p[i++]);
	}
}

/* just: {{x}} is a value; $x belongs to the shell. */
static void
expand_just(struct makefile *m, struct buf *out, struct str text)
{
	size_t at;

	while ((at = str_find(text, STR("{{"))) != STR_NPOS) {
		size_t end = str_find(text, STR("}}"));
		struct str name, *value;

		if (end == STR_NPOS || end < at)
			break;
		buf_add(out, str_sub(text, 0, at));
		name = str_trim(str_sub(text, at + 2, end - at - 2));
		value = map_get(m->vars, name);
		if (value != NULL && value->n > 1 && (value->p[0] == '"' || value->p[0] == '\''))
			buf_add(out, str_sub(*value, 1, value->n - 2));
		else
			buf_puts(out, "$__value");
		text = str_sub(text, end + 2, text.n);
	}
	buf_add(out, text);
}

static struct str
expanded(struct makefile *m, struct str text, struct str target)
{
	struct buf out;

	buf_init(&out, m->a);
	if (m->call->just)
		expand_just(m, &out, text);
	else
		expand_into(m, &out, text, target, 0);
	return buf_str(&out);
}

/* ---- rules -------------------------------------------------------------------------- */

static bool
starts_word(struct str line, const char *word)
{
	size_t n = strlen(word);

	return str_starts(line, str_of(word)) && (line.n == n || line.p[n] == ' ' || line.p[n] == '\t');
}

/* Lines that say something else than a rule or a variable. */
static bool
directive(struct makefile *m, struct str line)
{
	static const char *const both[] = { "ifeq", "ifneq", "ifdef", "ifndef", "else", "endif", "export",
		"unexport", "vpath", "override", "set", "alias" };
	static const char *const unread[] = { "include", "-include", "sinclude", "define", "import", "mod" };

	for (size_t i = 0; i < sizeof unread / sizeof *unread; i++)
		if (starts_word(line, unread[i])) {
			m->all_read = false;
			return true;
		}
	for (size_t i = 0; i < sizeof both / sizeof *both; i++)
		if (starts_word(line, both[i]))
			return str_chr(line, ':') == STR_NPOS || !m->call->just;
	return m->call->just && line.p[0] == '[';
}

static void
rule_line(struct makefile *m, struct str line)
{
	size_t colon = str_chr(line, ':'), semi = str_chr(line, ';');
	struct words targets, needs;

	if (colon == STR_NPOS || colon == 0)
		return;
	targets = words_split(m->a, m->call->just ? str_sub(line, 0, colon)
						  : expanded(m, str_sub(line, 0, colon), STR("")));
	line = str_sub(line, colon + 1, line.n);
	if (str_starts(line, STR(":")))
		line = str_sub(line, 1, line.n);
	if (semi != STR_NPOS && semi > colon)
		*vec_push(m->a, &m->lines) = str_sub(line, str_chr(line, ';') + 1, line.n);
	needs = words_split(m->a, expanded(m, str_sub(line, 0, str_chr(line, ';') == STR_NPOS
		? line.n : str_chr(line, ';')), STR("")));
	/* just: `name param other="x": needs` */
	if (m->call->just && targets.n > 1)
		targets.n = 1;
	for (size_t i = 0; i < targets.n && m->rules.n < TARGETS_MAX; i++) {
		struct str name = word_prefix(targets.v[i]);

		if (m->call->just && str_starts(name, STR("@")))
			name = str_sub(name, 1, name.n);
		*vec_push(m->a, &m->rules) = (struct rule){ name, needs,
			m->lines.n - (semi != STR_NPOS && semi > colon ? 1 : 0), m->lines.n };
	}
}

static void
read_lines(struct makefile *m, struct str text)
{
	struct str rest = text;
	size_t first = 0; /* rules that the following recipe lines belong to */

	while (rest.n > 0) {
		struct str line = logical_line(m->a, &rest), trimmed = str_trim(line);
		bool recipe = line.n > 0 && (line.p[0] == '\t' || (m->call->just && line.p[0] == ' '));

		if (trimmed.n == 0 || (trimmed.p[0] == '#' && !recipe))
			continue;
		if (recipe && m->rules.n > 0) {
			*vec_push(m->a, &m->lines) = trimmed;
			for (size_t i = first; i < m->rules.n; i++)
				m->rules.v[i].to = m->lines.n;
			continue;
		}
		/* Whether a value is used or a condition holds: what it runs counts. */
		if (m->call->just)
			backquoted(m, trimmed);
		else if (str_find(trimmed, STR("shell")) != STR_NPOS)
			(void)expanded(m, trimmed, STR(""));
		if (assignment(m, trimmed) || directive(m, trimmed))
			continue;
		first = m->rules.n;
		rule_line(m, trimmed);
	}
}

/* @ and - in front tell make how to run it. */
static struct str
recipe_text(struct str line)
{
	while (line.n > 0 && strchr("@-+ \t", line.p[0]) != NULL)
		line = str_sub(line, 1, line.n);
	return line;
}

static void
visit(struct makefile *m, struct str target, unsigned depth)
{
	bool found = false;

	if (map_get(m->done, target) != NULL)
		return;
	map_put(m->done, target, m);
	if (depth >= LIMIT_RUN_DEPTH) {
		m->all_read = false;
		return;
	}
	for (size_t i = 0; i < m->rules.n; i++) {
		const struct rule *r = &m->rules.v[i];

		if (!str_eq(r->target, target))
			continue;
		found = true;
		for (size_t k = 0; k < r->needs.n; k++)
			visit(m, word_prefix(r->needs.v[k]), depth + 1);
		for (size_t k = r->from; k < r->to; k++) {
			struct str line = expanded(m, recipe_text(m->lines.v[k]), target);

			*vec_push(m->a, m->out) = (struct recipe){ line, target };
		}
	}
	/* A need without a rule is a file; a pattern rule could still make it. */
	if (!found && depth == 0)
		m->all_read = false;
}

bool
makefile_recipes(struct arena *a, struct str text, const struct make_call *call, recipes_vec *out)
{
	struct makefile m = { .a = a, .call = call, .vars = map_new(a), .done = map_new(a),
		.all_read = true, .out = out };

	read_lines(&m, text);
	for (size_t i = 0; i < call->assigns.n; i++) {
		struct str word;

		if (!word_known(a, call->assigns.v[i], &word))
			continue;
		if (!call->just)
			(void)expanded(&m, word, STR(""));
		(void)assignment(&m, word);
	}
	for (size_t i = 0; i < call->targets.n; i++) {
		struct str target;

		if (word_known(a, call->targets.v[i], &target))
			visit(&m, target, 0);
		else
			m.all_read = false;
		if (call->just)
			break; /* what follows are its arguments */
	}
	for (size_t i = 0; call->targets.n == 0 && i < m.rules.n; i++)
		if (m.rules.v[i].target.n > 0 && (m.rules.v[i].target.p[0] != '.' || call->just)) {
			visit(&m, m.rules.v[i].target, 0);
			break;
		}
	return m.all_read;
}
