/* SPDX-License-Identifier: ISC */
/*
 * field.c: the fields that a word becomes. Pieces are put one after the other,
 * each with how it came in; unquoted values are split at IFS, and a field that
 * holds a pattern goes to glob.c. What puts pieces is in expand.c and expand_param.c.
 */
#include "shell/eval.h"

#include <string.h>

void
eval__xp_init(struct xp *xp, struct shell *sh, struct shell_state *st, const struct ctx *cx,
    struct choices *ch)
{
	memset(xp, 0, sizeof *xp);
	xp->sh = sh;
	xp->st = st;
	xp->cx = cx;
	xp->ch = ch;
}

bool
eval__choices_next(struct choices *ch)
{
	while (ch->list.n > 0) {
		struct choice *c = &ch->list.v[ch->list.n - 1];

		if (++c->i < c->n)
			return true;
		ch->list.n--;
	}
	return false;
}

size_t
eval__choices_count(const struct choices *ch)
{
	size_t n = 1;

	for (size_t i = 0; i < ch->list.n; i++)
		n *= ch->list.v[i].n;
	return n;
}

size_t
eval__choose(struct xp *xp, struct str name, const void *key, size_t n)
{
	struct choices *ch = xp->ch;

	for (size_t i = 0; i < ch->list.n; i++)
		if (ch->list.v[i].key == key && str_eq(ch->list.v[i].name, name))
			return ch->list.v[i].i < n ? ch->list.v[i].i : 0;
	if (ch->fold)
		return n;
	if (eval__choices_count(ch) * n > LIMIT_ALTERNATIVES) {
		ch->overflow = true;
		return n;
	}
	*vec_push(xp->sh->a, &ch->list) = (struct choice){ name, key, 0, n };
	return 0;
}

void
eval__put(struct xp *xp, struct piece p, unsigned char how)
{
	if (p.kind == PIECE_TEXT && p.text.n == 0)
		return;
	if (p.kind == PIECE_WORDS && xp->nosplit)
		p = (struct piece){ PIECE_CHARS, p.text, NULL, 0, PIECE_NOMAX };
	if (p.kind != PIECE_TEXT)
		xp->part_unknown = true;
	*vec_push(xp->sh->a, &xp->cur) = (struct xpiece){ p, how };
}

void
eval__put_text(struct xp *xp, struct str text, unsigned char how)
{
	if (how == XP_QUOTED)
		xp->have = true;
	eval__put(xp, (struct piece){ PIECE_TEXT, text, NULL, 0, 0 }, how);
}

void
eval__put_any(struct xp *xp, struct str source, bool quoted)
{
	if (quoted || xp->nosplit) {
		eval__put(xp, (struct piece){ PIECE_CHARS, source, NULL, 0, PIECE_NOMAX },
		    quoted ? XP_QUOTED : XP_VALUE);
		xp->have = true;
	} else
		eval__put(xp, (struct piece){ PIECE_WORDS, source, NULL, 0, 0 }, XP_VALUE);
}

/* ---- splitting ---- */

bool
eval__ifs(struct xp *xp, struct str *out)
{
	const struct var *v = eval__var(xp->sh, xp->st, STR("IFS"));

	if (v->n != 1 || v->v[0].kind == VALUE_ANY)
		return false;
	if (v->v[0].kind == VALUE_UNSET) {
		*out = STR(" \t\n");
		return true;
	}
	if (v->v[0].kind == VALUE_LIST)
		return false;
	return word_known(xp->sh->a, v->v[0].scalar, out);
}

static bool
in(struct str set, char c)
{
	return set.n > 0 && memchr(set.p, c, set.n) != NULL;
}

/* Whether nothing that the piece can be is split or globbed. */
static bool
piece_solid(const struct piece *p, struct str ifs)
{
	static const char active[] = "*?[]\\+@!()|";

	if (p->set == NULL)
		return false;
	for (const char *c = active; *c != '\0'; c++)
		if (byteset_has(p->set, (unsigned char)*c))
			return false;
	for (size_t i = 0; i < ifs.n; i++)
		if (byteset_has(p->set, (unsigned char)ifs.p[i]))
			return false;
	return true;
}

struct splitting {
	struct str ifs;
	bool soft; /* blanks have just ended a field */
	unsigned char how;
};

static void
split_text(struct xp *xp, struct splitting *s, struct str text)
{
	size_t from = 0;

	for (size_t i = 0; i <= text.n; i++) {
		bool blank;

		if (i < text.n && !in(s->ifs, text.p[i]))
			continue;
		if (i > from) {
			eval__put_text(xp, str_sub(text, from, i - from), s->how);
			s->soft = false;
		}
		from = i + 1;
		if (i == text.n)
			break;
		blank = text.p[i] == ' ' || text.p[i] == '\t' || text.p[i] == '\n';
		if (xp->cur.n > 0 || xp->have) {
			eval__field_end(xp);
			s->soft = blank;
		} else if (blank) {
			continue;
		} else if (s->soft) {
			s->soft = false;
		} else {
			xp->have = true;
			eval__field_end(xp);
		}
	}
}

