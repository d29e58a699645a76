/* SPDX-License-Identifier: ISC */
/*
 * grants.c: what a person lifts: pending, approve, deny, grant, grants,
 * revoke. The daemon keeps them and checks who asks (src/daemon/approve.c).
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bridle/proto.h"
#include "control.h"

static int run_pending(int argc, char **argv);
static int run_grants(int argc, char **argv);
static int run_approve(int argc, char **argv);
static int run_deny(int argc, char **argv);
static int run_revoke(int argc, char **argv);
static int run_grant(int argc, char **argv);

const struct command cmd_pending = { "pending", "pending [--json]", "what was denied or asked about and waits for a person, newest first", NULL, run_pending };
const struct command cmd_grants = { "grants", "grants [--json]", "what is lifted at present", NULL, run_grants };
const struct command cmd_approve = { "approve", "approve CODE [--for 10m] [--uses N]",
	"let what waits under CODE run, once unless told otherwise",
	"  --for TIME   30s, 10m (default), 2h: how long it holds\n  --uses N     how often (default 1; with --for alone: as often as wanted)\n"
	"Only a person can: it wants a terminal with no agent above it.\n", run_approve };
const struct command cmd_deny = { "deny", "deny CODE", "forget what waits under CODE", NULL, run_deny };
const struct command cmd_revoke = { "revoke", "revoke CODE | all", "take a grant back", NULL, run_revoke };
const struct command cmd_grant = { "grant", "grant [--for 10m] [--uses N] -- COMMAND [ARGUMENT]…",
	"lift ask and deny from one exact command, in this folder, beforehand",
	"  --for TIME   30s, 10m (default), 2h\n  --uses N     how often (default 1)\n", run_grant };

#define DAY 86400
#define USES_MAX 1000000 /* so many are as many as wanted */

struct limits {
	uint64_t for_s, uses;
};

/* "90s", "10m", "2h", "1d", minutes without a letter: seconds; 0: no such time. */
static uint64_t
seconds(struct str s)
{
	static const unsigned long each[] = { 1, 60, 3600, DAY };
	const char *units = "smhd", *u = s.n > 0 ? strchr(units, s.p[s.n - 1]) : NULL;
	uint64_t n;

	if (str_u64(u != NULL ? str_sub(s, 0, s.n - 1) : s, &n) != 0 || n > 100000)
		return 0;
	return n * each[u != NULL ? u - units : 1];
}

/* What the options --for and --uses say, NULL where they are not given. NULL
 * or what is wrong with them: nothing is lifted for longer than was meant. */
static const char *
read_limits(const char *time, const char *uses, struct limits *l)
{
	l->for_s = 600;
	l->uses = 1;
	if (time != NULL && (l->for_s = seconds(str_of(time))) == 0)
		return "--for wants a time: 30s, 10m, 2h";
	if (l->for_s > DAY)
		return "--for a day (24h) at most; what should always run belongs into the policy";
	if (uses != NULL &&
	    (str_u64(str_of(uses), &l->uses) != 0 || l->uses == 0 || l->uses > USES_MAX))
		return "--uses wants a number, 1 to 1000000";
	return NULL;
}

static void
add_limits(struct buf *b, const struct limits *l)
{
	buf_printf(b, ",\"for_s\":%llu,\"uses\":%llu", (unsigned long long)l->for_s,
	    (unsigned long long)l->uses);
}

/* Sends it; prints what is wrong. 0: reply is filled. */
static int
call(const struct command *c, struct arena *a, struct str request, cJSON **reply)
{
	struct str why;
	int err = control_call(a, NULL, request, reply, NULL, &why);

	if (err != 0)
		fprintf(stderr, "bridle %s: " STR_FMT "%s\n", c->name, STR_ARG(why),
		    err == BRIDLE_ENOENT ? "; `bridled --detach` starts one, as does the next hook event" : "");
	return err;
}

