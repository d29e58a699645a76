/* SPDX-License-Identifier: ISC */
/*
 * reader.c: what the walk says about a text against what really ran. A
 * recorded run must be covered by a reported command: name, words, directory
 * and the two variables; what was to have succeeded before it must have; a
 * decisive command that failed must have failed the shell. Text that the walk
 * called unknown is not held against it.
 */
#include "oracle.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the real world, as the walk may see it ---- */

static const struct ground *ground;

static enum world_kind
kind_of(mode_t m)
{
	return S_ISREG(m) ? WORLD_FILE
	    : S_ISDIR(m)  ? WORLD_DIR
	    : S_ISLNK(m)  ? WORLD_LINK
	                  : WORLD_OTHER;
}

static int
world_stat(void *ctx, struct str path, bool follow, struct world_stat *out)
{
	char name[4200];
	struct stat s;

	(void)ctx;
	snprintf(name, sizeof name, STR_FMT, STR_ARG(path));
	if ((follow ? stat : lstat)(name, &s) != 0)
		return BRIDLE_ENOENT;
	memset(out, 0, sizeof *out);
	out->kind = kind_of(s.st_mode);
	return 0;
}

static int
world_list(void *ctx, struct arena *a, struct str dir, struct world_entry **out, size_t *n)
{
	VEC(struct world_entry) list = { 0 };
	struct dirent *e;
	DIR *d = opendir(str_c(a, dir));

	(void)ctx;
	if (d == NULL)
		return BRIDLE_ENOENT;
	while ((e = readdir(d)) != NULL) {
		struct world_entry w = { .name = str_dup(a, str_of(e->d_name)) };

		w.kind = e->d_type == DT_DIR ? WORLD_DIR
		    : e->d_type == DT_REG    ? WORLD_FILE
		                             : WORLD_OTHER;
		if (!str_is(w.name, ".") && !str_is(w.name, ".."))
			*vec_push(a, &list) = w;
	}
	closedir(d);
	*out = list.v;
	*n = list.n;
	return 0;
}

static int
world_env(void *ctx, struct str name, struct str *value)
{
	static char home[4200], path[4200];

	(void)ctx;
	snprintf(home, sizeof home, "%s/work/d1", ground->root);
	snprintf(path, sizeof path, "%s/bin", ground->root);
	if (str_is(name, "HOME"))
		*value = str_of(home);
	else if (str_is(name, "PATH"))
		*value = str_of(path);
	else if (str_is(name, "X1"))
		*value = STR("one");
	else if (str_is(name, "LC_ALL"))
		*value = STR("C");
	else
		return BRIDLE_ENOENT;
	return 0;
}

/* ---- what the walk reports ---- */

struct said {
	struct shell_command c;
	struct words cwd;
	struct words vars[2];
	int var_state[2]; /* 0, BRIDLE_ENOENT, BRIDLE_EUNKNOWN */
};
struct telling {
	struct arena *a;
	VEC(struct said) list;
	bool unknown;
	bool inner_may_fail; /* around the text that is read now; see check_decisive */
};

static bool
shell_named(struct str name, enum shell_kind *kind)
{
	static const struct {
		const char *name;
		enum shell_kind kind;
	} names[] = { { "bash", SHELL_BASH }, { "zsh", SHELL_ZSH }, { "sh", SHELL_SH },
		{ "dash", SHELL_SH } };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_is(name, names[i].name)) {
			*kind = names[i].kind;
			return true;
		}
	return false;
}

/* A shell in the shell, called as gen.c does: options, then -c TEXT and
 * parameters, or the text on its standard input. What it is called with
 * otherwise is not held against the walk. */
static int
other_shell(
    struct telling *t, struct shell *sh, struct shell_state *st, const struct shell_command *c)
{
	struct words argv = c->argv, options;
	struct shell_state *inside = shell_state_copy(sh, st, true);
	struct word text = c->stdin_text, none = { 0 };
	bool was = t->inner_may_fail, command = false;
	enum shell_kind kind = SHELL_SH;
	struct str known;
	size_t i = 1;
	int err;

	shell_named(word_prefix(argv.v[0]), &kind);
	for (; i < argv.n && str_starts(word_prefix(argv.v[i]), STR("-")); i++) {
		if (word_is(argv.v[i], "-s") || word_is(argv.v[i], "-") || word_is(argv.v[i], "--"))
			break;
		command |= word_is(argv.v[i], "-c");
		i += word_is(argv.v[i], "-o") || word_is(argv.v[i], "-O");
	}
	options = (struct words){ argv.v + 1, i - 1 };
	if (command && i < argv.n && (word_is(argv.v[i], "-") || word_is(argv.v[i], "--")))
		i++;
	if (command && i < argv.n) {
		text = argv.v[i++];
		none = i < argv.n ? argv.v[i] : argv.v[0];
	} else if ((i < argv.n && !word_is(argv.v[i], "-s")) || c->stdin_kind != SHELL_STDIN_TEXT) {
		t->unknown = true;
		return 0;
	}
	if (!word_known(t->a, text, &known)) {
		t->unknown = true;
		return 0;
	}
	for (size_t k = 0; k < argv.n; k++)
		t->unknown |= word_has_words(argv.v[k]);
	i += i < argv.n;
	shell_set_kind(inside, kind);
	shell_start_options(sh, inside, options);
	t->inner_may_fail |= !c->decisive;
	err = shell_run_args(sh, inside, known,
	    c->flags & (SHELL_MAYBE | SHELL_UNSURE | SHELL_BACKGROUND), none,
	    (struct words){ argv.v + i, argv.n - i });
	t->inner_may_fail = was;
	shell_set_world(st, shell_world(inside));
	return err;
}

