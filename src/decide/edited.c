/* SPDX-License-Identifier: ISC */
/*
 * edited.c: `test VERDICT edit PATH KEY=VALUE…` as the request that an agent's
 * edit would be. TOML keys are set where they stand or added to their table;
 * in other files KEY=VALUE is a line of its own (a Dockerfile's `ARG X=y` is
 * written with its blanks: KEY is then the instruction).
 */
#include "decide.h"

static bool
is_toml(struct str path)
{
	return str_ends(path, STR(".toml"));
}

static bool
is_header(struct str line, struct str table)
{
	line = str_trim(line);
	if (line.n < 2 || line.p[0] != '[')
		return false;
	while (line.n > 0 && line.p[0] == '[')
		line = str_sub(line, 1, line.n);
	while (line.n > 0 && line.p[line.n - 1] == ']')
		line = str_sub(line, 0, line.n - 1);
	return str_eq(line, table);
}

static bool
sets_key(struct str line, struct str name)
{
	size_t eq = str_chr(line, '=');

	return eq != STR_NPOS && str_eq(str_trim(str_sub(line, 0, eq)), name);
}

static bool
bare_value(struct str v)
{
	uint64_t n;

	return str_is(v, "true") || str_is(v, "false") || str_u64(v, &n) == 0 ||
	    (v.n > 0 && (v.p[0] == '[' || v.p[0] == '{' || v.p[0] == '"' || v.p[0] == '\''));
}

static void
add_setting(struct buf *b, struct str name, struct str value)
{
	buf_printf(b, STR_FMT " = ", STR_ARG(name));
	if (bare_value(value))
		buf_add(b, value);
	else
		buf_json(b, value);
	buf_putc(b, '\n');
}

static struct str
toml_edited(struct arena *a, struct str text, struct str key, struct str value)
{
	size_t dot = str_rchr(key, '.');
	struct str table = dot == STR_NPOS ? STR("") : str_sub(key, 0, dot);
	struct str name = dot == STR_NPOS ? key : str_sub(key, dot + 1, key.n);
	bool in = table.n == 0, done = false;
	struct buf b;

	buf_init(&b, a);
	while (text.n > 0) {
		struct str line = str_line(&text);
		struct str trimmed = str_trim(line);
		bool header = trimmed.n > 0 && trimmed.p[0] == '[';

		if (header && in && !done) {
			add_setting(&b, name, value);
			done = true;
		}
		if (header)
			in = is_header(line, table);
		if (in && !done && !header && sets_key(line, name)) {
			add_setting(&b, name, value);
			done = true;
			continue;
		}
		buf_add(&b, line);
		buf_putc(&b, '\n');
	}
	if (!done) {
		if (!in)
			buf_printf(&b, "[" STR_FMT "]\n", STR_ARG(table));
		add_setting(&b, name, value);
	}
	return buf_str(&b);
}

struct str
decide__edited(struct arena *a, struct str path, struct str text, struct str key, struct str value)
{
	if (is_toml(path))
		return toml_edited(a, text, key, value);
	if (text.n > 0 && text.p[text.n - 1] != '\n')
		text = str_cat(a, text, STR("\n"));
	return str_printf(a, STR_FMT STR_FMT "=" STR_FMT "\n", STR_ARG(text), STR_ARG(key), STR_ARG(value));
}

/* The next word, "…" and '…' taken off; false at the end. */
static bool
next_word(struct arena *a, struct str *s, struct str *out)
{
	struct buf b;
	char quote = 0;

	*s = str_trim(*s);
	if (s->n == 0)
		return false;
	buf_init(&b, a);
	buf_puts(&b, "");
	while (s->n > 0 && (quote != 0 || (s->p[0] != ' ' && s->p[0] != '\t'))) {
		char c = s->p[0];

		*s = str_sub(*s, 1, s->n);
		if (quote != 0 && c == quote)
			quote = 0;
		else if (quote == 0 && (c == '"' || c == '\''))
			quote = c;
		else
			buf_putc(&b, c);
	}
	*out = b.n == 0 ? STR("") : buf_str(&b);
	return true;
}

int
decide_edit_request(struct table_world *t, struct request *r, struct str words, struct str *what)
{
	struct str path, word, full, text;
	const struct str *before;

	*what = STR("expected a path after `edit`");
	if (!next_word(t->a, &words, &path))
		return BRIDLE_EINVAL;
	full = path_clean(t->a, path_join(t->a, r->cwd, path));
	before = map_get(t->files, full);
	text = before == NULL ? STR("") : *before;
	*what = STR("expected KEY=VALUE after the path");
	while (next_word(t->a, &words, &word)) {
		size_t eq = str_chr(word, '=');

		if (eq == STR_NPOS)
			return BRIDLE_EINVAL;
		text = decide__edited(t->a, path, text, str_sub(word, 0, eq), str_sub(word, eq + 1, word.n));
	}
	r->kind = REQUEST_EDIT;
	r->tool = before == NULL ? STR("Write") : STR("Edit");
	r->path = full;
	if (before == NULL) {
		r->whole = true;
		r->content = text;
	} else {
		struct request_edit *e = NEW(t->a, struct request_edit);

		e->old_text = *before;
		e->new_text = text;
		r->edits = e;
		r->nedits = 1;
	}
	return 0;
}
