# SPDX-License-Identifier: ISC
# common.bash: a scratch HOME and directory, and the programs under test.

# Nothing of the caller's environment but PATH reaches the programs.
scratch() {
	BUILD_DIR=$(cd "$BATS_TEST_DIRNAME/../../${BUILD:-build}" && pwd)
	POLICIES=$(cd "$BATS_TEST_DIRNAME/../../policies" && pwd)
	SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/bridle-cli.XXXXXX")
	mkdir -p "$SCRATCH/home" "$SCRATCH/work/api"
	cd "$SCRATCH/work" || return 1
}
# The shell between us and the daemon does not pass a signal on; the lock names it.
# One that a test has stopped goes on first: at its end a sanitizer traces it.
end_daemon() {
	local pid
	pid=$(cat "$SCRATCH/socket.lock" 2>/dev/null) || pid=
	[ -z "$pid" ] || kill -CONT "$pid" 2>/dev/null || :
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || :
	[ -z "${DAEMON:-}" ] || wait "$DAEMON" 2>/dev/null || :
	DAEMON=
}
unscratch() {
	cd / || return 1
	end_daemon # the hook may have started one
	rm -rf "$SCRATCH"
}
in_scratch() {
	env -i HOME="$SCRATCH/home" PATH="$PATH" BRIDLE_SOCKET="$SCRATCH/socket" ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} "$@"
}
bridle() { in_scratch "$BUILD_DIR/bin/bridle" "$@"; }
# daemon OPTION…: one of our own, ended by unscratch.
daemon() {
	in_scratch "$BUILD_DIR/bin/bridled" --socket "$SCRATCH/socket" --state "$SCRATCH/state" "$@" 2>"$SCRATCH/log" 3>&- &
	DAEMON=$!
	for _ in $(seq 200); do
		[ -S "$SCRATCH/socket" ] && return 0
		sleep 0.05
	done
	cat "$SCRATCH/log"
	return 1
}
