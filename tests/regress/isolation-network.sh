#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: root of a sandbox reaches no host service, neighbour or metadata.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product isolation

port=$(/usr/bin/python3 -c 'import socket
s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])')
timeout 1150 /usr/bin/python3 -m http.server --bind 0.0.0.0 "$port" \
    --directory "$tmp" >/dev/null 2>&1 &

at_exit "kill $!"

# What an unfiltered sandbox would be: a namespace with a routed link.
# Its name must not begin as those of links that are filtered.
space=un${SG_INSTANCE}$$ link=un${SG_INSTANCE}0
# As the instance's network is its own, so are addresses made of it.
net=198.19.$(cut -d. -f2 <<<"$SG_NETWORK") peer=$net.1
ip netns add "$space"
at_exit 'ip netns del "$space"'
ip link add "$link" type veth peer name eth0 netns "$space"
at_exit 'ip link del "$link"'
ip addr add "$peer/30" dev "$link"
ip link set "$link" up
# The metadata service of a cloud, played by the host.
ip addr add 169.254.169.254/32 dev "$link"
ip -n "$space" addr add "$net.2/30" dev eth0
ip -n "$space" link set eth0 up
ip -n "$space" route add default via "$peer"
unfiltered()
{
	timeout 30 ip netns exec "$space" /usr/bin/python3 "$here/attacks.py" "$@"
}
is_served()
{
	[ "$(unfiltered connect "$peer" "$port")" = worked ]
}
sg_wait_for is_served || fail 'the test has no service'

for address in 169.254.169.254 "$peer" $(own_addresses | head -n 3); do
	assert_eq "unfiltered: $address" \
	    "$(unfiltered connect "$address" "$port")" worked
	refused_inside connect "$address" "$port"
done
gateway=$(sg_ssh root 'ip route' | sed -n 's/^default via \([^ ]*\).*/\1/p')
for address in 127.0.0.1 ::1 "$gateway" 0.0.0.0; do
	refused_inside connect "$address" "$port"
	refused_inside connect "$address" "$SG_PORT"
done

# The neighbour, of another organisation, at a service it has open.
sg_ssh foreign 'python3 -m http.server 7777 >/dev/null 2>&1 </dev/null &'
at_exit 'sg_ssh foreign "pkill -f http.server"'
neighbour=$(sg get --org elsewhere "$SG_FOREIGN" --json | jq -r .address)
is_open()
{
	[ "$(attack_inside foreign connect "$neighbour" 7777)" = worked ]
}
sg_wait_for is_open || fail 'its own service does not answer'
refused_inside connect "$neighbour" 7777
refused_inside connect 10.0.0.1 80

# Nobody who sends it an ICMP redirect leads its packets elsewhere.
for link in ipv4/conf/all ipv4/conf/eth0 ipv6/conf/eth0; do
	assert_eq "redirects of $link" "$(sg_ssh root \
	    "cat /proc/sys/net/$link/accept_redirects")" 0
done
