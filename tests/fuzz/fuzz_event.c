/* SPDX-License-Identifier: ISC */
/*
 * fuzz_event.c: an agent's hook event. Whatever it is, a call about to run
 * becomes a request, and a refusal of it one whole JSON object.
 */
#include "bridle/agents.h"
#include "bridle/decide.h"
#include "bridle/proto.h"

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_answer(const struct agent *g, struct arena *a, const struct event *e)
{
	struct answer out;
	cJSON *v;
	const char *why;
	struct str decision;
	agent_answer(g, a, e, VERDICT_DENY, e->request.text.n > 0 ? e->request.text : STR("no"), &out);
	if (out.status != 0 || json_read(a, out.out, &v, &why) != 0)
		abort();
	v = cJSON_GetObjectItemCaseSensitive(v, "hookSpecificOutput");
	if (json_get_str(v, "permissionDecision", &decision) != 0 || !str_is(decision, "deny"))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct agent *g = agent_find(STR("claude"));
	struct arena *a = arena_new(0);
	struct table_world table;
	struct world w;
	struct event e;
	struct settings_view view;
	const char *why;
	struct str payload = { (const char *)data, size };
	memset(&table, 0, sizeof(table));
	table_world_init(&table, a, &w);
	table_world_env(&table, STR("HOME"), STR("/home/dev"));
	agent_read(g, &w, a, payload, STR("PreToolUse"), STR("/"), &e);
	if (e.kind != EVENT_BEFORE || (e.bad.n > 0) != (e.request.kind == REQUEST_BAD) ||
	    !str_starts(e.request.cwd, STR("/")) || e.request.project.n == 0)
		abort();
	check_answer(g, a, &e);
	agent_read(g, &w, a, payload, STR(""), STR(""), &e);
	if (e.kind == EVENT_BEFORE)
		check_answer(g, a, &e);
	(void)settings_read(a, payload, &view, &why);
	arena_free(a);
	return 0;
}
