/* SPDX-License-Identifier: ISC */
/*
 * parse.c: lists, and-or lists, pipelines, and the door of the parser (ast.h).
 * Simple commands are in simplecmd.c, compound ones in compound.c; how the
 * pieces fit is said in parse.h.
 */
#include "shell/plain.h"

#include <string.h>

void
shell__kids(struct parser *p, struct node *n, struct node *const *kids, size_t count)
{
	n->kids = SHELL_ARRAY(p, struct node *, count);
	memcpy(n->kids, kids, count * sizeof *kids);
	n->nkids = count;
}

struct astword **
shell__words_since(struct parser *p, size_t mark, size_t *n)
{
	return shell__words_off(p, mark, n);
}

SHELL_INLINE void
push(struct parser *p, struct node *n, bool flag)
{
	if (p->st.items.n == p->st.items.cap)
		*vec_push(p->a, &p->st.items) = (struct item){ n, flag };
	else
		p->st.items.v[p->st.items.n++] = (struct item){ n, flag };
}

/* A node of the items since mark, which leave their stack. */
static struct node *
gather(struct parser *p, enum node_kind kind, size_t mark)
{
	const struct item *items = p->st.items.v + mark;
	size_t count = p->st.items.n - mark;
	uint32_t from = items[0].node == NULL ? p->tok_end : items[0].node->at.from;
	struct node *n = shell__node_with(p, kind, from, count * (sizeof *n->kids + sizeof(bool)));
	bool *flags;

	n->at.to = p->tok_end > from ? p->tok_end : from;
	n->kids = (struct node **)(n + 1);
	n->nkids = count;
	flags = (bool *)(n->kids + count);
	for (size_t i = 0; i < count; i++) {
		n->kids[i] = items[i].node;
		flags[i] = items[i].flag;
	}
	if (kind == NODE_LIST)
		n->background = flags;
	/* The flag of a pipe's kid tells of the | before it. */
	if (kind == NODE_PIPE)
		n->both = flags + 1;
	p->st.items.n = mark;
	return n;
}

/* ---- lists ---- */

/* At the first byte of what may be a command. *kw: see shell__keyword. */
SHELL_INLINE bool
command_follows(struct parser *p, int c, enum keyword *kw)
{
	*kw = KW_NONE;
	if (c < 0 || (shell__class[c] & C_STOP) != 0) {
		if (c != '&' || shell__next(p) != '>')
			return false;
		shell__not_in_dash(p); /* a & with nothing before it */
		return true;
	}
	*kw = shell__keyword_at(p, c);
	return *kw < KW_CLOSING;
}

/* How one command of a list ends. */
enum ended { NOT_ENDED, ENDED, BACKGROUND };

static enum ended
separator(struct parser *p, int c)
{
	int next;

	if (c != ';' && c != '&')
		return c == '\n' ? ENDED : NOT_ENDED;
	next = shell__next(p);
	if (c == ';') {
		if (next == ';' || next == '&' || (next == '|' && p->zsh))
			return NOT_ENDED;
		shell__take(p, 1);
		return ENDED;
	}
	if (next == '&')
		return NOT_ENDED;
	/* zsh: &| and &! disown */
	shell__take(p, p->zsh && (next == '|' || next == '!') ? 2 : 1);
	return BACKGROUND;
}

/* zsh takes empty commands: ;; of a case ends the list all the same. */
static bool
empty_commands(struct parser *p, bool line)
{
	const char *s = p->in.s;

	while ((shell__blank(p) == ';' || (!line && shell__peek(p) == '\n')) &&
	    separator(p, shell__peek(p)) != NOT_ENDED)
		if (shell__peek(p) == '\n')
			shell__newline(p);
	return p->in.s > s;
}

/* ---- and-or lists and pipelines: most hold one simple command ---- */

SHELL_INLINE struct node *
plain_command(struct parser *p)
{
	p->redirected = false;
	return shell__simple(p);
}

/* At the | behind the first command. */
static struct node *
more_pipe(struct parser *p, struct node *first)
{
	size_t mark = p->st.items.n;

	push(p, first, false);
	while (shell__blank(p) == '|' && shell__next(p) != '|') {
		bool both = shell__next(p) == '&';
		enum keyword kw;

		if (both)
			shell__not_in_dash(p);
		shell__take(p, both ? 2 : 1);
		shell__newlines(p);
		if (!command_follows(p, shell__command_start(p), &kw)) {
			shell__unexpected(p);
			break;
		}
		push(p, shell__command(p), both);
	}
	return p->failed ? first : gather(p, NODE_PIPE, mark);
}

