#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# contrib/vim in a real vim: files are found, every word of the language has its
# colour, and so has each line of the shipped policies.

setup() {
	vim --version 2>/dev/null | grep -q '+syntax' || skip 'no vim with syntax'
	load common
	scratch
	VIMFILES=$(cd "$BATS_TEST_DIRNAME/../../contrib/vim" && pwd)
}
teardown() { [ -z "${SCRATCH:-}" ] || unscratch; }

# vim_says FILE EXPRESSION: with our files and no others.
vim_says() {
	in_scratch TERM=dumb vim -es -N -u NONE -i NONE -n --cmd "set runtimepath^=$VIMFILES" -c 'filetype plugin on' -c 'syntax on' \
		-c "edit $1" -c "call writefile([string($2)], 'said')" -c 'qa!' </dev/null >/dev/null 2>&1 || return 1
	cat said
}
# The group at line and column.
group() { vim_says "$1" "synIDattr(synID($2, $3, 1), 'name')" | tr -d "'"; }

@test "files are recognized" {
	mkdir -p .bridle bridle
	for f in x.policy .bridle/policy bridle/policy; do
		echo 'version 1' >"$f"
		[ "$(vim_says "$f" '&filetype')" = "'bridle'" ]
		[ "$(vim_says "$f" '&commentstring')" = "'# %s'" ]
	done
	echo x >policy.txt
	[ "$(vim_says policy.txt '&filetype')" != "'bridle'" ]
}

@test "every statement and clause that the parser knows" {
	printf 'version 1\nbogus y\n' >bad.policy
	words=$(bridle test bad.policy 2>&1 | sed -n 's/.*expected //p' | tr -s ', ' '\n' | grep -vx or)
	[ "$(echo "$words" | wc -l)" -gt 8 ]
	for w in $words; do
		echo "$w x" >x.policy
		[[ $(group x.policy 1 1) == bridle* ]] || { echo "$w"; false; }
	done
	printf 'version 1\nallow x\n    bogus y\n' >bad.policy
	words=$(bridle test bad.policy 2>&1 | sed -n 's/.*expected //p' | tr -s ', ' '\n' | grep -vx or)
	[ "$(echo "$words" | wc -l)" -gt 8 ]
	for w in $words; do
		printf 'allow x\n    %s y\n' "$w" >x.policy
		[[ $(group x.policy 2 5) == bridle*Clause ]] || { echo "$w"; false; }
	done
}

@test "comments, texts, variables, options" {
	cat >x.policy <<'E'
deny fly deploy --app $app # why
    because No. # this is text
allow a#b
    test    pass  x
E
	[ "$(group x.policy 1 1)" = bridleDeny ]
	[ "$(group x.policy 1 17)" = bridleOption ]
	[ "$(group x.policy 1 24)" = bridleVariable ]
	[ "$(group x.policy 1 30)" = bridleComment ]
	[ "$(group x.policy 2 18)" = bridleText ]
	[ "$(group x.policy 3 8)" = '' ]
	[ "$(group x.policy 4 14)" = bridleVerdict ]
}

@test "the first word of every line of the shipped policies" {
	for f in "$POLICIES"/*.policy; do
		[ "$(vim_says "$f" "filter(range(1, line('\$')), {_, n -> getline(n) =~ '^\\s*\\S' && getline(n - 1) !~ '\\\\\$' && synID(n, match(getline(n), '\\S') + 1, 1) == 0})")" = '[]' ] ||
			{ echo "$f"; cat said; false; }
	done
}
