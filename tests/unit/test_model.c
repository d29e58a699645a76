/* SPDX-License-Identifier: ISC */
/*
 * test_model.c: models from JSON: what is read, what is refused and how it is
 * said, which model a name finds, wrappers.
 */
#include "check.h"

#include "bridle/limits.h"
#include "tools/tools.h"

#include <string.h>

static int
add(struct arena *a, struct models *m, const char *json, struct diags *d)
{
	diags_init(d, a);
	return models_add(m, str_of(json), STR("x.json"), d);
}

static void
test_reads(void **state)
{
	static const char json[] =
	    "{\"name\":\"kc\", \"names\":\"kc kubec\", \"parser\":\"pflag\", \"guarded\":true,"
	    " \"unknown_options\":\"refused\", \"describes\":\"kc 1.2\", \"globals\":\"verbose\","
	    " \"options\":{"
	    "  \"verbose\":{\"letter\":\"v\",\"class\":\"output\"},"
	    "  \"n\":{\"arg\":\"value\",\"class\":\"scope\",\"field\":\"namespace\",\"longs\":[\"ns\",\"namespace\"]},"
	    "  \"out/2\":{\"name\":\"out\",\"arg\":\"optional\",\"default\":\"json\",\"list\":true,\"comma\":true}},"
	    " \"commands\":["
	    "  {\"path\":\"get pod\",\"aliases\":[\"po\"],\"effect\":\"read\",\"args\":[1,-1],"
	    "   \"operands\":\"target*\",\"options\":\"n out/2\",\"required\":\"n\"},"
	    "  {\"path\":\"drain\",\"effect\":\"destroy\",\"args\":1}],"
	    " \"scopes\":[{\"field\":\"namespace\",\"option\":\"n\",\"env\":\"KC_NS\",\"files\":\"kc.toml\",\"key\":\"ns\"}],"
	    " \"env\":\"KC_NS\", \"door_env\":[\"KC_CONFIG\"], \"former\":{\"rolling\":\"kc drain\"}}";
	struct arena *a = arena_new(0);
	struct models *m = models_new(a);
	const struct tool *t;
	const struct model_command *c;
	struct diags d;

	(void)state;
	assert_null(models_find(m, STR("kc")));
	assert_int_equal(add(a, m, json, &d), 0);
	t = models_find(m, STR("kubec"));
	assert_non_null(t);
	assert_ptr_equal(t, models_find(m, STR("kc")));
	assert_str(tool_name(t), "kc");
	assert_str(tool_describes(t), "kc 1.2");
	assert_true(models_guarded(m, STR("kubec")));
	assert_false(tool_doors_only(t));
	assert_true(t->unknown_refused);
	assert_int_equal(t->nglobals, 1);
	/* by path, groups and former spellings too: "", drain, get, get pod, rolling */
	assert_int_equal(t->ncommands, 5);
	assert_int_equal(t->commands[0].end, 5);
	assert_str(t->commands[1].effect, "destroy");
	assert_int_equal(t->commands[1].min_args, 1);
	assert_int_equal(t->commands[1].max_args, 1);
	assert_false(t->commands[2].runnable);
	assert_int_equal(t->commands[2].end, 4);
	c = &t->commands[3];
	assert_str(c->path[1], "pod");
	assert_str(c->aliases[0], "po");
	assert_int_equal(c->max_args, -1);
	assert_str(c->required[0], "n");
	assert_int_equal(command_option(c, 0)->letter, 'n');
	assert_str(command_option(c, 0)->longs[1], "namespace");
	assert_int_equal(command_option(c, 0)->cls, OPTION_SCOPE);
	assert_str(command_option(c, 1)->name, "out");
	assert_str(command_option(c, 1)->optional_value, "json");
	assert_str(t->commands[4].today, "kc drain");
	assert_str(t->scopes[0].env[0], "KC_NS");
	assert_true(tools_field_known(m, STR("namespace")));
	assert_false(tools_field_known(m, STR("nonsense")));
	assert_null(models_find(m, STR("nothing")));
	arena_free(a);
}

/* A model of the same name replaces the one that is built in. */
static void
test_replaces(void **state)
{
	struct arena *a = arena_new(0);
	struct models *m = models_new(a);
	struct diags d;

	(void)state;
	assert_true(models_find(m, STR("fly"))->ncommands > 300);
	assert_int_equal(add(a, m, "[{\"name\":\"fly\"},{\"name\":\"other\",\"options\":{\"o\":{}}}]", &d), 0);
	assert_int_equal(models_find(m, STR("fly"))->ncommands, 1);
	assert_int_equal(models_find(m, STR("other"))->nglobals, 1);
	assert_true(models_find(m, STR("flyctl"))->ncommands > 300);
	arena_free(a);
}

