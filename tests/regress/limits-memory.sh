#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# #2: a memory hog is killed, told why, and harms no neighbour.
# shellcheck source=tests/regress/lib.sh
. "$(dirname "$0")/lib.sh"
needs_product limits

id=$(sg create --memory 128M 2>/dev/null)
at_exit 'sg destroy "$id"'
hog='import sys
data = []
for n in range(400):
    data.append(bytearray(b"x" * 1048576))
print("got", len(data), "MiB")'
# Without the limit the host gives what is asked for.
assert_eq 'without the limit' "$(/usr/bin/python3 -c "$hog")" 'got 400 MiB'
before=$(exec_ms other)
status=0
sg_ssh -l "$id" sandbox "exec python3 -c '$hog'" >"$tmp/out" 2>"$tmp/err" ||
    status=$?
cat "$tmp/err"
assert_eq 'exit' "$status" 255
assert_eq 'output' "$(cat "$tmp/out")" ''
assert_match 'words' "$(cat "$tmp/err")" 'killed: out of memory \(limit 128 MiB\)'
assert_eq 'on a terminal too' "$(sg_ssh -tt -l "$id" sandbox \
    "exec python3 -c '$hog'" 2>&1 | grep -c 'out of memory (limit 128 MiB)')" 1
# init and what fits go on.
assert_eq 'afterwards' "$(sg_ssh -l "$id" sandbox echo alive)" alive
[ "$(sg get "$id" --json | jq .oom_kills)" -ge 1 ] || fail 'not counted'
# Files in memory count as well.
sg_ssh -l "$id+root" sandbox \
    'dd if=/dev/zero of=/dev/shm/full bs=1M count=400; rm -f /dev/shm/full' \
    >/dev/null 2>&1 || true
assert_eq 'after a full /dev/shm' "$(sg_ssh -l "$id" sandbox echo alive)" alive
assert_unharmed 'memory hog' "$before"
