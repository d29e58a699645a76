/* SPDX-License-Identifier: ISC */
/*
 * test_policy_match.c: rules against actions made by hand, for what no command
 * line can be made to say at will: flags, unknown fields, doubt. Rows that need
 * only a command line: tests/cases/policy.cases.
 */
#include "bridle/decide.h"

#include "check.h"

#include <string.h>

struct fix {
	struct arena *a;
	struct policy *p;
	struct table_world table;
	struct world w;
	struct request r;
	struct action act;
	struct hits hits;
};

static void
begin(struct fix *f, const char *rules)
{
	struct policy_source s = { .layer = LAYER_USER, .trusted = true, .name = STR("t") };
	struct diags d;

	memset(f, 0, sizeof *f);
	f->a = arena_new(0);
	diags_init(&d, f->a);
	s.text = str_printf(f->a, "version 1\n%s", rules);
	if (policy_load(f->a, &s, 1, NULL, &f->p, &d) != 0) {
		struct buf out;

		buf_init(&out, f->a);
		diags_print(&d, &out, false);
		fail_msg("%s", out.p);
	}
	decide_test_world(&f->table, &f->r, f->a, &f->w);
}

static void
end(struct fix *f)
{
	arena_free(f->a);
}

static struct words
words(struct arena *a, const char *text)
{
	VEC(struct word) v = { 0 };
	struct str s = str_of(text);

	while (s.n > 0) {
		size_t blank = str_chr(s, ' ');
		struct str one = str_sub(s, 0, blank == STR_NPOS ? s.n : blank);

		*vec_push(a, &v) = one.p[0] == '$' ? word_any(a, one) : word_text(a, one);
		s = str_sub(s, blank == STR_NPOS ? s.n : blank + 1, s.n);
	}
	return (struct words){ v.v, v.n };
}

/* A command as tools would make it; `$X` is a word that is not known. */
static struct action *
command(struct fix *f, const char *text, const char *path)
{
	struct words ws = words(f->a, path);
	struct action *act = &f->act;
	struct str *v = NEW_ARRAY(f->a, struct str, ws.n + 1);

	memset(act, 0, sizeof *act);
	act->kind = ACTION_COMMAND;
	act->id = 1;
	act->runs = true;
	act->typed = str_of(text);
	act->argv = words(f->a, text);
	act->cwd = word_text(f->a, STR("/project"));
	word_known(f->a, act->argv.v[0], &act->tool);
	act->model = models_find(policy_models(f->p), act->tool);
	for (size_t i = 0; i < ws.n; i++)
		word_known(f->a, ws.v[i], &v[i]);
	act->path = v;
	act->npath = ws.n;
	return act;
}

static void
field(struct fix *f, const char *name, enum field_state state, const char *values)
{
	struct field *v = NEW_ARRAY(f->a, struct field, f->act.nfields + 1);

	if (f->act.nfields > 0)
		memcpy(v, f->act.fields, f->act.nfields * sizeof *v);
	v[f->act.nfields++] = (struct field){ .name = str_of(name), .state = state, .values = words(f->a, values) };
	f->act.fields = v;
}

static void
option(struct fix *f, const char *name, enum option_class cls, const char *values)
{
	struct option_value *v = NEW_ARRAY(f->a, struct option_value, f->act.noptions + 1);

	if (f->act.noptions > 0)
		memcpy(v, f->act.options, f->act.noptions * sizeof *v);
	v[f->act.noptions++] = (struct option_value){ .name = str_of(name), .cls = cls,
		.boolean = values[0] == '\0', .values = words(f->a, values) };
	f->act.options = v;
}

/* How the first rule of the file (behind the built-in ones) matches. */
static enum tri
match(struct fix *f)
{
	struct match_world mw = { &f->w, &f->r, NULL };
	enum tri t = TRI_NO;

	policy_match(f->p, &mw, &f->act, f->a, &f->hits);
	for (size_t i = 0; i < f->hits.list.n; i++)
		if (rule_ref(f->hits.list.v[i].rule)->layer != LAYER_BUILTIN)
			t = tri_or(t, f->hits.list.v[i].match);
	return t;
}

#define assert_match(f, want) assert_int_equal(match(f), want)

/* ---- fields ---- */

