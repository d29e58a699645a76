/* SPDX-License-Identifier: ISC */
/*
 * quote.c: '…', $'…', "…", and everything that is read by the rules of double
 * quotes: here-documents, arithmetic, subscripts, words in "${ }". Unquoted words
 * are in word.c, what follows a $ in param.c, `…` in backquote.c.
 */
#include "shell/plain.h"

#include <limits.h>
#include <string.h>

void
shell__single(struct parser *p, struct chain *chain)
{
	uint32_t from = shell__here(p);
	const char *s = p->in.s + 1;
	const char *end = memchr(s, '\'', (size_t)(p->in.end - s));
	struct part *part;

	if (end == NULL) {
		shell__unended(p, from, "single quote");
		return;
	}
	shell__work(p, (size_t)(end - s));
	part = shell__part(p, chain, PART_TEXT, from);
	part->quoted = true;
	part->text = (struct str){ s, (size_t)(end - s) };
	p->in.s = end + 1;
	part->at.to = shell__upto(p);
}

/* zsh finds the end of "${ }" without a look at '…', and we do not. */
void
shell__no_brace(struct parser *p, const struct part *quoted)
{
	if (!p->failed && memchr(quoted->text.p, '}', quoted->text.n) != NULL)
		shell__fail_at(p, quoted->at.from, STR("`}` in '…' in \"${ }\""));
}

/* ---- $'…' ---- */

static unsigned
digits(const char **s, const char *end, unsigned base, int most)
{
	unsigned value = 0;

	for (; most > 0 && *s < end; most--, (*s)++) {
		int c = (unsigned char)**s, d;

		if (c >= '0' && c <= '9')
			d = c - '0';
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			d = (c | 32) - 'a' + 10;
		else
			break;
		if ((unsigned)d >= base)
			break;
		value = value * base + (unsigned)d;
	}
	return value;
}

static void
put_utf8(struct buf *b, unsigned c)
{
	if (c < 0x80) {
		buf_putc(b, (char)c);
	} else if (c < 0x800) {
		buf_putc(b, (char)(0xc0 | c >> 6));
		buf_putc(b, (char)(0x80 | (c & 63)));
	} else if (c < 0x10000) {
		buf_putc(b, (char)(0xe0 | c >> 12));
		buf_putc(b, (char)(0x80 | (c >> 6 & 63)));
		buf_putc(b, (char)(0x80 | (c & 63)));
	} else {
		buf_putc(b, (char)(0xf0 | (c >> 18 & 7)));
		buf_putc(b, (char)(0x80 | (c >> 12 & 63)));
		buf_putc(b, (char)(0x80 | (c >> 6 & 63)));
		buf_putc(b, (char)(0x80 | (c & 63)));
	}
}

/* \x41 \x{41} \u263a \U1f600: s stands behind the letter. */
static void
unescape_hex(struct buf *b, const char **s, const char *end, char kind, bool zsh)
{
	const char *start = *s;
	bool braced = kind == 'x' && !zsh && start < end && *start == '{';
	unsigned c;

	if (braced)
		(*s)++;
	c = digits(s, end, 16, kind == 'U' || braced ? 8 : kind == 'u' ? 4 : 2);
	if (*s == start + braced && (zsh || braced)) {
		buf_putc(b, '\0');
	} else if (*s == start + braced) {
		buf_putc(b, '\\');
		buf_putc(b, kind);
		*s = start;
	} else if (kind == 'x') {
		buf_putc(b, (char)c);
	} else {
		put_utf8(b, c);
	}
	if (braced && *s > start && *s < end && **s == '}')
		(*s)++;
}

/* One escape; s stands behind the backslash. */
static void
unescape(struct buf *b, const char **s, const char *end, bool zsh)
{
	static const char named[] = "a\ab\bf\fn\nr\rt\tv\ve\033E\033\\\\''\"\"??";
	char c = *(*s)++;

	if (c >= '0' && c <= '7') {
		(*s)--;
		buf_putc(b, (char)digits(s, end, 8, 3));
		return;
	}
	if (c == 'x' || c == 'u' || c == 'U') {
		unescape_hex(b, s, end, c, zsh);
		return;
	}
	if (c == 'c' && *s < end && !zsh) {
		c = *(*s)++;
		buf_putc(b, c == '?' ? 0x7f : (char)(c & 0x1f));
		return;
	}
	for (size_t i = 0; i + 1 < sizeof named; i += 2)
		if (named[i] == c) {
			buf_putc(b, named[i + 1]);
			return;
		}
	if (!zsh)
		buf_putc(b, '\\');
	buf_putc(b, c);
}

