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

@test "systemd's review of what the service may still do finds no more than before" {
	systemd-analyze security --help 2>/dev/null | grep -q -- --threshold || skip "systemd-analyze does not review files"
	mkdir run
	run env XDG_RUNTIME_DIR="$PWD/run" HOME="$PWD" systemd-analyze security --no-pager --offline=true --threshold=60 \
		"$units/systemd/bridled.service"
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[[ $output == *'Overall exposure level for bridled.service'* ]]
	[[ $output == *'NoNewPrivileges'* ]]
}

@test "launchd's file is a property list that starts the daemon, and again when it fails" {
	command -v python3 >/dev/null || skip "python3 is not there"
	run python3 - "$units/launchd/bridled.plist" <<-'END'
		import plistlib, sys
		with open(sys.argv[1], "rb") as f:
		    p = plistlib.load(f)
		assert p["Label"] == "bridled" and p["RunAtLoad"] is True
		assert p["ProgramArguments"] == ["/usr/local/bin/bridled"], p
		assert p["KeepAlive"] == {"SuccessfulExit": False}, p
		assert p["SoftResourceLimits"]["Core"] == 0, p
	END
	[ "$status" -eq 0 ] || { echo "$output"; false; }
}
