/* SPDX-License-Identifier: ISC */
/*
 * test_spellings.c: every way to spell every fly command that destroys, runs
 * something or hands out access, with the production app named in each of six
 * ways, is denied by the shipped fly.policy; every spelling of what only looks
 * is not. The lines are made from the model, so that a command that is added
 * to it is tested by being there.
 */
#include "check.h"

#include "bridle/decide.h"
#include "tools/tools.h"

#include <stdlib.h>
#include <string.h>

#define PRODUCTION "app-api"

static int
include(void *ctx, struct arena *a, struct str from, struct str name, bool shipped, struct str *text,
    struct str *path)
{
	char block[8192];
	struct buf b;
	FILE *f;

	(void)ctx;
	(void)from;
	*path = str_printf(a, "policies/" STR_FMT ".policy", STR_ARG(name));
	if (!shipped || (f = fopen(str_c(a, *path), "rb")) == NULL)
		return BRIDLE_ENOENT;
	buf_init(&b, a);
	for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;)
		buf_add(&b, (struct str){ block, n });
	fclose(f);
	*text = buf_str(&b);
	return 0;
}

static struct policy *
fly_policy(struct arena *a)
{
	struct policy_loader loader = { NULL, include };
	struct policy_source src = { .layer = LAYER_USER, .name = STR("test"),
		.text = STR("version 1\ninclude <fly>\n") };
	struct policy *p = NULL;
	struct diags d;
	struct buf out;

	diags_init(&d, a);
	if (policy_load(a, &src, 1, &loader, &p, &d) != 0) {
		buf_init(&out, a);
		diags_print(&d, &out, false);
		print_error("%s\n", out.p);
		fail();
	}
	return p;
}

/* ---- lines ---- */

struct maker {
	struct arena *a;
	const struct tool *t;
	const struct model_command *c;
	struct str spelling;  /* "fly vol rm", without the app */
	struct str operands;  /* what the command needs behind it */
	bool has_app;         /* it knows --app */
};

/* What stands for an operand of that role. */
static const char *
operand_for(struct str role)
{
	if (str_starts(role, STR("app")))
		return PRODUCTION;
	if (str_starts(role, STR("secret")))
		return "KEY=value";
	if (str_starts(role, STR("remote")))
		return "ls";
	return "x1";
}

static struct str
needed_operands(struct arena *a, const struct model_command *c)
{
	struct str roles = c->operands;
	struct buf b;
	int n = c->min_args;

	if (n == 0 && (str_starts(roles, STR("app")) || str_starts(roles, STR("target"))) && c->max_args != 0)
		n = 1;
	buf_init(&b, a);
	for (int i = 0; i < n; i++) {
		struct str role = str_sub(roles, 0, str_chr(roles, ' '));

		buf_printf(&b, " %s", operand_for(role));
		if (!str_ends(role, STR("*")))
			roles = str_trim(str_sub(roles, role.n, STR_NPOS));
	}
	return b.n == 0 ? STR("") : buf_str(&b);
}

static bool
knows_option(const struct model_command *c, const char *name)
{
	for (size_t i = 0; i < c->noptions; i++)
		if (str_is(command_option(c, i)->name, name))
			return true;
	return false;
}

typedef void each_spelling(void *ctx, struct maker *m);

/* All names of word `depth` of the path, then those below. */
static void
spell(struct maker *m, size_t depth, struct str so_far, each_spelling *each, void *ctx)
{
	const struct model_command *at = m->t->commands;

	if (depth == m->c->npath) {
		m->spelling = so_far;
		each(ctx, m);
		return;
	}
	for (size_t i = 0; i < m->t->ncommands; i++) {
		size_t k = 0;

		if (m->t->commands[i].npath != depth + 1)
			continue;
		while (k <= depth && str_eq(m->t->commands[i].path[k], m->c->path[k]))
			k++;
		if (k == depth + 1)
			at = &m->t->commands[i];
	}
	spell(m, depth + 1, str_printf(m->a, STR_FMT " " STR_FMT, STR_ARG(so_far), STR_ARG(m->c->path[depth])),
	    each, ctx);
	for (size_t i = 0; i < at->naliases; i++)
		spell(m, depth + 1,
		    str_printf(m->a, STR_FMT " " STR_FMT, STR_ARG(so_far), STR_ARG(at->aliases[i])), each, ctx);
}

