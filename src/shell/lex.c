/* SPDX-License-Identifier: ISC */
/*
 * lex.c: moving between tokens: blanks, comments, newlines, \newline,
 * reserved words; errors and limits; the texts that the cursor may read.
 * Aliases are in alias.c, words in word.c.
 *
 * After an error every text reads as ended, so that all callers come back
 * without looking; what they return then is not used.
 */
#include "shell/parse.h"

#include "bridle/limits.h"

#include <string.h>

#define L(c) [c] = C_NAME
#define K(c) [c] = C_NAME | C_KEYWORD
#define N(c) [c] = C_DIGIT | C_REDIR
const unsigned short shell__class[256] = {
	L('A'), L('B'), L('C'), L('D'), L('E'), L('F'), L('G'), L('H'), L('I'), L('J'), L('K'),
	L('L'), L('M'), L('N'), L('O'), L('P'), L('Q'), L('R'), L('S'), L('T'), L('U'), L('V'),
	L('W'), L('X'), L('Y'), L('Z'), L('_'), L('a'), L('b'), K('c'), K('d'), K('e'), K('f'),
	L('g'), L('h'), K('i'), L('j'), L('k'), L('l'), L('m'), L('n'), L('o'), L('p'), L('q'),
	K('r'), K('s'), K('t'), K('u'), L('v'), K('w'), L('x'), L('y'), L('z'),
	N('0'), N('1'), N('2'), N('3'), N('4'), N('5'), N('6'), N('7'), N('8'), N('9'),
	[' '] = C_WORD | C_END | C_STOP | C_SKIP, ['\t'] = C_WORD | C_END | C_STOP | C_SKIP,
	['\n'] = C_WORD | C_END | C_STOP, ['='] = C_SIGN,
	[';'] = C_WORD | C_END | C_INNER | C_STOP, ['&'] = C_WORD | C_END | C_REDIR | C_STOP,
	['|'] = C_WORD | C_END | C_INNER | C_STOP,
	['<'] = C_WORD | C_END | C_REDIR | C_COUNT, ['>'] = C_WORD | C_END | C_REDIR | C_COUNT,
	['('] = C_WORD | C_END | C_INNER | C_COUNT, [')'] = C_WORD | C_END | C_INNER | C_STOP | C_COUNT,
	['$'] = C_WORD | C_DQUOTE | C_SPECIAL | C_COUNT, ['`'] = C_WORD | C_DQUOTE | C_COUNT,
	['\\'] = C_WORD | C_DQUOTE | C_SKIP | C_COUNT, ['"'] = C_WORD | C_DQUOTE | C_COUNT, ['\''] = C_WORD | C_INNER | C_COUNT,
	['*'] = C_WORD | C_SPECIAL, ['?'] = C_WORD | C_SPECIAL | C_INNER, ['['] = C_WORD | C_INNER | C_KEYWORD | C_COUNT,
	['{'] = C_WORD | C_KEYWORD | C_REDIR | C_COUNT, ['}'] = C_INNER | C_KEYWORD | C_COUNT, ['~'] = C_WORD,
	[','] = C_INNER, [']'] = C_INNER | C_COUNT, ['/'] = C_INNER, [':'] = C_INNER,
	['!'] = C_SPECIAL | C_KEYWORD, ['#'] = C_SPECIAL | C_SKIP, ['@'] = C_SPECIAL, ['-'] = C_SPECIAL,
};
#undef L
#undef K
#undef N

/* Reserved words, sorted by the low five bits of their first byte; for which
 * shells (bits). */
