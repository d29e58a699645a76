/* SPDX-License-Identifier: ISC */
/*
 * read.c: a request becomes actions. A command line goes through the shell,
 * which calls command.c for each simple command; a tool call of the agent
 * becomes its one action here. Also what everyone below needs to add actions:
 * flags and parent of the place that is read now, order, fields.
 */
#include "tools/fly.h"
#include "tools/host.h"

#include "bridle/limits.h"

#include <string.h>

/* Which actions a shell command became, by its id: for `after_ids`. Only the
 * last AFTER_MAX commands before one are told; more are taken as not done. */
#define AFTER_MAX 64
struct became {
	unsigned action;
	struct became *next; /* of the same command; may be NULL */
};
struct order {
	VEC(struct became *) by_command; /* index: shell id; NULL: none */
	bool limit_told;
};

/* Whether it runs at all, and whether it failed, the shell keeps apart. */
bool
reading_sure(const struct reading *rd, const struct shell_command *c)
{
	return (c->flags & (SHELL_BACKGROUND | SHELL_LOOKED)) == 0 &&
	    (rd->flags & (ACTION_INNER | ACTION_LOOKED | ACTION_GUESS)) == 0;
}

struct shell_state *
reading_inside(struct reading *rd, const struct shell_state *st)
{
	return shell_state_copy(rd->shell, st, true);
}

void
reading_back(struct reading *rd, struct shell_state *st, const struct shell_state *inside)
{
	shell_set_world(st, shell_world(inside));
	overlay_enter(rd, st);
}

struct inner
reading_enter(struct reading *rd, unsigned action_flags, struct str chain)
{
	struct inner saved = { rd->flags, rd->parent, rd->same_as, rd->chain, rd->outer,
		rd->redirs, rd->decisive, rd->guessing, rd->away };

	bool inner = (action_flags & ACTION_INNER) != 0, own = (action_flags & ACTION_OWN) != 0;

	rd->depth++;
	if ((inner && !own) || (rd->flags & (ACTION_INNER | ACTION_OWN)) == ACTION_INNER) { /* elsewhere */
		rd->flags &= ~(unsigned)ACTION_OWN;
		action_flags &= ~(unsigned)ACTION_OWN;
	}
	rd->flags |= action_flags;
	if (rd->out->list.n > 0)
		rd->parent = rd->out->list.v[rd->out->list.n - 1]->id;
	if (chain.n > 0)
		rd->chain = rd->chain.n == 0 ? chain
		    : str_printf(rd->a, STR_FMT ", " STR_FMT, STR_ARG(rd->chain), STR_ARG(chain));
	return saved;
}

void
reading_leave(struct reading *rd, struct inner saved)
{
	rd->depth--;
	rd->flags = saved.flags;
	rd->parent = saved.parent;
	rd->same_as = saved.same_as;
	rd->chain = saved.chain;
	rd->outer = saved.outer;
	rd->decisive = saved.decisive;
	rd->guessing = saved.guessing;
	rd->redirs = saved.redirs;
	rd->away = saved.away;
}

enum shell_stdin
reading_stdin(const struct reading *rd, const struct shell_command *c, struct word *text)
{
	const struct shell_command *from = c;

	if (c->stdin_kind == SHELL_STDIN_INHERIT && rd->outer != NULL)
		from = rd->outer;
	*text = from->stdin_text;
	return from->stdin_kind;
}

/* ---- actions ------------------------------------------------------------------ */

static struct str
relative_to(struct reading *rd, struct word cwd)
{
	struct str dir, base = rd->request->cwd;

	if (!word_known(rd->a, cwd, &dir))
		return word_show(rd->a, cwd);
	if (str_eq(dir, base) || base.n == 0)
		return (struct str){ 0 };
	if (path_under(dir, base) && base.n > 1)
		return str_sub(dir, base.n + 1, dir.n);
	return dir;
}

static void
became(struct reading *rd, unsigned command, unsigned action)
{
	struct order *o = rd->order;
	struct became *b = NEW(rd->a, struct became);

	while (o->by_command.n <= command)
		*vec_push(rd->a, &o->by_command) = NULL;
	*b = (struct became){ action, o->by_command.v[command] };
	o->by_command.v[command] = b;
}

