/* SPDX-License-Identifier: ISC */
/*
 * package_set.c: `npm pkg set scripts.x=…` and its kin write package.json: the
 * file as they leave it, so that what the line runs of it next is known. What
 * runs scripts is package.c.
 */
#include "tools/runner.h"

#include "tools/json_tree.h"

#include <string.h>

/* The object that a.b.c= names and its last key; NULL: a list or no object. */
static cJSON *
object_of(struct arena *a, cJSON *root, struct str path, struct str *key)
{
	size_t dot;

	if (str_chr(path, '[') != STR_NPOS)
		return NULL;
	while ((dot = str_chr(path, '.')) != STR_NPOS) {
		const char *name = str_c(a, str_sub(path, 0, dot));
		cJSON *next = cJSON_GetObjectItemCaseSensitive(root, name);

		if (next == NULL)
			next = cJSON_AddObjectToObject(root, name);
		if (!cJSON_IsObject(next))
			return NULL;
		root = next;
		path = str_sub(path, dot + 1, STR_NPOS);
	}
	*key = path;
	return path.n > 0 ? root : NULL;
}

static bool
set_one(struct arena *a, cJSON *root, struct str word, bool json)
{
	size_t eq = str_chr(word, '=');
	const char *value, *name;
	struct str key;
	cJSON *object, *item;

	if (eq == STR_NPOS || (object = object_of(a, root, str_sub(word, 0, eq), &key)) == NULL)
		return false;
	value = str_c(a, str_sub(word, eq + 1, STR_NPOS));
	name = str_c(a, key);
	item = json ? cJSON_Parse(value) : cJSON_CreateString(value);
	if (item == NULL)
		return false;
	cJSON_DeleteItemFromObjectCaseSensitive(object, name);
	return cJSON_AddItemToObject(object, name, item);
}

/* The text with every NAME=VALUE of the line set. False: not known. */
static bool
text_after(struct reading *rd, struct str text, struct words pairs, bool json, struct str *out)
{
	struct json_tree *t = json_tree_open(rd->a, text, false);
	bool known = cJSON_IsObject(t->root);
	struct str word;

	for (size_t i = 0; i < pairs.n && known; i++)
		known = word_known(rd->a, pairs.v[i], &word) && set_one(rd->a, t->root, word, json);
	known = known && json_tree_print(rd->a, t, out);
	json_tree_close(t);
	return known;
}

/* Where the words behind `pkg set` begin; 0: it is another command. */
static size_t
pairs_at(const struct shell_command *c, struct str program)
{
	size_t i = 1;

	if (!str_is(program, "npm") && !str_is(program, "pnpm") && !str_is(program, "bun"))
		return 0;
	if (str_is(program, "bun") && i < c->argv.n && word_is(c->argv.v[i], "pm"))
		i++;
	return i + 1 < c->argv.n && word_is(c->argv.v[i], "pkg") && word_is(c->argv.v[i + 1], "set") ? i + 2 : 0;
}

void
package_set(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str program)
{
	struct file_after after = { .kind = AFTER_UNKNOWN };
	struct place p;
	VEC(struct word) pairs = { 0 };
	struct str file = STR("package.json"), text;
	size_t from = pairs_at(c, program);
	bool json = false, plain = true;

	if (from == 0)
		return;
	p = runner_place(rd, st, NULL);
	for (size_t i = from; i < c->argv.n; i++) {
		if (word_is(c->argv.v[i], "--json"))
			json = true;
		else if (str_starts(word_prefix(c->argv.v[i]), STR("-")))
			plain = false; /* --prefix, --workspace: another file */
		else
			*vec_push(rd->a, &pairs) = c->argv.v[i];
	}
	if (p.known)
		plain = package_file(rd, p.path, &file, &text) == 0 && plain;
	if (plain && p.known && text_after(rd, text, (struct words){ pairs.v, pairs.n }, json, &text)) {
		after.kind = AFTER_TEXT;
		after.text = word_text(rd->a, text);
	}
	file_edit(rd, st, c, word_text(rd->a, file), ACTION_OPERAND, after);
}
