/* SPDX-License-Identifier: ISC */
/*
 * fuzz_parse.c: shell text to a tree. The first byte chooses the shell and
 * whether aliases are known; the rest is text. Errors lie in the text, work
 * and memory are bounded, reading line by line finds the same lines, and what
 * is printed can be read again.
 */
#include "shell/parse.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
find_alias(void *ctx, struct str name, bool global, struct str *value)
{
	static const char *const table[][2] = { { "l", "ls -l " }, { "s", "sudo " }, { "e", "" },
		{ "f", "for x in a; do" }, { "q", "'" }, { "n", "a\nb" }, { "h", "cat <<E" }, { "c", "# " },
		{ "p", "(" }, { "r", "r; r" } };

	(void)ctx;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (str_is(name, table[i][0]) && global == (i % 2 == 1)) {
			*value = str_of(table[i][1]);
			return true;
		}
	return false;
}

static void
check(bool holds)
{
	if (!holds)
		abort();
}

/* Line by line, up to the error that the whole text has. */
static void
by_line(struct arena *a, struct str text, enum shell_kind shell, const struct ast_error *whole)
{
	struct ast_error err;
	struct node *line;
	size_t at = 0, before;

	do {
		before = at;
		check(ast_parse_line(a, text, &at, shell, NULL, &line, &err) == 0);
		check(at <= text.n && at >= before && (line == NULL || at > before));
	} while (line != NULL);
	check(whole->limit || err.limit || err.at == whole->at);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ast_aliases aliases = { NULL, find_alias };
	struct arena *a = arena_new(0);
	struct str text = { (const char *)data, size };
	enum shell_kind shell = size > 0 ? (enum shell_kind)(data[0] % 3) : SHELL_BASH;
	bool known = size > 0 && (data[0] & 0x80) != 0;
	size_t work;
	struct ast_error err, again;
	struct node *root;
	struct buf b, dump;

	text = str_sub(text, 1, STR_NPOS);
	check(shell__parse(a, text, shell, known ? &aliases : NULL, &root, &err, &work) == 0);
	check(err.at <= text.n);
	if (!known) {
		check(work <= PARSE_WORK_BASE + PARSE_WORK_EACH * text.n + text.n);
		check(arena_used(a) <= PARSE_MEMORY_BASE + PARSE_MEMORY_EACH * text.n);
		by_line(a, text, shell, &err);
	}
	buf_init(&b, a);
	buf_init(&dump, a);
	ast_dump(root, &dump);
	ast_print(root, &b);
	ast_parse(a, buf_str(&b), shell, NULL, &root, &again);
	arena_free(a);
	return 0;
}
