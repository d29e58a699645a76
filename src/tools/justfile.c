/* SPDX-License-Identifier: ISC */
/*
 * justfile.c: the recipes that just runs, dependencies first, with their
 * parameters. Values that are plain strings, and + of them, are put in; what
 * another expression gives is not known. What stands in backquotes runs.
 * Imports and modules are not followed.
 */
#include "tools/make.h"

#include <string.h>

#define RECIPES_MAX 2000

struct just_recipe {
	struct str name, header; /* what follows the name, down to the colon */
	struct str needs;
	size_t from, to; /* its lines */
};
struct just {
	struct arena *a;
	const struct make_call *call;
	const struct make_host *host;
	struct map *vars; /* name -> struct str *, with MAKE_UNKNOWN */
	struct map *aliases; /* the same */
	VEC(struct just_recipe) recipes;
	VEC(struct make_export) exports;
	strs_vec lines;
	struct map *ran;
	struct buf lost;
	bool export_all;
	unsigned depth;
	int err;
};

static void
lose(struct just *j, struct str text)
{
	buf_add(&j->lost, text);
	buf_putc(&j->lost, '\n');
}

static void
run(struct just *j, struct str text, struct str target, struct str *output)
{
	struct make_recipe r = { text, target, STR("sh"), STR("-cu"), j->exports.v, j->exports.n };

	if (str_trim(text).n > 0 && j->err == 0 && !j->call->dry)
		j->err = j->host->run(j->host->ctx, &r, output);
}

/* ---- values ---- */

static void
set_var(struct just *j, struct map *vars, struct str name, struct str value, bool export)
{
	struct str *v = NEW(j->a, struct str);

	*v = value;
	map_put(vars, str_dup(j->a, name), v);
	if (export || (j->export_all && vars != j->aliases))
		*vec_push(j->a, &j->exports) = (struct make_export){ name, value, false };
}

/* One quoted string in front of *rest, what \ hides in "" not known. */
static struct str
quoted(struct str *rest)
{
	char q = rest->p[0];
	size_t n = 1, end;
	struct str s;

	while (n < 3 && n < rest->n && rest->p[n] == q)
		n++;
	n = n == 3 ? 3 : 1;
	for (end = n; end < rest->n && !(rest->p[end] == q && (n == 1 ||
	    str_starts(str_sub(*rest, end, rest->n), str_sub(*rest, 0, 3)))); end++)
		end += rest->p[end] == '\\' && q == '"';
	s = str_sub(*rest, n, end - n);
	*rest = str_trim(str_sub(*rest, end + n, rest->n));
	return q == '"' && str_chr(s, '\\') != STR_NPOS ? MAKE_ANY : s;
}

/* A value: strings, names, `commands`, with + between them. */
static struct str
value_of(struct just *j, struct map *params, struct str text)
{
	struct buf out;

	buf_init(&out, j->a);
	for (text = str_trim(text); text.n > 0; text = str_trim(text)) {
		char c = text.p[0];
		struct str one = MAKE_ANY, *v;
		size_t n = 0;

		if (c == '\'' || c == '"') {
			one = quoted(&text);
		} else if (c == '`') {
			one = quoted(&text);
			run(j, one, STR("`…`"), &one);
		} else {
			while (n < text.n && strchr("+ \t(", text.p[n]) == NULL)
				n++;
			v = params != NULL ? map_get(params, str_sub(text, 0, n)) : NULL;
			v = v != NULL ? v : map_get(j->vars, str_sub(text, 0, n));
			text = str_trim(str_sub(text, n, text.n));
			if (n == 0 || v == NULL || (text.n > 0 && text.p[0] != '+')) {
				lose(j, text);
				text.n = 0;
			} else
				one = *v;
		}
		buf_add(&out, one);
		if (text.n > 0 && text.p[0] != '+' && text.p[0] != '/') {
			lose(j, text);
			return MAKE_ANY;
		}
		if (text.n > 0 && text.p[0] == '/')
			buf_putc(&out, '/');
		text = str_sub(text, 1, text.n);
	}
	return buf_str(&out);
}

