/* SPDX-License-Identifier: ISC */
/*
 * make.c: one make command from its files to what runs. A condition that is
 * not known is read both ways, one reading after another (make__choose); a file
 * to include that a recipe makes is read once it is there. What is not followed
 * is kept as lost text. Lines are makefile.c.
 */
#include "tools/make.h"

void
make__lose(struct make *m, struct str text)
{
	if (m->lost.n + text.n < MAKE_TEXT_MAX)
		buf_add(&m->lost, text);
	buf_putc(&m->lost, '\n');
}

void
make__limit(struct make *m)
{
	m->limit = true;
}

bool
make__choose(struct make *m, struct str what)
{
	const bool *is = map_get(m->chosen, what);

	if (is == NULL && m->nchoices >= MAKE_CHOICES_MAX) {
		make__lose(m, STR(""));
		return true;
	}
	if (is == NULL) { /* the same later is the same */
		is = (m->choices >> m->nchoices++ & 1) == 0 ? &make__yes : &make__no;
		map_put(m->chosen, str_dup(m->a, what), (void *)(uintptr_t)is);
	}
	return *is;
}

struct str
make__run(struct make *m, const struct make_recipe *r, bool output)
{
	struct str key, *value;
	struct buf b;

	buf_init(&b, m->a);
	if (output) /* what it prints may be something else by now */
		buf_printf(&b, "%p ", m->host->files_are(m->host->ctx));
	buf_printf(&b, STR_FMT "\n" STR_FMT " " STR_FMT "\n" STR_FMT, STR_ARG(r->target), STR_ARG(r->shell),
	    STR_ARG(r->flags), STR_ARG(r->text));
	for (size_t i = 0; i < r->nexports; i++)
		buf_printf(&b, "\n" STR_FMT "%s" STR_FMT, STR_ARG(r->exports[i].name), r->exports[i].unset ? "" : "=",
		    STR_ARG(r->exports[i].value));
	key = buf_str(&b);
	m->bytes += key.n;
	if (m->bytes > MAKE_BYTES_MAX) {
		make__limit(m);
		return MAKE_ANY;
	}
	value = map_get(m->ran, key);
	if (value == NULL) {
		value = NEW(m->a, struct str);
		*value = STR("");
		map_put(m->ran, key, value);
		if (str_trim(r->text).n > 0 && m->err == 0)
			m->err = m->host->run(m->host->ctx, r, output ? value : NULL);
	}
	return *value;
}

static void
read_once(struct make *m)
{
	const struct make_call *call = m->call;

	make__put(m, &m->globals, STR("CURDIR"), call->dir);
	make__find(STR("CURDIR"), &m->globals)->origin = MAKE_FILE;
	make__put(m, &m->globals, STR("MAKELEVEL"), str_printf(m->a, "%llu", (unsigned long long)call->level));
	make__put(m, &m->globals, STR("MAKECMDGOALS"), make__joined(m->a, &call->goals));
	for (size_t i = 0; i < call->assigns.n; i++) {
		struct make_assign as;

		if (make__assignment(call->assigns.v[i], &as))
			(void)make__set(m, &m->globals, &as, MAKE_COMMAND);
		else
			make__lose(m, call->assigns.v[i]);
	}
	if (!call->no_rules) {
		m->built_in = true;
		make__read_text(m, str_of(make__built_in));
		m->built_in = false;
		m->goal = (struct str){ 0 };
	}
	for (size_t i = 0; i + 1 < call->files.n; i += 2) {
		make__add_makefile(m, call->files.v[i]);
		make__read_text(m, call->files.v[i + 1]);
	}
	make__goals(m);
}

/* The next way through: the last condition that was true is false. */
static bool
next_choices(unsigned *choices, unsigned n)
{
	while (n > 0 && (*choices >> (n - 1) & 1) != 0)
		n--;
	if (n > 0)
		*choices = (*choices & ((1u << (n - 1)) - 1)) | 1u << (n - 1);
	return n > 0;
}

int
make_read(struct arena *a, const struct make_call *call, const struct make_host *host, struct make_lost *lost)
{
	struct map *ran = map_new(a);
	unsigned choices = 0, again = 0;
	size_t bytes = 0;
	struct buf all;
	bool more = true;
	int err = 0;

	buf_init(&all, a);
	while (more && err == 0) {
		struct make m = { .a = a, .call = call, .host = host, .globals = { map_new(a), NULL, false },
			.targets = map_new(a), .done = map_new(a), .phony = map_new(a), .exports = map_new(a),
			.chosen = map_new(a), .prefix = '\t', .choices = choices, .bytes = bytes, .ran = ran };

		buf_init(&m.lost, a);
		buf_init(&m.files, a);
		read_once(&m);
		buf_add(&all, buf_str(&m.lost));
		err = m.err;
		bytes = m.bytes;
		lost->limit |= m.limit;
		if (!m.again || ++again > MAKE_CHOICES_MAX)
			more = next_choices(&choices, m.nchoices);
	}
	lost->text = buf_str(&all);
	return err;
}
