/* SPDX-License-Identifier: ISC */
/*
 * hook.c: the shim that the agent runs before each tool call. It sends the
 * event on stdin to the daemon and writes the daemon's answer. The agent lets
 * the call run when a hook crashes, times out or prints anything but one whole
 * object; so whatever goes wrong here ends in a constant answer, or in exit
 * status 2, which always refuses. Next: link.c.
 */
#include "hook.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define DEADLINE_MS 2000
#define DEADLINE_MIN 10
#define DEADLINE_MAX 600000
#define EXIT_DENY 2

enum failure { FAILURE_ASK, FAILURE_DENY, FAILURE_PASS };

struct options {
	const char *agent, *event;
	int deadline;
	enum failure failure;
};

static bool guarding = true; /* this event lets a call run or not */

static _Noreturn void
finish(int status)
{
	_exit(status);
}

/* ---- without the daemon --------------------------------------------------- */

/* Events that come after the fact or ask nothing: without a daemon they are
 * passed over. Any other name guards. */
static const char *const harmless[] = { "SessionStart", "Setup", "UserPromptSubmit",
	"UserPromptExpansion", "PermissionRequest", "PermissionDenied", "PostToolUse",
	"PostToolUseFailure", "PostToolBatch", "Notification", "MessageDisplay", "SubagentStart",
	"SubagentStop", "TaskCreated", "TaskCompleted", "Stop", "StopFailure", "TeammateIdle",
	"InstructionsLoaded", "ConfigChange", "CwdChanged", "DirectoryAdded", "FileChanged",
	"WorktreeCreate", "WorktreeRemove", "PreCompact", "PostCompact", "Elicitation",
	"ElicitationResult", "SessionEnd" };

static bool
guards(const char *event)
{
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (strcmp(event, harmless[i]) == 0)
			return false;
	return true;
}

static _Noreturn void
refuse(const char *sentence)
{
	hook__puts(STDERR_FILENO, sentence);
	hook__puts(STDERR_FILENO, "\n");
	finish(EXIT_DENY);
}

/* The whole answer with one write, or exit status 2; also when nobody takes it
 * from a full pipe in time: then SIGALRM comes. */
static _Noreturn void
answer(const char *bytes, size_t n, int status)
{
	static const struct itimerval patience = { .it_value = { .tv_sec = 1 } };
	if (n > 0) {
		ssize_t sent;
		setitimer(ITIMER_REAL, &patience, NULL);
		do
			sent = write(STDOUT_FILENO, bytes, n);
		while (sent < 0 && errno == EINTR);
		if (sent != (ssize_t)n && guarding)
			refuse("bridle could not write its answer, so the call is refused.");
	}
	finish(status);
}

/* Agents that take a question or a refusal as JSON; all others get exit
 * status 2, which refuses with every agent. */
static const struct form {
	const char *agent, *event, *ask, *deny, *end;
} forms[] = {
	{ "claude", "PreToolUse",
	    "{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\","
	    "\"permissionDecision\":\"ask\",\"permissionDecisionReason\":\"",
	    "{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\","
	    "\"permissionDecision\":\"deny\",\"permissionDecisionReason\":\"",
	    "\"}}" },
};

static _Noreturn void
fall_back(const struct options *o, enum failure what, const char *sentence)
{
	char text[1024];
	if (!guarding)
		finish(0);
	if (what == FAILURE_PASS) {
		hook__puts(STDERR_FILENO, sentence);
		hook__puts(STDERR_FILENO, "\n");
		finish(0);
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const struct form *f = &forms[i];
		if (strcmp(f->agent, o->agent) != 0 || strcmp(f->event, o->event) != 0)
			continue;
		const char *start = what == FAILURE_ASK ? f->ask : f->deny;
		size_t a = strlen(start), b = strlen(sentence), c = strlen(f->end);
		if (a + b + c > sizeof(text))
			break;
		memcpy(text, start, a);
		memcpy(text + a, sentence, b);
		memcpy(text + a + b, f->end, c);
		answer(text, a + b + c, 0);
	}
	refuse(sentence);
}

static void
on_signal(int number)
{
	(void)number;
	if (guarding)
		refuse("bridle's hook was stopped before it could answer, so the call is refused.");
	finish(0);
}

/* Death by a signal would let the call run: each one that can come refuses. */
static void
catch_signals(void)
{
	static const int caught[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGALRM, SIGSEGV, SIGBUS,
		SIGABRT, SIGILL, SIGFPE, SIGSYS };
	struct sigaction sa;
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sa.sa_handler = on_signal;
	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		sigaction(caught[i], &sa, NULL);
}

/* ---- arguments ------------------------------------------------------------ */

static const char usage[] =
    "usage: bridle-hook [EVENT] [--agent NAME] [--deadline MS] [--on-failure ask|deny|pass]\n";

static _Noreturn void
bad_usage(const char *what)
{
	hook__puts(STDERR_FILENO, "bridle-hook: ");
	hook__puts(STDERR_FILENO, what);
	hook__puts(STDERR_FILENO, "\n");
	hook__puts(STDERR_FILENO, usage);
	finish(EXIT_DENY);
}

