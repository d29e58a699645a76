#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# brief, wrap, replay.
# shellcheck disable=SC2016

setup() {
	load common
	scratch
}
teardown() { unscratch; }

@test "brief tells rules, reasons and ways out, with lets filled in" {
	run bridle brief --policy "$POLICIES/fly.policy"
	[ "$status" -eq 0 ]
	[[ $output == *'`fly deploy --app app-api'* ]]
	[[ $output == *'Instead: `fly deploy --build-only'* ]]
	[ "$(printf '%s\n' "$output" | wc -l)" -le 60 ]
	first=$output
	run bridle brief --policy "$POLICIES/fly.policy"
	[ "$output" = "$first" ]
}

@test "wrap links, shows and removes only what is ours" {
	run bridle wrap install --dir "$PWD/w"
	[ "$status" -eq 0 ]
	[ -L w/fly ] && [ -L w/flyctl ] && [ ! -e w/git ]
	[[ $output == *"export PATH="* ]]
	run bridle wrap status --dir "$PWD/w"
	[ "$status" -eq 1 ]
	PATH=$PWD/w:$PATH
	run bridle wrap status --dir "$PWD/w"
	[ "$status" -eq 0 ]
	rm w/flyctl && echo mine >w/flyctl
	run bridle wrap remove --dir "$PWD/w"
	[ "$status" -eq 0 ]
	[ ! -e w/fly ]
	[ "$(cat w/flyctl)" = mine ]
}

@test "replay over transcripts groups what would change" {
	mkdir -p t/p
	for c in 'ls -la' 'fly deploy -a app-api' 'fly vol rm v1' 'fly vol rm v2'; do
		printf '{"type":"assistant","cwd":"%s","message":{"content":[{"type":"tool_use","id":"x","name":"Bash","input":{"command":"%s"}}]}}\n' "$PWD" "$c"
	done >t/p/s.jsonl
	echo 'not json tool_use' >>t/p/s.jsonl
	run bridle replay --policy "$POLICIES/fly.policy" --transcripts t
	[ "$status" -eq 0 ]
	[[ $output == *'4 commands judged anew, 3 would change'* ]]
	[[ $output == *'2  ran -> deny'* ]]
	run bridle replay
	[ "$status" -eq 2 ]
}

@test "the log of a daemon: read, filtered, counted, verified" {
	in_scratch "$BUILD_DIR/bin/bridled" --policy "$POLICIES/fly.policy" --socket "$SCRATCH/socket" --state "$SCRATCH/state" 2>"$SCRATCH/log" 3>&- &
	# shellcheck disable=SC2034 # common.bash ends it
	DAEMON=$!
	for _ in $(seq 200); do
		[ -S "$SCRATCH/socket" ] && break
		sleep 0.05
	done
	for c in 'fly status' 'fly deploy -a app-api' 'fly secrets set KEY=hunter2secret -a app-api'; do
		printf '{"session_id":"s","cwd":"%s","hook_event_name":"PreToolUse","permission_mode":"default","tool_name":"Bash","tool_input":{"command":"%s"},"tool_use_id":"t"}' "$PWD" "$c" |
			in_scratch "$BUILD_DIR/bin/bridle-hook" PreToolUse >/dev/null
	done
	run bridle log --state "$SCRATCH/state" --decision deny --json
	[ "$(printf '%s\n' "$output" | wc -l)" -eq 2 ]
	[[ $output != *hunter2secret* ]]
	run bridle log --state "$SCRATCH/state" --grep 'deploy'
	[[ $output == *'fly deploy -a app-api'* ]]
	run bridle log --state "$SCRATCH/state" --csv
	[[ $output == time,event,decision* ]]
	run bridle log stats --state "$SCRATCH/state"
	[[ $output == *'3 decisions'* ]]
	run bridle log verify --state "$SCRATCH/state"
	[ "$status" -eq 0 ]
	run bridle replay --policy "$POLICIES/default.policy" --state "$SCRATCH/state"
	[[ $output == *'3 commands judged anew'* ]]
	end_daemon
	f=$(echo "$SCRATCH"/state/audit/*.jsonl)
	sed -i '2s/"tool"/"tOol"/' "$f"
	run bridle log verify --state "$SCRATCH/state"
	[ "$status" -eq 1 ]
	[[ $output == *'record 2'* ]]
}
