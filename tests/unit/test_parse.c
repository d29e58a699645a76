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

/* ---- aliases ---- */

static const struct {
	const char *name, *value;
	bool global;
} alias_table[] = {
	{ "ll", "ls -l", false }, { "ls", "ls --color", false }, { "gp", "git push", false },
	{ "sudo", "sudo ", false }, { "e", "", false }, { "loop", "for x in a b; do", false },
	{ "i", "if true; then", false }, { "two", "a; b", false }, { "q", "echo 'open", false },
	{ "h", "cat <<E\nbody\nE\n", false }, { "cut", "cat <<E", false }, { "t", "s ", false },
	{ "s", "t", false }, { "par", "(", false }, { "sub", "echo $(", false }, { "c", "a # ", false },
	{ "G", "| grep", true }, { "nl", "a\nb", false }, { "asg", "A=1", false },
	{ "co", "coproc x", false },
};

static bool
find_alias(void *ctx, struct str name, bool global, struct str *value)
{
	(void)ctx;
	for (size_t i = 0; i < sizeof alias_table / sizeof alias_table[0]; i++)
		if (str_is(name, alias_table[i].name) && alias_table[i].global == global) {
			*value = str_of(alias_table[i].value);
			return true;
		}
	return false;
}

static const struct ast_aliases aliases = { NULL, find_alias };

static void
test_aliases(void **state)
{
	static const struct {
		enum shell_kind shell;
		const char *text, *want;
	} rows[] = {
		{ SHELL_BASH, "ll x", "(cmd ls --color -l x)" },
		{ SHELL_BASH, "gp -f", "(cmd git push -f)" },
		{ SHELL_BASH, "\\gp; 'gp'; g\"p\"; echo gp", "(list (cmd 'g'p) (cmd 'gp') (cmd g\"p\") (cmd echo gp))" },
		{ SHELL_BASH, "sudo gp", "(cmd sudo git push)" },
		{ SHELL_BASH, "sudo -u x gp", "(cmd sudo -u x gp)" },
		{ SHELL_BASH, "sudo sudo gp", "(cmd sudo sudo git push)" },
		{ SHELL_BASH, "A=1 gp; >f gp", "(list (cmd (= A 1) git push) (cmd git push (> f)))" },
		{ SHELL_BASH, "asg gp", "(cmd (= A 1) git push)" },
		{ SHELL_BASH, "a && gp | gp; (gp); { gp; }; ! gp",
		    "(list (and (cmd a) (pipe (cmd git push) (cmd git push))) (sub (cmd git push)) "
		    "(group (cmd git push)) (not (cmd git push)))" },
		{ SHELL_BASH, "e gp", "(cmd git push)" },
		{ SHELL_BASH, "co y; gp", "(list (coproc (cmd x y)) (cmd git push))" },
		{ SHELL_BASH, "e", "" },
		{ SHELL_BASH, "loop gp; done", "(for x in a b do (cmd git push))" },
		{ SHELL_BASH, "i gp; fi", "(if (cmd true) (cmd git push))" },
		{ SHELL_BASH, "two c", "(list (cmd a) (cmd b c))" },
		{ SHELL_BASH, "q x'", "!! 0 single quote not ended" },
		{ SHELL_BASH, "sub x)", "!! 0 substitution not ended" },
		{ SHELL_BASH, "h x", "!! 0 a here-document that starts and goes on in an alias" },
		{ SHELL_BASH, "cut; x\nbody\nE\ny", "(list (cmd cat (<< E \"body\\n\")) (cmd x) (cmd y))" },
		{ SHELL_BASH, "t x; s y", "(list (cmd t x) (cmd s y))" },
		{ SHELL_BASH, "par a )", "(sub (cmd a))" },
		{ SHELL_BASH, "c b\nd", "(list (cmd a) (cmd d))" },
		{ SHELL_BASH, "nl c", "(list (cmd a) (cmd b c))" },
		{ SHELL_BASH, "echo $(gp) `gp` <(gp) ${x:-$(gp)}",
		    "(cmd echo $((cmd git push)) $((cmd git push)) <((cmd git push)) ${x :- $((cmd git push))})" },
		{ SHELL_BASH, "for gp in gp; do gp; done; case gp in gp) gp;; esac",
		    "(list (for gp in gp do (cmd git push)) (case gp (gp) (cmd git push) ;;))" },
		{ SHELL_BASH, "gp() { a; }", "!! 2 unexpected `(`" },
		{ SHELL_BASH, "g\\\np", "(cmd gp)" },
		{ SHELL_BASH, "x G y", "(cmd x G y)" },
		{ SHELL_ZSH, "x G y", "(pipe (cmd x) (cmd grep y))" },
		{ SHELL_ZSH, "x 'G' \"G\"", "(cmd x 'G' \"G\")" },
		{ SHELL_ZSH, "gp", "(cmd git push)" },
	};
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new(0);
		struct ast_error err;
		struct node *root;
		struct buf b;

		ast_parse(a, str_of(rows[i].text), rows[i].shell, &aliases, &root, &err);
		buf_init(&b, a);
		ast_dump(root, &b);
		if (err.what.n > 0)
			buf_printf(&b, "%s!! %zu " STR_FMT, b.n > 0 ? " " : "", err.at, STR_ARG(err.what));
		if (!str_is(buf_str(&b), rows[i].want)) {
			wrong++;
			print_error("%s\n got  " STR_FMT "\n want %s\n", rows[i].text, STR_ARG(buf_str(&b)),
			    rows[i].want);
		}
		arena_free(a);
	}
	assert_int_equal(wrong, 0);
}

