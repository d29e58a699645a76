/* SPDX-License-Identifier: ISC */
/*
 * approve.c: what a person lifts. A decision that denies or asks gets a code;
 * an approved one is let through, charged once at the hook; the wrapper below
 * the same agent finds a ticket. The tables: src/local/grants.c. Who may
 * approve is checked here, by the peer's own process, not by what it says.
 */
#include "bridle/limits.h"
#include "daemon.h"

#include <cjson/cJSON.h>
#include <string.h>

/* ---- at a decision ------------------------------------------------------------------ */

/* May a person lift all of what denies or asks here? */
static bool
can_be_lifted(const struct judging *j)
{
	const struct decision *d = &j->decision;
	return d->verdict >= VERDICT_ASK && !d->monitored && !d->final && d->decisive != NULL &&
	    d->decisive->action != NULL;
}

/* What remains once everything that asked or denied was lifted. */
static enum verdict
rest_of(const struct decision *d)
{
	enum verdict v = VERDICT_ALLOW;
	for (size_t i = 0; i < d->njudged; i++)
		if (d->judged[i].verdict < VERDICT_ASK)
			v = verdict_stricter(v, d->judged[i].verdict);
	return v;
}

static void
let_through(struct judging *j, enum verdict v, struct str reason)
{
	j->verdict = j->decision.verdict = v;
	j->reason = j->decision.reason = reason;
}

static struct str
redacted(const struct judging *j, struct str text)
{
	if (secrets_none(j->decision.secrets, text))
		return text;
	return secrets_redact(j->a, j->decision.secrets, text,
	    j->d->audit == NULL ? NULL : audit_secret_hash, j->d->audit);
}

static struct str
asked_text(const struct judging *j)
{
	const struct request *r = j->request;
	struct buf b;
	if (r->kind == REQUEST_SHELL)
		return r->text;
	if (r->kind == REQUEST_EDIT || r->kind == REQUEST_READ)
		return str_printf(j->a, "%s " STR_FMT, r->kind == REQUEST_EDIT ? "edit" : "read", STR_ARG(r->path));
	buf_init(&b, j->a);
	for (size_t i = 0; i < r->argc; i++)
		buf_printf(&b, "%s" STR_FMT, i > 0 ? " " : "", STR_ARG(word_quote(j->a, word_text(j->a, r->argv[i]))));
	return b.n > 0 ? buf_str(&b) : r->tool;
}

/* A code for what waits now; the agent may tell it, only a person can use it. */
static void
give_code(struct judging *j, const struct str *meanings, size_t n)
{
	struct grant g = { .kind = GRANT_PENDING, .session = j->request->session, .meanings = meanings, .nmeanings = n };
	const char *code;
	struct buf b;
	g.text = redacted(j, asked_text(j));
	g.reason = redacted(j, j->reason);
	if ((code = grants_wait(j->d->grants, &g, daemon_wall_ms())) == NULL)
		return;
	j->code = str_dup(j->a, str_of(code));
	buf_init(&b, j->a);
	buf_add(&b, str_sub(j->reason, 0, LIMIT_REASON - 200));
	buf_puts(&b, " A person can lift this: bridle approve ");
	buf_add(&b, j->code);
	buf_puts(&b, " (in another terminal).");
	j->reason = buf_str(&b);
}

void
approve_decision(struct judging *j)
{
	int64_t now = daemon_wall_ms();
	struct str session = j->request->session;
	struct str *meanings;
	size_t n;
	const char *code = NULL;
	if (!can_be_lifted(j) || decide_meanings(&j->decision, &j->world, j->a, &meanings, &n) != 0 || n == 0)
		return;
	bool hook = j->event != NULL;
	size_t i = 0;
	if (!hook && tickets_use(j->d->grants, session, who_runs(j->d, client_pid(j->client), false), meanings, n, now)) {
		let_through(j, rest_of(&j->decision), STR("the agent's hook has asked about this already"));
		return;
	}
	/* Whose hook it is counts only where a grant or a ticket may follow: the
	 * system is not asked about a plain denial. */
	bool speaks = !hook ||
	    ((j->verdict != VERDICT_DENY || grants_next(j->d->grants, &i, GRANT_GIVEN, now) != NULL) &&
	        who_speaks(j->d, client_pid(j->client), session));
	if (speaks)
		code = grants_use(j->d->grants, meanings, n, session, now);
	if (code != NULL) {
		j->grant = str_dup(j->a, str_of(code));
		let_through(j, rest_of(&j->decision), str_printf(j->a, "A person approved this (%s).", code));
	} else {
		give_code(j, meanings, n);
	}
	if (hook && speaks && j->verdict != VERDICT_DENY)
		tickets_add(j->d->grants, session, j->request->tool_use, who_runs(j->d, client_pid(j->client), true),
		    meanings, n, now);
}

