/* SPDX-License-Identifier: ISC */
/*
 * script.c: shell scripts that a line runs or sources are looked into: read
 * as the line has left them, and what they would run is judged as looked-into
 * code. A file that cannot be read is opaque. Runners that find their text in
 * another format are runner.c and makefile.c.
 */
#include "tools/host.h"

#include "bridle/limits.h"

static void
add_state(struct reading *rd, struct overlay_state *out, const struct overlay_state *more)
{
	for (size_t i = 0; i < more->texts.n; i++)
		*vec_push(rd->a, &out->texts) = more->texts.v[i];
	out->absent |= more->absent;
	out->unknown |= more->unknown;
	out->by |= more->by;
}

#define FOUND_DIRS 256 /* directories listed, files read for one word of find's */
#define FOUND_FILES 64

/* Files that find, started below dir, has as {}: where they match. */
static int
found_below(struct reading *rd, struct str dir, struct word shape, struct overlay_state *out)
{
	struct str head = word_prefix(shape);
	VEC(struct str) dirs = { 0 };
	size_t files = 0;

	*vec_push(rd->a, &dirs) = dir;
	for (size_t i = 0; i < dirs.n; i++) {
		struct world_entry *v;
		size_t n;

		if (i >= FOUND_DIRS || overlay_list(rd, dirs.v[i], &v, &n) < 0)
			return BRIDLE_EUNKNOWN;
		for (size_t k = 0; k < n; k++) {
			struct str at = path_join(rd->a, dirs.v[i], v[k].name);
			struct overlay_state s;

			if (v[k].kind == WORLD_DIR) {
				if (!str_is(v[k].name, ".git") && (str_starts(at, head) || str_starts(head, at)))
					*vec_push(rd->a, &dirs) = at;
				continue;
			}
			if (!word_meets(shape, word_text(rd->a, at)))
				continue;
			if (++files > FOUND_FILES)
				return BRIDLE_EUNKNOWN;
			if (overlay_read(rd, at, &s) >= 0)
				add_state(rd, out, &s);
		}
	}
	return 0;
}

/* {} of find: every piece that is not known is the name of something below. */
static bool
is_found(struct word w)
{
	bool found = false;

	for (size_t i = 0; i < w.n; i++) {
		if (w.v[i].kind != PIECE_TEXT && w.v[i].set != &byteset_below)
			return false;
		found |= w.v[i].kind != PIECE_TEXT;
	}
	return found && w.v[0].kind == PIECE_TEXT && w.v[0].text.p[0] == '/';
}

/* dir/./name, as -execdir has it, is dir/name. */
static struct word
without_dots(struct reading *rd, struct word w)
{
	struct word out = word_text(rd->a, STR(""));

	for (size_t i = 0; i < w.n; i++) {
		struct str text = w.v[i].text;

		if (w.v[i].kind != PIECE_TEXT)
			out = word_cat(rd->a, out, (struct word){ &w.v[i], 1, { 0 } });
		else
			out = word_cat(rd->a, out,
			    word_text(rd->a, str_starts(text, STR("/./")) ? str_sub(text, 2, text.n) : text));
	}
	return out;
}

/* The texts that a file may hold, in each of the known places. */
static int
texts_of(struct reading *rd, struct shell_state *st, struct word file, struct overlay_state *out,
    struct str *path)
{
	size_t n = shell_cwd(st).n, seen = 0;

	*out = (struct overlay_state){ 0 };
	for (size_t i = 0; i < n; i++) {
		struct word at = reading_path(rd, st, file, i);
		struct overlay_state s;
		struct str known;

		if (is_found(at)) {
			at = without_dots(rd, at);
			*path = str_sub(word_prefix(at), 0, str_rchr(word_prefix(at), '/'));
			if (found_below(rd, path->n > 0 ? *path : STR("/"), at, out) < 0)
				return BRIDLE_EUNKNOWN;
			*path = path_join(rd->a, *path, STR("{}"));
			seen++;
		} else if (word_known(rd->a, at, &known) && known.n > 0 && known.p[0] == '/' &&
		    !path_in_proc(known) && /* another's for whoever runs it */
		    overlay_read(rd, known, &s) >= 0) {
			add_state(rd, out, &s);
			if (seen++ == 0 || s.texts.n > 0)
				*path = known;
		} else if (n == 1) {
			return BRIDLE_EUNKNOWN;
		}
	}
	return seen > 0 ? 0 : BRIDLE_EUNKNOWN;
}

int
script_texts(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word file,
    struct overlay_state *out, struct str *path)
{
	enum shell_stdin kind = SHELL_STDIN_INHERIT;
	struct word text = file;
	struct str known;

	*path = (struct str){ 0 };
	*out = (struct overlay_state){ 0 };
	if (shell_fd_named(c, file, &kind, &text) && kind == SHELL_STDIN_INHERIT)
		kind = reading_stdin(rd, c, &text);
	if (kind == SHELL_STDIN_PIPE)
		return BRIDLE_EUNKNOWN;
	if (kind != SHELL_STDIN_TEXT && !shell_process_text(rd->shell, text, &text))
		return texts_of(rd, st, text, out, path);
	if (!word_known(rd->a, text, &known))
		return BRIDLE_EUNKNOWN;
	*vec_push(rd->a, &out->texts) = known;
	return 0;
}

