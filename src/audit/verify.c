/* SPDX-License-Identifier: ISC */
/*
 * verify.c: goes through the whole chain: numbers without a gap, each record
 * holding the hash of the one before, and among them the one that the head
 * names. The head is read first, and so holds for a log that is written
 * meanwhile, too. The first bad record is named.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit.h"

struct place {
	const struct audit__segment *segment;
	uint64_t line, seq; /* seq 0: none */
};

struct verifying {
	struct audit_verify *out;
	struct arena *a;
	const struct audit__segment *segment;
	uint64_t seq;             /* of the record before; 0: none */
	struct place before;      /* where it stands */
	struct place suspect;     /* a record whose hash is not what the one after it says */
	uint64_t expired;         /* the oldest record that expiry left */
	uint64_t begins;          /* the first record there is */
	char hash[AUDIT_HEX + 1]; /* of the record before */
	uint64_t line;
	const char *head_path;
	struct audit__head head;
	int head_rc;  /* of reading it, before all else */
	bool last;    /* the last segment */
};

static int
bad(struct verifying *v, uint64_t seq, struct str what)
{
	v->out->good = false;
	v->out->file = v->segment == NULL ? STR("") : str_dup(v->a, str_of(v->segment->name));
	v->out->line = v->line;
	v->out->seq = seq;
	v->out->what = what;
	return 1;
}

static int
changed(struct verifying *v, struct place at)
{
	v->segment = at.segment;
	v->line = at.line;
	v->out->records = at.seq - v->begins;
	return bad(v, at.seq, str_printf(v->a, "record %" PRIu64 " was changed: its hash and what its neighbour "
	    "says of it differ", at.seq));
}

/* "event":"expire","first":N, which only rotate.c writes so early in a line. */
static void
see_expire(struct verifying *v, struct str line)
{
	const struct str mark = STR(",\"event\":\"expire\",\"first\":");
	size_t at = str_find(str_sub(line, 0, 128), mark), digits = 0;

	if (at == STR_NPOS)
		return;
	line = str_sub(line, at + mark.n, line.n);
	while (digits < line.n && line.p[digits] >= '0' && line.p[digits] <= '9')
		digits++;
	(void)str_u64(str_sub(line, 0, digits), &v->expired);
}

/* A line without its end after all that the head knew: somebody may be writing
 * it, and then the head knows more in a moment. */
static bool
being_written(const struct verifying *v)
{
	const struct timespec moment = { 0, 5000000 };
	struct audit__head now;

	for (int i = 0; v->last && v->head_rc == 0 && v->seq >= v->head.seq && i < 20; i++) {
		if (audit__head_read(v->head_path, &now) == 0 && now.seq > v->seq)
			return true;
		nanosleep(&moment, NULL);
	}
	return false;
}

static int
check_line(void *ctx, struct str line, bool whole)
{
	struct verifying *v = ctx;
	uint64_t seq = 0;
	struct str prev;
	bool record;

	v->line++;
	if (!whole && v->suspect.seq == 0)
		return being_written(v) ? 0 : bad(v, v->seq + 1, STR("the last line is torn"));
	record = whole && audit__parse(line, &seq, &prev);
	/* Of two records that do not fit the first, if the third fits the second. */
	if (v->suspect.seq != 0)
		return changed(v, !whole || (record && seq == v->seq + 1 && memcmp(prev.p, v->hash, AUDIT_HEX) == 0) ?
		    v->suspect : v->before);
	if (!record)
		return bad(v, v->seq + 1, STR("this line is no record"));
	if (v->line == 1 && seq != v->segment->first)
		return bad(v, seq, STR("the segment does not begin with the record that its name says"));
	if (v->seq == 0) {
		v->begins = seq;
		if (seq == 1 && strspn(str_c(v->a, prev), "0") != AUDIT_HEX)
			return bad(v, seq, STR("the first record names one before it"));
	} else if (seq != v->seq + 1) {
		return bad(v, seq, str_printf(v->a, "after record %" PRIu64 " comes %" PRIu64
		    ": records are missing, added or out of order", v->seq, seq));
	} else if (memcmp(prev.p, v->hash, AUDIT_HEX) != 0) {
		v->suspect = v->before;
	}
	audit__hash_line(line, v->hash);
	if (v->head_rc == 0 && seq == v->head.seq && strcmp(v->head.hash, v->hash) != 0)
		return bad(v, seq, str_printf(v->a, "record %" PRIu64 " is not the one that was written", seq));
	see_expire(v, line);
	v->seq = seq;
	v->before = (struct place){ v->segment, v->line, seq };
	v->out->records++;
	v->out->bytes += line.n + 1;
	return 0;
}

/* After all segments: do the beginning and the end hold? */
static void
check_ends(struct verifying *v)
{
	if (v->suspect.seq != 0) {
		changed(v, v->head_rc == 0 && v->head.seq > v->seq ? v->before : v->suspect);
		return;
	}
	v->segment = NULL;
	v->line = 0;
	if (v->begins > 1 && v->begins != v->expired)
		bad(v, v->begins, str_printf(v->a, "the records before %" PRIu64 " are missing", v->begins));
	else if (v->head_rc == BRIDLE_ENOENT && v->seq > 0)
		bad(v, v->seq, STR("the head that the state folder keeps is missing: a cut tail could not be seen"));
	else if (v->head_rc != 0 && v->head_rc != BRIDLE_ENOENT)
		bad(v, v->seq, STR("the head that the state folder keeps does not parse"));
	else if (v->head_rc == 0 && v->head.seq > v->seq)
		bad(v, v->seq + 1, str_printf(v->a, "the log ends with record %" PRIu64 ", but %" PRIu64
		    " were written: the tail was cut", v->seq, v->head.seq));
}

int
audit_verify(const char *dir, const char *head, struct arena *a, struct audit_verify *out,
    audit_progress *progress, void *ctx)
{
	struct verifying v;
	struct audit__segment *s;
	uint64_t done = 0, total = 0;
	size_t n;
	int dirfd, err;

	memset(out, 0, sizeof *out);
	out->good = true;
	memset(&v, 0, sizeof v);
	v.out = out;
	v.a = a;
	v.head_path = head;
	v.head_rc = audit__head_read(head, &v.head);
	if ((err = audit__list(dir, a, &s, &n)) != 0)
		return err;
	if ((dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return BRIDLE_EIO;
	for (size_t i = 0; i < n; i++)
		total += s[i].size;
	for (size_t i = 0; i < n && out->good; i++) {
		v.segment = &s[i];
		v.line = 0;
		v.last = i + 1 == n;
		err = audit__lines(dirfd, &s[i], STR(""), check_line, &v);
		if (err < 0 && (err != BRIDLE_ENOENT || v.seq > 0)) /* the oldest may expire meanwhile */
			bad(&v, v.seq + 1, STR("the segment cannot be read or unpacked"));
		done += s[i].size;
		if (progress != NULL)
			progress(ctx, done, total);
	}
	close(dirfd);
	if (out->good)
		check_ends(&v);
	return 0;
}
