#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: mail's port is closed until the operator opens it, and `check` and the log
# name the switch; then a policy decides of it as of any other.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
needs_product 'egress policies'
internet_begin

id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
checks()
{
	assert_eq "check $1" "$(sg egress check "$id" "$SERVER" "$1" || :)" "$2"
}
is_told()
{
	sg egress log "$id" | grep -qF \
	    "tcp  $SERVER:25 by rule always: mail's port is closed here (allow_smtp)"
}
reaches "$id" tcp "$SERVER" 443
refuses "$id" tcp "$SERVER" 25
refuses "$id" tcp "$SERVER6" 25
checks 25 "denied by rule always: mail's port is closed here (allow_smtp)"
checks 443 'allowed by rule default'
sg_wait_for is_told || fail "not told: $(sg egress log "$id")"

restart()
{
	sg_stop sandboxd
	sg_start sandboxd
	sg_wait_api
}
cp "$SG_CONF" "$tmp/conf.before"
at_exit 'cp "$tmp/conf.before" "$SG_CONF"; restart'
sed -i '/^\[sandboxd\]/a allow_smtp = yes' "$SG_CONF"
restart
reaches "$id" tcp "$SERVER" 25
checks 25 'allowed by rule default'
sg egress set "$id" "allow:$SERVER:25" >/dev/null
reaches "$id" tcp "$SERVER" 25
refuses "$id" tcp "$SERVER6" 25
checks 25 'allowed by rule 1'
