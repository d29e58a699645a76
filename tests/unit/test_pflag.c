/* SPDX-License-Identifier: ISC */
/*
 * test_pflag.c: fly's command lines, read as cobra 1.10.2 and pflag 1.0.10 do.
 */
#include "check.h"
#include "lines.h"

struct row {
	const char *line, *want;
};

static void
check_rows(const struct row *rows, size_t n)
{
	struct arena *a = arena_new(0);
	const struct tool *fly = models_find(models_new(a), STR("flyctl"));

	assert_non_null(fly);
	for (size_t i = 0; i < n; i++) {
		struct parsed p;
		size_t nslots;
		struct words *slots = line_slots(a, rows[i].line, &nslots);
		struct str got;

		assert_int_equal(options_parse(fly, a, slots, nslots, false, &p), 0);
		got = line_parsed(a, &p);
		if (!str_is(got, rows[i].want))
			print_error("%s\n", rows[i].line);
		assert_str(got, rows[i].want);
	}
	arena_free(a);
}
#define ROWS(r) check_rows(r, sizeof(r) / sizeof(r)[0])

static void
test_finding(void **state)
{
	static const struct row rows[] = {
		{ "fly", "| | |" },
		{ "fly status", "status | | |" },
		{ "fly vol rm v1", "volumes destroy | v1 | |" },
		{ "fly pg backups config show", "postgres backup config show | | |" },
		/* an option that the level does not know eats the next word */
		{ "fly -a x status", "status | | app=x |" },
		{ "fly -ax status", "status | | app=x |" },
		{ "fly --app=x status", "status | | app=x |" },
		{ "fly --app apps apps destroy x", "apps destroy | apps x | app | refused: unknown flag: --app" },
		{ "fly -y apps destroy x",
		  "destroy | apps x | yes | refused: accepts 1 arg(s), received 2" },
		{ "fly -y=true apps destroy x", "apps destroy | x | yes |" },
		{ "fly -yq apps list", "apps list | | y | refused: unknown shorthand flag: 'y' in -yq" },
		{ "fly -t apps destroy x", "destroy | x | access-token=apps |" },
		{ "fly --access-token k apps destroy x", "apps destroy | x | access-token=k |" },
		{ "fly --debug apps destroy x", "apps destroy | x | debug |" },
		{ "fly scale -a x count 0", "scale count | 0 | app=x |" },
		{ "fly machine -f x destroy 12", "machine destroy | x 12 | force |" },
		/* empty and lone dash stay as arguments */
		{ "fly '' apps destroy x", "apps destroy | '' x | |" },
		{ "fly - apps destroy x", "apps destroy | - x | |" },
		{ "fly -- apps destroy x", "| apps destroy x | |" },
		{ "fly apps -- destroy x", "apps | destroy x | | help" },
		{ "fly deploy deploy", "deploy | deploy | |" },
		/* nothing is guessed */
		{ "fly nope", "| nope | | refused: unknown command \"nope\" for \"fly\"" },
		{ "fly Apps list", "| Apps list | | refused: unknown command \"Apps\" for \"fly\" (did you mean \"apps\"?)" },
		{ "fly apps destr x", "apps | destr x | | help" },
		{ "fly autoscale set",
		  "| autoscale set | | refused: unknown command \"autoscale\" for \"fly\"" },
		{ "fly suspend x", "suspend | x | | help" },
	};

	(void)state;
	ROWS(rows);
}

static void
test_options(void **state)
{
	static const struct row rows[] = {
		{ "fly deploy -a x -a y", "deploy | | app=y |" },
		{ "fly deploy --app x -a=y", "deploy | | app=y |" },
		{ "fly deploy -a=", "deploy | | app='=' |" },
		{ "fly deploy --app=", "deploy | | app='' |" },
		{ "fly deploy -ya x", "deploy | | yes app=x |" },
		{ "fly deploy -ay x", "deploy | x | app=y |" },
		{ "fly deploy -a --now", "deploy | | app=--now |" },
		{ "fly deploy --build-only=false", "deploy | | |" },
		{ "fly deploy --build-only --build-only=0", "deploy | | |" },
		{ "fly deploy --build-only=0 --build-only", "deploy | | build-only |" },
		{ "fly deploy --depot false", "deploy | false | depot=true |" },
		{ "fly deploy --depot=auto", "deploy | | depot=auto |" },
		{ "fly deploy -e A=1 -e B=2,3", "deploy | | env=A=1,B=2,3 |" },
		{ "fly deploy --regions iad,lhr --regions fra", "deploy | | regions=iad,lhr,fra |" },
		{ "fly deploy --auto-confirm", "deploy | | yes |" },
		{ "fly deploy --yes=false --auto-confirm", "deploy | | |" },
		{ "fly deploy --ap x", "deploy | x | ap | refused: unknown flag: --ap" },
		{ "fly deploy --now=maybe",
		  "deploy | | | refused: invalid argument \"maybe\" for \"--now\" flag" },
		{ "fly deploy -yfalse",
		  "deploy | | yes f | refused: unknown shorthand flag: 'f' in -false" },
		{ "fly deploy -a", "deploy | | | refused: flag needs an argument: 'a' in -a" },
		{ "fly deploy --app", "deploy | | | refused: flag needs an argument: --app" },
		{ "fly deploy ---x", "deploy | | | refused: bad flag syntax: ---x" },
		{ "fly status -test.x", "status | | |" },
		{ "fly logs -n -a x", "logs | | no-tail app=x |" },
		{ "fly ssh console -sC env", "ssh console | | select command=env |" },
		{ "fly ssh console -C --help", "ssh console | | command=--help |" },
		{ "fly volumes extend v -s 1x",
		  "volumes extend | v | size=1x |" },
		{ "fly volumes create d -s 1x",
		  "volumes create | d | size=1x | refused: invalid argument \"1x\" for \"-s, --size\" flag" },
		{ "fly tokens create deploy -x 1h30m", "tokens create deploy | | expiry=1h30m |" },
		{ "fly tokens create deploy -x 1y", "tokens create deploy | | expiry=1y | refused: "
		                                    "invalid argument \"1y\" for \"-x, --expiry\" flag" },
	};

	(void)state;
	ROWS(rows);
}