/* Commands joined by |, of which the first starts with kw, at *c. *c: the byte behind them
 * and blanks. */
SHELL_INLINE struct node *
pipe_of(struct parser *p, enum keyword kw, int *c)
{
	struct node *n = kw == KW_NONE && *c != '(' ? plain_command(p) : shell__command(p);

	*c = shell__blank(p);
	if (*c == '|' && shell__next(p) != '|') {
		n = more_pipe(p, n);
		*c = shell__blank(p);
	}
	return n;
}

/* zsh: break && x=y assigns. Is the last item an assignment, behind what leaves? */
static bool
leaves_first(const struct parser *p)
{
	static const char *const leaving[] = { "break", "bye", "continue", "exit", "return" };
	const struct item *items = p->st.items.v + p->st.items.n;
	const struct node *n = items[-2].node, *next = items[-1].node;

	if (n == NULL || next == NULL || next->kind != NODE_SIMPLE || next->nwords > 0 || next->assigns == NULL)
		return false;
	while ((n->kind == NODE_AND || n->kind == NODE_OR || n->kind == NODE_GROUP || n->kind == NODE_LIST) &&
	    n->nkids > 0 && n->kids[n->nkids - 1] != NULL)
		n = n->kids[n->nkids - 1];
	/* "break", $x */
	if (n->kind == NODE_SIMPLE && n->nwords > 0 && (n->words[0]->first == NULL || n->words[0]->first->next != NULL ||
	        n->words[0]->first->kind != PART_TEXT || n->words[0]->first->quoted))
		return true;
	for (size_t w = 0; n->kind == NODE_SIMPLE && w < n->nwords && w < 3; w++) /* eval return, too */
		for (size_t i = 0; n->words[w]->first != NULL && i < sizeof leaving / sizeof leaving[0]; i++)
			if (str_is(n->words[w]->first->text, leaving[i]))
				return true;
	return false;
}

/* At the && or || behind the first pipeline. */
static struct node *
more_and_or(struct parser *p, struct node *first)
{
	enum node_kind kind = NODE_LIST; /* none yet */
	size_t mark = p->st.items.n;

	push(p, first, false);
	for (;;) {
		int c = shell__blank(p);
		enum node_kind next = c == '&' ? NODE_AND : NODE_OR;
		enum keyword kw;

		if ((c != '&' && c != '|') || shell__next(p) != c)
			break;
		shell__take(p, 2);
		if (kind != NODE_LIST && kind != next) {
			struct node *left = gather(p, kind, mark);

			push(p, left, false);
			shell__higher(p, 1);
		}
		kind = next;
		shell__newlines(p);
		if (p->zsh)
			empty_commands(p, false);
		if (!command_follows(p, shell__command_start(p), &kw)) {
			shell__unexpected(p);
			break;
		}
		push(p, shell__pipeline(p), false);
		if (p->zsh && !p->failed && leaves_first(p))
			shell__fail(p, "an assignment behind `break` or its like, which zsh does");
	}
	return p->failed ? first : gather(p, kind, mark);
}

/* Pipelines joined by && and ||, of which the first starts with kw. *c: as pipe_of. */
SHELL_INLINE struct node *
and_or(struct parser *p, enum keyword kw, int *c)
{
	unsigned height = p->height;
	struct node *n;

	p->height = 0;
	if (kw == KW_BANG || kw == KW_TIME) {
		n = shell__pipeline(p);
		*c = shell__blank(p);
	} else {
		n = pipe_of(p, kw, c);
	}
	if ((*c == '&' || *c == '|') && shell__next(p) == *c) {
		n = more_and_or(p, n);
		*c = shell__blank(p);
	}
	if (p->height < height)
		p->height = height;
	return n;
}

/* Commands up to what cannot start one, or (line) to the end of the line;
 * they stay on the stack of items. */
