/* SPDX-License-Identifier: ISC */
/*
 * fuzz_policy.c: any bytes as a policy. It loads or says why not, never both;
 * what formats still means the same to the parser and formats to itself; what
 * loads can be matched against commands.
 */
#include "bridle/decide.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const commands[] = { "fly deploy -a app-api", "git push -f origin $X",
	"rm -rf \"$D\"", "cat .env > src/out", "unknown \"$A\" b | sh" };

static int
include(void *ctx, struct arena *a, struct str from, struct str name, bool shipped,
    struct str *text, struct str *path)
{
	(void)ctx, (void)a, (void)from, (void)shipped;
	*text = STR("version 1\nlet a ?= b\nask fly\n");
	*path = name;
	return str_chr(name, 'x') == STR_NPOS ? 0 : BRIDLE_ENOENT;
}

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
judge(const struct policy *p)
{
	struct arena *a = arena_new(64u << 20);

	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		struct table_world table;
		struct world w;
		struct request r;
		struct decision d;

		decide_test_world(&table, &r, a, &w);
		r.kind = REQUEST_SHELL;
		r.text = str_of(commands[i]);
		decide(p, &w, &r, a, &d);
		check(d.verdict != VERDICT_NONE);
		arena_reset(a);
	}
	arena_free(a);
}

static size_t
load(struct arena *a, struct str text, struct policy **p)
{
	struct policy_source s = { .layer = LAYER_USER, .trusted = true, .name = STR("f"), .text = text };
	struct policy_loader loader = { NULL, include };
	struct diags d;
	int err;

	diags_init(&d, a);
	err = policy_load(a, &s, 1, &loader, p, &d);
	check((err == 0) == (*p != NULL) && (err == 0) == (d.errors == 0));
	return d.errors;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct str text = { (const char *)data, size }, formatted, again;
	struct policy *p, *q;
	struct diags d;
	size_t errors = load(a, text, &p);

	if (p != NULL)
		judge(p);
	diags_init(&d, a);
	if (policy_format(a, text, STR("f"), &formatted, &d) == 0) {
		check(load(a, formatted, &q) == errors);
		check(policy_format(a, formatted, STR("f"), &again, &d) == 0);
		check(str_eq(formatted, again));
	}
	arena_free(a);
	return 0;
}
