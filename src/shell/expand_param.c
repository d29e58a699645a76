/* SPDX-License-Identifier: ISC */
/*
 * expand_param.c: $x and ${x…}: what the operators make of what a parameter holds
 * (held.c). Operators on known text are in trim.c. A value that is not known
 * stays unknown, but what stands inside the braces is run all the same.
 */
#include "shell/eval.h"
#include "shell/reference.h"
#include "shell/held.h"

#include <string.h>

/* Unknown pieces that have no source of their own stand as this expansion. */
static struct word
with_source(struct xp *xp, struct word w, struct str source)
{
	struct piece *v = NULL;

	w.typed = source;
	for (size_t i = 0; i < w.n; i++) {
		if (w.v[i].kind == PIECE_TEXT || w.v[i].text.n > 0)
			continue;
		if (v == NULL) {
			v = NEW_ARRAY(xp->sh->a, struct piece, w.n);
			memcpy(v, w.v, w.n * sizeof *v);
			w.v = v;
		}
		v[i].text = source;
	}
	return w;
}

static void
put_held(struct xp *xp, struct held *h, bool quoted)
{
	switch (h->kind) {
	case VALUE_UNSET:
		if (quoted && !h->at)
			xp->have = true;
		break;
	case VALUE_SCALAR:
		if (word_has_words(h->one))
			eval__put_any(xp, h->source, quoted);
		else
			eval__put_value(xp, with_source(xp, h->one, h->source), quoted, false);
		break;
	case VALUE_LIST:
		eval__put_list(xp, h->list, quoted, h->star, h->source);
		break;
	case VALUE_ANY:
		if (h->at && quoted && xp->have && xp->st->kind == SHELL_ZSH)
			eval__may_be_no_word(xp);
		if (h->at && !xp->nosplit)
			eval__put(xp, (struct piece){ PIECE_WORDS, h->source, NULL, 0, 0 },
			    quoted ? XP_QUOTED : XP_VALUE);
		else
			eval__put_any(xp, h->source, quoted);
		break;
	}
}

/* Runs what a word contains, in a way that may not happen; its value is not
 * asked for. */
static void
maybe_run(struct xp *xp, const struct astword *w)
{
	struct ctx cx = *xp->cx;
	unsigned bad = xp->sh->bad;
	struct shell_state *copy;
	struct xp in;

	if (w == NULL || w->first == NULL ||
	    (w->first->next == NULL && w->first->kind == PART_TEXT))
		return;
	cx.flags |= SHELL_MAYBE;
	copy = eval__copy(xp->sh, xp->st);
	eval__xp_init(&in, xp->sh, copy, &cx, xp->ch);
	in.depth = xp->depth;
	in.quoted = xp->quoted;
	eval__expand_one(&in, w);
	eval__join(xp->sh, xp->st, copy);
	if (xp->sh->bad != bad) { /* only if it is read */
		xp->sh->bad = bad;
		eval__may_be_error(xp);
	}
}

static bool
surely_empty(const struct held *h)
{
	return h->kind == VALUE_UNSET || (h->kind == VALUE_SCALAR && h->one.n == 0) ||
	    (h->kind == VALUE_LIST && h->list.n == 0);
}

/* Whether the parameter counts as set, with `:` as not empty. */
static enum tri
is_set(const struct xp *xp, const struct held *h, bool colon)
{
	if (h->kind == VALUE_ANY)
		return TRI_MAYBE;
	if (h->kind == VALUE_UNSET)
		return TRI_NO;
	if (h->kind == VALUE_LIST && xp->st->kind == SHELL_ZSH) /* even an empty one is set */
		return !colon ? TRI_YES
		    : h->list.n == 0 ? TRI_NO
		    : h->list.n == 1 && h->list.v[0].n == 0 && h->array == NULL ? TRI_MAYBE
		    : eval__known_words(h->list) > 0 ? TRI_YES : TRI_MAYBE;
	if (h->kind == VALUE_LIST) {
		if (h->list.n == 0) /* to dash $@ is set, without an argument, too */
			return xp->st->kind == SHELL_SH && !colon ? TRI_MAYBE : TRI_NO;
		if (h->list.n == 1 && word_has_words(h->list.v[0]))
			return TRI_MAYBE;
		return !colon || h->list.n != 1 || h->list.v[0].n > 0 ? TRI_YES : TRI_MAYBE;
	}
	if (!colon)
		return TRI_YES;
	if (h->one.n == 0)
		return TRI_NO;
	for (size_t i = 0; i < h->one.n; i++)
		if (h->one.v[i].kind == PIECE_TEXT ||
		    (h->one.v[i].kind == PIECE_CHARS && h->one.v[i].min > 0))
			return TRI_YES;
	return TRI_MAYBE;
}

