#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Issue 2: what root of a sandbox cannot do. Each line is one attack; without
# the defence named behind it the kernel would allow it to this uid 0.
. "$(dirname "$0")/instance.sh"
configure
start
id=$(create memory=128M pids=64)
answer=$(timeout 30 python3 "$here/foreign-fds.py" "$work/run/sandboxd.sock" \
	$daemon)
[ "${answer%%:*}" = answered ] || fail "foreign descriptors: $answer"
denied() { # WORDS COMMAND
	if rpc exec "$id" "$2" >/dev/null 2>&1; then fail "allowed: $1"; fi
}
allowed() {
	rpc exec "$id" "$2" >/dev/null 2>&1 || fail "denied: $1"
}
denied "mount (host owns the mount namespace)" 'mount -t tmpfs x /mnt'
denied "unmount /proc" 'umount /proc'
denied "remount /" 'mount -o remount,ro /'
denied "user namespace (seccomp)" 'unshare -U true'
denied "network namespace" 'unshare -n true'
denied "hostname (host owns the uts namespace)" 'hostname other'
denied "route (host owns the net namespace)" 'ip route add 1.2.3.4 dev lo'
denied "link down" 'ip link set lo down'
denied "forwarding" 'echo 1 >/proc/sys/net/ipv4/ip_forward'
denied "core pattern" 'echo x >/proc/sys/kernel/core_pattern'
denied "sysrq" 'echo h >/proc/sysrq-trigger'
denied "device node" 'mknod /root/disk b 8 0'
denied "kernel memory (masked)" '[ -s /proc/kcore ]'
denied "keys (masked)" '[ -s /proc/keys ]'
denied "init by ptrace (no SYS_PTRACE, not dumpable)" 'cat /proc/1/environ'
denied "descriptors of init" 'ls /proc/1/fd/3'
denied "spared by the OOM killer" 'echo -1 >/proc/self/oom_score_adj'
denied "other processes" '[ $(ls -d /proc/[0-9]* | wc -l) -gt 8 ]'
for family in 17 38 40; do
	denied "socket family $family" "python3 -c 'import socket
socket.socket($family, 3)'"
done
denied "netfilter" "python3 -c 'import socket
socket.socket(16, 3, 12)'"
allowed "sudo" 'sudo -n true'
allowed "setuid" 'python3 -c "import os; os.setuid(1000)"'
allowed "terminals" 'python3 -c "import os; os.openpty()"'
allowed "semaphores in /dev/shm" 'touch /dev/shm/x'
allowed "null" 'echo x >/dev/null'
check 0 "$(rpc exec "$id" 'cat /proc/1/oom_score_adj')" "score of init"

# What the kernel counts by user or for the whole host is not taken from
# others: from the host's root, with whom every limit of root would be shared.
left() { # inotify instances that root of the host can still make
	python3 -c '
import ctypes
libc, n = ctypes.CDLL(None), 0
while n < 65536 and libc.inotify_init1(0) >= 0: n += 1
print(n)'
}
before=$(left)
rpc exec "$id" 'touch /tmp/x; for _ in $(seq 40); do tail -f /tmp/x & done
	sleep 2; kill $(jobs -p); echo done' >"$work/taken" &
taker=$!
sleep 1.5
during=$(left)
wait $taker
check "done" "$(cat "$work/taken")" "40 inotify instances"
[ "$during" -gt $((before - 20)) ] ||
	fail "inotify instances left to the host: $before, then $during"
terminals=$(rpc exec "$id" 'python3 -c "
import os
n = 0
try:
    while n < 1000: os.openpty(); n += 1
except OSError: pass
print(n)"')
[ "$terminals" -le 256 ] || fail "$terminals terminals of the host"

# limits: more processes than allowed, more memory than allowed; it lives on
rpc exec "$id" 'for i in $(seq 200); do sleep 1 & done 2>/dev/null; wait' \
	>/dev/null 2>&1 || true
rpc exec "$id" 'python3 -c "x = bytearray(400 << 20)"' >/dev/null 2>&1 &&
	fail "400 MiB under a limit of 128"
rpc exec "$id" 'dd if=/dev/zero of=/dev/shm/x bs=1M count=500; rm -f /dev/shm/x' \
	>/dev/null 2>&1 || true
check alive "$(rpc exec "$id" 'echo alive')" "after the limits"
rpc destroy "$id"
check "" "$(remains)" remains
echo passed
