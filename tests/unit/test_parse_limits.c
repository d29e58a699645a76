/* SPDX-License-Identifier: ISC */
/*
 * test_parse_limits.c: what the shell parser does with too much: every limit
 * is crossed and named, work and memory are linear in the text whatever the
 * text is, and an allocation that fails at any point fails cleanly. What the
 * trees look like is in test_parse.c.
 */
#include "bridle/limits.h"
#include "shell/parse.h"

#include "check.h"

#include <string.h>

static struct ast_error
error_of(struct str text, enum shell_kind shell)
{
	struct arena *a = arena_new(0);
	static char what[200];
	struct ast_error err;
	struct node *root;

	assert_int_equal(ast_parse(a, text, shell, NULL, &root, &err), 0);
	snprintf(what, sizeof what, STR_FMT, STR_ARG(err.what));
	err.what = str_of(what);
	arena_free(a);
	return err;
}

/* ---- depth ---- */

/* Things that nest: opened, closed. */
static const char *const nests[][3] = {
	{ "( ", "a", ")" }, { "{ ", "a", "; }" }, { "$(", "a", ")" }, { "\"$(", "a", ")\"" },
	{ "${x:-", "a", "}" }, { "if ", "a", "; then b; fi" }, { "while ", "a", "; do b; done" },
	{ "<(", "a", ")" }, { "! ", "a", "" }, { "case x in y) ", "a", ";; esac" },
	{ "{a,", "b", "}" }, { "@(", "a", ")" }, { "f() { ", "a", "; }" },
	{ "$((", "1", "))" }, { "a || b && ", "c", "" }, { "time ", "a", "" },
	{ "[[ (", "a", ") ]]" }, { "${x[", "1", "]}" }, { "$[", "1", "]" }, { "until ", "a", "; do b; done" },
	{ "for x in y; do ", "a", "; done" }, { "select x in y; do ", "a", "; done" },
	{ "coproc ", "a", "" }, { "function f { ", "a", "; }" },
};

static void
test_depth(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof nests / sizeof nests[0]; i++) {
		const char *middle = strcmp(nests[i][0], "[[ (") == 0 ? "[[ " : "";
		struct str few = text_nested(a, "", nests[i][0], 9, nests[i][1], nests[i][2]);
		struct str many = text_nested(a, "", nests[i][0], 5000, nests[i][1], nests[i][2]);
		struct ast_error err;

		if (middle[0] != '\0') {
			few = text_nested(a, "[[ ", "( ", 9, "a", " )");
			many = text_nested(a, "[[ ", "( ", 5000, "a", " )");
		} else {
			assert_str(error_of(few, SHELL_BASH).what, "");
		}
		err = error_of(many, SHELL_BASH);
		if (!err.limit)
			fail_msg("%s: " STR_FMT, nests[i][0], STR_ARG(err.what));
		assert_str(err.what, "nested deeper than 200 levels");
		error_of(many, SHELL_ZSH);
		error_of(many, SHELL_SH);
	}
	arena_free(a);
}

/* A chain of one operator is flat, and so is a long list. */
static void
test_flat(void **state)
{
	static const char *const flat[][2] = { { "a && ", "b" }, { "a || ", "b" }, { "a | ", "b" },
		{ "a || b && c; ", "d" }, { "(a); ", "b" }, { "$(a) ", "b" }, { "\"a\"", "b" },
		{ "a || b && c\n", "d" }, { "if a; then b; elif c; then d; fi\n", "e" } };
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof flat / sizeof flat[0]; i++)
		assert_str(error_of(text_nested(a, "", flat[i][0], 10000, flat[i][1], ""), SHELL_BASH).what, "");
	arena_free(a);
}

/* ---- work and memory ---- */

