/* SPDX-License-Identifier: ISC */
/*
 * simple.c: one simple command: its words, redirections and assignments are
 * expanded, once for each way the variables in it can be, and handed to
 * invoke.c, which knows what the first word means.
 */
#include "shell/eval.h"
#include "shell/reference.h"

#include <string.h>

/* ---- prefix assignments ---- */

struct prefix {
	struct assign *v;
	size_t n;
	const struct var **was, **now; /* bindings before and while it runs */
	bool path;                     /* PATH or the like: the name is looked up in it */
	bool element;                  /* zsh: x[1]=y, which stays */
};

/* Words before a command that leave its assignments to it. */
static bool
goes_before(struct str name)
{
	static const char *const before[] = { "-", "command", "exec", "nocorrect", "noglob" };
	static struct names by_name = NAMES(before);

	return names_find(&by_name, name) != STR_NPOS;
}

static bool
only_before(struct shell *sh, struct words argv)
{
	struct str name;

	for (size_t i = 0; i < argv.n; i++)
		if (word_known(sh->a, argv.v[i], &name) && !goes_before(name) && !str_is(name, "builtin"))
			return false;
	return true;
}

enum runner { RUNS_PROGRAM, RUNS_FUNCTION, RUNS_BUILTIN };

/* What may run argv; a builtin where it is not known. */
static enum runner
runner_of(struct shell *sh, const struct shell_state *st, struct words argv)
{
	for (size_t i = 0; i < argv.n; i++) {
		struct str name;

		if (!word_known(sh->a, argv.v[i], &name))
			return RUNS_BUILTIN;
		if (!goes_before(name))
			return pmap_get(st->functions, name) != NULL ? RUNS_FUNCTION
			    : eval__builtin(st->kind, name) != NULL || str_starts(name, STR("%")) ? RUNS_BUILTIN
								     : RUNS_PROGRAM;
	}
	return RUNS_BUILTIN;
}

/* zsh takes the variables away before it expands the values, where no program is
 * to get them: to expansions they are there, to what these run not. */
static void
prefix_hide(struct xp *xp, const struct asg *list)
{
	for (const struct asg *a = list; a != NULL; a = a->next) {
		struct var *v = NEW(xp->sh->a, struct var);

		*v = *eval__var(xp->sh, xp->st, a->name);
		if (v->exported == TRI_NO)
			continue;
		v->exported = TRI_MAYBE;
		eval__put_var(xp->sh, xp->st, a->name, v);
	}
}

