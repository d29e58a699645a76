/* SPDX-License-Identifier: ISC */
/*
 * sed.c: sed's script, read just far enough to find its doors: the commands
 * w, W, r and e and the flags of s that write a file or run one. Anything
 * that it does not understand counts as a door.
 */
#include "tools/code.h"

#include <string.h>

struct script {
	struct str text;
	size_t at;
	bool confused;
};

static char
peek(const struct script *s)
{
	return s->at < s->text.n ? s->text.p[s->at] : '\0';
}

static void
skip(struct script *s, const char *set)
{
	while (s->at < s->text.n && strchr(set, s->text.p[s->at]) != NULL)
		s->at++;
}

/* Text up to the next `delimiter`, which a backslash or a set keeps away. */
static void
skip_part(struct script *s, char delimiter)
{
	bool set = false;

	for (; s->at < s->text.n; s->at++) {
		char c = s->text.p[s->at];

		if (c == '\\' && s->at + 1 < s->text.n) {
			s->at++;
		} else if (c == '[' && !set && delimiter != '[') {
			set = str_chr(str_sub(s->text, s->at, s->text.n), ']') != STR_NPOS;
		} else if (c == ']' && set) {
			set = false;
		} else if (c == delimiter && !set) {
			s->at++;
			return;
		}
	}
	s->confused = true;
}

static void
skip_address(struct script *s)
{
	for (;;) {
		char c = peek(s);

		if ((c >= '0' && c <= '9') || (c != '\0' && strchr("$,!~+ \t", c) != NULL)) {
			s->at++;
		} else if (c == '/') {
			s->at++;
			skip_part(s, '/');
			skip(s, "IM");
		} else if (c == '\\' && s->at + 1 < s->text.n) {
			char delimiter = s->text.p[s->at + 1];

			s->at += 2;
			skip_part(s, delimiter);
			skip(s, "IM");
		} else {
			return;
		}
	}
}

/* The rest of the line: a file name, a label, a text. */
static struct str
rest_of_line(struct script *s)
{
	struct str rest = str_sub(s->text, s->at, s->text.n), line;
	size_t end = str_chr(rest, '\n');

	line = str_sub(rest, 0, end == STR_NPOS ? rest.n : end);
	s->at += line.n;
	return str_trim(line);
}

static void
written(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str file)
{
	static const struct file_after unknown = { .kind = AFTER_UNKNOWN };

	if (file.n > 0 && !str_starts(file, STR("/dev/std")))
		file_edit(rd, st, c, word_text(rd->a, file), ACTION_OPERAND, unknown);
}

/* s/x/y/flags. True: a flag is a door. */
/* A substitution of the whole line by COMMAND, with flag e, runs just that. */
static bool
run_replaced(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str from, struct str to)
{
	if (!names_hold(".* ^.*$ ^.* .*$", from) || str_chr(to, '&') != STR_NPOS || str_chr(to, '\\') != STR_NPOS)
		return false;
	(void)reading_run_shell(rd, st, word_text(rd->a, to), c, ACTION_INNER, (struct str){ 0 },
	    word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
	return true;
}

static bool
substitute(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct script *s)
{
	char delimiter = peek(s);
	bool door = false;
	struct str from, to;
	size_t at;

	if (delimiter == '\0' || delimiter == '\n') {
		s->confused = true;
		return false;
	}
	at = ++s->at;
	skip_part(s, delimiter);
	from = str_sub(s->text, at, s->at > at ? s->at - at - 1 : 0);
	for (at = s->at; s->at < s->text.n && peek(s) != delimiter; s->at++)
		if (peek(s) == '\\')
			s->at++;
	to = str_sub(s->text, at, s->at - at);
	s->at++;
	for (;; s->at++) {
		char f = peek(s);

		if (f == 'w') {
			s->at++;
			written(rd, st, c, rest_of_line(s));
			return true;
		}
		if (f == 'e' && !door) {
			door = true;
			if (run_replaced(rd, st, c, from, to))
				continue;
			reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
			    STR("sed's flag e runs what the substitution makes"));
		} else if (f == '\0' || strchr("gpiImMe0123456789", f) == NULL) {
			return door;
		}
	}
}