static size_t
all_spellings(struct arena *a, bool (*wanted)(const struct model_command *c), each_spelling *each,
    void *ctx)
{
	struct models *models = models_new(a);
	struct maker m = { .a = a, .t = models_find(models, STR("fly")) };
	size_t commands = 0;

	for (size_t i = 0; i < m.t->ncommands; i++) {
		m.c = &m.t->commands[i];
		if (m.c->npath == 0 || !wanted(m.c))
			continue;
		commands++;
		m.operands = needed_operands(a, m.c);
		m.has_app = knows_option(m.c, "app");
		spell(&m, 0, STR("fly"), each, ctx);
		if (m.c->npath == 1)
			spell(&m, 0, STR("flyctl"), each, ctx);
	}
	return commands;
}

/* ---- judging ---- */

struct run {
	struct policy *policy;
	struct arena *a; /* of one line */
	size_t spellings, lines, wrong;
	enum verdict expect; /* DENY: it must be; ASK: or asked; ALLOW: neither */
};

static void
judge_one(struct run *r, const char *toml, const char *line)
{
	struct table_world t;
	struct world w;
	struct request q = { .kind = REQUEST_SHELL, .text = str_of(line), .cwd = STR("/w"),
		.project = STR("/w"), .home = STR("/home/p") };
	struct decision d;
	bool right;

	table_world_init(&t, r->a, &w);
	if (toml[0] != '\0')
		table_world_file(&t, str_of(toml), STR("app = \"" PRODUCTION "\"\n"));
	decide(r->policy, &w, &q, r->a, &d);
	right = r->expect == VERDICT_DENY ? d.verdict == VERDICT_DENY
	    : r->expect == VERDICT_ASK    ? d.verdict == VERDICT_DENY || d.verdict == VERDICT_ASK
	                                  : d.verdict == VERDICT_ALLOW || d.verdict == VERDICT_PASS;
	r->lines++;
	if (!right && r->wrong++ < 20)
		print_error("%s [%s]: %s: " STR_FMT "\n", line, toml, verdict_name(d.verdict),
		    STR_ARG(d.reason));
	arena_reset(r->a);
}

/* As it stands, inside a shell, and behind other commands. */
static void
judge(struct run *r, const char *toml, const char *line)
{
	char inside[600];

	judge_one(r, toml, line);
	snprintf(inside, sizeof inside, "bash -c '%s'", line);
	judge_one(r, toml, inside);
	snprintf(inside, sizeof inside, "true && env X=1 timeout 60 env %s; true", line);
	judge_one(r, toml, inside);
}

static void
in_six_ways(void *ctx, struct maker *m)
{
	struct run *r = ctx;
	const char *s = str_c(m->a, m->spelling), *ops = str_c(m->a, m->operands);
	struct str rest = str_sub(m->spelling, str_chr(m->spelling, ' ') + 1, STR_NPOS);
	char line[512];

	r->spellings++;
#define LINE(toml, ...) (snprintf(line, sizeof line, __VA_ARGS__), judge(r, toml, line))
	if (m->has_app) {
		LINE("", "%s%s -a " PRODUCTION, s, ops);
		LINE("", "%s --app=" PRODUCTION "%s", s, ops);
		LINE("", "flyctl -a " PRODUCTION " " STR_FMT "%s", STR_ARG(rest), ops);
		LINE("/w/prod/app.toml", "%s -c prod/app.toml%s", s, ops);
	}
	LINE("", "FLY_APP=" PRODUCTION " %s%s", s, ops);
	LINE("/w/fly.toml", "%s%s", s, ops);
#undef LINE
}

static bool
is_dangerous(const struct model_command *c)
{
	return c->runnable && !c->dead &&
	    (str_is(c->effect, "destroy") || str_is(c->effect, "exec") || str_is(c->effect, "auth"));
}

/* What changes an app: with production named it is at least asked about. */
static bool
is_write(const struct model_command *c)
{
	return c->runnable && str_is(c->effect, "write") && c->app_scope.n > 0 &&
	    !str_is(c->app_scope, "org") && !str_starts(c->operands, STR("new-app"));
}

static bool
is_look(const struct model_command *c)
{
	static const char *const excepted[] = { "redis status", "config env", "curl", "regions set" };
	char path[64] = "";

	for (size_t i = 0; i < c->npath; i++)
		snprintf(path + strlen(path), sizeof path - strlen(path), "%s" STR_FMT, i > 0 ? " " : "",
		    STR_ARG(c->path[i]));
	for (size_t i = 0; i < sizeof excepted / sizeof excepted[0]; i++)
		if (strcmp(path, excepted[i]) == 0)
			return false;
	return c->runnable && !c->dead && str_is(c->effect, "read");
}