static void
test_needs(void **state)
{
	struct fix f;

	(void)state;
	begin(&f, "deny fly deploy --app prod\n    because x\n");
	command(&f, "fly deploy", "deploy");
	assert_match(&f, TRI_NO);
	field(&f, "app", FIELD_PRESENT, "prod");
	assert_match(&f, TRI_YES);
	command(&f, "fly deploy", "deploy");
	field(&f, "app", FIELD_PRESENT, "staging");
	assert_match(&f, TRI_NO);
	command(&f, "fly deploy", "deploy");
	field(&f, "app", FIELD_PRESENT, "$X");
	assert_match(&f, TRI_MAYBE);
	assert_str(f.hits.list.v[0].why, "the app is not known: $X");
	command(&f, "fly deploy", "deploy");
	field(&f, "app", FIELD_UNKNOWN, "");
	assert_match(&f, TRI_MAYBE);
	command(&f, "fly deploy", "deploy");
	field(&f, "app", FIELD_ABSENT, "");
	assert_match(&f, TRI_NO);
	command(&f, "fly status", "status");
	field(&f, "app", FIELD_PRESENT, "prod");
	assert_match(&f, TRI_NO);
	end(&f);
}

/* Of several values one is enough to deny, all are needed to allow. */
static void
test_several_values(void **state)
{
	struct fix f;

	(void)state;
	begin(&f, "deny fly status --app prod\n    because x\n");
	command(&f, "fly status", "status");
	field(&f, "app", FIELD_PRESENT, "a prod");
	assert_match(&f, TRI_YES);
	end(&f);
	begin(&f, "allow fly status --app prod\n");
	command(&f, "fly status", "status");
	field(&f, "app", FIELD_PRESENT, "a prod");
	assert_match(&f, TRI_NO);
	command(&f, "fly status", "status");
	field(&f, "app", FIELD_PRESENT, "prod prod");
	assert_match(&f, TRI_YES);
	end(&f);
}

static void
test_when(void **state)
{
	static const struct {
		const char *clause;
		enum field_state state;
		const char *values;
		enum tri ask, allow;
	} rows[] = {
		{ "region is lhr", FIELD_ABSENT, "", TRI_NO, TRI_NO },
		{ "region is not lhr", FIELD_ABSENT, "", TRI_YES, TRI_YES },
		{ "region is *", FIELD_ABSENT, "", TRI_NO, TRI_NO },
		{ "region is *", FIELD_PRESENT, "ams", TRI_YES, TRI_YES },
		{ "region is *", FIELD_UNKNOWN, "", TRI_MAYBE, TRI_NO },
		{ "region is not *", FIELD_ABSENT, "", TRI_YES, TRI_YES },
		{ "region is lhr iad", FIELD_PRESENT, "iad", TRI_YES, TRI_YES },
		{ "region is lhr", FIELD_PRESENT, "iad", TRI_NO, TRI_NO },
		{ "region is lhr", FIELD_PRESENT, "lhr iad", TRI_YES, TRI_NO },
		{ "region is not lhr", FIELD_PRESENT, "lhr iad", TRI_YES, TRI_NO },
		{ "region is not lhr", FIELD_PRESENT, "lhr", TRI_NO, TRI_NO },
		{ "region is lhr", FIELD_PRESENT, "$R", TRI_MAYBE, TRI_NO },
		{ "region is not lhr", FIELD_PRESENT, "$R", TRI_MAYBE, TRI_NO },
		{ "region matches ^l", FIELD_PRESENT, "lhr", TRI_YES, TRI_YES },
		{ "region matches ^l", FIELD_PRESENT, "$R", TRI_MAYBE, TRI_NO },
		{ "region is * and region is not lhr", FIELD_PRESENT, "ams", TRI_YES, TRI_YES },
		{ "region is * and region is not lhr", FIELD_ABSENT, "", TRI_NO, TRI_NO },
	};
	struct fix f;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (int allow = 0; allow < 2; allow++) {
			char text[200];
			enum tri want = allow ? rows[i].allow : rows[i].ask, got;

			snprintf(text, sizeof text, "%s fly status\n    when %s\n", allow ? "allow" : "ask", rows[i].clause);
			begin(&f, text);
			command(&f, "fly status", "status");
			field(&f, "region", rows[i].state, rows[i].values);
			got = match(&f);
			if (got != want)
				print_error("%s, values %s\n", text, rows[i].values);
			assert_int_equal(got, want);
			end(&f);
		}
}

/* ---- options ---- */

