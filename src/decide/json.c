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

/* Text of JSON as it stands. Called, not inlined, as are the others below: what runs
 * once a decision waits for its own code more than it takes to run. */
static void __attribute__((noinline))
raw(struct jw *w, struct str s)
{
	buf_add(w->b, s);
}

/* ,"NAME": in one piece; FIRST of an object without the comma. */
#define FIRST(name) STR("\"" name "\":")
#define KEY(name) STR(",\"" name "\":")
static void __attribute__((noinline))
pair(struct jw *w, struct str k, struct str value)
{
	raw(w, k);
	text(w, value);
}

/* Words of bridle's own, of its models and policies' names: no secret can be in them. */
static void __attribute__((noinline))
own(struct jw *w, struct str k, struct str value)
{
	raw(w, k);
	buf_json(w->b, value);
}

/* A word of the program's text, which is plain in JSON. */
static void __attribute__((noinline))
said(struct jw *w, struct str k, const char *value)
{
	own(w, k, str_of(value));
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

static void __attribute__((noinline))
comma(struct jw *w)
{
	if (w->b->p[w->b->n - 1] != '[' && w->b->p[w->b->n - 1] != '{')
		raw(w, STR(","));
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
		raw(w, STR("null"));
}

static void
json_words(struct jw *w, struct str open, struct words ws, bool rest)
{
	raw(w, open);
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
		raw(w, STR("{\"rest\":true}"));
	}
	raw(w, STR("]"));
}

static void
json_options(struct jw *w, const struct action *act)
{
	raw(w, STR(",\"options\":{"));
	for (size_t i = 0; i < act->noptions; i++) {
		const struct option_value *o = &act->options[i];

		comma(w);
		text(w, o->name);
		raw(w, STR(":"));
		if (o->values.n == 0) {
			raw(w, o->boolean ? STR("[true]") : STR("[]"));
			continue;
		}
		raw(w, STR("["));
		for (size_t k = 0; k < o->values.n; k++) {
			comma(w);
			json_word(w, o->values.v[k]);
		}
		raw(w, STR("]"));
	}
	raw(w, STR("}"));
}

/* The fields that say where a command acts; all others stand in "fields". */
static bool
is_scope(struct str name)
{
	return str_is(name, "app") || str_is(name, "org") || str_is(name, "region");
}

static void
json_fields(struct jw *w, struct str open, const struct action *act, bool scope)
{
	raw(w, open);
	for (size_t i = 0; i < act->nfields; i++) {
		const struct field *f = &act->fields[i];

		if (f->state == FIELD_ABSENT || str_is(f->name, "effect") || is_scope(f->name) != scope)
			continue;
		comma(w);
		buf_json(w->b, f->name); /* names of fields are bridle's own */
		raw(w, STR(":"));
		if (f->state == FIELD_UNKNOWN || f->values.n == 0) {
			raw(w, STR("null"));
		} else if (f->values.n == 1) {
			json_word(w, f->values.v[0]);
		} else {
			raw(w, STR("["));
			for (size_t k = 0; k < f->values.n; k++) {
				comma(w);
				json_word(w, f->values.v[k]);
			}
			raw(w, STR("]"));
		}
	}
	raw(w, STR("}"));
}

static void
json_scope(struct jw *w, const struct action *act)
{
	json_fields(w, STR(",\"scope\":{"), act, true);
	json_fields(w, STR(",\"fields\":{"), act, false);
	raw(w, STR(",\"from\":{"));
	for (size_t i = 0; i < act->nfields; i++) {
		if (act->fields[i].state == FIELD_ABSENT || act->fields[i].from.n == 0)
			continue;
		comma(w);
		buf_json(w->b, act->fields[i].name);
		raw(w, STR(":"));
		text(w, act->fields[i].from);
	}
	raw(w, STR("}"));
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
	raw(w, KEY("updates"));
	if (action_field(act, "ref")->state == FIELD_ABSENT) {
		raw(w, STR("[]"));
		return;
	}
	if (!remote_text(w, act, &remote) || !field_text(w, act, "ref", &ref) ||
	    !field_text(w, act, "force", &force) || !field_text(w, act, "delete", &del)) {
		raw(w, STR("null"));
		return;
	}
	raw(w, STR("[{"));
	pair(w, FIRST("remote"), remote);
	pair(w, KEY("ref"), ref);
	pair(w, KEY("force"), force);
	raw(w, str_is(del, "yes") ? STR(",\"delete\":true") : STR(",\"delete\":false"));
	raw(w, STR("}]"));
}

