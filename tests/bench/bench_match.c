/* SPDX-License-Identifier: ISC */
/*
 * bench_match.c: what a pair of words costs. One line each: nanoseconds for
 * covers and for meets.
 */
#include "bridle/action.h"

#include <stdio.h>
#include <time.h>

static double
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void
measure(const char *what, struct words p, struct words w, unsigned times)
{
	double start = now_ns(), middle;
	unsigned yes = 0;

	for (unsigned i = 0; i < times; i++)
		yes += argv_covers(p, w, false);
	middle = now_ns();
	for (unsigned i = 0; i < times; i++)
		yes += argv_meets(p, w, false);
	printf("%-44s covers %9.0f ns, meets %9.0f ns (%u)\n", what, (middle - start) / times,
	    (now_ns() - middle) / times, yes / times);
}

static struct words
one(struct arena *a, struct word w)
{
	struct word *v = NEW(a, struct word);

	*v = w;
	return (struct words){ v, 1 };
}

static struct words
glob(struct arena *a, const char *pattern)
{
	struct words ws = { NULL, 0 };

	word_glob(a, str_of(pattern), &ws);
	return ws;
}

int
main(void)
{
	struct arena *a = arena_new(0);
	struct str x = STR("0123456789abcdef");
	struct word text = word_text(a, STR("feat/login-form"));

	if (a == NULL)
		return 1;
	measure("main, feat/login-form", glob(a, "main"), one(a, text), 1000000);
	measure("feat/login-form, the same", glob(a, "feat/login-form"), one(a, text), 1000000);
	measure("feat/*, feat/login-form", glob(a, "feat/*"), one(a, text), 200000);
	measure("feat/*, $X", glob(a, "feat/*"), one(a, word_any(a, STR("$X"))), 200000);
	measure("*login*[a-z], feat/$X", glob(a, "*login*[a-z]"),
	    one(a, word_cat(a, word_text(a, STR("feat/")), word_any(a, STR("$X")))), 200000);
	while (x.n < 1 << 20)
		x = str_cat(a, x, x);
	measure("*secret*, a million bytes", glob(a, "*secret*"), one(a, word_text(a, x)), 10);
	measure("*a*a*a*a*b, a million bytes", glob(a, "*a*a*a*a*b"), one(a, word_text(a, x)), 10);
	arena_free(a);
	return 0;
}
