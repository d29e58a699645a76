#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The command as a person meets it: verdicts as exit statuses, JSON, errors.
# shellcheck disable=SC2016

setup() {
	load common
	scratch
}
teardown() { unscratch; }

@test "a deny that no deed lifts is the reason before one that a deed lifts" {
	printf 'version 1\ndeny fly deploy\n    unless done fly config validate ...\n    because First things first.\ndeny fly deploy --app shop\n    because Never from here.\n' >two.policy
	run bridle check --policy two.policy 'fly deploy -a shop'
	[[ $output == *'Never from here.'* ]] || { echo "$output"; false; }
	run bridle check --policy two.policy 'fly deploy -a other'
	[[ $output == *'First things first.'* ]] || { echo "$output"; false; }
}

@test "the exit status is the verdict" {
	run bridle check --policy "$POLICIES/fly.policy" 'fly status'
	[ "$status" -eq 0 ]
	run bridle check --policy "$POLICIES/fly.policy" 'fly deploy -a app-api'
	[ "$status" -eq 1 ]
	[[ $output == "deny: "*"Production deploys go through CI"* ]]
	run bridle check --policy "$POLICIES/fly.policy" 'eval "$X"'
	[ "$status" -eq 3 ]
	run bridle check --policy "$POLICIES/fly.policy" 'docker compose up -d'
	[ "$status" -eq 4 ]
}

@test "a policy with an error: file, line, column, caret; status 2" {
	printf 'version 1\ndeny fly volumes destory\n    because x\n' >p
	run bridle check --policy p 'fly status'
	[ "$status" -eq 2 ]
	[[ $output == *"p:2:18: error:"*'^'* ]]
	[[ $output == *destroy* ]]
}

@test "a policy that is not there" {
	run bridle check --policy nowhere 'fly status'
	[ "$status" -eq 2 ]
	[[ $output == *nowhere*"no such file"* ]]
}

@test "usage errors name the nearest" {
	run bridle chekc x
	[ "$status" -eq 2 ]
	[[ $output == *"did you mean \`check\`"* ]]
	run bridle check --polciy p x
	[ "$status" -eq 2 ]
	[[ $output == *"did you mean --policy"* ]]
	run bridle check
	[ "$status" -eq 2 ]
	run bridle check a b
	[ "$status" -eq 2 ]
}

@test "every command has --help" {
	for c in check explain test lint fmt log status doctor reload init uninstall trust help; do
		run bridle "$c" --help
		[ "$status" -eq 0 ]
		run bridle help "$c"
		[ "$status" -eq 0 ]
		[[ $output == *"usage: bridle $c"* ]]
	done
}

@test "json is one line that parses" {
	run bridle check --policy "$POLICIES/fly.policy" --json 'cd api && fly deploy -a app-api | tee log'
	[ "$status" -eq 1 ]
	[ "$(printf '%s\n' "$output" | wc -l)" -eq 1 ]
	[ "$(jq -r .decision <<<"$output")" = deny ]
	[ "$(jq -r '.actions[] | select(.tool == "fly") | .scope.app' <<<"$output")" = app-api ]
	[ "$(jq -r '.actions[] | select(.tool == "fly") | .rule.file' <<<"$output")" = fly.policy ]
	run bridle check --policy "$POLICIES/fly.policy" --json 'fly deploy -a "$APP"'
	[ "$(jq -r '.certain' <<<"$output")" = false ]
	[ "$(jq -c '[.actions[0].argv[] | . == null]' <<<"$output")" = '[false,false,false,true]' ]
}

@test "a push says what it updates" {
	run bridle check --policy "$POLICIES/git.policy" --json 'git push origin HEAD:refs/heads/main +x:feat/y'
	[ "$(jq -c '[.actions[].updates[0] | [.remote,.ref,.force,.delete]]' <<<"$output")" = \
		'[["origin","refs/heads/main","no",false],["origin","refs/heads/feat/y","yes",false]]' ]
}

@test "where the command itself would stand is not known from here" {
	git init -q -b feat/x repo
	run bridle check --policy "$POLICIES/git.policy" 'git -C repo push origin feat/x'
	[ "$status" -ne 3 ]
	run bridle check --policy "$POLICIES/git.policy" 'git -C /proc/self/cwd/repo push origin feat/x'
	[ "$status" -eq 3 ] || { echo "$output"; false; }
	run bridle check --policy "$POLICIES/fly.policy" 'cd /proc/self/cwd && fly deploy'
	[ "$status" -ne 0 ]
	[ "$status" -ne 4 ]
	ln -s /proc/self/cwd here # nor through a link that was there before
	run bridle check --policy "$POLICIES/git.policy" 'git -C here/repo push origin feat/x'
	[ "$status" -eq 3 ] || { echo "$output"; false; }
	printf 'version 1\nask fly deploy --app app-api\ndefault pass\n' >only.policy
	printf 'app = "other"\n' >fly.toml
	run bridle check --policy only.policy 'fly deploy'
	[ "$status" -eq 4 ] || { echo "$output"; false; }
	run bridle check --policy only.policy 'cd here && fly deploy'
	[ "$status" -eq 3 ] || { echo "$output"; false; }
}

