/* SPDX-License-Identifier: ISC */
/*
 * parse.h: what the files of the parser share: the cursor, the errors, and
 * one function per kind of thing that can stand in shell text. There is no
 * token stream: a shell's tokens depend on where they stand, so each parser
 * reads the bytes itself. lex.c moves between tokens, word.c quote.c param.c
 * read words, redir.c heredoc.c redirections and assignments, parse.c
 * compound.c define.c cond.c commands. Only for these files and their tests.
 */
#ifndef SHELL_PARSE_H
#define SHELL_PARSE_H

#include "bridle/action.h"
#include "bridle/limits.h"
#include "shell/ast.h"

/* Work that one parse may do, in bytes looked at beside those that the cursor
 * goes over for the first time: so many for each byte of the text, and some to
 * start with. Ordinary text needs less than 1. */
#define PARSE_WORK_EACH 64
#define PARSE_WORK_BASE (256u << 10)
/* Memory that one parse may take for each byte of the text, and to start
 * with. The worst texts (one command, word and part every two bytes) need less than 300. */
#define PARSE_MEMORY_EACH 400
#define PARSE_MEMORY_BASE (64u << 10)

/* Classes of bytes. */
enum {
	C_WORD = 1 << 0,   /* may mean something in an unquoted word */
	C_INNER = 1 << 1,  /* may end or group a part of a word: , } ] / : | ; ? ( ) [ and ' */
	C_DQUOTE = 1 << 2, /* means something in double quotes: $ ` \\ and " */
	C_END = 1 << 10,   /* ends a word: blank ; & | < > ( ) newline */
	C_NAME = 1 << 4,   /* letter or _ */
	C_DIGIT = 1 << 5,
	C_SPECIAL = 1 << 6, /* name of a special parameter: @ * # ? - $ ! */
	C_KEYWORD = 1 << 7, /* a reserved word may start with it */
	C_REDIR = 1 << 8,   /* a redirection may start with it */
	C_SKIP = 1 << 9,    /* may stand between tokens: blank # and \\ */
	C_SIGN = 1 << 3,    /* = of an assignment */
	C_COUNT = 1 << 12,  /* may count where pairs are counted, or begin what is stepped over */
	C_STOP = 1 << 11    /* ends an unquoted text for sure: those that end words but ( < > */
};
extern const unsigned short shell__class[256];
/* The second bytes of the reserved words of one first byte (its low six bits): bits, of each
 * the low five bits. */
extern const uint32_t shell__second[64];

enum keyword {
	KW_NONE,
	KW_BANG, KW_LBRACE, KW_COND, KW_CASE, KW_COPROC, KW_FOR, KW_FOREACH, KW_FUNCTION, KW_IF,
	KW_REPEAT, KW_SELECT, KW_TIME, KW_UNTIL, KW_WHILE,
	KW_CLOSING, /* from here on: ends a list */
	KW_RBRACE = KW_CLOSING, KW_DO, KW_DONE, KW_ELIF, KW_ELSE, KW_END, KW_ESAC, KW_FI, KW_IN, KW_THEN
};

/* Where the cursor reads from: the text itself, or text that came up while
 * reading it (an alias, an unescaped `…`, a stripped here-document), all of
 * which stands at one range of the text. */
struct input {
	const char *s, *end;
	const char *base; /* where offset 0 is */
	bool fixed; /* came up: every range is `at` */
	bool plain; /* not fixed, bash's, and without aliases: for what plain.h is */
	unsigned text; /* 0: the text itself; else one number for each that came up */
	struct range at;
};

/* An alias that is being read. */
struct alias_use {
	struct alias_use *outer; /* may be NULL */
	struct input in;         /* where to go on after it */
	struct str name;
	bool blank; /* its value ends in a blank: the next word is looked up too */
};

/* A here-document whose body was not read yet. */
struct heredoc {
	struct heredoc *next; /* may be NULL */
	struct redir *redir;
	struct str delim;
};

struct item {
	struct node *node;
	bool flag; /* LIST: in the background; PIPE: |& before it */
};

/* Where a string or a substitution of a text (struct input) stands, see agree.c. */
struct span {
	unsigned text;
	uint32_t from, to;
};