static void
set_order(struct reading *rd, struct action *act, const struct shell_command *c)
{
	VEC(unsigned) after = { 0 };
	struct order *o = rd->order;

	for (size_t i = c->nafter > AFTER_MAX ? c->nafter - AFTER_MAX : 0; i < c->nafter; i++) {
		unsigned id = c->after[i];

		if (id < o->by_command.n)
			for (struct became *b = o->by_command.v[id]; b != NULL; b = b->next)
				*vec_push(rd->a, &after) = b->action;
	}
	act->after_ids = after.v;
	act->nafter = after.n;
	act->decisive = c->decisive && rd->decisive;
	/* What runs elsewhere, or only perhaps, has not been done here; in a script
	 * that was looked into, for what follows there. */
	if ((act->flags & ACTION_GUESS) || (act->flags & (ACTION_INNER | ACTION_OWN)) == ACTION_INNER)
		return;
	if (c->id != 0)
		became(rd, c->id, act->id);
	if (rd->same_as != 0 && rd->same_as != c->id)
		became(rd, rd->same_as, act->id);
}

struct action *
reading_add(struct reading *rd, enum action_kind kind, struct shell_state *st,
    const struct shell_command *c)
{
	struct action *act;
	struct word input;

	/* The last place is kept for saying that there are too many. */
	if (rd->out->list.n + 1 >= LIMIT_ACTIONS) {
		if (!rd->order->limit_told) {
			rd->order->limit_told = true;
			act = NEW(rd->a, struct action);
			act->kind = ACTION_UNKNOWN;
			act->id = (unsigned)rd->out->list.n + 1;
			act->unknown = UNKNOWN_LIMIT;
			act->why = str_printf(rd->a, "the line does more than %d things", LIMIT_ACTIONS);
			*vec_push(rd->a, &rd->out->list) = act;
		}
		return NULL;
	}
	act = NEW(rd->a, struct action);
	act->kind = kind;
	act->flags = rd->flags;
	act->id = (unsigned)rd->out->list.n + 1;
	act->parent = rd->parent;
	act->chain = rd->chain;
	act->runs = true;
	if (st != NULL) {
		act->cwd = shell_cwd(st).v[0];
		act->relative = relative_to(rd, act->cwd);
	} else {
		act->cwd = word_text(rd->a, rd->request->cwd);
	}
	if (c != NULL) {
		act->typed = c->typed;
		if (reading_stdin(rd, c, &input) == SHELL_STDIN_TEXT)
			act->input = input;
		if (c->flags & SHELL_LOOKED)
			act->flags |= ACTION_LOOKED;
		if (c->flags & SHELL_TAINTED)
			act->flags |= ACTION_TAINTED;
		set_order(rd, act, c);
	}
	*vec_push(rd->a, &rd->out->list) = act;
	return act;
}

void
reading_note(struct reading *rd, struct words argv)
{
	for (size_t i = 0; i < argv.n; i++)
		for (size_t j = 0; j < argv.v[i].n; j++) {
			const struct piece *p = &argv.v[i].v[j];
			bool known = p->kind == PIECE_TEXT || p->text.n == 0;

			for (size_t k = 0; k < rd->out->unknown.n && !known; k++)
				known = str_eq(rd->out->unknown.v[k], p->text);
			if (!known)
				*vec_push(rd->a, &rd->out->unknown) = p->text;
		}
}

void
reading_unknown_at(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    enum unknown_kind kind, struct str typed, struct str why)
{
	struct action *act;

	/* A guess that cannot be followed is no news. In text that was looked
	 * into nothing is more than opaque (semantics 3). */
	if (rd->flags & ACTION_GUESS)
		return;
	if ((rd->flags & ACTION_LOOKED) || (c != NULL && (c->flags & SHELL_LOOKED)))
		kind = UNKNOWN_OPAQUE;
	act = reading_add(rd, ACTION_UNKNOWN, st, c);
	if (act == NULL)
		return;
	act->unknown = kind;
	if (typed.n > 0)
		act->typed = typed;
	act->text = act->typed;
	act->why = why;
}

void
reading_unknown(struct reading *rd, enum unknown_kind kind, struct str typed, struct str why)
{
	reading_unknown_at(rd, NULL, NULL, kind, typed, why);
}

/* ---- paths ---------------------------------------------------------------------- */

/* Tidied as the system takes it: .. behind a link leads out of where the link
 * leads. (The shell's own cd takes it by its text.) */
static struct str
tidy(struct reading *rd, struct str path)
{
	struct str done = STR("/");

	if (str_find(path, STR("/..")) == STR_NPOS || path.p[0] != '/')
		return path_clean(rd->a, path);
	while (path.n > 0) {
		size_t end = str_chr(path, '/');
		struct str part = str_sub(path, 0, end);
		struct world_stat ws;

		path = end == STR_NPOS ? STR("") : str_sub(path, end + 1, path.n);
		if (part.n == 0 || str_is(part, "."))
			continue;
		if (!str_is(part, "..")) {
			done = path_join(rd->a, done, part);
			continue;
		}
		if (overlay_stat(rd, done, false, &ws) == 0 && ws.kind == WORLD_LINK)
			done = overlay_real(rd, done);
		done = path_dir(done);
	}
	return done;
}

