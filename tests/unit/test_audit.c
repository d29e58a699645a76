/* SPDX-License-Identifier: ISC */
/*
 * test_audit.c: the log as written and read back: any change of a byte, any
 * record deleted, swapped or added, and any cut tail is found; a crash loses
 * nothing in silence; filters find what a plain look finds.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridle/audit.h"
#include "check.h"

/* Calls of libbridle.a come here, not to libc. */
static int syncs;

int
fdatasync(int fd)
{
	syncs++;
	return fsync(fd);
}

struct place {
	char root[64], dir[96], head[96];
};

static void
place_make(struct place *p)
{
	strcpy(p->root, "/tmp/bridle-audit.XXXXXX");
	assert_non_null(mkdtemp(p->root));
	snprintf(p->dir, sizeof p->dir, "%s/audit", p->root);
	snprintf(p->head, sizeof p->head, "%s/state/head", p->root);
}

static void
remove_dir(const char *path)
{
	char name[512];
	struct dirent *e;
	DIR *d = opendir(path);

	while (d != NULL && (e = readdir(d)) != NULL) {
		snprintf(name, sizeof name, "%s/%s", path, e->d_name);
		if (e->d_name[0] != '.')
			unlink(name);
	}
	if (d != NULL)
		closedir(d);
	rmdir(path);
}

static void
place_remove(const struct place *p)
{
	char state[96];

	snprintf(state, sizeof state, "%s/state", p->root);
	remove_dir(p->dir);
	remove_dir(state);
	rmdir(p->root);
}

static struct audit *
open_log(const struct place *p, uint64_t segment_bytes)
{
	struct audit_options o;
	struct audit *l = NULL;
	struct arena *a = arena_new(0);
	struct str err;

	memset(&o, 0, sizeof o);
	o.sync = AUDIT_SYNC_NEVER;
	o.segment_bytes = segment_bytes;
	if (audit_open(p->dir, p->head, &o, a, &l, &err) != 0)
		fail_msg(STR_FMT, STR_ARG(err));
	arena_free(a);
	return l;
}

static void
write_n(struct audit *l, int n)
{
	static const char *const decisions[] = { "deny", "ask", "allow", "pass" };
	char body[200];

	for (int i = 0; i < n; i++) {
		snprintf(body, sizeof body,
		    "\"event\":\"decision\",\"decision\":\"%s\",\"rule\":\"fly.policy:%d\",\"session\":\"s%d\","
		    "\"command\":\"fly status %d\",\"actions\":[{\"tool\":\"fly\",\"decision\":\"%s\"}]",
		    decisions[i % 4], i % 7, i % 3, i, decisions[(i + 1) % 4]);
		assert_int_equal(audit_write(l, 1700000000000 + i * 1000, str_of(body)), 0);
	}
}

static bool
good(const struct place *p, struct audit_verify *v)
{
	struct arena *a = arena_new(0);
	bool ok;

	assert_int_equal(audit_verify(p->dir, p->head, a, v, NULL, NULL), 0);
	ok = v->good;
	arena_free(a);
	return ok;
}

/* The first (or only) segment as bytes. */
static char *
slurp(const struct place *p, size_t *n, char *path, size_t max)
{
	struct stat st;
	char *b;
	int fd;

	snprintf(path, max, "%s/0000000000000001.jsonl", p->dir);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	b = malloc((size_t)st.st_size + 1);
	assert_int_equal(read(fd, b, (size_t)st.st_size), st.st_size);
	close(fd);
	*n = (size_t)st.st_size;
	return b;
}

static void
spit(const char *path, const char *b, size_t n)
{
	int fd = open(path, O_WRONLY); /* O_TRUNC: some file systems write it out at once then */

	assert_true(fd >= 0);
	assert_int_equal(write(fd, b, n), (ssize_t)n);
	assert_int_equal(ftruncate(fd, (off_t)n), 0);
	close(fd);
}

