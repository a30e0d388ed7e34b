#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: a sandbox reaches what its policy says, by each way to say it.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
needs_product 'egress policies'
internet_begin

id=$(sg create 2>/dev/null)
at_exit 'sg destroy "$id"'
assert_eq 'default' "$(sg egress show "$id")" "default: allow (the host's)"
for address in "$SERVER" "$SERVER2" "$SERVER6" "$SERVER26"; do
	reaches "$id" tcp "$address" 443
	reaches "$id" udp "$address" 8080
done
# Mail is closed, whatever a policy says.
refuses "$id" tcp "$SERVER" 25
reaches "$id" udp "$SERVER" 25

sg egress set "$id" "allow:$SERVER:443,[$SERVER6]:8080-8081" >/dev/null
reaches "$id" tcp "$SERVER" 443
reaches "$id" udp "$SERVER" 443
refuses "$id" tcp "$SERVER" 8080
refuses "$id" tcp "$SERVER2" 443
reaches "$id" tcp "$SERVER6" 8081
refuses "$id" tcp "$SERVER6" 443
refuses "$id" tcp "$SERVER26" 8080
# An IPv4 address in IPv6 is that IPv4 address.
reaches "$id" tcp "::ffff:$SERVER" 443
refuses "$id" tcp "::ffff:$SERVER2" 443

sg egress allow "$id" "$SERVER2" --protocol udp >/dev/null
reaches "$id" udp "$SERVER2" 8080
refuses "$id" tcp "$SERVER2" 8080
sg egress deny "$id" '*:8080' >/dev/null
refuses "$id" udp "$SERVER2" 8080
refuses "$id" tcp "$SERVER6" 8080
reaches "$id" tcp "$SERVER6" 8081
assert_eq 'rules' "$(sg egress show "$id" --json |
    jq -c '[.default, (.rules | length), .rules[0].ports, .own]')" \
    '["deny",4,[8080],true]'

assert_eq 'check' "$(sg egress check "$id" "$SERVER" 443)" 'allowed by rule 3'
assert_eq 'check' "$(sg egress check "$id" "$SERVER" 8080 || :)" \
    'denied by rule 1'
assert_eq 'check' "$(sg egress check "$id" "$SERVER" 80 || :)" \
    'denied by rule default'
assert_eq 'check' "$(sg egress check "$id" 169.254.169.254 80 || :)" \
    'denied by rule always: link-local is never allowed'

# What it is given is what is read back, and can be given again.
sg egress show "$id" --json >"$tmp/policy"
sg egress set "$id" - <"$tmp/policy" --json >"$tmp/again"
diff "$tmp/policy" "$tmp/again"

# From its first instruction on.
closed=$(sg create --egress deny 2>/dev/null)
at_exit 'sg destroy "$closed"'
refuses "$closed" tcp "$SERVER" 443
refuses "$closed" udp "$SERVER6" 443
sg egress reset "$closed"
reaches "$closed" tcp "$SERVER" 443

# The same from the control lobby.
assert_match 'lobby' "$(sg_ssh -l ctl sandbox "egress set $closed deny")" \
    'default: deny'
refuses "$closed" tcp "$SERVER" 443

# What cannot be is refused by name, and changes nothing.
refused()
{
	local words

	words=$(sg egress set "$id" - <<<"$1" 2>&1) && fail "taken: $1"
	assert_match "$1" "$words" "$2"
}
rule()
{
	echo "{\"default\": \"deny\", \"rules\": [{\"action\": \"allow\", $1}]}"
}
refused "$(rule '"cidrs": ["169.254.0.0/16"]')" \
    'rules\[0\].cidrs: .* link-local is never allowed'
refused "$(rule '"cidrs": ["192.168.1.0/24"]')" 'is private'
refused "$(rule '"domains": ["a..b"]')" 'rules\[0\].domains: a name, or'
refused "$(rule '"cidrs": []')" 'rules\[0\].cidrs: has fewer than 1'
refused "$(rule '"ports": [65536]')" 'rules\[0\].ports: from 0 to 65535'
refused "$(rule '"ports": [25]')" 'mail'
refused "$(rule '"ports": [1], "protocols": ["icmp"]')" 'not of icmp'
refused "$(rule '"protocols": ["sctp"]')" 'tcp, udp, icmp, tls or http'
refused "$(rule '"hosts": ["x"]')" 'rules\[0\].hosts: no such field'
refused '{"rules": []}' 'default: must be given'
sg egress show "$id" --json | diff "$tmp/policy" -
