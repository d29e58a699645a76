/* SPDX-License-Identifier: ISC */
/* units.h: the service files that the build put into the programs (src/gen/units.c). */
#ifndef LOCAL_UNITS_H
#define LOCAL_UNITS_H

struct shipped_unit {
	const char *name; /* "bridled.service"; NULL at the end */
	const char *text; /* ASCII; names /usr/local/bin/bridled */
};
extern const struct shipped_unit shipped_units[];

#endif
