#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# init, uninstall, trust, status: what is written, and that nothing is harmed.

# shellcheck disable=SC2016,SC2086
bats_require_minimum_version 1.5.0

setup() {
	load common
	scratch
	printf 'app = "shop"\n' >fly.toml
	SETTINGS=$SCRATCH/home/.claude/settings.json
	mkdir -p "$SCRATCH/home/.claude"
}
teardown() { unscratch; }

@test "init --yes finds the app and hooks the settings; twice changes nothing" {
	run bridle init --yes
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	grep -q 'let app   = shop' "$SCRATCH/home/.config/bridle/policy"
	[ "$(jq -r '.hooks.PreToolUse[0].hooks[0].onFailure' "$SETTINGS")" = block ]
	[ "$(jq -r '.hooks.PreToolUse[0].hooks[0].args[0]' "$SETTINGS")" = PreToolUse ]
	cp "$SETTINGS" once
	run bridle init --yes
	[ "$status" -eq 0 ]
	cmp once "$SETTINGS"
	run bridle check 'fly deploy -a shop'
	[ "$status" -eq 1 ]
	run bridle check 'fly status'
	[ "$status" -eq 0 ]
}

@test "init finds the apps of a monorepo, staging left out, and the release branches" {
	rm fly.toml
	mkdir -p api apps/web .git/refs/heads/release node_modules/x .git/refs/remotes/origin
	printf 'app = "app-api"\n' >api/fly.toml
	printf 'app = "app-api-staging"\n' >api/fly.staging.toml
	printf 'app = "app-worker"\n' >api/fly.worker.toml
	printf 'app = "app-web"\n' >apps/web/fly.toml
	printf 'app = "other"\n' >node_modules/x/fly.toml
	printf 'app = [ broken\n' >apps/fly.toml
	echo 0 >.git/refs/heads/release/1
	cd apps/web
	bridle init --yes
	grep -q '^let app   = app-api app-worker app-web ' "$SCRATCH/home/.config/bridle/policy"
	grep -q '^let trunk = main release/\* ' "$SCRATCH/home/.config/bridle/policy"
	grep -q '^let databases = app-api-db app-worker-db app-web-db ' "$SCRATCH/home/.config/bridle/policy"
	run bridle test
	[ "$output" = "6 tests, 0 failed" ]
	run bridle check 'fly deploy'
	[ "$status" -eq 1 ]
	run bridle check 'git push origin HEAD:release/2'
	[ "$status" -eq 1 ]
}

@test "init takes a top fly.toml of any name, and the names of packed branches" {
	printf 'app = "shop-demo"\n' >fly.toml
	mkdir .git
	printf '# pack-refs with: peeled fully-peeled sorted \n%s refs/heads/master\n%s refs/remotes/origin/production\n' "$(printf %040d 1)" "$(printf %040d 2)" >.git/packed-refs
	run bridle init --dry-run
	[[ $output == *'+let app   = shop-demo '* ]]
	[[ $output == *'+let trunk = master production '* ]]
}

@test "init finds the branches of a worktree and of a submodule" {
	mkdir -p ../main/.git/worktrees/w ../main/.git/refs/heads/release ../main/.git/modules/m/refs/heads
	echo 0 >../main/.git/refs/heads/release/1
	echo 0 >../main/.git/refs/heads/master
	echo ../.. >../main/.git/worktrees/w/commondir
	echo 0 >../main/.git/modules/m/refs/heads/prod
	echo 'gitdir: ../main/.git/worktrees/w' >.git
	run bridle init --dry-run
	[[ $output == *'+let trunk = master release/'* ]]
	echo 'gitdir: ../main/.git/modules/m' >.git
	run bridle init --dry-run
	[[ $output == *'+let trunk = main prod '* ]]
	echo 'gitdir: nowhere' >.git
	run bridle init --dry-run
	[[ $output == *'+let trunk = main '* ]]
}

@test "init says what a policy that was there does not name" {
	bridle init --yes
	run bridle init --yes --app 'shop web' --trunk 'main next'
	[ "$status" -eq 0 ]
	[[ $output == *"kept "*"it does not name web, next: edit"*"--policy project"* ]] || { echo "$output"; false; }
	run bridle init --yes --app shop
	[[ $output != *"does not name"* ]]
	mkdir other other/.git
	printf 'app = "second"\n' >other/fly.toml
	cd other
	run bridle init --yes
	[[ $output == *"does not name second"* ]]
	run bridle init --yes --policy project
	[[ $output == *"trusted "* ]]
	run bridle check 'fly deploy -a second'
	[ "$status" -eq 1 ]
}

