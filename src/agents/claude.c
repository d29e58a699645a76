/* SPDX-License-Identifier: ISC */
/*
 * claude.c: Claude Code's hook events (client 2.1.330) and the answers that it
 * takes. A table says which tool becomes which request. Keys that are not
 * known are skipped; a known key of the wrong type makes the event bad input.
 */
#include "agent.h"
#include "bridle/limits.h"
#include "bridle/proto.h"

#include <cjson/cJSON.h>

/* A tool call being read: the first thing that is wrong is kept. */
struct call {
	const struct world *w;
	struct arena *a;
	const cJSON *input;
	struct event *e;
};

/* ---- values --------------------------------------------------------------------- */

static void
wrong(struct call *c, const char *key, const char *how)
{
	if (c->e->bad.n == 0)
		agent__bad(c->e, str_printf(c->a, "\"%s\" %s", key, how));
}

static bool
optional(struct call *c, const cJSON *from, const char *key, struct str *out)
{
	int rc = json_get_str(from, key, out);
	if (rc == BRIDLE_EINVAL)
		wrong(c, key, "is no string");
	return rc == 0;
}

static struct str
required(struct call *c, const cJSON *from, const char *key)
{
	struct str v = { NULL, 0 };
	if (!optional(c, from, key, &v))
		wrong(c, key, "is missing");
	return v;
}

static bool
flag(struct call *c, const cJSON *from, const char *key)
{
	bool v = false;
	if (json_get_bool(from, key, &v) == BRIDLE_EINVAL)
		wrong(c, key, "is neither true nor false");
	return v;
}

/* ---- tools ---------------------------------------------------------------------- */

static void
read_other(struct call *c)
{
	struct buf b;
	buf_init(&b, c->a);
	json_write(&b, c->input);
	c->e->request.kind = REQUEST_TOOL;
	c->e->request.tool_text = buf_str(&b);
}

static void
read_shell(struct call *c)
{
	c->e->request.kind = REQUEST_SHELL;
	c->e->request.text = required(c, c->input, "command");
	c->e->background = flag(c, c->input, "run_in_background");
}

/* Watches a command, or a web socket. */
static void
read_monitor(struct call *c)
{
	if (cJSON_GetObjectItemCaseSensitive(c->input, "command") == NULL) {
		read_other(c);
		return;
	}
	read_shell(c);
	c->e->background = true;
}

static struct request_edit
one_edit(struct call *c, const cJSON *from)
{
	struct request_edit e = { 0 };
	e.old_text = required(c, from, "old_string");
	e.new_text = required(c, from, "new_string");
	e.replace_all = flag(c, from, "replace_all");
	return e;
}

static void
read_edit(struct call *c)
{
	struct request_edit *e = NEW(c->a, struct request_edit);
	*e = one_edit(c, c->input);
	c->e->request.kind = REQUEST_EDIT;
	c->e->request.path = required(c, c->input, "file_path");
	c->e->request.edits = e;
	c->e->request.nedits = 1;
}

static void
read_edits(struct call *c)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(c->input, "edits"), *item;
	size_t n = 0;
	c->e->request.kind = REQUEST_EDIT;
	c->e->request.path = required(c, c->input, "file_path");
	if (!cJSON_IsArray(list)) {
		wrong(c, "edits", "is no list");
		return;
	}
	struct request_edit *edits =
	    NEW_ARRAY(c->a, struct request_edit, (size_t)cJSON_GetArraySize(list) + 1);
	cJSON_ArrayForEach(item, list) edits[n++] = one_edit(c, item);
	c->e->request.edits = edits;
	c->e->request.nedits = n;
}

static void
read_write(struct call *c)
{
	c->e->request.kind = REQUEST_EDIT;
	c->e->request.path = required(c, c->input, "file_path");
	c->e->request.content = required(c, c->input, "content");
	c->e->request.whole = true;
}

static void
read_notebook(struct call *c)
{
	c->e->request.kind = REQUEST_EDIT;
	c->e->request.path = required(c, c->input, "notebook_path");
	c->e->request.content_unknown = true; /* a cell, not the file */
}

static void
read_read(struct call *c)
{
	c->e->request.kind = REQUEST_READ;
	c->e->request.path = required(c, c->input, "file_path");
}

/* Grep reads, Glob lists what lies below a folder; an absolute glob names
 * its folder itself. */
static void
read_search(struct call *c)
{
	struct request *r = &c->e->request;
	struct str pattern = required(c, c->input, "pattern");
	r->kind = REQUEST_READ;
	r->recursive = !str_is(r->tool, "Glob"); /* which only names files */
	if (!optional(c, c->input, "path", &r->path))
		r->path = r->cwd;
	if (!str_is(r->tool, "Glob") || !str_starts(pattern, STR("/")))
		return;
	size_t fixed = 0;
	while (fixed < pattern.n && !word_has_glob(str_sub(pattern, 0, fixed + 1)))
		fixed++;
	r->path = fixed == pattern.n ? pattern : path_dir(str_dup(c->a, str_sub(pattern, 0, fixed + 1)));
}

static const struct tool_reader {
	const char *name;
	void (*read)(struct call *c);
} readers[] = {
	{ "Bash", read_shell },
	{ "PowerShell", read_shell },
	{ "Monitor", read_monitor },
	{ "Edit", read_edit },
	{ "MultiEdit", read_edits },
	{ "Write", read_write },
	{ "NotebookEdit", read_notebook },
	{ "Read", read_read },
	{ "Grep", read_search },
	{ "Glob", read_search },
};

