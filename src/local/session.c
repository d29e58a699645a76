/* SPDX-License-Identifier: ISC */
/*
 * session.c: what was done, for `unless done`: per agent session, and, where a
 * rule says `since`, for the validated content, which stays done over sessions
 * and restarts (STATE/done, one key a line). Keys are decide's; here they are
 * only kept, hashed, in bounded tables, and forgotten.
 */
#include "bridle/limits.h"
#include "bridle/local.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_BYTES 32
#define HEX_BYTES (2 * KEY_BYTES)

struct key {
	unsigned char b[KEY_BYTES];
};

/* A session's id as it is, or the hash of one that is too long for that. */
struct name {
	size_t n; /* of the id */
	unsigned char b[64];
};

struct session {
	struct name id;
	int64_t seen_ms;
	unsigned settings;
	size_t n; /* keys ever added; the ring holds the last of them */
	struct key keys[LIMIT_SESSION_DEEDS];
};

struct sessions {
	struct session *list[LIMIT_SESSIONS];
	size_t n;
	struct key kept[LIMIT_KEPT_DEEDS]; /* ring, as above */
	size_t nkept;
	size_t lines; /* in the file */
	char *path;   /* NULL: nothing outlives the process */
};

static struct key
key_of(struct str s)
{
	struct key k;
	local_hash(NULL, s, k.b);
	return k;
}

static struct name
name_of(struct str id)
{
	struct name name = { .n = id.n };
	if (id.n > sizeof(name.b))
		local_hash(NULL, id, name.b);
	else if (id.n > 0)
		memcpy(name.b, id.p, id.n);
	return name;
}

static bool
ring_has(const struct key *ring, size_t n, size_t cap, const struct key *k)
{
	for (size_t i = 0; i < (n < cap ? n : cap); i++)
		if (memcmp(ring[i].b, k->b, KEY_BYTES) == 0)
			return true;
	return false;
}

/* ---- the file -------------------------------------------------------------------- */

static int
write_line(int fd, const struct key *k)
{
	char line[HEX_BYTES + 1];
	sodium_bin2hex(line, sizeof(line), k->b, KEY_BYTES);
	line[HEX_BYTES] = '\n';
	return write(fd, line, sizeof(line)) == (ssize_t)sizeof(line) ? 0 : BRIDLE_EIO;
}

/* Takes every whole line; a torn one, or one that is none of ours, is skipped. */
static void
read_lines(struct sessions *s, struct str text)
{
	while (text.n > 0) {
		size_t end = str_chr(text, '\n');
		struct str line = str_sub(text, 0, end);
		struct key k;
		size_t got = 0;
		if (end == STR_NPOS)
			return;
		if (line.n == HEX_BYTES &&
		    sodium_hex2bin(k.b, KEY_BYTES, line.p, HEX_BYTES, NULL, &got, NULL) == 0 &&
		    got == KEY_BYTES && !ring_has(s->kept, s->nkept, LIMIT_KEPT_DEEDS, &k))
			s->kept[s->nkept++ % LIMIT_KEPT_DEEDS] = k;
		s->lines++;
		text = str_sub(text, end + 1, STR_NPOS);
	}
}

/* Writes only what is still kept to a new file and puts it in place. */
static int
compact(struct sessions *s)
{
	char tmp[4096];
	int rc = 0;
	size_t n = s->nkept < LIMIT_KEPT_DEEDS ? s->nkept : LIMIT_KEPT_DEEDS;
	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.new", s->path) >= sizeof(tmp))
		return BRIDLE_EINVAL;
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return BRIDLE_EIO;
	for (size_t i = s->nkept - n; i < s->nkept && rc == 0; i++)
		rc = write_line(fd, &s->kept[i % LIMIT_KEPT_DEEDS]);
	if (rc == 0 && fsync(fd) != 0)
		rc = BRIDLE_EIO;
	close(fd);
	if (rc == 0 && rename(tmp, s->path) != 0)
		rc = BRIDLE_EIO;
	if (rc == 0)
		s->lines = n;
	else
		unlink(tmp);
	return rc;
}

