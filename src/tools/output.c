/* SPDX-License-Identifier: ISC */
/*
 * output.c: what a command prints, where that is known without running it:
 * `dirname "$f"`, `date +%F`, `mktemp`, git's looks at its own state. A word
 * with unknown pieces still says which bytes can be there. Only for programs
 * that are surely the ones that they are named like.
 */
#include "tools/wrap.h"

#include <string.h>

static struct word
shape(struct reading *rd, const char *bytes, size_t min, size_t max, const char *source)
{
	struct byteset *set = NEW(rd->a, struct byteset);
	struct piece *p = NEW(rd->a, struct piece);

	*set = byteset_of(bytes);
	*p = (struct piece){ PIECE_CHARS, str_of(source), set, min, max };
	return (struct word){ p, 1, { 0 } };
}

/* A word as text: what may be several words is any bytes. */
static struct word
as_text(struct reading *rd, struct word w)
{
	struct piece *v = NEW_ARRAY(rd->a, struct piece, w.n + 1);

	for (size_t i = 0; i < w.n; i++) {
		v[i] = w.v[i];
		if (v[i].kind == PIECE_WORDS)
			v[i] = (struct piece){ PIECE_CHARS, w.v[i].text, NULL, 0, PIECE_NOMAX };
	}
	return (struct word){ v, w.n, { 0 } };
}

static struct word
add(struct reading *rd, struct word w, const char *text)
{
	return word_cat(rd->a, w, word_text(rd->a, str_of(text)));
}

/* ---- echo and printf ------------------------------------------------------------- */

static bool
has_backslash(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind != PIECE_TEXT || str_chr(w.v[i].text, '\\') != STR_NPOS)
			return true;
	return false;
}

static int
echo_output(struct reading *rd, const struct shell_command *c, struct word *out)
{
	struct words args = words_from(c->argv, 1);
	struct word w = word_text(rd->a, STR(""));
	bool newline = true;

	while (args.n > 0 && word_is(args.v[0], "-n")) {
		newline = false;
		args = words_from(args, 1);
	}
	for (size_t i = 0; i < args.n; i++) {
		struct str head = word_prefix(args.v[i]);

		/* Options of some shells, and escapes of zsh and sh. */
		if (i == 0 && (args.v[i].n > 0 && (head.n == 0 || head.p[0] == '-')))
			return BRIDLE_EUNKNOWN;
		if (rd->request->shell != SHELL_BASH && has_backslash(args.v[i]))
			return BRIDLE_EUNKNOWN;
		if (i > 0)
			w = add(rd, w, " ");
		w = word_cat(rd->a, w, as_text(rd, args.v[i]));
	}
	*out = newline ? add(rd, w, "\n") : w;
	return 0;
}

/* One escape of printf's format; false if it is none of the plain ones. */
static bool
escape(char c, char *out)
{
	static const char from[] = "nt\\\"'r", to[] = "\n\t\\\"'\r";
	const char *at = c == '\0' ? NULL : strchr(from, c);

	if (at == NULL)
		return false;
	*out = to[at - from];
	return true;
}

/* Once through the format; args loses those that it takes. */
static int
printf_once(struct reading *rd, struct str format, struct words *args, struct word *w)
{
	struct buf plain;
	char c;

	buf_init(&plain, rd->a);
	for (size_t i = 0; i < format.n; i++) {
		char next = i + 1 < format.n ? format.p[i + 1] : '\0';

		if (format.p[i] == '\\') {
			if (!escape(next, &c))
				return BRIDLE_EUNKNOWN;
			buf_putc(&plain, c);
			i++;
		} else if (format.p[i] != '%') {
			buf_putc(&plain, format.p[i]);
		} else if (next == '%') {
			buf_putc(&plain, '%');
			i++;
		} else if (next == 's') {
			*w = word_cat(rd->a, *w, word_text(rd->a, str_dup(rd->a, buf_str(&plain))));
			buf_init(&plain, rd->a);
			if (args->n > 0 && word_has_words(args->v[0]))
				return BRIDLE_EUNKNOWN;
			if (args->n > 0)
				*w = word_cat(rd->a, *w, args->v[0]);
			*args = words_from(*args, 1);
			i++;
		} else {
			return BRIDLE_EUNKNOWN;
		}
	}
	*w = word_cat(rd->a, *w, word_text(rd->a, str_dup(rd->a, buf_str(&plain))));
	return 0;
}

