/* SPDX-License-Identifier: ISC */
/*
 * builtin_var.c: declare typeset local export readonly integer float.
 * Their arguments are assignments whose name must be known; an array's value
 * is assigned after them (flatten.c), since the parser keeps it apart.
 */
#include "shell/builtin.h"
#include "shell/reference.h"

#include <string.h>

struct declaration {
	unsigned set, clear; /* attributes */
	enum tri exported;   /* MAYBE: leave it */
	bool local, functions, formatted, nameref, unref;
	bool inherit; /* local -I: it begins as what it hides */
	bool within; /* local: an error outside of functions */
	bool strictly; /* local: -x, too */
	bool global;   /* bash -g */
	bool tied;     /* zsh -T: two names for one thing */
	bool patterns; /* zsh -m: of names */
	const char *options; /* that it has in bash */
	bool wrong; /* another one, or -p: an error, or nothing is assigned */
};

/* name, name=value or name+=value. False: the name is not known. */
struct argument {
	struct str name;
	bool has_value, append, array;
	struct word value;
};

static bool
split_argument(struct shell *sh, const struct call *call, struct word w, struct argument *a)
{
	struct str head = word_prefix(w), rest;
	size_t eq = str_chr(head, '=');
	struct word tail = w;

	memset(a, 0, sizeof *a);
	if (eq == STR_NPOS) {
		if (!word_known(sh->a, w, &a->name))
			return false;
	} else {
		a->has_value = true;
		a->name = str_sub(head, 0, eq);
		rest = str_sub(head, eq + 1, head.n);
		if (a->name.n > 0 && a->name.p[a->name.n - 1] == '+') {
			a->append = true;
			a->name.n--;
		}
		tail.v++; /* what is behind the text of the first piece */
		tail.n--;
		a->value = word_cat(
		    sh->a, rest.n > 0 ? word_text(sh->a, rest) : (struct word){ 0 }, tail);
		a->value.typed = w.typed;
	}
	if (call->node != NULL)
		for (const struct asg *d = call->node->decl_assigns; d != NULL; d = d->next)
			if (str_eq(d->name, a->name)) {
				a->array = true;
				a->has_value = false;
			}
	return true;
}

static bool
in_function(const struct ctx *cx)
{
	const struct frame *f = cx->frame;

	while (f->kind == FRAME_LOOP)
		f = f->up;
	return f->kind == FRAME_CALL ? !f->script : f->in_call;
}

/* An argument that stands for any words: any variable may be assigned. */
static void
unknown_argument(struct shell *sh, struct shell_state *st, struct call *call, struct word w)
{
	eval__opaque(sh, st, call, w, "the name of a variable is not known");
	eval__assign_unknown(sh, st, STR("a variable whose name is not known is assigned"));
}

static struct value
plain_value(struct arena *a, const struct shell_state *st, const struct declaration *d)
{
	if ((d->set & VAR_ASSOC) != 0)
		return (struct value){ .kind = VALUE_LIST, .assoc = true };
	if (st->kind == SHELL_ZSH && d->formatted)
		return eval__value_any();
	if (st->kind == SHELL_ZSH)
		return eval__value_word((d->set & VAR_INTEGER) != 0 ? word_text(a, STR("0")) : (struct word){ 0 });
	return (struct value){ .kind = VALUE_UNSET };
}

/* zsh's =cmd or ~, perhaps behind what is empty. */
static bool
starts_path(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind == PIECE_TEXT || w.v[i].min > 0)
			return w.v[i].kind == PIECE_TEXT && (w.v[i].text.p[0] == '=' || w.v[i].text.p[0] == '~');
	return false;
}

static void
assign_argument(struct shell *sh, struct shell_state *st, struct call *call,
    const struct declaration *d, const struct argument *a)
{
	const struct var *was = eval__var(sh, st, a->name);
	struct value v = eval__value_word(a->value);
	struct choices ch;
	struct xp xp;

	eval__call_xp(&xp, sh, st, call, &ch);
	if (word_has_words(a->value) ||
	    (st->kind == SHELL_ZSH && starts_path(a->value)))
		v.scalar = word_any(sh->a, a->value.typed);
	if (a->append)
		eval__evaluate_value(&xp, a->name, &v, a->value.typed);
	if (a->append && (was->attrs & VAR_INTEGER) == 0 && was->n == 1 && was->v[0].kind == VALUE_SCALAR)
		v.scalar = word_cat(sh->a, was->v[0].scalar, v.scalar);
	else if (a->append || d->formatted || (d->set & VAR_ASSOC) != 0)
		v = eval__value_any();
	eval__assign_checked(&xp, a->name, v, a->value.typed);
}

