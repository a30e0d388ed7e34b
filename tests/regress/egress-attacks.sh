#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: no way round a policy: each is tried on what is allowed, where it works,
# and on what is not.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
needs_product 'egress policies'
internet_begin

id=$(sg create --egress "allow:$SERVER:8080,[$SERVER6]:8080" 2>/dev/null)
at_exit 'sg destroy "$id"'
n=0

# attack NAME ADDRESS PORT [THROUGH]: tries it, as root inside.
attack()
{
	n=$((n + 1)) token=token-$n-
	said=$(timeout 60 "$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" \
	    exec --root "$id" -- python3 - "$1" "$2" "$3" "$token" "${@:4}" \
	    <"$here/egress_attacks.py" 2>&1)
}
arrives()
{
	attack "$@"
	sg_wait_for grep -q "$token" "$tmp/internet" ||
	    fail "$*: did not arrive: $said"
}
# What is sent after it has arrived, so that it would have.
stays()
{
	local held

	attack "$@"
	held=$token
	arrives plain "$SERVER" 8080
	! grep "$held" "$tmp/internet" || fail "$* arrived"
}

for way in plain connected large dontroute device fastopen; do
	for pair in "$SERVER $SERVER2" "$SERVER6 $SERVER26"; do
		read -r open closed <<<"$pair"
		case $way in
		dontroute) ;; # never: its next hop is not the host's end
		*) arrives $way "$open" 8080 ;;
		esac
		stays $way "$open" 8081
		stays $way "$closed" 8080
	done
done
arrives mapped "$SERVER" 8080
stays mapped "$SERVER2" 8080
stays mapped "$SERVER" 8081

# By way of what is allowed, and to what is allowed by way of another.
stays source_route "$SERVER2" 8080 "$SERVER"
stays source_route "$SERVER" 8080 "$SERVER2"
stays source_route "$SERVER26" 8080 "$SERVER6"
stays source_route "$SERVER6" 8080 "$SERVER26"

# Rights that root inside has not, and a namespace that leads nowhere.
for way in raw packet; do
	attack $way "$SERVER" 8080
	assert_match "$way" "$said" '^refused: '
done
stays nested "$SERVER" 8080
stays source "$SERVER" 8080
stays source "$SERVER6" 8080

# Echo carries what one likes, so it is let out by name alone.
for address in "$SERVER" "$SERVER6"; do
	attack echo "$address" 0
	assert_match "echo to $address" "$said" '^refused: '
	sg egress allow "$id" "$address" --protocol icmp >/dev/null
	attack echo "$address" 0
	assert_eq "echo to $address" "$said" sent
done
attack echo "$SERVER2" 0
assert_match 'echo to another' "$said" '^refused: '

# A packet of the kind that nobody inside can send is refused all the same.
in_namespace()
{
	n=$((n + 1)) token=token-$n-
	said=$(timeout 60 nsenter -n -t "$(init_of "$id")" /usr/bin/python3 \
	    "$here/egress_attacks.py" "$1" "$2" "$3" "$token")
}
in_namespace raw "$SERVER" 8080
sg_wait_for grep -q "$token" "$tmp/internet" || fail "raw: $said"
in_namespace raw "$SERVER2" 8080
assert_match 'raw' "$said" '^refused: Operation not permitted'