static void
prefix_expand(struct xp *xp, const struct asg *list, struct words argv, struct prefix *p)
{
	const struct shell_state before = *xp->st;
	enum runner runner = before.kind == SHELL_BASH ? RUNS_PROGRAM : runner_of(xp->sh, &before, argv);
	size_t n = 0;

	for (const struct asg *a = list; a != NULL; a = a->next)
		n++;
	if (before.kind == SHELL_ZSH && runner != RUNS_PROGRAM)
		prefix_hide(xp, list);
	p->v = NEW_ARRAY(xp->sh->a, struct assign, n);
	p->was = NEW_ARRAY(xp->sh->a, const struct var *, n);
	p->now = NEW_ARRAY(xp->sh->a, const struct var *, n);
	for (const struct asg *a = list; a != NULL; a = a->next) {
		struct var *v = NEW(xp->sh->a, struct var);
		struct value *val = NEW(xp->sh->a, struct value);
		struct word w = eval__expand_one(xp, a->value);
		const struct var *own = pmap_get(before.vars, a->name);
		bool stays = false;

		if (before.kind != SHELL_BASH && a->subscript != NULL)
			eval__expand_one(xp, a->subscript);
		if (own != NULL && (own->attrs & VAR_NAMEREF) != 0) /* to the variable that it names */
			eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, eval__source(xp->cx, a->at),
			    "a reference is assigned to before a command");
		for (size_t i = 0; i < a->nelements; i++) /* what they run, they run */
			eval__expand_one(xp, a->elements[i]);
		if (a->append || a->array || a->subscript != NULL ||
		    (before.kind == SHELL_ZSH && (eval__var(xp->sh, &before, a->name)->attrs & ~(unsigned)VAR_PLAIN) != 0))
			w = word_any(xp->sh->a, eval__source(xp->cx, a->at));
		if ((a->append || a->array || a->subscript != NULL) &&
		    (eval__var(xp->sh, &before, a->name)->attrs & VAR_INTEGER) != 0)
			eval__unknown(xp->sh, xp->st, xp->cx, SHELL_OPAQUE, eval__source(xp->cx, a->at), "its value is evaluated as arithmetic");
		if (before.kind != SHELL_ZSH && eval__fixed(xp->sh, &before, a->name)) {
			w = word_any(xp->sh->a, eval__source(xp->cx, a->at));
			stays = true; /* the command may run with what it was */
			if (before.kind == SHELL_SH || eval__opt(&before, OPT_POSIX) != TRI_NO)
				eval__may_be_error(xp);
		}
		if (before.kind == SHELL_ZSH && runner != RUNS_PROGRAM && eval__fixed(xp->sh, &before, a->name))
			eval__may_be_error(xp);
		*val = a->array ? eval__value_any() : eval__value_word(w);
		*v = (struct var){ VAR_LINE | VAR_PREFIX, a->array || stays ? TRI_MAYBE : TRI_YES, val, 1 };
		/* FLY_APP=x eval 'fly …': to zsh and dash not exported, if it was not before */
		if (runner == RUNS_BUILTIN && eval__var(xp->sh, &before, a->name)->exported != TRI_YES)
			v->exported = TRI_MAYBE;
		p->v[p->n] = (struct assign){ a->name, w, shell_safe_env_name(a->name) };
		p->was[p->n] = pmap_get(before.vars, a->name);
		p->now[p->n] = v;
		eval__special_value(xp, a->name, val, eval__source(xp->cx, a->at));
		/* Later ones see earlier ones. */
		eval__put_var(xp->sh, xp->st, a->name, v);
		if (xp->st->kind == SHELL_ZSH && (str_is(a->name, "histchars") || str_is(a->name, "HISTCHARS")))
			eval__unknown(xp->sh, xp->st, xp->cx, SHELL_DYNAMIC, eval__source(xp->cx, a->at),
			    "which sign begins a comment is changed");
		p->path |= eval__finds_name(xp->st, a->name);
		p->element |= before.kind == SHELL_ZSH && a->subscript != NULL;
		p->n++;
	}
}

/* A special builtin in posix mode: what was assigned before it stays. */
static bool
may_stay(struct shell *sh, const struct shell_state *st, struct words argv)
{
	static const char *const special[] = { ".", ":", "break", "continue", "eval", "exec",
		"exit", "export", "readonly", "return", "set", "shift", "source", "times", "trap",
		"unset" };
	static const char *const declaring[] = { "declare", "export", "local", "readonly", "typeset" };
	/* of zsh, those that surely do not */
	static const char *const lost[] = { ".", ":", "[", "cd", "echo", "eval", "false", "print", "printf", "pwd", "read", "set",
		"setopt", "shift", "source", "test", "trap", "true", "type", "unalias", "unset", "wait", "whence", "which" };
	static struct names by_special = NAMES(special), by_declaring = NAMES(declaring), by_lost = NAMES(lost);
	struct str name;

	/* zsh: X=1 noglob, where nothing is run */
	if (st->kind == SHELL_ZSH && only_before(sh, argv))
		return true;
	if (!word_known(sh->a, argv.v[0], &name))
		return false;
	if (st->kind == SHELL_BASH && (str_is(name, "command") || str_is(name, "builtin")))
		return true; /* X=1 command export X */
	if (st->kind != SHELL_SH && names_find(&by_declaring, name) != STR_NPOS)
		return true; /* X=1 export X */
	if (st->kind == SHELL_ZSH) /* alias, hash and some more keep it */
		return runner_of(sh, st, argv) == RUNS_BUILTIN && names_find(&by_lost, name) == STR_NPOS;
	if ((st->kind == SHELL_BASH && eval__opt(st, OPT_POSIX) == TRI_NO))
		return false;
	return names_find(&by_special, name) != STR_NPOS;
}

