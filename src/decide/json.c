/* SPDX-License-Identifier: ISC */
/*
 * json.c: a decision as one line of JSON (bridle check --json) and its
 * actions for the audit record. Written straight into a buffer: a record
 * must cost microseconds. The fields are documented in bridle(1) and
 * bridle-audit(5); names are fixed.
 */
#include "decide.h"

static void
key(struct buf *b, const char *name)
{
	if (b->n > 0 && b->p[b->n - 1] != '{' && b->p[b->n - 1] != '[')
		buf_putc(b, ',');
	buf_printf(b, "\"%s\":", name);
}

static void
pair(struct buf *b, const char *name, struct str value)
{
	key(b, name);
	buf_json(b, value);
}

static void
comma(struct buf *b)
{
	if (b->p[b->n - 1] != '[' && b->p[b->n - 1] != '{')
		buf_putc(b, ',');
}

/* A word: its text, or null where it is not known. */
static void
json_word(struct buf *b, struct word w)
{
	struct str text;

	if (word_known(b->a, w, &text))
		buf_json(b, text);
	else
		buf_puts(b, "null");
}

static void
json_words(struct buf *b, const char *name, struct words ws, bool rest)
{
	key(b, name);
	buf_putc(b, '[');
	for (size_t i = 0; i < ws.n; i++) {
		bool only = ws.v[i].n == 1 && ws.v[i].v[0].kind == PIECE_WORDS;

		if (word_has_words(ws.v[i]))
			rest = true;
		if (only && i + 1 == ws.n)
			break;
		comma(b);
		json_word(b, ws.v[i]);
	}
	if (rest) {
		comma(b);
		buf_puts(b, "{\"rest\":true}");
	}
	buf_putc(b, ']');
}

static void
json_options(struct buf *b, const struct action *act)
{
	key(b, "options");
	buf_putc(b, '{');
	for (size_t i = 0; i < act->noptions; i++) {
		const struct option_value *o = &act->options[i];

		comma(b);
		buf_json(b, o->name);
		buf_putc(b, ':');
		if (o->values.n == 0) {
			buf_puts(b, o->boolean ? "[true]" : "[]");
			continue;
		}
		buf_putc(b, '[');
		for (size_t k = 0; k < o->values.n; k++) {
			comma(b);
			json_word(b, o->values.v[k]);
		}
		buf_putc(b, ']');
	}
	buf_putc(b, '}');
}

static void
json_scope(struct buf *b, const struct action *act)
{
	key(b, "scope");
	buf_putc(b, '{');
	for (size_t i = 0; i < act->nfields; i++) {
		const struct field *f = &act->fields[i];

		if (f->state == FIELD_ABSENT || str_is(f->name, "effect"))
			continue;
		comma(b);
		buf_json(b, f->name);
		buf_putc(b, ':');
		if (f->state == FIELD_UNKNOWN || f->values.n == 0) {
			buf_puts(b, "null");
		} else if (f->values.n == 1) {
			json_word(b, f->values.v[0]);
		} else {
			buf_putc(b, '[');
			for (size_t k = 0; k < f->values.n; k++) {
				comma(b);
				json_word(b, f->values.v[k]);
			}
			buf_putc(b, ']');
		}
	}
	buf_putc(b, '}');
	key(b, "from");
	buf_putc(b, '{');
	for (size_t i = 0; i < act->nfields; i++) {
		if (act->fields[i].state == FIELD_ABSENT || act->fields[i].from.n == 0)
			continue;
		comma(b);
		buf_json(b, act->fields[i].name);
		buf_putc(b, ':');
		buf_json(b, act->fields[i].from);
	}
	buf_putc(b, '}');
}

static bool
field_text(struct buf *b, const struct action *act, const char *name, struct str *out)
{
	const struct field *f = action_field(act, name);

	return f != NULL && f->state == FIELD_PRESENT && f->values.n == 1 &&
	    word_known(b->a, f->values.v[0], out);
}

