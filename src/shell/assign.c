/* SPDX-License-Identifier: ISC */
/*
 * assign.c: name=value, name+=value, name[k]=value and name=( … ) as the shell
 * does them. The value is expanded here; what a name means is in var.c, and
 * builtins that assign (export, read, printf -v) come in at eval__assign….
 */
#include "shell/eval.h"
#include "shell/reference.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct element {
	long long at;
	struct word key, value;
};

static int
by_index(const void *x, const void *y)
{
	const struct element *a = x, *b = y;

	return a->at < b->at ? -1 : a->at > b->at;
}

/* Sorts an indexed array; false: an index is no plain number, or twice there. */
static bool
in_order(struct arena *a, struct value *v)
{
	struct element *list = NEW_ARRAY(a, struct element, v->elems.n + 1);
	struct word *keys = NEW_ARRAY(a, struct word, v->elems.n + 1);
	struct word *elems = NEW_ARRAY(a, struct word, v->elems.n + 1);

	for (size_t i = 0; i < v->elems.n; i++) {
		struct str text;

		list[i] = (struct element){ 0, v->keys[i], v->elems.v[i] };
		if (!word_known(a, v->keys[i], &text) || !eval__integer(text, &list[i].at) ||
		    list[i].at < 0)
			return false;
	}
	qsort(list, v->elems.n, sizeof *list, by_index);
	for (size_t i = 0; i < v->elems.n; i++) {
		if (i > 0 && list[i].at == list[i - 1].at)
			return false;
		keys[i] = list[i].key;
		elems[i] = list[i].value;
	}
	v->keys = keys;
	v->elems.v = elems;
	return true;
}

/* The k of [k]=v, in whose pieces it may be; false: it has no end. */
static bool
key_of(struct arena *a, struct word w, struct word *key)
{
	struct piece *p = NEW_ARRAY(a, struct piece, w.n + 1);
	size_t end = STR_NPOS, i = 0;

	for (; i < w.n && end == STR_NPOS; i++) {
		p[i] = w.v[i];
		if (p[i].kind == PIECE_TEXT)
			end = str_find(p[i].text, STR("]="));
	}
	if (end == STR_NPOS || p[0].kind != PIECE_TEXT || p[0].text.p[0] != '[')
		return false;
	p[i - 1].text = str_sub(p[i - 1].text, 0, end);
	p[0].text = str_sub(p[0].text, 1, p[0].text.n);
	*key = (struct word){ 0 };
	for (size_t k = 0; k < i; k++)
		if (p[k].kind != PIECE_TEXT || p[k].text.n > 0)
			*key = word_cat(a, *key, (struct word){ p + k, 1, w.typed });
	return true;
}

/* The keys of an indexed array are arithmetic. unsure: it may be an associative
 * one, whose keys are just text. */
static void
evaluate_keys(struct xp *xp, const struct words *elems, bool unsure, struct str source)
{
	for (size_t i = 0; i < elems->n; i++) {
		struct word key;
		struct str text;
		long long n;

		if (key_of(xp->sh->a, elems->v[i], &key) &&
		    eval__arith(xp, key, &n) == ARITH_OPAQUE &&
		    !(unsure && word_known(xp->sh->a, key, &text) && eval__is_name(text)))
			eval__unknown(xp->sh, xp->st, xp->cx, SHELL_OPAQUE, source,
			    "its value is evaluated as a subscript");
	}
}

#define PAIRS_MAX 64 /* of a list by name that is followed in zsh */

/* zsh: (k v …), each key once; false: it is not that, or not known. */
static bool
in_pairs(struct xp *xp, struct value *v)
{
	size_t n = v->elems.n / 2;
	struct word *keys = NEW_ARRAY(xp->sh->a, struct word, n + 1);
	struct word *elems = NEW_ARRAY(xp->sh->a, struct word, n + 1);

	if (v->elems.n % 2 != 0 || n > PAIRS_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct str key, other;

		if (!word_known(xp->sh->a, v->elems.v[2 * i], &key) || str_starts(key, STR("[")) ||
		    word_has_words(v->elems.v[2 * i + 1]))
			return false;
		for (size_t k = 0; k < i; k++)
			if (word_known(xp->sh->a, keys[k], &other) && str_eq(key, other))
				return false;
		keys[i] = v->elems.v[2 * i];
		elems[i] = v->elems.v[2 * i + 1];
	}
	v->keys = keys;
	v->elems = (struct words){ elems, n };
	return true;
}

