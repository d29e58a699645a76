/* SPDX-License-Identifier: ISC */
/*
 * print.c: the tree as shell text again, such that reading it gives the same
 * tree (the same dump). For tests and for showing what was understood; the
 * text that a person typed is in the source ranges, not here.
 */
#include "shell/ast.h"

#include <string.h>

/* Where parts stand, which says what must be escaped. */
enum place { IN_WORD, IN_DQUOTE, IN_BRACES, IN_HERE, IN_ARITH };

struct printer {
	struct buf *b;
	VEC(const struct redir *) here; /* bodies for the next newline */
};

static void print_node(struct printer *out, const struct node *n);
static void print_parts(struct printer *out, const struct part *part, enum place place);
static void print_lines(struct printer *out, const struct node *n);

static void
print_word(struct printer *out, const struct astword *w, enum place place)
{
	if (w != NULL)
		print_parts(out, w->first, place);
}

/* A newline, and the here-documents that wait for it. */
static void
newline(struct printer *out)
{
	size_t n = out->here.n;

	buf_putc(out->b, '\n');
	out->here.n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct redir *r = out->here.v[i];

		if (r->here_quoted && r->body->first != NULL)
			buf_add(out->b, r->body->first->text);
		else
			print_word(out, r->body, IN_HERE);
		if (r->here_cut)
			continue;
		for (const struct part *part = r->word->first; part != NULL; part = part->next) {
			const struct part *in = part->kind == PART_DQUOTE ? part->parts : part;

			for (; in != NULL; in = part->kind == PART_DQUOTE ? in->next : NULL)
				buf_add(out->b, in->text);
		}
		buf_putc(out->b, '\n');
	}
}

/* ---- words ---- */

static void
print_text(struct buf *b, const struct part *part, enum place place)
{
	static const char *const special[] = { [IN_WORD] = "'", [IN_DQUOTE] = "\"$`\\",
		[IN_BRACES] = "\"$`\\}", [IN_HERE] = "$`\\", [IN_ARITH] = "" };

	if (place == IN_ARITH || !part->quoted) {
		buf_add(b, part->text);
		return;
	}
	if (place == IN_WORD)
		buf_putc(b, '\'');
	for (size_t i = 0; i < part->text.n; i++) {
		char c = part->text.p[i];

		if (place == IN_WORD && c == '\'') {
			buf_puts(b, "'\\''");
			continue;
		}
		if (strchr(special[place], c) != NULL)
			buf_putc(b, '\\');
		buf_putc(b, c);
	}
	if (place == IN_WORD)
		buf_putc(b, '\'');
}

static void
print_params_op(struct printer *out, const struct part *part, enum place place)
{
	struct buf *b = out->b;
	enum place arg = place == IN_WORD ? IN_WORD : IN_BRACES;

	switch (part->param->op) {
	case PARAM_PLAIN:
	case PARAM_LENGTH:
	case PARAM_INDIRECT:
	case PARAM_KEYS:
	case PARAM_OTHER:
		return;
	case PARAM_NAMES:
		buf_putc(b, part->op);
		return;
	case PARAM_DEFAULT:
	case PARAM_ASSIGN:
	case PARAM_ERROR:
	case PARAM_ALTERNATE:
		buf_printf(b, "%s%c", part->param->colon ? ":" : "", part->op);
		print_word(out, part->param->arg, arg);
		return;
	case PARAM_PREFIX:
	case PARAM_SUFFIX:
	case PARAM_CASE:
		buf_printf(b, part->param->doubled ? "%c%c" : "%c", part->op, part->op);
		print_word(out, part->param->arg, IN_WORD);
		return;
	case PARAM_REPLACE:
		buf_printf(b, part->param->doubled || part->op != '/' ? "/%c" : "/", part->op);
		print_word(out, part->param->arg, IN_WORD);
		if (part->param->arg2 != NULL)
			buf_putc(b, '/');
		print_word(out, part->param->arg2, IN_WORD);
		return;
	case PARAM_SLICE:
		buf_putc(b, ':');
		print_word(out, part->param->arg, IN_ARITH);
		if (part->param->arg2 != NULL)
			buf_putc(b, ':');
		print_word(out, part->param->arg2, IN_ARITH);
		return;
	case PARAM_TRANSFORM:
		buf_putc(b, '@');
		buf_add(b, part->param->mod);
		return;
	}
}

