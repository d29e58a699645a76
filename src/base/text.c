/* SPDX-License-Identifier: ISC */
/*
 * text.c: what a slice of bytes says: UTF-8, a number, a hash, the word that
 * was meant. Comparing and making slices is in str.c. Also the texts of the
 * error numbers.
 */
#include "bridle/base.h"

const char *
bridle_strerror(int err)
{
	switch (err) {
	case 0:
		return "no error";
	case BRIDLE_ENOMEM:
		return "out of memory";
	case BRIDLE_ELIMIT:
		return "a limit was crossed";
	case BRIDLE_ESYNTAX:
		return "the text does not parse";
	case BRIDLE_ENOENT:
		return "not there";
	case BRIDLE_EUNKNOWN:
		return "cannot be known";
	case BRIDLE_EIO:
		return "the system refused";
	case BRIDLE_EINVAL:
		return "wrong value";
	case BRIDLE_EVERSION:
		return "the other side speaks another version";
	}
	return "unknown error";
}

/* Bytes that may follow the first one of a sequence (RFC 3629, section 4). */
static const struct {
	unsigned char from, to; /* the first byte */
	unsigned char len;
	unsigned char from2, to2; /* the second; later ones are 80..BF */
} utf8_forms[] = {
	{ 0x00, 0x7f, 1, 0, 0 },
	{ 0xc2, 0xdf, 2, 0x80, 0xbf },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf },
	{ 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f },
	{ 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf },
	{ 0xf1, 0xf3, 4, 0x80, 0xbf },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f },
};

size_t
str_utf8_at(struct str s, size_t at)
{
	const unsigned char *p = (const unsigned char *)s.p + at;
	size_t left = s.n - at;

	for (size_t i = 0; i < sizeof utf8_forms / sizeof utf8_forms[0]; i++) {
		size_t len = utf8_forms[i].len;

		if (p[0] < utf8_forms[i].from || p[0] > utf8_forms[i].to)
			continue;
		if (left < len)
			return 0;
		if (len > 1 && (p[1] < utf8_forms[i].from2 || p[1] > utf8_forms[i].to2))
			return 0;
		for (size_t k = 2; k < len; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		return len;
	}
	return 0;
}

bool
str_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

bool
str_utf8(struct str s)
{
	for (size_t i = 0, len; i < s.n; i += len) {
		len = (unsigned char)s.p[i] < 0x80 ? 1 : str_utf8_at(s, i);
		if (len == 0)
			return false;
	}
	return true;
}

int
str_u64(struct str s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return BRIDLE_EINVAL;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit > 9 || v > (UINT64_MAX - digit) / 10)
			return BRIDLE_EINVAL;
		v = v * 10 + digit;
	}
	*out = v;
	return 0;
}

/* ---- hash: SipHash-1-3, so that nobody can choose words that collide ---- */

static uint64_t hash_key[2];

static uint64_t hash_secret[2]; /* made of the key; 0: not yet */

void
str_hash_seed(uint64_t k0, uint64_t k1)
{
	hash_key[0] = k0;
	hash_key[1] = k1;
	hash_secret[0] = 0;
}

