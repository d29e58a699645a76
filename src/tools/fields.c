/* SPDX-License-Identifier: ISC */
/*
 * fields.c: setting the fields of an action: what a resolver knows of it beyond
 * its words. Which fields there are says each resolver; what rules ask of them
 * is in src/decide.
 */
#include "tools/tools.h"

#include <string.h>

/* Room is there for FIELDS, and from then on for twice as many as there are
 * where these are a power of two. */
#define FIELDS 8

struct field *
reading_fields(struct reading *rd, const struct field *from, size_t n)
{
	size_t room = FIELDS;
	struct field *v;

	while (room <= n)
		room *= 2;
	v = NEW_ARRAY(rd->a, struct field, room);
	if (n > 0)
		memcpy(v, from, n * sizeof *v);
	return v;
}

static struct field *
field_of(struct reading *rd, struct action *act, const char *name)
{
	struct str called = str_of(name);
	size_t n = act->nfields;
	struct field *f;

	for (size_t i = 0; i < n; i++) {
		f = &act->fields[i];
		if (f->name.n != called.n || f->name.p[0] != called.p[0] || !str_eq(f->name, called))
			continue;
		*f = (struct field){ .name = called };
		return f;
	}
	if (n == 0 || (n >= FIELDS && (n & (n - 1)) == 0))
		act->fields = reading_fields(rd, act->fields, n);
	f = &act->fields[act->nfields++];
	f->name = called;
	return f;
}

void
field_set(struct reading *rd, struct action *act, const char *name, struct words values, struct str from)
{
	struct field *f = field_of(rd, act, name);

	f->state = values.n > 0 ? FIELD_PRESENT : FIELD_ABSENT;
	f->values = values;
	f->from = from;
}

void
field_set_str(struct reading *rd, struct action *act, const char *name, struct str value)
{
	struct word *w = NEW(rd->a, struct word);

	*w = word_text(rd->a, value);
	field_set(rd, act, name, (struct words){ w, 1 }, (struct str){ 0 });
}

void
field_set_text(struct reading *rd, struct action *act, const char *name, const char *value)
{
	field_set_str(rd, act, name, str_of(value));
}

void
field_absent(struct reading *rd, struct action *act, const char *name)
{
	field_of(rd, act, name)->state = FIELD_ABSENT;
}

void
field_unknown(struct reading *rd, struct action *act, const char *name, struct str why)
{
	struct field *f = field_of(rd, act, name);

	f->state = FIELD_UNKNOWN;
	f->why = why;
}

void
field_one_of(struct reading *rd, struct action *act, const char *name, const char *const *values, size_t n,
    struct str why)
{
	struct word *w = NEW_ARRAY(rd->a, struct word, n);
	struct field *f = field_of(rd, act, name);

	for (size_t i = 0; i < n; i++)
		w[i] = word_text(rd->a, str_of(values[i]));
	f->state = FIELD_UNKNOWN;
	f->values = (struct words){ w, n };
	f->why = why;
}
