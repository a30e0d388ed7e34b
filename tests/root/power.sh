#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Issue 9: pause, resume, suspend and wake; nothing is lost by any of them,
# whoever was killed meanwhile.
. "$(dirname "$0")/instance.sh"
state() { rpc get "$1" | head -1 | cut -d' ' -f2; }
reason() { rpc get "$1" | sed -n 's/.* because: //p'; }
wait_for() { # STATE ID
	for _ in $(seq 1200); do
		[ "$(state "$2")" = "$1" ] && return
		sleep 0.05
	done
	fail "$2 never was $1: $(rpc get "$2")"
}
# What the first process of a sandbox counts, read from outside: nothing in it
# runs for that.
count() { cat "$work/state/disks/$1/up/root/count" 2>/dev/null || true; }
# counts ID: it goes on. (A file is written anew, and may be empty just now.)
counts() {
	before=$(count "$1")
	for _ in $(seq 1200); do
		now=$(count "$1")
		[ -n "$now" ] && [ "$now" != "$before" ] && return
		sleep 0.05
	done
	fail "$1 does not count: $before"
}
stands() {
	before=$(count "$1")
	sleep 0.5
	check "$before" "$(count "$1")" "the count of a paused sandbox"
}

configure suspend_grace=1
start
one=$(create name=one)
rpc exec "$one" 'nohup sh -c "n=0; while :; do n=\$((n + 1)); echo \$n \
>/root/count; sleep 0.01; done" >/dev/null 2>&1 &'
counts "$one"

# Frozen: nothing runs, and who comes has it go on.
rpc pause "$one" >/dev/null
check paused "$(state "$one")" pause
check "paused by rpcctl" "$(reason "$one")" reason
stands "$one"
rpc pause "$one" >/dev/null
rpc resume "$one" >/dev/null
check running "$(state "$one")" resume
check "" "$(reason "$one")" "reason of a running one"
counts "$one"
rpc pause "$one" >/dev/null
check hi "$(rpc exec "$one" 'echo hi')" "exec in a paused one"
check running "$(state "$one")" "resumed by an exec"
counts "$one"
rpc resume "$one" >/dev/null

# sandboxd is killed: it finds it as it is, even where its row was not written.
rpc pause "$one" >/dev/null
stop KILL
start
check paused "$(state "$one")" "paused, adopted"
stands "$one"
rpc exec "$one" true
counts "$one"
freezer=$(find_groups -path "*sandgate$tag/$one/cgroup.freeze")
if [ -n "$freezer" ]; then
	stop KILL
	echo 1 >"$freezer"
	start
	check paused "$(state "$one")" "frozen behind the row's back"
	stop KILL
	echo 0 >"$freezer"
	start
	wait_for running "$one"
	counts "$one"
fi
rpc pause "$one" >/dev/null 2>&1 &
asker=$!
stop KILL
wait $asker || true
start
rpc exec "$one" true
counts "$one"

# Files outlast every round of both.
for round in 1 2 3 4 5 6; do
	rpc exec "$one" "head -c 200000 /dev/urandom >/root/file$round
	    sha256sum /root/file* >/root/sums"
	case $((round % 2)) in
	0) rpc pause "$one" >/dev/null ;;
	1) rpc suspend "$one" >/dev/null ;;
	esac
	rpc exec "$one" 'sha256sum --quiet -c /root/sums' ||
	    fail "round $round: files differ"
done

# Suspended: asked to end, and made to.
two=$(create name=two)
rpc exec "$two" 'nohup sh -c "trap \"echo asked >/root/asked; exit\" TERM
    touch /root/ready
    while :; do sleep 0.02; done" >/dev/null 2>&1 & echo $! >/root/pid'
rpc exec "$two" 'nohup sh -c "trap : TERM HUP; touch /root/stays
    while :; do sleep 0.02; done" >/dev/null 2>&1 &'
rpc exec "$two" 'until [ -e /root/ready ] && [ -e /root/stays ]; do
    sleep 0.05; done'
rpc suspend "$two" >/dev/null
check suspended "$(state "$two")" suspend
check "suspended by rpcctl" "$(reason "$two")" "reason of a suspend"
check "" "$(find_groups -path "*sandgate$tag/$two")" "its cgroups"
rpc suspend "$two" >/dev/null
! rpc pause "$two" >/dev/null 2>&1 || fail "a suspended one was paused"
rpc resume "$two" >/dev/null
check running "$(state "$two")" wake
check asked "$(rpc exec "$two" 'cat /root/asked')" "SIGTERM"
rpc pause "$two" >/dev/null
rpc suspend "$two" >/dev/null
check suspended "$(state "$two")" "paused, then suspended"

# A wake that fails leaves it suspended, and says why.
stop
configure suspend_grace=1 fail_at=4
start
! rpc exec "$two" true 2>/dev/null || fail "it was to fail"
check suspended "$(state "$two")" "after a failed wake"
case $(reason "$two") in
"it did not start: "*fail_at=4*) ;;
*) fail "reason of a failed wake: $(reason "$two")" ;;
esac
stop
configure suspend_grace=1
start
check asked "$(rpc exec "$two" 'cat /root/asked')" "woken at last"

# By hand alone.
three=$(create name=three byhand=1)
rpc pause "$three" >/dev/null
rpc exec "$three" true 2>"$work/words" && fail "resumed by an exec"
grep -q "$three is paused, and its auto_resume is off: resume it first" \
    "$work/words" || fail "words: $(cat "$work/words")"
rpc resume "$three" >/dev/null
rpc exec "$three" true

# Destroyed in any of these states.
rpc pause "$one" >/dev/null
rpc destroy "$one"
rpc suspend "$two" >/dev/null 2>&1 &
rpc destroy "$two"
wait $! || true
rpc pause "$three" >/dev/null 2>&1 &
rpc destroy "$three"
wait $! || true
check "" "$(rpc list)" "list after destroy"
check "" "$(remains)" remains
! grep "refused event" "$work/log" || fail "an event was refused"
echo passed
