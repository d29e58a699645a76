/* SPDX-License-Identifier: ISC */
/*
 * url.h: reading URLs (url.c). A scheme may be missing, as curl takes them.
 */
#ifndef TOOLS_URL_H
#define TOOLS_URL_H

#include "tools/tools.h"

/* host:port, as far as it is known, without user and password; *after is what
 * is known to follow it, from its / ? or # on, empty where nothing is. */
struct str url_host(struct arena *a, struct word url, struct str *after);
/* Is the host one of these, in either case? What follows its / is in *rest. */
bool url_at(struct arena *a, struct word url, const char *const *names, size_t n, struct word *rest);
/* The same for ":4280" and any host. */
bool url_at_port(struct arena *a, struct word url, const char *port, struct word *rest);
/* As the server reads it: %2D is -. */
struct str url_decoded(struct arena *a, struct str text);

#endif
