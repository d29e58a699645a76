/* SPDX-License-Identifier: ISC */
/*
 * glob.c: pattern words from glob text. {a,b} is expanded first and gives
 * several words; then * ? and sets become pieces. The sets are read by
 * glob_set of base, so that both kinds of glob mean the same.
 */
#include "bridle/action.h"
#include "bridle/limits.h"

#include <string.h>

/* Index behind the element at i: an escaped byte, a set, or one byte. */
static size_t
element_end(struct str p, size_t i)
{
	uint64_t bits[4];
	size_t next;

	if (p.p[i] == '\\' && i + 1 < p.n)
		return i + 2;
	if (p.p[i] == '[' && (next = glob_set(p, i, bits)) != 0)
		return next;
	return i + 1;
}

/* An open brace that is not closed yet. */
struct brace {
	size_t open;
	bool comma;
};

/*
 * The outermost leftmost {…,…}: index of its '{', with *close the index of its
 * '}'. STR_NPOS if there is none. Braces without a comma are text.
 */
static size_t
find_braces(struct arena *a, struct str p, size_t *close)
{
	VEC(struct brace) open = { 0 };
	size_t best = STR_NPOS;

	for (size_t i = 0; i < p.n; i = element_end(p, i)) {
		struct brace *inner = open.n == 0 ? NULL : &open.v[open.n - 1];

		if (p.p[i] == '{') {
			*vec_push(a, &open) = (struct brace){ i, false };
		} else if (p.p[i] == ',' && inner != NULL) {
			inner->comma = true;
		} else if (p.p[i] == '}' && inner != NULL) {
			open.n--;
			if (inner->comma && inner->open < best) {
				best = inner->open;
				*close = i;
			}
		}
	}
	return best;
}

typedef VEC(struct str) strs;

/* The group from open to close, once for each alternative, behind `at`. */
static int
expand_group(struct arena *a, strs *list, size_t at, size_t open, size_t close)
{
	struct str p = list->v[at];
	struct str before = str_sub(p, 0, open), after = str_sub(p, close + 1, p.n);
	size_t depth = 0, from = open + 1;
	strs made = { 0 };

	for (size_t i = open + 1; i <= close; i = element_end(p, i)) {
		if ((p.p[i] == ',' && depth == 0) || i == close) {
			struct str alternative = str_sub(p, from, i - from);

			if (list->n + made.n > LIMIT_EXPANSION)
				return BRIDLE_ELIMIT;
			*vec_push(a, &made) = str_cat(a, str_cat(a, before, alternative), after);
			from = i + 1;
		} else if (p.p[i] == '{') {
			depth++;
		} else if (p.p[i] == '}' && depth > 0) {
			depth--;
		}
	}
	for (size_t i = 1; i < made.n; i++)
		vec_push(a, list);
	memmove(list->v + at + made.n, list->v + at + 1, (list->n - made.n - at) * sizeof *list->v);
	memcpy(list->v + at, made.v, made.n * sizeof *list->v);
	return 0;
}

static int
expand_braces(struct arena *a, struct str pattern, strs *list)
{
	size_t open, close = 0;

	*vec_push(a, list) = pattern;
	for (size_t i = 0; i < list->n;) {
		int err;

		open = find_braces(a, list->v[i], &close);
		if (open == STR_NPOS) {
			i++;
			continue;
		}
		err = expand_group(a, list, i, open, close);
		if (err != 0)
			return err;
	}
	return 0;
}

typedef VEC(struct piece) pieces;

/* One more piece; neighbours that take any bytes become one. */
static void
add_unknown(struct arena *a, pieces *list, struct piece piece)
{
	struct piece *last = list->n == 0 ? NULL : &list->v[list->n - 1];

	if (last == NULL || last->kind != PIECE_CHARS || last->set != NULL || piece.set != NULL) {
		*vec_push(a, list) = piece;
		return;
	}
	last->text = str_cat(a, last->text, piece.text);
	last->min += piece.min;
	if (last->max != PIECE_NOMAX && piece.max != PIECE_NOMAX)
		last->max += piece.max;
	else
		last->max = PIECE_NOMAX;
}

/* The text gathered so far becomes a piece. */
static void
end_text(struct arena *a, pieces *list, struct buf *text)
{
	if (text->n > 0)
		*vec_push(a, list) = (struct piece){ .kind = PIECE_TEXT, .text = buf_str(text) };
	buf_init(text, a);
}

static bool
only_text(struct str p)
{
	for (size_t i = 0; i < p.n; i++)
		if (strchr("*?[\\", p.p[i]) != NULL) /* also a NUL: the long way */
			return false;
	return p.n > 0;
}

static struct word
word_from(struct arena *a, struct str p)
{
	pieces list = { 0 };
	struct buf text;

	if (only_text(p)) { /* nearly every word of a policy */
		list.v = NEW(a, struct piece);
		list.v[0] = (struct piece){ .kind = PIECE_TEXT, .text = str_dup(a, p) };
		return (struct word){ .v = list.v, .n = 1, .typed = p };
	}
	buf_init(&text, a);
	for (size_t i = 0, next; i < p.n; i = next) {
		struct piece piece = { .kind = PIECE_CHARS, .min = 1, .max = 1 };

		next = element_end(p, i);
		piece.text = str_sub(p, i, next - i);
		if (p.p[i] == '*') {
			piece.min = 0;
			piece.max = PIECE_NOMAX;
		} else if (p.p[i] == '[' && next > i + 1) {
			struct byteset *set = NEW(a, struct byteset);

			glob_set(p, i, set->bits);
			piece.set = set;
		} else if (p.p[i] != '?') {
			buf_putc(&text, p.p[next - 1]); /* the escaped one, or itself */
			continue;
		}
		end_text(a, &list, &text);
		add_unknown(a, &list, piece);
	}
	end_text(a, &list, &text);
	return (struct word){ .v = list.v, .n = list.n, .typed = p };
}

int
word_glob(struct arena *a, struct str pattern, struct words *out)
{
	strs list = { 0 };
	struct word *v;
	int err = expand_braces(a, pattern, &list);

	if (err != 0)
		return err;
	v = NEW_ARRAY(a, struct word, list.n);
	for (size_t i = 0; i < list.n; i++)
		v[i] = word_from(a, list.v[i]);
	*out = (struct words){ v, list.n };
	return 0;
}

bool
word_has_glob(struct str pattern)
{
	bool open = false, comma = false;

	for (size_t i = 0, next; i < pattern.n; i = next) {
		char c = pattern.p[i];

		next = element_end(pattern, i);
		if (c == '*' || c == '?' || (c == '[' && next > i + 1))
			return true;
		open |= c == '{';
		comma |= open && c == ',';
		if (comma && c == '}')
			return true;
	}
	return false;
}
