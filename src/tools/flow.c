/* SPDX-License-Identifier: ISC */
/*
 * flow.c: what names in code of other languages are given: x = …, x += …,
 * x.append(…), push @x, …, for x in …, the parameters of functions (what they are
 * called with) and their results. Every language's ways at once: a name that is
 * given too much only makes more of what may be run.
 */
#include "tools/flow.h"

#include <string.h>

#define GIVEN_MAX 4096
#define FUNCTIONS_MAX 512

/* ---- the code's shape ------------------------------------------------------------------- */

const struct literal *
flow_literal(const struct flow *f, size_t at)
{
	for (size_t n = 0; n < 3 && at < f->code.n; n++, at++) {
		if (f->literal[at] != 0 && f->ls->v.v[f->literal[at] - 1].from == at)
			return &f->ls->v.v[f->literal[at] - 1];
		if (f->literal[at] != 0 || !code_in(f->code.p[at], "fFbBrRuU") || (n == 0 && at > 0 && flow_byte(f->code.p[at - 1])))
			break;
	}
	return NULL;
}

struct str
flow_word(const struct flow *f, size_t at)
{
	size_t end = at;

	while (end < f->code.n && flow_byte(f->code.p[end]))
		end++;
	return str_sub(f->code, at, end - at);
}

/* Behind the literal that holds `at`, or one further. */
static size_t
next(const struct flow *f, size_t at)
{
	if (f->literal[at] != 0 && f->ls->v.v[f->literal[at] - 1].to > at)
		return f->ls->v.v[f->literal[at] - 1].to;
	return at + 1;
}

size_t
flow_close(const struct flow *f, size_t at)
{
	int depth = 0;

	if (at < f->code.n && f->close[at] != 0)
		return f->close[at] - 1;
	for (size_t i = at; i < f->code.n; i = next(f, i)) {
		if (f->literal[i] != 0)
			continue;
		depth += code_in(f->code.p[i], "([{") ? 1 : code_in(f->code.p[i], ")]}") ? -1 : 0;
		if (depth <= 0)
			return i;
	}
	return f->code.n;
}

/* Does the expression go on behind this line's end? */
static bool
goes_on(const struct flow *f, size_t line)
{
	size_t before = line, after = line;

	while (before > 0 && code_in(f->code.p[before - 1], " \t\r"))
		before--;
	while (after < f->code.n && code_in(f->code.p[after], " \t\r\n"))
		after++;
	return (before > 0 && code_in(f->code.p[before - 1], "+,\\=&|(.")) ||
	    (after < f->code.n && code_in(f->code.p[after], "+.?"));
}

size_t
flow_end(const struct flow *f, size_t at, bool comma)
{
	for (size_t i = at; i < f->code.n; i = next(f, i)) {
		char c = f->code.p[i];

		if (f->literal[i] != 0)
			continue;
		if (code_in(c, "([{"))
			i = flow_close(f, i);
		else if (code_in(c, ")]};") || (c == ',' && comma) || (c == '\n' && !goes_on(f, i)))
			return i;
		if (i >= f->code.n)
			break;
	}
	return f->code.n;
}

/* ---- what names are given --------------------------------------------------------------- */

static struct given *
give(struct flow *f, struct str name, size_t from, size_t to)
{
	struct given *g;

	if (name.n == 0 || f->given.n >= GIVEN_MAX || from > to)
		return NULL;
	g = vec_push(f->rd->a, &f->given);
	*g = (struct given){ .name = name, .from = from, .to = to };
	return g;
}

/* Behind x[…] and x{…}. */
static size_t
behind_subscripts(const struct flow *f, size_t at)
{
	while (at < f->code.n && code_in(f->code.p[at], "[{") && f->literal[at] == 0)
		at = flow_close(f, at) + 1;
	return at < f->code.n ? flow_blank(f, at) : f->code.n;
}

/* Is the name that begins there an argument's, or one in brackets? */
static bool
within(const struct flow *f, size_t at)
{
	while (at > 0 && code_in(f->code.p[at - 1], " \t\n$@%"))
		at--;
	return at > 0 && code_in(f->code.p[at - 1], "(,");
}

