#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# status and doctor: each check, by what breaks it; status 1 where protection
# is reduced, and what to do about it.
# shellcheck disable=SC2016,SC2034,SC2154

bats_require_minimum_version 1.5.0

setup() {
	load common
	scratch
	SETTINGS=$SCRATCH/home/.claude/settings.json
	mkdir -p "$SCRATCH/home/.claude" "$SCRATCH/bin"
	PATH=$SCRATCH/bin:/usr/bin:/bin
	client '2.1.330 (Claude Code)'
	printf 'app = "shop"\n' >fly.toml
	bridle init --yes >/dev/null
}
teardown() { unscratch; }
program() { # program NAME: a script from standard input
	cat >"$SCRATCH/bin/$1"
	chmod +x "$SCRATCH/bin/$1"
}
client() { printf '#!/bin/sh\necho "%s"\n' "$1" | program claude; }
# bad CHECK TEXT: status fails with it, doctor says what to do.
bad() {
	run bridle status
	[ "$status" -eq 1 ] || { echo "status $status: $output"; return 1; }
	[[ $output == *"BAD  $1"*"$2"* ]] || { echo "$output"; return 1; }
	run bridle status --json
	[ "$(jq -r .protected <<<"$output")" = false ]
	[ "$(jq -r --arg n "$1" '[.checks[] | select(.name == $n and .health == "BAD")] | length' <<<"$output")" -ge 1 ]
	[ -n "$(jq -r --arg n "$1" '.checks[] | select(.name == $n and .health == "BAD") | .fix // empty' <<<"$output")" ]
}
# answering SECONDS TEXT: a daemon, pid, that says TEXT to whatever it is asked.
answering() {
	cat >fake.py <<-'END'
		import os, socket, sys, time
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1])
		os.chmod(sys.argv[1], 0o600)
		s.listen(8)
		os.rename(sys.argv[1], sys.argv[1].removesuffix(".new"))
		while True:
		    c, _ = s.accept()
		    c.recv(4096)
		    time.sleep(int(sys.argv[2]))
		    c.sendall(sys.argv[3].encode() + b"\n")
		    c.close()
	END
	in_scratch python3 fake.py "$SCRATCH/socket.new" "$@" >/dev/null 2>&1 3>&- &
	pid=$!
	for _ in $(seq 100); do [ -S "$SCRATCH/socket" ] && break; sleep 0.05; done
}
hook() { jq "$1" "$SETTINGS" >s && cp s "$SETTINGS"; }

@test "all is well after init" {
	daemon
	run bridle status
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[[ $output != *BAD* ]]
	for check in daemon policy log hook client; do
		[[ $output == *"ok   $check"* ]] || { echo "$check: $output"; false; }
	done
}

@test "daemon: none is a note, one of another release is bad, one that is mute too" {
	run bridle status
	[ "$status" -eq 0 ]
	[[ $output == *'note daemon'*'the hook starts one'* ]]
	answering 0 '{"ok":true,"release":"0.0.1"}'
	bad daemon 'it is release 0.0.1'
	kill "$pid"
	rm "$SCRATCH/socket"
	answering 0 hello
	bad daemon 'no JSON'
	kill "$pid"
}

@test "policy: errors, with and without a daemon" {
	printf 'version 1\nnonsense\n' >"$SCRATCH/home/.config/bridle/policy"
	bad policy 'policy:2'
	daemon
	bad policy 'policy:2'
	run bridle doctor
	[[ $output == *'bridle test shows all of it'* ]]
}

@test "log: a folder that is none" {
	mkdir -p "$SCRATCH/state"
	echo file >"$SCRATCH/state/audit"
	daemon || skip 'the daemon does not start without a log folder'
	bad log ''
}

@test "hook: not named, not there, not executable, without onFailure" {
	cp "$SETTINGS" good
	echo '{}' >"$SETTINGS"
	bad hook 'no settings file of Claude Code names bridle-hook'
	cp good "$SETTINGS"
	hook '.hooks.PreToolUse[0].hooks[0].command = "/nowhere/bridle-hook"'
	bad hook 'No such file'
	cp good "$SETTINGS"
	echo '#!/bin/sh' >bridle-hook && chmod 644 bridle-hook
	hook ".hooks.PreToolUse[0].hooks[0].command = \"$PWD/bridle-hook\""
	bad hook 'is not executable'
	cp good "$SETTINGS"
	hook 'del(.hooks.PreToolUse[0].hooks[0].onFailure)'
	bad hook 'without "onFailure": "block"'
}

