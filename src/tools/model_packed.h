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
extern const size_t models__ntools, models__nwrappers, models__nfields;

/* Names and wrappers by models__place: the number of one and one, of a
 * wrapper's entries the first; 0: none. Where the place is another's, the next
 * ones are to be tried. Half of them are free. */
extern const uint32_t models__name_by[], models__wrapper_by[];
extern const size_t models__name_mask, models__wrapper_mask; /* their sizes less one: powers of two */

static inline size_t
models__place(struct str name)
{
	size_t h = name.n;

	for (size_t i = 0; i < name.n; i++)
		h = h * 31 + (unsigned char)name.p[i];
	return h ^ h >> 7;
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
