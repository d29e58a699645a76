/* SPDX-License-Identifier: ISC */
/*
 * flow_text.c: the text that an expression in code of another language is made
 * of: its literals in their order, with what names are given in their place
 * (flow.c). Words of lists stand apart, what is put together does not.
 */
#include "tools/flow.h"

#include <string.h>

#define TEXT_MAX 4096
#define PLACE FLOW_PLACE

void
made_put(struct flow *f, struct made *m, struct str s)
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

/* ---- what is not followed --------------------------------------------------------------- */

/* What comes now is an operand of its own. */
void
made_operand(struct made *m)
{
	struct str line = str_sub(m->text, str_rchr(m->text, '\n') + 1, STR_NPOS);

	size_t place = str_chr(line, PLACE);

	m->operand = m->text.n;
	m->begun = str_chr(str_sub(line, 0, place), ' ') != STR_NPOS || (line.n > 0 && m->apart && place == STR_NPOS);
}

/* Has the operand letters that are known? */
static bool
has_known(const struct made *m)
{
	struct str text = str_sub(m->text, m->operand, STR_NPOS);

	for (size_t i = 0; i < text.n; i++) {
		if (str_starts(str_sub(text, i, text.n), STR(CODE_VALUE)))
			i += strlen(CODE_VALUE) - 1;
		else if (code_word_byte(text.p[i]))
			return true;
	}
	return false;
}

/* The operand is made in a way that is not followed; of what is not known it is only that. */
void
made_hide(struct made *m)
{
	m->hidden = true;
	m->first |= !m->begun;
}

static void
hide_changed(struct made *m)
{
	if (has_known(m))
		made_hide(m);
}

/* ---- names ------------------------------------------------------------------------------ */

void
made_value(struct flow *f, struct made *m)
{
	made_put(f, m, STR(CODE_VALUE));
}

struct meaning { /* which of the things that a name is given it means */
	bool scoped; /* those that hold only there: a parameter's */
	bool result;
	bool loop;
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
			is.loop |= f->given.v[i].loop;
		}
	for (size_t i = 0; i < f->given.n; i++) {
		const struct given *g = &f->given.v[i];

		if (means(f, g, name, &is) && !g->more && !g->changed)
			is.values += g->one && str_chr(str_sub(f->code, g->from, g->to - g->from), ',') != STR_NPOS ? 2 : 1;
	}
	return is;
}

/* What the name is given, in its place. False: nothing. */
bool
made_named(struct flow *f, struct str name, struct made *m)
{
	struct meaning is = meaning(f, name);
	bool any = false, many = is.values > 1, close = m->close;
	unsigned lines = m->lines;

	size_t before = m->operand;
	bool begun = m->begun, changed = false;

	if (f->steps++ > FLOW_STEPS_MAX) {
		made_hide(m);
		return false;
	}
	made_operand(m);

	if (many && m->text.n > 0 && m->text.p[m->text.n - 1] != '\n' && m->depth > 0 && (!m->apart || is.loop)) {
		if (!m->apart || reading_names_guarded(f->rd, str_sub(m->text, str_rchr(m->text, '\n') + 1, STR_NPOS))) {
			made_value(f, m);
			m->operand = before;
			m->begun = begun;
			return true;
		}
		m->text = str_cat(f->rd->a, m->text, STR("\n"));
	}
	m->open |= many && !(m->whole && m->depth == 1);
	for (size_t i = 0; i < f->given.n && m->depth < FLOW_DEPTH_MAX; i++) {
		struct given *g = &f->given.v[i];

		if (!means(f, g, name, &is))
			continue;
		if (g->active) {
			any = true;
			continue;
		}
		changed |= g->changed;
		if (any && !g->more && !g->changed && m->text.n > 0 && !code_in(m->text.p[m->text.n - 1], "\n"))
			m->text = str_cat(f->rd->a, m->text, STR("\n"));
		m->apart |= g->list;
		g->active = any = true;
		m->lines = g->loop ? m->depth + 1 : m->lines;
		flow_text(f, g->from, g->to, m);
		m->lines = lines;
		g->active = false;
	}
	m->close = close;
	if (changed)
		hide_changed(m);
	m->operand = before;
	m->begun = begun;
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

		if (!made_named(f, name, m))
			made_value(f, m);
		for (to = at + name.n; to < end && code_in(f->code.p[to], "[{");)
			to = flow_close(f, to) + 1;
		return to < end ? to : end;
	}
	for (int depth = 1; to < end && (depth += code_in(f->code.p[to], "{") - code_in(f->code.p[to], "}")) > 0;)
		to++;
	if (str_chr(str_sub(f->code, at, to - at), '[') != STR_NPOS || !made_named(f, str_trim(str_sub(f->code, at, to - at)), m))
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
		made_put(f, m, str_dup(f->rd->a, buf_str(text)));
		buf_init(text, f->rd->a);
		return inner(f, m, at + (dollar && after == '{' ? 2 : 1), end, after == '{' || !dollar);
	}
	if (format && c == '%' && code_in(after, "sdrv")) {
		buf_putc(text, PLACE);
		return at + 2;
	}
	if (format && c == '%' && code_in(after, "cxX"))
		made_hide(m);
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

	if (!m->apart || m->close || m->text.n == 0 || at >= f->code.n || !code_in(f->code.p[at], ",]") || str_chr(text, '\'') != STR_NPOS)
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
		made_put(f, m, str_printf(f->rd->a, "'" STR_FMT "'", STR_ARG(l->text)));
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
	made_put(f, m, buf_str(&text));
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
	m->joining = join && l->text.n == 0;
	m->close |= m->joining && !str_starts(after, STR(".join("));
	m->joining &= !m->close;
	split &= l->text.n < 4;
	if (split && str_trim(l->text).n > 0)
		hide_changed(m);
	return join || split;
}