@test "settings: switched off, or unreadable" {
	cp "$SETTINGS" good
	hook '.disableAllHooks = true'
	bad settings 'disableAllHooks'
	cp good "$SETTINGS"
	mkdir -p .claude
	echo '{"a":' >.claude/settings.json
	bad settings 'does not parse'
	run bridle doctor
	[[ $output == *'jq . '*'/.claude/settings.json'* ]] || { echo "$output"; false; }
}

@test "daemon: stopped, which is said at once; slow, which is said in a terminal" {
	[ -e /proc/self/stat ] || skip 'no /proc'
	daemon
	run bridle status # once it has answered, it listens
	[[ $output == *'ok   daemon'* ]] || { echo "$output"; false; }
	pid=$(cat "$SCRATCH/socket.lock")
	kill -STOP "$pid"
	bad daemon "(process $pid) was stopped"
	run bridle pending
	[ "$status" -ne 0 ]
	[[ $output == *"kill -CONT $pid"* ]]
	kill -CONT "$pid"
	end_daemon
	answering 4 '{"ok":true,"list":[]}'
	run in_scratch timeout 20 script -qec "$BUILD_DIR/bin/bridle pending" /dev/null
	terminal=$output
	run in_scratch timeout 20 "$BUILD_DIR/bin/bridle" pending
	kill "$pid"
	[[ $terminal == *'waiting for the daemon (process '* ]] || { echo "$terminal"; false; }
	[[ $output != *'waiting for'* ]] || { echo "$output"; false; }
}

@test "daemon: its program was replaced" {
	[ -e /proc/self/exe ] || skip 'no /proc'
	cp "$BUILD_DIR/bin/bridled" "$SCRATCH/bridled"
	in_scratch "$SCRATCH/bridled" --socket "$SCRATCH/socket" --state "$SCRATCH/state" 2>"$SCRATCH/log" 3>&- &
	DAEMON=$!
	for _ in $(seq 200); do [ -S "$SCRATCH/socket" ] && break; sleep 0.05; done
	run bridle status
	[[ $output == *'ok   daemon'* ]] || { echo "$output"; false; }
	cp "$SCRATCH/bridled" "$SCRATCH/new" && mv "$SCRATCH/new" "$SCRATCH/bridled"
	run bridle doctor
	[[ $output == *'note daemon'*'its program was replaced'*"kill $(cat "$SCRATCH/socket.lock")"* ]] || { echo "$output"; false; }
}

@test "project: its policy is named, also where a daemon answers, and whether it is trusted" {
	mkdir -p .bridle .git
	printf 'version 1\nask ls\n' >.bridle/policy
	run bridle status
	[[ $output == *'.bridle/policy (not trusted)'* ]] || { echo "$output"; false; }
	daemon
	run bridle doctor
	[[ $output == *'note project   '*'.bridle/policy (not trusted): it can only tighten'*'bridle trust'* ]] || { echo "$output"; false; }
	in_scratch setsid script -qec "$BUILD_DIR/bin/bridle trust" /dev/null </dev/null
	run bridle status
	[[ $output == *'ok   project   '*'.bridle/policy'* ]] || { echo "$output"; false; }
	[[ $output != *'not trusted'* ]]
}

@test "matcher: what it leaves out, also what only the policy names" {
	cp "$SETTINGS" good
	hook '.hooks.PreToolUse[0].matcher = "Bash|Edit"'
	bad matcher 'PowerShell, Monitor'
	cp good "$SETTINGS"
	printf 'ask tool WebFetch\n' >>"$SCRATCH/home/.config/bridle/policy"
	bad matcher 'leaves out: WebFetch'
	bridle init --yes
	run bridle status
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	bridle uninstall
	[ ! -e "$SETTINGS" ]
}

