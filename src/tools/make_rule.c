/* SPDX-License-Identifier: ISC */
/*
 * make_rule.c: the rules of a Makefile: explicit ones, static patterns,
 * patterns, suffixes, and variables of a target (manual, 4, 6.11 and 10.5).
 */
#include "tools/make.h"

#include <string.h>

/* Targets whose name says something to make. */
static void
special_target(struct make *m, struct str name, struct str needs)
{
	struct str need;

	m->oneshell |= str_is(name, ".ONESHELL");
	m->second |= str_is(name, ".SECONDEXPANSION");
	m->export_all |= str_is(name, ".EXPORT_ALL_VARIABLES");
	m->posix |= str_is(name, ".POSIX");
	while (str_is(name, ".PHONY") && (need = make__word(&needs)).n > 0)
		map_put(m->phony, str_dup(m->a, need), m);
}

/* .c.o: is %.o: %.c; .c: is %: %.c. */
static bool
suffix_rule(struct make *m, struct make_rule *rule)
{
	struct str t = rule->target;
	size_t dot = t.n > 1 && t.p[0] == '.' ? str_rchr(t, '.') : 0;

	if (t.n < 2 || t.p[0] != '.' || str_chr(t, '/') != STR_NPOS || str_trim(rule->needs).n > 0 ||
	    (t.p[1] >= 'A' && t.p[1] <= 'Z'))
		return false;
	rule->first = rule->needs = str_cat(m->a, STR("%"), dot == 0 ? t : str_sub(t, 0, dot));
	rule->target = dot == 0 ? STR("%") : str_cat(m->a, STR("%"), str_sub(t, dot, t.n));
	rule->pattern = true;
	return true;
}

static void
add_rule(struct make *m, struct make_open *open, struct str target, struct str stem, struct str needs, bool twice)
{
	struct make_rule *rule = NEW(m->a, struct make_rule), **at;

	if (++m->rules > MAKE_RULES_MAX) {
		make__limit(m);
		return;
	}
	*rule = (struct make_rule){ .target = target, .needs = needs, .first = needs, .stem = stem,
		.from = m->lines.n, .to = m->lines.n, .twice = twice,
		.pattern = stem.p == NULL && str_chr(target, '%') != STR_NPOS, .own = m->built_in };
	special_target(m, target, needs);
	*vec_push(m->a, &open->rules) = rule;
	if (!rule->pattern) {
		struct make_rule *first = map_get(m->targets, target);

		if (first == NULL)
			map_put(m->targets, target, rule);
		else {
			for (at = &first->next; *at != NULL;)
				at = &(*at)->next;
			*at = rule;
		}
		if (m->goal.n == 0 && (target.p[0] != '.' || str_chr(target, '/') != STR_NPOS))
			m->goal = target;
		rule = NEW(m->a, struct make_rule); /* it may be a suffix rule as well */
		*rule = (struct make_rule){ .target = target, .needs = needs, .from = m->lines.n, .to = m->lines.n };
		if (!suffix_rule(m, rule))
			return;
		*vec_push(m->a, &open->rules) = rule;
	}
	for (size_t i = 0; i < m->patterns.n; i++) /* the later one of two */
		if (str_eq(m->patterns.v[i]->target, rule->target) && str_eq(str_trim(m->patterns.v[i]->needs),
		    str_trim(rule->needs))) {
			m->patterns.v[i] = rule;
			return;
		}
	*vec_push(m->a, &m->patterns) = rule;
}

static struct map *
vars_of_target(struct make *m, struct str target)
{
	for (size_t i = 0; i < m->scoped.n; i++)
		if (str_eq(m->scoped.v[i].target, target) || i == MAKE_RULES_MAX)
			return m->scoped.v[i].vars;
	*vec_push(m->a, &m->scoped) = (struct make_scoped){ target, map_new(m->a) };
	return m->scoped.v[m->scoped.n - 1].vars;
}

static bool
assigns(struct str line)
{
	struct make_modifiers mod;
	struct make_assign as;

	return make__assignment(make__modifiers(str_trim(line), &mod), &as);
}

/* TARGETS: NAME = VALUE */
static bool
target_variable(struct make *m, struct str targets, struct str line)
{
	struct make_modifiers mod;
	struct make_assign as;
	struct str target;

	line = make__modifiers(str_trim(line), &mod);
	if (!make__assignment(line, &as))
		return false;
	while ((target = make__word(&targets)).n > 0) {
		struct make_scope scope = { vars_of_target(m, target), &m->globals, true };

		make__assign(m, &scope, &as, &mod);
	}
	return true;
}

