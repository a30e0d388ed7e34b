# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# For the scripts egress-*.sh: an internet of this instance's own, a namespace
# behind this host with servers on documentation addresses.

internet_begin()
{
	local number link address

	# As the instance's network is its own, so are addresses made of it.
	number=$(cut -d. -f2 <<<"$SG_NETWORK")
	SERVER=198.51.100.$number SERVER2=203.0.113.$number
	SERVER6=2001:db8:$number::1 SERVER26=2001:db8:$number::2
	# No name of a link that is filtered begins so.
	internet=wan${SG_INSTANCE}$$ link=wan${SG_INSTANCE}0
	ip netns add "$internet"
	at_exit 'ip netns del "$internet"'
	ip link add "$link" type veth peer name eth0 netns "$internet"
	at_exit "ip link del $link"
	ip addr add 192.0.2.$number/32 peer 198.18.0.$number dev "$link"
	ip addr add "2001:db8:ff:$number::1/64" dev "$link" nodad
	ip link set "$link" up
	ip -n "$internet" addr add "198.18.0.$number/32" \
	    peer "192.0.2.$number" dev eth0
	ip -n "$internet" addr add "2001:db8:ff:$number::2/64" dev eth0 nodad
	ip -n "$internet" link set lo up
	ip -n "$internet" link set eth0 up
	ip -n "$internet" route add default via "192.0.2.$number"
	ip -n "$internet" route add default via "2001:db8:ff:$number::1"
	for address in "$SERVER" "$SERVER2"; do
		ip -n "$internet" addr add "$address/32" dev lo
		ip route add "$address/32" via "198.18.0.$number"
	done
	for address in "$SERVER6" "$SERVER26"; do
		ip -n "$internet" addr add "$address/128" dev lo nodad
		ip route add "$address/128" via "2001:db8:ff:$number::2"
	done
	timeout 1150 ip netns exec "$internet" /usr/bin/python3 \
	    "$here/egress_peer.py" serve \
	    "$SERVER,$SERVER2,$SERVER6,$SERVER26" 443 8080 8081 25 \
	    >"$tmp/internet" &
	at_exit "kill $!"
	sg_wait_for grep -q ready "$tmp/internet" || fail 'no internet'
}

# inside ID ARGUMENT...: egress_peer.py in a sandbox.
inside()
{
	timeout 60 "$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" exec "$1" \
	    -- python3 - "${@:2}" <"$here/egress_peer.py"
}

# reaches ID PROTOCOL ADDRESS PORT, and its opposite
reaches()
{
	assert_eq "$*" "$(inside "$1" ask "${@:2}")" reached
}
refuses()
{
	assert_match "$*" "$(inside "$1" ask "${@:2}")" '^refused: '
}

# The pid of its init on the host.
init_of()
{
	{ grep -ls "/$1" /proc/[0-9]*/cgroup || :; } | cut -d/ -f3 |
	    while read -r pid; do
		if grep -qsE '^NSpid:.*[[:space:]]1$' "/proc/$pid/status"; then
			echo "$pid"
			break
		fi
	    done
}
