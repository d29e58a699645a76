/* SPDX-License-Identifier: ISC */
/*
 * record.c: what goes into the audit log: one record per decision, and one for
 * each start, stop and reload, written before the answer leaves. Everything
 * that a command line may hold is redacted here. Chain and files: src/audit.
 */
#include "daemon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RETRY_MS 5000
/* After so much time or so many bytes of records it is seen whether the log is
 * still there, and its head is written: a system call each, which took as long as
 * the record when each record had them. */
#define SETTLE_MS 20
#define SETTLE_BYTES (64u << 10)
#define RECORD_ROOM 2048 /* most records are shorter */

/* ---- opening ------------------------------------------------------------------------ */

static const char *
setting(const struct daemon *d, const char *key)
{
	const struct local_policy *lp = policies_base(d);
	return lp == NULL ? NULL : policy_setting(lp->policy, key);
}

/* "90d", "500M": a number and what it counts; 0: not set, or the other kind. */
static uint64_t
quantity(const char *text, const char *units, const uint64_t *each)
{
	char *end;
	if (text == NULL)
		return 0;
	unsigned long long n = strtoull(text, &end, 10);
	const char *unit = *end == '\0' ? NULL : strchr(units, *end);
	return unit == NULL || end[1] != '\0' ? 0 : n * each[unit - units];
}

static uint64_t
seconds(const struct daemon *d, const char *key)
{
	static const uint64_t each[] = { 1, 60, 3600, 86400 };
	return quantity(setting(d, key), "smhd", each);
}

static uint64_t
bytes(const struct daemon *d, const char *key)
{
	static const uint64_t each[] = { 1 << 10, 1 << 20, 1 << 30 };
	return quantity(setting(d, key), "kMG", each);
}

static struct audit_options
options(const struct daemon *d)
{
	struct audit_options o = { .sync = AUDIT_SYNC_INTERVAL };
	const char *sync = setting(d, "audit.sync");
	if (sync != NULL && strcmp(sync, "always") == 0)
		o.sync = AUDIT_SYNC_ALWAYS;
	else if (sync != NULL && strcmp(sync, "never") == 0)
		o.sync = AUDIT_SYNC_NEVER;
	o.interval_ms = (unsigned)(seconds(d, "audit.interval") * 1000);
	o.segment_bytes = bytes(d, "audit.segment");
	o.segment_age_s = seconds(d, "audit.segment-age");
	o.keep_s = seconds(d, "audit.keep");
	o.keep_bytes = bytes(d, "audit.keep-bytes");
	if (o.keep_bytes == 0)
		o.keep_bytes = bytes(d, "audit.keep");
	return o;
}

static void
cannot_open(struct daemon *d, struct str why)
{
	bool again = str_is(why, d->audit_trouble);
	snprintf(d->audit_trouble, sizeof(d->audit_trouble), STR_FMT, STR_ARG(why));
	d->audit_why = str_of(d->audit_trouble);
	if (!again)
		log_line(LOG_ERR, "audit log: " STR_FMT, STR_ARG(why));
}

void
record_open(struct daemon *d)
{
	struct arena *a = arena_new(0);
	struct audit_options o = options(d);
	struct str err = STR("");
	jmp_buf jb;
	d->audit = NULL;
	d->audit_tried = uv_now(&d->loop);
	if (a == NULL || ARENA_GUARD(a, jb) != 0)
		cannot_open(d, STR("no memory"));
	else {
		struct str dir = path_join(a, d->places.state, STR(LOCAL_AUDIT));
		struct str head = path_join(a, d->places.state, STR(LOCAL_AUDIT_HEAD));
		if (audit_open(str_c(a, dir), str_c(a, head), &o, a, &d->audit, &err) != 0) {
			d->audit = NULL;
			cannot_open(d, err.n > 0 ? err : STR("it cannot be opened"));
		}
	}
	arena_free(a);
}

void
record_close(struct daemon *d)
{
	if (d->audit != NULL)
		audit_close(d->audit);
	d->audit = NULL;
	d->audit_why = STR("the log is closed");
}

