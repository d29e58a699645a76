/* SPDX-License-Identifier: ISC */
/*
 * uninstall.c: `bridle uninstall`: takes out of Claude Code's settings exactly
 * what init put in, and `bridle trust`: a person trusts a project's policy.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridle/agents.h"
#include "bridle/limits.h"
#include "control.h"
#include "install.h"

static int run_uninstall(int argc, char **argv);
static int run_trust(int argc, char **argv);

const struct command cmd_uninstall = { "uninstall", "uninstall [--dry-run] [--settings user | project | local]",
	"take out what init put in: hook, wrapper, service",
	"  --dry-run        show what would change\n"
	"  --settings FILE  which settings (default: user)\n"
	"Policies, state and log stay: remove ~/.config/bridle and ~/.local/state/bridle by hand.\n",
	run_uninstall };
const struct command cmd_trust = { "trust", "trust [--show] [FILE]",
	"trust a project's policy, exactly as it stands",
	"Without FILE: .bridle/policy of this project. A file that no person has trusted\n"
	"can only tighten; a change asks again.\n  --show   print it, trust nothing\n",
	run_trust };

/* The bytes of before init, if nothing but init has changed them since. */
static bool
from_backup(struct arena *a, const char *path, struct str now, struct str *out)
{
	struct str backup, again, why, hook = install__hook_path(a, NULL);
	struct settings_view v;
	const char *bad;

	if (local_read_file(a, str_printf(a, "%s" BACKUP, path).p, LIMIT_FILE, &backup) != 0 || hook.n == 0 ||
	    settings_read(a, now, &v, &bad) != 0 || settings_add(a, backup, hook, v.matcher, &again, &why) != 0 || !str_eq(again, now))
		return false;
	*out = backup;
	return true;
}

/* {} and blank space: what a file that init made is without our hooks. */
static bool
says_nothing(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (strchr("{} \t\r\n", text.p[i]) == NULL)
			return false;
	return true;
}

static int
take_away(struct arena *a, const char *path, struct str before, bool dry)
{
	char backup[4200];
	struct str after, why;
	bool whole = from_backup(a, path, before, &after);
	int err;

	snprintf(backup, sizeof backup, "%s" BACKUP, path);
	if (!whole && settings_remove(a, before, &after, &why) != 0) {
		fprintf(stderr, "bridle uninstall: %s is not touched: " STR_FMT "\n", path, STR_ARG(why));
		return 1;
	}
	if (str_eq(after, before)) {
		printf("%s does not name bridle\n", path);
		return 0;
	}
	if (dry) {
		print_diff(path, before, after);
		return 0;
	}
	if (!whole && says_nothing(after) && access(backup, F_OK) != 0) {
		if (unlink(path) != 0)
			return 1;
		printf("removed  %s (it held nothing else)\n", path);
		return 0;
	}
	if ((err = write_changed(path, before, false, after, NULL)) != 0) {
		fprintf(stderr, "bridle uninstall: %s: %s\n", path, err == BRIDLE_EINVAL ? "it changed meanwhile: try again" : strerror(errno));
		return 1;
	}
	if (whole)
		unlink(backup);
	printf("cleaned  %s\n", path);
	return 0;
}

/* What import took out guarded something, and does so no more: of whichever
 * settings that hold here. */
static void
tell_of_import(struct arena *a, struct str cwd)
{
	static const char *const places[] = { "user", "project", "local" };
	struct str path, text, old;
	bool absent;

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		if (install__settings(a, &cmd_uninstall, places[i], cwd, &path, &text, &absent) != 0)
			continue;
		old = str_printf(a, STR_FMT BEFORE_IMPORT, STR_ARG(path));
		if (access(old.p, F_OK) == 0)
			printf("The rules that `bridle import` took out of " STR_FMT " are in " STR_FMT ":\n"
			       "without bridle nothing holds them. Put back what you need of that file.\n", STR_ARG(path), STR_ARG(old));
	}
}

