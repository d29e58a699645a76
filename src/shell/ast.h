/* SPDX-License-Identifier: ISC */
/*
 * ast.h: the grammar of shell text as a tree. Made by parse.c from lex.c and
 * heredoc.c, walked by expand.c and flatten.c, printed back by print.c.
 * Every node and word keeps its source range [from, to) in bytes. The tree
 * lives in the arena of the parse; nothing is freed alone. "may be NULL"
 * stands beside each pointer that may be.
 */
#ifndef SHELL_AST_H
#define SHELL_AST_H

#include "bridle/base.h"
#include "bridle/world.h"

struct node;
struct part;

struct range {
	uint32_t from, to;
};

/* ---- words as written ---- */
enum part_kind {
	PART_TEXT,    /* literal bytes; quoted says whether they were quoted (then no glob, brace, tilde) */
	PART_DQUOTE,  /* "…": parts; $"…" too */
	PART_PARAM,   /* $x ${x…} */
	PART_COMMAND, /* $(…) `…`  (bash 5.3 / ksh ${ …;} and ${|…;} too): body */
	PART_ARITH,   /* $((…)) $[…]: parts of the expression */
	PART_PROCESS, /* <(…) >(…) and zsh =(…): body, op is '<' '>' '=' */
	PART_GLOB,    /* an unquoted glob character or set: text is "*", "?", "[a-z]"; "[" alone: a set that holds
	               * quotes or expansions, its inside and "]" follow as parts; zsh "<1-9>" */
	PART_EXTGLOB, /* ?(a|b) *( +( @( !(: op is the character; parts is its inside as parts, alternatives
	               * split by a lone '|' TEXT unquoted. zsh's bare (a|b): op is '(' */
	PART_BRACE,   /* {a,b{c,d}} or {1..3}: alternatives in words; a sequence has text "1..3[..s]" and nwords 0 */
	PART_TILDE,   /* ~ or ~user or ~+ at a place where it expands: text is the name */
	PART_ZEQUALS, /* zsh =cmd at the start of a word: text is cmd */
	PART_QUALIFIER /* zsh glob qualifier (…) at the end of a word: text; may run code (e:) */
};

struct astword {
	struct range at;
	struct part *first; /* may be NULL: the empty word, "" */
};

enum param_op { /* what follows the name inside ${} */
	PARAM_PLAIN,
	PARAM_LENGTH,   /* ${#x} */
	PARAM_INDIRECT, /* ${!x} */
	PARAM_NAMES,    /* ${!x*} ${!x@} */
	PARAM_KEYS,     /* ${!x[@]} */
	PARAM_DEFAULT,  /* - :- */
	PARAM_ASSIGN,   /* = := */
	PARAM_ERROR,    /* ? :? */
	PARAM_ALTERNATE, /* + :+ */
	PARAM_PREFIX,   /* # ## */
	PARAM_SUFFIX,   /* % %% */
	PARAM_REPLACE,  /* / // /# /%: arg pattern, arg2 replacement (may be NULL) */
	PARAM_SLICE,    /* :off:len: arg, arg2 arithmetic (arg2 may be NULL) */
	PARAM_CASE,     /* ^ ^^ , ,, */
	PARAM_TRANSFORM, /* @Q @P @E @A @a @U …: op text in `mod` */
	PARAM_OTHER     /* zsh flags and whatever else: value unknown, arg (may be NULL) holds what it contains;
	                 * name may be empty, text is the source inside ${ } (all of it where not braced),
	                 * mod zsh's flags: (e) (P) (%) evaluate the value */
};

