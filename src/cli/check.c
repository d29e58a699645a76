/* SPDX-License-Identifier: ISC */
/*
 * check.c: `bridle check` and `bridle explain`: judge without a daemon, in the
 * caller's directory and environment unless told otherwise, running nothing.
 * Batches: batch.c. The verdict is the exit status.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridle/limits.h"
#include "check.h"

static int run_check(int argc, char **argv);
static int run_explain(int argc, char **argv);

#define JUDGE_HELP                                                             \
	"  --policy FILE   judge by this file instead of the policies in place; repeatable\n" \
	"  --cwd DIR       as if the command started there\n"                  \
	"  --env K=V       with this variable set; repeatable\n"               \
	"  --shell NAME    bash (default), zsh or sh\n"                        \
	"  --agent NAME    as if this agent asked\n"                           \
	"  --person        as if a person asked at a terminal, by the wrapper\n"    \
	"  --argv          the operands are one argument vector, no shell text\n"

const struct command cmd_check = { "check",
	"check [--policy FILE]… [--cwd DIR] [--env K=V]… [--shell NAME] [--json] [--] 'COMMAND'",
	"judge a command line without running it; the exit status is the verdict",
	JUDGE_HELP
	"  --json          the whole decision as one line of JSON\n"
	"  --hook          read one hook event from standard input\n"
	"  --batch         read JSON Lines from standard input, write one decision a line\n"
	"\nExit status: 0 allow, 1 deny, 3 ask, 4 pass, 2 usage or policy error.\n",
	run_check };
const struct command cmd_explain = { "explain",
	"explain [--policy FILE]… [--cwd DIR] [--env K=V]… [--] 'COMMAND'",
	"the same for people: the line taken apart, each part with its rule",
	JUDGE_HELP "\nThe other options and the exit status are those of `bridle check`.\n", run_explain };

/* The environment with --env on top: first match wins, so those come first. */
const char *const *
check__env(struct arena *a, const struct strings *extra, char **base)
{
	VEC(const char *) v = { 0 };

	for (size_t i = extra->n; i-- > 0;)
		*vec_push(a, &v) = extra->v[i];
	for (; base != NULL && *base != NULL; base++)
		*vec_push(a, &v) = *base;
	*vec_push(a, &v) = NULL;
	return v.v;
}

static const char *
env_value(const char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; *env != NULL; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}

int
check__shell(const char *name, enum shell_kind *out)
{
	if (name == NULL || strcmp(name, "bash") == 0)
		*out = SHELL_BASH;
	else if (strcmp(name, "zsh") == 0)
		*out = SHELL_ZSH;
	else if (strcmp(name, "sh") == 0 || strcmp(name, "dash") == 0)
		*out = SHELL_SH;
	else
		return BRIDLE_EINVAL;
	return 0;
}

void
check__request(struct arena *a, const char *cwd, const char *const *env, const char *agent, struct request *r)
{
	const char *user = env_value(env, "USER");

	memset(r, 0, sizeof *r);
	r->cwd = path_clean(a, str_of(cwd));
	r->project = local_project(a, r->cwd, env);
	r->home = local_home(a, env);
	r->user = user != NULL ? str_of(user) : STR("");
	r->agent = agent != NULL ? str_of(agent) : STR("claude");
	r->mode = STR("default");
	r->tool = STR("Bash");
}

/* --cwd made absolute, or where we are. NULL after a message. */
const char *
check__cwd(const struct command *c, const char *given)
{
	static char b[PATH_MAX];

	if (realpath(given == NULL ? "." : given, b) == NULL) {
		usage_error(c, "%s: there is no such directory", given == NULL ? "." : given);
		return NULL;
	}
	return b;
}

