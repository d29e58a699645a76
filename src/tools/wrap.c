/* SPDX-License-Identifier: ISC */
/*
 * wrap.c: programs that run the command that follows them. Which ones, their
 * options and where the inner command starts is data (policies/tools/
 * wrappers.json); this file reads it. A transparent one is only shown, any
 * other is a command of its own and what it runs counts for ask and deny only.
 * find has its own file.
 */
#include "tools/code.h"
#include "tools/runner.h"
#include "tools/wrap.h"

#include <string.h>

/* ---- what it changes for the inner command ----------------------------------------- */

/* On another machine, or as another user, directory and environment are not
 * those here; on another machine neither are the files. */
void
wrap_place(struct reading *rd, struct shell_state *st, bool away)
{
	static const char *const tools[] = { "fly", "git" };

	rd->away |= away;
	shell_set_cwd(rd->shell, st, word_any(rd->a, STR("")));
	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
		const struct tool *t = models_find(rd->models, str_of(tools[i]));

		for (size_t j = 0; t != NULL && j < t->nenv; j++)
			if (away && i > 0) /* ours do not reach it, and none is set there as a rule */
				shell_unset_var(rd->shell, st, t->env[j]);
			else
				shell_forget_var(rd->shell, st, t->env[j]);
	}
}

static void
set_place(struct reading *rd, struct shell_state *st, const struct wrapper *w)
{
	bool away = str_find(w->adds, STR("elsewhere")) != STR_NPOS;

	if (away || str_find(w->adds, STR("apart")) != STR_NPOS)
		wrap_place(rd, st, away);
	if (!w->transparent)
		shell_maybe_functions(rd->shell, st);
}

static void
set_assignments(struct reading *rd, struct shell_state *st, struct words argv, size_t from,
    size_t to)
{
	for (size_t i = from; i < to; i++) {
		struct word w = argv.v[i];
		struct str head = word_prefix(w);
		size_t eq = str_chr(head, '=');
		struct word value;

		if (!wrap_assignment(w))
			continue;
		value = word_text(rd->a, str_sub(head, eq + 1, head.n));
		value = word_cat(rd->a, value, (struct word){ w.v + 1, w.n - 1, { 0 } });
		shell_set_var(rd->shell, st, str_dup(rd->a, str_sub(head, 0, eq)), value, true);
	}
}

/* Options that any wrapper may have, by name: the directory, the environment. */
static void
set_state(struct reading *rd, struct shell_state *st, const struct split *s)
{
	if (s->emptied)
		shell_clear_env(rd->shell, st);
	for (size_t i = 0; i < s->given.n; i++) {
		const struct wrap_option *g = &s->given.v[i];
		struct str name = g->option->name, var;

		if (str_is(name, "chdir") && g->has_value)
			shell_set_cwd(rd->shell, st, reading_path(rd, st, g->value, 0));
		else if (str_is(name, "ignore-environment"))
			shell_clear_env(rd->shell, st);
		else if (str_is(name, "unset") && g->has_value && word_known(rd->a, g->value, &var))
			shell_unset_var(rd->shell, st, var);
		else if ((str_is(name, "setenv") || str_is(name, "env")) && g->has_value)
			set_assignments(rd, st, (struct words){ &g->value, 1 }, 0, 1);
	}
}

/* ---- the inner command --------------------------------------------------------------- */

struct word
wrap_join(struct reading *rd, struct words w)
{
	struct word out = word_text(rd->a, STR(""));

	for (size_t i = 0; i < w.n; i++) {
		if (i > 0)
			out = word_cat(rd->a, out, word_text(rd->a, STR(" ")));
		out = word_cat(rd->a, out, w.v[i]);
	}
	return out;
}