/* What shows only at its end, and is remembered for when it is read again. */
enum seen_kind {
	SEEN_NONE,
	SEEN_ARITH,   /* $(( is no arithmetic */
	SEEN_COMMAND, /* (( as a command is none either */
	SEEN_ASSIGN,  /* name[ starts no assignment */
	SEEN_ELEMENT, /* [ starts no element of an array */
	SEEN_COPROC,  /* the word behind coproc is no name */
	SEEN_ITEM,    /* ( before a pattern is the item's */
	SEEN_PATTERN, /* ( belongs to the pattern */
	SEEN_TEXT     /* a text that came up from here: its number */
};
/* Of one kind, at one place of one text that ends here for now. */
struct seen {
	unsigned char kind;
	unsigned text, copy;
	uint32_t at, end;
};
#define SEEN_MAX 128

struct parser {
	/* What every word needs stands first: it is nearest. */
	struct input in;
	struct arena *a;
	/* Zero to start with: */
	uint32_t tok_end; /* where the last token ended */
	unsigned depth;   /* nesting around the cursor */
	unsigned height;  /* of what was read at this depth */
	unsigned counted; /* what is read around the cursor and then counted, see agree.c */
	bool failed;
	bool alias_next;     /* the next word is looked up too */
	bool redirected;     /* the last command was a compound one and a redirection ended it */
	bool nob_plain;      /* see nob_from */
	enum keyword kw;     /* the last answer of shell__keyword, which stands at: */
	const char *kw_at, *kw_end;
	/* What shell__init sets: */
	struct stacks {
		VEC(struct astword *) words;
		VEC(struct item) items;
		VEC(struct span) spans;
	} st; /* what is being built */
	enum shell_kind shell;
	bool zsh;
	struct str text;                   /* all of it */
	const struct ast_aliases *aliases; /* may be NULL */
	size_t work_max;
	/* Zero, too: */
	struct alias_use *alias; /* may be NULL */
	struct alias_use *floor; /* aliases up to this one are not left here; may be NULL */
	size_t alias_bytes;
	struct heredoc *pending; /* bodies that follow the next newline; may be NULL */
	size_t work;
	/* From [ at nob_from no ] comes before nob_to; nob_plain: nor a quote. Of the text that is read. */
	const char *nob_from, *nob_to;
	unsigned substitutions; /* $( ) around the cursor */
	unsigned backquotes;    /* `…` around it */
	char around;            /* "…" around it is itself by the rules of double quotes: what ends those; 0: it is not */
	unsigned trying;        /* readings that are being tried around the cursor */
	unsigned texts;         /* that came up so far */
	uint32_t tried_to;      /* how far into the text that was tried */
	unsigned nseen;         /* entries of seen; 0: it is not even zero */
	struct ast_error err;
	bool conditional;       /* within [[ ]] */

	/* What is not set up: most texts need little of it. */
	struct astword *words_room[32];
	struct item items_room[16];
	struct span spans_room[16];
	struct seen seen[SEEN_MAX];
};

/* A list of parts that grows at its end. */
struct chain {
	struct part *first, *last; /* may be NULL: nothing yet */
};

/* What the reader goes back to when a reading turns out wrong. */
struct attempt {
	enum seen_kind kind;
	struct arena_mark mark;
	struct input in;
	struct alias_use *alias;
	bool alias_next;
	struct stacks st;
	struct chain chain;
	unsigned height, counted;
};

/* Where unquoted parts stand, and where they end. */
struct wordctx {
	char stop, stop2; /* unquoted bytes that end them beside the usual; 0: none */
	char outer;  /* ends what is around them, and so them too; 0: none */
	bool dquoted; /* inside "${ }" */
	bool inner;  /* inside ${ } [ ] ( ): only stops and the end of text end them */
	bool tilde;  /* ~ at the start expands */
	bool assign; /* the value of an assignment: ~ after : expands */
	bool brace;  /* {a,b} expands */
	bool operand; /* of ${x-…}: ~ after : may expand, if all of it is assigned */
	bool noglob; /* * ? [ are text (regular expressions) */
	bool regex;  /* ( ) and | are text, blanks in ( ) too */
};


/* ---- lex.c, try.c ---- */
void shell__init(struct parser *p, struct arena *a, struct str text, enum shell_kind shell,
    const struct ast_aliases *aliases);
