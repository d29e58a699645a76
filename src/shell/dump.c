/* SPDX-License-Identifier: ISC */
/*
 * dump.c: the tree as an s-expression, for tests and debugging. Neighbouring
 * texts are shown as one, ${x} and $x, `x` and $(x) alike: two texts that mean
 * the same in these ways have the same dump. tests/shell/parse.cases is the
 * best description of its form.
 */
#include "shell/ast.h"

#include <string.h>

static void dump_node(struct buf *b, const struct node *n);
static void dump_parts(struct buf *b, const struct part *part);
static const struct part *dump_part(struct buf *b, const struct part *part);

/* Text in which c would end or start something else. */
static void
dump_text(struct buf *b, struct str text, const char *special)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '\n')
			buf_puts(b, "\\n");
		else if (c == '\t')
			buf_puts(b, "\\t");
		else if (c < ' ' || c == 0x7f)
			buf_printf(b, "\\x%02x", c);
		else if (strchr(special, c) != NULL)
			buf_printf(b, "\\%c", c);
		else
			buf_putc(b, (char)c);
	}
}

static void
dump_word(struct buf *b, const struct astword *w)
{
	if (w == NULL || w->first == NULL)
		buf_puts(b, "-");
	else
		dump_parts(b, w->first);
}

static void
dump_body(struct buf *b, const struct node *n)
{
	if (n != NULL)
		dump_node(b, n);
}

static const char *
param_name(const struct part *part)
{
	static const char *const names[] = { [PARAM_PLAIN] = "", [PARAM_LENGTH] = "length",
		[PARAM_INDIRECT] = "indirect", [PARAM_NAMES] = "names", [PARAM_KEYS] = "keys",
		[PARAM_DEFAULT] = "-", [PARAM_ASSIGN] = "=", [PARAM_ERROR] = "?",
		[PARAM_ALTERNATE] = "+", [PARAM_PREFIX] = "#", [PARAM_SUFFIX] = "%",
		[PARAM_REPLACE] = "/", [PARAM_SLICE] = ":", [PARAM_CASE] = "case",
		[PARAM_TRANSFORM] = "@", [PARAM_OTHER] = "other" };

	return names[part->param->op];
}

/* Parts that were read by the rules of double quotes, without quotes. */
static void
dump_dquoted(struct buf *b, const struct part *part)
{
	for (; part != NULL; part = part->next)
		if (part->kind == PART_TEXT)
			dump_text(b, part->text, "\"\\$");
		else
			part = dump_part(b, part);
}

static void
dump_subscript(struct buf *b, const struct astword *w)
{
	if (w == NULL)
		return;
	buf_putc(b, '[');
	dump_dquoted(b, w->first);
	buf_putc(b, ']');
}

static void
dump_argument(struct buf *b, const struct part *part, const struct astword *w)
{
	if (w == NULL)
		return;
	buf_putc(b, ' ');
	if (part->param->op == PARAM_SLICE)
		dump_dquoted(b, w->first);
	else
		dump_word(b, w);
}

static void
dump_param(struct buf *b, const struct part *part)
{
	buf_puts(b, "${");
	buf_add(b, part->param->name);
	dump_subscript(b, part->param->subscript);
	if (part->param->op != PARAM_PLAIN) {
		buf_printf(b, " %s%s%s", part->param->colon ? ":" : "", param_name(part),
		    part->param->doubled ? "*" : "");
		if ((part->param->op == PARAM_CASE || part->param->op == PARAM_NAMES ||
		    part->param->op == PARAM_REPLACE) && part->op != '\0' && part->op != '/')
			buf_putc(b, part->op);
		buf_add(b, part->param->mod);
		dump_argument(b, part, part->param->arg);
		dump_argument(b, part, part->param->arg2);
		if (part->param->op == PARAM_OTHER && !part->param->braced)
			buf_printf(b, " " STR_FMT, STR_ARG(part->text));
	}
	buf_putc(b, '}');
}

static void
dump_brace(struct buf *b, const struct part *part)
{
	buf_puts(b, "<{");
	buf_add(b, part->text);
	for (size_t i = 0; i < part->brace->nwords; i++) {
		if (i > 0)
			buf_putc(b, ',');
		if (part->brace->words[i]->first != NULL)
			dump_parts(b, part->brace->words[i]->first);
	}
	buf_puts(b, "}>");
}

