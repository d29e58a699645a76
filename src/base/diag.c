/* SPDX-License-Identifier: ISC */
/*
 * diag.c: what is wrong with a text that a person wrote, and how it is shown:
 * the line, a caret below the place, a hint. The text may be hostile: control
 * characters are never sent to a terminal, a long line is shown in part.
 */
#include "bridle/base.h"
#include "bridle/limits.h"

#include <stdio.h>

#define SHOWN 120       /* bytes of a line that are shown */
#define SHOWN_BEFORE 60 /* of these, at most so many before the caret */

void
diags_init(struct diags *d, struct arena *a)
{
	*d = (struct diags){ .a = a };
}

struct diag *
diag_add(struct diags *d, enum diag_level level, struct str file, unsigned line, unsigned column,
    struct str text, const char *fmt, ...)
{
	size_t *count = level == DIAG_ERROR ? &d->errors : &d->warnings;
	struct buf message;
	char small[512];
	struct diag *added;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	buf_init(&message, d->a);
	if (n >= (int)sizeof small)
		buf_printf(&message, "%s…", small);
	else
		buf_puts(&message, n < 0 ? fmt : small);
	/* One that is not listed is made all the same: the caller fills it. */
	added = ++*count <= LIMIT_DIAGS ? vec_push(d->a, &d->list) : NEW(d->a, struct diag);
	*added = (struct diag){ level, file, line, column, buf_str(&message), STR(""), text };
	return added;
}

/* Text for a terminal: one column for each control character and bad byte. */
static void
add_visible(struct buf *out, struct str s)
{
	for (size_t i = 0, len; i < s.n; i += len) {
		unsigned char c = (unsigned char)s.p[i];

		len = str_utf8_at(s, i);
		if (c == '\t')
			buf_putc(out, '\t');
		else if (len == 0 || c < 0x20 || c == 0x7f ||
		    (c == 0xc2 && (unsigned char)s.p[i + 1] < 0xa0))
			buf_putc(out, '?');
		else
			buf_add(out, str_sub(s, i, len));
		if (len == 0)
			len = 1;
	}
}

/* What stands before the caret, as blanks of the same width. */
static void
add_blanks(struct buf *out, struct str s)
{
	for (size_t i = 0, len; i < s.n; i += len) {
		len = str_utf8_at(s, i);
		buf_putc(out, s.p[i] == '\t' ? '\t' : ' ');
		if (len == 0)
			len = 1;
	}
}

static bool
inside_character(struct str s, size_t i)
{
	return i > 0 && i < s.n && ((unsigned char)s.p[i] & 0xc0) == 0x80;
}

static void
add_line(struct buf *out, const struct diag *g, const char *on, const char *off)
{
	size_t caret = g->column == 0 ? 0 : g->column - 1;
	size_t from = 0, to;

	if (caret > g->text.n)
		caret = g->text.n;
	if (g->text.n > SHOWN && caret > SHOWN_BEFORE)
		from = caret - SHOWN_BEFORE;
	while (inside_character(g->text, from))
		from--;
	to = g->text.n - from > SHOWN ? from + SHOWN : g->text.n;
	while (inside_character(g->text, to))
		to--;
	buf_puts(out, from > 0 ? "    …" : "    ");
	add_visible(out, str_sub(g->text, from, to - from));
	buf_puts(out, to < g->text.n ? "…\n" : "\n");
	if (g->column == 0)
		return;
	buf_puts(out, from > 0 ? "     " : "    ");
	add_blanks(out, str_sub(g->text, from, caret - from));
	buf_printf(out, "%s^%s\n", on, off);
}

void
diags_print(const struct diags *d, struct buf *out, bool colour)
{
	const char *off = colour ? "\033[0m" : "";
	size_t shown = 0;

	for (size_t i = 0; i < d->list.n; i++) {
		const struct diag *g = &d->list.v[i];
		bool error = g->level == DIAG_ERROR;
		const char *on = !colour ? "" : error ? "\033[1;31m" : "\033[1;35m";

		add_visible(out, g->file);
		if (g->line != 0)
			buf_printf(out, ":%u", g->line);
		if (g->line != 0 && g->column != 0)
			buf_printf(out, ":%u", g->column);
		buf_printf(out, "%s%s%s:%s ", g->file.n > 0 ? ": " : "", on,
		    error ? "error" : "warning", off);
		add_visible(out, g->message);
		buf_putc(out, '\n');
		if (g->text.n > 0)
			add_line(out, g, on, off);
		if (g->hint.n > 0) {
			buf_puts(out, "    hint: ");
			add_visible(out, g->hint);
			buf_putc(out, '\n');
		}
		shown++;
	}
	if (shown < d->errors + d->warnings)
		buf_printf(out, "… and %zu more\n", d->errors + d->warnings - shown);
}
