/* SPDX-License-Identifier: ISC */
/*
 * check.c: how errors in a policy are said: where, what, what was expected and
 * which known word is nearest. The texts are tested (tests/policy/errors).
 */
#include "policy.h"

#include <stdarg.h>
#include <stdio.h>

static struct diag *
say(struct diags *d, enum diag_level level, struct place at, const char *fmt, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof text, fmt, ap);
	return diag_add(d, level, at.file, at.line, at.column, at.text, "%s", text);
}

struct diag *
policy__error(struct diags *d, struct place at, const char *fmt, ...)
{
	struct diag *added;
	va_list ap;

	va_start(ap, fmt);
	added = say(d, DIAG_ERROR, at, fmt, ap);
	va_end(ap);
	return added;
}

struct diag *
policy__warn(struct diags *d, struct place at, const char *fmt, ...)
{
	struct diag *added;
	va_list ap;

	va_start(ap, fmt);
	added = say(d, DIAG_WARNING, at, fmt, ap);
	va_end(ap);
	return added;
}

struct str
policy__hint(struct arena *a, struct str word, const struct str *known, size_t n)
{
	size_t near = str_nearest(word, known, n);
	struct buf b;

	buf_init(&b, a);
	if (near != STR_NPOS) {
		buf_printf(&b, "did you mean \"" STR_FMT "\"?", STR_ARG(known[near]));
		return buf_str(&b);
	}
	buf_puts(&b, "expected ");
	for (size_t i = 0; i < n; i++) {
		buf_puts(&b, i == 0 ? "" : i + 1 == n ? " or " : ", ");
		buf_add(&b, known[i]);
	}
	return buf_str(&b);
}
