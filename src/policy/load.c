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
compile_from(struct parser *ps, size_t first)
{
	for (size_t i = first; i < ps->raws.n; i++) {
		size_t tests = ps->p->tests.n;

		if (policy__compile(ps, &ps->raws.v[i]))
			add_rule(ps->p, ps->raws.v[i].rule);
		else
			ps->p->tests.n = tests;
		if (ps->raws.v[i].shipped)
			ps->p->tests.n = tests;
	}
}

/* ---- what an untrusted file meant to forbid ---- */

/* The line that the statement of this line begins with; *at is its number. */
static struct str
head_of(struct str text, unsigned line, unsigned *at)
{
	struct str head = STR("");

	*at = 0;
	for (unsigned i = 1; i <= line && text.n > 0; i++) {
		struct str one = str_line(&text);

		if (one.n > 0 && one.p[0] != ' ' && one.p[0] != '\t' && one.p[0] != '#') {
			head = str_trim(one);
			*at = i;
		}
	}
	return head;
}

static struct str
next_word(struct str *line)
{
	size_t n = 0;
	struct str w;

	*line = str_trim(*line);
	while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
		n++;
	w = str_sub(*line, 0, n);
	*line = str_sub(*line, n, STR_NPOS);
	return w;
}

static bool
one_of(struct str w, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(w, list[i]))
			return true;
	return false;
}

/* What has to be asked about instead of a statement that does not parse: a
 * pattern; empty: it could not have forbidden anything; "*": nobody knows. */
static struct str
instead_of(struct str head)
{
	static const char *const harmless[] = { "version", "let", "test", "given", "allow", "model", "wrapper",
		"mode", "people", "set" };
	static const char *const wide[] = { "default", "dynamic", "opaque", "unknown-path", "include", "glob",
		"regex", "raw" };
	struct str keyword = next_word(&head), w;

	if (one_of(keyword, harmless, sizeof harmless / sizeof *harmless))
		return STR("");
	do
		w = next_word(&head);
	while (str_chr(w, '=') != STR_NPOS);
	if (one_of(keyword, wide, sizeof wide / sizeof *wide) || one_of(w, wide, sizeof wide / sizeof *wide))
		return STR("*");
	for (size_t i = 0; i < w.n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-", w.p[i]) == NULL)
			return STR("*");
	return w.n == 0 || w.p[0] == '-' ? STR("*") : w;
}

/* How much of a broken statement is believed: if the error stands in a clause,
 * its pattern; its first word, whatever it is; or nothing. */
enum belief { BELIEVE_PATTERN, BELIEVE_WORD, BELIEVE_NOTHING, BELIEVE__N };

static void
add_stand_in(struct buf *b, const struct diag *d, struct str head, unsigned at, enum belief belief)
{
	static const struct {
		const char *word, *rule;
	} kinds[] = { { "edit", "edit **" }, { "read", "read **" }, { "tool", "tool *" }, { "*", "glob *" } };
	struct str pattern = belief == BELIEVE_NOTHING || at == 0 ? STR("*") : instead_of(head), rest = head;
	struct str keyword = next_word(&rest);

	if (pattern.n == 0)
		return;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_is(pattern, kinds[i].word))
			pattern = str_of(kinds[i].rule);
	if (belief == BELIEVE_PATTERN && d->line > at && (str_is(keyword, "deny") || str_is(keyword, "ask")) &&
	    str_chr(rest, '$') == STR_NPOS && !str_ends(rest, STR("\\")))
		pattern = str_trim(rest);
	buf_printf(b, "ask " STR_FMT "\n    name    project:error\n    because Line %u of this project's own policy (" STR_FMT
	    ") has an error, so what it forbids is not known: `bridle lint` shows it.\n", STR_ARG(pattern), d->line,
	    STR_ARG(d->file));
}

/* The errors that the stand-ins themselves have. */
static size_t
try_stand_ins(struct parser *ps, const struct policy_source *sources, size_t n, enum belief belief)
{
	struct policy_source own = { .layer = LAYER_BUILTIN, .trusted = true, .name = STR("built-in") };
	const struct diags *from = &ps->untrusted;
	struct diags kept = ps->trusted;
	size_t first = ps->raws.n, errors;
	unsigned last = 0;
	struct buf b;

	buf_init(&b, ps->p->a);
	buf_puts(&b, "version 1\n");
	for (size_t i = 0; i < from->list.n; i++) {
		const struct diag *d = &from->list.v[i];
		struct str head = STR("");
		unsigned at = 0;

		if (d->level != DIAG_ERROR)
			continue;
		if (ps->p->first_broken == NULL)
			ps->p->first_broken = d;
		for (size_t k = 0; k < n && d->line > 0; k++)
			if (sources[k].layer == LAYER_PROJECT && str_eq(sources[k].name, d->file))
				head = head_of(sources[k].text, d->line, &at);
		if (at > 0 && at == last)
			continue; /* one statement, one stand-in */
		last = at;
		add_stand_in(&b, d, head, at, from->errors > from->list.n ? BELIEVE_NOTHING : belief);
	}
	own.text = buf_str(&b);
	diags_init(&ps->trusted, ps->p->a);
	policy__parse_source(ps, &own);
	compile_from(ps, first);
	errors = ps->trusted.errors;
	ps->trusted = kept;
	ps->p->broken = ps->raws.n - first;
	return errors;
}

/* A line with an error in a file that nobody has trusted must not count for
 * nothing: what it speaks of is asked about until it is mended. */
static void
stand_in(struct parser *ps, const struct policy_source *sources, size_t n)
{
	for (enum belief belief = BELIEVE_PATTERN; belief < BELIEVE__N; belief++)
		if (try_stand_ins(ps, sources, n, belief) == 0)
			return;
}

size_t
policy_broken(const struct policy *p, const struct diag **first)
{
	if (first != NULL)
		*first = p->first_broken;
	return p->broken;
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
	diags_init(&ps.trusted, a);
	diags_init(&ps.untrusted, a);
	own.text = str_of(policy__builtin);
	policy__parse_source(&ps, &own);
	for (size_t i = 0; i < n; i++)
		policy__parse_source(&ps, &sources[i]);
	compile_from(&ps, 0);
	if (ps.untrusted.errors > 0)
		stand_in(&ps, sources, n);
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

void
policy_rule_off(struct policy *p, const struct rule *r, bool off)
{
	for (size_t i = 0; i < p->rules.n; i++)
		if (p->rules.v[i] == r)
			p->rules.v[i]->off = off;
}
