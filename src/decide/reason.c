/* SPDX-License-Identifier: ISC */
/*
 * reason.c: the sentence that tells agent and person what was matched, why,
 * and what to do instead. Secrets are taken out by the caller.
 */
#include "bridle/limits.h"
#include "decide.h"

static void
add_all(struct buf *b, const struct str *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_add(b, v[i]);
}
#define ADD(b, ...) \
	add_all((b), (const struct str[]){ __VA_ARGS__ }, sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str))

struct str
decide__where(struct arena *a, const struct rule_ref *ref)
{
	struct buf b;

	if (ref->layer == LAYER_BUILTIN && ref->name.n > 0)
		return ref->name;
	buf_init(&b, a);
	ADD(&b, ref->file, STR(":"));
	buf_u64(&b, ref->line);
	return buf_str(&b);
}

static const char *
file_verb(const struct action *act)
{
	if (act->kind == ACTION_READ)
		return "read";
	return act->after_absent ? "remove" : "edit";
}

struct str
decide__action_text(struct arena *a, const struct action *act)
{
	switch (act->kind) {
	case ACTION_COMMAND:
		return action_text(a, act);
	case ACTION_EDIT:
	case ACTION_READ:
		return str_printf(a, "%s " STR_FMT, file_verb(act),
		    STR_ARG(act->file.n > 0 ? word_show(a, act->file.v[0]) : STR("?")));
	case ACTION_TOOL:
		return str_printf(a, "tool " STR_FMT, STR_ARG(act->tool));
	case ACTION_UNKNOWN:
		break;
	}
	return act->typed;
}

/* "app app-api from fly.toml in api/": where a scope came from, if not from the line itself. */
static void
add_scope(struct arena *a, struct buf *b, const struct action *act)
{
	for (size_t i = 0; i < act->nfields; i++) {
		const struct field *f = &act->fields[i];

		if (f->state != FIELD_PRESENT || f->from.n == 0 || f->from.p[0] == '-' || f->values.n != 1)
			continue;
		ADD(b, STR(" ("), f->name, STR(" "), word_show(a, f->values.v[0]), STR(" from "), f->from, STR(")"));
	}
}

static void
add_sentence(struct buf *b, struct str s)
{
	buf_add(b, s);
	if (s.n > 0 && s.p[s.n - 1] != '.' && s.p[s.n - 1] != '!' && s.p[s.n - 1] != '?')
		buf_putc(b, '.');
}

/* The first max bytes, not ending inside a character. */
static struct str
cut_utf8(struct str s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max > 0 && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	return str_sub(s, 0, max);
}

/* At most so much of a command in a sentence. */
static struct str
shown(struct arena *a, struct str text)
{
	if (text.n <= 300)
		return text;
	return str_printf(a, STR_FMT "…", STR_ARG(cut_utf8(text, 300)));
}

static void
add_rule(struct arena *a, struct buf *b, const struct judged *j)
{
	const struct rule_ref *ref = rule_ref(j->rule);

	if (!j->certain) {
		buf_puts(b, " A rule may apply, and that is not certain");
		if (j->why.n > 0)
			ADD(b, STR(": "), j->why);
		buf_puts(b, ref->because.n > 0 ? ". It says:" : ".");
	}
	if (ref->because.n > 0) {
		buf_putc(b, ' ');
		add_sentence(b, ref->because);
	}
	if (j->certain && j->why.n > 0) {
		buf_puts(b, " Here: ");
		add_sentence(b, j->why);
	}
	if (ref->instead.n > 0)
		ADD(b, STR(" Instead: "), j->action == NULL ? ref->instead : rule_instead(j->rule, j->action, a));
	ADD(b, STR(" ["), decide__where(a, ref), STR(": "), ref->text, STR("]"));
}

static size_t
others(const struct decision *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->njudged; i++)
		if (&d->judged[i] != d->decisive && d->judged[i].verdict >= VERDICT_ASK &&
		    d->judged[i].verdict == d->verdict && d->judged[i].rule != d->rule)
			n++;
	return n;
}

static void
add_unknown(struct arena *a, struct buf *b, const struct judged *j)
{
	if (j->action != NULL && j->action->kind == ACTION_UNKNOWN) {
		struct str typed = shown(a, j->action->typed);

		buf_puts(b, "bridle cannot tell what ");
		if (typed.n == 0)
			buf_puts(b, "this line");
		else
			ADD(b, STR("`"), typed, STR("`"));
		ADD(b, STR(" would do: "), j->why,
		    STR(". Write the command out in full, without what hides it, or have a person run it."));
	} else {
		ADD(b, STR("`"), j->action == NULL ? STR("the request") : shown(a, decide__action_text(a, j->action)),
		    STR("`: "), j->why.n > 0 ? j->why : STR("no rule speaks of it"), STR("."));
	}
}

struct str
decide__reason(struct arena *a, const struct decision *d, const struct request *r)
{
	const struct judged *j = d->decisive;
	struct str what = r->text;
	struct buf b;
	size_t n;

	buf_init(&b, a);
	if (j == NULL)
		return STR("nothing in it does anything that rules speak of");
	if (j->rule == NULL) {
		add_unknown(a, &b, j);
	} else {
		if (j->action != NULL)
			what = decide__action_text(a, j->action);
		ADD(&b, STR("`"), shown(a, what), STR("`"));
		if (j->action != NULL) {
			add_scope(a, &b, j->action);
			if (j->action->chain.n > 0)
				ADD(&b, STR(" (in "), j->action->chain, STR(")"));
		}
		buf_puts(&b, d->verdict == VERDICT_DENY ? " is denied." :
		    d->verdict == VERDICT_ASK ? " needs a person's yes." : " is allowed.");
		add_rule(a, &b, j);
	}
	if ((n = others(d)) > 0)
		buf_printf(&b, " %zu more %s of this line %s judged so too.", n,
		    n == 1 ? "part" : "parts", n == 1 ? "is" : "are");
	return cut_utf8(buf_str(&b), LIMIT_REASON);
}
