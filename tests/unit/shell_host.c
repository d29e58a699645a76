/* SPDX-License-Identifier: ISC */
/*
 * shell_host.c: see shell_host.h. The host runs no text of programs: what
 * `bash -c` means is not the shell's business.
 */
#include "shell_host.h"

#include <string.h>

/* ---- writing ---- */

static void
put_text(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			buf_puts(b, "\\n");
		else
			buf_putc(b, s.p[i]);
	}
}

static void
put_word(struct buf *b, struct word w)
{
	struct arena *a = b->a;
	struct str text;

	if (word_known(a, w, &text)) {
		put_text(b, shell_quote(a, text));
		return;
	}
	for (size_t i = 0; i < w.n; i++) {
		const struct piece *p = &w.v[i];

		if (p->kind == PIECE_TEXT) {
			put_text(b, shell_quote(a, p->text));
			continue;
		}
		buf_putc(b, '<');
		put_text(b, p->text);
		buf_puts(b, p->kind == PIECE_WORDS ? "..>" : p->set != NULL ? "#>" : ">");
	}
}

static const char *
redir_sign(const struct shell_redir *r)
{
	static const char *const signs[] = { "<", ">", ">>", "<>", "&", "<<" };

	return signs[r->kind];
}

static void
put_redirs(struct buf *b, const struct shell_command *c)
{
	for (size_t i = 0; i < c->nredirs; i++) {
		const struct shell_redir *r = &c->redirs[i];

		if (r->kind == SHELL_DUP) {
			buf_printf(b, " " STR_FMT, STR_ARG(r->typed));
			continue;
		}
		buf_putc(b, ' ');
		if (r->fd == -2)
			buf_puts(b, "{v}");
		else if (r->fd != (r->kind == SHELL_WRITE || r->kind == SHELL_APPEND))
			buf_printf(b, "%d", r->fd);
		buf_puts(b, redir_sign(r));
		put_word(b, r->target);
	}
}

static void
put_flags(struct buf *b, const struct shell_command *c)
{
	static const struct {
		unsigned flag;
		const char *name;
	} names[] = {
		{ SHELL_MAYBE, "maybe" },
		{ SHELL_SCOPED, "scoped" },
		{ SHELL_BUILTIN, "builtin" },
		{ SHELL_HARMLESS, "harmless" },
		{ SHELL_FUNCTION, "function" },
		{ SHELL_TAINTED, "tainted" },
		{ SHELL_BACKGROUND, "background" },
		{ SHELL_IN_SUBST, "subst" },
		{ SHELL_LOOKED, "looked" },
	};
	const char *sep = ";";

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if ((c->flags & names[i].flag) != 0) {
			buf_printf(b, "%s %s", sep, names[i].name);
			sep = "";
		}
	if (c->decisive)
		buf_printf(b, "%s decisive", sep);
	if (c->stdout_piped)
		buf_puts(b, "; piped");
}

static void
put_stdin(struct buf *b, const struct shell_command *c)
{
	static const char *const kinds[] = { "", "text", "pipe", "file" };

	if (c->stdin_kind == SHELL_STDIN_INHERIT)
		return;
	buf_printf(b, "; stdin %s ", kinds[c->stdin_kind]);
	if (c->stdin_kind != SHELL_STDIN_PIPE) {
		put_word(b, c->stdin_text);
	} else
		b->n--;
}

static void
put_command(struct buf *b, struct shell *sh, struct shell_state *st, const struct shell_command *c)
{
	struct words cwd = shell_cwd(st);
	const struct assign *line;
	size_t n;

	buf_putc(b, '-');
	for (size_t i = 0; i < c->nassigns; i++) {
		buf_printf(b, " " STR_FMT "=", STR_ARG(c->assigns[i].name));
		put_word(b, c->assigns[i].value);
	}
	for (size_t i = 0; i < c->argv.n; i++) {
		buf_putc(b, ' ');
		put_word(b, c->argv.v[i]);
	}
	put_redirs(b, c);
	put_flags(b, c);
	if (cwd.n != 1 || !word_is(cwd.v[0], "/w")) {
		buf_puts(b, "; in ");
		for (size_t i = 0; i < cwd.n; i++) {
			if (i > 0)
				buf_puts(b, " or ");
			put_word(b, cwd.v[i]);
		}
	}
	put_stdin(b, c);
	for (size_t i = 0; i < c->nafter; i++)
		buf_printf(b, "%s%u", i == 0 ? "; after " : ",", c->after[i]);
	n = c->nassigns > 0 ? 0 : shell_line_assigns(sh, st, &line);
	for (size_t i = 0; i < n; i++) {
		buf_printf(b, "%s" STR_FMT "=", i == 0 ? "; env " : " ", STR_ARG(line[i].name));
		put_word(b, line[i].value);
	}
	buf_putc(b, '\n');
}

/* ---- the host ---- */

static int
on_command(void *ctx, struct shell *sh, struct shell_state *st, const struct shell_command *c)
{
	struct shell_lines *l = ctx;

	if (l->see != NULL)
		l->see(l->ctx, sh, st, c);
	else
		put_command(&l->out, sh, st, c);
	return 0;
}