#define BASH (1 << SHELL_BASH)
#define ZSH (1 << SHELL_ZSH)
#define ALL (BASH | ZSH | 1 << SHELL_SH)
/* [[ is a mere command to a plain sh, (( two subshells, time, coproc and
 * function are programs. Most else that bash adds does not parse there:
 * reading it as bash does harms nobody. Where both shells read a text and
 * mean different things by it, it is an error. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FIRST(n) (UINT64_MAX >> (64 - 8 * (n)))
#else
#define FIRST(n) (UINT64_MAX << (64 - 8 * (n)))
#endif
#define W(name, shells, kw) { name, FIRST(sizeof name - 1), sizeof name - 1, shells, kw }
static const struct {
	char name[8]; /* not ended where it fills it */
	uint64_t mask; /* of eight bytes read at once those that are of the name */
	unsigned char n, shells, kw;
} keywords[] = {
	W("!", ALL, KW_BANG),
	W("case", ALL, KW_CASE),
	W("coproc", BASH | ZSH, KW_COPROC),
	W("do", ALL, KW_DO),
	W("done", ALL, KW_DONE),
	W("elif", ALL, KW_ELIF),
	W("else", ALL, KW_ELSE),
	W("end", ZSH, KW_END),
	W("esac", ALL, KW_ESAC),
	W("fi", ALL, KW_FI),
	W("for", ALL, KW_FOR),
	W("foreach", ZSH, KW_FOREACH),
	W("function", BASH | ZSH, KW_FUNCTION),
	W("if", ALL, KW_IF),
	W("in", ALL & ~ZSH, KW_IN),
	W("repeat", ZSH, KW_REPEAT),
	W("select", ALL, KW_SELECT),
	W("then", ALL, KW_THEN),
	W("time", BASH | ZSH, KW_TIME),
	W("until", ALL, KW_UNTIL),
	W("while", ALL, KW_WHILE),
	W("[[", BASH | ZSH, KW_COND),
	W("{", ALL, KW_LBRACE),
	W("}", ALL, KW_RBRACE),
};
#undef W
#undef FIRST
#define S(c) (UINT32_C(1) << ((c) & 31))
const uint32_t shell__second[64] = {
	['!' & 63] = UINT32_MAX, ['{' & 63] = UINT32_MAX, ['}' & 63] = UINT32_MAX,
	['\\' & 63] = UINT32_MAX, ['[' & 63] = S('[') | S('\\'), ['c' & 63] = S('a') | S('o') | S('\\'), ['d' & 63] = S('o') | S('\\'),
	['e' & 63] = S('l') | S('n') | S('s') | S('\\'), ['f' & 63] = S('i') | S('o') | S('u') | S('\\'),
	['i' & 63] = S('f') | S('n') | S('\\'), ['r' & 63] = S('e') | S('\\'), ['s' & 63] = S('e') | S('\\'),
	['t' & 63] = S('h') | S('i') | S('\\'), ['u' & 63] = S('n') | S('\\'), ['w' & 63] = S('h') | S('\\'),
};
#undef S
/* Where those of one first byte begin. */
static const unsigned char keywords_of[] = { 0, 0, 1, 1, 3, 5, 9, 13, 13, 13, 15, 15, 15, 15, 15, 15, 15,
	15, 15, 16, 17, 19, 20, 20, 21, 21, 21, 21, 23, 23, 24, 24, 24 };

void
shell__init(struct parser *p, struct arena *a, struct str text, enum shell_kind shell,
    const struct ast_aliases *aliases)
{
	/* In pieces so small that the compiler stores them at once. */
	memset((char *)p + offsetof(struct parser, tok_end), 0,
	    offsetof(struct parser, st) - offsetof(struct parser, tok_end));
	memset((char *)p + offsetof(struct parser, alias), 0,
	    offsetof(struct parser, err) - offsetof(struct parser, alias));
	p->err = (struct ast_error){ 0 };
	p->conditional = false;
	p->a = a;
	p->shell = shell;
	p->zsh = shell == SHELL_ZSH;
	p->aliases = aliases;
	p->st.words.n = p->st.items.n = p->st.spans.n = 0;
	p->st.words.v = p->words_room;
	p->st.words.cap = sizeof p->words_room / sizeof p->words_room[0];
	p->st.items.v = p->items_room;
	p->st.items.cap = sizeof p->items_room / sizeof p->items_room[0];
	p->st.spans.v = p->spans_room;
	p->st.spans.cap = sizeof p->spans_room / sizeof p->spans_room[0];
	if (text.p == NULL)
		text.p = "";
	p->in = (struct input){ .s = text.p, .end = text.p + text.n, .base = text.p };
	p->in.plain = shell == SHELL_BASH && aliases == NULL;
	p->text = text;
	p->work_max = PARSE_WORK_BASE + PARSE_WORK_EACH * text.n;
}

