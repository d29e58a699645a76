/* SPDX-License-Identifier: ISC */
/*
 * code_value.c: what names in code of another language surely mean: one that is
 * given a literal once, another name of a call (`{execSync: e}`, `run as r`), a
 * perl list qw(…). The code is written anew with the values in their place, and
 * literals that are put together ('a' + 'b', '%s' % 'b') as one. What the code
 * does is code.c.
 */
#include "tools/code.h"

#include <string.h>

#define NAMES_MAX 64
#define NAME_SHORTEST 1
#define CODE_MAX (256 * 1024)
#define ROUNDS 3

static bool
name_byte(char c)
{
	return code_word_byte(c) && c != '-';
}

/* ---- names that are given one value ----------------------------------------------------- */

struct value {
	struct str name, text;
	size_t at;    /* where it is given */
	unsigned set; /* how often */
	bool call;    /* another name of a call */
};
struct values {
	struct value v[NAMES_MAX];
	size_t n;
};

static struct value *
value_of(struct values *vs, struct str name)
{
	for (size_t i = 0; i < vs->n; i++)
		if (str_eq(vs->v[i].name, name))
			return &vs->v[i];
	return NULL;
}

static void
give(struct values *vs, struct str name, struct str text, size_t at, bool call)
{
	struct value *v = value_of(vs, name);

	if (name.n < NAME_SHORTEST || str_is(name, "_") || (v == NULL && vs->n == NAMES_MAX))
		return;
	if (v == NULL)
		*(v = &vs->v[vs->n++]) = (struct value){ .name = name };
	v->text = text;
	v->at = at;
	v->set++;
	v->call = call;
}

/* Does a statement begin there, but for `const`, `my` and their like? */
static bool
begins_statement(struct str code, size_t at)
{
	static const char *const words[] = { "const", "let", "var", "my", "our", "local", "export", "final" };
	size_t from = at;

	if (from > 0 && code.p[from - 1] == '$')
		from--;
	while (from > 0 && code_in(code.p[from - 1], " \t"))
		from--;
	if (from == 0 || code_in(code.p[from - 1], "\n;{"))
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_ends(str_sub(code, 0, from), str_of(words[i])))
			return begins_statement(code, from - strlen(words[i]));
	return false;
}

/* The name that ends before, or begins at. */
static struct str
word_before(struct str code, size_t end)
{
	size_t at;

	while (end > 0 && code_in(code.p[end - 1], " \t"))
		end--;
	for (at = end; at > 0 && name_byte(code.p[at - 1]);)
		at--;
	return str_sub(code, at, end - at);
}

/* Names behind which = stands, and what else changes them: x +=, x .=. */
static void
find_values(struct str code, const struct literals *ls, struct values *vs)
{
	for (size_t i = 0; i < ls->v.n; i++) {
		const struct literal *l = &ls->v.v[i];
		size_t start = l->from, end = l->to, at;
		struct str name;

		if (start > 0 && code_in(code.p[start - 1], "fru"))
			start--;
		name = code_name(code, start);
		for (at = name.n > 0 ? (size_t)(name.p - code.p) : 0; at > 0 && code_in(code.p[at - 1], " \t");)
			at--;
		if (at > 0 && code.p[at - 1] == ':') /* APP: str = "x" */
			name = word_before(code, at - 1);
		while (end < code.n && code_in(code.p[end], " \t"))
			end++;
		if (name.n > 0 && !l->filled && code.p[l->from] != '`' && (end >= code.n || code_in(code.p[end], "\r\n;}#)")) &&
		    begins_statement(code, (size_t)(name.p - code.p)))
			give(vs, name, l->text, start, false);
	}
}

/* Is what stands there an assignment to the name that ends there? */
static bool
assigns(struct str code, size_t end)
{
	while (end < code.n && code_in(code.p[end], " \t"))
		end++;
	if (end >= code.n)
		return false;
	if (code_in(code.p[end], "+.|&?") && end + 1 < code.n)
		end += code_in(code.p[end + 1], "|&?") ? 2 : 1;
	return end < code.n && code.p[end] == '=' && (end + 1 >= code.n || !code_in(code.p[end + 1], "=~>"));
}

