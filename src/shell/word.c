/* SPDX-License-Identifier: ISC */
/*
 * word.c: unquoted words and what stands in them: text, globs, tildes, braces,
 * process substitutions. Quotes are in quote.c, $ in param.c, the patterns in
 * parentheses in group.c. Text is a slice of the source, never copied.
 */
#include "shell/plain.h"

#include <string.h>

/* Makes part something whose value is not known; text is its source. */
void
shell__unknown(struct parser *p, struct part *part, struct str text)
{
	part->kind = PART_PARAM;
	part->param = SHELL_NEW(p, struct param);
	part->param->op = PARAM_OTHER;
	part->text = text;
	part->op = '\0';
}

void
shell__text_more(struct parser *p, struct chain *chain, const char *from, const char *to, bool quoted)
{
	struct part *last = chain->last;

	if (last->quoted != quoted || last->text.p + last->text.n != from || last->text.n == 0) {
		shell__text_new(p, chain, from, to, quoted, false);
		return;
	}
	shell__work(p, (size_t)(to - from));
	last->text.n += (size_t)(to - from);
	last->at.to = p->in.fixed ? p->in.at.to : shell__offset(p, to);
}

/* A word of one unquoted text that need not stand in the source as it is. */
struct astword *
shell__text_word(struct parser *p, const char *from, const char *to)
{
	struct chain chain = { 0 };
	uint32_t at = shell__offset(p, from);

	shell__text(p, &chain, from, to, false);
	return shell__wrap(p, &chain, at);
}

/*
 * The text of a word without any expansion: "" for "", p NULL where it holds
 * one. Copied only where it has several pieces.
 */
struct str
shell__literal(struct parser *p, const struct astword *w)
{
	struct buf b;

	if (w == NULL || w->first == NULL)
		return STR("");
	if (w->first->next == NULL && w->first->kind == PART_TEXT)
		return w->first->text.p == NULL ? STR("") : w->first->text;
	buf_init(&b, p->a);
	for (const struct part *part = w->first; part != NULL; part = part->next) {
		if (part->kind == PART_TEXT) {
			buf_add(&b, part->text);
			continue;
		}
		if (part->kind != PART_DQUOTE)
			return (struct str){ NULL, 0 };
		for (const struct part *in = part->parts; in != NULL; in = in->next) {
			if (in->kind != PART_TEXT)
				return (struct str){ NULL, 0 };
			buf_add(&b, in->text);
		}
	}
	return buf_str(&b);
}

/* ---- globs ---- */

static const char *
over_newlines(const char *s, const char *end)
{
	while (end - s > 1 && s[0] == '\\' && s[1] == '\n')
		s += 2;
	return s;
}

/* At [: the end of the set that it starts, or NULL. *upto: how far was looked;
 * *plain: no quote, no expansion and no brace there. */
static const char *
set_end(const struct parser *p, const struct wordctx *x, const char **upto, bool *plain)
{
	const char *s = p->in.s + 1, *end = p->in.end;

	*plain = true;
	s = over_newlines(s, end);
	if (s < end && (*s == '!' || *s == '^'))
		s = over_newlines(s + 1, end);
	if (s < end && *s == ']' && x->stop != ']')
		s++;
	for (; (s = over_newlines(s, end)) < end; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == ']' && x->stop != ']')
			return s + 1;
		*plain = c != '\'' && !shell__is(c, C_DQUOTE) && (c != '{' || !x->brace);
		if (!*plain ||
		    (x->stop != '\0' &&
		        (c == (unsigned char)x->stop || c == (unsigned char)x->stop2)) ||
		    (shell__is(c, C_END) && !x->inner))
			break;
		if (c == '[' && end - s > 2 && (s[1] == ':' || s[1] == '.' || s[1] == '=')) {
			const char *q = s + 2;

			while (end - q > 1 && shell__is((unsigned char)*q, C_NAME | C_DIGIT))
				q++;
			if (end - q > 1 && q[0] == s[1] && q[1] == ']')
				s = q + 1;
		}
	}
	*upto = s;
	return NULL;
}

