/* SPDX-License-Identifier: ISC */
/*
 * chain.h: inside action: a vector of words read as one string, and a pattern
 * as a chain of positions. Made in chain.c, walked in match.c, which says why.
 */
#ifndef ACTION_CHAIN_H
#define ACTION_CHAIN_H

#include "bridle/action.h"

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
struct item action__next(struct cursor *c);
/* The known bytes at the cursor, up to the end of their piece; empty if none. */
struct str action__text(struct cursor *c);
/* Goes behind n of them. */
void action__skip(struct cursor *c, size_t n);

/* Bits of a row word. */
#define CHAIN_BITS 64
/* A byte is of a class; no set of the pattern or the words tells those of one
 * class apart. Class 0 is NUL, the end of a word. */
struct chain {
	size_t last; /* the position that accepts */
	size_t nw;   /* words of bits in a row */
	uint16_t class_of[256];
	unsigned char byte_of[257]; /* one byte of each class; 0: none is left in it */
	size_t nclasses;
	uint64_t *step, *loop;   /* a row per class, and one more for match.c */
	uint64_t *skip1, *skip2; /* empty steps to the next, the next but one */
	bool skips;
};

/* Positions that the pattern needs at most; SIZE_MAX: more than most. */
size_t action__measure(struct cursor p, size_t most);
/* Fills class_of, byte_of, nclasses. */
void action__classes(struct chain *c, struct cursor p, struct cursor w);
/* Is class k in the set? NUL is if nul says so. */
bool action__class_in(const struct chain *c, size_t k, const struct byteset *set, bool nul);
/* Fills the rows, which are there and zero, and last. */
void action__build(struct chain *c, struct cursor p);

#endif
