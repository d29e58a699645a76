/* SPDX-License-Identifier: ISC */
/*
 * test_read.c: command lines -> actions, as rows of tests/tools/NAME.cases:
 *
 *     given K=V            (decide.h; till the next blank line behind a row)
 *     $ command line       (⏎ is a newline)
 *     action               (one line each, in order of execution)
 *
 * An action is its kind, its flags in brackets, and its text. With a command
 * as argument the program prints its actions in that form.
 */
#include "check.h"

#include "bridle/decide.h"
#include "bridle/tools.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

struct line_world {
	struct arena *a;
	struct table_world table;
	struct world world;
	struct request request;
};

static const struct {
	unsigned flag;
	const char *name;
} flag_names[] = {
	{ ACTION_BUILTIN, "builtin" }, { ACTION_INNER, "inner" }, { ACTION_LOOKED, "looked" },
	{ ACTION_TAINTED, "tainted" }, { ACTION_FOREIGN, "foreign" }, { ACTION_GUESS, "guess" },
	{ ACTION_REDIRECT, "redirect" }, { ACTION_OPERAND, "operand" }, { ACTION_DEVICE, "device" },
	{ ACTION_NETFILE, "net" }, { ACTION_WRAPPER, "wrapper" }, { ACTION_HARMLESS, "shown" },
	{ ACTION_RECURSIVE, "recursive" }, { ACTION_OUTSIDE, "outside" }, { ACTION_SELF, "self" },
};

static void
put_flags(struct buf *b, unsigned flags)
{
	bool first = true;

	for (size_t i = 0; i < sizeof flag_names / sizeof *flag_names; i++) {
		if ((flags & flag_names[i].flag) == 0)
			continue;
		buf_printf(b, "%s%s", first ? "(" : " ", flag_names[i].name);
		first = false;
	}
	if (!first)
		buf_putc(b, ')');
}

static void
put_text(struct buf *b, struct str text)
{
	for (size_t i = 0; i < text.n && i < 60; i++) {
		if (text.p[i] == '\n')
			buf_puts(b, "⏎");
		else
			buf_putc(b, text.p[i]);
	}
}

static void
put_content(struct buf *b, bool known, bool absent, struct str text)
{
	buf_puts(b, " = ");
	if (!known)
		buf_puts(b, "?");
	else if (absent)
		buf_puts(b, "gone");
	else {
		buf_putc(b, '"');
		put_text(b, text);
		buf_putc(b, '"');
	}
}

static void
put_action(struct arena *a, struct buf *b, const struct action *act)
{
	static const char *const kinds[] = { "command", "edit", "read", "tool", "unknown" };
	static const char *const unknowns[] = { "dynamic", "opaque", "limit" };

	buf_puts(b, kinds[act->kind]);
	put_flags(b, act->flags);
	switch (act->kind) {
	case ACTION_COMMAND:
		for (size_t i = 0; i < act->argv.n; i++) {
			buf_putc(b, ' ');
			put_text(b, word_quote(a, act->argv.v[i]));
		}
		break;
	case ACTION_EDIT:
	case ACTION_READ:
		buf_printf(b, " " STR_FMT, STR_ARG(word_show(a, act->file.v[0])));
		if (act->kind == ACTION_EDIT)
			put_content(b, act->after_known, act->after_absent, act->after);
		break;
	case ACTION_TOOL:
		buf_printf(b, " " STR_FMT, STR_ARG(act->tool));
		break;
	case ACTION_UNKNOWN:
		buf_printf(b, " %s: ", unknowns[act->unknown]);
		put_text(b, act->why);
		break;
	}
	if (act->relative.n > 0)
		buf_printf(b, " @" STR_FMT, STR_ARG(act->relative));
	if (act->chain.n > 0)
		buf_printf(b, " <" STR_FMT ">", STR_ARG(act->chain));
	buf_putc(b, '\n');
}

static struct str
actions_of(struct line_world *lw, struct str command)
{
	struct models *models = models_new(lw->a);
	struct actions acts;
	struct buf out;

	lw->request.kind = REQUEST_SHELL;
	lw->request.text = command;
	buf_init(&out, lw->a);
	assert_int_equal(tools_read(models, &lw->world, &lw->request, lw->a, &acts), 0);
	for (size_t i = 0; i < acts.list.n; i++)
		put_action(lw->a, &out, acts.list.v[i]);
	return buf_str(&out);
}

