/* SPDX-License-Identifier: ISC */
/*
 * param.c: what a $ starts: $x ${x…} $(…) $((…)) $[…] $'…' $"…", and command
 * and process substitutions. zsh's own parameter syntax is in zshparam.c.
 */
#include "shell/plain.h"

#include <string.h>

/* A name at the cursor of bytes of these classes, \newline taken out. */
static struct str
name_at(struct parser *p, int classes)
{
	const char *s = p->in.s;
	struct str name;

	while (s < p->in.end && shell__is((unsigned char)*s, classes))
		s++;
	name = (struct str){ p->in.s, (size_t)(s - p->in.s) };
	shell__work(p, name.n);
	p->in.s = s;
	if (p->in.end - s < 2 || s[0] != '\\' || s[1] != '\n')
		return name;
	shell__continued(p);
	if (shell__is(shell__peek(p), classes)) {
		struct buf b;

		buf_init(&b, p->a);
		buf_add(&b, name);
		while (shell__is(shell__peek(p), classes)) {
			buf_putc(&b, *p->in.s++);
			shell__continued(p);
		}
		name = buf_str(&b);
	}
	return name;
}

/* ---- substitutions ---- */

/* A command or process substitution; the cursor stands behind its (. */
struct part *
shell__substitution(struct parser *p, struct chain *chain, enum part_kind kind, char op, uint32_t from)
{
	struct heredoc *pending = p->pending;
	struct alias_use *floor = p->floor;
	struct part *part = shell__part(p, chain, kind, from);
	const char *open = p->in.s;
	/* What starts with $(( bash has counted. */
	bool alias_next = p->alias_next, counted = op == '$' && shell__peek(p) == '(';
	char around = p->around;
	unsigned height;

	part->op = op;
	if (!shell__enter(p, &height))
		return part;
	if (kind == PART_PROCESS)
		shell__not_in_dash(p);
	p->pending = NULL;
	p->floor = p->alias;
	p->alias_next = false;
	p->around = '\0';
	p->substitutions++;
	p->counted += counted;
	part->subst->body_at.from = shell__here(p);
	part->subst->body = shell__list(p);
	part->subst->body_at.to = shell__here(p);
	p->substitutions--;
	p->around = around;
	if (shell__newlines(p) == ')') {
		if (p->pending != NULL)
			shell__fail_at(p, from, STR("here-document not ended in its substitution"));
		else
			p->in.s++;
		/* The $( <( =( before it is two bytes long, but for \newline. */
		shell__span(p, open - 2, p->in.s);
		if (counted)
			shell__agree(p, open, p->in.s - 1, "()", from);
	} else if (shell__peek(p) < 0) {
		shell__unended(p, from, "substitution");
	} else {
		shell__unexpected(p);
	}
	part->at.to = shell__upto(p);
	if (!p->failed) {
		p->pending = pending;
		p->floor = floor;
		p->alias_next = alias_next;
	}
	shell__leave(p, height);
	return part;
}

/* At $((: arithmetic, or else a substitution that starts with a subshell. */
static __attribute__((noinline)) bool
arithmetic(struct parser *p, struct chain *chain, bool dquoted)
{
	uint32_t from = shell__here(p);
	const char *open, *inside;
	struct attempt try;
	struct part *part;

	if (!shell__try(p, SEEN_ARITH, chain, &try))
		return false;
	open = p->in.s;
	shell__take(p, 3);
	inside = p->in.s;
	p->counted++;
	part = shell__arith(p, chain, from, ")");
	if (shell__peek(p) == ')' && shell__next(p) == ')') {
		shell__right(p);
		shell__agree(p, inside, p->in.s, "()", from);
		shell__take(p, 2);
		shell__span(p, open, p->in.s);
		part->at.to = shell__upto(p);
		part->quoted = dquoted;
		return true;
	}
	if (shell__peek(p) < 0) {
		shell__unended(p, from, "arithmetic");
		return true;
	}
	shell__wrong(p, chain, &try);
	return false;
}

/* ---- ${…} ---- */

/* At [. */
struct astword *
shell__subscript(struct parser *p, bool braced)
{
	struct chain chain = { 0 };
	uint32_t from = shell__here(p), inside;
	struct astword *w;
	unsigned height;

	if (!shell__enter(p, &height))
		return NULL;
	p->in.s++;
	inside = shell__here(p);
	/* Inside ${ } the first } ends that all the same. */
	shell__dquoted(p, &chain, braced ? "]}" : "]");
	w = shell__wrap(p, &chain, inside);
	if (shell__peek(p) == ']')
		p->in.s++;
	else
		shell__unended(p, from, "subscript");
	shell__leave(p, height);
	return w;
}

