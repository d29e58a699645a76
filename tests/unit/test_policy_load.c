/* SPDX-License-Identifier: ISC */
/*
 * test_policy_load.c: what several files say together: layers, trust, lets and
 * includes, defaults and settings, tests and what is given to them. And the
 * two readers of a policy that do not judge: lint and fmt.
 */
#include "bridle/policy.h"

#include "check.h"

#include <string.h>

#define MAX_SOURCES 4

struct fix {
	struct arena *a;
	struct policy *p;
	struct diags d;
	struct policy_source s[MAX_SOURCES];
	size_t n;
	struct map *files; /* what can be included */
};

static int
include(void *ctx, struct arena *a, struct str from, struct str name, bool shipped,
    struct str *text, struct str *path)
{
	const struct fix *f = ctx;
	const char *found = map_get(f->files, name);

	(void)a, (void)from, (void)shipped;
	if (found == NULL)
		return BRIDLE_ENOENT;
	*text = str_of(found);
	*path = name;
	return 0;
}

static void
begin(struct fix *f)
{
	memset(f, 0, sizeof *f);
	f->a = arena_new(0);
	f->files = map_new(f->a);
	diags_init(&f->d, f->a);
}

static void
add(struct fix *f, enum policy_layer layer, bool trusted, const char *text)
{
	static const char *const names[] = { "built-in", "system", "user", "project" };

	f->s[f->n++] = (struct policy_source){ .layer = layer, .trusted = trusted,
		.name = str_of(names[layer]), .text = str_printf(f->a, "version 1\n%s", text) };
}

static void
file(struct fix *f, const char *name, const char *text)
{
	map_put(f->files, str_of(name), (void *)(uintptr_t)text);
}

static int
load(struct fix *f)
{
	struct policy_loader loader = { f, include };

	return policy_load(f->a, f->s, f->n, &loader, &f->p, &f->d);
}

static void
load_well(struct fix *f)
{
	struct buf out;

	if (load(f) == 0)
		return;
	buf_init(&out, f->a);
	diags_print(&f->d, &out, false);
	fail_msg("%s", out.p);
}

static void
end(struct fix *f)
{
	arena_free(f->a);
}

/* The texts of all rules but the built-in ones, one a line. */
static struct str
rules(const struct fix *f)
{
	const struct rule *const *v;
	size_t n = policy_rules(f->p, &v);
	struct buf b;

	buf_init(&b, f->a);
	for (size_t i = 0; i < n; i++)
		if (rule_ref(v[i])->layer != LAYER_BUILTIN)
			buf_printf(&b, STR_FMT "\n", STR_ARG(rule_ref(v[i])->text));
	return buf_str(&b);
}

/* ---- layers ---- */

static void
test_defaults(void **state)
{
	struct fix f;

	(void)state;
	begin(&f);
	load_well(&f);
	assert_int_equal(policy_default(f.p, DEFAULT_COMMAND), VERDICT_PASS);
	assert_int_equal(policy_default(f.p, DEFAULT_DYNAMIC), VERDICT_ASK);
	assert_int_equal(policy_default(f.p, DEFAULT_OPAQUE), VERDICT_PASS);
	assert_int_equal(policy_default(f.p, DEFAULT_UNKNOWN_PATH), VERDICT_PASS);
	assert_false(policy_default_set(f.p, DEFAULT_COMMAND));
	assert_false(policy_monitor(f.p));
	assert_true(policy_people_ask(f.p));
	end(&f);

	begin(&f);
	add(&f, LAYER_SYSTEM, true, "default allow\ndynamic pass\n");
	add(&f, LAYER_USER, true, "default ask\ndefault edit deny\n");
	add(&f, LAYER_PROJECT, true, "default allow\nopaque ask\n");
	load_well(&f);
	assert_int_equal(policy_default(f.p, DEFAULT_COMMAND), VERDICT_ASK);
	assert_int_equal(policy_default(f.p, DEFAULT_DYNAMIC), VERDICT_PASS);
	assert_int_equal(policy_default(f.p, DEFAULT_EDIT), VERDICT_DENY);
	assert_int_equal(policy_default(f.p, DEFAULT_OPAQUE), VERDICT_ASK);
	assert_true(policy_default_set(f.p, DEFAULT_COMMAND));
	assert_false(policy_default_set(f.p, DEFAULT_READ));
	end(&f);
}