static int
append(struct sessions *s, const struct key *k)
{
	if (s->lines >= (size_t)2 * LIMIT_KEPT_DEEDS)
		return compact(s); /* it is in the ring already */
	int fd = open(s->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return BRIDLE_EIO;
	int rc = write_line(fd, k);
	close(fd);
	s->lines += rc == 0;
	return rc;
}

struct sessions *
sessions_new(const char *path)
{
	struct sessions *s = calloc(1, sizeof(*s));
	if (s == NULL || path == NULL)
		return s;
	s->path = strdup(path);
	struct arena *a = arena_new(0);
	if (s->path == NULL || a == NULL) {
		arena_free(a);
		sessions_free(s);
		return NULL;
	}
	struct str text;
	if (local_read_file(a, path, LIMIT_FILE, &text) == 0)
		read_lines(s, text);
	arena_free(a);
	return s;
}

void
sessions_free(struct sessions *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++)
		free(s->list[i]);
	free(s->path);
	free(s);
}

/* ---- sessions ---------------------------------------------------------------------- */

static void
drop(struct sessions *s, size_t i)
{
	free(s->list[i]);
	s->list[i] = s->list[--s->n];
}

static struct session *
find(const struct sessions *s, struct str id)
{
	struct name name = name_of(id);
	for (size_t i = 0; i < s->n; i++)
		if (memcmp(&s->list[i]->id, &name, sizeof(name)) == 0)
			return s->list[i];
	return NULL;
}

/* The session, made if it is new; the one unseen for longest makes room. NULL:
 * no memory. */
static struct session *
touch(struct sessions *s, struct str id, int64_t now_ms, bool *known)
{
	struct session *one = find(s, id);
	*known = one != NULL;
	if (one == NULL) {
		if (s->n == LIMIT_SESSIONS) {
			size_t oldest = 0;
			for (size_t i = 1; i < s->n; i++)
				if (s->list[i]->seen_ms < s->list[oldest]->seen_ms)
					oldest = i;
			drop(s, oldest);
		}
		one = calloc(1, sizeof(*one));
		if (one == NULL)
			return NULL;
		one->id = name_of(id);
		s->list[s->n++] = one;
	}
	one->seen_ms = now_ms;
	return one;
}

bool
sessions_seen(struct sessions *s, struct str id, int64_t now_ms)
{
	bool known;
	touch(s, id, now_ms, &known);
	return known;
}

void
sessions_end(struct sessions *s, struct str id)
{
	const struct session *one = find(s, id);
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i] == one) {
			drop(s, i);
			return;
		}
}

void
sessions_age(struct sessions *s, int64_t now_ms)
{
	for (size_t i = s->n; i-- > 0;)
		if (now_ms - s->list[i]->seen_ms > (int64_t)LIMIT_SESSION_AGE_S * 1000)
			drop(s, i);
}

size_t
sessions_count(const struct sessions *s)
{
	return s->n;
}

unsigned *
sessions_settings(struct sessions *s, struct str id)
{
	struct session *one = find(s, id);
	return one == NULL ? NULL : &one->settings;
}

int
sessions_did(struct sessions *s, struct str id, struct str key, bool persist, int64_t now_ms)
{
	bool known;
	struct session *one = touch(s, id, now_ms, &known);
	struct key k = key_of(key);
	if (one == NULL)
		return BRIDLE_ENOMEM;
	if (!ring_has(one->keys, one->n, LIMIT_SESSION_DEEDS, &k))
		one->keys[one->n++ % LIMIT_SESSION_DEEDS] = k;
	if (!persist || ring_has(s->kept, s->nkept, LIMIT_KEPT_DEEDS, &k))
		return 0;
	s->kept[s->nkept++ % LIMIT_KEPT_DEEDS] = k;
	return s->path == NULL ? 0 : append(s, &k);
}

bool
sessions_done(const struct sessions *s, struct str id, struct str key)
{
	const struct session *one = find(s, id);
	if (s->nkept == 0 && (one == NULL || one->n == 0))
		return false;
	struct key k = key_of(key);
	if (one != NULL && ring_has(one->keys, one->n, LIMIT_SESSION_DEEDS, &k))
		return true;
	return ring_has(s->kept, s->nkept, LIMIT_KEPT_DEEDS, &k);
}
