/* SPDX-License-Identifier: ISC */
/*
 * index.c: which rules may speak of an action, without trying all of them; it
 * only leaves out rules that cannot match. Command rules are found by program
 * and subcommand, and in large groups by one value that they insist on (their
 * pin); texts by a literal that must be in them; files by the last component.
 * What an unknown piece could be is everything.
 */
#include "policy.h"

#include <string.h>

typedef VEC(struct rule *) rule_list;

#define GROUP_SMALL 8 /* fewer are tried without pins */

enum pin_kind { PIN_FIELD, PIN_OPTION, PIN_TARGET, PIN_WORD };
struct pin { /* rules that insist on one of these values of one thing */
	enum pin_kind kind;
	struct str name;    /* of the field or option; of the word, its number */
	struct map *values; /* value -> rule_list * */
	rule_list all;
};
struct group { /* command rules of one program and path */
	const struct str *path;
	size_t npath;
	rule_list all, plain;
	VEC(struct pin) pins;
};
struct program {
	struct map *paths; /* path, joined by blanks -> struct group * */
};
struct text_rule {
	struct rule *rule;
	unsigned short bigrams[3]; /* of its literal; 0: none */
};
struct file_rules {
	struct map *last; /* last component -> rule_list * */
	rule_list any, all;
};
struct index {
	struct map *programs; /* name -> struct program * */
	rule_list any_program;
	VEC(struct text_rule) texts;
	struct file_rules edits, reads;
	rule_list tools;
	unsigned *seen; /* by seq: the look-up that found it last */
	unsigned *lookup;
};

/* ---- building ---- */

static struct str
joined(struct arena *a, const struct str *path, size_t n)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < n; i++) {
		buf_putc(&b, ' ');
		buf_add(&b, path[i]);
	}
	return buf_str(&b);
}

static void
add_to(struct arena *a, struct map *m, struct str key, struct rule *r)
{
	rule_list *list = map_get(m, key);

	if (list == NULL) {
		list = arena_alloc(a, sizeof *list);
		map_put(m, key, list);
	}
	*vec_push(a, list) = r;
}

static bool
all_literal(struct arena *a, struct words ws)
{
	struct str text;

	for (size_t i = 0; i < ws.n; i++)
		if (!word_known(a, ws.v[i], &text))
			return false;
	return ws.n > 0;
}

/* What a rule could be pinned by. */
struct pinning {
	enum pin_kind kind;
	struct str name;
	struct words values;
};

/* The n-th of them; false: no more. */
static bool
pin_of(struct arena *a, const struct rule *r, size_t nth, struct pinning *out)
{
	const struct pattern *p = &r->sel.command;
	enum need_when here = r->ref.verdict == VERDICT_ALLOW ? NEED_LOOSEN : NEED_TIGHTEN;

	for (size_t i = 0; i < p->nneeds; i++)
		if ((p->needs[i].when == NEED_ALWAYS || p->needs[i].when == here) &&
		    all_literal(a, p->needs[i].any) && nth-- == 0) {
			*out = (struct pinning){ PIN_FIELD, p->needs[i].name, p->needs[i].any };
			return true;
		}
	for (size_t i = 0; i < p->noptions; i++)
		if (all_literal(a, p->options[i].any) && nth-- == 0) {
			*out = (struct pinning){ PIN_OPTION, p->options[i].name, p->options[i].any };
			return true;
		}
	if (all_literal(a, p->targets) && nth-- == 0) {
		*out = (struct pinning){ PIN_TARGET, STR(""), p->targets };
		return true;
	}
	for (size_t i = 1; p->model == NULL && i < p->nslots; i++) {
		struct str start = p->slots[i].n == 0 ? STR("") : word_prefix(p->slots[i].v[0]);

		if (all_literal(a, p->slots[i]) && start.n > 0 && start.p[0] != '-' && nth-- == 0) {
			*out = (struct pinning){ PIN_WORD, str_printf(a, "%zu", i), p->slots[i] };
			return true;
		}
	}
	return false;
}