/* A project that nobody trusts may only make things stricter. */
static void
test_untrusted(void **state)
{
	struct fix f;

	(void)state;
	begin(&f);
	add(&f, LAYER_USER, true, "dynamic deny\ndefault allow\nallow fly status\n");
	add(&f, LAYER_PROJECT, false,
	    "mode monitor\ndefault pass\ndynamic pass\nopaque deny\npeople same\n"
	    "let app = x\nallow fly deploy\n    because I say so\n    nonsense is not even read\n"
	    "ask fly deploy --app $app\ndeny fly apps destroy\n    because x\n"
	    "test pass fly deploy\nset audit.required no\n");
	load_well(&f);
	assert_str(rules(&f), "allow fly status\nask fly deploy --app $app\ndeny fly apps destroy\n");
	assert_false(policy_monitor(f.p));
	assert_true(policy_people_ask(f.p));
	assert_int_equal(policy_default(f.p, DEFAULT_COMMAND), VERDICT_PASS); /* stricter than allow */
	assert_int_equal(policy_default(f.p, DEFAULT_DYNAMIC), VERDICT_DENY);
	assert_int_equal(policy_default(f.p, DEFAULT_OPAQUE), VERDICT_DENY);
	assert_null(policy_setting(f.p, "audit.required"));
	assert_int_equal(f.d.warnings, 4); /* mode, people, allow, set */
	end(&f);

	/* What is wrong in it cannot take the others out of force. */
	begin(&f);
	add(&f, LAYER_USER, true, "deny fly deploy\n    because x\n");
	add(&f, LAYER_PROJECT, false, "ask fly nonsense\nask fly status\nwhat is this\n");
	load_well(&f);
	assert_str(rules(&f), "deny fly deploy\nask fly status\n");
	assert_int_equal(f.d.errors, 0);
	assert_int_equal(f.d.warnings, 2);
	end(&f);

	begin(&f);
	add(&f, LAYER_PROJECT, true, "what is this\n");
	assert_int_equal(load(&f), BRIDLE_ESYNTAX);
	assert_null(f.p);
	end(&f);
}

/* What asks instead of lines that have errors, one a line. */
static struct str
stand_ins(const struct fix *f)
{
	const struct rule *const *v;
	size_t n = policy_rules(f->p, &v);
	struct buf b;

	buf_init(&b, f->a);
	for (size_t i = 0; i < n; i++)
		if (str_is(rule_ref(v[i])->name, "project:error"))
			buf_printf(&b, STR_FMT "\n", STR_ARG(rule_ref(v[i])->text));
	return b.n == 0 ? STR("") : buf_str(&b);
}

/* A line with an error in a file that nobody trusts is not dropped in silence. */
static void
test_stand_ins(void **state)
{
	static const struct {
		const char *project, *asks;
	} rows[] = {
		{ "deny fly deploy\n    because x\n", "" },
		{ "dney fly deploy\n    because x\n", "ask fly\n" },
		{ "deny fly deplyo\n    because x\n", "ask fly\n" },
		{ "deny fly deploy\n", "ask fly\n" }, /* no because: the head has the error */
		{ "deny fly deploy\n    becuase x\n", "ask fly deploy\n" },
		{ "deny rm -rf /x\n    because x\n    when nonsense is y\n", "ask rm -rf /x\n" },
		{ "deny FLY_APP=x fly nonsense\n    because x\n", "ask fly\n" },
		{ "deny fly deploy --app $nobody\n    because x\n", "ask fly\n" },
		{ "deny fly deploy --app $a\n    because x\n    nonsense\n", "ask fly\n" },
		{ "deny fly nonsense\n    nonsense\n", "ask fly\n" }, /* a pattern with an error of its own */
		{ "ask edit src/**\n    changin a\n", "ask edit src/**\n" },
		{ "ask edit\n", "ask edit **\n" },
		{ "deny regex (\n    because x\n", "ask glob *\n" },
		{ "default dney\n", "ask glob *\n" },
		{ "include <nowhere>\n", "ask glob *\n" },
		{ "deny\n", "ask glob *\n" },
		{ "deny \"fly\" nonsense\n    because x\n", "ask glob *\n" },
		{ "allow fly nonsense\nlet x\nmode nonsense\ntest nonsense\n", "" },
		{ "\001\n", "ask glob *\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct diag *first = NULL;
		struct fix f;

		begin(&f);
		add(&f, LAYER_USER, true, "deny fly status\n    because x\n");
		add(&f, LAYER_PROJECT, false, rows[i].project);
		load_well(&f);
		if (!str_is(stand_ins(&f), rows[i].asks))
			print_error("row %zu: %s", i, rows[i].project);
		assert_str(stand_ins(&f), rows[i].asks);
		assert_int_equal(policy_broken(f.p, &first) > 0, rows[i].asks[0] != '\0');
		assert_true(rows[i].asks[0] == '\0' || (first != NULL && first->line >= 2));
		assert_int_equal(f.d.errors, 0);
		end(&f);
	}
}

static void
test_monitor(void **state)
{
	static const struct {
		const char *system, *user, *project; /* NULL: no such file */
		bool monitor;
	} rows[] = {
		{ NULL, "mode monitor\n", NULL, true },
		{ NULL, "mode enforce\n", NULL, false },
		{ "", "mode monitor\n", NULL, false },
		{ "mode monitor\n", "", NULL, true },
		{ "mode monitor\n", "mode enforce\n", NULL, true },
		{ NULL, NULL, "mode monitor\n", true },
		{ NULL, "", "mode monitor\n", false },
	};
	struct fix f;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(&f);
		if (rows[i].system != NULL)
			add(&f, LAYER_SYSTEM, true, rows[i].system);
		if (rows[i].user != NULL)
			add(&f, LAYER_USER, true, rows[i].user);
		if (rows[i].project != NULL)
			add(&f, LAYER_PROJECT, true, rows[i].project);
		load_well(&f);
		assert_int_equal(policy_monitor(f.p), rows[i].monitor);
		end(&f);
	}
}

