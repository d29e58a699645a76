/* SPDX-License-Identifier: ISC */
/*
 * brief.c: `bridle brief`: the policy as a section for CLAUDE.md, so that the
 * agent knows the rules before it tries. The same text goes to the agent at the
 * start of a session; how it is made: src/policy/outline.c.
 */
#include <string.h>
#include <unistd.h>

#include "bridle/limits.h"
#include "cli.h"

static int run_brief(int argc, char **argv);

const struct command cmd_brief = { "brief", "brief [--policy FILE]…",
	"the policy as a section for CLAUDE.md: what to do, what not, what instead",
	"  --policy FILE   this one instead of the policies in place\n", run_brief };

static int
run_brief(int argc, char **argv)
{
	struct where w;
	const struct opt table[] = { { "policy", 'p', OPT_LIST, &w.policies } };
	struct local_policy *lp;
	struct arena *a;
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
	write_out(policy_outline(a, lp->policy, LIMIT_OUTLINE_LINES, LIMIT_OUTLINE));
	arena_free(a);
	local_policy_free(lp);
	return 0;
}
