/* SPDX-License-Identifier: ISC */
/*
 * editor.c: vim and ed as programs that do something to the files that they are
 * given: `w !sh` runs what a file holds, wq leaves it as nobody here knows. What
 * their commands say otherwise is code.c's.
 */
#include "tools/language.h"
#include "tools/startup.h"

#include <string.h>

static bool
edits(const struct language *l)
{
	return l == &languages[LANG_VIM] || l == &languages[LANG_ED];
}

/* The next command of a text: they stand between newlines and |. */
static bool
next_command(struct str *text, struct str *command)
{
	size_t end = 0;

	if (text->n == 0)
		return false;
	while (end < text->n && !code_in(text->p[end], "\n|"))
		end++;
	*command = str_trim(str_sub(*text, 0, end));
	*text = str_sub(*text, end + 1, text->n);
	while (command->n > 0 && code_in(command->p[0], ":+%$.,0123456789 ")) /* the lines that it is about */
		*command = str_sub(*command, 1, command->n);
	return true;
}

/* w !sh: the lines go to a program. Which. */
static bool
writes_to(struct str command, struct str *program)
{
	size_t bang = str_chr(command, '!');

	if (bang == STR_NPOS || !names_hold("w write", str_trim(str_sub(command, 0, bang))))
		return false;
	*program = str_trim(str_sub(command, bang + 1, command.n));
	return true;
}

static bool
is_shell(struct str program)
{
	return names_hold("sh bash zsh dash ksh", path_base(str_sub(program, 0, str_chr(program, ' '))));
}

static bool
writes(struct str command)
{
	struct str name = str_sub(command, 0, str_chr(command, ' '));

	while (str_ends(name, STR("!")))
		name = str_sub(name, 0, name.n - 1);
	return names_hold("w wq x xit update up wa wall wqa xa xall", name) && str_find(command, STR(" !")) == STR_NPOS;
}

/* makeprg=fly\ deploy, run by :make. */
static int
run_made(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str command)
{
	size_t at = str_find(command, STR("makeprg="));
	struct buf out;

	if (at == STR_NPOS)
		return 0;
	buf_init(&out, rd->a);
	for (at += 8; at < command.n && command.p[at] != ' '; at++) {
		at += command.p[at] == '\\' && at + 1 < command.n;
		buf_putc(&out, command.p[at]);
	}
	return reading_run_shell(rd, st, word_text(rd->a, buf_str(&out)), c, ACTION_INNER, STR("makeprg"),
	    word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
}

/* The files among its words. */
static int
each_file(struct reading *rd, struct shell_state *st, const struct shell_command *c, bool run)
{
	static const struct file_after unknown = { .kind = AFTER_UNKNOWN };
	int err = 0;

	for (size_t i = 1; i < c->argv.n && err >= 0; i++) {
		struct word w = c->argv.v[i], before = c->argv.v[i - 1];
		struct str head = word_prefix(w);

		if (code_in(head.n > 0 ? head.p[0] : '\0', "-+!") || word_is(before, "-c") || word_is(before, "--cmd") ||
		    word_is(before, "-u") || word_is(before, "-i") || word_is(before, "-S") || word_is(before, "-sc"))
			continue;
		if (run) {
			struct word *sh = NEW_ARRAY(rd->a, struct word, 2);

			sh[0] = word_text(rd->a, STR("sh"));
			sh[1] = w;
			err = reading_run_argv(rd, st, (struct words){ sh, 2 }, c, ACTION_INNER, (struct str){ 0 });
		} else if (!interp_process(w))
			file_edit(rd, st, c, w, ACTION_OPERAND, unknown);
	}
	return err;
}

int
editor_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct language *l,
    const struct taken *t)
{
	bool wrote = false, ran = false;
	struct word in;
	size_t n = t->code.n;
	int err = 0;

	if (!edits(l))
		return 0;
	if (reading_stdin(rd, c, &in) != SHELL_STDIN_TEXT)
		in = word_text(rd->a, STR(""));
	for (size_t i = 0; i <= n; i++) {
		struct str text, command, program;

		if (!word_known(rd->a, i < n ? t->code.v[i] : in, &text))
			continue;
		while (err >= 0 && next_command(&text, &command)) {
			ran |= writes_to(command, &program) && is_shell(program);
			wrote |= writes(command);
			err = run_made(rd, st, c, command);
		}
	}
	if (err >= 0 && ran)
		err = each_file(rd, st, c, true);
	if (err >= 0 && wrote)
		err = each_file(rd, st, c, false);
	return err;
}