/* One command letter; true: a door. */
static bool
command(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct script *s)
{
	char letter = peek(s);
	struct word text;

	s->at++;
	switch (letter) {
	case 's':
		return substitute(rd, st, c, s);
	case 'y':
		letter = peek(s);
		s->at++;
		skip_part(s, letter);
		skip_part(s, letter);
		return false;
	case 'w':
	case 'W':
		written(rd, st, c, rest_of_line(s));
		return true;
	case 'e':
		text = word_text(rd->a, rest_of_line(s));
		if (text.n == 0)
			reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed, STR("sed's command e runs its input"));
		else
			(void)reading_run_shell(rd, st, text, c, ACTION_INNER, (struct str){ 0 },
			    word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
		return true;
	case 'r':
	case 'R':
		file_look(rd, st, c, word_text(rd->a, rest_of_line(s)), ACTION_OPERAND);
		return false;
	case 'a':
	case 'i':
	case 'c':
		while (str_ends(rest_of_line(s), STR("\\")) && s->at < s->text.n)
			s->at++;
		return false;
	case 'b':
	case 't':
	case 'T':
	case ':':
		while (s->at < s->text.n && strchr(";\n}", peek(s)) == NULL)
			s->at++;
		return false;
	default:
		if (strchr("{}=dDgGhHlnNpPqQxzFv#", letter) == NULL)
			s->confused = true;
		if (letter == '#')
			(void)rest_of_line(s);
		skip(s, "0123456789 \t");
		return false;
	}
}

bool
sed_read(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str script)
{
	struct script s = { script, 0, false };
	bool door = false;

	for (skip(&s, " \t\n;"); s.at < s.text.n && !s.confused; skip(&s, " \t\n;")) {
		skip_address(&s);
		if (s.at < s.text.n)
			door |= command(rd, st, c, &s);
	}
	return door || s.confused;
}

/* ---- what a plain script makes of a text ------------------------------------------------ */

struct plain { /* s/FROM/TO/: no more than letters and dots */
	struct buf from, to;
	bool every;
};

/* One part up to the delimiter. False: it holds what this does not know. */
static bool
plain_part(struct script *s, char delimiter, const char *special, struct buf *out)
{
	for (; s->at < s->text.n && peek(s) != delimiter; s->at++) {
		char c = peek(s);

		if (c == '\\' && s->at + 1 < s->text.n && strchr("./-", s->text.p[s->at + 1]) != NULL) {
			s->at++;
			c = peek(s) == '.' ? '\1' : peek(s); /* a dot that is one */
		} else if (c == '\\' || c == '\n' || c == '\1' || strchr(special, c) != NULL) {
			return false;
		}
		buf_putc(out, c);
	}
	return s->at++ < s->text.n;
}

static bool
plain_next(struct arena *a, struct script *s, bool extended, struct plain *out)
{
	char delimiter;

	buf_init(&out->from, a);
	buf_init(&out->to, a);
	if (peek(s) != 's' || s->at + 1 >= s->text.n)
		return false;
	delimiter = s->text.p[s->at + 1];
	s->at += 2;
	if (strchr("\\\n.", delimiter) != NULL || !plain_part(s, delimiter, extended ? "*[]^$+?(){}|" : "*[]^$", &out->from) ||
	    !plain_part(s, delimiter, "&", &out->to) || out->from.n == 0)
		return false;
	out->every = peek(s) == 'g';
	s->at += out->every;
	return s->at >= s->text.n || strchr("; \n", peek(s)) != NULL;
}

static bool
fits(const struct plain *p, struct str text, size_t at)
{
	for (size_t i = 0; i < p->from.n; i++) {
		char want = p->from.p[i], c = at + i < text.n ? text.p[at + i] : '\n';

		if (c == '\n' || (want != '.' && c != (want == '\1' ? '.' : want)))
			return false;
	}
	return true;
}

static struct str
substituted(struct arena *a, const struct plain *p, struct str text)
{
	bool done = false;
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < text.n;) {
		if ((done && !p->every) || !fits(p, text, i)) {
			done = done && text.p[i] != '\n';
			buf_putc(&out, text.p[i++]);
			continue;
		}
		for (size_t k = 0; k < p->to.n; k++)
			buf_putc(&out, p->to.p[k] == '\1' ? '.' : p->to.p[k]);
		done = true;
		i += p->from.n;
	}
	return buf_str(&out);
}

bool
sed_plain(struct arena *a, struct str script, bool extended, struct str text, struct str *out)
{
	struct script s = { script, 0, false };
	struct plain p;

	for (skip(&s, " \t\n;"); s.at < s.text.n; skip(&s, " \t\n;")) {
		if (!plain_next(a, &s, extended, &p))
			return false;
		/* To sed a dot is a character, by a locale that is not known here. */
		if (str_chr(buf_str(&p.from), '.') != STR_NPOS && !str_ascii(text))
			return false;
		text = substituted(a, &p, text);
	}
	*out = text;
	return true;
}
