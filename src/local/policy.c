/* SPDX-License-Identifier: ISC */
/*
 * policy.c: finds, reads, loads and tests the policies that hold here:
 * system, user and project files, or those named on the command line. Where a
 * person has none of their own, the shipped default.policy. Parsing and
 * meaning: src/policy; trust of project files: trust.c.
 */
#include <dirent.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bridle/limits.h"
#include "bridle/local.h"
#include "shipped.h"

struct loading {
	const struct local_places *places;
	struct local_policy *lp;
	VEC(struct policy_source) sources;
	crypto_generichash_state hash;
	struct buf shown;
	bool counting; /* what is read now counts for the hash */
};

int
local_shipped(struct str name, struct str *text)
{
	for (unsigned long i = 0; i < shipped_policies_n; i++)
		if (str_is(name, shipped_policies[i].name)) {
			*text = (struct str){ (const char *)shipped_policies[i].text, shipped_policies[i].n };
			return 0;
		}
	return BRIDLE_ENOENT;
}

size_t
local_shipped_names(const struct str **names)
{
	static struct str list[64];
	size_t n = 0;

	for (; n < shipped_policies_n && n < sizeof list / sizeof list[0]; n++)
		list[n] = str_of(shipped_policies[n].name);
	*names = list;
	return n;
}

