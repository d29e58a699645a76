/* SPDX-License-Identifier: ISC */
/*
 * read.c: the records that a filter lets through, oldest first. Most lines
 * are passed over by one search for a text that they would have to hold;
 * only what remains is looked at field by field.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <fcntl.h>
#include <pcre2.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit.h"

struct reading {
	const struct audit_filter *f;
	audit_record_fn *fn;
	void *ctx;
	char since[40], until[40]; /* as records write time; empty: no bound */
	char needles[3][160];      /* a line without one of these does not match */
	size_t nneedles;
	pcre2_code *re;
	pcre2_match_data *md;
};

/* The end of the JSON value at p (which is valid JSON of our own writing). */
static const char *
value_end(const char *p, const char *end)
{
	int depth = 0;
	bool string = false;

	for (; p < end; p++) {
		if (string) {
			if (*p == '\\')
				p++;
			else if (*p == '"')
				string = false;
		} else if (*p == '"') {
			string = true;
		} else if (*p == '{' || *p == '[') {
			depth++;
		} else if (*p == '}' || *p == ']') {
			if (depth-- == 0)
				return p;
		} else if (*p == ',' && depth == 0) {
			return p;
		}
	}
	return end;
}

bool
audit_field(struct str line, const char *name, struct str *value)
{
	const char *p = line.p + 1, *end = line.p + line.n;
	size_t n = strlen(name);

	if (line.n < 2 || line.p[0] != '{')
		return false;
	while (p < end && *p == '"') {
		const char *key = p + 1;
		const char *quote = memchr(key, '"', (size_t)(end - key));
		const char *stop;

		if (quote == NULL || quote + 1 >= end || quote[1] != ':')
			return false;
		stop = value_end(quote + 2, end);
		if ((size_t)(quote - key) == n && memcmp(key, name, n) == 0) {
			*value = (struct str){ quote + 2, (size_t)(stop - quote - 2) };
			if (value->n >= 2 && value->p[0] == '"')
				*value = str_sub(*value, 1, value->n - 2);
			return true;
		}
		p = stop < end && *stop == ',' ? stop + 1 : end;
	}
	return false;
}

static bool
field_is(struct str line, const char *name, struct str wanted)
{
	struct str v;

	return audit_field(line, name, &v) && str_eq(v, wanted);
}

static bool
decision_wanted(const struct audit_filter *f, struct str line)
{
	struct str v;

	if (f->ndecisions == 0)
		return true;
	if (!audit_field(line, "decision", &v))
		return false;
	for (size_t i = 0; i < f->ndecisions; i++)
		if (str_eq(v, f->decisions[i]))
			return true;
	return false;
}

/* --tool: the agent's tool, or the program of one of the actions. */
static bool
tool_wanted(const struct audit_filter *f, struct str line)
{
	char mark[96];
	struct str acts;

	if (f->tool.n == 0 || field_is(line, "tool", f->tool))
		return true;
	if (f->tool.n > 64 || !audit_field(line, "actions", &acts))
		return false;
	snprintf(mark, sizeof mark, "\"tool\":\"" STR_FMT "\"", STR_ARG(f->tool));
	return str_find(acts, str_of(mark)) != STR_NPOS;
}

/* --rule: the whole name, or what stands before its line number. */
static bool
rule_wanted(const struct audit_filter *f, struct str line)
{
	struct str v;

	return f->rule.n == 0 || (audit_field(line, "rule", &v) && str_starts(v, f->rule) &&
	    (v.n == f->rule.n || v.p[f->rule.n] == ':'));
}

static bool
time_wanted(struct reading *rd, struct str line)
{
	struct str t;

	if (rd->since[0] == '\0' && rd->until[0] == '\0')
		return true;
	if (!audit_field(line, "time", &t))
		return false;
	if (rd->since[0] != '\0' && str_cmp(t, str_of(rd->since)) < 0)
		return false;
	return rd->until[0] == '\0' || str_cmp(t, str_of(rd->until)) < 0;
}

static bool
grep_wanted(const struct reading *rd, struct str line)
{
	struct str v;

	if (rd->re == NULL)
		return true;
	if (!audit_field(line, "command", &v))
		return false;
	return pcre2_match(rd->re, (PCRE2_SPTR)v.p, v.n, 0, 0, rd->md, NULL) >= 0;
}

static int
see_line(void *ctx, struct str line, bool whole)
{
	struct reading *rd = ctx;
	const struct audit_filter *f = rd->f;
	uint64_t seq;
	struct str prev;

	if (!whole || (f->after > 0 && (!audit__parse(line, &seq, &prev) || seq <= f->after)))
		return 0;
	for (size_t i = 0; i < rd->nneedles; i++)
		if (memmem(line.p, line.n, rd->needles[i], strlen(rd->needles[i])) == NULL)
			return 0;
	if (!time_wanted(rd, line) || !decision_wanted(f, line) || !tool_wanted(f, line) ||
	    (f->session.n > 0 && !field_is(line, "session", f->session)) ||
	    !rule_wanted(f, line) || !grep_wanted(rd, line))
		return 0;
	return rd->fn(rd->ctx, line);
}

