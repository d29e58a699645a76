/* SPDX-License-Identifier: ISC */
/*
 * test_match.c: covers and meets. Rows that a person can read, then random
 * small vectors against brute force: every string of up to six bytes over
 * { a b / x NUL } is tried on both, with a matcher that shares no code.
 */
#include "bridle/action.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

/* ---- words from a short notation ---------------------------------------------
 * Text is itself; * any text, ? any byte, $ any words, # one of "ab",
 * + one or more of "ab", ~ up to two of any but '/'; blanks part words. */

static struct byteset set_ab, set_not_slash;

static struct word
piece_word(struct arena *a, char c)
{
	struct piece *p = NEW(a, struct piece);

	*p = (struct piece){ .kind = PIECE_CHARS, .min = 1, .max = 1, .text = STR("") };
	switch (c) {
	case '*':
		return word_any(a, STR("*"));
	case '$':
		return word_words(a, STR("$x"));
	case '?':
		break;
	case '#':
		p->set = &set_ab;
		break;
	case '+':
		p->set = &set_ab;
		p->max = PIECE_NOMAX;
		break;
	case '~':
		p->set = &set_not_slash;
		p->min = 0;
		p->max = 2;
		break;
	default:
		return word_text(a, str_dup(a, (struct str){ &c, 1 }));
	}
	return (struct word){ p, 1, STR("") };
}

static struct words
words_of(struct arena *a, const char *text)
{
	VEC(struct word) list = { 0 };
	struct word w = word_text(a, STR(""));

	if (*text == '\0')
		return (struct words){ NULL, 0 };
	for (;; text++) {
		if (*text == ' ' || *text == '\0') {
			*vec_push(a, &list) = w;
			w = word_text(a, STR(""));
			if (*text == '\0')
				return (struct words){ list.v, list.n };
		} else {
			w = word_cat(a, w, piece_word(a, *text));
		}
	}
}

/* ---- brute force ---------------------------------------------------------------- */

#define LENGTH 6
#define STRINGS (1 + 5 + 25 + 125 + 625 + 3125 + 15625)
static const char alphabet[] = { 'a', 'b', '/', 'x', '\0' };

static bool match_from(struct words ws, size_t word, size_t piece, const char *s, size_t n);

static bool
lone(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind != PIECE_WORDS)
			return false;
	return w.n > 0;
}

static bool
match_words(struct words ws, size_t word, const char *s, size_t n)
{
	if (word == ws.n)
		return n == 0;
	if (!lone(ws.v[word]))
		return match_from(ws, word, 0, s, n);
	if (match_words(ws, word + 1, s, n))
		return true;
	for (size_t k = 1; k <= n; k++)
		if (s[k - 1] == '\0' && match_words(ws, word + 1, s + k, n - k))
			return true;
	return false;
}

static bool
match_from(struct words ws, size_t word, size_t piece, const char *s, size_t n)
{
	const struct piece *p;

	if (piece == ws.v[word].n)
		return n > 0 && s[0] == '\0' && match_words(ws, word + 1, s + 1, n - 1);
	p = &ws.v[word].v[piece];
	if (p->kind == PIECE_TEXT)
		return n >= p->text.n && memcmp(s, p->text.p, p->text.n) == 0 &&
		    match_from(ws, word, piece + 1, s + p->text.n, n - p->text.n);
	for (size_t k = 0; k <= n; k++) {
		bool fits = p->kind == PIECE_WORDS || (k >= p->min && k <= p->max);

		if (fits && match_from(ws, word, piece + 1, s + k, n - k))
			return true;
		if (k < n && p->kind == PIECE_CHARS &&
		    (s[k] == '\0' || (p->set != NULL && !byteset_has(p->set, (unsigned char)s[k]))))
			return false;
	}
	return false;
}

typedef uint64_t language[(STRINGS + 63) / 64];

static void
enumerate(struct words ws, language l)
{
	size_t number = 0;

	memset(l, 0, sizeof(language));
	for (size_t n = 0, total = 1; n <= LENGTH; n++, total *= 5)
		for (size_t i = 0; i < total; i++, number++) {
			char s[LENGTH];

			for (size_t k = 0, rest = i; k < n; k++, rest /= 5)
				s[k] = alphabet[rest % 5];
			if (match_words(ws, 0, s, n))
				l[number / 64] |= (uint64_t)1 << number % 64;
		}
}

static uint32_t seed = 12345;

