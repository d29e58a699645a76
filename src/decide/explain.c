/* SPDX-License-Identifier: ISC */
/*
 * explain.c: a decision for people: the line taken apart as a tree, each
 * action with the rule that decided it. JSON for programs: json.c.
 */
#include <string.h>

#include "decide.h"

struct page {
	struct buf *b;
	bool colour;
	const struct decision *d;
	const bool *last;     /* judged[i] is the last child of its parent */
	const size_t *parent; /* index of the parent, or STR_NPOS */
};

static const char *
paint(const struct page *pg, enum verdict v)
{
	static const char *const codes[] = { "\033[2m", "\033[32m", "\033[36m", "\033[33m", "\033[1;31m" };

	return pg->colour ? codes[v] : "";
}

static const char *
dim(const struct page *pg)
{
	return pg->colour ? "\033[2m" : "";
}

static const char *
plain(const struct page *pg)
{
	return pg->colour ? "\033[0m" : "";
}

/* Text of the line, secrets taken out, with control characters made visible. */
static void
add_visible(const struct page *pg, struct str s)
{
	struct buf *b = pg->b;

	s = secrets_redact(b->a, pg->d->secrets, s, NULL, NULL);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\n')
			buf_puts(b, "\n  ");
		else if ((c < 0x20 && c != '\t') || c == 0x7f)
			buf_printf(b, "\\x%02x", c);
		else
			buf_putc(b, s.p[i]);
	}
}

/* The bars that lead to judged[i]; below: for the lines of detail under it. */
static void
add_bars(const struct page *pg, size_t i, bool below)
{
	size_t chain[64];
	size_t n = 0;

	for (size_t k = i; k != STR_NPOS && n < 64; k = pg->parent[k])
		chain[n++] = k;
	buf_puts(pg->b, "  ");
	buf_puts(pg->b, dim(pg));
	while (n-- > 1)
		buf_puts(pg->b, pg->last[chain[n]] ? "   " : "│  ");
	if (below)
		buf_puts(pg->b, pg->last[i] ? "   " : "│  ");
	else
		buf_puts(pg->b, pg->last[i] ? "└─ " : "├─ ");
	buf_puts(pg->b, plain(pg));
}

static void
add_detail(const struct page *pg, size_t i, const char *name, struct str text)
{
	if (text.n == 0)
		return;
	add_bars(pg, i, true);
	buf_printf(pg->b, "  %s%-8s%s ", dim(pg), name, plain(pg));
	add_visible(pg, text);
	buf_putc(pg->b, '\n');
}

static void
add_fields(const struct page *pg, size_t i, const struct action *act)
{
	struct arena *a = pg->b->a;
	char name[16];

	for (size_t k = 0; k < act->nfields; k++) {
		const struct field *f = &act->fields[k];
		struct buf b;

		/* config says it for people, and does not run out of its column */
		if (f->state == FIELD_ABSENT || f->name.n >= sizeof name || str_is(f->name, "config-file"))
			continue;
		memcpy(name, f->name.p, f->name.n);
		name[f->name.n] = '\0';
		buf_init(&b, a);
		if (f->state == FIELD_UNKNOWN)
			buf_puts(&b, "not known");
		for (size_t v = 0; f->state == FIELD_PRESENT && v < f->values.n; v++) {
			if (v > 0)
				buf_putc(&b, ' ');
			buf_add(&b, word_show(a, f->values.v[v]));
		}
		if (f->from.n > 0)
			buf_printf(&b, " (from " STR_FMT ")", STR_ARG(f->from));
		if (f->why.n > 0)
			buf_printf(&b, ": " STR_FMT, STR_ARG(f->why));
		add_detail(pg, i, name, buf_str(&b));
	}
}

static void
add_keys(const struct page *pg, size_t i, const struct action *act)
{
	const struct str *keys;
	struct buf b;
	size_t n;
	bool more;
	int err = file_keys(pg->b->a, act, &keys, &n, &more);

	if (err == BRIDLE_ENOENT)
		return;
	buf_init(&b, pg->b->a);
	if (err != 0)
		buf_puts(&b, "not known");
	for (size_t k = 0; err == 0 && k < n; k++)
		buf_printf(&b, "%s" STR_FMT, k > 0 ? " " : "", STR_ARG(keys[k]));
	if (err == 0 && more)
		buf_puts(&b, " …");
	add_detail(pg, i, "keys", b.n > 0 ? buf_str(&b) : STR("none"));
}

