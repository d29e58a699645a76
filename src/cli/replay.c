/* SPDX-License-Identifier: ISC */
/*
 * replay.c: `bridle replay`: past decisions under another policy: which would
 * change, grouped by the rule that would decide, with counts and examples.
 * Reads the commands of the log, or all calls of Claude Code's own transcripts (--transcripts DIR), so that
 * a newcomer can try a policy on their past. Nothing runs; the world is the
 * present one, and what the log redacted stays redacted.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "bridle/limits.h"
#include "bridle/proto.h"
#include "check.h"
#include "log.h"

static int run_replay(int argc, char **argv);

const struct command cmd_replay = { "replay", "replay --policy NEW [--since 30d | --transcripts DIR] [--json]",
	"which past decisions would change under another policy",
	"  --policy NEW       the policy to try; repeatable\n"
	"  --since TIME       as bridle log (default 30d)\n"
	"  --transcripts DIR  Claude Code's transcripts (*.jsonl, a folder of them or one) instead of the log\n"
	"  --state DIR        another daemon's state folder\n"
	"  --json             one line a change\n",
	run_replay };

struct group {
	struct str key; /* "allow -> deny  fly.policy:14" */
	struct str rule; /* its text; empty: none decides */
	bool looser;
	uint64_t n;
	struct str examples[3];
};
struct replay {
	struct arena *a;
	struct check k;
	bool json;
	struct map *groups;
	uint64_t seen, changed;
	uint64_t lines_bad, files_bad; /* of transcripts, that cannot be read */
	const char *const *env;
};

static enum verdict
was_verdict(struct str was)
{
	for (enum verdict v = VERDICT_ALLOW; v <= VERDICT_DENY; v++)
		if (str_is(was, verdict_name(v)))
			return v;
	return VERDICT_ALLOW; /* it ran */
}

static void
count(struct replay *rp, struct str was, const struct decision *d, struct str command)
{
	struct str where = d->rule != NULL ? str_printf(rp->a, STR_FMT ":%u", STR_ARG(rule_ref(d->rule)->file),
	    rule_ref(d->rule)->line) : STR("no rule");
	struct str key = str_printf(rp->a, STR_FMT " -> %s  " STR_FMT, STR_ARG(was), verdict_name(d->verdict), STR_ARG(where));
	struct group *g = map_get(rp->groups, key);

	rp->changed++;
	if (g == NULL) {
		g = NEW(rp->a, struct group);
		g->key = key;
		g->rule = d->rule != NULL ? str_dup(rp->a, rule_ref(d->rule)->text) : STR("");
		g->looser = d->verdict < was_verdict(was);
		map_put(rp->groups, key, g);
	}
	if (g->n < 3)
		g->examples[g->n] = str_dup(rp->a, str_sub(command, 0, 200));
	g->n++;
}

/* What is shown of a call. */
static struct str
shown(struct arena *a, const struct request *r)
{
	if (r->kind == REQUEST_SHELL)
		return r->text;
	if (r->kind == REQUEST_EDIT || r->kind == REQUEST_READ)
		return str_printf(a, "%s " STR_FMT, r->kind == REQUEST_EDIT ? "edit" : "read", STR_ARG(r->path));
	return r->tool;
}

/* One past call. was: its verdict then; empty: none is known (transcripts). */
static void
judge(struct replay *rp, struct arena *a, const struct request *r, struct str was)
{
	struct local_world lw;
	struct decision d;
	struct world w;
	struct buf b;

	log__progress(NULL, ++rp->seen, 0);
	local_world_init(&lw, a, rp->env, &w);
	decide(rp->k.policy->policy, &w, r, a, &d);
	arena_spare(a, LIMIT_SHOW_ARENA);
	if (was.n == 0 ? d.verdict >= VERDICT_ASK : !str_is(was, verdict_name(d.verdict))) {
		count(rp, was.n > 0 ? was : STR("ran"), &d, shown(a, r));
		if (rp->json) {
			log__progress_end();
			buf_init(&b, a);
			buf_puts(&b, "{\"was\":");
			buf_json(&b, was.n > 0 ? was : STR("ran"));
			buf_puts(&b, ",\"command\":");
			buf_json(&b, shown(a, r));
			buf_puts(&b, ",\"now\":");
			decision_json(&d, STR(""), &b);
			buf_puts(&b, "}\n");
			write_out(buf_str(&b));
		}
	}
	local_world_close(&lw);
}

static void
judge_command(struct replay *rp, struct str command, struct str cwd, struct str was)
{
	struct arena *a = arena_new(LIMIT_REQUEST_ARENA);
	struct request r;

	if (a == NULL)
		return;
	check__request(a, str_c(a, cwd.n > 0 ? cwd : STR("/")), rp->env, "claude", &r);
	r.kind = REQUEST_SHELL;
	r.text = command;
	judge(rp, a, &r, was);
	arena_free(a);
}