@test "a path with more folders than the system takes" {
	deep=$(printf 'a/%.0s' $(seq 20000))
	run bridle check --policy "$POLICIES/fly.policy" "cat /$deep""x; fly deploy -a app-api"
	[ "$status" -eq 1 ] || { echo "$status ${output:0:200}"; false; }
	run bridle check --policy "$POLICIES/fly.policy" "echo > y; cat /$deep""x; fly deploy -a app-api"
	[ "$status" -eq 1 ]
}

@test "an argument vector" {
	run bridle check --policy "$POLICIES/fly.policy" --argv -- fly deploy -a app-api
	[ "$status" -eq 1 ]
	run bridle check --policy "$POLICIES/fly.policy" --argv -- fly 'sta tus; fly deploy'
	[ "$status" -ne 0 ]
}

@test "batch: one line each, in order, bad lines too" {
	printf '%s\n' '{"id":"a","command":"fly status"}' 'nonsense' '{"id":"b","argv":["fly","apps","destroy","app-api"]}' \
		'{"id":"c","command":"fly deploy","env":{"FLY_APP":"app-api"}}' '{"id":"d"}' >in
	bridle check --policy "$POLICIES/fly.policy" --batch <in >out
	[ "$(wc -l <out)" -eq 5 ]
	[ "$(jq -r .decision out | tr '\n' ' ')" = 'allow ask deny deny ask ' ]
}

@test "a hook event on standard input" {
	printf '{"session_id":"s","cwd":"%s","hook_event_name":"PreToolUse","permission_mode":"default","tool_name":"Bash","tool_input":{"command":"fly vol rm v"},"tool_use_id":"t"}' "$PWD" >ev
	run bridle check --policy "$POLICIES/fly.policy" --hook <ev
	[ "$status" -eq 1 ]
}

@test "hook events that cannot be read, and PowerShell text in pieces, are asked about" {
	printf '{"session_id":"s","cwd":"%s","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"ls","command":"fly vol rm v"}}' "$PWD" >ev
	run bridle check --policy "$POLICIES/fly.policy" --hook <ev
	[ "$status" -eq 3 ]
	[[ $output == *'a key stands twice'* ]]
	printf '{"session_id":"s","cwd":"%s","hook_event_name":"PreToolUse","tool_name":"PowerShell","tool_input":{"command":"& fl`y deploy"}}' "$PWD" >ev
	run bridle check --policy "$POLICIES/fly.policy" --hook <ev
	[ "$status" -eq 3 ]
}

@test "explain is a tree, without colour in a pipe" {
	run bridle explain --policy "$POLICIES/fly.policy" 'cd api && fly deploy -a app-api | tee log'
	[ "$status" -eq 1 ]
	[[ $output == *'├─ fly deploy --app app-api'* ]]
	[[ $output == *'because  Production deploys go through CI'* ]]
	[[ $output != *$'\033'* ]]
}

@test "the shipped policies pass their own tests" {
	for p in "$POLICIES"/*.policy; do
		run bridle test "$p"
		[ "$status" -eq 0 ] || { echo "$output"; false; }
	done
}

@test "a failing test is named" {
	printf 'version 1\nallow fly status\n    test deny fly status\n' >p
	run bridle test p
	[ "$status" -eq 1 ]
	[[ $output == *'p:3: error: test: expected deny, decided allow'* ]]
}

@test "fmt is stable" {
	for p in "$POLICIES"/*.policy; do
		bridle fmt "$p" >one
		cp one two.policy
		bridle fmt two.policy >three
		cmp one three
	done
}

@test "an edit tells which keys it changes, and no value" {
	printf 'app = "one"\n[env]\nA = "1"\n' >fly.toml
	run bridle check --policy "$POLICIES/shell.policy" --json "printf 'app = \"two-x\"\n[env]\nA = \"1\"\n' >fly.toml"
	[[ $output == *'"path":"'*'/fly.toml","keys":["app"],'* ]]
	[[ $output != *'"one"'* ]]
	run bridle check --policy "$POLICIES/shell.policy" --json 'make x >fly.toml'
	[[ $output == *'/fly.toml","keys":null,'* ]]
	run bridle check --policy "$POLICIES/shell.policy" --json 'make x >notes.txt'
	[[ $output != *'"keys"'* ]]
	run bridle explain --policy "$POLICIES/fly.policy" "printf 'app = \"two-x\"\nb = 1\n' >fly.toml"
	[[ $output == *keys*'app env.A b'* ]]
}
