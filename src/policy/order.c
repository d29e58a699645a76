/* SPDX-License-Identifier: ISC */
/*
 * order.c: `unless done PATTERN since PATH…` and `unless listed in PATH`. A
 * deed is remembered by a key: the pattern, the configuration file, the app
 * and region that it acted on (a looking command acts on the file alone) and
 * what the `since` files held. Keys are made here for both sides: when a deed
 * is done, and when a rule asks whether it was.
 */
#include "policy.h"

#include <string.h>

/* ---- files as they are when an action runs ---- */

static struct str
resolve(struct matching *m, const struct action *act, struct str path)
{
	const struct request *rq = m->w->request;
	struct str dir;

	if (str_starts(path, STR("//")))
		return path_clean(m->a, str_sub(path, 1, path.n));
	if (str_starts(path, STR("/")))
		return path_clean(m->a, str_cat(m->a, rq->project, path));
	if (str_starts(path, STR("~/")))
		return rq->home.n == 0 ? STR("") : path_clean(m->a, path_join(m->a, rq->home, str_sub(path, 2, path.n)));
	if (!word_known(m->a, act->cwd, &dir) || dir.n == 0)
		return STR("");
	return path_clean(m->a, path_join(m->a, dir, path));
}

/* May the edit have touched this path? */
static enum tri
touches(struct matching *m, const struct action *edit, struct str path)
{
	struct word w = word_text(m->a, path);
	struct str known;

	if (edit->file.n == 0)
		return TRI_NO;
	if (word_known(m->a, edit->file.v[0], &known)) {
		known = path_clean(m->a, known);
		if ((edit->flags & ACTION_RECURSIVE) != 0)
			return path_under(path, known) ? TRI_YES : TRI_NO;
		return str_eq(known, path) ? TRI_YES : TRI_NO;
	}
	return word_meets(edit->file.v[0], w) ? TRI_MAYBE : TRI_NO;
}

/*
 * What the file holds when the action with this id runs: 0, ENOENT, EUNKNOWN.
 * *by is the edit of this line that left it so, 0 if none did. before 0: as
 * the world has it now.
 */
static int
content(struct matching *m, struct str path, unsigned before, struct str *out, unsigned *by)
{
	const struct world *world = m->w->world;
	const struct actions *all = m->w->all;
	const struct action *last = NULL;
	bool known = true;

	*by = 0;
	if (path.n == 0)
		return BRIDLE_EUNKNOWN;
	for (size_t i = 0; all != NULL && i < all->list.n; i++) {
		const struct action *e = all->list.v[i];
		bool moved = (e->flags & ACTION_TREE) != 0;
		enum tri t = (e->kind != ACTION_EDIT && !moved) || e->id >= before ? TRI_NO
		    : moved                                                       ? TRI_MAYBE
		                                                                  : touches(m, e, path);

		if (t == TRI_NO)
			continue;
		known = t == TRI_YES && e->after_known && (e->flags & ACTION_RECURSIVE) == 0;
		last = e;
		*by = e->id;
	}
	if (!known)
		return BRIDLE_EUNKNOWN;
	if (last == NULL)
		return world->read(world->ctx, m->a, path, LIMIT_FILE, out);
	if (last->after_absent)
		return BRIDLE_ENOENT;
	*out = last->after;
	return 0;
}

/* ---- keys ---- */

struct deed_key { /* what a key is made of */
	struct buf text;
	bool none;    /* there are files to look for (since, and -c), and none exists */
	bool unknown; /* what a file holds is not known: good within this line only */
	bool useless; /* which file it is about is not known */
};

static void
add_part(struct deed_key *k, const char *name, struct str value)
{
	buf_puts(&k->text, name);
	buf_putc(&k->text, ' ');
	buf_u64(&k->text, value.n);
	buf_putc(&k->text, ' ');
	buf_add(&k->text, value);
	buf_putc(&k->text, '\n');
}

/* The one value of a field; absent: "". false: it is not known. */
static bool
single(struct matching *m, const struct action *act, const char *name, struct str *out)
{
	const struct field *f = action_field(act, name);

	*out = STR("");
	if (f == NULL || f->state == FIELD_ABSENT)
		return true;
	return f->state == FIELD_PRESENT && f->values.n == 1 && word_known(m->a, f->values.v[0], out);
}