/* ---- one line at a time ---- */

static void
test_lines(void **state)
{
	static const struct {
		const char *tree;
		size_t offset;
	} want[] = {
		{ "(list (cmd a) (cmd b))", 5 },
		{ "(cmd cat (<< E \"x\\n\"))", 18 },
		{ "(if (cmd c) (cmd d))", 38 },
		{ "", 47 },
	};
	struct str text = STR("a; b\ncat <<E\nx\nE\n\n # note\nif c\nthen d\nfi\n\n   # e");
	struct arena *a = arena_new(0);
	size_t offset = 0, n = 0;

	(void)state;
	for (;; n++) {
		struct ast_error err;
		struct node *line;
		struct buf b;

		assert_int_equal(ast_parse_line(a, text, &offset, SHELL_BASH, NULL, &line, &err), 0);
		assert_str(err.what, "");
		buf_init(&b, a);
		ast_dump(line, &b);
		assert_true(n < 4);
		assert_str(buf_str(&b), want[n].tree);
		if (line == NULL)
			break;
	}
	assert_int_equal(offset, text.n);
	assert_int_equal(n, 3);
	arena_free(a);
}

static void
test_line_error(void **state)
{
	struct str text = STR("a\nb; )\nc");
	struct arena *a = arena_new(0);
	struct ast_error err;
	struct node *line;
	size_t offset = 0;

	(void)state;
	ast_parse_line(a, text, &offset, SHELL_BASH, NULL, &line, &err);
	assert_non_null(line);
	assert_int_equal(offset, 2);
	ast_parse_line(a, text, &offset, SHELL_BASH, NULL, &line, &err);
	assert_null(line);
	assert_str(err.what, "unexpected `)`");
	assert_int_equal(err.at, 5);
	arena_free(a);
}

/* zsh: a line of empty commands is no line, and the next one is read. */
static void
test_line_empty(void **state)
{
	struct str text = STR("; # x\n;\na\n");
	struct arena *a = arena_new(0);
	struct ast_error err;
	struct node *line;
	size_t offset = 0;

	(void)state;
	ast_parse_line(a, text, &offset, SHELL_ZSH, NULL, &line, &err);
	assert_non_null(line);
	assert_int_equal(offset, text.n);
	arena_free(a);
}

/* ---- ranges ---- */

struct within {
	size_t n;        /* of the text */
	unsigned wrong;
};

static void range_node(struct within *in, const struct node *n, struct range outer);

static void
range_inside(struct within *in, struct range r, struct range outer)
{
	if (r.from > r.to || r.from < outer.from || r.to > outer.to)
		in->wrong++;
}

/* All of an unescaped `…` stands at one range. */
static bool
came_up(struct range at, uint32_t last)
{
	return at.to == last;
}

static void
range_parts(struct within *in, const struct part *part, struct range outer)
{
	for (; part != NULL; part = part->next) {
		range_inside(in, part->at, outer);
		if (part->kind == PART_DQUOTE || part->kind == PART_ARITH || part->kind == PART_EXTGLOB)
			range_parts(in, part->parts, part->at);
		if (part->kind == PART_COMMAND || part->kind == PART_PROCESS)
			range_node(in, part->subst->body, part->at);
		for (size_t i = 0; part->kind == PART_BRACE && i < part->brace->nwords; i++)
			range_parts(in, part->brace->words[i]->first, part->at);
		if (part->kind == PART_PARAM && part->param->arg != NULL)
			range_parts(in, part->param->arg->first, part->at);
	}
}

static void
range_word(struct within *in, const struct astword *w, struct range outer)
{
	if (w == NULL)
		return;
	range_inside(in, w->at, outer);
	range_parts(in, w->first, w->at);
}

