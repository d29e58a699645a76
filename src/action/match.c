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
 * Both are exact. What grows beyond the bounds below is answered on the safe
 * side: not covered, but met. Words are made in word.c, patterns in glob.c.
 */
#include "bridle/action.h"

#include <stdlib.h>
#include <string.h>

#define MATCH_POSITIONS 16384    /* of the pattern, after the common start */
#define MATCH_SETS 64            /* of positions, side by side */
#define MATCH_REPEAT 4096        /* counted repetitions; more count as no bound */
#define MATCH_WORK (1u << 24)    /* words of bits that are moved: about 20 ms */
#define MATCH_STACK 1024         /* words of bits that need no malloc */
#define BITS 64

/* ---- reading a vector as one string --------------------------------------- */

enum item_kind {
	ITEM_END,
	ITEM_BYTE,  /* one byte; NUL: the word ends */
	ITEM_CHARS, /* a CHARS piece */
	ITEM_WORDS, /* a WORDS piece beside others: any bytes, NUL too */
	ITEM_LONE   /* a word of WORDS alone: zero or more whole words */
};
struct item {
	enum item_kind kind;
	unsigned char byte;
	const struct piece *piece;
};

struct cursor {
	struct words ws;
	bool rest; /* a LONE follows the last word */
	size_t word, piece, byte;
};

static bool
is_lone(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind != PIECE_WORDS)
			return false;
	return w.n > 0;
}

static struct item
cursor_next(struct cursor *c)
{
	static const enum item_kind kinds[] = { ITEM_BYTE, ITEM_CHARS, ITEM_WORDS };
	const struct piece *piece;
	struct word w;

	if (c->word >= c->ws.n) {
		bool rest = c->rest;

		c->rest = false;
		return (struct item){ .kind = rest ? ITEM_LONE : ITEM_END };
	}
	w = c->ws.v[c->word];
	if (c->piece == 0 && c->byte == 0 && is_lone(w)) {
		c->word++;
		return (struct item){ .kind = ITEM_LONE };
	}
	while (c->piece < w.n && w.v[c->piece].kind == PIECE_TEXT && c->byte >= w.v[c->piece].text.n) {
		c->piece++;
		c->byte = 0;
	}
	if (c->piece >= w.n) {
		c->word++;
		c->piece = 0;
		return (struct item){ .kind = ITEM_BYTE };
	}
	piece = &w.v[c->piece];
	if (piece->kind == PIECE_TEXT)
		return (struct item){ ITEM_BYTE, (unsigned char)piece->text.p[c->byte++], NULL };
	c->piece++;
	return (struct item){ kinds[piece->kind], 0, piece };
}

/* Both behind what they certainly have in common; false: they differ there. */
static bool
skip_common(struct cursor *p, struct cursor *w)
{
	for (;;) {
		struct cursor p1 = *p, w1 = *w;
		struct item x = cursor_next(&p1), y = cursor_next(&w1);

		if (x.kind != ITEM_BYTE || y.kind != ITEM_BYTE)
			return true;
		if (x.byte != y.byte)
			return false;
		*p = p1;
		*w = w1;
	}
}

/* ---- the pattern as a chain of positions --------------------------------- */

struct sets {
	uint64_t *bits; /* MATCH_SETS rows */
	size_t n;
};

struct engine {
	size_t last;           /* the position that accepts */
	size_t nw;             /* words of bits in a row */
	uint16_t class_of[256]; /* bytes that no set tells apart are one class; 0: NUL */
	unsigned char byte_of[257]; /* one byte of each class */
	size_t nclasses;
	uint64_t *step, *loop; /* a row per class, and one for a union of classes */
	uint64_t *skip1, *skip2; /* empty steps to the next, the next but one */
	bool skips;
	uint64_t *row;         /* the set that a step has made */
	bool covers;           /* else meets */
	bool gave_up;
	size_t work;
	uint64_t *heap;
	uint64_t stack[MATCH_STACK];
};