/* ---- writing -------------------------------------------------------------------------- */

/* The bodies of the records since the last check, a line each: they go into
 * another log where the folder of this one turns out to be gone. */
static bool
remember(struct queued *q, struct str body)
{
	size_t cap = q->cap == 0 ? 4096 : q->cap;
	while (cap < q->n + body.n + 1)
		cap *= 2;
	char *p = cap == q->cap ? q->p : realloc(q->p, cap);
	if (p == NULL)
		return false;
	q->p = p;
	q->cap = cap;
	memcpy(q->p + q->n, body.p, body.n);
	q->n += body.n;
	q->p[q->n++] = '\n';
	return true;
}

int
record_queue(struct daemon *d, struct str body)
{
	if (d->audit == NULL)
		return BRIDLE_EIO;
	d->audit_dirty = true;
	server_tick(d);
	int rc = audit_queue(d->audit, daemon_wall_ms(), body);
	if (rc == 0 && !remember(&d->queued, body))
		rc = record_flush(d, true); /* alone, then */
	return rc;
}

/* Its folder is gone: a new one is made, in which the missing records show, and
 * those since the last check come again. */
static int
begin_anew(struct daemon *d)
{
	struct queued q = d->queued;
	struct str bodies = { q.p, q.n };
	int rc;
	d->queued = (struct queued){ 0 };
	log_line(LOG_ERR, "audit log: its folder was removed or moved away while it was written; it begins anew");
	record_close(d);
	record_open(d);
	if (d->audit != NULL)
		record_event(d, "reopen", NULL, STR(""));
	rc = d->audit == NULL ? BRIDLE_EIO : 0;
	while (rc == 0 && bodies.n > 0)
		rc = audit_queue(d->audit, daemon_wall_ms(), str_line(&bodies));
	free(q.p);
	return rc != 0 ? rc : audit_flush(d->audit);
}

int
record_check(struct daemon *d)
{
	d->settled = uv_now(&d->loop);
	if (d->audit != NULL && audit_check(d->audit) == BRIDLE_ENOENT)
		return begin_anew(d);
	d->queued.n = d->queued.written = 0;
	return d->audit == NULL ? BRIDLE_EIO : 0;
}

int
record_flush(struct daemon *d, bool sure)
{
	struct queued *q = &d->queued;
	int rc = d->audit == NULL ? BRIDLE_EIO : audit_flush(d->audit);
	if (rc != 0 && (d->audit == NULL || audit_check(d->audit) == 0))
		q->n = q->written;
	if (q->n == q->written)
		return rc;
	sure = sure || rc != 0;
	q->written = q->n;
	d->head_due = true;
	if (!sure && q->n < SETTLE_BYTES && uv_now(&d->loop) - d->settled < SETTLE_MS)
		return 0;
	return record_check(d);
}

static void
settle(struct daemon *d)
{
	d->head_due = false;
	if (d->audit != NULL)
		audit_settle(d->audit);
}

static void
on_settle(uv_timer_t *t)
{
	struct daemon *d = t->data;
	(void)record_check(d);
	settle(d);
}

void
record_settle(struct daemon *d)
{
	if (!d->head_due)
		return;
	if (d->audit != NULL)
		audit_prepare(d->audit);
	if (d->queued.n == 0)
		settle(d); /* checked just now */
	else if (!uv_is_active((const uv_handle_t *)&d->settle))
		uv_timer_start(&d->settle, on_settle, SETTLE_MS, 0);
}

int
record_write(struct daemon *d, struct str body)
{
	int rc = record_queue(d, body);
	return rc != 0 ? rc : record_flush(d, false);
}

/* What a record is made from; fill writes its fields behind event and pid. */
typedef void fill_record(struct buf *b, const char *name, const void *of);

static void
write_event(struct daemon *d, const char *event, fill_record *fill, const char *name, const void *of)
{
	struct arena *a = arena_new(0);
	struct buf b;
	jmp_buf jb;
	if (a == NULL)
		return;
	if (ARENA_GUARD(a, jb) == 0) {
		buf_init(&b, a);
		buf_printf(&b, "\"event\":\"%s\",\"pid\":%ld", event, (long)getpid());
		fill(&b, name, of);
		record_write(d, buf_str(&b));
	}
	arena_free(a);
}

