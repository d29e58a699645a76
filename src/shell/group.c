/* SPDX-License-Identifier: ISC */
/*
 * group.c: what groups inside a word: {a,b}, @(a|b), zsh's (a|b) and glob
 * qualifiers; and ~. Part of word.c's job, split off.
 */
#include "shell/plain.h"

#include <string.h>

/* The name behind a ~ ends at the next one, unless bash may see =~ in it. */
static const char *
tilde_end(const char *name, const char *s)
{
	struct str text = { name, (size_t)(s - name) };
	size_t next = str_chr(text, '~');

	return next == STR_NPOS || str_find(text, STR("=~")) != STR_NPOS ? s : name + next;
}

#define SUBSCRIPT_MAX 512 /* a longer one is read as text */

/* The = of a word that starts as an assignment does, or NULL. */
static const char *
assign_sign(const struct parser *p, const char *word)
{
	const char *s = word;

	while (s < p->in.end &&
	    (shell__is((unsigned char)*s, C_NAME | C_DIGIT) ||
	        (*s == '\\' && s + 1 < p->in.end && s[1] == '\n')))
		s += *s == '\\' ? 2 : 1;
	if (s == word || shell__is((unsigned char)*word, C_DIGIT) || s == p->in.end)
		return NULL;
	if (*s == '[' && !p->zsh) { /* of an array */
		const char *end = p->in.end - s > SUBSCRIPT_MAX ? s + SUBSCRIPT_MAX : p->in.end;

		for (int level = 1; ++s < end && level > 0;)
			level += (*s == '[') - (*s == ']');
		if (s >= p->in.end)
			return NULL;
	}
	if (*s == '+' && s + 1 < p->in.end)
		s++;
	return *s == '=' ? s : NULL;
}

bool
shell__tilde_place(
    const struct parser *p, const struct wordctx *x, const char *word, bool text, const char **sign)
{
	const char *s = p->in.s;

	if (s == word)
		return x->tilde;
	if (p->zsh && !text) /* behind an expansion that may be empty */
		return x->tilde || x->assign;
	if (!text || (s[-1] != ':' && s[-1] != '='))
		return false;
	if (x->assign || (x->operand && s[-1] == ':'))
		return s[-1] == ':';
	if (!x->tilde)
		return false;
	/* name=~ and name=a:~ in an argument expand too (not in posix mode). */
	if (*sign == word)
		*sign = assign_sign(p, word);
	return *sign != NULL && (*sign == s - 1 || s[-1] == ':');
}

/* At ~ where it may expand. Returns false if it does not. */
bool
shell__tilde(struct parser *p, struct chain *chain, const struct wordctx *x)
{
	const char *name = p->in.s + 1, *s = name;
	struct part *part;
	bool unknown, more = false, last = false;

	while (s < p->in.end && (!shell__is((unsigned char)*s, C_WORD | C_INNER) || *s == '~'))
		s++;
	s = tilde_end(name, s);
	if (s < p->in.end) {
		unsigned char c = (unsigned char)*s;

		bool taken = !p->zsh && (c == '$' || c == '`') && name - 1 > p->in.base &&
		    name[-2] == '=';

		/* a=~$x: see eval__tilde */
		/* What goes on in the next line may be more of the name. */
		more = c == '\\' && p->in.end - s > 1 && s[1] == '\n';
		/* typeset y=~$x and ${x:-~$y}: zsh looks for ~ once more when all is expanded. */
		last = p->zsh && !x->assign && name - 1 > p->in.base && (name[-2] == '=' || name[-2] == ':') &&
		    (c == '\'' || shell__is(c, C_DQUOTE));
		last |= p->zsh && c == '}' && x->stop2 != '}' && x->stop != '}';
		last |= p->zsh && (c == '$' || c == '`') &&
		    (x->operand || (x->assign && name - 1 > p->in.base && name[-2] == ':'));
		last |= p->zsh && x->assign && name - 1 > p->in.base && name[-2] == ':' && (c == '"' || c == '\'');
		if ((c == '\'' && !last) || (shell__is(c, C_DQUOTE) && !taken && !more && !last) || c == ']' ||
		    ((c == ',' || c == '}') && !last && x->stop2 != '}' && x->stop != '}')) {
			/* ~r=~x}: bash may expand the second */
			if (!p->zsh && str_find((struct str){ name, (size_t)(s - name) }, STR("=~")) != STR_NPOS)
				shell__fail(p, "`=~` in the name behind a `~`");
			return false;
		}
	}
	/* ~{a,b} makes names, zsh ~[x] asks a function, bash may end a name at the
	 * =~ in it or go on behind it: not known. */
	unknown = more || last || (s < p->in.end && (*s == '{' || (p->zsh && *s == '[')));
	unknown |= memchr(name, '=', (size_t)(s - name)) != NULL;
	if (unknown && p->shell == SHELL_BASH && p->in.end - s > 2 && s[0] == '{' && s[1] == '=' && s[2] == '~') {
		shell__fail(p, "`=~` twice in a word");
		return false;
	}
	if (unknown && p->shell == SHELL_BASH && p->in.end - s > 1 && (*s == '<' || *s == '>') && s[1] == '(') {
		shell__fail(p, "a substitution behind a `~`"); /* bash may take it for a part of the name */
		return false;
	}
	part = shell__part(p, chain, PART_TILDE, shell__here(p));
	part->text = (struct str){ name, (size_t)(s - name) };
	part->op = x->operand && name[-2] == ':' ? ':' : '\0';
	if (unknown)
		shell__unknown(p, part, (struct str){ name - 1, part->text.n + 1 });
	p->in.s = s;
	part->at.to = shell__upto(p);
	return true;
}

