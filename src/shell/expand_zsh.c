/* SPDX-License-Identifier: ISC */
/*
 * expand_zsh.c: what zsh alone makes of a parameter: ${(flags)x}, ${=x}, $x:h. What
 * is common is followed where the value is known; of the rest the value is not
 * known, and what it may run or assign is told. The parser (zshparam.c) leaves
 * the text as it stands, since most of it needs no look.
 */
#include "shell/eval.h"

#include <string.h>

struct form {
	struct str flags, rest; /* ${(flags)=rest} */
	char before;            /* = or \0 */
	bool odd;               /* something else stands there */
	bool join, split, lexed, at, upper, lower, by_name, keys, values;
	struct str joint, cut;  /* where join, split */
};

/* ---- reading ---- */

/* The argument of a flag, and the cursor behind it: s/,/ j(:) */
static struct str
argument(struct str *s)
{
	static const char open[] = "([{<", close[] = ")]}>";
	const char *pair;
	struct str arg;
	size_t end;

	if (s->n == 0)
		return STR("");
	pair = strchr(open, s->p[0]);
	end = str_chr(str_sub(*s, 1, s->n), pair == NULL ? s->p[0] : close[pair - open]);
	arg = str_sub(*s, 1, end == STR_NPOS ? s->n : end);
	*s = str_sub(*s, end == STR_NPOS ? s->n : end + 2, s->n);
	return arg;
}

static void
read_flags(struct form *f)
{
	struct str s = f->flags;

	while (s.n > 0) {
		char c = s.p[0];

		s = str_sub(s, 1, s.n);
		f->at |= c == '@';
		f->upper |= c == 'U';
		f->lower |= c == 'L';
		f->by_name |= c == 'P';
		f->keys |= c == 'k';
		f->values |= c == 'v';
		if (c == 's' || c == 'f') {
			f->split = true;
			f->cut = c == 's' ? argument(&s) : STR("\n");
		} else if (c == 'j' || c == 'F') {
			f->join = true;
			f->joint = c == 'j' ? argument(&s) : STR("\n");
		} else if (c == 'z')
			f->lexed = true;
		else if (strchr("@ULPkv", c) == NULL)
			f->odd = true;
	}
	f->odd |= f->split && f->cut.n == 0;
}

static void
read_form(const struct part *p, struct form *f)
{
	struct str s = p->text;

	*f = (struct form){ 0 };
	if (!p->param->braced && s.n > 0)
		s = str_sub(s, 1, s.n); /* the $ */
	if (p->param->braced && str_starts(s, STR("(")) && p->param->mod.n + 1 < s.n) {
		f->flags = p->param->mod;
		s = str_sub(s, f->flags.n + 2, s.n);
	}
	read_flags(f);
	if (str_starts(s, STR("=")) && !str_starts(s, STR("=="))) {
		f->before = '=';
		s = str_sub(s, 1, s.n);
	}
	f->rest = s;
}

/* ---- what it may run ---- */

/* A number within (l:expr:) and its like is arithmetic. */
static bool
has_expression(struct str flags)
{
	struct str s = flags;

	while (s.n > 0) {
		char c = s.p[0];

		s = str_sub(s, 1, s.n);
		if (strchr("lrI", c) != NULL) {
			struct str arg = argument(&s);

			for (size_t i = 0; i < arg.n; i++)
				if (arg.p[i] < '0' || arg.p[i] > '9')
					return true;
		} else if (strchr("sjgZ_", c) != NULL)
			argument(&s);
	}
	return false;
}

static bool
has_flag(struct str flags, char flag)
{
	return str_chr(flags, flag) != STR_NPOS; /* perhaps in an argument: then, too */
}

/* ${$((x=1))}: each name in it may be a number from now on. */
static void
counts(struct xp *xp, struct str s)
{
	for (size_t i = 0, n; i < s.n; i += n) {
		for (n = 0; i + n < s.n && eval__is_name(str_sub(s, i, n + 1)); n++)
			continue;
		if (n > 0) {
			eval__assign_anything(xp->sh, xp->st, str_sub(s, i, n));
			eval__attrs(xp->sh, xp->st, str_sub(s, i, n), VAR_NUMBER, 0);
		} else
			n = 1;
	}
}

