/* SPDX-License-Identifier: ISC */
/*
 * test_git.c: git commands read in a world of tables, above all where that
 * world is bad: configuration that is broken, too large or a loop, refs that
 * are garbage, repositories of others. The answer is unknown, with its reason,
 * in bounded time; never a wrong certainty.
 */
#include "bridle/decide.h"
#include "bridle/limits.h"

#include "check.h"

#include <string.h>

#define SHA "1111111111111111111111111111111111111111\n"

static struct arena *a;
static struct table_world table;
static struct world world;
static struct request rq;
static struct actions acts;

static void
file(const char *path, struct str text)
{
	table_world_file(&table, path_join(a, STR("/project"), str_of(path)), text);
}

static void
text(const char *path, const char *content)
{
	file(path, str_of(content));
}

static int
setup(void **state)
{
	(void)state;
	a = arena_new(0);
	if (a == NULL)
		return 1;
	decide_test_world(&table, &rq, a, &world);
	text(".git/HEAD", "ref: refs/heads/feat/x\n");
	text(".git/config", "[remote \"origin\"]\n\turl = git@github.com:acme/app.git\n");
	text(".git/refs/heads/feat/x", SHA);
	text(".git/refs/heads/main", SHA);
	text(".git/objects/info/packs", "");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static void
run(const char *line)
{
	rq.kind = REQUEST_SHELL;
	rq.text = str_of(line);
	memset(&acts, 0, sizeof acts);
	assert_int_equal(tools_read(models_new(a), &world, &rq, a, &acts), 0);
}

/* The last git command of the line. */
static const struct action *
git_action(void)
{
	const struct action *last = NULL;

	for (size_t i = 0; i < acts.list.n; i++)
		if (acts.list.v[i]->kind == ACTION_COMMAND && str_is(acts.list.v[i]->tool, "git"))
			last = acts.list.v[i];
	assert_non_null(last);
	return last;
}

/* The field's one value, "-" where it is absent, "?" and why where unknown. */
static struct str
field(const char *name)
{
	const struct field *f = action_field(git_action(), name);
	struct str v;

	if (f == NULL || f->state == FIELD_ABSENT)
		return STR("-");
	if (f->state == FIELD_UNKNOWN)
		return str_cat(a, STR("? "), f->why);
	assert_true(f->values.n >= 1);
	return word_known(a, f->values.v[0], &v) ? v : STR("?");
}

static void
assert_unknown_ref(const char *line, const char *why)
{
	struct str got;

	run(line);
	got = field("ref");
	if (str_find(got, str_of(why)) == STR_NPOS || got.n == 0 || got.p[0] != '?')
		print_error("%s: " STR_FMT "\n", line, STR_ARG(got));
	assert_true(got.n > 0 && got.p[0] == '?');
	assert_true(str_find(got, str_of(why)) != STR_NPOS);
}

static void
test_plain(void **state)
{
	(void)state;
	run("git push origin HEAD");
	assert_str(field("ref"), "refs/heads/feat/x");
	assert_str(field("branch"), "feat/x");
	assert_str(field("remote"), "origin");
	assert_str(field("url"), "git@github.com:acme/app.git");
	assert_str(field("force"), "no");
	assert_str(field("delete"), "no");
	run("git push -f origin :x");
	assert_str(field("ref"), "refs/heads/x");
	assert_str(field("force"), "yes");
	assert_str(field("delete"), "yes");
	assert_str(field("effect"), "destroy");
	run("git status");
	assert_str(field("branch"), "feat/x");
	assert_str(field("effect"), "read");
}

static void
test_broken_config(void **state)
{
	(void)state;
	text(".git/config", "[remote \"origin\"\n\turl = x\n");
	assert_unknown_ref("git push", "/project/.git/config is broken");
	assert_unknown_ref("git push origin feat/x", "/project/.git/config is broken");
	/* What is written in full needs no configuration. */
	run("git push origin HEAD:refs/heads/main");
	assert_str(field("ref"), "refs/heads/main");
}

static void
test_large_config(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, a);
	while (b.n <= LIMIT_FILE)
		buf_puts(&b, "[remote \"origin\"]\n\turl = git@github.com:acme/app.git\n");
	file(".git/config", buf_str(&b));
	assert_unknown_ref("git push", "cannot be read");
}