/* { execSync: e }, run as r, e = cp.execSync: `to` and what it is called. */
static bool
runs_by_name(struct str name)
{
	return names_hold("execSync execFileSync exec execFile spawn spawnSync run call check_call check_output Popen system popen "
			  "getoutput execvp", name);
}

static struct str
word_behind(struct str code, size_t at)
{
	size_t end;

	while (at < code.n && code_in(code.p[at], " \t"))
		at++;
	for (end = at; end < code.n && name_byte(code.p[end]);)
		end++;
	return str_sub(code, at, end - at);
}

static void
find_aliases(struct str code, struct values *vs)
{
	for (size_t i = 0; i < code.n;) {
		size_t from = i, end;
		struct str to = { 0 };

		while (i < code.n && name_byte(code.p[i]))
			i++;
		if (i == from) {
			i++;
			continue;
		}
		if (!runs_by_name(str_sub(code, from, i - from)))
			continue;
		for (end = i; end < code.n && code_in(code.p[end], " \t");)
			end++;
		if (str_starts(str_sub(code, end, code.n), STR("as ")))
			to = word_behind(code, end + 3);
		else if (end < code.n && code.p[end] == ':')
			to = word_behind(code, end + 1);
		else if ((end >= code.n || code_in(code.p[end], "\r\n;")) && from > 0 && code.p[from - 1] == '.') {
			for (end = from - 1; end > 0 && (name_byte(code.p[end - 1]) || code_in(code.p[end - 1], ".()'\":"));)
				end--;
			for (; end > 0 && code_in(code.p[end - 1], " \t");)
				end--;
			if (end > 1 && code.p[end - 1] == '=' && !code_in(code.p[end - 2], "=!<>"))
				to = word_before(code, end - 1);
		}
		if (to.n > 0)
			give(vs, to, str_sub(code, from, i - from), from, true);
	}
}

/* ---- written anew ----------------------------------------------------------------------- */

static void
put_literal(struct buf *out, struct str text)
{
	buf_putc(out, '\'');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\'' || text.p[i] == '\\')
			buf_putc(out, '\\');
		if (text.p[i] == '\n')
			buf_puts(out, "\\n");
		else
			buf_putc(out, text.p[i]);
	}
	buf_putc(out, '\'');
}

/* In a literal: {x}, ${x}, #{x}, and "$x" of perl. Where the place begins and ends. */
static bool
place_in_literal(const struct code *how, struct str code, const struct literal *l, size_t *from, size_t *end)
{
	char before = *from > 0 ? code.p[*from - 1] : '\0';

	if (before == '{' && *end < code.n && code.p[*end] == '}') {
		*from -= *from > 1 && code_in(code.p[*from - 2], "$#") ? 2 : 1;
		++*end;
		return true;
	}
	if (before != '$' || !how->backquote || code.p[l->from] == '\'')
		return false;
	--*from;
	return true;
}

static const struct literal *
literal_around(const struct literals *ls, size_t at)
{
	for (size_t i = 0; i < ls->v.n && ls->v.v[i].from <= at; i++)
		if (at < ls->v.v[i].to)
			return &ls->v.v[i];
	return NULL;
}

/* Is the name changed where it stands: $x =~ s/a/b/, sub(/a/, "b", x)? */
static bool
changes(struct str code, const struct literals *ls, size_t from, size_t end)
{
	struct str rest = str_trim(str_sub(code, end, 8));
	size_t open = from;

	if (str_starts(rest, STR("=~")))
		return code_in(str_trim(str_sub(rest, 2, rest.n)).n > 0 ? str_trim(str_sub(rest, 2, rest.n)).p[0] : '\0', "sty");
	while (open > 0 && !code_in(code.p[open - 1], ";\n") && (code_covered(ls, NULL, open - 1) || code.p[open - 1] != '('))
		open--;
	return open > 0 && code.p[open - 1] == '(' && str_ends(str_sub(code, 0, open - 1), STR("sub"));
}

/* Counts what else is given to the names: x = y, x += y, for x in. */
static void
count_sets(struct str code, const struct literals *ls, struct values *vs)
{
	for (size_t i = 0; i < code.n;) {
		size_t from = i;
		struct value *v;
		struct str before;

		while (i < code.n && name_byte(code.p[i]))
			i++;
		if (i == from) {
			i++;
			continue;
		}
		v = value_of(vs, str_sub(code, from, i - from));
		if (v == NULL || literal_around(ls, from) != NULL)
			continue;
		before = word_before(code, from);
		if ((assigns(code, i) && code_name(code, v->at).p != code.p + from && !v->call) ||
		    changes(code, ls, from, i) || str_is(before, "for") || str_is(before, "foreach") || str_is(before, "def"))
			v->set++;
	}
}

