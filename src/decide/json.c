/* SPDX-License-Identifier: ISC */
/*
 * json.c: a decision as one line of JSON (bridle check --json) and its
 * actions for the audit record. Written straight into a buffer: a record
 * must cost microseconds. The fields are documented in bridle(1) and
 * bridle-audit(5); names are fixed.
 */
#include "decide.h"

/* Where it is written, and what takes secrets out of every text; may be NULL. */
struct jw {
	struct buf *b;
	record_redact *redact;
	void *ctx;
	const struct secrets *secrets; /* of the request */
	bool record;                   /* for the log: no content of a file */
};

static void
text(struct jw *w, struct str s)
{
	if (w->redact != NULL && !secrets_none(w->secrets, s))
		s = w->redact(w->ctx, w->b->a, s);
	buf_json(w->b, s);
}

/* ,"NAME": in one piece; FIRST of an object without the comma. */
#define FIRST(name) STR("\"" name "\":")
#define KEY(name) STR(",\"" name "\":")
static inline void
key(struct jw *w, struct str k)
{
	buf_add(w->b, k);
}

static inline void
pair(struct jw *w, struct str k, struct str value)
{
	key(w, k);
	text(w, value);
}

/* Words of bridle's own, of its models and policies' names: no secret can be in them. */
static inline void
own(struct jw *w, struct str k, struct str value)
{
	key(w, k);
	buf_json(w->b, value);
}

/* A word of the program's text, which is plain in JSON. */
static inline void
said(struct jw *w, struct str k, const char *value)
{
	key(w, k);
	buf_putc(w->b, '"');
	buf_puts(w->b, value);
	buf_putc(w->b, '"');
}

/* A value that is no string. */
static inline void
bare(struct jw *w, struct str k, struct str value)
{
	key(w, k);
	buf_add(w->b, value);
}

/* The text with the values taken out of what was said of this edit ("app changes
 * from `a` to `b`", policy/file.c): of a file the log has the names of keys. */
static struct str
names_only(struct arena *a, struct str text, const struct judged *j)
{
	size_t cut, at;

	if (j->action == NULL || j->action->kind != ACTION_EDIT)
		return text;
	cut = str_find(j->why, STR(" changes from "));
	at = str_find(text, j->why);
	if (cut == STR_NPOS || at == STR_NPOS)
		return text;
	return str_printf(a, STR_FMT " changes" STR_FMT, STR_ARG(str_sub(text, 0, at + cut)),
	    STR_ARG(str_sub(text, at + j->why.n, STR_NPOS)));
}

static inline void
comma(struct jw *w)
{
	if (w->b->p[w->b->n - 1] != '[' && w->b->p[w->b->n - 1] != '{')
		buf_putc(w->b, ',');
}

/* word_known without a copy of a word in one piece, as most are. */
static bool
known_text(struct jw *w, struct word word, struct str *out)
{
	if (word.n != 1 || word.v->kind != PIECE_TEXT)
		return word_known(w->b->a, word, out);
	*out = word.v->text;
	return true;
}

/* A word: its text, or null where it is not known. */
static void
json_word(struct jw *w, struct word word)
{
	struct str known;

	if (known_text(w, word, &known))
		text(w, known);
	else
		buf_puts(w->b, "null");
}

static void
json_words(struct jw *w, struct str name, struct words ws, bool rest)
{
	key(w, name);
	buf_putc(w->b, '[');
	for (size_t i = 0; i < ws.n; i++) {
		bool only = ws.v[i].n == 1 && ws.v[i].v[0].kind == PIECE_WORDS;

		if (word_has_words(ws.v[i]))
			rest = true;
		if (only && i + 1 == ws.n)
			break;
		comma(w);
		json_word(w, ws.v[i]);
	}
	if (rest) {
		comma(w);
		buf_puts(w->b, "{\"rest\":true}");
	}
	buf_putc(w->b, ']');
}

