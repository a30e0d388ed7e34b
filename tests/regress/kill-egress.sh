#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: whoever of the daemons is killed, under traffic: what is allowed goes on
# without losing a packet, nothing passes that is forbidden, and names are
# answered again.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
# shellcheck source=tests/regress/lib-names.sh
. "$here/lib-names.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product 'egress policies'
internet_begin
names_begin
cat >"$zone" <<-END
	flow.example A 60 $SERVER
	flow.example AAAA 60 $SERVER6
	live.example A 0 $SERVER
END
timeout 280 ip netns exec "$internet" /usr/bin/python3 "$here/egress_flow.py" \
    receive eth0 "$SERVER,$SERVER6" 7000 "$SERVER2,$SERVER26" >"$tmp/flow" 2>&1 &
at_exit "kill $!"
sg_wait_for grep -q ready "$tmp/flow" || fail 'nobody receives'

id=$(sg create --egress allow:flow.example:7000,live.example:7000 2>/dev/null)
at_exit 'sg destroy "$id"'
sg exec "$id" -- sh -c 'cat >flow.py' <"$here/egress_flow.py"
dns "$id" lookup flow.example >/dev/null
sg exec "$id" -- sh -c "
	setsid python3 flow.py send $SERVER,$SERVER6 7000 $SERVER2,$SERVER26 \
	    >send.log 2>&1 </dev/null &
	setsid python3 flow.py names $DNS live.example >names.log 2>&1 \
	    </dev/null &"

# counted NAME: the last number that came, and so on.
counted()
{
	tail -n 1 "$tmp/flow" | sed -nE "s/.*$1 (-?[0-9]+).*/\\1/p"
}
# Fifty more by each way than at the time.
is_further()
{
	[ "$(counted udp)" -gt $(($1 + 50)) ] &&
	    [ "$(counted tcp)" -gt $(($2 + 50)) ]
}
goes_on()
{
	sg_wait_for is_further "$(counted udp)" "$(counted tcp)" ||
	    fail "$1: $(tail -n 1 "$tmp/flow") $(sg exec "$id" -- cat send.log)"
}
answers()
{
	sg exec "$id" -- grep -c answer names.log
}
is_answered()
{
	[ "$(answers)" -gt "$1" ]
}
is_answering()
{
	sg_wait_for is_answered "$(answers)" || fail "no names: $1"
}
sg_wait_for grep -q 'udp [1-9][0-9].* tcp [1-9][0-9]' "$tmp/flow" ||
    fail "nothing comes: $(sg exec "$id" -- cat send.log)"
is_answering 'at first'

for program in resolver proxy; do
	victim=$(gateway_child "$(printf %.15s "gateway-$program")")
	kill_hard "$victim"
	goes_on "without gateway-$program"
	sg_wait_for another_gateway_child \
	    "$(printf %.15s "gateway-$program")" "$victim" ||
	    fail "no new gateway-$program"
	is_answering "after gateway-$program's death"
done
kill_hard "$(sg_pid sandboxd)"
goes_on 'without sandboxd'
sg_start sandboxd
sg_wait_api
goes_on 'with the next sandboxd'
is_answering "after sandboxd's death"
kill_hard "$(sg_pid gateway)"
goes_on 'without the gateway'
sg_start gateway
sg_wait_api
goes_on 'with the next gateway'
is_answering "after the gateway's death"

assert_eq 'lost' "$(counted missing)" 0
assert_eq 'forbidden' "$(counted forbidden)" 0
echo "names were away, in seconds: $(sg exec "$id" -- sh -c \
    'grep gap names.log | cut -d" " -f2 | tr "\n" " "')"
# They would have been counted.
sg egress allow "$id" "$SERVER2" >/dev/null
comes()
{
	[ "$(counted forbidden)" -gt 0 ]
}
sg_wait_for comes || fail 'what is no longer forbidden does not come'
