/* SPDX-License-Identifier: ISC */
/*
 * agent.c: the table of agents and what they have in common: where a request
 * stands, and what becomes of an event that cannot be read. claude.c is the
 * model for the others.
 */
#include "agent.h"

static const struct agent *const agents[] = { &agent__claude };

const struct agent *
agent_find(struct str name)
{
	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++)
		if (str_is(name, agents[i]->name))
			return agents[i];
	return NULL;
}

struct str
agent_name(const struct agent *g)
{
	return str_of(g->name);
}

/* The nearest directory at or above dir with a .git in it. */
static struct str
repository(const struct world *w, struct arena *a, struct str dir)
{
	struct world_stat st;
	for (;;) {
		int rc = w->stat(w->ctx, path_join(a, dir, STR(".git")), true, &st);
		if (rc == 0)
			return dir;
		if (rc != BRIDLE_ENOENT || str_is(dir, "/"))
			return (struct str){ NULL, 0 };
		dir = path_dir(dir);
	}
}

void
agent_place(const struct world *w, struct arena *a, struct request *r)
{
	struct str v;
	int err = w->env(w->ctx, STR("HOME"), &v);
	if (err == 0 && str_starts(v, STR("/")))
		r->home = path_clean(a, v);
	else if (err == 0 || err == BRIDLE_ENOENT)
		r->home = w->home; /* `~/` of a rule is a place, whatever the environment says */
	if (w->env(w->ctx, STR("CLAUDE_PROJECT_DIR"), &v) == 0 && str_starts(v, STR("/")))
		r->project = path_clean(a, v);
	else
		r->project = repository(w, a, r->cwd);
	if (r->project.n == 0)
		r->project = r->cwd;
	if (w->env(w->ctx, STR("CLAUDE_CODE_SHELL"), &v) != 0 &&
	    w->env(w->ctx, STR("SHELL"), &v) != 0)
		v = STR("bash");
	r->shell = str_is(path_base(v), "zsh") ? SHELL_ZSH : SHELL_BASH;
}

void
agent__bad(struct event *e, struct str why)
{
	e->bad = why;
}

static bool
guards(const struct agent *g, struct str name)
{
	for (const char *const *p = g->guards; *p != NULL; p++)
		if (str_is(name, *p))
			return true;
	return false;
}

void
agent_read(const struct agent *g, const struct world *w, struct arena *a, struct str payload,
    struct str said, struct str cwd, struct event *out)
{
	*out = (struct event){ .name = said };
	out->request.agent = str_of(g->name);
	out->request.cwd = str_starts(cwd, STR("/")) ? path_clean(a, cwd) : STR("/");
	g->read(w, a, payload, out);
	if (out->request.project.n == 0)
		agent_place(w, a, &out->request);
	bool guarding = guards(g, said) || guards(g, out->name);
	if (out->bad.n == 0 && guards(g, said) && !guards(g, out->name))
		out->bad = str_printf(a, "it is called " STR_FMT ", but the hook was called for " STR_FMT,
		    STR_ARG(out->name), STR_ARG(said));
	if (out->bad.n == 0)
		return;
	out->kind = guarding ? EVENT_BEFORE : EVENT_OTHER;
	out->request.kind = REQUEST_BAD;
	out->request.text = str_printf(a, "the hook event cannot be read: " STR_FMT, STR_ARG(out->bad));
	if (guarding && !guards(g, out->name))
		out->name = said;
}

void
agent_answer(const struct agent *g, struct arena *a, const struct event *e, enum verdict v,
    struct str reason, struct answer *out)
{
	*out = (struct answer){ 0 };
	if (e->kind == EVENT_BEFORE)
		g->answer(a, e, v, reason, out);
}

void
agent_block(const struct agent *g, struct arena *a, const struct event *e, struct str reason,
    struct answer *out)
{
	(void)g;
	(void)e;
	*out = (struct answer){ .status = 2, .err = str_cat(a, reason, STR("\n")) };
}

void
agent_context(const struct agent *g, struct arena *a, const struct event *e, struct str text,
    struct answer *out)
{
	*out = (struct answer){ 0 };
	g->context(a, e, text, out);
}
