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

@test "brief: a person's own rules are told first where there are too many" {
	{
		printf 'version 1\ninclude <fly>\n'
		for i in $(seq 40); do printf 'deny tool%s run\n    because Reason %s.\n' "$i" "$i"; done
		printf 'ask edit conf.toml\n    changing a b\n'
		printf 'allow X=1 mytool go\n'
	} >p.policy
	run bridle brief --policy p.policy
	[ "$status" -eq 0 ]
	[ "$(printf '%s\n' "$output" | wc -l)" -le 60 ]
	[[ $output == *'- `tool1 run`: Reason 1.'* && $output != *'git send-pack'* ]]
	[[ $output == *'more rules: `bridle explain'* ]]
	[[ $output == *'- `edit conf.toml changing a|b`'* ]]
	[[ $output == *'`X=1 mytool go`'* ]]
	# No shipped file's rules crowd out the others'.
	run bridle brief --policy "$POLICIES/fly.policy"
	asks=${output#*Only with a person}
	asks=${asks%%Without asking*}
	for rule in '`fly when effect is destroy`' '`jj git push`' '`edit fly.toml changing app' 'more rules:'; do
		[[ $asks == *"$rule"* ]] || { echo "$rule: $asks"; false; }
	done
}

@test "a session starts with the brief" {
	daemon --policy "$POLICIES/fly.policy"
	printf '{"session_id":"s","cwd":"%s","hook_event_name":"SessionStart","source":"startup"}' "$PWD" |
		in_scratch "$BUILD_DIR/bin/bridle-hook" SessionStart >answer
	[ "$(jq -r .hookSpecificOutput.hookEventName answer)" = SessionStart ]
	jq -j .hookSpecificOutput.additionalContext answer >context
	bridle brief --policy "$POLICIES/fly.policy" >told
	cmp told context
	[ "$(wc -c <context)" -lt 10000 ]
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
	[[ $output == *'4 calls judged anew, 3 would change'* ]]
	[[ $output == *'2  ran -> deny'* ]]
	[[ $output == *'left out, as they cannot be read: 1 lines, 0 files'* ]] || { echo "$output"; false; }
	printf 'version 1\nask edit fly.toml\n    because It is production.\ndeny tool mcp__fly__*\n    because Never.\n' >e.policy
	for t in '"Edit","input":{"file_path":"'"$PWD"'/fly.toml","old_string":"a","new_string":"b"}' \
		'"mcp__fly__x","input":{}' '"Read","input":{"file_path":"/x"}'; do
		printf '{"type":"assistant","cwd":"%s","message":{"content":[{"type":"text","text":"tool_use"},{"type":"tool_use","id":"x","name":%s}]}}\n' "$PWD" "$t"
	done >t/p/e.jsonl
	run bridle replay --policy e.policy --transcripts t
	[[ $output == *'7 calls judged anew, 2 would change: 2 tighter'* ]] || { echo "$output"; false; }
	[[ $output == *"edit $PWD/fly.toml"* ]]
	[[ $output == *mcp__fly__x* ]]
	run bridle replay --policy e.policy --transcripts t/p/e.jsonl
	[[ $output == *'3 calls judged anew, 2 would change: 2 tighter'* ]] || { echo "$output"; false; }
	mkdir none
	run bridle replay --policy e.policy --transcripts none
	[[ $output == *'no call of a tool stands in none (*.jsonl)'* ]] || { echo "$output"; false; }
	run bridle replay --policy e.policy --transcripts nowhere
	[ "$status" -eq 2 ]
	[[ $output == *'nowhere: No such file'* ]]
	run bridle replay
	[ "$status" -eq 2 ]
}

@test "the log of a daemon: read, filtered, counted, verified" {
	daemon --policy "$POLICIES/fly.policy"
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
	[[ $output == *'3 calls judged anew'* ]]
	end_daemon
	f=$(echo "$SCRATCH"/state/audit/*.jsonl)
	sed -i '2s/"tool"/"tOol"/' "$f"
	run bridle log verify --state "$SCRATCH/state"
	[ "$status" -eq 1 ]
	[[ $output == *'record 2'* ]]
}

@test "a mistyped deny of a project is asked about, and status says so" {
	mkdir .bridle
	printf 'version 1\ndney frobnicate\n    because x\n' >.bridle/policy
	run bridle check 'frobnicate x'
	[ "$status" -eq 3 ]
	[[ $output == *'Line 2 of this project'* && $output == *'did you mean "deny"'* ]] || { echo "$output"; false; }
	run bridle check 'true'
	[ "$status" -ne 3 ]
	run bridle status
	[ "$status" -ne 0 ]
	[[ $output == *'BAD  project'*'.bridle/policy:2:'* ]] || { echo "$output"; false; }
	run bridle doctor
	[[ $output == *'bridle lint .bridle/policy'* ]] || { echo "$output"; false; }
	run bridle lint .bridle/policy
	[ "$status" -ne 0 ]
	printf 'version 1\ndeny frobnicate\n    because x\n' >.bridle/policy
	run bridle check 'frobnicate x'
	[ "$status" -eq 1 ]
	run bridle status
	[[ $output != *'BAD  project'* ]]
}
