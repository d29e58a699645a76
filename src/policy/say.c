/* SPDX-License-Identifier: ISC */
/*
 * say.c: the statements that say something beside rules: default, dynamic,
 * opaque, unknown-path, people, mode, set; and given and test, which stand as
 * statements and as clauses. How files are read: parse.c.
 */
#include "parse.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* ---- verdicts ---- */

static const struct str verdicts[] = { STR("allow"), STR("ask"), STR("deny"),
	STR("pass") };
static const enum verdict verdict_of[] = { VERDICT_ALLOW, VERDICT_ASK, VERDICT_DENY, VERDICT_PASS };

/* from 1: allow is none of them. NONE: said. */
static enum verdict
take_verdict(struct arena *a, struct str word, struct place at, size_t from, struct diags *d)
{
	for (size_t i = from; i < COUNT(verdicts); i++)
		if (str_eq(word, verdicts[i]))
			return verdict_of[i];
	if (str_is(word, "allow"))
		policy__error(d, at, "this default cannot be allow: what is not known is never allowed")->hint =
		    policy__hint(a, word, verdicts + from, COUNT(verdicts) - from);
	else
		policy__error(d, at, "`" STR_FMT "` is no verdict", STR_ARG(word))->hint =
		    policy__hint(a, word, verdicts + from, COUNT(verdicts) - from);
	return VERDICT_NONE;
}

/* ---- default, dynamic, opaque, unknown-path ---- */

static const struct str kinds[] = { STR("command"), STR("edit"), STR("read"),
	STR("tool") };
static const enum policy_default kind_of[] = { DEFAULT_COMMAND, DEFAULT_EDIT, DEFAULT_READ,
	DEFAULT_TOOL };

static void
say_default(struct file *f, const struct line *l, enum policy_default which, enum verdict v)
{
	if (f->layer->defaults[which] != VERDICT_NONE && f->layer->defaults[which] != v)
		policy__error(f->d, file__place(f, l, 0), "this was said before, otherwise (%s)",
		    verdict_name(f->layer->defaults[which]))->hint = STR("a file says each default once");
	f->layer->defaults[which] = v;
}

void
file__default(struct file *f, const struct line *l, size_t at, struct str keyword)
{
	bool plain = str_is(keyword, "default");
	enum policy_default which = str_is(keyword, "dynamic") ? DEFAULT_DYNAMIC :
	    str_is(keyword, "opaque")                          ? DEFAULT_OPAQUE :
	    plain                                              ? DEFAULT_COMMAND :
								 DEFAULT_UNKNOWN_PATH;
	struct arena *a = f->ps->p->a;
	enum verdict v;
	struct tokens t;

	if (!file__tokens(f, l, at, 1, plain ? 2 : 1,
		plain ? "default [command|edit|read|tool] allow|ask|deny|pass" :
			str_c(a, str_cat(a, keyword, STR(" ask|deny|pass"))), &t))
		return;
	if (t.list.n == 2) {
		size_t i = 0;

		while (i < COUNT(kinds) && !str_eq(t.list.v[0].raw, kinds[i]))
			i++;
		if (i == COUNT(kinds)) {
			policy__error(f->d, file__place(f, l, t.list.v[0].at), "`" STR_FMT "` has no default",
			    STR_ARG(t.list.v[0].raw))->hint = policy__hint(a, t.list.v[0].raw, kinds, COUNT(kinds));
			return;
		}
		which = kind_of[i];
	}
	v = take_verdict(a, t.list.v[t.list.n - 1].raw, file__place(f, l, t.list.v[t.list.n - 1].at),
	    plain ? 0 : 1, f->d);
	if (v == VERDICT_ALLOW && file__not_obeyed(f, l, keyword))
		return;
	if (v != VERDICT_NONE)
		say_default(f, l, which, v);
}

/* ---- people, mode, set ---- */

/* The index of the one word that must be one of two; -1: said. */
static int
one_of_two(struct file *f, const struct line *l, size_t at, const char *usage, const struct str *words)
{
	struct tokens t;

	if (!file__tokens(f, l, at, 1, 1, usage, &t))
		return -1;
	for (int i = 0; i < 2; i++)
		if (str_eq(t.list.v[0].raw, words[i]))
			return i;
	policy__error(f->d, file__place(f, l, t.list.v[0].at), "`" STR_FMT "` is not known here",
	    STR_ARG(t.list.v[0].raw))->hint = policy__hint(f->ps->p->a, t.list.v[0].raw, words, 2);
	return -1;
}

