/* SPDX-License-Identifier: ISC */
/*
 * log.c: `bridle log`: looks at what was decided. Free for everyone: it reads
 * only, and what it reads was redacted before it was written.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

static int run_log(int argc, char **argv);

const struct command cmd_log = { "log",
	"log [stats | verify] [--since 2h] [--decision deny,ask] [--session ID] [--tool NAME] [--rule FILE[:LINE]] "
	"[--grep RE] [--json | --csv | --table] [--follow]",
	"what was decided, by which rule, when",
	"  stats            decisions by day, tool, app and rule; most asked; slowest\n"
	"  verify           check the chain; names the first bad record\n"
	"  --since TIME     2h, 30d, 15m, a date (2026-01-31) or a time (2026-01-31T12:00)\n"
	"  --until TIME     the same, as an end\n"
	"  --decision LIST  allow, pass, ask, deny\n"
	"  --session ID, --tool NAME, --rule FILE[:LINE]\n"
	"  --grep RE        a PCRE2 regular expression on the command\n"
	"  --limit N        the last N records\n"
	"  --follow         go on with what is written from now\n"
	"  --json, --csv, --table  how (default: a table)\n"
	"  --state DIR      the log of a daemon with another state folder\n"
	"  --dir DIR        the log in this very folder\n",
	run_log };

enum form { FORM_TABLE, FORM_JSON, FORM_CSV };

struct view {
	enum form form;
	bool colour;
	unsigned width;
	struct arena *a;
	/* --limit: a ring of the last lines */
	struct str *ring;
	size_t limit, seen;
	char last[40]; /* number of the last record shown, for --follow */
};

struct wanted {
	const char *since, *until, *decisions, *session, *tool, *rule, *grep, *limit, *dir, *state;
	bool json, csv, table, follow;
};

