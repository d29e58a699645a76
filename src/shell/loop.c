/* SPDX-License-Identifier: ISC */
/*
 * loop.c: loops and case. A loop over known words is taken turn by turn. Any
 * other is looked through in silence until one more turn changes nothing that
 * is known any more, and then run once for the host: what it reports covers
 * every turn.
 */
#include "shell/eval.h"
#include "shell/reference.h"

#include <string.h>

struct turns {
	const struct node *n;
	const struct ctx *cx;
	struct words names;  /* the loop's variables, may be none */
	struct words values; /* what they get */
	struct word any;     /* all values as one word */
	bool empty_too;      /* they may be empty or unset (select) */
};

/* ---- one turn ---- */

static void
join_into(struct shell *sh, struct shell_state *st, struct shell_state **from)
{
	if (*from != NULL)
		eval__join(sh, st, *from);
	*from = NULL;
}

static void
keep(struct shell *sh, struct shell_state **into, const struct shell_state *st)
{
	if (*into == NULL)
		*into = eval__copy(sh, st);
	else
		eval__join(sh, *into, st);
}

static void
set_name(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct str name,
    struct word w)
{
	struct value v = eval__value_word(w);
	struct choices ch = { .fold = true };
	struct xp xp;

	eval__xp_init(&xp, sh, st, cx, &ch);
	eval__evaluate_value(&xp, name, &v, w.typed);
	if (!eval__refer(sh, st, name, &v))
		eval__assign(sh, st, name, &v);
}

static void
set_any(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct str name)
{
	if ((eval__var(sh, st, name)->attrs & VAR_INTEGER) != 0)
		eval__unknown(sh, st, cx, SHELL_OPAQUE, name, "its value is evaluated as arithmetic");
	eval__assign_any(sh, st, name);
}

static void
set_names(struct shell *sh, struct shell_state *st, const struct turns *t, size_t at)
{
	if (st->traps != NULL)
		eval__traps(sh, st, t->cx);
	for (size_t i = 0; i < t->names.n; i++) {
		struct word w = at + i < t->values.n ? t->values.v[at + i] : (struct word){ 0 };

		set_name(sh, st, t->cx, t->names.v[i].typed, w);
	}
}

static enum arith
evaluate(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    const struct part *p, long long *out)
{
	struct choices ch = { .fold = true };
	struct xp xp;
	enum arith how;

	if (p == NULL) {
		*out = 1;
		return ARITH_KNOWN;
	}
	if (st->traps != NULL)
		eval__traps(sh, st, cx);
	eval__xp_init(&xp, sh, st, cx, &ch);
	how = eval__arith_parts(&xp, p->parts, p->text, out);
	if (xp.failed)
		eval__discard(sh, cx, st);
	if (how == ARITH_KNOWN && str_chr(p->text, '\\') != STR_NPOS)
		how = ARITH_NUMBER; /* an error, but for \newline */
	if (how == ARITH_OPAQUE)
		eval__unknown(sh, st, cx, SHELL_OPAQUE, eval__source(cx, n->at),
		    "a value in it is evaluated as arithmetic");
	return how;
}

/* The condition of one turn: st is left as it goes into the body, and the
 * way out is kept in frame->left. */
static void
condition(struct shell *sh, struct shell_state *st, const struct turns *t, const struct ctx *cx,
    struct frame *frame)
{
	const struct node *n = t->n;
	struct outcome o = { 0 };
	long long v = 0;

	if (n->kind == NODE_WHILE) {
		struct ctx in = *cx;
		struct shell_state *no;

		in.tested = true;
		in.decisive = false;
		if (n->until && str_find(eval__source(cx, n->at), STR("continue")) != STR_NPOS)
			eval__unknown(sh, st, cx, SHELL_DYNAMIC, eval__source(cx, n->at), "`continue` may end an `until`");
		eval__node(sh, st, &in, n->kids[0], &o);
		no = eval__failed(sh, st, &o);
		keep(sh, &frame->left, n->until ? st : no);
		if (n->until)
			*st = *no;
	} else if (n->kind == NODE_CFOR) {
		enum arith how = evaluate(sh, st, cx, n, n->arith[1], &v);

		if (how != ARITH_KNOWN || v == 0)
			keep(sh, &frame->left, st);
		st->dead |= how == ARITH_KNOWN && v == 0;
	} else {
		keep(sh, &frame->left, st);
		for (size_t i = 0; i < t->names.n; i++) {
			if (t->empty_too)
				set_any(sh, st, cx, t->names.v[i].typed);
			else
				set_name(sh, st, cx, t->names.v[i].typed, t->any);
		}
		if (n->kind == NODE_SELECT)
			set_any(sh, st, cx, STR("REPLY"));
	}
}

