/* SPDX-License-Identifier: ISC */
/*
 * health.c: what must be in place for bridle to guard, one function a check:
 * daemon, policy, log, hook, client, wrapper, and the client's own rules.
 * Printed by status.c; what only doctor does is in doctor.c.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "bridle/agents.h"
#include "bridle/limits.h"
#include "bridle/proto.h"
#include "bridle/shell.h"
#include "health.h"
#include "install.h"

void
checkup__say(struct checkup *k, enum health h, const char *name, struct str text, struct str fix)
{
	struct check_result *r = vec_push(k->a, &k->results);

	r->health = h;
	r->name = name;
	r->text = text;
	r->fix = fix;
}

enum health
checkup_worst(const struct checkup *k)
{
	enum health worst = HEALTH_GOOD;

	for (size_t i = 0; i < k->results.n; i++)
		if (k->results.v[i].health > worst)
			worst = k->results.v[i].health;
	return worst;
}

/* ---- the daemon, its policy and its log ---- */
struct str
policy_trouble(struct arena *a, const cJSON *reply)
{
	const cJSON *policy = cJSON_GetObjectItemCaseSensitive(reply, "policy");
	const cJSON *failed = cJSON_GetObjectItemCaseSensitive(policy, "failed");
	const cJSON *e = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(failed, "errors"), 0);
	const cJSON *line = cJSON_GetObjectItemCaseSensitive(e, "line");
	struct str file = STR(""), message = STR("it does not load");
	bool loaded = false;

	if (failed == NULL)
		return STR("");
	(void)json_get_bool(policy, "loaded", &loaded);
	(void)json_get_str(e, "file", &file);
	(void)json_get_str(e, "message", &message);
	return str_printf(a, STR_FMT ":%d: " STR_FMT " (%s)", STR_ARG(file), cJSON_IsNumber(line) ? line->valueint : 0,
	    STR_ARG(message), loaded ? "the last good policy holds" : "no policy holds: guarded tools ask");
}

/* Does the process run a program that another one has taken the place of? Where
 * there is no /proc this is not known, and not said. */
static bool
replaced(uint64_t pid)
{
	char proc[64], to[PATH_MAX];
	ssize_t n;

	snprintf(proc, sizeof proc, "/proc/%llu/exe", (unsigned long long)pid);
	n = readlink(proc, to, sizeof to);
	return n > 0 && str_ends((struct str){ to, (size_t)n }, STR(" (deleted)"));
}

static void
check_daemon(struct checkup *k)
{
	struct str path = STR(""), why, release;
	int err = control_call(k->a, k->socket, STR("{\"cmd\":\"status\"}"), &k->status, &path, &why);

	if (err == BRIDLE_ENOENT) {
		k->status = NULL;
		checkup__say(k, HEALTH_NOTE, "daemon", str_printf(k->a, "none runs at " STR_FMT ": the hook starts one at the next event",
		    STR_ARG(path)), STR("start it now: bridled --detach"));
	} else if (err != 0) {
		k->status = NULL;
		checkup__say(k, HEALTH_BAD, "daemon", why, err == BRIDLE_EINVAL ?
		    STR("set BRIDLE_SOCKET or XDG_RUNTIME_DIR to a shorter path") :
		    str_printf(k->a, "end it: " STR_FMT " (with -9 if that is not enough); the hook starts another", STR_ARG(control_kill(k->a, path))));
	} else if (json_get_str(k->status, "release", &release) != 0 || !str_is(release, BRIDLE_VERSION)) {
		checkup__say(k, HEALTH_BAD, "daemon", str_printf(k->a, "it is release " STR_FMT ", this command is " BRIDLE_VERSION,
		    STR_ARG(release)), str_printf(k->a, "restart it: " STR_FMT "; bridled --detach",
		    STR_ARG(control_kill(k->a, path))));
	} else if (replaced(control_pid(k->a, path))) {
		checkup__say(k, HEALTH_NOTE, "daemon", str_printf(k->a, "answers at " STR_FMT ", but its program was replaced since it started",
		    STR_ARG(path)), str_printf(k->a, "restart it: " STR_FMT "; bridled --detach", STR_ARG(control_kill(k->a, path))));
	} else {
		checkup__say(k, HEALTH_GOOD, "daemon", str_printf(k->a, "answers at " STR_FMT, STR_ARG(path)), STR(""));
	}
}

/* What a daemon would load here; NULL: it cannot be told. */
static struct local_policy *
policy_here(struct checkup *k, bool with_project, bool no_tests)
{
	struct local_policy_options o = { .no_tests = no_tests };
	struct local_places places;

	if (local_places(k->a, &places) != 0)
		return NULL;
	if (with_project)
		o.project = local_project(k->a, str_of(k->cwd), (const char *const *)environment());
	o.state = places.state;
	return local_policy_load(&places, &o);
}