static void
put_split(struct xp *xp, struct word w, unsigned char how)
{
	struct splitting s = { .how = how };

	if (!eval__ifs(xp, &s.ifs)) {
		if (w.n > 0)
			eval__put_any(xp, w.typed, false);
		return;
	}
	for (size_t i = 0; i < w.n; i++) {
		struct piece p = w.v[i];

		if (p.kind == PIECE_TEXT) {
			split_text(xp, &s, p.text);
			continue;
		}
		s.soft = false;
		if (p.kind == PIECE_CHARS && piece_solid(&p, s.ifs))
			eval__put(xp, p, p.min > 0 ? XP_QUOTED : XP_VALUE);
		else
			eval__put(xp, (struct piece){ PIECE_WORDS, p.text, NULL, 0, 0 }, how);
	}
}

void
eval__put_value(struct xp *xp, struct word w, bool quoted, bool command)
{
	bool zsh = xp->st->kind == SHELL_ZSH;
	enum tri split = zsh && !command ? eval__opt(xp->st, OPT_WORDSPLIT) : TRI_YES;
	enum tri glob = zsh ? eval__opt(xp->st, OPT_GLOBSUBST) : TRI_YES;

	if (zsh && !quoted && glob != TRI_NO && w.n > 0 && w.v[0].kind == PIECE_TEXT &&
	    strchr("~=", w.v[0].text.p[0]) != NULL) { /* a ~ or =cmd that the value brings */
		eval__put_any(xp, w.typed, false);
		return;
	}
	if (quoted || (xp->nosplit && !xp->pattern)) {
		xp->have = true;
		for (size_t i = 0; i < w.n; i++)
			eval__put(xp, w.v[i], XP_QUOTED);
		return;
	}
	if (xp->nosplit || split == TRI_NO) {
		for (size_t i = 0; i < w.n; i++)
			eval__put(xp, w.v[i],
			    glob == TRI_NO && w.v[i].kind == PIECE_TEXT ? XP_QUOTED : XP_VALUE);
		return;
	}
	if (split == TRI_MAYBE || glob == TRI_MAYBE) {
		if (w.n > 0)
			eval__put_any(xp, w.typed, false);
		return;
	}
	put_split(xp, w, glob == TRI_NO ? XP_QUOTED : XP_VALUE);
}

/* Whether something surely stands between the words i - 1 and i: each may be
 * any words at that end, and so none. */
static bool
sure_between(struct words list, size_t i)
{
	const struct word left = list.v[i - 1], right = list.v[i];
	return (left.n == 0 || left.v[left.n - 1].kind != PIECE_WORDS) &&
	    (right.n == 0 || right.v[0].kind != PIECE_WORDS);
}

/* A word that is joined with others to one. */
static void
put_one(struct xp *xp, struct word w, bool quoted)
{
	for (size_t i = 0; i < w.n; i++) {
		struct piece p = w.v[i];

		if (p.kind == PIECE_WORDS)
			p = (struct piece){ PIECE_CHARS, p.text, NULL, 0, PIECE_NOMAX };
		eval__put(xp, p, quoted ? XP_QUOTED : XP_VALUE);
	}
}

/* "$*": joined by the first character of IFS. */
static void
put_star(struct xp *xp, struct words list, struct str source)
{
	struct str ifs, sep = STR("");

	if (!eval__ifs(xp, &ifs)) {
		eval__put_any(xp, source, true);
		return;
	}
	if (ifs.n > 0)
		sep = str_sub(ifs, 0, 1);
	xp->have = true;
	for (size_t i = 0; i < list.n; i++) {
		if (i > 0 && sure_between(list, i))
			eval__put_text(xp, sep, XP_QUOTED);
		put_one(xp, list.v[i], true);
	}
}

void
eval__may_be_no_word(struct xp *xp)
{
	for (size_t i = 0; i < xp->cur.n; i++)
		if (xp->cur.v[i].p.kind == PIECE_TEXT || xp->cur.v[i].p.min > 0)
			return;
	xp->open = true;
}

static bool
may_be_none(struct words list, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		for (size_t k = 0; k < list.v[i].n || k == 0; k++)
			if (list.v[i].n == 0 || list.v[i].v[k].kind != PIECE_WORDS)
				return false;
	return true;
}

/* a"$@"b: where there is none of the words before i, or from i on, what stands
 * before or behind the list is one with its other end. */
static bool
in_one(const struct xp *xp, struct words list, size_t i, bool before)
{
	return (before && may_be_none(list, 0, i)) || (xp->follows && may_be_none(list, i, list.n));
}

