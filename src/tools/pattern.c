/* SPDX-License-Identifier: ISC */
/*
 * pattern.c: a rule's command -> struct pattern, through the same models and
 * parsers as requests, in an empty world. What feeds a field (--app X, the
 * apps of `fly apps destroy`) becomes a need of that field, so that every way
 * to say it counts. Errors are a person's: with column and nearest word.
 */
#include "tools/options.h"

#include "bridle/limits.h"

struct making {
	const struct models *m;
	struct arena *a;
	struct pattern *out;
	struct diags *d;
	struct str file, text;
	unsigned line;
	const unsigned *columns;
	bool loosen;
	needs_vec needs;
	size_t first; /* slots in front of the program: assignments */
};

static struct diag *
wrong(struct making *mk, size_t slot, const char *what, struct str word)
{
	unsigned column = mk->columns == NULL ? 0 : mk->columns[slot];

	return diag_add(mk->d, DIAG_ERROR, mk->file, mk->line, column, mk->text,
	    "%s" STR_FMT "%s", what, STR_ARG(word), word.n > 0 ? "\"" : "");
}

static void
add_words(struct arena *a, struct words *to, struct words more)
{
	struct word *v = NEW_ARRAY(a, struct word, to->n + more.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < to->n; i++)
		v[n++] = to->v[i];
	for (size_t i = 0; i < more.n; i++)
		v[n++] = more.v[i];
	*to = (struct words){ v, n };
}

/* A need of the field that says so already takes the values as further ones. */
static void
need(struct making *mk, struct str field, struct words any)
{
	for (size_t i = 0; i < mk->needs.n; i++)
		if (str_eq(mk->needs.v[i].name, field)) {
			add_words(mk->a, &mk->needs.v[i].any, any);
			return;
		}
	*vec_push(mk->a, &mk->needs) = (struct need){ field, any, NEED_ALWAYS };
}

/* ---- in front: NODE_ENV=test ---- */

static bool
is_name_char(char c, bool first)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (!first && c >= '0' && c <= '9');
}

/* The length of NAME where the word starts with NAME=, else 0. */
static size_t
assigned_name(struct str head)
{
	size_t i = 0;

	while (i < head.n && is_name_char(head.p[i], i == 0))
		i++;
	return i < head.n && head.p[i] == '=' ? i : 0;
}

static void
take_assigns(struct making *mk, const struct words *slots, size_t n)
{
	VEC(struct need) list = { 0 };
	struct line l = { .a = mk->a, .pattern = true };

	while (mk->first < n) {
		size_t name;

		line__word(&l, slots[mk->first], mk->first);
		name = assigned_name(l.words.v[mk->first].head);
		if (name == 0)
			break;
		*vec_push(mk->a, &list) = (struct need){
			str_sub(l.words.v[mk->first].head, 0, name),
			line__tail(&l, &l.words.v[mk->first], name + 1), NEED_ALWAYS
		};
		mk->first++;
	}
	mk->out->assigns = list.v;
	mk->out->nassigns = list.n;
}

/* ---- the program ---- */

static bool
transparent(const struct models *m, struct str program)
{
	size_t n;
	const struct wrapper *w = models__wrapper(m, program, &n);

	for (size_t i = 0; i < n; i++)
		if (w[i].transparent)
			return true;
	return false;
}

static int
take_program(struct making *mk, const struct words *slots, size_t n)
{
	struct pattern *out = mk->out;

	if (mk->first == n) {
		wrong(mk, n - 1, "a command is missing", STR(""));
		return BRIDLE_ESYNTAX;
	}
	if (slots[mk->first].n != 1 || !word_known(mk->a, slots[mk->first].v[0], &out->program) ||
	    out->program.n == 0) {
		wrong(mk, mk->first, "a rule names one program", STR(""))->hint =
		    STR("to match several write several rules, or `glob` or `regex`");
		return BRIDLE_ESYNTAX;
	}
	if (mk->loosen && transparent(mk->m, out->program)) {
		wrong(mk, mk->first, "an allow cannot name \"", out->program)->hint =
		    STR("it only runs what follows it: allow that command");
		return BRIDLE_ESYNTAX;
	}
	out->model = models_find(mk->m, out->program);
	if (out->model != NULL)
		out->program = out->model->name;
	else if (mk->loosen && out->rest) {
		wrong(mk, n, "\"...\" needs a model of \"", out->program)->hint =
		    STR("what its options do is not known: use `allow glob`");
		return BRIDLE_ESYNTAX;
	}
	return 0;
}

/* ---- errors with the nearest word ---- */

static struct str
nearest_command(struct making *mk, const struct model_command *group, struct str word)
{
	struct str near = model_nearest(mk->a, mk->out->model, group, word);

	return near.n == 0 ? near : str_printf(mk->a, "did you mean \"" STR_FMT "\"?", STR_ARG(near));
}

