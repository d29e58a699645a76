/* SPDX-License-Identifier: ISC */
/*
 * settings.c: a small scanner of JSON text that finds where things stand, so
 * that members are put in and taken out without touching anything else. The
 * text was checked by json_read before; what the scanner finds can be trusted.
 */
#include <string.h>

#include "bridle/proto.h"
#include "settings.h"

/* [from, to) of a value; with what it needs around it to be taken out. */
struct span {
	size_t from, to;
};
struct member {
	struct span key, value; /* key with its quotes */
};

static size_t
skip_space(struct str t, size_t i)
{
	while (i < t.n && (t.p[i] == ' ' || t.p[i] == '\t' || t.p[i] == '\n' || t.p[i] == '\r'))
		i++;
	return i;
}

static size_t
string_end(struct str t, size_t i)
{
	for (i++; i < t.n && t.p[i] != '"'; i++)
		if (t.p[i] == '\\')
			i++;
	return i + 1;
}

static size_t
value_end(struct str t, size_t i)
{
	size_t depth = 0;

	do {
		if (t.p[i] == '"') {
			i = string_end(t, i);
			continue;
		}
		if (t.p[i] == '{' || t.p[i] == '[')
			depth++;
		else if (t.p[i] == '}' || t.p[i] == ']')
			depth--;
		i++;
	} while (i < t.n && (depth > 0 || (t.p[i] != ',' && t.p[i] != '}' && t.p[i] != ']' &&
	    t.p[i] != ' ' && t.p[i] != '\n' && t.p[i] != '\t' && t.p[i] != '\r')));
	return i;
}

/* The next element of the container that opens before *at: false at its end.
 * In an object the key is filled too. */
static bool
next(struct str t, size_t *at, bool object, struct member *m)
{
	size_t i = skip_space(t, *at);

	if (i < t.n && t.p[i] == ',')
		i = skip_space(t, i + 1);
	if (i >= t.n || t.p[i] == '}' || t.p[i] == ']')
		return false;
	if (object) {
		m->key.from = i;
		m->key.to = i = string_end(t, i);
		i = skip_space(t, skip_space(t, i) + 1);
	}
	m->value.from = i;
	m->value.to = *at = value_end(t, i);
	return true;
}

/* The member of an object value by name. */
static bool
find(struct str t, struct span object, const char *name, struct member *m)
{
	size_t at = object.from + 1;

	if (t.p[object.from] != '{')
		return false;
	while (next(t, &at, true, m))
		if (str_is(str_sub(t, m->key.from + 1, m->key.to - m->key.from - 2), name))
			return true;
	return false;
}

static struct span
root_of(struct str t)
{
	size_t i = skip_space(t, 0);

	return (struct span){ i, value_end(t, i) };
}

static struct str
cut(struct str t, struct span s)
{
	return str_sub(t, s.from, s.to - s.from);
}

static struct str
splice(struct arena *a, struct str t, struct span s, struct str with)
{
	return str_printf(a, STR_FMT STR_FMT STR_FMT, STR_ARG(str_sub(t, 0, s.from)), STR_ARG(with),
	    STR_ARG(str_sub(t, s.to, t.n)));
}

/* Takes an element out with one comma and the blank space before it. */
static struct str
take_out(struct arena *a, struct str t, struct span s, size_t opens)
{
	size_t before = s.from, after = skip_space(t, s.to);

	while (before > opens && strchr(" \t\r\n", t.p[before - 1]) != NULL)
		before--;
	if (before > opens && t.p[before - 1] == ',')
		before--;
	else if (after < t.n && t.p[after] == ',')
		s.to = before < s.from ? after + 1 : skip_space(t, after + 1);
	s.from = before;
	return splice(a, t, s, STR(""));
}

static bool
is_empty(struct str t, struct span s)
{
	size_t i = skip_space(t, s.from + 1);

	return t.p[i] == '}' || t.p[i] == ']';
}

