/* SPDX-License-Identifier: ISC */
/*
 * test_agents.c: each event of tests/events becomes the request that it
 * should, verdicts become the bytes that the client takes, and whatever is
 * wrong with a call about to run becomes bad input, never silence.
 */
#include "bridle/agents.h"
#include "bridle/decide.h"
#include "bridle/limits.h"
#include "bridle/proto.h"

#include "check.h"

#include <cjson/cJSON.h>
#include <string.h>

static struct arena *a;
static struct table_world table;
static struct world world;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(0);
	memset(&table, 0, sizeof(table));
	table_world_init(&table, a, &world);
	table_world_env(&table, STR("HOME"), STR("/home/dev"));
	table_world_env(&table, STR("SHELL"), STR("/usr/bin/zsh"));
	table_world_file(&table, STR("/home/dev/shop/.git/HEAD"), STR("ref: refs/heads/main\n"));
	table_world_file(&table, STR("/home/dev/.claude/shell-snapshots/snapshot-zsh-1700-a.sh"), STR(""));
	table_world_file(&table, STR("/home/dev/.claude/shell-snapshots/snapshot-zsh-1800-b.sh"), STR(""));
	table_world_file(&table, STR("/home/dev/.claude/shell-snapshots/snapshot-bash-1900-c.sh"), STR(""));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static struct str
event_file(const char *name)
{
	char path[128];
	snprintf(path, sizeof(path), "tests/events/%s.json", name);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	char *b = arena_alloc(a, 65536);
	size_t n = fread(b, 1, 65535, f);
	fclose(f);
	return (struct str){ b, n };
}

static struct event
read_event(struct str payload, const char *said)
{
	struct event e;
	agent_read(agent_find(STR("claude")), &world, a, payload, str_of(said), STR("/elsewhere"), &e);
	return e;
}

static const struct row {
	const char *file;
	enum event_kind kind;
	enum request_kind request;
	const char *tool, *value; /* text or path */
} rows[] = {
	{ "bash-fly-status", EVENT_BEFORE, REQUEST_SHELL, "Bash", "fly status" },
	{ "bash-fly-deploy", EVENT_BEFORE, REQUEST_SHELL, "Bash", "cd api && fly deploy -a app-api" },
	{ "bash-unicode", EVENT_BEFORE, REQUEST_SHELL, "Bash", "echo 'größer — 🚀'" },
	{ "bash-heredoc", EVENT_BEFORE, REQUEST_SHELL, "Bash",
	    "git commit -F - <<'EOM'\nfly deploy -a app-api is for CI\nEOM" },
	{ "powershell", EVENT_BEFORE, REQUEST_SHELL, "PowerShell", "fly deploy -a app-api" },
	{ "monitor", EVENT_BEFORE, REQUEST_SHELL, "Monitor", "fly logs --no-tail" },
	{ "monitor-socket", EVENT_BEFORE, REQUEST_TOOL, "Monitor", NULL },
	{ "edit", EVENT_BEFORE, REQUEST_EDIT, "Edit", "/home/dev/shop/fly.toml" },
	{ "multiedit", EVENT_BEFORE, REQUEST_EDIT, "MultiEdit", "/home/dev/shop/fly.toml" },
	{ "write", EVENT_BEFORE, REQUEST_EDIT, "Write", "/home/dev/shop/Dockerfile" },
	{ "notebook", EVENT_BEFORE, REQUEST_EDIT, "NotebookEdit", "/home/dev/shop/a.ipynb" },
	{ "read", EVENT_BEFORE, REQUEST_READ, "Read", "/home/dev/shop/.env" },
	{ "grep", EVENT_BEFORE, REQUEST_READ, "Grep", "/home/dev/shop/src" },
	{ "glob", EVENT_BEFORE, REQUEST_READ, "Glob", "/home/dev/shop" },
	{ "agent", EVENT_BEFORE, REQUEST_TOOL, "Agent", NULL },
	{ "mcp", EVENT_BEFORE, REQUEST_TOOL, "mcp__linear__create_issue", NULL },
	{ "post-bash", EVENT_DONE, REQUEST_SHELL, "Bash", "fly config validate" },
	{ "post-failure", EVENT_FAILED, REQUEST_SHELL, "Bash", "git nosuch" },
	{ "permission-request", EVENT_OTHER, REQUEST_SHELL, "", NULL },
	{ "permission-denied", EVENT_OTHER, REQUEST_SHELL, "", NULL },
	{ "session-start", EVENT_START, REQUEST_SHELL, "", NULL },
	{ "session-end", EVENT_END, REQUEST_SHELL, "", NULL },
	{ "prompt", EVENT_PROMPT, REQUEST_SHELL, "", NULL },
	{ "stop", EVENT_OTHER, REQUEST_SHELL, "", NULL },
	{ "config-change", EVENT_CONFIG, REQUEST_SHELL, "", NULL },
};

