#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Issue 2: create, exec, suspend, restart, kill -9 of sandboxd, destroy; what
# was acknowledged stays, and nothing else does.
. "$(dirname "$0")/instance.sh"
configure
start
one=$(create name=one env.COLOUR=red)
two=$(create memory=64M pids=32)
check "red 0" "$(rpc exec "$one" 'echo $COLOUR; exit 0' | tr '\n' ' ')0" env
rpc exec "$one" 'exit 42' || status=$?
check 42 "${status:-0}" "exit status"
rpc exec "$one" 'kill -9 $$' || status=$?
check 137 "$status" "death by signal"
check "$one" "$(rpc exec "$one" hostname)" hostname
rpc exec "$one" 'echo kept >/root/file'

# init dies: suspended, and the next attach starts it on its own disk
init=$(sed -n "s/.*moved id=$one .*to=running pid=//p" "$work/log" | tail -1)
kill -9 "$init"
for _ in $(seq 1200); do
	rpc get "$one" | grep -q suspended && break
	sleep 0.05
done
check suspended "$(rpc get "$one" | cut -d' ' -f2)" "state after init died"
check kept "$(rpc exec "$one" 'cat /root/file')" "disk of a suspended sandbox"

# sandboxd dies: both live on, with the same processes
before=$(rpc exec "$two" 'cut -d" " -f22 /proc/1/stat')
stop KILL
start
check "$before" "$(rpc exec "$two" 'cut -d" " -f22 /proc/1/stat')" adopted
grep -q "adopted sandboxes=2 alive=2" "$work/log" || fail "not adopted"

# it dies in the middle of a create: undone
rpc create name=half >/dev/null 2>&1 &
asker=$!
sleep 0.01
stop KILL
wait $asker || true
start
for _ in $(seq 1200); do
	rpc list | grep -q 'creating\|failed\|destroying' || break
	sleep 0.05
done
check 0 "$(rpc list | grep -vc ' running ')" "sandboxes not running"

# a foreign organisation sees nothing, and learns nothing
foreign() { timeout 20 "$build/tests/rpcctl" "$work/run/sandboxd.sock" evil "$@" 2>&1; }
check "$(foreign get sb_000000000000)" "$(foreign get "$one")" "foreign id"
check "" "$(foreign list)" "foreign list"
check dropped "$(rpc raw 99)" "unknown call"
check dropped "$(rpc raw 1)" "unpermitted call"
rpc get "$one" >/dev/null

for id in $(rpc list | cut -d' ' -f1); do rpc destroy "$id"; done
check "" "$(rpc list)" "list after destroy"
check "" "$(remains)" "remains"
echo passed