static void
add_file(struct deed_key *k, struct matching *m, struct str path, unsigned before, bool *exists)
{
	unsigned char hash[32];
	struct str text;
	unsigned by;
	int err = content(m, path, before, &text, &by);

	add_part(k, err == BRIDLE_ENOENT ? "absent" : "file", path);
	k->useless |= path.n == 0;
	if (err == BRIDLE_ENOENT)
		return;
	*exists = true;
	if (err != 0 || m->w->world->hash == NULL) {
		k->unknown = true;
		add_part(k, "as left by", str_printf(m->a, "%u", by));
		return;
	}
	m->w->world->hash(m->w->world->ctx, text, hash);
	add_part(k, "holds", (struct str){ (const char *)hash, sizeof hash });
}

/* The configuration file that is named; empty: none is. false: it is not known. */
static bool
config_of(struct matching *m, const struct action *act, struct str *out)
{
	bool known = single(m, act, action_field(act, "config-file") != NULL ? "config-file" : "config", out);

	if (out->n > 0)
		*out = resolve(m, act, out->p[0] == '/' ? str_cat(m->a, STR("/"), *out) : *out);
	return known;
}

/* The configuration file, or the directory where none is named. */
static struct str
add_config(struct deed_key *k, struct matching *m, const struct action *act)
{
	struct str config, dir;

	if (!config_of(m, act, &config))
		k->useless = true;
	if (config.n > 0) {
		add_part(k, "config", config);
		return config;
	}
	if (word_known(m->a, act->cwd, &dir))
		add_part(k, "in", dir);
	else
		k->useless = true;
	return config;
}

/* The files that the deed is about, as they are before an action. */
static void
add_files(struct deed_key *k, struct matching *m, const struct action *act, const struct unless *u,
    unsigned before)
{
	struct str config = add_config(k, m, act);
	bool exists = false, other = false;

	if (u->paths.n == 0)
		return;
	for (size_t i = 0; i < u->paths.n; i++) {
		struct str path = resolve(m, act, u->paths.v[i]);

		add_file(k, m, path, before, &exists);
		other |= str_eq(path, config);
	}
	if (config.n > 0 && !other)
		add_file(k, m, config, before, &exists);
	k->none = !exists && !k->useless;
}

static struct str
finish(const struct deed_key *k, struct matching *m)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[32];
	char *hex = arena_alloc(m->a, 2 * sizeof hash + 1);

	if (m->w->world->hash == NULL)
		return buf_str(&k->text);
	m->w->world->hash(m->w->world->ctx, buf_str(&k->text), hash);
	for (size_t i = 0; i < sizeof hash; i++) {
		hex[2 * i] = digits[hash[i] >> 4];
		hex[2 * i + 1] = digits[hash[i] & 15];
	}
	return (struct str){ hex, 2 * sizeof hash };
}

/* Pattern and files. */
static void
begin(struct deed_key *k, struct matching *m, const struct action *act, const struct unless *u,
    unsigned before)
{
	memset(k, 0, sizeof *k);
	buf_init(&k->text, m->a);
	add_part(k, "done", u->done.key);
	add_files(k, m, act, u, before);
}

/* Does what the command did concern an app, or only files? */
static bool
acts_on_app(const struct action *act)
{
	const struct field *f = action_field(act, "effect");

	return f == NULL || f->values.n != 1 ||
	    !(word_is(f->values.v[0], "read") || word_is(f->values.v[0], "local"));
}

/* ---- was it done? ---- */

static bool
key_done(const struct deed_key *k, struct matching *m)
{
	const struct world *world = m->w->world;

	return world->done != NULL && world->done(world->ctx, finish(k, m));
}

/* The deed as one that acted on this app, in each of these regions. */
static bool
done_for_app(const struct deed_key *k, struct matching *m, const struct action *act)
{
	const struct field *region = action_field(act, "region");
	struct str app, one;
	size_t n = region == NULL || region->state == FIELD_ABSENT ? 0 : region->values.n;

	if (!single(m, act, "app", &app) || (region != NULL && region->state == FIELD_UNKNOWN))
		return false;
	for (size_t i = 0; i < n || (i == 0 && n == 0); i++) {
		struct deed_key with = *k;

		one = STR("");
		if (n > 0 && !word_known(m->a, region->values.v[i], &one))
			return false;
		buf_init(&with.text, m->a);
		buf_add(&with.text, buf_str(&k->text));
		add_part(&with, "app", app);
		add_part(&with, "region", one);
		if (!key_done(&with, m))
			return false;
	}
	return true;
}

static bool
same_field(struct matching *m, const struct action *x, const struct action *y, const char *name)
{
	struct str a, b;

	return single(m, x, name, &a) && single(m, y, name, &b) && str_eq(a, b);
}

