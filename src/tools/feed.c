/* SPDX-License-Identifier: ISC */
/*
 * feed.c: xargs and parallel, which make commands of what they read: the
 * items, where the input is known, and how many go to one command. Their
 * options and where the command starts is wrap_words.c.
 */
#include "tools/wrap.h"

#include <string.h>

/* What is read: -a FILE, or standard input. False: not known, or several texts. */
static bool
input_text(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct split *s, struct str *text)
{
	const struct wrap_option *g = wrap_given(s, "arg-file");
	struct overlay_state found;
	struct str path;
	struct word in;

	if (g == NULL) {
		switch (reading_stdin(rd, c, &in)) {
		case SHELL_STDIN_TEXT:
			return word_known(rd->a, in, text);
		case SHELL_STDIN_FILE:
			break;
		default:
			return false;
		}
	}
	if (script_texts(rd, st, c, g != NULL ? g->value : in, &found, &path) < 0 || found.unknown ||
	    found.texts.n != 1)
		return false;
	*text = found.texts.v[0];
	return true;
}

/* The next line that is not empty, trimmed. */
static bool
next_line(struct str *rest, struct str *line)
{
	while (rest->n > 0) {
		*line = str_trim(str_line(rest));
		if (line->n > 0)
			return true;
	}
	return false;
}

/* ---- xargs ------------------------------------------------------------------------------ */

static int
run_items(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct words command, struct words items)
{
	struct word *v = NEW_ARRAY(rd->a, struct word, command.n + items.n);

	for (size_t i = 0; i < command.n; i++)
		v[i] = command.v[i];
	for (size_t i = 0; i < items.n; i++)
		v[command.n + i] = items.v[i];
	return reading_run_argv(rd, st, (struct words){ v, command.n + items.n }, c, 0, (struct str){ 0 });
}

static int
run_marked(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct words command, struct str mark, struct word item)
{
	struct word *v = NEW_ARRAY(rd->a, struct word, command.n);

	for (size_t i = 0; i < command.n; i++)
		v[i] = wrap_replaced(rd, command.v[i], mark, item);
	return reading_run_argv(rd, st, (struct words){ v, command.n }, c, 0, (struct str){ 0 });
}

/* -n, -L, -l: how many go to one command; 0: not known. */
static uint64_t
batch(struct reading *rd, const struct wrap_option *g)
{
	struct str text;
	uint64_t n;

	if (!g->has_value)
		return 1; /* -l */
	return word_known(rd->a, g->value, &text) && str_u64(text, &n) == 0 ? n : 0;
}

struct batches { /* each of so many words, or lines; none: all go to one */
	const struct wrap_option *words, *lines;
	uint64_t each;
};

/* False: how the text is taken apart is not known. */
static bool
read_batches(struct reading *rd, const struct split *s, struct str text, struct batches *out)
{
	static const char *const others[] = { "null", "delimiter", "eof", "E", "max-chars" };
	const struct wrap_option *given;

	*out = (struct batches){ wrap_given(s, "max-args"),
		wrap_given(s, "L") != NULL ? wrap_given(s, "L") : wrap_given(s, "max-lines"), 0 };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (wrap_given(s, others[i]) != NULL)
			return false;
	given = out->words != NULL ? out->words : out->lines;
	if (given != NULL && (out->each = batch(rd, given)) == 0)
		return false;
	/* Quotes join words, and a blank at its end a line with the next. */
	return str_chr(text, '\\') == STR_NPOS && str_chr(text, '"') == STR_NPOS &&
	    str_chr(text, '\'') == STR_NPOS && (out->lines == NULL || str_find(text, STR(" \n")) == STR_NPOS);
}

static int
run_batches(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct words command, const struct batches *b, struct str text)
{
	VEC(struct word) items = { 0 };
	struct str line;
	uint64_t n = 0;
	int err = 0;

	while (err >= 0 && next_line(&text, &line)) {
		struct words w = words_split(rd->a, line);

		for (size_t i = 0; i < w.n && err >= 0; i++) {
			*vec_push(rd->a, &items) = w.v[i];
			n += b->words != NULL || b->lines == NULL || i == 0;
			if (b->each == 0 || n < b->each || (b->words == NULL && i + 1 < w.n))
				continue;
			err = run_items(rd, st, c, command, (struct words){ items.v, items.n });
			items.n = n = 0;
		}
	}
	if (err < 0 || (items.n == 0 && b->each > 0))
		return err;
	return run_items(rd, st, c, command, (struct words){ items.v, items.n });
}

int
xargs_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct split *s, struct words command)
{
	const struct wrap_option *g = wrap_given(s, "replace") != NULL ? wrap_given(s, "replace")
								   : wrap_given(s, "I");
	struct word any = word_words(rd->a, STR(""));
	struct str mark = STR("{}"), text, line;
	struct batches b;
	int err = 0;

	if (g != NULL && g->has_value && !word_known(rd->a, g->value, &mark))
		mark = STR("{}");
	if (!input_text(rd, st, c, s, &text) || !read_batches(rd, s, text, &b))
		return g != NULL ? run_marked(rd, st, c, command, mark, word_any(rd->a, mark))
				 : run_items(rd, st, c, command, (struct words){ &any, 1 });
	if (g == NULL)
		return run_batches(rd, st, c, command, &b, text);
	while (err >= 0 && next_line(&text, &line))
		err = run_marked(rd, st, c, command, mark, word_text(rd->a, line));
	return err;
}

/* ---- parallel --------------------------------------------------------------------------- */

