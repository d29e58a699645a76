/* SPDX-License-Identifier: ISC */
/*
 * filecmd.c: programs whose work is to write, move or remove the files that
 * they name: cp, mv, rm, tee, sed -i and their kin. Each becomes edit actions
 * with the new content where it is known. Other programs' files come from the
 * roles in their models (command.c).
 */
#include "tools/code.h"

#include <string.h>

static const struct file_after unknown = { .kind = AFTER_UNKNOWN };
static const struct file_after made = { .kind = AFTER_UNKNOWN, .by = WROTE_WHOLE };
static const struct file_after gone = { .kind = AFTER_ABSENT };

struct scan { /* options of one letter and operands, GNU order */
	bool letter[128];
	struct words operands;
	struct word target; /* -t DIR */
	bool has_target;
};

/* Long options count as the letters that mean the same. */
static void
long_option(struct str head, struct scan *out)
{
	static const struct {
		const char *begins;
		char letter;
	} options[] = { { "--null-data", 'z' }, { "--quiet", 'n' }, { "--silent", 'n' },
		{ "--regexp-extended", 'E' }, { "--recursive", 'r' }, { "--archive", 'r' },
		{ "--no-target", 'T' }, { "--symbolic", 's' }, { "--append", 'a' }, { "--in", 'i' },
		{ "--parents", 'p' }, { "--directory", 'd' } };

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (str_starts(head, str_of(options[i].begins)))
			out->letter[(unsigned char)options[i].letter] = true;
}

/* Options of `values` (letters) take a value. */
static void
scan(struct reading *rd, const struct shell_command *c, const char *values, struct scan *out)
{
	VEC(struct word) ops = { 0 };
	bool dashes = false;

	*out = (struct scan){ 0 };
	for (size_t i = 1; i < c->argv.n; i++) {
		struct word w = c->argv.v[i];
		struct str head = word_prefix(w);

		if (!dashes && word_is(w, "--")) {
			dashes = true;
			continue;
		}
		if (dashes || head.n < 2 || head.p[0] != '-') {
			*vec_push(rd->a, &ops) = w;
			continue;
		}
		if (str_starts(head, STR("--target-directory="))) {
			out->target = word_cat(rd->a, word_text(rd->a, str_sub(head, 19, head.n)),
			    (struct word){ w.v + 1, w.n - 1, { 0 } });
			out->has_target = true;
		} else if (str_starts(head, STR("--expression")) || str_starts(head, STR("--file"))) {
			out->letter['e'] = true; /* sed's script stands here */
			i += str_chr(head, '=') == STR_NPOS;
		} else {
			long_option(head, out);
		}
		for (size_t j = 1; head.p[1] != '-' && j < head.n; j++) {
			unsigned char ch = (unsigned char)head.p[j];

			if (ch < 128)
				out->letter[ch] = true;
			if (strchr(values, (char)ch) == NULL)
				continue;
			if (ch == 't' && (j + 1 < head.n || i + 1 < c->argv.n)) {
				out->target = j + 1 < head.n ? word_from(rd->a, w, j + 1) : c->argv.v[i + 1];
				out->has_target = true;
			}
			if (j + 1 == head.n)
				i++;
			break;
		}
	}
	out->operands = (struct words){ ops.v, ops.n };
}

/* ---- copies ------------------------------------------------------------------------ */

static struct word
below(struct reading *rd, struct word dir, struct word file)
{
	struct str tail = word_suffix(rd->a, file), base = path_base(tail);
	struct word name = word_any(rd->a, STR(""));

	if (str_rchr(tail, '/') != STR_NPOS || (file.n == 1 && file.v[0].kind == PIECE_TEXT))
		name = word_text(rd->a, base);
	return word_cat(rd->a, word_cat(rd->a, dir, word_text(rd->a, STR("/"))), name);
}