static void
print_time(int64_t until_ms)
{
	int64_t left = until_ms / 1000 - (int64_t)time(NULL);

	if (left >= 3600)
		printf("%3lld h  ", (long long)(left / 3600));
	else if (left >= 60)
		printf("%3lld min", (long long)(left / 60));
	else
		printf("%3lld s  ", (long long)(left < 0 ? 0 : left));
}

static void
print_one(struct arena *a, const cJSON *g, bool given)
{
	struct str code = STR(""), text = STR(""), reason = STR("");
	const cJSON *until = cJSON_GetObjectItemCaseSensitive(g, "until_ms");
	const cJSON *uses = cJSON_GetObjectItemCaseSensitive(g, "uses");

	(void)json_get_str(g, "code", &code);
	(void)json_get_str(g, "text", &text);
	(void)json_get_str(g, "reason", &reason);
	printf(STR_FMT "  ", STR_ARG(code));
	print_time(cJSON_IsNumber(until) ? (int64_t)until->valuedouble : 0);
	fputs(" left", stdout);
	if (given && cJSON_IsNumber(uses) && uses->valuedouble < 1e6)
		printf(", %.0f use%s", uses->valuedouble, uses->valuedouble > 1 ? "s" : "");
	printf("  " STR_FMT "\n", STR_ARG(str_visible(a, text)));
	if (!given)
		printf("      " STR_FMT "\n", STR_ARG(str_visible(a, reason)));
}

static int
list(const struct command *c, int argc, char **argv, const char *what)
{
	bool json = false;
	const struct opt table[] = { { "json", 0, OPT_FLAG, &json } };
	int n = OPTIONS(c, argc, argv, table, false);
	struct arena *a = arena_new(0);
	cJSON *reply = NULL;
	const cJSON *all, *g;
	struct buf b;

	if (n != 0 || a == NULL) {
		arena_free(a);
		return n == -2 ? 0 : n > 0 ? usage_error(c, "it takes no words") : EXIT_USAGE;
	}
	n = call(c, a, str_printf(a, "{\"cmd\":\"%s\"}", what), &reply);
	if (n == 0) {
		all = cJSON_GetObjectItemCaseSensitive(reply, "list");
		buf_init(&b, a);
		if (json) {
			json_write(&b, all);
			buf_putc(&b, '\n');
			write_out(buf_str(&b));
		} else {
			cJSON_ArrayForEach(g, all) print_one(a, g, strcmp(what, "grants") == 0);
			if (cJSON_GetArraySize(all) == 0)
				puts(strcmp(what, "grants") == 0 ? "nothing is lifted" : "nothing waits");
		}
	}
	arena_free(a);
	return n == 0 ? 0 : 1;
}

static int
run_pending(int argc, char **argv)
{
	return list(&cmd_pending, argc, argv, "pending");
}

static int
run_grants(int argc, char **argv)
{
	return list(&cmd_grants, argc, argv, "grants");
}

/* What it was about: a code says nothing to the person who typed it. */
static void
print_approved(struct arena *a, const cJSON *reply)
{
	const cJSON *g = cJSON_GetObjectItemCaseSensitive(reply, "grant");
	const cJSON *uses = cJSON_GetObjectItemCaseSensitive(g, "uses");
	struct str text = STR(""), code = STR("");

	(void)json_get_str(g, "text", &text);
	(void)json_get_str(g, "code", &code);
	printf("approved: the agent may run `" STR_FMT "` now", STR_ARG(str_visible(a, text)));
	if (cJSON_IsNumber(uses) && uses->valuedouble == 1)
		fputs(", once", stdout);
	else if (cJSON_IsNumber(uses) && uses->valuedouble < USES_MAX)
		printf(", %.0f times", uses->valuedouble);
	printf("; `bridle revoke " STR_FMT "` takes it back\n", STR_ARG(code));
}