/* What stands in the same script as the command itself runs as surely as it. */
static bool
deed_covers(struct matching *m, const struct action *deed, const struct unless *u)
{
	struct matching other = { .p = m->p, .w = m->w, .act = deed, .a = m->a };
	unsigned unsure = ACTION_INNER | ACTION_LOOKED | ACTION_GUESS | ACTION_HARMLESS | ACTION_TAINTED;

	unsure &= ~(m->act->flags & ACTION_LOOKED);
	if ((m->act->flags & deed->flags & ACTION_OWN) != 0)
		unsure &= ~(unsigned)ACTION_INNER;
	if (deed->kind != ACTION_COMMAND || (deed->flags & unsure) != 0)
		return false;
	return policy__command(&other, &u->done.command, true) == TRI_YES;
}

/* Left of a certain && in this line, on the same files as they are now. */
static bool
done_in_line(struct matching *m, const struct unless *u)
{
	const struct action *act = m->act;
	const struct actions *all = m->w->all;

	for (size_t i = 0; all != NULL && i < all->list.n; i++) {
		const struct action *deed = all->list.v[i];
		bool before = false;
		struct deed_key then, now;

		for (size_t k = 0; k < act->nafter && !before; k++)
			before = act->after_ids[k] == deed->id;
		if (!before || !deed_covers(m, deed, u))
			continue;
		begin(&then, m, deed, u, deed->id);
		begin(&now, m, act, u, act->id);
		if (then.useless || now.useless || !str_eq(buf_str(&then.text), buf_str(&now.text)))
			continue;
		if (!acts_on_app(deed) ||
		    (same_field(m, deed, act, "app") && same_field(m, deed, act, "region")))
			return true;
	}
	return false;
}

static enum tri
is_done(struct matching *m, const struct unless *u)
{
	struct deed_key k;

	begin(&k, m, m->act, u, m->act->id);
	if (k.none || done_in_line(m, u))
		return TRI_YES;
	if (k.unknown || k.useless)
		return TRI_NO;
	return key_done(&k, m) || done_for_app(&k, m, m->act) ? TRI_YES : TRI_NO;
}

/* ---- deeds ---- */

static void
add_deed(struct matching *m, const struct unless *u, const struct deed_key *k, struct deeds *out)
{
	struct deed d = { finish(k, m), u->paths.n > 0, u->done.source };

	for (size_t i = 0; i < out->list.n; i++)
		if (str_eq(out->list.v[i].key, d.key))
			return;
	*vec_push(m->a, &out->list) = d;
}

/* Was one of the files changed later in the line? Then its content of now is
 * not the one that the deed was about. */
static bool
changed_later(struct matching *m, const struct unless *u)
{
	const struct actions *all = m->w->all;
	struct str config;

	(void)config_of(m, m->act, &config); /* one that is not known makes no deed */
	for (size_t i = 0; all != NULL && i < all->list.n; i++) {
		const struct action *e = all->list.v[i];

		if (e->kind != ACTION_EDIT || e->id <= m->act->id)
			continue;
		if (config.n > 0 && touches(m, e, config) != TRI_NO)
			return true;
		for (size_t k = 0; k < u->paths.n; k++)
			if (touches(m, e, resolve(m, m->act, u->paths.v[k])) != TRI_NO)
				return true;
	}
	return false;
}

static void
deed_of(struct matching *m, const struct unless *u, struct deeds *out)
{
	const struct field *region = action_field(m->act, "region");
	struct deed_key k;
	struct str app, one;

	if (!deed_covers(m, m->act, u) || changed_later(m, u))
		return;
	begin(&k, m, m->act, u, 0);
	if (k.unknown || k.useless || k.none)
		return;
	if (!acts_on_app(m->act)) {
		add_deed(m, u, &k, out);
		return;
	}
	if (!single(m, m->act, "app", &app))
		return;
	for (size_t i = 0; i == 0 || (region != NULL && i < region->values.n); i++) {
		struct deed_key with = k;

		one = STR("");
		if (region != NULL && region->state != FIELD_ABSENT &&
		    (region->state == FIELD_UNKNOWN || !word_known(m->a, region->values.v[i], &one)))
			return;
		buf_init(&with.text, m->a);
		buf_add(&with.text, buf_str(&k.text));
		add_part(&with, "app", app);
		add_part(&with, "region", one);
		add_deed(m, u, &with, out);
	}
}

int
policy_deeds(const struct policy *p, const struct match_world *w, const struct action *act,
    struct arena *a, struct deeds *out)
{
	struct matching m = { .p = p, .w = w, .act = act, .a = a };