/* Is the last operand a folder, so that files land below it? */
static enum tri
is_folder(struct reading *rd, struct shell_state *st, struct word w)
{
	struct world_stat ws;
	struct str path;
	int err;

	if (!word_known(rd->a, reading_path(rd, st, w, 0), &path) || path.p[0] != '/')
		return TRI_MAYBE;
	if (str_ends(word_suffix(rd->a, w), STR("/")))
		return TRI_YES;
	err = overlay_stat(rd, path, true, &ws);
	return err == BRIDLE_EUNKNOWN ? TRI_MAYBE : err == 0 && ws.kind == WORLD_DIR ? TRI_YES : TRI_NO;
}

static struct file_after
content_of(struct reading *rd, struct shell_state *st, struct word source)
{
	struct file_after after = unknown;
	struct str path, text;

	if (shell_cwd(st).n == 1 && !word_many(source) &&
	    word_known(rd->a, reading_path(rd, st, source, 0), &path) && path.p[0] == '/' &&
	    overlay_text(rd, path, &text) == 0) {
		after.kind = AFTER_TEXT;
		after.text = word_text(rd->a, text);
	}
	return after;
}

/* A folder: what the line has written in it is there, too; of all else nothing is known. */
static void
copy_below(struct reading *rd, struct shell_state *st, struct word source, struct str to, bool recursive)
{
	struct str from = STR(""), *paths = NULL;
	bool known = word_known(rd->a, reading_path(rd, st, source, 0), &from) && from.p[0] == '/';
	size_t n = known ? overlay_written(rd, from, &paths) : 0;

	from = known ? overlay_real(rd, from) : from;
	if (recursive)
		overlay_unknown_under(rd, to);
	for (size_t i = 0; i < n; i++) {
		struct overlay_state s;
		struct str path = path_join(rd->a, to, str_sub(paths[i], from.n + 1, STR_NPOS));

		if (paths[i].n <= from.n || overlay_read(rd, paths[i], &s) < 0)
			continue;
		for (size_t k = 0; k < s.texts.n; k++)
			overlay_write(rd, path, s.texts.v[k], s.texts.n == 1 && !s.unknown && !s.absent);
	}
}

static void
copy_to(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word source, struct word to, bool folder, bool recursive)
{
	struct word file = folder ? below(rd, to, source) : to;
	struct file_after after = recursive ? unknown : content_of(rd, st, source);
	struct overlay_state held = { 0 };
	struct str path;

	if (after.kind == AFTER_UNKNOWN && !recursive)
		script_texts(rd, st, c, source, &held, &path);
	after.copied = held.by == 0;
	after.by = held.by;
	file_edit(rd, st, c, file, ACTION_OPERAND | (recursive ? ACTION_RECURSIVE : 0), after);
	/* Of several contents that the source may have, one. */
	if (held.texts.n > 0 && word_known(rd->a, reading_path(rd, st, file, 0), &path) && path.p[0] == '/')
		for (size_t i = 0; i < held.texts.n; i++)
			overlay_write(rd, path, held.texts.v[i], false);
	samefile_made(rd, st, source, file);
	if (word_known(rd->a, reading_path(rd, st, file, 0), &path) && path.p[0] == '/')
		copy_below(rd, st, source, path, recursive);
}

static void
copies(struct reading *rd, struct shell_state *st, const struct shell_command *c, bool move,
    const char *values)
{
	struct scan s;
	struct words from;
	struct word to;
	enum tri folder;

	scan(rd, c, values, &s);
	from = s.operands;
	if (!s.has_target) {
		if (from.n < 2)
			return;
		from.n--;
	}
	to = s.has_target ? s.target : s.operands.v[s.operands.n - 1];
	folder = s.has_target || from.n > 1 ? TRI_YES : s.letter['T'] ? TRI_NO : is_folder(rd, st, to);
	for (size_t i = 0; i < from.n; i++) {
		bool recursive = s.letter['r'] || s.letter['R'] || s.letter['a'] ||
		    (move && is_folder(rd, st, from.v[i]) == TRI_YES);

		if (!move)
			file_look(rd, st, c, from.v[i], ACTION_OPERAND | (recursive ? ACTION_RECURSIVE : 0));
		if (folder != TRI_YES)
			copy_to(rd, st, c, from.v[i], to, false, recursive);
		if (folder != TRI_NO)
			copy_to(rd, st, c, from.v[i], to, true, recursive);
		if (move)
			file_edit(rd, st, c, from.v[i], ACTION_OPERAND |
			    (is_folder(rd, st, from.v[i]) == TRI_YES ? ACTION_RECURSIVE : 0), gone);
	}
}

