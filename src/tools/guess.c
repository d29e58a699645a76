/* SPDX-License-Identifier: ISC */
/*
 * guess.c: a program that nobody knows may run the command that its later
 * words are. Each later word that names a guarded tool, a shell or another
 * wrapper is read as the start of one; rules of ask and deny then match at
 * most maybe. So no list of wrappers is the last line.
 */
#include "tools/code.h"

#include <string.h>

/* Words that no command name has. */
static bool
like_name(struct str s)
{
	if (s.n == 0 || s.n > 64 || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (strchr(" \t\n=,;:()[]{}<>|&$`'\"*?!#~", s.p[i]) != NULL)
			return false;
	return true;
}

static bool
is_shell(struct str name)
{
	static const char *const names[] = { "bash", "sh", "zsh", "dash", "ksh" };

	static struct names by_name = NAMES(names);

	return names_find(&by_name, name) != STR_NPOS;
}

/* tool: the program in front is a wrapper whose usual form this is not; its
 * own subcommands (docker rm) are no commands. */
static bool
worth(struct reading *rd, struct str base, bool tool)
{
	size_t n = 0;

	if (tool ? models_guarded(rd->models, base) : models_spoken_of(rd->models, base))
		return true;
	return is_shell(base) || (models__wrapper(rd->models, base, &n) != NULL && n > 0);
}

/* An option whose value is a command's text. */
static bool
takes_text(struct word w)
{
	static const char *const names[] = { "-c", "-e", "-x", "--command", "--exec", "--cmd",
		"--run", "--eval", "--execute", "--shell", "--script", "-Command", "-command", "runner", "-exec",
		"-toolexec", "-vettool", "--sh-exec", "--preview", "--pager", "--chooser", "--browser", "--editor",
		"--sendmail-cmd", "--to-cmd", "--cc-cmd", "--server", "--rsh-command", "--unzip-command", "--scripts",
		"--parameters", "-pdflatex", "--config", "--hook", "--runner" };
	struct str head = word_prefix(w);

	if (head.n == 0 || (head.p[0] != '-' && head.p[0] != 'r'))
		return false;
	if (w.n == 1 && head.n <= 2) /* most options are none of the short ones */
		return head.n == 2 && head.p[0] == '-' && str_chr(STR("cex"), head.p[1]) != STR_NPOS;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (word_is(w, names[i]))
			return true;
	return false;
}

/* socat's EXEC:COMMAND and SYSTEM:TEXT; what follows a comma are its options. */
static struct str
address_text(struct str word)
{
	static const char *const kinds[] = { "exec:", "system:", "shell:" };

	if (str_chr(word, ':') == STR_NPOS)
		return STR("");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		size_t n = str_of(kinds[i]).n;

		if (word.n > n && str_ieq(str_sub(word, 0, n), str_of(kinds[i])))
			return str_sub(word, n, str_chr(str_sub(word, n, STR_NPOS), ','));
	}
	return STR("");
}

/* user@host, host.name, or (known: all of it) a word that says that the next one is run there. */
static bool
like_host(struct word w, struct str known)
{
	static const char *const names[] = { "exec", "run", "ssh", "shell", "console", "attach" };
	struct str text = word_prefix(w);

	static struct names by_name = NAMES(names);

	if (names_find(&by_name, known) != STR_NPOS)
		return true;
	return str_chr(text, '@') != STR_NPOS && str_chr(text, ' ') == STR_NPOS;
}

/* The first word of the text names something that rules speak of. */
static bool
text_worth(struct reading *rd, struct str text, bool tool)
{
	struct words w = words_split(rd->a, text);

	for (size_t i = 0; i < w.n; i++)
		if (worth(rd, path_base(word_prefix(w.v[i])), tool))
			return true;
	return false;
}