/* At the ' of $'…'. */
void
shell__ansi(struct parser *p, struct chain *chain, uint32_t from)
{
	const char *start = p->in.s + 1, *s = start, *end = p->in.end;
	bool escapes = false;
	struct part *part;
	struct buf b;

	while (s < end && *s != '\'') {
		if (*s == '\\' && end - s > 1) {
			escapes = true;
			s++;
			if (p->zsh && (*s == 'C' || *s == 'M')) {
				shell__fail_at(p, from, STR("a control character by name in $'…'"));
				return;
			}
			if (*s == '\'' && p->shell == SHELL_SH) {
				shell__fail_at(p, from, STR("\\' in $'…', which shells called sh read in two ways"));
				return;
			}
		}
		s++;
	}
	if (s >= end) {
		shell__unended(p, from, "single quote");
		return;
	}
	shell__work(p, (size_t)(s - start));
	part = shell__part(p, chain, PART_TEXT, from);
	part->quoted = true;
	part->text = (struct str){ start, (size_t)(s - start) };
	p->in.s = s + 1;
	part->at.to = shell__upto(p);
	if (!escapes)
		return;
	buf_init(&b, p->a);
	for (end = s, s = start; s < end;)
		if (*s == '\\')
			unescape(&b, (s++, &s), end, p->zsh);
		else
			buf_putc(&b, *s++);
	part->text = buf_str(&b);
	/* A NUL ends the string in bash, and stays in zsh. */
	if (memchr(part->text.p, '\0', part->text.n) == NULL)
		return;
	if (p->zsh)
		shell__fail_at(p, from, STR("a NUL byte in $'…'"));
	part->text.n = strlen(part->text.p);
}

/* ---- by the rules of double quotes ---- */

/* What is open between the stops: a stop inside it is none. */
struct nest {
	char open, close; /* the pair that is counted; 0: none */
	size_t pairs, colons;
};

static struct nest
nest_of(const char *stops)
{
	switch (stops[0]) {
	case ')':
	case ';':
	case ':':
		return (struct nest){ '(', ')', 0, 0 };
	case ']':
		return (struct nest){ '[', ']', 0, 0 };
	default:
		return (struct nest){ 0 };
	}
}

/* Whether c ends the text; keeps count of what is open. */
static bool
stops_at(struct nest *nest, const char *stops, char c, bool slice)
{
	if (c == '}' && (stops[0] == '}' || stops[1] == '}'))
		return true;
	if (nest->open != '\0' && c == nest->open)
		nest->pairs++;
	if (slice && c == '?')
		nest->colons++;
	if (nest->pairs > 0) {
		nest->pairs -= c == nest->close;
		return false;
	}
	if (c == ':' && nest->colons > 0) {
		nest->colons--;
		return false;
	}
	return c == stops[0] || (stops[0] != '\0' && c == stops[1] && c != '\0');
}

/* A backslash; returns false if it is text. */
static bool
dquote_escape(struct parser *p, struct chain *chain, const char *stops)
{
	const char *s = p->in.s;
	struct part *part;
	uint32_t from = shell__here(p);
	char c;

	if (p->in.end - s < 2)
		return false;
	c = s[1];
	if (c == '\n') {
		p->in.s += 2;
		return true;
	}
	if (c != '$' && c != '`' && c != '\\' && (c != '"' || stops[0] == '\0') &&
	    (c != '}' || stops[0] != '}') && strchr("\"}", stops[0]) != NULL)
		return false;
	if (stops[0] != '\0' && strchr("\"}", stops[0]) == NULL) {
		/* In arithmetic and subscripts quoting is kept as a string of its own. */
		part = shell__part(p, chain, PART_DQUOTE, from);
		part->quoted = true;
		chain = &(struct chain){ 0 };
		shell__text(p, chain, s + 1, s + 2, true);
		part->parts = chain->first;
	} else {
		shell__text(p, chain, s + 1, s + 2, true);
		part = chain->last;
		part->at.from = from < part->at.from ? part->at.from : from;
	}
	p->in.s += 2;
	return true;
}

/* '…' in arithmetic and subscripts: kept as a string of its own. */
static void
single_inside(struct parser *p, struct chain *chain)
{
	struct chain inner = { 0 };
	struct part *part = shell__part(p, chain, PART_DQUOTE, shell__here(p));

	part->quoted = true;
	shell__single(p, &inner);
	if (p->zsh && inner.first != NULL)
		shell__no_brace(p, inner.first);
	part->parts = inner.first;
	part->at.to = shell__upto(p);
}