static void
test_include_loop(void **state)
{
	(void)state;
	text(".git/config", "[remote \"origin\"]\n\turl = x\n[include]\n\tpath = config\n");
	assert_unknown_ref("git push origin feat/x", "includes too many files");
	text(".git/config", "[include]\n\tpath = ../a\n");
	text("a", "[include]\n\tpath = b\n");
	text("b", "[include]\n\tpath = a\n");
	assert_unknown_ref("git push origin feat/x", "includes too many files");
}

static void
test_many_includes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, a);
	buf_puts(&b, "[remote \"origin\"]\n\turl = git@github.com:acme/app.git\n[include]\n");
	for (unsigned i = 0; i <= LIMIT_INCLUDES; i++) {
		buf_printf(&b, "\tpath = inc%u\n", i);
		text(str_printf(a, ".git/inc%u", i).p, "[user]\n\tname = x\n");
	}
	file(".git/config", buf_str(&b));
	assert_unknown_ref("git push origin feat/x", "includes too many files");
}

static void
test_includes(void **state)
{
	(void)state;
	text(".git/config", "[remote \"origin\"]\n\turl = x\n[include]\n\tpath = more\n\tpath = ~/mine\n\tpath = gone\n"
			    "[includeIf \"gitdir:/project/\"]\n\tpath = here\n"
			    "[includeIf \"gitdir:/elsewhere/\"]\n\tpath = there\n"
			    "[includeIf \"onbranch:feat/\"]\n\tpath = topic\n"
			    "[includeIf \"onbranch:main\"]\n\tpath = trunk\n"
			    "[includeIf \"hasconfig:remote.*.url:x\"]\n\tpath = url\n"
			    "[includeIf \"unheard:of\"]\n\tpath = there\n");
	text(".git/more", "[remote \"origin\"]\n\tpush = feat/x:a\n");
	table_world_file(&table, STR("/home/dev/mine"), STR("[remote \"origin\"]\n\tpush = feat/x:b\n"));
	text(".git/here", "[remote \"origin\"]\n\tpush = feat/x:c\n");
	text(".git/there", "[remote \"origin\"]\n\tpush = feat/x:d\n");
	text(".git/topic", "[remote \"origin\"]\n\tpush = feat/x:e\n");
	text(".git/trunk", "[remote \"origin\"]\n\tpush = feat/x:f\n");
	text(".git/url", "[remote \"origin\"]\n\tpush = feat/x:g\n");
	run("git push");
	assert_str(field("ref"), "refs/heads/g"); /* the last of several updates */
	assert_int_equal(acts.list.n, 5);
}

static void
test_git_file_to_nowhere(void **state)
{
	(void)state;
	text("sub/.git", "gitdir: ../nowhere\n");
	rq.cwd = STR("/project/sub");
	assert_unknown_ref("git push origin feat/x", "/project/sub/.git leads to no repository");
	text("sub/.git", "what is this\n");
	assert_unknown_ref("git push", "/project/sub/.git leads to no repository");
	text("sub/.git", "gitdir: ");
	assert_unknown_ref("git push", "/project/sub/.git leads to no repository");
}

static void
test_linked_worktree(void **state)
{
	(void)state;
	table_world_file(&table, STR("/linked/.git"), STR("gitdir: /project/.git/worktrees/w\n"));
	text(".git/worktrees/w/HEAD", "ref: refs/heads/main\n");
	text(".git/worktrees/w/commondir", "../..\n");
	rq.cwd = STR("/linked");
	run("git push origin HEAD");
	assert_str(field("ref"), "refs/heads/main");
	assert_str(field("url"), "git@github.com:acme/app.git");
	/* "." is this repository too, by way of its .git file. */
	text(".git/objects/pack/x", "");
	run("git push . feat/x");
	assert_true(git_action()->runs);
	assert_str(field("ref"), "refs/heads/feat/x");
	run("git push . :nothere");
	assert_false(git_action()->runs);
	table_world_file(&table, STR("/linked/.git"), STR("gitdir: /nowhere\n"));
	assert_unknown_ref("git push .", "/linked/.git leads to no repository");
}

static void
test_garbage_refs(void **state)
{
	(void)state;
	text(".git/refs/heads/feat/x", "not a hash\n");
	assert_unknown_ref("git push origin feat/x", "");
	text(".git/HEAD", "garbage");
	assert_unknown_ref("git push", "");
	text(".git/HEAD", "ref: refs/heads/..\n");
	assert_unknown_ref("git push origin HEAD", "");
	text(".git/HEAD", "ref: refs/heads/loop\n");
	text(".git/refs/heads/loop", "ref: refs/heads/loop\n");
	assert_unknown_ref("git push origin HEAD", "");
	text(".git/HEAD", "");
	assert_unknown_ref("git push origin HEAD", "");
}

