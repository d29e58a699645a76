/* SPDX-License-Identifier: ISC */
/*
 * alias.c: aliases are replaced while reading, as the shells do: the cursor
 * goes on in the value and comes back to the word behind it. A word inside
 * the value of its own alias stays; a value that ends in a blank makes the
 * next word a candidate too. What a value opens it must close: a quote that
 * spans the end of an alias is an error here (shells read on, nobody means it).
 */
#include "shell/parse.h"

#include "bridle/limits.h"

void
shell__alias_end(struct parser *p)
{
	struct alias_use *use = p->alias;

	p->alias = use->outer;
	p->in = use->in;
	p->alias_next = use->blank;
}

static bool
in_use(const struct parser *p, struct str name)
{
	for (const struct alias_use *u = p->alias; u != NULL; u = u->outer)
		if (str_eq(u->name, name))
			return true;
	return false;
}

/* Replaces the alias at the cursor. Returns false where none stands there. */
bool
shell__alias(struct parser *p, bool global)
{
	const char *s = p->in.s;
	struct alias_use *use;
	struct str value;
	struct range at;
	struct str name;

	if (p->aliases == NULL || p->failed)
		return false;
	while (s < p->in.end && !shell__is((unsigned char)*s, C_END | C_DQUOTE) && *s != '\'')
		s++;
	if (s == p->in.s || (s < p->in.end && !shell__is((unsigned char)*s, C_END)))
		return false;
	name = (struct str){ p->in.s, (size_t)(s - p->in.s) };
	shell__work(p, name.n);
	if (in_use(p, name) || !p->aliases->find(p->aliases->ctx, name, global, &value))
		return false;
	p->alias_bytes += value.n + 1;
	if (p->alias_bytes > LIMIT_ALIAS_BYTES) {
		shell__limit(p, "aliases stand for more than " LIMIT_TEXT(LIMIT_ALIAS_BYTES) " bytes");
		return false;
	}
	at.from = shell__here(p);
	p->in.s = s;
	at.to = shell__upto(p);
	use = SHELL_NEW(p, struct alias_use);
	*use = (struct alias_use){ .outer = p->alias, .name = name };
	use->blank = value.n > 0 && (value.p[value.n - 1] == ' ' || value.p[value.n - 1] == '\t');
	if (p->alias_next && value.n == 0 && p->shell != SHELL_BASH)
		shell__fail(p, "an alias for nothing behind another, which may leave the next word an alias, too");
	use->in = shell__read_copy(p, value, at);
	p->alias = use;
	p->kw_at = NULL;
	return true;
}

/* Goes over blanks and aliases to where a command starts. */
int
shell__alias_start(struct parser *p)
{
	int c;

	do
		c = shell__blank(p);
	while (c >= 0 && shell__alias(p, false));
	return c;
}