/* An element written as [k]=v: its text is that, quotes removed. */
static struct value
keyed_value(struct xp *xp, struct value v)
{
	struct word *keys = NEW_ARRAY(xp->sh->a, struct word, v.elems.n + 1);
	struct word *elems = NEW_ARRAY(xp->sh->a, struct word, v.elems.n + 1);

	if (xp->st->kind == SHELL_ZSH && v.assoc && in_pairs(xp, &v))
		return v;
	if (xp->st->kind == SHELL_ZSH && v.assoc) /* a key without a value */
		eval__may_be_error(xp);
	for (size_t i = 0; i < v.elems.n; i++) {
		struct str text;
		size_t close;

		if (!word_known(xp->sh->a, v.elems.v[i], &text) || text.n == 0 ||
		    text.p[0] != '[' || (close = str_find(text, STR("]="))) == STR_NPOS)
			return eval__value_any();
		keys[i] = word_text(xp->sh->a, str_sub(text, 1, close - 1));
		elems[i] = word_text(xp->sh->a, str_sub(text, close + 2, text.n));
	}
	v.keys = keys;
	v.elems.v = elems;
	/* zsh puts empty ones before and between them */
	return v.assoc || (xp->st->kind != SHELL_ZSH && in_order(xp->sh->a, &v)) ? v : eval__value_any();
}

static bool
is_keyed(const struct astword *w)
{
	const struct part *p = w->first;

	return p != NULL && !p->quoted && p->text.n > 0 && p->text.p[0] == '[' &&
	    (p->kind == PART_TEXT || p->kind == PART_GLOB);
}

/* bash: whether the source of [key]= or [key]+= is there, neither quoted nor
 * expanded. Else it is a word like any other, and may be a pattern. */
static bool
is_written(const struct astword *w)
{
	bool closed = false; /* by a part that ends with the ] */

	for (const struct part *p = w->first; p != NULL; p = p->next) {
		bool literal = !p->quoted && (p->kind == PART_TEXT || p->kind == PART_GLOB);

		if (literal && ((closed && (str_starts(p->text, STR("=")) || str_starts(p->text, STR("+=")))) ||
		        str_find(p->text, STR("]=")) != STR_NPOS || str_find(p->text, STR("]+=")) != STR_NPOS))
			return true;
		closed = literal && str_ends(p->text, STR("]"));
	}
	return false;
}

static bool
all_written(const struct asg *a)
{
	for (size_t i = 0; i < a->nelements; i++)
		if (!is_keyed(a->elements[i]) || !is_written(a->elements[i]))
			return false;
	return true;
}

/* Bytes of its [key]=; SIZE_MAX: the key has more than one part. */
static size_t
key_length(const struct astword *w)
{
	size_t n = w->first->text.n;

	return n > 2 && memcmp(w->first->text.p + n - 2, "]=", 2) == 0 ? n : SIZE_MAX;
}

/* Elements that are not what their text would be: \[k]=v in a list by name; of bash
 * [0]={a,b}, which is two words; of zsh [~]=v and [=ls]=v, a home and a program. */
static bool
has_strange_keys(const struct xp *xp, const struct asg *a, bool assoc)
{
	bool bash = xp->st->kind == SHELL_BASH;

	if (assoc && bash && !all_written(a))
		return true;
	for (size_t i = 0; i < a->nelements; i++) {
		struct str source = eval__source(xp->cx, a->elements[i]->at);

		if (bash && is_keyed(a->elements[i]) && (!is_written(a->elements[i]) || str_chr(source, '{') != STR_NPOS))
			return true;
		if (xp->st->kind == SHELL_ZSH && (str_starts(source, STR("[~")) || str_starts(source, STR("[="))))
			return true;
	}
	return false;
}