/* ---- - = ? + ---- */

static struct value
default_value(struct xp *xp, const struct part *p, bool quoted)
{
	struct value v;
	struct xp in;

	eval__xp_init(&in, xp->sh, xp->st, xp->cx, xp->ch);
	in.depth = xp->depth;
	in.quoted = quoted;
	in.lead = p->param->arg != NULL ? p->param->arg->first : NULL;
	v = eval__value_word(eval__expand_one(&in, p->param->arg));
	eval__evaluate_value(xp, p->param->name, &v, eval__part_source(xp, p));
	return v;
}

/* ${x:=$(…)}: zsh splits what is printed, and joins it again. */
static bool
runs_bare(const struct astword *w)
{
	for (const struct part *p = w == NULL ? NULL : w->first; p != NULL; p = p->next)
		if (p->kind == PART_COMMAND && !p->quoted)
			return true;
	return false;
}

static void
assign_default(struct xp *xp, const struct part *p, bool quoted)
{
	struct value v = default_value(xp, p, quoted);

	if (eval__zsh_own(xp, p) || (xp->st->kind == SHELL_ZSH && !quoted && runs_bare(p->param->arg))) {
		v = eval__value_any();
		v.scalar = word_any(xp->sh->a, eval__part_source(xp, p));
	}
	if (xp->st->kind == SHELL_ZSH && !eval__is_name(p->param->name))
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, eval__part_source(xp, p), "a positional parameter is assigned");
	if (eval__is_name(p->param->name) && p->param->subscript == NULL)
		eval__assign(xp->sh, xp->st, p->param->name, &v);
	else if (eval__is_name(p->param->name))
		eval__assign_anything(xp->sh, xp->st, p->param->name);
	if ((eval__var(xp->sh, xp->st, p->param->name)->attrs & ~(unsigned)VAR_PLAIN) != 0)
		eval__put_any(xp, eval__part_source(xp, p), quoted); /* what -u or -i make of it */
	else
		eval__put_value(xp, v.scalar, quoted, false);
}

/* "${x-"$@"}" is as many words as there are in $@. */
static bool
has_list(const struct part *p)
{
	for (; p != NULL; p = p->next)
		if ((p->kind == PART_DQUOTE && has_list(p->parts)) ||
		    (p->kind == PART_PARAM &&
		        (str_is(p->param->name, "@") ||
		            (p->param->subscript != NULL && p->param->subscript->first != NULL &&
		                str_is(p->param->subscript->first->text, "@")))))
			return true;
	return false;
}

static void
with_default(struct xp *xp, const struct part *p, struct held *h, bool quoted)
{
	enum tri set = p->param->doubled ? TRI_NO : is_set(xp, h, p->param->colon);

	if (set != TRI_YES && p->param->op == PARAM_ASSIGN && eval__fixed(xp->sh, xp->st, p->param->name))
		eval__may_be_error(xp);
	if (set == TRI_YES) {
		put_held(xp, h, quoted);
	} else if (set == TRI_NO && p->param->op == PARAM_DEFAULT) {
		eval__put_operand(xp, p->param->arg, quoted);
	} else if (set == TRI_NO && p->param->op == PARAM_ASSIGN) {
		assign_default(xp, p, quoted);
	} else if (p->param->op == PARAM_ASSIGN && eval__is_name(p->param->name)) {
		maybe_run(xp, p->param->arg);
		if ((eval__var(xp->sh, xp->st, p->param->name)->attrs & VAR_INTEGER) != 0)
			default_value(xp, p, quoted);
		eval__assign_anything(xp->sh, xp->st, p->param->name);
		eval__put_any(xp, h->source, quoted);
	} else {
		maybe_run(xp, p->param->arg);
		if (set == TRI_MAYBE && quoted && p->param->arg != NULL && has_list(p->param->arg->first))
			eval__put(xp, (struct piece){ PIECE_WORDS, h->source, NULL, 0, 0 }, XP_QUOTED);
		else if (set == TRI_MAYBE && h->kind != VALUE_ANY)
			eval__put_any(xp, h->source, quoted);
		else if (set == TRI_MAYBE || p->param->op == PARAM_ERROR)
			put_held(xp, h, quoted);
	}
}

