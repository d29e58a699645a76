/* SPDX-License-Identifier: ISC */
/*
 * command.c: a command pattern against a command. With a model the two are
 * compared by what the tool would understand: path, fields, options by
 * effective value and class, operands. Without one, word by word.
 *
 * In a tightening place further words are ignored and what may be is a maybe;
 * in a loosening place everything the command says must be named, or harmless
 * by its class, and only a certain yes counts.
 */
#include "policy.h"

#include <string.h>

/* ---- the subcommand ---- */

/* The option of the action that is spelled so; NULL. */
static const struct option_value *
spelled(const struct action *act, struct str word)
{
	for (size_t i = 0; i < act->noptions; i++)
		if (str_eq(act->options[i].spelled, word))
			return &act->options[i];
	return NULL;
}

/*
 * How many words of the path cannot be others, whatever the unknown words
 * hold: those that stand before the first unknown word and cannot be the value
 * of an option.
 */
size_t
policy__sure_path(const struct action *act)
{
	size_t sure = 0;

	if (!act->parse_maybe)
		return act->npath;
	for (size_t i = 1; i < act->argv.n && sure < act->npath; i++) {
		const struct word *w = &act->argv.v[i];
		const struct option_value *o;
		struct str text = word_prefix(*w);

		if (w->n > 1 || (w->n == 1 && w->v[0].kind != PIECE_TEXT) || text.n == 0)
			break;
		if (text.p[0] != '-') {
			sure++;
			continue;
		}
		if (str_chr(text, '=') != STR_NPOS)
			continue;
		if ((o = spelled(act, text)) == NULL)
			break;
		if (!o->boolean)
			i++;
	}
	return sure;
}

static enum tri
path_matches(struct matching *m, const struct pattern *p, bool loosen)
{
	const struct action *act = m->act;
	size_t sure = policy__sure_path(act), n = p->npath;
	bool open = p->path_open && (!loosen || p->rest);

	for (size_t i = 0; i < n && i < sure; i++)
		if (!str_eq(p->path[i], act->path[i]))
			return TRI_NO;
	if (n <= sure && (open || (n == act->npath && sure == n)))
		return TRI_YES;
	if (!act->parse_maybe)
		return TRI_NO;
	policy__why(m, "the words after `" STR_FMT "` are not known", STR_ARG(act->tool));
	return TRI_MAYBE;
}

/* ---- fields ---- */

static enum tri
need_met(struct matching *m, const struct need *need, bool loosen)
{
	const struct field *f = action_field_of(m->act, need->name);
	enum tri result = loosen ? TRI_YES : TRI_NO;

	if (f == NULL || f->state == FIELD_ABSENT)
		return TRI_NO;
	if (f->state == FIELD_UNKNOWN) {
		policy__why(m, "the " STR_FMT " is not known%s" STR_FMT, STR_ARG(need->name),
		    f->why.n > 0 ? ": " : "", STR_ARG(f->why));
		return TRI_MAYBE;
	}
	for (size_t i = 0; i < f->values.n; i++) {
		enum tri one = policy__among(need->any, f->values.v[i]);

		if (one == TRI_MAYBE)
			policy__why(m, "the " STR_FMT " is not known: " STR_FMT, STR_ARG(need->name),
			    STR_ARG(f->why.n > 0 ? f->why : word_show(m->a, f->values.v[i])));
		result = loosen ? tri_and(result, one) : tri_or(result, one);
	}
	return result;
}

static bool
need_counts(const struct need *need, bool loosen)
{
	return need->when == NEED_ALWAYS || need->when == (loosen ? NEED_LOOSEN : NEED_TIGHTEN);
}

static enum tri
needs_met(struct matching *m, const struct pattern *p, bool loosen)
{
	enum tri result = TRI_YES;

	for (size_t i = 0; i < p->nneeds && result != TRI_NO; i++)
		if (need_counts(&p->needs[i], loosen))
			result = tri_and(result, need_met(m, &p->needs[i], loosen));
	return result;
}

/* ---- options ---- */

static enum tri
value_matches(const struct option_need *need, const struct option_value *o, bool loosen)
{
	enum tri result = loosen ? TRI_YES : TRI_NO;
	size_t from = o->list || o->values.n == 0 ? 0 : o->values.n - 1;

	if (need->any.n == 0 || o->values.n == 0)
		return need->any.n == 0 ? TRI_YES : TRI_NO;
	for (size_t i = from; i < o->values.n; i++) {
		enum tri one = policy__among(need->any, o->values.v[i]);

		result = loosen ? tri_and(result, one) : tri_or(result, one);
	}
	return result;
}

