/* SPDX-License-Identifier: ISC */
/*
 * secrets.c: takes out of a text what a log must not hold. Once for a request
 * its secrets are collected: what the models call secret in its actions (the
 * values of `fly secrets set`, --access-token), what a program takes for one
 * (secret_argv.c), and what looks like one (secret_shape.c) in the line, in its
 * words or on standard input. They are then looked for in every text about the
 * request, in any quoting. What is taken out is named by its keyed hash, so that
 * equal ones can be told to be equal.
 */
#include "tools/secrets.h"

#include "bridle/limits.h"

#include <stdlib.h>
#include <string.h>

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

/* ---- collecting ---- */

void
secret__want(struct secrets *s, struct str context, struct str value, bool always)
{
	for (size_t i = 0; i < s->list.n; i++)
		if (str_eq(s->list.v[i].context, context) && str_eq(s->list.v[i].value, value)) {
			s->list.v[i].always = s->list.v[i].always || always;
			return;
		}
	*vec_push(s->a, &s->list) = (struct secret_wanted){ context, value, always };
}

void
secret__want_value(struct secrets *s, struct str value)
{
	if (value.n >= SECRET_LONG && !secret__refers(value))
		secret__want(s, STR(""), value, true);
}

void
secret__want_word(struct secrets *s, struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind == PIECE_TEXT)
			secret__want_value(s, w.v[i].text);
}

/* NAME=VALUE: what follows NAME=, and VALUE wherever it is. */
void
secret__want_pair(struct secrets *s, struct word w)
{
	struct str head = word_prefix(w);
	size_t equals = str_chr(head, '=');

	if (equals == STR_NPOS) {
		secret__want_word(s, w);
		return;
	}
	secret__want(s, str_sub(head, 0, equals + 1), STR(""), w.n == 1 && head.n - equals - 1 < SECRET_LONG);
	secret__want_value(s, str_sub(head, equals + 1, STR_NPOS));
	secret__want_word(s, (struct word){ w.v + 1, w.n - 1, STR("") });
}

