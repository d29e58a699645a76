# SPDX-License-Identifier: ISC
# shellcheck shell=sh
#
# fly.sh: fly and flyctl in your own shell go through bridle's wrapper, without
# a change of PATH for all else. For the start-up file of bash, zsh or dash:
#
#   bridle wrap install
#   . /usr/local/share/bridle/fly/fly.sh
#
# Only interactive shells get it: what scripts run is found by PATH, and an
# agent has its hook. BRIDLE_WRAP names the wrapper's folder if it is not the
# one that `bridle wrap install` chooses.

case $- in
*i*)
	bridle_run() {
		BRIDLE_WRAP=${BRIDLE_WRAP:-${XDG_DATA_HOME:-${HOME-}/.local/share}/bridle/bin}
		if ! [ -x "$BRIDLE_WRAP/$1" ]; then
			echo "$1: bridle's wrapper is not in $BRIDLE_WRAP: bridle wrap install" >&2
			return 126
		fi
		env PATH="$BRIDLE_WRAP:$PATH" "$@"
	}
	fly() { bridle_run fly "$@"; }
	flyctl() { bridle_run flyctl "$@"; }
	;;
esac