@test "init at a terminal asks nothing that it would not write, and offers import" {
	mkdir -p .claude
	printf '{"permissions":{"deny":["Bash(fly deploy*)"]}}\n' >.claude/settings.json
	# shellcheck disable=SC2317 # by run
	at_terminal() { printf '%b' "$1" | in_scratch setsid script -qec "$BUILD_DIR/bin/bridle init" /dev/null; }
	run at_terminal '\n-\n\n'
	[[ $output == *"[shop]"*"bridle import --settings project"* ]] || { echo "$output"; false; }
	grep -q 'include <default>' "$SCRATCH/home/.config/bridle/policy"
	run at_terminal '\n'
	[[ $output != *"production app"* ]]
	[[ $output == *"does not name shop"* ]]
}

@test "init writes tests of what was said, and they tell when it is undone" {
	bridle init --yes --trunk 'main release/*'
	run bridle test
	[ "$output" = "4 tests, 0 failed" ]
	sed -i 's/^let app   = shop/let app   = shop-2/' "$SCRATCH/home/.config/bridle/policy"
	run bridle test
	[ "$status" -eq 1 ]
	[[ $output == *"expected deny"*"flyctl deploy -a shop"* ]] || { echo "$output"; false; }
	rm "$SCRATCH/home/.config/bridle/policy"
	bridle init --yes --trunk main
	run bridle test
	[ "$output" = "3 tests, 0 failed" ]
}

@test "uninstall gives the very bytes back" {
	printf '{\n\t"model" : "x",\n\t"hooks": {"PreToolUse": [ {"matcher":"Bash","hooks":[{"type":"command","command":"mine"}]} ] },\n\t"permissions":{"deny":[]}}\n' >"$SETTINGS"
	cp "$SETTINGS" before
	bridle init --yes
	[ "$(jq '.hooks.PreToolUse | length' "$SETTINGS")" -eq 2 ]
	[ "$(jq -r .model "$SETTINGS")" = x ]
	bridle uninstall
	cmp before "$SETTINGS"
}

@test "uninstall after a person changed something else keeps that" {
	printf '{"model":"x"}\n' >"$SETTINGS"
	bridle init --yes
	sed -i 's/"x"/"y"/' "$SETTINGS"
	bridle uninstall
	[ "$(jq -r .model "$SETTINGS")" = y ]
	run ! grep -q bridle "$SETTINGS"
}

@test "settings that were not there are not there again" {
	bridle init --yes
	[ -f "$SETTINGS" ]
	bridle uninstall
	[ ! -e "$SETTINGS" ]
}

@test "settings that do not parse are not touched" {
	printf '{"model": \n' >"$SETTINGS"
	cp "$SETTINGS" before
	run bridle init --yes
	[ "$status" -ne 0 ]
	cmp before "$SETTINGS"
	printf '{"a":1,"a":2}\n' >"$SETTINGS"
	run bridle init --yes
	[ "$status" -ne 0 ]
}

@test "dry-run changes nothing" {
	run bridle init --dry-run
	[ "$status" -eq 0 ]
	[[ $output == *'+let app   = shop'* ]]
	[ ! -e "$SETTINGS" ]
	[ ! -e "$SCRATCH/home/.config" ]
}

@test "the three settings files" {
	bridle init --yes --settings project
	[ -f .claude/settings.json ]
	bridle init --yes --settings local
	[ -f .claude/settings.local.json ]
	run bridle init --yes --settings nowhere
	[ "$status" -eq 2 ]
}

@test "managed settings are printed" {
	run bridle init --managed
	[ "$status" -eq 0 ]
	[[ $output == *'"onFailure": "block"'* ]]
}

@test "init can add the service and the wrapper; uninstall takes both out" {
	run bridle init --yes --service systemd --wrap
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	unit=$SCRATCH/home/.config/systemd/user/bridled.service
	grep -qx "ExecStart=$BUILD_DIR/bin/bridled" "$unit"
	[ -f "${unit%service}socket" ]
	[[ $output == *'systemctl --user enable --now bridled.socket'* ]]
	[ -L "$SCRATCH/home/.local/share/bridle/bin/fly" ]
	run bridle init --yes --service systemd --wrap
	[[ $output == *"kept     $unit"* ]]
	echo '# mine' >>"${unit%service}socket"
	run bridle uninstall --dry-run
	[ -f "$unit" ]
	run bridle uninstall
	[ ! -e "$unit" ]
	[[ $output == *"kept     ${unit%service}socket"* ]]
	[[ $output == *"kept     $SCRATCH/home/.config/bridle: the policies"* ]]
	[ ! -e "$SCRATCH/home/.local/share/bridle/bin/fly" ]
	run bridle init --yes --service launchd --dry-run
	[[ $output == *"+		<string>$BUILD_DIR/bin/bridled</string>"* ]]
	[ ! -e "$SCRATCH/home/Library" ]
	run bridle init --yes --service cron
	[ "$status" -eq 2 ]
}

