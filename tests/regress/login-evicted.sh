#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: 350 connections of one exempt address that say nothing, as through a proxy,
# keep nobody from logging in: for each that comes the oldest of them goes.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'limits of a source'
# shellcheck source=tests/regress/lib-penalty.sh
. "$here/lib-penalty.sh"
gateway_with 'max_startups = 50:30:100' 'penalty_exempt = 127.0.0.0/8'

sessions()
{
	sg_children "$(sg_children "$(sg_pid gateway)" gateway-session)" \
	    gateway-session | wc -l
}
# An established session is none of those that can go.
coproc open { SG_TIMEOUT=900 sg_ssh sandbox cat; }
exec 7<&"${open[0]}" 8>&"${open[1]}"
echo first >&8
read -r -t 60 line <&7
hold 127.0.0.1 350 30 >"$tmp/held" &
holder=$!
sg_wait_for grep -q ready "$tmp/held"
n=0
for ((i = 0; i < 24; i++)); do
	sg_ssh sandbox true && n=$((n + 1))
done
assert_eq 'logins from the same address' "$n" 24
n=0
for ((i = 0; i < 8; i++)); do
	[ "$(from 127.0.0.70)" = 0 ] && n=$((n + 1))
done
assert_eq 'logins from another address' "$n" 8
are_few()
{
	[ "$(sessions)" -le 110 ]
}
sg_wait_for are_few || fail "$(sessions) processes for 100 connections"
echo still >&8
read -r -t 60 line <&7
assert_eq 'the session before' "$line" still
wait "$holder"
held=$(tail -n 1 "$tmp/held")
echo "of 350 half-open connections $held stayed open"
[ "$held" -ge 30 ] && [ "$held" -le 100 ] || fail "$held of 350 are held"
grep -q 'dropped connections: .* limit=max_startups' "$SG_LOG/gateway.log" ||
    fail 'the log says nothing of it'
