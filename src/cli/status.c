/* SPDX-License-Identifier: ISC */
/*
 * status.c: `bridle status`, `bridle doctor`, `bridle reload`. What is looked
 * at: health.c. The exit status is non-zero when protection is reduced.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bridle/proto.h"
#include "control.h"

static int run_status(int argc, char **argv);
static int run_doctor(int argc, char **argv);
static int run_reload(int argc, char **argv);

const struct command cmd_status = { "status", "status [--json] [--socket PATH]",
	"is everything in place? exit status 1 when protection is reduced",
	"  --json          for scripts\n  --socket PATH   another daemon's\n", run_status };
const struct command cmd_doctor = { "doctor", "doctor [--json] [--socket PATH]",
	"the same with explanations, fixes, and a test event through the real pipe",
	"  --json          for scripts\n  --socket PATH   another daemon's\n", run_doctor };
const struct command cmd_reload = { "reload", "reload [--socket PATH]",
	"have the daemon read the policies again, now",
	"A policy with errors or failed tests never replaces the running one.\n", run_reload };

static const char *const names[] = { "ok", "note", "BAD" };

static void
print_one(const struct check_result *r, bool colour, bool fixes)
{
	static const char *const paint[] = { "\033[32m", "\033[33m", "\033[1;31m" };

	printf("%s%-4s%s %-9s " STR_FMT "\n", colour ? paint[r->health] : "", names[r->health],
	    colour ? "\033[0m" : "", r->name, STR_ARG(r->text));
	if (fixes && r->fix.n > 0 && r->health != HEALTH_GOOD)
		printf("               " STR_FMT "\n", STR_ARG(r->fix));
}

static void
add_json(const struct checkup *k, struct buf *b)
{
	buf_printf(b, "{\"protected\":%s,\"checks\":[", checkup_worst(k) == HEALTH_BAD ? "false" : "true");
	for (size_t i = 0; i < k->results.n; i++) {
		const struct check_result *r = &k->results.v[i];

		buf_printf(b, "%s{\"name\":\"%s\",\"health\":\"%s\",\"text\":", i > 0 ? "," : "", r->name, names[r->health]);
		buf_json(b, r->text);
		if (r->fix.n > 0) {
			buf_puts(b, ",\"fix\":");
			buf_json(b, r->fix);
		}
		buf_putc(b, '}');
	}
	buf_puts(b, "],\"daemon\":");
	if (k->status != NULL)
		json_write(b, k->status);
	else
		buf_puts(b, "null");
	buf_puts(b, "}\n");
}

static int
number(const cJSON *o, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsNumber(v) ? v->valueint : 0;
}

static void
print_counts(const cJSON *status)
{
	const cJSON *d = cJSON_GetObjectItemCaseSensitive(status, "decisions");

	printf("\n%d events since it started: %d allow, %d pass, %d ask, %d deny\n", number(status, "requests"),
	    number(d, "allow"), number(d, "pass"), number(d, "ask"), number(d, "deny"));
}

static int
run(const struct command *c, int argc, char **argv, bool thorough)
{
	bool json = false;
	const char *socket = NULL;
	const struct opt table[] = {
		{ "json", 0, OPT_FLAG, &json },
		{ "socket", 0, OPT_VALUE, &socket },
	};
	int n = OPTIONS(c, argc, argv, table, false);
	char cwd[4096];
	struct checkup k;
	struct buf b;

	if (n != 0)
		return n == -2 ? 0 : n > 0 ? usage_error(c, "it takes no words") : EXIT_USAGE;
	memset(&k, 0, sizeof k);
	if ((k.a = arena_new(0)) == NULL || getcwd(cwd, sizeof cwd) == NULL)
		return EXIT_USAGE;
	k.cwd = cwd;
	k.socket = socket;
	k.thorough = thorough;
	checkup_run(&k);
	if (json) {
		buf_init(&b, k.a);
		add_json(&k, &b);
		write_out(buf_str(&b));
	} else {
		for (size_t i = 0; i < k.results.n; i++)
			print_one(&k.results.v[i], use_colour(stdout), thorough);
		if (k.status != NULL)
			print_counts(k.status);
		if (!thorough && checkup_worst(&k) != HEALTH_GOOD)
			printf("\n`bridle doctor` explains and says what to do.\n");
	}
	n = checkup_worst(&k) == HEALTH_BAD ? 1 : 0;
	arena_free(k.a);
	return n;
}

static int
run_status(int argc, char **argv)
{
	return run(&cmd_status, argc, argv, false);
}

static int
run_doctor(int argc, char **argv)
{
	return run(&cmd_doctor, argc, argv, true);
}

static int
run_reload(int argc, char **argv)
{
	const char *socket = NULL;
	const struct opt table[] = { { "socket", 0, OPT_VALUE, &socket } };
	int n = OPTIONS(&cmd_reload, argc, argv, table, false), status = 0;
	struct arena *a = arena_new(0);
	struct str why, error;
	cJSON *reply = NULL;

	if (n != 0 || a == NULL) {
		arena_free(a);
		return n == -2 ? 0 : n > 0 ? usage_error(&cmd_reload, "it takes no words") : EXIT_USAGE;
	}
	n = control_call(a, socket, STR("{\"cmd\":\"reload\"}"), &reply, NULL, &why);
	if (n == BRIDLE_ENOENT) {
		printf("no daemon runs: the policies are read when one starts\n");
	} else if (n != 0) {
		fprintf(stderr, "bridle reload: " STR_FMT "\n", STR_ARG(why));
		status = 1;
	} else {
		error = policy_trouble(a, reply);
		if (error.n > 0) {
			fprintf(stderr, "bridle reload: " STR_FMT "\n", STR_ARG(error));
			status = 1;
		} else {
			puts("the policies were read again");
		}
	}
	arena_free(a);
	return status;
}
