/* SPDX-License-Identifier: ISC */
/*
 * expand.c: words as written to words as a program gets them. Walks the parts
 * of a word in the shell's order; commands inside are run as they are met.
 * Parameters are in expand_param.c, splitting in field.c, globs in glob.c.
 */
#include "shell/eval.h"

#include <string.h>

struct str
eval__part_source(const struct xp *xp, const struct part *p)
{
	return eval__source(xp->cx, p->at);
}

/* ---- substitutions ---- */

static bool
memo_find(struct xp *xp, const struct part *p, struct memo *out)
{
	for (size_t i = 0; i < xp->ch->memo.n; i++)
		if (xp->ch->memo.v[i].part == p && xp->ch->memo.v[i].vars == xp->st->vars) {
			*out = xp->ch->memo.v[i];
			return true;
		}
	return false;
}

/* `$(<file)`: what the file holds, if that is known. */
static bool
read_file(struct xp *xp, const struct node *body, const struct ctx *cx, struct word *out)
{
	const struct shell_host *h = xp->sh->host;
	struct redirs r;
	struct str path, text;

	while (body != NULL && body->kind == NODE_LIST && body->nkids == 1)
		body = body->kids[0];
	if (body == NULL || body->kind != NODE_SIMPLE || body->nwords > 0 ||
	    body->assigns != NULL || body->redirs == NULL || body->redirs->next != NULL ||
	    h->file == NULL)
		return false;
	if (body->redirs->op != REDIR_IN || body->redirs->fd > 0)
		return false;
	eval__redirs(xp->sh, xp->st, cx, body->redirs, xp, &r);
	if (r.n != 1 || xp->st->cwd.n != 1 || !word_known(xp->sh->a, r.v[0].target, &path))
		return false;
	if (path.n == 0 || path.p[0] != '/') {
		struct str dir;

		if (!word_known(xp->sh->a, xp->st->cwd.v[0], &dir))
			return false;
		path = path_join(xp->sh->a, dir, path);
	}
	if (xp->sh->quiet > 0 || h->file(h->ctx, xp->sh, path_clean(xp->sh->a, path), &text) != 0)
		return false;
	while (text.n > 0 && text.p[text.n - 1] == '\n')
		text.n--;
	*out = word_text(xp->sh->a, text);
	return true;
}

static void
substitution(struct xp *xp, const struct part *p, bool quoted)
{
	struct str source = eval__part_source(xp, p);
	struct memo m;

	/* r=(\ ): bash reads what it has printed of it, without the blank. */
	if (xp->st->kind == SHELL_BASH && str_find(source, STR("=(")) != STR_NPOS && str_chr(source, '\\') != STR_NPOS)
		eval__may_be_error(xp);
	if (!memo_find(xp, p, &m)) {
		struct ctx cx = *xp->cx;

		m = (struct memo){ .part = p, .vars = xp->st->vars };
		if (p->op == '`' && xp->st->kind == SHELL_ZSH && xp->st->aliases != xp->cx->aliases)
			eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, source,
			    "it is read when it runs, and an alias may hold in it");
		if (p->subst->body_bad)
			eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, source,
			    "the text in backquotes does not parse");
		if ((p->op == '{' || p->op == '|') && xp->st->kind != SHELL_ZSH)
			eval__may_be_error(xp); /* before 5.3, and in dash */
		if (p->op == '{' || p->op == '|')
			m.known = eval__funsub(xp->sh, xp->st, &cx, p->subst->body, &m.out) &&
			    p->op == '{';
		else
			m.known = eval__substitute(xp->sh, xp->st, &cx, p->subst->body, &m.out) &&
			    !p->subst->body_bad;
		if (!m.known && p->subst->body != NULL)
			m.known = read_file(xp, p->subst->body, xp->cx, &m.out);
		*vec_push(xp->sh->a, &xp->ch->memo) = m;
	}
	if (m.known) {
		m.out.typed = source;
		eval__put_value(xp, m.out, quoted, true);
	} else
		eval__put_any(xp, source, quoted);
}