/* A word up to }, which is not taken. */
static struct astword *
word_to_brace(struct parser *p, bool dquoted)
{
	struct chain chain = { 0 };
	uint32_t from = shell__here(p);

	if (!dquoted)
		return shell__pattern(p, '}', '\0', false);
	shell__dquoted(p, &chain, "}");
	return shell__wrap(p, &chain, from);
}

/* Whatever stands in ${ } that has no known meaning. */
static void
other(struct parser *p, struct part *part, bool dquoted)
{
	const char *from = p->in.s;

	part->param->op = PARAM_OTHER;
	part->param->arg = word_to_brace(p, dquoted);
	/* `${x$'}`: to bash no quote begins there. */
	if (!p->failed && !p->zsh && str_chr((struct str){ from, (size_t)(p->in.s - from) }, '\'') != STR_NPOS)
		shell__fail(p, "a quote in `${ }` without an operator");
}

static void
slice(struct parser *p, struct part *part)
{
	struct chain chain = { 0 };
	uint32_t from = shell__here(p);

	if (p->shell == SHELL_SH && shell__peek(p) == '}') {
		shell__fail(p, "`:}`, which shells called sh read in two ways");
		return;
	}
	part->param->op = PARAM_SLICE;
	shell__dquoted(p, &chain, ":}");
	part->param->arg = shell__wrap(p, &chain, from);
	if (shell__peek(p) != ':')
		return;
	p->in.s++;
	chain = (struct chain){ 0 };
	from = shell__here(p);
	shell__dquoted(p, &chain, ":}");
	/* A third colon is an error when it runs. */
	if (shell__peek(p) == ':') {
		part->param->op = PARAM_OTHER;
		shell__dquoted(p, &chain, "}");
	}
	part->param->arg2 = shell__wrap(p, &chain, from);
}

/* Takes c and says whether it was there. */
static bool
take(struct parser *p, char c)
{
	if (shell__after(p, 0) != c)
		return false;
	shell__take(p, 1);
	return true;
}

static void
replace(struct parser *p, struct part *part, bool dquoted)
{
	part->param->op = PARAM_REPLACE;
	part->op = '/';
	if (take(p, '/'))
		part->param->doubled = true;
	else if (shell__peek(p) == '#' || shell__peek(p) == '%')
		part->op = *p->in.s++;
	part->param->arg = shell__pattern(p, '/', '}', dquoted);
	if (take(p, '/'))
		part->param->arg2 = shell__pattern(p, '}', '\0', dquoted);
}

/* @Q and its like; the cursor stands behind @. */
static void
transform(struct parser *p, struct part *part, bool dquoted)
{
	const char *s = p->in.s;

	if (shell__is(shell__peek(p), C_NAME) && shell__next(p) == '}') {
		part->param->op = PARAM_TRANSFORM;
		part->param->mod = (struct str){ s, 1 };
		p->in.s++;
	} else {
		other(p, part, dquoted);
	}
}

/* The operator behind the name, and what it takes. */
static void
operator(struct parser *p, struct part *part, bool dquoted)
{
	int c = shell__after(p, 0);

	part->op = (char)c;
	switch (c) {
	case '-': case '=': case '?': case '+':
		shell__take(p, 1);
		part->param->op = c == '-' ? PARAM_DEFAULT : c == '=' ? PARAM_ASSIGN :
		    c == '?' ? PARAM_ERROR : PARAM_ALTERNATE;
		part->param->arg = word_to_brace(p, dquoted);
		return;
	case '#': case '%': case '^': case ',':
		shell__take(p, 1);
		part->param->doubled = take(p, (char)c);
		part->param->op = c == '#' ? PARAM_PREFIX : c == '%' ? PARAM_SUFFIX : PARAM_CASE;
		part->param->arg = shell__pattern(p, '}', '\0', dquoted);
		return;
	case '/':
		shell__take(p, 1);
		replace(p, part, dquoted);
		return;
	case '@':
		shell__take(p, 1);
		transform(p, part, dquoted);
		return;
	default:
		part->op = '\0';
		other(p, part, dquoted);
	}
}

static void
colon(struct parser *p, struct part *part, bool dquoted)
{
	int c;

	shell__take(p, 1);
	c = shell__after(p, 0);
	if (c > 0 && strchr("-=?+", c) != NULL) {
		part->param->colon = true;
		operator(p, part, dquoted);
	} else if (p->zsh && c == ':' && shell__next(p) == '=') {
		shell__take(p, 1);
		operator(p, part, dquoted);
		part->param->doubled = true; /* whatever it held */
	} else if (p->zsh && (shell__is(c, C_NAME) || (c > 0 && strchr("#|*^&", c) != NULL))) {
		other(p, part, dquoted);
	} else {
		slice(p, part);
	}
}

