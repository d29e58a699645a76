/* SPDX-License-Identifier: ISC */
/*
 * chain.c: what match.c walks. A vector of words is read as one string, each
 * word closed by a NUL; a pattern becomes a chain of positions, in rows of bits:
 * a step on a class of bytes leads to the next position, a loop stays, an empty
 * step skips. Lookups by class, so that each byte moves a whole set at once.
 */
#include "action/chain.h"

static bool
is_lone(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind != PIECE_WORDS)
			return false;
	return w.n > 0;
}

struct str
action__text(struct cursor *c)
{
	struct word w = c->word < c->ws.n ? c->ws.v[c->word] : (struct word){ .n = 0 };

	while (c->piece < w.n && w.v[c->piece].kind == PIECE_TEXT) {
		struct str text = w.v[c->piece].text;

		if (c->byte < text.n)
			return (struct str){ text.p + c->byte, text.n - c->byte };
		c->piece++;
		c->byte = 0;
	}
	return STR("");
}

void
action__skip(struct cursor *c, size_t n)
{
	c->byte += n;
}

struct item
action__next(struct cursor *c)
{
	static const enum item_kind kinds[] = { ITEM_BYTE, ITEM_CHARS, ITEM_WORDS };
	struct str text = action__text(c);
	const struct piece *piece;
	struct word w;

	if (text.n > 0) {
		action__skip(c, 1);
		return (struct item){ ITEM_BYTE, (unsigned char)text.p[0], NULL };
	}
	if (c->word >= c->ws.n) {
		bool rest = c->rest;

		c->rest = false;
		return (struct item){ .kind = rest ? ITEM_LONE : ITEM_END };
	}
	w = c->ws.v[c->word];
	if (c->piece == 0 && is_lone(w)) {
		c->word++;
		return (struct item){ .kind = ITEM_LONE };
	}
	if (c->piece >= w.n) {
		c->word++;
		c->piece = 0;
		return (struct item){ .kind = ITEM_BYTE };
	}
	piece = &w.v[c->piece++];
	return (struct item){ kinds[piece->kind], 0, piece };
}

/* The sets that were split last: a word often holds one many times. */
struct splits {
	const struct byteset *v[8];
	size_t n;
};

/* Tells the bytes of the set from all others. */
static void
split_classes(struct chain *h, const struct byteset *set, struct splits *done)
{
	const size_t room = sizeof done->v / sizeof done->v[0];
	uint16_t all[256] = { 0 }, in[256] = { 0 }, to[256];

	if (set == NULL)
		return;
	for (size_t i = 0; i < done->n && i < room; i++)
		if (done->v[i] == set)
			return;
	done->v[done->n++ % room] = set;
	for (unsigned b = 1; b < 256; b++) {
		all[h->class_of[b]]++;
		in[h->class_of[b]] += byteset_has(set, (unsigned char)b);
	}
	for (size_t k = 0, n = h->nclasses; k < n; k++)
		to[k] = (uint16_t)(in[k] > 0 && in[k] < all[k] ? h->nclasses++ : k);
	for (unsigned b = 1; b < 256; b++)
		if (byteset_has(set, (unsigned char)b))
			h->class_of[b] = to[h->class_of[b]];
}

/* The classes: each byte of the pattern's text is one, the sets split the rest. */
void
action__classes(struct chain *h, struct cursor p, struct cursor w)
{
	struct cursor again = p;
	struct splits done = { .n = 0 };
	struct item it;

	for (unsigned b = 1; b < 256; b++)
		h->class_of[b] = 1;
	h->nclasses = 2;
	while ((it = action__next(&p)).kind != ITEM_END)
		if (it.kind == ITEM_BYTE && h->class_of[it.byte] == 1)
			h->class_of[it.byte] = (uint16_t)h->nclasses++;
	while ((it = action__next(&again)).kind != ITEM_END)
		if (it.kind == ITEM_CHARS)
			split_classes(h, it.piece->set, &done);
	while ((it = action__next(&w)).kind != ITEM_END)
		if (it.kind == ITEM_CHARS)
			split_classes(h, it.piece->set, &done);
	for (unsigned b = 0; b < 256; b++)
		h->byte_of[h->class_of[b]] = (unsigned char)b;
}

/* Positions that the pattern needs at most. SIZE_MAX: too many. */
size_t
action__measure(struct cursor p, size_t most)
{
	size_t n = 0;
	struct item it;

	while ((it = action__next(&p)).kind != ITEM_END) {
		const struct piece *c = it.piece;

		n += it.kind == ITEM_LONE ? 2 : 1;
		if (it.kind == ITEM_CHARS && c->min > most)
			return SIZE_MAX;
		if (it.kind == ITEM_CHARS && c->max != PIECE_NOMAX && c->max > most)
			return SIZE_MAX;
		if (it.kind == ITEM_CHARS)
			n += c->max == PIECE_NOMAX || c->max < c->min ? c->min : c->max;
		if (n > most)
			return SIZE_MAX;
	}
	return n;
}

static void
set_bit(uint64_t *row, size_t i)
{
	row[i / CHAIN_BITS] |= (uint64_t)1 << i % CHAIN_BITS;
}

bool
action__class_in(const struct chain *h, size_t k, const struct byteset *set, bool nul)
{
	if (k == 0)
		return nul;
	return h->byte_of[k] != 0 && byteset_has(set, h->byte_of[k]);
}

/* Position i steps (or loops) on the bytes of the set, and on NUL if nul. */
static void
add_edge(struct chain *h, uint64_t *rows, size_t i, const struct byteset *set, bool nul)
{
	for (size_t k = 0; k < h->nclasses; k++)
		if (action__class_in(h, k, set, nul))
			set_bit(rows + k * h->nw, i);
}

/* A loop at position `at`, or behind it where it has one; the position. */
static size_t
add_loop(struct chain *h, size_t at, bool *looping, const struct byteset *set, bool nul)
{
	if (*looping) {
		set_bit(h->skip1, at++);
		h->skips = true;
	}
	add_edge(h, h->loop, at, set, nul);
	*looping = true;
	return at;
}

static size_t
add_chars(struct chain *h, size_t at, bool *looping, const struct piece *c)
{
	for (size_t i = 0; i < c->min; i++, *looping = false)
		add_edge(h, h->step, at++, c->set, false);
	if (c->max == PIECE_NOMAX)
		return add_loop(h, at, looping, c->set, false);
	for (size_t i = c->min; i < c->max; i++, *looping = false) {
		add_edge(h, h->step, at, c->set, false);
		set_bit(h->skip1, at++);
		h->skips = true;
	}
	return at;
}

void
action__build(struct chain *h, struct cursor p)
{
	static const struct byteset none = { { 0 } };
	bool looping = false; /* the position has a loop already */
	size_t at = 0;
	struct item it;

	while ((it = action__next(&p)).kind != ITEM_END) {
		switch (it.kind) {
		case ITEM_BYTE:
			set_bit(h->step + h->class_of[it.byte] * h->nw, at++);
			looping = false;
			break;
		case ITEM_CHARS:
			at = add_chars(h, at, &looping, it.piece);
			break;
		case ITEM_WORDS:
			at = add_loop(h, at, &looping, NULL, true);
			break;
		case ITEM_LONE: /* only ever behind a NUL, so there is no loop here */
			set_bit(h->skip1, at);
			set_bit(h->skip2, at);
			h->skips = true;
			at++;
			add_edge(h, h->loop, at, NULL, true);
			add_edge(h, h->step, at++, &none, true);
			looping = false;
			break;
		case ITEM_END:
			break;
		}
	}
	h->last = at;
}
