/* SPDX-License-Identifier: ISC */
/*
 * base.h: what everything stands on: errors, strings, arenas, buffers,
 * vectors, maps, globs, lexical paths and diagnostics. Only libc. No I/O but
 * the log, which goes through a sink that the program sets.
 */
#ifndef BRIDLE_BASE_H
#define BRIDLE_BASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Functions return 0 or one of these; out-parameters are valid only at 0. */
enum bridle_error {
	BRIDLE_ENOMEM = -1,   /* memory or an arena's limit is used up */
	BRIDLE_ELIMIT = -2,   /* a limit of limits.h was crossed */
	BRIDLE_ESYNTAX = -3,  /* the text does not parse; see the diags */
	BRIDLE_ENOENT = -4,   /* certainly not there */
	BRIDLE_EUNKNOWN = -5, /* cannot be known: neither there nor not there */
	BRIDLE_EIO = -6,      /* the system refused; errno is kept */
	BRIDLE_EINVAL = -7,   /* the caller's values are wrong */
	BRIDLE_EVERSION = -8  /* the other side speaks another version */
};
const char *bridle_strerror(int err); /* static text, never NULL */

/* ---- strings ------------------------------------------------------------
 * A slice: n bytes at p, any bytes. Strings that an arena function returns
 * also have p[n] == 0; slices of others need not. p may be NULL when n is 0. */
struct str {
	const char *p;
	size_t n;
};
#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p == NULL ? "" : (s).p

/* The small ones are inline: a decision calls them thousands of times. */
static inline struct str
str_of(const char *cstr) /* NULL gives the empty string */
{
	return cstr == NULL ? (struct str){ "", 0 } : (struct str){ cstr, strlen(cstr) };
}
static inline bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool
str_is(struct str a, const char *cstr)
{
	if (a.n > 0 && cstr != NULL && a.p[0] != cstr[0])
		return false; /* most are not, and need no strlen */
	return str_eq(a, str_of(cstr));
}
static inline bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}
static inline struct str
str_sub(struct str s, size_t from, size_t n) /* clipped to s */
{
	from = from > s.n ? s.n : from;
	n = n > s.n - from ? s.n - from : n;
	return (struct str){ s.p == NULL ? NULL : s.p + from, n };
}
static inline char
byte_lower(char c) /* ASCII only, whatever the locale */
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}
bool str_ieq(struct str a, struct str b); /* ASCII letters of either case */
int str_cmp(struct str a, struct str b);  /* bytewise, as memcmp then length */
bool str_ends(struct str s, struct str suffix);
#define STR_NPOS ((size_t)-1)
size_t str_chr(struct str s, char c); /* index or STR_NPOS */
size_t str_rchr(struct str s, char c);
size_t str_find(struct str s, struct str needle);
struct str str_trim(struct str s); /* blanks, tabs, CR, LF off both ends */
struct str str_line(struct str *rest); /* takes a line off the front: without its newline and a CR before that */
uint64_t str_hash(struct str s);   /* keyed per process where a seed was set */
void str_hash_seed(uint64_t k0, uint64_t k1); /* by main, before the first map */
bool str_ascii(struct str s);      /* each byte is a character, in every locale */
bool str_utf8(struct str s);       /* valid UTF-8 (no overlong, no surrogate) */
/* Length of the valid UTF-8 sequence at byte `at` < s.n; 0 if none is there. */
size_t str_utf8_at(struct str s, size_t at);
/* How many bytes from the first on stand in a JSON string as they are; ASCII only. */
size_t str_json_plain(struct str s);
/* Whole decimal number, no sign, no blanks: 0 or BRIDLE_EINVAL. */
int str_u64(struct str s, uint64_t *out);
/* The index of the candidate nearest to `word` by edit distance (at most
 * a third of its length, swaps count one), or STR_NPOS. */
size_t str_nearest(struct str word, const struct str *candidates, size_t n);

/* ---- names of a fixed table, whose entries begin with a `const char *` ----
 * static struct names programs_by = NAMES(programs); names_find(&programs_by, name)
 * Found at once however many there are (NAMES_MOST); of two of one name, the first. */
#define NAMES_MOST 160
struct names {
	const void *table;
	size_t n, size;
	bool filled; /* when first asked */
	unsigned char by[256]; /* by names__place: index and one; 0: none */
};
#define NAMES(t) { (t), sizeof(t) / sizeof *(t) + 0 * sizeof(char[sizeof(t) / sizeof *(t) <= NAMES_MOST ? 1 : -1]), \
	sizeof *(t), false, { 0 } }
