/* SPDX-License-Identifier: ISC */
/*
 * translate.c: a permission rule of Claude Code as a rule of ours: what it
 * meant, not what its text matched. Several ways to say it are tried, and the
 * first that loads and holds for the line that the old rule names is taken.
 */
#include <string.h>

#include "import.h"

/* ---- words ---- */
void
import__split(struct arena *a, struct str text, struct old_words *out)
{
	char quote = 0;
	size_t from = 0;

	memset(out, 0, sizeof *out);
	for (size_t i = 0; i <= text.n; i++) {
		char c = i < text.n ? text.p[i] : ' ';

		if (quote != 0 && i < text.n) {
			quote = c == quote ? 0 : quote;
		} else if (c == '\'' || c == '"') {
			quote = c;
		} else if (c == '\\' && i + 1 < text.n) {
			i++;
		} else if (c == ' ' || i == text.n) {
			if (i > from)
				*vec_push(a, &out->list) = str_sub(text, from, i - from);
			from = i + 1;
		}
	}
}

struct str
import__join(struct arena *a, const struct str *v, size_t n)
{
	struct buf b;

	buf_init(&b, a);
	buf_puts(&b, "");
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s" STR_FMT, i > 0 ? " " : "", STR_ARG(v[i]));
	return buf_str(&b);
}

enum old_tail
import__tail(struct str spec, struct str *stem)
{
	*stem = spec;
	if (!str_ends(spec, STR("*")))
		return TAIL_NONE;
	if (str_ends(spec, STR(":*")) || str_ends(spec, STR(" *"))) {
		*stem = str_trim(str_sub(spec, 0, spec.n - 2));
		return TAIL_WORDS;
	}
	if (spec.n > 1 && strchr("/-_.=:@*", spec.p[spec.n - 2]) != NULL)
		return TAIL_IN_WORD;
	*stem = str_trim(str_sub(spec, 0, spec.n - 1));
	return TAIL_GLUED;
}

/* A word as ours takes it: no let, no comment. */
static struct str
quoted(struct arena *a, struct str w)
{
	struct buf b;

	buf_init(&b, a);
	buf_puts(&b, "");
	for (size_t i = 0; i < w.n; i++) {
		if (w.p[i] == '$' || (w.p[i] == '#' && i == 0))
			buf_putc(&b, '\\');
		buf_putc(&b, w.p[i]);
	}
	return buf_str(&b);
}

/* A word of the rule as a command may have it. */
static struct str
sample(struct arena *a, struct str program, struct str w)
{
	struct buf b;

	if (str_is(w, "*"))
		return str_is(program, "git") ? STR("origin") : STR("1");
	buf_init(&b, a);
	buf_puts(&b, "");
	for (size_t i = 0; i < w.n; i++) {
		if (w.p[i] != '*')
			buf_putc(&b, w.p[i]);
		else if (i > 0 && strchr("/-_.=:@", w.p[i - 1]) != NULL)
			buf_putc(&b, 'x');
	}
	return buf_str(&b);
}

static bool
has_operator(struct str s)
{
	char quote = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (quote != 0)
			quote = s.p[i] == quote ? 0 : quote;
		else if (s.p[i] == '\'' || s.p[i] == '"')
			quote = s.p[i];
		else if (strchr("&|;<>\n()", s.p[i]) != NULL)
			return true;
	}
	return false;
}

/* ---- the ways to say it ---- */
struct ways {
	struct arena *a;
	const struct old_rule *old;
	VEC(struct str) list;
};

static void
add_way(struct ways *w, struct str pattern)
{
	static const char *const past[] = { "denied", "asked about", "allowed" };
	struct str first = str_printf(w->a, "%s" STR_FMT "\n", w->old->list == OLD_DENY ? "deny  " :
	    w->old->list == OLD_ASK ? "ask   " : "allow ", STR_ARG(pattern));

	if (w->old->list != OLD_ALLOW)
		first = str_printf(w->a, STR_FMT "    because Claude Code's settings %s it: " STR_FMT "\n", STR_ARG(first),
		    past[w->old->list], STR_ARG(w->old->text));
	*vec_push(w->a, &w->list) = first;
}