void shell__fail(struct parser *p, const char *what);
void shell__not_in_dash(struct parser *p); /* it is an error there */
void shell__fail_at(struct parser *p, size_t at, struct str what);
void shell__limit(struct parser *p, const char *what);
void shell__unexpected(struct parser *p);
void shell__unended(struct parser *p, uint32_t from, const char *what);
/* Tries a reading at the cursor: false if it turned out wrong before. It ends with one of the three below. */
bool shell__try(struct parser *p, enum seen_kind kind, const struct chain *chain, struct attempt *try);
void shell__right(struct parser *p);
void shell__wrong(struct parser *p, struct chain *chain, const struct attempt *try);
void shell__again(struct parser *p, const struct attempt *try, enum seen_kind seen);
bool shell__seen(const struct parser *p, enum seen_kind kind);
unsigned shell__copy(struct parser *p, size_t n);
struct input shell__read_text(struct parser *p, const char *from, const char *to);
struct input shell__read_copy(struct parser *p, struct str text, struct range at);
void shell__read_back(struct parser *p, struct input saved);
int shell__blank_more(struct parser *p);
int shell__after_more(const struct parser *p, size_t n);
void shell__take_more(struct parser *p, size_t n);
void shell__over_newlines(struct parser *p);
int shell__alias_start(struct parser *p);
bool shell__alias(struct parser *p, bool global);
enum keyword shell__find_keyword(struct parser *p);
bool shell__take_keyword(struct parser *p, enum keyword kw);
void shell__alias_end(struct parser *p);
bool shell__take_word(struct parser *p, const char *word); /* an unquoted word that is no keyword everywhere: in, always */

/* These few are most of what the parser does: they must be in line. */
#define SHELL_INLINE static inline __attribute__((always_inline))

SHELL_INLINE int
shell__peek(const struct parser *p)
{
	return p->in.s < p->in.end ? (unsigned char)*p->in.s : -1;
}
SHELL_INLINE uint32_t
shell__offset(const struct parser *p, const char *s)
{
	return p->in.fixed ? p->in.at.from : (uint32_t)(s - p->in.base);
}
SHELL_INLINE uint32_t
shell__here(const struct parser *p)
{
	return shell__offset(p, p->in.s);
}
/* Where something that ends at the cursor ends. */
SHELL_INLINE uint32_t
shell__upto(const struct parser *p)
{
	return p->in.fixed ? p->in.at.to : shell__here(p);
}
SHELL_INLINE struct range
shell__range(const struct parser *p, const char *from, const char *to)
{
	return p->in.fixed ? p->in.at
	                   : (struct range){ (uint32_t)(from - p->in.base), (uint32_t)(to - p->in.base) };
}
/* The same; plain: the input is known to be so. */
SHELL_INLINE struct range
shell__range_in(const struct parser *p, const char *from, const char *to, bool plain)
{
	return plain ? (struct range){ (uint32_t)(from - p->in.base), (uint32_t)(to - p->in.base) } :
	    shell__range(p, from, to);
}
SHELL_INLINE bool
shell__is(int c, int classes)
{
	return c >= 0 && (shell__class[c] & classes) != 0;
}

/* The first byte of these classes from s on, or end. */
SHELL_INLINE const char *
shell__run(const char *s, const char *end, int classes)
{
	for (; end - s >= 4; s += 4) {
		if (shell__is((unsigned char)s[0], classes))
			return s;
		if (shell__is((unsigned char)s[1], classes))
			return s + 1;
		if (shell__is((unsigned char)s[2], classes))
			return s + 2;
		if (shell__is((unsigned char)s[3], classes))
			return s + 3;
	}
	while (s < end && !shell__is((unsigned char)*s, classes))
		s++;
	return s;
}

