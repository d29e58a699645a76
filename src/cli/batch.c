/* SPDX-License-Identifier: ISC */
/*
 * batch.c: bridle check --batch: JSON Lines {"id"?, "command" | "argv" |
 * "event", "cwd"?, "env"?, "shell"?} in, one decision a line out, in order.
 * A line that is no such object gets a decision too: ask, with what is wrong.
 */
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "bridle/proto.h"
#include "bridle/limits.h"
#include "check.h"

static struct str
text_of(const cJSON *o, const char *key)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, key);

	return cJSON_IsString(v) ? str_of(v->valuestring) : STR("");
}

static void
bad(struct request *r, const char *why)
{
	r->kind = REQUEST_BAD;
	r->text = str_of(why);
}

static void
fill_argv(const cJSON *list, struct arena *a, struct request *r)
{
	struct str *words = NEW_ARRAY(a, struct str, (size_t)cJSON_GetArraySize(list) + 1);
	const cJSON *v;
	size_t n = 0;

	cJSON_ArrayForEach(v, list)
	{
		if (!cJSON_IsString(v)) {
			bad(r, "argv holds something that is no string");
			return;
		}
		words[n++] = str_of(v->valuestring);
	}
	r->kind = REQUEST_ARGV;
	r->argv = words;
	r->argc = n;
}

/* With "env": exactly that environment. */
static const char *const *
fill_env(const cJSON *env, struct arena *a)
{
	VEC(const char *) v = { 0 };
	const cJSON *e;

	cJSON_ArrayForEach(e, env)
	{
		if (cJSON_IsString(e))
			*vec_push(a, &v) = str_printf(a, "%s=%s", e->string, e->valuestring).p;
	}
	*vec_push(a, &v) = NULL;
	return v.v;
}

static struct str
event_text(const cJSON *event, struct arena *a)
{
	struct str out;
	char *s;

	if (cJSON_IsString(event))
		return str_of(event->valuestring);
	s = cJSON_PrintUnformatted(event);
	out = str_dup(a, str_of(s));
	cJSON_free(s);
	return out;
}

static void
fill(const struct check *k, const cJSON *o, const char *cwd, const char *const *env, struct arena *a, struct request *r)
{
	const cJSON *command = cJSON_GetObjectItemCaseSensitive(o, "command");
	const cJSON *argv = cJSON_GetObjectItemCaseSensitive(o, "argv");
	const cJSON *event = cJSON_GetObjectItemCaseSensitive(o, "event");
	struct str shell = text_of(o, "shell");

	if (event != NULL) {
		if (check__event(k, event_text(event, a), env, a, r) != 0) {
			check__request(a, cwd, env, k->where.agent, r);
			r->kind = REQUEST_TOOL;
			r->tool = STR("event");
		}
		return;
	}
	check__request(a, cwd, env, k->where.agent, r);
	r->person = k->person;
	r->shell = k->shell;
	if (shell.n > 0 && check__shell(shell.p, &r->shell) != 0)
		bad(r, "unknown shell; known: bash zsh sh");
	else if (cJSON_IsString(command)) {
		r->kind = REQUEST_SHELL;
		r->text = str_of(command->valuestring);
	} else if (cJSON_IsArray(argv) && cJSON_GetArraySize(argv) > 0) {
		fill_argv(argv, a, r);
	} else {
		bad(r, "the line has neither command, argv nor event");
	}
}

static void
one(const struct check *k, const char *line, size_t n, const char *cwd, const char *const *env)
{
	struct arena *a = arena_new(LIMIT_REQUEST_ARENA);
	const char *why = "";
	cJSON *o = NULL;
	const cJSON *e, *at;
	struct local_world lw;
	struct decision d;
	struct request r;
	struct world w;
	struct str id = STR("");
	struct buf b;

	if (a == NULL)
		exit(EXIT_USAGE);
	if (json_read(a, (struct str){ line, n }, &o, &why) != 0)
		o = NULL;
	e = cJSON_GetObjectItemCaseSensitive(o, "env");
	at = cJSON_GetObjectItemCaseSensitive(o, "cwd");
	if (cJSON_IsObject(e))
		env = fill_env(e, a);
	if (cJSON_IsString(at) && at->valuestring[0] == '/')
		cwd = at->valuestring;
	check__request(a, cwd, env, k->where.agent, &r);
	if (cJSON_IsObject(o)) {
		id = text_of(o, "id");
		fill(k, o, cwd, env, a, &r);
	} else {
		bad(&r, str_printf(a, "the line is no JSON object: %s", why).p);
	}
	local_world_init(&lw, a, env, &w);
	decide(k->policy->policy, &w, &r, a, &d);
	arena_spare(a, LIMIT_SHOW_ARENA);
	buf_init(&b, a);
	decision_json(&d, id, &b);
	buf_putc(&b, '\n');
	write_out(buf_str(&b));
	arena_free(a);
}

int
check__batch(const struct check *k, const char *cwd, const char *const *env)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, stdin)) > 0) {
		if (line[n - 1] == '\n')
			n--;
		if (n > 0)
			one(k, line, (size_t)n, cwd, env);
	}
	free(line);
	return 0;
}
