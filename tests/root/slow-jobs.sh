#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What takes long delays nobody: while slow workers do nothing at all (they are
# stopped, which no speed of a machine undoes), a destroy is answered, and
# creates, starts and destroys of others go on. What they leave is collected:
# by them, by the next sandboxd, or by --down.
. "$(dirname "$0")/instance.sh"
FILES=${FILES:-20000}
trash() { ls "$work/state/disks/.trash" 2>/dev/null | tr '\n' ' '; }
slow_workers() {
	for pid in $(cat /proc/$daemon/task/$daemon/children); do
		grep -qx sandboxd-slow "/proc/$pid/comm" && echo "$pid"
	done
}
signal_slow() { # SIGNAL
	n=0
	for pid in $(slow_workers); do
		kill -"$1" "$pid"
		n=$((n + 1))
	done
	[ $n -gt 0 ] || fail "no slow workers"
}
wait_until_collected() {
	for _ in $(seq 3000); do
		[ -z "$(trash)" ] && return
		sleep 0.05
	done
	fail "not collected: $(trash)"
}
fill() { # ID: a tree below its root, made on the host
	python3 - "$work/state/disks/$1/up" "$FILES" <<-'EOF'
	import os, sys
	top, n = sys.argv[1], int(sys.argv[2])
	for i in range(n):
	    folder = "%s/big/%d/%d" % (top, i // 10000, i % 10000 // 100)
	    if i % 100 == 0:
	        os.makedirs(folder)
	    os.close(os.open("%s/%d" % (folder, i), os.O_CREAT | os.O_WRONLY))
	EOF
}

configure disk_backend=plain
start
big=$(create name=big)
idle=$(create name=idle)
rpc exec "$idle" 'echo kept >/root/file'
fill "$big"
init=$(sed -n "s/.*moved id=$idle .*to=running pid=//p" "$work/log" | tail -1)
kill -9 "$init"
for _ in $(seq 1200); do
	rpc get "$idle" | grep -q suspended && break
	sleep 0.05
done

signal_slow STOP
rpc destroy "$big"
check "$idle" "$(rpc list | cut -d' ' -f1)" "list after the destroy"
check "" "$(remains | grep "$big" || true)" "remains of the destroyed"
[ ! -e "$work/state/disks/$big" ] || fail "its disk is where it was"
check 700 "$(stat -c %a "$work/state/disks/.trash")" "mode of the trash"
new=$(create name=new)
check new "$(rpc exec "$new" 'echo new')" "exec in one created meanwhile"
check kept "$(rpc exec "$idle" 'cat /root/file')" "start meanwhile"
rpc destroy "$new"
check "$(printf '%s\n' "$big" "$new" | sort | tr '\n' ' ')" "$(trash)" \
	"what waits for the slow workers"

# they go on where they were
signal_slow CONT
wait_until_collected

# sandboxd dies before they came to it
big=$(create)
fill "$big"
signal_slow STOP
rpc destroy "$big"
stop KILL
check "$big " "$(trash)" "what a killed sandboxd leaves"
start
wait_until_collected
check kept "$(rpc exec "$idle" 'cat /root/file')" "the other's disk"

# and the host is taken down before
signal_slow STOP
rpc destroy "$idle"
check "$idle " "$(trash)" "what is left for --down"
signal_slow CONT
stop
"$sandboxd" -c "$work/conf" --down 2>>"$work/log" || fail "--down"
check "" "$(trash)" "trash after --down"
check "" "$(remains 2>/dev/null)" "remains"
echo passed
