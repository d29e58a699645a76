/* SPDX-License-Identifier: ISC */
/*
 * policy.h (inside the component): how text becomes rules and rules meet
 * actions. Public door: bridle/policy.h. What it means: semantics in
 * docs/bridle.policy.5.
 *
 *   lex.c       bytes -> logical lines -> tokens, with places
 *   parse.c     files and statements; include, let, rules
 *   say.c       defaults, settings, given, test
 *   check.c     how errors are said; the nearest word
 *   words.c     tokens -> pattern words (quotes, $name, globs)
 *   rule.c      clauses compiled
 *   select.c    patterns compiled
 *   match.c     pattern and when and not except and not unless
 *   command.c   a command pattern against an action
 *   when.c      fields
 *   text.c      glob, regex and raw rules
 *   regex.c     PCRE2
 *   pathpat.c   path patterns compiled
 *   file.c      edit and read rules
 *   order.c     unless done, unless listed in
 *   index.c     which rules may speak of an action
 *   layer.c     defaults, settings and trust over all files
 *   lint.c format.c builtin.c
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "bridle/limits.h"
#include "bridle/policy.h"

/* ---- places and lines ---- */
struct place {
	struct str file;
	unsigned line, column; /* from 1; column in bytes */
	struct str text;       /* the physical line */
};
/* A piece of a logical line: from byte `at` on it is this physical line. */
struct stretch {
	size_t at;
	unsigned line, column;
	struct str text;
};
struct line {
	struct str text; /* continuations joined, without comment and line end */
	bool indented;
	unsigned number; /* of its first physical line */
	const struct stretch *stretches;
	size_t nstretches;
};
struct lines {
	VEC(struct line) list; /* no empty ones */
};
/* Errors go to d; the lines that are right are there all the same. */
int policy__lines(struct arena *a, struct str text, struct str file, struct diags *d,
    struct lines *out);
/* Whether a line goes on in the next: an odd number of backslashes at its end. */
bool policy__continues(struct str line);
struct place policy__place(const struct line *l, size_t at, struct str file);
struct token {
	struct str raw; /* as written */
	size_t at;      /* in its line */
};
struct tokens {
	VEC(struct token) list;
};
/* The next token from *at on; *at goes behind it. 1: there is one, 0: the end
 * or a comment, ESYNTAX: said. */
int policy__token(const struct line *l, size_t *at, struct str file, struct diags *d,
    struct token *out);
/* All of them. */
int policy__tokens(struct arena *a, const struct line *l, size_t at, struct str file,
    struct diags *d, struct tokens *out);
/* The next bare word from *at on and moves *at behind it and the blanks. */
struct token policy__word(const struct line *l, size_t *at);
/* The rest of the line as it stands, trimmed; *at is where it begins. */
struct str policy__rest(const struct line *l, size_t *at);

