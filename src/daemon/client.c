/* SPDX-License-Identifier: ISC */
/*
 * client.c: one connection. Its first byte tells frames from JSON lines. What
 * the loop has read is served after it: a message of each client, their records
 * in one write, then the replies. One message is answered before the next is
 * looked at; nothing is read while a reply is on its way, so that a client that
 * does not take its answers holds up only itself. What a message means:
 * judge.c, wrapper.c, control.c.
 */
#include "bridle/limits.h"
#include "daemon.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum waiting { WAIT_FIRST, WAIT_REST, WAIT_TAKEN, WAIT_NEXT };

struct client {
	uv_pipe_t pipe; /* first: a handle is its client */
	struct daemon *d;
	struct client *prev, *next;
	struct client *next_waiting;
	uid_t uid;
	pid_t pid;
	enum waiting waiting;
	uint64_t since; /* loop time when it began to wait for this */
	unsigned char *in; /* the beginning of a message */
	size_t have, cap, at; /* at: what was served of it */
	uv_write_t write;
	char *out; /* the reply, until it has left */
	size_t nout;
	bool served_next; /* it is in the daemon's list of those */
	bool took;        /* a message, in this round of serving */
	bool closing, last;  /* last: to be closed once the reply is out */
	char ticket[TICKET_BYTES];
	char code[CODE_BYTES];
	char session[64]; /* that it spoke for last; a longer name is not kept */
};

/* One for all: a message is handled before the loop goes on. */
static char scratch[64 << 10];
static unsigned char reply[LIMIT_REPLY];

bool
client_session(struct client *c, struct str session)
{
	if (session.n < sizeof(c->session) && str_is(session, c->session))
		return false;
	if (session.n >= sizeof(c->session))
		session.n = 0;
	memcpy(c->session, session.p, session.n);
	c->session[session.n] = '\0';
	return true;
}

uid_t
client_uid(const struct client *c)
{
	return c->uid;
}

pid_t
client_pid(const struct client *c)
{
	return c->pid;
}

char *
client_ticket(struct client *c)
{
	return c->ticket;
}

char *
client_code(struct client *c)
{
	return c->code;
}

struct client *
client_next(struct client *c)
{
	return c->next;
}

bool
client_busy(const struct client *c)
{
	return c->out != NULL || c->served_next;
}

static void
wait_for(struct client *c, enum waiting what)
{
	c->waiting = what;
	c->since = uv_now(&c->d->loop);
}

/* ---- ending ---------------------------------------------------------------------------- */

static void
drop_input(struct client *c)
{
	c->d->buffered -= c->cap;
	free(c->in);
	c->in = NULL;
	c->have = c->cap = c->at = 0;
}

static void
on_close(uv_handle_t *h)
{
	struct client *c = (struct client *)h;
	struct daemon *d = c->d;
	drop_input(c);
	free(c->out);
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		d->clients = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	d->nclients--;
	free(c);
}

void
client_close(struct client *c)
{
	if (c->closing)
		return;
	c->closing = true;
	judge_gone(c->d, c);
	uv_close((uv_handle_t *)&c->pipe, on_close);
}

void
client_check(struct client *c, uint64_t now_ms)
{
	static const uint64_t patience[] = {
		[WAIT_FIRST] = LIMIT_CLIENT_SLOW_MS,
		[WAIT_REST] = LIMIT_CLIENT_SLOW_MS,
		[WAIT_TAKEN] = LIMIT_CLIENT_SLOW_MS,
		[WAIT_NEXT] = LIMIT_CLIENT_IDLE_MS,
	};
	if (now_ms - c->since > patience[c->waiting]) {
		c->d->counts.refused += c->waiting != WAIT_NEXT;
		client_close(c);
	}
}

/* ---- answering -------------------------------------------------------------------------- */

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b);
static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *b);

static void
serve_next(struct client *c)
{
	if (c->served_next)
		return;
	c->served_next = true;
	c->next_waiting = NULL;
	*(c->d->waiting == NULL ? &c->d->waiting : &c->d->last_waiting->next_waiting) = c;
	c->d->last_waiting = c;
}

static void
on_written(uv_write_t *w, int status)
{
	struct client *c = w->data;
	free(c->out);
	c->out = NULL;
	if (status != 0 || c->last || c->d->stopping) {
		client_close(c);
		return;
	}
	wait_for(c, WAIT_NEXT);
	uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
	if (c->have > 0) { /* what had come already */
		serve_next(c);
		clients_serve(c->d);
	}
}

