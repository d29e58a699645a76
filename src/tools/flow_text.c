/* SPDX-License-Identifier: ISC */
/*
 * flow_text.c: the text that an expression in code of another language is made
 * of: its literals in their order, with what names are given in their place
 * (flow.c). Words of lists stand apart, what is put together does not.
 */
#include "tools/flow.h"

#include <string.h>

#define TEXT_MAX 4096
#define DEPTH_MAX 12
#define PLACE FLOW_PLACE

static void
put(struct flow *f, struct made *m, struct str s)
{
	struct arena *a = f->rd->a;
	size_t place = str_chr(m->text, PLACE);

	if ((s.n == 0 && place == STR_NPOS) || m->text.n + s.n > TEXT_MAX)
		return;
	m->apart &= place == STR_NPOS;
	if (place != STR_NPOS) {
		m->text = str_printf(a, STR_FMT STR_FMT STR_FMT, STR_ARG(str_sub(m->text, 0, place)), STR_ARG(s),
		    STR_ARG(str_sub(m->text, place + 1, STR_NPOS)));
		return;
	}
	if (m->apart && !m->close && m->text.n > 0 && !code_in(m->text.p[m->text.n - 1], " \n"))
		m->text = str_cat(a, m->text, STR(" "));
	m->apart = false;
	*vec_push(a, &m->starts) = m->text.n;
	m->text = str_cat(a, m->text, s);
}

/* ---- names ------------------------------------------------------------------------------ */

static void
value(struct flow *f, struct made *m)
{
	m->open = true;
	put(f, m, STR(CODE_VALUE));
}

struct meaning { /* which of the things that a name is given it means */
	bool scoped; /* those that hold only there: a parameter's */
	bool result;
	unsigned values;
};

/* Does it hold where the name stands? */
static bool
holds(const struct flow *f, const struct given *g, struct str name)
{
	size_t at = (size_t)(name.p - f->code.p);

	return str_eq(g->name, name) && (g->scope_end == 0 || (at >= g->scope && at <= g->scope_end));
}

static bool
means(const struct flow *f, const struct given *g, struct str name, const struct meaning *is)
{
	return holds(f, g, name) && (!is->scoped || g->scope_end > 0 || g->more) && (!is->result || g->result);
}

static struct meaning
meaning(const struct flow *f, struct str name)
{
	struct meaning is = { 0 };

	for (size_t i = 0; i < f->given.n; i++)
		if (holds(f, &f->given.v[i], name)) {
			is.scoped |= f->given.v[i].scope_end > 0;
			is.result |= f->given.v[i].result;
		}
	for (size_t i = 0; i < f->given.n; i++) {
		const struct given *g = &f->given.v[i];

		if (means(f, g, name, &is) && !g->more && !g->changed)
			is.values += g->one && str_chr(str_sub(f->code, g->from, g->to - g->from), ',') != STR_NPOS ? 2 : 1;
	}
	return is;
}

/* What the name is given, in its place. False: nothing. */
static bool
named(struct flow *f, struct str name, struct made *m)
{
	struct meaning is = meaning(f, name);
	bool any = false, many = is.values > 1, close = m->close;

	if (f->steps++ > FLOW_STEPS_MAX) {
		m->hidden = true;
		return false;
	}

	if (many && m->text.n > 0 && m->text.p[m->text.n - 1] != '\n' && m->depth > 0 && !m->apart) {
		value(f, m);
		return true;
	}
	m->open |= many && !(m->whole && m->depth == 1);
	for (size_t i = 0; i < f->given.n && m->depth < DEPTH_MAX; i++) {
		struct given *g = &f->given.v[i];

		if (!means(f, g, name, &is))
			continue;
		if (g->active) {
			any = true;
			continue;
		}
		m->hidden |= g->changed;
		if (any && !g->more && !g->changed && m->text.n > 0 && !code_in(m->text.p[m->text.n - 1], "\n"))
			m->text = str_cat(f->rd->a, m->text, STR("\n"));
		m->apart |= g->list;
		g->active = any = true;
		flow_text(f, g->from, g->to, m);
		g->active = false;
	}
	m->close = close;
	return any;
}