static void
test_settings(void **state)
{
	struct fix f;

	(void)state;
	begin(&f);
	add(&f, LAYER_SYSTEM, true, "set audit.sync always\n");
	add(&f, LAYER_USER, true, "set audit.sync never\nset audit.keep 30d\nset audit.keep 90d\npeople same\n");
	load_well(&f);
	assert_string_equal(policy_setting(f.p, "audit.sync"), "always");
	assert_string_equal(policy_setting(f.p, "audit.keep"), "90d");
	assert_null(policy_setting(f.p, "audit.required"));
	assert_false(policy_people_ask(f.p));
	end(&f);
}

/* ---- lets and includes ---- */

static void
test_lets(void **state)
{
	struct fix f;

	(void)state;
	begin(&f);
	file(&f, "fly", "version 1\nlet app ?= app-api\ndeny fly deploy --app $app\n    because x\n");
	add(&f, LAYER_USER, true, "let app = mine\ninclude <fly>\ninclude <fly>\nask fly status --app $app\n");
	add(&f, LAYER_PROJECT, true, "include <fly>\nask fly logs --app $app\n");
	load_well(&f);
	assert_str(rules(&f), "deny fly deploy --app $app\nask fly status --app $app\n"
			      "deny fly deploy --app $app\nask fly logs --app $app\n");
	end(&f);

	/* Set too late: what was included has used another value. */
	begin(&f);
	file(&f, "fly", "version 1\nlet app ?= app-api\n");
	add(&f, LAYER_USER, true, "include <fly>\nlet app = mine\n");
	assert_int_equal(load(&f), BRIDLE_ESYNTAX);
	assert_str(f.d.list.v[0].message, "`let app` was set before, at fly.policy:2");
	end(&f);

	/* A file's lets are its own, not those of another layer. */
	begin(&f);
	add(&f, LAYER_USER, true, "let app = mine\n");
	add(&f, LAYER_PROJECT, true, "ask fly deploy --app $app\n");
	assert_int_equal(load(&f), BRIDLE_ESYNTAX);
	end(&f);
}

static void
test_too_many_includes(void **state)
{
	struct fix f;
	struct buf b;

	(void)state;
	begin(&f);
	buf_init(&b, f.a);
	for (int i = 0; i < 70; i++) {
		struct str name = str_printf(f.a, "f%d", i);

		file(&f, name.p, "version 1\n");
		buf_printf(&b, "include " STR_FMT "\n", STR_ARG(name));
	}
	add(&f, LAYER_USER, true, b.p);
	assert_int_equal(load(&f), BRIDLE_ESYNTAX);
	assert_str(f.d.list.v[0].message, "more than 64 includes");
	assert_int_equal(f.d.list.v[0].line, 66);
	end(&f);
}