/*
 * '…' in "${x:-…}". bash looks for the end of ${ } behind it, yet the quotes
 * are text, and what is between is expanded. False: all of it is text.
 */
static bool
single_in_braces(struct parser *p, struct chain *chain)
{
	const char *s = p->in.s, *end;
	struct input saved;

	if (p->shell != SHELL_BASH)
		return false;
	end = memchr(s + 1, '\'', (size_t)(p->in.end - s) - 1);
	if (end == NULL) {
		shell__unended(p, shell__here(p), "single quote");
		return true;
	}
	if (memchr(s, '"', (size_t)(end - s)) != NULL) {
		shell__fail(p, "a double quote in '…' in \"${ }\"");
		return true;
	}
	shell__text(p, chain, s, s + 1, true);
	saved = shell__read_text(p, s + 1, end);
	shell__dquoted(p, chain, "");
	shell__read_back(p, saved);
	shell__text(p, chain, end, end + 1, true);
	if (!p->failed)
		p->in.s = end + 1;
	return true;
}

/* Behind a string in arithmetic. To zsh its quotes are text: it ends wherever the
 * arithmetic does, and is not read where that may be in it. */
static void
zsh_quoted(struct parser *p, const char *stops, const char *open)
{
	long pairs = 0;

	if (!p->zsh || (stops[0] != ')' && stops[0] != ';'))
		return;
	for (const char *s = open; s < p->in.s && pairs >= 0; s++)
		pairs += (*s == '(') - (*s == ')') - (*s == ';' ? LONG_MAX / 2 : 0);
	if (p->failed)
		p->err.what = STR("a quote in arithmetic");
	else if (pairs != 0)
		shell__fail(p, "a quote in arithmetic");
}

/* By the rules of double quotes, which stops end: does a \ go before a quote in `…`?
 * Not in arithmetic, subscripts and here-documents, nor to bash in "${x:-…}". */
static enum tri
quotes_go(const struct parser *p, const char *stops)
{
	bool string = stops[0] == '"';
	char in = string ? p->around : stops[0];

	if (string && in == '\0')
		return TRI_YES;
	return p->shell == SHELL_SH || (in == '}' ? p->zsh : string) ? TRI_MAYBE : TRI_NO;
}

/* Reads what the byte at the cursor starts; false: it is text. */
static bool
dquote_special(struct parser *p, struct chain *chain, const char *stops)
{
	const char *open = p->in.s;
	char around = p->around;

	switch (*open) {
	case '$':
		if (stops[0] == '}' && shell__joins_dollar(p))
			return true;
		/* bash reads $'…' in "${ }" as outside of it. */
		return shell__dollar_more(p, chain, stops[0] != '}' || p->shell != SHELL_BASH ||
		    (shell__next(p) != '\'' && shell__next(p) != '"'));
	case '`':
		shell__backquote(p, chain, stops[0] != '\0', quotes_go(p, stops));
		return true;
	case '\\':
		return dquote_escape(p, chain, stops);
	case '"':
		if (stops[0] == '\0')
			return false;
		p->around = stops[0];
		shell__double(p, chain);
		p->around = around;
		if (stops[0] == '}')
			shell__joins_string(p, open);
		zsh_quoted(p, stops, open);
		return true;
	case '\'':
		if (stops[0] == '\0')
			return false;
		if (stops[0] == '}')
			return single_in_braces(p, chain);
		single_inside(p, chain);
		zsh_quoted(p, stops, open);
		return true;
	default:
		return false;
	}
}

/*
 * Reads up to one of stops, which is not taken, or the end. The first stop
 * says what it is: " a string, } a word in "${x:-…}", : an offset or length,
 * ) ; ] arithmetic or a subscript, none the rest of the text. From run to the
 * cursor there is text.
 */
static void
dquoted(struct parser *p, struct chain *chain, const char *stops, const char *run)
{
	const bool inner = stops[0] != '\0' && stops[0] != '"';
	struct nest nest = nest_of(stops);

	for (;;) {
		const char *s = inner ? shell__run(p->in.s, p->in.end, C_DQUOTE | C_INNER) :
		    shell__run_quoted(p->in.s, p->in.end);

		p->in.s = s;
		if (s == p->in.end ||
		    (inner ? stops_at(&nest, stops, *s, stops[0] == ':') : *s == stops[0]))
			break;
		if (s > run)
			shell__text(p, chain, run, s, true);
		run = s;
		if ((*s == '$' && shell__plain_name(p, chain, true)) || dquote_special(p, chain, stops))
			run = p->in.s;
		else
			p->in.s++;
	}
	shell__text(p, chain, run, p->in.s, true);
}

