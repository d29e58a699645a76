/* SPDX-License-Identifier: ISC */
/*
 * brief.c: `bridle brief`: the policy as a section for CLAUDE.md, so that the
 * agent knows the rules before it tries. Same order as the policy, stable for
 * diffs, at most LINES_MAX lines; the shell's read-only utilities are one line.
 */
#include <string.h>
#include <unistd.h>

#include "cli.h"

#define LINES_MAX 60

static int run_brief(int argc, char **argv);

const struct command cmd_brief = { "brief", "brief [--policy FILE]…",
	"the policy as a section for CLAUDE.md: what to do, what not, what instead",
	"  --policy FILE   this one instead of the policies in place\n", run_brief };

static bool
told(const struct rule_ref *ref, enum verdict v)
{
	return ref->verdict == v && ref->layer != LAYER_BUILTIN &&
	    (v != VERDICT_ALLOW || !str_is(path_base(ref->file), "shell.policy"));
}

static void
add_rule(struct buf *b, const struct rule *r)
{
	const struct rule_ref *ref = rule_ref(r);

	buf_printf(b, "- `" STR_FMT "`", STR_ARG(rule_brief(b->a, r)));
	if (ref->because.n > 0)
		buf_printf(b, ": " STR_FMT, STR_ARG(ref->because));
	if (ref->instead.n > 0)
		buf_printf(b, " Instead: `" STR_FMT "`.", STR_ARG(ref->instead));
	buf_putc(b, '\n');
}

static void
add_part(struct buf *b, const struct policy *p, enum verdict v, const char *title, size_t *lines)
{
	const struct rule *const *rules;
	size_t n = policy_rules(p, &rules), left = 0;
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!told(rule_ref(rules[i]), v))
			continue;
		if (!any && *lines + 3 < LINES_MAX) {
			buf_printf(b, "\n%s\n", title);
			*lines += 2;
		}
		any = true;
		if (*lines + 1 >= LINES_MAX) {
			left++;
			continue;
		}
		add_rule(b, rules[i]);
		++*lines;
	}
	if (left > 0 && *lines < LINES_MAX) {
		buf_printf(b, "- and %zu more: `bridle explain 'COMMAND'` tells of each\n", left);
		++*lines;
	}
}

static int
run_brief(int argc, char **argv)
{
	struct where w;
	const struct opt table[] = { { "policy", 'p', OPT_LIST, &w.policies } };
	struct local_policy *lp;
	struct arena *a;
	struct buf b;
	size_t lines = 4;
	char cwd[4096];
	int n;

	memset(&w, 0, sizeof w);
	if ((n = OPTIONS(&cmd_brief, argc, argv, table, false)) != 0)
		return n == -2 ? 0 : n > 0 ? usage_error(&cmd_brief, "it takes no words") : EXIT_USAGE;
	if (getcwd(cwd, sizeof cwd) == NULL || (lp = load_policy(&w, cwd, false)) == NULL)
		return EXIT_USAGE;
	a = arena_new(0);
	if (a == NULL)
		return EXIT_USAGE;
	buf_init(&b, a);
	buf_puts(&b, "## What commands may run here (bridle)\n\n"
		     "A guard judges every command by what it does, however it is spelled. A denied command\n"
		     "says why and what to run instead: do that, do not look for another spelling.\n");
	add_part(&b, lp->policy, VERDICT_DENY, "Never:", &lines);
	add_part(&b, lp->policy, VERDICT_ASK, "Only with a person's yes:", &lines);
	add_part(&b, lp->policy, VERDICT_ALLOW, "Without asking:", &lines);
	write_out(buf_str(&b));
	arena_free(a);
	local_policy_free(lp);
	return 0;
}