static void
put_file(const char *dir, const char *name, const char *text)
{
	char path[192];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	assert_non_null(f = fopen(path, "w"));
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
whole_chain(void **state)
{
	struct audit_verify v;
	struct place p;

	(void)state;
	place_make(&p);
	struct audit *l = open_log(&p, 0);
	write_n(l, 100);
	audit_close(l);
	assert_true(good(&p, &v));
	assert_int_equal(v.records, 100);
	l = open_log(&p, 0);
	write_n(l, 10);
	audit_close(l);
	assert_true(good(&p, &v));
	assert_int_equal(v.records, 110);
	place_remove(&p);
}

static void
any_byte(void **state)
{
	struct audit_verify v;
	struct place p;
	char path[160], *b;
	size_t n, line = 1;

	(void)state;
	place_make(&p);
	struct audit *l = open_log(&p, 0);
	write_n(l, 12);
	audit_close(l);
	b = slurp(&p, &n, path, sizeof path);
	for (size_t i = 0; i < n; i++) {
		char was = b[i];

		b[i] = (char)(was == 'x' ? 'y' : 'x');
		spit(path, b, n);
		if (good(&p, &v))
			fail_msg("byte %zu of %zu changed and not found", i, n);
		if (v.line != line || v.records != line - 1) /* and its record is named, no neighbour */
			fail_msg("byte %zu changed in line %zu, but line %d is said to be bad", i, line, (int)v.line);
		b[i] = was;
		line += was == '\n';
	}
	spit(path, b, n);
	assert_true(good(&p, &v));
	free(b);
	place_remove(&p);
}

/* Deletes, repeats or swaps whole lines. */
static void
any_line(void **state)
{
	struct audit_verify v;
	struct place p;
	char path[160], *b, *out;
	const char *at[64];
	size_t n, len[64], lines = 0, start = 0;

	(void)state;
	place_make(&p);
	struct audit *l = open_log(&p, 0);
	write_n(l, 20);
	audit_close(l);
	b = slurp(&p, &n, path, sizeof path);
	out = malloc(2 * n);
	for (size_t i = 0; i < n; i++)
		if (b[i] == '\n') {
			at[lines] = b + start;
			len[lines++] = i + 1 - start;
			start = i + 1;
		}
	for (size_t which = 0; which < lines; which++)
		for (int how = 0; how < 3; how++) {
			size_t m = 0;

			for (size_t i = 0; i < lines; i++) {
				size_t k = how == 2 && i == which && i + 1 < lines ? i + 1 :
				    how == 2 && i == which + 1 ? which : i;

				if (how == 0 && i == which)
					continue;
				memcpy(out + m, at[k], len[k]);
				m += len[k];
				if (how == 1 && i == which) {
					memcpy(out + m, at[k], len[k]);
					m += len[k];
				}
			}
			if (how == 2 && which + 1 == lines)
				continue;
			spit(path, out, m);
			if (good(&p, &v))
				fail_msg("line %zu, change %d: not found", which, how);
		}
	free(out);
	free(b);
	place_remove(&p);
}

/* ---- over segments ---- */

struct file {
	char path[512];
	char *b;
	size_t n;
};

static void
read_file(struct file *f)
{
	struct stat st;
	int fd = open(f->path, O_RDONLY);

	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	f->n = (size_t)st.st_size;
	assert_non_null(f->b = malloc(f->n + 1));
	assert_int_equal(read(fd, f->b, f->n), f->n);
	close(fd);
}

/* What is due, and what a child then packs. */
static void
tick(struct audit *l, int64_t now_ms)
{
	int left = 20000;

	assert_int_equal(audit_tick(l, now_ms), 0);
	for (; audit_busy(l) && left > 0; left--) {
		usleep(1000);
		assert_int_equal(audit_tick(l, now_ms), 0);
	}
	assert_true(left > 0);
}

/* A log of 24 records in some segments, the older ones packed. */
static size_t
some_segments(struct place *p, struct file *files, size_t max)
{
	struct audit *l;
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	place_make(p);
	l = open_log(p, 1000);
	write_n(l, 24);
	for (int i = 0; i < 3; i++) /* packs one of them */
		tick(l, 1700001000000 + i * 11000);
	write_n(l, 1);
	audit_close(l);
	assert_non_null(d = opendir(p->dir));
	while ((e = readdir(d)) != NULL) {
		if (strstr(e->d_name, ".jsonl") == NULL)
			continue;
		assert_true(n < max);
		snprintf(files[n].path, sizeof files[n].path, "%s/%s", p->dir, e->d_name);
		read_file(&files[n++]);
	}
	closedir(d);
	assert_true(n > 4);
	return n;
}

static void
must_be_bad(const struct place *p, const struct file *f, const char *b, size_t n, const char *what, size_t at)
{
	struct audit_verify v;

	spit(f->path, b, n);
	if (good(p, &v))
		fail_msg("%s: %s at %zu not found", f->path, what, at);
}

/* The sanitizers look at how it is done, not at every byte again. */
#if defined(__SANITIZE_ADDRESS__)
#define STRIDE 31
#else
#define STRIDE 1
#endif

/* Each byte changed, taken out, doubled; the file cut there. Of a packed one,
 * what changes no record (a flag of the frame) may pass. */
static void
any_byte_of(const struct place *p, const struct file *f)
{
	bool packed = strstr(f->path, ".zst") != NULL;
	char *b = malloc(f->n + 2);
	struct audit_verify v;

	for (size_t i = 0; i < f->n; i += STRIDE) {
		memcpy(b, f->b, f->n);
		b[i] = (char)(b[i] ^ 4);
		if (!packed)
			must_be_bad(p, f, b, f->n, "change", i);
		memmove(b + i, f->b + i + 1, f->n - i - 1);
		if (!packed)
			must_be_bad(p, f, b, f->n - 1, "deletion", i);
		memcpy(b, f->b, i + 1);
		memcpy(b + i + 1, f->b + i, f->n - i);
		if (!packed)
			must_be_bad(p, f, b, f->n + 1, "insertion", i);
		must_be_bad(p, f, f->b, i, "cut", i);
	}
	spit(f->path, f->b, f->n);
	assert_true(good(p, &v));
	free(b);
}

static void
any_byte_over_segments(void **state)
{
	struct file files[32];
	struct place p;
	size_t n, packed = 0;

	(void)state;
	n = some_segments(&p, files, 32);
	for (size_t i = 0; i < n; i++) {
		packed += strstr(files[i].path, ".zst") != NULL;
		any_byte_of(&p, &files[i]);
	}
	assert_true(packed > 0 && packed < n);
	for (size_t i = 0; i < n; i++)
		free(files[i].b);
	place_remove(&p);
}

/* Whole segments: gone, empty, one in the place of another, one twice. */
static void
any_segment(void **state)
{
	struct audit_verify v;
	struct file files[32];
	char path[192];
	struct place p;
	size_t n;

	(void)state;
	n = some_segments(&p, files, 32);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(unlink(files[i].path), 0);
		assert_false(good(&p, &v));
		put_file(p.dir, strrchr(files[i].path, '/') + 1, "");
		assert_false(good(&p, &v));
		for (size_t k = 0; k < n; k++)
			if (k != i)
				must_be_bad(&p, &files[i], files[k].b, files[k].n, "another segment", k);
		spit(files[i].path, files[i].b, files[i].n);
		assert_true(good(&p, &v));
	}
	snprintf(path, sizeof path, "%s/0000000000000099.jsonl", p.dir);
	assert_int_equal(link(files[0].path, path), 0);
	assert_false(good(&p, &v));
	for (size_t i = 0; i < n; i++)
		free(files[i].b);
	place_remove(&p);
}