static void
prefix_undo(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct prefix *p,
    struct words argv)
{
	/* bash: the traps at the end of a part of a pipe see it, too */
	bool stays = p->element || may_stay(sh, st, argv) || (st->kind == SHELL_BASH && st->traps != NULL);

	for (size_t i = p->n; i > 0; i--) {
		struct str name = p->v[i - 1].name;
		const void *is = pmap_get(st->vars, name);

		if (is != NULL && is != p->was[i - 1] && (((const struct var *)is)->attrs & ~(unsigned)VAR_PLAIN) != 0)
			eval__unknown(sh, st, cx, SHELL_DYNAMIC, name, "what it declares may go with the assignment before it");
		if (stays) {
			if (!eval__assign_hidden(sh, st, cx, name))
				shell_forget_var(sh, st, name);
			continue;
		}

		if (is != p->now[i - 1] && is != NULL) {
			/* The command assigned to it: builtins differ in what stays. */
			if (is == p->was[i - 1])
				continue;
			shell_forget_var(sh, st, name);
		} else if (p->was[i - 1] != NULL)
			eval__put_var(sh, st, name, p->was[i - 1]);
		else
			st->vars = pmap_del(sh->a, st->vars, name);
	}
}

/* ---- words ---- */

/* x=… as an argument of export and its like is an assignment: not split. */
static bool
is_assignment_word(const struct astword *w)
{
	struct str t;
	size_t eq;

	if (w->first == NULL || w->first->kind != PART_TEXT || w->first->quoted)
		return false;
	t = w->first->text;
	eq = str_chr(t, '=');
	if (eq == STR_NPOS || eq == 0)
		return false;
	return eval__is_name(str_sub(t, 0, t.p[eq - 1] == '+' ? eq - 1 : eq));
}

static const struct builtin *
declares(const struct shell_state *st, const struct node *n)
{
	for (size_t i = 0; i < n->nwords && i < 3; i++) {
		const struct part *p = n->words[i]->first;
		const struct builtin *b;

		if (p == NULL || p->next != NULL || p->kind != PART_TEXT || p->quoted)
			return NULL;
		b = eval__builtin(st->kind, p->text);
		if (b == NULL)
			return NULL;
		if ((b->flags & BUILTIN_DECL) != 0)
			return b;
		if (st->kind == SHELL_ZSH || (!str_is(p->text, "command") && (!str_is(p->text, "builtin") || st->kind == SHELL_BASH)))
			return NULL;
	}
	return NULL;
}

/* An assignment argument: name, =, and the value as one word. */
static void
expand_assignment(struct xp *xp, const struct astword *w)
{
	struct astword **list;
	struct word word;
	size_t n;

	xp->typed = eval__source(xp->cx, w->at);
	/* What braces make of it is no assignment to bash, and is split. */
	if (xp->st->kind == SHELL_BASH && eval__braces(xp, w, &list, &n)) {
		eval__expand_word(xp, w);
		return;
	}
	xp->head = str_chr(w->first->text, '=') + 1;
	word = eval__expand_one(xp, w);
	xp->head = 0;
	word.typed = eval__source(xp->cx, w->at);
	*vec_push(xp->sh->a, &xp->out) = word;
}

static bool
has_substitution(const struct part *p, unsigned depth)
{
	for (; p != NULL && depth < LIMIT_SHELL_DEPTH; p = p->next)
		if (p->kind == PART_COMMAND || p->kind == PART_PROCESS ||
		    ((p->kind == PART_DQUOTE || p->kind == PART_ARITH) &&
		        has_substitution(p->parts, depth + 1)) ||
		    (p->kind == PART_PARAM && p->param->arg != NULL &&
		        has_substitution(p->param->arg->first, depth + 1)))
			return true;
	return p != NULL;
}

size_t
eval__written(const struct xp *xp, struct astword *const *words, size_t n)
{
	if ((xp->cx->flags & SHELL_BACKGROUND) != 0 || xp->cx->unwaited) /* so may what comes next on the line */
		return n;
	for (; n > 0; n--) {
		const struct part *p = words[n - 1]->first;

		if (p != NULL && (p->kind != PART_TEXT || p->next != NULL) && has_substitution(p, 0))
			break;
	}
	return n;
}

