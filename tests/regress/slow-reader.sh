#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: channels a client stops reading, and those it sends to while the command
# does not read, cost the session a bounded amount of memory.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-session.sh
. "$(dirname "$0")/lib-session.sh"

needs_product 'the memory of our session'
session_master sandbox
assert_eq 'ready' "$(sg_ssh "${mux[@]}" sandbox echo ready)" ready
idle=$(anonymous_kib "$session")
for n in {1..8}; do
	mkfifo "$tmp/out$n"
	ssh -F "$SG_SSH_CONFIG" "${mux[@]}" sandbox 'yes "nobody reads it"' \
	    >"$tmp/out$n" 2>/dev/null &
	at_exit "kill $!"
	exec {fd}<"$tmp/out$n"
	head -c 100000 <&"$fd" >/dev/null
	ssh -F "$SG_SSH_CONFIG" "${mux[@]}" sandbox 'sleep 100' </dev/zero \
	    >/dev/null 2>&1 &
	at_exit "kill $!"
done
sleep 3
stalled=$(settled anonymous_kib "$session")
sleep 3
later=$(anonymous_kib "$session")
echo "anonymous memory in KiB: $idle idle, $stalled with 8 readers and" \
    "8 writers stalled, $later after 3 s more"
# What a client may send unasked, 2 MiB, waits twice: in libssh and here.
most=$((8 * 4096 + 8 * 512))
# The address sanitizer keeps what was freed for a while.
! grep -q __asan_init "$BUILD/bin/gateway-session" || most=$((most * 5))
[ $((stalled - idle)) -lt $most ] || fail 'too much'
[ $((later - stalled)) -lt 256 ] || fail 'it grows'
assert_eq 'meanwhile' "$(sg_ssh "${mux[@]}" sandbox echo hi)" hi