static void
json_options(struct jw *w, const struct action *act)
{
	bare(w, KEY("options"), STR("{"));
	for (size_t i = 0; i < act->noptions; i++) {
		const struct option_value *o = &act->options[i];

		comma(w);
		text(w, o->name);
		buf_putc(w->b, ':');
		if (o->values.n == 0) {
			buf_puts(w->b, o->boolean ? "[true]" : "[]");
			continue;
		}
		buf_putc(w->b, '[');
		for (size_t k = 0; k < o->values.n; k++) {
			comma(w);
			json_word(w, o->values.v[k]);
		}
		buf_putc(w->b, ']');
	}
	buf_putc(w->b, '}');
}

/* The fields that say where a command acts; all others stand in "fields". */
static bool
is_scope(struct str name)
{
	return str_is(name, "app") || str_is(name, "org") || str_is(name, "region");
}

static void
json_fields(struct jw *w, struct str name, const struct action *act, bool scope)
{
	key(w, name);
	buf_putc(w->b, '{');
	for (size_t i = 0; i < act->nfields; i++) {
		const struct field *f = &act->fields[i];

		if (f->state == FIELD_ABSENT || str_is(f->name, "effect") || is_scope(f->name) != scope)
			continue;
		comma(w);
		buf_json(w->b, f->name); /* names of fields are bridle's own */
		buf_putc(w->b, ':');
		if (f->state == FIELD_UNKNOWN || f->values.n == 0) {
			buf_puts(w->b, "null");
		} else if (f->values.n == 1) {
			json_word(w, f->values.v[0]);
		} else {
			buf_putc(w->b, '[');
			for (size_t k = 0; k < f->values.n; k++) {
				comma(w);
				json_word(w, f->values.v[k]);
			}
			buf_putc(w->b, ']');
		}
	}
	buf_putc(w->b, '}');
}

static void
json_scope(struct jw *w, const struct action *act)
{
	json_fields(w, KEY("scope"), act, true);
	json_fields(w, KEY("fields"), act, false);
	bare(w, KEY("from"), STR("{"));
	for (size_t i = 0; i < act->nfields; i++) {
		if (act->fields[i].state == FIELD_ABSENT || act->fields[i].from.n == 0)
			continue;
		comma(w);
		buf_json(w->b, act->fields[i].name);
		buf_putc(w->b, ':');
		text(w, act->fields[i].from);
	}
	buf_putc(w->b, '}');
}

static bool
field_text(struct jw *w, const struct action *act, const char *name, struct str *out)
{
	const struct field *f = action_field(act, name);

	return f != NULL && f->state == FIELD_PRESENT && f->values.n == 1 &&
	    known_text(w, f->values.v[0], out);
}

/* The remote by the name it was given; further values are others for it. */
static bool
remote_text(struct jw *w, const struct action *act, struct str *out)
{
	const struct field *f = action_field(act, "remote");

	return f != NULL && f->state == FIELD_PRESENT && f->values.n > 0 &&
	    known_text(w, f->values.v[0], out);
}

/* One push updates one ref: {remote, ref, force, delete}, or null; nothing
 * where it surely updates none. */
static void
json_updates(struct jw *w, const struct action *act)
{
	struct str remote, ref, force = STR("no"), del = STR("no");

	if (action_field(act, "ref") == NULL || action_field(act, "remote") == NULL)
		return;
	key(w, KEY("updates"));
	if (action_field(act, "ref")->state == FIELD_ABSENT) {
		buf_puts(w->b, "[]");
		return;
	}
	if (!remote_text(w, act, &remote) || !field_text(w, act, "ref", &ref) ||
	    !field_text(w, act, "force", &force) || !field_text(w, act, "delete", &del)) {
		buf_puts(w->b, "null");
		return;
	}
	buf_puts(w->b, "[{");
	pair(w, FIRST("remote"), remote);
	pair(w, KEY("ref"), ref);
	pair(w, KEY("force"), force);
	bare(w, KEY("delete"), str_is(del, "yes") ? STR("true") : STR("false"));
	buf_puts(w->b, "}]");
}

