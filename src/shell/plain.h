/* SPDX-License-Identifier: ISC */
/*
 * plain.h: what most words are, made in one go: a text, $name, "text". Each
 * says where it is not so; the whole of the grammar is in word.c, quote.c and
 * param.c, which end with the same tree.
 */
#ifndef SHELL_PLAIN_H
#define SHELL_PLAIN_H

#include "shell/parse.h"

/* A word that is one unquoted text. NULL: a byte of mask is in it. */
SHELL_INLINE struct astword *
shell__plain_here(struct parser *p, int mask)
{
	const char *start = p->in.s, *end = p->in.end, *s = shell__run(start, end, mask);
	struct {
		struct astword w;
		struct part text;
	} * one;

	if (s < end && (shell__class[(unsigned char)*s] & C_STOP) == 0)
		return NULL;
	one = arena_raw(p->a, sizeof *one);
	one->w.at.from = shell__here(p);
	p->in.s = s;
	p->tok_end = one->w.at.to = shell__upto(p);
	one->w.first = &one->text;
	one->text = (struct part){ .kind = PART_TEXT, .at = one->w.at, .text = { start, (size_t)(s - start) } };
	return &one->w;
}

/* At $: $name, ${name}, $1 or $@, as it mostly stands there. False: anything else. */
SHELL_INLINE bool
shell__plain_name(struct parser *p, struct chain *chain, bool dquoted)
{
	const char *from = p->in.s, *name = from + 1, *s, *end = p->in.end;
	struct {
		struct part part;
		struct param param;
	} * one;
	bool braced;

	if (end - from < 3 || p->zsh)
		return false;
	braced = *name == '{';
	name += braced;
	s = name + 1;
	if (shell__is((unsigned char)*name, C_NAME))
		while (s < end && shell__is((unsigned char)*s, C_NAME | C_DIGIT))
			s++;
	else if (!shell__is((unsigned char)*name, braced ? C_DIGIT : C_DIGIT | C_SPECIAL))
		return false;
	if (s == end ? braced
	             : *s == '\\' || (braced && (*s != '}' || p->depth >= LIMIT_SHELL_DEPTH)))
		return false;
	one = arena_raw(p->a, sizeof *one);
	one->part = (struct part){ .kind = PART_PARAM, .quoted = dquoted, .at.from = shell__here(p), .param = &one->param };
	one->param = (struct param){ .name = { name, (size_t)(s - name) }, .braced = braced };
	shell__join(chain, (struct chain){ &one->part, &one->part });
	p->in.s = name;
	p->tok_end = shell__upto(p);
	p->in.s = s + braced;
	one->part.at.to = shell__upto(p);
	if (braced) {
		shell__span(p, from, p->in.s);
		if (p->height == 0)
			p->height = 1;
	}
	return true;
}

/* At ": a string in which nothing means anything before s. False: another. */
SHELL_INLINE bool
shell__plain_double(struct parser *p, struct chain *chain, const char *s)
{
	const char *open = p->in.s;
	struct {
		struct part string, text;
	} * one;

	if (s == p->in.end || *s != '"' || s == open + 1 || p->depth >= LIMIT_SHELL_DEPTH)
		return false;
	one = arena_raw(p->a, sizeof *one);
	one->string = (struct part){ .kind = PART_DQUOTE, .quoted = true, .at.from = shell__here(p), .parts = &one->text };
	one->text = (struct part){ .kind = PART_TEXT, .quoted = true, .text = { open + 1, (size_t)(s - open) - 1 } };
	p->in.s = open + 1;
	one->text.at.from = shell__here(p);
	p->in.s = s;
	one->text.at.to = shell__upto(p);
	p->in.s = s + 1;
	one->string.at.to = shell__upto(p);
	shell__join(chain, (struct chain){ &one->string, &one->string });
	shell__span(p, open, p->in.s);
	if (p->height == 0)
		p->height = 1;
	return true;
}

#endif
