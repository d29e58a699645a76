/* SPDX-License-Identifier: ISC */
/*
 * text.c: the canonical text of a command (semantics 1): tool, path, operands,
 * then the options by long name in source order, words quoted as a shell reads
 * them back, no assignments. Text rules and people read it.
 */
#include "tools/tools.h"

static void
put_word(struct arena *a, struct buf *b, struct word w)
{
	struct str text = word_quote(a, w);

	buf_putc(b, ' ');
	buf_add(b, text.n > 0 ? text : STR("''"));
}

/* An option that may have a value has it in the same word: what follows it is none of its own. */
static void
put_joined(struct arena *a, struct buf *b, const struct option_value *o, struct word value)
{
	if (value.n == 0)
		return;
	if (o->name.n > 1)
		buf_putc(b, '=');
	buf_add(b, word_quote(a, value));
}

static void
put_option(struct arena *a, struct buf *b, const struct option_value *o)
{
	bool joined = o->model != NULL && o->model->arg == ARG_OPTIONAL;

	for (size_t i = 0; i < o->values.n || i == 0; i++) {
		buf_add(b, o->name.n == 1 ? STR(" -") : STR(" --"));
		buf_add(b, o->name);
		if (i == o->values.n)
			break;
		if (joined)
			put_joined(a, b, o, o->values.v[i]);
		else
			put_word(a, b, o->values.v[i]);
	}
}

struct str
action_text(struct arena *a, const struct action *act)
{
	struct buf b;

	if (act->text.n > 0)
		return act->text;
	if (act->kind != ACTION_COMMAND)
		return act->typed;
	buf_init(&b, a);
	buf_add(&b, act->tool.n > 0 ? act->tool : act->argv.n > 0 ? word_quote(a, act->argv.v[0]) : STR(""));
	if (act->model == NULL || act->parse_maybe || act->unparsed_rest ||
	    act->model->parser == PARSER_WORDS) { /* there the order means something */
		for (size_t i = 1; i < act->argv.n; i++)
			put_word(a, &b, act->argv.v[i]);
		return buf_str(&b);
	}
	for (size_t i = 0; i < act->npath; i++) {
		buf_putc(&b, ' ');
		buf_add(&b, act->path[i]);
	}
	for (size_t i = 0; i < act->operands.n; i++)
		put_word(a, &b, act->operands.v[i]);
	for (size_t i = 0; i < act->noptions; i++)
		put_option(a, &b, &act->options[i]);
	return buf_str(&b);
}