/* x = …, x += …, x ||= …, x =~ s/a/b/ */
static void
assigned(struct flow *f, struct str name, size_t at)
{
	static const char *const ways[] = { "||=", "//=", "\?\?=", "+=", ".=", ":=", "=" };
	size_t begin = (size_t)(name.p - f->code.p);
	struct str rest = str_sub(f->code, at, f->code.n);
	struct given *g;

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		size_t n = strlen(ways[i]);

		if (!str_starts(rest, str_of(ways[i])))
			continue;
		if (i == 6 && rest.n > 1 && code_in(rest.p[1], "=>"))
			return;
		g = give(f, name, at + n, flow_end(f, at + n, within(f, begin)));
		if (g != NULL) {
			g->more = i == 3 || i == 4;
			g->changed = rest.n > 1 && rest.p[1] == '~';
		}
		return;
	}
}

/* x.append(…), x.push(…) */
static void
grown(struct flow *f, struct str name, size_t at)
{
	struct str way;
	struct given *g;
	size_t open;

	if (at >= f->code.n || f->code.p[at] != '.')
		return;
	way = flow_word(f, at + 1);
	open = at + 1 + way.n;
	if (open >= f->code.n || f->code.p[open] != '(' ||
	    !names_hold("append extend push insert unshift add update setdefault set put", way))
		return;
	g = give(f, name, open + 1, flow_close(f, open));
	if (g != NULL)
		g->more = g->list = true;
	if (g != NULL && names_hold("insert unshift", way))
		g->changed = true;
}

/* push @x, …;  set x …;  foreach my $x (…) */
static void
by_word(struct flow *f, struct str word, size_t at)
{
	struct given *g;
	struct str name;
	bool tcl = f->how->plain;

	at = flow_blank(f, at);
	if (f->how->backquote && at < f->code.n && f->code.p[at] == '(' && names_hold("for foreach", word)) {
		if ((g = give(f, STR("_"), at + 1, flow_close(f, at))) != NULL)
			g->one = g->loop = true;
		return;
	}
	while (at < f->code.n && code_in(f->code.p[at], "(@$ \t") && !tcl)
		at++;
	if (str_is(word, "foreach") || str_is(word, "for"))
		while (names_hold("my our const let var", flow_word(f, at)))
			for (at += flow_word(f, at).n; at < f->code.n && code_in(f->code.p[at], " \t$");)
				at++;
	name = flow_word(f, at);
	at += name.n;
	if (tcl && at < f->code.n && f->code.p[at] == '(')
		at = flow_close(f, at) + 1;
	at = at < f->code.n ? flow_blank(f, at) : f->code.n;
	if (str_is(word, "for") && (at >= f->code.n || f->code.p[at] != '('))
		return;
	if (!tcl && names_hold("push unshift", word))
		g = give(f, name, at + 1, flow_end(f, at + 1, false));
	else if (names_hold("for foreach", word))
		g = give(f, name, at, at < f->code.n && code_in(f->code.p[at], "[{(") ? flow_close(f, at) + 1 : flow_end(f, at, false));
	else
		g = give(f, name, at, flow_end(f, at, false));
	if (g != NULL) {
		g->more = names_hold("push unshift append lappend", word);
		g->list = g->more && !str_is(word, "append");
		g->changed = str_is(word, "unshift");
		g->one = g->loop = names_hold("for foreach", word);
	}
}

/* ---- functions -------------------------------------------------------------------------- */

struct function {
	struct str name;
	size_t params, params_end; /* between its parentheses */
	size_t body, body_end;
	bool whole; /* without return its body is its result */
};

/* Where an argument ends: at a comma, tcl's at a blank. */
size_t
flow_argument(const struct flow *f, size_t at)
{
	if (!f->how->plain)
		return flow_end(f, at, true);
	while (at < f->code.n && !code_in(f->code.p[at], " \t\n;]")) {
		size_t quote = f->code.p[at] == '"' ? str_chr(str_sub(f->code, at + 1, f->code.n), '"') : STR_NPOS;

		at = (quote != STR_NPOS ? at + 1 + quote : code_in(f->code.p[at], "[{") ? flow_close(f, at) : at) + 1;
	}
	return at < f->code.n ? at : f->code.n;
}

/* What the nth parameter is, of one call's arguments. */
static void
argument(struct flow *f, const struct function *fn, struct str name, size_t nth, bool rest, size_t from, size_t to)
{
	size_t end = from;
	struct given *g;

	for (size_t i = 0; from <= to; i++, from = end + 1) {
		end = flow_argument(f, from);
		while (end < to && f->code.p[end] == '\n' && !f->how->plain)
			end = flow_argument(f, end + 1);
		if (end > to)
			end = to;
		if (i == nth) {
			while (from < end && code_in(f->code.p[from], " \t\n"))
				from++;
			if (from < end && (g = give(f, name, from, rest ? to : end)) != NULL) {
				g->scope = fn->params;
				g->scope_end = fn->body_end;
			}
			return;
		}
	}
}

