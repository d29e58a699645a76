/* SPDX-License-Identifier: ISC */
/*
 * control.c: what `bridle` asks the daemon, one JSON object a line, one line
 * back. Looking is free for every process of this user; what would loosen
 * something asks first who is asking (src/local/process.c).
 */
#include "daemon.h"

#include <cjson/cJSON.h>
#include <sys/resource.h>

static void
fail(struct buf *out, const char *why)
{
	buf_puts(out, "{\"ok\":false,\"error\":");
	buf_json(out, str_of(why));
	buf_puts(out, "}\n");
}

static void
cmd_ping(struct daemon *d, struct client *c, const cJSON *request, struct buf *out)
{
	(void)d;
	(void)c;
	(void)request;
	buf_printf(out, "{\"ok\":true,\"release\":\"%s\",\"protocol\":%d}\n", BRIDLE_VERSION, FRAME_VERSION);
}

static void
counts_json(const struct daemon *d, struct buf *out)
{
	const struct counts *n = &d->counts;
	buf_printf(out, ",\"requests\":%llu,\"decisions\":{", (unsigned long long)n->requests);
	for (enum verdict v = VERDICT_ALLOW; v <= VERDICT_DENY; v++)
		buf_printf(out, "%s\"%s\":%llu", v == VERDICT_ALLOW ? "" : ",", verdict_name(v),
		    (unsigned long long)n->verdicts[v]);
	buf_printf(out, "},\"bad_events\":%llu,\"refused\":%llu,\"controls\":%llu,\"other_release\":%llu",
	    (unsigned long long)n->bad, (unsigned long long)n->refused, (unsigned long long)n->controls,
	    (unsigned long long)n->other_release);
	buf_printf(out, ",\"clients\":%zu,\"sessions\":%zu", d->nclients, sessions_count(d->sessions));
}

static void
audit_json(const struct daemon *d, struct buf *out)
{
	struct str why = d->audit_why;
	bool good = d->audit != NULL && audit_healthy(d->audit, &why);
	buf_printf(out, ",\"audit\":{\"healthy\":%s", good ? "true" : "false");
	if (!good) {
		buf_puts(out, ",\"why\":");
		buf_json(out, why);
	}
	buf_putc(out, '}');
}

static void
cmd_status(struct daemon *d, struct client *c, const cJSON *request, struct buf *out)
{
	struct rusage u;
	(void)c;
	(void)request;
	policies_check(d, false);
	buf_printf(out, "{\"ok\":true,\"release\":\"%s\",\"protocol\":%d,\"pid\":%ld,\"started_ms\":%lld,\"socket\":",
	    BRIDLE_VERSION, FRAME_VERSION, (long)getpid(), (long long)d->counts.started_ms);
	buf_json(out, str_of(d->address.path));
	buf_puts(out, ",\"state\":");
	buf_json(out, d->places.state);
	buf_printf(out, ",\"system\":%s,\"monitor\":%s,\"confined\":", d->options.system ? "true" : "false",
	    d->options.monitor ? "true" : "false");
	buf_json(out, d->confined);
	if (getrusage(RUSAGE_SELF, &u) == 0)
		buf_printf(out, ",\"max_rss_kib\":%ld", u.ru_maxrss);
	counts_json(d, out);
	audit_json(d, out);
	buf_putc(out, ',');
	policies_status(d, out);
	buf_puts(out, "}\n");
}

static void
cmd_reload(struct daemon *d, struct client *c, const cJSON *request, struct buf *out)
{
	(void)c;
	(void)request;
	policies_check(d, true);
	if (d->audit == NULL)
		record_open(d);
	buf_puts(out, "{\"ok\":true,");
	policies_status(d, out);
	buf_puts(out, "}\n");
}

static void
cmd_pending(struct daemon *d, struct client *c, const cJSON *request, struct buf *out)
{
	(void)c;
	(void)request;
	approve_list(d, GRANT_PENDING, out);
}

static void
cmd_grants(struct daemon *d, struct client *c, const cJSON *request, struct buf *out)
{
	(void)c;
	(void)request;
	approve_list(d, GRANT_GIVEN, out);
}

static void
cmd_approve(struct daemon *d, struct client *c, const cJSON *request, struct buf *out)
{
	approve_code(d, c, request, out);
}

static void
cmd_deny(struct daemon *d, struct client *c, const cJSON *request, struct buf *out)
{
	approve_drop(d, c, request, GRANT_PENDING, out);
}

static void
cmd_revoke(struct daemon *d, struct client *c, const cJSON *request, struct buf *out)
{
	approve_drop(d, c, request, GRANT_GIVEN, out);
}

static void
cmd_grant(struct daemon *d, struct client *c, const cJSON *request, struct buf *out)
{
	approve_grant(d, c, request, out);
}

static void
cmd_person(struct daemon *d, struct client *c, const cJSON *request, struct buf *out)
{
	approve_person(d, c, request, out);
}

static const struct {
	const char *name;
	void (*run)(struct daemon *d, struct client *c, const cJSON *request, struct buf *out);
} commands[] = {
	{ "ping", cmd_ping },
	{ "status", cmd_status },
	{ "reload", cmd_reload },
	{ "pending", cmd_pending },
	{ "grants", cmd_grants },
	{ "approve", cmd_approve },
	{ "deny", cmd_deny },
	{ "revoke", cmd_revoke },
	{ "grant", cmd_grant },
	{ "person", cmd_person },
};

void
control_line(struct daemon *d, struct client *c, struct str line, struct buf *out)
{
	cJSON *request;
	struct str cmd;
	const char *why;
	d->counts.controls++;
	if (json_read(out->a, line, &request, &why) != 0) {
		fail(out, why);
		return;
	}
	if (json_get_str(request, "cmd", &cmd) != 0) {
		fail(out, "\"cmd\" is missing or no string");
		return;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (str_is(cmd, commands[i].name)) {
			commands[i].run(d, c, request, out);
			return;
		}
	fail(out, "this daemon does not know that command; `bridle` and bridled may be of different releases");
}
