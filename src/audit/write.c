/* SPDX-License-Identifier: ISC */
/*
 * write.c: records in the order decided, chained, one write a batch. What
 * could not be written whole is taken back, so that no torn line stays and
 * the chain goes on from the last whole record.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit.h"

void
audit__trouble(struct audit *l, const char *what)
{
	snprintf(l->trouble, sizeof l->trouble, "%s: %s", what, strerror(errno));
}

bool
audit_healthy(const struct audit *l, struct str *why)
{
	*why = str_of(l->trouble);
	return l->trouble[0] == '\0';
}

static int
room(struct audit *l, size_t more)
{
	size_t cap = l->queue_cap == 0 ? 65536 : l->queue_cap;
	char *p;

	if (l->queued + more <= l->queue_cap)
		return 0;
	while (cap < l->queued + more)
		cap *= 2;
	if ((p = realloc(l->queue, cap)) == NULL)
		return BRIDLE_ENOMEM;
	l->queue = p;
	l->queue_cap = cap;
	return 0;
}

static char *
put(char *to, struct str s)
{
	memcpy(to, s.p, s.n);
	return to + s.n;
}

static char *
put_number(char *to, uint64_t n, int least)
{
	char digits[20];
	int at = sizeof digits;

	while (n > 0 || at > (int)sizeof digits - least) {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	}
	return put(to, (struct str){ digits + at, sizeof digits - (size_t)at });
}

/* 2026-01-02T03:04:05.678Z; the second's text is kept for the next record. */
static char *
put_time(struct audit *l, char *to, int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;

	if (s != l->second || l->second_text[0] == '\0') {
		if (ms < 0 || gmtime_r(&s, &tm) == NULL)
			memset(&tm, 0, sizeof tm);
		strftime(l->second_text, sizeof l->second_text, "%Y-%m-%dT%H:%M:%S", &tm);
		l->second = s;
	}
	to = put(put(to, str_of(l->second_text)), STR("."));
	return put(put_number(to, ms < 0 ? 0 : (uint64_t)(ms % 1000), 3), STR("Z"));
}

/* The hash of the last record that was queued: computed when it is wanted, most
 * often after the answer has left. */
static void
hash_last(struct audit *l)
{
	if (l->unhashed > 0)
		audit__hash_line((struct str){ l->queue + l->unhashed_at, l->unhashed }, l->queue_prev);
	l->unhashed = 0;
	if (l->queued == 0)
		memcpy(l->prev, l->queue_prev, sizeof l->prev);
}

int
audit_queue(struct audit *l, int64_t now_ms, struct str body)
{
	char *line, *end;
	int err;

	if (body.n > AUDIT_MAX_LINE - 256)
		return BRIDLE_ELIMIT;
	if (body.n == 0 || memchr(body.p, '\n', body.n) != NULL)
		return BRIDLE_EINVAL;
	hash_last(l);
	if ((err = room(l, body.n + 256)) != 0)
		return err;
	line = l->queue + l->queued;
	end = put_number(put(line, STR("{\"v\":1,\"seq\":")), l->queue_seq + 1, 1);
	end = put_time(l, put(end, STR(",\"time\":\"")), now_ms);
	end = put(put(end, STR("\",")), body);
	end = put(end, STR(",\"prev\":\""));
	end = put(end, (struct str){ l->queue_prev, AUDIT_HEX });
	end = put(end, STR("\"}\n"));
	l->unhashed_at = l->queued;
	l->unhashed = (size_t)(end - line) - 1;
	l->queued += (size_t)(end - line);
	l->queue_seq++;
	return 0;
}

static int
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return BRIDLE_EIO;
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

/* The head is one line of fixed length, overwritten in place. */
void
audit__write_head(struct audit *l)
{
	char b[160];
	int n;

	hash_last(l);
	n = snprintf(b, sizeof b, "%020" PRIu64 " %s %s\n", l->seq, l->prev, l->id);
	if (pwrite(l->headfd, b, (size_t)n, 0) != n)
		audit__trouble(l, "the head of the log cannot be written");
	l->head_due = false;
}

void
audit_prepare(struct audit *l)
{
	hash_last(l);
}

void
audit_settle(struct audit *l)
{
	if (l->head_due)
		audit__write_head(l);
}

static void
forget_queue(struct audit *l)
{
	l->queued = l->unhashed = 0;
	l->queue_seq = l->seq;
	memcpy(l->queue_prev, l->prev, sizeof l->prev);
}

