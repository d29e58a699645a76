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
	[' '] = C_WORD | C_END, ['\t'] = C_WORD | C_END, ['\n'] = C_WORD | C_END,
	[';'] = C_WORD | C_END | C_INNER, ['&'] = C_WORD | C_END | C_REDIR, ['|'] = C_WORD | C_END | C_INNER,
	['<'] = C_WORD | C_END | C_REDIR, ['>'] = C_WORD | C_END | C_REDIR,
	['('] = C_WORD | C_END | C_INNER, [')'] = C_WORD | C_END | C_INNER,
	['$'] = C_WORD | C_DQUOTE | C_SPECIAL, ['`'] = C_WORD | C_DQUOTE,
	['\\'] = C_WORD | C_DQUOTE, ['"'] = C_WORD | C_DQUOTE, ['\''] = C_WORD | C_INNER,
	['*'] = C_WORD | C_SPECIAL, ['?'] = C_WORD | C_SPECIAL | C_INNER, ['['] = C_WORD | C_INNER | C_KEYWORD,
	['{'] = C_WORD | C_KEYWORD | C_REDIR, ['}'] = C_INNER | C_KEYWORD, ['~'] = C_WORD,
	[','] = C_INNER, [']'] = C_INNER, ['/'] = C_INNER, [':'] = C_INNER,
	['!'] = C_SPECIAL | C_KEYWORD, ['#'] = C_SPECIAL, ['@'] = C_SPECIAL, ['-'] = C_SPECIAL,
};
#undef L
#undef K
#undef N

/* Reserved words, sorted by their first byte; for which shells (bits). */
#define BASH (1 << SHELL_BASH)
#define ZSH (1 << SHELL_ZSH)
#define ALL (BASH | ZSH | 1 << SHELL_SH)
/* [[ is a mere command to a plain sh, (( two subshells, time, coproc and
 * function are programs. Most else that bash adds does not parse there:
 * reading it as bash does harms nobody. Where both shells read a text and
 * mean different things by it, it is an error. */
static const struct {
	char name[8]; /* not ended where it fills it */
	unsigned char shells, kw;
} keywords[] = {
	{ "!", ALL, KW_BANG },
	{ "[[", BASH | ZSH, KW_COND },
	{ "case", ALL, KW_CASE },
	{ "coproc", BASH | ZSH, KW_COPROC },
	{ "do", ALL, KW_DO },
	{ "done", ALL, KW_DONE },
	{ "elif", ALL, KW_ELIF },
	{ "else", ALL, KW_ELSE },
	{ "end", ZSH, KW_END },
	{ "esac", ALL, KW_ESAC },
	{ "fi", ALL, KW_FI },
	{ "for", ALL, KW_FOR },
	{ "foreach", ZSH, KW_FOREACH },
	{ "function", BASH | ZSH, KW_FUNCTION },
	{ "if", ALL, KW_IF },
	{ "in", ALL & ~ZSH, KW_IN },
	{ "repeat", ZSH, KW_REPEAT },
	{ "select", ALL, KW_SELECT },
	{ "then", ALL, KW_THEN },
	{ "time", BASH | ZSH, KW_TIME },
	{ "until", ALL, KW_UNTIL },
	{ "while", ALL, KW_WHILE },
	{ "{", ALL, KW_LBRACE },
	{ "}", ALL, KW_RBRACE },
};