static int
guess_text(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word w,
    bool tool)
{
	struct code how = { .file = true, .backquote = true, .flags = ACTION_GUESS | ACTION_INNER };
	struct str text;

	if (!word_known(rd->a, w, &text))
		return 0;
	if (!text_worth(rd, text, tool)) /* no shell's, but some language's perhaps */
		return code_read(rd, st, c, &how, text);
	return reading_run_shell(rd, st, w, c, ACTION_GUESS | ACTION_INNER, (struct str){ 0 },
	    word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
}

/* `PAGER='fly deploy' man x`, `make CC='git push'`: a value that is a command
 * of its own may be run. */
static int
guess_value(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word w)
{
	struct str text, first;
	size_t blank;

	if (!word_known(rd->a, w, &text))
		return 0;
	blank = str_find(text, STR("$(shell "));
	if (blank != STR_NPOS) { /* make's */
		text = str_sub(text, blank + 8, text.n);
		text = str_sub(text, 0, str_rchr(text, ')'));
	}
	while (text.n > 0 && strchr(" |!@-", text.p[0]) != NULL)
		text = str_sub(text, 1, text.n);
	blank = str_chr(text, ' ');
	first = path_base(str_sub(text, 0, blank));
	if (blank == STR_NPOS || !models_guarded(rd->models, first))
		return 0;
	return reading_run_shell(rd, st, word_text(rd->a, text), c, ACTION_GUESS | ACTION_INNER,
	    (struct str){ 0 }, word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
}

/* A variable of this line that holds options or code for a program, beside the
 * name of what rules speak of: it may be run. */
static void
code_variable(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct assign *v)
{
	static const char names[] = "TAR_OPTIONS PERL5OPT PERL5DB RUBYOPT NODE_OPTIONS BUN_OPTIONS MAKEFLAGS "
				    "GNUMAKEFLAGS FZF_DEFAULT_OPTS GOFLAGS PYTHONSTARTUP PSQLRC MANOPT";
	struct word value = v->value;
	struct str text;

	if (!names_hold(names, v->name))
		return;
	shell_process_text(rd->shell, v->value, &value); /* PYTHONSTARTUP=<(…) */
	if (!word_known(rd->a, value, &text) || !reading_names_hidden(rd, text))
		return;
	reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
	    str_printf(rd->a, STR_FMT " may make a program run what it names", STR_ARG(v->name)));
}

#define UPPER_NAME "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
#define ANY_NAME UPPER_NAME "abcdefghijklmnopqrstuvwxyz"

int
guess_values(struct reading *rd, struct shell_state *st, const struct shell_command *c, bool lower)
{
	int err = 0;

	const struct assign *line;
	size_t n;

	if (rd->guessing)
		return 0;
	n = shell_line_assigns(rd->shell, st, &line);
	for (size_t i = 0; i < n; i++)
		code_variable(rd, st, c, &line[i]);
	for (size_t i = 0; i < c->nassigns && err >= 0; i++) {
		code_variable(rd, st, c, &c->assigns[i]);
		err = guess_value(rd, st, c, c->assigns[i].value);
	}
	for (size_t i = 1; i < c->argv.n && err >= 0; i++) {
		struct str head = word_prefix(c->argv.v[i]);
		size_t eq = str_chr(head, '=');

		if (eq != STR_NPOS && head.p[0] != '-' && strspn(head.p, lower ? ANY_NAME : UPPER_NAME) == eq)
			err = guess_value(rd, st, c, word_text(rd->a, str_sub(head, eq + 1, head.n)));
	}
	return err;
}

/* `x check --cmd TEXT` looks at the text. */
static bool
only_looks(struct words argv, size_t at)
{
	static const char *const verbs[] = { "check", "preflight", "explain", "lint", "simulate",
		"validate" };

	for (size_t i = 1; i < at; i++)
		for (size_t k = 0; k < sizeof verbs / sizeof *verbs; k++)
			if (word_is(argv.v[i], verbs[k]))
				return true;
	return false;
}

/* GIT: a file system that does not tell letters apart may find git. */
static int
guess_capital(
    struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str program)
{
	struct str base = path_base(program);
	char *low = arena_alloc(rd->a, base.n + 1);
	struct word *v;

	for (size_t i = 0; i < base.n; i++)
		low[i] = byte_lower(base.p[i]);
	if (memcmp(low, base.p, base.n) == 0 ||
	    !models_spoken_of(rd->models, (struct str){ low, base.n }))
		return 0;
	v = NEW_ARRAY(rd->a, struct word, c->argv.n);
	memcpy(v, c->argv.v, c->argv.n * sizeof *v);
	v[0] = word_text(rd->a, (struct str){ low, base.n });
	return reading_run_argv(rd, st, (struct words){ v, c->argv.n }, c,
	    ACTION_GUESS | ACTION_INNER, (struct str){ 0 });
}

/* The word's own name, or that of the guarded program which the file is a link to. */
static struct str
name_of(struct reading *rd, struct shell_state *st, struct word w, struct str text)
{
	struct str path, base;

	if (str_chr(text, '/') == STR_NPOS || !word_known(rd->a, reading_path(rd, st, w, 0), &path))
		return path_base(text);
	base = path_base(overlay_real(rd, path));
	return models_guarded(rd->models, base) ? base : path_base(text);
}

static int
guess_argv(struct reading *rd, struct shell_state *st, const struct shell_command *c, size_t at, struct str name)
{
	struct words argv = words_from(c->argv, at);
	struct word *v = NEW_ARRAY(rd->a, struct word, argv.n);
	int err;

	memcpy(v, argv.v, argv.n * sizeof *v);
	if (!str_eq(name, path_base(word_prefix(v[0]))))
		v[0] = word_text(rd->a, name);
	rd->guessing = true;
	err = reading_run_argv(
	    rd, st, (struct words){ v, argv.n }, c, ACTION_GUESS | ACTION_INNER, (struct str){ 0 });
	rd->guessing = false;
	return err;
}

/* Texts among the words from argv[from] on, for code that may run them. */
int
guess_texts(struct reading *rd, struct shell_state *st, const struct shell_command *c, size_t from)
{
	int err = 0;

	for (size_t i = from; i < c->argv.n && err >= 0 && !rd->guessing; i++) {
		struct str text;

		if (word_known(rd->a, c->argv.v[i], &text) && str_chr(text, ' ') != STR_NPOS)
			err = guess_text(rd, st, c, c->argv.v[i], true);
	}
	return err;
}

int
guess_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, size_t from)
{
	size_t entries = 0;
	bool host = false, tool, text_next = from > 0 && from < c->argv.n && takes_text(c->argv.v[from - 1]);
	struct str program = { 0 };
	int err = 0;

	/* Within a guess, the further words are the outer one's guesses too. */
	if (rd->guessing)
		return 0;
	tool = word_known(rd->a, c->argv.v[0], &program) &&
	    models__wrapper(rd->models, path_base(program), &entries) != NULL && entries > 0;
	if (program.n > 0)
		err = guess_capital(rd, st, c, program);
	for (size_t i = from; i < c->argv.n && err >= 0; i++) {
		struct word w = c->argv.v[i];
		struct str text, head = word_prefix(w);
		bool known = word_known(rd->a, w, &text), is_text = text_next;
		size_t eq = str_chr(head, '=');

		text_next = takes_text(w);
		if ((eq != STR_NPOS || is_text) && only_looks(c->argv, i))
			continue;
		if (eq != STR_NPOS && takes_text(word_text(rd->a, str_sub(head, 0, eq))))
			err = guess_text(
			    rd, st, c, word_text(rd->a, str_sub(head, eq + 1, head.n)), tool);
		else if (str_find(head, STR("://")) != STR_NPOS && fly_http_named(head))
			err = fly_http_guess(rd, st, c, ACTION_GUESS | ACTION_INNER, program);
		else if (address_text(head).n > 0)
			err = guess_text(rd, st, c, word_text(rd->a, address_text(head)), tool);
		else if (is_text && i > 1 &&
		    (!known || str_chr(text, ' ') != STR_NPOS))
			err = guess_text(rd, st, c, w, tool);
		else if (known && like_name(text) && worth(rd, name_of(rd, st, w, text), tool) &&
		    !(is_shell(text) && i + 1 == c->argv.n))
			err = guess_argv(rd, st, c, i, name_of(rd, st, w, text));
		else if (known && host && i + 1 == c->argv.n && str_chr(text, ' ') != STR_NPOS)
			err = guess_text(rd, st, c, w, tool);
		host |= like_host(w, known ? text : STR(""));
	}
	return err;
}