static void
want_option(struct secrets *s, const struct option_value *o)
{
	static const char *const between[] = { " ", "=", "" };

	for (size_t i = 0; i < o->values.n; i++) {
		struct str value, head = word_prefix(o->values.v[i]);
		size_t equals = str_chr(head, '=');

		if (equals != STR_NPOS && o->list && (o->secret || secret__name(str_sub(head, 0, equals)))) {
			secret__want_pair(s, o->values.v[i]); /* --secret NAME=VALUE */
			continue;
		}
		if (!o->secret)
			continue;
		secret__want_word(s, o->values.v[i]);
		if (!word_known(s->a, o->values.v[i], &value) || value.n == 0 || value.n >= SECRET_LONG)
			continue;
		for (size_t k = 0; k < 3; k++)
			secret__want(s, str_cat(s->a, o->spelled, str_of(between[k])), value, true);
		secret__want(s, str_printf(s->a, "--" STR_FMT " ", STR_ARG(o->name)), value, true);
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

/* NAME=- of `fly secrets set`: the value is read. */
static bool
is_read(struct secrets *s, struct word operand)
{
	struct str pair;

	return word_known(s->a, operand, &pair) && str_ends(pair, STR("=-"));
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

static bool
is_secrets(const struct action *act, const char *command)
{
	return str_is(act->tool, "fly") && act->npath == 2 && str_is(act->path[0], "secrets") &&
	    str_is(act->path[1], command);
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

/* NAME=VALUE lines of standard input; a """…""" block line by line. */
static void
want_lines(struct secrets *s, struct str text)
{
	while (text.n > 0) {
		struct str line = str_line(&text), value = line;
		size_t n;

		if ((n = name_length(line)) > 0 && n < line.n && line.p[n] == '=') {
			value = str_sub(line, n + 1, STR_NPOS);
			if (value.n > 0)
				secret__want(s, str_sub(line, 0, n + 1), STR(""), value.n < SECRET_LONG);
		}
		while (value.n > 1 && (value.p[0] == '"' || value.p[0] == '\'') && value.p[value.n - 1] == value.p[0])
			value = str_sub(value, 1, value.n - 2);
		secret__want_value(s, value);
	}
}

/* A value of perhaps several lines, each of which is secret too. */
static void
want_value_lines(struct secrets *s, struct str text)
{
	secret__want_value(s, str_trim(text));
	while (text.n > 0)
		secret__want_value(s, str_trim(str_line(&text)));
}

/* What looks like a secret in this text is looked for in all others too. */
static void
want_shapes(struct secrets *s, struct str text)
{
	struct secret_marks m = { .a = s->a, .text = text };

	if (text.n > SECRET_TEXT)
		return; /* each text is looked through by itself all the same */
	secret__shapes(&m);
	for (size_t i = 0; i < m.list.n; i++) {
		struct str value = m.list.v[i].value;

		secret__want_value(s, value);
		secret__want_value(s, secret__unquote(s->a, value));
	}
}

/* Most words of a command are cut out of the line. */
static inline bool
in_line(const struct secrets *s, struct str text)
{
	uintptr_t from = (uintptr_t)s->line.p, at = (uintptr_t)text.p;

	return at >= from && at - from <= s->line.n && text.n <= s->line.n - (at - from);
}

static void
want_shapes_of(struct secrets *s, struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind == PIECE_TEXT && w.v[i].text.n >= SECRET_LONG && !in_line(s, w.v[i].text))
			want_shapes(s, w.v[i].text);
}

/* `fly secrets import` reads NAME=VALUE lines, `set NAME=-` a value. */
static void
want_fed(struct secrets *s, const struct action *act)
{
	bool pairs = is_secrets(act, "import"), value = false;

	for (size_t i = 0; is_secrets(act, "set") && i < act->operands.n; i++)
		value = value || is_read(s, act->operands.v[i]);
	if (!pairs && !value)
		return;
	s->unknown = s->unknown || act->input.n == 0;
	s->pairs = s->pairs || (pairs && act->input.n == 0);
	for (size_t i = 0; i < act->input.n; i++)
		if (act->input.v[i].kind == PIECE_TEXT)
			(pairs ? want_lines : want_value_lines)(s, act->input.v[i].text);
}

static void
want_in_command(struct secrets *s, const struct action *act)
{
	if (role_is_secret(act))
		for (size_t i = 0; i < act->operands.n; i++)
			if (!is_read(s, act->operands.v[i]))
				secret__want_pair(s, act->operands.v[i]);
	for (size_t i = 0; i < act->noptions; i++)
		want_option(s, &act->options[i]);
	for (size_t i = 0; i < act->nassigns; i++)
		if (secret__name(act->assigns[i].name))
			secret__want_word(s, act->assigns[i].value);
	for (size_t i = 0; i < act->argv.n; i++)
		want_shapes_of(s, act->argv.v[i]);
	secret__want_argv(s, act);
	want_fed(s, act);
}

/* They come from a place that is not known, perhaps <(printf …). */
static void
want_printed(struct secrets *s, const struct action *act)
{
	size_t i = act->kind != ACTION_COMMAND ? act->argv.n : str_is(act->tool, "printf") ? 2 :
	    str_is(act->tool, "echo") ? 1 : act->argv.n;

	for (; i < act->argv.n; i++)
		secret__want_word(s, act->argv.v[i]);
}

struct secrets *
secrets_collect(struct arena *a, struct str text, const struct actions *acts)
{
	struct secrets *s = NEW(a, struct secrets);

	s->a = a;
	s->clean = NEW(a, struct secret_clean);
	if (secret__pairless(text))
		s->line = text;
	else
		want_shapes(s, text);
	for (size_t i = 0; acts != NULL && i < acts->list.n; i++) {
		const struct action *act = acts->list.v[i];

		if (act->kind == ACTION_COMMAND)
			want_in_command(s, act);
		want_shapes_of(s, act->input);
		if (act->kind == ACTION_EDIT && !(act->flags & ACTION_SELF) && act->after_known)
			want_shapes(s, act->after);
	}
	for (size_t i = 0; s->unknown && i < acts->list.n; i++)
		want_printed(s, acts->list.v[i]);
	return s;
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

#define CLEAN_LEAST 24 /* shorter texts are looked at again as quickly */

static bool
known_clean(const struct secrets *s, struct str text)
{
	for (size_t i = 0; i < s->clean->list.n; i++)
		if (str_eq(s->clean->list.v[i], text))
			return true;
	return false;
}

bool
secrets_none(const struct secrets *s, struct str text)
{
	if (s == NULL)
		return secret__shapeless(text);
	if (text.n > CLEAN_LEAST && known_clean(s, text))
		return true;
	return s->list.n == 0 && !s->pairs && (in_line(s, text) || secret__shapeless(text));
}

struct str
secrets_redact(struct arena *a, const struct secrets *s, struct str text, secret_hash *hash, void *ctx)
{
	struct secret_marks m = { .a = a, .text = text };

	if (text.n == 0 || (s != NULL && text.n > CLEAN_LEAST && known_clean(s, text)))
		return text;
	for (size_t i = 0; s != NULL && i < s->list.n; i++)
		secret__find(&m, s->list.v[i].context, s->list.v[i].value, s->list.v[i].always);
	if (s != NULL && s->pairs)
		find_pairs(&m);
	secret__shapes(&m);
	if (m.work > LIMIT_REDACT) /* too much to look through: nothing of it is shown */
		return STR("[redacted: too long]");
	if (s != NULL && m.list.n == 0 && text.n > CLEAN_LEAST)
		*vec_push(s->a, &s->clean->list) = str_dup(s->a, text);
	return take_out(&m, hash, ctx);
}
