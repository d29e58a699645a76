/* SPDX-License-Identifier: ISC */
/*
 * format.c: a policy in its one canonical form. Clauses are indented by four
 * blanks, their texts stand in one column, words are one blank apart, empty
 * lines separate and never pile up. Comments and the places where a line is
 * continued are kept. Means the same to the parser; formatting twice changes
 * nothing.
 */
#include "parse.h"

#include <string.h>

struct formatting {
	struct arena *a;
	struct buf out;
	bool blank;   /* an empty line is due before the next one */
	bool started; /* something was written */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
begin_line(struct formatting *f)
{
	if (f->blank && f->started)
		buf_putc(&f->out, '\n');
	f->blank = false;
	f->started = true;
}

static void
pad(struct buf *b, size_t from, size_t width)
{
	do
		buf_putc(b, ' ');
	while (b->n - from < width);
}

/* ---- words ---- */

/* Index behind the token at i, quotes and all. */
static size_t
token_end(struct str s, size_t i)
{
	while (i < s.n && !is_blank(s.p[i])) {
		char quote = s.p[i];

		if (quote == '\\' && i + 1 < s.n) {
			i += 2;
		} else if (quote == '\'' || quote == '"') {
			for (i++; i < s.n && s.p[i] != quote; i++)
				if (quote == '"' && s.p[i] == '\\' && i + 1 < s.n)
					i++;
			i += i < s.n;
		} else {
			i++;
		}
	}
	return i;
}

/* Words one blank apart; a comment keeps its text, two blanks before it. */
static void
add_words(struct formatting *f, struct str s)
{
	bool first = true;

	s = str_trim(s);
	for (size_t i = 0; i < s.n;) {
		size_t end;

		if (is_blank(s.p[i])) {
			i++;
			continue;
		}
		if (s.p[i] == '#') {
			buf_puts(&f->out, first ? "" : "  ");
			buf_add(&f->out, str_sub(s, i, s.n));
			return;
		}
		end = token_end(s, i);
		buf_puts(&f->out, first ? "" : " ");
		buf_add(&f->out, str_sub(s, i, end - i));
		first = false;
		i = end;
	}
}

/* ---- lines ---- */

/* The first word off s. */
static struct str
word_off(struct str *s)
{
	size_t end = 0;
	struct str w;

	*s = str_trim(*s);
	while (end < s->n && !is_blank(s->p[end]))
		end++;
	w = str_sub(*s, 0, end);
	*s = str_trim(str_sub(*s, end, s->n));
	return w;
}

/* Is what follows these first words of a line a verbatim text? */
static bool
is_text_pattern(struct str rest)
{
	struct str word = word_off(&rest);

	return str_is(word, "glob") || str_is(word, "regex") || str_is(word, "raw");
}

static bool
is_verdict(struct str w)
{
	return str_is(w, "allow") || str_is(w, "ask") || str_is(w, "deny") || str_is(w, "pass");
}

/* test VERDICT COMMAND: the command is verbatim. */
static void
add_test(struct formatting *f, struct str rest, bool clause)
{
	size_t from = f->out.n;
	struct str verdict = word_off(&rest);

	buf_add(&f->out, verdict);
	if (rest.n > 0)
		pad(&f->out, from, clause && is_verdict(verdict) ? 6 : 0);
	buf_add(&f->out, rest);
}

/* `glob  TEXT`: the keywords one blank apart, the text as it stands. */
static void
add_text_pattern(struct formatting *f, struct str rest)
{
	struct str word = word_off(&rest);

	buf_add(&f->out, word);
	if (str_is(word, "raw") && rest.n > 0) {
		buf_putc(&f->out, ' ');
		buf_add(&f->out, word_off(&rest));
	}
	if (rest.n > 0)
		buf_putc(&f->out, ' ');
	buf_add(&f->out, rest);
}

/* when … matches RE, given … done:COMMAND: words, then verbatim. */
static void
add_words_until(struct formatting *f, struct str rest, const char *mark, bool behind)
{
	size_t i = 0;

	while (i < rest.n) {
		size_t end;

		while (i < rest.n && is_blank(rest.p[i]))
			i++;
		if (i < rest.n && rest.p[i] == '#')
			break;
		end = token_end(rest, i);
		if (behind ? str_is(str_sub(rest, i, end - i), mark) : str_starts(str_sub(rest, i, end - i), str_of(mark))) {
			size_t cut = behind ? end : i;

			add_words(f, str_sub(rest, 0, cut));
			if (cut > 0 && cut < rest.n)
				buf_putc(&f->out, ' ');
			buf_add(&f->out, str_trim(str_sub(rest, cut, rest.n)));
			return;
		}
		i = end;
	}
	add_words(f, rest);
}

static void
add_rest(struct formatting *f, struct str keyword, struct str rest, bool clause)
{
	struct str second = rest;

	if (str_is(keyword, "because") || str_is(keyword, "instead"))
		buf_add(&f->out, rest);
	else if (str_is(keyword, "test"))
		add_test(f, rest, clause);
	else if (str_is(keyword, "given"))
		add_words_until(f, rest, "done:", false);
	else if (str_is(keyword, "when"))
		add_words_until(f, rest, "matches", true);
	else if (str_is(keyword, "adding") && str_is(word_off(&second), "regex"))
		add_text_pattern(f, rest);
	else if ((str_is(keyword, "except") || (!clause && is_verdict(keyword))) && is_text_pattern(rest))
		add_text_pattern(f, rest);
	else
		add_words(f, rest);
}

/* One logical line whose text is s. */
static void
add_line(struct formatting *f, struct str s, bool clause)
{
	size_t from;
	struct str keyword;

	buf_puts(&f->out, clause ? "    " : "");
	from = f->out.n;
	keyword = word_off(&s);
	buf_add(&f->out, keyword);
	if (s.n > 0) {
		if (s.p[0] == '#')
			pad(&f->out, from, keyword.n + 2);
		else
			pad(&f->out, from, clause ? 8 : 0);
		add_rest(f, keyword, s, clause);
	}
	buf_putc(&f->out, '\n');
}

/* ---- the file ---- */

static struct str
trim_end(struct str s)
{
	while (s.n > 0 && (is_blank(s.p[s.n - 1]) || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

/* A line that goes on below: its parts are kept as they are, aligned. */
static void
add_continued(struct formatting *f, struct str line, struct str *text, bool clause)
{
	for (bool first = true;; first = false) {
		bool more = policy__continues(line) && text->n > 0;
		struct str part = str_trim(more ? str_sub(line, 0, line.n - 1) : line);
		bool glued = more && line.n > 1 && !is_blank(line.p[line.n - 2]);

		buf_puts(&f->out, first ? (clause ? "    " : "") : part.n > 0 ? "        " : "");
		buf_add(&f->out, part);
		if (!more) {
			buf_putc(&f->out, '\n');
			return;
		}
		buf_puts(&f->out, glued || part.n == 0 ? "\\\n" : " \\\n");
		line = str_line(text);
	}
}

int
policy_format(struct arena *a, struct str text, struct str file, struct str *out, struct diags *d)
{
	struct formatting f = { .a = a };
	struct lines lines = { 0 };

	buf_init(&f.out, a);
	if (policy__lines(a, text, file, d, &lines) != 0)
		return BRIDLE_ESYNTAX;
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.n);
	while (text.n > 0) {
		struct str line = str_line(&text), s = str_trim(line);
		bool clause = line.n > 0 && is_blank(line.p[0]);

		if (s.n == 0) {
			f.blank = true;
			continue;
		}
		begin_line(&f);
		if (s.p[0] == '#') {
			buf_puts(&f.out, clause ? "    " : "");
			buf_add(&f.out, trim_end(s));
			buf_putc(&f.out, '\n');
		} else if (policy__continues(line)) {
			add_continued(&f, line, &text, clause);
		} else {
			add_line(&f, s, clause);
		}
	}
	*out = buf_str(&f.out);
	return 0;
}
