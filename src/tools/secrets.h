/* SPDX-License-Identifier: ISC */
/*
 * secrets.h: how secrets.c (what the models call secret, and taking it out),
 * secret_argv.c (what programs without a model take for one), secret_shape.c
 * (tokens by their looks, values by the names before them: secret_name.c) and
 * secret_word.c (a value in any quoting) work together: the first two collect
 * values, the others mark ranges of a text.
 */
#ifndef TOOLS_SECRETS_H
#define TOOLS_SECRETS_H

#include "tools/tools.h"

/* A part of a secret that is shorter than this may stay, and a value that is
 * shorter is looked for only behind its name. */
#define SECRET_LONG 6
/* In a longer text no secrets are looked for that should be known elsewhere. */
#define SECRET_TEXT (64u << 10)

struct secret_range {
	size_t from, to;
	struct str value; /* as it would be used, quotes taken off; for the hash */
};
struct secret_marks {
	struct arena *a;
	struct str text;
	VEC(struct secret_range) list;
	char quote;  /* open behind the `quoted` bytes that were looked at for them; NUL: none */
	size_t work; /* bytes looked at by secret__find: LIMIT_REDACT */
	size_t quoted;
};

/* A set of letters of either case, as bits; any other byte passes for one of them. */
#define IS(c) (UINT32_C(1) << ((c) & 31))

/* What is looked for in every text about a request. */
struct secret_wanted {
	struct str context, value; /* as secret__find takes them */
	bool always;
};
/* Texts that hold none: a command or a reason is in several places of a record. */
struct secret_clean {
	VEC(struct str) list;
};
struct secrets {
	struct arena *a;
	VEC(struct secret_wanted) list;
	struct secret_clean *clean;
	struct str line; /* of the request, if no shape can be in it: nor in what is cut out of it; else empty */
	bool pairs;      /* something reads NAME=VALUE lines that are not known */
	bool unknown;    /* something reads such lines, or a value, and what it reads is not known */
};

void secret__want(struct secrets *s, struct str context, struct str value, bool always);
void secret__want_value(struct secrets *s, struct str value); /* wherever it is, if it is long enough */
void secret__want_word(struct secrets *s, struct word w);     /* its known texts */
void secret__want_pair(struct secrets *s, struct word w);     /* NAME=VALUE */

void secret__mark(struct secret_marks *m, size_t from, size_t to);
void secret__mark_value(struct secret_marks *m, size_t from, size_t to, struct str value);

/* ---- secret_name.c ---- */
#define SECRET_NAME 63 /* bytes; a longer one names nothing that we know */
/* Does the name of a variable, option, header or key say that it is secret? */
bool secret__name(struct str name);

/* ---- secret_shape.c ---- */
void secret__shapes(struct secret_marks *m);
bool secret__shapeless(struct str text); /* nothing that a shape is made of is in it */
bool secret__pairless(struct str text);  /* and nor is it in any part of the text */

/* ---- secret_argv.c ---- */
void secret__want_argv(struct secrets *s, const struct action *act);

/* ---- secret_word.c ---- */
/* All places where the text, read as a shell reads it (any quoting), holds
 * `context` and then `value`; the range is that of the value alone. Without a
 * value: what follows up to the end of the word, unless (always not set) that
 * only refers to something. */
void secret__find(struct secret_marks *m, struct str context, struct str value, bool always);
/* What a shell makes of a word without expanding anything in it. */
struct str secret__unquote(struct arena *a, struct str word);
/* Is there nothing to hide: $X, "${X}", $(…), an own redaction, nothing at all? */
bool secret__refers(struct str text);
/* The end of the shell word that goes on at `at`. */
size_t secret__word_end(struct str text, size_t at);

#endif