/* TEXT, with the texts behind it that are quoted alike; returns the last. */
static const struct part *
dump_texts(struct buf *b, const struct part *part)
{
	bool quoted = part->quoted;

	if (quoted)
		buf_putc(b, '\'');
	for (;; part = part->next) {
		dump_text(b, part->text, quoted ? "'\\" : " ()<>'\"$\\");
		if (part->next == NULL || part->next->kind != PART_TEXT || part->next->quoted != quoted)
			break;
	}
	if (quoted)
		buf_putc(b, '\'');
	return part;
}

static void
dump_command(struct buf *b, const struct part *part)
{
	char op = part->kind == PART_PROCESS ? part->op : '$';

	buf_printf(b, part->op == '{' ? "${" : "%c(", op);
	dump_body(b, part->subst->body);
	if (part->subst->body_bad)
		buf_puts(b, " bad");
	buf_putc(b, part->op == '{' ? '}' : ')');
}

static const struct part *
dump_part(struct buf *b, const struct part *part)
{
	switch (part->kind) {
	case PART_TEXT:
		return dump_texts(b, part);
	case PART_DQUOTE:
		buf_putc(b, '"');
		dump_dquoted(b, part->parts);
		buf_putc(b, '"');
		break;
	case PART_PARAM:
		dump_param(b, part);
		break;
	case PART_COMMAND:
	case PART_PROCESS:
		dump_command(b, part);
		break;
	case PART_ARITH:
		buf_puts(b, "$((");
		dump_dquoted(b, part->parts);
		buf_puts(b, "))");
		break;
	case PART_GLOB:
		buf_printf(b, "<" STR_FMT ">", STR_ARG(part->text));
		break;
	case PART_EXTGLOB:
		buf_printf(b, part->op == '(' ? "<(" : "<%c(", part->op);
		dump_parts(b, part->parts);
		buf_puts(b, ")>");
		break;
	case PART_BRACE:
		dump_brace(b, part);
		break;
	case PART_TILDE:
		buf_printf(b, "<~" STR_FMT ">", STR_ARG(part->text));
		break;
	case PART_ZEQUALS:
		buf_printf(b, "<=" STR_FMT ">", STR_ARG(part->text));
		break;
	case PART_QUALIFIER:
		buf_printf(b, "<q:" STR_FMT ">", STR_ARG(part->text));
		break;
	}
	return part;
}

static void
dump_parts(struct buf *b, const struct part *part)
{
	for (; part != NULL; part = part->next)
		part = dump_part(b, part);
}

static void
dump_asg(struct buf *b, const struct asg *as)
{
	buf_printf(b, " (%s " STR_FMT, as->append ? "+=" : "=", STR_ARG(as->name));
	dump_subscript(b, as->subscript);
	if (as->array)
		buf_puts(b, " array");
	for (size_t i = 0; i < as->nelements; i++) {
		buf_putc(b, ' ');
		dump_word(b, as->elements[i]);
	}
	if (as->value != NULL) {
		buf_putc(b, ' ');
		dump_word(b, as->value);
	}
	buf_putc(b, ')');
}

static void
dump_redir(struct buf *b, const struct redir *r)
{
	static const char *const names[] = { [REDIR_IN] = "<", [REDIR_OUT] = ">",
		[REDIR_CLOBBER] = ">|", [REDIR_APPEND] = ">>", [REDIR_RW] = "<>",
		[REDIR_DUP_IN] = "<&", [REDIR_DUP_OUT] = ">&", [REDIR_BOTH] = "&>",
		[REDIR_HERE] = "<<", [REDIR_HERESTR] = "<<<" };

	buf_puts(b, " (");
	if (r->fdname.n > 0)
		buf_printf(b, "{" STR_FMT "}", STR_ARG(r->element.n > 0 ? r->element : r->fdname));
	else if (r->fd >= 0)
		buf_printf(b, "%d", r->fd);
	buf_printf(b, "%s%s ", names[r->op], r->op == REDIR_BOTH && r->append ? ">" : "");
	dump_word(b, r->word);
	if (r->op == REDIR_HERE) {
		buf_printf(b, "%s%s%s \"", r->here_strip ? " strip" : "",
		    r->here_quoted ? " quoted" : "", r->here_cut ? " cut" : "");
		dump_dquoted(b, r->body == NULL ? NULL : r->body->first);
		buf_putc(b, '"');
	}
	buf_putc(b, ')');
}

