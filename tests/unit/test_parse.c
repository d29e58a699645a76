/* SPDX-License-Identifier: ISC */
/*
 * test_parse.c: the shell parser. The rows of tests/shell/parse.cases give
 * trees and errors per shell, are printed and read back, and are given to the
 * real shells, which must take or refuse them alike. Then what a table cannot
 * say: aliases, lines, ranges, limits, and that work and memory are linear.
 */
#include "bridle/limits.h"
#include "shell/parse.h"

#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const shell_names[] = { [SHELL_BASH] = "bash", [SHELL_ZSH] = "zsh",
	[SHELL_SH] = "sh" };

/* ---- the table ---- */

struct row {
	struct str input, want[3]; /* want[zsh], want[sh] empty: as bash */
	struct str excuse[3];      /* why a shell disagrees; empty: it does not */
	bool printed;              /* read back after printing */
	unsigned line;
};

struct table {
	struct arena *a;
	VEC(struct row) rows;
};

static struct str
read_file(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "r");
	struct buf b;
	char chunk[4096];
	size_t n;

	buf_init(&b, a);
	if (f == NULL)
		fail_msg("cannot open %s", path);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_add(&b, (struct str){ chunk, n });
	fclose(f);
	return buf_str(&b);
}

static struct str
next_line(struct str *text)
{
	size_t nl = str_chr(*text, '\n');
	struct str line = str_sub(*text, 0, nl);

	*text = nl == STR_NPOS ? STR("") : str_sub(*text, nl + 1, STR_NPOS);
	return line;
}

/* Puts c for each mark. */
static struct str
replace_mark(struct arena *a, struct str s, const char *mark, char c)
{
	struct buf b;

	buf_init(&b, a);
	while (s.n > 0) {
		bool is = str_starts(s, str_of(mark));

		buf_putc(&b, is ? c : *s.p);
		s = str_sub(s, is ? strlen(mark) : 1, STR_NPOS);
	}
	return buf_str(&b);
}

static struct str
marks(struct arena *a, struct str s)
{
	s = replace_mark(a, s, "␍", '\r');
	s = replace_mark(a, s, "⇥", '\t');
	return replace_mark(a, s, "␀", '\0');
}

/* A line behind an input: a result or an excuse. */
static void
table_result(struct row *row, struct str line)
{
	static const char *const real[] = { "bash", "zsh", "dash" };

	for (int i = 0; i < 3; i++) {
		char mark[16];

		snprintf(mark, sizeof mark, "=> %s: ", shell_names[i]);
		if (str_starts(line, str_of(mark))) {
			row->want[i] = str_sub(line, strlen(mark), STR_NPOS);
			return;
		}
		snprintf(mark, sizeof mark, "!! %s ", real[i]);
		if (str_starts(line, str_of(mark))) {
			row->excuse[i] = str_sub(line, strlen(mark), STR_NPOS);
			return;
		}
	}
	if (str_starts(line, STR("~~ ")))
		row->printed = false;
	else if (str_starts(line, STR("=>")))
		row->want[SHELL_BASH] = str_sub(line, 3, STR_NPOS);
	else
		fail_msg("parse.cases:%u: what is this line?", row->line);
}

static void
table_read(struct table *t)
{
	struct str text = read_file(t->a, "tests/shell/parse.cases");
	struct row *row = NULL;
	bool results = true;
	struct buf input;
	unsigned n = 0;

	while (text.n > 0) {
		struct str line = next_line(&text);

		n++;
		if (results && (line.n == 0 || str_starts(line, STR("##"))))
			continue;
		if (str_starts(line, STR("=>")) || (results && line.p[0] != ' ' && row != NULL &&
		    (str_starts(line, STR("!! ")) || str_starts(line, STR("~~ "))))) {
			if (!results)
				row->input = marks(t->a, buf_str(&input));
			results = true;
			table_result(row, line);
			continue;
		}
		if (results) {
			row = vec_push(t->a, &t->rows);
			*row = (struct row){ .line = n, .printed = true };
			buf_init(&input, t->a);
		} else {
			buf_putc(&input, '\n');
		}
		buf_add(&input, line);
		results = false;
	}
}

