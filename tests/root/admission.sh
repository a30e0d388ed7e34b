#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Issue 9: the host promises no more memory and disk than its settings say:
# what is being made, what is paused and what waits in the pool counted; and
# makes nothing that would fill the disk.
. "$(dirname "$0")/instance.sh"
refused() { # WORDS CREATE-ARGUMENT...
	words=$1
	shift
	! rpc create "$@" >/dev/null 2>"$work/words" || fail "made: $*"
	grep -q "$words" "$work/words" ||
		fail "\"$words\" is not in: $(cat "$work/words")"
}
waiting() { # how many wait in the pool
	owned=$(rpc list | cut -d' ' -f1)
	sed -n 's/.* pool: id=\([^ ]*\) waits.*/\1/p' "$work/log" |
		while read -r id; do
			[ ! -S "$work/run/init/$id.sock" ] ||
				echo "$owned" | grep -q "$id" || echo "$id"
		done | wc -l
}
waits() { # N
	for _ in $(seq 600); do
		[ "$(waiting)" = "$1" ] && return
		sleep 0.05
	done
	fail "$(waiting) wait in the pool, not $1"
}
total=$(($(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo) * 1024))
all=$((total - total / 4))
most=$((all * 6 / 10))

configure memory_overcommit=100 suspend_grace=1
start
one=$(create memory=$most)
refused 'memory: this host may promise .* (memory_overcommit 100 %)' memory=$most
rpc pause "$one" >/dev/null
refused 'memory: this host may promise' memory=$most
rpc suspend "$one" >/dev/null
two=$(create memory=$most)
! rpc resume "$one" 2>"$work/words" >/dev/null || fail "woken beside another"
grep -q 'memory: this host may promise' "$work/words" ||
	fail "words: $(cat "$work/words")"
check suspended "$(rpc get "$one" | head -1 | cut -d' ' -f2)" "refused a wake"
rpc destroy "$two"
rpc resume "$one" >/dev/null
rpc destroy "$one"

# Of many at once no more than fit.
askers=
for n in 1 2 3 4; do
	rpc create memory=$most >"$work/made.$n" 2>"$work/refused.$n" &
	askers="$askers $!"
done
for asker in $askers; do wait "$asker" || true; done
check 1 "$(cat "$work"/made.* | wc -l)" "how many of four that want the most"
check 3 "$(cat "$work"/refused.* | grep -c 'memory: this host may promise')" \
	"how many were told"
rpc destroy "$(cut -d' ' -f1 "$work"/made.*)"
stop

# The pool has what that leaves, and gives it up to who asks for it.
configure memory_overcommit=100 suspend_grace=1 log_level=debug pool=base:2
start
waits 2
three=$(create memory=$((all - (700 << 20))))
waits 1
four=$(create memory=$((690 << 20)))
waits 0
rpc destroy "$three"
waits 2
rpc destroy "$four"
stop

# Disks: those of all, also of what holds no memory; and the pool itself.
configure disk_overcommit=100 suspend_grace=1
start
create disk=$((900 << 20)) >/dev/null
six=$(create disk=$((900 << 20)))
rpc suspend "$six" >/dev/null
refused 'disk: this host may promise .* (disk_overcommit 100 %)' \
	disk=$((900 << 20))
rpc destroy "$six"
stop
configure disk_reserve=1500M
start
seven=$(create)
slow() {
	timeout 600 "$build/tests/rpcctl" "$work/run/sandboxd.sock" acme "$@"
}
slow exec "$seven" 'head -c 700M /dev/zero >/root/file; sync -f /root'
refused 'disk: the pool of this host has .* and disk_reserve keeps 1572864000'
check made "$(rpc exec "$seven" 'echo made')" "who is there"
slow exec "$seven" 'rm /root/file; sync -f /root'
for _ in $(seq 1200); do
	eight=$(create 2>/dev/null) || true
	[ -z "$eight" ] || break
	sleep 0.1
done
[ -n "$eight" ] || fail "no room once there is some: $(rpc create 2>&1)"

for id in $(rpc list | cut -d' ' -f1); do rpc destroy "$id"; done
check "" "$(remains)" remains
echo passed