/* a[i], where what i holds later is arithmetic: no number, no key of a list by name. */
static bool
names_element(struct shell *sh, const struct shell_state *st, struct str to)
{
	size_t open = str_chr(to, '['), end = to.n > 0 && to.p[to.n - 1] == ']' ? to.n - 1 : to.n;
	struct str key;
	long long n;

	if (open == STR_NPOS)
		return false;
	key = str_sub(to, open + 1, end - open - 1);
	return !eval__integer(key, &n) && !str_is(key, "@") && !str_is(key, "*") &&
	    (eval__var(sh, st, str_sub(to, 0, open))->attrs & VAR_ASSOC) == 0;
}

static void
make_reference(
    struct shell *sh, struct shell_state *st, struct call *call, const struct argument *a)
{
	struct var *v = NEW(sh->a, struct var);
	struct value *val = NEW(sh->a, struct value);
	const struct var *was = pmap_get(st->vars, a->name);
	struct str to;
	bool inside = (was != NULL ? was : eval__var(sh, st, a->name))->exported == TRI_NO;

	if (was != NULL && (was->attrs & (VAR_ARRAY | VAR_ASSOC)) != 0)
		return; /* an error */
	if (a->has_value && !word_known(sh->a, a->value, &to))
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, "which variable the reference names is not known");
	else if (a->has_value && str_chr(to, '[') == STR_NPOS && !eval__is_name(to))
		return;
	*val = a->has_value ? eval__value_word(a->value) : (struct value){ .kind = VALUE_UNSET };
	*v = (struct var){ VAR_LINE | VAR_NAMEREF, inside ? TRI_NO : TRI_MAYBE, val, 1 };
	eval__put_var(sh, st, a->name, v);
	if (a->has_value) { /* declare -n r='a[$(…)]': wherever r is used */
		struct choices ch;
		struct xp xp;

		eval__call_xp(&xp, sh, st, call, &ch);
		eval__evaluate_value(&xp, a->name, val, a->value.typed);
		if (word_known(sh->a, a->value, &to) && names_element(sh, st, to))
			eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
			    "the subscript of this reference is evaluated wherever it is used");
	}
}

/* What is local from now on, without a value: programs get that of an exported one
 * around it all the same. */
static void
make_empty(struct shell *sh, struct shell_state *st, const struct declaration *d, struct str name)
{
	const struct var *was = eval__var(sh, st, name);
	struct value v = plain_value(sh->a, st, d);

	/* dash keeps the value */
	if (d->inherit || eval__opt(st, OPT_INHERIT) != TRI_NO || st->kind == SHELL_SH)
		eval__assign_anything(sh, st, name);
	else if (st->kind == SHELL_ZSH ? (was->attrs & VAR_LINE) == 0 : was->exported == TRI_NO)
		eval__assign(sh, st, name, &v); /* zsh: what is local already keeps its value */
	else
		eval__put_var(sh, st, name, eval__var_or(sh, was, &v));
}

/* zsh: what is declared is set. False: it was. */
static bool
set_unset(struct shell *sh, struct shell_state *st, const struct declaration *d, struct str name)
{
	const struct var *was = eval__var(sh, st, name);
	struct value v = plain_value(sh->a, st, d);

	for (size_t i = 0; i < was->n; i++)
		if (was->v[i].kind == VALUE_UNSET) {
			if (was->n == 1)
				eval__assign(sh, st, name, &v);
			else
				eval__put_var(sh, st, name, eval__var_or(sh, was, &v));
			return true;
		}
	return false;
}

enum { CHANGES = VAR_INTEGER | VAR_LOWER | VAR_UPPER | VAR_ASSOC | VAR_ARRAY };

/* Where it is not followed what an argument assigns: local x+=y begins with nothing,
 * and has no attributes of the one around it; declare -a x='(a b)' is a list. */
static bool
is_odd(struct shell *sh, const struct shell_state *st, const struct call *call, const struct declaration *d,
    const struct argument *a)
{
	const struct var *was = eval__var(sh, st, a->name);

	if (d->local && eval__in_call(call->cx) && (a->append || (was->attrs & (VAR_LOWER | VAR_UPPER)) != 0))
		return true;
	return ((d->set | was->attrs) & (VAR_ARRAY | VAR_ASSOC)) != 0 && str_starts(word_prefix(a->value), STR("("));
}

