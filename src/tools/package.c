/* SPDX-License-Identifier: ISC */
/*
 * package.c: scripts of package.json that npm and its kin run: those of the
 * nearest package, or of the packages of a workspace. Which ones a line asks
 * for is package_call.c's; the scripts run as looked-into shell text.
 */
#include "tools/runner.h"

#include "bridle/limits.h"
#include "tools/json_tree.h"

#include <string.h>

#define PACKAGES_MAX 64

struct package {
	struct str file, text;
};
struct packages {
	VEC(struct package) list;
	bool all; /* false: some may be missing */
};

/* The nearest file of that name upwards: 0, ENOENT, EUNKNOWN. */
static int
find_upwards(struct reading *rd, struct str dir, const char *name, struct package *out)
{
	for (;;) {
		int err;

		out->file = path_join(rd->a, dir, str_of(name));
		err = overlay_text(rd, out->file, &out->text);
		if (err != BRIDLE_ENOENT || dir.n <= 1)
			return err;
		dir = path_dir(dir);
	}
}

int
package_file(struct reading *rd, struct str dir, struct str *file, struct str *text)
{
	struct package p;
	int err = find_upwards(rd, dir, "package.json", &p);

	*file = p.file;
	*text = p.text;
	return err;
}

/* Its folder; empty: there is none. */
static struct str
package_dir(struct reading *rd, struct str dir)
{
	struct package p;

	return find_upwards(rd, dir, "package.json", &p) == BRIDLE_ENOENT ? STR("") : path_dir(p.file);
}

static struct json_tree *
parse(struct reading *rd, const struct package *p)
{
	return json_tree_open(rd->a, p->text, false);
}

/* ---- the packages of a workspace -------------------------------------------------------- */

static void
add_folder(struct reading *rd, struct packages *ps, struct str dir)
{
	struct package p = { path_join(rd->a, dir, STR("package.json")), { 0 } };
	int err = overlay_text(rd, p.file, &p.text);

	if (err == 0 && ps->list.n < PACKAGES_MAX)
		*vec_push(rd->a, &ps->list) = p;
	else if (err != BRIDLE_ENOENT)
		ps->all = false;
}

/* "api", "packages/ *": a folder, or those in it. Others are not followed. */
static void
add_pattern(struct reading *rd, struct packages *ps, struct str root, struct str pattern)
{
	struct str dir = path_dir(pattern);
	struct world_entry *es;
	size_t n = 0;

	if (str_starts(pattern, STR("!")))
		return; /* more than there are does no harm */
	if (str_find(pattern, STR("*")) == STR_NPOS && str_find(pattern, STR("{")) == STR_NPOS) {
		add_folder(rd, ps, path_clean(rd->a, path_join(rd->a, root, pattern)));
		return;
	}
	if ((!str_is(path_base(pattern), "*") && !str_is(path_base(pattern), "**")) ||
	    str_find(dir, STR("*")) != STR_NPOS || str_find(dir, STR("{")) != STR_NPOS) {
		ps->all = false;
		return;
	}
	ps->all = ps->all && str_is(path_base(pattern), "*");
	dir = path_clean(rd->a, str_is(pattern, "*") ? root : path_join(rd->a, root, dir));
	if (overlay_list(rd, dir, &es, &n) == BRIDLE_EUNKNOWN)
		ps->all = false;
	for (size_t i = 0; i < n; i++)
		if (es[i].kind != WORLD_FILE)
			add_folder(rd, ps, path_join(rd->a, dir, es[i].name));
}

/* "workspaces": [..] or {"packages": [..]}; false: the package has none. */
static bool
add_workspaces(struct reading *rd, struct packages *ps, const struct package *p)
{
	struct json_tree *t = parse(rd, p);
	const cJSON *list = json_last(t->root, "workspaces"), *one;
	VEC(struct str) patterns = { 0 };

	if (cJSON_IsObject(list))
		list = json_last(list, "packages");
	cJSON_ArrayForEach(one, list) if (cJSON_IsString(one))
		*vec_push(rd->a, &patterns) = str_dup(rd->a, str_of(one->valuestring));
	json_tree_close(t);
	for (size_t i = 0; i < patterns.n; i++)
		add_pattern(rd, ps, path_dir(p->file), patterns.v[i]);
	return patterns.n > 0;
}