static void
json_command(struct jw *w, const struct action *act)
{
	struct str effect;

	json_words(w, STR(",\"argv\":["), act->argv, act->unparsed_rest);
	if (act->model != NULL)
		own(w, KEY("tool"), act->tool);
	else if (act->tool.n > 0)
		pair(w, KEY("tool"), act->tool);
	if (act->model != NULL) {
		raw(w, STR(",\"path\":["));
		for (size_t i = 0; i < act->npath; i++) {
			comma(w);
			buf_json(w->b, act->path[i]);
		}
		raw(w, STR("]"));
		json_options(w, act);
		json_words(w, STR(",\"operands\":["), act->operands, false);
		if (field_text(w, act, "effect", &effect))
			own(w, KEY("effect"), effect);
		json_scope(w, act);
		json_updates(w, act);
		if (!act->runs) {
			raw(w, STR(",\"runs\":false"));
			if (act->error.n > 0)
				pair(w, KEY("error"), act->error);
		}
	}
	if (act->cwd.n > 0) {
		raw(w, KEY("cwd"));
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
	raw(w, KEY("keys"));
	if (err != 0) {
		raw(w, STR("null"));
		return;
	}
	raw(w, STR("["));
	for (size_t i = 0; i < n; i++) {
		comma(w);
		text(w, keys[i]);
	}
	if (more) {
		comma(w);
		raw(w, STR("{\"rest\":true}"));
	}
	raw(w, STR("]"));
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

	if (rule == NULL) {
		raw(w, STR(",\"rule\":null"));
		return;
	}
	ref = rule_ref(rule);
	raw(w, STR(",\"rule\":{"));
	own(w, FIRST("file"), ref->file);
	raw(w, KEY("line"));
	buf_u64(w->b, ref->line);
	if (ref->name.n > 0)
		own(w, KEY("name"), ref->name);
	pair(w, KEY("text"), ref->text);
	raw(w, STR("}"));
}

static void
json_judged(struct jw *w, const struct judged *j)
{
	const struct action *act = j->action;

	raw(w, STR("{"));
	said(w, FIRST("kind"), kind_name(act->kind));
	pair(w, KEY("text"), decide__action_text(w->b->a, act));
	if (act->kind == ACTION_COMMAND) {
		json_command(w, act);
	} else if (act->kind == ACTION_TOOL) {
		pair(w, KEY("tool"), act->tool);
	} else if (act->file.n > 0) {
		raw(w, KEY("path"));
		json_word(w, act->file.v[0]);
		if (act->kind == ACTION_EDIT)
			json_keys(w, act);
	}
	if (act->chain.n > 0)
		pair(w, KEY("chain"), act->chain);
	if (j->verdict == VERDICT_NONE)
		raw(w, STR(",\"decision\":null"));
	else
		said(w, KEY("decision"), verdict_name(j->verdict));
	json_rule(w, j->rule);
	if (j->why.n > 0)
		pair(w, KEY("why"), w->record ? names_only(w->b->a, j->why, j) : j->why);
	raw(w, STR("}"));
}

static void
json_actions(struct jw *w, const struct decision *d)
{
	for (size_t i = 0; i < d->njudged; i++) {
		const struct judged *j = &d->judged[i];

		/* Of code that was looked into, what a rule speaks of; the rest is a file's content. */
		if (w->record && j->rule == NULL && j->action != NULL && (j->action->flags & ACTION_LOOKED) != 0)
			continue;
		comma(w);
		json_judged(w, j);
	}
	raw(w, STR("]"));
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
	raw(&w, d->certain ? STR(",\"certain\":true") : STR(",\"certain\":false"));
	if (d->monitored)
		said(&w, KEY("would"), verdict_name(d->would));
	json_rule(&w, d->rule);
	raw(&w, STR(",\"actions\":["));
	json_actions(&w, d);
	raw(&w, STR(",\"unknown\":["));
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
	raw(w, STR("\""));
}

void
decision_record(const struct decision *d, const struct request *r, const struct record_facts *f,
    record_redact *redact, void *ctx, struct buf *out)
{
	struct jw w = { out, redact, ctx, d->secrets, true };

	said(&w, FIRST("event"), f->event);
	said(&w, KEY("decision"), verdict_name(d->verdict));
	raw(&w, d->certain ? STR(",\"certain\":true") : STR(",\"certain\":false"));
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
	raw(&w, STR(",\"actions\":["));
	json_actions(&w, d);
	raw(&w, KEY("took_us"));
	buf_u64(out, f->took_us);
	raw(&w, STR(",\"peer\":{\"pid\":"));
	buf_u64(out, (uint64_t)f->pid);
	raw(&w, KEY("uid"));
	buf_u64(out, (uint64_t)f->uid);
	buf_putc(out, '}');
	own(&w, KEY("policy"), f->policy);
}
