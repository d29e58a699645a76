/* SPDX-License-Identifier: ISC */
/*
 * test_flyctl.c: fly's model (policies/tools/fly.json) against flyctl.txt, what
 * flyctl's own source says of each command: names, effect, where the app comes
 * from, how many operands, which options take a value. A model that says
 * otherwise of one command fails here. That the effects lead to the right
 * decisions is test_spellings.c's to see.
 */
#include "check.h"
#include "lines.h"

#include "bridle/decide.h"

#include <string.h>

#define FACTS "tests/unit/flyctl.txt"

struct fact {
	struct str path, aliases, effect, scope, roles, options;
	long least, most; /* -1: no bound */
};
struct checker {
	struct arena *a, *all;
	const struct models *models;
	const struct tool *fly;
	size_t commands, lines, wrong;
};

static struct str
column(struct str *line)
{
	size_t bar = str_find(*line, STR(" | "));
	struct str one = str_sub(*line, 0, bar);

	*line = bar == STR_NPOS ? STR("") : str_sub(*line, bar + 3, STR_NPOS);
	return str_is(one, "-") ? STR("") : one;
}

static struct str
next_word(struct str *list)
{
	struct str one = str_sub(*list, 0, str_chr(*list, ' '));

	*list = str_sub(*list, one.n + 1, STR_NPOS);
	return one;
}

static long
number(struct str s)
{
	return str_is(s, "-") ? -1 : s.p[0] - '0';
}

static void
read_fact(struct str line, struct fact *f)
{
	struct str args;

	f->path = column(&line);
	f->aliases = column(&line);
	f->effect = column(&line);
	f->scope = column(&line);
	f->roles = column(&line);
	args = column(&line);
	f->least = number(next_word(&args));
	f->most = number(args);
	f->options = column(&line);
}

static void
complain(struct checker *k, const char *line, const char *what, struct str got)
{
	if (k->wrong++ < 20)
		print_error("%s: %s: " STR_FMT "\n", line, what, STR_ARG(got));
}

/* ---- how it is read ---- */

static void
parse(struct checker *k, const char *line, struct parsed *p)
{
	size_t n;
	struct words *slots = line_slots(k->a, line, &n);

	k->lines++;
	assert_int_equal(options_parse(k->fly, k->a, slots, n, false, p), 0);
}

static struct str
path_of(struct arena *a, const struct model_command *c)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; c != NULL && i < c->npath; i++)
		buf_printf(&b, "%s" STR_FMT, i > 0 ? " " : "", STR_ARG(c->path[i]));
	return b.n == 0 ? STR("") : buf_str(&b);
}

static struct str
repeated(struct arena *a, const char *word, long n)
{
	struct buf b;

	buf_init(&b, a);
	for (long i = 0; i < n; i++)
		buf_printf(&b, " %s%ld", word, i + 1);
	return b.n == 0 ? STR("") : buf_str(&b);
}

static void
check_names(struct checker *k, const struct fact *f)
{
	struct str rest = f->aliases, group = str_sub(f->path, 0, 0), last = f->path;
	size_t blank = str_rchr(f->path, ' ');

	if (blank != STR_NPOS) {
		group = str_sub(f->path, 0, blank + 1);
		last = str_sub(f->path, blank + 1, STR_NPOS);
	}
	for (struct str name = last; name.n > 0; name = next_word(&rest)) {
		const char *line = str_c(k->a, str_printf(k->a, "fly " STR_FMT STR_FMT, STR_ARG(group), STR_ARG(name)));
		struct parsed p;

		parse(k, line, &p);
		if (!str_eq(path_of(k->a, p.command), f->path))
			complain(k, line, "is read as", path_of(k->a, p.command));
	}
}

/* One fewer and one more than it takes are refused. */
static void
check_arity(struct checker *k, const struct fact *f)
{
	long from = f->least > 0 ? f->least - 1 : 0, to = (f->most < 0 ? f->least : f->most) + 1;

	for (long n = from; n <= to; n++) {
		const char *line = str_c(k->a, str_printf(k->a, "fly " STR_FMT STR_FMT, STR_ARG(f->path),
		    STR_ARG(repeated(k->a, "x", n))));
		bool refused = n < f->least || (f->most >= 0 && n > f->most);
		struct parsed p;

		parse(k, line, &p);
		if (p.refused != refused && !str_starts(p.error, STR("required flag")))
			complain(k, line, refused ? "is not refused" : "is refused", p.error);
	}
}

