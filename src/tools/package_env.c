/* SPDX-License-Identifier: ISC */
/*
 * package_env.c: what npm and its kin put into the environment of a script:
 * npm_package_… of package.json, npm_config_… of the line, and in front of PATH
 * the programs in node_modules/.bin. Those of the package itself ("bin") are
 * found here too, as npx looks for them. The scripts are package.c's.
 */
#include "tools/runner.h"

#include "tools/json_tree.h"

#include <string.h>

#define NESTED_MAX 4

/* "a": {"b": "c"} below npm_package_config is npm_package_config_a_b=c. */
static void
set_value(struct reading *rd, struct shell_state *st, struct str name, const cJSON *item, unsigned depth)
{
	const cJSON *one;

	if (cJSON_IsString(item))
		shell_set_var(rd->shell, st, name, word_text(rd->a, str_dup(rd->a, str_of(item->valuestring))), true);
	else if (cJSON_IsNumber(item))
		shell_set_var(rd->shell, st, name, word_text(rd->a, str_printf(rd->a, "%.15g", item->valuedouble)), true);
	else if (cJSON_IsBool(item))
		shell_set_var(rd->shell, st, name, word_text(rd->a, cJSON_IsTrue(item) ? STR("true") : STR("")), true);
	if (!cJSON_IsObject(item) || depth >= NESTED_MAX)
		return;
	cJSON_ArrayForEach(one, item) if (one->string != NULL)
		set_value(rd, st, str_printf(rd->a, STR_FMT "_%s", STR_ARG(name), one->string), one, depth + 1);
}

/* npm run x --app=v, --app v, --app, --no-app: npm_config_app. */
static void
set_options(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	for (size_t i = 1; i < c->argv.n && !word_is(c->argv.v[i], "--"); i++) {
		struct word w = c->argv.v[i], value = word_text(rd->a, STR("true"));
		struct str head = word_prefix(w), next = i + 1 < c->argv.n ? word_prefix(c->argv.v[i + 1]) : STR("-");
		size_t eq = str_chr(head, '=');
		struct buf name;

		if (!str_starts(head, STR("--")) || (eq == STR_NPOS && w.n > 1))
			continue;
		if (eq != STR_NPOS)
			value = word_from(rd->a, w, eq + 1);
		else if (!str_starts(next, STR("-")))
			value = c->argv.v[i + 1];
		head = str_sub(head, 2, eq == STR_NPOS ? STR_NPOS : eq - 2);
		if (eq == STR_NPOS && str_starts(head, STR("no-"))) {
			head = str_sub(head, 3, STR_NPOS);
			value = word_text(rd->a, STR(""));
		}
		buf_init(&name, rd->a);
		buf_puts(&name, "npm_config_");
		for (size_t k = 0; k < head.n; k++)
			buf_putc(&name, head.p[k] == '-' ? '_' : head.p[k]);
		shell_set_var(rd->shell, st, buf_str(&name), value, true);
	}
}

/* Puts node_modules/.bin of dir, and of those above, in front of PATH. */
static void
set_path(struct reading *rd, struct shell_state *st, struct str dir)
{
	struct buf path;

	buf_init(&path, rd->a);
	for (;; dir = path_dir(dir)) {
		buf_add(&path, path_join(rd->a, dir, STR("node_modules/.bin")));
		if (dir.n <= 1)
			break;
		buf_putc(&path, ':');
	}
	shell_set_var(rd->shell, st, SAMEFILE_FIRST, word_text(rd->a, buf_str(&path)), true);
}

struct shell_state *
package_env(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct program *prog,
    const cJSON *root, struct str dir)
{
	static const char *const keys[] = { "name", "version", "config" };
	struct shell_state *inside = reading_inside(rd, st);
	struct words values;

	for (size_t i = 0; i < sizeof keys / sizeof *keys && !str_is(prog->base, "node"); i++)
		set_value(rd, inside, str_printf(rd->a, "npm_package_%s", keys[i]), json_last(root, keys[i]), 0);
	if (str_is(prog->base, "npm"))
		set_options(rd, inside, c);
	if (shell_env(rd->shell, inside, STR("npm_config_node_options"), &values) == 0 && values.n == 1)
		shell_set_var(rd->shell, inside, STR("NODE_OPTIONS"), values.v[0], true);
	set_path(rd, inside, dir);
	return inside;
}

/* "bin": "./x.js" is named like the package, {"y": "./y.js"} by its key. */
static struct str
own_bin(struct reading *rd, struct str dir, struct str name)
{
	struct str file, text, found = { 0 };
	struct json_tree *t;
	const cJSON *bin, *own;

	if (package_file(rd, dir, &file, &text) != 0)
		return found;
	t = json_tree_open(rd->a, text, false);
	bin = json_last(t->root, "bin");
	own = json_last(t->root, "name");
	if (cJSON_IsObject(bin))
		bin = json_last(bin, str_c(rd->a, name));
	else if (!cJSON_IsString(own) || !str_eq(path_base(str_of(own->valuestring)), name))
		bin = NULL;
	if (cJSON_IsString(bin))
		found = path_clean(rd->a, path_join(rd->a, path_dir(file), str_dup(rd->a, str_of(bin->valuestring))));
	json_tree_close(t);
	return found;
}

/* npm exec cowsay@1.2 -- ARGUMENTS: the program is called without its version
 * (nor its module path), and the -- is not its own. It is looked for in the
 * package here, then in node_modules/.bin. */
struct words
package_argv(struct reading *rd, struct shell_state *st, struct words argv)
{
	struct place here = runner_place(rd, st, NULL);
	struct word *v = NEW_ARRAY(rd->a, struct word, argv.n);
	size_t n = argv.n, at;
	struct str name, file;

	memcpy(v, argv.v, argv.n * sizeof *v);
	if (n > 1 && word_is(v[1], "--"))
		memmove(v + 1, v + 2, (--n - 1) * sizeof *v);
	if (!word_known(rd->a, v[0], &name))
		return (struct words){ v, n };
	if (str_starts(name, STR("npm:")))
		name = str_sub(name, 4, name.n);
	at = str_rchr(name, '@');
	if (at != STR_NPOS && at > 0)
		name = str_sub(name, 0, at);
	v[0] = word_text(rd->a, name);
	if (here.known && name.n > 0 && (file = own_bin(rd, here.path, name)).n > 0)
		v[0] = word_text(rd->a, file);
	else if (here.known)
		set_path(rd, st, here.path);
	return (struct words){ v, n };
}
