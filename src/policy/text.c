/* SPDX-License-Identifier: ISC */
/*
 * text.c: glob, regex and raw rules against the text of a command. Ask and
 * deny are tried on the canonical text and on the text as typed; an allow must
 * match the whole canonical text, and nothing unknown may stand in it but
 * under a glob's star.
 */
#include "policy.h"

#include <string.h>

#define MARK '\x01' /* stands around the number of an unknown piece */

struct str
policy__canonical(struct matching *m)
{
	if (!m->have_text) {
		m->text = m->act->kind == ACTION_COMMAND ? action_text(m->a, m->act) : m->act->typed;
		m->have_text = true;
	}
	return m->text;
}

/* ---- the text with its unknown pieces as pieces ---- */

typedef VEC(struct piece) pieces;

/* The word with each unknown piece shown as its number in list. */
static struct word
marked(struct arena *a, struct word w, pieces *list)
{
	struct piece *v = NEW_ARRAY(a, struct piece, w.n);

	for (size_t i = 0; i < w.n; i++) {
		v[i] = w.v[i];
		if (v[i].kind == PIECE_TEXT)
			continue;
		v[i].text = str_printf(a, "%c%zu%c", MARK, list->n, MARK);
		*vec_push(a, list) = w.v[i];
	}
	return (struct word){ v, w.n, STR("") };
}

static struct words
marked_all(struct arena *a, struct words ws, pieces *list)
{
	struct word *v = NEW_ARRAY(a, struct word, ws.n);

	for (size_t i = 0; i < ws.n; i++)
		v[i] = marked(a, ws.v[i], list);
	return (struct words){ v, ws.n };
}

/* A program that is named by a path is no other of its name: for an allow the
 * text begins with the path. (What a model knows is told by its flags.) */
static struct str
with_path(struct arena *a, const struct action *act, struct str text)
{
	struct str typed;

	if (act->model != NULL || act->argv.n == 0 || !word_known(a, act->argv.v[0], &typed) ||
	    str_chr(typed, '/') == STR_NPOS || !str_starts(text, act->tool))
		return text;
	return str_cat(a, word_quote(a, act->argv.v[0]), str_sub(text, act->tool.n, text.n));
}

/* Canonical text whose unknown pieces are marks; false: the marks are not to
 * be told from text. */
static bool
marked_text(struct matching *m, pieces *list, struct str *out)
{
	struct action act = *m->act;
	struct option_value *options = NEW_ARRAY(m->a, struct option_value, act.noptions);
	struct str known;

	for (size_t i = 0; i < act.argv.n; i++)
		if (word_known(m->a, act.argv.v[i], &known) ? str_chr(known, MARK) != STR_NPOS :
							      str_chr(word_show(m->a, act.argv.v[i]), MARK) != STR_NPOS)
			return false;
	act.text = STR("");
	act.argv = marked_all(m->a, act.argv, list);
	act.operands = marked_all(m->a, act.operands, list);
	for (size_t i = 0; i < act.noptions; i++) {
		options[i] = act.options[i];
		options[i].values = marked_all(m->a, options[i].values, list);
	}
	act.options = options;
	*out = with_path(m->a, &act, action_text(m->a, &act));
	return true;
}

/* Any text, blanks too: what an unknown piece may become in a line. */
static struct piece
unknown_text(struct piece p)
{
	if (p.kind == PIECE_CHARS)
		return p;
	return (struct piece){ .kind = PIECE_CHARS, .text = p.text, .max = PIECE_NOMAX };
}

static bool
make_shape(struct matching *m)
{
	pieces unknown = { 0 }, out = { 0 };
	struct str text;

	if (m->have_shape)
		return m->shape.v != NULL;
	m->have_shape = true;
	if (!marked_text(m, &unknown, &text))
		return false;
	while (text.n > 0) {
		size_t mark = str_chr(text, MARK), end;
		uint64_t number;

		if (mark != 0)
			*vec_push(m->a, &out) = (struct piece){ .kind = PIECE_TEXT, .text = str_sub(text, 0, mark) };
		if (mark == STR_NPOS)
			break;
		text = str_sub(text, mark + 1, text.n);
		end = str_chr(text, MARK);
		if (end == STR_NPOS || str_u64(str_sub(text, 0, end), &number) != 0 || number >= unknown.n)
			return false;
		*vec_push(m->a, &out) = unknown_text(unknown.v[number]);
		text = str_sub(text, end + 1, text.n);
	}
	m->shape = (struct word){ out.v, out.n, STR("") };
	return m->shape.v != NULL;
}

/* ---- matching ---- */

static enum tri
text_matches(const struct textpat *t, enum rule_kind kind, struct arena *a, struct str text)
{
	if (t->literal.n > 0 && str_find(text, t->literal) == STR_NPOS)
		return TRI_NO;
	if (kind == RULE_GLOB)
		return words_cover(t->globs, word_text(a, text)) ? TRI_YES : TRI_NO;
	return policy__regex_match(t->regex, text);
}

static enum tri
loosens(struct matching *m, const struct selector *s)
{
	struct str text;

	if ((m->act->flags & ACTION_UNSURE) != 0 || !m->act->runs || m->act->unparsed_rest)
		return TRI_NO;
	for (size_t i = 0; i < m->act->nassigns; i++)
		if (!m->act->assigns[i].safe)
			return TRI_NO;
	if (!make_shape(m))
		return TRI_NO;
	if (s->kind == RULE_GLOB)
		return words_cover(s->text.globs, m->shape) ? TRI_YES : TRI_NO;
	if (!word_known(m->a, m->shape, &text))
		return TRI_NO;
	return text_matches(&s->text, s->kind, m->a, text) == TRI_YES ? TRI_YES : TRI_NO;
}

enum tri
policy__text(struct matching *m, const struct selector *s, bool loosen)
{
	struct str canonical, typed = m->act->typed;
	enum tri result;

	if (loosen)
		return loosens(m, s);
	canonical = policy__canonical(m);
	result = text_matches(&s->text, s->kind, m->a, canonical);
	if (result != TRI_YES && !str_eq(typed, canonical))
		result = tri_or(result, text_matches(&s->text, s->kind, m->a, typed));
	if (result == TRI_MAYBE)
		policy__why(m, "the regular expression needed too many steps on this text");
	return result;
}

enum tri
policy__raw(struct matching *m, const struct selector *s, struct str text)
{
	enum tri result = text_matches(&s->text, RULE_REGEX, m->a, text);

	if (result == TRI_MAYBE)
		policy__why(m, "the regular expression needed too many steps on this text");
	return result;
}
