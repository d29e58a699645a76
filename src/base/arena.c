/* SPDX-License-Identifier: ISC */
/*
 * arena.c: memory that is freed in one call. A chain of blocks, the newest
 * first; each remembers how much was handed out before it, so that going back
 * to a mark needs no other bookkeeping. The first block lives in the arena
 * itself. See base.h for the contract, buf.c and map.c for what grows in it.
 */
#include "bridle/base.h"

#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define poison(p, n) __asan_poison_memory_region((p), (n))
#define unpoison(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define poison(p, n) ((void)(p), (void)(n))
#define unpoison(p, n) ((void)(p), (void)(n))
#endif

#define ARENA_FIRST 4096
#define ARENA_MOST (1u << 20)

struct block {
	struct block *older;
	size_t before; /* bytes handed out by the older blocks */
	size_t size;
	max_align_t data[];
};

/* What is to be given back with the memory it was registered in. */
struct deferred {
	struct deferred *older;
	size_t at; /* bytes handed out before it */
	void (*give_back)(void *);
	void *what;
};

struct arena {
	struct arena_room room; /* in the newest block, up to the limit: see spread */
	struct block *newest;
	struct block *spare; /* what was given up last, to be used again; may be NULL */
	struct deferred *deferred; /* the newest first */
	size_t limit, given; /* given: as it was made, before arena_spare */
	size_t fail_in; /* allocations until the one that fails; 0: none */
	jmp_buf *guard;
	struct block first;
};

static char *
block_bytes(struct block *b)
{
	return (char *)b->data;
}

/* Where the room ends: at the end of the block or where the limit would be
 * crossed. There is none where each allocation must be seen: to count those up
 * to the one that fails, and to say which bytes may be used. */
static inline void
spread(struct arena *a)
{
	char *start = block_bytes(a->newest);
	size_t left = (size_t)(start + a->newest->size - a->room.at);

	if (a->limit != 0) {
		size_t used = a->newest->before + (size_t)(a->room.at - start);

		if (a->limit < used + left)
			left = a->limit < used ? 0 : a->limit - used;
	}
#ifdef ARENA_ASAN
	left = 0;
#endif
	left -= left % _Alignof(max_align_t);
	a->room.end = a->room.at + (a->fail_in != 0 ? 0 : left);
}

struct arena *
arena_new(size_t limit)
{
	struct arena *a = malloc(sizeof *a + ARENA_FIRST);

	if (a == NULL)
		return NULL;
	memset(a, 0, sizeof *a);
	a->limit = a->given = limit;
	a->first.size = ARENA_FIRST;
	a->newest = &a->first;
	a->room.at = block_bytes(&a->first);
	spread(a);
	poison(block_bytes(&a->first), a->first.size);
	return a;
}

/* Gives b up. The largest such is kept: what reads one text after the other would
 * else ask the system for the same memory again and again. */
static void
give_up(struct arena *a, struct block *b)
{
	unpoison(block_bytes(b), b->size);
	if (b->size <= ARENA_MOST && (a->spare == NULL || a->spare->size < b->size)) {
		struct block *smaller = a->spare;

		a->spare = b;
		b = smaller;
	}
	free(b);
}

/* Gives up the blocks newer than keep, and what keep handed out beyond used. */
static void
arena_back(struct arena *a, struct block *keep, size_t used)
{
	while (a->deferred != NULL && a->deferred->at >= keep->before + used) {
		struct deferred *d = a->deferred;

		a->deferred = d->older;
		d->give_back(d->what);
	}
	while (a->newest != keep) {
		struct block *older = a->newest->older;

		give_up(a, a->newest);
		a->newest = older;
	}
	a->room.at = block_bytes(keep) + used;
	spread(a);
	poison(block_bytes(keep) + used, keep->size - used);
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_back(a, &a->first, 0);
	unpoison(block_bytes(&a->first), a->first.size);
	free(a->spare);
	free(a);
}

void
arena_reset(struct arena *a)
{
	a->limit = a->given;
	arena_back(a, &a->first, 0);
}

/* A new newest block with room for n bytes. false: no memory. */
static bool
arena_grow(struct arena *a, size_t n)
{
	struct block *b = a->spare;
	size_t size = a->newest->size * 2;

	if (b != NULL && b->size >= n) {
		a->spare = NULL;
	} else {
		if (size > ARENA_MOST)
			size = ARENA_MOST;
		if (size < n)
			size = n;
		b = malloc(sizeof *b + size);
		if (b == NULL)
			return false;
		b->size = size;
	}
	b->older = a->newest;
	b->before = arena_used(a);
	poison(block_bytes(b), b->size);
	a->newest = b;
	a->room.at = block_bytes(b);
	return true;
}

static void *
hand_out(struct arena *a, size_t n)
{
	const size_t align = _Alignof(max_align_t);
	char *p;

	if (n > SIZE_MAX / 4 || (a->fail_in != 0 && --a->fail_in == 0))
		return NULL;
	n = n == 0 ? align : (n + align - 1) / align * align;
	if (a->limit != 0 && (n > a->limit || arena_used(a) > a->limit - n))
		return NULL;
	if ((size_t)(block_bytes(a->newest) + a->newest->size - a->room.at) < n && !arena_grow(a, n))
		return NULL;
	p = a->room.at;
	a->room.at += n;
	spread(a);
	unpoison(p, n);
	return p;
}

void *
arena_try(struct arena *a, size_t n)
{
	void *p = hand_out(a, n);

	return p == NULL ? NULL : memset(p, 0, n);
}

static _Noreturn void
arena_fail(struct arena *a)
{
	if (a->guard == NULL)
		abort();
	longjmp(*a->guard, 1);
}

void *
arena__more(struct arena *a, size_t n)
{
	void *p = hand_out(a, n);

	if (p == NULL)
		arena_fail(a);
	return p;
}

size_t
arena_used(const struct arena *a)
{
	return a->newest->before + (size_t)(a->room.at - block_bytes(a->newest));
}

struct arena_mark
arena_mark(const struct arena *a)
{
	return (struct arena_mark){ a->newest, (size_t)(a->room.at - block_bytes(a->newest)) };
}

void
arena_release(struct arena *a, struct arena_mark m)
{
	arena_back(a, m.block, m.used);
}

void
arena_defer(struct arena *a, void (*give_back)(void *), void *what)
{
	size_t at = arena_used(a);
	struct deferred *d = NEW(a, struct deferred);

	*d = (struct deferred){ .older = a->deferred, .at = at, .give_back = give_back, .what = what };
	a->deferred = d;
}

void
arena_spare(struct arena *a, size_t more)
{
	if (a->limit != 0)
		a->limit = arena_used(a) + more;
	spread(a);
}

void
arena_guard_set(struct arena *a, jmp_buf *jb)
{
	a->guard = jb;
}

void
arena_unguard(struct arena *a)
{
	a->guard = NULL;
}

void
arena_fail_at(struct arena *a, size_t n)
{
	a->fail_in = n;
	spread(a);
}

void *
vec__grow(struct arena *a, void *v, size_t n, size_t *cap, size_t size)
{
	size_t want = n < 4 ? 4 : n * 2;
	void *larger = arena_array(a, want, size);

	if (n > 0)
		memcpy(larger, v, n * size);
	*cap = want;
	return larger;
}