/* Of a word that may be several, where each is a word as it is. */
static void
put_pieces(struct xp *xp, struct word w, bool quoted)
{
	for (size_t i = 0; i < w.n; i++)
		if (quoted || w.v[i].kind == PIECE_WORDS)
			eval__put(xp, w.v[i], quoted ? XP_QUOTED : XP_VALUE);
		else
			eval__put_value(xp, (struct word){ &w.v[i], 1, w.typed }, false, false);
}

/* $IFS is another: what $* is joined by, and which empty words stay, is not followed. */
static bool
odd_ifs(const struct xp *xp)
{
	const struct var *v = pmap_get(xp->st->vars, STR("IFS"));
	struct str text;

	return v != NULL && !(v->n == 1 && v->v[0].kind == VALUE_SCALAR && word_known(xp->sh->a, v->v[0].scalar, &text) &&
	                        str_is(text, " \t\n"));
}

void
eval__put_list(struct xp *xp, struct words list, bool quoted, bool star, struct str source)
{
	bool before;

	if (quoted && star) {
		put_star(xp, list, source);
		return;
	}
	before = xp->cur.n > 0;
	/* zsh: "$x$@" is no word where x is empty and there are none. */
	if (quoted && may_be_none(list, 0, list.n) && xp->st->kind == SHELL_ZSH && xp->have)
		eval__may_be_no_word(xp);
	if (xp->nosplit && !quoted && star && xp->st->kind != SHELL_BASH) {
		put_star(xp, list, source);
		return;
	}
	if (list.n > 0 && odd_ifs(xp) &&
	    (xp->st->kind == SHELL_ZSH ? xp->nosplit : !quoted || (xp->nosplit && xp->st->kind == SHELL_SH))) {
		if (xp->nosplit)
			eval__put_any(xp, source, quoted);
		else
			eval__put(xp, (struct piece){ PIECE_WORDS, source, NULL, 0, 0 }, XP_VALUE);
		return;
	}
	for (size_t i = 0; i < list.n; i++) {
		if (i > 0 && !xp->nosplit && !in_one(xp, list, i, before))
			eval__field_end(xp);
		else if (xp->nosplit && i > 0 && sure_between(list, i))
			eval__put_text(xp, STR(" "), XP_QUOTED);
		if (xp->nosplit && word_has_words(list.v[i]))
			put_one(xp, list.v[i], quoted);
		else if (quoted && !word_has_words(list.v[i]))
			eval__put_value(xp, list.v[i], true, false);
		else if (quoted || word_has_words(list.v[i]))
			put_pieces(xp, list.v[i], quoted);
		else
			eval__put_value(xp, list.v[i], false, false);
	}
}

/* ---- fields ---- */

static bool
has_glob_char(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '*' || s.p[i] == '?' || s.p[i] == '[' || s.p[i] == '(')
			return true;
	return false;
}

/* A literal character that an unknown one beside it can make a pattern. */
static bool
may_open(const struct xpiece *x, bool last)
{
	if (x->how == XP_QUOTED || x->p.kind != PIECE_TEXT)
		return false;
	if (in(x->p.text, '[') || in(x->p.text, '\\'))
		return true;
	return last && x->p.text.n > 0 && strchr("+@!?*", x->p.text.p[x->p.text.n - 1]) != NULL;
}

/*
 * Where an unquoted unknown stands, the literal text keeps its place even if
 * the whole turns out to be a pattern, but not where that text itself may be
 * part of the pattern: from there on anything is possible.
 */
static void
guard_unknown(struct xp *xp)
{
	size_t open = STR_NPOS;
	bool unknown = false;

	for (size_t i = 0; i < xp->cur.n; i++) {
		const struct xpiece *x = &xp->cur.v[i];

		if (x->p.kind != PIECE_TEXT && x->how == XP_VALUE)
			unknown = true;
		else if (open == STR_NPOS &&
		    may_open(x, i + 1 < xp->cur.n && xp->cur.v[i + 1].how == XP_VALUE))
			open = i;
	}
	if (!unknown)
		return;
	if (eval__opt(xp->st, OPT_NULLGLOB) != TRI_NO)
		open = 0;
	if (open == STR_NPOS)
		return;
	xp->cur.n = open;
	eval__put(xp, (struct piece){ PIECE_WORDS, xp->typed, NULL, 0, 0 }, XP_VALUE);
}

/* The texts from piece *i on as one; *i is then the last of them. */
static struct str
text_run(const struct xp *xp, size_t *i)
{
	struct buf b;

	if (*i + 1 >= xp->cur.n || xp->cur.v[*i + 1].p.kind != PIECE_TEXT)
		return xp->cur.v[*i].p.text;
	buf_init(&b, xp->sh->a);
	buf_add(&b, xp->cur.v[*i].p.text);
	while (*i + 1 < xp->cur.n && xp->cur.v[*i + 1].p.kind == PIECE_TEXT)
		buf_add(&b, xp->cur.v[++*i].p.text);
	return buf_str(&b);
}

