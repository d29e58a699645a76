/* SPDX-License-Identifier: ISC */
/*
 * outline.c: a policy in the words that an agent should read before it tries
 * anything: what never, what with a person's yes, what without asking, and
 * what instead. Short, in the order of the policy, the same bytes every time.
 */
#include "policy.h"

struct entry { /* rules that stand together and have one reason */
	const struct rule *first;
	VEC(const struct rule *) more;
	bool keep;
};
struct part {
	enum verdict verdict;
	const char *title;
	VEC(struct entry) list;
	size_t lines; /* that it may have, without its title */
};
#define NPARTS 3

static const char head[] = "## What commands may run here (bridle)\n\n"
    "A guard judges every command by what it does, however it is spelled. A denied command\n"
    "says why and what to run instead: do that, do not look for another spelling.\n";
#define HEAD_LINES 4

/* The read-only utilities of the shipped shell.policy go without saying. */
static bool
told(const struct rule_ref *ref)
{
	return ref->layer != LAYER_BUILTIN && !(ref->shipped && str_is(ref->file, "shell.policy"));
}

static bool
same_reason(const struct rule_ref *x, const struct rule_ref *y)
{
	return str_eq(x->because, y->because) && str_eq(x->instead, y->instead) && x->shipped == y->shipped &&
	    (x->because.n > 0 || str_eq(x->file, y->file));
}

static void
collect(struct arena *a, const struct policy *p, struct part *part)
{
	for (size_t i = 0; i < p->rules.n; i++) {
		const struct rule *r = p->rules.v[i];
		struct entry *e = part->list.n > 0 ? &part->list.v[part->list.n - 1] : NULL;

		if (r->ref.verdict != part->verdict || !told(&r->ref))
			continue;
		if (e != NULL && same_reason(&e->first->ref, &r->ref) && e->more.n < 7) {
			*vec_push(a, &e->more) = r;
			continue;
		}
		e = vec_push(a, &part->list);
		*e = (struct entry){ .first = r };
	}
}

/* Shares the lines out: a part that needs less leaves the rest to the others. */
static void
share(struct part *parts, size_t lines)
{
	size_t open = NPARTS;
	bool given[NPARTS] = { false };

	for (size_t round = 0; round < NPARTS; round++)
		for (size_t i = 0; i < NPARTS; i++) {
			if (given[i] || open == 0 || parts[i].list.n > lines / open)
				continue;
			given[i] = true;
			parts[i].lines = parts[i].list.n;
			lines -= parts[i].lines;
			open--;
		}
	for (size_t i = 0; i < NPARTS; i++)
		if (!given[i]) {
			parts[i].lines = lines / open;
			lines -= parts[i].lines;
			open--;
		}
}

/* One of each file, and none of more than there is room for: a file of many
 * rules leaves some of it to the others. */
static size_t
choose_once(struct part *part, bool shipped, size_t room)
{
	const struct rule_ref *last = NULL;
	size_t n = 0;

	for (size_t i = 0; i < part->list.n && n < room; i++) {
		struct entry *e = &part->list.v[i];
		const struct rule_ref *ref = &e->first->ref;

		if (e->keep || ref->shipped != shipped || (last != NULL && shipped && str_eq(last->file, ref->file)))
			continue;
		e->keep = true;
		last = ref;
		n++;
	}
	return n;
}

/* A person's own rules first, then those of shipped files in turn; one line
 * says how many are left out. */
static void
choose(struct part *part)
{
	size_t room = part->lines, n;

	if (part->list.n > room && room > 0)
		room--;
	room -= choose_once(part, false, room);
	while (room > 0 && (n = choose_once(part, true, room)) > 0)
		room -= n;
}

static void
add_entry(struct buf *b, const struct entry *e)
{
	const struct rule_ref *ref = &e->first->ref;

	buf_printf(b, "- `" STR_FMT "`", STR_ARG(rule_brief(b->a, e->first)));
	for (size_t i = 0; i < e->more.n; i++)
		buf_printf(b, ", `" STR_FMT "`", STR_ARG(rule_brief(b->a, e->more.v[i])));
	if (ref->because.n > 0)
		buf_printf(b, ": " STR_FMT, STR_ARG(ref->because));
	if (ref->instead.n > 0)
		buf_printf(b, "%s Instead: `" STR_FMT "`.", ref->because.n > 0 ? "" : ".", STR_ARG(ref->instead));
	buf_putc(b, '\n');
}

static void
add_part(struct buf *b, const struct part *part, size_t bytes)
{
	size_t left = 0;

	if (part->list.n == 0)
		return;
	buf_printf(b, "\n%s\n", part->title);
	for (size_t i = 0; i < part->list.n; i++) {
		struct buf line;

		buf_init(&line, b->a);
		add_entry(&line, &part->list.v[i]);
		if (!part->list.v[i].keep || b->n + line.n + 100 > bytes)
			left += 1 + part->list.v[i].more.n;
		else
			buf_add(b, buf_str(&line));
	}
	if (left > 0)
		buf_printf(b, "- and %zu more rules: `bridle explain 'COMMAND'` tells of each\n", left);
}

struct str
policy_outline(struct arena *a, const struct policy *p, size_t lines, size_t bytes)
{
	struct part parts[NPARTS] = {
		{ .verdict = VERDICT_DENY, .title = "Never:" },
		{ .verdict = VERDICT_ASK, .title = "Only with a person's yes:" },
		{ .verdict = VERDICT_ALLOW, .title = "Without asking:" },
	};
	size_t titles = 0;
	struct buf b;

	for (size_t i = 0; i < NPARTS; i++) {
		collect(a, p, &parts[i]);
		titles += parts[i].list.n > 0 ? 2 : 0;
	}
	share(parts, lines - HEAD_LINES - titles);
	buf_init(&b, a);
	buf_puts(&b, head);
	for (size_t i = 0; i < NPARTS; i++) {
		choose(&parts[i]);
		/* A third of the bytes each, and what the parts before have left. */
		add_part(&b, &parts[i], bytes / NPARTS * (i + 1));
	}
	return buf_str(&b);
}