void
eval__expand_words(struct xp *xp, struct astword *const *words, size_t n)
{
	size_t written = eval__written(xp, words, n);

	for (size_t i = 0; i < n; i++) {
		xp->written = i < written;
		eval__expand_word(xp, words[i]);
	}
}

/* dash: what is found to be export, however it is written, takes assignments. */
static bool
may_declare(const struct xp *xp)
{
	static const char *const declaring[] = { "export", "local", "readonly" };
	static struct names by_name = NAMES(declaring);
	struct str name;

	if (xp->st->kind != SHELL_SH || xp->out.n == 0)
		return false;
	if (!word_known(xp->sh->a, xp->out.v[0], &name))
		return true;
	return names_find(&by_name, name) != STR_NPOS;
}

static void
expand_words(struct xp *xp, const struct node *n)
{
	const struct builtin *decl = n->nwords > 1 ? declares(xp->st, n) : NULL;

	size_t written = eval__written(xp, n->words, n->nwords);

	for (size_t i = 0; i < n->nwords && xp->sh->err == 0; i++) {
		const struct astword *w = n->words[i];

		xp->written = i < written;

		if (i == 1 && xp->st->kind == SHELL_ZSH && xp->out.n > 0 &&
		    word_is(xp->out.v[0], "noglob"))
			xp->noglob = true;
		if (decl != NULL && i > 0 && is_assignment_word(w))
			expand_assignment(xp, w);
		else if (decl == NULL && i > 0 && may_declare(xp) && is_assignment_word(w) && w->first->next != NULL) {
			size_t at = xp->out.n;

			eval__expand_word(xp, w);
			xp->out.n = at;
			*vec_push(xp->sh->a, &xp->out) = word_words(xp->sh->a, xp->typed);
		}
		else
			eval__expand_word(xp, w);
		if (xp->out.n > LIMIT_WORDS) {
			eval__limit(xp->sh, xp->st, xp->cx, LIMIT_BIT_WORDS,
			    "a command has more words than the limit");
			xp->out.n = LIMIT_WORDS;
			*vec_push(xp->sh->a, &xp->out) = word_words(xp->sh->a, xp->typed);
			return;
		}
	}
	if (xp->st->kind == SHELL_ZSH && xp->out.n == 1 && word_is(xp->out.v[0], "-"))
		eval__may_be_error(xp); /* a - with no command */
}

/* ---- the command ---- */

static bool
may_fail(const struct node *n)
{
	if (n->redirs != NULL)
		return true;
	for (size_t i = 0; i < n->nwords; i++) /* $(false) alone */
		if (has_substitution(n->words[i]->first, 0))
			return true;
	for (const struct asg *a = n->assigns; a != NULL; a = a->next) {
		if (a->value != NULL && has_substitution(a->value->first, 0))
			return true;
		for (size_t i = 0; i < a->nelements; i++)
			if (has_substitution(a->elements[i]->first, 0))
				return true;
	}
	return false;
}

/* Nothing but assignments and redirections: they stay. */
static void
assign_all(struct xp *xp, const struct node *n, struct call *call)
{
	VEC(struct assign) list = { 0 };

	for (const struct asg *a = n->assigns; a != NULL; a = a->next) {
		struct word shown;

		eval__assignment(xp, a, &shown);
		*vec_push(xp->sh->a, &list) = (struct assign){ a->name, shown,
			shell_safe_env_name(a->name) };
	}
	call->c.assigns = list.v;
	call->c.nassigns = list.n;
}

/* Redirections alone: bash prints the file of $(< file), where nothing else
 * stands; zsh gives every one of them to cat, dash none: what is called sh may
 * be any of them. */