static struct str
with_values(struct reading *rd, const struct code *how, struct str code, const struct literals *ls, struct values *vs)
{
	struct buf out;
	size_t done = 0;

	buf_init(&out, rd->a);
	for (size_t i = 0; i < code.n;) {
		size_t from = i, end;
		const struct literal *l;
		const struct value *v;

		while (i < code.n && name_byte(code.p[i]))
			i++;
		if (i == from) {
			i++;
			continue;
		}
		end = i;
		v = value_of(vs, str_sub(code, from, i - from));
		if (v == NULL || v->set != 1)
			continue;
		l = literal_around(ls, from);
		if (v->call ? l != NULL || end >= code.n || code.p[end] != '(' || (from > 0 && code.p[from - 1] == '.')
			    : l != NULL ? !place_in_literal(how, code, l, &from, &end)
					: from < v->at || assigns(code, end) || (from > 0 && code_in(code.p[from - 1], ".@%&")) ||
			    (end < code.n && code_in(code.p[end], "(.[{")))
			continue;
		if (l == NULL && from > 0 && code.p[from - 1] == '$')
			from--;
		buf_add(&out, str_sub(code, done, from - done));
		if (l == NULL && !v->call)
			put_literal(&out, v->text);
		else
			buf_add(&out, v->text);
		done = i = end;
	}
	buf_add(&out, str_sub(code, done, code.n));
	return buf_str(&out);
}

/* qw(a b), %w[a b] as 'a','b'. */
static struct str
with_lists(struct reading *rd, struct str code)
{
	struct buf out;
	size_t at, done = 0, from = 0;

	buf_init(&out, rd->a);
	while ((at = str_find(str_sub(code, from, code.n), STR("w"))) != STR_NPOS) {
		static const char opens[] = "([{/<|", closes[] = ")]}/>|";
		const char *open;
		size_t end;
		struct words w;

		at += from;
		from = at + 1;
		if (at == 0 || !code_in(code.p[at - 1], "q%") || (at > 1 && name_byte(code.p[at - 2])) || at + 1 >= code.n ||
		    (open = code.p[at + 1] == '\0' ? NULL : strchr(opens, code.p[at + 1])) == NULL)
			continue;
		end = str_chr(str_sub(code, at + 2, code.n), closes[open - opens]);
		if (end == STR_NPOS)
			continue;
		w = words_split(rd->a, str_sub(code, at + 2, end));
		buf_add(&out, str_sub(code, done, at - 1 - done));
		buf_puts(&out, code.p[at - 1] == '%' ? "[" : "(");
		for (size_t i = 0; i < w.n; i++) {
			if (i > 0)
				buf_putc(&out, ',');
			put_literal(&out, word_prefix(w.v[i]));
		}
		buf_puts(&out, code.p[at - 1] == '%' ? "]" : ")");
		done = from = at + 2 + end + 1;
	}
	buf_add(&out, str_sub(code, done, code.n));
	return buf_str(&out);
}

/* exec fly deploy, spawn fly deploy, !fly deploy: as a call with one literal. */
static struct str
with_calls(struct reading *rd, struct str code, const char *names)
{
	struct words words = words_split(rd->a, str_of(names));
	struct buf out;
	size_t i = 0;

	buf_init(&out, rd->a);
	while (i < code.n) {
		size_t n = 0, end, before = i;
		bool first;

		while (before > 0 && code_in(code.p[before - 1], " \t"))
			before--;
		first = before == 0 || code_in(code.p[before - 1], "\n;[{");

		for (size_t k = 0; k < words.n && first && n == 0; k++) {
			struct str word = word_prefix(words.v[k]);
			bool sign = word.p[word.n - 1] == '!';

			if (str_starts(str_sub(code, i, code.n), word) &&
			    (sign || (i + word.n < code.n && code.p[i + word.n] == ' ')))
				n = word.n + !sign;
		}
		if (n == 0) {
			buf_putc(&out, code.p[i++]);
			continue;
		}
		for (end = i + n; end < code.n && !code_in(code.p[end], "\n;]}");)
			end++;
		buf_puts(&out, "exec(");
		put_literal(&out, str_sub(code, i + n, end - i - n));
		buf_putc(&out, ')');
		i = end;
	}
	return buf_str(&out);
}