static void
test_events(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct event e = read_event(event_file(row->file), "");
		const struct request *r = &e.request;
		print_message("%s\n", row->file);
		assert_int_equal(e.bad.n, 0);
		assert_int_equal(e.kind, row->kind);
		assert_int_equal(r->kind, row->request);
		assert_str(r->tool, row->tool);
		if (row->value != NULL)
			assert_str(r->kind == REQUEST_SHELL ? r->text : r->path, row->value);
		assert_str(r->cwd, "/home/dev/shop");
		assert_str(r->project, "/home/dev/shop");
		assert_str(r->home, "/home/dev");
		assert_str(r->session, "5f0c1f7e-0d3b-4a55-9c1e-000000000001");
		assert_str(r->agent, "claude");
		assert_int_equal(r->shell, SHELL_ZSH);
	}
}

static void
test_details(void **state)
{
	(void)state;
	struct event e = read_event(event_file("edit"), "PreToolUse");
	assert_int_equal(e.request.nedits, 1);
	assert_str(e.request.edits[0].old_text, "app = 'app-api'");
	assert_str(e.request.edits[0].new_text, "app = 'other'");
	assert_false(e.request.edits[0].replace_all);
	assert_str(e.request.mode, "default");
	assert_str(e.request.tool_use, "toolu_01");
	e = read_event(event_file("multiedit"), "PreToolUse");
	assert_int_equal(e.request.nedits, 2);
	assert_true(e.request.edits[1].replace_all);
	e = read_event(event_file("write"), "PreToolUse");
	assert_true(e.request.whole);
	assert_str(e.request.content, "FROM debian:12\n");
	e = read_event(event_file("notebook"), "PreToolUse");
	assert_true(e.request.content_unknown);
	e = read_event(event_file("glob"), "PreToolUse");
	assert_false(e.request.recursive);
	e = read_event(event_file("mcp"), "PreToolUse");
	assert_str(e.request.tool_text, "{\"title\":\"Bug\",\"labels\":[\"a\",1,null,true,1.5]}");
	e = read_event(event_file("bash-background"), "PreToolUse");
	assert_true(e.background);
	e = read_event(event_file("bash-subagent"), "PreToolUse");
	assert_str(e.subagent, "ae0c4854a6f6e095d");
	assert_str(e.request.snapshot, "/home/dev/.claude/shell-snapshots/snapshot-zsh-1800-b.sh");
	e = read_event(event_file("session-start"), "SessionStart");
	assert_str(e.source, "startup");
	e = read_event(event_file("session-end"), "SessionEnd");
	assert_str(e.source, "other");
	e = read_event(event_file("config-change"), "ConfigChange");
	assert_str(e.source, "project_settings");
	assert_str(e.file, "/home/dev/shop/.claude/settings.json");
}

static void
test_place(void **state)
{
	(void)state;
	struct event e = read_event(STR("{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Glob\",\"cwd\":\"/a/b\","
	                                "\"tool_input\":{\"pattern\":\"/etc/ssl/**/*.pem\"}}"),
	    "");
	assert_str(e.request.path, "/etc/ssl");
	assert_str(e.request.project, "/a/b");
	table_world_env(&table, STR("CLAUDE_PROJECT_DIR"), STR("/home/dev/other/"));
	table_world_env(&table, STR("CLAUDE_CODE_SHELL"), STR("/bin/bash"));
	table_world_env(&table, STR("CLAUDE_CONFIG_DIR"), STR("/nowhere"));
	e = read_event(event_file("bash-fly-status"), "PreToolUse");
	assert_str(e.request.project, "/home/dev/other");
	assert_int_equal(e.request.shell, SHELL_BASH);
	assert_int_equal(e.request.snapshot.n, 0);
	e = read_event(STR("{\"hook_event_name\":\"Stop\"}"), "");
	assert_str(e.request.cwd, "/elsewhere");
}

#define PRE "{\"hook_event_name\":\"PreToolUse\","

