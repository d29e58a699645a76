#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The approval loop: denied, approved by a person at a terminal, run once,
# denied again. What an agent's side tries is refused.
# shellcheck disable=SC2030,SC2031

setup() {
	load common
	scratch
	printf 'app = "app-api"\n' >fly.toml
	printf 'version 1\ndeny fly deploy --app app-api\n    because CI deploys.\ndeny fly apps destroy\n    because never.\n    final\nallow fly status\nask raw regex KEEP\n    because a word.\n' >p.policy
	daemon --policy p.policy
}
teardown() { unscratch; }

event() { # session command
	printf '{"session_id":"%s","cwd":"%s","hook_event_name":"PreToolUse","permission_mode":"default","tool_name":"Bash","tool_input":{"command":"%s"},"tool_use_id":"toolu_1"}' "$1" "$PWD" "$2" |
		in_scratch "$BUILD_DIR/bin/bridle-hook" PreToolUse
}
decision() { event "$@" | jq -r '.hookSpecificOutput.permissionDecision // "pass"'; }
code_of() { event "$@" | sed -n 's/.*bridle approve \([0-9a-f]*\).*/\1/p'; }
# A person's terminal: a new session with a terminal of its own.
at_terminal() { in_scratch setsid script -qec "$BUILD_DIR/bin/bridle $*" /dev/null </dev/null; }

@test "denied, approved, once, denied again" {
	code=$(code_of s1 'fly deploy -a app-api')
	[ -n "$code" ]
	run bridle pending
	[[ $output == *"$code"*'fly deploy -a app-api'* ]]
	run at_terminal approve "$code"
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[[ $output == *"approved: the agent may run \`fly deploy -a app-api\` now, once; \`bridle revoke $code\`"* ]]
	run bridle grants
	[[ $output == *"$code"* ]]
	[ "$(decision s1 'flyctl deploy --app=app-api')" = allow ]
	[ "$(decision s1 'fly deploy -a app-api')" = deny ]
	run in_scratch "$BUILD_DIR/bin/bridle" log --state "$SCRATCH/state" --json
	[[ $output == *"\"grant\":\"$code\""* ]]
	[[ $output == *'"event":"grant"'* ]]
}

@test "bound to session, folder and meaning" {
	code=$(code_of s1 'fly deploy -a app-api')
	at_terminal approve "$code" --uses 5
	[ "$(decision s2 'fly deploy -a app-api')" = deny ]
	[ "$(decision s1 'fly deploy -a app-api --now')" = deny ]
	[ "$(decision s1 'cd api; fly deploy -a app-api')" = deny ]
	[ "$(decision s1 'fly deploy -a app-api; fly apps destroy app-api')" = deny ]
	[ "$(decision s1 'fly deploy -a app-api')" = allow ]
}

@test "a final deny has no code" {
	run event s1 'fly apps destroy app-api'
	[[ $output == *deny* ]]
	[[ $output != *'bridle approve'* ]]
}

@test "what a raw rule says is not lifted with the command's deny" {
	run event s1 'fly deploy -a app-api # KEEP'
	[[ $output == *deny* && $output != *'bridle approve'* ]]
	at_terminal approve "$(code_of s1 'fly deploy -a app-api')"
	[ "$(decision s1 'fly deploy -a app-api # KEEP')" = deny ]
	[ "$(decision s1 'fly deploy -a app-api')" = allow ]
}

@test "revoked is denied again; a restart keeps what is granted" {
	code=$(code_of s1 'fly deploy -a app-api')
	at_terminal approve "$code" --for 10m
	end_daemon
	in_scratch "$BUILD_DIR/bin/bridled" --policy p.policy --socket "$SCRATCH/socket" --state "$SCRATCH/state" 2>>"$SCRATCH/log" 3>&- &
	# shellcheck disable=SC2034 # common.bash ends it
	DAEMON=$!
	for _ in $(seq 200); do
		bridle pending >/dev/null 2>&1 && break
		sleep 0.05
	done
	[ "$(decision s1 'fly deploy -a app-api')" = allow ]
	at_terminal revoke "$code"
	[ "$(decision s1 'fly deploy -a app-api')" = deny ]
}