static void
test_option_classes(void **state)
{
	static const struct {
		enum option_class cls;
		bool plain, rest, named;
	} rows[] = {
		{ OPTION_OUTPUT, true, true, true },
		{ OPTION_NEUTRAL, true, true, true },
		{ OPTION_SCOPE, true, true, true },
		{ OPTION_PLAIN, false, true, true },
		{ OPTION_DOOR, false, false, true },
	};
	struct fix f;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(&f, "allow fly deploy\n");
		command(&f, "fly deploy", "deploy");
		option(&f, "image", rows[i].cls, "x");
		assert_int_equal(match(&f) == TRI_YES, rows[i].plain);
		end(&f);
		begin(&f, "allow fly deploy ...\n");
		command(&f, "fly deploy", "deploy");
		option(&f, "image", rows[i].cls, "x");
		assert_int_equal(match(&f) == TRI_YES, rows[i].rest);
		end(&f);
		begin(&f, "allow fly deploy --image x\n");
		command(&f, "fly deploy", "deploy");
		option(&f, "image", rows[i].cls, "x");
		assert_int_equal(match(&f) == TRI_YES, rows[i].named);
		command(&f, "fly deploy", "deploy");
		option(&f, "image", rows[i].cls, "y");
		assert_match(&f, TRI_NO);
		end(&f);
	}
}

static void
test_options_in_doubt(void **state)
{
	struct option_value *o;
	struct fix f;

	(void)state;
	begin(&f, "deny fly deploy --now\n    because x\n");
	command(&f, "fly deploy", "deploy");
	assert_match(&f, TRI_NO);
	option(&f, "now", OPTION_PLAIN, "");
	assert_match(&f, TRI_YES);
	memcpy(&o, &f.act.options, sizeof o);
	o->maybe = true;
	assert_match(&f, TRI_MAYBE);
	command(&f, "fly deploy $X", "deploy");
	f.act.parse_maybe = true;
	assert_match(&f, TRI_MAYBE);
	command(&f, "fly deploy", "deploy");
	f.act.unparsed_rest = true;
	assert_match(&f, TRI_MAYBE);
	end(&f);
	begin(&f, "allow fly deploy ...\n");
	command(&f, "fly deploy", "deploy");
	option(&f, "brand-new", OPTION_PLAIN, "");
	memcpy(&o, &f.act.options, sizeof o);
	o->unknown_option = true;
	assert_match(&f, TRI_NO);
	end(&f);
}

/* ---- the subcommand ---- */

static void
test_path_in_doubt(void **state)
{
	static const struct {
		const char *text, *path;
		enum tri destroy, group, any;
	} rows[] = {
		{ "fly volumes destroy v", "volumes destroy", TRI_YES, TRI_YES, TRI_YES },
		{ "fly volumes list", "volumes list", TRI_NO, TRI_YES, TRI_YES },
		{ "fly volumes $X", "volumes", TRI_MAYBE, TRI_YES, TRI_YES },
		{ "fly $X", "", TRI_MAYBE, TRI_MAYBE, TRI_YES },
		{ "fly $X list", "list", TRI_MAYBE, TRI_MAYBE, TRI_YES },
		{ "fly -a prod $X status", "status", TRI_MAYBE, TRI_MAYBE, TRI_YES },
		{ "fly status $X", "status", TRI_NO, TRI_NO, TRI_YES },
		{ "fly volumes list $X", "volumes list", TRI_NO, TRI_YES, TRI_YES },
	};
	struct fix f;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(&f, "deny fly volumes destroy\n    because x\n");
		command(&f, rows[i].text, rows[i].path);
		f.act.parse_maybe = strchr(rows[i].text, '$') != NULL;
		if (match(&f) != rows[i].destroy)
			print_error("%s\n", rows[i].text);
		assert_match(&f, rows[i].destroy);
		end(&f);
		begin(&f, "ask fly volumes\n");
		command(&f, rows[i].text, rows[i].path);
		f.act.parse_maybe = strchr(rows[i].text, '$') != NULL;
		assert_match(&f, rows[i].group);
		end(&f);
		begin(&f, "ask fly\n");
		command(&f, rows[i].text, rows[i].path);
		f.act.parse_maybe = strchr(rows[i].text, '$') != NULL;
		assert_match(&f, rows[i].any);
		end(&f);
	}
}

/* ---- flags ---- */

