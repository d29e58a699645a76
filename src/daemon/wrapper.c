/* SPDX-License-Identifier: ISC */
/*
 * wrapper.c: a program's argument vector, sent by the wrapper that stands in
 * for it (src/hook/wrap.c). The answer is to run it, to refuse, or to put a
 * question to the person at the terminal; what the person says comes back as a
 * second message on the same connection.
 */
#include "daemon.h"

#include <sodium.h>
#include <string.h>

static void
fill_request(struct judging *j, const struct frame *f, struct request *r)
{
	struct str rest = f->argv, why;
	VEC(struct str) argv = { 0 };
	*r = (struct request){ .kind = REQUEST_ARGV, .agent = STR("wrapper") };
	while (rest.n > 0) {
		size_t end = str_chr(rest, '\0');
		*vec_push(j->a, &argv) = str_sub(rest, 0, end);
		rest = end == STR_NPOS ? STR("") : str_sub(rest, end + 1, STR_NPOS);
	}
	r->argv = argv.v;
	r->argc = argv.n;
	r->cwd = str_starts(f->cwd, STR("/")) ? path_clean(j->a, f->cwd) : STR("/");
	r->user = j->d->user;
	r->tool = argv.n > 0 ? path_base(argv.v[0]) : STR("");
	agent_place(&j->world, j->a, r);
	r->person = (f->flags & FRAME_TTY) != 0 &&
	    local_person(client_pid(j->client), approve_known_agent, j->d, j->a, &why) == 0;
	(void)j->world.env(j->world.ctx, STR("CLAUDE_CODE_SESSION_ID"), &r->session);
	if (argv.n == 0) {
		r->kind = REQUEST_BAD;
		r->text = STR("the wrapper sent no arguments");
	}
}

/* A person is asked where an agent would be refused, unless the rule is final
 * or the policy says `people same`. */
static enum frame_verdict
outcome(const struct judging *j, const struct request *r)
{
	bool people = j->policy == NULL || policy_people_ask(j->policy->policy);
	if (j->verdict == VERDICT_ALLOW || j->verdict == VERDICT_PASS)
		return FRAME_RUN;
	if (!r->person || (j->verdict == VERDICT_DENY && (j->decision.final || !people)))
		return FRAME_REFUSE;
	return FRAME_ASK;
}

static void
fill_reply(struct judging *j, struct client *c, enum frame_verdict v, struct frame_out *reply)
{
	char *ticket = client_ticket(c);
	struct str text = str_printf(j->a, "bridle: " STR_FMT "\n", STR_ARG(j->reason));
	unsigned char random[(TICKET_BYTES - 1) / 2];
	frame_begin(reply, reply->p, reply->cap, FRAME_REPLY);
	frame_add_byte(reply, TAG_VERDICT, v);
	if (v == FRAME_REFUSE)
		frame_add(reply, TAG_ERR, text.p, text.n);
	if (v != FRAME_ASK)
		return;
	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(ticket, TICKET_BYTES, random, sizeof(random));
	memcpy(client_code(c), j->code.n > 0 ? j->code.p : "", j->code.n > 0 ? j->code.n + 1 : 1);
	text = str_cat(j->a, text, STR("Run it? [y/N, or 10 to allow it for 10 minutes] "));
	frame_add(reply, TAG_TICKET, ticket, TICKET_BYTES - 1);
	frame_add(reply, TAG_ASK, text.p, text.n);
}

void
judge_wrap(struct daemon *d, struct client *c, const struct frame *f, struct frame_out *reply)
{
	struct judging j;
	struct request r;
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
	fill_request(&j, f, &r);
	judging_decide(&j, &r);
	if (ARENA_GUARD(d->request, jb) != 0)
		judge_error(reply, "no memory left to answer this");
	else
		fill_reply(&j, c, outcome(&j, &r), reply);
	judging_end(&j);
}

void
judge_answer(struct daemon *d, struct client *c, const struct frame *f, struct frame_out *reply)
{
	char *ticket = client_ticket(c);
	bool open = ticket[0] != '\0' && f->ticket.n == TICKET_BYTES - 1 &&
	    sodium_memcmp(f->ticket.p, ticket, TICKET_BYTES - 1) == 0;
	uint64_t minutes;
	bool yes = open && (str_is(f->choice, "y") || (str_u64(f->choice, &minutes) == 0 && minutes > 0));
	if (open) {
		approve_answer(d, client_code(c), f->choice);
		client_code(c)[0] = '\0';
	}
	if (open)
		record_event(d, yes ? "person-yes" : "person-no", "ticket", str_of(ticket));
	ticket[0] = '\0';
	frame_begin(reply, reply->p, reply->cap, FRAME_REPLY);
	frame_add_byte(reply, TAG_VERDICT, yes ? FRAME_RUN : FRAME_REFUSE);
	if (!yes) {
		static const char text[] = "bridle: not run\n";
		frame_add(reply, TAG_ERR, text, sizeof(text) - 1);
	}
}
