/* SPDX-License-Identifier: ISC */
/*
 * code_list.c: commands that code of another language has as a list of words:
 * ["fly", "deploy", "-a", app]. Which of them are known, and whether the list
 * goes on elsewhere. The code itself is code.c.
 */
#include "tools/code.h"

#include <string.h>

/* What stands between two literals: values of the same list that are no literals. */
struct gap {
	bool ends;   /* … of a list that ends there */
	bool many;   /* they may be any words: *args, x if y else */
	size_t ones; /* so many, each a value of its own */
	bool behind, before; /* the first is put behind the literal that was: "-a=" + x; the last before the next */
};

static struct gap
gap_of(struct str s)
{
	struct str t = str_trim(s);
	struct gap g = { .behind = t.n > 1 && code_in(t.p[0], "+%"), .before = t.n > 1 && t.p[t.n - 1] == '+' };
	bool value = false, comma = false;
	size_t open = 0;

	while (s.n > 0 && code_in(s.p[s.n - 1], "fbruFBRU") && s.n > 1 && code_in(s.p[s.n - 2], ", \t\n[("))
		s.n--; /* f"…" */
	for (size_t i = 0; i < s.n && !g.ends; i++) {
		char c = s.p[i];

		if (c == ')' && value && open > 0) { /* app() */
			open--;
			continue;
		}
		g.ends = code_in(c, "])};");
		open += c == '(';
		g.many |= code_in(c, "*@") || str_starts(str_sub(s, i, s.n), STR("..."));
		if (c == ',' && (open == 0 || !value)) {
			g.ones += value;
			value = false;
			comma = true;
		}
		value |= !g.ends && !code_in(c, ", \t\r\n[(");
	}
	g.ones += value && g.ends && comma; /* one without a comma, where the list ends, is no word of its own */
	g.many |= value && !g.ends && !g.before && !(g.behind && !comma);
	g.ones -= g.behind && g.ones > 0;
	return g;
}

/* Does the list of words begin with a [, which holds one word for each value? *at: it. */
static bool
in_brackets(struct str code, size_t from, size_t *at)
{
	while (from > 0 && code_in(code.p[from - 1], " \t\n\rfbru"))
		from--;
	*at = from > 0 ? from - 1 : 0;
	return from > 0 && code.p[from - 1] == '[';
}

/* ["fly"] + args, ["fly"].concat(args) */
static bool
goes_on(struct str between)
{
	size_t end = str_chr(between, ']');
	struct str rest = end == STR_NPOS ? STR("") : str_trim(str_sub(between, end + 1, between.n));

	return str_starts(rest, STR("+")) || str_starts(rest, STR(".concat"));
}

struct str
code_name(struct str code, size_t from)
{
	size_t end = from, at;

	while (end > 0 && code_in(code.p[end - 1], " \t"))
		end--;
	if (end < 2 || code.p[end - 1] != '=' || code_in(code.p[end - 2], "=!<>~+"))
		return STR("");
	for (end--; end > 0 && code_in(code.p[end - 1], " \t");)
		end--;
	for (at = end; at > 0 && code_word_byte(code.p[at - 1]) && code.p[at - 1] != '-';)
		at--;
	return str_sub(code, at, end - at);
}

/* Is more put behind what the name holds: x " -a app", x += …, "$x -a app", f"{x} …"? */
bool
code_grows(struct str code, struct str name)
{
	static const char *const more[] = { ".=", ". ", ".append", ".extend", ".push", ".concat", ".insert", "<<" };
	size_t at, from = 0;

	while (name.n > 0 && (at = str_find(str_sub(code, from, code.n), name)) != STR_NPOS) {
		size_t end = from + at + name.n;
		bool text = from + at > 1 && code_in(code.p[from + at - 1], "{$"), whole = from + at == 0 ||
		    !code_word_byte(code.p[from + at - 1]);

		text &= end < code.n && code.p[end] == '}';
		end += text;
		if (whole && end < code.n && !code_word_byte(code.p[end])) {
			struct str rest = str_sub(code, end, code.n), next = str_trim(str_sub(rest, 0, 8));

			if (next.n > 0 && (code_in(next.p[0], "+\"'%") || (text && rest.p[0] == ' ') ||
					      (from + at > 0 && code.p[from + at - 1] == '$' && rest.p[0] == ' ' && next.p[0] == '-')))
				return true;
			for (size_t i = 0; i < sizeof more / sizeof *more; i++)
				if (str_starts(next, str_of(more[i])))
					return true;
		}
		from = end;
	}
	return false;
}

const struct literal *
code_literal_at(const struct literals *ls, size_t at)
{
	for (size_t i = 0; i < ls->v.n; i++)
		if (ls->v.v[i].from == at)
			return &ls->v.v[i];
	return NULL;
}

