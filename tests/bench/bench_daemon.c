/* SPDX-License-Identifier: ISC */
/*
 * bench_daemon.c: the daemon over one connection: decisions beside a bare
 * libuv echo server on the same bytes, resident memory over many, and the
 * time from exec to the first answer. Where the daemon's time goes, of some 42 us
 * of its own beside the echo's 13: 11 are four system calls more than the echo's
 * three, 2 to 3 each for the shell's aliases, the policy's stamp and the command's
 * folder, and 4 for the record, which is written before the answer leaves; the
 * rest is some 114,000 instructions: reading the event a fifth of them, reading the
 * line a quarter, rules and reason a fifth, what a person may lift a twelfth, the
 * record more than a fifth, of which a third is its hash.
 *
 * usage: bench_daemon rate EVENT SOCKET ROUNDS    beside the echo server
 *        bench_daemon pair EVENT SOCKET,SOCKET ROUNDS   the best of two daemons in turns
 *        bench_daemon one EVENT SOCKET COUNT      decisions one after the other
 *        bench_daemon load EVENT SOCKET COUNT     of 16 clients at once
 *        ... SOCKET,SOCKET COUNT                  of two daemons in turns: how they compare
 *        bench_daemon memory EVENT SOCKET COUNT   resident memory on the way
 *        bench_daemon start TIMES SOCKET DAEMON ARGUMENT...
 */
#include "bench.h"
#include "bridle/limits.h"
#include "bridle/proto.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#define BATCH 200
#define CLIENTS 16 /* at once, as load */
#define TURN 400   /* decisions of one daemon, before the other has its turn */

static unsigned char request[1 << 20], reply[1 << 20];
static size_t request_size;

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "bench_daemon: %s\n", what);
	exit(1);
}

static void
make_request(const char *path)
{
	struct frame_out o;
	size_t room, n = 0;
	char cwd[4096];
	frame_begin(&o, request, sizeof(request), FRAME_HOOK);
	frame_add(&o, TAG_AGENT, "claude", 6);
	frame_add(&o, TAG_EVENT, "PreToolUse", 10);
	if (getcwd(cwd, sizeof(cwd)) != NULL)
		frame_add(&o, TAG_CWD, cwd, strlen(cwd));
	frame_add(&o, TAG_RELEASE, BRIDLE_VERSION, sizeof(BRIDLE_VERSION) - 1);
	unsigned char *at = frame_open(&o, TAG_ENV, &room);
	for (char **e = environ; *e != NULL && at != NULL; e++) {
		size_t len = strlen(*e) + 1;
		memcpy(at + n, *e, len);
		n += len;
	}
	frame_close(&o, n);
	frame_add_byte(&o, TAG_FLAGS, 0);
	at = frame_open(&o, TAG_PAYLOAD, &room);
	int fd = open(path, O_RDONLY);
	ssize_t got = fd < 0 || at == NULL ? -1 : read(fd, at, room);
	if (got <= 0)
		fail("no event");
	close(fd);
	frame_close(&o, (size_t)got);
	if (frame_end(&o) != 0)
		fail("the event is too large");
	request_size = o.n;
}

static int
connect_to(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	strncpy(sun.sun_path, path, sizeof(sun.sun_path) - 1);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sun, sizeof(sun)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The socket is there before the daemon has read its policy. */
static int
connect_ready(const char *path)
{
	double from = now_us();
	int fd;
	while ((fd = connect_to(path)) < 0 && now_us() - from < 30e6)
		usleep(1000);
	return fd;
}

static void
send_request(int fd)
{
	if (write(fd, request, request_size) != (ssize_t)request_size)
		fail("cannot write");
}

/* A whole answer: size bytes, or 0 for what a frame says. */
static void
take_answer(int fd, size_t size)
{
	size_t have = 0, body;
	struct frame f;
	for (;;) {
		ssize_t n = read(fd, reply + have, sizeof(reply) - have);
		if (n <= 0)
			fail("no answer");
		have += (size_t)n;
		if (size > 0 ? have == size
		             : frame_head(reply, have, sizeof(reply), &f, &body) == 0 && have == FRAME_HEADER + body)
			break;
	}
	if (size == 0 && f.kind != FRAME_REPLY)
		fail("the daemon does not judge it");
}

static void
round_trip(int fd, size_t size)
{
	send_request(fd);
	take_answer(fd, size);
}

/* ---- the echo server ----------------------------------------------------------- */

static void
on_alloc(uv_handle_t *h, size_t n, uv_buf_t *b)
{
	static char buffer[64 << 10];
	(void)h;
	(void)n;
	*b = uv_buf_init(buffer, sizeof(buffer));
}

static void
on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	uv_buf_t out = uv_buf_init(b->base, n > 0 ? (unsigned)n : 0);
	if (n < 0)
		exit(0);
	if (n > 0 && uv_try_write(s, &out, 1) != n)
		exit(1);
}