/* {} {.} {/} {1} {2//}: at text.p[at]; *end behind it. *number: 0 is all of the item. */
static bool
placeholder(struct str text, size_t at, size_t *end, unsigned *number, bool *part)
{
	size_t i = at + 1;

	*number = 0;
	*part = false;
	for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9' && *number < 100; i++)
		*number = *number * 10 + (unsigned)(text.p[i] - '0');
	for (; i < text.n && strchr("./#%+", text.p[i]) != NULL; i++)
		*part = true;
	*end = i + 1;
	return i < text.n && text.p[i] == '}';
}

/* The command's text with a variable for each placeholder; parallel quotes
 * what it puts in, so it is one word of the text, and no code. */
static struct word
with_variables(struct reading *rd, struct word text, bool many)
{
	struct word out = word_text(rd->a, STR(""));
	bool marked = false;

	for (size_t i = 0; i < text.n; i++) {
		struct str t = text.v[i].text;
		size_t from = 0, end;
		unsigned number;
		bool part;

		if (text.v[i].kind != PIECE_TEXT) {
			out = word_cat(rd->a, out, (struct word){ &text.v[i], 1, { 0 } });
			continue;
		}
		for (size_t at = 0; at < t.n; at++) {
			if (t.p[at] != '{' || !placeholder(t, at, &end, &number, &part))
				continue;
			marked = true;
			out = word_cat(rd->a, out, word_text(rd->a, str_sub(t, from, at - from)));
			out = word_cat(rd->a, out, word_text(rd->a, part ? STR("\"$__part\"")
			    : str_printf(rd->a, many ? "$__item%u" : "\"$__item%u\"", number)));
			from = end;
			at = end - 1;
		}
		out = word_cat(rd->a, out, word_text(rd->a, str_sub(t, from, t.n)));
	}
	return marked ? out
		      : word_cat(rd->a, out, word_text(rd->a, many ? STR(" $__item0") : STR(" \"$__item0\"")));
}

static void
set_item(struct reading *rd, struct shell_state *st, unsigned number, struct word value)
{
	shell_set_var(rd->shell, st, str_printf(rd->a, "__item%u", number), value, true);
}

static bool
is_mark(struct word w)
{
	return str_starts(word_prefix(w), STR(":::"));
}

/* The lists that open at words.v[from], each behind its mark: {1}, {2} … are
 * known where a list has one item. Returns how many lists there are. */
static unsigned
set_lists(struct reading *rd, struct shell_state *st, struct words words, size_t from)
{
	unsigned lists = 0;

	while (from < words.n) {
		size_t to = from + 1;
		bool files = str_starts(word_prefix(words.v[from]), STR("::::"));

		while (to < words.n && !is_mark(words.v[to]))
			to++;
		set_item(rd, st, ++lists, to == from + 2 && !files ? words.v[to - 1] : word_any(rd->a, STR("{}")));
		from = to;
	}
	return lists;
}

static int
run_each(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word text,
    struct words items, unsigned flags)
{
	int err = 0;

	for (size_t i = 0; i < items.n && err >= 0; i++) {
		set_item(rd, st, 0, items.v[i]);
		set_item(rd, st, 1, items.v[i]);
		err = wrap_text(rd, st, c, text, flags);
	}
	return err;
}

/* Without a command each item is one. */
static int
run_commands(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct split *s, struct words items, unsigned flags)
{
	struct str text;
	int err = 0;

	for (size_t i = 0; i < items.n && err >= 0; i++)
		if (!is_mark(items.v[i]))
			err = wrap_text(rd, st, c, items.v[i], flags);
	if (items.n > 0)
		return err;
	if (input_text(rd, st, c, s, &text))
		return wrap_text(rd, st, c, word_text(rd->a, text), flags);
	if (wrap_given(s, "arg-file") != NULL || c->stdin_kind != SHELL_STDIN_INHERIT)
		reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
		    STR("the commands that parallel reads are not known"));
	return 0;
}

int
parallel_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct split *s, struct words rest, unsigned flags)
{
	const struct wrap_option *mark = wrap_given(s, "I");
	bool many = wrap_given(s, "max-args") != NULL || wrap_given(s, "max-replace-args") != NULL ||
	    wrap_given(s, "X") != NULL || wrap_given(s, "m") != NULL || wrap_given(s, "colsep") != NULL;
	struct word any = many ? word_words(rd->a, STR("{}")) : word_any(rd->a, STR("{}")), text;
	struct str input, line, name;
	struct words command = rest;
	VEC(struct word) lines = { 0 };
	unsigned lists;

	for (command.n = 0; command.n < rest.n && !is_mark(rest.v[command.n]);)
		command.n++;
	if (command.n == 0)
		return run_commands(rd, st, c, s, rest, flags);
	text = wrap_join(rd, command);
	if (mark != NULL && mark->has_value && word_known(rd->a, mark->value, &name) && name.n > 0)
		text = wrap_replaced(rd, text, name, word_text(rd->a, STR("{}")));
	text = with_variables(rd, text, many);
	lists = set_lists(rd, st, rest, command.n);
	if (lists == 1 && !many && word_is(rest.v[command.n], ":::"))
		return run_each(rd, st, c, text, words_from(rest, command.n + 1), flags);
	if (lists > 1) {
		set_item(rd, st, 0, any);
		return wrap_text(rd, st, c, text, flags);
	}
	if (lists == 1 || many || !input_text(rd, st, c, s, &input))
		return run_each(rd, st, c, text, (struct words){ &any, 1 }, flags);
	while (next_line(&input, &line))
		*vec_push(rd->a, &lines) = word_text(rd->a, line);
	return run_each(rd, st, c, text, (struct words){ lines.v, lines.n }, flags);
}
