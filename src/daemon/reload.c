/* SPDX-License-Identifier: ISC */
/*
 * reload.c: the policies in force: the person's and the system's, and, for
 * each project that has one, these together with its own. A change is noticed
 * before each request by looking at the files' stamps. What fails to load
 * never replaces what runs. How a policy is found and read: src/local/policy.c.
 */
#include "bridle/limits.h"
#include "daemon.h"

#ifdef __GLIBC__
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct slot {
	char *root; /* project; NULL: the policy without any project's */
	struct local_policy *good, *failed; /* failed: newer, but with errors */
	uint64_t used; /* counts requests */
};

struct policies {
	struct local_policy_options options;
	const struct local_places *places;
	struct slot base, projects[LIMIT_PROJECTS];
	size_t nprojects;
	uint64_t requests;
};

static void
slot_clear(struct slot *s)
{
	local_policy_free(s->good);
	local_policy_free(s->failed);
	free(s->root);
	memset(s, 0, sizeof(*s));
}

struct policies *
policies_new(const struct daemon_options *o, const struct local_places *pl)
{
	struct policies *p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->options.files = o->policy;
	p->options.nfiles = o->npolicy;
	p->options.state = pl->state;
	p->places = pl;
	return p;
}

void
policies_free(struct policies *p)
{
	if (p == NULL)
		return;
	slot_clear(&p->base);
	for (size_t i = 0; i < p->nprojects; i++)
		slot_clear(&p->projects[i]);
	free(p);
}

static void
hash_text(const struct local_policy *lp, char out[17])
{
	sodium_bin2hex(out, 17, lp->hash, 8);
}

static void
log_errors(const struct local_policy *lp)
{
	for (size_t i = 0; i < lp->diags.list.n; i++) {
		const struct diag *e = &lp->diags.list.v[i];
		if (e->level == DIAG_ERROR)
			log_line(LOG_ERR, STR_FMT ":%u:%u: " STR_FMT "%s" STR_FMT, STR_ARG(e->file), e->line,
			    e->column, STR_ARG(e->message), e->hint.n > 0 ? "; " : "", STR_ARG(e->hint));
	}
}

/* Files that were looked at a moment after they were written are read once
 * more (local_stamp.racy): mostly nothing has changed. */
static bool
same(const struct local_policy *a, const struct local_policy *b)
{
	return a != NULL && b != NULL && memcmp(a->hash, b->hash, sizeof(a->hash)) == 0 &&
	    str_eq(a->sources, b->sources);
}

/* Loads anew; the one that runs goes on if the new one is no good. */
static void
slot_load(struct daemon *d, struct slot *s, bool loud)
{
	struct local_policy_options o = d->policies->options;
	char hash[17];
	if (s->root != NULL)
		o.project = str_of(s->root);
	struct local_policy *lp = local_policy_load(d->policies->places, &o);
	if (lp == NULL) {
		log_line(LOG_ERR, "no memory to load the policy; the one that runs stays");
		return;
	}
	loud = loud || !same(lp, s->failed != NULL ? s->failed : s->good);
	local_policy_free(s->failed);
	s->failed = NULL;
	hash_text(lp, hash);
	if (lp->project_left_out && loud)
		log_errors(lp);
	if (lp->policy == NULL || (lp->project_left_out && s->good != NULL)) {
		s->failed = lp;
		if (!loud)
			return;
		log_line(LOG_ERR, "policy %s: " STR_FMT ": %zu errors, %s", hash, STR_ARG(lp->sources),
		    lp->diags.errors, s->good != NULL ? "the one that runs stays" : "none is in force");
		log_errors(lp);
		record_event(d, "reload-failed", "sources", lp->sources);
		return;
	}
	local_policy_free(s->good);
	s->good = lp;
	if (!loud)
		return;
	log_line(LOG_NOTE, "policy %s: " STR_FMT, hash, STR_ARG(lp->sources));
	record_event(d, "reload", "sources", lp->sources);
}

/* What loading and testing used for a moment goes back to the system, code and
 * constants too: most of it is not needed for a decision, and what is comes
 * back from the file by itself. See main.c, too. */
#ifdef __GLIBC__
static int
forget_file(struct dl_phdr_info *info, size_t size, void *ctx)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	(void)size;
	(void)ctx;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		union {
			uintptr_t number;
			void *p;
		} from = { (info->dlpi_addr + h->p_vaddr) & ~(page - 1) };
		uintptr_t to = (info->dlpi_addr + h->p_vaddr + h->p_memsz + page - 1) & ~(page - 1);
		if (h->p_type == PT_LOAD && (h->p_flags & PF_W) == 0)
			(void)madvise(from.p, to - from.number, MADV_DONTNEED);
	}
	return 0;
}
#endif