/* ---- braces ---- */

static bool
sequence_end(struct str s)
{
	size_t i = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');

	if (s.n == 1 && shell__is((unsigned char)s.p[0], C_NAME) && s.p[0] != '_')
		return true;
	for (size_t k = i; k < s.n; k++)
		if (!shell__is((unsigned char)s.p[k], C_DIGIT))
			return false;
	return i < s.n;
}

static bool
ends_in_digit(struct str s)
{
	return shell__is((unsigned char)s.p[s.n - 1], C_DIGIT);
}

/* Whether text is x..y or x..y..step, of numbers or of letters. */
static bool
is_sequence(struct str text)
{
	struct str x, y, step = STR("1");
	size_t i = str_find(text, STR(".."));

	if (i == STR_NPOS)
		return false;
	x = str_sub(text, 0, i);
	y = str_sub(text, i + 2, STR_NPOS);
	i = str_find(y, STR(".."));
	if (i != STR_NPOS) {
		step = str_sub(y, i + 2, STR_NPOS);
		y = str_sub(y, 0, i);
	}
	return sequence_end(x) && sequence_end(y) && sequence_end(step) && ends_in_digit(step) &&
	    ends_in_digit(x) == ends_in_digit(y);
}

/* What stands between , and , of what may be a brace expression. */
struct alternative {
	struct astword w;
	struct part *last; /* of its parts; may be NULL */
};

/* Whether something in it may run a command. */
static bool
runs(const struct part *p)
{
	for (; p != NULL; p = p->next) {
		if (p->kind == PART_COMMAND || p->kind == PART_PROCESS || p->kind == PART_ARITH ||
		    (p->kind == PART_PARAM && p->param->arg != NULL) ||
		    ((p->kind == PART_DQUOTE || p->kind == PART_EXTGLOB) && runs(p->parts)))
			return true;
		for (size_t i = 0; p->kind == PART_BRACE && i < p->brace->nwords; i++)
			if (runs(p->brace->words[i]->first))
				return true;
	}
	return false;
}

static bool
has_output(const struct part *p)
{
	while (p != NULL && (p->quoted || p->kind != PART_COMMAND))
		p = p->next;
	return p != NULL;
}

/* The parts of all alternatives since mark, which leave the stack. */
static struct astword *
joined(struct parser *p, size_t mark)
{
	struct chain all = { 0 };
	uint32_t from = p->st.words.v[mark]->at.from;

	for (size_t i = mark; i < p->st.words.n; i++)
		shell__join(&all, (struct chain){ p->st.words.v[i]->first,
		    ((struct alternative *)p->st.words.v[i])->last });
	p->st.words.n = mark;
	return shell__wrap(p, &all, from);
}