struct word
eval__field_word(struct xp *xp)
{
	struct piece *v;
	size_t n = 0;
	bool loose = !xp->have;

	if (xp->cur.n == 1 && xp->cur.v[0].p.kind == PIECE_TEXT) {
		v = NEW(xp->sh->a, struct piece);
		*v = xp->cur.v[0].p;
		return (struct word){ v, 1, xp->typed };
	}
	v = NEW_ARRAY(xp->sh->a, struct piece, xp->cur.n + 1);
	for (size_t i = 0; i < xp->cur.n; i++) {
		const struct xpiece *x = &xp->cur.v[i];

		v[n] = x->p;
		if (x->p.kind == PIECE_TEXT)
			v[n].text = text_run(xp, &i);
		n++;
		if (!(x->how == XP_VALUE && (x->p.kind == PIECE_WORDS ||
		                                (x->p.kind == PIECE_CHARS && x->p.min == 0))))
			loose = false;
	}
	/* Nothing but an unquoted value that may be empty: then no word at all. */
	if (loose && n > 0 && !xp->nosplit) {
		v[0] = (struct piece){ PIECE_WORDS, v[0].text, NULL, 0, 0 };
		n = 1;
	}
	return (struct word){ v, n, xp->typed };
}

/* zsh's EXTENDED_GLOB: ^a and a# are patterns, too. */
static bool
is_extended(const struct xp *xp)
{
	if (xp->st->kind != SHELL_ZSH || eval__opt(xp->st, OPT_OTHERGLOB) == TRI_NO)
		return false;
	for (size_t i = 0; i < xp->cur.n; i++) {
		const struct xpiece *x = &xp->cur.v[i];

		if (x->how != XP_QUOTED && x->p.kind == PIECE_TEXT &&
		    (in(x->p.text, '^') || in(x->p.text, '#')))
			return true;
	}
	return false;
}

static bool
is_pattern(const struct xp *xp)
{
	for (size_t i = 0; i < xp->cur.n; i++) {
		const struct xpiece *x = &xp->cur.v[i];

		if (x->how == XP_GLOB)
			return true;
		if (x->how == XP_VALUE && x->p.kind == PIECE_TEXT && has_glob_char(x->p.text))
			return true;
		/* what is no pattern bash may take away all the same */
		if (x->how == XP_LITERAL && in(x->p.text, '[') && eval__opt(xp->st, OPT_NULLGLOB) != TRI_NO)
			return true;
	}
	return false;
}

/* zsh looks for ~name and =cmd at the start of a word when all else has been
 * expanded, so text can come to the start that does not stand there. */
bool
eval__zsh_start(const struct xp *xp)
{
	for (size_t i = 0; i < xp->cur.n; i++) {
		const struct xpiece *x = &xp->cur.v[i];

		if (x->p.kind == PIECE_TEXT)
			return x->how == XP_LITERAL &&
			    (x->p.text.p[0] == '~' || (x->p.text.p[0] == '=' && x->p.text.n > 1) ||
			        (x->p.text.p[0] == '=' && i + 1 < xp->cur.n));
		if (x->p.min > 0)
			return false;
	}
	return false;
}

/* A [ without an end is an error to zsh, but for the command. */
bool
eval__bad_pattern(struct str text)
{
	return text.n > 1 && str_chr(text, '[') != STR_NPOS;
}

void
eval__field_end(struct xp *xp)
{
	if (xp->cur.n == 0 && !xp->have)
		return;
	if (xp->nosplit)
		return;
	if (!xp->noglob && is_extended(xp))
		xp->open = xp->no_match = true;
	if (xp->none)
		; /* no word at all */
	else if (xp->open || (xp->st->kind == SHELL_ZSH && eval__zsh_start(xp)))
		*vec_push(xp->sh->a, &xp->out) = word_words(xp->sh->a, xp->typed);
	else if (!xp->noglob && is_pattern(xp) && eval__opt(xp->st, OPT_NOGLOB) != TRI_YES)
		eval__pathnames(xp);
	else {
		if (xp->st->kind == SHELL_ZSH && !xp->noglob)
			for (size_t i = 0; i < xp->cur.n; i++)
				xp->no_match |= xp->cur.v[i].how == XP_LITERAL && eval__bad_pattern(xp->cur.v[i].p.text);
		if (xp->part_unknown)
			guard_unknown(xp);
		*vec_push(xp->sh->a, &xp->out) = eval__field_word(xp);
	}
	xp->cur.n = 0;
	xp->have = xp->open = xp->none = false;
	xp->part_unknown = false;
}
