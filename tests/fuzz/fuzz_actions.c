/* SPDX-License-Identifier: ISC */
/*
 * fuzz_actions.c: any bytes as a command line, read into actions and judged by
 * the policy that ships with bridle, in a small project: all of the core at
 * once. There is always a verdict, with its reason; it is the same when asked
 * again, and it can be explained, printed as JSON and redacted. The first byte
 * chooses the shell.
 */
#include "bridle/decide.h"
#include "bridle/limits.h"
#include "bridle/local.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const givens[][2] = { { "branch", "main" }, { "upstream", "origin/main" },
	{ "app", "app-api" },
	{ "file:Makefile", "deploy: build\\n\\tfly deploy $(ARGS)\\nbuild:\\n\\tgo build\\n" },
	{ "file:package.json", "{\"scripts\":{\"deploy\":\"fly deploy\",\"test\":\"sh x.sh\"}}" },
	{ "file:x.sh", "#!/bin/sh\\ncd d || exit\\n\"$@\"\\n" },
	{ "file:d/a.py", "import os\\nos.system('x')\\n" }, { "file:.env", "KEY=value\\n" },
	{ "gitconfig:alias.p", "push -f" } };

static int
include(void *ctx, struct arena *a, struct str from, struct str name, bool shipped,
    struct str *text, struct str *path)
{
	(void)ctx, (void)a, (void)from, (void)shipped;
	*path = name;
	return local_shipped(name, text);
}

static void
check(bool good)
{
	if (!good)
		abort();
}

static const struct policy *
shipped_policy(void)
{
	static struct policy *p;
	struct policy_source s = { .layer = LAYER_USER, .trusted = true, .name = STR("fly") };
	struct policy_loader loader = { NULL, include };
	struct arena *a;
	struct diags d;

	if (p != NULL)
		return p;
	a = arena_new(0);
	diags_init(&d, a);
	check(local_shipped(STR("fly"), &s.text) == 0);
	check(policy_load(a, &s, 1, &loader, &p, &d) == 0);
	return p;
}

static enum verdict
judge(const struct policy *p, enum shell_kind shell, struct str text, struct arena *a)
{
	struct table_world table;
	struct world w;
	struct request r;
	struct decision d;
	struct str what;
	struct buf b;

	decide_test_world(&table, &r, a, &w);
	for (size_t i = 0; i < sizeof givens / sizeof givens[0]; i++)
		check(decide_given(p, &table, &w, &r, str_of(givens[i][0]), str_of(givens[i][1]),
		          &what) == 0);
	r.kind = REQUEST_SHELL;
	r.shell = shell;
	r.text = text;
	decide(p, &w, &r, a, &d);
	arena_spare(a, LIMIT_SHOW_ARENA); /* what follows has no guard */
	check(d.verdict != VERDICT_NONE && d.reason.n <= LIMIT_REASON);
	check(d.verdict == VERDICT_PASS || d.reason.n > 0);
	buf_init(&b, a);
	decision_json(&d, STR("1"), &b);
	check(str_chr(buf_str(&b), '\n') == STR_NPOS);
	decision_explain(&d, &r, &b, false, 80);
	secrets_redact(a, d.secrets, text, NULL, NULL);
	return d.verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct policy *p = shipped_policy();
	struct arena *a;
	jmp_buf jb;

	if (size == 0)
		return 0;
	a = arena_new(LIMIT_REQUEST_ARENA);
	if (ARENA_GUARD(a, jb) == 0) {
		enum shell_kind shell = (enum shell_kind)(data[0] % 3);
		struct str text = { (const char *)data + 1, size - 1 };
		enum verdict first = judge(p, shell, text, a);

		arena_reset(a);
		check(judge(p, shell, text, a) == first);
	}
	arena_unguard(a);
	arena_free(a);
	return 0;
}