/* A brace expression of the alternatives on the stack of words since mark. */
static void
brace_part(struct parser *p, struct chain *chain, const char *open, size_t mark, struct str text,
    bool unknown)
{
	struct astword *all = NULL;
	uint32_t from = shell__offset(p, open);
	struct part *part = shell__part(p, chain, PART_BRACE, from);

	part->at.to = shell__upto(p);
	part->text = text;
	if (text.n > 0)
		p->st.words.n = mark;
	else if (unknown)
		all = joined(p, mark);
	else
		part->brace->words = shell__words_since(p, mark, &part->brace->nwords);
	if (!unknown)
		return;
	shell__unknown(p, part, (struct str){ open, (size_t)(p->in.s - open) });
	if (all != NULL && runs(all->first)) /* what it runs, it runs */
		part->param->arg = all;
}

/* Text of its own, that stands after the last part. */
static void
loose_text(struct parser *p, struct chain *chain, const char *text)
{
	struct part *part = shell__part(
	    p, chain, PART_TEXT, chain->last == NULL ? shell__here(p) : chain->last->at.to);

	part->text = str_of(text);
	part->at.to = part->at.from + 1;
}

/* What looked like a brace expression is text, with the parts in it. open is
 * its {, of which the alternatives since mark were read. */
static void
brace_text(struct parser *p, struct chain *chain, const char *open, size_t mark)
{
	shell__text(p, chain, open, open + 1, false);
	for (size_t i = mark; i < p->st.words.n; i++) {
		struct part *first = p->st.words.v[i]->first;
		struct part *last = ((struct alternative *)p->st.words.v[i])->last;

		if (i > mark)
			loose_text(p, chain, ",");
		if (first == NULL)
			continue;
		if (first->kind == PART_TILDE) {
			first->kind = PART_TEXT;
			first->text.p--;
			first->text.n++;
		}
		if (i == mark && first->kind == PART_TEXT && !first->quoted &&
		    first->text.p == open + 1) {
			chain->last->text.n += first->text.n;
			chain->last->at.to = first->at.to;
			first = first->next;
		}
		if (first != NULL)
			shell__join(chain, (struct chain){ first, last });
	}
	p->st.words.n = mark;
}

/* Whether bash takes what it read behind a { for x..y, whatever that holds. */
static bool
has_dots(const struct part *part)
{
	size_t level = 0;
	unsigned dots = 0;

	for (; part != NULL; part = part->next) {
		if (part->kind != PART_TEXT || part->quoted) {
			dots = 0;
			continue;
		}
		for (size_t i = 0; i < part->text.n; i++) {
			char c = part->text.p[i];

			level += c == '{';
			level -= c == '}' && level > 0;
			dots = c == '.' && level == 0 ? dots + 1 : 0;
			if (dots == 2 && (i + 1 < part->text.n ? part->text.p[i + 1] != '}' : part->next != NULL))
				return true;
		}
	}
	return false;
}

/* Reads alternatives up to what ends them, onto the stack of words. bash looks
 * for a , behind the } of {x} too: {x}y,z} are two. */
static size_t
alternatives(struct parser *p, const struct wordctx *x, bool on)
{
	struct wordctx behind = *x;
	size_t n = 0;

	behind.tilde = false; /* {x}a=~ is no assignment; x={y}:~ may be one */
	behind.operand = true;

	do {
		struct alternative *made = SHELL_NEW(p, struct alternative);
		struct chain alt = { 0 };

		p->in.s++;
		made->w.at.from = shell__here(p);
		shell__parts(p, &alt, x);
		while (on && n == 0 && shell__peek(p) == '}' && !has_dots(alt.first)) {
			shell__text(p, &alt, p->in.s, p->in.s + 1, false);
			p->in.s++;
			shell__parts(p, &alt, &behind);
		}
		made->w.at.to = shell__upto(p);
		made->w.first = alt.first;
		made->last = alt.last;
		shell__push(p, &made->w);
		n++;
	} while (shell__peek(p) == ',');
	return n;
}