/* Tells the bytes of the set from all others. */
static void
split_classes(struct engine *e, const struct byteset *set)
{
	uint16_t all[256] = { 0 }, in[256] = { 0 }, to[256];

	if (set == NULL)
		return;
	for (unsigned b = 1; b < 256; b++) {
		all[e->class_of[b]]++;
		in[e->class_of[b]] += byteset_has(set, (unsigned char)b);
	}
	for (size_t k = 0, n = e->nclasses; k < n; k++)
		to[k] = (uint16_t)(in[k] > 0 && in[k] < all[k] ? e->nclasses++ : k);
	for (unsigned b = 1; b < 256; b++)
		if (byteset_has(set, (unsigned char)b))
			e->class_of[b] = to[e->class_of[b]];
}

/* The classes: each byte of the pattern's text is one, the sets split the rest. */
static void
find_classes(struct engine *e, struct cursor p, struct cursor w)
{
	struct cursor again = p;
	struct item it;

	for (unsigned b = 1; b < 256; b++)
		e->class_of[b] = 1;
	e->nclasses = 2;
	while ((it = cursor_next(&p)).kind != ITEM_END)
		if (it.kind == ITEM_BYTE && e->class_of[it.byte] == 1)
			e->class_of[it.byte] = (uint16_t)e->nclasses++;
	while ((it = cursor_next(&again)).kind != ITEM_END)
		if (it.kind == ITEM_CHARS)
			split_classes(e, it.piece->set);
	while ((it = cursor_next(&w)).kind != ITEM_END)
		if (it.kind == ITEM_CHARS)
			split_classes(e, it.piece->set);
	for (unsigned b = 0; b < 256; b++)
		e->byte_of[e->class_of[b]] = (unsigned char)b;
}

/* Positions that the pattern needs at most. SIZE_MAX: too many. */
static size_t
measure(struct cursor p)
{
	size_t n = 0;
	struct item it;

	while ((it = cursor_next(&p)).kind != ITEM_END) {
		const struct piece *c = it.piece;

		n += it.kind == ITEM_LONE ? 2 : 1;
		if (it.kind == ITEM_CHARS && c->min > MATCH_POSITIONS)
			return SIZE_MAX;
		if (it.kind == ITEM_CHARS && c->max != PIECE_NOMAX && c->max > MATCH_POSITIONS)
			return SIZE_MAX;
		if (it.kind == ITEM_CHARS)
			n += c->max == PIECE_NOMAX || c->max < c->min ? c->min : c->max;
		if (n > MATCH_POSITIONS)
			return SIZE_MAX;
	}
	return n;
}

static void
set_bit(uint64_t *row, size_t i)
{
	row[i / BITS] |= (uint64_t)1 << i % BITS;
}

static bool
class_in(const struct engine *e, size_t k, const struct byteset *set, bool nul)
{
	if (k == 0)
		return nul;
	return e->byte_of[k] != 0 && byteset_has(set, e->byte_of[k]); /* 0: no byte is left in it */
}

/* Position i steps (or loops) on the bytes of the set, and on NUL if nul. */
static void
add_edge(struct engine *e, uint64_t *rows, size_t i, const struct byteset *set, bool nul)
{
	for (size_t k = 0; k < e->nclasses; k++)
		if (class_in(e, k, set, nul))
			set_bit(rows + k * e->nw, i);
}

/* A loop at position `at`, or behind it where it has one; the position. */
static size_t
add_loop(struct engine *e, size_t at, bool *looping, const struct byteset *set, bool nul)
{
	if (*looping) {
		set_bit(e->skip1, at++);
		e->skips = true;
	}
	add_edge(e, e->loop, at, set, nul);
	*looping = true;
	return at;
}

static size_t
add_chars(struct engine *e, size_t at, bool *looping, const struct piece *c)
{
	for (size_t i = 0; i < c->min; i++, *looping = false)
		add_edge(e, e->step, at++, c->set, false);
	if (c->max == PIECE_NOMAX)
		return add_loop(e, at, looping, c->set, false);
	for (size_t i = c->min; i < c->max; i++, *looping = false) {
		add_edge(e, e->step, at, c->set, false);
		set_bit(e->skip1, at++);
		e->skips = true;
	}
	return at;
}