/* <(…) is a file whose text may be known: see shell_process_text. */
static void
process(struct xp *xp, const struct part *p, bool quoted)
{
	struct str source = eval__part_source(xp, p);
	struct word text = { 0 };
	struct memo m;

	xp->open |= (p->subst->body == NULL && xp->st->kind == SHELL_BASH) || /* >() is none … */
	    (xp->st->kind != SHELL_BASH && xp->nosplit) ||                     /* … or text to the others */
	    (xp->st->kind == SHELL_ZSH && xp->cur.n > 0); /* a pattern finds it, or not */
	if (!memo_find(xp, p, &m)) {
		struct ctx cx = *xp->cx;

		cx.process = true;
		cx.fed = p->op == '>';
		if (p->op == '>' && xp->cx->out != NULL)
			xp->cx->out->unknown = true; /* it prints where the command would */
		m = (struct memo){ .part = p, .vars = xp->st->vars };
		m.known = eval__substitute(xp->sh, xp->st, &cx, p->subst->body, &text) &&
		    p->op != '>';
		*vec_push(xp->sh->a, &xp->ch->memo) = m;
		if (m.known)
			*vec_push(
			    xp->sh->a, &xp->sh->processes) = (struct process){ source.p, text };
	}
	if (quoted) /* cannot be: the parser makes no such part */
		return;
	if (p->op != '=' && xp->st->kind == SHELL_BASH) {
		eval__put_text(xp, STR("/dev/fd/"), XP_QUOTED);
		eval__put(
		    xp, (struct piece){ PIECE_CHARS, source, &xp->sh->digits, 1, 5 }, XP_QUOTED);
	} else {
		eval__put_text(xp, STR("/"), XP_QUOTED);
		eval__put(
		    xp, (struct piece){ PIECE_CHARS, source, NULL, 1, PIECE_NOMAX }, XP_QUOTED);
	}
}

bool
shell_process_text(struct shell *sh, struct word w, struct word *text)
{
	if (w.n != 2 || w.v[1].kind != PIECE_CHARS)
		return false;
	for (size_t i = sh->processes.n; i > 0; i--)
		if (sh->processes.v[i - 1].source == w.v[1].text.p) {
			*text = sh->processes.v[i - 1].text;
			return true;
		}
	return false;
}

/* ---- the smaller kinds ---- */

static void
arithmetic(struct xp *xp, const struct part *p, bool quoted)
{
	struct str source = eval__part_source(xp, p);
	long long value = 0;
	enum arith how = eval__arith_parts(xp, p->parts, p->text, &value);

	if (how == ARITH_OPAQUE)
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_OPAQUE, source,
		    "its value is evaluated as arithmetic");
	eval__put_value(xp, eval__number_word(xp, how, value, source), quoted, true);
}

void
eval__may_be_error(struct xp *xp)
{
	xp->sh->errors++;
	if (xp->cx->out != NULL)
		xp->cx->out->unknown = true;
}

/* zsh reads ${x:-{a,b}} to the outer brace, and $#x as the length of x: neither
 * is followed. */
bool
eval__zsh_own(const struct xp *xp, const struct part *p)
{
	struct str text = xp->cx->src->text;

	if (xp->st->kind != SHELL_ZSH)
		return false;
	if (!p->param->braced && (str_is(p->param->name, "#") || p->param->op == PARAM_LENGTH))
		return p->param->subscript != NULL ||
		    (p->at.to < text.n && strchr(" \t\n\"/.;&|<>()", text.p[p->at.to]) == NULL);
	if (xp->quoted && str_find(eval__part_source(xp, p), STR("$'")) != STR_NPOS)
		return true; /* text there */
	return p->param->braced &&
	    str_chr(str_sub(eval__part_source(xp, p), 2, STR_NPOS), '{') != STR_NPOS;
}

/* zsh =cmd: the path of cmd, or an error. */
static void
zequals(struct xp *xp, const struct part *p)
{
	eval__may_be_error(xp); /* where no program is called so */
	eval__put_text(xp, STR("/"), XP_QUOTED);
	eval__put(xp, (struct piece){ PIECE_CHARS, eval__part_source(xp, p), NULL, 0, PIECE_NOMAX },
	    XP_QUOTED);
	eval__put_text(xp, str_cat(xp->sh->a, STR("/"), p->text), XP_QUOTED);
}

