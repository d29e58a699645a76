/* SPDX-License-Identifier: ISC */
/*
 * command.c: one simple command. Its redirections, which program it is, and
 * who knows that program: a wrapper (wrap.c), a shell (interp.c), a model
 * (options.c and its resolver), or nobody (guess.c). The shell calls in here
 * through command_host; what a command runs goes on in inner.c.
 */
#include "tools/code.h"

#include "bridle/limits.h"

#include <string.h>

/* ---- words ------------------------------------------------------------------ */

struct words
words_from(struct words w, size_t from)
{
	if (from >= w.n)
		return (struct words){ NULL, 0 };
	return (struct words){ w.v + from, w.n - from };
}

struct words
words_split(struct arena *a, struct str text)
{
	VEC(struct word) out = { 0 };
	size_t i = 0;

	while (i < text.n) {
		size_t from = i;

		while (i < text.n && text.p[i] != ' ' && text.p[i] != '\t' && text.p[i] != '\n' &&
		    text.p[i] != '\0')
			i++;
		if (i > from)
			*vec_push(a, &out) = word_text(a, str_sub(text, from, i - from));
		i++;
	}
	return (struct words){ out.v, out.n };
}

/* ---- which program ------------------------------------------------------------ */

/* Is path what a bare `base` would run? */
static bool
found_in_path(struct reading *rd, struct shell_state *st, struct str path, struct str base)
{
	struct world_stat ws;
	struct str dirs, dir;
	size_t from = 0;

	if (!samefile_dirs(rd, st, &dirs))
		return false;
	while (samefile_next_dir(dirs, &from, &dir)) {
		struct str file = path_clean(rd->a, path_join(rd->a, dir, base));
		int err;

		if (dir.n == 0 || dir.p[0] != '/')
			return false; /* looks in the directory itself first */
		if (str_eq(file, path))
			return true;
		err = overlay_stat(rd, file, true, &ws);
		if (err == 0 && ws.kind == WORLD_FILE)
			return str_eq(overlay_real(rd, file), overlay_real(rd, path));
		if (err == BRIDLE_EUNKNOWN)
			return false;
	}
	return false;
}

/* What an allow must know of a program that is named by a path: the tool it
 * is called like only if PATH finds the very same, a file of the project only
 * if it lies there. */
static unsigned
path_flags(struct reading *rd, struct shell_state *st, struct word name, struct str base)
{
	struct word w = reading_path(rd, st, name, 0);
	struct str path, root = rd->request->project;

	if (!word_known(rd->a, w, &path) || shell_cwd(st).n > 1)
		return ACTION_TAINTED | ACTION_OUTSIDE;
	if (found_in_path(rd, st, path, base))
		return 0;
	if (!path_under(overlay_real(rd, path), overlay_real(rd, root)))
		return ACTION_TAINTED | ACTION_OUTSIDE;
	return models_find(rd->models, base) != NULL ? ACTION_TAINTED : 0;
}

static bool
program_of(struct reading *rd, struct shell_state *st, struct word name, struct program *out)
{
	struct str text = word_suffix(rd->a, name);
	size_t slash = str_rchr(text, '/');
	bool known = word_known(rd->a, name, &text);

	*out = (struct program){ 0 };
	out->by_path = slash != STR_NPOS;
	if ((!known && !out->by_path) || path_in_proc(text))
		return false;
	out->base = out->by_path ? str_sub(text, slash + 1, text.n) : text;
	if (out->base.n == 0)
		return false;
	if (out->by_path)
		out->flags = path_flags(rd, st, name, out->base);
	return true;
}

/* ---- a command action ------------------------------------------------------------ */

static bool
assign_safe(const struct tool *t, struct str name)
{
	if (shell_safe_env_name(name) || (t != NULL && t->guarded && (str_is(name, "MAKEFLAGS") ||
	    str_starts(name, STR("npm_")) || str_eq(name, SAMEFILE_FIRST))))
		return true;
	for (size_t i = 0; t != NULL && i < t->nscopes; i++)
		for (size_t j = 0; j < t->scopes[i].nenv; j++)
			if (str_eq(t->scopes[i].env[j], name))
				return true;
	return false;
}

