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
	for (size_t i = 0; i < s->command.nassigns; i++)
		for (size_t k = 0; k < s->command.assigns[i].any.n; k++)
			buf_printf(b, " " STR_FMT "=" STR_FMT, STR_ARG(s->command.assigns[i].name),
			    STR_ARG(word_show(b->a, s->command.assigns[i].any.v[k])));
	for (size_t i = 0; i < s->command.nslots; i++)
		add_slot(b, s->command.slots[i]);
	if (s->command.rest)
		buf_puts(b, " ...");
}

/* Of an edit: only where it does this. */
static void
add_change(struct buf *b, const struct rule *r)
{
	if (r->changing.n > 0)
		buf_puts(b, " changing");
	for (size_t i = 0; i < r->changing.n; i++)
		buf_printf(b, "%s" STR_FMT, i > 0 ? "|" : " ", STR_ARG(word_show(b->a, r->changing.v[i])));
	for (size_t i = 0; i < r->adding.n; i++)
		buf_printf(b, "%s" STR_FMT, i > 0 ? "|" : " adding ", STR_ARG(r->adding.v[i]));
	if (r->adding_regex.n > 0)
		buf_puts(b, " adding certain text");
}

static void
add_conditions(struct buf *b, const struct rule *r)
{
	add_change(b, r);
	for (size_t i = 0; i < r->whens.n; i++) {
		const struct condition *c = &r->whens.v[i];

		buf_printf(b, "%s" STR_FMT " %s", i == 0 ? " when " : " and ", STR_ARG(c->field),
		    c->regex != NULL ? "matches" : c->negated ? "is not" : "is");
		add_slot(b, c->any);
	}
	for (size_t i = 0; i < r->excepts.n; i++) {
		buf_puts(b, ", except");
		add_selector(b, &r->excepts.v[i]);
	}
	for (size_t i = 0; i < r->unlesses.n; i++) {
		const struct unless *u = &r->unlesses.v[i];

		buf_puts(b, u->listed ? ", unless listed in" : ", unless done");
		if (!u->listed)
			add_selector(b, &u->done);
		for (size_t k = 0; k < u->paths.n; k++)
			buf_printf(b, "%s " STR_FMT, k == 0 && !u->listed ? " since" : "", STR_ARG(u->paths.v[k]));
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
