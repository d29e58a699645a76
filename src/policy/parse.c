/* SPDX-License-Identifier: ISC */
/*
 * parse.c: the statements of a policy file, with include, let, given and test.
 * Rules are only gathered here; rule.c compiles them once all models and
 * wrappers are known. What an untrusted project's file says beside ask, deny,
 * let, test and given is reported, not obeyed.
 */
#include "parse.h"

#include <string.h>

typedef void statement_fn(struct file *f, const struct line *l, size_t at, struct str keyword);

struct place
file__place(const struct file *f, const struct line *l, size_t at)
{
	return policy__place(l, at, f->name);
}

/* The tokens of a statement whose number is known; false: said. */
bool
file__tokens(struct file *f, const struct line *l, size_t at, size_t min, size_t max,
    const char *usage, struct tokens *out)
{
	struct diag *dg;

	memset(out, 0, sizeof *out);
	if (policy__tokens(f->ps->p->a, l, at, f->name, f->d, out) != 0)
		return false;
	if (out->list.n >= min && out->list.n <= max)
		return true;
	dg = policy__error(f->d, file__place(f, l, out->list.n > max ? out->list.v[max].at : l->text.n),
	    out->list.n > max ? "nothing stands here" : "something is missing here");
	dg->hint = str_printf(f->ps->p->a, "write: %s", usage);
	return false;
}

/* Says that an untrusted file may not have this; true: it is ignored. */
bool
file__not_obeyed(struct file *f, const struct line *l, struct str keyword)
{
	if (f->layer->trusted)
		return false;
	policy__warn(f->ps->d, file__place(f, l, 0),
	    "`" STR_FMT "` is not obeyed: this project's policy is not trusted", STR_ARG(keyword))
	    ->hint = STR("a person may trust it: bridle trust");
	return true;
}

/* ---- version, let ---- */

static void
st_version(struct file *f, const struct line *l, size_t at, struct str keyword)
{
	struct tokens t;

	(void)keyword;
	if (f->statements > 1) {
		policy__error(f->d, file__place(f, l, 0), "`version` is the first statement and stands once");
		return;
	}
	if (!file__tokens(f, l, at, 1, 1, "version 1", &t))
		return;
	if (!str_is(t.list.v[0].raw, "1"))
		policy__error(f->d, file__place(f, l, t.list.v[0].at),
		    "this bridle reads version 1 of the language, not version " STR_FMT,
		    STR_ARG(t.list.v[0].raw));
}

static bool
good_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-')))
			return false;
	}
	return s.n > 0;
}

static void
set_let(struct file *f, const struct line *l, const struct tokens *t)
{
	struct arena *a = f->ps->p->a;
	VEC(struct str) globs = { 0 };
	struct let *let;

	f->lets.before = f->ps->seq;
	for (size_t i = 2; i < t->list.n; i++) {
		struct str *some;
		size_t n;

		if (policy__globs(a, &f->lets, t->list.v[i], file__place(f, l, t->list.v[i].at), f->d,
			&some, &n) != 0)
			return;
		for (size_t k = 0; k < n; k++)
			*vec_push(a, &globs) = some[k];
	}
	if (globs.n > LIMIT_EXPANSION) {
		policy__error(f->d, file__place(f, l, 0), "a let holds at most %d words", LIMIT_EXPANSION);
		return;
	}
	let = NEW(a, struct let);
	*let = (struct let){ t->list.v[0].raw, globs.v, globs.n, file__place(f, l, 0), f->ps->seq++ };
	map_put(f->lets.map, let->name, let);
}

