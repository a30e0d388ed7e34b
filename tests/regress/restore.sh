#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #9: a restore gives a sandbox the disk of a snapshot: one that runs is
# suspended for it, is told, and runs again; one that sleeps stays asleep; and
# sandboxd killed in the middle leaves the one disk or the other.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product restores

id=$(sg create --disk 64M --env COLOUR=blue 2>/dev/null)
at_exit "sg destroy $id"
inside() { SG_TIMEOUT=120 sg_ssh -l "$id" sandbox "$@"; }
status() { sg get "$id" --json | jq -r .state; }

inside 'echo first >file'
first=$(sg snapshot create "$id")
at_exit "sg snapshot rm $first"
inside 'echo second >file; echo more >more'
address=$(sg get "$id" --json | jq -r .address)
inside 'sleep 100' 2>"$tmp/told" &
session=$!
sg_wait_for eval 'inside pgrep -x sleep' || fail 'no session'
sg restore "$id" "$first"
assert_eq 'status' "$(status)" running
assert_eq 'files' "$(inside 'cat file; ls more 2>&1 | tail -c 10; echo $COLOUR
    hostname' | tr '\n' ' ')" "first directory blue $id "
assert_eq 'address' "$(sg get "$id" --json | jq -r .address)" "$address"
sg_wait_for sg_is_dead "$session" || fail 'the session outlives its disk'
assert_match 'told' "$(cat "$tmp/told")" 'suspended|restored by'

inside 'echo third >file'
sg stop "$id"
sg restore "$id" "$first"
assert_eq 'status' "$(status)" suspended
assert_eq 'file' "$(inside cat file)" first

# Refusals change nothing.
! sg restore "$id" none-such 2>"$tmp/words" || fail 'restored'
small=$(sg create --disk 32M 2>/dev/null)
at_exit "sg destroy $small"
! sg restore "$small" "$first" 2>>"$tmp/words" || fail 'restored'
cat "$tmp/words"
assert_eq 'small' "$(sg exec "$small" -- echo runs)" runs

for n in 1 2 3; do
	inside "echo changed >file"
	sg stop "$id"
	sg restore "$id" "$first" 2>/dev/null &
	restore=$!
	sleep "0.0$n"
	kill_hard "$(sg_pid sandboxd)"
	sg_start sandboxd
	wait "$restore" || true
	sg_wait_api
	assert_match 'file' "$(inside cat file)" '^(first|changed)$'
	assert_eq 'left' "$(find "$SG_STATE/disks/.restores" -name 'sb_*')" ''
done
