/* SPDX-License-Identifier: ISC */
/*
 * make_run.c: what a make or just command runs: the files that it reads as the
 * line has left them, and each recipe given to the shell as looked-into code.
 * What the line itself has written is the line's own: there, what is not known
 * asks. How the files are read is make.c and justfile.c.
 */
#include "tools/make_run.h"
#include "tools/startup.h"

#include "bridle/limits.h"

#include <string.h>

struct run {
	struct reading *rd;
	struct shell_state *st;
	const struct shell_command *c;
	struct action *act;
	struct str dir, name; /* make's directory; of its first file, without folders */
	bool just, written; /* the line has written something that is read */
	unsigned by;   /* … what cannot be known: WROTE_… */
	size_t way, ways; /* of the texts that a file may hold this one; as many as one was found to have */
};
#define WAYS_MOST 3

/* ---- what the reader asks for ---- */

static int
host_env(void *ctx, struct str name, struct str *value)
{
	struct run *r = ctx;
	struct words values;
	int err = shell_env(r->rd->shell, r->st, name, &values);

	if (err != 0)
		return err;
	if (values.n != 1)
		return BRIDLE_EUNKNOWN;
	*value = make__text_of(r->rd, values.v[0]);
	return 0;
}

/* ~/ is make's HOME. */
static struct str
path_of(struct run *r, struct str name)
{
	struct str home;

	if (str_starts(name, STR("~/")) && host_env(r, STR("HOME"), &home) == 0)
		name = str_cat(r->rd->a, home, str_sub(name, 1, name.n));
	return path_clean(r->rd->a, path_join(r->rd->a, r->dir, name));
}

static int
host_file(void *ctx, struct str name, struct str *text)
{
	struct run *r = ctx;
	struct str path = path_of(r, name);
	struct overlay_state s;
	struct world_stat stat;
	int err;

	if (make__unknown(name))
		return BRIDLE_EUNKNOWN;
	if (text == NULL)
		return overlay_stat(r->rd, path, true, &stat);
	err = overlay_read(r->rd, path, &s);
	if (err < 0)
		return err;
	r->by |= s.unknown ? s.by : 0;
	r->written |= overlay_wrote(r->rd, path);
	if (!s.unknown && s.texts.n == 0)
		return BRIDLE_ENOENT;
	runner_mark(r->rd, r->act, path);
	if (s.unknown || s.texts.n > WAYS_MOST)
		return BRIDLE_EUNKNOWN;
	if (s.texts.n > r->ways)
		r->ways = s.texts.n;
	*text = s.texts.v[r->way < s.texts.n ? r->way : s.texts.n - 1];
	return 0;
}

#define GLOB_MOST 500 /* names that a pattern finds */

/* One part of the pattern, below each folder that was found for those before it. */
static int
glob_part(struct run *r, struct str part, strs_vec *in, strs_vec *out)
{
	struct arena *a = r->rd->a;
	bool pattern = strpbrk(str_c(a, part), "*?[") != NULL;

	for (size_t i = 0; i < in->n; i++) {
		struct str dir = in->v[i];
		struct world_entry *v;
		size_t n;
		int err;

		if (!pattern) {
			*vec_push(a, out) = str_cat(a, dir, part);
			continue;
		}
		err = overlay_list(r->rd, path_of(r, dir.n > 0 ? dir : STR(".")), &v, &n);
		if (err != 0 && err != BRIDLE_ENOENT)
			return err;
		for (size_t k = 0; err == 0 && k < n; k++)
			if (v[k].name.n > 0 && v[k].name.p[0] != '.' && glob_match(part, v[k].name)) {
				if (out->n >= GLOB_MOST)
					return BRIDLE_EUNKNOWN;
				*vec_push(a, out) = str_cat(a, dir, v[k].name);
			}
	}
	return 0;
}

