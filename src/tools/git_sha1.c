/* SPDX-License-Identifier: ISC */
/*
 * git_sha1.c: the name of a blob, as the index keeps it (FIPS 180-4 SHA-1 over
 * "blob SIZE\0CONTENT"). Only to compare a file with what was added: nothing
 * here rests on SHA-1 being hard to break.
 */
#include <stdio.h>
#include <string.h>

#include "tools/git_files.h"

struct sha1 {
	uint32_t h[5];
	uint64_t n;
	unsigned char block[64];
};

static uint32_t
rotl(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static void
compress(struct sha1 *s)
{
	static const uint32_t k[] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
	uint32_t w[80], a = s->h[0], b = s->h[1], c = s->h[2], d = s->h[3], e = s->h[4];

	for (unsigned i = 0; i < 16; i++)
		w[i] = (uint32_t)s->block[4 * i] << 24 | (uint32_t)s->block[4 * i + 1] << 16 |
		    (uint32_t)s->block[4 * i + 2] << 8 | s->block[4 * i + 3];
	for (unsigned i = 16; i < 80; i++)
		w[i] = rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (unsigned i = 0; i < 80; i++) {
		uint32_t f = i < 20 ? ((b & c) | (~b & d)) : i < 40 || i >= 60 ? b ^ c ^ d :
									      ((b & c) | (b & d) | (c & d));
		uint32_t t = rotl(a, 5) + f + e + k[i / 20] + w[i];

		e = d;
		d = c;
		c = rotl(b, 30);
		b = a;
		a = t;
	}
	s->h[0] += a;
	s->h[1] += b;
	s->h[2] += c;
	s->h[3] += d;
	s->h[4] += e;
}

static void
update(struct sha1 *s, const void *data, size_t n)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < n; i++) {
		s->block[s->n++ % 64] = p[i];
		if (s->n % 64 == 0)
			compress(s);
	}
}

void
git_blob_name(struct str content, unsigned char out[20])
{
	struct sha1 s = { .h = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 } };
	unsigned char end[8];
	char head[32];
	uint64_t bits;
	int n = snprintf(head, sizeof head, "blob %zu", content.n);

	update(&s, head, (size_t)n + 1); /* with its NUL */
	update(&s, content.p, content.n);
	bits = s.n * 8;
	update(&s, "\x80", 1);
	while (s.n % 64 != 56)
		update(&s, "", 1);
	for (unsigned i = 0; i < 8; i++)
		end[i] = (unsigned char)(bits >> (56 - 8 * i));
	update(&s, end, sizeof end);
	for (unsigned i = 0; i < 20; i++)
		out[i] = (unsigned char)(s.h[i / 4] >> (24 - 8 * (i % 4)));
}
