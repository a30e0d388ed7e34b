#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: a policy that changes cuts what it forbids and nothing else, and holds
# whatever becomes of sandboxd and of the sandbox's processes.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
# shellcheck source=tests/regress/lib-forward.sh
. "$here/lib-forward.sh"
needs_product 'egress policies'
internet_begin

id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
sg exec "$id" -- sh -c 'cat >peer.py' <"$here/egress_peer.py"

# hold NAME ADDRESS: a connection that answers each line written to fd NAME.
hold()
{
	mkfifo "$tmp/to.$1"
	timeout 1150 "$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" exec \
	    "$id" -- python3 peer.py hold "$2" 443 <"$tmp/to.$1" \
	    >"$tmp/from.$1" 2>&1 &
	at_exit "end_job $!"
	eval "exec $3>'$tmp/to.$1'"
	sg_wait_for grep -q ready "$tmp/from.$1" || fail "$1: no connection"
}
hold kept "$SERVER" 7
hold cut "$SERVER6" 8
timeout 1150 "$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" exec "$id" \
    -- python3 peer.py talk "$SERVER2" 8080 >"$tmp/stream" 2>&1 &
at_exit "end_job $!"
sg_wait_for grep -q '^3$' "$tmp/stream" || fail 'no stream'
echo one >&7
echo one >&8
sg_wait_for grep -q one "$tmp/from.kept" || fail 'kept: no echo'
sg_wait_for grep -q one "$tmp/from.cut" || fail 'cut: no echo'

sg egress set "$id" "allow:$SERVER" >/dev/null
echo two >&7
echo two >&8
sg_wait_for grep -q two "$tmp/from.kept" || fail 'the allowed flow was cut'
sg_wait_for grep -q 'cut: ' "$tmp/from.cut" || fail 'the forbidden flow goes on'
# Nothing more comes in either, though the server goes on sending.
stands()
{
	local before

	before=$(wc -l <"$tmp/stream")
	sleep 2
	[ "$(wc -l <"$tmp/stream")" = "$before" ]
}
sg_within 15 stands || fail 'the stream goes on'

# Its -D dials from inside.
socks=$(free_port)
forward_begin socks -D "$socks" -l "$id" sandbox
by_socks()
{
	status_of curl -s -o /dev/null -m 10 --http0.9 -d "$RANDOM" \
	    --socks5 "127.0.0.1:$socks" "http://$1:443/"
}
assert_eq 'forbidden, by SOCKS' "$(by_socks "$SERVER2")" 97
[ "$(by_socks "$SERVER")" != 97 ] || fail 'allowed, by SOCKS'

# sandboxd dies, is away, and comes back: the policy holds throughout.
holds()
{
	reaches "$id" tcp "$SERVER" 443
	refuses "$id" tcp "$SERVER2" 443
	refuses "$id" udp "$SERVER6" 8080
}
kill_hard "$(sg_pid sandboxd)"
echo three >&7
sg_wait_for grep -q three "$tmp/from.kept" || fail 'cut by a death'
sg_start sandboxd
sg_wait_api
holds
echo four >&7
sg_wait_for grep -q four "$tmp/from.kept" || fail 'cut by a restart'
assert_eq 'kept' "$(sg egress show "$id" --json | jq -c .rules[0].cidrs)" \
    "[\"$SERVER\"]"

# Its processes die, and it wakes anew.
init=$(init_of "$id")
kill_hard "$init"
is_suspended()
{
	[ "$(sg get "$id" --json | jq -r .state)" = suspended ]
}
sg_wait_for is_suspended
sg egress set "$id" "allow:$SERVER,$SERVER6" >/dev/null
reaches "$id" tcp "$SERVER6" 443
refuses "$id" tcp "$SERVER2" 443

# While it stands still, for when it goes on.
sg pause "$id"
sg egress set "$id" "allow:$SERVER2" >/dev/null
sg resume "$id"
reaches "$id" tcp "$SERVER2" 443
refuses "$id" tcp "$SERVER6" 443

# Two at a time are one after the other, or told so.
for n in 1 2 3 4 5 6; do
	sg egress set "$id" "allow:$SERVER:44$n" >"$tmp/set.$n" 2>&1 &
	setters[n]=$!
done
for n in 1 2 3 4 5 6; do
	wait "${setters[n]}" || :
done
grep -L 'default: deny' "$tmp"/set.* | xargs -r grep -q 'is being changed'
port=$(sg egress show "$id" --json | jq -r .rules[0].ports[0])
assert_eq 'the last one' "$(sg egress check "$id" "$SERVER" "$port")" \
    'allowed by rule 1'
