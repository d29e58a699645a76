/* SPDX-License-Identifier: ISC */
/*
 * compound.c: if, while, for, case, groups and their short forms in zsh. Each
 * function stands at its reserved word. Functions and coprocesses are in
 * define.c, [[ ]] in cond.c, lists and simple commands in parse.c.
 */
#include "shell/parse.h"

#include <string.h>

/* Takes the reserved word that must come now. */
static void
expect(struct parser *p, enum keyword kw)
{
	int c = shell__newlines(p);

	if (p->aliases != NULL)
		c = shell__alias_start(p);
	if (c < 0 || !shell__take_keyword(p, kw))
		shell__unexpected(p);
}

static void
expect_byte(struct parser *p, char c)
{
	if (shell__newlines(p) == c)
		shell__take(p, 1);
	else
		shell__unexpected(p);
}

/* { … }: the list inside. */
static struct node *
braced_list(struct parser *p)
{
	struct node *n;

	expect(p, KW_LBRACE);
	n = shell__body(p);
	expect(p, KW_RBRACE);
	return n;
}

/* The body of a loop: do … done, { … }, or (zsh) one command. */
static struct node *
loop_body(struct parser *p)
{
	struct node *n;

	if (shell__newlines(p) < 0 || shell__command_start(p) < 0) {
		shell__unexpected(p);
		return NULL;
	}
	if (shell__keyword(p) == KW_LBRACE && p->shell != SHELL_SH)
		return braced_list(p);
	if (p->zsh && shell__keyword(p) != KW_DO)
		return shell__andor(p);
	expect(p, KW_DO);
	n = shell__body(p);
	expect(p, KW_DONE);
	return n;
}

/* ---- if, while ---- */

/* then … or (zsh) { … }; *braced: the latter. */
static struct node *
then_part(struct parser *p, bool *braced)
{
	shell__newlines(p);
	*braced = p->zsh && shell__keyword(p) == KW_LBRACE;
	if (*braced)
		return braced_list(p);
	expect(p, KW_THEN);
	return shell__body(p);
}

static struct node *
if_command(struct parser *p, uint32_t from)
{
	VEC(struct node *) kids = { 0 };
	bool braced = false, has_else = false;
	struct node *n;

	shell__take_keyword(p, KW_IF);
	do {
		*vec_push(p->a, &kids) = shell__body(p);
		*vec_push(p->a, &kids) = then_part(p, &braced);
		shell__blank(p);
	} while (!p->failed && shell__take_keyword(p, KW_ELIF));
	if (shell__take_keyword(p, KW_ELSE)) {
		has_else = true;
		shell__newlines(p);
		if (p->zsh && shell__keyword(p) == KW_LBRACE) {
			braced = true;
			*vec_push(p->a, &kids) = braced_list(p);
		} else {
			braced = false;
			*vec_push(p->a, &kids) = shell__body(p);
		}
	}
	if (!braced)
		expect(p, KW_FI);
	else if (!has_else && !p->failed && strchr(";\n#", shell__peek(p) > 0 ? shell__peek(p) : ' ') == NULL)
		shell__fail(p, "zsh's `if { } { }` with neither ; nor a newline behind it");
	n = shell__node(p, NODE_IF, from);
	n->has_else = has_else;
	shell__kids(p, n, kids.v, kids.n);
	return n;
}

static struct node *
while_command(struct parser *p, enum keyword kw, uint32_t from)
{
	struct node *kids[2], *n;

	shell__take_keyword(p, kw);
	kids[0] = shell__body(p);
	kids[1] = loop_body(p);
	n = shell__node(p, NODE_WHILE, from);
	n->until = kw == KW_UNTIL;
	shell__kids(p, n, kids, 2);
	return n;
}

/* ---- for, select, repeat ---- */

/* One of the three expressions of for ((a;b;c)). */
static struct part *
cfor_part(struct parser *p, const char *stops)
{
	struct chain chain = { 0 };
	struct part *part;

	while (shell__is(shell__peek(p), C_END) && strchr(" \t\n", shell__peek(p)) != NULL)
		p->in.s++;
	part = shell__arith(p, &chain, shell__here(p), stops);
	return part->parts == NULL ? NULL : part;
}

