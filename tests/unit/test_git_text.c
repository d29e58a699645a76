/* SPDX-License-Identifier: ISC */
/*
 * test_git_text.c: what git writes and reads as text: configuration files,
 * names of refs, refspecs, URLs, and command lines.
 */
#include "tools/git_files.h"

#include "check.h"
#include "lines.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(0);
	return a == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

/* ---- configuration ---- */
static struct str
value(const char *text, const char *key)
{
	struct git_config c = { 0 };
	struct str v;

	if (git_config_parse(a, str_of(text), GIT_LOCAL, &c) != 0)
		return STR("<refused>");
	return git_config_last(&c, str_of(key), &v) == 0 ? v : STR("<absent>");
}

static void
test_config_values(void **state)
{
	static const struct {
		const char *text, *key, *want;
	} rows[] = {
		{ "[a]\nb=c", "a.b", "c" },
		{ "[a]b=c", "a.b", "c" },
		{ "[A]\n\tB = c\n", "a.b", "c" },
		{ "[a \"B\"]\nc=d", "a.B.c", "d" },
		{ "[a \"B\"]\nc=d", "a.b.c", "<absent>" },
		{ "[a \"b\\\"c\\\\d\"]\nx=1", "a.b\"c\\d.x", "1" },
		{ "[a.B]\nc=d", "a.b.c", "d" },
		{ "[a]\nb = c # d", "a.b", "c" },
		{ "[a]\nb = c;d", "a.b", "c" },
		{ "[a]\nb = \"c # d\"", "a.b", "c # d" },
		{ "[a]\nb = \"c\"d", "a.b", "cd" },
		{ "[a]\nb =  c  d  \n", "a.b", "c  d" },
		{ "[a]\nb = c\\\n d\n", "a.b", "c d" },
		{ "[a]\nb = \" c \"", "a.b", " c " },
		{ "[a]\nb = c\\td\\\\e\\n", "a.b", "c\td\\e\n" },
		{ "[a]\nb", "a.b", "true" },
		{ "[a]\nb\n", "a.b", "true" },
		{ "[a]\nb =\n", "a.b", "" },
		{ "[a]\r\nb = c\r\n", "a.b", "c" },
		{ "\xef\xbb\xbf[a]\nb=c", "a.b", "c" },
		{ "# x\n; y\n[a]\n# z\nb=c", "a.b", "c" },
		{ "[a]\nb=1\n[c]\nb=2\n[a]\nb=3", "a.b", "3" },
		{ "[a]\nb=c\\x", "a.b", "<refused>" },
		{ "[a]\nb=\"c", "a.b", "<refused>" },
		{ "[a]\nb c", "a.b", "<refused>" },
		{ "[a\nb=c", "a.b", "<refused>" },
		{ "[a \"b]\nc=d", "a.b.c", "<refused>" },
		{ "[a \"b\" ]\nc=d", "a.b.c", "<refused>" },
		{ "[a b]\nc=d", "a.b.c", "<refused>" },
		{ "[a]\n1b=c", "a.1b", "<refused>" },
		{ "[a]\n=c", "a.b", "<refused>" },
		{ "<<<<<<< HEAD\n[a]\nb=c", "a.b", "<refused>" },
		{ "", "a.b", "<absent>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_str(value(rows[i].text, rows[i].key), rows[i].want);
}

static void
test_config_print(void **state)
{
	static const char text[] = "[a \"B \\\\ \\\"c\"]\n\tx = \" y # \\n\\\"z\\\\\"\n\tw\n[d]\n\te = \n";
	struct git_config once = { 0 }, again = { 0 };

	(void)state;
	assert_int_equal(git_config_parse(a, str_of(text), GIT_LOCAL, &once), 0);
	assert_int_equal(git_config_parse(a, git_config_print(a, &once), GIT_LOCAL, &again), 0);
	assert_int_equal(again.list.n, once.list.n);
	assert_int_equal(once.list.n, 3);
	for (size_t i = 0; i < once.list.n; i++) {
		assert_true(str_eq(again.list.v[i].key, once.list.v[i].key));
		assert_true(str_eq(again.list.v[i].value, once.list.v[i].value));
		assert_int_equal(again.list.v[i].bare, once.list.v[i].bare);
	}
}

static void
test_config_keys(void **state)
{
	struct str out;

	(void)state;
	assert_int_equal(git_config_key(a, STR("Remote.Origin.URL"), &out), 0);
	assert_str(out, "remote.Origin.url");
	assert_int_equal(git_config_key(a, STR("Core.Editor"), &out), 0);
	assert_str(out, "core.editor");
	assert_int_equal(git_config_key(a, STR("url.https://x.y/.insteadOf"), &out), 0);
	assert_str(out, "url.https://x.y/.insteadof");
	assert_int_equal(git_config_key(a, STR("core"), &out), BRIDLE_EINVAL);
	assert_int_equal(git_config_key(a, STR(".x"), &out), BRIDLE_EINVAL);
	assert_int_equal(git_config_key(a, STR("core."), &out), BRIDLE_EINVAL);
	assert_int_equal(git_config_key(a, STR("co re.x"), &out), BRIDLE_EINVAL);
	assert_int_equal(git_config_key(a, STR("core.1x"), &out), BRIDLE_EINVAL);
}

static void
test_config_truth(void **state)
{
	struct git_config c = { 0 };

	(void)state;
	assert_int_equal(git_config_parse(a, STR("[a]\ny\nn=\nt=On\nf=NO\nz=0\nk=7\nbad=maybe\n"), GIT_LOCAL, &c), 0);
	assert_int_equal(git_config_bool(&c, "a.y", false), TRI_YES);
	assert_int_equal(git_config_bool(&c, "a.n", true), TRI_NO);
	assert_int_equal(git_config_bool(&c, "a.t", false), TRI_YES);
	assert_int_equal(git_config_bool(&c, "a.f", true), TRI_NO);
	assert_int_equal(git_config_bool(&c, "a.z", true), TRI_NO);
	assert_int_equal(git_config_bool(&c, "a.k", false), TRI_YES);
	assert_int_equal(git_config_bool(&c, "a.bad", true), TRI_MAYBE);
	assert_int_equal(git_config_bool(&c, "a.absent", true), TRI_YES);
	c.why = STR("a file is missing");
	assert_int_equal(git_config_bool(&c, "a.y", false), TRI_MAYBE);
	assert_int_equal(git_config_bool(&c, "a.absent", true), TRI_MAYBE);
}

/* ---- refs ---- */
static void
test_ref_names(void **state)
{
	static const char *const good[] = { "main", "refs/heads/main", "feat/x", "a.b", "a@b", "@x", "a@", "a{b",
		"-x", "refs/heads/-x", "\xc3\xa9", "a'b", "a$b", "a;b" };
	static const char *const bad[] = { "", "@", "/a", "a/", "a//b", ".a", "a/.b", "a..b", "a.", "a.lock",
		"a/b.lock/c", "a b", "a~b", "a^b", "a:b", "a?b", "a[b", "a\\b", "a*b", "a@{b", "a\x7f", "a\tb", "a\n" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(git_ref_valid(str_of(good[i]), false));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(git_ref_valid(str_of(bad[i]), false));
	assert_true(git_ref_valid(STR("refs/heads/*"), true));
	assert_true(git_ref_valid(STR("refs/heads/a*b"), true));
	assert_false(git_ref_valid(STR("refs/*/*"), true));
}

static void
test_short_names(void **state)
{
	static const struct git_ref refs[] = {
		{ STR("refs/heads/both"), STR("") },   { STR("refs/heads/main"), STR("") },
		{ STR("refs/heads/x/y"), STR("") },    { STR("refs/remotes/origin/HEAD"), STR("") },
		{ STR("refs/remotes/origin/main"), STR("") }, { STR("refs/tags/both"), STR("") },
		{ STR("refs/tags/v1"), STR("") },
	};
	static const struct {
		const char *name;
		size_t n;
		const char *full;
	} rows[] = {
		{ "main", 1, "refs/heads/main" },
		{ "heads/main", 1, "refs/heads/main" },
		{ "refs/heads/main", 1, "refs/heads/main" },
		{ "v1", 1, "refs/tags/v1" },
		{ "tags/v1", 1, "refs/tags/v1" },
		{ "both", 2, NULL },
		{ "origin", 1, "refs/remotes/origin/HEAD" },
		{ "origin/main", 1, "refs/remotes/origin/main" },
		{ "remotes/origin/main", 1, "refs/remotes/origin/main" },
		{ "x/y", 1, "refs/heads/x/y" },
		{ "y", 0, NULL },
		{ "MAIN", 0, NULL },
		{ "", 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct git_ref *hit;

		assert_int_equal(git_ref_match(refs, sizeof refs / sizeof refs[0], str_of(rows[i].name), &hit), rows[i].n);
		if (rows[i].full != NULL)
			assert_str(hit->name, rows[i].full);
	}
}

static void
test_refspecs(void **state)
{
	static const char *const bad[] = { "", "+", "main:", ":a..b", "a..b", "refs/heads/*:x", "x:refs/heads/*",
		"^", "^a:b", "^0123456789012345678901234567890123456789", "a*b*c", "refs/heads/*:a*b*c", "a b" };
	struct git_refspec r;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(git_refspec_parse(str_of(bad[i]), &r), BRIDLE_EINVAL);
	assert_int_equal(git_refspec_parse(STR("+main"), &r), 0);
	assert_true(r.force && !r.has_dst && !r.pattern);
	assert_str(r.src, "main");
	assert_int_equal(git_refspec_parse(STR(":x"), &r), 0);
	assert_true(r.has_dst && r.src.n == 0);
	assert_int_equal(git_refspec_parse(STR("+:"), &r), 0);
	assert_true(r.matching && r.force);
	assert_int_equal(git_refspec_parse(STR("@:x"), &r), 0);
	assert_str(r.src, "HEAD");
	assert_int_equal(git_refspec_parse(STR("HEAD~3:x"), &r), 0);
	assert_str(r.src, "HEAD~3");
	assert_int_equal(git_refspec_parse(STR(":/text:x"), &r), 0);
	assert_str(r.src, ":/text");
	assert_int_equal(git_refspec_parse(STR("refs/heads/*:refs/heads/u/*"), &r), 0);
	assert_true(r.pattern);
	assert_int_equal(git_refspec_parse(STR("^refs/heads/x"), &r), 0);
	assert_true(r.negative);
}

static void
test_refspec_maps(void **state)
{
	struct str out;

	(void)state;
	assert_true(git_refspec_map(a, STR("refs/heads/*"), STR("refs/heads/a/b"), STR("refs/x/*"), &out));
	assert_str(out, "refs/x/a/b");
	assert_true(git_refspec_map(a, STR("refs/heads/a*z"), STR("refs/heads/a-z"), STR("q/*/r"), &out));
	assert_str(out, "q/-/r");
	assert_false(git_refspec_map(a, STR("refs/heads/a*a"), STR("refs/heads/a"), STR("x/*"), &out));
	assert_false(git_refspec_map(a, STR("refs/tags/*"), STR("refs/heads/a"), STR("x/*"), &out));
}

static void
test_places(void **state)
{
	static const char *const same[] = { "git@github.com:a/b.git", "https://github.com/a/b", "ssh://git@github.com/a/b.git/",
		"https://user:pass@github.com/a/b.git", "ssh://github.com:22/a/b", "git://github.com/a/b" };

	(void)state;
	for (size_t i = 1; i < sizeof same / sizeof same[0]; i++)
		assert_true(str_eq(git_url_place(a, str_of(same[i])), git_url_place(a, STR("git@github.com:a/b.git"))));
	assert_false(str_eq(git_url_place(a, STR("https://github.com/a/bc")), git_url_place(a, STR("https://github.com/a/b"))));
	assert_true(str_eq(git_url_place(a, STR("file:///srv/x.git")), git_url_place(a, STR("/srv/x"))));
	assert_true(str_eq(git_url_place(a, STR("")), git_url_place(a, STR(""))));
}

static void
test_blob_names(void **state)
{
	static const struct {
		const char *text, *hex;
	} rows[] = {
		{ "", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391" },
		{ "hello\n", "ce013625030ba8dba906f756967f9e9ca394464a" },
		{ "0123456789012345678901234567890123456789012345678901234\n", "06c6b268b1010dd9a8862f6170c2c52dfc716a6d" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		unsigned char name[20];
		char hex[41];

		git_blob_name(str_of(rows[i].text), name);
		for (unsigned k = 0; k < 20; k++)
			snprintf(hex + 2 * k, 3, "%02x", name[k]);
		assert_string_equal(hex, rows[i].hex);
	}
}

/* ---- command lines ---- */
static struct parsed
parse(const char *line)
{
	size_t n;
	struct words *slots = line_slots(a, line, &n);
	struct parsed p;

	assert_int_equal(options_parse(models_find(models_new(a), STR("git")), a, slots, n, false, &p), 0);
	return p;
}

/* "path | option=value … | operands", `!` where git would refuse. */
static struct str
shown(const char *line)
{
	struct parsed p = parse(line);
	struct buf b;

	buf_init(&b, a);
	if (p.refused)
		buf_putc(&b, '!');
	for (size_t i = 0; i < p.command->npath; i++)
		buf_printf(&b, "%s" STR_FMT, i > 0 ? " " : "", STR_ARG(p.command->path[i]));
	buf_puts(&b, " |");
	for (size_t i = 0; i < p.options.n; i++) {
		buf_printf(&b, " " STR_FMT, STR_ARG(p.options.v[i].name));
		for (size_t k = 0; k < p.options.v[i].values.n; k++)
			buf_printf(&b, "=" STR_FMT, STR_ARG(word_show(a, p.options.v[i].values.v[k])));
		if (p.options.v[i].maybe)
			buf_putc(&b, '?');
	}
	buf_puts(&b, " |");
	for (size_t i = 0; i < p.operands.n; i++)
		buf_printf(&b, " " STR_FMT, STR_ARG(word_show(a, p.operands.v[i].v[0])));
	return buf_str(&b);
}

static void
test_options(void **state)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{ "git push", "push | |" },
		{ "git push -fu origin main", "push | force set-upstream | origin main" },
		{ "git push origin main -f", "push | force | origin main" },
		{ "git push origin -- -f", "push | | origin -f" },
		{ "git push -of origin", "push | push-option=f | origin" },
		{ "git push -o f origin", "push | push-option=f | origin" },
		{ "git push -nof origin", "push | dry-run push-option=f | origin" },
		{ "git push --repo=x", "push | repo=x |" },
		{ "git push --rep x y", "push | repo=x | y" },
		{ "git push --force --no-force", "push | |" },
		{ "git push --no-force --force", "push | force |" },
		{ "git push --no-verify", "push | no-verify |" },
		{ "git push --no-verif", "push | no-verify |" },
		{ "git push --no-verify --verify", "push | |" },
		{ "git push --force-with-lease", "push | force-with-lease |" },
		{ "git push --force-w=a:b", "push | force-with-lease=a:b |" },
		{ "git push --force-with-lease=a --force-with-lease", "push | force-with-lease=a= |" },
		{ "git push --forc", "!push | force? force-with-lease? force-if-includes? |" },
		{ "git push --bogus x", "!push | bogus | x" },
		{ "git push --exec=x", "push | receive-pack=x |" },
		{ "git -C a -C b push", "push | C=a=b |" },
		{ "git -c a.b=c push", "push | c=a.b=c |" },
		{ "git --git-dir x --no-pager push", "push | git-dir=x no-pager |" },
		{ "git --git-dir=x push", "push | git-dir=x |" },
		{ "git commit -am x", "commit | all message=x |" },
		{ "git commit -amx", "commit | all message=x |" },
		{ "git commit -m x -m y", "commit | message=x=y |" },
		{ "git commit -c HEAD -C x", "commit | reedit-message=HEAD reuse-message=x |" },
		{ "git commit -S -m x", "commit | gpg-sign message=x |" },
		{ "git commit -Sk -m x", "commit | gpg-sign=k message=x |" },
		{ "git checkout -b x -- y", "checkout | b=x | y" },
		{ "git clean -fdx", "clean | force d x |" },
		{ "git log -5 -p -S x", "log | max-count=5 patch pickaxe=x |" },
		{ "git log -n5", "log | max-count=5 |" },
		{ "git log --onel", "log | oneline |" },
		{ "git stash", "stash | |" },
		{ "git stash push -m x", "stash push | message=x |" },
		{ "git stash -u", "stash | include-untracked |" },
		{ "git remote -v", "remote | verbose |" },
		{ "git remote -v show x", "remote show | verbose | x" },
		{ "git remote rm x", "remote remove | | x" },
		{ "git submodule foreach --recursive git push -f", "submodule foreach | recursive | git push -f" },
		{ "git bisect run make -j2", "bisect run | | make -j2" },
		{ "git worktree add -b x ../y", "worktree add | b=x | ../y" },
		{ "git config --get x.y", "config | get | x.y" },
		{ "git config set x.y z", "config set | | x.y z" },
		{ "git stage x", "add | | x" },
		{ "git branch --contains x", "branch | contains=x |" },
		{ "git branch --no-contains x", "branch | no-contains=x |" },
		{ "git branch --contai x", "branch | contains=x |" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_str(shown(rows[i].line), rows[i].want);
}

static void
test_globals(void **state)
{
	struct parsed p;

	(void)state;
	/* No abbreviation, no bundling, no value glued to a letter. */
	p = parse("git --git-d=x push");
	assert_true(p.refused && p.maybe);
	p = parse("git -Cx push");
	assert_true(p.refused && p.maybe);
	p = parse("git --new-thing push origin main");
	assert_true(p.maybe);
	p = parse("git psuh x");
	assert_int_equal(p.command->npath, 0);
	assert_str(p.unknown_word, "psuh");
	p = parse("git PUSH");
	assert_int_equal(p.command->npath, 0);
	p = parse("git remote frob x");
	assert_true(p.maybe);
	assert_str(p.unknown_word, "frob");
	p = parse("git --version");
	assert_int_equal(p.command->npath, 0);
	assert_str(p.unknown_word, "");
	p = parse("git push --help");
	assert_true(p.help);
	p = parse("git checkout a -- b");
	assert_int_equal(p.dashdash, 2);
	p = parse("git checkout -- b");
	assert_int_equal(p.dashdash, 1);
	p = parse("git checkout a b");
	assert_int_equal(p.dashdash, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_config_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_config_print, setup, teardown),
		cmocka_unit_test_setup_teardown(test_config_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_config_truth, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ref_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_short_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refspecs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refspec_maps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_blob_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_options, setup, teardown),
		cmocka_unit_test_setup_teardown(test_globals, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