static bool
only(struct str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(set, s.p[i]) == NULL)
			return false;
	return true;
}

/* +name in a qualifier calls it; +7 behind a letter is a count. */
static bool
calls(struct str t)
{
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] == '+' && (i + 1 == t.n || t.p[i + 1] < '0' || t.p[i + 1] > '9'))
			return true;
	return false;
}

/* zsh glob qualifiers: which files is not known; some run code. */
static void
qualifier(struct xp *xp, const struct part *p)
{
	struct str t = p->text;
	size_t at = str_chr(t, 'e');

	if (at != STR_NPOS && at + 2 < t.n) {
		char close = t.p[at + 1];
		size_t end;

		if (strchr("[{(<", close) != NULL)
			close = "]})>"[strchr("[{(<", close) - "[{(<"];
		end = str_chr(str_sub(t, at + 2, t.n), close);
		if (end != STR_NPOS) {
			struct outcome out = { 0 };
			struct ctx cx = *xp->cx;
			struct shell_state *copy = eval__copy(xp->sh, xp->st);

			cx.flags |= SHELL_MAYBE;
			eval__text(xp->sh, copy, &cx, str_sub(t, at + 2, end), t, &out);
			eval__settle(xp->sh, copy, &out);
			eval__join(xp->sh, xp->st, copy);
		}
	}
	/* A value may be any qualifier; what stands in [ ] is arithmetic. */
	if (at != STR_NPOS || calls(t) || str_chr(t, '$') != STR_NPOS)
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, eval__part_source(xp, p),
		    "the glob qualifier runs code");
	else if (!only(str_sub(t, str_chr(t, '[') == STR_NPOS ? t.n : str_chr(t, '['), t.n), "[]0123456789,-onLmacNDF.@/"))
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_OPAQUE, eval__part_source(xp, p),
		    "what stands in [ ] is evaluated as arithmetic");
	xp->no_match = true;
	if (!only(t, "/@=*%.^-rwxARWXIEstpSULnoOmackdDhgNfTlugY0123456789+,"))
		xp->open = true; /* :t and its like, P:word: */
	else if (str_chr(t, 'N') != STR_NPOS) {
		size_t i = eval__choose(xp, STR(""), p, 2);

		xp->none |= i == 1;
		xp->open |= i > 1;
	}
	eval__put(xp, (struct piece){ PIECE_WORDS, eval__part_source(xp, p), NULL, 0, 0 }, XP_GLOB);
}

/* A brace where none expands (an assignment): its text. */
static void
plain_brace(struct xp *xp, const struct part *p)
{
	eval__put_text(xp, STR("{"), XP_LITERAL);
	if (p->brace->nwords == 0)
		eval__put_text(xp, p->text, XP_LITERAL);
	for (size_t i = 0; i < p->brace->nwords; i++) {
		if (i > 0)
			eval__put_text(xp, STR(","), XP_LITERAL);
		eval__parts(xp, p->brace->words[i]->first, false);
	}
	eval__put_text(xp, STR("}"), XP_LITERAL);
}

static bool
is_list_part(const struct part *p)
{
	if (p->kind != PART_PARAM)
		return false;
	if (str_is(p->param->name, "@"))
		return true;
	return p->param->subscript != NULL && p->param->subscript->first != NULL &&
	    p->param->subscript->first->next == NULL &&
	    str_is(p->param->subscript->first->text, "@");
}

/* bash: "$@$x" and "${@:+x}" that come to nothing are no word where $@ has none,
 * else an empty one. */
static void
drop_empty(struct xp *xp, const struct part *p, size_t from, bool had)
{
	if (xp->cur.n == from && xp->have && !had)
		eval__put(xp, (struct piece){ PIECE_WORDS, eval__part_source(xp, p), NULL, 0, 0 }, XP_VALUE);
	for (size_t i = from; i < xp->cur.n; i++)
		if (xp->cur.v[i].p.kind == PIECE_TEXT || xp->cur.v[i].p.min > 0)
			return;
	for (size_t i = from; i < xp->cur.n; i++)
		xp->cur.v[i].p.kind = PIECE_WORDS;
	xp->have = had;
}