/* ---- expressions ------------------------------------------------------------------------ */

/* Is there anything in the code from..to that is known: a literal, a number, a name that is given something? */
static bool
has_data(const struct flow *f, size_t from, size_t to)
{
	for (size_t i = from; i < to && i < f->code.n; i++) {
		if (f->literal[i] != 0 || code_in(f->code.p[i], "0123456789"))
			return true;
		if (i > 0 && flow_byte(f->code.p[i]) && !flow_byte(f->code.p[i - 1]))
			for (size_t k = 0; k < f->given.n; k++)
				if (str_eq(f->given.v[k].name, flow_word(f, i)))
					return true;
	}
	return false;
}

/* base64.b64decode(x), lc $x: what it makes of what stands behind it is not followed. */
static bool
makes(const struct flow *f, struct str word, size_t open)
{
	bool call = open < f->code.n && f->code.p[open] == '(';

	if (!names_hold("b64decode b32decode b16decode a85decode fromhex unhexlify chr fromCharCode fromCodePoint atob pack unpack "
			"reverse reversed substr tolower toupper decompress codecs gsub lc uc ucfirst lcfirst unquote "
			"decodeURIComponent unescape bytes bytearray Uint8Array Buffer TextDecoder sorted sort decode_base64 loads", word))
		return false;
	if (call)
		return has_data(f, open, flow_close(f, open));
	if (f->how->backquote && open < f->code.n && f->code.p[open] != '}')
		return has_data(f, open, flow_end(f, open, false));
	return open < f->code.n && (code_in(f->code.p[open], ",)}") || str_is(word, "Buffer") || str_is(word, "codecs"));
}

/* "x".replace("a", "b"), "x".upper(): what it makes of the operand. False: not known. */
static bool
changed_to(struct flow *f, struct made *m, struct str word, size_t open)
{
	struct str text = str_sub(m->text, m->operand, STR_NPOS);
	const struct literal *a, *b;
	struct buf out;
	size_t at = flow_blank(f, open + 1), n;
	bool replace = names_hold("replace replaceAll", word);

	a = replace ? flow_literal(f, at) : NULL;
	at = a != NULL ? flow_blank(f, a->to) : f->code.n;
	b = at < f->code.n && f->code.p[at] == ',' ? flow_literal(f, flow_blank(f, at + 1)) : NULL;
	at = b != NULL ? flow_blank(f, b->to) : f->code.n;
	if ((replace && (at >= f->code.n || f->code.p[at] != ')' || a->text.n == 0 || a->filled || b->filled)) || (!replace && !names_hold("lower upper toLowerCase toUpperCase", word)) ||
	    str_chr(text, '$') != STR_NPOS)
		return false;
	buf_init(&out, f->rd->a);
	for (size_t i = 0; i < text.n; i += n) {
		char c = text.p[i];

		n = 1;
		if (replace && str_starts(str_sub(text, i, text.n), a->text)) {
			buf_add(&out, b->text);
			n = a->text.n;
		} else if (!replace && code_in(word.p[str_starts(word, STR("to")) ? 2 : 0], "lL")) {
			buf_putc(&out, c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c);
		} else {
			buf_putc(&out, !replace && c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c);
		}
	}
	m->text = str_cat(f->rd->a, str_sub(m->text, 0, m->operand), buf_str(&out));
	*vec_push(f->rd->a, &m->starts) = m->operand;
	return true;
}

/* .replace( and its like behind an operand; returns the index behind the call, `at`: none. */
static size_t
changing(struct flow *f, struct made *m, struct str word, size_t at, size_t open)
{
	if (at == 0 || f->code.p[at - 1] != '.' || f->how->backquote || open >= f->code.n || f->code.p[open] != '(' ||
	    !names_hold("replace replaceAll translate substr substring slice upper lower toUpperCase toLowerCase swapcase capitalize "
			"title lstrip rstrip strip removeprefix removesuffix reverse sort", word))
		return at;
	if (str_ends(word, STR("strip")) && open + 1 < f->code.n && f->code.p[open + 1] == ')' && (m->operand == 0 || !m->begun))
		m->text = str_cat(f->rd->a, str_sub(m->text, 0, m->operand), str_trim(str_sub(m->text, m->operand, STR_NPOS)));
	else if (!changed_to(f, m, word, open) && !str_ends(word, STR("strip")))
		hide_changed(m);
	else if (str_ends(word, STR("strip")) && open + 1 < f->code.n && f->code.p[open + 1] != ')')
		hide_changed(m);
	return flow_close(f, open) + 1;
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
		if (f->literal[i] == 0 && f->code.p[i] == ':') {
			hide_changed(m);
			break;
		}
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
		made_hide(m);
		return at;
	}
	for (end = flow_end(f, from, true); nth > 0 && end < close; nth--, end = flow_end(f, from, true))
		from = end + 1;
	flow_text(f, from, end < close ? end : close, m);
	return index + 3;
}

