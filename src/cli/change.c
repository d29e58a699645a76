/* SPDX-License-Identifier: ISC */
/*
 * change.c: how init, uninstall, import and trust change a person's files:
 * through a new file beside the old one, only if it still holds what was
 * read, with one backup; and who may do so.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridle/limits.h"
#include "control.h"
#include "install.h"

static int
write_new(int fd, struct str text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return BRIDLE_EIO;
		text = str_sub(text, (size_t)n, text.n);
	}
	return fsync(fd) == 0 ? 0 : BRIDLE_EIO;
}

/* Through a link to the file itself, so that the link stays. */
static int
put(const char *path, struct str text, mode_t mode)
{
	char real[4096], tmp[4200];
	int fd, err;

	if (realpath(path, real) == NULL) {
		if (errno != ENOENT || strlen(path) >= sizeof real)
			return BRIDLE_EIO;
		strcpy(real, path);
	}
	snprintf(tmp, sizeof tmp, "%s.XXXXXX", real);
	if ((fd = mkstemp(tmp)) < 0)
		return BRIDLE_EIO;
	err = write_new(fd, text);
	if (err == 0 && (fchmod(fd, mode) != 0 || rename(tmp, real) != 0))
		err = BRIDLE_EIO;
	close(fd);
	if (err != 0)
		unlink(tmp);
	return err;
}

static int
keep_backup(const char *path, const char *suffix, struct str before, mode_t mode)
{
	char b[4200];
	struct stat st;

	snprintf(b, sizeof b, "%s%s", path, suffix);
	if (lstat(b, &st) == 0)
		return 0;
	return put(b, before, mode);
}

int
write_changed(const char *path, struct str before, bool before_absent, struct str text, const char *backup)
{
	struct arena *a = arena_new(0);
	struct stat st;
	struct str now;
	mode_t mode = 0644;
	int err;

	if (a == NULL)
		return BRIDLE_ENOMEM;
	err = local_read_file(a, path, LIMIT_FILE, &now);
	if (before_absent ? err != BRIDLE_ENOENT : err != 0 || !str_eq(now, before)) {
		arena_free(a);
		return BRIDLE_EINVAL;
	}
	if (!before_absent && stat(path, &st) == 0)
		mode = st.st_mode & 07777;
	err = local_make_dirs(str_c(a, path_dir(str_of(path))));
	if (err == 0 && backup != NULL && !before_absent)
		err = keep_backup(path, backup, before, mode);
	if (err == 0)
		err = put(path, text, mode);
	arena_free(a);
	return err;
}

/* The lines between the common head and tail of both: enough for a person. */
void
print_diff(const char *path, struct str before, struct str after)
{
	size_t head = 0, tail = 0, line = 0;

	while (head < before.n && head < after.n && before.p[head] == after.p[head])
		if (before.p[head++] == '\n')
			line = head;
	while (tail < before.n - line && tail < after.n - line && before.p[before.n - 1 - tail] == after.p[after.n - 1 - tail])
		tail++;
	while (tail > 0 && before.n > tail && before.p[before.n - tail - 1] != '\n')
		tail--;
	printf("--- %s\n+++ %s\n", path, path);
	for (int side = 0; side < 2; side++) {
		struct str t = side == 0 ? before : after;
		struct str part = str_sub(t, line, t.n - tail - line);

		while (part.n > 0) {
			struct str one = str_line(&part);

			printf("%c" STR_FMT "\n", side == 0 ? '-' : '+', STR_ARG(one));
		}
	}
}

/* What hooks taught the daemon of the processes above this one. Where none
 * listens, only what can be seen from here counts. */
static bool
daemon_agrees(const struct command *c, bool terminal)
{
	struct arena *a = arena_new(0);
	cJSON *reply = NULL;
	struct str why;
	int err;

	if (a == NULL)
		return false;
	err = control_call(a, NULL, str_printf(a, "{\"cmd\":\"person\",\"terminal\":%s}", terminal ? "true" : "false"),
	    &reply, NULL, &why);
	if (err == BRIDLE_EINVAL && reply != NULL)
		fprintf(stderr, "bridle %s: " STR_FMT "\n", c->name, STR_ARG(why));
	arena_free(a);
	return err != BRIDLE_EINVAL || reply == NULL;
}

bool
only_a_person(const struct command *c)
{
	struct arena *a = arena_new(0);
	struct str why;
	int err;

	if (a == NULL)
		return false;
	err = local_person((long)getpid(), NULL, NULL, a, &why);
	if (err != 0)
		fprintf(stderr, "bridle %s: only a person may do this: " STR_FMT ". Type it in another terminal.\n", c->name, STR_ARG(why));
	arena_free(a);
	return err == 0 && daemon_agrees(c, true);
}

bool
no_agent_above(const struct command *c)
{
	const char *name;
	long agent;

	if (local_agent_above((long)getpid(), NULL, NULL, &name, &agent) != 0)
		return daemon_agrees(c, false);
	fprintf(stderr, "bridle %s: %s (process %ld) runs this: only a person may do it. Type it in another terminal.\n",
	    c->name, name, agent);
	return false;
}