static void
run_all(bool (*wanted)(const struct model_command *c), enum verdict expect, size_t least_commands,
    size_t least_lines)
{
	struct arena *a = arena_new(0);
	struct run r = { .a = arena_new(0), .expect = expect };
	size_t commands;

	r.policy = fly_policy(a);
	commands = all_spellings(a, wanted, in_six_ways, &r);
	print_message("%zu commands, %zu spellings, %zu lines\n", commands, r.spellings, r.lines);
	assert_true(commands >= least_commands);
	assert_true(r.lines >= least_lines);
	assert_int_equal(r.wrong, 0);
	arena_free(r.a);
	arena_free(a);
}

static void
test_dangerous(void **state)
{
	(void)state;
	run_all(is_dangerous, VERDICT_DENY, 85, 2000);
}

static void
test_writes(void **state)
{
	(void)state;
	run_all(is_write, VERDICT_ASK, 50, 1000);
}

static void
test_looks(void **state)
{
	(void)state;
	run_all(is_look, VERDICT_ALLOW, 80, 3000);
}

static void
count(void *ctx, struct maker *m)
{
	*(size_t *)ctx += str_starts(m->spelling, STR("fly "));
}

static bool
is_todays(const struct model_command *c)
{
	return c->today.n == 0 || c->dead;
}

/* What looks is the rest. A command whose effect changes is noticed here. */
static const struct {
	const char *effect;
	size_t commands;
} effects[] = { { "write", 81 }, { "destroy", 33 }, { "exec", 24 }, { "auth", 33 }, { "local", 38 } };

/* Nothing is without an effect, and there are as many commands as flyctl has. */
static void
test_complete(void **state)
{
	struct arena *a = arena_new(0);
	const struct tool *t = models_find(models_new(a), STR("fly"));
	size_t runnable = 0, nodes = 0, spellings = 0;

	(void)state;
	for (size_t i = 0; i < t->ncommands; i++) {
		const struct model_command *c = &t->commands[i];
		bool former = c->today.n > 0 && !c->dead;

		nodes += !former;
		runnable += c->runnable;
		if (c->runnable)
			assert_true(c->effect.n > 0);
	}
	for (size_t k = 0; k < sizeof effects / sizeof effects[0]; k++) {
		size_t n = 0;

		for (size_t i = 0; i < t->ncommands; i++)
			n += str_is(t->commands[i].effect, effects[k].effect);
		assert_int_equal(n, effects[k].commands);
	}
	assert_int_equal(nodes, 369 + 8); /* and help, completion SHELL, __complete … of cobra */
	assert_int_equal(runnable, 300 + 3);
	(void)all_spellings(a, is_todays, count, &spellings);
	assert_int_equal(spellings, 847 - 1 + 8); /* of 369 nodes, without `fly` alone */
	arena_free(a);
}

/* ---- a configuration file that cannot be read ---- */

static int
refuse(void *ctx, struct arena *a, struct str path, size_t max, struct str *out)
{
	(void)ctx;
	(void)a;
	(void)max;
	(void)out;
	return str_ends(path, STR("/fly.toml")) ? BRIDLE_EUNKNOWN : BRIDLE_ENOENT;
}

/* No permission: every command that needs the app is asked about, at least. */
static void
test_unreadable(void **state)
{
	static const char *const lines[] = { "fly certs add example.com", "fly image update -y",
		"fly ssh console", "fly machine stop 12", "bash -c 'fly machine start 12'" };
	struct arena *a = arena_new(0);
	struct policy *p = fly_policy(a);

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct table_world t;
		struct world w;
		struct request q = { .kind = REQUEST_SHELL, .text = str_of(lines[i]), .cwd = STR("/w"),
			.project = STR("/w"), .home = STR("/home/p") };
		struct decision d;

		table_world_init(&t, a, &w);
		w.read = refuse;
		decide(p, &w, &q, a, &d);
		if (d.verdict != VERDICT_ASK ||
		    str_find(d.reason, STR("what fly.toml holds is not known")) == STR_NPOS)
			fail_msg("%s: %s: " STR_FMT, lines[i], verdict_name(d.verdict), STR_ARG(d.reason));
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_dangerous),
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