/* ${…} and $x. */
struct param {
	struct str name; /* "x", "@", "*", "#", "?", "1", … */
	struct str mod;
	struct astword *subscript;  /* may be NULL; text of […] */
	struct astword *arg, *arg2; /* may be NULL */
	enum param_op op;
	bool braced;  /* ${x} */
	bool colon;   /* :- := :? :+ */
	bool doubled; /* ## %% // ^^ ,, */
};
/* $(…) `…` <(…) and their like. */
struct subst {
	struct node *body;    /* may be NULL: empty */
	struct range body_at; /* source range of the text inside; backquotes: see body_text */
	struct str body_text; /* backquotes: the unescaped text that was parsed */
	bool body_bad;        /* backquotes: the text does not parse; body is what runs before the error */
};
/* {a,b} or {1..3} */
struct brace {
	struct astword **words;
	size_t nwords; /* 0: a sequence */
};
struct part {
	enum part_kind kind;
	char op;           /* see above; PARAM: the operator's character where it matters */
	bool quoted;       /* inside '…', "…", $'…' or after a backslash */
	struct range at;
	struct part *next; /* may be NULL */
	struct str text;   /* TEXT: the bytes after quote removal; others see above */
	union { /* none of these in the other kinds */
		struct param *param; /* PARAM; never NULL */
		struct subst *subst; /* COMMAND, PROCESS; never NULL */
		struct brace *brace; /* BRACE; never NULL */
		struct part *parts;  /* DQUOTE, ARITH, EXTGLOB; may be NULL */
	};
};

/* ---- redirections ---- */
enum redir_op {
	REDIR_IN,       /* <  */
	REDIR_OUT,      /* >  */
	REDIR_CLOBBER,  /* >| */
	REDIR_APPEND,   /* >> */
	REDIR_RW,       /* <> */
	REDIR_DUP_IN,   /* <& */
	REDIR_DUP_OUT,  /* >& (a file when the word is no number or '-') */
	REDIR_BOTH,     /* &> &>> (append in `append`) */
	REDIR_HERE,     /* << <<-: body */
	REDIR_HERESTR   /* <<< */
};
struct redir {
	struct redir *next; /* may be NULL */
	struct range at;
	enum redir_op op;
	bool append;       /* &>> */
	int fd;            /* -1: the operator's own */
	struct str fdname; /* {name}>f; empty: none */
	struct str element; /* {name[subscript]}>f: name[subscript], which is evaluated; else empty */
	struct astword *word; /* target, or the delimiter of a here-document */
	struct astword *body; /* HERE: its text as parts of a double-quoted string, or one TEXT if the delimiter was quoted */
	bool here_quoted, here_strip, here_cut; /* cut: ended by end of input */
};

/* ---- assignments ---- */
struct asg {
	struct asg *next; /* may be NULL */
	struct range at;
	struct str name;
	struct astword *subscript; /* may be NULL */
	bool append;               /* += */
	bool array;                /* name=( … ): elements */
	struct astword *value;     /* may be NULL: empty */
	struct astword **elements; /* array; an element [k]=v keeps its text as typed with parts */
	size_t nelements;
};

/* ---- commands ---- */
enum node_kind {
	NODE_SIMPLE,
	NODE_PIPE,     /* a | b: kids; negated: ! ; both[i]: |& stands before kid i+1 */
	NODE_AND,      /* kids[0] && kids[1] && …: two or more */
	NODE_OR,       /* kids[0] || kids[1] || …: two or more; a || b && c is AND(OR(a, b), c) */
	NODE_LIST,     /* kids in order, separated by ; & or newline; background[i]. One kid in the foreground stands
	                * for itself, without a list */
	NODE_SUBSHELL, /* ( kids[0] ) */
	NODE_GROUP,    /* { kids[0]; } */
	NODE_IF,       /* kids: cond, then, cond, then, …, [else] ; has_else */
	NODE_WHILE,    /* kids: cond, body; until */
	NODE_FOR,      /* name, words (has_in false: "$@"), kids[0] body; zsh: names may be several, split by blank */
	NODE_CFOR,     /* for ((a;b;c)): arith[3], kids[0] */
	NODE_SELECT,   /* as FOR */
	NODE_REPEAT,   /* zsh repeat N: words[0], kids[0] */
	NODE_CASE,     /* words[0] subject; items */
	NODE_FUNCTION, /* name, kids[0] body; zsh anonymous function: name empty, words are its arguments */
	NODE_COND,     /* [[ … ]]: the words and operators between the brackets in order, as words; an operator
	                * (&& || ( ) ! < == …) is one unquoted TEXT */
	NODE_ARITH,    /* (( … )): arith[0] */
	NODE_TIME,     /* time [-p] kids[0] (may be NULL) */
	NODE_COPROC,   /* coproc [NAME] kids[0] */
	NODE_NOT,      /* ! kids[0] where not part of a pipe */
	NODE_TRYALWAYS /* zsh { } always { }: kids[0], kids[1] */
};
struct caseitem {
	struct astword **patterns;
	size_t npatterns;
	struct node *body; /* may be NULL */
	char end;          /* ';' break, '&' fall through (;&), '?' test next (;;&, zsh ;|) */
};
/* What belongs to some kinds shares its room: look at kind first. */
struct node {
	enum node_kind kind;
	bool negated;
	union {
		bool until;    /* WHILE */
		bool misnamed; /* FUNCTION: its name is an error when it runs */
	};
	bool has_in, has_else;
	struct range at;
	struct node **kids; /* an entry may be NULL where said */
	size_t nkids;
	struct redir *redirs; /* may be NULL; of compound commands too */
	struct astword **words;
	size_t nwords;
	union {
		struct { /* SIMPLE */
			struct asg *assigns; /* may be NULL */
			/* declaration builtins (export, declare, local, readonly, typeset):
			 * x=(…) arguments stand as words too; decl_assigns holds them
			 * parsed, decl_at[i] is the word index they stood at */
			struct asg *decl_assigns; /* may be NULL */
			size_t *decl_at;
		};
		struct str name; /* FOR, SELECT, FUNCTION, COPROC; TIME: "-p" or empty */
		bool *background; /* LIST: per kid */
		bool *both;       /* PIPE: per | */
		struct part *arith[3]; /* CFOR, ARITH: each a PART_ARITH, or NULL: left out */
		struct { /* CASE */
			struct caseitem *items;
			size_t nitems;
		};
	};
};