static void
parameters(struct flow *f, const struct function *fn, size_t from, size_t to)
{
	size_t nth = 0, at = fn->params;

	if (fn->params == fn->params_end) /* perl: @_; node: arguments */
		argument(f, fn, STR("_"), 0, true, from, to);
	if (f->how->backquote)
		argument(f, fn, STR("shift"), 0, true, from, to);
	while (at < fn->params_end) {
		bool rest = false;
		struct str name;

		while (at < fn->params_end && code_in(f->code.p[at], " \t\n*.&$@"))
			rest |= code_in(f->code.p[at++], "*.@");
		name = flow_word(f, at);
		if (!str_is(name, "self") && !str_is(name, "cls"))
			argument(f, fn, name, nth++, rest || str_is(name, "args"), from, to);
		if (name.n == 0)
			break;
		at = flow_argument(f, at + name.n) + 1;
	}
}

/* All calls of it. */
static void
calls(struct flow *f, const struct function *fn)
{
	size_t at, from = 0;

	while (fn->name.n > 0 && (at = str_find(str_sub(f->code, from, f->code.n), fn->name)) != STR_NPOS) {
		size_t begin = from + at, end = begin + fn->name.n, open = end < f->code.n ? flow_blank(f, end) : end;

		from = end;
		if ((begin > 0 && flow_byte(f->code.p[begin - 1])) || (end < f->code.n && flow_byte(f->code.p[end])) ||
		    fn->name.p == f->code.p + begin)
			continue;
		if (open < f->code.n && f->code.p[open] == '(')
			parameters(f, fn, open + 1, flow_close(f, open));
		else if ((open > end || f->how->plain) && (f->how->backquote || f->how->plain))
			parameters(f, fn, open, flow_end(f, open, false));
	}
}

/* What it gives back: what stands behind return, or all of it. */
static void
results(struct flow *f, const struct function *fn)
{
	bool any = false;
	struct given *g;

	for (size_t i = fn->body; i < fn->body_end && fn->name.n > 0; i++) {
		if (f->literal[i] != 0 || !str_is(flow_word(f, i), "return") || flow_byte(f->code.p[i - 1]))
			continue;
		any = true;
		if ((g = give(f, fn->name, i + 6, flow_end(f, i + 6, false))) != NULL)
			g->result = true;
	}
	if (!any && fn->whole && (g = give(f, fn->name, fn->body, fn->body_end)) != NULL)
		g->result = true;
}

/* The end of a block by its indentation. */
static size_t
block_end(const struct flow *f, size_t at)
{
	size_t line = at, indent = 0;

	while (line > 0 && f->code.p[line - 1] != '\n')
		line--;
	while (line + indent < f->code.n && code_in(f->code.p[line + indent], " \t"))
		indent++;
	for (size_t i = at; i < f->code.n; i++)
		if (f->code.p[i] == '\n' && i + 1 < f->code.n && f->code.p[i + 1] != '\n' && flow_blank(f, i + 1) - i - 1 <= indent)
			return i;
	return f->code.n;
}

/* The class around __init__, whose name calls it. */
static struct str
class_name(const struct flow *f, size_t at)
{
	for (size_t i = at; i > 0; i--)
		if (str_starts(str_sub(f->code, i - 1, at), STR("class ")))
			return flow_word(f, i + 5);
	return STR("");
}

/* def f(a):, function f(a) {, sub f {, proc f {a} {, lambda a: */
static void
defined(struct flow *f, struct str word, size_t at)
{
	bool lambda = str_is(word, "lambda"), python = str_is(word, "def") || lambda;
	struct function fn;
	size_t open;

	at = flow_blank(f, at);
	fn = (struct function){ .name = lambda ? code_name(f->code, (size_t)(word.p - f->code.p)) : flow_word(f, at) };
	open = lambda ? at : flow_blank(f, at + fn.name.n);
	if (names_hold("__init__ constructor", fn.name))
		fn.name = class_name(f, at);
	fn.params = fn.params_end = fn.body = open;
	fn.whole = lambda || f->how->backquote || f->how->plain;
	if (lambda) {
		while (fn.body < f->code.n && f->code.p[fn.body] != ':')
			fn.body++;
		fn.params_end = fn.body;
	} else if (open < f->code.n && (f->code.p[open] == '(' || str_is(word, "proc"))) {
		fn.params = open + 1;
		fn.params_end = flow_close(f, open);
		fn.body = fn.params_end + 1;
	}
	while (!python && fn.body < f->code.n && f->code.p[fn.body] != '{')
		fn.body++;
	if (fn.body >= f->code.n || f->functions++ >= FUNCTIONS_MAX)
		return;
	fn.body_end = lambda ? flow_end(f, fn.body, true) : python ? block_end(f, fn.body) : flow_close(f, fn.body);
	fn.body++;
	if (lambda && fn.name.n == 0) /* (lambda c: …)(x) */
		parameters(f, &fn, flow_blank(f, fn.body_end + 1) + 1, flow_end(f, fn.body_end + 1, false) + 1);
	calls(f, &fn);
	results(f, &fn);
}