static struct local_stamp
stamp(struct str path)
{
	struct local_stamp s = { .path = path, .absent = true };
	struct stat st;

	if (stat(path.p, &st) != 0)
		return s;
	s.absent = false;
	s.dev = (uint64_t)st.st_dev;
	s.ino = (uint64_t)st.st_ino;
	s.size = (uint64_t)st.st_size;
	s.mode = (uint64_t)st.st_mode;
#ifdef __APPLE__
	s.mtime_ns = (int64_t)st.st_mtimespec.tv_sec * 1000000000 + st.st_mtimespec.tv_nsec;
	s.ctime_ns = (int64_t)st.st_ctimespec.tv_sec * 1000000000 + st.st_ctimespec.tv_nsec;
#else
	s.mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	s.ctime_ns = (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec;
#endif
	return s;
}

/* A file that was written this moment may be written again without its stamp
 * telling: the system's clock for files ticks that coarsely. */
#define TICK_NS 20000000

static bool
just_written(const struct local_stamp *s)
{
	struct timespec ts;
	int64_t age;

	clock_gettime(CLOCK_REALTIME, &ts);
	age = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec - s->ctime_ns;
	return !s->absent && age > -TICK_NS && age < TICK_NS;
}

/* Before it is read. path ends in a NUL. */
static void
note_file(struct loading *ld, struct str path)
{
	struct local_stamp s = stamp(str_dup(ld->lp->a, path));

	s.racy = just_written(&s);
	*vec_push(ld->lp->a, &ld->lp->files) = s;
}

bool
local_policy_changed(const struct local_policy *lp)
{
	for (size_t i = 0; i < lp->files.n; i++) {
		const struct local_stamp *was = &lp->files.v[i];
		struct local_stamp now = stamp(was->path);

		if (was->racy || was->absent != now.absent || was->dev != now.dev || was->ino != now.ino ||
		    was->size != now.size || was->mode != now.mode || was->mtime_ns != now.mtime_ns ||
		    was->ctime_ns != now.ctime_ns)
			return true;
	}
	return false;
}

static void
count_text(struct loading *ld, struct str text)
{
	uint64_t n = text.n;

	if (!ld->counting)
		return;
	crypto_generichash_update(&ld->hash, (const unsigned char *)&n, sizeof n);
	crypto_generichash_update(&ld->hash, (const unsigned char *)text.p, text.n);
}

static int
include(void *ctx, struct arena *a, struct str from, struct str name, bool shipped,
    struct str *text, struct str *path)
{
	struct loading *ld = ctx;
	int err;

	if (shipped) {
		if ((err = local_shipped(name, text)) != 0)
			return err;
		*path = str_printf(a, "<" STR_FMT ">", STR_ARG(name));
	} else {
		if (name.n > 1 && name.p[0] == '~' && name.p[1] == '/')
			name = path_join(a, ld->places->home, str_sub(name, 2, name.n));
		*path = path_clean(a, path_join(a, path_dir(from), name));
		note_file(ld, *path);
		if ((err = local_read_file(a, str_c(a, *path), LIMIT_POLICY_FILE, text)) != 0)
			return err;
	}
	count_text(ld, *text);
	return 0;
}

static struct str
short_path(const struct loading *ld, struct str path)
{
	struct str home = ld->places->home;

	if (home.n > 1 && path_under(path, home) && path.n > home.n)
		return str_printf(ld->lp->a, "~" STR_FMT, STR_ARG(str_sub(path, home.n, path.n)));
	return path;
}

static void
show(struct loading *ld, const char *what, struct str path, const char *more)
{
	buf_printf(&ld->shown, "%s%s " STR_FMT "%s", ld->shown.n > 0 ? ", " : "", what,
	    STR_ARG(short_path(ld, path)), more);
}

/* must: it is an error when the file is not there. Returns whether it is. */
static bool
add_file(struct loading *ld, enum policy_layer layer, struct str path, struct str shown, bool must)
{
	struct arena *a = ld->lp->a;
	struct policy_source s;
	int err;

	memset(&s, 0, sizeof s);
	note_file(ld, path);
	err = local_read_file(a, str_c(a, path), LIMIT_POLICY_FILE, &s.text);
	if (err == BRIDLE_ENOENT && !must)
		return false;
	if (err != 0) {
		diag_add(&ld->lp->diags, DIAG_ERROR, path, 0, 0, STR(""), "%s",
		    err == BRIDLE_ENOENT ? "there is no such file" :
		    err == BRIDLE_ELIMIT ? "the file is too large for a policy" : "the file cannot be read");
		return true;
	}
	s.layer = layer;
	s.name = shown.n > 0 ? shown : path_base(path);
	s.path = path;
	s.trusted = layer != LAYER_PROJECT || local_trusted(ld->places, path, s.text);
	count_text(ld, s.text);
	*vec_push(a, &ld->sources) = s;
	show(ld, layer == LAYER_SYSTEM ? "system" : layer == LAYER_USER ? "user" : "project", path,
	    s.trusted ? "" : " (not trusted)");
	return true;
}

static int
by_name(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

/* DIR/policy and DIR/policy.d/NAME.policy in the order of their names. */
static bool
add_dir(struct loading *ld, enum policy_layer layer, struct str dir)
{
	struct arena *a = ld->lp->a;
	struct str sub = path_join(a, dir, STR("policy.d"));
	bool any = add_file(ld, layer, path_join(a, dir, STR("policy")), STR(""), false);
	VEC(struct str) names = { 0 };
	struct dirent *e;
	DIR *d;

	note_file(ld, sub);
	d = opendir(str_c(a, sub));
	if (d == NULL)
		return any;
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && str_ends(str_of(e->d_name), STR(".policy")))
			*vec_push(a, &names) = str_dup(a, str_of(e->d_name));
	closedir(d);
	if (names.n > 0)
		qsort(names.v, names.n, sizeof names.v[0], by_name);
	for (size_t i = 0; i < names.n; i++)
		any = add_file(ld, layer, path_join(a, sub, names.v[i]), STR(""), false) || any;
	return any;
}

static void
add_default(struct loading *ld)
{
	struct policy_source s;

	memset(&s, 0, sizeof s);
	s.layer = LAYER_USER;
	s.trusted = true;
	s.name = STR("default.policy");
	s.path = STR("<default>");
	if (local_shipped(STR("default"), &s.text) != 0)
		return;
	count_text(ld, s.text);
	*vec_push(ld->lp->a, &ld->sources) = s;
	ld->lp->builtin_default = true;
	buf_puts(&ld->shown, "the shipped default.policy (no policy of your own)");
}

static void
find_sources(struct loading *ld, const struct local_policy_options *o)
{
	struct arena *a = ld->lp->a;
	bool any = false;

	for (size_t i = 0; i < o->nfiles; i++)
		any = add_file(ld, LAYER_USER, str_dup(a, str_of(o->files[i])), STR(""), true) || any;
	if (o->nfiles == 0) {
		any = add_dir(ld, LAYER_SYSTEM, ld->places->system);
		any = add_dir(ld, LAYER_USER, ld->places->config) || any;
		if (!any)
			add_default(ld);
		if (o->project.n > 0)
			note_file(ld, path_join(a, ld->places->state, STR("state/trust")));
		if (o->project.n > 0)
			add_file(ld, LAYER_PROJECT,
			    path_join(a, o->project, STR(".bridle/policy")), STR(".bridle/policy"), false);
	}
}

/* Memory that a policy needs only while it is tested; goes with lp's at the
 * latest, should that be used up half-way. */
static void
free_kept(void *what)
{
	struct arena **kept = what;

	arena_free(*kept);
	*kept = NULL;
}

/* Each file's tests speak of that file and what it includes: it is judged on
 * its own, so that no other file's rules make it fail. */
static bool
holds_alone(struct loading *ld, const struct policy_loader *loader, const struct policy_source *s)
{
	struct local_policy *lp = ld->lp;
	struct arena **kept = NEW(lp->a, struct arena *);
	struct selftest t = { 0 };
	struct diags quiet;
	struct policy *alone;
	jmp_buf jb;

	if (ld->sources.n == 1 && lp->policy != NULL) { /* the only one: this is what was loaded */
		decide_selftest(lp->policy, lp->a, &lp->diags, &t);
		lp->tests.run += t.run;
		lp->tests.failed += t.failed;
		return t.failed == 0;
	}
	arena_defer(lp->a, free_kept, kept);
	*kept = arena_new(0);
	if (*kept == NULL || ARENA_GUARD(*kept, jb) != 0) {
		t = (struct selftest){ .failed = 1 };
		diag_add(&lp->diags, DIAG_ERROR, s->path, 0, 0, STR(""), "no memory to run the policy's tests");
	} else {
		diags_init(&quiet, *kept);
		if (policy_load(*kept, s, 1, loader, &alone, &quiet) == 0)
			decide_selftest(alone, *kept, &lp->diags, &t);
		/* else the load of all together says why */
	}
	lp->tests.run += t.run;
	lp->tests.failed += t.failed;
	free_kept(kept);
	return t.failed == 0;
}

/* The sources whose tests pass; a shipped default passed before it was shipped. */
static bool
tests_hold(struct loading *ld, const struct policy_loader *loader, bool project)
{
	bool good = true;

	for (size_t i = 0; i < ld->sources.n; i++) {
		const struct policy_source *s = &ld->sources.v[i];

		if ((s->layer == LAYER_PROJECT) == project && !str_starts(s->path, STR("<")))
			good = holds_alone(ld, loader, s) && good;
	}
	return good;
}

static void
load_sources(struct loading *ld, const struct policy_loader *loader, struct diags *d)
{
	struct local_policy *lp = ld->lp;

	ld->counting = true;
	if (policy_load(lp->a, ld->sources.v, ld->sources.n, loader, &lp->policy, d) != 0)
		lp->policy = NULL;
	ld->counting = false;
}

/* A project's file that does not load or hold must not take the person's own
 * policy along: it is left out, and said. */
static void
without_project(struct loading *ld, const struct policy_loader *loader)
{
	size_t n = ld->sources.n;
	struct diags said;

	if (n == 0 || ld->sources.v[n - 1].layer != LAYER_PROJECT)
		return;
	ld->lp->policy = NULL;
	ld->sources.n--;
	if (ld->sources.n > 0) {
		diags_init(&said, ld->lp->a);
		load_sources(ld, loader, &said);
		ld->lp->project_left_out = ld->lp->policy != NULL;
	}
}

static void
load(struct local_policy *lp, const struct local_places *pl, const struct local_policy_options *o)
{
	struct policy_loader loader;
	struct loading ld;

	memset(&ld, 0, sizeof ld);
	ld.places = pl;
	ld.lp = lp;
	buf_init(&ld.shown, lp->a);
	crypto_generichash_init(&ld.hash, NULL, 0, sizeof lp->hash);
	loader.ctx = &ld;
	loader.include = include;
	ld.counting = true;
	find_sources(&ld, o);
	lp->sources = buf_str(&ld.shown);
	if (lp->diags.errors == 0)
		load_sources(&ld, &loader, &lp->diags);
	if (lp->diags.errors == 0 && !o->no_tests && !tests_hold(&ld, &loader, false)) {
		lp->policy = NULL;
	} else if (lp->policy == NULL || (!o->no_tests && !tests_hold(&ld, &loader, true))) {
		without_project(&ld, &loader);
	}
	crypto_generichash_final(&ld.hash, lp->hash, sizeof lp->hash);
}

struct local_policy *
local_policy_load(const struct local_places *pl, const struct local_policy_options *o)
{
	struct arena *a = arena_new(0);
	struct local_policy *lp;
	jmp_buf jb;

	if (a == NULL)
		return NULL;
	if (ARENA_GUARD(a, jb) != 0) {
		arena_free(a);
		return NULL;
	}
	lp = NEW(a, struct local_policy);
	lp->a = a;
	diags_init(&lp->diags, a);
	load(lp, pl, o);
	arena_unguard(a);
	return lp;
}

void
local_policy_free(struct local_policy *lp)
{
	if (lp == NULL)
		return;
	arena_free(lp->a);
}