/* The indentation of the line that holds i. */
static struct str
indent_at(struct str t, size_t i)
{
	size_t from = i, to;

	while (from > 0 && t.p[from - 1] != '\n')
		from--;
	for (to = from; to < i && (t.p[to] == ' ' || t.p[to] == '\t'); to++)
		;
	return str_sub(t, from, to - from);
}

/* One step of this file's indentation: that of its first member. */
static struct str
unit_of(struct str t)
{
	struct span root = root_of(t);
	size_t i = skip_space(t, root.from + 1);
	struct str unit = indent_at(t, i);

	return unit.n > 0 && t.p[i] == '"' ? unit : STR("  ");
}

/* Adds an element before the end of a container, on lines of its own. */
static struct str
put_in(struct arena *a, struct str t, struct span container, struct str element)
{
	struct str outer = indent_at(t, container.from), unit = unit_of(t);
	size_t end = container.to - 1, at = end;
	bool empty = is_empty(t, container);

	while (strchr(" \t\r\n", t.p[at - 1]) != NULL)
		at--;
	return splice(a, t, (struct span){ at, end }, str_printf(a, "%s\n" STR_FMT STR_FMT STR_FMT "\n" STR_FMT,
	    empty ? "" : ",", STR_ARG(outer), STR_ARG(unit), STR_ARG(element), STR_ARG(outer)));
}

static bool
ours(struct str handler)
{
	return str_find(handler, STR("bridle-hook")) != STR_NPOS;
}

/* Our handlers out of one event's groups; groups that held only them go too.
 * Returns whether something was taken out. */
static bool
clean_event(struct arena *a, struct str *t, const char *event)
{
	struct member hooks, ev, group, list, handler;
	size_t g, h;

	if (!find(*t, root_of(*t), "hooks", &hooks) || !find(*t, hooks.value, event, &ev) || t->p[ev.value.from] != '[')
		return false;
	g = ev.value.from + 1;
	while (next(*t, &g, false, &group)) {
		if (!find(*t, group.value, "hooks", &list) || t->p[list.value.from] != '[')
			continue;
		h = list.value.from + 1;
		while (next(*t, &h, false, &handler)) {
			struct str rest;

			if (!ours(cut(*t, handler.value)))
				continue;
			rest = take_out(a, *t, handler.value, list.value.from + 1);
			(void)find(rest, group.value, "hooks", &list);
			*t = is_empty(rest, list.value) ? take_out(a, *t, group.value, ev.value.from + 1) : rest;
			return true;
		}
	}
	return false;
}

static const char *const events[] = { "PreToolUse", "PostToolUse", "PostToolUseFailure", "UserPromptSubmit",
	"SessionStart", "SessionEnd", "ConfigChange" };
#define NEVENTS (sizeof events / sizeof events[0])

static int
parses(struct arena *a, struct str text, struct str *why)
{
	struct cJSON *root;
	const char *bad;
	size_t i = skip_space(text, 0);

	if (json_read(a, text, &root, &bad) == 0 && text.p[i] == '{')
		return 0;
	*why = text.n > 0 && i < text.n && text.p[i] != '{' ? STR("it holds no JSON object") : str_printf(a, "%s", bad);
	return BRIDLE_ESYNTAX;
}

int
settings_remove(struct arena *a, struct str text, struct str *out, struct str *why)
{
	struct member hooks, ev;
	bool any = false;
	int err;

	if (str_trim(text).n == 0) {
		*out = text;
		return 0;
	}
	if ((err = parses(a, text, why)) != 0)
		return err;
	for (size_t i = 0; i < NEVENTS; i++) {
		bool here = false;

		while (clean_event(a, &text, events[i]))
			here = true;
		if (here && find(text, root_of(text), "hooks", &hooks) && find(text, hooks.value, events[i], &ev) &&
		    is_empty(text, ev.value))
			text = take_out(a, text, (struct span){ ev.key.from, ev.value.to }, hooks.value.from + 1);
		any = any || here;
	}
	if (any && find(text, root_of(text), "hooks", &hooks) && is_empty(text, hooks.value))
		text = take_out(a, text, (struct span){ hooks.key.from, hooks.value.to }, root_of(text).from + 1);
	*out = text;
	return parses(a, text, why);
}

