#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #3: neither half-open connections nor guessing keep others from working.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product 'limits of a source'
# shellcheck source=tests/regress/lib-penalty.sh
. "$here/lib-penalty.sh"
gateway_with 'penalty_no_auth = 0'

# The median milliseconds an established session takes to answer.
echo_ms()
{
	local line n start

	for n in {1..25}; do
		start=${EPOCHREALTIME/./}
		echo "$n" >&8
		read -r -t 20 line <&7 || fail 'no answer'
		[ "$line" = "$n" ] || fail "got '$line', wanted $n"
		echo $(((${EPOCHREALTIME/./} - start) / 1000))
	done | sort -n | sed -n 13p
}

check()
{
	local now try

	assert_unharmed "$1: new logins" "$login_ms"
	for try in 1 2 3 4 5 6; do
		now=$(echo_ms)
		echo "$1: an open session answers in $now ms, before in" \
		    "$idle_ms"
		[ "$now" -gt $((idle_ms * 4 + 500)) ] || return 0
		sleep "$try"
	done
	fail "$1: the session is harmed"
}

coproc open { SG_TIMEOUT=900 sg_ssh other cat; }
# A coprocess's own descriptors are not there in subshells.
exec 7<&"${open[0]}" 8>&"${open[1]}"
login_ms=$(exec_ms other)
idle_ms=$(echo_ms)

hold 127.0.0.66 200 60 >"$tmp/held" &
holder=$!
sg_wait_for grep -q ready "$tmp/held"
check 'slow-loris'
assert_eq 'another source' "$(from 127.0.0.67)" 0
wait "$holder"
held=$(tail -n 1 "$tmp/held")
echo "of 200 half-open connections $held stayed open"
[ "$held" -ge 1 ] && [ "$held" -le 64 ] || fail "$held of 200 are held"

for n in 1 2 3 4; do
	(while [ ! -e "$tmp/stop" ]; do
		sg_ssh -b 127.0.0.68 -l "$SG_SANDBOX" -i "$SG_DIR/wrong" bare \
		    true 2>/dev/null
	done) &
	flood+=($!)
done
at_exit 'touch "$tmp/stop"'
sleep 2
check 'an auth flood'
assert_eq 'another source' "$(from 127.0.0.67)" 0
touch "$tmp/stop"
wait "${flood[@]}" || true
assert_match 'the flood is refused' "$(tail -n 50 "$SG_LOG/audit.log")" \
    'source_refused'