static void
with_alternate(struct xp *xp, const struct part *p, struct held *h, bool quoted)
{
	enum tri set = is_set(xp, h, p->param->colon);
	size_t i = set == TRI_MAYBE ? eval__choose(xp, p->param->name, p, 2)
	    : set == TRI_YES        ? 0
	                            : 1;

	/* bash: "${x+${none[@]} b}" is split, too */
	if (i == 0 && quoted && p->param->arg != NULL && has_list(p->param->arg->first) &&
	    (xp->st->kind == SHELL_ZSH || (xp->st->kind == SHELL_BASH && p->param->arg->first->next != NULL))) {
		maybe_run(xp, p->param->arg);
		eval__put(xp, (struct piece){ PIECE_WORDS, h->source, NULL, 0, 0 }, XP_QUOTED);
	} else if (i == 0)
		eval__put_operand(xp, p->param->arg, quoted);
	else if (i == 1)
		xp->have |= quoted && xp->nosplit;
	else {
		maybe_run(xp, p->param->arg);
		eval__put_any(xp, h->source, quoted);
	}
	if (i == 1 && quoted)
		xp->have = true;
}

/* ---- indirection, transformation, names ---- */

static void
indirect(struct xp *xp, const struct part *p, struct held *h, bool quoted)
{
	struct str name;

	if (eval__referred(xp->sh, xp->st, p->param->name, &name) && p->param->subscript == NULL) {
		eval__put_value(xp, word_text(xp->sh->a, name), quoted, false);
		return;
	}
	if (h->kind == VALUE_SCALAR && word_known(xp->sh->a, h->one, &name)) {
		struct param inside = *p->param;
		struct part plain = *p;
		struct held to;

		if (str_chr(name, '[') != STR_NPOS) {
			eval__evaluate_name(xp, name);
			eval__put_any(xp, h->source, quoted);
			return;
		}
		if (name.n == 0)
			eval__may_be_error(xp);
		if (!eval__is_name(name) && strspn(str_c(xp->sh->a, name), "@*#?$!-0123456789") != name.n)
			eval__may_be_error(xp);
		inside.subscript = NULL;
		plain.param = &inside;
		to = eval__lookup(xp, &plain, name);
		put_held(xp, &to, quoted);
		return;
	}
	if (!surely_empty(h))
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_OPAQUE, h->source,
		    "the name of a variable is not known");
	eval__may_be_error(xp);
	eval__put_any(xp, h->source, quoted);
}

/* ${x@P} runs the substitutions of the value. */
static void
transform(struct xp *xp, const struct part *p, struct held *h, bool quoted)
{
	struct str text;

	if (str_is(p->param->mod, "P") && !surely_empty(h)) {
		if (h->kind == VALUE_SCALAR && word_known(xp->sh->a, h->one, &text))
			eval__prompt(xp, text);
		else
			eval__unknown(xp->sh, xp->st, xp->cx, h->kind == VALUE_LIST ? SHELL_DYNAMIC : SHELL_OPAQUE, h->source,
			    "its value is expanded as a prompt");
	}
	if (h->at)
		put_held(xp, &(struct held){ .kind = VALUE_ANY, .at = true, .source = h->source },
		    quoted);
	else
		eval__put_any(xp, h->source, quoted);
}