/* At (( behind for. */
static struct node *
cfor(struct parser *p, uint32_t from)
{
	struct part *arith[3];
	struct node *n, *kid;
	const char *inside;

	shell__take(p, 2);
	inside = p->in.s;
	p->counted++;
	for (int i = 0; i < 3; i++) {
		const char stop = i < 2 ? ';' : ')';

		const char *from_here = p->in.s;
		int open = 0;

		arith[i] = cfor_part(p, i < 2 ? ";)" : ")");
		for (const char *s = from_here; s < p->in.s && !p->failed; s++) {
			if (strchr("$`'\"\\", *s) != NULL) {
				open = 0;
				break;
			}
			open += (*s == '(') - (*s == ')');
		}
		if (open != 0)
			shell__fail(p, "a `(` in `for ((`");
		if (shell__peek(p) != stop) {
			shell__unexpected(p);
			return NULL;
		}
		shell__take(p, 1);
	}
	if (shell__peek(p) != ')') {
		shell__unexpected(p);
		return NULL;
	}
	shell__agree(p, inside, p->in.s - 1, "()", from);
	shell__take(p, 1);
	if (shell__blank(p) == ';')
		shell__take(p, 1);
	kid = loop_body(p);
	n = shell__node(p, NODE_CFOR, from);
	memcpy(n->arith, arith, sizeof arith);
	shell__kids(p, n, &kid, 1);
	return n;
}

/* The variables of a loop; zsh takes several. */
static struct str
loop_names(struct parser *p)
{
	struct astword *w;
	struct buf all;

	buf_init(&all, p->a);
	do {
		shell__blank(p);
		w = shell__subject(p);
		if (!shell__add_name(p, &all, w))
			break;
		if (!p->zsh && (w->first->quoted || w->first->next != NULL || w->first->kind != PART_TEXT))
			shell__fail(p, "a name in quotes");
		if (all.n > 0 && shell__is((unsigned char)all.p[0], C_DIGIT))
			shell__not_in_dash(p);
		shell__blank(p);
	} while (p->zsh && shell__is(shell__peek(p), C_NAME) && shell__keyword(p) != KW_DO && !p->failed &&
	    !(p->in.end - p->in.s > 2 && p->in.s[0] == 'i' && p->in.s[1] == 'n' &&
	    shell__is((unsigned char)p->in.s[2], C_END)));
	for (size_t i = 0; i < all.n && p->zsh; i++)
		if (!shell__is((unsigned char)all.p[i], C_NAME | C_DIGIT) && all.p[i] != ' ')
			shell__fail(p, "a name that is none");
	if (p->zsh && all.n > 0 && shell__is((unsigned char)all.p[0], C_DIGIT))
		shell__fail(p, "a loop over a positional parameter");
	return buf_str(&all);
}

/* Words up to the end of the line, ; or (zsh) the ) of a list in parentheses. */
static void
loop_words(struct parser *p, struct node *n, bool parens)
{
	size_t mark = p->st.words.n;

	for (;;) {
		struct astword *w;

		if (parens)
			shell__newlines(p);
		else
			shell__blank(p);
		if (p->alias_next)
			shell__fail(p, "an alias before the words of a loop, which may be aliases, too");
		w = shell__word(p);
		if (w == NULL)
			break;
		shell__push(p, w);
	}
	n->words = shell__words_since(p, mark, &n->nwords);
	if (parens)
		expect_byte(p, ')');
}

static void
loop_head(struct parser *p, struct node *n)
{
	int c;

	n->name = loop_names(p);
	c = shell__newlines(p);
	if (c == '(' && p->zsh) {
		shell__take(p, 1);
		n->has_in = true;
		loop_words(p, n, true);
		c = shell__blank(p);
	} else if (shell__take_word(p, "in")) {
		n->has_in = true;
		loop_words(p, n, false);
		c = shell__blank(p);
		if (c != ';' && c != '\n' && !p->failed) {
			shell__unexpected(p);
			return;
		}
	}
	if (c == ';')
		shell__take(p, 1);
}