/* ---- errors ---- */
struct diag *policy__error(struct diags *d, struct place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
struct diag *policy__warn(struct diags *d, struct place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "did you mean X?" if one is near, else "expected a, b or c". */
struct str policy__hint(struct arena *a, struct str word, const struct str *known, size_t n);

/* ---- words ---- */
/* A let: its values as glob texts, quotes taken off, specials escaped. */
struct let {
	struct str name;
	const struct str *globs;
	size_t n;
	struct place place;
	unsigned seq;
};
struct lets {
	struct map *map; /* name -> struct let *; one of each source */
	unsigned before; /* only those with a smaller seq are there yet */
};
/* A token as glob texts, one an alternative. */
int policy__globs(struct arena *a, const struct lets *lets, struct token t, struct place at,
    struct diags *d, struct str **out, size_t *n);
/* The same as pattern words; typed is the source. */
int policy__slot(struct arena *a, const struct lets *lets, struct token t, struct place at,
    struct diags *d, struct words *out);
/* Quotes taken off, no $name and no globs: for PATH, NAME, VALUE. */
struct str policy__plain(struct arena *a, struct str raw);

/* ---- texts: glob, regex ---- */
struct regex; /* a compiled pattern; lives in the arena */
struct regex *policy__regex(struct arena *a, struct str pattern, bool whole, struct place at,
    struct diags *d);
/* MAYBE: a limit was hit. */
enum tri policy__regex_match(const struct regex *re, struct str text);
struct str policy__regex_literal(const struct regex *re); /* must be in the text; may be empty */

struct textpat {
	struct words globs;  /* GLOB */
	struct regex *regex; /* REGEX, RAW */
	struct str literal;  /* must be in the text; empty: none known */
	uint64_t bigrams;    /* of the literal, see index.c */
};

/* ---- paths: edit, read ---- */
enum path_root { PATH_PROJECT, PATH_ABSOLUTE, PATH_HOME, PATH_FLOATING };
struct pathpat {
	bool negated;
	bool dir_only;       /* ended in '/': what is below */
	bool deep;           /* ended in two stars: what is below is meant */
	enum path_root root;
	struct words words;  /* the path below its root, alternatives */
	struct str last;     /* its last component if that is literal, else empty */
	struct str source;
};
struct pathpats {
	VEC(struct pathpat) list;
};
/* Adds the patterns of one token; false: said. */
bool policy__pathpat(struct arena *a, const struct lets *lets, struct token t, struct place at,
    struct diags *d, struct pathpats *out);

/* ---- rules ---- */
struct selector { /* a pattern of any kind */
	enum rule_kind kind;
	bool loosen; /* stands in a loosening place */
	struct pattern command;
	struct str key; /* its canonical source text, for done keys */
	struct textpat text;
	struct pathpats paths;
	struct words tools;
	struct str source;
};
enum field_source { FROM_ACTION, FROM_PATH, FROM_CWD, FROM_AGENT, FROM_MODE, FROM_USER, FROM_TEXT };
struct condition { /* one `FIELD is not a b` or `FIELD matches RE` */
	struct str field;
	enum field_source source;
	bool negated;
	struct words any;
	struct pathpats paths; /* of fields that are paths */
	struct regex *regex;
};
struct unless {
	bool listed;            /* `listed in PATH`, else `done` */
	struct selector done;
	VEC(struct str) paths;  /* `since` or the one file */
};
struct rule {
	struct rule_ref ref;
	unsigned seq;
	bool off;    /* policy_rule_off */
	struct place place;
	struct selector sel;
	VEC(struct selector) excepts;
	VEC(struct condition) whens; /* all of them */
	VEC(struct unless) unlesses;
	struct words changing;
	VEC(struct str) adding;
	VEC(struct regex *) adding_regex;
};

/* ---- the policy ---- */
struct setting {
	struct str key, value;
	enum policy_layer layer;
};
struct layer { /* what one source says beside rules */
	enum policy_layer layer;
	bool trusted;
	enum verdict defaults[DEFAULT__N]; /* NONE: not said */
	enum { MODE_UNSAID, MODE_ENFORCE, MODE_MONITOR } mode;
	enum { PEOPLE_UNSAID, PEOPLE_ASK, PEOPLE_SAME } people;
};
struct index;
struct policy {
	struct arena *a;
	struct models *models;
	VEC(struct rule *) rules;
	VEC(struct rule *) raws; /* the raw ones among them */
	VEC(struct rule *) ordered; /* those with unless */
	VEC(struct policy_test) tests;
	VEC(struct layer) layers;
	VEC(struct setting) settings;
	enum verdict defaults[DEFAULT__N];
	bool said[DEFAULT__N];
	bool monitor, people_same;
	const struct diag *first_broken;
	size_t broken; /* statements of an untrusted file that a stand-in asks for */
	unsigned seq; /* of rules */
	struct index *index;
};

void policy__layers(struct policy *p);
extern const char policy__builtin[];

/* ---- matching ---- */
struct matching { /* one action against one rule */
	const struct policy *p;
	const struct match_world *w;
	const struct action *act;
	struct arena *a;
	struct str why; /* of the first maybe, or detail of a yes */
	struct str text, typed; /* canonical; made once */
	struct word shape;      /* canonical text with its unknown pieces */
	bool have_text, have_shape;
	const struct str *below; /* files of a recursive operand; made once */
	size_t nbelow;
	bool have_below, below_cut;
	bool there; /* the maybe is about a file that is there */
};
/* Is the word one of these? */
enum tri policy__among(struct words any, struct word w);
enum tri policy__command(struct matching *m, const struct pattern *p, bool loosen);
enum tri policy__text(struct matching *m, const struct selector *s, bool loosen);
enum tri policy__paths(struct matching *m, const struct pathpats *ps, struct word path, bool loosen);
/* For a folder and all below it, in a tightening place: is there such a file? */
enum tri policy__below(struct matching *m, const struct pathpats *ps, struct word dir);
/* A path that find has found: its unknown pieces are &byteset_below. */
enum tri policy__found(struct matching *m, const struct pathpats *ps, struct word path);
enum tri policy__raw(struct matching *m, const struct selector *s, struct str text);
enum tri policy__edits(struct matching *m, const struct rule *r); /* changing, adding */
enum tri policy__when(struct matching *m, const struct condition *t, bool loosen);
enum tri policy__unless(struct matching *m, const struct unless *u);
enum tri policy__selects(struct matching *m, const struct selector *s, bool loosen);
void policy__why(struct matching *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct str policy__canonical(struct matching *m);
size_t policy__sure_path(const struct action *act);

/* ---- index ---- */
struct candidates {
	VEC(struct rule *) list;
};
struct index *policy__index(struct policy *p);
void policy__candidates(const struct index *ix, struct matching *m, struct candidates *out);

#endif