/* {"matcher":…,"hooks":[{…}]} in one line, as the rest of the file need not
 * be read again for it. */
static struct str
group_text(struct arena *a, const char *event, struct str hook, struct str matcher)
{
	bool before = strcmp(event, "PreToolUse") == 0;
	struct buf b;

	buf_init(&b, a);
	buf_putc(&b, '{');
	if (before || strncmp(event, "PostToolUse", 11) == 0) {
		buf_puts(&b, "\"matcher\": ");
		buf_json(&b, matcher);
		buf_puts(&b, ", ");
	}
	buf_puts(&b, "\"hooks\": [{\"type\": \"command\", \"command\": ");
	buf_json(&b, hook);
	buf_printf(&b, ", \"args\": [\"%s\"], \"timeout\": 10%s}]}", event, before ? ", \"onFailure\": \"block\"" : "");
	return buf_str(&b);
}

int
settings_add(struct arena *a, struct str text, struct str hook, struct str matcher,
    struct str *out, struct str *why)
{
	struct member hooks, ev;
	struct str same;
	int err;

	if (str_trim(text).n == 0)
		text = STR("{}\n");
	if ((err = settings_remove(a, text, &same, why)) != 0)
		return err;
	text = same;
	for (size_t i = 0; i < NEVENTS; i++) {
		struct str group = group_text(a, events[i], hook, matcher);

		if (!find(text, root_of(text), "hooks", &hooks)) {
			text = put_in(a, text, root_of(text), STR("\"hooks\": {}"));
			(void)find(text, root_of(text), "hooks", &hooks);
		}
		if (text.p[hooks.value.from] != '{') {
			*why = STR("\"hooks\" is no object");
			return BRIDLE_ESYNTAX;
		}
		if (!find(text, hooks.value, events[i], &ev)) {
			text = put_in(a, text, hooks.value, str_printf(a, "\"%s\": []", events[i]));
			(void)find(text, root_of(text), "hooks", &hooks);
			(void)find(text, hooks.value, events[i], &ev);
		}
		if (text.p[ev.value.from] != '[') {
			*why = str_printf(a, "\"hooks\".\"%s\" is no list", events[i]);
			return BRIDLE_ESYNTAX;
		}
		text = put_in(a, text, ev.value, group);
	}
	*out = text;
	return parses(a, text, why);
}

static bool
drop_one(struct arena *a, struct str *t, const char *list, struct str quoted)
{
	struct member perms, l, r;
	size_t at;

	if (!find(*t, root_of(*t), "permissions", &perms) || !find(*t, perms.value, list, &l) || t->p[l.value.from] != '[')
		return false;
	at = l.value.from + 1;
	while (next(*t, &at, false, &r))
		if (str_eq(cut(*t, r.value), quoted)) {
			*t = take_out(a, *t, r.value, l.value.from + 1);
			return true;
		}
	return false;
}

int
settings_drop_rules(struct arena *a, struct str text, const struct str *rules, size_t n, struct str *out, struct str *why)
{
	static const char *const lists[] = { "deny", "ask", "allow" };
	int err = parses(a, text, why);

	if (err != 0)
		return err;
	for (size_t i = 0; i < n; i++) {
		struct buf b;

		buf_init(&b, a);
		buf_json(&b, rules[i]);
		for (size_t l = 0; l < 3; l++)
			while (drop_one(a, &text, lists[l], buf_str(&b)))
				;
	}
	*out = text;
	return parses(a, text, why);
}
