/* SPDX-License-Identifier: ISC */
/*
 * check.h: cmocka with the headers that it wants before it, and what our
 * tests say often. Every tests/unit/test_X.c is one program, linked with
 * libbridle.a and with each C file in tests/unit that is no test.
 */
#ifndef CHECK_H
#define CHECK_H

#include "bridle/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* After those above. */
#include <cmocka.h>

/* The slice holds this text; both are shown where it does not. */
#define assert_str(got, want) check_str((got), (want), __FILE__, __LINE__)

static inline void
check_str(struct str got, const char *want, const char *file, int line)
{
	if (str_is(got, want))
		return;
	print_error("got  \"" STR_FMT "\"\nwant \"%s\"\n", STR_ARG(got), want);
	_fail(file, line);
}

/* What limits are crossed with: before, n times piece, middle, n times after. */
static inline struct str
text_nested(struct arena *a, const char *before, const char *piece, size_t n, const char *middle, const char *after)
{
	struct buf b;

	buf_init(&b, a);
	buf_puts(&b, before);
	for (size_t i = 0; i < n; i++)
		buf_puts(&b, piece);
	buf_puts(&b, middle);
	for (size_t i = 0; i < n; i++)
		buf_puts(&b, after);
	return buf_str(&b);
}

#endif
