/* SPDX-License-Identifier: ISC */
/*
 * dockerfile.c: see dockerfile.h. Lines become instructions (continuations,
 * comments inside them, here-documents, the escape directive), instructions
 * become stages. ARGs in front of the first FROM are put into image names.
 */
#include "tools/dockerfile.h"

#include "bridle/limits.h"

#include <string.h>

struct reader {
	struct arena *a;
	struct str text;
	size_t at;
	unsigned line;
	char escape; /* ends a line that goes on */
	struct dockerfile *out;
};

static struct str
next_line(struct reader *r)
{
	struct str rest = str_sub(r->text, r->at, r->text.n);
	struct str line = str_line(&rest);

	r->at = r->text.n - rest.n;
	r->line++;
	return line;
}

/* `# escape=` may stand only among the first lines, with other directives. */
static void
read_directives(struct reader *r)
{
	struct reader peek = *r;

	while (peek.at < peek.text.n) {
		struct str line = str_trim(next_line(&peek));
		size_t eq = str_chr(line, '=');

		if (line.n == 0 || line.p[0] != '#' || eq == STR_NPOS)
			return;
		if (str_ieq(str_trim(str_sub(line, 1, eq - 1)), STR("escape")) && eq + 1 < line.n) {
			struct str value = str_trim(str_sub(line, eq + 1, line.n));

			if (value.n == 1 && (value.p[0] == '`' || value.p[0] == '\\'))
				r->escape = value.p[0];
		}
	}
}

/* One logical line; comment lines inside it are left out. */
static struct str
logical_line(struct reader *r, unsigned *first)
{
	struct buf out;
	bool goes_on = true, begun = false;

	buf_init(&out, r->a);
	*first = r->line + 1;
	while (goes_on && r->at < r->text.n) {
		struct str line = next_line(r), trimmed = str_trim(line);

		if (trimmed.n == 0 || trimmed.p[0] == '#') {
			if (!begun)
				*first = r->line + 1;
			continue;
		}
		begun = true;
		goes_on = trimmed.p[trimmed.n - 1] == r->escape;
		if (goes_on)
			trimmed.n--;
		buf_add(&out, trimmed);
		if (goes_on)
			buf_putc(&out, ' ');
	}
	return str_dup(r->a, str_trim(buf_str(&out)));
}

static struct str
upper(struct arena *a, struct str s)
{
	struct str out = str_dup(a, s);
	char *p = arena_alloc(a, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		p[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 32) : s.p[i];
	out.p = p;
	return out;
}

static struct str
first_word(struct str s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] != ' ' && s.p[i] != '\t')
		i++;
	return str_sub(s, 0, i);
}

/* The here-documents that an instruction opens, one after the other. */
static void
read_here(struct reader *r, struct docker_instruction *in)
{
	struct str args = in->args;
	struct buf body;
	size_t at;

	buf_init(&body, r->a);
	while ((at = str_find(args, STR("<<"))) != STR_NPOS) {
		struct str word = str_sub(args, at + 2, args.n), name;
		bool tabs = word.n > 0 && word.p[0] == '-';

		word = str_sub(word, tabs ? 1 : 0, word.n);
		name = first_word(word);
		args = str_sub(word, name.n, word.n);
		if (name.n > 1 && (name.p[0] == '"' || name.p[0] == '\''))
			name = str_sub(name, 1, name.n - 2);
		if (name.n == 0 || name.p[0] == '<')
			continue;
		while (r->at < r->text.n) {
			struct str line = next_line(r);

			while (tabs && line.n > 0 && line.p[0] == '\t')
				line = str_sub(line, 1, line.n);
			if (str_eq(line, name))
				break;
			buf_add(&body, line);
			buf_putc(&body, '\n');
		}
	}
	in->here = buf_str(&body);
}

static bool
opens_here(struct str name)
{
	return str_is(name, "RUN") || str_is(name, "COPY") || str_is(name, "ADD");
}