static void
test_flags(void **state)
{
	static const struct {
		unsigned flags;
		bool runs;
		enum tri allow, deny, except; /* except: the deny of a rule whose except covers it */
	} rows[] = {
		{ 0, true, TRI_YES, TRI_YES, TRI_NO },
		{ 0, false, TRI_NO, TRI_YES, TRI_YES },
		{ ACTION_INNER, true, TRI_NO, TRI_YES, TRI_NO },
		{ ACTION_LOOKED, true, TRI_NO, TRI_YES, TRI_NO },
		{ ACTION_GUESS, true, TRI_NO, TRI_MAYBE, TRI_NO },
		{ ACTION_TAINTED, true, TRI_NO, TRI_YES, TRI_YES },
		{ ACTION_FOREIGN, true, TRI_NO, TRI_YES, TRI_YES },
		{ ACTION_OUTSIDE, true, TRI_NO, TRI_YES, TRI_YES },
		{ ACTION_HARMLESS, true, TRI_NO, TRI_YES, TRI_NO },
	};
	static const char *const patterns[] = { "fly status", "glob fly status", "regex fly status" };
	struct fix f;
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (size_t k = 0; k < 3; k++) {
			snprintf(text, sizeof text, "allow %s\n", patterns[k]);
			begin(&f, text);
			command(&f, "fly status", "status")->flags = rows[i].flags;
			f.act.runs = rows[i].runs;
			assert_match(&f, rows[i].allow);
			end(&f);
			snprintf(text, sizeof text, "deny %s\n    because x\n", patterns[k]);
			begin(&f, text);
			command(&f, "fly status", "status")->flags = rows[i].flags;
			f.act.runs = rows[i].runs;
			assert_match(&f, rows[i].deny);
			end(&f);
			snprintf(text, sizeof text, "deny fly status\n    because x\n    except %s\n", patterns[k]);
			begin(&f, text);
			command(&f, "fly status", "status")->flags = rows[i].flags;
			f.act.runs = rows[i].runs;
			assert_match(&f, rows[i].except);
			end(&f);
		}
}

/* In looked-into code a maybe counts for nothing. */
static void
test_looked_maybe(void **state)
{
	struct fix f;

	(void)state;
	begin(&f, "deny fly deploy --app prod\n    because x\n");
	command(&f, "fly deploy", "deploy")->flags = ACTION_LOOKED;
	field(&f, "app", FIELD_UNKNOWN, "");
	assert_match(&f, TRI_NO);
	end(&f);
}

static void
test_assigns(void **state)
{
	struct assign as = { .name = STR("NODE_OPTIONS") };
	struct fix f;

	(void)state;
	begin(&f, "allow fly status\n");
	command(&f, "fly status", "status");
	as.value = word_text(f.a, STR("x"));
	f.act.assigns = &as;
	f.act.nassigns = 1;
	assert_match(&f, TRI_NO);
	as.safe = true;
	assert_match(&f, TRI_YES);
	end(&f);
	begin(&f, "allow NODE_OPTIONS=x fly status\n");
	as.safe = false;
	command(&f, "fly status", "status");
	assert_match(&f, TRI_NO);
	f.act.assigns = &as;
	f.act.nassigns = 1;
	as.value = word_text(f.a, STR("x"));
	assert_match(&f, TRI_YES);
	as.value = word_text(f.a, STR("y"));
	assert_match(&f, TRI_NO);
	as.value = word_any(f.a, STR("$Y"));
	assert_match(&f, TRI_NO);
	end(&f);
}

/* ---- files ---- */

static void
file(struct fix *f, enum action_kind kind, unsigned flags, const char *path)
{
	struct word *w = NEW(f->a, struct word);
	struct str s = str_of(path);

	memset(&f->act, 0, sizeof f->act);
	*w = (struct word){ 0 };
	while (s.n > 0) { /* $ stands for any text, % for any without a slash */
		size_t end = 0;

		if (s.p[0] == '$') {
			*w = word_cat(f->a, *w, word_any(f->a, STR("$X")));
			s = str_sub(s, 1, s.n);
			continue;
		}
		while (end < s.n && s.p[end] != '$')
			end++;
		*w = word_cat(f->a, *w, word_text(f->a, str_sub(s, 0, end)));
		s = str_sub(s, end, s.n);
	}
	f->act.kind = kind;
	f->act.flags = flags;
	f->act.cwd = word_text(f->a, STR("/project"));
	f->act.file = (struct words){ w, 1 };
}

