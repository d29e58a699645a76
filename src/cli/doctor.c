/* SPDX-License-Identifier: ISC */
/*
 * doctor.c: the checks that look at other programs: the client's release, the
 * wrapper in PATH, and a test event through the real shim and daemon. The
 * client's own rules: clientrules.c; fly beside its model: flycheck.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridle/agents.h"
#include "bridle/limits.h"
#include "bridle/proto.h"
#include "health.h"
#include "install.h"

#define PROGRAM_MS 10000

/* ---- running a program: its output, at most 64 KiB, in at most 10 s ---- */
static int
collect(int fd, pid_t pid, struct arena *a, struct str *out)
{
	struct pollfd p = { fd, POLLIN, 0 };
	struct buf b;
	char block[4096];
	ssize_t n;
	int status;

	buf_init(&b, a);
	buf_puts(&b, "");
	while (poll(&p, 1, PROGRAM_MS) == 1 && (n = read(fd, block, sizeof block)) > 0 && b.n < 65536)
		buf_add(&b, (struct str){ block, (size_t)n });
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*out = b.n > 0 ? buf_str(&b) : STR("");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

int
checkup__program(struct arena *a, const char *const argv[], struct str stdin_text, struct str *out)
{
	int in[2], from[2];
	void (*was)(int);
	pid_t pid;

	*out = STR("");
	if (pipe2(in, O_CLOEXEC) != 0)
		return -1;
	if (pipe2(from, O_CLOEXEC) != 0) {
		close(in[0]);
		close(in[1]);
		return -1;
	}
	if ((pid = fork()) == 0) {
		dup2(in[0], 0);
		dup2(from[1], 1);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(in[0]);
	close(from[1]);
	was = signal(SIGPIPE, SIG_IGN); /* it may end before it has read */
	if (pid > 0 && stdin_text.n > 0 && write(in[1], stdin_text.p, stdin_text.n) < 0)
		errno = EIO;
	(void)signal(SIGPIPE, was);
	close(in[1]);
	if (pid < 0) {
		close(from[0]);
		return -1;
	}
	int status = collect(from[0], pid, a, out);
	close(from[0]);
	return status;
}

/* The first program of this name in PATH; false: none. */
static bool
in_path(struct arena *a, const char *name, struct str *out)
{
	struct str path = str_of(getenv("PATH"));

	while (path.n > 0) {
		size_t colon = str_chr(path, ':');
		struct str dir = str_sub(path, 0, colon);
		struct str full = str_printf(a, STR_FMT "/%s", STR_ARG(dir.n == 0 ? STR(".") : dir), name);
		struct stat st;

		if (stat(full.p, &st) == 0 && S_ISREG(st.st_mode) && access(full.p, X_OK) == 0) {
			*out = full;
			return true;
		}
		path = colon == STR_NPOS ? STR("") : str_sub(path, colon + 1, path.n);
	}
	return false;
}

/* ---- the client ---- */
/* "2.1.330 (Claude Code)": is it at least 2.1.295, the first with onFailure? */
static bool
knows_on_failure(struct str version)
{
	static const uint64_t least[3] = { 2, 1, 295 };

	for (size_t i = 0; i < 3; i++) {
		size_t digits = 0;
		uint64_t n;

		while (digits < version.n && version.p[digits] >= '0' && version.p[digits] <= '9')
			digits++;
		if (str_u64(str_sub(version, 0, digits), &n) != 0)
			return false;
		if (n != least[i])
			return n > least[i];
		version = str_sub(version, digits + 1, version.n);
	}
	return true;
}

void
checkup__client(struct checkup *k)
{
	const char *argv[] = { "claude", "--version", NULL };
	struct str path, version;

	if (!in_path(k->a, "claude", &path)) {
		checkup__say(k, HEALTH_NOTE, "client", STR("claude is not in PATH: its release is not known"), STR(""));
		return;
	}
	if (checkup__program(k->a, argv, STR(""), &version) != 0 || str_trim(version).n == 0) {
		checkup__say(k, HEALTH_NOTE, "client", STR("claude --version says nothing"), STR(""));
		return;
	}
	version = str_trim(version);
	version = str_sub(version, 0, str_chr(version, '\n'));
	if (knows_on_failure(version))
		checkup__say(k, HEALTH_GOOD, "client", str_printf(k->a, "claude " STR_FMT, STR_ARG(version)), STR(""));
	else
		checkup__say(k, HEALTH_BAD, "client", str_printf(k->a, "claude " STR_FMT " does not know onFailure: "
		    "a hook that cannot start lets the call run", STR_ARG(version)), STR("update it to 2.1.295 or later"));
}

/* ---- the wrapper ---- */
static bool
is_wrapper(struct arena *a, struct str path)
{
	char real[PATH_MAX];

	return realpath(str_c(a, path), real) != NULL && str_is(path_base(str_of(real)), "bridle-hook");
}

/* Somewhere in PATH, but is it first? */
static bool
wrapper_anywhere(struct arena *a, const char *name)
{
	struct str path = str_of(getenv("PATH"));

	while (path.n > 0) {
		size_t colon = str_chr(path, ':');

		if (is_wrapper(a, str_printf(a, STR_FMT "/%s", STR_ARG(str_sub(path, 0, colon)), name)))
			return true;
		path = colon == STR_NPOS ? STR("") : str_sub(path, colon + 1, path.n);
	}
	return false;
}

bool
checkup__real_program(struct arena *a, const char *name, struct str *out)
{
	struct str path = str_of(getenv("PATH"));

	while (path.n > 0) {
		size_t colon = str_chr(path, ':');

		*out = str_printf(a, STR_FMT "/%s", STR_ARG(str_sub(path, 0, colon)), name);
		if (colon != 0 && access(out->p, X_OK) == 0 && !is_wrapper(a, *out))
			return true;
		path = colon == STR_NPOS ? STR("") : str_sub(path, colon + 1, path.n);
	}
	return false;
}

void
checkup__wrapper(struct checkup *k)
{
	static const char *const names[] = { "fly", "flyctl" };
	struct str first, dir = wrapper_dir(k->a);

	for (size_t i = 0; i < 2; i++) {
		if (!wrapper_anywhere(k->a, names[i])) {
			if (i == 0 && dir.n > 0 && is_wrapper(k->a, path_join(k->a, dir, STR("fly"))))
				checkup__say(k, HEALTH_NOTE, "wrapper", str_printf(k->a, "linked in " STR_FMT
				    ", which is not in PATH here: fly in scripts is not judged", STR_ARG(dir)),
				    STR("`bridle wrap status` says what to put into your shell's start-up file"));
			continue;
		}
		if (in_path(k->a, names[i], &first) && is_wrapper(k->a, first))
			checkup__say(k, HEALTH_GOOD, "wrapper", str_printf(k->a, "%s is the wrapper (" STR_FMT ")", names[i], STR_ARG(first)), STR(""));
		else
			checkup__say(k, HEALTH_BAD, "wrapper", str_printf(k->a, "another %s comes before the wrapper in PATH: " STR_FMT,
			    names[i], STR_ARG(first)), STR("put the wrapper's folder first in PATH"));
	}
}

/* ---- the real pipe ---- */
static void
check_pipe(struct checkup *k)
{
	static const char event[] = "{\"session_id\":\"bridle-doctor\",\"cwd\":\"/\",\"hook_event_name\":\"PreToolUse\","
	    "\"permission_mode\":\"default\",\"tool_name\":\"Bash\",\"tool_input\":{\"command\":\"true\"},"
	    "\"tool_use_id\":\"toolu_doctor\"}";
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	struct str hook = STR("bridle-hook"), out;
	const char *argv[] = { NULL, "PreToolUse", NULL };
	const char *why;
	cJSON *root;
	int status;

	if (n > 0) {
		self[n] = '\0';
		hook = path_join(k->a, path_dir(str_of(self)), STR("bridle-hook"));
	}
	if (access(str_c(k->a, hook), X_OK) != 0)
		hook = STR("bridle-hook");
	argv[0] = str_c(k->a, hook);
	if (k->socket != NULL)
		setenv("BRIDLE_SOCKET", k->socket, 1);
	status = checkup__program(k->a, argv, str_of(event), &out);
	if (status == 0 && (out.n == 0 || (json_read(k->a, out, &root, &why) == 0 && str_find(out, STR("\"allow\"")) != STR_NPOS)))
		checkup__say(k, HEALTH_GOOD, "pipe", STR("a test event went through the shim and the daemon and back"), STR(""));
	else
		checkup__say(k, HEALTH_BAD, "pipe", str_printf(k->a, "a test event through " STR_FMT " came back as: exit %d, " STR_FMT,
		    STR_ARG(hook), status, STR_ARG(out.n > 0 ? str_sub(out, 0, 300) : STR("nothing"))),
		    STR("what it says tells where it broke"));
}

void
checkup__thorough(struct checkup *k)
{
	check_pipe(k);
	checkup__fly(k);
}