/* x::=v of a name that only the value tells, (A)x=… */
static void
assigns(struct xp *xp, const struct form *f)
{
	size_t sign = str_chr(f->rest, '='), n = 0;
	struct str name;

	if (str_find(f->rest, STR("((")) != STR_NPOS) {
		counts(xp, f->rest);
		return;
	}
	if (sign == STR_NPOS)
		return;
	while (n < f->rest.n && eval__is_name(str_sub(f->rest, 0, n + 1)))
		n++;
	name = str_sub(f->rest, 0, n);
	if (f->by_name || n == 0)
		eval__assign_unknown(
		    xp->sh, xp->st, STR("a variable whose name is not known is assigned"));
	else if (strchr("[:=", f->rest.p[n]) != NULL)
		eval__assign_anything(xp->sh, xp->st, name);
}

/* ---- values ---- */

static bool
plain_rest(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr("$`\\'\"(){}<>~*?=|^ \t\n", s.p[i]) != NULL)
			return false;
	return s.n > 0 && (eval__is_name(str_sub(s, 0, 1)) || strchr("@*0123456789", s.p[0]) != NULL ||
	    str_starts(s, STR(":-")));
}

static struct str
text_of(struct xp *xp, struct word w)
{
	struct str s = STR("");

	word_known(xp->sh->a, w, &s);
	return s;
}

/* x and x[@], of which all the elements are wanted, empty ones too. */
static bool
is_list(struct str *text)
{
	if (str_ends(*text, STR("[@]")) || str_ends(*text, STR("[*]")))
		*text = str_sub(*text, 0, text->n - 3);
	return eval__is_name(*text) || (text->n == 1 && strchr("@*", text->p[0]) != NULL);
}

/* The words of "${…}" or ${…}, which runs nothing; false: not known. */
static bool
expand(struct xp *xp, const struct ctx *cx, const struct part *p, bool quoted, struct words *out)
{
	struct part part = *p;
	struct str known;
	struct xp in;

	part.quoted = quoted;
	eval__xp_init(&in, xp->sh, xp->st, cx, xp->ch);
	in.depth = xp->depth;
	in.noglob = true;
	in.quoted = quoted;
	eval__param(&in, &part, quoted);
	eval__field_end(&in);
	for (size_t i = 0; i < in.out.n; i++)
		if (!word_known(xp->sh->a, in.out.v[i], &known))
			return false;
	*out = (struct words){ in.out.v, in.out.n };
	return true;
}

/* The words of ${text}; false: not known. */
static bool
words_of(struct xp *xp, struct str text, struct words *out)
{
	bool all = is_list(&text);
	struct str whole = str_printf(
	    xp->sh->a, "${" STR_FMT "%s}", STR_ARG(text), all && eval__is_name(text) ? "[@]" : "");
	struct source *src = NEW(xp->sh->a, struct source);
	struct ctx cx = *xp->cx;
	struct ast_error err = { 0 };
	struct astword *w = NULL;
	struct words same;

	*src = (struct source){ .text = whole };
	cx.src = src;
	if (ast_parse_dquoted(xp->sh->a, whole, SHELL_ZSH, &w, &err) != 0 || err.what.n > 0 ||
	    w == NULL || w->first == NULL || w->first->next != NULL ||
	    w->first->kind != PART_PARAM || w->first->param->op == PARAM_OTHER)
		return false;
	if (!expand(xp, &cx, w->first, true, out))
		return false;
	/* Else it is one word, in whatever way it is asked for: no list with empty ones. */
	return all || (expand(xp, &cx, w->first, false, &same) && same.n == 1 && out->n == 1 &&
	                  str_eq(text_of(xp, same.v[0]), text_of(xp, out->v[0])));
}

/* ${(k)h}, ${(v)h}, ${(kv)h} of one pair; of more the order is its own. */
static bool
pairs_of(struct xp *xp, const struct form *f, struct words *out)
{
	const struct var *v = eval__var(xp->sh, xp->st, f->rest);
	const struct value *val = &v->v[0];
	VEC(struct word) list = { 0 };

	if (!eval__is_name(f->rest) || v->n != 1 || val->kind != VALUE_LIST || val->keys == NULL ||
	    !val->assoc || val->elems.n != 1 || word_has_words(val->elems.v[0]))
		return false;
	if (f->keys)
		*vec_push(xp->sh->a, &list) = val->keys[0];
	if (f->values || !f->keys)
		*vec_push(xp->sh->a, &list) = val->elems.v[0];
	*out = (struct words){ list.v, list.n };
	return true;
}

static struct words
joined(struct xp *xp, struct words list, struct str by)
{
	struct buf b;

	buf_init(&b, xp->sh->a);
	for (size_t i = 0; i < list.n; i++) {
		if (i > 0)
			buf_add(&b, by);
		buf_add(&b, text_of(xp, list.v[i]));
	}
	return eval__words1(xp->sh, word_text(xp->sh->a, buf_str(&b)));
}