static void
commands(struct parser *p, bool line)
{
	for (;;) {
		enum keyword kw;
		enum ended ended;
		struct node *n;
		int c = line ? shell__blank(p) : shell__newlines(p);

		if (!p->in.plain) {
			if (p->zsh && empty_commands(p, line))
				continue;
			c = shell__command_start(p);
		}
		if (!command_follows(p, c, &kw))
			return;
		n = and_or(p, kw, &c);
		if (p->failed)
			return;
		if (c == '\n') {
			push(p, n, false);
			if (line && !p->zsh)
				return;
			continue;
		}
		ended = separator(p, c);
		if (ended == NOT_ENDED) {
			push(p, n, false);
			/* bash: a reserved word right behind a redirection is a word. */
			if (p->redirected && shell__keyword(p) >= KW_CLOSING)
				shell__unexpected(p);
			return;
		}
		/* zsh: <f & ends an eval around it */
		if (ended == BACKGROUND && p->zsh && n->kind == NODE_SIMPLE && n->nwords == 0 && n->redirs != NULL)
			shell__fail(p, "redirections without a command in the background");
		push(p, n, ended == BACKGROUND);
	}
}

SHELL_INLINE struct node *
list_since(struct parser *p, size_t mark)
{
	if (p->st.items.n == mark)
		return NULL;
	if (p->st.items.n == mark + 1 && !p->st.items.v[mark].flag)
		return p->st.items.v[--p->st.items.n].node;
	return gather(p, NODE_LIST, mark);
}

struct node *
shell__list(struct parser *p)
{
	size_t mark = p->st.items.n;

	commands(p, false);
	return list_since(p, mark);
}

struct node *
shell__body(struct parser *p)
{
	struct node *n = shell__list(p);

	if (n == NULL && !p->zsh)
		shell__unexpected(p);
	return n;
}

/* One line, or the lines of one compound command. */
static bool
line(struct parser *p)
{
	int c;

	if (shell__newlines(p) < 0)
		return false;
	commands(p, true);
	c = p->in.plain ? shell__peek(p) : shell__blank(p);
	if (c == '\n')
		shell__newline(p);
	else if (c >= 0)
		shell__unexpected(p);
	else if (p->pending != NULL)
		shell__heredocs(p);
	return !p->failed;
}

/* The complete lines up to the end, or up to an error. */
struct node *
shell__lines(struct parser *p)
{
	size_t mark = p->st.items.n, whole;

	do
		whole = p->st.items.n;
	while (line(p));
	if (p->failed)
		p->st.items.n = whole;
	return list_since(p, mark);
}

/* ---- what stands before a pipeline ---- */

static struct node *
not_node(struct parser *p, struct node *kid, uint32_t from)
{
	struct node *n;

	if (kid != NULL && kid->kind == NODE_PIPE && !kid->negated) {
		kid->negated = true;
		kid->at.from = from;
		return kid;
	}
	n = shell__node(p, NODE_NOT, from);
	shell__kids(p, n, &kid, 1);
	return n;
}

/* Behind ! or time: the rest of the pipeline, or NULL. */
static struct node *
prefixed(struct parser *p)
{
	struct node *n = NULL;
	unsigned height;
	enum keyword kw;

	if (!shell__enter(p, &height))
		return NULL;
	if (command_follows(p, shell__command_start(p), &kw))
		n = shell__pipeline(p);
	else
		shell__not_in_dash(p);
	shell__leave(p, height);
	return n;
}

static struct node *
timed(struct parser *p, uint32_t from)
{
	struct node *n, *kid;
	bool posix;

	shell__blank(p);
	posix = shell__take_word(p, "-p");
	if (posix)
		shell__blank(p);
	shell__take_word(p, "--");
	kid = prefixed(p);
	if (p->failed)
		return NULL;
	n = shell__node(p, NODE_TIME, from);
	n->name = posix ? STR("-p") : STR("");
	shell__kids(p, n, &kid, 1);
	return n;
}

/* At the first byte of a command. */
struct node *
shell__pipeline(struct parser *p)
{
	enum keyword kw = shell__keyword(p);
	uint32_t from = shell__here(p);
	int c = shell__peek(p);

	if (kw == KW_BANG) {
		struct node *kid;

		/* Where the text may have turned extended globs on. */
		if (shell__next(p) == '(' && p->shell == SHELL_BASH &&
		    str_find(p->text, STR("extglob")) != STR_NPOS)
			shell__fail(p, "`!(` may be a pattern or run a command here");
		shell__take_keyword(p, kw);
		if (shell__blank(p) == '!') /* ! ! x */
			shell__not_in_dash(p);
		kid = prefixed(p);
		return p->failed ? NULL : not_node(p, kid, from);
	}
	if (kw == KW_TIME) {
		shell__take_keyword(p, kw);
		return timed(p, from);
	}
	return pipe_of(p, kw, &c);
}