static void
assign_odd(struct shell *sh, struct shell_state *st, struct call *call, const struct argument *a)
{
	struct value v = eval__value_word(a->value);
	struct choices ch;
	struct xp xp;

	eval__call_xp(&xp, sh, st, call, &ch);
	eval__evaluate_value(&xp, a->name, &v, a->value.typed);
	if ((eval__var(sh, st, a->name)->attrs & VAR_INTEGER) != 0 && str_starts(word_prefix(a->value), STR("(")))
		eval__unknown(sh, st, call->cx, SHELL_OPAQUE, call->c.typed, "its values are evaluated as arithmetic");
	eval__assign_anything(sh, st, a->name);
}

/* What the shell itself assigns, and would evaluate as an integer's each time. */
static bool
is_shells_own(struct str name)
{
	static const char *const names[] = { "BASH_COMMAND", "DIRSTACK", "MATCH", "OLDPWD", "PWD", "_", "match" };
	static struct names by_name = NAMES(names);

	return names_find(&by_name, name) != STR_NPOS;
}

/* Where the name is the shell's own; bash: where an export or an attribute goes to one of two variables. */
static void
ask_of_name(struct shell *sh, struct shell_state *st, struct call *call, const struct declaration *d,
    struct str name)
{
	struct str to;

	if (((d->set & VAR_INTEGER) != 0 || d->formatted) && is_shells_own(name))
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, "what the shell assigns to it is evaluated as arithmetic");
	if (st->kind != SHELL_BASH)
		return;
	if (d->exported == TRI_NO && eval__in_call(call->cx))
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, "which of two variables is exported is not followed");
	if ((d->set & (CHANGES | VAR_READONLY)) != 0 && eval__referred(sh, st, name, &to))
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, "what the reference names gets the attributes");
}

/* declare a[…]=x */
static void
declare_element(struct shell *sh, struct shell_state *st, struct call *call, const struct declaration *d,
    struct str element, struct str typed)
{
	struct word name = word_text(sh->a, element);

	name.typed = typed;
	eval__arg_name(sh, st, call, name, &element);
	if (st->kind == SHELL_BASH && d->local && eval__in_call(call->cx))
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, "what a local element hides is not followed");
}

static void
declare_one(struct shell *sh, struct shell_state *st, struct call *call,
    const struct declaration *d, struct word w)
{
	struct argument a;
	enum tri exported = d->exported;
	bool hidden, fresh, empty;

	if (!split_argument(sh, call, w, &a)) {
		unknown_argument(sh, st, call, w);
		return;
	}
	if (!eval__is_name(a.name)) {
		if (str_chr(a.name, '[') != STR_NPOS)
			declare_element(sh, st, call, d, a.name, w.typed);
		return;
	}
	if (d->within && !eval__in_call(call->cx))
		return;
	hidden = st->kind == SHELL_ZSH && d->local && in_function(call->cx) &&
	    eval__var(sh, st, a.name)->exported != TRI_NO;
	fresh = d->local && eval__local(sh, st, call->cx, a.name);
	empty = d->local && (fresh || st->kind == SHELL_ZSH) && !a.has_value && !a.array && !d->nameref &&
	    in_function(call->cx);
	if (empty)
		make_empty(sh, st, d, a.name);
	if (fresh && st->kind != SHELL_SH && !d->inherit && eval__opt(st, OPT_INHERIT) == TRI_NO)
		eval__attrs(sh, st, a.name, 0, CHANGES | VAR_PREFIX);
	if (st->kind == SHELL_ZSH && !empty && !a.has_value && !a.array && set_unset(sh, st, d, a.name))
		exported = TRI_MAYBE; /* only with the next value */
	if (d->nameref) {
		make_reference(sh, st, call, &a);
		return;
	}
	ask_of_name(sh, st, call, d, a.name);
	if (d->unref)
		eval__unrefer(sh, st, a.name, false);
	if ((d->set & ~(unsigned)VAR_READONLY) != 0 || d->clear != 0)
		eval__attrs(sh, st, a.name, d->set & ~(unsigned)VAR_READONLY, d->clear);
	if (d->formatted)
		eval__attrs(sh, st, a.name, VAR_UNSURE, 0);
	if (st->kind == SHELL_ZSH && !a.has_value && !empty && (d->formatted || (d->set & CHANGES) != 0))
		eval__assign_anything(sh, st, a.name); /* what it holds is written so from now on */
	if (st->kind == SHELL_BASH && a.has_value && is_odd(sh, st, call, d, &a)) {
		assign_odd(sh, st, call, &a);
		return;
	}
	if (d->global && eval__assign_hidden(sh, st, call->cx, a.name))
		return;
	if (a.has_value)
		assign_argument(sh, st, call, d, &a);
	if (d->exported != TRI_MAYBE)
		eval__export(sh, st, a.name, exported);
	if (hidden) /* zsh: what is exported around it may not be so here */
		eval__export(sh, st, a.name, TRI_MAYBE);
	if ((d->set & VAR_READONLY) != 0)
		eval__attrs(sh, st, a.name, VAR_READONLY, 0);
	if (word_has_words(w))
		unknown_argument(sh, st, call, w);
}