static void
fill_assigns(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct action *act)
{
	const struct assign *line;
	size_t n = shell_line_assigns(rd->shell, st, &line), used = 0;
	struct assign *v = NEW_ARRAY(rd->a, struct assign, n + c->nassigns + 1);

	for (size_t i = 0; i < n; i++)
		v[used++] = line[i];
	for (size_t i = 0; i < c->nassigns; i++)
		v[used++] = c->assigns[i];
	for (size_t i = 0; i < used; i++)
		v[i].safe = assign_safe(act->model, v[i].name);
	act->assigns = v;
	act->nassigns = used;
}

static struct action *
command_action(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct words argv, struct str tool)
{
	struct action *act = reading_add(rd, ACTION_COMMAND, st, c);

	if (act == NULL)
		return NULL;
	act->argv = argv;
	act->tool = tool;
	reading_note(rd, argv);
	return act;
}

struct action *
command_show(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct str tool)
{
	struct action *act = command_action(rd, st, c, c->argv, tool);

	if (act != NULL)
		act->flags |= ACTION_HARMLESS;
	return act;
}

static const struct model_option *
option_model(const struct tool *t, const struct model_command *cmd, const struct option_value *v)
{
	struct str name = v->name;

	if (v->model != NULL)
		return v->model;
	for (size_t i = 0; cmd != NULL && i < cmd->noptions; i++)
		if (str_eq(command_option(cmd, i)->name, name))
			return command_option(cmd, i);
	for (size_t i = 0; i < t->nglobals; i++)
		if (str_eq(t->globals[i]->name, name))
			return t->globals[i];
	return NULL;
}

struct word
word_from(struct arena *a, struct word w, size_t n)
{
	struct str head = word_prefix(w);

	return word_cat(a, word_text(a, str_sub(head, n, head.n)),
	    (struct word){ w.v + 1, w.n - 1, { 0 } });
}

/* What an option's value does: names a file, or runs something. */
static int
option_runs(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct str runs, struct word value)
{
	static const struct file_after written = { .kind = AFTER_UNKNOWN, .by = WROTE_WHOLE };
	static const struct file_after fetched = { .kind = AFTER_UNKNOWN, .by = WROTE_PART };
	struct words none = { NULL, 0 };
	struct str text;

	if (str_starts(runs, STR("file-")) && word_is(value, "-"))
		return 0; /* standard input or output */
	if (str_is(runs, "file-write"))
		file_edit(rd, st, c, value, ACTION_OPERAND, written);
	else if (str_is(runs, "file-fetch"))
		file_edit(rd, st, c, value, ACTION_OPERAND, fetched);
	else if (str_is(runs, "file-read"))
		file_look(rd, st, c, value, ACTION_OPERAND);
	else if (str_is(runs, "ssh-option"))
		return wrap_ssh_option(rd, st, c, value);
	else if (str_is(runs, "ssh-config"))
		return wrap_ssh_file(rd, st, c, value);
	else if (str_is(runs, "shell") && str_starts(word_prefix(value), STR("exec=")))
		return option_runs(rd, st, c, runs, word_from(rd->a, value, 5)); /* tar's checkpoint action */
	else if (str_is(runs, "shell"))
		return reading_run_shell(rd, st, value, c, ACTION_INNER, (struct str){ 0 },
		    word_text(rd->a, STR("sh")), none);
	else if (!word_known(rd->a, value, &text))
		reading_unknown_at(rd, st, c, UNKNOWN_OPAQUE, word_show(rd->a, value),
		    STR("an option names a program that is not known"));
	else if (str_is(runs, "argv") || str_is(runs, "program"))
		return reading_run_argv(rd, st, words_split(rd->a, text), c, ACTION_INNER,
		    (struct str){ 0 });
	return 0;
}

