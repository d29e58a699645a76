/* SPDX-License-Identifier: ISC */
/*
 * door.c: the doors for hosts: making states, asking and changing them
 * (shell.h). What a host sets is as sure as it says; the walk never looks
 * behind it.
 */
#include "shell/eval.h"

#include <string.h>

/* 0 to 9 in the first word of a byteset. */
#define BIT(c) (UINT64_C(1) << (c) % 64)
#define DIGITS (UINT64_C(0x3ff) << '0')
#define LETTERS (UINT64_C(0x3ffffff) << 'A' % 64 | UINT64_C(0x3ffffff) << 'a' % 64)

struct shell *
shell_new(struct arena *a, const struct world *w, const struct shell_host *host)
{
	struct shell *sh = NEW(a, struct shell);

	sh->a = a;
	sh->w = w;
	sh->host = host;
	sh->digits = (struct byteset){ { DIGITS } };
	sh->number = (struct byteset){ { DIGITS | BIT('-') } };
	sh->anynumber = (struct byteset){ { DIGITS | BIT('-') | BIT('+') | BIT('.') | BIT('#'), LETTERS | BIT('_') } };
	sh->nonslash = byteset_below;
	sh->nonslash.bits[0] &= ~BIT('/');
	return sh;
}

struct arena *
shell_arena(struct shell *sh)
{
	return sh->a;
}

unsigned
shell_commands_seen(const struct shell *sh)
{
	return sh->commands;
}

struct shell_state *
shell_state_new(struct shell *sh, const struct shell_setup *setup)
{
	struct shell_state *st = NEW(sh->a, struct shell_state);

	st->kind = setup->kind;
	st->home = setup->home;
	st->cwd = eval__words1(
	    sh, setup->cwd.n > 0 ? word_text(sh->a, setup->cwd) : word_any(sh->a, STR("")));
	st->argv0 = word_any(sh->a, STR("$0"));
	if (setup->aliases)
		eval__set_opt(st, OPT_ALIASES, TRI_YES);
	return st;
}

/* ---- a new process ---- */

struct exporting {
	struct shell *sh;
	const struct shell_state *from;
	struct shell_state *to;
};

/* Only what is exported is there; a variable of the line that is not, is not. */
static void
export_var(void *ctx, struct str key, const void *value)
{
	struct exporting *e = ctx;
	const struct var *was = value;
	struct var *v;

	v = NEW(e->sh->a, struct var);
	*v = *was;
	v->attrs &= VAR_LINE;
	if (was->exported == TRI_NO)
		v = NULL;
	else if (was->exported == TRI_MAYBE || (was->attrs & (VAR_NAMEREF | VAR_ARRAY | VAR_ASSOC)) != 0) {
		struct value *any = NEW(e->sh->a, struct value);

		*any = eval__value_any();
		v->v = any;
		v->n = 1;
	}
	for (size_t i = 0; v != NULL && i < v->n; i++)
		if (v->v[i].kind == VALUE_LIST)
			v = NULL; /* arrays are not exported */
	for (size_t i = 0; v != NULL && i < v->n; i++)
		if (v->v[i].kind == VALUE_UNSET || v->v[i].kind == VALUE_ANY) {
			v->exported = TRI_MAYBE; /* what has no value is not given */
			v = v->n == 1 && v->v[i].kind == VALUE_UNSET ? NULL : v;
		}
	if (str_is(key, "IFS") || str_is(key, "OPTIND"))
		return;
	if (v != NULL)
		e->to->vars = pmap_set(e->sh->a, e->to->vars, key, v);
	else if (!e->from->env_cleared)
		e->to->vars = pmap_set(e->sh->a, e->to->vars, key, eval__hidden_var());
}

struct shell_state *
shell_state_copy(struct shell *sh, const struct shell_state *st, bool exported_only)
{
	struct shell_state *copy = eval__copy(sh, st);
	struct exporting e = { sh, st, copy };

	copy->traps = NULL;
	if (!exported_only)
		return copy;
	copy->vars = NULL;
	pmap_each(st->vars, export_var, &e);
	copy->aliases = NULL;
	eval__child_functions(sh, st, copy);
	copy->disabled = NULL;
	copy->dirs = (struct words){ 0 };
	copy->args = (struct words){ 0 };
	copy->dirs_unknown = false;
	copy->funcs_unknown = false;
	copy->out_moved = false;
	copy->on = copy->maybe = 0;
	copy->argv0 = word_any(sh->a, STR("$0"));
	copy->source = (struct word){ 0 };
	return copy;
}

void
shell_set_source(struct shell_state *st, struct word file)
{
	st->source = file;
}

enum shell_kind
shell_kind_of(const struct shell_state *st)
{
	return st->kind;
}

void
shell_forget_stdin(struct shell_state *st)
{
	st->in_set = true;
	st->in_kind = SHELL_STDIN_PIPE;
	st->in_text = (struct word){ 0 };
}

