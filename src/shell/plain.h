/* SPDX-License-Identifier: ISC */
/*
 * plain.h: what most words are, made in one go: a text, $name, 'text'. Each
 * says where it is not so; the whole of the grammar is in word.c, quote.c and
 * param.c, which end with the same tree.
 */
#ifndef SHELL_PLAIN_H
#define SHELL_PLAIN_H

#include "shell/parse.h"

/* The word of one unquoted text that is there. */
SHELL_INLINE struct astword *
shell__plain_text(struct parser *p, const char *from, const char *to)
{
	struct {
		struct astword w;
		struct part text;
	} *one = arena_raw(p->a, sizeof *one);

	one->w = (struct astword){ shell__range(p, from, to), &one->text };
	p->in.s = to;
	p->tok_end = one->w.at.to;
	one->text = (struct part){ .kind = PART_TEXT, .at = one->w.at, .text = { from, (size_t)(to - from) } };
	return &one->w;
}

/* At $: where $name, ${name}, $1 or $@ ends, as it mostly stands there. NULL: anything else. */
SHELL_INLINE const char *
shell__name_end(const struct parser *p, const char *from, struct str *name)
{
	const char *end = p->in.end, *s;
	bool braced;

	if (end - from < 3 || p->zsh)
		return NULL;
	braced = from[1] == '{';
	name->p = from + 1 + braced;
	s = name->p + 1;
	if (shell__is((unsigned char)*name->p, C_NAME))
		while (s < end && shell__is((unsigned char)*s, C_NAME | C_DIGIT))
			s++;
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
    const char *to, bool dquoted)
{
	struct {
		struct part part;
		struct param param;
	} *one = arena_raw(p->a, sizeof *one);

	shell__name_part(p, &one->part, &one->param, name, from, to, dquoted);
	one->part.at = shell__range(p, from, to);
	p->tok_end = shell__range(p, from, name.p).to;
	shell__join(chain, (struct chain){ &one->part, &one->part });
}

SHELL_INLINE bool
shell__plain_name(struct parser *p, struct chain *chain, bool dquoted)
{
	struct str name;
	const char *from = p->in.s, *to = shell__name_end(p, from, &name);

	if (to == NULL)
		return false;
	shell__name_new(p, chain, name, from, to, dquoted);
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
	one->w.at = (struct range){ shell__here(p), (uint32_t)(to - p->in.base) };
	one->w.first = &one->part;
	p->in.s = to;
	p->tok_end = one->w.at.to;
	return one;
}

/* $name */
SHELL_INLINE struct astword *
shell__whole_name(struct parser *p)
{
	const char *from = p->in.s, *to;
	struct whole *one;
	struct str name;

	to = shell__name_end(p, from, &name);
	if (to == NULL || (one = shell__whole(p, to, sizeof *one)) == NULL)
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