/* ${!x…}: what of it has a name of its own. */
static void
indirect(struct parser *p, struct part *part, bool dquoted)
{
	int c = shell__after(p, 0);

	part->param->op = PARAM_INDIRECT;
	if (c == '}') {
		const struct part *sub = part->param->subscript == NULL ? NULL : part->param->subscript->first;

		if (sub != NULL && sub->next == NULL && sub->kind == PART_TEXT &&
		    (str_is(sub->text, "@") || str_is(sub->text, "*")))
			part->param->op = PARAM_KEYS;
	} else if ((c == '*' || c == '@') && part->param->subscript == NULL && shell__next(p) == '}') {
		part->param->op = PARAM_NAMES;
		part->op = (char)c;
		shell__take(p, 1);
	} else {
		other(p, part, dquoted);
	}
}

static bool
name_start(int c)
{
	return shell__is(c, C_NAME | C_DIGIT);
}

/* A # or ! before the name that is no name itself; taken if so. */
static char
prefix(struct parser *p)
{
	int c = shell__after(p, 0), next = shell__next(p);
	bool is = false;

	if (c == '#')
		is = name_start(next) || (shell__is(next, C_SPECIAL) && shell__after(p, 2) == '}');
	else if (c == '!' && !p->zsh)
		is = name_start(next) || next == '@' || next == '*' ||
		    ((next == '#' || next == '?') && shell__after(p, 2) == '}');
	if (!is)
		return '\0';
	shell__take(p, 1);
	shell__continued(p);
	return (char)c;
}

/* A name, a number or a special parameter at the cursor; empty: none. */
static struct str
parameter(struct parser *p, bool braced)
{
	int c = shell__after(p, 0);

	shell__continued(p);
	if (shell__is(c, C_NAME))
		return name_at(p, C_NAME | C_DIGIT);
	if (shell__is(c, C_DIGIT))
		return name_at(p, C_DIGIT);
	/* ${$(…)} and ${${…}} have no name. */
	if (shell__is(c, C_SPECIAL) && !(c == '$' && braced && strchr("({['\"", shell__next(p)) != NULL)) {
		p->in.s++;
		return (struct str){ p->in.s - 1, 1 };
	}
	return STR("");
}

static void
braced_inside(struct parser *p, struct part *part, bool dquoted)
{
	char pre = prefix(p);
	int c;

	part->param->name = parameter(p, true);
	if (part->param->name.n == 0) {
		other(p, part, dquoted);
		return;
	}
	c = shell__after(p, 0);
	if (c == '[' && (shell__is((unsigned char)part->param->name.p[0], C_NAME) || p->zsh)) {
		shell__continued(p);
		part->param->subscript = shell__subscript(p, true);
		c = shell__after(p, 0);
	}
	if (pre == '!')
		indirect(p, part, dquoted);
	else if (pre == '#' && c == '}')
		part->param->op = PARAM_LENGTH;
	else if (pre == '#')
		other(p, part, dquoted);
	else if (c == ':')
		colon(p, part, dquoted);
	else if (c != '}')
		operator(p, part, dquoted);
}

/* ksh's ${ cmd;} and ${|cmd;}: the body runs in this shell. */
static void
function_substitution(struct parser *p, struct part *part)
{
	struct alias_use *floor = p->floor;
	struct heredoc *pending = p->pending;

	shell__not_in_dash(p);
	part->kind = PART_COMMAND;
	part->subst = SHELL_NEW(p, struct subst);
	part->op = '{';
	if (shell__peek(p) == '|')
		p->in.s++;
	p->floor = p->alias;
	p->pending = NULL;
	part->subst->body_at.from = shell__here(p);
	part->subst->body = shell__list(p);
	part->subst->body_at.to = shell__here(p);
	if (shell__newlines(p) == '}')
		p->kw_at = NULL;
	if (!p->failed) {
		p->floor = floor;
		p->pending = pending;
	}
}

/* "$(echo ${x+$'<(ls)'})": bash takes the quotes away and runs it. */
static bool
holds_code(struct str text)
{
	size_t at = str_find(text, STR("$'"));

	if (at == STR_NPOS)
		return false;
	text = str_sub(text, at + 2, text.n);
	return str_chr(text, '$') != STR_NPOS || str_chr(text, '`') != STR_NPOS || str_find(text, STR("<(")) != STR_NPOS ||
	    str_find(text, STR(">(")) != STR_NPOS;
}