void
shell__init(struct parser *p, struct arena *a, struct str text, enum shell_kind shell,
    const struct ast_aliases *aliases)
{
	*p = (struct parser){ .a = a, .shell = shell, .zsh = shell == SHELL_ZSH, .aliases = aliases };
	if (text.p == NULL)
		text.p = "";
	p->in = (struct input){ .s = text.p, .end = text.p + text.n, .base = text.p };
	p->text = text;
	p->room_size = 1024;
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
	if (!p->failed)
		shell__fail_at(p, from, str_printf(p->a, "%s not ended", what));
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

/* The tree gets higher than what was read. */
void
shell__higher(struct parser *p, unsigned by)
{
	p->height += by;
	if (p->height > LIMIT_SHELL_DEPTH)
		shell__limit(p, "nested deeper than " LIMIT_TEXT(LIMIT_SHELL_DEPTH) " levels");
}

/*
 * Nodes are small and many: they come out of larger pieces of the arena. A
 * build that watches each object (ASan) takes them one by one.
 */
void *
shell__alloc_more(struct parser *p, size_t n)
{
	char *s;

#if !defined(__SANITIZE_ADDRESS__)
	if (n < p->room_size / 4) {
		s = arena_alloc(p->a, p->room_size);
		p->room = s + n;
		p->room_left = p->room_size - n;
		if (p->room_size < 32768)
			p->room_size *= 2;
		return s;
	}
#endif
	s = arena_alloc(p->a, n);
	return s;
}

/*
 * Some readings show only at their end that they are wrong: (( that is no
 * arithmetic, a[…] that is no assignment. Each is tried once per place, else
 * nested ones would double the work at each level.
 */
static size_t
place(const struct parser *p, const char *s)
{
	return (size_t)(((uintptr_t)s * 0x9e3779b97f4a7c15u) >> 32) %
	    (sizeof p->wrong / sizeof p->wrong[0]);
}

bool
shell__try(struct parser *p, const struct chain *chain, struct attempt *try)
{
	if (p->wrong[place(p, p->in.s)] == p->in.s)
		return false;
	*try = (struct attempt){
		.mark = arena_mark(p->a), .in = p->in, .st = p->st, .height = p->height,
		.room = p->room, .room_left = p->room_left
	};
	if (chain != NULL)
		try->chain = *chain;
	return true;
}

/* Back to where shell__try was; what was counted stays counted. */
void
shell__wrong(struct parser *p, struct chain *chain, const struct attempt *try)
{
	if (p->failed)
		return;
	p->in = try->in;
	p->st = try->st;
	p->height = try->height;
	p->kw_at = NULL;
	if (chain != NULL) {
		*chain = try->chain;
		if (chain->last != NULL)
			chain->last->next = NULL;
	}
	/* Room that was used since must be zero again. */
	if (try->room_left > 0) {
		bool same = p->room > try->room && p->room <= try->room + try->room_left &&
		    p->room_left == try->room_left - (size_t)(p->room - try->room);

		memset(try->room, 0, same ? (size_t)(p->room - try->room) : try->room_left);
	}
	p->room = try->room;
	p->room_left = try->room_left;
	arena_release(p->a, try->mark);
	p->wrong[place(p, p->in.s)] = p->in.s;
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

	p->in = (struct input){
		.s = text.p, .end = text.p + text.n, .base = text.p, .fixed = true, .at = at
	};
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
shell__continued(struct parser *p)
{
	while (p->in.end - p->in.s >= 2 && p->in.s[0] == '\\' && p->in.s[1] == '\n')
		p->in.s += 2;
}

int
shell__after(const struct parser *p, size_t n)
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
shell__take(struct parser *p, size_t n)
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
		int c = shell__peek(p);

		if (c == ' ' || c == '\t') {
			p->in.s++;
		} else if (c == '\\') {
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

void
shell__newline(struct parser *p)
{
	p->in.s++;
	if (p->pending != NULL)
		shell__heredocs(p);
}

/* ---- reserved words ---- */

/*
 * The unquoted word at the cursor up to a byte that ends words, in text (at
 * most 8 bytes, NUL behind it, \newline taken out). Returns where it ends, or
 * NULL: it is longer or holds anything else. brace: { stands for itself (zsh).
 */
static const char *
bare_word(const struct parser *p, char text[8], bool brace)
{
	const char *s = p->in.s;
	size_t n = 0;

	memset(text, 0, 8);
	for (; s < p->in.end; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '\\' && p->in.end - s >= 2 && s[1] == '\n') {
			s++;
			continue;
		}
		if (shell__is(c, C_END) || (brace && n == 1 && text[0] == '{'))
			break;
		if (n == 8 || (shell__is(c, C_WORD) && c != '{' && c != '['))
			return NULL;
		text[n++] = (char)c;
	}
	return s;
}

/* Where the reserved words that start with c begin. */
static size_t
first_keyword(char c)
{
	size_t i = 0, n = sizeof keywords / sizeof keywords[0];

	/* By halves: the table is sorted. */
	while (n > 0) {
		size_t half = n / 2;

		if (keywords[i + half].name[0] < c) {
			i += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return i;
}

enum keyword
shell__find_keyword(struct parser *p)
{
	char text[8];

	p->kw_at = p->in.s;
	p->kw = KW_NONE;
	p->kw_end = bare_word(p, text, p->zsh);
	if (p->kw_end == NULL)
		return KW_NONE;
	for (size_t i = first_keyword(text[0]); i < sizeof keywords / sizeof keywords[0] &&
	     keywords[i].name[0] == text[0]; i++)
		if (memcmp(keywords[i].name, text, sizeof text) == 0) {
			if ((keywords[i].shells & 1 << p->shell) != 0)
				p->kw = (enum keyword)keywords[i].kw;
			break;
		}
	return p->kw;
}

bool
shell__take_keyword(struct parser *p, enum keyword kw)
{
	if (shell__keyword(p) != kw)
		return false;
	p->in.s = p->kw_end;
	p->tok_end = shell__upto(p);
	p->alias_next = false;
	return true;
}

bool
shell__take_word(struct parser *p, const char *word)
{
	char text[8];
	const char *end = bare_word(p, text, false);

	if (end == NULL || strncmp(text, word, sizeof text) != 0)
		return false;
	p->in.s = end;
	p->tok_end = shell__upto(p);
	return true;
}
