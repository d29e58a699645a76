/* SPDX-License-Identifier: ISC */
/*
 * secret_shape.c: what looks like a secret in any text: tokens of known form,
 * private keys, passwords in URLs, authorization headers, and the value behind
 * a name that says so (PASSWORD=, --token, "api_key":).
 */
#include "tools/secrets.h"

#include "bridle/limits.h"

#include <string.h>

/* ---- tokens by their beginning ---- */

/* Sorted by start: each word of each record is looked up here. */
static const struct {
	char start[28];
	size_t least;     /* bytes that must follow */
	const char *more; /* beside letters and digits */
} tokens[] = {
	{ "ABIA", 16, "" },
	{ "ACCA", 16, "" },
	{ "AIza", 35, "_-" },
	{ "AKIA", 16, "" },
	{ "ASIA", 16, "" },
	{ "SG.", 40, "._-" },
	{ "dckr_pat_", 20, "_-" },
	{ "dop_v1_", 40, "" },
	{ "fm1a_", 16, "_+/=-,." },
	{ "fm1r_", 16, "_+/=-,." },
	{ "fm2_", 16, "_+/=-,." },
	{ "fo1_", 16, "_-" },
	{ "gho_", 30, "" },
	{ "ghp_", 30, "" },
	{ "ghr_", 30, "" },
	{ "ghs_", 30, "" },
	{ "ghu_", 30, "" },
	{ "github_pat_", 22, "_" },
	{ "glpat-", 18, "_-" },
	{ "hf_", 30, "" },
	{ "hooks.slack.com/services/", 10, "/" },
	{ "npm_", 30, "" },
	{ "pypi-", 40, "_-" },
	{ "rk_live_", 10, "" },
	{ "rk_test_", 10, "" },
	{ "shpat_", 30, "" },
	{ "sk-", 32, "" },
	{ "sk-ant-", 16, "_-" },
	{ "sk-proj-", 16, "_-" },
	{ "sk_live_", 10, "" },
	{ "sk_test_", 10, "" },
	{ "sntrys_", 30, "_+/=-" },
	{ "tskey-", 16, "-" },
	{ "whsec_", 16, "+/=" },
	{ "xapp-", 10, "-" },
	{ "xoxa-", 10, "-" },
	{ "xoxb-", 10, "-" },
	{ "xoxp-", 10, "-" },
	{ "xoxr-", 10, "-" },
	{ "xoxs-", 10, "-" },
	{ "ya29.", 20, "_-" },
};
#define NTOKENS (sizeof tokens / sizeof tokens[0])

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word_byte(char c)
{
	return is_letter(c) || is_digit(c) || c == '_';
}