/* f = (a, b) => …, [x].forEach(a => …) */
static void
arrow(struct flow *f, size_t at)
{
	size_t end = at, from, line;
	struct function fn = { .body = at + 2 };

	if (f->functions++ >= FUNCTIONS_MAX)
		return;
	while (end > 0 && code_in(f->code.p[end - 1], " \t"))
		end--;
	for (from = end; from > 0 && (end == at - 1 || flow_byte(f->code.p[from - 1])) && flow_byte(f->code.p[from - 1]);)
		from--;
	if (end > 0 && f->code.p[end - 1] == ')') {
		for (from = end - 1; from > 0 && f->code.p[from - 1] != '(';)
			from--;
		end--;
	}
	while (from < end && from > 0 && flow_byte(f->code.p[from - 1]))
		from--;
	fn.params = from;
	fn.params_end = end;
	if (from > 0 && f->code.p[from - 1] == '(')
		from--;
	fn.name = code_name(f->code, from);
	fn.body = flow_blank(f, fn.body);
	fn.body_end = fn.body < f->code.n && f->code.p[fn.body] == '{' ? flow_close(f, fn.body) : flow_end(f, fn.body, true);
	fn.whole = fn.body < f->code.n && f->code.p[fn.body] != '{';
	for (line = fn.params; line > 0 && !code_in(f->code.p[line - 1], "\n;");)
		line--;
	if (fn.name.n == 0) /* of a list before it, or of what is called there */
		parameters(f, &fn, line, fn.params > 0 ? fn.params - 1 : 0);
	calls(f, &fn);
	results(f, &fn);
}

/* my ($a, $b) = @_; const [a, b] = … */
static void
listed(struct flow *f, size_t open)
{
	size_t close = flow_close(f, open), at = close < f->code.n ? flow_blank(f, close + 1) : close;

	if (at + 1 >= f->code.n || f->code.p[at] != '=' || code_in(f->code.p[at + 1], "=>~"))
		return;
	for (size_t i = open + 1; i < close; i++)
		if (flow_byte(f->code.p[i]) && !flow_byte(f->code.p[i - 1]))
			give(f, flow_word(f, i), at + 1, flow_end(f, at + 1, false));
}

/* awk: sub(/a/, "b", x) changes x; split("a;b", x) gives it. */
static void
changed(struct flow *f, struct str word, size_t open)
{
	size_t close = flow_close(f, open);
	struct given *g;

	for (size_t i = open + 1; i < close; i++)
		if (f->literal[i] == 0 && flow_byte(f->code.p[i]) && !flow_byte(f->code.p[i - 1]) &&
		    (g = give(f, flow_word(f, i), open + 1, flow_end(f, open + 1, true))) != NULL)
			g->changed = !str_is(word, "split");
}

/* perl: s/a/b/ alone changes $_. */
static void
changed_default(struct flow *f, size_t at)
{
	size_t before = at;
	struct given *g;

	while (before > 0 && code_in(f->code.p[before - 1], " \t\n"))
		before--;
	if ((before == 0 || code_in(f->code.p[before - 1], ";{}")) && (g = give(f, STR("_"), at, at)) != NULL)
		g->changed = true;
}

/* Is the for of "for x in" a statement's, no list's: [x for x in y]? */
static bool
is_loop(const struct flow *f, size_t name)
{
	size_t line = name;
	struct str before;

	while (line > 0 && !code_in(f->code.p[line - 1], "\n;{"))
		line--;
	before = str_trim(str_sub(f->code, line, name - line));
	return str_starts(before, STR("for"));
}

/* for x in …, for (x of …) */
static void
each(struct flow *f, struct str name, size_t at)
{
	size_t end = flow_end(f, at, false), colon = at;
	struct given *g;

	while (colon < end && (f->literal[colon] != 0 || f->code.p[colon] != ':'))
		colon = f->literal[colon] == 0 && code_in(f->code.p[colon], "([{") ? flow_close(f, colon) : next(f, colon);
	if ((g = give(f, name, at, colon < end ? colon : end)) == NULL)
		return;
	g->one = true;
	g->loop = is_loop(f, (size_t)(name.p - f->code.p));
}

