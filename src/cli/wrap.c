/* SPDX-License-Identifier: ISC */
/*
 * wrap.c: `bridle wrap`: puts the wrapper under the names fly and flyctl (and
 * git, when asked for) into a folder of its own that stands first in PATH. It
 * sees what shell text cannot show: Makefiles, scripts, programs. The wrapper
 * itself: src/hook/wrap.c.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridle/shell.h"
#include "install.h"

static int run_wrap(int argc, char **argv);

const struct command cmd_wrap = { "wrap", "wrap install [--git] [--dir DIR] | remove [--dir DIR] | status [--dir DIR]",
	"guard fly (and git) also where scripts and programs run them",
	"  install     link fly and flyctl to the wrapper, and say what to put into PATH\n"
	"  remove      take the links away\n"
	"  status      exit status 1 where the wrapper is not the first in PATH\n"
	"  --git       git too\n"
	"  --dir DIR   the folder (default ~/.local/share/bridle/bin)\n",
	run_wrap };

static const char *const names[] = { "fly", "flyctl", "git" };

static struct str
link_dir(struct arena *a, const char *given)
{
	const char *data = getenv("XDG_DATA_HOME");
	struct str home;

	if (given != NULL)
		return str_of(given);
	if (data != NULL && data[0] == '/')
		return str_printf(a, "%s/bridle/bin", data);
	home = local_home(a, (const char *const *)environment());
	return home.n == 0 ? home : path_join(a, home, STR(".local/share/bridle/bin"));
}

struct str
wrapper_dir(struct arena *a)
{
	return link_dir(a, NULL);
}

/* Is this a link of ours? */
static bool
ours(const char *path)
{
	char to[PATH_MAX];
	ssize_t n = readlink(path, to, sizeof to - 1);

	if (n <= 0)
		return false;
	to[n] = '\0';
	return str_is(path_base(str_of(to)), "bridle-hook");
}

static bool
first_in_path(struct arena *a, struct str dir, const char *name)
{
	struct str path = str_of(getenv("PATH"));

	while (path.n > 0) {
		size_t colon = str_chr(path, ':');
		struct str one = str_sub(path, 0, colon);
		struct str full = str_printf(a, STR_FMT "/%s", STR_ARG(one), name);

		if (access(full.p, X_OK) == 0)
			return str_eq(path_clean(a, one), path_clean(a, dir));
		path = colon == STR_NPOS ? STR("") : str_sub(path, colon + 1, path.n);
	}
	return false;
}

static bool
in_path(struct arena *a, struct str dir)
{
	struct str path = str_of(getenv("PATH"));

	while (path.n > 0) {
		size_t colon = str_chr(path, ':');

		if (str_eq(path_clean(a, str_sub(path, 0, colon)), path_clean(a, dir)))
			return true;
		path = colon == STR_NPOS ? STR("") : str_sub(path, colon + 1, path.n);
	}
	return false;
}

static int
install(struct arena *a, struct str dir, bool git)
{
	struct str hook = install__hook_path(a, NULL);
	bool first = true;

	if (hook.n == 0)
		return usage_error(&cmd_wrap, "bridle-hook is not beside this program");
	if (local_make_dirs(str_c(a, dir)) != 0) {
		fprintf(stderr, "bridle wrap: " STR_FMT ": %s\n", STR_ARG(dir), strerror(errno));
		return 1;
	}
	for (size_t i = 0; i < (git ? 3u : 2u); i++) {
		const char *path = str_c(a, path_join(a, dir, str_of(names[i])));

		if (ours(path))
			unlink(path);
		if (symlink(str_c(a, hook), path) != 0) {
			fprintf(stderr, "bridle wrap: %s: %s\n", path, strerror(errno));
			return 1;
		}
		printf("linked   %s\n", path);
		first = first && first_in_path(a, dir, names[i]);
	}
	if (!first)
		printf("\nPut this into your shell's start-up file, so that the folder stands first:\n  export PATH=" STR_FMT ":$PATH\n",
		    STR_ARG(shell_quote(a, dir)));
	return 0;
}

static int
take_away(struct arena *a, struct str dir)
{
	int status = 0;

	for (size_t i = 0; i < 3; i++) {
		const char *path = str_c(a, path_join(a, dir, str_of(names[i])));

		if (!ours(path))
			continue;
		if (unlink(path) != 0) {
			fprintf(stderr, "bridle wrap: %s: %s\n", path, strerror(errno));
			status = 1;
		} else {
			printf("removed  %s\n", path);
		}
	}
	return status;
}

int
wrapper_install(struct arena *a, bool dry)
{
	struct str dir = link_dir(a, NULL);

	if (dir.n == 0)
		return no_home(&cmd_init);
	if (!dry)
		return install(a, dir, false);
	printf("+++ " STR_FMT "/fly, " STR_FMT "/flyctl: links to the wrapper\n", STR_ARG(dir), STR_ARG(dir));
	return 0;
}

void
wrapper_remove(struct arena *a, bool dry)
{
	struct str dir = link_dir(a, NULL);

	for (size_t i = 0; dry && dir.n > 0 && i < 3; i++) {
		const char *path = str_c(a, path_join(a, dir, str_of(names[i])));

		if (ours(path))
			printf("--- %s\n", path);
	}
	if (!dry && dir.n > 0)
		(void)take_away(a, dir);
}

static int
show(struct arena *a, struct str dir)
{
	int status = 0;
	bool any = false;

	for (size_t i = 0; i < 3; i++) {
		const char *path = str_c(a, path_join(a, dir, str_of(names[i])));
		bool first;

		if (!ours(path))
			continue;
		any = true;
		first = first_in_path(a, dir, names[i]);
		printf("%-7s %s\n", names[i], first ? "is the wrapper" :
			in_path(a, dir) ? "another one comes first in PATH" : "is linked, but its folder is not in PATH");
		status = first ? status : 1;
	}
	if (!any)
		puts("no wrapper is installed");
	else if (status != 0)
		printf("\nIn your shell's start-up file, behind whatever else changes PATH:\n  export PATH=" STR_FMT ":$PATH\n",
		    STR_ARG(shell_quote(a, dir)));
	return any ? status : 1;
}

static int
run_wrap(int argc, char **argv)
{
	bool git = false;
	const char *given = NULL;
	const struct opt table[] = {
		{ "git", 0, OPT_FLAG, &git },
		{ "dir", 0, OPT_VALUE, &given },
	};
	int n = OPTIONS(&cmd_wrap, argc, argv, table, false), status;
	struct arena *a = arena_new(0);
	struct str dir;

	if (n != 1 || a == NULL) {
		arena_free(a);
		return n == -2 ? 0 : n < 0 ? EXIT_USAGE : usage_error(&cmd_wrap, "install, remove or status");
	}
	dir = link_dir(a, given);
	if (dir.n == 0)
		status = no_home(&cmd_wrap);
	else if (dir.p[0] != '/')
		status = usage_error(&cmd_wrap, "the folder must be an absolute path");
	else if (strcmp(argv[1], "status") == 0)
		status = show(a, dir);
	else if (strcmp(argv[1], "install") == 0)
		status = no_agent_above(&cmd_wrap) ? install(a, dir, git) : 1;
	else if (strcmp(argv[1], "remove") == 0)
		status = no_agent_above(&cmd_wrap) ? take_away(a, dir) : 1;
	else
		status = usage_error(&cmd_wrap, "install, remove or status, not %s", argv[1]);
	arena_free(a);
	return status;
}