static void
print_param(struct printer *out, const struct part *part, enum place place)
{
	struct buf *b = out->b;

	if (part->param->op == PARAM_OTHER) {
		buf_printf(b, part->param->braced ? "${" STR_FMT "}" : STR_FMT, STR_ARG(part->text));
		return;
	}
	buf_puts(b, "${");
	if (part->param->op == PARAM_LENGTH)
		buf_putc(b, '#');
	if (part->param->op == PARAM_INDIRECT || part->param->op == PARAM_NAMES ||
	    part->param->op == PARAM_KEYS)
		buf_putc(b, '!');
	buf_add(b, part->param->name);
	if (part->param->subscript != NULL) {
		buf_putc(b, '[');
		print_word(out, part->param->subscript, IN_ARITH);
		buf_putc(b, ']');
	}
	print_params_op(out, part, place);
	buf_putc(b, '}');
}

/* Backquotes whose text does not parse go back as they came. */
static void
print_backquotes(struct buf *b, struct str text, enum place place)
{
	buf_putc(b, '`');
	for (size_t i = 0; i < text.n; i++) {
		if (strchr(place == IN_WORD || place == IN_HERE ? "\\`$" : "\\`$\"", text.p[i]) != NULL)
			buf_putc(b, '\\');
		buf_putc(b, text.p[i]);
	}
	buf_putc(b, '`');
}

static void
print_command(struct printer *out, const struct part *part, enum place place)
{
	struct printer inner = { .b = out->b };

	if (part->subst->body_bad) {
		print_backquotes(out->b, part->subst->body_text, place);
		return;
	}
	if (part->kind == PART_PROCESS)
		buf_printf(out->b, "%c( ", part->op);
	else
		buf_puts(out->b, part->op == '{' ? "${ " : "$( ");
	print_lines(&inner, part->subst->body);
	buf_putc(out->b, part->op == '{' ? '}' : ')');
}

static void
print_brace(struct printer *out, const struct part *part)
{
	buf_putc(out->b, '{');
	buf_add(out->b, part->text);
	for (size_t i = 0; i < part->brace->nwords; i++) {
		if (i > 0)
			buf_putc(out->b, ',');
		print_word(out, part->brace->words[i], IN_WORD);
	}
	buf_putc(out->b, '}');
}

static void
print_part(struct printer *out, const struct part *part, enum place place)
{
	struct buf *b = out->b;

	switch (part->kind) {
	case PART_TEXT:
		print_text(b, part, place);
		return;
	case PART_DQUOTE:
		buf_putc(b, '"');
		print_parts(out, part->parts, IN_DQUOTE);
		buf_putc(b, '"');
		return;
	case PART_PARAM:
		print_param(out, part, place);
		return;
	case PART_COMMAND:
	case PART_PROCESS:
		print_command(out, part, place);
		return;
	case PART_ARITH:
		buf_puts(b, "$((");
		print_parts(out, part->parts, IN_ARITH);
		buf_puts(b, "))");
		return;
	case PART_EXTGLOB:
		buf_printf(b, part->op == '(' ? "(" : "%c(", part->op);
		print_parts(out, part->parts, IN_WORD);
		buf_putc(b, ')');
		return;
	case PART_BRACE:
		print_brace(out, part);
		return;
	case PART_GLOB:
		buf_add(b, part->text);
		return;
	case PART_TILDE:
		buf_printf(b, "~" STR_FMT, STR_ARG(part->text));
		return;
	case PART_ZEQUALS:
		buf_printf(b, "=" STR_FMT, STR_ARG(part->text));
		return;
	case PART_QUALIFIER:
		buf_printf(b, "(" STR_FMT ")", STR_ARG(part->text));
		return;
	}
}

static void
print_parts(struct printer *out, const struct part *part, enum place place)
{
	for (; part != NULL; part = part->next)
		print_part(out, part, place);
}

/* ---- commands ---- */

static void
print_asg(struct printer *out, const struct asg *as)
{
	buf_add(out->b, as->name);
	if (as->subscript != NULL) {
		buf_putc(out->b, '[');
		print_word(out, as->subscript, IN_ARITH);
		buf_putc(out->b, ']');
	}
	buf_puts(out->b, as->append ? "+=" : "=");
	print_word(out, as->value, IN_WORD);
	if (!as->array)
		return;
	buf_putc(out->b, '(');
	for (size_t i = 0; i < as->nelements; i++) {
		buf_puts(out->b, i > 0 ? " " : "");
		print_word(out, as->elements[i], IN_WORD);
	}
	buf_putc(out->b, ')');
}