static struct value
array_value(struct xp *xp, const struct asg *a, const struct var *of)
{
	bool assoc = (of->attrs & VAR_ASSOC) != 0;
	struct value v = { .kind = VALUE_LIST, .assoc = assoc };
	bool keyed = assoc, plain = true, was = xp->noglob; /* plain: (k v) of zsh */
	struct word *copy;
	size_t from = xp->out.n, written;

	for (size_t i = 0; i < a->nelements; i++)
		plain &= !is_keyed(a->elements[i]);
	keyed |= !plain;
	xp->noglob |= keyed && (xp->st->kind != SHELL_ZSH || !plain);
	written = eval__written(xp, a->elements, a->nelements);
	for (size_t i = 0; i < a->nelements; i++) {
		size_t at = xp->out.n;

		xp->written = i < written;
		xp->element = !is_keyed(a->elements[i]);
		xp->head = xp->element ? 0 : key_length(a->elements[i]);
		if (xp->element && xp->st->kind == SHELL_ZSH &&
		    str_chr(eval__source(xp->cx, a->elements[i]->at), '~') != STR_NPOS &&
		    str_chr(eval__source(xp->cx, a->elements[i]->at), ':') != STR_NPOS) {
			eval__expand_word(xp, a->elements[i]); /* zsh: a ~ behind : is a home, too */
			xp->out.n = at;
			*vec_push(xp->sh->a, &xp->out) = word_words(xp->sh->a, eval__source(xp->cx, a->elements[i]->at));
		} else if (xp->element)
			eval__expand_word(xp, a->elements[i]);
		else { /* an assignment: not split */
			struct word w = eval__expand_one(xp, a->elements[i]);

			*vec_push(xp->sh->a, &xp->out) = w;
		}
	}
	if (xp->no_match || xp->st->kind == SHELL_SH) /* to dash it is one that ends it */
		eval__may_be_error(xp);
	xp->element = xp->written = xp->no_match = false;
	xp->head = 0;
	xp->noglob = was;
	v.elems.n = xp->out.n - from;
	if (v.elems.n > 0) {
		copy = NEW_ARRAY(xp->sh->a, struct word, v.elems.n);
		memcpy(copy, xp->out.v + from, v.elems.n * sizeof *copy);
		v.elems.v = copy;
	}
	xp->out.n = from;
	if (keyed && !assoc)
		evaluate_keys(
		    xp, &v.elems, of->v[0].kind == VALUE_ANY, eval__source(xp->cx, a->at));
	if (keyed && v.elems.n > 0 && (of->attrs & VAR_INTEGER) != 0)
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_OPAQUE, eval__source(xp->cx, a->at),
		    "its values are evaluated as arithmetic");
	if (has_strange_keys(xp, a, assoc))
		return eval__value_any();
	return keyed ? keyed_value(xp, v) : v;
}

static struct value
append_value(struct shell *sh, const struct var *was, struct value v)
{
	const struct value *old = &was->v[0];
	struct word *all;

	if (was->n > 1 || old->kind == VALUE_ANY || old->assoc || v.assoc || old->keys != NULL ||
	    v.keys != NULL || (was->attrs & VAR_INTEGER) != 0)
		return eval__value_any();
	if (old->kind == VALUE_UNSET)
		return v;
	if (v.kind == VALUE_SCALAR && old->kind == VALUE_SCALAR) {
		v.scalar = word_cat(sh->a, old->scalar, v.scalar);
		return v;
	}
	if (v.kind != VALUE_LIST || old->kind != VALUE_LIST)
		return eval__value_any();
	all = NEW_ARRAY(sh->a, struct word, old->elems.n + v.elems.n + 1);
	if (old->elems.n > 0)
		memcpy(all, old->elems.v, old->elems.n * sizeof *all);
	if (v.elems.n > 0)
		memcpy(all + old->elems.n, v.elems.v, v.elems.n * sizeof *all);
	v.elems = (struct words){ all, old->elems.n + v.elems.n };
	return v;
}

/* PROMPT_COMMAND=text: an interactive shell will run it. */
static void
at_prompt(struct xp *xp, const struct value *v, struct str source)
{
	struct frame shell = { .kind = FRAME_SHELL };
	struct ctx in = eval__maybe(xp->cx);
	struct outcome out = { 0 };
	struct str text;

	if (v->kind != VALUE_SCALAR || !word_known(xp->sh->a, v->scalar, &text) || text.n == 0)
		return;
	in.after = NULL;
	in.frame = &shell;
	in.out = NULL;
	eval__text(xp->sh, eval__copy(xp->sh, xp->st), &in, text, source, &out);
}

