/* SPDX-License-Identifier: ISC */
/*
 * select.c: patterns compiled. What each kind means is in match.c and the
 * files named there; command patterns are read by the tools' models, so that
 * every spelling counts (tools_pattern).
 */
#include "parse.h"

#include <string.h>

struct reading_at { /* where a pattern stands */
	struct parser *ps;
	const struct raw_rule *raw;
	const struct line *line;
	size_t at;
};

static struct place
place_at(const struct reading_at *r, size_t at)
{
	return policy__place(r->line, at, r->raw->file);
}

static bool
missing(const struct reading_at *r, const char *what)
{
	policy__error(r->raw->d, place_at(r, r->at), "%s is missing here", what);
	return false;
}

static bool
take_tokens(const struct reading_at *r, const char *what, struct tokens *out)
{
	if (policy__tokens(r->ps->p->a, r->line, r->at, r->raw->file, r->raw->d, out) != 0)
		return false;
	return out->list.n > 0 || missing(r, what);
}

/* ---- command ---- */

static bool
check_dots(const struct reading_at *r, const struct tokens *t)
{
	for (size_t i = 0; i < t->list.n; i++) {
		if (!str_is(t->list.v[i].raw, "..."))
			continue;
		if (i == 0) {
			policy__error(r->raw->d, place_at(r, t->list.v[i].at), "a pattern begins with a command");
			return false;
		}
		if (i + 1 < t->list.n) {
			policy__error(r->raw->d, place_at(r, t->list.v[i].at), "`...` stands only at the end of a pattern");
			return false;
		}
	}
	return true;
}

/* The models name a word by its number; a line may go over several lines. */
static void
place_errors(const struct reading_at *r, const struct tokens *t, size_t from)
{
	for (size_t i = from; i < r->raw->d->list.n; i++) {
		struct diag *d = &r->raw->d->list.v[i];
		size_t word = d->column > 0 && d->column <= t->list.n ? d->column - 1 : 0;
		struct place at = place_at(r, t->list.v[word].at);

		d->line = at.line;
		d->column = at.column;
		d->text = at.text;
	}
}

/* What ask and deny name is looked for in the words of unknown programs. */
static void
speak_of(struct models *m, struct arena *a, struct words programs)
{
	struct str name;

	for (size_t i = 0; i < programs.n; i++)
		if (word_known(a, programs.v[i], &name))
			models_speak_of(m, name);
}

static bool
select_command(const struct reading_at *r, struct selector *out)
{
	struct arena *a = r->ps->p->a;
	struct tokens t = { 0 };
	struct words *slots;
	unsigned *columns;
	struct buf key;
	size_t errors, listed;
	struct place first;

	if (!take_tokens(r, "a pattern", &t) || !check_dots(r, &t))
		return false;
	if (t.list.n > LIMIT_PATTERN_WORDS) {
		policy__error(r->raw->d, place_at(r, t.list.v[LIMIT_PATTERN_WORDS].at),
		    "a pattern has at most %d words", LIMIT_PATTERN_WORDS);
		return false;
	}
	slots = NEW_ARRAY(a, struct words, t.list.n);
	columns = NEW_ARRAY(a, unsigned, t.list.n);
	buf_init(&key, a);
	for (size_t i = 0; i < t.list.n; i++) {
		struct place at = place_at(r, t.list.v[i].at);

		if (policy__slot(a, &r->raw->lets, t.list.v[i], at, r->raw->d, &slots[i]) != 0)
			return false;
		columns[i] = (unsigned)i + 1; /* replaced by places below */
		for (size_t k = 0; k < slots[i].n; k++) {
			buf_putc(&key, k == 0 ? ' ' : '|');
			buf_add(&key, slots[i].v[k].n == 0 ? STR("''") : word_quote(a, slots[i].v[k]));
		}
	}
	out->key = str_sub(buf_str(&key), 1, key.n);
	first = place_at(r, t.list.v[0].at);
	errors = r->raw->d->errors;
	listed = r->raw->d->list.n;
	if (tools_pattern(r->ps->p->models, a, slots, t.list.n, out->loosen, &out->command, r->raw->d,
		first.file, first.line, columns, first.text) != 0) {
		if (r->raw->d->errors == errors)
			policy__error(r->raw->d, first, "this pattern cannot be read");
		else
			place_errors(r, &t, listed);
		return false;
	}
	if (!out->loosen)
		speak_of(r->ps->p->models, a, slots[0]);
	return true;
}