static const struct {
	const char *payload, *said, *why;
} bad[] = {
	{ "", "PreToolUse", "empty" },
	{ "[]", "PreToolUse", "object" },
	{ "{}", "PreToolUse", "\"hook_event_name\" is missing" },
	{ "{\"hook_event_name\":7}", "PreToolUse", "no string" },
	{ "{\"hook_event_name\":\"Stop\"}", "PreToolUse", "was called for PreToolUse" },
	{ "{\"hook_event_name\":\"pretooluse\"}", "PreToolUse", "was called for" },
	{ "{\"hook_event_name\":\"PreToolUse\"", "PreToolUse", "not all of it" },
	{ "{\"hook_event_name\":\"PreToolUse\",\"hook_event_name\":\"Stop\"}", "PreToolUse", "twice" },
	{ PRE "\"tool_input\":{\"command\":\"ls\"}}", "", "\"tool_name\" is missing" },
	{ PRE "\"tool_name\":\"Bash\"}", "", "\"tool_input\" is missing" },
	{ PRE "\"tool_name\":\"Bash\",\"tool_input\":\"ls\"}", "", "no object" },
	{ PRE "\"tool_name\":\"Bash\",\"tool_input\":{}}", "", "\"command\" is missing" },
	{ PRE "\"tool_name\":\"Bash\",\"tool_input\":{\"Command\":\"ls\"}}", "", "\"command\" is missing" },
	{ PRE "\"tool_name\":\"Bash\",\"tool_input\":{\"command\":null}}", "", "no string" },
	{ PRE "\"tool_name\":\"Bash\",\"tool_input\":{\"command\":[\"ls\"]}}", "", "no string" },
	{ PRE "\"tool_name\":\"Bash\",\"cwd\":\"x\",\"tool_input\":{\"command\":\"ls\"}}", "", "absolute" },
	{ PRE "\"tool_name\":\"Bash\",\"cwd\":1,\"tool_input\":{\"command\":\"ls\"}}", "", "no string" },
	{ PRE "\"session_id\":1,\"tool_name\":\"Bash\",\"tool_input\":{\"command\":\"ls\"}}", "", "no string" },
	{ PRE "\"tool_name\":\"Bash\",\"tool_input\":{\"command\":\"a\\u0000b\"}}", "PreToolUse", "NUL" },
	{ PRE "\"tool_name\":\"Edit\",\"tool_input\":{\"file_path\":\"/x\",\"old_string\":\"\"}}", "",
	    "\"new_string\" is missing" },
	{ PRE "\"tool_name\":\"Edit\",\"tool_input\":{\"old_string\":\"\",\"new_string\":\"\"}}", "",
	    "\"file_path\" is missing" },
	{ PRE "\"tool_name\":\"Edit\",\"tool_input\":{\"file_path\":\"/x\",\"old_string\":\"\","
	      "\"new_string\":\"\",\"replace_all\":\"yes\"}}",
	    "", "neither true nor false" },
	{ PRE "\"tool_name\":\"MultiEdit\",\"tool_input\":{\"file_path\":\"/x\",\"edits\":{}}}", "", "no list" },
	{ PRE "\"tool_name\":\"MultiEdit\",\"tool_input\":{\"file_path\":\"/x\",\"edits\":[1]}}", "", "missing" },
	{ PRE "\"tool_name\":\"Write\",\"tool_input\":{\"file_path\":\"/x\"}}", "", "\"content\" is missing" },
	{ PRE "\"tool_name\":\"Read\",\"tool_input\":{}}", "", "\"file_path\" is missing" },
	{ PRE "\"tool_name\":\"Monitor\",\"tool_input\":{\"command\":1}}", "", "no string" },
};

static void
test_bad_input(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct event e = read_event(str_of(bad[i].payload), bad[i].said);
		struct answer out;
		print_message("%s\n", bad[i].payload);
		assert_int_equal(e.kind, EVENT_BEFORE);
		assert_int_equal(e.request.kind, REQUEST_BAD);
		assert_true(str_find(e.request.text, str_of(bad[i].why)) != STR_NPOS);
		agent_answer(agent_find(STR("claude")), a, &e, VERDICT_ASK, e.request.text, &out);
		assert_true(str_find(out.out, STR("\"hookEventName\":\"PreToolUse\"")) != STR_NPOS);
	}
	/* After the fact there is nothing to ask. */
	struct event e = read_event(STR("{\"hook_event_name\":\"PostToolUse\"}"), "PostToolUse");
	assert_int_equal(e.kind, EVENT_OTHER);
	assert_true(e.bad.n > 0);
}

