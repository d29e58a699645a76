#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# bridle log as a person reads it: fitted to the terminal, as CSV, counted, and
# replayed under another policy.

setup() {
	load common
	scratch
	printf 'version 1\ndeny fly deploy\n    because CI deploys.\nallow fly status\nask fly volumes destroy\n' >p.policy
	daemon --policy p.policy
	for c in 'fly status' 'fly status -a one' 'fly deploy -a one' 'fly deploy -a two' 'fly deploy -a two --now' \
		'fly volumes destroy vol_1' 'echo "a, b"; echo ünïcödé →' \
		'echo a long line that no terminal of any width that we try here can show as a whole because it goes on and on and on' \
		'=1+2'; do
		jq -cn --arg c "$c" --arg d "$PWD" '{session_id: "s", cwd: $d, hook_event_name: "PreToolUse",
			permission_mode: "default", tool_name: "Bash", tool_input: {command: $c}, tool_use_id: "t"}' |
			in_scratch "$BUILD_DIR/bin/bridle-hook" PreToolUse --deadline=60000 >/dev/null
	done
}
teardown() { unscratch; }

logged() { in_scratch COLUMNS="${WIDTH:-80}" "$BUILD_DIR/bin/bridle" "$@" --state "$SCRATCH/state"; }
widest() { LC_ALL=C.UTF-8 wc -L; }

@test "the table fits the terminal" {
	for WIDTH in 60 80 132; do
		run logged log
		[ "$status" -eq 0 ]
		[ "$(printf '%s\n' "$output" | wc -l)" -eq 10 ]
		[ "$(printf '%s\n' "$output" | widest)" -le "$WIDTH" ] || { echo "$WIDTH: $output"; false; }
	done
	[[ $output == *deny*p.policy:2*'fly deploy -a one'* ]]
	[[ $output == *'ünïcödé →'* ]]
	run in_scratch "$BUILD_DIR/bin/bridle" log --state "$SCRATCH/state"
	[[ $output == *'goes on and on and on'* ]] # no terminal: whole, for grep
}

@test "statistics: counted, with bars that fit" {
	for WIDTH in 60 80 132; do
		run logged log stats
		[ "$status" -eq 0 ]
		[ "$(printf '%s\n' "$output" | widest)" -le "$WIDTH" ] || { echo "$WIDTH: $output"; false; }
	done
	[[ $output == *'9 decisions'* ]]
	[[ $output == *'█'* ]]
	[ "$(logged log stats --json | jq -c '[.decisions.deny, .decisions.allow, .decisions.ask, .apps.one, .apps.two, .rules["p.policy:2"]]')" = '[3,4,1,2,2,3]' ] ||
		{ logged log stats --json; false; }
	[ "$(logged log stats --json | jq -c '.apps | keys')" = '["one","two"]' ]
}

@test "CSV is read as it was written, and no cell is a formula" {
	logged log --csv >x.csv
	python3 - <<'E'
import csv
rows = list(csv.reader(open("x.csv", newline="")))
assert rows[0][0] == "time" and all(len(r) == len(rows[0]) for r in rows), rows
commands = [r[rows[0].index("command")] for r in rows]
assert 'echo "a, b"; echo ünïcödé →' in commands, commands
assert "'=1+2" in commands, commands
E
}

@test "filters, and the last N" {
	[ "$(logged log --json --decision deny,ask | jq -r .command | wc -l)" -eq 4 ]
	[ "$(logged log --json --limit 2 | jq -r .command | head -n 1)" = "$(logged log --json | jq -r .command | tail -n 2 | head -n 1)" ]
	[ "$(logged log --json --rule p.policy:2 --grep now | jq -r .command)" = 'fly deploy -a two --now' ]
	[ "$(logged log --json --rule p.policy | jq -r .rule | sort -u)" = "$(logged log --json | jq -r .rule | grep '^p.policy:' | sort -u)" ]
	[ -z "$(logged log --json --rule p.polic)" ]
	[ "$(logged log --json --tool fly --decision allow | jq -r .command | head -n 1)" = 'fly status' ]
	run logged log --decision maybe
	[ "$status" -eq 2 ]
	[[ $output == *'expected allow, pass, ask or deny'* ]]
	run logged log --since soon
	[ "$status" -eq 2 ]
	run logged log --grep '('
	[ "$status" -ne 0 ]
	[[ $output == *'does not compile: missing closing parenthesis, at byte 1'* ]]
	[[ $output == *'regular expression'* ]]
	for n in 0 -1 x 3x 99999999999999999999; do
		run bridle log --limit "$n"
		[ "$status" -eq 2 ] || { echo "--limit $n: $status $output"; false; }
	done
	run bridle log --since 99999999999999999h
	[ "$status" -eq 2 ]
}

@test "replay: grouped by rule, most often first, tighter and looser" {
	printf 'version 1\nallow fly deploy --app two\nask fly status\n' >new.policy
	run logged replay --policy new.policy
	[ "$status" -eq 0 ]
	[[ $output == *'9 calls judged anew, '*' would change: '*' tighter, '*' looser'* ]]
	first=$(printf '%s\n' "$output" | sed -n 3p)
	[[ $first == *'     2  '* ]] || { echo "$output"; false; }
	[[ $output == *'allow -> ask  new.policy:3: ask fly status'* ]]
	[[ $output == *'deny -> allow  new.policy:2: allow fly deploy --app two'* ]]
	[ "$(logged replay --policy new.policy --json | jq -r 'select(.was == "deny") | .now.decision' | sort | uniq -c | tr -s ' ' | head -n 1)" != '' ]
	run logged replay --policy p.policy
	[[ $output == *'9 calls judged anew, 0 would change' ]]
}