/* Was the segment removed under us? What is written to it would be lost. */
static bool
removed(struct audit *l)
{
	struct stat st;

	if (l->fd < 0 || (fstat(l->fd, &st) == 0 && st.st_nlink > 0))
		return false;
	errno = ENOENT;
	audit__trouble(l, "the log was removed");
	return true;
}

/* Was the folder moved away, or another put in its place? */
static bool
moved(struct audit *l)
{
	struct stat here, there;

	if (fstat(l->dirfd, &here) == 0 && stat(l->dir, &there) == 0 && here.st_ino == there.st_ino &&
	    here.st_dev == there.st_dev)
		return false;
	errno = ENOENT;
	audit__trouble(l, "the log folder was moved");
	return true;
}

int
audit_check(struct audit *l)
{
	return removed(l) ? BRIDLE_ENOENT : 0;
}

int
audit_flush(struct audit *l)
{
	int err;

	if (l->queued == 0)
		return 0;
	if (l->fd < 0 && (err = audit__open_segment(l, l->seq + 1, 0)) != 0) {
		forget_queue(l);
		return err;
	}
	if (write_all(l->fd, l->queue, l->queued) != 0) {
		audit__trouble(l, "the log cannot be written");
		/* Take back what did reach the file; where even that fails, a
		 * new segment begins with the next record. */
		if (ftruncate(l->fd, (off_t)l->bytes) != 0) {
			close(l->fd);
			l->fd = -1;
		}
		forget_queue(l);
		return BRIDLE_EIO;
	}
	l->trouble[0] = '\0';
	l->bytes += l->queued;
	l->seq = l->queue_seq;
	l->queued = 0; /* and prev with the next record or the head: hash_last */
	l->dirty = l->head_due = true;
	if (l->o.sync == AUDIT_SYNC_ALWAYS) {
		if (fdatasync(l->fd) != 0)
			audit__trouble(l, "the log cannot be synced");
		l->dirty = false;
	}
	return l->bytes >= l->o.segment_bytes ? audit__rotate(l, l->opened_ms) : 0;
}

int
audit_write(struct audit *l, int64_t now_ms, struct str body)
{
	int err = audit_queue(l, now_ms, body);

	if (err == 0)
		err = audit_flush(l);
	if (err == 0)
		err = audit_check(l);
	audit_settle(l);
	return err;
}

static bool
sync_is_due(const struct audit *l, int64_t now_ms)
{
	return l->dirty && l->o.sync == AUDIT_SYNC_INTERVAL && l->fd >= 0 &&
	    (now_ms < l->synced_ms || now_ms - l->synced_ms >= (int64_t)l->o.interval_ms);
}

int
audit_tick(struct audit *l, int64_t now_ms)
{
	int err = 0;

	audit_settle(l);
	if (removed(l) || moved(l))
		return BRIDLE_ENOENT;
	if (l->opened_ms == 0 || l->opened_ms > now_ms)
		l->opened_ms = now_ms; /* just opened, or the clock went back */
	if (sync_is_due(l, now_ms)) {
		if (fdatasync(l->fd) != 0)
			audit__trouble(l, "the log cannot be synced");
		l->dirty = false;
		l->synced_ms = now_ms;
	}
	if (l->bytes > 0 && now_ms - l->opened_ms >= (int64_t)l->o.segment_age_s * 1000)
		err = audit__rotate(l, now_ms);
	audit__upkeep(l, now_ms);
	return err;
}

bool
audit_busy(const struct audit *l)
{
	return (l->dirty && l->o.sync == AUDIT_SYNC_INTERVAL) || l->packer > 0;
}

int
audit_sync_begin(struct audit *l, int64_t now_ms)
{
	int fd;

	if (!sync_is_due(l, now_ms))
		return -1;
	if ((fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 3)) >= 0) {
		l->dirty = false;
		l->synced_ms = now_ms;
	}
	return fd;
}

void
audit_synced(struct audit *l, int error)
{
	if (error == 0)
		return;
	errno = error;
	audit__trouble(l, "the log cannot be synced");
}

void
audit_secret_hash(void *audit, struct str secret, char out[17])
{
	const struct audit *l = audit;
	unsigned char h[16];

	crypto_generichash(h, sizeof h, (const unsigned char *)secret.p, secret.n, l->key, sizeof l->key);
	sodium_bin2hex(out, 17, h, 8);
}