struct node *
shell__andor(struct parser *p)
{
	int c = shell__peek(p);

	return and_or(p, shell__keyword_at(p, c), &c);
}

/* ---- commands ---- */

/* At the first byte of a command: a compound or a simple one. */
struct node *
shell__command(struct parser *p)
{
	enum keyword kw = shell__keyword(p);
	struct redir **tail;
	struct node *n;
	unsigned height;

	if (kw == KW_TIME && !p->zsh)
		kw = KW_NONE; /* bash knows it in front of a pipeline only: here it is the program */
	if (kw == KW_NONE && shell__peek(p) != '(')
		return plain_command(p);
	p->redirected = false;
	if (!shell__enter(p, &height))
		return NULL;
	n = kw == KW_NONE ? shell__parens(p) : shell__compound(p, kw);
	shell__leave(p, height);
	if (n == NULL || p->failed)
		return n;
	for (tail = &n->redirs; *tail != NULL; tail = &(*tail)->next)
		continue;
	while (shell__blank(p) >= 0) {
		struct redir **last = tail;

		if (!shell__redir(p, &tail))
			break;
		if (p->zsh && *last != NULL && (*last)->fdname.n > 0)
			shell__fail(p, "a {name} behind a compound command, which may be an argument");
		n->at.to = p->tok_end;
		p->redirected = !p->zsh;
	}
	return n;
}

/* ---- the door ---- */

/* The text up to a NUL byte, which no shell takes. */
static struct str
up_to_nul(struct str text, bool *nul)
{
	const char *p = text.n == 0 ? NULL : memchr(text.p, '\0', text.n);

	*nul = p != NULL;
	if (*nul)
		text.n = (size_t)(p - text.p);
	return text;
}

static void
finish(struct parser *p, struct str text, bool nul, struct ast_error *err)
{
	if (nul && !p->err.limit)
		p->err = (struct ast_error){ .at = text.n, .what = STR("a NUL byte") };
	*err = p->err;
}

int
shell__parse(struct arena *a, struct str text, enum shell_kind shell,
    const struct ast_aliases *aliases, struct node **root, struct ast_error *err, size_t *work)
{
	struct parser p;
	bool nul;

	text = up_to_nul(text, &nul);
	shell__init(&p, a, text, shell, aliases);
	*root = shell__lines(&p);
	finish(&p, text, nul, err);
	if (work != NULL)
		*work = p.work;
	return 0;
}

int
ast_parse(struct arena *a, struct str text, enum shell_kind shell,
    const struct ast_aliases *aliases, struct node **root, struct ast_error *err)
{
	return shell__parse(a, text, shell, aliases, root, err, NULL);
}

static void
line_from(struct parser *p, struct arena *a, struct str text, size_t offset, enum shell_kind shell,
    const struct ast_aliases *aliases)
{
	shell__init(p, a, text, shell, aliases);
	p->in.s += offset < text.n ? offset : text.n;
	while (line(p) && p->st.items.n == 0) /* zsh: a line of empty commands */
		continue;
}

int
ast_parse_line(struct arena *a, struct str text, size_t *offset, enum shell_kind shell,
    const struct ast_aliases *aliases, struct node **one, struct ast_error *err)
{
	struct parser p;
	size_t end;
	bool nul;

	*one = NULL;
	if (*offset > text.n) {
		*err = (struct ast_error){ 0 };
		return BRIDLE_EINVAL;
	}
	line_from(&p, a, text, *offset, shell, aliases);
	/* Looked for in what was read, not each time in all that is left. */
	end = p.failed ? text.n : (size_t)(p.in.s - p.in.base);
	nul = end > *offset && memchr(text.p + *offset, '\0', end - *offset) != NULL;
	if (nul) {
		text = up_to_nul(text, &nul);
		line_from(&p, a, text, *offset, shell, aliases);
	}
	if (!p.failed)
		*one = list_since(&p, 0);
	*offset = (size_t)(p.in.s - p.in.base);
	finish(&p, text, nul && *offset == text.n, err);
	return 0;
}

int
ast_parse_dquoted(struct arena *a, struct str text, enum shell_kind shell, struct astword **out,
    struct ast_error *err)
{
	struct chain chain = { 0 };
	struct parser p;
	bool nul;

	text = up_to_nul(text, &nul);
	shell__init(&p, a, text, shell, NULL);
	shell__dquoted(&p, &chain, "");
	*out = shell__wrap(&p, &chain, 0);
	finish(&p, text, nul, err);
	return 0;
}