static int
printf_output(struct reading *rd, const struct shell_command *c, struct word *out)
{
	struct words args = words_from(c->argv, 1);
	struct word w = word_text(rd->a, STR(""));
	struct str format;
	size_t before;

	if (args.n > 0 && word_is(args.v[0], "--"))
		args = words_from(args, 1);
	if (args.n == 0 || !word_known(rd->a, args.v[0], &format) ||
	    (format.n > 0 && format.p[0] == '-'))
		return BRIDLE_EUNKNOWN;
	args = words_from(args, 1);
	do {
		before = args.n;
		if (printf_once(rd, format, &args, &w) != 0)
			return BRIDLE_EUNKNOWN;
	} while (args.n > 0 && args.n < before);
	*out = w;
	return 0;
}

/* ---- files and names ------------------------------------------------------------- */

static int
file_output(struct reading *rd, struct shell_state *st, struct word name, struct word *out)
{
	struct str path, text;

	if (word_prefix(name).n == 0 || word_prefix(name).p[0] == '-' || shell_cwd(st).n != 1 ||
	    !word_known(rd->a, reading_path(rd, st, name, 0), &path) || path.p[0] != '/' ||
	    overlay_text(rd, path, &text) != 0)
		return BRIDLE_EUNKNOWN;
	*out = word_cat(rd->a, *out, word_text(rd->a, text));
	return 0;
}

static int
cat_output(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word *out)
{
	struct word in;
	enum shell_stdin kind;

	*out = word_text(rd->a, STR(""));
	for (size_t i = 1; i < c->argv.n; i++)
		if (file_output(rd, st, c->argv.v[i], out) != 0)
			return BRIDLE_EUNKNOWN;
	if (c->argv.n > 1)
		return 0;
	kind = reading_stdin(rd, c, &in);
	if (kind == SHELL_STDIN_FILE)
		return file_output(rd, st, in, out);
	if (kind != SHELL_STDIN_TEXT)
		return BRIDLE_EUNKNOWN;
	*out = as_text(rd, in);
	return 0;
}

/* The one operand of a program that is called without options. */
static bool
lone_operand(struct reading *rd, const struct shell_command *c, size_t at, struct str *out)
{
	return c->argv.n == at + 1 && word_known(rd->a, c->argv.v[at], out) && out->n > 0 &&
	    out->p[0] != '-';
}

static int
dirname_output(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word *out)
{
	size_t at = c->argv.n > 2 && word_is(c->argv.v[1], "--") ? 2 : 1;
	struct str path;

	(void)st;
	if (!lone_operand(rd, c, at, &path))
		return BRIDLE_EUNKNOWN;
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	*out = add(rd, word_text(rd->a, path_dir(path)), "\n");
	return 0;
}

static int
basename_output(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word *out)
{
	struct str path, suffix = { 0 };

	(void)st;
	if (c->argv.n == 3 && word_known(rd->a, c->argv.v[2], &suffix) &&
	    word_known(rd->a, c->argv.v[1], &path) && path.n > 0 && path.p[0] != '-')
		;
	else if (!lone_operand(rd, c, 1, &path))
		return BRIDLE_EUNKNOWN;
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	if (path.n > 1)
		path = path_base(path);
	if (suffix.n < path.n && str_ends(path, suffix))
		path.n -= suffix.n;
	*out = add(rd, word_text(rd->a, path), "\n");
	return 0;
}

static int
pwd_output(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word *out)
{
	struct words dirs = shell_cwd(st);

	/* -P may differ where the folder is reached by a link. */
	if (c->argv.n != 1 || dirs.n != 1)
		return BRIDLE_EUNKNOWN;
	*out = add(rd, dirs.v[0], "\n");
	return 0;
}

static int
realpath_output(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word *out)
{
	bool readlink = word_is(c->argv.v[0], "readlink");
	struct str path;

	if (readlink && (c->argv.n != 3 || !word_is(c->argv.v[1], "-f")))
		return BRIDLE_EUNKNOWN;
	if (!lone_operand(rd, c, readlink ? 2 : 1, &path) || shell_cwd(st).n != 1 ||
	    !word_known(rd->a, reading_path(rd, st, word_text(rd->a, path), 0), &path) ||
	    path.p[0] != '/')
		return BRIDLE_EUNKNOWN;
	*out = add(rd, word_text(rd->a, overlay_real(rd, path)), "\n");
	return 0;
}