static struct node *
for_command(struct parser *p, enum keyword kw, uint32_t from)
{
	struct node *n, *kid;

	shell__take_keyword(p, kw);
	if (kw == KW_SELECT || shell__blank(p) == '(')
		shell__not_in_dash(p);
	if (kw == KW_FOR && shell__blank(p) == '(' && shell__next(p) == '(')
		return cfor(p, from);
	n = shell__node(p, kw == KW_SELECT ? NODE_SELECT : NODE_FOR, from);
	loop_head(p, n);
	if (p->failed)
		return n;
	if (kw == KW_FOREACH) {
		kid = shell__body(p);
		expect(p, KW_END);
	} else {
		kid = loop_body(p);
	}
	shell__kids(p, n, &kid, 1);
	n->at.to = p->tok_end;
	return n;
}

static struct node *
repeat_command(struct parser *p, uint32_t from)
{
	struct node *n, *kid;
	struct astword *w;
	size_t mark = p->st.words.n;

	shell__take_keyword(p, KW_REPEAT);
	shell__blank(p);
	w = shell__word(p);
	if (w == NULL) {
		shell__unexpected(p);
		return NULL;
	}
	shell__push(p, w);
	if (shell__blank(p) == ';')
		shell__take(p, 1);
	kid = loop_body(p);
	n = shell__node(p, NODE_REPEAT, from);
	n->words = shell__words_since(p, mark, &n->nwords);
	shell__kids(p, n, &kid, 1);
	return n;
}

/* ---- case ---- */

static void
case_patterns(struct parser *p, struct caseitem *item)
{
	size_t mark = p->st.words.n;

	for (;;) {
		struct astword *w;

		shell__blank(p);
		w = shell__subject(p);
		if (w == NULL) {
			shell__unexpected(p);
			break;
		}
		shell__push(p, w);
		if (shell__blank(p) != '|')
			break;
		shell__take(p, 1);
	}
	item->patterns = shell__words_since(p, mark, &item->npatterns);
}

/* The ;; and its like behind the body of an item; '\0': none. */
static char
case_end(struct parser *p)
{
	int next;

	if (shell__newlines(p) != ';')
		return '\0';
	next = shell__next(p);
	if (next == '&' || (next == '|' && p->zsh)) {
		shell__not_in_dash(p);
		shell__take(p, 2);
		return next == '&' ? '&' : '?';
	}
	if (next != ';')
		return '\0';
	if (shell__after(p, 2) == '&' && !p->zsh) {
		shell__not_in_dash(p);
		shell__take(p, 3);
		return '?';
	}
	shell__take(p, 2);
	return ';';
}

/* zsh, at (: whether it belongs to the first pattern, as in (a|b)c) and not
 * to the item, as in (a|b). */
static bool
starts_in_group(struct parser *p)
{
	size_t words = p->st.words.n;
	struct attempt try;
	bool is;

	if (shell__seen(p, SEEN_PATTERN))
		return true;
	if (!shell__try(p, SEEN_ITEM, NULL, &try))
		return false;
	shell__subject(p);
	is = shell__blank(p) == ')' || shell__peek(p) == '|';
	p->st.words.n = words;
	if (!is)
		shell__wrong(p, NULL, &try);
	else
		shell__again(p, &try, SEEN_PATTERN);
	return is;
}