static void
st_let(struct file *f, const struct line *l, size_t at, struct str keyword)
{
	const struct let *before;
	struct tokens t;
	struct str name;
	struct diag *dg;
	bool weak;

	(void)keyword;
	if (!file__tokens(f, l, at, 3, SIZE_MAX, "let NAME = WORD…", &t))
		return;
	name = t.list.v[0].raw;
	weak = str_is(t.list.v[1].raw, "?=");
	if (!good_name(name)) {
		policy__error(f->d, file__place(f, l, t.list.v[0].at),
		    "a let's name is made of letters, digits, _ and -");
		return;
	}
	if (!weak && !str_is(t.list.v[1].raw, "=")) {
		policy__error(f->d, file__place(f, l, t.list.v[1].at), "expected = or ?= here");
		return;
	}
	before = map_get(f->lets.map, name);
	if (before == NULL) {
		set_let(f, l, &t);
	} else if (!weak) {
		dg = policy__error(f->d, file__place(f, l, t.list.v[0].at), "`let " STR_FMT "` was set before, at " STR_FMT ":%u",
		    STR_ARG(name), STR_ARG(before->place.file), before->place.line);
		dg->hint = STR("a let is set once: before the include of the file that has it with ?=");
	}
}

/* ---- include, model, wrapper ---- */

static bool
in_chain(const struct file *f, struct str key)
{
	for (; f != NULL; f = f->parent)
		if (str_eq(f->key, key))
			return true;
	return false;
}

/* "a.policy includes b.policy includes a.policy" */
static struct str
chain_text(const struct file *f, struct str key)
{
	struct str text = key;

	for (; f != NULL; f = f->parent) {
		text = str_printf(f->ps->p->a, STR_FMT " includes " STR_FMT, STR_ARG(f->key), STR_ARG(text));
		if (str_eq(f->key, key))
			break;
	}
	return text;
}

/* Paths that leave the folder of an untrusted file are not read for it. */
static bool
leaves_folder(struct str path)
{
	return str_starts(path, STR("/")) || str_starts(path, STR("~")) ||
	    str_find(path, STR("..")) != STR_NPOS;
}

static int
load(struct file *f, struct str name, bool shipped, struct str *text, struct str *path)
{
	const struct policy_loader *loader = f->ps->loader;
	int err;

	*path = name;
	if (loader == NULL || loader->include == NULL)
		return BRIDLE_ENOENT;
	err = loader->include(loader->ctx, f->ps->p->a, f->path, name, shipped, text, path);
	return err == 0 && text->n > LIMIT_POLICY_FILE ? BRIDLE_ELIMIT : err;
}

static void
load_failed(struct file *f, struct place at, struct str name, bool shipped, int err)
{
	static const struct str names[] = { STR("shell"), STR("git"), STR("fly"), STR("fly-strict"),
		STR("default"), STR("rules") };
	bool known = false;

	for (size_t i = 0; shipped && i < sizeof names / sizeof names[0]; i++)
		known |= str_eq(name, names[i]);
	if (shipped && !known)
		policy__error(f->d, at, "bridle ships no policy <" STR_FMT ">", STR_ARG(name))->hint =
		    policy__hint(f->ps->p->a, name, names, sizeof names / sizeof names[0]);
	else
		policy__error(f->d, at, "cannot read " STR_FMT ": %s", STR_ARG(name), bridle_strerror(err));
}

static void
st_include(struct file *f, const struct line *l, size_t at, struct str keyword)
{
	struct file inner = { .ps = f->ps, .layer = f->layer, .d = f->d, .parent = f, .lets = f->lets };
	struct str name, text;
	struct tokens t;
	struct place place;
	size_t tests;
	bool shipped;
	int err;

	(void)keyword;
	if (!file__tokens(f, l, at, 1, 1, "include PATH or include <name>", &t))
		return;
	name = policy__plain(f->ps->p->a, t.list.v[0].raw);
	place = file__place(f, l, t.list.v[0].at);
	shipped = name.n > 2 && name.p[0] == '<' && name.p[name.n - 1] == '>';
	if (shipped)
		name = str_sub(name, 1, name.n - 2);
	else if (leaves_folder(name) && file__not_obeyed(f, l, STR("include")))
		return;
	if (f->ps->includes++ >= LIMIT_INCLUDES) {
		policy__error(f->d, place, "more than %d includes", LIMIT_INCLUDES);
		return;
	}
	if ((err = load(f, name, shipped, &text, &inner.path)) != 0) {
		load_failed(f, place, name, shipped, err);
		return;
	}
	inner.key = shipped ? str_printf(f->ps->p->a, "<" STR_FMT ">", STR_ARG(name)) : inner.path;
	inner.name = shipped ? str_printf(f->ps->p->a, STR_FMT ".policy", STR_ARG(name)) : name;
	if (in_chain(f, inner.key)) {
		policy__error(f->d, place, "this include goes in a circle: " STR_FMT, STR_ARG(chain_text(f, inner.key)));
		return;
	}
	if (map_get(f->ps->seen, inner.key) != NULL)
		return;
	map_put(f->ps->seen, inner.key, f->ps);
	inner.shipped = shipped || f->shipped;
	tests = f->ps->p->tests.n;
	file__read(&inner, text);
	if (inner.shipped) /* the tests among its statements; see struct raw_rule */
		f->ps->p->tests.n = tests;
}