static void
dump_simple(struct buf *b, const struct node *n)
{
	const struct asg *decl = n->decl_assigns;
	size_t k = 0;

	buf_puts(b, "(cmd");
	for (const struct asg *as = n->assigns; as != NULL; as = as->next)
		dump_asg(b, as);
	for (size_t i = 0; i < n->nwords; i++) {
		if (decl != NULL && n->decl_at[k] == i) {
			dump_asg(b, decl);
			decl = decl->next;
			k++;
			continue;
		}
		buf_putc(b, ' ');
		dump_word(b, n->words[i]);
	}
	for (const struct redir *r = n->redirs; r != NULL; r = r->next)
		dump_redir(b, r);
	buf_putc(b, ')');
}

static void
dump_case(struct buf *b, const struct node *n)
{
	buf_putc(b, ' ');
	dump_word(b, n->words[0]);
	for (size_t i = 0; i < n->nitems; i++) {
		const struct caseitem *item = &n->items[i];

		buf_puts(b, " (");
		for (size_t k = 0; k < item->npatterns; k++) {
			buf_puts(b, k > 0 ? " | " : "");
			dump_word(b, item->patterns[k]);
		}
		buf_puts(b, ") ");
		dump_body(b, item->body);
		buf_puts(b, item->end == ';' ? " ;;" : item->end == '&' ? " ;&" : " ;;&");
	}
}

static const char *
kind_name(const struct node *n)
{
	static const char *const names[] = { [NODE_SIMPLE] = "cmd", [NODE_PIPE] = "pipe",
		[NODE_AND] = "and", [NODE_OR] = "or", [NODE_LIST] = "list", [NODE_SUBSHELL] = "sub",
		[NODE_GROUP] = "group", [NODE_IF] = "if", [NODE_WHILE] = "while", [NODE_FOR] = "for",
		[NODE_CFOR] = "cfor", [NODE_SELECT] = "select", [NODE_REPEAT] = "repeat",
		[NODE_CASE] = "case", [NODE_FUNCTION] = "function", [NODE_COND] = "cond",
		[NODE_ARITH] = "arith", [NODE_TIME] = "time", [NODE_COPROC] = "coproc",
		[NODE_NOT] = "not", [NODE_TRYALWAYS] = "try" };

	if (n->kind == NODE_WHILE && n->until)
		return "until";
	return n->kind == NODE_PIPE && n->negated ? "not-pipe" : names[n->kind];
}

static void
dump_kids(struct buf *b, const struct node *n)
{
	for (size_t i = 0; i < n->nkids; i++) {
		buf_putc(b, ' ');
		if (n->kind == NODE_IF && n->has_else && i + 1 == n->nkids)
			buf_puts(b, "else ");
		if (n->kind == NODE_PIPE && i > 0 && n->both[i - 1])
			buf_puts(b, "& ");
		dump_body(b, n->kids[i]);
		if (n->kind == NODE_LIST && n->background[i])
			buf_puts(b, " &");
	}
}

static bool
has_name(const struct node *n)
{
	return n->kind == NODE_FOR || n->kind == NODE_SELECT || n->kind == NODE_FUNCTION ||
	    n->kind == NODE_COPROC || n->kind == NODE_TIME;
}

static void
dump_compound(struct buf *b, const struct node *n)
{
	buf_printf(b, "(%s", kind_name(n));
	if (n->kind == NODE_FUNCTION && n->name.n == 0)
		buf_puts(b, " ()");
	else if (has_name(n) && n->name.n > 0)
		buf_printf(b, " " STR_FMT, STR_ARG(n->name));
	if (n->kind == NODE_CFOR || n->kind == NODE_ARITH)
		for (int i = 0; i < (n->kind == NODE_CFOR ? 3 : 1); i++) {
			buf_puts(b, " ((");
			dump_dquoted(b, n->arith[i] == NULL ? NULL : n->arith[i]->parts);
			buf_puts(b, "))");
		}
	if (n->has_in)
		buf_puts(b, " in");
	if (n->kind == NODE_CASE)
		dump_case(b, n);
	else
		for (size_t i = 0; i < n->nwords; i++) {
			buf_putc(b, ' ');
			dump_word(b, n->words[i]);
		}
	if (n->has_in)
		buf_puts(b, " do");
	dump_kids(b, n);
	for (const struct redir *r = n->redirs; r != NULL; r = r->next)
		dump_redir(b, r);
	buf_putc(b, ')');
}

static void
dump_node(struct buf *b, const struct node *n)
{
	if (n->kind == NODE_SIMPLE)
		dump_simple(b, n);
	else
		dump_compound(b, n);
}

void
ast_dump(const struct node *n, struct buf *out)
{
	dump_body(out, n);
}
