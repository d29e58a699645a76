/* SPDX-License-Identifier: ISC */
/*
 * process.c: who is above a process. A person's own terminal has a controlling
 * terminal and no coding agent among its ancestors. This stops an agent that
 * does what it is told, not one that hides (docs/threat-model.md).
 */
#include "bridle/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __APPLE__
#include <libproc.h>
#include <sys/sysctl.h>
#endif

/* How far up to look; real chains have some ten. */
#define ANCESTORS_MAX 64

/* What an agent's process is called, or the package its interpreter runs. */
static const struct {
	const char *name, *package, *agent;
} agents[] = {
	{ "claude", "/@anthropic-ai/claude-code", "claude" },
	{ "codex", "/@openai/codex", "codex" },
	{ "gemini", "/@google/gemini-cli", "gemini" },
	{ "cursor-agent", "/cursor-agent/", "cursor" },
	{ "copilot", "/@github/copilot", "copilot" },
};

/* An agent's mark in the environment of what it runs. */
static const char *const marks[] = { "CLAUDECODE=1", "CODEX_SANDBOX=", "GEMINI_CLI=1",
	"CURSOR_AGENT=1" };

/* The name in the first word, or a package's path in the first two. */
static const char *
agent_of(const char *args, size_t n)
{
	struct str all = { args, n };
	struct str first = str_sub(all, 0, str_chr(all, '\0'));
	struct str rest = str_sub(all, first.n + 1, STR_NPOS);
	struct str second = str_sub(rest, 0, str_chr(rest, '\0'));
	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++)
		if (str_is(path_base(first), agents[i].name) ||
		    str_is(path_base(second), agents[i].name) ||
		    str_find(first, str_of(agents[i].package)) != STR_NPOS ||
		    str_find(second, str_of(agents[i].package)) != STR_NPOS)
			return agents[i].agent;
	return NULL;
}

static bool
marked(const char *env, size_t n)
{
	for (size_t at = 0; at < n; at += strnlen(env + at, n - at) + 1)
		for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
			if (strncmp(env + at, marks[i], strlen(marks[i])) == 0)
				return true;
	return false;
}

#ifdef __APPLE__

/* KERN_PROCARGS2: the number of arguments, the program's path, NULs, then the
 * arguments and the environment, each ended by a NUL. */
static void
read_args(struct local_process *p)
{
	static char b[1 << 20];
	int mib[] = { CTL_KERN, KERN_PROCARGS2, (int)p->pid }, argc;
	size_t n = sizeof(b) - 1, at = sizeof(argc);
	if (sysctl(mib, 3, b, &n, NULL, 0) != 0 || n < sizeof(argc))
		return;
	b[n] = '\0';
	memcpy(&argc, b, sizeof(argc));
	at += strnlen(b + at, n - at);
	while (at < n && b[at] == '\0')
		at++;
	p->agent = agent_of(b + at, n - at);
	for (; argc > 0 && at < n; argc--)
		at += strnlen(b + at, n - at) + 1;
	p->marked = at < n && marked(b + at, n - at);
}

int
local_process_place(long pid, struct local_process *out)
{
	struct proc_bsdinfo info;
	*out = (struct local_process){ .pid = pid };
	if (proc_pidinfo((int)pid, PROC_PIDTBSDINFO, 0, &info, sizeof(info)) != (int)sizeof(info))
		return errno == ESRCH ? BRIDLE_ENOENT : BRIDLE_EUNKNOWN;
	out->parent = (long)info.pbi_ppid;
	out->start = info.pbi_start_tvsec * 1000000 + info.pbi_start_tvusec;
	out->terminal = info.e_tdev != 0 && info.e_tdev != (uint32_t)-1;
	return 0;
}

int
local_process(long pid, struct local_process *out)
{
	int rc = local_process_place(pid, out);
	if (rc == 0)
		read_args(out);
	return rc;
}

#else

/* As much of /proc/PID/NAME as fits. line: it is one line, whose end needs no
 * further read to be seen. */
static ssize_t
read_proc(long pid, const char *name, bool line, char *b, size_t cap)
{
	char path[64];
	size_t n = 0;
	snprintf(path, sizeof(path), "/proc/%ld/%s", pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while (n < cap && !(line && n > 0 && b[n - 1] == '\n')) {
		ssize_t got = read(fd, b + n, cap - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	close(fd);
	return (ssize_t)n;
}

/* "PID (NAME) STATE PPID PGRP SESSION TTY …"; NAME may hold anything, so the
 * fields are counted from the last ')'. Field 22 is the start time. */
static int
parse_stat(const char *b, struct local_process *out)
{
	const char *p = strrchr(b, ')');
	if (p == NULL || strlen(p) < 4)
		return BRIDLE_EUNKNOWN;
	p += 3; /* ") S" */
	for (int field = 4; field <= 22; field++) {
		if (*p != ' ' || (p[1] != '-' && (p[1] < '0' || p[1] > '9')))
			return BRIDLE_EUNKNOWN;
		p++;
		if (field == 4)
			out->parent = strtol(p, NULL, 10);
		else if (field == 7)
			out->terminal = *p != '0';
		else if (field == 22)
			out->start = strtoull(p, NULL, 10);
		p += strcspn(p, " \n");
	}
	return 0;
}

int
local_process_place(long pid, struct local_process *out)
{
	char b[1024];
	*out = (struct local_process){ .pid = pid };
	ssize_t n = read_proc(pid, "stat", true, b, sizeof(b) - 1);
	if (n <= 0)
		return n < 0 && errno == ENOENT ? BRIDLE_ENOENT : BRIDLE_EUNKNOWN;
	b[n] = '\0';
	return parse_stat(b, out);
}

int
local_process(long pid, struct local_process *out)
{
	static char b[64 << 10]; /* args and environment are looked at one by one */
	int rc = local_process_place(pid, out);
	if (rc != 0)
		return rc;
	ssize_t n = read_proc(pid, "cmdline", false, b, sizeof(b));
	if (n > 0)
		out->agent = agent_of(b, (size_t)n);
	n = read_proc(pid, "environ", false, b, sizeof(b));
	if (n > 0)
		out->marked = marked(b, (size_t)n);
	return 0;
}

#endif

int
local_agent_above(long pid, local_known_agent *known, void *ctx, const char **name, long *agent)
{
	struct local_process p;
	for (int i = 0; i < ANCESTORS_MAX && pid > 1; i++, pid = p.parent) {
		int rc = local_process(pid, &p);
		if (rc != 0)
			return rc;
		*agent = pid;
		*name = p.agent != NULL ? p.agent : "agent";
		if (p.agent != NULL || p.marked || (known != NULL && known(ctx, &p)))
			return 0;
	}
	return pid > 1 ? BRIDLE_EUNKNOWN : BRIDLE_ENOENT;
}

int
local_person(long pid, local_known_agent *known, void *ctx, struct arena *a, struct str *why)
{
	struct local_process p;
	const char *name;
	long agent;
	if (local_process(pid, &p) != 0) {
		*why = STR("who is asking cannot be told");
		return BRIDLE_EINVAL;
	}
	if (!p.terminal) {
		*why = STR("there is no terminal here");
		return BRIDLE_EINVAL;
	}
	int rc = local_agent_above(pid, known, ctx, &name, &agent);
	if (rc == BRIDLE_ENOENT)
		return 0;
	*why = rc != 0 ? STR("who is asking cannot be told")
	               : str_printf(a, "this runs below an agent (%s, process %ld)", name, agent);
	return BRIDLE_EINVAL;
}
