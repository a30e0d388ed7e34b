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
	ssh -F "$SG_SSH_CONFIG" "${mux[@]}" sandbox 'echo ready; sleep 300' \
	    </dev/zero >"$tmp/in$n" 2>/dev/null &
	at_exit "kill $!"
done
for n in {1..8}; do
	sg_wait_for grep -q ready "$tmp/in$n" || fail "no writer $n"
done
# Until three seconds in a row change it little.
stalled=0
for ((n = 0, quiet = 0; n < 100 && quiet < 3; n++)); do
	sleep 1
	later=$(anonymous_kib "$session")
	quiet=$((later - stalled < 64 && stalled - later < 64 ? quiet + 1 : 0))
	stalled=$later
done
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