static const char *const nasty[][4] = {
	/* before, repeated, middle, repeated behind */
	{ "", "\"", "", "" }, { "", "'", "", "" }, { "", "`", "", "" }, { "", "\\`", "", "" },
	{ "`", "\\\\\\`", "", "" }, { "", "$(", "", "" }, { "", "$((", "", "" }, { "", "((", "", "" },
	{ "", "{", "", "" }, { "", "}", "", "" }, { "", "{a,", "", "" }, { "echo ", "{a,b}", "", "" },
	{ "echo ", "{a,", "b", "}" }, { "echo ", "{a", "", "}" }, { "echo ", "{,", "", "" },
	{ "", "${", "", "" }, { "", "${x:-", "", "" }, { "", "${x/a/", "", "" }, { "", "[", "", "" },
	{ "echo ", "[a", "", "" }, { "echo ", "[", "\"", "" }, { "echo ", "[[:alpha:]", "", "" },
	{ "", "a[", "", "" }, { "", "a[1]", "", "" }, { "", "a[1] ", "", "" }, { "", "a[$(b)] ", "", "" },
	{ "", "a[1]=2 ", "", "" }, { "", "((a);(b));", "", "" }, { "echo ", "$((a) ) ", "", "" },
	{ "echo ", "$((a);$((b) ) ", "", "" }, { "", "<", "", "" }, { "", "<<A ", "\n", "A\n" },
	{ "", "cat <<E\n", "", "" }, { "", "cat <<E\nE\n", "", "" }, { "cat <<E\n", "E \n", "", "" },
	{ "cat <<-E\n", "\t\tE \n", "", "" }, { "cat <<E\n", "a\\\n", "", "" },
	{ "cat <<E\n", "$(", "", "" }, { "cat <<E\n", "`", "", "" }, { "cat <<E\n", "\\", "", "" },
	{ "", "a\\\n", "", "" }, { "", "\\\n", "", "" }, { "", "\\", "", "" }, { "", "#", "", "" },
	{ "", "# a\n", "", "" }, { "", "\n", "", "" }, { "", " ", "", "" }, { "", ";", "", "" },
	{ "", "a;", "", "" }, { "", "a\n", "", "" }, { "", "a&", "", "" }, { "", "a&&", "", "" },
	{ "", "a||b&&", "", "" }, { "", "a|", "", "" }, { "", "a ", "", "" }, { "", "$a", "", "" },
	{ "", "$a ", "", "" }, { "", "*", "", "" }, { "", "a=(", "", "" }, { "a=(", "b ", "", "" },
	{ "a=(", "[1]=b ", "", "" }, { "a=(", "[1]b ", "", "" }, { "a=(", "[", "", "" },
	{ "a=", "~:", "", "" }, { "a=", "a:~", "", "" }, { "echo a=", ":~", "", "" },
	{ "", "~", "", "" }, { "", ">f ", "", "" }, { "", "2>&1 ", "", "" }, { "", "1", "", "" },
	{ "", "1 ", "", "" }, { "", "{a}", "", "" }, { "", "@(a|", "", "" }, { "echo ", "@(a)", "", "" },
	{ "echo @(", "a|", ")", "" }, { "[[ a", " && b", "", "" }, { "[[ ", "a ", "", "" },
	{ "[[ a =~ ", "(", "", "" }, { "", "if ", "", "" }, { "", "case x in ", "", "" },
	{ "case x in ", "a|", "", "" }, { "case x in ", "a) b;;", "", "" }, { "for x in ", "a ", "", "" },
	{ "for ", "a ", "", "" }, { "function ", "f ", "", "" }, { "", "f() ", "", "" },
	{ "", "f g ", "() { a; }", "" }, { "", "time ", "", "" }, { "", "! ", "", "" },
	{ "", "a() { b; };", "", "" }, { "echo $'", "\\n", "'", "" }, { "echo \"", "$x", "\"", "" },
	{ "echo \"", "\\\"", "\"", "" }, { "echo ", "\"a\"", "", "" }, { "echo ", "'a'", "", "" },
	{ "echo ", "\\a", "", "" }, { "echo ", "$x[", "", "" }, { "echo ", "${(f)x}", "", "" },
	{ "", "=", "", "" }, { "", "=a ", "", "" }, { "echo ", "<1", "", "" }, { "echo <", "1", "", "" },
	{ "echo ", "(a", "", "" }, { "echo ", "(a|b)", "", "" }, { "echo ", "a}", "", "" },
	{ "echo ", "$a:h", "", "" }, { "x=$(", "a\n", ")", "" }, { "export ", "a=(b) ", "", "" },
	{ "echo $(", "cat <<E\nE\n", ")", "" }, { "", "coproc a;", "", "" }, { "", "\r", "", "" },
	{ "", "\xff", "", "" }, { "", "\xe2\x80\x8b", "", "" }, { "", "a`b`", "", "" },
	{ "", "${a[$(b)]}", "", "" }, { "", "a$(b)", "", "" }, { "", "<(a) ", "", "" },
	{ "", "repeat 2 ", "", "" }, { "", "; ", "", "" }, { "", "noglob ", "", "" }, { "", ">", "", "" },
};