struct word
reading_path(struct reading *rd, const struct shell_state *st, struct word w, size_t i)
{
	struct str head = word_prefix(w), clean;
	struct words dirs = shell_cwd(st);
	struct word path = w;
	size_t slash;

	if (w.n > 0 && w.v[0].kind != PIECE_TEXT)
		return w; /* "$F" may be absolute */
	if (head.n == 0 || head.p[0] != '/') {
		path = word_cat(rd->a, dirs.v[i < dirs.n ? i : 0], word_text(rd->a, STR("/")));
		path = word_cat(rd->a, path, w);
	}
	head = word_prefix(path);
	if (path.n == 0 || head.n == 0)
		return path;
	if (path.n == 1)
		return word_text(rd->a, tidy(rd, head));
	/* The known folders in front are tidied; what follows may go anywhere. */
	slash = str_rchr(head, '/');
	if (slash == STR_NPOS || slash == 0)
		return path;
	clean = tidy(rd, str_sub(head, 0, slash));
	clean = str_cat(rd->a, clean, str_is(clean, "/") ? str_sub(head, slash + 1, head.n)
						       : str_sub(head, slash, head.n));
	struct word rest = { path.v + 1, path.n - 1, { 0 } };
	return word_cat(rd->a, word_text(rd->a, clean), rest);
}

/* ---- the world as the line has left it ------------------------------------------ */

static int
view_read(void *ctx, struct arena *a, struct str path, size_t max, struct str *out)
{
	int err = overlay_text(ctx, path, out);

	(void)a;
	return err == 0 && out->n > max ? BRIDLE_EUNKNOWN : err;
}

static int
view_stat(void *ctx, struct str path, bool follow, struct world_stat *out)
{
	return overlay_stat(ctx, path, follow, out);
}

static int
view_link(void *ctx, struct arena *a, struct str path, struct str *target)
{
	struct reading *rd = ctx;
	struct str real = overlay_real(rd, path);

	(void)a;
	if (str_eq(real, path_clean(rd->a, path)))
		return BRIDLE_ENOENT;
	*target = real;
	return 0;
}

static int
view_list(void *ctx, struct arena *a, struct str dir, struct world_entry **out, size_t *n)
{
	(void)a;
	return overlay_list(ctx, dir, out, n);
}

static int
view_env(void *ctx, struct str name, struct str *value)
{
	const struct world *w = ((struct reading *)ctx)->world;

	return w->env(w->ctx, name, value);
}

static int
view_env_names(void *ctx, struct arena *a, struct str **out, size_t *n)
{
	const struct world *w = ((struct reading *)ctx)->world;

	return w->env_names == NULL ? BRIDLE_EUNKNOWN : w->env_names(w->ctx, a, out, n);
}

static bool
view_env_none(void *ctx, struct str prefix)
{
	const struct world *w = ((struct reading *)ctx)->world;

	return w->env_none != NULL && w->env_none(w->ctx, prefix);
}

static int64_t
view_now(void *ctx)
{
	const struct world *w = ((struct reading *)ctx)->world;

	return w->now(w->ctx);
}

static bool
view_done(void *ctx, struct str key)
{
	const struct world *w = ((struct reading *)ctx)->world;

	return w->done(w->ctx, key);
}

static void
view_hash(void *ctx, struct str bytes, unsigned char out[32])
{
	const struct world *w = ((struct reading *)ctx)->world;

	w->hash(w->ctx, bytes, out);
}

static void
make_view(struct reading *rd)
{
	rd->view = (struct world){ rd, view_read, NULL, view_stat, view_link, view_list, view_env,
		view_env_names, view_env_none, view_now, view_done, view_hash, rd->world->home };
}

/* ---- requests -------------------------------------------------------------------- */

/* What the user's own shell set is not known: then neither are the values
 * that tools take from the environment. */
static void
forget_scopes(struct reading *rd, struct shell_state *st)
{
	static const char *const guarded[] = { "fly", "git" };

	for (size_t i = 0; i < sizeof guarded / sizeof *guarded; i++) {
		const struct tool *t = models_find(rd->models, str_of(guarded[i]));

		for (size_t j = 0; t != NULL && j < t->nenv; j++)
			shell_forget_var(rd->shell, st, t->env[j]);
	}
}

