#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: a fork bomb stops at its limit and harms no neighbour.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product limits

id=$(sg create --pids 100 2>/dev/null)
at_exit 'sg destroy "$id"'
before=$(exec_ms other)
# Without the limit it goes on: here the host's root stops it at 400.
assert_eq 'without the limit' "$(timeout 30 unshare -p -f sh -c \
    'n=0; for i in $(seq 400); do sleep 20 & n=$i; done; echo $n')" 400
# Unlike a shell's, these do not give up when there is no room for more.
sg exec "$id" -- timeout 20 python3 -c 'import os
while True:
    try:
        os.fork()
    except OSError:
        pass' >/dev/null 2>&1 &
bomb=$!
sleep 3
processes=0
for ((n = 0; n < 5; n++)); do
	now=$(sg get "$id" --json | jq .limits.pids)
	assert_eq 'limit' "$now" 100
	count=$(cat "/sys/fs/cgroup/pids/$SG_CGROUP/$id/pids.current" \
	    "/sys/fs/cgroup/$SG_CGROUP/$id/pids.current" 2>/dev/null | head -n 1) || true
	[ "${count:-0}" -le "$processes" ] || processes=$count
	sleep 0.3
done
echo "at most $processes processes"
[ "$processes" -gt 0 ] || fail 'nothing counts its processes'
[ "$processes" -le 100 ] || fail "$processes processes, limit 100"
assert_unharmed 'fork bomb' "$before"
timeout 60 "$BUILD/bin/sandgate" --socket "$SG_RUN/api.sock" destroy "$id" ||
    fail 'the bombed sandbox cannot be destroyed'
kill "$bomb" 2>/dev/null || true
