/* SPDX-License-Identifier: ISC */
/*
 * make_function.c: make's functions that make one text of others (manual, 8.2
 * and 8.3): $(subst …), $(patsubst …), $(filter …), $(word …) and their kin.
 * What they would make of a text that is not known is not known.
 */
#include "tools/make.h"

#include <stdlib.h>
#include <string.h>

struct str
make__word(struct str *rest)
{
	struct str s = *rest;
	size_t from = 0, to;

	while (from < s.n && strchr(" \t\n\r", s.p[from]) != NULL)
		from++;
	for (to = from; to < s.n && strchr(" \t\n\r", s.p[to]) == NULL;)
		to++;
	*rest = str_sub(s, to, s.n);
	return str_sub(s, from, to - from);
}

struct str
make__joined(struct arena *a, const strs_vec *words)
{
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < words->n; i++)
		buf_printf(&out, "%s" STR_FMT, i > 0 ? " " : "", STR_ARG(words->v[i]));
	return buf_str(&out);
}

static void
add_word(struct buf *out, struct str word)
{
	if (out->n > 0)
		buf_putc(out, ' ');
	buf_add(out, word);
}

/* ---- patterns ---- */

bool
make__stem(struct str pattern, struct str text, struct str *stem)
{
	size_t at = str_chr(pattern, '%'), tail;

	if (at == STR_NPOS)
		return false;
	tail = pattern.n - at - 1;
	if (text.n < at + tail || !str_starts(text, str_sub(pattern, 0, at)) ||
	    !str_ends(text, str_sub(pattern, at + 1, tail)))
		return false;
	*stem = str_sub(text, at, text.n - at - tail);
	return true;
}

/* \% is a plain % */
static bool
matches(struct make *m, struct str pattern, struct str word)
{
	struct str stem;
	size_t at = str_chr(pattern, '%');

	if (at != STR_NPOS && at > 0 && pattern.p[at - 1] == '\\')
		return str_eq(word, str_cat(m->a, str_sub(pattern, 0, at - 1), str_sub(pattern, at, pattern.n)));
	return at == STR_NPOS ? str_eq(pattern, word) : make__stem(pattern, word, &stem);
}

struct str
make__patsubst(struct make *m, struct str from, struct str to, struct str text)
{
	struct str word, stem, rest = text;
	struct buf out;

	buf_init(&out, m->a);
	from = str_trim(from);
	while ((word = make__word(&rest)).n > 0 && out.n < MAKE_TEXT_MAX) {
		size_t at = str_chr(to, '%');

		if (str_chr(from, '%') == STR_NPOS && str_eq(from, word)) {
			add_word(&out, to);
		} else if (!make__stem(from, word, &stem)) {
			add_word(&out, word);
		} else {
			add_word(&out, str_sub(to, 0, at == STR_NPOS ? to.n : at));
			if (at != STR_NPOS) {
				buf_add(&out, stem);
				buf_add(&out, str_sub(to, at + 1, to.n));
			}
		}
	}
	return buf_str(&out);
}

/* ---- one function each: args[0..2], those that are not there empty ---- */

static struct str
f_subst(struct make *m, const struct str *args)
{
	struct str text = args[2];
	struct buf out;
	size_t at;

	buf_init(&out, m->a);
	if (args[0].n == 0)
		return str_cat(m->a, text, args[1]);
	while ((at = str_find(text, args[0])) != STR_NPOS && out.n < MAKE_TEXT_MAX) {
		buf_add(&out, str_sub(text, 0, at));
		buf_add(&out, args[1]);
		text = str_sub(text, at + args[0].n, text.n);
	}
	buf_add(&out, text);
	return buf_str(&out);
}

static struct str
f_patsubst(struct make *m, const struct str *args)
{
	return make__patsubst(m, args[0], args[1], args[2]);
}

static struct str
f_strip(struct make *m, const struct str *args)
{
	struct str word, rest = args[0];
	struct buf out;

	buf_init(&out, m->a);
	while ((word = make__word(&rest)).n > 0)
		add_word(&out, word);
	return buf_str(&out);
}

