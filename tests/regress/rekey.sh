#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: bulk data survives key exchanges, whoever begins them.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product sessions

mib=64
random_file $((mib * 1048576)) "$tmp/data"
wanted=$(sha <"$tmp/data")
# exchanges FILE: how often keys were exchanged, as ssh -v says.
exchanges()
{
	grep -c 'SSH2_MSG_NEWKEYS received' "$1"
}
# both_ways WHAT LEAST OPTION...: out and back at once, at least so many.
both_ways()
{
	local what=$1 least=$2 n

	shift 2
	: >"$tmp/log"
	got=$(SG_TIMEOUT=600 sg_ssh -v -E "$tmp/log" "$@" sandbox cat \
	    <"$tmp/data" | sha)
	assert_eq "$what" "$got" "$wanted"
	n=$(exchanges "$tmp/log")
	echo "$what: $n key exchanges"
	[ "$n" -ge "$least" ] || fail "$what: $n key exchanges"
	# And one way at a time: a client that only reads, or only writes.
	assert_eq "$what: in" "$(sg_ssh "$@" sandbox sha256sum \
	    <"$tmp/data" | cut -d' ' -f1)" "$wanted"
	assert_eq "$what: out" "$(sg_ssh "$@" sandbox \
	    "head -c $((mib * 1048576)) /dev/zero" | sha)" \
	    "$(head -c $((mib * 1048576)) /dev/zero | sha)"
}
both_ways 'the client, each MiB' 40 -o RekeyLimit=1M
both_ways 'the client, each MiB, compressed' 40 -o RekeyLimit=1M -C
both_ways 'the client, AES' 40 -o RekeyLimit=1M -c aes128-gcm@openssh.com
# A quiet session over which keys are exchanged stays what it was.
assert_eq 'a small limit' "$(sg_ssh -o RekeyLimit=16 sandbox \
    'for i in 1 2 3 4 5; do echo $i; sleep 0.1; done' | tr -d '\n')" 12345
restart_with()
{
	sg_stop gateway
	cp "$tmp/conf" "$SG_CONF"
	printf '%s\n' "$@" >>"$SG_CONF"
	sg_start gateway
	sg_wait_api || fail 'the gateway does not start'
}
cp "$SG_CONF" "$tmp/conf"
at_exit restart_with
restart_with '[ssh]' 'rekey_limit = 1M'
both_ways 'the server, each MiB' 40
both_ways 'both, each MiB' 40 -o RekeyLimit=1M
restart_with '[ssh]' 'rekey_interval = 1s'
assert_eq 'by time' "$(sg_ssh -v -E "$tmp/log" sandbox \
    'for i in $(seq 20); do echo $i; sleep 0.5; done' | tr -d '\n')" \
    "$(seq -s '' 20)"
[ "$(exchanges "$tmp/log")" -ge 3 ] || fail "by time: $(exchanges "$tmp/log")"
