/* SPDX-License-Identifier: ISC */
/*
 * service.c: a service that keeps the daemon running, for `init --service` and
 * `uninstall`: a systemd user unit with its socket, or a launchd agent. Files
 * only: starting is left to the person, and said. Without a service the hook
 * starts the daemon.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridle/limits.h"
#include "install.h"
#include "local/units.h"

struct service {
	const char *name;
	const char *folder; /* below the home or configuration folder */
	bool in_config;
	const char *units[2];
	const char *start, *stop; /* what a person types */
};
static const struct service services[] = {
	{ "systemd", "systemd/user", true, { "bridled.service", "bridled.socket" },
	    "systemctl --user daemon-reload && systemctl --user enable --now bridled.socket",
	    "systemctl --user disable --now bridled.socket bridled.service" },
	{ "launchd", "Library/LaunchAgents", false, { "bridled.plist", NULL },
	    "launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/bridled.plist",
	    "launchctl bootout gui/$(id -u)/bridled" },
};
#define NSERVICES (sizeof services / sizeof services[0])

static const struct service *
find(const char *name)
{
	for (size_t i = 0; i < NSERVICES; i++)
		if (strcmp(services[i].name, name) == 0)
			return &services[i];
	return NULL;
}

bool
service_known(const char *name)
{
	return strcmp(name, "none") == 0 || find(name) != NULL;
}

static struct str
unit_path(struct arena *a, const struct service *s, const char *unit)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	struct local_places places;

	if (local_places(a, &places) != 0)
		return STR("");
	if (s->in_config && config != NULL && config[0] == '/')
		return str_printf(a, "%s/%s/%s", config, s->folder, unit);
	return str_printf(a, STR_FMT "%s/%s/%s", STR_ARG(places.home), s->in_config ? "/.config" : "", s->folder, unit);
}

/* The unit with the path of the bridled that stands beside this program. */
static struct str
unit_text(struct arena *a, const char *unit)
{
	static const char shipped[] = "/usr/local/bin/bridled";
	struct str hook = install__hook_path(a, NULL), text = STR("");
	struct buf b;
	size_t at;

	for (const struct shipped_unit *u = shipped_units; u->name != NULL; u++)
		if (strcmp(u->name, unit) == 0)
			text = str_of(u->text);
	buf_init(&b, a);
	while ((at = str_find(text, str_of(shipped))) != STR_NPOS) {
		buf_add(&b, str_sub(text, 0, at));
		buf_add(&b, path_join(a, path_dir(hook), STR("bridled")));
		text = str_sub(text, at + sizeof shipped - 1, STR_NPOS);
	}
	buf_add(&b, text);
	return buf_str(&b);
}

static int
put(struct arena *a, const char *path, struct str text, bool dry)
{
	struct str now;
	int err = local_read_file(a, path, LIMIT_FILE, &now);

	if (err == 0 && str_eq(now, text)) {
		if (!dry)
			printf("kept     %s\n", path);
		return 0;
	}
	if (err == 0) {
		fprintf(stderr, "bridle init: %s is there already, and different: it stays as it is\n", path);
		return 0;
	}
	if (dry) {
		print_diff(path, STR(""), text);
		return 0;
	}
	if (write_changed(path, STR(""), true, text, NULL) != 0) {
		fprintf(stderr, "bridle init: %s: %s\n", path, strerror(errno));
		return 1;
	}
	printf("wrote    %s\n", path);
	return 0;
}

int
service_install(struct arena *a, const char *name, bool dry)
{
	const struct service *s = find(name);
	int status = 0;

	if (s == NULL)
		return 0;
	for (size_t i = 0; i < 2 && status == 0; i++)
		if (s->units[i] != NULL)
			status = put(a, str_c(a, unit_path(a, s, s->units[i])), unit_text(a, s->units[i]), dry);
	if (status == 0 && !dry)
		printf("         start it: %s\n", s->start);
	return status;
}

void
service_remove(struct arena *a, bool dry)
{
	struct str now;

	for (size_t i = 0; i < NSERVICES; i++) {
		const struct service *s = &services[i];
		bool gone = false;

		for (size_t k = 0; k < 2; k++) {
			const char *path = s->units[k] == NULL ? NULL : str_c(a, unit_path(a, s, s->units[k]));

			if (path == NULL || local_read_file(a, path, LIMIT_FILE, &now) != 0)
				continue;
			if (!str_eq(now, unit_text(a, s->units[k]))) {
				printf("kept     %s: it is not as init wrote it\n", path);
			} else if (dry) {
				printf("--- %s\n", path);
			} else if (unlink(path) == 0) {
				printf("removed  %s\n", path);
				gone = true;
			}
		}
		if (gone)
			printf("         if it runs: %s\n", s->stop);
	}
}
