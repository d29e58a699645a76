/* SPDX-License-Identifier: ISC */
/*
 * backquote.c: `…`: where it ends, which backslashes in it go, and the commands
 * that are left. Where it stands in quotes is known to quote.c.
 */
#include "shell/parse.h"

#include <string.h>

static bool
goes_before(char c, bool dquoted)
{
	return c == '$' || c == '`' || c == '\\' || c == '\n' || (dquoted && c == '"');
}

/* The text between backquotes, of which s is the first byte and end the closing
 * one, with its backslashes taken away, and lines joined, also in its quotes. */
static struct str
backquoted(struct parser *p, const char *s, const char *end, bool dquoted)
{
	struct buf b;
	bool escapes = false;

	for (const char *q = s; q < end && !escapes; q++)
		escapes = *q == '\\' && goes_before(q[1], dquoted);
	if (!escapes)
		return (struct str){ s, (size_t)(end - s) };
	buf_init(&b, p->a);
	for (; s < end; s++) {
		bool escaped = *s == '\\' && goes_before(s[1], dquoted);

		s += escaped;
		if (!escaped || *s != '\n')
			buf_putc(&b, *s);
	}
	return buf_str(&b);
}

/*
 * Reads the text of backquotes as commands. bash reads it when it runs it:
 * what is wrong in there is no error of the text around it.
 */
static void
backquote_body(struct parser *p, struct part *part, const char *open)
{
	struct heredoc *pending = p->pending;
	struct alias_use *floor = p->floor, *alias = p->alias;
	bool copied = part->subst->body_text.p != open + 1;
	size_t words = p->st.words.n, items = p->st.items.n;
	unsigned counted = p->counted, trying = p->trying;
	char around = p->around;
	size_t spans = p->st.spans.n;
	struct input saved;

	if (copied)
		saved = shell__read_copy(p, part->subst->body_text, part->subst->body_at);
	else
		saved = shell__read_text(p, open + 1, open + 1 + part->subst->body_text.n);
	p->pending = NULL;
	p->floor = p->alias;
	p->around = '\0';
	p->backquotes++;
	part->subst->body = shell__lines(p);
	p->backquotes--;
	p->around = around;
	if (p->failed && !p->err.limit && p->shell != SHELL_SH) {
		p->failed = false;
		p->err = (struct ast_error){ 0 };
		p->alias = alias;
		p->counted = counted;
		p->trying = trying;
		p->st.words.n = words;
		p->st.items.n = items;
		part->subst->body_bad = true;
	}
	p->floor = floor;
	if (!p->failed)
		p->pending = pending;
	p->st.spans.n = spans; /* bash steps over backquotes as a whole */
	shell__read_back(p, saved);
}

void
shell__backquote(struct parser *p, struct chain *chain, bool dquoted, enum tri unquote)
{
	uint32_t from = shell__here(p);
	const char *open = p->in.s, *s = open + 1;
	struct part *part;
	unsigned height;

	while (s < p->in.end && *s != '`')
		s += *s == '\\' && p->in.end - s > 1 ? 2 : 1;
	shell__work(p, (size_t)(s - open));
	if (s >= p->in.end) {
		shell__unended(p, from, "backquote");
		return;
	}
	if (unquote == TRI_MAYBE && str_find((struct str){ open, (size_t)(s - open) }, STR("\\\"")) != STR_NPOS) {
		shell__fail(p, "`\\\"` in backquotes, which shells read in two ways here");
		return;
	}
	if (!shell__enter(p, &height))
		return;
	part = shell__part(p, chain, PART_COMMAND, from);
	part->quoted = dquoted;
	part->op = '`';
	part->subst->body_text = backquoted(p, open + 1, s, unquote != TRI_NO);
	part->subst->body_at.from = shell__offset(p, open + 1);
	part->subst->body_at.to = p->in.fixed ? p->in.at.to : shell__offset(p, s);
	backquote_body(p, part, open);
	if (!p->failed)
		p->in.s = s + 1;
	part->at.to = shell__upto(p);
	shell__leave(p, height);
}
