/* SPDX-License-Identifier: ISC */
/*
 * meaning.c: what a grant is bound to. Two spellings of the same deed have
 * the same meaning; another app, ref, operand, option or directory has not.
 */
#include "decide.h"

static void
add(struct buf *b, struct str s)
{
	buf_u64(b, s.n);
	buf_putc(b, ':');
	buf_add(b, s);
}

static void
add_words(struct buf *b, struct words ws)
{
	buf_u64(b, ws.n);
	buf_putc(b, ';');
	for (size_t i = 0; i < ws.n; i++)
		add(b, word_quote(b->a, ws.v[i]));
}

static void
add_action(struct buf *b, const struct action *act)
{
	buf_u64(b, (uint64_t)act->kind);
	buf_putc(b, ';');
	add(b, act->tool);
	for (size_t i = 0; i < act->npath; i++)
		add(b, act->path[i]);
	if (act->model == NULL)
		add_words(b, act->argv);
	for (size_t i = 0; i < act->noptions; i++) {
		if (act->options[i].cls == OPTION_OUTPUT)
			continue;
		add(b, act->options[i].name);
		add_words(b, act->options[i].values);
	}
	add_words(b, act->operands);
	for (size_t i = 0; i < act->nfields; i++) {
		add(b, act->fields[i].name);
		buf_u64(b, (uint64_t)act->fields[i].state);
		buf_putc(b, ';');
		add_words(b, act->fields[i].values);
	}
	for (size_t i = 0; i < act->nassigns; i++) {
		add(b, act->assigns[i].name);
		add(b, word_quote(b->a, act->assigns[i].value));
	}
	add_words(b, act->file);
	if (act->cwd.n > 0)
		add(b, word_quote(b->a, act->cwd));
	if (act->kind == ACTION_UNKNOWN)
		add(b, act->typed);
	if (act->kind == ACTION_EDIT) {
		add(b, act->before);
		add(b, act->after);
	}
}

int
decide_meanings(const struct decision *d, const struct world *w, struct arena *a,
    struct str **out, size_t *n)
{
	VEC(struct str) list = { 0 };

	for (size_t i = 0; i < d->njudged; i++) {
		const struct judged *j = &d->judged[i];
		unsigned char hash[32];
		struct buf b;
		struct buf hex;

		if (j->verdict < VERDICT_ASK || j->action == NULL)
			continue;
		if (j->rule != NULL && rule_ref(j->rule)->final)
			continue;
		buf_init(&b, a);
		add_action(&b, j->action);
		w->hash(w->ctx, buf_str(&b), hash);
		buf_init(&hex, a);
		buf_hex(&hex, hash, sizeof hash);
		*vec_push(a, &list) = buf_str(&hex);
	}
	*out = list.v;
	*n = list.n;
	return 0;
}
