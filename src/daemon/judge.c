/* SPDX-License-Identifier: ISC */
/*
 * judge.c: one hook event in, one answer out. The event becomes a request
 * (src/agents), the request a decision (src/decide), the decision a record in
 * the log and bytes for the agent. Nothing here fails: what cannot be judged
 * is answered so that the shim asks or refuses. wrapper.c is its sibling.
 */
#include "bridle/limits.h"
#include "daemon.h"

#include <string.h>

void
judge_error(struct frame_out *reply, const char *why)
{
	frame_begin(reply, reply->p, reply->cap, FRAME_ERROR);
	frame_add(reply, TAG_TEXT, why, strlen(why));
}

/* ---- judging, as hook and wrapper have it in common --------------------------------------- */

/* The NUL-separated block as the vector that the world wants. */
static const char *const *
env_vector(struct arena *a, struct str block)
{
	VEC(const char *) v = { 0 };
	while (block.n > 0) {
		size_t end = str_chr(block, '\0');
		if (end == STR_NPOS)
			break; /* the last one must be whole, too */
		*vec_push(a, &v) = block.p;
		block = str_sub(block, end + 1, STR_NPOS);
	}
	*vec_push(a, &v) = NULL;
	return v.v;
}

static bool
done(void *ctx, struct str key)
{
	const struct judging *j = ctx;
	return sessions_done(j->d->sessions, j->request->session, key);
}

void
judging_init(struct judging *j, struct daemon *d, struct client *c, const struct frame *f)
{
	memset(j, 0, sizeof(*j));
	j->d = d;
	j->client = c;
	j->a = d->request;
	j->began_ns = uv_hrtime();
	j->verdict = VERDICT_ASK;
	local_world_init(&j->local, j->a, FRAME_HAS(f, TAG_ENV) ? env_vector(j->a, f->env) : NULL, &j->world);
	if (client_uid(c) != d->uid)
		j->world.home = STR(""); /* that of another user is not ours */
	j->local.env_cut = (f->flags & FRAME_ENV_CUT) != 0;
	j->local.done = done;
	j->local.done_ctx = j;
}

void
judging_end(struct judging *j)
{
	local_world_close(&j->local);
	arena_unguard(j->a);
	arena_reset(j->a);
}

static bool
builtin_rule(const struct decision *d)
{
	return d->rule != NULL && rule_ref(d->rule)->layer == LAYER_BUILTIN;
}

/* A project's policy that does not load must not take its denies along: what
 * names a guarded tool is then asked about, as if there were no policy. */
static void
judge_partial(struct judging *j, const struct request *r)
{
	struct decision bare;
	decide(NULL, &j->world, r, j->a, &bare);
	if (bare.verdict <= j->decision.verdict)
		return;
	bare.reason = STR("This project's own policy (.bridle/policy) has errors, so what it forbids is not "
	                  "known. `bridle test` in the project shows them.");
	j->decision = bare;
}

/* What is answered at least where the record cannot be written, as `set
 * audit.required` has it. */
static enum verdict
without_log(const struct policy *p)
{
	const char *required = p == NULL ? NULL : policy_setting(p, "audit.required");
	if (required == NULL || strcmp(required, "no") == 0)
		return VERDICT_NONE;
	return strcmp(required, "deny") == 0 ? VERDICT_DENY : VERDICT_ASK;
}

void
judging_decide(struct judging *j, const struct request *r)
{
	jmp_buf jb;
	struct in_force f;
	j->request = r;
	arena_unguard(j->a);
	f = policies_for(j->d, r->project);
	j->policy = f.policy;
	const struct policy *p = f.policy == NULL ? NULL : f.policy->policy;
	decide(p, &j->world, r, j->a, &j->decision);
	if (f.partial)
		judge_partial(j, r);
	if (j->d->options.monitor && !j->decision.monitored && !builtin_rule(&j->decision)) {
		j->decision.monitored = true;
		j->decision.would = j->decision.verdict;
		j->decision.verdict = VERDICT_PASS;
	}
	j->verdict = j->decision.verdict;
	j->reason = j->decision.reason;
	volatile int rc = BRIDLE_ENOMEM;
	if (ARENA_GUARD(j->a, jb) == 0) {
		approve_decision(j);
		rc = record_decision(j);
	}
	arena_unguard(j->a);
	enum verdict least = without_log(p);
	if (rc == 0 && least != VERDICT_NONE)
		rc = record_flush(j->d, true); /* the answer depends on it; others' records may wait */
	if (rc != 0 && j->verdict < least) {
		j->verdict = least;
		j->reason = STR("bridle's log cannot be written, and the policy requires it (audit.required). "
		                "`bridle status` says why.");
	}
	j->d->counts.verdicts[j->verdict]++;
}

/* ---- events ---------------------------------------------------------------------------------- */

/* A file was written that something must be done with before a rule lets go:
 * the agent hears it now, not when it is denied. */
static void
tell_due(struct judging *j, const struct agent *g, const struct event *e, const struct deeds *deeds, struct answer *out)
{
	struct buf b;
	buf_init(&b, j->a);
	for (size_t i = 0; i < deeds->due.n; i++) {
		const struct due *d = &deeds->due.v[i];
		bool again = false;
		for (size_t k = 0; k < deeds->list.n; k++) /* in the same line, after the write */
			again = again || str_starts(deeds->list.v[k].text, d->what);
		if (again)
			continue;
		buf_printf(&b, "%s" STR_FMT " was written: run `" STR_FMT "` next. Until it has succeeded with this content, "
		    "this rule holds: " STR_FMT " [" STR_FMT ":%u]", b.n > 0 ? "\n" : "bridle: ", STR_ARG(path_base(d->path)),
		    STR_ARG(d->what), STR_ARG(d->rule->text), STR_ARG(d->rule->file), d->rule->line);
	}
	if (b.n > 0)
		agent_context(g, j->a, e, buf_str(&b), out);
}