static void
read_call(struct call *c, const cJSON *event)
{
	struct request *r = &c->e->request;
	void (*read)(struct call *) = read_other;
	r->tool = required(c, event, "tool_name");
	optional(c, event, "tool_use_id", &r->tool_use);
	c->input = cJSON_GetObjectItemCaseSensitive(event, "tool_input");
	if (!cJSON_IsObject(c->input)) {
		wrong(c, "tool_input", c->input == NULL ? "is missing" : "is no object");
		return;
	}
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (str_is(r->tool, readers[i].name))
			read = readers[i].read;
	read(c);
}

/* ---- events --------------------------------------------------------------------- */

static const char *const guards[] = { "PreToolUse", NULL };

static const struct {
	const char *name;
	enum event_kind kind;
} kinds[] = {
	{ "PreToolUse", EVENT_BEFORE },
	{ "PostToolUse", EVENT_DONE },
	{ "PostToolUseFailure", EVENT_FAILED },
	{ "UserPromptSubmit", EVENT_PROMPT },
	{ "SessionStart", EVENT_START },
	{ "SessionEnd", EVENT_END },
	{ "ConfigChange", EVENT_CONFIG },
};

/* The client writes the user's aliases and functions to a file at its start
 * and sources it before each command: snapshot-SHELL-MILLISECONDS-RANDOM.sh.
 * Which of several is this session's it does not say; all come from the same
 * start-up files, and the newest is the nearest. If the folder cannot be read,
 * its own path stands for a snapshot that cannot be read either. */
static struct str
find_snapshot(const struct world *w, struct arena *a, const struct request *r)
{
	struct str config, best = { NULL, 0 };
	struct world_entry *v;
	size_t n;
	uint64_t newest = 0;
	const struct str start = r->shell == SHELL_ZSH ? STR("snapshot-zsh-") : STR("snapshot-bash-");
	if (w->env(w->ctx, STR("CLAUDE_CONFIG_DIR"), &config) != 0 || config.n == 0) {
		if (r->home.n == 0)
			return best;
		config = path_join(a, r->home, STR(".claude"));
	}
	struct str dir = path_join(a, config, STR("shell-snapshots"));
	int rc = w->list(w->ctx, a, dir, &v, &n);
	if (rc != 0)
		return rc == BRIDLE_ENOENT ? best : dir;
	for (size_t i = 0; i < n; i++) {
		uint64_t when;
		if (!str_starts(v[i].name, start) || !str_ends(v[i].name, STR(".sh")))
			continue;
		struct str rest = str_sub(v[i].name, start.n, STR_NPOS);
		if (str_u64(str_sub(rest, 0, str_chr(rest, '-')), &when) == 0 && when >= newest) {
			newest = when;
			best = v[i].name;
		}
	}
	return best.n == 0 ? best : path_join(a, dir, best);
}

static void
read_common(struct call *c, const cJSON *event)
{
	struct request *r = &c->e->request;
	struct str cwd;
	optional(c, event, "session_id", &r->session);
	optional(c, event, "permission_mode", &r->mode);
	optional(c, event, "agent_id", &c->e->subagent);
	if (!optional(c, event, "cwd", &cwd))
		return;
	if (str_starts(cwd, STR("/")))
		r->cwd = path_clean(c->a, cwd);
	else
		wrong(c, "cwd", "is no absolute path");
}

static void
claude_read(const struct world *w, struct arena *a, struct str payload, struct event *e)
{
	struct call c = { .w = w, .a = a, .e = e };
	cJSON *event;
	const char *why;
	if (json_read(a, payload, &event, &why) != 0) {
		agent__bad(e, str_of(why));
		return;
	}
	if (!cJSON_IsObject(event)) {
		agent__bad(e, STR("it is no object"));
		return;
	}
	e->name = required(&c, event, "hook_event_name");
	read_common(&c, event);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_is(e->name, kinds[i].name))
			e->kind = kinds[i].kind;
	switch (e->kind) {
	case EVENT_BEFORE:
	case EVENT_DONE:
	case EVENT_FAILED:
		read_call(&c, event);
		if (e->request.kind == REQUEST_SHELL) {
			agent_place(w, a, &e->request); /* the shell, for the name */
			e->request.snapshot = find_snapshot(w, a, &e->request);
		}
		break;
	case EVENT_START:
	case EVENT_CONFIG:
		optional(&c, event, "source", &e->source);
		optional(&c, event, "file_path", &e->file);
		break;
	case EVENT_END:
		optional(&c, event, "reason", &e->source);
		break;
	case EVENT_PROMPT:
	case EVENT_OTHER:
		break;
	}
}

static void
claude_answer(struct arena *a, const struct event *e, enum verdict v, struct str reason,
    struct answer *out)
{
	struct buf b;
	if (v == VERDICT_PASS)
		return;
	if (v != VERDICT_ALLOW && v != VERDICT_DENY)
		v = VERDICT_ASK;
	if (reason.n == 0)
		reason = STR("bridle gives no reason");
	buf_init(&b, a);
	buf_puts(&b, "{\"hookSpecificOutput\":{\"hookEventName\":");
	buf_json(&b, e->name);
	buf_puts(&b, ",\"permissionDecision\":");
	buf_json(&b, str_of(verdict_name(v)));
	buf_puts(&b, ",\"permissionDecisionReason\":");
	buf_json(&b, str_sub(reason, 0, LIMIT_REASON));
	buf_puts(&b, "}}\n");
	out->out = buf_str(&b);
}

static void
claude_context(struct arena *a, const struct event *e, struct str text, struct answer *out)
{
	struct buf b;
	buf_init(&b, a);
	buf_puts(&b, "{\"hookSpecificOutput\":{\"hookEventName\":");
	buf_json(&b, e->name);
	buf_puts(&b, ",\"additionalContext\":");
	buf_json(&b, text);
	buf_puts(&b, "}}\n");
	out->out = buf_str(&b);
}

const struct agent agent__claude = { "claude", guards, claude_read, claude_answer, claude_context };