static void
on_connection(uv_stream_t *s, int status)
{
	static uv_pipe_t client;
	(void)status;
	uv_pipe_init(s->loop, &client, 0);
	if (uv_accept(s, (uv_stream_t *)&client) == 0)
		uv_read_start((uv_stream_t *)&client, on_alloc, on_read);
}

static pid_t
echo_server(const char *path)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	uv_pipe_t p;
	uv_pipe_init(uv_default_loop(), &p, 0);
	if (uv_pipe_bind(&p, path) != 0 || uv_listen((uv_stream_t *)&p, 8, on_connection) != 0)
		_exit(1);
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	_exit(0);
}

/* The system puts a server that answers at once on its client's processor, and one
 * that thinks first on another, where waking takes longer than the rest does: what
 * is compared is held on the same. Of no effect where the system knows no such thing. */
static void
hold(pid_t pid, int cpu)
{
#ifdef __linux__
	cpu_set_t set;
	CPU_ZERO(&set);
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (cpu < 0 || i == cpu)
			CPU_SET((size_t)i, &set);
	(void)sched_setaffinity(pid, sizeof(set), &set);
#else
	(void)pid;
	(void)cpu;
#endif
}

/* ---- what is measured ------------------------------------------------------------ */

static void
batch(int fd, size_t size, struct series *s)
{
	double from = now_us();
	for (int i = 0; i < BATCH; i++)
		round_trip(fd, size);
	series_add(s, (now_us() - from) / BATCH);
}

/* The echo's time by the decision's, as most batches and their neighbours have it. */
static double
compare(int fd, int echo, long rounds, const char *where)
{
	struct series judged = { .name = "decision, one connection" }, echoed = { .name = "bare libuv echo" };
	struct series share = { 0 };
	for (long i = -1; i < rounds / BATCH; i++) {
		if (i == 0)
			judged.n = echoed.n = share.n = 0; /* the first ones warm up */
		batch(fd, 0, &judged);
		batch(echo, request_size, &echoed);
		series_add(&share, echoed.us[echoed.n - 1] / judged.us[judged.n - 1]);
	}
	double median = series_at(&judged, 0.5), ratio = series_at(&share, 0.5);
	printf("round trip, microseconds         median       p99       min    %s: %.2f\n", where, ratio);
	series_print(&judged);
	series_print(&echoed);
	printf("  %.0f decisions a second, %zu bytes each\n", 1e6 / median, request_size);
	return ratio;
}

static int
measure_rate(const char *socket_path, long rounds)
{
	char path[200];
	int fd = connect_ready(socket_path), echo = -1;
	pid_t pid = 0, daemon;
	uid_t uid;
	if (fd < 0 || address_peer(fd, &uid, &daemon) != 0)
		fail("no daemon");
	snprintf(path, sizeof(path), "%s.echo", socket_path);
	unlink(path);
	pid = echo_server(path);
	while ((echo = connect_to(path)) < 0)
		usleep(1000);
	(void)compare(fd, echo, rounds, "where the system puts them");
	hold(0, 0);
	hold(daemon, 0);
	hold(pid, 0);
	goal("decisions / bare libuv echo", compare(fd, echo, rounds, "on one processor"), ">", 0.5);
	hold(daemon, -1); /* it has more to do than this */
	close(echo);
	waitpid(pid, NULL, 0);
	unlink(path);
	return 0;
}

/* In turns, so that what else the machine does falls on both. */
static int
measure_pair(char *sockets, long rounds)
{
	struct series one = { 0 }, other = { 0 };
	char *comma = strchr(sockets, ',');
	if (comma == NULL)
		return 2;
	*comma = '\0';
	int a = connect_ready(sockets), b = connect_ready(comma + 1);
	if (a < 0 || b < 0)
		fail("no daemon");
	for (long i = -1; i < rounds / BATCH; i++) {
		if (i == 0)
			one.n = other.n = 0;
		batch(a, 0, &one);
		batch(b, 0, &other);
	}
	/* The best batch of each: what else the machine does only adds. */
	printf("%.2f %.2f\n", series_at(&one, 0), series_at(&other, 0));
	return 0;
}

/* One request of each client, then the answers. */
static double
turn(const int *fds, size_t clients, long count)
{
	double from = now_us();
	for (long i = 0; i < count; i += (long)clients) {
		for (size_t k = 0; k < clients; k++)
			send_request(fds[k]);
		for (size_t k = 0; k < clients; k++)
			take_answer(fds[k], 0);
	}
	return (now_us() - from) / (double)count;
}