size_t names__find(struct names *t, struct str name);
static inline unsigned
names__place(struct str name) /* not empty */
{
	return ((unsigned)name.n * 35 + (unsigned char)name.p[0] * 59u + (unsigned char)name.p[name.n / 2] * 11u +
		   (unsigned char)name.p[name.n - 1] * 41u) & 255;
}
static inline size_t
names_find(struct names *t, struct str name) /* index or STR_NPOS */
{
	if (name.n == 0 || (t->filled && t->by[names__place(name)] == 0))
		return STR_NPOS;
	return names__find(t, name);
}

/* ---- arenas --------------------------------------------------------------
 * One arena per parse or request, freed in one call. arena_raw and arena_alloc never
 * returns NULL: when memory or the arena's limit is used up it jumps to the
 * guard (ARENA_GUARD), or aborts where none is set. Not for threads. */
struct arena;
/* What every arena begins with, for arena_raw alone: bytes that are there to
 * be handed out without asking the limit or the system. Both ends are aligned,
 * so what there is room for has room rounded up, too. */
struct arena_room {
	char *at, *end;
};
struct arena *arena_new(size_t limit); /* limit 0: none. NULL: no memory */
void arena_free(struct arena *a);      /* NULL is fine */
void arena_reset(struct arena *a);     /* forget all, keep the first block and the largest */
void *arena__more(struct arena *a, size_t n); /* arena_raw where room is not enough */
/* Aligned for anything; what it holds is not said: for text that is written at once. */
static inline void *
arena_raw(struct arena *a, size_t n)
{
	struct arena_room *r = (struct arena_room *)a;
	const size_t align = __alignof__(max_align_t);
	char *p = r->at;

	if (n - 1 >= (size_t)(r->end - p)) /* and none for 0 */
		return arena__more(a, n);
	r->at += (n + align - 1) / align * align;
	return p;
}
static inline void *
arena_alloc(struct arena *a, size_t n) /* the same, zeroed */
{
	return memset(arena_raw(a, n), 0, n);
}
static inline void *
arena_array(struct arena *a, size_t n, size_t size) /* too many are more than any arena has */
{
	return arena_alloc(a, size != 0 && n > SIZE_MAX / size ? SIZE_MAX : n * size);
}
void *arena_try(struct arena *a, size_t n); /* as arena_alloc, but NULL where that jumps: for C++ */
size_t arena_used(const struct arena *a);
/* A point to go back to: everything allocated since is forgotten. */
struct arena_mark {
	void *block;
	size_t used;
};
struct arena_mark arena_mark(const struct arena *a);
void arena_release(struct arena *a, struct arena_mark m);
/*
 * jmp_buf jb;
 * if (ARENA_GUARD(a, jb) != 0) { ... out of memory: the arena is usable only
 * for arena_free/arena_reset ... }
 * Guards do not nest; arena_unguard takes the guard away.
 */
#define ARENA_GUARD(a, jb) (arena_guard_set((a), &(jb)), setjmp(jb))
void arena_guard_set(struct arena *a, jmp_buf *jb);
void arena_unguard(struct arena *a);
/*
 * For what a library allocates elsewhere: give_back(what) is called once, when
 * the memory in use falls below what it is now (free, reset, release), the
 * newest first. Register before the library is called, what it filled in later.
 */
void arena_defer(struct arena *a, void (*give_back)(void *), void *what);
/* Sets the limit, if there is one, to what is used now and `more` bytes; a reset undoes it. */
void arena_spare(struct arena *a, size_t more);
/* For tests: the n-th allocation from now on fails (0: never). */
void arena_fail_at(struct arena *a, size_t n);
#define NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define NEW_ARRAY(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))

struct str str_dup(struct arena *a, struct str s); /* NUL-terminated copy */
/* One line, without a character that a terminal would obey or hide: what is run
 * must not be able to write what is said of it. */
struct str str_visible(struct arena *a, struct str s);
const char *str_c(struct arena *a, struct str s);  /* the same as a C string */
struct str str_cat(struct arena *a, struct str x, struct str y);
struct str str_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- byte buffers (grow in an arena) ---- */
struct buf {
	struct arena *a;
	char *p; /* p[n] == 0 once anything was written */
	size_t n, cap;
};
void buf_init(struct buf *b, struct arena *a);
void buf__grow(struct buf *b, size_t more); /* where there is no room for `more` bytes and a NUL */
static inline void
buf_add(struct buf *b, struct str s)
{
	if (b->cap - b->n <= s.n)
		buf__grow(b, s.n);
	if (s.n > 0)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
	b->p[b->n] = '\0';
}
static inline void
buf_putc(struct buf *b, char c)
{
	if (b->cap - b->n <= 1)
		buf__grow(b, 1);
	b->p[b->n++] = c;
	b->p[b->n] = '\0';
}
static inline void
buf_puts(struct buf *b, const char *cstr)
{
	buf_add(b, str_of(cstr));
}
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_u64(struct buf *b, uint64_t n);          /* in decimal */
void buf_hex(struct buf *b, const unsigned char *bytes, size_t n); /* two small digits a byte */
void buf_json(struct buf *b, struct str s); /* a JSON string with its quotes; bytes that are no UTF-8 as U+FFFD */
struct str buf_str(const struct buf *b); /* borrowed; valid until the next write */

