/* SPDX-License-Identifier: ISC */
/* logprogress.c: how far a long look through the log is, for a person. */
#include <time.h>
#include <unistd.h>

#include "log.h"

static bool shown;

static double
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void
log__progress(void *ctx, uint64_t done, uint64_t total)
{
	static double began, last;
	double now;

	(void)ctx;
	if (isatty(STDERR_FILENO) != 1)
		return;
	now = seconds();
	if (began == 0)
		began = now;
	if (now - began < 1 || now - last < 0.1)
		return;
	last = now;
	shown = true;
	if (total > 0)
		fprintf(stderr, "\r%3d %%", (int)(done * 100 / total));
	else
		fprintf(stderr, "\r%llu", (unsigned long long)done);
}

void
log__progress_end(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}
