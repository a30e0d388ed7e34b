#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: what is allowed by name is reached where the name leads, for as long as it
# leads there, and nothing else is; other names are not even asked for.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
# shellcheck source=tests/regress/lib-names.sh
. "$here/lib-names.sh"
needs_product 'egress policies'
internet_begin
names_begin

cat >"$zone" <<-END
	git.example A 5 $SERVER
	git.example AAAA 5 $SERVER6
	git.example HTTPS 5 $SERVER2
	git.example TXT 5 words
	www.pages.example CNAME 60 edge.cdn.test
	edge.cdn.test CNAME 20 host.cdn.test
	host.cdn.test A 60 $SERVER2
	pages.example A 60 $SERVER2
	evil.example A 60 $SERVER2
	in.pages.example A 60 10.1.2.3
	in.pages.example A 60 169.254.169.254
	in.pages.example A 60 127.0.0.1
	in.pages.example AAAA 60 ::ffff:198.51.100.1
	mixed.pages.example A 60 192.168.3.4
	mixed.pages.example A 60 $SERVER2
	dns.google A 60 $SERVER2
	www.google A 60 $SERVER2
	pub.pages.example A 60 9.9.9.9
	xn--bcher-kva.pages.example A 60 $SERVER2
END
for i in $(seq 1 60); do
	echo "many.pages.example A 60 203.0.113.$i"
	echo "many.pages.example AAAA 60 2001:db8::$i"
done >>"$zone"

# Who reads all this is jailed.
resolver=$(sg_children "$(sg_pid gateway)" gateway-resolve)
field()
{
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$resolver/status"
}
net=$(id -u sandgate-net)
assert_eq users "$(field Uid | tr '\t' ' ')" "$net $net $net $net"
assert_eq capabilities "$(field CapEff)" 0000000000000000
assert_eq 'no_new_privs' "$(field NoNewPrivs)" 1
assert_eq filter "$(field Seccomp)" 2
assert_eq root "$(readlink "/proc/$resolver/root")" "$SG_RUN/empty"

id=$(sg create --egress "allow:git.example:443,*.pages.example:8080" \
    2>/dev/null)
at_exit 'sg destroy "$id"'
assert_match shown "$(sg egress show "$id")" 'git\.example +443'
assert_eq 'as JSON' "$(sg egress show "$id" --json |
    jq -c '[.rules[].domains]')" '[["git.example"],["*.pages.example"]]'

# Before the name was looked up the address is not allowed; then it is.
refuses "$id" tcp "$SERVER" 443
assert_eq 'check before' "$(sg egress check "$id" "$SERVER" 443)" \
    'denied by rule default'
assert_eq 'by name' "$(dns "$id" reach git.example 443)" reached
reaches "$id" tcp "$SERVER" 443
reaches "$id" tcp "$SERVER6" 443
for address in "$SERVER" "$SERVER6"; do
	assert_eq "check $address" "$(sg egress check "$id" "$address" 443)" \
	    'allowed by rule 1: git.example has led there'
	assert_eq "check $address" "$(sg egress check "$id" "$address" 80)" \
	    'denied by rule default'
done
refuses "$id" tcp "$SERVER" 8080
# What is refused of a name's addresses is told with the name.
is_told()
{
	sg egress log "$id" |
	    grep -qF "tcp  $SERVER:8080 (git.example) by rule default"
}
sg_wait_for is_told || fail "not told: $(sg egress log "$id")"
refuses "$id" udp "$SERVER2" 443
assert_match case "$(dns "$id" lookup GIT.Example.)" "$SERVER"

# Aliases, and where they end; *.x is not x; what is not named is not asked.
refuses "$id" tcp "$SERVER2" 8080
assert_eq chain "$(dns "$id" reach www.pages.example 8080)" reached
assert_eq chain "$(dns "$id" ask "$DNS" www.pages.example A)" \
    "code0 edge.cdn.test host.cdn.test $SERVER2"
