#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: where a sandbox may make namespaces, they are no way round its policy, nor
# is being root of one.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
needs_product 'egress policies'
needs_product nesting
internet_begin

id=$(sg create --nesting --egress "allow:$SERVER:8080,[$SERVER6]:8080" \
    2>/dev/null)
at_exit 'sg destroy "$id"'
attack()
{
	timeout 60 "$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" exec \
	    --root "$id" -- python3 - "$1" "$2" "$3" token \
	    <"$here/egress_attacks.py" 2>&1
}
for address in "$SERVER" "$SERVER6"; do
	reaches "$id" udp "$address" 8080
	refuses "$id" udp "$address" 8081
	assert_match "nested, $address" \
	    "$(attack nested "$address" 8080)" \
	    '^refused: (Network is unreachable|Cannot assign requested)'
	for way in owned_raw owned_packet owned_mark; do
		assert_match "$way, $address" \
		    "$(attack $way "$address" 8080)" \
		    '^refused: (Operation not permitted|Address family not)'
	done
done