static void
build(struct engine *e, struct cursor p)
{
	static const struct byteset none = { { 0 } };
	bool looping = false; /* the position has a loop already */
	size_t at = 0;
	struct item it;

	while ((it = cursor_next(&p)).kind != ITEM_END) {
		switch (it.kind) {
		case ITEM_BYTE:
			set_bit(e->step + e->class_of[it.byte] * e->nw, at++);
			looping = false;
			break;
		case ITEM_CHARS:
			at = add_chars(e, at, &looping, it.piece);
			break;
		case ITEM_WORDS:
			at = add_loop(e, at, &looping, NULL, true);
			break;
		case ITEM_LONE: /* only ever behind a NUL, so there is no loop here */
			set_bit(e->skip1, at);
			set_bit(e->skip2, at);
			e->skips = true;
			at++;
			add_edge(e, e->loop, at, NULL, true);
			add_edge(e, e->step, at++, &none, true);
			looping = false;
			break;
		case ITEM_END:
			break;
		}
	}
	e->last = at;
}

/* ---- sets of positions ---------------------------------------------------- */

static bool
row_empty(const struct engine *e, const uint64_t *row)
{
	for (size_t i = 0; i < e->nw; i++)
		if (row[i] != 0)
			return false;
	return true;
}

/* Every position of x is one of y. */
static bool
row_within(const struct engine *e, const uint64_t *x, const uint64_t *y)
{
	for (size_t i = 0; i < e->nw; i++)
		if ((x[i] & ~y[i]) != 0)
			return false;
	return true;
}

/* Follows the empty steps; they lead up only, so one pass is enough. */
static void
row_skip(const struct engine *e, uint64_t *row)
{
	uint64_t carry1 = 0, carry2 = 0;

	for (size_t i = 0; i < e->nw; i++) {
		uint64_t x = row[i] | carry1 | carry2, before;

		do {
			before = x;
			x |= (x & e->skip1[i]) << 1 | (x & e->skip2[i]) << 2;
		} while (x != before);
		carry1 = (x & e->skip1[i]) >> (BITS - 1);
		carry2 = (x & e->skip2[i]) >> (BITS - 2);
		row[i] = x;
	}
}

/* e->row becomes what a byte of class k leads to from the set. */
static void
row_step(struct engine *e, const uint64_t *from, size_t k)
{
	const uint64_t *step = e->step + k * e->nw, *loop = e->loop + k * e->nw;
	uint64_t carry = 0;

	for (size_t i = 0; i < e->nw; i++) {
		uint64_t moved = from[i] & step[i];

		e->row[i] = moved << 1 | carry | (from[i] & loop[i]);
		carry = moved >> (BITS - 1);
	}
	if (e->skips)
		row_skip(e, e->row);
	e->work += e->nw;
	if (e->work > MATCH_WORK)
		e->gave_up = true;
}

/* Adds e->row to the sets. Did that change them? */
static bool
sets_add(struct engine *e, struct sets *to, const uint64_t *row)
{
	if (!e->covers && to->n == 1) {
		if (row_within(e, row, to->bits))
			return false;
		for (size_t i = 0; i < e->nw; i++)
			to->bits[i] |= row[i];
		return true;
	}
	for (size_t i = 0; i < to->n; i++)
		if (row_within(e, to->bits + i * e->nw, row))
			return false;
	if (to->n == MATCH_SETS) {
		e->gave_up = true;
		return false;
	}
	memcpy(to->bits + to->n++ * e->nw, row, e->nw * sizeof *row);
	return true;
}

/* The sets that one byte of these classes leads to are added to `to`, which
 * may be `from`. Nothing is left of a set: not covered. */