static void
json_command(struct jw *w, const struct action *act)
{
	struct str effect;

	json_words(w, KEY("argv"), act->argv, act->unparsed_rest);
	if (act->model != NULL)
		own(w, KEY("tool"), act->tool);
	else if (act->tool.n > 0)
		pair(w, KEY("tool"), act->tool);
	if (act->model != NULL) {
		bare(w, KEY("path"), STR("["));
		for (size_t i = 0; i < act->npath; i++) {
			comma(w);
			buf_json(w->b, act->path[i]);
		}
		buf_putc(w->b, ']');
		json_options(w, act);
		json_words(w, KEY("operands"), act->operands, false);
		if (field_text(w, act, "effect", &effect))
			own(w, KEY("effect"), effect);
		json_scope(w, act);
		json_updates(w, act);
		if (!act->runs) {
			bare(w, KEY("runs"), STR("false"));
			if (act->error.n > 0)
				pair(w, KEY("error"), act->error);
		}
	}
	if (act->cwd.n > 0) {
		key(w, KEY("cwd"));
		json_word(w, act->cwd);
	}
}

/* The names of what an edit changes in a file of keys; null: not known. */
static void
json_keys(struct jw *w, const struct action *act)
{
	const struct str *keys;
	size_t n;
	bool more;
	int err = file_keys(w->b->a, act, &keys, &n, &more);

	if (err == BRIDLE_ENOENT)
		return;
	key(w, KEY("keys"));
	if (err != 0) {
		buf_puts(w->b, "null");
		return;
	}
	buf_putc(w->b, '[');
	for (size_t i = 0; i < n; i++) {
		comma(w);
		text(w, keys[i]);
	}
	if (more) {
		comma(w);
		buf_puts(w->b, "{\"rest\":true}");
	}
	buf_putc(w->b, ']');
}

static const char *
kind_name(enum action_kind kind)
{
	static const char *const names[] = { "command", "edit", "read", "tool", "unknown" };

	return names[kind];
}

static void
json_rule(struct jw *w, const struct rule *rule)
{
	const struct rule_ref *ref;

	key(w, KEY("rule"));
	if (rule == NULL) {
		buf_puts(w->b, "null");
		return;
	}
	ref = rule_ref(rule);
	buf_putc(w->b, '{');
	own(w, FIRST("file"), ref->file);
	key(w, KEY("line"));
	buf_u64(w->b, ref->line);
	if (ref->name.n > 0)
		own(w, KEY("name"), ref->name);
	pair(w, KEY("text"), ref->text);
	buf_putc(w->b, '}');
}

static void
json_judged(struct jw *w, const struct judged *j)
{
	const struct action *act = j->action;

	buf_putc(w->b, '{');
	said(w, FIRST("kind"), kind_name(act->kind));
	pair(w, KEY("text"), decide__action_text(w->b->a, act));
	if (act->kind == ACTION_COMMAND) {
		json_command(w, act);
	} else if (act->kind == ACTION_TOOL) {
		pair(w, KEY("tool"), act->tool);
	} else if (act->file.n > 0) {
		key(w, KEY("path"));
		json_word(w, act->file.v[0]);
		if (act->kind == ACTION_EDIT)
			json_keys(w, act);
	}
	if (act->chain.n > 0)
		pair(w, KEY("chain"), act->chain);
	if (j->verdict == VERDICT_NONE)
		bare(w, KEY("decision"), STR("null"));
	else
		said(w, KEY("decision"), verdict_name(j->verdict));
	json_rule(w, j->rule);
	if (j->why.n > 0)
		pair(w, KEY("why"), w->record ? names_only(w->b->a, j->why, j) : j->why);
	buf_putc(w->b, '}');
}

static void
json_actions(struct jw *w, const struct decision *d)
{
	buf_putc(w->b, '[');
	for (size_t i = 0; i < d->njudged; i++) {
		const struct judged *j = &d->judged[i];

		/* Of code that was looked into, what a rule speaks of; the rest is a file's content. */
		if (w->record && j->rule == NULL && j->action != NULL && (j->action->flags & ACTION_LOOKED) != 0)
			continue;
		comma(w);
		json_judged(w, j);
	}
	buf_putc(w->b, ']');
}