static void
print_redirs(struct printer *out, const struct redir *r)
{
	static const char *const names[] = { [REDIR_IN] = "<", [REDIR_OUT] = ">",
		[REDIR_CLOBBER] = ">|", [REDIR_APPEND] = ">>", [REDIR_RW] = "<>",
		[REDIR_DUP_IN] = "<&", [REDIR_DUP_OUT] = ">&", [REDIR_BOTH] = "&>",
		[REDIR_HERE] = "<<", [REDIR_HERESTR] = "<<<" };

	for (; r != NULL; r = r->next) {
		buf_putc(out->b, ' ');
		if (r->fdname.n > 0)
			buf_printf(out->b, "{" STR_FMT "}", STR_ARG(r->element.n > 0 ? r->element : r->fdname));
		else if (r->fd >= 0)
			buf_printf(out->b, "%d", r->fd);
		buf_puts(out->b, names[r->op]);
		if (r->op == REDIR_BOTH && r->append)
			buf_putc(out->b, '>');
		if (r->here_strip)
			buf_putc(out->b, '-');
		/* > >(x) is no >>(x. */
		buf_putc(out->b, ' ');
		print_word(out, r->word, IN_WORD);
		if (r->op == REDIR_HERE && r->body != NULL) /* it broke off, in text that does not parse */
			*vec_push(out->b->a, &out->here) = r;
	}
}

static void
print_simple(struct printer *out, const struct node *n)
{
	const struct asg *decl = n->decl_assigns;
	size_t start = out->b->n, k = 0;

	for (const struct asg *as = n->assigns; as != NULL; as = as->next) {
		print_asg(out, as);
		buf_putc(out->b, ' ');
	}
	for (size_t i = 0; i < n->nwords; i++) {
		if (decl != NULL && n->decl_at[k] == i) {
			print_asg(out, decl);
			decl = decl->next;
			k++;
		} else {
			print_word(out, n->words[i], IN_WORD);
		}
		buf_putc(out->b, ' ');
	}
	if (out->b->n > start)
		out->b->n--;
	print_redirs(out, n->redirs);
}

static void
print_words(struct printer *out, const struct node *n, const char *before)
{
	for (size_t i = 0; i < n->nwords; i++) {
		buf_puts(out->b, before);
		print_word(out, n->words[i], IN_WORD);
	}
}

/* Commands, a line each, the last with its newline too. */
static void
print_lines(struct printer *out, const struct node *n)
{
	if (n == NULL)
		return;
	if (n->kind != NODE_LIST) {
		print_node(out, n);
		newline(out);
		return;
	}
	for (size_t i = 0; i < n->nkids; i++) {
		print_node(out, n->kids[i]);
		if (n->background[i])
			buf_puts(out->b, " &");
		newline(out);
	}
}

static void
print_between(struct printer *out, const char *before, const struct node *n, const char *after)
{
	buf_puts(out->b, before);
	newline(out);
	print_lines(out, n);
	buf_puts(out->b, after);
}

static void
print_if(struct printer *out, const struct node *n)
{
	size_t pairs = n->nkids / 2;

	for (size_t i = 0; i < pairs; i++) {
		print_between(out, i == 0 ? "if" : "elif", n->kids[2 * i], "");
		print_between(out, "then", n->kids[2 * i + 1], "");
	}
	if (n->has_else)
		print_between(out, "else", n->kids[n->nkids - 1], "");
	buf_puts(out->b, "fi");
}

static void
print_for(struct printer *out, const struct node *n)
{
	buf_printf(out->b, "%s " STR_FMT, n->kind == NODE_SELECT ? "select" : "for", STR_ARG(n->name));
	if (n->has_in)
		buf_puts(out->b, " in");
	print_words(out, n, " ");
	newline(out);
	print_between(out, "do", n->kids[0], "done");
}

static void
print_arith(struct printer *out, const struct part *arith)
{
	print_parts(out, arith == NULL ? NULL : arith->parts, IN_ARITH);
}

static void
print_cfor(struct printer *out, const struct node *n)
{
	buf_puts(out->b, "for ((");
	for (int i = 0; i < 3; i++) {
		buf_puts(out->b, i > 0 ? ";" : "");
		print_arith(out, n->arith[i]);
	}
	buf_puts(out->b, "))");
	newline(out);
	print_between(out, "do", n->kids[0], "done");
}