int
wrap_text(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word text, unsigned flags)
{
	return reading_run_shell(rd, st, text, c, flags, (struct str){ 0 },
	    word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
}

struct word
wrap_replaced(struct reading *rd, struct word w, struct str mark, struct word by)
{
	struct word out = word_text(rd->a, STR(""));

	for (size_t i = 0; i < w.n; i++) {
		struct str text = w.v[i].text;
		size_t at;

		if (w.v[i].kind != PIECE_TEXT) {
			out = word_cat(rd->a, out, (struct word){ &w.v[i], 1, { 0 } });
			continue;
		}
		while ((at = str_find(text, mark)) != STR_NPOS) {
			out = word_cat(rd->a, out, word_text(rd->a, str_sub(text, 0, at)));
			out = word_cat(rd->a, out, by);
			text = str_sub(text, at + mark.n, text.n);
		}
		out = word_cat(rd->a, out, word_text(rd->a, text));
	}
	return out;
}

/* Keys that tmux and screen are told to type: names of keys are no text. */
static int
run_keys(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct words rest, unsigned flags)
{
	static const struct {
		const char *name, *text;
	} keys[] = { { "Enter", "\n" }, { "C-m", "\n" }, { "KPEnter", "\n" }, { "C-c", "\n" },
		{ "C-l", "\n" }, { "C-j", "\n" }, { "Escape", "\n" }, { "Space", " " },
		{ "Tab", "\t" } };
	static const char *const ends[] = { "^M", "\r", "\\n", "\\r", "\\012", "\\015" };
	bool screen = str_is(path_base(word_suffix(rd->a, c->argv.v[0])), "screen");
	struct word text = word_text(rd->a, STR("")), line = word_text(rd->a, STR("\n"));

	for (size_t i = 0; i < rest.n; i++) {
		struct word one = rest.v[i];
		size_t j = 0;

		while (j < sizeof keys / sizeof *keys && !word_is(one, keys[j].name))
			j++;
		if (j < sizeof keys / sizeof *keys)
			one = word_text(rd->a, str_of(keys[j].text));
		for (size_t k = 0; k < (screen ? sizeof ends / sizeof *ends : 2); k++)
			one = wrap_replaced(rd, one, str_of(ends[k]), line);
		text = word_cat(rd->a, text, one);
	}
	return wrap_text(rd, st, c, text, flags);
}

/* concurrently's npm:NAME is `npm run NAME`. */
static struct word
task(struct reading *rd, struct word w)
{
	static const char *const short_for[] = { "npm", "pnpm", "yarn", "bun" };
	struct str head = word_prefix(w);
	size_t colon = str_chr(head, ':');

	for (size_t i = 0; colon != STR_NPOS && i < sizeof short_for / sizeof *short_for; i++)
		if (str_eq(str_sub(head, 0, colon), str_of(short_for[i])))
			return word_cat(rd->a, word_text(rd->a, str_printf(rd->a, "%s run " STR_FMT, short_for[i],
			    STR_ARG(str_sub(head, colon + 1, head.n)))), (struct word){ w.v + 1, w.n - 1, { 0 } });
	return w;
}

/* uv run x.py, uv run -m x: python's. */
static struct words
python_argv(struct reading *rd, const struct split *s, struct words argv)
{
	bool module = wrap_given(s, "module") != NULL;
	struct word *v = NEW_ARRAY(rd->a, struct word, argv.n + 2);
	size_t n = 0;

	if (module || str_ends(word_prefix(argv.v[0]), STR(".py")))
		v[n++] = word_text(rd->a, STR("python"));
	if (module)
		v[n++] = word_text(rd->a, STR("-m"));
	memcpy(v + n, argv.v, argv.n * sizeof *v);
	return (struct words){ v, n + argv.n };
}

static int
run_inner(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct wrapper *w, struct words rest, unsigned flags)
{
	int err;

	if (str_is(w->kind, "keys"))
		return run_keys(rd, st, c, rest, flags);
	if (str_is(w->kind, "each-shell")) {
		for (size_t i = 0; i < rest.n; i++)
			if (!str_starts(word_prefix(rest.v[i]), STR("-")) &&
			    (err = wrap_text(rd, st, c, task(rd, rest.v[i]), flags)) < 0)
				return err;
		return 0;
	}
	if (str_is(w->kind, "shell") || (str_is(w->kind, "argv-or-shell") && rest.n == 1))
		return wrap_text(rd, st, c, wrap_join(rd, rest), flags);
	if (str_is(w->kind, "package")) {
		if (str_ends(word_prefix(rest.v[0]), STR(".go"))) /* go run x.go */
			return interpreter_file(rd, st, c, rest.v[0]);
		rest = package_argv(rd, st, rest);
	}
	return reading_run_argv(rd, st, rest, c, flags, (struct str){ 0 });
}

/* ---- one entry --------------------------------------------------------------------------- */

/* env -S text and what else an option adds in front of the inner command. */
static struct words
inner_words(struct reading *rd, const struct shell_command *c, const struct split *s, bool *known)
{
	const struct wrap_option *g = wrap_given(s, "split-string");
	struct words rest = words_from(c->argv, s->at), front;
	struct word *v;
	struct str text;

	*known = true;
	if (g == NULL || !g->has_value)
		return rest;
	if (!word_known(rd->a, g->value, &text) || strpbrk(str_c(rd->a, text), "\\'\"$#") != NULL) {
		*known = false;
		return rest;
	}
	front = words_split(rd->a, text);
	v = NEW_ARRAY(rd->a, struct word, front.n + rest.n + 1);
	if (front.n > 0)
		memcpy(v, front.v, front.n * sizeof *v);
	if (rest.n > 0)
		memcpy(v + front.n, rest.v, rest.n * sizeof *v);
	return (struct words){ v, front.n + rest.n };
}

/* systemd-run -p ExecStartPre=COMMAND */
static int
unit_property(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word value)
{
	struct str head = word_prefix(value);
	size_t eq = str_chr(head, '=');

	if (!str_starts(head, STR("Exec")) || eq == STR_NPOS)
		return 0;
	return wrap_text(rd, st, c, word_cat(rd->a, word_text(rd->a, str_sub(head, eq + 1, STR_NPOS)),
	    (struct word){ value.v + 1, value.n - 1, { 0 } }), ACTION_INNER);
}

/* Files and programs that the wrapper's own options name. */
static int
option_files(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct wrapper *w, const struct split *s)
{
	static const struct file_after unknown = { .kind = AFTER_UNKNOWN };
	bool ssh = str_ends(w->name, STR("ssh"));
	int err;

	for (size_t i = 0; i < s->given.n; i++) {
		const struct wrap_option *g = &s->given.v[i];

		if (!g->has_value)
			continue;
		if (word_prefix(g->value).n > 0 && strchr("|!", word_prefix(g->value).p[0]) != NULL && str_is(g->option->runs, "file-write")) {
			/* strace -o '|command' */
			if ((err = wrap_text(rd, st, c, word_from(rd->a, g->value, 1), ACTION_INNER)) < 0)
				return err;
		} else if (str_is(g->option->runs, "file-write"))
			file_edit(rd, st, c, g->value, ACTION_OPERAND, unknown);
		else if (str_is(g->option->runs, "file-read"))
			file_look(rd, st, c, g->value, ACTION_OPERAND);
		else if (str_is(g->option->runs, "script") &&
		    (err = script_file(rd, st, c, g->value, (struct words){ NULL, 0 })) < 0)
			return err;
		else if (str_is(g->option->name, "o") && ssh &&
		    (err = wrap_ssh_option(rd, st, c, g->value)) < 0)
			return err;
		else if (str_is(g->option->runs, "ssh-config") && (err = wrap_ssh_file(rd, st, c, g->value)) < 0)
			return err;
		else if (str_is(g->option->name, "property") && (err = unit_property(rd, st, c, g->value)) < 0)
			return err;
		else if (str_is(g->option->runs, "shell") && !str_starts(w->start, STR("option:")) &&
		    (err = wrap_text(rd, st, c, g->value, ACTION_INNER)) < 0)
			return err;
	}
	return 0;
}

/* `--exec PROGRAM … -- ARGUMENTS`: the value, and what stands behind the --. */
static struct words
option_argv(struct reading *rd, const struct shell_command *c, struct word program)
{
	struct word *v = NEW_ARRAY(rd->a, struct word, c->argv.n + 1);
	size_t i = 1, n = 0;

	v[n++] = program;
	while (i < c->argv.n && !word_is(c->argv.v[i], "--"))
		i++;
	while (++i < c->argv.n)
		v[n++] = c->argv.v[i];
	return (struct words){ v, n };
}

/* The inner command in a state of its own. */
static int
run_in(struct reading *rd, struct shell_state *inside, const struct shell_command *c,
    const struct wrapper *w, const struct split *s, struct words rest, unsigned flags)
{
	unsigned same = rd->same_as;
	int err;

	if (str_starts(w->start, STR("option:"))) {
		const struct wrap_option *g =
		    wrap_given(s, str_c(rd->a, str_sub(w->start, 7, w->start.n)));

		if (!g->has_value || str_is(w->kind, "file")) /* option_files has dealt with it */
			return 0;
		return str_is(w->kind, "argv") ? reading_run_argv(rd, inside, option_argv(rd, c, g->value), c,
			   flags, (struct str){ 0 })
					       : wrap_text(rd, inside, c, g->value, flags);
	}
	if (str_is(w->kind, "image") || str_is(w->kind, "service") || str_is(w->kind, "flake"))
		return container_run(rd, inside, c, w, s, rest, flags);
	if (str_is(w->kind, "python"))
		rest = python_argv(rd, s, rest);
	if (str_is(w->kind, "parts"))
		return parts_run(rd, inside, c, s, rest.v[0], flags);
	if (str_find(w->adds, STR("words")) != STR_NPOS)
		return xargs_run(rd, inside, c, s, rest);
	if (str_is(w->kind, "parallel"))
		return parallel_run(rd, inside, c, s, rest, flags);
	rd->same_as = w->transparent ? (same != 0 ? same : c->id) : 0;
	err = run_inner(rd, inside, c, w, rest, flags);
	rd->same_as = same;
	return err;
}

static int
inner_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct wrapper *w, const struct split *s, unsigned flags)
{
	struct shell_state *inside = reading_inside(rd, st);
	bool known, away = rd->away;
	struct words rest = inner_words(rd, c, s, &known);
	size_t skip = 0;
	int err;

	if (!known) {
		reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
		    STR("the command in the text of env -S is not known"));
		return 0;
	}
	envfile_given(rd, inside, c, w, s);
	set_state(rd, inside, s);
	if (str_is(w->start, "assignments"))
		set_assignments(rd, inside, c->argv, 1, s->at);
	while (str_is(w->start, "assignments") && skip < rest.n && wrap_assignment(rest.v[skip]))
		skip++;
	set_assignments(rd, inside, rest, 0, skip);
	set_place(rd, inside, w);
	if (rd->away)
		container_env(rd, inside, st, s);
	err = run_in(rd, inside, c, w, s, words_from(rest, skip), flags);
	rd->away = away;
	reading_back(rd, st, inside);
	return err;
}

