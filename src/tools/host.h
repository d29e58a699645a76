/* SPDX-License-Identifier: ISC */
/*
 * host.h: what the files that read one request share with each other and with
 * nobody else: read.c, command.c, wrap.c, find.c, interp.c, code.c, script.c,
 * file.c, redirect.c, output.c, overlay.c. What resolvers may use is tools.h.
 *
 * A function named *_run takes one simple command. It returns 1 when it has
 * dealt with it, 0 when it has nothing to say, or a negative error.
 */
#ifndef TOOLS_HOST_H
#define TOOLS_HOST_H

#include "tools/tools.h"

/* What argv[0] names. */
struct program {
	struct str base;  /* the last part of its path; never empty */
	const struct tool *tool; /* what is known by that name; may be NULL */
	bool by_path;     /* it is written with a slash */
	unsigned flags;   /* ACTION_TAINTED, ACTION_OUTSIDE: what an allow must know */
};

/* ---- overlay.c ---- */
struct overlay *overlay_new(struct arena *a);
/* From now on st is judged, and its files. */
void overlay_enter(struct reading *rd, struct shell_state *st);
/* For struct shell_host. */
const void *overlay_join(void *ctx, struct shell *sh, const void *a, const void *b);
bool overlay_touched(void *ctx, struct shell *sh, const struct shell_state *st, struct str dir);
struct str overlay_real(struct reading *rd, struct str path); /* absolute, links resolved as far as known */
void overlay_link(struct reading *rd, struct str path, struct str target);

/* ---- read.c ---- */
/* Does the command surely do it, where it runs? (Not in the background, on
 * another machine, in looked-into code.) */
bool reading_sure(const struct reading *rd, const struct shell_command *c);
/* Saves what an inner run changes, and sets it back. */
struct inner {
	unsigned flags, parent, same_as;
	struct str chain;
	const struct shell_command *outer;
	const struct shell_redir *redirs;
	bool decisive, guessing, away;
};
struct inner reading_enter(struct reading *rd, unsigned action_flags, struct str chain);
void reading_leave(struct reading *rd, struct inner saved);
/* Bytes that mean nothing to a shell, and whether a piece that is not known holds
 * no others. (inner.c) */
#define PLAIN_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+,-"
bool reading_plain(const struct piece *p);
/* A file that is run by itself again, with the same words, environment and files
 * around it, has no end: false. Else it is noted in rd->running, which the
 * caller sets back. */
bool reading_runs(struct reading *rd, struct shell_state *st, struct str what);
/* Notes unknown pieces for `actions.unknown`. */
void reading_note(struct reading *rd, struct words argv);
/* An unknown action that belongs to a command. */
void reading_unknown_at(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    enum unknown_kind kind, struct str typed, struct str why);

/* Whether a word of the text is a program that rules speak of. */
struct str reading_guarded_name(struct reading *rd, struct str text); /* the first; empty: none */
bool reading_names_guarded(struct reading *rd, struct str text);
/* The same, but for git where it is told to do what harms nobody elsewhere: git add, git commit … */
bool reading_names_risky(struct reading *rd, struct str text);
/* The same, also in pieces: f''ly, fl\ and a newline, PowerShell's fl`y and "fl" + "y". */
bool reading_names_hidden(struct reading *rd, struct str text);

/* Does the line hold text that arithmetic would run, beside what rules speak of? (evaluated.c) */
bool reading_evaluates(struct reading *rd);

/* What the command reads on its standard input: its own, or that of the
 * command whose text it stands in. */
enum shell_stdin reading_stdin(const struct reading *rd, const struct shell_command *c,
    struct word *text);

/* ---- samefile.c ---- */
/* A variable of folders in front of PATH that make no program of theirs unsure. */
#define SAMEFILE_FIRST STR("__first")
/* These and PATH, where it is known, and its next directory from *from on; false: no more. */
bool samefile_dirs(struct reading *rd, struct shell_state *st, struct str *dirs);
bool samefile_next_dir(struct str dirs, size_t *from, struct str *dir);
/* The file that PATH finds for a bare name; empty: none, or not known. */
struct str samefile_path(struct reading *rd, struct shell_state *st, struct str name);
/* A file that the line has written, which PATH finds for a bare name; empty: none. */
struct str samefile_written_in_path(struct reading *rd, struct shell_state *st, struct str name);
/* The command as that of the guarded program which its file really is. */
int samefile_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog);
/* `to` is now a copy of source, or a link to it. */
void samefile_made(struct reading *rd, struct shell_state *st, struct word source, struct word to);
/* `to` is written by c: a copy of what c reads, if that is a guarded program. */
void samefile_written(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word to);

/* ---- redirect.c ---- */
void redirect_reads(struct reading *rd, struct shell_state *st, const struct shell_command *c);
void redirect_writes(struct reading *rd, struct shell_state *st, const struct shell_command *c);

