#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: whoever of the daemons is killed, under traffic: what is allowed goes on
# without losing a packet or a byte, by whatever kind of rule, nothing passes that
# is forbidden, and names are answered again.
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
	git.example A 60 $SERVER
END
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj /CN=git.example -keyout "$tmp/key" -out "$tmp/cert" 2>/dev/null
LOOK_END=$tmp/end timeout 1150 ip netns exec "$internet" /usr/bin/python3 \
    "$here/egress_look.py" serve "$SERVER" "$tmp/cert" "$tmp/key" \
    >"$tmp/looked" 2>&1 &
at_exit "kill $!"
sg_wait_for grep -q ready "$tmp/looked" || fail 'no server of TLS'
timeout 1150 ip netns exec "$internet" /usr/bin/python3 "$here/egress_flow.py" \
    receive eth0 "$SERVER,$SERVER6" 7000 "$SERVER2,$SERVER26" >"$tmp/flow" 2>&1 &
at_exit "kill $!"
sg_wait_for grep -q ready "$tmp/flow" || fail 'nobody receives'

cat >"$tmp/policy" <<-END
	{"default": "deny", "rules": [
	  {"action": "allow", "domains": ["flow.example", "live.example"],
	   "ports": [7000]},
	  {"action": "allow", "domains": ["git.example"], "ports": [4443],
	   "protocols": ["tls"]}]}
END
id=$(sg create --egress "$tmp/policy" 2>/dev/null)
at_exit 'sg destroy "$id"'
sg exec "$id" -- sh -c 'cat >flow.py' <"$here/egress_flow.py"
sg exec "$id" -- sh -c 'cat >look.py' <"$here/egress_look.py"
dns "$id" lookup flow.example >/dev/null
dns "$id" lookup git.example >/dev/null
sg exec "$id" -- sh -c "
	setsid python3 flow.py send $SERVER,$SERVER6 7000 $SERVER2,$SERVER26 \
	    >send.log 2>&1 </dev/null &
	setsid python3 look.py digest git.example $SERVER 4443 >digest.log \
	    2>&1 </dev/null &
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
is_loading()
{
	sg exec "$id" -- grep -q begun digest.log
}
sg_wait_for is_loading || fail "no TLS: $(sg exec "$id" -- cat digest.log)"

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

touch "$tmp/end"
is_loaded()
{
	sg exec "$id" -- grep -q got digest.log
}
sg_wait_for is_loaded || fail 'what a rule of TLS let go on hangs'
assert_eq 'what came by it' \
    "$(sg exec "$id" -- sed -n 's/^got //p' digest.log)" \
    "$(sed -n 's/^sent //p' "$tmp/looked")"
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

# Of those who passed bytes on, he who is asked now is left.
relays()
{
	for pid in $(sg_processes); do
		[ "$(cat "/proc/$pid/comm")" != gateway-relay ] || echo "$pid"
	done
}
is_alone()
{
	[ "$(relays)" = \
	    "$(sg_children "$(gateway_child gateway-resolve)" gateway-relay)" ]
}
sg_wait_for is_alone || fail "relays stay: $(relays)"
