/* SPDX-License-Identifier: ISC */
/*
 * fuzz_match.c: covers and meets on words made of the input. What covers also
 * meets; both hold between a word and itself; the other relation must hold for
 * a filling of the word that is made here.
 */
#include "bridle/action.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct byteset set_ab;

struct input {
	const uint8_t *p;
	size_t n;
};

static uint8_t
take(struct input *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return *in->p++;
}

/* One piece, and a text that fills it. */
static struct word
piece(struct arena *a, struct input *in, struct buf *filling)
{
	static const char letters[] = "ab/x";
	uint8_t what = take(in);
	char c = letters[what >> 3 & 3];
	struct piece *p = NEW(a, struct piece);

	*p = (struct piece){ .kind = PIECE_CHARS, .min = what >> 5 & 1, .max = PIECE_NOMAX };
	if ((what & 7) < 4) {
		buf_putc(filling, c);
		return word_text(a, str_dup(a, (struct str){ &c, 1 }));
	}
	if ((what & 7) == 4 && (what & 0xc0) == 0xc0) {
		buf_putc(filling, c);
		return word_words(a, STR("$x"));
	}
	if ((what & 7) == 5)
		p->max = p->min + (what >> 6);
	if ((what & 7) == 6)
		p->set = &set_ab;
	for (size_t i = 0; i < p->min; i++)
		buf_putc(filling, 'b');
	if (p->max > p->min && (what & 0x80) != 0)
		buf_putc(filling, 'a');
	return (struct word){ p, 1, STR("") };
}

/* At most four words of at most eight pieces. */
static struct words
words(struct arena *a, struct input *in, struct words *filled)
{
	size_t n = take(in) % 5;
	struct word *v = NEW_ARRAY(a, struct word, n), *f = NEW_ARRAY(a, struct word, n);

	for (size_t i = 0; i < n; i++) {
		size_t pieces = take(in) % 9;
		struct buf filling;

		buf_init(&filling, a);
		v[i] = word_text(a, STR(""));
		while (pieces-- > 0)
			v[i] = word_cat(a, v[i], piece(a, in, &filling));
		f[i] = word_text(a, buf_str(&filling));
	}
	*filled = (struct words){ f, n };
	return (struct words){ v, n };
}

static void
check(bool holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct arena *a = arena_new(0);
	struct words p, w, p1, w1;
	bool covers, meets, rest;

	set_ab = byteset_of("ab");
	p = words(a, &in, &p1);
	w = words(a, &in, &w1);
	rest = (take(&in) & 1) != 0;
	covers = argv_covers(p, w, rest);
	meets = argv_meets(p, w, rest);
	check(!covers || meets);
	check(argv_covers(p, p, rest));
	check(argv_meets(p, w, rest) == meets);
	check(argv_meets(w, p, false) == argv_meets(p, w, false));
	check(argv_covers(w, w1, false));
	check(!covers || argv_covers(p, w1, rest));
	check(meets || !argv_meets(p, w1, rest));
	check(!argv_covers(p, w1, rest) || meets);
	check(argv_covers(p, p1, rest));
	arena_free(a);
	return 0;
}
