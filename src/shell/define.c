/* SPDX-License-Identifier: ISC */
/*
 * define.c: functions and coprocesses: commands that have a name. zsh lets
 * several functions share a body, and runs one without a name at once. A
 * simple command that turns out to be `name ()` comes here from parse.c.
 */
#include "shell/parse.h"

/* Adds the text of w, which must be one, to names split by blanks. */
bool
shell__add_name(struct parser *p, struct buf *names, const struct astword *w)
{
	struct str name = w == NULL ? STR("") : shell__literal(p, w);

	if (name.n == 0 && w != NULL && w->first != NULL)
		shell__fail(p, "a name that is expanded or a pattern"); /* an error when it runs */
	else if (name.n == 0)
		shell__unexpected(p);
	if (name.n == 0)
		return false;
	if (names->n > 0)
		buf_putc(names, ' ');
	buf_add(names, name);
	return true;
}

/* The name of a function. bash takes what is typed: quotes and expansions in it are an
 * error when it runs. zsh expands it. */
struct str
shell__function_name(struct parser *p, const struct astword *w, bool *misnamed)
{
	struct str name = shell__literal(p, w);

	for (const struct part *part = w->first; part != NULL && !p->zsh; part = part->next) {
		*misnamed |= part->quoted || part->kind == PART_DQUOTE || part->kind == PART_PARAM ||
		    part->kind == PART_COMMAND || part->kind == PART_ARITH;
	}
	if (*misnamed)
		return STR("''");
	for (size_t i = 0; i < name.n; i++)
		if (!shell__is((unsigned char)name.p[i], C_NAME | C_DIGIT))
			shell__not_in_dash(p);
	if (name.n == 0 || str_chr(name, ' ') != STR_NPOS)
		shell__fail(p, "a function whose name is expanded or a pattern");
	return name;
}

/* Behind the head of a function: its body. */
struct node *
shell__function(struct parser *p, struct str name, uint32_t from)
{
	struct node *n, *kid;
	unsigned height;

	if (!shell__enter(p, &height))
		return NULL;
	shell__newlines(p);
	if (shell__command_start(p) < 0) {
		shell__unexpected(p);
		return NULL;
	}
	kid = shell__command(p);
	if (kid != NULL && kid->kind == NODE_SIMPLE && p->shell == SHELL_BASH && !p->failed)
		shell__fail_at(p, kid->at.from, STR("a function needs a compound command"));
	shell__leave(p, height);
	n = shell__node(p, NODE_FUNCTION, from);
	n->name = name;
	shell__kids(p, n, &kid, 1);
	return n;
}

/* Arguments and redirections of an anonymous function in zsh. */
void
shell__arguments(struct parser *p, struct node *n)
{
	size_t mark = p->st.words.n;
	struct redir **tail;
	struct astword *w;

	if (n == NULL || p->failed)
		return;
	tail = &n->redirs;
	while (shell__blank(p) >= 0) {
		if (shell__redir(p, &tail)) /* 2>&1 is no argument 2 */
			continue;
		w = shell__word(p);
		if (w == NULL)
			break;
		shell__push(p, w);
	}
	n->words = shell__words_since(p, mark, &n->nwords);
	n->at.to = p->tok_end;
}

struct node *
shell__function_command(struct parser *p, uint32_t from)
{
	bool misnamed = false;
	struct buf names;
	struct str name;
	struct node *n;

	buf_init(&names, p->a);
	shell__take_keyword(p, KW_FUNCTION);
	while (shell__blank(p) != '(' && !(p->zsh && shell__keyword(p) == KW_LBRACE)) {
		struct astword *w = shell__word(p);

		if (w == NULL)
			break;
		if (names.n > 0)
			buf_putc(&names, ' ');
		buf_add(&names, shell__function_name(p, w, &misnamed));
		if (!p->zsh || p->failed)
			break;
	}
	name = buf_str(&names);
	if (name.n == 0 && !p->zsh) {
		shell__unexpected(p);
		return NULL;
	}
	if (shell__blank(p) == '(' && shell__next(p) == ')')
		shell__take(p, 2);
	n = shell__function(p, name, from);
	if (n != NULL)
		n->misnamed = misnamed;
	if (name.n == 0)
		shell__arguments(p, n);
	return n;
}

static bool
starts_compound(struct parser *p)
{
	enum keyword kw = shell__keyword(p);

	return shell__peek(p) == '(' || (kw != KW_NONE && kw < KW_CLOSING && kw != KW_BANG && kw != KW_TIME);
}

struct node *
shell__coproc(struct parser *p, uint32_t from)
{
	struct str name = STR("");
	struct attempt try;
	struct node *n, *kid;

	shell__take_keyword(p, KW_COPROC);
	shell__command_start(p);
	if (!p->zsh && !starts_compound(p) && shell__try(p, SEEN_COPROC, NULL, &try)) {
		struct astword *w = shell__subject(p);

		shell__blank(p);
		if (w != NULL && starts_compound(p))
			name = shell__literal(p, w);
		if (name.n == 0 && w != NULL && starts_compound(p) && !p->failed)
			shell__fail(p, "a name that is expanded or a pattern");
		else if (name.n == 0)
			shell__wrong(p, NULL, &try);
		if (name.n > 0)
			shell__right(p);
	}
	kid = p->zsh ? shell__pipeline(p) : shell__command(p);
	n = shell__node(p, NODE_COPROC, from);
	n->name = name;
	shell__kids(p, n, &kid, 1);
	return n;
}