static struct str
without_newlines(struct parser *p, struct str text)
{
	struct buf b;
	size_t i = str_find(text, STR("\\\n"));

	if (i == STR_NPOS)
		return text;
	buf_init(&b, p->a);
	for (; i != STR_NPOS; i = str_find(text, STR("\\\n"))) {
		buf_add(&b, str_sub(text, 0, i));
		text = str_sub(text, i + 2, STR_NPOS);
	}
	buf_add(&b, text);
	return buf_str(&b);
}

/* A glob of n bytes at the cursor. */
static void
glob(struct parser *p, struct chain *chain, size_t n)
{
	struct part *part = shell__part(p, chain, PART_GLOB, shell__here(p));

	part->text = without_newlines(p, (struct str){ p->in.s, n });
	shell__work(p, n);
	p->in.s += n;
	part->at.to = shell__upto(p);
}

/* At [. Returns false where it starts no set and is text. */
static bool
set(struct parser *p, struct chain *chain, const struct wordctx *x)
{
	const char *s = p->in.s, *end;

	if (s < p->nob_from || s >= p->nob_to) {
		p->nob_from = s;
		end = set_end(p, x, &p->nob_to, &p->nob_plain);
		if (end != NULL) {
			p->nob_to = s;
			glob(p, chain, (size_t)(end - s));
			return true;
		}
		if (p->zsh && p->nob_to < p->in.end && *p->nob_to == '(') {
			shell__fail(p, "`[` with a `(` behind it");
			return true;
		}
		if (p->zsh && p->nob_plain && p->in.end - s > 2 && (s[1] == '^' || s[1] == '!') && s[2] == ']') {
			shell__fail(p, "`[^]`");
			return true;
		}
		shell__work(p, (size_t)(p->nob_to - s));
	}
	if (!p->nob_plain)
		glob(p, chain, 1);
	return !p->nob_plain;
}

/* ---- parts ---- */

enum taken { TAKEN, IS_TEXT, IS_END };

static enum taken
escape(struct parser *p, struct chain *chain)
{
	const char *s = p->in.s;
	uint32_t from = shell__here(p);
	size_t n = p->in.end - s < 2 ? 1 : 2; /* at the end it stands for itself */

	p->in.s += n;
	if (n == 1 && p->zsh && chain->first != NULL) /* there it is dropped */
		return TAKEN;
	if (n == 1 || s[1] != '\n') {
		shell__text(p, chain, s + n - 1, s + n, true);
		chain->last->at.from = from;
	}
	return TAKEN;
}

/* ( ) in a regular expression or inside an extended glob: text. */
static void
paren_text(struct parser *p, struct chain *chain, const struct wordctx *x)
{
	struct wordctx in = *x;
	uint32_t from = shell__here(p);
	const char *open = p->in.s;
	unsigned height;

	if (!shell__enter(p, &height))
		return;
	in.outer = x->stop == '}' || x->stop2 == '}' ? '}' : x->outer;
	in.stop = ')';
	in.stop2 = '\0';
	in.inner = true;
	p->counted++;
	shell__text(p, chain, p->in.s, p->in.s + 1, false);
	p->in.s++;
	shell__parts(p, chain, &in);
	if (shell__peek(p) == ')') {
		const char *close = p->in.s++; /* before what may fail, and go to the end */

		shell__text(p, chain, close, close + 1, false);
		shell__agree(p, open + 1, close, "()", from);
	} else {
		shell__unended(p, from, "`(`");
	}
	shell__leave(p, height);
}

