#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The service files, as far as they can be checked without a service manager.
load common

setup() {
	scratch
	units=$BATS_TEST_DIRNAME/../../contrib
}

teardown() {
	unscratch
}

@test "systemd takes the units and finds nothing to say" {
	command -v systemd-analyze >/dev/null || skip "systemd-analyze is not there"
	mkdir units run
	sed "s#^ExecStart=.*#ExecStart=$BUILD_DIR/bin/bridled#" "$units/systemd/bridled.service" >units/bridled.service
	cp "$units/systemd/bridled.socket" units/
	run env XDG_RUNTIME_DIR="$PWD/run" HOME="$PWD" systemd-analyze verify --user --man=no \
		units/bridled.service units/bridled.socket
	[ "$status" -eq 0 ]
	[[ $output != *bridled.* ]] # nothing is said of ours
}