static void
test_paths(void **state)
{
	static const struct {
		const char *pattern, *path;
		enum tri deny, allow;
	} rows[] = {
		{ "fly.toml", "/project/fly.toml", TRI_YES, TRI_YES },
		{ "fly.toml", "/project/api/fly.toml", TRI_YES, TRI_YES },
		{ "fly.toml", "/elsewhere/fly.toml", TRI_YES, TRI_NO },
		{ "fly.toml", "/projectx/fly.toml", TRI_YES, TRI_NO },
		{ "fly.toml", "/project/xfly.toml", TRI_NO, TRI_NO },
		{ "fly.toml", "/project/fly.toml/x", TRI_YES, TRI_NO },
		{ "/fly.toml", "/project/fly.toml", TRI_YES, TRI_YES },
		{ "/fly.toml", "/project/api/fly.toml", TRI_NO, TRI_NO },
		{ "api/fly.toml", "/project/api/fly.toml", TRI_YES, TRI_YES },
		{ "api/fly.toml", "/project/x/api/fly.toml", TRI_NO, TRI_NO },
		{ "**/api/fly.toml", "/project/x/api/fly.toml", TRI_YES, TRI_YES },
		{ "**/api/fly.toml", "/project/api/fly.toml", TRI_YES, TRI_YES },
		{ "a/**/b", "/project/a/b", TRI_YES, TRI_YES },
		{ "a/**/b", "/project/a/x/y/b", TRI_YES, TRI_YES },
		{ "a/**/b", "/project/ab", TRI_NO, TRI_NO },
		{ "src/**", "/project/src/a/b", TRI_YES, TRI_YES },
		{ "src/**", "/project/src", TRI_NO, TRI_NO },
		{ "src/", "/project/src/a/b", TRI_YES, TRI_YES },
		{ "src/", "/project/x/src/a", TRI_YES, TRI_YES },
		{ "src/*", "/project/src/a", TRI_YES, TRI_YES },
		{ "src/*", "/project/src/a/b", TRI_YES, TRI_NO },
		{ "*.ts", "/project/src/a.ts", TRI_YES, TRI_YES },
		{ "src/*.ts", "/project/src/x/a.ts", TRI_NO, TRI_NO },
		{ "src/?.ts", "/project/src/a.ts", TRI_YES, TRI_YES },
		{ "src/?.ts", "/project/src//.ts", TRI_NO, TRI_NO },
		{ "{a,b}.txt", "/project/b.txt", TRI_YES, TRI_YES },
		{ "//etc/hosts", "/etc/hosts", TRI_YES, TRI_YES },
		{ "~/.fly/", "/home/dev/.fly/x", TRI_YES, TRI_YES },
		{ "~/.fly/", "/home/dev/.flyx", TRI_NO, TRI_NO },
		{ ".env .env.* !.env.example", "/project/.env.local", TRI_YES, TRI_YES },
		{ ".env .env.* !.env.example", "/project/.env.example", TRI_NO, TRI_NO },
		{ "fly.toml", "/project/x/../fly.toml", TRI_YES, TRI_YES },
		/* part-known */
		{ "fly.toml", "/project/$", TRI_NO, TRI_NO },
		{ "fly.toml", "$", TRI_NO, TRI_NO },
		{ "fly.toml", "$/fly.toml", TRI_YES, TRI_NO },
		{ "fly.toml", "/project/src/$", TRI_MAYBE, TRI_NO },
		{ "fly.toml", "/project/src/$.ts", TRI_NO, TRI_NO },
		{ "fly.toml", "/project/fly.$", TRI_MAYBE, TRI_NO },
		{ "/infra/**", "/project/src/$", TRI_MAYBE, TRI_NO },
		{ "/infra/**", "/project/src/$/a.tf", TRI_NO, TRI_NO },
		{ "/infra/**", "/project/infra/$/a.tf", TRI_YES, TRI_NO },
		{ "src/**", "/project/src/$", TRI_MAYBE, TRI_NO },
		{ ".env.* !.env.example", "/project/.env.$", TRI_MAYBE, TRI_NO },
	};
	struct fix f;
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (int allow = 0; allow < 2; allow++) {
			enum tri want = allow ? rows[i].allow : rows[i].deny;

			snprintf(text, sizeof text, "%s edit %s\n    because x\n", allow ? "allow" : "deny", rows[i].pattern);
			begin(&f, text);
			file(&f, ACTION_EDIT, ACTION_SELF, rows[i].path);
			if (match(&f) != want)
				print_error("%s: %s\n", text, rows[i].path);
			assert_match(&f, want);
			end(&f);
		}
}

