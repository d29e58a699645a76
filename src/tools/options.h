/* SPDX-License-Identifier: ISC */
/*
 * options.h: what the option parsers share: the words of a line as far as they
 * are known, the model's options by spelling, and the list of what was given,
 * which options__finish turns into effective values (semantics 1).
 */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include "tools/tools.h"

/* One word of the line. Where it has alternatives (only patterns do), head and
 * the flags speak of the first. */
struct line_word {
	struct words any;   /* the slot: its alternatives */
	size_t at;          /* index of the slot */
	struct str head;    /* known text at its start; all of it if known */
	bool known;         /* head is the whole word */
	bool many;          /* may be no word at all or several */
	bool maybe_dash;    /* may start with '-' (known words: it does, and is no lone "-") */
};

/* One giving of an option, in order. */
struct given {
	const struct model_option *option; /* NULL: the model does not know it */
	struct str name;      /* unknown ones: as spelled without dashes */
	struct words value;   /* n 0: none (booleans) */
	enum tri on;          /* booleans: NO after --x=false, MAYBE after --x=$Y */
	bool maybe;           /* may not be there at all */
	struct str spelled;   /* "-a", "--app" */
};

struct line {
	const struct tool *tool;
	struct arena *a;
	bool pattern; /* words of a rule: a glob is a value, never an option */
	VEC(struct line_word) words; /* without the program */
	VEC(struct given) given;
	struct parsed *out;
};

void line__word(struct line *l, struct words slot, size_t at);
/* The line cannot be read with certainty from this word on. */
void line__unsure(struct line *l, const struct line_word *w);
/* The tool would refuse the line; the first refusal counts. */
void line__refuse(struct line *l, struct str error);
void line__operand(struct line *l, const struct line_word *w);
/* The model's option of that spelling for this command or globally; NULL. */
const struct model_option *line__long(const struct line *l, const struct model_command *c, struct str name);
const struct model_option *line__letter(const struct line *l, const struct model_command *c, char letter);
struct str line__dashed(struct line *l, char letter); /* "-x" */
struct given *line__give(struct line *l, const struct model_option *o, struct str spelled);
/* The alternatives of w without their first n bytes; all must start alike
 * (else n 0 words). */
struct words line__tail(struct line *l, const struct line_word *w, size_t n);
/* Fills out->options from given. */
void line__finish(struct line *l);
/* The command below c of that name or alias, which a line can run; NULL. */
const struct model_command *line__child(const struct line *l, const struct model_command *c, struct str name);
/* Has c subcommands that a line can run? */
bool line__has_children(const struct line *l, const struct model_command *c);
/* May this word, unknown in part, be the name of a command below c? */
bool line__maybe_child(const struct line *l, const struct model_command *c, struct word w);

int options__pflag(struct line *l);
int options__getopt(struct line *l); /* also POSIX, SUBCOMMANDS, WORDS */
/* git_options.c has its own reading of slots. */
int options__git(const struct tool *t, struct arena *a, const struct words *slots, size_t n,
    bool pattern, struct parsed *out);

#endif