assert_match punycode "$(dns "$id" lookup xn--bcher-kva.pages.example)" \
    "$SERVER2"
for name in pages.example evil.example git.example.evil.example \
    agit.example secret.data.evil.example; do
	assert_match "$name" "$(dns "$id" ask "$DNS" "$name" A)" '^code3$'
	assert_match "$name" "$(dns "$id" ask "$DNS6" "$name" A tcp)" '^code3$'
	assert_eq "$name: asked" "$(asked "$name")" 0
done
long=$(printf 'a%.0s' {1..60}).$(printf 'b%.0s' {1..30}).pages.example
assert_eq 'a long one' "$(dns "$id" ask "$DNS" "$long" A)" code3
assert_eq 'a long one: asked' "$(asked "$long")" 0

# Another resolver is none of its ways out, nor are these by their addresses.
refuses "$id" udp "$SERVER2" 53
refuses "$id" tcp "$SERVER2" 53
assert_match 'port' "$(inside "$id" ask tcp "$DNS" 8080)" '^refused: '

# Names that lead inside lead nowhere, and to the rest of what they say.
assert_eq rebinding "$(dns "$id" ask "$DNS" in.pages.example A)" code0
assert_eq rebinding "$(dns "$id" ask "$DNS" in.pages.example AAAA)" code0
assert_eq mixed "$(dns "$id" ask "$DNS" mixed.pages.example A)" \
    "code0 $SERVER2"

# By TCP where it is too large, upstream and here; kinds of questions.
assert_eq 'too large' "$(dns "$id" ask "$DNS" many.pages.example A)" \
    'code0 tc'
assert_eq many "$(dns "$id" ask "$DNS" many.pages.example A tcp | wc -w)" 61
assert_eq many "$(dns "$id" ask "$DNS6" many.pages.example AAAA tcp |
    wc -w)" 61
assert_eq HTTPS "$(dns "$id" ask "$DNS" git.example HTTPS)" code0
assert_eq 'HTTPS: asked' "$(grep -c 'git.example HTTPS' "$tmp/dns")" 0
assert_eq TXT "$(dns "$id" ask "$DNS" git.example TXT)" 'code0 type16'
assert_eq ANY "$(dns "$id" ask "$DNS" git.example ANY)" code5
assert_eq AXFR "$(dns "$id" ask "$DNS" pages.example AXFR tcp)" code3

# A second sandbox without names asks as before, and is told of any.
other=$(sg create 2>/dev/null)
at_exit 'sg destroy "$other"'
assert_match 'without names' "$(dns "$other" lookup evil.example)" "$SERVER2"
# With names and the right to ask, it is told of all, and reaches what it may.
sg egress set "$other" "allow:git.example:443,$DNS:53" >/dev/null
assert_eq open "$(dns "$other" ask "$DNS" evil.example A)" "code0 $SERVER2"
assert_eq open "$(dns "$other" reach evil.example 443 | cut -c-7)" refused
assert_eq open "$(dns "$other" reach git.example 443)" reached

# Other resolvers answer nothing in its place, though a star or a cidr has them;
# unless names are not what rules.
sg egress set "$id" \
    "allow:git.example:443,*.pages.example,*.google:443,9.9.9.9,$SERVER2" \
    >/dev/null
assert_eq 'DNS over HTTPS' "$(dns "$id" ask "$DNS" dns.google A)" code3
assert_eq 'not asked' "$(asked dns.google)" 0
assert_eq 'its neighbour' "$(dns "$id" ask "$DNS" www.google A)" \
    "code0 $SERVER2"
