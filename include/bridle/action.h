/* SPDX-License-Identifier: ISC */
/*
 * action.h: the one vocabulary that shell, tools and policy share. Shell text
 * becomes actions; rules are compiled to patterns over the same words.
 *
 * A word is a list of pieces, each known text, a run of bytes not known, or
 * "any words". Two relations, both without recursion and linear-ish:
 *   word_covers(p, w): every filling of w matches p   (loosening places)
 *   word_meets(p, w):  some filling of w matches p    (tightening places)
 * A pattern word is a word: feat-slash-star is TEXT "feat/" + CHARS any 0..inf.
 */
#ifndef BRIDLE_ACTION_H
#define BRIDLE_ACTION_H

#include "bridle/base.h"
#include "bridle/world.h"

/* A set of bytes, bit b of word b/64. */
struct byteset {
	uint64_t bits[4];
};
bool byteset_has(const struct byteset *set, unsigned char c); /* NULL set: any */
struct byteset byteset_not(const char *without); /* all bytes but NUL and these */
struct byteset byteset_of(const char *with);
/* Any byte but NUL; the set itself, by its address, says that the piece is made
 * of names that exist (what find prints): as part of a path it holds no "..". */
extern const struct byteset byteset_below;

enum piece_kind {
	PIECE_TEXT,  /* exactly these bytes (text, never empty) */
	PIECE_CHARS, /* min..max bytes, each in set (NULL: any byte but NUL) */
	PIECE_WORDS  /* any text, any number of word breaks in it. Alone in its
	              * word: zero or more words. Beside text: this word may end
	              * here and further words follow. */
};
#define PIECE_NOMAX ((size_t)-1)
struct piece {
	enum piece_kind kind;
	struct str text;           /* TEXT: the bytes; else the source as typed ("$DIR"), maybe empty */
	const struct byteset *set; /* CHARS only; WORDS too: &byteset_below */
	size_t min, max;           /* CHARS only; max PIECE_NOMAX: no bound */
};
struct word {
	const struct piece *v;
	size_t n; /* 0: the empty word "" */
	struct str typed; /* as typed, quotes and all, for showing; may be empty */
};
/* A list of words; as a pattern slot: alternatives. */
struct words {
	const struct word *v;
	size_t n;
};

static inline struct word
word_text(struct arena *a, struct str text)
{
	struct piece *p;

	if (text.n == 0)
		return (struct word){ .v = NULL, .n = 0, .typed = STR("") };
	p = arena_raw(a, sizeof *p);
	*p = (struct piece){ .kind = PIECE_TEXT, .text = text };
	return (struct word){ .v = p, .n = 1, .typed = STR("") };
}
struct word word_any(struct arena *a, struct str source);   /* one word, any text, may be empty */
struct word word_words(struct arena *a, struct str source); /* zero or more words */
struct word word_cat(struct arena *a, struct word x, struct word y); /* joins adjacent TEXT */
/* The text if every piece is known; false (out untouched) otherwise. It may be
 * the word's own: a NUL need not stand behind it. */
bool word__known(struct arena *a, struct word w, struct str *out);
static inline bool
word_known(struct arena *a, struct word w, struct str *out)
{
	if (w.n != 1)
		return word__known(a, w, out);
	if (w.v[0].kind != PIECE_TEXT)
		return false;
	*out = w.v[0].text;
	return true;
}
bool word_says(struct word w, struct str text); /* all of it known, and this text */
static inline bool
word_is(struct word w, const char *text) /* known and equal */
{
	const struct piece *p = w.v;

	if (w.n > 0 && (p->kind != PIECE_TEXT || (p->text.n > 0 && p->text.p[0] != text[0])))
		return false; /* most words are not */
	return word_says(w, str_of(text));
}
static inline bool
word_has_words(struct word w) /* any PIECE_WORDS in it */
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind == PIECE_WORDS)
			return true;
	return false;
}
static inline struct str
word_prefix(struct word w) /* leading known text (may be all) */
{
	return w.n > 0 && w.v[0].kind == PIECE_TEXT ? w.v[0].text : STR("");
}
struct str word_suffix(struct arena *a, struct word w); /* trailing known text, perhaps the word's own */
/* For people: known text as is, unknown pieces as their source or "…". */
struct str word_show(struct arena *a, struct word w);
/* Canonical text: shell-quoted where needed, unknown pieces as their source. */
struct str word_quote(struct arena *a, struct word w);
void word_add_quoted(struct buf *b, struct word w);
/* A pattern word from glob text (* ? [..] [!..] \c); {a,b} gives several. */
int word_glob(struct arena *a, struct str pattern, struct words *out);
bool word_has_glob(struct str pattern);

