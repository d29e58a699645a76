/* SPDX-License-Identifier: ISC */
/*
 * regex.c: rules that judge the text of a command: glob, regex, raw. PCRE2
 * with UTF and JIT, bounded in steps, depth and memory; a bound that is hit is
 * a maybe. A literal that every match must hold is looked for first.
 */
#include "policy.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

struct regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
	struct str literal;
};

/* ---- the literal that must be there ---- */

/* Index behind the class that opens at i. */
static size_t
class_end(struct str s, size_t i)
{
	i++;
	if (i < s.n && s.p[i] == '^')
		i++;
	if (i < s.n && s.p[i] == ']')
		i++;
	while (i < s.n && s.p[i] != ']') {
		if (str_starts(str_sub(s, i, s.n), STR("[:"))) {
			size_t end = str_find(str_sub(s, i, s.n), STR(":]"));

			i += end == STR_NPOS ? 1 : end + 2;
		} else {
			i += s.p[i] == '\\' ? 2 : 1;
		}
	}
	return i + 1;
}

static size_t
group_end(struct str s, size_t i)
{
	size_t depth = 0;

	while (i < s.n) {
		if (s.p[i] == '\\') {
			i += 2;
			continue;
		}
		if (s.p[i] == '[') {
			i = class_end(s, i);
			continue;
		}
		if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			return i + 1;
		i++;
	}
	return s.n;
}

static bool
is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A byte that stands for itself; *len bytes of pattern. */
static bool
literal_byte(struct str s, size_t i, char *out, size_t *len)
{
	char c = s.p[i];

	*len = 1;
	if (c == '\\' && i + 1 < s.n && !is_word_byte(s.p[i + 1])) {
		*len = 2;
		c = s.p[i + 1];
	} else if (strchr("\\^$.[]|()?*+{}", c) != NULL) {
		return false;
	}
	*out = c;
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x7f;
}

static void
keep_longer(struct arena *a, struct buf *run, struct str *best)
{
	if (run->n > best->n)
		*best = str_dup(a, buf_str(run));
	run->n = 0;
}

/* Options, verbs and quoting change what later bytes mean. */
static bool
changes_meaning(struct str s)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		char next = s.p[i + 1], third = i + 2 < s.n ? s.p[i + 2] : '\0';

		if (s.p[i] == '(' && next == '*')
			return true;
		if (s.p[i] == '(' && next == '?' && (third == '\0' || strchr(":=!<>", third) == NULL))
			return true;
		if (s.p[i] == '\\' && next == 'Q')
			return true;
	}
	return false;
}

/* Index behind what stands at i and is no literal byte; s.n: do not go on. */
static size_t
skip_special(struct str s, size_t i)
{
	size_t close;

	switch (s.p[i]) {
	case '[':
		return class_end(s, i);
	case '(':
		return group_end(s, i);
	case '{':
		close = str_chr(str_sub(s, i, s.n), '}');
		return close == STR_NPOS ? i + 1 : i + close + 1;
	case '\\':
		if (i + 1 < s.n && strchr("bBdDwWsShHvVRAzZtn", s.p[i + 1]) != NULL)
			return i + 2;
		return s.n;
	default:
		return i + 1;
	}
}

/* The longest run of literal bytes outside of groups; empty where the pattern
 * has alternatives outside of them. */
static struct str
required_literal(struct arena *a, struct str s)
{
	struct str best = STR("");
	struct buf run;
	size_t len;
	char c;

	if (changes_meaning(s))
		return best;
	buf_init(&run, a);
	for (size_t i = 0; i < s.n;) {
		char next;

		if (s.p[i] == '|')
			return STR("");
		if (!literal_byte(s, i, &c, &len)) {
			keep_longer(a, &run, &best);
			i = skip_special(s, i);
			continue;
		}
		next = i + len < s.n ? s.p[i + len] : '\0';
		if (next == '*' || next == '?' || next == '{') {
			keep_longer(a, &run, &best);
		} else {
			buf_putc(&run, c);
			if (next == '+')
				keep_longer(a, &run, &best);
		}
		i += len;
	}
	keep_longer(a, &run, &best);
	return best;
}

/* ---- PCRE2 ---- */

static void
give_back(void *what)
{
	struct regex *re = what;

	pcre2_match_context_free(re->context);
	pcre2_match_data_free(re->data);
	pcre2_code_free(re->code);
}

struct regex *
policy__regex(struct arena *a, struct str pattern, bool whole, struct place at, struct diags *d)
{
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
	    (whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0);
	struct regex *re = NEW(a, struct regex);
	PCRE2_SIZE offset = 0;
	int err;

	arena_defer(a, give_back, re);
	re->code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, options, &err, &offset, NULL);
	if (re->code == NULL) {
		char text[160];

		pcre2_get_error_message(err, (PCRE2_UCHAR *)text, sizeof text);
		at.column += (unsigned)offset;
		policy__error(d, at, "this regular expression does not compile: %s", text);
		return NULL;
	}
	pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE);
	re->data = pcre2_match_data_create(1, NULL);
	re->context = pcre2_match_context_create(NULL);
	if (re->data == NULL || re->context == NULL) {
		policy__error(d, at, "no memory for this regular expression");
		return NULL;
	}
	pcre2_set_match_limit(re->context, LIMIT_REGEX_MATCH);
	pcre2_set_depth_limit(re->context, LIMIT_REGEX_DEPTH);
	pcre2_set_heap_limit(re->context, LIMIT_REGEX_HEAP_KIB);
	re->literal = required_literal(a, pattern);
	return re;
}

struct str
policy__regex_literal(const struct regex *re)
{
	return re->literal;
}

enum tri
policy__regex_match(const struct regex *re, struct str text)
{
	PCRE2_SPTR p = (PCRE2_SPTR)(text.p == NULL ? "" : text.p);
	int n = pcre2_match(re->code, p, text.n, 0, 0, re->data, re->context);

	if (n == PCRE2_ERROR_JIT_STACKLIMIT)
		n = pcre2_match(re->code, p, text.n, 0, PCRE2_NO_JIT, re->data, re->context);
	return n == PCRE2_ERROR_NOMATCH ? TRI_NO : n < 0 ? TRI_MAYBE : TRI_YES;
}
