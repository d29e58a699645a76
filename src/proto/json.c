/* SPDX-License-Identifier: ISC */
/*
 * json.c: JSON read strictly, in one pass, into cJSON's tree, for what comes
 * from an agent: nothing is let through that two readers could understand in two
 * ways (two keys of one name, a NUL, bytes that are no UTF-8, control characters).
 * The tree and its strings lie in the arena. What bridle reads of a person's own
 * files goes through cJSON itself.
 */
#include "bridle/limits.h"
#include "bridle/proto.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	const char *p, *end;
	struct arena *a;
	char *strings; /* where the next one goes: decoded it is shorter than as written */
	size_t values;
	unsigned depth;
	const char *why;
};

static const char no_json[] = "it is no JSON, or not all of it";

static bool
fail(struct reader *r, const char *why)
{
	r->why = why;
	return false;
}

static void
skip_blanks(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\r' || *r->p == '\n'))
		r->p++;
}

static bool
next_is(struct reader *r, char c)
{
	skip_blanks(r);
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

/* ---- strings ------------------------------------------------------------------- */

/* Four hexadecimal digits; -1: they are none. */
static long
hex4(struct reader *r)
{
	long v = 0;
	if (r->end - r->p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = byte_lower(*r->p++);
		if (c >= '0' && c <= '9')
			v = v * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v * 16 + (c - 'a' + 10);
		else
			return -1;
	}
	return v;
}

/* Behind the `u`: the character, of two such escapes where it is a pair. */
static bool
read_unicode(struct reader *r)
{
	long c = hex4(r);
	if (c == 0)
		return fail(r, "a string holds a NUL");
	if (c >= 0xd800 && c < 0xdc00 && r->end - r->p >= 6 && r->p[0] == '\\' && r->p[1] == 'u') {
		r->p += 2;
		long low = hex4(r);
		c = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : -1;
	}
	if (c < 0 || (c >= 0xd800 && c < 0xe000))
		return fail(r, no_json);
	size_t more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned char first[] = { 0, 0xc0, 0xe0, 0xf0 };
	*r->strings++ = (char)(first[more] | c >> 6 * more);
	while (more-- > 0)
		*r->strings++ = (char)(0x80 | (c >> 6 * more & 0x3f));
	return true;
}

/* Behind the backslash. */
static bool
read_escape(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	if (r->p == r->end)
		return true; /* said behind it */
	char c = *r->p++;
	if (c == 'u')
		return read_unicode(r);
	if (c == '\0' || (at = strchr(from, c)) == NULL)
		return fail(r, no_json);
	*r->strings++ = to[at - from];
	return true;
}

/* A byte that does not stand for itself. */
static bool
read_special(struct reader *r)
{
	if (*r->p == '\\') {
		r->p++;
		return read_escape(r);
	}
	if ((unsigned char)*r->p < 0x20)
		return fail(r, "a control character stands in a string");
	size_t n = str_utf8_at((struct str){ r->p, (size_t)(r->end - r->p) }, 0);
	if (n == 0)
		return fail(r, "it is no UTF-8");
	memcpy(r->strings, r->p, n);
	r->strings += n;
	r->p += n;
	return true;
}

/* Behind the opening quote. */
static bool
read_string(struct reader *r, char **out)
{
	*out = r->strings;
	for (;;) {
		const char *p = r->p, *end = r->end;
		while (p < end && *p >= 0x20 && *p < 0x7f && *p != '"' && *p != '\\')
			p++;
		size_t n = (size_t)(p - r->p); /* these stand for themselves */
		memcpy(r->strings, r->p, n);
		r->strings += n;
		r->p = p;
		if (r->p == r->end)
			return fail(r, "it ends in the middle of a string");
		if (*r->p == '"')
			break;
		if (!read_special(r))
			return false;
	}
	r->p++;
	*r->strings++ = '\0';
	return true;
}

/* ---- numbers and words ------------------------------------------------------------ */

static size_t
skip_digits(struct reader *r)
{
	const char *from = r->p;
	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return (size_t)(r->p - from);
}

static bool
read_number(struct reader *r, cJSON *v)
{
	static const char bad[] = "a number is not written as JSON writes them";
	const char *from = r->p;
	if (*r->p == '-')
		r->p++;
	bool zero = r->p < r->end && *r->p == '0';
	size_t n = skip_digits(r);
	if (n == 0 || (zero && n > 1))
		return fail(r, bad);
	if (r->p < r->end && *r->p == '.') {
		r->p++;
		if (skip_digits(r) == 0)
			return fail(r, bad);
	}
	if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
		r->p++;
		if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
			r->p++;
		if (skip_digits(r) == 0)
			return fail(r, bad);
	}
	v->type = cJSON_Number;
	v->valuedouble = strtod(str_c(r->a, (struct str){ from, (size_t)(r->p - from) }), NULL);
	return isfinite(v->valuedouble) || fail(r, "a number is too large");
}

static bool
read_word(struct reader *r, cJSON *v)
{
	static const struct {
		const char *text;
		int type;
	} words[] = { { "true", cJSON_True }, { "false", cJSON_False }, { "null", cJSON_NULL } };
	struct str rest = { r->p, (size_t)(r->end - r->p) };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_starts(rest, str_of(words[i].text))) {
			r->p += strlen(words[i].text);
			v->type = words[i].type;
			return true;
		}
	return fail(r, no_json);
}

