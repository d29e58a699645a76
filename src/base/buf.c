/* SPDX-License-Identifier: ISC */
/*
 * buf.c: text that grows at its end, in an arena. What it outgrows stays in
 * the arena until that is freed; growth doubles, so this is at most as much
 * again. buf_json is the one writer of JSON strings.
 */
#include "bridle/base.h"

#include <stdio.h>
#include <string.h>

void
buf_init(struct buf *b, struct arena *a)
{
	*b = (struct buf){ .a = a };
}

void
buf__grow(struct buf *b, size_t more)
{
	size_t want = b->cap == 0 ? 64 : b->cap * 2;
	char *larger;

	if (want < b->n + more + 1)
		want = b->n + more + 1;
	larger = arena_raw(b->a, want);
	if (b->n > 0)
		memcpy(larger, b->p, b->n);
	b->p = larger;
	b->cap = want;
}

/* Makes room for more bytes and the NUL behind them. */
static inline void
buf_room(struct buf *b, size_t more)
{
	if (b->cap - b->n <= more)
		buf__grow(b, more);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	size_t room;
	va_list ap;
	int n;

	buf_room(b, 0);
	room = b->cap - b->n;
	va_start(ap, fmt);
	n = vsnprintf(b->p + b->n, room, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n >= room) { /* once more, with room for all */
		buf_room(b, (size_t)n);
		va_start(ap, fmt);
		vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	if (n >= 0)
		b->n += (size_t)n;
	else
		b->p[b->n] = '\0';
}

void
buf_u64(struct buf *b, uint64_t n)
{
	char digits[20], *p = digits + sizeof digits;

	if (n < 10) {
		buf_putc(b, (char)('0' + n));
		return;
	}
	do {
		*--p = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	buf_add(b, (struct str){ p, (size_t)(digits + sizeof digits - p) });
}

static const char hex_digits[] = "0123456789abcdef";

void
buf_hex(struct buf *b, const unsigned char *bytes, size_t n)
{
	char *to;

	buf_room(b, 2 * n);
	to = b->p + b->n;
	for (size_t i = 0; i < n; i++) {
		*to++ = hex_digits[bytes[i] >> 4];
		*to++ = hex_digits[bytes[i] & 15];
	}
	*to = '\0';
	b->n += 2 * n;
}

/* Stands in a JSON string as it is. */
static bool
is_plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x7f && c != '"' && c != '\\';
}

/* Of eight bytes: which are not plain, by their top bits. Those below a blank, and a
 * quote, a backslash or DEL made nothing, have that bit once one is taken away. What
 * that borrows may mark the bytes behind them, never one in front. */
#define EACH(byte) (0x0101010101010101u * (byte))
static uint64_t
marks_in(uint64_t x)
{
	return (x | (x - EACH(0x20)) | ((x ^ EACH('"')) - EACH(1)) | ((x ^ EACH('\\')) - EACH(1)) |
		   ((x ^ EACH(0x7f)) - EACH(1))) & EACH(0x80);
}

static uint64_t
not_plain(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof x);
	return marks_in(x);
}

size_t
str_json_plain(struct str s)
{
	size_t n = 0;
	uint64_t marks;

	for (; s.n - n >= 8; n += 8)
		if ((marks = not_plain(s.p + n)) != 0) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
			return n + (size_t)__builtin_ctzll(marks) / 8;
#else
			break;
#endif
		}
	while (n < s.n && is_plain(s.p[n]))
		n++;
	return n;
}

/* Sixteen bytes at once. Of signed ones those beyond ASCII are below a blank, too. */
typedef signed char bytes16 __attribute__((vector_size(16)));
typedef int64_t halves __attribute__((vector_size(16)));

static inline bytes16
copy16(char *to, const char *from)
{
	bytes16 x;

	memcpy(&x, from, sizeof x);
	memcpy(to, &x, sizeof x);
	return (x < ' ') | (x == '"') | (x == '\\') | (x == 0x7f);
}

/* Longer than that: the last sixteen are copied by themselves. */
static bool
copy_long(char *to, struct str s)
{
	bytes16 marks = copy16(to + s.n - 16, s.p + s.n - 16);

	for (size_t i = 0; i + 16 < s.n; i += 16)
		marks |= copy16(to + i, s.p + i);
	return (((halves)marks)[0] | ((halves)marks)[1]) == 0;
}

/* Copies s to where there is room for it; true: all of it is plain. */
static bool
copy_plain(char *to, struct str s)
{
	uint64_t x, y;
	uint32_t low, high;
	size_t n = 0;

	if (s.n >= 16)
		return copy_long(to, s);
	if (s.n < 4) {
		for (; n < s.n && is_plain(s.p[n]); n++)
			to[n] = s.p[n];
		return n == s.n;
	}
	if (s.n < 8) {
		memcpy(&low, s.p, 4);
		memcpy(&high, s.p + s.n - 4, 4);
		memcpy(to, &low, 4);
		memcpy(to + s.n - 4, &high, 4);
		return marks_in((uint64_t)high << 32 | low) == 0;
	}
	memcpy(&x, s.p, 8);
	memcpy(&y, s.p + s.n - 8, 8);
	memcpy(to, &x, 8);
	memcpy(to + s.n - 8, &y, 8);
	return (marks_in(x) | marks_in(y)) == 0;
}

/* A byte that has to be spelled: \n and its like, else \u00XX. */
static void
json_escape(struct buf *b, char c)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	unsigned char code = (unsigned char)c;

	for (size_t k = 0; k + 1 < sizeof named; k += 2)
		if (named[k] == c) {
			buf_add(b, (struct str){ (char[]){ '\\', named[k + 1] }, 2 });
			return;
		}
	buf_add(b, STR("\\u00"));
	buf_hex(b, &code, 1);
}

/* What is to be spelled is in it somewhere: few are, and the others need none of this. */
static void __attribute__((noinline))
json_spelled(struct buf *b, struct str s)
{
	size_t i = 0, len;

	buf_putc(b, '"');
	for (;;) {
		len = str_json_plain(str_sub(s, i, STR_NPOS));
		buf_add(b, str_sub(s, i, len));
		if ((i += len) == s.n)
			break;
		if ((len = str_utf8_at(s, i)) == 0)
			buf_puts(b, "\xef\xbf\xbd");
		else if (len == 1)
			json_escape(b, s.p[i]);
		else
			buf_add(b, str_sub(s, i, len));
		i += len == 0 ? 1 : len;
	}
	buf_putc(b, '"');
}

void
buf_json(struct buf *b, struct str s)
{
	char *to;

	buf_room(b, s.n + 2);
	to = b->p + b->n;
	if (!copy_plain(to + 1, s)) {
		json_spelled(b, s);
		return;
	}
	to[0] = to[s.n + 1] = '"';
	to[s.n + 2] = '\0';
	b->n += s.n + 2;
}

struct str
buf_str(const struct buf *b)
{
	return b->p == NULL ? (struct str){ "", 0 } : (struct str){ b->p, b->n };
}
