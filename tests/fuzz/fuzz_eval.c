/* SPDX-License-Identifier: ISC */
/*
 * fuzz_eval.c: any bytes as shell text, walked in a small world by a host
 * that runs inner text, knows some outputs and changes directory and world.
 * What it is told must hold together: ids grow, words are well formed, there
 * is a directory. The first byte chooses the shell and what is switched on.
 */
#include "bridle/decide.h"
#include "bridle/limits.h"
#include "bridle/shell.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct seen {
	struct arena *a;
	unsigned id;
	size_t joined;
};

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_word(struct word w)
{
	for (size_t i = 0; i < w.n; i++) {
		const struct piece *p = &w.v[i];

		check(p->kind != PIECE_TEXT || p->text.n > 0);
		check(p->kind != PIECE_CHARS || p->min <= p->max);
		check(i == 0 || p->kind != PIECE_TEXT || w.v[i - 1].kind != PIECE_TEXT);
	}
}

static void
check_words(struct words ws)
{
	for (size_t i = 0; i < ws.n; i++)
		check_word(ws.v[i]);
}

/* The inner command of `sh -c TEXT` and `xargs X`. */
static int
inner(struct seen *s, struct shell *sh, struct shell_state *st, const struct shell_command *c)
{
	struct str text;

	if (c->argv.n > 2 && word_is(c->argv.v[0], "sh") && word_is(c->argv.v[1], "-c") &&
	    word_known(s->a, c->argv.v[2], &text))
		return shell_run(sh, shell_state_copy(sh, st, true), text, c->flags & SHELL_MAYBE);
	if (c->argv.n > 1 && word_is(c->argv.v[0], "xargs"))
		return shell_run_argv(
		    sh, st, (struct words){ c->argv.v + 1, c->argv.n - 1 }, c, 0, false);
	return 0;
}

static int
on_command(void *ctx, struct shell *sh, struct shell_state *st, const struct shell_command *c)
{
	struct seen *s = ctx;
	const struct assign *line;
	struct words values;
	size_t n;

	check(c->id == s->id + 1 && c->id <= LIMIT_COMMANDS + 1);
	s->id = c->id;
	check_words(c->argv);
	check_word(c->stdin_text);
	check(shell_cwd(st).n > 0 && shell_cwd(st).n <= LIMIT_ALTERNATIVES);
	check_words(shell_cwd(st));
	for (size_t i = 0; i < c->nafter; i++)
		check(c->after[i] < c->id);
	for (size_t i = 0; i < c->nredirs; i++)
		check_word(c->redirs[i].target);
	n = shell_line_assigns(sh, st, &line);
	for (size_t i = 0; i < n; i++)
		check_word(line[i].value);
	if (shell_env(sh, st, STR("X"), &values) == 0)
		check(values.n > 0 && values.n <= LIMIT_ALTERNATIVES);
	if (c->argv.n > 0 && word_is(c->argv.v[0], "go"))
		shell_set_world(st, NEW(s->a, char));
	return inner(s, sh, st, c);
}

static int
on_output(void *ctx, struct shell *sh, struct shell_state *st, const struct shell_command *c,
    struct word *out)
{
	struct seen *s = ctx;

	(void)sh, (void)st;
	if (c->argv.n == 0 || !word_is(c->argv.v[0], "say"))
		return BRIDLE_EUNKNOWN;
	*out = c->argv.n > 1 ? c->argv.v[1] : word_text(s->a, STR("said"));
	return 0;
}

static int
on_script(void *ctx, struct shell *sh, struct shell_state *st, struct word file, struct str *text,
    struct str *shown)
{
	(void)ctx, (void)sh, (void)st;
	*shown = STR("f");
	*text = STR("x=1; . ./f; cd d; go");
	return word_is(file, "./f") ? 0 : BRIDLE_EUNKNOWN;
}

static int
on_file(void *ctx, struct shell *sh, struct str path, struct str *text)
{
	(void)ctx, (void)sh;
	*text = STR("content\n");
	return str_is(path, "/w/f") ? 0 : BRIDLE_EUNKNOWN;
}

static int
on_unknown(void *ctx, struct shell *sh, struct shell_state *st, enum shell_unknown kind,
    unsigned flags, struct str typed, struct str why)
{
	(void)ctx, (void)sh, (void)st, (void)flags;
	check(kind <= SHELL_LIMIT && why.n > 0 && typed.n <= LIMIT_EVENT);
	return 0;
}

static const void *
on_join(void *ctx, struct shell *sh, const void *x, const void *y)
{
	struct seen *s = ctx;

	(void)sh;
	s->joined++;
	return x != NULL ? x : y;
}

static void
walk(struct arena *a, unsigned char how, struct str text)
{
	struct seen s = { .a = a };
	struct shell_host host = { &s, on_command, on_output, on_script, on_file, on_unknown,
		on_join, NULL };
	struct shell_setup setup = { .kind = (enum shell_kind)(how % 3),
		.cwd = STR("/w"),
		.home = STR("/h"),
		.aliases = (how & 8) != 0 };
	struct table_world table;
	struct shell_state *st;
	struct shell *sh;
	struct world w;

	table_world_init(&table, a, &w);
	table_world_env(&table, STR("X"), STR("one two"));
	table_world_file(&table, STR("/w/a.ts"), STR("a"));
	table_world_file(&table, STR("/w/d/b.ts"), STR("b"));
	sh = shell_new(a, &w, &host);
	st = shell_state_new(sh, &setup);
	if ((how & 16) != 0)
		shell_load_snapshot(sh, st, text);
	if (shell_run(sh, st, text, (how & 32) != 0 ? SHELL_LOOKED : 0) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a;
	jmp_buf jb;

	if (size == 0)
		return 0;
	a = arena_new(LIMIT_REQUEST_ARENA);
	if (ARENA_GUARD(a, jb) == 0) {
		struct str text = { (const char *)data + 1, size - 1 };

		if (memchr(text.p, '\0', text.n) == NULL)
			walk(a, data[0], str_dup(a, text));
	}
	arena_unguard(a);
	arena_free(a);
	return 0;
}