static struct pin *
group_pin(struct arena *a, struct group *g, enum pin_kind kind, struct str name)
{
	struct pin *pin;

	for (size_t i = 0; i < g->pins.n; i++)
		if (g->pins.v[i].kind == kind && str_eq(g->pins.v[i].name, name))
			return &g->pins.v[i];
	pin = vec_push(a, &g->pins);
	memset(pin, 0, sizeof *pin);
	pin->kind = kind;
	pin->name = name;
	pin->values = map_new(a);
	return pin;
}

static void
pin_values(struct arena *a, struct pin *pin, struct words values, struct rule *r)
{
	struct str text;

	for (size_t i = 0; i < values.n; i++)
		if (word_known(a, values.v[i], &text))
			add_to(a, pin->values, text, r);
	*vec_push(a, &pin->all) = r;
}

/* Pins each rule of a large group by the thing that tells most of them apart. */
static void
pin_group(struct arena *a, struct group *g)
{
	struct group trial = { 0 };
	struct pinning one;

	for (size_t i = 0; i < g->all.n; i++)
		for (size_t k = 0; pin_of(a, g->all.v[i], k, &one); k++)
			pin_values(a, group_pin(a, &trial, one.kind, one.name), one.values, g->all.v[i]);
	for (size_t i = 0; i < g->all.n; i++) {
		struct pinning best = { 0 };
		size_t most = 1;

		for (size_t k = 0; pin_of(a, g->all.v[i], k, &one); k++) {
			size_t n = map_count(group_pin(a, &trial, one.kind, one.name)->values);

			if (n > most) {
				most = n;
				best = one;
			}
		}
		if (most > 1)
			pin_values(a, group_pin(a, g, best.kind, best.name), best.values, g->all.v[i]);
		else
			*vec_push(a, &g->plain) = g->all.v[i];
	}
}

static void
add_command(struct arena *a, struct index *ix, struct rule *r)
{
	const struct pattern *p = &r->sel.command;
	struct program *prog;
	struct group *g;
	struct str key;

	if (p->program.n == 0 || word_has_glob(p->program)) {
		*vec_push(a, &ix->any_program) = r;
		return;
	}
	key = p->model != NULL ? p->program : path_base(p->program);
	prog = map_get(ix->programs, key);
	if (prog == NULL) {
		prog = NEW(a, struct program);
		prog->paths = map_new(a);
		map_put(ix->programs, key, prog);
	}
	key = joined(a, p->path, p->npath);
	g = map_get(prog->paths, key);
	if (g == NULL) {
		g = NEW(a, struct group);
		g->path = p->path;
		g->npath = p->npath;
		map_put(prog->paths, key, g);
	}
	*vec_push(a, &g->all) = r;
}

#define BIGRAMS 1024 /* as many are told apart; their numbers begin with 1 */

static unsigned short
bigram(struct str s, size_t at)
{
	unsigned x = (unsigned char)s.p[at], y = (unsigned char)s.p[at + 1];

	return (unsigned short)(1 + (x * 31 + y * 7) % BIGRAMS);
}

static void
add_text(struct arena *a, struct index *ix, struct rule *r)
{
	struct text_rule *t = vec_push(a, &ix->texts);
	struct str literal = r->sel.text.literal;

	memset(t, 0, sizeof *t);
	t->rule = r;
	if (literal.n < 2)
		return;
	t->bigrams[0] = bigram(literal, 0);
	t->bigrams[1] = bigram(literal, (literal.n - 2) / 2);
	t->bigrams[2] = bigram(literal, literal.n - 2);
}

static void
add_file(struct arena *a, struct file_rules *f, struct rule *r)
{
	const struct pathpats *ps = &r->sel.paths;
	bool any = false;

	*vec_push(a, &f->all) = r;
	for (size_t i = 0; i < ps->list.n; i++)
		any |= !ps->list.v[i].negated && ps->list.v[i].last.n == 0;
	if (any)
		*vec_push(a, &f->any) = r;
	for (size_t i = 0; i < ps->list.n && !any; i++)
		if (!ps->list.v[i].negated)
			add_to(a, f->last, ps->list.v[i].last, r);
}

