/* SPDX-License-Identifier: ISC */
/*
 * parse.h: what the files that read statements and clauses share: parse.c
 * (files, lets, includes, rules), say.c (defaults, settings, tests), rule.c
 * (patterns and clauses compiled).
 */
#ifndef POLICY_PARSE_H
#define POLICY_PARSE_H

#include "policy.h"

struct raw_clause {
	struct line line;
	struct str keyword;
	size_t keyword_at, at; /* of the keyword, of what follows it */
};
struct raw_rule {
	struct rule *rule;
	struct line line;
	size_t at; /* of the pattern */
	VEC(struct raw_clause) clauses;
	struct str file;
	struct diags *d;
	struct lets lets; /* as they were where it stands */
	bool shipped;     /* its tests passed before it was shipped, with its own lets */
};
typedef VEC(struct policy_given) given_list;

struct parser {
	struct policy *p;
	const struct policy_loader *loader;
	struct diags *d;                 /* the caller's: warnings go there at once */
	struct diags trusted, untrusted; /* errors of either kind of file */
	VEC(struct raw_rule) raws;
	VEC(struct str) names; /* of files, in order */
	struct map *seen;      /* what this source has included */
	unsigned includes, seq;
	bool full;
};
/* One file that is being read. */
struct file {
	struct parser *ps;
	struct layer *layer;
	struct diags *d; /* where its errors go */
	const struct file *parent;
	struct str name, path, key; /* shown; for relative includes; for circles */
	struct lets lets;
	struct raw_rule *rule; /* that indented lines belong to */
	bool skipping;         /* they belong to what is not obeyed */
	unsigned statements;
	given_list givens;
	bool shipped; /* comes with bridle, or was included by what does */
	bool tested;  /* a test stood behind the last given */
};

void policy__parse_source(struct parser *ps, const struct policy_source *s);
void file__read(struct file *f, struct str text);
struct place file__place(const struct file *f, const struct line *l, size_t at);
/* The tokens of a statement whose number is known; false: said. */
bool file__tokens(struct file *f, const struct line *l, size_t at, size_t min, size_t max,
    const char *usage, struct tokens *out);
/* Says that an untrusted file may not have this; true: it is ignored. */
bool file__not_obeyed(struct file *f, const struct line *l, struct str keyword);
void file__default(struct file *f, const struct line *l, size_t at, struct str keyword);
void file__people(struct file *f, const struct line *l, size_t at, struct str keyword);
void file__mode(struct file *f, const struct line *l, size_t at, struct str keyword);
void file__set(struct file *f, const struct line *l, size_t at, struct str keyword);
void file__given(struct file *f, const struct line *l, size_t at, struct str keyword);
void file__test(struct file *f, const struct line *l, size_t at, struct str keyword);

/* What `given` and `test` lines add to; shared by statements and clauses. */
struct trials {
	struct policy *p;
	struct diags *d;
	struct str file;
	given_list *givens;
	bool *tested;
	const struct rule *rule;
	bool untrusted;
};
void policy__given(const struct trials *t, const struct line *l, size_t at);
void policy__test(const struct trials *t, const struct line *l, size_t at);

/* Compiles pattern and clauses of one rule; false: said. */
bool policy__compile(struct parser *ps, struct raw_rule *raw);
/* One pattern from byte `at` of a line on; false: said. */
bool policy__selector(struct parser *ps, const struct raw_rule *raw, const struct line *l, size_t at,
    bool loosen, struct selector *out);
/* FIELD is [not] WORD… and …, from byte `at` on. */
bool policy__conditions(struct parser *ps, const struct raw_rule *raw, const struct line *l,
    size_t at, struct rule *r);

#endif
