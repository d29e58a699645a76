/* SPDX-License-Identifier: ISC */
/*
 * make_run.c: what a make or just command runs: its words and MAKEFLAGS, the
 * files that it reads as the line has left them, and each recipe given to the
 * shell as looked-into code. What the line itself has written is the line's
 * own: there, what is not known asks. How the files are read is makefile.c and
 * justfile.c.
 */
#include "tools/make.h"

#include "tools/runner.h"

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
};

/* ---- words ---- */

struct words_read {
	VEC(struct word) files, dirs, targets, assigns;
	strs_vec evals;
	bool dry, env_wins;
	bool none;      /* just --list and its kin: no recipe runs */
	size_t command; /* just --command: where on the line it begins; 0: none */
};

/* A word as make's reader takes it. */
static struct str
text_of(struct reading *rd, struct word w)
{
	struct buf b;

	buf_init(&b, rd->a);
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind == PIECE_TEXT)
			buf_add(&b, w.v[i].text);
		else
			buf_putc(&b, MAKE_UNKNOWN);
	return buf_str(&b);
}

/* An option's value: false if it has none that counts here. */
static void
value_of(struct reading *rd, struct words_read *w, char what, struct word value)
{
	if (what == 'f')
		*vec_push(rd->a, &w->files) = value;
	else if (what == 'd')
		*vec_push(rd->a, &w->dirs) = value;
	else if (what == 'e')
		*vec_push(rd->a, &w->evals) = text_of(rd, value);
}

/* --NAME[=VALUE]: true if the next word is its value. An abbreviation counts. */
static bool
long_option(struct reading *rd, struct word word, struct word next, struct words_read *w)
{
	static const struct {
		const char *name;
		char what; /* f, d, e: as value_of has it; n, v, l: a switch; x: another value */
	} names[] = { { "--file", 'f' }, { "--makefile", 'f' }, { "--justfile", 'f' }, { "--directory", 'd' },
		{ "--working-directory", 'd' }, { "--eval", 'e' }, { "--dry-run", 'n' }, { "--just-print", 'n' },
		{ "--recon", 'n' }, { "--question", 'n' }, { "--touch", 'n' }, { "--environment-overrides", 'v' },
		{ "--include-dir", 'x' }, { "--old-file", 'x' }, { "--assume-old", 'x' }, { "--what-if", 'x' },
		{ "--new-file", 'x' }, { "--assume-new", 'x' }, { "--dotenv-path", 'x' }, { "--shell", 'x' },
		{ "--set", 'x' }, { "--list", 'l' }, { "--summary", 'l' }, { "--show", 'l' }, { "--dump", 'l' },
		{ "--variables", 'l' }, { "--groups", 'l' }, { "--fmt", 'l' }, { "--init", 'l' }, { "--edit", 'l' } };
	struct str head = word_prefix(word);
	size_t eq = str_chr(head, '='), n = eq == STR_NPOS ? head.n : eq;
	struct word value = eq == STR_NPOS ? next
	    : word_cat(rd->a, word_text(rd->a, str_sub(head, eq + 1, head.n)),
		  (struct word){ word.v + 1, word.n - 1, { 0 } });

	for (size_t i = 0; i < sizeof names / sizeof *names && n > 3; i++) {
		char what = names[i].what;

		if (!str_starts(str_of(names[i].name), str_sub(head, 0, n)))
			continue;
		w->dry |= what == 'n';
		w->env_wins |= what == 'v';
		w->none |= what == 'l';
		value_of(rd, w, what, value);
		return eq == STR_NPOS && strchr("nvl", what) == NULL;
	}
	return false;
}

