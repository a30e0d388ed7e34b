#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #8: sockets whose unread messages no group is charged for are bounded by their
# number; those of Unix and UDP sockets are charged.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product isolation

program=$(printf '%q' "$(cat "$here/takes.py")")

# take NAME MOST: in the sandbox, until let_go.
take()
{
	rm -f "$tmp/hold" "$tmp/taken"
	mkfifo "$tmp/hold"
	sg_ssh sandbox "python3 -c $program $1 $2" <"$tmp/hold" \
	    >"$tmp/taken" 2>"$tmp/err" &
	taker=$!
	exec 9>"$tmp/hold"
}

let_go()
{
	exec 9>&-
	wait "$taker" || true
}

killed="killed all id=$SG_SANDBOX .*uncharged_max"

# Many, but as many as a sandbox may have: they stay while it looks twice.
before=$(grep -c "$killed" "$SG_LOG/sandboxd.log") || true
take netlink_sockets 800
sg_wait_for test -s "$tmp/taken" || fail "$(cat "$tmp/err")"
sleep 2
assert_eq '800 sockets' "$(cat "$tmp/taken")" 'took 800'
kill -0 "$taker" || fail '800 sockets: they were killed'
let_go
after=$(grep -c "$killed" "$SG_LOG/sandboxd.log") || true
assert_eq '800 sockets' "$after" "$before"

# More: all processes go, and the sandbox and others are as before.
take netlink_sockets 3000
sg_wait_for sg_is_dead "$taker" || fail '3000 sockets stay'
let_go
grep -q "$killed" "$SG_LOG/sandboxd.log" || fail 'nothing is logged'
assert_eq 'afterwards' "$(sg_ssh sandbox echo in)" in
assert_eq 'the other' "$(sg_ssh foreign echo in)" in

# usage_kib: of the sandbox's cgroup.
usage_kib()
{
	local file

	for file in /sys/fs/cgroup/{memory,unified,.}/"$SG_CGROUP/$SG_SANDBOX"/memory.{usage_in_bytes,current}
	do
		[ ! -e "$file" ] || { echo $(($(<"$file") / 1024)); return; }
	done
}

# Each pair holds some 200 KiB, which the sandbox is charged for.
before=$(usage_kib)
take unix_messages 200
sg_wait_for test -s "$tmp/taken" || fail "$(cat "$tmp/err")"
after=$(usage_kib)
let_go
echo "200 full Unix sockets: $((after - before)) KiB of the sandbox's memory"
[ $((after - before)) -gt 20000 ] || fail 'Unix sockets are charged to nobody'

# Of UDP 200 MiB would be unread, if it had no bound: on version 1 a quarter of
# the memory limit, on version 2 the limit itself.
udp_kib()
{
	awk -v size="$(getconf PAGESIZE)" \
	    '$1 == "UDP:" { print $5 * size / 1024 }' /proc/net/sockstat
}
for file in /sys/fs/cgroup/{memory,unified,.}/"$SG_CGROUP/$SG_SANDBOX"/memory.{kmem.tcp.limit_in_bytes,max}
do
	[ ! -e "$file" ] || most=$(($(<"$file") / 1024))
done
# The number is the whole host's, where others come and go, too.
is_bounded()
{
	local before held

	before=$(udp_kib)
	take datagrams 1000
	sg_wait_for test -s "$tmp/taken" || fail "$(cat "$tmp/err")"
	held=$(($(udp_kib) - before))
	let_go
	echo "1000 full UDP sockets: $held KiB, $most at most"
	# The kernel keeps a MiB for each CPU.
	[ "$held" -gt 20000 ] && [ "$held" -le $((most + 1024 * $(nproc))) ]
}
is_bounded || is_bounded || is_bounded ||
    fail 'no datagram is kept, or too many are'