/* q(…), qq{…}, qx[…] as '…', "…", `…`. */
static struct str
with_quotes(struct reading *rd, struct str code)
{
	static const char opens[] = "([{|!", closes[] = ")]}|!";
	struct buf out;
	size_t i = 0;

	buf_init(&out, rd->a);
	while (i < code.n) {
		size_t n = 0, end = STR_NPOS;
		char quote = '\'';
		const char *open = NULL;

		if (code.p[i] == 'q' && i + 2 < code.n && (i == 0 || !code_in(code.p[i - 1], "$@%&.")) &&
		    (i == 0 || !name_byte(code.p[i - 1]))) {
			n = code_in(code.p[i + 1], "qx") ? 2 : 1;
			quote = n == 1 ? '\'' : code.p[i + 1] == 'q' ? '"' : '`';
			open = code.p[i + n] == '\0' ? NULL : strchr(opens, code.p[i + n]);
		}
		if (open != NULL)
			end = str_chr(str_sub(code, i + n + 1, code.n), closes[open - opens]);
		if (end == STR_NPOS || str_chr(str_sub(code, i + n + 1, end), quote) != STR_NPOS) {
			buf_putc(&out, code.p[i++]);
			continue;
		}
		buf_putc(&out, quote);
		buf_add(&out, str_sub(code, i + n + 1, end));
		buf_putc(&out, quote);
		i += n + 1 + end + 1;
	}
	return buf_str(&out);
}

/* ---- literals put together -------------------------------------------------------------- */

/* + and its like between two literals; the letters of f"…" behind it aside. */
static bool
adds(struct str between)
{
	between = str_trim(between);
	if (between.n > 1 && code_in(between.p[between.n - 1], "fru") && !name_byte(between.p[between.n - 2]))
		between = str_trim(str_sub(between, 0, between.n - 1));
	return str_is(between, "+") || str_is(between, ".") || str_is(between, "..") || str_is(between, "<>");
}

/* What % or .format( puts in for the next place of the literal's text. False: no more places. */
static bool
fill(struct reading *rd, struct str *text, struct str value, bool percent)
{
	size_t at = str_find(*text, percent ? STR("%s") : STR("{}"));

	if (at == STR_NPOS)
		return false;
	*text = str_printf(rd->a, STR_FMT STR_FMT STR_FMT, STR_ARG(str_sub(*text, 0, at)), STR_ARG(value),
	    STR_ARG(str_sub(*text, at + 2, text->n)));
	return true;
}

/* Has it an end? (Not a quote in prose.) */
static bool
closed(struct str code, const struct literal *l)
{
	return l->to <= code.n && l->to - l->from >= 2 && code.p[l->to - 1] == code.p[l->from];
}

/* The inside of a literal as the code has it. */
static struct str
inside(struct str code, const struct literal *l)
{
	bool triple = l->from + 2 < code.n && l->to - l->from >= 6 && code.p[l->from + 1] == code.p[l->from] &&
	    code.p[l->from + 2] == code.p[l->from];
	size_t n = triple ? 3 : 1;

	return str_sub(code, l->from + n, l->to - l->from - 2 * n);
}

/* "x".upper(), "x"[1:]: another value than the literal's. */
static bool
is_changed(struct str code, size_t to)
{
	return to + 1 < code.n && (code.p[to] == '[' || (code.p[to] == '.' && name_byte(code.p[to + 1])));
}

