#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The wrapper installed as a person does it, and around it: loops, a missing
# program, bash -c, completion, git, CI, and fly.sh in people's shells.

setup() {
	load common
	scratch
	printf 'app = "app-api"\n' >fly.toml
	printf 'version 1\ndeny fly deploy\n    because CI deploys.\ndeny git push\n    because CI pushes.\nallow fly status\n' >p.policy
	mkdir real
	for p in fly flyctl git; do
		# shellcheck disable=SC2016 # the program's own
		printf '#!/bin/sh\nprintf "%%s" "${0##*/}"; for a; do printf "<%%s>" "$a"; done; echo; exit "${STATUS:-0}"\n' >real/$p
		chmod +x real/$p
	done
	WRAP=$SCRATCH/home/.local/share/bridle/bin
	PLAIN=$PATH
	in_scratch setsid -w "$BUILD_DIR/bin/bridle" wrap install --git >"$SCRATCH/installed" 2>&1
	PATH=$WRAP:$PWD/real:$PLAIN
}
teardown() { unscratch; }

decisions() { in_scratch "$BUILD_DIR/bin/bridle" log --state "$SCRATCH/state" --json | grep -c '"event":"wrapper"' || :; }

@test "install, status, remove" {
	[ -L "$WRAP/fly" ] && [ -L "$WRAP/flyctl" ] && [ -L "$WRAP/git" ] || { cat "$SCRATCH/installed"; false; }
	run bridle wrap status
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	PATH=$PWD/real:$WRAP:$PLAIN
	run bridle wrap status
	[ "$status" -eq 1 ]
	[[ $output == *'another one comes first'* ]]
	PATH=$PWD/real:$PLAIN
	run bridle wrap status
	[ "$status" -eq 1 ]
	[[ $output == *'is linked, but its folder is not in PATH'*"export PATH=$WRAP:"* ]] || { echo "$output"; false; }
	run bridle doctor
	[[ $output == *"note wrapper"*"linked in $WRAP, which is not in PATH"* ]] || { echo "$output"; false; }
	PATH=$PWD/real:$WRAP:$PLAIN
	run in_scratch setsid -w "$BUILD_DIR/bin/bridle" wrap remove
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[ ! -e "$WRAP/fly" ] && [ ! -e "$WRAP/git" ]
	run in_scratch fly status
	[ "$output" = 'fly<status>' ]
}

