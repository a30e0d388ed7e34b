#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: what all sandboxes of an organisation may together is one total, whatever
# becomes of each of them and of sandboxd; and nobody else's.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product 'egress policies'
needs_product organisations
internet_begin
orgs_start

# try USER ID WHAT ARGUMENT...: egress_limits.py in a sandbox of his.
try()
{
	SANDGATE_TOKEN=${token_of[$1]} timeout 100 "$BUILD/bin/sandgate" \
	    --socket "$SG_RUN/api.sock" exec "$2" -- python3 - "${@:3}" \
	    <"$here/egress_limits.py"
}
totals()
{
	sg_as max org egress show --json | jq -c '[.totals[]]'
}
# holding ID COUNT: a job that has so many connections, until holding_end.
holding()
{
	SANDGATE_TOKEN=${token_of[max]} timeout 1100 "$BUILD/bin/sandgate" \
	    --socket "$SG_RUN/api.sock" exec "$1" -- sh -c \
	    'echo $$ >holder; exec python3 - "$@"' - hold "$SERVER" 443 "$2" \
	    1000 <"$here/egress_limits.py" >"$tmp/holding" &
	at_exit "end_job $!"
	holder=$1
	sg_wait_for grep -qx "$2" "$tmp/holding" || fail "no $2 are held"
}
holding_end()
{
	# shellcheck disable=SC2016 # the sandbox's shell expands it
	sg_as max exec "$holder" -- sh -c 'kill $(cat holder)'
}
held()
{
	assert_eq "held by $2" "$(try "$1" "$2" hold "$SERVER" 443 9)" "$3"
}
told()
{
	sg_as max events "$1" --kind limited | grep -q "$2, of all sandboxes of"
}
# both HOW BURST A_SECOND: each of two asks 100 times, at once; together they are
# answered that many, and what may be until the last answer.
both()
{
	local one other end end2 begin=$EPOCHREALTIME took

	try max "$a" ask "$SERVER" 8080 100 "$1" >"$tmp/one" &
	try max "$b" ask "$SERVER2" 8080 100 "$1" >"$tmp/other"
	wait $!
	read -r one _ end <"$tmp/one"
	read -r other _ end2 <"$tmp/other"
	took=$(((end > end2 ? end : end2) - ${begin/./} / 1000))
	[ $((one + other)) -ge "$2" ] || fail "$1: $one and $other"
	[ $((one + other)) -le $(($2 + $3 * took / 1000 + 5)) ] ||
	    fail "$1: $one and $other in $took ms"
}

a=$(sg_as max create 2>/dev/null)
b=$(sg_as max create --egress "allow:$SERVER,$SERVER2" 2>/dev/null)
c=$(sg_as ben create 2>/dev/null)
assert_eq none "$(totals)" '[0,0,0,0,0]'
held max "$a" 9

sg_as ana org egress total connections=6 >/dev/null
assert_eq set "$(totals)" '[0,0,0,0,6]'
assert_match shown "$(sg_as max egress show "$b")" \
    'total of the organisation, connections: 6'
assert_match shown "$(sg_as vic org show)" \
    'total of the organisation, connections: 6'
holding "$a" 4
held max "$b" 2
held ben "$c" 9
sg_wait_for told "$b" 'connections: no more than 6 connections at once' ||
    fail "not told: $(sg_as max events "$b")"

assert_match listed "$(nft list table inet "${SG_NFT_TABLE}_totals")" \
    'iifgroup vmap @out'

# Whoever begins, or ends, and whatever sandboxd does: it goes on counting.
made=$(sg_as max create 2>/dev/null)
held max "$made" 2
kill_hard "$(sg_pid sandboxd)"
sg_start sandboxd
sg_wait_api
held max "$made" 2
forked=$(sg_as max fork "$made" 2>/dev/null)
held max "$forked" 2
sg_as max stop "$made"
held max "$made" 2
sg_as max egress limit "$made" connections=1 >/dev/null
held max "$made" 1
held max "$b" 2
held ben "$c" 9
holding_end
held max "$b" 6

sg_as ana org egress total connections=none packets=40 >/dev/null
assert_eq changed "$(totals)" '[0,0,40,0,0]'
both one 32 40
sg_wait_for told "$a" 'packets_per_second: no more than 40 packets a second' ||
    fail "not told: $(sg_as max events "$a")"
assert_match 'of another' "$(try ben "$c" ask "$SERVER" 8080 100 one)" '^100 '
sg_as ana org egress total packets=none connects=20 >/dev/null
both many 20 20

# Bytes: what may come at once is a second's worth and 128 KiB.
sg_as ana org egress total connects=none out=64K >/dev/null
took=$(try max "$a" echo "$SERVER" 443 400000)
[ "$took" -ge 2500 ] || fail "400000 bytes out in $took ms"
sg_as ana org egress total out=none in=64K >/dev/null
took=$(try max "$b" echo "$SERVER" 443 400000)
[ "$took" -ge 2500 ] || fail "400000 bytes in in $took ms"
sg_wait_for told "$b" 'in_bytes_per_second: no more than 65536 bytes a second' ||
    fail "not told: $(sg_as max events "$b")"

# A change of rules leaves it, and its end ends it.
sg_as ana org egress set allow >/dev/null
assert_eq kept "$(totals)" '[0,65536,0,0,0]'
assert_eq 'of one' "$(api_as max PUT "/v1/sandboxes/$a/egress" \
    '{"default": "allow", "totals": {"connections": 9}}')" 400
assert_match 'of one' "$(<"$tmp/answer")" \
    "totals.connections: of an organisation's"
# As it is told it can be given again.
sg_as max egress show "$a" --json | sg_as max egress set "$a" - >/dev/null
sg_as ana org egress show --json | sg_as ana org egress set - >/dev/null
assert_eq 'given again' "$(totals)" '[0,65536,0,0,0]'
words=$(sg_as ana org egress total packets=3 2>&1) && fail 'taken: 3'
assert_match least "$words" 'totals.packets_per_second: must be from 10'
sg_as ana org egress reset
assert_eq ended "$(totals)" '[0,0,0,0,0]'
held max "$a" 9
