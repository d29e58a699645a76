/* SPDX-License-Identifier: ISC */
/* shipped.h: the policies that the build put into the programs (src/gen/policies.c). */
#ifndef LOCAL_SHIPPED_H
#define LOCAL_SHIPPED_H

struct shipped_policy {
	const char *name;
	const unsigned char *text;
	unsigned long n;
};
extern const struct shipped_policy shipped_policies[];
extern const unsigned long shipped_policies_n;

#endif