/* A bundle of letters: true if the next word is the value of its last. */
static bool
letters(struct reading *rd, struct word word, struct word next, bool just, struct words_read *w)
{
	static const char make_values[] = "fCIoWE", make_maybe[] = "jlO", just_values[] = "fdE";
	struct str head = word_prefix(word);

	for (size_t i = 1; i < head.n; i++) {
		char c = head.p[i], what = c == 'f' ? 'f' : c == (just ? 'd' : 'C') ? 'd' : c == 'E' && !just ? 'e' : 'x';
		bool last = i + 1 == head.n && word.n == 1;

		if (!just && strchr(make_maybe, c) != NULL) /* a number may follow */
			return last && c != 'O' && word_prefix(next).n > 0 && word_prefix(next).p[0] >= '0' &&
			    word_prefix(next).p[0] <= '9';
		if (strchr(just ? just_values : make_values, c) != NULL) {
			value_of(rd, w, what, last ? next : word_from(rd->a, word, i + 1));
			return last;
		}
		w->dry |= c == 'n' || (!just && (c == 'q' || c == 't'));
		w->env_wins |= c == 'e' && !just;
		w->none |= just && (c == 'l' || c == 's' || c == 'e');
	}
	return false;
}

static void
read_words(struct reading *rd, struct words argv, bool just, struct words_read *w)
{
	for (size_t i = 0; i < argv.n; i++) {
		struct word word = argv.v[i], next = i + 1 < argv.n ? argv.v[i + 1] : word_text(rd->a, STR(""));
		struct str head = word_prefix(word);

		if (just && w->targets.n == 0 && (word_is(word, "-c") || word_is(word, "--command"))) {
			w->command = i + 2; /* of the line, with its program */
			return;
		}
		if (just && word_is(word, "--set") && i + 2 < argv.n) {
			*vec_push(rd->a, &w->assigns) = word_cat(rd->a, word_cat(rd->a, next, word_text(rd->a, STR("="))),
			    argv.v[i + 2]);
			i += 2;
		} else if (word_is(word, "--"))
			continue;
		else if (head.n > 2 && head.p[0] == '-' && head.p[1] == '-')
			i += long_option(rd, word, next, w);
		else if (head.n > 1 && head.p[0] == '-')
			i += letters(rd, word, next, just, w);
		else if (str_chr(head, '=') != STR_NPOS && (!just || w->targets.n == 0))
			*vec_push(rd->a, &w->assigns) = word;
		else
			*vec_push(rd->a, &w->targets) = word;
	}
}

/* MAKEFLAGS: options and NAME=VALUE words as on the line, a blank in one behind
 * a backslash; single letters may stand first without their dash. */
static void
make_flags(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str name,
    struct words_read *w)
{
	VEC(struct word) v = { 0 };
	struct words values;
	struct str text;
	struct buf b;

	if (shell_env(rd->shell, st, name, &values) != 0 || values.n == 0)
		return;
	if (values.n != 1 || !word_known(rd->a, values.v[0], &text)) {
		runner_opaque(rd, st, c, str_printf(rd->a, STR_FMT " are not known", STR_ARG(name)));
		return;
	}
	buf_init(&b, rd->a);
	if (text.n > 0 && text.p[0] != '-' && text.p[0] != ' ' &&
	    str_chr(str_sub(text, 0, str_chr(text, ' ')), '=') == STR_NPOS)
		buf_putc(&b, '-');
	for (size_t i = 0; i <= text.n; i++) {
		if (i < text.n && text.p[i] == '\\' && i + 1 < text.n) {
			buf_putc(&b, text.p[++i]);
		} else if (i < text.n && text.p[i] != ' ') {
			buf_putc(&b, text.p[i]);
		} else if (b.n > 0) {
			*vec_push(rd->a, &v) = word_text(rd->a, buf_str(&b));
			buf_init(&b, rd->a);
		}
	}
	read_words(rd, (struct words){ v.v, v.n }, false, w);
}

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
	*value = text_of(r->rd, values.v[0]);
	return 0;
}

static int
host_file(void *ctx, struct str name, struct str *text)
{
	struct run *r = ctx;
	struct str path = path_clean(r->rd->a, path_join(r->rd->a, r->dir, name));
	struct overlay_state s;
	struct world_stat stat;
	int err;

	if (str_chr(name, MAKE_UNKNOWN) != STR_NPOS)
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
	if (s.unknown || s.texts.n != 1)
		return BRIDLE_EUNKNOWN;
	*text = s.texts.v[0];
	return 0;
}