static void
split_flags(struct arena *a, struct docker_instruction *in, struct str rest)
{
	struct buf flags;

	buf_init(&flags, a);
	while (str_starts(rest, STR("--"))) {
		struct str word = first_word(rest);

		if (flags.n > 0)
			buf_putc(&flags, ' ');
		buf_add(&flags, word);
		rest = str_trim(str_sub(rest, word.n, rest.n));
	}
	in->flags = buf_str(&flags);
	in->args = rest;
}

static bool
is_instruction(struct str name)
{
	static const char *const names[] = { "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE",
		"FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL",
		"USER", "VOLUME", "WORKDIR" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_is(name, names[i]))
			return true;
	return false;
}

static int
read_instruction(struct reader *r, struct str line, unsigned first, struct str *error)
{
	struct docker_instruction in = { .line = first };
	struct str word = first_word(line);

	in.name = upper(r->a, word);
	if (str_is(in.name, "ONBUILD")) {
		in.onbuild = true;
		line = str_trim(str_sub(line, word.n, line.n));
		word = first_word(line);
		in.name = upper(r->a, word);
	}
	if (!is_instruction(in.name)) {
		*error = str_printf(r->a, "line %u: " STR_FMT " is no instruction", first, STR_ARG(word));
		return BRIDLE_ESYNTAX;
	}
	split_flags(r->a, &in, str_trim(str_sub(line, word.n, line.n)));
	if (opens_here(in.name))
		read_here(r, &in);
	*vec_push(r->a, &r->out->list) = in;
	return 0;
}

/* ---- stages ------------------------------------------------------------------ */

/* Puts ARGs in front of the first FROM into an image name. */
static struct str
put_args(struct arena *a, const struct dockerfile *d, struct str text, bool *unknown)
{
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < text.n; i++) {
		struct str name, value = { 0 };
		size_t from = i + 1, to, colon;
		bool braces = from < text.n && text.p[from] == '{', found = false;

		if (text.p[i] != '$') {
			buf_putc(&out, text.p[i]);
			continue;
		}
		from += braces ? 1 : 0;
		for (to = from; to < text.n && (braces ? text.p[to] != '}'
			: strchr(":/@.-$", text.p[to]) == NULL);)
			to++;
		name = str_sub(text, from, to - from);
		colon = str_find(name, STR(":-"));
		for (size_t k = 0; k < d->list.n && !str_is(d->list.v[k].name, "FROM"); k++) {
			struct str arg, v;
			size_t at = 0;
			bool has;

			while (dockerfile_pair(a, &d->list.v[k], &at, &arg, &v, &has))
				if (has && str_eq(arg, str_sub(name, 0, colon == STR_NPOS ? name.n : colon))) {
					value = v;
					found = true;
				}
		}
		if (!found && colon != STR_NPOS)
			value = str_sub(name, colon + 2, name.n);
		else if (!found)
			*unknown = true;
		buf_add(&out, value);
		i = braces ? to : to - 1;
	}
	return buf_str(&out);
}

static void
add_stage(struct arena *a, struct dockerfile *d, size_t at)
{
	struct docker_instruction *in = &d->list.v[at];
	struct docker_stage s = { .from = at, .to = d->list.n };
	struct str image = first_word(in->args), rest = str_trim(str_sub(in->args, image.n, in->args.n));

	s.image = put_args(a, d, image, &s.image_unknown);
	if (str_ieq(first_word(rest), STR("as")))
		s.name = str_trim(str_sub(rest, 2, rest.n));
	if (d->stages.n > 0)
		d->stages.v[d->stages.n - 1].to = at;
	*vec_push(a, &d->stages) = s;
}

