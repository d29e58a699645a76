#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# test --pins: the rules that no test would miss.

setup() {
	load common
	scratch
	cat >p.policy <<-'END'
		version 1
		include <shell>
		deny fly deploy --app shop
		    because CI does.
		    test    deny  fly deploy -a shop
		deny fly apps destroy
		    because Gone is gone.
		    test    pass  fly apps list
		deny fly
		    when    effect is destroy
		    because Gone is gone.
		    test    deny  fly apps destroy shop
		ask raw regex shop
		allow make
		test allow make
	END
}
teardown() { unscratch; }

@test "a rule is pinned where some test comes out differently without it" {
	run bridle test --pins p.policy
	[ "$status" -eq 1 ]
	[[ $output == *'5 rules, 2 that no test would miss; '*' more, of policies that come with bridle, are not looked at'* ]] || { echo "$output"; false; }
	[[ $output == *'p.policy:6:'*'no test would miss this rule: deny fly apps destroy'* ]]
	[[ $output == *'p.policy:13:'*'no test would miss this rule: ask raw regex shop'* ]]
	sed -i 's/test    pass  fly apps list/test    deny  fly app rm x/; $a test ask echo shop' p.policy
	run bridle test --pins p.policy
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[[ $output == *'5 rules, 0 that no test would miss'* ]]
}

@test "a policy that only includes has no rules of its own, and says so; none of fly.policy is untested" {
	printf 'version 1\ninclude <shell>\n' >only.policy
	run bridle test --pins only.policy
	[ "$status" -eq 0 ]
	[[ $output == *'0 rules, 0 that no test would miss; '[1-9]*' more, of policies that come with bridle, are not looked at'* ]] || { echo "$output"; false; }
	run bridle test --pins "$POLICIES/fly.policy"
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[[ $output == *' 0 that no test would miss;'* ]]
}

@test "failed tests come first, and JSON says the same" {
	run bridle test --pins --json p.policy
	[ "$status" -eq 1 ]
	[ "$(jq -c '[.tests, .failed, .rules, .unpinned, .shipped > 0]' <<<"$output")" = '[4,0,5,2,true]' ]
	[ "$(jq -r '.diagnostics[0].line' <<<"$output")" -eq 6 ]
	echo 'test deny make' >>p.policy
	run bridle test --pins p.policy
	[ "$status" -eq 1 ]
	[[ $output == *'1 failed'* && $output != *'would miss'* ]]
}

@test "the policies that hold here are looked at without a file" {
	mkdir -p "$SCRATCH/home/.config/bridle"
	cp p.policy "$SCRATCH/home/.config/bridle/policy"
	run bridle test --pins
	[[ $output == *'5 rules, 2 that no test would miss'* ]] || { echo "$output"; false; }
}
