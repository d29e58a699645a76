/* SPDX-License-Identifier: ISC */
/*
 * match.c: the two relations on words, covers and meets, and the same for
 * argument vectors. One engine serves all four.
 *
 * A vector becomes one string: the bytes of its words, each word closed by a
 * NUL. The pattern becomes a chain of positions 0..last: a step on a set of
 * bytes leads to the next one, a loop stays, an empty step skips. A set of
 * positions is a row of bits, so one byte of text moves all of them at once.
 * The other side is walked piece by piece:
 *   meets   keeps the one set of positions that some filling reaches;
 *   covers  keeps the sets that the fillings reach, one each (the subset
 *           construction), without those that hold another one: what ends
 *           well from fewer positions does so from more.
 * Both are exact. What grows beyond limits.h is answered on the safe
 * side: not covered, but met. The chain is made in chain.c.
 */
#include "action/chain.h"
#include "bridle/limits.h"

#include <stdlib.h>
#include <string.h>

#define MATCH_STACK 1024 /* words of bits that need no malloc */

struct sets {
	uint64_t *bits; /* LIMIT_MATCH_SETS rows */
	size_t n;
};

struct engine {
	struct chain c;
	uint64_t *row; /* the set that a step has made */
	bool covers;   /* else meets */
	bool gave_up;
	size_t work;
	uint64_t *heap;
	uint64_t stack[MATCH_STACK];
};

/* ---- sets of positions ---------------------------------------------------- */

static bool
row_empty(const struct engine *e, const uint64_t *row)
{
	for (size_t i = 0; i < e->c.nw; i++)
		if (row[i] != 0)
			return false;
	return true;
}

/* Every position of x is one of y. */
static bool
row_within(const struct engine *e, const uint64_t *x, const uint64_t *y)
{
	for (size_t i = 0; i < e->c.nw; i++)
		if ((x[i] & ~y[i]) != 0)
			return false;
	return true;
}

/* Follows the empty steps; they lead up only, so one pass is enough. */
static void
row_skip(const struct engine *e, uint64_t *row)
{
	uint64_t carry1 = 0, carry2 = 0;

	for (size_t i = 0; i < e->c.nw; i++) {
		uint64_t x = row[i] | carry1 | carry2, before;

		do {
			before = x;
			x |= (x & e->c.skip1[i]) << 1 | (x & e->c.skip2[i]) << 2;
		} while (x != before);
		carry1 = (x & e->c.skip1[i]) >> (CHAIN_BITS - 1);
		carry2 = (x & e->c.skip2[i]) >> (CHAIN_BITS - 2);
		row[i] = x;
	}
}

/* e->row becomes what a byte of class k leads to from the set. */
static void
row_step(struct engine *e, const uint64_t *from, size_t k)
{
	const uint64_t *step = e->c.step + k * e->c.nw, *loop = e->c.loop + k * e->c.nw;
	uint64_t carry = 0;

	for (size_t i = 0; i < e->c.nw; i++) {
		uint64_t moved = from[i] & step[i];

		e->row[i] = moved << 1 | carry | (from[i] & loop[i]);
		carry = moved >> (CHAIN_BITS - 1);
	}
	if (e->c.skips)
		row_skip(e, e->row);
	e->work += e->c.nw;
	if (e->work > LIMIT_MATCH_WORK)
		e->gave_up = true;
}

/* Adds e->row to the sets. Did that change them? */
static bool
sets_add(struct engine *e, struct sets *to, const uint64_t *row)
{
	if (!e->covers && to->n == 1) {
		if (row_within(e, row, to->bits))
			return false;
		for (size_t i = 0; i < e->c.nw; i++)
			to->bits[i] |= row[i];
		return true;
	}
	for (size_t i = 0; i < to->n; i++)
		if (row_within(e, to->bits + i * e->c.nw, row))
			return false;
	if (to->n == LIMIT_MATCH_SETS) {
		e->gave_up = true;
		return false;
	}
	memcpy(to->bits + to->n++ * e->c.nw, row, e->c.nw * sizeof *row);
	return true;
}