/* bash leaves a x..y that is no sequence as it stands, braces and all, but
 * takes its own braces away if there is a comma anywhere in it. */
static bool
holds_more(const struct parser *p, const char *open)
{
	struct str inside = { open + 1, (size_t)(p->in.s - open) - 1 };

	for (size_t i = 0; i < inside.n; i++)
		if (inside.p[i] == ',' || (inside.p[i] == '{' && (i == 0 || inside.p[i - 1] != '$')))
			return true;
	return false;
}

#define SEQUENCE_MAX 64 /* no three numbers are longer */

/* The text of x..y where the one alternative is such, else empty. */
static struct str
sequence_of(struct parser *p, const struct astword *only)
{
	struct str text = STR("");

	for (const struct part *part = only->first; part != NULL; part = part->next) {
		if (part->kind != PART_TEXT || part->quoted || text.n > SEQUENCE_MAX)
			return STR("");
		text = text.n == 0 ? part->text : str_cat(p->a, text, part->text);
	}
	return is_sequence(text) ? text : STR("");
}

/* At { of {}, which is text at the start of what bash looks through. */
static bool
starts(const struct parser *p, const struct chain *chain)
{
	return chain->last == NULL || chain->last->kind == PART_BRACE || p->in.s[-1] == ' ' || p->in.s[-1] == '\t';
}

/* At {. What it holds is read as alternatives; whether it is a brace
 * expression shows at its end. Returns false for {} alone: text. */
bool
shell__brace(struct parser *p, struct chain *chain, const struct wordctx *x)
{
	struct wordctx in = *x;
	const char *open = p->in.s;
	size_t mark = p->st.words.n, n;
	/* { and } within braces are a pair, whatever is between. */
	const bool within = x->stop2 == '}' || x->outer == '}';
	struct str text = STR("");
	bool unknown = false, dots = false;
	unsigned height;

	if (shell__next(p) == '}' && !x->inner && !within && (p->zsh || starts(p, chain)))
		return false;
	if (!shell__enter(p, &height))
		return true;
	in.stop = ',';
	in.stop2 = '}';
	in.tilde = x->tilde && chain->first == NULL;
	n = alternatives(p, &in, !p->zsh && !within);
	if (n == 1 && !p->failed) {
		text = sequence_of(p, p->st.words.v[mark]);
		/* zsh: {1..$n}, and {a..%} is a range of characters */
		dots = text.n == 0 && has_dots(p->st.words.v[mark]->first) &&
		    (p->zsh || holds_more(p, open));
		unknown = dots;
	}
	/* zsh splits what $(…) says before it looks at the braces. */
	for (size_t i = mark; p->zsh && i < p->st.words.n && !p->failed; i++)
		unknown |= has_output(p->st.words.v[i]->first);
	if (p->failed) {
		/* Others may have left their words on the stack. */
		p->st.words.n = mark;
	} else if (shell__peek(p) == '}' && (n > 1 || text.n > 0 || dots)) {
		p->in.s++;
		/* A plain sh expands braces or does not, as it likes. */
		brace_part(p, chain, open, mark, text, unknown || p->shell == SHELL_SH);
	} else {
		/* x={a:~ is an assignment as a whole: read again, it would be one */
		struct str held = { open, (size_t)(p->in.s - open) };

		if (str_find(held, STR(":~")) != STR_NPOS || str_find(held, STR("=~")) != STR_NPOS)
			shell__fail(p, "a `~` behind a `{` that begins no list");
		brace_text(p, chain, open, mark);
		/* zsh counts { inside ${ }. */
		if ((within || (p->zsh && x->inner)) && shell__peek(p) == '}') {
			shell__text(p, chain, p->in.s, p->in.s + 1, false);
			p->in.s++;
		}
	}
	shell__leave(p, height);
	return true;
}

/* ---- patterns in parentheses ---- */