static bool
action_has(const struct action *act, struct str option)
{
	for (size_t i = 0; i < act->noptions; i++)
		if (str_eq(act->options[i].name, option))
			return true;
	return false;
}

static enum tri
option_there(struct matching *m, const struct option_need *need, bool loosen)
{
	const struct action *act = m->act;
	enum tri result = TRI_NO;

	for (size_t i = 0; i < act->noptions; i++) {
		const struct option_value *o = &act->options[i];

		if (!str_eq(o->name, need->name))
			continue;
		result = tri_or(result, tri_and(value_matches(need, o, loosen), o->maybe ? TRI_MAYBE : TRI_YES));
	}
	if (result == TRI_NO && (act->parse_maybe || act->unparsed_rest) && !action_has(act, need->name))
		result = TRI_MAYBE;
	if (result == TRI_MAYBE)
		policy__why(m, "whether --" STR_FMT " is given, and how, is not known", STR_ARG(need->name));
	return result;
}

static enum tri
options_there(struct matching *m, const struct pattern *p, bool loosen)
{
	enum tri result = TRI_YES;

	for (size_t i = 0; i < p->noptions && result != TRI_NO; i++)
		result = tri_and(result, option_there(m, &p->options[i], loosen));
	return result;
}

static bool
names_option(const struct pattern *p, struct str name)
{
	for (size_t i = 0; i < p->noptions; i++)
		if (str_eq(p->options[i].name, name))
			return true;
	for (size_t i = 0; i < p->nneeds; i++)
		if (str_eq(p->needs[i].name, name))
			return true;
	return false;
}

/* Does the pattern cover each option that the command has? */
static bool
options_covered(const struct action *act, const struct pattern *p)
{
	for (size_t i = 0; i < act->noptions; i++) {
		const struct option_value *o = &act->options[i];
		bool named = names_option(p, o->name);

		/* A short entry lists the doors; what it does not list is plain. */
		if (o->unknown_option && !tool_doors_only(act->model))
			return false;
		switch (o->cls) {
		case OPTION_OUTPUT:
		case OPTION_NEUTRAL:
		case OPTION_SCOPE:
			break;
		case OPTION_PLAIN:
			if (!named && !p->rest)
				return false;
			break;
		case OPTION_DOOR:
			if (!named)
				return false;
			break;
		}
	}
	return true;
}

/* ---- operands ---- */

/* The operands that no field stands for. */
static struct words
compared_operands(const struct action *act, const struct pattern *p)
{
	size_t skip = p->fielded < act->operands.n ? p->fielded : act->operands.n;

	return (struct words){ act->operands.v + skip, act->operands.n - skip };
}

static enum tri
operands_tighten(struct matching *m, const struct pattern *p)
{
	struct words ops = compared_operands(m->act, p);
	enum tri beyond = m->act->parse_maybe || m->act->unparsed_rest ? TRI_MAYBE : TRI_NO;
	enum tri result = TRI_YES, any = TRI_NO;

	for (size_t i = 0; i < p->noperands; i++) {
		if (i < ops.n && word_has_words(ops.v[i]))
			return tri_and(result, TRI_MAYBE);
		result = tri_and(result, i < ops.n ? policy__among(p->operands[i], ops.v[i]) : beyond);
	}
	if (p->targets.n == 0)
		return result;
	for (size_t i = p->noperands; i < ops.n; i++)
		any = tri_or(any, word_has_words(ops.v[i]) ? TRI_MAYBE : policy__among(p->targets, ops.v[i]));
	return tri_and(result, tri_or(any, beyond));
}

static enum tri
operands_loosen(struct matching *m, const struct pattern *p)
{
	struct words ops = compared_operands(m->act, p);

	if (m->act->unparsed_rest && !p->rest)
		return TRI_NO;
	if (ops.n < p->noperands || (p->targets.n > 0 && ops.n == p->noperands))
		return TRI_NO;
	for (size_t i = 0; i < ops.n; i++) {
		const struct words *slot = i < p->noperands ? &p->operands[i] : &p->targets;

		if (slot->n == 0 && i >= p->noperands && p->rest)
			continue;
		if (word_has_words(ops.v[i]) || !words_cover(*slot, ops.v[i]))
			return TRI_NO;
	}
	return TRI_YES;
}