/* The words with every star that is glued to a name off, and those alone out. */
static struct str
without_stars(struct arena *a, const struct old_words *words)
{
	struct old_words out = { 0 };

	for (size_t i = 0; i < words->list.n; i++) {
		struct str w = words->list.v[i];

		if (str_is(w, "*"))
			continue;
		if (str_ends(w, STR("*")) && w.n > 1 && strchr("/-_.=:@", w.p[w.n - 2]) == NULL)
			w = str_sub(w, 0, w.n - 1);
		*vec_push(a, &out.list) = quoted(a, w);
	}
	return import__join(a, out.list.v, out.list.n);
}

static void
command_ways(struct ways *w, enum old_tail tail, struct str stem, const struct old_words *words)
{
	struct old_words q = { 0 };
	struct str pattern;

	for (size_t i = 0; i < words->list.n; i++)
		*vec_push(w->a, &q.list) = quoted(w->a, words->list.v[i]);
	pattern = import__join(w->a, q.list.v, q.list.n);
	if (w->old->list != OLD_ALLOW) {
		add_way(w, pattern);
		add_way(w, without_stars(w->a, words));
	} else if (tail == TAIL_WORDS || tail == TAIL_GLUED) {
		add_way(w, str_printf(w->a, STR_FMT " ...", STR_ARG(pattern)));
		/* Without a model there is no telling a door from a plain option. */
		add_way(w, str_printf(w->a, "glob " STR_FMT " *\nallow " STR_FMT, STR_ARG(stem), STR_ARG(pattern)));
	} else {
		add_way(w, pattern);
	}
	add_way(w, str_printf(w->a, "glob " STR_FMT, STR_ARG(w->old->spec)));
}

static int
no_include(void *ctx, struct arena *a, struct str from, struct str name, bool shipped, struct str *text, struct str *path)
{
	(void)ctx, (void)a, (void)from, (void)name, (void)shipped, (void)text, (void)path;
	return BRIDLE_ENOENT;
}

struct policy *
import__load(struct arena *a, struct str text)
{
	struct policy_loader loader = { NULL, no_include };
	struct policy_source s;
	struct policy *p;
	struct diags d;

	memset(&s, 0, sizeof s);
	s.layer = LAYER_USER;
	s.trusted = true;
	s.name = STR("imported");
	s.text = str_printf(a, "version 1\n" STR_FMT, STR_ARG(text));
	diags_init(&d, a);
	return policy_load(a, &s, 1, &loader, &p, &d) == 0 ? p : NULL;
}

static void
take_first(struct ways *w, struct new_rule *out)
{
	struct str loads = STR("");

	for (size_t i = 0; i < w->list.n; i++) {
		struct policy *p = import__load(w->a, w->list.v[i]);
		enum verdict v;

		if (p == NULL)
			continue;
		if (loads.n == 0)
			loads = w->list.v[i];
		v = out->base.command.n > 0 ? import__judge(p, &out->base) : VERDICT_NONE;
		if (out->base.command.n == 0 || (w->old->list == OLD_ALLOW ? v == VERDICT_ALLOW : v >= VERDICT_ASK)) {
			out->text = w->list.v[i];
			return;
		}
	}
	if (loads.n > 0 && w->old->list != OLD_ALLOW)
		out->text = loads;
	else
		out->why = loads.n > 0 ? STR("it allows what a program, a file or another identity hangs on; name the options in a rule of your own") :
		    STR("it cannot be said as a rule; write one for what it meant");
}