static void
add_rules(const struct page *pg, size_t i, const struct judged *j)
{
	struct arena *a = pg->b->a;

	for (size_t k = 0; k < j->nhits && k < 8; k++) {
		const struct rule_ref *ref = rule_ref(j->hits[k].rule);

		if (j->hits[k].rule == j->rule)
			continue;
		add_detail(pg, i, "also", str_printf(a, STR_FMT "  " STR_FMT "%s",
		    STR_ARG(decide__where(a, ref)), STR_ARG(ref->text),
		    j->hits[k].match == TRI_MAYBE ? "  (not certain)" : ""));
	}
}

static void
add_judged(const struct page *pg, size_t i)
{
	const struct judged *j = &pg->d->judged[i];
	const struct action *act = j->action;
	struct arena *a = pg->b->a;

	add_bars(pg, i, false);
	add_visible(pg, decide__action_text(a, act));
	if (act->relative.n > 0)
		buf_printf(pg->b, "  %sin " STR_FMT "%s", dim(pg), STR_ARG(act->relative), plain(pg));
	if (act->chain.n > 0)
		buf_printf(pg->b, "  %s" STR_FMT "%s", dim(pg), STR_ARG(act->chain), plain(pg));
	if (j->verdict != VERDICT_NONE)
		buf_printf(pg->b, "  %s%s%s", paint(pg, j->verdict), verdict_name(j->verdict), plain(pg));
	if (j->rule != NULL)
		buf_printf(pg->b, "  %s" STR_FMT "%s", dim(pg),
		    STR_ARG(decide__where(a, rule_ref(j->rule))), plain(pg));
	buf_putc(pg->b, '\n');
	if (act->kind == ACTION_COMMAND && act->model != NULL && j->rule != NULL)
		add_fields(pg, i, act);
	if (act->kind == ACTION_EDIT && j->rule != NULL)
		add_keys(pg, i, act);
	if (act->kind == ACTION_COMMAND && !act->runs)
		add_detail(pg, i, "refused", act->error);
	if (j->rule != NULL) {
		const struct rule_ref *ref = rule_ref(j->rule);

		add_detail(pg, i, "rule", ref->text);
		add_detail(pg, i, j->certain ? "here" : "unsure", j->why);
		add_detail(pg, i, "because", ref->because);
		add_detail(pg, i, "instead", rule_instead(j->rule, act, a));
	} else if (j->verdict != VERDICT_NONE) {
		add_detail(pg, i, "why", j->why);
	}
	add_rules(pg, i, j);
}

/* Parents by id; an action whose parent is not in the list is a root. */
static void
make_tree(struct arena *a, struct page *pg)
{
	const struct decision *d = pg->d;
	size_t *parent = NEW_ARRAY(a, size_t, d->njudged + 1);
	bool *last = NEW_ARRAY(a, bool, d->njudged + 1);

	for (size_t i = 0; i < d->njudged; i++) {
		unsigned id = d->judged[i].action->parent;

		parent[i] = STR_NPOS;
		for (size_t k = 0; id != 0 && k < i; k++)
			if (d->judged[k].action->id == id)
				parent[i] = k;
		last[i] = true;
		for (size_t k = 0; k < i; k++)
			if (parent[k] == parent[i])
				last[k] = false;
	}
	pg->parent = parent;
	pg->last = last;
}

/* Children right below their parent, in order: returns the next after i in
 * the tree's order, by marking what was printed. */
static void
add_tree(struct page *pg, struct arena *a)
{
	size_t n = pg->d->njudged;
	size_t *stack = NEW_ARRAY(a, size_t, n + 1);
	size_t top = 0;

	for (size_t i = n; i-- > 0;)
		if (pg->parent[i] == STR_NPOS)
			stack[top++] = i;
	while (top > 0) {
		size_t i = stack[--top];

		add_judged(pg, i);
		for (size_t k = n; k-- > i + 1;)
			if (pg->parent[k] == i)
				stack[top++] = k;
	}
}

void
decision_explain(const struct decision *d, const struct request *r, struct buf *out,
    bool colour, unsigned width)
{
	struct page pg = { out, colour, d, NULL, NULL };

	(void)width; /* lines are left to the terminal to fold: a cut command hides */
	buf_puts(out, "  ");
	add_visible(&pg, r->kind == REQUEST_SHELL ? str_trim(r->text) :
	    r->kind == REQUEST_EDIT || r->kind == REQUEST_READ ? r->path : r->tool);
	buf_putc(out, '\n');
	make_tree(out->a, &pg);
	add_tree(&pg, out->a);
	buf_printf(out, "%s%s%s%s: ", paint(&pg, d->verdict), verdict_name(d->verdict), plain(&pg),
	    d->monitored ? " (monitor)" : "");
	if (d->monitored)
		buf_printf(out, "enforced it would be %s. ", verdict_name(d->would));
	add_visible(&pg, d->reason);
	buf_putc(out, '\n');
}