static void
length(struct xp *xp, struct held *h, bool quoted)
{
	struct shell *sh = xp->sh;
	struct str text;
	struct word w = eval__chars(sh, &sh->digits, 1, 20, h->source);

	if (h->kind == VALUE_UNSET || (h->kind == VALUE_SCALAR && h->one.n == 0))
		w = word_text(sh->a, STR("0"));
	else if (h->kind == VALUE_LIST && xp->st->kind == SHELL_ZSH && h->array == NULL && eval__is_name(h->part->param->name))
		; /* ${#x[@]} of a text is its length */
	else if (h->kind == VALUE_LIST && eval__known_words(h->list) == h->list.n)
		w = word_text(sh->a, str_printf(sh->a, "%zu", h->list.n));
	else if (h->kind == VALUE_SCALAR && word_known(sh->a, h->one, &text)) {
		if (str_ascii(text)) /* else characters are not bytes */
			w = word_text(sh->a, str_printf(sh->a, "%zu", text.n));
	}
	if (h->part->param->subscript != NULL && h->kind != VALUE_LIST) /* a[-1] of none is an error */
		eval__may_be_error(xp);
	eval__put_value(xp, w, quoted, false);
}

static void
keys(struct xp *xp, struct held *h, bool quoted)
{
	VEC(struct word) list = { 0 };

	if (h->kind == VALUE_LIST && h->array != NULL && eval__known_words(h->list) == h->list.n) {
		for (size_t i = 0; i < h->list.n; i++)
			*vec_push(xp->sh->a, &list) = h->array->keys != NULL
			    ? h->array->keys[i]
			    : word_text(xp->sh->a, str_printf(xp->sh->a, "%zu", i));
		eval__put_list(xp, (struct words){ list.v, list.n }, quoted, h->star, h->source);
		return;
	}
	put_held(xp, &(struct held){ .kind = VALUE_ANY, .at = true, .source = h->source }, quoted);
}

/* ---- operators on each value ---- */

/* zsh joins "${x#p}" before it cuts. */
static void
join_held(struct xp *xp, struct held *h)
{
	struct word all = { 0 };
	struct str ifs;
	bool known = eval__ifs(xp, &ifs);

	for (size_t i = 0; known && i < h->list.n; i++) {
		if (i > 0)
			all = word_cat(xp->sh->a, all, word_text(xp->sh->a, str_sub(ifs, 0, 1)));
		known = !word_has_words(h->list.v[i]);
		all = word_cat(xp->sh->a, all, h->list.v[i]);
	}
	*h = (struct held){ .kind = VALUE_SCALAR, .one = known ? all : word_any(xp->sh->a, h->source), .source = h->source };
}

static void
operate(struct xp *xp, const struct part *p, struct held *h, bool quoted)
{
	VEC(struct word) list = { 0 };
	struct trim t = { 0 };

	eval__trim_prepare(xp, p, &t);
	if (h->kind == VALUE_UNSET && p->param->op == PARAM_REPLACE && xp->st->kind == SHELL_ZSH)
		*h = (struct held){ .kind = VALUE_SCALAR, .one = word_text(xp->sh->a, STR("")), .source = h->source };
	if (h->kind == VALUE_LIST && xp->st->kind == SHELL_ZSH && quoted && h->star && p->param->op != PARAM_SLICE)
		join_held(xp, h);
	if (h->kind == VALUE_SCALAR) {
		struct word w = eval__trim(xp, &t, h->one, h->source);

		w.typed = h->source;
		eval__put_value(xp, w, quoted, false);
	} else if (h->kind == VALUE_LIST && p->param->op == PARAM_SLICE) {
		if ((h->array == NULL || h->array->keys == NULL) && eval__slice_list(xp, &t, p, &h->list))
			put_held(xp, h, quoted);
		else
			put_held(xp,
			    &(struct held){ .kind = VALUE_ANY, .at = true, .source = h->source },
			    quoted);
	} else if (h->kind == VALUE_LIST) {
		for (size_t i = 0; i < h->list.n; i++)
			*vec_push(xp->sh->a, &list) = word_has_words(h->list.v[i])
			    ? word_words(xp->sh->a, h->source)
			    : eval__trim(xp, &t, h->list.v[i], h->source);
		h->list = (struct words){ list.v, list.n };
		put_held(xp, h, quoted);
	} else
		put_held(xp, h, quoted);
}

