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
	if (argv.n > 0) /* what runs is the next program of this name, however the wrapper was called */
		argv.v[0] = path_base(argv.v[0]);
	r->argv = argv.v;
	r->argc = argv.n;
	r->cwd = str_starts(f->cwd, STR("/")) ? path_clean(j->a, f->cwd) : STR("/");
	r->user = j->d->user;
	r->tool = argv.n > 0 ? argv.v[0] : STR("");
	agent_place(&j->world, j->a, r);
	r->person = (f->flags & FRAME_TTY) != 0 &&
	    local_person(client_pid(j->client), who_known_agent, j->d, j->a, &why) == 0;
	(void)j->world.env(j->world.ctx, STR("CLAUDE_CODE_SESSION_ID"), &r->session);
	r->session = r->person ? STR(WHO_PERSON) :
	    who_session(j->d, client_pid(j->client), r->session);
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

/* "In /w/api, app app-api (from fly.toml)." */
static struct str
where(const struct judging *j, const struct request *r)
{
	const struct judged *d = j->decision.decisive;
	const struct field *f = d == NULL || d->action == NULL ? NULL : action_field(d->action, "app");
	struct str folder = str_printf(j->a, "In " STR_FMT, STR_ARG(r->cwd));
	if (f == NULL || f->state == FIELD_ABSENT)
		return folder;
	if (f->state != FIELD_PRESENT || f->values.n != 1)
		return str_cat(j->a, folder, STR(", app not known"));
	return str_printf(j->a, STR_FMT ", app " STR_FMT " (from " STR_FMT ")", STR_ARG(folder),
	    STR_ARG(word_show(j->a, f->values.v[0])), STR_ARG(f->from.n > 0 ? f->from : STR("the line")));
}

static struct str
question(const struct judging *j, const struct request *r)
{
	/* Of a reason that offers a code, the part before: it is asked here. */
	struct str reason = j->code.n > 0 ? j->decision.reason : j->reason;
	return str_printf(j->a, "bridle: " STR_FMT "\n" STR_FMT ".\nRun it? [y/N, or 10 to allow it for 10 minutes] ",
	    STR_ARG(str_visible(j->a, reason)), STR_ARG(str_visible(j->a, where(j, r))));
}

static void
fill_reply(struct judging *j, const struct request *r, struct client *c, enum frame_verdict v,
    struct frame_out *reply)
{
	char *ticket = client_ticket(c);
	struct str text;
	unsigned char random[(TICKET_BYTES - 1) / 2];
	frame_begin(reply, reply->p, reply->cap, FRAME_REPLY);
	frame_add_byte(reply, TAG_VERDICT, v);
	if (v == FRAME_REFUSE) {
		text = str_printf(j->a, "bridle: " STR_FMT "\n", STR_ARG(str_visible(j->a, j->reason)));
		frame_add(reply, TAG_ERR, text.p, text.n);
	}
	if (v != FRAME_ASK)
		return;
	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(ticket, TICKET_BYTES, random, sizeof(random));
	memcpy(client_code(c), j->code.n > 0 ? j->code.p : "", j->code.n > 0 ? j->code.n + 1 : 1);
	text = question(j, r);
	frame_add(reply, TAG_TICKET, ticket, TICKET_BYTES - 1);
	frame_add(reply, TAG_ASK, text.p, text.n);
}

void
judge_wrap(struct judging *j, const struct frame *f, struct frame_out *reply)
{
	struct request r;
	jmp_buf jb;
	fill_request(j, f, &r);
	judging_decide(j, &r);
	if (ARENA_GUARD(j->a, jb) != 0)
		judge_error(reply, "no memory left to answer this");
	else
		fill_reply(j, &r, j->client, outcome(j, &r), reply);
}

/* What the person said, or that nothing was said; the question is closed. */
static void
close_question(struct daemon *d, struct client *c, struct str choice, bool yes)
{
	approve_answer(d, client_code(c), choice);
	record_event(d, yes ? "person-yes" : "person-no", "ticket", str_of(client_ticket(c)));
	client_code(c)[0] = client_ticket(c)[0] = '\0';
}

void
judge_gone(struct daemon *d, struct client *c)
{
	if (client_ticket(c)[0] != '\0')
		close_question(d, c, STR("n"), false);
}

void
judge_answer(struct daemon *d, struct client *c, const struct frame *f, struct frame_out *reply)
{
	char *ticket = client_ticket(c);
	bool open = ticket[0] != '\0' && f->ticket.n == TICKET_BYTES - 1 &&
	    sodium_memcmp(f->ticket.p, ticket, TICKET_BYTES - 1) == 0;
	uint64_t minutes;
	bool yes = open && (str_is(f->choice, "y") || (str_u64(f->choice, &minutes) == 0 && minutes > 0));
	if (open)
		close_question(d, c, f->choice, yes);
	frame_begin(reply, reply->p, reply->cap, FRAME_REPLY);
	frame_add_byte(reply, TAG_VERDICT, yes ? FRAME_RUN : FRAME_REFUSE);
	if (!yes) {
		static const char text[] = "bridle: not run\n";
		frame_add(reply, TAG_ERR, text, sizeof(text) - 1);
	}
}