/* At ${. */
static void
braced(struct parser *p, struct chain *chain, bool dquoted, uint32_t from)
{
	struct part *part = shell__part(p, chain, PART_PARAM, from);
	const char *open = p->in.s, *inside;
	unsigned height;
	int c;

	part->param->braced = true;
	part->quoted = dquoted;
	if (!shell__enter(p, &height))
		return;
	shell__take(p, 2);
	inside = p->in.s;
	p->counted++;
	c = shell__after(p, 0);
	if (p->zsh && (c == ' ' || c == '\t' || c == '\n'))
		shell__fail(p, "a blank behind `${`");
	else if (c == ' ' || c == '\t' || c == '\n' || c == '|')
		function_substitution(p, part);
	else if (!p->zsh || !shell__zsh_braced(p, part, dquoted))
		braced_inside(p, part, dquoted);
	shell__continued(p);
	if (p->shell == SHELL_BASH && p->substitutions > 0 && !dquoted && holds_code((struct str){ inside, (size_t)(p->in.s - inside) }))
		shell__fail(p, "a $'…' in `${ }`, which bash may read once more");
	if (part->kind == PART_PARAM && part->param->op == PARAM_OTHER && !p->failed)
		part->text = (struct str){ inside, (size_t)(p->in.s - inside) };
	if (shell__peek(p) == '}') {
		shell__agree(p, inside, p->in.s++, "{}", from);
		shell__span(p, open, p->in.s);
	} else if (shell__peek(p) < 0)
		shell__unended(p, from, "`${`");
	else
		shell__unexpected(p);
	part->at.to = shell__upto(p);
	shell__leave(p, height);
}

/* ---- $ ---- */

/* $x: one digit, one special or a name. */
static void
bare(struct parser *p, struct chain *chain, bool dquoted, uint32_t from)
{
	struct part *part = shell__part(p, chain, PART_PARAM, from);
	const char *s = p->in.s;

	part->quoted = dquoted;
	shell__take(p, 1);
	shell__continued(p);
	if (shell__is(shell__peek(p), C_DIGIT) && !p->zsh) {
		part->param->name = (struct str){ p->in.s, 1 };
		p->in.s++;
	} else {
		part->param->name = parameter(p, false);
	}
	if (p->zsh)
		shell__zsh_bare(p, part);
	if (part->param->op == PARAM_OTHER)
		part->text = (struct str){ s, (size_t)(p->in.s - s) };
	part->at.to = shell__upto(p);
}

/* $'…' and $"…". A plain sh may take the $ for text: then not known. */
static __attribute__((noinline)) void
dollar_quote(struct parser *p, struct chain *chain, int quote, uint32_t from)
{
	const char *s = p->in.s;

	shell__take(p, 1);
	shell__continued(p);
	if (quote == '\'')
		shell__ansi(p, chain, from);
	else
		shell__double(p, chain);
	shell__span(p, s, p->in.s);
	if (p->failed)
		return;
	chain->last->at.from = from;
	if (p->shell == SHELL_SH) {
		struct astword *inside = SHELL_NEW(p, struct astword);
		struct part *copy = SHELL_NEW(p, struct part);

		*copy = *chain->last;
		copy->next = NULL;
		*inside = (struct astword){ copy->at, copy };
		shell__unknown(p, chain->last, (struct str){ s, (size_t)(p->in.s - s) });
		if (quote == '"')
			chain->last->param->arg = inside; /* what it runs, it runs */
	}
}

bool
shell__dollar(struct parser *p, struct chain *chain, bool dquoted)
{
	return shell__plain_name(p, chain, dquoted) || shell__dollar_more(p, chain, dquoted);
}

/* At $. Returns false if it is text. */
bool
shell__dollar_more(struct parser *p, struct chain *chain, bool dquoted)
{
	uint32_t from = shell__here(p);
	int c = shell__next(p);

	if (c == '(') {
		if (shell__after(p, 2) == '(' && arithmetic(p, chain, dquoted))
			return true;
		shell__take(p, 2);
		shell__substitution(p, chain, PART_COMMAND, '$', from)->quoted = dquoted;
	} else if (c == '{') {
		braced(p, chain, dquoted, from);
	} else if (c == '[' && p->shell == SHELL_SH) {
		shell__fail(p, "`$[`, which shells called sh read in two ways");
	} else if (c == '[') {
		const char *open = p->in.s;

		shell__take(p, 2);
		shell__arith(p, chain, from, "]")->quoted = dquoted;
		if (shell__peek(p) == ']')
			shell__span(p, open, ++p->in.s);
		else
			shell__unended(p, from, "`$[`");
		if (chain->last != NULL)
			chain->last->at.to = shell__upto(p);
	} else if ((c == '\'' || (c == '"' && !p->zsh)) && !dquoted) {
		dollar_quote(p, chain, c, from);
	} else if (shell__is(c, C_NAME | C_DIGIT | C_SPECIAL) ||
	    (p->zsh && c > 0 && strchr("+^=~", c) != NULL &&
	        shell__is(shell__after(p, 2), c == '+' ? C_NAME | C_DIGIT : C_NAME))) {
		bare(p, chain, dquoted, from);
	} else if (p->zsh && c > 0 && strchr("^=~", c) != NULL) {
		shell__fail(p, "`$` with a flag and no name behind it");
	} else {
		return false;
	}
	return true;
}