static void
cut_tail(void **state)
{
	struct audit_verify v;
	struct place p;
	char path[160], *b;
	size_t n, cut;

	(void)state;
	place_make(&p);
	struct audit *l = open_log(&p, 0);
	write_n(l, 10);
	audit_close(l);
	b = slurp(&p, &n, path, sizeof path);
	for (cut = n - 1; b[cut - 1] != '\n'; cut--)
		;
	spit(path, b, cut);
	assert_false(good(&p, &v));
	/* The daemon goes on after the gap and does not hide it. */
	l = open_log(&p, 0);
	write_n(l, 3);
	audit_close(l);
	assert_false(good(&p, &v));
	free(b);
	place_remove(&p);
}

static void
torn_tail(void **state)
{
	struct audit_verify v;
	struct place p;
	char path[160], torn[160], *b;
	size_t n;

	(void)state;
	place_make(&p);
	struct audit *l = open_log(&p, 0);
	write_n(l, 10);
	audit_close(l);
	b = slurp(&p, &n, path, sizeof path);
	b = realloc(b, n + 8);
	memcpy(b + n, "{\"v\":1,", 7);
	spit(path, b, n + 7);
	l = open_log(&p, 0);
	write_n(l, 5);
	audit_close(l);
	assert_true(good(&p, &v));
	assert_int_equal(v.records, 15);
	snprintf(torn, sizeof torn, "%s/torn-0000000000000011", p.dir);
	assert_int_equal(access(torn, R_OK), 0);
	free(b);
	place_remove(&p);
}