/* The byte after the n at the cursor, \newline left out, or -1. */
SHELL_INLINE int
shell__after(const struct parser *p, size_t n)
{
	const char *s = p->in.s;

	if ((size_t)(p->in.end - s) > n && s[0] != '\\' && (n < 1 || s[1] != '\\') &&
	    (n < 2 || s[2] != '\\') && n <= 2)
		return (unsigned char)s[n];
	return shell__after_more(p, n);
}
/* Goes over blanks and comments; returns the byte there, or -1. */
SHELL_INLINE int
shell__blank(struct parser *p)
{
	const char *s = p->in.s, *end = p->in.end;

	if (s < end && (shell__class[(unsigned char)*s] & C_SKIP) == 0)
		return (unsigned char)*s;
	if (end - s > 1 && *s == ' ' && (shell__class[(unsigned char)s[1]] & C_SKIP) == 0) {
		p->in.s = s + 1;
		return (unsigned char)s[1];
	}
	return shell__blank_more(p);
}
/* Over \newline. */
SHELL_INLINE void
shell__continued(struct parser *p)
{
	if (p->in.s < p->in.end && *p->in.s == '\\')
		shell__over_newlines(p);
}
/* Over an operator of n bytes, \newline among them. */
SHELL_INLINE void
shell__take(struct parser *p, size_t n)
{
	const char *s = p->in.s;

	if (n <= 2 && (size_t)(p->in.end - s) >= n && s[0] != '\\' && (n == 1 || s[1] != '\\')) {
		p->in.s = s + n;
		p->tok_end = shell__upto(p);
	} else {
		shell__take_more(p, n);
	}
}
/* The byte behind the one at the cursor, \newline left out, or -1. */
SHELL_INLINE int
shell__next(const struct parser *p)
{
	const char *s = p->in.s;

	return p->in.end - s > 1 && s[0] != '\\' && s[1] != '\\' ? (unsigned char)s[1] :
	    shell__after_more(p, 1);
}
/* The reserved word at the cursor, which stands where one may: at c. */
SHELL_INLINE enum keyword
shell__keyword_at(struct parser *p, int c)
{
	const char *s = p->in.s;

	if (!shell__is(c, C_KEYWORD) && c != '\\')
		return KW_NONE;
	if (p->in.end - s > 1 && (shell__second[c & 63] >> (s[1] & 31) & 1) == 0)
		return KW_NONE;
	return p->kw_at == p->in.s ? p->kw : shell__find_keyword(p);
}
SHELL_INLINE enum keyword
shell__keyword(struct parser *p)
{
	return shell__keyword_at(p, shell__peek(p));
}
void shell__heredocs(struct parser *p);
/* Over one newline and the here-documents it starts. */
SHELL_INLINE void
shell__newline(struct parser *p)
{
	p->in.s++;
	if (p->pending != NULL)
		shell__heredocs(p);
}
/* The same over newlines too, and the here-documents behind them. */
SHELL_INLINE int
shell__newlines(struct parser *p)
{
	int c;

	while ((c = shell__blank(p)) == '\n') {
		shell__newline(p);
		while (p->in.s < p->in.end && *p->in.s == '\t')
			p->in.s++;
	}
	return c;
}
/* Blanks and aliases: the byte that a command starts with. */
SHELL_INLINE int
shell__command_start(struct parser *p)
{
	return p->aliases == NULL ? shell__blank(p) : shell__alias_start(p);
}
#define SHELL_TOO_DEEP "nested deeper than " LIMIT_TEXT(LIMIT_SHELL_DEPTH) " levels"
/* The tree gets higher than what was read. */
SHELL_INLINE void
shell__higher(struct parser *p, unsigned by)
{
	p->height += by;
	if (p->height > LIMIT_SHELL_DEPTH)
		shell__limit(p, SHELL_TOO_DEEP);
}
/*
 * One level deeper; false: failed, do not leave. The height of the tree is
 * counted beside the depth of the reader, because a flat text can make a high
 * tree (a || b && c || d …). *height keeps the height of what stands before on
 * the outer level.
 */
SHELL_INLINE bool
shell__enter(struct parser *p, unsigned *height)
{
	*height = p->height;
	p->height = 0;
	if (p->depth++ < LIMIT_SHELL_DEPTH)
		return true;
	p->depth--;
	shell__limit(p, SHELL_TOO_DEEP);
	return false;
}
SHELL_INLINE void
shell__leave(struct parser *p, unsigned height)
{
	p->depth--;
	shell__higher(p, 1);
	if (p->height < height)
		p->height = height;
}
/* Counts bytes looked at beside those that the cursor goes over. */
SHELL_INLINE void
shell__work(struct parser *p, size_t n)
{
	p->work += n;
	if (p->work > p->work_max)
		shell__limit(p, "takes too long to read");
}
/* Of the tree: zeroed, and an array whose elements are written at once. */
#define SHELL_NEW(p, type) ((type *)arena_alloc((p)->a, sizeof(type)))
#define SHELL_ARRAY(p, type, n) ((type *)arena_raw((p)->a, (n) * sizeof(type)))
/* Onto the stack of words. */
SHELL_INLINE void
shell__push(struct parser *p, struct astword *w)
{
	if (p->st.words.n == p->st.words.cap)
		*vec_push(p->a, &p->st.words) = w;
	else
		p->st.words.v[p->st.words.n++] = w;
}