/* What a person may think is gone, and is not. */
static void
tell_what_stays(struct arena *a)
{
	struct local_places places;
	struct str path = STR(""), why;
	cJSON *reply;

	if (control_call(a, NULL, STR("{\"cmd\":\"status\"}"), &reply, &path, &why) == 0)
		printf("A daemon still answers at " STR_FMT ", for whoever asks it: " STR_FMT "\n", STR_ARG(path),
		    STR_ARG(control_kill(a, path)));
	if (local_places(a, &places) == 0 && access(str_c(a, places.config), F_OK) == 0)
		printf("kept     " STR_FMT ": the policies\n", STR_ARG(places.config));
	if (local_places(a, &places) == 0 && access(str_c(a, places.state), F_OK) == 0)
		printf("kept     " STR_FMT ": the log, grants and what is trusted\n", STR_ARG(places.state));
}

static int
run_uninstall(int argc, char **argv)
{
	bool dry = false, absent;
	const char *which = NULL;
	const struct opt table[] = {
		{ "dry-run", 'n', OPT_FLAG, &dry },
		{ "settings", 0, OPT_VALUE, &which },
	};
	int n = OPTIONS(&cmd_uninstall, argc, argv, table, false), status;
	struct arena *a = arena_new(0);
	struct str path, before;
	char cwd[4096];

	if (n != 0 || a == NULL || getcwd(cwd, sizeof cwd) == NULL) {
		arena_free(a);
		return n == -2 ? 0 : n > 0 ? usage_error(&cmd_uninstall, "it takes no words") : EXIT_USAGE;
	}
	if (!dry && !no_agent_above(&cmd_uninstall))
		status = 1;
	else if ((status = install__settings(a, &cmd_uninstall, which, str_of(cwd), &path, &before, &absent)) == 0)
		status = absent ? (printf(STR_FMT " is not there\n", STR_ARG(path)), 0) : take_away(a, str_c(a, path), before, dry);
	if (status == 0)
		tell_of_import(a, str_of(cwd));
	if (status == 0) {
		wrapper_remove(a, dry);
		service_remove(a, dry);
		if (!dry)
			tell_what_stays(a);
	}
	arena_free(a);
	return status;
}

static int
trust(struct arena *a, const char *path, bool show)
{
	struct local_places places;
	char real[4096];
	struct str text;

	if (local_places(a, &places) != 0)
		return no_home(&cmd_trust);
	if (realpath(path, real) == NULL ||
	    local_read_file(a, real, LIMIT_POLICY_FILE, &text) != 0) {
		fprintf(stderr, "bridle trust: %s: %s\n", path, strerror(errno));
		return 1;
	}
	if (show) {
		write_out(text);
		return local_trusted(&places, str_of(real), text) ? 0 : 1;
	}
	if (local_trusted(&places, str_of(real), text)) {
		printf("%s is trusted already, as it stands\n", real);
		return 0;
	}
	if (!only_a_person(&cmd_trust))
		return 1;
	if (local_trust_add(&places, str_of(real), text) != 0) {
		fprintf(stderr, "bridle trust: " STR_FMT "/trust: %s\n", STR_ARG(places.state), strerror(errno));
		return 1;
	}
	printf("trusted %s, as it stands now\n", real);
	return 0;
}

static int
run_trust(int argc, char **argv)
{
	bool show = false;
	const struct opt table[] = { { "show", 0, OPT_FLAG, &show } };
	int n = OPTIONS(&cmd_trust, argc, argv, table, false), status;
	struct arena *a = arena_new(0);
	struct str project;
	char cwd[4096];

	if (n < 0 || n > 1 || a == NULL || getcwd(cwd, sizeof cwd) == NULL) {
		arena_free(a);
		return n == -2 ? 0 : n > 1 ? usage_error(&cmd_trust, "one file at a time") : EXIT_USAGE;
	}
	project = local_project(a, str_of(cwd), (const char *const *)environment());
	status = trust(a, n == 1 ? argv[1] : str_c(a, path_join(a, project, STR(".bridle/policy"))), show);
	arena_free(a);
	return status;
}
