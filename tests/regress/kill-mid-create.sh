#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: sandboxd killed while it creates and destroys: nothing is half there.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product daemons

remember
for n in {1..6}; do
	sg create >"$tmp/created$n" 2>/dev/null &
	create=$!
	# A little later every time, so that each step is hit once.
	sleep "0.0$n"
	kill_hard "$(sg_pid sandboxd)"
	sg_start sandboxd
	wait "$create" || true
	sg_wait_api
	id=$(cat "$tmp/created$n")
	[ -z "$id" ] || sg destroy "$id"
done
# What was acknowledged is there; what was not is gone, or listed and whole.
for id in $(sg list --json | sg_ids | sort | comm -13 "$tmp/listed.before" -); do
	sg destroy "$id" || fail "$id cannot be destroyed"
done
all_is_well