void
shell_set_kind(struct shell_state *st, enum shell_kind kind)
{
	if (st->kind == kind)
		return;
	st->kind = kind;
	st->functions = NULL; /* bash's exported functions are bash's alone */
}

/* ---- directory and world ---- */

struct words
shell_cwd(const struct shell_state *st)
{
	return st->cwd;
}

void
shell_set_cwd(struct shell *sh, struct shell_state *st, struct word dir)
{
	st->cwd = eval__words1(sh, dir);
	st->vars = pmap_del(sh->a, st->vars, STR("PWD"));
}

const void *
shell_world(const struct shell_state *st)
{
	return st->world;
}

void
shell_set_world(struct shell_state *st, const void *world)
{
	st->world = world;
}

/* ---- variables ---- */

static int
values_of(struct shell *sh, const struct var *v, struct words *out)
{
	struct word *list;

	if (v->n == 1 && v->v[0].kind == VALUE_UNSET)
		return BRIDLE_ENOENT;
	list = NEW_ARRAY(sh->a, struct word, v->n);
	for (size_t i = 0; i < v->n; i++) {
		const struct value *val = &v->v[i];

		if (val->kind == VALUE_SCALAR)
			list[i] = val->scalar;
		else if (val->kind == VALUE_LIST && val->keys == NULL && val->elems.n > 0 &&
		    !word_has_words(val->elems.v[0]))
			list[i] = val->elems.v[0];
		else
			return BRIDLE_EUNKNOWN;
	}
	*out = (struct words){ list, v->n };
	return 0;
}

int
shell_var(struct shell *sh, const struct shell_state *st, struct str name, struct words *values,
    bool *exported)
{
	const struct var *v = eval__var(sh, st, name);
	int err = values_of(sh, v, values);

	if (err == 0 && exported != NULL)
		*exported = v->exported != TRI_NO;
	return err;
}

int
shell_env(struct shell *sh, const struct shell_state *st, struct str name, struct words *values)
{
	const struct var *v = eval__var(sh, st, name), *own = pmap_get(st->vars, name);
	int err;

	/* Of a reference that is exported itself programs get the name that it holds. */
	if (own != NULL && (own->attrs & VAR_NAMEREF) != 0)
		return own->exported == TRI_NO ? BRIDLE_ENOENT : BRIDLE_EUNKNOWN;
	if (v->exported == TRI_MAYBE)
		return BRIDLE_EUNKNOWN;
	if (v->exported == TRI_NO)
		return BRIDLE_ENOENT;
	if (v->n == 1 && v->v[0].kind == VALUE_LIST)
		return BRIDLE_ENOENT; /* arrays are not exported */
	if ((v->attrs & (VAR_ARRAY | VAR_ASSOC)) != 0)
		return BRIDLE_EUNKNOWN;
	err = values_of(sh, v, values);
	if (err == 0)
		*values = eval__for_program(sh, st, *values);
	return err;
}

static bool
any_begins(const struct pmap *m, struct str prefix)
{
	return m != NULL &&
	    (str_starts(m->key, prefix) || any_begins(m->left, prefix) || any_begins(m->right, prefix));
}

bool
shell_env_none(struct shell *sh, const struct shell_state *st, struct str prefix)
{
	if (st->vars_unknown || any_begins(st->vars, prefix))
		return false;
	return st->env_cleared || (sh->w->env_none != NULL && sh->w->env_none(sh->w->ctx, prefix));
}

void
shell_set_var(
    struct shell *sh, struct shell_state *st, struct str name, struct word value, bool exported)
{
	eval__assign_word(sh, st, name, value);
	eval__export(sh, st, name, exported ? TRI_YES : TRI_NO);
}

void
shell_unset_var(struct shell *sh, struct shell_state *st, struct str name)
{
	if (str_starts(name, STR("BASH_FUNC_")) && str_ends(name, STR("%%")))
		st->functions = pmap_del(sh->a, st->functions, str_sub(name, 10, name.n - 12));
	eval__unset(sh, st, name);
}

static void
maybe_function(void *ctx, struct str key, const void *value)
{
	struct exporting *e = ctx;
	struct function *f = NEW(e->sh->a, struct function);

	*f = (struct function){ .exported = TRI_MAYBE, .also = value };
	e->to->functions = pmap_set(e->sh->a, e->to->functions, key, f);
}

void
shell_maybe_functions(struct shell *sh, struct shell_state *st)
{
	struct exporting e = { sh, st, st };

	if (st->functions != NULL)
		pmap_each(st->functions, maybe_function, &e);
}

void
shell_forget_var(struct shell *sh, struct shell_state *st, struct str name)
{
	struct value any = eval__value_any();

	eval__assign(sh, st, name, &any);
	eval__export(sh, st, name, TRI_MAYBE);
}