@test "client: too old for onFailure, mute, not there" {
	client '2.1.294 (Claude Code)'
	bad client 'does not know onFailure'
	client ''
	run bridle status
	[[ $output == *'note client'*'says nothing'* ]]
	rm "$SCRATCH/bin/claude"
	if ! command -v claude; then
		run bridle status
		[[ $output == *'note client'*'not in PATH'* ]]
	fi
}

@test "wrapper: another fly comes first" {
	bridle wrap install --dir "$SCRATCH/w" >/dev/null
	printf '#!/bin/sh\n' | program fly
	PATH=$SCRATCH/w:$PATH
	run bridle status
	[[ $output == *'ok   wrapper'* ]]
	PATH=$SCRATCH/bin:$PATH
	bad wrapper 'another fly comes before the wrapper'
}

@test "rules: the client's own that stop what bridle lets run" {
	hook '.permissions.deny = ["Bash(fly deploy --app shop*)"]'
	run bridle status
	[[ $output == *'note rules'*'also hits `fly deploy --app shop-staging`'* ]]
	[ "$(bridle status --json | jq -r '.checks[] | select(.name == "rules") | .health')" = note ]
}

@test "pipe: the real way there and back, and what is broken in it" {
	daemon
	run bridle doctor
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[[ $output == *'ok   pipe'* ]]
	mkdir other && cp "$BUILD_DIR/bin/bridle" other/
	printf '#!/bin/sh\nexit 1\n' >other/bridle-hook && chmod +x other/bridle-hook
	run in_scratch other/bridle doctor
	[ "$status" -eq 1 ]
	[[ $output == *'BAD  pipe'*'exit 1'* ]]
}

@test "policy: the daemon is another home's; a socket's path that is too long; a fly that is none" {
	daemon
	run bridle status
	[[ $output == *'ok   policy'* ]]
	mkdir -p "$SCRATCH/home2/.config/bridle"
	printf 'version 1\ndefault allow\n' >"$SCRATCH/home2/.config/bridle/policy"
	run in_scratch env HOME="$SCRATCH/home2" "$BUILD_DIR/bin/bridle" status
	[[ $output == *'note policy'*'the daemon holds another than lies here'* ]] || { echo "$output"; false; }
	printf '#!/bin/sh\n[ "$1" = version ] && echo 9\n' | program fly
	run bridle doctor
	[[ $output == *'note fly'*'lists no commands'* ]] || { echo "$output"; false; }
	run in_scratch env BRIDLE_SOCKET="$(printf '/tmp/%0200d' 1)" "$BUILD_DIR/bin/bridle" doctor
	[[ $output == *'BAD  daemon'*'too long'*'shorter path'* ]] || { echo "$output"; false; }
}

@test "fly: the installed one beside the model" {
	daemon
	program fly <<-'END'
		#!/bin/sh
		case "$*" in
		version) echo 'fly v9.9.9 linux/amd64 Commit: abc' ;;
		help) printf 'This is flyctl.\n\nUsage:\n  fly [flags]\n\nHere are a few:\n  fly launch   Launch a new app\n  volumes    Manage volumes\n  %s   Move things\n  status     Show it\n' "${NEW:-deploy}" ;;
		'help volumes') printf 'Usage:\n  fly volumes [command]\n\nAvailable Commands:\n  list        List\n  %s      Clone\n\nFlags:\n  -h, --help   help\n' "${DEEP:-fork}" ;;
		*) echo "$*" >>"$HOME/ran"; exit 1 ;;
		esac
	END
	run bridle doctor
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[[ $output == *'ok   fly'*'v9.9.9'*'6 commands, all known'* ]]
	sed -i 's/NEW:-deploy/NEW:-teleport/; s/DEEP:-fork/DEEP:-clone/' "$SCRATCH/bin/fly"
	run bridle doctor
	[ "$status" -eq 0 ]
	[[ $output == *'note fly'*'2 commands that the model'*'does not know: volumes clone, teleport'* ]] || { echo "$output"; false; }
	run ! grep -v '^help [a-z]*$' "$SCRATCH/home/ran"
	run bridle status
	[[ $output != *v9.9.9* ]]
}
