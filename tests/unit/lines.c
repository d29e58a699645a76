/* SPDX-License-Identifier: ISC */
/*
 * lines.c: see lines.h.
 */
#include "lines.h"

#include <ctype.h>
#include <string.h>

static struct word
one_word(struct arena *a, struct str text)
{
	struct word w = { .typed = STR("") };

	while (text.n > 0) {
		bool quoted = str_starts(text, STR("\"$"));
		size_t at = quoted ? 1 : 0, end;

		if (text.p[at] != '$') {
			for (end = 1; end < text.n && text.p[end] != '$' && text.p[end] != '"';)
				end++;
			if (!str_is(text, "''"))
				w = word_cat(a, w, word_text(a, str_sub(text, 0, end)));
			text = str_sub(text, end, STR_NPOS);
			continue;
		}
		for (end = at + 1; end < text.n && isalnum((unsigned char)text.p[end]);)
			end++;
		w = word_cat(a, w, quoted ? word_any(a, str_sub(text, 0, end + 1))
		                          : word_words(a, str_sub(text, 0, end)));
		text = str_sub(text, end + (quoted ? 1 : 0), STR_NPOS);
	}
	return w;
}

struct words *
line_slots(struct arena *a, const char *line, size_t *n)
{
	VEC(struct words) list = { 0 };
	struct str text = str_of(line);

	while ((text = str_trim(text)).n > 0) {
		struct str word = str_sub(text, 0, str_chr(text, ' '));
		struct word *w = NEW(a, struct word);

		*w = one_word(a, word);
		*vec_push(a, &list) = (struct words){ w, 1 };
		text = str_sub(text, word.n, STR_NPOS);
	}
	*n = list.n;
	return list.v;
}

static void
put_option(struct arena *a, struct buf *b, const struct option_value *o)
{
	buf_printf(b, " " STR_FMT "%s", STR_ARG(o->name), o->maybe ? "?" : "");
	for (size_t i = 0; i < o->values.n; i++)
		buf_printf(b, "%s" STR_FMT, i == 0 ? "=" : ",", STR_ARG(word_quote(a, o->values.v[i])));
}

struct str
line_parsed(struct arena *a, const struct parsed *p)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; p->command != NULL && i < p->command->npath; i++)
		buf_printf(&b, STR_FMT " ", STR_ARG(p->command->path[i]));
	buf_puts(&b, "|");
	for (size_t i = 0; i < p->operands.n; i++)
		buf_printf(&b, " " STR_FMT, STR_ARG(word_quote(a, p->operands.v[i].v[0])));
	buf_puts(&b, " |");
	for (size_t i = 0; i < p->options.n; i++)
		put_option(a, &b, &p->options.v[i]);
	buf_puts(&b, " |");
	for (size_t i = 0; i < p->tail.n; i++)
		buf_printf(&b, " + " STR_FMT, STR_ARG(word_quote(a, p->tail.v[i].v[0])));
	if (p->maybe)
		buf_printf(&b, " maybe " STR_FMT, STR_ARG(p->unsure));
	buf_puts(&b, p->rest ? " rest" : "");
	buf_puts(&b, p->help ? " help" : "");
	if (p->refused)
		buf_printf(&b, " refused: " STR_FMT, STR_ARG(p->error));
	return buf_str(&b);
}
