/* SPDX-License-Identifier: ISC */
/*
 * json.c: JSON read strictly, in one go, into the tree that cJSON's getters take.
 * What an agent must not be able to use (two keys of one name, a NUL, bytes that
 * are no UTF-8, control characters as blanks) is refused. The tree lies in the
 * arena; a text ends in a NUL there, as cJSON has it.
 */
#include "bridle/limits.h"
#include "bridle/proto.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct arena *a;
	const char *p, *end;
	size_t values;
	unsigned depth;
	const char *why; /* it is no good */
};

static const char no_json[] = "it is no JSON, or not all of it";

static bool
fail(struct reader *r, const char *why)
{
	r->why = why;
	return false;
}

/* The next byte that is no blank; '\0', which nothing begins with, at the end. */
static inline char
next(struct reader *r)
{
	if (r->p < r->end && (unsigned char)*r->p > ' ')
		return *r->p;
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r'))
		r->p++;
	return r->p < r->end ? *r->p : '\0';
}

/* ---- strings ------------------------------------------------------------------- */

static bool
read_hex(struct reader *r, unsigned *out)
{
	static const char digits[] = "0123456789abcdef";
	unsigned n = 0;
	for (int i = 0; i < 4; i++, r->p++) { /* the closing quote is none */
		const char *at = memchr(digits, byte_lower(*r->p), sizeof(digits) - 1);
		if (at == NULL)
			return fail(r, no_json);
		n = n << 4 | (unsigned)(at - digits);
	}
	*out = n;
	return true;
}

static char *
put_utf8(char *to, unsigned c)
{
	if (c < 0x80)
		*to++ = (char)c;
	else if (c < 0x800)
		*to++ = (char)(0xc0 | c >> 6);
	else if (c < 0x10000)
		*to++ = (char)(0xe0 | c >> 12);
	else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
	}
	if (c >= 0x800)
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	if (c >= 0x80)
		*to++ = (char)(0x80 | (c & 0x3f));
	return to;
}

/* \uXXXX behind the u; of two surrogates both. NULL: it is wrong. */
static char *
read_unicode(struct reader *r, char *to)
{
	unsigned c, low;
	if (!read_hex(r, &c))
		return NULL;
	if (c == 0)
		return fail(r, "a string holds a NUL"), NULL;
	if (c >= 0xd800 && c < 0xe000) {
		if (c >= 0xdc00 || r->p[0] != '\\' || r->p[1] != 'u')
			return fail(r, no_json), NULL;
		r->p += 2;
		if (!read_hex(r, &low))
			return NULL;
		if (low < 0xdc00 || low >= 0xe000)
			return fail(r, no_json), NULL;
		c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
	}
	return put_utf8(to, c);
}

/* Behind a backslash, with at least the closing quote to come. */
static char *
read_escape(struct reader *r, char *to)
{
	static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	char c = *r->p++;
	const char *at = memchr(letters, c, sizeof(letters) - 1);
	if (c == 'u')
		return read_unicode(r, to);
	if (at == NULL)
		return fail(r, no_json), NULL;
	*to = bytes[at - letters];
	return to + 1;
}

/* A string that is not plain. It is no longer than it is written. */
static char *
read_spelled(struct reader *r)
{
	const char *close = r->p;
	char *out, *to;
	while (close < r->end && *close != '"')
		close += *close == '\\' ? 2 : 1;
	if (close >= r->end)
		return fail(r, "it ends in the middle of a string"), NULL;
	out = to = arena_raw(r->a, (size_t)(close - r->p) + 1);
	while (r->p < close) {
		struct str rest = { r->p, (size_t)(close - r->p) };
		size_t n = str_json_plain(rest);
		if (n == 0 && *r->p == '\\') {
			r->p++;
			if ((to = read_escape(r, to)) == NULL)
				return NULL;
			continue;
		}
		if (n == 0 && (unsigned char)*r->p < ' ')
			return fail(r, "a control character stands in a string"), NULL;
		if (n == 0 && (n = str_utf8_at(rest, 0)) == 0)
			return fail(r, "it is no UTF-8"), NULL;
		memcpy(to, r->p, n);
		to += n;
		r->p += n;
	}
	*to = '\0';
	r->p = close + 1;
	return out;
}

/* Behind the opening quote. NULL: it is wrong. */
static char *
read_string(struct reader *r)
{
	struct str rest = { r->p, (size_t)(r->end - r->p) };
	size_t n = str_json_plain(rest);
	char *s;
	if (n == rest.n || rest.p[n] != '"')
		return read_spelled(r);
	s = arena_raw(r->a, n + 1);
	memcpy(s, rest.p, n);
	s[n] = '\0';
	r->p += n + 1;
	return s;
}

/* ---- numbers and words ----------------------------------------------------------- */

static size_t
digits(struct reader *r)
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
	uint64_t whole;
	if (*r->p == '-')
		r->p++;
	bool zero = r->p < r->end && *r->p == '0';
	size_t n = digits(r);
	if (n == 0 || (zero && n > 1))
		return fail(r, bad);
	if (r->p < r->end && *r->p == '.') {
		r->p++;
		if (digits(r) == 0)
			return fail(r, bad);
	}
	if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
		r->p++;
		if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
			r->p++;
		if (digits(r) == 0)
			return fail(r, bad);
	}
	v->type = cJSON_Number;
	struct str text = { from, (size_t)(r->p - from) };
	if (n <= 15 && str_u64(text, &whole) == 0) /* as most are, and a double holds them */
		v->valuedouble = (double)whole;
	else
		v->valuedouble = strtod(str_c(r->a, text), NULL);
	if (!isfinite(v->valuedouble))
		return fail(r, "a number is too large");
	v->valueint = v->valuedouble >= INT_MAX ? INT_MAX
	            : v->valuedouble <= INT_MIN ? INT_MIN
	                                        : (int)v->valuedouble;
	return true;
}