static void
find_names(struct flow *f)
{
	for (size_t i = 0; i < f->code.n;) {
		struct str word = flow_word(f, i);
		size_t after;

		if (f->literal[i] != 0 || word.n == 0) {
			if (f->literal[i] == 0 && str_starts(str_sub(f->code, i, f->code.n), STR("=>")) && !f->how->backquote)
				arrow(f, i);
			else if (f->literal[i] == 0 && code_in(f->code.p[i], "([") && i > 2)
				listed(f, i);
			i = next(f, i);
			continue;
		}
		after = i + word.n;
		if (names_hold("def function sub proc lambda", word) && after < f->code.n && code_in(f->code.p[after], " \t:"))
			defined(f, word, after);
		else if (names_hold("push unshift foreach for", word) || (f->how->plain && names_hold("set append lappend", word)))
			by_word(f, word, after);
		else if (f->how->backquote && names_hold("s tr y", word) && after < f->code.n && code_in(f->code.p[after], "/|{#,!"))
			changed_default(f, i);
		else if (names_hold("sub gsub split", word) && after < f->code.n && f->code.p[after] == '(')
			changed(f, word, after);
		after = behind_subscripts(f, after);
		assigned(f, word, after);
		grown(f, word, after);
		if (str_starts(str_sub(f->code, after, f->code.n), STR("in ")) || str_starts(str_sub(f->code, after, f->code.n), STR("of ")))
			each(f, word, after + 3);
		i += word.n;
	}
}

/* ${x["y"]} in a literal: what stands there is code again. */
static void
inner_code(struct flow *f, const struct literal *l)
{
	bool fstring = l->from > 0 && code_in(f->code.p[l->from - 1], "fF");
	size_t end = l->to < f->code.n ? l->to : f->code.n;
	struct literals inner;

	for (size_t i = l->from + 1, close; i < end; i = close + 1) {
		size_t from = i + 1;
		int depth = 1;

		close = i;
		if (f->code.p[i] != '{' || !(fstring || code_in(f->code.p[i - 1], "$#")))
			continue;
		for (close = from; close < end && (depth += code_in(f->code.p[close], "{") - code_in(f->code.p[close], "}")) > 0;)
			close++;
		for (size_t k = from; k < close; k++)
			f->literal[k] = 0;
		code_literals(f->rd->a, str_sub(f->code, from, close - from), &inner);
		for (size_t k = 0; k < inner.v.n && f->all.v.n < UINT16_MAX - 1; k++) {
			struct literal *in = vec_push(f->rd->a, &f->all.v);

			*in = inner.v.v[k];
			in->from += from;
			in->to += from;
			for (size_t n = in->from; n < in->to && n < close; n++)
				f->literal[n] = (uint16_t)f->all.v.n;
		}
	}
}

/* What closes each bracket, but for those in literals. */
static void
match_brackets(struct flow *f)
{
	uint32_t *open = NEW_ARRAY(f->rd->a, uint32_t, f->code.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < f->code.n; i = next(f, i)) {
		if (f->literal[i] != 0)
			continue;
		if (code_in(f->code.p[i], "([{"))
			open[n++] = (uint32_t)i;
		else if (n > 0 && code_in(f->code.p[i], ")]}"))
			f->close[open[--n]] = (uint32_t)i + 1;
	}
	while (n > 0)
		f->close[open[--n]] = (uint32_t)f->code.n + 1;
}

bool
flow_open(struct flow *f, struct reading *rd, const struct code *how, struct str code, const struct literals *ls)
{
	*f = (struct flow){ .rd = rd, .how = how, .code = code, .ls = &f->all };
	if (code.n > FLOW_CODE_MAX)
		return false;
	f->literal = NEW_ARRAY(rd->a, uint16_t, code.n + 1);
	f->close = NEW_ARRAY(rd->a, uint32_t, code.n + 1);
	for (size_t i = 0; i < ls->v.n && i < UINT16_MAX - 1; i++) {
		*vec_push(rd->a, &f->all.v) = ls->v.v[i];
		for (size_t k = ls->v.v[i].from; k < ls->v.v[i].to && k < code.n; k++)
			f->literal[k] = (uint16_t)(i + 1);
	}
	for (size_t i = 0; i < ls->v.n && !how->backquote; i++)
		inner_code(f, &ls->v.v[i]);
	match_brackets(f);
	find_names(f);
	return true;
}
