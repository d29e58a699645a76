/* SPDX-License-Identifier: ISC */
/*
 * daemon.h: shared inside bridled. One process, one libuv loop, no threads:
 * main.c starts and stops it, server.c owns the socket, client.c one
 * connection, judge.c an event, who.c who sent it, reload.c the policies, control.c what `bridle`
 * asks. Everything hangs below one struct daemon.
 */
#ifndef DAEMON_H
#define DAEMON_H

#include <uv.h>

#include "bridle/agents.h"
#include "bridle/audit.h"
#include "bridle/local.h"
#include "bridle/proto.h"

struct client;
struct policies;

struct daemon_options {
	const char **policy; /* --policy FILE…; n 0: the usual places */
	size_t npolicy;
	const char *socket, *state; /* NULL: the usual places */
	bool detach, system, monitor;
};

/* What `bridle status` tells; only ever counted up. */
struct counts {
	uint64_t requests, verdicts[VERDICT_DENY + 1], bad, refused, controls;
	uint64_t other_release; /* requests of a shim of another release */
	int64_t started_ms;     /* wall clock */
};

struct agent_seen { /* processes that hook connections showed to be agents */
	long pid;
	uint64_t start;
	char session[128]; /* empty: too long to be kept */
};
#define AGENTS_SEEN 64

struct queued { /* owned */
	char *p;
	size_t n, cap;
	size_t written; /* of n: they are in the log, and not yet checked */
};

struct daemon {
	uv_loop_t loop;
	uv_pipe_t listener;
	uv_timer_t tick;
	uv_check_t after_reading; /* serves who has sent something */
	uv_signal_t signals[3];
	struct daemon_options options;
	struct arena *life;    /* places and paths; as long as the process */
	struct arena *request; /* of the one being judged */
	struct local_places places;
	struct address address;
	int lock; /* held while this daemon owns the socket */
	bool activated; /* the socket came from the service manager */
	struct policies *policies;
	struct sessions *sessions;
	struct grants *grants;
	struct audit *audit; /* NULL: not open, audit_why says why */
	struct str audit_why;
	char audit_trouble[256]; /* what audit_why may point to */
	uint64_t audit_tried;    /* loop time of the last attempt to open it */
	bool audit_dirty;
	uv_work_t sync; /* of the log, while sync_fd >= 0 */
	int sync_fd, sync_error;
	struct queued queued;   /* records since the log was last seen to be there */
	uv_timer_t settle;      /* of the log, when many records come */
	uint64_t settled;       /* loop time of the last check */
	bool head_due;
	struct client *clients; /* newest first */
	struct client *waiting, *last_waiting; /* those with something to be served */
	size_t nclients, most_clients;
	size_t buffered; /* bytes held for clients that have sent half a message */
	bool ready, stopping;
	struct counts counts;
	struct agent_seen agents[AGENTS_SEEN];
	size_t nagents;
	uid_t uid;       /* who runs this daemon */
	struct str user; /* login name */
	struct str confined; /* what the process gave up, for status */
};

/* ---- server.c: the socket, its lock and its clients ---- */
/* Takes the socket over: 0, or a sentence is on stderr and EIO. */
int server_open(struct daemon *d);
int server_listen(struct daemon *d);
void server_close(struct daemon *d); /* stops listening, removes the socket */
void server_stop(struct daemon *d);  /* graceful: ends the loop when all is answered */
/* Starts the clock that ends slow clients and syncs the log, if it stands. */
void server_tick(struct daemon *d);

/* ---- client.c: one connection ---- */
void client_accept(struct daemon *d);
void client_close(struct client *c);
void client_check(struct client *c, uint64_t now_ms); /* closes it when it is too slow */
bool client_busy(const struct client *c); /* a reply is on its way, or to be made */
/* Answers all that has been read: a message of each client, the records of them
 * in one write, then the answers. */
void clients_serve(struct daemon *d);
struct client *client_next(struct client *c);
uid_t client_uid(const struct client *c);
pid_t client_pid(const struct client *c);
/* Is this another session than the last one that it spoke for? Remembers it. */
bool client_session(struct client *c, struct str session);
char *client_ticket(struct client *c); /* TICKET_BYTES, empty: no question is open */
#define TICKET_BYTES 33
char *client_code(struct client *c); /* CODE_BYTES: of what the question is about; empty: none */
#define CODE_BYTES 9

/* ---- judge.c, wrapper.c: a request becomes an answer ---- */
struct judging;
/* What fills the reply frame; it may jump (arena). */
typedef void judge_by(struct judging *j, const struct frame *f, struct frame_out *reply);
judge_by judge_hook, judge_wrap;
/* Every request gets a reply, be it that memory ran out. */
void judge_request(struct daemon *d, struct client *c, const struct frame *f, judge_by *answer,
    struct frame_out *reply);
void judge_answer(struct daemon *d, struct client *c, const struct frame *f, struct frame_out *reply);
void judge_gone(struct daemon *d, struct client *c); /* it left; an open question is a no */
void judge_error(struct frame_out *reply, const char *why); /* a FRAME_ERROR */