static void
add_rule(struct arena *a, struct index *ix, struct rule *r)
{
	switch (r->ref.kind) {
	case RULE_COMMAND:
		add_command(a, ix, r);
		break;
	case RULE_GLOB:
	case RULE_REGEX:
		add_text(a, ix, r);
		break;
	case RULE_EDIT:
		add_file(a, &ix->edits, r);
		break;
	case RULE_READ:
		add_file(a, &ix->reads, r);
		break;
	case RULE_TOOL:
		*vec_push(a, &ix->tools) = r;
		break;
	case RULE_RAW: /* has a list of its own: policy.raws */
		break;
	}
}

static void
pin_all(struct arena *a, struct index *ix)
{
	void *prog, *group;
	struct str key;

	for (size_t i = 0; map_next(ix->programs, &i, &key, &prog);) {
		for (size_t k = 0; map_next(((struct program *)prog)->paths, &k, &key, &group);) {
			struct group *g = group;

			if (g->all.n > GROUP_SMALL)
				pin_group(a, g);
			else
				g->plain = g->all;
		}
	}
}

struct index *
policy__index(struct policy *p)
{
	struct arena *a = p->a;
	struct index *ix = NEW(a, struct index);

	ix->programs = map_new(a);
	ix->edits.last = map_new(a);
	ix->reads.last = map_new(a);
	ix->seen = NEW_ARRAY(a, unsigned, p->rules.n + 1);
	ix->lookup = NEW(a, unsigned);
	for (size_t i = 0; i < p->rules.n; i++)
		add_rule(a, ix, p->rules.v[i]);
	pin_all(a, ix);
	return ix;
}

/* ---- looking up ---- */

struct finding {
	const struct index *ix;
	struct matching *m;
	struct candidates *out;
};

static void
take(struct finding *f, const rule_list *list)
{
	for (size_t i = 0; list != NULL && i < list->n; i++) {
		struct rule *r = list->v[i];

		if (f->ix->seen[r->seq] == *f->ix->lookup)
			continue;
		f->ix->seen[r->seq] = *f->ix->lookup;
		*vec_push(f->m->a, &f->out->list) = r;
	}
}

static void
take_value(struct finding *f, const struct pin *pin, struct word w)
{
	struct str text;

	if (word_known(f->m->a, w, &text))
		take(f, map_get(pin->values, text));
	else
		take(f, &pin->all);
}

static void
take_field(struct finding *f, const struct pin *pin)
{
	const struct field *field = action_field_of(f->m->act, pin->name);

	if (field == NULL || field->state == FIELD_ABSENT)
		return;
	if (field->state == FIELD_UNKNOWN)
		take(f, &pin->all);
	else
		for (size_t i = 0; i < field->values.n; i++)
			take_value(f, pin, field->values.v[i]);
}

static void
take_option(struct finding *f, const struct pin *pin)
{
	const struct action *act = f->m->act;

	for (size_t i = 0; i < act->noptions; i++)
		if (str_eq(act->options[i].name, pin->name))
			for (size_t k = 0; k < act->options[i].values.n; k++)
				take_value(f, pin, act->options[i].values.v[k]);
}

static void
take_pin(struct finding *f, const struct pin *pin)
{
	const struct action *act = f->m->act;
	const struct words *ws = pin->kind == PIN_WORD ? &act->argv : &act->operands;

	if (pin->kind == PIN_FIELD) {
		take_field(f, pin);
	} else if (act->unparsed_rest || act->parse_maybe) {
		take(f, &pin->all);
	} else if (pin->kind == PIN_OPTION) {
		take_option(f, pin);
	} else {
		for (size_t i = 0; i < ws->n; i++)
			take_value(f, pin, ws->v[i]);
	}
}