static int
run_options(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct tool *t, const struct parsed *p)
{
	for (size_t i = 0; i < p->options.n; i++) {
		const struct option_value *o = &p->options.v[i];
		const struct model_option *m = option_model(t, p->command, o);
		int err;

		if (m == NULL || m->runs.n == 0)
			continue;
		for (size_t j = 0; j < o->values.n; j++)
			if ((err = option_runs(rd, st, c, m->runs, o->values.v[j])) < 0)
				return err;
	}
	return 0;
}

/* Where the pattern or script is given by an option (grep -e, sed -f), all
 * operands are files. */
static bool
pattern_given(const struct parsed *p)
{
	static const char *const options[] = { "regexp", "file", "expression", "source" };

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (parsed_option(p, options[i]) != NULL)
			return true;
	return false;
}

/* One last word that holds blanks is a text for sh (git submodule foreach). */
static bool
is_text(struct reading *rd, const struct shell_command *c, size_t at)
{
	struct str text;

	return at + 1 == c->argv.n && word_known(rd->a, c->argv.v[at], &text) && str_chr(text, ' ') != STR_NPOS;
}

/* Roles of operands, in order, between blanks; the last one may stand for all further ones. */
static struct str
operand_roles(const struct parsed *p)
{
	struct str roles = p->command != NULL ? p->command->operands : STR("");

	roles = str_trim(roles);
	return str_starts(roles, STR("pattern ")) && pattern_given(p) ? str_trim(str_sub(roles, 8, STR_NPOS)) : roles;
}

/* Does it read folders that it is given, with all below them? */
static bool
reads_below(const struct action *act, const struct parsed *p)
{
	static const char *const always[] = { "rg", "ag", "ack", "tar", "gtar", "bsdtar", "rsync", "zip" };
	static const char *const options[] = { "recursive", "dereference-recursive", "R", "r" };

	for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
		if (str_is(act->tool, always[i]))
			return true;
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (parsed_option(p, options[i]) != NULL)
			return true;
	return false;
}

static struct str
next_role(struct str *rest)
{
	struct str role = { rest->p, 0 };

	while (role.n < rest->n && (unsigned char)role.p[role.n] > ' ')
		role.n++;
	*rest = str_trim(str_sub(*rest, role.n, STR_NPOS));
	return role;
}

static int
run_operands(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct parsed *p, struct action *act)
{
	static const struct file_after unknown = { .kind = AFTER_UNKNOWN, .by = WROTE_WHOLE };
	struct str rest = p->operands.n > 0 ? operand_roles(p) : STR(""), role = rest;

	for (size_t i = 0; i < p->operands.n && role.n > 0; i++) {
		struct words slot = p->operands.v[i];

		if (rest.n == 0 && !str_ends(role, STR("*")))
			break;
		if (rest.n > 0)
			role = next_role(&rest);
		if (slot.n == 0)
			continue;
		if (str_is(role, "door-write"))
			act->flags |= ACTION_TAINTED;
		if (str_starts(role, STR("file-read")))
			file_look(rd, st, c, slot.v[0],
			    ACTION_OPERAND | (reads_below(act, p) ? ACTION_RECURSIVE : 0));
		else if (str_starts(role, STR("file-write")) || str_is(role, "door-write"))
			file_edit(rd, st, c, slot.v[0], ACTION_OPERAND, unknown);
		else if (str_is(role, "shell") || (str_is(role, "command") && is_text(rd, c, p->operand_at.v[i])))
			return option_runs(rd, st, c, STR("shell"), slot.v[0]);
		else if (str_is(role, "command"))
			return reading_run_argv(rd, st, words_from(c->argv, p->operand_at.v[i]), c,
			    ACTION_INNER, (struct str){ 0 });
	}
	return 0;
}

static void
fill_parsed(struct reading *rd, struct action *act, const struct tool *t, const struct parsed *p)
{
	struct word *operands = NEW_ARRAY(rd->a, struct word, p->operands.n + 1);
	struct str effect = { 0 };

	for (size_t i = 0; i < p->operands.n; i++)
		if (p->operands.v[i].n > 0)
			operands[act->operands.n++] = p->operands.v[i].v[0];
	act->operands.v = operands;
	act->options = p->options.v;
	act->noptions = p->options.n;
	act->parse_maybe = p->maybe;
	act->unparsed_rest = p->rest;
	act->runs = !p->help && !p->refused;
	act->error = p->error;
	if (p->command == NULL)
		return;
	act->path = p->command->path;
	act->npath = p->command->npath;
	effect = p->command->effect;
	for (size_t i = 0; i < p->options.n; i++) {
		const struct model_option *m = option_model(t, p->command, &p->options.v[i]);

		if (m != NULL && m->effect.n > 0)
			effect = m->effect;
	}
	if (effect.n > 0)
		field_set_str(rd, act, "effect", effect);
}

