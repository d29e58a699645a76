/* SPDX-License-Identifier: ISC */
/*
 * makefile.c: a Makefile's text as GNU make reads it (manual, 3.4 and 3.7):
 * logical lines, comments, conditionals, variables, define, include, rules.
 * Rules are make_rule.c; which recipes run is make_recipe.c; justfiles are
 * justfile.c.
 */
#include "tools/make.h"

#include <string.h>

#define NESTED_MAX 32 /* conditionals in conditionals */
#define INCLUDED_MAX 64 /* files, evals in evals */

struct condition {
	bool taken;  /* the lines here count */
	bool closed; /* a branch before was taken: no else is */
};
struct reader {
	struct make *m;
	struct str rest;
	struct condition conditions[NESTED_MAX];
	unsigned nconditions;
	struct make_open open;
};

/* ---- lines ---- */

/* Does a backslash at its end join the next line? Of two, the first hides the second. */
static bool
goes_on(struct str line)
{
	size_t n = 0;

	while (n < line.n && line.p[line.n - 1 - n] == '\\')
		n++;
	return n % 2 == 1;
}

/* A line of a recipe: backslash and newline are the shell's, but not the prefix behind them. */
static struct str
recipe_line(struct reader *r, struct str line)
{
	struct buf out;

	buf_init(&out, r->m->a);
	buf_add(&out, line);
	while (goes_on(line) && r->rest.n > 0) {
		line = str_line(&r->rest);
		buf_putc(&out, '\n');
		buf_add(&out, line.n > 0 && line.p[0] == r->m->prefix ? str_sub(line, 1, line.n) : line);
	}
	return buf_str(&out);
}

