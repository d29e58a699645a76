/* SPDX-License-Identifier: ISC */
/*
 * flow_tcl.c: flow_text.c for tcl, where words are without quotes, blanks part
 * them and [x …] stands for what a command gives.
 */
#include "tools/flow.h"

#include <string.h>

#define PLACE FLOW_PLACE

/* string map … of what is known is not followed. */
static void
hide_tcl(const struct flow *f, size_t at, size_t close, struct made *m)
{
	static const char *const other[] = { "length", "range $", "is ", "trim $", "tolower $", "toupper $" };

	made_operand(m);
	if (!code_holds(str_sub(f->code, at, close - at), other, sizeof other / sizeof *other))
		made_hide(m);
}

/* lindex [list a b] 1: the element. */
static bool
tcl_element(struct flow *f, size_t at, size_t close, struct made *m)
{
	size_t end, last, from, nth;

	if (!str_starts(str_sub(f->code, at, close - at), STR("[list ")) || (last = flow_close(f, at)) + 2 >= close ||
	    (nth = (size_t)(f->code.p[last + 2] - '0')) > 9 || last + 3 != close) {
		made_operand(m);
		made_hide(m);
		return false;
	}
	from = flow_blank(f, at + 6);
	for (end = flow_argument(f, from); nth > 0 && end < last; nth--, end = flow_argument(f, from))
		from = flow_blank(f, end);
	flow_tcl(f, from, end < last ? end : last, m);
	return true;
}

/* [command …] */
static void
tcl_command(struct flow *f, size_t at, size_t close, struct made *m)
{
	struct str word;

	while (at < close && code_in(f->code.p[at], " \t\n"))
		at++;
	word = flow_word(f, at);
	if (str_is(word, "lindex") && tcl_element(f, flow_blank(f, at + word.n), close, m))
		return;
	if (names_hold("list join concat lindex format subst return set", word)) {
		flow_tcl(f, at + word.n + 1, close, m);
		return;
	}
	if (str_is(word, "string") || str_is(word, "binary") || str_is(word, "regsub") || str_is(word, "lreverse"))
		hide_tcl(f, at, close, m);
	if (!made_named(f, word, m))
		made_value(f, m);
}

/* What is put in for $x or [x …] at `at`; returns the index behind it, `at`: nothing. */
static size_t
tcl_place(struct flow *f, size_t at, struct made *m)
{
	bool braces = f->code.p[at] == '$' && at + 1 < f->code.n && f->code.p[at + 1] == '{';
	struct str name;
	size_t close;

	if (f->code.p[at] == '[') {
		close = flow_close(f, at);
		tcl_command(f, at + 1, close, m);
		return close + 1;
	}
	name = f->code.p[at] == '$' ? flow_word(f, at + 1 + braces) : STR("");
	if (name.n == 0)
		return at;
	at += 1 + name.n + 2 * (size_t)braces;
	if (at < f->code.n && f->code.p[at] == '(')
		at = flow_close(f, at) + 1;
	if (!made_named(f, name, m))
		made_value(f, m);
	return at;
}

/* A piece without places from `at` on; returns its end. */
static size_t
tcl_plain(struct flow *f, size_t at, size_t to, struct made *m, const char *ends)
{
	struct buf text;

	buf_init(&text, f->rd->a);
	while (at < to && !code_in(f->code.p[at], ends)) {
		if (f->code.p[at] == '\\' && at + 1 < to) {
			at = code_escape(f->code, at, &text);
		} else if (f->code.p[at] == '%' && at + 1 < to && f->code.p[at + 1] == 's') {
			buf_putc(&text, PLACE);
			at += 2;
		} else {
			buf_putc(&text, f->code.p[at++]);
		}
	}
	made_put(f, m, buf_str(&text));
	return at;
}

void
flow_tcl(struct flow *f, size_t from, size_t to, struct made *m)
{
	bool quoted = false;

	if (m->depth >= FLOW_DEPTH_MAX || to > f->code.n)
		return;
	m->depth++;
	for (size_t i = from; i < to;) {
		char c = f->code.p[i];
		size_t behind = tcl_place(f, i, m);

		if (behind > i) {
			i = behind;
		} else if (c == '"') {
			quoted = !quoted;
			if (quoted && i + 1 < to && f->code.p[i + 1] == '"')
				made_put(f, m, STR(""));
			i++;
		} else if (c == '{' && !quoted) {
			size_t close = flow_close(f, i);

			if (close == i + 1)
				made_put(f, m, STR(""));
			else if (close < to && !(close == i + 2 && f->code.p[i + 1] == '*'))
				tcl_plain(f, i + 1, close, m, "");
			i = close + 1;
		} else if (!quoted && code_in(c, " \t\n;")) {
			m->apart = true;
			i++;
		} else {
			behind = tcl_plain(f, i, to, m, quoted ? "\"$[" : " \t\n;\"$[{");
			i = behind > i ? behind : i + 1;
		}
	}
	m->depth--;
}