/* A command with one code; done: what to say, where the reply does not. */
static int
with_code(const struct command *c, int argc, char **argv, const char *done)
{
	const char *for_text = NULL, *uses = NULL;
	const struct opt table[] = {
		{ "for", 0, OPT_VALUE, &for_text },
		{ "uses", 0, OPT_VALUE, &uses },
	};
	bool approve = c == &cmd_approve;
	int n = options(c, argc, argv, table, approve ? 2 : 0, false);
	struct limits limits;
	const char *wrong = n != 1 ? "one code, please" : read_limits(for_text, uses, &limits);
	struct arena *a = arena_new(0);
	cJSON *reply = NULL;
	struct buf b;

	if (wrong != NULL || a == NULL) {
		arena_free(a);
		return n == -2 ? 0 : n < 0 ? EXIT_USAGE : usage_error(c, "%s", wrong != NULL ? wrong : "there is no memory left");
	}
	if (for_text != NULL && uses == NULL)
		limits.uses = USES_MAX;
	buf_init(&b, a);
	buf_printf(&b, "{\"cmd\":\"%s\",\"code\":", c->name);
	buf_json(&b, str_of(argv[1]));
	if (approve)
		add_limits(&b, &limits);
	buf_putc(&b, '}');
	n = call(c, a, buf_str(&b), &reply);
	if (n == 0 && approve)
		print_approved(a, reply);
	else if (n == 0)
		puts(done);
	arena_free(a);
	return n == 0 ? 0 : 1;
}

static int
run_approve(int argc, char **argv)
{
	return with_code(&cmd_approve, argc, argv, NULL);
}

static int
run_deny(int argc, char **argv)
{
	return with_code(&cmd_deny, argc, argv, "forgotten");
}

static int
run_revoke(int argc, char **argv)
{
	return with_code(&cmd_revoke, argc, argv, "taken back");
}

static struct str
grant_request(struct arena *a, int n, char **argv, const struct limits *limits, const char *cwd)
{
	struct buf b;

	buf_init(&b, a);
	buf_puts(&b, "{\"cmd\":\"grant\",\"cwd\":");
	buf_json(&b, str_of(cwd));
	buf_puts(&b, ",\"argv\":[");
	for (int i = 1; i <= n; i++) {
		buf_puts(&b, i > 1 ? "," : "");
		buf_json(&b, str_of(argv[i]));
	}
	buf_puts(&b, "],\"env\":[");
	for (char **e = environment(); *e != NULL; e++) {
		buf_puts(&b, e != environment() ? "," : "");
		buf_json(&b, str_of(*e));
	}
	buf_putc(&b, ']');
	add_limits(&b, limits);
	buf_putc(&b, '}');
	return buf_str(&b);
}

static int
run_grant(int argc, char **argv)
{
	const char *for_text = NULL, *uses = NULL;
	const struct opt table[] = {
		{ "for", 0, OPT_VALUE, &for_text },
		{ "uses", 0, OPT_VALUE, &uses },
	};
	int n = OPTIONS(&cmd_grant, argc, argv, table, true);
	struct limits limits;
	const char *wrong = n == 0 ? "which command?" : read_limits(for_text, uses, &limits);
	struct arena *a = arena_new(0);
	struct str code = STR("");
	cJSON *reply = NULL;
	char cwd[4096];

	if (n < 0 || wrong != NULL || a == NULL || getcwd(cwd, sizeof cwd) == NULL) {
		arena_free(a);
		return n == -2 ? 0 : n < 0 ? EXIT_USAGE : usage_error(&cmd_grant, "%s", wrong != NULL ? wrong : "this folder is not there");
	}
	if (n == 1 && strpbrk(argv[1], " \t\n") != NULL && access(argv[1], X_OK) != 0) {
		arena_free(a);
		return usage_error(&cmd_grant, "the command as words, not as one quoted text: bridle grant -- %s", argv[1]);
	}
	n = call(&cmd_grant, a, grant_request(a, n, argv, &limits, cwd), &reply);
	if (n == 0 && json_get_str(reply, "code", &code) == 0)
		printf("granted (" STR_FMT "): `bridle revoke " STR_FMT "` takes it back\n", STR_ARG(code), STR_ARG(code));
	arena_free(a);
	return n == 0 ? 0 : 1;
}
