/* SPDX-License-Identifier: ISC */
/*
 * file.c: file actions. A redirection, `tee f` and an Edit call become the
 * same edit action here, with the content before and after where it is known,
 * and the overlay follows. Which files a program names is filecmd.c; what an
 * edit changes is change.c and checks.c.
 */
#include "tools/host.h"
#include "tools/scope.h"

#include "bridle/limits.h"

/* A path as rules see it: where the project is reached by a link, below the
 * project's own name. */
static struct str
in_project(struct reading *rd, struct str real)
{
	struct str project = rd->request->project, root = overlay_real(rd, project);

	if (str_eq(root, project) || !path_under(real, root))
		return real;
	return path_clean(rd->a, str_cat(rd->a, project, str_sub(real, root.n, real.n)));
}

static struct action *
file_action(struct reading *rd, enum action_kind kind, struct shell_state *st,
    const struct shell_command *c, struct word path, unsigned flags)
{
	struct action *act = reading_add(rd, kind, st, c);
	struct word *file;

	if (act == NULL)
		return NULL;
	file = NEW(rd->a, struct word);
	*file = path;
	act->flags |= flags;
	act->file = (struct words){ file, 1 };
	act->text = word_show(rd->a, path);
	reading_note(rd, act->file);
	return act;
}

/* What the file holds before, as far as there is one answer. */
static void
fill_before(struct reading *rd, struct action *act, struct str path)
{
	int err = overlay_text(rd, path, &act->before);

	act->before_known = err == 0 || err == BRIDLE_ENOENT;
	act->before_absent = err == BRIDLE_ENOENT;
}

static void
fill_after(struct reading *rd, struct action *act, struct file_after after)
{
	struct str text;

	act->after_absent = after.kind == AFTER_ABSENT;
	act->after_known = act->after_absent;
	if (after.kind != AFTER_TEXT && after.kind != AFTER_APPEND)
		return;
	if (!word_known(rd->a, after.text, &text) ||
	    (after.kind == AFTER_APPEND && !act->before_known))
		return;
	act->after_known = true;
	act->after = after.kind == AFTER_TEXT ? text : str_cat(rd->a, act->before, text);
}

static void
change_overlay(struct reading *rd, struct str path, struct file_after after, bool sure)
{
	struct str text;

	if (after.kind == AFTER_ABSENT)
		overlay_remove(rd, path, sure);
	else if (after.kind == AFTER_UNKNOWN && after.copied)
		overlay_unknown(rd, path, 0);
	else if (after.kind == AFTER_UNKNOWN)
		overlay_unknown(rd, path, after.by != 0 ? after.by : WROTE_PART);
	else if (!word_known(rd->a, after.text, &text))
		overlay_unknown(rd, path, WROTE_WHOLE);
	else if (after.kind == AFTER_TEXT)
		overlay_write(rd, path, text, sure);
	else
		overlay_append(rd, path, text, sure);
}

/* The action once more for the file that a link leads to. */
static void
through_link(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct action *act, struct str path)
{
	struct str real = in_project(rd, overlay_real(rd, path));
	struct action *more;

	if (str_eq(real, path))
		return;
	more = file_action(rd, act->kind, st, c, word_text(rd->a, real), 0);
	if (more == NULL)
		return;
	more->flags = act->flags;
	more->before_known = act->before_known;
	more->before_absent = act->before_absent;
	more->before = act->before;
	more->after_known = act->after_known;
	more->after_absent = act->after_absent;
	more->after = act->after;
}

static size_t
directories(const struct shell_state *st, struct word file)
{
	struct str head = word_prefix(file);

	if (st == NULL || (head.n > 0 && head.p[0] == '/') ||
	    (file.n > 0 && file.v[0].kind != PIECE_TEXT))
		return 1;
	return shell_cwd(st).n;
}

void
file_edit(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word file, unsigned flags, struct file_after after)
{
	size_t n = rd->away ? 0 : directories(st, file);

	for (size_t i = 0; i < n; i++) {
		struct word w = reading_path(rd, st, file, i);
		struct action *act = file_action(rd, ACTION_EDIT, st, c, w, flags);
		struct str path;

		if (act == NULL)
			return;
		if (!word_known(rd->a, w, &path) || path.n == 0 || path.p[0] != '/') {
			if (scope_file(models_find(rd->models, STR("fly")), path_base(word_suffix(rd->a, w))))
				scope_files_change(rd, STR("/"));
			continue;
		}
		fill_before(rd, act, path);
		fill_after(rd, act, after);
		through_link(rd, st, c, act, path);
		/* What a guess or a wrapper's inner command would write may be there. */
		if ((rd->flags & (ACTION_GUESS | ACTION_INNER)) == 0)
			change_overlay(rd, path, after, n == 1 && reading_sure(rd, c));
		else
			overlay_unknown(rd, path, WROTE_PART);
		if (after.kind != AFTER_ABSENT && (rd->flags & ACTION_GUESS) == 0)
			samefile_written(rd, st, c, w);
	}
}

