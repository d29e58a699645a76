/* SPDX-License-Identifier: ISC */
/*
 * change.c: which keys of a TOML or JSON file an edit changes, compared as
 * values: formatting, comments and order of keys count for nothing. A file
 * that does not parse afterwards is its own finding.
 */
#include "tools/tools.h"

#include "bridle/limits.h"
#include "toml/toml.h"
#include "tools/json_tree.h"

#include <string.h>

#define PARTS_MAX 32

struct value {
	struct str key;  /* parts joined with dots */
	struct str parts[PARTS_MAX];
	size_t nparts;
	char kind;       /* t a s i f b d n: types differ although texts may not */
	struct str text;
};
struct doc {
	VEC(struct value) v;
	struct map *by_key; /* key -> index + 1 as struct value * */
};

/* flyctl reads these as one (fly-semantics 9). */
static const struct alias {
	const char *from, *to;
} fly_aliases[] = {
	{ "mount", "mounts" },
	{ "compute", "vm" },
	{ "computes", "vm" },
};

static struct str
lower(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		p[i] = byte_lower(s.p[i]);
	return (struct str){ p, s.n };
}

static void
put(struct arena *a, struct doc *d, const struct str *parts, size_t n, char kind, struct str text)
{
	struct value *v = vec_push(a, &d->v);
	struct buf key;

	*v = (struct value){ .kind = kind, .text = text, .nparts = n };
	buf_init(&key, a);
	for (size_t i = 0; i < n; i++) {
		v->parts[i] = parts[i];
		if (i > 0)
			buf_putc(&key, '.');
		buf_add(&key, parts[i]);
	}
	v->key = buf_str(&key);
}

static int
read_toml(struct arena *a, struct str text, struct doc *out, struct str *error)
{
	static const char kinds[] = { 't', 'a', 's', 'i', 'f', 'b', 'd' };
	struct toml_error e = { 0 };
	struct toml_doc doc;
	int err = toml_parse(a, text, &doc, &e);

	if (err != 0) {
		*error = str_printf(a, "line %u: %s", e.line, e.message);
		return err;
	}
	for (size_t i = 0; i < doc.n; i++) {
		const struct toml_value *v = &doc.v[i];
		struct str parts[PARTS_MAX];

		if (v->npath > PARTS_MAX)
			return BRIDLE_ELIMIT;
		for (size_t k = 0; k < v->npath; k++)
			parts[k] = v->path[k].name;
		put(a, out, parts, v->npath, kinds[v->kind], v->text);
	}
	return 0;
}

static int
add_json(struct arena *a, const cJSON *item, struct str *parts, size_t n, struct doc *out)
{
	const cJSON *child;
	size_t index = 0;
	int err;

	if (n >= PARTS_MAX)
		return BRIDLE_ELIMIT;
	if (n > 0) {
		if (cJSON_IsString(item))
			put(a, out, parts, n, 's', str_dup(a, str_of(item->valuestring)));
		else if (cJSON_IsNumber(item))
			put(a, out, parts, n, 'f', str_printf(a, "%.17g", item->valuedouble));
		else if (cJSON_IsBool(item))
			put(a, out, parts, n, 'b', cJSON_IsTrue(item) ? STR("true") : STR("false"));
		else
			put(a, out, parts, n, cJSON_IsNull(item) ? 'n' : cJSON_IsArray(item) ? 'a' : 't',
			    (struct str){ 0 });
	}
	cJSON_ArrayForEach(child, item) {
		parts[n] = cJSON_IsArray(item) ? str_printf(a, "%zu", index++)
					       : str_dup(a, str_of(child->string));
		if ((err = add_json(a, child, parts, n + 1, out)) < 0)
			return err;
	}
	return 0;
}

static int
read_json(struct arena *a, struct str text, struct doc *out, struct str *error)
{
	struct str parts[PARTS_MAX + 1];
	struct json_tree *t = json_tree_open(a, text, true);
	int err;

	if (t->root == NULL) {
		*error = STR("this is not JSON");
		return BRIDLE_ESYNTAX;
	}
	err = add_json(a, t->root, parts, 0, out);
	json_tree_close(t);
	return err;
}