static int
modelled(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct tool *t, const struct resolver *r, struct action *act)
{
	const struct parsed *p;
	struct shell_command seen = *c;
	int err = reading_parse(rd, t, act->argv, &p);

	if (err < 0)
		return err;
	fill_parsed(rd, act, t, p);
	seen.argv = act->argv;
	if (r != NULL && r->command != NULL && (err = r->command(rd, st, &seen, p, act)) < 0)
		return err;
	if (!act->runs && !p->maybe)
		return 0;
	if ((err = run_options(rd, st, &seen, t, p)) < 0)
		return err;
	return run_operands(rd, st, &seen, p, act);
}

int
command_act(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, unsigned flags, struct action **out)
{
	const struct tool *t = prog->tool;
	const struct resolver *r = t == NULL || t->resolver.n == 0 ? NULL : resolver_find(t->resolver);
	struct words argv = c->argv;
	struct action *act;
	int err;

	*out = NULL;
	if (r != NULL && r->before != NULL && (err = r->before(rd, st, c, &argv)) != 0)
		return err < 0 ? err : 0;
	act = command_action(rd, st, c, argv, t != NULL ? t->name : prog->base);
	if (act == NULL)
		return 0;
	*out = act;
	act->flags |= flags | prog->flags;
	act->model = t;
	fill_assigns(rd, st, c, act);
	return t == NULL ? 0 : modelled(rd, st, c, t, r, act);
}

/* ---- builtins ------------------------------------------------------------------- */

/* Builtins that are programs too, and judged as such. */
static bool
like_program(struct str name)
{
	return str_is(name, "kill") || str_is(name, "time");
}

/* What they run is reported on its own. */
static bool
runs_words(struct str name)
{
	static const char *const names[] = { "eval", "command", "builtin", "exec", "noglob",
		"nocorrect", "-", "coproc" };
	static struct names by_name = NAMES(names);

	return names_find(&by_name, name) != STR_NPOS;
}

static int
builtin(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog)
{
	struct action *act = command_action(rd, st, c, c->argv, prog->base);

	if (act == NULL)
		return 0;
	if (c->flags & SHELL_HARMLESS)
		act->flags |= ACTION_BUILTIN;
	else if (runs_words(prog->base))
		act->flags |= ACTION_HARMLESS;
	if ((str_is(prog->base, "source") || str_is(prog->base, ".")) && c->argv.n > 1 &&
	    !str_starts(c->argv.v[1].typed, STR("<(")))
		file_look(rd, st, c, c->argv.v[1], ACTION_OPERAND);
	if (str_is(prog->base, "history"))
		filecmd_run(rd, st, c, prog);
	return 0;
}

/* ---- the shell's calls ------------------------------------------------------------- */

static int
program_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog)
{
	struct action *act;
	int err;

	if ((err = find_run(rd, st, c, prog)) != 0 || (err = wrap_run(rd, st, c, prog)) != 0 ||
	    (err = interp_run(rd, st, c, prog)) != 0)
		return err < 0 ? err : 0;
	if ((err = command_act(rd, st, c, prog, 0, &act)) < 0)
		return err;
	unpack_run(rd, st, act, filecmd_run(rd, st, c, prog));
	if ((err = interpreter_run(rd, st, c, prog, act)) < 0 ||
	    (err = runner_run(rd, st, c, prog, act)) < 0)
		return err;
	if ((err = samefile_run(rd, st, c, prog)) < 0)
		return err;
	if ((act == NULL || act->model == NULL || !act->model->guarded) &&
	    (err = guess_values(rd, st, c, false)) < 0)
		return err;
	if (act != NULL && act->model == NULL && !interpreter_known(prog->base))
		return guess_run(rd, st, c, 1);
	return 0;
}