/* Does the option take the word behind it? */
static void
check_option(struct checker *k, const struct fact *f, struct str option)
{
	size_t equals = str_chr(option, '='), colon = str_chr(option, ':');
	char kind = equals == STR_NPOS ? '\0' : option.p[equals + 1];
	struct str name = str_sub(option, 0, colon != STR_NPOS ? colon : equals);
	const char *value = kind == 'd' ? "1h" : "1", *forms[2] = { NULL, NULL };
	bool takes = kind != '\0' && kind != 'o';

	forms[0] = str_c(k->a, str_printf(k->a, "--" STR_FMT, STR_ARG(name)));
	if (colon != STR_NPOS)
		forms[1] = str_c(k->a, str_printf(k->a, "-%c", option.p[colon + 1]));
	for (size_t i = 0; i < 2 && forms[i] != NULL; i++) {
		const char *line = str_c(k->a, str_printf(k->a, "fly " STR_FMT " %s %s", STR_ARG(f->path), forms[i],
		    value));
		struct parsed p;

		parse(k, line, &p);
		if (str_starts(p.error, STR("unknown flag")) || str_starts(p.error, STR("unknown shorthand")))
			complain(k, line, "is not known", p.error);
		else if (p.operands.n != (takes ? 0 : 1))
			complain(k, line, takes ? "takes no value" : "takes a value", name);
	}
	if (kind == 'n' || kind == 'd') {
		const char *line = str_c(k->a, str_printf(k->a, "fly " STR_FMT " %s many", STR_ARG(f->path), forms[0]));
		struct parsed p;

		parse(k, line, &p);
		if (!p.refused || str_find(p.error, STR("invalid")) == STR_NPOS)
			complain(k, line, "takes any text", p.error);
	}
}

static size_t
option_count(const struct model_command *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->noptions; i++)
		n += command_option(c, i)->name.n > 0;
	return n;
}

static void
check_options(struct checker *k, const struct fact *f, const struct model_command *c)
{
	struct str rest = f->options;
	size_t n = 0;

	for (; rest.n > 0; n++)
		check_option(k, f, next_word(&rest));
	if (option_count(c) != n)
		complain(k, str_c(k->a, f->path), "has as many options", str_printf(k->a, "%zu, not %zu",
		    option_count(c), n));
}

/* ---- what it acts on ---- */

static const struct field *
act(struct checker *k, const char *line, const char *env, const char *name, size_t *actions)
{
	struct table_world t;
	struct world w;
	struct request q = { .kind = REQUEST_SHELL, .text = str_of(line), .cwd = STR("/w"), .project = STR("/w"),
		.home = STR("/home/p") };
	struct actions acts = { 0 };
	const struct field *found = NULL;

	table_world_init(&t, k->a, &w);
	if (env != NULL)
		table_world_env(&t, STR("FLY_APP"), str_of(env));
	k->lines++;
	assert_int_equal(tools_read(k->models, &w, &q, k->a, &acts), 0);
	*actions = 0;
	for (size_t i = 0; i < acts.list.n; i++)
		if (str_is(acts.list.v[i]->tool, "fly")) {
			found = action_field(acts.list.v[i], name);
			++*actions;
			if (*actions > 1)
				break; /* of two apps the second is the one that is named by position */
		}
	return found;
}

/* "x" the value, "?" not known, "-" none. */
static struct str
show(struct checker *k, const struct field *f)
{
	struct str text;

	if (f == NULL || f->state == FIELD_ABSENT)
		return STR("-");
	if (f->state == FIELD_UNKNOWN || f->values.n != 1 || !word_known(k->a, f->values.v[0], &text))
		return STR("?");
	return text;
}