static void
run_cp(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	copies(rd, st, c, false, "St");
}

static void
run_mv(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	copies(rd, st, c, true, "St");
}

static void
run_install(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	struct scan s;

	scan(rd, c, "gmotS", &s);
	if (!s.letter['d'])
		copies(rd, st, c, false, "gmotS");
}

static void
run_ln(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	struct scan s;
	struct word to;
	struct str path, target;

	scan(rd, c, "St", &s);
	if (s.operands.n == 0)
		return;
	to = s.operands.v[s.operands.n - 1];
	if (s.operands.n == 1 || s.has_target || is_folder(rd, st, to) == TRI_YES)
		to = below(rd, s.has_target ? s.target : s.operands.n == 1
			? word_text(rd->a, STR(".")) : to, s.operands.v[0]);
	file_edit(rd, st, c, to, ACTION_OPERAND, content_of(rd, st, s.operands.v[0]));
	if (word_known(rd->a, reading_path(rd, st, to, 0), &path) &&
	    word_known(rd->a, s.letter['s'] ? s.operands.v[0]
		: reading_path(rd, st, s.operands.v[0], 0), &target) &&
	    path.n > 0 && path.p[0] == '/' && target.n > 0)
		overlay_link(rd, path, target);
	else
		samefile_made(rd, st, s.operands.v[0], to);
}

/* ---- writing and removing -------------------------------------------------------------- */

static void
edit_each(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct scan *s,
    unsigned flags, struct file_after after)
{
	for (size_t i = 0; i < s->operands.n; i++)
		file_edit(rd, st, c, s->operands.v[i], ACTION_OPERAND | flags, after);
}

static void
run_rm(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	struct scan s;

	scan(rd, c, "", &s);
	edit_each(rd, st, c, &s, s.letter['r'] || s.letter['R'] ? ACTION_RECURSIVE : 0, gone);
}

static void
run_tee(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	struct file_after after = unknown;
	struct word in;
	struct scan s;

	scan(rd, c, "", &s);
	if (reading_stdin(rd, c, &in) == SHELL_STDIN_TEXT) {
		after.kind = s.letter['a'] ? AFTER_APPEND : AFTER_TEXT;
		after.text = in;
	}
	for (size_t i = 0; i < s.operands.n; i++)
		if (!str_starts(word_prefix(s.operands.v[i]), STR("/dev/")))
			file_edit(rd, st, c, s.operands.v[i], ACTION_OPERAND, after);
}

static void
run_truncate(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	struct scan s;

	scan(rd, c, "rs", &s);
	edit_each(rd, st, c, &s, 0, unknown);
}

/* mkfifo p: what is written there later, sponge f: what is read. */
static void
run_made(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	struct scan s;

	scan(rd, c, "mou", &s);
	edit_each(rd, st, c, &s, 0, made);
}

static void
run_history(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	struct scan s;

	scan(rd, c, "dps", &s);
	if (s.letter['w'] || s.letter['a'])
		edit_each(rd, st, c, &s, 0, made);
}

/* A folder that was not there: what lies in it later, the line says. */
static void
make_folder(struct reading *rd, struct str path, bool parents)
{
	struct world_stat st;

	while (path.n > 1 && overlay_stat(rd, path, true, &st) == BRIDLE_ENOENT) {
		overlay_unknown(rd, path, 0);
		if (!parents)
			return;
		path = path_dir(path);
	}
}