static struct str
newlines(struct arena *a, struct str text)
{
	struct buf out;
	size_t at;

	buf_init(&out, a);
	while ((at = str_find(text, STR("⏎"))) != STR_NPOS) {
		buf_add(&out, str_sub(text, 0, at));
		buf_putc(&out, '\n');
		text = str_sub(text, at + strlen("⏎"), text.n);
	}
	buf_add(&out, text);
	return str_dup(a, buf_str(&out));
}

/* ---- the rows ---- */

struct rows {
	struct arena *a;
	struct line_world lw;
	const char *file;
	unsigned line, command_line;
	struct str command;
	struct buf want;
	size_t run, failed;
	bool fresh; /* the next given starts a new world */
};

static void
new_world(struct rows *r)
{
	r->lw.a = r->a;
	decide_test_world(&r->lw.table, &r->lw.request, r->a, &r->lw.world);
}

static void
finish(struct rows *r)
{
	struct str got;

	if (r->command.n == 0)
		return;
	got = actions_of(&r->lw, newlines(r->a, r->command));
	r->run++;
	if (!str_eq(got, buf_str(&r->want))) {
		r->failed++;
		print_error("%s:%u: $ " STR_FMT "\nwant:\n" STR_FMT "got:\n" STR_FMT "\n", r->file, r->command_line,
		    STR_ARG(r->command), STR_ARG(buf_str(&r->want)), STR_ARG(got));
	}
	r->command = (struct str){ 0 };
	r->fresh = true;
	/* The arena of a request is that of its world: nothing is kept. */
}

static void
given(struct rows *r, struct str text)
{
	size_t eq = str_chr(text, '=');
	struct str what;

	if (r->fresh)
		new_world(r);
	r->fresh = false;
	assert_int_not_equal(eq, STR_NPOS);
	if (decide_given(NULL, &r->lw.table, &r->lw.world, &r->lw.request, str_sub(text, 0, eq),
	    str_sub(text, eq + 1, text.n), &what) != 0)
		fail_msg("%s:%u: %.*s", r->file, r->line, (int)what.n, what.p);
}

static void
row_line(struct rows *r, struct str line)
{
	if (line.n == 0 || line.p[0] == '#') {
		finish(r);
	} else if (str_starts(line, STR("given "))) {
		finish(r);
		given(r, str_sub(line, 6, line.n));
	} else if (str_is(line, "given")) {
		finish(r);
		new_world(r);
	} else if (str_starts(line, STR("$ "))) {
		finish(r);
		r->command = str_sub(line, 2, line.n);
		r->command_line = r->line;
		buf_init(&r->want, r->a);
	} else {
		buf_add(&r->want, line);
		buf_putc(&r->want, '\n');
	}
}

static void
run_file(struct rows *r, struct str text)
{
	r->line = 0;
	r->fresh = true;
	new_world(r);
	while (text.n > 0) {
		size_t end = str_chr(text, '\n');
		struct str line = str_sub(text, 0, end == STR_NPOS ? text.n : end);

		r->line++;
		row_line(r, line);
		text = str_sub(text, line.n + 1, text.n);
	}
	finish(r);
}

static struct str
file_text(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "r");
	struct buf b;
	char chunk[4096];
	size_t n;

	assert_non_null(f);
	buf_init(&b, a);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_add(&b, (struct str){ chunk, n });
	fclose(f);
	return buf_str(&b);
}

static void
test_rows(void **state)
{
	struct rows r = { .a = arena_new(0) };
	DIR *dir = opendir("tests/tools");
	struct dirent *e;
	size_t files = 0;

	(void)state;
	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL) {
		char path[512];

		if (!str_ends(str_of(e->d_name), STR(".cases")))
			continue;
		snprintf(path, sizeof path, "tests/tools/%s", e->d_name);
		r.file = path;
		files++;
		run_file(&r, file_text(r.a, path));
	}
	closedir(dir);
	printf("%zu rows of %zu files, %zu not as meant\n", r.run, files, r.failed);
	assert_true(r.run > 0);
	assert_int_equal(r.failed, 0);
	arena_free(r.a);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};
	struct rows r = { .a = arena_new(0) };

	for (int i = 1; i < argc; i++) {
		struct str text;

		new_world(&r);
		while (i + 2 < argc && strcmp(argv[i], "-g") == 0) {
			r.file = "-g";
			given(&r, str_of(argv[i + 1]));
			i += 2;
		}
		text = actions_of(&r.lw, str_of(argv[i]));
		fwrite(text.p, 1, text.n, stdout);
	}
	arena_free(r.a);
	return argc > 1 ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