static void
range_node(struct within *in, const struct node *n, struct range outer)
{
	uint32_t last = outer.from;

	if (n == NULL)
		return;
	range_inside(in, n->at, outer);
	for (size_t i = 0; i < n->nwords; i++) {
		range_word(in, n->words[i], n->at);
		in->wrong += n->words[i]->at.from < last && !came_up(n->words[i]->at, last);
		last = n->words[i]->at.to;
	}
	last = outer.from;
	for (size_t i = 0; i < n->nkids; i++)
		if (n->kids[i] != NULL) {
			range_node(in, n->kids[i], n->at);
			in->wrong += n->kids[i]->at.from < last && !came_up(n->kids[i]->at, last);
			last = n->kids[i]->at.to;
		}
	for (const struct redir *r = n->redirs; r != NULL; r = r->next) {
		range_inside(in, r->at, n->at);
		range_word(in, r->word, r->at);
		/* A here-document stands behind the line. */
		range_word(in, r->body, (struct range){ r->at.to, (uint32_t)in->n });
	}
	if (n->kind == NODE_SIMPLE)
		for (const struct asg *as = n->assigns; as != NULL; as = as->next) {
			range_inside(in, as->at, n->at);
			range_word(in, as->value, as->at);
		}
}

static void
test_ranges(void **state)
{
	struct table t = { .a = arena_new(0) };

	(void)state;
	table_read(&t);
	for (size_t i = 0; i < t.rows.n; i++)
		for (int k = 0; k < 3; k++) {
			struct within in = { t.rows.v[i].input.n, 0 };
			struct ast_error err;
			struct node *root;

			ast_parse(t.a, t.rows.v[i].input, (enum shell_kind)k, NULL, &root, &err);
			range_node(&in, root, (struct range){ 0, (uint32_t)in.n });
			if (in.wrong > 0)
				fail_msg("parse.cases:%u (%s): %u ranges are wrong", t.rows.v[i].line,
				    shell_names[k], in.wrong);
		}
	arena_free(t.a);
}

static struct str
source(const char *text, struct range at)
{
	return str_sub(str_of(text), at.from, at.to - at.from);
}

static void
test_exact_ranges(void **state)
{
	const char *text = " a \\\n  'b' >f | { c \"$(d)\"; } # x";
	struct arena *a = arena_new(0);
	struct ast_error err;
	struct node *root;

	(void)state;
	ast_parse(a, str_of(text), SHELL_BASH, NULL, &root, &err);
	assert_str(source(text, root->at), "a \\\n  'b' >f | { c \"$(d)\"; }");
	assert_str(source(text, root->kids[0]->at), "a \\\n  'b' >f");
	assert_str(source(text, root->kids[0]->words[1]->at), "'b'");
	assert_str(source(text, root->kids[0]->redirs->at), ">f");
	assert_str(source(text, root->kids[1]->at), "{ c \"$(d)\"; }");
	root = root->kids[1]->kids[0];
	assert_str(source(text, root->at), "c \"$(d)\"");
	assert_str(source(text, root->words[1]->first->parts->at), "$(d)");
	assert_str(source(text, root->words[1]->first->parts->subst->body->at), "d");
	/* What an alias stands for stands where its name is. */
	text = "x; ll y";
	ast_parse(a, str_of(text), SHELL_BASH, &aliases, &root, &err);
	assert_str(source(text, root->kids[1]->at), "ll y");
	assert_str(source(text, root->kids[1]->words[1]->at), "ll");
	/* So does the text of backquotes that had to be changed. */
	text = "x `a \\`b\\``";
	ast_parse(a, str_of(text), SHELL_BASH, NULL, &root, &err);
	root = root->words[1]->first->subst->body;
	assert_str(source(text, root->words[0]->at), "a \\`b\\`");
	arena_free(a);
}

/* ---- words by the rules of double quotes ---- */

static void
test_dquoted(void **state)
{
	struct arena *a = arena_new(0);
	struct ast_error err;
	struct astword *w;

	(void)state;
	assert_int_equal(ast_parse_dquoted(a, STR("a 'b' $x \"c\" $(d)"), SHELL_BASH, &w, &err), 0);
	assert_str(err.what, "");
	assert_str(w->first->text, "a 'b' ");
	assert_str(w->first->next->param->name, "x");
	assert_str(w->first->next->next->text, " \"c\" ");
	assert_str(w->first->next->next->next->subst->body->words[0]->first->text, "d");
	ast_parse_dquoted(a, STR(""), SHELL_BASH, &w, &err);
	assert_null(w->first);
	ast_parse_dquoted(a, STR("$(a"), SHELL_BASH, &w, &err);
	assert_str(err.what, "substitution not ended");
	arena_free(a);
}

/* With extglob on, !(x) as a command is a pattern; off, it runs x. Who turns
 * it on in the text is not followed. */
static void
test_extglob(void **state)
{
	struct arena *a = arena_new(0);
	bool bad;

	(void)state;
	assert_str(tree_of(a, STR("!(x)"), SHELL_BASH, &bad), "(not (sub (cmd x)))");
	assert_str(tree_of(a, STR("shopt -s extglob\n!(x)"), SHELL_BASH, &bad),
	    "(cmd shopt -s extglob) !! 17 `!(` may be a pattern or run a command here");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_shells),
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_line_error),
		cmocka_unit_test(test_line_empty),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_exact_ranges),
		cmocka_unit_test(test_dquoted),
		cmocka_unit_test(test_extglob),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