static void
test_too_large(void **state)
{
	struct fix f;
	struct buf b;

	(void)state;
	begin(&f);
	buf_init(&b, f.a);
	while (b.n <= 4u << 20)
		buf_puts(&b, "# a comment that only fills the file\n");
	add(&f, LAYER_USER, true, b.p);
	assert_int_equal(load(&f), BRIDLE_ESYNTAX);
	end(&f);

	begin(&f);
	buf_init(&b, f.a);
	buf_puts(&b, "ask x");
	for (int i = 0; i < 300; i++)
		buf_puts(&b, " y");
	add(&f, LAYER_USER, true, b.p);
	assert_int_equal(load(&f), BRIDLE_ESYNTAX);
	assert_str(f.d.list.v[0].message, "a pattern has at most 256 words");
	end(&f);
}

/* ---- tests and what is given ---- */

static void
test_tests(void **state)
{
	const struct policy_test *t;
	struct fix f;

	(void)state;
	begin(&f);
	add(&f, LAYER_USER, true,
	    "test pass ls # no comment\n"
	    "given app=x branch=main\n"
	    "given env.A='b c' file:fly.toml='app = \"x\"\\n'\n"
	    "test deny fly deploy -a \"$X\" | sh\n"
	    "given cwd=api done:fly config validate --strict\n"
	    "test ask edit fly.toml app=y\n"
	    "ask fly deploy\n"
	    "    given app=z\n"
	    "    test ask fly deploy\n"
	    "test pass ls\n");
	load_well(&f);
	assert_int_equal(policy_tests(f.p, &t), 5);
	assert_str(t[0].command, "ls # no comment");
	assert_int_equal(t[0].ngivens, 0);
	assert_str(t[1].command, "fly deploy -a \"$X\" | sh");
	assert_int_equal(t[1].ngivens, 4);
	assert_str(t[1].givens[2].key, "env.A");
	assert_str(t[1].givens[2].value, "b c");
	assert_str(t[1].givens[3].value, "app = \"x\"\\n");
	assert_int_equal(t[2].ngivens, 2);
	assert_true(t[2].edit);
	assert_str(t[2].command, "fly.toml app=y");
	assert_str(t[2].givens[1].key, "done");
	assert_str(t[2].givens[1].value, "fly config validate --strict");
	assert_int_equal(t[3].ngivens, 0);
	assert_null(t[3].rule);
	assert_int_equal(t[4].ngivens, 1);
	assert_str(rule_ref(t[4].rule)->text, "ask fly deploy");
	end(&f);
}

/* ---- fmt ---- */

static void
test_format(void **state)
{
	static const char before[] = "\xef\xbb\xbf# head  \r\nversion   1\n\n\n\nlet app   ?=  a  'b  c'   # why\n"
				     "deny  git push   origin \"x  y\"#z\n"
				     "\tbecause   Two  blanks # stay\n"
				     "  # a note\n"
				     " except   glob   a  b\n"
				     " test deny   fly  deploy\n"
				     " test allow x\n"
				     "  when   app is   x  and text matches   a  b\n"
				     "  given   app=x   done:fly  x\n"
				     "   final\n"
				     "allow fly \\\n   status \\\n --json\n"
				     "deny regex   a  b\n"
				     "test   pass  ls   -l\n\n\n";
	static const char after[] = "# head\nversion 1\n\nlet app ?= a 'b  c'  # why\n"
				    "deny git push origin \"x  y\"#z\n"
				    "    because Two  blanks # stay\n"
				    "    # a note\n"
				    "    except  glob a  b\n"
				    "    test    deny  fly  deploy\n"
				    "    test    allow x\n"
				    "    when    app is x and text matches a  b\n"
				    "    given   app=x done:fly  x\n"
				    "    final\n"
				    "allow fly \\\n        status \\\n        --json\n"
				    "deny regex a  b\n"
				    "test pass ls   -l\n";
	struct arena *a = arena_new(0);
	struct str out, again;
	struct diags d;

	(void)state;
	diags_init(&d, a);
	assert_int_equal(policy_format(a, str_of(before), STR("f"), &out, &d), 0);
	assert_str(out, after);
	assert_int_equal(policy_format(a, out, STR("f"), &again, &d), 0);
	assert_str(again, after);
	assert_int_equal(policy_format(a, STR("version 1\n\x01\n"), STR("f"), &out, &d), BRIDLE_ESYNTAX);
	assert_int_equal(d.errors, 1);
	arena_free(a);
}

/* ---- lint ---- */

