/* SPDX-License-Identifier: ISC */
/*
 * frame.c: the binary frames between shim and daemon. Only libc, no
 * allocation: the shim links this file. It knows the shape of a message and
 * nothing of its meaning. The bytes are described in docs/bridle-protocol.7.
 */
#include "bridle/proto.h"

#include <string.h>

static const char magic[4] = { 'b', 'r', 'd', 'l' };

static size_t
get32(const unsigned char *p)
{
	return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | (size_t)p[3];
}

static void
put32(unsigned char *p, size_t n)
{
	p[0] = (unsigned char)(n >> 24 & 0xff);
	p[1] = (unsigned char)(n >> 16 & 0xff);
	p[2] = (unsigned char)(n >> 8 & 0xff);
	p[3] = (unsigned char)(n & 0xff);
}

int
frame_head(const unsigned char *p, size_t n, size_t max, struct frame *f, size_t *body)
{
	if (n > 0 && memcmp(p, magic, n < sizeof(magic) ? n : sizeof(magic)) != 0)
		return BRIDLE_ESYNTAX;
	if (n < FRAME_HEADER)
		return BRIDLE_EUNKNOWN;
	f->version = p[4];
	f->kind = p[5];
	*body = get32(p + 8);
	if (f->version != FRAME_VERSION)
		return BRIDLE_EVERSION;
	if (p[6] != 0 || p[7] != 0)
		return BRIDLE_ESYNTAX;
	return *body > max ? BRIDLE_ELIMIT : 0;
}

/* Where a field's value belongs, by tag: a string or a byte. */
static struct str *
string_field(struct frame *f, unsigned tag)
{
	switch (tag) {
	case TAG_AGENT:
		return &f->agent;
	case TAG_EVENT:
		return &f->event;
	case TAG_CWD:
		return &f->cwd;
	case TAG_ENV:
		return &f->env;
	case TAG_PAYLOAD:
		return &f->payload;
	case TAG_ARGV:
		return &f->argv;
	case TAG_RELEASE:
		return &f->release;
	case TAG_TICKET:
		return &f->ticket;
	case TAG_CHOICE:
		return &f->choice;
	case TAG_OUT:
		return &f->out;
	case TAG_ERR:
		return &f->err;
	case TAG_ASK:
		return &f->ask;
	case TAG_TEXT:
		return &f->text;
	default:
		return NULL;
	}
}

static unsigned char *
byte_field(struct frame *f, unsigned tag)
{
	switch (tag) {
	case TAG_FLAGS:
		return &f->flags;
	case TAG_STATUS:
		return &f->status;
	case TAG_VERDICT:
		return &f->verdict;
	default:
		return NULL;
	}
}

int
frame_body(const unsigned char *p, size_t n, struct frame *f)
{
	struct frame got;
	memset(&got, 0, sizeof(got));
	got.version = f->version;
	got.kind = f->kind;
	while (n > 0) {
		if (n < FRAME_FIELD)
			return BRIDLE_ESYNTAX;
		unsigned tag = p[0];
		size_t len = get32(p + 1);
		p += FRAME_FIELD;
		n -= FRAME_FIELD;
		if (len > n)
			return BRIDLE_ESYNTAX;
		struct str *string = string_field(&got, tag);
		unsigned char *byte = byte_field(&got, tag);
		if (string != NULL || byte != NULL) {
			if (FRAME_HAS(&got, tag))
				return BRIDLE_ESYNTAX;
			got.has |= (uint64_t)1 << tag;
		}
		if (string != NULL)
			*string = (struct str){ (const char *)p, len };
		if (byte != NULL && len != 1)
			return BRIDLE_ESYNTAX;
		if (byte != NULL)
			*byte = p[0];
		p += len;
		n -= len;
	}
	*f = got;
	return 0;
}

void
frame_begin(struct frame_out *o, unsigned char *p, size_t cap, enum frame_kind kind)
{
	o->p = p;
	o->cap = cap;
	o->n = 0;
	o->full = cap < FRAME_HEADER;
	if (o->full)
		return;
	memset(p, 0, FRAME_HEADER);
	memcpy(p, magic, sizeof(magic));
	p[4] = FRAME_VERSION;
	p[5] = (unsigned char)kind;
	o->n = FRAME_HEADER;
}

unsigned char *
frame_open(struct frame_out *o, enum frame_tag tag, size_t *room)
{
	*room = 0;
	if (o->full || o->cap - o->n <= FRAME_FIELD) {
		o->full = true;
		return NULL;
	}
	o->p[o->n] = (unsigned char)tag;
	*room = o->cap - o->n - FRAME_FIELD;
	return o->p + o->n + FRAME_FIELD;
}

void
frame_close(struct frame_out *o, size_t n)
{
	if (o->full)
		return;
	put32(o->p + o->n + 1, n);
	o->n += FRAME_FIELD + n;
}

void
frame_add(struct frame_out *o, enum frame_tag tag, const void *bytes, size_t n)
{
	size_t room;
	unsigned char *at = frame_open(o, tag, &room);
	if (at == NULL || n > room) {
		o->full = true;
		return;
	}
	if (n > 0)
		memcpy(at, bytes, n);
	frame_close(o, n);
}

void
frame_add_byte(struct frame_out *o, enum frame_tag tag, unsigned value)
{
	unsigned char byte = (unsigned char)value;
	frame_add(o, tag, &byte, 1);
}

int
frame_end(struct frame_out *o)
{
	if (o->full || o->n - FRAME_HEADER > UINT32_MAX)
		return BRIDLE_ELIMIT;
	put32(o->p + 8, o->n - FRAME_HEADER);
	return 0;
}