	if (act->kind != ACTION_COMMAND || !act->decisive)
		return 0;
	for (size_t i = 0; i < p->ordered.n; i++)
		for (size_t k = 0; k < p->ordered.v[i]->unlesses.n; k++)
			if (!p->ordered.v[i]->unlesses.v[k].listed)
				deed_of(&m, &p->ordered.v[i]->unlesses.v[k], out);
	return 0;
}

/* ---- what is due after a write ---- */

static bool
names_file(struct matching *m, const struct unless *u, struct str path)
{
	for (size_t i = 0; i < u->paths.n; i++)
		if (str_eq(resolve(m, m->act, u->paths.v[i]), path) ||
		    (str_chr(u->paths.v[i], '/') == STR_NPOS && str_eq(u->paths.v[i], path_base(path))))
			return true;
	return false;
}

/* The pattern without the dots that let more follow. */
static struct str
as_typed(struct str pattern)
{
	return str_ends(pattern, STR(" ...")) ? str_sub(pattern, 0, pattern.n - 4) : pattern;
}

/* What is to be done first is done to the file that the command names. */
struct str
rule_instead(const struct rule *r, const struct action *act, struct arena *a)
{
	const struct field *config = action_field(act, "config");
	struct str instead = r->ref.instead;
	bool deed = false;

	for (size_t i = 0; i < r->unlesses.n; i++)
		deed = deed || (r->unlesses.v[i].paths.n > 0 && str_eq(as_typed(r->unlesses.v[i].done.source), instead));
	if (!deed || config == NULL || config->state != FIELD_PRESENT || config->values.n != 1 || !str_starts(config->from, STR("-")))
		return instead;
	return str_printf(a, STR_FMT " " STR_FMT " " STR_FMT, STR_ARG(instead), STR_ARG(config->from),
	    STR_ARG(word_quote(a, config->values.v[0])));
}

void
policy_due(const struct policy *p, const struct match_world *w, const struct action *edit, struct arena *a,
    struct deeds *out)
{
	struct matching m = { .p = p, .w = w, .act = edit, .a = a };
	struct str path;

	if (edit->kind != ACTION_EDIT || edit->after_absent || edit->file.n == 0 || !word_known(a, edit->file.v[0], &path))
		return;
	for (size_t i = 0; i < p->ordered.n; i++)
		for (size_t k = 0; k < p->ordered.v[i]->unlesses.n; k++) {
			const struct unless *u = &p->ordered.v[i]->unlesses.v[k];

			if (!u->listed && u->paths.n > 0 && names_file(&m, u, path_clean(a, path)))
				*vec_push(a, &out->due) = (struct due){ &p->ordered.v[i]->ref, path, as_typed(u->done.source) };
		}
}

/* ---- listed ---- */

static bool
line_names(struct str line, struct str name)
{
	size_t eq;

	line = str_trim(line);
	if (str_starts(line, STR("export ")))
		line = str_trim(str_sub(line, 7, line.n));
	eq = str_chr(line, '=');
	return str_eq(str_trim(str_sub(line, 0, eq == STR_NPOS ? line.n : eq)), name);
}

static bool
is_listed(struct str text, struct str name)
{
	while (text.n > 0)
		if (line_names(str_line(&text), name))
			return true;
	return false;
}

/* NAME of NAME=VALUE, if that much is known. */
static bool
name_set(struct word w, struct str *out)
{
	struct str start = word_prefix(w);
	size_t eq = str_chr(start, '=');

	if (eq == STR_NPOS || eq == 0)
		return false;
	*out = str_sub(start, 0, eq);
	return true;
}

static enum tri
all_listed(struct matching *m, struct str text)
{
	const struct field *keys = action_field(m->act, "key");
	struct words ws = keys != NULL && keys->state == FIELD_PRESENT ? keys->values : m->act->operands;
	bool whole = keys != NULL && keys->state == FIELD_PRESENT;
	struct str name;

	if ((keys != NULL && keys->state == FIELD_UNKNOWN) || m->act->unparsed_rest || ws.n == 0)
		return TRI_NO;
	for (size_t i = 0; i < ws.n; i++)
		if (!(whole ? word_known(m->a, ws.v[i], &name) : name_set(ws.v[i], &name)) ||
		    !is_listed(text, name))
			return TRI_NO;
	return TRI_YES;
}

enum tri
policy__unless(struct matching *m, const struct unless *u)
{
	struct str path, text;
	unsigned by;

	if (!u->listed)
		return is_done(m, u);
	path = u->paths.v[0];
	if (str_chr(path, '/') == STR_NPOS) /* it belongs to the project */
		path = str_cat(m->a, STR("/"), path);
	if (content(m, resolve(m, m->act, path), m->act->id, &text, &by) != 0)
		return TRI_NO;
	return all_listed(m, text);
}
