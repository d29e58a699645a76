/* SPDX-License-Identifier: ISC */
/*
 * bench_decide.c: what deciding costs, in microseconds of CPU: the shipped
 * fly.policy, the real world, an arena that is used again as the daemon's is.
 * The repositories are made here: one ref, and 10,000 of them packed.
 */
#include "bridle/decide.h"
#include "bridle/local.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 7
#define TIMES 400
#define COMMIT "0123456789012345678901234567890123456789"

static double
cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static FILE *
create(const char *dir, const char *name)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	for (char *p = path + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		if (mkdir(path, 0777) != 0 && errno != EEXIST)
			exit(1);
		*p = '/';
	}
	f = fopen(path, "w");
	if (f == NULL)
		exit(1);
	return f;
}

static void
put(const char *dir, const char *name, const char *text)
{
	FILE *f = create(dir, name);

	if (fputs(text, f) < 0 || fclose(f) != 0)
		exit(1);
}

/* A clone on feat/x, which its upstream has as well; all refs are packed. */
static void
make_repository(const char *dir, unsigned refs)
{
	FILE *f = create(dir, ".git/packed-refs");

	fputs("# pack-refs with: peeled fully-peeled sorted \n", f);
	fprintf(f, COMMIT " refs/heads/feat/x\n");
	for (unsigned i = 0; i < refs; i++)
		fprintf(f, COMMIT " refs/remotes/origin/feat/number-%05u-of-the-team\n", i);
	fprintf(f, COMMIT " refs/remotes/origin/feat/x\n");
	if (fclose(f) != 0)
		exit(1);
	put(dir, ".git/HEAD", "ref: refs/heads/feat/x\n");
	put(dir, ".git/objects/none", "");
	put(dir, ".git/refs/heads/none.lock", "");
	put(dir, ".git/config",
	    "[core]\n\trepositoryformatversion = 0\n\tbare = false\n"
	    "[remote \"origin\"]\n\turl = https://example.com/shop.git\n"
	    "\tfetch = +refs/heads/*:refs/remotes/origin/*\n"
	    "[branch \"feat/x\"]\n\tremote = origin\n\tmerge = refs/heads/feat/x\n");
	put(dir, "fly.toml", "app = \"app-api\"\nprimary_region = \"lhr\"\n");
}

static enum verdict
once(const struct policy *p, struct arena *a, const char *cwd, const char *line)
{
	static const char *const env[] = { "HOME=/nonexistent", "PATH=/usr/bin:/bin", NULL };
	struct local_world lw;
	struct world w;
	struct request q = { .kind = REQUEST_SHELL, .text = str_of(line), .cwd = str_of(cwd),
		.project = str_of(cwd), .home = STR("/nonexistent"), .agent = STR("claude"),
		.mode = STR("default"), .tool = STR("Bash") };
	struct decision d;
	enum verdict v;

	local_world_init(&lw, a, env, &w);
	decide(p, &w, &q, a, &d);
	v = d.verdict;
	local_world_close(&lw);
	arena_reset(a);
	return v;
}

/* The best round: what others do on the machine only adds. */
static void
measure(const struct policy *p, const char *what, const char *cwd, const char *line)
{
	struct arena *a = arena_new(0);
	double best = 0;
	enum verdict v = once(p, a, cwd, line);

	for (int round = 0; round < ROUNDS; round++) {
		double start = cpu_us(), one;

		for (int i = 0; i < TIMES; i++)
			once(p, a, cwd, line);
		one = (cpu_us() - start) / TIMES;
		best = round == 0 || one < best ? one : best;
	}
	printf("%-44s %8.1f us of CPU (%s)\n", what, best, verdict_name(v));
	arena_free(a);
}

int
main(void)
{
	char dir[] = "/tmp/bridle-bench.XXXXXX", few[64], many[64], command[96];
	static const char *const files[] = { "policies/fly.policy" };
	struct local_places places = { 0 };
	struct local_policy_options o = { .files = files, .nfiles = 1, .no_tests = true };
	struct local_policy *lp = local_policy_load(&places, &o);

	if (lp == NULL || lp->policy == NULL || mkdtemp(dir) == NULL)
		return 1;
	snprintf(few, sizeof few, "%s/few", dir);
	snprintf(many, sizeof many, "%s/many", dir);
	make_repository(few, 1);
	make_repository(many, 10000);
	measure(lp->policy, "decide: ls -la", few, "ls -la");
	measure(lp->policy, "decide: fly status -a app-api-staging", few, "fly status -a app-api-staging");
	measure(lp->policy, "decide: fly deploy -a app-api", few, "fly deploy -a app-api");
	measure(lp->policy, "decide: fly deploy, the app from fly.toml", few, "fly deploy");
	measure(lp->policy, "decide: git status", few, "git status");
	measure(lp->policy, "decide: git push, 3 refs", few, "git push");
	measure(lp->policy, "decide: git push, 10,000 refs", many, "git push");
	measure(lp->policy, "decide: git push origin HEAD, 10,000 refs", many, "git push origin HEAD");
	local_policy_free(lp);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command) == 0 ? 0 : 1;
}