static bool
is_json(struct str path, struct str text)
{
	struct str t = str_trim(text);

	if (str_ends(path, STR(".json")) || str_ends(path, STR(".jsonc")))
		return true;
	return !str_ends(path, STR(".toml")) && t.n > 0 && t.p[0] == '{';
}

static int
read_doc(struct arena *a, struct str path, struct str text, bool absent, struct doc *out,
    struct str *error)
{
	struct str base = path_base(path);
	bool fly = str_starts(base, STR("fly")) && str_ends(base, STR(".toml"));
	int err;

	*out = (struct doc){ 0 };
	if (absent)
		return 0;
	if (text.n > LIMIT_FILE)
		return BRIDLE_ELIMIT;
	err = is_json(path, text) ? read_json(a, text, out, error) : read_toml(a, text, out, error);
	for (size_t i = 0; err == 0 && fly && i < out->v.n; i++)
		for (size_t k = 0; k < sizeof fly_aliases / sizeof *fly_aliases; k++)
			if (str_ieq(out->v.v[i].parts[0], str_of(fly_aliases[k].from)))
				out->v.v[i].parts[0] = str_of(fly_aliases[k].to);
	return err;
}

/* ---- which keys are meant -------------------------------------------------------- */

static bool
is_index(struct str part)
{
	uint64_t n;

	return str_u64(part, &n) == 0;
}

/* `*` is one part; as an index it may be left out, as [vm] and [[vm]] are the
 * same to who reads them. What stands below a key belongs to it. */
static bool
key_matches(const struct str *want, size_t nwant, const struct str *parts, size_t n)
{
	size_t i = 0;

	for (size_t w = 0; w < nwant; w++) {
		if (str_is(want[w], "*")) {
			if (i < n && (is_index(parts[i]) || w + 1 == nwant || i + 1 < n))
				i += is_index(parts[i]) || w + 1 == nwant || !str_ieq(parts[i], want[w + 1]);
			continue;
		}
		if (i < n && is_index(parts[i]) && !is_index(want[w]))
			i++; /* mounts.source is also mounts.0.source */
		if (i >= n || !str_ieq(parts[i], want[w]))
			return false;
		i++;
	}
	return true;
}

static bool
wanted(struct arena *a, struct words keys, const struct value *v)
{
	for (size_t k = 0; k < keys.n; k++) {
		struct str parts[PARTS_MAX], rest;
		size_t n = 0;

		if (!word_known(a, keys.v[k], &rest))
			rest = word_show(a, keys.v[k]);
		while (n < PARTS_MAX) {
			size_t dot = str_chr(rest, '.');

			parts[n++] = str_sub(rest, 0, dot == STR_NPOS ? rest.n : dot);
			if (dot == STR_NPOS)
				break;
			rest = str_sub(rest, dot + 1, rest.n);
		}
		if (key_matches(parts, n, v->parts, v->nparts))
			return true;
	}
	return false;
}

/* ---- the comparison ----------------------------------------------------------------- */

static void
index_doc(struct arena *a, struct doc *d)
{
	d->by_key = map_new(a);
	for (size_t i = 0; i < d->v.n; i++)
		map_put(d->by_key, lower(a, d->v.v[i].key), &d->v.v[i]);
}

static struct str
shown(const struct value *v)
{
	static const char *const secret[] = { "secret", "token", "password", "passwd", "api_key", "apikey",
		"private_key", "access_key", "credential" };
	struct str last;
	char name[64];

	if (v == NULL)
		return (struct str){ 0 };
	last = v->parts[v->nparts - 1];
	for (size_t i = 0; i < last.n && i + 1 < sizeof name; i++) {
		name[i] = byte_lower(last.p[i]);
		name[i + 1] = '\0';
	}
	for (size_t i = 0; last.n > 0 && i < sizeof secret / sizeof *secret; i++)
		if (strstr(name, secret[i]) != NULL)
			return STR("[secret]");
	return v->kind == 't' ? STR("a table") : v->kind == 'a' ? STR("a list") : v->text;
}

static bool
same(const struct value *x, const struct value *y)
{
	if (x == NULL || y == NULL)
		return x == y;
	return x->kind == y->kind && str_eq(x->text, y->text);
}