static int
unknown_program(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	struct str shown = word_show(rd->a, c->argv.v[0]);
	size_t n = rd->out->list.n;

	/* The shell has said so already. */
	if (n > 0 && rd->out->list.v[n - 1]->kind == ACTION_UNKNOWN)
		return 0;
	reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
	    str_printf(rd->a, "which program " STR_FMT " is, is not known before it runs",
		STR_ARG(shown)));
	return 0;
}

/* '' and a folder's name: no program can be that. */
static bool
no_command(struct reading *rd, struct word name)
{
	struct str text;

	return word_known(rd->a, name, &text) && (text.n == 0 || text.p[text.n - 1] == '/');
}

static int
simple(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	struct program prog;
	int err;

	if (c->argv.n == 0 || no_command(rd, c->argv.v[0]))
		return 0;
	if (!program_of(rd, st, c->argv.v[0], &prog))
		return unknown_program(rd, st, c);
	if (c->flags & SHELL_FUNCTION) {
		command_show(rd, st, c, prog.base);
		return 0;
	}
	if ((c->flags & SHELL_BUILTIN) && (!like_program(prog.base) ||
		    ((c->flags & SHELL_HARMLESS) && str_is(prog.base, "command"))))
		return builtin(rd, st, c, &prog);
	prog.tool = models_find(rd->models, prog.base);
	err = program_run(rd, st, c, &prog);
	return err < 0 ? err : mention_run(rd, st, c, &prog);
}

static int
on_command(void *ctx, struct shell *sh, struct shell_state *st, const struct shell_command *c)
{
	struct reading *rd = ctx;
	int err;

	(void)sh;
	overlay_enter(rd, st);
	if (c->redirs == rd->redirs && c->nredirs > 0)
		return simple(rd, st, c);
	redirect_reads(rd, st, c);
	err = simple(rd, st, c);
	if (err == 0)
		redirect_writes(rd, st, c);
	return err;
}

static int
on_output(void *ctx, struct shell *sh, struct shell_state *st, const struct shell_command *c,
    struct word *out)
{
	(void)sh;
	overlay_enter(ctx, st);
	return output_known(ctx, st, c, out);
}

static int
on_script(void *ctx, struct shell *sh, struct shell_state *st, struct word file,
    struct str *text, struct str *shown)
{
	(void)sh;
	overlay_enter(ctx, st);
	return script_sourced(ctx, st, file, text, shown);
}

static int
on_file(void *ctx, struct shell *sh, struct str path, struct str *text)
{
	(void)sh;
	return overlay_text(ctx, path, text);
}

static int
on_unknown(void *ctx, struct shell *sh, struct shell_state *st, enum shell_unknown kind,
    unsigned flags, struct str typed, struct str why)
{
	static const enum unknown_kind kinds[] = {
		[SHELL_DYNAMIC] = UNKNOWN_DYNAMIC,
		[SHELL_OPAQUE] = UNKNOWN_OPAQUE,
		[SHELL_UNREAD] = UNKNOWN_OPAQUE,
		[SHELL_LIMIT] = UNKNOWN_LIMIT,
	};
	struct shell_command c = { .flags = flags, .typed = typed };
	struct reading *rd = ctx;
	enum unknown_kind as = kinds[kind];
	(void)sh;
	/* The user's shell does not run that line; but where it names what rules
	 * speak of, nobody should have to rely on that. */
	if (kind == SHELL_OPAQUE ? reading_evaluates(rd)
				 : kind == SHELL_UNREAD && (rd->depth > 0 || reading_names_hidden(rd, typed)))
		as = UNKNOWN_DYNAMIC;
	reading_unknown_at(ctx, st, &c, as, typed, why);
	return 0;
}

const struct shell_host command_host = {
	.command = on_command,
	.output = on_output,
	.script = on_script,
	.file = on_file,
	.unknown = on_unknown,
	.join = overlay_join,
	.touched = overlay_touched,
};