/* The end of the chain lies far in front of the end of the file. */
static void
long_tail(void **state)
{
	static char body[200000], torn[300000];
	struct audit_verify v;
	struct place p;
	char path[160], *b;
	size_t n;

	(void)state;
	memset(body, 'a', sizeof body);
	memcpy(body, "\"x\":\"", 5);
	body[sizeof body - 1] = '"';
	memset(torn, 'b', sizeof torn);
	place_make(&p);
	struct audit *l = open_log(&p, 0);
	write_n(l, 3);
	assert_int_equal(audit_write(l, 1000, (struct str){ body, sizeof body }), 0);
	audit_close(l);
	l = open_log(&p, 0);
	write_n(l, 1);
	audit_close(l);
	b = slurp(&p, &n, path, sizeof path);
	b = realloc(b, n + sizeof torn);
	memcpy(b + n, torn, sizeof torn);
	spit(path, b, n + sizeof torn);
	l = open_log(&p, 0);
	write_n(l, 1);
	audit_close(l);
	assert_true(good(&p, &v));
	assert_int_equal(v.records, 6);
	free(b);
	place_remove(&p);
}

static int
count_line(void *ctx, struct str line)
{
	(void)line;
	++*(int *)ctx;
	return 0;
}

static int
found(const struct place *p, const struct audit_filter *f)
{
	struct str err;
	int n = 0;

	assert_int_equal(audit_read(p->dir, f, count_line, &n, NULL, &err), 0);
	return n;
}

static void
segments(void **state)
{
	struct audit_verify v;
	struct audit_filter f;
	struct place p;

	(void)state;
	place_make(&p);
	struct audit *l = open_log(&p, 4096);
	write_n(l, 200);
	for (int i = 0; i < 200; i++)
		tick(l, 1700001000000 + i * 20000);
	audit_close(l);
	assert_true(good(&p, &v));
	assert_int_equal(v.records, 200);
	memset(&f, 0, sizeof f);
	assert_int_equal(found(&p, &f), 200);
	place_remove(&p);
}

/* The names in the log's folder that end so. */
static int
names(const struct place *p, const char *end)
{
	struct dirent *e;
	DIR *d = opendir(p->dir);
	int n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		n += str_ends(str_of(e->d_name), str_of(end));
	closedir(d);
	return n;
}

/* A packer that is ended, by the log's closing or otherwise, leaves the segment as
 * it was and no process; what it left of a file is in nobody's way. */