/* A request with all that judging it needs, for judge.c and wrapper.c. */
struct judging {
	struct daemon *d;
	struct client *client;
	struct arena *a;
	struct world world;
	struct local_world local;
	const struct request *request;
	const struct local_policy *policy; /* NULL: none is in force */
	const struct event *event; /* NULL: the wrapper */
	struct decision decision;
	enum verdict verdict; /* what is answered: monitor and the log may change it */
	struct str reason;
	struct str grant; /* the code of a grant that let it through; may be empty */
	struct str code;  /* given out, for a person to approve; may be empty */
	uint64_t began_ns;
};
/* World of a frame's environment; may jump (arena). */
void judging_init(struct judging *j, struct daemon *d, struct client *c, const struct frame *f);
/* Decides, writes the record, sets verdict and reason. Sets a guard of its own. */
void judging_decide(struct judging *j, const struct request *r);
void judging_end(struct judging *j);

/* ---- who.c: agents, and whose a session is ---- */
#define ANCESTORS_SEEN 64
/* The session of what a person runs at a terminal; no agent's may be called so. */
#define WHO_PERSON "terminal"
bool who_known_agent(void *ctx, const struct local_process *p); /* ctx: struct daemon */
/* Does this hook speak for the agent whose session this is? Learns who the
 * agent of a new session is. */
bool who_speaks(struct daemon *d, pid_t shim, struct str session);
/* At each event: a session that goes on may be another process now. */
void who_heard(struct daemon *d, pid_t shim, struct str session);
/* The agent of a hook (its parent) or above another process; 0: none. */
long who_runs(struct daemon *d, pid_t peer, bool hook);
/* The session that a wrapper belongs to, whose environment says `said`: that
 * of the agent above it, where hooks showed one. Empty: none. */
struct str who_session(struct daemon *d, pid_t peer, struct str said);

/* ---- approve.c: what a person lifts ---- */
struct cJSON;
/* After a decision: a grant or a ticket may let it through, else it gets a
 * code. Changes verdict and reason. May jump (arena). */
void approve_decision(struct judging *j);
void approve_answer(struct daemon *d, const char *code, struct str choice);
void approve_tick(struct daemon *d);
void approve_list(struct daemon *d, enum grant_kind kind, struct buf *out);
void approve_person(struct daemon *d, struct client *c, const struct cJSON *request, struct buf *out);
void approve_code(struct daemon *d, struct client *c, const struct cJSON *request, struct buf *out);
void approve_drop(struct daemon *d, struct client *c, const struct cJSON *request, enum grant_kind kind,
    struct buf *out);
void approve_grant(struct daemon *d, struct client *c, const struct cJSON *request, struct buf *out);

/* ---- settings.c: hooks of the agent's that hold us ---- */
/* Notes which settings files hold our hook, once a session. */
void settings_note(struct judging *j, const struct event *e);
/* Would this change of settings drop our hook? Then a sentence. */
bool settings_dropped(struct judging *j, const struct event *e, struct str *why);

/* ---- reload.c: the policies in force ---- */
struct policies *policies_new(const struct daemon_options *o, const struct local_places *pl);
void policies_free(struct policies *p);
/* Looks at the files, loads what changed; good ones stay until a better one
 * is there. loud: load even if nothing changed. True: something was loaded. */
bool policies_check(struct daemon *d, bool loud);
void policies_give_back(void); /* memory that only loading, or packing, needed */
struct in_force {
	const struct local_policy *policy; /* NULL: none could ever be loaded */
	bool partial; /* the project's own could not: what it says is missing */
};
struct in_force policies_for(struct daemon *d, struct str project);
void policies_status(struct daemon *d, struct buf *out); /* JSON members */
const struct local_policy *policies_base(const struct daemon *d);

/* ---- record.c: the audit log ---- */
void record_open(struct daemon *d);
void record_close(struct daemon *d);
/* body as audit_write takes it. EIO: it could not be written. */
int record_write(struct daemon *d, struct str body);
/* It is written by record_flush: no answer leaves before. sure: the log was not
 * removed meanwhile, which else is seen, and made good, some milliseconds later. */
int record_queue(struct daemon *d, struct str body);
int record_flush(struct daemon *d, bool sure);
int record_check(struct daemon *d);
void record_settle(struct daemon *d); /* after the answers */
int record_decision(struct judging *j); /* queues it */
/* start, stop, reload: "event" and one more member, text. */
void record_event(struct daemon *d, const char *event, const char *name, struct str text);
/* "grant", "grant-lapsed": with what it lets through, for how long. */
void record_grant(struct daemon *d, const char *event, const struct grant *g);
void record_tick(struct daemon *d);

/* ---- control.c: JSON lines ---- */
/* One request without its newline; out gets one line with it. */
void control_line(struct daemon *d, struct client *c, struct str line, struct buf *out);

/* ---- service.c: the service manager, by hand ---- */
int service_socket(void); /* the socket handed over (LISTEN_FDS), or -1 */
void service_notify(const char *state); /* "READY=1"; nothing without a manager */

/* ---- confine.c: what is given up ---- */
/* writable: folders that may still be written, NULL at the end. */
void confine(struct daemon *d, const char *const *writable);

int64_t daemon_wall_ms(void);

#endif