/* The person at the wrapper's question: yes once, yes for minutes, or no. */
void
approve_answer(struct daemon *d, const char *code, struct str choice)
{
	const struct grant *g;
	uint64_t minutes;
	if (code[0] == '\0')
		return;
	if (str_u64(choice, &minutes) != 0 || minutes == 0 || minutes > 999) {
		(void)grants_drop(d->grants, str_of(code), GRANT_PENDING);
		return;
	}
	if (grants_approve(d->grants, str_of(code), UINT32_MAX, daemon_wall_ms() + (int64_t)minutes * 60000, &g) == 0)
		record_grant(d, "grant", g);
}

void
approve_tick(struct daemon *d)
{
	const struct grant *g;
	while ((g = grants_lapsed(d->grants, daemon_wall_ms())) != NULL)
		record_grant(d, "grant-lapsed", g);
}

/* ---- control requests ----------------------------------------------------------------- */

static void
fail(struct buf *out, struct str why)
{
	buf_puts(out, "{\"ok\":false,\"error\":");
	buf_json(out, why);
	buf_puts(out, "}\n");
}

static void
grant_json(const struct grant *g, struct buf *out)
{
	buf_printf(out, "{\"code\":\"%s\",\"made_ms\":%lld,\"until_ms\":%lld,\"uses\":%u,\"text\":", g->code,
	    (long long)g->made_ms, (long long)g->until_ms, g->uses);
	buf_json(out, g->text);
	buf_puts(out, ",\"reason\":");
	buf_json(out, g->reason);
	buf_puts(out, ",\"session\":");
	buf_json(out, g->session);
	buf_putc(out, '}');
}

void
approve_list(struct daemon *d, enum grant_kind kind, struct buf *out)
{
	const struct grant *g;
	size_t i = 0;
	buf_puts(out, "{\"ok\":true,\"list\":[");
	while ((g = grants_next(d->grants, &i, kind, daemon_wall_ms())) != NULL) {
		if (i > 1)
			buf_putc(out, ',');
		grant_json(g, out);
	}
	buf_puts(out, "]}\n");
}

/* Is it a person who asks? By the peer's process and those above it. */
static bool
person(struct daemon *d, struct client *c, struct buf *out)
{
	struct str why;
	if (local_person((long)client_pid(c), who_known_agent, d, out->a, &why) == 0)
		return true;
	record_event(d, "grant-refused", "reason", why);
	fail(out, str_printf(out->a, "only a person may do this: " STR_FMT ". Type it in another terminal.", STR_ARG(why)));
	return false;
}

/* `bridle trust` and its kin, which change files themselves, ask first. */
void
approve_person(struct daemon *d, struct client *c, const cJSON *request, struct buf *out)
{
	bool terminal = true;
	const char *name;
	long agent;
	(void)json_get_bool(request, "terminal", &terminal);
	if (terminal && !person(d, c, out))
		return;
	if (!terminal &&
	    local_agent_above((long)client_pid(c), who_known_agent, d, &name, &agent) != BRIDLE_ENOENT) {
		fail(out, STR("this runs below an agent: type it in another terminal"));
		return;
	}
	buf_puts(out, "{\"ok\":true}\n");
}

static uint64_t
number(const cJSON *request, const char *name, uint64_t otherwise, uint64_t most)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(request, name);
	if (!cJSON_IsNumber(v) || v->valuedouble < 1)
		return otherwise;
	return v->valuedouble > (double)most ? most : (uint64_t)v->valuedouble;
}

/* The code that a request names, if it is a person's; false: said why not. */
static bool
code_of_person(struct daemon *d, struct client *c, const cJSON *request, struct buf *out, struct str *code)
{
	if (json_get_str(request, "code", code) != 0) {
		fail(out, STR("a code is missing"));
		return false;
	}
	return person(d, c, out);
}