/* ---- fresh names and times ---------------------------------------------------------- */

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static int
mktemp_output(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word *out)
{
	struct str template = { 0 };
	bool in_tmp = true;
	size_t xs = 0;
	struct words dirs;
	struct word w;

	for (size_t i = 1; i < c->argv.n; i++) {
		if (word_is(c->argv.v[i], "-d") || word_is(c->argv.v[i], "-q"))
			continue;
		if (word_is(c->argv.v[i], "-t"))
			in_tmp = true;
		else if (template.n > 0 || !word_known(rd->a, c->argv.v[i], &template) ||
		    template.n == 0 || template.p[0] == '-')
			return BRIDLE_EUNKNOWN;
		else
			in_tmp = i > 1 && word_is(c->argv.v[i - 1], "-t");
	}
	if (template.n == 0)
		template = STR("tmp.XXXXXXXXXX");
	while (xs < template.n && template.p[template.n - 1 - xs] == 'X')
		xs++;
	if (xs < 3)
		return BRIDLE_EUNKNOWN;
	w = word_text(rd->a, str_sub(template, 0, template.n - xs));
	if (in_tmp) {
		if (shell_env(rd->shell, st, STR("TMPDIR"), &dirs) == 0 && dirs.n == 1)
			w = word_cat(rd->a, add(rd, dirs.v[0], "/"), w);
		else
			w = word_cat(rd->a, word_text(rd->a, STR("/tmp/")), w);
	}
	/* Ten random letters are no word that a rule names (Dockerfile), but once in 62^10 times: as good as digits. */
	w = word_cat(rd->a, w, shape(rd, xs < 6 ? ALNUM : "0123456789", xs, xs, "$(mktemp)"));
	*out = add(rd, w, "\n");
	return 0;
}

/* The bytes that a field of date prints; NULL: not on the list. */
static const struct date_field {
	char letter;
	const char *bytes;
	size_t min, max;
} date_fields[] = {
	{ 'Y', "0123456789", 4, 4 },
	{ 'm', "0123456789", 2, 2 },
	{ 'd', "0123456789", 2, 2 },
	{ 'H', "0123456789", 2, 2 },
	{ 'M', "0123456789", 2, 2 },
	{ 'S', "0123456789", 2, 2 },
	{ 'y', "0123456789", 2, 2 },
	{ 'j', "0123456789", 3, 3 },
	{ 'u', "0123456789", 1, 1 },
	{ 'V', "0123456789", 2, 2 },
	{ 's', "0123456789", 1, 12 },
	{ 'N', "0123456789", 9, 9 },
	{ 'F', "0123456789-", 10, 10 },
	{ 'T', "0123456789:", 8, 8 },
	{ 'R', "0123456789:", 5, 5 },
	{ 'z', "0123456789+-", 5, 5 },
	{ 'Z', ALNUM "+-", 1, 8 },
	{ 'b', ALNUM, 1, 12 },
	{ 'B', ALNUM, 1, 12 },
	{ 'a', ALNUM, 1, 12 },
	{ 'A', ALNUM, 1, 12 },
};

static int
date_output(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word *out)
{
	struct word w = word_text(rd->a, STR(""));
	struct str format = { 0 };

	(void)st;
	for (size_t i = 1; i < c->argv.n; i++) {
		if (word_is(c->argv.v[i], "-u"))
			continue;
		if (format.n > 0 || !word_known(rd->a, c->argv.v[i], &format) ||
		    format.n < 2 || format.p[0] != '+')
			return BRIDLE_EUNKNOWN;
	}
	for (size_t i = 1; i < format.n; i++) {
		const struct date_field *f = date_fields;
		const struct date_field *end = f + sizeof date_fields / sizeof *date_fields;

		if (format.p[i] != '%') {
			w = word_cat(rd->a, w, word_text(rd->a, str_sub(format, i, 1)));
			continue;
		}
		i++;
		while (f < end && (i >= format.n || f->letter != format.p[i]))
			f++;
		if (f == end)
			return BRIDLE_EUNKNOWN;
		w = word_cat(rd->a, w, shape(rd, f->bytes, f->min, f->max, "$(date)"));
	}
	if (format.n == 0)
		return BRIDLE_EUNKNOWN;
	*out = add(rd, w, "\n");
	return 0;
}