/* The sets that one byte of these classes leads to are added to `to`, which
 * may be `from`. Nothing is left of a set: not covered. */
static bool
sets_step(
    struct engine *e, const struct sets *from, struct sets *to, const uint16_t *classes, size_t n)
{
	bool changed = false;

	for (size_t i = 0; i < from->n && !e->gave_up; i++)
		for (size_t k = 0; k < n; k++) {
			row_step(e, from->bits + i * e->c.nw, classes[k]);
			if (e->covers || !row_empty(e, e->row))
				changed |= sets_add(e, to, e->row);
		}
	return changed;
}

/* Takes out each set that holds another one. */
static void
sets_prune(const struct engine *e, struct sets *s)
{
	for (size_t i = 0; i < s->n;) {
		const uint64_t *row = s->bits + i * e->c.nw;
		bool held = false;

		for (size_t k = 0; k < s->n && !held; k++)
			held = k != i && row_within(e, s->bits + k * e->c.nw, row);
		if (!held) {
			i++;
			continue;
		}
		s->n--;
		memmove(s->bits + i * e->c.nw, s->bits + (i + 1) * e->c.nw,
		    (s->n - i) * e->c.nw * sizeof *row);
	}
}

/* ---- the walk along the other side ----------------------------------------- */

struct walk {
	struct sets now, next, sum;
	uint16_t classes[257]; /* of the piece at hand */
	size_t n;
};

/* The classes of a set. For meets one made-up class is all of them. */
static void
choose(struct engine *e, struct walk *w, const struct byteset *set, bool nul)
{
	uint64_t *step = e->c.step + e->c.nclasses * e->c.nw,
	         *loop = e->c.loop + e->c.nclasses * e->c.nw;

	w->n = 0;
	for (size_t k = 0; k < e->c.nclasses; k++)
		if (action__class_in(&e->c, k, set, nul))
			w->classes[w->n++] = (uint16_t)k;
	if (e->covers || w->n < 2)
		return;
	memset(step, 0, e->c.nw * sizeof *step);
	memset(loop, 0, e->c.nw * sizeof *loop);
	for (size_t k = 0; k < w->n; k++)
		for (size_t i = 0; i < e->c.nw; i++) {
			step[i] |= e->c.step[w->classes[k] * e->c.nw + i];
			loop[i] |= e->c.loop[w->classes[k] * e->c.nw + i];
		}
	w->classes[0] = (uint16_t)e->c.nclasses;
	w->n = 1;
}

/* The set becomes what the text leads to from it. */
static void
row_text(struct engine *e, uint64_t *row, struct str text)
{
	const struct chain *c = &e->c;
	uint64_t x = row[0];

	if (c->nw > 1 || c->skips) {
		for (size_t i = 0; i < text.n && !e->gave_up; i++) {
			row_step(e, row, c->class_of[(unsigned char)text.p[i]]);
			memcpy(row, e->row, c->nw * sizeof *row);
		}
		return;
	}
	/* The same for a set in one word of bits, which is nearly all there is. */
	for (size_t i = 0; i < text.n && x != 0; i++) {
		size_t k = c->class_of[(unsigned char)text.p[i]];

		x = (x & c->step[k]) << 1 | (x & c->loop[k]);
	}
	row[0] = x;
}

static void
walk_text(struct engine *e, struct walk *w, struct str text)
{
	for (size_t i = 0; i < w->now.n; i++)
		row_text(e, w->now.bits + i * e->c.nw, text);
	sets_prune(e, &w->now);
}

static void
walk_once(struct engine *e, struct walk *w)
{
	struct sets spare = w->now;

	w->next.n = 0;
	sets_step(e, &w->now, &w->next, w->classes, w->n);
	w->now = w->next;
	w->next = spare;
}