static bool
outside(struct reading *rd, struct str path)
{
	return !path_under(overlay_real(rd, path), overlay_real(rd, rd->request->project));
}

/* The action that a command became last: that of the runner itself. */
static void
mark_outside(struct reading *rd)
{
	if (rd->out->list.n > 0)
		rd->out->list.v[rd->out->list.n - 1]->flags |= ACTION_OUTSIDE;
}

void
script_written(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str name,
    const char *run)
{
	reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
	    str_printf(rd->a, STR_FMT " is written on this line and what it then holds is not known: run %s in a "
			      "call of its own", STR_ARG(name), run));
}

/* by: how the line has written it (WROTE_…). What it wrote whole and a shell
 * then runs is as little known as what is piped into one. */
static void
not_read(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word file,
    unsigned by)
{
	struct str name = str_cat(rd->a, STR("the script "), word_show(rd->a, file));

	if ((by & WROTE_WHOLE) != 0 || script_suspect(rd, by))
		script_written(rd, st, c, name, "it");
	else
		reading_unknown_at(rd, st, c, UNKNOWN_OPAQUE, c->typed,
		    str_cat(rd->a, name, STR(" could not be read")));
}

bool
script_suspect(struct reading *rd, unsigned by)
{
	return by != 0 && reading_names_risky(rd, rd->request->text);
}

unsigned
script_flags(struct reading *rd, struct str path)
{
	return path.n > 0 && overlay_wrote(rd, path) ? ACTION_INNER | ACTION_OWN : ACTION_LOOKED;
}

/* Nothing but the shell itself has run on this line: no file can have come.
 * The last command is the `source` that asks. */
static bool
nothing_ran(const struct reading *rd)
{
	bool last = true;

	for (size_t i = rd->out->list.n; i > 0; i--) {
		const struct action *act = rd->out->list.v[i - 1];

		if (act->kind == ACTION_READ || (act->flags & (ACTION_BUILTIN | ACTION_HARMLESS)) != 0)
			continue;
		if (!last || act->kind != ACTION_COMMAND)
			return false;
		last = false;
	}
	return true;
}

int
script_file(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word file, struct words args)
{
	struct overlay_state s;
	struct str path, running = rd->running, key;
	int err = texts_of(rd, st, file, &s, &path);

	if (err < 0) {
		mark_outside(rd);
		not_read(rd, st, c, file, overlay_wrote(rd, STR("")) ? WROTE_PART : 0);
		return 0;
	}
	if (outside(rd, path))
		mark_outside(rd);
	if (s.unknown)
		not_read(rd, st, c, file, s.by);
	if (s.texts.n == 0 && !nothing_ran(rd) && (err = mention_line(rd, st, c)) < 0)
		return err;
	key = path;
	for (size_t i = 0; i < args.n; i++)
		key = str_printf(rd->a, STR_FMT " " STR_FMT, STR_ARG(key), STR_ARG(word_show(rd->a, args.v[i])));
	if (!reading_runs(rd, st, key))
		return 0;
	for (size_t i = 0; i < s.texts.n && err >= 0; i++) {
		rd->shell_source = file;
		err = reading_run_shell(rd, st, word_text(rd->a, s.texts.v[i]), c, script_flags(rd, path),
		    path_base(path), file, args);
	}
	rd->running = running;
	return err < 0 ? err : 0;
}

int
script_sourced(struct reading *rd, struct shell_state *st, struct word file, struct str *text,
    struct str *shown)
{
	struct overlay_state s;
	struct str path;
	struct str found;
	int err;

	/* . s looks for s in PATH first */
	if (word_known(rd->a, file, &found) && (found = samefile_written_in_path(rd, st, found)).n > 0)
		file = word_text(rd->a, found);
	err = texts_of(rd, st, file, &s, &path);
	if (err < 0) /* wherever it is: what the line wrote may be it */
		s = (struct overlay_state){ .unknown = true, .by = overlay_wrote(rd, STR("")) ? WROTE_PART : 0 };
	if (s.unknown && s.by != 0) {
		struct shell_command c = { .typed = file.typed };

		not_read(rd, st, &c, file, s.by);
	}
	if (s.texts.n == 0)
		return !s.unknown && nothing_ran(rd) ? BRIDLE_ENOENT : BRIDLE_EUNKNOWN;
	/* Of several possible texts the shell runs one; the others are judged here. */
	for (size_t i = s.unknown ? 0 : 1; i < s.texts.n; i++) {
		struct inner saved = reading_enter(rd, ACTION_LOOKED, path_base(path));

		err = shell_run(rd->shell, shell_state_copy(rd->shell, st, false), s.texts.v[i],
		    SHELL_LOOKED | SHELL_MAYBE);
		reading_leave(rd, saved);
		if (err < 0)
			return err;
	}
	if (s.unknown)
		return BRIDLE_EUNKNOWN;
	*text = s.texts.v[0];
	*shown = path_base(path);
	return overlay_wrote(rd, path) ? 1 : 0;
}