void
file__people(struct file *f, const struct line *l, size_t at, struct str keyword)
{
	static const struct str words[] = { STR("ask"), STR("same") };
	int i;

	if (file__not_obeyed(f, l, keyword) || (i = one_of_two(f, l, at, "people ask|same", words)) < 0)
		return;
	f->layer->people = i == 0 ? PEOPLE_ASK : PEOPLE_SAME;
}

void
file__mode(struct file *f, const struct line *l, size_t at, struct str keyword)
{
	static const struct str words[] = { STR("enforce"), STR("monitor") };
	int i;

	if (file__not_obeyed(f, l, keyword) || (i = one_of_two(f, l, at, "mode enforce|monitor", words)) < 0)
		return;
	f->layer->mode = i == 0 ? MODE_ENFORCE : MODE_MONITOR;
}

static const struct {
	struct str key;
	const char *values; /* blank-separated; NULL: a number and a unit */
	const char *units;
} settings[] = {
	{ STR("audit.required"), "yes no deny", NULL },
	{ STR("audit.sync"), "always interval never", NULL },
	{ STR("audit.interval"), NULL, "smhd" },
	{ STR("audit.keep"), NULL, "smhdkMG" },
	{ STR("audit.keep-bytes"), NULL, "kMG" },
	{ STR("audit.segment"), NULL, "kMG" },
	{ STR("audit.segment-age"), NULL, "smhd" },
};

/* "90d", "500M": one to six digits, not all zero, and one of units. */
static bool
is_quantity(struct str word, const char *units)
{
	bool some = false;

	if (word.n < 2 || word.n > 7 || strchr(units, word.p[word.n - 1]) == NULL)
		return false;
	for (size_t i = 0; i + 1 < word.n; i++) {
		if (word.p[i] < '0' || word.p[i] > '9')
			return false;
		some = some || word.p[i] != '0';
	}
	return some;
}

/* Is word one of the blank-separated ones? */
static bool
is_listed(const char *list, struct str word)
{
	struct str rest = str_of(list);

	while (rest.n > 0) {
		size_t blank = str_chr(rest, ' ');

		if (str_eq(str_sub(rest, 0, blank == STR_NPOS ? rest.n : blank), word))
			return true;
		rest = str_sub(rest, blank == STR_NPOS ? rest.n : blank + 1, rest.n);
	}
	return false;
}

void
file__set(struct file *f, const struct line *l, size_t at, struct str keyword)
{
	struct arena *a = f->ps->p->a;
	struct str names[COUNT(settings)], key, value;
	struct tokens t;
	size_t i;

	if (file__not_obeyed(f, l, keyword) || !file__tokens(f, l, at, 2, 2, "set KEY VALUE", &t))
		return;
	if (f->layer->layer == LAYER_PROJECT) {
		policy__error(f->d, file__place(f, l, 0), "`set` stands only in system and user files");
		return;
	}
	key = t.list.v[0].raw;
	value = policy__plain(a, t.list.v[1].raw);
	for (i = 0; i < COUNT(settings); i++)
		names[i] = settings[i].key;
	for (i = 0; i < COUNT(settings) && !str_eq(key, settings[i].key); i++)
		;
	if (i == COUNT(settings)) {
		policy__error(f->d, file__place(f, l, t.list.v[0].at), "no setting is called `" STR_FMT "`",
		    STR_ARG(key))->hint = policy__hint(a, key, names, COUNT(settings));
		return;
	}
	if (settings[i].values != NULL && !is_listed(settings[i].values, value)) {
		policy__error(f->d, file__place(f, l, t.list.v[1].at), STR_FMT " cannot be `" STR_FMT "`",
		    STR_ARG(key), STR_ARG(value))->hint = str_printf(a, "expected one of: %s", settings[i].values);
		return;
	}
	if (settings[i].units != NULL && !is_quantity(value, settings[i].units)) {
		policy__error(f->d, file__place(f, l, t.list.v[1].at), STR_FMT " cannot be `" STR_FMT "`",
		    STR_ARG(key), STR_ARG(value))->hint = str_printf(a,
		    "write a number and, without a blank, one of: %s", settings[i].units);
		return;
	}
	*vec_push(a, &f->ps->p->settings) = (struct setting){ key, value, f->layer->layer };
}

/* ---- given, test ---- */

static void
keep_given(const struct trials *t, struct str key, struct str value)
{
	for (size_t i = 0; i < t->givens->n; i++) {
		if (str_eq(t->givens->v[i].key, key) && !str_is(key, "done")) {
			t->givens->v[i].value = value;
			return;
		}
	}
	*vec_push(t->p->a, t->givens) = (struct policy_given){ key, value };
}

