/* SPDX-License-Identifier: ISC */
/*
 * plain.h: what most words are, made in one go: a text, $name, 'text'. Each
 * says where it is not so; the whole of the grammar is in word.c, quote.c and
 * param.c, which end with the same tree.
 */
#ifndef SHELL_PLAIN_H
#define SHELL_PLAIN_H

#include "shell/parse.h"

#include <string.h>

/* Sixteen bytes of text are looked at in one go: how long a run is then costs no branch that the
 * processor has to guess. */
typedef unsigned char shell__bytes __attribute__((vector_size(16)));

SHELL_INLINE shell__bytes
shell__sixteen(const char *s)
{
	shell__bytes x;

	memcpy(&x, s, sizeof x);
	return x;
}

/* The place of the first of them that is not 0, or 16. */
SHELL_INLINE size_t
shell__first_of(shell__bytes found)
{
	typedef uint64_t halves __attribute__((vector_size(16)));
	const halves h = (halves)found;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FIRST(x) ((size_t)__builtin_ctzll(x) / 8)
#else
#define FIRST(x) ((size_t)__builtin_clzll(x) / 8)
#endif
	return h[0] != 0 ? FIRST(h[0]) : h[1] != 0 ? 8 + FIRST(h[1]) : 16;
#undef FIRST
}

/* shell__run of C_DQUOTE, for texts in strings: longer than words, and ended by these four alone. */
SHELL_INLINE const char *
shell__run_quoted(const char *s, const char *end)
{
	if (s < end && shell__is((unsigned char)*s, C_DQUOTE))
		return s;
	for (; end - s >= 16; s += 16) {
		const shell__bytes x = shell__sixteen(s);
		const size_t n = shell__first_of((shell__bytes)((x == '"') | (x == '$') | (x == '\\') | (x == '`')));

		if (n < 16)
			return s + n;
	}
	return shell__run(s, end, C_DQUOTE);
}

/* shell__run of C_WORD, or of C_WORD | C_SIGN: most bytes of words are letters, digits or one of +,-./:_,
 * and most words have fewer than sixteen; what else they hold is looked up. */
SHELL_INLINE const char *
shell__run_word(const char *s, const char *end, int classes)
{
	while (end - s >= 16) {
		const shell__bytes x = shell__sixteen(s);
		const size_t n = shell__first_of(
		    (shell__bytes)~(((x | 0x20) - 'a' < 26) | (x - '+' < 16) | (x == '_')));

		s += n;
		if (n == 16)
			continue;
		if (shell__is((unsigned char)*s, classes))
			return s;
		s++;
	}
	return shell__run(s, end, classes);
}

/* Behind the letters, digits and _ from s on. */
SHELL_INLINE const char *
shell__name_run(const char *s, const char *end)
{
	for (; end - s >= 16; s += 16) {
		const shell__bytes x = shell__sixteen(s);
		const size_t n = shell__first_of(
		    (shell__bytes)~(((x | 0x20) - 'a' < 26) | (x - '0' < 10) | (x == '_')));

		if (n < 16)
			return s + n;
	}
	while (s < end && shell__is((unsigned char)*s, C_NAME | C_DIGIT))
		s++;
	return s;
}

SHELL_INLINE void
shell__text_new(struct parser *p, struct chain *chain, const char *from, const char *to, bool quoted,
    bool plain)
{
	struct part *text = arena_raw(p->a, sizeof *text);

	*text = (struct part){ .kind = PART_TEXT, .quoted = quoted, .text = { from, (size_t)(to - from) } };
	text->at = shell__range_in(p, from, to, plain);
	shell__join(chain, (struct chain){ text, text });
}
void shell__text_more(struct parser *p, struct chain *chain, const char *from, const char *to, bool quoted);
/* Appends text; what follows on the last text in the source is joined to it. */
static inline void
shell__text(struct parser *p, struct chain *chain, const char *from, const char *to, bool quoted)
{
	if (from == to)
		return;
	if (chain->last != NULL && chain->last->kind == PART_TEXT)
		shell__text_more(p, chain, from, to, quoted);
	else
		shell__text_new(p, chain, from, to, quoted, false);
}

/* The word of one unquoted text that is there; the cursor stays. */
SHELL_INLINE struct astword *
shell__text_at(struct parser *p, const char *from, const char *to, struct range at)
{
	struct {
		struct astword w;
		struct part text;
	} *one = arena_raw(p->a, sizeof *one);

	p->tok_end = at.to;
	one->w = (struct astword){ at, &one->text };
	one->text = (struct part){ .kind = PART_TEXT, .at = at, .text = { from, (size_t)(to - from) } };
	return &one->w;
}

struct astword *shell__plain_more(struct parser *p);
/* Most words are one text: such a one, made in one go. NULL: a byte that may mean something is in it, or none there. */
SHELL_INLINE struct astword *
shell__plain(struct parser *p)
{
	int c = shell__peek(p);

	return c < 0 || shell__is(c, C_WORD) ? NULL : shell__plain_more(p);
}