static enum tri
operands_match(struct matching *m, const struct pattern *p, bool loosen)
{
	enum tri result = loosen ? operands_loosen(m, p) : operands_tighten(m, p);

	if (result == TRI_MAYBE)
		policy__why(m, "not all operands are known");
	return result;
}

/* ---- assignments ---- */

/* The last value that the name is given in front of the command; NULL. */
static const struct assign *
assigned(const struct action *act, struct str name)
{
	for (size_t i = act->nassigns; i > 0; i--)
		if (str_eq(act->assigns[i - 1].name, name))
			return &act->assigns[i - 1];
	return NULL;
}

static enum tri
assigns_match(struct matching *m, const struct pattern *p, bool loosen)
{
	enum tri result = TRI_YES;

	for (size_t i = 0; i < p->nassigns; i++) {
		const struct assign *as = assigned(m->act, p->assigns[i].name);

		result = tri_and(result, as == NULL ? TRI_NO : policy__among(p->assigns[i].any, as->value));
	}
	for (size_t i = 0; loosen && i < m->act->nassigns; i++) {
		bool named = m->act->assigns[i].safe;

		for (size_t k = 0; k < p->nassigns && !named; k++)
			named = str_eq(p->assigns[k].name, m->act->assigns[i].name);
		if (!named)
			return TRI_NO;
	}
	return result;
}

/* ---- with a model ---- */

static enum tri
modelled(struct matching *m, const struct pattern *p, bool loosen)
{
	enum tri result = path_matches(m, p, loosen);

	if (loosen && (!m->act->runs || (m->act->parse_maybe && !(p->rest && tools_without_doors(m->act)))))
		return TRI_NO;
	if (result != TRI_NO)
		result = tri_and(result, needs_met(m, p, loosen));
	if (result != TRI_NO)
		result = tri_and(result, options_there(m, p, loosen));
	if (result != TRI_NO && loosen && !options_covered(m->act, p))
		return TRI_NO;
	if (result != TRI_NO)
		result = tri_and(result, operands_match(m, p, loosen));
	if (result == TRI_YES && m->act->parse_maybe &&
	    p->nneeds + p->noptions + p->noperands + p->targets.n > 0) {
		policy__why(m, "some of its words are not known, and could be options");
		result = TRI_MAYBE;
	}
	return result;
}

/* ---- without one: word by word ---- */

static bool
is_option(struct word w)
{
	struct str start = word_prefix(w);

	return start.n > 1 && start.p[0] == '-';
}

/* Is the letter, or the whole long option, among the options of argv? */
static enum tri
has_option(struct words argv, struct word option, char letter)
{
	enum tri result = TRI_NO;

	for (size_t i = 1; i < argv.n; i++) {
		struct str text = word_prefix(argv.v[i]);
		bool dash = text.n > 1 && text.p[0] == '-';

		if (text.n == 0 && argv.v[i].n > 0) {
			result = TRI_MAYBE; /* it may be one */
			continue;
		}
		if (!dash)
			continue;
		if (letter == '\0' ? word_meets(option, argv.v[i]) :
				     text.p[1] != '-' && str_chr(text, letter) != STR_NPOS)
			return TRI_YES;
	}
	return result;
}

static bool
options_subset(const struct pattern *p, struct words argv)
{
	for (size_t i = 1; i < p->nslots; i++) {
		struct word w = p->slots[i].v[0];
		struct str text = word_prefix(w);

		if (!is_option(w))
			continue;
		if (text.p[1] == '-' || w.n > 1 || text.n == 2) {
			if (has_option(argv, w, text.n == 2 && text.p[1] != '-' ? text.p[1] : '\0') == TRI_NO)
				return false;
			continue;
		}
		for (size_t k = 1; k < text.n; k++)
			if (has_option(argv, w, text.p[k]) == TRI_NO && has_option(argv, w, '\0') == TRI_NO)
				return false;
	}
	return true;
}

