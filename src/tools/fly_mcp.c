/* SPDX-License-Identifier: ISC */
/*
 * fly_mcp.c: the tools of `fly mcp server` are fly commands: fly-machine-exec
 * with {"app": …, "id": …, "command": …} runs `fly machine exec ID COMMAND
 * --app APP`. Here a call becomes the argument vector that the server makes of
 * it, so that the same rules hold.
 */
#include "tools/fly.h"

#include "tools/json_tree.h"

#include <string.h>

struct call {
	struct arena *a;
	const struct tool *tool;
	const struct model_command *cmd;
	VEC(struct word) argv;
	VEC(struct word) operands;
};

static void
add(struct call *k, struct word w)
{
	*vec_push(k->a, &k->argv) = w;
}

/* mcp__SERVER__fly-machine-exec: what follows "fly-"; false: another tool. */
static bool
tool_suffix(struct str name, struct str *out)
{
	size_t at = str_starts(name, STR("mcp__")) ? str_find(name, STR("__fly-")) : STR_NPOS;

	if (at == STR_NPOS)
		return false;
	*out = str_sub(name, at + 6, STR_NPOS);
	return out->n > 0;
}

/* The command whose path, joined by dashes, begins the name; the longest. */
static const struct model_command *
command_of(struct arena *a, const struct tool *t, struct str name)
{
	const struct model_command *best = NULL;
	size_t length = 0;

	for (size_t i = 1; i < t->ncommands; i++) {
		const struct model_command *c = &t->commands[i];
		struct buf b;

		buf_init(&b, a);
		for (size_t k = 0; k < c->npath; k++)
			buf_printf(&b, "%s" STR_FMT, k > 0 ? "-" : "", STR_ARG(c->path[k]));
		if (b.n > length && str_starts(name, buf_str(&b)) &&
		    (b.n == name.n || strchr("-;_ ", name.p[b.n]) != NULL)) {
			best = c;
			length = b.n;
		}
	}
	return best;
}

static bool
has_option(const struct model_command *c, const char *name)
{
	for (size_t i = 0; i < c->noptions; i++)
		if (str_is(command_option(c, i)->name, name))
			return true;
	return false;
}

static struct str
scalar(struct call *k, const cJSON *item)
{
	if (cJSON_IsString(item))
		return str_dup(k->a, str_of(item->valuestring));
	if (cJSON_IsNumber(item))
		return str_printf(k->a, "%.15g", item->valuedouble);
	return cJSON_IsTrue(item) ? STR("true") : STR("false");
}

static void
give_option(struct call *k, const char *name, const cJSON *item)
{
	const cJSON *one;

	if (cJSON_IsArray(item)) {
		cJSON_ArrayForEach(one, item)
			give_option(k, name, one);
		return;
	}
	if (cJSON_IsObject(item) || cJSON_IsNull(item))
		return;
	add(k, word_text(k->a, str_printf(k->a, "--%s=" STR_FMT, name, STR_ARG(scalar(k, item)))));
}

/* Of an operand: text, [texts], {"K": "V"}, or "a b" and "a,b" for several. */
static void
give_operand(struct call *k, const cJSON *item)
{
	bool several = str_ends(k->cmd->operands, STR("*"));
	struct str text;
	const cJSON *one;

	if (cJSON_IsArray(item)) {
		cJSON_ArrayForEach(one, item)
			give_operand(k, one);
		return;
	}
	if (cJSON_IsObject(item)) {
		cJSON_ArrayForEach(one, item)
			*vec_push(k->a, &k->operands) = word_text(k->a,
			    str_printf(k->a, "%s=" STR_FMT, one->string, STR_ARG(scalar(k, one))));
		return;
	}
	text = scalar(k, item);
	while (several && text.n > 0) {
		size_t end = 0;

		while (end < text.n && strchr(", ", text.p[end]) == NULL)
			end++;
		if (end > 0)
			*vec_push(k->a, &k->operands) = word_text(k->a, str_sub(text, 0, end));
		text = str_sub(text, end + 1, STR_NPOS);
	}
	if (!several)
		*vec_push(k->a, &k->operands) = word_text(k->a, text);
}

/* What is no option is an operand; the command to run comes last. */
static void
take_arguments(struct call *k, const cJSON *root)
{
	const cJSON *item, *last = NULL;

	cJSON_ArrayForEach(item, root) {
		const char *name = item->string;

		if (strcmp(name, "name") == 0 && !has_option(k->cmd, "name") &&
		    k->cmd->operands.n == 0 && has_option(k->cmd, "app"))
			give_option(k, "app", item);
		else if (strcmp(name, "command") == 0 && !has_option(k->cmd, "command"))
			last = item;
		else if (has_option(k->cmd, name) &&
		    !(strcmp(name, "image") == 0 && str_starts(k->cmd->operands, STR("image"))))
			give_option(k, name, item);
		else
			give_operand(k, item);
	}
	if (last != NULL)
		give_operand(k, last);
}

bool
fly_mcp_argv(struct arena *a, const struct models *m, struct str tool, struct str input,
    struct words *argv)
{
	struct call k = { .a = a, .tool = models_find(m, STR("fly")) };
	struct str name;
	struct json_tree *t;

	if (k.tool == NULL || !tool_suffix(tool, &name))
		return false;
	add(&k, word_text(a, STR("fly")));
	k.cmd = command_of(a, k.tool, name);
	t = json_tree_open(a, input, true);
	if (k.cmd == NULL || !cJSON_IsObject(t->root))
		add(&k, word_words(a, tool)); /* some command of fly's */
	else {
		for (size_t i = 0; i < k.cmd->npath; i++)
			add(&k, word_text(a, k.cmd->path[i]));
		take_arguments(&k, t->root);
		if (has_option(k.cmd, "yes"))
			add(&k, word_text(a, STR("--yes"))); /* the server says so itself */
		for (size_t i = 0; i < k.operands.n; i++)
			add(&k, k.operands.v[i]);
	}
	json_tree_close(t);
	*argv = (struct words){ k.argv.v, k.argv.n };
	return true;
}