static struct node *
case_command(struct parser *p, uint32_t from)
{
	VEC(struct caseitem) items = { 0 };
	size_t mark = p->st.words.n;
	struct astword *w;
	enum keyword close = KW_ESAC;
	struct node *n;

	shell__take_keyword(p, KW_CASE);
	shell__blank(p);
	w = shell__subject(p);
	if (w == NULL) {
		shell__unexpected(p);
		return NULL;
	}
	shell__push(p, w);
	shell__newlines(p);
	if (p->zsh && shell__take_keyword(p, KW_LBRACE))
		close = KW_RBRACE;
	else if (!shell__take_word(p, "in"))
		shell__unexpected(p);
	while (!p->failed) {
		struct caseitem item = { .end = ';' };
		char end;

		if (shell__newlines(p) == '(' && !(p->zsh && starts_in_group(p)))
			shell__take(p, 1);
		else if (shell__take_keyword(p, close))
			break;
		case_patterns(p, &item);
		if (shell__blank(p) == ')')
			shell__take(p, 1);
		else
			shell__unexpected(p);
		item.body = shell__list(p);
		end = case_end(p);
		if (end != '\0')
			item.end = end;
		if (p->zsh && end != '\0' && p->pending != NULL) /* zsh may run what the items behind expand */
			shell__fail(p, "a here-document whose text stands behind the `;;` of its item");
		*vec_push(p->a, &items) = item;
		if (end == '\0') {
			expect(p, close);
			break;
		}
	}
	n = shell__node(p, NODE_CASE, from);
	n->words = shell__words_since(p, mark, &n->nwords);
	n->items = items.v;
	n->nitems = items.n;
	return n;
}

/* ---- groups ---- */

/* (( … )), or NULL: two parentheses. */
static struct node *
arith_command(struct parser *p, uint32_t from)
{
	struct chain chain = { 0 };
	struct attempt try;
	const char *inside;
	struct part *part;
	struct node *n;

	if (!shell__try(p, SEEN_COMMAND, NULL, &try))
		return NULL;
	shell__take(p, 2);
	inside = p->in.s;
	p->counted++;
	part = shell__arith(p, &chain, shell__here(p), ")");
	if (shell__peek(p) == ')' && shell__next(p) == ')') {
		shell__right(p);
		shell__agree(p, inside, p->in.s, "()", from);
		shell__take(p, 2);
		n = shell__node(p, NODE_ARITH, from);
		n->arith[0] = part;
		return n;
	}
	if (shell__peek(p) < 0)
		shell__unended(p, from, "`((`");
	shell__wrong(p, NULL, &try);
	return NULL;
}

/* At (. */
struct node *
shell__parens(struct parser *p)
{
	uint32_t from = shell__here(p);
	struct node *n, *kid;

	if (shell__next(p) == '(' && p->shell != SHELL_SH) {
		n = arith_command(p, from);
		if (n != NULL || p->failed)
			return n;
	}
	shell__take(p, 1);
	if (p->zsh && shell__peek(p) == ')') {
		shell__take(p, 1);
		n = shell__function(p, STR(""), from);
		shell__arguments(p, n);
		return n;
	}
	kid = shell__body(p);
	expect_byte(p, ')');
	n = shell__node(p, NODE_SUBSHELL, from);
	shell__kids(p, n, &kid, 1);
	return n;
}

static struct node *
group(struct parser *p, uint32_t from)
{
	struct node *kids[2], *n;

	kids[0] = braced_list(p);
	if (p->zsh && shell__blank(p) == 'a' && shell__take_word(p, "always")) {
		kids[1] = braced_list(p);
		n = shell__node(p, NODE_TRYALWAYS, from);
		shell__kids(p, n, kids, 2);
		return n;
	}
	n = shell__node(p, NODE_GROUP, from);
	shell__kids(p, n, kids, 1);
	return n;
}

/* At the reserved word kw. */
struct node *
shell__compound(struct parser *p, enum keyword kw)
{
	uint32_t from = shell__here(p);

	switch (kw) {
	case KW_LBRACE:
		return group(p, from);
	case KW_COND:
		return shell__cond(p);
	case KW_CASE:
		return case_command(p, from);
	case KW_COPROC:
		return shell__coproc(p, from);
	case KW_FOR:
	case KW_FOREACH:
	case KW_SELECT:
		return for_command(p, kw, from);
	case KW_FUNCTION:
		return shell__function_command(p, from);
	case KW_IF:
		return if_command(p, from);
	case KW_REPEAT:
		return repeat_command(p, from);
	case KW_UNTIL:
	case KW_WHILE:
		return while_command(p, kw, from);
	default:
		shell__unexpected(p);
		return NULL;
	}
}
