/* SPDX-License-Identifier: ISC */
/*
 * import.c: `bridle import`: the permission rules of Claude Code's settings as
 * a policy that shows, rule by rule, what the old text hit and missed; and,
 * where a person says so, the replaced rules out of the settings. How a rule
 * is turned: translate.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridle/limits.h"
#include "import.h"
#include "install.h"

static int run_import(int argc, char **argv);

const struct command cmd_import = { "import",
	"import [--settings user | project | local] [--to FILE] [--yes] [--keep] [--dry-run] [--json] [FILE]",
	"turn Claude Code's permission rules into a policy",
	"Prints the policy, each rule with what the old one hit and missed. At a terminal it\n"
	"then asks whether to write it, and whether to take the replaced rules out of the\n"
	"settings: the client's own deny and ask rules hold beside bridle's allow.\n"
	"  --settings WHICH  user (default), project or local settings of Claude Code\n"
	"  FILE              another settings file\n"
	"  --to FILE         the policy file (default: policy.d/claude-code.policy beside\n"
	"                    yours; for project settings .bridle/policy there)\n"
	"  --yes             write it and take the replaced rules out, ask nothing\n"
	"  --keep            leave the settings as they are\n"
	"  --dry-run         also show what would change in the settings; change nothing\n"
	"  --json            the report for scripts; change nothing\n",
	run_import };

#define MOST_EXAMPLES 4

struct import {
	struct arena *a;
	bool yes, keep, dry, json;
	const char *which, *to, *file;
	struct str settings_path, before, after;
	struct str policy_path, policy;
	VEC(struct new_rule) rules;
	size_t translated, removable;
};

/* A rule that now also holds by fly.toml may catch what another rule allowed
 * all along: then that is its exception. */
static void
add_exception(struct import *m, struct new_rule *strict, const struct new_rule *allow)
{
	struct example e = allow->base;
	struct str pattern = str_sub(allow->text, 6, str_chr(allow->text, '\n') - 6);
	struct policy *p;
	struct str text;

	for (size_t i = 0; i < strict->missed.list.n; i++)
		if (str_starts(strict->missed.list.v[i].given[0], STR("app=")))
			e.given[0] = strict->missed.list.v[i].given[0];
	if (str_starts(pattern, STR("glob ")) || old_rule_hits(&strict->old, e.command) ||
	    (p = import__load(m->a, strict->text)) == NULL || import__judge(p, &e) < VERDICT_ASK)
		return;
	text = str_printf(m->a, STR_FMT "    except  " STR_FMT "\n", STR_ARG(strict->text), STR_ARG(pattern));
	if (import__load(m->a, text) != NULL)
		strict->text = text;
}

static void
add_exceptions(struct import *m)
{
	for (size_t i = 0; i < m->rules.n; i++)
		for (size_t k = 0; k < m->rules.n; k++) {
			struct new_rule *strict = &m->rules.v[i], *allow = &m->rules.v[k];

			if (strict->old.list != OLD_ALLOW && allow->old.list == OLD_ALLOW && strict->text.n > 0 &&
			    allow->text.n > 0 && strict->base.command.n > 0 && allow->base.command.n > 0)
				add_exception(m, strict, allow);
		}
}

/* ---- the policy as text ---- */
static void
add_examples(struct buf *b, const char *title, const struct examples *list)
{
	for (size_t i = 0; i < list->list.n; i++) {
		const struct example *e = &list->list.v[i];

		buf_printf(b, "%s" STR_FMT, i == 0 ? title : "; ", STR_ARG(e->command));
		if (str_starts(e->given[0], STR("app=")))
			buf_printf(b, " (fly.toml says " STR_FMT ")", STR_ARG(str_sub(e->given[0], 4, STR_NPOS)));
		else if (str_is(e->given[0], "branch=main"))
			buf_puts(b, " (on main)");
	}
	if (list->list.n > 0)
		buf_putc(b, '\n');
}

/* As the policy as a whole decides it now; what other rules change is left out. */
static void
add_tests(struct buf *b, const struct policy *all, const struct new_rule *r, const struct examples *list, bool hit, struct str *given)
{
	enum verdict own = r->old.list == OLD_DENY ? VERDICT_DENY : r->old.list == OLD_ASK ? VERDICT_ASK : VERDICT_ALLOW;

	for (size_t i = 0; all != NULL && i < list->list.n; i++) {
		const struct example *e = &list->list.v[i];
		enum verdict v = import__judge(all, e);

		if (hit ? v != own : v != VERDICT_PASS)
			continue;
		if (e->given[0].n > 0 && !str_eq(e->given[0], *given))
			buf_printf(b, "    given   " STR_FMT "%s" STR_FMT "\n", STR_ARG(e->given[0]), e->given[1].n > 0 ? " " : "",
			    STR_ARG(e->given[1]));
		*given = e->given[0];
		buf_printf(b, "    test    %-5s " STR_FMT "\n", hit ? verdict_name(own) : "pass", STR_ARG(e->command));
	}
}