static bool
is_program(const struct said *s)
{
	return (s->c.flags & (SHELL_BUILTIN | SHELL_FUNCTION)) == 0 && s->c.argv.n > 0;
}

static int
on_command(void *ctx, struct shell *sh, struct shell_state *st, const struct shell_command *c)
{
	struct telling *t = ctx;
	struct said s = { .c = *c, .cwd = shell_cwd(st) };
	enum shell_kind kind;

	for (int i = 0; i < 2; i++)
		s.var_state[i] = shell_env(sh, st, i == 0 ? STR("X1") : STR("X2"), &s.vars[i]);
	s.c.decisive = s.c.decisive && !t->inner_may_fail;
	*vec_push(t->a, &t->list) = s;
	if (is_program(&s) && shell_named(word_prefix(s.c.argv.v[0]), &kind))
		return other_shell(t, sh, st, c);
	return 0;
}

static int
on_unknown(void *ctx, struct shell *sh, struct shell_state *st, enum shell_unknown kind,
    unsigned flags, struct str typed, struct str why)
{
	struct telling *t = ctx;

	(void)sh, (void)st, (void)flags, (void)typed, (void)why;
	/* Of what is UNREAD nothing may run; OPAQUE may pass: is the rest right? */
	t->unknown |= kind != SHELL_UNREAD &&
	    (kind != SHELL_OPAQUE || getenv("ORACLE_STRICT") == NULL);
	return 0;
}

/* ---- comparing ---- */

static struct words
named(struct arena *a, const struct record *r)
{
	struct word *v = NEW_ARRAY(a, struct word, r->argv.n + 1);

	memcpy(v, r->argv.v, r->argv.n * sizeof *v);
	v[0] = word_text(a, path_base(r->exe)); /* exec -a says another */
	return (struct words){ v, r->argv.n };
}

/* argv[0] by the last part of a path too. */
static bool
argv_fits(struct arena *a, const struct said *s, const struct record *r)
{
	struct words argv = named(a, r), said = s->c.argv;
	struct word *v;
	struct str name;

	if (argv_covers(said, argv, false) || argv_covers(said, r->argv, false))
		return true;
	if (said.n == 0 || !word_known(a, said.v[0], &name) || str_chr(name, '/') == STR_NPOS)
		return false;
	v = NEW_ARRAY(a, struct word, said.n);
	memcpy(v, said.v, said.n * sizeof *v);
	v[0] = word_text(a, path_base(name));
	return argv_covers((struct words){ v, said.n }, argv, false);
}

static bool
vars_fit(struct arena *a, const struct said *s, const struct record *r)
{
	for (int i = 0; i < 2; i++) {
		if (s->var_state[i] == BRIDLE_EUNKNOWN)
			continue;
		if (s->var_state[i] == BRIDLE_ENOENT ? r->vars[i].p != NULL
		                                     : r->vars[i].p == NULL ||
		            !words_cover(s->vars[i], word_text(a, r->vars[i])))
			return false;
	}
	return true;
}

/* The bare name must be what PATH found, unless it was said to be tainted. */
static bool
name_fits(const struct said *s, const struct record *r)
{
	char alt[4200];

	snprintf(alt, sizeof alt, "%s/alt/", ground->root);
	return (s->c.flags & SHELL_TAINTED) != 0 || !str_starts(r->exe, str_of(alt)) ||
	    (s->c.argv.n > 0 && str_chr(word_prefix(s->c.argv.v[0]), '/') != STR_NPOS);
}

static bool
all_known(struct arena *a, struct words argv)
{
	struct str text;

	for (size_t i = 0; i < argv.n; i++)
		if (!word_known(a, argv.v[i], &text))
			return false;
	return true;
}

static struct str
show(struct arena *a, struct words argv)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < argv.n; i++) {
		if (i > 0)
			buf_putc(&b, ' ');
		buf_add(&b, word_quote(a, argv.v[i]));
	}
	return buf_str(&b);
}

static const struct said *
by_id(const struct telling *t, unsigned id)
{
	for (size_t i = 0; i < t->list.n; i++)
		if (t->list.v[i].c.id == id)
			return &t->list.v[i];
	return NULL;
}

/* Commands of the after list that are fully known programs have a record
 * before r that succeeded; shells have none, nor what may be a builtin. */
