/* SPDX-License-Identifier: ISC */
/*
 * make_words.c: the words of a make or just command, and those in MAKEFLAGS.
 */
#include "tools/make_run.h"

#include <string.h>

/* A word as make's reader takes it. */
struct str
make__text_of(struct reading *rd, struct word w)
{
	struct buf b;

	buf_init(&b, rd->a);
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind == PIECE_TEXT)
			buf_add(&b, w.v[i].text);
		else
			buf_putc(&b, reading_plain(&w.v[i]) ? MAKE_PLAIN : MAKE_UNKNOWN);
	return buf_str(&b);
}

/* An option's value: false if it has none that counts here. */
static void
value_of(struct reading *rd, struct make_words *w, char what, struct word value)
{
	if (what == 'f')
		*vec_push(rd->a, &w->files) = value;
	else if (what == 'd')
		*vec_push(rd->a, &w->dirs) = value;
	else if (what == 'e')
		*vec_push(rd->a, &w->evals) = make__text_of(rd, value);
	else if (what == 'I')
		*vec_push(rd->a, &w->include_dirs) = make__text_of(rd, value);
}

/* --NAME[=VALUE]: true if the next word is its value. An abbreviation counts. */
static bool
long_option(struct reading *rd, struct word word, struct word next, struct make_words *w)
{
	static const struct {
		const char *name;
		char what; /* f, d, e, I: as value_of has it; n, v, l, r: a switch; x: another value */
	} names[] = { { "--file", 'f' }, { "--makefile", 'f' }, { "--justfile", 'f' }, { "--directory", 'd' },
		{ "--working-directory", 'd' }, { "--eval", 'e' }, { "--dry-run", 'n' }, { "--just-print", 'n' },
		{ "--recon", 'n' }, { "--question", 'n' }, { "--touch", 'n' }, { "--environment-overrides", 'v' },
		{ "--include-dir", 'I' }, { "--no-builtin-rules", 'r' }, { "--old-file", 'x' }, { "--assume-old", 'x' }, { "--what-if", 'x' },
		{ "--new-file", 'x' }, { "--assume-new", 'x' }, { "--dotenv-path", 'x' }, { "--shell", 'x' },
		{ "--set", 'x' }, { "--list", 'l' }, { "--summary", 'l' }, { "--show", 'l' }, { "--dump", 'l' },
		{ "--variables", 'l' }, { "--groups", 'l' }, { "--fmt", 'l' }, { "--init", 'l' }, { "--edit", 'l' }, { "--version", 'l' }, { "--help", 'l' } };
	struct str head = word_prefix(word);
	size_t eq = str_chr(head, '='), n = eq == STR_NPOS ? head.n : eq;
	struct word value = eq == STR_NPOS ? next
	    : word_cat(rd->a, word_text(rd->a, str_sub(head, eq + 1, head.n)),
		  (struct word){ word.v + 1, word.n - 1, { 0 } });

	for (size_t i = 0; i < sizeof names / sizeof *names && n > 2; i++) {
		char what = names[i].what;

		if (!str_starts(str_of(names[i].name), str_sub(head, 0, n)))
			continue;
		w->dry |= what == 'n';
		w->env_wins |= what == 'v';
		w->none |= what == 'l';
		w->no_rules |= what == 'r';
		value_of(rd, w, what, value);
		return eq == STR_NPOS && strchr("nvlr", what) == NULL;
	}
	return false;
}

/* A bundle of letters: true if the next word is the value of its last. */
static bool
letters(struct reading *rd, struct word word, struct word next, bool just, struct make_words *w)
{
	static const char make_values[] = "fCIoWE", make_maybe[] = "jlO", just_values[] = "fdE";
	struct str head = word_prefix(word);

	for (size_t i = 1; i < head.n; i++) {
		char c = head.p[i], what = c == (just ? 'd' : 'C') ? 'd' : c == 'E' ? 'e' : c;
		bool last = i + 1 == head.n && word.n == 1;

		if (!just && strchr(make_maybe, c) != NULL) /* a number may follow */
			return last && c != 'O' && word_prefix(next).n > 0 && word_prefix(next).p[0] >= '0' &&
			    word_prefix(next).p[0] <= '9';
		if (strchr(just ? just_values : make_values, c) != NULL) {
			value_of(rd, w, what, last ? next : word_from(rd->a, word, i + 1));
			return last;
		}
		w->dry |= c == 'n' || (!just && (c == 'q' || c == 't'));
		w->env_wins |= c == 'e' && !just;
		w->no_rules |= c == 'r' && !just;
		w->none |= just ? c == 'l' || c == 's' || c == 'e' : c == 'v' || c == 'h';
	}
	return false;
}

void
make__read_words(struct reading *rd, struct words argv, bool just, struct make_words *w)
{
	for (size_t i = 0; i < argv.n; i++) {
		struct word word = argv.v[i], next = i + 1 < argv.n ? argv.v[i + 1] : word_text(rd->a, STR(""));
		struct str head = word_prefix(word);

		if (just && w->targets.n == 0 && (word_is(word, "-c") || word_is(word, "--command"))) {
			w->command = i + 2; /* of the line, with its program */
			return;
		}
		if (just && word_is(word, "--set") && i + 2 < argv.n) {
			*vec_push(rd->a, &w->assigns) = word_cat(rd->a, word_cat(rd->a, next, word_text(rd->a, STR("="))),
			    argv.v[i + 2]);
			i += 2;
		} else if (word_is(word, "--"))
			continue;
		else if (head.n > 2 && head.p[0] == '-' && head.p[1] == '-')
			i += long_option(rd, word, next, w);
		else if (head.n > 1 && head.p[0] == '-')
			i += letters(rd, word, next, just, w);
		else if (str_chr(head, '=') != STR_NPOS && (!just || w->targets.n == 0))
			*vec_push(rd->a, &w->assigns) = word;
		else
			*vec_push(rd->a, &w->targets) = word;
	}
}

/* MAKEFLAGS: options and NAME=VALUE words as on the line, a blank in one behind
 * a backslash; single letters may stand first without their dash. */
void
make__flags(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str name,
    struct make_words *w)
{
	VEC(struct word) v = { 0 };
	struct words values;
	struct str text;
	struct buf b;

	if (shell_env(rd->shell, st, name, &values) != 0 || values.n == 0)
		return;
	if (values.n != 1 || !word_known(rd->a, values.v[0], &text)) {
		runner_opaque(rd, st, c, str_printf(rd->a, STR_FMT " are not known", STR_ARG(name)));
		return;
	}
	buf_init(&b, rd->a);
	if (text.n > 0 && text.p[0] != '-' && text.p[0] != ' ' &&
	    str_chr(str_sub(text, 0, str_chr(text, ' ')), '=') == STR_NPOS)
		buf_putc(&b, '-');
	for (size_t i = 0; i <= text.n; i++) {
		if (i < text.n && text.p[i] == '\\' && i + 1 < text.n) {
			buf_putc(&b, text.p[++i]);
		} else if (i < text.n && text.p[i] != ' ') {
			buf_putc(&b, text.p[i]);
		} else if (b.n > 0) {
			*vec_push(rd->a, &v) = word_text(rd->a, buf_str(&b));
			buf_init(&b, rd->a);
		}
	}
	make__read_words(rd, (struct words){ v.v, v.n }, false, w);
}