/* false: an empty word, which stays or goes by where it is. */
static bool
cut_up(struct xp *xp, struct str s, struct str by, bool blanks, struct words *out)
{
	VEC(struct word) list = { 0 };

	if (!blanks && str_ends(s, by)) /* what stands behind it is a word of its own */
		return false;
	while (s.n > 0) {
		size_t end = blanks ? 0 : str_find(s, by);
		struct str one;

		while (blanks && end < s.n && strchr(" \t\n", s.p[end]) == NULL)
			end++;
		one = str_sub(s, 0, end == STR_NPOS ? s.n : end);
		s = str_sub(s, one.n + (blanks ? 1 : by.n), s.n);
		if (one.n > 0)
			*vec_push(xp->sh->a, &list) = word_text(xp->sh->a, one);
		else if (!blanks)
			return false;
	}
	*out = (struct words){ list.v, list.n };
	return true;
}

static struct words
in_case(struct xp *xp, struct words list, bool upper)
{
	struct word *v = NEW_ARRAY(xp->sh->a, struct word, list.n + 1);

	for (size_t i = 0; i < list.n; i++) {
		struct str s = text_of(xp, list.v[i]);
		struct buf b;

		buf_init(&b, xp->sh->a);
		for (size_t k = 0; k < s.n; k++) {
			char c = s.p[k];

			if (upper && c >= 'a' && c <= 'z')
				c = (char)(c - 'a' + 'A');
			else if (!upper && c >= 'A' && c <= 'Z')
				c = (char)(c - 'A' + 'a');
			buf_putc(&b, c);
		}
		v[i] = word_text(xp->sh->a, buf_str(&b));
	}
	return (struct words){ v, list.n };
}

/* x:h x:t x:r x:e x:u x:l of a path; false: not followed. */
static bool
modified(struct xp *xp, char how, struct str s, struct str *out)
{
	size_t slash = STR_NPOS, dot = STR_NPOS;

	if (how == 'u' || how == 'l') {
		*out = text_of(xp, in_case(xp, eval__words1(xp->sh, word_text(xp->sh->a, s)), how == 'u').v[0]);
		return str_ascii(s);
	}
	if (s.n == 0 || s.p[s.n - 1] == '/' || str_find(s, STR("//")) != STR_NPOS)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '/') {
			slash = i;
			dot = STR_NPOS;
		} else if (s.p[i] == '.')
			dot = i;
	if ((how == 'r' || how == 'e') && dot != STR_NPOS && (dot == 0 || s.p[dot - 1] == '/'))
		return false;
	switch (how) {
	case 'h':
		*out = slash == STR_NPOS ? STR(".") : str_sub(s, 0, slash > 0 ? slash : 1);
		return true;
	case 't':
		*out = slash == STR_NPOS ? s : str_sub(s, slash + 1, s.n);
		return true;
	case 'r':
		*out = dot == STR_NPOS ? s : str_sub(s, 0, dot);
		return true;
	case 'e':
		*out = dot == STR_NPOS ? STR("") : str_sub(s, dot + 1, s.n);
		return true;
	default:
		return false;
	}
}

/* Takes the :h:t from the end of rest. */
static struct str
modifiers(struct str *rest)
{
	size_t n = rest->n;

	while (n >= 2 && rest->p[n - 2] == ':' && strchr("htreul", rest->p[n - 1]) != NULL)
		n -= 2;
	if (n == rest->n || n == 0)
		return STR("");
	*rest = (struct str){ rest->p, n };
	return (struct str){ rest->p + n, (size_t)0 };
}

static bool
modify(struct xp *xp, struct str how, struct words *list)
{
	struct word *v = NEW_ARRAY(xp->sh->a, struct word, list->n + 1);

	for (size_t i = 0; i < list->n; i++) {
		struct str s = text_of(xp, list->v[i]);

		for (size_t k = 1; k < how.n; k += 2)
			if (!modified(xp, how.p[k], s, &s))
				return false;
		v[i] = word_text(xp->sh->a, s);
	}
	list->v = v;
	return true;
}

/* (z) cuts as the language does: of words without signs that is at the blanks. */
static bool
bare_words(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!eval__is_name(str_sub(s, i, 1)) && strchr("0123456789./:,@%+- ", s.p[i]) == NULL)
			return false;
	return true;
}

