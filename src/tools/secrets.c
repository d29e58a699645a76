/* SPDX-License-Identifier: ISC */
/*
 * secrets.c: takes out of a text what a log must not hold. First what the
 * models call secret in these very actions (the values of `fly secrets set`,
 * --access-token), in any quoting; then what looks like a secret
 * (secret_shape.c). What is taken out is named by its keyed hash, so that equal
 * ones can be told to be equal.
 */
#include "tools/secrets.h"

#include "bridle/limits.h"

#include <stdlib.h>
#include <string.h>

/* A value shorter than this is looked for only behind its name. */
#define LONG_ENOUGH 6

void
secret__mark_value(struct secret_marks *m, size_t from, size_t to, struct str value)
{
	*vec_push(m->a, &m->list) = (struct secret_range){ from, to, value };
}

void
secret__mark(struct secret_marks *m, size_t from, size_t to)
{
	struct str value = str_sub(m->text, from, to - from);

	if (value.n > 1 && (value.p[0] == '"' || value.p[0] == '\'') &&
	    value.p[value.n - 1] == value.p[0])
		value = str_sub(value, 1, value.n - 2);
	secret__mark_value(m, from, to, value);
}

/* ---- by model ---- */

static void
find_text(struct secret_marks *m, struct str text)
{
	if (text.n >= LONG_ENOUGH)
		secret__find(m, STR(""), text);
}

/* The known texts of a word. */
static void
find_word(struct secret_marks *m, struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind == PIECE_TEXT)
			find_text(m, w.v[i].text);
}

/* NAME=VALUE: what follows NAME=, and VALUE wherever it is. */
static void
find_pair(struct secret_marks *m, struct word w)
{
	struct str head = word_prefix(w);
	size_t equals = str_chr(head, '=');

	if (equals == STR_NPOS) {
		find_word(m, w);
		return;
	}
	secret__find(m, str_sub(head, 0, equals + 1), STR(""));
	find_text(m, str_sub(head, equals + 1, STR_NPOS));
	find_word(m, (struct word){ w.v + 1, w.n - 1, STR("") });
}

static void
find_option(struct secret_marks *m, const struct option_value *o)
{
	static const char *const between[] = { " ", "=", "" };

	for (size_t i = 0; i < o->values.n; i++) {
		struct str value, head = word_prefix(o->values.v[i]);
		size_t equals = str_chr(head, '=');

		if (equals != STR_NPOS && o->list && (o->secret || secret__name(str_sub(head, 0, equals)))) {
			find_pair(m, o->values.v[i]); /* --secret NAME=VALUE */
			continue;
		}
		if (!o->secret)
			continue;
		find_word(m, o->values.v[i]);
		if (!word_known(m->a, o->values.v[i], &value) || value.n == 0 || value.n >= LONG_ENOUGH)
			continue;
		for (size_t k = 0; k < 3; k++)
			secret__find(m, str_cat(m->a, o->spelled, str_of(between[k])), value);
		secret__find(m, str_printf(m->a, "--" STR_FMT " ", STR_ARG(o->name)), value);
	}
}

static int
path_cmp(const struct model_command *c, const struct action *act)
{
	for (size_t i = 0; i < c->npath && i < act->npath; i++) {
		int order = str_cmp(c->path[i], act->path[i]);

		if (order != 0)
			return order;
	}
	return c->npath < act->npath ? -1 : c->npath > act->npath;
}