static void
packing_cut_short(void **state)
{
	struct audit_verify v;
	struct place p;
	char left[128];
	int fd;

	(void)state;
	place_make(&p);
	for (int i = 0; i < 10; i++) {
		struct audit *l = open_log(&p, 100000);

		write_n(l, 2000);
		snprintf(left, sizeof left, "%s/packing", p.dir);
		assert_true((fd = open(left, O_WRONLY | O_CREAT | O_TRUNC, 0600)) >= 0);
		assert_int_equal(write(fd, "cut", 3), 3);
		close(fd);
		assert_int_equal(audit_tick(l, 1700001000000 + i * 11000), 0);
		usleep((useconds_t)i * 300);
		audit_close(l);
		assert_true(waitpid(-1, NULL, 0) < 0 && errno == ECHILD);
		assert_int_equal(names(&p, "packing"), 0);
	}
	assert_true(good(&p, &v));
	assert_int_equal(v.records, 20000);
	struct audit *l = open_log(&p, 100000);
	int plain = names(&p, ".jsonl"), packed = names(&p, ".zst");
	tick(l, 1700002000000);
	assert_int_equal(names(&p, ".jsonl"), plain - 1);
	assert_int_equal(names(&p, ".zst"), packed + 1);
	audit_close(l);
	assert_true(good(&p, &v));
	assert_int_equal(v.records, 20000);
	place_remove(&p);
}

/* 20,000 under load, over segments that are packed meanwhile: none missing,
 * none out of order. (A million: make bench, LOG_RECORDS=1000000.) */
static int
next_one(void *ctx, struct str line)
{
	uint64_t *last = ctx, seq = 0;
	struct str v;

	assert_true(audit_field(line, "seq", &v) && str_u64(v, &seq) == 0);
	assert_int_equal(seq, *last + 1);
	*last = seq;
	return 0;
}

static void
many_records(void **state)
{
	struct audit_verify v;
	struct audit_filter f = { 0 };
	struct place p;
	struct str err;
	uint64_t last = 0;

	(void)state;
	place_make(&p);
	struct audit *l = open_log(&p, 300000);
	for (int i = 0; i < 200; i++) {
		write_n(l, 50);
		for (int k = 0; k < 50; k++)
			assert_int_equal(audit_queue(l, 1700000000000 + i, STR("\"event\":\"x\",\"tool\":\"Bash\"")), 0);
		assert_int_equal(audit_flush(l), 0);
		assert_int_equal(audit_tick(l, 1700000000000 + i * 11000), 0);
	}
	assert_int_equal(audit_read(p.dir, &f, next_one, &last, NULL, &err), 0);
	assert_int_equal(last, 20000);
	audit_close(l);
	assert_true(good(&p, &v));
	assert_int_equal(v.records, 20000);
	place_remove(&p);
}

/* Somebody looks while another process writes, over segments. */
static void
verified_meanwhile(void **state)
{
	struct arena *a = arena_new(0);
	struct audit_verify v;
	struct place p;
	int status, looks = 0;
	pid_t pid;

	(void)state;
	place_make(&p);
	audit_close(open_log(&p, 0));
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		struct audit *l = open_log(&p, 400000);

		write_n(l, 8000);
		audit_close(l);
		_exit(0);
	}
	do {
		assert_int_equal(audit_verify(p.dir, p.head, a, &v, NULL, NULL), 0);
		if (!v.good)
			fail_msg("look %d, record %d: " STR_FMT, looks, (int)v.seq, STR_ARG(v.what));
		looks++;
	} while (waitpid(pid, &status, WNOHANG) == 0);
	assert_int_equal(status, 0);
	assert_true(good(&p, &v));
	assert_int_equal(v.records, 8000);
	arena_free(a);
	place_remove(&p);
}

static void
filters(void **state)
{
	struct str deny = STR("deny");
	struct audit_filter f;
	struct place p;

	(void)state;
	place_make(&p);
	struct audit *l = open_log(&p, 0);
	write_n(l, 84);
	audit_close(l);
	memset(&f, 0, sizeof f);
	f.decisions = &deny;
	f.ndecisions = 1;
	assert_int_equal(found(&p, &f), 21);
	f.session = STR("s1");
	assert_int_equal(found(&p, &f), 7);
	memset(&f, 0, sizeof f);
	f.rule = STR("fly.policy:3");
	assert_int_equal(found(&p, &f), 12);
	memset(&f, 0, sizeof f);
	f.since_ms = 1700000000000 + 80 * 1000;
	assert_int_equal(found(&p, &f), 4);
	f.until_ms = 1700000000000 + 82 * 1000;
	assert_int_equal(found(&p, &f), 2);
	memset(&f, 0, sizeof f);
	f.grep = STR("status 1\\d$");
	assert_int_equal(found(&p, &f), 10);
	memset(&f, 0, sizeof f);
	f.tool = STR("fly");
	assert_int_equal(found(&p, &f), 84);
	f.tool = STR("git");
	assert_int_equal(found(&p, &f), 0);
	place_remove(&p);
}