void
shell__dquoted(struct parser *p, struct chain *chain, const char *stops)
{
	dquoted(p, chain, stops, p->in.s);
}

/* The rest of a string that starts with chain; the cursor is at s. Apart, so that chain can
 * stay in registers where it is built. */
static __attribute__((noinline)) struct chain
dquoted_from(struct parser *p, struct chain chain, const char *s)
{
	dquoted(p, &chain, "\"", s);
	return chain;
}

/* At ": the string, with what it holds: texts and names, mostly. plain: the input is known to
 * be so. False: too deep. */
SHELL_INLINE bool
string(struct parser *p, struct part *part, bool plain)
{
	const char *open = p->in.s, *run = open + 1, *const end = p->in.end, *s, *to;
	struct chain inner = { 0 };
	unsigned height;
	struct str name;

	if (!shell__enter(p, &height))
		return false;
	for (;; run = to) {
		s = shell__run_quoted(run, end);
		if (s > run)
			shell__text_new(p, &inner, run, s, true, plain);
		if (s == end || *s == '"') {
			p->in.s = s;
			break;
		}
		if (*s != '$' || (to = shell__name_end(p, s, &name, plain)) == NULL) {
			p->in.s = s;
			inner = dquoted_from(p, inner, s);
			break;
		}
		shell__name_new(p, &inner, name, s, to, true, plain);
	}
	*part = (struct part){ .kind = PART_DQUOTE, .quoted = true, .parts = inner.first };
	if (p->in.s < end)
		shell__span(p, open, ++p->in.s);
	else
		shell__unended(p, shell__offset(p, open), "double quote");
	part->at = shell__range_in(p, open, p->in.s, plain);
	shell__leave(p, height);
	return true;
}

void
shell__double(struct parser *p, struct chain *chain)
{
	struct part *part = arena_raw(p->a, sizeof *part);

	if (string(p, part, false))
		shell__join(chain, (struct chain){ part, part });
}

/* The word of a plain input that starts with it; NULL: too deep. */
struct astword *
shell__string_word(struct parser *p, const struct wordctx *x)
{
	const char *open = p->in.s;
	struct {
		struct astword w;
		struct part string;
	} *one = arena_raw(p->a, sizeof *one);

	if (!string(p, &one->string, true))
		return NULL;
	if (!shell__is(shell__peek(p), C_STOP))
		return shell__word_from(p, x, (struct chain){ &one->string, &one->string }, open);
	one->w = (struct astword){ one->string.at, &one->string };
	p->tok_end = one->w.at.to;
	return &one->w;
}

/* An arithmetic expression up to one of stops, which is not taken. */
/* zsh: brackets that are not in pairs, outside of ${ }, make no arithmetic. */
static bool
in_pairs(const char *s, const char *end)
{
	size_t open = 0, braces = 0;

	for (; s < end; s++) {
		if (*s == '{')
			braces++;
		else if (*s == '}' && braces > 0)
			braces--;
		else if (*s == '[' && braces == 0)
			open++;
		else if (*s == ']' && braces == 0 && open-- == 0)
			return false;
	}
	return open == 0;
}

struct part *
shell__arith(struct parser *p, struct chain *chain, uint32_t from, const char *stops)
{
	struct part *part = shell__part(p, chain, PART_ARITH, from);
	struct chain inner = { 0 };
	const char *s = p->in.s;
	unsigned height;

	part->quoted = true;
	if (!shell__enter(p, &height))
		return part;
	p->counted += stops[0] == ']';
	shell__dquoted(p, &inner, stops);
	if (shell__peek(p) == stops[0] && stops[0] == ']')
		shell__agree(p, s, p->in.s, "[]", from);
	if (p->zsh && !p->failed && stops[0] == ')' && !in_pairs(s, p->in.s))
		shell__fail(p, "a bracket without its other in `(( ))`");
	part->parts = inner.first;
	if (!p->failed)
		part->text = (struct str){ s, (size_t)(p->in.s - s) };
	part->at.to = shell__upto(p);
	shell__leave(p, height);
	return part;
}