/* ${;}, ${-x}, ${a.b}: no name or sign of a parameter, or no operator behind it. */
static bool
no_name(struct str s)
{
	bool list = s.n > 0 && s.p[0] == '!';
	size_t n = 0;

	if (s.n > 1 && (s.p[0] == '!' || s.p[0] == '#'))
		s = str_sub(s, 1, s.n);
	while (n < s.n && eval__is_name(str_sub(s, 0, n + 1)))
		n++;
	while (n < s.n && (n == 0 || s.p[0] < 'A') && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	if (n == 0 && s.n > 0 && strchr("@*#?$!-", s.p[0]) != NULL)
		n = 1;
	else if (list && n > 0 && n + 1 < s.n && (s.p[n] == '*' || (s.p[n] == '@' && !eval__is_name(str_sub(s, n + 1, 1)))))
		return true;
	return n == 0 || (n < s.n && strchr(list ? ":-=?+#%/^,@[~*" : ":-=?+#%/^,@[~", s.p[n]) == NULL);
}

/* What the parser does not take apart. */
static void
other(struct xp *xp, const struct part *p, struct held *h, bool quoted)
{
	if (xp->st->kind == SHELL_ZSH && (str_starts(h->source, STR("$~")) || str_starts(h->source, STR("${~")) ||
	        (str_starts(h->source, STR("${(")) && str_find(h->source, STR(")~")) != STR_NPOS)))
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, h->source, "a value is read as a pattern, which may run code");
	xp->open |= xp->st->kind == SHELL_ZSH && str_starts(p->text, STR("~")); /* and what follows may be the name */
	maybe_run(xp, p->param->subscript);
	maybe_run(xp, p->param->arg);
	maybe_run(xp, p->param->arg2);
	/* ${a.b} and ${}: a bad substitution, as in text of another language */
	if (xp->st->kind != SHELL_ZSH && p->param->braced && no_name(p->text)) {
		xp->sh->bad++;
		if (xp->cx->out != NULL)
			xp->cx->out->unknown = true;
		if (xp->st->kind == SHELL_SH)
			eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, h->source, "shells called sh read it in two ways");
	}
	if (xp->st->kind == SHELL_BASH && str_starts(h->source, STR("${!")) && str_ends(h->source, STR("@P}")))
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, h->source, "its value is expanded as a prompt");
	/* ${!x} of what is not set; ${#x-}, ${?[0]}, ${x[0]y} */
	if (xp->st->kind == SHELL_BASH && p->param->braced && p->text.n > 0 &&
	    (!eval__is_name(str_sub(p->text, 0, 1)) || p->param->subscript != NULL))
		eval__may_be_error(xp);
	/* a${^x}: without an element of x there is no word, a and all */
	if (xp->st->kind == SHELL_ZSH && (str_starts(h->source, STR("${^")) || str_starts(h->source, STR("$^"))) &&
	    (h->kind != VALUE_LIST || eval__known_words(h->list) == 0))
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, h->source, "it may take the word around it away");
	/* {1..$n} are words */
	if (xp->st->kind == SHELL_ZSH && (p->param->braced || !str_starts(p->text, STR("{"))) &&
	    eval__zsh_param(xp, p, quoted))
		return;
	if (xp->nosplit)
		eval__put_any(xp, h->source, quoted);
	else
		eval__put(xp, (struct piece){ PIECE_WORDS, h->source, NULL, 0, 0 },
		    quoted ? XP_QUOTED : XP_VALUE);
}

static bool
may_be_error(const struct xp *xp, const struct param *param, const struct held *h)
{
	if (xp->st->kind == SHELL_SH &&
	    (param->subscript != NULL ||
	        !(param->op == PARAM_PLAIN || param->op == PARAM_LENGTH ||
	            (param->op >= PARAM_DEFAULT && param->op <= PARAM_SUFFIX))))
		return true; /* dash has none of it */
	if (param->op == PARAM_SLICE && (param->arg == NULL || param->arg->first == NULL))
		return true; /* ${x:} */
	if (param->op == PARAM_SLICE && param->arg2 != NULL && str_starts(eval__source(xp->cx, param->arg2->at), STR("-")))
		return true; /* ${x:1:-9} */
	if (param->op == PARAM_CASE && xp->st->kind == SHELL_ZSH)
		return true; /* ${x^} */
	if ((param->op == PARAM_CASE || param->op == PARAM_TRANSFORM) && param->name.n == 1 &&
	    strchr("-?$#", param->name.p[0]) != NULL)
		return true;
	switch (param->op) {
	case PARAM_ASSIGN:
		return xp->st->kind != SHELL_ZSH && !eval__is_name(param->name) && is_set(xp, h, param->colon) != TRI_YES;
	case PARAM_DEFAULT:
	case PARAM_ALTERNATE:
		return false;
	case PARAM_ERROR:
		return is_set(xp, h, param->colon) != TRI_YES;
	default:
		return eval__opt(xp->st, OPT_NOUNSET) != TRI_NO &&
		    (is_set(xp, h, false) != TRI_YES || str_is(param->name, "!")) &&
		    !str_is(param->name, "@") && !str_is(param->name, "*");
	}
}