/* At ( after the text of the word so far, of which before is the last byte. */
static enum taken
paren(struct parser *p, struct chain *chain, const struct wordctx *x)
{
	if (p->zsh && p->in.s - p->in.base > 1 && p->in.s[-1] == '=' && strchr("= \t\n(|}])`\"'", p->in.s[-2]) != NULL) {
		shell__fail(p, "`=(` in an assignment or a pattern");
		return TAKEN;
	}
	if (p->zsh && x->stop2 == ')') {
		shell__extglob(p, chain, x, '(');
		return TAKEN;
	}
	if (x->regex || (x->inner && x->stop == ')') || x->stop2 == ')') {
		paren_text(p, chain, x);
		return TAKEN;
	}
	if (x->inner)
		return IS_TEXT;
	return p->zsh && shell__zsh_group(p, chain, x) ? TAKEN : IS_END;
}

static enum taken
angle(struct parser *p, struct chain *chain, const struct wordctx *x, char c)
{
	uint32_t from = shell__here(p);

	if (shell__next(p) == '(' && !x->regex) {
		shell__take(p, 2);
		shell__substitution(p, chain, PART_PROCESS, c, from);
		return TAKEN;
	}
	if (p->zsh && c == '<' && !x->noglob && shell__zsh_range(p, chain))
		return TAKEN;
	return x->inner ? IS_TEXT : IS_END;
}

/* At a byte that may mean something: reads what it starts. */
static enum taken
special(struct parser *p, struct chain *chain, const struct wordctx *x)
{
	char c = *p->in.s;

	switch (c) {
	case '\\':
		return escape(p, chain);
	case '\'':
		shell__single(p, chain);
		if (p->zsh && x->dquoted)
			shell__no_brace(p, chain->last);
		return TAKEN;
	case '"':
		shell__double(p, chain);
		return TAKEN;
	case '`':
		shell__backquote(p, chain, false, TRI_NO);
		return TAKEN;
	case '$':
		return shell__dollar(p, chain, false) ? TAKEN : IS_TEXT;
	case '*':
	case '?':
		if (x->noglob)
			return IS_TEXT;
		if (!p->zsh && shell__next(p) == '(')
			shell__extglob(p, chain, x, c);
		else
			glob(p, chain, 1);
		return TAKEN;
	case '[':
		return !x->noglob && set(p, chain, x) ? TAKEN : IS_TEXT;
	case '{':
		return x->brace && shell__brace(p, chain, x) ? TAKEN : IS_TEXT;
	case '(':
		return paren(p, chain, x);
	case '<':
	case '>':
		return angle(p, chain, x, c);
	case '|':
		return x->inner || x->regex ? IS_TEXT : IS_END;
	default:
		return x->inner || !shell__is((unsigned char)c, C_END) ? IS_TEXT : IS_END;
	}
}

/*
 * Reads parts up to where x says that they end. run is the text since the
 * last part; word where they started.
 */
static void
parts_of(struct parser *p, struct chain *chain, const struct wordctx *x, const char *word)
{
	const int mask = x->stop != '\0' ? C_WORD | C_INNER : C_WORD;
	const char *run = p->in.s, *sign = word;

	for (;;) {
		const char *s = mask == C_WORD ? shell__run_word(p->in.s, p->in.end, C_WORD) :
		    shell__run(p->in.s, p->in.end, C_WORD | C_INNER);
		enum taken taken;

		p->in.s = s;
		if (s == p->in.end || *s == x->stop || *s == x->stop2 || *s == x->outer)
			break;
		if (*s == '(' && s > run && !p->zsh && !x->noglob &&
		    (s[-1] == '+' || s[-1] == '@' || s[-1] == '!')) {
			shell__text(p, chain, run, s - 1, false);
			p->in.s--;
			shell__extglob(p, chain, x, s[-1]);
			run = p->in.s;
			continue;
		}
		if (s > run)
			shell__text(p, chain, run, s, false);
		if (*s == '~' && s > word && s[-1] == '=' && p->shell == SHELL_BASH && memchr(word, '~', (size_t)(s - word)) != NULL) {
			shell__fail(p, "`=~` behind a `~`"); /* bash may expand it */
			return;
		}
		if (*s == '~' && s > word && (s[-1] == '"' || s[-1] == '\'') && p->zsh && x->assign) {
			shell__fail(p, "a `~` behind a string"); /* which is none where it is empty */
			return;
		}
		if (*s != '~')
			taken = special(p, chain, x);
		else if (shell__tilde_place(p, x, word, s > run, &sign) && shell__tilde(p, chain, x))
			taken = TAKEN;
		else
			taken = IS_TEXT;
		run = s;
		if (taken == IS_END || p->failed) /* a failure ends the text */
			return;
		if (taken == TAKEN)
			run = p->in.s;
		else
			p->in.s++;
	}
	shell__text(p, chain, run, p->in.s, false);
}