/* bash: "$@${x+a\ b}" is split at what the backslash stands before. */
static bool
splits_escaped(const struct xp *xp, const struct part *p)
{
	while (p != NULL && (p->kind != PART_PARAM || p->param->arg == NULL ||
	                        str_chr(eval__part_source(xp, p), '\\') == STR_NPOS))
		p = p->next;
	return p != NULL;
}

static void
dquote(struct xp *xp, const struct part *p)
{
	bool list = false, split, was = xp->quoted, had = xp->have;
	size_t from = xp->cur.n, words = xp->out.n;

	for (const struct part *k = p->parts; k != NULL; k = k->next)
		list |= is_list_part(k);
	if (!list || (xp->st->kind != SHELL_BASH && p->parts->next != NULL))
		xp->have = true;
	xp->quoted = true;
	split = list && xp->st->kind == SHELL_BASH && !xp->nosplit && splits_escaped(xp, p->parts);
	xp->open |= split;
	eval__parts(xp, p->parts, true);
	xp->quoted = was;
	if (list && (p->parts->next != NULL || p->parts->param->op != PARAM_PLAIN) && xp->st->kind == SHELL_BASH &&
	    !xp->nosplit && xp->out.n == words)
		drop_empty(xp, p, from, had);
	xp->open |= split; /* of the last field, too */
}

/* ---- words ---- */

void
eval__part(struct xp *xp, const struct part *p, bool quoted)
{
	bool own;

	switch (p->kind) {
	case PART_TEXT:
		eval__put_text(xp, p->text, quoted || p->quoted ? XP_QUOTED : XP_LITERAL);
		break;
	case PART_DQUOTE:
		dquote(xp, p);
		break;
	case PART_PARAM:
		eval__param(xp, p, quoted);
		break;
	case PART_COMMAND:
		substitution(xp, p, quoted);
		break;
	case PART_ARITH:
		arithmetic(xp, p, quoted);
		break;
	case PART_PROCESS:
		process(xp, p, quoted);
		break;
	case PART_GLOB: /* zsh's <1-9> is not followed, and dash does not know [^a] */
		own = p->text.p[0] == '<' || (xp->st->kind == SHELL_SH && str_starts(p->text, STR("[^")));
		eval__put(xp, (struct piece){ own ? PIECE_WORDS : PIECE_TEXT, p->text, NULL, 0, 0 }, XP_GLOB);
		break;
	case PART_EXTGLOB:
		eval__extglob(xp, p);
		break;
	case PART_BRACE:
		plain_brace(xp, p);
		break;
	case PART_TILDE:
		eval__tilde(xp, p);
		break;
	case PART_ZEQUALS:
		zequals(xp, p);
		break;
	case PART_QUALIFIER:
		qualifier(xp, p);
		break;
	}
}

void
eval__parts(struct xp *xp, const struct part *p, bool quoted)
{
	bool follows = xp->follows;

	if (++xp->depth > LIMIT_SHELL_DEPTH) {
		eval__limit(xp->sh, xp->st, xp->cx, LIMIT_BIT_DEPTH,
		    "the nesting of one word is deeper than the limit");
		eval__put_any(xp, xp->typed, quoted);
	} else
		for (; p != NULL && xp->sh->err == 0; p = p->next) {
			xp->follows = follows || p->next != NULL;
			eval__part(xp, p, quoted);
		}
	xp->follows = follows;
	xp->depth--;
}

void
eval__expand_word(struct xp *xp, const struct astword *w)
{
	xp->typed = eval__source(xp->cx, w->at);
	if (w->first != NULL && w->first->next == NULL && w->first->kind == PART_TEXT &&
	    (w->first->quoted || eval__opt(xp->st, xp->st->kind == SHELL_ZSH ? OPT_OTHERGLOB : OPT_NULLGLOB) == TRI_NO)) {
		struct word word = word_text(xp->sh->a, w->first->text);

		word.typed = xp->typed;
		if (xp->st->kind == SHELL_ZSH && !w->first->quoted && eval__bad_pattern(w->first->text))
			xp->no_match = true;
		*vec_push(xp->sh->a, &xp->out) = word;
		return;
	}
	if (eval__brace_words(xp, w))
		return;
	if (w->first == NULL)
		xp->have = true;
	eval__parts(xp, w->first, false);
	eval__field_end(xp);
}

