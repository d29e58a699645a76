/* SPDX-License-Identifier: ISC */
/*
 * model_packed.c: unpacks the models that are compiled in, each when it is
 * first asked for: a process pays, in time and memory, for the tools that it
 * meets. Unpacking always gives the same and takes no memory that could be
 * missing. The order of the bytes is that of src/gen/models.c.
 */
#include "tools/model_packed.h"

static size_t
number(const unsigned char **p)
{
	size_t n = 0;

	for (unsigned shift = 0;; shift += 7) {
		n |= (size_t)(**p & 0x7f) << shift;
		if ((*(*p)++ & 0x80) == 0)
			return n;
	}
}

static bool
bit(size_t all, unsigned which)
{
	return (all >> which & 1) != 0;
}

static struct str
text(const unsigned char **p)
{
	struct str s = { NULL, number(p) };

	if (s.n == 0)
		return s;
	s.p = (const char *)*p;
	*p += s.n + 1; /* a NUL stands behind it */
	return s;
}

static const struct str *
words(const unsigned char **p, size_t *n)
{
	struct str *v;

	if ((*n = number(p)) == 0)
		return NULL;
	v = &models__words[number(p)];
	for (size_t i = 0; i < *n; i++)
		v[i] = text(p);
	return v;
}

static uint32_t
begins(struct str spelling)
{
	uint32_t bits = spelling.n > 0 ? (uint32_t)1 << (spelling.p[0] & 31) : 0;

	return str_starts(spelling, STR("no-")) && spelling.n > 3 ? bits | (uint32_t)1 << (spelling.p[3] & 31)
								: bits;
}

static uint32_t
unlike(const struct model_option *o)
{
	uint32_t bits = begins(o->name);

	for (size_t i = 0; i < sizeof o->longs / sizeof o->longs[0]; i++)
		bits |= begins(o->longs[i]);
	return ~bits;
}

/* Options lie side by side in the order in which they were met: few pages are
 * touched. */
static const struct model_option *
option(size_t which)
{
	static size_t met;
	const unsigned char *p = &models__bytes[models__option_at[which]];
	struct model_option *o;
	size_t bits;

	if (models__slots[which] != 0)
		return &models__options[models__slots[which] - 1];
	o = &models__options[met++];
	models__slots[which] = (unsigned short)met;
	bits = number(&p);
	o->list = bit(bits, 0);
	o->secret = bit(bits, 1);
	o->hidden = bit(bits, 2);
	o->negatable = bit(bits, 3);
	o->comma = bit(bits, 4);
	o->number = bit(bits, 5);
	o->letter = (char)number(&p);
	o->arg = (enum option_arg)number(&p);
	o->cls = (enum option_class)number(&p);
	o->name = text(&p);
	for (size_t i = 0; i < sizeof o->longs / sizeof o->longs[0]; i++)
		o->longs[i] = text(&p);
	o->alias_of = text(&p);
	o->type = text(&p);
	o->optional_value = text(&p);
	o->field = text(&p);
	o->runs = text(&p);
	o->effect = text(&p);
	o->unlike = unlike(o);
	return o;
}

/* which: the list's number and one; 0: no options. Their places alone: each
 * is NULL until the list is unpacked. */
static const struct model_option **
places(size_t which, size_t *n, const unsigned char **p)
{
	const struct model_option **v;

	*n = 0;
	if (which == 0)
		return NULL;
	*p = &models__bytes[models__list_at[which - 1]];
	v = &models__items[number(p)];
	*n = number(p);
	return v;
}

static const struct model_option *const *
list(size_t which, size_t *n)
{
	const unsigned char *p;
	const struct model_option **v = places(which, n, &p);

	for (size_t i = 0; i < *n && v[*n - 1] == NULL; i++)
		v[i] = option(number(&p));
	return v;
}

void
models__packed_list(unsigned which)
{
	size_t n;

	(void)list(which, &n);
}

