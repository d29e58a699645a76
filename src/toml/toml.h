/* SPDX-License-Identifier: ISC */
/*
 * toml.h: a TOML file as a flat list of values, for those who ask single
 * questions of it: the app of a fly.toml, the keys that an edit changes. Any
 * doubt (it does not parse, it is too large or too deep) is an error, never a
 * part of the list. No writing, no order of the source: keys are sorted.
 */
#ifndef BRIDLE_TOML_H
#define BRIDLE_TOML_H

#include "bridle/base.h"

enum toml_kind {
	TOML_KIND_TABLE, /* stands before the values in it, also when empty */
	TOML_KIND_ARRAY, /* the same */
	TOML_KIND_STRING,
	TOML_KIND_INTEGER,
	TOML_KIND_FLOAT,
	TOML_KIND_BOOL,
	TOML_KIND_DATE /* a date, a time, or both */
};

/* One step from the root: a key of a table, or an index of an array. */
struct toml_key {
	bool is_index;
	struct str name; /* the key; of an index its decimal digits */
	size_t index;    /* from 0; only where is_index */
};

struct toml_value {
	const struct toml_key *path; /* from the root; never empty */
	size_t npath;
	enum toml_kind kind;
	struct str text;       /* STRING: its bytes, perhaps NUL among them; else as
	                     * TOML writes it; empty for TABLE and ARRAY */
	int64_t integer;       /* INTEGER */
	bool boolean;          /* BOOL */
	unsigned line, column; /* of the value in the source, from 1 */
};

struct toml_doc {
	const struct toml_value *v;
	size_t n;
};

/* What is wrong, for people. */
struct toml_error {
	unsigned line, column; /* 0: not known */
	char message[200];
};

/*
 * Everything in out lives in the arena and points nowhere else. Returns 0,
 * BRIDLE_ESYNTAX, BRIDLE_ELIMIT (see limits.h), or BRIDLE_ENOMEM; unlike other
 * arena functions it never jumps. err may be NULL.
 */
int toml_parse(struct arena *a, struct str bytes, struct toml_doc *out, struct toml_error *err);

/* The value at a path of plain keys and indexes, "vm.0.size"; NULL if there is
 * none. Keys that hold a dot are found by going through the list. */
const struct toml_value *toml_get(const struct toml_doc *doc, const char *dotted);

/* The path for people, "vm.0.size"; a key that is no bare key stands in quotes. */
struct str toml_path(struct arena *a, const struct toml_value *v);

#endif