/* An integer's value, told where it cannot be. */
static enum arith
integer(struct xp *xp, struct word w, struct str source, long long *n)
{
	enum arith how = eval__arith(xp, w, n);

	if (how == ARITH_OPAQUE)
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_OPAQUE, source,
		    "its value is evaluated as arithmetic");
	return how;
}

/* What zsh makes of a variable that was not there: a number, in the base that was last
 * written, to which an expression is assigned from then on. */
static unsigned
made_number(const struct shell_state *st, const struct var *v, bool whole)
{
	if (st->kind != SHELL_ZSH || (v->attrs & VAR_INTEGER) != 0)
		return 0;
	for (size_t i = 0; i < v->n; i++)
		if (v->v[i].kind == VALUE_ANY || (v->v[i].kind == VALUE_UNSET && v->n > 1))
			return VAR_INTEGER | VAR_NUMBER;
	return v->v[0].kind != VALUE_UNSET ? 0 : VAR_INTEGER | (whole ? 0 : VAR_NUMBER);
}

void
eval__assign_number(
    struct xp *xp, struct shell_state *st, struct str name, enum arith how, long long value)
{
	struct shell *sh = xp->sh;
	const struct var *was = eval__var(sh, st, name);
	unsigned made = made_number(st, was, how == ARITH_KNOWN);

	if (st->kind == SHELL_ZSH && (was->attrs & VAR_NUMBER) != 0) {
		made |= VAR_NUMBER;
		how = ARITH_NUMBER;
		eval__attrs(sh, st, name, 0, VAR_NUMBER);
	}
	eval__assign_word(sh, st, name, eval__number_word(xp, how, value, STR("")));
	if (made != 0)
		eval__attrs(sh, st, name, made, 0);
}

static bool
plain_number(const struct xp *xp, struct word w)
{
	struct str text;

	return word_known(xp->sh->a, w, &text) && str_chr(text, '#') == STR_NPOS &&
	    str_find(text, STR("0x")) == STR_NPOS;
}

/* A shell that starts expands ENV and BASH_ENV, at its prompts PS1 and its like. */
static bool
is_expanded_later(struct str name)
{
	static const char *const names[] = { "BASH_ENV", "ENV", "PROMPT", "PROMPT2", "PROMPT3", "PROMPT4", "PS1", "PS2",
		"PS3", "RPROMPT", "RPS1" };
	static struct names by_name = NAMES(names);

	return names_find(&by_name, name) != STR_NPOS;
}

void
eval__special_value(struct xp *xp, struct str name, const struct value *v, struct str source)
{
	bool known = v->kind == VALUE_SCALAR, digits = known;
	struct str text = STR("");
	long long n;

	for (size_t i = 0; known && i < v->scalar.n; i++)
		digits &= v->scalar.v[i].kind == PIECE_CHARS && v->scalar.v[i].set == &xp->sh->digits;
	known = known && word_known(xp->sh->a, v->scalar, &text);
	if (eval__runs_name(xp->st, name) || (eval__counts_name(xp->st, name) && !digits &&
	        !(known && eval__integer(text, &n) && name.p[0] > '9')))
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, source, "zsh evaluates what it is given, or runs by it");
	if (str_is(name, "BASH_COMPAT") && xp->st->kind == SHELL_BASH)
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, source, "bash behaves as an older one");
	if (str_is(name, "ARGV0") && xp->st->kind == SHELL_ZSH)
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, source, "programs are given another name");
	if (is_expanded_later(name) && known &&
	    (str_find(text, STR("$(")) != STR_NPOS || str_chr(text, '`') != STR_NPOS))
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, source, "a shell may expand it when it starts");
}