/* The first token that starts with these two bytes or would stand behind. */
static size_t
first_token(char c, char d)
{
	size_t low = 0, high = NTOKENS;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const char *start = tokens[mid].start;

		if (start[0] < c || (start[0] == c && start[1] < d))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void
mark_tokens(struct secret_marks *m, size_t at)
{
	struct str rest = str_sub(m->text, at, STR_NPOS);

	if (rest.n < 2)
		return;
	for (size_t i = first_token(rest.p[0], rest.p[1]); i < NTOKENS && tokens[i].start[0] == rest.p[0] &&
	     tokens[i].start[1] == rest.p[1]; i++) {
		struct str start = str_of(tokens[i].start);
		size_t n = start.n;

		if (!str_starts(rest, start))
			continue;
		while (n < rest.n && (is_letter(rest.p[n]) || is_digit(rest.p[n]) ||
		                         (rest.p[n] != '\0' && strchr(tokens[i].more, rest.p[n]) != NULL)))
			n++;
		m->work += n;
		if (n >= start.n + tokens[i].least) {
			secret__mark(m, at, at + n);
			return;
		}
	}
}

/* header.payload.signature, each base64url, the first of them a JSON object. */
static void
mark_jwt(struct secret_marks *m, size_t at)
{
	struct str rest = str_sub(m->text, at, STR_NPOS);
	size_t n = 0, dots = 0, part = 0;

	if (!str_starts(rest, STR("eyJ")))
		return;
	for (; n < rest.n; n++) {
		char c = rest.p[n];

		if (c == '.' && part > 3 && dots < 2) {
			dots++;
			part = 0;
		} else if (is_word_byte(c) || c == '-')
			part++;
		else
			break;
	}
	m->work += n;
	if (dots == 2 && n > 24)
		secret__mark(m, at, at + n);
}

static void
mark_private_key(struct secret_marks *m, size_t at)
{
	struct str rest = str_sub(m->text, at, STR_NPOS);
	size_t head, end, tail;

	if (!str_starts(rest, STR("-----BEGIN ")))
		return;
	head = str_find(str_sub(rest, 0, 80), STR("PRIVATE KEY"));
	if (head == STR_NPOS)
		return;
	m->work += rest.n;
	end = str_find(rest, STR("-----END "));
	tail = end == STR_NPOS ? STR_NPOS : str_find(str_sub(rest, end + 9, STR_NPOS), STR("-----"));
	secret__mark(m, at, tail == STR_NPOS ? m->text.n : at + end + 9 + tail + 5);
}

/* ---- URLs: scheme://user:PASSWORD@host, https://TOKEN@host ---- */

static void
mark_url(struct secret_marks *m, size_t at)
{
	struct str rest = str_sub(m->text, at, STR_NPOS);
	size_t n = 3, colon = STR_NPOS, sign = STR_NPOS;

	if (!str_starts(rest, STR("://")) || at == 0 || !is_word_byte(m->text.p[at - 1]))
		return;
	for (; n < rest.n && strchr(" \t\n\"'`<>/?#", rest.p[n]) == NULL; n++) {
		if (rest.p[n] == '@')
			sign = n;
		else if (rest.p[n] == ':' && colon == STR_NPOS)
			colon = n;
	}
	/* a password may hold a slash that nobody quoted */
	if (sign == STR_NPOS && colon != STR_NPOS)
		for (size_t k = n; k < rest.n && strchr(" \t\n\"'`<>", rest.p[k]) == NULL; k++, m->work++)
			if (rest.p[k] == '@' && !is_digit(rest.p[colon + 1]))
				sign = k;
	if (sign == STR_NPOS)
		return;
	if (colon != STR_NPOS && colon < sign)
		secret__mark(m, at + colon + 1, at + sign);
	else if (sign - 3 >= 20)
		secret__mark(m, at + 3, at + sign);
}

/* ---- names ---- */

#define NAME_MOST 63 /* a longer one names nothing that we know */

static bool
ends_as_file(const char *name)
{
	static const char *const ends[] = { "file", "path", "dir", "name", "id", "count", "arn", "ref",
		"version", "length", "size", "limit", "expiry", "type", "scope", "url_template" };

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		size_t n = strlen(name), k = strlen(ends[i]);

		if (n > k && strcmp(name + n - k, ends[i]) == 0 && strchr("_-.", name[n - k - 1]) != NULL)
			return true;
	}
	return false;
}

bool
secret__name(struct str name)
{
	static const char *const says[] = { "password", "passwd", "passphrase", "secret", "token",
		"apikey", "api_key", "api-key", "access_key", "access-key", "private_key", "private-key",
		"secretkey", "credential", "auth_key", "authkey", "signing_key", "encryption_key",
		"master_key", "database_url", "bearer", "cookie", "dsn" };
	char low[NAME_MOST + 1];

	if (name.n == 0 || name.n > NAME_MOST)
		return false;
	for (size_t i = 0; i < name.n; i++)
		low[i] = byte_lower(name.p[i]);
	low[name.n] = '\0';
	if (ends_as_file(low) || strcmp(low, "tokens") == 0 || strcmp(low, "secrets") == 0 ||
	    strncmp(low, "max_", 4) == 0 || strncmp(low, "no-", 3) == 0)
		return false;
	for (size_t i = 0; i < sizeof says / sizeof says[0]; i++)
		if (strstr(low, says[i]) != NULL)
			return true;
	return strcmp(low, "pgpassword") == 0 || strcmp(low, "pass") == 0 || strcmp(low, "pwd") == 0;
}

/* Is there nothing to hide: $X, ${X}, $(…), <…>, an own redaction, nothing. */
static bool
refers(struct str value)
{
	while (value.n > 0 && (value.p[0] == '"' || value.p[0] == '\''))
		value = str_sub(value, 1, STR_NPOS);
	return value.n == 0 || str_starts(value, STR("[redacted")) ||
	    (value.p[0] == '$' && value.n > 1 &&
	        (value.p[1] == '(' || value.p[1] == '{' || is_word_byte(value.p[1])));
}