/* The dump of text and the error, as the table has them. */
static struct str
tree_of(struct arena *a, struct str text, enum shell_kind shell, bool *bad)
{
	struct ast_error err;
	struct node *root;
	struct buf b;

	assert_int_equal(ast_parse(a, text, shell, NULL, &root, &err), 0);
	buf_init(&b, a);
	ast_dump(root, &b);
	*bad = err.what.n > 0;
	if (*bad)
		buf_printf(&b, "%s!! %zu%s " STR_FMT, b.n > 0 ? " " : "", err.at,
		    err.limit ? " limit" : "", STR_ARG(err.what));
	return buf_str(&b);
}

static struct str
wanted(const struct row *row, enum shell_kind shell)
{
	return row->want[shell].p == NULL ? row->want[SHELL_BASH] : row->want[shell];
}

static void
test_trees(void **state)
{
	struct table t = { .a = arena_new(0) };
	unsigned wrong = 0;

	(void)state;
	table_read(&t);
	assert_true(t.rows.n > 400);
	for (size_t i = 0; i < t.rows.n; i++)
		for (int k = 0; k < 3; k++) {
			const struct row *row = &t.rows.v[i];
			bool bad;
			struct str got = tree_of(t.a, row->input, (enum shell_kind)k, &bad);

			if (str_eq(got, wanted(row, (enum shell_kind)k)))
				continue;
			wrong++;
			print_error("parse.cases:%u (%s)\n got  " STR_FMT "\n want " STR_FMT "\n", row->line,
			    shell_names[k], STR_ARG(got), STR_ARG(wanted(row, (enum shell_kind)k)));
		}
	assert_int_equal(wrong, 0);
	arena_free(t.a);
}

/* What is printed reads as the same tree. */
static void
test_round_trip(void **state)
{
	struct table t = { .a = arena_new(0) };
	unsigned wrong = 0;

	(void)state;
	table_read(&t);
	for (size_t i = 0; i < t.rows.n; i++)
		for (int k = 0; k < 3; k++) {
			const struct row *row = &t.rows.v[i];
			struct str first, again;
			struct ast_error err;
			struct node *root;
			struct buf b;
			bool bad;

			first = tree_of(t.a, row->input, (enum shell_kind)k, &bad);
			if (bad || !row->printed || str_find(first, STR(" cut ")) != STR_NPOS)
				continue;
			ast_parse(t.a, row->input, (enum shell_kind)k, NULL, &root, &err);
			buf_init(&b, t.a);
			ast_print(root, &b);
			again = tree_of(t.a, buf_str(&b), (enum shell_kind)k, &bad);
			if (str_eq(first, again))
				continue;
			wrong++;
			print_error("parse.cases:%u (%s)\n" STR_FMT "\n first " STR_FMT "\n again " STR_FMT "\n",
			    row->line, shell_names[k], STR_ARG(buf_str(&b)), STR_ARG(first),
			    STR_ARG(again));
		}
	assert_int_equal(wrong, 0);
	arena_free(t.a);
}

/* Every prefix of every row: no crash, and err.at within the text. */
static void
test_prefixes(void **state)
{
	struct table t = { .a = arena_new(0) };
	struct arena *a = arena_new(0);

	(void)state;
	table_read(&t);
	for (size_t i = 0; i < t.rows.n; i++)
		for (size_t n = 0; n < t.rows.v[i].input.n; n++)
			for (int k = 0; k < 3; k++) {
				struct ast_error err;
				struct node *root;

				ast_parse(a, str_sub(t.rows.v[i].input, 0, n), (enum shell_kind)k, NULL,
				    &root, &err);
				assert_true(err.at <= n);
				arena_reset(a);
			}
	arena_free(a);
	arena_free(t.a);
}

/* ---- the real shells ---- */

struct real {
	const char *path; /* NULL: not installed, or a version with another grammar */
	const char *argv[6];
	const char *version, *needs; /* what prints a version, and how it must start */
};