static void
test_symbolic_refs(void **state)
{
	(void)state;
	text(".git/refs/heads/alias", "ref: refs/heads/main\n");
	run("git push origin alias");
	assert_str(field("ref"), "refs/heads/main");
	text(".git/HEAD", "ref: refs/heads/alias\n");
	run("git push origin HEAD");
	assert_str(field("ref"), "refs/heads/main");
}

static void
test_other_storage(void **state)
{
	(void)state;
	text(".git/config", "[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefStorage = reftable\n"
			    "[remote \"origin\"]\n\turl = x\n");
	text(".git/HEAD", "ref: refs/heads/.invalid\n");
	assert_unknown_ref("git push", "current branch is not known");
	assert_unknown_ref("git push origin HEAD", "current branch is not known");
	run("git push origin HEAD:refs/heads/main");
	assert_str(field("ref"), "refs/heads/main");
}

/* All but the home belongs to someone else. */
static int
others_stat(void *ctx, struct str path, bool follow, struct world_stat *out)
{
	static struct world plain;
	static struct table_world *of;
	int err;

	if (of != ctx) {
		struct arena *b = arena_new(0);
		struct table_world t;

		of = ctx;
		table_world_init(&t, b, &plain);
		arena_free(b);
	}
	err = plain.stat(ctx, path, follow, out);
	if (err == 0)
		out->uid = path_under(path, STR("/home/dev")) ? 1000 : 1001;
	return err;
}

static void
test_owner(void **state)
{
	(void)state;
	table_world_file(&table, STR("/home/dev/x"), STR(""));
	world.stat = others_stat;
	assert_unknown_ref("git push", "belongs to another user");
	assert_unknown_ref("git push origin feat/x", "belongs to another user");
	table_world_file(&table, STR("/home/dev/.gitconfig"), STR("[safe]\n\tdirectory = /project\n"));
	run("git push origin feat/x");
	assert_str(field("ref"), "refs/heads/feat/x");
	table_world_file(&table, STR("/home/dev/.gitconfig"), STR("[safe]\n\tdirectory = *\n\tdirectory =\n"));
	assert_unknown_ref("git push origin feat/x", "belongs to another user");
	/* The repository cannot vouch for itself. */
	table_world_file(&table, STR("/home/dev/.gitconfig"), STR(""));
	text(".git/config", "[safe]\n\tdirectory = *\n[remote \"origin\"]\n\turl = x\n");
	assert_unknown_ref("git push origin feat/x", "belongs to another user");
}

static size_t read_parts; /* bytes */
static int (*table_part)(void *ctx, struct arena *in, struct str path, uint64_t offset, size_t n,
    struct str *out);

static int
counted_part(void *ctx, struct arena *in, struct str path, uint64_t offset, size_t n, struct str *out)
{
	int err = table_part(ctx, in, path, offset, n, out);

	read_parts += err == 0 ? out->n : 0;
	return err;
}

static void
test_packed_refs(void **state)
{
	static const char *const heads[] = { "# pack-refs with: peeled fully-peeled sorted \n", "" };
	static const char *const names[] = { "b0000", "b0001", "b4999", "b9998", "b9999" };

	(void)state;
	table_part = world.part;
	world.part = counted_part;
	for (size_t h = 0; h < 2; h++) {
		struct buf b;

		buf_init(&b, a);
		buf_puts(&b, heads[h]);
		for (unsigned i = 0; i < 10000; i++) {
			buf_printf(&b, "1111111111111111111111111111111111111111 refs/heads/b%04u\n", i);
			if (i % 3 == 0)
				buf_puts(&b, "^2222222222222222222222222222222222222222\n");
		}
		file(".git/packed-refs", buf_str(&b));
		text(".git/objects/pack/x", ""); /* whole: what is not there is not there */
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
			read_parts = 0;
			run(str_printf(a, "git push origin %s", names[i]).p);
			/* By halves where the file is sorted; each of git's rules for short names
			 * is looked up, the file of 750 kB is not read. */
			if (h == 0 ? read_parts == 0 || read_parts > 160000 : read_parts > 2000)
				fail_msg("%s: %zu bytes", names[i], read_parts);
			assert_str(git_action()->error, "");
			assert_str(field("ref"), str_printf(a, "refs/heads/%s", names[i]).p);
		}
		run("git push origin z10000");
		assert_false(git_action()->runs);
		assert_str(git_action()->error, "src refspec z10000 does not match any");
		run("git push --all origin");
		assert_true(action_field(git_action(), "ref")->values.n > 9000); /* too many for an action each */
	}
	text(".git/packed-refs", "\n\n^x\nrefs/heads/q\n1111 refs/heads/r\n# sorted\n\xff\xfe");
	run("git push origin feat/x");
	assert_str(field("ref"), "refs/heads/feat/x");
}