static int
host_glob(void *ctx, struct arena *a, struct str pattern, strs_vec *out)
{
	struct run *r = ctx;
	strs_vec found = { 0 };

	*vec_push(a, &found) = STR("");
	while (pattern.n > 0) {
		size_t slash = str_chr(pattern, '/');
		strs_vec next = { 0 };
		int err = glob_part(r, str_sub(pattern, 0, slash == STR_NPOS ? pattern.n : slash), &found, &next);

		if (err != 0)
			return err;
		for (size_t i = 0; i < next.n && slash != STR_NPOS; i++)
			next.v[i] = str_cat(a, next.v[i], STR("/"));
		found = next;
		pattern = str_sub(pattern, slash == STR_NPOS ? pattern.n : slash + 1, pattern.n);
	}
	for (size_t i = 0; i < found.n; i++)
		if (host_file(r, found.v[i], NULL) != BRIDLE_ENOENT)
			*vec_push(a, out) = found.v[i];
	return 0;
}

static const void *
host_files_are(void *ctx)
{
	struct run *r = ctx;

	return overlay_wrote(r->rd, STR("")) ? shell_world(r->st) : NULL;
}

/* What is not known of a text: any bytes, or plain ones. */
static struct word
unknown_word(struct reading *rd, char mark)
{
	struct byteset *set = NEW(rd->a, struct byteset);
	struct piece *p = NEW(rd->a, struct piece);

	*set = byteset_of(PLAIN_BYTES);
	*p = (struct piece){ PIECE_CHARS, STR("$(…)"), mark == MAKE_PLAIN ? set : NULL, 0, PIECE_NOMAX };
	return (struct word){ p, 1, { 0 } };
}

static struct word
word_of(struct reading *rd, struct str text)
{
	struct word w = word_text(rd->a, STR(""));

	while (text.n > 0) {
		size_t at = 0;

		while (at < text.n && text.p[at] != MAKE_UNKNOWN && text.p[at] != MAKE_PLAIN)
			at++;
		w = word_cat(rd->a, w, word_text(rd->a, str_sub(text, 0, at)));
		if (at < text.n)
			w = word_cat(rd->a, w, unknown_word(rd, text.p[at]));
		text = str_sub(text, at + 1, text.n);
	}
	return w;
}

static void
host_write(void *ctx, struct str name, struct str text, bool append)
{
	struct run *r = ctx;
	struct file_after after = { append ? AFTER_APPEND : AFTER_TEXT, word_of(r->rd, text), 0, false };

	file_edit(r->rd, r->st, r->c, word_of(r->rd, path_join(r->rd->a, r->dir, name)), 0, after);
}

/* It is a variable of which nothing is known; in a line's own text where that
 * names what rules speak of, it may as well be more commands. */
static struct word
shell_text(struct run *r, struct str text)
{
	bool quoted = false;
	struct buf b;

	if (r->written && str_chr(text, MAKE_UNKNOWN) != STR_NPOS &&
	    reading_names_guarded(r->rd, r->rd->request->text))
		return word_of(r->rd, text);
	buf_init(&b, r->rd->a);
	for (size_t i = 0; i < text.n; i++) {
		quoted ^= text.p[i] == '\'';
		if (!quoted && text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == '\n') {
			i++; /* the line goes on */
			continue;
		}
		if (text.p[i] == MAKE_UNKNOWN)
			buf_puts(&b, quoted ? "'\"$__value\"'" : "$__value");
		else if (text.p[i] == MAKE_PLAIN)
			buf_puts(&b, quoted ? "'\"$__plain\"'" : "$__plain");
		else
			buf_putc(&b, text.p[i]);
	}
	return word_text(r->rd->a, buf_str(&b));
}

static struct shell_state *
recipe_state(struct run *r, const struct make_recipe *recipe)
{
	struct shell *sh = r->rd->shell;
	struct shell_state *inside = reading_inside(r->rd, r->st);

	shell_set_cwd(sh, inside, word_text(r->rd->a, r->dir));
	shell_set_var(sh, inside, STR("__value"), word_words(r->rd->a, STR("$(…)")), false);
	shell_set_var(sh, inside, STR("__plain"), unknown_word(r->rd, MAKE_PLAIN), false);
	for (size_t i = 0; i < recipe->nexports; i++) {
		const struct make_export *e = &recipe->exports[i];

		if (e->unset)
			shell_unset_var(sh, inside, e->name);
		else
			shell_set_var(sh, inside, e->name, word_of(r->rd, e->value), true);
	}
	return inside;
}