static void
st_model(struct file *f, const struct line *l, size_t at, struct str keyword)
{
	struct str name, text, path;
	struct tokens t;
	int err;

	if (file__not_obeyed(f, l, keyword) || !file__tokens(f, l, at, 1, 1, "model PATH", &t))
		return;
	name = policy__plain(f->ps->p->a, t.list.v[0].raw);
	if ((err = load(f, name, false, &text, &path)) != 0) {
		load_failed(f, file__place(f, l, t.list.v[0].at), name, false, err);
		return;
	}
	models_add(f->ps->p->models, str_dup(f->ps->p->a, text), name, f->d);
}

static void
st_wrapper(struct file *f, const struct line *l, size_t at, struct str keyword)
{
	struct arena *a = f->ps->p->a;
	VEC(struct str) options = { 0 };
	struct tokens t;

	if (file__not_obeyed(f, l, keyword) ||
	    !file__tokens(f, l, at, 1, SIZE_MAX, "wrapper NAME [-o VALUE-OPTION…]", &t))
		return;
	for (size_t i = 1; i < t.list.n; i++)
		*vec_push(a, &options) = policy__plain(a, t.list.v[i].raw);
	if (models_add_wrapper(f->ps->p->models, policy__plain(a, t.list.v[0].raw), options.v, options.n) != 0)
		policy__error(f->d, file__place(f, l, t.list.v[0].at), "this wrapper cannot be added");
}

/* ---- rules ---- */

static void
st_rule(struct file *f, const struct line *l, size_t at, struct str keyword)
{
	struct parser *ps = f->ps;
	struct raw_rule *raw;
	struct rule *r;

	if (ps->raws.n >= LIMIT_RULES) {
		if (ps->raws.n == LIMIT_RULES && !ps->full)
			policy__error(f->d, file__place(f, l, 0), "more than %d rules", LIMIT_RULES);
		ps->full = true;
		return;
	}
	if (str_is(keyword, "allow") && file__not_obeyed(f, l, keyword)) {
		f->skipping = true;
		return;
	}
	r = NEW(ps->p->a, struct rule);
	r->place = file__place(f, l, 0);
	r->ref.verdict = str_is(keyword, "allow") ? VERDICT_ALLOW :
	    str_is(keyword, "ask") ? VERDICT_ASK : VERDICT_DENY;
	r->ref.file = f->name;
	r->ref.line = l->number;
	r->ref.layer = f->layer->layer;
	r->ref.shipped = f->shipped;
	raw = vec_push(ps->p->a, &ps->raws);
	memset(raw, 0, sizeof *raw);
	raw->shipped = f->shipped;
	raw->rule = r;
	raw->line = *l;
	raw->at = at;
	raw->file = f->name;
	raw->d = f->d;
	raw->lets = f->lets;
	raw->lets.before = ps->seq++;
	f->rule = raw;
}

