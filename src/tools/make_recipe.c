/* SPDX-License-Identifier: ISC */
/*
 * make_recipe.c: which recipes make runs for its goals, and with what text:
 * needs first, each target once, explicit rules before patterns (manual, 4 and
 * 10). Whether a file is newer than what it is made of is not looked at: every
 * recipe on the way may run.
 */
#include "tools/make.h"

#include <string.h>

struct how { /* how a target is made */
	const struct make_rule *recipe; /* NULL: none */
	struct str needs, stem;
};

static void visit(struct make *m, struct str target, const struct make_scope *outer, unsigned depth);

/* ---- text of a recipe ---- */

static struct str
without_prefix(struct str line, bool *always)
{
	while (line.n > 0 && strchr("@-+ \t", line.p[0]) != NULL && line.p[0] != '\0') {
		*always |= line.p[0] == '+';
		line = str_sub(line, 1, line.n);
	}
	return line;
}

/* One text for the shell: lines of a define are so many texts. */
static void
give(struct make *m, struct make_recipe *r, struct str text, bool always)
{
	while (text.n > 0) {
		size_t end = 0, hidden = 0; /* by how many backslashes */

		while (end < text.n && (text.p[end] != '\n' || hidden % 2 == 1 || m->oneshell))
			hidden = text.p[end++] == '\\' ? hidden + 1 : 0;
		r->text = without_prefix(str_sub(text, 0, end), &always);
		if (!m->dry || always)
			(void)make__run(m, r, false);
		text = str_sub(text, end + 1, text.n);
	}
}

static bool
calls_make(struct str line)
{
	return str_find(line, STR("$(MAKE)")) != STR_NPOS || str_find(line, STR("${MAKE}")) != STR_NPOS;
}

static void
run_recipe(struct make *m, const struct make_rule *rule, struct str target, const struct make_scope *scope)
{
	struct make_recipe r = { .target = target, .shell = make__expand(m, STR("$(SHELL)"), scope),
		.flags = make__expand(m, STR("$(.SHELLFLAGS)"), scope) };
	struct buf all;

	buf_init(&all, m->a);
	if (m->posix && str_is(r.flags, "-c"))
		r.flags = STR("-ec");
	r.exports = make__exports(m, scope, &r.nexports);
	for (size_t i = rule->from; i < rule->to && m->err == 0; i++) {
		bool always = calls_make(m->lines.v[i]);
		struct str line = without_prefix(m->lines.v[i], &always);

		line = make__expand(m, line, scope);
		if (!m->oneshell) {
			give(m, &r, line, always);
			continue;
		}
		buf_add(&all, without_prefix(line, &always));
		buf_putc(&all, '\n');
	}
	if (m->oneshell)
		give(m, &r, buf_str(&all), false);
}

/* ---- which rule ---- */

/* Is there a file of that name, or a rule? */
static bool
can_be(struct make *m, struct str name)
{
	return map_get(m->targets, name) != NULL ||
	    m->host->file(m->host->ctx, make__located(m, name), NULL) != BRIDLE_ENOENT;
}

/* target by a pattern; one without a slash speaks of the name in its folder. */
static bool
pattern_fits(struct make *m, struct str pattern, struct str target, struct str *stem, struct str *dir)
{
	size_t slash = str_rchr(target, '/');

	*dir = STR("");
	if (make__stem(pattern, target, stem))
		return true;
	if (slash == STR_NPOS || str_chr(pattern, '/') != STR_NPOS ||
	    !make__stem(pattern, str_sub(target, slash + 1, target.n), stem))
		return false;
	*dir = str_sub(target, 0, slash + 1);
	*stem = str_cat(m->a, *dir, *stem);
	return true;
}

