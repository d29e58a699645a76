/* SPDX-License-Identifier: ISC */
/*
 * fuzz_control.c: a line of JSON. What is read can be written, and is read as
 * the same again; nothing that is refused is half read.
 */
#include "bridle/proto.h"

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct str line = { (const char *)data, size }, cmd;
	cJSON *v = NULL, *again = NULL;
	const char *why = NULL;
	struct buf one, two;
	buf_init(&one, a);
	buf_init(&two, a);
	if (json_read(a, line, &v, &why) != 0) {
		if (why == NULL || v != NULL)
			abort();
	} else {
		(void)json_get_str(v, "cmd", &cmd);
		json_write(&one, v);
		if (json_read(a, buf_str(&one), &again, &why) != 0)
			abort();
		json_write(&two, again);
		if (!str_eq(buf_str(&one), buf_str(&two)))
			abort();
	}
	arena_free(a);
	return 0;
}