/* A path that find prints is as little named as what lies in a folder. */
static bool
holds_found(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind != PIECE_TEXT && w.v[i].set == &byteset_below)
			return true;
	return false;
}

/* <( ) or zsh's =( ): what the line's own command prints, no file of anybody's. */
static bool
from_process(struct word w)
{
	for (size_t i = 0; i < w.n; i++) {
		struct str s = w.v[i].text;

		if (w.v[i].kind != PIECE_TEXT && (str_starts(s, STR("<(")) || str_starts(s, STR("=("))))
			return true;
	}
	return false;
}

void
file_look(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word file, unsigned flags)
{
	size_t n = rd->away || from_process(file) ? 0 : directories(st, file);

	if (holds_found(file))
		flags |= ACTION_RECURSIVE;
	for (size_t i = 0; i < n; i++) {
		struct word w = reading_path(rd, st, file, i);
		struct action *act = file_action(rd, ACTION_READ, st, c, w, flags);
		struct str path;

		if (act == NULL)
			return;
		if (word_known(rd->a, w, &path) && path.n > 0 && path.p[0] == '/')
			through_link(rd, st, c, act, path);
	}
}

/* ---- the agent's own edits ----------------------------------------------------- */

/* Replaces the first old (or every one) in text; false if there is none, or
 * if it stands there twice where one was meant: then the tool refuses. */
static bool
replace(struct reading *rd, struct str *text, const struct request_edit *e)
{
	struct str rest = *text;
	size_t at, count = 0;
	struct buf out;

	if (e->old_text.n == 0)
		return false;
	buf_init(&out, rd->a);
	while ((at = str_find(rest, e->old_text)) != STR_NPOS) {
		if (count++ == 1 && !e->replace_all)
			return false;
		buf_add(&out, str_sub(rest, 0, at));
		buf_add(&out, e->new_text);
		rest = str_sub(rest, at + e->old_text.n, rest.n);
	}
	buf_add(&out, rest);
	*text = str_dup(rd->a, buf_str(&out));
	return count > 0;
}

/* The client reads CRLF files as LF and writes CRLF back. */
static struct str
lf_only(struct reading *rd, struct str text, bool *had_cr)
{
	struct buf out;

	*had_cr = str_find(text, STR("\r\n")) != STR_NPOS;
	if (!*had_cr)
		return text;
	buf_init(&out, rd->a);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\r' || i + 1 == text.n || text.p[i + 1] != '\n')
			buf_putc(&out, text.p[i]);
	return buf_str(&out);
}

static struct str
crlf_again(struct reading *rd, struct str text)
{
	struct buf out;

	buf_init(&out, rd->a);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n' && (i == 0 || text.p[i - 1] != '\r'))
			buf_putc(&out, '\r');
		buf_putc(&out, text.p[i]);
	}
	return buf_str(&out);
}

static void
apply_edits(struct reading *rd, struct action *act)
{
	const struct request *r = rd->request;
	struct str text = act->before;
	bool crlf = false;

	if (r->whole) {
		act->after = r->content;
		act->after_known = true;
		return;
	}
	if (r->content_unknown || !act->before_known || r->nedits == 0)
		return;
	text = lf_only(rd, text, &crlf);
	for (size_t i = 0; i < r->nedits; i++) {
		/* An empty old text makes a new file, or fills an empty one. */
		if (r->edits[i].old_text.n == 0 && text.n == 0)
			text = r->edits[i].new_text;
		else if (!replace(rd, &text, &r->edits[i]))
			return;
	}
	act->after = crlf ? crlf_again(rd, text) : text;
	act->after_known = true;
}

static struct str
request_path(struct reading *rd)
{
	const struct request *r = rd->request;
	struct str path = r->path;

	if (str_is(path, "~") && r->home.n > 0)
		path = r->home;
	else if (str_starts(path, STR("~/")) && r->home.n > 0)
		path = path_join(rd->a, r->home, str_sub(path, 2, path.n));
	return path_clean(rd->a, path_join(rd->a, r->cwd, path));
}

void
file_edit_request(struct reading *rd)
{
	struct str path = request_path(rd);
	struct action *act = file_action(
	    rd, ACTION_EDIT, NULL, NULL, word_text(rd->a, path), ACTION_SELF);

	if (act == NULL)
		return;
	act->typed = rd->request->path;
	act->tool = rd->request->tool;
	fill_before(rd, act, path);
	apply_edits(rd, act);
	through_link(rd, NULL, NULL, act, path);
}

void
file_read_request(struct reading *rd)
{
	struct str path = request_path(rd);
	struct action *act = file_action(rd, ACTION_READ, NULL, NULL, word_text(rd->a, path),
	    ACTION_SELF | (rd->request->recursive ? ACTION_RECURSIVE : 0));

	if (act == NULL)
		return;
	act->typed = rd->request->path;
	act->tool = rd->request->tool;
	through_link(rd, NULL, NULL, act, path);
}
