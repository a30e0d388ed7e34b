#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: no way out beside ordinary packets, for root inside and root of
# namespaces made there: other protocols, links, groups, sources and routes of
# one message. Each goes out where nothing defends or where it is allowed, and
# then does not.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
# shellcheck source=tests/regress/lib-ways.sh
. "$here/lib-ways.sh"
needs_product 'egress policies'
needs_product nesting
internet_begin
ways_begin

# Options of ordinary sockets: what is allowed goes, what is not does not.
each_way()
{
	local outcome=$1 open=$2 to=$3

	want "$outcome" hops "$to" 8080 64
	want "$outcome" message_by "$to" 8080 eth0
	want "$outcome" unicast_if "$to" 8080 eth0
	want "$outcome" corked "$open" 8080 "$to"
	want "$outcome" again "$to" 8080 "$open"
	want "$outcome" segments "$to" 8080
	[[ $to != *:* ]] || return 0
	want "$outcome" mapped "$to" 8080
	want "$outcome" former "$to" 8080
}
# never OUTCOME NEIGHBOUR: what no policy lets out, and who is not defended
# sends.
never()
{
	local outcome=$1 group

	for group in 255.255.255.255 "10.$number.255.255" "198.19.$number.3"; do
		want "$outcome" broadcast "$group" 8080
	done
	for group in 224.0.0.1 "239.77.0.$number" ff02::1 ff05::77; do
		want "$outcome" multicast "$group" 8080
	done
	want "$outcome" scoped "$2" 8080
	want "$outcome" message_route "$SERVER2" 8080 "$SERVER"
	want "$outcome" record_route "$SERVER" 8080
}
for pair in $pairs; do
	IFS=, read -r open closed <<<"$pair"
	each_way arrives "$open" "$open"
	each_way stays "$open" "$closed"
	want stays hops "$closed" 8080 255
	for way in device message_by unicast_if; do
		want stays $way "$closed" 8080 lo
	done
done
never stays fe80::1
want stays message_route "$SERVER26" 8080 "$SERVER6"
want stays plain 169.254.0.1 8080
want stays plain 0.0.0.0 8080
for source in 198.51.100.77 127.0.0.1 "$(address_of "$nesting")"; do
	for way in message_from free_bound; do
		want stays $way "$SERVER" 8080 "$source"
	done
done
for way in message_free_from free_bound; do
	want stays $way "$SERVER6" 8080 2001:db8::77
done
want stays bound "$SERVER" 8080 127.0.0.1
want stays join "239.77.1.$number" 0
want stays join ff05::78 0
# Rights that root inside has not.
rights()
{
	local outcome=$1 prefix=${2:-}

	want "$outcome" "${prefix}transparent" "$SERVER" 8080 198.51.100.77
	want "$outcome" "${prefix}transparent" "$SERVER6" 8080 2001:db8::77
	want "$outcome" "${prefix}message_marked" "$SERVER" 8080
	want "$outcome" "${prefix}message_marked" "$SERVER6" 8080
}
rights refused
want refused marked "$SERVER" 8080
want refused ioctls 0.0.0.0 0
want refused tun 0.0.0.0 0 1
want refused tun 0.0.0.0 0 2
raws refused "$SERVER"
raws refused "$SERVER6"
# UDP-Lite, MPTCP, packets; the kernel reads 32 bits of each number.
high=0x100000000
odd_sockets()
{
	want "$1" other_socket "$SERVER" 8080 2,2,136
	want "$1" other_socket "$SERVER" 8080 10,1,262
	want "$1" other_socket "$SERVER" 8080 17,3,0x300
	want "$1" other_socket "$SERVER" 8080 "2,2,$((high + 136))"
	want "$1" other_socket "$SERVER6" 8080 "10,1,$((high + 262))"
	want "$1" other_socket "$SERVER" 8080 "$((high + 17)),3,0x300"
}
odd_sockets refused
want refused raw "$SERVER" 8080 255
try_in inside

# The same where nothing defends.
for pair in $pairs; do
	IFS=, read -r open closed <<<"$pair"
	each_way arrives "$open" "$closed"
done
never leaves "$(ip -6 -o addr show dev "$plain_link" scope link |
    sed 's/.*inet6 \([^/]*\).*/\1/')"
rights arrives
want arrives marked "$SERVER" 8080
for way in message_free_from free_bound; do
	want arrives $way "$SERVER6" 8080 2001:db8::77
done
want sent join "239.77.1.$number" 0
want sent join ff05::78 0
raws arrives "$SERVER"
want leaves piece "$SERVER" 8080
odd_sockets may
try_in plain
for kind in igmp mld; do
	sg_wait_for is_seen plain $kind || fail "$kind: no control"
done
want sent ioctls 0.0.0.0 0
want sent tun 0.0.0.0 0 1
want sent tun 0.0.0.0 0 2
want sent link 0.0.0.0 0
want sent owned_setting 0.0.0.0 0
try_in nobody

# Root of namespaces of one's own.
rights refused owned_
want refused owned_ioctl 0.0.0.0 0
want refused owned_tun 0.0.0.0 0 1
want refused owned_link 0.0.0.0 0
want refused owned_setting 0.0.0.0 0
raws refused "$SERVER" owned_
raws refused "$SERVER6" owned_
odd_sockets refused
try_in nested
for place in inside nested; do
	! grep -E '^(igmp|mld|nd|arp)' "$tmp/$place-wire" ||
	    fail "$place: $(<"$tmp/$place-wire")"
done
echo "$tried ways"
