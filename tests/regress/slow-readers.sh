#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: of all channels of a connection together, no more than its budget waits
# for who does not read inside; the client is not read meanwhile, and all goes
# on once somebody reads.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-session.sh
. "$(dirname "$0")/lib-session.sh"
needs_product 'the memory of our session'

session_master sandbox
assert_eq 'ready' "$(sg_ssh "${mux[@]}" sandbox echo ready)" ready
idle=$(anonymous_kib "$session")
random_file 1500000 "$tmp/data"
wanted=$(sha <"$tmp/data")
for n in {1..60}; do
	# shellcheck disable=SC2016
	ssh -F "$SG_SSH_CONFIG" "${mux[@]}" sandbox \
	    'until [ -e /tmp/go ]; do sleep 0.2; done; sha256sum' \
	    <"$tmp/data" >"$tmp/sum$n" 2>&1 &
	at_exit "kill $!"
done
stalled=$(settled anonymous_kib "$session")
echo "anonymous memory in KiB: $idle idle, $stalled with 60 writers stalled"
# The budget waits twice at most, in libssh and here, beside what each has.
most=$((2 * 16384 + 60 * 128))
# The address sanitizer keeps what was freed for a while.
! grep -q __asan_init "$BUILD/bin/gateway-session" || most=$((most * 5))
[ $((stalled - idle)) -lt $most ] || fail "more than $most KiB"

at_exit "sg exec $SG_SANDBOX -- rm -f /tmp/go"
sg exec "$SG_SANDBOX" -- touch /tmp/go
for n in {1..60}; do
	sg_wait_for grep -q -- - "$tmp/sum$n" || fail "writer $n hangs"
	assert_eq "writer $n" "$(cut -d' ' -f1 "$tmp/sum$n")" "$wanted"
done
assert_eq 'afterwards' "$(sg_ssh "${mux[@]}" sandbox echo hi)" hi
