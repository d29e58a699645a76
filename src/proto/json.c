/* SPDX-License-Identifier: ISC */
/*
 * json.c: JSON read strictly. cJSON does the parsing; what it lets through and
 * an agent must not be able to use (two keys of one name, a NUL, bytes that
 * are no UTF-8, control characters as blanks) is refused here. cJSON takes its
 * memory from one block in the arena, sized before, so nothing leaks and
 * nothing jumps out of it.
 */
#include "bridle/limits.h"
#include "bridle/proto.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <math.h>
#include <string.h>

/* ---- memory ------------------------------------------------------------------ */

#define GRAIN 16

static struct {
	char *p;
	size_t left;
} pool; /* only while cJSON parses */

static void *
pool_alloc(size_t n)
{
	if (n > SIZE_MAX - GRAIN)
		return NULL;
	n = (n + GRAIN - 1) / GRAIN * GRAIN;
	if (n > pool.left)
		return NULL;
	void *p = pool.p;
	pool.p += n;
	pool.left -= n;
	return p;
}

static void
pool_free(void *p)
{
	(void)p;
}

/* ---- what cJSON would let through ---------------------------------------------- */

static const char no_json[] = "it is no JSON, or not all of it";

struct scan {
	const char *p, *end;
	size_t values, strings;
	unsigned depth;
	const char *why;
};

static bool
fail(struct scan *s, const char *why)
{
	s->why = why;
	return false;
}

/* Behind the backslash. cJSON takes a \u whose digits are none for a NUL. */
static bool
scan_escape(struct scan *s)
{
	char hex[5] = "";
	if (s->p == s->end || *s->p++ != 'u')
		return true; /* what other letters there are is cJSON's part */
	for (int i = 0; i < 4 && s->p < s->end && isxdigit((unsigned char)*s->p); i++)
		hex[i] = *s->p++;
	if (hex[3] == '\0')
		return fail(s, no_json);
	return strcmp(hex, "0000") != 0 || fail(s, "a string holds a NUL");
}

/* After the opening quote. */
static bool
scan_string(struct scan *s)
{
	if (++s->strings > 2 * LIMIT_JSON_VALUES)
		return fail(s, "it holds too many values");
	for (;;) {
		size_t n = 1;
		s->p += str_json_plain((struct str){ s->p, (size_t)(s->end - s->p) });
		if (s->p == s->end)
			return fail(s, "it ends in the middle of a string");
		unsigned char c = (unsigned char)*s->p;
		if (c < 0x20)
			return fail(s, "a control character stands in a string");
		if (c >= 0x80 && (n = str_utf8_at((struct str){ s->p, (size_t)(s->end - s->p) }, 0)) == 0)
			return fail(s, "it is no UTF-8");
		s->p += n;
		if (c == '"')
			return true;
		if (c == '\\' && !scan_escape(s))
			return false;
	}
}

static size_t
scan_digits(struct scan *s)
{
	const char *from = s->p;
	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return (size_t)(s->p - from);
}

static bool
scan_number(struct scan *s)
{
	static const char bad[] = "a number is not written as JSON writes them";
	if (*s->p == '-')
		s->p++;
	bool zero = s->p < s->end && *s->p == '0';
	size_t n = scan_digits(s);
	if (n == 0 || (zero && n > 1))
		return fail(s, bad);
	if (s->p < s->end && *s->p == '.') {
		s->p++;
		if (scan_digits(s) == 0)
			return fail(s, bad);
	}
	if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
		s->p++;
		if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
			s->p++;
		if (scan_digits(s) == 0)
			return fail(s, bad);
	}
	s->strings++; /* some cJSON copy a number first */
	return true;
}

static bool
scan_word(struct scan *s)
{
	static const char *const words[] = { "true", "false", "null" };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);
		if ((size_t)(s->end - s->p) >= n && memcmp(s->p, words[i], n) == 0) {
			s->p += n;
			return true;
		}
	}
	return fail(s, no_json);
}

/* One token. That the tokens stand in order is cJSON's part. */
static bool
scan_token(struct scan *s)
{
	char c = *s->p;
	switch (c) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
	case ':':
		s->p++;
		return true;
	case '{':
	case '[':
		if (++s->depth > LIMIT_JSON_DEPTH)
			return fail(s, "it is nested too deeply");
		/* FALLTHROUGH */
	case ',':
		if (++s->values > LIMIT_JSON_VALUES)
			return fail(s, "it holds too many values");
		s->p++;
		return true;
	case '}':
	case ']':
		if (s->depth > 0)
			s->depth--;
		s->p++;
		return true;
	case '"':
		s->p++;
		return scan_string(s);
	default:
		return c == '-' || (c >= '0' && c <= '9') ? scan_number(s) : scan_word(s);
	}
}

/* ---- duplicate keys ------------------------------------------------------------ */

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

/* What is wrong with the values, or NULL. Depth is bounded: the text was
 * scanned. */
static const char *
tree_wrong(struct arena *a, const cJSON *v)
{
	const char *why = NULL;
	if (cJSON_IsNumber(v) && !isfinite(v->valuedouble))
		return "a number is too large";
	if (cJSON_IsObject(v) && object_repeats(a, v))
		return "a key stands twice in one object";
	for (const cJSON *c = v->child; c != NULL && why == NULL; c = c->next)
		if (c->child != NULL || cJSON_IsNumber(c))
			why = tree_wrong(a, c);
	return why;
}

int
json_read(struct arena *a, struct str text, cJSON **out, const char **why)
{
	struct scan s = { .p = text.p, .end = text.p + text.n, .values = 1 };
	cJSON_Hooks hooks = { pool_alloc, pool_free };
	const char *end = NULL;
	cJSON *tree;
	*why = "it is empty";
	if (text.n == 0)
		return BRIDLE_ESYNTAX;
	while (s.p < s.end)
		if (!scan_token(&s)) {
			*why = s.why;
			return BRIDLE_ESYNTAX;
		}
	pool.left = s.values * (sizeof(cJSON) + 2 * GRAIN) + s.strings * 2 * GRAIN + text.n + 256;
	pool.p = arena_raw(a, pool.left);
	cJSON_InitHooks(&hooks);
	tree = cJSON_ParseWithLengthOpts(text.p, text.n, &end, 0);
	cJSON_InitHooks(NULL);
	pool.left = 0;
	if (tree == NULL)
		*why = no_json;
	else if (str_trim((struct str){ end, (size_t)(text.p + text.n - end) }).n > 0)
		*why = "something follows after the object";
	else
		*why = tree_wrong(a, tree);
	if (*why != NULL)
		return BRIDLE_ESYNTAX;
	*out = tree;
	return 0;
}

/* ---- values ---------------------------------------------------------------------- */

/* cJSON_GetObjectItemCaseSensitive, by the first byte before all others. */
static const cJSON *
member(const cJSON *object, const char *key)
{
	const cJSON *c = object == NULL ? NULL : object->child;

	while (c != NULL && c->string != NULL && (c->string[0] != key[0] || strcmp(c->string, key) != 0))
		c = c->next;
	return c == NULL || c->string == NULL ? NULL : c;
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
