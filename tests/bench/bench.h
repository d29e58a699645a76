/* SPDX-License-Identifier: ISC */
/* bench.h: times as numbers with a name, and what is said of them. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct series {
	const char *name;
	double *us;
	size_t n, cap;
};

static inline double
now_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static inline void
series_add(struct series *s, double us)
{
	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 1024 : 2 * s->cap;
		s->us = realloc(s->us, s->cap * sizeof(*s->us));
		if (s->us == NULL)
			exit(1);
	}
	s->us[s->n++] = us;
}

static inline int
series_cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The value below which this share lies; sorts. */
static inline double
series_at(struct series *s, double share)
{
	if (s->n == 0)
		return 0;
	qsort(s->us, s->n, sizeof(*s->us), series_cmp);
	size_t i = (size_t)(share * (double)(s->n - 1));
	return s->us[i];
}

static inline void
series_print(struct series *s)
{
	double median = series_at(s, 0.5);
	if (s->n == 0)
		return;
	printf("  %-28s %9.1f %9.1f %9.1f   n=%zu\n", s->name, median, series_at(s, 0.99), s->us[0], s->n);
}

/* A figure against its aim. */
static inline void
goal(const char *what, double value, const char *relation, double aim)
{
	int ok = relation[0] == '<' ? value <= aim : value >= aim;
	printf("%-7s %-58s %8.2f  (aim %s %g)\n", ok ? "reached" : "MISSED", what, value,
	    relation[0] == '<' ? "<=" : ">=", aim);
}

#endif