static int
on_output(void *ctx, struct shell *sh, struct shell_state *st, const struct shell_command *c,
    struct word *out)
{
	struct shell_lines *l = ctx;
	const struct str *text = map_get(l->prints, c->typed);

	(void)sh;
	(void)st;
	if (text == NULL)
		return BRIDLE_EUNKNOWN;
	*out = word_text(l->a, *text);
	return 0;
}

static int
on_script(void *ctx, struct shell *sh, struct shell_state *st, struct word file, struct str *text,
    struct str *shown)
{
	struct shell_lines *l = ctx;
	struct str path, dir;

	(void)sh;
	if (!word_known(l->a, file, &path) || !word_known(l->a, shell_cwd(st).v[0], &dir))
		return BRIDLE_EUNKNOWN;
	*shown = path;
	return l->w.read(l->w.ctx, l->a, path_join(l->a, dir, path), 1u << 20, text);
}

static int
on_file(void *ctx, struct shell *sh, struct str path, struct str *text)
{
	struct shell_lines *l = ctx;

	(void)sh;
	return l->w.read(l->w.ctx, l->a, path, 1u << 20, text);
}

static int
on_unknown(void *ctx, struct shell *sh, struct shell_state *st, enum shell_unknown kind,
    unsigned flags, struct str typed, struct str why)
{
	static const char *const kinds[] = { "dynamic", "opaque", "unread", "limit" };
	struct shell_lines *l = ctx;

	(void)sh;
	(void)st;
	(void)flags;
	if (l->doubt != NULL)
		l->doubt(l->ctx, kind, typed, why);
	else if (kind == SHELL_LIMIT)
		buf_printf(&l->out, "? limit: " STR_FMT "\n", STR_ARG(why));
	else {
		buf_printf(&l->out, "? %s: ", kinds[kind]);
		put_text(&l->out, typed);
		buf_putc(&l->out, '\n');
	}
	return 0;
}

/* ---- the world ---- */

void
shell_lines_init(struct shell_lines *l, struct arena *a)
{
	memset(l, 0, sizeof *l);
	l->a = a;
	table_world_init(&l->table, a, &l->w);
	table_world_env(&l->table, STR("HOME"), STR("/home/u"));
	table_world_env(&l->table, STR("PATH"), STR("/usr/bin:/bin"));
	l->host = (struct shell_host){ .ctx = l,
		.command = on_command,
		.output = on_output,
		.script = on_script,
		.file = on_file,
		.unknown = on_unknown };
	l->setup = (struct shell_setup){
		.kind = SHELL_BASH, .cwd = STR("/w"), .home = STR("/home/u")
	};
	l->prints = map_new(a);
}

static struct str
unescaped(struct arena *a, struct str s)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == 'n') {
			buf_putc(&b, '\n');
			i++;
		} else
			buf_putc(&b, s.p[i]);
	}
	return str_dup(a, buf_str(&b));
}

/* After the word, if s starts with it. */
static bool
take(struct str *s, const char *word)
{
	if (!str_starts(*s, str_of(word)))
		return false;
	*s = str_trim(str_sub(*s, strlen(word), s->n));
	return true;
}

bool
shell_lines_fact(struct shell_lines *l, struct str fact)
{
	struct str key, value = { 0 };
	size_t eq;

	fact = unescaped(l->a, fact);
	if (take(&fact, "shell ")) {
		l->setup.kind = str_is(fact, "zsh") ? SHELL_ZSH
		    : str_is(fact, "sh")            ? SHELL_SH
		                                    : SHELL_BASH;
		return true;
	}
	if (take(&fact, "cwd ")) {
		l->setup.cwd = fact;
		return true;
	}
	if (take(&fact, "snapshot ")) {
		l->snapshot = fact;
		return true;
	}
	if (str_is(fact, "looked")) {
		l->flags |= SHELL_LOOKED;
		return true;
	}
	if (str_is(fact, "aliases")) {
		l->setup.aliases = true;
		return true;
	}
	eq = str_rchr(str_sub(fact, 0, str_chr(fact, '\n')), '=');
	if (str_starts(fact, STR("env ")) || str_starts(fact, STR("file ")))
		eq = str_chr(fact, '=');
	key = str_sub(fact, 0, eq);
	if (eq != STR_NPOS)
		value = str_sub(fact, eq + 1, fact.n);
	if (take(&key, "file "))
		table_world_file(&l->table, key, value);
	else if (take(&key, "env "))
		table_world_env(&l->table, key, value);
	else if (take(&key, "prints ")) {
		struct str *kept = NEW(l->a, struct str);

		*kept = value;
		map_put(l->prints, key, kept);
	} else
		return false;
	return true;
}

struct str
shell_lines_run(struct shell_lines *l, struct str text)
{
	struct shell *sh = shell_new(l->a, &l->w, &l->host);
	struct shell_state *st = shell_state_new(sh, &l->setup);

	buf_init(&l->out, l->a);
	if (l->snapshot.n > 0)
		shell_load_snapshot(sh, st, l->snapshot);
	shell_run(sh, st, text, l->flags);
	return buf_str(&l->out);
}
