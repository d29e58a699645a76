/* SPDX-License-Identifier: ISC */
/*
 * code_given.c: what code of another language takes from its own command line
 * (sys.argv[1]), and what it puts into the environment of the programs that it
 * runs (os.environ["X"] = "y", env={"X": "y"}). The code itself is code.c.
 */
#include "tools/code.h"

#include <string.h>

static bool
name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool
in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* ---- words ------------------------------------------------------------------------------ */

/* argv[N] at code.p[at], as some language has it: its end, and which word it is. */
static bool
argv_at(const struct code *how, struct str code, size_t at, size_t *end, size_t *word)
{
	static const struct {
		const char *name;
		unsigned first; /* the index of the first word */
	} names[] = { { "sys.argv[", 1 }, { "process.argv[", 2 }, { "Bun.argv[", 2 }, { "Deno.args[", 0 },
		{ "$ARGV[", 0 }, { "ARGV[", 0 }, { "$argv[", 1 } };

	if (at > 0 && (name_byte(code.p[at - 1]) || code.p[at - 1] == '.'))
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t n = strlen(names[i].name), first = names[i].first, k = 0, digits = 0;

		if (!str_starts(str_sub(code, at, code.n), str_of(names[i].name)))
			continue;
		first -= first == 2 ? how->first : 0;
		for (n += at; n < code.n && code.p[n] >= '0' && code.p[n] <= '9' && digits < 3; digits++)
			k = k * 10 + (size_t)(code.p[n++] - '0');
		*end = n + 1;
		*word = k - first;
		return digits > 0 && n < code.n && code.p[n] == ']' && k >= first && *word < how->args.n;
	}
	return false;
}

/* As a literal of its own, where it does not stand in one. */
static void
put_literal(struct buf *out, struct str text)
{
	buf_putc(out, '\'');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\'' || text.p[i] == '\\')
			buf_putc(out, '\\');
		buf_putc(out, text.p[i]);
	}
	buf_putc(out, '\'');
}

struct str
code_given(struct reading *rd, const struct code *how, struct str code)
{
	struct literals ls;
	struct buf out;
	size_t done = 0;

	if (how->args.n == 0 || (str_find(code, STR("argv[")) == STR_NPOS && str_find(code, STR("ARGV[")) == STR_NPOS &&
				    str_find(code, STR("args[")) == STR_NPOS))
		return code;
	code_literals(rd->a, code, &ls);
	buf_init(&out, rd->a);
	for (size_t i = 0; i < code.n; i++) {
		size_t end, word, from = i;
		struct str text;

		if (!argv_at(how, code, i, &end, &word) || !word_known(rd->a, how->args.v[word], &text))
			continue;
		if (!code_covered(&ls, NULL, i)) {
			buf_add(&out, str_sub(code, done, i - done));
			put_literal(&out, text);
		} else { /* {sys.argv[1]}, ${…}, #{…} */
			if (from > done && code.p[from - 1] == '{' && end < code.n && code.p[end] == '}') {
				from -= from - 1 > done && in(code.p[from - 2], "$#") ? 2 : 1;
				end++;
			}
			buf_add(&out, str_sub(code, done, from - done));
			buf_add(&out, text);
		}
		done = end;
		i = end - 1;
	}
	buf_add(&out, str_sub(code, done, code.n));
	return buf_str(&out);
}

/* ---- the environment -------------------------------------------------------------------- */

/* A name as variables of the environment have it. */
static size_t
variable(struct str code, size_t at)
{
	size_t n = at;

	while (n < code.n && ((code.p[n] >= 'A' && code.p[n] <= 'Z') || code.p[n] == '_' ||
			    (n > at && code.p[n] >= '0' && code.p[n] <= '9')))
		n++;
	return n - at < 3 || (n < code.n && name_byte(code.p[n])) || (at > 0 && name_byte(code.p[at - 1])) ? 0 : n - at;
}