static unsigned
attribute(char c)
{
	switch (c) {
	case 'i':
		return VAR_INTEGER;
	case 'l':
		return VAR_LOWER;
	case 'u':
		return VAR_UPPER;
	case 'c': /* bash: a capital first */
		return VAR_UNSURE;
	case 'a':
		return VAR_ARRAY;
	case 'A':
		return VAR_ASSOC;
	case 'r':
		return VAR_READONLY;
	default:
		return 0;
	}
}

static void
declare_option(const struct shell_state *st, struct declaration *d, char c, bool plus)
{
	d->wrong |= c == 'p' || strchr(st->kind == SHELL_ZSH ? "AEFHLRTUZafghilmrtux" : d->options, c) == NULL;
	if (plus)
		d->clear |= attribute(c) & ~(unsigned)(VAR_READONLY | VAR_ARRAY);
	else
		d->set |= attribute(c);
	if (c == 'x') {
		d->exported = plus ? TRI_NO : TRI_YES;
		if (st->kind == SHELL_ZSH && !d->strictly)
			d->local = false; /* global_export */
	}
	if (c == 'n' && st->kind == SHELL_BASH)
		*(plus ? &d->unref : &d->nameref) = true;
	else if (c == 'I' && st->kind == SHELL_BASH)
		d->inherit = true;
	else if (c == 'g') {
		d->local = false;
		d->global = st->kind == SHELL_BASH;
	}
	else if (c == 'f' || (c == 'F' && st->kind == SHELL_BASH))
		d->functions = true;
	else if (st->kind == SHELL_ZSH && (strchr("EFLRTZHU", c) != NULL || (c >= '0' && c <= '9')))
		d->formatted = true;
	if (st->kind == SHELL_ZSH && (c == 'u' || c == 'l'))
		d->formatted = true;
	d->tied |= st->kind == SHELL_ZSH && c == 'T';
	d->patterns |= st->kind == SHELL_ZSH && c == 'm';
}

bool
eval__assignable(struct shell *sh, const struct shell_state *st, struct str name)
{
	return st->kind != SHELL_ZSH && eval__is_name(name) && !eval__fixed(sh, st, name) &&
	    (eval__var(sh, st, name)->attrs &
	        (VAR_NAMEREF | VAR_INTEGER | VAR_ASSOC | VAR_ARRAY | VAR_UNSURE | VAR_NUMBER)) == 0;
}

/* With names it prints nothing and succeeds, where each can be declared so. */
static bool
surely_declared(struct shell *sh, const struct shell_state *st, const struct call *call,
    const struct declaration *d, const struct opts *o)
{
	struct argument a;

	if (d->wrong || d->nameref || o->i == o->argv.n || (d->within && !eval__in_call(call->cx)) ||
	    (d->set & (VAR_READONLY | VAR_INTEGER | VAR_ASSOC | VAR_ARRAY)) != 0)
		return false;
	for (size_t i = o->i; i < o->argv.n; i++)
		if (!split_argument(sh, call, o->argv.v[i], &a) || !eval__assignable(sh, st, a.name))
			return false;
	return true;
}

/* zsh stops at what is no name; numbers are those of options. */
static bool
odd_names(const struct opts *o)
{
	for (size_t i = o->i; i < o->argv.n; i++) {
		struct str name = word_prefix(o->argv.v[i]);
		size_t eq = str_chr(name, '=');
		long long n;

		name = str_sub(name, 0, eq == STR_NPOS ? name.n : eq);
		if (eq != STR_NPOS && name.n > 0 && name.p[name.n - 1] == '+')
			name.n--;
		if (!eval__is_name(name) && !eval__integer(name, &n))
			return true;
	}
	return false;
}