int64_t
log__since(const char *s, int64_t now_ms)
{
	char *end;
	long n = strtol(s, &end, 10);
	struct tm tm;

	if (end != s && n >= 0 && n <= 1000000000 && end[0] != '\0' && end[1] == '\0') {
		const char *units = "smhdw";
		static const int64_t seconds[] = { 1, 60, 3600, 86400, 604800 };
		const char *u = strchr(units, end[0]);

		if (u != NULL)
			return now_ms - n * seconds[u - units] * 1000;
	}
	memset(&tm, 0, sizeof tm);
	tm.tm_isdst = -1;
	end = strptime(s, "%Y-%m-%d", &tm);
	if (end != NULL && *end == 'T')
		end = strptime(end, end[1] != '\0' && strlen(end) > 6 ? "T%H:%M:%S" : "T%H:%M", &tm);
	if (end == NULL || (*end != '\0' && strcmp(end, "Z") != 0))
		return -1;
	return (int64_t)(*end == 'Z' ? timegm(&tm) : mktime(&tm)) * 1000;
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
show(struct view *v, struct str line)
{
	struct arena_mark m = arena_mark(v->a);
	struct buf b;

	log__progress_end();
	buf_init(&b, v->a);
	switch (v->form) {
	case FORM_JSON:
		buf_add(&b, line);
		buf_putc(&b, '\n');
		break;
	case FORM_CSV:
		log__csv(v->a, line, &b);
		break;
	case FORM_TABLE:
		log__row(v->a, line, v->width, v->colour, &b);
		break;
	}
	if (fwrite(b.p, 1, b.n, stdout) != b.n)
		exit(EXIT_USAGE);
	arena_release(v->a, m);
}

static int
see(void *ctx, struct str line)
{
	struct view *v = ctx;
	struct str seq;

	if (audit_field(line, "seq", &seq))
		snprintf(v->last, sizeof v->last, STR_FMT, STR_ARG(seq));
	if (v->limit == 0) {
		show(v, line);
		return 0;
	}
	free((void *)(uintptr_t)v->ring[v->seen % v->limit].p);
	v->ring[v->seen++ % v->limit] = (struct str){ strndup(line.p, line.n), line.n };
	return 0;
}

static void
show_ring(struct view *v)
{
	size_t n = v->seen < v->limit ? v->seen : v->limit;

	for (size_t i = v->seen - n; i < v->seen; i++) {
		show(v, v->ring[i % v->limit]);
		free((void *)(uintptr_t)v->ring[i % v->limit].p);
	}
	free(v->ring);
	v->limit = 0;
}

struct following {
	struct view *v;
	struct audit_filter *f;
};

static int
see_new(void *ctx, struct str line)
{
	struct following *fo = ctx;
	struct str seq;

	if (audit_field(line, "seq", &seq) && str_u64(seq, &fo->f->after) == 0)
		show(fo->v, line);
	return 0;
}

/* Looks five times a second whether there is something new. */
static int
follow(struct view *v, const char *dir, struct audit_filter *f)
{
	struct following fo = { v, f };
	struct str err;
	uint64_t seen = 0, now;

	(void)str_u64(str_of(v->last), &f->after);
	f->since_ms = 0;
	while (fflush(stdout) == 0) {
		if ((now = audit_stamp(dir)) != seen && now != 0)
			(void)audit_read(dir, f, see_new, &fo, NULL, &err); /* what cannot be read now may be, later */
		else
			usleep(200000);
		seen = now;
	}
	return 1;
}

static int
fill_filter(const struct wanted *w, struct arena *a, struct audit_filter *f)
{
	struct str list = str_of(w->decisions);
	VEC(struct str) v = { 0 };

	memset(f, 0, sizeof *f);
	f->session = str_of(w->session);
	f->tool = str_of(w->tool);
	f->rule = str_of(w->rule);
	f->grep = str_of(w->grep);
	if (w->since != NULL && (f->since_ms = log__since(w->since, now_ms())) < 0)
		return usage_error(&cmd_log, "--since %s: expected 2h, 30d, a date or a time", w->since);
	if (w->until != NULL && (f->until_ms = log__since(w->until, now_ms())) < 0)
		return usage_error(&cmd_log, "--until %s: expected 2h, 30d, a date or a time", w->until);
	while (list.n > 0) {
		size_t comma = str_chr(list, ',');
		struct str d = str_sub(list, 0, comma);

		if (!str_is(d, "allow") && !str_is(d, "pass") && !str_is(d, "ask") && !str_is(d, "deny"))
			return usage_error(&cmd_log, "--decision " STR_FMT ": expected allow, pass, ask or deny", STR_ARG(d));
		*vec_push(a, &v) = d;
		list = comma == STR_NPOS ? STR("") : str_sub(list, comma + 1, list.n);
	}
	f->decisions = v.v;
	f->ndecisions = v.n;
	return 0;
}

static int
verify(const char *dir, const char *head, struct arena *a, bool json)
{
	struct audit_verify v;
	struct buf b;
	int err = audit_verify(dir, head, a, &v, log__progress, NULL);

	log__progress_end();
	if (err != 0) {
		fprintf(stderr, "bridle log: %s: %s\n", dir, err == BRIDLE_ENOENT ? "there is no log yet" : "it cannot be read");
		return err == BRIDLE_ENOENT ? 0 : 1;
	}
	buf_init(&b, a);
	if (json) {
		buf_printf(&b, "{\"good\":%s,\"records\":%llu,\"bytes\":%llu", v.good ? "true" : "false",
		    (unsigned long long)v.records, (unsigned long long)v.bytes);
		if (!v.good) {
			buf_printf(&b, ",\"seq\":%llu,\"line\":%llu,\"file\":", (unsigned long long)v.seq, (unsigned long long)v.line);
			buf_json(&b, v.file);
			buf_puts(&b, ",\"what\":");
			buf_json(&b, v.what);
		}
		buf_puts(&b, "}\n");
	} else if (v.good) {
		buf_printf(&b, "%llu records, %llu bytes: the chain is whole\n", (unsigned long long)v.records,
		    (unsigned long long)v.bytes);
	} else {
		buf_printf(&b, "record %llu is bad", (unsigned long long)v.seq);
		if (v.file.n > 0)
			buf_printf(&b, " (" STR_FMT ":%llu)", STR_ARG(v.file), (unsigned long long)v.line);
		buf_printf(&b, ": " STR_FMT "\n%llu records before it are good\n", STR_ARG(v.what), (unsigned long long)v.records);
	}
	write_out(buf_str(&b));
	return v.good ? 0 : 1;
}

static int
list(const struct wanted *w, const char *dir, struct audit_filter *f, struct arena *a)
{
	uint64_t limit = 0;
	struct str err;
	struct view v;
	int rc;

	memset(&v, 0, sizeof v);
	v.a = a;
	v.form = w->json ? FORM_JSON : w->csv ? FORM_CSV : FORM_TABLE;
	v.colour = use_colour(stdout);
	v.width = isatty(STDOUT_FILENO) == 1 || getenv("COLUMNS") != NULL ? terminal_width() : UINT_MAX; /* for grep */
	if (w->limit != NULL && (str_u64(str_of(w->limit), &limit) != 0 || limit == 0))
		return usage_error(&cmd_log, "--limit wants a number of records");
	v.limit = (size_t)limit;
	if (limit > 1000000 || (limit > 0 && (v.ring = calloc(v.limit, sizeof *v.ring)) == NULL))
		return usage_error(&cmd_log, "--limit %s is too much", w->limit);
	if (v.form == FORM_CSV)
		fputs(log__csv_header, stdout);
	rc = audit_read(dir, f, see, &v, log__progress, &err);
	log__progress_end();
	if (rc == 0 && v.limit > 0)
		show_ring(&v);
	if (rc != 0 && rc != BRIDLE_ENOENT) {
		fprintf(stderr, "bridle log: " STR_FMT "\n", STR_ARG(err));
		return 1;
	}
	if (rc == BRIDLE_ENOENT && !w->follow)
		fprintf(stderr, "bridle log: there is no log yet in %s\n", dir);
	return w->follow ? follow(&v, dir, f) : fflush(stdout) == 0 ? 0 : 1;
}

static int
run_log(int argc, char **argv)
{
	struct wanted w;
	const struct opt table[] = {
		{ "since", 0, OPT_VALUE, &w.since },
		{ "until", 0, OPT_VALUE, &w.until },
		{ "decision", 'd', OPT_VALUE, &w.decisions },
		{ "session", 0, OPT_VALUE, &w.session },
		{ "tool", 0, OPT_VALUE, &w.tool },
		{ "rule", 0, OPT_VALUE, &w.rule },
		{ "grep", 'g', OPT_VALUE, &w.grep },
		{ "limit", 'n', OPT_VALUE, &w.limit },
		{ "dir", 0, OPT_VALUE, &w.dir },
		{ "state", 0, OPT_VALUE, &w.state },
		{ "json", 0, OPT_FLAG, &w.json },
		{ "csv", 0, OPT_FLAG, &w.csv },
		{ "table", 0, OPT_FLAG, &w.table },
		{ "follow", 'f', OPT_FLAG, &w.follow },
	};
	struct local_places places;
	struct audit_filter f;
	struct arena *a = arena_new(0);
	const char *dir, *head;
	int n = -1, status;

	memset(&w, 0, sizeof w);
	if (a == NULL || (n = OPTIONS(&cmd_log, argc, argv, table, false)) < 0) {
		arena_free(a);
		return a != NULL && n == -2 ? 0 : EXIT_USAGE;
	}
	if (local_places(a, &places) != 0 && w.state == NULL) {
		arena_free(a);
		return no_home(&cmd_log);
	}
	if (w.state != NULL)
		places.state = str_of(w.state);
	dir = w.dir != NULL ? w.dir : str_c(a, path_join(a, places.state, STR(LOCAL_AUDIT)));
	head = str_c(a, path_join(a, places.state, STR(LOCAL_AUDIT_HEAD)));
	if ((status = fill_filter(&w, a, &f)) != 0)
		;
	else if (n == 0)
		status = list(&w, dir, &f, a);
	else if (n == 1 && strcmp(argv[1], "stats") == 0)
		status = log__stats(dir, &f, w.json);
	else if (n == 1 && strcmp(argv[1], "verify") == 0)
		status = verify(dir, head, a, w.json);
	else
		status = usage_error(&cmd_log, "unknown word %s; known: stats, verify", argv[1]);
	arena_free(a);
	return status;
}
