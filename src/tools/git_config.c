/* SPDX-License-Identifier: ISC */
/*
 * git_config.c: the text of a git configuration file as git reads it, and
 * questions about what it says. Opens no file and follows no include (see
 * git_include.c).
 */
#include <string.h>

#include "tools/git.h"

struct scan {
	struct arena *a;
	struct str text;
	size_t at;
	bool eof;
};

static bool
is_alpha(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_key(int c)
{
	return is_alpha(c) || (c >= '0' && c <= '9') || c == '-';
}

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char
lower(int c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* The end of the text is one more newline. */
static int
next(struct scan *s)
{
	if (s->at >= s->text.n) {
		s->eof = true;
		return '\n';
	}
	if (s->text.p[s->at] == '\r' && s->at + 1 < s->text.n && s->text.p[s->at + 1] == '\n')
		s->at++;
	return (unsigned char)s->text.p[s->at++];
}

static int
value(struct scan *s, struct buf *b)
{
	bool quoted = false, comment = false;
	size_t spaces = 0;

	for (;;) {
		int c = next(s);

		if (c == '\n')
			return quoted ? BRIDLE_ESYNTAX : 0;
		if (comment)
			continue;
		if (is_blank(c) && !quoted) {
			if (b->n > 0)
				spaces++;
			continue;
		}
		if (!quoted && (c == ';' || c == '#')) {
			comment = true;
			continue;
		}
		for (; spaces > 0; spaces--)
			buf_putc(b, ' ');
		if (c == '"') {
			quoted = !quoted;
			continue;
		}
		if (c == '\\') {
			c = next(s);
			if (c == '\n')
				continue;
			if (c != 't' && c != 'b' && c != 'n' && c != '\\' && c != '"')
				return BRIDLE_ESYNTAX;
			c = c == 't' ? '\t' : c == 'b' ? '\b' : c == 'n' ? '\n' : c;
		}
		buf_putc(b, (char)c);
	}
}

/* After `[section` and a blank: `"sub"]`. */
static int
subsection(struct scan *s, struct buf *b)
{
	int c = ' ';

	while (is_blank(c)) {
		if (c == '\n')
			return BRIDLE_ESYNTAX;
		c = next(s);
	}
	if (c != '"')
		return BRIDLE_ESYNTAX;
	buf_putc(b, '.');
	while ((c = next(s)) != '"') {
		if (c == '\\')
			c = next(s);
		if (c == '\n')
			return BRIDLE_ESYNTAX;
		buf_putc(b, (char)c);
	}
	return next(s) == ']' ? 0 : BRIDLE_ESYNTAX;
}

static int
section(struct scan *s, struct buf *b)
{
	for (;;) {
		int c = next(s);

		if (s->eof)
			return BRIDLE_ESYNTAX;
		if (c == ']')
			return 0;
		if (is_blank(c))
			return subsection(s, b);
		if (!is_key(c) && c != '.')
			return BRIDLE_ESYNTAX;
		buf_putc(b, lower(c));
	}
}

/* One `name [= value]`, whose first letter is c. */
static int
variable(struct scan *s, struct str under, int c, struct git_setting *out)
{
	struct buf key, val;
	int err;

	buf_init(&key, s->a);
	buf_init(&val, s->a);
	if (under.n > 0) {
		buf_add(&key, under);
		buf_putc(&key, '.');
	}
	while (is_key(c)) {
		buf_putc(&key, lower(c));
		c = next(s);
	}
	while (c == ' ' || c == '\t')
		c = next(s);
	out->bare = c == '\n';
	if (!out->bare) {
		if (c != '=')
			return BRIDLE_ESYNTAX;
		if ((err = value(s, &val)) != 0)
			return err;
	}
	out->key = buf_str(&key);
	out->value = val.n == 0 ? STR("") : buf_str(&val);
	return 0;
}

int
git_config_parse(struct arena *a, struct str text, enum git_scope scope, struct git_config *out)
{
	struct scan s = { .a = a, .text = text };
	struct str under = { 0 };
	bool comment = false;

	if (str_starts(text, STR("\xef\xbb\xbf")))
		s.at = 3;
	for (;;) {
		struct git_setting one = { .scope = scope };
		struct buf b;
		int c = next(&s);

		if (c == '\n') {
			if (s.eof)
				return 0;
			comment = false;
		} else if (comment || is_blank(c)) {
			continue;
		} else if (c == '#' || c == ';') {
			comment = true;
		} else if (c == '[') {
			buf_init(&b, a);
			if (section(&s, &b) != 0)
				return BRIDLE_ESYNTAX;
			under = b.n == 0 ? STR("") : buf_str(&b);
		} else if (is_alpha(c)) {
			if (variable(&s, under, c, &one) != 0)
				return BRIDLE_ESYNTAX;
			*vec_push(a, &out->list) = one;
		} else {
			return BRIDLE_ESYNTAX;
		}
	}
}

static void
print_quoted(struct buf *b, struct str s)
{
	buf_putc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n') {
			buf_puts(b, "\\n");
			continue;
		}
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_putc(b, '\\');
		buf_putc(b, s.p[i]);
	}
	buf_putc(b, '"');
}