static void
connect_all(const char *socket_path, int *fds, size_t clients, int cpu)
{
	pid_t daemon;
	uid_t uid;
	for (size_t i = 0; i < clients; i++)
		if ((fds[i] = connect_ready(socket_path)) < 0 || address_peer(fds[i], &uid, &daemon) != 0)
			fail("no daemon");
	if (cpu >= 0)
		hold(daemon, cpu);
}

static int
make_load(char *socket_path, size_t clients, long count)
{
	int fds[CLIENTS];
	connect_all(socket_path, fds, clients, -1);
	(void)turn(fds, clients, count);
	return 0;
}

/* Two daemons in short turns, so that both meet the machine as it is that moment:
 * microseconds a decision of each, and the median of how two turns compare. What
 * it costs the daemons is measured by who calls (bench_log_rate). */
static int
measure_turns(char *sockets, size_t clients, long count)
{
	struct series one = { 0 }, other = { 0 }, ratio = { 0 };
	int a[CLIENTS], b[CLIENTS];
	char *comma = strchr(sockets, ',');
	if (comma == NULL)
		return 2;
	*comma = '\0';
	int cpu = sysconf(_SC_NPROCESSORS_ONLN) > 1;
	hold(0, 0);
	connect_all(sockets, a, clients, cpu);
	connect_all(comma + 1, b, clients, cpu);
	for (long i = -2; i < count / TURN; i++) {
		double x = turn(a, clients, TURN), y = turn(b, clients, TURN);
		if (i < 0)
			continue; /* the first ones warm up */
		series_add(&one, x);
		series_add(&other, y);
		series_add(&ratio, y / x);
	}
	printf("%.1f %.1f %.3f\n", series_at(&one, 0.5), series_at(&other, 0.5), series_at(&ratio, 0.5));
	return 0;
}

static double
resident_mib(pid_t pid)
{
	char path[64], line[256];
	long kib = 0;
	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	FILE *f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (f != NULL)
		fclose(f);
	return (double)kib / 1024;
}

static int
measure_memory(const char *socket_path, long count)
{
	int fd = connect_ready(socket_path);
	uid_t uid;
	pid_t pid;
	double early = 0, late = 0;
	if (fd < 0 || address_peer(fd, &uid, &pid) != 0)
		fail("no daemon");
	printf("resident memory, MiB\n");
	for (long i = 0; i <= count; i++) {
		if (i == count / 10)
			early = resident_mib(pid);
		if (i == count)
			late = resident_mib(pid);
		if (i == 0 || i == count / 100 || i == count / 10 || i == count)
			printf("  after %-8ld %6.2f\n", i, resident_mib(pid));
		round_trip(fd, 0);
	}
	goal("resident memory at the end, MiB", late, "<", 6);
	goal("growth from a tenth to the end, MiB", late - early, "<", 0.01);
	return 0;
}

static int
measure_start(long times, const char *socket_path, char **argv)
{
	struct series s = { .name = "exec to ready" };
	for (long i = 0; i < times; i++) {
		pid_t pid;
		int fd;
		double from = now_us();
		if (posix_spawn(&pid, argv[0], NULL, NULL, argv, environ) != 0)
			fail("cannot start the daemon");
		while ((fd = connect_to(socket_path)) < 0 && now_us() - from < 5e6)
			usleep(100);
		if (fd < 0)
			fail("the daemon does not come up");
		series_add(&s, now_us() - from);
		close(fd);
		kill(pid, SIGTERM);
		waitpid(pid, NULL, 0);
	}
	printf("start, microseconds              median       p99       min\n");
	series_print(&s);
	goal("exec to ready, milliseconds", series_at(&s, 0.5) / 1000, "<", 20);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 1)
		return 0; /* bench_programs runs it with arguments */
	signal(SIGPIPE, SIG_IGN);
	if (argc >= 5 && strcmp(argv[1], "start") == 0)
		return measure_start(strtol(argv[2], NULL, 10), argv[3], argv + 4);
	if (argc != 5)
		return 2;
	make_request(argv[2]);
	if (strcmp(argv[1], "one") == 0 || strcmp(argv[1], "load") == 0)
		return (strchr(argv[3], ',') == NULL ? make_load : measure_turns)(argv[3], argv[1][0] == 'o' ? 1 : CLIENTS,
		    strtol(argv[4], NULL, 10));
	if (strcmp(argv[1], "memory") == 0)
		return measure_memory(argv[3], strtol(argv[4], NULL, 10));
	if (strcmp(argv[1], "pair") == 0)
		return measure_pair(argv[3], strtol(argv[4], NULL, 10));
	return measure_rate(argv[3], strtol(argv[4], NULL, 10));
}
