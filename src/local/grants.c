/* SPDX-License-Identifier: ISC */
/*
 * grants.c: what a person lifted, and what waits for one, in bounded tables.
 * Kept in one small file that a restart reads again; a reboot does not, for
 * the file begins with the boot's id. Tickets: tickets.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridle/limits.h"
#include "grants.h"

static void
forget(struct slot *s)
{
	arena_free(s->a);
	memset(s, 0, sizeof *s);
}

/* Everything of a grant copied into an arena of its own. */
static int
fill(struct slot *s, const struct grant *what)
{
	struct str *m;

	s->a = arena_new(LIMIT_GRANT_BYTES);
	if (s->a == NULL)
		return BRIDLE_ENOMEM;
	jmp_buf jb;
	if (ARENA_GUARD(s->a, jb) != 0) {
		forget(s);
		return BRIDLE_ENOMEM;
	}
	s->g = *what;
	s->g.text = str_dup(s->a, str_sub(what->text, 0, 2000));
	s->g.reason = str_dup(s->a, str_sub(what->reason, 0, 2000));
	s->g.session = str_dup(s->a, what->session);
	m = NEW_ARRAY(s->a, struct str, what->nmeanings);
	for (size_t i = 0; i < what->nmeanings; i++)
		m[i] = str_dup(s->a, what->meanings[i]);
	s->g.meanings = m;
	arena_unguard(s->a);
	return 0;
}

/* ---- the file: "BOOT-ID\n", then a grant a line; strings as hex ---- */
static void
boot_id(char out[64])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, 63);

	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	if (out[0] == '\0')
		strcpy(out, "unknown");
}

static void
put_hex(FILE *f, struct str s)
{
	fputc('x', f); /* an empty string is a word too */
	for (size_t i = 0; i < s.n; i++)
		fprintf(f, "%02x", (unsigned char)s.p[i]);
	fputc(' ', f);
}

void
grants__save(struct grants *g)
{
	char tmp[4200], boot[64];
	FILE *f;
	int fd;

	if (g->path == NULL)
		return;
	snprintf(tmp, sizeof tmp, "%s.new", g->path);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || (f = fdopen(fd, "w")) == NULL) {
		if (fd >= 0)
			close(fd);
		log_line(LOG_WARN, "grants cannot be kept in %s: %s", g->path, strerror(errno));
		return;
	}
	boot_id(boot);
	fprintf(f, "%s\n", boot);
	for (size_t i = 0; i < LIMIT_GRANTS; i++) {
		const struct grant *x = &g->given[i].g;

		if (g->given[i].a == NULL)
			continue;
		fprintf(f, "%s %lld %lld %u ", x->code, (long long)x->made_ms, (long long)x->until_ms, x->uses);
		put_hex(f, x->session);
		put_hex(f, x->text);
		for (size_t k = 0; k < x->nmeanings; k++)
			put_hex(f, x->meanings[k]);
		fputc('\n', f);
	}
	if (fclose(f) != 0 || rename(tmp, g->path) != 0)
		log_line(LOG_WARN, "grants cannot be kept in %s: %s", g->path, strerror(errno));
}

static bool
take_word(struct str *line, struct str *word)
{
	size_t blank;

	*line = str_trim(*line);
	if (line->n == 0)
		return false;
	blank = str_chr(*line, ' ');
	*word = str_sub(*line, 0, blank);
	*line = blank == STR_NPOS ? STR("") : str_sub(*line, blank, line->n);
	return true;
}

static bool
take_hex(struct arena *a, struct str *line, struct str *out)
{
	struct str w;
	size_t n;
	unsigned char *b;

	if (!take_word(line, &w) || w.p[0] != 'x')
		return false;
	b = arena_alloc(a, w.n / 2 + 1);
	if (sodium_hex2bin(b, w.n / 2 + 1, w.p + 1, w.n - 1, NULL, &n, NULL) != 0)
		return false;
	*out = (struct str){ (const char *)b, n };
	return true;
}

static bool
take_number(struct str *line, uint64_t *out)
{
	struct str w;

	return take_word(line, &w) && str_u64(w, out) == 0;
}