typedef VEC(struct word) words_vec;

/* Literals from code.p[at] on, put to the list. False: something else is among them. */
static bool
take_literals(struct arena *a, struct str code, const struct literals *ls, size_t at, words_vec *out)
{
	const struct literal *l;

	for (;;) {
		while (at < code.n && code_in(code.p[at], " \t\r[(,"))
			at++;
		if ((l = code_literal_at(ls, at)) == NULL)
			return at >= code.n || code_in(code.p[at], "])\n;");
		*vec_push(a, out) = l->filled ? word_any(a, l->text) : word_text(a, l->text);
		at = l->to;
	}
}

/* x += ["-a"], x.append("-a"), x.extend([…]): are all that the name grows by literals? */
static bool
grows_by(struct arena *a, struct str code, const struct literals *ls, struct str name, words_vec *out)
{
	static const char *const ways[] = { "+=", ".append(", ".extend(", ".push(", ".concat(" };
	size_t at, from = 0;

	while ((at = str_find(str_sub(code, from, code.n), name)) != STR_NPOS) {
		size_t end = from + at + name.n, k = 0;
		bool whole = from + at == 0 || !code_word_byte(code.p[from + at - 1]);

		from = end;
		while (end < code.n && code_in(code.p[end], " \t"))
			end++;
		if (!whole || end >= code.n || code_word_byte(code.p[end]))
			continue;
		while (k < sizeof ways / sizeof *ways && !str_starts(str_sub(code, end, code.n), str_of(ways[k])))
			k++;
		if (k < sizeof ways / sizeof *ways ? !take_literals(a, code, ls, end + strlen(ways[k]), out)
						   : code_in(code.p[end], "+\"'%.<"))
			return false;
	}
	return true;
}

/* ["fly", "deploy", "-a", app] from literal `at` on. perl's values are lists. */
struct words
code_list(struct arena *a, const struct code *how, struct str code, const struct literals *ls, size_t at,
    size_t *last)
{
	size_t bracket;
	bool listed = in_brackets(code, ls->v.v[at].from, &bracket), before = false, more;
	struct word any = word_any(a, STR("…")), w;
	words_vec out = { 0 }, grown = { 0 };
	size_t i = at;

	for (;; i++) {
		const struct literal *l = &ls->v.v[i];
		size_t to = i + 1 < ls->v.n ? ls->v.v[i + 1].from : code.n;
		struct str between = str_sub(code, l->to, to > l->to ? to - l->to : 0);
		struct gap g = gap_of(between);

		w = l->filled ? word_any(a, l->text) : word_text(a, l->text);
		w = before ? word_cat(a, any, w) : w;
		*vec_push(a, &out) = g.behind ? word_cat(a, w, any) : w;
		before = g.before;
		*last = i;
		if (g.many || (g.ones > 0 && (!listed || how->backquote)))
			*vec_push(a, &out) = word_words(a, STR(""));
		else
			for (; g.ones > 0; g.ones--)
				*vec_push(a, &out) = any;
		if (g.ends || i + 1 >= ls->v.n)
			break;
		listed |= str_chr(between, '[') != STR_NPOS;
	}
	/* x = "fly": what it is called with stands elsewhere */
	more = listed ? code_grows(code, code_name(code, bracket)) : out.n == 1 && code_name(code, ls->v.v[at].from).n > 0;
	if (more && listed && (how->file || str_find(code, STR("if ")) == STR_NPOS) &&
	    grows_by(a, code, ls, code_name(code, bracket), &grown)) {
		for (size_t k = 0; k < grown.n; k++)
			*vec_push(a, &out) = grown.v[k];
		more = false;
	}
	if (more || (listed && goes_on(str_sub(code, ls->v.v[*last].to, STR_NPOS))))
		*vec_push(a, &out) = word_words(a, STR(""));
	return (struct words){ out.v, out.n };
}

/* Where the list of literal `at` begins, if that is a wrapper: ["xargs", "fly"]. */
size_t
code_list_start(struct reading *rd, struct str code, const struct literals *ls, size_t at)
{
	size_t i = at, n = 0;

	while (i > 0 && ls->v.v[i - 1].to < ls->v.v[i].from) {
		struct str between = str_sub(code, ls->v.v[i - 1].to, ls->v.v[i].from - ls->v.v[i - 1].to);

		struct gap g = gap_of(between);

		if (g.ends || g.many || g.ones > 0 || str_chr(between, ',') == STR_NPOS)
			break;
		i--;
	}
	return models__wrapper(rd->models, path_base(ls->v.v[i].text), &n) != NULL ? i : at;
}
