#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: what each rule has decided is counted, whatever becomes of sandboxd.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product 'egress policies'
internet_begin

# count RULE packets|bytes: of the rule with this name or number.
count()
{
	curl -sS --unix-socket "$SG_RUN/api.sock" \
	    "http://localhost/v1/sandboxes/$id/egress/counts" |
	    jq ".counts[] | select(.rule == \"$1\") | .$2"
}
id=$(sg create --egress "allow:$SERVER:443,[$SERVER6]:443" 2>/dev/null)
at_exit 'sg destroy "$id"'
assert_eq 'at first' "$(count 1 packets) $(count 2 packets)" '0 0'
reaches "$id" tcp "$SERVER" 443
refuses "$id" udp "$SERVER2" 443
first=$(count 1 packets)
[ "$first" -ge 4 ] || fail "counted $first packets of a connection"
[ "$(count 1 bytes)" -ge $((first * 40)) ] || fail 'counted too few bytes'
assert_eq 'of the other' "$(count 2 packets) $(count 2 bytes)" '0 0'
[ "$(count default packets)" -ge 1 ] || fail 'what was refused is not counted'
assert_match shown "$(sg egress show "$id")" " 443 +\\* +$first "

kill_hard "$(sg_pid sandboxd)"
sg_start sandboxd
sg_wait_api
# It looks first whether the table is the one that should be.
sg_wait_for count 1 packets
assert_eq "after a death" "$(count 1 packets)" "$first"
reaches "$id" tcp "$SERVER6" 443
[ "$(count 2 packets)" -ge 4 ] || fail 'not counted after a death'

# Another policy begins anew; one without processes has none.
sg egress set "$id" "allow:$SERVER6" >/dev/null
assert_eq anew "$(count 1 packets)" 0
kill_hard "$(init_of "$id")"
is_suspended()
{
	[ "$(sg get "$id" --json | jq -r .state)" = suspended ]
}
sg_wait_for is_suspended
assert_eq suspended "$(count 1 packets)" ''
assert_match shown "$(sg egress show "$id")" 'default: deny$'
