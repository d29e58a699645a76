/* SPDX-License-Identifier: ISC */
/*
 * run_redir.c: redirections: their targets as words, what standard input then
 * holds, and whether standard output still goes where the context says. Those
 * of a compound command are reported with its first simple command.
 */
#include "shell/eval.h"

#include <string.h>

/* A target: one word; several or none is an error of the shell's (zsh: all). */
static struct words
target(struct xp *xp, const struct astword *w)
{
	size_t from = xp->out.n;
	struct words got;

	eval__expand_word(xp, w);
	got.n = xp->out.n - from;
	got.v = got.n == 0 ? NULL : xp->out.v + from;
	xp->out.n = from;
	if (got.n == 1 && !word_has_words(got.v[0]))
		return eval__words1(xp->sh, got.v[0]);
	if (xp->st->kind == SHELL_ZSH && got.n > 1) {
		struct word *v = NEW_ARRAY(xp->sh->a, struct word, got.n);

		memcpy(v, got.v, got.n * sizeof *v);
		return (struct words){ v, got.n };
	}
	return eval__words1(xp->sh, word_any(xp->sh->a, eval__source(xp->cx, w->at)));
}

static bool
is_fd(struct shell *sh, struct word w, struct str *text)
{
	size_t i = 0;

	if (!word_known(sh->a, w, text))
		return false;
	while (i < text->n && text->p[i] >= '0' && text->p[i] <= '9')
		i++;
	if (i < text->n && text->p[i] == '-')
		i++;
	return i == text->n && text->n > 0;
}

/* fd 1 now goes to w. */
static void
output_to(struct shell *sh, struct redirs *out, struct word w)
{
	struct str path;

	out->out_moved = true;
	if (word_known(sh->a, w, &path) &&
	    (str_is(path, "/dev/null") || !str_starts(path, STR("/dev/"))))
		out->out_mixed = out->out_kept;
	else
		out->out_mixed = true; /* /dev/stdout, or who knows */
}

static void
dup_output(struct shell *sh, struct redirs *out, int fd, struct word w)
{
	struct str text;
	bool known = is_fd(sh, w, &text);

	if (fd == 1 && known && (str_is(text, "2") || str_is(text, "-")))
		out->out_moved = true;
	else if (fd == 1 && !(known && str_is(text, "1")))
		out->out_moved = out->out_mixed = true;
	else if (fd != 1 && !out->out_moved && !(known && (str_is(text, "2") || str_is(text, "-"))))
		out->out_mixed = out->out_kept = true;
}

static void
input_from(struct redirs *out, enum shell_stdin kind, struct word w)
{
	out->in_set = true;
	out->inputs++;
	out->in_kind = kind;
	out->in_text = w;
}

static struct word
here_text(struct xp *xp, const struct redir *r)
{
	struct word w = { 0 };

	if (r->op == REDIR_HERESTR) {
		w = eval__expand_one(xp, r->word);
		return word_cat(xp->sh->a, w, word_text(xp->sh->a, STR("\n")));
	}
	if (r->body == NULL)
		return w;
	xp->typed = eval__source(xp->cx, r->body->at);
	return eval__expand_parts(xp, r->body->first);
}

static enum shell_redir_kind
kind_of(const struct redir *r)
{
	switch (r->op) {
	case REDIR_IN:
		return SHELL_READ;
	case REDIR_APPEND:
		return SHELL_APPEND;
	case REDIR_RW:
		return SHELL_RDWR;
	case REDIR_DUP_IN:
	case REDIR_DUP_OUT:
		return SHELL_DUP;
	case REDIR_HERE:
	case REDIR_HERESTR:
		return SHELL_TEXT;
	case REDIR_BOTH:
		return r->append ? SHELL_APPEND : SHELL_WRITE;
	default:
		return SHELL_WRITE;
	}
}

static int
fd_of(const struct redir *r, enum shell_redir_kind kind)
{
	if (r->fdname.n > 0)
		return -2;
	if (r->fd >= 0)
		return r->fd;
	return kind == SHELL_READ || kind == SHELL_TEXT || kind == SHELL_RDWR ||
	        r->op == REDIR_DUP_IN
	    ? 0
	    : 1;
}