/* What xp has put so far as one word; xp is free for the next. */
static struct word
one_word(struct xp *xp)
{
	struct word w = xp->open ? word_any(xp->sh->a, xp->typed) : eval__field_word(xp);

	xp->cur.n = 0;
	xp->have = xp->open = false;
	xp->part_unknown = false;
	return w;
}

struct word
eval__expand_one(struct xp *xp, const struct astword *w)
{
	bool was = xp->nosplit, any;
	struct word word;

	if (w == NULL)
		return (struct word){ 0 };
	xp->typed = eval__source(xp->cx, w->at);
	xp->nosplit = true;
	eval__parts(xp, w->first, false);
	any = xp->st->kind == SHELL_ZSH && !xp->pattern && eval__zsh_start(xp);
	if (any)
		eval__may_be_error(xp); /* =cmd of no program */
	word = one_word(xp);
	xp->nosplit = was;
	return any ? word_any(xp->sh->a, xp->typed) : word;
}

struct word
eval__expand_parts(struct xp *xp, const struct part *p)
{
	bool was = xp->nosplit;
	struct word word;

	xp->nosplit = true;
	eval__parts(xp, p, true);
	word = one_word(xp);
	xp->nosplit = was;
	return word;
}

/* Quoted text so that a matcher takes it as it stands. */
static struct str
escaped(struct xp *xp, struct str s)
{
	struct buf b;

	buf_init(&b, xp->sh->a);
	for (size_t i = 0; i < s.n; i++) {
		if (strchr("*?[]\\!@+()|^-<>~#", s.p[i]) != NULL)
			buf_putc(&b, '\\');
		buf_putc(&b, s.p[i]);
	}
	return buf_str(&b);
}

struct word
eval__expand_pattern(struct xp *xp, const struct astword *w)
{
	bool was = xp->nosplit, pattern = xp->pattern;
	struct word word;

	if (w == NULL)
		return (struct word){ 0 };
	xp->typed = eval__source(xp->cx, w->at);
	xp->nosplit = xp->pattern = true;
	eval__parts(xp, w->first, false);
	for (size_t i = 0; i < xp->cur.n; i++) {
		struct xpiece *x = &xp->cur.v[i];

		if (x->p.kind == PIECE_TEXT && x->how == XP_QUOTED)
			x->p.text = escaped(xp, x->p.text);
		else if (x->p.kind == PIECE_TEXT && x->how == XP_LITERAL &&
		    str_chr(x->p.text, '\\') != STR_NPOS)
			x->p.text = escaped(xp, x->p.text);
	}
	word = one_word(xp);
	xp->nosplit = was;
	xp->pattern = pattern;
	return word;
}

struct word
eval__expand_text(struct xp *xp, struct str text)
{
	struct ast_error err;
	struct astword *w;
	struct ctx cx = *xp->cx;
	const struct ctx *was = xp->cx;
	struct source *src = NEW(xp->sh->a, struct source);
	struct word out = word_any(xp->sh->a, text);

	*src = (struct source){ .text = text };
	cx.src = src;
	if (ast_parse_dquoted(xp->sh->a, text, xp->st->kind, &w, &err) != 0 || err.what.n > 0) {
		eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, text,
		    "text that is evaluated does not parse");
		return out;
	}
	if (w != NULL && ++xp->sh->depth <= LIMIT_RUN_DEPTH) {
		xp->cx = &cx;
		out = eval__expand_parts(xp, w->first);
		xp->cx = was;
	} else if (w != NULL)
		eval__limit(xp->sh, xp->st, xp->cx, LIMIT_BIT_RUN,
		    "text inside evaluated text goes deeper than the limit");
	if (w != NULL)
		xp->sh->depth--;
	return out;
}
