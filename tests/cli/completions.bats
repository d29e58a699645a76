#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The completions in real shells, against what the program itself says.

setup() {
	load common
	scratch
	COMPLETIONS=$(cd "$BATS_TEST_DIRNAME/../../contrib/completions" && pwd)
	PATH=$BUILD_DIR/bin:$PATH
	printf 'version 1\n' >x.policy
}
teardown() { unscratch; }

commands() { bridle help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p'; }

# bash_completes WORD…: the last one is being typed.
bash_completes() {
	# shellcheck disable=SC2016 # for the inner shell
	in_scratch bash --norc -c '. "$1"; shift
		COMP_WORDS=(bridle "$@") COMP_CWORD=$#
		compopt() { :; } # there is no command line here
		_bridle
		printf "%s\n" "${COMPREPLY[@]}"' bash "$COMPLETIONS/bridle" "$@"
}

@test "every command tells its options, and help names each of them" {
	[ "$(commands | wc -l)" -gt 20 ]
	[ "$(bridle help --complete | cut -f 1)" = "$(commands)" ]
	for c in $(commands); do
		run bridle help --complete "$c"
		[ "$status" -eq 0 ]
		if [ "$c" != help ]; then
			[[ $output == *--help* ]] || { echo "$c: no options"; false; }
		fi
		# every option that the help or the usage names is there
		for o in $(bridle help "$c" | sed '/^usage:/s/ -- .*//' | grep -oE '(^|[ [])--[a-z][a-z-]+' | tr -d '[ '); do
			printf '%s\n' "$output" | cut -f 1 | grep -qxe "$o" || [ "$c" = help ] || { echo "$c: $o is missing"; false; }
		done
	done
}

@test "bash: subcommands" {
	run bash_completes ''
	[ "$(printf '%s\n' "$output" | grep -v '^--')" = "$(commands)" ]
	[ "$(bash_completes gran)" = $'grant\ngrants' ]
	[ "$(bash_completes nosuch)" = '' ]
}

@test "bash: the options of each command" {
	for c in $(commands); do
		[ "$c" != help ] || continue
		[ "$(bash_completes "$c" --)" = "$(bridle help --complete "$c" | cut -f 1 | grep -e '^--')" ] || { echo "$c"; false; }
	done
	[ "$(bash_completes log --s)" = $'--since\n--session\n--state' ]
}

@test "bash: values, files and words" {
	[ "$(bash_completes log --decision '')" = $'allow\npass\nask\ndeny' ]
	[ "$(bash_completes log --decision = de)" = deny ]
	[ "$(bash_completes init --policy u)" = user ]
	[ "$(bash_completes check --policy x)" = x.policy ]
	[ "$(bash_completes lint x.)" = x.policy ]
	[ "$(bash_completes check --cwd a)" = api ]
	[ "$(bash_completes log s)" = stats ]
	[ "$(bash_completes help exp)" = explain ]
}

@test "bash: codes of what waits" {
	printf 'version 1\ndeny fly deploy\n    because CI deploys.\n' >p.policy
	daemon --policy p.policy
	code=$(printf '{"session_id":"s","cwd":"%s","hook_event_name":"PreToolUse","permission_mode":"default","tool_name":"Bash","tool_input":{"command":"fly deploy"},"tool_use_id":"t"}' "$PWD" |
		in_scratch "$BUILD_DIR/bin/bridle-hook" PreToolUse --deadline=60000 | sed -n 's/.*bridle approve \([0-9a-f]*\).*/\1/p')
	[ -n "$code" ]
	[ "$(bash_completes approve '')" = "$code" ]
	[ "$(bash_completes deny "${code:0:2}")" = "$code" ]
	[ "$(bash_completes revoke '')" = all ]
}

@test "zsh: loads, and offers what there is" {
	command -v zsh >/dev/null || skip 'no zsh'
	zsh -n "$COMPLETIONS/_bridle"
	# _describe shows what it is given: that is what zsh would offer
	# shellcheck disable=SC2016 # for the inner shell
	zsh_completes() {
		in_scratch zsh -f -c 'compdef() { :; }
			_describe() { local name=$argv[-1]; print -rl -- ${(P)name%%:*}; }
			_files() { print -r -- "<files>"; }
			_message() { :; }
			file=$1; shift
			source $file
			words=(bridle "$@") CURRENT=$(( $# + 1 )) PREFIX=$argv[-1]
			_bridle' zsh "$COMPLETIONS/_bridle" "$@"
	}
	[ "$(zsh_completes '' | grep -v '^--')" = "$(commands)" ]
	[ "$(zsh_completes log --decision '')" = $'allow\npass\nask\ndeny' ]
	[ "$(zsh_completes lint '' | tail -n 1)" = '<files>' ]
	for c in log init grant replay; do
		[ "$(zsh_completes "$c" - | grep -e '^--')" = "$(bridle help --complete "$c" | cut -f 1 | grep -e '^--')" ] || { echo "$c"; false; }
	done
}

@test "zsh: an autoloaded function in a real completion system" {
	command -v zsh >/dev/null || skip 'no zsh'
	# shellcheck disable=SC2016 # for the inner shell
	run in_scratch zsh -f -c 'fpath=($1 $fpath); autoload -Uz compinit && compinit -u -D && print -r -- $_comps[bridle]' zsh "$COMPLETIONS"
	[ "$output" = _bridle ]
}

@test "fish: reads it, and offers what there is" {
	command -v fish >/dev/null || skip 'no fish'
	# shellcheck disable=SC2016 # for the inner shell
	run in_scratch fish --no-config -c 'source $argv[1]; complete -C "bridle log --decision "' "$COMPLETIONS/bridle.fish"
	[[ $output == *deny* ]]
	# shellcheck disable=SC2016 # for the inner shell
	run in_scratch fish --no-config -c 'source $argv[1]; complete -C "bridle "' "$COMPLETIONS/bridle.fish"
	[[ $output == *explain* ]]
}

@test "make install puts them in place" {
	mkdir dest
	(cd "$BATS_TEST_DIRNAME/../.." && DESTDIR=$SCRATCH/work/dest PREFIX=/usr BINDIR=/usr/bin MANDIR=/usr/share/man \
		DATADIR=/usr/share/bridle contrib/install)
	[ -f dest/usr/share/bash-completion/completions/bridle ]
	[ -f dest/usr/share/zsh/site-functions/_bridle ]
	[ -f dest/usr/share/fish/vendor_completions.d/bridle.fish ]
	[ -f dest/usr/share/vim/vimfiles/syntax/bridle.vim ]
	[ -f dest/usr/share/vim/vimfiles/ftdetect/bridle.vim ]
	[ -f dest/usr/share/vim/vimfiles/ftplugin/bridle.vim ]
}