@test "an agent's side cannot approve" {
	code=$(code_of s1 'fly deploy -a app-api')
	run bridle approve "$code"
	[ "$status" -ne 0 ]
	run in_scratch CLAUDECODE=1 setsid script -qec "$BUILD_DIR/bin/bridle approve $code" /dev/null </dev/null
	[ "$status" -ne 0 ]
	run in_scratch setsid "$BUILD_DIR/bin/bridle" approve "$code"
	[ "$status" -ne 0 ]
	[ "$(decision s1 "bridle approve $code")" = deny ]
	[ "$(decision s1 "script -c 'bridle approve $code'")" = deny ]
	[ "$(decision s1 "setsid bridle approve $code")" = deny ]
	[ "$(decision s1 "bash -c 'bridle grant -- fly deploy'")" = deny ]
	[ "$(decision s1 "tmux send-keys 'bridle approve $code' Enter")" != allow ]
	[ "$(decision s1 'fly deploy -a app-api')" = deny ]
}

@test "a grant beforehand" {
	run at_terminal grant -- fly deploy -a app-api
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[ "$(decision s9 'fly deploy -a app-api')" = allow ]
	[ "$(decision s9 'fly deploy -a app-api')" = deny ]
	run at_terminal grant -- fly status
	[ "$status" -ne 0 ]
	run at_terminal grant --for 10m "'fly deploy -a app-api'"
	[ "$status" -eq 2 ]
	[[ $output == *'as words, not as one quoted text: bridle grant -- fly deploy -a app-api'* ]] || { echo "$output"; false; }
	run bridle pending
	[[ $output == *' left  fly deploy -a app-api'* ]] || { echo "$output"; false; }
	run at_terminal grant -- fly apps destroy app-api
	[ "$status" -ne 0 ]
}

refuses_limit() { # refuses_limit TEXT OPTION: neither approve nor grant takes it
	for command in "approve $code $2" "grant $2 -- fly deploy -a app-api"; do
		run at_terminal "$command"
		[ "$status" -eq 2 ] || { echo "$command: $status $output"; false; }
		[[ $output == *"$1"* ]] || { echo "$command: $output"; false; }
	done
}

@test "limits that are none lift nothing" {
	code=$(code_of s1 'fly deploy -a app-api')
	for uses in -1 0 3x x '' +2 1000001 99999999999999999999; do
		refuses_limit '--uses wants a number' "--uses=$uses"
	done
	for time in -1 0 0m m 5x 5mm '' 2d 25h 100001s; do
		refuses_limit '--for ' "--for=$time"
	done
	run bridle grants
	[ "$output" = 'nothing is lifted' ] || { echo "$output"; false; }
	[ "$(decision s1 'fly deploy -a app-api')" = deny ]
}

@test "the wrapper: refused with a code, a ticket lets through once" {
	mkdir bin wrap
	printf '#!/bin/sh\necho ran "$@"\n' >bin/fly
	chmod +x bin/fly
	ln -s "$BUILD_DIR/bin/bridle-hook" wrap/fly
	PATH=$PWD/wrap:$PWD/bin:$PATH
	run in_scratch CLAUDE_CODE_SESSION_ID=s1 fly status
	[ "$status" -eq 0 ]
	[ "$output" = 'ran status' ]
	run in_scratch CLAUDE_CODE_SESSION_ID=s1 setsid fly deploy -a app-api
	[ "$status" -eq 126 ]
	[[ $output == *'bridle approve'* ]]
	code=$(code_of s1 'fly deploy -a app-api')
	at_terminal approve "$code"
	[ "$(decision s1 'fly deploy -a app-api')" = allow ]
	run in_scratch CLAUDE_CODE_SESSION_ID=s1 setsid fly deploy -a app-api
	[ "$output" = 'ran deploy -a app-api' ]
	run in_scratch CLAUDE_CODE_SESSION_ID=s1 setsid fly deploy -a app-api
	[ "$status" -eq 126 ]
}

@test "what waits is shown on one line, whatever the command holds" {
	event s1 "fly deploy -a app-api -c 'x\\u001b[2K'\\nfly status" >/dev/null
	run bridle pending
	[[ $output == *"-c 'x?[2K'⏎fly status"* && $output != *$'\e'* ]] || { cat -v <<<"$output"; false; }
	code=$(bridle pending --json | jq -r '.[0].code')
	run at_terminal approve "$code"
	[[ $output != *$'\e'* && $output == *"⏎fly status"* ]] || { cat -v <<<"$output"; false; }
	run bridle check $'fly deploy -a "x\e[2K"'
	[[ $output != *$'\e'* ]]
}