static void
test_refuses(void **state)
{
	static const struct {
		const char *json, *message, *hint;
	} rows[] = {
		{ "{\"name\":\"x\"", "this is not JSON", "" },
		{ "", "this is not JSON", "" },
		{ "3", "a model is an object or an array of them", "" },
		{ "{\"name\":\"x\"} 1", "this is not JSON", "" },
		{ "{}", "model: a model needs a \"name\"", "" },
		{ "{\"name\":3}", "model: a text is expected for \"name\"", "" },
		{ "{\"name\":\"x\",\"nmaes\":\"y\"}", "x: unknown key \"nmaes\"", "did you mean \"names\"?" },
		{ "{\"name\":\"x\",\"Names\":\"y\"}", "x: unknown key \"Names\"", "did you mean \"names\"?" },
		{ "{\"name\":\"x\",\"name\":\"y\"}", "x: this key stands twice: \"name\"", "" },
		{ "{\"name\":\"x\\u0000y\"}", "a model may not hold \\u0000", "" },
		{ "{\"name\":\"x\",\"parser\":\"pfalg\"}", "x: not one of those known: \"pfalg\"",
		  "did you mean \"pflag\"?" },
		{ "{\"name\":\"x\",\"guarded\":1}", "x: true or false is expected for \"guarded\"", "" },
		{ "{\"name\":\"x\",\"options\":[]}", "x: an object is expected for \"options\"", "" },
		{ "{\"name\":\"x\",\"options\":{\"a\":{\"letter\":\"ab\"}}}",
		  "x: option a: one letter is expected, not \"ab\"", "" },
		{ "{\"name\":\"x\",\"options\":{\"a\":{\"longs\":\"b c d e\"}}}",
		  "x: option a: too many spellings of \"a\"", "" },
		{ "{\"name\":\"x\",\"options\":{\"a\":{},\"a\":{}}}",
		  "x: option a: this key stands twice: \"a\"", "" },
		{ "{\"name\":\"x\",\"commands\":[{\"path\":\"a\",\"options\":\"b\"}]}",
		  "x a: no such option among \"options\": \"b\"", "" },
		{ "{\"name\":\"x\",\"commands\":[{\"path\":\"a\"},{\"path\":\"a\"}]}",
		  "x: this command stands twice: \"a\"", "" },
		{ "{\"name\":\"x\",\"commands\":[{\"path\":\"a\",\"args\":1.5}]}",
		  "x a: a whole number is expected for \"args\"", "" },
		{ "{\"name\":\"x\",\"commands\":[{\"path\":\"a\",\"args\":[1]}]}",
		  "x a: a whole number is expected for \"args\"", "" },
		{ "{\"name\":\"x\",\"commands\":{}}", "x: an array is expected for \"commands\"", "" },
		{ "[{\"wrapper\":\"w\",\"strat\":\"x\"}]", "w: unknown key \"strat\"", "did you mean \"start\"?" },
	};
	struct arena *a = arena_new(0);
	struct models *m = models_new(a);
	struct diags d;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(add(a, m, rows[i].json, &d), BRIDLE_ESYNTAX);
		assert_true(d.errors >= 1);
		assert_str(d.list.v[0].message, rows[i].message);
		assert_str(d.list.v[0].hint, rows[i].hint);
		assert_str(d.list.v[0].file, "x.json");
	}
	assert_int_equal(add(a, m, "{\n\n \"name\" \"x\"}", &d), BRIDLE_ESYNTAX);
	assert_int_equal(d.list.v[0].line, 3);
	assert_null(models_find(m, STR("x")));
	/* a backslash before u0000 that is itself escaped is text */
	assert_int_equal(add(a, m, "{\"name\":\"x\",\"describes\":\"\\\\u0000\"}", &d), 0);
	arena_free(a);
}

static void
test_too_large(void **state)
{
	struct arena *a = arena_new(0);
	struct models *m = models_new(a);
	struct diags d;
	struct str json = { arena_alloc(a, LIMIT_MODEL + 1u), LIMIT_MODEL + 1u };

	(void)state;
	memset((char *)(uintptr_t)json.p, ' ', json.n);
	diags_init(&d, a);
	assert_int_equal(models_add(m, json, STR("x.json"), &d), BRIDLE_ESYNTAX);
	assert_true(str_starts(d.list.v[0].message, STR("a model may hold ")));
	arena_free(a);
}

static void
test_wrappers(void **state)
{
	static const struct str values[] = { STR("-p"), STR("--profile") };
	struct arena *a = arena_new(0);
	struct models *m = models_new(a);
	const struct wrapper *w;
	size_t n;

	(void)state;
	w = models__wrapper(m, STR("timeout"), &n);
	assert_true(n >= 1);
	assert_true(w[0].transparent);
	assert_null(models__wrapper(m, STR("wrapx"), &n));
	assert_int_equal(n, 0);
	assert_int_equal(models_add_wrapper(m, STR("wrapx"), NULL, 0), 0);
	assert_int_equal(models_add_wrapper(m, STR("mise exec --"), values, 2), 0);
	w = models__wrapper(m, STR("wrapx"), &n);
	assert_int_equal(n, 1);
	assert_str(w->start, "operands");
	assert_false(w->transparent);
	w = models__wrapper(m, STR("mise"), &n);
	assert_str(w->subcommand, "exec");
	assert_str(w->start, "after:--");
	assert_int_equal(w->options[0]->letter, 'p');
	assert_str(w->options[1]->name, "profile");
	assert_int_equal(w->options[1]->arg, ARG_REQUIRED);
	assert_int_equal(models_add_wrapper(m, STR(""), NULL, 0), BRIDLE_EINVAL);
	assert_int_equal(models_add_wrapper(m, STR("a b c"), NULL, 0), BRIDLE_EINVAL);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_replaces),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_wrappers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