static void
print_case(struct printer *out, const struct node *n)
{
	buf_puts(out->b, "case");
	print_words(out, n, " ");
	buf_puts(out->b, " in");
	newline(out);
	for (size_t i = 0; i < n->nitems; i++) {
		const struct caseitem *item = &n->items[i];

		buf_putc(out->b, '(');
		for (size_t k = 0; k < item->npatterns; k++) {
			buf_puts(out->b, k > 0 ? "|" : "");
			print_word(out, item->patterns[k], IN_WORD);
		}
		print_between(out, ")", item->body,
		    item->end == ';' ? ";;" : item->end == '&' ? ";&" : ";;&");
		newline(out);
	}
	buf_puts(out->b, "esac");
}

static void
print_joined(struct printer *out, const struct node *n)
{
	const char *sep = n->kind == NODE_AND ? " && " : " || ";

	if (n->negated)
		buf_puts(out->b, "! ");
	for (size_t i = 0; i < n->nkids; i++) {
		if (i > 0)
			buf_puts(out->b, n->kind != NODE_PIPE ? sep : n->both[i - 1] ? " |& " : " | ");
		print_node(out, n->kids[i]);
	}
}

static void
print_function(struct printer *out, const struct node *n)
{
	/* zsh lets several names share a body, or have none. */
	buf_printf(out->b, str_chr(n->name, ' ') == STR_NPOS ? STR_FMT "() " : "function " STR_FMT " ",
	    STR_ARG(n->name));
	print_node(out, n->kids[0]);
	print_words(out, n, " ");
}

static void
print_prefixed(struct printer *out, const struct node *n, const char *prefix)
{
	buf_puts(out->b, prefix);
	if (n->name.n > 0)
		buf_printf(out->b, " " STR_FMT, STR_ARG(n->name));
	if (n->kids[0] != NULL) {
		buf_putc(out->b, ' ');
		print_node(out, n->kids[0]);
	}
}

static void
print_zsh(struct printer *out, const struct node *n)
{
	if (n->kind == NODE_REPEAT) {
		buf_puts(out->b, "repeat");
		print_words(out, n, " ");
		print_between(out, "; do", n->kids[0], "done");
	} else {
		print_between(out, "{", n->kids[0], "} always ");
		print_between(out, "{", n->kids[1], "}");
	}
}

static void
print_compound(struct printer *out, const struct node *n)
{
	switch (n->kind) {
	case NODE_SIMPLE:
	case NODE_LIST:
		print_lines(out, n);
		return;
	case NODE_PIPE:
	case NODE_AND:
	case NODE_OR:
		print_joined(out, n);
		return;
	case NODE_SUBSHELL:
		print_between(out, "(", n->kids[0], ")");
		return;
	case NODE_GROUP:
		print_between(out, "{", n->kids[0], "}");
		return;
	case NODE_IF:
		print_if(out, n);
		return;
	case NODE_WHILE:
		print_between(out, n->until ? "until" : "while", n->kids[0], "");
		print_between(out, "do", n->kids[1], "done");
		return;
	case NODE_FOR:
	case NODE_SELECT:
		print_for(out, n);
		return;
	case NODE_REPEAT:
	case NODE_TRYALWAYS:
		print_zsh(out, n);
		return;
	case NODE_CFOR:
		print_cfor(out, n);
		return;
	case NODE_CASE:
		print_case(out, n);
		return;
	case NODE_FUNCTION:
		print_function(out, n);
		return;
	case NODE_COND:
		buf_puts(out->b, "[[");
		print_words(out, n, " ");
		buf_puts(out->b, " ]]");
		return;
	case NODE_ARITH:
		buf_puts(out->b, "((");
		print_arith(out, n->arith[0]);
		buf_puts(out->b, "))");
		return;
	case NODE_TIME:
		print_prefixed(out, n, "time");
		return;
	case NODE_COPROC:
		print_prefixed(out, n, "coproc");
		return;
	case NODE_NOT:
		print_prefixed(out, n, "!");
		return;
	}
}

static void
print_node(struct printer *out, const struct node *n)
{
	if (n->kind == NODE_SIMPLE) {
		print_simple(out, n);
		return;
	}
	print_compound(out, n);
	print_redirs(out, n->redirs);
}

void
ast_print(const struct node *n, struct buf *out)
{
	struct printer printer = { .b = out };

	print_lines(&printer, n);
}
