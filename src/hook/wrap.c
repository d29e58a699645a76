/* SPDX-License-Identifier: ISC */
/*
 * wrap.c: the same binary under the name of a program (fly, flyctl, git),
 * found first in PATH. It asks the daemon about its argument vector, as the
 * program would really get it, then becomes that program, asks the person on
 * the terminal, or refuses. It decides nothing; hook.c is its sibling for
 * agents.
 */
#include "hook.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#ifdef __linux__
#include <sys/auxv.h>
#endif
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define DEADLINE_MS 2000
#define EXIT_REFUSED 126
#define EXIT_NOT_FOUND 127
#define PATH_ROOM 4096
/* Wrappers inside wrapped programs (git hooks, rebase --exec); more is a loop. */
#define DEPTH_MAX 20
#define DEPTH_NAME "BRIDLE_DEPTH="

static _Noreturn void
refuse(int status, const char *name, const char *why)
{
	hook__puts(STDERR_FILENO, name);
	hook__puts(STDERR_FILENO, ": ");
	hook__puts(STDERR_FILENO, why);
	hook__puts(STDERR_FILENO, "\n");
	_exit(status);
}

static void
show(int fd, struct str text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		text.p += n;
		text.n -= (size_t)n;
	}
}

/* ---- becoming the program --------------------------------------------------- */

static const char *
value_of(const char *const *envp, const char *prefix)
{
	size_t n = strlen(prefix);
	for (; *envp != NULL; envp++)
		if (strncmp(*envp, prefix, n) == 0)
			return *envp + n;
	return NULL;
}

static unsigned
depth(const char *const *envp)
{
	const char *text = value_of(envp, DEPTH_NAME);
	unsigned n = 0;
	for (; text != NULL && *text >= '0' && *text <= '9' && n <= DEPTH_MAX; text++)
		n = n * 10 + (unsigned)(*text - '0');
	return n;
}

/* Is this a link that `bridle wrap install` made, if to another release? Behind
 * the path is room for where it leads. */
static bool
wrapper(char *path)
{
	static const char ours[] = "/bridle-hook";
	char *to = path + strlen(path) + 1;
	ssize_t n = readlink(path, to, PATH_ROOM);
	size_t want = sizeof(ours) - 1;
	return n >= (ssize_t)want && memcmp(to + n - want, ours, want) == 0;
}

/* Is dir[0..n)/name a program other than this one? Then it stands in path. */
static bool
program_in(const char *dir, size_t n, const char *name, const struct stat *self, char *path)
{
	struct stat st;
	size_t len = strlen(name);
	if (n == 0 || dir[0] != '/' || n + len + 2 > PATH_ROOM)
		return false;
	memcpy(path, dir, n);
	path[n] = '/';
	memcpy(path + n + 1, name, len + 1);
	if (lstat(path, &st) != 0)
		return false;
	if (S_ISLNK(st.st_mode) && ((self->st_ino != 0 && wrapper(path)) || stat(path, &st) != 0))
		return false;
	return S_ISREG(st.st_mode) && (st.st_dev != self->st_dev || st.st_ino != self->st_ino) &&
	    access(path, X_OK) == 0;
}

/* The file that this process runs: as it was named to the kernel (which is
 * cheaper than /proc), from /proc, or else from its name (then path is used). */
static bool
find_self(const char *argv0, const char *dirs, struct stat *self, char *path)
{
	const char *end;
#ifdef AT_EXECFN
	const char *named = (const char *)getauxval(AT_EXECFN);
	if (named != NULL && strncmp(named, "/dev/fd/", 8) != 0 && stat(named, self) == 0)
		return true;
#endif
	if (stat("/proc/self/exe", self) == 0)
		return true;
	if (strchr(argv0, '/') != NULL)
		return stat(argv0, self) == 0;
	static const struct stat nobody; /* no program is this one */
	for (; *dirs != '\0'; dirs = *end == ':' ? end + 1 : end) {
		for (end = dirs; *end != '\0' && *end != ':'; end++)
			;
		if (program_in(dirs, (size_t)(end - dirs), argv0, &nobody, path))
			return stat(path, self) == 0;
	}
	return false;
}