static bool
given_known(struct str key)
{
	static const char *const plain[] = { "app", "branch", "upstream", "cwd", "mode", "agent", "user",
		"shell" };
	static const char *const prefixes[] = { "env.", "file:", "remote.", "gitconfig:", "ref:" };

	for (size_t i = 0; i < COUNT(plain); i++)
		if (str_is(key, plain[i]))
			return true;
	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (str_starts(key, str_of(prefixes[i])) && key.n > strlen(prefixes[i]))
			return true;
	return false;
}

static void
unknown_given(const struct trials *t, struct str key, struct place at)
{
	static const struct str shown[] = { STR("app"), STR("branch"), STR("upstream"),
		STR("env.NAME"), STR("cwd"), STR("mode"), STR("file:PATH"), STR("done:COMMAND") };

	policy__error(t->d, at, "`" STR_FMT "` is nothing that can be given", STR_ARG(key))->hint =
	    policy__hint(t->p->a, key, shown, COUNT(shown));
}

static void
nothing_given(const struct trials *t, struct place at)
{
	policy__error(t->d, at, "something is missing here")->hint =
	    STR("write: given KEY=VALUE… or given done:COMMAND");
}

/* One token of a given: KEY=VALUE; false: said. */
static bool
take_given(const struct trials *t, const struct line *l, struct token tok)
{
	size_t eq = str_chr(tok.raw, '=');
	struct str key = str_sub(tok.raw, 0, eq == STR_NPOS ? tok.raw.n : eq);

	if (eq == STR_NPOS)
		nothing_given(t, policy__place(l, tok.at + tok.raw.n, t->file));
	else if (!given_known(key))
		unknown_given(t, key, policy__place(l, tok.at, t->file));
	else
		keep_given(t, key, policy__plain(t->p->a, str_sub(tok.raw, eq + 1, tok.raw.n)));
	return eq != STR_NPOS && given_known(key);
}

void
policy__given(const struct trials *t, const struct line *l, size_t at)
{
	struct token tok;
	size_t n = 0;

	if (*t->tested) {
		*t->givens = (given_list){ 0 }; /* tests keep the old list */
		*t->tested = false;
	}
	for (;; n++) {
		size_t from = at;
		int got;

		policy__rest(l, &from);
		if (str_starts(str_sub(l->text, from, l->text.n), STR("done:"))) {
			from += 5;
			if (policy__rest(l, &from).n == 0)
				nothing_given(t, policy__place(l, from, t->file));
			else
				keep_given(t, STR("done"), policy__rest(l, &from));
			return;
		}
		got = policy__token(l, &at, t->file, t->d, &tok);
		if (got == 0 && n == 0)
			nothing_given(t, policy__place(l, at, t->file));
		if (got != 1 || !take_given(t, l, tok))
			return;
	}
}

void
policy__test(const struct trials *t, const struct line *l, size_t at)
{
	struct token word = policy__word(l, &at);
	struct policy_test *test;
	struct str command;
	enum verdict v;

	v = take_verdict(t->p->a, word.raw, policy__place(l, word.at, t->file), 0, t->d);
	if (v == VERDICT_NONE)
		return;
	command = policy__rest(l, &at);
	if (command.n == 0) {
		policy__error(t->d, policy__place(l, at, t->file), "something is missing here")->hint =
		    STR("write: test allow|ask|deny|pass COMMAND");
		return;
	}
	*t->tested = true;
	test = vec_push(t->p->a, &t->p->tests);
	memset(test, 0, sizeof *test);
	test->file = t->file;
	test->line = l->number;
	test->expect = v;
	test->edit = str_starts(command, STR("edit "));
	test->command = test->edit ? str_trim(str_sub(command, 5, command.n)) : command;
	test->givens = t->givens->v;
	test->ngivens = t->givens->n;
	test->rule = t->rule;
	test->untrusted = t->untrusted;
}

static struct trials
trials_of(struct file *f)
{
	return (struct trials){ f->ps->p, f->d, f->name, &f->givens, &f->tested, NULL, !f->layer->trusted };
}

void
file__given(struct file *f, const struct line *l, size_t at, struct str keyword)
{
	struct trials t = trials_of(f);

	(void)keyword;
	policy__given(&t, l, at);
}

void
file__test(struct file *f, const struct line *l, size_t at, struct str keyword)
{
	struct trials t = trials_of(f);

	(void)keyword;
	policy__test(&t, l, at);
}