/* pnpm-workspace.yaml: the items below "packages:". */
static void
add_yaml(struct reading *rd, struct packages *ps, const struct package *p)
{
	struct str rest = p->text;
	bool in = false;

	while (rest.n > 0) {
		struct str line = str_line(&rest), item = str_trim(line);

		if (line.n > 0 && strchr(" \t-#", line.p[0]) == NULL)
			in = str_starts(line, STR("packages:"));
		if (!in || !str_starts(item, STR("-")))
			continue;
		item = str_trim(str_sub(item, 1, item.n));
		if (item.n > 1 && (item.p[0] == '\'' || item.p[0] == '"'))
			item = str_sub(item, 1, str_chr(str_sub(item, 1, item.n), item.p[0]));
		add_pattern(rd, ps, path_dir(p->file), item);
	}
}

static void
whole_workspace(struct reading *rd, struct str dir, struct packages *ps)
{
	struct package p;
	bool found = false;

	if (find_upwards(rd, dir, "pnpm-workspace.yaml", &p) == 0) {
		add_yaml(rd, ps, &p);
		add_folder(rd, ps, path_dir(p.file)); /* the root is one of them */
		return;
	}
	while (!found && find_upwards(rd, dir, "package.json", &p) == 0) {
		found = add_workspaces(rd, ps, &p);
		dir = path_dir(path_dir(p.file));
		if (found)
			*vec_push(rd->a, &ps->list) = p;
		else if (path_dir(p.file).n <= 1)
			break;
	}
	ps->all = ps->all && found;
}

/* Is it the package of that name, folder or pattern? What a pattern leaves out
 * is not told: more packages than run do no harm. */
static bool
meant(struct reading *rd, const struct package *p, struct str from, struct str want)
{
	struct json_tree *t = parse(rd, p);
	const cJSON *item = json_last(t->root, "name");
	struct str name = cJSON_IsString(item) ? str_dup(rd->a, str_of(item->valuestring)) : STR("");
	struct str dir = path_dir(p->file);

	json_tree_close(t);
	for (size_t i = 0; i < want.n; i++)
		if (strchr("*{}[]!^", want.p[i]) != NULL || str_starts(str_sub(want, i, want.n), STR("...")))
			return true;
	return str_eq(name, want) || (str_starts(name, STR("@")) && str_eq(path_base(name), want)) ||
	    path_under(dir, path_clean(rd->a, path_join(rd->a, from, want)));
}

static void
chosen(struct reading *rd, const struct package_call *call, struct str dir, struct packages *ps)
{
	struct packages all = { .all = true };

	whole_workspace(rd, dir, &all);
	*ps = (struct packages){ .all = all.all };
	for (size_t i = 0; i < all.list.n; i++) {
		bool take = call->every && call->packages.n == 0;

		for (size_t k = 0; k < call->packages.n; k++)
			take |= meant(rd, &all.list.v[i], dir, call->packages.v[k]);
		if (take)
			*vec_push(rd->a, &ps->list) = all.list.v[i];
	}
	ps->all = ps->all && ps->list.n > 0;
}

/* ---- scripts ---------------------------------------------------------------------------- */

struct scripts { /* of one package */
	const cJSON *list;
	struct str dir;
	struct shell_state *st; /* with their environment */
};

/* The text of a script: `start` need not be there. False: there is none. */
static bool
script_text(struct reading *rd, const struct scripts *s, struct str name, struct str *text)
{
	const cJSON *item = json_last(s->list, str_c(rd->a, name));
	struct world_stat ws;

	if (cJSON_IsString(item))
		*text = str_dup(rd->a, str_of(item->valuestring));
	else
		*text = STR("node server.js");
	return cJSON_IsString(item) || (item == NULL && str_is(name, "start") &&
	    overlay_stat(rd, path_join(rd->a, s->dir, STR("server.js")), true, &ws) == 0);
}

/* The text for the program that script-shell names; else it is sh's. */
static struct word
for_shell(struct reading *rd, const struct scripts *s, struct word text)
{
	struct words values;
	struct str shell, known;

	if (shell_env(rd->shell, s->st, STR("npm_config_script_shell"), &values) != 0 || values.n != 1 ||
	    !word_known(rd->a, values.v[0], &shell) || shell.n == 0 || !word_known(rd->a, text, &known))
		return text;
	return word_text(rd->a, str_printf(rd->a, STR_FMT " -c " STR_FMT, STR_ARG(shell_quote(rd->a, shell)),
	    STR_ARG(shell_quote(rd->a, known))));
}

static int
run_script(struct reading *rd, const struct shell_command *c, const struct scripts *s, struct str name,
    struct words args)
{
	struct str chain = str_printf(rd->a, "package.json script " STR_FMT, STR_ARG(name)), known;
	struct word text;