static int
see_record(void *ctx, struct str line)
{
	struct replay *rp = ctx;
	struct arena *a = arena_new(64u << 20);
	const char *why;
	cJSON *o;
	struct str event, command, cwd, was, tool;
	jmp_buf jb;

	if (a == NULL)
		return 0;
	if (ARENA_GUARD(a, jb) == 0 && json_read(a, line, &o, &why) == 0 && json_get_str(o, "event", &event) == 0 &&
	    str_is(event, "decision") && json_get_str(o, "command", &command) == 0 &&
	    json_get_str(o, "decision", &was) == 0 && json_get_str(o, "cwd", &cwd) == 0 &&
	    json_get_str(o, "tool", &tool) == 0 && (str_is(tool, "Bash") || str_is(tool, "Monitor")))
		judge_command(rp, command, cwd, was);
	arena_free(a);
	return 0;
}

/* ---- transcripts: {"cwd":…,"message":{"content":[{"type":"tool_use","name":"Bash","input":{…}}]}} ---- */

/* As the hook would have seen it: an event. */
static void
judge_tool_use(struct replay *rp, struct str cwd, struct str name, const cJSON *input)
{
	struct arena *a = arena_new(LIMIT_REQUEST_ARENA);
	char *text = a == NULL ? NULL : cJSON_PrintUnformatted(input);
	struct request r;
	struct buf b;
	jmp_buf jb;

	if (text != NULL && ARENA_GUARD(a, jb) == 0) {
		buf_init(&b, a);
		buf_puts(&b, "{\"hook_event_name\":\"PreToolUse\",\"session_id\":\"\",\"cwd\":");
		buf_json(&b, cwd);
		buf_puts(&b, ",\"tool_name\":");
		buf_json(&b, name);
		buf_printf(&b, ",\"tool_input\":%s}", text);
		if (check__event(&rp->k, buf_str(&b), rp->env, a, &r) == 0 && r.kind != REQUEST_BAD) {
			arena_unguard(a);
			judge(rp, a, &r, STR(""));
		}
	}
	cJSON_free(text);
	arena_free(a);
}

static void
see_tool_uses(struct replay *rp, struct arena *a, struct str line)
{
	const cJSON *content, *part;
	struct str cwd = STR("/"), name, type;
	const char *why;
	cJSON *o;

	if (json_read(a, line, &o, &why) != 0) {
		rp->lines_bad++; /* the last one, while the client writes */
		return;
	}
	(void)json_get_str(o, "cwd", &cwd);
	content = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(o, "message"), "content");
	cJSON_ArrayForEach(part, content)
	{
		const cJSON *input = cJSON_GetObjectItemCaseSensitive(part, "input");

		if (json_get_str(part, "type", &type) == 0 && str_is(type, "tool_use") &&
		    json_get_str(part, "name", &name) == 0 && cJSON_IsObject(input))
			judge_tool_use(rp, cwd, name, input);
	}
}

static void
see_transcript_line(struct replay *rp, struct str line)
{
	struct arena *a = arena_new(64u << 20);
	jmp_buf jb;

	if (a != NULL && ARENA_GUARD(a, jb) == 0)
		see_tool_uses(rp, a, line);
	else
		rp->lines_bad++;
	arena_free(a);
}

static void
see_transcript(struct replay *rp, const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (f == NULL) {
		rp->files_bad++;
		return;
	}
	while ((n = getline(&line, &cap, f)) > 0)
		if (memmem(line, (size_t)n, "tool_use", 8) != NULL)
			see_transcript_line(rp, str_trim((struct str){ line, (size_t)n }));
	if (ferror(f))
		rp->files_bad++;
	free(line);
	fclose(f);
}

/* Transcripts lie in DIR and in a folder a project below it. */
static void
see_folder(struct replay *rp, const char *dir, unsigned depth)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (d == NULL)
		rp->files_bad++;
	while (d != NULL && (e = readdir(d)) != NULL) {
		char path[4096];
		struct stat st;

		if (e->d_name[0] == '.' || snprintf(path, sizeof path, "%s/%s", dir, e->d_name) >= (int)sizeof path ||
		    stat(path, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < 3)
			see_folder(rp, path, depth + 1);
		else if (S_ISREG(st.st_mode) && str_ends(str_of(e->d_name), STR(".jsonl")))
			see_transcript(rp, path);
	}
	if (d != NULL)
		closedir(d);
}

static int
most_first(const void *x, const void *y)
{
	const struct group *a = *(const struct group *const *)x, *b = *(const struct group *const *)y;

	return a->n != b->n ? (a->n < b->n ? 1 : -1) : str_cmp(a->key, b->key);
}

