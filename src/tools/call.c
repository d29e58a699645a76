/* SPDX-License-Identifier: ISC */
/*
 * call.c: calls of other tools (MCP servers) that amount to a command: those
 * of GitHub's and of git's servers as gh and git would do it, a member called
 * command as what a program that nobody knows may run, a path as a file that
 * it may read or write. Only ask and deny rules speak of these. fly's own
 * server is fly_mcp.c.
 */
#include "tools/code.h"

#include "tools/json_tree.h"

#include <string.h>

struct call {
	struct reading *rd;
	struct shell_state *st;
	const struct shell_command *like;
	struct str name; /* what stands behind mcp__SERVER__ */
	const cJSON *root;
};

/* The first of these members that is a text or a number; NULL: none. */
static const char *
member(const struct call *k, const char *names)
{
	struct words w = words_split(k->rd->a, str_of(names));

	for (size_t i = 0; i < w.n; i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(k->root, str_c(k->rd->a, word_prefix(w.v[i])));

		if (cJSON_IsString(item))
			return item->valuestring;
		if (cJSON_IsNumber(item))
			return str_c(k->rd->a, str_printf(k->rd->a, "%.15g", item->valuedouble));
	}
	return NULL;
}

/* ---- GitHub's and git's servers ---------------------------------------------------- */

static const struct amount {
	const char *name;
	const char *argv; /* {a,b=x}: the first of these members, else x; without either the word goes */
} amounts[] = {
	{ "merge_pull_request", "gh pr merge {pullNumber,pull_number,number}" },
	{ "push_files", "git push origin HEAD:refs/heads/{branch}" },
	{ "create_or_update_file", "git push origin HEAD:refs/heads/{branch}" },
	{ "delete_file", "git push origin HEAD:refs/heads/{branch}" },
	{ "update_ref", "git push origin HEAD:{ref}" },
	{ "update_reference", "git push origin HEAD:{ref}" },
	{ "merge_merge_request", "glab mr merge {merge_request_iid,mergeRequestIid,iid}" },
	{ "run_workflow", "gh workflow run {workflow_id,workflowId,workflow}" },
	{ "actions_run_trigger", "gh workflow run {workflow_id,workflowId,workflow}" },
	{ "git_push", "git push {remote=origin} {branch,ref,refspec}" },
};

/* False: a member that the word needs is not there. */
static bool
fill(const struct call *k, struct str word, struct word *out)
{
	struct arena *a = k->rd->a;
	size_t open = str_chr(word, '{'), eq, n;
	const char *value;
	char *names;

	*out = word_text(a, word);
	if (open == STR_NPOS)
		return true;
	n = str_chr(word, '}') - open - 1;
	names = arena_alloc(a, n + 1);
	for (size_t i = 0; i < n; i++)
		names[i] = word.p[open + 1 + i] == ',' ? ' ' : word.p[open + 1 + i];
	eq = str_chr((struct str){ names, n }, '=');
	if (eq != STR_NPOS)
		names[eq] = '\0';
	value = member(k, names);
	if (value == NULL && eq == STR_NPOS)
		return false;
	*out = word_text(a, str_cat(a, str_sub(word, 0, open),
	    str_dup(a, str_of(value != NULL ? value : names + eq + 1))));
	return true;
}

static int
run_amount(const struct call *k, const struct amount *m)
{
	struct words w = words_split(k->rd->a, str_of(m->argv));
	VEC(struct word) argv = { 0 };
	struct word one;

	for (size_t i = 0; i < w.n; i++)
		if (fill(k, word_prefix(w.v[i]), &one))
			*vec_push(k->rd->a, &argv) = one;
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(k->root, "force")))
		*vec_push(k->rd->a, &argv) = word_text(k->rd->a, STR("--force"));
	return reading_run_argv(k->rd, k->st, (struct words){ argv.v, argv.n }, k->like, ACTION_INNER, k->name);
}

/* ---- commands and files ----------------------------------------------------------------- */

static int
guess_text(const struct call *k, const char *text)
{
	return reading_run_shell(k->rd, k->st, word_text(k->rd->a, str_dup(k->rd->a, str_of(text))), k->like,
	    ACTION_GUESS | ACTION_INNER, k->name, word_text(k->rd->a, STR("sh")), (struct words){ NULL, 0 });
}

/* A list of words, behind first, which may be NULL. */
static int
guess_list(const struct call *k, const char *first, const cJSON *list)
{
	VEC(struct word) argv = { 0 };
	const cJSON *one;

	if (first != NULL)
		*vec_push(k->rd->a, &argv) = word_text(k->rd->a, str_dup(k->rd->a, str_of(first)));
	cJSON_ArrayForEach(one, list)
		if (cJSON_IsString(one))
			*vec_push(k->rd->a, &argv) = word_text(k->rd->a, str_dup(k->rd->a, str_of(one->valuestring)));
	if (argv.n == 0)
		return 0;
	return reading_run_argv(k->rd, k->st, (struct words){ argv.v, argv.n }, k->like,
	    ACTION_GUESS | ACTION_INNER, k->name);
}

static int
guess_command(const struct call *k, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(k->root, name);
	const cJSON *args = cJSON_GetObjectItemCaseSensitive(k->root, "args"), *one;
	int err = 0;

	if (args == NULL)
		args = cJSON_GetObjectItemCaseSensitive(k->root, "arguments");
	if (cJSON_IsString(item) && cJSON_IsString(args))
		return guess_text(k, str_c(k->rd->a, str_printf(k->rd->a, "%s %s", item->valuestring, args->valuestring)));
	if (cJSON_IsString(item))
		return cJSON_IsArray(args) ? guess_list(k, item->valuestring, args) : guess_text(k, item->valuestring);
	if (!cJSON_IsArray(item))
		return 0;
	if (strcmp(name, "commands") != 0) /* the words of one, or several texts */
		err = guess_list(k, NULL, item);
	cJSON_ArrayForEach(one, item)
		if (err >= 0 && cJSON_IsString(one) && strchr(one->valuestring, ' ') != NULL)
			err = guess_text(k, one->valuestring);
	return err;
}