/* Needs with the stem in the place of their %. */
static struct str
with_stem(struct make *m, struct str needs, struct str stem, struct str dir)
{
	struct str name, base = str_sub(stem, dir.n, stem.n);
	struct buf out;

	buf_init(&out, m->a);
	while ((name = make__word(&needs)).n > 0) {
		size_t at = str_chr(name, '%');

		if (at == STR_NPOS)
			buf_add(&out, name);
		else {
			buf_add(&out, dir);
			buf_add(&out, str_sub(name, 0, at));
			buf_add(&out, base);
			buf_add(&out, str_sub(name, at + 1, name.n));
		}
		buf_putc(&out, ' ');
	}
	return buf_str(&out);
}

/* Can all of these be there? Those that patterns make are tried depth times. */
static bool
all_can_be(struct make *m, struct str needs, unsigned depth)
{
	struct str name, stem, dir;

	while ((name = make__word(&needs)).n > 0) {
		bool found = str_is(name, "|") || make__unknown(name) || can_be(m, name);

		for (size_t i = 0; i < m->patterns.n && !found && depth > 0 && ++m->steps < MAKE_STEPS_MAX; i++) {
			const struct make_rule *p = m->patterns.v[i];

			found = p->from < p->to && p->target.n > 1 && pattern_fits(m, p->target, name, &stem, &dir) &&
			    all_can_be(m, with_stem(m, p->needs, stem, dir), depth - 1);
		}
		if (!found)
			return false;
	}
	return true;
}

/* Is the name of a kind that some pattern speaks of? Then one that is % alone and needs something is not for it. */
static bool
of_a_kind(struct make *m, struct str target)
{
	struct str stem, dir;

	for (size_t i = 0; i < m->patterns.n; i++)
		if (m->patterns.v[i]->target.n > 1 && pattern_fits(m, m->patterns.v[i]->target, target, &stem, &dir))
			return true;
	return false;
}

/* The first of the patterns with the shortest stem. */
static void
by_pattern(struct make *m, struct str target, struct how *how)
{
	size_t best = STR_NPOS;
	/* What make has built in makes no file anew that is there, but a makefile. */
	struct str given = how->needs;
	bool kind = of_a_kind(m, target);
	bool there = str_find(buf_str(&m->files), target) == STR_NPOS &&
	    m->host->file(m->host->ctx, target, NULL) == 0;

	for (size_t i = 0; i < m->patterns.n; i++) {
		const struct make_rule *p = m->patterns.v[i];
		struct str stem, dir, needs;

		if (p->from == p->to || (p->own && there) ||
		    (kind && p->target.n == 1 && str_trim(p->needs).n > 0) || !pattern_fits(m, p->target, target, &stem, &dir) || stem.n >= best)
			continue;
		needs = with_stem(m, p->needs, stem, dir);
		if (!all_can_be(m, needs, 4))
			continue;
		best = stem.n;
		how->recipe = p;
		how->stem = stem;
		how->needs = str_printf(m->a, STR_FMT " " STR_FMT, STR_ARG(needs), STR_ARG(given));
	}
}

/* ---- a target ---- */

static void
add_variables(const struct make_scope *scope, const struct map *vars)
{
	struct str name;
	size_t k = 0;
	void *v;

	while (map_next(vars, &k, &name, &v))
		map_put(scope->vars, name, v);
}

/* Its own variables, and those of the patterns that it matches, the closest last. */
static void
own_variables(struct make *m, struct str target, const struct make_scope *scope)
{
	size_t stem_of, before = STR_NPOS;
	struct str stem;

	for (;; before = stem_of) {
		stem_of = STR_NPOS;
		for (size_t i = 0; i < m->scoped.n; i++)
			if (make__stem(m->scoped.v[i].target, target, &stem) && stem.n < before &&
			    (stem_of == STR_NPOS || stem.n > stem_of))
				stem_of = stem.n;
		if (stem_of == STR_NPOS)
			break;
		for (size_t i = 0; i < m->scoped.n; i++)
			if (make__stem(m->scoped.v[i].target, target, &stem) && stem.n == stem_of)
				add_variables(scope, m->scoped.v[i].vars);
	}
	for (size_t i = 0; i < m->scoped.n; i++)
		if (str_eq(m->scoped.v[i].target, target))
			add_variables(scope, m->scoped.v[i].vars);
}