/* One push updates one ref: {remote, ref, force, delete}, or null. */
static void
json_updates(struct buf *b, const struct action *act)
{
	struct str remote, ref, force = STR("no"), del = STR("no");

	if (action_field(act, "ref") == NULL || action_field(act, "remote") == NULL)
		return;
	key(b, "updates");
	if (!field_text(b, act, "remote", &remote) || !field_text(b, act, "ref", &ref) ||
	    !field_text(b, act, "force", &force) || !field_text(b, act, "delete", &del)) {
		buf_puts(b, "null");
		return;
	}
	buf_putc(b, '[');
	buf_putc(b, '{');
	pair(b, "remote", remote);
	pair(b, "ref", ref);
	pair(b, "force", force);
	buf_printf(b, ",\"delete\":%s}]", str_is(del, "yes") ? "true" : "false");
}

static void
json_command(struct buf *b, const struct action *act)
{
	struct str effect;

	json_words(b, "argv", act->argv, act->unparsed_rest);
	if (act->tool.n > 0)
		pair(b, "tool", act->tool);
	if (act->model != NULL) {
		key(b, "path");
		buf_putc(b, '[');
		for (size_t i = 0; i < act->npath; i++) {
			comma(b);
			buf_json(b, act->path[i]);
		}
		buf_putc(b, ']');
		json_options(b, act);
		json_words(b, "operands", act->operands, false);
		if (field_text(b, act, "effect", &effect))
			pair(b, "effect", effect);
		json_scope(b, act);
		json_updates(b, act);
		if (!act->runs) {
			key(b, "runs");
			buf_puts(b, "false");
			if (act->error.n > 0)
				pair(b, "error", act->error);
		}
	}
	if (act->cwd.n > 0) {
		key(b, "cwd");
		json_word(b, act->cwd);
	}
}

static const char *
kind_name(enum action_kind kind)
{
	static const char *const names[] = { "command", "edit", "read", "tool", "unknown" };

	return names[kind];
}

static void
json_rule(struct buf *b, const struct rule *rule)
{
	const struct rule_ref *ref;

	key(b, "rule");
	if (rule == NULL) {
		buf_puts(b, "null");
		return;
	}
	ref = rule_ref(rule);
	buf_putc(b, '{');
	pair(b, "file", ref->file);
	buf_printf(b, ",\"line\":%u", ref->line);
	if (ref->name.n > 0)
		pair(b, "name", ref->name);
	pair(b, "text", ref->text);
	buf_putc(b, '}');
}

static void
json_judged(struct buf *b, const struct judged *j)
{
	const struct action *act = j->action;

	buf_putc(b, '{');
	pair(b, "kind", str_of(kind_name(act->kind)));
	pair(b, "text", decide__action_text(b->a, act));
	if (act->kind == ACTION_COMMAND) {
		json_command(b, act);
	} else if (act->kind == ACTION_TOOL) {
		pair(b, "tool", act->tool);
	} else if (act->file.n > 0) {
		key(b, "path");
		json_word(b, act->file.v[0]);
	}
	if (act->chain.n > 0)
		pair(b, "chain", act->chain);
	key(b, "decision");
	if (j->verdict == VERDICT_NONE)
		buf_puts(b, "null");
	else
		buf_json(b, str_of(verdict_name(j->verdict)));
	json_rule(b, j->rule);
	if (j->why.n > 0)
		pair(b, "why", j->why);
	buf_putc(b, '}');
}

void
decision_actions_json(const struct decision *d, struct buf *out)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < d->njudged; i++) {
		comma(out);
		json_judged(out, &d->judged[i]);
	}
	buf_putc(out, ']');
}

void
decision_json(const struct decision *d, struct str id, struct buf *out)
{
	buf_putc(out, '{');
	if (id.n > 0)
		pair(out, "id", id);
	pair(out, "decision", str_of(verdict_name(d->verdict)));
	pair(out, "reason", d->reason);
	buf_printf(out, ",\"certain\":%s", d->certain ? "true" : "false");
	if (d->monitored)
		pair(out, "would", str_of(verdict_name(d->would)));
	json_rule(out, d->rule);
	key(out, "actions");
	decision_actions_json(d, out);
	key(out, "unknown");
	buf_putc(out, '[');
	for (size_t i = 0; i < d->actions.unknown.n; i++) {
		comma(out);
		buf_json(out, d->actions.unknown.v[i]);
	}
	buf_puts(out, "]}");
}