/* Runs argv; returns the exit status, and what it wrote in out. */
static int
run(const char *path, const char *const *argv, char *out, size_t room)
{
	char where[] = "PATH=/nonexistent", locale[] = "LC_ALL=C.UTF-8";
	char *const env[] = { where, locale, NULL };
	char *args[8];
	int ends[2], status, n = 0;
	size_t used = 0;
	pid_t pid;

	for (; argv[n] != NULL; n++) {
		args[n] = strdup(argv[n]);
		assert_non_null(args[n]);
	}
	args[n] = NULL;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(open("/dev/null", O_RDWR), 0);
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		execve(path, args, env);
		_exit(127);
	}
	close(ends[1]);
	for (;;) {
		ssize_t got = read(ends[0], out + used, room - 1 - used);

		if (got <= 0)
			break;
		used += (size_t)got;
		if (used == room - 1)
			used = room / 2; /* the rest is not looked at */
	}
	out[used] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	for (int i = 0; i < n; i++)
		free(args[i]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool
find_shell(struct real *shell, const char *name, char path[64])
{
	static const char *const dirs[] = { "/bin", "/usr/bin", "/usr/local/bin" };
	const char *argv[] = { name, "-c", shell->version, NULL };
	char out[256];

	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
		snprintf(path, 64, "%s/%s", dirs[i], name);
		if (access(path, X_OK) != 0)
			continue;
		if (shell->version == NULL || (run(path, argv, out, sizeof out) == 0 &&
		    strncmp(out, shell->needs, strlen(shell->needs)) == 0)) {
			shell->path = path;
			return true;
		}
	}
	return false;
}

/* Whether the shell takes the text. zsh gives the status of `!` away. */
static bool
takes(const struct real *shell, struct str text)
{
	static const char *const words[] = { "rror", "unexpected", "unmatched", "bad ", "not found",
		"expected", "requires" };
	const char *argv[8];
	char out[4096];
	int n = 0, status;

	for (; shell->argv[n] != NULL; n++)
		argv[n] = shell->argv[n];
	argv[n++] = text.p;
	argv[n] = NULL;
	status = run(shell->path, argv, out, sizeof out);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strstr(out, words[i]) != NULL)
			return false;
	return status == 0 || (status == 1 && out[0] == '\0' && strcmp(shell->argv[0], "zsh") == 0);
}

/* Compares one row; returns 1 if we and the shell differ without an excuse. */
static unsigned
compare_row(const struct row *row, const struct real *shell, enum shell_kind kind, bool bad)
{
	bool real = takes(shell, row->input), excused = row->excuse[kind].n > 0;

	if ((real == bad) == excused)
		return 0;
	print_error("parse.cases:%u: %s %s it%s\n", row->line, shell->argv[0],
	    real ? "accepts" : "rejects", excused ? ", as we do: the excuse is wrong" : "");
	return 1;
}

/*
 * Compares all rows. Starting a shell takes long, so rows that it should
 * accept are given to it by the dozen; where it refuses, one by one.
 */
static unsigned
compare(struct table *t, const struct real *shell, enum shell_kind kind)
{
	unsigned wrong = 0;
	size_t batch[32], n = 0;
	struct buf all;

	buf_init(&all, t->a);
	for (size_t i = 0; i <= t->rows.n; i++) {
		const struct row *row = &t->rows.v[i];
		struct str tree = STR("");
		bool bad = false;

		if (n == 32 || (i == t->rows.n && n > 0)) {
			if (!takes(shell, buf_str(&all)))
				for (size_t k = 0; k < n; k++)
					wrong += compare_row(&t->rows.v[batch[k]], shell, kind, false);
			buf_init(&all, t->a);
			n = 0;
		}
		if (i == t->rows.n || memchr(row->input.p, '\0', row->input.n) != NULL)
			continue;
		tree = tree_of(t->a, row->input, kind, &bad);
		if (bad || row->excuse[kind].n > 0 || str_find(tree, STR(" cut ")) != STR_NPOS ||
		    str_ends(row->input, STR("\\"))) {
			wrong += compare_row(row, shell, kind, bad);
			continue;
		}
		batch[n++] = i;
		buf_add(&all, row->input);
		buf_putc(&all, '\n');
	}
	return wrong;
}

static void
test_shells(void **state)
{
	struct real shells[] = {
		{ .argv = { "bash", "-O", "extglob", "-n", "-c" },
		    .version = "echo $BASH_VERSION", .needs = "5.2" },
		{ .argv = { "zsh", "-f", "-n", "-c" }, .version = "echo $ZSH_VERSION", .needs = "5.9" },
		{ .argv = { "dash", "-n", "-c" } },
	};
	char paths[3][64];
	struct table t = { .a = arena_new(0) };
	unsigned wrong = 0, asked = 0;

	(void)state;
	table_read(&t);
	for (int k = 0; k < 3; k++)
		if (find_shell(&shells[k], shells[k].argv[0], paths[k])) {
			wrong += compare(&t, &shells[k], (enum shell_kind)k);
			asked++;
		}
	if (asked == 0)
		skip();
	assert_int_equal(wrong, 0);
	arena_free(t.a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_shells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