static void
run_mkdir(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	struct scan s;
	struct str path;

	scan(rd, c, "m", &s);
	for (size_t i = 0; i < s.operands.n; i++)
		if (word_known(rd->a, reading_path(rd, st, s.operands.v[i], 0), &path) && path.p[0] == '/')
			make_folder(rd, path, s.letter['p']);
}

/* touch makes an empty file, or leaves the content. */
static void
run_touch(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	struct file_after after = { .kind = AFTER_APPEND, .text = word_text(rd->a, STR("")) };
	struct scan s;

	scan(rd, c, "drt", &s);
	edit_each(rd, st, c, &s, 0, after);
}

static void
run_dd(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	for (size_t i = 1; i < c->argv.n; i++) {
		struct word w = c->argv.v[i];
		struct str head = word_prefix(w);
		struct word file;

		if (head.n < 3 || (!str_starts(head, STR("of=")) && !str_starts(head, STR("if="))))
			continue;
		file = word_cat(rd->a, word_text(rd->a, str_sub(head, 3, head.n)),
		    (struct word){ w.v + 1, w.n - 1, { 0 } });
		if (str_starts(word_prefix(file), STR("/dev/")))
			continue;
		if (head.p[0] == 'o')
			file_edit(rd, st, c, file, ACTION_OPERAND, made);
		else
			file_look(rd, st, c, file, ACTION_OPERAND);
	}
}

/* sed -i: the file as plain substitutions leave it. */
static struct file_after
sed_after(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct scan *s,
    struct word file)
{
	struct file_after after = content_of(rd, st, file);
	bool apart = s->letter['e'] || s->letter['f'] || s->letter['n'] || s->letter['z'] || s->operands.n == 0;
	struct str script, text;

	if (!str_is(path_base(word_prefix(c->argv.v[0])), "sed") || apart || after.kind != AFTER_TEXT ||
	    !word_known(rd->a, s->operands.v[0], &script) || !word_known(rd->a, after.text, &text) ||
	    !sed_plain(rd->a, script, s->letter['E'] || s->letter['r'], text, &text))
		return unknown;
	after.text = word_text(rd->a, text);
	return after;
}

/* sed -i, perl -i: every operand but the script. */
static void
in_place(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const char *values, const char *script)
{
	struct scan s;
	size_t from;

	scan(rd, c, values, &s);
	if (!s.letter['i'])
		return;
	from = s.letter[(unsigned char)script[0]] || s.letter[(unsigned char)script[1]] ? 0 : 1;
	for (size_t i = from; i < s.operands.n; i++)
		file_edit(rd, st, c, s.operands.v[i], ACTION_OPERAND, sed_after(rd, st, c, &s, s.operands.v[i]));
}

static void
run_sed(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	in_place(rd, st, c, "efl", "ef");
}

static void
run_perl(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	in_place(rd, st, c, "eEIMmF", "eE");
}

static const struct file_program {
	const char *name;
	void (*run)(struct reading *rd, struct shell_state *st, const struct shell_command *c);
} programs[] = {
	{ "cp", run_cp },
	{ "dd", run_dd },
	{ "gsed", run_sed },
	{ "history", run_history },
	{ "install", run_install },
	{ "ln", run_ln },
	{ "mkdir", run_mkdir },
	{ "mkfifo", run_made },
	{ "mv", run_mv },
	{ "perl", run_perl },
	{ "rm", run_rm },
	{ "rmdir", run_rm },
	{ "sed", run_sed },
	{ "shred", run_truncate },
	{ "sponge", run_made },
	{ "sysopen", run_made },
	{ "tee", run_tee },
	{ "touch", run_touch },
	{ "truncate", run_truncate },
	{ "unlink", run_rm },
};

bool
filecmd_known(struct str program)
{
	static struct names by_name = NAMES(programs);

	return names_find(&by_name, program) != STR_NPOS;
}

bool
filecmd_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog)
{
	static struct names by_name = NAMES(programs);
	size_t i = names_find(&by_name, prog->base);

	if (i == STR_NPOS)
		return false;
	programs[i].run(rd, st, c);
	return true;
}
