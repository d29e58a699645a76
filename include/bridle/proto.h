/* SPDX-License-Identifier: ISC */
/*
 * proto.h: what goes over the socket. The shim sends one binary frame and gets
 * one back (frame.c, address.c: libc only, so that the shim can link them);
 * `bridle` sends JSON lines (json.c). A connection's first
 * byte tells which: '{' is JSON, 'b' starts a frame, all else is refused.
 * docs/bridle-protocol.7 has the bytes.
 */
#ifndef BRIDLE_PROTO_H
#define BRIDLE_PROTO_H

#include "bridle/base.h"

#include <sys/types.h>

/* ---- frames -------------------------------------------------------------
 * Header: "brdl", version, kind, two zero bytes, length of the body (big
 * endian). These 12 bytes never change, so that any two versions can tell
 * each other that they differ. Body: fields, each a tag byte, a length (four
 * bytes, big endian) and so many bytes. A known tag comes at most once;
 * unknown tags are skipped. */
#define FRAME_VERSION 1
#define FRAME_HEADER 12
#define FRAME_FIELD 5 /* what a field costs beside its bytes */

enum frame_kind {
	FRAME_HOOK = 1,   /* one hook event: payload is what the agent wrote */
	FRAME_WRAP = 2,   /* one argument vector about to be run by the wrapper */
	FRAME_ANSWER = 3, /* what the person answered to a question: ticket, choice */
	FRAME_REPLY = 128,
	FRAME_ERROR = 129 /* not judged: text says why (version, limits, garbage) */
};

enum frame_tag {
	TAG_AGENT = 1,   /* "claude" */
	TAG_EVENT = 2,   /* the shim's EVENT argument: "PreToolUse" */
	TAG_CWD = 3,     /* directory of the sender */
	TAG_ENV = 4,     /* NAME=VALUE, each ended by a NUL */
	TAG_PAYLOAD = 5, /* the event, as it came on stdin */
	TAG_ARGV = 6,    /* words, each ended by a NUL */
	TAG_RELEASE = 7, /* the sender's release, "0.1.0" */
	TAG_FLAGS = 8,   /* one byte of enum frame_flag */
	TAG_TICKET = 9,  /* the question that an answer belongs to */
	TAG_CHOICE = 10, /* "y", "n", or minutes to allow it for: "10" */
	TAG_STATUS = 32, /* one byte: exit status for the agent */
	TAG_OUT = 33,    /* bytes for its stdout */
	TAG_ERR = 34,    /* bytes for its stderr */
	TAG_VERDICT = 35, /* one byte of enum frame_verdict, to the wrapper */
	TAG_ASK = 36,    /* to the wrapper: a question to put to the person */
	TAG_TEXT = 37    /* why it was not judged */
};

enum frame_flag {
	FRAME_ENV_CUT = 1 << 0, /* there were more variables than were sent */
	FRAME_TTY = 1 << 1,     /* the wrapper has a terminal to ask on */
	FRAME_LAST = 1 << 2     /* nothing comes after it but an answer to a question */
};

enum frame_verdict { FRAME_RUN = 1, FRAME_REFUSE = 2, FRAME_ASK = 3 };

/* A whole message, in either direction. Strings point into the body; a field
 * that was not sent has p NULL. */
struct frame {
	unsigned char version, kind;
	uint64_t has; /* bit t: a field with known tag t was sent */
	unsigned char flags, status, verdict;
	struct str agent, event, cwd, env, payload, argv, release, ticket, choice;
	struct str out, err, ask, text;
};

#define FRAME_HAS(f, tag) (((f)->has & (uint64_t)1 << (tag)) != 0)

/* The header alone. 0: version, kind and *body are set. EUNKNOWN: fewer than
 * 12 bytes yet, all right so far. ESYNTAX: no frame. ELIMIT: the body is larger
 * than max. EVERSION: another version; the three are set. */
int frame_head(const unsigned char *p, size_t n, size_t max, struct frame *f, size_t *body);
/* The fields of a whole body. 0, or ESYNTAX (torn, twice, wrong size). */
int frame_body(const unsigned char *p, size_t n, struct frame *f);

/* Writes a frame into memory of the caller's. Once it does not fit, `full`
 * stays set and nothing more is written. */
struct frame_out {
	unsigned char *p;
	size_t n, cap;
	bool full;
};
void frame_begin(struct frame_out *o, unsigned char *p, size_t cap, enum frame_kind kind);
void frame_add(struct frame_out *o, enum frame_tag tag, const void *bytes, size_t n);
void frame_add_byte(struct frame_out *o, enum frame_tag tag, unsigned value);
/* A field whose bytes the caller puts into place himself: where they go, and
 * room for how many (0: full). frame_close gives their number. */
unsigned char *frame_open(struct frame_out *o, enum frame_tag tag, size_t *room);
void frame_close(struct frame_out *o, size_t n);
/* Sets the length in the header: the frame is p[0..n). ELIMIT when full. */
int frame_end(struct frame_out *o);

/* ---- where the daemon is ------------------------------------------------ */
enum address_kind { ADDRESS_SYSTEM, ADDRESS_GIVEN, ADDRESS_RUNTIME, ADDRESS_TMP };
#define ADDRESS_SYSTEM_DIR "/run/bridle"
struct address {
	enum address_kind kind;
	char path[104]; /* sockaddr_un is no longer than this anywhere */
};
/* The first of: /run/bridle/socket if it is a socket in a folder that only its
 * owner can change; $BRIDLE_SOCKET; $XDG_RUNTIME_DIR/bridle/socket if that
 * folder is the user's own; /tmp/bridle-UID/socket. envp as in main().
 * ELIMIT: the path is too long for a socket (kind and as much of it as fits
 * are set). */
int address_find(const char *const *envp, struct address *out);
/* Opens a close-on-exec, non-blocking stream socket with a descriptor above 2
 * and starts to connect. The descriptor, or EIO with errno. */
int address_connect(const struct address *at);
/* Who is at the other end of a connected socket; pid 0 where the system does
 * not tell. 0 or EIO. */
int address_peer(int fd, uid_t *uid, pid_t *pid);
/* May a client believe a daemon of this user at this address? Its own, root's
 * or, at the system address, that of the folder's owner. */
bool address_trusted(const struct address *at, uid_t peer);

/* ---- JSON, read strictly -------------------------------------------------- */
struct cJSON;
/* One JSON text in UTF-8 and nothing after it. Refused, too: duplicate keys,
 * \u0000, lone surrogates, nesting deeper than LIMIT_JSON_DEPTH, more than
 * LIMIT_JSON_VALUES values, numbers that no double holds. The tree lies in the
 * arena: never cJSON_Delete it. 0, or ESYNTAX with *why a phrase ("a key stands twice in one object"). */
int json_read(struct arena *a, struct str text, struct cJSON **out, const char **why);
/* The value of a key, as strictly: 0; ENOENT: no such key (or no object);
 * EINVAL: another type. */
int json_get_str(const struct cJSON *object, const char *key, struct str *out);
int json_get_bool(const struct cJSON *object, const char *key, bool *out);
/* Compact text of a tree. */
void json_write(struct buf *out, const struct cJSON *v);

#endif