int
dockerfile_read(struct arena *a, struct str text, struct dockerfile *out, struct str *error)
{
	struct reader r = { a, text, 0, 0, '\\', out };
	int err;

	*out = (struct dockerfile){ 0 };
	if (text.n > LIMIT_FILE)
		return BRIDLE_ELIMIT;
	if (str_starts(text, STR("\xef\xbb\xbf")))
		r.at = 3;
	read_directives(&r);
	while (r.at < text.n) {
		unsigned first;
		struct str line = logical_line(&r, &first);

		if (line.n > 0 && (err = read_instruction(&r, line, first, error)) < 0)
			return err;
	}
	for (size_t i = 0; i < out->list.n; i++) {
		if (str_is(out->list.v[i].name, "FROM"))
			add_stage(a, out, i);
		else if (out->stages.n == 0 && !str_is(out->list.v[i].name, "ARG")) {
			*error = str_printf(a, "line %u: the first instruction must be FROM", out->list.v[i].line);
			return BRIDLE_ESYNTAX;
		}
	}
	if (out->stages.n == 0) {
		*error = STR("no FROM");
		return BRIDLE_ESYNTAX;
	}
	return 0;
}

const struct docker_stage *
dockerfile_stage(const struct dockerfile *d, struct str image, const struct docker_stage *before)
{
	uint64_t number;

	for (size_t i = d->stages.n; i-- > 0;)
		if (&d->stages.v[i] < before && d->stages.v[i].name.n > 0 &&
		    str_ieq(d->stages.v[i].name, image))
			return &d->stages.v[i];
	if (str_u64(image, &number) == 0 && number < d->stages.n && &d->stages.v[number] < before)
		return &d->stages.v[number];
	return NULL;
}

bool
dockerfile_flag(const struct docker_instruction *in, const char *name, struct str *value)
{
	struct str rest = in->flags;

	while (rest.n > 0) {
		struct str word = first_word(rest), flag = str_sub(word, 2, word.n);
		size_t eq = str_chr(flag, '=');

		if (str_is(str_sub(flag, 0, eq == STR_NPOS ? flag.n : eq), name)) {
			*value = str_sub(flag, eq == STR_NPOS ? flag.n : eq + 1, flag.n);
			return true;
		}
		rest = str_trim(str_sub(rest, word.n, rest.n));
	}
	return false;
}

/* A word with its quotes taken off; *at moves behind it. */
static struct str
unquoted(struct arena *a, struct str s, size_t *at)
{
	struct buf out;
	char quote = '\0';

	buf_init(&out, a);
	for (; *at < s.n; ++*at) {
		char c = s.p[*at];

		if (quote == '\0' && (c == ' ' || c == '\t'))
			break;
		if (c == quote)
			quote = '\0';
		else if (quote == '\0' && (c == '"' || c == '\''))
			quote = c;
		else if (c == '\\' && quote != '\'' && *at + 1 < s.n)
			buf_putc(&out, s.p[++*at]);
		else
			buf_putc(&out, c);
	}
	return str_dup(a, buf_str(&out));
}

bool
dockerfile_pair(struct arena *a, const struct docker_instruction *in, size_t *at, struct str *name,
    struct str *value, bool *has_value)
{
	struct str args = in->args, word;
	bool env = str_is(in->name, "ENV");
	size_t eq;

	if (!env && !str_is(in->name, "ARG"))
		return false;
	while (*at < args.n && (args.p[*at] == ' ' || args.p[*at] == '\t'))
		++*at;
	if (*at >= args.n)
		return false;
	if (env && *at == 0 && str_chr(first_word(args), '=') == STR_NPOS) {
		/* ENV NAME the whole rest */
		*name = first_word(args);
		*value = str_trim(str_sub(args, name->n, args.n));
		*has_value = true;
		*at = args.n;
		return true;
	}
	word = unquoted(a, args, at);
	eq = str_chr(word, '=');
	*name = str_sub(word, 0, eq == STR_NPOS ? word.n : eq);
	*value = str_sub(word, eq == STR_NPOS ? word.n : eq + 1, word.n);
	*has_value = eq != STR_NPOS;
	return true;
}
