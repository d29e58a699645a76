/* SPDX-License-Identifier: ISC */
/*
 * words.c: a token of a policy as pattern words. Quotes are taken off and make
 * what they hold literal, $name of a let stands for each of its values, all
 * else is glob text (src/action/glob.c).
 */
#include "policy.h"

#include <string.h>

/* Texts made so far, one for each choice of values. */
struct choices {
	struct arena *a;
	VEC(struct buf) list;
};

static bool
is_name(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    (!first && ((c >= '0' && c <= '9') || c == '-'));
}

static void
add_raw(struct choices *c, char byte)
{
	for (size_t i = 0; i < c->list.n; i++)
		buf_putc(&c->list.v[i], byte);
}

static void
add_literal(struct choices *c, char byte)
{
	if (strchr("*?[]{},\\", byte) != NULL && byte != '\0')
		add_raw(c, '\\');
	add_raw(c, byte);
}

/* Every text so far, once with each value behind it. */
static int
add_values(struct choices *c, const struct let *let)
{
	size_t n = c->list.n;
	VEC(struct buf) made = { 0 };

	if (n * let->n > LIMIT_EXPANSION)
		return BRIDLE_ELIMIT;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < let->n; k++) {
			struct buf *b = vec_push(c->a, &made);

			buf_init(b, c->a);
			buf_add(b, buf_str(&c->list.v[i]));
			buf_add(b, let->globs[k]);
		}
	c->list.v = (void *)made.v;
	c->list.n = made.n;
	c->list.cap = made.cap;
	return 0;
}

static void
unknown_let(struct arena *a, const struct lets *lets, struct str name, struct place at,
    struct diags *d)
{
	VEC(struct str) known = { 0 };
	struct diag *dg;
	struct str key;
	void *value;
	size_t i = 0, near;

	while (map_next(lets->map, &i, &key, &value))
		if (((const struct let *)value)->seq < lets->before)
			*vec_push(a, &known) = key;
	dg = policy__error(d, at, "no `let " STR_FMT "` stands before this line", STR_ARG(name));
	near = str_nearest(name, known.v, known.n);
	if (near != STR_NPOS)
		dg->hint = str_printf(a, "did you mean \"$" STR_FMT "\"?", STR_ARG(known.v[near]));
	else
		dg->hint = STR("a dollar sign that is meant as such is written '$' or \\$");
}

/* $name or ${name} at s[*i]; *i goes behind it. */
static int
add_let(struct choices *c, const struct lets *lets, struct str s, size_t *i, struct place at,
    struct diags *d)
{
	bool braces = *i + 1 < s.n && s.p[*i + 1] == '{';
	size_t from = *i + (braces ? 2 : 1), end = from;
	const struct let *let;
	struct str name;

	at.column += (unsigned)*i;
	while (end < s.n && is_name(s.p[end], end == from))
		end++;
	name = str_sub(s, from, end - from);
	if (name.n == 0 || (braces && (end >= s.n || s.p[end] != '}'))) {
		struct diag *dg = policy__error(d, at, "a $ that names no let");

		dg->hint = STR("write $name or ${name}; a dollar sign that is meant as such is written '$' or \\$");
		return BRIDLE_ESYNTAX;
	}
	if (!braces && (*i > 0 || end < s.n) && !(s.p[0] == '"' && *i == 1 && end + 1 == s.n)) {
		struct diag *dg = policy__error(d, at, "inside a word a let is written ${" STR_FMT "}",
		    STR_ARG(name));

		(void)dg;
		return BRIDLE_ESYNTAX;
	}
	let = map_get(lets->map, name);
	if (let == NULL || let->seq >= lets->before) {
		unknown_let(c->a, lets, name, at, d);
		return BRIDLE_ESYNTAX;
	}
	*i = end + (braces ? 1 : 0);
	if (add_values(c, let) != 0) {
		policy__error(d, at, "this word stands for more than %d words", LIMIT_EXPANSION);
		return BRIDLE_ELIMIT;
	}
	return 0;
}

/* "…" at s[*i]: literal but for $name and \" \\ \$. */
static int
add_double(struct choices *c, const struct lets *lets, struct str s, size_t *i, struct place at,
    struct diags *d)
{
	int err;

	for (++*i; *i < s.n && s.p[*i] != '"';) {
		if (s.p[*i] == '\\' && *i + 1 < s.n && strchr("\"\\$`", s.p[*i + 1]) != NULL) {
			add_literal(c, s.p[*i + 1]);
			*i += 2;
		} else if (s.p[*i] == '$') {
			if ((err = add_let(c, lets, s, i, at, d)) != 0)
				return err;
		} else {
			add_literal(c, s.p[(*i)++]);
		}
	}
	++*i;
	return 0;
}

static int
read_word(struct choices *c, const struct lets *lets, struct str s, struct place at,
    struct diags *d)
{
	struct buf *first = vec_push(c->a, &c->list);
	int err = 0;

	buf_init(first, c->a);
	for (size_t i = 0; i < s.n && err == 0;) {
		if (s.p[i] == '\\' && i + 1 < s.n) {
			add_literal(c, s.p[i + 1]);
			i += 2;
		} else if (s.p[i] == '\'') {
			for (i++; i < s.n && s.p[i] != '\''; i++)
				add_literal(c, s.p[i]);
			i++;
		} else if (s.p[i] == '"') {
			err = add_double(c, lets, s, &i, at, d);
		} else if (s.p[i] == '$') {
			err = add_let(c, lets, s, &i, at, d);
		} else {
			add_raw(c, s.p[i++]);
		}
	}
	return err;
}

int
policy__globs(struct arena *a, const struct lets *lets, struct token t, struct place at,
    struct diags *d, struct str **out, size_t *n)
{
	struct choices c = { .a = a };
	int err = read_word(&c, lets, t.raw, at, d);

	if (err != 0)
		return err;
	*out = NEW_ARRAY(a, struct str, c.list.n);
	*n = c.list.n;
	for (size_t i = 0; i < c.list.n; i++)
		(*out)[i] = buf_str(&c.list.v[i]);
	return 0;
}

int
policy__slot(struct arena *a, const struct lets *lets, struct token t, struct place at,
    struct diags *d, struct words *out)
{
	VEC(struct word) all = { 0 };
	struct str *globs;
	size_t n;
	int err = policy__globs(a, lets, t, at, d, &globs, &n);

	if (err != 0)
		return err;
	for (size_t i = 0; i < n; i++) {
		struct words some;

		if (word_glob(a, globs[i], &some) != 0 || all.n + some.n > LIMIT_EXPANSION) {
			policy__error(d, at, "this word stands for more than %d words", LIMIT_EXPANSION);
			return BRIDLE_ELIMIT;
		}
		for (size_t k = 0; k < some.n; k++) {
			struct word *w = vec_push(a, &all);

			*w = some.v[k];
			w->typed = n == 1 && some.n == 1 ? t.raw : some.v[k].typed;
		}
	}
	*out = (struct words){ all.v, all.n };
	return 0;
}

struct str
policy__plain(struct arena *a, struct str raw)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];

		if (c == '\\' && i + 1 < raw.n) {
			buf_putc(&b, raw.p[++i]);
		} else if (c == '\'' || c == '"') {
			for (i++; i < raw.n && raw.p[i] != c; i++) {
				if (c == '"' && raw.p[i] == '\\' && i + 1 < raw.n &&
				    strchr("\"\\$`", raw.p[i + 1]) != NULL)
					i++;
				buf_putc(&b, raw.p[i]);
			}
		} else {
			buf_putc(&b, c);
		}
	}
	return buf_str(&b);
}
