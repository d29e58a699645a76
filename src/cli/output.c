/* SPDX-License-Identifier: ISC */
/* output.c: what subcommands print with, and the policy they load. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"

extern char **environ;

char **
environment(void)
{
	return environ;
}

bool
use_colour(FILE *to)
{
	const char *no = getenv("NO_COLOR");
	const char *force = getenv("CLICOLOR_FORCE");

	if (no != NULL && no[0] != '\0')
		return false;
	if (force != NULL && strcmp(force, "0") != 0 && force[0] != '\0')
		return true;
	return isatty(fileno(to)) == 1;
}

unsigned
terminal_width(void)
{
	const char *c = getenv("COLUMNS");
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0)
		return ws.ws_col;
	if (c != NULL && atoi(c) > 0)
		return (unsigned)atoi(c);
	return 80;
}

void
write_out(struct str s)
{
	if ((s.n > 0 && fwrite(s.p, 1, s.n, stdout) != s.n) || fflush(stdout) != 0) {
		perror("bridle: standard output");
		exit(EXIT_USAGE);
	}
}

void
print_diags(const struct diags *d)
{
	struct arena *a = arena_new(0);
	struct buf b;

	if (a == NULL)
		return;
	buf_init(&b, a);
	diags_print(d, &b, use_colour(stderr));
	fflush(stdout);
	if (b.n > 0)
		fwrite(b.p, 1, b.n, stderr);
	arena_free(a);
}

struct local_policy *
load_policy(const struct where *w, const char *dir, bool tests)
{
	struct local_policy_options o;
	struct local_places places;
	struct local_policy *lp;
	struct arena *a = arena_new(0);

	if (a == NULL || local_places(a, &places) != 0) {
		fputs("bridle: no home directory is known: HOME is not set to one, and your user has none: set HOME\n", stderr);
		arena_free(a);
		return NULL;
	}
	memset(&o, 0, sizeof o);
	o.files = w->policies.v;
	o.nfiles = w->policies.n;
	o.project = local_project(a, str_of(dir), (const char *const *)environ);
	o.state = places.state;
	o.no_tests = !tests;
	lp = local_policy_load(&places, &o);
	arena_free(a);
	if (lp == NULL) {
		fputs("bridle: not enough memory to load the policy\n", stderr);
		return NULL;
	}
	if (lp->policy == NULL) {
		print_diags(&lp->diags);
		local_policy_free(lp);
		return NULL;
	}
	if (lp->project_left_out || policy_broken(lp->policy, NULL) > 0)
		print_diags(&lp->diags);
	return lp;
}

int
verdict_status(enum verdict v)
{
	switch (v) {
	case VERDICT_ALLOW:
		return EXIT_ALLOWED;
	case VERDICT_DENY:
		return EXIT_DENIED;
	case VERDICT_PASS:
		return EXIT_PASSED;
	default:
		return EXIT_ASKED;
	}
}