static void
test_alternatives(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, a);
	for (unsigned i = 0; i < 2 * LIMIT_ALTERNATIVES; i++) {
		text(str_printf(a, ".git/refs/heads/n%u", i).p, SHA);
		buf_printf(&b, "git checkout n%u; ", i);
	}
	buf_puts(&b, "git push origin HEAD");
	assert_unknown_ref(str_c(a, buf_str(&b)), "");
	run("git checkout main; git push origin HEAD");
	assert_true(acts.list.n >= 3); /* both are judged */
}

static void
test_alias_limit(void **state)
{
	bool told = false;

	(void)state;
	run("git -c alias.a=b -c alias.b=a a");
	for (size_t i = 0; i < acts.list.n; i++)
		told = told || (acts.list.v[i]->kind == ACTION_UNKNOWN && acts.list.v[i]->unknown == UNKNOWN_LIMIT);
	assert_true(told);
	run("git -c 'alias.a=!git a' a");
	told = false;
	for (size_t i = 0; i < acts.list.n; i++)
		told = told || (acts.list.v[i]->kind == ACTION_UNKNOWN && acts.list.v[i]->unknown == UNKNOWN_LIMIT);
	assert_true(told);
	run("git -c 'alias.a=push \"' a");
	assert_int_equal(acts.list.v[0]->kind, ACTION_UNKNOWN);
}

static void
test_outside(void **state)
{
	(void)state;
	rq.cwd = STR("/nowhere");
	assert_unknown_ref("git push", "there is no git repository");
	run("git push origin main");
	assert_str(field("ref"), "refs/heads/main");
	run("cd \"$DIR\" && git push origin HEAD");
	assert_true(field("ref").p[0] == '?');
}

static void
test_odd_words(void **state)
{
	static const char *const lines[] = { "git", "git ''", "git -", "git --", "git -C", "git -c", "git --git-dir",
		"git push ''", "git push '' ''", "git push origin ''", "git push origin ':'", "git push origin '+'",
		"git push origin '^'", "git push origin 'a:b:c'", "git push origin tag", "git -C '' push",
		"git --git-dir= push", "git -c = push", "git -c a push", "git -c a.b= push", "git --config-env= push",
		"git --config-env=a.b=NONE push", "git push --repo=", "git push -o", "git push --force-with-lease=",
		"git checkout -b", "git checkout --", "git config", "git config ''", "git config a.b '' ''",
		"git remote add", "git remote set-url x", "git branch -m", "git symbolic-ref HEAD ''", "git update-ref",
		"git stash push --", "git add ''", "git add ':('", "git add '*'", "git add ../../..", "git -c alias.x= x",
		"GIT_DIR= git push", "GIT_DIR=/dev/null git push", "GIT_CONFIG_COUNT=x git push",
		"GIT_CONFIG_COUNT=99999999999999999999 git push", "GIT_CONFIG_COUNT=2 git push",
		"GIT_CONFIG_PARAMETERS=\"'\" git push", "GIT_CONFIG_PARAMETERS=x git push", "HOME= git push",
		"git submodule foreach", "git bisect run", "git for-each-repo", "git rebase -x", "git fetch ext::" };

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		run(lines[i]);
		assert_true(acts.list.n > 0);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_plain),
		T(test_broken_config),
		T(test_large_config),
		T(test_include_loop),
		T(test_many_includes),
		T(test_includes),
		T(test_git_file_to_nowhere),
		T(test_linked_worktree),
		T(test_garbage_refs),
		T(test_symbolic_refs),
		T(test_other_storage),
		T(test_owner),
		T(test_packed_refs),
		T(test_alternatives),
		T(test_alias_limit),
		T(test_outside),
		T(test_odd_words),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
