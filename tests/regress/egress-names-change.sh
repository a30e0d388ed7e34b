#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #10: names that are no longer allowed are cut and others are not, whatever
# becomes of the resolver, of sandboxd and of the sandbox's processes.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/regress/lib-egress.sh
. "$here/lib-egress.sh"
# shellcheck source=tests/regress/lib-names.sh
. "$here/lib-names.sh"
# shellcheck source=tests/regress/lib-kill.sh
. "$here/lib-kill.sh"
needs_product 'egress policies'
internet_begin
names_begin

cat >"$zone" <<-END
	kept.example A 5 $SERVER
	cut.example A 5 $SERVER2
	cut.example AAAA 5 $SERVER6
END
id=$(sg create --egress allow:kept.example,cut.example 2>/dev/null)
at_exit 'sg destroy "$id"'
sg exec "$id" -- sh -c 'cat >peer.py' <"$here/egress_peer.py"
assert_eq kept "$(dns "$id" reach kept.example 443)" reached
assert_eq cut "$(dns "$id" reach cut.example 443)" reached

# hold NAME ADDRESS FD: a connection that answers each line written to FD.
hold()
{
	mkfifo "$tmp/to.$1"
	timeout 1150 "$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" exec \
	    "$id" -- python3 peer.py hold "$2" 443 <"$tmp/to.$1" \
	    >"$tmp/from.$1" 2>&1 &
	at_exit "end_job $!"
	eval "exec $3>'$tmp/to.$1'"
	sg_wait_for grep -q ready "$tmp/from.$1" || fail "$1: no connection"
}
echoes()
{
	echo "$1" >&7
	sg_wait_for grep -q "$1" "$tmp/from.kept" || fail "$1: it was cut"
}
hold kept "$SERVER" 7
hold cut "$SERVER2" 8
echoes one

# Where the time of what it was told is over, what began in that time goes on.
in_table()
{
	nsenter -n -t "$(init_of "$id")" nft "$@"
}
sets()
{
	in_table -j list table inet "$SG_NFT_TABLE" | jq -r '.nftables[].set |
	    select(.name? // "" | startswith("at_")) | .name'
}
assert_eq sets "$(sets | wc -l)" 4
# shellcheck disable=SC2046
for set in $(sets); do
	in_table flush set inet "$SG_NFT_TABLE" "$set"
done
echoes two
refuses "$id" tcp "$SERVER" 443
assert_eq 'and anew' "$(dns "$id" reach kept.example 443)" reached
assert_eq 'and anew' "$(dns "$id" reach cut.example 443)" reached

# One of the two is no longer allowed: what the other was told stays.
sg egress set "$id" allow:kept.example:443,late.example >/dev/null
echoes three
echo three >&8
sg_wait_for grep -q 'cut: ' "$tmp/from.cut" || fail 'what was revoked goes on'
reaches "$id" tcp "$SERVER" 443
refuses "$id" tcp "$SERVER2" 443
refuses "$id" tcp "$SERVER6" 443
assert_eq revoked "$(dns "$id" ask "$DNS" cut.example A)" code3

# The resolver dies, and sandboxd, and each by itself.
resolver()
{
	sg_children "$(sg_pid gateway)" gateway-resolve
}
is_back()
{
	[ -n "$(resolver)" ]
}
answers()
{
	sg_wait_for is_back
	n=$((n + 1))
	echo "n$n.late.example A 5 $SERVER2" >>"$zone"
	sg egress set "$id" "allow:kept.example:443,n$n.late.example" \
	    >/dev/null
	assert_eq "$1" "$(dns "$id" lookup "n$n.late.example" 30)" "$SERVER2"
	reaches "$id" tcp "$SERVER2" 443
	refuses "$id" tcp "$SERVER6" 443
	echoes "$1"
}
n=0
kill_hard "$(resolver)"
echoes four
answers 'without a resolver for a time'
kill_hard "$(sg_pid sandboxd)"
echoes five
sg_start sandboxd
sg_wait_api
answers 'without sandboxd for a time'
kill_hard "$(sg_pid sandboxd)"
kill_hard "$(resolver)"
sg_start sandboxd
sg_wait_api
answers 'without either for a time'

# It holds no socket of whom it is not to answer.
sockets()
{
	find "/proc/$(resolver)/fd" -lname 'socket:*' | wc -l
}
before=$(sockets)
sg egress set "$id" "allow:$SERVER" >/dev/null
has_closed()
{
	[ "$(sockets)" = $((before - 4)) ]
}
sg_wait_for has_closed || fail 'sockets stay'
echoes six
refuses "$id" udp "$DNS" 53
sg egress reset "$id"
assert_eq 'as before' "$(dns "$id" lookup kept.example)" "$SERVER"
sg egress set "$id" allow:kept.example >/dev/null

# Its processes die, and it wakes anew; it stands still, and goes on.
kill_hard "$(init_of "$id")"
is_suspended()
{
	[ "$(sg get "$id" --json | jq -r .state)" = suspended ]
}
sg_wait_for is_suspended
refuses "$id" tcp "$SERVER" 443
assert_eq woken "$(dns "$id" reach kept.example 443)" reached
sg pause "$id"
sg egress set "$id" allow:cut.example >/dev/null
sg resume "$id"
refuses "$id" tcp "$SERVER" 443
assert_eq resumed "$(dns "$id" reach cut.example 443)" reached

# A copy has the policy, and has been told nothing yet.
copy=$(sg fork "$id" 2>/dev/null)
at_exit 'sg destroy "$copy"'
refuses "$copy" tcp "$SERVER2" 443
assert_eq copy "$(dns "$copy" reach cut.example 443)" reached