check_one()
{
	assert_eq "check $*" "$(sg egress check "$id" "${@:1:2}" ${4:+-p "$4"})" \
	    "$3"
}
https='denied by rule always: DNS over HTTPS is closed here (encrypted_dns)'
tls='denied by rule always: DNS over TLS is closed here (encrypted_dns)'
check_one 9.9.9.9 443 "$https"
check_one 9.9.9.9 443 "$https" udp
check_one 9.9.9.9 80 'allowed by rule 4'
check_one "$SERVER2" 853 "$tls"
check_one "$SERVER2" 853 "$tls" udp
assert_match 'and else' "$(sg egress check "$id" "$SERVER2" 443)" \
    '^allowed by rule'
assert_match 'TLS' "$(inside "$id" ask tcp "$SERVER2" 853)" '^refused: '
assert_eq 'TLS' "$(timeout 60 nsenter -n -t "$(init_of "$id")" nft list table \
    inet "$(sed -n 's/^nft_table *= *//p' "$SG_CONF")" | grep -cE \
    'dport 853 goto refuse|@encrypted_dns[46][xyz]? (tcp|udp) dport 443 goto')" 6
words=$(sg egress set "$id" allow:dns.google:443 2>&1) && fail 'taken: dns.google'
assert_match 'a name' "$words" \
    'rules\[0\].domains: dns.google cannot be allowed: DNS over HTTPS'
words=$(sg egress set "$id" "allow:git.example,*:853" 2>&1) && fail 'taken: 853'
assert_match 'a port' "$words" \
    'rules\[1\].ports: 853 cannot be allowed: DNS over TLS'
sg egress set "$id" allow:9.9.9.9,*:853 >/dev/null
check_one 9.9.9.9 443 'allowed by rule 1'
check_one "$SERVER2" 853 'allowed by rule 2'
sg egress set "$id" "allow:git.example:443,*.pages.example:8080" >/dev/null

# It asks so often and no more.
answered=$(dns "$id" flood "$DNS" git.example 3000)
[ "$answered" -lt 1000 ] || fail "answered $answered of 3000"
assert_match 'and then again' "$(dns "$id" lookup git.example 30)" "$SERVER"

# What cannot be is refused by name.
refused()
{
	words=$(sg egress set "$id" - 2>&1 <<<"{\"default\": \"deny\",
	    \"rules\": [{\"action\": \"allow\", $1}]}") && fail "taken: $1"
	assert_match "$1" "$words" 'rules\[0\].domains: '
}
refused '"domains": ["a..b"]'
refused '"domains": ["a.b"], "cidrs": ["192.0.2.1"]'
refused '"domains": ["1.2.3.4"]'
refused '"domains": ["*"]'
refused '"domains": ["a.*.b"]'
refused '"domains": ["bücher.example"]'
words=$(sg egress deny "$id" evil.example 2>&1) && fail 'taken: deny'
assert_match deny "$words" 'names are allowed, not denied'

# What decides of a name, as the sandbox would look it up.
checks()
{
	assert_eq "check $2 $3" "$(sg egress check "$1" "$2" "$3" 2>&1)" "$4"
}
checks "$id" GIT.example. 443 "allowed by rule 1: it leads to $SERVER"
checks "$id" git.example 80 "denied by rule default: it leads to $SERVER"
checks "$id" www.pages.example 8080 "allowed by rule 2: it leads to $SERVER2"
checks "$id" evil.example 443 \
    'denied by rule names: there is no such name for it'
assert_eq 'evil.example, asked' "$(asked fresh.evil.example)" 0
checks "$id" in.pages.example 8080 'denied by rule names: it leads nowhere'
sg egress set "$other" deny >/dev/null
checks "$other" evil.example 443 'denied by rule names: it may ask no resolver'
sg egress reset "$other"
checks "$other" evil.example 443 \
    "allowed by rule default: it leads to $SERVER2"
checks "$other" in.pages.example 80 'denied by rule always: it leads to '"\
10.1.2.3, 10.0.0.0/8 is private, and not in this host's allow_private"
assert_match 'no name' "$(sg egress check "$other" 'a b' 2>&1)" 'neither an'
