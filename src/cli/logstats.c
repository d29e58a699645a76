/* SPDX-License-Identifier: ISC */
/*
 * logstats.c: `bridle log stats`: decisions by day, tool, app and rule, what
 * was asked most, what took longest; bars in the terminal.
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"

enum table { BY_DECISION, BY_DAY, BY_TOOL, BY_APP, BY_RULE, MOST_ASKED, NTABLES };
static const char *const titles[NTABLES] = { "decisions", "by day", "by tool", "by app", "by rule", "asked and denied most" };
static const char *const keys[NTABLES] = { "decisions", "days", "tools", "apps", "rules", "asked" };

struct count {
	struct str name;
	uint64_t n;
};
struct slow {
	uint64_t us;
	struct str command;
};
struct stats {
	struct arena *a, *line_arena;
	struct map *tables[NTABLES];
	uint64_t records, total_us;
	struct slow slowest[5];
};

static void
count(struct stats *s, enum table t, struct str name)
{
	struct count *c;

	if (name.n == 0 || (map_count(s->tables[t]) > 100000 && map_get(s->tables[t], name) == NULL))
		return;
	if ((c = map_get(s->tables[t], name)) == NULL) {
		c = NEW(s->a, struct count);
		c->name = str_dup(s->a, str_sub(name, 0, 200));
		map_put(s->tables[t], c->name, c);
	}
	c->n++;
}

/* Every "NAME":"value" of the actions. */
static void
count_inside(struct stats *s, enum table t, struct str actions, const char *mark)
{
	struct str m = str_of(mark), seen = STR("");
	size_t at;

	while ((at = str_find(actions, m)) != STR_NPOS) {
		struct str v = str_sub(actions, at + m.n, actions.n);
		size_t end = str_chr(v, '"');

		if (end == STR_NPOS)
			return;
		v = str_sub(v, 0, end);
		if (!str_eq(v, seen))
			count(s, t, v);
		seen = v;
		actions = str_sub(actions, at + m.n + end, actions.n);
	}
}

static void
see_slow(struct stats *s, uint64_t us, struct str line)
{
	size_t i = 5;

	while (i > 0 && s->slowest[i - 1].us < us)
		i--;
	if (i == 5)
		return;
	memmove(&s->slowest[i + 1], &s->slowest[i], (4 - i) * sizeof s->slowest[0]);
	s->slowest[i].us = us;
	s->slowest[i].command = str_dup(s->a, str_sub(log__text(s->line_arena, line, "command"), 0, 200));
}

static int
see(void *ctx, struct str line)
{
	struct stats *s = ctx;
	struct str v, decision, actions;
	uint64_t us;

	if (!audit_field(line, "decision", &decision))
		return 0;
	s->records++;
	count(s, BY_DECISION, decision);
	if (audit_field(line, "time", &v))
		count(s, BY_DAY, str_sub(v, 0, 10));
	if (audit_field(line, "rule", &v))
		count(s, BY_RULE, v);
	if (audit_field(line, "actions", &actions)) {
		count_inside(s, BY_TOOL, actions, "\"tool\":\"");
		count_inside(s, BY_APP, actions, "\"scope\":{\"app\":\"");
	}
	if ((str_is(decision, "ask") || str_is(decision, "deny")) && audit_field(line, "command", &v))
		count(s, MOST_ASKED, log__text(s->line_arena, line, "command"));
	if (audit_field(line, "took_us", &v) && str_u64(v, &us) == 0) {
		s->total_us += us;
		see_slow(s, us, line);
	}
	arena_reset(s->line_arena);
	return 0;
}

static int
most_first(const void *x, const void *y)
{
	const struct count *a = *(const struct count *const *)x, *b = *(const struct count *const *)y;

	return a->n != b->n ? (a->n < b->n ? 1 : -1) : str_cmp(a->name, b->name);
}

static int
by_name(const void *x, const void *y)
{
	return str_cmp((*(const struct count *const *)x)->name, (*(const struct count *const *)y)->name);
}

static size_t
sorted(struct stats *s, enum table t, struct count ***out)
{
	VEC(struct count *) v = { 0 };
	struct str key;
	void *value;
	size_t i = 0;

	while (map_next(s->tables[t], &i, &key, &value))
		*vec_push(s->a, &v) = value;
	if (v.n > 0)
		qsort(v.v, v.n, sizeof v.v[0], t == BY_DAY ? by_name : most_first);
	*out = v.v;
	return v.n;
}