/* ---- literals --------------------------------------------------------------------------- */

/* The expression in {…} or behind $, at `at` in a literal that ends at `end`. Returns what is behind it. */
static size_t
inner(struct flow *f, struct made *m, size_t at, size_t end, bool braces)
{
	size_t to = at;

	if (!braces) {
		struct str name = flow_word(f, at);

		if (!named(f, name, m))
			value(f, m);
		for (to = at + name.n; to < end && code_in(f->code.p[to], "[{");)
			to = flow_close(f, to) + 1;
		return to < end ? to : end;
	}
	for (int depth = 1; to < end && (depth += code_in(f->code.p[to], "{") - code_in(f->code.p[to], "}")) > 0;)
		to++;
	if (str_chr(str_sub(f->code, at, to - at), '[') != STR_NPOS || !named(f, str_trim(str_sub(f->code, at, to - at)), m))
		flow_text(f, at, to, m);
	return to < end ? to + 1 : end;
}

/* Is the literal a format: behind it % or .format(, before it sprintf(? */
static bool
is_format(const struct flow *f, const struct literal *l)
{
	struct str before = str_trim(str_sub(f->code, 0, l->from)), after = l->to < f->code.n ? str_trim(str_sub(f->code, l->to, 24)) : STR("");

	return str_starts(after, STR("%")) || str_starts(after, STR(".format(")) || str_ends(before, STR("format(")) ||
	    str_ends(before, STR("printf(")) || str_ends(before, STR("printf")) || str_ends(before, STR("format"));
}

/* What a place in the literal holds; returns the index behind it, `at`: there is none. */
static size_t
place(struct flow *f, const struct literal *l, struct made *m, struct buf *text, size_t at, size_t end)
{
	char c = f->code.p[at], after = at + 1 < end ? f->code.p[at + 1] : '\0', quote = f->code.p[l->from];
	bool fstring = l->from > 0 && code_in(f->code.p[l->from - 1], "fF"), format = is_format(f, l), dollar;
	size_t close;

	dollar = (c == '$' && after == '{' && (quote == '`' || f->how->backquote)) || (c == '#' && after == '{' && quote == '"');
	dollar |= f->how->backquote && quote != '\'' && code_in(c, "$@") && flow_byte(after);
	if ((fstring && c == '{' && after != '{') || dollar) {
		put(f, m, str_dup(f->rd->a, buf_str(text)));
		buf_init(text, f->rd->a);
		return inner(f, m, at + (dollar && after == '{' ? 2 : 1), end, after == '{' || !dollar);
	}
	if (format && c == '%' && code_in(after, "sdrv")) {
		buf_putc(text, PLACE);
		return at + 2;
	}
	m->hidden |= format && c == '%' && code_in(after, "cxX");
	close = format && c == '{' ? str_chr(str_sub(f->code, at, end - at), '}') : STR_NPOS;
	if (close == STR_NPOS || close > 12)
		return at;
	buf_putc(text, PLACE);
	return at + close + 1;
}

/* Needs the word quotes, as one of a list? */
static bool
one_word(const struct flow *f, const struct literal *l, struct str text, const struct made *m)
{
	size_t at = l->to < f->code.n ? flow_blank(f, l->to) : f->code.n;

	if (!m->apart || m->text.n == 0 || at >= f->code.n || !code_in(f->code.p[at], ",]") || str_chr(text, '\'') != STR_NPOS)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (!code_word_byte(text.p[i]) && !code_in(text.p[i], "./=:@%+,"))
			return true;
	return false;
}

