/* SPDX-License-Identifier: ISC */
/*
 * oldrule.c: Claude Code's own permission rules: read from its settings, and
 * matched as the client does it (text globs on each part of a line). For
 * showing what they hit; nothing is decided by it. Ours: translate.c.
 */
#include <string.h>

#include <cjson/cJSON.h>

#include "bridle/proto.h"
#include "import.h"

const char *const old_list_names[OLD_NLISTS] = { "deny", "ask", "allow" };

static void
read_rule(struct arena *a, enum old_list list, struct str text, struct old_rules *out)
{
	struct old_rule *r = vec_push(a, &out->list);
	size_t open = str_chr(text, '(');

	memset(r, 0, sizeof *r);
	r->list = list;
	r->text = text;
	r->tool = text;
	if (open != STR_NPOS && str_ends(text, STR(")"))) {
		r->tool = str_sub(text, 0, open);
		r->spec = str_trim(str_sub(text, open + 1, text.n - open - 2));
	}
}

int
old_rules_read(struct arena *a, struct str settings, struct old_rules *out, struct str *why)
{
	const cJSON *permissions, *r;
	const char *bad;
	cJSON *root;

	memset(out, 0, sizeof *out);
	if (str_trim(settings).n == 0)
		return 0;
	if (json_read(a, settings, &root, &bad) != 0) {
		*why = str_printf(a, "%s", bad);
		return BRIDLE_ESYNTAX;
	}
	permissions = cJSON_GetObjectItemCaseSensitive(root, "permissions");
	for (int l = 0; l < OLD_NLISTS; l++)
		cJSON_ArrayForEach(r, cJSON_GetObjectItemCaseSensitive(permissions, old_list_names[l]))
			if (cJSON_IsString(r))
				read_rule(a, (enum old_list)l, str_dup(a, str_trim(str_of(r->valuestring))), out);
	return 0;
}

/* ---- matching as the client does it ---- */
/* Only * is special; it crosses everything. */
static bool
star_match(struct str p, struct str t)
{
	size_t i = 0, k = 0, star = STR_NPOS, from = 0;

	while (k < t.n) {
		if (i < p.n && p.p[i] == '*') {
			star = i++;
			from = k;
		} else if (i < p.n && p.p[i] == t.p[k]) {
			i++;
			k++;
		} else if (star != STR_NPOS) {
			i = star + 1;
			k = ++from;
		} else {
			return false;
		}
	}
	while (i < p.n && p.p[i] == '*')
		i++;
	return i == p.n;
}

static bool
spec_hits(struct str spec, struct str command)
{
	struct str stem;

	if (!str_ends(spec, STR(":*")) && !str_ends(spec, STR(" *")))
		return star_match(spec, command);
	stem = str_sub(spec, 0, spec.n - 2); /* and further words, or none */
	for (size_t i = 0; i < command.n; i++)
		if (command.p[i] == ' ' && star_match(stem, str_sub(command, 0, i)))
			return true;
	return star_match(stem, command);
}

/* The next part of a compound line: what stands between && || ; | & and line ends. */
static bool
next_part(struct str *rest, struct str *part)
{
	char quote = 0;
	size_t i;

	if (rest->n == 0)
		return false;
	for (i = 0; i < rest->n; i++) {
		char c = rest->p[i];

		if (quote != 0) {
			quote = c == quote ? 0 : quote;
			continue;
		}
		if (c == '\'' || c == '"')
			quote = c;
		else if (c == '\\')
			i++;
		else if (c == ';' || c == '\n' || c == '|' || (c == '&' && (i == 0 || rest->p[i - 1] != '>')))
			break;
	}
	*part = str_trim(str_sub(*rest, 0, i));
	while (i < rest->n && strchr(";|&\n", rest->p[i]) != NULL)
		i++;
	*rest = str_sub(*rest, i, rest->n);
	return true;
}

static bool
is_assignment(struct str w)
{
	size_t eq = str_chr(w, '=');

	for (size_t i = 0; eq != STR_NPOS && i < eq; i++)
		if (!(w.p[i] == '_' || (w.p[i] >= 'A' && w.p[i] <= 'Z') || (w.p[i] >= 'a' && w.p[i] <= 'z') ||
			(i > 0 && w.p[i] >= '0' && w.p[i] <= '9')))
			return false;
	return eq != STR_NPOS && eq > 0;
}

/* Takes the first word off. */
static struct str
shift(struct str *s)
{
	size_t blank = str_chr(*s, ' ');
	struct str w = str_sub(*s, 0, blank);

	*s = blank == STR_NPOS ? STR("") : str_trim(str_sub(*s, blank, s->n));
	return w;
}

/* What the client takes off the front before it compares: a few wrappers, and
 * assignments where the rule forbids. */
static struct str
bare_part(struct str part, bool forbids)
{
	static const char *const wrappers[] = { "timeout", "time", "nice", "nohup", "stdbuf", "command", "builtin", "noglob", "xargs" };

	for (;;) {
		struct str rest = part, w = shift(&rest);
		bool wrapper = false;

		for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++)
			wrapper = wrapper || str_is(w, wrappers[i]);
		if (rest.n == 0 || !(wrapper || (forbids && is_assignment(w))))
			return part;
		part = rest;
		if (str_is(w, "xargs") && str_starts(rest, STR("-")))
			return part;
		while (wrapper && part.n > 0 && (part.p[0] == '-' || (part.p[0] >= '0' && part.p[0] <= '9')))
			(void)shift(&part);
	}
}

bool
old_rule_hits(const struct old_rule *r, struct str command)
{
	struct str part;
	bool any = false;

	if (!str_is(r->tool, "Bash"))
		return false;
	while (next_part(&command, &part)) {
		bool hit = r->spec.n == 0 || spec_hits(r->spec, bare_part(part, r->list != OLD_ALLOW));

		if (hit && r->list != OLD_ALLOW)
			return true;
		if (!hit && r->list == OLD_ALLOW)
			return false;
		any = any || hit;
	}
	return any;
}