static void
fill_text(struct buf *b, const char *name, const void *of)
{
	if (name == NULL)
		return;
	buf_printf(b, ",\"%s\":", name);
	buf_json(b, *(const struct str *)of);
}

static void
fill_grant(struct buf *b, const char *name, const void *of)
{
	const struct grant *g = of;
	(void)name;
	buf_printf(b, ",\"code\":\"%s\",\"command\":", g->code);
	buf_json(b, g->text);
	buf_puts(b, ",\"session\":");
	buf_json(b, g->session);
	buf_printf(b, ",\"uses\":%u,\"until_ms\":%lld", g->uses, (long long)g->until_ms);
}

void
record_event(struct daemon *d, const char *event, const char *name, struct str text)
{
	write_event(d, event, fill_text, name, &text);
}

void
record_grant(struct daemon *d, const char *event, const struct grant *g)
{
	write_event(d, event, fill_grant, NULL, g);
}

/* ---- once a second ------------------------------------------------------------------------ */

/* The disk may take its time: another thread waits for it. */
static void
sync_in_thread(uv_work_t *w)
{
	struct daemon *d = w->data;
	d->sync_error = fdatasync(d->sync_fd) == 0 ? 0 : errno;
}

static void
on_synced(uv_work_t *w, int status)
{
	struct daemon *d = w->data;
	close(d->sync_fd);
	d->sync_fd = -1;
	if (d->audit != NULL)
		audit_synced(d->audit, status == 0 ? d->sync_error : 0);
}

static void
start_sync(struct daemon *d)
{
	if (d->sync_fd >= 0 || (d->sync_fd = audit_sync_begin(d->audit, daemon_wall_ms())) < 0)
		return;
	d->sync.data = d;
	if (uv_queue_work(&d->loop, &d->sync, sync_in_thread, on_synced) != 0) {
		close(d->sync_fd);
		d->sync_fd = -1;
	}
}

void
record_tick(struct daemon *d)
{
	if (d->audit == NULL) {
		if (uv_now(&d->loop) - d->audit_tried >= RETRY_MS)
			record_open(d);
		return;
	}
	struct audit_options o = options(d); /* the policy may have changed */
	audit_configure(d->audit, &o);
	bool slow = d->sync_fd >= 0; /* the disk still takes its time over the sync before */
	start_sync(d);
	if (record_check(d) == 0 && !slow && audit_tick(d->audit, daemon_wall_ms()) == BRIDLE_ENOENT)
		(void)begin_anew(d);
	d->audit_dirty = d->sync_fd >= 0 || (d->audit != NULL && audit_busy(d->audit));
}

/* ---- one decision ------------------------------------------------------------------------ */

static struct str
redact(void *ctx, struct arena *a, struct str text)
{
	const struct judging *j = ctx;
	return secrets_redact(a, j->decision.secrets, text,
	    j->d->audit == NULL ? NULL : audit_secret_hash, j->d->audit);
}

/* May jump (arena): the caller has a guard. */
int
record_decision(struct judging *j)
{
	struct record_facts facts = { .event = j->event == NULL ? "wrapper" : "decision" };
	char room[RECORD_ROOM], hash[17];
	struct buf b = { .a = j->a, .p = room, .cap = sizeof(room) }, hex = { .a = j->a, .p = hash, .cap = sizeof(hash) };
	if (j->d->audit == NULL)
		return BRIDLE_EIO;
	if (j->policy != NULL)
		buf_hex(&hex, j->policy->hash, 8);
	facts.pid = (long)client_pid(j->client);
	facts.uid = (long)client_uid(j->client);
	facts.took_us = (uv_hrtime() - j->began_ns) / 1000;
	facts.policy = buf_str(&hex);
	facts.grant = j->grant;
	facts.code = j->code;
	decision_record(&j->decision, j->request, &facts, redact, j, &b);
	return record_queue(j->d, buf_str(&b));
}