@test "an agent cannot install, remove or trust" {
	run env CLAUDECODE=1 "$BUILD_DIR/bin/bridle" init --yes
	[ "$status" -eq 1 ]
	[[ $output == *"only a person"* ]]
	mkdir .bridle && echo 'version 1' >.bridle/policy
	run bridle trust
	[ "$status" -eq 1 ]
	[[ $output == *"another terminal"* ]]
}

@test "a project's policy that nobody trusted can only tighten" {
	mkdir .bridle .git
	printf 'version 1\nmode monitor\ndefault allow\nallow fly ...\ndeny fly logs\n    because no.\n' >.bridle/policy
	run bridle check 'fly logs'
	[ "$status" -eq 1 ]
	run bridle check 'fly apps destroy shop'
	[ "$status" -eq 1 ]
}

@test "status says what is missing, and exits 1" {
	run bridle status
	[ "$status" -eq 1 ]
	[[ $output == *"BAD  hook"* ]]
	bridle init --yes
	run bridle status
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	run bridle status --json
	[ "$(jq -r .protected <<<"$output")" = true ]
	sed -i 's/{/{"disableAllHooks":true,/' "$SETTINGS"
	run bridle status
	[ "$status" -eq 1 ]
	[[ $output == *disableAllHooks* ]]
}

@test "a project's broken policy does not take the person's own along" {
	bridle init --yes
	mkdir .bridle .git
	printf 'version 1\nnonsense here\n' >.bridle/policy
	run bridle check 'fly deploy -a shop'
	[ "$status" -eq 1 ]
	run bridle test
	[[ $output == *".bridle/policy:2:1: "*nonsense* ]]
	printf 'version 1\ndeny ls\n    because x\n    test pass ls\n' >.bridle/policy
	run bridle check 'fly deploy -a shop'
	[ "$status" -eq 1 ]
}

@test "without HOME it is the user's own, for policy, settings and wrapper alike" {
	local mine home
	mine=$(getent passwd "$(id -u)" | cut -d: -f6) || skip "this user has no entry"
	for home in "" "HOME=" "HOME=rel"; do # looks only: what would change lies below one home
		run env -i ${home:+"$home"} PATH="$PATH" BRIDLE_SOCKET="$SCRATCH/socket" "$BUILD_DIR/bin/bridle" init --dry-run --wrap
		[ "$status" -eq 0 ] || { echo "$output"; false; }
		[[ $output == *"+++ $mine/"* ]]
		! grep '^+++' <<<"$output" | grep -v "^+++ $mine/"
	done
	run env -i PATH="$PATH" "$BUILD_DIR/bin/bridle" check --policy "$POLICIES/shell.policy" 'cat ~/.netrc'
	[[ $output == "ask: \`read $mine/.netrc\`"* ]] || { echo "$output"; false; }
	run env -i HOME= PATH="$PATH" "$BUILD_DIR/bin/bridle" check --policy "$POLICIES/shell.policy" 'cat ~/.netrc'
	[[ $output == 'allow: `cat /.netrc`'* ]] # bash leaves an empty one empty
}

@test "where no home is known, it says so and touches nothing" {
	local none=(unshare -U --map-user=54321 env -i PATH="$PATH" BRIDLE_SOCKET="$SCRATCH/socket" "$BUILD_DIR/bin/bridle")
	"${none[@]}" help >/dev/null 2>&1 || skip "no user namespaces"
	for line in 'init --yes' 'uninstall' 'wrap status' 'import' 'log' 'test' 'lint' 'trust' 'check ls'; do
		run "${none[@]}" $line
		[[ $status -eq 2 && $output == *"no home directory is known"*"set HOME" ]] || { echo "$line: $output"; false; }
	done
	run "${none[@]}" status
	[[ $status -eq 1 && $output == *"BAD  policy    no home directory is known"* ]] || { echo "$output"; false; }
	[ ! -e .claude ]
}

@test "init that is answered n, or not at all, changes nothing and says so" {
	at_terminal() { printf '%b' "$1" | in_scratch setsid script -qec "$BUILD_DIR/bin/bridle init" /dev/null; }
	for answers in 'n\n' '\nno\n' '\n\nq\n' '\n\n\004' '\004'; do
		run at_terminal "$answers"
		[ "$status" -eq 1 ] || { echo "$answers: $output"; false; }
		[[ $output == *"nothing was changed"* && $output != *"usage:"* ]] || { echo "$answers: $output"; false; }
	done
	run bridle init </dev/null
	[ "$status" -eq 1 ]
	[[ $output == *"bridle init --yes"*"Nothing was changed"* && $output != *"usage:"* ]] || { echo "$output"; false; }
	[ ! -e "$SETTINGS" ] && [ ! -e "$SCRATCH/home/.config" ]
	run at_terminal 'nowhere\n'
	[ "$status" -eq 2 ]
}

@test "init --yes says what is next, too" {
	run bridle init --yes
	[[ $output == *"Next:"*"bridle status"*"bridle wrap install"* ]] || { echo "$output"; false; }
}
