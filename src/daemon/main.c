/* SPDX-License-Identifier: ISC */
/*
 * main.c: bridled. Reads its options, takes the socket, loads policy, log and
 * memory, says that it is ready, and runs the loop until it is told to stop.
 * Next: server.c and client.c for the socket, judge.c for what it is all about.
 */
#include "daemon.h"
#include "bridle/limits.h"
#include "bridle/tools.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <pwd.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __APPLE__
extern char **environ;
#endif

#define LOAD_MEMORY (1280u << 10)

static const char usage[] = "usage: bridled [--policy FILE]... [--socket PATH] [--state DIR] [--detach] [--system] "
                            "[--monitor]\n";

int64_t
daemon_wall_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- options ---------------------------------------------------------------------------------- */

static _Noreturn void
bad_usage(const char *what, const char *word)
{
	fprintf(stderr, "bridled: %s%s\n%s", what, word, usage);
	exit(2);
}

/* The directory changes when the daemon detaches: paths become absolute. */
static const char *
absolute(struct arena *a, const char *path)
{
	char cwd[4096];
	if (path[0] == '/' || getcwd(cwd, sizeof(cwd)) == NULL)
		return path;
	return str_c(a, path_join(a, str_of(cwd), str_of(path)));
}

static void
parse(struct arena *a, char **argv, struct daemon_options *o)
{
	static const char *const valued[] = { "--policy", "--socket", "--state" };
	VEC(const char *) policies = { 0 };
	for (int i = 1; argv[i] != NULL; i++) {
		const char *value = NULL;
		size_t which = 0;
		for (; which < 3 && value == NULL; which++) {
			size_t n = strlen(valued[which]);
			if (strncmp(argv[i], valued[which], n) != 0)
				continue;
			if (argv[i][n] == '=')
				value = argv[i] + n + 1;
			else if (argv[i][n] == '\0' && argv[i + 1] != NULL)
				value = argv[++i];
			else if (argv[i][n] == '\0')
				bad_usage("a value is missing after ", argv[i]);
		}
		if (value != NULL && value[0] == '\0')
			bad_usage("empty value for ", valued[which - 1]);
		else if (value != NULL && which == 1)
			*vec_push(a, &policies) = absolute(a, value);
		else if (value != NULL)
			*(which == 2 ? &o->socket : &o->state) = absolute(a, value);
		else if (strcmp(argv[i], "--detach") == 0)
			o->detach = true;
		else if (strcmp(argv[i], "--system") == 0)
			o->system = true;
		else if (strcmp(argv[i], "--monitor") == 0)
			o->monitor = true;
		else if (strcmp(argv[i], "--version") == 0) {
			printf("bridled %s\n", BRIDLE_VERSION);
			exit(0);
		} else if (strcmp(argv[i], "--help") == 0) {
			fputs(usage, stdout);
			exit(0);
		} else
			bad_usage("unknown argument: ", argv[i]);
	}
	o->policy = policies.v;
	o->npolicy = policies.n;
}

static int
find_address(struct daemon *d)
{
	size_t n;
	if (d->options.socket == NULL && !d->options.system) {
		if (address_find((const char *const *)environ, &d->address) != 0)
			return fprintf(stderr, "bridled: the socket's path is too long: %s…\n", d->address.path), -1;
		if (d->address.kind == ADDRESS_SYSTEM)
			return fprintf(stderr, "bridled: a system daemon answers at %s and comes before any of "
			                       "yours\n",
			           d->address.path),
			       -1;
		return 0;
	}
	const char *path = d->options.socket != NULL ? d->options.socket : ADDRESS_SYSTEM_DIR "/socket";
	d->address.kind = d->options.socket != NULL ? ADDRESS_GIVEN : ADDRESS_SYSTEM;
	n = strlen(path);
	if (n >= sizeof(d->address.path))
		return fprintf(stderr, "bridled: the socket's path is too long: %s\n", path), -1;
	memcpy(d->address.path, path, n + 1);
	return 0;
}

/* ---- the log of the process itself ------------------------------------------------------------- */

static void
to_stderr(void *ctx, enum log_level level, const char *line)
{
	static const char *const names[] = { "error: ", "warning: ", "", "" };
	(void)ctx;
	if (level < LOG_VERBOSE)
		fprintf(stderr, "bridled: %s%s\n", names[level], line);
}