void
shell__parts(struct parser *p, struct chain *chain, const struct wordctx *x)
{
	parts_of(p, chain, x, p->in.s);
}

/* ---- words ---- */

const struct wordctx shell__in_command = { .tilde = true, .brace = true };
static const struct wordctx value_word = { .tilde = true, .assign = true };
static const struct wordctx subject_word = { .tilde = true };
static const struct wordctx regex_word = { .tilde = true, .noglob = true, .regex = true };

struct astword *
shell__plain_more(struct parser *p)
{
	const char *s = shell__run_word(p->in.s, p->in.end, C_WORD);
	struct astword *w;

	if (s < p->in.end && (shell__class[(unsigned char)*s] & C_STOP) == 0)
		return NULL;
	w = shell__text_at(p, p->in.s, s, shell__range(p, p->in.s, s));
	p->in.s = s;
	return w;
}

/* The rest of the word that starts with chain at start, or all of it. */
struct astword *
shell__word_from(struct parser *p, const struct wordctx *x, struct chain chain, const char *start)
{
	const uint32_t from = shell__offset(p, start);

	if (p->in.s == start || x->regex || !shell__is(shell__peek(p), C_STOP))
		parts_of(p, &chain, x, start);
	if (chain.first == NULL)
		return NULL;
	p->tok_end = shell__upto(p);
	return shell__wrap(p, &chain, from);
}

static __attribute__((noinline)) struct astword *
word(struct parser *p, const struct wordctx *x)
{
	struct chain chain = { 0 };
	const char *start = p->in.s;
	int c = shell__peek(p);

	/* Mostly the string or the parameter that it starts with is all of it. None
	 * of these words stands in double quotes. */
	if (c == '"')
		shell__double(p, &chain);
	else if (c == '\'')
		shell__single(p, &chain);
	else if (c == '$')
		shell__dollar(p, &chain, false);
	return shell__word_from(p, x, chain, start);
}

/* ---- words that start with a string or a parameter ---- */

/* At $ in a plain input. Apart, as its chain needs a frame. */
static __attribute__((noinline)) struct astword *
dollar_word(struct parser *p, const struct wordctx *x)
{
	const char *from = p->in.s, *to;
	struct chain chain = { 0 };
	struct str name;

	to = shell__name_end(p, from, &name, true);
	if (to == NULL) {
		shell__dollar_more(p, &chain, false);
	} else {
		struct astword *w = shell__whole_name(p, name, from, to);

		if (w != NULL)
			return w;
		shell__name_new(p, &chain, name, from, to, false, true);
		p->in.s = to;
	}
	return shell__word_from(p, x, chain, from);
}

/* The word at the cursor, which is no plain text. */
SHELL_INLINE struct astword *
word_at(struct parser *p, const struct wordctx *x)
{
	int c = shell__peek(p);

	if (p->in.plain) {
		struct astword *w;

		if (c == '"')
			return shell__string_word(p, x);
		if (c == '$')
			return dollar_word(p, x);
		if (c == '\'' && (w = shell__whole_single(p)) != NULL)
			return w;
	}
	return c == '"' || c == '$' || c == '\'' ? word(p, x) : shell__word_from(p, x, (struct chain){ 0 }, p->in.s);
}

