/* SPDX-License-Identifier: ISC */
/*
 * secrets.h: how secrets.c (what the models call secret), secret_shape.c
 * (tokens by their looks, values by their names) and secret_word.c (a value in
 * any quoting) work together: each marks ranges of the text.
 */
#ifndef TOOLS_SECRETS_H
#define TOOLS_SECRETS_H

#include "tools/tools.h"

struct secret_range {
	size_t from, to;
	struct str value; /* as it would be used, quotes taken off; for the hash */
};
struct secret_marks {
	struct arena *a;
	struct str text;
	VEC(struct secret_range) list;
	size_t work; /* bytes looked at by secret__find: LIMIT_REDACT */
};

void secret__mark(struct secret_marks *m, size_t from, size_t to);
void secret__mark_value(struct secret_marks *m, size_t from, size_t to, struct str value);

/* ---- secret_shape.c ---- */
/* Does the name of a variable, option, header or key say that it is secret? */
bool secret__name(struct str name);
void secret__shapes(struct secret_marks *m);

/* ---- secret_word.c ---- */
/* All places where the text, read as a shell reads it (any quoting), holds
 * `context` and then `value`; the range is that of the value alone. Without a
 * value: what follows up to the end of the word. */
void secret__find(struct secret_marks *m, struct str context, struct str value);
/* The end of the shell word that goes on at `at`. */
size_t secret__word_end(struct str text, size_t at);

#endif