/* ---- detaching --------------------------------------------------------------------------------- */

/* Whoever waits for the end of a pipe that the caller's caller left open must
 * not wait for the daemon. Before anything of ours is opened. */
static void
drop_inherited(char **argv)
{
	bool detached = false;
	for (; *argv != NULL; argv++)
		detached = detached || strcmp(*argv, "--detach") == 0;
	for (int fd = STDERR_FILENO + 1; detached && fd < 1024; fd++)
		close(fd);
}

/* The parent waits until the daemon can answer, so that whoever started it may
 * go on at once. The child's end of the pipe, or -1. */
static int
detach(void)
{
	int fds[2];
	char c;
	if (pipe(fds) != 0)
		return -1;
	pid_t pid = fork();
	if (pid < 0)
		return -1;
	if (pid > 0) {
		close(fds[1]);
		ssize_t n;
		while ((n = read(fds[0], &c, 1)) < 0 && errno == EINTR)
			;
		_exit(n == 1 ? 0 : 1);
	}
	close(fds[0]);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	if (setsid() < 0 || chdir("/") != 0)
		return -1;
	return fds[1];
}

/* From here on nobody reads what is said; it goes to a file in the state folder. */
static void
say_ready(struct daemon *d, int fd)
{
	char path[4096];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), log;
	struct stat st;
	snprintf(path, sizeof(path), STR_FMT "/bridled.log", STR_ARG(d->places.state));
	bool large = stat(path, &st) == 0 && st.st_size > (1 << 20);
	log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | (large ? O_TRUNC : 0), 0600);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(log >= 0 ? log : null, STDERR_FILENO);
		if (null > STDERR_FILENO)
			close(null);
	}
	if (log > STDERR_FILENO)
		close(log);
	while (write(fd, "r", 1) < 0 && errno == EINTR)
		;
	close(fd);
}

/* ---- memory ------------------------------------------------------------------------------------- */

/* glibc would keep what a large request or a policy's tests once needed, and
 * set aside a second heap for the thread that syncs the log. */
static void
stay_small(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 512 << 10);
	mallopt(M_TRIM_THRESHOLD, 512 << 10);
	mallopt(M_ARENA_MAX, 1);
#endif
}

#if defined(__GLIBC__) && defined(MADV_POPULATE_WRITE)
static void
take(void *p, size_t n)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	const union {
		void *p;
		uintptr_t number;
	} at = { p };
	size_t before = (size_t)(at.number % page);
	(void)madvise((char *)p - before, n + before, MADV_POPULATE_WRITE);
}
#endif

/* The memory that loading a policy takes, at once: to be given it page by page
 * can take longer than all the rest of the start. What is not needed goes back
 * once somebody can be answered. */
static void
take_memory(void)
{
#if defined(__GLIBC__) && defined(MADV_POPULATE_WRITE)
	void *p;
	size_t n;
	mallopt(M_MMAP_THRESHOLD, 2 * LOAD_MEMORY);
	mallopt(M_TRIM_THRESHOLD, 2 * LOAD_MEMORY);
	if ((p = malloc(LOAD_MEMORY)) != NULL)
		take(p, LOAD_MEMORY);
	free(p);
	for (size_t i = 0; models_room(i, &p, &n); i++)
		take(p, n);
#endif
}

/* ---- running ------------------------------------------------------------------------------------ */

static void
on_signal(uv_signal_t *s, int number)
{
	struct daemon *d = s->data;
	if (number == SIGHUP) {
		log_line(LOG_NOTE, "reloading");
		policies_check(d, true);
	} else
		server_stop(d);
}

static void
catch_signals(struct daemon *d)
{
	static const int numbers[] = { SIGHUP, SIGTERM, SIGINT };
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* the log waits for its child */
	signal(SIGXFSZ, SIG_IGN); /* a full log is an error, not an end */
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		uv_signal_init(&d->loop, &d->signals[i]);
		d->signals[i].data = d;
		uv_signal_start(&d->signals[i], on_signal, numbers[i]);
		uv_unref((uv_handle_t *)&d->signals[i]);
	}
}