/* ---- texts ---- */

/* The longest run of known text in any way to match; "" if there is none. */
static struct str
glob_literal(struct words globs)
{
	struct str best = STR("");

	if (globs.n != 1)
		return best;
	for (size_t i = 0; i < globs.v[0].n; i++)
		if (globs.v[0].v[i].kind == PIECE_TEXT && globs.v[0].v[i].text.n > best.n)
			best = globs.v[0].v[i].text;
	return best;
}

static bool
select_glob(const struct reading_at *r, struct selector *out)
{
	size_t at = r->at;
	struct str text = policy__rest(r->line, &at);

	if (text.n == 0)
		return missing(r, "a text");
	if (word_glob(r->ps->p->a, text, &out->text.globs) != 0) {
		policy__error(r->raw->d, place_at(r, at), "this text stands for more than %d texts", LIMIT_EXPANSION);
		return false;
	}
	out->text.literal = glob_literal(out->text.globs);
	return true;
}

static bool
select_regex(const struct reading_at *r, struct selector *out)
{
	size_t at = r->at;
	struct str text = policy__rest(r->line, &at);

	if (text.n == 0)
		return missing(r, "a regular expression");
	out->text.regex = policy__regex(r->ps->p->a, text, out->loosen,
	    place_at(r, at), r->raw->d);
	if (out->text.regex == NULL)
		return false;
	out->text.literal = policy__regex_literal(out->text.regex);
	return true;
}

static bool
select_raw(const struct reading_at *r, struct selector *out)
{
	struct reading_at rest = *r;
	struct token word = policy__word(r->line, &rest.at);

	if (!str_is(word.raw, "regex")) {
		policy__error(r->raw->d, place_at(r, word.at), "a raw pattern is written: raw regex RE");
		return false;
	}
	return select_regex(&rest, out);
}

/* ---- paths, tools ---- */

static bool
select_paths(const struct reading_at *r, struct selector *out)
{
	struct tokens t = { 0 };
	bool any = false;

	if (!take_tokens(r, "a path", &t))
		return false;
	for (size_t i = 0; i < t.list.n; i++)
		if (!policy__pathpat(r->ps->p->a, &r->raw->lets, t.list.v[i], place_at(r, t.list.v[i].at), r->raw->d,
			&out->paths))
			return false;
	for (size_t i = 0; i < out->paths.list.n; i++)
		any |= !out->paths.list.v[i].negated;
	if (!any)
		policy__error(r->raw->d, place_at(r, r->at), "these paths only take out: name one that is meant");
	return any;
}

static bool
select_tool(const struct reading_at *r, struct selector *out)
{
	struct arena *a = r->ps->p->a;
	VEC(struct word) all = { 0 };
	struct tokens t = { 0 };

	if (!take_tokens(r, "the name of a tool", &t))
		return false;
	for (size_t i = 0; i < t.list.n; i++) {
		struct words some;

		if (policy__slot(a, &r->raw->lets, t.list.v[i], place_at(r, t.list.v[i].at), r->raw->d, &some) != 0)
			return false;
		for (size_t k = 0; k < some.n; k++)
			*vec_push(a, &all) = some.v[k];
	}
	out->tools = (struct words){ all.v, all.n };
	return true;
}

static const struct {
	const char *word;
	enum rule_kind kind;
	bool (*fn)(const struct reading_at *r, struct selector *out);
} kinds[] = {
	{ "glob", RULE_GLOB, select_glob },
	{ "regex", RULE_REGEX, select_regex },
	{ "raw", RULE_RAW, select_raw },
	{ "edit", RULE_EDIT, select_paths },
	{ "read", RULE_READ, select_paths },
	{ "tool", RULE_TOOL, select_tool },
};

bool
policy__selector(struct parser *ps, const struct raw_rule *raw, const struct line *l, size_t at,
    bool loosen, struct selector *out)
{
	struct reading_at r = { ps, raw, l, at };
	struct str word = policy__word(l, &at).raw;

	memset(out, 0, sizeof *out);
	out->loosen = loosen;
	out->source = str_trim(str_sub(l->text, r.at, l->text.n));
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (str_is(word, kinds[i].word)) {
			out->kind = kinds[i].kind;
			r.at = at;
			return kinds[i].fn(&r, out);
		}
	}
	out->kind = RULE_COMMAND;
	return select_command(&r, out);
}