/* $* of a rule without a pattern: the name without a suffix that make knows. */
static struct str
plain_stem(struct make *m, struct str target)
{
	size_t dot = str_rchr(target, '.');
	struct str suffix = str_sub(target, dot == STR_NPOS ? target.n : dot, target.n), name;
	const struct make_rule *r = map_get(m->targets, STR(".SUFFIXES"));
	struct str known = STR(".out .a .ln .o .c .cc .C .cpp .p .f .F .m .r .y .l .ym .yl .s .S .mod .sym .def .h .info "
			       ".dvi .tex .texinfo .texi .txinfo .w .ch .web .sh .elc .el");

	for (; suffix.n > 0; r = r->next) {
		while ((name = make__word(&known)).n > 0)
			if (str_eq(name, suffix))
				return str_sub(target, 0, dot);
		if (r == NULL)
			break;
		known = r->needs;
	}
	return STR("");
}

/* $@ $< $^ $+ $? $| $* */
static void
automatic(struct make *m, struct str target, const struct how *how, const struct make_scope *scope)
{
	struct str rest = how->needs, name, first = STR("");
	struct buf all, unique, order;
	bool ordered = false, there;

	buf_init(&all, m->a);
	buf_init(&unique, m->a);
	buf_init(&order, m->a);
	while ((name = make__word(&rest)).n > 0) {
		struct buf *out = ordered ? &order : &all;

		ordered |= str_is(name, "|");
		if (str_is(name, "|"))
			continue;
		name = make__located(m, name);
		if (all.n == 0 && !ordered)
			first = name;
		if (!ordered && str_find(str_printf(m->a, " " STR_FMT " ", STR_ARG(buf_str(&unique))),
		    str_printf(m->a, " " STR_FMT " ", STR_ARG(name))) == STR_NPOS)
			buf_printf(&unique, "%s" STR_FMT, unique.n > 0 ? " " : "", STR_ARG(name));
		buf_printf(out, "%s" STR_FMT, out->n > 0 ? " " : "", STR_ARG(name));
	}
	make__put(m, scope, STR("@"), target);
	make__put(m, scope, STR("<"), first);
	make__put(m, scope, STR("^"), buf_str(&unique));
	make__put(m, scope, STR("+"), buf_str(&all));
	make__put(m, scope, STR("|"), buf_str(&order));
	make__put(m, scope, STR("*"), how->stem);
	/* Those that are newer: all, where there is no such file yet. */
	there = map_get(m->phony, target) == NULL && m->host->file(m->host->ctx, target, NULL) != BRIDLE_ENOENT;
	make__put(m, scope, STR("?"), there && unique.n > 0 ? MAKE_ANY : buf_str(&unique));
	make__put(m, scope, STR("%"), STR(""));
}

/* Needs of a rule, as they are known when its target is looked at. */
static struct str
needs_of(struct make *m, const struct make_rule *r, struct str target, struct str stem, const struct make_scope *scope)
{
	struct how none = { NULL, STR(""), stem };
	struct make_scope once = make__scope(m, scope);

	if (!m->second || str_chr(r->needs, '$') == STR_NPOS)
		return r->needs;
	automatic(m, target, &none, &once);
	return make__expand(m, r->needs, &once);
}

static void
visit_needs(struct make *m, struct str needs, const struct make_scope *scope, unsigned depth)
{
	struct str name;

	while ((name = make__word(&needs)).n > 0 && m->err == 0)
		if (make__unknown(name))
			make__lose(m, name);
		else if (!str_is(name, "|"))
			visit(m, name, scope, depth + 1);
}