void
eval__evaluate_value(struct xp *xp, struct str name, const struct value *v, struct str source)
{
	const struct var *raw = pmap_get(xp->st->vars, name);
	struct str text;
	long long n;

	eval__special_value(xp, name, v, source);
	if (raw != NULL && (raw->attrs & VAR_NAMEREF) != 0 && v->kind == VALUE_SCALAR &&
	    word_known(xp->sh->a, v->scalar, &text))
		eval__evaluate_name(xp, text);
	if ((eval__var(xp->sh, xp->st, name)->attrs & VAR_INTEGER) == 0)
		return;
	if (v->kind == VALUE_SCALAR)
		integer(xp, v->scalar, source, &n);
	for (size_t i = 0; v->kind == VALUE_LIST && i < v->elems.n; i++)
		integer(xp, v->elems.v[i], source, &n);
}

void
eval__assign_checked(struct xp *xp, struct str name, struct value v, struct str source)
{
	const struct var *was = eval__var(xp->sh, xp->st, name);
	long long n = 0;

	if (eval__runs_name(xp->st, name))
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, source,
		    "what the shell runs by name is changed");
	if (xp->st->kind == SHELL_BASH && str_is(name, "PROMPT_COMMAND"))
		at_prompt(xp, &v, source);
	if ((was->attrs & VAR_INTEGER) != 0 && v.kind == VALUE_SCALAR) {
		enum arith how = integer(xp, v.scalar, source, &n);

		if (xp->st->kind == SHELL_ZSH && how == ARITH_KNOWN && !plain_number(xp, v.scalar))
			how = ARITH_NUMBER; /* written in a base */
		v.scalar = eval__number_word(xp, how, n, source);
	} else {
		eval__evaluate_value(xp, name, &v, source);
		if ((was->attrs & VAR_INTEGER) != 0)
			v = eval__value_any();
	}
	if (v.kind == VALUE_LIST && (str_is(name, "PATH") || str_is(name, "IFS")))
		v = eval__value_any();
	eval__assign(xp->sh, xp->st, name, &v);
	if (xp->st->kind == SHELL_ZSH && v.kind == VALUE_LIST && str_is(name, "argv"))
		xp->st->args = v.elems;
}

/* zsh: h[k]=v where all the keys are known. */
static bool
put_pair(struct xp *xp, struct str name, const struct var *was, struct word key,
    const struct value *v)
{
	const struct value *old = &was->v[0];
	size_t n = old->elems.n, at = n;
	struct value now = { .kind = VALUE_LIST, .assoc = true };
	struct word *keys, *elems;
	struct str text, other;

	if (xp->st->kind != SHELL_ZSH || (was->attrs & VAR_ASSOC) == 0 || was->n != 1 ||
	    old->kind != VALUE_LIST || !old->assoc || (n > 0 && old->keys == NULL) ||
	    n >= PAIRS_MAX || v->kind != VALUE_SCALAR || word_has_words(v->scalar) ||
	    !word_known(xp->sh->a, key, &text) || str_starts(text, STR("(")))
		return false;
	keys = NEW_ARRAY(xp->sh->a, struct word, n + 1);
	elems = NEW_ARRAY(xp->sh->a, struct word, n + 1);
	for (size_t i = 0; i < n; i++) {
		if (!word_known(xp->sh->a, old->keys[i], &other))
			return false;
		at = str_eq(text, other) ? i : at;
		keys[i] = old->keys[i];
		elems[i] = old->elems.v[i];
	}
	keys[at] = key;
	elems[at] = v->scalar;
	now.keys = keys;
	now.elems = (struct words){ elems, at == n ? n + 1 : n };
	eval__assign_checked(xp, name, now, name);
	return true;
}