static struct str
nearest_option(struct making *mk, const struct model_command *c, struct str word)
{
	const struct tool *t = mk->out->model;
	VEC(struct str) names = { 0 };
	size_t near;

	for (size_t i = 0; c != NULL && i < c->noptions; i++)
		*vec_push(mk->a, &names) = command_option(c, i)->name;
	for (size_t i = 0; i < t->nglobals; i++)
		*vec_push(mk->a, &names) = t->globals[i]->name;
	near = str_nearest(word, names.v, names.n);
	return near == STR_NPOS ? STR("") : str_printf(mk->a, "did you mean \"--" STR_FMT "\"?", STR_ARG(names.v[near]));
}

static size_t
slot_of(const struct making *mk, size_t at)
{
	return mk->first + at;
}

static int
check_parsed(struct making *mk, const struct parsed *p)
{
	const struct model_command *c = p->command;
	const struct tool *t = mk->out->model;
	bool dashed = str_starts(p->unknown_word, STR("-"));

	if (p->maybe || p->open) {
		wrong(mk, slot_of(mk, 0), "an option must be written out", STR(""))->hint =
		    STR("a glob may stand in its value only");
		return BRIDLE_ESYNTAX;
	}
	if (dashed && !t->doors_only) {
		struct str name = p->unknown_word;

		while (str_starts(name, STR("-")))
			name = str_sub(name, 1, STR_NPOS);
		name = str_sub(name, 0, str_chr(name, '='));
		wrong(mk, slot_of(mk, p->unknown_at), "unknown option \"", p->unknown_word)->hint =
		    nearest_option(mk, c, name);
		return BRIDLE_ESYNTAX;
	}
	if (!dashed && p->unknown_word.n > 0 && c != NULL && !c->runnable) {
		wrong(mk, slot_of(mk, p->unknown_at), "unknown subcommand \"", p->unknown_word)->hint =
		    nearest_command(mk, c, p->unknown_word);
		return BRIDLE_ESYNTAX;
	}
	if (!dashed && p->unknown_word.n > 0 && c != NULL && c->npath == 0 && t->ncommands > 1 &&
	    t->parser != PARSER_GETOPT) {
		wrong(mk, slot_of(mk, p->unknown_at), "unknown subcommand \"", p->unknown_word)->hint =
		    nearest_command(mk, c, p->unknown_word);
		return BRIDLE_ESYNTAX;
	}
	if (p->refused && !(dashed && t->doors_only)) {
		wrong(mk, slot_of(mk, 0), "this would not run: ", STR(""))->message =
		    str_printf(mk->a, "this would not run: " STR_FMT, STR_ARG(p->error));
		return BRIDLE_ESYNTAX;
	}
	return 0;
}

/* ---- path, options, operands ---- */

/* `fly autoscale`: no line can run it, but the resolver tells by the field
 * that it is meant; this one or any below it. */
static void
take_former(struct making *mk, const struct model_command *c)
{
	struct buf b;
	struct word *v = NEW_ARRAY(mk->a, struct word, 2);

	buf_init(&b, mk->a);
	for (size_t i = 0; i < c->npath; i++)
		buf_printf(&b, "%s" STR_FMT, i > 0 ? " " : "", STR_ARG(c->path[i]));
	v[0] = word_text(mk->a, buf_str(&b));
	v[1] = word_cat(mk->a, word_text(mk->a, str_cat(mk->a, buf_str(&b), STR(" "))),
	    word_any(mk->a, STR("*")));
	need(mk, STR("former"), (struct words){ v, 2 });
	mk->out->npath--;
	mk->out->path_open = true;
}

/* A group stands for all below it. A command that also has some below it, as
 * `fly launch`, covers them only where that tightens. */
static void
take_path(struct making *mk, const struct model_command *c)
{
	struct pattern *out = mk->out;
	bool kids = false;

	for (size_t i = (size_t)(c - out->model->commands) + 1; i < c->end; i++)
		kids = kids || out->model->commands[i].today.n == 0 || out->model->commands[i].dead;

	out->path = c->path;
	out->npath = c->npath;
	out->path_open = kids && (!c->runnable || c->npath == 0 || !mk->loosen);
	if (c->today.n > 0 && !c->dead)
		take_former(mk, c);
}

static const struct model_option *
option_of(const struct tool *t, const struct model_command *c, struct str name)
{
	for (size_t i = 0; c != NULL && i < c->noptions; i++)
		if (str_eq(command_option(c, i)->name, name))
			return command_option(c, i);
	for (size_t i = 0; i < t->nglobals; i++)
		if (str_eq(t->globals[i]->name, name))
			return t->globals[i];
	return NULL;
}

static void
take_options(struct making *mk, const struct parsed *p)
{
	VEC(struct option_need) list = { 0 };

	for (size_t i = 0; i < p->options.n; i++) {
		const struct option_value *v = &p->options.v[i];
		const struct model_option *o = option_of(mk->out->model, p->command, v->name);

		if (o != NULL && o->field.n > 0 && v->cls == OPTION_SCOPE && v->values.n > 0)
			need(mk, o->field, v->values);
		else
			*vec_push(mk->a, &list) = (struct option_need){ v->name, v->cls, v->boolean,
				v->list, v->values };
	}
	mk->out->options = list.v;
	mk->out->noptions = list.n;
}