/* Without a daemon. */
static void
check_policy_here(struct checkup *k)
{
	struct local_policy *lp = policy_here(k, true, false);

	if (lp == NULL) {
		checkup__say(k, HEALTH_BAD, "policy", STR("no home directory is known: nothing of yours is found"), STR("set HOME"));
		return;
	}
	if (lp->policy == NULL)
		checkup__say(k, HEALTH_BAD, "policy", lp->diags.list.n > 0 ? str_printf(k->a, STR_FMT ":%u: " STR_FMT,
		    STR_ARG(lp->diags.list.v[0].file), lp->diags.list.v[0].line, STR_ARG(lp->diags.list.v[0].message)) :
		    STR("it does not load"), STR("bridle test shows all of it"));
	else
		checkup__say(k, lp->builtin_default ? HEALTH_NOTE : HEALTH_GOOD, "policy", str_dup(k->a, lp->sources),
		    lp->builtin_default ? STR("write your own: bridle init") : STR(""));
	local_policy_free(lp);
}

/* Is it what a daemon would load here? One that was started for another home, as the same
 * user, holds that one's. */
static bool
is_ours(struct checkup *k, const cJSON *policy)
{
	struct local_policy *lp = policy_here(k, false, true);
	bool same = true; /* where it cannot be told */
	struct str has;
	char hash[17];

	if (lp != NULL && json_get_str(policy, "hash", &has) == 0)
		same = str_is(has, sodium_bin2hex(hash, sizeof hash, lp->hash, 8));
	local_policy_free(lp);
	return same;
}

static void
check_policy(struct checkup *k)
{
	const cJSON *policy;
	struct str trouble, sources = STR("");

	if (k->status == NULL) {
		check_policy_here(k);
		return;
	}
	policy = cJSON_GetObjectItemCaseSensitive(k->status, "policy");
	trouble = policy_trouble(k->a, k->status);
	(void)json_get_str(policy, "sources", &sources);
	if (trouble.n > 0)
		checkup__say(k, HEALTH_BAD, "policy", trouble, STR("bridle test shows all of it; then: bridle reload"));
	else if (!is_ours(k, policy))
		checkup__say(k, HEALTH_NOTE, "policy", str_printf(k->a, "the daemon holds another than lies here: " STR_FMT, STR_ARG(sources)),
		    STR("it may be that of another home: end that daemon, or give each its own XDG_RUNTIME_DIR"));
	else
		checkup__say(k, HEALTH_GOOD, "policy", sources, STR(""));
}

static void
say_project(struct checkup *k, struct str sources)
{
	size_t at = str_find(sources, STR("project "));
	struct str one = str_dup(k->a, str_sub(sources, at, sources.n));

	if (at == STR_NPOS)
		return;
	if (str_ends(one, STR("(not trusted)")))
		checkup__say(k, HEALTH_NOTE, "project", str_printf(k->a, STR_FMT ": it can only tighten",
		    STR_ARG(str_sub(one, 8, one.n))), STR("read it, then: bridle trust"));
	else
		checkup__say(k, HEALTH_GOOD, "project", str_sub(one, 8, one.n), STR(""));
}

/* A project's own file may be in disorder while the person's is fine. */
static void
check_project(struct checkup *k)
{
	struct local_policy *lp = policy_here(k, true, true);
	const struct diag *first = NULL;

	if (lp == NULL)
		return;
	if (lp->policy != NULL && policy_broken(lp->policy, &first) > 0)
		checkup__say(k, HEALTH_BAD, "project", first == NULL ? STR(".bridle/policy has errors") :
		    str_printf(k->a, STR_FMT ":%u: " STR_FMT " (what its lines with errors speak of is asked about)",
		    STR_ARG(first->file), first->line, STR_ARG(first->message)), STR("bridle lint .bridle/policy"));
	else if (lp->policy != NULL && k->status != NULL) /* the daemon names only those of every project */
		say_project(k, lp->sources);
	local_policy_free(lp);
}

static void
check_log(struct checkup *k)
{
	const cJSON *audit = cJSON_GetObjectItemCaseSensitive(k->status, "audit");
	bool healthy = false;
	struct str why = STR("the log cannot be written");

	if (k->status == NULL)
		return;
	(void)json_get_bool(audit, "healthy", &healthy);
	(void)json_get_str(audit, "why", &why);
	if (healthy)
		checkup__say(k, HEALTH_GOOD, "log", STR("every decision is written"), STR(""));
	else
		checkup__say(k, HEALTH_BAD, "log", why, str_find(why, STR("another daemon")) != STR_NPOS ?
			STR("it was started with another socket: end it, or use its XDG_RUNTIME_DIR; then: bridle reload") :
			STR("free the disk or mend the folder; then: bridle reload"));
}

/* ---- the hook in the client's settings ---- */
static const char *const place_names[] = { "managed", "local", "project", "user" };

/* The program that a handler's command names: quotes and arguments off. */
static struct str
program_of(struct arena *a, struct str command)
{
	struct str c = str_trim(command);
	size_t end;

	if (c.n > 1 && (c.p[0] == '"' || c.p[0] == '\'')) {
		end = str_chr(str_sub(c, 1, c.n), c.p[0]);
		return str_dup(a, str_sub(c, 1, end));
	}
	end = str_find(c, STR("bridle-hook"));
	return str_dup(a, end == STR_NPOS ? c : str_sub(c, 0, end + STR("bridle-hook").n));
}

