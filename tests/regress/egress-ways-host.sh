#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: what nobody inside can send is refused or not believed, were it sent all
# the same; nothing comes back in by the host's own address; no other resolver
# hears. Each beside what does arrive.
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

# What nobody inside can send, sent there by the host's root: the policy judges
# it as it does the rest.
sg egress allow "$id" "$SERVER" "$SERVER6" >/dev/null
for pair in $pairs; do
	IFS=, read -r open closed <<<"$pair"
	raws arrives "$open"
	raws refused "$closed"
done
want refused piece "$SERVER" 8080
want refused raw 169.254.0.1 0 1
# And past the sandbox's own table: the host's knows whose sources are whose.
want arrives frame "$SERVER" 8080
want arrives frame "$SERVER6" 8080
for source in "$(address_of "$nesting")" "$SERVER2" "$HOST" 127.0.0.1 0.0.0.0 \
    255.255.255.255 169.254.0.1; do
	want ends frame "$SERVER" 8080 "$source"
done
for source in "$SERVER26" "2001:db8:ff:$number::1" ::1 :: fe80::5 ff02::1; do
	want ends frame "$SERVER6" 8080 "$source"
done
want ends frame_route "$SERVER2" 8080 "$SERVER"
for address in "$(address_of "$nesting")" "$(address_of "$id")" 169.254.0.1 \
    "$HOST" "$PLAIN"; do
	want sent arp_claim "$address" 0 "$number"
done
want sent nd_claim "$PLAIN6" 0 "$number,2001:db8:fe:$number::1"
want sent router "2001:db8:fd:$number::" 0
try_in forced
for kind in arp nd; do
	sg_wait_for is_seen inside $kind || fail "$kind: not sent"
done
believed()
{
	ip neigh show | grep "$(printf '02:de:ad:00:00:%02x' "$number")"
	ip -6 addr show to "2001:db8:fd:$number::/64" | grep inet6
}
assert_eq 'what the host believes of a sandbox' "$(believed)" ''

# By the host: where it serves, what it publishes of others, and where the
# sandbox's own packets seem to come from.
in_background hosted "$python" "$here/egress_peer.py" serve "$HOST" 7010
in_background published ip netns exec "$space" "$python" \
    "$here/egress_peer.py" serve "$PLAIN" 7008
in_background mirror "${there[@]}" "$here/egress_ways.py" mirror "$SERVER" 8082
in_background resolver "${there[@]}" "$here/egress_peer.py" serve \
    "$SERVER2,$SERVER26" 53
nft -f - <<-END
	table ip ways_$SG_INSTANCE {
		chain prerouting {
			type nat hook prerouting priority dstnat
			ip daddr $HOST udp dport 7009 dnat to $PLAIN:7008
			ip daddr $HOST tcp dport 7009 dnat to $PLAIN:7008
		}
	}
END
at_exit 'nft delete table ip "ways_$SG_INSTANCE"'
by_host()
{
	local way

	for way in plain tcp; do
		want "$1" $way "$HOST" 7009
		want "$1" $way "$HOST" 7010
	done
	want "$1" back "$SERVER" 8082
	want "$1" plain "$PLAIN" 7008
}
got_by_host() { cat "$tmp/hosted" "$tmp/published" | grep -c token; }
all_got()
{
	[ "$(got_by_host)" = 5 ]
}
by_host sent
try_in outside
sg_wait_for all_got || fail "by the host, no control: $(got_by_host)"
by_host gone
sg egress set "$id" allow >/dev/null
try_in inside
assert_eq 'by the host' "$(got_by_host)" 5

# By a source that is the sandbox's, but not of its link: with names in its
# policy it has the resolvers' addresses.
cat >"$tmp/policy" <<-END
	{"default": "deny", "rules": [
	  {"action": "allow", "domains": ["git.example"]},
	  {"action": "allow", "cidrs": ["$SERVER"], "ports": [8080]},
	  {"action": "allow", "cidrs": ["$SERVER6"], "ports": [8080]}]}
END
sg egress set "$id" "$tmp/policy" >/dev/null
resolver=$(sg exec "$id" -- sed -n 's/^nameserver \([0-9.]*\)$/\1/p' \
    /etc/resolv.conf | head -n 1)
want stays bound "$SERVER" 8080 "$resolver"
want sent bound "$resolver" 9999 "$resolver"
want arrives bound "$SERVER" 8080 "$(address_of "$id")"

# Another resolver than the host's, over both.
other_resolver()
{
	want "$1" plain "$SERVER2" 53
	want "$1" tcp "$SERVER2" 53
	want "$1" plain "$SERVER26" 53
	want "$1" tcp "$SERVER26" 53
}
other_resolver stays
try_in inside
sg egress allow "$id" "$SERVER2:53" "[$SERVER26]:53" >/dev/null
other_resolver arrives
try_in inside

# Last, as it is then another's: what neighbours and routers say is believed
# where nothing defends, and so are sources.
want arrives frame "$SERVER" 8080 "$SERVER2"
want arrives frame "$SERVER6" 8080 "$SERVER26"
try_in plain
run plain "arp_claim,$PLAIN,0,-,$number" \
    "nd_claim,$PLAIN6,0,-,$number,2001:db8:fe:$number::1" \
    "router,2001:db8:fd:$number::,0,-" >/dev/null
all_believed()
{
	[ "$(believed | wc -l)" = 3 ]
}
sg_wait_for all_believed || fail "no control: $(believed)"
echo "$tried ways"
