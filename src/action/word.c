/* SPDX-License-Identifier: ISC */
/*
 * word.c: words made of pieces: making, joining, asking, showing. Matching
 * them is in match.c, making them from patterns in glob.c.
 */
#include "bridle/action.h"

#include <string.h>

const struct byteset byteset_below = { { ~(uint64_t)1, ~(uint64_t)0, ~(uint64_t)0, ~(uint64_t)0 } };

bool
byteset_has(const struct byteset *set, unsigned char c)
{
	return set == NULL ? c != 0 : (set->bits[c / 64] >> c % 64 & 1) != 0;
}

struct byteset
byteset_of(const char *with)
{
	struct byteset set = { { 0 } };

	for (; *with != '\0'; with++) {
		unsigned char c = (unsigned char)*with;

		set.bits[c / 64] |= (uint64_t)1 << c % 64;
	}
	return set;
}

struct byteset
byteset_not(const char *without)
{
	struct byteset set = byteset_of(without);

	for (size_t i = 0; i < 4; i++)
		set.bits[i] = ~set.bits[i];
	set.bits[0] &= ~(uint64_t)1;
	return set;
}

static struct word
word_piece(struct arena *a, struct piece piece)
{
	struct piece *p = NEW(a, struct piece);

	*p = piece;
	return (struct word){ .v = p, .n = 1, .typed = STR("") };
}

struct word
word_any(struct arena *a, struct str source)
{
	return word_piece(
	    a, (struct piece){ .kind = PIECE_CHARS, .text = source, .max = PIECE_NOMAX });
}

struct word
word_words(struct arena *a, struct str source)
{
	return word_piece(a, (struct piece){ .kind = PIECE_WORDS, .text = source });
}

struct word
word_cat(struct arena *a, struct word x, struct word y)
{
	struct piece *v;
	struct word out = { .n = x.n + y.n, .typed = STR("") };
	bool join = x.n > 0 && y.n > 0 && x.v[x.n - 1].kind == PIECE_TEXT &&
	    y.v[0].kind == PIECE_TEXT;

	if (x.n == 0 || y.n == 0) {
		out.v = x.n == 0 ? y.v : x.v;
		return out;
	}
	v = NEW_ARRAY(a, struct piece, out.n);
	memcpy(v, x.v, x.n * sizeof *v);
	if (join) {
		v[x.n - 1].text = str_cat(a, x.v[x.n - 1].text, y.v[0].text);
		y.v++;
		y.n--;
		out.n--;
	}
	if (y.n > 0)
		memcpy(v + x.n, y.v, y.n * sizeof *v);
	out.v = v;
	return out;
}

static bool
all_text(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind != PIECE_TEXT)
			return false;
	return true;
}

bool
word__known(struct arena *a, struct word w, struct str *out)
{
	struct buf b;

	if (!all_text(w))
		return false;
	buf_init(&b, a);
	for (size_t i = 0; i < w.n; i++)
		buf_add(&b, w.v[i].text);
	*out = buf_str(&b);
	return true;
}

bool
word_says(struct word w, struct str text)
{
	struct str left = text;

	if (!all_text(w))
		return false;
	for (size_t i = 0; i < w.n; i++) {
		if (!str_starts(left, w.v[i].text))
			return false;
		left = str_sub(left, w.v[i].text.n, left.n);
	}
	return left.n == 0;
}

/* Most words are. */
static bool
one_text(struct word w)
{
	return w.n == 1 && w.v[0].kind == PIECE_TEXT && w.v[0].text.n > 0;
}

struct str
word_suffix(struct arena *a, struct word w)
{
	size_t from = w.n;
	struct buf b;

	if (one_text(w))
		return w.v[0].text;
	while (from > 0 && w.v[from - 1].kind == PIECE_TEXT)
		from--;
	buf_init(&b, a);
	for (; from < w.n; from++)
		buf_add(&b, w.v[from].text);
	return buf_str(&b);
}

/* The source of a piece that is not known. */
static struct str
piece_source(const struct piece *p)
{
	return p->text.n > 0 ? p->text : STR("…");
}

struct str
word_show(struct arena *a, struct word w)
{
	struct buf b;

	if (one_text(w))
		return str_dup(a, w.v[0].text);
	buf_init(&b, a);
	for (size_t i = 0; i < w.n; i++)
		buf_add(&b, w.v[i].kind == PIECE_TEXT ? w.v[i].text : piece_source(&w.v[i]));
	return buf_str(&b);
}

/* A bit for each byte below 0x80 that every shell leaves alone wherever it stands:
 * letters, digits, and / - . _ @ % + : , ^ */
static const uint64_t safe_bytes[2] = { 0x07fff82000000000, 0x07fffffec7ffffff };

static bool
safe_byte(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 0x80 || (safe_bytes[u / 64] >> u % 64 & 1) != 0;
}

/* Braces as in stash@{0} are no brace expansion, so they stay as they are. */
static bool
plain_braces(struct str text)
{
	return text.n > 1 && str_chr(text, ',') == STR_NPOS && str_find(text, STR("..")) == STR_NPOS;
}

static bool
needs_quotes(struct str text, bool first)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (safe_byte(c) || ((c == '=' || c == '#' || c == '~') && !(first && i == 0)))
			continue;
		if ((c == '{' || c == '}') && plain_braces(text))
			continue;
		return true;
	}
	return false;
}

static void
add_quoted(struct buf *b, struct str text)
{
	buf_putc(b, '\'');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\'')
			buf_puts(b, "'\\''");
		else
			buf_putc(b, text.p[i]);
	}
	buf_putc(b, '\'');
}

void
word_add_quoted(struct buf *b, struct word w)
{
	if (w.n == 0)
		buf_add(b, STR("''"));
	for (size_t i = 0; i < w.n; i++) {
		const struct piece *p = &w.v[i];

		if (p->kind != PIECE_TEXT)
			buf_add(b, piece_source(p));
		else if (needs_quotes(p->text, i == 0))
			add_quoted(b, p->text);
		else
			buf_add(b, p->text);
	}
}

struct str
word_quote(struct arena *a, struct word w)
{
	struct buf b;

	buf_init(&b, a);
	word_add_quoted(&b, w);
	return buf_str(&b);
}