/* n bytes, of which c->out, if there is one, holds the last. */
static void
leave(struct client *c, const void *bytes, size_t n)
{
	union {
		const void *in;
		char *out; /* uv_buf_t is for reading, too */
	} p = { bytes };
	uv_buf_t b = uv_buf_init(p.out, (unsigned)n);
	int done = uv_try_write((uv_stream_t *)&c->pipe, &b, 1);
	size_t sent = done < 0 ? 0 : (size_t)done;
	if (done < 0 && done != UV_EAGAIN) {
		client_close(c);
		return;
	}
	if (sent == n) {
		free(c->out);
		c->out = NULL;
		wait_for(c, WAIT_NEXT);
		if (c->last)
			client_close(c);
		return;
	}
	if (c->out == NULL && (c->out = malloc(n)) != NULL)
		memcpy(c->out, bytes, n);
	if (c->out == NULL) {
		client_close(c);
		return;
	}
	b = uv_buf_init(c->out + sent, (unsigned)(n - sent));
	c->write.data = c;
	wait_for(c, WAIT_TAKEN);
	uv_read_stop((uv_stream_t *)&c->pipe);
	if (uv_write(&c->write, (uv_stream_t *)&c->pipe, &b, 1, on_written) != 0)
		client_close(c);
}

/* The reply to what is served now: it leaves with the others'. */
static void
answer(struct client *c, const void *bytes, size_t n)
{
	if ((c->out = malloc(n)) != NULL) {
		memcpy(c->out, bytes, n);
		c->nout = n;
		return;
	}
	(void)record_flush(c->d, false);
	leave(c, bytes, n);
}

static void
refuse(struct client *c, const char *why)
{
	struct frame_out o = { .p = reply, .cap = sizeof(reply) };
	c->d->counts.refused++;
	c->last = true;
	judge_error(&o, why);
	if (frame_end(&o) == 0)
		leave(c, reply, o.n);
	else
		client_close(c);
}

/* ---- messages ------------------------------------------------------------------------------ */

static void
handle_frame(struct client *c, struct frame *f, const unsigned char *body, size_t n)
{
	struct frame_out o = { .p = reply, .cap = sizeof(reply) };
	if (frame_body(body, n, f) != 0) {
		refuse(c, "the fields of the frame do not add up");
		return;
	}
	switch (f->kind) {
	case FRAME_HOOK:
		judge_request(c->d, c, f, judge_hook, &o);
		break;
	case FRAME_WRAP:
		judge_request(c->d, c, f, judge_wrap, &o);
		break;
	case FRAME_ANSWER:
		judge_answer(c->d, c, f, &o);
		break;
	default:
		refuse(c, "a frame of a kind that this daemon does not know");
		return;
	}
	if (frame_end(&o) != 0) {
		refuse(c, "the answer is too large");
		return;
	}
	/* To hear of its end from the client would wake this daemon once more. */
	c->last = c->last || ((f->flags & FRAME_LAST) != 0 && c->ticket[0] == '\0');
	answer(c, reply, o.n);
}

/* Handles the frame at p if it is whole: the bytes used, 0 if more must come
 * (*need: how many in all). */
static size_t
take_frame(struct client *c, const unsigned char *p, size_t n, size_t *need)
{
	struct frame f = { 0 };
	size_t body;
	int rc = frame_head(p, n, LIMIT_FRAME, &f, &body);
	*need = FRAME_HEADER;
	if (rc == BRIDLE_EUNKNOWN)
		return 0;
	if (rc != 0) {
		refuse(c, rc == BRIDLE_EVERSION ? "this daemon speaks version 1 of the protocol: restart the older of "
		                                  "the two"
		        : rc == BRIDLE_ELIMIT ? "the frame is too large"
		                              : "this is no frame and no JSON");
		return n;
	}
	*need = FRAME_HEADER + body;
	if (n < *need)
		return 0;
	handle_frame(c, &f, p + FRAME_HEADER, body);
	return *need;
}