/* ---- vectors: VEC(struct word) ws = {0}; *vec_push(a, &ws) = w; ---- */
#define VEC(T)                                                                 \
	struct {                                                               \
		T *v;                                                          \
		size_t n, cap;                                                 \
	}
#define vec_push(a, vec)                                                       \
	((vec)->v = (vec)->n < (vec)->cap ? (vec)->v :                         \
	     vec__room((a), (vec)->v, (vec)->n, &(vec)->cap, sizeof *(vec)->v), \
	 &(vec)->v[(vec)->n++])
/* A larger copy of a full vector; the old elements stay in the arena until it is freed. */
void *vec__grow(struct arena *a, void *v, size_t n, size_t *cap, size_t size);
static inline void *
vec__room(struct arena *a, void *v, size_t n, size_t *cap, size_t size)
{
	return n < *cap ? v : vec__grow(a, v, n, cap, size);
}

/* ---- string-keyed maps (grow in an arena; keys are not copied) ---- */
struct map;
struct map *map_new(struct arena *a);
void *map_get(const struct map *m, struct str key); /* NULL: not there */
void map_put(struct map *m, struct str key, void *value); /* replaces; value not NULL */
void *map_del(struct map *m, struct str key);
size_t map_count(const struct map *m);
/* Goes through a map in the order of first insertion: size_t i = 0; while (map_next(m, &i, &k, &v)) */
bool map_next(const struct map *m, size_t *i, struct str *key, void **value);

/* ---- globs: * ? [set] [!set] \c over bytes, '*' and '?' also match '/'. Not recursive, time O(pattern*text) ---- */
bool glob_match(struct str pattern, struct str text);
/* The set that opens with the '[' at byte `at`: its bytes, byte b as bit b%64
 * of bits[b/64], never NUL; the index behind its ']', or 0 where no set is
 * (then '[' is text; so is a set of more than 256 bytes). Ranges, ! or ^, \c,
 * [:alpha:] as in the shell. */
size_t glob_set(struct str pattern, size_t at, uint64_t bits[4]);
/* The same, but neither * nor ? nor a set matches '/', and a '**' component matches any components (at the end: at least one). For file paths. */
bool glob_path_match(struct str pattern, struct str path);

/* ---- lexical paths (no look at any disk) ---- */
struct str path_join(struct arena *a, struct str dir, struct str rel); /* rel absolute: rel */
struct str path_clean(struct arena *a, struct str path); /* no //, ., .. where known; "" is "." */
bool path_is_clean(struct str path); /* absolute, and certainly what path_clean makes of it */
struct str path_base(struct str path); /* last component; "" for "/" */
struct str path_dir(struct str path);  /* what is before it; "." or "/" */
static inline bool
path_under(struct str path, struct str dir) /* the same or below; both clean and absolute */
{
	bool root = dir.n == 1 && dir.p[0] == '/';

	if (path.n > dir.n && path.p[dir.n] != '/' && !root)
		return false; /* most are not, and need no look at the rest */
	return str_starts(path, dir);
}

/* Below /proc: what lies there is another's for whoever looks, runs or enters it. */
static inline bool
path_in_proc(struct str path)
{
	return str_starts(path, STR("/proc/"));
}

/* ---- diagnostics: what is wrong with a text that a person wrote ---- */
enum diag_level { DIAG_ERROR, DIAG_WARNING };
struct diag {
	enum diag_level level;
	struct str file;
	unsigned line, column; /* from 1; column in bytes; 0: not known */
	struct str message;    /* one sentence, no newline */
	struct str hint;       /* may be empty: nearest word, what was expected */
	struct str text;       /* the line itself, for the caret; may be empty */
};
struct diags {
	struct arena *a;
	VEC(struct diag) list;
	size_t errors, warnings; /* counts all, the list holds LIMIT_DIAGS errors */
};
void diags_init(struct diags *d, struct arena *a);
struct diag *diag_add(struct diags *d, enum diag_level level, struct str file,
    unsigned line, unsigned column, struct str text, const char *fmt, ...)
    __attribute__((format(printf, 7, 8))); /* never NULL: set ->hint after */
/* file:line:column: error: message, the line, a caret, the hint. */
void diags_print(const struct diags *d, struct buf *out, bool colour);

/* ---- the log: one line a call, to the sink; none set: dropped ---- */
enum log_level { LOG_ERR, LOG_WARN, LOG_NOTE, LOG_VERBOSE };
typedef void log_sink(void *ctx, enum log_level level, const char *line);
void log_to(log_sink *sink, void *ctx);
void log_line(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
