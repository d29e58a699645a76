/* SPDX-License-Identifier: ISC */
/*
 * meaning.c: what a grant is bound to. Two spellings of the same deed have
 * the same meaning; another app, ref, operand, option or directory has not.
 */
#include "decide.h"

#define MEANING_ROOM 1024 /* most are shorter */

/* What a meaning is made of: each part with its length, so that no two actions
 * make the same text. */
struct parts {
	struct buf b;
	struct buf word; /* the one that is added now */
};

/* A number, what stands behind it, and a text. */
static void
add_part(struct parts *p, uint64_t n, char mark, struct str s)
{
	struct buf *b = &p->b;
	char *to;

	if (n > 9)
		buf_u64(b, n / 10);
	if (b->cap - b->n <= s.n + 2)
		buf__grow(b, s.n + 2);
	to = b->p + b->n;
	to[0] = (char)('0' + n % 10);
	to[1] = mark;
	if (s.n > 0)
		memcpy(to + 2, s.p, s.n);
	b->n += s.n + 2;
	b->p[b->n] = '\0';
}

static void
add(struct parts *p, struct str s)
{
	add_part(p, s.n, ':', s);
}

static void
add_number(struct parts *p, uint64_t n)
{
	add_part(p, n, ';', STR(""));
}

static void
add_word(struct parts *p, struct word w)
{
	p->word.n = 0;
	word_add_quoted(&p->word, w);
	add(p, buf_str(&p->word));
}

static void
add_words(struct parts *p, struct words ws)
{
	add_number(p, ws.n);
	for (size_t i = 0; i < ws.n; i++)
		add_word(p, ws.v[i]);
}

static void
add_action(struct parts *p, const struct action *act)
{
	add_number(p, (uint64_t)act->kind);
	add(p, act->tool);
	for (size_t i = 0; i < act->npath; i++)
		add(p, act->path[i]);
	if (act->model == NULL)
		add_words(p, act->argv);
	for (size_t i = 0; i < act->noptions; i++) {
		if (act->options[i].cls == OPTION_OUTPUT)
			continue;
		add(p, act->options[i].name);
		add_words(p, act->options[i].values);
	}
	add_words(p, act->operands);
	for (size_t i = 0; i < act->nfields; i++) {
		add(p, act->fields[i].name);
		add_number(p, (uint64_t)act->fields[i].state);
		add_words(p, act->fields[i].values);
	}
	for (size_t i = 0; i < act->nassigns; i++) {
		add(p, act->assigns[i].name);
		add_word(p, act->assigns[i].value);
	}
	add_words(p, act->file);
	if (act->cwd.n > 0)
		add_word(p, act->cwd);
	if (act->kind == ACTION_UNKNOWN)
		add(p, act->typed);
	if (act->kind == ACTION_EDIT) {
		add(p, act->before);
		add(p, act->after);
	}
}

int
decide_meanings(const struct decision *d, const struct world *w, struct arena *a,
    struct str **out, size_t *n)
{
	VEC(struct str) list = { 0 };
	struct parts p;

	p.b = (struct buf){ .a = a, .p = arena_raw(a, MEANING_ROOM), .cap = MEANING_ROOM };
	buf_init(&p.word, a);
	for (size_t i = 0; i < d->njudged; i++) {
		const struct judged *j = &d->judged[i];
		unsigned char hash[32];
		struct buf hex;

		if (j->verdict < VERDICT_ASK || j->action == NULL)
			continue;
		if (j->rule != NULL && rule_ref(j->rule)->final)
			continue;
		p.b.n = 0;
		add_action(&p, j->action);
		w->hash(w->ctx, buf_str(&p.b), hash);
		buf_init(&hex, a);
		buf_hex(&hex, hash, sizeof hash);
		*vec_push(a, &list) = buf_str(&hex);
	}
	*out = list.v;
	*n = list.n;
	return 0;
}
