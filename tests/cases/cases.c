/* SPDX-License-Identifier: ISC */
/*
 * cases.c: runs tables of decisions. One row a line:
 *
 *     # comment
 *     policy fly git shell        the shipped policies that follow rows are judged by
 *     rule   allow sort ...       a rule of our own (replaces `policy`); several add up
 *     given  app=app-api branch=feat/x     the world, as in policies; lines in a row
 *                                          add up, one after a row starts anew
 *     deny   cd api && fly deploy -a app-api
 *     deny|ask  fly deploy -a "$APP"
 *     allow argv fly status       an argument vector, split at blanks
 *     deny  tool NAME {"a":"b"}   another tool of the agent, its input as JSON
 *     any   fly vol rm v -y       any decision; what was read is looked at below:
 *     is    path=volumes/destroy operands=v --yes effect=destroy app=?
 *
 * In commands the sign ⏎ stands for a newline and ␉ for a tab. `why TEXT`
 * below a row: its reason must contain TEXT. The n-th `is` below a row speaks of
 * the n-th command of a modelled tool: field=value (? unknown, - absent; several
 * as a|b), from.field=where, path=a/b, operands=a,b, --option or --option=a,b,
 * runs=no, help, parse=maybe. Usage: cases [-v] FILE…
 * `policy` and `rule` start a new set when the one before has been used.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridle/decide.h"
#include "bridle/limits.h"

struct set {
	struct arena *a;
	struct policy *policy;
	struct buf text;
	bool used;
};

struct run {
	struct set set;
	VEC(struct policy_given) givens;
	struct arena *a; /* of the file */
	const char *file;
	unsigned line;
	bool verbose;
	unsigned passed, failed;
	struct str reason; /* of the last row, for `why` */
	VEC(struct str) facts; /* of its commands, for `is`: " word word " */
	size_t asked;      /* `is` lines below it */
	bool world_used;   /* the next `given` starts a new world */
};

static struct str
slurp(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b;
	char block[8192];
	size_t n;

	if (f == NULL) {
		fprintf(stderr, "cases: cannot read %s\n", path);
		exit(2);
	}
	buf_init(&b, a);
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		buf_add(&b, (struct str){ block, n });
	fclose(f);
	return b.n == 0 ? STR("") : buf_str(&b);
}

static int
include(void *ctx, struct arena *a, struct str from, struct str name, bool shipped,
    struct str *text, struct str *path)
{
	const char *dir = ctx;
	struct str p = shipped ? str_printf(a, "%s/" STR_FMT ".policy", dir, STR_ARG(name)) :
	    path_join(a, path_dir(from), name);
	FILE *f = fopen(str_c(a, p), "rb");

	if (f == NULL)
		return BRIDLE_ENOENT;
	fclose(f);
	*text = slurp(a, str_c(a, p));
	*path = p;
	return 0;
}

static void
load(struct run *r)
{
	struct policy_loader loader = { NULL, include };
	char *dir = getenv("BRIDLE_POLICIES");
	struct policy_source src;
	struct buf out;
	struct diags d;

	loader.ctx = dir != NULL ? dir : (char[]){ "policies" };
	r->set.used = true;
	if (r->set.policy != NULL)
		return;
	diags_init(&d, r->set.a);
	memset(&src, 0, sizeof src);
	src.layer = LAYER_USER;
	src.name = str_of(r->file);
	src.path = str_of(r->file);
	src.text = buf_str(&r->set.text);
	if (policy_load(r->set.a, &src, 1, &loader, &r->set.policy, &d) != 0) {
		buf_init(&out, r->set.a);
		diags_print(&d, &out, false);
		fprintf(stderr, "%s:%u: the policy of these rows does not load:\n%s", r->file, r->line, out.p);
		exit(2);
	}
}

/* Starts a new set of rules if rows have been judged by the present one. */
static void
renew(struct run *r)
{
	if (r->set.a != NULL && !r->set.used)
		return;
	arena_free(r->set.a);
	memset(&r->set, 0, sizeof r->set);
	r->set.a = arena_new(0);
	buf_init(&r->set.text, r->set.a);
	buf_puts(&r->set.text, "version 1\n");
}

static struct str
visible(struct arena *a, struct str s)
{
	struct buf b;

	buf_init(&b, a);
	while (s.n > 0) {
		if (str_starts(s, STR("\xe2\x8f\x8e"))) {
			buf_putc(&b, '\n');
			s = str_sub(s, 3, s.n);
		} else if (str_starts(s, STR("\xe2\x90\x89"))) {
			buf_putc(&b, '\t');
			s = str_sub(s, 3, s.n);
		} else {
			buf_putc(&b, s.p[0]);
			s = str_sub(s, 1, s.n);
		}
	}
	return b.n == 0 ? STR("") : buf_str(&b);
}