/* Any other: they and the blanks around them are one blank. */
static struct str
logical_line(struct reader *r, struct str line)
{
	struct buf out;

	buf_init(&out, r->m->a);
	while (goes_on(line)) {
		buf_add(&out, str_sub(line, 0, line.n - 1));
		while (out.n > 0 && (out.p[out.n - 1] == ' ' || out.p[out.n - 1] == '\t'))
			out.n--;
		buf_putc(&out, ' ');
		line = str_line(&r->rest);
		while (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
			line = str_sub(line, 1, line.n);
	}
	buf_add(&out, line);
	return buf_str(&out);
}

/* Without its comment; \# is a plain #. */
struct str
make__without_comment(struct make *m, struct str line)
{
	struct buf out;

	buf_init(&out, m->a);
	for (;;) {
		size_t at = make__outside(line, "#");
		bool plain = at > 0 && at < line.n && line.p[at - 1] == '\\';

		buf_add(&out, str_sub(line, 0, plain ? at - 1 : at));
		if (!plain)
			return buf_str(&out);
		buf_putc(&out, '#');
		line = str_sub(line, at + 1, line.n);
	}
}

/* The line behind this word, which blanks or its end must follow. */
static bool
after_word(struct str line, const char *word, struct str *rest)
{
	size_t n = strlen(word);

	if (!str_starts(line, str_of(word)) || (line.n > n && strchr(" \t(", line.p[n]) == NULL))
		return false;
	*rest = str_trim(str_sub(line, n, line.n));
	return true;
}

/* ---- conditionals ---- */

static bool
counts(const struct reader *r)
{
	for (unsigned i = 0; i < r->nconditions; i++)
		if (!r->conditions[i].taken)
			return false;
	return true;
}

/* (a,b) 'a' 'b' "a" "b" */
static bool
equal(struct make *m, struct str text)
{
	struct str two[2] = { { "", 0 }, { "", 0 } };

	if (text.n > 0 && text.p[0] == '(') {
		struct str inside = str_sub(text, 1, text.n - 1);
		size_t comma = 0, level = 0;

		for (; comma < inside.n && (level > 0 || inside.p[comma] != ','); comma++)
			level += inside.p[comma] == '(' ? 1 : inside.p[comma] == ')' && level > 0 ? (size_t)-1 : 0;
		two[0] = str_sub(inside, 0, comma);
		while (two[0].n > 0 && strchr(" \t", two[0].p[two[0].n - 1]) != NULL)
			two[0].n--;
		two[1] = make__without_blanks(str_sub(inside, comma + 1, inside.n));
		if (str_ends(two[1], STR(")")))
			two[1].n--;
	} else {
		for (size_t i = 0; i < 2 && text.n > 0; i++) {
			size_t end = str_chr(str_sub(text, 1, text.n), text.p[0]);

			two[i] = str_sub(text, 1, end == STR_NPOS ? text.n : end);
			text = str_trim(str_sub(text, two[i].n + 2, text.n));
		}
	}
	for (size_t i = 0; i < 2; i++)
		two[i] = make__expand(m, two[i], &m->globals);
	if (make__unknown(two[0]) || make__unknown(two[1]))
		return make__choose(m, str_printf(m->a, STR_FMT "=" STR_FMT, STR_ARG(two[0]), STR_ARG(two[1])));
	return str_eq(two[0], two[1]);
}

static bool
defined(struct make *m, struct str name)
{
	struct str value;
	int err;

	name = str_trim(make__expand(m, name, &m->globals));
	if (make__unknown(name))
		return make__choose(m, name);
	err = make__raw(m, name, &m->globals, &value);
	if (err == 0)
		return value.n > 0;
	return err != BRIDLE_ENOENT && make__choose(m, name);
}

/* True if the line is ifeq, ifneq, ifdef or ifndef, with what it says. */
static bool
condition(struct reader *r, struct str line, bool *holds)
{
	static const char *const words[] = { "ifeq", "ifneq", "ifdef", "ifndef" };
	struct str rest = { 0 };
	size_t i = 0;

	while (i < 4 && !after_word(line, words[i], &rest))
		i++;
	if (i == 4)
		return false;
	*holds = counts(r) && (i < 2 ? equal(r->m, rest) : defined(r->m, rest)) == (i % 2 == 0);
	return true;
}

/* True if the line is of a conditional. */
static bool
conditional(struct reader *r, struct str line)
{
	struct condition *c = r->nconditions > 0 ? &r->conditions[r->nconditions - 1] : NULL;
	struct str rest;
	bool holds;

	if (after_word(line, "endif", &rest)) {
		r->nconditions -= c != NULL;
		return true;
	}
	if (c != NULL && after_word(line, "else", &rest)) {
		c->closed |= c->taken;
		c->taken = true; /* what an `else ifeq` asks counts where this stands */
		if (c->closed)
			c->taken = false;
		else if (rest.n > 0 && condition(r, rest, &holds))
			c->taken = holds;
		return true;
	}
	if (!condition(r, line, &holds))
		return false;
	if (r->nconditions < NESTED_MAX)
		r->conditions[r->nconditions++] = (struct condition){ holds, false };
	else
		make__limit(r->m);
	return true;
}

/* ---- variables ---- */

struct str
make__modifiers(struct str line, struct make_modifiers *out)
{
	struct make_assign as;
	struct str rest;

	*out = (struct make_modifiers){ 0 };
	for (; !make__assignment(line, &as) || str_chr(as.name, ' ') != STR_NPOS; line = rest)
		if (after_word(line, "export", &rest))
			out->export = true;
		else if (after_word(line, "unexport", &rest))
			out->unexport = true;
		else if (after_word(line, "override", &rest))
			out->override = true;
		else if (after_word(line, "private", &rest))
			out->is_private = true;
		else if (after_word(line, "define", &rest))
			out->define = true;
		else if (after_word(line, "undefine", &rest))
			out->undefine = true;
		else
			break;
	return line;
}

static void
export_name(struct make *m, struct str name, bool on)
{
	map_put(m->exports, str_dup(m->a, name), (void *)(uintptr_t)(on ? &make__yes : &make__no));
}

void
make__assign(struct make *m, const struct make_scope *scope, const struct make_assign *as,
    const struct make_modifiers *mod)
{
	struct make_var *v = make__set(m, scope, as, mod->override ? MAKE_OVERRIDE : MAKE_FILE);

	if (v == NULL)
		return;
	v->is_private |= mod->is_private;
	if ((mod->export || mod->unexport) && scope == &m->globals)
		export_name(m, str_trim(make__expand(m, as->name, scope)), mod->export);
	else if (mod->export || mod->unexport)
		v->exported = mod->export ? 1 : -1;
}

/* The lines down to endef. */
static struct str
definition(struct reader *r)
{
	struct str start = r->rest, rest;
	size_t level = 1, n = 0;

	while (r->rest.n > 0) {
		struct str line = str_line(&r->rest), trimmed = str_trim(line);

		if (line.n == 0 || line.p[0] != r->m->prefix)
			level += after_word(trimmed, "define", &rest) ? 1
			    : after_word(trimmed, "endef", &rest) ? (size_t)-1 : 0;
		if (level == 0)
			break;
		n = (size_t)(line.p + line.n - start.p);
	}
	return str_sub(start, 0, n);
}

/* export and unexport with names, or alone. */
static void
export_names(struct make *m, struct str names, bool on)
{
	struct str name, ignored;

	names = make__expand(m, names, &m->globals);
	if (str_trim(names).n == 0)
		m->export_all = on;
	while ((name = make__word(&names)).n > 0) {
		struct make_assign empty = { name, STR(""), '=' };

		/* Exporting a name defines it: a later ?= finds it there. */
		if (make__raw(m, name, &m->globals, &ignored) == BRIDLE_ENOENT)
			(void)make__set(m, &m->globals, &empty, MAKE_FILE);
		export_name(m, name, on);
	}
}

static void
undefine(struct make *m, struct str name, const struct make_modifiers *mod)
{
	const struct make_var *v;

	name = str_trim(make__expand(m, name, &m->globals));
	v = make__find(name, &m->globals);
	if (v != NULL && (v->origin != MAKE_COMMAND || mod->override))
		map_del(m->globals.vars, name);
}

/* True if the line says something of variables. */
static bool
variable_line(struct reader *r, struct str line)
{
	struct make *m = r->m;
	struct make_modifiers mod;
	struct make_assign as;
	struct str rest = make__modifiers(line, &mod);

	if (mod.define) {
		if (!make__assignment(rest, &as))
			as = (struct make_assign){ rest, STR(""), '=' };
		as.value = definition(r);
		make__assign(m, &m->globals, &as, &mod);
	} else if (mod.undefine) {
		undefine(m, rest, &mod);
	} else if (make__assignment(rest, &as)) {
		make__assign(m, &m->globals, &as, &mod);
	} else if (mod.export || mod.unexport) {
		export_names(m, rest, mod.export);
	} else
		return false;
	return true;
}

/* ---- include ---- */

struct str
make__plain(struct str name)
{
	while (str_starts(name, STR("./")) && name.n > 2)
		for (name = str_sub(name, 2, name.n); name.n > 1 && name.p[0] == '/';)
			name = str_sub(name, 1, name.n);
	return name;
}

struct str
make__located(struct make *m, struct str name)
{
	struct make_vpath all = { STR("%"), make__expand(m, STR("$(VPATH)"), &m->globals) };
	struct str stem;

	if ((m->vpath.n == 0 && all.dirs.n == 0) || name.n == 0 || name.p[0] == '/' ||
	    m->host->file(m->host->ctx, name, NULL) != BRIDLE_ENOENT || map_get(m->targets, name) != NULL)
		return name;
	for (size_t i = 0; i <= m->vpath.n; i++) {
		const struct make_vpath *v = i < m->vpath.n ? &m->vpath.v[i] : &all;
		struct str dirs = v->dirs;

		if (!str_eq(v->pattern, name) && !make__stem(v->pattern, name, &stem))
			continue;
		while (dirs.n > 0) {
			size_t n = 0;
			struct str path;

			while (n < dirs.n && strchr(" \t:", dirs.p[n]) == NULL)
				n++;
			path = path_join(m->a, str_sub(dirs, 0, n), name);
			dirs = str_sub(dirs, n + 1, dirs.n);
			if (n > 0 && m->host->file(m->host->ctx, path, NULL) == 0)
				return path;
		}
	}
	return name;
}

void
make__found(struct make *m, struct str name, strs_vec *out)
{
	size_t n = out->n;

	name = make__plain(name);
	if (strpbrk(str_c(m->a, name), "*?[") != NULL && m->host->glob(m->host->ctx, m->a, name, out) != 0)
		make__lose(m, name);
	if (out->n == n)
		*vec_push(m->a, out) = name;
}

void
make__add_makefile(struct make *m, struct str name)
{
	buf_printf(&m->files, " " STR_FMT, STR_ARG(name));
	make__put(m, &m->globals, STR("MAKEFILE_LIST"), buf_str(&m->files));
}

static void
include_file(struct make *m, struct str name)
{
	struct str text;
	int err = m->host->file(m->host->ctx, name, &text);

	for (size_t i = 0; i < m->call->include_dirs.n && err == BRIDLE_ENOENT; i++)
		err = m->host->file(m->host->ctx, path_join(m->a, m->call->include_dirs.v[i], name), &text);
	make__add_makefile(m, name);
	if (err == 0)
		make__read_text(m, text);
	else if (err != BRIDLE_ENOENT)
		make__lose(m, name);
	else
		*vec_push(m->a, &m->missing) = name;
}

static bool
include_line(struct make *m, struct str line)
{
	static const char *const words[] = { "include", "-include", "sinclude" };
	struct str rest, name;
	size_t i = 0;

	if (after_word(line, "load", &rest) || after_word(line, "-load", &rest)) {
		make__lose(m, line);
		return true;
	}
	while (i < 3 && !after_word(line, words[i], &rest))
		i++;
	if (i == 3 && !after_word(line, "vpath", &rest))
		return false;
	if (i == 3) {
		struct make_vpath v;

		rest = make__expand(m, rest, &m->globals);
		v.pattern = make__word(&rest);
		v.dirs = rest;
		if (v.pattern.n == 0)
			m->vpath.n = 0;
		else
			*vec_push(m->a, &m->vpath) = v;
		return true;
	}
	rest = make__expand(m, rest, &m->globals);
	while ((name = make__word(&rest)).n > 0) {
		strs_vec found = { 0 };

		if (make__unknown(name))
			make__lose(m, name);
		else
			make__found(m, name, &found);
		for (size_t k = 0; k < found.n; k++)
			include_file(m, found.v[k]);
	}
	return true;
}

/* ---- all of it ---- */

/* A line that is no recipe's. */
static void
read_line(struct reader *r, struct str raw)
{
	struct str line = str_trim(make__without_comment(r->m, raw));
	struct make_modifiers mod;

	if (line.n == 0)
		return;
	if (conditional(r, line))
		return;
	if (!counts(r)) {
		(void)make__modifiers(line, &mod);
		if (mod.define)
			(void)definition(r);
		return;
	}
	r->open.rules.n = 0;
	r->open.none = false;
	if (!variable_line(r, str_sub(line, 0, line.n)) && !include_line(r->m, line))
		make__rule_line(r->m, &r->open, str_trim(raw));
}

static void
read_next(struct reader *r)
{
	struct make *m = r->m;
	struct str line = str_line(&r->rest);

	if (line.n > 0 && line.p[0] == m->prefix && r->open.none)
		return;
	if (line.n > 0 && line.p[0] == m->prefix && r->open.rules.n > 0) {
		line = recipe_line(r, str_sub(line, 1, line.n));
		if (counts(r))
			make__recipe_line(m, &r->open, line);
	} else
		read_line(r, logical_line(r, line));
}

void
make__read_text(struct make *m, struct str text)
{
	struct reader r = { .m = m, .rest = text };

	m->bytes += text.n;
	if (m->depth_read >= INCLUDED_MAX || ++m->reads > MAKE_READS_MAX || m->bytes > MAKE_BYTES_MAX) {
		make__limit(m);
		return;
	}
	m->depth_read++;
	if (str_starts(text, STR("\xef\xbb\xbf")))
		r.rest = str_sub(text, 3, text.n);
	while (r.rest.n > 0 && m->err == 0)
		read_next(&r);
	m->depth_read--;
}