/* {{value}} in a line; {{{{ is {{. */
static struct str
filled(struct just *j, struct map *params, struct str line)
{
	struct buf out;
	size_t at;

	buf_init(&out, j->a);
	while ((at = str_find(line, STR("{{"))) != STR_NPOS) {
		size_t end;

		buf_add(&out, str_sub(line, 0, at));
		line = str_sub(line, at + 2, line.n);
		if (str_starts(line, STR("{{"))) {
			buf_puts(&out, "{{");
			line = str_sub(line, 2, line.n);
			continue;
		}
		end = str_find(line, STR("}}"));
		buf_add(&out, value_of(j, params, str_sub(line, 0, end == STR_NPOS ? line.n : end)));
		line = str_sub(line, end == STR_NPOS ? line.n : end + 2, line.n);
	}
	buf_add(&out, line);
	return buf_str(&out);
}

/* ---- lines ---- */

static struct str
logical_line(struct just *j, struct str *rest)
{
	struct buf out;
	bool more = true;

	buf_init(&out, j->a);
	while (more && rest->n > 0) {
		struct str line = str_line(rest);

		more = line.n > 0 && line.p[line.n - 1] == '\\';
		buf_add(&out, more ? str_sub(line, 0, line.n - 1) : line);
	}
	return buf_str(&out);
}

static bool
begins(struct str line, const char *word, struct str *rest)
{
	struct str w = str_of(word);

	if (!str_starts(line, w) || (line.n > w.n && line.p[w.n] != ' '))
		return false;
	*rest = str_trim(str_sub(line, w.n, line.n));
	return true;
}

/* set dotenv-load: .env's NAME=VALUE lines. */
static void
dotenv(struct just *j)
{
	struct str text;

	if (j->host->file(j->host->ctx, STR(".env"), &text) != 0)
		return;
	while (text.n > 0) {
		struct str line = str_trim(logical_line(j, &text)), value;
		size_t eq = str_chr(line, '=');

		if (eq == STR_NPOS || line.p[0] == '#')
			continue;
		value = str_trim(str_sub(line, eq + 1, line.n));
		if (value.n > 0 && (value.p[0] == '\'' || value.p[0] == '"'))
			value = quoted(&value);
		else if (strpbrk(str_c(j->a, value), "$#\\") != NULL)
			value = MAKE_ANY;
		*vec_push(j->a, &j->exports) = (struct make_export){ str_trim(str_sub(line, 0, eq)), value, false };
	}
}

static bool
setting(struct just *j, struct str line)
{
	struct str rest, ignored;

	if (begins(line, "set", &rest)) {
		j->export_all |= begins(rest, "export", &ignored);
		if (str_starts(rest, STR("dotenv")))
			dotenv(j);
		return true;
	}
	if (begins(line, "import", &rest) || begins(line, "import?", &rest) || begins(line, "mod", &rest)) {
		lose(j, line);
		return true;
	}
	if (begins(line, "alias", &rest)) { /* NAME := RECIPE */
		struct str name = make__word(&rest);

		(void)make__word(&rest);
		set_var(j, j->aliases, name, make__word(&rest), false);
		return true;
	}
	return line.p[0] == '[';
}

static bool
variable(struct just *j, struct str line)
{
	size_t at = str_find(line, STR(":="));
	struct str name = str_trim(str_sub(line, 0, at)), rest;
	bool export = begins(name, "export", &rest);

	if (at == STR_NPOS)
		return false;
	name = export ? rest : name;
	if (map_get(j->vars, name) == NULL) /* the command line's count */
		set_var(j, j->vars, name, value_of(j, NULL, str_sub(line, at + 2, line.n)), export);
	return true;
}

/* The colon that ends a header: outside of strings. */
static size_t
header_end(struct str line)
{
	char q = '\0';

	for (size_t i = 0; i < line.n; i++)
		if (q != '\0')
			q = line.p[i] == q ? '\0' : q;
		else if (line.p[i] == '\'' || line.p[i] == '"')
			q = line.p[i];
		else if (line.p[i] == ':')
			return i;
	return line.n;
}