/* A crontab's lines without their times. */
static struct word
cron_commands(struct reading *rd, struct word text)
{
	struct str rest;
	struct buf out;

	if (!word_known(rd->a, text, &rest))
		return text;
	buf_init(&out, rd->a);
	while (rest.n > 0) {
		struct str command = str_trim(str_line(&rest));
		int fields = command.n > 0 && command.p[0] == '@' ? 1 : 5;

		for (; fields > 0 && command.n > 0 && command.p[0] != '#'; fields--) {
			size_t blank = 0;

			while (blank < command.n && strchr(" \t", command.p[blank]) == NULL)
				blank++;
			command = str_trim(str_sub(command, blank, command.n));
		}
		buf_add(&out, command);
		buf_putc(&out, '\n');
	}
	return word_text(rd->a, buf_str(&out));
}

/* What a file holds that the wrapper reads as a shell's, or a crontab's, lines. */
static int
lines_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct wrapper *w,
    struct str text, struct str chain)
{
	struct word lines = word_text(rd->a, text);

	return reading_run_shell(rd, st, str_is(w->kind, "cron") ? cron_commands(rd, lines) : lines, c,
	    ACTION_LOOKED, chain, word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
}

/* sudo reads commands with -s or -i only. */
static bool
reads_commands(const struct wrapper *w, const struct split *s)
{
	if (str_find(w->adds, STR("stdin")) == STR_NPOS)
		return false;
	for (size_t i = 0; i < w->noptions; i++)
		if (str_is(w->options[i]->name, "shell") && w->options[i]->arg == ARG_NONE)
			return wrap_given(s, "shell") != NULL || wrap_given(s, "login") != NULL;
	return true;
}

/* Does it run what it reads on its standard input (ssh host <<E, at now)? */
static int
stdin_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct wrapper *w, const struct split *s)
{
	bool was_away = rd->away;
	struct shell_state *inside;
	struct overlay_state file = { 0 };
	struct word text;
	struct str path;
	int err = 0;

	if (!reads_commands(w, s))
		return 0;
	if (str_is(w->kind, "parallel"))
		return parallel_run(rd, st, c, s, (struct words){ NULL, 0 }, ACTION_INNER);
	switch (reading_stdin(rd, c, &text)) {
	case SHELL_STDIN_TEXT:
		break;
	case SHELL_STDIN_FILE:
		script_texts(rd, st, c, text, &file, &path);
		break;
	case SHELL_STDIN_PIPE:
		if (str_find(w->adds, STR("elsewhere")) == STR_NPOS)
			reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
			    str_printf(rd->a, "what is piped into " STR_FMT " is not known before it runs",
				STR_ARG(w->name)));
		return 0;
	default:
		return 0;
	}
	inside = reading_inside(rd, st);
	set_place(rd, inside, w);
	if (reading_stdin(rd, c, &text) == SHELL_STDIN_TEXT)
		err = wrap_text(rd, inside, c, str_is(w->kind, "cron") ? cron_commands(rd, text) : text, ACTION_INNER);
	for (size_t i = 0; i < file.texts.n && err >= 0; i++)
		err = lines_run(rd, inside, c, w, file.texts.v[i], path_base(path));
	rd->away = was_away;
	reading_back(rd, st, inside);
	return err;
}