/* With the shell that the makefile names, as a command of its own. */
static int
run_with(struct run *r, struct shell_state *inside, const struct make_recipe *recipe, unsigned flags, struct str chain)
{
	struct words words = words_split(r->rd->a, str_printf(r->rd->a, STR_FMT " " STR_FMT, STR_ARG(recipe->shell),
	    STR_ARG(recipe->flags)));
	struct word *argv = NEW_ARRAY(r->rd->a, struct word, words.n + 1);

	if (make__unknown(recipe->text)) {
		shell_set_var(r->rd->shell, inside, STR("__value"), word_words(r->rd->a, STR("$(…)")), true);
		shell_set_var(r->rd->shell, inside, STR("__plain"), unknown_word(r->rd, MAKE_PLAIN), true);
	}
	for (size_t i = 0; i < words.n; i++)
		argv[i] = word_of(r->rd, word_prefix(words.v[i]));
	argv[words.n] = shell_text(r, recipe->text);
	return reading_run_argv(r->rd, inside, (struct words){ argv, words.n + 1 }, r->c, flags, chain);
}

static bool
usual_shell(const struct make_recipe *recipe)
{
	return (str_is(recipe->shell, "/bin/sh") || str_is(recipe->shell, "sh")) &&
	    (str_is(recipe->flags, "-c") || str_is(recipe->flags, "-cu"));
}

static int
host_run(void *ctx, const struct make_recipe *recipe, struct str *output)
{
	struct run *r = ctx;
	struct reading *rd = r->rd;
	unsigned flags = r->written ? ACTION_INNER | ACTION_OWN : ACTION_LOOKED;
	struct str chain = str_printf(rd->a, STR_FMT " target " STR_FMT, STR_ARG(r->name), STR_ARG(recipe->target));
	struct shell_state *inside = recipe_state(r, recipe);
	struct word printed;
	int err;

	if (output != NULL) {
		err = reading_run_output(rd, inside, shell_text(r, recipe->text), r->c, flags, chain, &printed);
		*output = err < 0 ? MAKE_ANY : make__text_of(rd, printed);
		for (size_t i = 0; i < output->n; i++)
			if (output->p[i] == '\n')
				*output = str_cat(rd->a, str_cat(rd->a, str_sub(*output, 0, i), STR(" ")),
				    str_sub(*output, i + 1, output->n));
		err = err == BRIDLE_EUNKNOWN ? 0 : err;
	} else if (usual_shell(recipe))
		err = reading_run_shell(rd, inside, shell_text(r, recipe->text), r->c, flags, chain,
		    word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
	else
		err = run_with(r, inside, recipe, flags, chain);
	reading_back(rd, r->st, inside);
	return err;
}

/* ---- one command ---- */

/* One file of -f, or the first of the usual names that is there. */
static int
add_file(struct run *r, const struct word *named, struct make_call *call)
{
	static const char *const names[2][3] = { { "GNUmakefile", "makefile", "Makefile" },
		{ "justfile", "Justfile", ".justfile" } };
	struct reading *rd = r->rd;
	struct overlay_state s;
	struct str name, path, text;
	struct word in;
	int err = BRIDLE_ENOENT;

	if (named == NULL) {
		for (size_t i = 0; i < 3 && err == BRIDLE_ENOENT; i++)
			err = host_file(r, name = str_of(names[r->just][i]), &text);
	} else if (word_is(*named, "-")) {
		name = STR("standard input");
		r->written = true;
		err = reading_stdin(rd, r->c, &in) == SHELL_STDIN_TEXT ? 0 : BRIDLE_EUNKNOWN;
		text = err == 0 ? make__text_of(rd, in) : STR("");
	} else if (script_texts(rd, r->st, r->c, *named, &s, &path) == 0 && path.n == 0 && s.texts.n == 1) {
		name = STR("standard input"); /* <(…) */
		r->written = true;
		text = s.texts.v[0];
		err = 0;
	} else if (!word_known(rd->a, *named, &name)) {
		err = BRIDLE_EUNKNOWN; /* it may be what the line has written */
		r->written = map_count(rd->written) > 0;
		if (interp_process(*named))
			r->by = WROTE_WHOLE;
	} else
		err = host_file(r, name, &text);
	if (err != 0)
		return err;
	if (r->name.n == 0)
		r->name = path_base(name).n > 0 ? path_base(name) : name;
	*vec_push(rd->a, &call->files) = name;
	*vec_push(rd->a, &call->files) = text;
	return 0;
}

/* What could not be read: asked about where the line has written of it. */
static void
not_read(struct run *r, const struct make_lost *lost)
{
	struct reading *rd = r->rd;
	struct str make = word_show(rd->a, r->c->argv.v[0]);

	if (lost->limit)
		reading_unknown_at(rd, r->st, r->c, UNKNOWN_LIMIT, r->c->typed,
		    STR("a makefile holds more than is read: rules, expansions, or needs of needs cross a limit"));
	else if ((r->by & WROTE_WHOLE) != 0 || script_suspect(rd, r->by) ||
	    (r->written && reading_names_risky(rd, rd->request->text)) ||
	    (lost->text.n > 0 && reading_names_guarded(rd, lost->text)))
		reading_unknown_at(rd, r->st, r->c, UNKNOWN_DYNAMIC, r->c->typed,
		    str_printf(rd->a, "what " STR_FMT " runs is not all known", STR_ARG(make)));
	else
		runner_opaque(rd, r->st, r->c, str_printf(rd->a, "what " STR_FMT " runs is not all known", STR_ARG(make)));
}

/* make reads files of MAKEFILES before its own, and lines of --eval. */
static int
all_files(struct run *r, const struct make_words *w, struct make_call *call)
{
	struct str list, name;
	int err = 0, one;

	if (!r->just && host_env(r, STR("MAKEFILES"), &list) == 0)
		while ((name = make__word(&list)).n > 0) {
			struct word file = word_of(r->rd, name);

			one = add_file(r, &file, call);
			err = one == BRIDLE_ENOENT ? err : one;
		}
	for (size_t i = 0; i < w->evals.n; i++) {
		r->name = r->name.n > 0 ? r->name : STR("--eval");
		r->written = true;
		*vec_push(r->rd->a, &call->files) = STR("--eval");
		*vec_push(r->rd->a, &call->files) = w->evals.v[i];
	}
	for (size_t i = 0; i < w->files.n; i++) {
		if (str_starts(word_prefix(w->files.v[i]), STR("/dev/fd/")) || path_in_proc(word_prefix(w->files.v[i])))
			err = mention_line(r->rd, r->st, r->c);
		if (err < 0)
			return err;
		one = add_file(r, &w->files.v[i], call);
		err = err == 0 ? one : err;
	}
	if (w->files.n == 0) {
		one = add_file(r, NULL, call);
		err = err == 0 ? one : err;
	}
	return err;
}

/* Where it reads and runs: all of -C, one behind the other. */
static bool
in_folder(struct run *r, const struct make_words *w)
{
	struct place p = runner_place(r->rd, r->st, NULL);

	r->dir = p.path;
	for (size_t i = 0; i < w->dirs.n && p.known; i++) {
		struct str dir;

		p.known = word_known(r->rd->a, w->dirs.v[i], &dir);
		if (p.known)
			r->dir = path_clean(r->rd->a, path_join(r->rd->a, r->dir, dir));
	}
	return p.known;
}

/* As MAKEFLAGS has it: a blank is behind a backslash. */
static void
add_escaped(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ' ' || s.p[i] == '\\')
			buf_putc(b, '\\');
		buf_putc(b, s.p[i]);
	}
}