/* At the start of a zsh word: =cmd and =(…). */
static struct astword *
zsh_equals(struct parser *p)
{
	struct chain chain = { 0 };
	uint32_t from = shell__here(p);
	const char *name;

	if (shell__next(p) == '(') {
		shell__take(p, 2);
		shell__substitution(p, &chain, PART_PROCESS, '=', from);
	} else {
		struct part *part;

		name = ++p->in.s;
		while (p->in.s < p->in.end && !shell__is((unsigned char)*p->in.s, C_WORD))
			p->in.s++;
		part = shell__part(p, &chain, PART_ZEQUALS, from);
		part->text = (struct str){ name, (size_t)(p->in.s - name) };
		part->at.to = shell__upto(p);
	}
	shell__parts(p, &chain, &(struct wordctx){ .brace = true });
	p->tok_end = shell__upto(p);
	return shell__wrap(p, &chain, from);
}

/* zsh: a } that ends a word and closes nothing in it is a word of its own. */
static void
give_back_brace(struct parser *p, struct astword *w)
{
	struct part *last = NULL;
	size_t open = 0;

	for (struct part *part = w->first; part != NULL; part = part->next) {
		last = part;
		if (part->kind != PART_TEXT || part->quoted)
			continue;
		for (size_t i = 0; i < part->text.n; i++)
			if (part->text.p[i] == '{')
				open++;
			else if (part->text.p[i] == '}' && open > 0)
				open -= part->next != NULL || i + 1 < part->text.n;
	}
	if (last->kind != PART_TEXT || last->quoted || open > 0 ||
	    last->text.p[last->text.n - 1] != '}' || (last == w->first && last->text.n == 1))
		return;
	p->in.s--;
	p->tok_end = shell__upto(p);
	w->at.to = p->tok_end;
	last->text.n--;
	last->at.to = p->tok_end;
	if (last->text.n > 0)
		return;
	for (struct part *part = w->first; part != NULL; part = part->next)
		if (part->next == last)
			part->next = NULL;
}

struct astword *
shell__word_parts(struct parser *p)
{
	return word_at(p, &shell__in_command);
}

struct astword *
shell__word(struct parser *p)
{
	struct astword *w;

	if (!p->zsh)
		return (w = shell__plain(p)) != NULL ? w : shell__word_parts(p);
	if (shell__peek(p) == '=') {
		int next = shell__next(p);

		if (next == '(' || (next > 0 && strchr("$`\"'", next) == NULL && !shell__is(next, C_END)))
			return zsh_equals(p);
	}
	w = word(p, &shell__in_command);
	if (w != NULL && !p->failed && p->in.s[-1] == '}')
		give_back_brace(p, w);
	return w;
}

struct astword *
shell__value(struct parser *p)
{
	struct astword *w = shell__plain(p);

	return w != NULL ? w : word_at(p, &value_word);
}

struct astword *
shell__subject(struct parser *p)
{
	struct astword *w = shell__plain(p);

	return w != NULL ? w : word_at(p, &subject_word);
}

struct astword *
shell__regex(struct parser *p)
{
	return word(p, &regex_word);
}

/* Inside ${ }: a pattern or a word, up to a stop that is not taken. */
struct astword *
shell__pattern(struct parser *p, char stop, char stop2, bool dquoted)
{
	const struct wordctx x = { .stop = stop,
		.stop2 = stop2,
		.inner = true,
		.tilde = true,
		.brace = p->zsh,
		.operand = !dquoted,
		.dquoted = dquoted };
	struct chain chain = { 0 };
	uint32_t from = shell__here(p);

	shell__parts(p, &chain, &x);
	return shell__wrap(p, &chain, from);
}