/* A table that holds something is its values. */
static bool
holds_more(const struct doc *d, const struct value *v)
{
	size_t i = (size_t)(v - d->v.v) + 1;

	return (v->kind == 't' || v->kind == 'a') && i < d->v.n && d->v.v[i].nparts > v->nparts;
}

static bool
differ(struct arena *a, struct words keys, const struct doc *x, const struct doc *y, bool swapped,
    struct key_change *first)
{
	for (size_t i = 0; i < x->v.n; i++) {
		const struct value *v = &x->v.v[i], *other;

		if (!wanted(a, keys, v) || holds_more(x, v))
			continue;
		other = map_get(y->by_key, lower(a, v->key));
		if (same(v, other))
			continue;
		first->key = v->key;
		first->before = shown(swapped ? other : v);
		first->after = shown(swapped ? v : other);
		return true;
	}
	return false;
}

/* The same bytes, or no file, before and after. */
static bool
untouched(const struct action *edit)
{
	return edit->before_known && edit->after_known && edit->before_absent == edit->after_absent &&
	    str_eq(edit->before, edit->after);
}

static struct str
path_of(struct arena *a, const struct action *edit)
{
	struct str path = { 0 };

	if (edit->file.n > 0 && !word_known(a, edit->file.v[0], &path))
		path = word_suffix(a, edit->file.v[0]);
	return path;
}

enum tri
file_changes(struct arena *a, const struct action *edit, struct words keys, struct key_change *first)
{
	struct doc before, after;
	struct str path = path_of(a, edit), error = { 0 };

	*first = (struct key_change){ 0 };
	if (untouched(edit))
		return TRI_NO;
	if (!edit->before_known || !edit->after_known)
		return TRI_MAYBE;
	if (read_doc(a, path, edit->before, edit->before_absent, &before, &error) != 0) {
		first->after = str_printf(a, "the file does not parse before the edit: " STR_FMT, STR_ARG(error));
		return TRI_MAYBE;
	}
	if (read_doc(a, path, edit->after, edit->after_absent, &after, &error) != 0) {
		first->after = str_printf(a, "the file would not parse: " STR_FMT, STR_ARG(error));
		return TRI_MAYBE;
	}
	index_doc(a, &before);
	index_doc(a, &after);
	if (differ(a, keys, &before, &after, false, first) || differ(a, keys, &after, &before, true, first))
		return TRI_YES;
	return TRI_NO;
}

/* ---- all of them ---------------------------------------------------------------------- */

typedef VEC(struct str) names_vec;

/* The keys of x that y has not, or with another value. False: too many. */
static bool
add_names(struct arena *a, const struct doc *x, const struct doc *y, bool only_missing, names_vec *names)
{
	for (size_t i = 0; i < x->v.n; i++) {
		const struct value *v = &x->v.v[i], *other;

		if (holds_more(x, v))
			continue;
		other = map_get(y->by_key, lower(a, v->key));
		if (same(v, other) || (only_missing && other != NULL && !holds_more(y, other)))
			continue;
		if (names->n == LIMIT_KEYS)
			return false;
		*vec_push(a, names) = v->key;
	}
	return true;
}

int
file_keys(struct arena *a, const struct action *edit, const struct str **keys, size_t *n, bool *more)
{
	static const char *const ends[] = { ".toml", ".json", ".jsonc" };
	struct str path = path_of(a, edit), error = { 0 };
	struct doc before, after;
	names_vec names = { 0 };
	bool has = false;

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		has = has || str_ends(path, str_of(ends[i]));
	if (!has)
		return BRIDLE_ENOENT;
	if (!untouched(edit)) {
		if (!edit->before_known || !edit->after_known || edit->before.n + edit->after.n > LIMIT_KEYS_FILE ||
		    read_doc(a, path, edit->before, edit->before_absent, &before, &error) != 0 ||
		    read_doc(a, path, edit->after, edit->after_absent, &after, &error) != 0)
			return BRIDLE_EUNKNOWN;
		index_doc(a, &before);
		index_doc(a, &after);
		*more = !add_names(a, &before, &after, false, &names) || !add_names(a, &after, &before, true, &names);
	} else {
		*more = false;
	}
	*keys = names.v;
	*n = names.n;
	return 0;
}
