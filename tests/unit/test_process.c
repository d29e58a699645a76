/* SPDX-License-Identifier: ISC */
/*
 * test_process.c: processes, and agents above them, by what /proc says of
 * children that this test starts.
 */
#include "bridle/local.h"

#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that waits, started under a name and with an environment; below it,
 * when asked, another one with neither. */
static pid_t
start(const char *arg0, const char *env0)
{
	int ready[2];
	char c;
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		char name[64], env[64];
		snprintf(name, sizeof(name), "%s", arg0);
		snprintf(env, sizeof(env), "%s", env0);
		char script[] = "echo x; exec >&-; read x", flag[] = "-c";
		char *argv[] = { name, flag, script, NULL };
		char *envp[] = { env, NULL };
		int fds[2];
		if (pipe(fds) != 0)
			_exit(1);
		dup2(fds[0], 0); /* never ends: this process holds the other end */
		dup2(ready[1], 1);
		execve("/bin/sh", argv, envp);
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

static void
stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
test_self(void **state)
{
	struct local_process p, q;
	(void)state;
	assert_int_equal(local_process(getpid(), &p), 0);
	assert_int_equal(p.parent, getppid());
	assert_true(p.start > 0);
	assert_int_equal(local_process(getpid(), &q), 0);
	assert_int_equal(p.start, q.start);
	assert_int_equal(local_process(0x7ffffff0, &p), BRIDLE_ENOENT);
}

static void
test_agents(void **state)
{
	static const struct {
		const char *arg0, *env0, *name; /* NULL: none at this process */
	} rows[] = {
		{ "sh", "A=1", NULL },
		{ "sh", "CLAUDECODE=1", "agent" },
		{ "sh", "XCLAUDECODE=1", NULL },
		{ "/opt/bin/claude", "A=1", "claude" },
		{ "claude2", "A=1", NULL },
		{ "/x/@anthropic-ai/claude-code/cli.js", "A=1", "claude" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pid_t pid = start(rows[i].arg0, rows[i].env0);
		const char *name = "";
		long agent = 0;
		int rc = local_agent_above(pid, NULL, NULL, &name, &agent);
		stop(pid);
		if (rows[i].name != NULL) {
			assert_int_equal(rc, 0);
			assert_string_equal(name, rows[i].name);
			assert_int_equal(agent, pid);
		} else
			assert_true(rc != 0 || agent != pid); /* this test itself may run below one */
	}
}

static bool
is_known(void *ctx, const struct local_process *p)
{
	return p->pid == *(pid_t *)ctx;
}

static void
test_known(void **state)
{
	struct arena *a = arena_new(0);
	pid_t self = getpid(), pid = start("sh", "A=1");
	const char *name;
	long agent;
	struct str why = { NULL, 0 };
	(void)state;
	assert_int_equal(local_agent_above(pid, is_known, &self, &name, &agent), 0);
	assert_int_equal(agent, self);
	assert_int_equal(local_person(pid, is_known, &self, a, &why), BRIDLE_EINVAL);
	assert_true(why.n > 0);
	assert_int_equal(local_person(0x7ffffff0, NULL, NULL, a, &why), BRIDLE_EINVAL);
	stop(pid);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_self),
		cmocka_unit_test(test_agents),
		cmocka_unit_test(test_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