static int
entry_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, const struct wrapper *w, const struct split *s)
{
	unsigned flags = w->transparent ? 0 : ACTION_INNER;
	struct action *act;
	int err;

	if (w->transparent)
		command_show(rd, st, c, prog->base);
	else if ((err = command_act(rd, st, c, prog, ACTION_WRAPPER, &act)) < 0)
		return err;
	if (str_is(w->kind, "package") && (err = interpreter_options(rd, st, c, STR("node"))) < 0)
		return err;
	if ((err = option_files(rd, st, c, w, s)) < 0)
		return err;
	if (s->many)
		reading_unknown_at(rd, st, c, w->transparent ? UNKNOWN_DYNAMIC : UNKNOWN_OPAQUE, c->typed,
		    str_printf(rd->a, "where the command that " STR_FMT " runs begins is not known",
			STR_ARG(prog->base)));
	if ((err = inner_run(rd, st, c, w, s, flags)) < 0)
		return err;
	if (s->unsure && (err = guess_run(rd, st, c, s->at + 1)) < 0)
		return err;
	return 1;
}

/* tmux -L NAME -f FILE new-window …: without the options in front. */
static int
tmux_options(struct reading *rd, struct shell_state *st, struct shell_command *c)
{
	size_t i = 1, n = 1;
	struct word *v;
	int err = 0;

	for (; i < c->argv.n && err >= 0; i++) {
		struct str head = word_prefix(c->argv.v[i]);
		bool value = head.n > 1 && strchr("LSfTc", head.p[head.n - 1]) != NULL && c->argv.v[i].n == 1;

		if (head.n < 2 || head.p[0] != '-')
			break;
		if (value && head.p[head.n - 1] == 'c' && i + 1 < c->argv.n)
			err = wrap_text(rd, st, c, c->argv.v[i + 1], ACTION_INNER);
		i += value && head.n == 2;
	}
	v = NEW_ARRAY(rd->a, struct word, c->argv.n + 1);
	for (v[0] = c->argv.v[0]; i < c->argv.n; i++)
		v[n++] = c->argv.v[i];
	c->argv = (struct words){ v, n };
	return err;
}

