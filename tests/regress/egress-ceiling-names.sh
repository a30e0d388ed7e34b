#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: a ceiling that has names: each is resolved, and leads somewhere, where both
# it and the sandbox's policy let it, and what is no longer is cut.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
# shellcheck source=tests/regress/lib-names.sh
. "$here/lib-names.sh"
# shellcheck source=tests/regress/lib-org.sh
. "$here/lib-org.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product 'egress policies'
needs_product organisations
internet_begin
names_begin
orgs_start

cat >"$zone" <<-END
	api.hub.example A 3600 $SERVER
	raw.hub.example A 3600 $SERVER2
	git.example AAAA 3600 $SERVER6
	other.example A 3600 $SERVER2
END
as()
{
	SANDGATE_TOKEN=${token_of[$1]} "${@:2}"
}
# leads ID NAME PORT, and a name that is not resolved.
leads()
{
	assert_eq "$*" "$(as max dns "$1" reach "$2" "$3")" reached
}
no_name()
{
	assert_match "$*" "$(as max dns "$1" lookup "$2")" '^none: '
}
named=$(sg_as max create --egress 'allow:*.hub.example,git.example' \
    2>/dev/null)
wide=$(sg_as max create --egress allow 2>/dev/null)
cidrs=$(sg_as max create --egress "allow:$SERVER2" 2>/dev/null)
other=$(sg_as ben create --egress allow:other.example 2>/dev/null)
leads "$named" raw.hub.example 443
leads "$wide" other.example 443

sg_as ana org egress set allow:api.hub.example:443,git.example:443 >/dev/null
assert_match shown "$(sg_as vic org egress show)" 'api\.hub\.example +443'
no_name "$named" raw.hub.example
no_name "$named" other.example
as max refuses "$named" tcp "$SERVER2" 443
leads "$named" api.hub.example 443
leads "$named" git.example 443
as max refuses "$named" tcp "$SERVER" 8080
no_name "$wide" other.example
as max refuses "$wide" tcp "$SERVER" 443
leads "$wide" api.hub.example 443
as max refuses "$wide" tcp "$SERVER" 8080
no_name "$cidrs" api.hub.example
as max refuses "$cidrs" tcp "$SERVER2" 443
assert_eq 'of another' "$(as ben dns "$other" reach other.example 443)" \
    reached
checks()
{
	assert_eq "check $*" "$(sg_as max egress check "$1" "$2" "$3" 2>&1)" "$4"
}
checks "$named" "$SERVER" 443 'allowed by rule 1: api.hub.example has led there'
checks "$wide" "$SERVER" 443 'allowed by rule default'
checks "$named" "$SERVER" 8080 \
    "denied by rule default: the organisation's ceiling has that rule"
checks "$named" raw.hub.example 443 \
    'denied by rule names: there is no such name for it'
checks "$wide" api.hub.example 443 \
    "allowed by rule default: it leads to $SERVER"
is_told()
{
	sg_as max egress log "$named" | grep -qF \
	    "raw.hub.example by rule default: of the organisation's ceiling"
}
sg_wait_for is_told || fail "not told: $(sg_as max egress log "$named")"

# Flows that began while a name led there go on when its time is over, by
# whichever of the two it was; and end with the name.
# hold ID NAME ADDRESS FD: a connection that answers each line written to FD.
hold()
{
	sg_as max exec "$1" -- sh -c 'cat >peer.py' <"$here/egress_peer.py"
	mkfifo "$tmp/to.$2"
	as max timeout 1150 "$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" \
	    exec "$1" -- python3 peer.py hold "$3" 443 <"$tmp/to.$2" \
	    >"$tmp/from.$2" 2>&1 &
	at_exit "end_job $!"
	eval "exec $4>'$tmp/to.$2'"
	sg_wait_for grep -q ready "$tmp/from.$2" || fail "$2: no connection"
}
echoes()
{
	echo "$2" >&"$3"
	sg_wait_for grep -q "$2" "$tmp/from.$1" || fail "$1: it was cut"
}
in_table()
{
	nsenter -n -t "$(init_of "$1")" nft "${@:2}"
}
forget_names()
{
	in_table "$1" -j list table inet "$SG_NFT_TABLE" | jq -r '.nftables[].set
	    | select(.name? // "" | startswith("at_")) | .name' |
	    while read -r set; do
		in_table "$1" flush set inet "$SG_NFT_TABLE" "$set"
	    done
}
hold "$named" api.hub.example "$SERVER" 7
hold "$wide" wide "$SERVER" 8
forget_names "$named"
forget_names "$wide"
echoes api.hub.example one 7
echoes wide one 8
as max refuses "$named" tcp "$SERVER" 443
leads "$named" git.example 443
hold "$named" git.example "$SERVER6" 9

sg_as ana org egress set allow:raw.hub.example:443,git.example:443 >/dev/null
for cut in api.hub.example:7 wide:8; do
	echo two >&"${cut#*:}"
	sg_wait_for grep -q 'cut: ' "$tmp/from.${cut%:*}" ||
	    fail "$cut: a revoked name's flow goes on"
done
echoes git.example two 9
no_name "$named" api.hub.example
leads "$named" raw.hub.example 443
as max refuses "$named" tcp "$SERVER2" 8080

# It is what sandboxd and those who are made begin with.
kill_hard "$(sg_pid sandboxd)"
sg_start sandboxd
sg_wait_api
echoes git.example three 9
made=$(sg_as max create --egress 'allow:*.example' 2>/dev/null)
answers()
{
	[ "$(as max dns "$made" reach raw.hub.example 443)" = reached ]
}
sg_wait_for answers || fail 'no names after a restart'
no_name "$made" api.hub.example
leads "$named" raw.hub.example 443

sg_as ana org egress reset
leads "$made" api.hub.example 443
leads "$wide" other.example 8080