/* Any number of bytes of the chosen classes. */
static void
walk_loop(struct engine *e, struct walk *w)
{
	while (sets_step(e, &w->now, &w->now, w->classes, w->n) && !e->gave_up)
		;
	sets_prune(e, &w->now);
}

static void
sets_copy(const struct engine *e, struct sets *to, const struct sets *from)
{
	memcpy(to->bits, from->bits, from->n * e->c.nw * sizeof *from->bits);
	to->n = from->n;
}

/* w->now and w->sum together become w->now. */
static void
walk_join(struct engine *e, struct walk *w)
{
	struct sets spare = w->now;

	for (size_t i = 0; i < w->now.n && !e->gave_up; i++)
		sets_add(e, &w->sum, w->now.bits + i * e->c.nw);
	w->now = w->sum;
	w->sum = spare;
	sets_prune(e, &w->now);
}

static void
walk_chars(struct engine *e, struct walk *w, const struct piece *c)
{
	size_t min = c->min < LIMIT_MATCH_REPEAT ? c->min : LIMIT_MATCH_REPEAT;
	size_t more = c->max < c->min ? 0 : c->max - c->min;

	choose(e, w, c->set, false);
	for (size_t i = 0; i < min && !e->gave_up; i++)
		walk_once(e, w);
	if (min < c->min || more > LIMIT_MATCH_REPEAT) {
		walk_loop(e, w);
		return;
	}
	sets_copy(e, &w->sum, &w->now);
	for (size_t i = 0; i < more && !e->gave_up; i++) {
		bool changed = false;

		walk_once(e, w);
		for (size_t k = 0; k < w->now.n; k++)
			changed |= sets_add(e, &w->sum, w->now.bits + k * e->c.nw);
		if (!changed)
			break;
	}
	walk_join(e, w);
}

/* Zero or more whole words: nothing, or anything that ends in a NUL. */
static void
walk_lone(struct engine *e, struct walk *w)
{
	sets_copy(e, &w->sum, &w->now);
	choose(e, w, NULL, true);
	walk_loop(e, w);
	w->classes[0] = 0;
	w->n = 1;
	walk_once(e, w);
	walk_join(e, w);
}

static bool
some_empty(const struct engine *e, const struct sets *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (row_empty(e, s->bits + i * e->c.nw))
			return true;
	return s->n == 0;
}

/* The answer once the engine is built. */
static bool
walk(struct engine *e, struct walk *w, struct cursor c)
{
	struct item it;
	struct str text;

	memset(e->row, 0, e->c.nw * sizeof *e->row);
	e->row[0] = 1; /* position 0 */
	row_skip(e, e->row);
	sets_add(e, &w->now, e->row);
	for (;;) {
		text = action__text(&c);
		action__skip(&c, text.n);
		if (text.n > 0)
			walk_text(e, w, text);
		it = action__next(&c);
		if (it.kind == ITEM_END)
			break;
		switch (it.kind) {
		case ITEM_BYTE: /* a word ends */
			walk_text(e, w, (struct str){ "", 1 });
			break;
		case ITEM_CHARS:
			walk_chars(e, w, it.piece);
			break;
		case ITEM_WORDS:
			choose(e, w, NULL, true);
			walk_loop(e, w);
			break;
		case ITEM_LONE:
			walk_lone(e, w);
			break;
		case ITEM_END:
			break;
		}
		if (e->gave_up)
			return !e->covers;
		if (some_empty(e, &w->now))
			return false;
	}
	for (size_t i = 0; i < w->now.n; i++)
		if ((w->now.bits[i * e->c.nw + e->c.last / CHAIN_BITS] >> e->c.last % CHAIN_BITS &
		        1) == 0)
			return false;
	return true;
}