static void
test_answers(void **state)
{
	const struct agent *g = agent_find(STR("claude"));
	struct event e = read_event(event_file("bash-fly-status"), "PreToolUse");
	struct answer out;
	const char *why;
	struct str v;
	cJSON *j;
	(void)state;
	assert_str(agent_name(g), "claude");
	assert_null(agent_find(STR("nobody")));
	agent_answer(g, a, &e, VERDICT_DENY, STR("say \"no\"\n\xff"), &out);
	assert_int_equal(out.status, 0);
	assert_int_equal(json_read(a, out.out, &j, &why), 0);
	j = cJSON_GetObjectItemCaseSensitive(j, "hookSpecificOutput");
	assert_int_equal(json_get_str(j, "permissionDecision", &v), 0);
	assert_str(v, "deny");
	assert_int_equal(json_get_str(j, "permissionDecisionReason", &v), 0);
	assert_str(v, "say \"no\"\n\xef\xbf\xbd");
	agent_answer(g, a, &e, VERDICT_ALLOW, STR("fine"), &out);
	assert_str(out.out, "{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\","
	                    "\"permissionDecision\":\"allow\",\"permissionDecisionReason\":\"fine\"}}\n");
	agent_answer(g, a, &e, VERDICT_NONE, STR(""), &out);
	assert_true(str_find(out.out, STR("\"ask\"")) != STR_NPOS);
	agent_answer(g, a, &e, VERDICT_PASS, STR("x"), &out);
	assert_int_equal(out.out.n + out.err.n, 0);
	struct buf b;
	buf_init(&b, a);
	for (int i = 0; i < 20000; i++)
		buf_putc(&b, 'x');
	agent_answer(g, a, &e, VERDICT_DENY, buf_str(&b), &out);
	assert_in_range(out.out.n, LIMIT_REASON, 10000);
	agent_block(g, a, &e, STR("no"), &out);
	assert_int_equal(out.status, 2);
	assert_str(out.err, "no\n");
	e = read_event(event_file("post-bash"), "PostToolUse");
	agent_answer(g, a, &e, VERDICT_DENY, STR("late"), &out);
	assert_int_equal(out.out.n, 0);
}

static void
test_settings(void **state)
{
	static const struct {
		const char *text;
		bool hooked, blocks, disabled;
	} files[] = {
		{ "", false, false, false },
		{ "{}", false, false, false },
		{ "{\"disableAllHooks\":true}", false, false, true },
		{ "{\"hooks\":{\"PreToolUse\":[{\"matcher\":\"Bash\",\"hooks\":[{\"type\":\"command\","
		  "\"command\":\"/usr/bin/bridle-hook\",\"args\":[\"PreToolUse\"],\"onFailure\":\"block\"}]}]}}",
		    true, true, false },
		{ "{\"hooks\":{\"PreToolUse\":[{\"hooks\":[{\"command\":\"other\"},"
		  "{\"command\":\"'/a b/bridle-hook' PreToolUse\"}]}]}}",
		    true, false, false },
		{ "{\"hooks\":{\"PreToolUse\":[{\"hooks\":[{\"command\":\"/x/not-bridle-hook\"}]}]}}", false, false,
		    false },
		{ "{\"hooks\":{\"PostToolUse\":[{\"hooks\":[{\"command\":\"bridle-hook\"}]}]}}", false, false, false },
		{ "{\"hooks\":7}", false, false, false },
		{ "{\"hooks\":{\"PreToolUse\":{\"a\":[1,null]}}}", false, false, false },
	};
	struct settings_view v;
	const char *why;
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_int_equal(settings_read(a, str_of(files[i].text), &v, &why), 0);
		assert_int_equal(v.hooked, files[i].hooked);
		assert_int_equal(v.blocks, files[i].blocks);
		assert_int_equal(v.disabled, files[i].disabled);
	}
	assert_int_equal(settings_read(a, STR("{"), &v, &why), BRIDLE_ESYNTAX);
	struct event e = read_event(event_file("config-change"), "ConfigChange");
	assert_str(settings_path(&world, a, SETTINGS_USER, &e.request), "/home/dev/.claude/settings.json");
	assert_str(settings_path(&world, a, SETTINGS_LOCAL, &e.request),
	    "/home/dev/shop/.claude/settings.local.json");
	table_world_env(&table, STR("CLAUDE_CONFIG_DIR"), STR("/cfg"));
	assert_str(settings_path(&world, a, SETTINGS_USER, &e.request), "/cfg/settings.json");
}

/* Every allocation of one reading fails once: the guard gets each. */
static void
test_no_memory(void **state)
{
	struct str payload = event_file("multiedit");
	volatile size_t failures = 0;
	(void)state;
	for (volatile size_t nth = 1;; nth++) {
		struct arena *b = arena_new(0);
		jmp_buf jb;
		struct event e;
		arena_fail_at(b, nth);
		if (ARENA_GUARD(b, jb) != 0) {
			arena_free(b);
			failures++;
			continue;
		}
		agent_read(agent_find(STR("claude")), &world, b, payload, STR("PreToolUse"), STR("/"), &e);
		arena_unguard(b);
		assert_int_equal(e.request.nedits, 2);
		arena_free(b);
		break;
	}
	assert_true(failures > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_events, setup, teardown),
		cmocka_unit_test_setup_teardown(test_details, setup, teardown),
		cmocka_unit_test_setup_teardown(test_place, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_input, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_settings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
