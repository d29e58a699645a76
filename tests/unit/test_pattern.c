/* SPDX-License-Identifier: ISC */
/*
 * test_pattern.c: a rule's command -> path, needs, options, operands, targets;
 * and what a person is told who got it wrong.
 */
#include "check.h"
#include "lines.h"

/* Words of a rule: globs, {a,b} and a|b as alternatives of one word. */
static struct words *
rule_slots(struct arena *a, const char *rule, size_t *n)
{
	VEC(struct words) list = { 0 };
	struct str text = str_of(rule);

	while ((text = str_trim(text)).n > 0) {
		struct str word = str_sub(text, 0, str_chr(text, ' '));

		assert_int_equal(word_glob(a, word, vec_push(a, &list)), 0);
		text = str_sub(text, word.n, STR_NPOS);
	}
	*n = list.n;
	return list.v;
}

static void
put_words(struct arena *a, struct buf *b, struct words w)
{
	for (size_t i = 0; i < w.n; i++)
		buf_printf(b, "%s" STR_FMT, i == 0 ? "" : "|", STR_ARG(word_show(a, w.v[i])));
}

static struct str
shown(struct arena *a, const struct pattern *p)
{
	struct buf b;

	buf_init(&b, a);
	buf_add(&b, p->program);
	for (size_t i = 0; i < p->npath; i++)
		buf_printf(&b, " " STR_FMT, STR_ARG(p->path[i]));
	buf_puts(&b, p->path_open ? " +" : "");
	buf_puts(&b, p->model == NULL ? " unmodelled" : "");
	for (size_t i = 0; i < p->nassigns; i++) {
		buf_printf(&b, " env " STR_FMT "=", STR_ARG(p->assigns[i].name));
		put_words(a, &b, p->assigns[i].any);
	}
	for (size_t i = 0; i < p->nneeds; i++) {
		buf_printf(&b, " need " STR_FMT "=", STR_ARG(p->needs[i].name));
		put_words(a, &b, p->needs[i].any);
	}
	for (size_t i = 0; i < p->noptions; i++) {
		buf_printf(&b, " --" STR_FMT "%s", STR_ARG(p->options[i].name),
		    p->options[i].any.n > 0 ? "=" : "");
		put_words(a, &b, p->options[i].any);
	}
	for (size_t i = 0; i < p->noperands; i++) {
		buf_putc(&b, ' ');
		put_words(a, &b, p->operands[i]);
	}
	buf_puts(&b, p->targets.n > 0 ? " target " : "");
	put_words(a, &b, p->targets);
	buf_puts(&b, p->rest ? " ..." : "");
	return buf_str(&b);
}

struct row {
	const char *rule, *want; /* want: the pattern, or "error: " and message [hint] */
	bool loosen;
};

static struct str
compiled(struct arena *a, const struct models *m, const struct row *row)
{
	struct diags d;
	struct pattern p;
	size_t n;
	struct words *slots = rule_slots(a, row->rule, &n);
	unsigned columns[16];
	int err;

	for (unsigned i = 0; i < 16; i++)
		columns[i] = i + 1;
	diags_init(&d, a);
	err = tools_pattern(m, a, slots, n, row->loosen, &p, &d, STR("x.policy"), 7, columns, STR(""));
	if (err == 0)
		return shown(a, &p);
	assert_int_equal(err, BRIDLE_ESYNTAX);
	assert_int_equal(d.errors, 1);
	assert_int_equal(d.list.v[0].line, 7);
	return str_printf(a, "%u: " STR_FMT " [" STR_FMT "]", d.list.v[0].column,
	    STR_ARG(d.list.v[0].message), STR_ARG(d.list.v[0].hint));
}

static void
check_rows(const struct row *rows, size_t n)
{
	struct arena *a = arena_new(0);
	struct models *m = models_new(a);

	assert_int_equal(models_add_wrapper(m, STR("rtk"), NULL, 0), 0);
	for (size_t i = 0; i < n; i++) {
		struct str got = compiled(a, m, &rows[i]);

		if (!str_is(got, rows[i].want))
			print_error("%s\n", rows[i].rule);
		assert_str(got, rows[i].want);
	}
	arena_free(a);
}

static void
test_fly(void **state)
{
	static const struct row rows[] = {
		{ "fly", "fly +", false },
		{ "flyctl vol", "fly volumes +", false },
		{ "fly status", "fly status", true },
		{ "fly deploy --app app-api", "fly deploy need app=app-api", false },
		{ "fly deploy -a {app-api,app-web}", "fly deploy need app=app-api|app-web", false },
		{ "fly -a app-* deploy", "fly deploy need app=app-*", false },
		{ "fly deploy --app=app-*", "fly deploy need app=app-*", false },
		{ "fly deploy --build-only ...", "fly deploy --build-only ...", true },
		{ "fly deploy -i registry/*", "fly deploy --image=registry/*", true },
		{ "fly volumes destroy", "fly volumes destroy", false },
		{ "fly volumes destroy v1 v2", "fly volumes destroy target v1|v2", false },
		{ "fly volumes extend v1 v2 -y", "fly volumes extend --yes target v1|v2", false },
		{ "fly apps destroy a b", "fly apps destroy need app=a|b", false },
		{ "fly secrets set DEBUG_*", "fly secrets set target DEBUG_*", true },
		{ "fly ssh console -C ls* -a x", "fly ssh console need app=x need command=ls* need inner=ls* --command", true },
		{ "fly launch", "fly launch +", false },
		{ "fly launch", "fly launch", true },
		{ "fly orgs delete acme", "fly orgs delete need org=acme", false },
		{ "fly --auto-confirm=1 volumes destroy", "fly volumes destroy --yes", false },
		{ "FLY_APP=x fly deploy", "fly deploy env FLY_APP=x", false },
		{ "fly autoscale set", "fly autoscale + need former=autoscale set|autoscale set *", false },
		{ "fly machine proxy", "fly machine + need former=machine proxy|machine proxy *", false },
	};

	(void)state;
	check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void
test_unmodelled(void **state)
{
	static const struct row rows[] = {
		{ "terraform destroy", "terraform unmodelled", false },
		{ "NODE_ENV=test X=* pnpmx t", "pnpmx unmodelled env NODE_ENV=test env X=*", true },
	};

	(void)state;
	check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void
test_errors(void **state)
{
	static const struct row rows[] = {
		{ "fly depoly", "2: unknown subcommand \"depoly\" [did you mean \"deploy\"?]", false },
		{ "fly volumes destory v", "3: unknown subcommand \"destory\" [did you mean \"destroy\"?]",
		  false },
		{ "fly deploy --bulid-only", "3: unknown option \"--bulid-only\" [did you mean \"--build-only\"?]",
		  true },
		{ "fly deploy --zzzz=1", "3: unknown option \"--zzzz=1\" []", false },
		{ "fly apps destroy -a x", "4: unknown option \"-a\" []", false },
		{ "fly deploy --app", "1: this would not run: flag needs an argument: --app []", false },
		{ "fly deploy --*", "1: an option must be written out [a glob may stand in its value only]",
		  false },
		{ "{fly,git} x", "1: a rule names one program [to match several write several rules, or "
		                 "`glob` or `regex`]",
		  false },
		{ "A=1", "1: a command is missing []", false },
		{ "terraform plan ...", "3: \"...\" needs a model of \"terraform\" [what its options do is not "
		                        "known: use `allow glob`]",
		  true },
	};

	(void)state;
	check_rows(rows, sizeof rows / sizeof rows[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fly),
		cmocka_unit_test(test_unmodelled),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