/* ---- file.c: file actions ---- */
struct file_after { /* what a write leaves */
	enum { AFTER_UNKNOWN, AFTER_TEXT, AFTER_APPEND, AFTER_ABSENT } kind;
	struct word text; /* TEXT, APPEND: may have unknown pieces */
	unsigned by;      /* UNKNOWN: WROTE_…; 0: WROTE_PART */
	bool copied;      /* UNKNOWN: what another file held */
};
/* One edit (or read) action per directory that the command may run in, and
 * one more for what a link leads to. The overlay follows. */
void file_edit(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word file, unsigned flags, struct file_after after);
void file_look(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word file, unsigned flags);
void file_edit_request(struct reading *rd);
void file_read_request(struct reading *rd);

/* ---- fly_http.c ---- */
/* Does the text name a host of Fly's interfaces? */
bool fly_http_named(struct str text);
/* Some request there, of which nothing more is known. */
int fly_http_guess(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    unsigned flags, struct str chain);

/* Is it one of these names, which blanks part? (language.c) */
bool names_hold(const char *names, struct str name);

/* ---- mention.c ---- */
/* The guarded commands that a text names which the program may run: its own words, what the line has written. */
int mention_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog);
/* Those that the line names anywhere: for what is run and cannot be seen. */
int mention_line(struct reading *rd, struct shell_state *st, const struct shell_command *c);

/* ---- filecmd.c: programs that write and read the files they name ---- */
bool filecmd_known(struct str program);
/* False: it is none of them. */
bool filecmd_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog);

/* ---- unpack.c: programs that write files which they do not name ---- */
/* named: what it does to the files that it names is known. act may be NULL. */
void unpack_run(struct reading *rd, struct shell_state *st, struct action *act, bool named);

/* ---- output.c ---- */
/* What a command prints, every byte: EUNKNOWN if not known. */
int output_text(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word *out);
/* The same without its last newlines, as $(…) takes it. */
int output_known(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word *out);

/* A copy of st for a command within a command, as a new process has it; what
 * it leaves in files comes back with reading_back. */
struct shell_state *reading_inside(struct reading *rd, const struct shell_state *st);
void reading_back(struct reading *rd, struct shell_state *st, const struct shell_state *inside);

/* ---- command.c ---- */
extern const struct shell_host command_host;
/* A command action of argv as the tool's model reads it, with its files, doors
 * and resolver. *out: the first action; NULL if there is none. */
int command_act(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, unsigned flags, struct action **out);
/* A command action that is only shown. */
struct action *command_show(struct reading *rd, struct shell_state *st,
    const struct shell_command *c, struct str tool);
struct word word_from(struct arena *a, struct word w, size_t n); /* w without its first n bytes, which are known */
struct words words_from(struct words w, size_t from); /* w without its first ones */
/* The words of a text split at blanks (no quoting). */
struct words words_split(struct arena *a, struct str text);
static inline bool
word_many(struct word w) /* may be several words, or none */
{
	return word_has_words(w);
}

/* ---- wrap.c, find.c ---- */
/* The value of an -o of ssh's, scp's, and the file of an -F (ssh.c). */
int wrap_ssh_option(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word value);
int wrap_ssh_file(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word file);
int wrap_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog);
int find_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog);

/* From now on st is another machine's, or another user's. */
void wrap_place(struct reading *rd, struct shell_state *st, bool away);

/* ---- interp.c: shells ---- */
int interp_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog);

/* ---- call.c: calls of other tools ---- */
int call_read(struct reading *rd, struct shell_state *st, const struct shell_command *like);

/* ---- guess.c: unknown programs ---- */
/* Words from argv[from] on. */
int guess_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    size_t from);
int guess_texts(struct reading *rd, struct shell_state *st, const struct shell_command *c, size_t from);
/* Commands in the values of its variables and NAME=VALUE words; lower: name=VALUE too. */
int guess_values(struct reading *rd, struct shell_state *st, const struct shell_command *c, bool lower);

/* ---- script.c: files that are looked into ---- */
/* The texts that what the word names may hold: a file as the line has left it,
 * <(…), an open descriptor. *path is empty where it has none. */
int script_texts(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word file, struct overlay_state *out, struct str *path);
/* How the text of a file is judged: what the line itself has written is its own
 * text, as behind `bash -c`; else it is looked into. */
unsigned script_flags(struct reading *rd, struct str path);
/* A shell script run by a new shell: what its file holds is run. */
int script_file(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word file, struct words args);
/* A file that cannot be read, but that the line wrote (by: WROTE_…), and rules
 * speak of what the line names: a command of theirs may be in it. */
bool script_suspect(struct reading *rd, unsigned by);
/* Asked about for that: name is of the file; run ("it"), what to run in a call of its own. */
void script_written(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str name,
    const char *run);
/* What `source FILE` reads: the text for the shell to run (1: the line wrote it);
 * further possible texts are run here. */
int script_sourced(struct reading *rd, struct shell_state *st, struct word file,
    struct str *text, struct str *shown);

/* ---- runner.c: programs that run what a file of the project says ---- */
/* npm run NAME, make T, just T, ./x.sh. act: the runner's own action, marked
 * where its file lies outside the project; may be NULL. */
int runner_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, struct action *act);

#endif