static void
print_input(struct shell *sh, struct shell_state *st, const struct node *n, struct call *call)
{
	const struct redir *r = n->redirs;
	struct word cat = word_text(sh->a, STR("cat"));
	struct call in = *call;

	if (r == NULL || n->assigns != NULL || call->cx->out == NULL)
		return;
	if (st->kind != SHELL_ZSH &&
	    (call->cx->body != n || r->next != NULL || r->op != REDIR_IN || r->fd > 0))
		return;
	if (st->kind == SHELL_SH) {
		eval__print(sh, call, NULL);
		return;
	}
	in.c.argv = (struct words){ &cat, 1 };
	eval__ask_output(sh, st, &in);
}

static void
assign_only(struct shell *sh, struct shell_state *st, const struct node *n, struct call *call,
    const struct shell_state *start)
{
	eval__report(sh, st, call);
	print_input(sh, st, n, call);
	eval__complain(sh, call);
	if (st->kind == SHELL_ZSH && n->assigns == NULL) /* a cat in a process of its own */
		eval__join(sh, st, start);
	if (!may_fail(n) && st->kind != SHELL_ZSH) /* zsh keeps the status of before */
		eval__surely(sh, call);
}

static bool
may_assign(const struct ctx *cx, const struct astword *w)
{
	struct str source;

	if (w == NULL || w->first == NULL || (w->first->next == NULL && w->first->kind == PART_TEXT))
		return false;
	source = eval__source(cx, w->at);
	return str_find(source, STR("((")) != STR_NPOS || str_find(source, STR("$[")) != STR_NPOS ||
	    (str_find(source, STR("${")) != STR_NPOS && str_chr(source, '=') != STR_NPOS);
}

/* What a program's redirections assign, > ${n:=f} and <<< $((n=1)), is lost with the
 * process that does it; in zsh, what its assignments do, too. */
static bool
may_be_lost(struct shell *sh, const struct shell_state *st, const struct ctx *cx, const struct node *n, struct words argv)
{
	bool may = false;

	for (const struct redir *r = n->redirs; r != NULL && !may; r = r->next)
		may = may_assign(cx, r->body != NULL ? r->body : r->word);
	for (const struct asg *a = n->assigns; a != NULL && !may && st->kind == SHELL_ZSH; a = a->next)
		may = may_assign(cx, a->value);
	return may && argv.n > 0 && runner_of(sh, st, argv) == RUNS_PROGRAM;
}

/* The command, with what is assigned before it. start: before its words. */
static void
run_command(struct xp *xp, const struct node *n, struct call *call, const struct shell_state *start)
{
	const struct ctx *cx = xp->cx;
	struct shell_state *st = xp->st;
	struct shell *sh = xp->sh;
	unsigned errors = sh->errors, bad = sh->bad;
	struct prefix prefix = { 0 };

	if (n->assigns != NULL) {
		prefix_expand(xp, n->assigns, call->c.argv, &prefix);
		if (sh->errors != errors || sh->bad != bad)
			eval__discard(sh, cx, start);
		call->c.assigns = prefix.v;
		call->c.nassigns = prefix.n;
		if (prefix.path)
			call->c.flags |= SHELL_TAINTED;
	}
	eval__invoke(sh, st, call);
	if (prefix.n > 0) {
		prefix_undo(sh, st, cx, &prefix, call->c.argv);
		if (call->fail != NULL)
			prefix_undo(sh, call->fail, cx, &prefix, call->c.argv);
	}
	if (may_be_lost(sh, start, cx, n, call->c.argv))
		eval__join(sh, st, eval__copy(sh, start));
}

/* zsh: x=y *.none is an error that may have assigned x. */
static void
forget_prefix(struct shell *sh, struct shell_state *st, const struct asg *list)
{
	for (; list != NULL; list = list->next)
		shell_forget_var(sh, st, list->name);
}