static void
literal(struct flow *f, const struct literal *l, struct made *m)
{
	size_t n = l->from + 2 < f->code.n && l->to - l->from >= 6 && f->code.p[l->from + 1] == f->code.p[l->from] &&
	    f->code.p[l->from + 2] == f->code.p[l->from] ? 3 : 1;
	size_t end = l->to > l->from + 2 * n ? l->to - n : l->from + n;
	struct buf text;

	buf_init(&text, f->rd->a);
	if (one_word(f, l, l->text, m) && !l->filled) {
		put(f, m, str_printf(f->rd->a, "'" STR_FMT "'", STR_ARG(l->text)));
		return;
	}
	if (end > f->code.n)
		end = f->code.n;
	for (size_t i = l->from + n; i < end;) {
		size_t behind = place(f, l, m, &text, i, end);

		if (behind > i)
			i = behind;
		else if (f->code.p[i] == '\\' && i + 1 < end)
			i = code_escape(f->code, i, &text);
		else
			buf_putc(&text, f->code.p[i++]);
	}
	put(f, m, buf_str(&text));
}

/* " ".join(…), x.join(" "), split(","): what stands between words. */
static bool
between(const struct flow *f, const struct literal *l, struct made *m)
{
	struct str before = str_trim(str_sub(f->code, 0, l->from)), after = l->to < f->code.n ? str_sub(f->code, l->to, 6) : STR("");
	bool join = str_starts(after, STR(".join(")) || str_ends(before, STR("join(")) || str_ends(before, STR(" join"));
	bool split = str_ends(before, STR("split(")) || str_ends(before, STR(" split"));

	if (str_is(l->text, "-|") || str_is(l->text, "|-"))
		return true;
	if (before.n > 0 && code_in(before.p[before.n - 1], "{,") && str_starts(str_trim(after), STR(":")))
		return true; /* a key */
	m->close |= join && l->text.n == 0;
	m->hidden |= split && str_trim(l->text).n > 0;
	return join || split;
}

/* ---- expressions ------------------------------------------------------------------------ */

static bool
hides(const struct flow *f, struct str word, size_t after)
{
	if (names_hold("lstrip rstrip strip removeprefix removesuffix", word))
		return after + 1 < f->code.n && f->code.p[after + 1] != ')';
	return names_hold("b64decode b32decode b16decode a85decode fromhex unhexlify chr fromCharCode fromCodePoint atob pack unpack "
			  "reverse reversed replace replaceAll translate maketrans substr substring slice upper lower tolower toupper "
			  "toUpperCase toLowerCase decompress rot13 codecs gsub lc uc ucfirst lcfirst unquote decodeURIComponent unescape "
			  "swapcase capitalize title bytes bytearray Uint8Array Buffer TextDecoder sorted sort decode_base64 loads", word);
}

/* x[1], "xy"[1:]: a subscript; returns the index behind it, `at`: none. */
static size_t
subscript(struct flow *f, size_t at, struct made *m)
{
	size_t close;

	if (f->code.p[at] == '(')
		return at;
	if (at == 0 || !(flow_byte(f->code.p[at - 1]) || code_in(f->code.p[at - 1], ")]") || f->literal[at - 1] != 0))
		return at;
	close = flow_close(f, at);
	for (size_t i = at; i < close; i++)
		m->hidden |= f->literal[i] == 0 && f->code.p[i] == ':';
	return close < f->code.n ? close + 1 : f->code.n;
}

/* [a, b][1]: the element; returns the index behind it, `at`: it is no such list. */
static size_t
element(struct flow *f, size_t at, size_t to, struct made *m)
{
	size_t close = flow_close(f, at), index = close + 1, from = at + 1, end, nth;

	if (f->code.p[at] != '[' || index + 2 >= to || f->code.p[index] != '[')
		return at;
	nth = (size_t)(f->code.p[index + 1] - '0');
	if (nth > 9 || f->code.p[index + 2] != ']') {
		m->hidden = true;
		return at;
	}
	for (end = flow_end(f, from, true); nth > 0 && end < close; nth--, end = flow_end(f, from, true))
		from = end + 1;
	flow_text(f, from, end < close ? end : close, m);
	return index + 3;
}