void
policies_give_back(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
	dl_iterate_phdr(forget_file, NULL);
#endif
}

static bool
slot_check(struct daemon *d, struct slot *s, bool loud)
{
	const struct local_policy *newest = s->failed != NULL ? s->failed : s->good;
	if (newest != NULL && !loud && !local_policy_changed(newest))
		return false;
	slot_load(d, s, loud);
	if (d->ready)
		policies_give_back();
	return true;
}

bool
policies_check(struct daemon *d, bool loud)
{
	bool any = slot_check(d, &d->policies->base, loud);
	for (size_t i = 0; i < d->policies->nprojects; i++)
		any = slot_check(d, &d->policies->projects[i], loud) || any;
	return any;
}

const struct local_policy *
policies_base(const struct daemon *d)
{
	return d->policies->base.good;
}

/* The slot of a project that has a policy of its own, made if it is new; the
 * least used one makes room. NULL: it has none, or there is no memory. */
static struct slot *
project_slot(struct daemon *d, struct str project)
{
	struct policies *p = d->policies;
	struct slot *s = NULL;
	char path[4096];
	struct stat st;
	for (size_t i = 0; i < p->nprojects; i++)
		if (str_is(project, p->projects[i].root))
			return &p->projects[i];
	if (p->options.nfiles > 0 || project.n + 32 > sizeof(path))
		return NULL;
	snprintf(path, sizeof(path), STR_FMT "/.bridle/policy", STR_ARG(project));
	if (stat(path, &st) != 0)
		return NULL;
	char *root = strndup(project.p, project.n);
	if (root == NULL)
		return NULL;
	if (p->nprojects < LIMIT_PROJECTS)
		s = &p->projects[p->nprojects++];
	else {
		s = &p->projects[0];
		for (size_t i = 1; i < p->nprojects; i++)
			if (p->projects[i].used < s->used)
				s = &p->projects[i];
		slot_clear(s);
	}
	s->root = root;
	return s;
}

struct in_force
policies_for(struct daemon *d, struct str project)
{
	struct in_force f = { 0 };
	struct slot *s = project_slot(d, project);
	slot_check(d, &d->policies->base, false);
	f.policy = d->policies->base.good;
	if (s == NULL)
		return f;
	s->used = ++d->policies->requests;
	slot_check(d, s, false);
	f.partial = s->good == NULL || s->good->project_left_out;
	if (s->good != NULL)
		f.policy = s->good;
	return f;
}

/* ---- for bridle status -------------------------------------------------------------- */

static void
errors_json(const struct local_policy *lp, struct buf *out)
{
	buf_puts(out, ",\"errors\":[");
	for (size_t i = 0; i < lp->diags.list.n; i++) {
		const struct diag *e = &lp->diags.list.v[i];
		if (e->level != DIAG_ERROR)
			continue;
		buf_printf(out, "%s{\"file\":", out->p[out->n - 1] == '[' ? "" : ",");
		buf_json(out, e->file);
		buf_printf(out, ",\"line\":%u,\"column\":%u,\"message\":", e->line, e->column);
		buf_json(out, e->message);
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

static void
slot_json(const struct slot *s, struct buf *out)
{
	char hash[17];
	const struct rule *const *rules;
	buf_puts(out, "{");
	if (s->root != NULL) {
		buf_puts(out, "\"project\":");
		buf_json(out, str_of(s->root));
		buf_putc(out, ',');
	}
	buf_printf(out, "\"loaded\":%s", s->good != NULL ? "true" : "false");
	if (s->good != NULL) {
		hash_text(s->good, hash);
		buf_printf(out, ",\"hash\":\"%s\",\"rules\":%zu,\"tests\":%zu,\"warnings\":%zu,\"sources\":", hash,
		    policy_rules(s->good->policy, &rules), s->good->tests.run, s->good->diags.warnings);
		buf_json(out, s->good->sources);
	}
	if (s->failed != NULL) {
		buf_puts(out, ",\"failed\":{\"sources\":");
		buf_json(out, s->failed->sources);
		errors_json(s->failed, out);
		buf_putc(out, '}');
	}
	buf_putc(out, '}');
}

void
policies_status(struct daemon *d, struct buf *out)
{
	buf_puts(out, "\"policy\":");
	slot_json(&d->policies->base, out);
	buf_puts(out, ",\"projects\":[");
	for (size_t i = 0; i < d->policies->nprojects; i++) {
		if (i > 0)
			buf_putc(out, ',');
		slot_json(&d->policies->projects[i], out);
	}
	buf_putc(out, ']');
}