void
decision_json(const struct decision *d, struct str id, struct buf *out)
{
	struct jw w = { out, NULL, NULL, NULL, false };

	buf_putc(out, '{');
	if (id.n > 0)
		pair(&w, FIRST("id"), id);
	said(&w, id.n > 0 ? KEY("decision") : FIRST("decision"), verdict_name(d->verdict));
	pair(&w, KEY("reason"), d->reason);
	bare(&w, KEY("certain"), d->certain ? STR("true") : STR("false"));
	if (d->monitored)
		said(&w, KEY("would"), verdict_name(d->would));
	json_rule(&w, d->rule);
	key(&w, KEY("actions"));
	json_actions(&w, d);
	bare(&w, KEY("unknown"), STR("["));
	for (size_t i = 0; i < d->actions.unknown.n; i++) {
		comma(&w);
		text(&w, d->actions.unknown.v[i]);
	}
	buf_puts(out, "]}");
}

/* What was asked: a command line, or what the tool was to do. */
static void
record_command(struct jw *w, const struct request *r)
{
	struct buf b;

	if (r->kind == REQUEST_SHELL) {
		pair(w, KEY("command"), r->text);
	} else if (r->kind == REQUEST_ARGV) {
		buf_init(&b, w->b->a);
		for (size_t i = 0; i < r->argc; i++) {
			if (i > 0)
				buf_putc(&b, ' ');
			buf_add(&b, word_quote(w->b->a, word_text(w->b->a, r->argv[i])));
		}
		pair(w, KEY("command"), buf_str(&b));
	} else if (r->kind == REQUEST_EDIT || r->kind == REQUEST_READ) {
		pair(w, KEY("command"), str_printf(w->b->a, "%s " STR_FMT,
		    r->kind == REQUEST_EDIT ? "edit" : "read", STR_ARG(r->path)));
	}
}

/* "FILE:LINE", or the name of a rule of bridle's own (decide__where). */
static void
json_where(struct jw *w, const struct rule_ref *ref)
{
	bool named = ref->layer == LAYER_BUILTIN && ref->name.n > 0;

	own(w, KEY("rule"), named ? ref->name : ref->file);
	if (named)
		return;
	w->b->p[w->b->n - 1] = ':'; /* the quote goes to the end */
	buf_u64(w->b, ref->line);
	buf_putc(w->b, '"');
}

void
decision_record(const struct decision *d, const struct request *r, const struct record_facts *f,
    record_redact *redact, void *ctx, struct buf *out)
{
	struct jw w = { out, redact, ctx, d->secrets, true };

	said(&w, FIRST("event"), f->event);
	said(&w, KEY("decision"), verdict_name(d->verdict));
	bare(&w, KEY("certain"), d->certain ? STR("true") : STR("false"));
	if (d->rule != NULL)
		json_where(&w, rule_ref(d->rule));
	own(&w, KEY("agent"), r->agent);
	pair(&w, KEY("session"), r->session);
	pair(&w, KEY("tool"), r->tool);
	pair(&w, KEY("cwd"), r->cwd);
	record_command(&w, r);
	pair(&w, KEY("reason"), d->decisive == NULL ? d->reason : names_only(out->a, d->reason, d->decisive));
	if (d->monitored)
		said(&w, KEY("would"), verdict_name(d->would));
	if (f->grant.n > 0)
		own(&w, KEY("grant"), f->grant);
	if (f->code.n > 0)
		own(&w, KEY("code"), f->code);
	if (r->tool_use.n > 0)
		pair(&w, KEY("tool_use"), r->tool_use);
	key(&w, KEY("actions"));
	json_actions(&w, d);
	key(&w, KEY("took_us"));
	buf_u64(out, f->took_us);
	bare(&w, KEY("peer"), STR("{"));
	key(&w, FIRST("pid"));
	buf_u64(out, (uint64_t)f->pid);
	key(&w, KEY("uid"));
	buf_u64(out, (uint64_t)f->uid);
	buf_putc(out, '}');
	own(&w, KEY("policy"), f->policy);
}