/* The value of option `name` at argv[*i], as --name=V or --name V; NULL: not
 * this option. */
static const char *
option(char **argv, int *i, const char *name)
{
	size_t n = strlen(name);
	if (strncmp(argv[*i], name, n) != 0)
		return NULL;
	if (argv[*i][n] == '=')
		return argv[*i] + n + 1;
	if (argv[*i][n] != '\0')
		return NULL;
	if (argv[*i + 1] == NULL)
		bad_usage("the last option needs a value");
	return argv[++*i];
}

static int
milliseconds(const char *text)
{
	int n = 0;
	const char *p = text;
	for (; *p >= '0' && *p <= '9' && n <= DEADLINE_MAX; p++)
		n = n * 10 + (*p - '0');
	if (p == text || *p != '\0' || n < DEADLINE_MIN || n > DEADLINE_MAX)
		bad_usage("--deadline takes 10 to 600000 milliseconds");
	return n;
}

static enum failure
failure_of(const char *text)
{
	if (strcmp(text, "ask") == 0)
		return FAILURE_ASK;
	if (strcmp(text, "deny") == 0)
		return FAILURE_DENY;
	if (strcmp(text, "pass") == 0)
		return FAILURE_PASS;
	bad_usage("--on-failure takes ask, deny or pass");
}

static void
parse(char **argv, struct options *o)
{
	const char *v;
	bool named = false;
	for (int i = 1; argv[0] != NULL && argv[i] != NULL; i++) {
		if ((v = option(argv, &i, "--agent")) != NULL)
			o->agent = v;
		else if ((v = option(argv, &i, "--deadline")) != NULL)
			o->deadline = milliseconds(v);
		else if ((v = option(argv, &i, "--on-failure")) != NULL)
			o->failure = failure_of(v);
		else if (strcmp(argv[i], "--version") == 0)
			answer("bridle-hook " BRIDLE_VERSION "\n",
			    sizeof("bridle-hook " BRIDLE_VERSION "\n") - 1, 0);
		else if (strcmp(argv[i], "--help") == 0)
			answer(usage, sizeof(usage) - 1, 0);
		else if (argv[i][0] == '-' || argv[i][0] == '\0')
			bad_usage("unknown option");
		else if (named)
			bad_usage("more than one event");
		else {
			o->event = argv[i];
			named = true;
		}
	}
}

/* ---- the event ------------------------------------------------------------ */

/* stdin to its end, straight into the frame. A read that fails ends the event
 * there: what is missing makes it bad input, which the daemon asks about. */
static void
add_event(struct frame_out *out, const struct link *l, const struct options *o)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	size_t room, n = 0;
	unsigned char *at = frame_open(out, TAG_PAYLOAD, &room);
	if (at == NULL)
		fall_back(o, FAILURE_DENY, "The agent's environment is too large for bridle.");
	for (;;) {
		if (poll(&p, 1, link__left(l)) == 0)
			fall_back(o, o->failure, "bridle could not judge this: the agent did not "
			                         "send the whole event in time.");
		ssize_t got = read(STDIN_FILENO, at + n, room - n);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
		if (n > LIMIT_EVENT || n == room)
			fall_back(o, FAILURE_DENY, "This call is larger than the 16 MiB that "
			                           "bridle reads, so it is refused.");
	}
	frame_close(out, n);
}

static bool
is_wrapper(const char *argv0)
{
	const char *base = strrchr(argv0, '/');
	return strncmp(base == NULL ? argv0 : base + 1, "bridle-hook", 11) != 0;
}

int
main(int argc, char **argv, char **env)
{
	const char *const *envp = (const char *const *)env;
	struct options o = { .agent = "claude", .event = "PreToolUse", .deadline = DEADLINE_MS };
	struct link l = { .envp = envp, .argv0 = argc > 0 ? argv[0] : "", .fd = -1 };
	struct frame_out out;
	struct frame f;
	if (argc > 0 && is_wrapper(argv[0]))
		return wrap_main(argc, argv, env);
	l.deadline = link__now();
	catch_signals();
	parse(argv, &o);
	guarding = guards(o.event);
	l.deadline += o.deadline;
	frame_begin(&out, link__memory.bytes, LIMIT_FRAME, FRAME_HOOK);
	frame_add(&out, TAG_AGENT, o.agent, strlen(o.agent));
	frame_add(&out, TAG_EVENT, o.event, strlen(o.event));
	link__common(&out, envp, 0);
	add_event(&out, &l, &o);
	if (frame_end(&out) != 0)
		fall_back(&o, FAILURE_DENY, "This call is too large for bridle, so it is refused.");
	enum link_cause cause = link__ask(&l, &out, &f);
	if (cause == LINK_OK && !FRAME_HAS(&f, TAG_STATUS))
		cause = LINK_BROKEN;
	if (cause != LINK_OK)
		fall_back(&o, o.failure, link__sentence[cause]);
	if (f.err.n > 0) {
		ssize_t ignored = write(STDERR_FILENO, f.err.p, f.err.n);
		(void)ignored;
	}
	answer(f.out.p, f.out.n, f.status);
}
