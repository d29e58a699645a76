#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Every subcommand: help, unknown options with the nearest, errors that say
# what to do, JSON where a script wants it.
# shellcheck disable=SC2154,SC2016

bats_require_minimum_version 1.5.0

setup() {
	load common
	scratch
}
teardown() { unscratch; }
commands() { bridle help | sed -n 's/^  \([a-z]*\) .*/\1/p'; }

@test "there are subcommands, each with a line in the overview and a place in the manual" {
	[ "$(commands | wc -l)" -ge 22 ]
	for c in $(commands); do
		[ "$c" = help ] || grep -qE "^\.It Ic .*\b$c\b" "$BATS_TEST_DIRNAME/../../docs/bridle.1" || { echo "$c is not in bridle.1"; false; }
	done
}

@test "--help, -h and help say the same, on standard output" {
	for c in $(commands); do
		run --separate-stderr bridle "$c" --help
		[ "$status" -eq 0 ] && [ -z "$stderr" ] || { echo "$c: $status $stderr"; false; }
		[[ $output == "bridle $c: "*"usage: bridle $c"* ]] || { echo "$c: $output"; false; }
		whole=$output
		run bridle help "$c"
		[ "$output" = "$whole" ] || { echo "help $c: $output"; false; }
		[ "$c" = help ] && continue
		run bridle "$c" -h
		[ "$output" = "$whole" ] || { echo "$c -h: $output"; false; }
	done
}

@test "every option of the usage line is known to the parser, and told in the help or the manual" {
	for c in $(commands); do
		for o in $(bridle "$c" --help | sed -n '/^usage:/p' | grep -oE -- '--[a-z-]+[a-z]'); do
			mistyped=${o}q
			run bridle "$c" "$mistyped" </dev/null
			[ "$status" -eq 2 ] || { echo "$c $mistyped: $status $output"; false; }
			[[ $output == *"unknown option $mistyped; did you mean $o?"* ]] || { echo "$c $mistyped: $output"; false; }
		done
	done
}

@test "the manual's list of options, the parser's and the help's are one" {
	# item COMMAND: what bridle.1 says of it; "explain" has the options of check
	item() { awk -v c="$1" '/^\.Sh ENVIRONMENT/ { exit } /^\.It Ic/ { on = 0; for (i = 3; i <= NF; i++) if ($i == c && ($(i - 1) == "Ic")) on = 1 }
		on' "$BATS_TEST_DIRNAME/../../docs/bridle.1"; }
	for c in $(commands); do
		case $c in help) continue ;; explain) like=check ;; doctor) like=status ;; *) like=$c ;; esac
		known=$(bridle help --complete "$c" | cut -f 1 | grep '^--.' | grep -vx -e --help | sort)
		told=$(item "$like" | grep -oE 'Fl -[a-z][a-z-]*' | sed 's/^Fl /-/' | sort -u)
		[ "$known" = "$told" ] || { diff <(echo "$known") <(echo "$told") | sed "s/^/$c: /"; false; }
		[ "$c" != explain ] || continue
		for o in $known; do
			bridle help "$c" | grep -qe "$o" || { echo "bridle help $c does not name $o"; false; }
		done
	done
}

@test "the manuals of daemon and hook name the options that there are" {
	for p in bridled.8 bridle-hook.1; do
		known=$(in_scratch "$BUILD_DIR/bin/${p%.?}" --help | grep -oE -- '--[a-z-]+' | sort -u)
		told=$(sed '/^\.Ss/,$d' "$BATS_TEST_DIRNAME/../../docs/$p" | grep -oE 'Fl -[a-z][a-z-]*' | sed 's/^Fl /-/' | sort -u)
		[ -n "$known" ] && [ "$known" = "$told" ] || { diff <(echo "$known") <(echo "$told") | sed "s/^/$p: /"; false; }
	done
}