struct str
git_config_print(struct arena *a, const struct git_config *c)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < c->list.n; i++) {
		const struct git_setting *s = &c->list.v[i];
		struct str sec, sub, name;

		git_config_split(s->key, &sec, &sub, &name);
		buf_putc(&b, '[');
		buf_add(&b, sec);
		if (sec.n + name.n + 1 < s->key.n) {
			buf_putc(&b, ' ');
			print_quoted(&b, sub);
		}
		buf_puts(&b, "]\n\t");
		buf_add(&b, name);
		if (!s->bare) {
			buf_puts(&b, " = ");
			print_quoted(&b, s->value);
		}
		buf_putc(&b, '\n');
	}
	return b.n == 0 ? STR("") : buf_str(&b);
}

void
git_config_split(struct str key, struct str *sec, struct str *sub, struct str *name)
{
	size_t first = str_chr(key, '.'), last = str_rchr(key, '.');

	*sub = STR("");
	*name = key;
	*sec = STR("");
	if (first == STR_NPOS)
		return;
	*sec = str_sub(key, 0, first);
	*name = str_sub(key, last + 1, key.n);
	if (last > first)
		*sub = str_sub(key, first + 1, last - first - 1);
}

int
git_config_key(struct arena *a, struct str typed, struct str *out)
{
	size_t first = str_chr(typed, '.'), last = str_rchr(typed, '.');
	struct str copy = str_dup(a, typed);
	char *p = NEW_ARRAY(a, char, typed.n + 1);

	if (first == STR_NPOS || first == 0 || last + 1 == typed.n)
		return BRIDLE_EINVAL;
	for (size_t i = 0; i < copy.n; i++) {
		int c = (unsigned char)copy.p[i];

		p[i] = (char)c;
		if (i > first && i <= last) {
			if (c == '\n')
				return BRIDLE_EINVAL;
			continue;
		}
		if (i == first)
			continue;
		if (!is_key(c) || (i == last + 1 && !is_alpha(c)))
			return BRIDLE_EINVAL;
		p[i] = lower(c);
	}
	*out = (struct str){ p, typed.n };
	return 0;
}

int
git_config_last(const struct git_config *c, struct str key, struct str *out)
{
	for (size_t i = c->list.n; i-- > 0;) {
		const struct git_setting *s = &c->list.v[i];

		if (!str_eq(s->key, key))
			continue;
		if (c->why.n > 0 && s->scope != GIT_COMMAND)
			return BRIDLE_EUNKNOWN;
		*out = s->bare ? STR("true") : s->value;
		return 0;
	}
	return c->why.n > 0 ? BRIDLE_EUNKNOWN : BRIDLE_ENOENT;
}

int
git_config_of(struct arena *a, const struct git_config *c, const char *sec, struct str sub,
    const char *name, struct str *out)
{
	return git_config_last(c,
	    str_printf(a, "%s." STR_FMT ".%s", sec, STR_ARG(sub), name), out);
}

/* As git reads a boolean; MAYBE for what it would refuse. */
static enum tri
truth(struct str v)
{
	static const char *const yes[] = { "true", "yes", "on" };
	static const char *const no[] = { "", "false", "no", "off" };
	bool digits = v.n > 0;

	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		if (str_ieq(v, str_of(yes[i])))
			return TRI_YES;
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		if (str_ieq(v, str_of(no[i])))
			return TRI_NO;
	for (size_t i = 0; i < v.n; i++)
		digits = digits && v.p[i] >= '0' && v.p[i] <= '9';
	if (!digits)
		return TRI_MAYBE;
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] != '0')
			return TRI_YES;
	return TRI_NO;
}

enum tri
git_config_bool(const struct git_config *c, const char *key, bool dflt)
{
	struct str v;

	switch (git_config_last(c, str_of(key), &v)) {
	case 0:
		return truth(v);
	case BRIDLE_ENOENT:
		return dflt ? TRI_YES : TRI_NO;
	default:
		return TRI_MAYBE;
	}
}