static bool
after_fits(struct arena *a, const struct telling *t, const struct said *s,
    const struct outcome_seen *seen, size_t r)
{
	for (size_t i = 0; i < s->c.nafter; i++) {
		const struct said *b = by_id(t, s->c.after[i]);
		enum shell_kind kind;
		bool found = false;

		if (b == NULL || !is_program(b) || !all_known(a, b->c.argv) ||
		    (b->c.flags & SHELL_TAINTED) != 0 ||
		    shell_named(word_prefix(b->c.argv.v[0]), &kind))
			continue;
		for (size_t k = 0; k < r && !found; k++)
			found = seen->v[k].status == 0 && argv_fits(a, b, &seen->v[k]);
		if (!found)
			return false;
	}
	return true;
}

static struct str
check_record(struct arena *a, const struct telling *t, const struct outcome_seen *seen, size_t i,
    bool *exact)
{
	const struct record *r = &seen->v[i];
	const char *nearest = "no command covers it";
	bool covered = false;

	for (size_t k = 0; k < t->list.n; k++) {
		const struct said *s = &t->list.v[k];

		if (!is_program(s) || !argv_fits(a, s, r))
			continue;
		nearest = "its directory is not covered";
		if (!words_cover(s->cwd, word_text(a, r->cwd)))
			continue;
		nearest = "its variables are not covered";
		if (!vars_fit(a, s, r))
			continue;
		nearest = "another program of that name was run";
		if (!name_fits(s, r))
			continue;
		nearest = "what was to have succeeded before it had not";
		if (!after_fits(a, t, s, seen, i))
			continue;
		covered = true;
		*exact |= all_known(a, s->c.argv);
	}
	if (covered)
		return (struct str){ 0 };
	return str_printf(a, STR_FMT " in " STR_FMT " (X1=" STR_FMT " X2=" STR_FMT "): %s",
	    STR_ARG(show(a, r->argv)), STR_ARG(r->cwd), STR_ARG(r->vars[0]), STR_ARG(r->vars[1]),
	    nearest);
}

/* A decisive program that is the only one of its words, and failed. */
static struct str
check_decisive(struct arena *a, const struct telling *t, const struct outcome_seen *seen)
{
	for (size_t k = 0; seen->status == 0 && k < t->list.n; k++) {
		const struct said *s = &t->list.v[k];

		if (!s->c.decisive || !is_program(s) || !all_known(a, s->c.argv))
			continue;
		for (size_t i = 0; i < seen->n; i++) {
			size_t same = 0;

			if (seen->v[i].status == 0 || !argv_fits(a, s, &seen->v[i]))
				continue;
			for (size_t j = 0; j < t->list.n; j++)
				same += is_program(&t->list.v[j]) &&
				    argv_fits(a, &t->list.v[j], &seen->v[i]);
			if (same == 1)
				return str_printf(a,
				    STR_FMT " failed, was decisive, and the shell succeeded",
				    STR_ARG(show(a, s->c.argv)));
		}
	}
	return (struct str){ 0 };
}

struct telling *
oracle_read(struct arena *a, const struct ground *g, enum shell_kind shell, struct str text)
{
	static const struct world w = { .stat = world_stat, .list = world_list, .env = world_env };
	struct telling *t = NEW(a, struct telling);
	struct shell_host *host = NEW(a, struct shell_host);
	struct shell_setup setup = { .kind = shell };
	struct shell *sh;

	t->a = a;
	*host = (struct shell_host){ .ctx = t, .command = on_command, .unknown = on_unknown };
	sh = shell_new(a, &w, host);
	ground = g;
	setup.cwd = str_printf(a, "%s/work", g->root);
	setup.home = str_printf(a, "%s/work/d1", g->root);
	shell_run(sh, shell_state_new(sh, &setup), text, 0);
	return t;
}

bool
oracle_gave_up(const struct telling *t)
{
	return t->unknown;
}

void
oracle_compare(struct arena *a, const struct telling *t, const struct outcome_seen *seen,
    struct verdict_seen *out)
{
	memset(out, 0, sizeof *out);
	out->unknown = t->unknown;
	for (size_t i = 0; !t->unknown && i < seen->n && out->wrong.n == 0; i++) {
		bool exact = false;

		out->wrong = check_record(a, t, seen, i, &exact);
		out->exact += exact;
	}
	if (!t->unknown && out->wrong.n == 0 && seen->status >= 0)
		out->wrong = check_decisive(a, t, seen);
}

void
oracle_show(struct arena *a, const struct telling *t)
{
	for (size_t i = 0; i < t->list.n; i++) {
		const struct said *s = &t->list.v[i];

		printf("  %u " STR_FMT "  [" STR_FMT "]%s%s\n", s->c.id,
		    STR_ARG(show(a, s->c.argv)), STR_ARG(show(a, s->cwd)),
		    is_program(s) ? "" : " builtin",
		    (s->c.flags & SHELL_MAYBE) != 0 ? " maybe" : "");
	}
	if (t->unknown)
		printf("  unknown\n");
}