/* bash: ${!x} of what is not set is an error, so is an operator behind @ that is
 * none; in "${x-$'\''}" it may miss the end. */
static bool
may_fail(const struct part *p, const struct held *h, bool quoted)
{
	bool set = h->kind == VALUE_SCALAR || h->kind == VALUE_LIST;

	if (p->param->subscript != NULL && p->param->subscript->first == NULL)
		return true; /* ${x[]} */
	if (str_is(p->param->name, "#") && p->param->op != PARAM_PLAIN && p->param->op != PARAM_LENGTH)
		return true; /* ${#%} */
	if (p->param->op == PARAM_TRANSFORM && strchr("UuLQEPAKak", p->param->mod.p[0]) == NULL)
		return true;
	return (p->param->op != PARAM_KEYS && !set && str_starts(h->source, STR("${!"))) ||
	    (quoted && str_find(h->source, STR("$'")) != STR_NPOS);
}

/* zsh: ${#-x} is of $-, too, and ${#:h} no length. */
static bool
of_signs(const struct part *p, const struct held *h)
{
	if (p->param->op == PARAM_LENGTH)
		return str_chr(p->text, ':') != STR_NPOS;
	return p->param->op != PARAM_PLAIN && str_is(p->param->name, "#") && str_starts(h->source, STR("${#"));
}

void
eval__param(struct xp *xp, const struct part *p, bool quoted)
{
	struct held h;

	xp->open |= eval__zsh_own(xp, p);
	eval__zsh_misread(xp, p);
	/* ${x:-~$y}: dash loses what stands behind it */
	xp->open |= xp->st->kind == SHELL_SH && p->param->braced && str_chr(eval__part_source(xp, p), '~') != STR_NPOS &&
	    str_rchr(eval__part_source(xp, p), '$') != 0;
	if (p->param->op == PARAM_NAMES || p->param->op == PARAM_OTHER) {
		h = (struct held){
			.source = eval__part_source(xp, p), .kind = VALUE_ANY, .at = true
		};
		if (p->param->op == PARAM_NAMES)
			put_held(xp, &h, quoted);
		else
			other(xp, p, &h, quoted);
		return;
	}
	h = eval__lookup(xp, p, p->param->name);
	if (str_is(p->param->name, "!") && p->param->op != PARAM_PLAIN)
		h.kind = VALUE_ANY; /* not set before a first & */
	if (may_be_error(xp, p->param, &h) || (xp->st->kind == SHELL_BASH && may_fail(p, &h, quoted)))
		eval__may_be_error(xp);
	if (xp->st->kind == SHELL_ZSH && of_signs(p, &h)) {
		maybe_run(xp, p->param->arg);
		eval__put_any(xp, h.source, quoted);
		return;
	}
	if (eval__of_all(xp, p->param)) {
		maybe_run(xp, p->param->arg);
		eval__put_any(xp, h.source, quoted);
		return;
	}
	switch (p->param->op) {
	case PARAM_PLAIN:
		put_held(xp, &h, quoted);
		break;
	case PARAM_LENGTH:
		length(xp, &h, quoted);
		break;
	case PARAM_INDIRECT:
		indirect(xp, p, &h, quoted);
		break;
	case PARAM_KEYS:
		keys(xp, &h, quoted);
		break;
	case PARAM_DEFAULT:
	case PARAM_ASSIGN:
	case PARAM_ERROR:
		with_default(xp, p, &h, quoted);
		break;
	case PARAM_ALTERNATE:
		with_alternate(xp, p, &h, quoted);
		break;
	case PARAM_TRANSFORM:
		transform(xp, p, &h, quoted);
		break;
	default:
		operate(xp, p, &h, quoted);
		break;
	}
}
