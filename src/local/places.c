/* SPDX-License-Identifier: ISC */
/*
 * places.c: where bridle's files lie and what the project root is. The places
 * are the caller's own environment; the project follows the request's.
 */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridle/local.h"

extern char **environ;

static const char *
env_value(const char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; env != NULL && *env != NULL; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}

struct str
local_home(struct arena *a, const char *const *env)
{
	const char *h = env_value(env, "HOME");
	const struct passwd *pw;

	if (h != NULL && h[0] == '/')
		return path_clean(a, str_of(h));
	pw = getpwuid(getuid());
	return pw == NULL || pw->pw_dir == NULL || pw->pw_dir[0] != '/' ? STR("") : path_clean(a, str_of(pw->pw_dir));
}

/* An XDG folder must be absolute, else it does not count (XDG base spec). */
static struct str
xdg(struct arena *a, const char *name, struct str home, const char *below)
{
	const char *v = getenv(name);

	if (v != NULL && v[0] == '/')
		return str_printf(a, "%s/bridle", v);
	return str_printf(a, STR_FMT "/%s/bridle", STR_ARG(home), below);
}

int
local_places(struct arena *a, struct local_places *out)
{
	memset(out, 0, sizeof *out);
	out->home = local_home(a, (const char *const *)environ);
	if (out->home.n == 0)
		return BRIDLE_ENOENT;
	out->config = xdg(a, "XDG_CONFIG_HOME", out->home, ".config");
	out->state = xdg(a, "XDG_STATE_HOME", out->home, ".local/state");
	out->system = STR(BRIDLE_SYSCONFDIR "/bridle");
	return 0;
}

struct str
local_project(struct arena *a, struct str dir, const char *const *env)
{
	const char *given = env_value(env, "CLAUDE_PROJECT_DIR");
	struct str d = path_clean(a, dir);
	struct stat st;

	if (given != NULL && given[0] == '/')
		return path_clean(a, str_of(given));
	for (;;) {
		if (stat(str_c(a, path_join(a, d, STR(".git"))), &st) == 0)
			return str_dup(a, d);
		if (d.n <= 1)
			break;
		d = path_dir(d);
	}
	return path_clean(a, dir);
}