/* Both behind what they certainly have in common; false: they differ there. */
static bool
skip_common(struct cursor *p, struct cursor *w)
{
	for (;;) {
		struct str x = action__text(p), y = action__text(w);
		size_t n = x.n < y.n ? x.n : y.n;
		struct cursor p1 = *p, w1 = *w;
		struct item i, k;

		if (n > 0) {
			if (memcmp(x.p, y.p, n) != 0)
				return false;
			action__skip(p, n);
			action__skip(w, n);
			continue;
		}
		i = action__next(&p1);
		k = action__next(&w1);
		if (i.kind != ITEM_BYTE || k.kind != ITEM_BYTE)
			return true;
		if (i.byte != k.byte)
			return false; /* one word ends here */
		*p = p1;
		*w = w1;
	}
}

/* Cuts n words of bits off the engine's memory. */
static uint64_t *
take(uint64_t **memory, size_t n)
{
	uint64_t *p = *memory;

	*memory += n;
	return p;
}

/* Lays out the engine for a pattern of so many positions. false: no memory. */
static bool
lay_out(struct engine *e, struct walk *wk, size_t positions)
{
	size_t rows = e->covers ? LIMIT_MATCH_SETS : 1, total;
	uint64_t *memory = e->stack;

	e->c.nw = positions / CHAIN_BITS + 1;
	total = (2 * (e->c.nclasses + 1) + 3 + 3 * rows) * e->c.nw;
	if (total > MATCH_STACK)
		memory = e->heap = malloc(total * sizeof *memory);
	if (memory == NULL)
		return false;
	memset(memory, 0, total * sizeof *memory);
	e->c.step = take(&memory, (e->c.nclasses + 1) * e->c.nw);
	e->c.loop = take(&memory, (e->c.nclasses + 1) * e->c.nw);
	e->c.skip1 = take(&memory, e->c.nw);
	e->c.skip2 = take(&memory, e->c.nw);
	e->row = take(&memory, e->c.nw);
	wk->now = (struct sets){ take(&memory, rows * e->c.nw), 0 };
	wk->next = (struct sets){ take(&memory, rows * e->c.nw), 0 };
	wk->sum = (struct sets){ take(&memory, rows * e->c.nw), 0 };
	return true;
}

static bool
relate(struct words p, struct words w, bool rest, bool covers)
{
	struct cursor pc = { p, rest, 0, 0, 0 }, wc = { w, false, 0, 0, 0 };
	struct cursor p1, w1;
	enum item_kind x, y;
	struct engine e;
	struct walk wk;
	size_t positions;
	bool answer;

	if (!skip_common(&pc, &wc))
		return false;
	p1 = pc;
	w1 = wc;
	x = action__next(&p1).kind;
	y = action__next(&w1).kind;
	if ((x == ITEM_END && y <= ITEM_BYTE) || (x <= ITEM_BYTE && y == ITEM_END))
		return x == y;
	positions = action__measure(pc, LIMIT_MATCH_POSITIONS);
	if (positions == SIZE_MAX)
		return !covers;
	memset(&e, 0, offsetof(struct engine, stack));
	e.covers = covers;
	action__classes(&e.c, pc, wc);
	if (!lay_out(&e, &wk, positions))
		return !covers;
	action__build(&e.c, pc);
	answer = walk(&e, &wk, wc);
	free(e.heap);
	return answer;
}

/* ---- the door ---------------------------------------------------------------- */

bool
argv_covers(struct words p, struct words w, bool rest)
{
	return relate(p, w, rest, true);
}

bool
argv_meets(struct words p, struct words w, bool rest)
{
	return relate(p, w, rest, false);
}

bool
word_covers(struct word p, struct word w)
{
	return relate((struct words){ &p, 1 }, (struct words){ &w, 1 }, false, true);
}

bool
word_meets(struct word p, struct word w)
{
	return relate((struct words){ &p, 1 }, (struct words){ &w, 1 }, false, false);
}

bool
words_cover(struct words p, struct word w)
{
	for (size_t i = 0; i < p.n; i++)
		if (word_covers(p.v[i], w))
			return true;
	return false;
}

bool
words_meet(struct words p, struct word w)
{
	for (size_t i = 0; i < p.n; i++)
		if (word_meets(p.v[i], w))
			return true;
	return false;
}