static struct str
f_findstring(struct make *m, const struct str *args)
{
	(void)m;
	return str_find(args[1], args[0]) != STR_NPOS ? args[0] : STR("");
}

static struct str
filtered(struct make *m, const struct str *args, bool keep)
{
	struct str word, rest = args[1];
	struct buf out;

	buf_init(&out, m->a);
	while ((word = make__word(&rest)).n > 0) {
		struct str patterns = args[0], pattern;
		bool found = false;

		while (!found && (pattern = make__word(&patterns)).n > 0)
			found = matches(m, pattern, word);
		if (found == keep)
			add_word(&out, word);
	}
	return buf_str(&out);
}

static struct str
f_filter(struct make *m, const struct str *args)
{
	return filtered(m, args, true);
}

static struct str
f_filter_out(struct make *m, const struct str *args)
{
	return filtered(m, args, false);
}

static int
by_bytes(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static struct str
f_sort(struct make *m, const struct str *args)
{
	struct str word, rest = args[0];
	strs_vec words = { 0 };
	struct buf out;

	buf_init(&out, m->a);
	while ((word = make__word(&rest)).n > 0)
		*vec_push(m->a, &words) = word;
	if (words.n > 0)
		qsort(words.v, words.n, sizeof *words.v, by_bytes);
	for (size_t i = 0; i < words.n; i++)
		if (i == 0 || !str_eq(words.v[i], words.v[i - 1]))
			add_word(&out, words.v[i]);
	return buf_str(&out);
}

/* Words from..to, counted from 1. */
static struct str
some_words(struct make *m, struct str text, uint64_t from, uint64_t to)
{
	struct str word;
	struct buf out;

	buf_init(&out, m->a);
	for (uint64_t i = 1; i <= to && (word = make__word(&text)).n > 0; i++)
		if (i >= from)
			add_word(&out, word);
	return buf_str(&out);
}

static struct str
f_word(struct make *m, const struct str *args)
{
	uint64_t n;

	return str_u64(str_trim(args[0]), &n) == 0 && n > 0 ? some_words(m, args[1], n, n) : STR("");
}

static struct str
f_wordlist(struct make *m, const struct str *args)
{
	uint64_t from, to;

	if (str_u64(str_trim(args[0]), &from) != 0 || str_u64(str_trim(args[1]), &to) != 0 || from == 0)
		return STR("");
	return some_words(m, args[2], from, to);
}

static struct str
f_words(struct make *m, const struct str *args)
{
	struct str rest = args[0];
	size_t n = 0;

	while (make__word(&rest).n > 0)
		n++;
	return str_printf(m->a, "%zu", n);
}

static struct str
f_firstword(struct make *m, const struct str *args)
{
	return some_words(m, args[0], 1, 1);
}

static struct str
f_lastword(struct make *m, const struct str *args)
{
	struct str word, last = STR(""), rest = args[0];

	(void)m;
	while ((word = make__word(&rest)).n > 0)
		last = word;
	return last;
}

/* The part of each word that `part` tells. */
static struct str
each_word(struct make *m, struct str text, struct str (*part)(struct make *m, struct str word))
{
	struct str word;
	struct buf out;

	buf_init(&out, m->a);
	while ((word = make__word(&text)).n > 0) {
		struct str one = part(m, word);

		if (one.n > 0)
			add_word(&out, one);
	}
	return buf_str(&out);
}

static struct str
dir_of(struct make *m, struct str w)
{
	size_t slash = str_rchr(w, '/');

	(void)m;
	return slash == STR_NPOS ? STR("./") : str_sub(w, 0, slash + 1);
}

static struct str
name_of(struct make *m, struct str w)
{
	size_t slash = str_rchr(w, '/');

	(void)m;
	return slash == STR_NPOS ? w : str_sub(w, slash + 1, w.n);
}

static struct str
suffix_of(struct make *m, struct str w)
{
	struct str name = name_of(m, w);
	size_t dot = str_rchr(name, '.');

	return dot == STR_NPOS ? STR("") : str_sub(name, dot, name.n);
}

static struct str
base_of(struct make *m, struct str w)
{
	return str_sub(w, 0, w.n - suffix_of(m, w).n);
}

static struct str
absolute(struct make *m, struct str w)
{
	return path_clean(m->a, path_join(m->a, m->call->dir, w));
}

static struct str
f_dir(struct make *m, const struct str *args)
{
	return each_word(m, args[0], dir_of);
}

static struct str
f_notdir(struct make *m, const struct str *args)
{
	return each_word(m, args[0], name_of);
}

static struct str
f_suffix(struct make *m, const struct str *args)
{
	return each_word(m, args[0], suffix_of);
}

static struct str
f_basename(struct make *m, const struct str *args)
{
	return each_word(m, args[0], base_of);
}

static struct str
f_abspath(struct make *m, const struct str *args)
{
	return each_word(m, args[0], absolute);
}

static struct str
f_addprefix(struct make *m, const struct str *args)
{
	struct str word, rest = args[1];
	struct buf out;

	buf_init(&out, m->a);
	while ((word = make__word(&rest)).n > 0) {
		add_word(&out, args[0]);
		buf_add(&out, word);
	}
	return buf_str(&out);
}

static struct str
f_addsuffix(struct make *m, const struct str *args)
{
	struct str word, rest = args[1];
	struct buf out;

	buf_init(&out, m->a);
	while ((word = make__word(&rest)).n > 0) {
		add_word(&out, word);
		buf_add(&out, args[0]);
	}
	return buf_str(&out);
}

static struct str
f_join(struct make *m, const struct str *args)
{
	struct str x = args[0], y = args[1];
	struct buf out;

	buf_init(&out, m->a);
	for (;;) {
		struct str left = make__word(&x), right = make__word(&y);

		if (left.n == 0 && right.n == 0)
			return buf_str(&out);
		add_word(&out, left);
		buf_add(&out, right);
	}
}

static const struct {
	const char *name;
	size_t nargs;
	struct str (*call)(struct make *m, const struct str *args);
} functions[] = {
	{ "subst", 3, f_subst }, { "patsubst", 3, f_patsubst }, { "strip", 1, f_strip },
	{ "findstring", 2, f_findstring }, { "filter", 2, f_filter }, { "filter-out", 2, f_filter_out },
	{ "sort", 1, f_sort }, { "word", 2, f_word }, { "wordlist", 3, f_wordlist }, { "words", 1, f_words },
	{ "firstword", 1, f_firstword }, { "lastword", 1, f_lastword }, { "dir", 1, f_dir },
	{ "notdir", 1, f_notdir }, { "suffix", 1, f_suffix }, { "basename", 1, f_basename },
	{ "abspath", 1, f_abspath }, { "addprefix", 2, f_addprefix },
	{ "addsuffix", 2, f_addsuffix }, { "join", 2, f_join },
};

static size_t
function_of(struct str name)
{
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
		if (str_is(name, functions[i].name))
			return i;
	return STR_NPOS;
}

size_t
make__function_args(struct str name)
{
	size_t f = function_of(name);

	return f == STR_NPOS ? 0 : functions[f].nargs;
}

struct str
make__text_function(struct make *m, struct str name, const struct str *args, size_t n)
{
	struct str three[3] = { { "", 0 }, { "", 0 }, { "", 0 } }, out;
	bool unknown = false;

	for (size_t i = 0; i < n && i < 3; i++) {
		unknown |= make__unknown(args[i]);
		three[i] = args[i];
	}
	for (size_t i = 0; i < n && unknown; i++)
		make__lose(m, args[i]);
	if (unknown)
		return MAKE_ANY;
	out = functions[function_of(name)].call(m, three);
	if (out.n <= MAKE_TEXT_MAX)
		return out;
	make__limit(m);
	return MAKE_ANY;
}
