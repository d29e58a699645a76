/* SPDX-License-Identifier: ISC */
/*
 * evaluated.c: a value that is not known, where a shell evaluates it as
 * arithmetic, is rarely code (opaque, semantics 1); but where the line itself
 * holds such code as text and names what rules speak of, it may well be.
 */
#include "tools/host.h"

/* a[$(…)] as text, or '$(…)' for a subscript: what a value that is evaluated on
 * this line may be. */
static bool
holds_subscript(struct str text)
{
	static const char *const marks[] = { "[$(", "[`", "[\\x24", "[\\044", "[\\u0024", "[\\x60", "[\\140",
		"'$(", "'`", "\\$(", "\\`" };
	size_t at;

	for (size_t i = 1; i < sizeof marks / sizeof *marks; i++)
		if (str_find(text, str_of(marks[i])) != STR_NPOS)
			return true;
	for (; (at = str_find(text, str_of(marks[0]))) != STR_NPOS; text = str_sub(text, at + 3, text.n))
		if (at + 3 < text.n && text.p[at + 3] != '(') /* a[$((i+1))] is plain */
			return true;
	return false;
}

bool
reading_evaluates(struct reading *rd)
{
	return holds_subscript(rd->request->text) && reading_names_hidden(rd, rd->request->text);
}
