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

/* Makes room for more bytes and the NUL behind them. */
static void
buf_room(struct buf *b, size_t more)
{
	size_t want = b->cap == 0 ? 64 : b->cap * 2;
	char *larger;

	if (b->cap - b->n > more)
		return;
	if (want < b->n + more + 1)
		want = b->n + more + 1;
	larger = arena_alloc(b->a, want);
	if (b->n > 0)
		memcpy(larger, b->p, b->n);
	b->p = larger;
	b->cap = want;
}

void
buf_add(struct buf *b, struct str s)
{
	buf_room(b, s.n);
	if (s.n > 0)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
	b->p[b->n] = '\0';
}

void
buf_puts(struct buf *b, const char *cstr)
{
	buf_add(b, str_of(cstr));
}

void
buf_putc(struct buf *b, char c)
{
	buf_add(b, (struct str){ &c, 1 });
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	buf_room(b, (size_t)n);
	va_start(ap, fmt);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

void
buf_json(struct buf *b, struct str s)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	buf_putc(b, '"');
	for (size_t i = 0, len; i < s.n; i += len) {
		const char *as = NULL;

		len = str_utf8_at(s, i);
		if (len == 0) {
			buf_puts(b, "\xef\xbf\xbd");
			len = 1;
			continue;
		}
		for (size_t k = 0; k + 1 < sizeof named && as == NULL; k += 2)
			if (named[k] == s.p[i])
				as = &named[k + 1];
		if (as != NULL)
			buf_printf(b, "\\%c", *as);
		else if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			buf_printf(b, "\\u%04x", (unsigned)(unsigned char)s.p[i]);
		else
			buf_add(b, str_sub(s, i, len));
	}
	buf_putc(b, '"');
}

struct str
buf_str(const struct buf *b)
{
	return b->p == NULL ? (struct str){ "", 0 } : (struct str){ b->p, b->n };
}