bool word_covers(struct word p, struct word w);
bool word_meets(struct word p, struct word w);
/* The same for "one of these": covers if one alternative alone covers w. */
bool words_cover(struct words p, struct word w);
bool words_meet(struct words p, struct word w);
/* An argument vector against a sequence of pattern words, exactly or as a
 * leading part (rest: further words are fine). PIECE_WORDS in w expands to
 * any words. */
bool argv_covers(struct words p, struct words w, bool rest);
bool argv_meets(struct words p, struct words w, bool rest);

/* Kleene's three values, ordered so that and = min, or = max. */
enum tri { TRI_NO, TRI_MAYBE, TRI_YES };
static inline enum tri tri_and(enum tri x, enum tri y) { return x < y ? x : y; }
static inline enum tri tri_or(enum tri x, enum tri y) { return x > y ? x : y; }
static inline enum tri tri_not(enum tri x) { return (enum tri)(TRI_YES - x); }

enum verdict { VERDICT_NONE, VERDICT_ALLOW, VERDICT_PASS, VERDICT_ASK, VERDICT_DENY }; /* strictest last */
const char *verdict_name(enum verdict v);
enum verdict verdict_stricter(enum verdict x, enum verdict y);

/* A named fact of an action that rules can ask for: app, region, branch … */
enum field_state {
	FIELD_ABSENT,  /* certainly not there */
	FIELD_PRESENT, /* there; values hold it, pieces may be unknown */
	FIELD_UNKNOWN  /* not even known whether it is there; values, where there are any: nothing else can be */
};
struct field {
	struct str name;
	enum field_state state;
	struct words values; /* PRESENT: at least one. `is` in a tightening place: any, loosening: all */
	struct str from;     /* where it came from: "-a", "FLY_APP", "fly.toml in api/"; may be empty */
	struct str why;      /* UNKNOWN or part-known: what is not known, a phrase; may be empty */
};

/* How an allow may cover an option that its pattern does not name. */
enum option_class {
	OPTION_PLAIN,   /* named, or with `...` */
	OPTION_OUTPUT,  /* unnamed: changes only what is shown */
	OPTION_NEUTRAL, /* unnamed: harmless */
	OPTION_SCOPE,   /* unnamed: feeds a field (app, region, config) */
	OPTION_DOOR     /* named only: runs a program, writes a file, changes identity */
};
struct option_value {
	struct str name; /* canonical long name without dashes, or the letter */
	enum option_class cls;
	bool boolean;        /* effective boolean: values empty; absent when false */
	bool list;           /* values accumulate; else the last one only */
	bool secret;         /* values are redacted in the log */
	bool maybe;          /* may also not be there (an unknown word could hide it, or it could be negated) */
	bool unknown_option; /* the model does not know it */
	struct words values; /* in order; empty for a boolean */
	struct str spelled;  /* as typed: "-a", "--app" */
	const struct model_option *model; /* what the model says of it; NULL: look there for the name */
};

enum action_kind { ACTION_COMMAND, ACTION_EDIT, ACTION_READ, ACTION_TOOL, ACTION_UNKNOWN };

/* What an unknown action could not know; picks the policy's default. */
enum unknown_kind {
	UNKNOWN_DYNAMIC, /* text not knowable before it runs ($CMD, eval "$x", curl|sh, syntax error) */
	UNKNOWN_OPAQUE,  /* a program that may run anything and was not looked into */
	UNKNOWN_LIMIT    /* a limit was crossed: always ask, the reason names it */
};

