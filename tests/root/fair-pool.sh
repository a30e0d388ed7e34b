#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Organisations take turns in the pool: what waits is not all whose who asks for
# most, while another asks for one now and then. Nothing is made meanwhile: the
# one worker is stopped whenever the pool is full.
. "$(dirname "$0")/instance.sh"
of() { # ORG ARGUMENT...
	timeout 60 "$build/tests/rpcctl" "$work/run/sandboxd.sock" "$@"
}
workers() {
	for pid in $(cat /proc/$daemon/task/$daemon/children); do
		! grep -qx sandboxd-worker "/proc/$pid/comm" || echo "$pid"
	done
}
waiting() { # how many
	{ of many list; of single list; } | cut -d' ' -f1 >"$work/owned"
	sed -n 's/.* pool: id=\([^ ]*\) waits.*/\1/p' "$work/log" |
	    grep -vxFf "$work/owned" | wc -l
}
filled() {
	for _ in $(seq 600); do
		[ "$(waiting)" != 4 ] || return 0
		sleep 0.05
	done
	fail "$(waiting) wait, not 4"
}
is() { # ORG STATE: how many of its
	of "$1" list | grep -c " $2 " || true
}

configure log_level=debug pool=base:4 disk_backend=plain
start
filled
of single create >/dev/null
filled
# shellcheck disable=SC2046
kill -STOP $(workers)
clients=
for _ in 1 2 3 4 5 6; do
	of many create >/dev/null &
	clients="$clients $!"
done
for _ in $(seq 600); do
	[ "$(is many creating)+$(is many running)" != 3+3 ] || break
	sleep 0.05
done
check 3 "$(is many running)" "of the pool"
check 3 "$(is many creating)" "made from nothing"
check 1 "$(waiting)" "left to another"
of single create >/dev/null || fail "it was not left to it"
check 0 "$(waiting)" "left to nobody"
# shellcheck disable=SC2046
kill -CONT $(workers)
for client in $clients; do
	wait "$client" || fail "a create failed"
done

# Alone, it has all of it.
sleep 10
filled
# shellcheck disable=SC2046
kill -STOP $(workers)
for _ in 1 2 3 4; do
	of many create >/dev/null || fail "a create failed"
done
check 0 "$(waiting)" "left by who is alone"
# shellcheck disable=SC2046
kill -CONT $(workers)
echo passed