static void
take_group(struct finding *f, const struct group *g)
{
	if (g == NULL)
		return;
	take(f, &g->plain);
	for (size_t i = 0; i < g->pins.n; i++)
		take_pin(f, &g->pins.v[i]);
}

static bool
path_begins(const struct group *g, const struct action *act, size_t n)
{
	if (g->npath <= n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!str_eq(g->path[i], act->path[i]))
			return false;
	return true;
}

static void
take_program(struct finding *f, const struct program *prog)
{
	const struct action *act = f->m->act;
	size_t sure = policy__sure_path(act), end = 0;
	struct str key, path;
	void *g;

	if (prog == NULL)
		return;
	path = joined(f->m->a, act->path, sure);
	for (size_t n = 0; n <= sure; n++) {
		take_group(f, map_get(prog->paths, str_sub(path, 0, end)));
		end += n < sure ? 1 + act->path[n].n : 0;
	}
	for (size_t i = 0; act->parse_maybe && map_next(prog->paths, &i, &key, &g);)
		if (path_begins(g, act, sure))
			take_group(f, g);
}

static void
take_command(struct finding *f)
{
	const struct action *act = f->m->act;
	struct str typed;

	take(f, &f->ix->any_program);
	take_program(f, map_get(f->ix->programs, act->tool));
	if (act->argv.n > 0 && word_known(f->m->a, act->argv.v[0], &typed) && !str_eq(path_base(typed), act->tool))
		take_program(f, map_get(f->ix->programs, path_base(typed)));
}

static void
mark_bigrams(uint64_t bits[BIGRAMS / 64 + 1], struct str s)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		unsigned b = bigram(s, i);

		bits[b / 64] |= (uint64_t)1 << b % 64;
	}
}

static void
take_texts(struct finding *f)
{
	uint64_t bits[BIGRAMS / 64 + 1] = { 1 }; /* bit 0: no literal */

	if (f->ix->texts.n == 0)
		return;
	mark_bigrams(bits, policy__canonical(f->m));
	if (!str_eq(f->m->act->typed, policy__canonical(f->m)))
		mark_bigrams(bits, f->m->act->typed);
	for (size_t i = 0; i < f->ix->texts.n; i++) {
		const struct text_rule *t = &f->ix->texts.v[i];
		bool may = true;

		for (size_t k = 0; k < 3 && may; k++)
			may = bits[t->bigrams[k] / 64] >> t->bigrams[k] % 64 & 1;
		if (may)
			*vec_push(f->m->a, &f->out->list) = t->rule;
	}
}

static void
take_files(struct finding *f, const struct file_rules *files)
{
	const struct action *act = f->m->act;
	struct str path;

	if (act->file.n == 0)
		return;
	if ((act->flags & ACTION_RECURSIVE) != 0 || !word_known(f->m->a, act->file.v[0], &path)) {
		take(f, &files->all);
		return;
	}
	take(f, &files->any);
	while (path.n > 0) {
		size_t slash = str_chr(path, '/');

		take(f, map_get(files->last, str_sub(path, 0, slash == STR_NPOS ? path.n : slash)));
		path = str_sub(path, slash == STR_NPOS ? path.n : slash + 1, path.n);
	}
}

void
policy__candidates(const struct index *ix, struct matching *m, struct candidates *out)
{
	struct finding f = { ix, m, out };

	if (++*ix->lookup == 0) /* after 2^32 of them the old marks mean nothing */
		++*ix->lookup;
	switch (m->act->kind) {
	case ACTION_COMMAND:
		take_command(&f);
		take_texts(&f);
		break;
	case ACTION_UNKNOWN:
		take_texts(&f);
		break;
	case ACTION_EDIT:
		take_files(&f, &ix->edits);
		break;
	case ACTION_READ:
		take_files(&f, &ix->reads);
		break;
	case ACTION_TOOL:
		break;
	}
	if (m->act->kind == ACTION_TOOL || (m->act->flags & ACTION_SELF) != 0)
		take(&f, &ix->tools);
}