/* At the op of op(a|b), or at ( where op is '('. */
void
shell__extglob(struct parser *p, struct chain *chain, const struct wordctx *x, char op)
{
	const struct wordctx in = { .stop = '|',
		.stop2 = ')',
		.inner = true,
		.brace = x->brace,
		.outer = x->stop == '}' || x->stop2 == '}' ? '}' : x->outer,
		.dquoted = x->dquoted };
	uint32_t from = shell__here(p);
	const char *open;
	struct part *part;
	struct chain alt = { 0 };
	unsigned height;

	/* bash reads that when it runs it, and it may be an error by then. */
	if (!p->zsh && p->backquotes > 0) {
		shell__fail(p, "`(` in backquotes, where dash runs what stands before it");
		return;
	}
	if (!shell__enter(p, &height))
		return;
	shell__take(p, op == '(' ? 1 : 2);
	open = p->in.s;
	if (!p->zsh && shell__peek(p) == ')') {
		shell__fail(p, "`()` behind a sign of patterns: a function to bash without extglob");
		return;
	}
	p->counted++;
	p->err.refused |= !x->inner && !p->conditional;
	part = shell__part(p, chain, PART_EXTGLOB, from);
	part->op = op;
	shell__parts(p, &alt, &in);
	while (shell__peek(p) == '|') {
		struct part *bar = shell__part(p, &alt, PART_TEXT, shell__here(p));

		/* On its own: neither text before nor after may join it. */
		bar->text = STR("|");
		p->in.s++;
		bar->at.to = shell__upto(p);
		shell__parts(p, &alt, &in);
	}
	part->parts = alt.first;
	for (const char *s = open; s < p->in.s && p->zsh && !x->inner && !p->failed; s++)
		if (*s == ';' || *s == '&' || *s == '\n')
			shell__fail(p, "a sign of commands in a pattern");
	if (shell__peek(p) == ')')
		shell__agree(p, open, p->in.s++, "()", from);
	else
		shell__unended(p, from, "`(` of a pattern");
	part->at.to = shell__upto(p);
	shell__leave(p, height);
}

/*
 * At ( in a zsh word. One that ends the word and has no | is a qualifier,
 * which may run code; others are alternatives. Returns false for (): the word
 * ends there and names a function.
 */
bool
shell__zsh_group(struct parser *p, struct chain *chain, const struct wordctx *x)
{
	const char *open = p->in.s;
	struct part *part;
	bool always;

	if (shell__next(p) == ')')
		return false;
	shell__extglob(p, chain, x, '(');
	part = chain->last;
	if (p->failed)
		return true;
	/* (#q…), wherever it stands and whatever it holds */
	always = p->in.end - open > 2 && open[1] == '#' && open[2] == 'q';
	if (!always && p->in.s < p->in.end && !shell__is((unsigned char)*p->in.s, C_END))
		return true;
	for (const struct part *in = part->parts; in != NULL && !always; in = in->next)
		if (in->kind == PART_TEXT && !in->quoted && str_is(in->text, "|"))
			return true;
	if (runs(part->parts))
		shell__fail_at(p, part->at.from, STR("a substitution in a glob qualifier"));
	part->kind = PART_QUALIFIER;
	part->parts = NULL;
	part->text = (struct str){ open + 1, (size_t)(p->in.s - open) - 2 };
	return true;
}

/* At <: the end of a zsh number range <1-9>, <->, or NULL. */
const char *
shell__zsh_range_end(const struct parser *p)
{
	const char *s = p->in.s + 1, *end = p->in.end;

	while (s < end && shell__is((unsigned char)*s, C_DIGIT))
		s++;
	if (s == end || *s++ != '-')
		return NULL;
	while (s < end && shell__is((unsigned char)*s, C_DIGIT))
		s++;
	return s == end || *s != '>' ? NULL : s + 1;
}

bool
shell__zsh_range(struct parser *p, struct chain *chain)
{
	const char *s = shell__zsh_range_end(p);
	struct part *part;

	if (s == NULL)
		return false;
	part = shell__part(p, chain, PART_GLOB, shell__here(p));
	part->text = (struct str){ p->in.s, (size_t)(s - p->in.s) };
	p->in.s = s;
	part->at.to = shell__upto(p);
	return true;
}