struct cost {
	size_t work, memory;
};

static struct cost
cost_of(struct str text, enum shell_kind shell)
{
	struct arena *a = arena_new(0);
	struct ast_error err;
	struct node *root;
	struct cost c;

	assert_int_equal(shell__parse(a, text, shell, NULL, &root, &err, &c.work), 0);
	c.memory = arena_used(a);
	arena_free(a);
	return c;
}

static void
test_linear(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof nasty / sizeof nasty[0]; i++)
		for (int k = 0; k < 3; k++) {
			struct cost at[2];
			size_t size[2];

			for (size_t j = 0; j < 2; j++) {
				struct str text = text_nested(a, nasty[i][0], nasty[i][1], 4000 << j, nasty[i][2],
				    nasty[i][3]);

				size[j] = text.n;
				at[j] = cost_of(text, (enum shell_kind)k);
				assert_true(at[j].work <= PARSE_WORK_BASE + PARSE_WORK_EACH * text.n);
				if (at[j].memory > PARSE_MEMORY_BASE + PARSE_MEMORY_EACH * text.n)
					fail_msg("%s (%s) ×%d: %zu bytes for %zu", nasty[i][1], nasty[i][0],
					    4000 << j, at[j].memory, text.n);
			}
			/* Twice the text is twice the work, and not two and a half times. */
			if (at[1].work > at[0].work / 2 * 5 + 2000 ||
			    at[1].memory > at[0].memory / 2 * 5 + 100000)
				fail_msg("%s %s %s (%s): %zu bytes cost %zu, %zu; %zu bytes %zu, %zu", nasty[i][0],
				    nasty[i][1], nasty[i][2], k == 0 ? "bash" : k == 1 ? "zsh" : "sh", size[0],
				    at[0].work, at[0].memory, size[1], at[1].work, at[1].memory);
			arena_reset(a);
		}
	arena_free(a);
}

/* Reading again and again what lies in here-documents in substitutions in
 * here-documents … is cut off. */
static void
test_work_limit(void **state)
{
	struct arena *a = arena_new(0);
	struct ast_error err;
	struct buf b;

	(void)state;
	buf_init(&b, a);
	for (int i = 0; i < 90; i++)
		buf_printf(&b, "cat <<E%d\n$(", i);
	for (int i = 0; i < 100000; i++)
		buf_puts(&b, "some text\n");
	for (int i = 89; i >= 0; i--)
		buf_printf(&b, ")\nE%d\n", i);
	err = error_of(buf_str(&b), SHELL_BASH);
	assert_true(err.limit);
	assert_str(err.what, "takes too long to read");
	arena_free(a);
}

/* More strings and more readings that turn out wrong than any table has room
 * for a place by chance; and wherever the text lies, it is read alike. */
