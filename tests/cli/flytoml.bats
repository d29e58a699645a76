#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# fly.toml as nobody wants it: bridle asks, says why, and is soon done.

setup() {
	load common
	scratch
	printf '%s\n' 'version 1' 'deny fly deploy --app app-api' '    because production' >p
}
teardown() { unscratch; }

# asks REASON: a bare deploy is a question that names REASON, within 10 s and
# 256 MB (not where a sanitizer maps all of memory).
asks() {
	run bash -c "[[ '$BUILD_DIR' == *san* ]] || ulimit -v 262144
		timeout 10 '$BUILD_DIR/bin/bridle' check --policy p 'fly deploy'"
	[ "$status" -eq 3 ]
	[[ $output == *"the app is not known: fly.toml $1"* ]]
	rm -rf fly.toml
}

@test "fly.toml: not TOML, no text as app" {
	echo 'app = [' >fly.toml
	asks 'is not TOML'
	head -c 3000 /dev/zero >fly.toml
	asks 'is not TOML'
	printf 'app = "\377"\n' >fly.toml
	asks 'is not TOML'
	awk 'BEGIN { for (i = 0; i < 200000; i++) printf "["; print "" }' >fly.toml
	asks 'is not TOML'
	echo 'app = 3' >fly.toml
	asks 'holds no text as "app"'
	echo 'app = ["app-api-staging"]' >fly.toml
	asks 'holds no text as "app"'
}

@test "fly.toml: FIFO, device, directory" {
	mkfifo fly.toml
	asks 'is no regular file'
	ln -s /dev/zero fly.toml
	asks 'is no regular file'
	mkdir fly.toml
	asks 'is a directory'
}

@test "fly.toml: a loop of links, 100 MB" {
	ln -s fly.toml fly.toml
	asks 'is a link whose target cannot be read'
	ln -s other fly.toml
	ln -s fly.toml other
	asks 'is a link whose target cannot be read'
	truncate -s 100M fly.toml
	asks 'is too large to be read'
}

@test "fly.toml: what -c names is no better" {
	mkfifo pipe
	run timeout 10 bash -c "'$BUILD_DIR/bin/bridle' check --policy p 'fly deploy -c pipe'"
	[ "$status" -eq 3 ]
	[[ $output == *"pipe is no regular file"* ]]
	# the name on the line bounds it, whatever the file is
	run bridle check --policy p 'fly deploy -c pipe -a app-api-staging'
	[ "$status" -eq 4 ]
	run bridle check --policy p 'fly deploy -c pipe -a app-api'
	[ "$status" -eq 1 ]
}