/* How it is made, by its explicit rules or by a pattern; those with :: run here. */
static struct how
find_how(struct make *m, struct str target, const struct make_scope *scope, unsigned depth)
{
	struct how how = { NULL, STR(""), plain_stem(m, target) };
	const struct make_rule *r = map_get(m->targets, target);
	bool twice = r != NULL && r->twice;

	for (; r != NULL; r = r->next) {
		struct str stem = r->stem.p != NULL ? r->stem : STR("");
		struct str needs = needs_of(m, r, target, stem, scope);

		if (r->stem.p != NULL)
			needs = with_stem(m, needs, stem, STR(""));
		if (twice) {
			struct how one = { r, needs, stem };
			struct make_scope inner = make__scope(m, scope);

			visit_needs(m, needs, scope, depth);
			automatic(m, target, &one, &inner);
			run_recipe(m, r, target, &inner);
			continue;
		}
		if (r->from < r->to) { /* its needs come first, and another's recipe does not count */
			how.recipe = r;
			if (r->stem.p != NULL)
				how.stem = stem;
			how.needs = str_printf(m->a, STR_FMT " " STR_FMT, STR_ARG(needs), STR_ARG(how.needs));
		} else
			how.needs = str_printf(m->a, STR_FMT " " STR_FMT, STR_ARG(how.needs), STR_ARG(needs));
	}
	if (how.recipe == NULL && !twice && map_get(m->phony, target) == NULL)
		by_pattern(m, target, &how);
	return how;
}

static void
visit(struct make *m, struct str target, const struct make_scope *outer, unsigned depth)
{
	struct make_scope own = make__scope(m, outer), inner;
	const struct make_rule *fallback = map_get(m->targets, STR(".DEFAULT"));
	struct how how;

	if (map_get(m->done, target) != NULL)
		return;
	map_put(m->done, target, m);
	if (depth >= MAKE_NEEDS_DEPTH) {
		make__limit(m);
		return;
	}
	own.is_target = true;
	own_variables(m, target, &own);
	how = find_how(m, target, &own, depth);
	visit_needs(m, how.needs, &own, depth);
	if (how.recipe == NULL && map_get(m->targets, target) == NULL && fallback != NULL &&
	    m->host->file(m->host->ctx, target, NULL) != 0)
		how.recipe = fallback;
	if (how.recipe == NULL) {
		if (depth == 0 && map_get(m->targets, target) == NULL)
			make__lose(m, STR("")); /* what make has built in may make it */
		return;
	}
	inner = make__scope(m, &own);
	automatic(m, target, &how, &inner);
	run_recipe(m, how.recipe, target, &inner);
}

void
make__goals(struct make *m)
{
	const struct make_call *call = m->call;
	struct str rest = buf_str(&m->files), name, goals, text;
	struct make_var *v = make__find(STR(".DEFAULT_GOAL"), &m->globals);

	/* A makefile that a rule makes is made before it counts, with -n, too. */
	m->dry = false;
	while ((name = make__word(&rest)).n > 0 && m->err == 0)
		if (map_get(m->targets, name) != NULL || m->patterns.n > 0)
			visit(m, make__plain(name), &m->globals, 1);
	for (size_t i = 0; i < m->missing.n; i++)
		m->again |= m->host->file(m->host->ctx, m->missing.v[i], NULL) != BRIDLE_ENOENT;
	for (size_t i = 0; i + 1 < call->files.n; i += 2)
		if (m->host->file(m->host->ctx, call->files.v[i], &text) == 0 && !str_eq(text, call->files.v[i + 1]))
			make__lose(m, text);
	if (m->again)
		return;
	m->dry = call->dry;
	goals = v != NULL ? make__expand(m, v->value, &m->globals) : m->goal;
	for (size_t i = 0; i < call->goals.n && m->err == 0; i++)
		visit(m, make__plain(call->goals.v[i]), &m->globals, 0);
	while (call->goals.n == 0 && (name = make__word(&goals)).n > 0)
		visit(m, make__plain(name), &m->globals, 0);
}