/* What one redirection does to standard input and output. */
static void
effect(struct shell *sh, const struct shell_state *st, struct redirs *out, const struct redir *r,
    const struct shell_redir *s)
{
	bool write = s->kind == SHELL_WRITE || s->kind == SHELL_APPEND || s->kind == SHELL_RDWR;

	if (write)
		eval__touch(sh, st, s->target);
	if (s->fd == 0) {
		if (s->kind == SHELL_TEXT)
			input_from(out, SHELL_STDIN_TEXT, s->target);
		else if (s->kind == SHELL_READ || s->kind == SHELL_RDWR)
			input_from(out, SHELL_STDIN_FILE, s->target);
		else
			input_from(out, SHELL_STDIN_PIPE, (struct word){ 0 });
	}
	if (r->op == REDIR_BOTH && st->kind == SHELL_SH)
		out->out_mixed = true; /* to dash it is a & and a > */
	else if (s->fd == 1 && write)
		output_to(sh, out, s->target);
	else if (r->op == REDIR_BOTH && st->kind == SHELL_ZSH && (r->fd >= 0 || r->fdname.n > 0))
		out->out_mixed = true; /* 2&>f */
	else if (r->op == REDIR_BOTH && s->fd != 1)
		output_to(sh, out, s->target);
	else if (s->fd == -2 && !write)
		out->out_mixed = true;
}

/* bash expands the file of >& once more when it has found that it is no descriptor:
 * >&'$(ls)' runs ls. */
static bool
expands_again(struct word w)
{
	static const char signs[] = "$`<>";

	for (size_t i = 0; i < w.n; i++) {
		const struct piece *p = &w.v[i];

		for (size_t k = 0; k < sizeof signs - 1; k++)
			if (p->kind == PIECE_TEXT ? str_chr(p->text, signs[k]) != STR_NPOS
						  : p->set == NULL || byteset_has(p->set, (unsigned char)signs[k]))
				return true;
	}
	return false;
}

static void
one(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct redir *r,
    struct xp *xp, struct redirs *out, struct shell_redir **room)
{
	struct shell_redir s = { .kind = kind_of(r) };
	struct words w;

	s.typed = eval__source(cx, r->at);
	s.fd = fd_of(r, s.kind);
	if (r->element.n > 0) {
		if (str_find(r->element, STR("$'")) != STR_NPOS)
			eval__unknown(sh, st, cx, SHELL_DYNAMIC, s.typed, "its subscript is evaluated");
		eval__evaluate_name(xp, r->element);
		eval__assign_anything(sh, st, r->fdname);
	} else if (r->fdname.n > 0)
		eval__assign_word(
		    sh, st, r->fdname, eval__chars(sh, &sh->digits, 1, 10, r->fdname));
	if (s.kind == SHELL_TEXT) {
		s.target = here_text(xp, r);
		effect(sh, st, out, r, &s);
		*(*room)++ = s;
		return;
	}
	w = target(xp, r->word);
	if (s.kind == SHELL_DUP) {
		struct str text;

		out->no_dup |= !is_fd(sh, w.v[0], &text) || str_find(STR("0 1 2 -"), text) == STR_NPOS;
		if (r->op == REDIR_DUP_OUT)
			dup_output(sh, out, s.fd, w.v[0]);
		if (r->op == REDIR_DUP_IN && s.fd == 0)
			input_from(out, SHELL_STDIN_PIPE, (struct word){ 0 });
		/* `>& file` is `&> file` */
		if (r->op == REDIR_DUP_IN || r->fd > 1 || is_fd(sh, w.v[0], &text)) {
			*(*room)++ = s;
			return;
		}
		s.kind = SHELL_WRITE;
		if (st->kind != SHELL_ZSH && expands_again(w.v[0]))
			eval__unknown(sh, st, cx, SHELL_DYNAMIC, s.typed, "bash expands the name of this file twice");
	}
	for (size_t i = 0; i < w.n; i++) {
		s.target = w.v[i];
		effect(sh, st, out, r, &s);
		if (i == 0)
			*(*room)++ = s;
		else /* zsh: to all of them */
			*vec_push(sh->a, &out->more) = s;
	}
}

