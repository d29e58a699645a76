/* SPDX-License-Identifier: ISC */
/*
 * model_packed.h: the models that are compiled in, as build/gen/models.c holds
 * them (made by src/gen/models.c): bytes, where in them each thing stands, and
 * room for what was unpacked. Only model_packed.c reads this.
 */
#ifndef TOOLS_MODEL_PACKED_H
#define TOOLS_MODEL_PACKED_H

#include "tools/tools.h"

extern const unsigned char models__bytes[];
extern const uint32_t models__option_at[], models__list_at[], models__tool_at[], models__wrapper_at[];
extern const uint32_t models__name_at[], models__name_tool[], models__field_at[];
extern const uint64_t models__name_key[], models__wrapper_key[]; /* models__key of each */
extern const size_t models__ntools, models__nwrappers, models__nnames, models__nfields;

/* The first eight bytes of a name: names of which these differ stand in their order. */
static inline uint64_t
models__key(struct str name)
{
	unsigned char b[8] = { 0 };

	if (name.n > 0)
		memcpy(b, name.p, name.n < sizeof b ? name.n : sizeof b);
	return (uint64_t)b[0] << 56 | (uint64_t)b[1] << 48 | (uint64_t)b[2] << 40 | (uint64_t)b[3] << 32 |
	    (uint64_t)b[4] << 24 | (uint64_t)b[5] << 16 | (uint64_t)b[6] << 8 | b[7];
}

/* All zero until unpacked; each thing has its place, an option the one that
 * slots names (0: none yet). */
extern unsigned short models__slots[];
extern struct model_option models__options[];
extern const struct model_option *models__items[];
extern struct model_command models__commands[];
extern struct model_scope models__scopes[];
extern struct str models__words[];
extern struct tool models__tools[];
extern struct wrapper models__wrappers[];

/* Where most of it is unpacked to. */
struct models__room {
	void *p;
	size_t n;
};
extern const struct models__room models__rooms[];
extern const size_t models__nrooms;

#endif