static void
body(struct shell *sh, struct shell_state *st, const struct turns *t, const struct ctx *cx,
    struct frame *frame)
{
	const struct node *n = t->n;
	struct outcome o = { 0 };
	long long v;

	if (st->dead)
		return;
	eval__node(sh, st, cx, n->kids[n->kind == NODE_WHILE ? 1 : 0], &o);
	eval__settle(sh, st, &o);
	join_into(sh, st, &frame->again);
	if (n->kind == NODE_CFOR && !st->dead && n->arith[2] != NULL &&
	    evaluate(sh, st, cx, n, n->arith[2], &v) != ARITH_KNOWN)
		keep(sh, &frame->left, st); /* an error ends the loop */
}

/* ---- any number of turns ---- */

#define LOOP_PASSES 6

/* One turn from entry; the way out stays in frame->left. True if it leaves
 * something that entry does not yet cover. */
static bool
pass(struct shell *sh, struct shell_state *entry, const struct turns *t, struct frame *frame,
    unsigned times)
{
	struct shell_state *st = eval__copy(sh, entry);
	struct ctx cx = *t->cx, in;

	cx.frame = frame;
	frame->left = frame->again = NULL;
	condition(sh, st, t, &cx, frame);
	in = eval__maybe(&cx);
	body(sh, st, t, &in, frame);
	return !st->dead && eval__widen(sh, entry, st, times);
}

static void
any_turns(struct shell *sh, struct shell_state *st, const struct turns *t)
{
	struct frame frame = { .kind = FRAME_LOOP, .up = t->cx->frame };
	struct shell_state *entry = eval__copy(sh, st);
	unsigned i;

	sh->quiet++;
	for (i = 0; i < LOOP_PASSES && pass(sh, entry, t, &frame, i); i++)
		;
	sh->quiet--;
	if (i == LOOP_PASSES)
		eval__forget_all(sh, entry, STR("a loop changes more than can be followed"));
	/* The host may change its world in the turns that it is told of. */
	for (i = 0; i < LOOP_PASSES && sh->quiet == 0; i++)
		if (!pass(sh, entry, t, &frame, LOOP_PASSES))
			break;
	if (frame.left != NULL)
		*st = *frame.left;
	else
		st->dead = true;
}

/* ---- known turns ---- */

static bool
known_turn(struct shell *sh, struct shell_state *st, const struct turns *t, struct frame *frame)
{
	struct ctx cx = *t->cx;

	if (frame->left != NULL)
		cx = eval__maybe(&cx);
	cx.frame = frame;
	cx.decisive = false;
	body(sh, st, t, &cx, frame);
	return !st->dead && sh->err == 0;
}

static void
known_turns(struct shell *sh, struct shell_state *st, const struct turns *t, size_t count)
{
	struct frame frame = { .kind = FRAME_LOOP, .up = t->cx->frame };
	size_t step = t->names.n > 0 ? t->names.n : 1;

	for (size_t i = 0; i < count; i++) {
		set_names(sh, st, t, i * step);
		if (!known_turn(sh, st, t, &frame))
			break;
	}
	join_into(sh, st, &frame.left);
}

/* for ((…)): as long as its condition is known. */
static void
counted(struct shell *sh, struct shell_state *st, const struct turns *t)
{
	struct frame frame = { .kind = FRAME_LOOP, .up = t->cx->frame };
	struct shell_state *before, *none = NULL;
	long long v = 0;

	if (evaluate(sh, st, t->cx, t->n, t->n->arith[0], &v) != ARITH_KNOWN)
		none = eval__copy(sh, st); /* an error: no turn */
	before = eval__copy(sh, st);
	/* First in silence: does it end by itself? */
	sh->quiet++;
	for (unsigned i = 0;; i++) {
		enum arith how = evaluate(sh, st, t->cx, t->n, t->n->arith[1], &v);

		if (how == ARITH_KNOWN && v == 0)
			break;
		if (how != ARITH_KNOWN || i == LIMIT_UNROLL) {
			sh->quiet--;
			*st = *before;
			any_turns(sh, st, t);
			join_into(sh, st, &none);
			return;
		}
		if (!known_turn(sh, st, t, &frame))
			break;
	}
	sh->quiet--;
	*st = *before;
	frame.left = frame.again = NULL;
	while (evaluate(sh, st, t->cx, t->n, t->n->arith[1], &v) == ARITH_KNOWN && v != 0)
		if (!known_turn(sh, st, t, &frame))
			break;
	join_into(sh, st, &frame.left);
	join_into(sh, st, &none);
}

/* ---- the kinds ---- */

