/* SPDX-License-Identifier: ISC */
/*
 * test_frame.c: frames written and read back, torn at every byte, with every
 * way to be wrong; where the daemon's socket is.
 */
#include "bridle/limits.h"
#include "bridle/proto.h"

#include "check.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static size_t
sample(unsigned char *p, size_t cap)
{
	struct frame_out o;
	frame_begin(&o, p, cap, FRAME_HOOK);
	frame_add(&o, TAG_AGENT, "claude", 6);
	frame_add(&o, TAG_EVENT, "", 0);
	frame_add_byte(&o, TAG_FLAGS, FRAME_ENV_CUT);
	size_t room;
	unsigned char *at = frame_open(&o, TAG_PAYLOAD, &room);
	if (at != NULL && room >= 2) {
		memcpy(at, "{}", 2);
		frame_close(&o, 2);
	} else
		o.full = true;
	return frame_end(&o) == 0 ? o.n : 0;
}

static void
test_there_and_back(void **state)
{
	unsigned char p[128];
	struct frame f = { 0 };
	size_t body, n = sample(p, sizeof(p));
	(void)state;
	assert_int_equal(frame_head(p, n, 100, &f, &body), 0);
	assert_int_equal(f.kind, FRAME_HOOK);
	assert_int_equal(body, n - FRAME_HEADER);
	assert_int_equal(frame_body(p + FRAME_HEADER, body, &f), 0);
	assert_str(f.agent, "claude");
	assert_true(FRAME_HAS(&f, TAG_EVENT) && f.event.n == 0);
	assert_str(f.payload, "{}");
	assert_int_equal(f.flags, FRAME_ENV_CUT);
	assert_false(FRAME_HAS(&f, TAG_STATUS));
	assert_int_equal(f.kind, FRAME_HOOK);
}

static void
test_torn_everywhere(void **state)
{
	unsigned char p[128];
	struct frame f = { 0 };
	size_t body, n = sample(p, sizeof(p));
	(void)state;
	for (size_t i = 0; i < FRAME_HEADER; i++)
		assert_int_equal(frame_head(p, i, 100, &f, &body), BRIDLE_EUNKNOWN);
	/* A body cut between two fields is a shorter body; anywhere else it is torn. */
	static const size_t ends[] = { 0, 11, 16, 22, 29 };
	for (size_t i = 0, e = 0; i < n - FRAME_HEADER; i++) {
		bool whole = i == ends[e];
		assert_int_equal(frame_body(p + FRAME_HEADER, i, &f), whole ? 0 : BRIDLE_ESYNTAX);
		e += whole;
	}
}

static void
test_no_room(void **state)
{
	unsigned char p[128];
	size_t n = sample(p, sizeof(p));
	(void)state;
	assert_int_equal(sample(p, n), n);
	for (size_t cap = 0; cap < n; cap++) {
		memset(p, 0xee, sizeof(p));
		assert_int_equal(sample(p, cap), 0);
		assert_int_equal(p[cap], 0xee);
	}
}

static void
test_bad_heads(void **state)
{
	static const struct {
		const char *bytes;
		int rc;
	} rows[] = {
		{ "x", BRIDLE_ESYNTAX },
		{ "brd{", BRIDLE_ESYNTAX },
		{ "{\"cmd\":\"status\"}", BRIDLE_ESYNTAX },
		{ "brdl\2\1\0\0\0\0\0\0", BRIDLE_EVERSION },
		{ "brdl\0\1\0\0\0\0\0\0", BRIDLE_EVERSION },
		{ "brdl\1\1\1\0\0\0\0\0", BRIDLE_ESYNTAX },
		{ "brdl\1\1\0\1\0\0\0\0", BRIDLE_ESYNTAX },
		{ "brdl\1\1\0\0\0\0\0\144", 0 },
		{ "brdl\1\1\0\0\0\0\0\145", BRIDLE_ELIMIT },
		{ "brdl\1\1\0\0\377\377\377\377", BRIDLE_ELIMIT },
	};
	struct frame f = { 0 };
	size_t body;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = i < 3 ? strlen(rows[i].bytes) : FRAME_HEADER;
		assert_int_equal(
		    frame_head((const unsigned char *)rows[i].bytes, n, 100, &f, &body), rows[i].rc);
	}
}

static int
body_of(const char *bytes, size_t n, struct frame *f)
{
	return frame_body((const unsigned char *)bytes, n, f);
}

static void
test_bad_bodies(void **state)
{
	struct frame f = { .agent = STR("kept") };
	(void)state;
	assert_int_equal(body_of("\1\0\0\0\1a\1\0\0\0\1b", 12, &f), BRIDLE_ESYNTAX);
	assert_int_equal(body_of("\10\0\0\0\2ab", 7, &f), BRIDLE_ESYNTAX);
	assert_int_equal(body_of("\10\0\0\0\0", 5, &f), BRIDLE_ESYNTAX);
	assert_int_equal(body_of("\1\377\377\377\377a", 6, &f), BRIDLE_ESYNTAX);
	assert_str(f.agent, "kept");
	/* Tags of a later version are skipped, even twice. */
	assert_int_equal(body_of("\310\0\0\0\1a\310\0\0\0\1b\1\0\0\0\1c", 18, &f), 0);
	assert_str(f.agent, "c");
}

static void
test_address(void **state)
{
	const char *given[] = { "A=b", "BRIDLE_SOCKET=/x/sock", "XDG_RUNTIME_DIR=/tmp", NULL };
	const char *empty[] = { "BRIDLE_SOCKET=", "XDG_RUNTIME_DIR=/nowhere/at/all", NULL };
	const char *relative[] = { "XDG_RUNTIME_DIR=.", NULL };
	char long_path[200] = "BRIDLE_SOCKET=/", tmp[64];
	const char *too_long[] = { long_path, NULL };
	struct address at;
	(void)state;
	if (access(ADDRESS_SYSTEM_DIR "/socket", F_OK) == 0)
		skip(); /* a system daemon comes before all of these */
	snprintf(tmp, sizeof(tmp), "/tmp/bridle-%lu/socket", (unsigned long)getuid());
	assert_int_equal(address_find(given, &at), 0);
	assert_string_equal(at.path, "/x/sock");
	assert_int_equal(at.kind, ADDRESS_GIVEN);
	assert_int_equal(address_find(empty, &at), 0);
	assert_string_equal(at.path, tmp);
	assert_int_equal(address_find(relative, &at), 0);
	assert_string_equal(at.path, tmp);
	assert_int_equal(address_find(NULL, &at), 0);
	assert_int_equal(at.kind, ADDRESS_TMP);
	memset(long_path + 15, 'x', 102);
	assert_int_equal(address_find(too_long, &at), 0);
	memset(long_path + 15, 'x', 103);
	assert_int_equal(address_find(too_long, &at), BRIDLE_ELIMIT);
}

static void
test_peer(void **state)
{
	int fds[2];
	uid_t uid = (uid_t)-1;
	pid_t pid;
	struct address at = { .kind = ADDRESS_GIVEN };
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(address_peer(fds[0], &uid, &pid), 0);
	assert_int_equal(uid, getuid());
	assert_true(pid == getpid() || pid == 0);
	assert_int_equal(address_peer(-1, &uid, &pid), BRIDLE_EIO);
	close(fds[0]);
	close(fds[1]);
	assert_true(address_trusted(&at, getuid()));
	assert_true(address_trusted(&at, 0));
	assert_false(address_trusted(&at, 54321));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_torn_everywhere),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_bad_heads),
		cmocka_unit_test(test_bad_bodies),
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_peer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