/* ---- errors and limits ---- */

void
shell__fail_at(struct parser *p, size_t at, struct str what)
{
	if (!p->failed) {
		p->failed = true;
		p->err.at = at;
		p->err.what = what;
	}
	p->in.s = p->in.end;
	p->alias = NULL;
	p->floor = NULL;
	p->alias_next = false;
	p->pending = NULL;
}

void
shell__fail(struct parser *p, const char *what)
{
	shell__fail_at(p, shell__here(p), str_of(what));
}

/* What was read is an error to dash, which is called sh, too, and ends then. */
void
shell__not_in_dash(struct parser *p)
{
	p->err.refused |= p->shell == SHELL_SH;
}

void
shell__limit(struct parser *p, const char *what)
{
	if (!p->failed)
		p->err.limit = true;
	shell__fail(p, what);
}

/* What began at from is not ended. */
void
shell__unended(struct parser *p, uint32_t from, const char *what)
{
	shell__fail_at(p, from, p->failed ? p->err.what : str_printf(p->a, "%s not ended", what));
}

/* The token at the cursor cannot stand there. */
void
shell__unexpected(struct parser *p)
{
	int c;
	const char *s;

	if (p->failed)
		return;
	c = shell__blank(p);
	s = p->in.s;
	if (c < 0) {
		shell__fail(p, "unexpected end of text");
	} else if (c == '\n') {
		shell__fail(p, "unexpected end of line");
	} else {
		size_t n = 1, most = (size_t)(p->in.end - s);

		if (shell__is(c, C_END))
			while (n < 3 && n < most && c != '(' && c != ')' && s[n] == s[0])
				n++;
		else
			while (n < 40 && n < most && !shell__is((unsigned char)s[n], C_END))
				n++;
		shell__fail_at(p, shell__here(p),
		    str_printf(p->a, "unexpected `%.*s`", (int)n, s));
	}
}

/* ---- texts ---- */

/* From now on the cursor reads [from, to), which lies in the current text. */
struct input
shell__read_text(struct parser *p, const char *from, const char *to)
{
	struct input saved = p->in;

	p->in.s = from;
	p->in.end = to;
	return saved;
}

/* From now on the cursor reads text, which stands for the range `at`. */
struct input
shell__read_copy(struct parser *p, struct str text, struct range at)
{
	struct input saved = p->in;

	p->in = (struct input){ .s = text.p,
		.end = text.p + text.n,
		.base = text.p,
		.fixed = true,
		.text = shell__copy(p, text.n),
		.at = at };
	/* Its bytes may lie where those of an earlier one did. */
	p->kw_at = NULL;
	p->nob_from = p->nob_to = NULL;
	return saved;
}

void
shell__read_back(struct parser *p, struct input saved)
{
	p->in = saved;
	if (p->failed)
		p->in.s = p->in.end;
}

/* ---- between tokens ---- */

void
shell__over_newlines(struct parser *p)
{
	while (p->in.end - p->in.s >= 2 && p->in.s[0] == '\\' && p->in.s[1] == '\n')
		p->in.s += 2;
}

int
shell__after_more(const struct parser *p, size_t n)
{
	const char *s = p->in.s;

	for (;;) {
		while (p->in.end - s >= 2 && s[0] == '\\' && s[1] == '\n')
			s += 2;
		if (n == 0 || s >= p->in.end)
			break;
		s++;
		n--;
	}
	return s < p->in.end ? (unsigned char)*s : -1;
}

void
shell__take_more(struct parser *p, size_t n)
{
	for (; n > 0 && p->in.s < p->in.end; n--) {
		shell__continued(p);
		p->in.s++;
	}
	p->tok_end = shell__upto(p);
}

/* Up to the end of the line, also of the line that an alias stands in. */
static void
comment(struct parser *p)
{
	for (;;) {
		const char *nl = memchr(p->in.s, '\n', (size_t)(p->in.end - p->in.s));

		shell__work(p, (size_t)((nl == NULL ? p->in.end : nl) - p->in.s));
		p->in.s = nl == NULL ? p->in.end : nl;
		if (nl != NULL || p->alias == p->floor)
			return;
		shell__alias_end(p);
	}
}