static int
numbers_output(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word *out)
{
	(void)st;
	*out = shape(rd, "0123456789 \n", 0, PIECE_NOMAX,
	    str_c(rd->a, str_printf(rd->a, "$(" STR_FMT ")", STR_ARG(c->typed))));
	return 0;
}

/* Who and where this is: one word that holds no slash, if no option but these
 * is given. */
static int
names_output(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word *out)
{
	static const char *const known[] = { "uname", "uname -s", "uname -m", "uname -r", "uname -n", "arch", "hostname",
		"hostname -s", "whoami", "id -un", "id -u", "id -gn", "id -g" };
	static struct names by_line = NAMES(known);
	struct str line = STR(""), word;

	(void)st;
	for (size_t i = 0; i < c->argv.n; i++) {
		if (!word_known(rd->a, c->argv.v[i], &word))
			return BRIDLE_EUNKNOWN;
		line = str_printf(rd->a, STR_FMT "%s" STR_FMT, STR_ARG(line), i > 0 ? " " : "",
		    STR_ARG(i > 0 ? word : path_base(word)));
	}
	if (names_find(&by_line, line) == STR_NPOS)
		return BRIDLE_EUNKNOWN;
	*out = shape(rd, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+~:@#$-\n", 0, PIECE_NOMAX,
	    str_c(rd->a, str_printf(rd->a, "$(" STR_FMT ")", STR_ARG(c->typed))));
	return 0;
}

/* ---- what sets up the shell: eval "$(direnv hook bash)" ---- */

/* Programs that print settings for eval. Which ones is not known, only that
 * they are no commands of rules: PATH may change, so that no later bare name is
 * surely a program. */
static const struct {
	const char *name, *words; /* words: first operands, any of them; "": any */
} settings[] = {
	{ "ssh-agent", "" }, { "direnv", "hook export" }, { "mise", "activate env hook-env" },
	{ "rtx", "activate env" }, { "fnm", "env" }, { "rbenv", "init" }, { "pyenv", "init virtualenv-init" },
	{ "nodenv", "init" }, { "jenv", "init" }, { "goenv", "init" }, { "brew", "shellenv" },
	{ "starship", "init" }, { "zoxide", "init" }, { "atuin", "init" }, { "conda", "shell.bash shell.zsh" },
	{ "mamba", "shell" }, { "micromamba", "shell" }, { "opam", "env" }, { "luarocks", "path" },
	{ "docker-machine", "env" }, { "minikube", "docker-env" }, { "dircolors", "" }, { "keychain", "" },
	{ "thefuck", "" }, { "register-python-argcomplete", "" }, { "devbox", "shellenv global" },
	{ "pixi", "shell-hook" }, { "resize", "" },
};

static bool
prints_settings(struct reading *rd, const struct shell_command *c, struct str name)
{
	static struct names by_name = NAMES(settings);
	size_t row = names_find(&by_name, name);
	struct str word = { 0 };

	if (row == STR_NPOS)
		return false;
	for (size_t i = 1; i < c->argv.n && (word.n == 0 || word.p[0] == '-'); i++)
		if (!word_known(rd->a, c->argv.v[i], &word))
			return false;
	return *settings[row].words == '\0' || names_hold(settings[row].words, word);
}

/* Of what these two print: may the files that they read name fly's app? */
static bool
names_app(struct reading *rd, struct shell_state *st, struct str name)
{
	struct shell_state *then = shell_state_copy(rd->shell, st, false);
	struct words values;

	if (str_is(name, "direnv") || str_is(name, "mise"))
		envfile_usual(rd, then);
	return shell_env(rd->shell, then, STR("FLY_APP"), &values) == BRIDLE_EUNKNOWN;
}

/* ---- the table --------------------------------------------------------------------- */

static int
shell_echo(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word *out)
{
	(void)st;
	return echo_output(rd, c, out);
}

static int
shell_printf(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word *out)
{
	(void)st;
	return printf_output(rd, c, out);
}

static int
nothing(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word *out)
{
	(void)st, (void)c;
	*out = word_text(rd->a, STR(""));
	return 0;
}

