#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: a client that is stopped amid output costs no more memory over time, and
# goes on where it was.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-session.sh
. "$(dirname "$0")/lib-session.sh"

needs_product 'the memory of our session'
session_master sandbox
master=$(ssh -F "$SG_SSH_CONFIG" "${mux[@]}" -O check any 2>&1 | tr -dc 0-9)
at_exit "kill -CONT $master"
bytes=200000000
sg_ssh "${mux[@]}" sandbox "head -c $bytes /dev/zero" |
    { head -c 1000 >"$tmp/first"; wc -c; } >"$tmp/count" &
client=$!
sg_wait_for test -s "$tmp/first" || fail 'no output'
kill -STOP "$master"
sleep 2
stopped=$(settled anonymous_kib "$session")
sleep 3
later=$(anonymous_kib "$session")
echo "anonymous memory in KiB: $stopped with the client stopped," \
    "$later after 3 s more"
# Were it to grow, then by what the command writes: hundreds of MiB a second.
[ $((later - stopped)) -lt 256 ] || fail 'it grows'
[ ! -s "$tmp/count" ] || fail 'it was over before the client was stopped'
kill -CONT "$master"
wait "$client"
assert_eq 'all of it' "$(cat "$tmp/count")" $((bytes - 1000))