static struct words
split_names(struct shell *sh, struct str names)
{
	VEC(struct word) list = { 0 };

	while (names.n > 0) {
		size_t blank = str_chr(names, ' ');
		struct str one = str_sub(names, 0, blank == STR_NPOS ? names.n : blank);

		if (one.n > 0)
			*vec_push(sh->a, &list) = (struct word){ .typed = one };
		names = blank == STR_NPOS ? (struct str){ 0 } : str_sub(names, blank + 1, names.n);
	}
	return (struct words){ list.v, list.n };
}

/* The words that the variable takes; false: how many is not known. */
static bool
loop_words(struct shell *sh, struct shell_state *st, struct turns *t)
{
	struct choices ch = { .fold = true };
	bool known = true;
	struct xp xp;

	if (!t->n->has_in)
		t->values = st->args;
	else {
		eval__xp_init(&xp, sh, st, t->cx, &ch);
		xp.each = true;
		eval__expand_words(&xp, t->n->words, t->n->nwords);
		if (xp.no_match)
			eval__may_be_error(&xp);
		t->values = (struct words){ xp.out.v, xp.out.n };
		known = !xp.many;
	}
	for (size_t i = 0; i < t->values.n && known; i++)
		known = !word_has_words(t->values.v[i]);
	return known;
}

/* What the variable may hold where the turns are not taken one by one. */
static void
join_values(struct shell *sh, struct turns *t)
{
	for (size_t i = 0; i < t->values.n; i++) {
		struct word w = t->values.v[i];

		if (word_has_words(w))
			w = word_any(sh->a, w.typed);
		t->any = i == 0 ? w : eval__word_join(sh, t->any, w);
	}
}

static void
for_node(struct shell *sh, struct shell_state *st, struct turns *t)
{
	struct shell_state start = *st;
	unsigned errors = sh->errors;
	size_t step, count;
	bool known;
	struct ctx maybe;

	t->names = split_names(sh, t->n->name);
	known = loop_words(sh, st, t);
	if (sh->errors != errors) { /* then the rest of the line is not run either */
		eval__discard(sh, t->cx, &start);
		maybe = eval__maybe(t->cx);
		t->cx = &maybe;
	}
	step = t->names.n > 0 ? t->names.n : 1;
	count = (t->values.n + step - 1) / step;
	if (st->kind != SHELL_ZSH && !eval__is_name(t->n->name)) /* an error when it runs */
		return;
	if (known && count == 0)
		return;
	if (known && count <= LIMIT_UNROLL && t->n->kind == NODE_FOR) {
		known_turns(sh, st, t, count);
		return;
	}
	t->empty_too = t->n->kind == NODE_SELECT || step > 1;
	join_values(sh, t);
	any_turns(sh, st, t);
}

static void
repeat(struct shell *sh, struct shell_state *st, struct turns *t)
{
	struct choices ch = { .fold = true };
	struct str text;
	struct xp xp;
	long long n;

	eval__xp_init(&xp, sh, st, t->cx, &ch);
	if (t->n->nwords > 0 && word_known(sh->a, eval__expand_one(&xp, t->n->words[0]), &text) &&
	    eval__integer(text, &n) && n <= LIMIT_UNROLL) {
		if (n > 0)
			known_turns(sh, st, t, (size_t)n);
	} else {
		if (t->n->nwords > 0 && word_known(sh->a, eval__expand_one(&xp, t->n->words[0]), &text) && !eval__integer(text, &n))
			eval__unknown(sh, st, t->cx, SHELL_DYNAMIC, text, "zsh evaluates the number of turns");
		eval__discard(sh, t->cx, st); /* what is no number is an error */
		any_turns(sh, st, t);
	}
}

void
eval__loop(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	struct ctx in = *cx;
	struct turns t = { .n = n, .cx = &in };
	bool named = n->kind == NODE_FOR || n->kind == NODE_SELECT;
	struct shell_state *fixed = named && eval__fixed(sh, st, n->name) ? eval__copy(sh, st) : NULL;

	in.decisive = false;
	if (n->kind == NODE_WHILE)
		any_turns(sh, st, &t);
	else if (n->kind == NODE_CFOR)
		counted(sh, st, &t);
	else if (n->kind == NODE_REPEAT)
		repeat(sh, st, &t);
	else
		for_node(sh, st, &t);
	if (fixed != NULL)
		eval__join(sh, st, fixed); /* of a readonly name none runs */
	out->fail = NULL;
	out->ids = NULL;
}

/* ---- case ---- */