/* Blanks at an end. */
static bool
edged(struct str s)
{
	return s.n > 0 && (strchr(" \t\n", s.p[0]) != NULL || strchr(" \t\n", s.p[s.n - 1]) != NULL);
}

/* What the form gives; false: not known. */
static bool
value_of(struct xp *xp, struct form *f, bool quoted, struct words *list)
{
	struct str rest = f->rest, how = modifiers(&rest);

	how.n = f->rest.n - rest.n;
	if (f->odd || !plain_rest(rest))
		return false;
	if (f->keys || f->values) {
		if (how.n > 0 || f->by_name || !pairs_of(xp, f, list))
			return false;
	} else if (!words_of(xp, rest, list))
		return false;
	if (f->by_name && (list->n != 1 || !eval__is_name(text_of(xp, list->v[0])) ||
	                      !words_of(xp, text_of(xp, list->v[0]), list)))
		return false;
	if (how.n > 0 && (list->n == 0 || !modify(xp, how, list)))
		return false; /* that of nothing may be . */
	if (f->join)
		*list = joined(xp, *list, f->joint);
	if (f->split || f->lexed || f->before == '=') {
		if (list->n > 1 || quoted || xp->nosplit || (f->split && f->lexed))
			return false;
		if (f->lexed && list->n == 1 && !bare_words(text_of(xp, list->v[0])))
			return false;
		if (list->n == 1 && f->before == '=' && edged(text_of(xp, list->v[0])))
			return false; /* what stands beside it is a word of its own */
		if (list->n == 1 &&
		    !cut_up(xp, text_of(xp, list->v[0]), f->cut, !f->split, list))
			return false;
	}
	for (size_t i = 0; i < list->n && f->upper != f->lower; i++)
		if (!str_ascii(text_of(xp, list->v[i])))
			return false;
	if (f->upper != f->lower)
		*list = in_case(xp, *list, f->upper);
	return !quoted || list->n == 1 || (f->at && list->n > 1);
}

static bool
default_ifs(struct xp *xp)
{
	struct str ifs;

	return eval__ifs(xp, &ifs) && str_is(ifs, " \t\n");
}

/* ${(%)x}, ${(P)x}, ${(e)x} … of what is not known: what it evaluates. */
static void
warn(struct xp *xp, const struct part *p, const struct form *f, bool known)
{
	struct str source = eval__part_source(xp, p);

	if (has_flag(f->flags, 'e'))
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, source,
		    "the value is read once more, and what it runs is not known");
	else if (has_flag(f->flags, '%')) {
		struct words list;

		if (str_chr(f->rest, '$') == STR_NPOS && str_chr(f->rest, '`') == STR_NPOS &&
		    plain_rest(f->rest) && words_of(xp, f->rest, &list))
			for (size_t i = 0; i < list.n; i++)
				eval__prompt(xp, text_of(xp, list.v[i]));
		else if (!(str_starts(f->rest, STR(":-")) && str_chr(f->rest, '$') == STR_NPOS &&
		             str_chr(f->rest, '`') == STR_NPOS))
			eval__unknown(xp->sh, xp->st, xp->cx, SHELL_OPAQUE, source,
			    "its value is expanded as a prompt");
	} else if ((f->by_name && !known) || has_expression(f->flags))
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_OPAQUE, source,
		    "the name of a variable is not known");
}

bool
eval__zsh_param(struct xp *xp, const struct part *p, bool quoted)
{
	struct words list = { 0 };
	struct form f;
	bool known;

	if (eval__opt(xp->st, OPT_KSHARRAYS) != TRI_NO || str_starts(p->text, STR("~")))
		return false; /* a list is its first element; ~x{a,b} is none of these */
	read_form(p, &f);
	if (str_starts(f.rest, STR("+")) && strpbrk(str_c(xp->sh->a, f.rest), "-=?:#%/ ") != NULL)
		return false;
	if (str_starts(f.rest, STR("+"))) { /* ${+x}: is it set? */
		eval__put_value(xp,
		    eval__chars(xp->sh, &xp->sh->digits, 1, 1, eval__part_source(xp, p)), quoted,
		    false);
		return true;
	}
	known = default_ifs(xp) && value_of(xp, &f, quoted, &list);
	warn(xp, p, &f, known);
	assigns(xp, &f);
	if (!known)
		return false;
	if (quoted && list.n == 1)
		eval__put_text(xp, text_of(xp, list.v[0]), XP_QUOTED);
	else
		eval__put_list(xp, list, quoted, false, eval__part_source(xp, p));
	return true;
}