static void
one_writer(void **state)
{
	struct audit_options o;
	struct audit *l, *second = NULL;
	struct arena *a = arena_new(0);
	struct place p;
	struct str err;

	(void)state;
	place_make(&p);
	memset(&o, 0, sizeof o);
	l = open_log(&p, 0);
	assert_int_not_equal(audit_open(p.dir, p.head, &o, a, &second, &err), 0);
	assert_true(str_find(err, STR("another daemon")) != STR_NPOS);
	audit_close(l);
	arena_free(a);
	place_remove(&p);
}

/* A folder that was put in the place of the one the state knows. */
static void
copied_folder(void **state)
{
	struct audit_options o = { 0 };
	struct audit *l = NULL;
	struct arena *a = arena_new(0);
	struct place p;
	struct str err;

	(void)state;
	place_make(&p);
	l = open_log(&p, 0);
	write_n(l, 3);
	audit_close(l);
	put_file(p.dir, "id", "00112233445566778899aabbccddeeff");
	l = NULL;
	assert_int_equal(audit_open(p.dir, p.head, &o, a, &l, &err), BRIDLE_EINVAL);
	assert_true(str_find(err, STR("replaced")) != STR_NPOS);
	assert_null(l);
	arena_free(a);
	place_remove(&p);
}

/* An emptied folder is written to again, from where the head stands; what is
 * missing before shows. */
static void
emptied_folder(void **state)
{
	struct audit_verify v;
	struct place p;

	(void)state;
	place_make(&p);
	struct audit *l = open_log(&p, 0);
	write_n(l, 3);
	audit_close(l);
	remove_dir(p.dir);
	l = open_log(&p, 0);
	write_n(l, 2);
	audit_close(l);
	assert_false(good(&p, &v));
	assert_int_equal(v.seq, 4);
	place_remove(&p);
}

/* Removed or moved while it is written: told at the next record or tick. */
static void
removed_under_us(void **state)
{
	char moved[128];
	struct place p;
	struct str why;

	(void)state;
	place_make(&p);
	struct audit *l = open_log(&p, 0);
	write_n(l, 3);
	assert_int_equal(audit_tick(l, 1700000000000), 0);
	remove_dir(p.dir);
	assert_int_equal(audit_write(l, 1, STR("\"event\":\"x\"")), BRIDLE_ENOENT);
	assert_int_equal(audit_tick(l, 1700000001000), BRIDLE_ENOENT);
	assert_false(audit_healthy(l, &why));
	audit_close(l);
	l = open_log(&p, 0);
	write_n(l, 1);
	snprintf(moved, sizeof moved, "%s.moved", p.dir);
	assert_int_equal(rename(p.dir, moved), 0);
	assert_int_equal(audit_tick(l, 1700000002000), BRIDLE_ENOENT);
	audit_close(l);
	remove_dir(moved);
	place_remove(&p);
}

static void
refused_bodies(void **state)
{
	struct audit_verify v;
	struct place p;

	(void)state;
	place_make(&p);
	struct audit *l = open_log(&p, 0);
	assert_int_not_equal(audit_write(l, 0, STR("\"a\":1\n")), 0);
	assert_int_not_equal(audit_write(l, 0, STR("")), 0);
	write_n(l, 2);
	audit_close(l);
	assert_true(good(&p, &v));
	assert_int_equal(v.records, 2);
	place_remove(&p);
}