/* ---- values that hold others ------------------------------------------------------- */

/* Keys are compared one by one while they are few, else by a map. */
#define FEW 16

static bool
stands_twice(struct reader *r, const cJSON *object, size_t n, cJSON *key, struct map **seen)
{
	if (n == FEW) {
		*seen = map_new(r->a);
		for (cJSON *d = object->child; d != key; d = d->next)
			map_put(*seen, str_of(d->string), d);
	}
	if (*seen == NULL) {
		for (const cJSON *d = object->child; d != key; d = d->next)
			if (d->string[0] == key->string[0] && strcmp(d->string, key->string) == 0)
				return true;
		return false;
	}
	if (map_get(*seen, str_of(key->string)) != NULL)
		return true;
	map_put(*seen, str_of(key->string), key);
	return false;
}

static bool read_value(struct reader *r, cJSON *v);

/* Behind the bracket that opens it, up to the one that closes it. */
static bool
read_children(struct reader *r, cJSON *v, char close)
{
	struct map *seen = NULL;
	cJSON *last = NULL;
	if (++r->depth > LIMIT_JSON_DEPTH)
		return fail(r, "it is nested too deeply");
	for (size_t n = 0; !next_is(r, close); n++) {
		if (n > 0 && !next_is(r, ','))
			return fail(r, no_json);
		cJSON *c = NEW(r->a, cJSON);
		*(last == NULL ? &v->child : &last->next) = c;
		c->prev = last;
		last = c;
		if (close == '}') {
			if (!next_is(r, '"'))
				return fail(r, no_json);
			if (!read_string(r, &c->string))
				return false;
			if (!next_is(r, ':'))
				return fail(r, no_json);
			if (stands_twice(r, v, n, c, &seen))
				return fail(r, "a key stands twice in one object");
		}
		if (!read_value(r, c))
			return false;
	}
	if (last != NULL)
		v->child->prev = last; /* as cJSON has it */
	r->depth--;
	return true;
}

static bool
read_value(struct reader *r, cJSON *v)
{
	if (++r->values > LIMIT_JSON_VALUES)
		return fail(r, "it holds too many values");
	skip_blanks(r);
	if (r->p == r->end)
		return fail(r, no_json);
	switch (*r->p) {
	case '{':
		r->p++;
		v->type = cJSON_Object;
		return read_children(r, v, '}');
	case '[':
		r->p++;
		v->type = cJSON_Array;
		return read_children(r, v, ']');
	case '"':
		r->p++;
		v->type = cJSON_String;
		return read_string(r, &v->valuestring);
	default:
		return *r->p == '-' || (*r->p >= '0' && *r->p <= '9') ? read_number(r, v) : read_word(r, v);
	}
}

int
json_read(struct arena *a, struct str text, cJSON **out, const char **why)
{
	struct reader r = { .p = text.p, .end = text.p + text.n, .a = a };
	cJSON *tree = NEW(a, cJSON);
	*why = "it is empty";
	if (text.n == 0)
		return BRIDLE_ESYNTAX;
	r.strings = arena_alloc(a, text.n);
	if (read_value(&r, tree)) {
		skip_blanks(&r);
		if (r.p < r.end)
			r.why = "something follows after the object";
	}
	if ((*why = r.why) != NULL)
		return BRIDLE_ESYNTAX;
	*out = tree;
	return 0;
}

/* ---- values ---------------------------------------------------------------------- */

int
json_get_str(const cJSON *object, const char *key, struct str *out)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, key);
	if (v == NULL)
		return BRIDLE_ENOENT;
	if (!cJSON_IsString(v))
		return BRIDLE_EINVAL;
	*out = str_of(v->valuestring);
	return 0;
}

int
json_get_bool(const cJSON *object, const char *key, bool *out)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, key);
	if (v == NULL)
		return BRIDLE_ENOENT;
	if (!cJSON_IsBool(v))
		return BRIDLE_EINVAL;
	*out = cJSON_IsTrue(v);
	return 0;
}

static void
write_number(struct buf *out, double n)
{
	if (n >= -1e15 && n <= 1e15 && n == (double)(long long)n)
		buf_printf(out, "%lld", (long long)n);
	else
		buf_printf(out, "%.17g", n);
}

void
json_write(struct buf *out, const cJSON *v)
{
	if (cJSON_IsString(v))
		buf_json(out, str_of(v->valuestring));
	else if (cJSON_IsNumber(v))
		write_number(out, v->valuedouble);
	else if (cJSON_IsObject(v) || cJSON_IsArray(v)) {
		buf_putc(out, cJSON_IsObject(v) ? '{' : '[');
		for (const cJSON *c = v->child; c != NULL; c = c->next) {
			if (cJSON_IsObject(v)) {
				buf_json(out, str_of(c->string));
				buf_putc(out, ':');
			}
			json_write(out, c);
			if (c->next != NULL)
				buf_putc(out, ',');
		}
		buf_putc(out, cJSON_IsObject(v) ? '}' : ']');
	} else
		buf_puts(out, cJSON_IsTrue(v) ? "true" : cJSON_IsFalse(v) ? "false" : "null");
}
