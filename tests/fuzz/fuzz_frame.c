/* SPDX-License-Identifier: ISC */
/*
 * fuzz_frame.c: bytes from the socket as a header and a body. What is read can
 * be written, and reads the same again.
 */
#include "bridle/limits.h"
#include "bridle/proto.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
add(struct frame_out *o, const struct frame *f, enum frame_tag tag, struct str value)
{
	if (FRAME_HAS(f, tag))
		frame_add(o, tag, value.p, value.n);
}

static void
same(struct str x, struct str y)
{
	if (!str_eq(x, y))
		abort();
}

/* Empty fields at the very end of memory are refused, so there is some to spare. */
#define SPARE 64

static void
there_and_back(const struct frame *f, size_t size)
{
	unsigned char *p = malloc(size + SPARE);
	struct frame_out o;
	struct frame again = { 0 };
	size_t body;
	if (p == NULL)
		return;
	frame_begin(&o, p, size + SPARE, FRAME_HOOK);
	add(&o, f, TAG_AGENT, f->agent);
	add(&o, f, TAG_ENV, f->env);
	add(&o, f, TAG_PAYLOAD, f->payload);
	add(&o, f, TAG_ARGV, f->argv);
	add(&o, f, TAG_OUT, f->out);
	if (FRAME_HAS(f, TAG_STATUS))
		frame_add_byte(&o, TAG_STATUS, f->status);
	if (frame_end(&o) != 0 || frame_head(p, o.n, size + SPARE, &again, &body) != 0 ||
	    body != o.n - FRAME_HEADER || frame_body(p + FRAME_HEADER, body, &again) != 0)
		abort();
	same(again.agent, f->agent);
	same(again.env, f->env);
	same(again.payload, f->payload);
	same(again.argv, f->argv);
	same(again.out, f->out);
	if (again.status != f->status)
		abort();
	free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame f = { 0 };
	size_t body = 0;
	if (frame_head(data, size, LIMIT_FRAME, &f, &body) == 0 && body > LIMIT_FRAME)
		abort();
	/* The body is tried even where the header was none. */
	if (size > FRAME_HEADER && frame_body(data + FRAME_HEADER, size - FRAME_HEADER, &f) == 0)
		there_and_back(&f, size);
	return 0;
}