/* Somebody else syncs: once per write, and what failed is told. */
static void
sync_elsewhere(void **state)
{
	struct audit_options o = { .sync = AUDIT_SYNC_INTERVAL };
	struct arena *a = arena_new(0);
	struct audit *l = NULL;
	struct place p;
	struct str err, why;
	int fd;

	(void)state;
	place_make(&p);
	assert_int_equal(audit_open(p.dir, p.head, &o, a, &l, &err), 0);
	assert_int_equal(audit_sync_begin(l, 5000), -1);
	write_n(l, 3);
	fd = audit_sync_begin(l, 5000);
	assert_true(fd > 2);
	assert_int_equal(fdatasync(fd), 0);
	close(fd);
	assert_int_equal(audit_sync_begin(l, 7000), -1);
	write_n(l, 1);
	assert_int_equal(audit_sync_begin(l, 5999), -1);
	fd = audit_sync_begin(l, 6000);
	assert_true(fd > 2);
	close(fd);
	audit_synced(l, 0);
	assert_true(audit_healthy(l, &why));
	audit_synced(l, EIO);
	assert_false(audit_healthy(l, &why));
	audit_close(l);
	arena_free(a);
	place_remove(&p);
}

static struct audit *
open_synced(const struct place *p, enum audit_sync how)
{
	struct audit_options o = { .sync = how, .interval_ms = 1000 };
	struct arena *a = arena_new(0);
	struct audit *l = NULL;
	struct str err;

	assert_int_equal(audit_open(p->dir, p->head, &o, a, &l, &err), 0);
	arena_free(a);
	syncs = 0;
	return l;
}

/* audit.sync, by the calls it makes. */
static void
sync_as_set(void **state)
{
	struct place p;
	struct audit *l;

	(void)state;
	place_make(&p);
	l = open_synced(&p, AUDIT_SYNC_ALWAYS);
	write_n(l, 20);
	assert_int_equal(syncs, 20);
	for (int i = 0; i < 5; i++) /* a batch is synced once */
		assert_int_equal(audit_queue(l, 1700000000000, STR("\"event\":\"x\"")), 0);
	assert_int_equal(audit_flush(l), 0);
	assert_int_equal(syncs, 21);
	assert_int_equal(audit_tick(l, 1700000000000), 0);
	assert_int_equal(syncs, 21);
	audit_close(l);

	l = open_synced(&p, AUDIT_SYNC_NEVER);
	for (int64_t at = 1700000000000; at < 1700000020000; at += 500) {
		write_n(l, 3);
		assert_int_equal(audit_tick(l, at), 0);
		assert_int_equal(audit_sync_begin(l, at), -1);
	}
	audit_close(l);
	assert_int_equal(syncs, 0);

	l = open_synced(&p, AUDIT_SYNC_INTERVAL);
	for (int64_t at = 1700000000000; at < 1700000010000; at += 250) {
		write_n(l, 3);
		assert_int_equal(audit_tick(l, at), 0);
	}
	assert_int_equal(syncs, 10); /* one a second, not one a record or a tick */
	for (int64_t at = 1700000010000; at < 1700000020000; at += 250)
		assert_int_equal(audit_tick(l, at), 0);
	assert_int_equal(syncs, 11); /* what was written last; then nothing is to be synced */
	audit_close(l);
	place_remove(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_chain),
		cmocka_unit_test(any_byte),
		cmocka_unit_test(any_line),
		cmocka_unit_test(any_byte_over_segments),
		cmocka_unit_test(any_segment),
		cmocka_unit_test(cut_tail),
		cmocka_unit_test(torn_tail),
		cmocka_unit_test(long_tail),
		cmocka_unit_test(segments),
		cmocka_unit_test(packing_cut_short),
		cmocka_unit_test(many_records),
		cmocka_unit_test(verified_meanwhile),
		cmocka_unit_test(filters),
		cmocka_unit_test(one_writer),
		cmocka_unit_test(copied_folder),
		cmocka_unit_test(emptied_folder),
		cmocka_unit_test(removed_under_us),
		cmocka_unit_test(refused_bodies),
		cmocka_unit_test(sync_elsewhere),
		cmocka_unit_test(sync_as_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