static bool
find_program(const char *const *envp, const char *argv0, const char *name, char *path)
{
	const char *dirs = value_of(envp, "PATH="), *end;
	struct stat self;
	if (dirs == NULL || !find_self(argv0, dirs, &self, path))
		return false;
	for (; *dirs != '\0'; dirs = *end == ':' ? end + 1 : end) {
		for (end = dirs; *end != '\0' && *end != ':'; end++)
			;
		if (program_in(dirs, (size_t)(end - dirs), name, &self, path))
			return true;
	}
	return false;
}

/* The environment as it came, but for the count of wrappers, goes into the
 * memory: the free rest of that is returned, NULL when it is too large. */
static char *
deeper(char **env, unsigned now)
{
	static char entry[sizeof(DEPTH_NAME) + 4] = DEPTH_NAME;
	size_t at = sizeof(DEPTH_NAME) - 1, n = 0, most = sizeof(link__memory.env) / sizeof(link__memory.env[0]);
	char **copy = link__memory.env;
	if (now >= 10)
		entry[at++] = (char)('0' + now / 10);
	entry[at] = (char)('0' + now % 10);
	for (; *env != NULL && n + 2 < most; env++)
		if (strncmp(*env, DEPTH_NAME, sizeof(DEPTH_NAME) - 1) != 0)
			copy[n++] = *env;
	if (*env != NULL)
		return NULL;
	copy[n++] = entry;
	copy[n++] = NULL;
	return (char *)(copy + n);
}

static _Noreturn void
become(const char *name, char **argv, char **env)
{
	const char *const *envp = (const char *const *)env;
	char *path = deeper(env, depth(envp) + 1);
	if (path == NULL)
		refuse(EXIT_REFUSED, name, "the environment is too large for bridle's wrapper");
	if (!find_program(envp, argv[0], name, path))
		refuse(EXIT_NOT_FOUND, name, "bridle's wrapper found no other program of this "
		                             "name in PATH");
	execve(path, argv, link__memory.env);
	refuse(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_REFUSED, path,
	    "bridle's wrapper could not run this program");
}

/* ---- what need not be asked about ------------------------------------------- */

/* First words with which a program only looks, whatever follows: a shell's
 * completion at every Tab, and what git is called for all day. */
static const struct {
	const char *name, *words;
} looking[] = {
	{ "fly", " __complete __completeNoDesc " },
	{ "flyctl", " __complete __completeNoDesc " },
	{ "git",
	    " --version blame cat-file check-ignore describe diff for-each-ref log ls-files ls-tree "
	    "merge-base name-rev rev-list rev-parse shortlog show status version " },
};

/* git's options that write a file or run a program, in any shortened form. */
static const char *const acting[] = { "-O", "--ou", "--ext", "--te" };

/* strstr would take another page of the stack. */
static bool
has_word(const char *words, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = words; n > 0 && (at = strchr(at, ' ')) != NULL;)
		if (strncmp(++at, word, n) == 0 && at[n] == ' ')
			return true;
	return false;
}

static bool
only_looks(const char *name, int argc, char **argv)
{
	bool looks = false;
	for (size_t i = 0; argc > 1 && i < sizeof(looking) / sizeof(looking[0]); i++)
		looks = looks || (strcmp(name, looking[i].name) == 0 && strchr(argv[1], ' ') == NULL &&
		                     has_word(looking[i].words, argv[1]));
	for (int i = 2; i < argc && looks; i++)
		for (size_t k = 0; k < sizeof(acting) / sizeof(acting[0]); k++)
			if (strncmp(argv[i], acting[k], strlen(acting[k])) == 0)
				looks = false;
	return looks;
}

/* ---- asking ------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void
interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

/* One line from the terminal, or as much as there is until Ctrl-C, which is
 * noticed here even where it was ignored before. *died: it would have ended
 * this process. */
static size_t
read_line(int tty, char *line, size_t cap, bool *died)
{
	struct sigaction on = { .sa_handler = interrupt }, before;
	size_t n = 0;
	char c;
	sigaction(SIGINT, &on, &before);
	while (!interrupted && read(tty, &c, 1) == 1 && c != '\n')
		if (n + 1 < cap)
			line[n++] = c;
	sigaction(SIGINT, &before, NULL);
	*died = interrupted && before.sa_handler != SIG_IGN;
	line[interrupted ? 0 : n] = '\0';
	return interrupted ? 0 : n;
}