static void
test_file_flags(void **state)
{
	static const struct {
		enum action_kind kind;
		unsigned flags;
		const char *rule;
		enum tri want;
	} rows[] = {
		{ ACTION_EDIT, ACTION_REDIRECT, "allow edit a", TRI_YES },
		{ ACTION_EDIT, ACTION_OPERAND, "allow edit a", TRI_NO },
		{ ACTION_EDIT, ACTION_OPERAND, "ask edit a", TRI_YES },
		{ ACTION_EDIT, ACTION_DEVICE, "ask edit a", TRI_NO },
		{ ACTION_EDIT, ACTION_NETFILE, "allow edit a", TRI_NO },
		{ ACTION_READ, ACTION_SELF, "allow read a", TRI_YES },
		{ ACTION_READ, ACTION_REDIRECT, "allow read a", TRI_NO },
		{ ACTION_READ, ACTION_REDIRECT, "ask read a", TRI_YES },
		{ ACTION_READ, ACTION_SELF | ACTION_RECURSIVE, "ask read a", TRI_YES },
		{ ACTION_READ, ACTION_SELF | ACTION_RECURSIVE, "ask read a/b", TRI_NO },
		{ ACTION_READ, ACTION_SELF | ACTION_RECURSIVE, "ask read b", TRI_NO },
		{ ACTION_READ, ACTION_SELF, "ask edit a", TRI_NO },
		{ ACTION_EDIT, ACTION_INNER, "ask edit a", TRI_YES },
		{ ACTION_EDIT, ACTION_INNER, "allow edit a", TRI_NO },
	};
	struct fix f;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(&f, rows[i].rule);
		file(&f, rows[i].kind, rows[i].flags, "/project/a");
		if (match(&f) != rows[i].want)
			print_error("row %zu\n", i);
		assert_match(&f, rows[i].want);
		end(&f);
	}
}

static void
test_tools(void **state)
{
	struct fix f;

	(void)state;
	begin(&f, "ask tool mcp__fly__* Write\n");
	memset(&f.act, 0, sizeof f.act);
	f.act.kind = ACTION_TOOL;
	f.act.tool = STR("mcp__fly__fly-apps-destroy");
	assert_match(&f, TRI_YES);
	f.act.tool = STR("mcp__linear__create_issue");
	assert_match(&f, TRI_NO);
	file(&f, ACTION_EDIT, ACTION_SELF, "/project/a");
	f.r.tool = STR("Write");
	assert_match(&f, TRI_YES);
	f.act.flags = ACTION_OPERAND;
	assert_match(&f, TRI_NO);
	end(&f);
}

/* ---- order and layers of hits ---- */

static void
test_strictest_first(void **state)
{
	struct fix f;

	(void)state;
	begin(&f, "allow fly status\nask fly\ndeny fly status\n    because x\nask fly status\nallow fly ...\n");
	command(&f, "fly status", "status");
	assert_match(&f, TRI_YES);
	assert_int_equal(f.hits.list.n, 5);
	for (size_t i = 1; i < 5; i++) {
		const struct rule_ref *x = rule_ref(f.hits.list.v[i - 1].rule), *y = rule_ref(f.hits.list.v[i].rule);

		assert_true(x->verdict > y->verdict || (x->verdict == y->verdict && x->line < y->line));
	}
	end(&f);
}

/* ---- bounds ---- */

/* A regular expression that would take for ever is a maybe, never a yes or no. */
static void
test_regex_bound(void **state)
{
	char text[400] = "evil ";
	struct fix f;

	(void)state;
	memset(text + 5, 'a', 60);
	strcpy(text + 65, "!");
	begin(&f, "deny regex ^evil (a|aa|aaa)*(a+)+(a+)+(a+)+$\n    because x\n");
	command(&f, text, "");
	assert_match(&f, TRI_MAYBE);
	assert_str(f.hits.list.v[0].why, "the regular expression needed too many steps on this text");
	end(&f);
	begin(&f, "allow regex evil (a|aa|aaa)*(a+)+(a+)+(a+)+\n");
	command(&f, text, "");
	assert_match(&f, TRI_NO);
	end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_several_values),
		cmocka_unit_test(test_when),
		cmocka_unit_test(test_option_classes),
		cmocka_unit_test(test_options_in_doubt),
		cmocka_unit_test(test_path_in_doubt),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_looked_maybe),
		cmocka_unit_test(test_assigns),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_file_flags),
		cmocka_unit_test(test_tools),
		cmocka_unit_test(test_strictest_first),
		cmocka_unit_test(test_regex_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