static int
parse(const struct command *c, int argc, char **argv, struct check *k)
{
	const struct opt table[] = {
		{ "policy", 'p', OPT_LIST, &k->where.policies },
		{ "cwd", 'C', OPT_VALUE, &k->where.cwd },
		{ "env", 'e', OPT_LIST, &k->where.env },
		{ "shell", 0, OPT_VALUE, &k->where.shell },
		{ "agent", 0, OPT_VALUE, &k->where.agent },
		{ "json", 0, OPT_FLAG, &k->json },
		{ "argv", 0, OPT_FLAG, &k->argv },
		{ "hook", 0, OPT_FLAG, &k->hook },
		{ "batch", 0, OPT_FLAG, &k->batch },
		{ "person", 0, OPT_FLAG, &k->person },
	};
	int n = OPTIONS(c, argc, argv, table, true);

	if (n < 0)
		return n;
	if (check__shell(k->where.shell, &k->shell) != 0) {
		usage_error(c, "unknown shell %s; known: bash zsh sh", k->where.shell);
		return -1;
	}
	for (size_t i = 0; i < k->where.env.n; i++)
		if (strchr(k->where.env.v[i], '=') == NULL) {
			usage_error(c, "--env wants NAME=VALUE, not %s", k->where.env.v[i]);
			return -1;
		}
	if ((k->hook || k->batch) ? n != 0 : n == 0 || (n > 1 && !k->argv)) {
		usage_error(c, "%s", k->hook || k->batch ? "it reads standard input: no command, please" :
		    n == 0 ? "a command is missing" : "one command string, please: quote it, options before it, or use --argv");
		return -1;
	}
	return n;
}

static void
fill_command(struct check *k, int n, char **argv, struct arena *a, struct request *r)
{
	struct str *words;

	if (!k->argv) {
		r->kind = REQUEST_SHELL;
		r->shell = k->shell;
		r->text = str_of(argv[1]);
		return;
	}
	words = NEW_ARRAY(a, struct str, (size_t)n);
	for (int i = 0; i < n; i++)
		words[i] = str_of(argv[1 + i]);
	r->kind = REQUEST_ARGV;
	r->argv = words;
	r->argc = (size_t)n;
}

static int
judge_one(struct check *k, const struct request *r, const char *const *env, struct arena *a, bool explain)
{
	struct local_world lw;
	struct decision d;
	struct world w;
	struct buf b;

	local_world_init(&lw, a, env, &w);
	decide(k->policy->policy, &w, r, a, &d);
	arena_spare(a, LIMIT_SHOW_ARENA);
	buf_init(&b, a);
	if (explain) {
		decision_explain(&d, r, &b, use_colour(stdout), terminal_width());
	} else if (k->json) {
		decision_json(&d, STR(""), &b);
		buf_putc(&b, '\n');
	} else {
		buf_printf(&b, "%s: " STR_FMT "\n", verdict_name(d.verdict), STR_ARG(str_visible(a, d.reason)));
	}
	write_out(buf_str(&b));
	return verdict_status(d.verdict);
}

static int
run(const struct command *c, int argc, char **argv, bool explain)
{
	struct request r;
	struct check k;
	struct arena *a;
	const char *cwd;
	const char *const *env;
	int n, status;

	memset(&k, 0, sizeof k);
	if ((n = parse(c, argc, argv, &k)) < 0)
		return n == -2 ? 0 : EXIT_USAGE;
	if ((cwd = check__cwd(c, k.where.cwd)) == NULL)
		return EXIT_USAGE;
	if ((k.policy = load_policy(&k.where, cwd, true)) == NULL)
		return EXIT_USAGE;
	if ((a = arena_new(LIMIT_REQUEST_ARENA)) == NULL)
		return EXIT_USAGE;
	env = check__env(a, &k.where.env, environment());
	if (k.batch) {
		status = check__batch(&k, cwd, env);
	} else if (k.hook) {
		status = check__hook(&k, env, a, explain);
	} else {
		check__request(a, cwd, env, k.where.agent, &r);
		r.person = k.person;
		fill_command(&k, n, argv, a, &r);
		status = judge_one(&k, &r, env, a, explain);
	}
	arena_free(a);
	local_policy_free(k.policy);
	return status;
}

int
check__hook(struct check *k, const char *const *env, struct arena *a, bool explain)
{
	struct request r;
	struct buf b;
	char block[16384];
	size_t n;
	int err;

	buf_init(&b, a);
	while ((n = fread(block, 1, sizeof block, stdin)) > 0 && b.n <= LIMIT_EVENT)
		buf_add(&b, (struct str){ block, n });
	if ((err = check__event(k, buf_str(&b), env, a, &r)) != 0) {
		fputs("bridle check: this event asks for no decision\n", stderr);
		return EXIT_PASSED;
	}
	return judge_one(k, &r, env, a, explain);
}

static int
run_check(int argc, char **argv)
{
	return run(&cmd_check, argc, argv, false);
}

static int
run_explain(int argc, char **argv)
{
	return run(&cmd_explain, argc, argv, true);
}
