/* SPDX-License-Identifier: ISC */
/*
 * clientrules.c: the check of status and doctor that looks at Claude Code's
 * own permission rules: they hold beside bridle's, also where bridle allows.
 * A deny or ask rule that hits more than it says is named with an example; it
 * stops too much, never too little, so it is a note.
 */
#include <string.h>

#include "bridle/agents.h"
#include "bridle/limits.h"
#include "health.h"
#include "import.h"

static const char *const places[SETTINGS_N] = { "managed", "local", "project", "user" };

/* A line that the old rule hits, that it does not mean, and that the policies
 * here let run; empty: none. */
static struct str
caught_wrongly(struct checkup *k, const struct policy *p, const struct old_rule *old, bool user)
{
	struct new_rule r;

	import_translate(k->a, old, user, &r);
	import_compare(k->a, &r, 2);
	for (size_t i = 0; i < r.also.list.n; i++) {
		enum verdict v = import__judge(p, &r.also.list.v[i]);

		if (v == VERDICT_ALLOW || v == VERDICT_PASS)
			return r.also.list.v[i].command;
	}
	return STR("");
}

static struct str
how_to(struct checkup *k, enum settings_place place)
{
	if (place == SETTINGS_MANAGED)
		return STR("whoever manages this machine can change them");
	return str_printf(k->a, "bridle import --settings %s turns them into rules of yours and takes them out", places[place]);
}

static void
check_file(struct checkup *k, const struct policy *p, enum settings_place place, struct str path, struct str text)
{
	struct old_rules rules;
	struct str why, wrong = STR(""), by = STR("");
	size_t n = 0;

	if (old_rules_read(k->a, text, &rules, &why) != 0)
		return; /* the hook's check says so */
	for (size_t i = 0; i < rules.list.n; i++) {
		const struct old_rule *old = &rules.list.v[i];

		if (old->list == OLD_ALLOW || !str_is(old->tool, "Bash"))
			continue;
		n++;
		if (wrong.n == 0 && p != NULL && (wrong = caught_wrongly(k, p, old, place == SETTINGS_USER)).n > 0)
			by = old->text;
	}
	if (wrong.n > 0)
		checkup__say(k, HEALTH_NOTE, "rules", str_printf(k->a,
		    STR_FMT " stops what bridle lets run: " STR_FMT " also hits `" STR_FMT "`", STR_ARG(path), STR_ARG(by), STR_ARG(wrong)),
		    how_to(k, place));
	else if (n > 0)
		checkup__say(k, HEALTH_NOTE, "rules", str_printf(k->a, STR_FMT " has %zu deny or ask rules of its own on commands: "
		    "they hold beside bridle's, also where bridle allows", STR_ARG(path), n), how_to(k, place));
}

void
checkup__client_rules(struct checkup *k)
{
	struct local_world *lw = NEW(k->a, struct local_world);
	struct local_policy_options o;
	struct local_places where;
	struct local_policy *lp;
	struct request r;
	struct world w;

	memset(&o, 0, sizeof o);
	if (local_places(k->a, &where) != 0)
		return;
	o.project = local_project(k->a, str_of(k->cwd), (const char *const *)environment());
	o.state = where.state;
	o.no_tests = true;
	lp = local_policy_load(&where, &o);
	local_world_init(lw, k->a, (const char *const *)environment(), &w);
	memset(&r, 0, sizeof r);
	r.cwd = str_of(k->cwd);
	agent_place(&w, k->a, &r);
	for (int p = 0; p < SETTINGS_N; p++) {
		struct str path = settings_path(&w, k->a, (enum settings_place)p, &r), text;

		if (path.n > 0 && local_read_file(k->a, str_c(k->a, path), LIMIT_FILE, &text) == 0)
			check_file(k, lp == NULL ? NULL : lp->policy, (enum settings_place)p, path, text);
	}
	local_policy_free(lp);
}
