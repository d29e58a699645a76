/* SPDX-License-Identifier: ISC */
/*
 * fuzz_glob.c: pattern and text, parted by the first newline. A pattern as
 * pieces must say what glob_match says; paths and diagnostics must survive.
 */
#include "bridle/action.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = { (const char *)data, size };
	size_t end = str_chr(all, '\n');
	struct str pattern = str_sub(all, 0, end), text = str_sub(all, end, size);
	struct arena *a;
	struct diags d;
	struct words ws;
	struct buf b;

	if (str_chr(all, '\0') != STR_NPOS)
		return 0;
	a = arena_new(0);
	if (word_glob(a, pattern, &ws) == 0 && ws.n == 1 && str_chr(pattern, '{') == STR_NPOS &&
	    word_covers(ws.v[0], word_text(a, text)) != glob_match(pattern, text))
		abort();
	glob_path_match(pattern, text);
	if (!str_eq(path_clean(a, path_clean(a, text)), path_clean(a, text)))
		abort();
	buf_init(&b, a);
	diags_init(&d, a);
	diag_add(&d, DIAG_ERROR, text, 1, (unsigned)size / 2, all, "x");
	diags_print(&d, &b, true);
	buf_json(&b, all);
	arena_free(a);
	return 0;
}