static void
print_group(const struct group *g, bool colour)
{
	printf("\n%6llu  %s" STR_FMT "%s%s" STR_FMT "\n", (unsigned long long)g->n,
	    !colour ? "" : g->looser ? "\033[32m" : "\033[31m", STR_ARG(g->key), colour ? "\033[0m" : "",
	    g->rule.n > 0 ? ": " : "", STR_ARG(g->rule));
	for (size_t k = 0; k < 3 && k < g->n; k++) {
		struct str one = g->examples[k];

		printf("        " STR_FMT "%s\n", STR_ARG(str_sub(one, 0, str_chr(one, '\n'))),
		    str_chr(one, '\n') == STR_NPOS ? "" : " …");
	}
	if (g->n > 3)
		printf("        … and %llu more\n", (unsigned long long)g->n - 3);
}

static void
print_groups(struct replay *rp)
{
	VEC(const struct group *) groups = { 0 };
	struct str key;
	void *value;
	uint64_t looser = 0;
	size_t i = 0;

	while (map_next(rp->groups, &i, &key, &value)) {
		const struct group *g = value;

		*vec_push(rp->a, &groups) = g;
		looser += g->looser ? g->n : 0;
	}
	printf("%llu calls judged anew, %llu would change", (unsigned long long)rp->seen, (unsigned long long)rp->changed);
	if (rp->changed > 0)
		printf(": %llu tighter, %llu looser", (unsigned long long)(rp->changed - looser), (unsigned long long)looser);
	putchar('\n');
	if (groups.n > 0)
		qsort(groups.v, groups.n, sizeof groups.v[0], most_first);
	for (i = 0; i < groups.n; i++)
		print_group(groups.v[i], use_colour(stdout));
}

static int
read_past(struct replay *rp, const char *since, const char *transcripts, const char *state)
{
	struct local_places places;
	struct audit_filter f;
	struct stat st;
	struct str err;
	int rc;

	if (transcripts != NULL) {
		bool folder = stat(transcripts, &st) == 0 && S_ISDIR(st.st_mode);

		if (access(transcripts, folder ? R_OK | X_OK : R_OK) != 0) {
			fprintf(stderr, "bridle replay: %s: %s\n", transcripts, strerror(errno));
			return EXIT_USAGE;
		}
		if (folder)
			see_folder(rp, transcripts, 0);
		else
			see_transcript(rp, transcripts);
		if (rp->seen == 0)
			fprintf(stderr, "bridle replay: no call of a tool stands in %s%s\n", transcripts, folder ? " (*.jsonl)" : "");
		if (rp->lines_bad + rp->files_bad > 0)
			fprintf(stderr, "bridle replay: left out, as they cannot be read: %llu lines, %llu files\n",
			    (unsigned long long)rp->lines_bad, (unsigned long long)rp->files_bad);
		return 0;
	}
	memset(&f, 0, sizeof f);
	if (local_places(rp->a, &places) != 0 && state == NULL)
		return no_home(&cmd_replay);
	if (state != NULL)
		places.state = str_of(state);
	f.since_ms = log__since(since, (int64_t)time(NULL) * 1000);
	if (f.since_ms < 0)
		return usage_error(&cmd_replay, "--since %s: expected 2h, 30d, a date or a time", since);
	rc = audit_read(str_c(rp->a, path_join(rp->a, places.state, STR(LOCAL_AUDIT))), &f, see_record, rp, NULL, &err);
	if (rc == BRIDLE_ENOENT)
		fprintf(stderr, "bridle replay: there is no log yet in " STR_FMT "\n", STR_ARG(places.state));
	else if (rc != 0)
		fprintf(stderr, "bridle replay: " STR_FMT "\n", STR_ARG(err));
	return rc == 0 || rc == BRIDLE_ENOENT ? 0 : 1;
}

static int
run_replay(int argc, char **argv)
{
	struct replay rp;
	const char *since = "30d", *transcripts = NULL, *state = NULL;
	const struct opt table[] = {
		{ "policy", 'p', OPT_LIST, &rp.k.where.policies },
		{ "since", 0, OPT_VALUE, &since },
		{ "transcripts", 0, OPT_VALUE, &transcripts },
		{ "state", 0, OPT_VALUE, &state },
		{ "json", 0, OPT_FLAG, &rp.json },
	};
	char cwd[4096];
	int n, status;

	memset(&rp, 0, sizeof rp);
	if ((n = OPTIONS(&cmd_replay, argc, argv, table, false)) != 0)
		return n == -2 ? 0 : n > 0 ? usage_error(&cmd_replay, "it takes no words") : EXIT_USAGE;
	if (rp.k.where.policies.n == 0)
		return usage_error(&cmd_replay, "--policy names the policy to try");
	if (getcwd(cwd, sizeof cwd) == NULL || (rp.k.policy = load_policy(&rp.k.where, cwd, true)) == NULL)
		return EXIT_USAGE;
	if ((rp.a = arena_new(0)) == NULL)
		return EXIT_USAGE;
	rp.groups = map_new(rp.a);
	rp.env = (const char *const *)environment();
	status = read_past(&rp, since, transcripts, state);
	log__progress_end();
	if (status == 0 && !rp.json)
		print_groups(&rp);
	arena_free(rp.a);
	local_policy_free(rp.k.policy);
	return status;
}
