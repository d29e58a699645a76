/* SPDX-License-Identifier: ISC */
/*
 * redirect.c: the redirections of one simple command as file actions. What is
 * read comes before the command, what is written after it, because then it
 * is known what the command printed. Devices and network names are told apart
 * here; everything else about a file is file.c.
 */
#include "tools/host.h"

static bool
is_device(struct str path)
{
	static const char *const names[] = { "/dev/null", "/dev/tty", "/dev/stdin", "/dev/stdout",
		"/dev/stderr", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/console" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_is(path, names[i]))
			return true;
	return str_starts(path, STR("/dev/fd/")) || str_starts(path, STR("/proc/self/fd/")) ||
	    str_starts(path, STR("/dev/pts/"));
}

static bool
is_net(struct word w)
{
	struct str head = word_prefix(w);

	return str_starts(head, STR("/dev/tcp/")) || str_starts(head, STR("/dev/udp/"));
}

/* Devices and network files need no path: true if one was dealt with. */
static bool
special(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct shell_redir *r, enum action_kind kind)
{
	struct str path;
	unsigned flags = 0;
	struct action *act;
	struct word *file;

	if (word_known(rd->a, r->target, &path) && is_device(path))
		flags = ACTION_DEVICE;
	else if (is_net(r->target) || r->kind == SHELL_RDWR)
		flags = ACTION_NETFILE;
	else
		return false;
	act = reading_add(rd, kind, st, c);
	if (act == NULL)
		return true;
	act->flags |= flags | ACTION_REDIRECT;
	act->typed = r->typed;
	file = NEW(rd->a, struct word);
	*file = r->target;
	act->file = (struct words){ file, 1 };
	act->text = word_show(rd->a, r->target);
	return true;
}

/* <( ) and >( ) are pipes, not files. */
static bool
is_process(struct word w)
{
	return w.typed.n > 1 && (w.typed.p[0] == '<' || w.typed.p[0] == '>' || w.typed.p[0] == '=') &&
	    w.typed.p[1] == '(';
}

void
redirect_reads(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	for (size_t i = 0; i < c->nredirs; i++) {
		const struct shell_redir *r = &c->redirs[i];

		if (r->kind != SHELL_READ || is_process(r->target))
			continue;
		if (!special(rd, st, c, r, ACTION_READ))
			file_look(rd, st, c, r->target, ACTION_OPERAND);
	}
}

static bool
own_redirection(const struct shell_command *c, const struct shell_redir *r)
{
	return c->typed.n > 0 && r->typed.p >= c->typed.p && r->typed.p < c->typed.p + c->typed.n;
}

/* Only the last redirection of standard output gets what is printed (in zsh: each); a
 * compound's redirection is shared by its commands, so that its content is not
 * known beyond the first of them. */
static struct file_after
printed(struct reading *rd, struct shell_state *st, const struct shell_command *c, size_t at)
{
	const struct shell_redir *r = &c->redirs[at];
	struct file_after after = { .kind = AFTER_UNKNOWN, .by = WROTE_WHOLE };
	struct str place = str_printf(rd->a, "%p", (const void *)r->typed.p);

	/* The same place of the text again: a loop. Outside the command's own
	 * text: a compound's, into which all its commands print. */
	if (map_get(rd->written, place) != NULL || (c->argv.n > 0 && !own_redirection(c, r)))
		return after;
	map_put(rd->written, place, rd);
	if (c->argv.n > 0 && word_is(c->argv.v[0], "exec"))
		after.by = WROTE_PART; /* empty for now: what is written there later may be anything */
	for (size_t i = at + 1; i < c->nredirs; i++)
		if (shell_kind_of(st) != SHELL_ZSH && c->redirs[i].fd == r->fd && c->redirs[i].kind != SHELL_TEXT)
			return r->kind == SHELL_APPEND
			    ? (struct file_after){ .kind = AFTER_APPEND, .text = word_text(rd->a, STR("")) }
			    : (struct file_after){ .kind = AFTER_TEXT, .text = word_text(rd->a, STR("")) };
	if (c->argv.n == 0)
		after.text = word_text(rd->a, STR(""));
	else if (r->fd != 1 || output_text(rd, st, c, &after.text) != 0)
		return after;
	after.kind = r->kind == SHELL_APPEND ? AFTER_APPEND : AFTER_TEXT;
	return after;
}

/* <> f: what is written through it later is not followed. */
static void
opened_both(struct reading *rd, struct shell_state *st, const struct shell_redir *r)
{
	struct str path;

	if (r->kind == SHELL_RDWR && !is_net(r->target) && !rd->away &&
	    word_known(rd->a, reading_path(rd, st, r->target, 0), &path) && !is_device(path))
		overlay_unknown(rd, path, WROTE_WHOLE);
}

void
redirect_writes(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	for (size_t i = 0; i < c->nredirs; i++) {
		const struct shell_redir *r = &c->redirs[i];

		if ((r->kind != SHELL_WRITE && r->kind != SHELL_APPEND && r->kind != SHELL_RDWR) ||
		    is_process(r->target))
			continue;
		if (special(rd, st, c, r, ACTION_EDIT)) {
			opened_both(rd, st, r);
			continue;
		}
		rd->wrote_away |= rd->away;
		file_edit(rd, st, c, r->target, ACTION_REDIRECT, printed(rd, st, c, i));
	}
}