static void
load_line(struct grants *g, struct arena *a, struct str line)
{
	VEC(struct str) meanings = { 0 };
	struct grant x = { .kind = GRANT_GIVEN };
	uint64_t made, until, uses;
	struct str code, m;

	if (!take_word(&line, &code) || code.n >= sizeof x.code || !take_number(&line, &made) ||
	    !take_number(&line, &until) || !take_number(&line, &uses) || !take_hex(a, &line, &x.session) ||
	    !take_hex(a, &line, &x.text))
		return;
	while (take_hex(a, &line, &m))
		*vec_push(a, &meanings) = m;
	memcpy(x.code, code.p, code.n);
	x.made_ms = (int64_t)made;
	x.until_ms = (int64_t)until;
	x.uses = (unsigned)uses;
	x.meanings = meanings.v;
	x.nmeanings = meanings.n;
	if (x.nmeanings > 0)
		(void)fill(grants__room(g->given), &x);
}

static void
load(struct grants *g)
{
	struct arena *a = arena_new(8u << 20);
	char boot[64];
	struct str all;
	size_t end;
	jmp_buf jb;

	if (a == NULL)
		return;
	boot_id(boot);
	if (ARENA_GUARD(a, jb) == 0 && local_read_file(a, g->path, LIMIT_FILE, &all) == 0 &&
	    (end = str_chr(all, '\n')) != STR_NPOS && str_is(str_sub(all, 0, end), boot)) {
		while (end != STR_NPOS) {
			all = str_sub(all, end + 1, all.n);
			end = str_chr(all, '\n');
			load_line(g, a, str_sub(all, 0, end));
		}
	}
	arena_free(a);
}

struct grants *
grants_new(const char *path)
{
	struct grants *g = calloc(1, sizeof *g);

	if (g == NULL)
		return NULL;
	if (path != NULL && (g->path = strdup(path)) == NULL) {
		free(g);
		return NULL;
	}
	if (g->path != NULL)
		load(g);
	return g;
}

void
grants_free(struct grants *g)
{
	if (g == NULL)
		return;
	for (size_t i = 0; i < LIMIT_GRANTS; i++) {
		forget(&g->waiting[i]);
		forget(&g->given[i]);
	}
	for (size_t i = 0; i < LIMIT_TICKETS; i++)
		arena_free(g->tickets[i].a);
	forget(&g->lapsed);
	free(g->path);
	free(g);
}

/* ---- the tables ---- */
/* An empty place, or that of the oldest. */
struct slot *
grants__room(struct slot *table)
{
	size_t oldest = 0;

	for (size_t i = 0; i < LIMIT_GRANTS; i++) {
		if (table[i].a == NULL)
			return &table[i];
		if (table[i].g.made_ms < table[oldest].g.made_ms)
			oldest = i;
	}
	forget(&table[oldest]);
	return &table[oldest];
}

static struct slot *
find(struct slot *table, struct str code)
{
	for (size_t i = 0; i < LIMIT_GRANTS; i++)
		if (table[i].a != NULL && str_is(code, table[i].g.code))
			return &table[i];
	return NULL;
}

/* Four hex digits, more only if those are taken. */
static void
new_code(struct grants *g, char out[9])
{
	unsigned char raw[4];

	for (size_t digits = 4;; digits = digits < 8 ? digits + 1 : 8) {
		char hex[9];

		randombytes_buf(raw, sizeof raw);
		sodium_bin2hex(hex, sizeof hex, raw, sizeof raw);
		hex[digits] = '\0';
		if (find(g->waiting, str_of(hex)) == NULL && find(g->given, str_of(hex)) == NULL) {
			memcpy(out, hex, 9);
			return;
		}
	}
}

bool
grants__same(const struct str *x, size_t nx, const struct str *y, size_t ny)
{
	if (nx != ny)
		return false;
	for (size_t i = 0; i < nx; i++)
		if (!str_eq(x[i], y[i]))
			return false;
	return true;
}

const char *
grants_wait(struct grants *g, const struct grant *what, int64_t now_ms)
{
	struct slot *s;

	for (size_t i = 0; i < LIMIT_GRANTS; i++) {
		const struct grant *w = &g->waiting[i].g;

		if (g->waiting[i].a == NULL || !str_eq(w->session, what->session) ||
		    !grants__same(w->meanings, w->nmeanings, what->meanings, what->nmeanings))
			continue;
		g->waiting[i].g.made_ms = now_ms;
		g->waiting[i].g.until_ms = now_ms + LIMIT_WAIT_MS;
		return w->code;
	}
	s = grants__room(g->waiting);
	if (fill(s, what) != 0)
		return NULL;
	s->g.kind = GRANT_PENDING;
	s->g.made_ms = now_ms;
	s->g.until_ms = now_ms + LIMIT_WAIT_MS;
	new_code(g, s->g.code);
	return s->g.code;
}