/* A name, or a call; returns the index behind it. */
static size_t
word_text_of(struct flow *f, size_t at, size_t to, struct made *m)
{
	struct str word = flow_word(f, at);
	size_t after = at + word.n, open = after < f->code.n ? flow_blank(f, after) : f->code.n;
	bool call = open < f->code.n && f->code.p[open] == '(', result = meaning(f, word).result;

	if (hides(f, word, open) && (call || f->how->backquote || (open < to && code_in(f->code.p[open], ",)")))) {
		m->hidden = true;
		return after;
	}
	if (code_in(word.p[0], "0123456789") || names_hold("True False None true false null undefined my return new await for in of if "
							   "else lambda not and or list tuple str map filter join split format "
							   "sprintf encode decode strip concat scalar shlex quote qw forEach get push append extend", word) ||
	    (open + 1 < to && f->code.p[open] == '=' && f->code.p[open + 1] != '=') || str_starts(str_sub(f->code, open, 2), STR("=>")))
		return after;
	if (result && !call && !f->how->backquote)
		return after;
	if (call && str_is(word, "get") && at > 0 && f->code.p[at - 1] == '.')
		return flow_close(f, open) + 1;
	if (named(f, word, m))
		return result && call ? flow_close(f, open) + 1 : after;
	m->open |= !(after < f->code.n && f->code.p[after] == '.');
	return after;
}

static void flow_tcl(struct flow *f, size_t from, size_t to, struct made *m);

void
flow_text(struct flow *f, size_t from, size_t to, struct made *m)
{
	if (to > f->code.n)
		to = f->code.n;
	if (m->depth >= DEPTH_MAX || m->text.n > TEXT_MAX / 2)
		return;
	m->depth++;
	if (f->how->plain)
		flow_tcl(f, from, to, m);
	for (size_t i = from; i < to && !f->how->plain;) {
		const struct literal *l = flow_literal(f, i);
		char c = f->code.p[i];
		size_t behind;

		if (l != NULL && l->from >= i) {
			m->hidden |= names_hold("base64 hex base64url rot13 rot_13", l->text);
			if (!between(f, l, m))
				literal(f, l, m);
			i = l->to > i ? l->to : i + 1;
		} else if (flow_byte(c)) {
			i = word_text_of(f, i, to, m);
		} else if (code_in(c, "[{(") && (behind = subscript(f, i, m)) > i) {
			i = behind;
		} else if (c == '[' && (behind = element(f, i, to, m)) > i) {
			i = behind;
		} else {
			m->apart |= code_in(c, ",[");
			i++;
		}
	}
	m->depth--;
}

/* ---- tcl -------------------------------------------------------------------------------- */

/* lindex [list a b] 1: the element. */
static bool
tcl_element(struct flow *f, size_t at, size_t close, struct made *m)
{
	size_t end, last, from, nth;

	if (!str_starts(str_sub(f->code, at, close - at), STR("[list ")) || (last = flow_close(f, at)) + 2 >= close ||
	    (nth = (size_t)(f->code.p[last + 2] - '0')) > 9 || last + 3 != close) {
		m->hidden = true;
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
		m->hidden = true;
	if (!named(f, word, m))
		value(f, m);
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
	if (!named(f, name, m))
		value(f, m);
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
	put(f, m, buf_str(&text));
	return at;
}

static void
flow_tcl(struct flow *f, size_t from, size_t to, struct made *m)
{
	bool quoted = false;

	if (m->depth >= DEPTH_MAX || to > f->code.n)
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
				put(f, m, STR(""));
			i++;
		} else if (c == '{' && !quoted) {
			size_t close = flow_close(f, i);

			if (close == i + 1)
				put(f, m, STR(""));
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