/* ---- making words ---- */
SHELL_INLINE void
shell__join(struct chain *chain, struct chain more)
{
	if (more.first == NULL)
		return;
	if (chain->last == NULL)
		chain->first = more.first;
	else
		chain->last->next = more.first;
	chain->last = more.last;
}
SHELL_INLINE struct part *
shell__part(struct parser *p, struct chain *chain, enum part_kind kind, uint32_t from)
{
	struct part *part = arena_raw(p->a, sizeof *part);

	*part = (struct part){ .kind = kind, .at = { from, from } };
	if (kind == PART_PARAM)
		part->param = SHELL_NEW(p, struct param);
	else if (kind == PART_COMMAND || kind == PART_PROCESS)
		part->subst = SHELL_NEW(p, struct subst);
	else if (kind == PART_BRACE)
		part->brace = SHELL_NEW(p, struct brace);
	shell__join(chain, (struct chain){ part, part });
	return part;
}
SHELL_INLINE struct astword *
shell__wrap(struct parser *p, const struct chain *chain, uint32_t from)
{
	struct astword *w = arena_raw(p->a, sizeof *w);

	*w = (struct astword){ { from, shell__upto(p) }, chain->first };
	return w;
}

/* ---- word.c, group.c ---- */
void shell__parts(struct parser *p, struct chain *chain, const struct wordctx *x);
/* At ~: whether it may expand there. The parts started at word; the text right before is
 * unquoted, if text; *sign is word at first, then the = of an assignment, or NULL. */
bool shell__tilde_place(const struct parser *p, const struct wordctx *x, const char *word, bool text,
    const char **sign);
bool shell__tilde(struct parser *p, struct chain *chain, const struct wordctx *x);
bool shell__brace(struct parser *p, struct chain *chain, const struct wordctx *x);
void shell__extglob(struct parser *p, struct chain *chain, const struct wordctx *x, char op);
bool shell__zsh_group(struct parser *p, struct chain *chain, const struct wordctx *x);
const char *shell__zsh_range_end(const struct parser *p);
bool shell__zsh_range(struct parser *p, struct chain *chain);
void shell__unknown(struct parser *p, struct part *part, struct str text);
extern const struct wordctx shell__in_command; /* where most words stand */
struct astword *shell__word_from(struct parser *p, const struct wordctx *x, struct chain chain, const char *start);
struct astword *shell__word_parts(struct parser *p); /* a word that shell__plain does not take; NULL: none there */
struct astword *shell__word(struct parser *p); /* NULL: none there */
struct astword *shell__value(struct parser *p); /* of an assignment; NULL: empty */
struct astword *shell__regex(struct parser *p);
struct astword *shell__subject(struct parser *p); /* where braces do not expand: case, [[ ]] */
struct astword *shell__pattern(struct parser *p, char stop, char stop2, bool dquoted); /* in ${ } */
struct str shell__literal(struct parser *p, const struct astword *w); /* its text; p NULL where it has none */
struct astword *shell__text_word(struct parser *p, const char *from, const char *to);

/* ---- joins.c: in "${x:-…}" ---- */
bool shell__joins_dollar(struct parser *p); /* at $: $"…" or $'…' that joins; true: failed */
void shell__joins_string(struct parser *p, const char *open); /* behind the string that starts at open */

/* ---- backquote.c ---- */
/* unquote: \" stands for " in it. */
void shell__backquote(struct parser *p, struct chain *chain, bool dquoted, enum tri unquote);

/* ---- quote.c ---- */
/* Bytes as in double quotes up to stop (not taken), a ( ) pair inside counted for ')' and ':'. */
void shell__dquoted(struct parser *p, struct chain *chain, const char *stops);
void shell__single(struct parser *p, struct chain *chain);
struct astword *shell__string_word(struct parser *p, const struct wordctx *x);
void shell__double(struct parser *p, struct chain *chain);
void shell__no_brace(struct parser *p, const struct part *quoted);
void shell__ansi(struct parser *p, struct chain *chain, uint32_t from);
struct part *shell__arith(struct parser *p, struct chain *chain, uint32_t from, const char *stops);