const char *
grants_give(struct grants *g, const struct grant *what, unsigned uses, int64_t until_ms)
{
	struct slot *s = grants__room(g->given);

	if (fill(s, what) != 0)
		return NULL;
	s->g.kind = GRANT_GIVEN;
	s->g.uses = uses;
	s->g.until_ms = until_ms;
	if (what->code[0] == '\0')
		new_code(g, s->g.code);
	grants__save(g);
	return s->g.code;
}

int
grants_approve(struct grants *g, struct str code, unsigned uses, int64_t until_ms, const struct grant **out)
{
	struct slot *w = find(g->waiting, code);
	const char *kept;

	if (w == NULL)
		return BRIDLE_ENOENT;
	kept = grants_give(g, &w->g, uses, until_ms);
	if (kept == NULL)
		return BRIDLE_ENOMEM;
	*out = &find(g->given, code)->g;
	forget(w);
	return 0;
}

int
grants_drop(struct grants *g, struct str code, enum grant_kind kind)
{
	struct slot *table = kind == GRANT_PENDING ? g->waiting : g->given;
	struct slot *s = find(table, code);

	if (str_is(code, "all"))
		for (size_t i = 0; i < LIMIT_GRANTS; i++)
			forget(&table[i]);
	else if (s != NULL)
		forget(s);
	else
		return BRIDLE_ENOENT;
	grants__save(g);
	return 0;
}

static bool
holds(const struct slot *s, struct str meaning, struct str session, int64_t now_ms)
{
	if (s->a == NULL || s->g.uses == 0 || now_ms >= s->g.until_ms || now_ms < s->g.made_ms - 60000 ||
	    (s->g.session.n > 0 && !str_eq(s->g.session, session)))
		return false;
	for (size_t i = 0; i < s->g.nmeanings; i++)
		if (str_eq(s->g.meanings[i], meaning))
			return true;
	return false;
}

const char *
grants_use(struct grants *g, const struct str *meanings, size_t n, struct str session, int64_t now_ms)
{
	static char code[9];
	bool charged[LIMIT_GRANTS] = { false };

	for (size_t m = 0; m < n; m++) {
		size_t i = 0;

		while (i < LIMIT_GRANTS && !holds(&g->given[i], meanings[m], session, now_ms))
			i++;
		if (i == LIMIT_GRANTS)
			return NULL;
		charged[i] = true;
	}
	code[0] = '\0';
	for (size_t i = 0; i < LIMIT_GRANTS; i++) {
		if (!charged[i])
			continue;
		if (code[0] == '\0')
			memcpy(code, g->given[i].g.code, sizeof code);
		if (--g->given[i].g.uses == 0)
			forget(&g->given[i]);
	}
	if (code[0] == '\0')
		return NULL;
	grants__save(g);
	return code;
}

/* Ties go by place. */
static bool
newer(const struct slot *table, size_t x, size_t than)
{
	int64_t mx = table[x].g.made_ms, mt = table[than].g.made_ms;

	return mx != mt ? mx > mt : x < than;
}

const struct grant *
grants_next(const struct grants *g, size_t *i, enum grant_kind kind, int64_t now_ms)
{
	const struct slot *table = kind == GRANT_PENDING ? g->waiting : g->given;
	const struct slot *best = NULL;
	size_t rank = 0;

	/* The *i-th newest: the tables are small. */
	for (size_t k = 0; k < LIMIT_GRANTS; k++) {
		if (table[k].a == NULL || now_ms >= table[k].g.until_ms)
			continue;
		rank = 0;
		for (size_t o = 0; o < LIMIT_GRANTS; o++)
			if (table[o].a != NULL && now_ms < table[o].g.until_ms && newer(table, o, k))
				rank++;
		if (rank == *i)
			best = &table[k];
	}
	++*i;
	return best == NULL ? NULL : &best->g;
}

const struct grant *
grants_lapsed(struct grants *g, int64_t now_ms)
{
	for (size_t i = 0; i < LIMIT_GRANTS; i++) {
		if (g->waiting[i].a != NULL && now_ms >= g->waiting[i].g.until_ms)
			forget(&g->waiting[i]);
		if (g->given[i].a == NULL || now_ms < g->given[i].g.until_ms)
			continue;
		forget(&g->lapsed);
		g->lapsed = g->given[i];
		memset(&g->given[i], 0, sizeof g->given[i]);
		grants__save(g);
		return &g->lapsed.g;
	}
	return NULL;
}