void
approve_code(struct daemon *d, struct client *c, const cJSON *request, struct buf *out)
{
	uint64_t seconds = number(request, "for_s", 600, 86400), uses = number(request, "uses", 1, 1000000);
	const struct grant *g;
	struct str code = STR("");
	if (!code_of_person(d, c, request, out, &code))
		return;
	if (grants_approve(d->grants, code, (unsigned)uses, daemon_wall_ms() + (int64_t)seconds * 1000, &g) != 0) {
		fail(out, STR("nothing waits under that code; `bridle pending` lists what does"));
		return;
	}
	record_grant(d, "grant", g);
	buf_puts(out, "{\"ok\":true,\"grant\":");
	grant_json(g, out);
	buf_puts(out, "}\n");
}

void
approve_drop(struct daemon *d, struct client *c, const cJSON *request, enum grant_kind kind, struct buf *out)
{
	struct str code = STR("");
	if (!code_of_person(d, c, request, out, &code))
		return;
	if (grants_drop(d->grants, code, kind) != 0) {
		fail(out, kind == GRANT_PENDING ? STR("nothing waits under that code") : STR("there is no such grant"));
		return;
	}
	record_event(d, kind == GRANT_PENDING ? "grant-denied" : "grant-revoked", "code", code);
	buf_puts(out, "{\"ok\":true}\n");
}

static size_t
strings(const cJSON *list, struct arena *a, struct str **out)
{
	VEC(struct str) v = { 0 };
	const cJSON *s;
	cJSON_ArrayForEach(s, list) if (cJSON_IsString(s))
		*vec_push(a, &v) = str_of(s->valuestring);
	*out = v.v;
	return v.n;
}

/* bridle grant -- ARGV: what it would be denied or asked for now, lifted. */
void
approve_grant(struct daemon *d, struct client *c, const cJSON *request, struct buf *out)
{
	uint64_t seconds = number(request, "for_s", 600, 86400), uses = number(request, "uses", 1, 1000000);
	struct judging j = { .d = d, .client = c, .a = out->a };
	struct request r = { .kind = REQUEST_ARGV, .agent = STR("claude"), .tool = STR("Bash") };
	struct grant g = { .kind = GRANT_GIVEN };
	struct str *env, *argv, *meanings;
	const char **vector, *code;
	size_t nenv, n;
	if (json_get_str(request, "cwd", &r.cwd) != 0 || !person(d, c, out))
		return;
	nenv = strings(cJSON_GetObjectItemCaseSensitive(request, "env"), out->a, &env);
	r.argc = strings(cJSON_GetObjectItemCaseSensitive(request, "argv"), out->a, &argv);
	r.argv = argv;
	vector = NEW_ARRAY(out->a, const char *, nenv + 1);
	for (size_t i = 0; i < nenv; i++)
		vector[i] = env[i].p;
	local_world_init(&j.local, j.a, vector, &j.world);
	if (client_uid(c) != d->uid)
		j.world.home = STR("");
	j.request = &r;
	agent_place(&j.world, j.a, &r);
	arena_unguard(j.a); /* decide sets its own; this arena is the request's alone */
	j.policy = policies_for(d, r.project).policy;
	decide(j.policy == NULL ? NULL : j.policy->policy, &j.world, &r, j.a, &j.decision);
	local_world_close(&j.local);
	j.reason = j.decision.reason;
	if (!can_be_lifted(&j) || decide_meanings(&j.decision, &j.world, j.a, &meanings, &n) != 0 || n == 0) {
		fail(out, j.decision.verdict < VERDICT_ASK ? STR("this is neither denied nor asked about: no grant is needed") :
		    str_printf(j.a, "no grant lifts this: " STR_FMT, STR_ARG(j.reason)));
		return;
	}
	g.meanings = meanings;
	g.nmeanings = n;
	g.made_ms = daemon_wall_ms();
	g.text = redacted(&j, asked_text(&j));
	g.reason = redacted(&j, j.reason);
	code = grants_give(d->grants, &g, (unsigned)uses, g.made_ms + (int64_t)seconds * 1000);
	if (code == NULL) {
		fail(out, STR("no memory"));
		return;
	}
	snprintf(g.code, sizeof(g.code), "%s", code);
	g.uses = (unsigned)uses;
	g.until_ms = g.made_ms + (int64_t)seconds * 1000;
	record_grant(d, "grant", &g);
	buf_printf(out, "{\"ok\":true,\"code\":\"%s\"}\n", code);
}
