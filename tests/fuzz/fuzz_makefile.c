/* SPDX-License-Identifier: ISC */
/*
 * fuzz_makefile.c: any bytes as a Makefile (the first byte even) or a justfile:
 * every recipe that is given is whole, and what is read has an end. What lies
 * around it is there, not there or not known by the letters of its name.
 */
#include "tools/make.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t seen;

static int
by_name(struct str name, struct str *value, struct str text)
{
	unsigned kind = name.n > 0 ? (unsigned char)name.p[name.n - 1] % 3 : 0;

	if (kind == 0 && value != NULL)
		*value = text;
	return kind == 0 ? 0 : kind == 1 ? BRIDLE_ENOENT : BRIDLE_EUNKNOWN;
}

static int
env(void *ctx, struct str name, struct str *value)
{
	(void)ctx;
	return by_name(name, value, STR("one $(two)"));
}

static int
file(void *ctx, struct str name, struct str *text)
{
	const struct str *all = ctx;

	return by_name(name, text, *all); /* a file that includes itself */
}

static int
list(void *ctx, struct arena *a, struct str pattern, strs_vec *out)
{
	(void)ctx;
	*vec_push(a, out) = STR("a.mk");
	return by_name(pattern, NULL, STR(""));
}

static void
save(void *ctx, struct str name, struct str text, bool append)
{
	(void)ctx;
	(void)append;
	seen += str_hash(name) + str_hash(text); /* all of it is there to be read */
}

static const void *
files_are(void *ctx)
{
	return ctx;
}

static int
run(void *ctx, const struct make_recipe *r, struct str *output)
{
	(void)ctx;
	seen += str_hash(r->text) + str_hash(r->target) + str_hash(r->shell) + str_hash(r->flags);
	if (str_trim(r->text).n == 0)
		abort();
	for (size_t i = 0; i < r->nexports; i++)
		seen += str_hash(r->exports[i].name) + str_hash(r->exports[i].value);
	if (output != NULL)
		*output = r->text.n % 2 == 0 ? MAKE_ANY : STR("all");
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a;
	struct str text;
	struct make_lost lost = { 0 };
	struct make_host host = { &text, env, file, list, save, files_are, run };
	struct make_call call = { .dir = STR("/work") };

	if (size == 0)
		return 0;
	a = arena_new(0);
	text = str_dup(a, (struct str){ (const char *)data + 1, size - 1 });
	*vec_push(a, &call.files) = STR("Makefile");
	*vec_push(a, &call.files) = text;
	*vec_push(a, &call.goals) = STR("all");
	if (data[0] % 4 > 1)
		*vec_push(a, &call.assigns) = STR("A=x $(B)");
	if (data[0] % 2 == 0)
		make_read(a, &call, &host, &lost);
	else
		just_read(a, &call, &host, &lost);
	arena_free(a);
	return 0;
}
