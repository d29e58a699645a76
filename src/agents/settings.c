/* SPDX-License-Identifier: ISC */
/*
 * settings.c: what Claude Code's settings files say of our hook. Read only:
 * `bridle init` writes them, the daemon and `bridle status` look.
 */
#include "bridle/agents.h"
#include "bridle/proto.h"

#include <cjson/cJSON.h>

/* Does this handler's command run our shim? Exec form holds the bare path,
 * shell form may quote it and go on. */
static bool
ours(struct str command)
{
	const struct str name = STR("bridle-hook");
	size_t at = str_find(command, name);
	if (at == STR_NPOS)
		return false;
	struct str before = str_sub(command, 0, at), after = str_sub(command, at + name.n, STR_NPOS);
	return (before.n == 0 || str_find(STR("/\"'"), str_sub(before, before.n - 1, 1)) != STR_NPOS) &&
	    (after.n == 0 || str_find(STR(" \"'"), str_sub(after, 0, 1)) != STR_NPOS);
}

static void
read_group(const cJSON *group, struct settings_view *out)
{
	const cJSON *handlers = cJSON_GetObjectItemCaseSensitive(group, "hooks"), *h;
	struct str command, failure, matcher = { NULL, 0 };
	cJSON_ArrayForEach(h, handlers)
	{
		if (json_get_str(h, "command", &command) != 0 || !ours(command))
			continue;
		if (json_get_str(group, "matcher", &matcher) != 0)
			matcher = STR("");
		out->hooked = true;
		out->command = command;
		out->matcher = matcher;
		if (json_get_str(h, "onFailure", &failure) == 0 && str_is(failure, "block"))
			out->blocks = true;
	}
}

int
settings_read(struct arena *a, struct str text, struct settings_view *out, const char **why)
{
	cJSON *root;
	*out = (struct settings_view){ 0 };
	if (str_trim(text).n == 0)
		return 0;
	if (json_read(a, text, &root, why) != 0)
		return BRIDLE_ESYNTAX;
	bool off;
	if (json_get_bool(root, "disableAllHooks", &off) == 0)
		out->disabled = off;
	const cJSON *hooks = cJSON_GetObjectItemCaseSensitive(root, "hooks");
	const cJSON *groups = cJSON_GetObjectItemCaseSensitive(hooks, "PreToolUse"), *group;
	cJSON_ArrayForEach(group, groups) read_group(group, out);
	return 0;
}

struct str
settings_path(const struct world *w, struct arena *a, enum settings_place place,
    const struct request *r)
{
	struct str config;
	switch (place) {
	case SETTINGS_MANAGED:
#ifdef __APPLE__
		return STR("/Library/Application Support/ClaudeCode/managed-settings.json");
#else
		return STR("/etc/claude-code/managed-settings.json");
#endif
	case SETTINGS_LOCAL:
		return path_join(a, r->project, STR(".claude/settings.local.json"));
	case SETTINGS_PROJECT:
		return path_join(a, r->project, STR(".claude/settings.json"));
	default:
		break;
	}
	if (w->env(w->ctx, STR("CLAUDE_CONFIG_DIR"), &config) != 0 || config.n == 0) {
		if (r->home.n == 0)
			return STR("");
		config = path_join(a, r->home, STR(".claude"));
	}
	return path_join(a, config, STR("settings.json"));
}