/* a[k]=v where the array and the key are known; else the array is unknown. */
void
eval__assign_element(struct xp *xp, struct str name, bool append, struct word key, struct value v)
{
	const struct var *was = eval__var(xp->sh, xp->st, name);
	const struct value *old = &was->v[0];
	struct value now = { .kind = VALUE_LIST };
	struct word *elems;
	struct str text;
	long long at = -1;
	size_t n;

	if (!append && put_pair(xp, name, was, key, &v))
		return;
	eval__attrs(xp->sh, xp->st, name, VAR_ARRAY, 0);
	/* zsh ends the command, and the eval or loop around it, where the index
	 * is 0 or the name is no array. */
	if (xp->st->kind == SHELL_ZSH)
		eval__may_be_error(xp);
	if (append || was->n > 1 || v.kind != VALUE_SCALAR || old->assoc || old->keys != NULL ||
	    (was->attrs & (VAR_ASSOC | VAR_INTEGER)) != 0 || xp->st->kind != SHELL_BASH ||
	    !word_known(xp->sh->a, key, &text) || !eval__integer(text, &at) || at < 0 ||
	    (old->kind != VALUE_LIST && old->kind != VALUE_UNSET)) {
		eval__evaluate_value(xp, name, &v, name);
		v = eval__value_any();
		eval__assign_checked(xp, name, v, name);
		return;
	}
	n = old->kind == VALUE_LIST ? old->elems.n : 0;
	for (size_t i = 0; i < n; i++)
		if (word_has_words(old->elems.v[i]))
			at = LLONG_MAX;
	if ((unsigned long long)at > n) {
		v = eval__value_any();
		eval__assign_checked(xp, name, v, name);
		return;
	}
	elems = NEW_ARRAY(xp->sh->a, struct word, n + 1);
	if (n > 0)
		memcpy(elems, old->elems.v, n * sizeof *elems);
	elems[at] = v.scalar;
	now.elems = (struct words){ elems, (size_t)at == n ? n + 1 : n };
	eval__assign_checked(xp, name, now, name);
}

/* An error that takes the rest of the line: of a readonly name, a[-1] and a[], or
 * through a reference to none. */
static bool
may_be_refused(struct xp *xp, const struct asg *a)
{
	const struct var *own = pmap_get(xp->st->vars, a->name);
	struct str source, to;

	if (eval__fixed(xp->sh, xp->st, a->name) ||
	    (own != NULL && (own->attrs & VAR_READONLY) != 0))
		return true;
	if (own != NULL && (own->attrs & VAR_NAMEREF) != 0 &&
	    (!eval__referred(xp->sh, xp->st, a->name, &to) || eval__fixed(xp->sh, xp->st, to)))
		return true;
	if (a->subscript == NULL)
		return false;
	source = eval__source(xp->cx, a->subscript->at);
	return source.n == 0 || source.p[0] == '-';
}

void
eval__assignment(struct xp *xp, const struct asg *a, struct word *shown)
{
	const struct var *was;
	struct value v;

	*shown = (struct word){ 0 };
	if (xp->st->kind == SHELL_BASH && may_be_refused(xp, a))
		eval__may_be_error(xp);
	if (a->array && xp->st->kind == SHELL_BASH) /* already while its elements are expanded */
		eval__attrs(xp->sh, xp->st, a->name, VAR_ARRAY, 0);
	was = eval__var(xp->sh, xp->st, a->name);
	if (a->array)
		v = array_value(xp, a, was);
	else {
		v = eval__value_word(eval__expand_one(xp, a->value));
		*shown = v.scalar;
	}
	if (a->array && v.kind == VALUE_LIST)
		*shown = word_any(xp->sh->a, eval__source(xp->cx, a->at));
	if (a->subscript != NULL) {
		struct word key;

		if (xp->st->kind == SHELL_SH)
			eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC,
			    eval__source(xp->cx, a->at), "to dash, an element of an array is a command");
		key = eval__expand_subscript(
		    xp, a->subscript, (was->attrs & VAR_ASSOC) != 0, was->v[0].kind == VALUE_ANY);

		eval__assign_element(xp, a->name, a->append, key, v);
		return;
	}
	was = eval__var(xp->sh, xp->st, a->name);
	if (a->append) {
		eval__evaluate_value(xp, a->name, &v, eval__source(xp->cx, a->at));
		v = append_value(xp->sh, was, v);
		if (xp->st->kind == SHELL_SH) { /* to dash it is the name of a command */
			v = eval__value_any();
			eval__may_be_error(xp);
		}
	}
	if (a->array)
		eval__attrs(xp->sh, xp->st, a->name, VAR_ARRAY, 0);
	if (a->array && (was->attrs & (VAR_LOWER | VAR_UPPER)) != 0)
		v = eval__value_any();
	eval__assign_checked(xp, a->name, v, eval__source(xp->cx, a->at));
}