/* An alias table for the parser: alias words in command position are replaced
 * while reading, as an interactive or `shopt -s expand_aliases` shell does.
 * Returns false when the name is no alias. */
struct ast_aliases {
	void *ctx;
	bool (*find)(void *ctx, struct str name, bool global, struct str *value);
};

struct ast_error {
	size_t at;       /* byte offset */
	struct str what; /* a phrase: "unexpected `)`", "here-document not ended" */
	bool limit;      /* a limit of limits.h was crossed, not a syntax error */
	bool refused;    /* no error here, but bash without extglob is not to read it, or dash */
};

/*
 * Parses all of text. Returns the list of complete commands that were read:
 * on a syntax error those before it (bash runs complete lines before it reads
 * on), and fills *err (err->what.n == 0: none). aliases may be NULL.
 * *root may be NULL: nothing there. Recursion is bounded by
 * LIMIT_SHELL_DEPTH, work is linear in the text, and so is the memory. The
 * tree borrows from text, which must live as long. The height of the tree is
 * at most LIMIT_SHELL_DEPTH, so that walking it may recurse. Returns 0 also
 * on a syntax error; negative only for bad values.
 */
int ast_parse(struct arena *a, struct str text, enum shell_kind shell,
    const struct ast_aliases *aliases, struct node **root, struct ast_error *err);

/*
 * The same, one complete command at a time: bash reads a line (or the lines
 * of a compound command, with its here-documents), runs it, and only then
 * reads on, so aliases that a line defines hold from the next one. (zsh reads
 * the text of -c and eval whole, and so does ast_parse.) *offset starts at 0
 * and moves behind what was read; *line is NULL where only blank lines and
 * comments were left, and *offset == text.n then. On an error *line is NULL.
 */
int ast_parse_line(struct arena *a, struct str text, size_t *offset,
    enum shell_kind shell, const struct ast_aliases *aliases, struct node **line,
    struct ast_error *err);

/* Parses text as one word's inside in double quotes (for here-documents,
 * prompt strings, ${x@P}) or as an arithmetic expression. */
int ast_parse_dquoted(struct arena *a, struct str text, enum shell_kind shell,
    struct astword **out, struct ast_error *err);
/* Whether op is -f or such a test of one word in [[ ]]. */
bool ast_unary(struct str op);
/* The tree as canonical shell text (for tests: parse(print(t)) equals t). */
void ast_print(const struct node *n, struct buf *out);
/* The tree as an s-expression, for tests and debugging. */
void ast_dump(const struct node *n, struct buf *out);

#endif
