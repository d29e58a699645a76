/* SPDX-License-Identifier: ISC */
/*
 * heredoc.c: the bodies of here-documents. A redirection only notes its
 * delimiter; the bodies are read when the next newline is passed, in the order
 * of the redirections. An unquoted body is read by the rules of double quotes.
 */
#include "shell/plain.h"

#include <string.h>

/* Whether the line at s, which ends at nl, is the delimiter; joined: \newline
 * inside it counts as nothing. */
static bool
is_delimiter(const char *s, const char *nl, struct str delim, bool joined)
{
	size_t i = 0;

	if (!joined)
		return (size_t)(nl - s) == delim.n && memcmp(s, delim.p, delim.n) == 0;
	for (; s < nl; s++) {
		if (*s == '\\' && nl - s > 1 && s[1] == '\n') {
			s++;
			continue;
		}
		if (i == delim.n || *s != delim.p[i++])
			return false;
	}
	return i == delim.n;
}

/* The end of the line at s (its newline or the end of the text). A line whose
 * newline is escaped goes on, if joins; *joined: it did. */
static const char *
line_end(const struct parser *p, const char *s, bool joins, bool *joined)
{
	const char *nl = s;

	*joined = false;
	for (;;) {
		const char *back;

		nl = memchr(nl, '\n', (size_t)(p->in.end - nl));
		if (nl == NULL)
			return p->in.end;
		for (back = nl; back > s && back[-1] == '\\'; back--)
			continue;
		if (!joins || (nl - back) % 2 == 0)
			return nl;
		*joined = true;
		nl++;
	}
}

/* bash ends a here-document in $( ) also at a line that starts with the
 * delimiter and holds the ) that ends the substitution. */
static bool
closes_substitution(const struct parser *p, const char *s, const char *nl, struct str delim)
{
	return p->shell == SHELL_BASH && p->substitutions > 0 && delim.n > 0 &&
	    (size_t)(nl - s) > delim.n && memcmp(s, delim.p, delim.n) == 0 &&
	    memchr(s + delim.n, ')', (size_t)(nl - s) - delim.n) != NULL;
}

/* Finds the end of the body at the cursor, which moves behind the delimiter.
 * *tabs: some line starts with tabs that <<- takes away. Returns the end. */
static const char *
body_end(struct parser *p, struct redir *r, struct str delim, bool *tabs)
{
	const char *from = p->in.s, *line = from;

	*tabs = false;
	for (;;) {
		const char *s = line, *nl;
		bool joined;

		if (line >= p->in.end) {
			r->here_cut = true;
			break;
		}
		while (r->here_strip && s < p->in.end && *s == '\t')
			s++;
		nl = line_end(p, s, !r->here_quoted, &joined);
		if (is_delimiter(s, nl, delim, joined)) {
			p->in.s = nl < p->in.end ? nl + 1 : nl;
			break;
		}
		if (closes_substitution(p, s, nl, delim)) {
			p->in.s = s + delim.n;
			break;
		}
		*tabs = *tabs || s > line;
		line = nl < p->in.end ? nl + 1 : nl;
	}
	shell__work(p, (size_t)(line - from));
	if (r->here_cut)
		p->in.s = p->in.end;
	return line;
}

/* The body without the tabs that its lines start with. */
static struct str
without_tabs(struct parser *p, const char *s, const char *end, bool joins)
{
	struct input saved = shell__read_text(p, s, end);
	struct buf b;

	buf_init(&b, p->a);
	while (s < end) {
		const char *nl;
		bool joined;

		while (s < end && *s == '\t')
			s++;
		nl = line_end(p, s, joins, &joined);
		nl = nl < end ? nl + 1 : nl;
		buf_add(&b, (struct str){ s, (size_t)(nl - s) });
		s = nl;
	}
	shell__read_back(p, saved);
	return buf_str(&b);
}

/* Reads text, which stands at `at`, as the body. */
static void
read_body(struct parser *p, struct redir *r, struct str text, struct range at, bool copied)
{
	struct alias_use *floor = p->floor;
	struct chain chain = { 0 };
	struct input saved;
	unsigned height;

	if (!shell__enter(p, &height))
		return;
	p->floor = p->alias;
	saved = copied ? shell__read_copy(p, text, at) : shell__read_text(p, text.p, text.p + text.n);
	if (r->here_quoted)
		shell__text(p, &chain, text.p, text.p + text.n, true);
	else
		shell__dquoted(p, &chain, "");
	r->body = shell__wrap(p, &chain, at.from);
	r->body->at = at;
	if (!p->failed)
		p->floor = floor;
	shell__read_back(p, saved);
	shell__leave(p, height);
}

static void
body(struct parser *p, const struct heredoc *h)
{
	const char *s = p->in.s, *end;
	struct redir *r = h->redir;
	struct str text;
	struct range at;
	bool tabs;

	at.from = shell__here(p);
	end = body_end(p, r, h->delim, &tabs);
	at.to = p->in.fixed ? p->in.at.to : shell__offset(p, end);
	text = (struct str){ s, (size_t)(end - s) };
	if (tabs)
		text = without_tabs(p, s, end, !r->here_quoted);
	read_body(p, r, text, at, tabs);
}

/* Behind a newline: reads the bodies that were promised before it. */
void
shell__heredocs(struct parser *p)
{
	struct heredoc *first = NULL, *next;

	/* bash takes the body from behind the line and runs the rest of the
	 * alias; other shells do not. */
	if (p->alias != p->floor) {
		shell__fail(p, "a here-document that starts and goes on in an alias");
		return;
	}
	for (struct heredoc *h = p->pending; h != NULL; h = next) {
		next = h->next;
		h->next = first;
		first = h;
	}
	p->pending = NULL;
	for (; first != NULL && !p->failed; first = first->next)
		body(p, first);
}