/* At $: where $name, ${name}, $1 or $@ ends, as it mostly stands there. NULL: anything else. */
SHELL_INLINE const char *
shell__name_end(const struct parser *p, const char *from, struct str *name, bool plain)
{
	const char *end = p->in.end, *s;
	bool braced;

	if (end - from < 3 || (!plain && p->zsh))
		return NULL;
	braced = from[1] == '{';
	name->p = from + 1 + braced;
	s = name->p + 1;
	if (shell__is((unsigned char)*name->p, C_NAME))
		s = shell__name_run(s, end);
	else if (!shell__is((unsigned char)*name->p, braced ? C_DIGIT : C_DIGIT | C_SPECIAL))
		return NULL;
	name->n = (size_t)(s - name->p);
	if (braced)
		return s < end && *s == '}' && p->depth < LIMIT_SHELL_DEPTH ? s + 1 : NULL;
	return s == end || *s != '\\' ? s : NULL;
}

/* What shell__name_end found, as a part; its `at` is the caller's. */
SHELL_INLINE void
shell__name_part(struct parser *p, struct part *part, struct param *param, struct str name,
    const char *from, const char *to, bool dquoted)
{
	bool braced = name.p != from + 1;

	*part = (struct part){ .kind = PART_PARAM, .quoted = dquoted, .param = param };
	*param = (struct param){ .name = name, .braced = braced };
	if (braced) {
		shell__span(p, from, to);
		if (p->height == 0)
			p->height = 1;
	}
}

SHELL_INLINE void
shell__name_new(struct parser *p, struct chain *chain, struct str name, const char *from,
    const char *to, bool dquoted, bool plain)
{
	struct {
		struct part part;
		struct param param;
	} *one = arena_raw(p->a, sizeof *one);

	shell__name_part(p, &one->part, &one->param, name, from, to, dquoted);
	one->part.at = shell__range_in(p, from, to, plain);
	p->tok_end = shell__range_in(p, from, name.p, plain).to;
	shell__join(chain, (struct chain){ &one->part, &one->part });
}

SHELL_INLINE bool
shell__plain_name(struct parser *p, struct chain *chain, bool dquoted)
{
	struct str name;
	const char *from = p->in.s, *to = shell__name_end(p, from, &name, false);

	if (to == NULL)
		return false;
	shell__name_new(p, chain, name, from, to, dquoted, false);
	p->in.s = to;
	return true;
}

/* ---- words that are one string or one parameter, made in one go ---- */

struct whole {
	struct astword w;
	struct part part;
	struct param param;
};

/* The word from the cursor to `to`, of one part and n bytes in all; NULL: it goes on. */
SHELL_INLINE struct whole *
shell__whole(struct parser *p, const char *to, size_t n)
{
	struct whole *one;

	if (to == p->in.end || (shell__class[(unsigned char)*to] & C_STOP) == 0)
		return NULL;
	one = arena_raw(p->a, n);
	one->w.at = shell__range_in(p, p->in.s, to, true);
	one->w.first = &one->part;
	p->in.s = to;
	p->tok_end = one->w.at.to;
	return one;
}

/* $name, which shell__name_end found. */
SHELL_INLINE struct astword *
shell__whole_name(struct parser *p, struct str name, const char *from, const char *to)
{
	struct whole *one = shell__whole(p, to, sizeof *one);

	if (one == NULL)
		return NULL;
	shell__name_part(p, &one->part, &one->param, name, from, to, false);
	one->part.at = one->w.at;
	return &one->w;
}

/* 'text' */
SHELL_INLINE struct astword *
shell__whole_single(struct parser *p)
{
	const char *from = p->in.s + 1;
	const char *to = memchr(from, '\'', (size_t)(p->in.end - from));
	struct whole *one;

	if (to == NULL || (one = shell__whole(p, to + 1, offsetof(struct whole, param))) == NULL)
		return NULL;
	shell__work(p, (size_t)(to - from));
	one->part = (struct part){ .kind = PART_TEXT, .quoted = true, .at = one->w.at };
	one->part.text = (struct str){ from, (size_t)(to - from) };
	return &one->w;
}

/* Takes the words since mark off their stack. */
SHELL_INLINE struct astword **
shell__words_off(struct parser *p, size_t mark, size_t *count)
{
	const size_t n = p->st.words.n - mark;
	struct astword **v, *const *from = p->st.words.v + mark;

	*count = n;
	if (n == 0)
		return NULL;
	p->st.words.n = mark;
	v = SHELL_ARRAY(p, struct astword *, n);
	if (n > 8)
		return memcpy(v, from, n * sizeof *v);
	for (size_t i = n; i > 0; i--)
		v[i - 1] = from[i - 1];
	return v;
}

#endif