/* tmux new-window \\; send-keys …: each behind a ; is a command of its own. */
static int
tmux_parts(struct reading *rd, struct shell_state *st, struct shell_command *c)
{
	struct words all = c->argv;
	int err = 0;

	for (size_t i = all.n; i-- > 1 && err >= 0;) {
		struct words part = words_from(all, i);
		struct word *v;

		if (!word_is(all.v[i], ";"))
			continue;
		v = NEW_ARRAY(rd->a, struct word, part.n);
		for (size_t k = 1; k < part.n; k++)
			v[k] = part.v[k];
		v[0] = all.v[0];
		err = reading_run_argv(rd, st, (struct words){ v, part.n }, c, ACTION_INNER, (struct str){ 0 });
		all.n = i;
	}
	c->argv = all;
	return err;
}

/* Is the first word, which is no option, another one than the entry's subcommand? */
static bool
another_subcommand(const struct wrapper *w, struct words argv)
{
	struct str own = w->subcommand, first = argv.n > 1 ? word_prefix(argv.v[1]) : STR("");

	return own.n > 0 && first.n > 0 && argv.v[1].n == 1 && first.p[0] != '-' &&
	    (!str_starts(own, first) || (own.n > first.n && own.p[first.n] != ' '));
}

int
wrap_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog)
{
	const struct wrapper *w;
	struct shell_command first;
	struct program tmux = *prog;
	struct split s;
	size_t n = 0;
	int err;

	w = models__wrapper(rd->models, prog->base, &n);
	if (str_is(prog->base, "tmux")) {
		first = *c;
		c = &first;
		prog = &tmux;
		if (c->argv.n > 1 && str_starts(word_prefix(c->argv.v[1]), STR("-")))
			tmux.flags |= ACTION_TAINTED; /* -f FILE, -S: they are not shown */
		if ((err = tmux_options(rd, st, &first)) < 0 || (err = tmux_parts(rd, st, &first)) < 0)
			return err;
	}
	for (size_t i = 0; i < n; i++) {
		bool text = str_starts(w[i].start, STR("option:")), found;

		if (another_subcommand(&w[i], c->argv) && str_find(w[i].adds, STR("stdin")) == STR_NPOS)
			continue;
		found = wrap_split(rd, &w[i], c->argv, &s);
		if (found && (text || s.at < c->argv.n || wrap_given(&s, "split-string") != NULL ||
				 wrap_given(&s, "entrypoint") != NULL))
			return entry_run(rd, st, c, prog, &w[i], &s);
		if ((err = option_files(rd, st, c, &w[i], &s)) < 0 || (err = stdin_run(rd, st, c, &w[i], &s)) < 0)
			return err;
	}
	return 0;
}
