/* SPDX-License-Identifier: ISC */
/*
 * settings.c: the agent's settings may change while it runs, and with them our
 * hook may go. Which files held it is noted when a session is first seen; a
 * change after which a file no longer does, or switches hooks off, is refused
 * where the agent lets a hook refuse it.
 */
#include "bridle/limits.h"
#include "daemon.h"

static bool
view(struct judging *j, struct str path, struct settings_view *v)
{
	struct str text;
	const char *why;
	int rc = j->world.read(j->world.ctx, j->a, path, LIMIT_FILE, &text);
	*v = (struct settings_view){ 0 };
	if (rc == BRIDLE_ENOENT)
		return true;
	return rc == 0 && settings_read(j->a, text, v, &why) == 0;
}

void
settings_note(struct judging *j, const struct event *e)
{
	unsigned *held = sessions_settings(j->d->sessions, e->request.session);
	if (held == NULL)
		return;
	for (enum settings_place p = 0; p < SETTINGS_N; p++) {
		struct settings_view v;
		if (view(j, settings_path(&j->world, j->a, p, &e->request), &v) && v.hooked)
			*held |= 1u << p;
	}
}

bool
settings_dropped(struct judging *j, const struct event *e, struct str *why)
{
	const unsigned *held = sessions_settings(j->d->sessions, e->request.session);
	for (enum settings_place p = 0; held != NULL && p < SETTINGS_N; p++) {
		struct settings_view v;
		struct str path = settings_path(&j->world, j->a, p, &e->request);
		/* A file that cannot be read now is the agent's to complain about. */
		if (!view(j, path, &v))
			continue;
		if (v.disabled && *held != 0)
			*why = str_printf(j->a, STR_FMT " now switches off all hooks, and bridle with them. Take "
			                               "\"disableAllHooks\" out again; a person may do this "
			                               "outside of the session.",
			    STR_ARG(path));
		else if ((*held & 1u << p) != 0 && !v.hooked)
			*why = str_printf(j->a, STR_FMT " no longer holds bridle's hook. Put it back (`bridle init`); "
			                               "a person may remove it outside of the session (`bridle uninstall`).",
			    STR_ARG(path));
		else
			continue;
		return true;
	}
	return false;
}