/* Patterns in the last part of a name only. */
static int
host_glob(void *ctx, struct arena *a, struct str pattern, strs_vec *out)
{
	struct run *r = ctx;
	size_t slash = str_rchr(pattern, '/'), n;
	struct str dir = slash == STR_NPOS ? STR("") : str_sub(pattern, 0, slash + 1);
	struct str name = str_sub(pattern, dir.n, pattern.n);
	struct world_entry *v;
	int err;

	if (strpbrk(str_c(a, dir), "*?[") != NULL)
		return BRIDLE_EUNKNOWN;
	err = overlay_list(r->rd, path_clean(a, path_join(a, r->dir, dir)), &v, &n);
	if (err == BRIDLE_ENOENT)
		return 0;
	for (size_t i = 0; err == 0 && i < n; i++)
		if (v[i].name.n > 0 && v[i].name.p[0] != '.' && glob_match(name, v[i].name))
			*vec_push(a, out) = str_cat(a, dir, v[i].name);
	return err;
}

/* MAKE_UNKNOWN in a word, a file or an environment is any bytes. */
static struct word
word_of(struct reading *rd, struct str text)
{
	struct word w = word_text(rd->a, STR(""));

	while (text.n > 0) {
		size_t at = str_chr(text, MAKE_UNKNOWN);
		struct piece *any;

		w = word_cat(rd->a, w, word_text(rd->a, str_sub(text, 0, at == STR_NPOS ? text.n : at)));
		if (at == STR_NPOS)
			break;
		any = NEW(rd->a, struct piece);
		*any = (struct piece){ PIECE_CHARS, STR("$(…)"), NULL, 0, PIECE_NOMAX };
		w = word_cat(rd->a, w, (struct word){ any, 1, { 0 } });
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

	if (r->written && reading_names_guarded(r->rd, r->rd->request->text))
		return word_of(r->rd, text);
	buf_init(&b, r->rd->a);
	for (size_t i = 0; i < text.n; i++) {
		quoted ^= text.p[i] == '\'';
		if (text.p[i] != MAKE_UNKNOWN)
			buf_putc(&b, text.p[i]);
		else
			buf_puts(&b, quoted ? "'\"$__value\"'" : "$__value");
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

	if (str_chr(recipe->text, MAKE_UNKNOWN) != STR_NPOS)
		shell_set_var(r->rd->shell, inside, STR("__value"), word_words(r->rd->a, STR("$(…)")), true);
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
	unsigned flags = r->written ? ACTION_INNER : ACTION_LOOKED;
	struct str chain = str_printf(rd->a, STR_FMT " target " STR_FMT, STR_ARG(r->name), STR_ARG(recipe->target));
	struct shell_state *inside = recipe_state(r, recipe);
	struct word printed;
	int err;

	if (str_find(rd->chain, chain) != STR_NPOS) { /* make of make of it */
		if (output != NULL)
			*output = MAKE_ANY;
		return 0;
	}
	if (output != NULL) {
		err = reading_run_output(rd, inside, shell_text(r, recipe->text), r->c, flags, chain, &printed);
		*output = err < 0 ? MAKE_ANY : text_of(rd, printed);
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
		text = err == 0 ? text_of(rd, in) : STR("");
	} else if (script_texts(rd, r->st, r->c, *named, &s, &path) == 0 && path.n == 0 && s.texts.n == 1) {
		name = STR("standard input"); /* <(…) */
		r->written = true;
		text = s.texts.v[0];
		err = 0;
	} else
		err = word_known(rd->a, *named, &name) ? host_file(r, name, &text) : BRIDLE_EUNKNOWN;
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
not_read(struct run *r, struct str lost)
{
	struct reading *rd = r->rd;
	struct str make = word_show(rd->a, r->c->argv.v[0]);

	if ((r->by & WROTE_WHOLE) != 0 || script_suspect(rd, r->by) || r->written ||
	    (lost.n > 0 && reading_names_guarded(rd, lost)))
		reading_unknown_at(rd, r->st, r->c, UNKNOWN_DYNAMIC, r->c->typed,
		    str_printf(rd->a, "what " STR_FMT " runs is not all known", STR_ARG(make)));
	else
		runner_opaque(rd, r->st, r->c, str_printf(rd->a, "what " STR_FMT " runs is not all known", STR_ARG(make)));
}

/* make reads files of MAKEFILES before its own, and lines of --eval. */
static int
all_files(struct run *r, const struct words_read *w, struct make_call *call)
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
in_folder(struct run *r, const struct words_read *w)
{
	struct place p = runner_place(r->rd, r->st, NULL);

	r->dir = p.path;
	for (size_t i = 0; i < w->dirs.n && p.known; i++) {
		struct str dir;

		p.known = word_known(r->rd->a, w->dirs.v[i], &dir);
		r->dir = path_clean(r->rd->a, path_join(r->rd->a, r->dir, dir));
	}
	return p.known;
}

/* -n, -e and NAME=VALUE words go on to a make in a recipe. */
static void
hand_on(struct run *r, const struct make_call *call)
{
	struct shell_state *inside = reading_inside(r->rd, r->st);
	struct buf b;

	if ((call->assigns.n == 0 && !call->dry && !call->env_wins) || r->just)
		return;
	buf_init(&b, r->rd->a);
	buf_printf(&b, "%s%s --", call->dry ? "n" : "", call->env_wins ? "e" : "");
	for (size_t i = 0; i < call->assigns.n; i++) {
		struct str s = call->assigns.v[i];

		buf_putc(&b, ' ');
		for (size_t k = 0; k < s.n; k++) {
			if (strchr(" \\", s.p[k]) != NULL && s.p[k] != '\0')
				buf_putc(&b, '\\');
			buf_putc(&b, s.p[k]);
		}
	}
	shell_set_var(r->rd->shell, inside, STR("MAKEFLAGS"), word_of(r->rd, buf_str(&b)), true);
	r->st = inside;
}

int
make_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, bool just, struct action *act)
{
	static const struct make_host host = { NULL, host_env, host_file, host_glob, host_write, host_run };
	struct run r = { .rd = rd, .st = st, .c = c, .act = act, .just = just };
	struct make_host mine = host;
	struct make_call call = { { 0 }, { 0 }, { 0 }, { "", 0 }, false, false };
	struct words_read w = { 0 };
	struct str lost = STR("");
	int err;

	if (!just) {
		make_flags(rd, st, c, STR("GNUMAKEFLAGS"), &w);
		make_flags(rd, st, c, STR("MAKEFLAGS"), &w);
	}
	read_words(rd, words_from(c->argv, 1), just, &w);
	if (w.command > 0 && w.command < c->argv.n)
		return reading_run_argv(rd, reading_inside(rd, st), words_from(c->argv, w.command), c, ACTION_INNER,
		    (struct str){ 0 });
	if (!in_folder(&r, &w)) {
		if (act != NULL)
			act->flags |= ACTION_OUTSIDE;
		not_read(&r, lost);
		return 0;
	}
	if (w.none && just)
		return 0;
	err = all_files(&r, &w, &call);
	if (err != 0 && err != BRIDLE_ENOENT)
		not_read(&r, lost);
	if (call.files.n == 0)
		return 0;
	for (size_t i = 0; i < w.assigns.n; i++)
		*vec_push(rd->a, &call.assigns) = text_of(rd, w.assigns.v[i]);
	for (size_t i = 0; i < w.targets.n; i++)
		*vec_push(rd->a, &call.goals) = text_of(rd, w.targets.v[i]);
	call.dir = r.dir;
	call.dry = w.dry;
	call.env_wins = w.env_wins;
	mine.ctx = &r;
	hand_on(&r, &call);
	err = just ? just_read(rd->a, &call, &mine, &lost) : make_read(rd->a, &call, &mine, &lost);
	if (r.st != st)
		reading_back(rd, st, r.st);
	r.st = st;
	if (lost.n > 0)
		not_read(&r, lost);
	return err;
}