static void
add_rule(struct buf *b, const struct policy *all, const struct new_rule *r)
{
	struct examples base = { { 0 } };
	struct str given = STR("");

	buf_printf(b, "\n# %s " STR_FMT "\n", old_list_names[r->old.list], STR_ARG(r->old.text));
	if (r->text.n == 0) {
		buf_printf(b, "#   not translated: " STR_FMT ".\n", STR_ARG(r->why));
		return;
	}
	add_examples(b, r->old.list == OLD_ALLOW ? "#   also allowed: " : "#   also hit: ", &r->also);
	add_examples(b, "#   missed:   ", &r->missed);
	if (r->keep.n > 0)
		buf_printf(b, "#   leave the old rule where it is: " STR_FMT "\n", STR_ARG(r->keep));
	buf_add(b, r->text);
	if (r->base.command.n > 0)
		*vec_push(b->a, &base.list) = r->base;
	add_tests(b, all, r, &base, true, &given);
	add_tests(b, all, r, &r->missed, true, &given);
	add_tests(b, all, r, &r->also, false, &given);
}

static struct str
policy_text(struct import *m, bool tests)
{
	struct buf rules, b;
	struct policy *all;

	buf_init(&rules, m->a);
	buf_puts(&rules, "");
	for (size_t i = 0; i < m->rules.n; i++)
		buf_add(&rules, m->rules.v[i].text);
	all = tests ? import__load(m->a, buf_str(&rules)) : NULL;
	buf_init(&b, m->a);
	buf_printf(&b, "# Made by bridle import of " STR_FMT ".\n# Each rule says what the old text hit beside what it meant, and what it missed.\n"
	    "# Better reasons than \"it was denied\" help the agent most: write what to do instead.\nversion 1\n",
	    STR_ARG(m->settings_path));
	for (size_t i = 0; i < m->rules.n; i++)
		add_rule(&b, all, &m->rules.v[i]);
	return buf_str(&b);
}

/* A test that says too much must not keep the policy from loading. */
static bool
tests_hold(struct import *m, struct str text)
{
	struct policy *p = import__load(m->a, str_sub(text, str_find(text, STR("version 1\n")) + 10, STR_NPOS));
	struct selftest t = { 0 };
	struct diags d;

	diags_init(&d, m->a);
	if (p != NULL)
		decide_selftest(p, m->a, &d, &t);
	return p != NULL && t.failed == 0;
}