void
eval__redirs(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct redir *list, struct xp *xp, struct redirs *out)
{
	struct shell_redir *v, *room;
	size_t n = 0;

	memset(out, 0, sizeof *out);
	if (list == NULL)
		return;
	for (const struct redir *r = list; r != NULL; r = r->next)
		n++;
	v = room = NEW_ARRAY(sh->a, struct shell_redir, n);
	for (const struct redir *r = list; r != NULL && sh->err == 0; r = r->next)
		one(sh, st, cx, r, xp, out, &room);
	out->v = v;
	out->n = (size_t)(room - v);
	if (out->more.n > 0) {
		v = NEW_ARRAY(sh->a, struct shell_redir, out->n + out->more.n);
		memcpy(v, out->v, out->n * sizeof *v);
		memcpy(v + out->n, out->more.v, out->more.n * sizeof *v);
		out->v = v;
		out->n += out->more.n;
	}
}

void
eval__add_pending(struct shell *sh, const struct ctx *cx, struct redirs *r)
{
	struct shell_redir *v;
	size_t n = r->n;

	for (struct pending *p = cx->pending; p != NULL && !p->taken; p = p->up)
		n += p->n;
	if (n == r->n)
		return;
	v = NEW_ARRAY(sh->a, struct shell_redir, n);
	if (r->n > 0)
		memcpy(v + n - r->n, r->v, r->n * sizeof *v);
	n -= r->n;
	for (struct pending *p = cx->pending; p != NULL && !p->taken; p = p->up) {
		n -= p->n;
		memcpy(v + n, p->v, p->n * sizeof *v);
		p->taken = sh->quiet == 0;
		r->n += p->n;
	}
	r->v = v;
}

/* No command inside took them: a command without words does. */
static void
report_left(struct shell *sh, struct shell_state *st, const struct ctx *cx, struct pending *p,
    const struct node *n)
{
	struct call call = { .cx = cx };

	if (p->taken)
		return;
	call.c.redirs = p->v;
	call.c.nredirs = p->n;
	call.c.typed = eval__source(cx, n->at);
	call.c.offset = eval__offset(cx, n->at);
	eval__report(sh, st, &call);
}

/* A file or descriptor that is not open: nothing of the command runs. */
bool
eval__may_not_open(struct shell *sh, const struct redirs *r)
{
	struct str path;

	if (r->no_dup)
		return true;
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].kind != SHELL_DUP && r->v[i].kind != SHELL_TEXT &&
		    !(word_known(sh->a, r->v[i].target, &path) && str_is(path, "/dev/null")))
			return true;
	return false;
}

void
eval__with_redirs(struct shell *sh, struct shell_state *st, const struct ctx *cx,
    const struct node *n, struct outcome *out)
{
	struct ctx in = *cx;
	struct choices ch = { .fold = true };
	struct pending p = { .up = cx->pending };
	struct shell_state was, *before;
	unsigned errors = sh->errors;
	struct redirs r;
	struct xp xp;

	was = *st;
	eval__xp_init(&xp, sh, st, cx, &ch);
	eval__redirs(sh, st, cx, n->redirs, &xp, &r);
	if (sh->errors != errors)
		eval__discard(sh, cx, &was);
	if (n->kind == NODE_SUBSHELL && st->vars != was.vars) /* what they assign may be lost with it */
		eval__join(sh, st, eval__copy(sh, &was));
	p.v = r.v;
	p.n = r.n;
	in.pending = &p;
	if (in.out != NULL && (r.out_mixed || eval__may_not_open(sh, &r)))
		in.out->unknown = true;
	if (r.out_moved) {
		in.out = NULL;
		in.piped = false;
	}
	before = eval__copy(sh, st);
	was = *st;
	if (r.in_set) {
		st->in_set = true;
		st->in_kind = r.in_kind;
		st->in_text = r.in_text;
	}
	eval__bare_node(sh, st, &in, n, out);
	report_left(sh, st, &in, &p, n);
	for (int i = 0; i < 2; i++) {
		struct shell_state *s = i == 0 ? st : out->fail;

		if (s == NULL || !r.in_set)
			continue;
		s->in_set = was.in_set;
		s->in_kind = was.in_kind;
		s->in_text = was.in_text;
	}
	if (!eval__may_not_open(sh, &r))
		return;
	if (out->fail == NULL)
		out->fail = eval__copy(sh, st);
	eval__join(sh, out->fail, before);
}