static enum tri
item_matches(struct xp *xp, const struct caseitem *item, struct word subject)
{
	enum tri best = TRI_NO;
	bool ext = eval__opt(xp->st, OPT_EXTGLOB) != TRI_NO || xp->st->kind != SHELL_SH;
	bool unsure = xp->st->kind == SHELL_BASH && eval__opt(xp->st, OPT_EXTGLOB) != TRI_YES;
	bool strange = xp->st->kind == SHELL_ZSH && eval__opt(xp->st, OPT_OTHERGLOB) != TRI_NO;
	enum tri nocase = eval__opt(xp->st, OPT_NOCASEMATCH);

	for (size_t i = 0; i < item->npatterns && best != TRI_YES; i++) {
		struct word p = eval__expand_pattern(xp, item->patterns[i]);
		enum tri m = eval__match_word(xp->sh->a, p, subject, ext, nocase == TRI_YES);

		if (nocase == TRI_MAYBE || (strange && !eval__literal_pattern(p)) || /* a~b ^a a# (#i) */
		    (unsure && eval__extended_pattern(p)))
			m = TRI_MAYBE;
		best = tri_or(best, m);
	}
	return best;
}

struct casing {
	struct shell_state *all, *fail, *carry;
	bool unsure;
};

static void
case_item(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct caseitem *item, enum tri m, struct casing *k)
{
	struct shell_state *s = eval__copy(sh, st);
	struct ctx in = m == TRI_YES && !k->unsure ? *cx : eval__maybe(cx);
	struct outcome o = { 0 };

	in.decisive = cx->decisive && (item->end == ';' || item->end == '\0');
	s->dead |= m == TRI_NO;
	if (k->carry != NULL)
		eval__join(sh, s, k->carry);
	k->carry = NULL;
	eval__node(sh, s, &in, item->body, &o);
	if (item->end == ';' || item->end == '\0') {
		eval__join(sh, k->fail, eval__failed(sh, s, &o));
		eval__join(sh, k->all, s);
	} else {
		eval__join(sh, k->fail, eval__failed(sh, s, &o)); /* where no other is run */
		eval__settle(sh, s, &o);
		if (item->end == '&')
			k->carry = s;
	}
	if (m == TRI_YES)
		st->dead = true;
	if (item->end != ';' && item->end != '\0' && item->end != '&')
		eval__join(sh, st, s);
	k->unsure |= m != TRI_YES;
}

/* ${x+''}: does the part give a quoted nothing, which bash leaves in the word of a
 * case as a byte of its own where something stands beside it? */
static bool
quoted_nothing(const struct part *p)
{
	const struct param *q = p->kind == PART_PARAM && !p->quoted ? p->param : NULL;

	if (q == NULL || q->arg == NULL ||
	    (q->op != PARAM_DEFAULT && q->op != PARAM_ALTERNATE && q->op != PARAM_ERROR && q->op != PARAM_ASSIGN))
		return false;
	for (const struct part *in = q->arg->first; in != NULL; in = in->next)
		if ((in->kind == PART_TEXT && in->quoted && in->text.n == 0) || in->kind == PART_DQUOTE ||
		    quoted_nothing(in))
			return true;
	return false;
}

static bool
keeps_nothing(const struct astword *w)
{
	for (const struct part *p = w->first; p != NULL; p = p->next)
		if (quoted_nothing(p) && (w->first->next != NULL || p->param->arg->first->next != NULL))
			return true;
	return false;
}

void
eval__case(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	struct choices ch = { .fold = true };
	struct casing k = { eval__copy(sh, st), eval__copy(sh, st), NULL, false };
	struct shell_state start = *st;
	unsigned errors = sh->errors, bad = sh->bad;
	struct word subject = { 0 };
	struct ctx in = *cx;
	struct xp xp;

	k.all->dead = k.fail->dead = true;
	eval__xp_init(&xp, sh, st, &in, &ch);
	if (n->nwords > 0)
		subject = eval__expand_one(&xp, n->words[0]);
	if (n->nwords > 0 && st->kind != SHELL_ZSH && keeps_nothing(n->words[0]))
		subject = word_any(sh->a, subject.typed);
	if (sh->errors != errors || sh->bad != bad)
		eval__discard(sh, cx, &start);
	for (size_t i = 0; i < n->nitems && sh->err == 0; i++) {
		enum tri m = st->dead ? TRI_NO : item_matches(&xp, &n->items[i], subject);

		if (sh->errors != errors && !k.unsure) {
			eval__discard(sh, cx, &start);
			k.unsure = true;
		}
		if (m != TRI_NO || k.carry != NULL)
			case_item(sh, st, &in, &n->items[i], m, &k);
	}
	if (k.carry != NULL)
		eval__join(sh, k.all, k.carry);
	eval__join(sh, k.all, st);
	*st = *k.all;
	out->fail = k.fail;
	out->ids = NULL;
}