int
shell__blank_more(struct parser *p)
{
	for (;;) {
		int c;

		while (p->in.s < p->in.end && (*p->in.s == '\t' || *p->in.s == ' '))
			p->in.s++;
		c = shell__peek(p);
		if (c == '\\') {
			const char *s = p->in.s;

			shell__continued(p);
			if (p->in.s == s)
				return c;
		} else if (c == '#') {
			comment(p);
		} else if (c < 0 && p->alias != p->floor) {
			shell__alias_end(p);
		} else {
			return c;
		}
	}
}

/* ---- reserved words ---- */

/*
 * Whether the unquoted word at the cursor is this one of n bytes, which is all
 * of it unless part (zsh's { stands for itself). Returns where it ends, or NULL.
 */
static const char *
spelled(const struct parser *p, const char *word, size_t n, bool part)
{
	const char *s = p->in.s, *end = p->in.end;
	size_t i = 0;

	for (;; s++) {
		if (s < end && i < n && *s == word[i])
			i++;
		else if (end - s > 1 && s[0] == '\\' && s[1] == '\n')
			s++;
		else
			return i == n && (part || s == end || shell__is((unsigned char)*s, C_END)) ? s : NULL;
	}
}

static bool
is_process(const struct parser *p, const char *s)
{
	while (p->in.end - s > 1 && s[0] == '\\' && s[1] == '\n')
		s += 2;
	return s < p->in.end && *s == '(' && p->shell != SHELL_SH;
}

/* Sets the reserved word at the cursor, i of the table. It is none where a <( belongs to its word. */
SHELL_INLINE enum keyword
is_keyword(struct parser *p, size_t i, const char *end)
{
	if (end < p->in.end && (*end == '<' || *end == '>') && is_process(p, end + 1))
		return KW_NONE;
	p->kw_end = end;
	if ((keywords[i].shells & 1 << p->shell) != 0)
		p->kw = (enum keyword)keywords[i].kw;
	return p->kw;
}

/* However it is written: \newline in it, zsh's { before a word. */
static __attribute__((noinline)) enum keyword
find_spelled(struct parser *p)
{
	int first = (*p->in.s == '\\' ? shell__after(p, 0) : *p->in.s) & 31;

	for (size_t i = keywords_of[first]; i < keywords_of[first + 1]; i++) {
		const char *end = spelled(p, keywords[i].name, keywords[i].n,
		    p->zsh && keywords[i].kw == KW_LBRACE);

		if (end != NULL)
			return is_keyword(p, i, end);
	}
	return KW_NONE;
}

enum keyword
shell__find_keyword(struct parser *p)
{
	const char *s = p->in.s;
	uint64_t text, name;

	p->kw_at = s;
	p->kw = KW_NONE;
	if (p->in.end - s < 10 || p->zsh)
		return find_spelled(p);
	memcpy(&text, s, sizeof text);
	for (size_t i = keywords_of[*s & 31]; i < keywords_of[(*s & 31) + 1]; i++) {
		const size_t n = keywords[i].n;

		memcpy(&name, keywords[i].name, sizeof name);
		if (((text ^ name) & keywords[i].mask) == 0 && (shell__class[(unsigned char)s[n]] & C_END) != 0)
			return is_keyword(p, i, s + n);
	}
	/* It may go on in the next line: is a backslash among them? */
	text ^= ~UINT64_C(0) / 255 * '\\';
	if (((text - ~UINT64_C(0) / 255) & ~text & ~UINT64_C(0) / 255 * 128) != 0 || s[8] == '\\')
		return find_spelled(p);
	return KW_NONE;
}

bool
shell__take_keyword(struct parser *p, enum keyword kw)
{
	if (p->kw_at != p->in.s || p->in.s == p->in.end)
		shell__keyword(p);
	if (p->kw_at != p->in.s || p->kw != kw)
		return false;
	p->in.s = p->kw_end;
	p->tok_end = shell__upto(p);
	p->alias_next = false;
	return true;
}

bool
shell__take_word(struct parser *p, const char *word)
{
	const char *end = spelled(p, word, strlen(word), false);

	if (end == NULL)
		return false;
	p->in.s = end;
	p->tok_end = shell__upto(p);
	return true;
}
