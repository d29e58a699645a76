/* SPDX-License-Identifier: ISC */
/*
 * fuzz_toml.c: any bytes as TOML: an error or a list that is whole.
 */
#include "toml/toml.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(0);
	struct toml_doc doc;
	struct toml_error err;

	if (toml_parse(a, (struct str){ (const char *)data, size }, &doc, &err) == 0)
		for (size_t i = 0; i < doc.n; i++) {
			const struct toml_value *v = &doc.v[i];

			if (v->npath == 0 || v->text.p[v->text.n] != '\0')
				abort();
			toml_path(a, v);
		}
	arena_free(a);
	return 0;
}
