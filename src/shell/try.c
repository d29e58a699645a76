/* SPDX-License-Identifier: ISC */
/*
 * try.c: readings that show only at their end that they are wrong: (( that is
 * no arithmetic, a[…] that is no assignment. The reader goes back and reads
 * the place in another way. What was found is remembered, else nested ones
 * would double the work at each level.
 *
 * A place is a byte of a text, never an address: what the reader says must not
 * hang on where the text lies, and memory of a text that came up may be that
 * of another one later. The table is exact. Where it is full, places are tried
 * again, and the bound on the work holds (parse.h).
 */
#include "shell/parse.h"

#include <string.h>

/* The entry of this place, or the empty one where it belongs. */
static struct seen *
entry(const struct parser *p, enum seen_kind kind, const char *s, size_t end)
{
	struct seen *table = (struct seen *)(uintptr_t)p->seen;
	uint32_t at = (uint32_t)(s - p->in.base);
	size_t i = (at * 0x9e3779b1u + p->in.text * 0x85ebca6bu + kind) >> 16;

	for (;; i++) {
		struct seen *e = &table[i % SEEN_MAX];

		if (e->kind == SEEN_NONE ||
		    (e->kind == kind && e->text == p->in.text && e->at == at && e->end == end))
			return e;
	}
}

bool
shell__seen(const struct parser *p, enum seen_kind kind)
{
	return p->nseen > 0 &&
	    entry(p, kind, p->in.s, (size_t)(p->in.end - p->in.base))->kind != SEEN_NONE;
}

static void
remember(struct parser *p, enum seen_kind kind, const char *s, size_t end, unsigned copy)
{
	struct seen *e;

	if (p->nseen == 0)
		memset(p->seen, 0, sizeof p->seen);
	e = entry(p, kind, s, end);
	if (e->kind != SEEN_NONE || p->nseen >= SEEN_MAX - 1)
		return;
	p->nseen++;
	*e = (struct seen){ .kind = (unsigned char)kind,
		.text = p->in.text,
		.copy = copy,
		.at = (uint32_t)(s - p->in.base),
		.end = (uint32_t)end };
}

/* The number of a text of n bytes that comes up at the cursor: the same one
 * when it comes up there again, so that what was seen in it holds. */
unsigned
shell__copy(struct parser *p, size_t n)
{
	const struct seen *e = p->nseen > 0 ? entry(p, SEEN_TEXT, p->in.s, n) : NULL;

	if (e != NULL && e->kind != SEEN_NONE)
		return e->copy;
	p->texts++;
	if (p->trying > 0)
		remember(p, SEEN_TEXT, p->in.s, n, p->texts);
	return p->texts;
}

bool
shell__try(struct parser *p, enum seen_kind kind, const struct chain *chain, struct attempt *try)
{
	/* Behind all that may be read again nothing of it is asked for. */
	if (p->trying == 0 && shell__here(p) > p->tried_to)
		p->nseen = 0;
	if (shell__seen(p, kind))
		return false;
	*try = (struct attempt){ .kind = kind,
		.mark = arena_mark(p->a),
		.in = p->in,
		.alias = p->alias,
		.alias_next = p->alias_next,
		.st = p->st,
		.height = p->height,
		.counted = p->counted };
	if (chain != NULL)
		try->chain = *chain;
	p->trying++;
	return true;
}

/* What is read is what was tried: there is no way back. */
void
shell__right(struct parser *p)
{
	if (!p->failed)
		p->trying--;
}

/* Back to where shell__try was: what was read is read again, and seen tells how. */
void
shell__again(struct parser *p, const struct attempt *try, enum seen_kind seen)
{
	size_t again = 1;

	if (p->failed)
		return;
	p->trying--;
	if (p->in.text == try->in.text)
		again = (size_t)(p->in.s - try->in.s);
	if (p->tried_to < shell__upto(p))
		p->tried_to = shell__upto(p);
	p->in = try->in;
	p->alias = try->alias;
	p->alias_next = try->alias_next;
	p->st = try->st;
	p->height = try->height;
	p->counted = try->counted;
	p->kw_at = NULL;
	p->nob_from = p->nob_to = NULL;
	arena_release(p->a, try->mark);
	remember(p, seen, p->in.s, (size_t)(p->in.end - p->in.base), 0);
	shell__work(p, again);
}

/* The same, and what was tried is wrong there. */
void
shell__wrong(struct parser *p, struct chain *chain, const struct attempt *try)
{
	if (p->failed)
		return;
	if (chain != NULL) {
		*chain = try->chain;
		if (chain->last != NULL)
			chain->last->next = NULL;
	}
	shell__again(p, try, try->kind);
}