/* -n, -e, --eval and NAME=VALUE words go on to a make in a recipe. */
static void
hand_on(struct run *r, const struct make_call *call, const struct make_words *w)
{
	struct shell_state *inside = reading_inside(r->rd, r->st);
	struct buf b;

	if (r->just)
		return;
	r->st = inside;
	overlay_enter(r->rd, inside);
	shell_set_var(r->rd->shell, inside, STR("MAKELEVEL"), word_text(r->rd->a, str_printf(r->rd->a, "%llu",
	    (unsigned long long)call->level + 1)), true);
	if (call->assigns.n == 0 && w->evals.n == 0 && !call->dry && !call->env_wins)
		return;
	buf_init(&b, r->rd->a);
	buf_printf(&b, "%s%s", call->dry ? "n" : "", call->env_wins ? "e" : "");
	for (size_t i = 0; i < w->evals.n; i++) {
		buf_puts(&b, " --eval=");
		add_escaped(&b, w->evals.v[i]);
	}
	buf_puts(&b, " --");
	for (size_t i = 0; i < call->assigns.n; i++) {
		buf_putc(&b, ' ');
		add_escaped(&b, call->assigns.v[i]);
	}
	shell_set_var(r->rd->shell, inside, STR("MAKEFLAGS"), word_of(r->rd, buf_str(&b)), true);
}

