/* SPDX-License-Identifier: ISC */
/*
 * brief.c: a rule in the words that an agent should read: lets expanded, the
 * conditions said. For `bridle brief`; errors and explanations show the rule
 * as it was written (rule_ref).
 */
#include "policy.h"

static void
add_slot(struct buf *b, struct words slot)
{
	buf_putc(b, ' ');
	for (size_t i = 0; i < slot.n; i++) {
		if (i > 0)
			buf_putc(b, '|');
		buf_add(b, word_show(b->a, slot.v[i]));
	}
}

static void
add_selector(struct buf *b, const struct selector *s)
{
	if (s->kind != RULE_COMMAND) {
		buf_putc(b, ' ');
		buf_add(b, s->source);
		return;
	}
	for (size_t i = 0; i < s->command.nslots; i++)
		add_slot(b, s->command.slots[i]);
	if (s->command.rest)
		buf_puts(b, " ...");
}

static void
add_conditions(struct buf *b, const struct rule *r)
{
	for (size_t i = 0; i < r->whens.n; i++) {
		const struct condition *c = &r->whens.v[i];

		buf_printf(b, "%s%s %s", i == 0 ? " when " : " and ", c->field,
		    c->regex != NULL ? "matches" : c->negated ? "is not" : "is");
		add_slot(b, c->any);
	}
	for (size_t i = 0; i < r->excepts.n; i++) {
		buf_puts(b, ", except");
		add_selector(b, &r->excepts.v[i]);
	}
}

struct str
rule_brief(struct arena *a, const struct rule *r)
{
	struct buf b;

	buf_init(&b, a);
	add_selector(&b, &r->sel);
	add_conditions(&b, r);
	return str_trim(buf_str(&b));
}
