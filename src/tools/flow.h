/* SPDX-License-Identifier: ISC */
/*
 * flow.h: where values in code of other languages come from: what names are
 * given (flow.c), the text that an expression is made of (flow_text.c). For
 * code_root.c, which asks this of what is run.
 */
#ifndef TOOLS_FLOW_H
#define TOOLS_FLOW_H

#include "tools/code.h"

struct given { /* what a name is given, once */
	struct str name;
	size_t from, to; /* in the code */
	size_t scope, scope_end; /* where it holds: a parameter's function; 0, 0: all of it */
	bool more;       /* put behind what it held: x += y, push @x, y */
	bool list;       /* … as words of their own */
	bool result;     /* a function's */
	bool one;        /* … of several: for x in y */
	bool loop;       /* … of a loop's: not a list that another is made of */
	bool changed;    /* in a way that is not followed: s/a/b/ */
	bool active;     /* being looked at */
};

struct flow {
	struct reading *rd;
	const struct code *how;
	struct str code;
	const struct literals *ls;
	struct literals all;
	uint16_t *literal; /* by byte of the code: which literal holds it, from 1 on */
	uint32_t *close;   /* by byte: what closes the bracket there, one further; 0: not looked for */
	VEC(struct given) given;
	unsigned functions;
	unsigned steps; /* names looked up so far */
};

#define FLOW_CODE_MAX (256 * 1024)
#define FLOW_STEPS_MAX 20000
#define FLOW_DEPTH_MAX 24
#define FLOW_PLACE '\001' /* of %s, {}: nothing was put in */

/* The code's literals and names; false: too long to be looked at. */
bool flow_open(struct flow *f, struct reading *rd, const struct code *how, struct str code, const struct literals *ls);
/* The bracket that closes the one at `at`; code.n: none. */
size_t flow_close(const struct flow *f, size_t at);
/* Where the expression at `at` ends; with a comma: at one of them too. */
size_t flow_end(const struct flow *f, size_t at, bool comma);
size_t flow_argument(const struct flow *f, size_t at); /* where an argument of a call ends */
struct str flow_word(const struct flow *f, size_t at); /* the name that begins there */
/* The literal that begins there, behind its letters: f"…"; NULL: none. */
const struct literal *flow_literal(const struct flow *f, size_t at);

static inline bool
flow_byte(char c)
{
	return code_word_byte(c) && c != '-';
}

static inline size_t
flow_blank(const struct flow *f, size_t at) /* behind blanks */
{
	while (at < f->code.n && code_in(f->code.p[at], " \t"))
		at++;
	return at;
}

/* ---- flow_text.c ---- */
struct made { /* the text of an expression, as far as it is known */
	struct str text;
	VEC(size_t) starts; /* where pieces of it begin */
	bool hidden;        /* made in a way that is not followed: base64, chr */
	bool first;         /* … its first word is */
	size_t operand;     /* where what is put together last begins */
	bool begun;         /* a whole word stands before that */
	bool open;          /* holds values that are not known */
	bool apart;         /* the next piece is a word of its own */
	bool whole;         /* it is a name alone: each of its values stands by itself */
	bool close;         /* pieces are put together without blanks: "".join */
	bool joining;       /* … from the next bracket on */
	unsigned depth, lines; /* lines: where what a comma parts are commands each */
};
void flow_text(struct flow *f, size_t from, size_t to, struct made *m);
void made_put(struct flow *f, struct made *m, struct str s);   /* a piece behind it */
void made_value(struct flow *f, struct made *m);               /* one that is not known */
bool made_named(struct flow *f, struct str name, struct made *m); /* what the name holds; false: nothing */
void made_operand(struct made *m); /* what comes now is an operand of its own */
void made_hide(struct made *m);    /* … made in a way that is not followed */

/* ---- flow_tcl.c ---- */
void flow_tcl(struct flow *f, size_t from, size_t to, struct made *m);

#endif
