/* SPDX-License-Identifier: ISC */
/*
 * flat.c: asking the flat list that toml.cc makes: by dotted path, and a path
 * for people.
 */
#include "toml/toml.h"

#include <string.h>

static bool
path_is(const struct toml_value *v, struct str dotted)
{
	size_t from = 0;

	for (size_t i = 0; i < v->npath; i++) {
		struct str rest = str_sub(dotted, from, dotted.n);
		size_t dot = str_chr(rest, '.');

		if (i > 0 && from > dotted.n)
			return false;
		if (!str_eq(v->path[i].name, str_sub(rest, 0, dot)))
			return false;
		from = dot == STR_NPOS ? dotted.n + 1 : from + dot + 1;
	}
	return from > dotted.n;
}

const struct toml_value *
toml_get(const struct toml_doc *doc, const char *dotted)
{
	for (size_t i = 0; i < doc->n; i++)
		if (path_is(&doc->v[i], str_of(dotted)))
			return &doc->v[i];
	return NULL;
}

static bool
is_bare(struct str key)
{
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') &&
		    c != '_' && c != '-')
			return false;
	}
	return key.n > 0;
}

struct str
toml_path(struct arena *a, const struct toml_value *v)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < v->npath; i++) {
		if (i > 0)
			buf_putc(&b, '.');
		if (is_bare(v->path[i].name))
			buf_add(&b, v->path[i].name);
		else
			buf_json(&b, v->path[i].name);
	}
	return buf_str(&b);
}