static void
expect(struct checker *k, const struct fact *f, const char *behind, const char *env, const char *field,
    const char *want)
{
	const char *line = str_c(k->a, str_printf(k->a, "fly " STR_FMT STR_FMT "%s", STR_ARG(f->path),
	    STR_ARG(repeated(k->a, "x", f->least)), behind));
	size_t n;
	struct str got = show(k, act(k, line, env, field, &n));

	if (!str_is(got, want))
		complain(k, str_c(k->a, str_printf(k->a, "%s%s%s (%s is not %s)", env == NULL ? "" : "FLY_APP=",
		    env == NULL ? "" : str_c(k->a, str_printf(k->a, "%s ", env)), line, field, want)),
		    field, got);
}

static bool
listed(const char *list, struct str name)
{
	struct str rest = str_of(list);

	while (rest.n > 0)
		if (str_eq(next_word(&rest), name))
			return true;
	return false;
}

/* Where the app comes from, seen by what is found with --app, FLY_APP, neither. */
static void
check_app(struct checker *k, const struct fact *f)
{
	bool looks = listed("read local", f->effect), opens = listed("destroy exec auth", f->effect);
	bool has_app = str_starts(f->options, STR("app:")) || str_find(f->options, STR(" app:")) != STR_NPOS ||
	    str_find(str_cat(k->a, STR(" "), f->options), STR(" app=")) != STR_NPOS;
	const char *without = "-";

	if (str_is(f->scope, "positional-app")) {
		if (f->least > 0)
			expect(k, f, "", "e", "app", "x1");
		else
			expect(k, f, " p", "e", "app", "p");
		return;
	}
	if (listed("app-required volume-id+app-required machine-id volume-id app-optional app-optional-noflag", f->scope)) {
		expect(k, f, "", "e", "app", "e");
		if (has_app)
			expect(k, f, " --app a", "e", "app", "a");
	}
	if (listed("machine-id volume-id", f->scope) || (str_is(f->scope, "org") && !looks) ||
	    (listed("app-optional app-optional-noflag", f->scope) && opens))
		without = "?";
	expect(k, f, "", NULL, "app", without);
	expect(k, f, "", NULL, "reach", without[0] == '?' ? "org" : "-");
}

static void
check_command(struct checker *k, const struct fact *f)
{
	const struct model_command *c = NULL;

	for (size_t i = 0; i < k->fly->ncommands && c == NULL; i++)
		if (str_eq(path_of(k->a, &k->fly->commands[i]), f->path))
			c = &k->fly->commands[i];
	if (c == NULL) {
		complain(k, "the model", "does not know", f->path);
		return;
	}
	check_names(k, f);
	if (f->effect.n == 0)
		return;
	if (!str_eq(c->operands, f->roles))
		complain(k, str_c(k->a, f->path), "has the roles", c->operands);
	if (!str_eq(c->app_scope.n > 0 ? c->app_scope : STR("none"), f->scope))
		complain(k, str_c(k->a, f->path), "has the scope", c->app_scope);
	if (!c->runnable)
		complain(k, str_c(k->a, f->path), "does nothing", c->effect);
	check_arity(k, f);
	check_options(k, f, c);
	expect(k, f, "", "e", "effect", str_c(k->a, f->effect));
	check_app(k, f);
}

static void
test_facts(void **state)
{
	static char text[1 << 16];
	struct checker k = { .a = arena_new(0), .all = arena_new(0) };
	FILE *f = fopen(FACTS, "rb");
	struct str rest;

	(void)state;
	assert_non_null(f);
	rest = (struct str){ text, fread(text, 1, sizeof text, f) };
	fclose(f);
	assert_true(rest.n < sizeof text);
	k.models = models_new(k.all);
	k.fly = models_find(k.models, STR("fly"));
	while (rest.n > 0) {
		struct str line = str_sub(rest, 0, str_chr(rest, '\n'));
		struct fact fact;

		rest = str_sub(rest, line.n + 1, STR_NPOS);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		read_fact(line, &fact);
		check_command(&k, &fact);
		k.commands++;
		arena_reset(k.a);
	}
	print_message("%zu commands, %zu lines\n", k.commands, k.lines);
	assert_int_equal(k.commands, 368);
	assert_int_equal(k.wrong, 0);
	arena_free(k.a);
	arena_free(k.all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