/* From literal i on: those that are put to it. Returns the last, and where that ends. */
static size_t
together(struct reading *rd, struct str code, const struct literals *ls, size_t i, struct str *text, size_t *end)
{
	size_t last = i;
	char quote = code.p[ls->v.v[i].from];

	*text = inside(code, &ls->v.v[i]);
	*end = ls->v.v[i].to;
	while (last + 1 < ls->v.n && ls->v.v[last + 1].from >= *end) {
		const struct literal *next = &ls->v.v[last + 1];
		struct str between = str_trim(str_sub(code, *end, next->from - *end)), more = inside(code, next);
		bool percent = str_is(between, "%") || str_is(between, "% (") || str_is(between, "%("),
		     format = str_is(between, ".format(");

		if (str_chr(more, quote) != STR_NPOS || str_chr(more, '\n') != STR_NPOS || !closed(code, next) ||
		    is_changed(code, next->to))
			break;
		if (adds(between))
			*text = str_cat(rd->a, *text, more);
		else if ((!percent && !format) || !fill(rd, text, more, percent))
			break;
		*end = next->to;
		last++;
		while ((percent || format) && last + 1 < ls->v.n && ls->v.v[last + 1].from > *end &&
		    str_is(str_trim(str_sub(code, *end, ls->v.v[last + 1].from - *end)), ",") &&
		    str_chr(inside(code, &ls->v.v[last + 1]), quote) == STR_NPOS &&
		    fill(rd, text, inside(code, &ls->v.v[last + 1]), percent))
			*end = ls->v.v[++last].to;
		if ((format || (percent && between.n > 1)) && *end < code.n && code.p[*end] == ')')
			++*end;
	}
	return last;
}

/* ('x') in a list: the same as 'x'. Where it begins and ends. */
static bool
in_parentheses(struct str code, const struct literal *l, size_t *from, size_t *to)
{
	size_t before;

	for (*from = l->from; *from > 0 && code_in(code.p[*from - 1], " \t");)
		--*from;
	for (*to = l->to; *to < code.n && code_in(code.p[*to], " \t");)
		++*to;
	if (*from == 0 || code.p[--*from] != '(' || *to >= code.n || code.p[(*to)++] != ')')
		return false;
	for (before = *from; before > 0 && code_in(code.p[before - 1], " \t");)
		before--;
	return before > 0 && code_in(code.p[before - 1], ",[(+") && !is_changed(code, *to);
}

static struct str
put_together(struct reading *rd, struct str code)
{
	struct literals ls;
	struct buf out;
	size_t done = 0, end;

	code_literals(rd->a, code, &ls);
	buf_init(&out, rd->a);
	for (size_t i = 0; i < ls.v.n; i++) {
		struct str text;
		size_t last, from;

		if (!closed(code, &ls.v.v[i]))
			continue;
		if (ls.v.v[i].from > done && in_parentheses(code, &ls.v.v[i], &from, &end) && from >= done) {
			buf_add(&out, str_sub(code, done, from - done));
			buf_add(&out, str_sub(code, ls.v.v[i].from, ls.v.v[i].to - ls.v.v[i].from));
			done = end;
			continue;
		}
		last = together(rd, code, &ls, i, &text, &end);
		if (last == i)
			continue;
		buf_add(&out, str_sub(code, done, ls.v.v[i].from - done));
		buf_putc(&out, code.p[ls.v.v[i].from]);
		buf_add(&out, text);
		buf_putc(&out, code.p[ls.v.v[i].from]);
		done = end;
		i = last;
	}
	buf_add(&out, str_sub(code, done, code.n));
	return buf_str(&out);
}

/* One round: a value may be made of others. */
static struct str
valued_once(struct reading *rd, const struct code *how, struct str code)
{
	struct values *vs = NEW(rd->a, struct values);
	struct literals ls;

	code_literals(rd->a, code, &ls);
	*vs = (struct values){ .n = 0 };
	find_values(code, &ls, vs);
	find_aliases(code, vs);
	if (vs->n > 0) {
		count_sets(code, &ls, vs);
		code = with_values(rd, how, code, &ls, vs);
	}
	return put_together(rd, code);
}

struct str
code_quoted(struct reading *rd, const struct code *how, struct str code)
{
	return how->backquote && code.n <= CODE_MAX ? with_quotes(rd, with_lists(rd, code)) : code;
}

struct str
code_valued(struct reading *rd, const struct code *how, struct str code)
{
	if (code.n > CODE_MAX)
		return code;
	if (how->plain)
		return with_calls(rd, code, "exec spawn");
	if (how->bang && how->file)
		code = with_calls(rd, code, "! :! \\! shell .shell");
	code = code_quoted(rd, how, code);
	for (int round = 0; round < ROUNDS; round++) {
		struct str was = code;

		code = valued_once(rd, how, code);
		if (str_eq(was, code))
			break;
	}
	return code;
}