static void
read_lines(struct just *j, struct str rest)
{
	while (rest.n > 0 && j->err == 0) {
		struct str line = logical_line(j, &rest), text = str_trim(line);
		struct just_recipe r = { .from = j->lines.n, .to = j->lines.n };
		size_t end;

		if (text.n == 0 || (text.p[0] == '#' && text.p == line.p))
			continue;
		if ((line.p[0] == ' ' || line.p[0] == '\t') && j->recipes.n > 0) {
			*vec_push(j->a, &j->lines) = text;
			j->recipes.v[j->recipes.n - 1].to = j->lines.n;
			continue;
		}
		if (setting(j, text) || variable(j, text) || j->recipes.n >= RECIPES_MAX)
			continue;
		end = header_end(text);
		r.needs = str_sub(text, end + 1, text.n);
		r.header = str_sub(text, 0, end);
		if (str_starts(r.header, STR("@")))
			r.header = str_sub(r.header, 1, r.header.n);
		r.name = make__word(&r.header);
		*vec_push(j->a, &j->recipes) = r;
	}
}

/* ---- recipes ---- */

static void call(struct just *j, struct str name, const struct str *args, size_t nargs);

/* NAME, $NAME, NAME=DEFAULT, +NAME, *NAME: each takes an argument, the last two all. */
static struct map *
parameters(struct just *j, const struct just_recipe *r, const struct str *args, size_t nargs)
{
	struct map *params = map_new(j->a);
	struct str rest = str_trim(r->header);
	size_t at = 0;

	while (rest.n > 0) {
		bool many = rest.p[0] == '+' || rest.p[0] == '*', export;
		struct str name, value = STR("");
		size_t n = 0;

		rest = str_sub(rest, many, rest.n);
		export = str_starts(rest, STR("$"));
		rest = str_sub(rest, export, rest.n);
		while (n < rest.n && rest.p[n] != '=' && rest.p[n] != ' ')
			n++;
		name = str_sub(rest, 0, n);
		rest = str_sub(rest, n, rest.n);
		if (str_starts(rest, STR("="))) {
			rest = str_sub(rest, 1, rest.n);
			n = 0;
			if (rest.n > 0 && strchr("'\"`", rest.p[0]) != NULL) {
				struct str left = rest;

				(void)quoted(&left);
				n = rest.n - left.n;
			} else
				while (n < rest.n && rest.p[n] != ' ')
					n++;
			value = value_of(j, params, str_sub(rest, 0, n));
			rest = str_sub(rest, n, rest.n);
		}
		rest = str_trim(rest);
		if (at < nargs)
			value = args[at++];
		while (many && at < nargs)
			value = str_printf(j->a, STR_FMT " " STR_FMT, STR_ARG(value), STR_ARG(args[at])), at++;
		set_var(j, params, name, value, export);
	}
	return params;
}

/* NAME, && and (NAME VALUE …) */
static void
run_needs(struct just *j, struct str needs, struct map *params)
{
	for (needs = str_trim(needs); needs.n > 0; needs = str_trim(needs)) {
		struct str name, inside;
		strs_vec args = { 0 };
		size_t end;

		if (needs.p[0] == '#')
			return;
		if (needs.p[0] != '(') {
			name = make__word(&needs);
			if (!str_is(name, "&&"))
				call(j, name, NULL, 0);
			continue;
		}
		end = str_chr(needs, ')');
		inside = str_sub(needs, 1, end == STR_NPOS ? needs.n : end - 1);
		needs = str_sub(needs, inside.n + 2, needs.n);
		name = make__word(&inside);
		for (inside = str_trim(inside); inside.n > 0; inside = str_trim(inside)) {
			struct str left = inside;

			if (strchr("'\"`", inside.p[0]) != NULL)
				(void)quoted(&left);
			else
				(void)make__word(&left);
			*vec_push(j->a, &args) = value_of(j, params, str_sub(inside, 0, inside.n - left.n));
			inside = left;
		}
		call(j, name, args.v, args.n);
	}
}