static uint32_t
dice(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/* At most `pieces` pieces in at most `words` words. */
static const char *
random_text(struct arena *a, size_t most_words, size_t most_pieces)
{
	static const char notation[] = "aaabb//**?$#+~";
	struct buf b;
	size_t nwords = 1 + dice((uint32_t)most_words);

	buf_init(&b, a);
	for (size_t i = 0; i < nwords; i++) {
		size_t n = dice((uint32_t)most_pieces + 1);

		if (i > 0)
			buf_putc(&b, ' ');
		while (n-- > 0)
			buf_putc(&b, notation[dice(sizeof notation - 1)]);
	}
	buf_puts(&b, "");
	return b.p;
}

#define POOL 220

static void
against_brute_force(size_t most_words, size_t most_pieces, size_t most_unseen)
{
	struct arena *a = arena_new(0);
	const char *texts[POOL];
	struct words pool[POOL];
	language *l = calloc(POOL, sizeof *l);
	size_t yes[2] = { 0, 0 }, unseen = 0;

	assert_non_null(l);
	for (size_t i = 0; i < POOL; i++) {
		texts[i] = random_text(a, most_words, most_pieces);
		pool[i] = words_of(a, texts[i]);
		enumerate(pool[i], l[i]);
	}
	for (size_t p = 0; p < POOL; p++)
		for (size_t w = 0; w < POOL; w++) {
			bool covers = argv_covers(pool[p], pool[w], false);
			bool meets = argv_meets(pool[p], pool[w], false);
			bool outside = false, common = false;

			for (size_t i = 0; i < sizeof(language) / 8; i++) {
				outside |= (l[w][i] & ~l[p][i]) != 0;
				common |= (l[w][i] & l[p][i]) != 0;
			}
			/* Sound always; exact where what differs is no longer
			 * than LENGTH, which may not be so for three words. */
			if ((covers && outside) || (!meets && common))
				fail_msg("pattern \"%s\", words \"%s\": covers %d (brute force %d), "
				         "meets %d (%d)",
				    texts[p], texts[w], covers, !outside, meets, common);
			unseen += covers == outside || meets != common;
			yes[0] += covers;
			yes[1] += meets;
		}
assert_true(unseen <= most_unseen);
	assert_true(yes[0] > POOL && yes[1] > yes[0]); /* the dice made something worth asking */
	free(l);
	arena_free(a);
}

static void
test_brute_force_words(void **state)
{
	(void)state;
	against_brute_force(1, 3, 0);
}

static void
test_brute_force_vectors(void **state)
{
	(void)state;
	against_brute_force(3, 1, POOL / 10);
	against_brute_force(2, 2, POOL / 10);
}

/* ---- rows ------------------------------------------------------------------------ */

static const struct {
	const char *pattern, *words;
	bool rest, covers, meets;
} rows[] = {
	{ "git push", "git push", false, true, true },
	{ "git push", "git push origin", false, false, false },
	{ "git push", "git push origin", true, true, true },
	{ "git push", "git", true, false, false },
	{ "git push", "git pu", true, false, false },
	{ "feat/*", "feat/a/b", false, true, true },
	{ "feat/*", "feat/", false, true, true },
	{ "feat/*", "feat/*", false, true, true },
	{ "feat/*", "*", false, false, true },
	{ "feat/*", "fix/*", false, false, false },
	{ "feat/*", "feat/$", false, false, true },
	{ "*", "*", false, true, true },
	{ "*", "a$", false, false, true },
	{ "*", "$", false, false, true },
	{ "$", "$", false, true, true },
	{ "$", "a b c", false, true, true },
	{ "$", "", false, true, true },
	{ "", "$", false, false, true },
	{ "", "", false, true, true },
	{ "", "a", false, false, false },
	{ "a$", "a", false, true, true },
	{ "a$", "ab c", false, true, true },
	{ "a$", "b", false, false, false },
	{ "a $ b", "a b", false, true, true },
	{ "a $ b", "a x y b", false, true, true },
	{ "a $ b", "a x y", false, false, false },
	{ "a b", "a $ b", false, false, true },
	{ "a c", "a $ b", false, false, false },
	{ "*a*", "x*a", false, true, true },
	{ "*ab*ab*", "*abab*", false, true, true },
	{ "*aba*", "*ab*", false, false, true },
	{ "?*", "*?", false, true, true },
	{ "*?", "?*", false, true, true },
	{ "+", "ab", false, true, true },
	{ "+", "a*", false, false, true },
	{ "#", "x", false, false, false },
	{ "*", "+", false, true, true },
	{ "~", "ab", false, true, true },
	{ "~", "abb", false, false, false },
	{ "~", "a/", false, false, false },
	{ "x y", "x", false, false, false },
};

static void
test_rows(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct words p = words_of(a, rows[i].pattern), w = words_of(a, rows[i].words);
		bool covers = argv_covers(p, w, rows[i].rest);
		bool meets = argv_meets(p, w, rows[i].rest);

		if (covers != rows[i].covers || meets != rows[i].meets)
			fail_msg("\"%s\" and \"%s\": covers %d, meets %d", rows[i].pattern,
			    rows[i].words, covers, meets);
	}
	arena_free(a);
}