void
shell_clear_env(struct shell *sh, struct shell_state *st)
{
	(void)sh;
	st->functions = NULL;
	st->vars = NULL;
	st->vars_unknown = false;
	st->env_cleared = true;
}

struct collecting {
	struct shell *sh;
	const struct shell_state *st;
	VEC(struct assign) list;
};

static void
collect(void *ctx, struct str key, const void *value)
{
	struct collecting *c = ctx;
	const struct var *v = value;
	struct assign a = { .name = key };
	struct words values;

	if ((v->attrs & VAR_LINE) == 0 || (v->exported == TRI_NO && !eval__reads_name(key)))
		return;
	if (v->n == 1 && v->v[0].kind == VALUE_UNSET)
		return;
	if ((v->attrs & VAR_NAMEREF) == 0 && values_of(c->sh, v, &values) == 0 && values.n == 1)
		a.value = values.v[0];
	else
		a.value = word_any(c->sh->a, str_printf(c->sh->a, "$" STR_FMT, STR_ARG(key)));
	a.safe = shell_safe_env_name(key);
	*vec_push(c->sh->a, &c->list) = a;
}

size_t
shell_line_assigns(struct shell *sh, const struct shell_state *st, const struct assign **out)
{
	struct collecting c = { .sh = sh, .st = st };

	*out = NULL;
	if (st->vars_unknown)
		*vec_push(
		    sh->a, &c.list) = (struct assign){ STR("*"), word_any(sh->a, STR("")), false };
	if (st->vars != NULL)
		pmap_each(st->vars, collect, &c);
	*out = c.list.v;
	return c.list.n;
}

/* ---- names ---- */

void
shell_taint(struct shell *sh, struct shell_state *st, struct str name, struct str why)
{
	struct taint *kept;

	if (name.n == 0) {
		if (!st->taint_all)
			st->taint_why = why;
		st->taint_all = true;
		return;
	}
	kept = NEW(sh->a, struct taint);
	kept->why = why;
	st->taints = pmap_set(sh->a, st->taints, name, kept);
}

bool
shell_tainted(const struct shell_state *st, struct str name)
{
	return st->taint_all || (st->taints != NULL && pmap_get(st->taints, name) != NULL);
}

/* ---- descriptors as files ---- */

static bool
fd_number(struct str name, uint64_t *fd)
{
	static const char *const places[] = { "/dev/fd/", "/proc/self/fd/",
		"/proc/thread-self/fd/" };

	*fd = 0;
	if (str_is(name, "/dev/stdin"))
		return true;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (str_starts(name, str_of(places[i])))
			return str_u64(str_sub(name, strlen(places[i]), STR_NPOS), fd) == 0;
	return false;
}

bool
shell_fd_named(
    const struct shell_command *c, struct word file, enum shell_stdin *kind, struct word *text)
{
	uint64_t fd;

	if (file.n != 1 || file.v[0].kind != PIECE_TEXT || !fd_number(file.v[0].text, &fd))
		return false;
	*kind = SHELL_STDIN_PIPE;
	*text = (struct word){ 0 };
	if (fd == 0) {
		*kind = c->stdin_kind;
		*text = c->stdin_text;
		return true;
	}
	for (size_t i = 0; i < c->nredirs; i++) {
		const struct shell_redir *r = &c->redirs[i];

		if (r->fd < 0 || (uint64_t)r->fd != fd)
			continue;
		*kind = r->kind == SHELL_TEXT ? SHELL_STDIN_TEXT
		    : r->kind == SHELL_READ   ? SHELL_STDIN_FILE
		                              : SHELL_STDIN_PIPE;
		*text = r->target;
	}
	return true;
}

/* ---- small facts ---- */

bool
shell_safe_env_name(struct str name)
{
	static const char *const names[] = { "CI", "CLICOLOR", "CLICOLOR_FORCE", "COLORTERM",
		"COLUMNS", "DEBIAN_FRONTEND", "FLY_NO_UPDATE_CHECK", "FORCE_COLOR", "LANG", "LANGUAGE", "LINES",
		"MAKELEVEL", "NO_COLOR", "TERM", "TZ" };
	static struct names by_name = NAMES(names);

	return str_starts(name, STR("LC_")) || names_find(&by_name, name) != STR_NPOS;
}

struct str
shell_quote(struct arena *a, struct str s)
{
	static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	                           "_@%+=:,./-";
	struct buf b;
	bool plain = s.n > 0;

	for (size_t i = 0; i < s.n && plain; i++)
		plain = s.p[i] != '\0' && strchr(bare, s.p[i]) != NULL;
	if (plain && s.p[0] != '=' && s.p[0] != '~')
		return str_dup(a, s);
	buf_init(&b, a);
	buf_putc(&b, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\'')
			buf_puts(&b, "'\\''");
		else
			buf_putc(&b, s.p[i]);
	}
	buf_putc(&b, '\'');
	return buf_str(&b);
}