/* Behind a name: "] =, } =, : (of a table), =>, a comma (setenv). Where the value begins. */
static bool
value_at(struct str code, size_t at, size_t *value)
{
	while (at < code.n && in(code.p[at], "\"'`]}) \t"))
		at++;
	if (at >= code.n || !in(code.p[at], "=:,|?"))
		return false;
	if (in(code.p[at], "|?")) { /* ||=, ??= */
		at += 2;
		if (at >= code.n || code.p[at] != '=')
			return false;
	} else if (code.p[at] == '=' && at + 1 < code.n && code.p[at + 1] == '=') {
		return false;
	}
	for (at++; at < code.n && in(code.p[at], "> \t\n(");)
		at++;
	*value = at;
	return true;
}

/* tcl's set env(NAME) value: where the value begins. */
static bool
tcl_value_at(struct str code, size_t name, size_t at, size_t *value)
{
	if (!str_ends(str_sub(code, 0, name), STR("env(")) || at + 1 >= code.n || code.p[at] != ')' || !in(code.p[at + 1], " \t"))
		return false;
	for (at++; at < code.n && in(code.p[at], " \t");)
		at++;
	*value = at;
	return true;
}

/* A word of tcl without anything to be put in; false: it is not known. */
static bool
tcl_word(struct str code, size_t at, struct str *word)
{
	size_t end = at;

	while (end < code.n && !in(code.p[end], " \t\n;]"))
		end++;
	*word = str_sub(code, at, end - at);
	if (word->n > 1 && in(word->p[0], "{\"") && in(word->p[word->n - 1], "}\""))
		*word = str_sub(*word, 1, word->n - 2);
	return str_chr(*word, '$') == STR_NPOS && str_chr(*word, '[') == STR_NPOS && str_chr(*word, '{') == STR_NPOS;
}

/* "NAME=value", as putenv takes it. */
static bool
put_whole(const struct literal *l, struct str name, struct str *value)
{
	if (!str_starts(l->text, name) || l->text.n <= name.n || l->text.p[name.n] != '=' ||
	    str_chr(l->text, ' ') != STR_NPOS)
		return false;
	*value = str_sub(l->text, name.n + 1, STR_NPOS);
	return true;
}

static void
set(struct reading *rd, struct shell_state *st, struct str name, const struct literal *l, struct str value,
    bool joined)
{
	if (l == NULL || l->filled || joined)
		shell_forget_var(rd->shell, st, name);
	else
		shell_set_var(rd->shell, st, name, word_text(rd->a, value), true);
}

bool
code_sets(struct reading *rd, struct shell_state *st, struct str code, const struct literals *ls)
{
	bool any = false;

	for (size_t i = 0, n; i < code.n; i += n > 0 ? n : 1) {
		struct str name = str_sub(code, i, n = variable(code, i)), value;
		const struct literal *in_one = i > 0 ? code_literal_at(ls, i - 1) : NULL, *l;
		size_t at, next;

		if (n == 0 || str_is(name, "PATH"))
			continue;
		if (in_one != NULL && put_whole(in_one, name, &value)) {
			set(rd, st, name, in_one, value, false);
			any = true;
			continue;
		}
		if (tcl_value_at(code, i, i + n, &at)) {
			if (tcl_word(code, at, &value))
				shell_set_var(rd->shell, st, name, word_text(rd->a, value), true);
			else
				shell_forget_var(rd->shell, st, name);
			any = true;
			continue;
		}
		if ((code_covered(ls, NULL, i) && (in_one == NULL || !str_eq(in_one->text, name))) || !value_at(code, i + n, &at))
			continue;
		l = code_literal_at(ls, at);
		for (next = l != NULL ? l->to : at; next < code.n && in(code.p[next], " \t");)
			next++;
		set(rd, st, name, l, l != NULL ? l->text : STR(""), next < code.n && in(code.p[next], "+.%["));
		any = true;
	}
	return any;
}