/* Flags of an action; see semantics.md 1 and 3 for what each costs. */
enum action_flag {
	ACTION_BUILTIN = 1 << 0,   /* shell builtin of the closed list, no file redirection: allow where no rule speaks */
	ACTION_INNER = 1 << 1,     /* inside a wrapper that is no transparent one: only ask/deny rules speak */
	ACTION_LOOKED = 1 << 2,    /* found in a script, package.json, Makefile: only certain ask/deny rules speak */
	ACTION_TAINTED = 1 << 3,   /* the bare name may not be the program (hash -p, PATH=, alias): never covered by allow */
	ACTION_FOREIGN = 1 << 4,   /* git: repository is not the project and its config holds a door, or the command arranges for a program that no option names (executing setting, ext::): never covered by allow */
	ACTION_GUESS = 1 << 5,     /* later words of an unknown program read as a command: ask/deny match at most maybe */
	ACTION_REDIRECT = 1 << 6,  /* edit/read by a redirection of the shell */
	ACTION_OPERAND = 1 << 7,   /* edit/read of a file that a command's operand names: only ask/deny speak, and default edit|read */
	ACTION_DEVICE = 1 << 8,    /* /dev/null, tty, fd duplication: no opinion */
	ACTION_NETFILE = 1 << 9,   /* /dev/tcp, /dev/udp, <>: default */
	ACTION_WRAPPER = 1 << 10,  /* the wrapper command itself, with its own verdict (sudo, ssh, docker) */
	ACTION_HARMLESS = 1 << 11, /* transparent wrapper or no action of its own: for showing only, no verdict */
	ACTION_RECURSIVE = 1 << 12, /* edit/read of a folder and all below it */
	ACTION_OUTSIDE = 1 << 13,  /* a runner or a program by path whose file lies outside the project root: never covered by allow */
	ACTION_SELF = 1 << 14,     /* the agent's own tool call (Edit, Write, Read) */
	ACTION_TREE = 1 << 16,     /* git: the files of the work tree may become others (pull, switch, stash) */
	ACTION_WORKTREE = 1 << 17, /* git: with ACTION_RECURSIVE; what git tracks there, so nothing that a .git holds */
	ACTION_OWN = 1 << 18,      /* with ACTION_INNER: in a script that the line wrote, and run here: what is done in it counts in it */
	ACTION_HELP = 1 << 15      /* certainly only prints help (`fly deploy --help`): no ask or deny speaks of it, allow where no rule speaks, unless the name may be another program's */
};
/* The flags that no allow covers, whatever it names. */
#define ACTION_UNSURE (ACTION_TAINTED | ACTION_FOREIGN | ACTION_OUTSIDE)

struct assign {
	struct str name;
	struct word value;
	bool safe; /* on the short list of harmless names, or a scope variable of the tool */
};

struct action {
	enum action_kind kind;
	unsigned flags;
	unsigned id;           /* number in the request, from 1 */
	unsigned parent;       /* the action it came from (wrapper, script); 0: none */
	struct str typed;      /* the simple command's source text */
	struct str text;       /* canonical text (semantics 1); empty: not made yet, see action_text */
	struct str chain;      /* how it was reached, for people: "package.json script dev"; may be empty */
	struct word cwd;       /* directory it runs in */
	struct str relative;   /* cwd for people, relative to where the request starts; may be empty */

	/* COMMAND */
	struct words argv;      /* as it would reach execve, argv[0] as typed */
	struct str tool;        /* model name ("fly"), else the program's base name; empty: unknown */
	const struct tool *model; /* NULL: no model. Owned by the models */
	const struct str *path; /* canonical subcommand path; NULL: none */
	size_t npath;
	const struct option_value *options;
	size_t noptions;
	struct words operands;  /* of this action (one target each, the model says) */
	const struct assign *assigns; /* assignments that reach it (prefix or earlier export) */
	size_t nassigns;
	bool parse_maybe;       /* words unknown enough that path or options may differ: matches at most maybe */
	struct word input;      /* standard input, where it is text that the line holds; else n 0 */
	bool runs;              /* false: the tool itself would refuse the line or only print help */
	bool unparsed_rest;     /* further unknown words may follow */
	struct str error;       /* runs false: what the tool would say */

	struct field *fields;   /* effect, app, org, region, remote, branch, force, delete, path … */
	size_t nfields;

	/* EDIT, READ */
	struct words file;      /* v[0]: absolute where known; n is 1 */
	bool before_known, after_known;
	struct str before, after; /* contents; a file that does not exist is known and empty with before_absent */
	bool before_absent, after_absent;

	/* UNKNOWN */
	enum unknown_kind unknown;
	struct str why;         /* a phrase: "what $CMD holds is not known before it runs" */

	/* Order (semantics 7) */
	const unsigned *after_ids; /* actions that have certainly succeeded when this one runs */
	size_t nafter;
	bool decisive;          /* its failure would have failed the whole call */
};

/* NULL: the action has no such field. */
static inline struct field *
action_field_of(const struct action *act, struct str name)
{
	for (size_t i = 0; i < act->nfields; i++)
		if (str_eq(act->fields[i].name, name))
			return &act->fields[i];
	return NULL;
}
static inline struct field *
action_field(const struct action *act, const char *name)
{
	return action_field_of(act, str_of(name));
}

#endif
