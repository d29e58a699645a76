#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Repositories that the real git made: what is dirty, what add would take in,
# what a push updates, and which repositories an allow does not cover.
# shellcheck disable=SC2016,SC2030,SC2031

setup() {
	load common
	scratch
	cd "$SCRATCH" || exit 1
	export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL="$SCRATCH/gitconfig"
	printf '[user]\n\tname = a\n\temail = a@example.com\n[init]\n\tdefaultBranch = main\n' >"$GIT_CONFIG_GLOBAL"
	cat >p.policy <<'END'
version 1
allow git ...
    when effect is read
allow git push origin feat/*
deny  git push origin main
    because x
ask   git
    when dirty is yes
deny  git add
    when path is .env *.pem
    because x
END
	mkdir r
	cd r || exit 1
	git init -q
	mkdir src
	echo one >a
	echo two >src/b
	printf '*.log\n/out/\n' >.gitignore
	git add -A
	git commit -qm first
}
teardown() { unscratch; }

# decided VERDICT COMMAND
decided() {
	run bridle check --policy "$SCRATCH/p.policy" "$2"
	[[ $output == "$1: "* ]] || {
		printf 'expected %s for %s, got %s\n' "$1" "$2" "$output"
		return 1
	}
}
# field NAME COMMAND: of the last command
field() {
	bridle check --json --policy "$SCRATCH/p.policy" "$2" | jq -r "[.actions[] | select(.kind == \"command\")][-1].fields[\"$1\"] | if type == \"array\" then join(\" \") else tostring end"
}

effect() { bridle check --json --policy "$SCRATCH/p.policy" "$1" | jq -r '.actions[0].effect'; }

@test "a clean tree has nothing to lose" {
	sleep 0.1
	git status -sb >/dev/null
	[ "$(field dirty 'git reset --hard')" = no ]
	[ "$(field dirty 'git clean -fdx')" = no ]
	[ "$(field dirty 'git checkout -f')" = no ]
	decided pass 'git reset --hard'
}

@test "files that are as committed are written over without loss" {
	sleep 0.1
	git status -sb >/dev/null
	[ "$(effect 'git checkout main -- a')" = write ]
	[ "$(effect 'git checkout -- src')" = write ]
	[ "$(effect 'git restore a')" = write ]
	echo more >>a
	[ "$(effect 'git checkout -- src')" = write ]
	[ "$(effect 'git checkout main -- a')" = destroy ]
	[ "$(effect 'git restore a')" = destroy ]
	git add a
	[ "$(effect 'git checkout main -- a')" = destroy ]
	[ "$(effect 'git restore --staged --worktree a')" = destroy ]
}

@test "a changed file is dirty, by size, and only where the command looks" {
	echo more >>a
	[ "$(field dirty 'git reset --hard')" = yes ]
	[ "$(field dirty 'git checkout -f')" = yes ]
	[ "$(field dirty 'git switch --discard-changes main')" = yes ]
	decided ask 'git reset --hard'
	decided ask 'git checkout -- a'
	decided ask 'git checkout .'
	decided ask 'git restore a'
	decided ask 'cd src && git restore ../a'
}

@test "a file that is gone, or has become another kind, is dirty" {
	rm a
	[ "$(field dirty 'git reset --hard')" = yes ]
	git checkout -q a
	rm a
	ln -s src/b a
	[ "$(field dirty 'git reset --hard')" = yes ]
}

@test "what is staged may be lost too" {
	echo new >c
	git add c
	run field dirty 'git reset --hard'
	[ "$output" != no ]
	git commit -qm second
	sleep 0.1
	git status >/dev/null
	[ "$(field dirty 'git reset --hard')" = no ]
}

@test "another commit may lie over files that are not tracked" {
	sleep 0.1
	git status >/dev/null
	[ "$(field dirty 'git checkout main -- .')" = no ]
	[ "$(field dirty 'git reset --hard main')" = no ]
	echo x >new
	for c in 'git checkout main -- .' 'git restore --source=main .' 'git reset --hard main' 'git switch -f main'; do
		run field dirty "$c"
		[ "$output" != no ]
		[ "$output" != yes ]
	done
	[ "$(field dirty 'git checkout main -- a')" = no ]
	[ "$(field dirty 'git checkout HEAD -- .')" = no ]
	[ "$(field dirty 'git checkout -- .')" = no ]
	[ "$(field dirty 'git reset --hard')" = no ]
}

@test "clean loses what is not tracked; ignored files only with -x" {
	echo x >x.log
	[ "$(field dirty 'git clean -fd')" = no ]
	[ "$(field dirty 'git clean -fdx')" = yes ]
	[ "$(field dirty 'git clean -fX')" = yes ]
	mkdir new
	echo x >new/f
	[ "$(field dirty 'git clean -fd')" = yes ]
	[ "$(field dirty 'git clean -fd src')" = no ]
}

@test "what add takes in, from the index, globs and .gitignore" {
	echo x >new
	echo more >>a
	mkdir out
	echo x >out/.env
	[ "$(field path 'git add -A')" = "$PWD/new $PWD/a" ] || [ "$(field path 'git add -A')" = "$PWD/a $PWD/new" ]
	[ "$(field path 'git add -u')" = "$PWD/a" ]
	[ "$(field path 'git add src')" = null ]
	[ "$(field path "git add 'n*'")" = "$PWD/new" ]
	[ "$(field path 'git commit -am x')" = "$PWD/a" ]
	[ "$(field path 'git stash -u')" = "$PWD/a $PWD/new" ]
	decided pass 'git add -A'
	decided deny 'git add -f out/.env'
	[ "$(field forced-ignored 'git add -f out/.env')" = yes ]
	[ "$(field forced-ignored 'git add -f new')" = no ]
	echo x >src/k.pem
	decided deny 'git add -A'
	decided deny 'git add src'
	decided deny 'cd src && git add .'
	decided pass 'git add a new'
}

@test "index formats 2, 3 and 4" {
	echo i >intent
	git add -N intent
	for v in 2 4; do
		git update-index --index-version $v
		[ "$(field dirty 'git checkout -- src/b')" = no ]
		echo more >>src/b
		[ "$(field dirty 'git checkout -- src/b')" = yes ]
		git checkout -q src/b
		git update-index --refresh >/dev/null 2>&1 || true
	done
}

@test "a push, from the real repository's own files" {
	git remote add origin git@example.com:a/b.git
	decided deny 'git push origin HEAD'
	git checkout -q -b feat/x
	decided allow 'git push origin HEAD'
	decided allow 'cd src && git push -u origin "$(git branch --show-current)"'
	git pack-refs --all
	decided allow 'git push origin feat/x'
	git config remote.origin.push 'refs/heads/feat/x:refs/heads/main'
	decided deny 'git push'
	decided deny 'git push origin feat/x'
	git config --unset remote.origin.push
	git worktree add -q ../w main
	decided deny 'cd ../w && git push origin HEAD'
	decided deny 'git -C ../w push origin HEAD'
	cd ../w
	decided deny 'git push origin HEAD'
}

@test "another repository with a door is covered by no allow" {
	mkdir ../evil
	git -C ../evil init -q
	decided allow 'git -C ../evil status'
	git -C ../evil config core.fsmonitor /tmp/x
	decided pass 'git -C ../evil status'
	decided pass 'cd ../evil && git status'
	decided pass "GIT_DIR=$SCRATCH/evil/.git git status"
	decided allow 'git -C ../evil rev-parse HEAD'
	decided allow 'git status'
}

@test "a repository of another user, a .git file to nowhere" {
	mkdir sub
	echo 'gitdir: ../nowhere' >sub/.git
	decided pass 'cd sub && git status'
	decided ask 'cd sub && git push origin feat/x'
}

@test "two thousand branches and a large configuration take no time" {
	git remote add origin git@example.com:a/b.git
	sha=$(git rev-parse HEAD)
	for i in $(seq 2000); do echo "create refs/heads/feat/b$i $sha"; done | git update-ref --stdin
	git pack-refs --all
	decided allow 'git push origin feat/b77'
	decided deny 'git push --all origin'
	for i in $(seq 2000); do printf '[x "%d"]\n\ty = z\n' "$i"; done >>.git/config
	decided allow 'git push origin feat/b77'
}

# asks LINE REASON: within ten seconds the ref is a question, and the reason says so.
asks() {
	run timeout 10 bash -c "'$BUILD_DIR/bin/bridle' check --policy '$SCRATCH/p.policy' '$1'"
	[ "$status" -eq 3 ]
	[[ $output == *"$2"* ]]
}

@test "configuration that is a FIFO, a loop, 50 MB, or broken" {
	git checkout -qb feat/x
	git remote add origin https://example.com/x.git
	cp .git/config "$SCRATCH/config"
	rm .git/config
	mkfifo .git/config
	asks 'git push origin feat/x' 'is not known'
	rm .git/config
	ln -s config .git/config
	asks 'git push origin feat/x' 'is not known'
	rm .git/config
	truncate -s 50M .git/config
	asks 'git push origin feat/x' 'is not known'
	{
		cat "$SCRATCH/config"
		printf '[include]\n\tpath = config\n'
	} >.git/config
	asks 'git push origin feat/x' 'is not known'
	{
		cat "$SCRATCH/config"
		echo '[remote "origin'
	} >.git/config
	asks 'git push origin feat/x' 'is not known'
}

@test "refs that are garbage, a FIFO, a loop" {
	git checkout -qb feat/x
	git remote add origin https://example.com/x.git
	printf '\377\376 garbage' >.git/HEAD
	asks 'git push' 'is not known'
	rm .git/HEAD
	mkfifo .git/HEAD
	asks 'git push' 'is not known'
	rm .git/HEAD
	echo 'ref: refs/heads/loop' >.git/HEAD
	echo 'ref: refs/heads/loop' >.git/refs/heads/loop
	asks 'git push' 'is not known'
}

@test "what restore writes over is the work tree: the reason names a file of it, never .git" {
	printf 'app = "app-api"\n' >fly.toml
	git add -A
	git commit -qm second
	run bridle check --policy "$POLICIES/fly.policy" 'git restore .'
	[[ $output != *"$PWD/.git"* && $output == *"below it is $PWD/fly.toml"* ]] || { echo "$output"; false; }
	mkdir .husky
	echo x >.husky/pre-push
	run bridle check --policy "$POLICIES/fly.policy" 'git checkout -- .'
	[[ $output == *"below it is $PWD/.husky"* ]] || { echo "$output"; false; }
	rm -r .husky
	run bridle check --policy "$POLICIES/fly.policy" 'rm -rf .'
	[[ $output == *"below it is $PWD/.git"* ]] || { echo "$output"; false; }
}