/* Are the pattern's operands, in order, among the words of argv? */
static bool
operands_subsequence(const struct pattern *p, struct words argv)
{
	size_t at = 1;

	for (size_t i = 1; i < p->nslots; i++) {
		if (is_option(p->slots[i].v[0]))
			continue;
		while (at < argv.n && !words_meet(p->slots[i], argv.v[at]) && !word_has_words(argv.v[at]))
			at++;
		if (at >= argv.n)
			return false;
		if (!word_has_words(argv.v[at]))
			at++;
	}
	return true;
}

/* The words after the program, each against its slot; exact or leading. */
static enum tri
slots_match(struct matching *m, const struct pattern *p, bool exact)
{
	const struct words argv = m->act->argv;
	enum tri result = TRI_YES;
	size_t i;

	for (i = 1; i < p->nslots && result != TRI_NO; i++) {
		if (i < argv.n && word_has_words(argv.v[i]))
			return TRI_MAYBE;
		if (i >= argv.n)
			return m->act->unparsed_rest ? TRI_MAYBE : TRI_NO;
		result = tri_and(result, policy__among(p->slots[i], argv.v[i]));
	}
	return exact && (argv.n > i || m->act->unparsed_rest) ? TRI_NO : result;
}

static enum tri
word_by_word(struct matching *m, const struct pattern *p, bool loosen)
{
	enum tri result;

	if (loosen)
		return m->act->runs ? slots_match(m, p, !p->rest) : TRI_NO;
	result = slots_match(m, p, false);
	if (result == TRI_NO && options_subset(p, m->act->argv) && operands_subsequence(p, m->act->argv))
		result = TRI_MAYBE;
	if (result == TRI_MAYBE)
		policy__why(m, "no model tells which words of `" STR_FMT "` are options", STR_ARG(m->act->tool));
	return result;
}

/* ---- the program ---- */

/* A program that is named by a path: the file that it is. */
static struct str
file_of(struct matching *m, struct str dir, struct str path)
{
	const struct str home = m->w->request->home;

	if (str_starts(path, STR("~/")) && home.n > 0)
		return path_clean(m->a, path_join(m->a, home, str_sub(path, 2, path.n)));
	return path_clean(m->a, path_join(m->a, dir, path));
}

static enum tri
path_program(struct matching *m, struct word slot, struct str typed, bool loosen)
{
	struct str want, dir;

	if (!word_known(m->a, slot, &want))
		return words_cover((struct words){ &slot, 1 }, word_text(m->a, typed)) ? TRI_YES : TRI_NO;
	want = file_of(m, m->w->request->project, want);
	if (!word_known(m->a, m->act->cwd, &dir))
		return !loosen && str_eq(path_base(want), path_base(typed)) ? TRI_MAYBE : TRI_NO;
	return str_chr(typed, '/') != STR_NPOS && str_eq(want, file_of(m, dir, typed)) ? TRI_YES : TRI_NO;
}

/* Is it the program that the pattern's first word names? */
static enum tri
program_matches(struct matching *m, const struct pattern *p, bool loosen)
{
	struct str typed;
	enum tri result = TRI_NO;

	if (p->model != NULL)
		return m->act->model == p->model ? TRI_YES : TRI_NO;
	if (m->act->argv.n == 0 || !word_known(m->a, m->act->argv.v[0], &typed))
		return TRI_NO;
	for (size_t i = 0; i < p->slots[0].n && result != TRI_YES; i++) {
		struct word slot = p->slots[0].v[i];
		struct str known;
		bool path = word_known(m->a, slot, &known) && str_chr(known, '/') != STR_NPOS;

		if (path)
			result = tri_or(result, path_program(m, slot, typed, loosen));
		else if (word_covers(slot, word_text(m->a, loosen ? typed : path_base(typed))))
			result = TRI_YES;
		else if (m->act->tool.n > 0 && str_chr(typed, '/') == STR_NPOS &&
		    word_covers(slot, word_text(m->a, m->act->tool)))
			result = TRI_YES;
	}
	return result;
}

enum tri
policy__command(struct matching *m, const struct pattern *p, bool loosen)
{
	enum tri result;

	if (loosen && (m->act->flags & ACTION_UNSURE) != 0)
		return TRI_NO;
	result = program_matches(m, p, loosen);
	if (result != TRI_NO)
		result = tri_and(result, p->model != NULL ? modelled(m, p, loosen) : word_by_word(m, p, loosen));
	if (result != TRI_NO)
		result = tri_and(result, assigns_match(m, p, loosen));
	return result;
}