static bool
read_word(struct reader *r, cJSON *v)
{
	static const struct {
		struct str text;
		int type;
	} words[] = { { STR("true"), cJSON_True }, { STR("false"), cJSON_False }, { STR("null"), cJSON_NULL } };
	struct str rest = { r->p, (size_t)(r->end - r->p) };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_starts(rest, words[i].text)) {
			v->type = words[i].type;
			v->valueint = words[i].type == cJSON_True;
			r->p += words[i].text.n;
			return true;
		}
	return fail(r, no_json);
}

/* ---- lists and objects ------------------------------------------------------------ */

/* Objects are compared pair by pair while small, else by a map. */
#define FEW 16

static bool
object_repeats(struct arena *a, const cJSON *object)
{
	struct map *seen = NULL;
	size_t n = 0;
	for (const cJSON *c = object->child; c != NULL; c = c->next, n++) {
		if (n == FEW) {
			seen = map_new(a);
			for (cJSON *d = object->child; d != c; d = d->next)
				map_put(seen, str_of(d->string), d);
		}
		if (seen == NULL) {
			for (const cJSON *d = object->child; d != c; d = d->next)
				if (c->string[0] == d->string[0] && strcmp(c->string, d->string) == 0)
					return true;
		} else {
			if (map_get(seen, str_of(c->string)) != NULL)
				return true;
			map_put(seen, str_of(c->string), c->string);
		}
	}
	return false;
}

static cJSON *read_value(struct reader *r);

/* "KEY": */
static char *
read_key(struct reader *r)
{
	char *key;
	if (next(r) != '"')
		return fail(r, no_json), NULL;
	r->p++;
	if ((key = read_string(r)) == NULL)
		return NULL;
	if (next(r) != ':')
		return fail(r, no_json), NULL;
	r->p++;
	return key;
}

static bool
read_more(struct reader *r)
{
	return ++r->values <= LIMIT_JSON_VALUES || fail(r, "it holds too many values");
}

/* Behind the bracket, which counts as a value, as each comma does. */
static bool
read_members(struct reader *r, cJSON *v, char close)
{
	cJSON *last = NULL, *c;
	if (++r->depth > LIMIT_JSON_DEPTH)
		return fail(r, "it is nested too deeply");
	if (!read_more(r))
		return false;
	while (last != NULL || next(r) != close) {
		char *key = NULL;
		if ((close == '}' && (key = read_key(r)) == NULL) || (c = read_value(r)) == NULL)
			return false;
		c->string = key;
		c->prev = last;
		*(last == NULL ? &v->child : &last->next) = c;
		last = v->child->prev = c; /* the first one's is the last */
		if (next(r) == close)
			break;
		if (next(r) != ',')
			return fail(r, no_json);
		r->p++;
		if (!read_more(r))
			return false;
	}
	r->p++;
	r->depth--;
	return close == ']' || !object_repeats(r->a, v) || fail(r, "a key stands twice in one object");
}

/* NULL: it is wrong. It calls itself at most LIMIT_JSON_DEPTH deep. */
static cJSON *
read_value(struct reader *r)
{
	cJSON *v = NEW(r->a, cJSON);
	bool good;
	switch (next(r)) {
	case '{':
		v->type = cJSON_Object;
		r->p++;
		good = read_members(r, v, '}');
		break;
	case '[':
		v->type = cJSON_Array;
		r->p++;
		good = read_members(r, v, ']');
		break;
	case '"':
		v->type = cJSON_String;
		r->p++;
		good = (v->valuestring = read_string(r)) != NULL;
		break;
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		good = read_number(r, v);
		break;
	default:
		good = read_word(r, v);
	}
	return good ? v : NULL;
}

int
json_read(struct arena *a, struct str text, cJSON **out, const char **why)
{
	struct reader r = { .a = a, .p = text.p, .end = text.p + text.n, .values = 1 };
	cJSON *tree = NULL;
	if (text.n == 0)
		r.why = "it is empty";
	else if ((tree = read_value(&r)) != NULL && (next(&r), r.p < r.end))
		r.why = "something follows after the object";
	if ((*why = r.why) != NULL)
		return BRIDLE_ESYNTAX;
	*out = tree;
	return 0;
}

/* ---- values ---------------------------------------------------------------------- */

/* cJSON_GetObjectItemCaseSensitive, with few calls. */
static const cJSON *
member(const cJSON *object, const char *key)
{
	const cJSON *v = object == NULL ? NULL : object->child;
	while (v != NULL && (v->string == NULL || v->string[0] != key[0] || strcmp(v->string, key) != 0))
		v = v->next;
	return v;
}

int
json_get_str(const cJSON *object, const char *key, struct str *out)
{
	const cJSON *v = member(object, key);
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
	const cJSON *v = member(object, key);
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
