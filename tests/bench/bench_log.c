/* SPDX-License-Identifier: ISC */
/*
 * bench_log.c: the audit log at length: records written one by one, the chain
 * verified, a filter against `jq -c select(…)` on the same file. Processor time,
 * so that other work on the machine does not tell. LOG_RECORDS: how many
 * (100000).
 */
#include "bench.h"

#include "bridle/audit.h"

#include <sodium.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const decisions[] = { "allow", "allow", "allow", "pass", "pass", "ask", "allow", "deny" };

static double
cpu_us(int who)
{
	struct rusage u;
	getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void
fail(const char *why)
{
	fprintf(stderr, "bench_log: %s\n", why);
	exit(1);
}

/* As the daemon writes one for a simple command. */
static size_t
body(char *out, size_t max, long i)
{
	const char *v = decisions[i * 7 % 8];
	return (size_t)snprintf(out, max,
	    "\"event\":\"decision\",\"decision\":\"%s\",\"certain\":true,\"rule\":\"/home/dev/.config/bridle/policy:%ld\","
	    "\"agent\":\"claude\",\"session\":\"5c1f7a52-0d5e-4f0e-9d0c-%012ld\",\"tool\":\"Bash\",\"cwd\":\"/home/dev/shop\","
	    "\"command\":\"cd api && fly logs -a app-%ld --no-tail | grep -i error\",\"reason\":\"`fly logs --app app-%ld` "
	    "is read only. [/home/dev/.config/bridle/policy:%ld: allow fly logs]\",\"tool_use\":\"toolu_%024ld\","
	    "\"actions\":[{\"kind\":\"command\",\"text\":\"fly logs --app app-%ld\",\"argv\":[\"fly\",\"logs\",\"-a\","
	    "\"app-%ld\",\"--no-tail\"],\"tool\":\"fly\",\"path\":[\"logs\"],\"options\":{\"app\":[\"app-%ld\"],"
	    "\"no-tail\":[true]},\"operands\":[],\"effect\":\"read\",\"scope\":{\"app\":\"app-%ld\"},\"fields\":{},"
	    "\"from\":{\"app\":\"-a\"},\"cwd\":\"/home/dev/shop/api\",\"decision\":\"%s\",\"rule\":{\"file\":"
	    "\"/home/dev/.config/bridle/policy\",\"line\":%ld,\"text\":\"allow fly logs\"}}],\"took_us\":%ld,"
	    "\"peer\":{\"pid\":%ld,\"uid\":1000},\"policy\":\"0123456789abcdef\"",
	    v, i % 90 + 1, i % 1000, i % 40, i % 40, i % 90 + 1, i, i % 40, i % 40, i % 40, i % 40, v, i % 90 + 1,
	    i % 300 + 20, i % 30000 + 300);
}

static void
write_all(const char *dir, const char *head, long n)
{
	struct audit_options o = { .sync = AUDIT_SYNC_INTERVAL };
	struct arena *a = arena_new(0);
	struct str err;
	struct audit *l;
	char text[4096];
	double from, bytes = 0;
	size_t len;

	if (audit_open(dir, head, &o, a, &l, &err) != 0)
		fail("the log cannot be opened");
	from = cpu_us(RUSAGE_SELF);
	for (long i = 0; i < n; i++) {
		len = body(text, sizeof text, i);
		bytes += (double)len;
		if (audit_write(l, 1700000000000 + i * 20, (struct str){ text, len }) != 0)
			fail("a record cannot be written");
		if (i % 20000 == 0)
			audit_tick(l, 1700000000000 + i * 20);
	}
	from = cpu_us(RUSAGE_SELF) - from;
	audit_close(l);
	arena_free(a);
	printf("  %ld records of %.0f bytes: %.2f microseconds each\n", n, bytes / (double)n, from / (double)n);
}

#define AT_ONCE 8          /* records in one write, under load */
#define DAEMON_RECORD 1305 /* bytes, of the line that bench_log_rate has judged */

/* What no record can do without: its hash, and its bytes in the page cache. */
static void
floor_of(const char *root, long n)
{
	static unsigned char text[AT_ONCE * DAEMON_RECORD];
	unsigned char hash[32];
	char path[80];
	double hashing, writing;
	FILE *f;

	snprintf(path, sizeof path, "%s/floor", root);
	if ((f = fopen(path, "w")) == NULL)
		fail("no file");
	memset(text, 'x', sizeof text);
	hashing = cpu_us(RUSAGE_SELF);
	for (long i = 0; i < n; i++) {
		text[i % DAEMON_RECORD]++;
		crypto_generichash(hash, sizeof hash, text, DAEMON_RECORD, NULL, 0);
	}
	hashing = cpu_us(RUSAGE_SELF) - hashing;
	writing = cpu_us(RUSAGE_SELF);
	for (long i = 0; i < n; i += AT_ONCE)
		if (write(fileno(f), text, sizeof text) != (ssize_t)sizeof text)
			fail("a file cannot be written");
	writing = cpu_us(RUSAGE_SELF) - writing;
	fclose(f);
	printf("  of %d bytes the hash alone %.2f, the bytes alone, %d at once, %.2f microseconds\n", DAEMON_RECORD,
	    hashing / (double)n, AT_ONCE, writing / (double)n);
}

static void
verify_all(const char *dir, const char *head, long n)
{
	struct arena *a = arena_new(0);
	struct audit_verify v;
	double from = cpu_us(RUSAGE_SELF);

	if (audit_verify(dir, head, a, &v, NULL, NULL) != 0 || !v.good || v.records != (uint64_t)n)
		fail("the chain does not hold");
	from = cpu_us(RUSAGE_SELF) - from;
	goal("verify, MB a second", (double)v.bytes / from, ">", 200);
	arena_free(a);
}

struct seen {
	uint64_t last, n;
};

static int
in_order(void *ctx, struct str line)
{
	struct seen *s = ctx;
	struct str v;
	uint64_t seq;

	if (!audit_field(line, "seq", &v) || str_u64(v, &seq) != 0 || seq <= s->last)
		fail("a record is out of order");
	s->last = seq;
	s->n++;
	return 0;
}

/* jq on all plain segments; 0: it is not there. */
static double
jq_us(const char *dir, const char *filter)
{
	char command[512];
	double from = cpu_us(RUSAGE_CHILDREN);
	int status;

	snprintf(command, sizeof command, "command -v jq >/dev/null && exec cat %s/*.jsonl | jq -c '%s' >/dev/null", dir, filter);
	status = system(command);
	return status == 0 ? cpu_us(RUSAGE_CHILDREN) - from : 0;
}

static void
filter_all(const char *dir, const char *what, const struct audit_filter *f, const char *jq, uint64_t want)
{
	struct seen s = { 0, 0 };
	struct str err;
	char text[128];
	double from = cpu_us(RUSAGE_SELF), theirs;

	if (audit_read(dir, f, in_order, &s, NULL, &err) != 0 || s.n != want)
		fail("the filter does not find what it should");
	from = cpu_us(RUSAGE_SELF) - from;
	theirs = jq_us(dir, jq);
	printf("  %s: %llu records, %.0f ms\n", what, (unsigned long long)s.n, from / 1000);
	snprintf(text, sizeof text, "jq -c select(…) / bridle log, %s", what);
	if (theirs > 0)
		goal(text, theirs / from, ">", 20);
}

int
main(void)
{
	const char *count = getenv("LOG_RECORDS");
	long n = count == NULL ? 100000 : strtol(count, NULL, 10);
	char root[] = "/tmp/bridle-bench-log.XXXXXX", dir[64], head[64], command[96];
	struct str deny = STR("deny");
	struct audit_filter f = { 0 };

	if (n < 1000 || mkdtemp(root) == NULL)
		fail("no folder");
	n -= n % 1000;
	snprintf(dir, sizeof dir, "%s/audit", root);
	snprintf(head, sizeof head, "%s/state/head", root);
	printf("audit log, %ld records\n", n);
	write_all(dir, head, n);
	floor_of(root, n);
	verify_all(dir, head, n);
	filter_all(dir, "all of them", &f, ".", (uint64_t)n);
	f.session = STR("5c1f7a52-0d5e-4f0e-9d0c-000000000007");
	filter_all(dir, "one session", &f, "select(.session==\"5c1f7a52-0d5e-4f0e-9d0c-000000000007\")", (uint64_t)n / 1000);
	f.session = STR("");
	f.decisions = &deny;
	f.ndecisions = 1;
	filter_all(dir, "all that was denied", &f, "select(.decision==\"deny\")", (uint64_t)n / 8);
	snprintf(command, sizeof command, "rm -rf %s", root);
	return system(command) == 0 ? 0 : 1;
}