/* ---- the report as JSON ---- */
static void
json_examples(struct buf *b, const char *name, const struct examples *list)
{
	buf_printf(b, ",\"%s\":[", name);
	for (size_t i = 0; i < list->list.n; i++) {
		buf_puts(b, i > 0 ? ",{\"command\":" : "{\"command\":");
		buf_json(b, list->list.v[i].command);
		if (list->list.v[i].given[0].n > 0) {
			buf_puts(b, ",\"given\":");
			buf_json(b, list->list.v[i].given[0]);
		}
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}

static struct str
json_text(struct import *m)
{
	struct buf b;

	buf_init(&b, m->a);
	buf_puts(&b, "{\"settings\":");
	buf_json(&b, m->settings_path);
	buf_puts(&b, ",\"rules\":[");
	for (size_t i = 0; i < m->rules.n; i++) {
		const struct new_rule *r = &m->rules.v[i];

		buf_printf(&b, "%s{\"list\":\"%s\",\"old\":", i > 0 ? "," : "", old_list_names[r->old.list]);
		buf_json(&b, r->old.text);
		buf_puts(&b, r->text.n > 0 ? ",\"new\":" : ",\"new\":null,\"why\":");
		buf_json(&b, r->text.n > 0 ? r->text : r->why);
		if (r->keep.n > 0) {
			buf_puts(&b, ",\"keep\":");
			buf_json(&b, r->keep);
		}
		json_examples(&b, "also", &r->also);
		json_examples(&b, "missed", &r->missed);
		buf_putc(&b, '}');
	}
	buf_puts(&b, "],\"policy\":");
	buf_json(&b, m->policy);
	buf_puts(&b, "}\n");
	return buf_str(&b);
}

/* ---- reading ---- */
static int
read_settings(struct import *m)
{
	char cwd[4096];
	bool absent = false;

	if (m->file != NULL) {
		m->settings_path = str_of(m->file);
		if (local_read_file(m->a, m->file, LIMIT_FILE, &m->before) == 0)
			return 0;
		fprintf(stderr, "bridle import: %s: %s\n", m->file, strerror(errno));
		return 1;
	}
	if (getcwd(cwd, sizeof cwd) == NULL)
		return usage_error(&cmd_import, "the working directory is gone");
	return install__settings(m->a, &cmd_import, m->which, str_of(cwd), &m->settings_path, &m->before, &absent);
}

/* Which of the other settings hold rules, for a person who looked at the wrong one. */
static void
point_elsewhere(struct import *m)
{
	static const char *const places[] = { "project", "local", "user" };
	struct str path, text, why;
	struct old_rules rules;
	char cwd[4096];
	bool absent;

	if (m->file != NULL || getcwd(cwd, sizeof cwd) == NULL)
		return;
	for (size_t i = 0; i < 3; i++)
		if (install__settings(m->a, &cmd_import, places[i], str_of(cwd), &path, &text, &absent) == 0 &&
		    old_rules_read(m->a, text, &rules, &why) == 0 && rules.list.n > 0)
			printf(STR_FMT " has %zu: bridle import --settings %s\n", STR_ARG(path), rules.list.n, places[i]);
}

static int
translate_all(struct import *m)
{
	bool user = m->file == NULL && (m->which == NULL || strcmp(m->which, "user") == 0);
	struct old_rules rules;
	struct str why;

	if (old_rules_read(m->a, m->before, &rules, &why) != 0) {
		fprintf(stderr, "bridle import: " STR_FMT " does not parse: " STR_FMT "\n", STR_ARG(m->settings_path), STR_ARG(why));
		return 1;
	}
	for (size_t i = 0; i < rules.list.n; i++) {
		struct new_rule *r = vec_push(m->a, &m->rules);

		import_translate(m->a, &rules.list.v[i], user, r);
		import_compare(m->a, r, MOST_EXAMPLES);
		m->translated += r->text.n > 0;
		m->removable += r->text.n > 0 && r->keep.n == 0;
	}
	add_exceptions(m);
	m->policy = policy_text(m, true);
	if (!tests_hold(m, m->policy))
		m->policy = policy_text(m, false);
	return 0;
}

static int
settings_after(struct import *m)
{
	struct str *gone = NEW_ARRAY(m->a, struct str, m->rules.n + 1), why;
	size_t n = 0;

	for (size_t i = 0; i < m->rules.n; i++)
		if (m->rules.v[i].text.n > 0 && m->rules.v[i].keep.n == 0)
			gone[n++] = m->rules.v[i].old.text;
	if (settings_drop_rules(m->a, m->before, gone, n, &m->after, &why) == 0)
		return 0;
	fprintf(stderr, "bridle import: " STR_FMT " is not touched: " STR_FMT "\n", STR_ARG(m->settings_path), STR_ARG(why));
	return 1;
}

/* ---- writing ---- */
static bool
yes(const char *question, bool otherwise)
{
	char line[64];

	fprintf(stdout, "%s [%s] ", question, otherwise ? "Y/n" : "y/N");
	fflush(stdout);
	if (fgets(line, sizeof line, stdin) == NULL)
		return false;
	return line[0] == '\n' ? otherwise : line[0] == 'y' || line[0] == 'Y';
}

/* The settings that a project's folder shares: their rules stay with it. */
static bool
of_project(const struct import *m)
{
	return m->file == NULL && m->which != NULL && strcmp(m->which, "project") == 0;
}

static int
write_policy(struct import *m)
{
	const char *path = str_c(m->a, m->policy_path);
	struct str now;
	int err = local_read_file(m->a, path, LIMIT_POLICY_FILE, &now);

	if (err == 0 && str_eq(now, m->policy)) {
		printf("kept     %s\n", path);
		return 0;
	}
	if (err == 0) {
		fprintf(stderr, "bridle import: %s is there already, and different: %s\n", path, m->to == NULL && of_project(m)
			? "a project has one policy, so add the rules above by hand, or name a file with --to"
			: "name another with --to, or move it away");
		return 1;
	}
	if (write_changed(path, STR(""), true, m->policy, NULL) != 0) {
		fprintf(stderr, "bridle import: %s cannot be written: %s\n", path, strerror(errno));
		return 1;
	}
	printf("wrote    %s\n", path);
	if (m->to == NULL && of_project(m))
		printf("         It can only tighten until a person trusts it: bridle trust\n");
	return 0;
}

static int
write_settings(struct import *m)
{
	const char *path = str_c(m->a, m->settings_path);
	int err;

	if (str_eq(m->before, m->after))
		return 0;
	err = write_changed(path, m->before, false, m->after, BEFORE_IMPORT);
	if (err != 0) {
		fprintf(stderr, "bridle import: %s: %s\n", path, err == BRIDLE_EINVAL ? "it changed meanwhile: try again" : strerror(errno));
		return 1;
	}
	printf("cleaned  %s: %zu rules are gone (the old file: %s" BEFORE_IMPORT ")\n", path, m->removable, path);
	return 0;
}

/* Where the policy goes. Without a policy of a person's own the shipped
 * default holds, and a file in policy.d would end that. */
static int
settle_policy_path(struct import *m)
{
	struct local_places places;
	struct stat st;

	if (m->to != NULL) {
		m->policy_path = str_of(m->to);
		return 0;
	}
	if (of_project(m)) {
		m->policy_path = path_join(m->a, path_dir(path_dir(m->settings_path)), STR(".bridle/policy"));
		return 0;
	}
	if (local_places(m->a, &places) != 0)
		return no_home(&cmd_import);
	m->policy_path = path_join(m->a, places.config, STR("policy.d/claude-code.policy"));
	if (stat(str_c(m->a, path_join(m->a, places.config, STR("policy"))), &st) == 0)
		return 0;
	fprintf(stderr, "bridle import: there is no policy of your own yet, which these rules would join: "
	    "`bridle init` first, or name a file with --to\n");
	return 1;
}

static int
carry_out(struct import *m)
{
	char question[4352];
	bool take;

	if (settle_policy_path(m) != 0 || settings_after(m) != 0)
		return 1;
	snprintf(question, sizeof question, "\nWrite these %zu rules to " STR_FMT "?", m->translated, STR_ARG(m->policy_path));
	if (!m->yes && !yes(question, true))
		return 0;
	if (write_policy(m) != 0)
		return 1;
	snprintf(question, sizeof question, "Take the %zu replaced rules out of " STR_FMT " (a backup is kept)?", m->removable,
	    STR_ARG(m->settings_path));
	take = !m->keep && m->removable > 0 && (m->yes || yes(question, true));
	if (take)
		return write_settings(m);
	if (m->removable > 0)
		printf("kept     " STR_FMT ": its own deny and ask rules hold beside bridle's allow\n", STR_ARG(m->settings_path));
	return 0;
}

static int
run(struct import *m)
{
	int status = read_settings(m);

	if (status != 0 || (status = translate_all(m)) != 0)
		return status;
	if (m->json) {
		write_out(json_text(m));
		return 0;
	}
	if (m->rules.n == 0) {
		printf(STR_FMT " has no permission rules\n", STR_ARG(m->settings_path));
		point_elsewhere(m);
		return 0;
	}
	write_out(m->policy);
	fflush(stdout);
	fprintf(stderr, "\n%zu rules: %zu translated, %zu not; %zu may go out of the settings\n", m->rules.n, m->translated,
	    m->rules.n - m->translated, m->removable);
	if (m->dry) {
		if (settings_after(m) != 0)
			return 1;
		if (!m->keep && !str_eq(m->before, m->after))
			print_diff(str_c(m->a, m->settings_path), m->before, m->after);
		return 0;
	}
	if (!m->yes && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))) {
		fprintf(stderr, "nothing is written: the same with --yes writes, with --dry-run shows what would change\n");
		return 0;
	}
	if (!(m->yes ? no_agent_above(&cmd_import) : only_a_person(&cmd_import)))
		return 1;
	return carry_out(m);
}

static int
run_import(int argc, char **argv)
{
	struct import m;
	const struct opt table[] = {
		{ "settings", 0, OPT_VALUE, &m.which },
		{ "to", 0, OPT_VALUE, &m.to },
		{ "yes", 'y', OPT_FLAG, &m.yes },
		{ "keep", 'k', OPT_FLAG, &m.keep },
		{ "dry-run", 'n', OPT_FLAG, &m.dry },
		{ "json", 0, OPT_FLAG, &m.json },
	};
	int n, status;

	memset(&m, 0, sizeof m);
	if ((n = OPTIONS(&cmd_import, argc, argv, table, false)) < 0)
		return n == -2 ? 0 : EXIT_USAGE;
	if (n > 1 || (n == 1 && m.which != NULL))
		return usage_error(&cmd_import, "one settings file at a time");
	m.file = n == 1 ? argv[1] : NULL;
	if ((m.a = arena_new(0)) == NULL)
		return EXIT_USAGE;
	status = run(&m);
	arena_free(m.a);
	return status;
}
