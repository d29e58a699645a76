/* SPDX-License-Identifier: ISC */
/*
 * language.h: programs that take code of another language than the shell's
 * (language.c), and how their code names modules (modules.c).
 */
#ifndef TOOLS_LANGUAGE_H
#define TOOLS_LANGUAGE_H

#include "tools/code.h"

enum operand { OPERAND_FILE, OPERAND_CODE, OPERAND_SOURCE, OPERAND_OTHER };
enum {
	LANG_PYTHON, LANG_IPYTHON, LANG_NODE, LANG_BUN, LANG_TSX, LANG_PERL, LANG_RUBY, LANG_PHP,
	LANG_LUA, LANG_RSCRIPT, LANG_JULIA, LANG_OSASCRIPT, LANG_TCLSH, LANG_GROOVY, LANG_AWK,
	LANG_SED, LANG_VIM, LANG_EMACS, LANG_LESS, LANG_ED, LANG_GDB, LANG_PSQL, LANG_LLDB, LANG_ERL,
	LANG_MIX, LANG_YQ, LANG_DC, LANG_SWIPL, LANG_FTP, LANG_CLOJURE
};
struct language {
	const char *code;   /* letters of options whose value is code */
	const char *longs;  /* long ones, blank-separated */
	const char *values; /* letters of other options with a value */
	enum operand operand;
	bool bang, backquote;
	const char *module; /* letter that names what to run instead of a script; may be NULL */
	const char *files, *file_longs; /* options whose value is a file of code; may be NULL */
};
extern const struct language languages[]; /* by LANG_… */

/* How code names the modules that it loads, and where they lie (modules.c). */
struct naming {
	const char *keys;    /* words in front of a name: "import from" */
	const char *parts;   /* what is / in a file's name; may be NULL */
	const char *ends;    /* what the file's name has more, blank-separated; ".": nothing */
	const char *path;    /* variable of further folders */
	const char *options; /* variable of further options; may be NULL */
	const char *always;  /* loaded from the folders of `path` before anything runs; may be NULL */
	const char *letters, *longs; /* options whose value is a module … */
	const char *as;      /* … and what that is in code */
	const char *folders; /* letters of options whose value is a folder of modules */
	bool dotted;         /* only names that begin with . or / are files of ours */
};
const struct naming *language_naming(const struct language *l); /* NULL: not known; l may be NULL */

struct taken {
	VEC(struct word) code, files;
	VEC(struct word) loads; /* code that loads a module: -M, -r, -m */
	VEC(struct word) folders;
	size_t operand; /* argv index of the first; argv.n: none */
	bool module;    /* -m: no script */
	bool ex;        /* vim -e: then -s takes no file */
};

const struct language *language_of(struct str program); /* NULL: none */
void language_take(struct reading *rd, const struct language *l, const struct shell_command *c,
    struct taken *out);

/* ---- editor.c ---- */
/* What vim and ed do with the files that they are given. */
int editor_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct language *l,
    const struct taken *t);

/* ---- modules.c ---- */
/* What one program loads: each file once. l NULL: nothing. */
struct loading;
struct loading *modules_new(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct language *l);
void modules_folder(struct loading *ld, struct word folder);
/* The words that its script is given. */
void modules_args(struct loading *ld, struct words args);
/* What the line wrote where it is loaded before anything else: sitecustomize. */
int modules_always(struct loading *ld);
/* What a text loads. */
int modules_code(struct loading *ld, struct str code);
/* Files and modules that operands name, if the line has written them. */
int modules_words(struct loading *ld, struct words operands);
/* The script that an operand means: node takes ./x for x.js, a folder for its index.js. */
struct word modules_main(struct loading *ld, struct word operand);
/* A script: its texts, and what they load. */
int modules_file(struct loading *ld, struct str path, const struct overlay_state *s);
/* What a program or module of that name finds by itself, if the line has written it:
 * tests, its own configuration. */
int modules_found(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str program);
bool modules_reads(struct str program);

#endif