/* ---- param.c ---- */
bool shell__dollar(struct parser *p, struct chain *chain, bool dquoted); /* false: a mere $ */
bool shell__dollar_more(struct parser *p, struct chain *chain, bool dquoted); /* the same, where plain.h has no name */
struct part *shell__substitution(struct parser *p, struct chain *chain, enum part_kind kind, char op,
    uint32_t from);
bool shell__zsh_braced(struct parser *p, struct part *part, bool dquoted); /* false: as in bash */
void shell__zsh_bare(struct parser *p, struct part *part);
struct astword *shell__subscript(struct parser *p, bool braced); /* at [ ; NULL: failed */

/* ---- agree.c ---- */
void shell__span_add(struct parser *p, const char *from, const char *to);
/* Remembers that what starts at from ends before to, if that will be asked. */
SHELL_INLINE void
shell__span(struct parser *p, const char *from, const char *to)
{
	if (p->counted > 0)
		shell__span_add(p, from, to);
}
bool shell__agrees(struct parser *p, const char *from, const char *to, char open, char close);
/* Fails where they do not agree. p->counted was raised where it began, and is lowered here. */
void shell__agree(struct parser *p, const char *from, const char *to, const char *pair, uint32_t at);

/* ---- redir.c, heredoc.c ---- */
bool shell__redir_here(struct parser *p, struct redir ***tail);
/* Reads the redirection at the cursor to the end of a list; false: none. */
SHELL_INLINE bool
shell__redir(struct parser *p, struct redir ***tail)
{
	int c = shell__peek(p);

	return shell__is(c, C_REDIR) && shell__redir_here(p, tail);
}
struct asg *shell__assign(struct parser *p); /* NULL: none there */
void shell__elements(struct parser *p, struct asg *as); /* at ( */

/* ---- parse.c ---- */
SHELL_INLINE struct node *
shell__node(struct parser *p, enum node_kind kind, uint32_t from)
{
	struct node *n = SHELL_NEW(p, struct node);

	n->kind = kind;
	n->at.from = from;
	n->at.to = p->tok_end > from ? p->tok_end : from;
	return n;
}
/* The same with room for n bytes behind it; it ends where the last token does. */
SHELL_INLINE struct node *
shell__node_with(struct parser *p, enum node_kind kind, uint32_t from, size_t n)
{
	struct node *node = arena_raw(p->a, sizeof *node + n);

	*node = (struct node){ .kind = kind, .at = { from, p->tok_end } };
	return node;
}
/* ast_parse, with a count of the bytes looked at; work may be NULL. */
int shell__parse(struct arena *a, struct str text, enum shell_kind shell,
    const struct ast_aliases *aliases, struct node **root, struct ast_error *err, size_t *work);
void shell__kids(struct parser *p, struct node *n, struct node *const *kids, size_t count);
struct astword **shell__words_since(struct parser *p, size_t mark, size_t *n);
struct node *shell__list(struct parser *p); /* NULL: empty */
struct node *shell__body(struct parser *p); /* the same, empty is an error (not in zsh) */
struct node *shell__andor(struct parser *p);
struct node *shell__pipeline(struct parser *p);
struct node *shell__command(struct parser *p);
struct node *shell__lines(struct parser *p); /* the complete lines up to the end or an error */

/* ---- simplecmd.c, compound.c, define.c, cond.c ---- */
struct node *shell__simple(struct parser *p);
struct node *shell__compound(struct parser *p, enum keyword kw);
struct node *shell__parens(struct parser *p);
struct node *shell__function(struct parser *p, struct str name, uint32_t from); /* behind its head */
struct node *shell__function_command(struct parser *p, uint32_t from);
struct node *shell__coproc(struct parser *p, uint32_t from);
void shell__arguments(struct parser *p, struct node *n); /* of a function without a name */
struct str shell__function_name(struct parser *p, const struct astword *w, bool *misnamed);
bool shell__add_name(struct parser *p, struct buf *names, const struct astword *w);
struct node *shell__cond(struct parser *p);

#endif