	/* A script that runs itself again says nothing new. */
	if (!script_text(rd, s, name, &known) || str_find(rd->chain, chain) != STR_NPOS)
		return 0;
	text = word_text(rd->a, known);
	for (size_t i = 0; i < args.n; i++) {
		text = word_cat(rd->a, text, word_text(rd->a, STR(" ")));
		text = word_cat(rd->a, text, word_text(rd->a, word_known(rd->a, args.v[i], &known)
			? shell_quote(rd->a, known) : STR("$__value")));
	}
	return runner_run_in(rd, s->st, c, s->dir, for_shell(rd, s, text), chain);
}

/* A script with what runs before and after it. */
static int
run_around(struct reading *rd, const struct shell_command *c, const struct scripts *s,
    const struct package_call *call, struct str name)
{
	struct words none = { NULL, 0 };
	int err = 0;

	if (call->around)
		err = run_script(rd, c, s, str_cat(rd->a, STR("pre"), name), none);
	if (err == 0)
		err = run_script(rd, c, s, name, call->args);
	if (err == 0 && call->around)
		err = run_script(rd, c, s, str_cat(rd->a, STR("post"), name), none);
	return err;
}

/* "build:*", "{a,b}": all that a glob's fixed beginning fits. */
static int
run_matching(struct reading *rd, const struct shell_command *c, const struct scripts *s,
    const struct package_call *call, struct str name)
{
	size_t n = 0;
	const cJSON *one;
	int err = 0;

	while (n < name.n && strchr("*{?[!(", name.p[n]) == NULL)
		n++;
	if (n == name.n)
		return run_around(rd, c, s, call, name);
	cJSON_ArrayForEach(one, s->list) if (err == 0 && one->string != NULL &&
	    str_starts(str_of(one->string), str_sub(name, 0, n)))
		err = run_around(rd, c, s, call, str_dup(rd->a, str_of(one->string)));
	return err;
}

static int
run_scripts(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct program *prog,
    const struct package_call *call, const struct package *p)
{
	struct json_tree *t = parse(rd, p);
	struct scripts s = { .list = json_last(t->root, "scripts"), .dir = path_dir(p->file) };
	int err = 0;

	if (t->root == NULL || (s.list != NULL && !cJSON_IsObject(s.list))) {
		runner_opaque(rd, st, c, STR("package.json could not be read"));
	} else {
		s.st = package_env(rd, st, c, prog, t->root, s.dir);
		for (size_t i = 0; i < call->nscripts && err == 0; i++)
			err = run_matching(rd, c, &s, call, call->scripts[i]);
		reading_back(rd, st, s.st);
	}
	json_tree_close(t);
	return err;
}

/* What the line may have made of package.json: each is looked into. */
static void
several(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str file,
    struct packages *ps)
{
	struct overlay_state s = { 0 };

	overlay_read(rd, file, &s);
	for (size_t i = 0; i < s.texts.n; i++)
		*vec_push(rd->a, &ps->list) = (struct package){ file, s.texts.v[i] };
	if (s.unknown && script_suspect(rd, s.by))
		script_written(rd, st, c, STR("package.json"), "the script");
	else if (s.unknown || s.texts.n == 0)
		runner_opaque(rd, st, c, STR("package.json could not be read"));
}

/* ---- what else decides on scripts --------------------------------------------------------- */

/* The value of the next line that sets the key (script-shell=x, scriptShell: x,
 * workspace[]=x); what is left is in *text. */
static bool
setting(struct str *text, struct str key, struct str *value)
{
	while (text->n > 0) {
		struct str line = str_trim(str_line(text));

		if (!str_starts(line, key))
			continue;
		line = str_trim(str_sub(line, key.n, line.n));
		if (str_starts(line, STR("[]")))
			line = str_trim(str_sub(line, 2, line.n));
		if (line.n == 0 || (line.p[0] != '=' && line.p[0] != ':'))
			continue;
		*value = str_trim(str_sub(line, 1, line.n));
		return true;
	}
	return false;
}

/* Does it name another program than a shell? */
static bool
sets_shell(struct str text, struct str key)
{
	static const char *const shells[] = { "sh", "bash", "zsh", "dash" };
	struct str value;

	while (setting(&text, key, &value)) {
		bool plain = false;

		for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
			plain |= str_is(path_base(value), shells[i]) && str_starts(value, STR("/"));
		if (!plain)
			return true;
	}
	return false;
}