/* The state folder and what lies in it, 0700. */
static int
make_state(struct daemon *d)
{
	static const char *const names[] = { "", ("/" LOCAL_AUDIT), "/state" };
	if (d->options.state != NULL)
		d->places.state = str_of(d->options.state);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct str path = str_printf(d->life, STR_FMT "%s", STR_ARG(d->places.state), names[i]);
		if (local_make_dirs(path.p) != 0) {
			log_line(LOG_ERR, STR_FMT ": %s", STR_ARG(path), strerror(errno));
			return BRIDLE_EIO;
		}
	}
	return 0;
}

static int
prepare(struct daemon *d)
{
	d->uid = getuid();
	const struct passwd *pw = getpwuid(d->uid);
	d->user = pw == NULL ? STR("") : str_dup(d->life, str_of(pw->pw_name));
	d->audit_why = STR("the log is not open");
	if (local_places(d->life, &d->places) != 0) {
		log_line(LOG_ERR, "no home directory: set HOME");
		return BRIDLE_ENOENT;
	}
	int rc = server_open(d);
	if (rc != 0 || (rc = make_state(d)) != 0)
		return rc;
	d->sessions = sessions_new(str_c(d->life, path_join(d->life, d->places.state, STR(LOCAL_DONE))));
	d->grants = grants_new(str_c(d->life, path_join(d->life, d->places.state, STR(LOCAL_GRANTS))));
	d->policies = policies_new(&d->options, &d->places);
	if (d->grants == NULL || d->sessions == NULL || d->policies == NULL)
		return BRIDLE_ENOMEM;
	policies_check(d, false);
	record_open(d);
	return 0;
}

static void
on_read_all(uv_check_t *c)
{
	clients_serve(c->data);
}

static void
run(struct daemon *d, int ready_fd)
{
	char folder[sizeof(d->address.path)];
	char *slash;
	memcpy(folder, d->address.path, sizeof(folder));
	if ((slash = strrchr(folder, '/')) != NULL)
		*slash = '\0';
	const char *writable[] = { str_c(d->life, d->places.state), slash == NULL ? "." : slash == folder ? "/" : folder,
		NULL };
	d->counts.started_ms = daemon_wall_ms();
	record_event(d, "start", "release", STR(BRIDLE_VERSION));
	if (ready_fd >= 0)
		say_ready(d, ready_fd);
	confine(d, writable);
	log_line(LOG_NOTE, "ready at %s", d->address.path);
	service_notify("READY=1");
	d->ready = true;
	stay_small();
	policies_give_back(); /* not before: somebody waits */
	uv_run(&d->loop, UV_RUN_DEFAULT);
	(void)record_check(d);
	record_event(d, "stop", NULL, STR(""));
}

static void
clean_up(struct daemon *d)
{
	record_close(d);
	free(d->queued.p);
	policies_free(d->policies);
	sessions_free(d->sessions);
	grants_free(d->grants);
	arena_free(d->request);
	if (d->lock >= 0)
		close(d->lock);
}

int
main(int argc, char **argv)
{
	static struct daemon daemon;
	struct daemon *d = &daemon;
	int ready_fd = -1;
	(void)argc;
	drop_inherited(argv);
	d->lock = d->sync_fd = -1;
	take_memory();
	d->life = arena_new(0);
	d->request = arena_new(LIMIT_REQUEST_ARENA);
	log_to(to_stderr, NULL);
	if (d->life == NULL || d->request == NULL || sodium_init() < 0) {
		log_line(LOG_ERR, "no memory to start");
		return 1;
	}
	parse(d->life, argv, &d->options);
	if (find_address(d) != 0)
		return 1;
	if (d->options.detach && (ready_fd = detach()) < 0) {
		log_line(LOG_ERR, "cannot detach: %s", strerror(errno));
		return 1;
	}
	setenv("UV_THREADPOOL_SIZE", "1", 0); /* for syncing the log, nothing else */
	uv_loop_init(&d->loop);
	uv_timer_init(&d->loop, &d->tick);
	uv_timer_init(&d->loop, &d->settle);
	uv_unref((uv_handle_t *)&d->settle);
	uv_check_init(&d->loop, &d->after_reading);
	uv_check_start(&d->after_reading, on_read_all);
	uv_unref((uv_handle_t *)&d->after_reading);
	d->tick.data = d->settle.data = d->after_reading.data = d;
	catch_signals(d);
	int rc = prepare(d);
	if (rc == 0 && (rc = server_listen(d)) == 0)
		run(d, ready_fd);
	clean_up(d);
	arena_free(d->life);
	return rc == 0 ? 0 : 1;
}
