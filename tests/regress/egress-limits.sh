#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: rates and numbers of what leaves a sandbox and comes to it: what is
# below them is not touched, what is above is bounded, whatever changes.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product 'egress policies'
internet_begin

# try ID WHAT ARGUMENT...: egress_limits.py in a sandbox.
try()
{
	timeout 100 "$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" exec "$1" \
	    -- python3 - "${@:2}" <"$here/egress_limits.py"
}
# floods ID one|many BURST A_SECOND: 600 are sent, the burst goes out, and what
# may beside it. What was sent before is made up for in a second.
floods()
{
	local sent took

	sleep 1
	read -r sent took < <(try "$1" flood "$SERVER" 8080 600 "$2") ||
	    fail 'no flood'
	[ "$sent" -ge "$3" ] || fail "$2: $sent of a burst of $3"
	[ "$sent" -le $((($3 + $4 * took / 1000) * 5 / 4 + 5)) ] ||
	    fail "$2: $sent in $took ms"
}
# limits ID: as the API has them.
limits()
{
	sg egress show "$1" --json | jq -c '[.limits[]]'
}
told()
{
	sg events "$1" --kind limited | grep -q "$2"
}

# One without: as many as one likes.
free=$(sg create 2>/dev/null)
at_exit 'sg destroy "$free" ${id:-} ${rated:-}'
assert_match free "$(try "$free" flood "$SERVER" 8080 600 many)" '^600 '
assert_eq 'held by the free' "$(try "$free" hold "$SERVER" 443 9)" 9
assert_eq none "$(limits "$free")" '[0,0,0,0,0]'

id=$(sg create --egress "allow:$SERVER,[$SERVER6]" \
    --egress-limit connections=4 --egress-limit packets=40 2>/dev/null)
assert_eq limits "$(limits "$id")" '[0,0,40,0,4]'
assert_eq held "$(try "$id" hold "$SERVER" 443 9)" 4
assert_eq 'held, IPv6' "$(try "$id" hold "$SERVER6" 443 9)" 4
sg_wait_for told "$id" 'connections: no more than 4 connections at once, of i' ||
    fail "not told: $(sg events "$id")"
floods "$id" one 32 40
sg_wait_for told "$id" 'packets_per_second: no more than 40 packets a second'
refuses "$id" tcp "$SERVER2" 443
floods "$free" one 600 0

# A change of it, and of the policy without it.
sg egress limit "$id" packets=none connections=none connects=20 >/dev/null
assert_eq changed "$(limits "$id")" '[0,0,0,20,0]'
floods "$id" many 20 20
sg_wait_for told "$id" 'connections_per_second: no more than 20'
assert_match 'one is left' "$(try "$id" flood "$SERVER" 443 600 one)" '^600 '
sg egress set "$id" allow >/dev/null
assert_eq 'kept' "$(limits "$id")" '[0,0,0,20,0]'

# After a death, and a wake.
kill_hard "$(sg_pid sandboxd)"
sg_start sandboxd
sg_wait_api
floods "$id" many 20 20
sg stop "$id"
floods "$id" many 20 20
forked=$(sg fork "$id" 2>/dev/null)
at_exit 'sg destroy "$forked"'
assert_eq forked "$(limits "$forked")" '[0,0,0,20,0]'
floods "$forked" many 20 20

# Bytes are held back, and none is lost.
rated=$(sg create --egress-rate 64K 2>/dev/null)
assert_eq rates "$(limits "$rated")" '[65536,65536,0,0,0]'
assert_match 'of the policy' "$(sg egress show "$rated")" \
    '^default: allow \(the host'
reaches "$rated" tcp "$SERVER2" 8080
took=$(try "$rated" echo "$SERVER" 443 300000)
# What may go at once is 16 KiB, one way and the other.
[ "$took" -ge 3500 ] || fail "300000 bytes in $took ms at 64K"
sg egress limit "$rated" out=none in=none >/dev/null
[ "$(try "$rated" echo "$SERVER6" 443 300000)" -lt "$took" ] ||
    fail 'not lifted'
try "$rated" echo "$SERVER" 443 3000000 >/dev/null

# What cannot be is refused, by name.
for wish in out=1 connects=2000000 packets=3; do
	if said=$(sg egress limit "$id" "$wish" 2>&1); then
		fail "$wish was taken"
	fi
	assert_match "$wish" "$said" 'limits\..*: must be '
done
if said=$(sg egress limit "$id" burst=3 2>&1); then
	fail 'burst was taken'
fi
assert_match burst "$said" 'is not out=, in=, packets='