static void
remember_deeds(struct judging *j, const struct agent *g, const struct event *e, struct answer *out)
{
	struct deeds deeds;
	const struct request *r = &e->request;
	struct in_force f = policies_for(j->d, r->project);
	j->request = r;
	arena_unguard(j->a);
	if (f.policy == NULL || e->background ||
	    decide_deeds(f.policy->policy, &j->world, r, j->a, &deeds) != 0)
		return;
	for (size_t i = 0; i < deeds.list.n; i++)
		if (sessions_did(j->d->sessions, r->session, deeds.list.v[i].key, deeds.list.v[i].persist,
		        (int64_t)uv_now(&j->d->loop)) == BRIDLE_EIO)
			log_line(LOG_WARN, "what was done cannot be kept in " STR_FMT "/" LOCAL_DONE,
			    STR_ARG(j->d->places.state));
	jmp_buf jb;
	if (ARENA_GUARD(j->a, jb) == 0)
		tell_due(j, g, e, &deeds, out);
	else
		*out = (struct answer){ 0 };
	arena_unguard(j->a);
}

static void
note_event(struct judging *j, const struct event *e)
{
	struct buf b;
	buf_init(&b, j->a);
	buf_puts(&b, "\"event\":\"other\",\"name\":");
	buf_json(&b, str_sub(e->name, 0, 200));
	if (e->bad.n > 0) {
		buf_puts(&b, ",\"reason\":");
		buf_json(&b, e->bad);
		j->d->counts.bad++;
	}
	record_write(j->d, buf_str(&b));
}

/* A session begins: the agent is told the rules before it tries. */
static void
tell_rules(struct judging *j, const struct agent *g, const struct event *e, struct answer *out)
{
	struct in_force f = policies_for(j->d, e->request.project);
	if (f.policy != NULL && f.policy->policy != NULL)
		agent_context(g, j->a, e, policy_outline(j->a, f.policy->policy, LIMIT_OUTLINE_LINES, LIMIT_OUTLINE), out);
}

/* What an event is answered with; may jump (arena). */
static void
answer_event(struct judging *j, const struct agent *g, const struct event *e, struct answer *out)
{
	struct daemon *d = j->d;
	struct str why;
	jmp_buf jb;
	*out = (struct answer){ 0 };
	if (e->request.session.n > 0) {
		bool known = sessions_seen(d->sessions, e->request.session, (int64_t)uv_now(&d->loop));
		if (client_session(j->client, e->request.session))
			who_heard(d, client_pid(j->client), e->request.session);
		if (!known)
			settings_note(j, e);
	}
	switch (e->kind) {
	case EVENT_BEFORE:
		d->counts.bad += e->bad.n > 0;
		j->event = e;
		judging_decide(j, &e->request);
		if (ARENA_GUARD(j->a, jb) != 0) {
			*out = (struct answer){ .status = 2, .err = STR("bridle has no memory left to answer\n") };
			return;
		}
		agent_answer(g, j->a, e, j->verdict, j->reason, out);
		break;
	case EVENT_DONE:
		tickets_drop(d->grants, e->request.session, e->request.tool_use);
		remember_deeds(j, g, e, out);
		break;
	case EVENT_END:
		sessions_end(d->sessions, e->request.session);
		break;
	case EVENT_CONFIG:
		if (settings_dropped(j, e, &why)) {
			agent_block(g, j->a, e, why, out);
			record_event(d, "settings", "reason", why);
		}
		break;
	case EVENT_OTHER:
		note_event(j, e);
		break;
	case EVENT_FAILED:
		tickets_drop(d->grants, e->request.session, e->request.tool_use);
		break;
	case EVENT_PROMPT:
		tickets_drop(d->grants, e->request.session, STR(""));
		break;
	case EVENT_START:
		tell_rules(j, g, e, out);
		break;
	}
}

void
judge_request(struct daemon *d, struct client *c, const struct frame *f, judge_by *answer,
    struct frame_out *reply)
{
	struct judging j;
	jmp_buf jb;
	d->counts.requests++;
	if (!str_is(f->release, BRIDLE_VERSION))
		d->counts.other_release++;
	if (ARENA_GUARD(d->request, jb) != 0) {
		arena_unguard(d->request);
		arena_reset(d->request);
		judge_error(reply, "no memory left to judge this");
		return;
	}
	judging_init(&j, d, c, f);
	answer(&j, f, reply);
	judging_end(&j);
}

void
judge_hook(struct judging *j, const struct frame *f, struct frame_out *reply)
{
	const struct agent *g = agent_find(f->agent);
	struct event e;
	struct answer out;
	if (g == NULL) {
		judge_error(reply, "no such agent");
		return;
	}
	agent_read(g, &j->world, j->a, f->payload, f->event, f->cwd, &e);
	e.request.user = j->d->user;
	answer_event(j, g, &e, &out);
	frame_begin(reply, reply->p, reply->cap, FRAME_REPLY);
	frame_add_byte(reply, TAG_STATUS, (unsigned)out.status);
	frame_add(reply, TAG_OUT, out.out.p, out.out.n);
	frame_add(reply, TAG_ERR, out.err.p, out.err.n);
}