/* A shell that finds no HOME takes the user's own; one that is empty stays so. */
static struct str
home_of_shell(const struct reading *rd)
{
	struct str v;

	return rd->world->env(rd->world->ctx, STR("HOME"), &v) == 0 && !str_starts(v, STR("/")) ? STR("") : rd->request->home;
}

static struct shell_state *
start_shell(struct reading *rd)
{
	const struct request *r = rd->request;
	struct shell_setup setup = { r->shell, r->cwd, home_of_shell(rd), r->kind == REQUEST_SHELL };
	struct shell_host *host = NEW(rd->a, struct shell_host);
	struct shell_state *st;
	struct str text;

	*host = command_host;
	host->ctx = rd;
	rd->shell = shell_new(rd->a, &rd->view, host);
	st = shell_state_new(rd->shell, &setup);
	if (r->snapshot.n == 0)
		return st;
	if (overlay_text(rd, r->snapshot, &text) != 0 ||
	    shell_load_snapshot(rd->shell, st, text) != 0)
		forget_scopes(rd, st);
	return st;
}

static int
read_shell(struct reading *rd)
{
	const struct request *r = rd->request;
	struct shell_state *st;

	if (str_is(r->tool, "PowerShell")) {
		/* Another language: its text is only searched. */
		if (reading_names_hidden(rd, r->text))
			reading_unknown(rd, UNKNOWN_DYNAMIC, r->text,
			    STR("PowerShell text that names a guarded tool is not read"));
		return 0;
	}
	st = start_shell(rd);
	return shell_run(rd->shell, st, r->text, 0);
}

static int
read_argv(struct reading *rd)
{
	const struct request *r = rd->request;
	struct shell_state *st = start_shell(rd);
	struct word *v = NEW_ARRAY(rd->a, struct word, r->argc + 1);
	struct shell_command like = { .decisive = true };
	struct buf typed;

	buf_init(&typed, rd->a);
	for (size_t i = 0; i < r->argc; i++) {
		v[i] = word_text(rd->a, r->argv[i]);
		if (i > 0)
			buf_putc(&typed, ' ');
		buf_add(&typed, shell_quote(rd->a, r->argv[i]));
	}
	like.typed = buf_str(&typed);
	like.offset = STR_NPOS;
	if (r->argc == 0)
		return 0;
	return shell_run_argv(rd->shell, st, (struct words){ v, r->argc }, &like, 0, false);
}

static void
read_call(struct reading *rd)
{
	struct action *act = reading_add(rd, ACTION_TOOL, NULL, NULL);

	if (act == NULL)
		return;
	act->tool = rd->request->tool;
	act->typed = act->text = rd->request->tool;
}

/* A tool call that amounts to a command is judged as both. */
static int
read_tool(struct reading *rd)
{
	const struct request *r = rd->request;
	struct shell_command like = { .decisive = true, .typed = r->tool, .offset = STR_NPOS };
	struct words argv;

	read_call(rd);
	if (!fly_mcp_argv(rd->a, rd->models, r->tool, r->tool_text, &argv))
		return call_read(rd, start_shell(rd), &like);
	return shell_run_argv(rd->shell, start_shell(rd), argv, &like, 0, false);
}

static int
read_request(struct reading *rd)
{
	switch (rd->request->kind) {
	case REQUEST_SHELL:
		return read_shell(rd);
	case REQUEST_ARGV:
		return read_argv(rd);
	case REQUEST_EDIT:
		file_edit_request(rd);
		return 0;
	case REQUEST_READ:
		file_read_request(rd);
		return 0;
	case REQUEST_TOOL:
		return read_tool(rd);
	case REQUEST_BAD:
		break;
	}
	reading_unknown(rd, UNKNOWN_LIMIT, (struct str){ 0 }, rd->request->text);
	return 0;
}

int
tools_read(const struct models *m, const struct world *w, const struct request *r,
    struct arena *a, struct actions *out)
{
	struct reading *rd = NEW(a, struct reading);
	int err;

	*out = (struct actions){ 0 };
	rd->models = m;
	rd->world = w;
	rd->request = r;
	rd->a = a;
	rd->out = out;
	rd->decisive = true;
	rd->order = NEW(a, struct order);
	rd->written = map_new(a);
	rd->overlay = rd->first = overlay_new(a);
	rd->plain = map_new(a);
	if (r->cwd.n > 1 && str_find(r->cwd, STR("/.git")) == STR_NPOS)
		rd->beneath = r->cwd;
	make_view(rd);
	err = read_request(rd);
	if (err < 0)
		reading_unknown(rd, UNKNOWN_LIMIT, r->text,
		    str_printf(a, "the line could not be read: %s", bridle_strerror(err)));
	return 0;
}