static void
translate_bash(struct arena *a, const struct old_rule *old, struct new_rule *out)
{
	struct ways w = { a, old, { 0 } };
	struct old_words words, base = { 0 };
	struct str stem;
	enum old_tail tail = import__tail(old->spec, &stem);

	import__split(a, stem, &words);
	if (words.list.n == 0 || str_is(words.list.v[0], "*")) {
		out->why = str_printf(a, "it names every command; `default command %s` says that, if it is meant", old_list_names[old->list]);
		return;
	}
	if (has_operator(stem)) {
		out->why = STR("it names a line of several commands, or redirections, which are judged one by one: give each command a rule");
		return;
	}
	for (size_t i = 0; i < words.list.n; i++)
		*vec_push(a, &base.list) = sample(a, words.list.v[0], words.list.v[i]);
	out->base.command = import__join(a, base.list.v, base.list.n);
	if (str_is(words.list.v[0], "git"))
		out->base.given[0] = STR("branch=feat/x");
	command_ways(&w, tail, stem, &words);
	take_first(&w, out);
}

/* ---- files and other tools ---- */
static void
translate_path(struct arena *a, const struct old_rule *old, bool user, const char *what, struct new_rule *out)
{
	struct ways w = { a, old, { 0 } };
	struct str path = old->spec.n == 0 ? STR("**") : old->spec;

	if (str_starts(path, STR("./")))
		path = str_sub(path, 1, path.n);
	else if (user && path.n > 1 && path.p[0] == '/' && path.p[1] != '/')
		path = str_cat(a, STR("~/.claude"), path);
	if (str_chr(path, ' ') != STR_NPOS)
		path = str_printf(a, "'" STR_FMT "'", STR_ARG(path));
	add_way(&w, str_printf(a, "%s " STR_FMT, what, STR_ARG(path)));
	take_first(&w, out);
	out->keep = STR("the client's own rule also holds for files that a person mentions with @, which no hook sees");
}

static void
translate_tool(struct arena *a, const struct old_rule *old, struct new_rule *out)
{
	struct ways w = { a, old, { 0 } };
	struct str name = old->tool;

	if (str_starts(name, STR("mcp__")) && str_find(str_sub(name, 5, name.n), STR("__")) == STR_NPOS)
		name = str_cat(a, name, STR("__*"));
	add_way(&w, str_cat(a, STR("tool "), name));
	take_first(&w, out);
	if (!str_starts(name, STR("mcp__")))
		out->keep = STR("the hook's matcher does not name this tool");
}

/* "run_in_background:true": a parameter of the call. */
static bool
names_parameter(struct str spec)
{
	size_t colon = str_chr(spec, ':');

	for (size_t i = 0; colon != STR_NPOS && i < colon; i++)
		if (!((spec.p[i] >= 'a' && spec.p[i] <= 'z') || spec.p[i] == '_'))
			return false;
	return colon != STR_NPOS && colon > 0 && colon + 1 < spec.n && spec.p[colon + 1] != '*' && str_chr(spec, ' ') == STR_NPOS;
}

void
import_translate(struct arena *a, const struct old_rule *old, bool settings_user, struct new_rule *out)
{
	static const char *const ignored[] = { "Write", "MultiEdit", "NotebookEdit", "Glob" };
	bool dead = false;

	memset(out, 0, sizeof *out);
	out->old = *old;
	for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
		dead = dead || (str_is(old->tool, ignored[i]) && old->spec.n > 0);
	if (dead && old->list == OLD_ALLOW)
		out->why = STR("the client ignores path rules of this tool, so it allowed nothing; Edit(…) and Read(…) are the ones that count");
	else if (str_is(old->tool, "Bash") && old->spec.n > 0 && names_parameter(old->spec))
		out->why = STR("it looks at a parameter of the call and not at the command");
	else if (str_is(old->tool, "Bash"))
		translate_bash(a, old, out);
	else if (str_is(old->tool, "Read") || str_is(old->tool, "Glob") || str_is(old->tool, "Grep"))
		translate_path(a, old, settings_user, "read", out);
	else if (str_is(old->tool, "Edit") || dead || str_is(old->tool, "Write"))
		translate_path(a, old, settings_user, "edit", out);
	else if (old->spec.n > 0)
		out->why = STR("what stands in its parentheses is not looked at by bridle; it stays where it is");
	else
		translate_tool(a, old, out);
}