/* The packages that .npmrc asks for. */
static void
take_packages(struct reading *rd, struct str text, struct package_call *call)
{
	struct str rest = text, value;

	while (setting(&rest, STR("workspace"), &value))
		*vec_push(rd->a, &call->packages) = value;
	while (setting(&text, STR("workspaces"), &value))
		call->every |= str_is(value, "true");
}

/* The same, of the environment. */
static void
given_packages(struct reading *rd, struct shell_state *st, struct package_call *call)
{
	static const char *const names[] = { "npm_config_workspace", "npm_config_workspaces" };
	struct words values;
	struct str value;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (shell_env(rd->shell, st, str_of(names[i]), &values) != 0)
			continue;
		if (values.n != 1 || !word_known(rd->a, values.v[0], &value) || i > 0)
			call->every |= i == 0 || !str_is(value, "false");
		else if (value.n > 0)
			*vec_push(rd->a, &call->packages) = value;
	}
}

/* What .npmrc and pnpm-workspace.yaml, here or above, say: of which packages the
 * scripts are, and that another program than a shell runs them. */
static void
settings(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str dir,
    struct package_call *call)
{
	static const char *const files[] = { ".npmrc", "pnpm-workspace.yaml" };
	struct str text;
	bool found = false;

	for (;; dir = path_dir(dir)) {
		for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
			if (overlay_text(rd, path_join(rd->a, dir, str_of(files[i])), &text) != 0)
				continue;
			found |= sets_shell(text, STR("script-shell")) || sets_shell(text, STR("scriptShell"));
			if (i == 0)
				take_packages(rd, text, call);
		}
		if (found || dir.n <= 1)
			break;
	}
	if (!found && rd->request->home.n > 0)
		found = overlay_text(rd, path_join(rd->a, rd->request->home, STR(".npmrc")), &text) == 0 &&
		    sets_shell(text, STR("script-shell"));
	if (found)
		reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
		    STR("script-shell in .npmrc names the program that runs the scripts"));
}

/* pnpm reads package.json5 and package.yaml where there is no package.json. */
static void
other_package(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str dir,
    struct str found)
{
	static const char *const files[] = { "package.json5", "package.yaml" };
	struct world_stat ws;

	for (; !str_eq(dir, found); dir = path_dir(dir)) {
		for (size_t i = 0; i < sizeof files / sizeof *files; i++)
			if (overlay_stat(rd, path_join(rd->a, dir, str_of(files[i])), true, &ws) == 0) {
				reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
				    str_printf(rd->a, "the scripts of %s are not read", files[i]));
				return;
			}
		if (dir.n <= 1)
			return;
	}
}

/* The nearest package: 0, or nothing of it is known and said so. */
static int
nearest(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str dir,
    struct action *act, struct packages *ps)
{
	struct package p;
	int err = find_upwards(rd, dir, "package.json", &p);

	if (err == BRIDLE_ENOENT)
		runner_mark(rd, act, dir);
	else if (err == 0)
		*vec_push(rd->a, &ps->list) = p;
	else
		several(rd, st, c, p.file, ps);
	return err;
}

int
package_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, struct action *act)
{
	struct package_call call;
	struct packages ps = { .all = true };
	struct place p;
	int err = 0;

	if (!package_call(rd, prog->base, c, &call)) {
		package_set(rd, st, c, prog->base);
		return 0;
	}
	p = runner_place(rd, st, call.has_dir ? &call.dir : NULL);
	given_packages(rd, st, &call);
	if (act != NULL && !p.known)
		act->flags |= ACTION_OUTSIDE;
	if (p.known) {
		settings(rd, st, c, p.path, &call);
		if (str_is(prog->base, "pnpm"))
			other_package(rd, st, c, p.path, package_dir(rd, p.path));
	}
	if (!call.unknown && p.known) {
		if (!call.every && call.packages.n == 0)
			(void)nearest(rd, st, c, p.path, act, &ps);
		else
			chosen(rd, &call, p.path, &ps);
	}
	for (size_t i = 0; i < ps.list.n && err == 0; i++) {
		runner_mark(rd, act, ps.list.v[i].file);
		err = run_scripts(rd, st, c, prog, &call, &ps.list.v[i]);
	}
	if (err == 0 && (call.unknown || !p.known || !ps.all))
		runner_opaque(rd, st, c, str_printf(rd->a, "which package.json script " STR_FMT " runs is not known",
		    STR_ARG(word_show(rd->a, c->argv.v[0]))));
	return err < 0 ? err : 1;
}
