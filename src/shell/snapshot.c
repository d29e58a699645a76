/* SPDX-License-Identifier: ISC */
/*
 * snapshot.c: the user's aliases and functions as a client's snapshot file
 * holds them: `alias -- n='v'`, function definitions, shopt and setopt lines,
 * and for bash functions as `eval "$(echo 'BASE64' | base64 -d)"`. They are
 * taken in; nothing else in the file is run.
 */
#include "shell/eval.h"

#include <string.h>

/* ---- base64 ---- */

static int
sextet(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

static struct str
decoded(struct arena *a, struct str s)
{
	struct buf b;
	unsigned bits = 0, n = 0;

	buf_init(&b, a);
	for (size_t i = 0; i < s.n && s.p[i] != '='; i++) {
		int v = sextet(s.p[i]);

		if (v < 0)
			continue;
		bits = (bits << 6 | (unsigned)v) & 0xffff;
		n += 6;
		if (n >= 8) {
			n -= 8;
			buf_putc(&b, (char)(unsigned char)(bits >> n & 0xff));
		}
	}
	return buf_str(&b);
}

/* The quoted text after `echo` in `eval "$(echo '…' | base64 -d)"`. */
static bool
encoded(struct str line, struct str *out)
{
	size_t from, to;

	if (str_find(line, STR("base64 -d")) == STR_NPOS ||
	    (from = str_find(line, STR("echo '"))) == STR_NPOS)
		return false;
	*out = str_sub(line, from + 6, line.n);
	to = str_chr(*out, '\'');
	if (to == STR_NPOS)
		return false;
	out->n = to;
	return true;
}

/* ---- taking in ---- */

static void take_in(struct shell *sh, struct shell_state *st, struct str text, unsigned depth);

static bool
runs_here(struct str name)
{
	static const char *const names[] = { "alias", "unalias", "shopt", "setopt", "unsetopt",
		"set" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_is(name, names[i]))
			return true;
	return false;
}

/* Like the first plain command words of a node. */
static bool
first_word(const struct node *n, struct str *out)
{
	const struct part *p;

	if (n->kind != NODE_SIMPLE || n->nwords == 0 || n->redirs != NULL)
		return false;
	p = n->words[0]->first;
	if (p == NULL || p->next != NULL || p->kind != PART_TEXT)
		return false;
	*out = p->text;
	return true;
}

/* Whether no word of the command runs anything. */
static bool
is_data(const struct node *n)
{
	for (size_t i = 0; i < n->nwords; i++)
		for (const struct part *p = n->words[i]->first; p != NULL; p = p->next)
			if (p->kind != PART_TEXT && p->kind != PART_GLOB && p->kind != PART_TILDE &&
			    p->kind != PART_BRACE && p->kind != PART_DQUOTE)
				return false;
			else if (p->kind == PART_DQUOTE && p->parts != NULL &&
			    (p->parts->kind != PART_TEXT || p->parts->next != NULL))
				return false;
	return n->assigns == NULL;
}

static void
take_node(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    unsigned depth)
{
	struct outcome out = { 0 };
	struct str text;

	if (n == NULL || depth > LIMIT_RUN_DEPTH)
		return;
	if (n->kind == NODE_LIST || n->kind == NODE_GROUP) {
		for (size_t i = 0; i < n->nkids; i++)
			take_node(sh, st, cx, n->kids[i], depth + 1);
	} else if (n->kind == NODE_FUNCTION && n->name.n > 0) {
		eval__define(sh, st, cx, n, &out);
	} else if (first_word(n, &text) && runs_here(text) && is_data(n)) {
		eval__node(sh, st, cx, n, &out);
		eval__settle(sh, st, &out);
	} else if (n->kind == NODE_SIMPLE && encoded(eval__source(cx, n->at), &text)) {
		take_in(sh, st, decoded(sh->a, text), depth + 1);
	}
}

static void
take_in(struct shell *sh, struct shell_state *st, struct str text, unsigned depth)
{
	struct frame shell = { .kind = FRAME_SHELL };
	struct source *src = NEW(sh->a, struct source);
	struct ctx cx = { .frame = &shell, .src = src };
	struct ast_error err = { 0 };
	size_t at = 0;

	src->text = text;
	while (at < text.n && err.what.n == 0) {
		struct node *n = NULL;

		/* Line by line, so that one bad function does not hide the rest. */
		if (ast_parse_line(sh->a, text, &at, st->kind, NULL, &n, &err) != 0)
			break;
		take_node(sh, st, &cx, n, depth);
	}
	if (err.what.n > 0 && depth == 0)
		shell_taint(sh, st, (struct str){ 0 },
		    STR("the shell snapshot could not be read to its end"));
}

int
shell_load_snapshot(struct shell *sh, struct shell_state *st, struct str text)
{
	sh->quiet++;
	take_in(sh, st, text, 0);
	sh->quiet--;
	return sh->err;
}