static void
command(const unsigned char **p, struct model_command *c)
{
	const unsigned char *unused;
	size_t bits;

	c->path = words(p, &c->npath);
	c->aliases = words(p, &c->naliases);
	bits = number(p);
	c->runnable = bit(bits, 0);
	c->hidden = bit(bits, 1);
	c->dead = bit(bits, 2);
	c->tail = bit(bits, 3);
	c->effect = text(p);
	c->resolver = text(p);
	c->today = text(p);
	c->min_args = (int)number(p) - 1;
	c->max_args = (int)number(p) - 1;
	c->operands = text(p);
	c->app_scope = text(p);
	c->list = (unsigned)number(p);
	c->opts = places(c->list, &c->noptions, &unused);
	c->required = words(p, &c->nrequired);
	c->end = (unsigned)number(p);
}

static void
scope(const unsigned char **p, struct model_scope *s)
{
	s->field = text(p);
	s->option = text(p);
	s->env = words(p, &s->nenv);
	s->config_option = text(p);
	s->files = words(p, &s->nfiles);
	s->key = text(p);
}

static const struct tool *
tool(size_t which)
{
	struct tool *t = &models__tools[which];
	const unsigned char *p = &models__bytes[models__tool_at[which]];
	size_t bits, first;

	if (t->name.n > 0)
		return t;
	t->name = text(&p);
	t->names = words(&p, &t->nnames);
	t->parser = (enum tool_parser)number(&p);
	bits = number(&p);
	t->guarded = bit(bits, 0);
	t->doors_only = bit(bits, 1);
	t->unknown_refused = bit(bits, 2);
	t->describes = text(&p);
	t->resolver = text(&p);
	t->runner = text(&p);
	t->globals = list(number(&p), &t->nglobals);
	t->env = words(&p, &t->nenv);
	t->door_env = words(&p, &t->ndoor_env);
	t->nscopes = number(&p);
	first = number(&p);
	t->scopes = &models__scopes[first];
	for (size_t i = 0; i < t->nscopes; i++)
		scope(&p, &models__scopes[first + i]);
	t->ncommands = number(&p);
	first = number(&p);
	t->commands = &models__commands[first];
	for (size_t i = 0; i < t->ncommands; i++)
		command(&p, &models__commands[first + i]);
	return t;
}

static struct str
text_at(uint32_t at)
{
	const unsigned char *p = &models__bytes[at];

	return text(&p);
}

const struct tool *
models__packed_tool(struct str program)
{
	size_t i = models__place(program), which;

	for (; (which = models__name_by[i & models__name_mask]) != 0; i++)
		if (str_eq(text_at(models__name_at[which - 1]), program))
			return tool(models__name_tool[which - 1]);
	return NULL;
}

bool
models__packed_field(struct str field)
{
	for (size_t i = 0; i < models__nfields; i++)
		if (str_eq(text_at(models__field_at[i]), field))
			return true;
	return false;
}

static void
unpack_wrapper(size_t which)
{
	struct wrapper *w = &models__wrappers[which];
	const unsigned char *p = &models__bytes[models__wrapper_at[which]];

	if (w->name.n > 0)
		return;
	w->name = text(&p);
	w->transparent = bit(number(&p), 0);
	w->start = text(&p);
	w->skip = (int)number(&p);
	w->kind = text(&p);
	w->adds = text(&p);
	w->subcommand = text(&p);
	w->options = list(number(&p), &w->noptions);
	w->more = number(&p);
}

static struct str
wrapper_name(size_t which)
{
	return models__wrappers[which].name.n > 0 ? models__wrappers[which].name
						  : text_at(models__wrapper_at[which]);
}

const struct wrapper *
models__packed_wrappers(struct str program, size_t *n)
{
	size_t i = models__place(program), first;

	*n = 0;
	while ((first = models__wrapper_by[i & models__wrapper_mask]) != 0 &&
	    !str_eq(wrapper_name(first - 1), program))
		i++;
	if (first-- == 0)
		return NULL;
	unpack_wrapper(first);
	*n = models__wrappers[first].more + 1;
	for (i = *n - 1; i > 0 && models__wrappers[first + i].name.n == 0; i--)
		unpack_wrapper(first + i);
	return &models__wrappers[first];
}

bool
models_room(size_t i, void **p, size_t *n)
{
	if (i >= models__nrooms)
		return false;
	*p = models__rooms[i].p;
	*n = models__rooms[i].n;
	return true;
}
