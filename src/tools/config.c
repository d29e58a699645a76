/* SPDX-License-Identifier: ISC */
/*
 * config.c: see config.h. TOML and JSON are read in full. Of YAML only plain
 * top-level `key: value` lines are understood; a file that holds anything that
 * could change what they mean is not known.
 */
#include "tools/config.h"

#include "toml/toml.h"
#include "tools/json_tree.h"

/* Is `name` a spelling of key that counts more than `best`? */
static bool
counts_more(struct str name, struct str key, struct str best)
{
	return str_ieq(name, key) && (best.n == 0 || str_cmp(name, best) > 0);
}

static int
text_or_none(struct str text, struct str *out)
{
	*out = text;
	return text.n > 0 ? 0 : BRIDLE_ENOENT;
}

static int
from_toml(struct arena *a, struct str text, struct str key, struct str *out, struct str *why)
{
	struct toml_doc doc;
	struct str best = STR("");
	const struct toml_value *found = NULL;

	if (toml_parse(a, text, &doc, NULL) != 0) {
		*why = STR("is not TOML");
		return BRIDLE_EUNKNOWN;
	}
	for (size_t i = 0; i < doc.n; i++)
		if (doc.v[i].npath == 1 && counts_more(doc.v[i].path[0].name, key, best)) {
			found = &doc.v[i];
			best = found->path[0].name;
		}
	if (found == NULL)
		return BRIDLE_ENOENT;
	if (found->kind != TOML_KIND_STRING) {
		*why = str_printf(a, "holds no text as \"" STR_FMT "\"", STR_ARG(key));
		return BRIDLE_EUNKNOWN;
	}
	return text_or_none(str_dup(a, found->text), out);
}

static int
from_json(struct arena *a, struct str text, struct str key, struct str *out, struct str *why)
{
	struct str best = STR("");
	const cJSON *item, *found = NULL;
	struct json_tree *t = json_tree_open(a, text, true);
	int err = BRIDLE_ENOENT;

	*why = STR("is not a JSON object");
	if (!cJSON_IsObject(t->root) || str_find(text, STR("\\u0000")) != STR_NPOS)
		err = BRIDLE_EUNKNOWN;
	else {
		/* of two of the same spelling Go takes the last */
		cJSON_ArrayForEach(item, t->root)
			if (counts_more(str_of(item->string), key, best) ||
			    (best.n > 0 && str_eq(str_of(item->string), best))) {
				found = item;
				best = str_of(item->string);
			}
		if (found != NULL && cJSON_IsString(found))
			err = text_or_none(str_dup(a, str_of(found->valuestring)), out);
		else if (found != NULL) {
			*why = str_printf(a, "holds no text as \"" STR_FMT "\"", STR_ARG(key));
			err = BRIDLE_EUNKNOWN;
		}
	}
	json_tree_close(t);
	return err;
}

/* A plain YAML text: no quotes but around it all, nothing that means more. */
static bool
plain_yaml(struct str *value)
{
	struct str v = str_trim(*value);
	size_t hash;

	if (v.n >= 2 && (v.p[0] == '"' || v.p[0] == '\'') && v.p[v.n - 1] == v.p[0]) {
		v = str_sub(v, 1, v.n - 2);
		*value = v;
		return str_chr(v, '"') == STR_NPOS && str_chr(v, '\'') == STR_NPOS &&
		    str_chr(v, '\\') == STR_NPOS;
	}
	hash = str_find(v, STR(" #"));
	if (hash != STR_NPOS)
		v = str_trim(str_sub(v, 0, hash));
	*value = v;
	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		        c == '-' || c == '_' || c == '.'))
			return false;
	}
	return v.n > 0 && !str_ieq(v, STR("null")) && !str_ieq(v, STR("true")) &&
	    !str_ieq(v, STR("false"));
}

static bool
digits_only(struct str v)
{
	for (size_t i = 0; i < v.n; i++)
		if ((v.p[i] < '0' || v.p[i] > '9') && v.p[i] != '.')
			return false;
	return true;
}

/* Block text, anchors, merges, several documents, flow at the top. */
static bool
fancy_yaml(struct str line)
{
	static const char *const anywhere[] = { "<<", "\t", "%", NULL };

	for (size_t i = 0; anywhere[i] != NULL; i++)
		if (str_find(line, str_of(anywhere[i])) != STR_NPOS)
			return true;
	return str_starts(line, STR("---")) || str_starts(line, STR("...")) ||
	    str_starts(line, STR("{")) || str_starts(line, STR("[")) || str_starts(line, STR("?")) ||
	    str_starts(line, STR("\"")) || str_starts(line, STR("'")) ||
	    str_starts(line, STR("&")) || str_starts(line, STR("*")) || str_starts(line, STR("!")) ||
	    str_ends(str_trim(line), STR("|")) || str_ends(str_trim(line), STR(">"));
}

static int
from_yaml(struct arena *a, struct str text, struct str key, struct str *out, struct str *why)
{
	struct str best = STR(""), value = STR("");
	bool first = true;

	*why = STR("is YAML that is not read");
	while (text.n > 0) {
		struct str line = str_line(&text);
		size_t colon;

		if (str_trim(line).n == 0 || str_starts(str_trim(line), STR("#")))
			continue;
		if (fancy_yaml(line) || (first && line.p[0] == ' '))
			return BRIDLE_EUNKNOWN;
		first = false;
		colon = str_chr(line, ':');
		if (line.p[0] == ' ' || line.p[0] == '-')
			continue;
		if (colon == STR_NPOS)
			return BRIDLE_EUNKNOWN;
		if (!str_ieq(str_trim(str_sub(line, 0, colon)), key))
			continue;
		if (best.n > 0) /* one of them may stand in a text, or in braces */
			return BRIDLE_EUNKNOWN;
		best = str_trim(str_sub(line, 0, colon));
		value = str_sub(line, colon + 1, STR_NPOS);
	}
	if (best.n == 0)
		return BRIDLE_ENOENT;
	if (!plain_yaml(&value) || digits_only(value))
		return BRIDLE_EUNKNOWN;
	return text_or_none(str_dup(a, value), out);
}

int
config_text(struct arena *a, struct str file, struct str text, struct str key, struct str *out,
    struct str *why)
{
	*out = *why = STR("");
	if (str_ends(file, STR(".json")))
		return from_json(a, text, key, out, why);
	if (str_ends(file, STR(".yaml"))) /* .yml is TOML to flyctl */
		return from_yaml(a, text, key, out, why);
	return from_toml(a, text, key, out, why);
}