static uint64_t
rotl(uint64_t x, unsigned b)
{
	return x << b | x >> (64 - b);
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

/* The n < 8 bytes at p. */
static inline uint64_t
last_bytes(const char *p, size_t n)
{
	uint64_t m = 0;
	uint32_t four;
	uint16_t two;

	if (n & 1)
		m = (unsigned char)p[n - 1];
	if (n & 2) {
		memcpy(&two, p + (n & 4), 2);
		m = m << 16 | two;
	}
	if (n & 4) {
		memcpy(&four, p, 4);
		m = m << 32 | four;
	}
	return m;
}

/* SipHash: nothing that it gives tells the key. */
static uint64_t
sip_hash(struct str s)
{
	uint64_t v[4] = { hash_key[0] ^ 0x736f6d6570736575u, hash_key[1] ^ 0x646f72616e646f6du,
		hash_key[0] ^ 0x6c7967656e657261u, hash_key[1] ^ 0x7465646279746573u };
	uint64_t m;
	size_t i = 0;

	for (bool last = false; !last; i += 8) {
		size_t left = s.n - i;

		last = left < 8;
		m = last ? (uint64_t)s.n << 56 : 0;
		if (!last)
			memcpy(&m, s.p + i, 8); /* in this machine's order: no hash leaves it */
		else if (left > 0)
			m |= last_bytes(s.p + i, left);
		v[3] ^= m;
		sip_round(v);
		v[0] ^= m;
	}
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* A 64 by 64 bit product of two secret sums. */
static inline uint64_t
mix(uint64_t x, uint64_t y)
{
	unsigned __int128 m = (unsigned __int128)x * y;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* The bytes of less than eight, no two texts of one length alike. */
static inline uint64_t
few(const char *p, size_t n)
{
	uint32_t first, last;

	if (n >= 4) {
		memcpy(&first, p, 4);
		memcpy(&last, p + n - 4, 4);
		return (uint64_t)first << 32 | last;
	}
	return n == 0 ? 0 :
	    (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[n / 2] << 8 |
	        (unsigned char)p[n - 1];
}

/* Keys are short, and every look-up in a map makes one. */
uint64_t
str_hash(struct str s)
{
	uint64_t h, part;

	if (hash_secret[0] == 0) {
		hash_secret[1] = sip_hash(STR("pmap 1")) | 1;
		hash_secret[0] = sip_hash(STR("pmap 0")) | 1;
	}
	h = hash_secret[0] ^ s.n;
	while (s.n >= 8) {
		memcpy(&part, s.p, 8);
		h = mix(h ^ part, hash_secret[1]);
		s.p += 8;
		s.n -= 8;
	}
	return mix(h ^ few(s.p, s.n), hash_secret[1] ^ hash_secret[0] << 1);
}

/* ---- the word that was meant ---- */

#define NEAREST_MOST 64 /* longer words are not compared */

static size_t
least(size_t x, size_t y)
{
	return x < y ? x : y;
}

/* Edit distance in which a swap of neighbours counts one; both words at most
 * NEAREST_MOST long. */
static size_t
distance(struct str x, struct str y)
{
	size_t rows[3][NEAREST_MOST + 1];
	size_t *prev2 = rows[0], *prev = rows[1], *row = rows[2], *spare;

	for (size_t j = 0; j <= y.n; j++)
		prev2[j] = prev[j] = j;
	for (size_t i = 1; i <= x.n; i++) {
		row[0] = i;
		for (size_t j = 1; j <= y.n; j++) {
			size_t d = prev[j - 1] + (x.p[i - 1] != y.p[j - 1]);

			d = least(d, least(prev[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && x.p[i - 1] == y.p[j - 2] && x.p[i - 2] == y.p[j - 1])
				d = least(d, prev2[j - 2] + 1);
			row[j] = d;
		}
		spare = prev2;
		prev2 = prev;
		prev = row;
		row = spare;
	}
	return prev[y.n];
}

size_t
str_nearest(struct str word, const struct str *candidates, size_t n)
{
	size_t best = STR_NPOS, best_d = word.n / 3;

	if (word.n > NEAREST_MOST)
		return STR_NPOS;
	for (size_t i = 0; i < n; i++) {
		size_t d;

		if (candidates[i].n > NEAREST_MOST)
			continue;
		d = distance(word, candidates[i]);
		if (d < best_d || (d == best_d && best == STR_NPOS)) {
			best = i;
			best_d = d;
		}
	}
	return best;
}

struct str
str_visible(struct arena *a, struct str s)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i], next = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
		unsigned char third = i + 2 < s.n ? (unsigned char)s.p[i + 2] : 0;
		bool bidi = c == 0xe2 && ((next == 0x80 && third >= 0xaa && third <= 0xae) ||
					     (next == 0x81 && third >= 0xa6 && third <= 0xa9));

		if (c == '\n') {
			buf_puts(&b, "⏎");
		} else if (c < ' ' || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0) || bidi) {
			buf_putc(&b, '?');
			i += bidi ? 2 : c == 0xc2;
		} else {
			buf_putc(&b, (char)c);
		}
	}
	return b.n == 0 ? STR("") : buf_str(&b);
}