static struct str
word_off(struct str *s)
{
	size_t end = 0;
	struct str w;

	*s = str_trim(*s);
	while (end < s->n && s->p[end] != ' ' && s->p[end] != '\t')
		end++;
	w = str_sub(*s, 0, end);
	*s = str_trim(str_sub(*s, end, s->n));
	return w;
}

static void
take_givens(struct run *r, struct str rest)
{
	if (r->world_used)
		r->givens.n = 0;
	r->world_used = false;
	while (rest.n > 0) {
		struct policy_given g;
		struct str w;
		size_t eq;

		if (str_starts(rest, STR("done:"))) {
			g.key = rest;
			g.value = STR("");
			rest = STR("");
		} else {
			w = word_off(&rest);
			eq = str_chr(w, '=');
			g.key = str_sub(w, 0, eq);
			g.value = eq == STR_NPOS ? STR("") : str_sub(w, eq + 1, w.n);
			/* file: texts go to the end of the line */
			if (str_starts(w, STR("file:"))) {
				if (rest.n > 0)
					g.value = str_printf(r->a, STR_FMT " " STR_FMT, STR_ARG(g.value), STR_ARG(rest));
				rest = STR("");
			}
		}
		*vec_push(r->a, &r->givens) = g;
	}
}

static bool
expected(struct str wanted, enum verdict got)
{
	if (str_is(wanted, "any"))
		return true;
	while (wanted.n > 0) {
		size_t bar = str_chr(wanted, '|');

		if (str_is(str_sub(wanted, 0, bar), verdict_name(got)))
			return true;
		wanted = bar == STR_NPOS ? STR("") : str_sub(wanted, bar + 1, wanted.n);
	}
	return false;
}

static bool
set_command(struct arena *a, struct request *rq, struct str rest, struct table_world *t, struct str *what)
{
	struct str w = rest;
	struct str first = word_off(&w);

	if (str_is(first, "edit"))
		return decide_edit_request(t, rq, w, what) == 0;
	if (str_is(first, "tool")) {
		rq->kind = REQUEST_TOOL;
		rq->tool = word_off(&w);
		rq->tool_text = w;
		return true;
	}
	if (str_is(first, "argv")) {
		VEC(struct str) argv = { 0 };

		while (w.n > 0)
			*vec_push(a, &argv) = word_off(&w);
		rq->kind = REQUEST_ARGV;
		rq->argv = argv.v;
		rq->argc = argv.n;
		return true;
	}
	rq->kind = REQUEST_SHELL;
	rq->text = visible(a, rest);
	return true;
}

/* ---- what was read ---- */

static void
put_values(struct arena *a, struct buf *b, const char *between, struct words values)
{
	for (size_t i = 0; i < values.n; i++)
		buf_printf(b, "%s" STR_FMT, i > 0 ? between : "", STR_ARG(word_show(a, values.v[i])));
}

static struct str
facts_of(struct arena *a, const struct action *act)
{
	struct buf b;

	buf_init(&b, a);
	buf_puts(&b, " path=");
	for (size_t i = 0; i < act->npath; i++)
		buf_printf(&b, "%s" STR_FMT, i > 0 ? "/" : "", STR_ARG(act->path[i]));
	buf_puts(&b, " operands=");
	put_values(a, &b, ",", act->operands);
	for (size_t i = 0; i < act->noptions; i++) {
		buf_printf(&b, " --" STR_FMT "%s%s", STR_ARG(act->options[i].name),
		    act->options[i].maybe ? "?" : "", act->options[i].values.n > 0 ? "=" : "");
		put_values(a, &b, ",", act->options[i].values);
	}
	for (size_t i = 0; i < act->nfields; i++) {
		const struct field *f = &act->fields[i];

		buf_printf(&b, " " STR_FMT "=", STR_ARG(f->name));
		if (f->state == FIELD_PRESENT)
			put_values(a, &b, "|", f->values);
		else
			buf_puts(&b, f->state == FIELD_UNKNOWN ? "?" : "-");
		if (f->from.n > 0)
			buf_printf(&b, " from." STR_FMT "=" STR_FMT, STR_ARG(f->name), STR_ARG(f->from));
	}
	buf_printf(&b, "%s%s%s ", act->runs ? "" : " runs=no", act->flags & ACTION_HELP ? " help" : "",
	    act->parse_maybe ? " parse=maybe" : "");
	return buf_str(&b);
}

static void
keep_facts(struct run *r, const struct decision *d)
{
	memset(&r->facts, 0, sizeof r->facts);
	r->asked = 0;
	for (size_t i = 0; i < d->actions.list.n; i++) {
		const struct action *act = d->actions.list.v[i];

		if (act->kind == ACTION_COMMAND && act->model != NULL && !tool_doors_only(act->model))
			*vec_push(r->a, &r->facts) = facts_of(r->a, act);
	}
}

