/* SPDX-License-Identifier: ISC */
/*
 * load.c: from files to a policy: read, compile, index. Errors of all files
 * are shown together in the order of the text; those of an untrusted project's
 * file are only warnings, since it must not be able to switch the others off.
 */
#include "parse.h"

#include <stdlib.h>
#include <string.h>

/* ---- errors, in order ---- */

struct placed { /* an error and where its file stands among the files */
	struct diag diag;
	size_t file, nth;
};

static int
by_place(const void *x, const void *y)
{
	const struct placed *a = x, *b = y;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->diag.line != b->diag.line)
		return a->diag.line < b->diag.line ? -1 : 1;
	return a->nth < b->nth ? -1 : 1;
}

static void
report(const struct parser *ps, const struct diags *from, bool errors)
{
	struct placed *v = NEW_ARRAY(ps->p->a, struct placed, from->list.n);
	size_t n = from->list.n;

	for (size_t i = 0; i < n; i++) {
		v[i] = (struct placed){ from->list.v[i], 0, i };
		while (v[i].file < ps->names.n && !str_eq(ps->names.v[v[i].file], v[i].diag.file))
			v[i].file++;
	}
	qsort(v, n, sizeof *v, by_place);
	for (size_t i = 0; i < n; i++) {
		const struct diag *d = &v[i].diag;

		diag_add(ps->d, errors ? d->level : DIAG_WARNING, d->file, d->line, d->column, d->text, STR_FMT,
		    STR_ARG(d->message))->hint = d->hint;
	}
	if (errors && from->errors > n)
		ps->d->errors += from->errors - n;
}

/* ---- rules ---- */

static void
add_rule(struct policy *p, struct rule *r)
{
	r->seq = p->seq++;
	*vec_push(p->a, &p->rules) = r;
	if (r->ref.kind == RULE_RAW)
		*vec_push(p->a, &p->raws) = r;
	if (r->unlesses.n > 0)
		*vec_push(p->a, &p->ordered) = r;
}

static void
compile_all(struct parser *ps)
{
	for (size_t i = 0; i < ps->raws.n; i++) {
		size_t tests = ps->p->tests.n;

		if (policy__compile(ps, &ps->raws.v[i]))
			add_rule(ps->p, ps->raws.v[i].rule);
		else
			ps->p->tests.n = tests;
		if (ps->raws.v[i].shipped)
			ps->p->tests.n = tests;
	}
}

/* ---- the door ---- */

int
policy_load(struct arena *a, const struct policy_source *sources, size_t n,
    const struct policy_loader *loader, struct policy **out, struct diags *d)
{
	struct policy_source own = { .layer = LAYER_BUILTIN, .trusted = true, .name = STR("built-in") };
	struct parser ps = { .p = NEW(a, struct policy), .loader = loader, .d = d };
	struct policy *p = ps.p;

	*out = NULL;
	p->a = a;
	p->models = models_new(a);
	buf_init(&p->bytes, a);
	diags_init(&ps.trusted, a);
	diags_init(&ps.untrusted, a);
	own.text = str_of(policy__builtin);
	policy__parse_source(&ps, &own);
	for (size_t i = 0; i < n; i++)
		policy__parse_source(&ps, &sources[i]);
	compile_all(&ps);
	report(&ps, &ps.untrusted, false);
	report(&ps, &ps.trusted, true);
	if (ps.trusted.errors > 0)
		return BRIDLE_ESYNTAX;
	policy__layers(p);
	p->index = policy__index(p);
	*out = p;
	return 0;
}

const struct models *
policy_models(const struct policy *p)
{
	return p->models;
}

size_t
policy_tests(const struct policy *p, const struct policy_test **out)
{
	*out = p->tests.v;
	return p->tests.n;
}

size_t
policy_rules(const struct policy *p, const struct rule *const **out)
{
	*out = (const struct rule *const *)p->rules.v;
	return p->rules.n;
}

struct str
policy_hash_text(const struct policy *p)
{
	return buf_str(&p->bytes);
}

void
policy_rule_off(struct policy *p, const struct rule *r, bool off)
{
	for (size_t i = 0; i < p->rules.n; i++)
		if (p->rules.v[i] == r)
			p->rules.v[i]->off = off;
}