static void
stamp(char out[40], int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;
	size_t n;

	out[0] = '\0';
	if (ms <= 0 || gmtime_r(&s, &tm) == NULL)
		return;
	n = strftime(out, 30, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, 40 - n, ".%03dZ", (int)(ms % 1000));
}

static void
needle(struct reading *rd, const char *name, struct str value, const char *end)
{
	if (value.n == 0 || value.n > 100)
		return;
	snprintf(rd->needles[rd->nneedles++], sizeof rd->needles[0], "\"%s\":\"" STR_FMT "%s", name, STR_ARG(value), end);
}

static int
prepare(struct reading *rd, struct str *err)
{
	static char text[200];
	const struct audit_filter *f = rd->f;
	char what[128] = "";
	int code;
	PCRE2_SIZE at;

	stamp(rd->since, f->since_ms);
	stamp(rd->until, f->until_ms);
	needle(rd, "session", f->session, "\"");
	needle(rd, "rule", f->rule, "");
	if (f->ndecisions == 1)
		needle(rd, "decision", f->decisions[0], "\"");
	if (f->grep.n == 0)
		return 0;
	rd->re = pcre2_compile((PCRE2_SPTR)f->grep.p, f->grep.n, PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &code, &at, NULL);
	if (rd->re == NULL) {
		(void)pcre2_get_error_message(code, (PCRE2_UCHAR *)what, sizeof what);
		snprintf(text, sizeof text, "the regular expression does not compile: %s, at byte %zu", what, at);
		*err = str_of(text);
		return BRIDLE_EINVAL;
	}
	(void)pcre2_jit_compile(rd->re, PCRE2_JIT_COMPLETE);
	rd->md = pcre2_match_data_create_from_pattern(rd->re, NULL);
	return rd->md == NULL ? BRIDLE_ENOMEM : 0;
}

/* The needle that is searched for in whole blocks: the one most seldom found. */
static struct str
longest(const struct reading *rd)
{
	struct str best = STR("");

	for (size_t i = 0; i < rd->nneedles; i++)
		if (strlen(rd->needles[i]) > best.n)
			best = str_of(rd->needles[i]);
	return best;
}

/* A segment whose file was last touched before `since` holds nothing wanted. */
static bool
too_old(const struct reading *rd, int dirfd, const struct audit__segment *s)
{
	struct stat st;

	return rd->f->since_ms > 0 && fstatat(dirfd, s->name, &st, 0) == 0 &&
	    ((int64_t)st.st_mtime + 2) * 1000 < rd->f->since_ms;
}

uint64_t
audit_stamp(const char *dir)
{
	struct arena *a = arena_new(0);
	struct audit__segment *s;
	uint64_t stamp = 0;
	size_t n;

	if (a != NULL && audit__list(dir, a, &s, &n) == 0 && n > 0)
		stamp = s[n - 1].first * 31 + s[n - 1].size + 1;
	arena_free(a);
	return stamp;
}

/* Can segment i hold nothing that is wanted? */
static bool
passed_over(const struct reading *rd, int dirfd, const struct audit__segment *s, size_t n, size_t i)
{
	return too_old(rd, dirfd, &s[i]) || (i + 1 < n && rd->f->after > 0 && s[i + 1].first <= rd->f->after + 1);
}

int
audit_read(const char *dir, const struct audit_filter *f, audit_record_fn *fn, void *ctx, audit_progress *progress,
    struct str *err)
{
	struct arena *a = arena_new(0);
	struct audit__segment *s;
	struct reading rd;
	uint64_t done = 0, total = 0;
	int dirfd = -1, rc = BRIDLE_ENOMEM;
	size_t n = 0;

	*err = STR("no memory");
	memset(&rd, 0, sizeof rd);
	rd.f = f;
	rd.fn = fn;
	rd.ctx = ctx;
	if (a == NULL)
		return rc;
	if ((rc = prepare(&rd, err)) == 0 && (rc = audit__list(dir, a, &s, &n)) != 0)
		*err = rc == BRIDLE_ENOENT ? STR("there is no log yet") : STR("the log folder cannot be read");
	if (rc == 0 && (dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		rc = BRIDLE_EIO;
	for (size_t i = 0; rc == 0 && i < n; i++)
		total += s[i].size;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (!passed_over(&rd, dirfd, s, n, i))
			rc = audit__lines(dirfd, &s[i], longest(&rd), see_line, &rd);
		if (rc == BRIDLE_ENOENT)
			rc = 0; /* it expired while we read */
		if (rc < 0)
			*err = STR("a segment cannot be read or unpacked: `bridle log verify` tells which");
		done += s[i].size;
		if (progress != NULL)
			progress(ctx, done, total);
	}
	if (dirfd >= 0)
		close(dirfd);
	pcre2_match_data_free(rd.md);
	pcre2_code_free(rd.re);
	arena_free(a);
	return rc > 0 ? 0 : rc;
}