/* A value may hold blanks where the line says so: from.app=fly.toml␣in␣api/ */
static void
is_line(struct run *r, struct str rest)
{
	struct str facts = r->asked < r->facts.n ? r->facts.v[r->asked] : STR(" nothing ");

	r->asked++;
	while (rest.n > 0) {
		struct str w = word_off(&rest);
		struct buf b;

		buf_init(&b, r->a);
		buf_putc(&b, ' ');
		for (size_t i = 0; i < w.n; i++) {
			bool blank = str_starts(str_sub(w, i, 3), STR("\xe2\x90\xa3"));

			buf_putc(&b, blank ? ' ' : w.p[i]);
			i += blank ? 2 : 0;
		}
		buf_putc(&b, ' ');
		if (str_find(facts, buf_str(&b)) != STR_NPOS) {
			r->passed++;
			continue;
		}
		r->failed++;
		printf("%s:%u: not so: " STR_FMT ", but" STR_FMT "\n", r->file, r->line, STR_ARG(w),
		    STR_ARG(facts));
	}
}

static void
row(struct run *r, struct str wanted, struct str rest)
{
	struct arena *a = arena_new(LIMIT_REQUEST_ARENA);
	struct table_world t;
	struct decision d;
	struct request rq;
	struct world w;
	struct str what = STR("");
	struct buf out;

	load(r);
	r->world_used = true;
	decide_test_world(&t, &rq, a, &w);
	for (size_t i = 0; i < r->givens.n; i++)
		if (decide_given(r->set.policy, &t, &w, &rq, r->givens.v[i].key, r->givens.v[i].value, &what) != 0) {
			fprintf(stderr, "%s:%u: given " STR_FMT ": " STR_FMT "\n", r->file, r->line,
			    STR_ARG(r->givens.v[i].key), STR_ARG(what));
			exit(2);
		}
	if (!set_command(a, &rq, rest, &t, &what)) {
		fprintf(stderr, "%s:%u: " STR_FMT "\n", r->file, r->line, STR_ARG(what));
		exit(2);
	}
	decide(r->set.policy, &w, &rq, a, &d);
	r->reason = str_dup(r->a, d.reason);
	keep_facts(r, &d);
	if (expected(wanted, d.verdict)) {
		r->passed++;
	} else {
		r->failed++;
		buf_init(&out, a);
		decision_explain(&d, &rq, &out, false, 0);
		printf("%s:%u: expected " STR_FMT ", decided %s\n", r->file, r->line, STR_ARG(wanted), verdict_name(d.verdict));
		if (r->verbose)
			printf("%s", out.p);
	}
	arena_free(a);
}

static void
line(struct run *r, struct str text)
{
	struct str rest = text;
	struct str first = word_off(&rest);

	if (first.n == 0 || first.p[0] == '#')
		return;
	if (str_is(first, "policy")) {
		renew(r);
		while (rest.n > 0) {
			struct str name = word_off(&rest);

			buf_printf(&r->set.text, "include <" STR_FMT ">\n", STR_ARG(name));
		}
	} else if (str_is(first, "rule")) {
		renew(r);
		buf_printf(&r->set.text, STR_FMT "\n", STR_ARG(rest));
	} else if (str_is(first, "clause")) {
		buf_printf(&r->set.text, "    " STR_FMT "\n", STR_ARG(rest));
	} else if (str_is(first, "given")) {
		take_givens(r, rest);
	} else if (str_is(first, "is")) {
		is_line(r, rest);
	} else if (str_is(first, "why")) {
		if (str_find(r->reason, rest) == STR_NPOS) {
			r->failed++;
			printf("%s:%u: the reason says otherwise: " STR_FMT "\n", r->file, r->line, STR_ARG(r->reason));
		} else {
			r->passed++;
		}
	} else {
		row(r, first, rest);
	}
}

static void
run_file(struct run *r, const char *path)
{
	struct str text;

	r->a = arena_new(0);
	r->file = path;
	r->line = 0;
	r->givens.v = NULL;
	r->givens.n = r->givens.cap = 0;
	text = slurp(r->a, path);
	while (text.n > 0) {
		size_t end = str_chr(text, '\n');

		r->line++;
		line(r, str_sub(text, 0, end));
		text = end == STR_NPOS ? STR("") : str_sub(text, end + 1, text.n);
	}
	arena_free(r->set.a);
	memset(&r->set, 0, sizeof r->set);
	arena_free(r->a);
}

int
main(int argc, char **argv)
{
	struct run r;

	memset(&r, 0, sizeof r);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-v") == 0)
			r.verbose = true;
		else
			run_file(&r, argv[i]);
	}
	printf("%u passed, %u failed\n", r.passed, r.failed);
	return r.failed == 0 ? 0 : 1;
}
