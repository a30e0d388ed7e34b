#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Organisations take turns: whoever asks for one sandbox does not wait for all
# that another asked for before. The one worker is stopped until everything
# waits, so that the order is the queue's and not the clock's.
. "$(dirname "$0")/instance.sh"
COUNT=${COUNT:-10}
worker() {
	for pid in $(cat /proc/$daemon/task/$daemon/children); do
		! grep -qx sandboxd-worker "/proc/$pid/comm" || echo "$pid"
	done
}
of() { # ORG ARGUMENT...
	timeout 60 "$build/tests/rpcctl" "$work/run/sandboxd.sock" "$@"
}
wait_for_rows() { # ORG COUNT: of sandboxes that are being made
	for _ in $(seq 600); do
		[ "$(of "$1" list | grep -c creating)" = "$2" ] && return
		sleep 0.05
	done
	fail "$1 has not $2 waiting: $(of "$1" list)"
}

configure log_level=debug workers=1 disk_backend=plain
start
pid=$(worker)
[ -n "$pid" ] || fail "no worker"
kill -STOP "$pid"
clients=
for n in $(seq "$COUNT"); do
	of many create >"$work/many-$n" &
	clients="$clients $!"
done
wait_for_rows many "$COUNT"
of one create name=single >"$work/one" &
clients="$clients $!"
wait_for_rows one 1
kill -CONT "$pid"
for client in $clients; do
	wait "$client" || fail "a create failed"
done

# One is in the worker's hands, one was to be next when it came.
single=$(cut -d' ' -f1 "$work/one")
place=$(sed -n 's/.*step id=\([^ ]*\) job=create name=exec .*/\1/p' \
	"$work/log" | grep -n "$single" | cut -d: -f1)
[ -n "$place" ] || fail "$single is not in the log"
[ "$place" -le 3 ] || fail "$single was made as number $place"
echo "number $place of $((COUNT + 1))"
echo passed
