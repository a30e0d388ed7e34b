#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Issue 2: a create that fails at any of its steps, and one whose worker is
# killed, leaves nothing: cgroups, links, sockets, disks, descriptors.
. "$(dirname "$0")/instance.sh"
descriptors() { # of the daemon and its workers, which pin namespaces
	for pid in $daemon $(cat /proc/$daemon/task/$daemon/children); do
		ls /proc/$pid/fd 2>/dev/null | wc -l
	done | sort | tr '\n' ' '
}
# Once the daemon has noticed that the last client is gone: the same twice.
settled() {
	new=$(descriptors)
	while old=$new; sleep 0.2; new=$(descriptors); [ "$old" != "$new" ]; do
		:
	done
	echo "$new"
}
mounts() { grep -c "$work" /proc/self/mountinfo || true; }
disks() { find "$work/state/disks" -mindepth 1 -maxdepth 1 -name 'sb_*' | wc -l; }

# Of a create that makes all itself; those between are of blanks.
for step in 2 $(seq 4 14) 16 $(seq 101 115); do
	configure fail_at=$step
	start
	rpc create >/dev/null 2>&1 && fail "step $step did not fail"
	# What leaks does so each time; what another thread has open does not.
	after="$(settled)$(mounts)"
	for try in 1 2 3; do
		before=$after
		words=$(rpc create 2>&1) && fail "step $step did not fail"
		case $words in
		*fail_at=$step*) ;;
		*) fail "step $step failed otherwise: $words" ;;
		esac
		check "" "$(rpc list)" "list after step $step"
		check "" "$(remains)" "remains of step $step"
		check 0 "$(disks)" "disks after step $step"
		after="$(settled)$(mounts)"
		[ "$before" != "$after" ] || break
	done
	check "$before" "$after" "descriptors, step $step, $try times"
	stop
done

# The same of one that is made of a blank, and of the blank itself: what is left
# then is other blanks, which the next sandboxd does not find whole.
logged() { # WORDS: waits until the log has them, behind what was there before
	for _ in $(seq 400); do
		tail -n +$((before + 1)) "$work/log" | grep -q "$1" && return
		sleep 0.05
	done
	fail "not logged: $1"
}
for step in 1 3 5 9 13 15 16 101; do
	configure fail_at=$step blanks=1 log_level=debug
	before=$(wc -l <"$work/log")
	start
	case $step in
	15) logged 'pool: id=.* goes: .*fail_at=15' ;;
	*)
		logged 'pool: id=.* waits'
		words=$(rpc create 2>&1) && fail "step $step did not fail"
		case $words in
		*fail_at=$step*) ;;
		*) fail "step $step of a blank failed otherwise: $words" ;;
		esac ;;
	esac
	check "" "$(rpc list)" "list after step $step of a blank"
	stop
	configure
	start
	check "" "$(remains)" "remains of step $step of a blank"
	check 0 "$(disks)" "disks after step $step of a blank"
	stop
done

# a worker that is killed is replaced, and what it did undone
configure
start
for worker in $(cat /proc/$daemon/task/$daemon/children); do
	grep -q worker "/proc/$worker/comm" && kill -STOP "$worker"
	workers="${workers:-} $worker"
done
rpc create >"$work/out" 2>&1 &
client=$!
for _ in $(seq 300); do
	rpc list | grep -q creating && break
	sleep 0.1
done
sleep 0.3
kill -KILL $workers
wait $client && fail "create went well without its worker"
grep -q "worker died" "$work/out" || fail "words: $(cat "$work/out")"
id=$(create)
rpc exec "$id" true
rpc destroy "$id"
check "" "$(remains)" "remains after a worker was killed"
check 0 "$(disks)" "disks"
echo passed