/* Commands are sorted by path (model_tree.c). */
static bool
role_is_secret(const struct action *act)
{
	size_t low = 0, high = act->model == NULL || act->operands.n == 0 ? 0 : act->model->ncommands;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = path_cmp(&act->model->commands[mid], act);

		if (order == 0)
			return str_starts(act->model->commands[mid].operands, STR("secret"));
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* `fly secrets import` reads NAME=VALUE lines: whatever feeds it is secret. */
static bool
reads_secrets(const struct action *act)
{
	return str_is(act->tool, "fly") && act->npath == 2 && str_is(act->path[0], "secrets") &&
	    str_is(act->path[1], "import");
}

static size_t
name_length(struct str text)
{
	size_t n = 0;

	while (n < text.n && (text.p[n] == '_' || (text.p[n] >= 'A' && text.p[n] <= 'Z') ||
	                         (text.p[n] >= 'a' && text.p[n] <= 'z') ||
	                         (n > 0 && text.p[n] >= '0' && text.p[n] <= '9')))
		n++;
	return n;
}

/* The end of NAME=VALUE that starts a line of standard input: the line, or up
 * to the closing quotes of """ … """. */
static size_t
pair_end(struct str text, size_t value)
{
	size_t end = str_chr(str_sub(text, value, STR_NPOS), '\n'), close;

	if (str_starts(str_sub(text, value, 3), STR("\"\"\""))) {
		close = str_find(str_sub(text, value + 3, STR_NPOS), STR("\"\"\""));
		return close == STR_NPOS ? text.n : value + 3 + close + 3;
	}
	return end == STR_NPOS ? secret__word_end(text, value) : value + end;
}

static size_t
closing(struct str text, size_t from, char quote)
{
	size_t n = str_chr(str_sub(text, from, STR_NPOS), quote);

	return n == STR_NPOS ? text.n : from + n;
}

static void
find_pairs(struct secret_marks *m)
{
	for (size_t i = 0; i < m->text.n; i++) {
		char before = i == 0 ? '\n' : m->text.p[i - 1];
		bool line = before == '\n';
		size_t n, end;

		if (strchr("\n \t\"'", before) == NULL)
			continue;
		n = name_length(str_sub(m->text, i, STR_NPOS));
		if (n == 0 || i + n + 1 >= m->text.n || m->text.p[i + n] != '=')
			continue;
		end = line ? pair_end(m->text, i + n + 1) : secret__word_end(m->text, i + n + 1);
		if (before == '"' || before == '\'')
			end = closing(m->text, i, before);
		if (end > i + n + 1)
			secret__mark(m, i + n + 1, end);
	}
}

static void
find_in_action(struct secret_marks *m, const struct action *act)
{
	if (act->kind != ACTION_COMMAND)
		return;
	if (role_is_secret(act))
		for (size_t i = 0; i < act->operands.n; i++)
			find_pair(m, act->operands.v[i]);
	for (size_t i = 0; i < act->noptions; i++)
		find_option(m, &act->options[i]);
	for (size_t i = 0; i < act->nassigns; i++)
		if (secret__name(act->assigns[i].name))
			find_word(m, act->assigns[i].value);
	if (reads_secrets(act))
		find_pairs(m);
}

/* ---- taking out ---- */

static int
range_cmp(const void *x, const void *y)
{
	const struct secret_range *a = x, *b = y;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->to > b->to ? -1 : a->to < b->to;
}

static void
put_redacted(struct buf *b, struct str value, secret_hash *hash, void *ctx)
{
	char hex[17];

	if (hash == NULL) {
		buf_puts(b, "[redacted]");
		return;
	}
	hash(ctx, value, hex);
	hex[16] = '\0';
	buf_printf(b, "[redacted:%s]", hex);
}

static struct str
take_out(struct secret_marks *m, secret_hash *hash, void *ctx)
{
	struct buf b;
	size_t at = 0;

	if (m->list.n == 0)
		return m->text;
	qsort(m->list.v, m->list.n, sizeof m->list.v[0], range_cmp);
	buf_init(&b, m->a);
	for (size_t i = 0; i < m->list.n; i++) {
		const struct secret_range *r = &m->list.v[i];
		size_t to = r->to;
		struct str value = r->value;

		if (r->from < at)
			continue;
		while (i + 1 < m->list.n && m->list.v[i + 1].from < to) {
			i++;
			if (m->list.v[i].to > to) { /* they overlap: one secret */
				to = m->list.v[i].to;
				value = str_sub(m->text, r->from, to - r->from);
			}
		}
		buf_add(&b, str_sub(m->text, at, r->from - at));
		put_redacted(&b, value, hash, ctx);
		at = to;
	}
	buf_add(&b, str_sub(m->text, at, STR_NPOS));
	return buf_str(&b);
}

struct str
secrets_redact(struct arena *a, const struct models *models, struct str text,
    const struct actions *acts, secret_hash *hash, void *ctx)
{
	struct secret_marks m = { .a = a, .text = text };

	(void)models;
	if (text.n == 0)
		return text;
	for (size_t i = 0; acts != NULL && i < acts->list.n; i++)
		find_in_action(&m, acts->list.v[i]);
	secret__shapes(&m);
	if (m.work > LIMIT_REDACT) /* too much to look through: nothing of it is shown */
		return STR("[redacted: too long]");
	return take_out(&m, hash, ctx);
}