static void
test_lint(void **state)
{
	static const struct {
		const char *text, *warning; /* NULL: none */
	} rows[] = {
		{ "allow fly status\n", NULL },
		{ "allow fly deploy --now\ndeny fly deploy\n    because x\n",
		    "this allow never counts: user:3 denies all of it" },
		{ "allow fly deploy --now\ndeny fly\n    because x\n",
		    "this allow never counts: user:3 denies all of it" },
		{ "allow fly deploy --now\ndeny fly deploy\n    because x\n    except fly deploy --now\n", NULL },
		{ "allow fly deploy\ndeny fly deploy --now\n    because x\n", NULL },
		{ "allow fly deploy --app a\ndeny fly deploy --app {a,b}\n    because x\n",
		    "this allow never counts: user:3 denies all of it" },
		{ "allow fly deploy --app {a,b}\ndeny fly deploy --app a\n    because x\n", NULL },
		{ "allow mytool a b\ndeny mytool a\n    because x\n",
		    "this allow never counts: user:3 denies all of it" },
		{ "deny fly deploy --app app-api*\n    because x\n",
		    "the star in `app-api*` also takes longer names" },
		{ "ask mytool x-* +* *x* [ab]*\n", NULL },
		{ "ask mytool --opt v1*\n", "the star in `v1*` also takes longer names" },
		{ "ask mytool feat/* *\n", NULL },
		{ "allow git push\n", "this allows a push to any branch" },
		{ "allow git push origin feat/*\n", NULL },
		{ "deny regex /etc/passwd\n    because x\n",
		    "this regular expression names a path and is not anchored" },
		{ "deny regex (^| )/etc/passwd\n    because x\n", NULL },
		{ "deny raw regex \"x\"\n    because x\n", "the quotes are part of the pattern" },
		{ "deny glob 'make deploy*'\n    because x\n", "the quotes are part of the pattern" },
		{ "deny regex \"x\" y\n    because x\n", NULL },
	};
	struct fix f;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(&f);
		add(&f, LAYER_USER, true, rows[i].text);
		load_well(&f);
		policy_lint(f.p, &f.d);
		if (f.d.warnings != (rows[i].warning != NULL))
			print_error("%s", rows[i].text);
		assert_int_equal(f.d.warnings, rows[i].warning != NULL);
		if (rows[i].warning != NULL)
			assert_str(f.d.list.v[0].message, rows[i].warning);
		end(&f);
	}
}

/* ---- the rest of the door ---- */

static void
test_built_in(void **state)
{
	const struct rule *const *v;
	struct fix f;
	size_t n;

	(void)state;
	begin(&f);
	load_well(&f);
	n = policy_rules(f.p, &v);
	assert_true(n > 10);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(rule_ref(v[i])->layer, LAYER_BUILTIN);
		assert_true(str_starts(rule_ref(v[i])->name, STR("bridle:")));
		assert_true(rule_ref(v[i])->because.n > 0);
	}
	end(&f);
}

static void
test_tool_names(void **state)
{
	struct str *names;
	struct fix f;
	size_t n;
	int found = 0;

	(void)state;
	begin(&f);
	add(&f, LAYER_USER, true, "ask tool WebFetch Web.* mcp__fly__*\n");
	load_well(&f);
	assert_int_equal(policy_tool_names(f.p, f.a, &names, &n), 0);
	for (size_t i = 0; i < n; i++)
		found += str_is(names[i], "Bash") + str_is(names[i], "WebFetch") + str_is(names[i], "Web\\..*") +
		    str_is(names[i], "mcp__.*");
	assert_int_equal(found, 4);
	end(&f);
}

/* Memory that ends at any point ends in the guard. */
static void
test_no_memory(void **state)
{
	volatile bool done = false;

	(void)state;
	for (volatile size_t n = 1; !done; n += n < 200 ? 1 : n / 20) {
		struct arena *volatile a = arena_new(0);
		struct policy_source s = { .layer = LAYER_USER, .trusted = true, .name = STR("t"),
			.text = STR("version 1\nlet a = b c\ndeny fly deploy --app $a\n    because x\n"
				    "ask edit src/**\nwhat\n") };
		struct policy *p = NULL;
		struct diags d;
		jmp_buf jb;

		arena_fail_at(a, n);
		if (ARENA_GUARD(a, jb) == 0) {
			diags_init(&d, a);
			assert_int_equal(policy_load(a, &s, 1, NULL, &p, &d), BRIDLE_ESYNTAX);
			done = true;
		}
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_untrusted),
		cmocka_unit_test(test_stand_ins),
		cmocka_unit_test(test_monitor),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_lets),
		cmocka_unit_test(test_too_many_includes),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_tests),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_lint),
		cmocka_unit_test(test_built_in),
		cmocka_unit_test(test_tool_names),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