static void
add_clause(struct file *f, const struct line *l)
{
	struct raw_clause *c;
	size_t at = 0;
	struct token word;

	if (f->skipping)
		return;
	if (f->rule == NULL) {
		policy__error(f->d, file__place(f, l, 0), "an indented line belongs to a rule, and none stands above")
		    ->hint = STR("statements begin in column 1");
		return;
	}
	word = policy__word(l, &at);
	c = vec_push(f->ps->p->a, &f->rule->clauses);
	*c = (struct raw_clause){ *l, word.raw, word.at, at };
}

/* ---- a file ---- */

static const struct {
	const char *word;
	statement_fn *fn;
} statements[] = {
	{ "version", st_version },
	{ "let", st_let },
	{ "include", st_include },
	{ "default", file__default },
	{ "dynamic", file__default },
	{ "opaque", file__default },
	{ "unknown-path", file__default },
	{ "allow", st_rule },
	{ "ask", st_rule },
	{ "deny", st_rule },
	{ "wrapper", st_wrapper },
	{ "model", st_model },
	{ "people", file__people },
	{ "mode", file__mode },
	{ "set", file__set },
	{ "given", file__given },
	{ "test", file__test },
};
#define NSTATEMENTS (sizeof statements / sizeof statements[0])

static void
unknown_statement(struct file *f, const struct line *l, struct str word)
{
	struct str known[NSTATEMENTS];

	for (size_t i = 0; i < NSTATEMENTS; i++)
		known[i] = str_of(statements[i].word);
	policy__error(f->d, file__place(f, l, 0), "`" STR_FMT "` begins no statement", STR_ARG(word))->hint =
	    policy__hint(f->ps->p->a, word, known, NSTATEMENTS);
}

static void
statement(struct file *f, const struct line *l)
{
	size_t at = 0;
	struct str word = policy__word(l, &at).raw;

	f->rule = NULL;
	f->skipping = false;
	if (++f->statements == 1 && !str_is(word, "version"))
		policy__error(f->d, file__place(f, l, 0), "the first statement is `version 1`");
	if (!str_is(word, "given") && !str_is(word, "test")) {
		f->givens = (given_list){ 0 };
		f->tested = false;
	}
	for (size_t i = 0; i < NSTATEMENTS; i++) {
		if (str_is(word, statements[i].word)) {
			statements[i].fn(f, l, at, word);
			return;
		}
	}
	unknown_statement(f, l, word);
	f->skipping = true;
}

void
file__read(struct file *f, struct str text)
{
	struct arena *a = f->ps->p->a;
	struct lines lines = { 0 };
	struct str *name = vec_push(a, &f->ps->names);

	*name = f->name;
	text = str_dup(a, text);
	policy__lines(a, text, f->name, f->d, &lines);
	for (size_t i = 0; i < lines.list.n; i++) {
		if (lines.list.v[i].indented)
			add_clause(f, &lines.list.v[i]);
		else
			statement(f, &lines.list.v[i]);
	}
	if (f->statements == 0)
		policy__error(f->d, (struct place){ f->name, 1, 1, STR("") }, "the policy is empty: the first statement is `version 1`");
}

void
policy__parse_source(struct parser *ps, const struct policy_source *s)
{
	struct arena *a = ps->p->a;
	struct layer *layer = vec_push(a, &ps->p->layers);
	struct file f = { .ps = ps };

	memset(layer, 0, sizeof *layer);
	layer->layer = s->layer;
	layer->trusted = s->layer != LAYER_PROJECT || s->trusted;
	f.layer = layer;
	f.d = layer->trusted ? &ps->trusted : &ps->untrusted;
	f.name = str_dup(a, s->name);
	f.path = str_dup(a, s->path);
	f.key = f.path.n > 0 ? f.path : f.name;
	f.lets.map = map_new(a);
	ps->seen = map_new(a);
	ps->includes = 0;
	if (s->text.n > LIMIT_POLICY_FILE) {
		policy__error(f.d, (struct place){ f.name, 0, 0, STR("") }, "a policy file has at most %u bytes", LIMIT_POLICY_FILE);
		return;
	}
	file__read(&f, s->text);
}
