/* SPDX-License-Identifier: ISC */
/*
 * wrap.h: the words of one wrapper's line, taken apart (wrap_words.c), for
 * who runs the inner command (wrap.c; of an image: container.c).
 */
#ifndef TOOLS_WRAP_H
#define TOOLS_WRAP_H

#include "tools/host.h"

struct wrap_option { /* an option as it stands on the line */
	const struct model_option *option;
	struct word value; /* of one that takes a value */
	bool has_value;
};
struct split {
	VEC(struct wrap_option) given;
	bool emptied; /* env - */
	size_t at;       /* argv index of the inner command; argv.n: none */
	bool unsure;     /* an unknown word or option may shift it */
	bool many;       /* a word before it may be several */
	bool dashes;     /* `--` was seen */
	bool spliced;    /* env -S names the program: what follows is that one's */
};

/* Where the inner command stands. False: this entry does not speak of argv. */
bool wrap_split(struct reading *rd, const struct wrapper *w, struct words argv, struct split *s);
/* The last one of that canonical name; NULL: not given. */
const struct wrap_option *wrap_given(const struct split *s, const char *name);
bool wrap_assignment(struct word w); /* NAME=… */

/* ---- wrap.c: for who makes commands of other words ---- */
struct word wrap_join(struct reading *rd, struct words w); /* with blanks */
struct word wrap_replaced(struct reading *rd, struct word w, struct str mark, struct word by);
/* Text that sh runs. */
int wrap_text(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word text, unsigned flags);

/* ---- parts.c: each program of a folder ---- */
int parts_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct split *s,
    struct word folder, unsigned flags);

/* ---- feed.c: command is what stands on the line; parallel's may be empty ---- */
int xargs_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct split *s, struct words command);
int parallel_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct split *s, struct words command, unsigned flags);

/* ---- envfile.c ---- */
/* What the wrapper's own files or its vault may set for what runs inside. */
void envfile_given(struct reading *rd, struct shell_state *inside, const struct shell_command *c,
    const struct wrapper *w, const struct split *s);
/* The files that such programs take by themselves: .env, .envrc … */
void envfile_usual(struct reading *rd, struct shell_state *inside);

/* ---- container.c ---- */
/* Kinds "image" and "service": rest goes to the entry point of the image, or
 * the one that --entrypoint names. */
int container_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct wrapper *w, const struct split *s, struct words rest, unsigned flags);
/* -e NAME=VALUE, and -e NAME, which takes the value from outside. */
void container_env(struct reading *rd, struct shell_state *st, const struct shell_state *outside,
    const struct split *s);

#endif