@test "an unknown option is a usage error that ends with what to do" {
	for c in $(commands); do
		[ "$c" = help ] && continue
		run --separate-stderr bridle "$c" --hlep </dev/null
		[ "$status" -eq 2 ] || { echo "$c: $status"; false; }
		[[ $stderr == *'unknown option --hlep; did you mean --help?'*"usage: bridle $c"*"\`bridle $c --help\` says what each is for" ]] ||
			{ echo "$c: $stderr"; false; }
		[ -z "$output" ]
		run bridle "$c" --zzzzzzzz </dev/null
		[ "$status" -eq 2 ]
		[[ $output == *'unknown option --zzzzzzzz'* && $output != *'did you mean'* ]] || { echo "$c: $output"; false; }
	done
}

@test "options that need a value say so" {
	while read -r c o; do
		run bridle "$c" "$o" </dev/null
		[ "$status" -eq 2 ]
		[[ $output == *"$o needs a value"* ]] || { echo "$c $o: $output"; false; }
	done <<-'END'
		check --policy
		explain --cwd
		log --since
		status --socket
		init --app
		import --to
		replay --policy
		wrap --dir
		approve --for
	END
	run bridle status --json=yes
	[ "$status" -eq 2 ]
	[[ $output == *'--json takes no value'* ]]
}

@test "an unknown subcommand names the nearest and where the list is" {
	run bridle chekc ls
	[ "$status" -eq 2 ]
	[[ $output == *'did you mean `check`?'*'`bridle help` lists them'* ]]
	run bridle help explian
	[ "$status" -eq 2 ]
	[[ $output == *'did you mean `explain`?'* ]]
	run bridle
	[ "$status" -eq 2 ]
}

@test "errors say what to do" {
	while IFS='|' read -r line say; do
		# shellcheck disable=SC2086
		run bridle $line </dev/null
		[ "$status" -ne 0 ] || { echo "$line: status 0"; false; }
		[[ $output == *"$say"* ]] || { echo "$line: $output"; false; }
	done <<-'END'
		pending|`bridled --detach` starts one
		grants|`bridled --detach` starts one
		approve 7f3a|`bridled --detach` starts one
		revoke all|`bridled --detach` starts one
		trust|.bridle/policy
		fmt nothere.policy|nothere.policy: No such file
		test nothere.policy|nothere.policy
		check --cwd nowhere ls|there is no such directory
		check --shell fish ls|known: bash zsh sh
		check ls -la|quote it, options before it, or use --argv
		check|a command is missing
		replay|--policy names the policy to try
		wrap|install, remove or status
		init --policy here --yes|user or project, not here
		init --settings there --yes|user, project or local, not there
		import --settings there|user, project or local, not there
		import nothere.json|No such file
		log --since yesterdayish|expected 2h, 30d, a date or a time
	END
}

@test "JSON where a script wants it" {
	echo '{"permissions":{"deny":["Bash(ls)"]}}' >s.json
	printf 'version 1\nallow ls\n    test allow ls\n' >p.policy
	daemon
	while read -r line; do
		# shellcheck disable=SC2086
		run --separate-stderr bridle $line </dev/null
		jq -e . >/dev/null <<<"$output" || { echo "$line: $output $stderr"; false; }
	done <<-'END'
		check --json ls
		status --json
		doctor --json
		pending --json
		grants --json
		test --json p.policy
		test --pins --json p.policy
		lint --json p.policy
		import --json s.json
		log verify --json
	END
}

@test "colour only where it is wanted" {
	run bridle explain ls
	[[ $output != *$'\033'* ]]
	run in_scratch CLICOLOR_FORCE=1 "$BUILD_DIR/bin/bridle" explain ls
	[[ $output == *$'\033'* ]]
	run in_scratch CLICOLOR_FORCE=1 NO_COLOR=1 "$BUILD_DIR/bin/bridle" explain ls
	[[ $output != *$'\033'* ]]
}