/* `which NAME`, where PATH finds it. In zsh both are the shell's own, and know
 * aliases. */
static int
which_output(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word *out)
{
	bool shells = word_is(c->argv.v[0], "command");
	struct str name, path;

	if (rd->request->shell == SHELL_ZSH || c->argv.n != (shells ? 3 : 2) ||
	    (shells && !word_is(c->argv.v[1], "-v")) ||
	    !word_known(rd->a, c->argv.v[c->argv.n - 1], &name) || name.n == 0 || name.p[0] == '-' ||
	    str_chr(name, '/') != STR_NPOS || (shells && shell_tainted(st, name)))
		return BRIDLE_EUNKNOWN;
	path = samefile_path(rd, st, name);
	if (path.n == 0)
		return BRIDLE_EUNKNOWN;
	*out = add(rd, word_text(rd->a, path), "\n");
	return 0;
}

static const struct printer {
	const char *name;
	int (*output)(struct reading *rd, struct shell_state *st, const struct shell_command *c,
	    struct word *out);
} printers[] = {
	{ ":", nothing },
	{ "arch", names_output },
	{ "basename", basename_output },
	{ "cat", cat_output },
	{ "cd", nothing },
	{ "command", which_output },
	{ "date", date_output },
	{ "dirname", dirname_output },
	{ "echo", shell_echo },
	{ "false", nothing },
	{ "hostname", names_output },
	{ "id", names_output },
	{ "mktemp", mktemp_output },
	{ "nproc", numbers_output },
	{ "pgrep", numbers_output },
	{ "printf", shell_printf },
	{ "pwd", pwd_output },
	{ "readlink", realpath_output },
	{ "realpath", realpath_output },
	{ "true", nothing },
	{ "uname", names_output },
	{ "which", which_output },
	{ "whoami", names_output },
};

static int
model_output(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct str name, struct word *out)
{
	const struct tool *t = models_find(rd->models, name);
	const struct resolver *r = t == NULL || t->resolver.n == 0 ? NULL : resolver_find(t->resolver);
	const struct parsed *p;

	if (r == NULL || r->output == NULL)
		return BRIDLE_EUNKNOWN;
	if (reading_parse(rd, t, c->argv, &p) < 0)
		return BRIDLE_EUNKNOWN;
	return r->output(rd, st, c, p, out);
}

int
output_text(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word *out)
{
	static struct names by_name = NAMES(printers);
	struct str name;
	size_t at;

	if (c->argv.n == 0 || !word_known(rd->a, c->argv.v[0], &name) ||
	    (c->flags & (SHELL_TAINTED | SHELL_FUNCTION)) || shell_tainted(st, name))
		return BRIDLE_EUNKNOWN;
	for (size_t i = 0; i < c->nredirs; i++)
		if (c->redirs[i].kind == SHELL_DUP && c->redirs[i].fd == 1)
			return BRIDLE_EUNKNOWN;
	at = names_find(&by_name, name);
	if (at != STR_NPOS)
		return printers[at].output(rd, st, c, out);
	if (prints_settings(rd, c, name)) {
		*out = word_text(rd->a, names_app(rd, st, name)
			? STR("PATH=\"$__settings:$PATH\"; read -r FLY_APP; export FLY_APP")
			: STR("PATH=\"$__settings:$PATH\""));
		return 0;
	}
	return model_output(rd, st, c, name, out);
}

int
output_known(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct word *out)
{
	struct word w;
	struct piece *v;
	int err;

	/* $(cmd > f) prints nothing. */
	for (size_t i = 0; i < c->nredirs; i++)
		if (c->redirs[i].fd == 1 && c->redirs[i].kind != SHELL_TEXT)
			return BRIDLE_EUNKNOWN;
	if ((err = output_text(rd, st, c, &w)) != 0)
		return err;
	v = NEW_ARRAY(rd->a, struct piece, w.n + 1);
	for (size_t i = 0; i < w.n; i++)
		v[i] = w.v[i];
	if (w.n > 0 && v[w.n - 1].kind == PIECE_TEXT) {
		struct str *last = &v[w.n - 1].text;

		while (last->n > 0 && last->p[last->n - 1] == '\n')
			last->n--;
		if (last->n == 0)
			w.n--;
	}
	*out = (struct word){ v, w.n, { 0 } };
	return 0;
}
