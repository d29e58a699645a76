/* SPDX-License-Identifier: ISC */
/*
 * blake2b.c: BLAKE2b-256 without a key (RFC 7693) of a text that is there as a
 * whole. libsodium has it too, built for vectors, which takes twice as long for
 * a text of a record's length, and that was a twentieth of a decision. For what
 * links records and tells texts apart, nothing secret: the keyed hashes that stand
 * for secrets are libsodium's. Held against libsodium's by test_str.c.
 */
#include <string.h>

#include "bridle/base.h"

#define BLOCK 128

static const uint64_t start[8] = {
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
	0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

#define RIGHT(x, n) ((x) >> (n) | (x) << (64 - (n)))
#define MIX(a, b, c, d, x, y)                                                              \
	do {                                                                               \
		a += b + m[x], d = RIGHT(d ^ a, 32), c += d, b = RIGHT(b ^ c, 24);         \
		a += b + m[y], d = RIGHT(d ^ a, 16), c += d, b = RIGHT(b ^ c, 63);         \
	} while (0)
/* The columns, then the diagonals, with the words of the message in this order. */
#define ROUND(s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15)        \
	MIX(v0, v4, v8, v12, s0, s1);                                                      \
	MIX(v1, v5, v9, v13, s2, s3);                                                      \
	MIX(v2, v6, v10, v14, s4, s5);                                                     \
	MIX(v3, v7, v11, v15, s6, s7);                                                     \
	MIX(v0, v5, v10, v15, s8, s9);                                                     \
	MIX(v1, v6, v11, v12, s10, s11);                                                   \
	MIX(v2, v7, v8, v13, s12, s13);                                                    \
	MIX(v3, v4, v9, v14, s14, s15)

static void
compress(uint64_t h[8], const unsigned char *block, uint64_t counted, bool last)
{
	uint64_t v0 = h[0], v1 = h[1], v2 = h[2], v3 = h[3], v4 = h[4], v5 = h[5], v6 = h[6], v7 = h[7];
	uint64_t v8 = start[0], v9 = start[1], v10 = start[2], v11 = start[3], v12 = start[4] ^ counted;
	uint64_t v13 = start[5], v14 = last ? ~start[6] : start[6], v15 = start[7], m[16];

	memcpy(m, block, sizeof m);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (unsigned i = 0; i < 16; i++)
		m[i] = __builtin_bswap64(m[i]);
#endif
	ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
	ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3);
	ROUND(11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4);
	ROUND(7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8);
	ROUND(9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13);
	ROUND(2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9);
	ROUND(12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11);
	ROUND(13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10);
	ROUND(6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5);
	ROUND(10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0);
	ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
	ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3);
	h[0] ^= v0 ^ v8, h[1] ^= v1 ^ v9, h[2] ^= v2 ^ v10, h[3] ^= v3 ^ v11;
	h[4] ^= v4 ^ v12, h[5] ^= v5 ^ v13, h[6] ^= v6 ^ v14, h[7] ^= v7 ^ v15;
}

void
blake2b(struct str text, unsigned char out[32])
{
	const unsigned char *p = (const unsigned char *)text.p;
	unsigned char end[BLOCK] = { 0 };
	uint64_t h[8], counted = 0;

	memcpy(h, start, sizeof h);
	h[0] ^= 0x01010020; /* one leaf, no key, 32 bytes out */
	for (; text.n - counted > BLOCK; p += BLOCK) {
		counted += BLOCK;
		compress(h, p, counted, false);
	}
	if (text.n > counted)
		memcpy(end, p, text.n - counted);
	compress(h, end, text.n, true);
	for (unsigned i = 0; i < 32; i++)
		out[i] = (unsigned char)(h[i / 8] >> 8 * (i % 8));
}