static void
run_once(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct choices *ch, struct outcome *out)
{
	struct call call = { .cx = cx, .node = n };
	struct shell_state start = *st, *before = NULL; /* where it may not run at all */
	unsigned errors = sh->errors, bad = sh->bad;
	bool no_match;
	struct ctx maybe;
	struct redirs r;
	struct xp xp;

	eval__xp_init(&xp, sh, st, cx, ch);
	expand_words(&xp, n);
	no_match = xp.no_match;
	call.c.argv = (struct words){ xp.out.v, xp.out.n };
	eval__xp_init(&xp, sh, st, cx, ch);
	/* Without a command bash assigns first, the others redirect first. */
	if (call.c.argv.n == 0 && st->kind == SHELL_BASH)
		assign_all(&xp, n, &call);
	eval__redirs(sh, st, cx, n->redirs, &xp, &r);
	if (call.c.argv.n == 0 && st->kind != SHELL_BASH)
		assign_all(&xp, n, &call);
	if (cx->pending != NULL)
		eval__add_pending(sh, cx, &r);
	if (sh->errors != errors || sh->bad != bad || no_match) {
		no_match = true; /* the rest of the line, or of the eval, is not run either */
		if (st->kind == SHELL_ZSH)
			forget_prefix(sh, &start, n->assigns);
		eval__discard(sh, cx, &start);
	}
	if (no_match || (r.n > 0 && eval__may_not_open(sh, &r)))
		before = eval__copy(sh, &start);
	if (ch->list.n > 0 || no_match) {
		maybe = eval__maybe(cx);
		maybe.decisive = cx->decisive;
		call.cx = xp.cx = &maybe;
	}
	call.redirs = &r;
	call.c.redirs = r.v;
	call.c.nredirs = r.n;
	if (r.in_set && st->kind == SHELL_ZSH && (st->in_set || r.inputs > 1)) {
		r.in_kind = SHELL_STDIN_PIPE; /* zsh reads one after the other */
		r.in_text = (struct word){ 0 };
	}
	call.c.stdin_kind = r.in_set ? r.in_kind : st->in_set ? st->in_kind : SHELL_STDIN_INHERIT;
	call.c.stdin_text = r.in_set ? r.in_text : st->in_set ? st->in_text : (struct word){ 0 };
	call.c.typed = eval__source(cx, n->at);
	call.c.offset = eval__offset(cx, n->at);
	if (sh->bad != bad)
		call.fail = eval__copy(sh, &start);
	else if (call.c.argv.n == 0) {
		assign_only(sh, st, n, &call, &start);
	} else
		run_command(&xp, n, &call, &start);
	out->fail = call.fail;
	out->ids = call.ids;
	if (before != NULL) {
		if (out->fail == NULL)
			out->fail = eval__copy(sh, st);
		eval__join(sh, out->fail, before);
	}
}

/* The other alternatives of the variables in it, each from the state before. */
static void
run_others(struct shell *sh, struct shell_state *st, const struct shell_state *before,
    const struct ctx *cx, const struct node *n, struct choices *ch, struct outcome *out)
{
	struct shell_state *fail = eval__failed(sh, st, out);

	while (eval__choices_next(ch) && sh->err == 0) {
		struct shell_state *s = eval__copy(sh, before);
		struct outcome o = { 0 };

		run_once(sh, s, cx, n, ch, &o);
		eval__join(sh, fail, o.fail != NULL ? o.fail : s);
		eval__join(sh, st, s);
	}
	out->fail = fail;
	out->ids = NULL;
}

static bool
both_to_file(const struct node *n)
{
	for (const struct redir *r = n->redirs; r != NULL; r = r->next)
		if (r->op == REDIR_BOTH)
			return true;
	return false;
}

void
eval__simple(struct shell *sh, struct shell_state *st, const struct ctx *cx, const struct node *n,
    struct outcome *out)
{
	struct choices ch = { 0 };
	struct shell_state before;

	if (st->traps != NULL)
		eval__traps(sh, st, cx);
	if (eval__opt(st, OPT_XTRACE) != TRI_NO && st->vars != NULL)
		eval__trace(sh, st, cx, n->assigns != NULL);
	before = *st;
	run_once(sh, st, cx, n, &ch, out);
	if (ch.list.n > 0)
		run_others(sh, st, &before, cx, n, &ch, out);
	if (st->kind == SHELL_SH && both_to_file(n)) { /* to dash it runs beside, and what it returns is lost */
		eval__settle(sh, st, out);
		eval__join(sh, st, &before);
		out->ids = NULL;
	}
}