static bool
name_has(struct str name, const char *words)
{
	for (const char *at = words; *at != '\0';) {
		size_t n = strcspn(at, " ");

		if (str_find(name, (struct str){ at, n }) != STR_NPOS)
			return true;
		at += at[n] == ' ' ? n + 1 : n;
	}
	return false;
}

static void
guess_file(const struct call *k)
{
	const char *path = member(k, "path file_path filePath file filename destination");
	const char *content = member(k, "content contents file_text");
	struct file_after after = { .kind = AFTER_UNKNOWN };
	struct word file;

	if (path == NULL)
		return;
	file = word_text(k->rd->a, str_dup(k->rd->a, str_of(path)));
	if (name_has(k->name, "write edit create update replace insert append patch move delete save put")) {
		if (content != NULL) {
			after.kind = AFTER_TEXT;
			after.text = word_text(k->rd->a, str_dup(k->rd->a, str_of(content)));
		}
		file_edit(k->rd, k->st, k->like, file, ACTION_OPERAND, after);
	} else {
		file_look(k->rd, k->st, k->like, file, ACTION_OPERAND);
	}
}

/* A request that may change something, as curl would make it. Its method is a
 * member, or part of the name (http_post). */
static int
guess_request(const struct call *k)
{
	static const char *const methods[][2] = { { "post", "POST" }, { "put", "PUT" }, { "patch", "PATCH" },
		{ "delete", "DELETE" } };
	const char *url = member(k, "url uri"), *method = member(k, "method httpMethod http_method");
	struct str from = method != NULL ? str_dup(k->rd->a, str_of(method)) : k->name;
	char *lower = arena_alloc(k->rd->a, from.n + 1);
	struct word *argv = NEW_ARRAY(k->rd->a, struct word, 4);

	argv[0] = word_text(k->rd->a, STR("curl"));
	argv[1] = word_text(k->rd->a, STR("-X"));
	for (size_t i = 0; i < from.n; i++)
		lower[i] = byte_lower(from.p[i]);
	for (size_t i = 0; url != NULL && i < sizeof methods / sizeof methods[0]; i++)
		if (str_find((struct str){ lower, from.n }, str_of(methods[i][0])) != STR_NPOS) {
			argv[2] = word_text(k->rd->a, str_of(methods[i][1]));
			argv[3] = word_text(k->rd->a, str_dup(k->rd->a, str_of(url)));
			return reading_run_argv(k->rd, k->st, (struct words){ argv, 4 }, k->like,
			    ACTION_GUESS | ACTION_INNER, k->name);
		}
	return 0;
}

/* Files, and the code of a notebook's cell. */
static int
guess_rest(const struct call *k)
{
	struct code how = { .flags = ACTION_GUESS | ACTION_INNER };
	struct inner saved = reading_enter(k->rd, ACTION_GUESS | ACTION_INNER, k->name);
	const char *code = member(k, "code");

	guess_file(k);
	reading_leave(k->rd, saved);
	if (code == NULL)
		return 0;
	how.bang = code[0] == '!' || strstr(code, "\n!") != NULL;
	return code_read(k->rd, k->st, k->like, &how, str_dup(k->rd->a, str_of(code)));
}

#define CALL_DEPTH 3

/* Commands by the names of their members, also of objects within. */
static int
guess_commands(const struct call *k, int depth)
{
	static const char *const commands[] = { "command", "cmd", "commands", "script", "shell_command",
		"command_line", "commandLine", "bash_command", "argv", "program", "executable" };
	static const char *const typed[] = { "input", "text", "line", "keys", "data" };
	bool shell = name_has(k->name, "terminal shell bash zsh exec command console send_keys");
	const cJSON *one;
	int err = 0;

	for (size_t i = 0; i < sizeof commands / sizeof *commands && err >= 0; i++)
		err = guess_command(k, commands[i]);
	for (size_t i = 0; shell && i < sizeof typed / sizeof *typed && err >= 0; i++)
		err = guess_command(k, typed[i]);
	cJSON_ArrayForEach(one, k->root)
		if ((cJSON_IsObject(one) || cJSON_IsArray(one)) && depth < CALL_DEPTH && err >= 0) {
			struct call inner = *k;

			inner.root = one;
			err = guess_commands(&inner, depth + 1);
		}
	return err;
}

int
call_read(struct reading *rd, struct shell_state *st, const struct shell_command *like)
{
	struct str input = rd->request->tool_text, rest = rd->request->tool;
	struct json_tree *t = json_tree_open(rd->a, input, true);
	struct call k = { rd, st, like, { 0 }, t->root };
	size_t at;
	int err = 0;

	while ((at = str_find(rest, STR("__"))) != STR_NPOS)
		rest = str_sub(rest, at + 2, STR_NPOS);
	k.name = rest;
	for (size_t i = 0; i < sizeof amounts / sizeof *amounts && err >= 0; i++)
		if (str_is(rest, amounts[i].name))
			err = run_amount(&k, &amounts[i]);
	if (err >= 0)
		err = guess_commands(&k, 0);
	if (str_starts(rd->request->tool, STR("mcp__")) && err >= 0)
		err = guess_request(&k);
	if (str_starts(rd->request->tool, STR("mcp__")) && err >= 0)
		err = guess_rest(&k);
	json_tree_close(t);
	return err;
}