static size_t
take_line(struct client *c, const unsigned char *p, size_t n, size_t *need)
{
	const unsigned char *end = memchr(p, '\n', n);
	struct arena *a;
	struct buf out;
	jmp_buf jb;
	*need = n + 1;
	if (end == NULL && n < LIMIT_CONTROL)
		return 0;
	if (end == NULL) {
		refuse(c, "the line is too long");
		return n;
	}
	size_t used = (size_t)(end - p) + 1;
	a = arena_new(0);
	if (a == NULL || ARENA_GUARD(a, jb) != 0)
		client_close(c);
	else {
		buf_init(&out, a);
		control_line(c->d, c, (struct str){ (const char *)p, used - 1 }, &out);
		answer(c, out.p, out.n);
	}
	arena_free(a);
	return used;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Room for `need` bytes; false (and closed) when there is none. */
static bool
make_room(struct client *c, size_t need)
{
	if (need <= c->cap)
		return true;
	size_t cap = c->cap * 2 > need ? c->cap * 2 : need;
	if (cap > LIMIT_FRAME + FRAME_HEADER)
		cap = LIMIT_FRAME + FRAME_HEADER;
	if (cap < need || c->d->buffered + cap - c->cap > LIMIT_BUFFERED) {
		refuse(c, "too much is waiting to be read");
		return false;
	}
	unsigned char *p = realloc(c->in, cap);
	if (p == NULL) {
		refuse(c, "no memory left");
		return false;
	}
	c->d->buffered += cap - c->cap;
	c->in = p;
	c->cap = cap;
	return true;
}

/* Takes one message, if a whole one is there, from what was read. */
static void
take_message(struct client *c)
{
	size_t begin = c->at, got = 0, need = 1;
	while (c->at < c->have && c->in[c->at] == '\n')
		c->at++; /* between lines */
	if (c->at < c->have)
		got = (c->in[c->at] == '{' ? take_line : take_frame)(c, c->in + c->at, c->have - c->at, &need);
	c->at += got;
	c->took = got > 0;
	if (c->at == c->have || c->closing) {
		drop_input(c);
		return;
	}
	if (c->took)
		return; /* the rest comes next */
	if (c->at > begin || begin > 0 || c->waiting != WAIT_REST)
		wait_for(c, WAIT_REST);
	c->have -= c->at;
	memmove(c->in, c->in + c->at, c->have);
	c->at = 0;
	(void)make_room(c, need);
}

void
clients_serve(struct daemon *d)
{
	while (d->waiting != NULL) {
		struct client *all = d->waiting, *next;
		d->waiting = NULL;
		for (struct client *c = all; c != NULL; c = c->next_waiting)
			if (!c->closing && c->out == NULL)
				take_message(c);
		(void)record_flush(d, false);
		for (struct client *c = all; c != NULL; c = next) {
			next = c->next_waiting;
			c->served_next = false;
			c->last = c->last || d->stopping;
			if (!c->closing && c->nout > 0)
				leave(c, c->out, c->nout);
			c->nout = 0;
			if (!c->closing && c->took && c->out == NULL && c->have > 0)
				serve_next(c);
			c->took = false;
		}
	}
	record_settle(d);
}

/* What was read into scratch, as the beginning of a message. */
static bool
keep(struct client *c, size_t n)
{
	if (!make_room(c, n))
		return false;
	memcpy(c->in, scratch, n);
	return true;
}

static void
on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *b)
{
	struct client *c = (struct client *)h;
	(void)suggested;
	if (c->have == 0)
		*b = uv_buf_init(scratch, sizeof(scratch));
	else /* no room: it is served first */
		*b = uv_buf_init((char *)c->in + c->have, (unsigned)(c->cap - c->have));
}

static void
on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	struct client *c = (struct client *)s;
	if (n == 0 || n == UV_ENOBUFS || c->closing)
		return;
	if (n < 0 && c->served_next)
		clients_serve(c->d); /* it had sent something before */
	if (c->closing)
		return;
	if (n < 0) {
		/* A client that has sent half a message and no more. */
		if (n == UV_EOF && c->have > 0)
			refuse(c, "the message ended early");
		else
			client_close(c);
		return;
	}
	if (b->base != scratch || keep(c, (size_t)n)) {
		c->have += (size_t)n;
		serve_next(c);
	}
}

/* A shim has mostly sent its frame when its turn comes: then the loop need not
 * wait for it. What there is to say of an end or an error, the loop says. */
static void
read_at_once(struct client *c, uv_os_fd_t fd)
{
	ssize_t n = recv(fd, scratch, sizeof(scratch), MSG_DONTWAIT);
	if (n > 0 && keep(c, (size_t)n)) {
		c->have = (size_t)n;
		serve_next(c);
	}
}

/* The one that has been silent for longest since it connected. */
static struct client *
silent(struct daemon *d)
{
	struct client *found = NULL;
	for (struct client *c = d->clients; c != NULL; c = c->next)
		if (c->waiting == WAIT_FIRST && !c->closing)
			found = c;
	return found;
}

void
client_accept(struct daemon *d)
{
	struct client *c = calloc(1, sizeof(*c)), *other;
	uv_os_fd_t fd;
	if (c == NULL) {
		/* libuv would never call again: a new daemon can do better. */
		log_line(LOG_ERR, "no memory left for a connection: giving up");
		exit(1);
	}
	c->d = d;
	uv_pipe_init(&d->loop, &c->pipe, 0);
	c->next = d->clients;
	if (c->next != NULL)
		c->next->prev = c;
	d->clients = c;
	d->nclients++;
	wait_for(c, WAIT_FIRST);
	if (uv_accept((uv_stream_t *)&d->listener, (uv_stream_t *)&c->pipe) != 0 ||
	    uv_fileno((const uv_handle_t *)&c->pipe, &fd) != 0 || address_peer(fd, &c->uid, &c->pid) != 0) {
		client_close(c);
		return;
	}
	if (!d->options.system && c->uid != d->uid && c->uid != 0) {
		log_line(LOG_WARN, "refused a connection of user %ld", (long)c->uid);
		refuse(c, "this daemon belongs to another user");
		return;
	}
	if (d->nclients > d->most_clients && (other = silent(d)) != c) {
		if (other != NULL && other != c)
			client_close(other);
		else {
			refuse(c, "too many connections");
			return;
		}
	}
	read_at_once(c, fd);
	if (!c->closing)
		uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
}