static void
test_ends(void **state)
{
	static const struct row rows[] = {
		{ "fly secrets set -- A=1 -a x", "secrets set | A=1 -a x | |" },
		{ "fly deploy -a x -- -a y",
		  "deploy | -a y | app=x | refused: accepts at most 1 arg(s), received 2" },
		{ "fly status x", "status | x | | refused: unknown command \"x\" for \"fly status\"" },
		{ "fly scale count", "scale count | | | refused: requires at least 1 arg(s), only received 0" },
		{ "fly certs import h", "certs import | h | | refused: required flag(s) \"fullchain\" not set" },
		{ "fly apps destroy x --help", "apps destroy | x | help | help" },
		{ "fly apps destroy x -yh", "apps destroy | x | yes help | help" },
		{ "fly apps destroy x --help=false", "apps destroy | x | |" },
		{ "fly apps destroy x -- --help", "apps destroy | x --help | |" },
		{ "fly --help apps destroy x", "destroy | apps x | help | help" },
		{ "fly apps destroy --help --nope", "apps destroy | | help nope | refused: unknown flag: --nope" },
		{ "fly -v", "| | version | help" },
		{ "fly status -v", "status | | v | refused: unknown shorthand flag: 'v' in -v" },
		{ "fly launch --now -- -a x", "launch | | now | + -a + x" },
		{ "fly -t k launch -- x", "launch | x | access-token=k | refused: unknown command \"x\" for \"fly launch\"" },
		{ "fly mcp wrap --mcp p -- a b", "mcp wrap | | mcp=p | + a + b" },
		{ "fly machine run alpine ls -la",
		  "machine run | alpine ls | l | refused: unknown shorthand flag: 'l' in -la" },
		{ "fly machine run alpine -- ls -la", "machine run | alpine ls -la | |" },
	};

	(void)state;
	ROWS(rows);
}

static void
test_unknown(void **state)
{
	static const struct row rows[] = {
		/* a value that is not known is only that */
		{ "fly deploy -a \"$APP\"", "deploy | | app=\"$APP\" |" },
		{ "fly deploy --app=\"$APP\" --now", "deploy | | app=\"$APP\" now |" },
		{ "fly -a \"$APP\" deploy", "deploy | | app=\"$APP\" |" },
		{ "fly ssh console -C \"$C\" -a x", "ssh console | | command=\"$C\" app=x |" },
		{ "fly deploy --build-only=\"$B\"", "deploy | | build-only? |" },
		{ "fly deploy pre\"$D\"", "deploy | pre\"$D\" | |" },
		/* unquoted it may be none or several */
		{ "fly deploy -a $APP", "deploy | | app?=$APP | maybe $APP rest" },
		{ "fly deploy --app=$APP", "deploy | | app?=$APP | maybe --app=$APP rest" },
		{ "fly -a $APP deploy", "| | | maybe $APP rest" },
		/* and a word of its own may be an option */
		{ "fly deploy -a x \"$F\"", "deploy | \"$F\" | app?=x | maybe \"$F\"" },
		{ "fly deploy -a x $F", "deploy | $F | app?=x | maybe $F rest" },
		{ "fly deploy -- $F", "deploy | $F | | rest" },
		{ "fly deploy -- \"$F\"", "deploy | \"$F\" | |" },
		{ "fly status $F", "status | $F | | maybe $F rest" },
		{ "fly deploy --\"$F\"", "deploy | | | maybe --\"$F\"" },
		{ "fly deploy --ap\"$F\" x", "deploy | x | | maybe --ap\"$F\"" },
		{ "fly deploy -y\"$F\"", "deploy | | yes? | maybe -y\"$F\"" },
		{ "fly deploy -a\"$F\"", "deploy | | app?=-a\"$F\" | maybe -a\"$F\"" },
		{ "fly deploy -ax\"$F\"", "deploy | | app=x\"$F\" |" },
		/* the command itself */
		{ "fly $CMD", "| | | maybe $CMD rest" },
		{ "fly \"$CMD\" -a x", "| | | maybe \"$CMD\"" },
		{ "fly vol\"$X\" list", "| | | maybe vol\"$X\"" },
		{ "fly zz\"$X\"", "| zz\"$X\" | | refused: unknown command \"zz\"$X\"\" for \"fly\"" },
		{ "fly volumes \"$V\" v1", "volumes | | | maybe \"$V\"" },
		{ "fly --x\"$X\" deploy", "| | | maybe --x\"$X\"" },
		{ "fly --app=\"$X\" deploy", "deploy | | app=\"$X\" |" },
		{ "fly apps destroy \"$A\" \"$B\" -y", "apps destroy | \"$A\" \"$B\" | yes? | maybe \"$A\"" },
	};

	(void)state;
	ROWS(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finding),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