/* Is what the name at `at` belongs to known: o.c, (…).c? */
static bool
of_known(const struct flow *f, size_t at)
{
	size_t from = at;

	if (at < 2 || f->code.p[at - 1] != '.')
		return false;
	if (code_in(f->code.p[at - 2], ")]}") || f->literal[at - 2] != 0)
		return true;
	for (from = at - 1; from > 0 && flow_byte(f->code.p[from - 1]);)
		from--;
	return meaning(f, flow_word(f, from)).values > 0;
}

/* A name, or a call; returns the index behind it. */
static size_t
word_text_of(struct flow *f, size_t at, size_t to, struct made *m)
{
	struct str word = flow_word(f, at);
	size_t after = at + word.n, open = after < f->code.n ? flow_blank(f, after) : f->code.n;
	bool call = open < f->code.n && f->code.p[open] == '(', result = meaning(f, word).result;

	size_t behind = changing(f, m, word, at, open);

	if (behind > at)
		return behind < f->code.n ? behind : f->code.n;
	if (makes(f, word, open)) {
		made_operand(m);
		made_hide(m);
		return after;
	}
	if (code_in(word.p[0], "0123456789") || names_hold("True False None true false null undefined my return new await for in of if "
							   "else lambda not and or list tuple str map filter join split format "
							   "sprintf encode decode strip concat scalar shlex quote qw forEach push append extend", word) ||
	    (open + 1 < to && f->code.p[open] == '=' && f->code.p[open + 1] != '=') || str_starts(str_sub(f->code, open, 2), STR("=>")))
		return after;
	if (result && !call && !f->how->backquote)
		return after;
	if (call && str_is(word, "get") && at > 0 && f->code.p[at - 1] == '.')
		return flow_close(f, open) + 1;
	if (made_named(f, word, m))
		return result && call ? flow_close(f, open) + 1 : after;
	if (call)
		m->open = true;
	else if ((after >= f->code.n || f->code.p[after] != '.') && !of_known(f, at))
		made_value(f, m);
	return after;
}

/* Is the list that closes there put together without blanks: […].join("")? */
static bool
joined_close(const struct flow *f, size_t close)
{
	struct str after = str_sub(f->code, close < f->code.n ? close + 1 : f->code.n, 9);

	return str_starts(after, STR(".join('')")) || str_starts(after, STR(".join(\"\")"));
}

void
flow_text(struct flow *f, size_t from, size_t to, struct made *m)
{
	if (to > f->code.n)
		to = f->code.n;
	size_t before = m->operand;
	bool begun = m->begun, together = m->close;

	if (m->depth >= FLOW_DEPTH_MAX || m->text.n > TEXT_MAX / 2)
		return;
	m->depth++;
	made_operand(m);
	if (f->how->plain)
		flow_tcl(f, from, to, m);
	for (size_t i = from; i < to && !f->how->plain;) {
		const struct literal *l = flow_literal(f, i);
		char c = f->code.p[i];
		size_t behind;

		if (l != NULL && l->from >= i) {
			i = l->to > i ? l->to : i + 1;
			if (!between(f, l, m))
				literal(f, l, m);
			else if (i < to && f->code.p[i] == ',') /* join(' ', … */
				i++;
		} else if (flow_byte(c)) {
			i = word_text_of(f, i, to, m);
		} else if (code_in(c, "[{(") && (behind = subscript(f, i, m)) > i) {
			i = behind;
		} else if (c == '[' && (behind = element(f, i, to, m)) > i) {
			i = behind;
		} else if (c == '(' && (behind = flow_close(f, i)) < to) {
			m->close |= m->joining;
			m->joining = false;
			flow_text(f, i + 1, behind, m);
			m->close = together;
			i = behind + 1;
		} else if (c == '[' && !m->close && joined_close(f, behind = flow_close(f, i))) {
			m->close = true;
			flow_text(f, i + 1, behind, m);
			m->close = together;
			i = behind + 1;
		} else if (c == ',' && m->lines > 0 && m->depth - m->lines < 2 && m->text.n > 0) {
			m->text = str_cat(f->rd->a, m->text, STR("\n"));
			i++;
		} else {
			m->apart |= code_in(c, ",[]");
			if (code_in(c, ",[]+") || (c == '.' && f->how->backquote))
				made_operand(m);
			i++;
		}
	}
	m->depth--;
	m->operand = before;
	m->begun = begun;
	m->close = together;
}