/* The role of operand i of the command: "target", "app", …; empty: none. */
static struct str
role_of(const struct model_command *c, size_t i)
{
	struct str roles = c == NULL ? STR("") : c->operands, last = STR("");

	for (;;) {
		size_t blank;

		roles = str_trim(roles);
		if (roles.n == 0)
			return str_ends(last, STR("*")) ? str_sub(last, 0, last.n - 1) : STR("");
		blank = str_chr(roles, ' ');
		last = str_sub(roles, 0, blank);
		if (i-- == 0)
			return str_ends(last, STR("*")) ? str_sub(last, 0, last.n - 1) : last;
		roles = str_sub(roles, last.n, STR_NPOS);
	}
}

/* Alternatives of a target (vol_1 vol_2) all have the role of the last one. */
static bool
more_targets(const struct model_command *c, size_t i)
{
	return c != NULL && role_of(c, i).n == 0 && i > 0 && c->operands.n > 0 &&
	    (str_is(role_of(c, 0), "target") || str_is(role_of(c, 0), "app"));
}

static void
take_operands(struct making *mk, const struct parsed *p)
{
	VEC(struct words) list = { 0 };

	for (size_t i = 0; i < p->operands.n; i++) {
		struct str role = role_of(p->command, i);

		if (more_targets(p->command, i))
			role = role_of(p->command, 0);
		if (str_is(role, "app") || str_is(role, "org")) {
			need(mk, role, p->operands.v[i]);
			mk->out->fielded = 1; /* an action has one of them */
		}
		else if (str_is(role, "target") || str_is(role, "secret"))
			add_words(mk->a, &mk->out->targets, p->operands.v[i]);
		else
			*vec_push(mk->a, &list) = p->operands.v[i];
	}
	mk->out->operands = list.v;
	mk->out->noperands = list.n;
}

static int
take_model(struct making *mk, const struct words *slots, size_t n)
{
	struct pattern *out = mk->out;
	const struct tool *t = out->model;
	struct parsed *p = NEW(mk->a, struct parsed);
	const struct resolver *r;
	struct str error = STR("");
	int err = options_parse(t, mk->a, slots, n, true, p);

	if (err != 0)
		return err;
	if (p->command == NULL)
		p->command = &t->commands[0];
	err = check_parsed(mk, p);
	if (err != 0)
		return err;
	take_path(mk, p->command);
	take_options(mk, p);
	take_operands(mk, p);
	r = t->resolver.n > 0 ? resolver_find(t->resolver) : NULL;
	if (r != NULL && r->pattern != NULL) {
		err = r->pattern(mk->a, p, out, &mk->needs, &error);
		if (err == BRIDLE_ESYNTAX)
			wrong(mk, mk->first, "", STR(""))->message = error;
	}
	return err;
}

int
tools_pattern(const struct models *m, struct arena *a, const struct words *slots, size_t n,
    bool loosen, struct pattern *out, struct diags *d, struct str file, unsigned line,
    const unsigned *columns, struct str text)
{
	struct making mk = { .m = m, .a = a, .out = out, .d = d, .file = file, .text = text,
		.line = line, .columns = columns, .loosen = loosen };
	int err;

	*out = (struct pattern){ 0 };
	if (n == 0 || n > LIMIT_PATTERN_WORDS)
		return n == 0 ? BRIDLE_EINVAL : BRIDLE_ELIMIT;
	if (slots[n - 1].n == 1 && word_is(slots[n - 1].v[0], "...")) {
		out->rest = true;
		n--;
	}
	take_assigns(&mk, slots, n);
	err = take_program(&mk, slots, n);
	if (err != 0)
		return err;
	out->slots = slots + mk.first;
	out->nslots = n - mk.first;
	if (out->model != NULL)
		err = take_model(&mk, out->slots, out->nslots);
	out->needs = mk.needs.v;
	out->nneeds = mk.needs.n;
	return err;
}

/* ---- fields ---- */

static bool
tool_has_field(const struct tool *t, struct str field)
{
	for (size_t i = 0; i < t->nscopes; i++)
		if (str_eq(t->scopes[i].field, field))
			return true;
	for (size_t i = 0; i < t->ncommands; i++)
		for (size_t k = 0; k < t->commands[i].noptions; k++)
			if (str_eq(command_option(&t->commands[i], k)->field, field))
				return true;
	return false;
}

bool
tools_field_known(const struct models *m, struct str field)
{
	static const char *const always[] = { "effect", "app", "org", "region", "remote", "branch",
		"force", "delete", "cwd", "agent", "mode", "user", "text", "command", "inner", "consumer",
		"confirmed", "former", "reach", "config-file", "path", "image", "config", "ref", "url",
		"upstream", "dirty", "forced-ignored", "key" };

	for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
		if (str_is(field, always[i]))
			return true;
	return models__packed_field(field) || models__any_added(m, tool_has_field, field);
}