static void
bar(struct buf *b, uint64_t n, uint64_t max, unsigned width, bool colour)
{
	static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	uint64_t units = max == 0 ? 0 : n * width * 8 / max;

	buf_puts(b, colour ? "\033[36m" : "");
	for (uint64_t i = 0; i < units / 8; i++)
		buf_puts(b, "█");
	buf_puts(b, units < 8 && n > 0 && units == 0 ? "▏" : eighths[units % 8]);
	buf_puts(b, colour ? "\033[0m" : "");
}

static void
print_table(struct stats *s, enum table t, unsigned width, bool colour)
{
	struct count **c;
	size_t n = sorted(s, t, &c), from = t == BY_DAY && n > 14 ? n - 14 : 0;
	size_t names = width > 100 ? 48 : width > 60 ? 40 : width / 2; /* columns */
	uint64_t max = 0;
	struct buf b;

	if (n == 0)
		return;
	buf_init(&b, s->a);
	buf_printf(&b, "\n%s\n", titles[t]);
	for (size_t i = from; i < n && i < from + 14; i++)
		max = c[i]->n > max ? c[i]->n : max;
	for (size_t i = from; i < n && i < from + 14; i++) {
		struct str name = log__fit(s->a, c[i]->name, names);

		buf_printf(&b, "  " STR_FMT "%*s %8llu  ", STR_ARG(name), (int)(names - log__columns(name)), "",
		    (unsigned long long)c[i]->n);
		bar(&b, c[i]->n, max, width > names + 18 ? width - (unsigned)names - 14 : 4, colour);
		buf_putc(&b, '\n');
	}
	write_out(buf_str(&b));
}

static void
print_json(struct stats *s)
{
	struct buf b;

	buf_init(&b, s->a);
	buf_printf(&b, "{\"records\":%llu", (unsigned long long)s->records);
	for (unsigned t = 0; t < NTABLES; t++) {
		struct count **c;
		size_t n = sorted(s, (enum table)t, &c);

		buf_printf(&b, ",\"%s\":{", keys[t]);
		for (size_t i = 0; i < n; i++) {
			if (i > 0)
				buf_putc(&b, ',');
			buf_json(&b, c[i]->name);
			buf_printf(&b, ":%llu", (unsigned long long)c[i]->n);
		}
		buf_putc(&b, '}');
	}
	buf_printf(&b, ",\"mean_us\":%llu}\n", (unsigned long long)(s->records > 0 ? s->total_us / s->records : 0));
	write_out(buf_str(&b));
}

static void
print_slowest(struct stats *s, unsigned width)
{
	if (s->records == 0)
		return;
	printf("\nslowest (mean %llu µs)\n", (unsigned long long)(s->records > 0 ? s->total_us / s->records : 0));
	for (size_t i = 0; i < 5 && s->slowest[i].us > 0; i++)
		printf("  %8llu µs  " STR_FMT "\n", (unsigned long long)s->slowest[i].us,
		    STR_ARG(log__fit(s->a, s->slowest[i].command, width > 40 ? width - 16 : 24)));
}

int
log__stats(const char *dir, const struct audit_filter *f, bool json)
{
	struct stats s;
	struct str err;
	int rc;

	memset(&s, 0, sizeof s);
	s.a = arena_new(0);
	s.line_arena = arena_new(0);
	if (s.a == NULL || s.line_arena == NULL)
		return 1;
	for (size_t t = 0; t < NTABLES; t++)
		s.tables[t] = map_new(s.a);
	rc = audit_read(dir, f, see, &s, log__progress, &err);
	log__progress_end();
	if (rc != 0) {
		fprintf(stderr, "bridle log: " STR_FMT "\n", STR_ARG(err));
	} else if (json) {
		print_json(&s);
	} else {
		printf("%llu decisions\n", (unsigned long long)s.records);
		for (unsigned t = 0; t < NTABLES; t++)
			print_table(&s, (enum table)t, terminal_width(), use_colour(stdout));
		print_slowest(&s, terminal_width());
	}
	arena_free(s.line_arena);
	arena_free(s.a);
	return rc != 0 && rc != BRIDLE_ENOENT;
}