@test "arguments, directory, exit status and descriptors are the program's" {
	daemon --policy p.policy
	# shellcheck disable=SC2016 # the program's own
	printf '#!/bin/sh\npwd; cat; echo err >&2; echo five >&5; exit 5\n' >real/fly
	run in_scratch setsid -w sh -c 'echo in | fly status 5>five 2>two'
	[ "$status" -eq 5 ]
	[ "$output" = "$(pwd -P)
in" ]
	[ "$(cat five two)" = "five
err" ]
}

@test "bash -c, sh -c, xargs, make and a script meet the wrapper, once each" {
	daemon --policy p.policy
	printf 'all:\n\t@fly deploy\n' >M
	printf '#!/bin/sh\nexec fly deploy\n' >s.sh
	# shellcheck disable=SC2016 # the inner shell's
	for line in "bash -c 'fly deploy'" "sh -c \"bash -c 'fly deploy; exit'\"" 'echo deploy | xargs fly' 'make -f M' \
		'sh s.sh' 'x=fly; $x deploy' 'env fly deploy' 'python3 -c "import subprocess, sys; sys.exit(subprocess.call([\"fly\", \"deploy\"]))"'; do
		run in_scratch setsid -w bash -c "$line"
		[ "$status" -ne 0 ] || { echo "$line: $output"; false; }
		[[ $output == *'CI deploys'* && $output != *'fly<'* ]] || { echo "$line: $output"; false; }
	done
	[ "$(decisions)" -eq 8 ]
	run in_scratch setsid -w bash -c "bash -c 'fly status'"
	[ "$output" = 'fly<status>' ]
	[ "$(decisions)" -eq 9 ]
}

@test "a wrapper that finds wrappers ends" {
	daemon --policy p.policy
	mkdir a b c other
	ln -s "$BUILD_DIR/bin/bridle-hook" a/fly
	ln -s "$PWD/a/fly" b/fly
	cp "$BUILD_DIR/bin/bridle-hook" other/bridle-hook # as of another release
	ln -s "$PWD/other/bridle-hook" c/fly
	PATH=$PWD/a:$PWD/b:$PWD/c:$WRAP:$PWD/real:$PLAIN
	run in_scratch setsid -w fly status
	[ "$status" -eq 0 ]
	[ "$output" = 'fly<status>' ]
	[ "$(decisions)" -eq 1 ]
	cp other/bridle-hook real/fly # one that hides what it is
	run in_scratch setsid -w fly status
	[ "$status" -eq 126 ]
	[[ $output == *'call each other'* ]]
}

# `run` warns of 127 by itself.
status_of() { code=0; output=$(in_scratch setsid -w "$@" 2>&1) || code=$?; }

@test "no real program: 127, said plainly" {
	daemon --policy p.policy
	rm real/fly
	status_of fly status
	[ "$code" -eq 127 ]
	[[ $output == *'no other program of this name in PATH'* ]]
	printf 'no program\n' >real/fly
	status_of fly status
	[ "$code" -eq 127 ]
	chmod +x real/fly
	status_of fly status
	[ "$code" -eq 126 ]
	printf '#!/no/such/interpreter\n' >real/fly
	status_of fly status
	[ "$code" -eq 127 ]
}

@test "completion at every Tab asks nobody" {
	run in_scratch setsid -w fly __complete deploy ''
	[ "$output" = 'fly<__complete><deploy><>' ] # without a daemon
	run in_scratch setsid -w flyctl __completeNoDesc ''
	[ "$output" = 'flyctl<__completeNoDesc><>' ]
	daemon --policy p.policy
	run in_scratch setsid -w fly __complete deploy -a app-api
	[ "$status" -eq 0 ]
	[ "$(decisions)" -eq 0 ]
	for first in __completes __comp '__complete deploy' deploy ''; do
		run in_scratch setsid -w fly "$first" __complete
		[ "$status" -eq 0 ] || [[ $output == *'CI deploys'* ]]
	done
	[ "$(decisions)" -eq 5 ]
}

@test "git: out of the way at once where it only looks" {
	for line in status 'status --short' 'log --oneline -5' 'diff --stat' 'rev-parse --abbrev-ref HEAD' 'show HEAD' \
		'ls-files -o' 'blame x' --version; do
		# shellcheck disable=SC2086 # a line of words
		run in_scratch setsid -w git $line # without a daemon
		[ "$status" -eq 0 ] || { echo "$line: $output"; false; }
		[[ $output == git* ]]
	done
	daemon --policy p.policy
	n=0
	for line in 'push origin main' '-c alias.x=!sh x' 'log --output=x' 'diff --outp x' 'diff --ext-diff' 'log --textconv' \
		'grep -Ovi x' 'branch -D x' 'config x y' '-C . status' 'stat' 'statusx' 'remote -v' 'show -Ox'; do
		# shellcheck disable=SC2086 # a line of words
		run in_scratch setsid -w git $line
		n=$((n + 1))
		[ "$(decisions)" -eq "$n" ] || { echo "$line: $output"; false; }
	done
	run in_scratch setsid -w git push
	[ "$status" -eq 126 ]
}

@test "CI, where nobody can be asked: refused with the reason, stdin left alone" {
	daemon --policy p.policy
	printf 'ask fly deploy\n' >>p.policy
	run in_scratch CI=true GITHUB_ACTIONS=true setsid -w sh -c 'echo y | { fly deploy; echo "$?"; cat; }'
	[[ $output == *'CI deploys'*'bridle approve'* ]]
	[[ $output == *'126
y' ]]
	run in_scratch CI=true setsid -w fly status
	[ "$output" = 'fly<status>' ]
	end_daemon
	touch none # no folder for a socket: no daemon can be started there
	run in_scratch CI=true BRIDLE_SOCKET="$PWD/none/socket" setsid -w fly status
	[ "$status" -eq 126 ]
}

@test "fly.sh in bash, zsh and dash" {
	daemon --policy p.policy
	PATH=$PWD/real:$PLAIN
	sh=$BATS_TEST_DIRNAME/../../contrib/fly/fly.sh
	for shell in 'bash --norc --noprofile -i' 'zsh -f -i' 'dash -i'; do
		# shellcheck disable=SC2086,SC2016 # the shell with its options
		run in_scratch setsid -w $shell -c '. "$0"; fly status "a  b" ""; flyctl status; false || echo "$PATH"' "$sh" 2>&1
		[[ $output == *"fly<status><a  b><>"* && $output == *'flyctl<status>'* ]] || { echo "$shell: $output"; false; }
		[[ $output == *"$PWD/real"* && $output != *"$WRAP"* ]] || { echo "$shell: $output"; false; }
		# shellcheck disable=SC2086,SC2016
		run in_scratch setsid -w $shell -c '. "$0"; set -eu; fly deploy --now' "$sh"
		[ "$status" -eq 126 ] || { echo "$shell: $status $output"; false; }
		[[ $output == *'CI deploys'* && $output != *'fly<'* ]]
		# shellcheck disable=SC2086,SC2016
		run in_scratch BRIDLE_WRAP=/none setsid -w $shell -c '. "$0"; fly status' "$sh"
		[ "$status" -eq 126 ]
		[[ $output == *'bridle wrap install'* ]]
	done
	for shell in bash zsh dash; do # a script's shell keeps its own
		# shellcheck disable=SC2016
		run in_scratch setsid -w $shell -c '. "$0"; fly deploy' "$sh"
		[ "$output" = 'fly<deploy>' ] || { echo "$shell: $output"; false; }
	done
}