static bool
sets_step(struct engine *e, const struct sets *from, struct sets *to, const uint16_t *classes,
    size_t n)
{
	bool changed = false;

	for (size_t i = 0; i < from->n && !e->gave_up; i++)
		for (size_t k = 0; k < n; k++) {
			row_step(e, from->bits + i * e->nw, classes[k]);
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
		const uint64_t *row = s->bits + i * e->nw;
		bool held = false;

		for (size_t k = 0; k < s->n && !held; k++)
			held = k != i && row_within(e, s->bits + k * e->nw, row);
		if (!held) {
			i++;
			continue;
		}
		s->n--;
		memmove(s->bits + i * e->nw, s->bits + (i + 1) * e->nw,
		    (s->n - i) * e->nw * sizeof *row);
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
	uint64_t *step = e->step + e->nclasses * e->nw, *loop = e->loop + e->nclasses * e->nw;

	w->n = 0;
	for (size_t k = 0; k < e->nclasses; k++)
		if (class_in(e, k, set, nul))
			w->classes[w->n++] = (uint16_t)k;
	if (e->covers || w->n < 2)
		return;
	memset(step, 0, e->nw * sizeof *step);
	memset(loop, 0, e->nw * sizeof *loop);
	for (size_t k = 0; k < w->n; k++)
		for (size_t i = 0; i < e->nw; i++) {
			step[i] |= e->step[w->classes[k] * e->nw + i];
			loop[i] |= e->loop[w->classes[k] * e->nw + i];
		}
	w->classes[0] = (uint16_t)e->nclasses;
	w->n = 1;
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
	memcpy(to->bits, from->bits, from->n * e->nw * sizeof *from->bits);
	to->n = from->n;
}

/* w->now and w->sum together become w->now. */
static void
walk_join(struct engine *e, struct walk *w)
{
	struct sets spare = w->now;

	for (size_t i = 0; i < w->now.n && !e->gave_up; i++)
		sets_add(e, &w->sum, w->now.bits + i * e->nw);
	w->now = w->sum;
	w->sum = spare;
	sets_prune(e, &w->now);
}

static void
walk_chars(struct engine *e, struct walk *w, const struct piece *c)
{
	size_t min = c->min < MATCH_REPEAT ? c->min : MATCH_REPEAT;
	size_t more = c->max < c->min ? 0 : c->max - c->min;

	choose(e, w, c->set, false);
	for (size_t i = 0; i < min && !e->gave_up; i++)
		walk_once(e, w);
	if (min < c->min || more > MATCH_REPEAT) {
		walk_loop(e, w);
		return;
	}
	sets_copy(e, &w->sum, &w->now);
	for (size_t i = 0; i < more && !e->gave_up; i++) {
		bool changed = false;

		walk_once(e, w);
		for (size_t k = 0; k < w->now.n; k++)
			changed |= sets_add(e, &w->sum, w->now.bits + k * e->nw);
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
		if (row_empty(e, s->bits + i * e->nw))
			return true;
	return s->n == 0;
}

/* The answer once the engine is built. */
static bool
walk(struct engine *e, struct walk *w, struct cursor c)
{
	struct item it;

	memset(e->row, 0, e->nw * sizeof *e->row);
	set_bit(e->row, 0);
	row_skip(e, e->row);
	sets_add(e, &w->now, e->row);
	while ((it = cursor_next(&c)).kind != ITEM_END) {
		switch (it.kind) {
		case ITEM_BYTE:
			w->classes[0] = e->class_of[it.byte];
			w->n = 1;
			walk_once(e, w);
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
		if ((w->now.bits[i * e->nw + e->last / BITS] >> e->last % BITS & 1) == 0)
			return false;
	return true;
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
	size_t rows = e->covers ? MATCH_SETS : 1, total;
	uint64_t *memory = e->stack;

	e->nw = positions / BITS + 1;
	total = (2 * (e->nclasses + 1) + 3 + 3 * rows) * e->nw;
	if (total > MATCH_STACK)
		memory = e->heap = malloc(total * sizeof *memory);
	if (memory == NULL)
		return false;
	memset(memory, 0, total * sizeof *memory);
	e->step = take(&memory, (e->nclasses + 1) * e->nw);
	e->loop = take(&memory, (e->nclasses + 1) * e->nw);
	e->skip1 = take(&memory, e->nw);
	e->skip2 = take(&memory, e->nw);
	e->row = take(&memory, e->nw);
	wk->now = (struct sets){ take(&memory, rows * e->nw), 0 };
	wk->next = (struct sets){ take(&memory, rows * e->nw), 0 };
	wk->sum = (struct sets){ take(&memory, rows * e->nw), 0 };
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
	x = cursor_next(&p1).kind;
	y = cursor_next(&w1).kind;
	if ((x == ITEM_END && y <= ITEM_BYTE) || (x <= ITEM_BYTE && y == ITEM_END))
		return x == y;
	positions = measure(pc);
	if (positions == SIZE_MAX)
		return !covers;
	memset(&e, 0, offsetof(struct engine, stack));
	e.covers = covers;
	find_classes(&e, pc, wc);
	if (!lay_out(&e, &wk, positions))
		return !covers;
	build(&e, pc);
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