static void
run_lines(struct just *j, const struct just_recipe *r, struct map *params)
{
	bool script = r->from < r->to && str_starts(j->lines.v[r->from], STR("#!"));
	struct buf all;

	buf_init(&all, j->a);
	for (size_t i = r->from; i < r->to; i++) {
		struct str line = filled(j, params, j->lines.v[i]);

		while (!script && line.n > 0 && (line.p[0] == '@' || line.p[0] == '-'))
			line = str_sub(line, 1, line.n);
		buf_add(&all, line);
		buf_putc(&all, '\n');
		if (!script)
			run(j, line, r->name, NULL);
	}
	if (script)
		run(j, buf_str(&all), r->name, NULL);
}

/* NULL: there is none, or it is a module's. */
static const struct just_recipe *
find(const struct just *j, struct str name)
{
	const struct str *real = map_get(j->aliases, name);

	for (size_t i = 0; i < j->recipes.n; i++)
		if (str_eq(j->recipes.v[i].name, real != NULL ? *real : name))
			return &j->recipes.v[i];
	return NULL;
}

/* How many words behind its name are a recipe's own. */
static size_t
takes(struct just *j, struct str name)
{
	const struct just_recipe *r = find(j, name);
	struct map *params;
	size_t n = j->exports.n, i;

	if (r == NULL)
		return 0;
	params = parameters(j, r, NULL, 0);
	j->exports.n = n;
	i = map_count(params);
	return str_chr(r->header, '*') != STR_NPOS || str_chr(r->header, '+') != STR_NPOS ? STR_NPOS / 2 : i;
}

static void
call(struct just *j, struct str name, const struct str *args, size_t nargs)
{
	struct buf key;
	size_t exports = j->exports.n;
	const struct just_recipe *r = find(j, name);
	struct map *params;
	buf_init(&key, j->a);
	buf_add(&key, name);
	for (size_t i = 0; i < nargs; i++)
		buf_printf(&key, "\n" STR_FMT, STR_ARG(args[i]));
	if (map_get(j->ran, buf_str(&key)) != NULL || j->err != 0)
		return;
	map_put(j->ran, buf_str(&key), j);
	if (++j->depth > MAKE_NEEDS_DEPTH || r == NULL)
		lose(j, r == NULL ? STR("") : name);
	else {
		params = parameters(j, r, args, nargs);
		run_needs(j, r->needs, params);
		run_lines(j, r, params);
	}
	j->depth--;
	j->exports.n = exports;
}

int
just_read(struct arena *a, const struct make_call *call_, const struct make_host *host, struct make_lost *lost)
{
	struct just j = { .a = a, .call = call_, .host = host, .vars = map_new(a), .aliases = map_new(a), .ran = map_new(a) };

	buf_init(&j.lost, a);
	for (size_t i = 0; i < call_->assigns.n; i++) {
		size_t eq = str_chr(call_->assigns.v[i], '=');

		set_var(&j, j.vars, str_sub(call_->assigns.v[i], 0, eq),
		    str_sub(call_->assigns.v[i], eq + 1, call_->assigns.v[i].n), false);
	}
	for (size_t i = 0; i + 1 < call_->files.n; i += 2)
		read_lines(&j, call_->files.v[i + 1]);
	for (size_t i = 0, n; i < call_->goals.n; i += n + 1) { /* a recipe takes its arguments, the next is one */
		n = takes(&j, call_->goals.v[i]);
		if (n > call_->goals.n - i - 1)
			n = call_->goals.n - i - 1;
		call(&j, call_->goals.v[i], call_->goals.v + i + 1, n);
	}
	if (call_->goals.n == 0 && j.recipes.n > 0)
		call(&j, j.recipes.v[0].name, NULL, 0);
	lost->text = buf_str(&j.lost);
	return j.err;
}