/* The colon that ends the targets; n if there is none. */
static size_t
colon_of(struct str line)
{
	size_t at = make__outside(line, ":");

	while (at > 0 && at < line.n && line.p[at - 1] == '\\')
		at += 1 + make__outside(str_sub(line, at + 1, line.n), ":");
	return at;
}

/* \: and \# in a name are plain. */
static struct str
unescaped(struct make *m, struct str names)
{
	struct buf out;

	buf_init(&out, m->a);
	for (size_t i = 0; i < names.n; i++)
		if (names.p[i] != '\\' || i + 1 == names.n || (names.p[i + 1] != ':' && names.p[i + 1] != '#'))
			buf_putc(&out, names.p[i]);
	return buf_str(&out);
}

/* With the files that patterns in them match. */
static struct str
with_files(struct make *m, struct str names)
{
	struct str word;
	strs_vec found = { 0 };

	while ((word = make__word(&names)).n > 0)
		if (str_chr(word, '$') != STR_NPOS)
			*vec_push(m->a, &found) = word;
		else
			make__found(m, word, &found);
	return make__joined(m->a, &found);
}

/* The rules that a line makes: TARGETS [&]:[:] [PATTERN:] NEEDS */
static void
add_rules(struct make *m, struct make_open *open, struct str targets, struct str needs, bool twice)
{
	size_t colon;
	struct str pattern = { 0 }, target;

	needs = make__expand(m, needs, &m->globals);
	colon = colon_of(needs);
	if (colon < needs.n) {
		pattern = str_trim(str_sub(needs, 0, colon));
		needs = str_sub(needs, colon + 1, needs.n);
	}
	needs = with_files(m, unescaped(m, needs));
	targets = unescaped(m, targets);
	open->none = str_trim(targets).n == 0;
	while ((target = make__word(&targets)).n > 0) {
		strs_vec found = { 0 };

		if (make__unknown(target))
			make__lose(m, target);
		else
			make__found(m, target, &found);
		for (size_t i = 0; i < found.n; i++) {
			struct str stem = { 0 };

			if (pattern.n == 0 || make__stem(pattern, found.v[i], &stem))
				add_rule(m, open, found.v[i], stem, needs, twice);
		}
	}
}

void
make__recipe_line(struct make *m, struct make_open *open, struct str line)
{
	*vec_push(m->a, &m->lines) = line;
	for (size_t i = 0; i < open->rules.n; i++)
		open->rules.v[i]->to = m->lines.n;
}

void
make__rule_line(struct make *m, struct make_open *open, struct str line)
{
	size_t semi, colon;
	struct str recipe = { 0 }, targets, needs;
	bool twice;

	/* What follows ; is the recipe's, and # in it, too. */
	semi = make__outside(line, ";#");
	while (semi > 0 && semi < line.n && line.p[semi] == '#' && line.p[semi - 1] == '\\')
		semi += 1 + make__outside(str_sub(line, semi + 1, line.n), ";#");
	colon = colon_of(line);
	if (colon < semi && assigns(str_sub(line, colon + 1, semi - colon - 1)) && target_variable(m, make__expand(m, str_sub(line, 0, colon), &m->globals),
	    make__without_comment(m, str_sub(line, colon + 1, line.n))))
		return;
	if (semi < line.n && line.p[semi] == ';') {
		recipe = str_sub(line, semi + 1, line.n);
		line = str_sub(line, 0, semi);
	} else
		line = make__without_comment(m, line);
	colon = colon_of(line);
	if (colon == line.n) { /* it may be one when it is expanded */
		line = make__expand(m, line, &m->globals);
		colon = str_chr(line, ':');
		if (colon == STR_NPOS) {
			if (str_trim(line).n > 0 && make__unknown(line))
				make__lose(m, line);
			return;
		}
		semi = str_chr(line, ';');
		if (semi != STR_NPOS && semi > colon && recipe.p == NULL) {
			recipe = str_sub(line, semi + 1, line.n);
			line = str_sub(line, 0, semi);
		}
	}
	targets = str_trim(make__expand(m, str_sub(line, 0, colon), &m->globals));
	if (str_ends(targets, STR("&")))
		targets.n--;
	needs = str_sub(line, colon + 1, line.n);
	twice = str_starts(needs, STR(":"));
	if (recipe.p == NULL && str_chr(needs, '$') != STR_NPOS) { /* a value may hold the ; */
		struct str whole = make__expand(m, needs, &m->globals);
		size_t at = str_chr(whole, ';');

		if (at != STR_NPOS) {
			recipe = str_sub(whole, at + 1, whole.n);
			needs = str_sub(whole, 0, at);
		}
	}
	add_rules(m, open, targets, twice ? str_sub(needs, 1, needs.n) : needs, twice);
	if (recipe.p != NULL)
		make__recipe_line(m, open, recipe);
}
