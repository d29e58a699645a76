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
#define TOKEN_LEAST 15 /* bytes of the shortest: xoxb- and ten more */
#define NTOKENS (sizeof tokens / sizeof tokens[0])
/* Their second bytes, by the first; and eyJ of a JWT. */
static const uint32_t seconds[256] = {
	['A'] = IS('B') | IS('C') | IS('I') | IS('K') | IS('S'), ['S'] = IS('G'), ['d'] = IS('c') | IS('o'),
	['e'] = IS('y'), ['f'] = IS('m') | IS('o'), ['g'] = IS('h') | IS('i') | IS('l'), ['h'] = IS('f') | IS('o'),
	['n'] = IS('p'), ['p'] = IS('y'), ['r'] = IS('k'), ['s'] = IS('k') | IS('h') | IS('n'), ['t'] = IS('s'),
	['w'] = IS('h'), ['x'] = IS('a') | IS('o'), ['y'] = IS('a'),
};

/* What a byte is. */
enum { WORD = 1, NAME = 2 };
#define LETTER(low) [low] = WORD | NAME, [(low) - 'a' + 'A'] = WORD | NAME
#define PLAIN(c) [c] = WORD | NAME
static const unsigned char bytes[256] = {
	LETTER('a'), LETTER('b'), LETTER('c'), LETTER('d'), LETTER('e'), LETTER('f'), LETTER('g'), LETTER('h'), LETTER('i'),
	LETTER('j'), LETTER('k'), LETTER('l'), LETTER('m'), LETTER('n'), LETTER('o'), LETTER('p'), LETTER('q'), LETTER('r'),
	LETTER('s'), LETTER('t'), LETTER('u'), LETTER('v'), LETTER('w'), LETTER('x'), LETTER('y'), LETTER('z'),
	PLAIN('0'), PLAIN('1'), PLAIN('2'), PLAIN('3'), PLAIN('4'), PLAIN('5'), PLAIN('6'), PLAIN('7'), PLAIN('8'),
	PLAIN('9'), PLAIN('_'), ['-'] = NAME, ['.'] = NAME,
};

/* Two bytes next to each other in what is looked for, by the first of them: one
 * pair, as rare in other text as may be, of each token, name, header and phrase.
 * Every byte of every text is looked at, and most hold none of these. */
#define EITHER(low, set) [low] = (set), [(low) - 'a' + 'A'] = (set)
static const uint32_t pairs[256] = {
	EITHER('a', IS('u') | IS('2')),                       /* auth, ya29. */
	EITHER('b', IS('e') | IS('_')),                       /* bearer, github_pat_ */
	['c'] = IS('r'), ['C'] = IS('r') | IS('C'),           /* secret, credential, ACCA */
	EITHER('f', IS('_')),                                 /* hf_ */
	EITHER('g', IS('l') | IS('.') | IS('n')),             /* glpat-, SG., signature */
	EITHER('h', IS('p') | IS('s')),                       /* ghp_, shpat_, ghs_, whsec_ */
	['i'] = IS('f'), ['I'] = IS('f') | IS('A') | IS('z'), /* identified, AKIA, AIza */
	EITHER('k', IS('e') | IS('i') | IS('r') | IS('_') | IS('-')), /* key, token, cookie, dckr_pat_, sk_live_, sk- */
	EITHER('m', IS('1') | IS('2') | IS('_')),             /* fm1a_, fm2_, npm_ */
	EITHER('o', IS('g') | IS('1') | IS('_')),             /* login, fo1_, gho_ */
	EITHER('p', IS('w')),                                 /* pwd */
	EITHER('r', IS('_')),                                 /* ghr_ */
	EITHER('s', IS('s') | IS('n') | IS('l')),             /* password, dsn, sntrys_, hooks.slack.com */
	EITHER('u', IS('_')),                                 /* ghu_ */
	EITHER('x', IS('a') | IS('o')),                       /* xapp-, xoxb- */
	EITHER('y', IS('J') | IS('p') | IS('v')),             /* eyJ, pypi-, flyv1 */
	['_'] = IS('u') | IS('v'),                            /* database_url, dop_v1_ */
	['-'] = IS('B'), ['/'] = IS('/'),                     /* -----BEGIN, :// */
	['?'] = IS('s'), ['&'] = IS('s'),                     /* sig */
};

static bool
is_word_byte(char c)
{
	return bytes[(unsigned char)c] & WORD;
}