static void
declare_all(struct shell *sh, struct shell_state *st, struct call *call,
    const struct declaration *d, const struct opts *o)
{
	bool wrong = d->wrong || (st->kind == SHELL_ZSH && odd_names(o));
	struct shell_state *before = wrong ? eval__copy(sh, st) : NULL;
	struct declaration as = *d;
	long long width;

	if (d->tied && o->i < o->argv.n)
		eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed,
		    "what the names hold that it ties together is not followed");
	for (size_t i = o->i; i < o->argv.n; i++)
		if (st->kind == SHELL_ZSH && eval__integer(word_prefix(o->argv.v[i]), &width))
			as.formatted = true; /* typeset -i 16 x, -Z 3 x */
	for (size_t i = o->i; i < o->argv.n; i++) {
		declare_one(sh, st, call, &as, o->argv.v[i]);
		if (eval__opt(st, OPT_XTRACE) != TRI_NO && st->kind == SHELL_BASH)
			eval__trace(sh, st, call->cx, false); /* each for itself */
	}
	if (before != NULL)
		eval__join(sh, st, before);
	else if (surely_declared(sh, st, call, d, o))
		eval__surely(sh, call);
}

static void
export_functions(struct shell *sh, struct shell_state *st, const struct opts *o, enum tri on)
{
	struct str name;

	if (o->unknown)
		eval__export_function(sh, st, NULL, TRI_MAYBE);
	for (size_t i = o->i; i < o->argv.n; i++)
		if (word_known(sh->a, o->argv.v[i], &name))
			eval__export_function(sh, st, &name, on);
		else
			eval__export_function(sh, st, NULL, TRI_MAYBE);
}

static void
declare(struct shell *sh, struct shell_state *st, struct call *call, struct declaration *d)
{
	struct opts o;
	char c;

	eval__opts_init(&o, sh, st, call);
	while ((c = eval__opts_next(&o, "", true)) != '\0')
		declare_option(st, d, c, o.plus);
	if (d->functions) {
		if (d->exported != TRI_MAYBE)
			export_functions(sh, st, &o, d->exported);
		if ((d->set & VAR_READONLY) != 0)
			st->functions_fixed = true;
		return;
	}
	if ((d->set & VAR_LOWER) != 0 && (d->set & VAR_UPPER) != 0) {
		d->set &= ~(unsigned)(VAR_LOWER | VAR_UPPER); /* neither, then */
		d->formatted = true;
	} else if ((d->set & (VAR_LOWER | VAR_UPPER)) != 0)
		d->clear |= ~d->set & (VAR_LOWER | VAR_UPPER);
	/* -nz: an error, and no reference */
	if ((d->patterns || (d->wrong && d->nameref)) && o.i < o.argv.n) {
		unknown_argument(sh, st, call, o.argv.v[o.i]);
		return;
	}
	if (o.unknown && o.i < o.argv.n && str_chr(word_prefix(o.argv.v[o.i]), '=') == STR_NPOS) {
		unknown_argument(sh, st, call, o.argv.v[o.i]);
		return;
	}
	declare_all(sh, st, call, d, &o);
}

void
eval__do_declare(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct declaration d = { .exported = TRI_MAYBE, .local = true, .options = "aAfFgiIlnrtux" };

	if (word_is(call->c.argv.v[0], "integer"))
		d.set = VAR_INTEGER;
	else if (word_is(call->c.argv.v[0], "float"))
		d.formatted = true;
	declare(sh, st, call, &d);
}

void
eval__do_local(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct declaration d = { .exported = TRI_MAYBE, .local = true, .within = st->kind != SHELL_ZSH, .strictly = true,
		.options = "aAfFgiIlnrtux" };

	for (size_t i = 1; i < call->c.argv.n && st->kind != SHELL_ZSH; i++)
		if (word_is(call->c.argv.v[i], "-"))
			eval__unknown(sh, st, call->cx, SHELL_DYNAMIC, call->c.typed, "the options at the end of the function are not followed");
	declare(sh, st, call, &d);
}

void
eval__do_readonly(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct declaration d = { .exported = TRI_MAYBE, .set = VAR_READONLY, .local = st->kind == SHELL_ZSH,
		.options = "aAf" };

	declare(sh, st, call, &d);
}

void
eval__do_export(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct declaration d = { .exported = TRI_YES, .options = "fn" };
	struct opts o;
	char c;

	eval__opts_init(&o, sh, st, call);
	while ((c = eval__opts_next(&o, "", true)) != '\0') {
		if (c == 'n' && st->kind == SHELL_BASH)
			d.exported = TRI_NO;
		else if (c == 'f')
			d.functions = true;
		else
			declare_option(st, &d, c, o.plus);
	}
	if (d.functions) {
		export_functions(sh, st, &o, d.exported);
		return;
	}
	if (o.unknown && str_chr(word_prefix(o.argv.v[o.i]), '=') == STR_NPOS) {
		unknown_argument(sh, st, call, o.argv.v[o.i]);
		return;
	}
	declare_all(sh, st, call, &d, &o);
}