static void
test_places(void **state)
{
	static const char *const parts[][3] = { { "echo ${x:-", "\"a\" '}' $'}' $(b \"}\") ", "}" },
		{ "((echo; ", "((a); b); c[1]; ", "); d)" }, { "", "echo `((a); \\`echo ${x:-\"}\"}\\`)`; ", "" } };
	struct arena *own = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		struct str text = text_nested(own, parts[i][0], parts[i][1], 400, parts[i][2], "");
		char *room = arena_alloc(own, text.n + 4096);
		size_t first = 0;

		for (size_t at = 0; at < 4096; at += 67) {
			struct arena *a = arena_new(0);
			struct ast_error err;
			struct node *root;
			size_t work;

			arena_alloc(a, 4096 - at);
			memcpy(room + at, text.p, text.n);
			shell__parse(a, (struct str){ room + at, text.n }, SHELL_BASH, NULL, &root, &err, &work);
			assert_str(err.what, "");
			assert_true(at == 0 || work == first);
			first = work;
			arena_free(a);
		}
	}
	arena_free(own);
}

static bool
find_alias(void *ctx, struct str name, bool global, struct str *value)
{
	(void)global;
	if (!str_starts(name, STR("x")))
		return false;
	*value = *(struct str *)ctx;
	return true;
}

/* x1 stands for x2 twice, … and a long alias is used often. */
static void
test_alias_limit(void **state)
{
	struct arena *a = arena_new(0);
	struct str value = text_nested(a, "echo ", "a", 1000, "", "");
	struct ast_aliases aliases = { &value, find_alias };
	struct ast_error err;
	struct node *root;

	(void)state;
	ast_parse(a, text_nested(a, "", "x;", 200, "", ""), SHELL_BASH, &aliases, &root, &err);
	assert_str(err.what, "");
	ast_parse(a, text_nested(a, "", "x;", 300, "", ""), SHELL_BASH, &aliases, &root, &err);
	assert_true(err.limit);
	assert_str(err.what, "aliases stand for more than 262144 bytes");
	value = STR("xa;xb;xc;xd;xe;xf;xg;xh;xi;xj");
	ast_parse(a, STR("x"), SHELL_BASH, &aliases, &root, &err);
	assert_true(err.limit);
	arena_free(a);
}

/* ---- memory that runs out ---- */

static const char everything[] =
    "a=1 b+=(x [2]=y) git push \"$x ${y:-z}\" 'q' `w \\`v\\`` $((1+2)) {a,b{1..3}} *.c ~ <(p) > f 2>&1\n"
    "if a && b || c; then d | e & fi; for x in 1 2; do y; done; case $x in a|b*) c;; esac\n"
    "f() { [[ a =~ (b|c) && ! -f d ]]; ((i++)); }; declare -a v=(1 2)\n"
    "cat <<E <<-'F'\n$a `b`\nE\n\tc\n\tF\n((a);(b)); $'a\\tb' @(a|b); coproc N { a; }\n";

static void
test_allocations(void **state)
{
	static size_t n, failed;

	(void)state;
	for (n = 1;; n++) {
		struct arena *volatile a = arena_new(0);
		struct ast_error err;
		struct node *root;
		jmp_buf jb;

		assert_non_null(a);
		if (ARENA_GUARD(a, jb) != 0) {
			failed++;
			arena_free(a);
			continue;
		}
		arena_fail_at(a, n);
		ast_parse(a, str_of(everything), SHELL_BASH, NULL, &root, &err);
		assert_str(err.what, "");
		arena_free(a);
		break;
	}
	assert_true(failed > 5);
}

static void
test_values(void **state)
{
	struct arena *a = arena_new(0);
	struct ast_error err;
	struct node *root;
	size_t offset = 3;

	(void)state;
	assert_int_equal(ast_parse(a, (struct str){ NULL, 0 }, SHELL_BASH, NULL, &root, &err), 0);
	assert_null(root);
	assert_int_equal(ast_parse_line(a, STR("ab"), &offset, SHELL_BASH, NULL, &root, &err),
	    BRIDLE_EINVAL);
	assert_true(error_of((struct str){ "a\nb\0c", 5 }, SHELL_BASH).at == 3);
	assert_str(error_of((struct str){ "a\nb\0c", 5 }, SHELL_BASH).what, "a NUL byte");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_flat),
		cmocka_unit_test(test_linear),
		cmocka_unit_test(test_work_limit),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_alias_limit),
		cmocka_unit_test(test_allocations),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