static bool
is_name_byte(char c)
{
	return bytes[(unsigned char)c] & NAME;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_pair(const uint32_t set[256], char c, char d)
{
	return (set[(unsigned char)c] >> (d & 31) & 1) != 0;
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

	if (rest.n < TOKEN_LEAST || !is_pair(seconds, rest.p[0], rest.p[1]))
		return;
	for (size_t i = first_token(rest.p[0], rest.p[1]); i < NTOKENS && tokens[i].start[0] == rest.p[0] &&
	     tokens[i].start[1] == rest.p[1]; i++) {
		struct str start = str_of(tokens[i].start);
		size_t n = start.n;

		if (!str_starts(rest, start))
			continue;
		while (n < rest.n && ((is_word_byte(rest.p[n]) && rest.p[n] != '_') ||
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

/* -----BEGIN ends at `at`. */
static void
mark_private_key(struct secret_marks *m, size_t at)
{
	const struct str begin = STR("-----BEGIN ");
	size_t from = at - (begin.n - 1), head, end, tail;
	struct str rest;

	if (at < begin.n - 1 || !str_starts(rest = str_sub(m->text, from, STR_NPOS), begin) ||
	    (from > 0 && is_word_byte(m->text.p[from - 1])))
		return;
	head = str_find(str_sub(rest, 0, 80), STR("PRIVATE KEY"));
	if (head == STR_NPOS)
		return;
	m->work += rest.n;
	end = str_find(rest, STR("-----END "));
	tail = end == STR_NPOS ? STR_NPOS : str_find(str_sub(rest, end + 9, STR_NPOS), STR("-----"));
	secret__mark(m, from, tail == STR_NPOS ? m->text.n : from + end + 9 + tail + 5);
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
	if (colon != STR_NPOS && colon < sign) {
		if (!secret__refers(str_sub(rest, colon + 1, sign - colon - 1)))
			secret__mark(m, at + colon + 1, at + sign);
	}
	else if (sign - 3 >= 20)
		secret__mark(m, at + 3, at + sign);
}

/* ---- a name, what stands between, and a value ---- */

/* true, 3600, null: a setting, not a secret. */
static bool
is_setting(struct str value)
{
	static const struct str words[] = { STR("true"), STR("false"), STR("yes"), STR("no"), STR("on"), STR("off"),
		STR("null"), STR("none"), STR("None"), STR("undefined") };
	size_t digits = 0;

	while (digits < value.n && value.p[digits] >= '0' && value.p[digits] <= '9')
		digits++;
	if (digits == value.n && digits < SECRET_LONG)
		return true;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (str_eq(value, words[i]))
			return true;
	return false;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t
past_blanks(struct str text, size_t at)
{
	while (at < text.n && is_blank(text.p[at]))
		at++;
	return at;
}

/* The end of a value in JSON, YAML or a program: quoted (the quotes perhaps
 * backslashed) or bare. A bare one with more words behind it is a sentence. */
static size_t
loose_end(struct str text, size_t at)
{
	bool escaped = text.p[at] == '\\' && at + 1 < text.n;
	char quote = text.p[escaped ? at + 1 : at];
	size_t i = at;

	if (quote != '"' && quote != '\'') {
		while (i < text.n && strchr(" \t\r\n,;}\"'\\)", text.p[i]) == NULL)
			i++;
		for (size_t k = at; k < i && i < text.n && is_blank(text.p[i]); k++)
			if (is_digit(text.p[k]))
				return i;
		return i < text.n && is_blank(text.p[i]) && is_word_byte(text.p[past_blanks(text, i) < text.n ?
		    past_blanks(text, i) : i]) ? at : i;
	}
	for (i = at + (escaped ? 2 : 1); i < text.n && text.p[i] != quote; i++)
		if (text.p[i] == '\\' && !escaped)
			i++;
	return i < text.n ? i + 1 : text.n;
}

/* Where the value begins behind a name that ends at `at`; STR_NPOS: it has
 * none. loose: not as the shell writes assignments and options. */
static size_t
value_at(struct str text, size_t at, bool option, bool *loose)
{
	size_t i = at;

	*loose = false;
	if (text.p[i] == '=')
		return i + 1;
	if (text.p[i] == '+' && i + 1 < text.n && text.p[i + 1] == '=')
		return i + 2;
	if (text.p[i] == ' ' && option) {
		i = past_blanks(text, i);
		while (i + 1 < text.n && text.p[i] == '\\' && text.p[i + 1] == '\n')
			i = past_blanks(text, i + 2);
		return i < text.n && text.p[i] != '-' ? i : STR_NPOS;
	}
	*loose = true;
	i += i + 1 < text.n && text.p[i] == '\\';
	i += i < text.n && (text.p[i] == '"' || text.p[i] == '\'');
	i += i < text.n && text.p[i] == ']';
	i = past_blanks(text, i);
	if (i >= text.n || (text.p[i] != ':' && text.p[i] != '='))
		return STR_NPOS;
	while (i < text.n && (text.p[i] == ':' || text.p[i] == '=' || text.p[i] == '>'))
		i++;
	return past_blanks(text, i);
}

/* Which quotes are open behind `at`, as a shell reads it; of other texts only
 * a guess. */
static char
follow_quotes(struct str text, size_t at, char open)
{
	char c = text.p[at];
	bool escaped = at > 0 && text.p[at - 1] == '\\';

	if (open == '\0')
		return (c == '"' || c == '\'') && !escaped ? c : '\0';
	return c == open && (c == '\'' || !escaped) ? '\0' : open;
}

/* The quotes that are open at `at`, which lies behind the place looked at: that
 * only ever moves on. */
static char
open_quote(struct secret_marks *m, size_t from, size_t at)
{
	char open;

	for (; m->quoted < from; m->quoted++)
		m->quote = follow_quotes(m->text, m->quoted, m->quote);
	open = m->quote;
	for (size_t i = m->quoted; i < at; i++)
		open = follow_quotes(m->text, i, open);
	return open;
}

static void
mark_named(struct secret_marks *m, size_t from, size_t at)
{
	struct str text = m->text, name = { text.p + from, at - from };
	bool option = from >= 2 && text.p[from - 1] == '-' && text.p[from - 2] == '-', loose;
	bool query = from > 0 && (text.p[from - 1] == '?' || text.p[from - 1] == '&');
	bool signature = query && (str_ieq(name, STR("sig")) || str_ends(name, STR("ignature")));
	size_t value, end;
	char quote;

	/* A word and another behind it, or nothing: most are no more than that. */
	if (at >= text.n || (text.p[at] == ' ' && !option && at + 1 < text.n && is_name_byte(text.p[at + 1])))
		return;
	/* The name comes last: to look at it costs most. */
	if (name.n > SECRET_NAME || (value = value_at(text, at, option, &loose)) == STR_NPOS ||
	    value >= text.n || text.p[value] == '\n' || (!signature && !secret__name(name)))
		return;
	if (text.p[at] == ':' && (str_ends(str_sub(text, 0, from), STR("$")) ||
	                             str_ends(str_sub(text, 0, from), STR("${"))))
		return; /* $TOKEN:$X */
	quote = open_quote(m, from, value);
	if (quote != '\0' && text.p[value] == quote)
		return;
	end = loose ? loose_end(text, value) : secret__word_end(text, value);
	if (query)
		for (end = value; end < text.n && strchr("&#\"' \t\n\\", text.p[end]) == NULL; end++)
			;
	/* A value inside of quotes that began before its name ends with them. */
	if (quote != '\0' && text.p[value] != '"' && text.p[value] != '\'')
		for (size_t i = value; i < end; i++)
			if (text.p[i] == quote && text.p[i - 1] != '\\')
				end = i;
	m->work += end - from;
	if (end > value && !is_setting(str_sub(text, value, end - value)) &&
	    !secret__refers(str_sub(text, value, end - value)))
		secret__mark(m, value, end);
}

/* Authorization: Bearer X, X-Api-Key: X, Bearer X. */
static void
mark_header(struct secret_marks *m, size_t at, struct str start)
{
	static const struct str schemes[] = { STR("bearer "), STR("basic "), STR("token "), STR("flyv1 ") };
	struct str rest = str_sub(m->text, at, STR_NPOS), value;
	bool word = start.p[start.n - 1] == ' ';
	size_t n = start.n, end;

	if (!str_ieq(str_sub(rest, 0, n), start))
		return;
	while (n < rest.n && (rest.p[n] == ' ' || rest.p[n] == '\\'))
		n++;
	for (end = n; end < rest.n && strchr("\"'\r\n", rest.p[end]) == NULL; end++)
		if (word && rest.p[end] == ' ')
			break;
	m->work += end;
	value = str_sub(rest, n, end - n);
	for (size_t k = 0; k < sizeof schemes / sizeof schemes[0]; k++)
		if (str_ieq(str_sub(value, 0, schemes[k].n), schemes[k]))
			value = str_sub(value, schemes[k].n, STR_NPOS);
	if (value.n > 0 && !secret__refers(value))
		secret__mark(m, at + n, at + end);
}

/* IDENTIFIED BY 'X' and PASSWORD 'X' of SQL, `login U password X` of a netrc. */
static void
mark_phrase(struct secret_marks *m, size_t at)
{
	struct str rest = str_sub(m->text, at, STR_NPOS);
	size_t n = 0, end;

	if (str_ieq(str_sub(rest, 0, 14), STR("identified by ")))
		n = 14;
	else if (str_ieq(str_sub(rest, 0, 9), STR("password ")))
		n = 9;
	else if (str_ieq(str_sub(rest, 0, 6), STR("login "))) {
		n = past_blanks(rest, 6);
		while (n < rest.n && strchr(" \t\n", rest.p[n]) == NULL)
			n++;
		n = past_blanks(rest, n);
		if (!str_ieq(str_sub(rest, n, 9), STR("password ")))
			return;
		n = past_blanks(rest, n + 9);
		for (end = n; end < rest.n && strchr(" \t\n\"'\\", rest.p[end]) == NULL; end++)
			;
		if (end > n && !secret__refers(str_sub(rest, n, end - n)))
			secret__mark(m, at + n, at + end);
		return;
	}
	if (n == 0 || n >= rest.n || rest.p[n] != '\'' || open_quote(m, at, at + n) == '\'')
		return;
	end = str_chr(str_sub(rest, n + 1, STR_NPOS), '\'');
	m->work += end == STR_NPOS ? rest.n : end;
	if (end != STR_NPOS && end > 0 && !secret__refers(str_sub(rest, n + 1, end)))
		secret__mark(m, at + n, at + n + 1 + end + 1);
}

/* A word begins at `at` with a letter or _. */
static void
mark_word(struct secret_marks *m, size_t at)
{
	mark_tokens(m, at);
	switch (byte_lower(m->text.p[at])) {
	case 'a':
		mark_header(m, at, STR("authorization:"));
		break;
	case 'b':
		mark_header(m, at, STR("bearer "));
		break;
	case 'e':
		mark_jwt(m, at);
		break;
	case 'f':
		mark_header(m, at, STR("flyv1 "));
		break;
	case 'i':
	case 'l':
		mark_phrase(m, at);
		break;
	case 'p':
		mark_header(m, at, STR("proxy-authorization:"));
		mark_phrase(m, at);
		break;
	case 'x':
		mark_header(m, at, STR("x-api-key:"));
		break;
	}
}

/* All words of the run of name bytes that begins at `from`; its end. */
static size_t
mark_run(struct secret_marks *m, size_t from)
{
	struct str text = m->text;
	size_t end = from;

	while (end < text.n && is_name_byte(text.p[end]))
		end++;
	for (size_t i = from; i < end; i++) {
		if (!is_word_byte(text.p[i]) || is_digit(text.p[i]) || (i > from && is_word_byte(text.p[i - 1])))
			continue;
		mark_word(m, i);
		mark_named(m, i, end);
	}
	if (end > from && text.p[end - 1] == 'N')
		mark_private_key(m, end);
	return end;
}

/* Behind the next pair that is in something looked for, from i > 0 on; the end: none. */
static size_t
next_pair(struct str text, size_t i)
{
	for (; i + 1 < text.n; i += 2) {
		if (is_pair(pairs, text.p[i - 1], text.p[i]))
			return i;
		if (is_pair(pairs, text.p[i], text.p[i + 1]))
			return i + 1;
	}
	return i < text.n && is_pair(pairs, text.p[i - 1], text.p[i]) ? i : text.n;
}

/* An id is one run of name bytes: of all shapes only a token could be in it, where a
 * word begins. */
static bool
is_plain_name(struct str text)
{
	unsigned char before = 0, kind;

	for (const char *p = text.p, *end = p + text.n; p < end; p++, before = kind) {
		if (((kind = bytes[(unsigned char)*p]) & NAME) == 0)
			return false;
		if ((before & WORD) == 0 && p + 1 < end && is_pair(seconds, p[0], p[1]))
			return false;
	}
	return true;
}

bool
secret__pairless(struct str text)
{
	return next_pair(text, 1) == text.n;
}

bool
secret__shapeless(struct str text)
{
	return secret__pairless(text) || is_plain_name(text);
}

void
secret__shapes(struct secret_marks *m)
{
	struct str text = m->text;
	size_t i = 0, from;

	while ((i = next_pair(text, i + 1)) < text.n && m->work <= LIMIT_REDACT) {
		if (text.p[i] == '/' && i > 1)
			mark_url(m, i - 2);
		for (from = i; from > 0 && is_name_byte(text.p[from - 1]); from--)
			;
		i = mark_run(m, from);
	}
}