/* The person's answer: "y", minutes ("10"), or anything else for no. What was
 * typed before the question stood there is no answer to it. */
static bool
choice(int tty, struct str question, char *line, size_t cap, bool *died)
{
	tcflush(tty, TCIFLUSH);
	show(tty, question);
	size_t n = read_line(tty, line, cap, died);
	if (interrupted)
		hook__puts(tty, "\n");
	if (strcmp(line, "y") == 0 || strcmp(line, "Y") == 0 || strcmp(line, "yes") == 0) {
		line[0] = 'y';
		line[1] = '\0';
		return true;
	}
	return n > 0 && n <= 3 && strspn(line, "0123456789") == n && line[0] != '0';
}

/* Ctrl-C is a no, and ends what stands above us as it would without us. */
static void
end_as_interrupted(void)
{
	signal(SIGINT, SIG_DFL);
	kill(getpid(), SIGINT);
}

/* Puts the daemon's question to the person and tells the daemon what was
 * said. True: run it. */
static bool
ask_person(struct link *l, int tty, const struct frame *question)
{
	char said[16], ticket[64];
	struct frame_out out;
	struct frame f;
	bool died;
	if (question->ticket.n > sizeof(ticket))
		return false;
	/* It lies in the memory that the answer is written to. */
	memcpy(ticket, question->ticket.p, question->ticket.n);
	bool yes = choice(tty, question->ask, said, sizeof(said), &died);
	frame_begin(&out, link__memory.bytes, LIMIT_FRAME, FRAME_ANSWER);
	frame_add(&out, TAG_TICKET, ticket, question->ticket.n);
	frame_add(&out, TAG_CHOICE, yes ? said : "n", yes ? strlen(said) : 1);
	l->deadline = link__now() + DEADLINE_MS;
	bool heard = frame_end(&out) == 0 && link__ask(l, &out, &f) == LINK_OK;
	if (died)
		end_as_interrupted();
	return yes && heard && f.verdict == FRAME_RUN;
}

int
wrap_main(int argc, char **argv, char **env)
{
	const char *const *envp = (const char *const *)env;
	const char *base = strrchr(argv[0], '/');
	const char *name = base == NULL ? argv[0] : base + 1;
	struct link l = { .envp = envp, .argv0 = argv[0], .fd = -1 };
	struct frame_out out;
	struct frame f;
	size_t room, n = 0;
	if (depth(envp) >= DEPTH_MAX)
		refuse(EXIT_REFUSED, name, "bridle's wrapper and this program call each other");
	if (only_looks(name, argc, argv))
		become(name, argv, env);
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	l.deadline = link__now() + DEADLINE_MS;
	frame_begin(&out, link__memory.bytes, LIMIT_FRAME, FRAME_WRAP);
	link__common(&out, envp, tty < 0 ? 0 : FRAME_TTY);
	unsigned char *at = frame_open(&out, TAG_ARGV, &room);
	for (int i = 0; at != NULL && i < argc; i++) {
		size_t len = strlen(argv[i]) + 1;
		if (len > room - n)
			refuse(EXIT_REFUSED, name, "the arguments are too long for bridle to judge");
		memcpy(at + n, argv[i], len);
		n += len;
	}
	frame_close(&out, n);
	if (frame_end(&out) != 0)
		refuse(EXIT_REFUSED, name, "the arguments are too long for bridle to judge");
	enum link_cause cause = link__ask(&l, &out, &f);
	if (cause == LINK_OK && !FRAME_HAS(&f, TAG_VERDICT))
		cause = LINK_BROKEN;
	if (cause != LINK_OK) /* without a daemon nobody can tell a person from an agent */
		refuse(EXIT_REFUSED, name, link__sentence[cause]);
	if (f.verdict == FRAME_ASK && tty >= 0) {
		if (!ask_person(&l, tty, &f))
			refuse(EXIT_REFUSED, name, "not run");
	} else if (f.verdict != FRAME_RUN) {
		show(STDERR_FILENO, f.err);
		_exit(EXIT_REFUSED);
	}
	become(name, argv, env); /* which closes the connection */
}