/* Is it no make of the same, which has no end? */
static bool
begins(struct run *r, const struct make_call *call)
{
	struct str level = STR("");

	for (size_t i = 1; i < call->files.n; i += 2)
		if (str_find(call->files.v[i], STR("MAKELEVEL")) != STR_NPOS)
			level = str_printf(r->rd->a, "%llu", (unsigned long long)call->level);
	return reading_runs(r->rd, r->st, str_printf(r->rd->a, STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT,
	    STR_ARG(r->dir), STR_ARG(r->name), STR_ARG(make__joined(r->rd->a, &call->goals)),
	    STR_ARG(make__joined(r->rd->a, &call->assigns)), STR_ARG(level)));
}

/* One way; *ways: how many there are. */
static int
run_way(struct reading *rd, struct shell_state *st, const struct shell_command *c, bool just, struct action *act,
    size_t way, size_t *ways)
{
	static const struct make_host host = { NULL, host_env, host_file, host_glob, host_write, host_files_are, host_run };
	struct run r = { .rd = rd, .st = st, .c = c, .act = act, .just = just, .way = way };
	struct make_host mine = host;
	struct make_call call = { 0 };
	struct make_words w = { 0 };
	struct make_lost lost = { 0 };
	struct str level, running = rd->running;
	int err;

	if (!just) {
		make__flags(rd, st, c, STR("GNUMAKEFLAGS"), &w);
		make__flags(rd, st, c, STR("MAKEFLAGS"), &w);
	}
	make__read_words(rd, words_from(c->argv, 1), just, &w);
	if (w.command > 0 && w.command < c->argv.n)
		return reading_run_argv(rd, reading_inside(rd, st), words_from(c->argv, w.command), c, ACTION_INNER,
		    (struct str){ 0 });
	if (!in_folder(&r, &w)) {
		if (act != NULL)
			act->flags |= ACTION_OUTSIDE;
		r.written = map_count(rd->written) > 0;
		not_read(&r, &lost);
		return 0;
	}
	if (w.none)
		return 0;
	err = all_files(&r, &w, &call);
	if (err != 0 && err != BRIDLE_ENOENT)
		not_read(&r, &lost);
	if (call.files.n == 0 && (just || (w.assigns.n == 0 && w.targets.n == 0)))
		return 0;
	for (size_t i = 0; i < w.assigns.n; i++)
		*vec_push(rd->a, &call.assigns) = make__text_of(rd, w.assigns.v[i]);
	for (size_t i = 0; i < w.targets.n; i++)
		*vec_push(rd->a, &call.goals) = make__text_of(rd, w.targets.v[i]);
	call.dir = r.dir;
	call.dry = w.dry;
	call.env_wins = w.env_wins;
	call.no_rules = w.no_rules;
	call.include_dirs = w.include_dirs;
	mine.ctx = &r;
	if (host_env(&r, STR("MAKELEVEL"), &level) != 0 || str_u64(level, &call.level) != 0)
		call.level = 0;
	hand_on(&r, &call, &w);
	err = 0;
	if (begins(&r, &call))
		err = just ? just_read(rd->a, &call, &mine, &lost) : make_read(rd->a, &call, &mine, &lost);
	if (r.st != st)
		reading_back(rd, st, r.st);
	r.st = st;
	rd->running = running;
	if ((lost.text.n > 0 && call.files.n > 0) || lost.limit)
		not_read(&r, &lost);
	*ways = r.ways;
	return err;
}

int
make_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, bool just, struct action *act)
{
	struct shell_state *before = overlay_wrote(rd, STR("")) ? reading_inside(rd, st) : NULL;
	size_t ways = 1;
	int err = run_way(rd, st, c, just, act, 0, &ways);

	/* `… > Makefile; make`: where it could not be written it is what it was. */
	for (size_t way = 1; way < ways && err >= 0 && before != NULL; way++) {
		struct shell_state *other = shell_state_copy(rd->shell, before, false);

		overlay_enter(rd, other);
		err = run_way(rd, other, c, just, act, way, &ways);
		overlay_enter(rd, st);
	}
	return err;
}
