/* SPDX-License-Identifier: ISC */
/*
 * trust.c: which project policies a person has trusted: one line a file,
 * "HEXHASH PATH", in STATE/state/trust. The hash is of the exact bytes, so that a
 * change asks again. Adding appends; the last line of a path counts.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridle/limits.h"
#include "bridle/local.h"

static struct str
hex_hash(struct arena *a, struct str text)
{
	unsigned char h[32];
	char *hex = arena_alloc(a, 65);

	local_hash(NULL, text, h);
	sodium_bin2hex(hex, 65, h, sizeof h);
	return (struct str){ hex, 64 };
}

static struct str
store(struct arena *a, const struct local_places *pl)
{
	return path_join(a, pl->state, STR("state/trust"));
}

bool
local_trusted(const struct local_places *pl, struct str path, struct str text)
{
	struct arena *a = arena_new(0);
	struct str all, hash;
	bool yes = false;

	if (a == NULL)
		return false;
	if (local_read_file(a, str_c(a, store(a, pl)), LIMIT_FILE, &all) != 0)
		all = STR("");
	hash = hex_hash(a, text);
	while (all.n > 0) {
		size_t end = str_chr(all, '\n');
		struct str line = str_sub(all, 0, end);

		if (line.n > 65 && line.p[64] == ' ' && str_eq(str_sub(line, 65, line.n), path))
			yes = str_eq(str_sub(line, 0, 64), hash);
		all = end == STR_NPOS ? STR("") : str_sub(all, end + 1, all.n);
	}
	arena_free(a);
	return yes;
}

int
local_make_dirs(const char *path)
{
	char b[4096];
	size_t n = strlen(path);

	if (n >= sizeof b)
		return BRIDLE_EINVAL;
	memcpy(b, path, n + 1);
	for (char *p = b + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(b, 0700) != 0 && errno != EEXIST)
			return BRIDLE_EIO;
		*p = '/';
	}
	return mkdir(b, 0700) != 0 && errno != EEXIST ? BRIDLE_EIO : 0;
}

int
local_trust_add(const struct local_places *pl, struct str path, struct str text)
{
	struct arena *a;
	struct str line;
	int fd, err = 0;

	if (str_chr(path, '\n') != STR_NPOS)
		return BRIDLE_EINVAL;
	if ((a = arena_new(0)) == NULL)
		return BRIDLE_ENOMEM;
	if ((err = local_make_dirs(str_c(a, path_join(a, pl->state, STR("state"))))) == 0) {
		line = str_printf(a, STR_FMT " " STR_FMT "\n", STR_ARG(hex_hash(a, text)), STR_ARG(path));
		fd = open(str_c(a, store(a, pl)), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0 || write(fd, line.p, line.n) != (ssize_t)line.n)
			err = BRIDLE_EIO;
		if (fd >= 0)
			close(fd);
	}
	arena_free(a);
	return err;
}
