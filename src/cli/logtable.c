/* SPDX-License-Identifier: ISC */
/* logtable.c: a record as a row of a table and as CSV. */
#include <string.h>
#include <time.h>

#include "log.h"

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	    c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* \uXXXX of our own writing is a control character: shown as ^X. */
static size_t
escape(struct buf *b, struct str s)
{
	char c = s.n > 1 ? s.p[1] : '\\';
	int code = 0;

	if (c != 'u' || s.n < 6) {
		buf_putc(b, (char)(c == 'n' || c == 't' || c == 'r' ? ' ' : c));
		return 2;
	}
	for (size_t i = 2; i < 6; i++)
		code = code * 16 + (hex_digit(s.p[i]) < 0 ? 0 : hex_digit(s.p[i]));
	if (code < 32) {
		buf_putc(b, '^');
		buf_putc(b, (char)(code + 64));
	} else {
		buf_putc(b, code < 127 ? (char)code : '?');
	}
	return 6;
}

struct str
log__text(struct arena *a, struct str line, const char *name)
{
	struct str v;
	struct buf b;

	if (!audit_field(line, name, &v))
		return STR("");
	buf_init(&b, a);
	buf_puts(&b, "");
	for (size_t i = 0; i < v.n;) {
		if (v.p[i] == '\\')
			i += escape(&b, str_sub(v, i, v.n));
		else
			buf_putc(&b, v.p[i++]);
	}
	return b.n == 0 ? STR("") : buf_str(&b);
}

size_t
log__columns(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

struct str
log__fit(struct arena *a, struct str s, size_t width)
{
	size_t columns = 0, i = 0, cut = 0;

	while (i < s.n) {
		size_t len = 1;

		while (i + len < s.n && ((unsigned char)s.p[i + len] & 0xc0) == 0x80)
			len++;
		if (columns + 1 == width)
			cut = i;
		if (columns == width)
			return str_printf(a, STR_FMT "…", STR_ARG(str_sub(s, 0, cut)));
		columns++;
		i += len;
	}
	return s;
}

/* Local time of day, with the day where it is not today's. */
static struct str
when(struct arena *a, struct str iso)
{
	struct tm tm;
	time_t t;
	char b[32];

	memset(&tm, 0, sizeof tm);
	if (strptime(str_c(a, iso), "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
		return iso;
	t = timegm(&tm);
	localtime_r(&t, &tm);
	strftime(b, sizeof b, "%m-%d %H:%M:%S", &tm);
	return str_dup(a, str_of(b));
}

static const char *
paint(struct str decision)
{
	return str_is(decision, "deny") ? "\033[1;31m" : str_is(decision, "ask") ? "\033[33m" :
	    str_is(decision, "allow") ? "\033[32m" : "\033[2m";
}

void
log__row(struct arena *a, struct str line, unsigned width, bool colour, struct buf *out)
{
	struct str decision = log__text(a, line, "decision");
	struct str event = log__text(a, line, "event");
	struct str what = log__text(a, line, "command");
	struct str rule = log__text(a, line, "rule");
	size_t rest;

	if (decision.n == 0)
		decision = event;
	if (what.n == 0)
		what = log__text(a, line, "tool");
	if (what.n == 0)
		what = log__text(a, line, "reason");
	rule = log__fit(a, rule, 22);
	rest = width > 14 + 2 + 8 + 22 + 2 + 10 ? width - (14 + 2 + 8 + 22 + 2) : 10;
	buf_printf(out, STR_FMT "  %s%-7.*s%s " STR_FMT, STR_ARG(when(a, log__text(a, line, "time"))),
	    colour ? paint(decision) : "", STR_ARG(decision), colour ? "\033[0m" : "", STR_ARG(rule));
	for (size_t i = log__columns(rule); i < 22 && what.n > 0; i++)
		buf_putc(out, ' ');
	buf_printf(out, "%s" STR_FMT "\n", what.n > 0 ? "  " : "", STR_ARG(log__fit(a, what, rest)));
}

const char log__csv_header[] = "time,event,decision,rule,agent,session,tool,cwd,command,reason,took_us\n";

void
log__csv(struct arena *a, struct str line, struct buf *out)
{
	static const char *const names[] = { "time", "event", "decision", "rule", "agent", "session",
		"tool", "cwd", "command", "reason", "took_us" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct str v = log__text(a, line, names[i]);

		buf_puts(out, i == 0 ? "\"" : ",\"");
		/* A cell that a spreadsheet would take for a formula gets a quote. */
		if (v.n > 0 && strchr("=+-@", v.p[0]) != NULL)
			buf_putc(out, '\'');
		for (size_t k = 0; k < v.n; k++) {
			if (v.p[k] == '"')
				buf_putc(out, '"');
			buf_putc(out, v.p[k]);
		}
		buf_putc(out, '"');
	}
	buf_putc(out, '\n');
}
