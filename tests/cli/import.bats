#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# import: Claude Code's permission rules become ours, with examples; what was
# replaced goes out of the settings, and nothing else changes there.
# shellcheck disable=SC2154,SC2016

bats_require_minimum_version 1.5.0

setup() {
	load common
	scratch
	GUIDE=$BATS_TEST_DIRNAME/settings/guide.json
	SETTINGS=$SCRATCH/home/.claude/settings.json
	IMPORTED=$SCRATCH/home/.config/bridle/policy.d/claude-code.policy
	mkdir -p "$SCRATCH/home/.claude"
	printf 'app = "app-api"\n' >fly.toml
}
teardown() { unscratch; }
# The policy alone, without what is said on stderr.
imported() { bridle import "$@" 2>/dev/null; }
settings() { printf '{"permissions":{"%s":["%s"]}}\n' "$1" "$2" >s.json; }

@test "the guide's settings: every rule is translated, and the policy's own tests pass" {
	run --separate-stderr bridle import "$GUIDE"
	[ "$status" -eq 0 ]
	[[ $stderr == *'22 rules: 22 translated, 0 not; 22 may go'* ]]
	printf '%s\n' "$output" >p.policy
	run bridle test p.policy
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[[ $output == *' 0 failed'* ]]
	run bridle lint p.policy
	[ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "it says by examples what the old rule hit and missed" {
	run imported "$GUIDE"
	[[ $output == *'# deny Bash(fly deploy --app app-api*)
#   also hit: fly deploy --app app-api-staging
#   missed:   fly deploy -a app-api; FLY_APP=app-api fly deploy; fly deploy (fly.toml says app-api)'* ]]
	[[ $output == *'#   also hit: git push origin main-docs
#   missed:   git push origin HEAD:main; git push (on main); git push origin +main'* ]]
	[[ $output == *'#   also allowed: git push origin feat/x --force; git push origin feat/x:main'* ]]
	[[ $output == *'#   missed:   fly vol rm; flyctl volumes destroy'* ]]
}

@test "the imported policy judges the guide's table" {
	imported "$GUIDE" >p.policy
	while read -r want line; do
		run bridle check --policy p.policy "$line"
		[[ $output == "$want"* ]] || { echo "$line: $output"; false; }
	done <<-'END'
		allow fly config validate
		allow timeout 60 fly logs --no-tail --json
		allow fly deploy --build-only --image-label t
		allow pnpm test --watch
		allow flyctl m list -a app-api
		deny fly deploy
		deny fly deploy -a=app-api --now
		deny fly secrets set K=V --app app-api
		deny fly m rm 148e21
		deny fly scale count 3 -a app-api
		deny bash -c "fly ssh console -a app-api"
		deny git push origin +HEAD:refs/heads/main
		pass fly deploy -a app-api-staging
		pass fly scale count 3 --app app-api-staging
		pass pnpm dev-everything
	END
}

@test "what it cannot translate is named with what to do" {
	cat >s.json <<-'END'
		{"permissions": {"deny": ["Bash", "Bash(*)", "Bash(npm test && npm publish)", "Agent(Explore)",
		  "Bash(run_in_background:true)", "WebFetch(domain:example.com)"],
		  "allow": ["Write(src/**)", "Bash(bash -c *)"]}}
	END
	run --separate-stderr bridle import s.json
	[[ $stderr == *'8 rules: '* ]] || { echo "$stderr"; false; }
	[[ $output == *'# deny Bash(*)
#   not translated: it names every command; `default command deny` says that'* ]]
	[[ $output == *'# deny Bash(npm test && npm publish)
#   not translated: it names a line of several commands'* ]]
	[[ $output == *'# deny Agent(Explore)
#   not translated: '* ]]
	[[ $output == *'# deny Bash(run_in_background:true)
#   not translated: '* ]]
	[[ $output == *'# allow Write(src/**)
#   not translated: the client ignores path rules of this tool'* ]]
	printf '%s\n' "$output" >p.policy
	run bridle test p.policy
	[ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "files and other tools" {
	cat >s.json <<-'END'
		{"permissions": {"deny": ["Read(./.env)", "Read(~/.ssh/**)", "Edit(//etc/**)", "Read(secrets/**)", "mcp__fly"],
		  "ask": ["Edit(package.json)", "WebFetch", "mcp__db__drop"], "allow": ["Read(//usr/share/**)"]}}
	END
	imported s.json >p.policy
	run bridle test p.policy
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	for rule in 'deny  read /.env' 'deny  read ~/.ssh/\*\*' 'deny  edit //etc/\*\*' 'deny  read secrets/\*\*' 'deny  tool mcp__fly__\*' \
		'ask   edit package.json' 'ask   tool WebFetch' 'ask   tool mcp__db__drop' 'allow read //usr/share/\*\*'; do
		grep -qx "$rule" p.policy || { cat p.policy; echo "missing: $rule"; false; }
	done
	grep -q 'leave the old rule where it is: .*@' p.policy
	run bridle check --policy p.policy 'cat .env'
	[[ $output == deny* ]]
	run bridle check --policy p.policy 'echo x > package.json'
	[[ $output == ask* ]]
}

@test "forms of stars" {
	while IFS='|' read -r list old new; do
		settings "$list" "$old"
		run imported s.json
		[[ $output == *"$new"* ]] || { echo "$old: $output"; false; }
	done <<-'END'
		deny|Bash(rm -rf:*)|deny  rm -rf
		allow|Bash(npm run test:*)|allow glob npm run test *
		allow|Bash(npm run lint)|allow npm run lint
		deny|Bash(git push * main)|deny  git push * main
		allow|Bash(git status)|allow git status
		allow|Bash(git log *)|allow git log ...
		deny|Bash(fly * --app prod*)|--app prod
		ask|Bash(echo $HOME*)|ask   glob echo $HOME*
		deny|Bash(curl *)|deny  curl
		allow|Bash(find *)|#   also allowed: find -delete
		deny|Bash(flyctl apps destroy *)|missed:   flyctl app rm
	END
}

@test "init first: rules that would stand alone are not written" {
	cp "$GUIDE" "$SETTINGS"
	run bridle import --yes
	[ "$status" -eq 1 ]
	[[ $output == *'bridle init'* ]]
	cmp "$GUIDE" "$SETTINGS"
}

@test "--yes writes the policy, takes the rules out, keeps a backup and the formatting" {
	printf '{\n\t"model" : "x",\n\t"permissions": {\n\t\t"deny": ["Bash(rm -rf:*)", "Read(.env)"],\n\t\t"allow": [ "Bash(make test)" ],\n\t\t"defaultMode":"plan"}}\n' >"$SETTINGS"
	cp "$SETTINGS" before
	bridle init --yes --settings project
	run bridle import --yes
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[ -f "$IMPORTED" ]
	cmp before "$SETTINGS.before-import"
	printf '{\n\t"model" : "x",\n\t"permissions": {\n\t\t"deny": ["Read(.env)"],\n\t\t"allow": [ ],\n\t\t"defaultMode":"plan"}}\n' >want
	diff want "$SETTINGS"
	run bridle check 'rm -fr x; rm -rf x'
	[[ $output == deny* ]]
	run bridle import --yes
	[ "$status" -eq 1 ]
	[[ $output == *'--to'* ]]
	run bridle uninstall --settings project
	[[ $output == *"out of $SETTINGS are in"*before-import* ]] || { echo "$output"; false; }
	run bridle uninstall --settings user
	[[ $output == *before-import* ]] || { echo "$output"; false; } # they guard nothing now: it says where they are
}

@test "--keep and --dry-run leave the settings as they are" {
	cp "$GUIDE" "$SETTINGS"
	bridle init --yes --settings project
	run bridle import --dry-run
	[ "$status" -eq 0 ]
	[[ $output == *'-      "Bash(fly deploy --app app-api*)",'* ]]
	[ ! -e "$IMPORTED" ]
	run bridle import --yes --keep
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[ -f "$IMPORTED" ]
	cmp "$GUIDE" "$SETTINGS"
}

@test "uninstall after init and import gives back settings that only lack the rules" {
	cp "$GUIDE" "$SETTINGS"
	bridle init --yes
	bridle import --yes 2>/dev/null
	bridle uninstall
	run ! grep -q 'bridle' "$SETTINGS"
	[ "$(jq -c .permissions "$SETTINGS")" = '{"allow":[],"deny":[]}' ]
}

@test "--json, the wrong file, and settings that do not parse" {
	run imported --json "$GUIDE"
	[ "$(jq '.rules | length' <<<"$output")" -eq 22 ]
	[ "$(jq -r '.rules[0].also[0].command' <<<"$output")" = 'fly deploy --app app-api-staging' ]
	mkdir .claude
	cp "$GUIDE" .claude/settings.json
	run bridle import
	[ "$status" -eq 0 ]
	[[ $output == *'has 22: bridle import --settings project'* ]]
	run bridle import --settings project
	[[ $output == *'22 translated'* ]]
	run bridle import nothere.json
	[ "$status" -eq 1 ]
	echo '{"permissions":' >s.json
	run bridle import s.json
	[ "$status" -eq 1 ]
	[[ $output == *'does not parse'* ]]
}

@test "a project's shared rules go to its own policy, which a person trusts" {
	mkdir .claude
	cp "$GUIDE" .claude/settings.json
	run bridle import --settings project --yes --keep
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[[ $output == *"wrote    $PWD/.bridle/policy"*'bridle trust'* ]]
	[ ! -e "$IMPORTED" ]
	echo '# changed' >>.bridle/policy
	run bridle import --settings project --yes --keep
	[ "$status" -eq 1 ]
	[[ $output == *'add the rules above by hand'* ]]
	[ "$(tail -n 1 .bridle/policy)" = '# changed' ]
}

@test "an agent may look, but not write" {
	bridle init --yes
	run env CLAUDECODE=1 HOME="$SCRATCH/home" "$BUILD_DIR/bin/bridle" import --yes "$GUIDE"
	[ "$status" -eq 1 ]
	[[ $output == *'only a person'* ]]
	[ ! -e "$IMPORTED" ]
	run env CLAUDECODE=1 HOME="$SCRATCH/home" "$BUILD_DIR/bin/bridle" import "$GUIDE"
	[ "$status" -eq 0 ]
}

@test "status and doctor name the client's rules that stop what bridle lets run" {
	cp "$GUIDE" "$SETTINGS"
	bridle init --yes
	run bridle status
	[ "$status" -eq 0 ]
	[[ $output == *'note rules'*'Bash(fly deploy --app app-api*) also hits `fly deploy --app app-api-staging`'* ]]
	run bridle doctor
	[[ $output == *'bridle import --settings user'* ]]
	bridle import --yes 2>/dev/null
	run bridle status
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	printf '{"permissions":{"deny":["Bash(docker rm *)"]}}\n' >s.json
	mkdir -p .claude && cp s.json .claude/settings.json
	run bridle status
	[ "$status" -eq 0 ]
	[[ $output == *'note rules'*'1 deny or ask rules'* ]]
}