/* "secret" : "value" in JSON or YAML text: the end of a quoted or bare value. */
static size_t
loose_end(struct str text, size_t at)
{
	char quote = text.p[at];
	size_t i = at + 1;

	if (quote != '"' && quote != '\'') {
		while (i < text.n && strchr(" \t\r\n,}\"'", text.p[i]) == NULL)
			i++;
		return i;
	}
	for (; i < text.n && text.p[i] != quote; i++)
		if (text.p[i] == '\\')
			i++;
	return i < text.n ? i + 1 : text.n;
}

/* From the name that ends before `at`: = : or (options) a blank, then a value. */
static void
mark_named(struct secret_marks *m, size_t from, size_t at)
{
	struct str text = m->text, name = str_sub(text, from, at - from);
	bool option = from >= 2 && text.p[from - 1] == '-' && text.p[from - 2] == '-';
	size_t value = at, end;
	bool loose = false;

	if (value >= text.n || name.n > NAME_MOST)
		return;
	if ((text.p[value] == '"' || text.p[value] == '\'') && value + 1 < text.n &&
	    (text.p[value + 1] == ':' || text.p[value + 1] == ' '))
		value++;
	if (text.p[value] == '=') {
		value++;
	} else if (text.p[value] == ':' || (text.p[value] == ' ' && !option)) {
		while (value < text.n && (text.p[value] == ' ' || text.p[value] == '\t'))
			value++;
		if (value >= text.n || (text.p[value] != ':' && text.p[value] != '='))
			return;
		value++;
		loose = true;
		while (value < text.n && (text.p[value] == ' ' || text.p[value] == '\t'))
			value++;
	} else if (text.p[value] == ' ' && option) {
		while (value < text.n && text.p[value] == ' ')
			value++;
		if (value < text.n && text.p[value] == '-')
			return;
	} else
		return;
	/* The name comes last: to look at it costs most. */
	if (value >= text.n || text.p[value] == '\n' || !secret__name(name))
		return;
	end = loose ? loose_end(text, value) : secret__word_end(text, value);
	m->work += end - value;
	if (end > value && !refers(str_sub(text, value, end - value)))
		secret__mark(m, value, end);
}

/* Authorization: Bearer X, X-Api-Key: X, Bearer X. */
static void
mark_header(struct secret_marks *m, size_t at)
{
	static const char *const starts[] = { "authorization:", "x-api-key:", "bearer ", "flyv1 ",
		"proxy-authorization:" };
	struct str rest = str_sub(m->text, at, STR_NPOS);

	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		size_t n, end;

		if (byte_lower(rest.p[0]) != starts[i][0])
			continue;
		n = strlen(starts[i]);
		if (!str_ieq(str_sub(rest, 0, n), str_of(starts[i])))
			continue;
		while (n < rest.n && rest.p[n] == ' ')
			n++;
		for (end = n; end < rest.n && strchr("\"'\r\n", rest.p[end]) == NULL; end++)
			if (starts[i][strlen(starts[i]) - 1] == ' ' && rest.p[end] == ' ')
				break;
		m->work += end;
		if (end > n && !refers(str_sub(rest, n, end - n)))
			secret__mark(m, at + n, at + end);
		return;
	}
}

void
secret__shapes(struct secret_marks *m)
{
	struct str text = m->text;
	size_t end = 0; /* of the run of name bytes that i is in */

	for (size_t i = 0; i < text.n && m->work <= LIMIT_REDACT; i++) {
		char c = text.p[i];

		if (c == ':')
			mark_url(m, i);
		if (i > 0 && is_word_byte(text.p[i - 1]))
			continue;
		if (c == '-')
			mark_private_key(m, i);
		if (!is_letter(c) && c != '_')
			continue;
		if (c != '_') {
			mark_tokens(m, i);
			mark_jwt(m, i);
			mark_header(m, i);
		}
		if (end <= i)
			for (end = i; end < text.n && (is_word_byte(text.p[end]) || text.p[end] == '-' ||
			                                  text.p[end] == '.'); end++)
				;
		mark_named(m, i, end);
	}
}