static void
test_alternatives(void **state)
{
	struct arena *a = arena_new(0);
	struct words p = words_of(a, "feat/* fix/*");

	(void)state;
	assert_true(words_cover(p, words_of(a, "fix/1").v[0]));
	assert_false(words_cover(p, words_of(a, "main").v[0]));
	assert_true(words_meet(p, words_of(a, "f*").v[0]));
	assert_false(words_meet(p, words_of(a, "main").v[0]));
	assert_false(words_cover((struct words){ NULL, 0 }, words_of(a, "a").v[0]));
	arena_free(a);
}

/* A word that no text can be is covered by nothing and meets nothing. */
static void
test_impossible(void **state)
{
	struct byteset none = { { 0 } };
	struct piece piece = { PIECE_CHARS, STR(""), &none, 1, 1 };
	struct word impossible = { &piece, 1, STR("") };
	struct arena *a = arena_new(0);

	(void)state;
	assert_false(word_covers(word_any(a, STR("*")), impossible));
	assert_false(word_meets(word_any(a, STR("*")), impossible));
	assert_false(word_covers(impossible, word_any(a, STR("*"))));
	arena_free(a);
}

/* All bytes are known to the pattern, so its last class has no byte left. */
static void
test_all_bytes(void **state)
{
	struct arena *a = arena_new(0);
	char all[255];
	struct word p;

	(void)state;
	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (char)(i + 1);
	p = word_cat(a, word_any(a, STR("*")), word_text(a, (struct str){ all, sizeof all }));
	assert_true(word_meets(p, word_any(a, STR("*"))));
	assert_false(word_covers(p, word_any(a, STR("*"))));
	assert_true(word_covers(p, word_text(a, str_cat(a, STR("ab"), (struct str){ all, 255 }))));
	arena_free(a);
}

static struct str
times(struct arena *a, const char *text, size_t n)
{
	struct buf b;

	buf_init(&b, a);
	while (n-- > 0)
		buf_puts(&b, text);
	return buf_str(&b);
}

/* Done at once or never: a backtracking matcher would not come back. */
static void
test_nasty(void **state)
{
	struct arena *a = arena_new(0);
	struct words stars = words_of(a, times(a, "*a", 60).p), as = { 0 };
	struct word text = word_text(a, times(a, "a", 20000)), w;

	(void)state;
	as = (struct words){ &text, 1 };
	assert_true(argv_covers(stars, as, false));
	w = word_cat(a, text, word_text(a, STR("b")));
	as = (struct words){ &w, 1 };
	assert_false(argv_covers(stars, as, false));
	assert_false(argv_meets(stars, as, false));
	/* 2^40 sets of positions, were they all made. */
	assert_false(argv_covers(words_of(a, "*a????????????????????????????????????????"),
	    words_of(a, "+"), false));
	/* A long text that both share costs nothing. */
	text = word_text(a, times(a, "0123456789abcdef", 1 << 16));
	w = word_cat(a, text, word_any(a, STR("$X")));
	assert_true(word_covers(w, text));
	assert_true(word_meets(text, w));
	assert_false(word_covers(text, w));
	/* A million bytes behind a star. */
	assert_true(word_covers(words_of(a, "*9abc*").v[0], text));
	assert_false(word_covers(words_of(a, "*9abb*").v[0], text));
	arena_free(a);
}

/* What crosses a bound is not covered, but met. */
static void
test_bounds(void **state)
{
	struct arena *a = arena_new(0);
	struct piece many = { PIECE_CHARS, STR(""), NULL, 100000, 100000 };
	struct word counted = { &many, 1, STR("") };
	struct word any = word_any(a, STR("*"));
	struct word pattern, text;

	(void)state;
	assert_false(word_covers(counted, counted));
	assert_true(word_meets(counted, counted));
	assert_true(word_covers(any, counted));
	assert_true(word_meets(any, counted));
	assert_true(word_meets(any, (struct word){ &many, 1, STR("") }));
	/* Positions: a pattern of 20,000 bytes behind a star. */
	pattern = word_cat(a, any, word_text(a, times(a, "b", 20000)));
	text = word_text(a, times(a, "b", 20000));
	assert_false(word_covers(pattern, text));
	assert_true(word_meets(pattern, text));
	/* Work: 10,000 positions times 1,000,000 bytes. */
	pattern = word_cat(a, any, word_text(a, times(a, "b", 10000)));
	text = word_text(a, times(a, "b", 1000000));
	assert_false(word_covers(pattern, text));
	assert_true(word_meets(pattern, text));
	/* The same within the bounds. */
	pattern = word_cat(a, any, word_text(a, times(a, "b", 1000)));
	text = word_text(a, times(a, "b", 20000));
	assert_true(word_covers(pattern, text));
	assert_true(word_meets(pattern, text));
	arena_free(a);
}

static int
setup(void **state)
{
	(void)state;
	set_ab = byteset_of("ab");
	set_not_slash = byteset_not("/");
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_alternatives),
		cmocka_unit_test(test_impossible),
		cmocka_unit_test(test_all_bytes),
		cmocka_unit_test(test_nasty),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_brute_force_words),
		cmocka_unit_test(test_brute_force_vectors),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