static void
check_handler(struct checkup *k, const char *place, const struct settings_view *v)
{
	struct str prog = program_of(k->a, v->command);
	struct stat st;

	if (stat(prog.p, &st) != 0)
		checkup__say(k, HEALTH_BAD, "hook", str_printf(k->a, "the %s settings name " STR_FMT ": %s", place,
		    STR_ARG(prog), strerror(errno)), STR("bridle init writes the present path"));
	else if (!S_ISREG(st.st_mode) || access(prog.p, X_OK) != 0)
		checkup__say(k, HEALTH_BAD, "hook", str_printf(k->a, STR_FMT " is not executable", STR_ARG(prog)),
		    str_printf(k->a, "chmod +x " STR_FMT, STR_ARG(prog)));
	else if (!v->blocks)
		checkup__say(k, HEALTH_BAD, "hook", str_printf(k->a, "in the %s settings, but without \"onFailure\": \"block\": "
		    "a hook that cannot start lets the call run", place), STR("bridle init adds it"));
	else
		checkup__say(k, HEALTH_GOOD, "hook", str_printf(k->a, "in the %s settings, blocks when it fails", place), STR(""));
}

static bool
matches_tool(struct str matcher, struct str tool)
{
	if (matcher.n == 0 || str_is(matcher, "*") || str_is(matcher, ".*"))
		return true;
	while (matcher.n > 0) {
		size_t bar = str_chr(matcher, '|');
		struct str one = str_sub(matcher, 0, bar);

		if (str_eq(one, tool) || (str_ends(one, STR(".*")) && str_starts(tool, str_sub(one, 0, one.n - 2))))
			return true;
		matcher = bar == STR_NPOS ? STR("") : str_sub(matcher, bar + 1, matcher.n);
	}
	return false;
}

/* Each name of a list like init's. */
static void
check_matcher(struct checkup *k, const struct settings_view *v)
{
	struct str must = install__matcher(k->a, str_of(k->cwd));
	struct buf b;

	buf_init(&b, k->a);
	while (must.n > 0) {
		size_t bar = str_chr(must, '|');
		struct str one = str_sub(must, 0, bar);

		must = bar == STR_NPOS ? STR("") : str_sub(must, bar + 1, must.n);
		/* Tools that today's client does not offer, or that only carry prompts. */
		if (str_is(one, "MultiEdit") || str_is(one, "Task") || str_is(one, "Agent"))
			continue;
		if (!matches_tool(v->matcher, one))
			buf_printf(&b, "%s" STR_FMT, b.n > 0 ? ", " : "", STR_ARG(one));
	}
	if (b.n > 0)
		checkup__say(k, HEALTH_BAD, "matcher", str_printf(k->a, "the hook's matcher leaves out: " STR_FMT,
		    STR_ARG(buf_str(&b))), STR("bridle init writes it anew"));
}

static void
check_hook(struct checkup *k)
{
	struct local_world *lw = NEW(k->a, struct local_world);
	struct settings_view v, found;
	struct request r;
	struct world w;
	const char *why, *where = NULL;
	bool disabled = false;

	local_world_init(lw, k->a, (const char *const *)environment(), &w);
	memset(&r, 0, sizeof r);
	memset(&found, 0, sizeof found);
	r.cwd = str_of(k->cwd);
	agent_place(&w, k->a, &r);
	for (int p = 0; p < SETTINGS_N; p++) {
		struct str path = settings_path(&w, k->a, (enum settings_place)p, &r), text;

		if (path.n == 0 || local_read_file(k->a, str_c(k->a, path), LIMIT_FILE, &text) != 0)
			continue;
		if (settings_read(k->a, text, &v, &why) != 0) {
			checkup__say(k, HEALTH_BAD, "settings", str_printf(k->a, STR_FMT " does not parse: %s: Claude Code reads none of it", STR_ARG(path), why),
			    str_printf(k->a, "find the place: jq . " STR_FMT, STR_ARG(shell_quote(k->a, path))));
			continue;
		}
		if (v.disabled && p != SETTINGS_MANAGED) {
			disabled = true;
			checkup__say(k, HEALTH_BAD, "settings", str_printf(k->a, STR_FMT " says disableAllHooks: no hook runs", STR_ARG(path)),
			    STR("take \"disableAllHooks\" out of it"));
		}
		if (v.hooked && where == NULL) {
			found = v;
			where = place_names[p];
		}
	}
	if (where == NULL) {
		checkup__say(k, HEALTH_BAD, "hook", STR("no settings file of Claude Code names bridle-hook"), STR("bridle init"));
		return;
	}
	if (!disabled) {
		check_handler(k, where, &found);
		check_matcher(k, &found);
	}
}

void
checkup_run(struct checkup *k)
{
	check_daemon(k);
	check_policy(k);
	check_project(k);
	check_log(k);
	check_hook(k);
	checkup__client(k);
	checkup__wrapper(k);
	checkup__client_rules(k);
	if (k->thorough)
		checkup__thorough(k);
}
